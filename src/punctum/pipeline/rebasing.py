"""A person's notes and corrections, carried from one print of a film to another.

Conventions: times are seconds from each print's first frame. What a print lacks has no counterpart: a note that lies
wholly in it stays behind and is listed; one that reaches into it is shortened to what both prints have.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

import numpy as np
import polars as pl

from punctum import bundle as store
from punctum.echo.prints import Alignment, Part, Print, align_prints, tell_difference
from punctum.errors import BundleInvalid, quoted
from punctum.film import Bundle, Film
from punctum.notes import corrections_of, standing
from punctum.pipeline.work import refresh

SLACK_S = 0.25
"""A moment so near to what both prints have is taken there."""

_PLACES = ("place", "to_place")


class Carried(NamedTuple):
    """What became of a person's word: ``entries`` for the new log, ``left`` what stays, and why."""

    entries: list[dict[str, Any]]
    left: list[tuple[Mapping[str, Any], str]]
    shortened: int


class Rebased(NamedTuple):
    """What `rebase_notes` did: how the prints differ, what was carried over, what of it acts on nothing there."""

    differences: list[str]
    carried: Carried
    without_effect: list[str]


def rebase_notes(old: str | Path, new: str | Path, write: bool = True) -> Rebased:
    """Carry a person's notes and corrections from one print's bundle to another's.

    Parameters
    ----------
    old, new : path
        bundles of two prints of one film
    write : bool
        False only says what would be done

    Raises
    ------
    BundleInvalid
        where the two are not of one film, or one has no grid
    BundleBusy, OutputUnwritable
        where the new bundle cannot be written to
    """
    before, after = store.open_bundle(old), store.open_bundle(new)
    if Path(before.address).resolve() == Path(after.address).resolve():
        raise BundleInvalid(f"{quoted(old)} and {quoted(new)} are one bundle", "name two")
    ours, theirs = read_print(before), read_print(after)
    found = align_prints(ours, theirs)
    if found is None:
        raise BundleInvalid(
            f"{quoted(new)} is no other print of {quoted(old)}: less than a third of the shorter one is in the other",
            "both must be read in full; a film that hardly moves cannot be told",
        )
    carried = carry_over(before.notes, found, after.notes)
    unused: list[str] = []
    if write and carried.entries:
        folder = Path(after.address)
        store.add_notes(folder, carried.entries)
        if any(entry["kind"] == "correction" for entry in carried.entries):
            notes, _ = store.read_notes(folder)
            refreshed = refresh(replace(after, notes=notes))
            stray = set(refreshed.made.get("corrections_without_effect", ()))
            unused = [entry["id"] for entry in carried.entries if entry["id"] in stray]
    return Rebased(tell_difference(found, ours, theirs), carried, unused)


def read_print(bundle: Bundle) -> Print:
    """Read what is compared of a bundle's film: the lightness of its grid.

    Raises
    ------
    BundleInvalid
        where its grid was deleted or cannot be read
    """
    hint = "`punctum read --force` on the film makes it anew"
    try:
        cells = bundle.grid.select("frame", "cells").collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BundleInvalid(f"the grid of {quoted(bundle.address)} cannot be read", hint) from error
    if not cells.height:
        raise BundleInvalid(f"{quoted(bundle.address)} has no grid to compare", hint)
    timed = cells.join(bundle.tables["frames"].select("frame", "time_s"), on="frame", how="inner").sort("frame")
    return Print(timed["time_s"].to_numpy(), lightness_of(timed["cells"]), aspect_of(bundle.film))


def lightness_of(cells: pl.Series) -> np.ndarray:
    """Lightness of a column of the grid: uint8 (n, 144)."""
    raw = np.frombuffer(b"".join(cells.to_list()), np.uint8).reshape(len(cells), -1, 3)
    return np.ascontiguousarray(raw[..., 0])


def aspect_of(film: Film) -> float:
    """Width over height of the active picture, as it is shown."""
    return film.active_box_px.width * float(film.pixel_aspect) / max(film.active_box_px.height, 1)


