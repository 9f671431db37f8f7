"""Time code against hand-worked values, a counter that counts, and what a peer makes of it."""

from fractions import Fraction

import numpy as np
import opentimelineio as otio
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange_bundles import times_at, variable_times

from punctum.export.timecode import STANDARD, Rate, can_drop, format_timecode, is_drop, parse_rate, parse_timecode
from punctum.export.timeline import find_clock, lay_shots

NTSC = Fraction(30000, 1001)
RATES = [Rate(fps) for fps in STANDARD] + [Rate(fps, drop=True) for fps in STANDARD if can_drop(fps)]


def count_up(rate, frames):
    """Time codes by counting, number after number, leaving out those that drop-frame leaves out."""
    count = rate.count
    hours = minutes = seconds = part = 0
    for _ in range(frames):
        yield f"{hours:02d}:{minutes:02d}:{seconds:02d}{';' if rate.drop else ':'}{part:0{len(str(count - 1))}d}"
        part += 1
        if part == count:
            part, seconds = 0, seconds + 1
        if seconds == 60:
            seconds, minutes = 0, minutes + 1
        if minutes == 60:
            minutes, hours = 0, hours + 1
        if rate.drop and seconds == 0 and part == 0 and minutes % 10:
            part = count // 15


@pytest.mark.parametrize("rate", [Rate(NTSC, True), *(pytest.param(r, marks=pytest.mark.slow) for r in RATES)])
def test_every_code_of_eleven_minutes_is_the_one_that_counting_gives(rate):
    for frame, code in enumerate(count_up(rate, 11 * 60 * rate.count)):
        assert format_timecode(frame, rate) == code
        assert parse_timecode(code, rate) == frame


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (1799, "00:00:59;29"),
        (1800, "00:01:00;02"),
        (17981, "00:09:59;29"),
        (17982, "00:10:00;00"),
        (107892, "01:00:00;00"),
    ],
)
def test_drop_frame_by_hand(frame, code):
    assert format_timecode(frame, Rate(NTSC, drop=True)) == code


def test_drop_frame_keeps_to_the_clock():
    # 24 hours of numbers last 86 ms less than 24 hours (SMPTE ST 12-1, 5.2.2)
    day = parse_timecode("24:00:00;00", Rate(NTSC, drop=True)) / NTSC
    assert 86_400 - float(day) == pytest.approx(0.0864, abs=1e-4)


@given(st.sampled_from(RATES), st.integers(0, 400 * 3600 * 24))
def test_a_code_is_read_as_the_frame_that_it_was_written_for(rate, frame):
    code = format_timecode(frame, rate)
    assert parse_timecode(code, rate) == frame
    assert is_drop(code) == rate.drop


@given(st.sampled_from([rate for rate in RATES if rate.fps <= 60]), st.integers(0, 23 * 3600 * 24))
def test_a_peer_writes_the_same_code(rate, frame):
    time = otio.opentime.RationalTime(frame, float(rate.fps))
    assert otio.opentime.to_timecode(time, float(rate.fps), rate.drop) == format_timecode(frame, rate)


@pytest.mark.parametrize(
    "code", ["", "1:2:3", "00:00:60:00", "00:00:00:25", "ab:cd:ef:gh", "00:00:00", "-1:00:00:00", "٠٠:00:00:00"]
)
def test_what_is_no_code_of_the_rate_is_refused(code):
    with pytest.raises(ValueError):
        parse_timecode(code, Rate(Fraction(25)))


def test_numbers_that_drop_frame_leaves_out_are_refused():
    for code in ("00:01:00;00", "00:01:00;01", "01:59:00;00"):
        with pytest.raises(ValueError, match="leaves out"):
            parse_timecode(code, Rate(NTSC, drop=True))
    assert parse_timecode("00:10:00;00", Rate(NTSC, drop=True)) == 17982


def test_there_is_no_drop_frame_elsewhere():
    with pytest.raises(ValueError, match="drop-frame"):
        Rate(Fraction(25), drop=True)


@pytest.mark.parametrize(("text", "rate"), [("23.98", STANDARD[0]), ("29.97", NTSC), ("59.94", 2 * NTSC), ("18", 18)])
def test_rates_as_they_are_typed(text, rate):
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "fast", "1/0", "1e9", "-25", "²"])
def test_what_is_no_rate(text):
    with pytest.raises(ValueError):
        parse_rate(text)


@pytest.mark.parametrize("fps", [*STANDARD, Fraction(16), Fraction(18), Fraction(10), Fraction(25, 2)])
@pytest.mark.parametrize("milliseconds", [False, True])
def test_a_constant_rate_is_found_from_times_also_in_whole_milliseconds(fps, milliseconds):
    times_s = times_at(fps, 3000)
    if milliseconds and fps <= 60:
        times_s = np.round(times_s, 3)
    clock = find_clock(pl.DataFrame({"frame": range(3000), "time_s": times_s}), float(3000 / fps))
    assert (clock.own, clock.constant) == (fps, True)
    assert clock.place(np.arange(3000), times_s).tolist() == list(range(3000))


def test_key_frames_alone_tell_the_rate():
    times_s = times_at(Fraction(24000, 1001), 4000)
    clock = find_clock(pl.DataFrame({"frame": range(0, 4000, 48), "time_s": times_s[::48]}), 167.0)
    assert (clock.own, clock.constant) == (Fraction(24000, 1001), True)


def test_a_variable_rate_is_brought_to_one_and_its_largest_error_is_told():
    times_s = variable_times(600)
    clock = find_clock(pl.DataFrame({"frame": range(600), "time_s": times_s}), float(times_s[-1] + 0.04))
    assert not clock.constant
    assert clock.rate.fps == 24
    edges = [0, 50, 51, 52, 300, 310, 599]
    shots = pl.DataFrame(
        {
            "shot": range(7),
            "start_frame": edges,
            "end_frame": [*edges[1:], 600],
            "start_s": times_s[edges],
            "end_s": [*times_s[edges[1:]], times_s[-1] + 0.04],
            "begins": ["open"] + ["cut"] * 6,
            "ends": ["cut"] * 6 + ["close"],
            "scale": [None] * 7,
            "transition_start_frame": [None] * 7,
            "transition_end_frame": [None] * 7,
        }
    )
    clips, error = lay_shots(shots, clock, 600, float(times_s[-1] + 0.04))
    assert [a.end for a in clips[:-1]] == [b.start for b in clips[1:]]
    assert all(clip.end > clip.start for clip in clips)
    worst = max(abs(clip.start - clip_s * 24) for clip, clip_s in zip(clips, times_s[edges], strict=True))
    assert error >= worst > 0.01
    assert error == pytest.approx(max(worst, abs(clips[-1].end - 24 * (times_s[-1] + 0.04))))
