"""The one pass: key frames, then picture and sound part by part, then the bundle.

A reading proceeds in parts of ``PART_S`` seconds of film time; whatever was finished is kept beside the
bundle, and the next reading goes on from it. Times are seconds from the first frame.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

import punctum
from punctum import bundle as store
from punctum import media
from punctum.bundle import Parts, Recipe
from punctum.bundle.parts import EVENTS_SCHEMA, STILLS_SCHEMA, Rows, Seen
from punctum.film import PART_S, Block, Box, Bundle, Film, Stretch
from punctum.measure import Measured, measure_block
from punctum.notes import corrections_of
from punctum.pipeline.asked import THE_FILMS_OWN, Wanted, is_fast, relative_address
from punctum.pipeline.drifting import EVERY_S, Drifter
from punctum.pipeline.gather import KEYS_AT_ONCE, Gathered, spans_of
from punctum.pipeline.listening import Listener, listening_version
from punctum.pipeline.looking import Looker
from punctum.pipeline.own import OwnMeasure, OwnMeasures
from punctum.pipeline.weights import read_weights
from punctum.pipeline.words import Words, read_words, speech_of
from punctum.pipeline.work import applied, work_out
from punctum.report import render_page
from punctum.segment import find_sounds
from punctum.segment.bars import find_stretches
from punctum.tables import DRIFTS, FACES, FRAMES, GLINTS, GRID, HEARING, LOUDNESS, OWN, SCHEMA, conform, empty

OVERLAP_S = 2.0
"""How much of a finished part is read again, to see that the frames are those kept."""

DAMAGE = {"damaged frames", "decoder errors"}
"""Faults after which a decoder makes up what it lacks."""


class Progress(NamedTuple):
    """How far a reading is: the stage, and seconds of film done and in all."""

    stage: str
    done_s: float
    total_s: float


Report = Callable[[Progress], None]
Say = Callable[[str], None]


class Reading:
    """A reading under way: what is common to its stages."""

    def __init__(
        self,
        source: media.Source,
        folder: Path,
        parts: Parts,
        threads: int,
        report: Report,
        say: Say,
        fast: bool = False,
        wanted: Wanted = THE_FILMS_OWN,
        audio: str = "",
        faces: str = "sparse",
        measures: Sequence[OwnMeasure] = (),
    ) -> None:
        self.source = source
        self.folder = folder
        self.parts = parts
        self.threads = threads
        self.report = report
        self.say = say
        self.wanted = wanted
        self.words: Words | None = None
        self.listener = Listener()
        self.looker = Looker(faces)
        self.drifter = Drifter()
        self.own = OwnMeasures(measures)
        self.recipe = Recipe(
            source.film.film_id, SCHEMA, versions(), {"sound": source.sound_index, **self.looker.settings()}
        )
        self.recipe = replace(self.recipe, settings={**self.recipe.settings, **self.own.settings()})
        if self.looker.how != "off":
            watched = {"drifts_every_s": EVERY_S, "glints": True}
            self.recipe = replace(self.recipe, settings={**self.recipe.settings, **watched})
        if audio:
            self.recipe = replace(self.recipe, settings={**self.recipe.settings, "audio": audio})
        if self.listener.events:
            self.recipe = replace(self.recipe, settings={**self.recipe.settings, "events": self.listener.events})
        if fast:
            self.recipe = replace(self.recipe, settings={**self.recipe.settings, "fast": True})

    def begin(self, force: bool) -> None:
        """Go on from what lies there if it is of the same recipe, else begin; read the key frames if need be."""
        found = self.parts.recipe()
        if found is not None and not is_fast(asdict(found)) and not force and self.parts.finished():
            settings = {name: value for name, value in self.recipe.settings.items() if name != "fast"}
            self.recipe = replace(self.recipe, settings=settings)  # parts that were read whole are not thrown away
        same = found is not None and replace(found, stretches=()) == self.recipe
        if force or not same:
            if found is not None and not force and self.parts.finished():
                self.say("what was kept is of another version of the film or of Punctum: reading anew")
            self.parts.begin(self.recipe)
        elif found is not None:
            self.recipe = found
        if not self.parts.has_keys():
            self._read_keys()
        if not self.recipe.stretches:  # a death can fall between the key frames and this
            self._settle_bars()
        if self.parts.key_record().get("leaps"):
            self.source = replace(self.source, leaping=True)

    def _read_keys(self) -> None:
        scan = media.scan_key_frames(self.source, fast=is_fast(asdict(self.recipe)))
        edges: list[tuple[float, Box | None]] = []
        total_s = self.source.film.duration_s

        def chunks() -> Iterator[pl.DataFrame]:
            rows: list[tuple[int, float, bytes]] = []
            for key in scan:
                edges.append((key.time_s, key.edges_px))
                rows.append((key.pts, key.time_s, media.encode_picture(key.picture)))
                if len(rows) == KEYS_AT_ONCE:
                    yield _key_table(rows)
                    rows = []
                self.report(Progress("key frames", key.time_s, total_s))
            yield _key_table(rows)

        def after() -> tuple[NDArray[np.int64], dict[str, Any]]:
            seen = {"faults": dict(scan.faults), "edges": edges, "leaps": scan.leaps}
            if is_fast(asdict(self.recipe)):
                seen["left_out"] = scan.left_out.tolist()
            return scan.pts, {"content_id": scan.content_id, **seen}

        self.parts.write_keys(chunks(), after)

    def _settle_bars(self) -> bool:
        """Find the bars from all that was seen; drop the parts that were read with others. True where any was."""
        film = self.source.film
        seen = [(float(time_s), Box(*box) if box else None) for time_s, box in self.parts.key_record()["edges"]]
        for number in self.parts.finished():
            seen += self.parts.seen(number).edges
        times, edges = zip(*sorted(seen, key=lambda at: at[0]), strict=True) if seen else ((), ())
        found = find_stretches(times, edges, film.width_px, film.height_px, self.duration_s())
        before, self.recipe = self.recipe.stretches, replace(self.recipe, stretches=found)
        self.parts.reset(self.recipe)
        if not before or found == before:
            return False
        reshaped = _longest(found).box_px != _longest(before).box_px
        stale = [n for n in self.parts.finished() if reshaped or _boxes(found, n) != _boxes(before, n)]
        self.parts.drop(stale)
        return bool(stale)

    def duration_s(self) -> float:
        """Length of the film by its packets' time stamps, else as it declares it."""
        pts = self.parts.packet_pts()
        pts = pts[pts >= self.source.first_pts]
        if pts.size > 1:
            step = (pts[-1] - pts[0]) / (pts.size - 1)
            return float((pts[-1] - self.source.first_pts + step) * self.source.film.time_base)
        return max(self.source.film.duration_s, 0.0)

    def read(self, asked: tuple[float, float] | None) -> str:
        """Read the parts that are asked for and not there; returns the coverage: ``film`` or ``span``."""
        expected = max(1, math.ceil(round(self.duration_s() / PART_S, 6)))
        first, end = 0, expected
        if asked:
            first = min(int(asked[0] // PART_S), expected - 1)
            end = min(max(first + 1, math.ceil(asked[1] / PART_S)), expected)
        self._read_missing(first, end, expected)
        if self._settle_bars():
            self.say("the picture's bars are not those of the key frames: reading these stretches again")
            self._read_missing(first, end, expected)
        self._read_damaged()
        return "film" if len(self.parts.finished()) >= expected else "span"

    def _read_missing(self, first: int, end: int, expected: int) -> None:
        anew = False
        while missing := sorted(set(range(first, end)) - set(self.parts.finished())):
            until = missing[0]
            while until in missing:
                until += 1
            if not self._read_run(missing[0], until, to_end=until >= expected, trusting=anew):
                self.say("the frames found are not those kept: reading anew")
                self.parts.drop(self.parts.finished())
                anew = True

    def _read_damaged(self) -> None:
        """Read parts with damage once more, each alone and on one thread.

        What a decoder makes up for missing data depends on what its threads have at hand, and on where the reading
        began: only so are these parts, too, the same bytes in every reading. Damage reaches into the part after.
        """
        finished = self.parts.finished()
        for number in finished:
            hit = any(self.parts.seen(n).faults.keys() & DAMAGE for n in (number - 1, number) if n in finished)
            if hit and not self.parts.seen(number).alone:
                self._read_run(number, number + 1, to_end=number + 1 not in finished, trusting=True, threads=1)

    def _read_run(
        self, first: int, until: int, to_end: bool, trusting: bool = False, threads: int | None = None
    ) -> bool:
        """Read parts ``first`` up to ``until``; False where the frames around them are not those kept.

        Neighbours that were read alone for their damage are not compared, nor are any where ``trusting``.
        """
        finished = [] if trusting else [n for n in self.parts.finished() if not self.parts.seen(n).alone]
        before, after = first - 1 in finished, until in finished
        start_s = first * PART_S - (OVERLAP_S if before else 0.0)
        end_s = None if to_end and not after else until * PART_S + (OVERLAP_S if after else 0.0)
        faults: Counter[str] = Counter()
        edges: list[tuple[float, Box | None]] = []
        rows: list[Measured] = []
        mine: list[pl.DataFrame] = []
        stills: list[tuple[int, bytes]] = []
        current, number = first, None
        total_s = self.duration_s()
        self.listener.forget()
        self.looker.forget()
        self.drifter.forget()

        def close(upto: int) -> None:
            nonlocal current, rows, stills, mine
            while current < upto:
                here = [at for at in edges if current * PART_S <= at[0] < (current + 1) * PART_S]
                found = _rows(rows, stills, mine)
                heard, events = self.listener.listen(found.hearing)
                frames, faces = self.looker.look(found.frames)
                drifts, glints = self.drifter.rows()
                found = found._replace(frames=frames, hearing=heard, events=events, faces=faces)
                found = found._replace(drifts=drifts, glints=glints)
                self.parts.write(current, found, Seen(faults, here, alone=threads is not None))
                rows, stills, mine = [], [], []
                faults.clear()
                current += 1

        for block in media.decode_blocks(
            self.source,
            self.recipe.stretches,
            start_s,
            end_s,
            threads=self.threads if threads is None else threads,
            faults=faults,
            bars_seen=edges,
            sparse=self._sparse(),
            looks=self.looker.how,
        ):
            number = self._number(block) if number is None else number
            block = _renumbered(block, number)
            number += block.pts.size
            part = int(block.time_s[0] // PART_S)
            around = part < first or (after and part >= until)
            if not around:
                close(part)
            measured = measure_block(block)
            if around:
                if not self._same(part, measured):
                    return False
                continue
            rows.append(measured)
            mine.append(self.own.measure(block))
            self.listener.take(block)
            self.drifter.take(block.stills, self.looker.take(block.stills))
            stills += [(still.frame, media.encode_picture(still.picture)) for still in block.stills if still.kept]
            self.report(Progress("reading", float(block.time_s[-1]), total_s))
        close(max(until, current + (1 if rows else 0)))
        return True

    def _sparse(self) -> media.Sparse | None:
        """What a fast reading decodes; None for a full one, and where no frame can be left out."""
        left_out = np.array(self.parts.key_record().get("left_out", ()), np.int64)
        return media.Sparse(self.parts.packet_pts(), left_out) if left_out.size else None

    def _number(self, block: Block) -> int:
        """Number of a block's first frame by the packets' time stamps; by its own count where they have none."""
        pts = self.parts.packet_pts()
        if pts.size == 0:
            return block.first_frame
        return int(np.searchsorted(pts, block.pts[0]) - np.searchsorted(pts, self.source.first_pts))

    def _same(self, part: int, measured: Measured) -> bool:
        """Whether these frames are those that the part holds: time stamps and grid cells."""
        kept = self.parts.read(part, "frames").select("pts").hstack(self.parts.read(part, "grid").select("cells"))
        found = measured.frames.select("pts").hstack(measured.grid.select("cells"))
        return found.join(kept, on=["pts", "cells"], how="anti").is_empty()

    def write(self, coverage: str) -> None:
        """Write the bundle from what there is: key frames, parts, or both."""
        self.report(Progress("writing", 0.0, 1.0))
        gathered = Gathered(self.source, self.parts, self.recipe.stretches, coverage)
        frames, loudness, hearing = gathered.frames(), gathered.loudness(), gathered.hearing()
        film = self._film(frames, coverage)
        notes, unreadable = store.read_notes(self.folder)
        grid_file = gathered.grid_file()
        grid = store.scan_parquet(grid_file)
        offered = gathered.offered()
        self.words = self.words or read_words(self.source, self.wanted)
        sounds = find_sounds(hearing, loudness, frames, film.duration_s, gathered.events())
        words, odd = self.words.table(film, frames, speech_of(sounds) if coverage == "film" else ())
        corrections = corrections_of(notes)
        weights = read_weights(self.source.path)
        tables, unused = work_out(
            film,
            frames,
            grid,
            loudness,
            corrections,
            offered,
            words=words,
            hearing=hearing,
            sounds=sounds,
            faces=gathered.faces(),
            own=gathered.own(),
            drifts=gathered.drifts(),
            glints=gathered.glints(),
            weights=weights,
        )
        made = {
            "schema": SCHEMA,
            "versions": dict(self.recipe.versions),
            "settings": dict(sorted(self.recipe.settings.items())),
            "coverage": coverage,
            "spans": spans_of(self.parts.finished()) if coverage != "key frames" else [],
            "faults": gathered.faults(unreadable) | odd,
            "remarks": [*self.source.notes, *self.words.all_remarks, *self.listener.remarks(), *self.looker.remarks()],
            "words": self.words.made(self.folder),
            "hearing": self.listener.made(),
            "faces": self.looker.made(coverage),
            "own": self.own.made(),
            "weights": asdict(weights),
            "film_address": relative_address(self.source.path, self.folder),
            **applied(notes, unused),
        }
        whole = Bundle(film, tables, grid, notes, made, str(self.folder), made["film_address"])
        chosen = sorted(
            {frame for stills in tables["shots"]["stills"] for frame in stills}
            | set(tables["moments"]["still"].drop_nulls())
        )
        store.write_bundle(self.folder, film, tables, made, render_page(whole), grid_file, gathered.stills(chosen))

    def _film(self, frames: pl.DataFrame, coverage: str) -> Film:
        film = self.source.film
        record = self.parts.key_record()
        pts = self.parts.packet_pts()
        if coverage == "film":
            count, duration_s = frames.height, _duration_s(frames, film)
        else:
            count, duration_s = max(int(pts.size), int(frames["frame"][-1]) + 1), self.duration_s()
        return replace(
            film,
            frame_count=count,
            duration_s=round(duration_s, 6),
            active_box_px=_longest(self.recipe.stretches).box_px,
            stretches=self.recipe.stretches,
            content_id=str(record.get("content_id", "")),
        )


def versions() -> dict[str, str]:
    """Versions of all that the figures depend on."""
    import cv2

    found = {
        "punctum": punctum.__version__,
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "polars": pl.__version__,
        **media.versions(),
        **listening_version(),
    }
    return dict(sorted(found.items()))


def _longest(stretches: tuple[Stretch, ...]) -> Stretch:
    return max(stretches, key=lambda stretch: stretch.end_s - stretch.start_s)


def _boxes(stretches: tuple[Stretch, ...], part: int) -> list[tuple[float, Box]]:
    """Give the boxes of a part, each with when it begins in it."""
    start_s, end_s = part * PART_S, (part + 1) * PART_S
    within = [stretch for stretch in stretches if stretch.start_s < end_s and stretch.end_s > start_s]
    return [(max(stretch.start_s, start_s), stretch.box_px) for stretch in within]


def _rows(measured: list[Measured], stills: list[tuple[int, bytes]], own: list[pl.DataFrame]) -> Rows:
    def joined(tables: list[pl.DataFrame], columns: Any) -> pl.DataFrame:
        return conform(pl.concat(tables), columns) if tables else empty(columns)

    return Rows(
        joined([m.frames for m in measured], FRAMES),
        joined([m.grid for m in measured], GRID),
        joined([m.loudness for m in measured], LOUDNESS),
        joined([m.hearing for m in measured], HEARING),
        pl.DataFrame(schema=EVENTS_SCHEMA),
        empty(FACES),
        joined(own, OWN),
        empty(DRIFTS),
        empty(GLINTS),
        pl.DataFrame(stills, schema=STILLS_SCHEMA, orient="row"),
    )


def _key_table(rows: list[tuple[int, float, bytes]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"pts": pl.Int64(), "time_s": pl.Float64(), "picture": pl.Binary()}, orient="row")


def _renumbered(block: Block, first_frame: int) -> Block:
    shift = first_frame - block.first_frame
    if not shift:
        return block
    stills = tuple(still._replace(frame=still.frame + shift) for still in block.stills)
    return replace(block, first_frame=first_frame, stills=stills)


def _duration_s(frames: pl.DataFrame, film: Film) -> float:
    """Length of a film read whole: its last frame lasts as long as the one before."""
    times = frames["time_s"].tail(2).to_list()
    if len(times) < 2:
        return max(film.duration_s, 0.0)
    return float(2 * times[1] - times[0])
