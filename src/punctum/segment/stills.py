"""Which of the frames that a still was kept of stand for a shot.

The shot's own picture is the sharpest in its middle half; a long shot gets more, at even distances. A frame inside a
transition stands for nothing.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum import tables

MORE_EVERY_S = 12.0
"""A shot gets one still for each of these that it lasts, one at least."""


def choose_stills(shots: pl.DataFrame, frames: pl.DataFrame, offered_frames: Sequence[int]) -> pl.DataFrame:
    """Choose the stills of each shot among the frames offered.

    Parameters
    ----------
    shots : pl.DataFrame
        columns of ``tables.SHOTS``
    frames : pl.DataFrame
        columns of ``tables.FRAMES``; ``sharpness`` ranks, where it was measured
    offered_frames : sequence of int
        numbers of the frames that a still was kept of

    Returns
    -------
    shots : pl.DataFrame
        ``stills`` filled: the shot's own picture first, the others in order; empty where none was offered
    """
    numbers = frames["frame"].to_numpy()
    sharp = frames["sharpness"].fill_null(0.0).to_numpy()
    contrast = frames["contrast"].fill_null(0.0).to_numpy()
    times = frames["time_s"].to_numpy()
    offered = np.unique(np.asarray(list(offered_frames), np.int64))
    offered = offered[np.isin(offered, numbers)]
    row = np.searchsorted(numbers, offered)
    # a frame of hardly any contrast has noise for sharpness
    rank = sharp[row] * (contrast[row] > 0.02)
    moments = times[row]
    free = np.ones(len(offered), np.bool_)
    spans = shots.select("transition_start_frame", "transition_end_frame").drop_nulls()
    for start, end in spans.iter_rows():
        low, high = np.searchsorted(offered, [start, end])
        free[low:high] = False
    chosen: list[list[int]] = []
    for start, end, start_s, end_s in shots.select("start_frame", "end_frame", "start_s", "end_s").iter_rows():
        low, high = np.searchsorted(offered, [start, end])
        here = np.arange(low, high)[free[low:high]]
        chosen.append(_choose(offered[here], moments[here], rank[here], float(start_s), float(end_s)))
    return tables.conform(
        shots.drop("stills", strict=False).with_columns(pl.Series("stills", chosen, pl.List(pl.Int32()))), tables.SHOTS
    )


def _choose(
    offered: NDArray[np.int64],
    moments: NDArray[np.float64],
    rank: NDArray[np.float32],
    start_s: float,
    end_s: float,
) -> list[int]:
    """Stills of one shot: the sharpest of its middle half, then the sharpest of the middle half of each part."""
    if not len(offered):
        return []
    own = _sharpest(moments, rank, start_s, end_s)
    picked = [int(offered[own])]
    parts = int((end_s - start_s) // MORE_EVERY_S)
    if parts >= 2:
        edges = np.linspace(start_s, end_s, parts + 1)
        for a, b in pairwise(edges.tolist()):
            if a <= moments[own] < b or not ((moments >= a) & (moments < b)).any():
                continue
            picked.append(int(offered[_sharpest(moments, rank, a, b)]))
    return picked


def _sharpest(moments: NDArray[np.float64], rank: NDArray[np.float32], start_s: float, end_s: float) -> int:
    """The sharpest within the middle half of a span; the one nearest its middle where that holds none."""
    middle = (start_s + end_s) / 2.0
    near = np.abs(moments - middle) <= (end_s - start_s) / 4.0
    if not near.any():
        return int(np.abs(moments - middle).argmin())
    inside = np.flatnonzero(near)
    return int(inside[int(rank[inside].argmax())])
