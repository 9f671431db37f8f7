"""Two people in one frame: how far apart their faces are, how that changes, who turns to whom.

Conventions: a distance is that between the middles of two faces, in picture heights, and in face heights over the mean
of the two: cheek to cheek is some 0.7 face heights (a face is three quarters as broad as high), an arm's length three.
Distances are those of the two nearest (largest) faces of a frame that was looked at. Positive yaw is to the right.
"""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

CONTACT, APART = 0.65, 0.75
"""Two faces touch from so many face heights on, and until they are so many apart: the breadth of a face."""

LEAST_CHANGE = 0.3
"""Face heights that a distance must change by to be an approach or a withdrawal: boxes alone are off by some 0.1."""

LOST_NEAR = 1.1
"""Where one of two faces is lost to the finder this near to the other, and the other stays, it is hidden by it."""

LEAST_S = 0.25
TURNED_DEG = 8.0
STEADY_LOOKS = 9
TOGETHER_S = 0.2

Floats = NDArray[np.float64]


class Move(NamedTuple):
    """What two faces do: kind, from row to row of their distances, and by how many face heights."""

    kind: str
    first: int
    last: int
    change: float


def measure_pairs(faces: pl.DataFrame, tracks: pl.DataFrame, aspect: float) -> pl.DataFrame:
    """Measure the distance of the two largest tracked faces of each frame.

    Parameters
    ----------
    faces, tracks : pl.DataFrame
        columns of ``tables.FACES`` and ``tables.TRACKS``
    aspect : float
        width over height of the active picture as it is seen

    Returns
    -------
    pl.DataFrame
        ``shot``, ``frame``, ``time_s``; ``one``, ``other``: their tracks, the left one first; ``distance_h`` in picture
        heights, ``distance`` in face heights; ``one_yaw_deg``, ``other_yaw_deg``
    """
    seen = faces.drop_nulls("track").join(tracks.select("track", "shot"), on="track")
    two = (
        seen.sort("frame", "height", descending=[False, True])
        .group_by("frame", maintain_order=True)
        .head(2)
        .with_columns(
            ((pl.col("left") + pl.col("width") / 2) * aspect).alias("x"),
            (pl.col("top") + pl.col("height") / 2).alias("y"),
        )
        .sort("frame", "x")
    )
    pairs = two.group_by("frame", maintain_order=True).agg(
        pl.col("shot", "time_s").first(),
        pl.len().alias("count"),
        pl.col("track").first().alias("one"),
        pl.col("track").last().alias("other"),
        ((pl.col("x").last() - pl.col("x").first()) ** 2 + (pl.col("y").last() - pl.col("y").first()) ** 2)
        .sqrt()
        .alias("distance_h"),
        pl.col("height").mean().alias("mean_height"),
        pl.col("height").min().alias("least"),
        pl.col("height").max().alias("most"),
        pl.col("yaw_deg").first().alias("one_yaw_deg"),
        pl.col("yaw_deg").last().alias("other_yaw_deg"),
    )
    # a face in the foreground and one far behind are no pair
    near = pairs.filter((pl.col("count") == 2) & (pl.col("most") < 2 * pl.col("least")))
    # the box of a face is unrestful from look to look; how large it is changes slowly
    steady = pl.col("mean_height").rolling_median(STEADY_LOOKS, center=True, min_samples=1).over("shot", "one", "other")
    return near.with_columns((pl.col("distance_h") / steady).alias("distance")).select(
        "shot", "frame", "time_s", "one", "other", "distance_h", "distance", "one_yaw_deg", "other_yaw_deg"
    )


