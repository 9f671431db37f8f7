"""Inside the car, near: her, him, over his shoulder.

Conventions: the street lamp stands to the picture's right in every set-up; units as in ``paint``.
"""

import cv2
import numpy as np

from punctum.demo.faces import Portrait
from punctum.demo.figures import Pose, blink, drift, people
from punctum.demo.paint import (
    HEIGHT,
    WIDTH,
    Picture,
    Plate,
    Points,
    Sheet,
    View,
    band,
    curve,
    glow,
    halo,
    lay,
    leaf,
    soft_paper,
)
from punctum.demo.palettes import mix
from punctum.demo.portraits import Cutting, Dress, cut_portrait, lay_cutting, lit_cutting
from punctum.demo.scenery import MARGIN, push, rectangle, town_lights
from punctum.demo.stage import Moment, Stage, keyed
from punctum.demo.weather import Snow


class Near:
    """What the near set-ups share: a window out of focus, snow beyond it, light that the wipers cross."""

    key = 0
    window: tuple[tuple[float, float], ...] = ()
    focus = (480.0, 250.0)
    push_in = 0.035
    leak_share = 0.27

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        palette = stage.palette
        self.people = people(palette)
        lights = (palette.lamp, palette.window, palette.window, palette.dash, palette.scarf)
        self.town = town_lights(stage, 10 + self.key, 40, 250, 95, lights, 0.5)
        self.snow = Snow([stage.seed, 71 + self.key], 80, 3.6, 84, 18, 0.5)
        self.cabin = self._paint_cabin()
        self.light = stage.light(820, 150, 620, (255, 244, 226), (112, 112, 150), 1.0)
        # the lamp's own light in the air of the car, from the side it stands on
        self.leak = np.zeros((*stage.small(2)[::-1], 3), np.uint8)
        air = halo(*stage.small(2), 905 * stage.scale / 2, 60 * stage.scale / 2, 330 * stage.scale / 2, 2.3, 1.5)
        glow(self.leak, air, palette.lamp, self.leak_share)
        self.vignette = stage.vignette(0.5)
        width = self.light.shape[1]
        self.across = (np.arange(width, dtype=np.float32) + 0.5) / width

    def _paint_cabin(self) -> Plate:
        """Paint pillar, headrest and door around the window."""
        stage, palette = self.stage, self.stage.palette
        scale = stage.scale / 2
        box = (0, 0, WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN)
        sheet = Sheet(scale, box, margin=MARGIN)
        sheet.cut(rectangle(-90, -90, 1140, 720), mix(palette.paper, palette.night, 0.45))
        paper = sheet.finished()
        hole = Sheet(scale, box, margin=MARGIN)
        hole.cut(curve(self.window), (255, 255, 255))
        opening = cv2.GaussianBlur(np.ascontiguousarray(hole.finished()[:, :, 3]), (0, 0), 5 * scale)
        paper = cv2.multiply(paper, cv2.merge([255 - opening] * 4), scale=1 / 255)
        seat = Sheet(scale, box, margin=MARGIN)
        self._furnish(seat)
        part = cv2.GaussianBlur(seat.finished(), (0, 0), 4 * scale)
        paper = cv2.add(cv2.multiply(paper, cv2.merge([255 - part[:, :, 3]] * 4), scale=1 / 255), part)
        return Plate(paper, scale, MARGIN)

    def _furnish(self, sheet: Sheet) -> None:
        """Cut what stands in the car behind the person."""

    def behind(self, moment: Moment) -> Picture:
        """Return the frame with all that lies behind the people."""
        stage, palette = self.stage, self.stage.palette
        # out of focus, so half the pixels across and down say it all, and two frames share the plates
        size, scale, drawn = stage.small(2), stage.scale / 2, moment.drawn

        def show(plate: Plate, depth: float, border: int) -> Picture:
            return plate.show(self.view(drawn).nearer(depth), scale, size, border)

        town = stage.kept.get(f"town {self.key}", drawn.frame, lambda: show(self.town, 0.5, cv2.BORDER_REPLICATE))
        cabin = stage.kept.get(f"cabin {self.key}", drawn.frame, lambda: show(self.cabin, 0.8, cv2.BORDER_CONSTANT))
        picture = town.copy()
        glow(picture, self.snow.mask(moment.clock_s, scale, size), mix(palette.snow, palette.lamp, 0.2), 0.8)
        lay(picture, cabin)
        cv2.add(picture, self.leak, dst=picture)
        return stage.full(picture)

    def lamplight(self, moment: Moment) -> Picture:
        """Return the light on the people: the blades' soft shadow passes over it."""
        at = 0.18 + 0.64 * self.stage.wipers.turn(moment.clock_s)
        dip = 1 - 0.17 * np.exp(-(((self.across - at) / 0.10) ** 2))
        return self.stage.full(np.rint(self.light * dip[None, :, None]).astype(np.uint8))

    def view(self, moment: Moment) -> View:
        """Return a slow push-in."""
        return push(moment, self.push_in, *self.focus)

    def portrait(self, moment: Moment) -> Portrait:
        """Return whose face it is about, as held at a moment."""
        raise NotImplementedError

    def lay_portrait(self, picture: Picture, moment: Moment) -> None:
        """Lay the face on the picture, as it is drawn for this frame."""
        drawn, stage = moment.drawn, self.stage

        def cut() -> Cutting:
            cutting = cut_portrait(self.portrait(drawn), stage.scale, self.view(drawn), Dress())
            return lit_cutting(cutting, self.lamplight(drawn))

        lay_cutting(picture, stage.kept.get(f"face {self.key}", drawn.frame, cut))

    def draw(self, moment: Moment) -> Picture:
        """Draw one frame."""
        picture = self.behind(moment)
        self.lay_portrait(picture, moment)
        return self.finish(picture)

    def finish(self, picture: Picture) -> Picture:
        """Return the frame under the lens's fall of light."""
        return cv2.multiply(picture, self.vignette, scale=1 / 255)


