"""The ending on scenes, its further measures, what is left open, and the account in words."""

import numpy as np
import polars as pl
import pytest
from tests.test_reading import make_film, make_frames, make_loudness, make_shots

from punctum.reading import find_readings, tell_ending, tell_moments, three_lines
from punctum.reading.among_films import rank_among_films
from punctum.reading.ending_shares import cover_seconds
from punctum.tables import DRIFTS, HEARING, MOMENTS, READINGS, SCENES, SOUNDS, WORDS, check, conform

SCENE_S = 60.0
COUNT = 20


def make_scenes(lengths_s, kinds=None):
    ends = np.cumsum(lengths_s)
    starts = np.r_[0.0, ends[:-1]]
    rows = {
        "scene": range(len(ends)), "start_s": starts, "end_s": ends, "kind": kinds or ["story"] * len(ends),
        "start_frame": np.round(starts * 24), "end_frame": np.round(ends * 24),
    }  # fmt: skip
    return conform(pl.DataFrame(rows), SCENES)


def make_tables(lengths_s=(SCENE_S,) * COUNT, kinds=None, light=None, shot_s=5.0, **tables):
    """Scenes of one length, shots of five seconds; scene k has a brightness of 0.3 + k/100 unless told otherwise."""
    total = float(np.sum(lengths_s))
    ends = np.cumsum(lengths_s)
    bright = light or (lambda t: 0.3 + np.searchsorted(ends, t, side="right") / 100)
    frames = make_frames(total, brightness=bright, luma=bright, contrast=lambda t: 0.1 + 0 * t)
    made = {
        "shots": make_shots([shot_s] * round(total / shot_s)),
        "frames": frames,
        "loudness": make_loudness(total, lambda t: -30 + 0 * t),
        "scenes": make_scenes(lengths_s, kinds),
    }
    return make_film(total), made | tables


def rows_of(film, tables):
    return {row["measure"]: row for row in find_readings(film, tables).iter_rows(named=True)}


def test_the_ending_is_the_last_scene_and_scenes_are_the_baseline():
    rows = rows_of(*make_tables())
    bounds = rows["ending_start_s"]
    assert bounds["value"] == pytest.approx(19 * SCENE_S)
    assert "last scene of 20 that were found, from 19:00, 1 min, no credits found" in bounds["statement"]
    light = rows["ending_brightness"]
    assert light["baseline"] == "the film's other scenes"
    assert light["percentile"] == 100
    assert light["statement"].startswith("The ending is lighter than any other scene of the film (brightness 0.49")
    assert "10 %" not in "".join(row["statement"] for name, row in rows.items() if name.startswith("ending"))


def test_a_short_last_scene_takes_the_one_before_it():
    rows = rows_of(*make_tables((SCENE_S,) * 19 + (10.0,)))
    assert rows["ending_start_s"]["value"] == pytest.approx(18 * SCENE_S)
    assert "last 2 scenes of 20" in rows["ending_start_s"]["statement"]


def test_credits_are_out():
    rows = rows_of(*make_tables(kinds=["story"] * 19 + ["credits"]))
    assert rows["ending_start_s"]["value"] == pytest.approx(18 * SCENE_S)
    assert rows["ending_start_s"]["end_s"] == pytest.approx(19 * SCENE_S)
    assert "credits left out" in rows["ending_start_s"]["statement"]


@pytest.mark.parametrize("lengths", [(100.0,) * 4, (30.0,) * 10 + (400.0,)])
def test_few_scenes_or_one_that_is_half_of_the_film_leave_the_last_tenth(lengths):
    film, tables = make_tables(lengths)
    bounds = rows_of(film, tables)["ending_start_s"]
    assert bounds["value"] == pytest.approx(0.9 * film.duration_s)
    assert "the last 10 % of the running time" in bounds["statement"]


def test_too_short_to_say():
    film, tables = make_tables((8.0,), shot_s=4.0)
    row = rows_of(film, tables)["ending_start_s"]
    assert row["value"] is None
    assert "too short to speak of an ending" in row["statement"]
    assert [one.statement for one in tell_ending(find_readings(film, tables))] == [row["statement"]]


def test_black_is_no_light_of_the_ending():
    def light(t):
        return np.where(t >= 1190, 0.0, 0.3)

    film, tables = make_tables(light=light)
    tables["shots"] = tables["shots"].with_columns(flat=pl.col("start_s") >= 1190)
    assert rows_of(film, tables)["ending_brightness"]["value"] == pytest.approx(0.3, abs=1e-4)


