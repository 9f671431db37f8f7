"""How far a run of measures departs from itself, and how often chance brings about as much.

Conventions: a run is float64 (ticks, measures), evenly spaced in time; ``known`` is bool (ticks, measures), False where
a value is not known or does not count: it departs from nothing there. Many runs are (measures, runs, ticks), which is
sorted faster. A departure is a robust distance: every measure's distance from its median over its median absolute
deviation, and of these the distance of Mahalanobis with their rank correlation.

Chance: a shuffle of the ticks would break up a run's memory and call every slow swell a marvel, and a model fitted with
the candidate in it explains the candidate. So an autoregressive model whose innovations may have heavy tails is fitted
to the run without the candidate and its surroundings. Runs are drawn from it, and the largest departure of each is
found in the same way as in the run itself: candidate first, then the spread of the rest, then its distance by that.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Run = NDArray[np.float64]
Drawn = NDArray[np.float32] | NDArray[np.float64]
Known = NDArray[np.bool_]
Pieces = NDArray[np.int64]

SCALE = 1.4826
"""A normal distribution's standard deviation over its median absolute deviation."""

ORDER = 2
"""Ticks that the model remembers."""

DRAWS, FIRST_DRAWS, ENOUGH = 99, 19, 5
"""So many runs at most, so many at first, and no more once so many were as far out: then chance is large."""

AT_ONCE = 2_000_000
"""Values that are drawn at once, at most."""

LEAST_TICKS = 40
"""With fewer known ticks besides the candidate nothing is said of chance."""

LEAST_TRUST, DRAWN_TRUST = 0.2, 0.02
"""By these shares correlations are drawn towards none: where departures are measured, and in the model's draws."""

TAILS = (2.5, 3.0, 4.0, 5.0, 7.0, 10.0, 20.0, 100.0)
"""Degrees of freedom of Student's distribution that innovations may have."""

SETTLE = 60
"""Ticks drawn before a run begins."""


class Peak(NamedTuple):
    """The largest departure of a run: its tick, its size, the run's departures, each measure's share of it.

    ``departures`` float64 (ticks,); ``shares`` float64 (measures,), sum 1; ``chance`` None where the run is too short.
    """

    tick: int
    departure: float
    departures: Run
    shares: Run
    chance: float | None


