"""Sound measured against hand-computed levels and the coefficients that BS.1770 prints."""

import itertools
import math

import numpy as np
import pytest
from scipy.signal import butter, sosfilt, sosfreqz

from punctum.film import SoundPiece
from punctum.measure import measure_sound
from punctum.measure.filters import PIECE, prepare_filter, run_filter
from punctum.measure.sound import (
    channel_weights,
    decibels,
    k_weighting,
    level,
    loudness,
    step_edges,
    step_loudness,
    weighted_power,
)


def test_k_weighting_at_48_khz_is_the_published_table():
    shelf, high_pass = k_weighting(48000)
    assert shelf == pytest.approx(
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585], abs=1e-13
    )
    assert high_pass == pytest.approx([1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621], abs=1e-13)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 32000, 44100])
def test_k_weighting_sounds_the_same_at_every_rate(rate):
    tones = np.array([25.0, 50, 100, 250, 500, 997, 1500, 2000])
    wanted = 20 * np.log10(np.abs(sosfreqz(k_weighting(48000), tones, fs=48000)[1]))
    got = 20 * np.log10(np.abs(sosfreqz(k_weighting(rate), tones, fs=rate)[1]))
    assert np.abs(got - wanted).max() < (0.6 if rate < 16000 else 0.15)


@pytest.mark.parametrize("count", [0, 1, PIECE - 1, PIECE, PIECE + 1, 9_973])
def test_a_filter_is_that_of_scipy(count):
    samples = np.random.default_rng(count).normal(0, 0.3, count)
    for sections in (k_weighting(8000), k_weighting(192_000), butter(5, 0.02, output="sos")):
        got = run_filter(prepare_filter(sections), samples)
        np.testing.assert_allclose(got, sosfilt(sections, samples) if count else [], rtol=0, atol=1e-10)


def test_k_weighting_settles_within_the_lead():
    # a block's first momentary window begins a frame more than 0.1 s into its sound
    for rate in (8000, 48000):
        pulse = np.zeros((1, rate // 2), np.float32)
        pulse[0, 0] = 1
        power = weighted_power(pulse, rate, ("FC",))
        assert power[rate // 10 :].sum() < 1e-15 * power.sum()


@pytest.mark.parametrize(
    ("channels", "weights"),
    [
        (("FC",), [1]),
        (("FL", "FR"), [1, 1]),
        (("FL", "FR", "FC", "LFE", "BL", "BR"), [1, 1, 1, 0, 1.41, 1.41]),
        (("FL", "FR", "FC", "LFE", "SL", "SR"), [1, 1, 1, 0, 1.41, 1.41]),
        # BS.1770-4: of eight channels the sides are 90° out, the backs 135°
        (("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"), [1, 1, 1, 0, 1, 1, 1.41, 1.41]),
        (("FL", "FR", "BC", "LFE2"), [1, 1, 1, 0]),
    ],
)
def test_channel_weights(channels, weights):
    assert channel_weights(channels).tolist() == weights


def test_level_of_a_square_wave_and_of_silence():
    # one channel at +-0.5, one silent: mean square 0.125, -9.03 dB
    sound = np.zeros((2, 100), np.float32)
    sound[0, :50] = 0.5
    sound[0, 1:50:2] = -0.5
    edges = np.array([0, 10, 50, 50, 60, 100])
    assert level(sound, edges) == pytest.approx([-9.0309, -9.0309, math.nan, -120, -120], abs=1e-4, nan_ok=True)


def test_levels_have_no_infinity():
    broken = np.array([[np.nan, np.inf, -np.inf, 1.0]], np.float32)
    assert level(broken, np.array([0, 4]))[0] == pytest.approx(10 * math.log10(1 / 4))
    assert np.isfinite(weighted_power(broken, 48000, ("FC",))).all()
    assert decibels(np.array([0.0, 1.0])).tolist() == [-120, 0]


def test_full_scale_997_hz_in_one_channel_is_3_lu_below():
    t = np.arange(48000) / 48000
    sound = np.zeros((2, 48000), np.float32)
    sound[0] = np.sin(2 * np.pi * 997 * t)
    power = weighted_power(sound, 48000, ("FL", "FR"))
    assert loudness(power, np.array([0, 48000]), 48000)[0] == pytest.approx(-3.01, abs=0.005)


def test_momentary_loudness_counts_what_lies_before_the_film_as_silence():
    power = np.ones(48000)
    # 100 ms of a window of 400 ms: a quarter of the power, 6.02 LU less
    whole, quarter = loudness(power, np.array([0, 4800]), 48000)[0], loudness(power, np.array([0, 48000]), 48000)[0]
    assert quarter - whole == pytest.approx(6.0206, abs=1e-4)


@pytest.mark.parametrize("rate", [8000, 11025, 44100])
def test_every_step_belongs_to_one_block(rate):
    numbers, edges_seen = [], []
    cuts = np.rint(np.arange(0, 40) * 0.0417 * rate).astype(int)
    for first, last in itertools.pairwise(cuts):
        steps, edges = step_edges(int(first), int(last), rate)
        assert len(edges) == len(steps) + 1 or not len(steps)
        numbers += steps.tolist()
        edges_seen += edges[1:].tolist()[: len(steps)]
    assert numbers == list(range(len(numbers)))
    assert edges_seen == [math.floor((k + 1) * rate / 10 + 0.5) for k in numbers]


def test_steps_without_their_beginning_are_left_out():
    steps, _ = step_loudness(np.ones(3000), begin=900, first=950, last=3900, sample_rate_hz=8000)
    assert steps.tolist() == [2, 3]


def test_a_piece_that_starts_before_the_film():
    piece = SoundPiece(-0.25, 0.25, np.full((1, 4000), 0.1, np.float32), 8000, ("FC",))
    assert measure_sound(piece)["step"].to_list() == [0, 1]
    empty = SoundPiece(0.0, 0.5, np.zeros((2, 0), np.float32), 8000, ("FL", "FR"))
    assert measure_sound(empty).is_empty()
