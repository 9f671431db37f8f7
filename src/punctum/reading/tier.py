"""A person's tier as a measure: how it goes together with what was measured, shot by shot.

Conventions: a tier's value in a shot is the share of the shot that its notes cover, or, where every note bears a value,
the mean of these values over the covered time (shots without a note are left out). Ranks are compared (Spearman 1904),
ties take their mean rank. Chance: neighbouring shots are alike, so the tier is shifted along the film, its end joined
to its beginning, which keeps its own runs; the share of shifts that give as strong a correlation is told.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

LEAST_SHOTS = 12
MOST_SHIFTS = 999


class Likeness(NamedTuple):
    """Rank correlation over `shots` shots, and the share of `shifts` shifts as strong; None where it cannot be told."""

    correlation: float | None
    shots: int
    chance: float | None
    shifts: int


def tier_by_shot(spans: Sequence[tuple[float, float | None, float | None]], shots: pl.DataFrame) -> NDArray[np.float64]:
    """Give a tier's value in every shot.

    Parameters
    ----------
    spans : sequence of (start_s, end_s, value)
        of its notes; ``end_s`` None is one frame, counted as a hundredth of a second
    shots : pl.DataFrame
        columns ``start_s``, ``end_s`` of ``tables.SHOTS``

    Returns
    -------
    np.ndarray [shape=(n,), dtype=float64]
        share covered, 0..1, notes that overlap counted once; or mean value, NaN in a shot without a note

    Examples
    --------
    >>> import polars as pl
    >>> shots = pl.DataFrame({"start_s": [0.0, 4.0], "end_s": [4.0, 8.0]})
    >>> tier_by_shot([(1.0, 2.0, None), (1.5, 5.0, None)], shots).tolist()
    [0.75, 0.25]
    >>> tier_by_shot([(1.0, 2.0, 3.0), (2.0, 3.0, 5.0)], shots).tolist()
    [4.0, nan]
    """
    starts, ends = (shots[name].to_numpy().astype(np.float64) for name in ("start_s", "end_s"))
    valued = bool(spans) and all(value is not None for _, _, value in spans)
    covered, weighed = np.zeros(len(starts)), np.zeros(len(starts))
    reached = -np.inf
    for start_s, end_s, value in sorted(spans, key=lambda span: (span[0], span[1] or span[0])):
        end = start_s + 0.01 if end_s is None else end_s
        begin = start_s if valued else max(start_s, reached)
        inside = np.clip(np.minimum(ends, end) - np.maximum(starts, begin), 0.0, None)
        covered += inside
        weighed += inside * (value or 0.0)
        reached = max(reached, end)
    if not valued:
        return np.clip(covered / np.maximum(ends - starts, 1e-9), 0.0, 1.0)
    return np.where(covered > 0, weighed / np.where(covered > 0, covered, 1.0), np.nan)


def correlate(tier: NDArray[np.float64], measure: NDArray[np.float64]) -> Likeness:
    """Correlate two series of values by shot, and count how often chance does as well.

    Parameters
    ----------
    tier, measure : np.ndarray [shape=(n,), dtype=float64]
        in the order of the film; NaN where there is no value

    Returns
    -------
    Likeness
        ``correlation`` None where there are fewer than `LEAST_SHOTS` shots with both, or one of them never changes
    """
    known = np.isfinite(tier) & np.isfinite(measure)
    own, other = _ranks(tier[known]), _ranks(measure[known])
    count = len(own)
    if count < LEAST_SHOTS or not own.std() or not other.std():
        return Likeness(None, count, None, 0)
    own, other = (own - own.mean()) / own.std(), (other - other.mean()) / other.std()
    found = float(own @ other / count)
    steps = np.unique(np.linspace(1, count - 1, min(count - 1, MOST_SHIFTS)).astype(int))
    strong = sum(abs(float(np.roll(own, int(step)) @ other / count)) >= abs(found) - 1e-12 for step in steps)
    return Likeness(found, count, (1 + strong) / (1 + len(steps)), len(steps))


def tell_likeness(likeness: Likeness, tier: str, measure: str) -> str:
    """Say it in a sentence, with its chance."""
    if likeness.correlation is None:
        return (
            f"Too few shots to tell: “{tier}” and {measure} have both a value that changes in {likeness.shots} shots, "
            f"and {LEAST_SHOTS} are needed."
        )
    way = "more of it where there is more" if likeness.correlation >= 0 else "more of it where there is less"
    return (
        f"“{tier}” and {measure}: rank correlation {likeness.correlation:+.2f} over {likeness.shots} shots ({way})."
        f" Shifted along the film, {100 * (likeness.chance or 0):.0f} % of {likeness.shifts} shifts are as strong."
    ).replace("-", "−")


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return pl.Series(values, dtype=pl.Float64).rank("average").to_numpy().astype(np.float64)
