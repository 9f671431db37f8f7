"""What an essay holds besides prose: evidence, pictures, echoes, citations, readings; made of what was written.

Conventions: lines and columns count from 1; everything is numbered from 1 in the order of the text.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

from punctum.essay.attributes import Attributes
from punctum.essay.expected import Expected, Unclear, read_expected

KEYS = ("film", "span", "measure", "is", "than", "of", "at", "who", "lang")
CLASSES = ("seen", "for", "against")
POPULATIONS = ("film", "library", "population")
PICTURES = (".png", ".jpg", ".jpeg")
FILM_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,60}\Z")


class Place(NamedTuple):
    """Where something stands."""

    line: int
    column: int


class Fault(NamedTuple):
    """What cannot be understood: where, what, what to do."""

    place: Place
    text: str
    hint: str = ""


@dataclass(frozen=True)
class Evidence:
    """A bracketed span that is bound to a film.

    ``kind`` is ``claim`` (``expected`` is what it says), ``figure`` (the figure itself is shown) or ``seen`` (what a
    person saw, at ``at``). ``side`` is ``for``, ``against`` or ``""``; ``reading`` the number of its reading.
    """

    number: int
    place: Place
    kind: str
    text: str
    film: str
    span: str = "film"
    measure: str = ""
    expected: Expected | None = None
    said: str = ""
    than: tuple[str, str] | None = None
    among: str = ""
    who: str = ""
    at: str = ""
    side: str = ""
    reading: int = 0


@dataclass(frozen=True)
class Picture:
    """A picture of a film, or one of the writer's own (``film`` is "").

    ``form`` is ``still``, ``strip``, ``clip`` or ``plot`` (then ``measures`` are drawn); ``span`` is where.
    """

    number: int
    place: Place
    film: str
    span: str
    form: str
    alt: str
    measures: tuple[str, ...] = ()
    width_px: int = 0
    file: str = ""


@dataclass(frozen=True)
class Echo:
    """Echoes of a film: ``number`` from 1, ``film`` the key of the other film."""

    number: int
    place: Place
    film: str


@dataclass(frozen=True)
class Citation:
    """A citation: the key of its work, and where in it."""

    place: Place
    key: str
    locator: str = ""


@dataclass(frozen=True)
class Reading:
    """A rival reading: its title."""

    number: int
    place: Place
    title: str


class Misplaced(ValueError):
    """What cannot be evidence: why, what to do, and the key where it shows ("" for the whole)."""

    def __init__(self, text: str, hint: str, key: str = "") -> None:
        super().__init__(text)
        self.text, self.hint, self.key = text, hint, key


def make_evidence(read: Attributes, text: str, place: Place, number: int, reading: int) -> Evidence | str:
    """Make evidence of a span's attributes; a language comes back as it is.

    Raises
    ------
    Misplaced
        for what cannot be evidence
    """
    values = read.values
    for key in values:
        if key not in KEYS:
            near = get_close_matches(key, KEYS, 1, 0.5)
            raise Misplaced(f"unknown key `{key}`", f"perhaps `{near[0]}`" if near else ", ".join(KEYS), key)
    for word in read.classes:
        if word not in CLASSES:
            near = get_close_matches(word, CLASSES, 1, 0.5)
            raise Misplaced(f"unknown class `.{word}`", f"perhaps `.{near[0]}`" if near else ".seen, .for, .against")
    if set(values) == {"lang"} and not read.classes:
        if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", values["lang"]):
            return values["lang"]
        raise Misplaced(f"`{values['lang']}` is no language", "lang=it", "lang")
    if "lang" in values:
        raise Misplaced("`lang` stands alone", "a span of its own: [text]{lang=it}", "lang")
    if "film" not in values:
        raise Misplaced("the key `film` is missing", "film=… names one of the head's films")
    if not FILM_KEY.match(values["film"]):
        raise Misplaced(f"`{values['film']}` is no film's key", "letters and figures of ASCII, a letter first", "film")
    for key in ("film", "span", "measure", "at", "who", "than"):
        if key in values and not values[key]:
            raise Misplaced(f"the key `{key}` says nothing", f'{key}="…"', key)
    side = "for" if "for" in read.classes else "against" if "against" in read.classes else ""
    if side and not reading:
        raise Misplaced(f"`.{side}` stands in a reading", '::: {.reading title="…"}')
    if len({"for", "against"} & set(read.classes)) == 2:
        raise Misplaced("evidence is for or against, not both", "one of .for and .against")
    said = plain_words(text)
    if "seen" in read.classes or "at" in values:
        return _make_seen(read, number, place, said, side, reading)
    if "measure" not in values:
        raise Misplaced(
            "the key `measure` is missing", 'measure=…, or at="1:02.4" .seen for what no instrument measures'
        )
    if "of" in values and values["of"] not in POPULATIONS:
        raise Misplaced(f"`of={values['of']}` is none", "of=film, of=library or of=population", "of")
    than = None
    if "than" in values:
        film, _, span = values["than"].partition("@")
        than = (film.strip(), span.strip() or "film") if "@" in values["than"] else ("", values["than"])
        if "is" not in values:
            raise Misplaced("`than` goes with `is`", 'is=">" than="film"', "than")
    if "is" not in values:
        if text.strip():
            raise Misplaced("the key `is` is missing", 'is="90 ± 5", or empty brackets for the figure itself')
        return Evidence(number, kind="figure", span=values.get("span", "film"), measure=values["measure"],
                        who=values.get("who", ""), place=place, text=said, film=values["film"], side=side,
                        reading=reading)  # fmt: skip
    try:
        expected = read_expected(values["is"], than is not None)
    except Unclear as unclear:
        raise Misplaced(unclear.text, unclear.hint, "is") from None
    if "of" in values and not expected.percentile:
        raise Misplaced("`of` goes with a percentile", 'is="> p95" of=library', "of")
    return Evidence(
        number, kind="claim", span=values.get("span", "film"), measure=values["measure"], expected=expected,
        said=values["is"], than=than, among=values.get("of", ""), who=values.get("who", ""), place=place, text=said,
        film=values["film"], side=side, reading=reading,
    )  # fmt: skip


def _make_seen(read: Attributes, number: int, place: Place, said: str, side: str, reading: int) -> Evidence:
    values = read.values
    if "seen" not in read.classes:
        raise Misplaced("`at` goes with `.seen`", '{film=… at="1:02.4" .seen}', "at")
    if "at" not in values:
        raise Misplaced("the key `at` is missing", 'at="1:02.4" binds what was seen to its frame')
    for key in ("measure", "is", "than", "of", "span", "who"):
        if key in values:
            raise Misplaced(f"`{key}` does not go with `.seen`", "what is seen is bound to a frame by `at`", key)
    if not said:
        raise Misplaced("nothing is said of what was seen", "words between the brackets")
    return Evidence(
        number,
        kind="seen",
        at=values["at"],
        span=values["at"],
        place=place,
        text=said,
        film=values["film"],
        side=side,
        reading=reading,
    )


def plain_words(text: str) -> str:
    """Text without its marks."""
    return " ".join(re.sub(r"[*_`\\]|\]\([^)]*\)|[\[\]]|\{[^}]*\}", "", text).split())


def make_picture(number: int, place: Place, alt: str, where: str, title: str, width_px: int) -> Picture:
    """Make a picture of what stands between its brackets and parentheses.

    Raises
    ------
    Misplaced
        for what is no picture of a film and none beside the essay
    """
    film, at, span = where.partition("@")
    if not at:
        return _own_picture(number, place, alt, where, width_px)
    if not FILM_KEY.match(film):
        raise Misplaced(f"`{film[:40]}` is no film's key", "![what it shows](film@ending)")
    span = " ".join(span.strip("\"' ").split())
    if not span:
        raise Misplaced("the picture does not say where in the film", "![what it shows](film@ending)")
    form, measures = title, tuple(word for word in re.split(r"[,\s]+", title) if word)
    if form in ("still", "strip", "clip", ""):
        return Picture(number, place, film, span, form, alt, (), width_px)
    return Picture(number, place, film, span, "plot", alt, measures, width_px)


def _own_picture(number: int, place: Place, alt: str, where: str, width_px: int) -> Picture:
    parts = where.replace("\\", "/").split("/")
    if "://" in where or where.startswith("//") or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", where):
        raise Misplaced(f"`{where[:60]}` is fetched from elsewhere", "put the picture beside the essay")
    if where.startswith(("/", "~")) or ".." in parts or "\\" in where or "%" in where:
        raise Misplaced(f"`{where[:60]}` lies outside the essay's folder", "put the picture beside the essay")
    if not where.lower().endswith(PICTURES):
        raise Misplaced(f"`{where[:60]}` is no picture", "film@span, or a file ending with " + ", ".join(PICTURES))
    if not alt:
        raise Misplaced("the picture has no words for those who cannot see it", f"![what it shows]({where})")
    return Picture(number, place, "", "", "own", alt, (), width_px, where)
