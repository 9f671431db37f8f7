"""What a person wrote about a film: corrections, notes, tiers, rival readings, and which of it stands.

The log (``notes.jsonl``) is only ever appended to; here it is read as it stands. Each entry is a mapping with ``id``,
``who``, ``when`` (UTC, ISO 8601) and ``kind``:

- ``correction``: ``what``, ``at_s`` and what else a `Correction` has;
- ``note``: ``start_s``, ``end_s`` (half-open; without it, one frame), and any of ``text``, ``tags``, ``tier``,
  ``name`` (a named span), ``region`` (left, top, width, height, shares of the active picture), ``value`` (a tier is a
  measure, too);
- ``tier``: ``tier``, and any of ``colour`` (``#rrggbb``), ``vocabulary`` (its terms);
- ``reading``: ``title``, and ``evidence``, each with ``side`` (``for``, ``against``) and a ``note`` (an id) or a
  ``statement`` with its span;
- ``undo`` and ``redo``: ``step``, the id or the group that is taken back or restored.

``group`` binds entries that are undone in one step; ``replaces`` names the entry whose place another takes. Times are
seconds from the first frame, so that they survive another reading. A person's log is input like any other: what is not
as said is passed over, never raised.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple, TypeGuard

from punctum.errors import NoteUnclear
from punctum.film import Correction

LONGEST_TEXT = 20_000
LONGEST_NAME = 200
MOST_TAGS = 50
KINDS = ("correction", "note", "tier", "reading")
SIDES = ("for", "against")

Entry = Mapping[str, Any]


class Note(NamedTuple):
    """A person's note; ``end_s`` is None for a note on one frame."""

    note_id: str
    who: str
    when: str
    start_s: float
    end_s: float | None = None
    text: str = ""
    tags: tuple[str, ...] = ()
    tier: str = ""
    name: str = ""
    region: tuple[float, float, float, float] | None = None
    value: float | None = None


class Tier(NamedTuple):
    """A tier of notes: its colour, and the terms its notes may bear (none: any)."""

    tier: str
    colour: str = ""
    vocabulary: tuple[str, ...] = ()


class Evidence(NamedTuple):
    """What speaks for or against a reading: a note by its id, or a statement with its span."""

    side: str
    note: str = ""
    statement: str = ""
    start_s: float | None = None
    end_s: float | None = None


class Reading(NamedTuple):
    """An interpretation with its evidence; no number of pieces makes it the right one."""

    note_id: str
    who: str
    title: str
    evidence: tuple[Evidence, ...] = ()


def standing(log: Iterable[Entry]) -> list[Entry]:
    """Entries that hold: not undone, not replaced, in the order they were written; undoing itself is left out.

    Examples
    --------
    >>> log = [{"id": "a", "kind": "note"}, {"id": "b", "kind": "undo", "step": "a"}]
    >>> standing(log), [entry["id"] for entry in standing([*log, {"id": "c", "kind": "redo", "step": "a"}])]
    ([], ['a'])
    """
    log = list(log)
    undone = _undone(log)
    held = [entry for entry in log if entry.get("kind") not in ("undo", "redo") and _step(entry) not in undone]
    replaced = {entry["replaces"] for entry in held if isinstance(entry.get("replaces"), str)}
    return [entry for entry in held if entry["id"] not in replaced]


def last_step(log: Iterable[Entry], kinds: Sequence[str] = KINDS) -> str:
    """What `undo` takes back: the last step of these kinds that was not undone; "" where there is none."""
    log = list(log)
    undone = _undone(log)
    steps = [_step(entry) for entry in log if entry.get("kind") in kinds and _step(entry) not in undone]
    return steps[-1] if steps else ""


def step_to_redo(log: Iterable[Entry]) -> str:
    """What `redo` restores: the step last undone, unless something new was written since; "" where there is none."""
    waiting: list[str] = []
    for entry in log:
        if entry.get("kind") == "undo":
            waiting.append(_target(entry))
        elif entry.get("kind") == "redo":
            waiting = [step for step in waiting if step != _target(entry)]
        else:
            waiting = []
    return waiting[-1] if waiting else ""


def members(log: Iterable[Entry], step: str) -> list[Entry]:
    """Entries of a step, named by its group or by an entry's id."""
    return [
        entry
        for entry in log
        if entry.get("kind") not in ("undo", "redo") and step and step in (entry["id"], _step(entry))
    ]


class Merged(NamedTuple):
    """What another's log adds to one's own, and where the two disagree: pairs of ids, own first."""

    added: list[Entry]
    conflicts: list[tuple[str, str]]


