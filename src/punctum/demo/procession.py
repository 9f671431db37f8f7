"""*Procession*, from near: among the dancers, a stranger, the woman who turns, her closing close-up.

Conventions: as in ``road``; the light comes from the picture's right in every set-up.
"""

import cv2
import numpy as np

from punctum.demo.dancers import Look, cut_figure, dancing, playing
from punctum.demo.faces import Portrait
from punctum.demo.figures import Pose, blink, drift
from punctum.demo.paint import (
    Picture,
    Plate,
    Sheet,
    View,
    band,
    bloom,
    curve,
    disc,
    glow,
    halo,
    lay,
    leaf,
    soft_paper,
)
from punctum.demo.palettes import mix
from punctum.demo.portraits import Cutting, Dress, cut_portrait, lay_cutting, lit_cutting
from punctum.demo.road import FRAME, confetti, sky, toward
from punctum.demo.scenery import MARGIN
from punctum.demo.stage import Moment, Stage, between, keyed
from punctum.demo.tear import lay_tear, where_tear
from punctum.demo.woman import Jersey, Woman, cut_hat, stranger, the_woman

BEAT_S = 1.04
"""What they dance to: a step lasts half of it."""


class Festive:
    """What the near set-ups share: lanterns and dancers out of focus, scraps of paper, a light from the right."""

    key = 0
    focus = (400.0, 250.0)
    push_in = 0.04
    spots = 30
    dim = 0.0
    passing: tuple[tuple[float, float, float], ...] = ()
    """Dancers who pass behind, out of focus: where they start, units a second, how tall."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        palette = stage.palette
        self.lights = self._lanterns()
        self.scraps = (confetti(stage, 10 + self.key, 46, 2.2), confetti(stage, 20 + self.key, 12, 7.0, 4))
        self.light = stage.light(640, 150, 620, (255, 255, 255), (104, 104, 104), 1.16)
        self.leak = np.zeros((*stage.small(2)[::-1], 3), np.uint8)
        air = halo(*stage.small(2), 700 * stage.scale / 2, 60 * stage.scale / 2, 300 * stage.scale / 2, 2.3, 1.5)
        glow(self.leak, air, palette.lamp, 0.24)
        self.vignette = stage.vignette(0.55)
        width = self.light.shape[1]
        self.across = (np.arange(width, dtype=np.float32) + 0.5) / width

    def _lanterns(self) -> Plate:
        """Paint garlands of lanterns, far out of focus, over dusk."""
        stage, palette = self.stage, self.stage.palette
        scale = stage.scale / 2
        picture = sky(stage, 0.5, mix(palette.night, palette.paper, 0.4), mix(palette.dusk, palette.night, 0.4), 1.2)
        random = stage.random(70, self.key)
        height, width = picture.shape[:2]
        for row in range(3):
            start, sag = 60.0 + row * 66 + float(random.uniform(-20, 20)), float(random.uniform(50, 110))
            for index in range(self.spots // 3):
                share = (index + float(random.uniform(0.2, 0.8))) / (self.spots / 3)
                x = -60 + share * 840
                y = start + sag * 4 * (share - 0.5) ** 2 * (1 if row % 2 else -1) + sag * 0.5
                radius = float(random.uniform(9, 14)) * (1 + 0.35 * row)
                sheet = Sheet(
                    scale,
                    (x + MARGIN - radius * 2, y + MARGIN - radius * 2, radius * 4, radius * 4),
                    fine=2,
                    margin=MARGIN,
                )
                sheet.cut(
                    disc(x, y, radius, radius * 1.12, 28),
                    mix(palette.lamp, palette.core, float(random.uniform(0, 0.6))),
                )
                lay(
                    picture,
                    sheet.finished(),
                    sheet.left_px,
                    sheet.top_px,
                    share=float(random.uniform(0.25, 0.6)),
                    blur_px=1.5 * scale,
                )
        foot = halo(width, height, (640 + MARGIN) * scale, (360 + MARGIN) * scale, 300 * scale, 2.2, 0.7)
        glow(picture, foot, palette.haze, 0.32)
        if self.dim:
            picture = cv2.convertScaleAbs(picture, alpha=1 - self.dim)
        return Plate(bloom(picture, 16 * scale, 0.35, 120), scale, MARGIN)

    def view(self, moment: Moment) -> View:
        """Return a slow push-in."""
        return toward(moment, self.push_in, *self.focus)

    def behind(self, moment: Moment) -> Picture:
        """Return the frame with all that lies behind the people."""
        stage = self.stage
        size, scale, drawn = stage.small(2), stage.scale / 2, moment.drawn

        def show() -> Picture:
            picture = self.lights.show(self.view(drawn).nearer(0.5), scale, size)
            if self.passing:
                lay(picture, *self._passers(drawn))
            return picture

        picture = stage.kept.get(f"lights {self.key}", drawn.frame, show).copy()
        glow(picture, self.scraps[0].mask(moment.clock_s, scale, size), stage.palette.snow, 0.5)
        cv2.add(picture, self.leak, dst=picture)
        return stage.full(picture)

    def _passers(self, moment: Moment) -> tuple[Picture, int, int]:
        """Cut those who dance behind, out of focus, at half the frame's size."""
        stage, palette = self.stage, self.stage.palette
        sheet = Sheet(stage.scale / 4, (0, 0, FRAME, 540), self.view(moment).nearer(0.8))
        for index, (at, speed, tall) in enumerate(self.passing):
            way = 1 if speed > 0 else -1
            x = (at + speed * moment.clock_s + 200) % 1120 - 200
            prop = ("", "accordion", "", "guitar", "tambourine", "lantern")[index % 6]
            beat = moment.clock_s / BEAT_S + index * 0.37
            cloth = mix(mix(palette.paper, palette.night, 0.5), palette.haze, 0.16 + 0.1 * (index % 3))
            look = Look(
                cloth,
                mix(cloth, palette.him_skin[1], 0.4),
                mix(palette.haze, palette.lamp, 0.6),
                mix(cloth, palette.lamp, 0.5),
                mix(cloth, palette.paper, 0.5),
                index % 2 == 0,
                ("cone", "", "brim")[index % 3],
                prop,
            )
            limbs = playing(beat, prop) if prop else dancing(beat, index)
            cut_figure(sheet, x, 500 + tall * 0.24, tall, way, limbs, look)
        paper = cv2.GaussianBlur(sheet.finished(), (0, 0), 1.1 * stage.scale)
        return cv2.resize(paper, stage.small(2)), 0, 0

    def lanternlight(self, moment: Moment) -> Picture:
        """Return the light on the people: now and then someone who passes dims it, softly."""
        at = (moment.clock_s * 0.21) % 1.9 - 0.3
        dip = 1 - 0.13 * np.exp(-(((self.across - 0.1 - 0.8 * (1 - at)) / 0.16) ** 2))
        return self.stage.full(np.rint(self.light * dip[None, :, None]).astype(np.uint8))

    def cut(self, moment: Moment, portrait: Portrait, dress: Dress, hat: bool = False) -> Cutting:
        """Return a person as lit paper."""
        stage, palette = self.stage, self.stage.palette
        view = self.view(moment)
        cutting = cut_portrait(portrait, stage.scale, view, dress)
        if hat:
            sheet = Sheet(stage.scale, (0, 0, FRAME, 540), view, passing=True)
            cut_hat(sheet, portrait, mix(palette.snow, palette.haze, 0.2), mix(palette.dusk, palette.paper, 0.2))
            cutting.append((sheet.finished(), 0, 0))
        return lit_cutting(cutting, self.lanternlight(moment))

    def before(self, picture: Picture, moment: Moment) -> None:
        """Lay what passes before the lens: scraps of paper."""
        glow(
            picture,
            self.scraps[1].mask(moment.clock_s, self.stage.scale, self.stage.size_px),
            self.stage.palette.snow,
            0.5,
        )

    def draw(self, moment: Moment) -> Picture:
        """Draw one frame."""
        picture = self.behind(moment)
        drawn = moment.drawn
        lay_cutting(picture, self.stage.kept.get(f"near {self.key}", drawn.frame, lambda: self.people(drawn)))
        self.after(picture, moment)
        self.before(picture, moment)
        return cv2.multiply(picture, self.vignette, scale=1 / 255)

    def people(self, moment: Moment) -> Cutting:
        """Cut who is in the frame."""
        raise NotImplementedError

    def after(self, picture: Picture, moment: Moment) -> None:
        """Lay what lies on the people, in place."""


