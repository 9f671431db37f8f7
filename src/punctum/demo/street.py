"""The street at night, a parked car head on beneath a lamp, snow.

Conventions: the plates reach ``MARGIN`` units beyond the frame; the vanishing point lies at ``VANISH``.
"""

import cv2
import numpy as np

from punctum.demo.car import CAR, paint_car
from punctum.demo.paint import (
    HEIGHT,
    WIDTH,
    Picture,
    Plate,
    Points,
    Sheet,
    View,
    arc,
    band,
    bloom,
    curve,
    glow,
    halo,
    lay,
)
from punctum.demo.palettes import mix
from punctum.demo.scenery import MARGIN, below, rectangle, unit
from punctum.demo.stage import Moment, Stage
from punctum.demo.weather import Snow

VANISH = (470.0, 318.0)
LAMP = (742.0, 118.0)


class Street:
    """The first picture of the film."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        palette = stage.palette
        self.far = self._paint_far()
        self.car = paint_car(stage)
        self.snows = (
            Snow([stage.seed, 21], 420, 0.9, 34, 7, 0.55),
            Snow([stage.seed, 22], 190, 1.7, 62, 13, 0.75),
            Snow([stage.seed, 23], 34, 5.5, 118, 26, 0.42, coarse=2),
        )
        width, height = stage.size_px
        near = halo(width, height, LAMP[0] * stage.scale, LAMP[1] * stage.scale, 300 * stage.scale, 2.0)
        self.lit_air = cv2.convertScaleAbs(near, alpha=0.9, beta=70)
        self.tint = mix(palette.snow, palette.lamp, 0.3)
        self.flare = halo(width, height, 300 * stage.scale, 470 * stage.scale, 560 * stage.scale, 2.4, 0.5)

    def draw(self, moment: Moment) -> Picture:
        """Draw one frame."""
        stage = self.stage
        view = View(1.0 + 0.10 * moment.share, 480 + 6 * moment.share, 270 + 36 * moment.share)
        picture = self.far.show(view.nearer(0.8), stage.scale, stage.size_px)
        for snow in self.snows[:2]:
            if snow is self.snows[1]:
                self._lay_car(picture, moment, view)
            mask = cv2.multiply(snow.mask(moment.clock_s, stage.scale, stage.size_px), self.lit_air, scale=1 / 200)
            glow(picture, mask, self.tint)
        glow(picture, self.snows[2].mask(moment.clock_s, stage.scale, stage.size_px), stage.palette.haze)
        return picture

    def _lay_car(self, picture: Picture, moment: Moment, view: View) -> None:
        stage = self.stage
        # the car fills the middle only
        left, top = (round(share * stage.size_px[axis]) for axis, share in enumerate((0.30, 0.46)))
        size = (round(0.44 * stage.size_px[0]), round(0.50 * stage.size_px[1]))
        lay(picture, self.car.show(view, stage.scale, size, cv2.BORDER_CONSTANT, (left, top)), left, top)
        turn = stage.wipers.turn(moment.clock_s)
        sheet = Sheet(stage.scale, (CAR[0] - 110, CAR[1] - 100, 220, 110), view)
        for base, reach in ((CAR[0] - 44, 44), (CAR[0] + 14, 44)):
            angle = np.radians(188 + 92 * turn)
            root = np.array([base, CAR[1] - 31.5])
            tip = root + reach * np.array([np.cos(angle), np.sin(angle)])
            sheet.stroke(np.array([root, tip]), np.array([1.8, 1.2]), stage.palette.paper)
        sheet.lay_on(picture)

    def _paint_far(self) -> Plate:
        stage, palette = self.stage, self.stage.palette
        fine = 1.25
        scale = stage.scale * fine
        picture = stage.canvas(MARGIN, fine, palette.night, palette.dusk, 0.8)
        height, width = picture.shape[:2]
        random = stage.random(31)

        def put(sheet: Sheet, blur: float = 0.0) -> None:
            lay(picture, sheet.finished(), blur_px=blur * scale)

        def piece() -> Sheet:
            return Sheet(scale, (0, 0, WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN), margin=MARGIN)

        def halo_at(x: float, y: float, reach: float, power: float = 2.0, stretch: float = 1.0) -> Picture:
            return halo(width, height, (x + MARGIN) * scale, (y + MARGIN) * scale, reach * scale, power, stretch)

        # the town behind, in haze
        glow(picture, halo_at(VANISH[0], 330, 380, 2.2, 0.6), mix(palette.haze, palette.lamp, 0.25), 0.75)
        sheet = piece()
        for depth in range(2):
            shade = mix(palette.haze, palette.dusk, 0.35 + 0.45 * depth)
            x = 250.0 - 90 * depth
            while x < 720 + 90 * depth:
                wide = float(random.uniform(34, 62)) * (1 + depth * 0.3)
                tall = float(random.uniform(50, 96)) * (1 + depth * 0.45)
                roof = float(random.uniform(8, 22))
                foot = 340.0
                sheet.cut(
                    [
                        (x, foot),
                        (x, foot - tall),
                        (x + wide * 0.5, foot - tall - roof),
                        (x + wide, foot - tall),
                        (x + wide, foot),
                    ],
                    shade,
                )
                if random.random() < 0.7:
                    sheet.cut(rectangle(x + wide * 0.7, foot - tall - roof * 1.1, 5, roof), shade)
                for _ in range(int(random.integers(0, 4))):
                    spot = (x + float(random.uniform(6, wide - 10)), foot - float(random.uniform(16, tall - 8)))
                    sheet.cut(rectangle(spot[0], spot[1], 4, 6), mix(shade, palette.window, 0.55))
                x += wide * float(random.uniform(0.85, 1.1))
        put(sheet, 0.9)
        # ground
        sheet = piece()
        ground = mix(palette.dusk, palette.snow, 0.26)
        sheet.cut([(-200, 337), (1200, 337), (1200, 800), (-200, 800)], ground)
        put(sheet)
        snowy = picture[int((336 + MARGIN) * scale) :]
        slope = np.linspace(1.0, 0.42, snowy.shape[0])[:, None, None]
        snowy[:] = np.rint(snowy * slope).astype(np.uint8)
        glow(picture, below(halo_at(LAMP[0] - 120, 420, 330, 2.6, 0.32), (337 + MARGIN) * scale), palette.lamp, 0.62)
        glow(picture, below(halo_at(VANISH[0], 345, 190, 2.2, 0.3), (337 + MARGIN) * scale), palette.haze, 0.5)
        # tracks in the snow
        sheet = piece()
        for left, right in ((400, 190), (428, 268), (532, 742), (508, 660)):
            sheet.cut(
                [(left + 40, 340), (left + 44, 340), (right + 26, 640), (right, 640)], mix(ground, palette.night, 0.45)
            )
        lay(picture, sheet.finished(), share=0.4, blur_px=2.4 * scale)
        # the houses of both sides, in perspective
        sheet = piece()
        self._facade(sheet, -1, random)
        self._facade(sheet, 1, random)
        put(sheet)
        # snow banks along the kerbs
        sheet = piece()
        bank = mix(palette.snow, palette.dusk, 0.42)
        for side in (-1, 1):
            line = [(VANISH[0] + side * 76, 340), (VANISH[0] + side * 150, 356), (VANISH[0] + side * 300, 402),
                    (VANISH[0] + side * 440, 468), (VANISH[0] + side * 700, 640), (VANISH[0] + side * 520, 640),
                    (VANISH[0] + side * 330, 470), (VANISH[0] + side * 220, 404),
                    (VANISH[0] + side * 110, 354)]  # fmt: skip
            sheet.cut(curve(line), bank if side > 0 else mix(bank, palette.night, 0.45))
        lay(picture, sheet.finished(), share=0.8, blur_px=1.4 * scale)
        picture = bloom(picture, 22 * scale, 0.5, 120)
        # trees and the lamp stand before the houses
        sheet = piece()
        self._tree(sheet, np.array([150.0, 470.0]), -88, 98, 13, random)
        self._tree(sheet, np.array([878.0, 520.0]), -94, 118, 15, random)
        put(sheet)
        sheet = piece()
        self._lamp(sheet)
        put(sheet)
        glow(picture, halo_at(LAMP[0], LAMP[1], 34, 2.4), palette.core, 0.95)
        glow(picture, halo_at(LAMP[0], LAMP[1], 165, 2.2), palette.lamp, 0.62)
        glow(picture, halo_at(LAMP[0], LAMP[1], 480, 2.0), palette.lamp, 0.22)
        cone = piece()
        cone.cut(
            [(LAMP[0] - 14, LAMP[1]), (LAMP[0] + 14, LAMP[1]), (LAMP[0] + 170, 480), (LAMP[0] - 250, 480)],
            (255, 255, 255),
        )
        light = cv2.GaussianBlur(np.ascontiguousarray(cone.finished()[:, :, 0]), (0, 0), 26 * scale)
        fall = np.clip(1.2 - (np.arange(height) / scale - MARGIN - LAMP[1]) / 420, 0, 1)[:, None]
        glow(picture, np.asarray(np.rint(light * fall), np.uint8), palette.lamp, 0.2)
        return Plate(picture, scale, MARGIN)

    def _facade(self, sheet: Sheet, side: int, random: np.random.Generator) -> None:
        """Cut a row of houses that runs to the vanishing point; ``side`` −1 is left."""
        palette = self.stage.palette
        near_x = VANISH[0] + side * 590.0

        def place(along: float, up: float) -> tuple[float, float]:
            """Return the point ``along`` the wall (0 near, towards 1 far), ``up`` units above the pavement."""
            shrink = 1 / (1 + along * 5.0)
            return VANISH[0] + (near_x - VANISH[0]) * shrink, VANISH[1] + (190 - up) * shrink

        along, index = 0.0, 0
        while along < 1.15:
            long = float(random.uniform(0.16, 0.26))
            tall = float(random.uniform(330, 470))
            wall = mix(mix(palette.night, palette.paper, 0.3), palette.haze, min(0.62, 0.10 + 0.45 * along))
            if side > 0:
                wall = mix(wall, palette.lamp, 0.07)
            end = along + long
            gable = tall + float(random.uniform(24, 60))
            outline = [
                place(along, 0),
                place(along, tall),
                place((along + end) / 2, gable),
                place(end, tall),
                place(end, 0),
            ]
            sheet.cut(outline, wall)
            snow = mix(palette.snow, palette.dusk, 0.5)
            sheet.cut(band(np.array(outline[1:4]), np.array([4.0, 3.4, 2.6]) / (1 + along * 2.4)), snow)
            floors = int(tall // 92)
            for floor in range(floors):
                for bay in range(3):
                    start = along + long * (0.14 + 0.28 * bay)
                    stop = start + long * 0.16
                    foot = 34 + floor * 90.0
                    lit = random.random() < 0.34
                    pane = palette.window if lit else mix(wall, palette.paper, 0.45)
                    if lit and random.random() < 0.4:
                        pane = mix(palette.window, palette.core, 0.4)
                    pane = mix(pane, wall, min(0.5, along * 0.4))
                    quad = np.array(
                        [place(start, foot), place(start, foot + 50), place(stop, foot + 50), place(stop, foot)]
                    )
                    sheet.cut(quad, pane)
                    middle = np.array([place((start + stop) / 2, foot), place((start + stop) / 2, foot + 50)])
                    cross = np.array([place(start, foot + 30), place(stop, foot + 30)])
                    for bar in (middle, cross):
                        sheet.stroke(bar, 2.4 / (1 + along * 4), wall)
                    sill = np.array([place(start - 0.004, foot - 2), place(stop + 0.004, foot - 2)])
                    sheet.stroke(sill, 4.0 / (1 + along * 4), snow)
            along = end + 0.004
            index += 1

    def _tree(
        self, sheet: Sheet, root: Points, angle_deg: float, length: float, width: float, random: np.random.Generator
    ) -> None:
        """Cut a bare tree, branch by branch."""
        palette = self.stage.palette
        bark = mix(palette.paper, palette.night, 0.3)
        stack = [(root, angle_deg, length, width)]
        while stack:
            at, angle, reach, thick = stack.pop()
            bend = float(random.uniform(-10, 10))
            middle = at + reach * 0.5 * unit(angle + bend * 0.5)
            end = middle + reach * 0.5 * unit(angle + bend)
            path = curve([at, middle, end], closed=False)
            sheet.cut(band(path, np.linspace(thick, thick * 0.62, len(path))), bark)
            if thick > 2.2 and abs(np.cos(np.radians(angle))) > 0.25:
                top = path[2:-2] - np.array([0, thick * 0.42])
                sheet.cut(
                    band(top, np.linspace(thick * 0.3, thick * 0.16, len(top))), mix(palette.snow, palette.dusk, 0.45)
                )
            if reach > 13:
                for way in (-1, 1):
                    spread = float(random.uniform(14, 36)) * way
                    stack.append((end, angle + bend + spread, reach * float(random.uniform(0.66, 0.8)), thick * 0.62))
                if random.random() < 0.4:
                    stack.append((middle, angle + float(random.uniform(-50, 50)), reach * 0.5, thick * 0.4))

    def _lamp(self, sheet: Sheet) -> None:
        palette = self.stage.palette
        x, y = LAMP
        post = [(x + 64, 560), (x + 64, 200), (x + 62, 130), (x + 46, 98), (x + 20, 92), (x, 98)]
        path = curve(post, closed=False)
        sheet.cut(band(path, np.linspace(9, 3.2, len(path))), palette.paper)
        sheet.cut(band(np.array([(x + 64, 560.0), (x + 64, 440.0)]), np.array([18.0, 12.0])), palette.paper)
        sheet.cut([(x - 20, y - 2), (x - 9, y - 16), (x + 9, y - 16), (x + 20, y - 2)], palette.paper)
        sheet.cut(arc(x, y - 2, 15, 11, 0, 180), palette.core)
        sheet.cut(curve([(x - 19, y - 4), (x - 8, y - 17), (x + 8, y - 17), (x + 19, y - 4), (x + 8, y - 12),
            (x - 8, y - 12)]),
                  mix(palette.snow, palette.lamp, 0.3))  # fmt: skip
