"""Readings of films made by hand, whose answers are known."""

import re
import time
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from punctum.film import Box, Film
from punctum.reading import find_readings, three_lines
from punctum.tables import FRAMES, LOUDNESS, READINGS, SHOTS, TABLES, check, conform, empty

RATE = 24


def make_film(duration_s, frame_count=None, sound=True):
    count = round(duration_s * RATE) if frame_count is None else frame_count
    rate_hz = 48_000 if sound else 0
    return Film("f", "F", 2000, Fraction(1, RATE), count, duration_s, 1280, 720, Box(0, 0, 1280, 720), rate_hz)


def make_shots(lengths_s, begins=None, **columns):
    """Shots of these lengths, joined by cuts, pictured and found in full unless told otherwise."""
    ends = np.round(np.cumsum(lengths_s) * RATE).astype(int)
    starts = np.r_[0, ends[:-1]]
    n = len(ends)
    table = {
        "shot": np.arange(n),
        "start_frame": starts,
        "end_frame": ends,
        "start_s": starts / RATE,
        "end_s": ends / RATE,
        "length_s": (ends - starts) / RATE,
        "begins": begins or ["open"] + ["cut"] * (n - 1),
        "ends": ["cut"] * (n - 1) + ["close"],
        "flat": [False] * n,
        "provisional": [False] * n,
    }
    return conform(pl.DataFrame(table | columns), SHOTS)


def make_frames(duration_s, step=1, **columns):
    """Frames with columns given as functions of time."""
    frame = np.arange(0, round(duration_s * RATE), step)
    time_s = frame / RATE
    made = {"frame": frame, "time_s": time_s}
    made |= {name: np.broadcast_to(of(time_s), time_s.shape) for name, of in columns.items()}
    return conform(pl.DataFrame(made), FRAMES)


def make_loudness(duration_s, of):
    step = np.arange(round(duration_s * 10))
    return conform(
        pl.DataFrame({"step": step, "start_s": step / 10, "loudness_lufs": np.broadcast_to(of(step / 10), step.shape)}),
        LOUDNESS,
    )


def read(lengths_s=None, frames=None, loudness=None, sound=True, shots=None, duration_s=None):
    if shots is None:
        shots = make_shots(lengths_s)
    duration_s = duration_s if duration_s is not None else float(shots["end_s"][-1])
    tables = {"shots": shots, "frames": frames, "loudness": loudness}
    tables = {name: empty(TABLES[name]) if table is None else table for name, table in tables.items()}
    found = find_readings(make_film(duration_s, sound=sound), tables)
    check(found, READINGS)
    return found


def row(readings, measure):
    return readings.row(by_predicate=pl.col("measure") == measure, named=True)


def statement(readings, measure):
    return row(readings, measure)["statement"]


PLAIN = [3.0, 4.0, 5.0, 4.5, 3.5] * 8
"""Forty shots, two minutes and forty seconds, median 4 s."""


def test_the_last_shot_that_is_the_longest():
    found = read([*PLAIN, 91.0])
    assert statement(found, "last_shot_s") == (
        "The last shot holds for 1 min 31 s, longer than any before it (film's median 4.0 s)."
    )
    last = row(found, "last_shot_s")
    assert (last["value"], last["unit"], last["baseline"], last["baseline_value"]) == (
        91.0,
        "s",
        "the shots before it",
        4.0,
    )
    assert (last["percentile"], last["start_s"], last["end_s"]) == (100.0, 160.0, 251.0)
    assert found.filter(pl.col("span") == "ending")["measure"][0] == "last_shot_s"


def test_a_last_shot_among_the_others():
    # of the forty before it 16 are shorter, 8 as long: half of them counted
    assert statement(read([*PLAIN, 4.0]), "last_shot_s") == (
        "The last shot holds for 4.0 s, longer than 50 % of those before it (film's median 4.0 s)."
    )
    assert statement(read([*PLAIN, 1.0]), "last_shot_s") == (
        "The last shot lasts 1.0 s, shorter than any before it (film's median 4.0 s)."
    )


def test_one_shot_is_no_ending():
    found = read([30.0])
    assert statement(found, "shot_count") == "The film is a single shot."
    assert statement(found, "last_shot_s") == "The film is a single shot of 30 s."
    assert row(found, "last_10_length_ratio")["value"] is None
    assert "too few" in statement(found, "last_10_average_shot_length_s")
    assert row(found, "shot_length_spread")["value"] is None
    assert not found["percentile"].drop_nulls().len()


