"""An essay's text, read: prose, claims, pictures, readings, echoes, citations, and what could not be understood.

Markdown is CommonMark without HTML (which is shown as text) and without code by indentation; tables and footnotes are
added. Evidence is Pandoc's bracketed span. Whatever looks like evidence and is none becomes a `Fault` with its place,
never prose.

Conventions: lines and columns count from 1; `Evidence` is numbered from 1 in the order of the text.
"""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from punctum.errors import EssayUnsound
from punctum.essay.attributes import Misread, read_attributes, straighten
from punctum.essay.evidence import (
    FILM_KEY,
    Citation,
    Echo,
    Evidence,
    Fault,
    Misplaced,
    Picture,
    Place,
    Reading,
    make_evidence,
    make_picture,
    plain_words,
)
from punctum.essay.head import Head, read_head

LONGEST_BYTES = 2_000_000
"""A novel has a million letters; what is longer is no essay."""

MOST_BRACKETS = 1000
"""In one paragraph or cell; whoever writes more means no text."""

SCHEMES = ("http", "https", "mailto")
_CITED = re.compile(r"\s*(-?)@([A-Za-z0-9_][A-Za-z0-9_:.+/-]*)\s*(?:,\s*([^;\]]+))?\s*\Z")
_LIKE = re.compile(
    r"\{[^{}\n]{0,200}?(?:\b(?:film|span|measure|is|than|at|who)\s*=|\.(?:seen|for|against)\b)", re.ASCII
)
_PICTURE = re.compile(r'\(\s*(?:<([^<>\n]*)>|([^"()<>\n]*?))\s*(?:"([^"\n]*)")?\s*\)')
_ECHO = re.compile(r"@echo\(\s*([^()]*?)\s*\)")
_FOOTNOTE = re.compile(r"\[\^([^\]\s]+)\]")
_READING = re.compile(r":{3,}")


@dataclass
class Essay:
    """An essay as it was read: its head, its tokens for whoever renders it, what it holds, what is wrong with it."""

    name: str
    head: Head
    tokens: list[Token] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    echoes: list[Echo] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    block: Token | None = None
    inside: int = 0
    reading: int = 0

    def place_of(self, position: int) -> Place:
        """Line and column of a position in the text of the block that is being read."""
        token = self.block
        if token is None or token.map is None:
            return Place(1, 1)
        before = token.content[:position]
        row = before.count("\n")
        column = position - (before.rfind("\n") + 1)
        content = token.content.split("\n")[row]
        line = token.map[0] + row
        source = self.lines[line] if line < len(self.lines) else ""
        start = source.rfind(content)
        return Place(line + 1, max(start, 0) + column + 1)

    def fault(self, place: Place, text: str, hint: str = "") -> None:
        """Note what cannot be understood."""
        self.faults.append(Fault(place, text, hint))


def read_essay(text: str, name: str = "essay.md") -> Essay:
    """Read an essay's text.

    Parameters
    ----------
    text : str
        Markdown with a head between two lines of ``---``
    name : str
        of its file, for messages

    Returns
    -------
    Essay
        ``faults`` holds whatever could not be understood, in the order of the text

    Raises
    ------
    EssayUnsound
        where it is too long to be an essay, or its head cannot be read at all
    """
    if len(text) > LONGEST_BYTES:
        raise EssayUnsound(
            f"{name}:1: the essay has {len(text) // 1000:,} thousand letters".replace(",", " "),
            "an essay of up to two million is read; divide it",
        )
    text = text.removeprefix("﻿").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "�")
    head, body, faults = read_head(text, name)
    essay = Essay(name, head, lines=text.split("\n"))
    essay.faults += [Fault(Place(line, 1), said, hint) for line, said, hint in faults]
    known: dict[str, Any] = {"essay": essay}
    essay.tokens = _markdown().parse(body, known)
    _check_fences(essay)
    _check_footnotes(essay, known.get("footnotes", {}).get("refs", {}))
    essay.faults.sort(key=lambda fault: fault.place)
    return essay


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": 40}).enable("table")
    markdown.use(footnote_plugin, inline=False)
    # code by indentation would hide a claim; fences say that they are code
    markdown.disable(["code", "html_block", "html_inline"])
    markdown.validateLink = lambda _: True  # type: ignore[method-assign,assignment]  # links are judged below, with their place
    markdown.core.ruler.at("inline", _inline)
    markdown.block.ruler.before("fence", "reading", _reading_block, {"alt": ["paragraph", "blockquote", "list"]})
    markdown.inline.ruler.before("link", "evidence", _evidence_rule)
    markdown.inline.ruler.before("image", "picture", _picture_rule)
    markdown.inline.ruler.push("stray", _stray_rule)
    return markdown


