"""What comes in from other tools: read, sifted, and turned into a person's notes, tiers or corrections.

Conventions: nothing is written here; whoever called writes all of it or nothing. Times are seconds from the first
frame.
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from punctum.errors import ExchangeInvalid, NoteUnclear, UsageWrong, quoted
from punctum.export.annotation import read_annotations
from punctum.export.edl import read_edl, says_drop
from punctum.export.elan import read_elan, vocabularies_of
from punctum.export.events import MARKERS, MOST_BYTES, Event, Taken, sift_events
from punctum.export.gather import AS_THE_FILM, Asked, clock_of
from punctum.export.otio import read_otio
from punctum.export.tabular import read_table
from punctum.export.timecode import Rate, can_drop, parse_timecode
from punctum.export.timeline import Clock
from punctum.export.vtt import read_vtt
from punctum.film import Bundle, Correction
from punctum.measure.words.encodings import decode_text
from punctum.notes import LONGEST_NAME, as_note, check_note

ENDINGS = {
    ".eaf": "elan",
    ".edl": "edl",
    ".otio": "otio",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".vtt": "vtt",
    ".jsonld": "webannotation",
    ".json": "webannotation",
}
"""What a file's ending says it is."""

KINDS = ("notes", "tiers", "corrections")


class Incoming(NamedTuple):
    """Entries for a person's log, and what a person should know of what was left out."""

    entries: list[dict[str, Any]]
    remarks: list[str]


def read_exchange(path: str | Path, bundle: Bundle, asked: Asked = AS_THE_FILM, only: str = "") -> Taken:
    """Read another tool's file as events of a film.

    Parameters
    ----------
    path : path
    bundle : Bundle
        of the film that the file is about
    asked : Asked
        the file's rate and the time code of the film's first frame, where it counts in frames
    only : str
        the one tier or track that is wanted

    Returns
    -------
    Taken
        at least one event

    Raises
    ------
    ExchangeInvalid
        where nothing can be made of it
    UsageWrong
        for an ending that says nothing, or a rate that is none
    """
    source = Path(path)
    form = ENDINGS.get(source.suffix.lower())
    if form is None:
        known = ", ".join(ENDINGS)
        raise UsageWrong(f"{quoted(source.name)} has an ending that says nothing", f"what comes in ends in {known}")
    data = _bytes_of(source)
    clock = clock_of(bundle, asked)
    seconds, length = seconds_of(bundle, clock), clock_length(bundle, clock)
    readers: dict[str, Callable[[], Taken]] = {
        "elan": lambda: read_elan(data, only),
        "edl": lambda: _read_edl(_text_of(data), asked, clock, seconds, length),
        "otio": lambda: read_otio(_text_of(data), clock.rate.fps, seconds, length),
        "csv": lambda: read_table(data),
        "vtt": lambda: read_vtt(data),
        "webannotation": lambda: read_annotations(data, bundle.film),
    }
    try:
        taken = sift_events(readers[form](), bundle.film.duration_s)
    except ValueError as error:
        raise ExchangeInvalid(f"{quoted(source.name)} {error}", _HINTS.get(form, "nothing was taken over")) from None
    if only and form != "elan":
        taken = taken._replace(events=[event for event in taken.events if event.tier == only])
    if not taken.events:
        why = taken.faults.most_common(1)
        raise ExchangeInvalid(
            f"{quoted(source.name)} has nothing to take over" + (f": {why[0][1]} {why[0][0]}" if why else ""),
            "; ".join(taken.remarks) or "nothing was taken over",
        )
    return taken


_HINTS = {
    "edl": "`--rate` says what it counts in, `--start` the time code of the film's first frame",
    "elan": "save it from ELAN as an .eaf again",
}


