"""The rows of key frames and finished parts, brought together in the order of the film."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum import bundle as store
from punctum import media
from punctum.bundle import Parts
from punctum.bundle.parts import EVENTS_SCHEMA, Rows
from punctum.errors import FilmUnreadable, quoted
from punctum.film import PART_S, Stretch
from punctum.measure import Measured, blank_colour, measure_key_frames, measure_sound
from punctum.tables import DRIFTS, FACES, FRAMES, GLINTS, GRID, HEARING, LOUDNESS, OWN, conform, empty

KEYS_AT_ONCE = 64
"""Key frames held in memory together."""


class Gathered:
    """The rows of key frames and finished parts, brought together in the order of the film."""

    def __init__(self, source: media.Source, parts: Parts, stretches: tuple[Stretch, ...], coverage: str) -> None:
        self.source = source
        self.parts = parts
        self.stretches = stretches
        self.numbers = parts.finished() if coverage != "key frames" else []
        self.with_keys = coverage != "film"
        self.keys = self._key_rows() if self.with_keys else None
        self._renumber()

    def frames(self) -> pl.DataFrame:
        """All rows of frames, by frame number."""
        table = store.read_parquet(self._joined("frames")) if self.numbers else empty(FRAMES)
        if self.keys:
            table = pl.concat([table, self.keys.frames]).sort("frame")
        if table.is_empty():
            raise FilmUnreadable(
                f"{quoted(Path(self.source.path).name)} has no frame that can be decoded", "is the file whole?"
            )
        return blank_colour(table)

    def loudness(self) -> pl.DataFrame:
        """All steps of loudness: those of the parts, and elsewhere those of the sampled sound."""
        tables = [conform(self.parts.read(number, "loudness"), LOUDNESS) for number in self.numbers]
        if self.with_keys:
            sampled = self._sampled_sound()
            for start_s, end_s in spans_of(self.numbers):
                sampled = sampled.filter((pl.col("start_s") < start_s) | (pl.col("start_s") >= end_s))
            tables.append(sampled)
        return pl.concat(tables).unique("step", keep="first").sort("step") if tables else empty(LOUDNESS)

    def hearing(self) -> pl.DataFrame:
        """All 20 ms steps of what is heard; the sound of key frames is only sampled, and none of it is here."""
        table = store.read_parquet(self._joined("hearing")) if self.numbers else empty(HEARING)
        return table.unique("step", keep="first").sort("step")

    def events(self) -> pl.DataFrame:
        """All events that were scored."""
        tables = [self.parts.read(number, "events") for number in self.numbers]
        return pl.concat(tables) if tables else pl.DataFrame(schema=EVENTS_SCHEMA)

    def faces(self) -> pl.DataFrame:
        """All faces, numbered in the order of the film."""
        tables = [self.parts.read(number, "faces") for number in self.numbers]
        table = pl.concat(tables) if tables else empty(FACES)
        return conform(table.with_columns(pl.int_range(pl.len(), dtype=pl.Int32).alias("face")), FACES)

    def own(self) -> pl.DataFrame:
        """All values of a person's own measures."""
        tables = [self.parts.read(number, "own") for number in self.numbers]
        return conform(pl.concat(tables), OWN) if tables else empty(OWN)

    def drifts(self) -> pl.DataFrame:
        """All pairs of frames in which what falls or drifts was sought."""
        tables = [self.parts.read(number, "drifts") for number in self.numbers]
        return conform(pl.concat(tables), DRIFTS) if tables else empty(DRIFTS)

    def glints(self) -> pl.DataFrame:
        """All pairs of frames in which a face was watched."""
        tables = [self.parts.read(number, "glints") for number in self.numbers]
        return conform(pl.concat(tables), GLINTS) if tables else empty(GLINTS)

    def grid_file(self) -> Path:
        """The grid of the whole film, in one file: what is sliced often must not be sought in hundreds."""
        if self.keys is None:
            return self._joined("grid")
        target = self.parts.working("sparse_grid.parquet")
        tables = [self.keys.grid, *(self.parts.read(number, "grid") for number in self.numbers)]
        store.write_parquet(conform(pl.concat(tables), GRID).sort("frame"), target)
        return target

    def _joined(self, name: str) -> Path:
        target = self.parts.working(f"{name}.parquet")
        store.join_parquet([self.parts.file(number, name) for number in self.numbers], target)
        return target

    def offered(self) -> list[int]:
        """Frames of which there is a still."""
        found = [frame for number in self.numbers for frame in self.parts.read(number, "stills")["frame"]]
        if self.keys:
            found += self.keys.frames["frame"].to_list()
        return sorted(set(found))

    def stills(self, chosen: list[int]) -> Iterator[tuple[int, bytes]]:
        """The chosen stills' JPEG bytes."""
        wanted = set(chosen)
        for number in self.numbers:
            for frame, picture in self.parts.read(number, "stills").iter_rows():
                if frame in wanted:
                    wanted.discard(frame)
                    yield frame, picture
        if self.keys:
            for frame, picture in self._key_pictures():
                if frame in wanted:
                    wanted.discard(frame)
                    yield frame, media.encode_picture(picture)

    def faults(self, notes_unreadable: int) -> dict[str, int]:
        """Faults counted in the key frames or, where the film was read, in its parts."""
        counts: Counter[str] = Counter()
        for number in self.numbers:
            counts.update(self.parts.seen(number).faults)
        if not self.numbers:
            counts.update(self.parts.key_record().get("faults", {}))
        if notes_unreadable:
            counts["notes unreadable"] = notes_unreadable
        return dict(sorted(counts.items()))

    def _renumber(self) -> None:
        """See to it that frames of a whole film are numbered from 0 without a gap, as they were decoded."""
        if self.with_keys:
            return
        at = 0
        for number in self.numbers:
            frames = self.parts.read(number, "frames")
            if frames.height and frames["frame"][0] != at:
                shift = at - int(frames["frame"][0])
                tables = [self.parts.read(number, name) for name in Rows._fields]
                moved = [
                    table.with_columns(pl.col("frame") + shift) if "frame" in table.columns else table
                    for table in tables
                ]
                self.parts.write(number, Rows(*moved), self.parts.seen(number))
            at += frames.height

    def _key_pictures(self) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """Key frames outside the finished parts, with their numbers, without bars."""
        for frame, _, _, picture in self._key_frames():
            yield frame, picture

    def _key_frames(self) -> Iterator[tuple[int, int, float, NDArray[np.uint8]]]:
        spans = spans_of(self.numbers)
        pts = self.parts.packet_pts()
        first = int(np.searchsorted(pts, self.source.first_pts))
        count = 0
        for table in self.parts.key_frames():
            for stamp, time_s, jpeg in table.iter_rows():
                frame = int(np.searchsorted(pts, stamp)) - first if pts.size else count
                count += 1
                if time_s < 0 or any(start_s <= time_s < end_s for start_s, end_s in spans):
                    continue
                picture = media.decode_picture(jpeg)
                yield frame, stamp, time_s, media.crop_still(self.source, picture, self.stretches, time_s)

    def _key_rows(self) -> Measured:
        rows: list[Measured] = []
        held: list[tuple[int, int, float, NDArray[np.uint8]]] = []

        def flush() -> None:
            if held:
                thumbs = np.stack([media.thumb_of(self.source, key[3], self.stretches) for key in held])
                rows.append(
                    measure_key_frames(
                        np.array([key[0] for key in held], np.int64),
                        np.array([key[1] for key in held], np.int64),
                        np.array([key[2] for key in held], np.float64),
                        thumbs,
                        [key[3] for key in held],
                    )
                )
                held.clear()

        for key in self._key_frames():
            held.append(key)
            if len(held) == KEYS_AT_ONCE:
                flush()
        flush()
        if not rows:
            return Measured(empty(FRAMES), empty(GRID), empty(LOUDNESS), empty(HEARING))
        frames = pl.concat([conform(row.frames, FRAMES) for row in rows]).unique("frame", keep="first").sort("frame")
        grid = pl.concat([conform(row.grid, GRID) for row in rows]).unique("frame", keep="first").sort("frame")
        return Measured(frames, grid, empty(LOUDNESS), empty(HEARING))

    def _sampled_sound(self) -> pl.DataFrame:
        kept = self.parts.working("sampled_loudness.parquet")
        if kept.exists():
            return store.read_parquet(kept)
        pieces = [conform(measure_sound(piece), LOUDNESS) for piece in media.sample_sound(self.source)]
        table = pl.concat(pieces).unique("step", keep="first").sort("step") if pieces else empty(LOUDNESS)
        store.write_parquet(table, kept)
        return table


def spans_of(numbers: list[int]) -> list[tuple[float, float]]:
    """Seconds that finished parts cover, neighbours joined."""
    spans: list[tuple[float, float]] = []
    for number in numbers:
        start_s, end_s = number * PART_S, (number + 1) * PART_S
        if spans and spans[-1][1] == start_s:
            spans[-1] = (spans[-1][0], end_s)
        else:
            spans.append((start_s, end_s))
    return spans
