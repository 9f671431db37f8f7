"""CMX 3600 edit decision lists: out with a clip a shot, in as events; and the markers that DaVinci Resolve imports.

Conventions: lines end with a line feed; an event's record times count from the timeline's first frame, its source times
from the file's own start time code. Dissolves, fades and wipes are written as cuts with a comment: the film's picture
already has them, and an editor would mix a second time.

Source: CMX 3600 as described in SMPTE RP 258-era manuals and as Avid, Premiere and Resolve write it.
"""

import re
from collections import Counter
from collections.abc import Callable

from punctum.export.events import MARKERS, MOST_EVENTS, Event, Taken
from punctum.export.timecode import Rate, format_timecode, is_drop, parse_timecode
from punctum.export.timeline import Mark, Timeline, one_line

MOST_HOURS = 100
"""An event's hours have two digits."""

_EVENT = re.compile(
    r"\s*(\d{1,6})\s+(\S{1,128})\s+(\S{1,12})\s+(C|D|W\d{0,3}|K\w?)\s+(?:(\d{1,4})\s+)?"
    r"(\S{8,16})\s+(\S{8,16})\s+(\S{8,16})\s+(\S{8,16})\s*",
    re.IGNORECASE,
)
_OURS = re.compile(r"shot (\d{1,7}), begins (\w{3,8})")
_LOCATOR = re.compile(r"LOC:\s*(\S{8,16})\s+(\S{1,16})\s*(.*)")
_RESOLVE = re.compile(r"(.*?)\|C:(\w{1,40})\s*\|M:(.*?)\s*\|D:(\d{1,9})\s*")
_KINDS = {"D": "dissolve", "W": "wipe"}


def write_edl(timeline: Timeline) -> tuple[str, list[str]]:
    """Write a film's shots as an edit decision list.

    Parameters
    ----------
    timeline : Timeline

    Returns
    -------
    text : str
    remarks : list of str
        what the format could not hold

    Raises
    ------
    ValueError
        for a timeline of 100 hours and more
    """
    rate, start = timeline.clock.rate, timeline.start
    lines = _head(timeline.title, rate)
    reel = _reel(timeline.reel)
    for number, clip in enumerate(timeline.clips, 1):
        source = (start + clip.start, start + clip.end)
        lines.append(_event(number, reel, source, (clip.start, clip.end), rate))
        lines.append(f"* FROM CLIP NAME: {one_line(timeline.media_name)}")
        comment = f"* COMMENT: shot {clip.shot}, begins {clip.begins}"
        if clip.transition is not None and clip.begins not in ("open", "cut"):
            comment += " {}-{}".format(*(format_timecode(at, rate) for at in clip.transition))
        lines.append(comment)
    remarks = _limits(timeline, len(timeline.clips))
    if timeline.reel and reel != timeline.reel:
        remarks.append(f"the reel's name was written as {reel}: a list's have eight letters and digits")
    mixed = sum(clip.begins not in ("open", "cut") for clip in timeline.clips)
    if mixed:
        remarks.append(f"{mixed} of its boundaries are no cuts, and stand in comments: the picture has them already")
    return "\n".join([*lines, ""]), remarks


def write_resolve(timeline: Timeline) -> tuple[str, list[str]]:
    """Write markers as a list that Resolve imports (Timelines > Import > Timeline Markers from EDL).

    A marker lies at the time code of the timeline that begins with ``timeline.start``. Shots are markers, too; where
    several begin with one frame they are one marker.
    """
    rate, start = timeline.clock.rate, timeline.start
    lines = _head(timeline.title, rate)
    shots = [
        Mark("shot", f"shot {c.shot}", c.start, c.end, c.begins + (f", {c.scale}" if c.scale else ""))
        for c in timeline.clips
    ]
    at_frame: dict[int, list[Mark]] = {}
    for mark in sorted([*timeline.marks, *shots], key=lambda mark: (mark.start, _RANK.get(mark.kind, 1))):
        at_frame.setdefault(mark.start, []).append(mark)
    for number, (at, marks) in enumerate(at_frame.items(), 1):  # Resolve keeps one marker a frame
        place = (start + at, start + at + 1)
        lines.append(_event(number, "001", place, place, rate))
        # a bar parts Resolve's fields
        name, comment = (
            one_line(text).replace("|", "/")
            for text in (", ".join(m.name for m in marks), "; ".join(m.comment for m in marks if m.comment))
        )
        colour, lasts = _COLOURS.get(marks[0].kind, "Purple"), max(1, marks[0].end - marks[0].start)
        lines.append(f"{comment} |C:ResolveColor{colour} |M:{name} |D:{lasts}")
        lines.append("")
    return "\n".join([*lines, ""]), _limits(timeline, len(at_frame))


