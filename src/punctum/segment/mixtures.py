"""Every gradual transition as one family: a picture A, a picture B, and a share of B that runs from 0 to 1.

In a dissolve the share is the same in every place; in a wipe each place is A or B, by a moving front; in a push or a
slide the pictures themselves move. A stretch of film is laid beside every family: the one that explains its frames
best, with a share that only grows, names the transition. Film that merely moves fits none.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from punctum.film import GRID_COLUMNS, GRID_ROWS
from punctum.segment.cells import PLACES, Floats

SHARES = np.linspace(0.0, 1.0, 17, dtype=np.float32)
"""Shares of B that are tried."""


class Fit(NamedTuple):
    """How well one family explains a stretch of frames.

    ``share`` (n,) is the share of B in each frame, ``error`` (n,) what is left of each frame, over the squared
    distance of A and B.
    """

    family: str
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
_MASK_ROWS = np.concatenate([np.repeat(SHARES[:, None], PLACES, axis=1), *_MASKS.values()])
_MASK_ROWS_SQUARED = _MASK_ROWS**2

_DIRECTIONS = {"left": (1, 1), "right": (1, -1), "up": (0, 1), "down": (0, -1)}
"""Axis of the grid, and the sign by which the pictures' contents shift."""


def _shifted(a: Floats, b: Floats, axis: int, sign: int, moves_a: bool, moves_b: bool) -> Floats:
    """Pictures (steps + 1, rows, columns, 3) in which b comes in along ``axis``, a cell a step."""
    size = a.shape[axis]
    a, b = np.moveaxis(a, axis, 0), np.moveaxis(b, axis, 0)
    if sign < 0:
        a, b = a[::-1], b[::-1]
    made = []
    for k in range(size + 1):
        left = (a[k:] if moves_a else a[: size - k]) if k < size else a[:0]
        right = (b[:k] if moves_b else b[size - k :]) if k > 0 else b[:0]
        picture = np.concatenate([left, right])
        made.append(np.moveaxis(picture[::-1] if sign < 0 else picture, 0, axis))
    return np.stack(made)


def fit_families(frames: Floats, a: Floats, b: Floats, slides: bool) -> list[Fit]:
    """Lay frames beside every family between pictures ``a`` and ``b``.

    Parameters
    ----------
    frames : np.ndarray [shape=(n, 432), dtype=float32]
    a, b : np.ndarray [shape=(432,), dtype=float32]
    slides : bool
        also try pushes and slides, which cost more

    Returns
    -------
    list of Fit
        the dissolve first
    """
    n = len(frames)
    rest = frames - a
    ends = b - a
    scale = float((ends**2).sum()) + 1e-9
    along = (rest * ends).reshape(n, PLACES, 3).sum(axis=2)
    squared = (ends**2).reshape(PLACES, 3).sum(axis=1)
    own = (rest**2).sum(axis=1)
    cost = own[:, None] - 2.0 * along @ _MASK_ROWS.T + (_MASK_ROWS_SQUARED @ squared)[None, :]
    cost = cost.reshape(n, len(_MASK_NAMES), len(SHARES)) / scale
    best = cost.argmin(axis=2)
    least = cost.min(axis=2)
    fits = [
        Fit(name, SHARES[best[:, i]], np.maximum(least[:, i], 0.0).astype(np.float32))
        for i, name in enumerate(_MASK_NAMES)
    ]
    # the dissolve's share exactly: the frame's projection on the line from A to B
    share = along.sum(axis=1) / scale
    error = np.maximum(own / scale - share**2, 0.0)
    fits[0] = Fit("dissolve", np.clip(share, -0.2, 1.2).astype(np.float32), error.astype(np.float32))
    if slides:
        shaped_a, shaped_b = (v.reshape(GRID_ROWS, GRID_COLUMNS, 3) for v in (a, b))
        for name, (axis, sign) in _DIRECTIONS.items():
            for style, moves_a, moves_b in (
                ("push", True, True),
                ("slide in", False, True),
                ("slide out", True, False),
            ):
                made = _shifted(shaped_a, shaped_b, axis, sign, moves_a, moves_b).reshape(-1, frames.shape[1])
                gap = (frames**2).sum(axis=1)[:, None] - 2.0 * frames @ made.T + (made**2).sum(axis=1)[None, :]
                gap = np.maximum(gap / scale, 0.0)
                place = gap.argmin(axis=1)
                fits.append(
                    Fit(
                        f"{style} {name}",
                        (place / (len(made) - 1)).astype(np.float32),
                        gap.min(axis=1).astype(np.float32),
                    )
                )
    return fits
