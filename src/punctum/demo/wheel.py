"""His hand on the wheel, the instruments' glow behind it.

Conventions: units as in ``paint``.
"""

import cv2
import numpy as np
from numpy.typing import ArrayLike

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
    disc,
    glow,
    lay,
    leaf,
)
from punctum.demo.palettes import mix
from punctum.demo.portraits import Cutting, lay_cutting
from punctum.demo.scenery import MARGIN, push, town_lights
from punctum.demo.stage import Moment, Stage, keyed
from punctum.demo.weather import Snow


class Wheel:
    """His hand on the wheel, the instruments' glow."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        palette = stage.palette
        self.town = town_lights(stage, 4, 14, 90, 60, (palette.lamp, palette.window, palette.dash), 0.5)
        self.dash = self._paint_dash()
        self.light = stage.full(stage.light(820, 60, 560, (255, 236, 210), (84, 92, 128), 1.0))
        self.vignette = stage.vignette(0.62)
        self.snow = Snow([stage.seed, 83], 60, 3.4, 80, 18, 0.5)

    def draw(self, moment: Moment) -> Picture:
        """Draw one frame."""
        stage, palette = self.stage, self.stage.palette
        view = self.view(moment)
        half, scale = stage.small(2), stage.scale / 2
        picture = self.town.show(view.nearer(0.5), scale, half)
        glow(picture, self.snow.mask(moment.clock_s, scale, half), palette.haze)
        lay(picture, self.dash.show(view.nearer(0.8), scale, half, cv2.BORDER_CONSTANT))
        picture = stage.full(picture)
        drawn = moment.drawn
        light = self.light
        lay_cutting(picture, stage.kept.get("rim", drawn.frame, lambda: self._cut_rim(self.view(drawn))), light)
        lay_cutting(picture, stage.kept.get("grip", drawn.frame, lambda: self._hand(drawn, self.view(drawn))), light)
        return cv2.multiply(picture, self.vignette, scale=1 / 255)

    def view(self, moment: Moment) -> View:
        """Return a slow push-in."""
        return push(moment, 0.05, 520, 300)

    def _cut_rim(self, view: View) -> Cutting:
        """Cut the wheel."""
        palette = self.stage.palette
        sheet = Sheet(self.stage.scale, (0, 200, WIDTH, HEIGHT - 200), view, passing=True)
        self._rim(sheet)
        spoke = [(300, 700), (372, 470), (400, 390), (440, 380), (480, 400), (520, 480), (600, 700)]
        sheet.cut(curve(spoke), mix(palette.paper, palette.dusk, 0.18))
        return [(sheet.finished(), sheet.left_px, sheet.top_px)]

    def _rim(self, sheet: Sheet) -> None:
        palette = self.stage.palette
        rim = arc(430, 640, 470, 410, 196, 344, 60)
        sheet.cut(band(rim, 50), mix(palette.paper, palette.dusk, 0.34))
        sheet.cut(band(arc(430, 640, 455, 396, 196, 344, 60), 9), palette.paper)
        sheet.cut(
            band(arc(430, 640, 482, 421, 250, 332, 40), leaf(40) * 7),
            mix(palette.paper, palette.lamp, 0.5),
        )

    def _hand(self, moment: Moment, view: View) -> Cutting:
        """Cut his hand as the driver sees it: wrist from below, fingers over the rim and away, thumb along it."""
        stage, palette = self.stage, self.stage.palette
        skin, coat = palette.him_skin, palette.him_coat
        sheet = Sheet(stage.scale, (560, 150, 400, 390), view, passing=True)
        beat = max(0.0, float(np.sin(moment.clock_s * 2 * np.pi / stage.staging.wiper_period_s)))
        grip = keyed(moment.action_s, (0.8, 0.0), (1.6, 1.0))
        # along the rim towards its top, and outwards from it
        at = np.radians(316.0)
        origin = np.array([430 + 470 * np.cos(at), 640 + 410 * np.sin(at)])
        along, out = np.array([-0.79, -0.61]), np.array([0.61, -0.79])

        def put(points: ArrayLike, closed: bool = True) -> Points:
            given = np.asarray(points, dtype=np.float64)
            return curve(given[:, :1] * along + given[:, 1:] * out + origin, closed)

        dark = mix(skin[2], palette.paper, 0.42)
        base, light = mix(skin[1], skin[2], 0.42), mix(skin[0], skin[1], 0.55)
        # fingers: over the rim's outer edge and down behind it, the index nearest to its top
        for index, (place, long, thick) in enumerate(((-56, 40, 34), (-20, 50, 38), (20, 52, 39), (58, 44, 36))):
            lift = 9.0 * beat if index == 3 else 0.0
            reach = long - 4 * grip + lift
            line = put([(place - 5, 14), (place, 14 + reach * 0.6), (place + 5 + lift, 14 + reach)], False)
            width = np.interp(np.linspace(0, 1, len(line)), [0, 0.6, 0.85, 1], [thick, thick * 0.96, thick * 0.74, 8])
            sheet.cut(band(line, width + 4), dark)
            sheet.cut(band(line, width), mix(base, light, 0.30 + 0.16 * index))
        # the back of the hand
        sheet.cut(put([(-210, -92), (-120, -84), (-64, -58), (0, -44), (56, -36), (84, -12), (84, 18), (62, 44),
                       (38, 38), (20, 52), (0, 42), (-20, 50), (-40, 38), (-58, 42), (-82, 22), (-128, 2), (-210, 4)]),
                  base)  # fmt: skip
        # the plane that faces the lamp, and each knuckle on it
        sheet.cut(put([(-150, -22), (-96, 0), (-66, 26), (-20, 38), (20, 40), (58, 32), (72, 6), (40, -10), (-30, -20),
                       (-100, -44)]),
                  mix(base, light, 0.55))  # fmt: skip
        for place, high in ((-57, 30), (-20, 38), (20, 40), (58, 32)):
            sheet.cut(put([(place - 14, high - 9), (place, high + 5), (place + 14, high - 8), (place, high - 15)]),
                      mix(light, skin[0], 0.5))  # fmt: skip
            tendon = put(
                [(place * 0.94, high - 16), (place * 0.7 - 20, high - 46), (place * 0.5 - 48, high - 66)], False
            )
            sheet.cut(band(tendon, leaf(len(tendon)) * 4.5), mix(base, light, 0.85))
        for place in (-39, 0, 40):
            crease = put([(place + 2, 46), (place, 26), (place - 6, 12)], False)
            sheet.cut(band(crease, leaf(len(crease)) * 4), dark)
        # thumb, along the near side of the rim
        thumb = put([(-66, -62), (-10, -54), (44, -44), (92, -26 + 4 * grip)], False)
        width = np.interp(np.linspace(0, 1, len(thumb)), [0, 0.35, 0.7, 0.92, 1], [40, 37, 33, 24, 9])
        sheet.cut(band(thumb + np.array([1.0, 4.0]), width + 3), dark)
        sheet.cut(band(thumb, width), mix(base, light, 0.35))
        shine = thumb[5:-2] + out * 8
        sheet.cut(band(shine, leaf(len(shine)) * 9), mix(base, light, 0.9))
        nail = thumb[-3]
        sheet.cut(disc(nail[0] - 2, nail[1] - 4, 8, 6.5), mix(light, (255, 232, 222), 0.4))
        # sleeve and cuff
        sheet.cut(
            put([(-140, 26), (-200, 40), (-420, 60), (-480, -220), (-300, -200), (-150, -112), (-128, -50)]), coat
        )
        sheet.cut(put([(-134, 24), (-156, 30), (-172, -40), (-166, -118), (-146, -108), (-126, -40)]),
                  mix(coat, palette.paper, 0.5))  # fmt: skip
        edge = put([(-134, 26), (-200, 41), (-300, 54), (-420, 60)], False)
        sheet.cut(band(edge, leaf(len(edge)) * 5), mix(coat, palette.lamp, 0.55))
        return [(sheet.finished(), sheet.left_px, sheet.top_px)]

    def _paint_dash(self) -> Plate:
        stage, palette = self.stage, self.stage.palette
        scale = stage.scale / 2
        box = (0, 0, WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN)
        sheet = Sheet(scale, box, margin=MARGIN)
        sheet.cut(np.concatenate([curve([(-100, 206), (200, 168), (480, 160), (760, 172),
            (1060, 214)], closed=False), [(1060, 700), (-100, 700)]]),
                  mix(palette.paper, palette.night, 0.4))  # fmt: skip
        for x, y, radius, turn in ((300, 300, 88, 214), (520, 286, 70, 236)):
            sheet.cut(disc(x, y, radius, radius * 0.86), palette.paper)
            sheet.cut(disc(x, y, radius * 0.93, radius * 0.8), mix(palette.dash, palette.paper, 0.62))
            sheet.cut(disc(x, y, radius * 0.66, radius * 0.57), mix(palette.dash, palette.paper, 0.78))
            for angle in range(150, 391, 20):
                way = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle)) * 0.86])
                sheet.stroke(np.array([way * radius * 0.74, way * radius * 0.88]) + np.array([x, y]), 3.4, palette.dash)
            way = np.array([np.cos(np.radians(turn)), np.sin(np.radians(turn)) * 0.86])
            sheet.stroke(
                np.array([-way * 10, way * radius * 0.78]) + np.array([x, y]),
                4.0,
                mix(palette.scarf, palette.lamp, 0.4),
            )
        paper = cv2.GaussianBlur(sheet.finished(), (0, 0), 3.2 * scale)
        colour = bloom(cv2.cvtColor(paper, cv2.COLOR_RGBA2RGB), 18 * scale, 0.7, 50)
        paper[:, :, :3] = np.minimum(colour, paper[:, :, 3:])
        return Plate(paper, scale, MARGIN)
