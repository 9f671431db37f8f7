"""A film's measures tick by tick, as the moments are sought in them.

Conventions: ticks of `TICK_S` counted from the film's first frame; a tick with a cut in it is the longer part's. What
belongs to the picture and to faces is told within its shot, what is heard within its scene. Frames of a dissolve, fade
or wipe and of flat shots count for nothing.
"""

from collections.abc import Mapping
from itertools import count, pairwise
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.film import GRID_COLUMNS, GRID_ROWS
from punctum.reading.surprise import SCALE
from punctum.tables import FACES, GLINTS, OWN, SILENCE_DB, empty, known_errors

TICK_S = 0.25

AROUND_S = 1.5
"""On either side of a moment so much are its surroundings."""


class Trait(NamedTuple):
    """A measure that may depart: its column, unit, decimals, name, and what is said where it is more or less."""

    column: str
    unit: str
    decimals: int
    called: str
    more: str
    less: str


PICTURE = (
    Trait("brightness", "", 2, "brightness", "the picture is brighter", "the picture is darker"),
    Trait("contrast", "", 2, "contrast", "contrast is higher", "contrast is lower"),
    Trait("saturation", "", 2, "saturation", "colours are stronger", "colours are weaker"),
    Trait("warmth", "", 2, "warmth", "colours are warmer", "colours are colder"),
    Trait("motion_w_s", "widths/s", 2, "motion", "there is more motion", "there is less motion"),
    Trait("residual_change", "", 3, "change", "more changes in the picture", "less changes in the picture"),
)
PLACE = (
    Trait(
        "local_light",
        "deviations",
        0,
        "light of the furthest place",
        "the light of one place stands out",
        "no place stands out by its light",
    ),
)
HEARD = (
    Trait("loudness_lufs", "LUFS", 0, "loudness", "it is louder", "it is quieter"),
    Trait("tone_db", "dB", 0, "treble less bass", "treble outweighs bass more", "bass outweighs treble more"),
)
SEEN = (
    Trait("height", "", 2, "face height", "the face is nearer", "the face is further off"),
    Trait("eye_opening", "", 2, "eye opening", "the eyes are wider open", "the eyes are further closed"),
    Trait("brow", "", 2, "brow height", "the brows are higher", "the brows are lower"),
    Trait("mouth_opening", "", 2, "mouth opening", "the mouth is wider open", "the mouth is further closed"),
    Trait("mouth_lift", "", 2, "lift of the mouth's corners", "the mouth's corners rise", "the mouth's corners sink"),
    Trait("yaw_deg", "°", 0, "turn of the head", "the head is turned to the right", "the head is turned to the left"),
    Trait("pitch_deg", "°", 0, "nod of the head", "the head is raised", "the head is lowered"),
)
ON_FACE = (
    Trait(
        "glint",
        "codes",
        0,
        "light of what is small and moves on the face",
        "something small and bright moves on the face",
        "nothing small and bright moves on the face",
    ),
)
TRAITS = (*PICTURE, *PLACE, *HEARD, *SEEN, *ON_FACE)

QUIETEST_LUFS = -70.0
"""Below this nothing is heard: a level falls no further."""

MOST_TICKS = 2400
"""Of a shot's places of light so many ticks, ten minutes, are set beside one another."""

GRID_BATCH = 16384
"""Rows of the grid that are held at a time."""

CELL_CODES = 1.5
"""The light of a cell of the grid wanders by so much by itself: noise, grain, compression."""

UNSEEN_S = 0.8
"""Between two looks at faces no further apart than this, the later is taken for as the earlier."""

FLOORS = {
    "local_light": 0.5,
    "glint": 3.0,
    "loudness_lufs": 0.5,
    "tone_db": 1.0,
    "height": 0.01,
    "yaw_deg": 3.0,
    "pitch_deg": 3.0,
}
"""Spreads that are none, where no error of ``frames`` was measured."""

LEAST_FLOOR = 0.01