class Among(Festive):
    """She walks towards us, the dancers on both sides of her."""

    key = 1
    focus = (360.0, 250.0)
    push_in = 0.07
    passing = ((0.0, 46, 330), (240.0, -38, 350), (480.0, 52, 320), (700.0, -44, 340), (860.0, 40, 330))

    def people(self, moment: Moment) -> Cutting:
        """Cut her and four of them."""
        stage, clock = self.stage, moment.clock_s
        cutting: Cutting = []
        bars = clock / BEAT_S * 2 * np.pi
        for key, (x, y, size, hat) in enumerate(
            ((92, 214, 42, True), (216, 190, 36, False), (520, 182, 36, False), (640, 220, 44, True))
        ):
            hop = abs(np.sin(bars / 2 + key * 0.8))
            way = drift(clock, stage.seed + 30 + key, 2.4)
            pose = Pose(
                yaw_deg=(14, 10, -12, -16)[key] + 8 * way[0],
                pitch_deg=2 + 4 * way[1],
                roll_deg=9 * np.sin(bars / 2 + key),
                eyes=0.85 * blink(clock, stage.seed + 30 + key),
                gaze_x=(0.6, 0.5, -0.5, -0.6)[key],
                brows=0.5,
                corners=1.0,
                mouth=0.25 + 0.2 * hop,
            )
            portrait = Portrait(stranger(stage, key), pose, x + 9 * np.sin(bars / 4 + key), y - 16 * hop, size, 1.0)
            cutting += self.cut(moment, portrait, Dress(), hat)
        cutting.append(self._dusk())
        step = np.sin(bars / 2.2)
        way = drift(clock, stage.seed + 21, 3.0)
        pose = Pose(
            yaw_deg=-9 + 4 * way[0] + 12 * between(moment.action_s, 2.6, 3.8) - 20 * between(moment.action_s, 4.4, 5.4),
            pitch_deg=-8 + 2 * way[1],
            roll_deg=2.5 * step,
            eyes=0.75 * blink(clock, stage.seed + 21),
            gaze_x=keyed(moment.action_s, (2.4, -0.3), (3.2, 0.7), (4.3, 0.7), (5.0, -0.7)),
            gaze_y=0.35,
            grief=0.6,
            corners=-0.4,
        )
        portrait = Woman(the_woman(stage), pose, 362 + 6 * step, 262 - 5 * abs(step), 66, 1.0)
        return cutting + self.cut(moment, portrait, Jersey())

    def _dusk(self) -> tuple[Picture, int, int]:
        """Return the dark that lies about them from the waist down."""
        width, height = self.stage.size_px
        rows = (np.arange(height) + 0.5) / height * 540
        paper = np.zeros((height, width, 4), np.uint8)
        cover = np.clip((rows - 330) / 80, 0, 1) ** 1.2
        paper[:, :, 3] = np.rint(250 * cover)[:, None]
        paper[:, :, :3] = (paper[:, :, 3:] * (np.asarray(self.stage.palette.paper) * (1.6 / 255))).astype(np.uint8)
        return paper, 0, 0

    def after(self, picture: Picture, moment: Moment) -> None:
        """Lay one who passes close to the lens."""
        stage, palette = self.stage, self.stage.palette
        x = keyed(moment.action_s, (0.6, -260), (3.4, 980))
        if -250 < x < 970:
            sheet = Sheet(stage.scale / 4, (0, 0, 960, 540))
            cloth = mix(palette.paper, palette.night, 0.6)
            head = curve(
                [
                    (-95, 40),
                    (-105, -60),
                    (-60, -130),
                    (20, -140),
                    (90, -80),
                    (96, 10),
                    (70, 90),
                    (170, 130),
                    (250, 420),
                    (-250, 420),
                    (-180, 140),
                    (-70, 90),
                ]
            )
            sheet.cut(head + np.array([x, 250 - 20 * abs(np.sin(moment.clock_s * 3))]), cloth)
            lay(picture, *soft_paper(sheet, 4, 6 * stage.scale, stage.size_px), share=0.94)


