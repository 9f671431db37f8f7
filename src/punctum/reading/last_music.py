"""The story's last music: its level and how still it lies, beside the film's other music.

Conventions: levels are K-weighted, of half seconds (mean of energies); what moves is the mean difference of one half
second from the next. Rest is told by these two alone: of harmony nothing is known, for no table holds pitches.
"""

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.reading.ending import ending_row
from punctum.reading.ground import Ground
from punctum.reading.row import Row, score_rank, share_below
from punctum.reading.sentences import write_clock, write_number

WINDOW_S, HALF_S = 8.0, 0.5
"""The last music is what is heard in its last eight seconds; the film's other music is cut into pieces as long."""

LEAST_OTHERS = 10
"""With fewer pieces of other music the last is not ranked."""

QUIETEST_LUFS = -70.0

Floats = NDArray[np.float64]


def read_last_music(ground: Ground) -> list[Row]:
    """Give the ending's rows on its last music; none where no music lasts eight seconds in it."""
    spans = (
        ground.sounds.filter(pl.col("kind") == "music").select("start_s", "end_s").drop_nulls().sort("start_s").rows()
    )
    spans = [(a, min(b, ground.end_s)) for a, b in spans if min(b, ground.end_s) - a >= WINDOW_S]
    known = ground.loudness.drop_nulls(["start_s", "loudness_lufs"]).sort("start_s")
    if not spans or spans[-1][1] <= ground.ending_start_s or ground.loudness_rough or not known.height:
        return []
    at_s, level = known["start_s"].to_numpy(), known["loudness_lufs"].to_numpy()
    last_s = spans[-1][1]
    own = _measure(at_s, level, last_s - WINDOW_S)
    if own is None:
        return []
    pieces = [start for a, b in spans for start in np.arange(a, b - WINDOW_S + 1e-6, WINDOW_S).tolist()]
    found = [_measure(at_s, level, start) for start in pieces if start + WINDOW_S <= last_s - WINDOW_S]
    others = np.array([one for one in found if one is not None]).reshape(-1, 2)
    when = f"The last music of the story, up to {write_clock(last_s)},"
    loud = f"is at {write_number(own[0], 0)} LUFS over its last {WINDOW_S:g} s"
    moves = f"moves by {write_number(own[1], 1)} LU from one half second to the next"
    told = (
        ("last_music_lufs", "LUFS", loud, "louder", "quieter"),
        ("last_music_unrest_lu", "LU", moves, "more", "less"),
    )
    rows = []
    for i, (measure, unit, what, more, less) in enumerate(told):
        row = ending_row(ground, measure, own[i], unit, f"{when} {what}.")
        row = replace(row, start_s=last_s - WINDOW_S, end_s=last_s, start_frame=ground.frame_at(last_s - WINDOW_S))
        if len(others) >= LEAST_OTHERS:
            group = pl.Series(others[:, i])
            below, middle = share_below(own[i], group), float(np.median(others[:, i]))
            share = f"{more if below >= 0.5 else less} than {round(100 * max(below, 1 - below))} %"
            median = write_number(middle, 1)
            row = replace(
                row,
                statement=f"{when} {what}, {share} of the film's other music (median {median}).",
                baseline="the film's other music",
                baseline_value=middle,
                percentile=100 * below,
                departure=score_rank(below, float(len(others))),
            )
        rows.append(row)
    return rows


def _measure(at_s: Floats, level: Floats, start_s: float) -> tuple[float, float] | None:
    """Level and unrest of a piece that begins there; None where much of its sound is not known."""
    low, high = np.searchsorted(at_s + 0.05, [start_s, start_s + WINDOW_S])
    if high - low < 0.9 * WINDOW_S / 0.1:
        return None
    energy = 10.0 ** (np.maximum(level[low:high], QUIETEST_LUFS) / 10)
    half = ((at_s[low:high] + 0.05 - start_s) / HALF_S).astype(np.int64)
    counts = np.bincount(half)
    means = 10 * np.log10(np.bincount(half, energy)[counts > 0] / counts[counts > 0])
    return float(10 * np.log10(energy.mean())), float(np.abs(np.diff(means)).mean())
