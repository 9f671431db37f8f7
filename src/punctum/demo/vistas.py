"""Quick sketches of what is seen from afar: landscapes, people in them, rooms.

Conventions: as in ``sketches``.
"""

import numpy as np

from punctum.demo.dancers import Look, cut_figure, dancing, standing, walking
from punctum.demo.paint import Picture, band, curve, disc, leaf
from punctum.demo.palettes import mix
from punctum.demo.scenery import rectangle
from punctum.demo.sketches import Sketch, someone
from punctum.demo.stage import Moment, Stage, between


class Land(Sketch):
    """A landscape: hills, a sea, a town's outline; a sun or a moon; something that passes."""

    def __init__(self, stage: Stage, key: int) -> None:
        chance = np.random.default_rng([946, key])
        self.kind = ("hills", "sea", "town", "plain")[int(chance.integers(4))]
        self.horizon = float(chance.uniform(0.42, 0.78))
        self.sun = (
            float(chance.uniform(0.12, 0.88)),
            float(chance.uniform(0.1, 0.4)),
            float(chance.choice([0.0, 0.03, 0.06, 0.1])),
        )
        self.passes = ("", "", "birds", "train", "walker")[int(chance.integers(5))]
        super().__init__(stage, key)

    def paint(self) -> Picture:
        """Paint sky and land."""
        palette, random = self.stage.palette, self.detail
        light = 0.15 + 0.75 * self.bright
        top, foot = mix(palette.night, palette.haze, light), mix(palette.dusk, palette.lamp, 0.15 + 0.5 * light)
        picture = self.sky(top, foot, 1.3)
        x, y, radius = self.sun
        if radius:
            self.shine(picture, x, y, 0.35, palette.lamp, 0.5)
            sheet = self.sheet()
            sheet.cut(disc(*self.at(x, y), radius * self.tall), palette.core)
            sheet.lay_on(picture)
        sheet = self.sheet()
        level = self.horizon * self.tall
        ground = mix(mix(palette.dusk, palette.paper, 0.3), palette.haze, 0.5 * light)
        if self.kind == "town":
            place = 0.0
            while place < self.wide:
                wide, tall = float(random.uniform(0.05, 0.12)) * self.wide, float(random.uniform(0.08, 0.3)) * self.tall
                sheet.cut(rectangle(place, level - tall, wide * 0.96, tall + 10), mix(ground, palette.haze, 0.3))
                for _ in range(6):
                    sx, sy = (
                        place + float(random.uniform(0.1, 0.8)) * wide,
                        level - float(random.uniform(0.15, 0.9)) * tall,
                    )
                    sheet.cut(rectangle(sx, sy, 6, 9), mix(ground, palette.window, 0.7 if light < 0.5 else 0.1))
                place += wide
        layers = {"hills": 3, "plain": 1, "sea": 0, "town": 0}[self.kind]
        for layer in range(layers):
            y = level + layer * 0.1 * self.tall
            line = [
                (px, y - float(random.uniform(-0.01, 0.1 - 0.02 * layer)) * self.tall)
                for px in np.linspace(-0.1, 1.1, 9) * self.wide
            ]
            sheet.cut(
                np.array(
                    [*curve(line, closed=False), (1.2 * self.wide, 2 * self.tall), (-0.2 * self.wide, 2 * self.tall)]
                ),
                mix(mix(ground, palette.haze, 0.5), ground, (layer + 1) / layers),
            )
        if self.kind in ("sea", "town", "plain"):
            sheet.cut(
                rectangle(-20, level, self.wide + 40, self.tall),
                ground if self.kind != "sea" else mix(palette.glass, ground, 0.5),
            )
        sheet.lay_on(picture)
        return picture

    def sketch(self, moment: Moment) -> Picture:
        """Draw the picture of a moment."""
        palette, picture = self.stage.palette, self.show(moment, 1.0)
        sheet = self.sheet(self.view(moment))
        at, level = moment.share, self.horizon * self.tall
        dark = mix(palette.paper, palette.night, 0.4)
        if self.kind == "sea":
            for row in range(14):
                y = level + (row + 0.5) ** 1.6 * 0.012 * self.tall
                x = (row * 0.37 + 0.05 * np.sin(moment.clock_s * 0.9 + row)) % 1.0 * self.wide
                line = curve([(x, y), (x + 0.05 * self.wide, y - 2), (x + 0.12 * self.wide, y)], closed=False)
                sheet.cut(band(line, leaf(len(line)) * (1.5 + row * 0.5)), mix(palette.snow, palette.glass, 0.4))
        if self.passes == "birds":
            for index in range(7):
                x, y = self.at(
                    (0.1 + at * 0.6 + index * 0.045) % 1.1,
                    0.2 + 0.03 * index + 0.01 * np.sin(moment.clock_s * 2 + index),
                )
                flap = 7 * np.sin(moment.clock_s * 9 + index)
                sheet.cut(band(curve([(x - 12, y - flap), (x, y), (x + 12, y - flap)], closed=False), 3), dark)
        if self.passes == "train":
            for index in range(7):
                x = (self.way * (at * 1.7 - 0.9) + 0.5) * self.wide + index * 0.13 * self.wide
                sheet.cut(rectangle(x, level - 0.05 * self.tall, 0.122 * self.wide, 0.06 * self.tall), dark)
                for pane in range(4):
                    sheet.cut(
                        rectangle(
                            x + (0.01 + 0.028 * pane) * self.wide,
                            level - 0.04 * self.tall,
                            0.018 * self.wide,
                            0.02 * self.tall,
                        ),
                        palette.window,
                    )
        if self.passes == "walker":
            x, y = self.at(0.5 - self.way * (0.3 - 0.5 * at), min(0.94, self.horizon + 0.12))
            look = Look(dark, dark, palette.lamp, mix(dark, palette.lamp, 0.4), dark)
            cut_figure(sheet, x, y, 0.16 * self.tall, self.way, walking(moment.clock_s), look)
        sheet.lay_on(picture)
        return picture


