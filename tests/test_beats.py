"""Beats that go on, and what only sounds like one."""

import numpy as np
import pytest

from punctum.segment.beats import RATE_HZ, count_tests, find_beats, find_onsets, log_chance_of, rank_windows


def strokes(seconds, period_s, depth_db=12.0, start_s=0.0, end_s=None, seed=0):
    """A level that rises and falls once a period, with the noise that a band's level has."""
    random = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    phase = (time - start_s) / period_s % 1
    on = (time >= start_s) & (time < (end_s or seconds))
    stroke = np.where(on & (phase < 0.45), np.sin(np.pi * phase / 0.45), 0)
    return (-60 + depth_db * stroke + random.normal(0, 1.5, len(time))).astype(np.float32)


def chatter(seconds, seed=0):
    """Syllables and pauses of random lengths."""
    random = np.random.default_rng(seed)
    made = np.full(round(seconds * RATE_HZ), -62.0)
    at = 0
    while at < len(made):
        for _ in range(int(random.integers(2, 12))):
            length = int(random.integers(5, 14))
            made[at : at + length] = random.normal(-34, 5) + 8 * np.hanning(length)[: len(made[at : at + length])]
            at += length + int(random.integers(0, 5))
        at += int(random.exponential(30))
    return (made + random.normal(0, 1.5, len(made))).astype(np.float32)


@pytest.mark.parametrize("period_s", [0.4, 0.8, 1.13, 1.9, 3.1])
def test_a_beat_has_its_period_and_its_ends(period_s):
    level = strokes(100, period_s, start_s=20, end_s=80)
    (beat,) = find_beats({"high": level})
    assert beat.period_s == pytest.approx(period_s, rel=0.005)
    assert beat.start / RATE_HZ == pytest.approx(20, abs=2 * period_s)
    assert beat.end / RATE_HZ == pytest.approx(80, abs=2 * period_s)
    assert beat.chance < 0.001
    assert beat.strength > 0.5


def test_a_beat_under_chatter_keeps_its_period():
    loud = 10 * np.log10(10 ** ((strokes(120, 1.25, 18) + 12) / 10) + 10 ** (chatter(120) / 10)).astype(np.float32)
    beats = find_beats({"high": loud})
    assert [beat.period_s for beat in beats] == [pytest.approx(1.25, rel=0.02)]


@pytest.mark.parametrize("seed", range(3))
def test_chatter_and_noise_are_no_beat(seed):
    assert find_beats({"high": chatter(120, seed)}) == []
    assert find_beats({"high": np.random.default_rng(seed).normal(-50, 3, 6000).astype(np.float32)}) == []


def test_chance_is_held_where_there_is_no_beat():
    chances = [chance for seed in range(6) for chance in rank_windows({"high": chatter(90, seed)})]
    assert np.mean(np.array(chances) <= 0.05) <= 0.05


def test_an_even_ticking_is_a_beat_although_its_pieces_are_alike():
    level = np.full(4000, -80.0, np.float32)
    level[::50] = -40
    level[1::50] = -46
    (beat,) = find_beats({"top": level})
    assert beat.period_s == pytest.approx(1.0, rel=0.002)


def test_seven_strokes_are_too_few():
    assert find_beats({"high": strokes(60, 1.25, start_s=20, end_s=20 + 6 * 1.25)}) == []


def test_one_beat_in_two_bands_is_told_once():
    beats = find_beats({"low": strokes(60, 1.25, seed=1), "high": strokes(60, 1.25, 20, seed=2)})
    assert len(beats) == 1


def test_two_beats_are_told_apart():
    beats = find_beats({"low": strokes(90, 1.0, seed=1), "high": strokes(90, 1.37, seed=2)})
    assert sorted(beat.period_s for beat in beats) == [pytest.approx(1.0, rel=0.01), pytest.approx(1.37, rel=0.01)]


def test_what_is_flat_empty_or_short_has_no_beat():
    assert find_beats({"high": np.full(3000, -120, np.float32)}) == []
    assert find_beats({"high": np.zeros(0, np.float32)}) == []
    assert find_beats({"high": strokes(5, 0.5)}) == []
    assert find_beats({}) == []


def test_a_beat_is_the_same_each_time_and_less_certain_in_a_long_film():
    level = strokes(60, 1.25, 3)
    one, again, long = find_beats({"high": level}), find_beats({"high": level}), find_beats({"high": level}, 10_000)
    assert one == again
    assert one[0].log_chance < (long[0].log_chance if long else 0)
    assert count_tests(len(level), 1) < 10_000


def test_chance_by_rank_and_beyond_it():
    shuffled = np.random.default_rng(0).gumbel(0.1, 0.02, 200).astype(np.float32)
    assert np.exp(log_chance_of(float(np.median(shuffled)), shuffled)) == pytest.approx(0.5, abs=0.01)
    assert np.exp(log_chance_of(float(shuffled.max()), shuffled)) == pytest.approx(2 / 201)
    assert log_chance_of(0.5, shuffled) < log_chance_of(0.4, shuffled) < np.log(1 / 201)


def test_onsets_are_where_a_level_rises():
    level = np.zeros(100, np.float32)
    level[40:60] = 3
    assert find_onsets(level).tolist() in ([39], [40])
