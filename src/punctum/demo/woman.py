"""The woman of *Procession*, the dancers around her, what they wear.

Conventions: as in ``faces``.
"""

import numpy as np
from numpy.typing import ArrayLike

from punctum.demo.faces import Portrait, Softness
from punctum.demo.figures import Person
from punctum.demo.paint import Points, Sheet, band, curve, disc, leaf, swell
from punctum.demo.palettes import Colour, mix
from punctum.demo.portraits import Dress
from punctum.demo.stage import Stage


class Woman(Portrait):
    """The woman of the road: cropped fair hair that the wind has been in."""

    def _hair_behind(self, sheet: Sheet) -> None:
        dark, _ = self.person.hair
        back = [(-0.96, -0.3), (-1.1, -0.7), (-0.98, -1.14), (-0.62, -1.5), (0, -1.64), (0.62, -1.5), (0.98, -1.14),
                (1.1, -0.7), (1.06, -0.1), (1.16, 0.34), (1.02, 0.52), (0.98, 0.82), (0.74, 0.98), (0.5, 0.9),
                (-0.5, 0.9), (-0.74, 0.98), (-0.98, 0.82), (-1.02, 0.52), (-1.16, 0.34), (-1.06, -0.1)]  # fmt: skip
        points = np.asarray(back)
        sheet.cut(
            curve(self.head.at(np.column_stack([points, np.full(len(points), -0.3)]))),
            mix(dark, self.person.paper, 0.3),
        )

    def _hair_before(self, sheet: Sheet, soft: Softness) -> None:
        dark, bright = self.person.hair
        soft.add(
            self.head.at(np.array([(-0.9, -1.2), (0, -1.3), (0.9, -1.2), (0.86, -0.46), (0.3, -0.66), (-0.86, -0.46)])),
            70,
        )
        crown = [(-0.99, -0.1, 0.1), (-0.92, -0.42, 0.4), (-0.62, -0.78, 0.62), (-0.1, -0.98, 0.76), (0.5, -0.86, 0.66),
                 (0.92, -0.4, 0.4), (0.99, -0.1, 0.1), (1.1, -0.5, 0.0), (1.0, -1.08, 0.1), (0.62, -1.5, 0.2),
                 (0, -1.66, 0.2), (-0.62, -1.5, 0.2), (-1.0, -1.08, 0.1), (-1.1, -0.5, 0.0)]  # fmt: skip
        sheet.cut(curve(self.head.at(crown)), mix(dark, bright, 0.22))
        for at, wide, tone in LOCKS:
            path = curve(self.head.at(np.asarray(at)), closed=False, steps=8)
            lit = tone * (1.0 if at[-1][0] * self.lit > -0.1 else 0.62)
            width = swell(len(path), (0, 0.25), (0.35, 1.0), (0.75, 0.8), (1, 0.04)) * wide * self.size
            sheet.cut(band(path + np.array([0.0, 0.02 * self.size]), width), mix(dark, self.person.paper, 0.2))
            sheet.cut(band(path, width), mix(dark, bright, lit))
            inner = path[3:-2] - np.array([0.0, 0.16 * wide * self.size])
            sheet.cut(band(inner, leaf(len(inner)) * wide * self.size * 0.16), mix(dark, bright, min(1.0, lit + 0.3)))


LOCKS: tuple[tuple[tuple[tuple[float, float, float], ...], float, float], ...] = (
    # from the parting down both sides, the ends flicked out
    (
        ((-0.2, -1.5, 0.35), (-0.84, -1.12, 0.3), (-1.06, -0.4, 0.15), (-0.96, 0.24, 0.15), (-1.12, 0.52, 0.0)),
        0.34,
        0.34,
    ),
    (((0.0, -1.52, 0.35), (0.86, -1.1, 0.3), (1.07, -0.36, 0.15), (0.97, 0.26, 0.15), (1.14, 0.54, 0.0)), 0.36, 0.5),
    (((-0.94, -0.5, 0.25), (-1.04, 0.1, 0.12), (-0.9, 0.55, 0.15), (-1.0, 0.8, 0.1)), 0.24, 0.26),
    (((0.96, -0.5, 0.25), (1.06, 0.1, 0.12), (0.92, 0.56, 0.15), (1.04, 0.82, 0.1)), 0.24, 0.44),
    # the fringe, swept across the brow
    (((-0.24, -1.46, 0.5), (-0.62, -1.12, 0.6), (-0.8, -0.74, 0.52), (-0.92, -0.38, 0.36)), 0.36, 0.42),
    (((-0.26, -1.44, 0.5), (0.3, -1.3, 0.66), (0.74, -0.98, 0.58), (0.93, -0.46, 0.36)), 0.4, 0.58),
    (((-0.28, -1.4, 0.55), (0.1, -1.16, 0.74), (0.48, -0.88, 0.7), (0.78, -0.5, 0.52)), 0.34, 0.68),
    (((-0.28, -1.38, 0.55), (-0.16, -1.1, 0.76), (0.12, -0.82, 0.8), (0.42, -0.6, 0.72)), 0.28, 0.6),
    (((-0.3, -1.38, 0.55), (-0.42, -1.06, 0.72), (-0.34, -0.8, 0.76), (-0.14, -0.62, 0.78)), 0.22, 0.5),
    (((-0.32, -1.4, 0.55), (-0.6, -1.02, 0.66), (-0.62, -0.78, 0.66), (-0.5, -0.58, 0.66)), 0.22, 0.42),
)
"""Her hair, lock by lock: the way of each in the head's space, how wide, how light."""


