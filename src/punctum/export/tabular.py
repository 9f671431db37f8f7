"""CSV: every table and a person's notes out, spans with words in.

Conventions: UTF-8, commas, a line of names; lists are joined by spaces, as ``--csv`` prints them; of binary columns
the bytes are hexadecimal. On the way in a column's name says what it is (``start_s``, ``end_s``, ``text``, …), commas,
semicolons and tabs part columns, and times are seconds or ``h:mm:ss.fff``.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable

import polars as pl

from punctum.export.events import MOST_EVENTS, Event, Taken
from punctum.measure.words.encodings import decode_text
from punctum.notes import Note

COLUMNS = {
    "start": ("start_s", "start", "begin", "from", "time", "time_s", "begin time - ss.msec", "cut_s", "in"),
    "end": ("end_s", "end", "to", "end time - ss.msec", "out"),
    "length": ("length_s", "duration", "duration_s", "length", "duration - ss.msec"),
    "text": ("text", "annotation", "note", "comment", "label", "value_text", "description", "statement", "heading"),
    "tier": ("tier", "track", "layer"),
    "tags": ("tags", "tag"),
    "name": ("name",),
    "region": ("region",),
    "value": ("value",),
    "boundary": ("begins", "boundary"),
    "who": ("who", "author", "annotator"),
}
"""Names of columns that are understood, in whatever case."""

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2}(?:[.,]\d{1,9})?)", re.ASCII)
_PLAIN = re.compile(r"-?\d{1,9}(?:[.,]\d{1,9})?", re.ASCII)


def write_table(table: pl.DataFrame) -> str:
    """Write a table as CSV."""
    made = []
    for name, kind in table.schema.items():
        column = pl.col(name)
        if isinstance(kind, pl.List):
            column = column.cast(pl.List(pl.String)).list.join(" ")
        elif kind == pl.Binary:
            column = column.bin.encode("hex")
        made.append(column)
    return table.select(made).write_csv()


def write_notes(notes: Iterable[Note]) -> str:
    """Write notes as CSV; tags are joined by ``;``, a region's sides by spaces."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("id", "who", "when", "start_s", "end_s", "tier", "name", "text", "tags", "region", "value"))
    for note in notes:
        region = " ".join(f"{side:g}" for side in note.region or ())
        table.writerow(
            (
                note.note_id,
                note.who,
                note.when,
                repr(note.start_s),
                "" if note.end_s is None else repr(note.end_s),
                note.tier,
                note.name,
                note.text,
                ";".join(note.tags),
                region,
                "" if note.value is None else repr(note.value),
            )
        )
    return out.getvalue()


def read_table(data: bytes) -> Taken:
    """Read spans from CSV or a table whose columns are parted by semicolons or tabs.

    Raises
    ------
    ValueError
        for what is no text, or has no column of beginnings
    """
    decoded = decode_text(data)
    if decoded is None:
        raise ValueError("is no text")
    text = decoded.text.lstrip("\ufeff")
    head = text[: text.find("\n")] if "\n" in text else text
    sign = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        places = {what: next((names.index(n) for n in known if n in names), None) for what, known in COLUMNS.items()}
        if places["start"] is None:
            shown = ", ".join(names[:8])[:120]
            raise ValueError(f"has no column of beginnings such as `start_s` (its first line: {shown})")
        return _take(rows, places)
    except csv.Error as error:
        raise ValueError(f"is no table that can be read ({error})") from None


def _take(rows: Iterable[list[str]], places: dict[str, int | None]) -> Taken:
    faults: Counter[str] = Counter()
    events: list[Event] = []
    for row in rows:
        if not any(row):
            continue

        def cell(what: str, row: list[str] = row) -> str:
            at = places[what]
            return row[at].strip() if at is not None and at < len(row) else ""

        start_s, end_s, length_s = (_seconds(cell(what)) for what in ("start", "end", "length"))
        if start_s is None:
            faults["lines without a time"] += 1
            continue
        if end_s is None and length_s is not None:
            end_s = start_s + length_s
        events.append(
            Event(
                start_s,
                end_s,
                cell("text"),
                cell("tier"),
                tuple(tag.strip() for tag in cell("tags").split(";") if tag.strip()),
                _region(cell("region"), faults),
                cell("boundary"),
                cell("name"),
                _seconds(cell("value")) if cell("value") else None,
                cell("who"),
            )
        )
        if len(events) > MOST_EVENTS:
            raise ValueError(f"has more than {MOST_EVENTS} lines")
    if not events:
        raise ValueError("has no line with a time")
    return Taken(events, faults, [])


def _region(text: str, faults: Counter[str]) -> tuple[float, float, float, float] | None:
    if not text:
        return None
    sides = [_seconds(side) for side in text.split()]
    if len(sides) != 4 or None in sides:
        faults["regions that could not be taken"] += 1
        return None
    return tuple(side for side in sides if side is not None)  # type: ignore[return-value]


def _seconds(text: str) -> float | None:
    if _PLAIN.fullmatch(text):
        return float(text.replace(",", "."))
    found = _CLOCK.fullmatch(text)
    if found is None:
        try:  # 1e-05, as other programs write small numbers
            return float(text) if re.fullmatch(r"-?[\d.]{1,30}e[-+]?\d{1,2}", text, re.ASCII | re.IGNORECASE) else None
        except ValueError:
            return None
    return int(found[1] or 0) * 3600 + int(found[2]) * 60 + float(found[3].replace(",", "."))
