"""Time and memory of what is read from a long film's tables: ``python benchmarks/reading_cost.py [MINUTES ...]``.

Tables are drawn as in ``segment_cost.py``, with scenes of 75 s and sound that wanders; no faces. Each length is worked
out in a process of its own; memory is what the process held at most beyond the tables.
"""

import time
from pathlib import Path

import numpy as np
import polars as pl

from punctum import tables
from punctum.film import Box, Film
from punctum.reading import find_arcs, find_build_ups, find_moments, find_readings
from punctum.segment import find_boundaries, place_shots, summarise_shots
from segment_cost import _memory_mb, main

SCENE_S = 75.0


def work_out(folder: Path) -> None:
    """Work everything out, and print a line of costs."""
    frames = pl.read_parquet(folder / "frames.parquet")
    grid = pl.scan_parquet([folder / "grid.parquet"])
    end_s, rng = float(frames["time_s"][-1]) + 1 / 24, np.random.default_rng(2)
    steps = np.arange(round(end_s * 10))
    level = -30 + 6 * np.convolve(rng.normal(size=len(steps) + 9), np.ones(10) / 3, "valid")
    loudness = pl.DataFrame({"step": steps, "start_s": steps / 10, "loudness_lufs": level})
    heard = np.arange(round(end_s * 50))
    bands = {band: rng.integers(60, 160, len(heard)) for band in ("low", "middle", "high", "top", "speech", "music")}
    starts = np.arange(0.0, end_s, SCENE_S)
    scene = {"scene": range(len(starts)), "start_s": starts, "end_s": np.append(starts[1:], end_s), "kind": "story"}
    table = {name: tables.empty(columns) for name, columns in tables.TABLES.items() if name != "grid"}
    table["loudness"] = tables.conform(loudness, tables.LOUDNESS)
    table["hearing"] = tables.conform(pl.DataFrame({"step": heard, **bands}), tables.HEARING)
    table["frames"], table["scenes"] = frames, tables.conform(pl.DataFrame(scene), tables.SCENES)
    shots = place_shots(find_boundaries(frames, grid), frames)
    table["shots"] = summarise_shots(shots, frames, grid, table["loudness"])
    film = Film("f", "F", 2000, 1 / 24, frames.height, end_s, 960, 540, Box(0, 0, 960, 540), 48000)  # type: ignore[arg-type]
    before, times = _memory_mb("VmRSS"), []

    def timed(name: str, make: object) -> pl.DataFrame:
        start = time.process_time()
        made: pl.DataFrame = make()  # type: ignore[operator]
        times.append((name, time.process_time() - start))
        return made

    table["arcs"] = timed("arcs", lambda: find_arcs(film, table))
    table["build_ups"] = timed("build-ups", lambda: find_build_ups(table, table["arcs"]))
    table["moments"] = timed("moments", lambda: find_moments(table, grid))
    timed("readings", lambda: find_readings(film, table))
    peak = _memory_mb("VmHWM") - before
    said = ", ".join(f"{name} {took:.2f} s" for name, took in times)
    print(
        f"{end_s / 60:.0f} min, {table['shots'].height} shots: {said}; {sum(t for _, t in times):.1f} s, {peak:.0f} MB"
    )


if __name__ == "__main__":
    main(work_out, __file__)
