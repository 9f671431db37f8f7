"""The records of a bundle, ``film.json`` and ``made.json``, and what is believed of them.

A bundle may come from anybody: whatever is read here has its kind checked before another room sees it.
Fractions are kept as text, boxes as lists; times are seconds from the first frame.
"""

import math
import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from stat import S_ISREG
from typing import Any

import polars as pl

from punctum.errors import BundleInvalid, quoted
from punctum.film import Box, Film, Stretch

SEAL = "made.json"


def film_record(film: Film) -> dict[str, Any]:
    """Write a film's record as JSON would have it: fractions as text, boxes as lists."""
    record: dict[str, Any] = {}
    for name in Film.__dataclass_fields__:
        value = getattr(film, name)
        record[name] = str(value) if isinstance(value, Fraction) else value
    return record


def film_from(record: Mapping[str, Any], folder: Path) -> Film:
    """Read a film's record.

    Raises
    ------
    BundleInvalid
        if a field is missing or of the wrong kind
    """
    try:
        record = {"director": "", **record}  # it came later than the rest
        fields = {name: record[name] for name in Film.__dataclass_fields__}
        for name in ("film_id", "title", "codec", "file_name", "content_id", "director"):
            fields[name] = _a(str, fields[name])
        for name in ("frame_count", "width_px", "height_px", "sample_rate_hz", "rotation_deg"):
            fields[name] = _count(fields[name])
        if fields["year"] is not None:
            fields["year"] = _count(fields["year"])
        fields["duration_s"] = _seconds(fields["duration_s"])
        fields["time_base"] = _fraction(fields["time_base"])
        fields["pixel_aspect"] = _fraction(fields["pixel_aspect"])
        fields["active_box_px"] = _box(fields["active_box_px"])
        fields["channels"] = tuple(_a(str, name) for name in _a(list, fields["channels"]))
        fields["stretches"] = tuple(
            Stretch(_seconds(start_s), _seconds(end_s), _box(box)) for start_s, end_s, box in fields["stretches"]
        )
        return Film(**fields)
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise BundleInvalid(f"{quoted(folder / 'film.json')} is not a film's record", "read the film again") from error


def _a(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError(value)
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value < 1 << 40:
        raise ValueError(value)
    return int(value)


def _seconds(value: Any) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(value)
    return float(value)


def _fraction(value: Any) -> Fraction:
    # never handed on unseen: Fraction("1e999999999") takes all memory
    if not isinstance(value, str) or not re.fullmatch(r"\d{1,18}(/\d{1,18})?", value, re.ASCII):
        raise ValueError(value)
    fraction = Fraction(value)
    if fraction <= 0:
        raise ValueError(value)
    return fraction


def _box(value: Any) -> Box:
    return Box(*(_count(side) for side in value))


_MADE = {
    "files": dict,
    "versions": dict,
    "settings": dict,
    "faults": dict,
    "words": dict,
    "weights": dict,
    "coverage": str,
    "film_address": str,
    "spans": list,
    "remarks": list,
    "corrections": list,
    "corrections_without_effect": list,
}


def check_made(folder: Path, made: Mapping[str, Any]) -> None:
    """See to it that what the seal says is of the right kinds, and that the files it lists are there.

    Raises
    ------
    BundleInvalid
        if not
    """
    check_said(folder, made)
    check_files(folder, made["files"])


def check_said(folder: Path, made: Mapping[str, Any]) -> None:
    """See to it that what the seal says is of the right kinds.

    Raises
    ------
    BundleInvalid
        if not
    """
    odd = [name for name, kind in _MADE.items() if not isinstance(made.get(name, kind()), kind)]
    try:
        for count in made.get("faults", {}).values():
            _count(count)
        for start_s, end_s in made.get("spans", []):
            _seconds(start_s), _seconds(end_s)
        for text in (*made.get("versions", {}).values(), *made.get("remarks", []), *made.get("corrections", [])):
            _a(str, text)
    except (AttributeError, TypeError, ValueError):
        odd = odd or ["faults, spans, versions or remarks"]
    if odd or "files" not in made:
        raise BundleInvalid(
            f"{quoted(folder / SEAL)} is not what it should be: {(odd or ['files'])[0]}",
            "`punctum read --force` on the film makes it anew",
        )


def check_files(folder: Path, files: Mapping[str, Any]) -> None:
    """See to it that files are there, with the sizes that the seal gives; the grid may be deleted.

    Raises
    ------
    BundleInvalid
        if not
    """
    for name, size in files.items():
        path = folder / name
        try:
            found = path.stat()
            whole = ".." not in name.replace("\\", "/").split("/") and S_ISREG(found.st_mode) and found.st_size == size
        except FileNotFoundError:
            whole = name == "grid.parquet"
        except (OSError, ValueError):
            whole = False
        if not whole:
            raise BundleInvalid(
                f"{quoted(path)} is missing or damaged", "`punctum read --force` on the film makes it anew"
            )


_SPINE = {
    "frames": ("frame", "pts", "time_s"),
    "loudness": ("step", "start_s"),
    "shots": ("shot", "start_frame", "end_frame", "start_s", "end_s", "length_s", "begins", "ends"),
    "hearing": ("step",),
    "sounds": ("sound", "kind", "start_frame", "end_frame", "start_s", "end_s"),
    "words": ("line", "cue", "start_frame", "end_frame", "start_s", "end_s", "text", "kind"),
    "readings": ("reading", "span", "start_frame", "end_frame", "start_s", "end_s", "measure", "statement"),
}
"""Columns that are never null."""


def check_spine(table: pl.DataFrame | pl.LazyFrame, name: str) -> None:
    """Raise BundleInvalid where a column that others lean on has gaps."""
    if isinstance(table, pl.LazyFrame):
        return
    for column in _SPINE.get(name, ()):
        if table[column].null_count():
            raise BundleInvalid(
                f"`{name}.{column}` has gaps, which it never has", "`punctum read --force` on the film makes it anew"
            )
