"""Arcs and build-ups: published formulas by hand, what is planted is found, chance, weights, bad tables."""

import numpy as np
import polars as pl
import pytest
from tests.page_bundles import make_film

from punctum.errors import UsageWrong
from punctum.pipeline.weights import read_weights, weights_of
from punctum.reading import find_arcs, find_build_ups
from punctum.reading.arcs import Weights, cut_density, kaiser_smooth, nearness, smooth, tempo_parts
from punctum.reading.climax import read_climax
from punctum.reading.ground import lay_ground
from punctum.reading.ramps import find_ramps, normal_scores
from punctum.tables import ARCS, BUILD_UPS, FACES, FRAMES, LOUDNESS, SCENES, SHOTS, TABLES, check, conform, empty


def draw_tables(lengths_s, motion=0.1, loudness=-30.0, light=0.4):
    """Tables of a film: one row of frames a second, values for each second or for all."""
    end = np.cumsum(np.asarray(lengths_s, np.float64))
    n = int(end[-1])
    start = end - lengths_s
    spread = {"motion_w_s": motion, "brightness": light}
    columns = {name: np.broadcast_to(np.asarray(value, np.float64), n) for name, value in spread.items()}
    frames = conform(pl.DataFrame({"frame": np.arange(n), "time_s": np.arange(n) + 0.5, **columns}), FRAMES)
    own = np.searchsorted(end, np.arange(n) + 0.5)
    shot_motion = [float(columns["motion_w_s"][own == k].mean()) for k in range(len(end))]
    shots = conform(
        pl.DataFrame(
            {
                "shot": np.arange(len(end)), "start_s": start, "end_s": end, "start_frame": start, "end_frame": end,
                "motion_w_s": shot_motion,
            }
        ),
        SHOTS,
    )  # fmt: skip
    step = np.arange(10 * n)
    level = np.broadcast_to(np.asarray(loudness, np.float64), n).repeat(10)
    heard = conform(pl.DataFrame({"step": step, "start_s": step / 10, "loudness_lufs": level}), LOUDNESS)
    tables = {name: empty(columns) for name, columns in TABLES.items() if name != "grid"}
    return {**tables, "frames": frames, "shots": shots, "loudness": heard}


FILM = make_film()


def test_tempo_of_three_shots_by_hand():
    # lengths 2, 4, 9: median 4, spread sqrt(26/3) = 2.944; motion 0.1, 0.3, 0.2: mean 0.2, spread 0.0816
    cutting, moving = tempo_parts(np.array([2.0, 4.0, 9.0]), np.array([0.1, 0.3, 0.2]), np.ones(3, bool))
    assert cutting == pytest.approx([2 / 2.9439, 0, -5 / 2.9439], abs=1e-4)
    assert moving == pytest.approx([-1.2247, 1.2247, 0], abs=1e-4)
    # what is no story counts neither for the median nor for the spread
    cutting, _ = tempo_parts(np.array([2.0, 4.0, 9.0, 100.0]), np.full(4, np.nan), np.array([1, 1, 1, 0], bool))
    assert cutting[:3] == pytest.approx([2 / 2.9439, 0, -5 / 2.9439], abs=1e-4)


def test_cut_density_by_hand():
    # a shot of 12.04 s has 301 frames of 25 a second: exp((1 - 301) / 300)
    assert cut_density(np.array([12.04])) == pytest.approx(np.exp(-1.0))


def test_arousal_of_even_parts_is_even():
    arcs = find_arcs(FILM, draw_tables([5.0] * 12))
    check(arcs, ARCS)
    assert arcs.height == 60
    for name in ("arousal", "arousal_motion", "arousal_sound", "arousal_cutting"):
        assert arcs[name].to_list() == [1.0] * 60
    assert arcs["tempo"].to_list() == [0.0] * 60
    assert arcs["loudness_lufs"].to_list() == [-30.0] * 60


