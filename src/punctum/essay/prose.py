"""An essay's tokens as HTML; whatever came from its writer is escaped.

Conventions: ids are ``c3`` for a claim in the text and ``e3`` for its evidence, ``r2`` a reading, ``n4`` a footnote,
``w-key`` a work. Everything works without script: a claim is a link to its evidence, and that leads back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from punctum.essay.bibliography import Work
from punctum.essay.checking import Checked
from punctum.essay.evidence import Evidence
from punctum.essay.judging import Finding
from punctum.essay.measures import MEASURES
from punctum.essay.writing import Essay
from punctum.reading.sentences import write_clock

ROW_NAMES = {"for": "speaks for it", "against": "speaks against it"}


@dataclass(frozen=True)
class Image:
    """A picture file of the page: its address, size, words for those who cannot see it, and what stands beneath."""

    address: str
    width_px: int
    height_px: int
    alt: str = ""
    beneath: str = ""


@dataclass(frozen=True)
class Shown:
    """A picture of the essay as it is shown; ``clip`` is a film file's address, ``plot`` an SVG."""

    form: str
    images: tuple[Image, ...] = ()
    caption: str = ""
    source: Markup = field(default_factory=Markup)
    plot: Markup | None = None
    clip: str = ""
    clip_kind: str = "video/mp4"


@dataclass(frozen=True)
class EchoShown:
    """An echo: both scenes, the reasons, how likely as strong a likeness is by chance."""

    ours: Image | None
    theirs: Image | None
    our_film: str
    their_film: str
    ours_at: str
    theirs_at: str
    because: tuple[str, ...]
    likeness: str
    chance: str
    kind: str = ""


@dataclass
class Dressing:
    """What the outer half adds to an essay's text: pictures by number, frames of evidence by number, echoes."""

    pictures: Mapping[int, Shown] = field(default_factory=dict)
    frames: Mapping[int, Image] = field(default_factory=dict)
    echoes: Mapping[int, Sequence[EchoShown]] = field(default_factory=dict)


