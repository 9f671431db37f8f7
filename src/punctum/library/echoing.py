"""What a film echoes in a library, and what of its footage is found there: asked, worked out, written to its bundle.

Conventions: the library's bundles and the film's own are rows of one lot of signatures, the film's first. A bundle
that was read before there were signatures has them worked out each time, from its other tables.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.bundle import find_bundle, open_bundle, write_bundle
from punctum.bundle.shelf import LeftOut, Shelved, list_bundles, scan_tables
from punctum.echo import sign_shots
from punctum.echo.because import tell_channel, write_because
from punctum.echo.chance import LEAST_FILMS, LEAST_PAIRS
from punctum.echo.channels import gather_signatures, measure_apart
from punctum.echo.copies import Copy, Footage, find_copies
from punctum.echo.searching import Answer, Match, find_echoes
from punctum.errors import BundleInvalid, PunctumError, UsageWrong, quoted
from punctum.film import Bundle
from punctum.reading.among_films import rank_among_films
from punctum.segment import fill_skipped
from punctum.tables import ECHOES, conform, empty

LISTED_E = 10.0
ALWAYS = 3
"""Echoes are listed up to this E-value, and at least so many of the nearest of each scene asked about."""

SPARSE_S = 0.5
"""A bundle whose frames lie further apart was read from key frames: no copies are looked for in it."""

Rows = NDArray[np.int64]


class Outcome(NamedTuple):
    """What was found: ``echoes`` (columns of ``tables.ECHOES``); how many films, scenes and shots were searched.

    ``law``: whether chance could be told; ``remarks``: what to know besides; ``shelved``: the other films' bundles by
    their addresses; ``bundle``: the film's own, as it was opened.
    """

    echoes: pl.DataFrame
    films: int
    scenes: int
    shots: int
    law: bool
    remarks: list[str]
    left_out: list[LeftOut]
    shelved: Mapping[str, Shelved]
    bundle: Bundle


def find_library_echoes(
    address: str | Path,
    library: str | Path = "",
    what: str = "",
    span: tuple[float | None, float | None] | None = None,
    report: Callable[[str], None] = lambda _: None,
    write: bool = True,
    copies: bool = True,
) -> Outcome:
    """Find what a film, or a part of it, answers in the other films of a library.

    Parameters
    ----------
    address : path
        the bundle, or the film beside it
    library : path
        a folder; "" is the one that holds the bundle
    what : str
        "" for all scenes of the story, ``ending``, or ``scene N``
    span : pair of float or None
        seconds; either may be None; instead of ``what``
    report : callable
        is told what is under way
    write : bool
        keep the answer in the bundle, as ``echoes.parquet``
    copies : bool
        look for footage used again first, which takes most of the time

    Returns
    -------
    Outcome

    Raises
    ------
    BundleInvalid
        where the bundle cannot be opened, has no shots, or the library holds no other film
    UsageWrong
        where the part that is asked about is not in the film
    """
    bundle = open_bundle(address)
    folder = find_bundle(address).resolve()
    root = library or folder.parent
    shelved, left_out = list_bundles(root)
    own_address = next((one.address for one in shelved if one.film.film_id == bundle.film.film_id), folder.name)
    others = [one for one in shelved if not _is_same_film(one, bundle)]
    if not bundle.tables["shots"].height:
        raise BundleInvalid(f"{quoted(address)} has no shots to compare", "`punctum read` the film first")
    parts = _parts(bundle, what, span)
    if not others:
        raise BundleInvalid(
            f"the library {quoted(root)} holds no other film",
            "`punctum library read FILMS` adds some; `--in DIR` names another",
        )
    report(f"signatures of {len(others)} films")
    tables, others, unread = _signatures(others)
    left_out += unread
    if not others:
        raise BundleInvalid(f"no other film of {quoted(root)} can be compared", "`punctum library list` says why")
    found = _Found(bundle, own_address, others, [_own_signatures(bundle), *tables], len(parts))
    if copies:
        found.look_for_copies(parts, report)
    found.look_for_echoes(parts, report)
    echoes = found.table()
    if write:
        made = {name: value for name, value in bundle.made.items() if name != "files"}
        write_bundle(folder, None, {"echoes": echoes}, made, None)
    by_address = {one.address: one for one in others}
    answers = found.answers
    return Outcome(
        echoes,
        len(others),
        max((one.scenes for one in answers), default=0),
        max((one.shots for one in answers), default=0),
        any(one.law is not None for one in answers),
        found.remarks,
        left_out,
        by_address,
        bundle,
    )


def _is_same_film(one: Shelved, bundle: Bundle) -> bool:
    same_content = bool(bundle.film.content_id) and one.film.content_id == bundle.film.content_id
    return one.film.film_id == bundle.film.film_id or same_content


def _parts(bundle: Bundle, what: str, span: tuple[float | None, float | None] | None) -> list[tuple[float, float]]:
    """The spans that are asked about, in seconds."""
    shots, scenes = bundle.tables["shots"], bundle.tables["scenes"]
    last_s = float(shots["end_s"].to_list()[-1])
    story = scenes.filter(pl.col("kind") == "story")
    if span is not None:
        start_s, end_s = (span[0] or 0.0), (span[1] if span[1] is not None else last_s)
        if start_s >= last_s or end_s <= start_s:
            raise UsageWrong(
                f"{start_s:g} to {end_s:g} s is no part of the film, which lasts {last_s:g} s", "give a span within it"
            )
        return [(start_s, min(end_s, last_s))]
    if what == "ending":
        begun = bundle.tables["readings"].filter(pl.col("measure") == "ending_start_s")["value"].drop_nulls().to_list()
        end_s = float(story["end_s"].to_list()[-1]) if story.height else last_s
        start_s = begun[0] if begun and begun[0] < end_s else 0.9 * end_s
        # its last picture is seen whole, however long it has been held
        pictured = shots.filter(~pl.col("flat").fill_null(value=False) & (pl.col("start_s") < end_s - 1e-6))
        last_pictured_s = float(pictured["start_s"].to_list()[-1]) if pictured.height else start_s
        return [(min(start_s, last_pictured_s), end_s)]
    if what.startswith("scene"):
        number = what.removeprefix("scene").strip()
        row = scenes.filter(pl.col("scene") == (int(number) if number.isascii() and number.isdigit() else -1))
        if not row.height:
            raise UsageWrong(f"the film has no {quoted(what)}", "`punctum scenes BUNDLE` lists its scenes")
        return [(float(row["start_s"][0]), float(row["end_s"][0]))]
    if what:
        raise UsageWrong(f"{quoted(what)} names no part of a film", "BUNDLE@ending, BUNDLE@1:02:00-1:04:00 or scene N")
    if not story.height:
        return [(0.0, last_s)]
    return list(zip(story["start_s"].to_list(), story["end_s"].to_list(), strict=True))


def _own_signatures(bundle: Bundle) -> pl.DataFrame:
    kept = bundle.tables["signatures"]
    if kept.height == bundle.tables["shots"].height:
        return kept
    return sign_shots({**bundle.tables, "frames": fill_skipped(bundle.tables["frames"])}, bundle.grid)


def _signatures(others: Sequence[Shelved]) -> tuple[list[pl.DataFrame], list[Shelved], list[LeftOut]]:
    """Signatures of films, a table each; those of which none can be had are left out."""
    table, left_out = scan_tables(others, "signatures")
    kept = dict(table.collect().partition_by("film_id", as_dict=True, include_key=False).items())
    refused = {one.address for one in left_out}
    tables, usable = [], []
    for one in others:
        if one.address in refused:
            continue
        found = kept.get((one.film.film_id,))
        try:
            found = _work_out(one) if found is None else found
        except (PunctumError, OSError, pl.exceptions.PolarsError) as error:
            left_out.append(LeftOut(one.address, str(error).splitlines()[0]))
            continue
        if found.height:
            tables.append(found)
            usable.append(one)
        else:
            left_out.append(LeftOut(one.address, "no shots to compare"))
    return tables, usable, left_out


def _work_out(one: Shelved) -> pl.DataFrame:
    needed: dict[str, pl.DataFrame] = {}
    for name in ("shots", "frames", "loudness", "faces", "scenes"):
        table, unread = scan_tables([one], name)
        if unread:
            raise BundleInvalid(unread[0].why, "")
        needed[name] = table.collect().drop("film_id")
    grid, unread = scan_tables([one], "grid")
    if unread:
        raise BundleInvalid(unread[0].why, "")
    return sign_shots({**needed, "frames": fill_skipped(needed["frames"])}, grid.drop("film_id"))


def _footage(one: Shelved | Bundle) -> tuple[Footage, NDArray[np.int64]] | None:
    """A film's frames as footage, and their numbers; None where it was read from key frames, or its grid is gone."""
    if isinstance(one, Bundle):
        grid, frames = one.grid, one.tables["frames"].lazy()
    else:
        grid, unread = scan_tables([one], "grid")
        frames, also = scan_tables([one], "frames")
        if unread or also:
            return None
    try:
        cells = grid.select("frame", "cells").collect()
        times = frames.select("frame", "time_s").collect()
    except (OSError, pl.exceptions.PolarsError):
        return None
    if cells.height < 2 or cells["frame"].to_list() != times["frame"].to_list():
        return None
    time_s = times["time_s"].to_numpy()
    if float(np.median(np.diff(time_s))) > SPARSE_S:
        return None
    raw = np.frombuffer(b"".join(cells["cells"].to_list()), np.uint8).reshape(cells.height, -1, 3)
    return Footage(time_s, np.ascontiguousarray(raw[..., 0])), cells["frame"].to_numpy().astype(np.int64)