class Jersey(Dress):
    """A striped jersey under a coat with a worn fur collar."""

    def draw(self, sheet: Sheet, portrait: Portrait, soft: Softness) -> None:
        """Draw jersey and coat over the neck."""
        person, size = portrait.person, portrait.size
        base = np.array([portrait.x + self.lean * size, portrait.y])

        def put(points: ArrayLike) -> Points:
            return np.asarray(np.asarray(points, dtype=np.float64) * size + base)

        shirt = [
            (-0.66, 1.92),
            (-1.3, 2.2),
            (-1.6, 5.6),
            (1.6, 5.6),
            (1.3, 2.2),
            (0.66, 1.92),
            (0.3, 2.2),
            (0, 2.28),
            (-0.3, 2.2),
        ]
        sheet.cut(curve(put(shirt)), person.collar)
        for row in range(7):
            y = 2.42 + row * 0.34
            stripe = curve(
                put([(-1.5, y - 0.22), (-0.6, y + 0.04), (0, y + 0.1), (0.6, y + 0.04), (1.5, y - 0.22)]), closed=False
            )
            sheet.cut(band(stripe, size * 0.13), mix(person.coat, person.paper, 0.4))
        for side in (-1, 1):
            coat = [(0.62, 1.98), (1.3, 2.16), (1.9, 2.5), (2.3, 3.3), (2.6, 5.6), (0.95, 5.6), (0.86, 4.0), (0.7, 2.8)]
            sheet.cut(curve(put(np.array(coat) * np.array([side, 1]))), person.coat)
            lit = side == portrait.lit
            fur = mix(person.coat, person.collar, 0.42 if lit else 0.16)
            for step in range(9):
                x, y = 0.72 + 0.07 * np.sin(step * 1.9) + 0.045 * step, 1.9 + step * 0.24
                sheet.cut(put(disc(side * x, y, 0.27, 0.22, 16)), mix(fur, person.paper, 0.12 * (step % 2)))
        soft.add(put([(0.0, 2.3), (1.2 * -portrait.lit, 2.2), (2.8 * -portrait.lit, 2.6), (2.8 * -portrait.lit, 5.4),
                      (0.2 * -portrait.lit, 5.4)]), 110)  # fmt: skip
        soft.add(put([(-0.9, 1.6), (0, 2.0), (0.9, 1.6), (0.8, 2.15), (0, 2.45), (-0.8, 2.15)]), 130)


def the_woman(stage: Stage) -> Person:
    """Return the woman of the road."""
    palette = stage.palette
    hair = (mix(palette.her_hair[0], palette.her_hair[1], 0.3), mix(palette.her_hair[1], palette.core, 0.35))
    return Person(
        palette.her_skin, hair, palette.lips, palette.iris, palette.her_coat, palette.scarf, palette.paper, True
    )


def stranger(stage: Stage, key: int) -> Person:
    """Return one of the dancers."""
    palette = stage.palette
    woman = key % 2 == 1
    skin = palette.her_skin if woman else palette.him_skin
    share = 0.12 * (key % 3)
    skin = tuple(mix(one, palette.paper, share) for one in skin)  # type: ignore[assignment]
    hair = (palette.him_hair, palette.her_hair)[key % 4 > 1]
    coat = mix(palette.him_coat, palette.haze, (0.1, 0.5, 0.3)[key % 3])
    return Person(
        skin, hair, palette.lips, palette.iris, coat, mix(palette.scarf, palette.dusk, 0.5), palette.paper, woman
    )


def cut_hat(sheet: Sheet, portrait: Portrait, colour: Colour, trim: Colour) -> None:
    """Cut a paper cone on a head."""
    head = portrait.head
    cone = np.array(
        [
            (-0.66, -1.22, 0.45),
            (-0.2, -1.1, 0.62),
            (0.3, -1.12, 0.6),
            (0.66, -1.26, 0.42),
            (0.2, -2.2, 0.1),
            (0.08, -2.62, 0.0),
            (-0.02, -2.62, 0.0),
        ]
    )
    sheet.cut(head.at(cone), colour)
    for share in (0.25, 0.5, 0.72):
        left, right = cone[0] + (cone[6] - cone[0]) * share, cone[3] + (cone[5] - cone[3]) * share
        sag = (left + right) / 2 + np.array([0, 0.09 * (1 - share), 0.1])
        sheet.cut(band(curve(head.at(np.array([left, sag, right])), closed=False), portrait.size * 0.05), trim)
    shade = np.array([(-0.66, -1.22, 0.45), (-0.36, -1.14, 0.58), (-0.02, -2.62, 0.0)])
    sheet.cut(head.at(shade), mix(colour, trim, 0.5))
    for angle in range(0, 360, 40):
        tuft = np.array(
            [(0.03, -2.6, 0.0), (0.03 + 0.2 * np.cos(np.radians(angle)), -2.64 + 0.18 * np.sin(np.radians(angle)), 0.0)]
        )
        sheet.cut(band(head.at(tuft), np.array([0.06, 0.02]) * portrait.size), trim)
