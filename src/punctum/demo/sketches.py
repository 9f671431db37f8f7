"""Quick sketches for films in quantity: what all share, and those of faces.

Conventions: a composition's ``key`` decides its staging (who stands where, how large, how lit, what the camera
does), the film's seed what it is drawn with (whose face, which trees, where the lights are), so that the same
keys with another seed are the same staging drawn anew. Everything stands for two frames, as drawn film does.
Places are shares of the picture's width and height, sizes shares of its height.
"""

import cv2
import numpy as np

from punctum.demo.faces import Portrait
from punctum.demo.figures import Person, Pose, blink, drift
from punctum.demo.paint import STRAIGHT, Picture, Sheet, View, curve, disc, glow, halo, lay, ramp
from punctum.demo.palettes import Colour, mix
from punctum.demo.portraits import Dress, cut_portrait, lay_cutting
from punctum.demo.scenery import rectangle
from punctum.demo.stage import Moment, Stage, between, keyed
from punctum.demo.tear import lay_tear
from punctum.demo.woman import Woman

ACTS = ("still", "still", "look", "turn", "talk", "bow", "rise", "smile")
MOVES = ("still", "still", "still", "push", "pull", "pan", "sway")
GROUNDS = ("lights", "wall", "window", "leaves", "sky", "stripes")


def someone(stage: Stage, number: int) -> Person:
    """Return one of a film's people: always the same one for a number."""
    random, palette = stage.random(950, number), stage.palette
    woman = bool(random.random() < 0.5)
    dark = float(random.uniform(0, 0.45))
    skin = palette.her_skin if woman else palette.him_skin
    lit, half, shaded = (
        mix(one, palette.paper, dark * share) for one, share in zip(skin, (0.8, 0.8, 0.5), strict=True)
    )
    fair = float(random.uniform(0, 1)) ** 2
    hair = mix(palette.him_hair[0], palette.lamp, 0.5 * fair), mix(palette.her_hair[1], palette.core, 0.4 * fair)
    coats = (palette.her_coat, palette.him_coat, palette.scarf, palette.dash, palette.glass, palette.haze)
    coat = mix(coats[int(random.integers(6))], palette.paper, float(random.uniform(0.1, 0.6)))
    collar = mix(coats[int(random.integers(6))], palette.snow, float(random.uniform(0, 0.5)))
    return Person((lit, half, shaded), hair, palette.lips, palette.iris, coat, collar, palette.paper, woman)


