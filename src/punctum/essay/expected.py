"""What a claim says of its measure: the grammar of ``is``.

A number holds as rounded as it is written (`5.4` from 5.35 to 5.45), a count exactly; `90 ± 5`, `> 4`, `4..6`, `> p95`;
with ``than``: `>`, `<`, `=`, `3 ± 0.5 ×`, `> 2 s more`, `5 LU less`.

Conventions: ``low`` and ``high`` are in the unit that was written, ends included; an open side is infinite.
"""

import math
import re
from dataclasses import dataclass

from punctum.essay.attributes import straighten
from punctum.essay.clock import read_time

MINUS = "−–"
_NUMBER = r"[-−–]?\d{1,3}(?:[   ]\d{3})+(?:\.\d+)?|[-−–]?\d+(?:\.\d+)?|[-−–]?\.\d+"
_COMPARED = {
    ">": ">", "<": "<", ">=": ">=", "<=": "<=", "≥": ">=", "≤": "<=", "=": "=", "==": "=",
    "more than": ">", "less than": "<", "at least": ">=", "at most": "<=", "over": ">", "under": "<",
}  # fmt: skip
_SIGN = re.compile(r"\s*(>=|<=|==|≥|≤|>|<|=|more than|less than|at least|at most|over|under)\s*")
_TOLERANCE = re.compile(rf"({_NUMBER})\s*(.*?)\s*(?:±|\+/-|\+-)\s*({_NUMBER})\s*(.*)\Z")
_RANGE = re.compile(rf"({_NUMBER})\s*(\S*?)\s*(?:\.\.\.?|…|\bto\b|(?<=[\d\s])[–-](?=[\s\d]))\s*({_NUMBER})\s*(.*)\Z")
_PLAIN = re.compile(rf"({_NUMBER})\s*(.*)\Z")
_PERCENTILE = re.compile(r"p\s*(?=\d)|(?<=\d)\s*(?:st|nd|rd|th)\s+percentile")
_MINUTES = re.compile(r"(?:(\d+)\s*h\s*)?(\d+)\s*min\s+(\d+(?:\.\d+)?)\s*s\Z")


@dataclass(frozen=True)
class Expected:
    """A claim's ``is``: the values it allows.

    ``kind`` is ``number`` (as rounded as written), ``tolerance``, ``range``, ``compared`` or ``alone`` (a sign only,
    with ``than``). ``percentile``: of the values a percentile is meant. ``against`` is ``""``, ``times``, ``more`` or
    ``less``: what of another span's value is meant.
    """

    kind: str
    low: float
    high: float
    low_open: bool = False
    high_open: bool = False
    unit: str = ""
    middle: float | None = None
    decimals: int = 0
    percentile: bool = False
    against: str = ""
    sign: str = ""


class Unclear(ValueError):
    """What cannot be understood, and what could."""

    def __init__(self, text: str, hint: str) -> None:
        super().__init__(text)
        self.text, self.hint = text, hint


HINT = 'is="90 ± 5", is="> 4", is="4..6", is="12", is="> p95"'


