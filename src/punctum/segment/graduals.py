"""Dissolves and wipes: stretches whose frames are a mixture of the pictures at their two ends.

Frames are rows of one unbroken run of film. Wherever the picture a while later is another one, while just before and
just after it stays what it is, the frames between are laid beside the families of ``mixtures``.
"""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from punctum.segment.boundaries import Boundary
from punctum.segment.cells import Floats, distance, kept_shares, unlikeness
from punctum.segment.cuts import steps_of
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

STRETCHES_AT_ONCE = 16
"""Stretches that are laid beside the families together."""

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
    cuts = cuts[cuts < n]
    before_cut = np.zeros(n + 1, np.int64)
    before_cut[cuts + 1] = 1
    before_cut = np.cumsum(before_cut)  # cuts at rows < i
    known = ~(np.isnan(change) | np.isnan(residual))
    changes = np.stack([np.where(known, change, 0.0), np.where(known, residual, 0.0)])
    steps = steps_of(cells)
    film = _Film(cells, centred, steps, changes, cuts, before_cut, flat)
    upper = {1: np.append(steps[1:], np.float32(np.inf))}
    found = []
    for length in LENGTHS:
        upper[length] = _upper(upper, length)
        at, unlike, steady = _hopeful(film, own, first, length, upper[length])
        mixed, slides = _worth_fitting(cells, at, unlike, steady, length)
        found += _explain(film, at[mixed], length, slides=False)
        found += _explain(film, at[slides], length, slides=True)
    return found


class _Film(NamedTuple):
    """Rows of film with what is known of them; ``steps`` is the distance of each row from the one before.

    ``changes`` (2, n) has the change and what of it the camera does not explain; ``before_cut`` (n + 1,) how many cuts
    lie at earlier rows.
    """

    cells: Floats
    centred: Floats
    steps: Floats
    changes: Floats
    cuts: NDArray[np.int64]
    before_cut: NDArray[np.int64]
    flat: NDArray[np.bool_]


def _upper(upper: dict[int, Floats], length: int) -> Floats:
    """Bound the distance of every row from that ``length`` rows later, by way of the rows between."""
    total = np.zeros(len(upper[1]), np.float32)
    left = length
    while left:
        part = max(known for known in upper if known <= left)
        reached = length - left
        within = max(0, len(total) - reached)
        total[:within] += upper[part][reached:]
        total[within:] = np.inf
        left -= part
    return total