def test_no_tables_at_all():
    found = find_readings(make_film(0.0), {})
    check(found, READINGS)
    assert found["value"].drop_nulls().len() == 0
    assert three_lines(found) == []


def test_percentiles_name_their_population_and_are_of_long_films_only():
    long = read(PLAIN * 16)  # 2560 s
    short = read(PLAIN * 14)  # 2240 s
    average = row(long, "average_shot_length_s")
    assert average["baseline"] == "130 Hollywood films, 1935–2005"
    # by hand from the table: how many of the 130 average less than 4.0 s
    assert average["value"] == 4.0
    assert 0 < average["percentile"] < 30
    assert "of 130 Hollywood films, 1935–2005" in average["statement"]
    assert row(short, "average_shot_length_s")["percentile"] is None
    assert not short.filter(pl.col("statement").str.contains("Hollywood")).height
    assert row(long, "last_5_length_ratio")["baseline"] == "endings of 130 Hollywood films, 1935–2005"
    assert row(long, "last_shot_s")["baseline"] == "last shots of 130 Hollywood films, 1935–2005"


def test_flat_shots_are_no_cutting():
    shots = make_shots([*PLAIN, 60.0], flat=[False] * 40 + [True])
    found = read(shots=shots)
    assert row(found, "shot_count")["value"] == 40
    assert statement(found, "shot_count") == (
        "The film has 40 shots, credits included; 1 stretch of black or one flat colour (1 min) is left out."
    )
    assert row(found, "average_shot_length_s")["value"] == 4.0
    assert row(found, "last_shot_s")["value"] == 3.5
    assert row(found, "last_shot_s")["end_s"] == 160.0
    # a film of nothing else keeps its one shot
    assert row(read(shots=make_shots([60.0], flat=[True])), "shot_count")["value"] == 1


def test_joins_are_counted():
    begins = ["open"] + ["cut"] * 30 + ["dissolve"] * 8 + ["fade"]
    found = read(shots=make_shots(PLAIN, begins=begins))
    assert [row(found, f"{kind}_count")["value"] for kind in ("cut", "dissolve", "fade", "wipe")] == [30, 8, 1, 0]
    assert statement(found, "fade_count") == "1 of the 39 joins is a fade."
    assert statement(found, "cut_count") == "30 of the 39 joins are cuts."
    assert statement(found, "wipe_count") == "No wipes."


def test_an_ending_cut_slower_has_its_chance():
    rng = np.random.default_rng(3)
    lengths_s = rng.lognormal(1, 0.6, 300)
    plain = row(read(lengths_s), "last_10_average_shot_length_s")
    lengths_s[-12:] *= 6
    slow = row(read(lengths_s), "last_10_average_shot_length_s")
    assert slow["chance"] < 0.05 < plain["chance"]
    assert slow["value"] > 2 * slow["baseline_value"]
    assert "comes about by chance" in slow["statement"]


def test_cliffs_d_and_shift_of_the_ending():
    # the last tenth of 414 s begins at 372.6 s: of the nine long shots two have their middles before it
    found = read([4.0] * 90 + [6.0] * 9)
    d = row(found, "ending_cliffs_d")
    assert d["value"] == pytest.approx(90 / 92)
    assert d["statement"].startswith("A shot from the last 10 % is longer than one from before it 99 times in 100")
    assert d["start_s"] == 372.0
    shift = row(found, "ending_length_shift_s")
    assert shift["value"] == pytest.approx(2.0)
    assert shift["statement"].startswith("Shots of the last 10 % tend to be 2.0 s longer than those before")


def test_a_darker_ending():
    frames = make_frames(400, brightness=lambda t: np.where(t < 360, 0.4, 0.1), contrast=lambda t: 0.2 + 0 * t)
    found = read([4.0] * 100, frames=frames)
    dark = row(found, "ending_brightness")
    assert dark["statement"] == (
        "The last 10 % of the film is darker than any other stretch as long (brightness 0.10, their median 0.40)."
    )
    assert (dark["percentile"], dark["baseline_value"]) == (0.0, 0.4)
    assert dark["start_s"] == pytest.approx(360)
    assert dark["start_frame"] == 360 * RATE
    assert statement(found, "ending_contrast") == (
        "The last 10 % of the film is like the rest in contrast (0.20, the rest 0.20)."
    )
    assert row(found, "ending_contrast")["percentile"] is None
    assert statement(found, "saturation") == "Not measured: the film has no colour."


