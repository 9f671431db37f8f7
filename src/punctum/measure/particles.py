"""What falls or drifts through the picture: small bright things that move alike, scenery that does something else.

Conventions: pictures are uint8 (h, w, 3), neighbouring frames of one shot, bars left out; a velocity is in picture
heights a second, x to the right and y down, against the scenery behind, whose own move (the camera's) is taken out.
What is told is motion: whether it is snow, rain, dust or sparks no figure says. Dark things are not seen.
"""

from functools import lru_cache
from math import lgamma
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Floats = NDArray[np.float64]

SMALL = 0.025
"""Things smaller than this across, in picture heights, are small."""

FLOW_LONG_PX = 128
"""The scenery's own move is followed in pictures of this size, in which what is small vanishes."""

STILL_PX = 0.2
"""A scenery that moves by less than this is not moved back."""

LEAST_CODES, NOISES = 6.0, 3.0
"""A thing is brighter than what is around it and than the same place of the other picture, by so many code values and
by so many deviations of the picture's noise."""

AROUND, BUSY = 5.0, 0.1
"""Where more than this part of the surroundings changes, too, so many times as wide as what is small, nothing is told
apart: leaves, water, a crowd, a cloth."""

REACH = 0.15
"""No further than this, in picture heights, a thing is sought again in the second picture."""

MOST_THINGS = 400

REACHES = (2, 3, 5, 8, 13)
"""Moves are alike within so many pixels to all sides, or"""

ALIKE = 0.3
"""within this part of their length: near flakes and far ones fall through the picture at different speeds."""

CLEAR = 4.0
"""As many like moves are told where chance brings about as many less often than once in ten to this power."""


class Drift(NamedTuple):
    """How many small bright things move alike, and their median velocity, in picture heights a second."""

    things: float
    x_h_s: float
    y_h_s: float


NONE = Drift(0.0, np.nan, np.nan)


def particles(first: Picture, second: Picture, passed_s: float) -> Drift:
    """Find small bright things that drift alike from one frame to the next.

    In both pictures, the second brought onto the first by the scenery's flow (DIS, Kroeger et al. 2016), what a white
    top-hat leaves (Serra 1982) and the other picture has not is cut into things. Of all moves from a thing of the first
    to one of the second the window of like ones is sought that is fullest beyond chance: the count that a Poisson
    distribution gives, with the mean of moves spread evenly, is as unlikely as ten to the minus `CLEAR`.

    Parameters
    ----------
    first, second : np.ndarray [shape=(h, w, 3), dtype=uint8]
        neighbouring frames
    passed_s : float
        time between them

    Returns
    -------
    Drift
        ``things`` 0 where nothing drifts beyond chance
    """
    found = _weigh_moves(first, second)
    if found is None or found[1] < CLEAR or passed_s <= 0:
        return NONE
    count, _, x_px, y_px = found
    high = first.shape[0]
    return Drift(count, x_px / high / passed_s, y_px / high / passed_s)


def _weigh_moves(first: Picture, second: Picture) -> tuple[float, float, float, float] | None:
    """Count of the fullest window of like moves, less chance's, how unlikely it is (tens), its median move."""
    high, wide = first.shape[:2]
    if first.shape != second.shape or min(high, wide) < 48:
        return None
    before, after = (np.asarray(cv2.cvtColor(one, cv2.COLOR_RGB2GRAY), np.uint8) for one in (first, second))
    after = _bring_back(before, after)
    across = 2 * round(SMALL * high / 2) + 1
    box, near = np.ones((across, across), np.uint8), np.ones((3, 3), np.uint8)
    tops = [cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, box) for grey in (before, after)]
    left = [np.asarray(cv2.subtract(tops[i], cv2.dilate(tops[1 - i], near)), np.uint8) for i in (0, 1)]
    changed = np.asarray(cv2.absdiff(before, after), np.uint8)
    noise = float(np.median(changed[::4, ::4])) / 0.954  # what the median is of, in deviations
    least = max(LEAST_CODES, NOISES * noise)
    masks = [np.asarray(cv2.threshold(one, least, 255, cv2.THRESH_BINARY)[1], np.uint8) for one in left]
    active = cv2.threshold(changed, max(4.0, 2.5 * noise), 255, cv2.THRESH_BINARY)[1]
    things = [_cut_out(mask, across, active) for mask in masks]
    if min(len(places) for places in things) < 3:
        return None
    return _fullest(things[0], things[1], REACH * high, high * wide)


