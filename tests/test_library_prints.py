"""Prints of one film are told in a library: by their shots' lengths, their pictures, their sound."""

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.test_library import FILM

from punctum.bundle import write_bundle, write_parquet
from punctum.bundle.shelf import list_bundles
from punctum.cli import run
from punctum.film import Box
from punctum.library.prints import RUN, find_prints, known_speeds, run_keys, tell_pair
from punctum.tables import FRAMES, GRID, SCHEMA, SHOTS, TABLES, conform, empty

FPS = 24


def make_print(folder, name, lengths_s, seed, first=0, last=None, speed=1.0, fps=FPS, gain=1.0, dubbed=False, wide=64):
    """A film whose every shot is a picture of its own, as a file of it might have it."""
    rng = np.random.default_rng(seed)
    pictures = rng.integers(0, 256, (len(lengths_s), 144))
    loud = rng.uniform(-40, -10, len(lengths_s))
    kept = slice(first, last)
    bounds = np.rint(np.concatenate(([0.0], np.cumsum(lengths_s[kept]))) / speed * fps).astype(int)
    count = int(bounds[-1])
    shown = np.repeat(pictures[kept], np.diff(bounds), axis=0) * gain
    cells = np.zeros((count, 144, 3), np.uint8)
    cells[..., 0] = np.clip(shown, 0, 255)
    frames = pl.DataFrame({"frame": np.arange(count), "pts": np.arange(count), "time_s": np.arange(count) / fps})
    shots = pl.DataFrame(
        {
            "shot": np.arange(len(bounds) - 1), "start_frame": bounds[:-1], "end_frame": bounds[1:],
            "start_s": bounds[:-1] / fps, "end_s": bounds[1:] / fps, "length_s": np.diff(bounds) / fps,
            "begins": "cut", "ends": "cut",
            "loudness_lufs": rng.uniform(-40, -10, len(bounds) - 1) if dubbed else loud[kept] - 3,
        }
    )  # fmt: skip
    tables = {table: empty(columns) for table, columns in TABLES.items() if table != "grid"}
    tables |= {"frames": conform(frames, FRAMES), "shots": conform(shots, SHOTS)}
    grid = folder / f"{name}.grid"
    write_parquet(
        conform(pl.DataFrame({"frame": np.arange(count), "cells": [one.tobytes() for one in cells]}), GRID), grid
    )
    film = replace(
        FILM, film_id=name, title=name, frame_count=count, duration_s=count / fps, active_box_px=Box(0, 0, wide, 36)
    )
    record = {"schema": SCHEMA, "versions": {"punctum": "0.1.0"}, "coverage": "film"}
    write_bundle(folder / f"{name}.punctum", film, tables, record, "<p>", grid, [])
    grid.unlink()


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prints")
    lengths_s = np.random.default_rng(1).lognormal(0.7, 0.7, 60)
    make_print(folder, "a", lengths_s, 5)
    make_print(folder, "b-pal", lengths_s, 5, speed=25 / 24, fps=25, gain=0.7)
    make_print(folder, "c-cut", lengths_s, 5, first=20, last=50, dubbed=True, wide=48)
    make_print(folder, "d-other", np.random.default_rng(2).lognormal(0.7, 0.7, 60), 6)
    make_print(folder, "e-same-lengths", lengths_s, 7)
    make_print(folder, "f-short", np.array([4.0, 3.0]), 8)
    make_print(folder, "g-short", np.array([4.0, 3.0]), 8, gain=0.8)
    make_print(folder, "h-short", np.array([4.0, 3.0]), 9)
    return folder


def test_prints_meet_and_other_films_do_not(library):
    shelved, _ = list_bundles(library)
    names = [one.film.film_id for one in shelved]
    found = {(names[pair.first], names[pair.second]): pair for pair in find_prints(shelved)}
    assert set(found) == {("a", "b-pal"), ("a", "c-cut"), ("b-pal", "c-cut"), ("f-short", "g-short")}
    assert found["a", "b-pal"].speed == pytest.approx(25 / 24, rel=2e-3)
    assert found["a", "b-pal"].same_sound is True
    assert found["a", "c-cut"].same_sound is False
    assert tell_pair(found["a", "c-cut"]).endswith("1.33:1 against 1.78:1, another sound")


def test_they_are_listed(library, capsys):
    assert run(["library", "list", "--in", str(library)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "one film: a.punctum and b-pal.punctum, which is 4.2% faster (25/24)" in next(
        one for one in lines if "b-pal.p" in one and "one film" in one
    )
    assert run(["library", "list", "--json", "--in", str(library)]) == 0
    films = {film["film_id"]: film for film in json.loads(capsys.readouterr().out)}
    assert [one["bundle"] for one in films["d-other"]["prints"]] == []
    assert [one["bundle"] for one in films["b-pal"]["prints"]] == ["a.punctum", "c-cut.punctum"]
    assert films["b-pal"]["prints"][0]["speed"] == pytest.approx(24 / 25, rel=2e-3)  # a's, of b's


def test_a_known_speed_is_corrected(library):
    shelved, _ = list_bundles(library)
    by_name = {one.film.film_id: one for one in shelved}
    assert known_speeds([by_name["a"], by_name["b-pal"], by_name["d-other"]]) == [1.0, pytest.approx(25 / 24), 1.0]
    assert known_speeds([by_name["b-pal"], by_name["d-other"]]) == [1.0, 1.0]
    assert known_speeds([by_name["a"], by_name["a"]]) == [1.0, 1.0]
    assert known_speeds([by_name["b-pal"]._replace(speed=1.1), by_name["a"]]) == [1.1, 1.0]


def test_compare_corrects_a_known_speed(library, capsys):
    names = [str(library / f"{name}.punctum") for name in ("a", "b-pal")]
    assert run(["compare", *names, "--json"]) == 0
    said = capsys.readouterr()
    assert "b-pal runs 4.2% faster than it was made (another print of it): its times are corrected" in said.err
    lengths = next(one for one in json.loads(said.out)["measures"] if one["measure"] == "length_s")
    assert lengths["films"][0]["median"] == pytest.approx(lengths["films"][1]["median"], abs=0.05)


def test_runs_do_not_know_speed():
    lengths_s = np.array([2.0, 3.0, 1.0, 8.0, 2.5, 4.0])
    assert run_keys(lengths_s).tolist() == run_keys(lengths_s / 1.25).tolist()
    assert run_keys(lengths_s).size == lengths_s.size - RUN
    assert run_keys(lengths_s[:RUN]).size == 0
