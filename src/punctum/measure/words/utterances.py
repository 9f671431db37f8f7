r"""One cue -> what is said, heard and sung in it, and by whom.

Conventions: a cue may hold two speakers (lines that begin with a dash), words and notes for the hard of hearing
(``[sobbing]``, ``(wipers squeak)``), and lyrics (``♪``). Each becomes an utterance of its own, in the order of the
text: notes are evidence of sound and are kept apart from what is said. Kinds are those of `KINDS`.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from punctum.measure.words.formats import Cue

KINDS = ("speech", "song", "note", "title")
"""What an utterance is: spoken, sung, a note on what is heard, or writing in the picture."""

SPOKEN = ("speech", "song")
"""Kinds that are somebody's words."""

_DASH = r"\-‐‑‒–—―−"
_DASHED = re.compile(rf"^\s*[{_DASH}]+\s*(?=[^\s{_DASH}])")
# not what is part of a word, as in "friend(s)", and not what holds no letter, as in "(1)"
_NOTE = re.compile(
    r"(?<![^\W_])(?=.[^\[\]()（）【】［］]*(?:[^\W\d_]|[♪♫]))"
    r"(?:\[([^\[\]]{1,400})\]|\(([^()]{1,400})\)|（([^（）]{1,400})）|【([^【】]{1,400})】|［([^［］]{1,400})］)"
)
_MUSIC = re.compile("[♪♫♬♩]")
_HASHED = re.compile(r"^\s*#\s.*|^\s*#.*#\s*$", re.DOTALL)
_LABEL = re.compile(r"^\s*([^\W\d_][^:\n\[\](){}<>♪]{0,38}?)\s*((?:[\[(][^\[\]()]{1,60}[\])]\s*)?)[:：](?!\d|//)\s*")
_TITLE_STYLE = re.compile(r"sign|title|caption|insert|typeset|credit|schild", re.IGNORECASE)
_SONG_STYLE = re.compile(r"song|lyric|karaoke|^(op|ed)\b|romaji", re.IGNORECASE)


class Utterance(NamedTuple):
    """A piece of a cue: kind, text on one line, who speaks ("" where not said), its share of the cue's characters."""

    kind: str
    text: str
    speaker: str
    from_share: float
    to_share: float


class Habits(NamedTuple):
    """What a file's notes look like: whether a capitalised word in brackets before speech names the speaker."""

    brackets_name: bool = False


PLAIN = Habits()
"""Of a file without notes."""


def find_habits(cues: Sequence[Cue]) -> Habits:
    """Learn from a file's notes whether names stand in brackets.

    Notes that stand alone on their lines and mostly begin with a small letter leave capitals to names:
    ``[sobbing]`` against ``[Igor] Come in.``
    """
    small = large = 0
    for cue in cues:
        for line in cue.text.split("\n"):
            found = _NOTE.fullmatch(line.strip().strip(_DASH).strip())
            first = next((c for c in _inside(found) if c.isalpha()), "") if found else ""
            if first:
                small += first.islower()
                large += first.isupper()
    return Habits(small >= 2 and small >= 2 * large)


def split_cue(cue: Cue, habits: Habits = PLAIN) -> list[Utterance]:
    r"""Split a cue into utterances.

    Parameters
    ----------
    cue : Cue
        with its line breaks
    habits : Habits
        of its file

    Returns
    -------
    list of Utterance
        at least one for a cue with letters or signs in it

    Examples
    --------
    >>> [u[:3] for u in split_cue(Cue(0, 1, "- ANI: Wait.\n- [sobbing]"))]
    [('speech', 'Wait.', 'ANI'), ('note', 'sobbing', '')]
    """
    if _TITLE_STYLE.search(cue.style):
        return [Utterance("title", " ".join(cue.text.split()), "", 0.0, 1.0)]
    singing = bool(_SONG_STYLE.search(cue.style))
    pieces: list[tuple[str, str, str]] = []
    for part in _turns(cue.text):
        pieces += _pieces(part, cue.speaker, habits, singing or _is_sung(cue.text))
    whole = sum(len(text) for _, text, _ in pieces)
    made, at = [], 0
    for kind, text, speaker in pieces:
        made.append(Utterance(kind, text, speaker, at / whole, (at + len(text)) / whole))
        at += len(text)
    return made


def _is_sung(text: str) -> bool:
    return bool(_MUSIC.search(text) or _HASHED.match(text))


def _turns(text: str) -> list[str]:
    """Parts of a cue that different people say: each begins with a dash, the first may lack it."""
    lines = text.split("\n")
    begins = [bool(_DASHED.match(line)) for line in lines]
    if sum(begins) + (not begins[0]) < 2 or not any(begins[1:]):
        return [_DASHED.sub("", text, count=1)]
    turns: list[str] = []
    for line, begin in zip(lines, begins, strict=True):
        if begin or not turns:
            turns.append(_DASHED.sub("", line))
        else:
            turns[-1] += "\n" + line
    return turns


def _inside(found: "re.Match[str] | None") -> str:
    return next((group for group in found.groups() if group is not None), "") if found else ""


def _pieces(text: str, speaker: str, habits: Habits, sung: bool) -> list[tuple[str, str, str]]:
    """Notes and words of one person's turn, in order."""
    made: list[tuple[str, str, str]] = []

    def add(kind: str, words: str, who: str) -> None:
        words = " ".join(words.split())
        if kind == "song":
            words = " ".join(_MUSIC.sub(" ", words).split()).strip("# ")
        if any(c.isalnum() for c in words):
            made.append((kind, words, who if kind != "note" else ""))

    at = 0
    labelled = _LABEL.match(text)
    if labelled and _is_label(labelled[1]):
        speaker = labelled[1].strip()
        add("note", labelled[2].strip(" []()"), "")
        at = labelled.end()
    held = ""
    kind = "song" if sung else "speech"
    for found in _NOTE.finditer(text, at):
        before, inside = text[at : found.start()], _inside(found)
        held += before
        if habits.brackets_name and not held.strip() and _is_name(inside) and _says_more(text, found.end()):
            speaker = inside.strip()
        else:
            add(kind, held, speaker)
            held = ""
            add("note", inside, "")
        at = found.end()
        follows = _LABEL.match(text, at)
        if follows and _is_label(follows[1]):
            speaker, at = follows[1].strip(), follows.end()
    add(kind, held + text[at:], speaker)
    if not made and _MUSIC.search(text):
        made.append(("note", "♪", ""))
    elif not made and text.strip():
        made.append((kind, " ".join(text.split()), speaker))
    return made


def _is_label(name: str) -> bool:
    """Whether what stands before a colon is a name: in capitals, of two letters or more."""
    letters = [c for c in name if c.isalpha()]
    return len(letters) >= 2 and name.upper() == name and any(c.isupper() for c in letters)


def _is_name(inside: str) -> bool:
    words = inside.split()
    return 1 <= len(words) <= 3 and all(word[0].isupper() or word.startswith("#") or word.isdigit() for word in words)


def _says_more(text: str, at: int) -> bool:
    rest = text[at:].split("\n", 1)[0]
    return any(c.isalnum() for c in rest)
