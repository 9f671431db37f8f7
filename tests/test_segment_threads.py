"""Boundaries do not depend on how many threads linear algebra runs on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
import numpy as np
from drawn_shots import dissolve, fade, flat, scene, tables_of, wipe
from punctum.segment import find_shots, summarise_shots
from punctum import tables

runs = [scene(0, 30)]
for k in range(1, 7):
    runs += [dissolve(scene(k - 1, 20, 30), scene(k, 20)) if k % 2 else wipe(scene(k - 1, 24, 30), scene(k, 24))]
    runs += [scene(k, 40, 20)]
runs += [fade(scene(6, 12, 60)), flat(8), scene(7, 30)]
frames, grid = tables_of(np.concatenate(runs))
shots = summarise_shots(find_shots(frames, grid.lazy()), frames, grid.lazy(), tables.empty(tables.LOUDNESS))
shots.write_parquet(sys.argv[1])
"""


@pytest.mark.slow
def test_threads_of_linear_algebra_do_not_matter(tmp_path):
    made = []
    for threads in ("1", "2", "4"):
        target = tmp_path / f"{threads}.parquet"
        here = str(Path(__file__).parent)
        names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
        surroundings = {**os.environ, **dict.fromkeys(names, threads), "PYTHONPATH": here}
        subprocess.run([sys.executable, "-c", PROGRAM, str(target)], check=True, env=surroundings)
        made.append(target.read_bytes())
    assert made[0] == made[1] == made[2]
