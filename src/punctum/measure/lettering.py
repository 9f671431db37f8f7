"""Writing in a picture, found without being read: how much of it lines of letters take.

Conventions: pictures are RGB uint8; a line is a run of thin strokes, brighter or darker than what lies around them,
that close up into something longer than high. Whether it is writing is judged from its shape alone, by a logistic
regression fitted to drawn writing and to pictures without any (``benchmarks/scenes/train_lettering.py``).
"""

import json
from functools import cache
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray

LONG_PX = 320
"""Longer side that a picture is brought to: letters a thirtieth of its height are six pixels high then."""

STROKE_PX = 5
STROKE_CODES = 40
"""A stroke is thinner than this, and differs so much from an opening (or closing) of its surroundings."""

CLOSED_PX = 9
"""Strokes of one row so near to each other are one line."""

LEAST_PX, MOST_HEIGHT, LEAST_LENGTH = 3, 0.14, 1.5
"""Least height of a line in pixels, greatest as a share of the picture's, least length over its height."""

SURE = 1.0
"""Logit from which a line is taken for writing."""

_SQUARE = np.ones((STROKE_PX, STROKE_PX), np.uint8)
_ROW = np.ones((1, CLOSED_PX), np.uint8)

Values = NDArray[np.float64]


def writing(picture: NDArray[np.uint8]) -> float:
    """Share of a picture that the boxes of its lines of writing take.

    Parameters
    ----------
    picture : np.ndarray [shape=(h, w, 3), dtype=uint8]
        a still, bars left out

    Returns
    -------
    float
        0 to 1

    Examples
    --------
    >>> ground = np.zeros((180, 320, 3), np.uint8)
    >>> said = cv2.putText(ground.copy(), "IN MEMORY OF", (60, 90), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (230,) * 3, 1)
    >>> writing(ground), writing(said) > 0.01
    (0.0, True)
    """
    shapes, areas = find_lines(picture)
    if not len(areas):
        return 0.0
    return float(areas[line_features(shapes) @ _weights() > SURE].sum())


def find_lines(picture: NDArray[np.uint8]) -> tuple[Values, Values]:
    """Find what has the shape of a line, and describe it.

    Returns
    -------
    shapes : np.ndarray [shape=(n, 8), dtype=float64]
        log share of the box that strokes take, log strokes a pixel of length, spread of their luma, log length over
        height, log height, how much strokes stand out, share of the box that the closed line takes, their luma
    areas : np.ndarray [shape=(n,), dtype=float64]
        of the boxes, of the picture
    """
    high, wide = picture.shape[:2]
    scale = LONG_PX / max(high, wide, 1)
    if scale < 1:
        size = (max(16, round(wide * scale)), max(9, round(high * scale)))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    hats = (cv2.morphologyEx(grey, kind, _SQUARE) for kind in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT))
    found = [_lines(grey, np.asarray(hat, np.uint8)) for hat in hats]
    return np.concatenate([shapes for shapes, _ in found]), np.concatenate([areas for _, areas in found])


def _lines(grey: NDArray[np.uint8], hat: NDArray[np.uint8]) -> tuple[Values, Values]:
    high, wide = grey.shape
    strokes = (hat > STROKE_CODES).view(np.uint8)
    at = np.flatnonzero(strokes)
    if len(at) < 2 * STROKE_PX:
        return np.zeros((0, 8)), np.zeros(0)
    closed = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, _ROW)
    n, label, boxes, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    width, height, area = (boxes[:, i].astype(np.float64) for i in (2, 3, 4))
    kept = (height >= LEAST_PX) & (height <= MOST_HEIGHT * high) & (width >= LEAST_LENGTH * height)
    kept[0] = False
    own = label.ravel()[at]
    at, own = at[kept[own]], own[kept[own]]
    luma = grey.ravel()[at].astype(np.float64)
    count = np.maximum(np.bincount(own, minlength=n), 1)
    mean = np.bincount(own, luma, n) / count
    spread = np.sqrt(np.maximum(np.bincount(own, luma * luma, n) / count - mean * mean, 0.0))
    stands_out = np.bincount(own, hat.ravel()[at].astype(np.float64), n) / count
    begins = (at % wide == 0) | (strokes.ravel()[at - 1] == 0)
    runs = np.bincount(own[begins], minlength=n)
    box = width * height
    shapes = np.stack(
        [
            np.log(count / box + 1e-3),
            np.log(runs / width + 1e-3),
            spread / 40,
            np.log(width / height),
            np.log(height / high),
            stands_out / 80,
            area / box,
            mean / 255,
        ],
        axis=1,
    )
    return shapes[kept], box[kept] / (high * wide)


def line_features(shapes: Values) -> Values:
    """What the regression sums up: 1, the eight numbers, their squares: (n, 17)."""
    return np.concatenate([np.ones((len(shapes), 1)), shapes, shapes * shapes], axis=1)


@cache
def _weights() -> Values:
    text = files("punctum.measure").joinpath("lettering.json").read_text(encoding="utf-8")
    return np.array(json.loads(text), np.float64)
