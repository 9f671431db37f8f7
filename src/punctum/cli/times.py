"""Times as they are typed and printed: ``12m``, ``1:02:00-1:10:00``, ``1:02:03.4``."""

import re

from punctum.errors import UsageWrong, quoted


def parse_length(text: str) -> float:
    """Read a length of time, in seconds.

    Raises
    ------
    UsageWrong
        if it is none

    Examples
    --------
    >>> parse_length("12m"), parse_length("1h2m3.5s"), parse_length("12:30"), parse_length("90")
    (720.0, 3723.5, 750.0, 90.0)
    """
    units = re.fullmatch(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?", text.strip(), re.ASCII)
    clock = re.fullmatch(r"(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:\.\d+)?)", text.strip(), re.ASCII)
    found = (units if text.strip() and units else None) or clock
    if not found:
        raise UsageWrong(f"{quoted(text)} is no length of time", "write 12m, 90s, 1h30m or 12:30")
    hours, minutes, seconds = (float(piece or 0) for piece in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def parse_span(text: str) -> tuple[float | None, float | None]:
    """Read a span of time ``FROM-TO``; either may be left out.

    Raises
    ------
    UsageWrong
        if it is none

    Examples
    --------
    >>> parse_span("2:04:00-"), parse_span("1:00-1:30")
    ((7440.0, None), (60.0, 90.0))
    """
    start, dash, end = text.replace("–", "-").partition("-")
    if not dash or not (start.strip() or end.strip()):
        raise UsageWrong(f"{quoted(text)} is no span", "write 1:02:00-1:10:00, or 2:04:00- to the end")
    return (
        parse_length(start) if start.strip() else None,
        parse_length(end) if end.strip() else None,
    )


def timecode(time_s: float) -> str:
    """Write a time as h:mm:ss.t.

    Examples
    --------
    >>> timecode(3723.46)
    '1:02:03.4'
    """
    tenths = int(max(time_s, 0.0) * 10 + 1e-6)
    return f"{tenths // 36000}:{tenths // 600 % 60:02d}:{tenths // 10 % 60:02d}.{tenths % 10}"
