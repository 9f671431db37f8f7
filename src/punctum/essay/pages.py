"""The pages of a site of essays: an essay's own, the list of all, the feed, the map of the site.

Conventions: addresses are relative to the page, so that a site opens from disk; ``address``, where the site will stand,
is needed for the feed, the map and the previews only. Whatever comes from a writer is escaped; the content policy
allows the page's own script alone.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from punctum.citation import Cited, cite
from punctum.draw import style_sheet
from punctum.errors import PunctumError
from punctum.essay.bibliography import Work
from punctum.essay.checking import Checked
from punctum.essay.footage import Footage
from punctum.essay.head import FilmEntry
from punctum.essay.judging import title_of
from punctum.essay.prose import Dressing, Prose, evidence_entry
from punctum.essay.showing import film_facts
from punctum.essay.writing import Essay

STYLE, FEED, MAP, INDEX = "punctum.css", "feed.xml", "sitemap.xml", "index.html"
RECORD = ".punctum-site.json"
"""What a site remembers of its pages."""


@dataclass(frozen=True)
class Card:
    """What other pages of the site know of an essay."""

    slug: str
    title: str
    subtitle: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""
    summary: str = ""
    lang: str = "en"
    tags: tuple[str, ...] = ()
    films: Mapping[str, str] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    echoes: tuple[str, ...] = ()
    claims: int = 0
    image: str = ""


@dataclass(frozen=True)
class Related:
    """Another essay of the site, and why it is worth reading beside this one."""

    slug: str
    title: str
    authors: tuple[str, ...]
    why: str


def relate(card: Card, others: Iterable[Card], most: int = 4) -> list[Related]:
    """Choose what to read beside an essay: what shares its films, echoes, people, tags or rarer measures.

    Examples
    --------
    >>> one = Card("a", "A", films={"f1": "Windscreen"})
    >>> relate(one, [one, Card("b", "B", films={"f1": "Windscreen"})])[0].why
    'also on Windscreen'
    """
    others = [other for other in others if other.slug != card.slug]
    common: dict[str, int] = {}
    for other in others:
        for measure in other.measures:
            common[measure] = common.get(measure, 0) + 1
    found = []
    for other in others:
        films = [title for film_id, title in card.films.items() if film_id in other.films]
        echoed = [
            title for film_id, title in other.films.items() if film_id in card.echoes and film_id not in card.films
        ]
        people = [name for name in card.people if name in other.people]
        tags = [tag for tag in card.tags if tag in other.tags]
        rare = [m for m in card.measures if m in other.measures and common[m] <= max(len(others) // 3, 1)]
        why = [
            *([f"also on {_listed(films)}"] if films else []),
            *([f"on {_listed(echoed)}, which is echoed here"] if echoed else []),
            *([f"also about {_listed(people)}"] if people else []),
            *([f"also: {_listed(tags)}"] if tags else []),
            *([f"also measures {_listed([m.removesuffix('_s').replace('_', ' ') for m in rare[:2]])}"] if rare else []),
        ]
        score = 4 * len(films) + 4 * len(echoed) + 2 * len(people) + 2 * len(tags) + min(len(rare), 3)
        if why:
            found.append((-score, other.slug, Related(other.slug, other.title, other.authors, "; ".join(why))))
    return [related for _, _, related in sorted(found)[:most]]


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


@dataclass(frozen=True)
class Setting:
    """Where a page stands: the site's title and address, its related pages, what it publishes of each film.

    ``responses`` is the section of readers' responses, as Markup, "" where none are taken; ``counts`` are the
    same for the list, by essay.
    """

    site: str = "Essays"
    address: str = ""
    related: Sequence[Related] = ()
    published: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    responses: str = ""
    counts: Mapping[str, str] = field(default_factory=dict)


def make_card(essay: Essay, checked: Checked, films: Mapping[str, Footage | PunctumError], slug: str) -> Card:
    """Gather what other pages know of an essay."""
    head = essay.head
    opened = {key: film for key, film in films.items() if isinstance(film, Footage)}
    people = {
        str(row["name"])
        for film in opened.values()
        for row in film.table("characters")
        .filter(film.table("characters")["named_by"] == "person")
        .iter_rows(named=True)
    }
    directors = {entry.director for entry in head.films.values() if entry.director}
    return Card(
        slug, head.title, head.subtitle, head.authors, head.date, head.summary, head.lang, head.tags,
        {film.film.film_id: title_of(key, film, essay) for key, film in opened.items()},
        tuple(sorted(people | directors)),
        tuple(sorted({one.measure for one in essay.evidence if one.measure})),
        tuple(sorted({opened[echo.film].film.film_id for echo in essay.echoes if echo.film in opened})),
        checked.understood,
    )  # fmt: skip


def render_essay(
    essay: Essay,
    checked: Checked,
    films: Mapping[str, Footage | PunctumError],
    works: Mapping[str, Work],
    dressing: Dressing,
    card: Card,
    setting: Setting,
) -> str:
    """Return an essay's page as one HTML text.

    Parameters
    ----------
    essay, checked, films, works
        the essay, its findings, its films and the works it may cite
    dressing : Dressing
        pictures, frames of evidence, echoes
    card : Card
        what the page says of itself to others
    setting : Setting
        where it stands

    Returns
    -------
    str
    """
    prose = Prose(essay, checked, works, dressing)
    body, notes = prose.render_all(), prose.render_notes()
    opened = {key: film for key, film in films.items() if isinstance(film, Footage)}
    entries = [
        evidence_entry(one, finding, title_of(one.film, opened[one.film], essay), dressing.frames.get(one.number))
        for one in essay.evidence
        if (finding := checked.of(one.number)) is not None and one.film in opened
    ]
    cited = {citation.key: works[citation.key] for citation in essay.citations if citation.key in works}
    program = _program()
    return (
        _environment()
        .get_template("essay.html.jinja")
        .render(
            policy=_policy(program),
            program=Markup(program),  # noqa: S704  (the package's own script)
            head=essay.head,
            card=card,
            setting=setting,
            body=body,
            notes=notes if "<li" in notes else "",
            entries=entries,
            counts=_counts(entries),
            works=sorted(cited.values(), key=lambda work: (work.short.casefold(), work.key)),
            films=[_film_row(key, film, essay) for key, film in opened.items()],
            written=_date_in_words(essay.head.date),
            data=Markup(_linked_data(essay, card, setting, opened)),  # noqa: S704  (escaped by json and below)
            page=_absolute(setting.address, f"{card.slug}/"),
            image=_absolute(setting.address, f"{card.slug}/{card.image}") if card.image else "",
            description=card.summary or essay.head.subtitle,
        )
    )


def _counts(entries: Sequence[Mapping[str, Any]]) -> str:
    claims = sum(entry["kind"] == "claim" for entry in entries)
    figures = sum(entry["kind"] == "figure" for entry in entries)
    seen = sum(entry["kind"] == "seen" for entry in entries)
    parts = [
        f"{claims} {'claim' if claims == 1 else 'claims'} checked against the film" if claims else "",
        f"{figures} {'figure' if figures == 1 else 'figures'} taken from it" if figures else "",
        f"{seen} seen by the writer and bound to a frame" if seen else "",
    ]
    return ", ".join(part for part in parts if part)


def _film_row(key: str, footage: Footage, essay: Essay) -> dict[str, Any]:
    entry = essay.head.films.get(key) or FilmEntry(key, "", 0)
    title = title_of(key, footage, essay)
    year = entry.year or footage.film.year
    cited = cite(Cited(title, year, entry.director, entry.edition), "chicago")
    if entry.original_title and entry.original_title != title:
        cited = cited.rstrip(".") + f". Original title: *{entry.original_title}*."
    return {"key": key, "cited": _italics(cited), "title": title, "facts": film_facts(footage), "source": entry.source}


def _italics(text: str) -> Markup:
    """Read asterisks as italics."""
    parts = text.split("*")
    return Markup("").join(
        Markup("<em>{}</em>").format(part) if n % 2 and n < len(parts) - 1 else Markup("{}").format(part)
        for n, part in enumerate(parts)
    )


def render_index(cards: Sequence[Card], setting: Setting) -> str:
    """Return the page that lists all essays, newest first."""
    ordered = sorted(sorted(cards, key=lambda card: card.slug), key=lambda card: card.date, reverse=True)
    return (
        _environment()
        .get_template("essays.html.jinja")
        .render(
            policy=_policy(""),
            cards=[{"card": card, "written": _date_in_words(card.date)} for card in ordered],
            setting=setting,
            page=_absolute(setting.address, ""),
        )
    )


def render_feed(cards: Sequence[Card], setting: Setting) -> str:
    """Return the site's Atom feed (RFC 4287): essays that have a date."""
    dated = sorted((card for card in cards if card.date), key=lambda card: (card.date, card.slug), reverse=True)
    return (
        _environment()
        .get_template("feed.xml.jinja")
        .render(
            entries=[
                {"card": card, "address": _absolute(setting.address, f"{card.slug}/"), "id": _feed_id(setting, card)}
                for card in dated
            ],
            setting=setting,
            updated=dated[0].date if dated else "1970-01-01",
            home=_absolute(setting.address, ""),
            feed=_absolute(setting.address, FEED),
        )
    )


