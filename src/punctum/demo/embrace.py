"""The embrace, and the long close-up after it, with its tear.

Conventions: as in ``closeups``.
"""

import cv2
import numpy as np
from numpy.typing import ArrayLike

from punctum.demo.closeups import Near
from punctum.demo.faces import Portrait
from punctum.demo.figures import Pose, blink, drift
from punctum.demo.paint import Picture, Points, Sheet, View, band, curve, disc, leaf, soft_paper
from punctum.demo.palettes import mix
from punctum.demo.portraits import Cutting, lay_cutting
from punctum.demo.stage import Moment, Stage, between, keyed
from punctum.demo.tear import lay_tear, where_tear

HELD_SIZE = 134.0
"""Half the width of her face in the held close-up, units, before the push-in."""


class Embrace(Near):
    """Her face over his shoulder; his back to us."""

    key = 4
    window = ((420, 20), (760, 10), (1030, 40), (1040, 380), (800, 410), (560, 400), (430, 300))
    focus = (560.0, 250.0)
    push_in = 0.05

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.steady = stage.full(self.light)

    def draw(self, moment: Moment) -> Picture:
        """Draw one frame."""
        picture = self.behind(moment)
        self.lay_portrait(picture, moment)
        drawn, kept = moment.drawn, self.stage.kept
        sob, view = self.sob(drawn), self.view(drawn)
        back = kept.get("back", drawn.frame, lambda: self.his_back(view, 330, 262 + 1.4 * sob, 138, 3.0))
        lay_cutting(picture, back)
        hand = kept.get("hand", drawn.frame, lambda: self.her_hand(view, 470, 470 + 1.4 * sob))
        lay_cutting(picture, hand, self.steady)
        return self.finish(picture)

    def sob(self, moment: Moment) -> float:
        """Return how far a sob lifts her, −1..1."""
        swell = 0.4 + 0.6 * np.sin(moment.clock_s * 2 * np.pi / 4.7) ** 2
        return float(np.sin(moment.clock_s * 2 * np.pi / 1.1) * swell)

    def portrait(self, moment: Moment) -> Portrait:
        """Return her, eyes shut at first, over his shoulder."""
        stage = self.stage
        way = drift(moment.clock_s, stage.seed + 6, 3.0)
        lids = keyed(moment.action_s, (-1.0, 0.05), (2.6, 0.05), (3.8, 0.75))
        pose = Pose(
            yaw_deg=-6 + way[0], pitch_deg=-5 + way[1], roll_deg=-15 + 1.2 * way[2],
            eyes=lids * blink(moment.clock_s, stage.seed + 6),
            gaze_x=-0.1, gaze_y=0.5, grief=0.95, brows=0.1, corners=-0.5, mouth=0.3,
        )  # fmt: skip
        return Portrait(self.people["her"], pose, 560, 226 + 2.2 * self.sob(moment), 112, 1.0)

    def his_back(self, view: View, x: float, y: float, size: float, blur: float) -> Cutting:
        """Cut him from behind, her chin on his shoulder, out of focus by ``blur`` units."""
        stage, palette = self.stage, self.stage.palette
        coarse = 4 if blur > 4 else 2
        sheet = Sheet(stage.scale / coarse, view=view)
        coat = mix(palette.him_coat, palette.paper, 0.55)
        hair = mix(palette.him_hair[0], palette.paper, 0.4)
        skin = mix(palette.him_skin[2], palette.paper, 0.45)
        lit_skin = mix(palette.him_skin[1], palette.paper, 0.3)
        base = np.array([x, y])

        def put(points: ArrayLike, closed: bool = True) -> Points:
            return curve(np.asarray(points, dtype=np.float64) * size + base, closed)

        sheet.cut(put([(-0.62, 0.4), (0.6, 0.4), (0.58, 1.0), (0.72, 1.6), (-0.76, 1.6), (-0.6, 1.0)]), skin)
        # the lamp finds the side of his neck and his ear
        sheet.cut(put([(0.34, 0.5), (0.62, 0.4), (0.6, 0.95), (0.7, 1.4), (0.42, 1.3), (0.36, 0.9)]), lit_skin)
        sheet.cut(put([(0.84, 0.04), (1.02, -0.06), (1.12, 0.08), (1.1, 0.32), (0.98, 0.5), (0.86, 0.42)]), lit_skin)
        sheet.cut(put([(0.94, 0.12), (1.02, 0.08), (1.03, 0.2), (0.97, 0.3)]), mix(lit_skin, skin, 0.6))
        # his hair is cut close: it runs down behind the ear to a soft edge at the nape
        skull = [(-0.94, 0.1), (-1.02, -0.5), (-0.84, -1.14), (-0.3, -1.54), (0.3, -1.54), (0.84, -1.14),
                 (1.02, -0.5), (0.92, -0.06), (0.84, 0.22), (0.66, 0.46), (0.46, 0.66), (0.2, 0.74), (-0.1, 0.7),
                 (-0.4, 0.74), (-0.66, 0.56), (-0.86, 0.32)]  # fmt: skip
        sheet.cut(put(skull), hair)
        # seen sharply enough it has strands; nearer, only a sheen
        for share in (0.2, 0.44, 0.63, 0.79) if blur < 4 else ():
            strand = put([(share * 0.5, -1.36), (share * 0.98, -0.8), (share * 1.02, -0.2), (share * 0.84, 0.3)], False)
            width = leaf(len(strand)) * size * (0.018 + 0.012 * share)
            sheet.cut(band(strand, width), mix(hair, palette.him_hair[1], 0.12 + 0.3 * share))
        back = [(-0.7, 1.16), (0, 1.36), (0.7, 1.14), (1.1, 1.38), (1.9, 1.62), (2.6, 2.0), (3.0, 2.8), (3.2, 4.0),
                (-3.4, 4.0), (-3.0, 2.4), (-2.0, 1.75), (-1.2, 1.5)]  # fmt: skip
        sheet.cut(put(back), coat)
        collar = [(-0.72, 1.12), (0, 1.3), (0.72, 1.1), (0.92, 1.34), (0.6, 1.62), (0, 1.74), (-0.6, 1.62),
                  (-0.92, 1.36)]  # fmt: skip
        sheet.cut(put(collar), mix(coat, palette.paper, 0.35))
        rim = put([(0.7, 1.14), (1.1, 1.38), (1.9, 1.62), (2.6, 2.0), (3.0, 2.8)], False)
        sheet.cut(band(rim, np.sin(np.linspace(0.2, np.pi, len(rim))) * size * 0.05), mix(coat, palette.lamp, 0.5))
        rim = put([(0.3, -1.54), (0.84, -1.14), (1.02, -0.5), (0.92, -0.06)], False)
        sheet.cut(band(rim, leaf(len(rim)) * size * 0.045), mix(hair, palette.lamp, 0.55))
        seam = put([(0.0, 1.74), (0.06, 2.6), (0.0, 4.0)], False)
        sheet.cut(band(seam, size * 0.02), mix(coat, palette.paper, 0.6))
        return [soft_paper(sheet, coarse, blur * stage.scale, stage.size_px)]

    def her_hand(self, view: View, x: float, y: float) -> Cutting:
        """Cut her hand on his back, and the sleeve it comes from."""
        stage, palette = self.stage, self.stage.palette
        person = self.people["her"]
        skin, coat = person.skin, mix(person.coat, palette.paper, 0.2)
        sheet = Sheet(stage.scale, (x - 120, y - 110, 420, 220), view, passing=True)
        base = np.array([x, y])

        def put(points: ArrayLike, closed: bool = True) -> Points:
            return curve(np.asarray(points, dtype=np.float64) + base, closed)

        sheet.cut(put([(96, -42), (150, -64), (260, -30), (300, 120), (120, 140), (92, 60)]), coat)
        sheet.cut(put([(-6, -4), (16, -34), (60, -44), (104, -36), (112, 10), (100, 52), (56, 50), (16, 34)]),
                  mix(skin[0], skin[2], 0.34))  # fmt: skip
        # the lamp lies along its upper side
        sheet.cut(put([(14, -32), (60, -43), (106, -36), (104, -18), (60, -24), (20, -14)]), mix(skin[0], skin[1], 0.4))
        for index, (left, top, long) in enumerate(((0, 18, 62), (-8, -6, 76), (2, -28, 72), (22, -46, 56))):
            root = base + np.array([36 + index * 4.0, 18 - index * 16.0])
            tip = base + np.array([left - long * 0.62, top - 4.0])
            middle = (root + tip) / 2 + np.array([-3, -8])
            line = curve([root, middle, tip], closed=False)
            width = np.interp(np.linspace(0, 1, len(line)), [0, 0.5, 0.85, 0.96, 1], [18, 17, 14.5, 10, 4])
            sheet.cut(band(line + np.array([1.5, 3.5]), width), mix(skin[1], skin[2], 0.8))
            sheet.cut(band(line, width), mix(skin[0], skin[2], 0.14 + 0.07 * (3 - index)))
            shine = line[2:-2] - np.array([0.0, 4.5])
            sheet.cut(band(shine, leaf(len(shine)) * 4), mix(skin[0], (255, 240, 226), 0.25))
            nail = tip + (line[-2] - tip) * 1.6
            sheet.cut(disc(nail[0], nail[1] - 1, 5.0, 3.4), mix(skin[0], (255, 226, 218), 0.35))
        # the cuff, with light on its edge
        sheet.cut(
            put([(90, -44), (112, -54), (124, -10), (118, 62), (94, 66), (98, 10)]), mix(coat, palette.paper, 0.45)
        )
        edge = put([(92, -46), (112, -55), (150, -65), (210, -52), (262, -30)], False)
        sheet.cut(band(edge, leaf(len(edge)) * 4), mix(coat, palette.lamp, 0.5))
        paper = cv2.GaussianBlur(sheet.finished(), (0, 0), 0.8 * stage.scale)
        return [(paper, sheet.left_px, sheet.top_px)]


