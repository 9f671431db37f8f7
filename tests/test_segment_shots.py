"""Shots of drawn and of real film."""

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from drawn_shots import dissolve, fade, flat, scene, tables_of, wipe
from punctum import tables
from punctum.errors import TableInvalid
from punctum.film import Correction
from punctum.segment import find_boundaries, find_shots, place_shots, usable_corrections


def shots_of(*runs: np.ndarray, fps: float = 24.0) -> pl.DataFrame:
    frames, grid = tables_of(np.concatenate(runs), fps)
    shots = find_shots(frames, grid.lazy())
    tables.check(shots, tables.SHOTS, "shots")
    assert shots["start_frame"].to_list()[1:] == shots["end_frame"].to_list()[:-1]
    assert shots["end_frame"][-1] == frames.height
    assert shots["begins"].to_list()[1:] == shots["ends"].to_list()[:-1]
    return shots


def boundaries(shots: pl.DataFrame) -> list[tuple[int, str]]:
    return list(shots.select("start_frame", "begins").iter_rows())[1:]


def test_cuts_are_at_the_first_frame_of_the_new_shot():
    shots = shots_of(scene(1, 40), scene(2, 30), scene(3, 50))
    assert boundaries(shots) == [(40, "cut"), (70, "cut")]
    assert shots["begins"][0] == "open"
    assert shots["ends"][-1] == "close"
    assert shots["transition_start_frame"].is_null().all()
    assert shots["doubt"].is_null().to_list() == [True, False, False]
    assert (shots["doubt"].drop_nulls() < 0.5).all()
    assert shots["length_s"].to_list() == pytest.approx([40 / 24, 30 / 24, 50 / 24], abs=1e-6)


@pytest.mark.parametrize("length", [8, 16, 24, 48])
def test_a_dissolve_is_at_its_middle(length):
    shots = shots_of(scene(1, 50), dissolve(scene(1, length, 50), scene(2, length)), scene(2, 50, length))
    [(at, kind)] = boundaries(shots)
    assert kind == "dissolve"
    assert at == pytest.approx(50 + length / 2, abs=max(2, length * 0.15))
    start, end = shots.row(1, named=True)["transition_start_frame"], shots.row(1, named=True)["transition_end_frame"]
    assert start == pytest.approx(50, abs=max(2, length * 0.2))
    assert end == pytest.approx(50 + length, abs=max(2, length * 0.2))
    assert start < at < end


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (20, 40, 160)])
def test_a_fade_out_and_in_is_at_the_middle_of_its_flat_part(colour):
    shots = shots_of(
        scene(1, 40),
        fade(scene(1, 14, 40), colour),
        flat(9, colour),
        fade(scene(2, 14), colour, False),
        scene(2, 40, 14),
    )
    [(at, kind)] = boundaries(shots)
    assert kind == "fade"
    assert at == pytest.approx(58, abs=2)
    row = shots.row(1, named=True)
    assert row["transition_start_frame"] == pytest.approx(40, abs=3)
    assert row["transition_end_frame"] == pytest.approx(77, abs=3)
    assert row["transition"] == {(0, 0, 0): "black", (255, 255, 255): "white"}.get(colour, row["transition"])
    assert not shots["flat"].any()


def test_two_seconds_of_black_are_a_shot():
    shots = shots_of(scene(1, 40), fade(scene(1, 14, 40)), flat(50), fade(scene(2, 14), into=False), scene(2, 40, 14))
    (black, first), (after, second) = boundaries(shots)
    assert (first, second) == ("fade", "fade")
    assert black == pytest.approx(54, abs=1)
    assert after == pytest.approx(104, abs=1)
    assert shots["flat"].to_list() == [False, True, False]
    assert shots["transition_end_frame"][1] == black
    assert shots["transition_start_frame"][2] == after


def test_half_a_second_of_black_between_cuts_is_a_shot_and_less_is_none():
    assert boundaries(shots_of(scene(1, 40), flat(14), scene(2, 40))) == [(40, "cut"), (54, "cut")]
    assert boundaries(shots_of(scene(1, 40), flat(5), scene(2, 40))) == [(45, "cut")]


