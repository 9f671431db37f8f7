"""How often an ending cut like this one comes about by chance.

Conventions: the null keeps the film's own series of shot lengths, with its runs of short and of long
shots, and turns it round so that the film ends after every one of its shots in turn. A shuffle of the
shots would undo those runs and call every film's ending remarkable.
"""

import numpy as np

from punctum.reading.lengths import TAIL_TOLERANCE, Lengths

LEAST_SHOTS = 20
LEAST_TAIL = 3


def rotate_tail(lengths_s: Lengths, share: float) -> Lengths:
    """Set the last part of a film beside the rest, for the film turned round to every end it could have.

    Parameters
    ----------
    lengths_s : np.ndarray [shape=(n,), dtype=float64]
        seconds, in the order of the film
    share : float
        0.1 for the last tenth; a shot belongs to it when its middle lies in it (`lengths.measure_tail`)

    Returns
    -------
    np.ndarray [shape=(n,), dtype=float64]
        mean logarithm of the lengths in the last part less that of the others; entry i is of the film that
        ends after shot i, so that the last entry is the film as it is; NaN where all shots lie in one part
    """
    n = lengths_s.size
    twice = np.concatenate([lengths_s, lengths_s])
    logs = np.concatenate([[0.0], np.cumsum(np.log(twice))])
    ends_s = np.cumsum(twice)
    middles_s = ends_s - twice / 2
    total_s = float(ends_s[n - 1])
    last = np.arange(n, 2 * n)
    marks_s = ends_s[last] - total_s * (share + TAIL_TOLERANCE)
    first = np.minimum(np.searchsorted(middles_s, marks_s), last)
    count = last + 1 - first
    tail = logs[last + 1] - logs[first]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count < n, tail / count - (logs[n] - tail) / (n - count), np.nan)


def tail_chance(lengths_s: Lengths, share: float) -> float | None:
    """How probable it is that the last part is cut as differently from the rest as it is, by chance.

    Two-sided: twice the share of the film's turnings whose last part lies as far out on the same side, the
    film as it is among them. Right in 5 of 100 films at 0.05 for series without trend, with
    or without runs (`tests/test_reading_chance.py`); a test of this kind is weak, since a film has only about
    1/share stretches of that length.

    Parameters
    ----------
    lengths_s : np.ndarray [shape=(n,), dtype=float64]
        seconds, in the order of the film
    share : float
        0.1 for the last tenth

    Returns
    -------
    float or None
        0 to 1; None for fewer than `LEAST_SHOTS` shots, or fewer than `LEAST_TAIL` in the last part
    """
    n = lengths_s.size
    if n < LEAST_SHOTS:
        return None
    middles_s = np.cumsum(lengths_s) - lengths_s / 2
    if int((middles_s >= lengths_s.sum() * (1 - share)).sum()) < LEAST_TAIL:
        return None
    turned = rotate_tail(lengths_s, share)
    real = turned[-1]
    turned = turned[np.isfinite(turned)]
    if not np.isfinite(real):
        return None
    low = float((turned <= real + 1e-9).mean())
    high = float((turned >= real - 1e-9).mean())
    return min(1.0, 2 * min(low, high))