_RANK = {"scene": 0, "shot": 2}
"""Which of several markers of one frame gives its colour and length: a scene, then a moment or a note, then a shot."""

_COLOURS = {"shot": "Blue", "scene": "Green", "moment": "Red", "note": "Yellow", "ending": "Pink"}


def _head(title: str, rate: Rate) -> list[str]:
    return [f"TITLE: {one_line(title, 70)}", f"FCM: {'DROP FRAME' if rate.drop else 'NON-DROP FRAME'}", ""]


def _event(number: int, reel: str, source: tuple[int, int], record: tuple[int, int], rate: Rate) -> str:
    codes = " ".join(format_timecode(at, rate) for at in (*source, *record))
    return f"{number:03d}  {reel:<8} V     C        {codes}"


def _limits(timeline: Timeline, events: int) -> list[str]:
    rate = timeline.clock.rate
    hours = (timeline.start + timeline.length) // (3600 * rate.count)
    if hours >= MOST_HOURS:
        raise ValueError(f"a time code of {hours} hours does not fit: an edit decision list has two digits for them")
    remarks = []
    if hours >= 24:
        remarks.append("time codes go past 24 hours, which SMPTE 12M does not know: some editors begin at 0 again")
    if events > 999:
        remarks.append(f"{events} events: CMX 3600 counts to 999, and some editors stop there")
    return remarks


def _reel(name: str) -> str:
    """A reel's name as the format has it; AX is a file without a reel, BL would be black."""
    plain = re.sub(r"[^A-Z0-9_]", "", name.upper())[:8]
    return "BL_" if plain == "BL" else plain or "AX"


def says_drop(text: str) -> bool | None:
    """Whether a list counts in drop-frame time code, by the signs in its codes or its FCM line; None: neither is there.

    Examples
    --------
    >>> says_drop("FCM: NON-DROP FRAME"), says_drop("FCM: DROP FRAME"), says_drop("001 AX V C 00:00:00;00")
    (False, True, True)
    """
    if re.search(r"\d\d:\d\d:\d\d;\d\d", text):
        return True
    found = re.search(r"^\s*FCM:\s*(NON)?.{0,3}DROP", text, re.IGNORECASE | re.MULTILINE)
    return found[1] is None if found else None


def read_edl(text: str, rate: Rate, seconds: Callable[[int], float], length: int, origin: int | None = None) -> Taken:
    """Read an edit decision list's picture events, its locators and Resolve's markers.

    Parameters
    ----------
    text : str
    rate : Rate
        the list's
    seconds : callable
        from a position of the film to its time
    length : int
        positions that the film has
    origin : int, optional
        frame that stands for the film's first; by default 0, or the whole hour that the list begins in, where it else
        would not fit the film

    Returns
    -------
    Taken
        events in the order of the list

    Raises
    ------
    ValueError
        where it holds no event, frames that the rate does not have, or times that the film does not
    """
    faults: Counter[str] = Counter()
    found: list[_Line] = []
    drops = False
    for line in text.splitlines():
        line = line[:2000]
        event = _EVENT.fullmatch(line)
        if event is not None:
            drops = drops or is_drop(event[8])
            _take(event, found, rate, faults)
        elif line.lstrip()[:1].isdigit():
            faults["lines that are no event"] += 1
        elif found:
            _comment(line.strip().removeprefix("*").strip(), found, rate, faults)
        if len(found) > MOST_EVENTS:
            raise ValueError(f"has more than {MOST_EVENTS} events")
    if not found:
        raise ValueError("holds no event that can be read" + _worst(faults))
    zero = _origin(found, rate, length, origin)
    remarks = [f"its time code {format_timecode(zero, rate)} was taken for the film's first frame"] if zero else []
    if drops != rate.drop and rate.fps.denominator == 1001 and rate.count != 24:
        remarks.append(f"its time codes were counted as {'drop' if rate.drop else 'non-drop'}-frame")
    events = []
    for one in found:
        start, end = one.start - zero, one.end - zero
        if not 0 <= start <= end <= length:
            faults["events beyond the film"] += 1
            continue
        last = None if end <= start + one.point else seconds(end)
        events.append(Event(seconds(start), last, one.text(), one.tier, one.tags, boundary=one.boundary))
    if not events:
        raise ValueError("has no event within the film")
    return Taken(events, faults, remarks)


