"""Sound at another sample rate: a windowed sinc, as products of a few small matrices.

The answer depends on the samples alone, never on the number of threads.
"""

from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import NDArray

ZEROS = 12
"""Zero crossings of the sinc on each side."""

PASS = 0.92
"""The cut-off, as a share of half the lower rate."""

LARGEST_TERM = 2000
"""Ratios of rates are kept this simple: those in use are; others err by a few milliseconds in half a minute."""

LARGEST_PRODUCT = 200_000
"""Multiplications made at once, at most: so small a product of matrices is never shared among threads."""


@cache
def _kernel(up: int, down: int) -> tuple[NDArray[np.float32], int, int]:
    """Matrix that turns a run of samples to a run of resampled ones, with how many it takes a step and before it."""
    cut = PASS * min(1.0, up / down)  # of half the old rate
    reach = int(np.ceil(ZEROS / cut))
    groups = max(1, 48 // up)
    new, old = up * groups, down * groups
    at = np.arange(new) * (down / up)  # in old samples
    distance = at[None, :] - (np.arange(old + 2 * reach) - reach)[:, None]
    taper = np.where(np.abs(distance) < reach, np.cos(np.pi * distance / (2 * reach)) ** 2, 0.0)
    return (np.sinc(cut * distance) * cut * taper).astype(np.float32), old, reach


def resample(samples: NDArray[np.float32], from_hz: int, to_hz: int) -> NDArray[np.float32]:
    """Bring samples to another rate; sample 0 stays where it is.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,), dtype=float32]
        silence is taken to lie around them
    from_hz, to_hz : int

    Returns
    -------
    resampled : np.ndarray [shape=(ceil(n x to / from),), dtype=float32]
    """
    if from_hz == to_hz or not len(samples):
        return samples.astype(np.float32)
    ratio = Fraction(to_hz, from_hz).limit_denominator(LARGEST_TERM)
    matrix, old, reach = _kernel(ratio.numerator, ratio.denominator)
    count = -(-len(samples) // old)
    padded = np.zeros(count * old + 2 * reach, np.float32)
    padded[reach : reach + len(samples)] = samples
    pieces = np.lib.stride_tricks.sliding_window_view(padded, old + 2 * reach)[::old]
    made = np.empty((count, matrix.shape[1]), np.float32)
    rows = max(1, LARGEST_PRODUCT // matrix.size)
    for low in range(0, count, rows):
        np.matmul(pieces[low : low + rows], matrix, out=made[low : low + rows])
    return made.ravel()[: -(-len(samples) * to_hz // from_hz)]
