"""Times of a film as people write them.

Conventions: seconds from the first frame; ``1:02.4`` is a minute and 2.4 seconds, ``1:02:03`` an hour.
"""

import re

_TIME = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):([0-5]?\d(?:\.\d{1,3})?)\Z", re.ASCII)
_RANGE = re.compile(r"\s*([0-9:.]+)\s*(?:-|–|—|\.\.|\bto\b)\s*([0-9:.]+)\s*\Z", re.ASCII)


def read_time(text: str) -> float | None:
    """Read a time; None for what is none.

    Examples
    --------
    >>> read_time("1:02.4"), read_time("1:00:05"), read_time("62")
    (62.4, 3605.0, None)
    """
    found = _TIME.match(text.strip())
    if found is None:
        return None
    hours, minutes, seconds = int(found[1] or 0), int(found[2]), float(found[3])
    if found[1] and minutes > 59:
        return None
    return hours * 3600 + minutes * 60 + seconds


def read_range(text: str) -> tuple[float, float] | None:
    """Read two times with a dash between; None for what is none, or ends before it begins.

    Examples
    --------
    >>> read_range("1:02-1:20"), read_range("1:02 – 1:20.5"), read_range("1:20-1:02")
    ((62.0, 80.0), (62.0, 80.5), None)
    """
    found = _RANGE.match(text)
    if found is None:
        return None
    start_s, end_s = read_time(found[1]), read_time(found[2])
    if start_s is None or end_s is None or end_s <= start_s:
        return None
    return start_s, end_s
