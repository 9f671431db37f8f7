"""A short account in words, of an ending or of the moments: chosen sentences, each with its evidence.

Conventions: sentences are those of the tables; evidence is when, the figure, what it is compared with, where it lies
among that, how often chance brings about as much. Nothing is said here that no row says.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from punctum.reading.runs import TRAITS
from punctum.reading.sentences import write_clock, write_duration, write_number, write_percent
from punctum.reading.three import tells
from punctum.tables import MOMENTS, empty

MOST_OF_A_SUBJECT = 3

NAMES = {trait.column: trait.called for trait in TRAITS}
"""What the measures of moments are called."""

SUBJECTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("How it is cut", ("last_shot_s", "ending_longest", "last_5_", "last_10_", "ending_cliffs", "ending_length")),
    ("How it closes", ("late_black", "closing_black", "closing_sound", "closing_fall")),
    ("Who is seen", ("last_face", "last_picture", "ending_closeness", "ending_scale")),
    (
        "What is heard",
        ("ending_loudness", "last_shot_loudness", "ending_silence", "ending_music", "ending_periodic", "last_music"),
    ),
    ("What is said", ("wordless_close", "ending_dialogue", "ending_speech")),
    ("Light, colour, motion", ("ending_", "last_shot_brightness", "last_shot_motion")),
    ("What is left open", ("unanswered", "last_shot_returns")),
)
"""Headings, and how the names of their measures begin; a measure belongs to the first that has it."""

FACTS = (
    "last_shot_s",
    "closing_black_s",
    "closing_fall_lu",
    "last_picture_faces",
    "ending_particles",
    "wordless_close_s",
    "unanswered_questions",
    "last_shot_returns",
)
"""Told whether or not they lie far from anything."""


class Told(NamedTuple):
    """A sentence with its evidence in words, and where it points."""

    heading: str
    statement: str
    evidence: str
    start_s: float
    end_s: float


def tell_ending(readings: pl.DataFrame, moments: pl.DataFrame | None = None) -> list[Told]:
    """Tell of an ending.

    Parameters
    ----------
    readings : pl.DataFrame
        columns of ``tables.READINGS``
    moments : pl.DataFrame, optional
        columns of ``tables.MOMENTS``: those of the ending are told, too

    Returns
    -------
    list of Told
        by heading; the first says what is taken for the ending. Empty where the film was not measured
    """
    rows = list(readings.filter(pl.col("span") == "ending").iter_rows(named=True))
    bounds = [row for row in rows if row["measure"] == "ending_start_s"]
    told = [Told("The ending", row["statement"], "", row["start_s"], row["end_s"]) for row in bounds]
    if bounds and bounds[0]["value"] is None:
        return told
    rows = [row for row in rows if row["value"] is not None and (row["measure"] in FACTS or tells(row))]
    for heading, beginnings in SUBJECTS:
        own = [row for row in rows if row["measure"].startswith(beginnings) and row["measure"] != "ending_start_s"]
        rows = [row for row in rows if row not in own]
        told += [
            Told(heading, row["statement"], write_evidence(row), row["start_s"], row["end_s"])
            for row in own[:MOST_OF_A_SUBJECT]
        ]
    start_s = bounds[0]["value"] if bounds else 0.0
    late = (empty(MOMENTS) if moments is None else moments).filter(pl.col("time_s") >= start_s)
    return told + [told_moment._replace(heading="Moments in it") for told_moment in tell_moments(late)]


def tell_moments(moments: pl.DataFrame) -> list[Told]:
    """Tell of moments, in the order of the film."""
    return [
        Told("Moments", row["statement"], _moment_evidence(row), row["start_s"], row["end_s"])
        for row in moments.sort("start_s").iter_rows(named=True)
    ]


def write_evidence(row: Mapping[str, Any]) -> str:
    """Write a reading's evidence.

    Examples
    --------
    >>> write_evidence({"start_s": 50.0, "end_s": 64.0, "value": 14.0, "unit": "s", "baseline": "the shots before it",
    ...                 "baseline_value": 4.2, "percentile": 97.0, "chance": None})
    '0:50–1:04; 14.0 s against 4.2 s, the shots before it; 97th of 100'
    """
    unit = row["unit"] or ""
    parts = [f"{write_clock(row['start_s'])}–{write_clock(row['end_s'])}"]
    figure = _figure(row["value"], unit)
    if row["baseline_value"] is not None:
        figure += f" against {_figure(row['baseline_value'], unit)}"
    parts.append(f"{figure}, {row['baseline']}" if row["baseline"] else figure)
    if row["percentile"] is not None:
        parts.append(_rank(row["percentile"]))
    if row["chance"] is not None:
        parts.append(f"by chance {_percent(row['chance'])}")
    return "; ".join(parts)


def _moment_evidence(row: Mapping[str, Any]) -> str:
    shares = ", ".join(
        f"{NAMES.get(name, name.replace('_', ' '))} {100 * share:.0f} %"
        for name, share in zip(row["measures"], row["shares"], strict=True)
        if share >= 0.05
    )
    when = f"{write_clock(row['start_s'])}–{write_clock(row['end_s'])}"
    far = f"{write_number(row['departure'], 0)} deviations from scene {row['scene']}"
    return f"{when}; {far}; {shares}; by chance {_percent(row['chance'])}"


def _percent(chance: float) -> str:
    return "less than 1 %" if chance < 0.01 else write_percent(chance)


def _figure(value: float, unit: str) -> str:
    if unit == "s":
        return write_duration(value)
    whole = float(value).is_integer() and not unit
    digits = 0 if whole or abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return write_number(value, digits) + (f" {unit}" if unit else "")


def _rank(percentile: float) -> str:
    if percentile in (0, 100):
        return "below all" if percentile == 0 else "above all"
    number = min(max(round(percentile), 1), 99)
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending} of 100"
