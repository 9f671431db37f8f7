"""Every gradual transition as one family: a picture A, a picture B, and a share of B that runs from 0 to 1.

In a dissolve the share is the same in every place; in a wipe each place is A or B, by a moving front; in a push or a
slide the pictures themselves move. A transition is laid beside every family: the one that explains its frames best
names it.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from punctum.film import GRID_COLUMNS, GRID_ROWS
from punctum.segment.cells import PLACES, Floats

SHARES = np.linspace(0.0, 1.0, 17, dtype=np.float32)
"""Shares of B that are tried."""


TIE = 1e-4
"""Shares of B that explain a frame equally well, to this, are one: the lower is taken, whatever rounding says."""

FRAMES_MOST = 32
"""Frames of a stretch that are laid beside the families, at most; longer stretches are thinned."""


class Fits(NamedTuple):
    """How well each of f families explains m stretches of n frames.

    ``share`` (m, f, n) is the share of B in each frame, ``error`` (m, f, n) what is left of each frame, over the
    squared distance of A and B. The dissolve comes first.
    """

    families: tuple[str, ...]
    share: Floats
    error: Floats


def _front(place: NDArray[np.float64], softness: float) -> Floats:
    """Coverage by B of each place, for each share: the front passes ``place`` (0..1) in order."""
    at = SHARES[:, None] * (1.0 + softness) - softness / 2.0
    return np.clip((at - place[None, :]) / softness + 0.5, 0.0, 1.0).astype(np.float32)


def _masks() -> dict[str, Floats]:
    y, x = np.mgrid[0:GRID_ROWS, 0:GRID_COLUMNS]
    across = ((x + 0.5) / GRID_COLUMNS).ravel()
    down = ((y + 0.5) / GRID_ROWS).ravel()
    radius = np.hypot((across - 0.5) * 16.0 / 9.0, down - 0.5)
    radius = radius / radius.max()
    ring = np.maximum(np.abs(across - 0.5), np.abs(down - 0.5)) * 2.0
    turn = (np.arctan2(across - 0.5, 0.5 - down) / (2.0 * np.pi)) % 1.0
    column, row = 1.0 / GRID_COLUMNS, 1.0 / GRID_ROWS
    return {
        "right": _front(across, column),
        "left": _front(1.0 - across, column),
        "down": _front(down, row),
        "up": _front(1.0 - down, row),
        "diagonal down right": _front((across + down) / 2.0, column),
        "diagonal up left": _front(1.0 - (across + down) / 2.0, column),
        "diagonal down left": _front((1.0 - across + down) / 2.0, column),
        "diagonal up right": _front((1.0 + across - down) / 2.0, column),
        "iris out": _front(radius, 2 * column),
        "iris in": _front(1.0 - radius, 2 * column),
        "box out": _front(ring, 2 * row),
        "box in": _front(1.0 - ring, 2 * row),
        "doors open": _front(np.abs(across - 0.5) * 2.0, 2 * column),
        "doors close": _front(1.0 - np.abs(across - 0.5) * 2.0, 2 * column),
        "gates open": _front(np.abs(down - 0.5) * 2.0, 2 * row),
        "gates close": _front(1.0 - np.abs(down - 0.5) * 2.0, 2 * row),
        "clock": _front(turn, 0.1),
        "clock back": _front(1.0 - turn, 0.1),
    }


_MASKS = _masks()
_MASK_NAMES = ("dissolve", *_MASKS)
_MASK_ROWS = np.stack([np.repeat(SHARES[:, None], PLACES, axis=1), *_MASKS.values()])
_MASK_ROWS_SQUARED = _MASK_ROWS**2

_DIRECTIONS = {"left": (1, 1), "right": (1, -1), "up": (0, 1), "down": (0, -1)}
"""Axis of the grid, and the sign by which the pictures' contents shift."""


def _slide(axis: int, sign: int, moves_a: bool, moves_b: bool) -> NDArray[np.int64]:
    """Which place of A (0..143) or of B (144..287) is seen in each place as B comes in, a cell a step: (steps, 144)."""
    places = np.arange(PLACES).reshape(GRID_ROWS, GRID_COLUMNS)
    a, b = np.moveaxis(places, axis, 0)[::sign], np.moveaxis(places + PLACES, axis, 0)[::sign]
    size = len(a)
    made = []
    for k in range(size + 1):
        left = a[k:] if moves_a else a[: size - k]
        right = b[:k] if moves_b else b[size - k :]
        made.append(np.moveaxis(np.concatenate([left, right])[::sign], 0, axis).ravel())
    return np.stack(made)