class _Found:
    """Collects copies and echoes of one film as rows."""

    def __init__(
        self, bundle: Bundle, address: str, others: Sequence[Shelved], tables: list[pl.DataFrame], queries: int
    ) -> None:
        self.bundle, self.address, self.others, self.tables, self.queries = bundle, address, others, tables, queries
        self.library = gather_signatures([tables[0], *(_story(table) for table in tables[1:])])
        self.rows: list[dict[str, Any]] = []
        self.answers: list[Answer] = []
        self.remarks: list[str] = []
        self.copied: list[Rows] = []
        self._shots: dict[int, pl.DataFrame] = {0: bundle.tables["shots"]}

    def look_for_copies(self, parts: Sequence[tuple[float, float]], report: Callable[[str], None]) -> None:
        """Look for this film's footage in the others."""
        own = _footage(self.bundle)
        if own is None:
            self.remarks.append("no copies were looked for: the film's grid is missing or from key frames only")
            return
        passed = []
        for number, one in enumerate(self.others, 1):
            report(f"copies: {number} of {len(self.others)}")
            other = _footage(one)
            if other is None:
                passed.append(one.address)
                continue
            for low_s, high_s in _merged(parts):
                low, high = np.searchsorted(own[0].time_s, [low_s, high_s])
                here = Footage(own[0].time_s[low:high], own[0].lightness[low:high])
                for copy in find_copies(here, other[0]):
                    moved = copy._replace(begin=copy.begin + int(low), end=copy.end + int(low))
                    self._add_copy(number, moved, own, other)
        if passed:
            self.remarks.append(
                f"no copies were looked for in {len(passed)} films, whose grid is missing or from key frames only: "
                + ", ".join(passed[:3])
                + (" …" if len(passed) > 3 else "")
            )

    def _add_copy(self, number: int, copy: Copy, own: tuple[Footage, Rows], other: tuple[Footage, Rows]) -> None:
        times = (self._span(own, copy.begin, copy.end), self._span(other, copy.other_begin, copy.other_end))
        shots = [self._shots_in(film, start, end) for film, (start, end, _, _) in zip((0, number), times, strict=True)]
        counted = self._row(number, times, "copy")
        speed = f", {abs(copy.speed - 1) * 100:.0f} % {'slower' if copy.speed < 1 else 'faster'}"
        text = "The same footage" + (", mirrored" if copy.way.mirrored else "")
        text += speed if abs(copy.speed - 1) >= 0.015 else ""
        shown = copy.way.width * copy.way.height
        if shown < 0.95:
            text += f", {'this film' if copy.way.inner else 'the other one'} shows {100 * shown:.0f} % of the picture"
        change = "" if np.isnan(copy.change) else f", what changes in it by {copy.change:.2f}"
        counted |= {
            "likeness": copy.likeness, "mirrored": copy.way.mirrored, "speed": copy.speed, "shots": shots[0],
            "other_shots": shots[1], "channels": [], "figures": [], "ranks": [],
            "because": f"{text}: frames agree by {copy.likeness:.3f}{change}.",
        }  # fmt: skip
        self.rows.append(counted)
        rows = np.flatnonzero((self.library.film == number) & np.isin(self.library.shot, shots[1]))
        self.copied.append(rows)

    def look_for_echoes(self, parts: Sequence[tuple[float, float]], report: Callable[[str], None]) -> None:
        """Look for scenes of the others that answer each part."""
        shots = self.bundle.tables["shots"]
        start_s, end_s = shots["start_s"].to_numpy(), shots["end_s"].to_numpy()
        flat = shots["flat"].fill_null(value=False).to_numpy()
        skip = np.unique(np.concatenate(self.copied)) if self.copied else None
        found: list[tuple[Match, Answer]] = []
        for number, (low_s, high_s) in enumerate(parts, 1):
            report(f"echoes: {number} of {len(parts)}")
            shared = np.minimum(end_s, high_s) - np.maximum(start_s, low_s)
            query = np.flatnonzero((shared >= np.minimum(end_s - start_s, high_s - low_s) / 2) & ~flat)
            if not query.size:
                continue
            answer = find_echoes(self.library, query, self.queries, skip)
            self.answers.append(answer)
            kept = [m for k, m in enumerate(answer.matches) if k < ALWAYS or (m.e_value or np.inf) <= LISTED_E]
            found += [(match, answer) for match in kept]
        found.sort(key=lambda one: (one[0].e_value if one[0].e_value is not None else np.inf, -one[0].score))
        for match, answer in found:
            self._add_echo(match, answer)
        if self.answers and all(answer.law is None for answer in self.answers):
            self.remarks.append(
                f"chance cannot be told: it takes {LEAST_PAIRS} unrelated pairs from {LEAST_FILMS} films; "
                "echoes are only ranked"
            )

    def _add_echo(self, match: Match, answer: Answer) -> None:
        number = int(self.library.film[match.other_rows[0]])
        pairs = [
            [self.tables[film].row(int(self.library.shot[row]), named=True) for row in rows.tolist()]
            for film, rows in ((0, match.rows), (number, match.other_rows))
        ]
        spans = tuple(
            self._span_of_shots(film, self.library.shot[rows])
            for film, rows in ((0, match.rows), (number, match.other_rows))
        )
        measured = sorted(
            (name for name, rank in match.ranks.items() if np.isfinite(rank)), key=lambda name: match.ranks[name]
        )
        figures = {name: tell_channel(name, *pairs) for name in measured}
        if "layout" in figures:
            figures["layout"] = f"correlation {self._layout(match):.2f}"
        row = self._row(number, (spans[0], spans[1]), "echo")
        row |= {
            "likeness": match.likeness, "mirrored": match.mirrored, "score": match.score, "e_value": match.e_value,
            "channels": measured, "figures": [figures[name] for name in measured],
            "ranks": [match.ranks[name] for name in measured],
            "shots": self.library.shot[match.rows].tolist(),
            "other_shots": self.library.shot[match.other_rows].tolist(),
            "others_as_like": match.others_as_like, "scenes_searched": answer.scenes,
            "because": write_because(match.alike, figures, match.mirrored, match.others_as_like, answer.scenes - 1),
        }  # fmt: skip
        self.rows.append(row)

    def _layout(self, match: Match) -> float:
        here, there = self.library.take(match.rows), self.library.take(match.other_rows)
        return float(1 - np.diagonal(measure_apart(here, there, match.mirrored)["layout"]).mean())

    def _row(
        self, number: int, spans: tuple[tuple[float, float, int, int], tuple[float, float, int, int]], kind: str
    ) -> dict[str, Any]:
        one = self.others[number - 1]
        (start_s, end_s, start, end), (other_start_s, other_end_s, other_start, other_end) = spans
        years = self.bundle.film.year, one.film.year
        order = None
        if years[0] and years[1] and years[0] != years[1]:
            order = "answers" if years[0] > years[1] else "answered"
        return {
            "film": self.address, "start_s": start_s, "end_s": end_s, "start_frame": start, "end_frame": end,
            "other_film": one.address, "other_film_id": one.film.film_id, "other_start_s": other_start_s,
            "other_end_s": other_end_s, "other_start_frame": other_start, "other_end_frame": other_end, "kind": kind,
            "order": order,
        }  # fmt: skip

    def _span(self, footage: tuple[Footage, Rows], begin: int, end: int) -> tuple[float, float, int, int]:
        time_s, frames = footage[0].time_s, footage[1]
        after_s = float(time_s[end]) if end < len(time_s) else float(2 * time_s[end - 1] - time_s[end - 2])
        return float(time_s[begin]), after_s, int(frames[begin]), int(frames[end - 1]) + 1

    def _table_of_shots(self, film: int) -> pl.DataFrame:
        if film not in self._shots:
            table, _ = scan_tables([self.others[film - 1]], "shots")
            self._shots[film] = table.collect().drop("film_id")
        return self._shots[film]

    def _shots_in(self, film: int, start_s: float, end_s: float) -> list[int]:
        shared = pl.min_horizontal("end_s", pl.lit(end_s)) - pl.max_horizontal("start_s", pl.lit(start_s))
        enough = shared >= 0.5 * pl.min_horizontal("length_s", pl.lit(end_s - start_s))
        return self._table_of_shots(film).filter(enough)["shot"].to_list()

    def _span_of_shots(self, film: int, numbers: NDArray[np.int32]) -> tuple[float, float, int, int]:
        shots = self._table_of_shots(film).filter(pl.col("shot").is_between(int(numbers.min()), int(numbers.max())))
        return (
            float(shots["start_s"].to_list()[0]), float(shots["end_s"].to_list()[-1]),
            int(shots["start_frame"].to_list()[0]), int(shots["end_frame"].to_list()[-1]),
        )  # fmt: skip

    def table(self) -> pl.DataFrame:
        """All rows, copies first."""
        copies = sorted((one for one in self.rows if one["kind"] == "copy"), key=lambda one: one["start_s"])
        rows = [*copies, *(one for one in self.rows if one["kind"] == "echo")]
        if not rows:
            return empty(ECHOES)
        rounded = [
            {**row, "ranks": [round(float(rank), 4) for rank in row["ranks"]], "echo": number}
            for number, row in enumerate(rows)
        ]
        names = [name for name in ECHOES if any(name in row for row in rounded)]
        table = pl.DataFrame(
            {name: pl.Series(name, [row.get(name) for row in rounded], dtype=ECHOES[name].dtype) for name in names}
        )
        return conform(table, ECHOES)


