"""Dissolves and wipes: stretches whose frames are a mixture of the pictures at their two ends.

Frames are rows of one unbroken run of film. Wherever the picture a while later is another one, while just before and
just after it stays what it is, the frames between are laid beside the families of ``mixtures``.
"""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from punctum.segment.boundaries import Boundary
from punctum.segment.cells import Floats, centre, distance, kept_share, unlikeness
from punctum.segment.mixtures import FRAMES_MOST, Fits, fit_mixtures, fit_slides, least_errors

LENGTHS = (4, 6, 8, 12, 16, 24, 32, 48, 64, 96)
"""Lengths of stretches that are looked at, in frames."""

TOP_RATE_HZ = 40.0
"""Above this every second (third, ...) frame is looked at."""

REACH = 2 * LENGTHS[-1]
"""Frames on each side of a stretch's first that its answer depends on, at 40 Hz and below."""

GAP_LEAST = 0.06
UNLIKE_LEAST = 0.25
DRIFT_RATIO = 1.5
"""How many times the drift just before and after the difference of the two ends is, at least."""

POWERS = {
    "dissolve": {
        "error": -2.0,
        "stray": -0.8,
        "unlike": 2.2,
        "steady": 0.65,
        "moved": 3.0,
        "own": 2.3,
        "jump": -0.6,
        "length": 0.5,
    },
    "wipe": {
        "error": -1.2,
        "stray": -1.6,
        "unlike": 2.9,
        "steady": 1.8,
        "moved": 2.0,
        "own": 1.5,
        "jump": -1.9,
        "length": 1.1,
    },
}
OFFSETS = {"dissolve": -7.0, "wipe": -8.6}
"""Weights of the cues' logarithms by kind, and what is added to their sum: above nought is a transition."""

EVIDENCE_OF_TWICE = 2.0
"""Evidence that counts as twice the threshold: odds of seven to one."""

DRIFT_FLOOR = 0.02

HOPE_SLACK = 1.0
STRAY_SLACK = 0.1
"""What three frames say of a stretch may fall this short of a transition: its ends are only roughly known yet."""

SLIDE_LEAST = 6
"""Pushes and slides are looked for in stretches of this many frames and more."""

SLIDE_STEADY = 3.0
"""How many times the drift around them the distance of a push's two pictures is, at least."""

KEPT_TOLERANCE = 0.04
"""Distance up to which a place has stayed what it was."""

LEAST_FRAMES = 4
"""A shorter rise is a cut that the copy has softened."""


def find_graduals(
    cells: Floats,
    centred: Floats,
    change: Floats,
    residual: Floats,
    own: range,
    first: int,
    cuts: NDArray[np.int64],
    flat: NDArray[np.bool_],
) -> list[Boundary]:
    """Find the dissolves and wipes that begin in rows ``own`` of an unbroken run of film.

    Parameters
    ----------
    cells, centred : np.ndarray [shape=(n, 432), dtype=float32]
        the frames, and the same without their mean colour, at 40 Hz at most
    change, residual : np.ndarray [shape=(n,), dtype=float32]
        ``change`` and ``residual_change``: what of the change the camera's motion does not explain; NaN where not
        measured
    own : range
        rows in which a stretch may begin
    first : int
        number of row 0 in the run, so that the same stretches are looked at wherever a piece begins
    cuts : np.ndarray [dtype=int64]
        rows at which a hard cut was found
    flat : np.ndarray [shape=(n,), dtype=bool]
        frames of one colour, which belong to fades

    Returns
    -------
    list of Boundary
        may overlap; the stronger is the better one
    """
    n = len(cells)
    before_cut = np.zeros(n + 1, np.int64)
    before_cut[cuts[cuts < n] + 1] = 1
    before_cut = np.cumsum(before_cut)  # cuts at rows < i
    known = ~(np.isnan(change) | np.isnan(residual))
    changes = np.stack([np.where(known, change, 0.0), np.where(known, residual, 0.0)])
    found = []
    for length in LENGTHS:
        at, unlike, steady = _hopeful(cells, centred, own, first, before_cut, flat, length)
        for row, slides in _worth_fitting(cells, at, unlike, steady, length):
            boundary = _explain(cells, changes, row, length, before_cut, slides)
            if boundary is not None:
                found.append(boundary)
    return found