class Sketch:
    """What all sketches share: a frame to compose in, a ground painted once, a camera."""

    def __init__(self, stage: Stage, key: int) -> None:
        self.stage = stage
        self.key = key
        self.wide, self.tall = (one / stage.scale for one in stage.size_px)
        self.chance = np.random.default_rng([941, key])
        self.detail = stage.random(942, key)
        self.move = MOVES[int(self.chance.integers(len(MOVES)))]
        self.amount = float(self.chance.uniform(0.04, 0.16))
        self.way = 1 if self.chance.random() < 0.5 else -1
        self.lit = 1 if self.chance.random() < 0.5 else -1
        self.bright = float(self.chance.uniform(0.0, 1.0))
        self.ground = self.paint()

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return a place in units."""
        return x * self.wide, y * self.tall

    def sheet(self, view: View = STRAIGHT, fine: int = 2) -> Sheet:
        """Return paper as large as the frame."""
        return Sheet(self.stage.scale, (0, 0, self.wide, self.tall), view, fine, passing=fine > 1)

    def shift(self, moment: Moment) -> tuple[float, float, float]:
        """Return how the camera stands: how much larger, and its shift in units."""
        share = min(1.0, max(0.0, moment.share))
        if self.move == "push":
            return 1 + self.amount * share, 0.0, 0.0
        if self.move == "pull":
            return 1 + self.amount * (1 - share), 0.0, 0.0
        if self.move == "pan":
            return 1 + self.amount, self.way * self.amount * self.wide * 0.45 * (share - 0.5) * 2, 0.0
        if self.move == "sway":
            way = drift(moment.clock_s, self.key % 97, 2.2)
            return 1.03, 7 * way[0], 5 * way[1]
        return 1.0, 0.0, 0.0

    def view(self, moment: Moment, depth: float = 1.0) -> View:
        """Return the camera's view of what stands ``depth`` near; the middle of the frame keeps its place."""
        zoom, right, down = self.shift(moment)
        zoom = 1 + (zoom - 1) * depth
        x, y = self.wide / 2, self.tall / 2
        return View(
            zoom, 480 + (x - 480) * (1 - 1 / zoom) + right * depth, 270 + (y - 270) * (1 - 1 / zoom) + down * depth
        )

    def show(self, moment: Moment, depth: float = 0.6) -> Picture:
        """Return the ground as the camera sees it."""
        zoom, right, down = self.shift(moment)
        if zoom == 1.0 and not right and not down:
            return self.ground.copy()
        zoom = 1.12 + (zoom - 1) * depth if (right or down) else 1 + (zoom - 1) * depth
        scale = self.stage.scale
        width, height = self.stage.size_px
        matrix = np.array(
            [
                [zoom, 0, width / 2 * (1 - zoom) - right * depth * scale],
                [0, zoom, height / 2 * (1 - zoom) - down * depth * scale],
            ]
        )
        return cv2.warpAffine(
            self.ground, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )

    def sky(self, top: Colour, foot: Colour, power: float = 1.0) -> Picture:
        """Return a frame that runs from one colour to another."""
        return ramp(top, foot, *self.stage.size_px, power)

    def shine(self, picture: Picture, x: float, y: float, reach: float, colour: Colour, strength: float) -> None:
        """Add a soft light at a place, in place."""
        scale = self.stage.scale
        px, py = self.at(x, y)
        glow(
            picture, halo(*self.stage.size_px, px * scale, py * scale, reach * self.tall * scale, 2.2), colour, strength
        )

    def paint(self) -> Picture:
        """Paint the ground, once."""
        raise NotImplementedError

    def draw(self, moment: Moment) -> Picture:
        """Draw one frame: the picture of the frame it stands for."""
        drawn = moment.drawn
        return self.stage.kept.get(f"sketch {self.key}", drawn.frame, lambda: self.sketch(drawn)).copy()

    def sketch(self, moment: Moment) -> Picture:
        """Draw the picture of a moment."""
        raise NotImplementedError

    def back(self, kind: str) -> Picture:
        """Paint what lies behind someone who is near: one of ``GROUNDS``."""
        palette, random, stage = self.stage.palette, self.detail, self.stage
        dark, light = mix(palette.night, palette.paper, 0.3), mix(palette.haze, palette.lamp, 0.5)
        tone = mix(dark, light, self.bright * 0.85)
        picture = self.sky(mix(tone, palette.paper, 0.25), mix(tone, palette.haze, 0.25), 1.2)
        side = 0.5 + 0.4 * self.lit
        if kind == "window":
            sheet = self.sheet()
            left = side * self.wide - 0.16 * self.wide
            sheet.cut(
                rectangle(left, 0.08 * self.tall, 0.32 * self.wide, 0.6 * self.tall),
                mix(palette.snow, palette.lamp, 0.3),
            )
            for share in (0.5,):
                sheet.cut(rectangle(left + 0.32 * self.wide * share - 4, 0, 8, 0.7 * self.tall), tone)
                sheet.cut(rectangle(left, (0.08 + 0.6 * share) * self.tall - 4, 0.32 * self.wide, 8), tone)
            lay(picture, sheet.finished(), share=0.8, blur_px=3 * stage.scale)
        if kind == "stripes":
            sheet = self.sheet()
            for row in range(12):
                sheet.cut(
                    rectangle(0, (row + 0.2) * self.tall / 12, self.wide, self.tall / 26),
                    mix(palette.lamp, palette.snow, 0.3),
                )
            lay(picture, sheet.finished(), share=0.3, blur_px=2 * stage.scale)
        if kind in ("lights", "leaves"):
            sheet = self.sheet()
            many = 26 if kind == "lights" else 60
            low, high = (0.012, 0.035) if kind == "lights" else (0.05, 0.11)
            for _ in range(many):
                x, y = self.at(
                    float(random.uniform(-0.05, 1.05)), float(random.uniform(0, 1 if kind == "leaves" else 0.75))
                )
                radius = float(random.uniform(low, high)) * self.tall
                tint = (palette.lamp, palette.window, palette.dash)[int(random.integers(3))]
                colour = (
                    mix(tint, tone, float(random.uniform(0.2, 0.7)))
                    if kind == "lights"
                    else mix(tone, palette.dash, float(random.uniform(0, 0.4)))
                )
                sheet.cut(disc(x, y, radius, count=18), colour)
            lay(picture, sheet.finished(), share=0.75, blur_px=4 * stage.scale)
        self.shine(picture, side, 0.2, 0.7, palette.lamp, 0.3)
        return picture


