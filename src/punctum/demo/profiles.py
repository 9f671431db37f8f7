"""Cut-paper profiles against the lit rear window.

Conventions: a profile is drawn facing right in units of half a face's height, origin at the ear; ``facing``
−1 turns it left. Times of the approach are shares of the shot, in ``staging.APPROACH``.
"""

import cv2
import numpy as np

from punctum.demo.paint import (
    HEIGHT,
    WIDTH,
    Picture,
    Plate,
    Points,
    Sheet,
    View,
    band,
    bloom,
    curve,
    glow,
    halo,
    lay,
    leaf,
    veil,
)
from punctum.demo.palettes import Colour, mix
from punctum.demo.scenery import MARGIN, push, rectangle, town_lights
from punctum.demo.stage import Moment, Stage, keyed
from punctum.demo.staging import APPROACH
from punctum.demo.weather import REST_DEG, SWEEP_DEG, Snow

HER_FACE = ((0.10, -1.30), (0.46, -1.20), (0.70, -0.95), (0.80, -0.66), (0.825, -0.42), (0.80, -0.27), (0.815, -0.17),
            (0.90, 0.02), (1.02, 0.20), (1.045, 0.27), (0.99, 0.335), (0.885, 0.36), (0.885, 0.42), (0.955, 0.49),
            (0.945, 0.56),
            (0.885, 0.60), (0.935, 0.66), (0.92, 0.74), (0.845, 0.80), (0.845, 0.87), (0.90, 0.97), (0.885, 1.09),
            (0.80, 1.16),
            (0.62, 1.14), (0.36, 1.02), (0.12, 0.86))  # fmt: skip
HIS_FACE = ((0.05, -1.34), (0.46, -1.24), (0.74, -1.0), (0.86, -0.72), (0.90, -0.50), (0.875, -0.34), (0.865, -0.24),
            (0.97, -0.02), (1.10, 0.18), (1.115, 0.27), (1.06, 0.33), (0.94, 0.36), (0.935, 0.43), (0.985, 0.50),
            (0.975, 0.565),
            (0.925, 0.60), (0.97, 0.665), (0.955, 0.74), (0.895, 0.80), (0.90, 0.88), (0.965, 0.99), (0.96, 1.14),
            (0.86, 1.24),
            (0.64, 1.24), (0.34, 1.10), (0.08, 0.86))  # fmt: skip


class Puppet:
    """A shadow-theatre figure in profile: head and body, hinged at the neck."""

    def __init__(self, woman: bool, facing: int, size: float) -> None:
        self.woman = woman
        self.facing = facing
        self.size = size
        face = np.asarray(HER_FACE if woman else HIS_FACE)
        if woman:
            hair = np.array([(0.52, -1.22), (0.2, -1.5), (-0.4, -1.56), (-0.95, -1.25), (-1.22, -0.6), (-1.2, 0.1),
                (-1.08, 0.7),
                             (-0.82, 1.14), (-0.3, 1.22), (0.02, 1.08), (0.10, 0.62), (0.22, 0.1), (0.40, -0.4),
                             (0.66, -0.86),
                             (0.78, -1.0)])  # fmt: skip
        else:
            hair = np.array([(0.86, -0.86), (0.84, -1.16), (0.5, -1.46), (-0.1, -1.58), (-0.7, -1.4), (-1.06, -0.9),
                (-1.08, -0.3),
                             (-0.92, 0.2), (-0.7, 0.55), (-0.4, 0.6), (-0.1, 0.1), (0.1, -0.35), (0.3, -0.6),
                             (0.6, -0.86)])  # fmt: skip
        skull = np.array(
            [(0.12, 0.86), (-0.3, 0.9), (-0.75, 0.6), (-0.98, 0.0), (-0.9, -0.7), (-0.5, -1.2), (0.05, -1.34)]
        )
        self.head = np.concatenate([curve(face, closed=False), skull])
        self.hair = curve(hair)
        self.profile = curve(face[2:-3], closed=False)

    def place(
        self, points: Points, x: float, y: float, tilt_deg: float, hinge: tuple[float, float] = (-0.25, 1.3)
    ) -> Points:
        """Return points of the puppet in the picture, the head turned about the neck; x, y is the hinge."""
        angle = np.radians(tilt_deg)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        turned = (np.asarray(points) - np.array(hinge)) @ turn.T
        return np.asarray(turned * np.array([self.facing, 1]) * self.size + np.array([x, y]))


