"""Time and memory of what is worked out above ``frames``, on drawn tables of a long film.

    python benchmarks/segment_cost.py [MINUTES ...]

Each length is worked out in a process of its own. Memory is the most that the process held beyond what it held once the
tables were read: what grows from ten minutes to two hours is the film's, the rest is code and constant.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import polars as pl

from punctum import tables
from punctum.film import GRID_COLUMNS, GRID_ROWS
from punctum.segment import choose_stills, find_boundaries, place_shots, summarise_shots

RATE_HZ = 24.0
SHOT_FRAMES = 86
ROW_GROUP_ROWS = 2048
T = TypeVar("T")


def draw(minutes: float, folder: Path) -> None:
    """Write ``frames`` and ``grid`` of a film of that length: pans over drawn grounds, figures, grain, joints."""
    count = round(minutes * 60 * RATE_HZ)
    rng = np.random.default_rng(1)
    grids, at = [], 0
    tail: np.ndarray | None = None
    while at < count:
        length = int(np.clip(rng.lognormal(np.log(SHOT_FRAMES), 0.7), 8, 1500))
        cells = _shot(rng, length)
        joint = rng.choice(["cut", "dissolve", "fade"], p=[0.93, 0.05, 0.02])
        over = min(24, length // 2)
        if joint == "dissolve" and tail is not None:
            share = ((np.arange(over) + 1.0) / (over + 1.0))[:, None]
            cells[:over] = tail * (1 - share) + cells[:over] * share
        if joint == "fade":
            share = np.clip(np.arange(over) / over - 0.2, 0, 1)[:, None]
            cells[:over] = cells[:over] * share + np.tile([0.0, 128.0, 128.0], len(cells[0]) // 3) * (1 - share)
        tail = cells[-1]
        grids.append(np.clip(cells, 0, 255).astype(np.uint8))
        at += length
    grid = np.concatenate(grids)[:count]
    light = grid[:, ::3].astype(np.float32) / 255
    change = np.abs(np.diff(light, axis=0, prepend=light[:1])).mean(axis=1)
    number = np.arange(count)
    columns = {
        "frame": number, "pts": number * 1001, "time_s": number / RATE_HZ, "interlaced": False, "damaged": False,
        "brightness": light.mean(axis=1), "luma": light.mean(axis=1), "contrast": light.std(axis=1),
        "key": light.mean(axis=1) * 2 - 1, "saturation": light.std(axis=1), "warmth": light.mean(axis=1) - 0.5,
        "colourfulness": light.std(axis=1) * 100, "sharpness": rng.uniform(0, 1, count), "change": change,
        "histogram_change": np.minimum(1, change * 6), "residual_change": change * 0.7,
        "correlation": 1 - np.minimum(1, change * 4), "motion_w_s": change, "camera": rng.uniform(0, 1, count),
        "level_db": rng.uniform(-60, -10, count), "loudness_lufs": rng.uniform(-60, -10, count),
    }  # fmt: skip
    table = tables.conform(pl.DataFrame(columns), tables.FRAMES).with_columns(
        change=pl.when(pl.col("frame") > 0).then("change")
    )
    table.write_parquet(folder / "frames.parquet")
    rows = pl.DataFrame({"frame": number, "cells": [row.tobytes() for row in grid]})
    tables.conform(rows, tables.GRID).write_parquet(folder / "grid.parquet", row_group_size=ROW_GROUP_ROWS)


def _shot(rng: np.random.Generator, length: int) -> np.ndarray:
    """Cells of one shot, on the scale of bytes: (length, 432)."""
    ground = cv2.resize(rng.normal(0, 1, (5, 8, 3)).astype(np.float32), (64, 36), interpolation=cv2.INTER_CUBIC)
    ground = ground * [38, 9, 9] + [rng.uniform(60, 190), 128, 128]
    pan = rng.normal(0, 1, 2) * rng.choice([0, 0.02, 0.15])
    figure = rng.uniform(0.2, 0.8, 2) * (GRID_COLUMNS, GRID_ROWS)
    way, tone = rng.normal(0, 0.08, 2), rng.uniform(-70, 70)
    y, x = np.mgrid[0:GRID_ROWS, 0:GRID_COLUMNS]
    made = np.empty((length, GRID_ROWS, GRID_COLUMNS, 3))
    for i in range(length):
        left, top = (int(v) for v in np.clip(np.array([24, 13]) + pan * i, 0, [48, 27]))
        made[i] = ground[top : top + GRID_ROWS, left : left + GRID_COLUMNS]
        cx, cy = figure + way * i
        made[i, :, :, 0] += tone * np.exp(-((x - cx) ** 2) / 6 - (y - cy) ** 2 / 9)
    made += rng.normal(0, rng.uniform(0.3, 2.0), made.shape)
    return made.reshape(length, -1)


def _memory_mb(name: str) -> float:
    status = Path("/proc/self/status").read_text("ascii")
    return int(next(line for line in status.splitlines() if line.startswith(name)).split()[1]) / 1024


def work_out(folder: Path) -> None:
    """Work the tables out and print one line of costs."""
    frames = pl.read_parquet(folder / "frames.parquet")
    grid = pl.scan_parquet([folder / "grid.parquet"])
    steps = pl.int_range(round(frames["time_s"][-1] * 10), eager=True)
    loudness = tables.conform(
        pl.DataFrame({"step": steps, "start_s": steps / 10, "loudness_lufs": -20.0 - steps % 30}), tables.LOUDNESS
    )
    before, times = _memory_mb("VmRSS"), []

    def timed(name: str, make: Callable[[], T]) -> T:
        start = time.process_time()
        made = make()
        times.append(f"{name} {time.process_time() - start:.2f} s")
        return made

    found = timed("find_boundaries", lambda: find_boundaries(frames, grid))
    shots = timed("place_shots", lambda: place_shots(found, frames))
    shots = timed("summarise_shots", lambda: summarise_shots(shots, frames, grid, loudness))
    shots = timed("choose_stills", lambda: choose_stills(shots, frames, range(0, frames.height, 12)))
    peak = _memory_mb("VmHWM") - before
    print(f"{frames.height} frames, {shots.height} shots: {', '.join(times)}; {peak:.0f} MB beyond the tables")


def main(work_out: Callable[[Path], None], script: str) -> None:
    """Draw each length, and work it out in a process of its own that runs the script again."""
    if len(sys.argv) > 2 and sys.argv[1] == "--in":
        work_out(Path(sys.argv[2]))
        return
    for minutes in [float(word) for word in sys.argv[1:]] or [10.0, 120.0]:
        with tempfile.TemporaryDirectory() as name:
            draw(minutes, Path(name))
            subprocess.run([sys.executable, script, "--in", name], check=True)


if __name__ == "__main__":
    main(work_out, __file__)
