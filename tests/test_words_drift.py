"""Subtitles against speech, on composed films whose drift is known."""

import numpy as np
import pytest

from punctum.measure.words.drift import RATES, find_drift

FOREIGN = "foreign"


def talk(rng, duration_s):
    """Scenes of dialogue with pauses between: when each line is spoken."""
    lines, at = [], float(rng.uniform(5, 60))
    while at < duration_s - 10:
        until = at + rng.uniform(20, 180)
        while at < min(until, duration_s - 10):
            lasts = rng.gamma(3, 0.8) + 0.4
            lines.append((at, at + lasts))
            at += lasts + rng.exponential(1.2) + 0.1
        at += rng.exponential(30)
    return lines


def subtitled(rng, lines):
    """What a subtitler makes of it: one in ten left out, each a little early and longer."""
    kept = [line for line in lines if rng.random() > 0.1]
    return [(a + rng.normal(-0.05, 0.12), b + rng.uniform(0, 0.9)) for a, b in kept]


def heard(rng, lines, duration_s, missed=0.2, false=0.1):
    """What a finder of speech hears: one in five missed, as many again as one in ten are none."""
    found = [(a + rng.normal(0, 0.1), b + rng.normal(0, 0.15)) for a, b in lines if rng.random() > missed]
    strangers = rng.uniform(0, duration_s, int(len(lines) * false))
    return found + [(float(a), float(a + rng.gamma(2, 1.5))) for a in strangers]


def drifted(cues, rate, offset_s):
    return [((a - offset_s) / rate, (b - offset_s) / rate) for a, b in cues]


@pytest.mark.parametrize(
    ("rate", "offset_s"), [(1.0, 0.0), (1.0, 7.3), (1.0, -42.0), (RATES[1], 0.0), (RATES[2], -3.0), (RATES[3], 12.5)]
)
def test_offset_and_rate_are_found(rate, offset_s):
    rng = np.random.default_rng(round(100 * rate + offset_s + 500))
    lines = talk(rng, 1200)
    found = find_drift(drifted(subtitled(rng, lines), rate, offset_s), heard(rng, lines, 1200), 1200)
    assert found.rate == rate
    assert abs(found.offset_s - offset_s) < 0.3
    assert found.verdict == ("fits" if (rate, offset_s) == (1.0, 0.0) else "drifts")


def test_cues_that_fit_are_left_alone():
    rng = np.random.default_rng(3)
    lines = talk(rng, 1200)
    found = find_drift([(a - 0.1, b) for a, b in lines], heard(rng, lines, 1200), 1200)
    assert found[:2] == (0.0, 1.0)
    assert found.verdict == "fits"


@pytest.mark.parametrize("seed", range(4))
def test_another_films_subtitle_is_recognised(seed):
    rng = np.random.default_rng(seed)
    speech = heard(rng, talk(rng, 3600), 3600)
    found = find_drift(subtitled(rng, talk(rng, 3600)), speech, 3600)
    assert found.verdict == FOREIGN
    assert found.score < 5.5


def test_much_that_is_misheard_is_no_other_film():
    rng = np.random.default_rng(8)
    lines = talk(rng, 3600)
    found = find_drift(drifted(subtitled(rng, lines), 1.0, 5.0), heard(rng, lines, 3600, 0.5, 0.6), 3600)
    assert found.verdict == "drifts"
    assert abs(found.offset_s - 5.0) < 0.3


def test_talk_as_regular_as_a_clock_is_no_other_films():
    cues = [(4.0 * i, 4.0 * i + 2.5) for i in range(800)]
    found = find_drift(cues, [(a + 0.1, b - 0.3) for a, b in cues], 3200.0)
    assert found.verdict != FOREIGN
    assert found.before > 0.5


def test_cues_at_the_end_of_time_take_no_memory():
    rng = np.random.default_rng(3)
    lines = talk(rng, 1200)
    far = [(1e7 + i, 1e7 + i + 1) for i in range(50)]
    assert find_drift([*lines, *far], heard(rng, lines, 1200), 1200).verdict == "fits"


@pytest.mark.parametrize(
    ("cues", "speech"),
    [
        ([], [(0, 30)]),
        ([(i, i + 0.5) for i in range(20)], []),
        ([(0, 1)] * 20, [(-5, -1)] * 40),
        ([(5, 4)] * 20, [(0, 30)]),
    ],
)
def test_too_little_to_tell(cues, speech):
    assert find_drift(cues, speech, 60.0).verdict == "unknown"