def test_a_film_may_fade_in_and_out():
    shots = shots_of(flat(6), fade(scene(1, 20), into=False), scene(1, 40, 20), fade(scene(1, 20, 60)), flat(6))
    assert shots.height == 1
    row = shots.row(0, named=True)
    assert (row["begins"], row["ends"], row["transition"]) == ("fade", "fade", "black")
    assert row["transition_start_frame"] == 0
    assert row["transition_end_frame"] == pytest.approx(26, abs=2)


@pytest.mark.parametrize("length", [10, 20, 36])
def test_a_wipe_is_told_from_a_dissolve(length):
    shots = shots_of(scene(4, 50), wipe(scene(4, length, 50), scene(5, length)), scene(5, 50, length))
    [(at, kind)] = boundaries(shots)
    assert kind == "wipe"
    assert at == pytest.approx(50 + length / 2, abs=max(2, length * 0.2))
    assert shots["transition"][1] == "right"


def test_a_flash_is_no_boundary():
    run = scene(1, 90)
    run[40:43] = (run[40:43] * 0.3 + 255 * 0.7).astype(np.uint8)
    run[60] = 255
    assert boundaries(shots_of(run)) == []


def test_strobing_light_is_no_boundary():
    run = scene(1, 90)
    for i in range(30, 60, 4):
        run[i : i + 2] = (run[i : i + 2] * 0.25).astype(np.uint8)
    assert boundaries(shots_of(run)) == []


@pytest.mark.parametrize("gain", [0.5, 1.35])
def test_a_step_of_exposure_is_no_boundary(gain):
    run = scene(1, 80)
    run[40:] = np.clip(run[40:] * gain, 0, 255).astype(np.uint8)
    assert boundaries(shots_of(run)) == []


def test_a_step_of_white_balance_is_no_boundary():
    run = scene(2, 80)
    run[40:] = np.clip(run[40:] * np.array([1.15, 1.0, 0.8]), 0, 255).astype(np.uint8)
    assert boundaries(shots_of(run)) == []


def test_titles_and_insets_are_no_boundary():
    run = scene(1, 120)
    run[40:80, 56:66, 30:98] = 250
    run[80:, 6:26, 88:120] = 15
    assert boundaries(shots_of(run)) == []


def test_a_whole_pan_is_no_boundary():
    wide = np.concatenate([scene(1, 1)[0], scene(2, 1)[0][:, ::-1], scene(3, 1)[0]], axis=1)
    run = np.stack([wide[:, k : k + 128] for k in np.linspace(0, 256, 90).astype(int)])
    assert boundaries(shots_of(run)) == []


def test_film_on_twos_keeps_its_cut_and_no_more():
    run = np.concatenate([scene(1, 60, speed=2.5), scene(2, 60, speed=2.5)])
    run[1::2] = run[::2]
    assert boundaries(shots_of(run)) == [(60, "cut")]


def test_cuts_in_the_dark_in_grain_and_in_grey():
    run = np.concatenate([scene(1, 40), scene(2, 40)]).astype(np.float64)
    rng = np.random.default_rng(5)
    dark = (run * 0.16 + rng.normal(0, 1.0, run.shape)).clip(0, 255).astype(np.uint8)
    grain = (run + rng.normal(0, 14, run.shape[:3])[..., None]).clip(0, 255).astype(np.uint8)
    grey = np.repeat(run.mean(axis=3, keepdims=True), 3, axis=3).astype(np.uint8)
    for film in (dark, grain, grey):
        assert boundaries(shots_of(film)) == [(40, "cut")]


def test_any_number_of_frames_a_second():
    run = [scene(1, 40), dissolve(scene(1, 30, 40), scene(2, 30)), scene(2, 40, 30), scene(3, 40)]
    for fps in (10.0, 25.0, 60.0):
        kinds = [kind for _, kind in boundaries(shots_of(*run, fps=fps))]
        assert kinds == ["dissolve", "cut"]


