"""Dissolves and wipes: stretches whose frames are a mixture of the pictures at their two ends.

Frames are rows of one unbroken run of film. Wherever the picture a while later is another one, while just before and
just after it stays what it is, the frames between are laid beside the families of ``mixtures``.
"""

import numpy as np
from numpy.typing import NDArray

from punctum.segment.boundaries import Boundary
from punctum.segment.cells import Floats, distance, kept_share, unlikeness
from punctum.segment.mixtures import Fit, fit_families

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

ERROR_MOST = 0.12
"""What a family may leave unexplained of the frames of a transition."""

RAMP_MOST = 0.10
"""How far (root mean square) the share of B may stray from a straight rise."""

LEAST_FRAMES = 4.0
"""A shorter rise is a cut that the copy has softened."""


def find_graduals(
    cells: Floats, centred: Floats, own: range, first: int, cuts: NDArray[np.int64], flat: NDArray[np.bool_]
) -> list[Boundary]:
    """Find the dissolves and wipes that begin in rows ``own`` of an unbroken run of film.

    Parameters
    ----------
    cells, centred : np.ndarray [shape=(n, 432), dtype=float32]
        the frames, and the same without their mean colour, at 40 Hz at most
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
    before_cut[np.asarray(cuts, np.int64) + 1] = 1
    before_cut = np.cumsum(before_cut)  # cuts at rows < i
    found = []
    for length in LENGTHS:
        for at in _hopeful(cells, centred, own, first, before_cut, flat, length):
            boundary = _explain(cells, at, length, before_cut)
            if boundary is not None:
                found.append(boundary)
    return found


def _hopeful(
    cells: Floats,
    centred: Floats,
    own: range,
    first: int,
    before_cut: NDArray[np.int64],
    flat: NDArray[np.bool_],
    length: int,
) -> list[int]:
    """Rows at which a stretch of ``length`` frames leads from one steady picture to another."""
    n = len(cells)
    stride = max(1, length // 8)
    flank = max(3, length // 3)
    radius = max(1, length // 2 // stride)
    low = max(0, own.start - radius * stride)
    low += -(first + low) % stride
    at = np.arange(low, min(n - length, own.stop + radius * stride), stride)
    if not len(at):
        return []
    at = at[~flat[at] & ~flat[at + length] & (before_cut[at + length + 1] == before_cut[at + 1])]
    gap = distance(cells[at], cells[at + length])
    keep = gap > GAP_LEAST
    at, gap = at[keep], gap[keep]
    if not len(at):
        return []
    earlier, later = np.maximum(at - flank, 0), np.minimum(at + length + flank, n - 1)
    drift_before = np.where(before_cut[at + 1] == before_cut[earlier + 1], distance(cells[earlier], cells[at]), 0.0)
    drift_after = np.where(
        before_cut[later + 1] == before_cut[at + length + 1], distance(cells[at + length], cells[later]), 0.0
    )
    drift = np.maximum(drift_before, drift_after)
    score = np.zeros((n // stride + 2 + 2 * radius,), np.float64)
    slot = at // stride
    base = slot.min()
    lasting = gap - drift
    score = np.zeros(int(slot.max() - base) + 1 + 2 * radius)
    score[slot - base + radius] = lasting
    peak = np.array([score[i : i + 2 * radius + 1].max() for i in slot - base])
    good = (lasting >= peak) & (gap > DRIFT_RATIO * drift)
    good &= (at >= own.start) & (at < own.stop)
    at = at[good]
    unlike = unlikeness(centred[at], centred[at + length])
    return [int(i) for i in at[unlike > UNLIKE_LEAST]]


def _explain(cells: Floats, at: int, length: int, before_cut: NDArray[np.int64]) -> Boundary | None:
    """Lay one stretch beside every family; None where none explains it."""
    n = len(cells)
    flank = max(4, length // 3)
    low, high = max(0, at - flank), min(n, at + length + flank + 1)
    while low < at and before_cut[low + 1] != before_cut[at + 1]:
        low += 1
    while high > at + length + 1 and before_cut[high] != before_cut[at + 1]:
        high -= 1
    frames = cells[low:high]
    fits = fit_families(frames, cells[at], cells[at + length], slides=True)
    best: tuple[float, Fit, float, float] | None = None
    for fit in fits:
        judged = _judge(fit)
        if judged is None:
            continue
        strength, start, end = judged
        if best is None or strength > best[0]:
            best = (strength, fit, start, end)
    if best is None or best[0] < 1.0:
        return None
    strength, fit, start, end = best
    kept = kept_share(cells[at], cells[at + length], 0.04)
    strength = min(strength, (1.0 - kept) / 0.4)
    first, last = low + round(start), low + round(end)
    if strength < 1.0 or last <= first:
        return None
    kind = "dissolve" if fit.family == "dissolve" else "wipe"
    middle = (first + last) // 2
    if end - start < LEAST_FRAMES:
        return Boundary(middle, "cut", middle, middle, strength)
    return Boundary(middle, kind, first, last, strength, None if kind == "dissolve" else fit.family)


def _judge(fit: Fit) -> tuple[float, float, float] | None:
    """Strength, first and last trace of a fit, in rows of its window; None where the share does not rise."""
    share = fit.share
    n = len(share)
    low, middle, high = (float((share < level).sum()) for level in (0.1, 0.5, 0.9))
    if share[0] > 0.15 or share[-1] < 0.85 or middle in (0.0, float(n)):
        return None
    start = middle - 1.25 * (middle - low)
    end = middle + 1.25 * (high - middle)
    if end - start < 1.0:
        return None
    rows = np.arange(n)
    ideal = np.clip((rows - start + 0.5) / (end - start), 0.0, 1.0)
    stray = float(np.sqrt(((share - ideal) ** 2).mean()))
    inside = (rows >= start) & (rows < end)
    error = float(fit.error[inside].mean()) if inside.any() else 1.0
    return min(ERROR_MOST / (error + 1e-6), RAMP_MOST / (stray + 1e-6), 4.0), start, end
