"""What is heard: band levels, resampling, voices, silence, sudden sounds."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from punctum.measure import listen, mix_down
from punctum.measure.bands import BANDS_HZ, band_levels
from punctum.measure.resampling import resample
from punctum.segment.sounds import HABITS, find_sounds, make_spans, share_sounds, silence_below
from punctum.tables import FRAMES, HEARING, LOUDNESS, SHOTS, SOUNDS, check, conform, empty


def tone(hz, seconds, rate, rms=0.1):
    return (rms * 2**0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000])
@pytest.mark.parametrize(("hz", "band"), [(120, "low"), (500, "middle"), (2000, "high"), (6000, "top")])
def test_a_tone_is_in_its_band_at_its_level(rate, hz, band):
    _, levels = band_levels(tone(hz, 1, rate)[None], 0, 0, rate, rate)
    if rate / 2 <= BANDS_HZ[band][0]:
        assert band not in levels
        return
    if hz > rate / 2:
        return
    assert np.all(np.abs(levels[band][2:] / 2.0 - 120 + 20) <= 0.5)
    others = [values[2:] for name, values in levels.items() if name != band]
    assert all(values.max() / 2 - 120 < -60 for values in others)


def test_channels_of_one_sound_in_opposite_phase_are_not_silence():
    left = tone(500, 1, 16000)
    one = band_levels(left[None], 0, 0, 16000, 16000)[1]["middle"]
    assert band_levels(np.stack([left, -left]), 0, 0, 16000, 16000)[1]["middle"].tolist() == one.tolist()


def test_levels_of_zeros_and_of_what_is_no_number():
    sound = np.zeros((2, 16000), np.float32)
    sound[1] = np.nan
    assert all(not values.any() for values in band_levels(sound, 0, 0, 16000, 16000)[1].values())


@given(st.lists(st.integers(1, 4000), min_size=1, max_size=12), st.sampled_from([8000, 11025, 37801, 48000]))
@settings(max_examples=20, deadline=None)
def test_levels_do_not_depend_on_where_the_sound_is_cut(lengths, rate):
    edges = np.cumsum([rate // 2, *lengths])
    sound = np.random.default_rng(0).normal(0, 0.1, (2, int(edges[-1]))).astype(np.float32)
    whole = band_levels(sound, 0, int(edges[0]), int(edges[-1]), rate)
    steps, levels = [], {name: [] for name in whole[1]}
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        begin = first - rate // 4
        found, values = band_levels(sound[:, begin:last], begin, first, last, rate)
        steps += found.tolist()
        for name in levels:
            levels[name] += values[name].tolist()
    assert steps == whole[0].tolist()
    assert levels == {name: values.tolist() for name, values in whole[1].items()}


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 32000, 37800, 44100, 48000])
def test_a_resampled_tone_is_the_tone(rate):
    got = resample(tone(1000, 2, rate), rate, 16000)
    assert len(got) == 32000
    wanted = tone(1000, 2, 16000)
    assert np.abs(got - wanted)[200:-200].max() < 2e-3


def test_resampling_leaves_out_what_the_new_rate_cannot_hold():
    got = resample(tone(10_000, 1, 48000), 48000, 16000)
    assert np.abs(got[200:-200]).max() < 1e-3


def test_mixing_down_leaves_out_rumble_and_keeps_the_centre():
    sound = np.zeros((6, 4), np.float32)
    sound[2], sound[3] = 0.5, 0.9
    assert mix_down(sound, ("FL", "FR", "FC", "LFE", "BL", "BR")).tolist() == [0.5] * 4
    assert mix_down(sound[2:3], ("FL",)).tolist() == [0.5] * 4
    assert mix_down(np.full((1, 3), np.nan, np.float32), ("FC",)).tolist() == [0.0] * 3


def test_listening_puts_rows_where_they_belong():
    def finder(sound):
        # speech where it is loud
        loud = np.abs(sound[: len(sound) // 160 * 160]).reshape(-1, 160).max(axis=1) > 0.05
        return np.stack([loud, np.zeros_like(loud), ~loud], axis=1).astype(np.float32)

    rate, begin = 48000, 30 * 48000 - 24000
    mono = np.zeros(4 * rate, np.float32)
    mono[24000 + rate : 24000 + 2 * rate] = tone(440, 1, rate)
    steps = np.arange(1500, 1650)
    heard = listen(mono, begin, rate, steps, finder)
    assert (heard["speech"][55:95] == 255).all()
    assert (heard["speech"][:45] == 0).all()
    assert (heard["speech"][105:] == 0).all()
    assert (heard["music"] == 255 - heard["speech"]).all()
    assert not heard["singing"].any()


def frames_of(seconds, rate=25):
    count = round(seconds * rate)
    return conform(pl.DataFrame({"frame": np.arange(count), "time_s": np.arange(count) / rate}), FRAMES)


def loudness_of(levels, first=0):
    steps = np.arange(first, first + len(levels))
    return conform(pl.DataFrame({"step": steps, "start_s": steps / 10, "loudness_lufs": levels}), LOUDNESS)


def hearing_of(first=0, count=500, **certain):
    steps = np.arange(first, first + count)
    columns = {name: np.full(count, 100) for name in ("low", "middle", "high", "top")}
    columns |= {kind: certain.get(kind, np.zeros(count)) for kind in ("speech", "singing", "music")}
    return conform(pl.DataFrame({"step": steps, **columns}), HEARING)


def spans(table, kind):
    rows = table.filter(pl.col("kind") == kind)
    return list(zip(rows["start_s"].to_list(), rows["end_s"].to_list(), strict=True))


def test_a_film_without_sound_has_no_sounds():
    found = find_sounds(empty(HEARING), empty(LOUDNESS), frames_of(10), 10.0)
    check(found, SOUNDS)
    assert found.is_empty()


def test_silence_begins_at_minus_60_and_digital_silence_at_nothing():
    levels = np.full(300, -24.0)
    levels[50:80], levels[60:75], levels[200:205], levels[291:] = -65.0, -120.0, -70.0, -61.0
    found = find_sounds(empty(HEARING), loudness_of(levels), frames_of(29.5), 29.5)
    assert spans(found, "silence") == [(5.0, 8.0)]  # what is shorter than a second is none; the film ends at 29.5 s
    assert spans(found, "digital_silence") == [(6.0, 7.5)]
    row = found.filter(pl.col("kind") == "silence").row(0, named=True)
    assert (row["start_frame"], row["end_frame"]) == (125, 200)
    assert row["loudness_lufs"] == pytest.approx(10 * np.log10((15 * 10**-6.5 + 15 * 1e-12) / 30), abs=0.01)


def test_a_film_is_silent_at_its_own_floor():
    hiss = np.full(1000, -24.0)
    hiss[100:200] = -56.0
    assert silence_below(loudness_of(hiss)) == pytest.approx(-54, abs=0.5)  # 30 LU below the film
    loud = np.full(1000, -24.0)
    loud[100:200] = -40.0  # rain, not silence
    assert silence_below(loudness_of(loud)) == -60
    faint = np.full(1000, -55.0)
    assert silence_below(loudness_of(faint)) == -75


def test_what_was_only_sampled_is_not_called_silent():
    pieces = [loudness_of(np.full(30, -80.0), first) for first in range(0, 1000, 100)]
    assert find_sounds(empty(HEARING), pl.concat(pieces), frames_of(100), 100.0).is_empty()


def test_what_is_sudden_is_loud_and_comes_out_of_quiet():
    levels = np.full(600, -40.0)
    levels[300:310] = -10.0
    levels[200] = -28.0
    found = find_sounds(empty(HEARING), loudness_of(levels), frames_of(60), 60.0).filter(pl.col("kind") == "sudden")
    assert found["start_s"].to_list() == [30.0]
    assert found["rise_lu"].to_list() == [30.0]


def test_spans_of_voices_end_where_the_reading_ends():
    sure = np.zeros(500)
    sure[300:] = 255
    first, later = hearing_of(0, speech=sure), hearing_of(5000, speech=np.full(500, 255))
    found = find_sounds(pl.concat([first, later]), empty(LOUDNESS), frames_of(200), 200.0)
    assert spans(found, "speech") == [(pytest.approx(6, abs=0.1), 10.0), (100.0, 110.0)]
    assert found["score"].to_list() == pytest.approx([0.98, 1.0], abs=0.03)


def test_who_sings_makes_music():
    found = find_sounds(hearing_of(singing=np.full(500, 255)), empty(LOUDNESS), frames_of(10), 10.0)
    assert found["kind"].to_list() == ["singing", "music"]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=400))
def test_spans_are_in_order_apart_and_long_enough(certainty):
    for habit in HABITS.values():
        made = make_spans(np.array(certainty), habit)
        assert all(end - start >= habit.least_s * 50 for start, end in made)
        assert all(b[0] - a[1] >= habit.gap_s * 50 for a, b in pairwise(made))


def test_shots_have_their_shares_of_what_is_heard():
    sure = np.zeros(500)
    sure[100:200] = 255  # 2 s to 4 s
    hearing = hearing_of(speech=sure)
    sounds = find_sounds(hearing, empty(LOUDNESS), frames_of(20), 20.0)
    shots = conform(
        pl.DataFrame({"shot": [0, 1, 2, 3], "start_s": [0.0, 3.0, 7.0, 9.5], "end_s": [3.0, 7.0, 9.5, 20.0]}), SHOTS
    )
    shared = share_sounds(shots, sounds, hearing)
    assert shared["speech"].to_list() == [pytest.approx(1 / 3, abs=0.01), pytest.approx(0.25, abs=0.01), 0.0, None]
    assert shared["music"].to_list() == [0.0, 0.0, 0.0, None]