@pytest.fixture(scope="module")
def mixed():
    runs = [scene(0, 30)]
    for k in range(1, 12):
        if k % 3 == 0:
            runs += [dissolve(scene(k - 1, 20, 30), scene(k, 20)), scene(k, 40, 20)]
        elif k % 5 == 0:
            runs += [fade(scene(k - 1, 10, 30)), flat(6), fade(scene(k, 10), into=False), scene(k, 40, 10)]
        else:
            runs.append(scene(k, 45))
    return tables_of(np.concatenate(runs))


def test_shots_do_not_depend_on_the_size_of_a_piece(mixed):
    frames, grid = mixed
    whole = find_shots(frames, grid.lazy())
    assert whole.height >= 11
    for size in (64, 97, 300):
        assert find_shots(frames, grid.lazy(), piece_frames=size).equals(whole)


def test_shots_lie_between_the_boundaries_found(mixed):
    frames, grid = mixed
    found = find_boundaries(frames, grid.lazy())
    tables.check(found, tables.BOUNDARIES, "boundaries")
    assert found["kind"][0] == "open"
    assert found["kind"][-1] == "close"
    assert found["frame"][-1] == frames.height
    shots = place_shots(found, frames)
    assert shots.equals(find_shots(frames, grid.lazy()))
    inner = found[1:-1]
    assert inner["frame"].to_list() == shots["start_frame"].to_list()[1:]
    for mine, theirs in (("kind", "begins"), ("doubt", "doubt"), ("transition", "transition")):
        assert inner[mine].to_list() == shots[theirs].to_list()[1:]
    for name in ("transition_start_frame", "transition_end_frame"):
        assert inner[name].to_list() == shots[name].to_list()[1:]


def test_boundaries_say_how_the_film_opens_and_closes_and_what_is_flat():
    runs = [flat(6), fade(scene(1, 20), into=False), scene(1, 40, 20), flat(60), scene(2, 40), fade(scene(2, 20, 40))]
    frames, grid = tables_of(np.concatenate([*runs, flat(6)]))
    found = find_boundaries(frames, grid.lazy())
    assert found["kind"].to_list() == ["open", "cut", "cut", "close"]
    assert found["frame"].to_list() == [0, 66, 126, frames.height]
    assert found["flat"].to_list() == [False, True, False, False]
    assert found["transition"].to_list() == ["black", None, None, "black"]
    assert found["transition_start_frame"][0] == 0
    assert found["transition_end_frame"][3] == frames.height
    shots = place_shots(found, frames)
    assert shots["begins"].to_list() == ["fade", "cut", "cut"]
    assert shots["ends"].to_list() == ["cut", "cut", "fade"]
    # a person's cut in the flat part leaves both halves flat
    halves = place_shots(found, frames, [Correction("cut", 90 / 24)])
    assert halves["flat"].to_list() == [False, True, True, False]


def test_corrections_that_act_on_nothing_are_parted_from_the_others(mixed):
    frames, grid = mixed
    found = find_boundaries(frames, grid.lazy())
    at_s = float(frames["time_s"][int(found["frame"][1])])
    said = [Correction("cut", at_s / 2), Correction("merge", 1e5), Correction("merge", at_s), Correction("cut", 0.0)]
    used, unused = usable_corrections(found, frames, said)
    assert used == [said[0], said[2]]
    assert unused == [said[1], said[3]]
    assert place_shots(found, frames, used)["start_frame"][1] == pytest.approx(found["frame"][1] / 2, abs=1)
    assert usable_corrections(tables.empty(tables.BOUNDARIES), frames.clear(), said) == ([], said)
    assert place_shots(tables.empty(tables.BOUNDARIES), frames.clear()).is_empty()


def sparse(frames: pl.DataFrame, rows: list[int], film: range = range(0)) -> pl.DataFrame:
    """The frames at ``rows``; those outside ``film`` as key frames are, without what needs a neighbour."""
    inside = pl.col("frame").is_between(film.start, film.stop - 1)
    lacking = ["change", "histogram_change", "residual_change", "correlation", "interlaced", "damaged"]
    made = frames[rows].with_columns(pl.when(inside).then(name).alias(name) for name in lacking)
    return tables.conform(made, tables.FRAMES)


