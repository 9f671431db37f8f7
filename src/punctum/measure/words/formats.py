r"""Subtitles as text -> cues: SubRip, WebVTT, SubStation Alpha.

Conventions: times are seconds as the subtitle's own clock has them, an end before a beginning as it stands; texts
keep their line breaks as ``\n`` and have lost their tags. What looks like a tag and is none of the format's own
(``<script>``) is text. A block that cannot be read costs only itself and is counted.
"""

import re
from collections import Counter
from typing import NamedTuple

MOST_CUES = 100_000
"""More cues than any film has; those beyond are counted, not read."""

MOST_CHARACTERS = 2_000
"""A longer cue is cut short and counted."""

FORMATS = ("srt", "vtt", "ass")


class Cue(NamedTuple):
    """One cue as the file has it: span in seconds, text without tags, who speaks where the format says so.

    ``style`` is the name of its SubStation style, "" elsewhere; ``confidence`` is a recogniser's.
    """

    start_s: float
    end_s: float
    text: str
    speaker: str = ""
    style: str = ""
    confidence: float | None = None


class Parsed(NamedTuple):
    """Cues in the order of the file, and what was wrong, counted by name."""

    cues: list[Cue]
    faults: Counter[str]


# SubRip as met with: commas or points, one to three digits of a fraction, spaces, a minus before the hours
_STAMP = r"(-?)(?:(\d{1,4})\s*:\s*)?(\d{1,2})\s*:\s*(\d{1,2})(?:\s*[,.:]\s*(\d{1,9}))?"
_TIMING = re.compile(rf"^\s*{_STAMP}\s*-{{1,2}}\s*>\s*{_STAMP}(?=\s|$)")
_ARROW = re.compile(r"-->")
_NUMBER = re.compile(r"^\s*\d{1,9}\s*$")

_TAGS = re.compile(
    r"</?(?:i|b|u|s|em|strong|br|font|c|v|lang|ruby|rt)(?:[.\s][^<>]{0,200})?\s*/?>|<\d[\d:.]{4,14}>|\{\\[^{}]{0,500}\}",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<\s*br\s*/?\s*>", re.IGNORECASE)
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,80})?\s+([^<>]{1,80})>", re.IGNORECASE)
_ENTITIES = {
    "&amp;": "&",
    "&lt;": "<",
    "&gt;": ">",
    "&nbsp;": "\u00a0",
    "&lrm;": "",
    "&rlm;": "",
    "&quot;": '"',
    "&#39;": "'",
    "&apos;": "'",
}
_ENTITY = re.compile("|".join(map(re.escape, _ENTITIES)))
_DRAWING = re.compile(r"\\p([1-9])")
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe]")


def guess_format(text: str) -> str | None:
    r"""Say which format a subtitle's text is in: one of `FORMATS`; None where it is in none of them.

    Examples
    --------
    >>> guess_format("1\n00:00:01,000 --> 00:00:02,000\nHello"), guess_format("Dear diary")
    ('srt', None)
    """
    head = text[:20_000].lstrip("\ufeff \t\r\n")
    if head.startswith("WEBVTT"):
        return "vtt"
    if re.search(r"^\s*(\[Script Info\]|\[V4\+? Styles\]|\[Events\])", head, re.IGNORECASE | re.MULTILINE):
        return "ass"
    if any(_TIMING.match(line) for line in text[:200_000].splitlines()):
        return "srt"
    return None


def parse_cues(text: str, form: str) -> Parsed:
    r"""Read the cues of a subtitle's text.

    Parameters
    ----------
    text : str
        the whole file
    form : {"srt", "vtt", "ass"}
        its format

    Returns
    -------
    Parsed
        at most `MOST_CUES`; cues without a text are left out

    Raises
    ------
    ValueError
        for a format that there is not

    Examples
    --------
    >>> parse_cues("1\n00:00:01,000 --> 00:00:02,500\n<i>Hello</i>,\nyou.\n", "srt").cues
    [Cue(start_s=1.0, end_s=2.5, text='Hello,\nyou.', speaker='', style='', confidence=None)]
    """
    if form not in FORMATS:
        raise ValueError(f"no format `{form}`; there are {', '.join(FORMATS)}")
    # only what ends a line in every editor: str.splitlines breaks at form feeds and the like as well
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _parse_ass(lines) if form == "ass" else _parse_blocks(lines, form)


def clean_text(text: str) -> str:
    r"""Return a cue's text without its tags, its lines stripped; what is no tag of subtitles stays.

    Examples
    --------
    >>> clean_text("{\\an8}<i>Go</i>, <script>now</script>!")
    'Go, <script>now</script>!'
    """
    text = _TAGS.sub("", _BREAK.sub("\n", text))
    lines = (re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in _INVISIBLE.sub("", text).split("\n"))
    return "\n".join(line for line in lines if line)