class _Line:
    """An event as it is read, with the comments that follow it."""

    def __init__(self, start: int, end: int, reel: str, boundary: str, tier: str = "", said: str = "") -> None:
        self.start, self.end, self.reel, self.boundary, self.tier = start, end, reel, boundary, tier
        self.said = [said] if said else []
        self.tags: tuple[str, ...] = ()
        self.point = bool(tier)

    def text(self) -> str:
        return "; ".join(self.said)


def _take(event: re.Match[str], found: list[_Line], rate: Rate, faults: Counter[str]) -> None:
    channels, how = event[3].upper(), event[4].upper()
    if not ("V" in channels or channels.startswith("B")):
        faults["events of sound"] += 1
        return
    try:
        start, end = parse_timecode(event[8], rate), parse_timecode(event[9], rate)
    except ValueError as error:
        faults[str(error)] += 1
        return
    if end < start:
        faults["events that end before they begin"] += 1
        return
    if end == start:  # the first half of a dissolve
        return
    lasts = int(event[5] or 0)
    before = found[-1].reel if found else "BL"
    kind = "cut" if how.startswith(("C", "K")) else _KINDS[how[0]]
    if kind == "dissolve" and "BL" in (before, event[2].upper()):
        kind = "fade"
    # a dissolve's boundary is its mid-point (Salt)
    start += lasts // 2 if kind != "cut" else 0
    found.append(_Line(min(start, end), end, event[2].upper(), kind if found else "open"))


def _comment(line: str, found: list[_Line], rate: Rate, faults: Counter[str]) -> None:
    marker = _RESOLVE.fullmatch(line)
    locator = _LOCATOR.match(line)
    if marker is not None:
        one = found[-1]
        one.tier, one.boundary, one.point = MARKERS, "", True
        one.tags = (marker[2].removeprefix("ResolveColor").lower(),)
        one.said = [part for part in (marker[3].strip(), marker[1].strip()) if part]
        one.end = max(one.start + 1, one.start + int(marker[4]))
        one.point = one.end == one.start + 1
    elif locator is not None:
        try:
            at = parse_timecode(locator[1], rate)
        except ValueError as error:
            faults[str(error)] += 1
            return
        one = _Line(at, at + 1, found[-1].reel, "", MARKERS, locator[3].strip())
        one.tags = (locator[2].lower(),)
        found.append(one)
    elif line.startswith("COMMENT:") and (ours := _OURS.match(line[8:].strip())):
        found[-1].said.append(f"shot {ours[1]}")
        found[-1].boundary = ours[2]
    else:
        named = re.match(r"(?:FROM CLIP NAME|TO CLIP NAME|COMMENT):\s*(.+)", line)
        if named is not None and len(found[-1].said) < 20:
            found[-1].said.append(named[1].strip())


def _origin(found: list[_Line], rate: Rate, length: int, asked: int | None) -> int:
    if asked is not None:
        return asked
    last = max(one.end for one in found)
    if last <= length:
        return 0
    first = min(one.start for one in found)
    hour = parse_timecode(f"{first // (3600 * rate.count):02d}:00:00:00", rate)
    hour = hour if hour <= first else max(0, first)
    if last - hour <= length:
        return hour
    raise ValueError(f"ends at {format_timecode(last, rate)}, and the film has {length} frames at {rate.name} a second")


def _worst(faults: Counter[str]) -> str:
    return f": {faults.most_common(1)[0][0]}" if faults else ""