def _inline(state: StateCore) -> None:
    """Read every block's text, knowing which block it is."""
    essay: Essay = state.env["essay"]
    for token in state.tokens:
        if token.type == "reading_open":
            essay.reading = token.meta["number"]
        elif token.type == "reading_close":
            essay.reading = 0
        if token.type != "inline":
            continue
        essay.block = token
        if _whole_echo(token, essay):
            continue
        for at in (found.start() for found in re.finditer(r"@echo\b", token.content)):
            essay.fault(essay.place_of(at), "an echo stands in a paragraph of its own", "@echo(film)")
        token.children = []
        if token.content.count("[") > MOST_BRACKETS:
            essay.fault(essay.place_of(0), f"a paragraph with more than {MOST_BRACKETS} brackets", "divide it")
            continue
        state.md.inline.parse(token.content, state.md, state.env, token.children)
        _check_links(token, essay)
    for label, reference in state.env.get("references", {}).items():
        if "{" in unquote(str(reference.get("href", ""))):
            line = (reference.get("map") or [0])[0]
            essay.fault(
                Place(line + 1, 1), f"`[{label.lower()}]:` looks like a claim and is none", "leave the colon out"
            )
    for token in state.tokens:
        if token.type == "heading_open" and token.tag == "h1" and essay.head.title:
            essay.fault(Place((token.map or [0])[0] + 1, 1), "the title stands in the head", "begin sections with ##")


def _whole_echo(token: Token, essay: Essay) -> bool:
    found = _ECHO.fullmatch(token.content.strip())
    if found is None:
        return False
    place = essay.place_of(0)
    film = found[1]
    if not FILM_KEY.match(film):
        essay.fault(place, f"`{film}` is no film's key", "@echo(film), with a key of the head's films")
        return True
    essay.echoes.append(Echo(len(essay.echoes) + 1, place, film))
    token.children = [Token("echo", "", 0, meta={"number": len(essay.echoes)})]
    return True


def _check_links(token: Token, essay: Essay) -> None:
    """Only addresses that lead somewhere and run nothing are links."""
    for child in token.children or ():
        if child.type != "link_open":
            continue
        address = str(child.attrs.get("href", ""))
        if not safe_link(address):
            label = re.escape(address.split(":")[0])
            found = re.search(label, token.content, re.IGNORECASE)
            place = essay.place_of(found.start() if found else 0)
            essay.fault(
                place, f"`{address[:60]}` is no address that a page may lead to", "https://, http:, mailto: or #"
            )
            child.attrs["href"] = "#"


def safe_link(address: str) -> bool:
    """Whether an address may stand in a link.

    Examples
    --------
    >>> safe_link("https://example.org/a?b#c"), safe_link("javascript:alert(1)"), safe_link("JaVaScRiPt:x")
    (True, False, False)
    >>> safe_link("#notes"), safe_link("other.html"), safe_link("//evil.example"), safe_link("../../etc/passwd")
    (True, True, False, False)
    """
    plain = re.sub(r"[\x00-\x20]|%0[0-9a-fA-F]", "", address)
    if plain.startswith(("//", "\\", "/\\")) or "\\" in plain:
        return False
    try:
        parts = urlsplit(plain)
    except ValueError:
        return False
    if parts.scheme:
        return parts.scheme.lower() in SCHEMES
    return ".." not in parts.path.split("/") and not parts.path.startswith("/") and ":" not in parts.path


# --- evidence in brackets ------------------------------------------------------------------------