def find_moves(time_s: Floats, distance: Floats, hidden: bool = False, distance_h: Floats | None = None) -> list[Move]:
    """Find approaches, contacts and withdrawals in the distances of two faces.

    Turning points are those between which the smoothed distance changes by `LEAST_CHANGE` or more.

    Parameters
    ----------
    time_s, distance : np.ndarray [shape=(n,), dtype=float64]
        when, and how far apart in face heights
    hidden : bool
        after the last of them one face is hidden by the other
    distance_h : np.ndarray [shape=(n,), dtype=float64], optional
        how far apart in picture heights: what changes in face heights only is no move, but a change of the faces' size

    Returns
    -------
    list of Move
        in order; a contact lies between an approach and a withdrawal, or at an end

    Examples
    --------
    >>> [move.kind for move in find_moves(np.arange(9.0), np.array([2, 2, 1.5, 1, 0.6, 0.6, 0.6, 1.2, 2]))]
    ['approach', 'contact', 'withdrawal']
    """
    if len(distance) < 2:
        return []
    smooth = _smoothed(time_s, distance)
    moves = []
    for first, last in _swings(smooth):
        change = float(smooth[last] - smooth[first])
        kind = "withdrawal" if change > 0 else "approach"
        first, last = _trim(smooth, first, last)
        if distance_h is not None and _is_size(distance_h, smooth, first, last):
            continue
        if time_s[last] - time_s[first] >= LEAST_S:
            moves.append(Move(kind, first, last, change))
    touching = smooth <= CONTACT
    for i in range(1, len(touching)):
        touching[i] = touching[i] or (touching[i - 1] and smooth[i] <= APART)
    for move in moves:
        if move.kind == "withdrawal":
            touching[move.first + 1 : move.last + 1] = False
    if hidden and smooth[-1] <= LOST_NEAR:
        touching[-1] = True
    at = 0
    while at < len(touching):
        if not touching[at]:
            at += 1
            continue
        end = at
        while end + 1 < len(touching) and touching[end + 1]:
            end += 1
        moves.append(Move("contact", at, end, 0.0))
        at = end + 1
    return sorted(moves, key=lambda move: (move.first, move.last))


def _smoothed(time_s: Floats, distance: Floats) -> Floats:
    """Mean over the looks of `TOGETHER_S`: a pair of neighbouring frames has two boxes of the same faces."""
    total = np.concatenate([[0.0], np.cumsum(distance)])
    low = np.searchsorted(time_s, time_s - TOGETHER_S / 2, side="left")
    high = np.searchsorted(time_s, time_s + TOGETHER_S / 2, side="right")
    return np.asarray((total[high] - total[low]) / (high - low))


def _swings(values: Floats) -> list[tuple[int, int]]:
    """Stretches between turning points that differ by `LEAST_CHANGE` or more."""
    swings: list[tuple[int, int]] = []
    low = high = start = 0
    direction = 0
    for i, value in enumerate(values):
        if direction >= 0 and value > values[high]:
            high = i
        if direction <= 0 and value < values[low]:
            low = i
        if direction >= 0 and values[high] - value >= LEAST_CHANGE:
            if direction > 0 or values[high] - values[start] >= LEAST_CHANGE:
                swings.append((start, high))
            direction, start, low = -1, high, i
        elif direction <= 0 and value - values[low] >= LEAST_CHANGE:
            if direction < 0 or values[start] - values[low] >= LEAST_CHANGE:
                swings.append((start, low))
            direction, start, high = 1, low, i
    end = high if direction > 0 else low
    if direction and abs(values[end] - values[start]) >= LEAST_CHANGE:
        swings.append((start, end))
    return [(a, b) for a, b in swings if b > a]


def _is_size(distance_h: Floats, distance: Floats, first: int, last: int) -> bool:
    """Whether the distance in the picture changes by less than half of what it changes in face heights."""
    share = float(np.log(max(distance[last], 0.05) / max(distance[first], 0.05)))
    ends = (distance_h[max(first - 1, 0) : first + 2], distance_h[max(last - 1, 0) : last + 2])
    before, after = (max(float(np.median(end)), 1e-3) for end in ends)
    return bool(np.log(after / before) / share < 0.5)


def _trim(values: Floats, first: int, last: int) -> tuple[int, int]:
    """Leave out what lies within a tenth of the change of either end: rest is no move."""
    margin = 0.1 * abs(values[last] - values[first])
    while (
        first + 1 < last
        and abs(values[first + 1] - values[first]) < margin
        and abs(values[last] - values[first + 1]) > margin
    ):
        first += 1
    while last - 1 > first and abs(values[last] - values[last - 1]) < margin:
        last -= 1
    return first, last


def hidden_after(pairs: pl.DataFrame, faces: pl.DataFrame, shot_end_frame: int) -> bool:
    """Whether after the last frame of a pair one face is seen on in its shot and the other is not."""
    last = pairs.row(-1, named=True)
    later = faces.filter((pl.col("frame") > last["frame"]) & (pl.col("frame") < shot_end_frame))
    return later.height > 0 and later["frame"].n_unique() >= later.height


def turned(one_yaw_deg: float | None, other_yaw_deg: float | None) -> str:
    """Who turns to whom: ``both``, ``one`` (the left one), ``other``, ``neither``, or "" where a yaw is missing.

    >>> turned(20, -15), turned(20, 12), turned(0, None)
    ('both', 'one', '')
    """
    if one_yaw_deg is None or other_yaw_deg is None:
        return ""
    one, other = one_yaw_deg >= TURNED_DEG, other_yaw_deg <= -TURNED_DEG
    return "both" if one and other else "one" if one else "other" if other else "neither"
