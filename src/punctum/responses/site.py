"""What a built site says of its essays: what can be answered.

Conventions: read from the site's record, which the build writes; the record is input and is checked. A claim's number
is that of its passage in the evidence.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from punctum.errors import OutputUnwritable, quoted
from punctum.essay.pages import RECORD

FEED_OF_RESPONSES = "responses.xml"
LARGEST_RECORD = 50_000_000
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,80}")
_PICTURE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}\.(?:jpg|png)")


@dataclass(frozen=True)
class Passage:
    """A numbered passage: its words, where in the film it points, its still (a file of the essay's folder, or "")."""

    text: str
    where: str = ""
    image: str = ""


@dataclass(frozen=True)
class FilmAt:
    """A film that can be answered at a time."""

    title: str
    duration_s: float


@dataclass(frozen=True)
class Answerable:
    """An essay that can be answered; ``stills`` are the frames of responses that the last build knew, by their keys."""

    slug: str
    title: str
    lang: str = "en"
    claims: Mapping[int, Passage] = field(default_factory=dict)
    films: Mapping[str, FilmAt] = field(default_factory=dict)
    stills: Mapping[str, str] = field(default_factory=dict)


def read_site(folder: Path) -> dict[str, Answerable]:
    """Read which essays a site has.

    Raises
    ------
    OutputUnwritable
        for a folder that is no site
    """
    source = folder / RECORD
    try:
        if source.stat().st_size > LARGEST_RECORD:
            raise ValueError
        essays = json.loads(source.read_text("utf-8"))["essays"]
        return {slug: _answerable(slug, entry) for slug, entry in essays.items() if _SLUG.fullmatch(slug)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise OutputUnwritable(
            f"{quoted(folder)} is no site that can be answered", "`punctum essay build` makes one, or makes it anew"
        ) from None


def _answerable(slug: str, entry: Mapping[str, Any]) -> Answerable:
    answering = entry.get("answering", {})
    card = entry["card"]
    return Answerable(
        slug,
        str(card["title"]),
        str(card["lang"]),
        {
            int(number): Passage(str(one["text"]), str(one["where"]), _picture(one["image"]))
            for number, one in answering.get("claims", {}).items()
        },
        {
            str(key): FilmAt(str(one["title"]), float(one["duration_s"]))
            for key, one in answering.get("films", {}).items()
        },
        {str(key): _picture(name) for key, name in answering.get("stills", {}).items()},
    )


def _picture(name: Any) -> str:
    return name if isinstance(name, str) and _PICTURE.fullmatch(name) else ""
