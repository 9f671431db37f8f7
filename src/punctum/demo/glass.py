"""Through the windscreen: the two of them behind glass, wipers, snow that gathers and is wiped away.

Conventions: units as in ``paint``; the wipers turn about ``PIVOTS`` and reach ``REACH``.
"""

import cv2
import numpy as np

from punctum.demo.faces import Portrait
from punctum.demo.figures import Pose, blink, drift, people
from punctum.demo.paint import (
    HEIGHT,
    SUBPIXEL_BITS,
    WIDTH,
    Picture,
    Plate,
    Points,
    Sheet,
    View,
    arc,
    band,
    curve,
    disc,
    glow,
    halo,
    lay,
    leaf,
    veil,
)
from punctum.demo.palettes import mix
from punctum.demo.portraits import Cutting, Dress, cut_portrait, lay_cutting
from punctum.demo.scenery import MARGIN, push, rectangle, town_lights, unit
from punctum.demo.stage import LIGHT_COARSE, Moment, Stage, between
from punctum.demo.weather import REST_DEG, SWEEP_DEG, Snow, splat

PIVOTS = ((262.0, 476.0), (598.0, 480.0))
REACH = 352.0
TEXTURES = 4


class WipedGlass:
    """Snow on a pane that two wipers clear."""

    def __init__(
        self, stage: Stage, pivots: tuple[tuple[float, float], ...], reach: float, grown: float = 1.0, key: int = 0
    ) -> None:
        self.stage = stage
        self.pivots = pivots
        self.reach = reach
        self.grown = grown
        width, height = stage.size_px
        rows, columns = np.mgrid[0:height, 0:width].astype(np.float32) / stage.scale
        self.ways = []
        self.ever = np.zeros((height, width), np.uint8)
        for x, y in pivots:
            angle = (np.degrees(np.arctan2(rows - y, columns - x)) - REST_DEG) % 360
            radius = np.hypot(columns - x, rows - y)
            wiped = (radius > reach * 0.16) & (radius < reach) & (angle <= SWEEP_DEG)
            self.ways.append(np.where(wiped, np.rint(angle / SWEEP_DEG * 254), 255).astype(np.uint8))
            self.ever |= np.where(wiped, 255, 0).astype(np.uint8)
        self.textures = [self._flakes(stage.random(51, key, index), width, height) for index in range(TEXTURES)]
        rows_px, columns_px = np.flatnonzero(self.ever.any(axis=1)), np.flatnonzero(self.ever.any(axis=0))
        self.reached = slice(rows_px[0], rows_px[-1] + 1), slice(columns_px[0], columns_px[-1] + 1)
        """The part of the frame that holds all the wipers reach; only there does the cover change."""
        edge = cv2.GaussianBlur(255 - self.ever, (0, 0), 3.0 * stage.scale)
        crust = cv2.addWeighted(self._flakes(stage.random(52, key), width, height, 3.0), 0.75, edge, 0.42, 0)
        self.crust = cv2.multiply(crust, edge, scale=1 / 255)

    def _flakes(self, random: np.random.Generator, width: int, height: int, dense: float = 1.0) -> Picture:
        count = int(1500 * dense / self.grown**1.2)
        scale = self.stage.scale
        radius = np.minimum(random.lognormal(0.45, 0.5, count), 4.5) * scale * self.grown
        mask = splat(
            random.uniform(0, width, count), random.uniform(0, height, count), radius, random.uniform(0.3, 0.95, count),
            width, height,
        )  # fmt: skip
        mist = cv2.GaussianBlur(mask, (0, 0), 9 * scale * self.grown)
        return cv2.addWeighted(mask, 0.85, mist, 0.7, 0)

    def cover(self, clock_s: float) -> Picture:
        """Return how thickly snow lies on the pane: a grey mask (h, w)."""
        wipers = self.stage.wipers
        share = np.append(np.arange(255) / 254, 0.0)
        since = wipers.since_wiped_s(clock_s, share) / wipers.period_s
        depth = np.clip(14 + 210 * since, 0, 255)
        half = int(np.floor(clock_s / wipers.period_s * 2))
        phase = (clock_s / wipers.period_s) % 1.0
        way = np.arccos(np.clip(1 - 2 * share, -1, 1)) / (2 * np.pi)
        fresh = (way <= phase) if phase < 0.5 else ((1 - way) <= phase)
        depth[255] = 255
        total: Picture | None = None
        for flag, texture in ((True, self.textures[half % TEXTURES]), (False, self.textures[(half - 1) % TEXTURES])):
            table = np.where(fresh == flag, depth, 0)
            table[255] = 255
            layers = [cv2.LUT(one[self.reached], table.astype(np.uint8)) for one in self.ways]
            gone = cv2.min(*layers) if len(layers) > 1 else layers[0]
            gone = cv2.bitwise_and(gone, self.ever[self.reached])
            part = cv2.multiply(texture[self.reached], gone, scale=1 / 255)
            total = part if total is None else cv2.add(total, part)
        assert total is not None
        cover = self.crust.copy()
        cover[self.reached] = cv2.add(total, self.crust[self.reached])
        return cover

    def lay_blades(self, picture: Picture, clock_s: float, view: View, thick: float = 1.0, share: float = 1.0) -> None:
        """Draw the wipers, smeared by their motion as a shutter half a frame long leaves them."""
        stage = self.stage
        width, height = stage.small(2)
        mask = np.zeros((height, width), np.uint8)
        parts = 5
        place = Sheet(stage.scale / 2, (0, 0, 1, 1), view, fine=1).place
        shapes = self._blade(thick)
        every = np.concatenate(shapes)
        ends = np.cumsum([len(shape) for shape in shapes])[:-1]
        for part in range(parts):
            at = clock_s + (part / parts - 0.5) * 0.5 / stage.staging.fps
            along = unit(REST_DEG + SWEEP_DEG * stage.wipers.turn(at))
            turned = every @ np.array([along, (-along[1], along[0])])
            one, ink = np.zeros_like(mask), round(255 * share / parts)
            for pivot in self.pivots:
                for shape in np.split(place(turned + pivot), ends):
                    cv2.fillPoly(one, [shape], ink, cv2.LINE_AA, SUBPIXEL_BITS)
            mask = np.asarray(cv2.add(mask, one))
        veil(picture, stage.full(mask), stage.palette.paper)

    def _blade(self, thick: float) -> list[Points]:
        """Return the outlines of a wiper that points right from its pivot: arm, hub, blade with its back."""
        hinge = np.array([self.reach * 0.58, -7 * thick])
        low, high = np.array([self.reach * 0.16, 0]), np.array([self.reach, 0])
        back = np.array([low, (low + hinge) / 2 - (0, 2), hinge, (hinge + high) / 2 - (0, 2), high])
        arm = band(np.array([(0.0, 0.0), hinge]), np.array([8.0, 4.0]) * thick)
        return [
            arm,
            disc(0, 0, 9 * thick),
            band(np.array([low, high]), 4.2 * thick),
            band(curve(back, closed=False), 2.4 * thick),
        ]


