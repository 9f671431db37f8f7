"""Moments: found where something was planted, with its measure named; nowhere else more often than said."""

import numpy as np
import polars as pl
import pytest

from punctum.reading.moments import find_moments
from punctum.reading.runs import TICK_S
from punctum.reading.surprise import LEAST_TICKS, draw_runs, find_peak, fit_model, plan_pieces, take_level
from punctum.tables import FRAMES, HEARING, LOUDNESS, MOMENTS, SCENES, SHOTS, check, conform, empty

FLOORS = np.full(6, 1e-6)
TICKS = 240


def draw(rng, ticks=TICKS, memory=0.7, measures=6):
    """A scene of one shot: measures that remember, and that stir together."""
    run = np.zeros((ticks + 50, measures))
    mixing = np.eye(measures) + 0.3 * rng.normal(size=(measures, measures))
    for tick in range(1, ticks + 50):
        run[tick] = memory * run[tick - 1] + np.sqrt(1 - memory**2) * mixing @ rng.normal(size=measures)
    return run[50:]


def plant(rng, run, strength):
    """Raise or lower one measure for a second; gives where."""
    at, measure = int(rng.integers(10, len(run) - 14)), int(rng.integers(run.shape[1]))
    spread = 1.4826 * np.median(np.abs(run[:, measure] - np.median(run[:, measure])))
    run[at : at + 4, measure] += strength * spread * rng.choice([-1, 1])
    return at, measure


def peak_of(run, seed, around=6):
    whole = np.zeros(run.shape, np.int64)
    return find_peak(run, np.ones(run.shape, bool), FLOORS[: run.shape[1]], around, whole, seed)


@pytest.mark.slow
@pytest.mark.parametrize("memory", [0.0, 0.7, 0.9])
def test_a_planted_departure_is_found_and_named(memory):
    rng = np.random.default_rng(3)
    found = named = 0
    for seed in range(20):
        run = draw(rng, memory=memory)
        at, measure = plant(rng, run, 8)
        peak = peak_of(run, seed)
        hit = peak.chance <= 0.05 and at - 2 <= peak.tick <= at + 6
        found += hit
        named += hit and int(peak.shares.argmax()) == measure
    assert found >= 18
    assert named >= 17


@pytest.mark.slow
@pytest.mark.parametrize("memory", [0.0, 0.7, 0.9])
def test_nothing_stands_out_where_nothing_was_planted(memory):
    rng = np.random.default_rng(4)
    chances = [peak_of(draw(rng, memory=memory), seed).chance for seed in range(60)]
    # of 60 at the level of 5 %, more than 8 come about less than once in 100 times
    assert sum(chance <= 0.05 for chance in chances) <= 8
    assert np.median(chances) > 0.2


