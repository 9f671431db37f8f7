"""Unbroken runs of film in a table of frames, and the gaps where only key frames were read.

Rows are those of the table. Rows of key frames have null in ``change``.
"""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray


class Run(NamedTuple):
    """An unbroken run of film: rows ``start`` up to ``end``."""

    start: int
    end: int


class Runs(NamedTuple):
    """The runs of a film in order, and every row that does not follow the row before as film, int64."""

    runs: tuple[Run, ...]
    gaps: NDArray[np.int64]


def find_runs(frames: pl.DataFrame) -> Runs:
    """Find the unbroken runs of film.

    Parameters
    ----------
    frames : pl.DataFrame
        columns of ``tables.FRAMES``; ``frame``, ``change`` and ``damaged`` are used
    """
    numbers = frames["frame"].to_numpy()
    n = len(numbers)
    if not n:
        return Runs((), np.zeros(0, np.int64))
    film = frames["change"].is_not_null().to_numpy()
    # the very first frame of a film has no frame before it to change from
    if numbers[0] == 0 and not film[0]:
        film = film.copy()
        film[0] = bool(film[1]) and numbers[1] == 1 if n > 1 else frames["damaged"][0] is not None
    joined = film[1:] & film[:-1] & (np.diff(numbers) == 1)
    gaps = np.flatnonzero(~joined) + 1
    starts, ends = np.concatenate([[0], gaps]), np.concatenate([gaps, [n]])
    runs = tuple(Run(int(a), int(b)) for a, b in zip(starts, ends, strict=True) if b - a > 1 or film[a])
    return Runs(runs, gaps.astype(np.int64))