def test_arousal_is_the_weighted_mean_of_its_parts():
    rng = np.random.default_rng(0)
    tables = draw_tables([4.0, 8.0, 3.0, 15.0] * 3, rng.uniform(0, 0.4, 90), rng.uniform(-50, -15, 90))
    arcs = find_arcs(FILM, tables, Weights(arousal_motion=2.0, arousal_sound=1.0, arousal_cutting=0.0))
    by_hand = (2 * arcs["arousal_motion"] + arcs["arousal_sound"]) / 3
    assert arcs["arousal"].to_numpy() == pytest.approx(by_hand.to_numpy(), abs=2e-4)
    assert arcs["arousal_motion"].max() == pytest.approx(1.0)
    assert arcs["tempo"].to_numpy() == pytest.approx(
        (arcs["tempo_cutting"] + arcs["tempo_motion"]).to_numpy(), abs=2e-4
    )


def test_the_kaiser_window_is_theirs():
    one = np.zeros(101)
    one[50] = 1.0
    made = kaiser_smooth(one, np.ones(101, bool))
    assert made[50 - 14 : 50 + 15] == pytest.approx(np.kaiser(29, 5.0))


def test_credits_are_no_part_of_the_arcs():
    tables = draw_tables([5.0] * 20, np.repeat([0.1, 0.9], [80, 20]))
    scenes = {"scene": [0, 1], "start_s": [0.0, 80.0], "end_s": [80.0, 100.0], "kind": ["story", "credits"]}
    arcs = find_arcs(FILM, {**tables, "scenes": conform(pl.DataFrame(scenes), SCENES)})
    assert arcs["story"].to_list() == [True] * 80 + [False] * 20
    assert set(arcs.filter("story")["arousal_motion"]) == {1.0}


def test_smoothing_passes_over_what_was_not_measured():
    values = np.array([1.0, np.nan, np.nan, 1.0])
    assert smooth(values, np.ones(4, bool)) == pytest.approx(1.0)
    assert np.isnan(smooth(np.full(3, np.nan), np.ones(3, bool))).all()


def test_closeness_and_distance_by_hand():
    frames = conform(pl.DataFrame({"frame": [0, 1], "time_s": [0.0, 1.0], "faces": [2, 0]}), FRAMES)
    rows = {
        "face": [0, 1], "frame": [0, 0], "time_s": [0.0, 0.0], "left": [0.2, 0.6], "top": [0.3, 0.3],
        "width": [0.1, 0.1], "height": [0.2, 0.4],
    }  # fmt: skip
    near, apart = nearness(FILM, frames, conform(pl.DataFrame(rows), FACES), 2)
    assert near == pytest.approx([0.4, 0.0])
    # centres 0.4 widths of 16/9 heights and 0.1 heights apart; mean height 0.3
    assert apart[0] == pytest.approx(np.hypot(0.4 * 16 / 9, 0.1) / 0.3, rel=1e-6)
    assert np.isnan(apart[1])


@pytest.mark.parametrize("lacking", ["frames", "loudness", "shots", "motion"])
def test_arcs_of_what_is_there(lacking):
    tables = draw_tables([5.0] * 30)
    if lacking == "motion":
        tables["frames"] = conform(tables["frames"].drop("motion_w_s"), FRAMES)
        tables["shots"] = conform(tables["shots"].drop("motion_w_s"), SHOTS)
    else:
        tables[lacking] = empty(TABLES[lacking])
    arcs = find_arcs(FILM, tables)
    check(arcs, ARCS)
    check(find_build_ups(tables, arcs), BUILD_UPS)
    assert arcs.height == (0 if lacking == "shots" else 150)
    if lacking == "loudness":
        assert arcs["arousal_sound"].null_count() == 150
        assert arcs["arousal"].null_count() == 0


# build-ups


def noisy(rise_from=None, length=300, n=2400, seed=0, rise=3.0):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=n)
    if rise_from is not None:
        values[rise_from : rise_from + length] += np.linspace(0, rise, length)
        values[rise_from + length : rise_from + length + 60] += np.linspace(rise, 0, 60)
    return values


