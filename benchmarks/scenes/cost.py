"""What scenes, arcs and build-ups cost: ``OPENBLAS_NUM_THREADS=1 python benchmarks/scenes/cost.py [HOURS] [SHOT_S]``.

Tables of a made-up film, drawn by another process and read from Parquet files as a bundle's are; processor seconds of
each step, and the memory that the process has grown by beyond the tables. With more threads processor time counts
their waiting for each other.
"""

import multiprocessing
import resource
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl

from punctum.film import Box, Film
from punctum.reading import find_arcs, find_build_ups
from punctum.segment import find_scenes, find_set_ups, number_set_ups
from punctum.tables import FRAMES, GRID, HEARING, LOUDNESS, SHOTS, SOUNDS, TABLES, conform, empty


def draw(hours: float, shot_s: float, folder: Path) -> None:
    rng = np.random.default_rng(0)
    n = int(hours * 3600 * 24)
    length = np.maximum(np.exp(rng.normal(np.log(shot_s) - 0.3, 0.8, int(hours * 3600 / shot_s * 2))), 0.4)
    end = np.minimum(np.cumsum(length), n / 24)
    end = end[: int(np.searchsorted(end, n / 24)) + 1]
    start = np.append(0.0, end[:-1])
    frame = np.arange(n)
    names = [name for name, column in FRAMES.items() if column.dtype == pl.Float32()]
    values = {name: rng.uniform(0, 1, n).astype(np.float32) for name in names}
    values["writing"] = np.where(frame % 12 == 0, 0.0, np.nan).astype(np.float32)
    frames = conform(pl.DataFrame({"frame": frame, "pts": frame, "time_s": frame / 24, **values}), FRAMES)
    own = np.searchsorted(end, frame / 24, side="right")
    looks = rng.integers(0, 255, (len(end) // 4 + 1, 432), dtype=np.uint8)
    cells = [looks[k // 8 * 2 + k % 2].tobytes() for k in own.tolist()]
    place = folder / "grid.parquet"
    pl.DataFrame({"frame": frame, "cells": cells}, schema={k: c.dtype for k, c in GRID.items()}).write_parquet(place)
    shots = pl.DataFrame(
        {
            "shot": np.arange(len(end)), "start_s": start, "end_s": end, "length_s": end - start,
            "start_frame": np.rint(start * 24), "end_frame": np.rint(end * 24), "begins": "cut", "ends": "cut",
            "motion_w_s": rng.uniform(0, 1, len(end)), "palette": [["#102030", "#405060"]] * len(end),
            "palette_shares": [[0.5, 0.5]] * len(end),
        }
    )  # fmt: skip
    step = np.arange(int(hours * 36000))
    loud = pl.DataFrame({"step": step, "start_s": step / 10, "loudness_lufs": rng.normal(-30, 6, len(step))})
    fine = np.arange(int(hours * 180000))
    heard = {name: rng.integers(60, 200, len(fine)) for name in ("low", "middle", "high", "top")}
    spoken = np.arange(0, hours * 3600 - 5, 6.0)
    sounds = pl.DataFrame({"kind": "speech", "start_s": spoken, "end_s": spoken + 3.0})
    tables = {name: empty(columns) for name, columns in TABLES.items() if name != "grid"} | {
        "frames": frames,
        "shots": conform(shots, SHOTS),
        "loudness": conform(loud, LOUDNESS),
        "hearing": conform(pl.DataFrame({"step": fine, **heard}), HEARING),
        "sounds": conform(sounds, SOUNDS),
    }
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")


def main() -> None:
    hours = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    shot_s = float(sys.argv[2]) if len(sys.argv) > 2 else 4.0
    with tempfile.TemporaryDirectory() as folder:
        drawing = multiprocessing.get_context("spawn").Process(target=draw, args=(hours, shot_s, Path(folder)))
        drawing.start()
        drawing.join()
        tables = {name: pl.read_parquet(Path(folder) / f"{name}.parquet") for name in TABLES if name != "grid"}
        grid = pl.scan_parquet(Path(folder) / "grid.parquet")
        n = tables["frames"].height
        film = Film("", "", None, Fraction(1, 24), n, n / 24, 1920, 1080, Box(0, 0, 1920, 1080), 48000)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{hours:g} h, {tables['shots'].height} shots")
        total, at = 0.0, time.process_time()

        def told(what: str) -> None:
            nonlocal total, at
            spent, at = time.process_time() - at, time.process_time()
            total += spent
            print(f"{what:10} {spent:6.2f} s")

        set_ups = find_set_ups(tables["shots"], tables["frames"], grid)
        told("set-ups")
        tables["scenes"] = find_scenes(tables, set_ups)
        told("scenes")
        tables["shots"] = tables["shots"].with_columns(number_set_ups(tables["scenes"], set_ups))
        arcs = find_arcs(film, tables)
        told("arcs")
        find_build_ups(tables, arcs)
        told("build-ups")
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
        print(f"in all     {total:6.2f} s, {grown:.0f} MB beyond the tables; {tables['scenes'].height} scenes")


if __name__ == "__main__":
    main()