def _bring_back(before: Picture, after: Picture) -> Picture:
    """Bring the second picture's scenery to where the first has it."""
    high, wide = before.shape
    scale = FLOW_LONG_PX / max(high, wide)
    size = (max(32, round(wide * scale)), max(32, round(high * scale)))
    small = [cv2.resize(grey, size, interpolation=cv2.INTER_AREA) for grey in (before, after)]
    flow = _flow().calc(small[0], small[1], None)
    moves = [
        cv2.medianBlur(np.ascontiguousarray(flow[..., i]), 5) * (side / size[i]) for i, side in enumerate((wide, high))
    ]
    if max(float(np.percentile(np.abs(move), 90)) for move in moves) < STILL_PX:
        return after
    full = [cv2.resize(move, (wide, high), interpolation=cv2.INTER_LINEAR) for move in moves]
    full[0] += np.arange(wide, dtype=np.float32)[None]
    full[1] += np.arange(high, dtype=np.float32)[:, None]
    return np.asarray(cv2.remap(after, full[0], full[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


@lru_cache(maxsize=1)
def _flow() -> Any:
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    flow.setFinestScale(1)
    return flow


def _cut_out(mask: Picture, across: int, active: NDArray[Any]) -> Floats:
    """Places (n, 2) of connected things, the largest first, that are small and stand in still surroundings."""
    high, wide = active.shape
    small = cv2.resize(active, (-(-wide // 4), -(-high // 4)), interpolation=cv2.INTER_AREA)
    reach = 2 * round(AROUND * across / 8) + 1
    busy = np.asarray(cv2.blur(small, (reach, reach))) / 255
    _, _, stats, middles = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_16U)
    areas, middles = stats[1:, cv2.CC_STAT_AREA], middles[1:]
    at = np.rint(middles / 4).astype(np.int64)
    around = busy[np.minimum(at[:, 1], busy.shape[0] - 1), np.minimum(at[:, 0], busy.shape[1] - 1)]
    # it changes the picture where it was and where it is
    calm = around - 2 * areas / (4 * reach) ** 2 <= BUSY
    kept = np.flatnonzero((areas >= 2) & (areas <= across**2) & calm)
    return np.asarray(middles[kept[np.argsort(-areas[kept], kind="stable")[:MOST_THINGS]]], np.float64)


def _fullest(ones: Floats, others: Floats, reach_px: float, area_px: float) -> tuple[float, float, float, float]:
    """Find the window of like moves that is fullest beyond chance."""
    moves = (others[None] - ones[:, None]).reshape(-1, 2)
    moves = moves[np.hypot(moves[:, 0], moves[:, 1]) <= reach_px]
    half = int(reach_px)
    side = 2 * half + 1
    level, outside = _windows(half)
    place = np.rint(moves).astype(np.int64) + half
    place = place[((place >= 0) & (place < side)).all(1)]
    counts = np.bincount(place[:, 1] * side + place[:, 0], minlength=side * side).reshape(side, side).astype(np.float32)
    in_window = np.zeros((side, side), np.float32)
    for i, reach in enumerate(REACHES):
        span = 2 * reach + 1
        summed = cv2.boxFilter(counts, -1, (span, span), normalize=False, borderType=cv2.BORDER_CONSTANT)
        in_window = np.where(level == i, summed, in_window)
    spans = (2 * np.array(REACHES)[level] + 1) ** 2
    # things that come in heaps have more moves near one another than things spread over the picture
    mean = np.maximum((len(moves) - in_window) / (np.pi * reach_px**2), len(ones) * len(others) / area_px) * spans
    score = np.where(outside, 0.0, _surprise(np.rint(in_window).astype(np.int64), np.maximum(mean, 0.05)))
    best = int(score.argmax())
    y, x = divmod(best, side)
    within = (np.abs(moves - (x - half, y - half)) <= REACHES[level[y, x]] + 0.5).all(1)
    if not within.any():
        return 0.0, 0.0, 0.0, 0.0
    move = np.median(moves[within], axis=0)
    return float(in_window[y, x] - mean[y, x]), float(score[y, x]), float(move[0]), float(move[1])


@lru_cache(maxsize=8)
def _windows(half: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """For every move: which of `REACHES` is its window, and whether it is out of reach."""
    at = np.arange(-half, half + 1)
    lengths = np.hypot(at[None], at[:, None])
    level = np.searchsorted(REACHES, np.minimum(ALIKE * lengths, REACHES[-1]))
    return level, lengths > half


_LOG_FACTORIALS = np.array([lgamma(n + 1) for n in range(4096)])


def _surprise(count: NDArray[np.int64], mean: Floats) -> Floats:
    """How unlikely so many are of a Poisson distribution, as tens: its tail's first term, the rest as a series."""
    above = count > mean
    n = np.minimum(count, len(_LOG_FACTORIALS) - 1)
    tail = mean - n * np.log(mean) + _LOG_FACTORIALS[n] + np.log(np.maximum(1 - mean / (n + 1), 1e-3))
    return np.where(above, np.maximum(tail, 0.0) / np.log(10), 0.0)