def test_where_only_key_frames_were_read_all_shots_are_provisional(mixed):
    frames, grid = mixed
    rows = [*range(0, frames.height, 12)]
    rough = find_shots(sparse(frames, rows), grid[rows].lazy())
    assert rough.height > 5
    assert rough["provisional"].all()
    assert set(rough["start_frame"]) <= set(rows)
    # a single shot, and a single frame
    for few in (rows[:2], rows[:1]):
        shots = find_shots(sparse(frames, few), grid[few].lazy())
        assert shots["provisional"].to_list() == [True]
    # what a person says of both ends does not tell what lies between
    said = [Correction("cut", float(frames["time_s"][k])) for k in (132, 156)]
    corrected = find_shots(sparse(frames, rows), grid[rows].lazy(), said)
    assert corrected.filter(pl.col("start_frame") == 132)["provisional"].item()


def test_in_film_read_in_part_the_shots_within_that_part_are_settled(mixed):
    frames, grid = mixed
    film = range(96, 300)
    rows = [*range(0, 96, 12), *film, *range(300, frames.height, 12)]
    found = find_shots(sparse(frames, rows, film), grid[rows].lazy())
    whole = find_shots(frames, grid.lazy())
    assert not whole["provisional"].any()
    settled = found.filter(~pl.col("provisional"))
    wanted = whole.filter((pl.col("start_frame") > 96) & (pl.col("end_frame") < 300))
    spans = ["start_frame", "end_frame", "begins", "ends", "transition_start_frame", "transition_end_frame"]
    assert settled.height >= 2
    assert settled.select(spans).equals(wanted.select(spans))
    # the part from a cut on: its first shot begins at a rough boundary
    start = int(wanted["start_frame"][-1])
    rows = [*range(0, start, 12), *range(start, frames.height)]
    found = find_shots(sparse(frames, rows, range(start, frames.height)), grid[rows].lazy())
    first = found.filter(pl.col("start_frame") <= start)
    assert first["provisional"].all()
    assert first["start_frame"][-1] == start
    assert not found.filter(pl.col("start_frame") > start)["provisional"].any()


def test_one_frame_and_none():
    frames, grid = tables_of(scene(1, 1))
    assert find_shots(frames, grid.lazy()).select("begins", "ends", "start_frame", "end_frame").row(0) == (
        "open",
        "close",
        0,
        1,
    )
    assert not find_shots(frames, grid.lazy())["provisional"].any()
    assert find_shots(tables.empty(tables.FRAMES), tables.empty(tables.GRID).lazy()).is_empty()


def test_a_grid_of_other_frames_is_refused():
    frames, grid = tables_of(scene(1, 20))
    with pytest.raises(TableInvalid):
        find_shots(frames, grid[1:].lazy())


def _read(name: str) -> tuple[pl.DataFrame, pl.LazyFrame]:
    from punctum.measure import measure_block
    from punctum.media import decode_blocks, open_source

    folder = os.environ.get("PUNCTUM_MEDIA")
    if not folder:
        pytest.skip("PUNCTUM_MEDIA names no folder of real film")
    measured = [measure_block(block) for block in decode_blocks(open_source(Path(folder) / name))]
    return pl.concat([m.frames for m in measured]), pl.concat([m.grid for m in measured]).lazy()


@pytest.mark.real
def test_the_cuts_of_real_animation():
    shots = find_shots(*_read("bbb_480p_30s.mp4"))
    assert shots["begins"][0] == "fade"
    assert {285, 378, 553} <= {at for at, kind in boundaries(shots) if kind == "cut"}
    assert [at for at, kind in boundaries(shots) if kind == "cut"] == [285, 378, 553]


@pytest.mark.real
def test_a_real_dissolve():
    frames, grid = _read("nasa_13013.mp4")
    shots = find_shots(frames, grid)
    assert shots["begins"].to_list() == ["open", "dissolve", "cut"]
    assert shots["start_s"].to_list()[1:] == pytest.approx([5.52, 8.08], abs=0.12)
