"""What a shot is compared by: its signature, a row of ``tables.SIGNATURES``.

Conventions: shots are rows, in the order of the film. A course is a mean over each eighth of a shot, so that shots of
any length have one as long; NaN in arrays and null in tables is what was not measured. Places are shares of the active
picture, so that black borders do not count.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.segment.set_ups import Looks, look_at_shots
from punctum.tables import COURSE_POINTS, SIGNATURES, SILENCE_DB, conform

Floats = NDArray[np.float64]

AFTER_S = 3.0
"""What follows a shot is told from this many seconds after it."""

FAR_BELOW_LU = -40.0
"""Quieter than this below the film's median is the same as silence."""

SOUNDS_FROM_LUFS = -70.0
"""The absolute gate of BS.1770: what lies below it does not count for the film's median."""

STEP_S = 0.1


def sign_shots(tables: Mapping[str, pl.DataFrame], grid: pl.LazyFrame, looks: Looks | None = None) -> pl.DataFrame:
    """Work out the signature of every shot.

    Parameters
    ----------
    tables : mapping of DataFrame
        ``shots``, ``frames`` (nulls of a fast reading filled), ``loudness``, ``faces`` and ``scenes``
    grid : pl.LazyFrame
        columns of ``tables.GRID``; may be empty
    looks : Looks or None
        what ``segment.look_at_shots`` gave for these shots; None looks at them now

    Returns
    -------
    pl.DataFrame
        columns of ``tables.SIGNATURES``
    """
    shots, frames = tables["shots"], tables["frames"]
    looks = look_at_shots(shots, frames, grid) if looks is None else looks
    flat = shots["flat"].fill_null(value=False).to_numpy()
    # a shot of one flat colour has even cells, though nobody looked
    cells = [one.tobytes() if look else None for one, look in zip(looks.cells, looks.known | flat, strict=True)]
    start_s, end_s = (shots[name].to_numpy().astype(np.float64) for name in ("start_s", "end_s"))
    edges = start_s[:, None] + np.linspace(0, 1, COURSE_POINTS + 1) * (end_s - start_s)[:, None]
    time_s = frames["time_s"].to_numpy()
    brightness, motion = (_known(frames[name]) for name in ("brightness", "motion_w_s"))
    step_s = tables["loudness"]["start_s"].to_numpy() + STEP_S / 2
    loudness = _relative(_known(tables["loudness"]["loudness_lufs"]))
    after = np.stack([end_s, end_s + AFTER_S], 1)
    light_after = _means(time_s, brightness, after)[:, 0]
    loudness_after = _means(step_s, loudness, after)[:, 0]
    over = end_s >= float(end_s.max(initial=0.0)) - 1e-6
    story_end_s = _end_of_story(tables["scenes"], end_s, flat)
    made = pl.DataFrame({"shot": shots["shot"], "cells": pl.Series(cells, dtype=pl.Binary)}).with_columns(
        *shots.select("length_s", "faces", "speech", "music", "silence").get_columns(),
        _scene_of(shots, tables["scenes"]),
        _course("light", _means(time_s, brightness, edges), 4),
        _course("motion_w_s", _means(time_s, motion, edges), 5),
        _course("loudness_lu", _means(step_s, loudness, edges), 2),
        pl.Series("light_after", np.where(over, 0.0, light_after), nan_to_null=True),
        pl.Series(
            "loudness_after_lu",
            np.where(over & np.isfinite(loudness).any(), FAR_BELOW_LU, loudness_after),
            nan_to_null=True,
        ),
        pl.Series("to_end_s", story_end_s - end_s),
        *_courses_of_faces(tables["faces"], frames, edges),
    )
    return conform(made, SIGNATURES)


def _known(column: pl.Series) -> Floats:
    return column.cast(pl.Float64).fill_null(np.nan).to_numpy()


def _relative(lufs: Floats) -> Floats:
    """Levels less the median of those that sound."""
    with np.errstate(invalid="ignore"):
        sounding = lufs[lufs > SOUNDS_FROM_LUFS]
    if not sounding.size:
        return np.where(np.isnan(lufs) | (lufs <= SILENCE_DB), np.nan, FAR_BELOW_LU)
    return np.maximum(lufs - np.median(sounding), FAR_BELOW_LU)


def _means(at: Floats, values: Floats, edges: Floats) -> Floats:
    """Mean of the known ``values`` between neighbouring ``edges`` (n, k + 1), NaN where there are none: (n, k)."""
    known = np.isfinite(values)
    total = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    number = np.concatenate([[0], np.cumsum(known)])
    row = np.searchsorted(at, edges)
    count = np.diff(number[row], axis=1)
    return np.where(count > 0, np.diff(total[row], axis=1) / np.maximum(count, 1), np.nan)


def _course(name: str, values: Floats, decimals: int) -> pl.Series:
    """Write a course as a list a row; null where nothing of it was measured, gaps filled from their neighbours."""
    rows = [_filled(row) if np.isfinite(row).any() else None for row in np.round(values, decimals)]
    return pl.Series(name, [None if row is None else row.tolist() for row in rows], dtype=pl.List(pl.Float32))


def _filled(row: Floats) -> Floats:
    known = np.flatnonzero(np.isfinite(row))
    return row if len(known) == len(row) else np.asarray(np.interp(np.arange(len(row)), known, row[known]))


def _courses_of_faces(faces: pl.DataFrame, frames: pl.DataFrame, edges: Floats) -> list[pl.Series]:
    """Where the nearest face is in each eighth of each shot: found in how many looks, place, height, turn."""
    names = ("face_x", "face_y", "face_height", "face_yaw_deg")
    looked = frames.drop_nulls("faces")
    if not looked.height:
        return [pl.Series(name, [None] * len(edges), dtype=pl.List(pl.Float32)) for name in ("face_seen", *names)]
    nearest = faces.sort("frame", "height", descending=[False, True]).unique("frame", keep="first", maintain_order=True)
    time_s = looked["time_s"].to_numpy()
    seen = _means(time_s, (looked["faces"].to_numpy() > 0).astype(np.float64), edges)
    at = nearest["time_s"].to_numpy()
    left, top, width, height, yaw = (_known(nearest[name]) for name in ("left", "top", "width", "height", "yaw_deg"))
    values = (left + width / 2, top + height / 2, height, yaw)
    made = [_course("face_seen", seen, 4)]
    for name, value, decimals in zip(names, values, (4, 4, 4, 1), strict=True):
        made.append(_course(name, _means(at, value, edges), decimals))
    return made


def _end_of_story(scenes: pl.DataFrame, end_s: Floats, flat: NDArray[np.bool_]) -> float:
    """When the story's last picture ends: the black after it is not counted."""
    story = scenes.filter(pl.col("kind") == "story")["end_s"].to_list()
    last = float(story[-1]) if story else float(end_s.max(initial=0.0))
    pictured = end_s[~flat & (end_s <= last + 1e-6)]
    return float(pictured.max()) if pictured.size else last


def _scene_of(shots: pl.DataFrame, scenes: pl.DataFrame) -> pl.Series:
    """Which scene the middle of each shot lies in; 0 where the film has no scenes."""
    middle = ((shots["start_s"] + shots["end_s"]) / 2).to_numpy()
    row = np.searchsorted(scenes["start_s"].to_numpy(), middle, side="right") - 1
    return pl.Series("scene", np.maximum(row, 0), dtype=pl.Int32)
