"""Responses and their forms as HTML, and as an Atom feed.

Conventions: everything that comes from a reader is escaped by the templates, or is what `wording.as_html` made of it. A
built page holds its responses between two marks, so that a server can put newer ones in their place.
"""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from punctum.reading.sentences import write_clock
from punctum.responses.site import Answerable
from punctum.responses.store import Response
from punctum.responses.wording import as_html

BEGIN, END = "<!-- responses -->", "<!-- /responses -->"
_BETWEEN = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
_COUNTED = re.compile(r'<span class="responses" data-essay="([a-z0-9-]+)">[^<]*</span>')


def count(number: int) -> str:
    """A number of responses in words.

    Examples
    --------
    >>> count(0), count(1), count(12)
    ('no responses yet', '1 response', '12 responses')
    """
    return "no responses yet" if not number else f"{number} {'response' if number == 1 else 'responses'}"


def counted(slug: str, number: int | None) -> Markup:
    """The count of an essay's responses, for the list of essays; None where it takes none."""
    said = "" if number is None else count(number)
    return Markup('<span class="responses" data-essay="{}">{}</span>').format(slug, said)


def section(responses: Sequence[Response], essay: Answerable, respond: str = "", feed: str = "") -> Markup:
    """An essay's approved responses, between their marks.

    Parameters
    ----------
    responses : sequence of Response
    essay : Answerable
    respond : str
        address of the form; "" where nothing can be sent
    feed : str
        address of the feed; "" where there is none

    Returns
    -------
    Markup
    """
    text = _render("section", rows=[_row(one, essay) for one in responses], respond=respond, feed=feed)
    return Markup(f"{BEGIN}\n{text}\n{END}")  # noqa: S704  (rendered above)


def put_in(page: str, responses: Markup) -> str:
    """Put newer responses into a built page."""
    return _BETWEEN.sub(lambda _: str(responses), page, count=1)


def put_counts(page: str, counts: Mapping[str, int]) -> str:
    """Put newer counts into the built list of essays."""
    return _COUNTED.sub(lambda found: str(counted(found[1], counts.get(found[1], 0))), page)


def feed(responses: Sequence[Response], essays: Mapping[str, Answerable], title: str, home: str, own: str) -> str:
    """Responses as an Atom feed (RFC 4287), newest first, fifty at most.

    Parameters
    ----------
    responses : sequence of Response
    essays : mapping of str to Answerable
    title : str
    home, own : str
        addresses of the site and of this feed
    """
    newest = sorted((one for one in responses if one.essay in essays), key=lambda one: (-one.written, one.key))[:50]
    return str(
        _render(
            "feed",
            entries=[
                {**_row(one, essays[one.essay]), "page": f"{home}{one.essay}/index.html#r-{one.key}"} for one in newest
            ],
            title=title,
            home=home,
            own=own,
            name="urn:punctum:responses:"
            + sha256(f"{home}\0{own}\0{title}".encode("utf-8", "replace")).hexdigest()[:32],
            updated=_stamp(newest[0].written if newest else 0),
        )
    )


def page(name: str, title: str, up: str, **values: Any) -> str:
    """A page of forms: ``respond``, ``own``, ``sign_in``, ``queue`` or ``told``; ``up`` leads to the site."""
    program = _program() if name == "queue" else ""
    return str(_render(name, title=title, up=up, program=Markup(program), **values))  # noqa: S704  (the package's own)


def policy(scripted: bool = False) -> str:
    """The content policy of a page of forms: its own pictures, style and forms; the queue's one script."""
    script = f"'sha256-{b64encode(sha256(_program().encode()).digest()).decode()}'" if scripted else "'none'"
    return (
        f"default-src 'none'; img-src 'self' data:; style-src 'self'; script-src {script}; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    )


def rows_of(responses: Sequence[Response], essays: Mapping[str, Answerable]) -> list[dict[str, Any]]:
    """What the queue shows of responses."""
    return [_row(one, essays.get(one.essay, Answerable(one.essay, one.essay))) for one in responses]


def _row(one: Response, essay: Answerable) -> dict[str, Any]:
    passage = essay.claims.get(one.claim) if one.claim is not None else None
    film = essay.films.get(one.film)
    image = passage.image if passage else essay.stills.get(one.key, "")
    return {
        "key": one.key,
        "essay": essay,
        "name": one.name,
        "text": as_html(one.text),
        "answer": as_html(one.answer) if one.answer else "",
        "source": one.answer,
        "state": one.state,
        "stamp": _stamp(one.written),
        "date": _day(one.written),
        "claim": one.claim,
        "passage": passage.text if passage else "",
        "where": passage.where if passage else write_clock(one.time_s) if one.time_s is not None else "",
        "film": film.title if film else "",
        "image": image,
        "about": one.about,
    }


_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip


def _moment(when: int) -> datetime:
    return datetime.fromtimestamp(min(max(when, 0), 253_402_300_799), UTC)


def _day(when: int) -> str:
    day = _moment(when)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _stamp(when: int) -> str:
    return _moment(when).strftime("%Y-%m-%dT%H:%M:%SZ")


def _render(template: str, /, **values: Any) -> Markup:
    text = _environment().get_template(f"{template}.jinja").render(**values)
    return Markup(text)  # noqa: S704  (the environment escapes)


@cache
def _program() -> str:
    return files("punctum.draw").joinpath("responses.js").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("punctum.responses", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
