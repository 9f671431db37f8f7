"""The likeliest division of a row of shots into scenes, and how sure each boundary is.

Conventions: a block is shots a up to b, half-open; its score is a log-likelihood ratio. ``blocks[a, k]`` is that of a
block of k + 1 shots that begins with shot a; ``edges[k]`` is what speaks for a boundary before shot k. A division's
score is the sum over its blocks and its inner boundaries: a semi-Markov random field (Sarawagi and Cohen, NIPS 2004),
solved by dynamic programming as the optimal grouping of shots by Rotman, Porat and Ashour (ISM 2016) is, but summed
over all divisions instead of the best one alone.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NEVER = -1e6
"""Score of what a person ruled out: finite, so that two words that cannot both hold still have an answer."""

WORTH = 0.42
"""A boundary is named from this probability on. Half of the F1 that can be had makes F1 greatest (Lipton, Elkan and
Narayanaswamy, ECML 2014); it was .85 on the calibration side."""

OWN_SHARE = 0.1
"""Of the probability within a shot, so much at least lies on the shot that is named."""


def rule(blocks: Floats, edges: Floats, there: list[int], not_there: list[int]) -> tuple[Floats, Floats]:
    """Take a person's word: boundaries before the shots of ``there``, none before those of ``not_there``."""
    blocks, edges = blocks.copy(), edges.copy()
    longest = blocks.shape[1]
    for shot in there:
        for a in range(max(0, shot - longest + 1), shot):
            blocks[a, shot - a :] += NEVER
    for shot in not_there:
        edges[shot] += NEVER
    return blocks, edges


def chances(blocks: Floats, edges: Floats) -> Floats:
    """Give the probability that a scene begins with each shot, over all divisions.

    Parameters
    ----------
    blocks : np.ndarray [shape=(n, longest), dtype=float64]
        scores; what reaches beyond the last shot is not looked at
    edges : np.ndarray [shape=(n,), dtype=float64]

    Returns
    -------
    chance : np.ndarray [shape=(n,), dtype=float64]
        1 for the first shot; rounded, so that what is done with it does not hang on the last digit
    """
    n = len(blocks)
    if n == 0:
        return np.zeros(0)
    before, after, entry = sum_up(blocks, edges)
    chance: Floats = np.exp(np.minimum(before[:n] + entry + after[:n] - before[n], 0.0))
    chance[0] = 1.0
    return np.round(chance, 6)


def choose_starts(chance: Floats) -> tuple[list[int], list[float]]:
    """Choose the boundaries to name: those likelier than not to count as found, within a shot of a true one.

    The greatest probability within a shot is named first, its share is taken away, and so on down to `WORTH`.

    Parameters
    ----------
    chance : np.ndarray [shape=(n,), dtype=float64]

    Returns
    -------
    starts : list of int
        first shot of each scene, in order, from 0
    near : list of float
        probability that a scene begins within a shot of each
    """
    left = chance.copy()
    if len(left):
        left[0] = 0.0
    chosen: dict[int, float] = {0: 1.0}
    while len(left) > 1:
        near = np.convolve(np.pad(left, 1), np.ones(3), "valid")
        rank = np.where((near >= WORTH) & (left > OWN_SHARE * near), near + left, 0.0)
        best = int(rank.argmax())
        if rank[best] <= 0.0:
            break
        chosen[best] = min(float(near[best]), 1.0)
        left[max(best - 1, 0) : best + 2] = 0.0
    starts = sorted(chosen)
    return starts, [chosen[start] for start in starts]


def sum_up(blocks: Floats, edges: Floats) -> tuple[Floats, Floats, Floats]:
    """Sum over all divisions, in logarithms: of the shots before each place, and of those after it.

    Returns
    -------
    before, after : np.ndarray [shape=(n + 1,), dtype=float64]
        ``before[b]`` over the divisions of shots 0 up to b, ``after[a]`` of those from a on; the score of the boundary
        itself is in neither
    entry : np.ndarray [shape=(n,), dtype=float64]
        score of a boundary before each shot, 0 before the first
    """
    n, longest = blocks.shape
    entry = edges.copy()
    entry[0] = 0.0
    before, after = np.full(n + 1, -np.inf), np.full(n + 1, -np.inf)
    before[0] = after[n] = 0.0
    for b in range(1, n + 1):
        a = np.arange(max(0, b - longest), b)
        before[b] = _logsum(before[a] + entry[a] + blocks[a, b - a - 1])
    gain = np.append(entry, 0.0)
    for first in range(n - 1, -1, -1):
        end = np.arange(first + 1, min(n, first + longest) + 1)
        after[first] = _logsum(blocks[first, end - first - 1] + gain[end] + after[end])
    return before, after, entry


def _logsum(values: Floats) -> float:
    top = float(values.max())
    return top + float(np.log(np.exp(values - top).sum())) if np.isfinite(top) else top
