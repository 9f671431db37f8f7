"""What is different between two bundles, said in rows."""

from pathlib import Path
from typing import NamedTuple

import polars as pl

from punctum.bundle.folder import open_bundle
from punctum.bundle.records import film_record
from punctum.tables import TABLES

GRID_STEP_ROWS = 16384


class Difference(NamedTuple):
    """One difference: where, in how many rows, by how much at most, whether rounding explains it."""

    table: str
    column: str
    rows: int
    most: float | None
    rounding: bool
    what: str


def diff_bundles(first: str | Path, second: str | Path) -> list[Difference]:
    """Compare two bundles' films and tables.

    A float may differ by one unit of the last decimal kept: that is ``rounding``, as on another computer.
    Shots, spans, kinds and counts must be the same.

    Raises
    ------
    BundleInvalid
        if one of them cannot be opened
    """
    a, b = open_bundle(first), open_bundle(second)
    found: list[Difference] = []
    ours, theirs = film_record(a.film), film_record(b.film)
    found += [
        Difference("film", name, 1, None, False, f"{ours[name]} against {theirs[name]}")
        for name in ours
        if ours[name] != theirs[name]
    ]
    for name in TABLES:
        if name == "grid":
            found += _compare_grids(a.grid, b.grid)
        else:
            found += _compare(name, a.tables[name], b.tables[name])
    return found


def _compare(name: str, a: pl.DataFrame, b: pl.DataFrame) -> list[Difference]:
    if a.height != b.height:
        return [Difference(name, "", abs(a.height - b.height), None, False, f"{a.height} rows against {b.height}")]
    found = []
    for column, kind in TABLES[name].items():
        left, right = a[column], b[column]
        unlike = left.ne_missing(right)
        rows = int(unlike.sum())
        if not rows:
            continue
        most, rounding = None, False
        if kind.dtype.is_float():
            gap = (left.cast(pl.Float64) - right.cast(pl.Float64)).abs()
            nulls = int((left.is_null() != right.is_null()).sum())
            most = float(gap.max() or 0.0)  # type: ignore[arg-type]
            unit = 10.0 ** -(kind.decimals if kind.decimals is not None else 6)
            rounding = nulls == 0 and most <= unit * 1.5
        at = int(unlike.arg_true()[0])
        found.append(Difference(name, column, rows, most, rounding, f"row {at}: {left[at]} against {right[at]}"))
    return found


def _compare_grids(a: pl.LazyFrame, b: pl.LazyFrame) -> list[Difference]:
    """Compare row groups, so that no grid is wholly in memory."""
    rows, start, at = 0, 0, None
    while True:
        left = a.slice(start, GRID_STEP_ROWS).collect()
        right = b.slice(start, GRID_STEP_ROWS).collect()
        if left.height != right.height:
            return [Difference("grid", "", abs(left.height - right.height), None, False, "different number of rows")]
        if not left.height:
            break
        unlike = left["cells"].ne_missing(right["cells"]) | left["frame"].ne_missing(right["frame"])
        if at is None and unlike.any():
            at = start + int(unlike.arg_true()[0])
        rows += int(unlike.sum())
        start += left.height
    return [Difference("grid", "cells", rows, None, False, f"first in row {at}")] if rows else []
