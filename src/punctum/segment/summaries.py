"""What a shot is like as a whole: medians of its frames' measures, its sound, its colours.

Medians leave out frames inside a transition where the shot has others. Levels are means of energy, in decibels.
"""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum import tables
from punctum.segment.cells import CHROMA_WEIGHT, PLACES, Floats, cells_of
from punctum.segment.palette import find_palette

MEDIANS = ("brightness", "contrast", "key", "saturation", "warmth", "colourfulness", "motion_w_s")
PALETTE_FRAMES = 12
"""Frames of a shot that its palette is taken from, evenly spread."""

ROWS_AT_ONCE = 2048

_Palette = tuple[list[str], list[float]]


def summarise_shots(
    shots: pl.DataFrame,
    frames: pl.DataFrame,
    grid: pl.LazyFrame,
    loudness: pl.DataFrame,
    before: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Fill in the summaries of shots.

    Parameters
    ----------
    shots : pl.DataFrame
        columns of ``tables.SHOTS``
    frames : pl.DataFrame
        columns of ``tables.FRAMES``
    grid : pl.LazyFrame
        columns of ``tables.GRID``, the frames of ``frames`` in their order
    loudness : pl.DataFrame
        columns of ``tables.LOUDNESS``; may be empty
    before : pl.DataFrame, optional
        shots of the same film summarised before: one of the same bounds lends its palette, the dearest of these

    Returns
    -------
    shots : pl.DataFrame
        the same rows; medians over the shot's frames outside its transitions; ``camera`` the mean of the frames'
        weighted by their motion; ``visual_activity`` one minus the median correlation of next-but-one frames;
        ``level_db`` and ``loudness_lufs`` energy means over the whole shot, ungated; the palette
    """
    if shots.is_empty():
        return shots
    places = _places(frames, shots)
    measured = [_medians(frames, name, places) for name in MEDIANS]
    measured += [_camera(frames, places), _activity(frames, places), _levels(frames, places)]
    lent = _lent_palettes(shots, before)
    colours, shares = _palettes(places, grid, lent)
    steps = _loudness_by_shot(shots, loudness)
    made = (
        shots.with_columns(measured)
        .drop("loudness_lufs")
        .join(steps, on="shot", how="left", maintain_order="left")
        .with_columns(
            pl.Series("palette", colours, pl.List(pl.String())),
            pl.Series("palette_shares", shares, pl.List(pl.Float32())),
        )
    )
    return tables.conform(made, tables.SHOTS)


class _Places(NamedTuple):
    """Where every row of the table of frames lies.

    ``own`` (n,) is its shot, ``edges`` (shots + 1,) each shot's first row, ``steady`` (n,) whether it lies outside of
    transitions or its shot has no other frames, ``frame`` (n,) its number from the shot's first frame.
    """

    own: NDArray[np.int32]
    edges: NDArray[np.int64]
    steady: NDArray[np.bool_]
    frame: NDArray[np.int32]


def _places(frames: pl.DataFrame, shots: pl.DataFrame) -> _Places:
    numbers = frames["frame"].to_numpy()
    starts = shots["start_frame"].to_numpy()
    own = np.clip(np.searchsorted(starts, numbers, side="right") - 1, 0, len(starts) - 1).astype(np.int32)
    edges = np.searchsorted(own, np.arange(len(starts) + 1))
    steady = np.ones(len(numbers), np.bool_)
    spans = shots.select("transition_start_frame", "transition_end_frame").drop_nulls()
    for low, high in np.searchsorted(numbers, spans.to_numpy()).reshape(-1, 2).tolist():
        steady[low:high] = False
    counts = np.bincount(own[steady], minlength=len(starts))
    steady |= counts[own] == 0
    return _Places(own, edges, steady, numbers - starts[own])


# A column at a time, so that no copy of the whole table is ever held.


def _by_shot(places: _Places, value: pl.Expr, keep: NDArray[np.bool_] | None = None, **columns: pl.Series) -> pl.Series:
    """Aggregate columns of frames by shot; null for a shot without a row."""
    rows = pl.DataFrame({"shot": places.own, **columns})
    rows = rows if keep is None else rows.filter(pl.Series(keep))
    made = rows.group_by("shot").agg(value.alias("value"))
    all_shots = pl.DataFrame({"shot": np.arange(len(places.edges) - 1, dtype=np.int32)})
    return all_shots.join(made, on="shot", how="left", maintain_order="left")["value"]


def _medians(frames: pl.DataFrame, name: str, places: _Places) -> pl.Series:
    return _by_shot(places, pl.col("x").cast(pl.Float64).median(), places.steady, x=frames[name]).alias(name)


def _camera(frames: pl.DataFrame, places: _Places) -> pl.Series:
    """Mean of the frames' camera share, each weighted by its motion."""
    share = pl.col("camera").cast(pl.Float64)
    weight = pl.when(share.is_not_null()).then(pl.col("motion").cast(pl.Float64))
    mean = (share * weight).sum() / weight.sum()
    return _by_shot(places, mean, places.steady, camera=frames["camera"], motion=frames["motion_w_s"]).alias("camera")


def _activity(frames: pl.DataFrame, places: _Places) -> pl.Series:
    """One minus the median correlation; that of a shot's first two frames is with the shot before."""
    median = _by_shot(
        places, pl.col("x").cast(pl.Float64).median(), places.steady & (places.frame >= 2), x=frames["correlation"]
    )
    return (1.0 - median).alias("visual_activity")


def _levels(frames: pl.DataFrame, places: _Places) -> pl.Series:
    return _by_shot(places, _energy_mean("level_db"), level_db=frames["level_db"]).alias("level_db")


def _energy_mean(name: str) -> pl.Expr:
    """Mean of levels as energies, in decibels; null where nothing was measured."""
    energy = (10.0 ** (pl.col(name).cast(pl.Float64) / 10.0)).mean()
    return pl.max_horizontal(10.0 * energy.log10(), pl.when(energy.is_not_null()).then(tables.SILENCE_DB))


def _loudness_by_shot(shots: pl.DataFrame, loudness: pl.DataFrame) -> pl.DataFrame:
    """Loudness of each shot from the 100 ms steps whose middle lies in it; null without any."""
    if loudness.is_empty():
        return pl.DataFrame(schema={"shot": pl.Int32(), "loudness_lufs": pl.Float64()})
    starts, end_s = shots["start_s"].to_numpy(), float(shots["end_s"][-1])
    middle = loudness["start_s"].to_numpy() + 0.05
    own = np.searchsorted(starts, middle, side="right") - 1
    return (
        loudness.with_columns(pl.Series("shot", own.astype(np.int32)), pl.Series("middle", middle))
        .filter((pl.col("shot") >= 0) & (pl.col("middle") < end_s))
        .group_by("shot", maintain_order=True)
        .agg(_energy_mean("loudness_lufs").alias("loudness_lufs"))
    )


BOUNDS = ["start_frame", "end_frame", "transition_start_frame", "transition_end_frame"]


def _lent_palettes(shots: pl.DataFrame, before: pl.DataFrame | None) -> list[_Palette | None]:
    """Palette of each shot that had the same bounds before; None for the others."""
    if before is None:
        return [None] * shots.height
    known = {row[:4]: (row[4], row[5]) for row in before.select(*BOUNDS, "palette", "palette_shares").iter_rows()}
    return [known.get(row) for row in shots.select(BOUNDS).iter_rows()]


def _palettes(
    places: _Places, grid: pl.LazyFrame, lent: list[_Palette | None]
) -> tuple[list[list[str]], list[list[float]]]:
    """Palette of each shot that none was lent, from some of its frames; the grid is read a piece at a time."""
    own = places.own
    wanted = _spread(places)
    wanted = wanted[np.array([palette is None for palette in lent], np.bool_)[own[wanted]]]
    if grid.limit(1).collect().is_empty():  # a bundle's grid may have been deleted
        wanted = wanted[:0]
    colours = [palette[0] if palette else [] for palette in lent]
    shares = [palette[1] if palette else [] for palette in lent]
    held: dict[int, list[Floats]] = {}

    def close(shot: int) -> None:
        lab = np.concatenate(held.pop(shot)).reshape(-1, 3)
        colours[shot], shares[shot] = find_palette(lab)

    for begin in range(0, len(own), ROWS_AT_ONCE):
        picked = wanted[(wanted >= begin) & (wanted < begin + ROWS_AT_ONCE)]
        if not len(picked):
            continue
        column = grid.slice(begin, ROWS_AT_ONCE).select("cells").collect()["cells"].gather(picked - begin)
        cells = cells_of(column).reshape(-1, PLACES, 3) / np.array([1.0, CHROMA_WEIGHT, CHROMA_WEIGHT], np.float32)
        for row, frame in zip(picked.tolist(), cells, strict=True):
            shot = int(own[row])
            for done in [s for s in held if s < shot]:
                close(done)
            held.setdefault(shot, []).append(frame)
    for shot in list(held):
        close(shot)
    return colours, shares


def _spread(places: _Places) -> NDArray[np.int64]:
    """Rows of up to ``PALETTE_FRAMES`` frames of each shot, evenly spread, outside of transitions if it can be."""
    rows = np.flatnonzero(places.steady)
    low = np.searchsorted(rows, places.edges)
    count = np.diff(low)
    at = ((np.arange(PALETTE_FRAMES) + 0.5) * count[:, None] // PALETTE_FRAMES).astype(np.int64) + low[:-1, None]
    chosen: NDArray[np.int64] = rows[np.unique(at[count > 0])]
    return chosen


def film_palette(shots: pl.DataFrame) -> tuple[list[str], list[float]]:
    """Find the palette of a whole film from those of its shots, each weighted by its length.

    Parameters
    ----------
    shots : pl.DataFrame
        columns of ``tables.SHOTS``, summarised

    Returns
    -------
    colours : list of str
        ``#rrggbb``, most frequent first, five at most
    shares : list of float
    """
    lab, weights = [], []
    for colours, shares, length_s in shots.select("palette", "palette_shares", "length_s").drop_nulls().iter_rows():
        for colour, share in zip(colours, shares, strict=True):
            lab.append(_lab(colour))
            weights.append(share * length_s)
    if not lab:
        return [], []
    return find_palette(np.array(lab, np.float32), np.array(weights, np.float64))


def _lab(colour: str) -> tuple[float, float, float]:
    """Turn ``#rrggbb`` into OKLab; the inverse of ``hex_colour`` (Ottosson 2020; gamma 2.4)."""
    r, g, b = ((int(colour[i : i + 2], 16) / 255.0) ** 2.4 for i in (1, 3, 5))
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1.0 / 3.0)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1.0 / 3.0)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1.0 / 3.0)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )
