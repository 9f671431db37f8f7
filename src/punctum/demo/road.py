"""A country road at nightfall, lanterns in its pines, people dancing along it: *Procession*, from afar.

Conventions: the film's frame is 4:3 and shows 720 of the 960 units across, from the left; the road runs to ``VANISH``.
"""

import cv2
import numpy as np

from punctum.demo.dancers import Look, cut_figure, dancing, playing, walking
from punctum.demo.paint import Picture, Plate, Sheet, View, band, bloom, curve, disc, glow, halo, lay
from punctum.demo.palettes import Colour, mix
from punctum.demo.scenery import MARGIN, rectangle
from punctum.demo.stage import Moment, Stage
from punctum.demo.weather import Snow

FRAME = 720.0
"""Units across that a 4:3 picture shows."""

VANISH = (322.0, 318.0)


def toward(moment: Moment, amount: float, x: float, y: float) -> View:
    """Return a slow push-in over the shot, the point x, y staying where it is."""
    zoom = 1 + amount * moment.share
    return View(zoom, 480 + (x - 480) * (1 - 1 / zoom), 270 + (y - 270) * (1 - 1 / zoom))


def confetti(stage: Stage, key: int, count: int, radius: float, coarse: int = 1) -> Snow:
    """Return scraps of paper in the air: they fall slowly, and wander more than snow."""
    return Snow([stage.seed, 300 + key], count, radius, 26 + 5 * radius, -9, 0.6, coarse)


def sheet_for(stage: Stage, fine: float) -> Sheet:
    """Return blank paper for a plate of the whole set."""
    return Sheet(stage.scale * fine, (0, 0, FRAME + 2 * MARGIN, 540 + 2 * MARGIN), margin=MARGIN)


def sky(stage: Stage, fine: float, top: Colour, foot: Colour, power: float = 1.0) -> Picture:
    """Return a plate's blank sky for a 4:3 picture."""
    whole = stage.canvas(MARGIN, fine, top, foot, power)
    width = sheet_for(stage, fine).width_px
    return np.ascontiguousarray(whole[:, :width])


def cut_pine(sheet: Sheet, x: float, foot: float, tall: float, colour: Colour, random: np.random.Generator) -> None:
    """Cut an umbrella pine: a bare leaning trunk, a flat crown of a few clouds."""
    lean = float(random.uniform(-0.07, 0.07))
    top = np.array([x + lean * tall, foot - tall])
    trunk = curve(np.array([(0, 0), (lean * 0.3, -0.5), (lean, -1)]) * tall + np.array([x, foot]), closed=False)
    sheet.cut(band(trunk, np.linspace(tall * 0.05, tall * 0.026, len(trunk))), colour)
    for side in (-1, 1):
        bough = curve(top + np.array([(0, 0.2), (side * 0.12, 0.04), (side * 0.25, -0.02)]) * tall, closed=False)
        sheet.cut(band(bough, np.linspace(tall * 0.026, tall * 0.012, len(bough))), colour)
    for _ in range(9):
        px = top[0] + float(random.uniform(-0.32, 0.32)) * tall
        py = top[1] + float(random.uniform(-0.07, 0.03)) * tall + abs(px - top[0]) * 0.16
        sheet.cut(
            disc(px, py, tall * float(random.uniform(0.09, 0.16)), tall * float(random.uniform(0.045, 0.075)), 20),
            colour,
        )


def walker(stage: Stage) -> Look:
    """Return the woman as she is seen from afar."""
    palette = stage.palette
    return Look(
        mix(palette.her_coat, palette.paper, 0.4),
        mix(palette.her_skin[1], palette.her_skin[2], 0.5),
        palette.scarf,
        mix(palette.her_coat, palette.lamp, 0.8),
        mix(palette.her_hair[1], palette.her_hair[0], 0.35),
        skirt=True,
    )