class Profiles:
    """They turn to each other: approach, contact, withdrawal, collapse."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        palette = stage.palette
        self.plate = self._paint()
        self.cabin = self._paint_cabin()
        self.her, self.him = Puppet(True, 1, 100), Puppet(False, -1, 106)
        self.snow = Snow([stage.seed, 81], 150, 2.6, 52, 12, 0.6)
        self.near = Snow([stage.seed, 82], 18, 7.0, 170, 40, 0.3, coarse=4)
        self.vignette = stage.vignette(0.6)
        self.rim = palette.lamp

    def draw(self, moment: Moment) -> Picture:
        """Draw one frame."""
        stage, palette = self.stage, self.stage.palette
        view = push(moment, 0.07, 500, 240)
        picture = self.plate.show(view.nearer(0.6), stage.scale, stage.size_px)
        glow(
            picture,
            self.snow.mask(moment.clock_s, stage.scale, stage.size_px),
            mix(palette.snow, palette.lamp, 0.35),
            0.75,
        )
        lay(picture, self.cabin.show(view.nearer(0.85), stage.scale, stage.size_px, cv2.BORDER_CONSTANT))
        self._puppets(picture, moment, view)
        self._blades(picture, moment)
        glow(picture, self.near.mask(moment.clock_s, stage.scale, stage.size_px), palette.haze)
        return cv2.multiply(picture, self.vignette, scale=1 / 255)

    def _puppets(self, picture: Picture, moment: Moment, view: View) -> None:
        palette, u = self.stage.palette, moment.share
        start, touch, part, away, fall, rest = APPROACH
        breath = 2.0 * np.sin(moment.clock_s * 2 * np.pi / 3.6)
        his_breath = 2.0 * np.sin(moment.clock_s * 2 * np.pi / 4.2 + 1)
        her_x = keyed(u, (0.0, 236), (start, 240), (touch, 343), (part, 345), (away, 268), (fall, 276), (rest, 492))
        her_y = keyed(u, (start, 372), (touch, 366), (part, 366), (away, 384), (fall, 386), (rest, 446)) + breath
        her_tilt = keyed(u, (0.0, 8), (start, 3), (touch, -5), (part, -4), (away, 22), (fall, 24), (rest, 30))
        his_x = keyed(u, (start, 690), (touch, 612), (part, 606), (away, 634), (fall, 630), (rest, 640))
        his_y = 366 + his_breath + keyed(u, (fall, 0), (rest, 6))
        his_tilt = keyed(u, (0.0, 6), (start, 2), (touch, 8), (part, 9), (away, 0), (fall, 4), (rest, 26))
        # the coats: bodies lean after the heads
        sheet = Sheet(self.stage.scale, view=view)
        coats = (
            (self.him, his_x, his_y, his_tilt, palette.him_coat, his_x + 46),
            (self.her, her_x, her_y, her_tilt, palette.her_coat, her_x - 70),
        )
        for puppet, x, y, tilt, coat, root in coats:
            cloth = mix(coat, palette.paper, 0.62)
            self._body(sheet, puppet, x, y, root, cloth)
            self._neck(sheet, puppet, x, y, tilt)
            self._collar(sheet, puppet, x, y, cloth)
            self._head(sheet, puppet, x, y, tilt)
        # his arm comes around her
        hold = keyed(u, (fall, 0.0), (rest, 1.0))
        if hold > 0:
            shoulder = np.array([his_x + 70, his_y + 120.0])
            hand = np.array([his_x - 40 - 150 * hold, his_y + 170 - 30 * hold])
            elbow = (shoulder + hand) / 2 + np.array([10.0, 92])
            path = curve([shoulder, elbow, hand], closed=False, steps=10)
            sheet.cut(
                band(path, np.interp(np.linspace(0, 1, len(path)), [0, 0.7, 1], [92, 66, 46])),
                mix(palette.him_coat, palette.paper, 0.5),
            )
            edge = path[6:] - np.array([0, 27])
            sheet.cut(band(edge, leaf(len(edge)) * 2.6), mix(palette.him_coat, palette.lamp, 0.45))
            palm = np.array(
                [
                    (26, -18),
                    (2, -20),
                    (-24, -14),
                    (-44, -6),
                    (-46, 3),
                    (-20, 6),
                    (-44, 12),
                    (-40, 19),
                    (-14, 18),
                    (20, 20),
                ]
            )
            sheet.cut(curve(palm + hand), mix(palette.him_skin[2], palette.paper, 0.35))
        sheet.lay_on(picture)

    def _flesh(self, puppet: Puppet) -> Colour:
        palette = self.stage.palette
        skin = palette.her_skin if puppet.woman else palette.him_skin
        return mix(mix(skin[1], skin[2], 0.7), palette.paper, 0.6)

    def _neck(self, sheet: Sheet, puppet: Puppet, x: float, y: float, tilt: float) -> None:
        palette, flesh = self.stage.palette, self._flesh(puppet)
        wide = 0.0 if puppet.woman else 0.1
        neck = np.array(
            [
                (-0.5 - wide, 0.3),
                (0.2, 0.7),
                (0.12 + wide, 1.2),
                (0.26 + wide, 1.9),
                (-0.72 - wide, 1.9),
                (-0.52 - wide, 1.1),
            ]
        )
        sheet.cut(curve(puppet.place(neck, x, y, tilt * 0.4)), mix(flesh, palette.paper, 0.3))

    def _head(self, sheet: Sheet, puppet: Puppet, x: float, y: float, tilt: float) -> None:
        palette = self.stage.palette
        skin = palette.her_skin if puppet.woman else palette.him_skin
        hair = palette.her_hair if puppet.woman else palette.him_hair
        sheet.cut(puppet.place(puppet.head, x, y, tilt), self._flesh(puppet))
        # the light behind them draws the profile's edge
        edge = puppet.profile - np.array([0.012, 0])
        width = leaf(len(edge)) ** 0.5 * puppet.size * 0.026
        sheet.cut(band(puppet.place(edge, x, y, tilt), width), mix(skin[0], self.rim, 0.45))
        lid = np.array([(0.56, -0.12), (0.66, -0.08), (0.755, -0.10)])
        sheet.cut(band(curve(puppet.place(lid, x, y, tilt), closed=False), puppet.size * 0.022), palette.paper)
        lash = np.array([(0.70, -0.09), (0.80, -0.055)])
        sheet.cut(band(puppet.place(lash, x, y, tilt), np.array([0.03, 0.006]) * puppet.size), palette.paper)
        brow = np.array([(0.50, -0.34), (0.64, -0.39), (0.79, -0.35)])
        sheet.cut(band(curve(puppet.place(brow, x, y, tilt), closed=False), puppet.size * 0.035), palette.paper)
        sheet.cut(puppet.place(puppet.hair, x, y, tilt), mix(hair[0], palette.paper, 0.5))
        top = puppet.hair[: 6 * 4]
        width = leaf(len(top)) * puppet.size * 0.03
        sheet.cut(band(puppet.place(top, x, y, tilt), width), mix(hair[1], self.rim, 0.35))

    def _body(self, sheet: Sheet, puppet: Puppet, x: float, y: float, root: float, coat: Colour) -> None:
        face, size = puppet.facing, puppet.size
        at = np.array([x, y])
        low = np.array([root, 640.0])
        chest = (
            np.array([(-0.9, 0.12), (-1.5, 0.5), (-1.9, 1.3), (1.35, 1.5), (1.02, 0.75), (0.66, 0.2)])
            * np.array([face, 1])
            * size
        )
        foot = np.array([(-2.2, 0), (1.6, 0)]) * np.array([face, 1]) * size + low
        outline = np.concatenate([chest[:3] + at, foot[:1], foot[1:], chest[3:] + at])
        sheet.cut(curve(outline), coat)
        edge = curve(chest[3:] + at, closed=False)
        sheet.cut(band(edge, leaf(len(edge)) * size * 0.03), mix(coat, self.rim, 0.55))

    def _collar(self, sheet: Sheet, puppet: Puppet, x: float, y: float, coat: Colour) -> None:
        palette = self.stage.palette
        face, size, at = puppet.facing, puppet.size, np.array([x, y])
        if puppet.woman:
            scarf = np.array(
                [
                    (-0.72, -0.28),
                    (-0.1, 0.0),
                    (0.52, -0.22),
                    (0.74, 0.06),
                    (0.62, 0.42),
                    (-0.1, 0.5),
                    (-0.98, 0.36),
                    (-0.98, -0.02),
                ]
            )
            sheet.cut(curve(scarf * np.array([face, 1]) * size + at), mix(palette.scarf, palette.paper, 0.45))
            fold = curve(
                np.array([(-0.85, 0.05), (-0.1, 0.24), (0.68, 0.02)]) * np.array([face, 1]) * size + at, closed=False
            )
            sheet.cut(band(fold, size * 0.035), mix(palette.scarf, palette.paper, 0.75))
        else:
            collar = np.array(
                [(-0.78, -0.42), (-0.2, 0.06), (0.4, 0.02), (0.7, 0.34), (0.3, 0.72), (-0.6, 0.6), (-1.2, 0.3)]
            )
            sheet.cut(curve(collar * np.array([face, 1]) * size + at), mix(coat, palette.paper, 0.25))

    def _blades(self, picture: Picture, moment: Moment) -> None:
        """Draw the wipers on the glass before the lens, out of focus."""
        stage, palette = self.stage, self.stage.palette
        turn = stage.wipers.turn(moment.clock_s)
        width, height = stage.size_px[0] // 4, stage.size_px[1] // 4
        mask: Picture = np.zeros((height, width), np.uint8)
        angle = np.radians(REST_DEG + SWEEP_DEG * turn)
        for x in (140.0, 640.0):
            root = np.array([x, 590.0])
            line = np.array([root, root + 520 * np.array([np.cos(angle), np.sin(angle)])]) * stage.scale / 4
            start, end = ([int(value) for value in np.rint(point * 16)] for point in line)
            cv2.line(mask, start, end, 190, max(1, round(15 * stage.scale / 4)), cv2.LINE_AA, 4)
        mask = cv2.GaussianBlur(mask, (0, 0), 4.5 * stage.scale)
        veil(picture, cv2.resize(mask, stage.size_px, interpolation=cv2.INTER_LINEAR), palette.paper)

    def _paint(self) -> Plate:
        stage, palette = self.stage, self.stage.palette
        scale = stage.scale / 2
        plate = town_lights(stage, 3, 34, 300, 90, (palette.lamp, palette.window, palette.window, palette.dash), 0.5)
        picture = plate.picture
        height, width = picture.shape[:2]
        spot = halo(width, height, (520 + MARGIN) * scale, (190 + MARGIN) * scale, 420 * scale, 2.2)
        glow(picture, spot, palette.lamp, 0.62)
        heart = halo(width, height, (530 + MARGIN) * scale, (150 + MARGIN) * scale, 120 * scale, 2.6)
        glow(picture, heart, palette.core, 0.5)
        return Plate(bloom(picture, 24 * scale, 0.25, 150), scale, MARGIN)

    def _paint_cabin(self) -> Plate:
        stage, palette = self.stage, self.stage.palette
        scale = stage.scale / 2
        box = (0, 0, WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN)
        sheet = Sheet(scale, box, margin=MARGIN)
        sheet.cut(rectangle(-90, -90, 1140, 720), palette.paper)
        hole = Sheet(scale, box, margin=MARGIN)
        hole.cut(
            curve(
                [
                    (70, 110),
                    (200, 44),
                    (480, 26),
                    (760, 44),
                    (890, 110),
                    (930, 330),
                    (860, 420),
                    (480, 436),
                    (100, 420),
                    (30, 330),
                ]
            ),
            (255, 255, 255),
        )
        opening = cv2.GaussianBlur(np.ascontiguousarray(hole.finished()[:, :, 3]), (0, 0), 4 * scale)
        paper = cv2.multiply(sheet.finished(), cv2.merge([255 - opening] * 4), scale=1 / 255)
        return Plate(paper, scale, MARGIN)
