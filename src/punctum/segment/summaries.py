"""What a shot is like as a whole: medians of its frames' measures, its sound, its colours.

Medians leave out frames inside a transition where the shot has others. Levels are means of energy, in decibels.
"""

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


def summarise_shots(
    shots: pl.DataFrame, frames: pl.DataFrame, grid: pl.LazyFrame, loudness: pl.DataFrame
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

    Returns
    -------
    shots : pl.DataFrame
        the same rows; medians over the shot's frames outside its transitions; ``camera`` the mean of the frames'
        weighted by their motion; ``visual_activity`` one minus the median correlation of next-but-one frames;
        ``level_db`` and ``loudness_lufs`` energy means over the whole shot, ungated; the palette
    """
    if shots.is_empty():
        return shots
    starts = shots["start_frame"].to_numpy()
    rows = _with_shots(frames, shots)
    picture = rows.filter(pl.col("steady") | ~pl.col("steady").any().over("shot"))
    weight = pl.when(pl.col("camera").is_not_null()).then(pl.col("motion_w_s"))
    measured = picture.group_by("shot", maintain_order=True).agg(
        *(pl.col(name).cast(pl.Float64).median() for name in MEDIANS),
        ((pl.col("camera").cast(pl.Float64) * weight).sum() / weight.cast(pl.Float64).sum()).alias("camera"),
        # the first two frames of a shot are correlated with the shot before
        (1.0 - pl.col("correlation").cast(pl.Float64).filter(pl.col("place") >= 2).median()).alias("visual_activity"),
    )
    sound = rows.group_by("shot", maintain_order=True).agg(_energy_mean("level_db").alias("level_db"))
    colours, shares = _palettes(rows, grid, len(starts))
    steps = _loudness_by_shot(shots, loudness)
    made = (
        shots.drop(
            *MEDIANS,
            "camera",
            "visual_activity",
            "level_db",
            "loudness_lufs",
            "palette",
            "palette_shares",
            strict=False,
        )
        .join(measured, on="shot", how="left", maintain_order="left")
        .join(sound, on="shot", how="left", maintain_order="left")
        .join(steps, on="shot", how="left", maintain_order="left")
        .with_columns(
            pl.Series("palette", colours, pl.List(pl.String())),
            pl.Series("palette_shares", shares, pl.List(pl.Float32())),
        )
    )
    return tables.conform(made, tables.SHOTS)


def _with_shots(frames: pl.DataFrame, shots: pl.DataFrame) -> pl.DataFrame:
    """Frames with their shot, their place in it, and whether they lie outside of its transitions."""
    numbers = frames["frame"].to_numpy()
    starts = shots["start_frame"].to_numpy()
    own = np.clip(np.searchsorted(starts, numbers, side="right") - 1, 0, len(starts) - 1)
    steady = np.ones(len(numbers), np.bool_)
    spans = shots.select("transition_start_frame", "transition_end_frame").drop_nulls()
    for start, end in spans.iter_rows():
        low, high = np.searchsorted(numbers, [start, end])
        steady[low:high] = False
    return frames.with_columns(
        pl.Series("shot", own.astype(np.int32)),
        pl.Series("place", numbers - starts[own]),
        pl.Series("steady", steady),
        pl.Series("row", np.arange(len(numbers))),
    )


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


def _palettes(rows: pl.DataFrame, grid: pl.LazyFrame, shots: int) -> tuple[list[list[str]], list[list[float]]]:
    """Palette of each shot, from some of its frames; the grid is read a piece at a time."""
    own, steady = rows["shot"].to_numpy(), rows["steady"].to_numpy()
    wanted = _spread(own, steady, shots)
    colours: list[list[str]] = [[] for _ in range(shots)]
    shares: list[list[float]] = [[] for _ in range(shots)]
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


def _spread(own: NDArray[np.int32], steady: NDArray[np.bool_], shots: int) -> NDArray[np.int64]:
    """Rows of up to ``PALETTE_FRAMES`` frames of each shot, evenly spread, outside of transitions if it can be."""
    chosen = []
    low = np.searchsorted(own, np.arange(shots))
    high = np.searchsorted(own, np.arange(shots), side="right")
    for a, b in zip(low.tolist(), high.tolist(), strict=True):
        rows = np.arange(a, b)
        still = rows[steady[a:b]]
        rows = still if len(still) else rows
        if len(rows):
            chosen.append(
                rows[np.unique((np.arange(PALETTE_FRAMES) + 0.5) * len(rows) // PALETTE_FRAMES).astype(np.int64)]
            )
    return np.concatenate(chosen) if chosen else np.zeros(0, np.int64)


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