class Windscreen:
    """The two-shot through the windscreen."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        palette = stage.palette
        lights = (palette.lamp, palette.window, palette.dash, palette.scarf)
        self.town = town_lights(stage, 1, 46, 190, 46, lights, 0.5)
        self.cabin = self._paint_cabin()
        self.frame = self._paint_frame()
        self.glass = WipedGlass(stage, PIVOTS, REACH)
        self.snows = (
            Snow([stage.seed, 61], 120, 2.0, 96, 24, 0.6),
            Snow([stage.seed, 62], 26, 8.0, 190, 44, 0.4, coarse=4),
        )
        self.behind = Snow([stage.seed, 63], 130, 2.4, 40, 10, 0.5)
        self.people = people(palette)
        self.light = stage.full(stage.light(760, 120, 560, (255, 236, 214), (74, 78, 120), 0.92))
        width, height = stage.size_px
        self.sheen = self._paint_sheen(width, height)
        self.vignette = stage.vignette(0.55)
        width, height = stage.small(LIGHT_COARSE)
        soft = stage.scale / LIGHT_COARSE
        self.beam = halo(2 * width, height, width, 250 * soft, 520 * soft, 2.0, 0.9)

    def draw(self, moment: Moment) -> Picture:
        """Draw one frame."""
        stage, palette = self.stage, self.stage.palette
        view = self.view(moment)
        size = stage.size_px
        half, scale = stage.small(2), stage.scale / 2
        drawn, kept = moment.drawn, stage.kept
        held = self.view(drawn)
        picture = kept.get("two town", drawn.frame, lambda: self.town.show(held.nearer(0.6), scale, half)).copy()
        glow(picture, self.behind.mask(moment.clock_s, scale, half), palette.haze, 0.7)
        lay(
            picture, kept.get("two seats", drawn.frame, lambda: self.cabin.show(held, scale, half, cv2.BORDER_CONSTANT))
        )
        picture = stage.full(picture)
        light = self.light
        beam = stage.full(self._beam(moment)) if moment.flash > 0 else None
        if beam is not None:
            light = cv2.add(light, cv2.convertScaleAbs(beam, alpha=0.30 * moment.flash))
        lay_cutting(picture, kept.get("two", drawn.frame, lambda: self._people(drawn, held)), light)
        self._wheel(picture, view)
        if beam is not None:
            cv2.add(picture, cv2.convertScaleAbs(beam, alpha=0.40 * moment.flash), dst=picture)
        cv2.add(picture, self.sheen, dst=picture)
        cover = self.glass.cover(moment.clock_s)
        veil(picture, cover, mix(mix(palette.snow, palette.glass, 0.45), palette.lamp, 0.12 + 0.5 * moment.flash))
        self.glass.lay_blades(picture, moment.clock_s, View())
        lay(picture, kept.get("frame", drawn.frame, lambda: self._show_frame(held)))
        for snow in self.snows:
            glow(picture, snow.mask(moment.clock_s, stage.scale, size), mix(palette.snow, palette.lamp, 0.25), 0.8)
        return cv2.multiply(picture, self.vignette, scale=1 / 255)

    def _show_frame(self, view: View) -> Picture:
        """Return what stands before the glass as the camera sees it; it hardly moves, so that two frames share it."""
        stage = self.stage
        return stage.full(self.frame.show(view.nearer(1.3), stage.scale / 2, stage.small(2), cv2.BORDER_CONSTANT))

    def view(self, moment: Moment) -> View:
        """Return the camera's slow move."""
        if moment.action == "headlights":
            return View(1.05 + 0.03 * moment.share, 480, 258)
        return push(moment, 0.05, 480, 240)

    def _beam(self, moment: Moment) -> Picture:
        """Return the passing headlights as light, ``LIGHT_COARSE`` times too small."""
        width = self.beam.shape[1] // 2
        run = (moment.action_s - self.stage.staging.flash_at_s) / 1.3 + 0.35
        left = int(np.clip(width * (1 - run), 0, width))
        mask = self.beam[:, left : left + width]
        floor = np.minimum(mask.astype(np.int64) + 60, 255).astype(np.uint8)
        return cv2.merge([cv2.convertScaleAbs(floor, alpha=one / 255) for one in self.stage.palette.core])

    def _people(self, moment: Moment, view: View) -> Cutting:
        """Cut the two of them."""
        stage = self.stage
        clock = moment.clock_s
        her_way, his_way = drift(clock, stage.seed + 1, 4.0), drift(clock, stage.seed + 2, 5.0)
        glance = between(moment.action_s, 3.0, 4.2) if moment.action != "headlights" else 1.0
        startle = moment.flash
        her = Pose(
            yaw_deg=3 + 15 * glance + 2 * her_way[0], pitch_deg=-4 + 2 * her_way[1] + 3 * startle,
                roll_deg=1.5 * her_way[2],
            eyes=(0.92 + 0.25 * startle) * blink(clock, stage.seed + 1),
                gaze_x=0.15 + 0.6 * glance, gaze_y=0.15, grief=0.35,
        )  # fmt: skip
        him = Pose(
            yaw_deg=-4 - 5 * glance * (moment.action == "headlights") + 2 * his_way[0], pitch_deg=-3 + 2 * his_way[1],
            roll_deg=1.2 * his_way[2], eyes=0.9 * blink(clock, stage.seed + 2),
                gaze_x=-0.1 - 0.3 * startle, gaze_y=0.1, grief=0.1,
        )  # fmt: skip
        breath = 1.6 * np.sin(clock * 2 * np.pi / 3.6)
        cutting: Cutting = []
        for who, pose, x, y, tall in (("her", her, 338, 274, 60.0), ("him", him, 636, 262, 65.0)):
            portrait = Portrait(self.people[who], pose, x, y + breath * (0.7 if who == "him" else 1), tall, 1.0)
            cutting += cut_portrait(portrait, stage.scale, view, Dress())
        return cutting

    def _wheel(self, picture: Picture, view: View) -> None:
        palette = self.stage.palette
        sheet = Sheet(self.stage.scale, (500, 340, 290, 200), view)
        rim = arc(640, 470, 104, 98, 184, 356, 40)
        sheet.cut(band(rim, 13), palette.paper)
        sheet.cut(
            band(arc(640, 470, 107, 101, 268, 340, 20), leaf(20) * 2.6),
            mix(palette.paper, palette.lamp, 0.6),
        )
        sheet.cut(
            curve([(600, 470), (616, 440), (640, 434), (664, 440), (680, 470), (660, 500), (620, 500)]), palette.paper
        )
        sheet.lay_on(picture)

    def _paint_cabin(self) -> Plate:
        """Paint the inside of the car: roof, pillars, seats; windows are left open."""
        stage, palette = self.stage, self.stage.palette
        scale = stage.scale / 2
        sheet = Sheet(scale, (0, 0, WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN), margin=MARGIN)
        wall = mix(palette.paper, palette.night, 0.5)
        sheet.cut(rectangle(-90, -90, 1140, 720), wall)
        paper = sheet.finished()
        hole = Sheet(scale, (0, 0, WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN), margin=MARGIN)
        white = (255, 255, 255)
        hole.cut(
            curve(
                [
                    (318, 148),
                    (350, 112),
                    (480, 102),
                    (610, 112),
                    (642, 148),
                    (630, 226),
                    (590, 242),
                    (370, 242),
                    (330, 226),
                ]
            ),
            white,
        )
        hole.cut([(70, 160), (216, 132), (252, 250), (236, 330), (60, 350)], white)
        hole.cut([(890, 160), (744, 132), (708, 250), (724, 330), (900, 350)], white)
        opening = cv2.GaussianBlur(np.ascontiguousarray(hole.finished()[:, :, 3]), (0, 0), 2.2 * scale)
        paper = cv2.multiply(paper, cv2.merge([255 - opening] * 4), scale=1 / 255)
        seats = Sheet(scale, (0, 0, WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN), margin=MARGIN)
        for x, y, wide in ((330, 300, 1.0), (640, 292, 1.06)):
            rest = np.array(
                [(-34, -74), (0, -82), (34, -74), (40, -30), (34, -8), (-34, -8), (-40, -30)]
            ) * wide + np.array([x, y])
            seats.cut(curve(rest), mix(palette.paper, palette.dusk, 0.2))
            back = np.array(
                [(-70, 6), (0, -12), (70, 6), (104, 60), (112, 260), (-112, 260), (-104, 60)]
            ) * wide + np.array([x, y])
            seats.cut(curve(back), mix(palette.paper, palette.dusk, 0.12))
        part = cv2.GaussianBlur(seats.finished(), (0, 0), 1.6 * scale)
        paper = cv2.add(cv2.multiply(paper, cv2.merge([255 - part[:, :, 3]] * 4), scale=1 / 255), part)
        return Plate(paper, scale, MARGIN)

    def _paint_frame(self) -> Plate:
        """Paint what stands before the glass: roof's edge, pillars, mirror, cowl and bonnet under snow."""
        stage, palette = self.stage, self.stage.palette
        scale = stage.scale / 2
        sheet = Sheet(scale, (0, 0, WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN), margin=MARGIN)
        dark = palette.paper
        outer = np.array([(-300, -300), (1260, -300), (1260, 900), (-300, 900)], float)
        pane = curve([(120, 52), (300, 30), (480, 25), (660, 30), (840, 52), (878, 110), (934, 420), (936, 462),
            (720, 474), (480, 478),
                      (240, 474), (24, 462), (26, 420), (82, 110)], steps=8)  # fmt: skip
        placed = [sheet.place(outer), sheet.place(pane)]
        cv2.fillPoly(sheet.pixels, placed, (*dark, 255), cv2.LINE_AA, 4)
        # mirror, hanging from the roof
        sheet.cut(rectangle(476, 24, 8, 26), dark)
        sheet.cut(curve([(420, 50), (480, 44), (540, 50), (546, 66), (536, 80), (480, 84), (424, 80), (414, 66)]), dark)
        sheet.cut(
            curve([(424, 53), (480, 48), (536, 53), (540, 66), (532, 76), (480, 79), (428, 76), (420, 66)]),
            mix(palette.glass, dark, 0.45),
        )
        # rubber's edge catches the lamp
        rim = curve([(660, 30), (840, 52), (878, 110), (934, 420)], closed=False)
        sheet.cut(band(rim, np.sin(np.linspace(0.2, np.pi, len(rim))) * 2.4), mix(dark, palette.lamp, 0.7))
        snow = mix(palette.snow, palette.dusk, 0.38)
        top = [
            (-80, 492),
            (60, 484),
            (180, 496),
            (330, 486),
            (480, 497),
            (600, 488),
            (760, 494),
            (900, 483),
            (1040, 492),
        ]
        sheet.cut(np.concatenate([curve(top, closed=False), [(1060, 760), (-100, 760)]]), snow)
        lit = [(420, 500), (600, 491), (760, 497), (900, 486), (1040, 495), (1040, 520), (700, 512), (500, 512)]
        sheet.cut(curve(lit), mix(snow, palette.lamp, 0.3))
        for x, y in PIVOTS:
            sheet.cut(disc(x, y + 6, 15, 8), dark)
        roof = [(90, 44), (300, 20), (480, 14), (660, 20), (870, 44), (700, 2), (480, -8), (260, 2)]
        sheet.cut(curve(roof), mix(palette.snow, palette.dusk, 0.5))
        paper = sheet.finished()
        return Plate(cv2.GaussianBlur(paper, (0, 0), 0.8 * scale), scale, MARGIN)

    def _paint_sheen(self, width: int, height: int) -> Picture:
        """Paint the sky's reflection: slanted bands and the lamp's smear."""
        rows, columns = np.mgrid[0:height, 0:width].astype(np.float32) / self.stage.scale
        slant = (columns + rows * 0.6) / 210.0
        stripes = np.clip(np.sin(slant * 2.1) * 0.5 + np.sin(slant * 3.7 + 1.2) * 0.35, 0, 1) ** 2
        fade = np.clip(1 - rows / 330, 0, 1) ** 1.4
        mask = np.asarray(np.rint(stripes * fade * 110), np.uint8)
        sheen = self.stage.blank()
        glow(sheen, mask, self.stage.palette.glass, 0.55)
        return sheen


