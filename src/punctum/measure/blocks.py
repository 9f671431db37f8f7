"""Measure a block, a run of key frames, or a piece of sound: rows of ``frames``, ``grid``, ``loudness``, ``hearing``.

Conventions: a measure needs only its block, with up to two frames and half a second of sound before it;
nothing is remembered from block to block, so blocks of any size give the same rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import cv2
import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.film import GRID_COLUMNS, GRID_ROWS, Block, SoundPiece
from punctum.measure import bands, change, colour, gaps, lettering, light, motion, sound
from punctum.tables import FRAMES, GRID, HEARING, LOUDNESS, Column, empty, schema

CHUNK = 24
"""Pictures are measured this many at a time: larger stacks fall out of the processor's cache."""


OTHER_PICTURE = 0.25
"""A frame that no flow explains and whose colours differ from the last one's by this much has no motion."""


OF_CHANGE = ("change", "histogram_change", "residual_change", "correlation", "distance_w", "camera")
"""Measures that need the frames before."""


class Measured(NamedTuple):
    """Rows of four tables, with the columns of ``tables/``."""

    frames: pl.DataFrame
    grid: pl.DataFrame
    loudness: pl.DataFrame
    hearing: pl.DataFrame


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep OpenCV to one thread: its optical flow depends on their number, and thumbs are too small for more."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def measure_block(block: Block) -> Measured:
    """Measure every own frame of a block, and its sound.

    Parameters
    ----------
    block : Block
        n own frames after ``lead`` repeated ones

    Returns
    -------
    measured : Measured
        n rows of ``frames`` and of ``grid``; of ``loudness`` and ``hearing`` the 100 ms and the 20 ms that end in the
        block. Speech, singing and music are null: they are listened for in longer pieces (see ``voices``)
    """
    n = len(block.pts)
    with _one_thread():
        if block.thumb_frames is None:
            pictures, cells = _measure_pictures(block.thumbs, block.lead, n, moving=True)
        else:
            pictures, cells = _measure_sparse(block, block.thumb_frames)
        pictures["writing"] = np.full(n, np.nan)
        for still in block.stills:
            if still.kept:
                pictures["writing"][still.frame - block.first_frame] = lettering.writing(still.picture)
    distance_w = pictures.pop("distance_w")
    times = np.concatenate([block.lead_time_s, block.time_s])[-(n + 1) :] if block.lead else block.time_s
    passed = np.diff(times, prepend=np.nan)[-n:] if n else np.zeros(0)
    pictures["motion_w_s"] = np.where(passed > 0, distance_w / np.where(passed > 0, passed, 1.0), np.nan)
    columns: dict[str, NDArray[Any]] = {
        "frame": np.arange(block.first_frame, block.first_frame + n),
        "pts": block.pts,
        "time_s": block.time_s,
        "interlaced": block.interlaced,
        "damaged": block.damaged,
        **pictures,
    }
    steps, heard = empty(LOUDNESS), empty(HEARING)
    if block.sample_rate_hz > 0 and len(block.sound) and n:
        rate, edges = block.sample_rate_hz, block.sound_edges
        power = sound.weighted_power(block.sound, rate, block.channels)
        columns["level_db"] = sound.level(block.sound, edges)
        columns["loudness_lufs"] = sound.loudness(power, edges, rate)
        first = round(float(block.time_s[0]) * rate)
        last = first + int(edges[-1] - edges[0])
        begin = first - int(edges[0])
        steps = _loudness_rows(*sound.step_loudness(power, begin, first, last, rate))
        numbers, levels = bands.band_levels(block.sound, begin, first, last, rate)
        heard = _table({"step": numbers, **levels}, HEARING)
    return Measured(_table(columns, FRAMES), _grid_rows(columns["frame"], cells), steps, heard)


def measure_key_frames(
    frame: Sequence[int] | NDArray[np.integer],
    pts: Sequence[int] | NDArray[np.integer],
    time_s: Sequence[float] | NDArray[np.floating],
    thumbs: light.Pictures,
    stills: Sequence[light.Pictures] = (),
) -> Measured:
    """Measure pictures that stand alone: their change, motion and sound are null.

    Parameters
    ----------
    frame, pts : int [shape=(n,)]
        numbers and time stamps of the frames
    time_s : float [shape=(n,)]
        seconds from the first frame
    thumbs : np.ndarray [shape=(n, h, w, 3), dtype=uint8]
        the active pictures
    stills : sequence of np.ndarray, optional
        the same, larger: without them nothing is said of writing
    """
    with _one_thread():
        pictures, cells = _measure_pictures(thumbs, 0, len(thumbs), moving=False)
        if len(stills):
            pictures["writing"] = np.array([lettering.writing(still) for still in stills])
    numbers = np.asarray(frame, np.int64)
    columns = {"frame": numbers, "pts": np.asarray(pts, np.int64), "time_s": np.asarray(time_s, np.float64), **pictures}
    return Measured(_table(columns, FRAMES), _grid_rows(numbers, cells), empty(LOUDNESS), empty(HEARING))


