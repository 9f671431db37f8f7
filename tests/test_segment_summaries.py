"""Summaries, palettes and stills of shots."""

import numpy as np
import polars as pl
import pytest

from drawn_shots import flat, scene, tables_of
from punctum import tables
from punctum.segment import choose_stills, film_palette, find_palette, find_shots, summarise_shots


def no_loudness() -> pl.DataFrame:
    return tables.empty(tables.LOUDNESS)


def frames_by_hand(**columns: list) -> pl.DataFrame:
    n = len(next(iter(columns.values())))
    return tables.conform(
        pl.DataFrame({"frame": range(n), "time_s": [i / 10 for i in range(n)], **columns}), tables.FRAMES
    )


def grid_by_hand(n: int) -> pl.LazyFrame:
    cells = bytes([128] * 432)
    return tables.conform(pl.DataFrame({"frame": range(n), "cells": [cells] * n}), tables.GRID).lazy()


def shots_by_hand(*starts: int, end: int, transition: tuple[int, int] | None = None) -> pl.DataFrame:
    ends = [*starts[1:], end]
    rows = {
        "shot": range(len(starts)),
        "start_frame": starts,
        "end_frame": ends,
        "start_s": [s / 10 for s in starts],
        "end_s": [e / 10 for e in ends],
        "length_s": [(e - s) / 10 for s, e in zip(starts, ends, strict=True)],
        "transition_start_frame": [None] * (len(starts) - 1) + [transition[0] if transition else None],
        "transition_end_frame": [None] * (len(starts) - 1) + [transition[1] if transition else None],
    }
    return tables.conform(pl.DataFrame(rows, strict=False), tables.SHOTS)


def test_medians_leave_transitions_out():
    frames = frames_by_hand(brightness=[0.1] * 4 + [0.9] * 4 + [0.5] * 4)
    made = summarise_shots(shots_by_hand(0, 6, end=12, transition=(4, 8)), frames, grid_by_hand(12), no_loudness())
    assert made["brightness"].to_list() == pytest.approx([0.1, 0.5])


def test_activity_leaves_out_what_reaches_into_the_shot_before():
    frames = frames_by_hand(correlation=[None, None, 0.9, 0.9, -0.8, -0.8, 0.6, 0.6, 0.6, 0.6])
    made = summarise_shots(shots_by_hand(0, 4, end=10), frames, grid_by_hand(10), no_loudness())
    assert made["visual_activity"].to_list() == pytest.approx([0.1, 0.4], abs=1e-5)


def test_levels_are_means_of_energy():
    frames = frames_by_hand(level_db=[-20.0, -20.0, -120.0, -120.0])
    loudness = tables.conform(
        pl.DataFrame({"step": range(4), "start_s": [0.0, 0.1, 0.2, 0.3], "loudness_lufs": [-10.0, -20.0, -23.0, None]}),
        tables.LOUDNESS,
    )
    made = summarise_shots(shots_by_hand(0, 2, end=4), frames, grid_by_hand(4), loudness)
    assert made["level_db"].to_list() == pytest.approx([-20.0, -120.0], abs=0.01)
    # 10 lg((10^-1 + 10^-2) / 2) = -12.60
    assert made["loudness_lufs"].to_list() == pytest.approx([-12.60, -23.0], abs=0.01)


def test_what_was_not_measured_is_null():
    made = summarise_shots(shots_by_hand(0, 2, end=4), frames_by_hand(luma=[0.5] * 4), grid_by_hand(4), no_loudness())
    tables.check(made, tables.SHOTS)
    for name in ("brightness", "saturation", "camera", "visual_activity", "level_db", "loudness_lufs"):
        assert made[name].is_null().all(), name


def test_the_camera_is_weighed_by_motion():
    frames = frames_by_hand(motion_w_s=[3.0, 1.0], camera=[1.0, 0.0])
    made = summarise_shots(shots_by_hand(0, end=2), frames, grid_by_hand(2), no_loudness())
    assert made["camera"][0] == pytest.approx(0.75)