def _feed_id(setting: Setting, card: Card) -> str:
    """An id that never changes: the page's address, else a name made of what it is."""
    if setting.address:
        return _absolute(setting.address, f"{card.slug}/")
    return "urn:punctum:" + sha256(f"{setting.site}\0{card.slug}".encode()).hexdigest()[:32]


def render_map(cards: Sequence[Card], setting: Setting) -> str:
    """Return the map of the site (sitemaps.org)."""
    rows = [("", max((card.date for card in cards), default=""))]
    rows += [(f"{card.slug}/", card.date) for card in sorted(cards, key=lambda card: card.slug)]
    lines = ['<?xml version="1.0" encoding="utf-8"?>', '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">']
    for place, date in rows:
        changed = Markup("<lastmod>{}</lastmod>").format(date) if date else ""
        lines.append(Markup("<url><loc>{}</loc>{}</url>").format(_absolute(setting.address, place), changed))
    return "\n".join([*lines, "</urlset>", ""])


def render_style() -> str:
    """Return the style sheet of a site: the one of all pages, and what essays add."""
    return style_sheet() + files("punctum.draw").joinpath("essay.css").read_text(encoding="utf-8")


def _absolute(address: str, place: str) -> str:
    """Where a page will stand; its place within the site where that is not known."""
    return (address.rstrip("/") + "/" if address else "./") + quote(place)