class Held(Embrace):
    """The long close-up: her face, and one tear, or none."""

    key = 5
    window = ((-60, 30), (200, 16), (360, 30), (380, 240), (340, 420), (120, 430), (-60, 420))
    focus = (500.0, 260.0)
    push_in = 0.12

    def draw(self, moment: Moment) -> Picture:
        """Draw one frame."""
        picture = self.behind(moment)
        self.lay_portrait(picture, moment)
        drawn = moment.drawn
        view = self.view(drawn)
        if moment.tear is not None:
            lay_tear(self.stage, picture, view, self.portrait(drawn), moment.tear)
        back = self.stage.kept.get("near back", drawn.frame, lambda: self.his_back(view.nearer(1.3), 52, 352, 196, 8.0))
        lay_cutting(picture, back)
        return self.finish(picture)

    def portrait(self, moment: Moment) -> Portrait:
        """Return her, all but still."""
        return Portrait(self.people["her"], self.pose(moment), *self.place(moment), HELD_SIZE, 1.0)

    def place(self, moment: Moment) -> tuple[float, float]:
        """Return where the head is."""
        calm = 0.5 if self.stage.staging.still else 1.0
        breath = 1.7 * np.sin(moment.clock_s * 2 * np.pi / 3.9)
        sway = 0.0 if self.stage.staging.still else 16 * np.sin(moment.clock_s * 2 * np.pi / 5.3)
        return 520 + sway, 246 + calm * breath

    def pose(self, moment: Moment) -> Pose:
        """Return how she holds her head: all but still, or moving."""
        stage = self.stage
        still = stage.staging.still
        way = drift(moment.clock_s, stage.seed + 7, 5.2) * (0.45 if still else 2.4)
        lids = 0.9 * (
            blink(moment.clock_s, stage.seed + 7, 5.5) if still else blink(moment.clock_s, stage.seed + 7, 2.2)
        )
        u = moment.share
        return Pose(
            yaw_deg=-4 + 6 * between(u, 0.5, 0.75) + 1.6 * way[0] * (1 if still else 3),
            pitch_deg=-3 + 1.2 * way[1] + 3 * between(u, 0.55, 0.8),
                roll_deg=-6 + 1.3 * way[2] + 2 * between(u, 0.5, 0.8),
            eyes=lids, gaze_x=keyed(u, (0.1, -0.35), (0.2, -0.3), (0.55, -0.3), (0.62, 0.0)),
            gaze_y=keyed(u, (0.1, 0.35), (0.55, 0.3), (0.64, 0.0)), grief=keyed(u, (0.0, 0.7), (0.4, 0.95),
                (0.85, 0.75)),
            brows=0.15, mouth=0.12 + 0.1 * between(u, 0.3, 0.5), corners=keyed(u, (0.0, -0.4), (0.5, -0.5),
                (0.9, -0.2)),
        )  # fmt: skip

    def where_tear(self, moment: Moment) -> tuple[float, float]:
        """Return where the drop is in the picture, as shares of its width and height."""
        drawn = moment.drawn
        return where_tear(self.stage, self.view(drawn), self.portrait(drawn), moment.tear or 0.0)
