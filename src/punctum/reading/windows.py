"""The ending set beside the film's other scenes, or beside every other stretch of the film that is as long.

Conventions: scenes and stretches lie wholly before the ending. Stretches begin a tenth of its length apart, so that
each second counts in ten of them; the independent ones among them are as many as fit end to end.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

Values = NDArray[np.float64]

STEPS = 10
"""Stretches begin this many to a stretch's length."""

LEAST_VALUES = 5
"""A stretch with fewer seconds measured is passed over."""

LEAST_STRETCHES = 20
"""With fewer stretches nothing is said of the ending's place among them."""

LEAST_SCENES = 10
"""With fewer scenes the ending is set beside stretches instead."""


class Among(NamedTuple):
    """The ending among scenes or stretches: its value, theirs, how many are independent, whether they are scenes."""

    value: float
    others: pl.Series
    independent: float
    scenes: bool = False


def stand_among(
    at_s: Values,
    values: Values,
    start_s: float,
    end_s: float,
    summary: Callable[[Values], float],
    scenes_s: Sequence[tuple[float, float]] = (),
) -> Among | None:
    """Sum up the ending and what lies before it: each scene, or every stretch that is as long.

    Parameters
    ----------
    at_s, values : np.ndarray [shape=(n,), dtype=float64]
        times, rising, and what was measured at them
    start_s, end_s : float
        the ending
    summary : function
        of the values in a stretch
    scenes_s : sequence of (float, float)
        begin and end of the scenes before the ending

    Returns
    -------
    Among or None
        None where the ending has fewer than `LEAST_VALUES`; ``others`` is empty where there are too few
        scenes or stretches to stand among
    """
    width_s = end_s - start_s
    own = values[np.searchsorted(at_s, start_s) : np.searchsorted(at_s, end_s)]
    if own.size < LEAST_VALUES or width_s <= 0:
        return None
    if len(scenes_s) >= LEAST_SCENES:
        edges = np.searchsorted(at_s, np.asarray(scenes_s, np.float64))
        others = [summary(values[first:last]) for first, last in edges if last - first >= LEAST_VALUES]
        if len(others) >= LEAST_SCENES:
            return Among(summary(own), pl.Series(others, dtype=pl.Float64), len(others), scenes=True)
    count = int(round((start_s / width_s - 1) * STEPS, 6)) + 1
    starts_s = start_s - width_s - np.arange(max(count, 0)) * width_s / STEPS
    firsts, lasts = np.searchsorted(at_s, starts_s), np.searchsorted(at_s, starts_s + width_s)
    others = [
        summary(values[first:last]) for first, last in zip(firsts, lasts, strict=True) if last - first >= LEAST_VALUES
    ]
    if len(others) < LEAST_STRETCHES:
        others = []
    return Among(summary(own), pl.Series(others, dtype=pl.Float64), len(others) / STEPS)
