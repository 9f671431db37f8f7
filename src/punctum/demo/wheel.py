"""His hand on the wheel, the instruments' glow behind it.

Conventions: units as in ``paint``.
"""

import cv2
import numpy as np

from punctum.demo.paint import (
    HEIGHT,
    WIDTH,
    Picture,
    Plate,
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
        self.light = stage.light(820, 60, 560, (255, 236, 210), (84, 92, 128), 1.0)
        self.vignette = stage.vignette(0.62)
        self.snow = Snow([stage.seed, 83], 60, 3.4, 80, 18, 0.5)

    def draw(self, moment: Moment) -> Picture:
        """Draw one frame."""
        stage, palette = self.stage, self.stage.palette
        view = push(moment, 0.05, 520, 300)
        half, scale = stage.small(2), stage.scale / 2
        picture = self.town.show(view.nearer(0.5), scale, half)
        glow(picture, self.snow.mask(moment.clock_s, scale, half), palette.haze)
        lay(picture, self.dash.show(view.nearer(0.8), scale, half, cv2.BORDER_CONSTANT))
        picture = stage.full(picture)
        sheet = Sheet(stage.scale, view=view)
        self._rim(sheet)
        spoke = [(300, 700), (372, 470), (400, 390), (440, 380), (480, 400), (520, 480), (600, 700)]
        sheet.cut(curve(spoke), mix(palette.paper, palette.dusk, 0.18))
        lay(picture, sheet.finished(), light=stage.full(self.light))
        self._hand(picture, moment, view)
        return cv2.multiply(picture, self.vignette, scale=1 / 255)

    def _rim(self, sheet: Sheet) -> None:
        palette = self.stage.palette
        rim = arc(430, 640, 470, 410, 196, 344, 60)
        sheet.cut(band(rim, 50), mix(palette.paper, palette.dusk, 0.34))
        sheet.cut(band(arc(430, 640, 455, 396, 196, 344, 60), 9), palette.paper)
        sheet.cut(
            band(arc(430, 640, 482, 421, 250, 332, 40), leaf(40) * 7),
            mix(palette.paper, palette.lamp, 0.5),
        )

    def _hand(self, picture: Picture, moment: Moment, view: View) -> None:
        stage, palette = self.stage, self.stage.palette
        skin, coat = palette.him_skin, palette.him_coat
        sheet = Sheet(stage.scale, (330, 60, 630, 480), view)
        beat = max(0.0, float(np.sin(moment.clock_s * 2 * np.pi / stage.staging.wiper_period_s)))
        grip = 5 * keyed(moment.action_s, (0.8, 0.0), (1.6, 1.0))
        # the hand lies over the rim: sleeve, back of the hand, four fingers that bend down behind it, thumb before
        sleeve = [(806, 292), (900, 250), (1080, 330), (1120, 640), (860, 640), (812, 470), (790, 376)]
        sheet.cut(curve(sleeve), coat)
        sheet.cut(
            curve([(800, 300), (836, 272), (872, 262), (852, 350), (826, 430), (796, 396), (788, 340)]),
            mix(coat, palette.paper, 0.5),
        )
        dark = mix(skin[2], palette.paper, 0.35)
        back = [(664, 268), (700, 214), (770, 206), (836, 262), (868, 340), (840, 424), (786, 420), (720, 340)]
        sheet.cut(curve(back), mix(skin[1], skin[2], 0.45))
        sheet.cut(
            curve([(690, 246), (728, 214), (776, 216), (830, 268), (850, 330), (770, 300)]), mix(skin[0], skin[1], 0.45)
        )
        self._rim(sheet)
        for index in (3, 2, 1, 0):
            lift = 7.0 * beat if index == 0 else 0.0
            angle = np.radians(300.5 + index * 6.6 - lift * 0.25)
            out = np.array([np.cos(angle), np.sin(angle) * 0.9])
            middle = np.array([430 + 470 * np.cos(angle), 640 + 410 * np.sin(angle)])
            long = (34, 42, 40, 30)[index] - grip * 0.4
            line = curve([middle + out * (40 + lift), middle + out * (18 + lift), middle - out * long], closed=False)
            thick = np.interp(np.linspace(0, 1, len(line)), [0, 0.3, 0.8, 0.93, 1], [34, 41, 37, 27, 12])
            sheet.cut(band(line + np.array([-3.0, 2.5]), thick + 3), dark)
            sheet.cut(band(line, thick), mix(skin[1], skin[0], 0.12 + 0.2 * index))
            shine = line[2:-3] + np.array([5.0, -3.0])
            sheet.cut(
                band(shine, leaf(len(shine)) * 9),
                mix(skin[0], (255, 244, 230), 0.10 + 0.07 * index),
            )
            nail = middle - out * (long - 9)
            sheet.cut(disc(nail[0], nail[1], 7.5, 6), mix(skin[0], (255, 232, 222), 0.5))
        lay(picture, sheet.finished(), sheet.left_px, sheet.top_px, stage.full(self.light))

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
