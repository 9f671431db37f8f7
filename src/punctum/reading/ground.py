"""What readings are taken from: a film's tables, brought into arrays once.

Conventions: a *pictured* shot is one that is not flat; flat shots (black leader, silence over black,
a white flash of two seconds) are shots of the film but no cutting, and are left out of the
statistics of shot lengths, unless the film has no other. Credits are not known yet and are counted.
The ending is the last tenth of the running time until scenes are known. *Rough* is what was found
from key frames only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.film import Film
from punctum.reading.lengths import Lengths
from punctum.tables import FRAMES, HEARING, LOUDNESS, SHOTS, SOUNDS, empty

ENDING_SHARE = 0.1

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
    lies: ``second`` Int64 and the medians of `SECOND_MEASURES`. ``end_s`` is where the film ends.
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
    hearing: pl.DataFrame = field(default_factory=lambda: empty(HEARING))
    sounds: pl.DataFrame = field(default_factory=lambda: empty(SOUNDS))

    @property
    def ending_start_s(self) -> float:
        """Where the ending begins."""
        return self.end_s * (1 - ENDING_SHARE)

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
        frames_rough=frames.height < WHOLE * film.frame_count,
        loudness_rough=loudness.height * STEP_S < WHOLE * end_s,
        hearing=tables.get("hearing", empty(HEARING)),
        sounds=tables.get("sounds", empty(SOUNDS)),
    )