class People(Land):
    """People seen whole: they stand, walk or dance before a landscape or a wall."""

    def __init__(self, stage: Stage, key: int) -> None:
        chance = np.random.default_rng([947, key])
        self.count = int(chance.choice([1, 1, 2, 2, 3, 5, 8]))
        self.does = ("stand", "walk", "dance", "turn")[int(chance.integers(4))]
        self.high = float(chance.choice([0.18, 0.3, 0.45, 0.62, 0.8]))
        self.left, self.spread = float(chance.uniform(0.15, 0.5)), float(chance.uniform(0.08, 0.2))
        self.foot = float(chance.uniform(0.8, 0.97))
        super().__init__(stage, key)
        self.passes = ""

    def sketch(self, moment: Moment) -> Picture:
        """Draw the picture of a moment."""
        picture, palette = super().sketch(moment), self.stage.palette
        sheet = self.sheet(self.view(moment))
        does = moment.action or self.does
        for index in range(self.count):
            person = someone(self.stage, index)
            cloth = mix(person.coat, palette.paper, 0.35)
            hair, hat = (
                mix(person.hair[0], palette.paper, 0.3),
                ("", "", "brim", "cone")[index % 4 if does == "dance" else 0],
            )
            look = Look(
                cloth,
                mix(person.skin[1], person.skin[2], 0.4),
                person.collar,
                mix(cloth, palette.lamp, 0.5),
                hair,
                person.woman,
                hat,
            )
            run = (moment.action_s * 0.09 * self.high if does == "walk" else 0.0) * self.way
            x, y = self.at(
                self.left + index * self.spread - 0.12 * self.way * (does == "walk") + run * 2,
                self.foot - 0.03 * (index % 2),
            )
            beat, facing = moment.clock_s * 0.95 + index * 0.31, float(self.way)
            limbs = {"walk": walking(beat), "dance": dancing(beat, index)}.get(
                does, standing(np.sin(moment.clock_s + index))
            )
            if does == "turn":
                facing *= 1 - 2 * between(moment.share, 0.3, 0.6)
                facing = facing if abs(facing) > 0.25 else 0.25 * (1 if facing > 0 else -1)
            cut_figure(sheet, x, y, self.high * self.tall, facing, limbs, look)
        sheet.lay_on(picture)
        return picture


