"""Faces cut from paper: planes of skin, eyes, brows, nose, mouth, hair, and the soft shadows on them.

Conventions: as in ``figures``; shapes are laid from the farthest to the nearest.
"""

import cv2
import numpy as np
from numpy.typing import ArrayLike

from punctum.demo.figures import Head, Person, Pose
from punctum.demo.paint import Picture, Points, Sheet, band, curve, disc, leaf, swell
from punctum.demo.palettes import Colour, mix


class Softness:
    """Collects soft shadows for a sheet, at a quarter of its size, crisper ones at half.

    Each darkens by its own strength, 0 to 255.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.layers: dict[bool, tuple[float, Picture]] = {}
        for crisp, factor in ((False, 0.25), (True, 0.5)):
            width, height = max(1, round(sheet.width_px * factor)), max(1, round(sheet.height_px * factor))
            self.layers[crisp] = (factor, np.zeros((height, width), np.uint8))

    def add(self, points: ArrayLike, strength: int, crisp: bool = False) -> None:
        """Add a shadow of this outline; shadows add up."""
        placed = self.sheet.place(np.asarray(points, dtype=np.float64))
        factor, layer = self.layers[crisp]
        placed = (placed * (factor / self.sheet.fine)).astype(np.int32)
        left, top, width, height = cv2.boundingRect(placed)
        left, top = (left >> 4) - 1, (top >> 4) - 1
        right, bottom = left + (width >> 4) + 4, top + (height >> 4) + 4
        left, top = max(0, left), max(0, top)
        part = layer[top : max(top, bottom), left : max(left, right)]
        if part.size == 0:
            return
        ink = np.zeros_like(part)
        cv2.fillPoly(ink, [placed - np.array([left << 4, top << 4], np.int32)], strength, cv2.LINE_AA, 4)
        cv2.add(part, ink, dst=part)

    def darken(self, paper: Picture, tint: Colour, wide_px: float, near_px: float) -> Picture:
        """Return finished RGBA paper with the shadows multiplied in; full shadow leaves ``tint`` / 255 of it."""
        size = (paper.shape[1], paper.shape[0])
        (far, wide), (close, near) = self.layers[False], self.layers[True]
        wide = cv2.GaussianBlur(wide, (0, 0), max(0.4, wide_px * far))
        near = cv2.GaussianBlur(near, (0, 0), max(0.4, near_px * close))
        soft = cv2.add(near, cv2.resize(wide, near.shape[::-1], interpolation=cv2.INTER_LINEAR))
        parts = [cv2.bitwise_not(cv2.convertScaleAbs(soft, alpha=(255 - one) / 255)) for one in tint]
        through = cv2.merge([*parts, np.full_like(soft, 255)])
        return cv2.multiply(paper, cv2.resize(through, size, interpolation=cv2.INTER_LINEAR), scale=1 / 255)


def mirror_x(points: ArrayLike) -> Points:
    """Return the points of the other half of a face, in the same turning sense."""
    given = np.asarray(points, dtype=np.float64).copy()
    given[:, 0] *= -1
    return given[::-1]


FACE = ((0.0, 1.42), (0.23, 1.385), (0.46, 1.22), (0.71, 0.94), (0.875, 0.58), (0.955, 0.18), (0.965, -0.22),
        (0.91, -0.62), (0.74, -0.98), (0.40, -1.22))  # fmt: skip
"""Half of a face's outline, chin to crown, seen from the front."""


def face_outline(person: Person) -> Points:
    """Return the outline of a face from the front, closed, (n, 3)."""
    half = np.asarray(FACE)
    if not person.woman:
        half = half.copy()
        half[1:4, 0] += np.array([0.10, 0.09, 0.05])
        half[0:3, 1] += 0.05
    whole = np.concatenate([half, [[0.0, -1.28]], mirror_x(half[1:])])
    return np.column_stack([whole, np.full(len(whole), 0.16)])