class Stranger(Festive):
    """One of them, near: a young man in a paper hat, who means well."""

    key = 2
    focus = (350.0, 250.0)
    passing = ((80.0, 60, 420), (420.0, -52, 400), (760.0, 64, 430))

    def people(self, moment: Moment) -> Cutting:
        """Cut him."""
        stage, clock = self.stage, moment.clock_s
        bars = clock / BEAT_S * 2 * np.pi
        sway = np.sin(bars / 2)
        pose = Pose(
            yaw_deg=12 * np.sin(bars / 4) + 4,
            pitch_deg=3 * abs(sway),
            roll_deg=8 * sway,
            eyes=0.82 * blink(clock, stage.seed + 40),
            gaze_x=0.3 * np.sin(bars / 4) + 0.2,
            brows=0.6,
            corners=1.1,
            mouth=0.3 + 0.25 * abs(sway),
        )
        portrait = Portrait(stranger(stage, 0), pose, 345 + 16 * sway, 292 - 12 * abs(sway), 98, 1.0)
        return self.cut(moment, portrait, Dress(), True)


class Turn(Festive):
    """She walks away from them, stops, and turns to us."""

    key = 3
    focus = (370.0, 250.0)
    push_in = 0.05
    passing = ((0.0, 50, 400), (300.0, -46, 390), (560.0, 56, 410), (800.0, -40, 400))

    def people(self, moment: Moment) -> Cutting:
        """Cut her."""
        stage, clock, at = self.stage, moment.clock_s, moment.action_s
        way = drift(clock, stage.seed + 22, 3.6)
        step = np.sin(clock / BEAT_S * 2 * np.pi / 1.1) * (1 - between(at, 0.9, 1.6))
        pose = Pose(
            yaw_deg=keyed(at, (1.3, -29), (3.4, 8)) + 1.5 * way[0],
            pitch_deg=keyed(at, (1.2, -12), (3.0, -3)) + way[1],
            roll_deg=keyed(at, (1.2, -4), (3.2, 5)) + 2 * step,
            eyes=min(keyed(at, (1.2, 0.7), (1.6, 0.95)), blink(clock, stage.seed + 22))
            if not 1.45 < at < 1.75
            else 0.1,
            gaze_x=keyed(at, (1.0, -0.5), (1.7, 0.9), (3.0, 0.25)),
            gaze_y=keyed(at, (1.0, 0.6), (2.0, 0.0)),
            grief=keyed(at, (1.0, 0.5), (3.2, 0.85)),
            corners=-0.4,
            mouth=0.1,
        )
        x = keyed(at, (0.0, 300), (1.4, 332), (3.4, 366))
        portrait = Woman(the_woman(stage), pose, x, 256 - 4 * abs(step), 98, 1.0)
        return self.cut(moment, portrait, Jersey())