class Room(Sketch):
    """A room: a window, a lamp, a table; someone stands in it, or nobody."""

    def __init__(self, stage: Stage, key: int) -> None:
        chance = np.random.default_rng([948, key])
        self.window = float(chance.uniform(0.08, 0.7))
        self.lamp = float(chance.uniform(0.1, 0.9))
        self.table = float(chance.uniform(0.1, 0.6))
        self.stands = float(chance.uniform(0.15, 0.85)) if chance.random() < 0.7 else -1.0
        self.does = "walk" if chance.random() < 0.3 else "stand"
        super().__init__(stage, key)

    def paint(self) -> Picture:
        """Paint walls, floor and furniture."""
        palette = self.stage.palette
        wall = mix(mix(palette.night, palette.dusk, 0.6), palette.haze, 0.7 * self.bright)
        picture = self.sky(mix(wall, palette.paper, 0.35), wall)
        sheet = self.sheet()
        sheet.cut(rectangle(-10, 0.76 * self.tall, self.wide + 20, 0.3 * self.tall), mix(wall, palette.paper, 0.45))
        x, y = self.at(self.window, 0.14)
        wide, tall = 0.2 * self.wide, 0.44 * self.tall
        pane = mix(palette.glass, palette.snow, self.bright)
        sheet.cut(rectangle(x - 7, y - 7, wide + 14, tall + 14), mix(wall, palette.paper, 0.6))
        for column in range(2):
            for row in range(2):
                sheet.cut(
                    rectangle(x + column * (wide / 2 + 3), y + row * (tall / 2 + 3), wide / 2 - 3, tall / 2 - 3), pane
                )
        sheet.cut(
            rectangle(self.table * self.wide, 0.66 * self.tall, 0.34 * self.wide, 0.028 * self.tall), palette.paper
        )
        for leg in (0.02, 0.31):
            sheet.cut(
                rectangle((self.table + leg) * self.wide, 0.68 * self.tall, 0.014 * self.wide, 0.26 * self.tall),
                palette.paper,
            )
        px = self.lamp * self.wide
        sheet.cut(band(np.array([(px, 0.0), (px, 0.24 * self.tall)]), 3), palette.paper)
        sheet.cut(
            [
                (px - 14, 0.24 * self.tall),
                (px + 14, 0.24 * self.tall),
                (px + 38, 0.33 * self.tall),
                (px - 38, 0.33 * self.tall),
            ],
            mix(palette.lamp, palette.core, 0.4),
        )
        sheet.lay_on(picture)
        self.shine(picture, self.lamp, 0.34, 0.5, palette.lamp, 0.5 * (1 - 0.5 * self.bright))
        return picture

    def sketch(self, moment: Moment) -> Picture:
        """Draw the picture of a moment."""
        picture, palette = self.show(moment, 1.0), self.stage.palette
        if self.stands >= 0:
            sheet = self.sheet(self.view(moment))
            person = someone(self.stage, self.key % 3)
            cloth = mix(person.coat, palette.paper, 0.3)
            look = Look(
                cloth, person.skin[1], person.collar, mix(cloth, palette.lamp, 0.5), person.hair[0], person.woman
            )
            run = self.way * 0.05 * moment.action_s if self.does == "walk" else 0.0
            limbs = walking(moment.clock_s * 0.8) if self.does == "walk" else standing(np.sin(moment.clock_s))
            cut_figure(sheet, (self.stands + run) * self.wide, 0.95 * self.tall, 0.7 * self.tall, self.way, limbs, look)
            sheet.lay_on(picture)
        return picture
