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
from punctum.demo.portraits import Cutting, lay_cutting
from punctum.demo.scenery import MARGIN, push, rectangle, town_lights
from punctum.demo.stage import Moment, Stage, keyed
from punctum.demo.staging import APPROACH
from punctum.demo.weather import REST_DEG, SWEEP_DEG, Snow

HER_FACE = ((0.10, -1.30), (0.46, -1.20), (0.69, -0.95), (0.785, -0.66), (0.81, -0.42), (0.795, -0.27), (0.81, -0.17),
            (0.885, 0.02), (0.99, 0.18), (1.02, 0.25), (0.975, 0.315), (0.885, 0.35), (0.878, 0.42), (0.922, 0.495),
            (0.918, 0.555), (0.882, 0.592), (0.908, 0.65), (0.895, 0.72), (0.85, 0.79), (0.848, 0.86), (0.882, 0.95),
            (0.868, 1.06), (0.79, 1.14), (0.62, 1.13), (0.36, 1.02), (0.12, 0.86))  # fmt: skip
HIS_FACE = ((0.05, -1.34), (0.46, -1.24), (0.74, -1.0), (0.86, -0.72), (0.90, -0.50), (0.875, -0.34), (0.87, -0.24),
            (0.965, -0.02), (1.08, 0.17), (1.10, 0.255), (1.055, 0.32), (0.945, 0.36), (0.935, 0.43), (0.972, 0.50),
            (0.965, 0.56), (0.928, 0.598), (0.955, 0.66), (0.945, 0.735), (0.90, 0.80), (0.905, 0.87), (0.955, 0.98),
            (0.95, 1.12), (0.86, 1.23), (0.64, 1.24), (0.34, 1.10), (0.08, 0.86))  # fmt: skip
HER_HAIR = ((0.56, -1.14), (0.36, -1.42), (-0.1, -1.58), (-0.6, -1.5), (-1.04, -1.12), (-1.22, -0.5), (-1.2, 0.2),
            (-1.12, 0.72), (-0.96, 1.08), (-0.6, 1.14), (-0.2, 1.14), (0.16, 1.10), (0.34, 0.98), (0.36, 0.66),
            (0.26, 0.3), (0.26, -0.1), (0.38, -0.48), (0.54, -0.80), (0.62, -1.02))  # fmt: skip
HIS_HAIR = ((0.84, -0.94), (0.92, -1.18), (0.72, -1.44), (0.3, -1.62), (-0.3, -1.60), (-0.82, -1.34), (-1.08, -0.86),
            (-1.1, -0.3), (-1.0, 0.22), (-0.78, 0.64), (-0.56, 0.66), (-0.42, 0.36), (-0.34, 0.02), (-0.22, -0.16),
            (-0.02, -0.18), (0.06, 0.02), (0.08, 0.22), (0.2, 0.24), (0.24, -0.06), (0.28, -0.42), (0.44, -0.70),
            (0.68, -0.82))  # fmt: skip


