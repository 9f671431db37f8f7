"""A span of a film and the rows of its tables that lie in it.

Conventions: seconds from the first frame, spans half-open. ``film`` is the film without its titles and credits, as all
readings take it; so is what lies ``before`` and ``after`` a span. A shot lies where its middle does; a span in which no
shot has its middle has the one that fills most of it. Shots and scenes have the numbers of their tables, from 0.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.essay.attributes import straighten
from punctum.essay.clock import read_range, read_time
from punctum.film import Bundle
from punctum.notes import notes_of
from punctum.reading.ground import Ground, lay_ground, leave_out
from punctum.reading.sentences import write_clock
from punctum.tables import TABLES, empty

Values = NDArray[np.float64]

EDGE_S = 0.0005
"""Times are written to the thousandth; a span may reach beyond the film by so much."""

WORDS = ("film", "ending", "first shot", "last shot", "first scene", "last scene", "titles", "credits")
RELATIVE = ("before", "after")


class SpanUnknown(ValueError):
    """There is no such span; ``near`` are names that it might have been."""

    def __init__(self, text: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.text, self.near = text, near


class Footage:
    """A film as claims look at it: its tables are read when a measure first asks for them."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.film = bundle.film

    def table(self, name: str) -> pl.DataFrame:
        """A table of the bundle; one that is missing is empty."""
        found = self.bundle.tables.get(name)
        return empty(TABLES[name]) if found is None else found

    def pick(self, name: str, *columns: str) -> pl.DataFrame:
        """Columns of a table, only they read where the bundle's tables can do that."""
        read = getattr(self.bundle.tables, "pick", None)
        return self.table(name).select(columns) if read is None else read(name, columns)

    @cached_property
    def cut(self) -> Ground:
        """Shots and scenes, titles and credits left out: cheap, since no frame is looked at."""
        return lay_ground(self.film, {name: self.table(name) for name in ("shots", "scenes")})

    @cached_property
    def apart(self) -> list[tuple[float, float, int, int]]:
        """Spans of titles and credits."""
        return leave_out(self.table("scenes"))

    @cached_property
    def end_s(self) -> float:
        """Where the whole film ends, credits included."""
        shots = self.table("shots").drop_nulls("end_s")
        return float(shots["end_s"][-1]) if shots.height else max(self.film.duration_s, 0.0)

    @cached_property
    def readings(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        """Rows of ``readings`` by span and measure; of several the first, which is the largest."""
        rows: dict[tuple[str, str], Mapping[str, Any]] = {}
        for row in self.table("readings").iter_rows(named=True):
            rows.setdefault((row["span"], row["measure"]), row)
        return rows

    @cached_property
    def rough(self) -> bool:
        """Only key frames of it were read."""
        return self.cut.all_rough

    @cached_property
    def frame_times(self) -> tuple[NDArray[np.int64], Values]:
        """Numbers and times of the frames that were read, in order."""
        rows = self.pick("frames", "frame", "time_s").drop_nulls().sort("time_s")
        return rows["frame"].cast(pl.Int64).to_numpy(), rows["time_s"].to_numpy()

    def frame_at(self, time_s: float) -> int:
        """The frame on the screen at a time."""
        frames, times = self.frame_times
        if not len(times):
            return 0
        return int(frames[max(int(np.searchsorted(times, time_s + 1e-6, side="right")) - 1, 0)])

    @cached_property
    def columns(self) -> dict[tuple[str, str], tuple[Values, Values]]:
        """Values by table and column that were asked for, with their times; see `course`."""
        return {}

    @cached_property
    def ranked(self) -> dict[tuple[str, float, float, str], list[float]]:
        """What other stretches came to, by measure, span and character; see `ranking`."""
        return {}

    def course(self, table: str, column: str, at: str) -> tuple[Values, Values]:
        """A column's values that are not null, in time, titles and credits left out.

        Parameters
        ----------
        table, column, at : str
            ``at`` is the column of times

        Returns
        -------
        time_s, values : np.ndarray [shape=(n,), dtype=float64]
        """
        key = (table, column)
        if key not in self.columns:
            rows = self.pick(table, at, column).select(
                pl.col(at).alias("at"), pl.col(column).cast(pl.Float64).alias("value")
            )
            rows = rows.drop_nulls().sort("at")
            for start_s, end_s, _, _ in self.apart:
                rows = rows.filter((pl.col("at") < start_s) | (pl.col("at") >= end_s))
            self.columns[key] = (rows["at"].to_numpy(), rows["value"].to_numpy())
        return self.columns[key]

    def by_second(self, column: str) -> tuple[Values, Values]:
        """Medians of a column of ``frames`` over each second in which it has a value."""
        key = ("seconds", column)
        if key not in self.columns:
            at_s, values = self.course("frames", column, "time_s")
            rows = pl.DataFrame({"second": np.floor(at_s), "value": values})
            medians = rows.group_by("second").agg(pl.col("value").median()).sort("second")
            self.columns[key] = (medians["second"].to_numpy(), medians["value"].to_numpy())
        return self.columns[key]

    @cached_property
    def flat_spans(self) -> list[tuple[float, float]]:
        """Spans of black and other flat colours."""
        return self.table("shots").filter(pl.col("flat")).select("start_s", "end_s").rows()

    @cached_property
    def named(self) -> dict[str, tuple[float, float | None]]:
        """Named spans of a person's notes."""
        return {note.name: (note.start_s, note.end_s) for note in notes_of(self.bundle.notes) if note.name}

    @cached_property
    def numbered(self) -> dict[str, dict[int, tuple[float, float]]]:
        """Where shots and scenes begin and end, by their numbers."""
        found = {}
        for name in ("shot", "scene"):
            rows = self.table(f"{name}s").select(name, "start_s", "end_s").drop_nulls().rows()
            found[name] = {int(number): (float(start_s), float(end_s)) for number, start_s, end_s in rows}
        return found

    @cached_property
    def sounds(self) -> dict[str, list[tuple[float, float]]]:
        """Spans of ``sounds`` by kind."""
        spans: dict[str, list[tuple[float, float]]] = {}
        for kind, start_s, end_s in self.table("sounds").select("kind", "start_s", "end_s").iter_rows():
            spans.setdefault(kind, []).append((start_s, end_s))
        return spans

    def span(self, words: str, of: "Span | None" = None) -> "Span":
        """Find a span by its words.

        Parameters
        ----------
        words : str
            ``film``, ``ending``, ``scene 3``, ``shot 12``, ``1:02-1:20``, ``last 5 %``, a named span of the notes;
            ``before`` and ``after`` where ``of`` says what
        of : Span, optional
            what ``before`` and ``after`` refer to

        Raises
        ------
        SpanUnknown
            where there is none, or it lies outside the film
        """
        said = " ".join(straighten(words).split())
        low = said.casefold()
        if of is not None and low in RELATIVE:
            start_s, end_s = (0.0, of.start_s) if low == "before" else (of.end_s, self.cut.end_s)
            if end_s - start_s <= EDGE_S:
                raise SpanUnknown(f"nothing lies {low} `{of.words}`")
            return Span(self, f"{low} {_the(of.words)}", start_s, end_s, of)
        if low == "film":
            return Span(self, "film", 0.0, self.cut.end_s)
        if low == "ending":
            if self.cut.end_s <= 0 or ("ending", "ending_start_s") not in self.readings:
                raise SpanUnknown("the film has no ending that is known")
            return Span(self, "ending", self.cut.ending_start_s, self.cut.end_s)
        if found := re.fullmatch(r"(first|last) (shot|scene)", low):
            rows = self.cut.pictured if found[2] == "shot" else self.cut.scenes
            if not rows.height:
                raise SpanUnknown(f"the film has no {low}: no {found[2]}s are known")
            row = rows.row(0 if found[1] == "first" else rows.height - 1, named=True)
            return Span(self, low, float(row["start_s"]), float(row["end_s"]))
        if found := re.fullmatch(r"(shot|scene) (\d{1,6})", low):
            numbered = self.numbered[found[1]]
            if int(found[2]) not in numbered:
                held = f"{found[1]}s {min(numbered)} to {max(numbered)}" if numbered else f"no {found[1]}s"
                raise SpanUnknown(f"the film has no {low}: it has {held}")
            return Span(self, low, *numbered[int(found[2])])
        if low in ("titles", "credits"):
            rows = self.table("scenes").filter(pl.col("kind") == low)
            if not rows.height:
                raise SpanUnknown(f"no {low} were found")
            return Span(self, low, float(rows["start_s"].to_numpy().min()), float(rows["end_s"].to_numpy().max()))
        if found := re.fullmatch(r"(first|last) (\d{1,2}(?:\.\d+)?) ?%", low):
            share = float(found[2]) / 100
            low_end, high_end = (0.0, share) if found[1] == "first" else (1 - share, 1.0)
            return Span(self, said, low_end * self.cut.end_s, high_end * self.cut.end_s)
        if times := read_range(said):
            return self._inside(said, *times)
        for name, (at_s, until_s) in self.named.items():
            if name == said or name.casefold() == low:
                if until_s is None or until_s - at_s <= EDGE_S:
                    raise SpanUnknown(f"`{said}` is a note on one frame, not a span")
                return self._inside(name, at_s, until_s)
        known = (*WORDS, *self.named, *(f"scene {n}" for n in self.table("scenes")["scene"].to_list()[:500]))
        raise SpanUnknown(f"the film has no span `{said}`", tuple(get_close_matches(said, known, 3, 0.5)))

    def moment(self, words: str) -> tuple[float, float]:
        """Find a time, a range of times or the moment of a named note: where it begins and ends; alike for a frame.

        Raises
        ------
        SpanUnknown
            for what is no time, or lies outside the film
        """
        said = " ".join(straighten(words).split())
        time_s = read_time(said)
        if time_s is not None:
            if time_s > self.end_s + EDGE_S:
                raise SpanUnknown(f"{said} lies after the film's end ({write_clock(self.end_s, 1)})")
            return time_s, time_s
        for name, (at_s, until_s) in self.named.items():
            if name.casefold() == said.casefold() and until_s is None:
                return at_s, at_s
        span = self.span(said)
        return span.start_s, span.end_s

    def _inside(self, said: str, start_s: float, end_s: float) -> "Span":
        if start_s >= self.end_s or end_s > self.end_s + max(EDGE_S, 1.0):
            raise SpanUnknown(f"{said} lies beyond the film's end ({write_clock(self.end_s, 1)})")
        return Span(self, said, start_s, min(end_s, self.end_s))


@dataclass(frozen=True, eq=False)
class Span:
    """A stretch of a film: what was said, and where it lies."""

    footage: Footage
    words: str
    start_s: float
    end_s: float
    beside: "Span | None" = None
    """The span that it lies before or after: its shots are not this one's."""

    @property
    def is_film(self) -> bool:
        """It is the whole film, less titles and credits."""
        return self.words == "film"

    @property
    def length_s(self) -> float:
        """How long it is, titles and credits within it left out."""
        apart = sum(max(min(self.end_s, b) - max(self.start_s, a), 0.0) for a, b, _, _ in self.footage.apart)
        whole = self.end_s - self.start_s
        return whole - apart if whole - apart > EDGE_S else whole

    @cached_property
    def shots(self) -> pl.DataFrame:
        """Shots that have their middle in it; else the one that fills most of it."""
        rows = self.footage.cut.pictured
        if self.beside is not None:
            rows = rows.filter(~pl.col("shot").is_in(self.beside.shots["shot"].to_list()))
        inside = self._shots_of(rows)
        return (
            inside
            if inside.height
            else self._shots_of(self.footage.table("shots").filter(~pl.col("flat").fill_null(False)))
        )

    def _shots_of(self, rows: pl.DataFrame) -> pl.DataFrame:
        if not rows.height:
            return rows
        middle = (rows["start_s"] + rows["end_s"]) / 2
        inside = rows.filter((middle >= self.start_s - EDGE_S) & (middle < self.end_s - EDGE_S))
        if inside.height:
            return inside
        shared = (
            rows["end_s"].clip(upper_bound=self.end_s) - rows["start_s"].clip(lower_bound=self.start_s)
        ).to_numpy()
        return rows[int(shared.argmax())] if shared.max() > 0 else rows.clear()

    @cached_property
    def lengths_s(self) -> Values:
        """Lengths of its shots."""
        return self.shots["length_s"].cast(pl.Float64).to_numpy() if self.shots.height else np.zeros(0)

    def between(self, at_s: Values, values: Values) -> Values:
        """Values whose times lie in it."""
        first, last = np.searchsorted(at_s, (self.start_s - EDGE_S, self.end_s - EDGE_S))
        return values[first:last]

    def seconds(self, column: str) -> Values:
        """Medians of a column of ``frames`` over its seconds, without those in black unless there is nothing else."""
        at_s, values = self.footage.by_second(column)
        first, last = np.searchsorted(at_s, (np.floor(self.start_s), self.end_s - EDGE_S))
        at_s, values = at_s[first:last], values[first:last]
        if self.is_film or not len(values):
            return values
        flat = np.zeros(len(at_s), bool)
        for start_s, end_s in self.footage.flat_spans:
            flat |= (at_s + 1 > start_s) & (at_s < end_s)
        return values if flat.all() else values[~flat]

    def heard_s(self, kind: str) -> list[float]:
        """How long each span of a kind of sound lasts within it."""
        spans = (
            min(self.end_s, end_s) - max(self.start_s, start_s) for start_s, end_s in self.footage.sounds.get(kind, [])
        )
        return [length for length in spans if length > EDGE_S]

    def rows(self, table: str) -> pl.DataFrame:
        """Rows of a table of spans whose middle lies in it."""
        middle = (pl.col("start_s") + pl.col("end_s")) / 2
        return self.footage.table(table).filter((middle >= self.start_s - EDGE_S) & (middle < self.end_s - EDGE_S))

    @property
    def clocked(self) -> str:
        """When it begins and ends, for a person."""
        decimals = 0 if self.end_s - self.start_s >= 10 else 1
        return f"{write_clock(self.start_s, decimals)}–{write_clock(self.end_s, decimals)}"


def _the(words: str) -> str:
    return f"the {words}" if words in WORDS else words