def carry_over(log: Sequence[Mapping[str, Any]], found: Alignment, there: Sequence[Mapping[str, Any]] = ()) -> Carried:
    """Give the entries of a log as they are written to another print's.

    Parameters
    ----------
    log : sequence of mapping
        the old print's; only what stands is carried over
    found : Alignment
    there : sequence of mapping
        the new print's log: what it has from here already is passed over
    """
    known = {entry["rebased_from"] for entry in there if isinstance(entry.get("rebased_from"), str)}
    usable = {one.note_id for one in corrections_of(log)}
    entries: list[dict[str, Any]] = []
    left: list[tuple[Mapping[str, Any], str]] = []
    shortened = 0
    ids = {
        str(entry["rebased_from"]): str(entry["id"]) for entry in there if isinstance(entry.get("rebased_from"), str)
    }
    for entry in standing(log):
        kind = entry.get("kind")
        if entry["id"] in known or kind not in ("correction", "note", "tier", "reading"):
            continue
        if kind == "correction" and entry["id"] not in usable:
            continue
        try:
            made, short = _moved(dict(entry), found)
        except _NoCounterpartError as error:
            left.append((entry, str(error)))
            continue
        made |= {"id": secrets.token_hex(6), "rebased_from": entry["id"]}
        made.pop("replaces", None), made.pop("group", None)
        ids[str(entry["id"])] = made["id"]
        shortened += short
        entries.append(made)
    for made in entries:
        if made["kind"] == "reading" and isinstance(made.get("evidence"), list):
            for piece in made["evidence"]:
                if isinstance(piece, dict) and isinstance(piece.get("note"), str):
                    piece["note"] = ids.get(piece["note"], piece["note"])
    return Carried(entries, left, shortened)


class _NoCounterpartError(Exception):
    """The other print lacks what is spoken of."""


def _moved(entry: dict[str, Any], found: Alignment) -> tuple[dict[str, Any], bool]:
    """Move an entry's times and places; whether it was shortened."""
    short = False
    for name in ("at_s", "to_s"):
        if _is_time(entry.get(name)):
            moved = found.to_new(float(entry[name]), SLACK_S)
            if moved is None:
                raise _NoCounterpartError("the new print lacks that moment")
            entry[name] = round(moved, 6)
    if entry.get("kind") == "note":
        short = _move_span(entry, found)
        region = entry.get("region")
        if isinstance(region, list) and len(region) == 4 and all(_is_time(side) for side in region):
            entry["region"] = _moved_region(region, found)
            if entry["region"] is None:
                del entry["region"]
    if entry.get("kind") == "reading" and isinstance(entry.get("evidence"), list):
        kept = []
        for piece in entry["evidence"]:
            piece = dict(piece) if isinstance(piece, dict) else piece
            try:
                short |= isinstance(piece, dict) and _move_span(piece, found)
            except _NoCounterpartError:
                short = True
                continue
            kept.append(piece)
        entry["evidence"] = kept
    for name in _PLACES:
        place = entry.get(name)
        if isinstance(place, list) and len(place) == 2 and all(_is_time(side) for side in place):
            entry[name] = [_across(place[axis], axis, found.old_part, found.new_part) for axis in (0, 1)]
    return entry, short


def _move_span(entry: dict[str, Any], found: Alignment) -> bool:
    """Move ``start_s`` and ``end_s`` in place; True where the span was shortened."""
    start_s, end_s = entry.get("start_s"), entry.get("end_s")
    if not _is_time(start_s):
        return False
    if not _is_time(end_s):
        moved = found.to_new(float(start_s), SLACK_S)
        if moved is None:
            raise _NoCounterpartError("the new print lacks that moment")
        entry["start_s"] = round(max(moved, 0.0), 6)
        return False
    both = [(max(piece.old_start_s, start_s), min(piece.old_end_s, end_s)) for piece in found.pieces]
    both = [(low, high) for low, high in both if high > low or (high == low and start_s == end_s)]
    if not both:
        raise _NoCounterpartError("the new print lacks that stretch")
    ends = found.to_new(both[0][0]), found.to_new(both[-1][1])
    assert ends[0] is not None
    assert ends[1] is not None
    entry["start_s"], entry["end_s"] = round(max(ends[0], 0.0), 6), round(max(ends[1], 0.0), 6)
    return bool(sum(high - low for low, high in both) < (end_s - start_s) - 2 * SLACK_S)


def _moved_region(region: list[float], found: Alignment) -> list[float] | None:
    """A region of the old picture in the new one, cut off at its edges; None where that does not show it."""
    low = [_across(region[axis], axis, found.old_part, found.new_part) for axis in (0, 1)]
    high = [_across(region[axis] + region[2 + axis], axis, found.old_part, found.new_part) for axis in (0, 1)]
    low, high = [max(value, 0.0) for value in low], [min(value, 1.0) for value in high]
    if high[0] <= low[0] or high[1] <= low[1]:
        return None
    return [round(value, 5) for value in (*low, high[0] - low[0], high[1] - low[1])]


def _across(value: float, axis: int, old_part: Part, new_part: Part) -> float:
    """A share of the old picture's width (axis 0) or height as one of the new picture's."""
    common = (value - old_part[axis]) / old_part[2 + axis]
    return round(new_part[axis] + common * new_part[2 + axis], 5)


def _is_time(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))
