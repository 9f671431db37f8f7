"""What small and bright moves on a face: a drop that runs down a cheek, from one frame to the next.

Conventions: pictures are uint8 (h, w, 3), neighbouring frames; a box is left, top, width, height as shares of the
picture, points are x, y of the right eye, left eye, tip of the nose, right and left corner of the mouth, likewise. What
is looked at are the cheeks and the chin: eyes and mouth move by themselves. No figure says that it is a tear.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from punctum.measure.particles import Picture

LEAST_EYES_PX = 24.0
"""On a smaller face a drop is less than a pixel across."""

SMALL = 0.12
"""Things smaller than this across, in distances between the eyes, are small."""

BELOW, AROUND_MOUTH, NOSE = 0.3, 0.3, 0.25
"""Cheeks begin so far below the eyes' line, so far from the mouth and the tip of the nose, in eyes' distances."""

FURTHEST_PX = 6.0
"""A face that moves by more from one frame to the next is blurred."""


def glint(
    first: Picture, second: Picture, box: tuple[float, float, float, float], points: Sequence[float]
) -> float | None:
    """How bright the brightest small thing is that is on the cheeks in one frame and not in the other.

    Of both, the second moved onto the first by phase correlation, what a white top-hat leaves (Serra 1982) less what it
    leaves of the other within a pixel; the greatest over cheeks and chin.

    Parameters
    ----------
    first, second : np.ndarray [shape=(h, w, 3), dtype=uint8]
        neighbouring frames
    box : tuple of float
        the face in the first
    points : sequence of float
        its ten coordinates

    Returns
    -------
    float or None
        code values; None where the face is too small, cut by the frame, turned away, or moves too far
    """
    high, wide = first.shape[:2]
    left, top, width, height = box
    x0, y0, x1, y1 = (round(v) for v in (left * wide, top * high, (left + width) * wide, (top + height) * high))
    places = np.array(points, np.float64).reshape(-1, 2) * (wide, high) - (x0, y0)
    if first.shape != second.shape or x0 < 0 or y0 < 0 or x1 > wide or y1 > high or len(places) != 5:
        return None
    eyes, middle = places[1] - places[0], (places[0] + places[1]) / 2
    apart = float(np.hypot(*eyes))
    # seen from the side, the eyes are nearer to one another than to the mouth
    if apart < LEAST_EYES_PX or apart < 0.6 * float(np.hypot(*((places[3] + places[4]) / 2 - middle))):
        return None
    greys = [np.asarray(cv2.cvtColor(one[y0:y1, x0:x1], cv2.COLOR_RGB2GRAY), np.uint8) for one in (first, second)]
    window = cv2.createHanningWindow((x1 - x0, y1 - y0), cv2.CV_32F)
    shift, _ = cv2.phaseCorrelate(greys[0].astype(np.float32), greys[1].astype(np.float32), window)
    moved_px = float(np.hypot(shift[0], shift[1]))
    if moved_px > FURTHEST_PX:
        return None
    if moved_px > 0.1:
        move = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = (x1 - x0, y1 - y0)
        greys[1] = np.asarray(
            cv2.warpAffine(greys[1], move, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8
        )
    across = 2 * max(1, round(SMALL * apart / 2)) + 1
    tops = [cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, np.ones((across, across), np.uint8)) for grey in greys]
    near = np.ones((3, 3), np.uint8)
    moved = np.maximum(*(cv2.subtract(tops[i], cv2.dilate(tops[1 - i], near)) for i in (0, 1)))
    cheeks = _cheeks(moved.shape, places, eyes / apart, apart)
    return float(moved[cheeks].max()) if cheeks.any() else None


def _cheeks(
    shape: tuple[int, ...], places: NDArray[np.float64], way: NDArray[np.float64], apart: float
) -> NDArray[np.bool_]:
    """Where cheeks and chin are in a face's box."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    middle = (places[0] + places[1]) / 2
    along = ((x - middle[0]) * way[0] + (y - middle[1]) * way[1]) / apart
    down = (-(x - middle[0]) * way[1] + (y - middle[1]) * way[0]) / apart
    nose, mouth = ([((p - middle) @ way), (p - middle) @ (-way[1], way[0])] for p in (places[2], places[3:].mean(0)))
    half = float(np.hypot(*(places[4] - places[3]))) / apart / 2
    by_mouth = ((along - mouth[0] / apart) / (half + AROUND_MOUTH)) ** 2 + (
        (down - mouth[1] / apart) / AROUND_MOUTH
    ) ** 2
    by_nose = np.hypot(along - nose[0] / apart, down - nose[1] / apart)
    oval = ((2 * x + 1) / shape[1] - 1) ** 2 + ((2 * y + 1) / shape[0] - 1) ** 2
    return np.asarray((down > BELOW) & (by_mouth > 1) & (by_nose > NOSE) & (oval < 0.72))
