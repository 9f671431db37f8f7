"""Screenplays in Fountain (fountain.io/syntax): who says what, in which scene.

Conventions: only what is spoken is kept, with its speaker and its scene's heading; action, transitions, notes, sections
and synopses are passed over. A screenplay is anybody's text: bounded, and never more than text.
"""

import re
from typing import NamedTuple

MOST_LINES = 200_000
MOST_NAME = 60

_HEADING = re.compile(r"^(?:INT|EXT|EST|INT\.?/EXT|EXT\.?/INT|I\.?/E)[. ]", re.IGNORECASE)
_BONEYARD = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_NOTE = re.compile(r"\[\[.*?(?:\]\]|\n[ \t]*\n|\Z)", re.DOTALL)
_EMPHASIS = re.compile(r"(?<!\\)[*_]+")
_ESCAPE = re.compile(r"\\([*_\\#@!.~>])")
_SCENE_NUMBER = re.compile(r"\s*#[\w.\-]{1,12}#\s*$")
_EXTENSION = re.compile(r"\s*\([^()]*\)")
_TITLE_KEY = re.compile(r"^[A-Za-z][A-Za-z ]{0,40}:")


class Speech(NamedTuple):
    """What somebody says in one go: who, the words on one line, the heading of the scene ("" before the first)."""

    speaker: str
    text: str
    heading: str


def parse_fountain(text: str) -> list[Speech]:
    r"""Read a screenplay.

    Parameters
    ----------
    text : str
        the whole of it, in Fountain

    Returns
    -------
    list of Speech
        in its order; empty for a text in which nobody speaks

    Examples
    --------
    >>> parse_fountain("INT. CAR - NIGHT\n\nSnow.\n\nANI (O.S.)\n(quietly)\nWait.\n")
    [Speech(speaker='ANI', text='Wait.', heading='INT. CAR - NIGHT')]
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    text = _NOTE.sub("", _BONEYARD.sub("", text))
    lines = text.split("\n")[:MOST_LINES]
    at = _after_title_page(lines)
    found: list[Speech] = []
    heading = ""
    while at < len(lines):
        line = lines[at].strip()
        at += 1
        if not line:
            continue
        after_blank = at < 2 or not lines[at - 2].strip()
        if (line.startswith(".") and line[1:2] not in (".", "")) or (after_blank and _HEADING.match(line)):
            heading = _SCENE_NUMBER.sub("", _plain(line.lstrip("."))).strip()
            continue
        if not after_blank or not (at < len(lines) and lines[at].strip()):
            continue
        speaker = _speaker(line)
        if not speaker:
            continue
        said: list[str] = []
        aside = False
        while at < len(lines) and (lines[at].strip() or lines[at].startswith("  ")):
            spoken = lines[at].strip()
            at += 1
            if aside or spoken.startswith("("):
                aside = not spoken.endswith(")")
                continue
            said.append(_plain(spoken.removeprefix("~")))
        words = " ".join(" ".join(said).split())
        if words:
            found.append(Speech(speaker, words, heading))
    return found


def _after_title_page(lines: list[str]) -> int:
    """Where the screenplay proper begins: after the first blank line, if keys with colons open it."""
    if not lines or not _TITLE_KEY.match(lines[0]) or _HEADING.match(lines[0]):
        return 0
    for number, line in enumerate(lines):
        if not line.strip():
            return number
        if not (_TITLE_KEY.match(line) or line[:1] in " \t"):
            return 0
    return len(lines)


def _speaker(line: str) -> str:
    """Return the name in a character's line; "" for any other line."""
    forced = line.startswith("@")
    if not forced and line[0] in "!.>#=~(":
        return ""
    name = _EXTENSION.sub("", _plain(line.lstrip("@")).rstrip("^ ")).strip()
    if not forced:
        letters = [c for c in name if c.isalpha()]
        if not letters or any(c.islower() for c in letters) or name.endswith(("TO:", ":")):
            return ""
    return name if 0 < len(name) <= MOST_NAME else ""


def _plain(line: str) -> str:
    return _ESCAPE.sub(r"\1", _EMPHASIS.sub("", line)).strip()
