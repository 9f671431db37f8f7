"""The three lines worth knowing about an ending."""

from collections.abc import Mapping
from typing import Any

import polars as pl

LINES = 3

FAMILIES = (
    ("cutting", ("last_shot_s", "ending_longest", "last_5_", "last_10_", "ending_cliffs", "ending_length")),
    ("close", ("closing_", "late_black")),
    (
        "sound",
        ("ending_loudness", "last_shot_loudness", "ending_music", "ending_silence", "ending_periodic", "last_music"),
    ),
    ("motion", ("ending_motion", "last_shot_motion")),
    ("light", ("ending_brightness", "ending_contrast", "ending_key", "last_shot_brightness")),
    ("words", ("wordless_close", "ending_dialogue", "ending_speech", "unanswered")),
    ("people", ("last_face", "last_picture", "ending_closeness", "ending_scale")),
    ("colour", ("ending_saturation", "ending_warmth")),
)
"""Kinds of measure, by how their names begin."""


FAR = 80.0
"""A row tells something when its percentile lies in the outer fifth, or it has a chance below one in five."""


NEVER = 0.02
"""A rank among a film's own stretches is no surer than this."""


def three_lines(
    readings: pl.DataFrame, moments: pl.DataFrame | None = None, build_ups: pl.DataFrame | None = None
) -> list[str]:
    """Choose the three sentences worth knowing about the ending.

    The rows of the ending come best first. Of each kind (cutting, close, sound, motion, light, colour) the best
    that tells something is taken until there are three, so that they do not all speak of one thing; then others
    that tell something, then what is left. A moment in the ending, or a build-up that reaches into it, takes the place
    of the third where chance brings it about more seldom.

    Parameters
    ----------
    readings : pl.DataFrame
        the table that `find_readings` gives
    moments, build_ups : pl.DataFrame, optional
        columns of ``tables.MOMENTS`` and ``tables.BUILD_UPS``

    Returns
    -------
    list of str
        three sentences; fewer for a film of which less was measured
    """
    told = (pl.col("span") == "ending") & pl.col("value").is_not_null() & (pl.col("measure") != "ending_start_s")
    rows = readings.filter(told)
    rows = rows.with_columns(
        kind=pl.col("measure").map_elements(name_kind, return_dtype=pl.String),
        tells=pl.Series([tells(row) for row in rows.iter_rows(named=True)], dtype=pl.Boolean),
    ).with_columns(first=pl.col("tells") & pl.col("tells").cast(pl.Int32).cum_sum().over("kind").eq(1))
    # two figures of one kind for one span say the same thing twice
    rows = rows.unique(["kind", "start_frame", "end_frame"], keep="first", maintain_order=True)
    chosen = rows.sort(["first", "tells"], descending=True, maintain_order=True).head(LINES)
    lines = chosen["statement"].to_list()
    start_s = readings.filter((pl.col("measure") == "ending_start_s") & pl.col("value").is_not_null())["value"]
    surest = _surest(float(start_s[0]), moments, build_ups) if start_s.len() else None
    if surest is not None and (len(lines) < LINES or surest[0] < _chance_of(chosen.row(-1, named=True))):
        lines = [*lines[: LINES - 1], surest[1]]
    return lines


def tells(row: Mapping[str, Any]) -> bool:
    """Whether a row tells something: it lies far out, or says how the film goes black."""
    percentile, chance = row["percentile"], row["chance"]
    far = percentile is not None and not 100 - FAR < percentile < FAR
    black = row["measure"] == "late_black_s" or (row["measure"] == "closing_black_s" and (row["value"] or 0.0) >= 0.5)
    return far or black or (chance is not None and chance < 0.2)


def _surest(start_s: float, moments: pl.DataFrame | None, build_ups: pl.DataFrame | None) -> tuple[float, str] | None:
    """The moment in the ending, or the build-up that peaks in it, that chance brings about most seldom."""
    found = []
    for table, column in ((moments, "time_s"), (build_ups, "peak_s")):
        if table is not None and table.height:
            found += table.filter(pl.col(column) >= start_s).select("chance", "statement").drop_nulls().rows()
    return min(found) if found else None


def _chance_of(row: Mapping[str, Any]) -> float:
    if row["chance"] is not None:
        return float(row["chance"])
    if row["percentile"] is None:
        return 0.0 if row["tells"] else 1.0
    percentile = float(row["percentile"])
    return max(2 * min(percentile, 100 - percentile) / 100, NEVER)


def name_kind(measure: str) -> str:
    """Name what a measure of the ending is about; its own name where it is of no kind listed."""
    for kind, beginnings in FAMILIES:
        if measure.startswith(beginnings):
            return kind
    return measure
