"""How long a library of many films takes to list and to ask.

``python benchmarks/library.py [--bundles 1000] [--keep DIR]`` writes that many bundles of drawn tables, each with the
shots, words, scenes and readings of a feature film (but few frames, a short grid and few stills), then asks the
library, each question in a process of its own after one that warmed the computer's file cache. Prints a Markdown
table: seconds of wall and processor time, start of Python and import of Polars included.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl

from punctum.bundle import write_bundle, write_parquet
from punctum.film import Box, Film, Stretch
from punctum.tables import FRAMES, GRID, READINGS, SCENES, SCHEMA, SHOTS, TABLES, WORDS, conform, empty

SHOT_COUNT, LINE_COUNT, SCENE_COUNT, FRAME_COUNT, STILL_COUNT = 1000, 1200, 80, 3000, 20

QUESTIONS = {
    "list": ["library", "list"],
    "sql: a film's mean shot": [
        "library", "sql", "select title, avg(length_s) from shots join films using (film_id) group by title",
    ],
    "sql: films by year": ["library", "sql", "select year, count(*) as n from films group by year"],
    "sql: readings of one measure": [
        "library", "sql", "select film_id, value from readings where measure = 'brightness' order by value limit 10",
    ],
    "sql: lines in long shots": [
        "library", "sql",
        "select w.film_id, count(*) from words w join shots s using (film_id, shot) where s.length_s > 10 group by 1",
    ],
    "sql: all frames": ["library", "sql", "select avg(brightness) from frames"],
    "find a word": ["library", "find", "umbrella"],
}  # fmt: skip


def main() -> None:
    """Write, ask, tabulate."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bundles", type=int, default=1000)
    parser.add_argument("--keep", default="", help="a folder that keeps the bundles for the next time")
    parser.add_argument("--only", default="", help="only questions whose name holds this")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        library = Path(asked.keep or temporary)
        while len(list(library.glob("*/*.punctum"))) < asked.bundles:
            write_one(library, len(list(library.glob("*/*.punctum"))))
        print(f"| {asked.bundles} bundles, {SHOT_COUNT} shots each | wall s | CPU s |\n|---|---|---|")
        for name, words in QUESTIONS.items():
            if asked.only in name:
                tell(name, library, words)
        if asked.only in "viewer":
            tell_viewer(library)


def write_one(library: Path, number: int) -> None:
    """Write one bundle of drawn tables."""
    rng = np.random.default_rng(number)
    film_id = f"{number:032x}"
    duration_s = FRAME_COUNT / 24
    box = Box(0, 0, 1920, 1080)
    film = Film(
        film_id, f"A film {number}", 1920 + number % 100, Fraction(1, 24), FRAME_COUNT, duration_s, 1920, 1080, box,
        48000, ("FL", "FR"), (Stretch(0.0, duration_s, box),), file_name=f"{number}.mkv",
    )  # fmt: skip
    frames = pl.DataFrame({"frame": np.arange(FRAME_COUNT), "pts": np.arange(FRAME_COUNT)})
    frames = frames.with_columns(time_s=pl.col("frame") / 24.0, brightness=pl.Series(rng.random(FRAME_COUNT)))
    lengths_s = rng.lognormal(1.2, 0.9, SHOT_COUNT)
    ends_s = np.cumsum(lengths_s)
    shots = pl.DataFrame(
        {
            "shot": np.arange(SHOT_COUNT), "start_frame": np.arange(SHOT_COUNT), "end_frame": np.arange(SHOT_COUNT) + 1,
            "start_s": ends_s - lengths_s, "end_s": ends_s, "length_s": lengths_s, "begins": ["cut"] * SHOT_COUNT,
            "ends": ["cut"] * SHOT_COUNT, "brightness": rng.random(SHOT_COUNT), "contrast": rng.random(SHOT_COUNT),
            "palette": [["#102030", "#405060"]] * SHOT_COUNT,
        }
    )  # fmt: skip
    said = np.array(["the rain", "an umbrella", "nothing more", "she turned", "he waited there"])
    starts_s = np.sort(rng.random(LINE_COUNT)) * duration_s
    words = pl.DataFrame(
        {
            "line": np.arange(LINE_COUNT), "cue": np.arange(LINE_COUNT), "start_frame": np.arange(LINE_COUNT),
            "end_frame": np.arange(LINE_COUNT) + 1, "start_s": starts_s, "end_s": starts_s + 1,
            "text": said[rng.integers(0, len(said), LINE_COUNT)], "kind": ["speech"] * LINE_COUNT,
            "shot": rng.integers(0, SHOT_COUNT, LINE_COUNT),
        }
    )  # fmt: skip
    scenes = pl.DataFrame({"scene": np.arange(SCENE_COUNT)})
    readings = pl.DataFrame(
        {
            "reading": np.arange(120), "span": ["film"] * 120, "start_frame": [0] * 120,
            "end_frame": [FRAME_COUNT] * 120, "start_s": [0.0] * 120, "end_s": [duration_s] * 120,
            "measure": ["brightness", "contrast", "key"] * 40, "statement": ["The film is so and so."] * 120,
            "value": rng.random(120),
        }
    )  # fmt: skip
    made = {name: empty(columns) for name, columns in TABLES.items() if name != "grid"}
    columns = {"frames": FRAMES, "shots": SHOTS, "words": WORDS, "scenes": SCENES, "readings": READINGS}
    drawn = {"frames": frames, "shots": shots, "words": words, "scenes": scenes, "readings": readings}
    for name, table in drawn.items():
        made[name] = conform(table.select(set(table.columns) & set(columns[name])), columns[name])
    folder = library / f"{number % 17:02}" / f"{number:05}.punctum"
    folder.parent.mkdir(parents=True, exist_ok=True)
    grid = folder.with_suffix(".grid")
    write_parquet(conform(pl.DataFrame({"frame": [0], "cells": [rng.bytes(432)]}), GRID), grid)
    record = {"schema": SCHEMA, "versions": {"punctum": "0.1.0"}, "coverage": "film"}
    stills = [(at * 100, b"\xff\xd8\xff\xd9") for at in range(STILL_COUNT)]
    write_bundle(folder, film, made, record, "<p>", grid, stills)
    grid.unlink()


def tell(name: str, library: Path, words: list[str]) -> None:
    """Time one command, whole process, warmed."""
    command = [sys.executable, "-m", "punctum", *words, "--in", str(library)]
    took = []
    for _ in range(4):
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        wall_s, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append((wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
    wall_s, cpu_s = np.median(np.array(took[1:]), axis=0)
    print(f"| `punctum library` {name} | {wall_s:.2f} | {cpu_s:.2f} |", flush=True)


def tell_viewer(library: Path) -> None:
    """Time what the viewer's page of the library needs, within a process that runs already."""
    code = (
        "import json, sys, time\n"
        "from punctum.bundle.shelf import list_bundles, scan_tables\n"
        "def look():\n"
        "    shelved, _ = list_bundles(sys.argv[1])\n"
        "    return scan_tables(shelved, 'readings')[0].select('film_id', 'measure', 'value').collect()\n"
        "look(); t, c = time.perf_counter(), time.process_time(); look()\n"
        "print(json.dumps([time.perf_counter() - t, time.process_time() - c]))"
    )
    told = subprocess.run([sys.executable, "-c", code, str(library)], check=True, capture_output=True, text=True)
    wall_s, cpu_s = json.loads(told.stdout)
    print(f"| films and their readings, as the viewer asks, without the start | {wall_s:.2f} | {cpu_s:.2f} |")


if __name__ == "__main__":
    main()