def _story(signatures: pl.DataFrame) -> pl.DataFrame:
    """Signatures of a film up to the end of its story: credits are alike everywhere, and answer nothing."""
    return signatures.filter(pl.col("to_end_s").fill_null(0.0) >= -1e-3)


def _merged(parts: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Parts that follow each other, as one."""
    made: list[tuple[float, float]] = []
    for low_s, high_s in sorted(parts):
        if made and low_s - made[-1][1] < 0.1:
            made[-1] = (made[-1][0], max(made[-1][1], high_s))
        else:
            made.append((low_s, high_s))
    return made


def rank_ending(bundle: Bundle, library: str | Path) -> tuple[pl.DataFrame, int]:
    """Say how usual an ending is among those of a library's other films, measure by measure.

    Returns
    -------
    ranked : pl.DataFrame
        columns of ``tables.READINGS``: measures of the ending that have a percentile, the least usual first
    films : int
        how many other films there are
    """
    shelved, _ = list_bundles(library)
    others = [one for one in shelved if not _is_same_film(one, bundle)]
    table, _ = scan_tables(others, "readings")
    ranked = rank_among_films(bundle.tables["readings"], table.collect())
    ranked = ranked.filter(pl.col("percentile").is_not_null() & pl.col("baseline").str.contains("in the library"))
    return ranked.sort((pl.col("percentile") - 50).abs(), descending=True), len(others)