def test_shares_of_what_is_heard():
    steps = pl.DataFrame({"step": range(60 * 20 * 50), "speech": 0, "music": 0, "singing": 0})
    sounds = {"kind": ["music", "music"], "start_s": [0.0, 1140.0], "end_s": [60.0, 1155.0]}
    film, tables = make_tables(
        hearing=conform(steps, HEARING), sounds=conform(pl.DataFrame(sounds).with_row_index("sound"), SOUNDS)
    )
    row = rows_of(film, tables)["ending_music"]
    assert row["value"] == pytest.approx(0.25)
    assert row["baseline_value"] == 0
    assert row["statement"].startswith("The ending is more often with music than 95 % of the film's other scenes")
    assert cover_seconds([(0.5, 1.25), (1.5, 9.0)], 3).tolist() == [0.5, 0.75, 1.0]


def with_music(spans, level, **tables):
    sounds = pl.DataFrame({"kind": "music", "start_s": [a for a, _ in spans], "end_s": [b for _, b in spans]})
    film, made = make_tables(sounds=conform(sounds.with_row_index("sound"), SOUNDS), **tables)
    return film, made | {"loudness": make_loudness(film.duration_s, level)}


def test_the_last_music_is_told_by_its_level_and_its_rest():
    def level(t):  # music that beats by 6 LU every half second; its last lies still, 10 LU down
        return np.where(t < 1140, -20 + 6 * (np.floor(t / 0.5) % 2), -33.0)

    rows = rows_of(*with_music([(100.0, 220.0), (1150.0, 1180.0)], level))
    assert rows["last_music_lufs"]["value"] == pytest.approx(-33, abs=0.01)
    assert rows["last_music_lufs"]["end_s"] == pytest.approx(1180.0)
    assert rows["last_music_lufs"]["statement"].endswith("quieter than 94 % of the film's other music (median −16.0).")
    assert rows["last_music_unrest_lu"]["value"] == pytest.approx(0.0, abs=0.01)
    assert rows["last_music_unrest_lu"]["baseline_value"] == pytest.approx(6.0, abs=0.01)
    assert rows["last_music_unrest_lu"]["percentile"] < 10  # one piece before the last is of the same music


def test_music_under_the_credits_is_not_the_storys():
    kinds = ["story"] * 19 + ["credits"]
    rows = rows_of(*with_music([(1100.0, 1200.0)], lambda t: np.where(t < 1140, -30.0, -15.0), kinds=kinds))
    assert rows["last_music_lufs"]["end_s"] == pytest.approx(1140.0)
    assert rows["last_music_lufs"]["value"] == pytest.approx(-30.0, abs=0.01)
    assert rows["last_music_lufs"]["percentile"] is None
    none = rows_of(*with_music([(100.0, 220.0)], lambda t: -30 + 0 * t))
    assert "last_music_lufs" not in none


def drifts(*moves, start_s=0.0, none=0):
    """Looks a second apart: these moves, and so many without any."""
    count = len(moves) + none
    time_s = start_s + np.arange(count)
    rows = {
        "frame": np.round(time_s * 24), "time_s": time_s, "things": [12.0] * len(moves) + [0.0] * none,
        "x_h_s": [x for x, _ in moves] + [None] * none, "y_h_s": [y for _, y in moves] + [None] * none,
    }  # fmt: skip
    return conform(pl.DataFrame(rows), DRIFTS)


def test_what_falls_through_the_ending_is_said_with_its_way_and_speed():
    film, tables = make_tables(drifts=drifts(*[(-0.2, 0.25)] * 10, start_s=1141.0))
    particles = pl.Series("particles", [0.0] * 17 + [8.0, None, 12.0], dtype=pl.Float32)
    tables["scenes"] = tables["scenes"].with_columns(particles)
    row = rows_of(film, tables)["ending_particles"]
    assert row["value"] == 12
    assert row["statement"] == (
        "In the ending, small bright things fall, to the left and down, at 0.32 picture heights a second"
        " (12 are told apart in a picture); so they do in 1 of the film's 18 other scenes."
    )
    assert any("small bright things fall" in told.statement for told in tell_ending(find_readings(film, tables)))


def test_nothing_is_said_of_drifts_where_there_are_none():
    film, tables = make_tables(drifts=drifts(none=12, start_s=1141.0))
    assert "ending_particles" not in rows_of(film, tables)
    particles = pl.Series("particles", [8.0] * 5 + [0.0] * 15, dtype=pl.Float32)
    row = rows_of(film, tables | {"scenes": tables["scenes"].with_columns(particles)})["ending_particles"]
    assert row["value"] == 0
    assert row["statement"].startswith(
        "Nothing small and bright drifts through the ending; such things do in 5 of the film's 19"
    )


def lines(*said):
    rows = [
        {"line": i, "start_s": at, "end_s": at + 2.0, "start_frame": int(at * 24), "end_frame": int(at * 24 + 48),
         "kind": "speech", "text": text, "source": "subtitles"}
        for i, (at, text) in enumerate(said)
    ]  # fmt: skip
    return conform(pl.DataFrame(rows), WORDS)


