"""Speech, music and silence, second by second, against composed truth.

``python benchmarks/sound/voices.py [--half build|judge] [--minutes 20]``

Sections of 6 to 14 s follow each other: speech, music or both, over noise or rain at several levels; noise, rain and a
whale alone; silence, as zeros and as a faint hiss. A second counts for a kind where half of it or more is of the kind.
"""

import argparse
import time
from collections import Counter
from typing import NamedTuple

import numpy as np
import polars as pl
from ingredients import RATE_HZ, Recordings, Sound, at_level, fade_in, noise, rain, speech

from punctum.measure import listen
from punctum.measure.bands import band_levels
from punctum.measure.sound import step_loudness, weighted_power
from punctum.pipeline.listening import Listener
from punctum.segment import find_sounds
from punctum.tables import FRAMES, HEARING, LOUDNESS, conform

PART_S = 30
ABOVE_DB = (20, 10, 5, 0)


class Section(NamedTuple):
    """A piece of composed sound, what is heard in it, and by how much that stands over the rest."""

    sound: Sound
    kinds: frozenset[str]
    above_db: int | None
    what: str


def compose(have: Recordings, random: np.random.Generator, seconds: float) -> list[Section]:
    """Compose sections of so many seconds in all."""
    made: list[Section] = []
    total = 0.0
    while total < seconds:
        length_s = float(random.uniform(6, 14))
        made.append(_section(have, random, length_s))
        total += length_s
    return made


def _section(have: Recordings, random: np.random.Generator, length_s: float) -> Section:
    count = round(length_s * RATE_HZ)
    loud = float(random.uniform(-32, -20))

    def tune() -> tuple[str, Sound]:
        if random.random() < 0.25:
            return "trumpet", np.resize(have.trumpet, count)
        start = int(random.integers(0, len(have.song) - count))
        return "song", have.song[start : start + count]

    def cover() -> tuple[str, Sound]:
        return ("rain", rain(random, length_s)) if random.random() < 0.5 else ("noise", noise(random, count))

    what = str(random.choice(["speech", "speech", "music", "music", "both", "cover", "zeros", "hiss", "whale"]))
    above = int(random.choice(ABOVE_DB))
    if what == "zeros":
        return Section(np.zeros(count), frozenset({"silence"}), None, what)
    if what == "hiss":
        level = float(random.uniform(-80, -66))
        return Section(at_level(noise(random, count), level), frozenset({"silence"}), None, what)
    if what == "cover":
        name, under = cover()
        return Section(fade_in(at_level(under, loud)), frozenset(), None, name)
    if what == "whale":
        start = int(random.integers(0, len(have.whale) - count))
        return Section(fade_in(at_level(have.whale[start : start + count], loud)), frozenset(), None, what)
    if what == "both":
        name, music = tune()
        said = at_level(speech(random, have.voices, length_s, 0.3), loud)
        mixed = said + at_level(music, loud - above)
        return Section(fade_in(mixed), frozenset({"speech", "music"}), above, f"speech over {name}")
    if what == "speech":
        own, kinds, name = at_level(speech(random, have.voices, length_s, 0.3), loud), frozenset({"speech"}), "speech"
    else:
        name, music = tune()
        own, kinds = at_level(music, loud), frozenset({"music"})
    behind, under = cover()
    return Section(fade_in(own + at_level(under, loud - above)), kinds, above, f"{name} in {behind}")


def hear(sound: Sound, listener: Listener) -> pl.DataFrame:
    """Find the sounds of a composed track, part by part, as a reading does."""
    samples = sound.astype(np.float32)
    tables = []
    finder = listener._finder()
    for start in range(0, len(samples), PART_S * RATE_HZ):
        begin, end = max(0, start - RATE_HZ // 2), min(start + PART_S * RATE_HZ, len(samples))
        steps, levels = band_levels(samples[None, begin:end], begin, start, end, RATE_HZ)
        heard = listen(samples[begin:end], begin, RATE_HZ, steps, finder)
        tables.append(conform(pl.DataFrame({"step": steps, **levels, **heard}), HEARING))
    power = weighted_power(samples[None], RATE_HZ, ("FC",))
    steps, loudness = step_loudness(power, 0, 0, len(samples), RATE_HZ)
    rows = conform(pl.DataFrame({"step": steps, "start_s": steps / 10, "loudness_lufs": loudness}), LOUDNESS)
    seconds = len(samples) / RATE_HZ
    count = round(seconds * 25)
    frames = conform(pl.DataFrame({"frame": np.arange(count), "time_s": np.arange(count) / 25}), FRAMES)
    return find_sounds(pl.concat(tables), rows, frames, seconds)


def by_second(sounds: pl.DataFrame, kind: str, seconds: int) -> np.ndarray:
    """Whether a kind lasts half of each second or more."""
    covered = np.zeros(seconds * 100, bool)
    for start_s, end_s in sounds.filter(pl.col("kind") == kind).select("start_s", "end_s").iter_rows():
        covered[round(start_s * 100) : round(end_s * 100)] = True
    return covered.reshape(seconds, 100).mean(axis=1) >= 0.5


def f1(found: np.ndarray, true: np.ndarray) -> tuple[float, float, float]:
    """F1, precision and recall; 1 where there is nothing to find and nothing found."""
    hits = int((found & true).sum())
    precision = hits / max(int(found.sum()), 1) if found.any() else 1.0
    recall = hits / max(int(true.sum()), 1) if true.any() else 1.0
    return (2 * precision * recall / (precision + recall) if precision + recall else 0.0), precision, recall


def main() -> None:
    """Compose, hear, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", default="judge", choices=("build", "judge"))
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    have, random = Recordings(asked.half), np.random.default_rng(asked.seed)
    sections = compose(have, random, asked.minutes * 60)
    sound = np.concatenate([section.sound for section in sections])
    began = time.process_time()
    sounds = hear(sound, Listener())
    spent = time.process_time() - began
    seconds = len(sound) // RATE_HZ
    bounds = np.cumsum([0] + [len(section.sound) for section in sections]) / RATE_HZ
    owner = np.clip(np.searchsorted(bounds, np.arange(seconds) + 0.5, side="right") - 1, 0, len(sections) - 1)
    print(f"{seconds} s composed of {asked.half} material; {1000 * spent / seconds:.1f} ms of processor time a second")
    for kind in ("speech", "music", "silence"):
        found = by_second(sounds, kind, seconds)
        true = np.array([kind in sections[at].kinds for at in owner])
        print(
            f"{kind}: F1 {f1(found, true)[0]:.3f} (precision {f1(found, true)[1]:.3f}, recall {f1(found, true)[2]:.3f})"
        )
        for least in (10, 5, 0):
            kept = np.array([(sections[at].above_db is None) or sections[at].above_db >= least for at in owner])
            print(f"   at +{least} dB and above, and what has none: F1 {f1(found[kept], true[kept])[0]:.3f}")
        wrong = Counter(sections[at].what for at in owner[found & ~true])
        missed = Counter(f"{sections[at].what} +{sections[at].above_db}" for at in owner[~found & true])
        print(f"   wrongly in {dict(wrong.most_common(6))}")
        print(f"   missed in {dict(missed.most_common(6))}")
    print({str(kind): count for kind, count in sounds["kind"].value_counts().iter_rows()})


if __name__ == "__main__":
    main()
