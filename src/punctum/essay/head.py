"""An essay's head: its films, authors, tags and the rest, in YAML between two lines of ``---``.

Conventions: keys are those of `KEYS`; anchors and aliases are refused, since they can be made to grow without end.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

import yaml

from punctum.errors import EssayUnsound

KEYS = ("title", "subtitle", "authors", "author", "date", "tags", "films", "bibliography", "lang", "summary")
FILM_KEYS = ("bundle", "title", "original_title", "year", "director", "edition", "country", "source")
WORKS = (".bib", ".bibtex", ".json")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,60}\Z")
LONGEST_HEAD, MOST_LISTS = 50_000, 1000

Faults = list[tuple[int, str, str]]


@dataclass(frozen=True)
class FilmEntry:
    """A film of the head: its key, where its bundle lies (as written), and what the writer says of it."""

    key: str
    bundle: str
    line: int
    title: str = ""
    original_title: str = ""
    year: int | None = None
    director: str = ""
    country: str = ""
    edition: str = ""
    source: str = ""


@dataclass(frozen=True)
class Head:
    """What the head says."""

    title: str = ""
    subtitle: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""
    tags: tuple[str, ...] = ()
    films: Mapping[str, FilmEntry] = field(default_factory=dict)
    bibliography: tuple[str, ...] = ()
    bibliography_line: int = 2
    lang: str = "en"
    summary: str = ""


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Refuses anchors and aliases; repeated keys are faults."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "an alias", self.peek_event().start_mark)
        event = self.peek_event()
        if getattr(event, "anchor", None):
            raise yaml.composer.ComposerError(None, None, "an anchor", event.start_mark)
        return super().compose_node(parent, index)


def read_head(text: str, name: str) -> tuple[Head, str, Faults]:
    """Read the head and blank it out of the text, so that lines keep their numbers.

    Returns
    -------
    head : Head
    body : str
        the text, with empty lines in place of the head
    faults : list of (line, what, hint)

    Raises
    ------
    EssayUnsound
        for a head that is not there, is never closed or is no YAML
    """
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        raise EssayUnsound(f"{name}:1: the essay has no head", "`punctum essay new FILM` writes one to begin with")
    close = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), 0)
    if not close:
        raise EssayUnsound(f"{name}:1: the head is never closed", "a line of --- closes it")
    source = "\n".join(lines[1:close])
    if len(source) > LONGEST_HEAD or source.count("[") + source.count("{") > MOST_LISTS:
        raise EssayUnsound(f"{name}:1: the head is too long", "films, authors, tags and a bibliography stand in it")
    try:
        loader = _Loader(source)
        try:
            node = loader.get_single_node()
            data = {} if node is None else loader.construct_document(node)
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, RecursionError, TypeError, AttributeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark is not None else 2
        why = str(getattr(error, "problem", "") or "it is no YAML").splitlines()[0]
        raise EssayUnsound(f"{name}:{line}: the head cannot be read: {why}", "key: value, lists as [a, b]") from None
    if not isinstance(data, dict):
        raise EssayUnsound(f"{name}:2: the head cannot be read: it is no list of keys", "title: …, films: …")
    places = _places(node)
    faults: Faults = []
    head = _make_head(data, places, faults)
    return head, "\n".join(["" for _ in range(close + 1)] + lines[close + 1 :]), faults


def _places(node: Any, before: str = "") -> dict[str, int]:
    """The line of each key, by its path."""
    places: dict[str, int] = {}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            path = f"{before}{key.value}" if isinstance(key, yaml.ScalarNode) else before
            places[path] = key.start_mark.line + 2
            if not before:
                places |= _places(value, f"{path}.")
    return places


def _make_head(data: dict[Any, Any], places: dict[str, int], faults: Faults) -> Head:
    def line(path: str) -> int:
        return places.get(path, 2)

    for key in data:
        if key not in KEYS:
            near = get_close_matches(str(key), KEYS, 1, 0.5)
            faults.append((line(str(key)), f"unknown key `{key}`", f"perhaps `{near[0]}`" if near else ", ".join(KEYS)))
    title = _text(data, "title", places, faults)
    if not title:
        faults.append((2, "the essay has no title", "title: …"))
    authors = _texts(data, "authors", places, faults) + _texts(data, "author", places, faults)
    when = data.get("date", "")
    if isinstance(when, date | datetime):
        when = when.isoformat()[:10]
    if when and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(when)):
        faults.append((line("date"), f"`{when}` is no date", "date: 2024-11-24"))
        when = ""
    lang = str(data.get("lang", "en"))
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", lang):
        faults.append((line("lang"), f"`{lang}` is no language", "lang: en"))
        lang = "en"
    bibliography = []
    for address in _texts(data, "bibliography", places, faults):
        if address.lower().endswith(WORKS):
            bibliography.append(address)
        else:
            faults.append(
                (line("bibliography"), f"`{address[:60]}` is no bibliography", f"a file ending with {', '.join(WORKS)}")
            )
    films: dict[str, FilmEntry] = {}
    listed = data.get("films")
    if not isinstance(listed, dict) or not listed:
        faults.append((line("films"), "no films are named", "films: {key: path/to/film.punctum}"))
        listed = {}
    for key, value in listed.items():
        entry = _film(key, value, line(f"films.{key}"), faults)
        if entry is not None:
            films[entry.key] = entry
    return Head(
        title=title,
        subtitle=_text(data, "subtitle", places, faults),
        authors=authors,
        date=str(when),
        tags=_texts(data, "tags", places, faults),
        films=films,
        bibliography=tuple(bibliography),
        bibliography_line=line("bibliography"),
        lang=lang,
        summary=_text(data, "summary", places, faults),
    )


def _film(key: Any, value: Any, line: int, faults: Faults) -> FilmEntry | None:
    if not isinstance(key, str) or not _NAME.match(key):
        faults.append((line, f"`{key}` is no film's key", "letters and figures of ASCII, a letter first"))
        return None
    if isinstance(value, str):
        value = {"bundle": value}
    if not isinstance(value, dict) or not isinstance(value.get("bundle"), str) or not value["bundle"].strip():
        faults.append((line, f"the film `{key}` has no bundle", f"{key}: path/to/film.punctum"))
        return None
    for word in value:
        if word not in FILM_KEYS:
            faults.append((line, f"unknown key `{word}` of the film `{key}`", ", ".join(FILM_KEYS)))
    year = value.get("year")
    if year is not None and (isinstance(year, bool) or not isinstance(year, int) or not 1870 <= year <= 2200):
        faults.append((line, f"`{year}` is no year", "year: 1957"))
        year = None
    words = {
        name: " ".join(str(value[name]).split())
        for name in ("title", "original_title", "director", "edition", "country", "source")
        if value.get(name) is not None
    }
    return FilmEntry(key, value["bundle"].strip(), line, year=year, **words)


def _text(data: dict[Any, Any], name: str, places: dict[str, int], faults: Faults) -> str:
    value = data.get(name, "")
    if isinstance(value, dict | list):
        faults.append((places.get(name, 2), f"`{name}` is a line of text", f"{name}: …"))
        return ""
    return " ".join(str(value if value is not None else "").split())


def _texts(data: dict[Any, Any], name: str, places: dict[str, int], faults: Faults) -> tuple[str, ...]:
    value = data.get(name) or []
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or any(isinstance(one, dict | list) or one is None for one in value):
        faults.append((places.get(name, 2), f"`{name}` is a list of words", f"{name}: [a, b]"))
        return ()
    return tuple(" ".join(str(one).split()) for one in value if str(one).strip())
