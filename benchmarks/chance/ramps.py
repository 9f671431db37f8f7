"""How often build-ups are found where there is none: ``python benchmarks/chance/ramps.py [SERIES]``.

Series of 20 to 120 minutes: white noise, stationary noise with memory, and films whose shots lie in random order
(lengths lognormal, each shot with a level of its own). ``any`` is the share of series in which anything is found; it
should be the level or less, within what so many series can tell. Below, ramps that are there: how often they are found.
"""

import sys

import numpy as np
from scipy.signal import lfilter

from punctum.reading.ramps import LEVEL, find_ramps, normal_scores


def draw_shots(rng: np.random.Generator, n: int) -> np.ndarray:
    """Number of the shot of each second; lengths are lognormal."""
    lengths = np.maximum(np.rint(np.exp(rng.normal(np.log(5), 0.8, n))), 1).astype(int)
    return np.repeat(np.arange(n), lengths)[:n]


def memory(rng: np.random.Generator, n: int, seconds: float) -> np.ndarray:
    """Noise that forgets all but 1/e of itself in so many seconds."""
    shocks = rng.normal(size=n + 500)
    if seconds == 0:
        return shocks[500:]
    return lfilter([1.0], [1.0, -np.exp(-1 / seconds)], shocks)[500:]


def shuffled(rng: np.random.Generator, shot: np.ndarray) -> np.ndarray:
    """Each shot at a level of its own, the longer the lower, with noise in it."""
    length = np.bincount(shot)
    level = rng.normal(size=len(length)) - 0.3 * np.log(np.maximum(length, 1))
    return level[shot] + 0.5 * rng.normal(size=len(shot))


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    kinds = {
        "white noise": lambda rng, shot: memory(rng, len(shot), 0),
        "noise, memory of 3 s": lambda rng, shot: memory(rng, len(shot), 3),
        "noise, memory of 15 s": lambda rng, shot: memory(rng, len(shot), 15),
        "shots in random order": shuffled,
    }
    error = 1.96 * np.sqrt(LEVEL * (1 - LEVEL) / count)
    print(f"level {LEVEL}, {count} series each, 95 % of counts lie within {LEVEL} ± {error:.3f}")
    for name, draw in kinds.items():
        found = 0
        for seed in range(count):
            rng = np.random.default_rng([seed, len(name)])
            shot = draw_shots(rng, int(rng.integers(1200, 7200)))
            found += bool(find_ramps(normal_scores(draw(rng, shot)), shot, seed=seed))
        print(f"{name:24} any {found / count:.3f}")
    for rise in (1.0, 1.5, 2.0):
        for length in (60, 180, 400):
            hit = 0
            for seed in range(count // 8):
                rng = np.random.default_rng([seed, 99])
                n = int(rng.integers(3000, 7200))
                at = int(rng.integers(0, n - 2 * length))
                values = memory(rng, n, 3)
                values /= values.std()
                values[at : at + length] += np.linspace(0, rise, length)
                values[at + length : at + length + length // 2] += np.linspace(rise, 0, length // 2)
                ramps = find_ramps(normal_scores(values), draw_shots(rng, n), seed=seed)
                hit += any(r.sign > 0 and min(r.end, at + length) - max(r.start, at) > 0.5 * length for r in ramps)
            print(f"rise of {rise} spreads in {length:3} s: found {hit / (count // 8):.2f}")


if __name__ == "__main__":
    main()
