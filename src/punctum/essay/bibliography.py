"""Works that an essay cites, from BibTeX or CSL-JSON, and how they are written in the list of works.

Conventions: author and year in the text, *The Chicago Manual of Style*'s author–date list at the end (17th ed., 15.6),
cut down to what essays on film cite. Whatever a file holds is text and never markup: TeX is read for accents and
braces only.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from punctum.errors import EssayUnsound

_ACCENTS = {"`": "̀", "'": "́", "^": "̂", "~": "̃", '"': "̈", "=": "̄", ".": "̇", "u": "̆",
            "v": "̌", "H": "̋", "c": "̧", "k": "̨", "r": "̊"}  # fmt: skip
_LETTERS = {
    "ss": "ß",
    "o": "ø",
    "O": "Ø",
    "l": "ł",
    "L": "Ł",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "aa": "å",
    "i": "ı",
}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MOST_WORKS = 20_000


@dataclass(frozen=True)
class Work:
    """A work that can be cited: ``names`` are (family, given)."""

    key: str
    names: tuple[tuple[str, str], ...] = ()
    year: str = ""
    title: str = ""
    within: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    publisher: str = ""
    place: str = ""
    doi: str = ""
    url: str = ""
    kind: str = "book"

    @property
    def short(self) -> str:
        """Author and year, as the text cites it.

        Examples
        --------
        >>> Work("a", (("Salt", "Barry"),), "1974").short, Work("b", title="Notes on the Cinematograph").short
        ('Salt 1974', 'Notes on the Cinematograph n.d.')
        """
        families = [family for family, _ in self.names]
        if not families:
            who = self.title
        elif len(families) > 3:
            who = f"{families[0]} et al."
        else:
            who = " and ".join([", ".join(families[:-1]), families[-1]] if len(families) > 2 else families)
        return f"{who} {self.year or 'n.d.'}"


def read_bibliography(text: str, name: str) -> dict[str, Work]:
    """Read a bibliography, CSL-JSON or BibTeX by its first sign.

    Raises
    ------
    EssayUnsound
        where it is neither

    Examples
    --------
    >>> read_bibliography('@article{s, author={Salt, Barry}, year=1974, title={Statistical Style}}', "a.bib")["s"].short
    'Salt 1974'
    """
    if text.lstrip("﻿ \t\r\n")[:1] in ("[", "{"):
        return _read_json(text, name)
    works = {}
    for number, entry in enumerate(_entries(text, name)):
        if number >= MOST_WORKS:
            raise EssayUnsound(f"{name}: more than {MOST_WORKS} works", "keep those that are cited")
        work = _from_bibtex(*entry)
        works[work.key] = work
    if not works and text.strip():
        raise EssayUnsound(f"{name}:1: no works were found", "a BibTeX or CSL-JSON file")
    return works


def _entries(text: str, name: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Entries of BibTeX: kind, key, fields; strings that stand for others are put in."""
    strings = {month: month.capitalize() for month in MONTHS}
    place = 0
    head = re.compile(r"@\s*([A-Za-z]+)\s*([{(])\s*")
    while found := head.search(text, place):
        kind, place = found[1].lower(), found.end()
        if kind in ("comment", "preamble"):
            place = _balanced(text, found.end() - 1, name)
            continue
        key = ""
        if kind != "string":
            named = re.compile(r"([^\s,{}()\"#%']+)\s*,").match(text, place)
            if named is None:
                raise EssayUnsound(f"{name}:{_line(text, place)}: an entry without a key", "@article{key, …}")
            key, place = named[1], named.end()
        fields: dict[str, str] = {}
        while True:
            field = re.compile(r"\s*,?\s*([A-Za-z][\w-]*)\s*=\s*").match(text, place)
            if field is None:
                break
            value, place = _value(text, field.end(), name, strings)
            fields[field[1].lower()] = value
        close = re.compile(r"\s*,?\s*[})]").match(text, place)
        if close is None:
            raise EssayUnsound(
                f"{name}:{_line(text, place)}: the entry `{key or kind}` is never closed", "a brace is missing"
            )
        place = close.end()
        if kind == "string":
            strings |= {key.lower(): value for key, value in fields.items()}
        else:
            yield kind, key, fields


def _value(text: str, place: int, name: str, strings: dict[str, str]) -> tuple[str, int]:
    parts = []
    while True:
        sign = text[place : place + 1]
        if sign == "{":
            end = _balanced(text, place, name)
            parts.append(text[place + 1 : end - 1])
        elif sign == '"':
            end, depth = place + 1, 0
            while end < len(text) and (text[end] != '"' or depth):
                depth += {"{": 1, "}": -1}.get(text[end], 0)
                end += 1
            parts.append(text[place + 1 : end])
            end += 1
        else:
            word = re.compile(r"[\w.+:/-]+").match(text, place)
            if word is None:
                raise EssayUnsound(f"{name}:{_line(text, place)}: a field without a value", "field = {value}")
            parts.append(strings.get(word[0].lower(), word[0]))
            end = word.end()
        place = end
        more = re.compile(r"\s*#\s*").match(text, place)
        if more is None:
            return " ".join("".join(parts).split()), place
        place = more.end()


