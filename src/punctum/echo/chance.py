"""How many alignments as good are expected by chance: an extreme-value law fitted to unrelated pairs.

Conventions: scores in nats; a pair is a run of m shots against a scene of n. Karlin and Altschul (1990): the best local
alignment of unrelated sequences is at most s with probability ``exp(-K m n exp(-rate s))``. K and the rate are fitted
to the upper tail of pairs known to be unrelated; what lies below counts only as lying below (a censored maximum
likelihood), since there the law need not hold.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_PAIRS, LEAST_FILMS = 1000, 10
"""Below this no law is fitted."""

TAIL = 0.1
"""This share of the unrelated pairs, the best, is fitted."""


class Law(NamedTuple):
    """``exp(-exp(log_k + log(m n) - rate s))`` is the probability of at most s; from ``pairs`` of ``films``."""

    log_k: float
    rate: float
    pairs: int
    films: int


def fit_law(scores: Floats, sizes: Floats, films: int) -> Law | None:
    """Fit the law of unrelated pairs.

    Parameters
    ----------
    scores : np.ndarray [shape=(n,), dtype=float64]
        best local alignment of each pair
    sizes : np.ndarray [shape=(n,), dtype=float64]
        m n of each
    films : int
        how many films they are of

    Returns
    -------
    Law or None
        None from fewer than ``LEAST_PAIRS`` pairs or ``LEAST_FILMS`` films, or where the scores do not differ
    """
    if len(scores) < LEAST_PAIRS or films < LEAST_FILMS:
        return None
    edge = float(np.quantile(scores, 1 - TAIL))
    over = scores > edge
    if not over.any() or float(scores[over].std()) == 0.0:
        return None
    high, size, low = scores[over] - edge, sizes[over], sizes[~over].sum()
    count = len(high)

    def judge(rate: float) -> tuple[float, float]:
        k = count / (float((size * np.exp(-rate * high)).sum()) + low)
        return count * np.log(k * rate) - rate * float(high.sum()), k

    low_rate, high_rate = 0.01 / float(high.mean()), 100 / float(high.mean())
    ratio = (np.sqrt(5) - 1) / 2
    a, b = np.log(low_rate), np.log(high_rate)
    for _ in range(60):
        c, d = b - ratio * (b - a), a + ratio * (b - a)
        if judge(float(np.exp(c)))[0] > judge(float(np.exp(d)))[0]:
            b = d
        else:
            a = c
    rate = float(np.exp((a + b) / 2))
    return Law(float(np.log(judge(rate)[1])) + rate * edge, rate, len(scores), films)


def expect(law: Law, score: float, rows: int, scene_shots: NDArray[np.int64], queries: int = 1) -> float:
    """Say how many alignments as good are expected among unrelated scenes.

    Parameters
    ----------
    law : Law
    score : float
    rows : int
        m, shots of the query
    scene_shots : np.ndarray [dtype=int64]
        n of every scene that was searched
    queries : int
        so many scenes were asked about at once

    Examples
    --------
    >>> import numpy as np
    >>> round(expect(Law(0.0, 1.0, 1000, 10), 10.0, 2, np.array([5, 5])), 6)
    0.000908
    """
    rate = np.exp(np.minimum(law.log_k + np.log(rows * scene_shots) - law.rate * score, 50.0))
    return float(queries * -np.expm1(-rate).sum())
