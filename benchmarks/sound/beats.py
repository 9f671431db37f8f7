"""How often a beat is found where there is none, and how well where there is one.

``python benchmarks/sound/beats.py [--half build|judge] [--minutes 60]``
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
from ingredients import (
    RATE_HZ,
    Recordings,
    Sound,
    at_level,
    clock,
    crowd,
    free_music,
    heart,
    noise,
    rain,
    speech,
    wipers,
)

from punctum.measure.bands import band_levels
from punctum.segment.beats import CHANCE, Beat, find_beats, rank_windows

STRETCH_S = 180.0
BANDS = ("low", "middle", "high", "top")


def levels(sound: Sound) -> dict[str, np.ndarray]:
    """Levels of the bands, as the table has them."""
    _, found = band_levels(sound.astype(np.float32)[None], 0, 0, len(sound), RATE_HZ)
    return {name: (values / 2 - 120.0).astype(np.float32) for name, values in found.items()}


def without_beat(have: Recordings, random: np.random.Generator) -> dict[str, Callable[[float], Sound]]:
    """Sounds in which nothing goes on."""
    air = 1e-4

    def quiet(sound: Sound) -> Sound:
        return sound + air * random.standard_normal(len(sound))

    def whale(seconds: float) -> Sound:
        whole = np.tile(have.whale, int(np.ceil(seconds * RATE_HZ / len(have.whale))) + 1)
        start = int(random.integers(0, len(have.whale)))
        return at_level(whole[start : start + round(seconds * RATE_HZ)], -25)

    return {
        "speech": lambda s: quiet(at_level(speech(random, have.voices, s), -25)),
        "rain": lambda s: at_level(rain(random, s), -30),
        "crowd": lambda s: at_level(crowd(random, have.voices, s), -28),
        "free music": lambda s: quiet(at_level(free_music(random, s), -24)),
        "speech in rain": lambda s: at_level(speech(random, have.voices, s), -25) + at_level(rain(random, s), -35),
        "speech over music": lambda s: (
            at_level(speech(random, have.voices, s), -24) + at_level(free_music(random, s), -32)
        ),
        "whale": whale,
        "noise": lambda s: at_level(noise(random, round(s * RATE_HZ)), -40),
    }


def false_alarms(have: Recordings, random: np.random.Generator, minutes: float) -> None:
    """Count the windows that pass by rank, and the beats that are told of."""
    kinds = without_beat(have, random)
    rounds = max(1, int(np.ceil(minutes * 60 / STRETCH_S / len(kinds))))
    print(f"without a beat: {rounds * len(kinds) * STRETCH_S / 60:.0f} minutes in stretches of {STRETCH_S:.0f} s")
    everything: list[float] = []
    told = stretches = 0
    for name, make in kinds.items():
        chances: list[float] = []
        beats: list[Beat] = []
        touched = 0
        for _ in range(rounds):
            made = levels(make(STRETCH_S))
            chances += rank_windows(made)
            found = find_beats(made)
            beats += found
            touched += bool(found)
        everything += chances
        told += touched
        stretches += rounds
        share = np.mean(np.array(chances) <= CHANCE)
        rare = [float(np.mean(np.array(chances) <= 10.0**-k)) for k in (2, 3, 4, 5, 6)]
        shown = [
            f"{b.period_s:.2f} s {b.band} {b.strength:.2f} {b.chance:.1g} {b.start / 50:.0f}-{b.end / 50:.0f}"
            for b in beats
        ]
        print(f"  {name:18s} windows at 5 %: {share:.3f}; at 1e-2.. {rare}; beats told: {shown}")
    print(f"  all: {np.mean(np.array(everything) <= CHANCE):.3f} of {len(everything)} windows pass at the 5 % level;")
    print(f"  a beat is told of in {told} of {stretches} stretches ({told / stretches:.3f})")


def with_beat(have: Recordings, random: np.random.Generator) -> None:
    """Hide beats under music, speech and rain and see whether they are found, with what period and extent."""
    print("with a beat: found, error of the period in per cent, error of the ends in s")
    beats: dict[str, Callable[[float, float], Sound]] = {
        "wipers": lambda s, p: wipers(random, s, p),
        "clock": lambda s, p: clock(random, s, p),
        "heart": lambda s, p: heart(s, p),
    }
    over: dict[str, Callable[[float], Sound]] = {
        "alone": lambda s: np.zeros(round(s * RATE_HZ)),
        "speech": lambda s: at_level(speech(random, have.voices, s), -25),
        "music": lambda s: at_level(free_music(random, s), -25),
        "speech + music": lambda s: (
            at_level(speech(random, have.voices, s), -25) + at_level(free_music(random, s), -30)
        ),
        "song": lambda s: at_level(np.resize(have.song, round(s * RATE_HZ)), -27),
        "rain": lambda s: at_level(rain(random, s), -35),
    }
    for name, make in beats.items():
        for above, cover in over.items():
            for under_db in (5, 10, 15):
                found, errors, ends = 0, [], []
                rounds = 3
                for _ in range(rounds):
                    period_s = float(random.uniform(0.7, 1.6))
                    length_s = float(random.uniform(20, 60))
                    start_s = float(random.uniform(20, 100 - length_s + 20))
                    made = cover(140.0) + 1e-4 * random.standard_normal(140 * RATE_HZ)
                    at = round(start_s * RATE_HZ)
                    piece = at_level(make(length_s, period_s), (-35 if above == "rain" else -25) - under_db)
                    made[at : at + len(piece)] += piece
                    mine = [
                        beat
                        for beat in find_beats(levels(made))
                        if beat.start / 50 < start_s + length_s
                        and beat.end / 50 > start_s
                        and abs(beat.period_s / period_s - 1) < 0.02
                    ]
                    if mine:
                        found += 1
                        best = max(mine, key=lambda beat: beat.end - beat.start)
                        errors.append(100 * abs(best.period_s / period_s - 1))
                        ends += [abs(best.start / 50 - start_s), abs(best.end / 50 - start_s - length_s)]
                said = f"{max(errors):.2f} % {np.median(ends):.1f} s (worst {max(ends):.1f})" if errors else ""
                print(f"  {name:8s} {above:15s} -{under_db:2d} dB: {found}/{rounds} {said}", flush=True)


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", default="judge", choices=("build", "judge"))
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--only", choices=("without", "with"))
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    have = Recordings(asked.half)
    began = time.process_time()
    if asked.only != "with":
        false_alarms(have, np.random.default_rng(asked.seed), asked.minutes)
    if asked.only != "without":
        with_beat(have, np.random.default_rng(asked.seed + 1))
    print(f"{time.process_time() - began:.0f} s of processor time")


if __name__ == "__main__":
    main()
