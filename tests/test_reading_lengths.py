"""Formulas of shot lengths against examples worked by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from punctum.reading.lengths import (
    cliffs_d,
    correlate_neighbours,
    describe_lengths,
    hodges_lehmann,
    measure_tail,
)

lengths = st.lists(st.integers(1, 400), min_size=2, max_size=25).map(lambda ticks: np.array(ticks) / 24)


def test_statistics_of_five_shots_by_hand():
    # 1, 2, 3, 4, 10: sum 20; quartiles at the second and fourth
    found = describe_lengths(np.array([3.0, 1.0, 10.0, 2.0, 4.0]))
    assert (found.shot_count, found.total_s, found.average_s, found.median_s) == (5, 20.0, 4.0, 3.0)
    assert (found.lower_quartile_s, found.upper_quartile_s) == (2.0, 4.0)
    assert (found.longest_s, found.longest_at, found.last_s) == (10.0, 2, 4.0)
    assert found.mean_over_median == pytest.approx(4 / 3)
    # off the mean of 4: -1 -3 6 -2 0; products of neighbours 3 -18 -12 0 = -27; squares 1+9+36+4 = 50
    assert found.lag1 == pytest.approx(-27 / 50)


def test_spread_of_logarithms_and_the_lognormal_ratio():
    # logs 0 and 2 about 1: sd 1; exp(1/2)
    found = describe_lengths(np.array([1.0, math.e**2]))
    assert found.log_sd == pytest.approx(1.0)
    assert found.lognormal_mean_over_median == pytest.approx(1.6487, abs=1e-4)


def test_few_shots_have_no_figures_rather_than_wrong_ones():
    assert describe_lengths(np.array([])) is None
    one = describe_lengths(np.array([7.0]))
    assert (one.average_s, one.log_sd, one.lag1, one.lognormal_mean_over_median) == (7.0, None, None, None)
    assert correlate_neighbours(np.array([2.0, 2.0, 2.0])) is None


def test_tail_counts_a_shot_by_its_middle():
    # 100 s; the last tenth begins at 90; the shot from 85 to 96 has its middle at 90.5
    tail = measure_tail(np.array([85.0, 11.0, 4.0]), 0.1)
    assert (tail.first, tail.shot_count, tail.average_s, tail.longest_s, tail.longest_at) == (1, 2, 7.5, 11.0, 1)
    # from 84 to 95 the middle is 89.5: out
    assert measure_tail(np.array([84.0, 11.0, 5.0]), 0.1).first == 2
    # a middle right on the mark is in
    assert measure_tail(np.array([88.0, 4.0, 8.0]), 0.1).first == 1


def test_tail_always_holds_the_last_shot():
    tail = measure_tail(np.array([10.0, 90.0]), 0.1)
    assert (tail.first, tail.shot_count, tail.longest_s) == (1, 1, 90.0)
    assert measure_tail(np.array([5.0]), 0.05).shot_count == 1
    assert measure_tail(np.array([]), 0.05) is None


def test_hodges_lehmann_by_hand():
    # differences of {1, 5} and {2, 3, 7}: -6 -2 -2 -1 2 3, median (-2 - 1)/2
    assert hodges_lehmann(np.array([5.0, 1.0]), np.array([7.0, 2.0, 3.0])).value == pytest.approx(-1.5)
    assert hodges_lehmann(np.array([]), np.array([1.0])) is None


def test_hodges_lehmann_interval_by_rank():
    # n = m = 10: rank = int(50 - 1.95996 sqrt(100 x 21 / 12)) = int(24.07) = 24
    ones, others = np.arange(10.0) * 1.7, np.arange(10.0) * 1.1 + 0.3
    pairs = np.sort(np.subtract.outer(ones, others).ravel())
    found = hodges_lehmann(ones, others)
    assert (found.low, found.high) == pytest.approx((pairs[23], pairs[76]))


@given(lengths, lengths)
def test_hodges_lehmann_is_the_median_of_all_differences(ones, others):
    found = hodges_lehmann(ones, others)
    assert found.value == pytest.approx(np.median(np.subtract.outer(ones, others)), abs=1e-7)
    assert found.low <= found.value + 1e-9
    assert found.value <= found.high + 1e-9


@given(lengths, lengths)
def test_a_shift_moves_hodges_lehmann_by_as_much(ones, others):
    assert hodges_lehmann(ones + 3, others).value == pytest.approx(hodges_lehmann(ones, others).value + 3, abs=1e-7)


def test_cliffs_d_by_hand():
    # {1, 5} against {2, 3, 7}: longer in 5>2 5>3, shorter in the other four: (2 - 4)/6
    assert cliffs_d(np.array([1.0, 5.0]), np.array([2.0, 3.0, 7.0])).value == pytest.approx(-1 / 3)
    # a tie counts for neither
    assert cliffs_d(np.array([2.0, 2.0]), np.array([2.0, 1.0])).value == pytest.approx(0.5)
    assert cliffs_d(np.array([2.0]), np.array([2.0, 1.0])) is None


def test_cliffs_interval_by_the_published_variance():
    ones, others = np.array([1.0, 4.0, 6.0, 9.0]), np.array([2.0, 3.0, 4.0])
    signs = np.sign(np.subtract.outer(ones, others))
    n, m = signs.shape
    d = signs.mean()
    rows, columns = signs.mean(axis=1), signs.mean(axis=0)
    variance = (m**2 * ((rows - d) ** 2).sum() + n**2 * ((columns - d) ** 2).sum() - ((signs - d) ** 2).sum()) / (
        n * m * (n - 1) * (m - 1)
    )
    z = 1.959964
    half = z * math.sqrt(variance) * math.sqrt((1 - d * d) ** 2 + z * z * variance)
    below = 1 - d * d + z * z * variance
    found = cliffs_d(ones, others)
    assert (found.value, found.low, found.high) == pytest.approx(
        (d, (d - d**3 - half) / below, (d - d**3 + half) / below), abs=1e-6
    )


@given(lengths, lengths)
def test_cliffs_d_turns_its_sign_with_the_order(ones, others):
    there, back = cliffs_d(ones, others), cliffs_d(others, ones)
    assert there.value == pytest.approx(-back.value)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-9)
    assert -1 <= there.low <= there.value <= there.high <= 1


def test_intervals_hold_what_they_should():
    """Of 300 pairs of samples, 95 % intervals hold the true value in some 95 of 100."""
    rng = np.random.default_rng(5)
    shift = d = 0
    for _ in range(300):
        ones, others = rng.lognormal(1, 0.9, 40), rng.lognormal(1, 0.9, 160)
        hl, dominance = hodges_lehmann(ones, others), cliffs_d(ones, others)
        shift += hl.low <= 0 <= hl.high
        d += dominance.low <= 0 <= dominance.high
    assert 0.91 <= shift / 300 <= 0.985
    assert 0.91 <= d / 300 <= 0.985