def measure_sound(piece: SoundPiece) -> pl.DataFrame:
    """Measure the 100 ms steps that lie wholly in a piece of sound, after its lead.

    Parameters
    ----------
    piece : SoundPiece

    Returns
    -------
    loudness : pl.DataFrame
        rows of LOUDNESS
    """
    rate = piece.sample_rate_hz
    if rate <= 0 or not len(piece.sound):
        return empty(LOUDNESS)
    begin = round(piece.start_s * rate)
    settled = max(begin + round(piece.lead_s * rate), 0)
    last = begin + piece.sound.shape[1]
    power = sound.weighted_power(piece.sound, rate, piece.channels)
    steps, loudness = sound.step_loudness(power, begin, settled, last, rate)
    whole = (steps * 2 * rate + sound.STEPS_A_SECOND) // (2 * sound.STEPS_A_SECOND) >= settled
    return _loudness_rows(steps[whole], loudness[whole])


def _table(values: Mapping[str, NDArray[Any]], columns: Mapping[str, Column]) -> pl.DataFrame:
    """As ``tables.conform``, from arrays of one length: its queries cost more than the measures of a few dozen rows."""
    n = len(next(iter(values.values())))
    made = []
    for name, column in columns.items():
        if name not in values:
            made.append(pl.Series(name, [None] * n, dtype=column.dtype))
            continue
        value = np.asarray(values[name])
        if column.dtype.is_float():
            value = np.where(np.isfinite(value), value, np.nan).astype(
                np.float32 if column.dtype == pl.Float32 else np.float64
            )
            if column.decimals is not None:
                value = np.round(value, column.decimals) + value.dtype.type(0)
        made.append(pl.Series(name, value, dtype=column.dtype, nan_to_null=True))
    return pl.DataFrame(made)


def _loudness_rows(steps: NDArray[np.int64], loudness: light.Values) -> pl.DataFrame:
    rows = {"step": steps, "start_s": steps / sound.STEPS_A_SECOND, "loudness_lufs": loudness}
    return _table(rows, LOUDNESS)


def _grid_rows(frame: object, cells: list[bytes]) -> pl.DataFrame:
    return pl.DataFrame({"frame": np.asarray(frame, np.int32), "cells": cells}, schema=schema(GRID))


def _measure_pictures(
    thumbs: light.Pictures, lead: int, n: int, moving: bool
) -> tuple[dict[str, NDArray[np.generic]], list[bytes]]:
    """Measures of n pictures after ``lead`` others, and their grids, chunk by chunk."""
    chunks: list[dict[str, light.Values]] = []
    cells: list[bytes] = []
    for start in range(0, n, CHUNK):
        end = min(start + CHUNK, n)
        before = min(lead + start, 2)
        part = np.ascontiguousarray(thumbs[lead + start - before : lead + end])
        columns, light_of_cells = _measure_chunk(part, before, moving)
        chunks.append(columns)
        cells.extend(colour.grid_cells(light_of_cells))
    if not chunks:
        return ({"distance_w": np.zeros(0)} if moving else {}), []
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}, cells


def _measure_sparse(block: Block, numbers: NDArray[np.int64]) -> tuple[dict[str, NDArray[np.generic]], list[bytes]]:
    """Measures and grids of a block's own frames, some of which were left out."""
    lead = block.lead
    count = len(numbers) - lead
    columns, cells = _measure_pictures(block.thumbs, lead, count, moving=False)
    columns |= {name: np.full(count, np.nan) for name in OF_CHANGE}
    for start, end in gaps.runs(numbers):
        first = max(start, lead)
        before = min(first - start, 2)
        if end > first:
            found, _ = _measure_pictures(block.thumbs[first - before : end], before, end - first, moving=True)
            for name in OF_CHANGE:
                columns[name][first - lead : end - lead] = found[name]
    return gaps.spread(block, columns, cells)


def _measure_chunk(
    thumbs: light.Pictures, lead: int, moving: bool
) -> tuple[dict[str, light.Values], NDArray[np.float32]]:
    planes = light.split_planes(thumbs)
    lumas = light.to_luma(planes)
    own_planes, own_lumas = planes[:, lead:], lumas[lead:]
    h, w = lumas.shape[1:]
    halves = np.empty((len(own_lumas), max(h // 2, 1), max(w // 2, 1), 3), np.float32)
    cells = np.empty((len(own_lumas), GRID_ROWS, GRID_COLUMNS, 3), np.float32)
    for i, picture in enumerate(thumbs[lead:]):
        linear = light.to_linear(picture)
        cv2.resize(linear, (halves.shape[2], halves.shape[1]), dst=halves[i], interpolation=cv2.INTER_AREA)
        cells[i] = colour.grid_light(halves[i])
    means = light.channel_means(own_planes)
    contrasts = light.contrast(own_lumas)
    saturation, warmth = colour.saturation_and_warmth(halves)
    columns = {
        "brightness": light.brightness(cells),
        "luma": light.luma(means),
        "contrast": contrasts,
        "key": light.key(own_lumas),
        "saturation": saturation,
        "warmth": warmth,
        "colourfulness": colour.colourfulness(own_planes, means),
        "sharpness": light.sharpness(own_lumas, contrasts),
    }
    if moving:
        followed = motion.follow(light.halved(lumas), lead)
        bins = change.histogram_change(change.histograms(planes), lead, h * w)
        # another picture, not the same one moved: there is no motion to speak of
        other = ~followed.explained & (bins > OTHER_PICTURE)
        columns |= {
            "change": change.change(thumbs, lead),
            "histogram_change": bins,
            "residual_change": followed.residual_change,
            "correlation": change.correlation(lumas, lead),
            "distance_w": np.where(other, np.nan, followed.distance_w),
            "camera": np.where(other, np.nan, followed.camera),
        }
    return columns, cells