def test_a_question_that_nobody_replies_to():
    words = lines((10, "Who?"), (13, "Me."), (100, "Why?"), (140, "So."), (150, "Go."), (153, "No."), (1100, "Stay?"))
    row = rows_of(*make_tables(words=words))["unanswered_questions"]
    # of the last five lines one question is followed after 38 s only and one by nothing; the one before has its reply
    assert row["value"] == 2
    assert "“Why?” (1:40)" in row["statement"]
    answered = lines((10, "A."), (20, "B."), (30, "C."), (40, "D."), (50, "E?"), (53, "F."), (60, "G."))
    row = rows_of(*make_tables(words=answered))["unanswered_questions"]
    assert row["value"] == 0
    assert row["statement"].startswith("Every question among the last 5 lines is followed")


def test_the_last_shot_returns_to_a_set_up():
    film, tables = make_tables()
    own = np.arange(tables["shots"].height) % 4
    tables["shots"] = tables["shots"].with_columns(set_up=pl.Series(own, dtype=pl.Int32))
    row = rows_of(film, tables)["last_shot_returns"]
    assert row["value"] == 2
    assert "in 2 shots before, first at 19:15" in row["statement"]


@pytest.mark.parametrize(
    ("level", "says"),
    [
        (lambda t: np.where(t < 1170, -25.0, -120.0), "breaks off"),
        (lambda t: np.where(t < 1160, -25.0, np.maximum(-25 - 4.0 * (t - 1160), -120)), "dies away"),
    ],
)
def test_how_the_sound_comes_to_its_end(level, says):
    film, tables = make_tables()
    tables["loudness"] = make_loudness(film.duration_s, level)
    assert says in rows_of(film, tables)["closing_fall_lu"]["statement"]


def test_every_sentence_of_the_account_has_its_evidence():
    film, tables = make_tables()
    told = tell_ending(find_readings(film, tables))
    assert told[0].heading == "The ending"
    assert len(told) > 3
    assert all(one.evidence for one in told[1:])
    assert all(one.statement.endswith(".") for one in told)
    assert len({one.heading for one in told}) >= 3


def moment(time_s, chance):
    row = {
        "moment": 0, "frame": int(time_s * 24), "time_s": time_s, "start_s": time_s - 1, "end_s": time_s + 1,
        "scene": 3, "start_frame": 0, "end_frame": 1, "departure": 12.0, "chance": chance,
        "measures": ["loudness_lufs"], "shares": [1.0], "statement": "It is louder.", "still": None,
    }  # fmt: skip
    return conform(pl.DataFrame([row], schema_overrides={"still": pl.Int32}), MOMENTS)


def test_a_sure_moment_of_the_ending_is_among_the_three_lines():
    film, tables = make_tables()
    readings = find_readings(film, tables)
    assert three_lines(readings, moment(1180.0, 0.0025))[2] == "It is louder."
    assert "It is louder." not in three_lines(readings, moment(30.0, 0.0025))
    [told] = tell_moments(moment(1180.0, 0.0025))
    assert told.evidence == "19:39–19:41; 12 deviations from scene 3; loudness 100 %; by chance less than 1 %"


@pytest.mark.parametrize("what", ["nothing", "nulls", "one shot", "black", "no frames"])
def test_bad_tables_are_told_of_as_they_are(what):
    film, tables = make_tables()
    if what == "nothing":
        tables = {}
    if what == "nulls":
        tables["frames"] = tables["frames"].with_columns(pl.lit(None, pl.Float32).alias("brightness"))
        tables["scenes"] = tables["scenes"].with_columns(pl.lit(None, pl.Float64).alias("start_s"))
    if what == "one shot":
        tables["shots"] = make_shots([film.duration_s])
    if what == "black":
        tables["shots"] = tables["shots"].with_columns(flat=pl.lit(value=True))
    if what == "no frames":
        del tables["frames"]
    readings = find_readings(film, tables)
    told = tell_ending(readings)
    assert told
    assert len(three_lines(readings)) <= 3
    check(readings, READINGS)


@pytest.mark.parametrize(("count", "ranked"), [(19, False), (20, True)])
def test_percentiles_among_films_take_twenty(count, ranked):
    readings = find_readings(*make_tables())
    row = readings.filter(pl.col("measure") == "ending_brightness")
    others = pl.concat([row.with_columns(value=pl.lit(0.3 + k / 100), film_id=pl.lit(f"f{k}")) for k in range(count)])
    told = rank_among_films(readings, others)
    check(told, READINGS)
    light = told.filter(pl.col("measure") == "ending_brightness").row(0, named=True)
    assert ("20 films in the library" in light["statement"]) == ranked
    if ranked:
        # 0.49 is that of the last of twenty: nineteen below, one equal
        assert light["percentile"] == pytest.approx(97.5)
    assert told.filter(pl.col("measure") != "ending_brightness").equals(
        readings.filter(pl.col("measure") != "ending_brightness")
    )
