"""How a film, a span of it or a figure measured in it is cited: Chicago, MLA, BibTeX, CSL-JSON.

Conventions: a span is half-open in the tables; in words its last frame is named, since readers count it in. Times are
seconds from the first frame, written h:mm:ss.mmm. Which print was seen nobody here can tell: the edition is what
its owner says it is. Films in Chicago after *The Chicago Manual of Style*, 17th ed., 14.265; in MLA after the *MLA
Handbook*, 9th ed., 5.71, times as 6.24 has them.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

STYLES = ("chicago", "mla", "bibtex", "csl-json")

_FACTS = ("title", "year", "director", "edition")
_LONGEST = 200


class Cited(NamedTuple):
    """What is known of the film that is cited; ``edition`` is the print, disc or file that was read."""

    title: str
    year: int | None = None
    director: str = ""
    edition: str = ""


class Place(NamedTuple):
    """Where in the film: ``end_frame`` and ``end_s`` as in the tables, exclusive; None cites one frame."""

    start_frame: int
    start_s: float
    end_frame: int | None = None
    end_s: float | None = None


def cite(
    film: Cited,
    style: str,
    place: Place | None = None,
    measure: str = "",
    version: str = "",
) -> str:
    """Cite a film, a place in it, or a figure measured there.

    Parameters
    ----------
    film : Cited
    style : str
        one of `STYLES`
    place : Place, optional
        None cites the film as a whole
    measure : str
        what was measured, with its value and unit, in words: "average shot length, 5.6 s"
    version : str
        of the Punctum that measured it

    Returns
    -------
    str
        plain text; titles stand in asterisks, as Markdown sets italics (Chicago and MLA)

    Raises
    ------
    ValueError
        for a style that there is not

    Examples
    --------
    >>> film = Cited("La strada", 1954, "Federico Fellini", "Criterion, 2019")
    >>> print(cite(film, "chicago", Place(1440, 60.0, 1464, 61.0)))
    *La strada*, directed by Federico Fellini (1954; Criterion, 2019), 0:01:00.000–0:01:01.000 (frames 1440–1463).
    >>> print(cite(film, "mla", Place(1440, 60.0)))
    *La strada*. Directed by Federico Fellini, 1954. Criterion, 2019, 0:01:00.000 (frame 1440).
    """
    if style not in STYLES:
        raise ValueError(f"no style `{style}`; there are {', '.join(STYLES)}")
    film = Cited(_line(film.title) or "Untitled film", film.year, _line(film.director), _line(film.edition))
    figure = _figure(_line(measure), _line(version))
    if style == "chicago":
        return _chicago(film, place, figure)
    if style == "mla":
        return _mla(film, place, figure)
    return _bibtex(film, place, figure) if style == "bibtex" else _csl(film, place, figure)


def facts_of(log: Iterable[Mapping[str, Any]], title: str, year: int | None, director: str = "") -> Cited:
    """Take what a person said of the film (entries of kind ``film``, later ones win) over what its file says.

    Parameters
    ----------
    log : iterable of mapping
        entries that stand
    title, year, director
        as the bundle has them

    Examples
    --------
    >>> facts_of([{"kind": "film", "director": "Agnès Varda", "year": 1962}], "cleo", None)
    Cited(title='cleo', year=1962, director='Agnès Varda', edition='')
    """
    known: dict[str, Any] = {"title": title, "year": year, "director": director, "edition": ""}
    for entry in log:
        if entry.get("kind") == "film":
            known |= check_facts(entry)
    return Cited(**known)


def check_facts(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Keep of what was said of a film what is of the right kind.

    Examples
    --------
    >>> check_facts({"director": " Agnès  Varda ", "year": "1962", "edition": 3})
    {'year': 1962, 'director': 'Agnès Varda'}
    """
    kept: dict[str, Any] = {}
    for name in _FACTS:
        value = fields.get(name)
        if name == "year":
            number = re.fullmatch(r"\s*(1[89]\d\d|2\d\d\d)\s*", str(value), re.ASCII)
            if number:
                kept[name] = int(number[1])
        elif isinstance(value, str) and (name != "title" or value.strip()):
            kept[name] = _line(value)[:_LONGEST]
    return kept


