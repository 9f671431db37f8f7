"""The log of a person's notes: ``notes.jsonl``, one JSON object a line, only ever appended to.

Each has ``id``, ``who``, ``when`` (UTC, ISO 8601) and ``kind``. A ``correction`` has ``what`` and its time
stamps in seconds from the first frame; an ``undo`` has ``undoes``, the id of the note it takes back.
A line that cannot be read is left where it is and passed over.
"""

import getpass
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from punctum.bundle.files import writing
from punctum.errors import CorrectionUnclear
from punctum.film import Correction

LOG = "notes.jsonl"


def read_notes(folder: Path) -> tuple[tuple[Mapping[str, Any], ...], int]:
    """Read a bundle's notes.

    Returns
    -------
    notes : tuple of dict
        in the order they were written
    unreadable : int
        lines that are no note
    """
    try:
        lines = (folder / LOG).read_bytes().splitlines()
    except FileNotFoundError:
        return (), 0
    notes, unreadable = [], 0
    for line in lines:
        if not line.strip():
            continue
        try:
            note = json.loads(line)
        except (ValueError, RecursionError):
            note = None
        if isinstance(note, dict) and isinstance(note.get("id"), str):
            notes.append(note)
        else:
            unreadable += 1
    return tuple(notes), unreadable


def add_note(folder: Path, note: Mapping[str, Any], who: str = "") -> Mapping[str, Any]:
    """Append a note, on disk before this returns; ``id``, ``who`` and ``when`` are filled in.

    Raises
    ------
    OutputUnwritable
        if the log cannot be written
    """
    whole = {
        "id": secrets.token_hex(6),
        "who": who or _whoever(),
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        **note,
    }
    line = json.dumps(whole, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    target = folder / LOG
    with writing(target), target.open("ab+") as log:
        if log.tell() > 0:
            log.seek(-1, os.SEEK_END)
            if log.read(1) != b"\n":  # a line cut short by a crash: it stays, and ours begins on its own
                line = b"\n" + line
        log.write(line)
        log.flush()
        os.fsync(log.fileno())
    return whole


def undo_note(folder: Path, notes: Iterable[Mapping[str, Any]], note_id: str = "", who: str = "") -> Mapping[str, Any]:
    """Take back the last correction that still holds, or the one named.

    Raises
    ------
    CorrectionUnclear
        if there is none
    """
    holding = [note for note in standing(notes) if note.get("kind") == "correction"]
    found = [note for note in holding if not note_id or note["id"] == note_id]
    if not found:
        raise CorrectionUnclear(
            f"there is no correction `{note_id}` to undo" if note_id else "there is no correction to undo",
            "`punctum correct BUNDLE --list` lists those that hold",
        )
    add_note(folder, {"kind": "undo", "undoes": found[-1]["id"]}, who)
    return found[-1]


def standing(notes: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Notes that were not undone, without the undoing itself."""
    notes = list(notes)
    undone = {note.get("undoes") for note in notes if note.get("kind") == "undo"}
    return [note for note in notes if note.get("kind") != "undo" and note["id"] not in undone]


def corrections_of(notes: Iterable[Mapping[str, Any]]) -> tuple[Correction, ...]:
    """Corrections that hold, in the order they were made; what is not one is passed over."""
    found = []
    for note in standing(notes):
        if note.get("kind") != "correction":
            continue
        at_s, to_s, what, kind = note.get("at_s"), note.get("to_s"), note.get("what"), note.get("boundary")
        if not isinstance(at_s, int | float) or not isinstance(what, str):
            continue
        if what == "move" and not isinstance(to_s, int | float):
            continue
        name, place = note.get("name"), note.get("place")
        if what == "name" and not (isinstance(name, str) and name):
            continue
        found.append(
            Correction(
                what,
                float(at_s),
                float(to_s) if isinstance(to_s, int | float) else None,
                kind if isinstance(kind, str) else None,
                str(note["id"]),
                name if isinstance(name, str) else None,
                _place(place),
            )
        )
    return tuple(found)


def _place(value: Any) -> tuple[float, float] | None:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(part, int | float) for part in value):
        return float(value[0]), float(value[1])
    return None


def as_note(correction: Correction) -> dict[str, Any]:
    """Write a correction as a note's fields."""
    fields = {name: value for name, value in asdict(correction).items() if value is not None and name != "note_id"}
    if "kind" in fields:
        fields["boundary"] = fields.pop("kind")
    return {"kind": "correction", **fields}


def _whoever() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "somebody"