def merge_logs(own: Sequence[Entry], other: Sequence[Entry]) -> Merged:
    """Join another person's log of the same film to one's own; nothing of one's own is taken away.

    Parameters
    ----------
    own, other : sequence of mapping
        logs; those that come of one log share its ids

    Returns
    -------
    Merged
        ``added``: entries of `other` that stand there and are unknown here, as they were written. Where both changed
        one entry, both changes stand, side by side; what only the other took away stays. ``conflicts`` are these, and
        corrections of one boundary, less than `SAME_PLACE_S` apart, that say different things: the later line of the
        log is the one that acts

    Examples
    --------
    >>> note = {"id": "a", "kind": "note", "start_s": 1.0}
    >>> merged = merge_logs([note], [note, {"id": "b", "kind": "note", "start_s": 2.0}])
    >>> [entry["id"] for entry in merged.added], merged.conflicts
    (['b'], [])
    """
    known = {entry["id"] for entry in own}
    added = [entry for entry in standing(other) if entry["id"] not in known]
    mine = [entry for entry in standing(own) if entry["id"] not in {entry["id"] for entry in standing(other)}]
    conflicts = []
    for entry in added:
        for held in mine:
            replaced = entry.get("replaces") is not None and entry.get("replaces") == held.get("replaces")
            if replaced or _disagree(held, entry):
                conflicts.append((str(held["id"]), str(entry["id"])))
    return Merged(added, conflicts)


SAME_PLACE_S = 1.0
"""Corrections this near to each other are of one boundary."""


def _disagree(one: Entry, other: Entry) -> bool:
    if one.get("kind") != "correction" or other.get("kind") != "correction":
        return False
    places = one.get("at_s"), other.get("at_s")
    near = all(_is_number(place) for place in places) and abs(places[0] - places[1]) < SAME_PLACE_S  # type: ignore[operator]
    names = ("what", "to_s", "boundary", "name")
    return near and any(one.get(name) != other.get(name) for name in names)


def _step(entry: Entry) -> str:
    group = entry.get("group")
    return group if isinstance(group, str) and group else str(entry["id"])


def _target(entry: Entry) -> str:
    step = entry.get("step", entry.get("undoes"))  # `undoes`: as logs of version 0.1.0 have it
    return step if isinstance(step, str) else ""


def _undone(log: Iterable[Entry]) -> set[str]:
    undone: set[str] = set()
    for entry in log:
        if entry.get("kind") == "undo":
            undone.add(_target(entry))
        elif entry.get("kind") == "redo":
            undone.discard(_target(entry))
    return undone


def corrections_of(log: Iterable[Entry]) -> tuple[Correction, ...]:
    """Corrections that hold, in the order they were made."""
    found = []
    for entry in standing(log):
        at_s, to_s, what, kind = (entry.get(name) for name in ("at_s", "to_s", "what", "boundary"))
        if entry.get("kind") != "correction" or not _is_number(at_s) or not isinstance(what, str):
            continue
        if what in ("move", "same", "apart") and not _is_number(to_s):
            continue
        name = entry.get("name")
        if what == "name" and not (isinstance(name, str) and name):
            continue
        found.append(
            Correction(
                what,
                float(at_s),
                float(to_s) if _is_number(to_s) else None,
                kind if isinstance(kind, str) else None,
                str(entry["id"]),
                name if isinstance(name, str) else None,
                _place(entry.get("place")),
                _place(entry.get("to_place")),
            )
        )
    return tuple(found)


def as_note(correction: Correction) -> dict[str, Any]:
    """Write a correction as an entry's fields."""
    fields = {name: value for name, value in asdict(correction).items() if value is not None and name != "note_id"}
    if "kind" in fields:
        fields["boundary"] = fields.pop("kind")
    return {"kind": "correction", **fields}


def notes_of(log: Iterable[Entry]) -> tuple[Note, ...]:
    """Notes that hold, in the film's order."""
    found = []
    for entry in standing(log):
        if entry.get("kind") != "note":
            continue
        try:
            fields = check_note(entry)
        except NoteUnclear:
            continue
        said = {name: value for name, value in fields.items() if name in Note._fields}
        said["tags"] = tuple(said.get("tags", ()))
        if "region" in said:
            said["region"] = tuple(said["region"])
        found.append(Note(str(entry["id"]), _text(entry, "who"), _text(entry, "when"), **said))
    return tuple(sorted(found, key=lambda note: (note.start_s, note.end_s or note.start_s)))


