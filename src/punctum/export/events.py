"""What is read from other tools' files, before it becomes a person's notes.

Conventions: times are seconds from the film's first frame; a region is (left, top, width, height) as shares of the
picture. A reader is given text or bytes and raises ValueError, in words that follow "it", where nothing can be made of
them; what it must leave out it counts.
"""

from collections import Counter
from typing import NamedTuple

MOST_EVENTS = 100_000
"""More than anybody marks in a film by hand."""

MARKERS = "markers"
"""Tier of what stands at a place on a timeline and is no clip."""

MOST_BYTES = 64 * 1024 * 1024
"""A larger file is refused before it is read."""

MOST_CHARACTERS = 10_000
"""A longer text is cut short and counted."""


class Event(NamedTuple):
    """A span with words: ``end_s`` None is one frame; ``boundary`` says how the shot that it stands for begins."""

    start_s: float
    end_s: float | None
    text: str
    tier: str = ""
    tags: tuple[str, ...] = ()
    region: tuple[float, float, float, float] | None = None
    boundary: str = ""
    name: str = ""
    value: float | None = None
    who: str = ""


class Taken(NamedTuple):
    """Events, what was left out by name and count, and what a person should know."""

    events: list[Event]
    faults: Counter[str]
    remarks: list[str]


def sift_events(taken: Taken, duration_s: float) -> Taken:
    """Leave out what no film can hold: spans that end before they begin, begin before the film or end beyond it.

    A span that ends up to a second beyond the film ends with it. Those that overlap others of their tier are kept
    and counted.
    """
    faults = Counter(taken.faults)
    events = []
    reached: dict[str, float] = {}
    for event in taken.events:
        end_s = event.start_s if event.end_s is None else event.end_s
        if not 0 <= event.start_s <= duration_s or end_s > duration_s + 1.0:
            faults["events beyond the film"] += 1
            continue
        if end_s < event.start_s:
            faults["events that end before they begin"] += 1
            continue
        if event.start_s < reached.get(event.tier, 0.0) - 1e-6:
            faults["overlapping events, kept"] += 1
        reached[event.tier] = max(reached.get(event.tier, 0.0), end_s)
        text = event.text
        if len(text) > MOST_CHARACTERS:
            faults["texts cut short"] += 1
            text = text[:MOST_CHARACTERS]
        kept = None if event.end_s is None or event.end_s == event.start_s else min(event.end_s, duration_s)
        events.append(event._replace(text=text, end_s=kept))
    return Taken(events, faults, taken.remarks)
