"""Find the frame that a picture shows, also where the picture is cropped, recoloured or written on.

Conventions: a frame is its 9 x 16 cells of lightness (``grid``, L as a byte), of the active picture. A picture may show
a part of it: each guess is a box in shares of the frame, and is compared with the cells that lie wholly in it, whose
light is the mean of the picture's over the same area. Likeness is the correlation of lightness, which neither
brightness nor contrast nor colour changes; the cells that fit worst are left out, since a subtitle or a logo may lie
there.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from punctum.film import GRID_COLUMNS, GRID_ROWS
from punctum.measure import colour, light

Floats = NDArray[np.float32]

SHARES = (1.0, 0.94, 0.88, 0.82, 0.76, 0.7, 0.64, 0.58, 0.5)
"""Shares of the frame's width or height that a picture may show."""

STEPS = 4
"""So many places of a narrower picture are tried each way, besides the first."""

LEAST_CELLS = 30
"""A guess with fewer whole cells says nothing."""

LEFT_OUT = 0.2
"""Of the cells, so many that fit worst are left out."""

ROWS_AT_ONCE = 8192

LEAST_SPREAD = 3.0
"""Codes: a frame flatter than this is like everything, and is left out."""

COARSE = 4
"""Of a film's frames every so manieth is looked at first, then those around the likeliest."""

REFINED = 40
"""So many of the likeliest frames of a film are looked at closely."""


class Query(NamedTuple):
    """A picture as it may lie in a frame: for each guess its box, the cells in it (bool) and their lightness.

    ``boxes`` float32 (guesses, 4) as left, top, width, height; ``inside`` bool and ``cells`` float32 (guesses, 144).
    """

    boxes: Floats
    inside: NDArray[np.bool_]
    cells: Floats


class Found(NamedTuple):
    """A frame like the picture: its row, how like (correlation), which part of it the picture shows."""

    row: int
    likeness: float
    box: tuple[float, float, float, float]


def prepare_query(picture: NDArray[np.uint8]) -> Query:
    """Lay a picture out as it may lie in a frame.

    Parameters
    ----------
    picture : np.ndarray [shape=(h, w, 3), dtype=uint8]
        RGB, without black borders
    """
    linear = np.asarray(light.to_linear(np.ascontiguousarray(picture)), np.float32)
    summed = np.asarray(cv2.integral(linear, sdepth=cv2.CV_64F), np.float64)
    boxes, inside, cells = [], [], []
    for wide in SHARES:
        for high in SHARES:
            # a crop keeps its shape more or less, or takes bands away
            if not (abs(wide - high) < 0.13 or max(wide, high) == 1.0):
                continue
            for left in np.linspace(0, 1 - wide, STEPS + 1 if wide < 1 else 1):
                for top in np.linspace(0, 1 - high, STEPS + 1 if high < 1 else 1):
                    box = (float(left), float(top), wide, high)
                    within, lightness = _cells_of(summed, box)
                    if within.sum() >= LEAST_CELLS:
                        boxes.append(box)
                        inside.append(within)
                        cells.append(lightness)
    return Query(np.array(boxes, np.float32), np.array(inside), np.array(cells, np.float32))


def _cells_of(summed: NDArray[np.float64], box: tuple[float, float, float, float]) -> tuple[NDArray[np.bool_], Floats]:
    """Which cells of a frame lie in a picture that shows ``box`` of it, and their lightness (144,)."""
    h, w = summed.shape[0] - 1, summed.shape[1] - 1
    left, top, wide, high = box
    across = (np.arange(GRID_COLUMNS + 1) / GRID_COLUMNS - left) / wide
    down = (np.arange(GRID_ROWS + 1) / GRID_ROWS - top) / high
    slack = 0.02
    columns = (across[:-1] >= -slack) & (across[1:] <= 1 + slack)
    rows = (down[:-1] >= -slack) & (down[1:] <= 1 + slack)
    x = np.clip(np.rint(across * w), 0, w).astype(int)
    y = np.clip(np.rint(down * h), 0, h).astype(int)
    corner = summed[np.ix_(y, x)]
    areas = np.maximum(np.outer(np.diff(y), np.diff(x)), 1)[..., None]
    means = (corner[1:, 1:] - corner[:-1, 1:] - corner[1:, :-1] + corner[:-1, :-1]) / areas
    lab = colour.oklab(means.reshape(-1, 3))
    within = np.outer(rows, columns).ravel()
    return within, np.where(within, lab[:, 0] * 255, 0.0).astype(np.float32)


def look_for(query: Query, lightness: NDArray[np.uint8]) -> Found | None:
    """Look for a picture among frames.

    Parameters
    ----------
    query : Query
    lightness : np.ndarray [shape=(n, 144), dtype=uint8]
        L of the frames' cells

    Returns
    -------
    Found or None
        the frame most like it; None where all frames are flat
    """
    shown = np.flatnonzero(lightness.std(1) >= LEAST_SPREAD)
    if not shown.size or not len(query.boxes):
        return None
    coarse = shown[::COARSE]
    best = np.concatenate(
        [_correlate(query, lightness[rows].astype(np.float32)).max(1) for rows in _runs(coarse, ROWS_AT_ONCE)]
    )
    around = coarse[np.argsort(-best, kind="stable")[:REFINED]][:, None] + np.arange(1 - COARSE, COARSE)
    close = np.intersect1d(around, shown)
    frames = lightness[close].astype(np.float32)
    likeness = _correlate(query, frames)
    found = None
    for at in np.argsort(-likeness.max(1), kind="stable")[: 2 * REFINED].tolist():
        for guess in np.argsort(-likeness[at], kind="stable")[:2].tolist():
            like = _trimmed(query, guess, frames[at])
            if found is None or like > found.likeness:
                left, top, wide, high = query.boxes[guess].tolist()
                found = Found(int(close[at]), like, (left, top, wide, high))
    return found


def _runs(rows: NDArray[np.int64], length: int) -> list[NDArray[np.int64]]:
    return [rows[low : low + length] for low in range(0, len(rows), length)]


def _correlate(query: Query, frames: Floats) -> Floats:
    """Correlate every frame with every guess over the guess's cells, (n, guesses)."""
    inside = query.inside.astype(np.float32)
    count = inside.sum(1)
    middle = (query.cells * inside).sum(1) / count
    apart = (query.cells - middle[:, None]) * inside
    norm = np.sqrt(np.square(apart).sum(1)) + 1e-6
    total, squares = frames @ inside.T, np.square(frames) @ inside.T
    spread = np.sqrt(np.maximum(squares - np.square(total) / count, LEAST_SPREAD**2 * count))
    return np.asarray((frames @ apart.T) / spread / norm, np.float32)


def _trimmed(query: Query, guess: int, frame: Floats) -> float:
    """Correlation of a frame with a guess without the cells that fit worst."""
    inside = query.inside[guess]
    ours, theirs = query.cells[guess][inside].astype(np.float64), frame[inside].astype(np.float64)
    kept = np.ones(len(ours), bool)
    like = 0.0
    for turn in range(3):
        x, y = ours - ours[kept].mean(), theirs - theirs[kept].mean()
        across, up, both = (float((a[kept] * b[kept]).sum()) for a, b in ((x, x), (y, y), (x, y)))
        if across <= 0 or (turn and up < kept.sum() * (LEAST_SPREAD / 2) ** 2):
            break  # what is left is flat: it was told by what was left out
        like = both / np.sqrt(across * up)
        miss = np.abs(y - both / across * x)
        kept = miss <= np.quantile(miss, 1 - LEFT_OUT)
    return float(like)