def test_film_figures_of_the_picture_are_medians_over_seconds():
    # ten dark seconds at 24 frames each, then eleven light ones of which few frames are there
    frames = make_frames(21, brightness=lambda t: np.where(t < 10, 0.1, 0.5))
    frames = frames.filter((pl.col("time_s") < 10) | (pl.col("frame") % 12 == 0))
    assert row(read([21.0], frames=frames), "brightness")["value"] == pytest.approx(0.5)


def test_visual_activity_leaves_out_pairs_across_a_boundary():
    frames = make_frames(4, correlation=lambda t: np.where(np.round(t * RATE) % 3 < 2, -1.0, 0.9))
    # shots of three frames: only the third frame of each has its partner in the same shot
    found = read([3 / RATE] * 32, frames=frames)
    assert row(found, "visual_activity")["value"] == pytest.approx(0.1, abs=1e-6)


def test_sound_of_the_film_and_of_its_ending():
    loudness = make_loudness(400, lambda t: np.where(t < 100, -120.0, np.where(t < 360, -20.0, -30.0)))
    found = read([4.0] * 100, loudness=loudness)
    assert row(found, "integrated_loudness_lufs")["value"] == pytest.approx(-20.5, abs=0.2)
    assert row(found, "longest_silence_s")["value"] == pytest.approx(100.0)
    assert statement(found, "longest_silence_s") == (
        "The longest silence lasts 1 min 40 s, from 0:00 (below −60 LUFS)."
    )
    quiet = row(found, "ending_loudness_lufs")
    assert quiet["value"] == pytest.approx(-30.0, abs=0.01)
    assert "quieter than" in quiet["statement"]
    loudest = row(found, "max_short_term_lufs")
    assert loudest["value"] == pytest.approx(-20.0, abs=0.01)
    assert loudest["end_s"] - loudest["start_s"] == pytest.approx(3.0)


def test_a_silent_ending_is_called_silent():
    loudness = make_loudness(400, lambda t: np.where(t < 355, -20.0, -120.0))
    silent = row(read([4.0] * 100, loudness=loudness), "ending_loudness_lufs")
    assert silent["statement"].startswith("The last 10 % of the film is silent")
    assert silent["value"] == -120


def test_no_sound_is_said():
    found = read(PLAIN, sound=False)
    for measure in ("integrated_loudness_lufs", "loudness_range_lu", "max_short_term_lufs", "longest_silence_s"):
        assert statement(found, measure) == "Not measured: the film has no sound."
    assert "sound" not in statement(found, "closing_black_s")


def close(begins, transition, level, brightness=0.0):
    n = len(PLAIN)
    shots = make_shots(
        [*PLAIN, 4.0],
        begins=["open", *["cut"] * (n - 1), begins],
        transition=[None] * n + [transition],
        flat=[False] * n + [True],
        brightness=[0.4] * n + [brightness],
    )
    return read(shots=shots, frames=make_frames(164, luma=lambda t: 0.4 + 0 * t), loudness=make_loudness(164, level))


def test_silence_over_black():
    found = close("fade", "black", lambda t: np.where(t < 160, -20.0, -90.0))
    black = row(found, "closing_black_s")
    assert black["statement"] == "The film fades to black, which holds for 4.0 s, in silence."
    assert (black["value"], black["start_s"], black["start_frame"]) == (4.0, 160.0, 3840)
    assert statement(found, "closing_sound_lufs") == "The closing black is silent (below −60 LUFS)."


def test_sound_over_black():
    found = close("cut", None, lambda t: np.where(t < 160, -20.0, -33.0))
    assert statement(found, "closing_black_s") == (
        "The film cuts to black, which holds for 4.0 s, with sound over it (−33 LUFS)."
    )
    assert row(found, "closing_sound_lufs")["value"] == pytest.approx(-33)


def test_a_note_that_dies_away_is_no_sound_over_black():
    found = close("fade", "black", lambda t: np.where(t < 161, -20.0, -90.0))
    assert "in silence" in statement(found, "closing_black_s")