def _worth_fitting(
    cells: Floats, at: NDArray[np.int64], unlike: Floats, steady: Floats, length: int
) -> list[tuple[int, bool]]:
    """Rows that three frames between speak for, and whether it is a push or slide that they may be of.

    The cues are weighed as in ``_weigh``, from a quarter, a half and three quarters of the way, at their best.
    """
    if not len(at):
        return []
    a, b = cells[at], cells[at + length]
    error = {"dissolve": np.zeros(len(at)), "wipe": np.zeros(len(at))}
    stray = {"dissolve": np.zeros(len(at)), "wipe": np.zeros(len(at))}
    for quarter in (1, 2, 3):
        bound = least_errors(cells[at + length * quarter // 4], a, b)
        for kind, left, share in (("dissolve", bound.line, bound.share), ("wipe", bound.nearer, bound.covered)):
            error[kind] += left / 3.0
            stray[kind] += (share - quarter / 4.0) ** 2 / 3.0
    hope = np.full(len(at), -np.inf)
    for kind, powers in POWERS.items():
        weighed = (
            OFFSETS[kind]
            + powers["error"] * np.log(np.maximum(error[kind], 0.0) + 0.01)
            + powers["stray"] * np.log(np.maximum(np.sqrt(stray[kind]) - STRAY_SLACK, 0.0) + 0.03)
            + powers["length"] * np.log(length)
            + powers["unlike"] * np.log(unlike + 0.02)
            + powers["steady"] * np.log(steady + 0.02)
        )
        hope = np.maximum(hope, weighed)
    mixed = hope > -HOPE_SLACK
    # a push is no mixture of places: all that can be asked beforehand is two steady pictures with nothing in common
    slides = ~mixed & (length >= SLIDE_LEAST) & (unlike > 0.5) & (steady > SLIDE_STEADY)
    keep = mixed | slides
    return list(zip(at[keep].tolist(), slides[keep].tolist(), strict=True))


def _hopeful(
    cells: Floats,
    centred: Floats,
    own: range,
    first: int,
    before_cut: NDArray[np.int64],
    flat: NDArray[np.bool_],
    length: int,
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Rows at which a stretch of ``length`` frames leads from one steady picture to another.

    With the unlikeness of the two, and how many times the drift around it their distance is.
    """
    n = len(cells)
    stride = max(1, length // 8)
    flank = max(3, length // 3)
    radius = max(1, length // 2 // stride)
    low = max(0, own.start - radius * stride)
    low += -(first + low) % stride
    at: NDArray[np.int64]
    at = np.arange(low, min(n - length, own.stop + radius * stride), stride)
    at = at[~flat[at] & ~flat[at + length] & (before_cut[at + length + 1] == before_cut[at + 1])]
    gap = distance(cells[at], cells[at + length])
    keep = gap > GAP_LEAST
    at, gap = at[keep], gap[keep]
    if not len(at):
        return at, gap, gap
    earlier, later = np.maximum(at - flank, 0), np.minimum(at + length + flank, n - 1)
    drift_before = np.where(before_cut[at + 1] == before_cut[earlier + 1], distance(cells[earlier], cells[at]), 0.0)
    drift_after = np.where(
        before_cut[later + 1] == before_cut[at + length + 1], distance(cells[at + length], cells[later]), 0.0
    )
    drift = np.maximum(drift_before, drift_after)
    slot = at // stride
    base = slot.min()
    lasting = gap - drift
    score = np.zeros(int(slot.max() - base) + 1 + 2 * radius)
    score[slot - base + radius] = lasting
    peak = sliding_window_view(score, 2 * radius + 1).max(axis=1)[slot - base]
    good = (lasting >= peak) & (gap > DRIFT_RATIO * drift)
    good &= (at >= own.start) & (at < own.stop)
    at, steady = at[good], (gap / (drift + np.float32(DRIFT_FLOOR)))[good]
    unlike = unlikeness(centred[at], centred[at + length])
    keep = unlike > UNLIKE_LEAST
    return at[keep], unlike[keep], steady[keep]


def _explain(
    cells: Floats, changes: Floats, at: int, length: int, before_cut: NDArray[np.int64], slides: bool
) -> Boundary | None:
    """Lay one stretch, and as much again around it, beside the families; None where none explains it."""
    n = len(cells)
    flank = max(6, length // 2)
    low, high = max(0, at - flank), min(n, at + length + flank + 1)
    while low < at and before_cut[low + 1] != before_cut[at + 1]:
        low += 1
    while high > at + length + 1 and before_cut[high] != before_cut[at + 1]:
        high -= 1
    a, b = cells[at], cells[at + length]
    thin = -(-(high - low) // FRAMES_MOST)
    frames = cells[low:high:thin]
    fits = fit_slides(frames, a, b) if slides else fit_mixtures(frames, a, b)
    best: Boundary | None = None
    for ramp in _rises(fits):
        boundary = _weigh(cells, changes, ramp, low, thin)
        if boundary is not None and (best is None or boundary.strength > best.strength):
            best = boundary
    return best


class _Ramp(NamedTuple):
    """A family's share of B as a straight rise from row ``start`` to ``end`` of the window."""

    family: str
    start: float
    end: float
    error: float
    stray: float


def _rises(fits: Fits) -> list[_Ramp]:
    """Give the best rise of the dissolve and of the wipes, where the share of B goes from 0 to 1 at all."""
    share, n = fits.share, fits.share.shape[1]
    low, middle, high = ((share < level).sum(axis=1).astype(np.float64) for level in (0.1, 0.5, 0.9))
    start = middle - 1.25 * (middle - low)
    end = middle + 1.25 * (high - middle)
    rows = np.arange(n)[None, :]
    length = np.maximum(end - start, 1e-6)[:, None]
    ideal = np.clip((rows - start[:, None] + 0.5) / length, 0.0, 1.0)
    stray = np.sqrt(((share - ideal) ** 2).mean(axis=1))
    inside = (rows >= start[:, None]) & (rows < end[:, None])
    error = (fits.error * inside).sum(axis=1) / np.maximum(inside.sum(axis=1), 1)
    whole = (share[:, 0] < 0.3) & (share[:, -1] > 0.7) & (middle > 0) & (middle < n) & (end - start >= 1.0)
    rank = np.where(whole & (error < 0.4) & (stray < 0.3), (error + 0.01) * (stray + 0.01), np.inf)
    chosen = [0] if fits.families[0] == "dissolve" else []
    others = rank[len(chosen) :]
    chosen.append(len(chosen) + int(others.argmin()))
    return [
        _Ramp(fits.families[i], float(start[i]), float(end[i]), float(error[i]), float(stray[i]))
        for i in chosen
        if np.isfinite(rank[i])
    ]


def _weigh(cells: Floats, changes: Floats, ramp: _Ramp, low: int, thin: int) -> Boundary | None:
    """Weigh the cues of one rise; None where they do not add up to a transition."""
    n = len(cells)
    first, last = max(1, low + round(ramp.start * thin)), min(n, low + round(ramp.end * thin))
    if last - first < 2:
        return None
    kind = "dissolve" if ramp.family == "dissolve" else "wipe"
    powers = POWERS[kind]
    evidence = (
        OFFSETS[kind]
        + powers["error"] * np.log(ramp.error + 0.01)
        + powers["stray"] * np.log(ramp.stray + 0.01)
        + powers["length"] * np.log(last - first)
    )
    before, after = first - 1, min(n - 1, last)
    a, b = cells[before : before + 1], cells[after : after + 1]
    unlike = float(unlikeness(centre(a), centre(b))[0])
    flank = max(3, (last - first) // 2)
    early, late = max(0, before - flank), min(n - 1, after + flank)
    gap = float(distance(a, b)[0])
    drift = max(float(distance(a, cells[early : early + 1])[0]), float(distance(b, cells[late : late + 1])[0]))
    steps = distance(cells[first:last], cells[first - 1 : last - 1])
    jump = float(steps.max() / (steps.mean() + 1e-6))
    moved = 1.0 - kept_share(a[0], b[0], KEPT_TOLERANCE)
    whole, left = (float(part) for part in changes[:, first:last].sum(axis=1))
    own = min(1.0, left / whole) if whole > 0.0 else 1.0
    evidence += (
        powers["unlike"] * np.log(max(unlike, 0.0) + 0.02)
        + powers["steady"] * np.log(gap / (drift + DRIFT_FLOOR))
        + powers["moved"] * np.log(moved + 0.02)
        + powers["own"] * np.log(own + 0.01)
        + powers["jump"] * np.log(jump)
    )
    if not evidence > 0.0:
        return None
    middle = (first + last) // 2
    strength = float(2.0 ** (evidence / EVIDENCE_OF_TWICE))
    if last - first < LEAST_FRAMES:
        return Boundary(middle, "cut", middle, middle, strength)
    return Boundary(middle, kind, first, last, strength, None if kind == "dissolve" else ramp.family)