_SLIDES = {
    f"{style} {name}": _slide(axis, sign, moves_a, moves_b)
    for name, (axis, sign) in _DIRECTIONS.items()
    for style, moves_a, moves_b in (("push", True, True), ("slide in", False, True), ("slide out", True, False))
}
_SLIDE_PLACES = np.concatenate(list(_SLIDES.values()))
_SLIDE_STARTS = np.cumsum([0, *(len(steps) for steps in _SLIDES.values())])


def fit_mixtures(frames: Floats, a: Floats, b: Floats) -> Fits:
    """Lay stretches beside the dissolve and every wipe between the pictures at their ends.

    Parameters
    ----------
    frames : np.ndarray [shape=(m, n, 432), dtype=float32]
    a, b : np.ndarray [shape=(m, 432), dtype=float32]
    """
    m, n = frames.shape[:2]
    share = np.empty((m, len(_MASK_NAMES), n), np.float32)
    error = np.empty((m, len(_MASK_NAMES), n), np.float32)
    for i in range(m):
        rest, ends = frames[i] - a[i], b[i] - a[i]
        scale = np.float32(float((ends**2).sum()) + 1e-9)
        along = _over_colours(rest * ends)
        own = np.einsum("ij,ij->i", rest, rest)
        # one family at a time: so small a product is never shared among threads, and gives the same on any number
        cost = np.matmul(_MASK_ROWS, (-2.0 * along).T)
        cost += (np.matmul(_MASK_ROWS_SQUARED, _over_colours(ends**2)) + TIE * scale * SHARES)[:, :, None]
        share[i] = SHARES[cost.argmin(axis=1)]
        error[i] = np.maximum((cost.min(axis=1) + own) / scale, 0.0)
        # the dissolve's share exactly, beyond 0 and 1 too: the frame's projection on the line from A to B
        share[i, 0] = along.sum(axis=1) / scale
        error[i, 0] = np.maximum(own / scale - share[i, 0] ** 2, 0.0)
    return Fits(_MASK_NAMES, share, error)


def fit_slides(frames: Floats, a: Floats, b: Floats) -> Fits:
    """Lay stretches beside every push and slide between the pictures at their ends.

    Parameters
    ----------
    frames : np.ndarray [shape=(m, n, 432), dtype=float32]
    a, b : np.ndarray [shape=(m, 432), dtype=float32]
    """
    share, error = [], []
    for i in range(len(frames)):
        scale = np.float32(float(((b[i] - a[i]) ** 2).sum()) + 1e-9)
        both = np.concatenate([a[i], b[i]]).reshape(2 * PLACES, 3)
        made = both[_SLIDE_PLACES].reshape(len(_SLIDE_PLACES), -1)
        own = np.einsum("ij,ij->i", frames[i], frames[i])
        for low, high in pairwise(_SLIDE_STARTS.tolist()):
            # a family at a time, as above
            gap = np.matmul(made[low:high], (-2.0 * frames[i]).T)
            gap += np.einsum("ij,ij->i", made[low:high], made[low:high])[:, None]
            share.append(gap.argmin(axis=0) / np.float32(high - low - 1))
            error.append(np.maximum((gap.min(axis=0) + own) / scale, 0.0))
    shape = (len(frames), len(_SLIDES), frames.shape[1])
    return Fits(
        tuple(_SLIDES),
        np.stack(share).astype(np.float32).reshape(shape),
        np.stack(error).astype(np.float32).reshape(shape),
    )


def _over_colours(cells: Floats) -> Floats:
    """Sum over the three numbers of each place: (..., 432) -> (..., 144)."""
    total: Floats = cells[..., 0::3] + cells[..., 1::3] + cells[..., 2::3]
    return total


def name_wipe(cells: Floats) -> str:
    """Name the shape of a wipe, push or slide: the family that leaves the least of its frames unexplained.

    Parameters
    ----------
    cells : np.ndarray [shape=(n, 432), dtype=float32]
        its frames, with the last one before and the first one after
    """
    thin = -(-len(cells) // FRAMES_MOST)
    frames, a, b = cells[None, ::thin], cells[:1], cells[-1:]
    least = {}
    for fits in (fit_mixtures(frames, a, b), fit_slides(frames, a, b)):
        for i, family in enumerate(fits.families):
            share = fits.share[0, i]
            # a front only advances
            back = np.maximum(-np.diff(share), 0.0).sum()
            least[family] = round(float(fits.error[0, i].mean() + 0.1 * back), 5)
    least.pop("dissolve")
    return min(least, key=lambda family: least[family])