class Blade:
    """The wiper's blade, very close, the lamp behind it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        palette = stage.palette
        self.town = town_lights(stage, 2, 26, 300, 130, (palette.lamp, palette.window, palette.dash), 1.0)
        self.glass = WipedGlass(stage, ((330.0, 640.0),), 660.0, 2.1, key=3)
        width, height = stage.size_px
        self.lamp = halo(width, height, 640 * stage.scale, 160 * stage.scale, 190 * stage.scale, 2.2)
        self.snow = Snow([stage.seed, 64], 60, 4.5, 150, 30, 0.5, coarse=2)
        self.vignette = stage.vignette(0.6)

    def draw(self, moment: Moment) -> Picture:
        """Draw one frame."""
        stage, palette = self.stage, self.stage.palette
        view = push(moment, 0.04)
        picture = self.town.show(view.nearer(0.6), stage.scale, stage.size_px)
        glow(picture, self.lamp, palette.lamp, 0.75)
        glow(picture, self.snow.mask(moment.clock_s, stage.scale, stage.size_px), palette.haze)
        veil(picture, self.glass.cover(moment.clock_s), mix(mix(palette.snow, palette.glass, 0.4), palette.lamp, 0.25))
        self.glass.lay_blades(picture, moment.clock_s, View(), 4.2)
        return cv2.multiply(picture, self.vignette, scale=1 / 255)