def _balanced(text: str, place: int, name: str) -> int:
    """Where the brace at ``place`` closes, and one beyond."""
    depth = 0
    for sign in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, place):
        depth += {"{": 1, "}": -1}.get(sign[0], 0)
        if depth == 0 and sign[0] == "}":
            return sign.end()
    raise EssayUnsound(f"{name}:{_line(text, place)}: a brace is never closed", "")


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def plain_tex(text: str) -> str:
    r"""Read TeX's accents and take its braces away.

    Examples
    --------
    >>> plain_tex(r"{S\"u}sstrunk --- G\'erard \& \o{}")
    'Süsstrunk — Gérard & ø'
    """

    def accent(found: re.Match[str]) -> str:
        letter = {"\\i": "i", "\\j": "j"}.get(found[2], found[2])
        return unicodedata.normalize("NFC", letter + _ACCENTS[found[1]])

    text = re.sub(r"\\([`'^~\"=.])\s*\{?\s*(\\[ij]|[A-Za-z])\s*\}?", accent, text)
    text = re.sub(r"\\([uvHckr])\s*\{\s*(\\[ij]|[A-Za-z])\s*\}", accent, text)
    text = re.sub(r"\\(ss|ae|AE|oe|OE|aa|o|O|l|L|i)(?![A-Za-z])\s*(?:\{\})?", lambda found: _LETTERS[found[1]], text)
    text = re.sub(r"\\([&%$#_{}])", r"\1", text.replace("---", "—").replace("--", "–").replace("~", " "))
    text = re.sub(r"\\[A-Za-z]+\*?\s*", "", text)
    return " ".join(re.sub(r"[{}\\$]", "", text).split())


def _from_bibtex(kind: str, key: str, fields: dict[str, str]) -> Work:
    names = tuple(
        _name(part) for part in re.split(r"\s+and\s+", fields.get("author") or fields.get("editor") or "") if part
    )
    plain = {name: plain_tex(value) for name, value in fields.items()}
    year = plain.get("year") or plain.get("date", "")[:4]
    return Work(
        key, names, year, plain.get("title", ""),
        plain.get("journal") or plain.get("journaltitle") or plain.get("booktitle", ""),
        plain.get("volume", ""), plain.get("number") or plain.get("issue", ""), plain.get("pages", ""),
        plain.get("publisher") or plain.get("school") or plain.get("howpublished", ""),
        plain.get("address") or plain.get("location", ""), plain.get("doi", ""), fields.get("url", ""), kind,
    )  # fmt: skip


def _name(text: str) -> tuple[str, str]:
    if text.startswith("{") and text.endswith("}"):
        return plain_tex(text), ""
    family, comma, given = text.partition(",")
    if comma:
        return plain_tex(family), plain_tex(given)
    words = plain_tex(text).split()
    first = next((n for n, word in enumerate(words) if n and word[:1].islower()), len(words) - 1)
    return " ".join(words[first:]), " ".join(words[:first])


def _read_json(text: str, name: str) -> dict[str, Work]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise EssayUnsound(f"{name}:1: it is no JSON", "a BibTeX or CSL-JSON file") from None
    items = data.get("items", []) if isinstance(data, dict) else data
    works: dict[str, Work] = {}
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, dict) or not isinstance(item.get("id"), str | int):
            continue
        key = str(item["id"])
        people = item.get("author") or item.get("editor") or item.get("director") or []
        names = tuple(
            (_said(one, "family") or _said(one, "literal"), _said(one, "given"))
            for one in people
            if isinstance(one, dict)
        )
        works[key] = Work(
            key, names, _year(item.get("issued")), _said(item, "title"), _said(item, "container-title"),
            _said(item, "volume"), _said(item, "issue"), _said(item, "page"), _said(item, "publisher"),
            _said(item, "publisher-place"), _said(item, "DOI"), _said(item, "URL"), _said(item, "type") or "book",
        )  # fmt: skip
    if not works:
        raise EssayUnsound(f"{name}:1: no works were found", "a BibTeX or CSL-JSON file")
    return works


def _said(item: dict[str, Any], name: str) -> str:
    value = item.get(name, "")
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""


def _year(issued: Any) -> str:
    try:
        return str(issued["date-parts"][0][0])
    except (TypeError, KeyError, IndexError):
        return str(issued.get("raw", ""))[:4] if isinstance(issued, dict) else ""