class Puppet:
    """A shadow-theatre figure in profile: head and body, hinged at the neck."""

    def __init__(self, woman: bool, facing: int, size: float) -> None:
        self.woman = woman
        self.facing = facing
        self.size = size
        face = np.asarray(HER_FACE if woman else HIS_FACE)
        hair = np.asarray(HER_HAIR if woman else HIS_HAIR)
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
        self.snow = Snow([stage.seed, 81], 150, 2.8, 52, 12, 0.6)
        self.near = Snow([stage.seed, 82], 18, 7.0, 170, 40, 0.3, coarse=4)
        self.vignette = stage.vignette(0.6)
        self.rim = palette.lamp

    def draw(self, moment: Moment) -> Picture:
        """Draw one frame."""
        stage, palette = self.stage, self.stage.palette
        half, scale = stage.small(2), stage.scale / 2
        drawn, kept = moment.drawn, stage.kept
        view = self.view(drawn)
        town = kept.get("rear town", drawn.frame, lambda: self.plate.show(view.nearer(0.6), scale, half))
        cabin = kept.get(
            "rear", drawn.frame, lambda: self.cabin.show(view.nearer(0.85), scale, half, cv2.BORDER_CONSTANT)
        )
        picture = town.copy()
        flakes = self.snow.mask(moment.clock_s, scale, half)
        glow(picture, flakes, mix(palette.snow, palette.lamp, 0.35), 0.75)
        lay(picture, cabin)
        picture = stage.full(picture)
        # here they move most: on every frame
        lay_cutting(picture, self._puppets(moment, self.view(moment)))
        self._blades(picture, moment)
        glow(picture, self.near.mask(moment.clock_s, stage.scale, stage.size_px), palette.haze)
        return cv2.multiply(picture, self.vignette, scale=1 / 255)

    def view(self, moment: Moment) -> View:
        """Return a slow push-in."""
        return push(moment, 0.07, 500, 240)

    def _puppets(self, moment: Moment, view: View) -> Cutting:
        """Cut the two of them."""
        palette, u = self.stage.palette, moment.share
        start, touch, part, away, fall, rest = APPROACH
        breath = 2.0 * np.sin(moment.clock_s * 2 * np.pi / 3.6)
        his_breath = 2.0 * np.sin(moment.clock_s * 2 * np.pi / 4.2 + 1)
        her_x = keyed(u, (0.0, 236), (start, 240), (touch, 347), (part, 349), (away, 268), (fall, 276), (rest, 500))
        her_y = keyed(u, (start, 372), (touch, 366), (part, 366), (away, 384), (fall, 386), (rest, 420)) + breath
        her_tilt = keyed(u, (0.0, 8), (start, 3), (touch, -5), (part, -4), (away, 22), (fall, 24), (rest, 26))
        his_x = keyed(u, (start, 690), (touch, 612), (part, 606), (away, 634), (fall, 630), (rest, 628))
        his_y = 366 + his_breath + keyed(u, (fall, 0), (rest, 2))
        his_tilt = keyed(u, (0.0, 6), (start, 2), (touch, 8), (part, 9), (away, 0), (fall, 4), (rest, 30))
        # the coats: bodies lean after the heads
        sheet = Sheet(self.stage.scale, view=view, passing=True)
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
        hold = keyed(u, (fall, 0.0), (rest, 1.0))
        if hold > 0:
            self._arm(sheet, his_x, his_y, hold)
        return [(sheet.finished(), sheet.left_px, sheet.top_px)]

    def _arm(self, sheet: Sheet, x: float, y: float, hold: float) -> None:
        """Cut his arm as it comes around her back; x, y is the hinge of his neck."""
        palette = self.stage.palette
        cloth = mix(palette.him_coat, palette.paper, 0.5)
        shoulder = np.array([x + 66, y + 74.0])
        hand = np.array([x - 50 - 166 * hold, y + 168 - 62 * hold])
        elbow = (shoulder + hand) / 2 + np.array([16.0, 62 - 6 * hold])
        path = curve([shoulder, elbow, hand], closed=False, steps=10)
        width = np.interp(np.linspace(0, 1, len(path)), [0, 0.5, 0.9, 1], [96, 74, 54, 50])
        # shadow on her coat, cloth, and the light from behind along its upper side
        sheet.cut(band(path[4:] + np.array([-3.0, 7.0]), width[4:]), mix(palette.her_coat, palette.paper, 0.86))
        sheet.cut(band(path, width), cloth)
        edge = path[9:] - np.array([0.0, 1.0]) * (width[9:] / 2 - 1)[:, None]
        sheet.cut(band(edge, leaf(len(edge)) * 3.0), mix(palette.him_coat, palette.lamp, 0.5))
        flesh = mix(palette.him_skin[2], palette.paper, 0.22)
        for index, (root, long) in enumerate(((-13.0, 44), (-4.0, 52), (6.0, 50), (15.0, 40))):
            base = hand + np.array([-14.0, root])
            bend, tip = np.array([-0.5 * long, root * 0.16 - 3]), np.array([-long, root * 0.5 + 3])
            line = curve([base, base + bend, base + tip], closed=False)
            thick = np.interp(np.linspace(0, 1, len(line)), [0, 0.8, 0.95, 1], [12.5, 11, 8, 4])
            sheet.cut(band(line + np.array([0.0, 2.0]), thick + 1), mix(flesh, palette.paper, 0.55))
            sheet.cut(band(line, thick), mix(flesh, palette.him_skin[1], 0.16 - 0.04 * index))
        palm = np.array([(20, -22), (-4, -22), (-24, -18), (-28, 0), (-24, 19), (0, 23), (20, 22)])
        sheet.cut(curve(palm + hand), flesh)
        cuff = np.array([(2, -27), (16, -29), (20, 0), (16, 29), (2, 27), (6, 0)])
        sheet.cut(curve(cuff + hand), mix(cloth, palette.paper, 0.4))

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
                (0.22 + wide, 1.62),
                (-0.62 - wide, 1.62),
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
        if puppet.woman:
            for share in (0.0, 0.3, 0.6):
                strand = np.array([(0.40 - 0.5 * share, -1.22 - 0.16 * share), (0.14 - 0.6 * share, -0.6),
                                   (0.10 - 0.7 * share, 0.2), (0.2 - 0.75 * share, 0.92)])  # fmt: skip
                path = curve(puppet.place(strand, x, y, tilt), closed=False)
                sheet.cut(
                    band(path, leaf(len(path)) * puppet.size * 0.02), mix(hair[1], palette.paper, 0.62 + 0.12 * share)
                )
        else:
            ear = np.array([(-0.26, -0.1), (-0.12, -0.16), (0.0, -0.06), (-0.02, 0.14), (-0.12, 0.3), (-0.22, 0.26),
                            (-0.28, 0.08)])  # fmt: skip
            sheet.cut(curve(puppet.place(ear, x, y, tilt)), mix(self._flesh(puppet), skin[1], 0.12))
            inner = np.array([(-0.2, -0.06), (-0.1, -0.08), (-0.06, 0.02), (-0.14, 0.16)])
            path = curve(puppet.place(inner, x, y, tilt), closed=False)
            sheet.cut(band(path, leaf(len(path)) * puppet.size * 0.025), mix(self._flesh(puppet), palette.paper, 0.5))
            for share in (0.0, 0.34, 0.66, 1.0):
                strand = np.array([(0.78 - 0.3 * share, -1.02 - 0.12 * share),
                                   (0.3 - 0.34 * share, -1.28 - 0.06 * share),
                                   (-0.3 - 0.3 * share, -1.2 + 0.1 * share), (-0.66 - 0.2 * share, -0.7)])  # fmt: skip
                path = curve(puppet.place(strand, x, y, tilt), closed=False)
                sheet.cut(band(path, leaf(len(path)) * puppet.size * 0.02), mix(hair[1], palette.paper, 0.66))
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
        shoulder = curve(chest[:3] + at, closed=False)
        sheet.cut(band(shoulder, leaf(len(shoulder)) * size * 0.022), mix(coat, self.rim, 0.34))

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
                [
                    (-0.80, -0.34),
                    (-0.62, -0.30),
                    (-0.2, 0.06),
                    (0.3, 0.06),
                    (0.56, -0.02),
                    (0.66, 0.30),
                    (0.3, 0.66),
                    (-0.5, 0.56),
                    (-1.02, 0.26),
                ]
            )
            sheet.cut(curve(collar * np.array([face, 1]) * size + at), mix(coat, palette.paper, 0.35))
            lapel = np.array([(-0.74, -0.3), (-0.28, 0.1), (0.2, 0.22), (0.5, 0.16)]) * np.array([face, 1]) * size + at
            line = curve(lapel, closed=False)
            sheet.cut(band(line, leaf(len(line)) * size * 0.03), mix(coat, palette.him_coat, 0.8))

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
