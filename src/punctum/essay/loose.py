"""Figures of the prose that are bound to nothing and look like measurements.

Conventions: a figure looks like a measurement by its unit (seconds, minutes, per cent, LUFS, shots, cuts …); years,
pages, times of the clock and figures within evidence do not.
"""

import re
from collections.abc import Iterator

from punctum.essay.evidence import Place
from punctum.essay.writing import Essay

_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    "eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|(?:a|half a) hundred"
)
_UNITS = (
    r"%|per ?cent\b|percent\b|s\b|sec(?:ond)?s?\b|min(?:ute)?s?\b|LUFS\b|LU\b|dB\b|decibels?\b|fps\b|frames?\b|"
    r"shots?\b|cuts?\b|dissolves?\b|fades?\b|scenes?\b|close-ups?\b|words a minute\b|face heights?\b|times (?:as|the)\b"
)
_LOOSE = re.compile(
    rf"(?<![\w@#.:/–-])(?:[−-]?\d+(?:[.,]\d+)?|\b(?:{_WORDS})(?:-(?:{_WORDS}))?)[ - ‑-]?(?:and a half )?(?:{_UNITS})",
    re.IGNORECASE,
)


def loose_numbers(essay: Essay) -> Iterator[tuple[Place, str, str]]:
    """Find figures that are bound to nothing.

    Yields
    ------
    place : Place
    text : str
        the figure as it stands
    why : str
    """
    for token in essay.tokens:
        if token.type != "inline":
            continue
        essay.block = token
        bound = _bound_spans(token.content)
        for found in _LOOSE.finditer(token.content):
            if not any(start <= found.start() < end for start, end in bound):
                text = " ".join(found[0].split())
                yield essay.place_of(found.start()), text, "a figure that is bound to nothing"


def _bound_spans(text: str) -> list[tuple[int, int]]:
    """Where evidence, pictures, citations and code stand."""
    spans = [found.span() for found in re.finditer(r"`[^`]*`|!\[[^\]]*\]\([^)]*\)|\[-?@[^\]]*\]|https?://\S+", text)]
    for found in re.finditer(r"\]\{[^}]*\}", text):
        depth, start = 0, found.start()
        while start > 0:
            start -= 1
            if text[start] == "]":
                depth += 1
            elif text[start] == "[":
                if depth == 0:
                    break
                depth -= 1
        spans.append((start, found.end()))
    return spans