def test_a_palette_holds_its_colours_and_shares():
    red, blue = (0.62796, 0.22486, 0.12585), (0.45201, -0.03246, -0.31153)
    colours, shares = find_palette(np.array([red] * 75 + [blue] * 25, np.float32))
    # near black, a hundredth of linear light is a dozen code values
    for colour, wanted in zip(colours, [(255, 0, 0), (0, 0, 255)], strict=True):
        assert [int(colour[i : i + 2], 16) for i in (1, 3, 5)] == pytest.approx(wanted, abs=13)
    assert shares == [0.75, 0.25]


def test_a_palette_joins_what_the_eye_cannot_tell_apart_and_ends_at_five():
    grey = np.zeros((100, 3), np.float32)
    grey[:, 0] = np.linspace(0.5, 0.52, 100)
    assert len(find_palette(grey)[0]) == 1
    rng = np.random.default_rng(1)
    many = np.concatenate([rng.uniform(0.2, 0.9, (2000, 1)), rng.uniform(-0.2, 0.2, (2000, 2))], axis=1)
    colours, shares = find_palette(many.astype(np.float32))
    assert len(colours) == 5
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1.0, abs=0.01)
    assert find_palette(many[::-1].astype(np.float32))[0] == colours


def test_a_colourless_film_has_a_grey_palette():
    grey = np.repeat(scene(1, 30).mean(axis=3, keepdims=True), 3, axis=3).astype(np.uint8)
    frames, grid = tables_of(grey)
    made = summarise_shots(find_shots(frames, grid.lazy()), frames, grid.lazy(), no_loudness())
    for colour in made["palette"][0]:
        r, g, b = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        assert max(r, g, b) - min(r, g, b) <= 3
    assert len(made["palette"][0]) >= 2


def test_the_palette_of_a_shot_is_its_own():
    frames, grid = tables_of(np.concatenate([flat(30, (200, 30, 30)), flat(30, (30, 30, 200))]))
    shots = find_shots(frames, grid.lazy())
    assert shots["start_frame"].to_list() == [0, 30]
    made = summarise_shots(shots, frames, grid.lazy(), no_loudness())
    first, second = (palette[0] for palette in made["palette"])
    assert int(first[1:3], 16) > 150 > 100 > int(first[5:7], 16)
    assert int(second[5:7], 16) > 150 > 100 > int(second[1:3], 16)
    whole, shares = film_palette(made)
    assert len(whole) == 2
    assert shares == pytest.approx([0.5, 0.5], abs=0.01)


def test_the_still_is_the_sharpest_of_the_middle_half():
    sharp = [1.0] * 40
    sharp[2], sharp[12], sharp[18] = 9.0, 3.0, 2.0
    frames = frames_by_hand(sharpness=sharp, contrast=[0.2] * 40)
    made = choose_stills(shots_by_hand(0, end=40), frames, [2, 12, 18, 30])
    assert made["stills"].to_list() == [[12]]


def test_no_still_from_a_transition_and_none_where_none_was_offered():
    frames = frames_by_hand(sharpness=[1.0] * 40, contrast=[0.2] * 40)
    shots = shots_by_hand(0, 20, end=40, transition=(16, 24))
    assert choose_stills(shots, frames, [18, 22])["stills"].to_list() == [[], []]
    assert choose_stills(shots, frames, [3, 22, 26, 999])["stills"].to_list() == [[3], [26]]


def test_a_long_shot_has_more_stills():
    frames = frames_by_hand(sharpness=[1.0] * 500, contrast=[0.2] * 500)
    made = choose_stills(shots_by_hand(0, end=500), frames, range(0, 500, 5))
    stills = made["stills"][0].to_list()
    assert len(stills) == 4
    assert 125 <= stills[0] <= 375
    assert stills[1:] == sorted(stills[1:])
    assert len(set(stills)) == 4
