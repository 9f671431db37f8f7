"""The chance of an ending cut as it is: right on films without an ending, small on films with one."""

import numpy as np
import pytest

from punctum.reading.chance import rotate_dominance, rotate_pace, tail_chance
from punctum.reading.lengths import cliffs_d, measure_tail


def draw_lengths(rng, count, memory):
    """Lognormal lengths whose logarithms are an autoregressive series."""
    noise = rng.normal(size=count)
    logs = np.empty(count)
    state = rng.normal()
    for i in range(count):
        state = memory * state + np.sqrt(1 - memory**2) * noise[i]
        logs[i] = state
    return np.exp(1.3 + 0.9 * logs)


def test_the_last_turning_is_the_film_itself():
    lengths_s = draw_lengths(np.random.default_rng(0), 200, 0.3)
    first = measure_tail(lengths_s, 0.1).first
    logs = np.log(lengths_s)
    assert rotate_pace(lengths_s, 0.1)[-1] == pytest.approx(logs[first:].mean() - logs[:first].mean())


def test_each_turning_is_the_film_that_ends_there():
    lengths_s = draw_lengths(np.random.default_rng(1), 40, 0.0)
    turned = rotate_pace(lengths_s, 0.1)
    for end in (0, 7, 23):
        film = np.roll(lengths_s, -(end + 1))
        first = measure_tail(film, 0.1).first
        assert turned[end] == pytest.approx(np.log(film[first:]).mean() - np.log(film[:first]).mean())


def test_dominance_of_each_turning_is_cliffs_d():
    lengths_s = np.round(draw_lengths(np.random.default_rng(2), 60, 0.0), 1)
    turned = rotate_dominance(lengths_s, 0.1)
    for end in (5, 30, 59):
        film = np.roll(lengths_s, -(end + 1))
        first = measure_tail(film, 0.1).first
        assert turned[end] == pytest.approx(cliffs_d(film[first:], film[:first]).value)


@pytest.mark.parametrize("rotate", [rotate_pace, rotate_dominance])
@pytest.mark.parametrize("memory", [0.0, 0.3, 0.6])
def test_films_without_an_ending_are_found_out_no_more_often_than_said(memory, rotate):
    rng = np.random.default_rng(int(memory * 10))
    chances = np.array([tail_chance(draw_lengths(rng, 400, memory), 0.1, rotate) for _ in range(400)])
    # 400 draws at .05 lie within .02 to .08 in 99 of 100 sets
    assert 0.02 <= (chances <= 0.05).mean() <= 0.08
    assert 0.13 <= (chances <= 0.2).mean() <= 0.27
    assert 0.4 <= (chances <= 0.5).mean() <= 0.6


def test_an_ending_cut_far_slower_is_found_out():
    rng = np.random.default_rng(9)
    chances = []
    for _ in range(50):
        lengths_s = draw_lengths(rng, 400, 0.2)
        lengths_s[-20:] *= 4
        chances.append(tail_chance(lengths_s, 0.1))
    assert np.mean(np.array(chances) <= 0.1) > 0.8


def test_too_few_shots_have_no_chance():
    assert tail_chance(np.ones(19), 0.1) is None
    assert tail_chance(np.r_[np.ones(30), 20.0], 0.1) is None
    assert tail_chance(np.array([]), 0.1) is None


def test_equal_shots_are_no_surprise():
    assert tail_chance(np.ones(100), 0.1) == 1.0
