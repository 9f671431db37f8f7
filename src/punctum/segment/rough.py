"""Rough shots where only key frames were read: a boundary at the later of two key frames that are unlike.

Encoders set a key frame at most cuts, so the later key frame is often the new shot's first frame; otherwise the
boundary is late by up to the distance of key frames. Always ``provisional``.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.segment.boundaries import Boundary
from punctum.segment.cells import centre, distance, read_cells, unlikeness

GAP_LEAST = 0.08
UNLIKE_LEAST = 0.35
"""Two key frames further apart than both are two shots. Motion over seconds is less; a new set-up more."""

ROWS_AT_ONCE = 1024


def find_rough(grid: pl.LazyFrame, numbers: NDArray[np.int64], gaps: NDArray[np.int64]) -> list[Boundary]:
    """Find the boundaries between rows that are neighbours in the table, not in the film.

    Parameters
    ----------
    grid : pl.LazyFrame
        columns of ``tables.GRID``, one row for each of ``numbers``, in their order
    numbers : np.ndarray [shape=(n,), dtype=int64]
        the frame numbers of the table of frames
    gaps : np.ndarray [dtype=int64]
        rows that do not follow the row before as film, in order

    Returns
    -------
    list of Boundary
        cuts, provisional; ``at`` counts rows of the table

    Raises
    ------
    TableInvalid
        where the grid's frames are not those of ``numbers``
    """
    found = []
    for begin in range(0, len(gaps), ROWS_AT_ONCE):
        part = gaps[begin : begin + ROWS_AT_ONCE]
        for low, high in _neighbourhoods(part):
            cells = read_cells(grid, numbers, low - 1, high)
            centred = centre(cells).layout
            gap, unlike = distance(cells[:-1], cells[1:]), unlikeness(centred[:-1], centred[1:])
            strength = np.minimum(gap / GAP_LEAST, unlike / UNLIKE_LEAST)
            wanted = np.isin(np.arange(low, high), part)
            found += [
                Boundary(low + i, "cut", low + i, low + i, float("nan"), provisional=True)
                for i in np.flatnonzero((strength > 1.0) & wanted).tolist()
            ]
    return found


def _neighbourhoods(rows: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Group rows that follow each other closely, as half-open pairs."""
    if not len(rows):
        return []
    breaks = np.flatnonzero(np.diff(rows) > 16) + 1
    groups = np.split(rows, breaks)
    return [(int(g[0]), int(g[-1]) + 1) for g in groups]
