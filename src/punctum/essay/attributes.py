"""What stands in braces: read strictly, since a lenient reader lets a wrong claim pass as prose.

Conventions: positions count characters of the text that is read; curly quotes are read as straight ones.
"""

import re
from dataclasses import dataclass

QUOTES = {"“": '"', "”": '"', "„": '"', "‟": '"', "‘": "'", "’": "'", "‚": "'"}
_STRAIGHT = str.maketrans(QUOTES)

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_CLASS = re.compile(r"\.([A-Za-z][A-Za-z0-9_-]*)")
_BARE = re.compile(r"[A-Za-z][A-Za-z0-9_]*|-?[0-9]+(?:\.[0-9]+)?")
_SPACE = " \t\n"

LONGEST = 2_000
"""Letters between two braces; what is longer is no claim."""


@dataclass(frozen=True)
class Attributes:
    """What was read: ``values`` by key, ``classes``, where each key's value and the whole begins and ends."""

    values: dict[str, str]
    classes: tuple[str, ...]
    at: dict[str, int]
    end: int


@dataclass(frozen=True)
class Misread:
    """What cannot be read: where, why, what to do; ``end`` is where reading goes on."""

    at: int
    text: str
    hint: str
    end: int


def straighten(text: str) -> str:
    """Read curly quotes as straight ones.

    Examples
    --------
    >>> straighten("“scene 3”")
    '"scene 3"'
    """
    return text.translate(_STRAIGHT)


def read_attributes(text: str, start: int) -> Attributes | Misread:
    """Read ``{key="value" .class}`` from the brace at ``start`` on.

    Parameters
    ----------
    text : str
    start : int
        where the opening brace stands

    Returns
    -------
    Attributes or Misread

    Examples
    --------
    >>> read_attributes('{film=a is="> 3" .for}', 0).values
    {'film': 'a', 'is': '> 3'}
    >>> read_attributes("{at=1:02.4}", 0).text
    '`1:02.4` needs quotes'
    """
    text = straighten(text[start : start + LONGEST])
    values: dict[str, str] = {}
    at: dict[str, int] = {}
    classes: list[str] = []
    place = 1

    def misread(where: int, why: str, hint: str) -> Misread:
        return Misread(start + where, why, hint, start + _closing(text))

    while True:
        begin = place
        while place < len(text) and text[place] in _SPACE:
            place += 1
        if place >= len(text):
            return misread(0, "the brace is never closed", "a claim ends with `}`")
        if text[place] == "}":
            return Attributes(values, tuple(classes), at, start + place + 1)
        if place == begin and begin > 1:
            return misread(place, "something sticks to what stands before it", "put a space between")
        if named := _CLASS.match(text, place):
            classes.append(named[1])
            place = named.end()
            continue
        key = _KEY.match(text, place)
        if key is None:
            word = _word(text, place)
            return misread(place, f"`{word}` cannot be read here", 'only `key="value"` and `.word` stand in braces')
        name, after = key[0], key.end()
        if text[after : after + 1] != "=":
            hint = f"`.{name}`, or `{name}=` and a value in quotes"
            return misread(place, f"`{name}` has no value", hint)
        if name in values:
            return misread(place, f"`{name}` is there twice", "each key once")
        after += 1
        at[name] = start + after
        if text[after : after + 1] in ('"', "'"):
            close = text.find(text[after], after + 1)
            if close < 0:
                return misread(after, "the quote is never closed", f'{name}="…"')
            values[name] = " ".join(text[after + 1 : close].split())
            place = close + 1
            continue
        word = _word(text, after)
        bare = _BARE.match(text, after)
        if bare is None or bare[0] != word:
            if not word:
                return misread(after, f"`{name}` has no value", f'{name}="…"')
            return misread(after, f"`{word}` needs quotes", f'{name}="{word}"')
        values[name] = word
        place = bare.end()


def _word(text: str, start: int) -> str:
    end = start
    while end < len(text) and text[end] not in _SPACE and text[end] != "}":
        end += 1
    return text[start : min(end, start + 60)]


def _closing(text: str) -> int:
    """Where reading goes on after a fault: behind the next brace of the line, else at the line's end."""
    line = text.find("\n")
    close = text.find("}")
    if close >= 0 and (line < 0 or close < line):
        return close + 1
    return line if line > 0 else len(text)