def test_a_planted_build_up_is_found_with_what_carries_it():
    lengths = np.full(480, 5.0)
    motion = 0.1 * np.exp(0.4 * noisy(1200))
    loudness = -35 + 3 * noisy(1200, seed=1)
    tables = draw_tables(lengths, motion, loudness)
    ups = find_build_ups(tables, find_arcs(FILM, tables))
    check(ups, BUILD_UPS)
    rising = ups.filter(pl.col("kind") == "rising")
    assert rising.height == 1
    row = rising.row(0, named=True)
    assert 1150 <= row["start_s"] <= 1300
    assert 1440 <= row["peak_s"] <= 1530
    assert row["peak_s"] < row["end_s"] <= 1600
    assert {"motion_slope", "level_slope"} <= set(row["carried_by"])
    assert "cutting_slope" not in row["carried_by"]
    assert row["chance"] <= 0.05
    assert row["slope"] > 0
    assert "the sound swells" in row["statement"]


def test_the_climax_is_looked_for_in_the_last_quarter():
    motion = (
        0.1
        + 0.9 * np.exp(-(((np.arange(2400) - 2000) / 40) ** 2))
        + 1.5 * np.exp(-(((np.arange(2400) - 600) / 40) ** 2))
    )
    tables = draw_tables([6.0] * 400, motion)
    arcs = find_arcs(FILM, tables)
    where, how_much = read_climax(lay_ground(FILM, tables), arcs)
    assert where.value == pytest.approx(2000.5, abs=2)
    assert "greater at 0:10:00" in where.statement or "greater at 10:00" in where.statement
    assert how_much.baseline_value == pytest.approx(1.0)
    assert how_much.value < 1.0
    short = draw_tables([6.0] * 20)
    assert read_climax(lay_ground(FILM, short), find_arcs(FILM, short))[0].value is None


def test_a_step_is_no_build_up():
    values = np.concatenate([noisy(n=1200), 3 + noisy(n=1200, seed=5)])
    found = find_ramps(normal_scores(values), np.arange(2400) // 5)
    assert not [ramp for ramp in found if ramp.start < 1200 < ramp.end and ramp.end - ramp.start <= 160]


@pytest.mark.slow
def test_noise_and_shots_in_random_order_build_nothing_more_often_than_said():
    found = 0
    for seed in range(24):
        rng = np.random.default_rng(seed)
        shot = np.repeat(np.arange(600), rng.integers(1, 9, 600))[:1500]
        values = rng.normal(size=600)[shot] if seed % 2 else rng.normal(size=1500)
        found += bool(find_ramps(normal_scores(values), shot, seed=seed))
    assert found <= 5  # 24 at 0.05: more than 5 in 3 of 1000


@pytest.mark.parametrize("n", [1, 30, 119])
def test_a_short_film_has_no_build_up(n):
    tables = draw_tables([1.0] * n)
    assert find_build_ups(tables, find_arcs(FILM, tables)).height == 0


# weights


def test_weights_are_read_beside_the_film(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read_weights(tmp_path / "a.mkv") == Weights()
    (tmp_path / "punctum.toml").write_text("[arousal]\nsound = 2\n[tempo]\nmotion = 0\n", "utf-8")
    assert read_weights(tmp_path / "a.mkv") == Weights(arousal_sound=2.0, tempo_motion=0.0)
    assert read_weights(tmp_path / "elsewhere" / "a.mkv") == Weights(arousal_sound=2.0, tempo_motion=0.0)


@pytest.mark.parametrize(
    "text",
    ["[arousal", "[arousal]\nnoise = 1", "speed = 2", "[tempo]\ncutting = -1", "[tempo]\ncutting = nan",
     "[tempo]\ncutting = true", "[tempo]\ncutting = 0\nmotion = 0", "\xff"],
)  # fmt: skip
def test_weights_that_are_none_are_refused(tmp_path, text):
    (tmp_path / "punctum.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageWrong):
        read_weights(tmp_path / "a.mkv")


def test_weights_of_a_strange_record_are_the_usual_ones():
    assert weights_of({"weights": {"arousal_sound": "loud", "tempo_motion": 0.5}}) == Weights(tempo_motion=0.5)
    assert weights_of({"weights": 3}) == Weights()
