"""Quick sketches of things, very near, and of what falls.

Conventions: as in ``sketches``.
"""

from typing import Any

import numpy as np

from punctum.demo.paint import Picture, arc, band, curve, disc, glow, leaf
from punctum.demo.palettes import mix
from punctum.demo.scenery import rectangle
from punctum.demo.sketches import GROUNDS, Sketch
from punctum.demo.stage import Moment, Stage
from punctum.demo.weather import Snow


class Thing(Sketch):
    """A thing, very near: a clock, a cup, a candle, a letter, a bottle, a key."""

    def __init__(self, stage: Stage, key: int) -> None:
        chance = np.random.default_rng([949, key])
        self.what = ("clock", "cup", "candle", "letter", "bottle", "key")[int(chance.integers(6))]
        self.x, self.size = float(chance.uniform(0.3, 0.7)), float(chance.uniform(0.5, 1.0))
        self.kind = GROUNDS[int(chance.integers(len(GROUNDS)))]
        super().__init__(stage, key)

    def paint(self) -> Picture:
        """Paint what lies behind."""
        picture = self.back(self.kind)
        sheet = self.sheet()
        sheet.cut(
            rectangle(-10, 0.8 * self.tall, self.wide + 20, 0.3 * self.tall),
            mix(self.stage.palette.paper, self.stage.palette.dusk, 0.4),
        )
        sheet.lay_on(picture, blur_px=1.5)
        return picture

    def sketch(self, moment: Moment) -> Picture:
        """Draw the picture of a moment."""
        picture, palette, clock = self.show(moment), self.stage.palette, moment.clock_s
        sheet = self.sheet(self.view(moment))
        unit = 0.3 * self.tall * self.size
        x, y = self.x * self.wide, 0.86 * self.tall
        pale, dark, warm = (
            mix(palette.snow, palette.haze, 0.3),
            mix(palette.paper, palette.dusk, 0.25),
            mix(palette.lamp, palette.core, 0.3),
        )

        def put(points: Any) -> Any:
            return np.asarray(points, dtype=np.float64) * unit + np.array([x, y])

        if self.what == "clock":
            sheet.cut(put(disc(0, -1.15, 1.1, count=40)), dark)
            sheet.cut(put(disc(0, -1.15, 0.98, count=40)), pale)
            for hour in range(12):
                way = np.array([np.cos(np.radians(hour * 30)), np.sin(np.radians(hour * 30))])
                sheet.cut(band(put(np.array([way * 0.8, way * 0.92]) + np.array([0, -1.15])), 0.05 * unit), dark)
            for turn, reach in ((clock * 6 // 6 * 6 - 90, 0.84), (self.key % 360, 0.66), (self.key * 7 % 360, 0.46)):
                way = np.array([np.cos(np.radians(turn)), np.sin(np.radians(turn))])
                sheet.cut(
                    band(put(np.array([way * -0.1, way * reach]) + np.array([0, -1.15])), 0.05 * unit),
                    palette.scarf if reach > 0.8 else dark,
                )
        elif self.what == "cup":
            sheet.cut(band(put(arc(0.62, -0.5, 0.34, 0.3, -90, 90)), 0.12 * unit), pale)
            sheet.cut(put(curve([(-0.7, -1.0), (0.7, -1.0), (0.6, -0.2), (0.3, 0.0), (-0.3, 0.0), (-0.6, -0.2)])), pale)
            sheet.cut(put(disc(0, -1.0, 0.7, 0.13)), dark)
            for puff in range(3):
                line = [
                    (0.2 * puff - 0.2 + 0.08 * np.sin(clock * 2 + row + puff), -1.1 - 0.22 * row) for row in range(6)
                ]
                sheet.cut(band(put(curve(line, closed=False)), leaf(31) * 0.1 * unit), mix(pale, palette.haze, 0.6))
        elif self.what == "candle":
            sheet.cut(put([(-0.22, 0), (0.22, 0), (0.2, -1.4), (-0.2, -1.4)]), pale)
            bend = 0.05 * np.sin(clock * 7) + 0.04 * np.sin(clock * 11)
            sheet.cut(put(curve([(0, -1.45), (0.13, -1.66), (bend, -2.05), (-0.13, -1.66)])), warm)
            self.shine(
                picture, self.x, 0.86 - 0.3 * self.size * 1.7, 0.4 + 0.02 * np.sin(clock * 9), palette.lamp, 0.55
            )
        elif self.what == "letter":
            sheet.cut(put([(-1.2, 0), (1.0, 0.1), (0.85, -1.5), (-1.05, -1.6)]), pale)
            for row in range(6):
                sheet.cut(
                    band(put([(-0.9, -1.35 + row * 0.2), (0.7 - 0.5 * (row == 5), -1.28 + row * 0.2)]), 0.035 * unit),
                    dark,
                )
        elif self.what == "bottle":
            sheet.cut(
                put(
                    curve(
                        [
                            (-0.4, 0),
                            (0.4, 0),
                            (0.4, -1.1),
                            (0.15, -1.5),
                            (0.14, -2.1),
                            (-0.14, -2.1),
                            (-0.15, -1.5),
                            (-0.4, -1.1),
                        ]
                    )
                ),
                mix(palette.dash, palette.paper, 0.4),
            )
            sheet.cut(band(put([(0.25, -0.2), (0.25, -1.0)]), 0.07 * unit), mix(palette.dash, palette.snow, 0.5))
        else:
            turn = 0.25 * np.sin(clock * 2.2)
            sheet.cut(band(put(disc(turn * 0.3, -1.5, 0.34, count=24)), 0.13 * unit), warm)
            sheet.cut(band(put([(turn * 0.3, -1.2), (turn, -0.1)]), 0.15 * unit), warm)
            for tooth in (0.35, 0.18):
                sheet.cut(
                    put([(turn, -tooth), (turn + 0.3, -tooth), (turn + 0.3, -tooth + 0.1), (turn, -tooth + 0.1)]), warm
                )
        sheet.lay_on(picture)
        return picture


class Falling(Sketch):
    """Rain, snow or leaves over a dim ground."""

    def __init__(self, stage: Stage, key: int) -> None:
        chance = np.random.default_rng([952, key])
        count, radius, fall, wind = (
            int(chance.integers(60, 260)),
            float(chance.uniform(0.9, 5.0)),
            float(chance.uniform(30, 320)),
            float(chance.uniform(-80, 80)),
        )
        self.kind = GROUNDS[int(chance.integers(len(GROUNDS)))]
        super().__init__(stage, key)
        self.snow = Snow([stage.seed, 953, key], count, radius, fall, wind, 0.7, 2)

    def paint(self) -> Picture:
        """Paint what lies behind."""
        return self.back(self.kind)

    def sketch(self, moment: Moment) -> Picture:
        """Draw the picture of a moment."""
        picture = self.show(moment)
        width, height = self.stage.size_px
        mask = self.snow.mask(moment.clock_s, self.stage.scale, (width + width % 2, height + height % 2))
        glow(picture, np.ascontiguousarray(mask[:height, :width]), self.stage.palette.snow, 0.8)
        return picture