class Her(Near):
    """Her close-up."""

    key = 1
    window = ((-60, 40), (200, 26), (430, 60), (470, 200), (450, 420), (200, 440), (-60, 430))
    focus = (470.0, 240.0)

    def _furnish(self, sheet: Sheet) -> None:
        palette = self.stage.palette
        seat = [
            (520, 90),
            (640, 70),
            (742, 96),
            (770, 210),
            (748, 310),
            (800, 420),
            (830, 700),
            (420, 700),
            (470, 380),
            (500, 300),
        ]
        sheet.cut(curve(seat), mix(palette.paper, palette.dusk, 0.2))

    def portrait(self, moment: Moment) -> Portrait:
        """Return her, glancing up at him, or turning to him."""
        stage = self.stage
        way = drift(moment.clock_s, stage.seed + 3, 3.6)
        if moment.action == "turn":
            turn = keyed(moment.action_s, (0.4, -10), (1.5, 16))
            look = keyed(moment.action_s, (0.3, -0.5), (1.0, 0.7))
            low = keyed(moment.action_s, (0.3, 0.45), (1.1, 0.0))
            grief = keyed(moment.action_s, (0.8, 0.4), (2.2, 0.75))
        else:
            turn, look = keyed(moment.action_s, (1.2, 15), (2.4, 6)), keyed(moment.action_s, (1.0, 0.6), (1.7, 0.0))
            low, grief = keyed(moment.action_s, (1.0, 0.0), (2.0, 0.4)), 0.4
        pose = Pose(
            yaw_deg=turn + 1.6 * way[0], pitch_deg=-2 + 1.2 * way[1], roll_deg=-2 + 1.5 * way[2],
            eyes=0.97 * blink(moment.clock_s, stage.seed + 3),
                gaze_x=look, gaze_y=low, grief=grief, brows=0.1, corners=-0.25,
            mouth=0.12,
        )  # fmt: skip
        breath = 1.8 * np.sin(moment.clock_s * 2 * np.pi / 3.4)
        return Portrait(self.people["her"], pose, 470, 246 + breath, 116, 1.0)


class Him(Near):
    """His close-up."""

    key = 2
    window = ((540, 40), (760, 26), (1020, 40), (1030, 430), (760, 440), (560, 420), (520, 200))
    focus = (500.0, 240.0)

    def _furnish(self, sheet: Sheet) -> None:
        palette = self.stage.palette
        seat = [
            (440, 90),
            (330, 66),
            (214, 92),
            (190, 210),
            (212, 310),
            (150, 420),
            (120, 700),
            (540, 700),
            (500, 380),
            (460, 300),
        ]
        sheet.cut(curve(seat), mix(palette.paper, palette.dusk, 0.16))

    def portrait(self, moment: Moment) -> Portrait:
        """Return him, looking up and away."""
        stage = self.stage
        way = drift(moment.clock_s, stage.seed + 4, 4.2)
        turn = keyed(moment.action_s, (1.4, -4), (2.6, -15))
        pose = Pose(
            yaw_deg=turn + 1.5 * way[0], pitch_deg=-3 + way[1], roll_deg=1 + 1.3 * way[2],
            eyes=0.9 * blink(moment.clock_s, stage.seed + 4), gaze_x=keyed(moment.action_s, (1.0, 0.1), (1.6, -0.6)),
            gaze_y=keyed(moment.action_s, (0.8, 0.35), (1.6, 0.0)), grief=0.15, corners=-0.1,
        )  # fmt: skip
        breath = 1.8 * np.sin(moment.clock_s * 2 * np.pi / 4.1 + 1)
        return Portrait(self.people["him"], pose, 500, 238 + breath, 118, 1.0)


