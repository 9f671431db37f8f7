"""How far a run of measures departs from itself, and how often chance brings about as much.

Conventions: a run is float64 (ticks, measures), evenly spaced in time; ``known`` is bool (ticks, measures), False where
a value is not known or does not count: it departs from nothing there. A departure is a robust distance: every
measure's distance from its median over its median absolute deviation, and of these the distance of Mahalanobis with
their rank correlation.

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

DRAWS, FIRST_DRAWS, ENOUGH = 199, 19, 5
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
    level = take_level(run[None], known, plans)
    unlike = _unlike(level[0][known.any(1)])
    ticks, departures, parts = _peaks_of(level, known, floors, around, unlike)
    at, size = int(ticks[0]), float(departures[0, ticks[0]])
    own = np.maximum(parts[0], 0.0)
    shares[told] = own / own.sum() if own.sum() > 0 else own
    rest = known & (np.abs(np.arange(len(run)) - at) > around)[:, None]
    chance = None
    if rest.any(1).sum() >= LEAST_TICKS and size > 0:
        model = fit_model(level[0], rest)
        rng = np.random.default_rng(seed)

        def draw(count: int) -> Known:
            runs = take_level(draw_runs(model, len(run), count, rng), known, plans)
            tops, peaks, _ = _peaks_of(runs, known, floors, around, unlike)
            return np.asarray(peaks[np.arange(count), tops] >= size)

        chance = _count_chance(draw, max(AT_ONCE // max(run.size, 1), 1))
    return Peak(at, size, departures[0], shares, chance)


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

    A batch is of pieces about as long: their numbers, ticks int64 (pieces, reach), and what is known (pieces, reach,
    measures).
    """

    measures: Pieces
    piece_of: Pieces
    batches: tuple[tuple[Pieces, Pieces, Known], ...]


def plan_pieces(known: Known, pieces: Pieces) -> tuple[Plan, ...]:
    """Lay out the pieces of (ticks, measures), stretches of ticks with one number, for `take_level`."""
    plans = []
    divisions, which = np.unique(pieces, axis=1, return_inverse=True)
    for division in range(divisions.shape[1]):
        measures = np.flatnonzero(which.ravel() == division)
        own = divisions[:, division]
        edges = np.flatnonzero(np.diff(own, prepend=own[0] - 1))
        lengths = np.diff(np.append(edges, len(own)))
        sizes = np.ceil(np.log2(lengths)).astype(np.int64)
        batches = []
        for size in np.unique(sizes):
            numbers = np.flatnonzero(sizes == size)
            reach = np.arange(int(lengths[numbers].max()))
            inside = reach < lengths[numbers, None]
            ticks = np.where(inside, edges[numbers, None] + reach, 0)
            batches.append((numbers, ticks, known[ticks][..., measures] & inside[..., None]))
        plans.append(Plan(measures, np.repeat(np.arange(len(edges)), lengths), tuple(batches)))
    return tuple(plans)


