"""The log of a person's notes on disk: ``notes.jsonl``, one JSON object a line, only ever appended to.

What the entries mean stands in ``punctum.notes``. A line that cannot be read is left where it is and passed over.
"""

import getpass
import json
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from punctum.bundle.files import writing
from punctum.errors import CorrectionUnclear
from punctum.notes import KINDS, last_step, members, standing, step_to_redo

LOG = "notes.jsonl"
LOCK = ".notes.lock"


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
    return add_notes(folder, [note], who)[0]


def add_notes(folder: Path, notes: Sequence[Mapping[str, Any]], who: str = "") -> list[Mapping[str, Any]]:
    """Append notes, all on disk before this returns; several are one step of undoing.

    A note that brings its own ``id``, ``who`` or ``when`` keeps them.

    Raises
    ------
    OutputUnwritable
        if the log cannot be written; then none of them stands in it
    """
    when, group = datetime.now(UTC).isoformat(timespec="seconds"), secrets.token_hex(6)
    bound = {"group": group} if len(notes) > 1 else {}
    whole: list[Mapping[str, Any]] = [
        {"id": secrets.token_hex(6), "who": who or _whoever(), "when": when, **bound, **note} for note in notes
    ]
    text = b"".join(json.dumps(note, ensure_ascii=False, allow_nan=False).encode() + b"\n" for note in whole)
    target = folder / LOG
    with writing(target), FileLock(folder / LOCK), target.open("ab+") as log:
        size = log.tell()
        if size > 0:
            log.seek(-1, os.SEEK_END)
            if log.read(1) != b"\n":  # a line cut short by a crash: it stays, and ours begins on its own
                text = b"\n" + text
        try:
            log.write(text)
            log.flush()
            os.fsync(log.fileno())
        except OSError:  # a full disk: nothing half written stays
            log.truncate(size)
            raise
    return whole


def undo_note(folder: Path, notes: Iterable[Mapping[str, Any]], note_id: str = "", who: str = "") -> Mapping[str, Any]:
    """Take back the last step that still holds, or the one named; gives its last note.

    Raises
    ------
    CorrectionUnclear
        if there is none
    """
    notes = list(notes)
    step = note_id or last_step(notes, KINDS)
    holding = {note["id"] for note in standing(notes)}
    found = [note for note in members(notes, step) if note["id"] in holding]
    if not found:
        raise CorrectionUnclear(
            f"there is no correction `{note_id}` to undo" if note_id else "there is no correction to undo",
            "`punctum correct BUNDLE --list` lists those that hold",
        )
    add_note(folder, {"kind": "undo", "step": found[-1].get("group") or found[-1]["id"]}, who)
    return found[-1]


def redo_note(folder: Path, notes: Iterable[Mapping[str, Any]], who: str = "") -> Mapping[str, Any]:
    """Restore the step last undone; gives its last note.

    Raises
    ------
    CorrectionUnclear
        if nothing was undone, or something new was written since
    """
    notes = list(notes)
    found = members(notes, step_to_redo(notes))
    if not found:
        raise CorrectionUnclear("there is nothing to redo", "what was undone can be redone until something new is said")
    add_note(folder, {"kind": "redo", "step": step_to_redo(notes)}, who)
    return found[-1]


def _whoever() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "somebody"