def _seconds(sign: str, hours: str | None, minutes: str, seconds: str, fraction: str | None) -> float:
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    value = whole + (int(fraction) / 10 ** len(fraction) if fraction else 0.0)
    return -value if sign else value


def _parse_blocks(lines: list[str], form: str) -> Parsed:
    cues: list[Cue] = []
    faults: Counter[str] = Counter()
    at, count = 0, len(lines)
    passing = False  # within a block that is no cue: NOTE, STYLE, REGION
    while at < count:
        line = lines[at]
        at += 1
        if form == "vtt":
            passing = (passing and bool(line.strip())) or bool(re.match(r"(NOTE|STYLE|REGION)(\s|$)", line))
            if passing:
                continue
        found = _TIMING.match(line)
        if found is None:
            if _ARROW.search(line):
                faults["cues without times"] += 1
            continue
        held: list[str] = []
        while at < count and not _TIMING.match(lines[at]) and not _ARROW.search(lines[at]):
            # an empty line ends a cue of WebVTT; SubRip is met with empty lines inside
            if not lines[at].strip() and (form == "vtt" or _opens(lines, at + 1)):
                break
            held.append(lines[at])
            at += 1
        else:
            # no empty line before the next cue: its number is not this one's text
            if at < count and held and _NUMBER.match(held[-1]):
                held.pop()
        parts = found.groups()
        body = "\n".join(held)
        speaker = ""
        if form == "vtt":
            voices = [" ".join(name.split()) for name in _VOICE.findall(body)]
            if len(voices) > 1:  # one line each
                body = _VOICE.sub(lambda _: "\n- ", body)
            speaker = voices[0] if len(voices) == 1 else ""
        text = clean_text(body)
        if form == "vtt" or "&" in text:
            text = _ENTITY.sub(lambda entity: _ENTITIES[entity[0]], text)
        _keep(Cue(_seconds(*parts[:5]), _seconds(*parts[5:]), text, speaker), cues, faults)
    return Parsed(cues, faults)


def _opens(lines: list[str], at: int) -> bool:
    """Whether the next cue, or nothing, begins at this line."""
    while at < len(lines) and not lines[at].strip():
        at += 1
    if at >= len(lines):
        return True
    if _ARROW.search(lines[at]):
        return True
    return bool(_NUMBER.match(lines[at])) and at + 1 < len(lines) and bool(_ARROW.search(lines[at + 1]))


def _keep(cue: Cue, cues: list[Cue], faults: Counter[str]) -> None:
    if not cue.text:
        faults["cues without text"] += 1
    elif len(cues) >= MOST_CUES:
        faults[f"cues beyond the first {MOST_CUES}"] += 1
    else:
        if len(cue.text) > MOST_CHARACTERS:
            faults["cues cut short"] += 1
            cue = cue._replace(text=cue.text[:MOST_CHARACTERS].rstrip())
        cues.append(cue)


_EVENT_FIELDS = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")
_ASS_STAMP = re.compile(r"^\s*(-?)(\d{1,4}):(\d{1,2}):(\d{1,2})[.:,](\d{1,6})\s*$")


def _parse_ass(lines: list[str]) -> Parsed:
    cues: list[Cue] = []
    faults: Counter[str] = Counter()
    fields: tuple[str, ...] = _EVENT_FIELDS
    events = False
    for line in lines:
        word, _, rest = line.partition(":")
        word = word.strip().lower()
        if line.lstrip().startswith("["):
            events = line.strip().lower() == "[events]"
        elif word == "format" and events:
            named = tuple(name.strip().lower() for name in rest.split(","))
            fields = named if {"start", "end", "text"} <= set(named) and named[-1] == "text" else fields
        elif word == "dialogue":
            values = rest.split(",", len(fields) - 1)
            row = dict(zip(fields, values, strict=False))
            start, end = _ASS_STAMP.match(row.get("start", "")), _ASS_STAMP.match(row.get("end", ""))
            if "text" not in row or start is None or end is None:
                faults["cues without times"] += 1
                continue
            text = ass_text(row["text"])
            if text is None:
                faults["drawings among the cues"] += 1
                continue
            speaker, style = row.get("name", "").strip()[:80], row.get("style", "").strip(" *")[:80]
            spans = _seconds(*start.groups()), _seconds(*end.groups())
            _keep(Cue(*spans, text, speaker, style), cues, faults)
    return Parsed(cues, faults)


def ass_text(text: str) -> str | None:
    r"""Return the text of a SubStation event without its tags; None where it draws shapes.

    Examples
    --------
    >>> ass_text(r"{\i1}Go{\i0}\Nnow"), ass_text(r"{\p1}m 0 0 l 9 9{\p0}")
    ('Go\nnow', None)
    """
    if _DRAWING.search(text):
        return None
    text = text.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")
    # overrides are all that stands in braces, comments among them
    return clean_text(re.sub(r"\{[^{}]{0,2000}\}", "", text))
