"""How often moments and ending differences are found where there is none.

``python benchmarks/chance/moments.py [COUNT]``

Moments: scenes of 60 to 180 s without any, six measures that stir together: noise without and with memory, with heavy
tails, and shots in random order, each at a level of its own. Endings: films whose scenes are alike but for chance, the
last set beside the others; films whose shot lengths are shuffled, the last tenth set beside the rest. The share
found should be the level, within what so many can tell.
"""

import sys

import numpy as np

from punctum.reading.chance import rotate_dominance, tail_chance
from punctum.reading.moments import BEYOND
from punctum.reading.row import share_below
from punctum.reading.runs import AROUND_S, TICK_S
from punctum.reading.surprise import find_peak
from punctum.reading.windows import stand_among

MEASURES = 6
LEVEL = 0.05


def draw(rng: np.random.Generator, ticks: int, memory: float, freedom: float = np.inf) -> np.ndarray:
    """Noise that remembers; its innovations have Student's tails of so many degrees of freedom."""
    mixing = np.eye(MEASURES) + 0.3 * rng.normal(size=(MEASURES, MEASURES))
    anew = rng.normal(size=(ticks + 100, MEASURES)) @ mixing.T
    if np.isfinite(freedom):
        anew *= np.sqrt(freedom / rng.chisquare(freedom, anew.shape))
    run = np.zeros_like(anew)
    for tick in range(1, len(run)):
        run[tick] = memory * run[tick - 1] + anew[tick]
    return run[100:]


def draw_pieces(rng: np.random.Generator, ticks: int) -> np.ndarray:
    """Number of the shot of each tick; lengths are lognormal, of 4 s in the middle."""
    lengths = np.maximum(np.rint(np.exp(rng.normal(np.log(16), 0.7, ticks))), 2).astype(int)
    return np.repeat(np.arange(ticks), lengths)[:ticks]


def moment_share(count: int, memory: float, freedom: float, shots: bool, salt: int) -> float:
    """Share of scenes in which a moment is found."""
    found = 0
    for seed in range(count):
        rng = np.random.default_rng([seed, salt])
        ticks = int(rng.integers(240, 720))
        run, pieces = draw(rng, ticks, memory, freedom), np.zeros(ticks, int)
        if shots:
            pieces = draw_pieces(rng, ticks)
            run += 3 * rng.normal(size=(pieces.max() + 1, MEASURES))[pieces]
        numbers = np.repeat(pieces[:, None], MEASURES, 1)
        floors = np.full(MEASURES, 1e-6)
        peak = find_peak(run, np.ones(run.shape, bool), floors, round(AROUND_S / TICK_S), numbers, seed)
        found += peak is not None and peak.chance is not None and peak.chance <= BEYOND
    return found / count


def scene_share(count: int) -> float:
    """Share of films whose ending lies in the outer 5 % of their scenes, by one measure."""
    found = 0
    for seed in range(count):
        rng = np.random.default_rng([seed, 21])
        lengths = np.maximum(np.exp(rng.normal(np.log(80), 0.5, int(rng.integers(60, 120)))), 10)
        ends = np.cumsum(lengths)
        at_s = np.arange(int(ends[-1]), dtype=np.float64)
        own = np.minimum(np.searchsorted(ends, at_s, side="right"), len(ends) - 1)
        values = rng.normal(size=len(ends))[own] + 0.3 * rng.normal(size=len(at_s))
        spans = list(zip(np.concatenate([[0.0], ends[:-1]]), ends, strict=True))
        among = stand_among(at_s, values, *spans[-1], lambda part: float(np.median(part)), spans[:-1])
        assert among is not None
        assert among.scenes
        below = share_below(among.value, among.others)
        found += min(below, 1 - below) <= LEVEL / 2
    return found / count


def cutting_share(count: int, dominance: bool) -> float:
    """Share of films of shuffled shots whose last tenth is cut as differently as one in twenty."""
    found = told = 0
    for seed in range(count):
        rng = np.random.default_rng([seed, 22])
        lengths = np.exp(rng.normal(1.4, 0.9, int(rng.integers(200, 1500))))
        chance = tail_chance(lengths, 0.1, rotate_dominance) if dominance else tail_chance(lengths, 0.1)
        told += chance is not None
        found += chance is not None and chance <= LEVEL
    return found / max(told, 1)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    error = 1.96 * np.sqrt(LEVEL * (1 - LEVEL) / count)
    print(
        f"level {LEVEL}, {count} each: 95 % of shares lie within {LEVEL} ± {error:.3f}",
        "\n\n| without anything | found |\n|---|---|",
    )
    kinds = (
        ("moments: white noise", 0.0, np.inf, False),
        ("moments: noise, memory 0.5 of a tick", 0.5, np.inf, False),
        ("moments: noise, memory 0.8", 0.8, np.inf, False),
        ("moments: noise, memory 0.95", 0.95, np.inf, False),
        ("moments: heavy tails (Student, 4 degrees), memory 0.5", 0.5, 4.0, False),
        ("moments: shots in random order, memory 0.5 within", 0.5, np.inf, True),
    )
    for salt, (name, memory, freedom, shots) in enumerate(kinds):
        print(f"| {name} | {moment_share(count, memory, freedom, shots, salt):.3f} |", flush=True)
    print(f"| endings: scenes alike but for chance | {scene_share(count):.3f} |", flush=True)
    print(f"| endings: shots shuffled, average length of the last tenth | {cutting_share(count, False):.3f} |")
    print(f"| endings: shots shuffled, Cliff's d of the last tenth | {cutting_share(count, True):.3f} |")


if __name__ == "__main__":
    main()
