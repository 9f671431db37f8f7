"""What readings are taken from: a film's tables, brought into arrays once.

Conventions: a *pictured* shot is one that is not flat; flat shots (black leader, silence over black,
a white flash of two seconds) are shots of the film but no cutting, and are left out of the
statistics of shot lengths, unless the film has no other. Titles and credits, and what comes after
them, are left out of everything; a shot that credits begin over is cut short there, and the film ends
with its story. The ending is its last scene, with as many before it as it takes to last `ENDING_LEAST_SHARE` of the
story and `ENDING_LEAST_S`; the last tenth of the running time where fewer than `LEAST_SCENES` are known, or where that
would be more than `ENDING_MOST_SHARE`. *Rough* is what was found from key frames only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.film import Film
from punctum.reading.lengths import Lengths
from punctum.tables import FRAMES, HEARING, LOUDNESS, SCENES, SHOTS, SOUNDS, empty

ENDING_SHARE = 0.1

LEAST_SCENES = 5
ENDING_LEAST_SHARE, ENDING_MOST_SHARE, ENDING_LEAST_S = 0.02, 0.25, 30.0

SECOND_MEASURES = (
    "luma",
    "brightness",
    "contrast",
    "key",
    "saturation",
    "warmth",
    "colourfulness",
    "change",
    "motion_w_s",
    "camera",
)
"""Columns of ``frames`` whose median over each second is taken."""

STEP_S = 0.1
WHOLE = 0.97
"""A table with this share of its rows counts as whole: a damaged frame or two make no reading rough."""


@dataclass(frozen=True)
class Ground:
    """A film's tables as the readings need them.

    ``shots`` are all shots in order; ``pictured`` those that count for the cutting, with
    ``lengths_s`` their lengths. ``seconds`` has a row for each second of the film in which a frame
    lies: ``second`` Int64 and the medians of `SECOND_MEASURES`. ``end_s`` is where the story ends, else the
    film; ``counted`` says of titles and credits whether they are counted.
    """

    film: Film
    shots: pl.DataFrame
    pictured: pl.DataFrame
    lengths_s: Lengths
    frames: pl.DataFrame
    seconds: pl.DataFrame
    loudness: pl.DataFrame
    end_s: float
    end_frame: int
    frames_rough: bool
    loudness_rough: bool
    counted: str = "credits included"
    hearing: pl.DataFrame = field(default_factory=lambda: empty(HEARING))
    sounds: pl.DataFrame = field(default_factory=lambda: empty(SOUNDS))
    scenes: pl.DataFrame = field(default_factory=lambda: empty(SCENES))

    @cached_property
    def ending_scenes(self) -> int:
        """How many scenes the ending is; 0 where it is the last tenth."""
        starts_s = self.scenes["start_s"].to_list()
        least_s = max(self.end_s * ENDING_LEAST_SHARE, ENDING_LEAST_S)
        for number, start_s in enumerate(reversed(starts_s), 1):
            if self.end_s - start_s >= least_s:
                enough = len(starts_s) >= LEAST_SCENES and self.end_s - start_s <= self.end_s * ENDING_MOST_SHARE
                return number if enough else 0
        return 0

    @property
    def ending_start_s(self) -> float:
        """Where the ending begins."""
        if self.ending_scenes:
            return float(self.scenes["start_s"][-self.ending_scenes])
        return self.end_s * (1 - ENDING_SHARE)

    @cached_property
    def ending_share(self) -> float:
        """Share of the pictured shots' time that lies in the ending; a shot lies where its middle does."""
        if not self.ending_scenes:
            return ENDING_SHARE
        middle_s = (self.pictured["start_s"] + self.pictured["end_s"]) / 2
        own = self.lengths_s[(middle_s >= self.ending_start_s).to_numpy()]
        return float(own.sum() / self.lengths_s.sum()) if self.lengths_s.size else ENDING_SHARE

    @property
    def ending_called(self) -> str:
        """What sentences call the ending."""
        return "the ending" if self.ending_scenes else "the last 10 % of the film"

    @property
    def earlier_scenes_s(self) -> list[tuple[float, float]]:
        """Begin and end of the scenes before the ending; none where the ending is no scene."""
        spans = self.scenes.select("start_s", "end_s").rows()
        return spans[: -self.ending_scenes] if self.ending_scenes else []

    @property
    def ending_start_frame(self) -> int:
        """First frame of the ending, as far as the frames are known."""
        return self.frame_at(self.ending_start_s)

    @property
    def any_rough(self) -> bool:
        """Some pictured shot was found from key frames only."""
        return bool(self.pictured["provisional"].any())

    @property
    def all_rough(self) -> bool:
        """Only key frames were read."""
        return self.pictured.height > 0 and bool(self.pictured["provisional"].all())

    @property
    def comparable(self) -> bool:
        """Shots of the ending can be set beside the rest: those of both were found frame by frame, or of neither."""
        return not self.any_rough or self.ending_frames_rough

    @property
    def tail_rough(self) -> bool:
        """What a row on the ending's own shots rests on is rough: the rest too, where it can be set beside them."""
        if self.comparable:
            return self.any_rough
        middle_s = (self.pictured["start_s"] + self.pictured["end_s"]) / 2
        tail = self.pictured["provisional"].filter(middle_s >= self.ending_start_s)
        return bool(tail.any()) or bool(self.pictured["provisional"][-1])

    @property
    def ending_frames_rough(self) -> bool:
        """Frames of the ending are missing."""
        own = self.frames.filter(pl.col("time_s") >= self.ending_start_s)["frame"]
        return not own.len() or own.len() < WHOLE * (self.end_frame - int(own[0]))

    @property
    def has_sound(self) -> bool:
        """The film has a sound track."""
        return self.film.sample_rate_hz > 0

    def frame_at(self, time_s: float) -> int:
        """First frame at or after a time; the film's last one where there is none."""
        if self.frames.height:
            index = self.frames["time_s"].search_sorted(time_s, side="left")
            if index < self.frames.height:
                return int(self.frames["frame"][index])
        return max(self.end_frame - 1, 0)

    def second_values(self, measure: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give the seconds in which a measure has a value, and the values."""
        known = self.seconds.select("second", measure).drop_nulls()
        return known["second"].cast(pl.Float64).to_numpy(), known[measure].cast(pl.Float64).to_numpy()


def lay_ground(film: Film, tables: Mapping[str, pl.DataFrame]) -> Ground:
    """Bring a film's tables into the form that the readings need; a missing table is an empty one."""
    frames = tables.get("frames", empty(FRAMES)).drop_nulls("time_s").sort("time_s")
    loudness = tables.get("loudness", empty(LOUDNESS)).drop_nulls("start_s").sort("start_s")
    shots = (
        tables.get("shots", empty(SHOTS))
        .drop_nulls(["start_s", "end_s", "start_frame", "end_frame"])
        .sort("start_frame")
        .with_columns(
            pl.col("flat", "provisional").fill_null(False),
            (pl.col("end_s") - pl.col("start_s")).alias("length_s"),
        )
        .filter(pl.col("length_s") > 0)
    )
    frames_rough = frames.height < WHOLE * film.frame_count
    film_end_s = float(shots["end_s"][-1]) if shots.height else max(film.duration_s, 0.0)
    loudness_rough = loudness.height * STEP_S < WHOLE * film_end_s
    hearing, sounds = tables.get("hearing", empty(HEARING)), tables.get("sounds", empty(SOUNDS))
    scenes = tables.get("scenes", empty(SCENES))
    apart = leave_out(scenes)
    if apart:
        shots, sounds = _cut_spans(shots, apart), _cut_spans(sounds, apart)
        shots = shots.with_columns((pl.col("end_s") - pl.col("start_s")).alias("length_s"))
        frames = _cut_moments(frames, pl.col("time_s"), apart)
        loudness = _cut_moments(loudness, pl.col("start_s"), apart)
        hearing = _cut_moments(hearing, pl.col("step") / 50, apart)
    pictured = shots.filter(~pl.col("flat"))
    if not pictured.height:
        pictured = shots
    if shots.height:
        end_s, end_frame = float(shots["end_s"][-1]), int(shots["end_frame"][-1])
    else:
        end_s, end_frame = max(film.duration_s, 0.0), film.frame_count
    seconds = frames.group_by(pl.col("time_s").floor().cast(pl.Int64, strict=False).alias("second")).agg(
        pl.col(*SECOND_MEASURES).median()
    )
    return Ground(
        film=film,
        shots=shots,
        pictured=pictured,
        lengths_s=pictured["length_s"].to_numpy().astype(np.float64),
        frames=frames,
        seconds=seconds.drop_nulls("second").sort("second"),
        loudness=loudness,
        end_s=end_s,
        end_frame=end_frame,
        frames_rough=frames_rough,
        loudness_rough=loudness_rough,
        counted=_say_counted(scenes),
        hearing=hearing,
        sounds=sounds,
        scenes=scenes.filter(pl.col("kind") == "story").drop_nulls(["start_s", "end_s"]).sort("start_s"),
    )


def leave_out(scenes: pl.DataFrame) -> list[tuple[float, float, int, int]]:
    """Spans that are no story: start and end in seconds, then in frames; none where nothing of the film would be left.

    Parameters
    ----------
    scenes : pl.DataFrame
        columns of ``tables.SCENES``
    """
    if not scenes.filter(pl.col("kind") == "story").height:
        return []
    apart = scenes.filter(pl.col("kind") != "story").select("start_s", "end_s", "start_frame", "end_frame")
    return apart.drop_nulls().rows()


def _cut_spans(rows: pl.DataFrame, apart: list[tuple[float, float, int, int]]) -> pl.DataFrame:
    """Rows without what lies in titles and credits; one that reaches into them is cut short."""
    for start_s, end_s, start_frame, end_frame in apart:
        inside = (pl.col("start_s") >= start_s - 1e-6) & (pl.col("end_s") <= end_s + 1e-6)
        before = (pl.col("start_s") < start_s) & (pl.col("end_s") > start_s)
        after = (pl.col("start_s") < end_s) & (pl.col("end_s") > end_s) & ~before
        rows = rows.filter(~inside).with_columns(
            pl.when(before).then(start_s).otherwise("end_s").alias("end_s"),
            pl.when(before).then(pl.lit(start_frame, pl.Int32)).otherwise("end_frame").alias("end_frame"),
            pl.when(after).then(end_s).otherwise("start_s").alias("start_s"),
            pl.when(after).then(pl.lit(end_frame, pl.Int32)).otherwise("start_frame").alias("start_frame"),
        )
    return rows


def _cut_moments(rows: pl.DataFrame, at: pl.Expr, apart: list[tuple[float, float, int, int]]) -> pl.DataFrame:
    for start_s, end_s, _, _ in apart:
        rows = rows.filter((at < start_s) | (at >= end_s))
    return rows


def _say_counted(scenes: pl.DataFrame) -> str:
    kinds = set(scenes["kind"])
    if not kinds or "story" not in kinds:
        return "credits included"
    found = [name for name in ("titles", "credits") if name in kinds]
    return f"{' and '.join(found)} left out" if found else "no credits found"