def _scatter(
    picture: Picture, stage: Stage, scraps: tuple[Snow, ...], share: float, moment: Moment, vignette: Picture
) -> Picture:
    """Let scraps of paper drift over a picture, and darken its corners."""
    for snow in scraps:
        glow(picture, snow.mask(moment.clock_s, stage.scale, stage.size_px), stage.palette.snow, share)
    return cv2.multiply(picture, vignette, scale=1 / 255)


class Road:
    """The first picture: the road between pines, lanterns, a woman alone who comes towards us."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.far = self._paint()
        self.scraps = (confetti(stage, 1, 70, 1.0), confetti(stage, 2, 16, 4.0, 2))
        self.vignette = stage.vignette(0.5)
        self.look = walker(stage)

    def draw(self, moment: Moment) -> Picture:
        """Draw one frame."""
        stage, drawn = self.stage, moment.drawn
        view = toward(drawn, 0.08, VANISH[0], 330)
        picture = stage.kept.get("road", drawn.frame, lambda: self._people(drawn, view)).copy()
        return _scatter(picture, stage, self.scraps, 0.8, moment, self.vignette)

    def _people(self, moment: Moment, view: View) -> Picture:
        stage, palette = self.stage, self.stage.palette
        picture = self.far.show(view, stage.scale, stage.size_px)
        sheet = Sheet(stage.scale, (0, 250, FRAME, 290), view, passing=True)
        come = moment.share
        # far behind her, specks of the procession to come
        for index in range(7):
            x = VANISH[0] - 34 + index * 11.0
            look = Look(
                mix(palette.dusk, palette.paper, 0.5),
                palette.dusk,
                palette.core,
                palette.lamp,
                palette.paper,
                prop="lantern" * (index % 3 == 1),
            )
            cut_figure(
                sheet, x, 331 + index % 2, 15 + 2 * come, 0.7, dancing(moment.clock_s * 1.1 + index * 0.23, index), look
            )
        tall, foot = 74 + 62 * come, 398 + 46 * come
        x = VANISH[0] + 10 + 22 * come
        shadow = np.array([(x - 8, foot - 2), (x + 8, foot - 2), (x + 10 + tall * 0.25, foot + tall * 1.1),
                           (x - 26 + tall * 0.1, foot + tall * 1.1)])  # fmt: skip
        cast = Sheet(stage.scale / 2, (0, 250, FRAME, 290), view)
        cast.cut(shadow, palette.paper)
        part = cast.finished()
        part = cv2.GaussianBlur(cv2.resize(part, (stage.size_px[0], round(290 * stage.scale))), (0, 0), 3 * stage.scale)
        lay(picture, part, 0, round(250 * stage.scale), share=0.5)
        limbs = walking(moment.clock_s * 0.85, 10)
        cut_figure(sheet, x, foot, tall, 0.62, limbs, self.look)
        sheet.lay_on(picture)
        return picture

    def _paint(self) -> Plate:
        stage, palette = self.stage, self.stage.palette
        fine = 1.25
        scale = stage.scale * fine
        picture = sky(stage, fine, mix(palette.night, palette.dusk, 0.25), mix(palette.haze, palette.lamp, 0.35), 1.7)
        height, width = picture.shape[:2]
        random = stage.random(61)

        def halo_at(x: float, y: float, reach: float, power: float = 2.0, stretch: float = 1.0) -> Picture:
            return halo(width, height, (x + MARGIN) * scale, (y + MARGIN) * scale, reach * scale, power, stretch)

        # the moon, and what it lights
        glow(picture, halo_at(474, 92, 150, 2.2), palette.lamp, 0.35)
        sheet = sheet_for(stage, fine)
        sheet.cut(disc(474, 92, 25), palette.core)
        lay(picture, sheet.finished(), blur_px=0.8 * scale)
        sheet = sheet_for(stage, fine)
        for y, dark in ((306, 0.35), (318, 0.6)):
            ridge = (
                [(-100, y + 8)]
                + [(x, y - float(random.uniform(0, 16))) for x in range(-60, 800, 70)]
                + [(830, y + 8), (830, 400), (-100, 400)]
            )
            sheet.cut(curve(ridge), mix(palette.haze, palette.night, dark))
        lay(picture, sheet.finished(), blur_px=1.2 * scale)
        # fields, and the pale road
        sheet = sheet_for(stage, fine)
        sheet.cut([(-200, 326), (1000, 326), (1000, 760), (-200, 760)], mix(palette.dusk, palette.night, 0.45))
        lay(picture, sheet.finished())
        sheet = sheet_for(stage, fine)
        road = mix(palette.haze, palette.lamp, 0.42)
        left = curve(
            [(VANISH[0] - 5, 326), (VANISH[0] - 24, 350), (VANISH[0] - 96, 430), (VANISH[0] - 330, 700)], closed=False
        )
        right = curve(
            [(VANISH[0] + 7, 326), (VANISH[0] + 26, 350), (VANISH[0] + 112, 430), (VANISH[0] + 330, 700)], closed=False
        )
        sheet.cut(np.concatenate([left, right[::-1]]), road)
        lay(picture, sheet.finished(), blur_px=0.7 * scale)
        sheet = sheet_for(stage, fine)
        for share in (-0.5, 0.42):
            rut = np.array(
                [
                    (VANISH[0] + 1 + share * 8, 330),
                    (VANISH[0] + share * 60, 380),
                    (VANISH[0] + share * 150, 460),
                    (VANISH[0] + share * 420, 700),
                ]
            )
            sheet.cut(band(curve(rut, closed=False), np.linspace(1, 26, 19)), mix(road, palette.dusk, 0.55))
        lay(picture, sheet.finished(), share=0.6, blur_px=2.2 * scale)
        glow(picture, halo_at(VANISH[0], 338, 150, 2.4, 0.45), palette.lamp, 0.5)
        snowy = picture[int((326 + MARGIN) * scale) :]
        slope = np.linspace(1.12, 0.5, snowy.shape[0])[:, None, None]
        snowy[:] = np.clip(np.rint(snowy * slope), 0, 255).astype(np.uint8)
        # pines on both sides, nearer ones larger, and lanterns strung between them
        spots: list[tuple[float, float, float]] = []
        sheet = sheet_for(stage, fine)
        for depth in (0.13, 0.2, 0.31, 0.48, 0.78):
            for side in (-1, 1):
                x = VANISH[0] + side * 520 * depth + float(random.uniform(-12, 12)) * depth
                foot = 322 + 190 * depth
                tall = 470 * depth + 26
                shade = mix(mix(palette.night, palette.paper, 0.35), palette.haze, 0.55 * (1 - depth) ** 2)
                cut_pine(sheet, x, foot, tall, shade, random)
                spots.append((x, foot - tall * 0.62, depth * side))
        lay(picture, sheet.finished())
        picture = bloom(picture, 20 * scale, 0.3, 170)
        sheet = sheet_for(stage, fine)
        for side in (-1, 1):
            row = sorted((one for one in spots if np.sign(one[2]) == side), key=lambda one: abs(one[2]))
            for near, far in zip(row[1:], row, strict=False):
                depth = (abs(near[2]) + abs(far[2])) / 2
                sag = 66 * depth
                rope = curve(
                    [near[:2], ((near[0] + far[0]) / 2, (near[1] + far[1]) / 2 + sag), far[:2]], closed=False, steps=12
                )
                sheet.cut(band(rope, 0.9 + 1.4 * depth), mix(palette.paper, palette.night, 0.4))
                for at in (4, 9, 14, 19):
                    lamp = rope[at] + (0, 7 * depth)
                    sheet.cut(
                        disc(lamp[0], lamp[1], 2 + 11 * depth, 2.4 + 14 * depth, 20),
                        mix(palette.lamp, palette.core, 0.45),
                    )
                    glow(picture, halo_at(lamp[0], lamp[1], 8 + 74 * depth, 3.0), palette.lamp, 0.13 + 0.2 * depth)
        lay(picture, sheet.finished())
        glow(picture, halo_at(VANISH[0] + 80, 470, 260, 2.6, 0.4), palette.lamp, 0.13)
        return Plate(picture, scale, MARGIN)


class Walk:
    """She walks along the road, seen from the side; pines pass, lanterns after them."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        palette = stage.palette
        fine = 1.0
        scale = stage.scale * fine
        picture = sky(stage, fine, mix(palette.night, palette.dusk, 0.45), mix(palette.haze, palette.lamp, 0.55), 1.3)
        height, width = picture.shape[:2]
        spot = halo(width, height, (200 + MARGIN) * scale, (322 + MARGIN) * scale, 250 * scale, 2.0, 0.7)
        glow(picture, spot, palette.lamp, 0.55)
        self.back = Plate(bloom(picture, 16 * scale, 0.2, 190), scale, MARGIN)
        random = stage.random(62)
        self.pines = [(float(random.uniform(0, 1400)), float(random.uniform(230, 330)), seed) for seed in range(9)]
        self.near = [
            (float(at) + float(random.uniform(-60, 60)), float(random.uniform(700, 820)), 20 + at)
            for at in (0, 560, 1180)
        ]
        self.scraps = (confetti(stage, 3, 60, 1.3), confetti(stage, 4, 14, 5.0, 2))
        self.vignette = stage.vignette(0.5)
        self.look = walker(stage)

    def draw(self, moment: Moment) -> Picture:
        """Draw one frame."""
        return _scatter(self._show(moment), self.stage, self.scraps, 0.8, moment, self.vignette)

    def _show(self, moment: Moment) -> Picture:
        stage, palette = self.stage, self.stage.palette
        picture = self.back.show(View(), stage.scale, stage.size_px)
        run = 62.0 * moment.action_s
        sheet = Sheet(stage.scale, (0, 0, FRAME, 540), passing=True)
        hill = [
            (-60 + x, 372 - 22 * np.sin((x + run * 0.25) / 150.0) - 9 * np.sin((x + run * 0.25) / 57.0))
            for x in range(0, 860, 30)
        ]
        sheet.cut(np.array([*hill, (840, 560), (-80, 560)]), mix(palette.haze, palette.night, 0.5))
        for at, tall, seed in self.pines:
            x = 900 - (at + 900 - run * 0.5) % 1400 + 100
            cut_pine(
                sheet,
                x,
                420,
                tall,
                mix(palette.haze, palette.night, 0.72),
                np.random.default_rng([stage.seed, 63, seed]),
            )
        sheet.cut([(-50, 412), (800, 412), (800, 600), (-50, 600)], mix(palette.dusk, palette.night, 0.35))
        road = [(-80, 452), (200, 444), (520, 446), (800, 452), (800, 516), (520, 522), (200, 520), (-80, 514)]
        sheet.cut(curve(road), mix(palette.haze, palette.lamp, 0.3))
        for index in range(9):
            x = 760 - (index * 97 + run) % 870 + 60
            sheet.cut(disc(x, 458 + index * 37 % 50, 9 + index % 3 * 5, 2, 12), mix(palette.haze, palette.dusk, 0.5))
        sheet.lay_on(picture)
        shade = Sheet(stage.scale / 2, (0, 430, FRAME, 110))
        shade.cut([(392, 486), (412, 486), (620, 512), (560, 520)], palette.paper)
        part = cv2.resize(shade.finished(), (stage.size_px[0], round(110 * stage.scale)))
        lay(picture, part, 0, round(430 * stage.scale), share=0.5, blur_px=3 * stage.scale)
        sheet = Sheet(stage.scale, (0, 0, FRAME, 540), passing=True)
        cut_figure(sheet, 396, 492, 258, -1, walking(moment.clock_s * 0.8, 13), self.look)
        sheet.lay_on(picture)
        # pines before her, out of focus
        soft = Sheet(stage.scale / 4)
        for at, tall, _ in self.near:
            x = 860 - (at + 700 - run * 2.1) % 1700 + 300
            soft.cut(rectangle(x, -20, tall * 0.07, 620), palette.paper)
        paper = cv2.GaussianBlur(soft.finished(), (0, 0), 3 * stage.scale)
        lay(picture, cv2.resize(paper, (round(960 * stage.scale), round(540 * stage.scale))))
        return picture


