"""Black borders of one picture.

A row belongs to the picture where more than half of it is lighter than black, and to a bar where
hardly any of it is. Between the two lie dark pictures and bars with words in them. So the picture
is first grown, from its lit rows outwards, until a run of black rows ends it: a subtitle or a logo
that stands apart in a bar is left behind. Then, where narrow things touch the picture from outside
(a subtitle half in the bar), its edge is the row at which the lit share leaps. Where neither tells,
the outermost lit row is given, which for a dark picture lies inside its true edge: `segment.bars`
knows that a single picture may show less than there is, and takes a quorum.

Conventions: boxes are in pixels of the picture given; rows from the top.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from punctum.film import Box

_LIGHTER = 0.06
"""Share of the way from black to white that counts as lighter than black: over the noise of bars, below dim scenes."""

_FULL, _EMPTY, _LEAP = 0.5, 0.02, 0.35
_GAP = 0.01
"""A run of black rows of this share of the height (at least four) ends the picture."""

_LEAST_LIT = 0.2
_LEAST_SIDE = 0.3
_SAMPLES = 240
"""About so many pixels of a row or column are looked at."""


def find_edges(luma: NDArray[Any], black: float = 16.0, white: float = 235.0) -> Box | None:
    """Find the box outside which a picture is black.

    Parameters
    ----------
    luma : np.ndarray [shape=(h, w), dtype=unsigned integer]
        encoded luma; a view will do
    black, white : float
        the codes of black and white: 16 and 235, 64 and 940 with ten bits, 0 and 255 in full range

    Returns
    -------
    box : Box or None
        None where the picture is too dark to tell

    Examples
    --------
    >>> picture = np.full((120, 160), 16, np.uint8)
    >>> picture[20:100] = 90
    >>> find_edges(picture)
    Box(left=0, top=20, width=160, height=80)
    """
    height, width = luma.shape
    # codes are whole: a whole threshold gives the same answer and spares turning them into floats
    threshold = luma.dtype.type(int(black + _LIGHTER * (white - black)))
    step_x, step_y = max(1, width // _SAMPLES), max(1, height // _SAMPLES)
    by_row = luma[:, ::step_x] > threshold
    by_column = luma[::step_y] > threshold
    columns = _shares(by_column, 0)
    lit = np.flatnonzero(columns > 0.1)
    if lit.size == 0 or lit[-1] + 1 - lit[0] < _LEAST_SIDE * width:
        return None
    # a row is judged within the columns that are ever lit, so that a small picture counts as full
    within = by_row[:, lit[0] // step_x : max(lit[-1] // step_x, lit[0] // step_x) + 1]
    rows = _run(_shares(within, 1))
    if rows is None or rows[1] - rows[0] < _LEAST_SIDE * height:
        return None
    top, bottom = rows
    within = by_column[top // step_y : max(-(-bottom // step_y), top // step_y + 1)]
    across = _run(_shares(within, 0))
    if across is None or across[1] - across[0] < _LEAST_SIDE * width:
        return None
    left, right = across
    return Box(left, top, right - left, bottom - top)


def _shares(lit: NDArray[np.bool_], axis: int) -> NDArray[np.float64]:
    """Share of lit pixels along an axis: as ``mean``, whose sums of booleans are ten times dearer."""
    counts = cv2.reduce(np.ascontiguousarray(lit).view(np.uint8), axis, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
    shares: NDArray[np.float64] = counts.ravel() / lit.shape[axis]
    return shares


def _run(share: NDArray[np.float64]) -> tuple[int, int] | None:
    """First and one past the last row of the picture, from each row's lit share."""
    full = np.flatnonzero(share > _FULL)
    if full.size < _LEAST_LIT * share.size or full.size == 0:
        return None
    middle = int(full[full.size // 2])
    gap = max(4, round(_GAP * share.size))
    below = middle + _reach(share[middle:], gap)
    above = middle - _reach(share[middle::-1], gap)
    start = above + _leap(share[above : middle + 1])
    end = below - _leap(share[below : middle - 1 if middle else None : -1])
    return start, end + 1


def _reach(share: NDArray[np.float64], gap: int) -> int:
    """How far the picture goes on before ``gap`` black rows in a row."""
    lit = np.flatnonzero(share > _EMPTY)
    if lit.size == 0:
        return 0
    apart = np.flatnonzero(np.diff(lit) > gap)
    return int(lit[apart[0]] if apart.size else lit[-1])


def _leap(share: NDArray[np.float64]) -> int:
    """How many rows from the outside in the true edge lies: where the lit share leaps, else 0."""
    full = np.flatnonzero(share > _FULL)
    if full.size == 0:
        return 0
    first = int(full[0])
    if first <= 3:
        return first
    inner = share[min(first + 2, share.size - 1)]
    outer = share[first - 3 : first - 1].max()
    return first if inner - outer >= _LEAP else 0