def face_plan(key: int) -> tuple[float, str]:
    """Return how large a face a key stages, half its width as a share of the height, and what it does."""
    chance = np.random.default_rng([954, key])
    size = float(chance.choice([0.10, 0.13, 0.17, 0.21, 0.25, 0.30]) * chance.uniform(0.9, 1.1))
    return size, ACTS[int(chance.integers(len(ACTS)))]


class Face(Sketch):
    """One person, from the waist up to nothing but a face."""

    def __init__(self, stage: Stage, key: int) -> None:
        self.size, self.act = face_plan(key)
        chance = np.random.default_rng([943, key])
        self.x, self.y = float(chance.uniform(0.3, 0.7)), float(0.42 + chance.uniform(-0.06, 0.05))
        # a coat reaches five faces' halves down, and out of the frame
        self.y = max(self.y, 1.03 - 5 * self.size)
        self.kind = GROUNDS[int(chance.integers(len(GROUNDS)))]
        self.yaw = float(chance.uniform(-18, 18))
        self.mood = float(chance.uniform(-0.6, 0.9))
        self.floor = int(chance.integers(70, 120))
        super().__init__(stage, key)
        self.person = someone(stage, self.cast())
        self.fair = self.person.woman and bool(stage.random(951, self.cast()).random() < 0.5)
        self.light = self._light()

    def cast(self) -> int:
        """Return which of the film's people it is."""
        return int(np.random.default_rng([944, self.key]).integers(3))

    def _light(self) -> Picture:
        stage = self.stage
        x, y = self.at(0.5 + 0.4 * self.lit, 0.2)
        return stage.full(
            stage.light(x, y, 1.1 * self.tall, (255, 250, 240), (self.floor, self.floor, self.floor + 6), 1.1)
        )

    def paint(self) -> Picture:
        """Paint what lies behind."""
        return self.back(self.kind)

    def pose(self, moment: Moment) -> Pose:
        """Return how the head is held."""
        at, act = moment.share, moment.action or self.act
        clock, seed = moment.clock_s, self.stage.seed + self.key % 1000
        way = drift(clock, seed, 3.4)
        turn = self.way * (34 * between(at, 0.25, 0.7) - 17) if act == "turn" else 0.0
        look = (
            self.way * keyed(at, (0.2, -0.5), (0.4, 0.7), (0.8, 0.7), (0.95, -0.2)) if act == "look" else 0.1 * way[1]
        )
        talk = max(0.0, np.sin(clock * 17 + 2 * way[0])) * (0.5 + 0.5 * np.sin(clock * 2.3)) if act == "talk" else 0.0
        nod = {"bow": -14 * between(at, 0.2, 0.8), "rise": -14 + 15 * between(at, 0.2, 0.8)}.get(act, 0.0)
        smile = 1.2 * between(at, 0.4, 0.8) if act == "smile" else 0.0
        return Pose(
            yaw_deg=(0.6 * self.yaw if act != "turn" else 0.0) + turn + 2 * way[0],
            pitch_deg=-3 + nod + 1.5 * way[1],
            roll_deg=3 * way[2],
            eyes=0.92 * blink(clock, seed),
            gaze_x=look,
            gaze_y=0.2 if act == "bow" else 0.05,
            grief=max(0.0, -self.mood) * (1 - 0.5 * smile),
            brows=0.3 * max(0.0, self.mood),
            mouth=0.6 * talk,
            corners=self.mood * 0.6 + smile,
        )

    def sketch(self, moment: Moment) -> Picture:
        """Draw the picture of a moment."""
        picture = self.show(moment)
        self.lay_person(picture, moment, self.person, self.x, self.y, self.size, self.pose(moment))
        return picture

    def lay_person(
        self, picture: Picture, moment: Moment, person: Person, x: float, y: float, size: float, pose: Pose
    ) -> None:
        """Lay a person on the picture, in place."""
        px, py = self.at(x, y)
        breath = 1.6 * np.sin(moment.clock_s * 2 * np.pi / 3.7)
        kind = Woman if self.fair and person is self.person else Portrait
        portrait = kind(person, pose, px, py + breath, size * self.tall, self.lit)
        view = self.view(moment)
        lay_cutting(picture, cut_portrait(portrait, self.stage.scale, view, Dress()), self.light)
        if moment.action == "tear":
            share = (moment.action_s - 0.3 * moment.length_s) / (0.5 * moment.length_s)
            if share > 0:
                lay_tear(self.stage, picture, view, portrait, min(1.0, share), self.lit)


