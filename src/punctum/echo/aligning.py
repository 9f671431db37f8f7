"""How rare the likeness of two shots is, and local alignments of a run of shots with scenes.

Conventions: the query's m shots are rows, the library's n are columns, in the order of their films. Evidence is in
nats: that a channel is as alike as only a share p of the library's shots gives ``-log p - 1``, 0 on average for
unrelated ones. Half-open ranges.

The alignment is Smith and Waterman's (1981) with linear gaps, within scenes, for all scenes of the library at once.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from punctum.echo.channels import CHANNELS, Signatures, measure_apart

Floats = NDArray[np.float32]

TOLL = 3.0
"""A pair of shots has to bring more than this: about one standard deviation of unrelated pairs' evidence, so that
alignments of unrelated scenes do not grow."""

GAP = 3.0
"""What a shot costs that is passed over, on either side."""

RESOLUTION = 0.02
"""Distances that differ by less are equal: less than what another encoding makes of a shot."""


class Background(NamedTuple):
    """For a query: what each of its shots is apart from a sample of the library, a channel an array (m, b).

    Rows are sorted; ``known`` says how many of each were measured, the rest are NaN.
    """

    apart: Mapping[str, Floats]
    known: Mapping[str, NDArray[np.int64]]


def rank_against(query: Signatures, sample: Signatures, without: NDArray[np.bool_] | None = None) -> Background:
    """Take the query's distances from a sample of the library.

    Parameters
    ----------
    query, sample : Signatures
        in float32
    without : np.ndarray [dtype=bool] or None
        shots of the sample that do not count: those of the query's own film
    """
    measured = measure_apart(query, sample)
    if without is not None:
        measured = {name: np.where(without, np.nan, one) for name, one in measured.items()}
    apart = {name: np.sort(one, axis=1) for name, one in measured.items()}
    return Background(apart, {name: np.isfinite(one).sum(1) for name, one in apart.items()})


def weigh(query: Signatures, others: Signatures, background: Background, mirrored: bool) -> dict[str, Floats]:
    """Say how rare each likeness is.

    Parameters
    ----------
    query, others : Signatures
        of m and n shots, in float32
    background : Background
        of this query
    mirrored : bool
        left and right of the query exchanged

    Returns
    -------
    dict of str to np.ndarray [shape=(m, n), dtype=float32]
        share of the library's shots that are as alike or more, from 1/(b + 1) to 1; NaN where either was not measured
    """
    made = {}
    for name, apart in measure_apart(query, others, mirrored).items():
        rank = np.empty(apart.shape, np.float32)
        for row, (own, sample, count) in enumerate(
            zip(apart, background.apart[name], background.known[name].tolist(), strict=True)
        ):
            as_near = np.searchsorted(sample[:count], own + RESOLUTION, side="right")
            rank[row] = (1 + as_near) / (count + 1)
        made[name] = np.where(np.isfinite(apart), rank, np.nan).astype(np.float32)
    return made


def evidence_of(rank: Floats) -> Floats:
    """Evidence of a rank, in nats; 0 where it was not measured."""
    return np.asarray(np.nan_to_num(-np.log(rank) - 1), np.float32)


def add_up(
    ranks: Mapping[str, Floats], only: frozenset[str] | None = None, shares: Mapping[str, float] | None = None
) -> Floats:
    """Sum the evidence of the channels, less the toll (m, n).

    Parameters
    ----------
    ranks : mapping of str to np.ndarray [shape=(m, n), dtype=float32]
    only : frozenset of str or None
        of some channels only, the toll in proportion
    shares : mapping of str to float or None
        how much of a channel's weight counts, see ``searching.share_weights``; the toll is in proportion
    """
    plain = {name: CHANNELS.get(name, 1.0) for name in ranks}
    weights = {name: weight * (shares or {}).get(name, 1.0) for name, weight in plain.items()}
    total: Floats | None = None
    for name, rank in ranks.items():
        if only is not None and name not in only:
            continue
        evidence = evidence_of(rank) * np.float32(weights[name])
        total = evidence if total is None else total + evidence
    if total is None:
        raise ValueError("no channel to add up")
    share = sum(weight for name, weight in weights.items() if only is None or name in only) / sum(plain.values())
    return np.asarray(total - TOLL * share, np.float32)


def align(scores: Floats, scene: NDArray[np.int32]) -> Floats:
    """Score the best local alignment that ends at each pair.

    Parameters
    ----------
    scores : np.ndarray [shape=(m, n), dtype=float32]
    scene : np.ndarray [shape=(n,), dtype=int32]
        the scene of each column; equal ones lie together, and numbers never fall

    Returns
    -------
    np.ndarray [shape=(m, n), dtype=float32]
        0 where no alignment is worth anything; none crosses from one scene to another
    """
    m, n = scores.shape
    first = np.r_[True, scene[1:] != scene[:-1]] if n else np.zeros(0, bool)
    begin = np.maximum.accumulate(np.where(first, np.arange(n), 0))
    within = (np.arange(n) - begin).astype(np.float64)
    # a running maximum per scene: each scene lies higher than all before it
    highest = m * max(float(scores.max(initial=0.0)), 0.0) + GAP * (within.max(initial=0.0) + 1) + 1.0
    lift = (np.cumsum(first) - 1) * highest
    made = np.zeros((m, n), np.float32)
    above = np.zeros(n)
    for row in range(m):
        diagonal = np.r_[0.0, above[:-1]] if n else above
        diagonal[first] = 0.0
        here = np.maximum(np.maximum(diagonal + scores[row], above - GAP), 0.0)
        above = np.maximum.accumulate(here + GAP * within + lift) - lift - GAP * within
        made[row] = above
    return made


def trace(scores: Floats) -> list[tuple[int, int]]:
    """Give the pairs of the best local alignment of one scene, in order.

    Parameters
    ----------
    scores : np.ndarray [shape=(m, n), dtype=float32]
        columns of one scene

    Examples
    --------
    >>> import numpy as np
    >>> trace(np.array([[5, -9, -9, -9], [-9, -9, 6, -9], [-9, -9, -9, -9]], np.float32))
    [(0, 0), (1, 2)]
    """
    m, n = scores.shape
    best = np.zeros((m + 1, n + 1))
    for row in range(m):
        for column in range(n):
            best[row + 1, column + 1] = max(
                0.0,
                best[row, column] + scores[row, column],
                best[row, column + 1] - GAP,
                best[row + 1, column] - GAP,
            )
    row, column = (int(i) for i in np.unravel_index(int(best.argmax()), best.shape))
    pairs = []
    while row and column and best[row, column] > 0:
        here = best[row, column]
        if np.isclose(here, best[row - 1, column - 1] + scores[row - 1, column - 1], atol=1e-5):
            pairs.append((row - 1, column - 1))
            row, column = row - 1, column - 1
        elif np.isclose(here, best[row - 1, column] - GAP, atol=1e-5):
            row -= 1
        else:
            column -= 1
    return pairs[::-1]