def write_time(time_s: float) -> str:
    """Write a time to the millisecond.

    Examples
    --------
    >>> write_time(3723.4)
    '1:02:03.400'
    """
    whole = round(max(time_s, 0.0) * 1000)
    return f"{whole // 3_600_000}:{whole // 60_000 % 60:02d}:{whole // 1000 % 60:02d}.{whole % 1000:03d}"


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _figure(measure: str, version: str) -> str:
    if not measure:
        return ""
    return f"{measure}, measured with Punctum{' ' + version if version else ''}"


def _where(place: Place | None) -> str:
    """Write times, and frames with the last one counted in."""
    if place is None:
        return ""
    if place.end_frame is None or place.end_frame <= place.start_frame + 1:
        return f"{write_time(place.start_s)} (frame {place.start_frame})"
    times = write_time(place.start_s)
    if place.end_s is not None:
        times += f"–{write_time(place.end_s)}"
    return f"{times} (frames {place.start_frame}–{place.end_frame - 1})"


def _starred(title: str) -> str:
    return f"*{title.replace('*', '')}*"


def _chicago(film: Cited, place: Place | None, figure: str) -> str:
    text = _starred(film.title)
    if film.director:
        text += f", directed by {film.director}"
    print_of = "; ".join(part for part in (str(film.year) if film.year else "", film.edition) if part)
    if print_of:
        text += f" ({print_of})"
    return ", ".join(part for part in (text, _where(place), figure) if part) + "."


def _mla(film: Cited, place: Place | None, figure: str) -> str:
    parts = [_starred(film.title)]
    if film.director:
        parts.append(f"Directed by {film.director}" + (f", {film.year}" if film.year else ""))
    elif film.year:
        parts.append(str(film.year))
    last = ", ".join(part for part in (film.edition, _where(place)) if part)
    if last:
        parts.append(last)
    if figure:
        parts.append(figure[:1].upper() + figure[1:])
    return ". ".join(part.rstrip(".") for part in parts) + "."


_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "–": "--",
}  # fmt: skip


def _tex(text: str) -> str:
    return "".join(_TEX.get(letter, letter) for letter in text)


def _key(film: Cited) -> str:
    """Name an entry: director, year, the title's first word, ASCII letters only."""

    def plain(text: str) -> str:
        folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
        return re.sub(r"[^a-z0-9]", "", folded.lower())

    words = [
        word
        for word in film.title.split()
        if plain(word) not in ("", "the", "a", "an", "le", "la", "les", "der", "die")
    ]
    parts = (
        film.director.split()[-1] if film.director else "",
        str(film.year or ""),
        words[0] if words else film.title,
    )
    return "".join(plain(part) for part in parts) or "film"


def _bibtex(film: Cited, place: Place | None, figure: str) -> str:
    shown = {"title": f"{{{_tex(film.title)}}}"}
    if film.director:
        family, given = _name(film.director)
        shown["author"] = _tex(f"{family}, {given}" if given else f"{{{family}}}")
    if film.year:
        shown["year"] = str(film.year)
    shown["howpublished"] = _tex(f"Film. {film.edition}" if film.edition else "Film")
    note = "; ".join(part for part in (_where(place), figure) if part)
    if note:
        shown["note"] = _tex(note)
    rows = ",\n".join(f"  {name} = {{{value}}}" for name, value in shown.items())
    return f"@misc{{{_key(film)},\n{rows}\n}}"


def _csl(film: Cited, place: Place | None, figure: str) -> str:
    item: dict[str, Any] = {"id": _key(film), "type": "motion_picture", "title": film.title}
    if film.director:
        family, given = _name(film.director)
        item["director"] = [{"family": family, "given": given} if given else {"literal": family}]
    if film.year:
        item["issued"] = {"date-parts": [[film.year]]}
    if film.edition:
        item["medium"] = film.edition
    note = "; ".join(part for part in (_where(place), figure) if part)
    if note:
        item["note"] = note
    return json.dumps([item], ensure_ascii=False, indent=2)


def _name(director: str) -> tuple[str, str]:
    """Family and given name; a single word, or several people, stay as they are."""
    words = director.split()
    if len(words) < 2 or re.search(r",|;|&| and ", director):
        return director, ""
    return words[-1], " ".join(words[:-1])
