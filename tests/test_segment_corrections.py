"""What a person says about boundaries."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawn_shots import dissolve, scene, tables_of
from punctum.errors import CorrectionUnclear
from punctum.film import Correction
from punctum.segment import find_shots, parse_correction
from punctum.segment.corrections import parse_time


@pytest.fixture(scope="module")
def film():
    # boundaries at 48 (cut, 2 s), about 106 (dissolve, 96 to 116) and 168 (cut, 7 s)
    runs = [scene(1, 48), scene(2, 48), dissolve(scene(2, 20, 48), scene(3, 20)), scene(3, 52, 20), scene(4, 48)]
    frames, grid = tables_of(np.concatenate(runs))
    return frames, grid.lazy()


def starts(film, *texts: str) -> list[int]:
    return find_shots(*film, [parse_correction(text) for text in texts])["start_frame"].to_list()[1:]


def test_what_is_found_without_a_word(film):
    first, middle, last = starts(film)
    assert (first, last) == (48, 168)
    assert middle == pytest.approx(106, abs=3)


def test_cut_places_a_boundary_and_stays(film):
    found = starts(film)
    assert starts(film, "cut 1.0") == [24, *found]
    assert starts(film, "cut 1.0", "cut 1.0") == [24, *found]
    shots = find_shots(*film, [parse_correction("cut 1.0")])
    assert shots["corrected"].to_list() == [False, True, False, False, False]
    assert shots["doubt"][1] is None


def test_cut_on_a_dissolve_takes_its_place(film):
    shots = find_shots(*film, [parse_correction("cut 4.25")])
    assert shots["start_frame"].to_list()[1:] == [48, 102, 168]
    assert shots["begins"][2] == "cut"
    assert shots["transition_start_frame"][2] is None


def test_merge_takes_the_nearest_away(film):
    found = starts(film)
    assert starts(film, "merge 0:07") == found[:2]
    assert starts(film, "merge 7.3", "merge 7.3") == found[:2]
    assert starts(film, "merge 0:07", "cut 0:07") == found
    assert starts(film, "cut 0:07", "merge 0:07") == found[:2]


def test_move_keeps_the_kind(film):
    shots = find_shots(*film, [parse_correction("move 2 2.5")] * 2)
    assert shots["start_frame"].to_list()[1] == 60
    assert shots["begins"][1] == "cut"
    assert shots["corrected"].to_list() == [False, True, False, False]


def test_retype_gives_a_cut_a_span(film):
    shots = find_shots(*film, [parse_correction("retype 2 dissolve")])
    assert shots["begins"][1] == "dissolve"
    assert shots["ends"][0] == "dissolve"
    assert shots["transition_start_frame"][1] < 48 < shots["transition_end_frame"][1]
    back = find_shots(*film, [parse_correction("retype 2 dissolve"), parse_correction("retype 2 cut")])
    assert back["begins"][1] == "cut"
    assert back["transition_start_frame"][1] is None


@pytest.mark.parametrize("text", ["merge 0:05.6", "move 0:05.6 0:06", "retype 0:05.6 cut", "cut 0", "cut 1:00:00"])
def test_a_correction_that_acts_on_nothing_is_refused_with_a_hint(film, text):
    with pytest.raises(CorrectionUnclear) as caught:
        starts(film, text)
    assert caught.value.hint


def test_times_mean_time_stamps_not_frame_numbers():
    run = np.concatenate([scene(1, 40), scene(2, 40)])
    # the second half runs at half the speed
    time_s = np.concatenate([np.arange(40) / 24, 40 / 24 + np.arange(40) / 12])
    frames, grid = tables_of(run, time_s=time_s)
    shots = find_shots(frames, grid.lazy(), [Correction("cut", 40 / 24 + 20 / 12)])
    assert shots["start_frame"].to_list() == [0, 40, 60]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("62.4", 62.4), ("1:02.4", 62.4), ("1:02,4", 62.4), ("2:00:03.125", 7203.125), ("90:00", 5400)],
)
def test_times(text, seconds):
    assert parse_time(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "  ", "cut", "cut 1 2", "cut x", "cut -3", "cut 1:75", "cut ١٢", "splice 1", "retype 1 jump", "move 1"]
)
def test_what_cannot_be_understood_is_refused_with_a_hint(text):
    with pytest.raises(CorrectionUnclear) as caught:
        parse_correction(text)
    assert caught.value.hint
    assert "\n" not in caught.value.message


@given(st.text(max_size=200))
def test_no_text_does_worse_than_be_refused(text):
    message = "fine"
    try:
        parse_correction(text)
    except CorrectionUnclear as error:
        message = error.message
    assert len(message) < 200
    assert message.isprintable()


@given(st.integers(0, 4000), st.integers(0, 59), st.integers(0, 999))
def test_times_come_back(minutes, seconds, thousandths):
    text = f"{minutes}:{seconds:02d}.{thousandths:03d}"
    assert parse_time(text) == pytest.approx(minutes * 60 + seconds + thousandths / 1000)


def test_an_empty_film_has_no_boundary_to_correct():
    frames, grid = tables_of(scene(1, 30))
    with pytest.raises(CorrectionUnclear):
        find_shots(frames, grid.lazy(), [Correction("merge", 0.5)])
    assert isinstance(find_shots(frames, grid.lazy()), pl.DataFrame)
