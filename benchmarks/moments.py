"""Moments: planted ones found, none where there is none, and the tear of *Windscreen* in other circumstances.

``python benchmarks/moments.py drawn [COUNT]``: scenes of one shot, six measures that remember and stir together, 60 to
180 s long; in half of them one measure is raised or lowered by eight robust deviations for a second.

``python benchmarks/moments.py windscreen FOLDER [COUNT]``: the sample film, from the embrace to the black, drawn
so many times with the tear at another time and in other circumstances (music, the face still or moving, another seed,
palette, side), every fourth once more without a tear; what stands in the held close-up then, and what is named; and
whether the look whose `glint` is the close-up's brightest lies in the tear. Films and bundles are kept in FOLDER.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from punctum import bundle, media
from punctum.demo import Staging, draw_windscreen
from punctum.demo.palettes import PALETTES
from punctum.demo.staging import WINDSCREEN
from punctum.film import Bundle
from punctum.pipeline.demo import ENCODING
from punctum.pipeline.reading import read_film
from punctum.reading import find_moments
from punctum.reading.moments import BEYOND
from punctum.reading.runs import AROUND_S, TICK_S
from punctum.reading.surprise import SCALE, find_peak

STRENGTH = 8.0
MEASURES = 6
SHOTS = (replace(WINDSCREEN[9], begins="open"), *WINDSCREEN[10:13])
"""Profiles, embrace, the held close-up, black."""

MEMORIES = (0.0, 0.5, 0.8, 0.9)


def wilson(hits: int, of: int) -> str:
    """Share with its 95 % interval."""
    z, p = 1.96, hits / of
    middle, half = p + z * z / (2 * of), z * np.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    low, high = ((middle + side * half) / (1 + z * z / of) for side in (-1, 1))
    return f"{hits} of {of} ({p:.3f}, {abs(low):.3f}–{high:.3f})"


def draw(rng: np.random.Generator, ticks: int, memory: float) -> np.ndarray:
    """A scene: measures that remember, and that stir together."""
    run = np.zeros((ticks + 50, MEASURES))
    mixing = np.eye(MEASURES) + 0.3 * rng.normal(size=(MEASURES, MEASURES))
    for tick in range(1, ticks + 50):
        run[tick] = memory * run[tick - 1] + np.sqrt(1 - memory**2) * mixing @ rng.normal(size=MEASURES)
    return run[50:]


def drawn(count: int) -> None:
    """Print the shares of scenes with and without a planted departure in which one is found."""
    around = round(AROUND_S / TICK_S)
    print("| memory of a tick | planted: found | and named | without: found |\n|---|---|---|---|")
    total = np.zeros(4, int)
    for memory in MEMORIES:
        own = count // len(MEMORIES)
        found = named = false = 0
        for seed in range(own):
            rng = np.random.default_rng([seed, int(100 * memory)])
            for planted in (True, False):
                run = draw(rng, int(rng.integers(240, 720)), memory)
                at, measure = int(rng.integers(10, len(run) - 14)), int(rng.integers(MEASURES))
                if planted:
                    own_run = run[:, measure]
                    spread = SCALE * float(np.median(np.abs(own_run - np.median(own_run))))
                    run[at : at + 4, measure] += STRENGTH * spread * rng.choice([-1, 1])
                whole = np.zeros(run.shape, np.int64)
                peak = find_peak(run, np.ones(run.shape, bool), np.full(MEASURES, 1e-6), around, whole, seed)
                beyond = peak is not None and peak.chance is not None and peak.chance <= BEYOND
                if planted:
                    hit = beyond and at - 2 <= peak.tick <= at + 6
                    found, named = found + hit, named + (hit and int(peak.shares.argmax()) == measure)
                else:
                    false += beyond
        print(f"| {memory} | {wilson(found, own)} | {wilson(named, own)} | {wilson(false, own)} |")
        total += (found, named, false, own)
    print("| all | " + " | ".join(wilson(int(total[i]), int(total[3])) for i in range(3)) + " |")


def circumstances(number: int) -> Staging:
    """How film ``number`` is staged."""
    rng = np.random.default_rng([17, number])
    return Staging(
        seed=int(rng.integers(1, 1000)),
        palette=sorted(PALETTES)[int(rng.integers(len(PALETTES)))],
        mirror=bool(rng.integers(2)),
        tear_at_s=round(float(rng.uniform(1.0, 8.5)), 2),
        music=bool(rng.integers(2)),
        still=bool(rng.integers(2)),
        wiper_period_s=round(float(rng.uniform(0.9, 1.6)), 2),
        shots=SHOTS,
        width_px=480,
        height_px=270,
    )


def read_drawn(folder: Path, name: str, staging: Staging) -> tuple[Bundle, dict[str, Any]]:
    """Draw a film, unless it was drawn before, and read it."""
    film = folder / f"{name}.mp4"
    drawing = draw_windscreen(staging)
    if not film.exists():
        beside = folder / f"{name}.new.mp4"
        media.write_film(
            beside, drawing.frames(workers=2), fps=24, sound=drawing.sound, sample_rate_hz=48000, options=ENCODING
        )
        beside.rename(film)
    return bundle.open_bundle(read_film(film).folder), drawing.truth


def windscreen(folder: Path, count: int) -> None:
    """Print what stands in the held close-up, with a tear and without."""
    folder.mkdir(parents=True, exist_ok=True)
    print("| film | music | face | tear | moments in the close-up, with a tear | without |\n|---|---|---|---|---|---|")
    hits = others = without = bare = brightest = 0
    for number in range(count):
        staging = circumstances(number)
        told = []
        for tear in (True, False) if number % 4 == 0 else (True,):
            read, truth = read_drawn(folder, f"{number:02d}{'tear' if tear else 'none'}", replace(staging, tear=tear))
            held = next(shot for shot in truth["shots"] if shot["set_up"] == "held")
            found = find_moments(read.tables, read.grid).filter(
                (pl.col("end_s") > held["start_s"]) & (pl.col("start_s") < held["end_s"])
            )
            rows = list(found.iter_rows(named=True))
            told.append("; ".join(write_moment(row, held["start_s"]) for row in rows) or "none")
            if tear:
                start_s, end_s = (truth["tear"][edge] / 24 for edge in ("start_frame", "end_frame"))
                hit = any(row["start_s"] < end_s + 1 and row["end_s"] > start_s for row in rows)
                hits += hit
                others += len(rows) > hit
                looks = read.tables["glints"].filter(pl.col("time_s").is_between(held["start_s"], held["end_s"]))
                top = looks.sort("glint", descending=True)["time_s"].head(1)
                brightest += bool(top.is_between(start_s - 0.1, end_s + 0.1).any())
            else:
                bare += 1
                without += bool(rows)
        span = f"{staging.tear_at_s:.1f}–{staging.tear_at_s + end_s - start_s:.1f} s"
        music, face = "on" if staging.music else "off", "still" if staging.still else "moving"
        print(f"| {number} | {music} | {face} | {span} | {' | '.join(told)} |{'' if told[1:] else ' |'}", flush=True)
    print(f"\na moment with the tear: {wilson(hits, count)}; another beside it: {wilson(others, count)};")
    print(f"without a tear any in the close-up: {wilson(without, bare)};")
    print(f"the close-up's brightest look lies in the tear: {wilson(brightest, count)}")


def write_moment(row: dict[str, Any], start_s: float) -> str:
    """Write when in the shot, what departs most, by how much, how probable."""
    when = f"{row['start_s'] - start_s:.1f}–{row['end_s'] - start_s:.1f} s"
    return f"{when}: {', '.join(row['measures'][:2])} ({row['departure']:.0f}, chance {row['chance']:.3f})"


if __name__ == "__main__":
    if sys.argv[1] == "drawn":
        drawn(int(sys.argv[2]) if len(sys.argv) > 2 else 200)
    else:
        windscreen(Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 20)