def _evidence_rule(state: StateInline, silent: bool) -> bool:
    """Read ``[text]{…}`` and ``[@key]``."""
    if state.src[state.pos] != "[":
        return False
    if state.src.startswith(("[@", "[-@"), state.pos):
        return _citation(state, silent)
    closes: dict[str, int] = state.env.setdefault("closes", {})
    if closes.setdefault(state.src, state.src.rfind("]{")) < state.pos:
        return False
    close = state.md.helpers.parseLinkLabel(state, state.pos)
    if close < 0 or state.src[close + 1 : close + 2] != "{":
        return False
    essay: Essay = state.env["essay"]
    read = read_attributes(state.src, close + 1)
    if silent:
        state.pos = read.end
        return True
    start, end = state.pos, state.posMax
    text = state.src[start + 1 : close]
    found: Evidence | str | None = None
    if isinstance(read, Misread):
        essay.fault(essay.place_of(read.at), read.text, read.hint)
    elif essay.inside:
        essay.fault(essay.place_of(start), "evidence within evidence", "close the one before the other begins")
    else:
        try:
            found = make_evidence(read, text, essay.place_of(start), len(essay.evidence) + 1, essay.reading)
        except Misplaced as wrong:
            at = read.at.get(wrong.key, start)
            essay.fault(essay.place_of(at), wrong.text, wrong.hint)
    token = state.push("evidence_open", "span", 1)
    if isinstance(found, Evidence):
        essay.evidence.append(found)
        token.meta = {"number": found.number}
    elif isinstance(found, str):
        token.meta = {"lang": found}
    essay.inside += 1
    state.pos, state.posMax = start + 1, close
    state.md.inline.tokenize(state)
    essay.inside -= 1
    state.push("evidence_close", "span", -1).meta = token.meta
    state.pos, state.posMax = read.end, end
    return True


def _citation(state: StateInline, silent: bool) -> bool:
    essay: Essay = state.env["essay"]
    close = state.src.find("]", state.pos)
    if close < 0 or close >= state.posMax:
        return False
    keys: list[Citation] = []
    for part in state.src[state.pos + 1 : close].split(";"):
        found = _CITED.match(part)
        if found is None:
            if not silent:
                essay.fault(
                    essay.place_of(state.pos), f"`[{part.strip()[:40]}]` is no citation", "[@key] or [@key, p. 12]"
                )
            keys = []
            break
        keys.append(Citation(essay.place_of(state.pos), found[2], " ".join((found[3] or "").split())))
    if not silent:
        token = state.push("cite", "", 0)
        token.meta = {"cited": keys}
        essay.citations += keys
    state.pos = close + 1
    return True


def _stray_rule(state: StateInline, silent: bool) -> bool:
    """A brace that looks like evidence but follows no brackets is a fault."""
    if state.src[state.pos] != "{":
        return False
    after = state.pos > 0 and state.src[state.pos - 1] == "]"
    if not after and not _LIKE.match(straighten(state.src[state.pos : state.pos + 240])):
        return False
    if silent:
        return False
    essay: Essay = state.env["essay"]
    spaced = state.src[: state.pos].rstrip().endswith("]") and not after
    why = "a space parts the braces from their brackets" if spaced else "braces without brackets before them"
    if after:
        why = "the brackets before these braces are not whole"
    essay.fault(essay.place_of(state.pos), why, '[text]{film=… measure=… is="…"}; `\\{` writes a brace')
    return False


# --- pictures ------------------------------------------------------------------------------------


def _picture_rule(state: StateInline, silent: bool) -> bool:
    """Read ``![alt](film@span "form"){width=900}``."""
    if not state.src.startswith("![", state.pos):
        return False
    essay: Essay = state.env["essay"]
    ends: dict[str, int] = state.env.setdefault("ends", {})
    whole = ends.setdefault(state.src, state.src.rfind("](")) > state.pos
    close = state.md.helpers.parseLinkLabel(state, state.pos + 1) if whole else -1
    found = _PICTURE.match(straighten(state.src), close + 1) if close >= 0 else None
    if found is None:
        if not silent:
            essay.fault(
                essay.place_of(state.pos), "a picture that cannot be read", '![what it shows](film@1:02-1:20 "tempo")'
            )
        return False
    end = found.end()
    width_px = 0
    trouble: tuple[int, str, str] | None = None
    if state.src[end : end + 1] == "{":
        read = read_attributes(state.src, end)
        if isinstance(read, Misread):
            trouble = (read.at, read.text, read.hint)
        elif set(read.values) != {"width"} or read.classes or not re.fullmatch(r"[1-9]\d{1,3}", read.values["width"]):
            trouble = (end, "only `width` stands behind a picture", "{width=1600}, in pixels")
        else:
            width_px = int(read.values["width"])
        end = read.end
    if not silent:
        place = essay.place_of(state.pos)
        if trouble:
            essay.fault(essay.place_of(trouble[0]), trouble[1], trouble[2])
        alt = plain_words(state.src[state.pos + 2 : close])
        where, title = (found[1] if found[1] is not None else found[2]).strip(), (found[3] or "").strip()
        picture: Picture | None = None
        try:
            picture = make_picture(len(essay.pictures) + 1, place, alt, where, title, width_px)
        except Misplaced as wrong:
            essay.fault(place, wrong.text, wrong.hint)
        token = state.push("film_picture", "", 0)
        token.meta = {"number": picture.number if picture else 0}
        if picture is not None:
            essay.pictures.append(picture)
    state.pos = end
    return True


