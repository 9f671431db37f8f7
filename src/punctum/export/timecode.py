"""Time code: the numbers hh:mm:ss:ff that editors count frames by, drop and non-drop.

Conventions: a frame is an integer from 0 on; a time code counts numbers, ``Rate.count`` of them a second, whatever the
true rate is. Hours go on past 24, where SMPTE 12M begins anew at 0.

Source: SMPTE ST 12-1:2014. Drop-frame leaves out numbers, never frames: at 29.97 the first two (at 59.94 the first
four) of every minute but the tenths, so that the numbers keep to the clock within 86 ms a day.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

NTSC = Fraction(1000, 1001)
STANDARD = tuple(
    Fraction(rate)
    for rate in (24 * NTSC, 24, 25, 30 * NTSC, 30, 48 * NTSC, 48, 50, 60 * NTSC, 60, 120 * NTSC, 100, 120)
)
"""Rates that editors know."""

_CODE = re.compile(r"(\d{1,4}):([0-5]?\d):([0-5]?\d)([:;.,])(\d{1,3})", re.ASCII)


@dataclass(frozen=True)
class Rate:
    """Frames a second, exactly, and whether time codes leave out numbers.

    Raises
    ------
    ValueError
        for a rate out of reason, or drop-frame at any rate but 29.97, 59.94 and 119.88
    """

    fps: Fraction
    drop: bool = False

    def __post_init__(self) -> None:
        if not Fraction(1, 2) <= self.fps <= 1000:
            raise ValueError(f"{float(self.fps):g} frames a second is no rate")
        if self.drop and not can_drop(self.fps):
            raise ValueError(f"there is no drop-frame time code at {float(self.fps):.5g} frames a second")

    @property
    def count(self) -> int:
        """Numbers that a time code counts in a second."""
        return max(1, round(self.fps))

    @property
    def name(self) -> str:
        """The rate in words: ``29.97 drop-frame``."""
        return f"{float(self.fps):.5g}" + (" drop-frame" if self.drop else "")


def can_drop(fps: Fraction) -> bool:
    """Whether drop-frame time code is defined at this rate."""
    return fps in (30 * NTSC, 60 * NTSC, 120 * NTSC)


def format_timecode(frame: int, rate: Rate) -> str:
    """Write a frame's time code; ``;`` before the frames says drop-frame.

    Raises
    ------
    ValueError
        for a negative frame

    Examples
    --------
    >>> drop = Rate(30 * NTSC, drop=True)
    >>> format_timecode(1799, drop), format_timecode(1800, drop), format_timecode(17982, drop)
    ('00:00:59;29', '00:01:00;02', '00:10:00;00')
    >>> format_timecode(100 * 3600 * 25, Rate(Fraction(25)))
    '100:00:00:00'
    """
    if frame < 0:
        raise ValueError("a time code is never negative")
    number, count = frame, rate.count
    if rate.drop:
        left_out = count // 15
        tens, rest = divmod(frame, 600 * count - 9 * left_out)
        # the first minute of ten is whole, the nine others begin without their first numbers
        minutes = max(0, (rest - left_out) // (60 * count - left_out))
        number += left_out * (9 * tens + minutes)
    seconds, part = divmod(number, count)
    sign = ";" if rate.drop else ":"
    return (
        f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{sign}{part:0{max(2, len(str(count - 1)))}d}"
    )


def parse_timecode(text: str, rate: Rate) -> int:
    """Read a time code as a frame; the rate, not the text's signs, says whether numbers are left out.

    Raises
    ------
    ValueError
        for what is no time code, has more frames than the rate counts, or a number that drop-frame leaves out

    Examples
    --------
    >>> parse_timecode("00:01:00;02", Rate(30 * NTSC, drop=True)), parse_timecode("01:00:00:00", Rate(Fraction(24)))
    (1800, 86400)
    """
    found = _CODE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text[:40]!r} is no time code")
    hours, minutes, seconds, part = (int(found[group]) for group in (1, 2, 3, 5))
    count = rate.count
    if part >= count:
        raise ValueError(f"{text.strip()} counts more frames than {rate.name} a second has")
    frame = ((hours * 60 + minutes) * 60 + seconds) * count + part
    if rate.drop:
        left_out = count // 15
        if seconds == 0 and part < left_out and minutes % 10:
            raise ValueError(f"{text.strip()} is a number that drop-frame time code leaves out")
        whole = hours * 60 + minutes
        frame -= left_out * (whole - whole // 10)
    return frame


def is_drop(text: str) -> bool:
    """Whether a time code is written as drop-frame.

    Examples
    --------
    >>> is_drop("01:00:00;00"), is_drop("01:00:00:00")
    (True, False)
    """
    found = _CODE.fullmatch(text.strip())
    return found is not None and found[4] in ";,."


def parse_rate(text: str) -> Fraction:
    """Read a rate as it is typed: ``24``, ``23.976``, ``24000/1001``, ``29.97``.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> parse_rate("23.976"), parse_rate("30000/1001"), parse_rate("12.5")
    (Fraction(24000, 1001), Fraction(30000, 1001), Fraction(25, 2))
    """
    if not re.fullmatch(r"\d{1,7}(\.\d{1,6}|/\d{1,6})?", text.strip(), re.ASCII):
        raise ValueError(f"{text[:40]!r} is no rate")
    try:
        rate = Fraction(text.strip())
    except ZeroDivisionError:
        raise ValueError(f"{text!r} is no rate") from None
    near = min(STANDARD, key=lambda one: abs(one - rate))
    # 23.976, 29.97 and 59.94 are written short for rates without an end
    return near if abs(near - rate) < Fraction(5, 1000) else rate
