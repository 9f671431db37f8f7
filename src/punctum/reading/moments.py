"""The moments that pierce: where the measures together depart most from the run of their scene.

Conventions: ticks of `TICK_S` counted from the film's first frame. What belongs to the picture and to faces is compared
within its shot, since every cut changes it; what is heard, within its scene, since it runs on across cuts. Frames
of a dissolve, fade or wipe and of flat shots count for nothing: a fade is no moment. Titles and credits are left out.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.reading.sentences import write_clock, write_duration, write_number
from punctum.reading.surprise import SCALE, Peak, find_peak
from punctum.tables import FACES, MOMENTS, SILENCE_DB, conform, empty, known_errors

TICK_S = 0.25

AROUND_S = 1.5
"""On either side of a moment so much are its surroundings."""

BEYOND = 0.05
"""Moments of a chance up to this are kept: of 20 scenes without any, one has one."""

MOST_IN_A_SCENE = 3

TOLD_SHARE = 0.15
"""A measure that makes up this much of a departure is named; the first always, three at most."""


class Trait(NamedTuple):
    """A measure that may depart: its column, unit, decimals, what it is called, and how more and less of it is said."""

    column: str
    unit: str
    decimals: int
    called: str
    more: str
    less: str


PICTURE = (
    Trait("brightness", "", 2, "brightness", "brighter", "darker"),
    Trait("contrast", "", 2, "contrast", "more contrast", "less contrast"),
    Trait("saturation", "", 2, "saturation", "more colour", "less colour"),
    Trait("warmth", "", 2, "warmth", "warmer", "colder"),
    Trait("motion_w_s", "widths/s", 2, "motion", "more motion", "stiller"),
    Trait("residual_change", "", 3, "change", "more change in the picture", "less change in the picture"),
)
PLACE = (Trait("local_light", "", 1, "light of one place", "light in one place stands out", "no place stands out"),)
HEARD = (
    Trait("loudness_lufs", "LUFS", 0, "loudness", "louder", "quieter"),
    Trait("tone_db", "dB", 0, "treble against bass", "shriller", "duller"),
)
SEEN = (
    Trait("height", "", 2, "face height", "the face nearer", "the face further off"),
    Trait("eye_opening", "", 2, "eye opening", "the eyes wider", "the eyes narrower"),
    Trait("brow", "", 2, "brow height", "the brows higher", "the brows lower"),
    Trait("mouth_opening", "", 2, "mouth opening", "the mouth wider open", "the mouth more closed"),
    Trait("mouth_lift", "", 2, "lift of the mouth's corners", "its corners higher", "its corners lower"),
    Trait("yaw_deg", "°", 0, "turn of the head", "the head turned to the right", "the head turned to the left"),
    Trait("pitch_deg", "°", 0, "nod of the head", "the head raised", "the head lowered"),
)
TRAITS = (*PICTURE, *PLACE, *HEARD, *SEEN)

QUIETEST_LUFS = -70.0
"""Below this nothing is heard: a level falls no further."""

CELL_CODES = 1.5
"""The light of a cell of the grid wanders by so much by itself: noise, grain, compression."""

UNSEEN_S = 0.8
"""Between two looks at faces no further apart than this, the later is taken for as the earlier."""

FLOORS = {"local_light": 0.5, "loudness_lufs": 0.5, "tone_db": 1.0, "height": 0.01, "yaw_deg": 3.0, "pitch_deg": 3.0}
"""Spreads that are none, where no error of ``frames`` was measured."""

LEAST_FLOOR = 0.01


class Runs(NamedTuple):
    """The film's measures tick by tick, (ticks, traits) each: values, whether known, and the pieces compared within."""

    values: NDArray[np.float64]
    known: NDArray[np.bool_]
    pieces: NDArray[np.int64]