def test_black_before_the_last_pictures():
    shots = make_shots(
        [*PLAIN, 20.0, 3.3, 8.0],
        begins=["open", *["cut"] * 40, "fade", "fade"],
        transition=[None] * 41 + ["black", "black"],
        flat=[False] * 41 + [True, False],
    )
    found = read(shots=shots, loudness=make_loudness(191.3, lambda t: np.where(t < 180, -20.0, -100.0)))
    assert statement(found, "late_black_s") == (
        "Black holds for 3.3 s, in silence, from 3:00, after a shot of 20 s, the longest in the film."
    )
    late = row(found, "late_black_s")
    assert (late["start_s"], late["end_frame"]) == (180.0, 4399)
    assert three_lines(found)[0] == late["statement"]
    # nothing is told of black that is early, or that closes the film
    assert "late_black_s" not in close("fade", "black", lambda t: -90.0 + 0 * t)["measure"]
    early = make_shots([4.0, 3.0, *PLAIN], flat=[False, True] + [False] * 40)
    assert "late_black_s" not in read(shots=early)["measure"]


def test_white_and_coloured_closings():
    quiet = lambda t: -90.0 + 0 * t  # noqa: E731
    assert "dissolves to white" in statement(close("dissolve", None, quiet, brightness=1.0), "closing_black_s")
    assert "fades to one flat colour (#aa2030)" in statement(close("fade", "#aa2030", quiet), "closing_black_s")


@pytest.mark.parametrize(("fall_s", "by"), [(1.0, "fades to black"), (0.01, "cuts to black")])
def test_black_too_short_for_a_shot(fall_s, by):
    frames = make_frames(
        160,
        luma=lambda t: 0.5 * np.clip((159 - t) / fall_s, 0, 1),
        contrast=lambda t: 0.2 * np.clip((159 - t) / fall_s, 0, 1),
    )
    assert f"The film {by}, which holds for" in statement(read(PLAIN, frames=frames), "closing_black_s")


def test_a_film_that_ends_on_a_picture():
    frames = make_frames(160, luma=lambda t: 0.5 + 0 * t, contrast=lambda t: 0.2 + 0 * t)
    found = read(PLAIN, frames=frames)
    assert statement(found, "closing_black_s") == "The film ends on a picture, not on black."
    assert row(found, "closing_black_s")["value"] == 0


def test_key_frames_alone_leave_the_close_open():
    frames = make_frames(160, step=48, luma=lambda t: 0.0 * t, contrast=lambda t: 0.0 * t, brightness=lambda t: 0.0 * t)
    shots = make_shots(PLAIN, provisional=[True] * 40)
    found = read(shots=shots, frames=frames)
    assert row(found, "closing_black_s")["value"] is None
    whole = found.filter((pl.col("span") == "film") & pl.col("value").is_not_null())
    assert whole["provisional"].all()
    assert ", from key frames." in statement(found, "average_shot_length_s")
    assert statement(found, "motion_w_s") == "Not measured: key frames alone do not show motion."
    assert not found["chance"].drop_nulls().len()


def test_a_long_film_of_rough_shots_has_no_percentile():
    found = read(shots=make_shots(PLAIN * 16, provisional=[True] * 640))
    assert not found.filter(pl.col("statement").str.contains("Hollywood")).height


def test_the_last_part_read_alone():
    """The last fifth is read in full, the rest from key frames: firm figures stay firm, and nothing is compared."""
    lengths_s = [8.0] * 80 + [4.0] * 39 + [30.0]
    shots = make_shots(lengths_s, provisional=[True] * 80 + [False] * 40)
    duration_s = sum(lengths_s)
    frames = make_frames(duration_s, brightness=lambda t: 0.3 + 0 * t, motion_w_s=lambda t: 0.04 + 0 * t)
    sparse = frames.filter((pl.col("time_s") >= 640) | (pl.col("frame") % 48 == 0)).with_columns(
        pl.when(pl.col("time_s") >= 640).then("motion_w_s").cast(pl.Float32)
    )
    found = read(shots=shots, frames=sparse)
    last = row(found, "last_shot_s")
    assert (last["statement"], last["provisional"]) == ("The last shot holds for 30 s.", False)
    assert (last["baseline"], last["percentile"], last["chance"]) == (None, None, None)
    part = row(found, "last_10_average_shot_length_s")
    assert part["statement"].endswith("the rest is not read in full yet.")
    assert not part["provisional"]
    assert row(found, "last_10_length_ratio")["value"] is None
    motion = row(found, "ending_motion_w_s")
    assert motion["statement"] == "The last 10 % of the film: motion 0.040 widths/s."
    assert not motion["provisional"]
    assert row(found, "ending_brightness")["provisional"]
    assert row(found, "motion_w_s")["value"] is None
    assert row(found, "average_shot_length_s")["provisional"]


