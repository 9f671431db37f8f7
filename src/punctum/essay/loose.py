"""Figures of the prose that are bound to nothing and look like measurements.

Conventions: a figure looks like a measurement by its unit (seconds, minutes, per cent, LUFS, shots, cuts …); years,
pages, times of the clock and figures within evidence do not.
"""

import re
from collections.abc import Iterator

from punctum.essay.evidence import Place
from punctum.essay.judging import Finding
from punctum.essay.measures import UNITS, Measure
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


_ANY = re.compile(rf"(?<![\w@#.:/])(?:[−-]?\d+(?:[.,]\d+)?|\b(?:{_WORDS})(?:-(?:{_WORDS}))?\b)", re.IGNORECASE)
_NUMBERS = {word: number for number, word in enumerate(("zero", *_WORDS.split("|")[:20]))} | {
    word: 10 * ten for ten, word in enumerate(_WORDS.split("|")[20:27], 3)
}
_SCALES = {"%": 0.01, "per cent": 0.01, "percent": 0.01, "min": 60.0, "minute": 60.0, "h": 3600.0, "hour": 3600.0}


def loose_numbers(essay: Essay, every: bool = False) -> Iterator[tuple[Place, str, str]]:
    """Find figures that are bound to nothing.

    Parameters
    ----------
    essay : Essay
    every : bool
        any figure counts, not only what looks like a measurement

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
        for found in (_ANY if every else _LOOSE).finditer(token.content):
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


def disagreeing(text: str, finding: Finding, measure: Measure, every: bool = False) -> list[str]:
    """Figures of a claim's words that are not what was measured, as rounded as they are written.

    Only figures with the measure's own unit count, unless ``every`` one is to be accounted for.

    Examples
    --------
    >>> from punctum.essay.measures import MEASURES
    >>> finding = Finding((1, 1), "holds", "", "", value=14.04)
    >>> disagreeing("it holds for 14 seconds, not 90", finding, MEASURES["last_shot_s"], every=True)
    ['90']
    """
    values = [finding.value] if finding.value is not None else []
    values += [float(number.replace("−", "-")) for number in re.findall(r"[−-]?\d+(?:\.\d+)?", finding.baseline)]
    wrong = []
    for found in _ANY.finditer(text):
        after = text[found.end() :].lstrip(" \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}-").lower()
        scales = [scale for word, scale in _SCALES.items() if after.startswith(word)] or [1.0]
        if measure.unit in ("LUFS", "dB", "LU"):
            scales.append(-1.0)
        if not every and not _has_unit(after, measure):
            continue
        number, decimals = _read_number(found[0])
        half = 0.5 * 10.0**-decimals + 1e-9
        if not any(abs(value - number * scale) <= half * abs(scale) for value in values for scale in scales):
            wrong.append(found[0])
    return wrong


def _has_unit(after: str, measure: Measure) -> bool:
    """Whether what follows a figure is the measure's own unit, or the noun that it counts."""
    words = (
        [measure.noun, measure.noun.removesuffix("s")] if measure.unit == "count" else list(UNITS.get(measure.unit, {}))
    )
    return any(re.match(rf"{re.escape(word.lower())}(?![a-z])", after) for word in words if word)


def _read_number(text: str) -> tuple[float, int]:
    low = text.lower()
    if low[0].isalpha():
        parts = low.split("-")
        return float(sum(_NUMBERS.get(part, 100 if "hundred" in part else 0) for part in parts)), 0
    digits = text.replace("−", "-").replace(",", ".")
    return float(digits), len(digits.partition(".")[2])