def seconds_of(bundle: Bundle, clock: Clock) -> Callable[[int], float]:
    """Give the function from a position on the clock to a time: that of the frame there."""
    frames = bundle.tables["frames"]
    numbers, times_s = frames["frame"].to_numpy(), frames["time_s"].to_numpy()
    end_s = bundle.film.duration_s

    def of_number(position: int) -> float:
        at = int(np.searchsorted(numbers, position))
        if position >= bundle.film.frame_count:
            return end_s
        if at < len(numbers) and numbers[at] == position:
            return float(times_s[at])
        return float(np.interp(position, numbers, times_s))  # key frames only were read

    def of_time(position: int) -> float:
        time_s = position / float(clock.rate.fps)
        if time_s >= end_s or not len(times_s):
            return min(time_s, end_s)
        at = int(np.searchsorted(times_s, time_s))
        near = [float(times_s[row]) for row in (at - 1, at) if 0 <= row < len(times_s)]
        best = min(near, key=lambda one: abs(one - time_s))
        # the frame that the position stood for, where every frame was read
        return best if abs(best - time_s) <= 0.5 / float(clock.rate.fps) + 1e-9 else time_s

    return of_number if clock.constant else of_time


def clock_length(bundle: Bundle, clock: Clock) -> int:
    """Positions that the film has on a clock; one more than its time, since a last shot may be a frame at least."""
    if clock.constant:
        return bundle.film.frame_count
    return clock.at(bundle.film.duration_s) + 1


def _read_edl(text: str, asked: Asked, clock: Clock, seconds: Callable[[int], float], length: int) -> Taken:
    """Read a list by what it says of itself: a person's word wins, then the list's, then the rate's custom."""
    drop, rate = says_drop(text), clock.rate
    if asked.drop is None and drop is not None and can_drop(rate.fps):
        rate = Rate(rate.fps, drop)
    return read_edl(text, rate, seconds, length, _origin(asked, rate))


def _origin(asked: Asked, rate: Rate) -> int | None:
    if not asked.start:
        return None
    try:
        return parse_timecode(asked.start, rate)
    except ValueError as error:
        raise UsageWrong(f"`--start`: {error}", "write hh:mm:ss:ff") from None


def _bytes_of(source: Path) -> bytes:
    try:
        if source.is_dir():
            raise ExchangeInvalid(f"{quoted(source)} is a folder", "name the file itself")
        size = source.stat().st_size
        if size > MOST_BYTES:
            raise ExchangeInvalid(f"{quoted(source.name)} is {size // (1 << 20)} MB", "64 MB are read at most")
        return source.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ExchangeInvalid(f"{quoted(source)} cannot be read: {reason}", "check the name") from None


def _text_of(data: bytes) -> str:
    decoded = decode_text(data) if data else None
    if decoded is None:
        raise ValueError("is no text")
    return decoded.text.lstrip("\ufeff")


def as_notes(taken: Taken, source: str) -> Incoming:
    """Turn events into notes; tier, tags and region stay.

    Parameters
    ----------
    taken : Taken
    source : str
        name of the file, kept as a tag where an event has neither text nor tags
    """
    return _notes(taken, lambda event: event, source)


def as_tiers(taken: Taken, source: str, terms: dict[str, tuple[str, ...]]) -> Incoming:
    """Turn events into tiers of notes; those without a tier form one that is called as the file is.

    Parameters
    ----------
    taken, source
        as for `as_notes`
    terms : dict
        vocabularies by tier
    """
    stem = Path(source).stem or "import"
    made = _notes(taken, lambda event: event._replace(tier=event.tier or stem), source)
    names = dict.fromkeys(entry["tier"] for entry in made.entries)
    tiers: list[dict[str, Any]] = [
        {"kind": "tier", "tier": name, **({"vocabulary": list(terms[name])} if terms.get(name) else {})}
        for name in names
    ]
    return Incoming(tiers + made.entries, made.remarks)


