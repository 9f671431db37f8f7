"""Larger pictures of a film's frames to rows of ``faces``.

Conventions: places in the table are shares of the picture that was looked at, which is the active picture without bars.
A still that ``follows`` shows the same view as the one before it, a moment later: only the faces seen there are sought
again. Any other is searched whole.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.film import Still
from punctum.measure.faces.finder import Find, Found, find_again
from punctum.measure.looks import describe_look
from punctum.tables import FACES, conform, empty


class Finders(NamedTuple):
    """What looks at stills: ``find`` finds faces."""

    find: Find


def measure_stills(stills: Sequence[Still], finders: Finders, before: pl.DataFrame | None = None) -> pl.DataFrame:
    """Look for faces in larger pictures of frames.

    Parameters
    ----------
    stills : sequence of Still
        in the order of the film
    finders : Finders
    before : pl.DataFrame or None
        the rows of the still that came before these, which the first may follow

    Returns
    -------
    faces : pl.DataFrame
        columns of FACES, ``face`` and ``track`` null, by frame and then the largest first; no row for a picture
        without a face
    """
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        tables: list[pl.DataFrame] = []
        last = empty(FACES) if before is None else before
        for still in stills:
            last = _measure(still, finders, last if still.follows else None)
            tables.append(last)
    finally:
        cv2.setNumThreads(threads)
    return pl.concat(tables) if tables else empty(FACES)


def _measure(still: Still, finders: Finders, before: pl.DataFrame | None) -> pl.DataFrame:
    height, width = still.picture.shape[:2]
    size = np.array([width, height], np.float64)
    if before is None:
        found = finders.find(still.picture)
    else:
        boxes = before.select("left", "top", "width", "height").to_numpy().astype(np.float64) * np.tile(size, 2)
        found = find_again(still.picture, list(boxes), finders.find)
    rows = [_row(still, face, size) for face in found]
    return conform(pl.DataFrame(rows), FACES) if rows else empty(FACES)


def _row(still: Still, face: Found, size: NDArray[np.float64]) -> dict[str, object]:
    left, top, width, height = (face.box / np.tile(size, 2)).tolist()
    return {
        "frame": still.frame,
        "time_s": still.time_s,
        "left": left,
        "top": top,
        "width": width,
        "height": height,
        "score": face.score,
        "points": (face.points / size).ravel().tolist(),
        "eye_distance_px": float(np.hypot(*(face.points[0] - face.points[1]))),
        "lacks": "model",
        "look": describe_look(still.picture, (left, top, width, height), (face.points / size).ravel().tolist()),
    }
