"""The moments that pierce: where the measures together depart most from the run of their scene.

Conventions: as in `runs`. What belongs to the picture and to faces is compared within its shot, since every cut changes
it; what is heard, within its scene, since it runs on across cuts. Titles and credits are left out. A scene longer than
`LONGEST_S` is searched part by part, each beside itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.reading.runs import AROUND_S, HEARD, TICK_S, Runs, lay_runs
from punctum.reading.sentences import write_clock, write_duration, write_number
from punctum.reading.surprise import Peak, find_peak
from punctum.tables import MOMENTS, conform, empty

BEYOND = 0.05
"""Moments of a chance up to this are kept: of 20 scenes without any, one has one."""

MOST_IN_A_SCENE = 3

LONGEST_S = 600.0

MOST_DECIMALS = 4

TOLD_SHARE = 0.15
"""A measure that makes up this much of a departure is named; the first always, three at most."""


def find_moments(
    tables: Mapping[str, pl.DataFrame], grid: pl.LazyFrame | None = None, offered: Sequence[int] = ()
) -> pl.DataFrame:
    """Find the moments of every scene that depart from its run beyond chance.

    Parameters
    ----------
    tables : mapping of str to pl.DataFrame
        ``frames``, ``shots``, ``scenes``, ``loudness``, ``hearing`` and ``faces`` of
        ``tables.TABLES``; one that is missing counts as empty
    grid : pl.LazyFrame or None
        without it nothing is said of single places in the picture
    offered : sequence of int
        frames of which there is a still

    Returns
    -------
    pl.DataFrame
        columns of ``tables.MOMENTS``, the surest first; a scene too short to say has none (``surprise.LEAST_TICKS``)
    """
    frames = tables["frames"].drop_nulls(["frame", "time_s"])
    shots = tables["shots"].drop_nulls(["start_s", "end_s", "start_frame", "end_frame"])
    tables = {**tables, "frames": frames, "shots": shots}
    if not frames.height or not shots.height or bool(shots["provisional"].fill_null(False).all()):
        return empty(MOMENTS)
    runs = lay_runs(tables, grid)
    stills = np.unique(np.asarray(offered, np.int64))
    found = []
    for scene, start_s, end_s in _scenes(tables):
        first, last = round(start_s / TICK_S), min(round(end_s / TICK_S), len(runs.values))
        parts = np.linspace(first, last, int(np.ceil(max(end_s - start_s, TICK_S) / LONGEST_S)) + 1)
        for low, high in pairwise(np.rint(parts).astype(np.int64).tolist()):
            for at, peak, near in _peaks(runs, low, high, scene):
                found.append(_row(tables, runs, low, high, at, peak, near, scene, end_s, stills))
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
    return list(scenes.filter(pl.col("kind") == "story").select("scene", "start_s", "end_s").drop_nulls().iter_rows())


def _peaks(runs: Runs, low: int, high: int, seed: int) -> Iterator[tuple[int, Peak, NDArray[np.bool_]]]:
    """Give a scene's peaks beyond chance, the largest first: tick, peak, and the ticks that belong to it."""
    around = round(AROUND_S / TICK_S)
    part = slice(low, high)
    known = runs.known[part].copy()
    for _ in range(MOST_IN_A_SCENE):
        peak = find_peak(runs.values[part], known, runs.floors, around, runs.pieces[part], seed)
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
    stills: NDArray[np.int64],
) -> dict[str, Any]:
    ticks = low + np.flatnonzero(near)
    start_s, until_s = float(ticks[0] * TICK_S), float(min((ticks[-1] + 1) * TICK_S, end_s))
    numbers, times = tables["frames"]["frame"].to_numpy(), tables["frames"]["time_s"].to_numpy()

    def frame_at(time_s: float) -> int:
        return int(numbers[min(int(np.searchsorted(times, time_s)), len(times) - 1)])

    time_s = (at + 0.5) * TICK_S
    order = [int(i) for i in np.argsort(-peak.shares) if peak.shares[i] > 0]
    told = [i for i in order if peak.shares[i] >= TOLD_SHARE][:3] or order[:1]
    said = [_said(runs, low, high, at, i) for i in told]
    when = f"From {write_clock(start_s)}, for {write_duration(until_s - start_s)}"
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
        "measures": [runs.traits[i].column for i in order],
        "shares": [float(peak.shares[i]) for i in order],
        "statement": f"{when}, {join_words(said)}; {_write_chance(peak.chance)}.",
        "still": _nearest_still(tables["shots"], stills, frame_at(time_s)),
    }


def _nearest_still(shots: pl.DataFrame, stills: NDArray[np.int64], frame: int) -> int | None:
    """The still that is nearest to a frame, of its shot; None where there is none."""
    shot = shots.filter((pl.col("start_frame") <= frame) & (pl.col("end_frame") > frame))
    if not shot.height:
        return None
    own = stills[(stills >= shot["start_frame"][0]) & (stills < shot["end_frame"][0])]
    return int(own[np.abs(own - frame).argmin()]) if own.size else None


def join_words(parts: Sequence[str]) -> str:
    """Join with commas and a last "and".

    Examples
    --------
    >>> join_words(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def _count_scenes(percent: float) -> str:
    return f"{percent:.0f} scene{'' if round(percent) == 1 else 's'} in 100 depart{'s' if round(percent) == 1 else ''}"


def _write_chance(chance: float | None) -> str:
    """Say how often a scene has as much by chance."""
    odds = "fewer than 1 scene in 100 departs" if (chance or 0.0) < 0.01 else _count_scenes(100 * (chance or 0.0))
    return f"{odds} as far by chance"


def _said(runs: Runs, low: int, high: int, at: int, trait: int) -> str:
    """Say of a measure what it is at a tick, against the median of what it is compared with."""
    told = runs.traits[trait]
    known = runs.known[low:high, trait] & (runs.pieces[low:high, trait] == runs.pieces[at, trait])
    usual, value = float(np.median(runs.values[low:high, trait][known])), float(runs.values[at, trait])
    piece = "scene" if told in HEARD else "shot"
    decimals = told.decimals
    while decimals < MOST_DECIMALS and write_number(value, decimals) == write_number(usual, decimals):
        decimals += 1
    unit = f" {told.unit}".replace(" °", "°") if told.unit else ""
    figures = (
        f"{told.called} {write_number(value, decimals)}{unit}, the {piece}'s median {write_number(usual, decimals)}"
    )
    return f"{told.more if value > usual else told.less} ({figures})"
