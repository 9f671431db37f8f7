"""Recursive filters without a loop over samples: second-order sections as products of small matrices.

Sound is cut into pieces of ``PIECE`` samples. Within a piece the filter is a Toeplitz matrix; what a piece leaves to
the next is a state of two numbers a section, and the states of all pieces follow from a scan by doubling. The answer is
that of ``scipy.signal.sosfilt`` to some 1e-12; importing that package would cost every reading 65 MB and a second.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PIECE = 48
"""Samples in a piece."""

AT_ONCE = 96
"""Pieces multiplied at once: so small a product is never shared among threads, and is the same on any number."""

NOTHING = 1e-18
"""A state that has decayed this far is of no more account."""


class Filter(NamedTuple):
    """A filter prepared for ``run_filter``.

    ``within`` (PIECE, PIECE) turns samples to samples, ``leaves`` (PIECE, k) samples to the state after them, ``takes``
    (k, PIECE) a state to the samples that follow it, ``decay`` (k, k) a state to that a piece later; rows times matrix.
    """

    within: Floats
    leaves: Floats
    takes: Floats
    decay: Floats


def prepare_filter(sections: Floats) -> Filter:
    """Prepare second-order sections, one after another.

    Parameters
    ----------
    sections : np.ndarray [shape=(n, 6), dtype=float64]
        b0 b1 b2 1 a1 a2 of each; stable

    Returns
    -------
    Filter
        with k = 2 n numbers of state (transposed direct form II of each section)
    """
    step, enter, leave, through = np.zeros((0, 0)), np.zeros(0), np.zeros(0), 1.0
    for b0, b1, b2, _, a1, a2 in sections.tolist():
        own, in_own = np.array([[-a1, 1.0], [-a2, 0.0]]), np.array([b1 - a1 * b0, b2 - a2 * b0])
        step = np.block([[step, np.zeros((len(step), 2))], [np.outer(in_own, leave), own]])
        enter = np.concatenate([enter, in_own * through])
        leave = np.concatenate([b0 * leave, [1.0, 0.0]])
        through *= b0
    impulse, takes, leaves = np.zeros(PIECE), np.zeros((len(enter), PIECE)), np.zeros((PIECE, len(enter)))
    impulse[0], later = through, np.eye(len(enter))
    for k in range(PIECE):
        takes[:, k] = leave @ later
        leaves[PIECE - 1 - k] = later @ enter
        if k + 1 < PIECE:
            impulse[k + 1] = leave @ leaves[PIECE - 1 - k]
        later = step @ later
    within = np.zeros((PIECE, PIECE))
    for k in range(PIECE):
        within[k, k:] = impulse[: PIECE - k]
    return Filter(within, leaves, takes, later.T.copy())


def run_filter(prepared: Filter, samples: Floats) -> Floats:
    """Filter samples, from silence.

    Parameters
    ----------
    prepared : Filter
    samples : np.ndarray [shape=(n,), dtype=float64]

    Returns
    -------
    filtered : np.ndarray [shape=(n,), dtype=float64]
    """
    count = -(-len(samples) // PIECE)
    pieces = np.zeros((count, PIECE))
    pieces.ravel()[: len(samples)] = samples
    state, made = _times(pieces, prepared.leaves), _times(pieces, prepared.within)
    decay, apart = prepared.decay, 1
    while apart < count and np.abs(decay).max() > NOTHING:
        state[apart:] += _times(state[:-apart], decay)
        decay, apart = decay @ decay, 2 * apart
    made[1:] += _times(state[:-1], prepared.takes)
    return made.ravel()[: len(samples)]


def _times(rows: Floats, matrix: Floats) -> Floats:
    product = np.empty((len(rows), matrix.shape[1]))
    for low in range(0, len(rows), AT_ONCE):
        np.matmul(rows[low : low + AT_ONCE], matrix, out=product[low : low + AT_ONCE])
    return product
