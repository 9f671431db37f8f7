"""How long a face is still, and how often its eyes close.

Conventions: times are seconds; a run lasts from its first look to its last.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

STILL_STIR = 0.3
"""Eye distances a second by which the points of a resting face seem to move: 0.15 to 0.25 in the sample film's held
face, which only breathes, 0.4 and more where a mouth opens. Below it a face is still."""

STILL_GAP_S = 1.1
"""Looks further apart than this do not say what lies between."""

BLINK_RATE_HZ = 12.0
"""Blinks last 0.1 to 0.4 s: only eyes seen so often show each (Stern, Walrath and Goldstein, 1984)."""

BLINK_LEAST_S = 3.0
BLINK_LONGEST_S = 0.5
BLINK_SHARE = 0.55
"""Eyes that open less than this share of their own median are shut."""


def measure_stillness(faces: pl.DataFrame) -> pl.DataFrame:
    """Measure the longest time that each track's face does not stir: from the first to the last look of a run.

    Parameters
    ----------
    faces : pl.DataFrame
        columns of ``tables.FACES``, each with a track

    Returns
    -------
    pl.DataFrame
        ``track``, ``still_s``, ``still_start_s``; no row for a track whose stir is not known
    """
    known = faces.drop_nulls("stir").sort("track", "frame").select("track", "time_s", "stir")
    # looks come in pairs, and only one of a pair has a neighbour to be measured against
    breaks = (
        (pl.col("stir") > STILL_STIR)
        | (pl.col("time_s").diff() > STILL_GAP_S)
        | (pl.col("track") != pl.col("track").shift())
    )
    runs = (
        known.with_columns(breaks.fill_null(value=True).cum_sum().alias("run"))
        .filter(pl.col("stir") <= STILL_STIR)
        .group_by("track", "run", maintain_order=True)
        .agg(
            (pl.col("time_s").last() - pl.col("time_s").first()).alias("still_s"),
            pl.col("time_s").first().alias("still_start_s"),
        )
    )
    longest = runs.sort("still_s", "still_start_s", descending=[True, False]).unique("track", keep="first")
    moving = known.select("track").unique().join(longest, on="track", how="left")
    return moving.select("track", pl.col("still_s").fill_null(0.0), "still_start_s")


def count_blinks(faces: pl.DataFrame) -> pl.DataFrame:
    """Count closures of the eyes a minute, over the time in which they were seen often enough.

    Parameters
    ----------
    faces : pl.DataFrame
        columns of ``tables.FACES``, each with a track

    Returns
    -------
    pl.DataFrame
        ``track``, ``blinks_per_minute``; no row for a track whose eyes were not seen `BLINK_RATE_HZ` times a second
    """
    rows = []
    known = faces.drop_nulls("eye_opening").sort("track", "frame")
    for (track,), own in known.group_by("track", maintain_order=True):
        if own.height < BLINK_RATE_HZ * BLINK_LEAST_S:
            continue
        time_s, opening = own["time_s"].to_numpy(), own["eye_opening"].to_numpy()
        apart = np.diff(time_s)
        # a frame's length more than the rate asks for is forgiven: stamps are rounded
        near = apart <= 1 / BLINK_RATE_HZ + 0.005
        dense_s = float(apart[near].sum())
        if dense_s < BLINK_LEAST_S:
            continue
        shut = opening < BLINK_SHARE * float(np.median(opening))
        rows.append((track, _closures(time_s, shut, near) / dense_s * 60))
    return pl.DataFrame(rows, {"track": pl.Int32, "blinks_per_minute": pl.Float32}, orient="row")


def _closures(time_s: NDArray[np.float64], shut: NDArray[np.bool_], near: NDArray[np.bool_]) -> int:
    """Count closures that begin and end in sight and last no longer than a blink."""
    count = 0
    began: float | None = None
    for i in range(1, len(shut)):
        if not near[i - 1]:
            began = None
        elif shut[i] and not shut[i - 1]:
            began = float(time_s[i])
        elif not shut[i] and shut[i - 1]:
            if began is not None and time_s[i] - began <= BLINK_LONGEST_S:
                count += 1
            began = None
    return count