def find_moments(tables: Mapping[str, pl.DataFrame], grid: pl.LazyFrame | None = None) -> pl.DataFrame:
    """Find the moments of every scene that depart from its run beyond chance.

    Parameters
    ----------
    tables : mapping of str to pl.DataFrame
        ``frames``, ``shots``, ``scenes``, ``loudness``, ``hearing`` and ``faces`` of
        ``tables.TABLES``; one that is missing counts as empty
    grid : pl.LazyFrame or None
        without it nothing is said of single places in the picture

    Returns
    -------
    pl.DataFrame
        columns of ``tables.MOMENTS``, the surest first; a scene too short to say has none (``surprise.LEAST_TICKS``)
    """
    frames, shots = tables["frames"].drop_nulls("time_s"), tables["shots"]
    if not frames.height or not shots.height or bool(shots["provisional"].fill_null(False).all()):
        return empty(MOMENTS)
    runs = lay_runs(tables, grid)
    floors = np.array([_floor(trait.column) for trait in TRAITS])
    found = []
    for scene, start_s, end_s in _scenes(tables):
        low, high = round(start_s / TICK_S), min(round(end_s / TICK_S), len(runs.values))
        for at, peak, near in _peaks(runs, floors, low, high, scene):
            found.append(_row(tables, runs, low, high, at, peak, near, scene, end_s))
    found.sort(key=lambda row: (row["chance"], -row["departure"]))
    if not found:
        return empty(MOMENTS)
    rows = [row | {"moment": number} for number, row in enumerate(found)]
    return conform(pl.DataFrame(rows, infer_schema_length=None), MOMENTS)


def _scenes(tables: Mapping[str, pl.DataFrame]) -> list[tuple[int, float, float]]:
    """Number, beginning and end of each scene of the story; the whole film where no scenes are known."""
    scenes = tables.get("scenes")
    if scenes is None or not scenes.height:
        return [(0, 0.0, float(tables["shots"]["end_s"][-1]))]
    return list(scenes.filter(pl.col("kind") == "story").select("scene", "start_s", "end_s").iter_rows())


def _floor(column: str) -> float:
    error = known_errors().get(f"frames.{column}")
    # a 95 % error is about two standard deviations
    return FLOORS.get(column, max((error.error or 0.0) / 2 if error else 0.0, LEAST_FLOOR if error is None else 1e-4))


def _peaks(
    runs: Runs, floors: NDArray[np.float64], low: int, high: int, seed: int
) -> Iterator[tuple[int, Peak, NDArray[np.bool_]]]:
    """Give a scene's peaks beyond chance, the largest first: tick, peak, and the ticks that belong to it."""
    around = round(AROUND_S / TICK_S)
    part = slice(low, high)
    known = runs.known[part].copy()
    for _ in range(MOST_IN_A_SCENE):
        peak = find_peak(runs.values[part], known, floors, around, runs.pieces[part], seed)
        if peak is None or peak.chance is None or peak.chance > BEYOND:
            return
        near = _extent(peak, around)
        yield low + peak.tick, peak, near
        known[near | (np.abs(np.arange(high - low) - peak.tick) <= around)] = False


def _extent(peak: Peak, around: int) -> NDArray[np.bool_]:
    """Ticks around a peak where the departure stays above half of it, no further than twice its surroundings."""
    above = peak.departures >= peak.departure / 2
    near = np.zeros(len(above), bool)
    near[peak.tick] = True
    for step in (-1, 1):
        at = peak.tick + step
        while 0 <= at < len(above) and above[at] and abs(at - peak.tick) <= 2 * around:
            near[at] = True
            at += step
    return near


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
    picture, heard = _by_tick(_within(tables["frames"], shots), PICTURE, ticks), _by_tick(_heard(tables), HEARD, ticks)
    seen = _held_on(_by_tick(_nearest(tables), SEEN, ticks), number)
    values = np.concatenate([picture, _local_light(grid, tables["frames"], number), heard, seen], axis=1)
    known = np.isfinite(values)
    in_shot = np.array([trait not in HEARD for trait in TRAITS])
    pieces = np.where(in_shot, number[:, None], 0)
    known &= ~(in_shot & _unsteady(shots, tables["frames"], ticks)[:, None])
    return Runs(np.where(known, values, 0.0), known, pieces)


def _within(frames: pl.DataFrame, shots: pl.DataFrame) -> pl.DataFrame:
    """Frames without what sets a shot's first off from the one before: the shot's own motion begins after it."""
    first = pl.col("frame").is_in(shots["start_frame"].implode())
    across = ("motion_w_s", "residual_change")
    return frames.with_columns(pl.when(~first).then(pl.col(*across)))