def back_of_head(x: float, y: float, size: float) -> list[Points]:
    """Return the outlines of someone seen from behind: shoulders, head."""
    base = np.array([x, y])
    skull = [(-0.98, 0.1), (-1.04, -0.5), (-0.84, -1.18), (-0.3, -1.56), (0.3, -1.56), (0.84, -1.18), (1.04, -0.5),
             (0.98, 0.1), (0.8, 0.72), (0.6, 1.1), (-0.6, 1.1), (-0.8, 0.72)]  # fmt: skip
    shoulders = [(-0.74, 1.1), (-0.9, 1.6), (-1.6, 2.0), (-2.7, 2.5), (-3.2, 3.6), (-3.4, 5.6), (3.4, 5.6),
                 (3.2, 3.6), (2.7, 2.5), (1.6, 2.0), (0.9, 1.6), (0.74, 1.1)]  # fmt: skip
    return [curve(np.array(shoulders) * size + base), curve(np.array(skull) * size + base)]


class OverShoulder(Near):
    """Her, over his shoulder."""

    key = 3
    window = ((-60, 60), (160, 40), (330, 70), (366, 210), (350, 400), (160, 420), (-60, 430))
    focus = (380.0, 240.0)
    push_in = 0.03

    def _furnish(self, sheet: Sheet) -> None:
        palette = self.stage.palette
        seat = [
            (380, 120),
            (470, 100),
            (552, 122),
            (580, 220),
            (560, 310),
            (610, 420),
            (640, 700),
            (300, 700),
            (340, 380),
        ]
        sheet.cut(curve(seat), mix(palette.paper, palette.dusk, 0.2))

    def portrait(self, moment: Moment) -> Portrait:
        """Return her, speaking a few words."""
        stage = self.stage
        way = drift(moment.clock_s, stage.seed + 5, 3.8)
        pose = Pose(
            yaw_deg=20 + 2 * way[0] - keyed(moment.action_s, (2.0, 0), (3.2, 8)),
                pitch_deg=-2 + way[1], roll_deg=2 * way[2],
            eyes=0.96 * blink(moment.clock_s, stage.seed + 5), gaze_x=0.6, gaze_y=0.0, grief=0.3,
            mouth=0.4 * keyed(moment.action_s, (1.0, 0), (1.3, 1), (1.6, 0.2), (1.9, 0.9), (2.3, 0)),
        )  # fmt: skip
        breath = 1.5 * np.sin(moment.clock_s * 2 * np.pi / 3.4)
        return Portrait(self.people["her"], pose, 366, 250 + breath, 92, 1.0)

    def draw(self, moment: Moment) -> Picture:
        """Draw one frame."""
        picture = self.behind(moment)
        self.lay_portrait(picture, moment)
        drawn = moment.drawn
        lay_cutting(picture, self.stage.kept.get("his shoulder", drawn.frame, lambda: self._shoulder(drawn)))
        return self.finish(picture)

    def _shoulder(self, moment: Moment) -> Cutting:
        """Cut him from behind, near and out of focus."""
        stage, palette = self.stage, self.stage.palette
        sheet = Sheet(stage.scale / 4, view=self.view(moment).nearer(1.6))
        sway = 3 * np.sin(moment.clock_s * 2 * np.pi / 4.4)
        for outline in back_of_head(772 + sway, 262, 168):
            sheet.cut(outline, mix(palette.paper, palette.dusk, 0.16))
        rim = np.array([(0.3, -1.56), (0.84, -1.18), (1.04, -0.5), (0.98, 0.1), (0.8, 0.72)]) * 168 + np.array(
            [769 + sway, 262]
        )
        path = curve(rim, closed=False)
        sheet.cut(band(path, leaf(len(path)) * 7), mix(palette.paper, palette.lamp, 0.75))
        return [soft_paper(sheet, 4, 4.5 * stage.scale, stage.size_px)]
