"""What is known of the figures' errors, as ``make errors`` measured them."""

import csv
from importlib.resources import files
from typing import NamedTuple


class Known(NamedTuple):
    """What is known of a figure's error, in its own unit; None where it was not measured.

    ``error``: 95 % of differences between readings of the same film re-encoded, resized, shifted by a frame and
    with noise are smaller. ``provisional_error``: the same between the key frames' reading and the whole one.
    """

    error: float | None
    provisional_error: float | None


def known_errors() -> dict[str, Known]:
    """Read the errors that ``make errors`` measured, by ``table.column`` or ``readings.measure``."""
    return {
        row["figure"]: Known(
            float(row["error"]) if row["error"] else None,
            float(row["provisional_error"]) if row["provisional_error"] else None,
        )
        for row in error_rows()
    }


def error_rows() -> list[dict[str, str]]:
    """Read ``errors.csv`` as it stands: figure, unit, error, provisional_error, pairs."""
    text = files("punctum").joinpath("errors.csv").read_text("utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
