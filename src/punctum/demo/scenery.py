"""What several sets are built with: plain shapes, the town out of focus, the slow push-in.

Conventions: units as in ``paint``; plates reach ``MARGIN`` units beyond the frame.
"""

import cv2
import numpy as np

from punctum.demo.paint import (
    WIDTH,
    Picture,
    Plate,
    Points,
    Sheet,
    View,
    bloom,
    disc,
)
from punctum.demo.palettes import Colour, mix
from punctum.demo.stage import Moment, Stage

MARGIN = 90.0


def rectangle(left: float, top: float, width: float, height: float) -> Points:
    """Return the corners of an upright rectangle."""
    return np.array([(left, top), (left + width, top), (left + width, top + height), (left, top + height)])


def unit(angle_deg: float) -> Points:
    """Return the unit vector at an angle."""
    return np.array([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))])


def below(mask: Picture, row_px: float) -> Picture:
    """Return a grey mask that is nought above a row."""
    cut = mask.copy()
    cut[: max(0, int(row_px))] = 0
    return cut


def town_lights(
    stage: Stage, key: int, count: int, horizon: float, spread: float, colours: tuple[Colour, ...], fine: float
) -> Plate:
    """Return a plate of a street out of focus: discs of light over a dark ground, for windows of the car."""
    palette = stage.palette
    scale = stage.scale * fine
    picture = stage.canvas(
        MARGIN, fine, mix(palette.night, palette.paper, 0.25), mix(palette.dusk, palette.haze, 0.25), 1.2
    )
    random = stage.random(41, key)
    for _ in range(count):
        x = float(random.uniform(-60, WIDTH + 60))
        y = horizon + float(random.normal(0, spread))
        radius = float(random.uniform(9, 30))
        colour = colours[int(random.integers(len(colours)))]
        strength = float(random.uniform(0.16, 0.55))
        sheet = Sheet(
            scale,
            (x + MARGIN - radius * 1.6, y + MARGIN - radius * 1.6, radius * 3.2, radius * 3.2),
            fine=1,
            margin=MARGIN,
        )
        sheet.cut(disc(x, y, radius, count=12 if radius > 16 else 24), colour)
        part = cv2.GaussianBlur(cv2.convertScaleAbs(sheet.finished(), alpha=strength), (0, 0), 1.6 * scale)
        top, left = max(0, sheet.top_px), max(0, sheet.left_px)
        bottom = min(picture.shape[0], sheet.top_px + part.shape[0])
        right = min(picture.shape[1], sheet.left_px + part.shape[1])
        if bottom > top and right > left:
            piece = part[top - sheet.top_px : bottom - sheet.top_px, left - sheet.left_px : right - sheet.left_px, :3]
            picture[top:bottom, left:right] = cv2.add(picture[top:bottom, left:right], np.ascontiguousarray(piece))
    return Plate(bloom(picture, 20 * scale, 0.4, 110), scale, MARGIN)


def push(moment: Moment, amount: float, x: float = 480, y: float = 270) -> View:
    """Return a slow push-in towards a point over the shot."""
    zoom = 1 + amount * moment.share
    return View(zoom, 480 + (x - 480) * (1 - 1 / zoom), 270 + (y - 270) * (1 - 1 / zoom))