def _worth_fitting(
    cells: Floats, at: NDArray[np.int64], unlike: Floats, steady: Floats, length: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which rows three frames between speak for as a dissolve or wipe, and which may begin a push or slide.

    The cues are weighed as in ``_weigh``, from a quarter, a half and three quarters of the way, at their best.
    """
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
    return mixed, slides


def _hopeful(
    film: _Film, own: range, first: int, length: int, upper: Floats
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Rows at which a stretch of ``length`` frames leads from one steady picture to another.

    With the unlikeness of the two, and how many times the drift around it their distance is. ``upper`` bounds the
    distance of each row from that ``length`` later, and is brought down where it is measured.
    """
    cells, centred, before_cut, flat = film.cells, film.centred, film.before_cut, film.flat
    n = len(cells)
    stride = max(1, length // 8)
    flank = max(3, length // 3)
    radius = max(1, length // 2 // stride)
    low = max(0, own.start - radius * stride)
    low += -(first + low) % stride
    at: NDArray[np.int64]
    at = np.arange(low, min(n - length, own.stop + radius * stride), stride)
    at = at[~flat[at] & ~flat[at + length] & (before_cut[at + length + 1] == before_cut[at + 1])]
    at = at[upper[at] > GAP_LEAST - 1e-4]
    gap = distance(cells[at], cells[at + length])
    upper[at] = gap
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


def _explain(film: _Film, at: NDArray[np.int64], length: int, slides: bool) -> list[Boundary]:
    """Lay stretches, and as much again around each, beside the families; give the best of those that one explains."""
    if not len(at):
        return []
    n = len(film.cells)
    flank = max(6, length // 2)
    # a window ends at the cuts around it
    edges = np.concatenate([[0], film.cuts, [n]])
    after = np.searchsorted(edges, at, side="right")
    low, high = np.maximum(at - flank, edges[after - 1]), np.minimum(at + length + flank + 1, edges[after])
    thin = -(-(high - low) // FRAMES_MOST)
    counts = -(-(high - low) // thin)
    fit = fit_slides if slides else fit_mixtures
    ramps: list[_Ramp] = []
    for count in np.unique(counts).tolist():
        same = np.flatnonzero(counts == count)
        for some in np.split(same, range(STRETCHES_AT_ONCE, len(same), STRETCHES_AT_ONCE)):
            rows = low[some, None] + thin[some, None] * np.arange(count)
            fits = fit(film.cells[rows], film.cells[at[some]], film.cells[at[some] + length])
            ramps += _rises(fits, some, low[some], thin[some], n)
    best: dict[int, Boundary] = {}
    for stretch, boundary in _weigh(film, ramps):
        if stretch not in best or boundary.strength > best[stretch].strength:
            best[stretch] = boundary
    return [best[stretch] for stretch in sorted(best)]


class _Ramp(NamedTuple):
    """A family's share of B as a straight rise over rows ``first`` up to ``last``, in one of the stretches."""

    stretch: int
    family: str
    first: int
    last: int
    error: float
    stray: float


def _rises(
    fits: Fits, stretches: NDArray[np.int64], low: NDArray[np.int64], thin: NDArray[np.int64], rows: int
) -> list[_Ramp]:
    """Give the best rise of the dissolve and of the wipes, where the share of B goes from 0 to 1 at all.

    Frame k of stretch i is row ``low[i] + k * thin[i]`` of ``rows``.
    """
    share, n = fits.share, fits.share.shape[2]
    below, middle, above = ((share < level).sum(axis=2).astype(np.float64) for level in (0.1, 0.5, 0.9))
    start = middle - 1.25 * (middle - below)
    end = middle + 1.25 * (above - middle)
    whole = (share[:, :, 0] < 0.3) & (share[:, :, -1] > 0.7) & (middle > 0) & (middle < n) & (end - start >= 1.0)
    rank, error, stray = (np.full(whole.shape, np.inf) for _ in range(3))
    share, start_of, end_of = share[whole], start[whole][:, None], end[whole][:, None]
    frames = np.arange(n)[None, :]
    ideal = np.clip((frames - start_of + 0.5) / np.maximum(end_of - start_of, 1e-6), 0.0, 1.0)
    stray[whole] = np.sqrt(((share - ideal) ** 2).mean(axis=1))
    inside = (frames >= start_of) & (frames < end_of)
    error[whole] = (fits.error[whole] * inside).sum(axis=1) / np.maximum(inside.sum(axis=1), 1)
    good = (error < 0.4) & (stray < 0.3)
    rank[good] = (error[good] + 0.01) * (stray[good] + 0.01)
    dissolves = 1 if fits.families[0] == "dissolve" else 0
    wipes = dissolves + rank[:, dissolves:].argmin(axis=1)
    ramps = []
    for i, (stretch, wipe) in enumerate(zip(stretches.tolist(), wipes.tolist(), strict=True)):
        for family in [0, wipe] if dissolves else [wipe]:
            if good[i, family]:
                ends = (int(low[i]) + round(float(edge[i, family]) * int(thin[i])) for edge in (start, end))
                first, last = next(ends), next(ends)
                ramps.append(
                    _Ramp(
                        stretch,
                        fits.families[family],
                        max(1, first),
                        min(rows, last),
                        float(error[i, family]),
                        float(stray[i, family]),
                    )
                )
    return ramps


def _weigh(film: _Film, ramps: list[_Ramp]) -> list[tuple[int, Boundary]]:
    """Weigh the cues of rises; give those that add up to a transition, with their stretch."""
    ramps = [ramp for ramp in ramps if ramp.last - ramp.first >= 2]
    if not ramps:
        return []
    cells, centred, n = film.cells, film.centred, len(film.cells)
    kinds = ["dissolve" if ramp.family == "dissolve" else "wipe" for ramp in ramps]
    powers = {cue: np.array([POWERS[kind][cue] for kind in kinds]) for cue in POWERS["dissolve"]}
    first, last = np.array([ramp.first for ramp in ramps]), np.array([ramp.last for ramp in ramps])
    before, after = first - 1, np.minimum(n - 1, last)
    flank = np.maximum(3, (last - first) // 2)
    early, late = np.maximum(0, before - flank), np.minimum(n - 1, after + flank)
    gap = distance(cells[before], cells[after])
    drift = np.maximum(distance(cells[before], cells[early]), distance(cells[after], cells[late]))
    unlike = unlikeness(centred[before], centred[after])
    evidence = (
        np.array([OFFSETS[kind] for kind in kinds])
        + powers["error"] * np.log(np.array([ramp.error for ramp in ramps]) + 0.01)
        + powers["stray"] * np.log(np.array([ramp.stray for ramp in ramps]) + 0.01)
        + powers["length"] * np.log(last - first)
        + powers["unlike"] * np.log(np.maximum(unlike, 0.0) + 0.02)
        + powers["steady"] * np.log((gap + 1e-9) / (drift + DRIFT_FLOOR))
    )
    # what is left can add little
    worth = np.flatnonzero(evidence > -0.2)
    moved = 1.0 - kept_shares(cells[before[worth]], cells[after[worth]], np.full(len(worth), KEPT_TOLERANCE))
    found = []
    for i, moved_share in zip(worth.tolist(), moved.tolist(), strict=True):
        ramp, kind, own_powers = ramps[i], kinds[i], POWERS[kinds[i]]
        steps = film.steps[ramp.first : ramp.last]
        jump = float(steps.max() / (steps.mean() + 1e-6))
        whole, left = (float(part) for part in film.changes[:, ramp.first : ramp.last].sum(axis=1))
        own = min(1.0, left / whole) if whole > 0.0 else 1.0
        total = (
            float(evidence[i])
            + own_powers["moved"] * np.log(moved_share + 0.02)
            + own_powers["own"] * np.log(own + 0.01)
            + own_powers["jump"] * np.log(jump + 1e-9)
        )
        if not total > 0.0:
            continue
        middle = (ramp.first + ramp.last) // 2
        strength = float(2.0 ** (total / EVIDENCE_OF_TWICE))
        if ramp.last - ramp.first < LEAST_FRAMES:
            found.append((ramp.stretch, Boundary(middle, "cut", middle, middle, strength)))
        else:
            look = None if kind == "dissolve" else ramp.family
            found.append((ramp.stretch, Boundary(middle, kind, ramp.first, ramp.last, strength, look)))
    return found