class Runs(NamedTuple):
    """The film's measures tick by tick, (ticks, traits) each: values, whether known, and the pieces compared within.

    ``floors`` float64 (traits,) are spreads that are none; ``traits`` what the columns are.
    """

    values: NDArray[np.float64]
    known: NDArray[np.bool_]
    pieces: NDArray[np.int64]
    floors: NDArray[np.float64]
    traits: tuple[Trait, ...]


def lay_runs(tables: Mapping[str, pl.DataFrame], grid: pl.LazyFrame | None = None) -> Runs:
    """Bring a film's measures to ticks: means of what lies in each.

    Parameters
    ----------
    tables, grid
        as `find_moments` takes them

    Returns
    -------
    runs : Runs
    """
    shots = tables["shots"]
    ticks = max(1, int(np.ceil(float(shots["end_s"][-1]) / TICK_S)))
    middles = (np.arange(ticks) + 0.5) * TICK_S
    number = np.clip(np.searchsorted(shots["start_s"].to_numpy(), middles, side="right") - 1, 0, shots.height - 1)
    frames = _within(_of_shot(tables["frames"].drop_nulls("time_s"), shots, number), shots)
    picture, heard = _by_tick(frames, PICTURE, ticks), _by_tick(_heard(tables), HEARD, ticks)
    seen = _held_on(_by_tick(_of_shot(_nearest(tables), shots, number), SEEN, ticks), number)
    glints = _of_shot(tables.get("glints", empty(GLINTS)), shots, number)
    on_face = _held_on(_by_tick(glints, ON_FACE, ticks), number)
    own = _own_traits(tables)
    mine = _by_tick(_of_shot(_own(tables, frames), shots, number), own, ticks)
    traits = (*TRAITS, *own)
    values = np.concatenate([picture, _local_light(grid, frames, number), heard, seen, on_face, mine], axis=1)
    known = np.isfinite(values)
    in_shot = np.array([trait not in HEARD for trait in traits])
    pieces = np.where(in_shot, number[:, None], 0)
    known &= ~(in_shot & _unsteady(shots, tables["frames"], ticks)[:, None])
    floors = np.array([_floor(trait, values[:, i]) for i, trait in enumerate(traits)])
    return Runs(np.where(known, values, 0.0), known, pieces, floors, traits)


def _floor(trait: Trait, values: NDArray[np.float64]) -> float:
    """Spread that is none: a measure's own error; for a person's own, a twentieth of its spread in the film."""
    if trait not in TRAITS:
        return max(float(np.nanstd(values)) / 20 if np.isfinite(values).any() else 0.0, 1e-9)
    if trait.column in FLOORS:
        return FLOORS[trait.column]
    error = known_errors().get(f"frames.{trait.column}")
    # a 95 % error is about two standard deviations
    return LEAST_FLOOR if error is None else max((error.error or 0.0) / 2, 1e-4)


def _own_traits(tables: Mapping[str, pl.DataFrame]) -> tuple[Trait, ...]:
    """What a person's own measures are called."""
    table = tables.get("own", empty(OWN))
    names = table.select("measure", "unit").drop_nulls().unique(maintain_order=True).rows()
    return tuple(
        Trait(name, unit, 2, name.replace("_", " "), f"{name} is higher", f"{name} is lower") for name, unit in names
    )


def _own(tables: Mapping[str, pl.DataFrame], frames: pl.DataFrame) -> pl.DataFrame:
    """A person's own measures, a column each, beside frame and time."""
    table = tables.get("own", empty(OWN)).drop_nulls()
    wide = table.pivot("measure", index="frame", values="value") if table.height else table.select("frame")
    return frames.select("frame", "time_s").join(wide, on="frame", how="left", maintain_order="left")