def _linked_data(essay: Essay, card: Card, setting: Setting, films: Mapping[str, Footage]) -> str:
    """The essay as schema.org's Review of its films."""
    head = essay.head
    reviewed = []
    for key, footage in films.items():
        entry = head.films.get(key) or FilmEntry(key, "", 0)
        movie: dict[str, Any] = {"@type": "Movie", "name": title_of(key, footage, essay)}
        if year := entry.year or footage.film.year:
            movie["dateCreated"] = str(year)
        if entry.director:
            movie["director"] = {"@type": "Person", "name": entry.director}
        reviewed.append(movie)
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Review",
        "name": head.title,
        "inLanguage": head.lang,
        "author": [{"@type": "Person", "name": name} for name in head.authors],
        "itemReviewed": reviewed[0] if len(reviewed) == 1 else reviewed,
        "keywords": list(head.tags),
    }
    if head.date:
        data["datePublished"] = head.date
    if card.summary:
        data["abstract"] = card.summary
    if setting.address:
        data["url"] = _absolute(setting.address, f"{card.slug}/")
    text = json.dumps({name: value for name, value in data.items() if value}, ensure_ascii=False, sort_keys=True)
    # nothing that could end the element or begin another
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip


def _date_in_words(date: str) -> str:
    if not date:
        return ""
    year, month, day = date.split("-")
    return f"{int(day)} {_MONTHS[min(max(int(month), 1), 12) - 1]} {year}"


def _policy(program: str) -> Markup:
    """The content policy: pictures, film and style of the site's own, this one script, nothing else."""
    script = f"'sha256-{b64encode(sha256(program.encode()).digest()).decode()}'" if program else "'none'"
    return Markup(  # noqa: S704  (nothing in it comes from a writer)
        f"default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'self'; script-src {script};"
        " base-uri 'none'; form-action 'none'"
    )


@cache
def _program() -> str:
    return files("punctum.draw").joinpath("essay.js").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import PackageLoader

    return Environment(
        loader=PackageLoader("punctum.essay", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