def _notes(taken: Taken, shape: Callable[[Event], Event], source: str) -> Incoming:
    entries = []
    faults = Counter(taken.faults)
    for event in map(shape, taken.events):
        fields: dict[str, Any] = {
            "start_s": event.start_s,
            "end_s": event.end_s,
            "text": event.text,
            "tags": list(event.tags),
            "tier": event.tier,
            "name": event.name,
            "region": event.region,
            "value": event.value,
        }
        if event.boundary and not event.text and not event.tags:
            fields["text"] = event.boundary
        try:
            checked = check_note(fields)
        except NoteUnclear as error:
            faults[error.message] += 1
            continue
        # whoever wrote it stays its author
        entries.append(checked | ({"who": event.who[:LONGEST_NAME]} if event.who.strip() else {}))
    if not entries:
        why = faults.most_common(1)
        raise ExchangeInvalid(f"{quoted(source)} has no note to take over: {why[0][0]}", "nothing was taken over")
    return Incoming(entries, taken.remarks + tell_faults(faults))


def as_corrections(taken: Taken, bundle: Bundle) -> Incoming:
    """Turn events into corrections: where they begin, shots begin, and nowhere else between the first and the last.

    A boundary that the bundle has at the same frame stays; another within the events' extent is merged away; one that
    is lacking is cut; one of another kind than the events say is retyped.

    Parameters
    ----------
    taken : Taken
        events that follow each other, as an edit decision list has them
    bundle : Bundle

    Returns
    -------
    Incoming
        none where the bundle says the same already
    """
    said = _boundaries(taken, bundle)
    if not said:
        raise ExchangeInvalid("the file names no boundary within the film", "`--as notes` takes what it has")
    shots = bundle.tables["shots"]
    times_s = bundle.tables["frames"]["time_s"].to_numpy()
    first, last = min(said), max(said)
    there = {_frame(times_s, row["start_s"]): row for row in shots[1:].iter_rows(named=True)}
    made = []
    for at, row in there.items():
        if first <= at <= last and at not in said:
            made.append(Correction("merge", float(row["start_s"])))
    made += [Correction("cut", float(times_s[at])) for at in sorted(said) if at not in there]
    for at, kind in sorted(said.items()):
        held = there[at]["begins"] if at in there else "cut"
        if kind and kind != held:
            made.append(Correction("retype", float(times_s[at]), kind=kind))
    return Incoming([as_note(correction) for correction in made], taken.remarks + tell_faults(taken.faults))


def _boundaries(taken: Taken, bundle: Bundle) -> dict[int, str]:
    """Rows of ``frames`` where shots begin, and how, "" where the file does not say."""
    times_s = bundle.tables["frames"]["time_s"].to_numpy()
    usual_s = 0.75 * bundle.film.duration_s / max(bundle.film.frame_count, 1)
    found: dict[int, str] = {}
    for event in taken.events:
        if event.tier == MARKERS or (event.end_s is None and not event.boundary):
            continue  # a marker is no shot
        at = _frame(times_s, event.start_s)
        if len(times_s) < bundle.film.frame_count and abs(float(times_s[at]) - event.start_s) > usual_s:
            raise UsageWrong(
                f"a boundary of it lies at {event.start_s:.3f} s, where only key frames were read",
                "`punctum read` reads every frame",
            )
        if at > 0:
            kind = event.boundary if event.boundary in ("cut", "dissolve", "fade", "wipe") else ""
            found[at] = found.get(at) or kind
    return found


def _frame(times_s: Any, time_s: float) -> int:
    """Row of the frame nearest to a time."""
    at = int(np.searchsorted(times_s, time_s))
    near = [row for row in (at - 1, at) if 0 <= row < len(times_s)]
    return min(near, key=lambda row: abs(float(times_s[row]) - time_s)) if near else 0


def tell_faults(faults: Counter[str]) -> list[str]:
    """Say what was left out, most first."""
    return [f"{count} × {fault}" for fault, count in faults.most_common(8)]


def vocabularies(path: str | Path, form: str) -> dict[str, tuple[str, ...]]:
    """Vocabularies of a file's tiers, where its format has them."""
    return vocabularies_of(Path(path).read_bytes()) if form == "elan" else {}
