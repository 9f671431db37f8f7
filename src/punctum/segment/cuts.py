"""Hard cuts: a step between two frames that stands out of its neighbours, lasts, and is not only light or a title.

Frames are rows of one unbroken run of film. Each test gives a multiple of its threshold; a cut passes all of them,
and its strength is the weakest. Nothing is tuned to a film: the step is measured against the steps around it.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from punctum.segment.boundaries import Boundary
from punctum.segment.cells import NOISE, PLACES, Floats, distance, kept_share, unlikeness

NEIGHBOURS = 6
"""Frames on each side that a step is measured against."""

STEP_RATIO = 2.4
"""How many times its neighbours' steps a cut's step is, at least."""

STEP_FLOOR = 0.012
"""Added to the neighbours' steps: the grid's own rounding and grain in a still picture."""

STEP_LEAST = 0.03
"""A smaller step is never a cut."""

UNLIKE_LEAST = 0.08
UNLIKE_LIGHT = 0.25
"""Least unlikeness of the layouts before and after; the second where the step is one of mean colour only."""

HUE_STEP = 0.2
"""A step of mean chroma (doubled) that no white balance explains."""

KEPT_MOST = 0.6
"""A cut leaves less than this share of the pictures' detail where it was."""

RETURN_S = 0.5
"""A picture that comes back within this time, after frames washed out or torn, was lit or crossed, not cut."""

APART_LEAST = 3
"""Frames between two cuts, at least."""


def steps_of(cells: Floats) -> Floats:
    """Distance of each frame from the one before; 0 for the first."""
    steps = np.zeros(len(cells), np.float32)
    if len(cells) > 1:
        steps[1:] = distance(cells[1:], cells[:-1])
    return steps


def surroundings(steps: Floats) -> Floats:
    """Level of the steps around each step: the greater of both sides' medians.

    Neighbours are taken as the greater of two in a row, so that film on twos, where every second frame repeats, has
    the level of its moving frames.
    """
    n = len(steps)
    pad = NEIGHBOURS + 1
    pairs = np.maximum(np.pad(steps, (pad, pad))[:-1], np.pad(steps, (pad, pad))[1:])
    medians = np.median(sliding_window_view(pairs, NEIGHBOURS - 1), axis=1)
    # pairs[i] spans padded steps i and i + 1; step t is padded t + pad
    left = medians[pad - NEIGHBOURS : pad - NEIGHBOURS + n]
    right = medians[pad + 1 : pad + 1 + n]
    level: Floats = np.maximum(left, right).astype(np.float32)
    return level


def _returns(cells: Floats, centred: Floats, at: int, reach: int) -> bool:
    """Whether the picture before ``at`` comes back soon, after frames that are no picture of their own."""
    low, high = max(0, at - reach), min(len(cells), at + reach)
    before, after = np.arange(low, at), np.arange(at, high)
    likeness_after = unlikeness(np.broadcast_to(centred[at - 1], (len(after), centred.shape[1])), centred[after])
    likeness_before = unlikeness(np.broadcast_to(centred[at], (len(before), centred.shape[1])), centred[before])
    gap_after = distance(np.broadcast_to(cells[at - 1], (len(after), cells.shape[1])), cells[after])
    gap_before = distance(np.broadcast_to(cells[at], (len(before), cells.shape[1])), cells[before])
    for frames, unlike, gap, home in (
        (after, likeness_after, gap_after, at - 1),
        (before[::-1], likeness_before[::-1], gap_before[::-1], at),
    ):
        step = float(gap[0])
        back = np.flatnonzero((unlike[1:] < 0.3 * max(float(unlike[0]), UNLIKE_LEAST)) & (gap[1:] < 0.5 * step))
        if not len(back):
            continue
        between = frames[: int(back[0]) + 1]
        if len(between) <= 2:
            return True
        detail = np.sqrt((centred[between] ** 2).sum(axis=1) / PLACES)
        own = np.sqrt(float((centred[home] ** 2).sum()) / PLACES)
        washed = (detail < 0.6 * own + NOISE) | (unlike[: len(between)] < 0.5)
        restless = float(np.median(distance(cells[between[1:]], cells[between[:-1]]))) > 0.3 * step
        if washed.mean() > 0.5 or restless:
            return True
    return False


def find_cuts(cells: Floats, centred: Floats, own: range, rate_hz: float) -> list[Boundary]:
    """Find the hard cuts in rows ``own`` of an unbroken run of film.

    Parameters
    ----------
    cells, centred : np.ndarray [shape=(n, 432), dtype=float32]
        the frames, and the same without their mean colour; at least half a second more on both sides of ``own``,
        where there is film
    own : range
        rows to look at
    rate_hz : float
        frames a second, as the median of their spacing

    Returns
    -------
    list of Boundary
        in order; ``at`` counts rows of ``cells``
    """
    n = len(cells)
    if n < 2:
        return []
    steps = steps_of(cells)
    ratio = steps / (surroundings(steps) + np.float32(STEP_FLOOR))
    peak = sliding_window_view(np.pad(steps, APART_LEAST - 1), 2 * APART_LEAST - 1).max(axis=1)
    hopeful = np.flatnonzero((steps > STEP_LEAST) & (ratio > STEP_RATIO) & (steps >= peak))
    reach = max(3, round(RETURN_S * rate_hz))
    cuts = []
    for at in hopeful.tolist():
        if at < 1 or at not in own:
            continue
        strength = _strength(cells, centred, at, float(steps[at]), float(ratio[at]))
        if strength >= 1.0 and not _returns(cells, centred, at, reach):
            cuts.append(Boundary(at, "cut", at, at, strength))
    return cuts


def _strength(cells: Floats, centred: Floats, at: int, step: float, ratio: float) -> float:
    """Give the weakest of a cut's tests, as a multiple of its threshold."""
    mean_step = cells[at].reshape(PLACES, 3).mean(axis=0) - cells[at - 1].reshape(PLACES, 3).mean(axis=0)
    light_share = min(1.0, float((mean_step**2).sum()) / step**2)
    unlike = float(unlikeness(centred[at - 1 : at], centred[at : at + 1])[0])
    needed = UNLIKE_LEAST + (UNLIKE_LIGHT - UNLIKE_LEAST) * light_share
    layout = max(unlike / needed, float(np.hypot(mean_step[1], mean_step[2])) / HUE_STEP)
    kept = kept_share(cells[at - 1], cells[at], max(0.03, step / max(ratio, 1.0)))
    wide = distance(cells[max(0, at - 2)][None], cells[min(len(cells) - 1, at + 1)][None])
    lasting = float(wide[0]) / step / 0.6
    return min(ratio / STEP_RATIO, step / STEP_LEAST, layout, (1.0 - kept) / (1.0 - KEPT_MOST), lasting * 2.0)
