"""Beats that go on: a wiper, a clock, a heart, an engine, a loop of music.

Conventions: a band's level is a row of decibels, ``RATE_HZ`` a second, and is looked at in windows of four lengths,
for periods of which the window holds eight or more. The slow trend is taken away, over twice the longest period, and
what lies 45 dB under the window's top counts as no lower. A beat's *strength* is the mean of the autocorrelation one,
two, three and four periods on: a chance likeness at one lag is not repeated at the others.

*Chance.* The strongest of all periods searched is ranked among the strongest of as many shufflings. To shuffle, the
window is cut at its onsets, and what is longer than half the shortest period once more at random: the pieces of an
even ticking are all alike and in any order would tick on. The pieces, taken in random order, keep their attacks and
decays. (Shuffling phases leaves an autocorrelation as it is; shuffling samples makes all speech a beat.) Two hundred
shufflings tell chances down to 1/201; the chance of anything rarer is that of a Gumbel distribution, as of largest
values, with their mean and spread. It is then multiplied by the number of windows and bands searched in the film.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]

RATE_HZ = 50
"""Levels a second: steps of the table ``hearing``."""

SHUFFLINGS = 200
FIRST_SHUFFLINGS, ENOUGH_ABOVE = 40, 4
"""Where so many of the first are above the real one, its chance is known well enough (Besag and Clifford 1991)."""

CHANCE = 0.05
"""A beat is told of where its chance is no greater."""

LEAST_PERIODS = 8
MULTIPLES = 4
RANGE_DB = 45.0
LOWEST_DB = -90.0
FLAT_DB = 0.3
"""A window whose level spreads less than this holds nothing to be periodic."""

PIECE, SMOOTH = 0.5, 0.25
"""The longest piece of a shuffling, and the time over which a level is smoothed before its onsets are sought, both as
a share of the shortest period searched."""

LEAST_STRENGTH = 0.1
LEAST_S = 4.0
FLUTTER_S = 0.3
"""A beat lasts eight periods and four seconds at least. Two tones that beat, a vibrato and a purr are faster than this
and live in one band; an engine shakes two."""

LARGEST_PART = 16
FAR_MULTIPLES = 16
"""So many periods on, the period is told to a thousandth."""

NOISE = 0.25
"""Spread of the strength of noise over one period; over n it is this by the root of n."""

CERTAIN = -20.0
"""Where the logarithms of two chances are both below this, the stronger beat counts."""

TAIL = 1.5
"""Shufflings are somewhat too orderly: on speech and music without a beat, chances of 1/1000 by the distribution are
met five times as often, of 1/10,000 twenty times. With a spread this much greater they are met as often as they say
(``benchmarks/sound/beats.py``)."""

SAME = 0.02
"""Periods this near, as a share, are one."""


class Scale(NamedTuple):
    """How long a window is, the periods looked for in it, and what is too weak to be ranked."""

    window_s: float
    least_s: float
    most_s: float
    weak: float


SCALES = (
    Scale(6.0, 0.12, 0.3, 0.2),
    Scale(8.0, 0.3, 0.75, 0.2),
    Scale(20.0, 0.75, 1.9, 0.15),
    Scale(40.0, 1.9, 5.0, 0.15),
)


@dataclass(frozen=True)
class Beat:
    """A beat that goes on, from level ``start`` up to ``end``; ``log_chance`` is the natural logarithm."""

    start: int
    end: int
    period_s: float
    strength: float
    log_chance: float
    band: str

    @property
    def chance(self) -> float:
        """Probability of one as strong anywhere in so much sound without a beat."""
        return math.exp(min(self.log_chance, 0.0))


class _Seed(NamedTuple):
    log_chance: float
    start: int
    end: int
    period: float


def find_beats(bands: Mapping[str, Values], tests: int | None = None) -> list[Beat]:
    """Find the beats that go on in an unbroken run of sound.

    Parameters
    ----------
    bands : mapping of np.ndarray [shape=(n,), dtype=float32]
        level of each band in dB, 50 a second
    tests : int or None
        number of windows that chance is corrected for; None is that of this run

    Returns
    -------
    list of Beat
        in order; of beats in several bands with one period, or with multiples of one, the least likely by chance
    """
    tests = count_tests(len(next(iter(bands.values()), ())), len(bands)) if tests is None else tests
    found: list[Beat] = []
    for number, (band, level) in enumerate(bands.items()):
        limited = np.maximum(level.astype(np.float32), np.float32(LOWEST_DB))
        ranked = (seed for index, scale in enumerate(SCALES) for seed in _rank(limited, scale, (number, index)))
        corrected = (seed._replace(log_chance=seed.log_chance + math.log(max(tests, 1))) for seed in ranked)
        seeds = sorted(seed for seed in corrected if seed.log_chance <= math.log(CHANCE))
        own: list[Beat] = []
        for seed in seeds:
            inside = [beat for beat in own if _shared(beat.start, beat.end, seed.start, seed.end) > 0.5]
            if any(_related(beat.period_s, seed.period / RATE_HZ) for beat in inside):
                continue
            beat = _grow(limited, seed, band)
            if beat is not None:
                own.append(beat)
        found += own
    found = [beat for beat in found if beat.period_s >= FLUTTER_S or _is_echoed(beat, found)]
    return sorted(_strongest(found), key=lambda beat: (beat.start, beat.end))


def count_tests(steps: int, bands: int) -> int:
    """Windows that are searched in so many steps of so many bands; they overlap by half, and count half."""
    return bands * sum(-(-len(list(_windows(steps, scale))) // 2) for scale in SCALES)


def _windows(steps: int, scale: Scale) -> Iterator[tuple[int, int]]:
    """Windows that overlap by half; the last ends with the sound."""
    size = round(scale.window_s * RATE_HZ)
    if steps < size:
        return
    yield from ((start, start + size) for start in range(0, steps - size, size // 2))
    yield steps - size, steps


def rank_windows(bands: Mapping[str, Values]) -> list[float]:
    """Give the chance of each window's strongest period, uncorrected: what there is to calibrate."""
    return [
        math.exp(seed.log_chance)
        for number, level in enumerate(bands.values())
        for index, scale in enumerate(SCALES)
        for seed in _rank(np.maximum(level.astype(np.float32), np.float32(LOWEST_DB)), scale, (number, index))
    ]