class Closing(Festive):
    """The closing close-up: a tear, and the beginning of a smile."""

    key = 4
    focus = (396.0, 262.0)
    push_in = 0.12
    spots = 24
    dim = 0.25
    passing = ((40.0, 24, 440), (520.0, -20, 430), (820.0, 26, 450))

    def portrait(self, moment: Moment) -> Portrait:
        """Return her, all but still."""
        stage, u = self.stage, moment.share
        calm = 0.5 if stage.staging.still else 1.6
        way = drift(moment.clock_s, stage.seed + 23, 5.2) * 0.9 * calm
        smile = between(u, 0.66, 0.95) if stage.staging.tear else 0.0
        nod = between(u, 0.70, 0.78) - between(u, 0.78, 0.88)
        pose = Pose(
            yaw_deg=-7 + 9 * between(u, 0.5, 0.72) + 1.6 * way[0],
            pitch_deg=-4 + way[1] + 4 * between(u, 0.5, 0.8) - 3 * nod,
            roll_deg=-5 + 1.3 * way[2] + 3 * between(u, 0.5, 0.8),
            eyes=(0.94 - 0.16 * smile) * blink(moment.clock_s, stage.seed + 23, 5.5),
            gaze_x=keyed(u, (0.1, -0.4), (0.5, -0.3), (0.62, 0.04)),
            gaze_y=keyed(u, (0.1, 0.35), (0.5, 0.3), (0.64, 0.0)),
            grief=keyed(u, (0.0, 0.7), (0.4, 1.0), (0.9, 0.6)),
            brows=0.12 + 0.2 * smile,
            mouth=0.12 + 0.04 * smile,
            corners=keyed(u, (0.0, -0.45), (0.5, -0.5), (0.66, -0.35)) + 1.15 * smile,
        )
        breath = 1.7 * np.sin(moment.clock_s * 2 * np.pi / 3.9) * calm
        return Woman(the_woman(stage), pose, 400, 252 + breath, 138, 1.0)

    def people(self, moment: Moment) -> Cutting:
        """Cut her."""
        return self.cut(moment, self.portrait(moment), Jersey())

    def after(self, picture: Picture, moment: Moment) -> None:
        """Lay the tear on her cheek, and before her, near the lens, one who stands and plays."""
        drawn = moment.drawn
        view = self.view(drawn)
        if moment.tear is not None:
            lay_tear(self.stage, picture, view, self.portrait(drawn), moment.tear, kohl=0.36)
        lay_cutting(picture, self.stage.kept.get("player", drawn.frame, lambda: self._player(drawn, view)))

    def _player(self, moment: Moment, view: View) -> Cutting:
        stage, palette = self.stage, self.stage.palette
        sheet = Sheet(stage.scale / 4, view=view.nearer(1.3))
        sway = 7 * np.sin(moment.clock_s / BEAT_S * np.pi)
        base = np.array([28 + sway, 372.0])
        cloth = mix(palette.paper, palette.night, 0.6)
        outline = [
            (-120, 230),
            (-130, 60),
            (-70, -10),
            (-84, -110),
            (-50, -176),
            (20, -180),
            (66, -130),
            (72, -50),
            (50, 10),
            (96, 60),
            (150, 130),
            (170, 330),
            (-150, 330),
        ]
        sheet.cut(curve(np.array(outline) + base), cloth)
        brim = [(-110, -138), (-40, -160), (-26, -214), (44, -208), (52, -150), (116, -122), (40, -130)]
        sheet.cut(curve(np.array(brim) + base), cloth)
        rim = curve(
            np.array([(52, -150), (66, -130), (72, -50), (50, 10), (96, 60), (150, 130), (170, 300)]) + base,
            closed=False,
        )
        sheet.cut(band(rim, leaf(len(rim)) * 5), mix(cloth, palette.lamp, 0.36))
        return [soft_paper(sheet, 4, 6 * stage.scale, stage.size_px)]

    def where_tear(self, moment: Moment) -> tuple[float, float]:
        """Return where the drop is in the picture, as shares of its width and height."""
        drawn = moment.drawn
        return where_tear(self.stage, self.view(drawn), self.portrait(drawn), moment.tear or 0.0)