def read_expected(text: str, than: bool = False) -> Expected:
    """Read what a claim says.

    Parameters
    ----------
    text : str
        the value of ``is``
    than : bool
        the claim compares with another span or film

    Raises
    ------
    Unclear
        for what says nothing that can be checked

    Examples
    --------
    >>> e = read_expected("90 ± 5 s"); e.kind, e.low, e.high, e.unit
    ('tolerance', 85.0, 95.0, 's')
    >>> e = read_expected("> p95"); e.low, e.low_open, e.percentile
    (95.0, True, True)
    >>> read_expected("−27.1 LUFS").low.__round__(2), read_expected("2 ± 0.5 ×", than=True).against
    (-27.15, 'times')
    """
    said = " ".join(straighten(text).split())
    if not said:
        raise Unclear("`is` says nothing", HINT)
    if not re.fullmatch(r"[^<>{}]*|[<>]=?[^<>{}]*", said):
        raise Unclear(f"`{said}` cannot be read", HINT)
    sign, rest = "", said
    if found := _SIGN.match(said):
        sign, rest = _COMPARED[found[1]], said[found.end() :]
    if not rest:
        if not than:
            raise Unclear(f"`{said}` needs a value", f'is="{said} 4", or `than` and another span')
        low, high = (0.0, math.inf) if sign[:1] == ">" else (-math.inf, 0.0) if sign[:1] == "<" else (0.0, 0.0)
        strict = sign in (">", "<")
        return Expected("alone", low, high, strict and sign == ">", strict and sign == "<", sign=sign)
    if than and rest.endswith(("more", "less")):
        body, against = rest[:-4].strip(), rest[-4:]
    elif than and re.search(r"(?:×|\btimes)\Z|(?<=\d)\s*x\Z", rest):
        body, against = re.sub(r"\s*(?:×|x|times)\Z", "", rest), "times"
    elif than:
        raise Unclear(
            f"`{said}` does not say how it compares", 'is="<", is="2 ± 0.5 ×" or is="> 5 more" go with `than`'
        )
    else:
        body, against = rest, ""
    percentile = bool(_PERCENTILE.search(body))
    if percentile:
        if than:
            raise Unclear("a percentile goes without `than`", HINT)
        body = _PERCENTILE.sub("", body)
    expected = _read_values(body, sign, said)
    if percentile and (
        expected.unit or not all(0 <= v <= 100 for v in (expected.low, expected.high) if math.isfinite(v))
    ):
        raise Unclear(f"`{said}` is no percentile", 'from 0 to 100: is="> p95", is="p40..p60"')
    return Expected(
        expected.kind, expected.low, expected.high, expected.low_open, expected.high_open, expected.unit,
        expected.middle, expected.decimals, percentile, against, sign,
    )  # fmt: skip


def _read_values(body: str, sign: str, said: str) -> Expected:
    clocked = _read_clock(body)
    if clocked is not None:
        value, decimals, unit = clocked
        return _around(value, decimals, unit, sign)
    if found := _TOLERANCE.match(body):
        if sign not in ("", "="):
            raise Unclear(f"`{said}` has both a comparison and a tolerance", HINT)
        middle, spread = _number(found[1]), _number(found[3])
        unit = _one_unit(found[2], found[4], said)
        if spread < 0:
            raise Unclear(f"`{said}` has a tolerance below zero", HINT)
        return Expected("tolerance", middle - spread, middle + spread, unit=unit, middle=middle)
    if found := _RANGE.match(body):
        if sign not in ("", "="):
            raise Unclear(f"`{said}` has both a comparison and a range", HINT)
        low, high = _number(found[1]), _number(found[3])
        if low > high:
            raise Unclear(f"`{said}` ends before it begins", "the smaller figure first")
        return Expected("range", low, high, unit=_one_unit(found[2], found[4], said))
    found = _PLAIN.match(body)
    if found is None:
        raise Unclear(f"`{said}` cannot be read", HINT)
    if re.match(r"[,.]?\d|,", found[2]):
        raise Unclear(f"`{said}` cannot be read", "figures have a decimal point: 5.4")
    digits = found[1]
    return _around(_number(digits), len(digits.partition(".")[2]), found[2].strip(), sign)


def _around(value: float, decimals: int, unit: str, sign: str) -> Expected:
    if sign[:1] == ">":
        return Expected("compared", value, math.inf, sign == ">", unit=unit, middle=value, decimals=decimals)
    if sign[:1] == "<":
        return Expected("compared", -math.inf, value, high_open=sign == "<", unit=unit, middle=value, decimals=decimals)
    half = 0.5 * 10.0**-decimals
    return Expected("number", value - half, value + half, unit=unit, middle=value, decimals=decimals)


def _read_clock(body: str) -> tuple[float, int, str] | None:
    """Read `1:31` and `1 min 31 s` as seconds."""
    time_s = read_time(body)
    if time_s is not None:
        return time_s, len(body.partition(".")[2]), "s"
    found = _MINUTES.match(body)
    if found is None:
        return None
    return int(found[1] or 0) * 3600 + int(found[2]) * 60 + float(found[3]), len(found[3].partition(".")[2]), "s"


def _number(text: str) -> float:
    for sign in MINUS:
        text = text.replace(sign, "-")
    return float(re.sub(r"[   ]", "", text))


def _one_unit(first: str, second: str, said: str) -> str:
    first, second = first.strip(), second.strip()
    if first and second and first != second:
        raise Unclear(f"`{said}` has two units", "one at the end")
    return second or first