class Prose(RendererHTML):
    """Renders the tokens of one essay."""

    def __init__(self, essay: Essay, checked: Checked, works: Mapping[str, Work], dressing: Dressing) -> None:
        super().__init__()
        self.essay, self.checked, self.works, self.dressing = essay, checked, works, dressing
        self.evidence: dict[int, Evidence] = {one.number: one for one in essay.evidence}
        self.headings: set[str] = set()

    def render_all(self) -> Markup:
        """The text, footnotes left out."""
        tokens = self.essay.tokens
        start = next((n for n, token in enumerate(tokens) if token.type == "footnote_block_open"), len(tokens))
        return Markup(self.render(tokens[:start], _OPTIONS, {}))  # noqa: S704  (escaped by the renderer)

    def render_notes(self) -> Markup:
        """The footnotes."""
        tokens = self.essay.tokens
        start = next((n for n, token in enumerate(tokens) if token.type == "footnote_block_open"), len(tokens))
        return Markup(self.render(tokens[start:], _OPTIONS, {}))  # noqa: S704  (escaped by the renderer)

    # the names of these methods are those of the tokens
    def evidence_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """Open a claim, a figure or what was seen."""
        meta = tokens[at].meta
        if "lang" in meta:
            return str(Markup('<span lang="{}">').format(meta["lang"]))
        one = self.evidence.get(meta.get("number", 0))
        if one is None:
            return "<span>"
        finding = self.checked.of(one.number)
        classes = ["evidence", one.kind]
        if finding is not None and finding.provisional:
            classes.append("provisional")
        if one.side:
            classes.append(one.side)
        says = {
            "claim": "claim, its evidence",
            "figure": "figure, its evidence",
            "seen": "seen by the writer, its frame",
        }
        label = f"{says[one.kind]}: note {one.number}"
        figure = Markup("")
        if one.kind == "figure" and finding is not None:
            figure = Markup('<span class="code">{}</span>').format(keep(finding.measured))
        sign = (
            Markup('<span class="sign">{}</span>\N{NO-BREAK SPACE}').format("+" if one.side == "for" else "−")
            if one.side
            else ""
        )
        return str(
            Markup('{}<a class="{}" id="c{}" href="#e{}" aria-describedby="d{}" title="{}">{}').format(
                sign, " ".join(classes), one.number, one.number, one.number, label, figure
            )
        )

    def evidence_close(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """Close it, with its number."""
        meta = tokens[at].meta
        one = self.evidence.get(meta.get("number", 0))
        if "lang" in meta or one is None:
            return "</span>"
        mark = Markup('<sup class="eye" aria-hidden="true">{}</sup>').format(one.number)
        return f"{mark}</a>"

    def cite(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """Cite works."""
        parts = []
        for cited in tokens[at].meta["cited"]:
            work = self.works.get(cited.key)
            text = work.short if work else cited.key
            if cited.locator:
                text += f", {cited.locator}"
            parts.append(Markup('<a href="#w-{}">{}</a>').format(cited.key, text))
        return str(Markup('<span class="cite">({})</span>').format(Markup("; ").join(parts)))

    def film_picture(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """Show a picture."""
        shown = self.dressing.pictures.get(tokens[at].meta["number"])
        return str(figure(shown)) if shown is not None else ""

    def echo(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """Show echoes side by side."""
        found = self.dressing.echoes.get(tokens[at].meta["number"], ())
        if not found:
            key = self.essay.echoes[tokens[at].meta["number"] - 1].film
            entry = self.essay.head.films.get(key)
            film = (entry.title if entry else "") or key
            return str(
                Markup(
                    '<p class="missing">No echo of {} is known here: <code>punctum echo</code> looks for them.</p>'
                ).format(film)
            )
        return "".join(str(echo_figure(one)) for one in found)

    def paragraph_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """Open a paragraph, unless pictures alone make it up."""
        if tokens[at].hidden or _only_pictures(tokens[at + 1]):
            return ""
        return "<p>"

    def paragraph_close(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """Close it likewise."""
        if tokens[at].hidden or _only_pictures(tokens[at - 1]):
            return "\n"
        return "</p>\n"

    def heading_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """Open a heading, with an address of its own."""
        words = "-".join("".join(c if c.isalnum() else " " for c in tokens[at + 1].content.lower()).split())[:60]
        name, number = words or "section", 1
        while name in self.headings:
            number += 1
            name = f"{words}-{number}"
        self.headings.add(name)
        level = max(int(tokens[at].tag[1]), 2)
        return str(Markup('<h{} id="s-{}">').format(level, name))

    def heading_close(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """Close it."""
        return f"</h{max(int(tokens[at].tag[1]), 2)}>\n"

    def link_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """Open a link; the reader's page is not told to whom it leads."""
        return str(Markup('<a href="{}" rel="noopener noreferrer">').format(str(tokens[at].attrs.get("href", ""))))

    def reading_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """Open a reading; the first of several side by side opens their row."""
        number = tokens[at].meta["number"]
        reading = self.essay.readings[number - 1]
        sides = [one.side for one in self.essay.evidence if one.reading == number]
        row = "" if _beside(tokens, at, -1) else '<div class="readings">'
        count = f"{sides.count('for')} for, {sides.count('against')} against"
        return row + str(
            Markup('<section class="reading" aria-labelledby="r{}"><h3 id="r{}">{}</h3><p class="count">{}</p>').format(
                number, number, reading.title, count
            )
        )

    def reading_close(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """Close it."""
        return "</section>\n" + ("" if _beside(tokens, at, 1) else "</div>\n")

    def footnote_ref(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """Refer to a footnote."""
        number, again = tokens[at].meta["id"] + 1, tokens[at].meta.get("subId", 0)
        back = f"-{again}" if again else ""
        return str(
            Markup('<sup class="note"><a href="#n{}" id="m{}{}" aria-label="footnote {}">{}</a></sup>').format(
                number, number, back, number, _letter(number)
            )
        )

    def footnote_block_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """Open the footnotes."""
        return '<ol class="notes">'

    def footnote_block_close(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """Close them."""
        return "</ol>"

    def footnote_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """Open a footnote."""
        number = tokens[at].meta["id"] + 1
        return str(Markup('<li id="n{}" value="{}">').format(number, number))

    def footnote_close(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """Close it."""
        return "</li>"

    def footnote_anchor(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """Lead back to the text."""
        number = tokens[at].meta["id"] + 1
        return str(Markup(' <a class="back" href="#m{}" aria-label="back to the text">↩</a>').format(number))


_OPTIONS = MarkdownIt("commonmark", {"html": False, "xhtmlOut": False}).options


def _letter(number: int) -> str:
    """Footnotes are told from evidence by letters: a, b, … z, aa."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(97 + rest) + letters
    return letters


def _only_pictures(token: Token) -> bool:
    children = [child for child in token.children or () if child.type not in ("softbreak", "hardbreak")]
    children = [child for child in children if child.type != "text" or child.content.strip()]
    return bool(children) and all(child.type in ("film_picture", "echo") for child in children)


def _beside(tokens: Sequence[Token], at: int, step: int) -> bool:
    """Whether another reading lies right before or after."""
    neighbour = at + step
    if not 0 <= neighbour < len(tokens):
        return False
    return tokens[neighbour].type == ("reading_close" if step < 0 else "reading_open")


def keep(text: str) -> str:
    """Keep a figure and its unit on one line."""
    return text.replace(" ", " ")


def picture_tag(image: Image, lazy: bool = True) -> Markup:
    """An image with its size, so that nothing jumps."""
    return Markup('<img src="{}" width="{}" height="{}" alt="{}"{} decoding="async">').format(
        image.address, image.width_px, image.height_px, image.alt, Markup(' loading="lazy"') if lazy else ""
    )


def figure(shown: Shown) -> Markup:
    """A picture with what stands beneath it."""
    if shown.clip:
        poster = shown.images[0] if shown.images else None
        body = Markup('<video controls preload="none" playsinline src="{}"{}{}></video>').format(
            shown.clip,
            Markup(' poster="{}" width="{}" height="{}"').format(poster.address, poster.width_px, poster.height_px)
            if poster
            else "",
            Markup(' aria-label="{}"').format(shown.caption or shown.source),
        )
    elif shown.form == "plot":
        body = shown.plot or Markup("")
    elif len(shown.images) == 1:
        body = picture_tag(shown.images[0])
    else:
        cells = Markup("").join(
            Markup('<li>{}<span class="code">{}</span></li>').format(picture_tag(image), image.beneath)
            for image in shown.images
        )
        body = Markup('<ol class="strip">{}</ol>').format(cells)
    beneath = Markup("").join(
        part
        for part in (
            Markup('<span class="caption">{}</span> ').format(shown.caption) if shown.caption else Markup(""),
            Markup('<span class="source">{}</span>').format(shown.source) if shown.source else Markup(""),
        )
    )
    kind = "clip" if shown.clip else shown.form
    return Markup('<figure class="shown {}">{}<figcaption>{}</figcaption></figure>\n').format(kind, body, beneath)


def echo_figure(echo: EchoShown) -> Markup:
    """Two scenes side by side, the reasons and the chance beneath."""

    def half(image: Image | None, film: str, at: str) -> Markup:
        picture = picture_tag(image) if image else Markup('<span class="no-still">—</span>')
        return Markup('<li>{}<span><em>{}</em> <span class="code">{}</span></span></li>').format(picture, film, at)

    reasons = Markup("").join(Markup("<li>{}</li>").format(reason) for reason in echo.because)
    return Markup(
        '<figure class="shown echo"><ol class="pair">{}{}</ol><figcaption><ul class="because">{}</ul>'
        '<span class="source">{} {}</span></figcaption></figure>\n'
    ).format(
        half(echo.ours, echo.our_film, echo.ours_at), half(echo.theirs, echo.their_film, echo.theirs_at), reasons,
        echo.likeness, echo.chance,
    )  # fmt: skip


def evidence_entry(one: Evidence, finding: Finding, film: str, image: Image | None) -> dict[str, Any]:
    """One piece of evidence for the list: what its note says."""
    measure = MEASURES.get(one.measure)
    name = (measure.words if measure else one.measure).replace("_", " ")
    rows: list[tuple[str, str]] = []
    if one.kind == "seen":
        sentence = "Seen by the writer; no instrument measures it."
    else:
        sentence = f"{name[:1].upper()}{name[1:]}: {finding.measured}"
        if one.who:
            sentence += f" ({one.who})"
        if one.kind == "claim":
            rows.append(("claimed", _claimed(one)))
        rows += [("in words", said) for said in finding.lies]
        if finding.baseline and not any(finding.baseline in said for said in finding.lies):
            rows.append(("compare", finding.baseline))
        if finding.percentile is not None:
            rows.append(("lies", f"above {finding.percentile:.0f} of 100"))
        if finding.chance is not None:
            rows.append(("by chance", "less than 1 in 1000" if finding.chance < 0.001 else f"{finding.chance:.3f}"))
        if finding.error is not None and measure is not None and measure.unit != "count" and finding.error > 0:
            rows.append(
                ("known error", f"± {finding.error:.2g} {'' if measure.unit == 'share' else measure.unit}".rstrip())
            )
        rows.append(("measured as", finding.meaning))
    return {
        "number": one.number, "text": one.text, "kind": one.kind, "sentence": keep(sentence), "rows": rows,
        "film": film, "where": _spoken(finding), "image": image, "provisional": finding.provisional,
        "side": ROW_NAMES.get(one.side, ""),
        "narrow": finding.close, "name": name, "measure": one.measure, "span": one.span,
    }  # fmt: skip


def _claimed(one: Evidence) -> str:
    said = one.said
    if one.than is not None:
        key, words = one.than
        said += f" than {key + ', ' if key else ''}{words}"
    return f"{said}{' of the ' + one.among if one.among else ''}"


def _spoken(finding: Finding) -> str:
    if finding.start_s is None or finding.end_s is None:
        return ""
    if finding.start_s == finding.end_s:
        return write_clock(finding.start_s, 1)
    decimals = 0 if finding.end_s - finding.start_s >= 10 else 1
    return f"{write_clock(finding.start_s, decimals)}–{write_clock(finding.end_s, decimals)}"
