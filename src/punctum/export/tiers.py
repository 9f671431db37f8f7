"""A bundle as tiers: spans with a value, none of which overlaps another of its tier.

Conventions: times are seconds from the first frame, half-open. Where spans of one kind overlap, the later ones go to a
second tier (``words 2``), so that nothing is cut.
"""

from collections.abc import Iterable
from typing import NamedTuple

from punctum.film import Bundle
from punctum.notes import notes_of, tiers_of
from punctum.tables import KINDS, SCALES, SCENE_KINDS


class Span(NamedTuple):
    """A span and its value."""

    start_s: float
    end_s: float
    value: str


class Tier(NamedTuple):
    """A tier; ``vocabulary`` are the terms of its values, none for free text; ``person``: it is made by hand."""

    name: str
    spans: tuple[Span, ...]
    vocabulary: tuple[str, ...] = ()
    person: bool = False
    who: str = ""


def collect_tiers(bundle: Bundle) -> list[Tier]:
    """Give the tiers of a bundle: shots, scenes, sounds, words, people, moments, and a person's own."""
    tables = bundle.tables
    made: list[Tier] = []
    names: set[str] = set()

    def add(
        name: str, spans: Iterable[Span], vocabulary: tuple[str, ...] = (), person: bool = False, who: str = ""
    ) -> None:
        for number, layer in enumerate(part_overlaps(spans), 1):
            called = name if number == 1 else f"{name} {number}"
            while called in names:  # two tiers of one name would be one
                called += " (own)" if person else " *"
            names.add(called)
            made.append(Tier(called, tuple(layer), vocabulary, person, who))

    rows = list(tables["shots"].iter_rows(named=True))
    add("shots", (Span(r["start_s"], r["end_s"], str(r["shot"])) for r in rows))
    add("shot begins", (Span(r["start_s"], r["end_s"], r["begins"]) for r in rows), KINDS)
    add("shot scale", (Span(r["start_s"], r["end_s"], r["scale"]) for r in rows if r["scale"]), SCALES)
    scenes = list(tables["scenes"].iter_rows(named=True))
    add("scenes", (Span(r["start_s"], r["end_s"], r["heading"] or str(r["scene"])) for r in scenes))
    add("scene kind", (Span(r["start_s"], r["end_s"], r["kind"]) for r in scenes), SCENE_KINDS)
    sounds = list(tables["sounds"].iter_rows(named=True))
    for kind in dict.fromkeys(row["kind"] for row in sounds):
        add(
            kind.replace("_", " "),
            (Span(r["start_s"], r["end_s"], _sound(r)) for r in sounds if r["kind"] == kind),
        )
    words = list(tables["words"].iter_rows(named=True))
    for speaker in dict.fromkeys(row["speaker"] for row in words):
        spans = (Span(r["start_s"], r["end_s"], r["text"]) for r in words if r["speaker"] == speaker)
        add(f"words: {speaker}" if speaker else "words", spans)
    people = dict(tables["characters"].select("character", "name").iter_rows())
    tracks = [r for r in tables["tracks"].iter_rows(named=True) if r["character"] is not None]
    for character in sorted({row["character"] for row in tracks}):
        seen = [Span(r["start_s"], r["end_s"], "") for r in tracks if r["character"] == character]
        name = people.get(character) or str(character)
        add(f"in frame: {name}", (span._replace(value=name) for span in join_overlaps(seen)))
    moments = tables["moments"].iter_rows(named=True)
    add("moments", (Span(r["start_s"], r["end_s"], r["statement"]) for r in moments))
    for tier in _own_tiers(bundle):
        add(*tier)
    return [tier for tier in made if tier.spans or tier.person]


def _own_tiers(bundle: Bundle) -> Iterable[tuple[str, list[Span], tuple[str, ...], bool, str]]:
    """A person's notes by tier; those without one are the tier ``notes``."""
    notes = notes_of(bundle.notes)
    terms = {tier.tier: tier.vocabulary for tier in tiers_of(bundle.notes)}
    for name in dict.fromkeys([note.tier for note in notes] + list(terms)):
        own = [note for note in notes if note.tier == name]
        spans = [
            Span(note.start_s, after_frame(bundle, note.start_s) if note.end_s is None else note.end_s, told(note))
            for note in own
        ]
        who = own[0].who if own and len({note.who for note in own}) == 1 else ""
        yield name or "notes", spans, terms.get(name, ()), True, who


def told(note: object) -> str:
    """Give a note's words: its text, else its name, its tags or its value."""
    text, name, tags, value = (getattr(note, field) for field in ("text", "name", "tags", "value"))
    return text or name or ", ".join(tags) or ("" if value is None else f"{value:g}")


def after_frame(bundle: Bundle, time_s: float) -> float:
    """When the frame shown at a time makes way for the next."""
    times_s = bundle.tables["frames"]["time_s"]
    at = int(times_s.search_sorted(time_s + 1e-6))
    return float(times_s[at]) if at < len(times_s) else max(bundle.film.duration_s, time_s)


def _sound(row: dict[str, object]) -> str:
    if row["kind"] == "periodic":
        return f"every {row['period_s']:.2f} s"
    return str(row["kind"]).replace("_", " ")


def part_overlaps(spans: Iterable[Span]) -> list[list[Span]]:
    """Part spans into layers in which none overlaps; empty spans are left out.

    Examples
    --------
    >>> [len(layer) for layer in part_overlaps([Span(0, 2, "a"), Span(1, 3, "b"), Span(2, 4, "c")])]
    [2, 1]
    """
    layers: list[list[Span]] = [[]]
    for span in sorted((one for one in spans if one.end_s > one.start_s), key=lambda one: (one.start_s, one.end_s)):
        free = next((layer for layer in layers if not layer or layer[-1].end_s <= span.start_s + 1e-9), None)
        if free is None:
            free = []
            layers.append(free)
        free.append(span)
    return layers


def join_overlaps(spans: Iterable[Span]) -> list[Span]:
    """Join spans that touch or overlap.

    Examples
    --------
    >>> join_overlaps([Span(0, 2, "a"), Span(1, 3, "b")])
    [Span(start_s=0, end_s=3, value='a')]
    """
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start_s <= joined[-1].end_s:
            joined[-1] = joined[-1]._replace(end_s=max(joined[-1].end_s, span.end_s))
        else:
            joined.append(span)
    return joined


def whole_ms(time_s: float) -> int:
    """Milliseconds of a time, rounded up: a player sent there shows the frame that begins then, not the one before.

    Examples
    --------
    >>> whole_ms(0.083333), whole_ms(0.042), whole_ms(2.0)
    (84, 42, 2000)
    """
    return -(-round(time_s * 1_000_000) // 1000)
