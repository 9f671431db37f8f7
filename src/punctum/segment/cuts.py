"""Hard cuts: a step between two frames that stands out of its neighbours, leads to another picture, and lasts.

Frames are rows of one unbroken run of film. Five cues are multiplied, each to its own power, as a logistic regression
over composed films weighs their logarithms (``benchmarks/shots`` composes and scores such films). None is an absolute
measure of change: a step is taken against the steps around it, a layout against the layout before, so there is no
threshold to tune to a film.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from punctum.segment.boundaries import Boundary
from punctum.segment.cells import NOISE, PLACES, Floats, distance, kept_shares, unlikeness

NEIGHBOURS = 6
"""Frames on each side that a step is measured against."""

STEP_FLOOR = 0.012
HISTOGRAM_FLOOR = 0.03
"""Added to the neighbours' steps: the grid's and histograms' own rounding and grain in a still picture."""

STEP_LEAST = 0.02
"""A smaller step is never a cut: it lies below what grain and coding do to a still picture."""

CUE_FLOOR = 0.02
"""Added to cues that can be nought."""

POWERS = {"step": 0.75, "histogram": 0.55, "unlike": 2.6, "moved": 2.2, "layout": 1.2}
OFFSET = 3.2
"""Weights of the cues' logarithms, and what is added to their sum: above nought is a cut."""

RETURN_S = 0.5
"""A picture that comes back within this time, after frames washed out or torn, was lit or crossed, not cut."""

EVIDENCE_OF_TWICE = 2.0
"""Evidence that counts as twice the threshold: odds of seven to one."""

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
        back = np.flatnonzero((unlike[1:] < 0.3 * max(float(unlike[0]), 0.08)) & (gap[1:] < 0.5 * step))
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


def find_cuts(cells: Floats, centred: Floats, histogram: Floats, own: range, rate_hz: float) -> list[Boundary]:
    """Find the hard cuts in rows ``own`` of an unbroken run of film.

    Parameters
    ----------
    cells, centred : np.ndarray [shape=(n, 432), dtype=float32]
        the frames, and the same without their mean colour; at least half a second more on both sides of ``own``,
        where there is film
    histogram : np.ndarray [shape=(n,), dtype=float32]
        ``histogram_change`` of the frames; NaN where it was not measured
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
    known = np.nan_to_num(histogram)
    shift = np.where(np.isnan(histogram), ratio, known / (surroundings(known) + np.float32(HISTOGRAM_FLOOR)))
    peak = sliding_window_view(np.pad(steps, APART_LEAST - 1), 2 * APART_LEAST - 1).max(axis=1)
    hopeful = np.flatnonzero((steps > STEP_LEAST) & (steps >= peak) & (ratio > 1.0))
    hopeful = hopeful[(hopeful >= max(1, own.start)) & (hopeful < own.stop)]
    if not len(hopeful):
        return []
    unlike = unlikeness(centred[hopeful - 1], centred[hopeful])
    evidence = (
        POWERS["step"] * np.log(ratio[hopeful])
        + POWERS["histogram"] * np.log(shift[hopeful] + CUE_FLOOR)
        + POWERS["unlike"] * np.log(unlike + CUE_FLOOR)
        + OFFSET
    )
    reach = max(3, round(RETURN_S * rate_hz))
    # the two cues left can only take away
    worth = evidence > 0.0
    hopeful, evidence = hopeful[worth], evidence[worth]
    evidence = evidence + _of_picture(cells, hopeful, steps[hopeful], ratio[hopeful])
    return [
        Boundary(at, "cut", at, at, float(2.0 ** (total / EVIDENCE_OF_TWICE)))
        for at, total in zip(hopeful.tolist(), evidence.tolist(), strict=True)
        if total > 0.0 and not _returns(cells, centred, at, reach)
    ]


def _of_picture(cells: Floats, at: NDArray[np.int64], step: Floats, ratio: Floats) -> NDArray[np.float64]:
    """Evidence that the whole picture changed, and not only a title (moved), or only its light (layout)."""
    before, after = cells[at - 1], cells[at]
    mean_step = (after - before).reshape(len(at), PLACES, 3).mean(axis=1)
    layout = 1.0 - np.minimum(1.0, np.einsum("ij,ij->i", mean_step, mean_step) / step.astype(np.float64) ** 2)
    moved = 1.0 - kept_shares(before, after, np.maximum(0.03, step / np.maximum(ratio, 1.0)))
    weighed: NDArray[np.float64] = POWERS["moved"] * np.log(moved + CUE_FLOOR)
    weighed += POWERS["layout"] * np.log(layout + CUE_FLOOR)
    return weighed