def _of_shot(rows: pl.DataFrame, shots: pl.DataFrame, number: NDArray[np.int64]) -> pl.DataFrame:
    """Rows of the shot that their tick is of: a tick with a cut in it is the longer part's."""
    first = shots["start_frame"].to_numpy()
    own = np.searchsorted(first, rows["frame"].to_numpy(), side="right") - 1
    tick = np.clip((rows["time_s"].to_numpy() / TICK_S).astype(np.int64), 0, len(number) - 1)
    return rows.filter(pl.Series(np.maximum(own, 0) == number[tick]))


def _within(frames: pl.DataFrame, shots: pl.DataFrame) -> pl.DataFrame:
    """Frames without what sets a shot's first off from the one before: the shot's own motion begins after it."""
    first = pl.col("frame").is_in(shots["start_frame"].implode())
    across = ("motion_w_s", "residual_change")
    return frames.with_columns(pl.when(~first).then(pl.col(*across)))


def _by_tick(table: pl.DataFrame, traits: tuple[Trait, ...], ticks: int) -> NDArray[np.float64]:
    columns = [trait.column for trait in traits]
    if not columns:
        return np.empty((ticks, 0))
    tick = (pl.col("time_s") / TICK_S).floor().cast(pl.Int64).alias("tick")
    means = table.group_by(tick).agg(pl.col(*columns).cast(pl.Float64).mean()).sort("tick")
    means = means.filter(pl.col("tick").is_between(0, ticks - 1))
    made = np.full((ticks, len(traits)), np.nan)
    made[means["tick"].to_numpy()] = means.select(columns).to_numpy()
    return made


