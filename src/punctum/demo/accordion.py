"""An accordion, very near.

Conventions: as in ``procession``.
"""

import numpy as np
from numpy.typing import ArrayLike

from punctum.demo.paint import Points, Sheet, band, curve, disc, leaf
from punctum.demo.palettes import mix
from punctum.demo.portraits import Cutting, lit_cutting
from punctum.demo.procession import BEAT_S, Festive
from punctum.demo.road import FRAME
from punctum.demo.stage import Moment


class Bellows(Festive):
    """An accordion, very near: bellows that breathe, fingers on the keys."""

    key = 5
    focus = (360.0, 300.0)
    push_in = 0.03
    spots = 18

    def people(self, moment: Moment) -> Cutting:
        """Cut the instrument and a hand."""
        stage, palette = self.stage, self.stage.palette
        pull = np.sin(moment.clock_s / BEAT_S * np.pi)
        sheet = Sheet(stage.scale, (0, 0, FRAME, 540), self.view(moment), passing=True)
        wood, dark = mix(palette.him_coat, palette.paper, 0.3), mix(palette.paper, palette.night, 0.3)
        silver = mix(palette.snow, palette.glass, 0.35)
        sheet.cut([(-80, 120), (44 - 22 * pull, 96), (60 - 22 * pull, 600), (-80, 600)], wood)
        left, right = 46 - 22 * pull, 262 + 22 * pull
        folds = 13
        for fold in range(folds):
            share, step = fold / folds, 1 / folds
            x0, x1, x2 = (left + (right - left) * one for one in (share, share + step * 0.5, share + step))
            bow = 14 * np.sin(np.pi * share)
            for a, b, tone in ((x0, x1, 0.62), (x1, x2, 0.28)):
                quad = [
                    (a, 110 - bow + (6 if a == x0 else -6)),
                    (b, 110 - bow + (-6 if a == x0 else 6)),
                    (b + 10, 560),
                    (a + 10, 560),
                ]
                sheet.cut(quad, mix(dark, palette.haze, tone * (0.6 + 0.4 * share)))
            sheet.cut(
                band(np.array([(x1, 102 - bow), (x1 + 10, 560)]), 3.4), mix(silver, dark, 0.25 + 0.4 * (1 - share))
            )
        # the keyboard's box, leaning towards us
        box = np.array([(right, 92), (right + 74, 78), (right + 110, 600), (right + 16, 600)])
        sheet.cut(box, mix(wood, palette.haze, 0.3))
        for grille in range(4):
            y = 130 + grille * 62
            sheet.cut(
                curve([(right + 14, y), (right + 60, y - 8), (right + 66, y + 34), (right + 18, y + 40)]),
                mix(wood, palette.paper, 0.6),
            )
        edge = right + 74
        pressed = int(moment.clock_s / BEAT_S * 3) % 5
        for key in range(11):
            y = 62 + key * 46
            deep = 10 if key % 5 == pressed and key > 2 else 0
            white = [
                (edge + key * 3.2, y),
                (edge + 128 - deep + key * 3.2, y - 6),
                (edge + 131 - deep + key * 3.2, y + 38),
                (edge + 3 + key * 3.2, y + 43),
            ]
            sheet.cut(white, mix(palette.core, palette.haze, 0.16 + 0.02 * deep))
            sheet.cut(band(np.array(white[2:4]), 2.6), dark)
            if key % 7 not in (2, 6):
                sheet.cut(
                    [
                        (edge + key * 3.2, y + 32),
                        (edge + 70 + key * 3.2, y + 28),
                        (edge + 71 + key * 3.2, y + 52),
                        (edge + 2 + key * 3.2, y + 56),
                    ],
                    dark,
                )
        self._fingers(sheet, edge, pressed)
        return lit_cutting([(sheet.finished(), 0, 0)], self.lanternlight(moment))

    def _fingers(self, sheet: Sheet, edge: float, pressed: int) -> None:
        """Cut a hand that comes from the right, each finger on its key."""
        palette = self.stage.palette
        skin = palette.him_skin
        dark, base, light = mix(skin[2], palette.paper, 0.4), mix(skin[1], skin[2], 0.35), mix(skin[0], skin[1], 0.4)

        def put(points: ArrayLike, closed: bool = True) -> Points:
            return curve(np.asarray(points, dtype=np.float64) + np.array([edge, 316.0]), closed, 8)

        sleeve = [(300, -92), (340, -112), (480, -110), (480, 160), (350, 150), (296, 96)]
        for index in (3, 2, 1, 0):
            y = (-78, -34, 12, 56)[index]
            low = 5.0 if index == pressed % 4 else -8.0
            line = put(
                [(206, y * 0.62), (158, y * 0.86 - 20), (112, y - 26 + low * 0.4), (78 + 7 * abs(index - 1), y + low)],
                False,
            )
            width = np.interp(np.linspace(0, 1, len(line)), [0, 0.4, 0.7, 0.93, 1], [46, 36, 31, 25, 9])
            sheet.cut(band(line + np.array([3.0, 10.0]), width), mix(palette.paper, palette.dusk, 0.3))
            sheet.cut(band(line, width + 3), dark)
            sheet.cut(band(line, width), mix(base, light, 0.2 + 0.1 * (3 - index)))
            shine = line[5:-3] - np.array([0.0, 7.0])
            sheet.cut(band(shine, leaf(len(shine)) * 9), mix(base, light, 0.95))
            nail = line[-3]
            sheet.cut(disc(nail[0] + 2, nail[1] - 6, 8.5, 6, 16), mix(skin[0], palette.core, 0.5))
        sheet.cut(
            put([(176, -58), (214, -80), (270, -76), (318, -84), (330, 90), (268, 82), (214, 72), (180, 52), (170, 0)]),
            base,
        )
        sheet.cut(put([(186, -52), (222, -70), (306, -72), (310, -30), (240, -22), (196, -20)]), mix(base, light, 0.6))
        for y in (-42, -10, 22, 46):
            tendon = put([(186, y), (230, y * 0.8), (284, y * 0.6)], False)
            sheet.cut(band(tendon, leaf(len(tendon)) * 7), mix(base, light, 0.75))
        sheet.cut(put([(288, -86), (306, -92), (314, 0), (306, 96), (286, 90), (296, 0)]), palette.scarf)
        sheet.cut(put(sleeve), palette.him_coat)