class Pair(Face):
    """Two people: side by side, or one over the other's shoulder."""

    def sketch(self, moment: Moment) -> Picture:
        """Draw the picture of a moment."""
        picture = self.show(moment)
        chance = np.random.default_rng([945, self.key])
        over, near = chance.random() < 0.4, float(chance.uniform(0.12, 0.17))
        gap, other = float(chance.uniform(0.17, 0.26)), someone(self.stage, 3)
        pose, seed = self.pose(moment), self.stage.seed + self.key % 1000 + 5
        if over:
            self.lay_person(
                picture, moment, self.person, 0.5 - self.way * 0.14, max(self.y, 1.03 - 5.75 * near), near * 1.15, pose
            )
            sheet = Sheet(self.stage.scale / 2, (0, 0, self.wide, self.tall), self.view(moment, 1.4), fine=2)
            x, y = self.at(0.5 + self.way * 0.3, 0.5)
            size = near * 1.7 * self.tall
            dark = mix(other.coat, other.paper, 0.7)
            body = [
                (-0.74, 1.0),
                (-1.6, 1.7),
                (-3.0, 2.4),
                (-3.3, 5.0),
                (3.3, 5.0),
                (3.0, 2.4),
                (1.6, 1.7),
                (0.74, 1.0),
            ]
            head = [
                (-0.98, 0.1),
                (-1.04, -0.5),
                (-0.84, -1.18),
                (0, -1.6),
                (0.84, -1.18),
                (1.04, -0.5),
                (0.98, 0.1),
                (0.6, 1.1),
                (-0.6, 1.1),
            ]
            for outline in (body, head):
                sheet.cut(curve(np.array(outline) * size + np.array([x, y])), dark)
            lay(picture, cv2.resize(sheet.finished(), self.stage.size_px), blur_px=3 * self.stage.scale)
            return picture
        way = drift(moment.clock_s, seed, 3.0)
        for person, side, held in ((self.person, -1, pose), (other, 1, None)):
            turn = held or Pose(
                yaw_deg=-12 * side + 3 * way[0],
                pitch_deg=-2 + way[1],
                roll_deg=2 * way[2],
                eyes=0.9 * blink(moment.clock_s, seed),
                gaze_x=-0.4 * side,
            )
            self.lay_person(
                picture,
                moment,
                person,
                0.5 + side * gap,
                max(self.y, 1.05 - 5 * near) + 0.02 * side * self.way,
                near,
                turn,
            )
        return picture