def _heard(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Loudness of every 100 ms and treble against bass of every 20 ms, as rows with a time."""
    loudness = (
        tables["loudness"]
        .drop_nulls("loudness_lufs")
        .select(pl.col("start_s").alias("time_s"), pl.col("loudness_lufs").clip(lower_bound=QUIETEST_LUFS))
    )
    hearing = tables.get("hearing", pl.DataFrame())
    if not hearing.height:
        return loudness.with_columns(pl.lit(None, pl.Float64).alias("tone_db"))
    levels = {band: pl.col(band).cast(pl.Float64) / 2 + SILENCE_DB for band in ("low", "high")}
    tone = hearing.select(
        (pl.col("step") / 50).alias("time_s"),
        # of what can be heard only
        pl.when(levels["low"].is_between(-90, 0) | levels["high"].is_between(-90, 0))
        .then(levels["high"].clip(lower_bound=-90) - levels["low"].clip(lower_bound=-90))
        .alias("tone_db"),
    )
    return pl.concat([loudness, tone], how="diagonal")


def _nearest(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The largest face of every frame that was looked at."""
    faces = tables.get("faces", empty(FACES))
    return faces.sort("height", descending=True).unique("frame", keep="first", maintain_order=True)


def _held_on(seen: NDArray[np.float64], number: NDArray[np.int64]) -> NDArray[np.float64]:
    """Carry each look at a face on to the ticks until the next one in its shot, over no more than `UNSEEN_S`."""
    made = seen.copy()
    for _ in range(int(UNSEEN_S / TICK_S)):
        before = np.concatenate([np.full((1, seen.shape[1]), np.nan), made[:-1]])
        same = np.concatenate([[False], number[1:] == number[:-1]])[:, None]
        made = np.where(np.isnan(made) & same, before, made)
    return made


def _local_light(grid: pl.LazyFrame | None, frames: pl.DataFrame, number: NDArray[np.int64]) -> NDArray[np.float64]:
    """How far the light of one place stands out of its shot: of all cells of the grid the furthest, (ticks, 1).

    Of each cell the L less that of the whole picture, less its median over the shot, over its median absolute deviation
    there; a lamp in a corner is nothing to the picture's mean.
    """
    made = np.full((len(number), 1), np.nan)
    if grid is None or not frames.height:
        return made
    light = _light_by_tick(grid, frames, len(number))
    edges = np.flatnonzero(np.diff(number, prepend=-1, append=-1))
    # a shot of many hours is taken part by part: its light wanders, and all of it at once would not fit
    edges = np.unique(np.concatenate([edges, np.arange(0, len(number), MOST_TICKS)]))
    for low, high in pairwise(edges.tolist()):
        told = low + np.flatnonzero(np.isfinite(light[low:high, 0]))
        if told.size:
            made[told, 0] = stand_out(light[told], CELL_CODES)
    return made


def stand_out(places: NDArray[np.floating[Any]], floor: float) -> NDArray[np.float64]:
    """How far the furthest of some places departs from itself over time, in median absolute deviations.

    Parameters
    ----------
    places : np.ndarray [shape=(ticks, places), dtype=float]
        their values; what all places do together is taken out
    floor : float
        a smaller spread is none

    Returns
    -------
    np.ndarray [shape=(ticks,), dtype=float64]

    Examples
    --------
    >>> stand_out(np.array([[0.0, 0.0, 0.0], [9.0, 9.0, 9.0], [0.0, 0.0, 9.0]]), 2.0).tolist()
    [0.0, 0.0, 3.0]
    """
    apart = (places - places.mean(1, keepdims=True)).T.astype(np.float64)
    apart = np.abs(apart - _middles(apart))
    return np.asarray((apart / np.maximum(SCALE * _middles(apart), floor)).max(0))


def _middles(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median of each row, (rows, 1): of many short ones sorting is several times as fast as NumPy's own."""
    ranked, count = np.sort(rows, axis=1), rows.shape[1]
    return np.asarray((ranked[:, (count - 1) // 2, None] + ranked[:, count // 2, None]) / 2)


def _light_by_tick(grid: pl.LazyFrame, frames: pl.DataFrame, ticks: int) -> NDArray[np.float32]:
    """Mean L of each cell in each tick, (ticks, cells); NaN where the grid has no row; read a piece at a time."""
    own = frames.select("frame", (pl.col("time_s") / TICK_S).floor().cast(pl.Int64).alias("tick"))
    sums: NDArray[np.float32] = np.zeros((ticks, GRID_ROWS * GRID_COLUMNS), np.float32)
    counts = np.zeros(ticks, np.int64)
    for at in count(0, GRID_BATCH):
        rows = grid.slice(at, GRID_BATCH).select("frame", "cells").collect()
        if not rows.height:
            break
        rows = rows.filter(pl.col("cells").bin.size() == 3 * sums.shape[1]).join(own, on="frame").sort("tick")
        rows = rows.filter(pl.col("tick").is_between(0, ticks - 1))
        if rows.height:
            light = np.frombuffer(b"".join(rows["cells"].to_list()), np.uint8).reshape(rows.height, -1, 3)[..., 0]
            tick = rows["tick"].to_numpy()
            first = np.flatnonzero(np.diff(tick, prepend=-1))
            sums[tick[first]] += np.add.reduceat(light, first, dtype=np.float32)
            counts[tick[first]] += np.diff(first, append=len(tick))
    sums[counts == 0] = np.nan
    return np.divide(sums, np.maximum(counts, 1)[:, None].astype(np.float32), out=sums)


def _unsteady(shots: pl.DataFrame, frames: pl.DataFrame, ticks: int) -> NDArray[np.bool_]:
    """Ticks in which a dissolve, fade or wipe goes on, or a flat shot."""
    marked = np.zeros(ticks, bool)
    spans = shots.drop_nulls("transition_start_frame").select("transition_start_frame", "transition_end_frame").rows()
    spans += shots.filter(pl.col("flat")).select("start_frame", "end_frame").rows()
    numbers, times = frames["frame"].to_numpy(), frames["time_s"].to_numpy()
    bounds = np.searchsorted(numbers, np.array(spans, numbers.dtype).reshape(-1, 2))
    for low, high in times[np.minimum(bounds, len(times) - 1)].tolist():
        marked[int(low / TICK_S) : int(np.ceil(high / TICK_S)) + 1] = True
    # the film fades out: how its last shot ends
    if shots["ends"][-1] == "fade":
        marked[-round(2 * AROUND_S / TICK_S) :] = True
    return marked
