"""Squares cut out of a picture, scaled and turned upright, for a network to look at.

Conventions: places are pixels, x from the left, y from the top; the middle of the first pixel is (0, 0).
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""RGB, uint8 (h, w, 3)."""


class Square(NamedTuple):
    """A square in a picture: its middle in pixels, its side, and how far it is turned, in degrees, clockwise."""

    x: float
    y: float
    side: float
    turn_deg: float


def cut_square(picture: Picture, square: Square, to_px: int) -> tuple[Picture, NDArray[np.float64]]:
    """Cut a square out of a picture, scaled and turned upright; beyond the picture's edge its border goes on.

    Returns
    -------
    cut : np.ndarray [shape=(to_px, to_px, 3), dtype=uint8]
    back : np.ndarray [shape=(2, 3), dtype=float64]
        places in ``cut`` to places in ``picture``
    """
    scale = square.side / to_px
    turned = np.radians(square.turn_deg)
    turn = scale * np.array([[np.cos(turned), -np.sin(turned)], [np.sin(turned), np.cos(turned)]])
    middle = np.array([square.x, square.y])
    back = np.column_stack([turn, middle - turn @ np.full(2, (to_px - 1) / 2)])
    step = int(scale / 1.5 + 0.5)
    if step > 1:  # thin the picture out first: linear sampling would skip pixels
        reach = square.side * 0.75
        low = np.maximum(np.floor((middle - reach) / step), 0).astype(int) * step
        high = np.minimum(np.ceil(middle + reach).astype(int), picture.shape[1::-1])
        size = (high - low) // step
        if np.all(size > 0):
            part = picture[low[1] : low[1] + size[1] * step, low[0] : low[0] + size[0] * step]
            picture = np.asarray(cv2.resize(part, (int(size[0]), int(size[1])), interpolation=cv2.INTER_AREA), np.uint8)
            inner = back / step
            inner[:, 2] -= (low + (step - 1) / 2) / step
            return _warped(picture, inner, to_px), back
    return _warped(picture, back, to_px), back


def _warped(picture: Picture, back: NDArray[np.float64], to_px: int) -> Picture:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(picture, back, (to_px, to_px), flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