# --- readings --------------------------------------------------------------------------------------


def _reading_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read ``::: {.reading title="…"}`` up to its ``:::``."""
    essay: Essay = state.env["essay"]
    line = _line(state, start)
    if not _READING.match(line):
        return False
    if silent:
        return True
    place = Place(start + 1, 1)
    rest = line.lstrip(":").strip()
    if not rest:
        essay.fault(place, "`:::` closes nothing", 'a reading begins with ::: {.reading title="…"}')
        state.line = start + 1
        return True
    title = ""
    read = read_attributes(rest, 0) if rest.startswith("{") else None
    if read is None or isinstance(read, Misread):
        said, hint = (read.text, read.hint) if read else (f"`{rest[:40]}` cannot be read", '::: {.reading title="…"}')
        essay.fault(place, said, hint)
    elif read.classes != ("reading",) or set(read.values) - {"title"} or rest[read.end :].strip():
        essay.fault(place, f"`{rest[:60]}` is no reading", '::: {.reading title="…"}')
    elif not read.values.get("title"):
        essay.fault(place, "the reading has no title", '::: {.reading title="…"}')
    else:
        title = read.values["title"]
    close, found = start + 1, False
    while close < end:
        inner = _line(state, close)
        if _READING.match(inner):
            found = not inner.lstrip(":").strip()
            if not found:
                essay.fault(Place(close + 1, 1), "a reading within a reading", "close the one before with :::")
            break
        close += 1
    if not found and close >= end:
        essay.fault(place, "the reading is never closed", "a line of ::: closes it")
    number = len(essay.readings) + 1
    essay.readings.append(Reading(number, place, title))
    opened = state.push("reading_open", "section", 1)
    opened.meta, opened.block, opened.map = {"number": number}, True, [start, close]
    old_parent, old_max = state.parentType, state.lineMax
    state.parentType, state.lineMax = "reading", close
    state.md.block.tokenize(state, start + 1, close)
    state.parentType, state.lineMax = old_parent, old_max
    ended = state.push("reading_close", "section", -1)
    ended.meta, ended.block = {"number": number}, True
    state.line = close + (1 if found else 0)
    return True


def _check_footnotes(essay: Essay, known: dict[str, int]) -> None:
    """A footnote that is referred to and not there, or there and not referred to, would vanish."""
    for label, number in known.items():
        if number < 0:
            start = f"[^{label[1:]}]:"
            line = next((n for n, text in enumerate(essay.lines, 1) if text.lstrip(" >").startswith(start)), 1)
            essay.fault(
                Place(line, 1), f"nothing refers to the footnote `{label[1:]}`", f"[^{label[1:]}] in the text does"
            )
    for token in essay.tokens:
        essay.block = token
        for child in token.children or ():
            found = _FOOTNOTE.search(child.content) if child.type == "text" else None
            if found is not None:
                place = essay.place_of(max(token.content.find(found[0]), 0))
                essay.fault(place, f"there is no footnote `{found[1]}`", f"[^{found[1]}]: … on a line of its own")


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].rstrip()


def _check_fences(essay: Essay) -> None:
    """Code that is never closed would swallow what follows."""
    for token in essay.tokens:
        if token.type != "fence" or token.map is None:
            continue
        last = (
            essay.lines[min(token.map[1], len(essay.lines)) - 1].strip(" >\t")
            if token.map[1] > token.map[0] + 1
            else ""
        )
        if not re.fullmatch(r"(`{3,}|~{3,})\s*", last):
            essay.fault(Place(token.map[0] + 1, 1), "the code is never closed", f"a line of {token.markup} closes it")
