"""A person on the picture: face, neck, coat and scarf.

Conventions: as in ``figures``.
"""

import cv2
import numpy as np
from numpy.typing import ArrayLike

from punctum.demo.faces import Portrait, Softness
from punctum.demo.figures import Person
from punctum.demo.paint import HEIGHT, WIDTH, Picture, Points, Sheet, View, band, curve, lay
from punctum.demo.palettes import Colour, mix

Cutting = list[tuple[Picture, int, int]]
"""Finished papers, each with the pixel of the frame where its upper left corner lies, the hindmost first."""


def lay_cutting(picture: Picture, cutting: Cutting, light: Picture | None = None) -> None:
    """Lay papers on a picture, in place; ``light`` as in ``paint.lay``."""
    for paper, left_px, top_px in cutting:
        lay(picture, paper, left_px, top_px, light)


def lit_cutting(cutting: Cutting, light: Picture) -> Cutting:
    """Return papers with a light on them, as ``paint.lay`` would put it, to be laid more than once."""
    lit: Cutting = []
    for paper, left_px, top_px in cutting:
        top, left = max(0, top_px), max(0, left_px)
        bottom, right = (min(light.shape[axis], (top_px, left_px)[axis] + paper.shape[axis]) for axis in (0, 1))
        if bottom <= top or right <= left:
            continue
        part = paper[top - top_px : bottom - top_px, left - left_px : right - left_px]
        colour = cv2.multiply(cv2.cvtColor(part, cv2.COLOR_RGBA2RGB), light[top:bottom, left:right], scale=1 / 128)
        lit.append((cv2.merge([*cv2.split(colour), part[:, :, 3]]), left, top))
    return lit


def cut_portrait(portrait: Portrait, scale: float, view: View, dress: "Dress | None" = None) -> Cutting:
    """Return a person's head and shoulders as paper: shoulders first, then the head."""
    size = portrait.size * view.zoom
    x = (portrait.x - view.x) * view.zoom + WIDTH / 2
    y = (portrait.y - view.y) * view.zoom + HEIGHT / 2
    tint = shadow_tint(portrait.person)
    parts = [((x - 1.7 * size, y - 2.0 * size, x + 1.7 * size, y + 1.95 * size), 2)]
    if dress:
        # coat and scarf lie lower and softer: they need no finer drawing than the frame's
        parts.insert(0, ((x - 3.3 * size, y + 0.7 * size, x + 3.3 * size, y + 5.0 * size), 1))
    cutting: Cutting = []
    for (left, top, right, bottom), fine in parts:
        left, top, right, bottom = max(0.0, left), max(0.0, top), min(WIDTH, right), min(HEIGHT, bottom)
        if right - left < 2 or bottom - top < 2:
            continue
        sheet = Sheet(scale, (left, top, right - left, bottom - top), view, fine, passing=fine > 1)
        soft = Softness(sheet)
        if dress and fine == 1:
            portrait.neck(sheet, soft)
            dress.draw(sheet, portrait, soft)
        else:
            portrait.draw(sheet, soft)
        paper = soft.darken(sheet.finished(), tint, size * scale * 0.09, size * scale * 0.03)
        cutting.append((paper, sheet.left_px, sheet.top_px))
    return cutting


def shadow_tint(person: Person) -> Colour:
    """Return what the deepest shadow leaves of the skin, as a share of 255 a channel."""
    lit, _, dark = person.skin
    red, green, blue = (round(255 * 0.8 * d / max(1, a)) for a, d in zip(lit, dark, strict=True))
    return red, green, blue


class Dress:
    """Coat, collar and scarf."""

    def __init__(self, lean: float = 0.0) -> None:
        self.lean = lean

    def draw(self, sheet: Sheet, portrait: Portrait, soft: Softness) -> None:
        """Draw coat and collar over the neck."""
        person, size = portrait.person, portrait.size
        base = np.array([portrait.x + self.lean * size, portrait.y])
        wide = 2.15 if person.woman else 2.6

        def put(points: ArrayLike) -> Points:
            return np.asarray(np.asarray(points, dtype=np.float64) * size + base)

        coat = [(-0.62, 1.95), (-1.2, 2.15), (-wide * 0.86, 2.5), (-wide * 1.08, 3.3), (-wide * 1.2, 5.4),
                (wide * 1.2, 5.4), (wide * 1.08, 3.3), (wide * 0.86, 2.5), (1.2, 2.15), (0.62, 1.95),
                (0, 2.3)]  # fmt: skip
        sheet.cut(curve(put(coat)), person.coat)
        soft.add(put([(0.0, 2.3), (1.2 * -portrait.lit, 2.2), (wide * 1.3 * -portrait.lit, 2.6),
                      (wide * 1.3 * -portrait.lit, 5.4), (0.2 * -portrait.lit, 5.4)]), 120)  # fmt: skip
        if person.woman:
            scarf = [(-0.98, 1.62), (-0.55, 1.86), (0, 2.0), (0.55, 1.86), (0.98, 1.62), (1.12, 2.05), (0.7, 2.5),
                     (0, 2.66), (-0.7, 2.5), (-1.12, 2.05)]  # fmt: skip
            sheet.cut(curve(put(scarf)), person.collar)
            for share in (0.3, 0.62):
                fold = curve(put([(-1.02, 1.75 + share * 0.5), (-0.4, 2.05 + share * 0.5), (0.3, 2.08 + share * 0.5),
                                  (1.0, 1.78 + share * 0.5)]), closed=False)  # fmt: skip
                sheet.cut(band(fold, size * 0.035), mix(person.collar, person.paper, 0.5))
            end = [(0.25, 2.5), (0.75, 2.45), (0.95, 3.6), (0.9, 4.6), (0.3, 4.6), (0.42, 3.5)]
            sheet.cut(curve(put(end)), mix(person.collar, person.paper, 0.22))
            soft.add(put([(-1.1, 1.55), (0, 1.95), (1.1, 1.55), (0.9, 2.05), (0, 2.3), (-0.9, 2.05)]), 120)
        else:
            for side in (-1, 1):
                collar = np.array([(0.58, 1.35), (1.02, 1.62), (1.42, 2.1), (1.05, 2.75), (0.2, 2.95), (0.46, 2.3)])
                sheet.cut(
                    curve(put(collar * np.array([side, 1]))),
                    mix(person.coat, portrait.person.skin[1], 0.12 if side == portrait.lit else 0.0),
                )
                seam = curve(
                    put(np.array([(1.02, 1.66), (1.30, 2.1), (0.98, 2.66)]) * np.array([side, 1])), closed=False
                )
                sheet.cut(band(seam, size * 0.03), mix(person.coat, person.paper, 0.6))