def test_levels_are_taken_piece_by_piece_where_known():
    run = np.array([[1.0, 5.0], [3.0, 5.0], [10.0, 5.0], [12.0, 9.0]])
    known = np.array([[True, True], [True, True], [True, False], [True, True]])
    pieces = np.array([[0, 0], [0, 0], [1, 0], [1, 0]])
    level = take_level(run.T[:, None], known.T, plan_pieces(known, pieces))[:, 0].T
    assert level.tolist() == [[-1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [1.0, 4.0]]


def test_a_run_too_short_has_no_chance():
    run = np.random.default_rng(0).normal(size=(LEAST_TICKS, 3))
    assert peak_of(run, 0).chance is None
    assert find_peak(run, np.zeros(run.shape, bool), FLOORS[:3], 6, np.zeros(run.shape, np.int64), 0) is None


def test_drawn_runs_are_like_the_run():
    run = draw(np.random.default_rng(1), 3000, memory=0.8)
    model = fit_model(run - np.median(run, 0), np.ones(run.shape, bool))
    drawn = draw_runs(model, 3000, 1, np.random.default_rng(2))[:, 0].T
    assert np.allclose(drawn.std(0), run.std(0), rtol=0.2)
    again, once = (np.corrcoef(one[1:, 0], one[:-1, 0])[0, 1] for one in (drawn, run))
    assert again == pytest.approx(once, abs=0.06)
    assert np.allclose(np.corrcoef(drawn.T), np.corrcoef(run.T), atol=0.15)


def tables_of(length_s=60.0, loud_at_s=None, lengths_s=None, kind="story", seed=5):
    """Tables of a film whose light and sound wander; a cry where it is asked for."""
    rng = np.random.default_rng(seed)
    count = round(length_s * 24)
    light = 0.3 + 0.01 * draw(rng, count, 0.9, 1)[:, 0]
    frames = {
        "frame": np.arange(count), "pts": np.arange(count), "time_s": np.arange(count) / 24,
        "brightness": light, "contrast": 0.2 + 0.005 * draw(rng, count, 0.9, 1)[:, 0],
        "motion_w_s": np.abs(0.05 + 0.01 * draw(rng, count, 0.8, 1)[:, 0]), "residual_change": np.full(count, 0.01),
    }  # fmt: skip
    steps = round(length_s * 10)
    loudness = -35 + 2 * draw(rng, steps, 0.7, 1)[:, 0]
    if loud_at_s is not None:
        loudness[round(loud_at_s * 10) : round(loud_at_s * 10) + 8] += 22
    ends = np.cumsum(lengths_s or [length_s])
    starts = np.concatenate([[0.0], ends[:-1]])
    shots = {
        "shot": range(len(ends)), "start_s": starts, "end_s": ends, "start_frame": np.round(starts * 24),
        "end_frame": np.round(ends * 24), "flat": False, "begins": "cut", "ends": "cut", "provisional": False,
    }  # fmt: skip
    scene = {"scene": [0], "start_s": [0.0], "end_s": [length_s], "kind": [kind]}
    return {
        "frames": conform(pl.DataFrame(frames), FRAMES),
        "loudness": conform(
            pl.DataFrame({"step": range(steps), "start_s": np.arange(steps) / 10, "loudness_lufs": loudness}), LOUDNESS
        ),
        "shots": conform(pl.DataFrame(shots), SHOTS),
        "scenes": conform(pl.DataFrame(scene), SCENES),
        "hearing": empty(HEARING),
    }


@pytest.mark.parametrize("at_s", [8.3, 31.0, 50.9])
def test_a_cry_is_a_moment_and_is_named(at_s):
    found = find_moments(tables_of(loud_at_s=at_s))
    check(found, MOMENTS)
    first = found.row(0, named=True)
    assert abs(first["time_s"] - at_s - 0.4) <= 0.6
    assert first["measures"][0] == "loudness_lufs"
    assert "louder" in first["statement"]
    assert first["chance"] <= 0.05
    assert first["start_frame"] <= first["frame"] < first["end_frame"]
    assert sum(first["shares"]) == pytest.approx(1, abs=0.01)


def test_a_cut_is_no_moment():
    tables = tables_of(lengths_s=[20.0, 15.0, 25.0])
    brighter = pl.when(pl.col("time_s").is_between(20, 35, closed="left")).then(pl.col("brightness") + 0.4)
    tables["frames"] = tables["frames"].with_columns(
        brighter.otherwise("brightness").cast(pl.Float32).alias("brightness")
    )
    assert "brightness" not in [row[0] for row in find_moments(tables)["measures"].to_list()]


@pytest.mark.parametrize("what", ["credits", "short", "nothing known", "no frames", "key frames only"])
def test_where_nothing_can_be_said_nothing_is(what):
    tables = tables_of(
        length_s=8.0 if what == "short" else 60.0, loud_at_s=4.0, kind="credits" if what == "credits" else "story"
    )
    if what == "nothing known":
        tables["frames"] = conform(tables["frames"].select("frame", "pts", "time_s"), FRAMES)
        tables["loudness"] = empty(LOUDNESS)
    if what == "no frames":
        tables["frames"], tables["shots"] = empty(FRAMES), empty(SHOTS)
    if what == "key frames only":
        tables["shots"] = tables["shots"].with_columns(provisional=pl.lit(value=True))
    found = find_moments(tables)
    check(found, MOMENTS)
    assert found.height == 0


@pytest.mark.parametrize("what", ["shots", "scenes", "black", "no picture"])
def test_tables_with_nulls_are_read_as_far_as_they_go(what):
    tables = tables_of(loud_at_s=20.0)
    if what in ("shots", "scenes"):
        tables[what] = tables[what].with_columns(end_s=pl.lit(None, pl.Float64))
    if what == "black":
        tables["shots"] = tables["shots"].with_columns(flat=pl.lit(value=True))
    if what == "no picture":
        tables["frames"] = conform(tables["frames"].select("frame", "pts", "time_s"), FRAMES)
    found = find_moments(tables)
    check(found, MOMENTS)
    # over black, or without a picture, the cry is heard all the same
    assert found.height == (what in ("black", "no picture"))


def test_a_place_that_lights_up_on_a_still_picture_is_named():
    tables = tables_of()
    rng = np.random.default_rng(6)
    cells = rng.normal(90, 0.5, (tables["frames"].height, 144, 3))
    lit = slice(40 * 24, round(40.8 * 24))
    cells[lit, 70, 0] += 60
    raw = np.clip(np.rint(cells), 0, 255).astype(np.uint8).reshape(len(cells), -1)
    grid = pl.DataFrame({"frame": tables["frames"]["frame"], "cells": [row.tobytes() for row in raw]}).lazy()
    found = find_moments(tables, grid).row(0, named=True)
    assert abs(found["time_s"] - 40.4) <= 2 * TICK_S
    assert found["measures"][0] == "local_light"