class Ridge:
    """They dance along a ridge against the sky, hand over hand; the action ``near`` shows them nearer."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        palette = stage.palette
        scale = stage.scale
        picture = sky(stage, 1.0, mix(palette.dusk, palette.night, 0.3), mix(palette.haze, palette.lamp, 0.8), 1.5)
        height, width = picture.shape[:2]
        random = stage.random(64)
        sun = halo(width, height, (470 + MARGIN) * scale, (330 + MARGIN) * scale, 210 * scale, 2.0, 0.9)
        glow(picture, sun, palette.lamp, 0.62)
        sheet = sheet_for(stage, 1.0)
        for _ in range(7):
            x, y, wide = (
                float(random.uniform(-40, 700)),
                float(random.uniform(40, 250)),
                float(random.uniform(120, 300)),
            )
            sheet.cut(disc(x, y, wide, 4 + wide * 0.03), mix(palette.haze, palette.lamp, 0.75))
        lay(picture, sheet.finished(), share=0.32, blur_px=7 * scale)
        sheet = sheet_for(stage, 1.0)
        sheet.cut(disc(470, 342, 62), palette.core)
        lay(picture, sheet.finished(), share=0.9, blur_px=1.5 * scale)
        self.back = Plate(bloom(picture, 20 * scale, 0.2, 200), scale, MARGIN)
        self.scraps = (confetti(stage, 5, 50, 1.2), confetti(stage, 6, 12, 5.0, 2))
        self.vignette = stage.vignette(0.45)

    def ground(self, x: float) -> float:
        """Return the ridge's height at x."""
        return float(436 - 26 * np.sin((x + 40) / 190.0) - 5 * np.sin(x / 47.0))

    def draw(self, moment: Moment) -> Picture:
        """Draw one frame."""
        return _scatter(self._show(moment), self.stage, self.scraps, 0.5, moment, self.vignette)

    def _show(self, moment: Moment) -> Picture:
        stage, palette = self.stage, self.stage.palette
        near = moment.action == "near"
        zoom = 1.5 if near else 1.0
        view = View(zoom, 480 + (330 - 480) * (1 - 1 / zoom), 270 + (430 - 270) * (1 - 1 / zoom))
        picture = self.back.show(view.nearer(0.3), stage.scale, stage.size_px)
        sheet = Sheet(stage.scale, (0, 0, FRAME, 540), view, passing=True)
        cloth = mix(palette.paper, palette.night, 0.6)
        ridge = [(x, self.ground(x)) for x in range(-120, 860, 20)]
        sheet.cut(np.array([*ridge, (860, 700), (-120, 700)]), cloth)
        props = ("lantern", "accordion", "", "", "guitar", "", "tambourine", "", "")
        hats = ("brim", "cone", "", "cone", "brim", "", "", "cone", "")
        walk = 34.0 * moment.action_s - (60 if near else 40)
        for index in range(9):
            x = 640 - index * 84 + walk
            beat = moment.clock_s * 0.96 + index * 0.5
            prop = props[index]
            limbs = playing(beat, prop) if prop else dancing(beat, index)
            look = Look(cloth, cloth, palette.core if prop == "lantern" else mix(cloth, palette.haze, 0.4),
                        mix(cloth, palette.lamp, 0.5), cloth, index in (2, 5, 8), hats[index], prop)  # fmt: skip
            cut_figure(sheet, x, self.ground(x) + 3, 148 + 10 * (index % 3), 1, limbs, look)
        for x in range(-100, 840, 9):
            tuft = np.array(
                [(x, self.ground(x) + 2), (x + 2 + x % 4, self.ground(x) - 5 - x % 7), (x + 5, self.ground(x) + 2)]
            )
            sheet.cut(tuft, cloth)
        sheet.lay_on(picture)
        return picture
