"""What a reader writes, cleaned when it comes in, and as HTML when it goes out.

Conventions: no markup but emphasis and links; everything else is shown as the signs it is made of. Links lead to http
and https alone and say ``rel="nofollow ugc noopener"``.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup

from punctum.errors import UsageWrong

LONGEST_TEXT = 4_000
LONGEST_NAME = 80

_STEERING = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]")
"""Signs that turn the direction of what follows: they can make a name read as another."""


def clean(text: str, lines: bool = True) -> str:
    r"""Normalise a text, and drop what steers instead of being read.

    Examples
    --------
    >>> clean("a\x00b\r\n\r\n\r\n\r\nc ")
    'ab\n\nc'
    >>> clean("two\nlines", lines=False)
    'two lines'
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _STEERING.sub("", text)
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn"))
    # more marks on a letter than any script needs would be painted over the neighbours
    text = re.sub(r"([\u0300-\u036f]{4})[\u0300-\u036f]+", r"\1", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip() if lines else " ".join(text.split())


def check_text(text: str, what: str = "the response", longest: int = LONGEST_TEXT) -> str:
    """Clean a text and hold it against its limit.

    Raises
    ------
    UsageWrong
        where nothing is left, or too much
    """
    text = clean(text)
    if not text:
        raise UsageWrong(f"{what} says nothing", "write a sentence")
    if len(text) > longest:
        raise UsageWrong(f"{what} has {len(text)} characters", f"{longest} is the most")
    return text


def check_name(name: str) -> str:
    """Clean a name; whoever gives none is a reader."""
    name = clean(name, lines=False)
    if len(name) > LONGEST_NAME:
        raise UsageWrong(f"the name has {len(name)} characters", f"{LONGEST_NAME} is the most")
    return name or "A reader"


def as_html(text: str) -> Markup:
    """A cleaned text as HTML.

    Examples
    --------
    >>> print(as_html("<b>*so*</b> [x](javascript:alert(1))"))
    <p>&lt;b&gt;<em>so</em>&lt;/b&gt; [x](javascript:alert(1))</p>
    """
    return Markup(_reader().render(text).strip())  # noqa: S704  (every other sign is escaped by the renderer)


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("zero", {"html": False, "breaks": True, "linkify": False, "typographer": False})
    reader.enable(["emphasis", "balance_pairs", "fragments_join", "link", "autolink", "newline", "escape"])
    reader.validateLink = _may_lead  # type: ignore[method-assign,assignment]
    reader.add_render_rule("link_open", _open_link)
    return reader


def _may_lead(address: str) -> bool:
    return re.match(r"https?://[^\s/?#@\\]+([/?#]|$)", address, re.IGNORECASE) is not None


def _open_link(self: Any, tokens: Sequence[Any], number: int, options: Any, env: Any) -> str:
    del env
    token = tokens[number]
    token.attrs = {"href": token.attrs.get("href", ""), "rel": "nofollow ugc noopener"}
    return str(self.renderToken(tokens, number, options, {}))