def _rank(level: Values, scale: Scale, key: tuple[int, int]) -> Iterator[_Seed]:
    """Rank the strongest period of each window; of a flat or a weak one the logarithm of the chance is 0."""
    periods = _periods(scale)
    reach = math.ceil(periods[-1] * MULTIPLES) + 2
    for start, end in _windows(len(level), scale):
        ready = prepare_level(level[start:end], scale)
        if ready is None:
            yield _Seed(0.0, start, end, 0.0)
            continue
        strength, at = _peaks(_comb(_autocorrelation(ready[None], reach), periods))
        real = float(strength[0])
        if real < scale.weak:
            yield _Seed(0.0, start, end, 0.0)
            continue
        random = np.random.default_rng([start, *key])
        chances = np.zeros(0, np.float32)
        for count in (FIRST_SHUFFLINGS, SHUFFLINGS - FIRST_SHUFFLINGS):
            shuffled = _shuffle(ready, scale.least_s * RATE_HZ, random, count)
            found = _peaks(_comb(_autocorrelation(shuffled, reach), periods))[0]
            chances = np.concatenate([chances, found])
            if (chances >= real).sum() >= ENOUGH_ABOVE:
                break
        yield _Seed(log_chance_of(real, chances), start, end, float(periods[at[0]]))


def prepare_level(level: Values, scale: Scale) -> Values | None:
    """Bring a window's level to mean 0 and spread 1, without its depths and its slow trend; None where it is flat."""
    limited = np.maximum(level, np.percentile(level, 99) - RANGE_DB)
    flat = _without_trend(limited, round(2 * scale.most_s * RATE_HZ))
    spread = float(flat.std())
    return None if spread < FLAT_DB else (flat / spread).astype(np.float32)