def _by_tick(table: pl.DataFrame, traits: tuple[Trait, ...], ticks: int) -> NDArray[np.float64]:
    columns = [trait.column for trait in traits]
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
    there; a lamp in a corner or a tear on a still face is nothing to the picture's mean.
    """
    made = np.full((len(number), 1), np.nan)
    if grid is None or not frames.height:
        return made
    for low, high in pairwise(np.flatnonzero(np.diff(number, prepend=-1, append=-1)).tolist()):
        own = frames.filter(pl.col("time_s").is_between(low * TICK_S, high * TICK_S, closed="left"))
        if not own.height:
            continue
        span = pl.col("frame").is_between(int(own["frame"][0]), int(own["frame"][-1]))
        cells = grid.filter(span).join(own.select("frame", "time_s").lazy(), on="frame").collect().sort("frame")
        if not cells.height:
            continue
        light = np.frombuffer(b"".join(cells["cells"].to_list()), np.uint8).reshape(cells.height, -1, 3)[..., 0]
        at = (cells["time_s"].to_numpy() / TICK_S).astype(np.int64)
        first = np.flatnonzero(np.diff(at, prepend=-1))
        means = np.add.reduceat(light.astype(np.float64), first) / np.diff(first, append=len(at))[:, None]
        apart = means - means.mean(1, keepdims=True)
        apart = np.abs(apart - np.median(apart, 0))
        made[at[first], 0] = (apart / np.maximum(SCALE * np.median(apart, 0), CELL_CODES)).max(1)
    return made


def _unsteady(shots: pl.DataFrame, frames: pl.DataFrame, ticks: int) -> NDArray[np.bool_]:
    """Ticks in which a dissolve, fade or wipe goes on, or a flat shot."""
    marked = np.zeros(ticks, bool)
    spans = shots.drop_nulls("transition_start_frame").select("transition_start_frame", "transition_end_frame").rows()
    spans += shots.filter(pl.col("flat")).select("start_frame", "end_frame").rows()
    numbers, times = frames["frame"].to_numpy(), frames["time_s"].to_numpy()
    for first, last in spans:
        low, high = (float(times[min(int(np.searchsorted(numbers, at)), len(times) - 1)]) for at in (first, last))
        marked[int(low / TICK_S) : int(np.ceil(high / TICK_S)) + 1] = True
    # the film fades out: how its last shot ends
    if shots["ends"][-1] == "fade":
        marked[-round(2 * AROUND_S / TICK_S) :] = True
    return marked


def _row(
    tables: Mapping[str, pl.DataFrame],
    runs: Runs,
    low: int,
    high: int,
    at: int,
    peak: Peak,
    near: NDArray[np.bool_],
    scene: int,
    end_s: float,
) -> dict[str, Any]:
    ticks = low + np.flatnonzero(near)
    start_s, until_s = float(ticks[0] * TICK_S), float(min((ticks[-1] + 1) * TICK_S, end_s))
    frames = tables["frames"].drop_nulls("time_s")
    numbers, times = frames["frame"].to_list(), frames["time_s"].to_numpy()

    def frame_at(time_s: float) -> int:
        return int(numbers[min(int(np.searchsorted(times, time_s)), len(times) - 1)])

    time_s = (at + 0.5) * TICK_S
    order = [int(i) for i in np.argsort(-peak.shares) if peak.shares[i] > 0]
    told = [i for i in order if peak.shares[i] >= TOLD_SHARE][:3] or order[:1]
    said = [_said(runs, low, high, at, i) for i in told]
    where = "of its scene"
    lasting = f"for {write_duration(until_s - start_s)} from {write_clock(start_s)}"
    return {
        "frame": frame_at(time_s),
        "time_s": time_s,
        "start_frame": frame_at(start_s),
        "end_frame": max(frame_at(until_s), frame_at(start_s) + 1),
        "start_s": start_s,
        "end_s": until_s,
        "scene": scene,
        "departure": peak.departure,
        "chance": peak.chance,
        "measures": [TRAITS[i].column for i in order],
        "shares": [float(peak.shares[i]) for i in order],
        "statement": f"The largest departure {where}, {lasting}: {'; '.join(said)}.",
        "still": frame_at(time_s),
    }


def _said(runs: Runs, low: int, high: int, at: int, trait: int) -> str:
    """Say of a measure what it is at a tick, against the median of what it is compared with."""
    told = TRAITS[trait]
    known = runs.known[low:high, trait] & (runs.pieces[low:high, trait] == runs.pieces[at, trait])
    usual, value = float(np.median(runs.values[low:high, trait][known])), float(runs.values[at, trait])
    piece = "scene" if told in HEARD else "shot"
    figures = f"{write_number(value, told.decimals)} against {write_number(usual, told.decimals)}"
    unit = f" {told.unit}".replace(" °", "°") if told.unit else ""
    return f"{told.more if value > usual else told.less} ({told.called} {figures}{unit}, the {piece}'s median)"