class Portrait:
    """Draws a head on a sheet: hair, skin, planes of shadow, features."""

    def __init__(self, person: Person, pose: Pose, x: float, y: float, size: float, lit: float = -1.0) -> None:
        self.person = person
        self.pose = pose
        self.head = Head(pose, x, y, size, 0.93 if person.woman else 1.0)
        self.x, self.y, self.size = x, y, size
        self.lit = lit
        """Where the light comes from: −1 the picture's left, 1 its right."""

    def draw(self, sheet: Sheet, soft: Softness) -> None:
        """Draw the head; ``soft`` collects the soft shadows."""
        self._hair_behind(sheet)
        self._skin(sheet, soft)
        for side in (-1, 1):
            self._eye(sheet, soft, side)
        self._nose(sheet, soft)
        self._mouth(sheet, soft)
        self._hair_before(sheet, soft)

    # the parts, from the farthest to the nearest

    def neck(self, sheet: Sheet, soft: Softness) -> None:
        """Draw the neck, which coat and scarf cover."""
        half = mix(self.person.skin[1], self.person.skin[2], 0.35)
        slim = 0.46 if self.person.woman else 0.62
        roll = np.radians(self.pose.roll_deg)
        lean = -np.sin(roll) * 1.1
        line = np.array([[lean + self.head.yaw * 0.2, 0.95], [lean * 0.5, 1.7], [0, 2.5]])
        outline = band(curve(line, closed=False), np.linspace(slim * 1.9, slim * 2.7, 13))
        place = outline * self.size + self.head.origin
        sheet.cut(place, half)
        under = np.array([[-0.7, 1.2], [0, 1.72], [0.7, 1.2], [0.8, 1.75], [0.1, 2.15], [-0.8, 1.85]])
        soft.add(self.head.at(np.column_stack([under, np.full(6, 0.1)])), 150)

    def _hair_behind(self, sheet: Sheet) -> None:
        dark, _ = self.person.hair
        yaw = self.head.yaw
        if self.person.woman:
            back = [(-0.98, -0.75), (-0.72, -1.28), (0, -1.56), (0.72, -1.28), (0.98, -0.75), (1.16, 0.1),
                    (1.24, 0.85), (1.12, 1.42), (0.62, 1.62), (0, 1.5), (-0.62, 1.62), (-1.12, 1.42), (-1.24, 0.85),
                    (-1.16, 0.1)]  # fmt: skip
        else:
            back = [(-1.0, -0.6), (-0.78, -1.28), (0, -1.58), (0.78, -1.28), (1.0, -0.6), (1.0, 0.0), (0.8, 0.35),
                    (-0.8, 0.35), (-1.0, 0.0)]  # fmt: skip
        points = np.asarray(back)
        place = self.head.at(np.column_stack([points, np.full(len(points), -0.35)]))
        sheet.cut(curve(place), dark)
        if not self.person.woman:
            for side in (-1, 1):
                if side * yaw < 0.35:
                    ear = disc(side * 0.985, 0.16, 0.105, 0.25)
                    sheet.cut(
                        self.head.at(np.column_stack([ear, np.full(len(ear), -0.05)])),
                        self.person.skin[1] if side == self.lit else mix(self.person.skin[1], self.person.skin[2], 0.6),
                    )

    def _skin(self, sheet: Sheet, soft: Softness) -> None:
        lit = self.person.skin[0]
        sheet.cut(curve(self.head.at(face_outline(self.person))), lit)
        far = -self.lit
        # the plane that is turned from the light: brow, cheek, jaw
        plane = np.array(
            [(0.62, -1.25), (0.50, -0.85), (0.34, -0.45), (0.13, -0.08), (0.17, 0.35), (0.34, 0.62), (0.30, 0.95),
             (0.18, 1.2), (0.14, 1.5), (0.5, 1.4), (1.2, 0.9), (1.3, -0.4), (0.9, -1.3)]
        )  # fmt: skip
        soft.add(self.head.at(plane * np.array([far, 1])), 140)
        edge = np.array([(0.62, -1.3), (0.66, -0.5), (0.60, 0.1), (0.72, 0.5), (0.56, 1.0), (0.4, 1.5), (1.3, 1.2),
                         (1.4, -0.6)])  # fmt: skip
        soft.add(self.head.at(edge * np.array([far, 1])), 110)
        rim = np.array([(0.86, -1.0), (0.84, 0.0), (0.80, 0.5), (0.62, 1.0), (0.3, 1.5), (1.3, 1.2), (1.4, -0.6)])
        soft.add(self.head.at(rim * np.array([self.lit, 1])), 36)
        # warmth of the cheeks
        for side in (-1, 1):
            cheek = disc(side * 0.56, 0.52, 0.26, 0.2)
            soft.add(self.head.at(cheek), 26)
        if not self.person.woman:
            beard = np.array([(-0.95, 0.35), (-0.62, 0.72), (-0.3, 0.74), (0, 0.66), (0.3, 0.74), (0.62, 0.72),
                              (0.95, 0.35), (0.8, 1.05), (0.4, 1.5), (0, 1.6), (-0.4, 1.5), (-0.8, 1.05)])  # fmt: skip
            soft.add(self.head.at(beard), 62)

    def _eye(self, sheet: Sheet, soft: Softness, side: int) -> None:
        pose, person = self.pose, self.person
        x, y = side * 0.41, 0.0
        open_ = max(0.0, pose.eyes)
        wide = 0.235 if person.woman else 0.22
        tall = 0.118 * open_ * (1.12 if person.woman else 0.9)
        low = 0.075 * (0.5 + 0.5 * min(1.0, open_))
        socket = np.array([(-0.36, -0.02), (-0.22, -0.26), (0.08, -0.30), (0.34, -0.18), (0.36, 0.04), (0.1, 0.17),
                           (-0.2, 0.14)])  # fmt: skip
        soft.add(self.head.at(np.array([x, y]) + socket * np.array([side, 1])), 84)
        # corners, then lids between them; inwards is towards the nose
        inner = np.array([x - side * wide * 0.98, y + 0.035])
        outer = np.array([x + side * wide * 1.04, y - 0.015])
        upper = np.array([inner, [x - side * wide * 0.45, y - tall * 0.86 + 0.01], [x + side * 0.03, y - tall],
                          [x + side * wide * 0.6, y - tall * 0.72], outer])  # fmt: skip
        lower = np.array([inner, [x - side * wide * 0.4, y + low * 0.8 + 0.012], [x + side * 0.03, y + low],
                          [x + side * wide * 0.62, y + low * 0.7], outer])  # fmt: skip
        if open_ < 0.12:
            upper[1:4] = lower[1:4] - 0.012
        lid_up = curve(upper, closed=False)
        lid_low = curve(lower, closed=False)
        white = mix((232, 226, 222), person.skin[2], 0.16 if side == self.lit else 0.38)
        opening = self.head.at(np.concatenate([lid_up, lid_low[::-1]]))
        if open_ >= 0.12:
            sheet.cut(opening, white)
            radius = 0.118
            centre = np.array([x + pose.gaze_x * 0.09, y - 0.012 + pose.gaze_y * 0.05])
            for part, colour in (
                (1.0, mix(person.iris, person.paper, 0.55)),
                (0.84, person.iris),
                (0.42, person.paper),
            ):
                ball = clipped(disc(centre[0], centre[1], radius * part), lid_up, lid_low, side)
                if len(ball):
                    sheet.cut(self.head.at(ball), colour)
            glint = clipped(disc(centre[0] + self.lit * 0.042, centre[1] - 0.045, 0.027), lid_up, lid_low, side)
            if len(glint):
                sheet.cut(self.head.at(glint), (250, 244, 232))
            shadow = np.concatenate([lid_up, (lid_up + np.array([0, min(0.05, tall * 0.5)]))[::-1]])
            soft.add(self.head.at(shadow), 90, crisp=True)
        dark = mix(person.hair[0], person.paper, 0.4)
        thick = swell(len(lid_up), (0, 0.018), (0.5, 0.046), (0.85, 0.056), (1, 0.02))
        thick = thick * (1.15 if person.woman else 0.8)
        sheet.cut(self.head.at(band(lid_up - np.array([0, 0.012]), thick)), dark)
        if person.woman:
            lash = np.array([outer, outer + np.array([side * 0.07, -0.05])])
            sheet.cut(self.head.at(band(lash, np.array([0.045, 0.008]))), dark)
        sheet.cut(self.head.at(band(lid_low, 0.014)), mix(person.skin[1], person.skin[2], 0.7))
        fold = curve(upper + np.array([0, -0.075 - 0.02 * (1 - open_)]), closed=False)[4:-2]
        sheet.cut(self.head.at(band(fold, 0.016)), mix(person.skin[1], person.skin[2], 0.55))
        self._brow(sheet, side)

    def _brow(self, sheet: Sheet, side: int) -> None:
        pose, person = self.pose, self.person
        lift = -0.30 - 0.09 * pose.brows - (0.0 if person.woman else -0.03)
        inner = np.array([side * 0.13, lift + 0.03 - 0.11 * pose.grief])
        line = np.array([inner, [side * 0.30, lift - 0.03 - 0.05 * pose.grief], [side * 0.50, lift - 0.045],
                         [side * 0.72, lift + 0.055 + 0.02 * pose.grief]])  # fmt: skip
        path = curve(line, closed=False)
        thick = swell(len(path), (0, 0.022), (0.08, 0.058), (0.35, 0.075), (1, 0.016))
        thick = thick * (0.85 if person.woman else 1.35)
        sheet.cut(self.head.at(band(path, thick)), mix(person.hair[0], person.skin[2], 0.18))

    def _nose(self, sheet: Sheet, soft: Softness) -> None:
        far = -self.lit
        person = self.person
        bridge = np.array([(0.05, -0.25, 1.0), (0.045, 0.1, 1.16), (0.06, 0.38, 1.3), (0.10, 0.52, 1.24),
                           (0.21, 0.56, 1.0), (0.19, 0.42, 0.98), (0.16, 0.1, 0.95), (0.15, -0.2, 0.92)])  # fmt: skip
        soft.add(self.head.at(bridge * np.array([far, 1, 1])), 92, crisp=True)
        under = np.array([(-0.19, 0.555, 1.02), (-0.07, 0.565, 1.2), (0, 0.60, 1.24), (0.07, 0.565, 1.2),
                          (0.19, 0.555, 1.02), (0.13, 0.66, 1.0), (0, 0.72, 1.0), (-0.13, 0.66, 1.0)])  # fmt: skip
        soft.add(self.head.at(under), 70, crisp=True)
        for side in (-1, 1):
            hole = np.array([(0.05, 0.575, 1.14), (0.10, 0.548, 1.12), (0.15, 0.565, 1.05), (0.11, 0.598, 1.08)])
            sheet.cut(curve(self.head.at(hole * np.array([side, 1, 1]))), mix(person.skin[2], person.paper, 0.25))
        # the wing on the lit side, and the light that runs down the bridge
        wing = curve(np.array([(0.185, 0.43), (0.235, 0.50), (0.225, 0.575), (0.175, 0.60)]) * np.array([self.lit, 1]),
                     closed=False)  # fmt: skip
        wing = np.column_stack([wing, np.full(len(wing), 0.98)])
        sheet.cut(
            band(self.head.at(wing), leaf(len(wing)) * self.size * 0.022), mix(person.skin[1], person.skin[2], 0.5)
        )
        ridge = np.array([(0.0, -0.12, 1.08), (0.012, 0.14, 1.2), (0.02, 0.34, 1.27)]) * np.array([self.lit, 1, 1])
        path = curve(self.head.at(ridge), closed=False)
        sheet.cut(band(path, leaf(len(path)) * self.size * 0.035), mix(person.skin[0], (255, 244, 228), 0.28))
        tip = disc(self.lit * 0.04, 0.43, 0.026, 0.045)
        sheet.cut(
            self.head.at(np.column_stack([tip, np.full(len(tip), 1.28)])), mix(person.skin[0], (255, 250, 240), 0.2)
        )

    def _mouth(self, sheet: Sheet, soft: Softness) -> None:
        pose, person = self.pose, self.person
        wide = (0.325 if person.woman else 0.345) + 0.03 * pose.corners
        y, gape = 0.925, 0.11 * pose.mouth
        corner_y = y + 0.006 - 0.042 * pose.corners
        full = 1.0 if person.woman else 0.7
        colour = mix(person.lips, person.skin[1], 0.24) if person.woman else mix(person.skin[1], person.lips, 0.45)
        top = np.array(
            [
                (-wide, corner_y),
                (-0.18, y - 0.062 * full),
                (-0.055, y - 0.09 * full),
                (0, y - 0.068 * full),
                (0.055, y - 0.09 * full),
                (0.18, y - 0.062 * full),
                (wide, corner_y),
            ]
        )
        seam_up = np.array([(-wide, corner_y), (-0.16, y - gape * 0.4), (0, y + 0.012 - gape * 0.35),
                            (0.16, y - gape * 0.4), (wide, corner_y)])  # fmt: skip
        seam_low = np.array([(-wide, corner_y), (-0.16, y + gape * 0.9), (0, y + 0.014 + gape),
                             (0.16, y + gape * 0.9), (wide, corner_y)])  # fmt: skip
        foot = np.array([(-wide, corner_y), (-0.17, y + 0.095 * full + gape), (0, y + 0.128 * full + gape),
                         (0.17, y + 0.095 * full + gape), (wide, corner_y)])  # fmt: skip
        ups, lows = curve(seam_up, closed=False), curve(seam_low, closed=False)
        upper = np.concatenate([curve(top, closed=False), ups[::-1]])
        lower = np.concatenate([lows, curve(foot, closed=False)[::-1]])
        sheet.cut(self.head.at(np.concatenate([ups, lows[::-1]]), 0.06), mix(person.lips, person.paper, 0.78))
        sheet.cut(self.head.at(upper, 0.08), mix(colour, person.paper, 0.2))
        sheet.cut(self.head.at(lower, 0.08), colour)
        seam = swell(len(ups), (0, 0.016), (0.08, 0.024), (0.5, 0.02), (0.92, 0.024), (1, 0.016))
        sheet.cut(self.head.at(band(ups, seam), 0.08), mix(person.lips, person.paper, 0.72))
        shine = np.array([(-0.09, y + 0.05 + gape), (0.02, y + 0.042 + gape), (0.1, y + 0.05 + gape),
                          (0.02, y + 0.075 + gape)]) + np.array([self.lit * 0.05, 0])  # fmt: skip
        sheet.cut(curve(self.head.at(shine, 0.1)), mix(colour, (255, 226, 214), 0.35))
        below = np.array(
            [
                (-0.22, y + 0.15 * full + gape),
                (0, y + 0.135 * full + gape + 0.02),
                (0.22, y + 0.15 * full + gape),
                (0.12, y + 0.25 + gape),
                (-0.12, y + 0.25 + gape),
            ]
        )
        soft.add(self.head.at(below), 66)

    def _hair_before(self, sheet: Sheet, soft: Softness) -> None:
        dark, bright = self.person.hair
        part = -0.22 * self.lit
        if self.person.woman:
            for side in (-1, 1):
                reach = 1.0 if side == np.sign(part) else 1.02
                lock = np.array(
                    [(part, -1.56, 0.5), (part, -1.13, 0.74), (side * 0.50, -0.94, 0.66), (side * 0.79, -0.52, 0.52),
                     (side * 0.89, -0.05, 0.36), (side * 0.88, 0.5, 0.28), (side * 0.80, 1.0, 0.3),
                     (side * 0.66, 1.42, 0.34), (side * 0.95, 1.58, 0.1), (side * 1.2, 1.25, 0.05),
                     (side * 1.26 * reach, 0.6, 0.0), (side * 1.17, -0.2, 0.0), (side * 1.02, -0.9, 0.05),
                     (side * 0.66, -1.42, 0.2)]
                )  # fmt: skip
                sheet.cut(curve(self.head.at(lock)), dark)
                for share in (0.25, 0.5, 0.72):
                    strand = np.array(
                        [(part + side * 0.08, -1.44, 0.6), (side * (0.62 + 0.18 * share), -0.98 - 0.2 * share, 0.5),
                         (side * (0.93 + 0.14 * share), -0.2, 0.3), (side * (0.93 + 0.2 * share), 0.6, 0.22),
                         (side * (0.80 + 0.2 * share), 1.38, 0.22)]
                    )  # fmt: skip
                    path = curve(self.head.at(strand), closed=False)
                    thick = leaf(len(path)) * self.size * 0.03
                    shine = 0.75 if side == self.lit else 0.22
                    sheet.cut(band(path, thick), mix(dark, bright, shine * (1 - 0.5 * share)))
            soft.add(
                self.head.at(np.array([(-0.9, -1.2), (0, -1.3), (0.9, -1.2), (0.8, -0.7), (0, -0.98), (-0.8, -0.7)])),
                70,
            )
        else:
            fringe = np.array(
                [(-0.97, 0.12, 0.1), (-0.93, -0.42, 0.35), (-0.84, -0.70, 0.45), (-0.62, -0.84, 0.58),
                 (-0.30, -0.96, 0.70), (0.05, -1.05, 0.74), (0.34, -1.12, 0.68), (0.60, -1.06, 0.6),
                 (0.78, -0.84, 0.48), (0.90, -0.56, 0.36), (0.97, 0.10, 0.1), (1.06, -0.5, -0.1), (1.0, -1.05, 0.0),
                 (0.66, -1.52, 0.1), (0.1, -1.72, 0.15), (-0.56, -1.58, 0.1), (-0.98, -1.08, 0.0),
                 (-1.06, -0.5, -0.1)]
            )  # fmt: skip
            sheet.cut(curve(self.head.at(fringe)), dark)
            for share in np.linspace(-0.75, 0.8, 8):
                strand = np.array([(0.62 + 0.22 * share, -1.36 + 0.1 * share, 0.4), (0.2 + 0.5 * share, -1.46, 0.42),
                                   (-0.3 + 0.62 * share, -1.28 + 0.12 * share**2, 0.5),
                                   (-0.62 + 0.72 * share, -0.98 - 0.1 * (share > 0), 0.55)])  # fmt: skip
                path = curve(self.head.at(strand), closed=False)
                shine = 0.5 if share * self.lit > 0 else 0.22
                thick = leaf(len(path)) * self.size * 0.028
                sheet.cut(band(path, thick), mix(dark, bright, shine))
            soft.add(
                self.head.at(
                    np.array([(-0.95, -0.9), (0, -1.05), (0.95, -0.9), (0.85, -0.62), (0, -0.8), (-0.85, -0.62)])
                ),
                70,
            )

    def lid_rim(self, side: int) -> Points:
        """Return the rim of a lower lid in the picture, (n, 2)."""
        rim = np.array([(0.22, 0.045), (0.33, 0.078), (0.44, 0.085), (0.55, 0.06), (0.63, 0.01)])
        return curve(self.head.at(rim * np.array([side, 1])), closed=False)

    def tear_path(self, side: int) -> Points:
        """Return the way of a tear in the picture, (n, 2): from the lid's rim over the cheek to the jaw."""
        way = np.array(
            [(0.40, 0.085), (0.42, 0.22), (0.455, 0.45), (0.475, 0.70), (0.44, 0.95), (0.36, 1.18), (0.30, 1.33)]
        )
        return curve(self.head.at(way * np.array([side, 1]), 0.01), closed=False, steps=12)


def clipped(points: Points, upper: Points, lower: Points, side: int) -> Points:
    """Return what of a shape lies between two lids, whose points run from the inner to the outer corner."""
    x = points[:, 0] * side
    top = np.interp(x, upper[:, 0] * side, upper[:, 1])
    bottom = np.interp(x, lower[:, 0] * side, lower[:, 1])
    inside = (x >= upper[0, 0] * side) & (x <= upper[-1, 0] * side)
    y = np.clip(points[:, 1], top, np.maximum(top, bottom))
    kept = np.stack([points[:, 0], y], axis=1)[inside]
    return kept if len(kept) > 3 and np.ptp(kept[:, 1]) > 1e-3 else np.zeros((0, 2))