def _without_trend(level: Values, width: int) -> Values:
    total = np.concatenate([[0.0], np.cumsum(level, dtype=np.float64)])
    at = np.arange(len(level))
    low, high = np.maximum(at - width // 2, 0), np.minimum(at + width // 2 + 1, len(level))
    return np.asarray(level - (total[high] - total[low]) / (high - low), np.float32)


def _periods(scale: Scale) -> NDArray[np.float64]:
    """Periods that are searched, in steps, one per cent apart."""
    count = round(math.log(scale.most_s / scale.least_s) / 0.01)
    return np.asarray(np.geomspace(scale.least_s, scale.most_s, count + 1) * RATE_HZ)


def _autocorrelation(rows: Values, reach: int) -> Values:
    """Correlation of each row with itself, 0 to ``reach`` steps on: of what overlaps, by its own energy."""
    count = rows.shape[1]
    reach = min(reach, count - count // 5)
    size = cv2.getOptimalDFTSize(count + reach)
    size += size % 2
    padded = np.zeros((len(rows), size), np.float32)
    padded[:, :count] = rows
    packed = np.square(cv2.dft(padded, flags=cv2.DFT_ROWS))  # Re 0, Re 1, Im 1, Re 2, Im 2, ...
    packed[:, 1:-1:2] += packed[:, 2:-1:2]
    packed[:, 2:-1:2] = 0
    products = cv2.idft(packed, flags=cv2.DFT_ROWS | cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT)[:, : reach + 1]
    energy = np.cumsum(np.square(rows, dtype=np.float64), axis=1)
    lags = np.arange(reach + 1)
    head = energy[:, count - 1 - lags]
    tail = energy[:, -1:] - np.concatenate([np.zeros((len(rows), 1)), energy[:, :reach]], axis=1)
    return np.asarray(products / np.sqrt(np.maximum(head * tail, 1e-9)), np.float32)


def _comb(correlation: Values, periods: NDArray[np.float64]) -> Values:
    """Mean of the autocorrelation at the first multiples of each period, each the greatest of three lags there."""
    best = correlation.copy()
    best[:, 1:-1] = np.maximum(np.maximum(correlation[:, :-2], correlation[:, 1:-1]), correlation[:, 2:])
    made = np.zeros((len(correlation), len(periods)), np.float32)
    for multiple in range(1, MULTIPLES + 1):
        at = periods * multiple
        low = np.minimum(at.astype(np.int64), correlation.shape[1] - 2)
        share = np.minimum(at - low, 1.0).astype(np.float32)
        made += best[:, low] * (1 - share) + best[:, low + 1] * share
    return np.asarray(made / MULTIPLES, np.float32)


def _peaks(comb: Values) -> tuple[Values, NDArray[np.int64]]:
    """Height and place of each row's highest peak: a period at either end of those searched is none."""
    inner = comb[:, 1:-1]
    peak = (inner >= comb[:, :-2]) & (inner >= comb[:, 2:])
    heights = np.where(peak, inner, np.float32(-1))
    at = heights.argmax(axis=1)
    return heights[np.arange(len(comb)), at], at + 1


def find_onsets(level: Values) -> NDArray[np.int64]:
    """Steps at which a level of spread 1 rises steepest, by its spread or more within 40 ms."""
    rise = np.zeros(len(level), np.float32)
    rise[1:-1] = level[2:] - level[:-2]
    peak = (rise[1:-1] > rise[:-2]) & (rise[1:-1] >= rise[2:]) & (rise[1:-1] > rise.std())
    return np.flatnonzero(peak) + 1


def _shuffle(level: Values, least: float, random: np.random.Generator, rows: int) -> Values:
    """Shufflings of a window, as the module's head says, for periods of ``least`` steps and more."""
    count = len(level)
    longest = max(4, round(PIECE * least))
    width = max(1, round(SMOOTH * least))
    smooth = np.convolve(level, np.ones(width) / width, "same").astype(np.float32) if width > 1 else level
    onsets = np.concatenate([[0], find_onsets(smooth), [count]])
    made = np.empty((rows, count), np.float32)
    for row in made:
        # random cuts so dense that hardly a piece is longer, kept only where the last cut is half as far away
        extra = np.cumsum(random.integers(longest // 2 + 1, longest + 1, 2 * count // longest + 2))
        extra = extra[extra < count]
        before = onsets[np.searchsorted(onsets, extra, side="right") - 1]
        extra = extra[extra - before >= longest // 2]
        edges = np.unique(np.concatenate([onsets, extra]))
        starts, lengths = edges[:-1], np.diff(edges)
        order = random.permutation(len(starts))
        lengths = lengths[order]
        shift = starts[order] - (np.cumsum(lengths) - lengths)
        np.take(level, np.arange(count) + np.repeat(shift, lengths), out=row)
    return made


def log_chance_of(real: float, shuffled: Values) -> float:
    """Logarithm of the chance of a value at least as high, by rank or, above all, by the Gumbel distribution."""
    above = int((shuffled >= real).sum())
    if above:
        return math.log((1 + above) / (1 + len(shuffled)))
    spread = float(shuffled.std(dtype=np.float64)) * math.sqrt(6) / math.pi
    if spread <= 0:
        return -math.log(1 + len(shuffled))
    middle = float(shuffled.mean(dtype=np.float64)) - 0.5772156649 * spread
    # log(1 - exp(-exp(-z))), which is -z for large z
    z = (real - middle) / (TAIL * spread)
    return min(math.log(-math.expm1(-math.exp(-z))) if z < 30 else -z, -math.log(1 + len(shuffled)))


def _grow(level: Values, seed: _Seed, band: str) -> Beat | None:
    """Find since when and until when a beat goes on, and its period over all that time."""
    period = seed.period
    start, end = seed.start, seed.end
    for _ in range(2):
        start, end = _extent(level, period, start, end)
        if end - start < _least(period):
            return None
        period, strength = _refine(level[start:end], period)
    if end - start < _least(period) or strength < LEAST_STRENGTH:
        return None
    return Beat(start, end, period / RATE_HZ, strength, seed.log_chance, band)


def _least(period: float) -> float:
    """Steps that a beat lasts at least; its ends are not known to the period."""
    return max(0.95 * LEAST_PERIODS * period, LEAST_S * RATE_HZ)


def _extent(level: Values, period: float, start: int, end: int) -> tuple[int, int]:
    """Steps between which each cycle is like those before or after it, around the window where the beat was found."""
    width = round(2 * MULTIPLES * period)
    low, high = max(0, start - 8 * RATE_HZ * 60), min(len(level), end + 8 * RATE_HZ * 60)
    here = level[low:high]
    flat = _without_trend(np.maximum(here, np.percentile(level[start:end], 99) - RANGE_DB), width)
    smooth = np.convolve(flat, [0.25, 0.5, 0.25], "same").astype(np.float32)
    after, before = _like(smooth, period), tuple(x[::-1] for x in _like(smooth[::-1], period))
    likeness, shared = (np.maximum(x, y) for x, y in zip(after, before, strict=True))
    inside = slice(start - low, end - low)
    core = likeness[inside]
    if not len(core):
        return start, start
    usual, much = (float(np.percentile(x[inside], 70)) for x in (likeness, shared))
    on = (likeness >= max(0.5 * usual, 0.05)) & (shared >= 0.4 * much)
    # gaps of four periods do not end a beat
    places = np.flatnonzero(on)
    if not len(places):
        return start, start
    breaks = np.flatnonzero(np.diff(places) > round(MULTIPLES * period))
    firsts, lasts = np.concatenate([[0], breaks + 1]), np.concatenate([breaks, [len(places) - 1]])
    spans = [(int(places[a]) + low, int(places[b]) + 1 + low) for a, b in zip(firsts, lasts, strict=True)]
    return max(spans, key=lambda span: min(span[1], end) - max(span[0], start))


def _like(level: Values, period: float) -> tuple[Values, Values]:
    """How like each instant is to the mean of those one, two and three periods on, over the four periods around.

    Returns the correlation, which tells how like, and the covariance, which does not spread beyond a beat's ends.
    """
    count = len(level)
    later = np.zeros(count, np.float32)
    for multiple in (1, 2, 3):
        lag = min(round(multiple * period), count)
        later[: count - lag] += level[lag:] / 3
    width = min(max(round(MULTIPLES * period), 3), count)
    kernel = np.ones(width, np.float32) / width
    both, own, other = (np.convolve(x, kernel, "same") for x in (level * later, level * level, later * later))
    return np.asarray(both / np.sqrt(np.maximum(own * other, 1e-6)), np.float32), np.asarray(both, np.float32)


def _refine(level: Values, period: float) -> tuple[float, float]:
    """Period and strength over a whole beat: the shortest of the fractions of the period that is as strong."""
    ready = prepare_level(level, Scale(0.0, 0.0, period * 1.2 / RATE_HZ, 0.0))
    if ready is None:
        return period, 0.0
    far = max(MULTIPLES, min(FAR_MULTIPLES, int(len(level) / 2 / period)))
    correlation = _autocorrelation(ready[None], math.ceil(far * period * 1.03) + 3)
    near = np.linspace(0.97, 1.03, 25)
    best, strength = period, float(_comb(correlation, np.array([period]))[0, 0])
    # what the strength of noise spreads by, over so long a time
    doubt = 2 * NOISE * math.sqrt(period / len(level))
    for part in range(min(LARGEST_PART, int(period / 5)), 1, -1):
        shorter = period / part * near
        comb = _comb(correlation, shorter)[0]
        at = int(comb.argmax())
        if part > MULTIPLES:  # what is alike from one instant to the next is so at any short period
            between = sum(_between(correlation[0], shorter[at : at + 1] * (k + 0.5)) for k in range(MULTIPLES))
            if float(np.asarray(between)[0]) > 0.5 * MULTIPLES * comb[at] or comb[at] < 0.9 * strength:
                continue
        if comb[at] >= min(0.9 * strength, strength - doubt):
            best, strength = float(shorter[at]), float(comb[at])
            break
    # the further multiples tell the period more exactly
    multiple = MULTIPLES
    while True:
        multiple = min(2 * multiple, max(MULTIPLES, int((correlation.shape[1] - 3) / best / 1.02)))
        fine = best * (1 + np.linspace(-0.1, 0.1, 81) / multiple * MULTIPLES / 2)
        comb = sum(_between(correlation[0], fine * k) for k in range(1, multiple + 1))
        best = float(fine[np.asarray(comb).argmax()])
        if multiple * 2 > (correlation.shape[1] - 3) / best / 1.02:
            return best, max(0.0, float(_comb(correlation, np.array([best]))[0, 0]))


def _between(row: Values, at: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.interp(at, np.arange(len(row)), row))


def _is_echoed(beat: Beat, beats: list[Beat]) -> bool:
    """Whether another band has a beat of a related period at the same time."""
    return any(
        other.band != beat.band
        and _shared(beat.start, beat.end, other.start, other.end) > 0.5
        and _related(beat.period_s, other.period_s)
        for other in beats
    )


def _shared(a_start: int, a_end: int, b_start: int, b_end: int) -> float:
    """Share of the shorter of two spans that lies in the other."""
    return max(0, min(a_end, b_end) - max(a_start, b_start)) / max(1, min(a_end - a_start, b_end - b_start))


def _related(a_s: float, b_s: float) -> bool:
    """Whether one period is the other, or a small multiple of it or of its half or third."""
    ratio = max(a_s, b_s) / min(a_s, b_s)
    return any(abs(ratio * part - round(ratio * part)) <= SAME * ratio * part for part in (1, 2, 3))


def _strongest(beats: list[Beat]) -> list[Beat]:
    """Of beats that overlap and whose periods are related, the least likely by chance, with the extent of all alike."""
    kept: list[Beat] = []
    for beat in sorted(beats, key=lambda each: (max(each.log_chance, CERTAIN), -each.strength)):
        for number, other in enumerate(kept):
            if _shared(beat.start, beat.end, other.start, other.end) > 0.5 and _related(beat.period_s, other.period_s):
                if abs(beat.period_s / other.period_s - 1) <= SAME and beat.strength > 0.5 * other.strength:
                    start, end = min(beat.start, other.start), max(beat.end, other.end)
                    kept[number] = replace(other, start=start, end=end)
                break
        else:
            kept.append(beat)
    return kept