def tiers_of(log: Iterable[Entry]) -> tuple[Tier, ...]:
    """Tiers that hold, in the order they were first named; a later entry of the same name takes the earlier's place."""
    found: dict[str, Tier] = {}
    for entry in standing(log):
        name = entry.get("tier")
        if not isinstance(name, str) or not name.strip() or entry.get("kind") not in ("tier", "note"):
            continue
        if entry["kind"] == "tier":
            terms = entry.get("vocabulary")
            kept = tuple(term for term in terms if isinstance(term, str)) if isinstance(terms, list) else ()
            found[name] = Tier(name, _text(entry, "colour"), kept)
        else:
            found.setdefault(name, Tier(name))
    return tuple(found.values())


def readings_of(log: Iterable[Entry]) -> tuple[Reading, ...]:
    """Rival readings that hold, each with its evidence."""
    found = []
    for entry in standing(log):
        title, evidence = entry.get("title"), entry.get("evidence")
        if entry.get("kind") != "reading" or not isinstance(title, str) or not title.strip():
            continue
        kept = []
        for piece in evidence if isinstance(evidence, list) else ():
            if isinstance(piece, dict) and piece.get("side") in SIDES:
                times = (piece.get("start_s"), piece.get("end_s"))
                start_s, end_s = (float(time) if _is_number(time) else None for time in times)
                kept.append(Evidence(piece["side"], _text(piece, "note"), _text(piece, "statement"), start_s, end_s))
        found.append(Reading(str(entry["id"]), _text(entry, "who"), title, tuple(kept)))
    return tuple(found)


def check_note(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Give a note's fields as they are written to the log, or say what is wrong with them.

    Parameters
    ----------
    fields : mapping
        of a note, from whatever source; fields that no note has are dropped

    Returns
    -------
    dict
        ``kind``, ``start_s`` and those of the other fields that say something

    Raises
    ------
    NoteUnclear
        where a time, region, tag or text is none, or too long

    Examples
    --------
    >>> check_note({"start_s": 62.4, "text": " a tear ", "tags": ["face"]})
    {'kind': 'note', 'start_s': 62.4, 'text': 'a tear', 'tags': ['face']}
    """
    start_s, end_s = fields.get("start_s"), fields.get("end_s")
    if not _is_number(start_s) or start_s < 0:
        raise NoteUnclear("a note begins at a time, in seconds from the first frame", "for example: 62.4")
    checked: dict[str, Any] = {"kind": "note", "start_s": float(start_s)}
    if end_s is not None:
        if not _is_number(end_s) or end_s < start_s:
            raise NoteUnclear("a note ends at a time after its beginning", "leave it out for a note on one frame")
        checked["end_s"] = float(end_s)
    for name, longest in (("text", LONGEST_TEXT), ("tier", LONGEST_NAME), ("name", LONGEST_NAME)):
        value = fields.get(name) or ""
        if not isinstance(value, str):
            raise NoteUnclear(f"a note's {name} is text", "write it in words")
        if len(value) > longest:
            raise NoteUnclear(f"a note's {name} is longer than {longest} letters", "divide it among several")
        if value.strip():
            checked[name] = value.strip()
    tags = fields.get("tags") or []
    if not isinstance(tags, list | tuple) or not all(isinstance(tag, str) and len(tag) <= LONGEST_NAME for tag in tags):
        raise NoteUnclear(f"a note's tags are words of {LONGEST_NAME} letters at most", "a list of them")
    if len(tags) > MOST_TAGS:
        raise NoteUnclear(f"a note has more than {MOST_TAGS} tags", "keep those that matter")
    if kept := list(dict.fromkeys(tag.strip() for tag in tags if tag.strip())):
        checked["tags"] = kept
    region, value = fields.get("region"), fields.get("value")
    if region is not None:
        if not isinstance(region, list | tuple) or len(region) != 4 or not all(_is_number(side) for side in region):
            raise NoteUnclear("a note's region is left, top, width, height", "as shares of the picture, 0 to 1")
        left, top, width, height = (float(side) for side in region)
        if min(left, top) < 0 or min(width, height) <= 0 or max(left + width, top + height) > 1 + 1e-6:
            raise NoteUnclear("a note's region lies outside the picture", "as shares of the picture, 0 to 1")
        checked["region"] = [left, top, width, height]
    if value is not None:
        if not _is_number(value):
            raise NoteUnclear("a note's value is a number", "leave it out where there is none")
        checked["value"] = float(value)
    return checked


def _place(value: Any) -> tuple[float, float] | None:
    if isinstance(value, list) and len(value) == 2 and all(_is_number(part) for part in value):
        return float(value[0]), float(value[1])
    return None


def _text(entry: Entry, name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