def take_level(runs: Drawn, known: Known, plans: tuple[Plan, ...]) -> Run:
    """Take its piece's median from every value of (runs, ticks, measures); what is not known becomes 0."""
    level = np.where(known, runs, runs.dtype.type(0))
    for measures, piece_of, batches in plans:
        medians = np.zeros((len(runs), piece_of[-1] + 1, len(measures)), runs.dtype)
        for numbers, ticks, told in batches:
            values = np.where(told, runs[:, ticks][..., measures], np.inf)
            values.sort(axis=2)
            count = told.sum(1)
            low, high = (
                np.take_along_axis(values, np.maximum(count - less, 0)[None, :, None] // 2, axis=2)[:, :, 0]
                for less in (1, 0)
            )
            medians[:, numbers] = np.where(count > 0, (low + np.where(count > 0, high, 0)) / 2, 0)
        level[..., measures] -= np.where(known[:, measures], medians[:, piece_of], 0)
    return level


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


def _spreads(sizes: Run, rest: Known, floors: Run) -> Run:
    """Robust spread of each measure where it is told: (runs, ticks, measures) -> (runs, measures); infinite nowhere."""
    ranked = np.sort(np.where(rest, sizes, np.inf), axis=1)
    count = rest.sum(1)[:, None]
    found = np.take_along_axis(ranked, np.maximum(count - 1, 0) // 2, axis=1)[:, 0]
    return np.asarray(np.maximum(SCALE * np.where(count[:, 0] > 0, found, 0.0), floors))


def _peaks_of(
    levels: NDArray[Any], known: Known, floors: Run, around: int, unlike: Run
) -> tuple[NDArray[np.int64], Run, Run]:
    """Give the peaks' ticks (runs,), departures (runs, ticks) and each measure's part in the peaks (runs, measures)."""
    everywhere = np.broadcast_to(known, levels.shape)
    sizes = np.abs(levels)

    def squared(spread: Run) -> tuple[Run, Run]:
        scaled = levels / spread[:, None]
        parts = scaled * (scaled @ unlike)
        return parts.sum(2), parts

    first, _ = squared(_spreads(sizes, everywhere, floors))
    ticks = first.argmax(1)
    apart = np.abs(np.arange(levels.shape[1])[None] - ticks[:, None]) > around
    rest = everywhere & apart[..., None]
    rest = np.where(rest.any(1, keepdims=True), rest, everywhere)
    departures, parts = squared(_spreads(sizes, rest, floors))
    return ticks, np.sqrt(np.maximum(departures, 0.0)), parts[np.arange(len(ticks)), ticks]


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
    ticks, measures = level.shape
    memory, anew, fits = np.zeros((ORDER, measures)), np.zeros((ticks, measures)), []
    for measure in range(measures):
        at = np.flatnonzero(told[:, measure])
        past = np.stack([level[at - back, measure] for back in range(1, ORDER + 1)], 1)
        found = np.linalg.lstsq(past, level[at, measure], rcond=None)[0] if past.any() else np.zeros(ORDER)
        anew[at, measure] = level[at, measure] - past @ found
        memory[:, measure] = _steady(found, len(at))
        fits.append(_fit_tails(anew[at, measure]))
    spread, freedom = np.array(fits).T
    return Model(memory, spread, freedom, np.asarray(np.linalg.cholesky(_correlate(anew, DRAWN_TRUST)), np.float64))


def _fit_tails(anew: Run) -> tuple[float, float]:
    """Spread and degrees of freedom of the likeliest Student's distribution about 0."""
    if not anew.size or not anew.any():
        return 0.0, TAILS[-1]
    middle = float(np.median(np.abs(anew)))
    start = SCALE * middle if middle > 0 else float(anew.std())
    best, spread = (-math.inf, start, TAILS[-1]), start
    for freedom in TAILS:
        for _ in range(8 if freedom == TAILS[0] else 4):  # the likeliest spread, by iterated weights
            weights = (freedom + 1) / (freedom + np.square(anew / spread))
            spread = max(math.sqrt(float((weights * np.square(anew)).mean())), 1e-12)
        likelihood = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - 0.5 * math.log(freedom * math.pi)
        each = likelihood - math.log(spread) - (freedom + 1) / 2 * np.log1p(np.square(anew / spread) / freedom)
        best = max(best, (float(each.sum()), spread, freedom))
    return best[1], best[2]


def draw_runs(model: Model, ticks: int, count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw runs from a model, float32 (count, ticks, measures)."""
    measures = len(model.spread)
    runs = np.zeros((SETTLE + ticks, count, measures), np.float32)
    anew = rng.standard_normal((SETTLE + ticks, count, measures), np.float32) @ model.mixing.T.astype(np.float32)
    anew *= model.spread.astype(np.float32)
    heavy = np.flatnonzero(model.freedom < TAILS[-1])
    for measure in heavy:  # chi squared over its degrees of freedom is twice a gamma of half of them
        half = model.freedom[measure] / 2
        anew[..., measure] /= np.sqrt(rng.standard_gamma(half, anew.shape[:2], np.float32) / np.float32(half))
    memory = model.memory.astype(np.float32)
    for tick in range(SETTLE + ticks):
        runs[tick] = anew[tick]
        for back in range(1, min(ORDER, tick) + 1):
            runs[tick] += memory[back - 1] * runs[tick - back]
    return runs[SETTLE:].transpose(1, 0, 2)


def _steady(found: Run, count: int) -> Run:
    """Mend the memory for its bias, and keep it short of a walk that never comes back."""
    total = float(found.sum())
    wanted = min(total + (1 + 3 * max(total, 0.0)) / max(count, 1), 0.98)
    a, b = float(found[0]) + max(wanted - total, 0.0), float(np.clip(found[1], -0.98, 0.98))
    # of order two: steady where |b| < 1, a + b < 1 and b - a < 1
    return np.array([min(max(a, b - 0.98), 0.98 - b), b])