def test_rows_of_the_ending_come_best_first():
    lengths_s = [4.0, 5.0, 3.0, 4.5] * 25
    frames = make_frames(412.5, brightness=lambda t: np.where(t < 370, 0.4, 0.1), motion_w_s=lambda t: 0.05 + 0 * t)
    found = read(lengths_s, frames=frames)
    ending = found.filter(pl.col("span") == "ending")
    measures = ending["measure"].to_list()
    assert measures[0] == "ending_brightness"
    assert measures.index("ending_brightness") < measures.index("ending_motion_w_s")
    assert ending.drop_nulls("value")["measure"][-1] == "ending_start_s"
    nulls = ending["value"].is_null().to_list()
    assert nulls == sorted(nulls)
    assert found["reading"].to_list() == list(range(found.height))
    assert found["span"].to_list() == sorted(found["span"].to_list(), key=["film", "ending"].index)


def test_three_lines_speak_of_three_things():
    lengths_s = [4.0, 5.0, 3.0, 4.5] * 25 + [90.0]
    frames = make_frames(502.5, brightness=lambda t: np.where(t < 450, 0.4, 0.1))
    loudness = make_loudness(502.5, lambda t: np.where(t < 450, -20.0, -40.0))
    lines = three_lines(read(lengths_s, frames=frames, loudness=loudness))
    assert len(lines) == 3
    text = " ".join(lines)
    assert "The last shot holds for 1 min 30 s" in text
    assert "darker than" in text
    assert "quieter than" in text


def test_the_same_tables_give_the_same_readings():
    lengths_s = np.random.default_rng(4).lognormal(1, 0.8, 200)
    shots = make_shots(lengths_s)
    before = shots.clone()
    assert read(shots=shots).equals(read(shots=shots))
    assert shots.equals(before)


def test_two_hours_are_read_within_a_second():
    rng = np.random.default_rng(6)
    lengths_s = rng.lognormal(1.2, 0.9, 1200)
    lengths_s *= 7200 / lengths_s.sum()
    names = ("brightness", "luma", "contrast", "key", "saturation", "warmth", "motion_w_s", "camera", "correlation")
    frames = make_frames(7200, **{name: lambda t: rng.random(t.size) for name in names})
    tables = {
        "shots": make_shots(lengths_s),
        "frames": frames,
        "loudness": make_loudness(7200, lambda t: rng.normal(-25, 5, t.size)),
    }
    spent = []
    for _ in range(3):
        begun = time.process_time()
        find_readings(make_film(7200), tables)
        spent.append(time.process_time() - begun)
    assert min(spent) < 1.0


shot = st.tuples(
    st.integers(0, 2000),
    st.sampled_from(["cut", "dissolve", "fade", "wipe", None]),
    st.sampled_from([True, False, False, None]),
    st.sampled_from([True, False, False, None]),
    st.one_of(st.none(), st.floats(0, 1, width=32)),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(shot, max_size=40), st.integers(1, 60), st.booleans(), st.booleans())
@pytest.mark.slow
def test_odd_films_are_read_without_a_fault(spec, step, sound, measured):
    """Whatever the tables hold, there is a sentence for every row and nothing that a person would not write."""
    ticks = [s[0] for s in spec]
    duration_s = sum(ticks) / RATE
    columns = {
        "begins": [s[1] for s in spec],
        "flat": [s[2] for s in spec],
        "provisional": [s[3] for s in spec],
        "brightness": [s[4] for s in spec],
        "motion_w_s": [s[4] for s in spec],
    }
    shots = make_shots(np.array(ticks) / RATE, **columns) if spec else empty(SHOTS)
    frames = loudness = None
    if measured:
        frames = make_frames(duration_s, step, brightness=lambda t: t % 1, luma=lambda t: t % 1)
        loudness = make_loudness(duration_s, lambda t: -120 + t % 100)
    found = read(shots=shots, frames=frames, loudness=loudness, sound=sound, duration_s=duration_s)
    for reading in found.iter_rows(named=True):
        text = reading["statement"]
        assert text.endswith(".")
        assert text[0].isupper() or text[0].isdigit()
        assert not re.search(r"\bnan\b|\binf\b|None|\b1 (shots|cuts|joins|stretches)\b|  |\{|\}|-\d", text)
        assert reading["end_frame"] >= reading["start_frame"] >= 0
        if reading["percentile"] is not None:
            assert 0 <= reading["percentile"] <= 100
            assert reading["baseline"]
        if reading["chance"] is not None:
            assert 0 <= reading["chance"] <= 1
    assert len(three_lines(found)) <= 3