def find_peak(run: Run, known: Known, floors: Run, around: int, pieces: Pieces, seed: int) -> Peak | None:
    """Find the largest departure of a run, and its chance.

    Parameters
    ----------
    run : np.ndarray [shape=(ticks, measures), dtype=float64]
    known : np.ndarray [shape=(ticks, measures), dtype=bool]
    floors : np.ndarray [shape=(measures,), dtype=float64]
        a spread smaller than this is none: the measure's own error
    around : int
        ticks on either side of a peak that are its surroundings
    pieces : np.ndarray [shape=(ticks, measures), dtype=int64]
        number of the piece that a value is compared within: its piece's median is taken away (a shot's, for pictures)
    seed : int
        of the draws: the same seed gives the same chance

    Returns
    -------
    Peak or None
        None where nothing is known
    """
    told = np.asarray(known.any(0))
    if not told.any():
        return None
    shares = np.zeros(told.size)
    run, known, floors, pieces = run[:, told], known[:, told], floors[told], pieces[:, told]
    plans = plan_pieces(known, pieces)
    level = take_level(run.T[:, None], known.T, plans)
    unlike = _unlike(level[:, 0].T[known.any(1)])
    ticks, spread, parts = _peaks_of(level, known.T, floors, around, unlike)
    scaled = level[:, 0] / spread
    departures = np.sqrt(np.maximum((scaled * (unlike @ scaled)).sum(0), 0.0))
    at, own = int(ticks[0]), np.maximum(parts[:, 0], 0.0)
    size = float(departures[at])
    shares[told] = own / own.sum() if own.sum() > 0 else own
    rest = known & (np.abs(np.arange(len(run)) - at) > around)[:, None]
    chance = None
    if rest.any(1).sum() >= LEAST_TICKS and size > 0:
        model = fit_model(level[:, 0].T, rest)
        rng = np.random.default_rng(seed)

        def draw(count: int) -> Known:
            runs = take_level(draw_runs(model, len(run), count, rng), known.T, plans)
            return np.asarray(_peaks_of(runs, known.T, floors, around, unlike)[2].sum(0) >= size**2)

        chance = _count_chance(draw, max(AT_ONCE // max(run.size, 1), 1))
    return Peak(at, size, departures, shares, chance)


def _count_chance(draw: Callable[[int], Known], at_once: int) -> float:
    """Probability of something as far out, by drawing until so many were (Besag and Clifford, Biometrika 78, 1991).

    ``draw`` gives of so many runs whether each was as far out. Exact however few are drawn: where the `ENOUGH`-th comes
    as the l-th, chance is `ENOUGH` / l; where it does not come among all `DRAWS`, one more than came over one more than
    were drawn.
    """
    found: list[bool] = []
    while len(found) < DRAWS:
        found += draw(min(max(FIRST_DRAWS, len(found)), DRAWS - len(found), at_once)).tolist()
        far = np.flatnonzero(found)
        if len(far) >= ENOUGH:
            return float(ENOUGH / (far[ENOUGH - 1] + 1))
    return (sum(found) + 1) / (len(found) + 1)


class Plan(NamedTuple):
    """How pieces are laid out: for each group of measures with the same ones, which piece each tick is of, and batches.

    A batch is of pieces about as long: their numbers, ticks int64 (pieces, reach), and what is known (measures, pieces,
    reach).
    """

    measures: Pieces
    piece_of: Pieces
    batches: tuple[tuple[Pieces, Pieces, Known], ...]


def plan_pieces(known: Known, pieces: Pieces) -> tuple[Plan, ...]:
    """Lay out the pieces of (ticks, measures), stretches of ticks with one number, for `take_level`."""
    plans = []
    alike: dict[bytes, list[int]] = {}
    for measure in range(pieces.shape[1]):
        alike.setdefault(pieces[:, measure].tobytes(), []).append(measure)
    for group in alike.values():
        measures, own = np.array(group), pieces[:, group[0]]
        edges = np.flatnonzero(np.diff(own, prepend=own[0] - 1))
        lengths = np.diff(np.append(edges, len(own)))
        sizes = np.ceil(np.log2(lengths)).astype(np.int64)
        batches = []
        for size in np.unique(sizes):
            numbers = np.flatnonzero(sizes == size)
            reach = np.arange(int(lengths[numbers].max()))
            inside = reach < lengths[numbers, None]
            ticks = np.where(inside, edges[numbers, None] + reach, 0)
            told = known[ticks][..., measures] & inside[..., None]
            batches.append((numbers, ticks, np.ascontiguousarray(told.transpose(2, 0, 1))))
        plans.append(Plan(measures, np.repeat(np.arange(len(edges)), lengths), tuple(batches)))
    return tuple(plans)


def take_level(runs: Drawn, known: Known, plans: tuple[Plan, ...]) -> Run:
    """Take its piece's median from every value of (measures, runs, ticks); what is not known becomes 0."""
    level = np.where(known[:, None], runs, runs.dtype.type(0))
    for measures, piece_of, batches in plans:
        own = runs[measures]
        medians = np.zeros((*own.shape[:2], piece_of[-1] + 1), runs.dtype)
        for numbers, ticks, told in batches:
            values = np.where(told[:, None], own[:, :, ticks], runs.dtype.type(np.inf))
            values.sort(axis=-1)
            count = told.sum(-1)
            low, high = (
                np.take_along_axis(values, np.maximum(count - less, 0)[:, None, :, None] // 2, axis=-1)[..., 0]
                for less in (1, 0)
            )
            some = (count > 0)[:, None]
            medians[:, :, numbers] = np.where(some, (low + np.where(some, high, 0)) / 2, 0)
        level[measures] -= np.where(known[measures][:, None], medians[:, :, piece_of], 0)
    return np.asarray(level)


def _unlike(scaled: Run) -> Run:
    """Inverse of the correlation of measures (ticks, measures), as departures are measured by it."""
    return np.asarray(np.linalg.inv(_correlate(scaled, LEAST_TRUST)))


def _correlate(scaled: Run, trust: float) -> Run:
    """Rank correlation of measures (ticks, measures), by the share ``trust`` drawn towards none."""
    ranks = scaled.argsort(0).argsort(0).astype(np.float64)
    ranks -= ranks.mean(0)
    lengths = np.sqrt(np.square(ranks).sum(0))
    alike = ranks.T @ ranks / np.maximum(np.outer(lengths, lengths), 1e-12)
    constant = np.ptp(scaled, axis=0) == 0
    alike[constant] = alike[:, constant] = 0.0
    return np.asarray((1 - trust) * alike + np.diag(1 - (1 - trust) * np.diag(alike)))


def _peaks_of(
    levels: NDArray[Any], known: Known, floors: Run, around: int, unlike: Run
) -> tuple[NDArray[np.int64], Run, Run]:
    """Find the peaks of runs (measures, runs, ticks).

    Gives their ticks (runs,), the spreads without them and their surroundings, and each measure's part in the square of
    the departure at the peak, both (measures, runs).
    """
    measures, runs, ticks = levels.shape
    sizes = np.where(known[:, None], np.abs(levels), levels.dtype.type(np.inf))
    told = np.broadcast_to(known.sum(1)[:, None], (measures, runs))
    scaled = levels / _spreads(sizes, told, floors).astype(levels.dtype)[..., None]
    tops = np.square(_mix(np.linalg.cholesky(unlike).T.astype(np.float64), scaled)).sum(0).argmax(1)
    near = np.clip(tops[:, None] + np.arange(-around, around + 1), 0, ticks - 1)
    inside = np.zeros((runs, ticks), bool)
    np.put_along_axis(inside, near, values=True, axis=1)
    rest = told - (known @ inside.T.astype(np.int64))
    lost = rest == 0  # nothing is known but what is near the peak
    without = np.where(inside[None] & ~lost[..., None], levels.dtype.type(np.inf), sizes)
    spread = _spreads(without, np.where(lost, told, rest), floors)
    at = levels[:, np.arange(runs), tops] / spread
    return tops, spread, at * (unlike @ at)


def _mix(triangle: Run, values: NDArray[Any]) -> NDArray[Any]:
    """Multiply (n, n), half of it zeros, with (n, …), one row after the other: threads of a library would cost more."""
    made = np.zeros_like(values)
    part = np.empty_like(values[0])
    for row, column in zip(*np.nonzero(triangle), strict=True):
        made[row] += np.multiply(values[column], values.dtype.type(triangle[row, column]), out=part)
    return made


def _spreads(sizes: NDArray[Any], count: NDArray[np.int64], floors: Run) -> Run:
    """Robust spread of sizes (measures, runs, ticks), of which ``count`` are told and the others infinite."""
    ranked = np.sort(sizes, axis=-1)
    found = np.take_along_axis(ranked, np.maximum(count - 1, 0)[..., None] // 2, axis=-1)[..., 0]
    return np.asarray(np.maximum(SCALE * np.where(count > 0, found, 0.0).astype(np.float64), floors[:, None]))


class Model(NamedTuple):
    """How a run goes on: each measure's memory, and what comes anew at every tick.

    ``memory`` float64 (`ORDER`, measures); ``spread`` and ``freedom`` float64 (measures,), of Student's distribution;
    ``mixing`` float64 (measures, measures), which makes independent normal draws correlated.
    """

    memory: Run
    spread: Run
    freedom: Run
    mixing: Run


def fit_model(level: Run, rest: Known) -> Model:
    """Fit an autoregressive model to a run where it is told.

    Each measure has its own memory, fitted by least squares and mended for the bias of short runs (Kendall 1954). What
    comes anew has the tails that fit best (Student's distribution) and the measures' rank correlation.

    Parameters
    ----------
    level : np.ndarray [shape=(ticks, measures), dtype=float64]
    rest : np.ndarray [shape=(ticks, measures), dtype=bool]
        values to fit to: those where the `ORDER` ticks before are told, too
    """
    told = rest.copy()
    for back in range(1, ORDER + 1):
        told[back:] &= rest[:-back]
        told[:back] = False
    values = np.where(told, level, 0.0)
    past = np.stack([np.where(told, np.roll(level, back, 0), 0.0) for back in range(1, ORDER + 1)])
    squares = np.einsum("atm,btm->mab", past, past)
    found = (np.linalg.pinv(squares, hermitian=True) @ np.einsum("atm,tm->ma", past, values)[..., None])[..., 0]
    anew = values - np.einsum("atm,ma->tm", past, found)
    count = told.sum(0)
    memory = np.stack([_steady(one, int(n)) for one, n in zip(found, count, strict=True)], 1)
    spread, freedom = _fit_tails(anew, told)
    return Model(memory, spread, freedom, np.asarray(np.linalg.cholesky(_correlate(anew, DRAWN_TRUST)), np.float64))


def _fit_tails(anew: Run, told: Known) -> tuple[Run, Run]:
    """Spread and degrees of freedom of each column's likeliest Student's distribution about 0."""
    count = np.maximum(told.sum(0), 1)
    middle = np.array(
        [np.median(np.abs(own[known])) if known.any() else 0.0 for own, known in zip(anew.T, told.T, strict=True)]
    )
    square = np.square(anew)
    spread = np.maximum(np.where(middle > 0, SCALE * middle, np.sqrt(square.sum(0) / count)), 1e-12)
    best, chosen = np.full(len(spread), -np.inf), (spread.copy(), np.full(len(spread), TAILS[-1]))
    for freedom in TAILS:
        for _ in range(8 if freedom == TAILS[0] else 4):  # the likeliest spread, by iterated weights
            weights = (freedom + 1) / (freedom + square / np.square(spread))
            spread = np.maximum(np.sqrt((weights * square).sum(0) / count), 1e-12)
        likelihood = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - 0.5 * math.log(freedom * math.pi)
        each = np.log1p(square / np.square(spread) / freedom).sum(0) * (freedom + 1) / 2
        total = count * (likelihood - np.log(spread)) - each
        better = total > best
        best = np.where(better, total, best)
        chosen = (np.where(better, spread, chosen[0]), np.where(better, freedom, chosen[1]))
    some = square.any(0)
    return np.where(some, chosen[0], 0.0), np.where(some, chosen[1], TAILS[-1])


def draw_runs(model: Model, ticks: int, count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw runs from a model, float32 (measures, count, ticks)."""
    measures = len(model.spread)
    shape = (measures, SETTLE + ticks, count)
    runs = _mix(model.mixing * model.spread[:, None], rng.standard_normal(shape, np.float32))
    for measure in np.flatnonzero(model.freedom < TAILS[-1]):
        # chi squared over its degrees of freedom is twice a gamma of half of them
        half = np.float32(model.freedom[measure] / 2)
        width = rng.standard_gamma(half, shape[1:], np.float32)
        np.divide(half, width, out=width)
        runs[measure] *= np.sqrt(width, out=width)
    memory = np.repeat(model.memory.astype(np.float32), count, axis=1)
    flat = np.ascontiguousarray(runs.transpose(1, 0, 2)).reshape(shape[1], -1)
    part = np.empty_like(flat[0])
    for tick in range(1, shape[1]):
        for back in range(1, min(ORDER, tick) + 1):
            flat[tick] += np.multiply(memory[back - 1], flat[tick - back], out=part)
    return np.ascontiguousarray(flat[SETTLE:].reshape(ticks, measures, count).transpose(1, 2, 0))


def _steady(found: Run, count: int) -> Run:
    """Mend the memory for its bias, and keep it short of a walk that never comes back."""
    total = float(found.sum())
    wanted = min(total + (1 + 3 * max(total, 0.0)) / max(count, 1), 0.98)
    a, b = float(found[0]) + max(wanted - total, 0.0), float(np.clip(found[1], -0.98, 0.98))
    # of order two: steady where |b| < 1, a + b < 1 and b - a < 1
    return np.array([min(max(a, b - 0.98), 0.98 - b), b])
