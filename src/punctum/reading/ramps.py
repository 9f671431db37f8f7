"""Where a series goes up or down for longer than chance lets it.

Conventions: one value a second, all known; ramps are half-open spans of seconds. Chance is that of a ramp as clear
anywhere, of any length searched, where there is none; two kinds of "none" are tried, and the larger chance is told: the
film's own shots in random order, and stationary noise that remembers as much as the series does.
"""

from collections.abc import Iterable, Iterator
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

LENGTHS_S = (20, 40, 80, 160, 320, 640)
"""Ramps that are searched for; one that is longer shows at the longest of them, too."""

MOST_OF_FILM = 0.5
"""A ramp takes no more than this share of the series."""

SURROGATES = 149
"""Of each of the two kinds."""

LEVEL = 0.05

MEMORY_S = 12
"""Order of the autoregressive model."""

LEAST_STEP = 0.15
"""Of a ramp's rise, so much at least lies between its first and second third, and between its second and last: else it
is one step, and no build-up."""


class Ramp(NamedTuple):
    """Seconds ``start`` up to ``end``; ``sign`` 1 up, -1 down; ``chance`` as above."""

    start: int
    end: int
    sign: int
    chance: float


def find_ramps(values: Values, shot: NDArray[np.integer], level: float = LEVEL, seed: int = 0) -> list[Ramp]:
    """Find the ramps that are clearer than chance allows.

    Each window of each length is correlated with a straight rise. The greatest response, each length's over its spread,
    is compared with the greatest ones in `SURROGATES` orders of the shots, drawn at random, and in as many series of
    Gaussian noise from an autoregressive model of the series (Yule-Walker). What neither passes more often than
    ``level`` is kept, the clearest first, none over another.

    Parameters
    ----------
    values : np.ndarray [shape=(n,), dtype=float64]
    shot : np.ndarray [shape=(n,), dtype=int]
        number of the shot that each second belongs to, rising
    level : float
        share of series without a ramp in which anything at all is found
    seed : int
        of what is drawn

    Returns
    -------
    list of Ramp
        in the order of the series
    """
    n = len(values)
    lengths = [length for length in LENGTHS_S if length <= MOST_OF_FILM * n]
    if not lengths or float(np.std(values)) < 1e-9:
        return []
    rng = np.random.default_rng(seed)
    size = _fast_size(n + max(lengths))
    ramps = np.stack([np.fft.rfft(_ramp(length), size) for length in lengths])
    centred = values - values.mean()
    responses = _respond(centred, ramps, lengths, size)
    orders = [_respond(series, ramps, lengths, size) for series in _in_random_order(centred, shot, rng)]
    spread = [float(np.sqrt(np.mean([np.mean(o[i] ** 2) for o in orders]))) for i in range(len(lengths))]
    noises = (_respond(series, ramps, lengths, size) for series in _with_same_memory(centred, rng))
    greatest = [_greatest(orders, spread), _greatest(noises, spread)]
    found: list[Ramp] = []
    candidates: list[tuple[float, Ramp]] = []
    for i, length in enumerate(lengths):
        clear = responses[i] / spread[i]
        for start in np.flatnonzero(_is_peak(np.abs(clear))).tolist():
            chance = max(_chance(abs(float(clear[start])), others) for others in greatest)
            if chance <= level and _is_gradual(values[start : start + length]):
                ramp = Ramp(start, start + length, int(np.sign(clear[start])), chance)
                candidates.append((abs(float(clear[start])), ramp))
    for _, ramp in sorted(candidates, key=lambda one: (-one[0], one[1].start)):
        if all(ramp.end <= other.start or ramp.start >= other.end for other in found):
            found.append(ramp)
    return sorted(found)


def _greatest(series: Iterable[list[Values]], spread: list[float]) -> Values:
    return np.sort([max(float(np.abs(r).max()) / s for r, s in zip(one, spread, strict=True)) for one in series])


def _chance(clear: float, others: Values) -> float:
    above = len(others) - int(np.searchsorted(others, clear))
    return (1 + above) / (1 + len(others))


def normal_scores(values: Values) -> Values:
    """Ranks as normal scores, equal values sharing one; NaN stays.

    Examples
    --------
    >>> normal_scores(np.array([5.0, 1.0, np.nan, 9.0])).round(2).tolist()
    [0.0, -0.97, nan, 0.97]
    """
    made = np.full(len(values), np.nan)
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return made
    kinds, place, count = np.unique(values[known], return_inverse=True, return_counts=True)
    middle = (np.cumsum(count) - count / 2) / len(known)
    score = np.array([NormalDist().inv_cdf(float(share)) for share in middle])
    made[known] = score[place]
    assert len(kinds) == len(score)
    return made


def _ramp(length: int) -> Values:
    """A straight rise of mean 0 and length 1, turned round for convolution."""
    rise = np.arange(length) - (length - 1) / 2
    return np.asarray((rise / np.linalg.norm(rise))[::-1])


def _respond(series: Values, ramps: NDArray[np.complex128], lengths: list[int], size: int) -> list[Values]:
    """Correlate with each ramp: response i for the window that begins with second i."""
    spectrum = np.fft.rfft(series, size)
    whole = np.fft.irfft(ramps * spectrum, size, axis=1)
    return [whole[i, length - 1 : len(series)] for i, length in enumerate(lengths)]


def _in_random_order(values: Values, shot: NDArray[np.integer], rng: np.random.Generator) -> Iterator[Values]:
    pieces = np.split(values, np.flatnonzero(np.diff(shot)) + 1)
    for _ in range(SURROGATES):
        yield np.concatenate([pieces[i] for i in rng.permutation(len(pieces))])


def _with_same_memory(values: Values, rng: np.random.Generator) -> Iterator[Values]:
    n, order = len(values), min(MEMORY_S, len(values) // 4)
    power = np.abs(np.fft.rfft(values, 2 * n)) ** 2
    covariance = np.fft.irfft(power)[: order + 1] / n
    lags = np.abs(np.arange(order)[:, None] - np.arange(order))
    weights = np.linalg.solve(covariance[lags] + 1e-6 * covariance[0] * np.eye(order), covariance[1:])
    shock = max(float(covariance[0] - weights @ covariance[1:]), 1e-9 * float(covariance[0]))
    size = _fast_size(2 * n)
    gain = np.sqrt(shock) / (1.0 - np.fft.rfft(np.concatenate([[0.0], weights]), size))
    for _ in range(SURROGATES):
        yield np.fft.irfft(np.fft.rfft(rng.normal(size=size)) * gain, size)[:n]


def _fast_size(least: int) -> int:
    """The least size of few small factors, for the Fourier transform."""
    return min(size for size in (m << k for m in (8, 9, 10, 12, 15) for k in range(40)) if size >= least)


def _is_peak(values: Values) -> NDArray[np.bool_]:
    padded = np.concatenate([[-np.inf], values, [-np.inf]])
    return (values >= padded[:-2]) & (values >= padded[2:])


def _is_gradual(values: Values) -> bool:
    first, second, third = (float(part.mean()) for part in np.array_split(values, 3))
    rise = third - first
    return rise != 0 and min((second - first) / rise, (third - second) / rise) >= LEAST_STEP
