"""The parked car, head on.

Conventions: units as in ``paint``; the middle of its waistline is at ``CAR``.
"""

import cv2
import numpy as np

from punctum.demo.paint import (
    HEIGHT,
    WIDTH,
    Picture,
    Plate,
    Points,
    Sheet,
    arc,
    band,
    curve,
    disc,
)
from punctum.demo.palettes import mix
from punctum.demo.scenery import MARGIN, rectangle
from punctum.demo.stage import Stage

CAR = (486.0, 398.0)


def paint_car(stage: Stage) -> Plate:
    """Paint the car, head on, with the two of them behind its lit windscreen; the rest is left open."""
    palette = stage.palette
    fine = 1.25
    scale = stage.scale * fine
    width, height = round((WIDTH + 2 * MARGIN) * scale), round((HEIGHT + 2 * MARGIN) * scale)
    paper: Picture = np.zeros((height, width, 4), np.uint8)
    x, y = CAR

    def piece() -> Sheet:
        return Sheet(scale, (0, 0, WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN), margin=MARGIN)

    def stamp(sheet: Sheet, share: float = 1.0, blur: float = 0.0) -> None:
        nonlocal paper
        part = sheet.finished()
        if blur:
            part = cv2.GaussianBlur(part, (0, 0), blur * scale)
        if share < 1:
            part = cv2.convertScaleAbs(part, alpha=share)
        through = cv2.merge([255 - part[:, :, 3]] * 4)
        paper = cv2.add(cv2.multiply(paper, through, scale=1 / 255), part)

    def both(points: list[tuple[float, float]]) -> list[Points]:
        right = np.array(points) + np.array([x, y])
        left = np.array(points) * np.array([-1, 1]) + np.array([x, y])
        return [left, right]

    body = mix(palette.paper, palette.dusk, 0.22)
    sheet = piece()
    sheet.cut(disc(x, y + 66, 150, 15), palette.paper)
    stamp(sheet, 0.8, 5)
    sheet = piece()
    for side in (-1, 1):
        sheet.cut(rectangle(x + side * 104 - 15, y + 30, 30, 40), palette.paper)
    shell = [
        (0, -104),
        (44, -103),
        (62, -97),
        (74, -78),
        (88, -36),
        (112, -26),
        (128, -8),
        (132, 22),
        (128, 46),
        (118, 52),
    ]
    half = np.array(shell)
    whole = np.concatenate([half, (half * np.array([-1, 1]))[::-1]]) + np.array([x, y])
    sheet.cut(whole, body)
    stamp(sheet)
    # the windscreen, lit from within
    sheet = piece()
    glass = np.array([(0, -93), (42, -92), (56, -86), (64, -70), (74, -36), (72, -33), (0, -30)])
    pane = np.concatenate([glass, (glass * np.array([-1, 1]))[::-1]]) + np.array([x, y])
    sheet.cut(pane, mix(mix(palette.glass, palette.lamp, 0.4), palette.paper, 0.42))
    stamp(sheet)
    sheet = piece()
    sheet.cut(disc(x + 8, y - 56, 46, 22), mix(palette.lamp, palette.paper, 0.2))
    stamp(sheet, 0.55, 10)
    sheet = piece()
    dark = palette.paper
    # she on the left with her bob and scarf, half turned to him; he behind the wheel
    her, him = np.array([x - 30, y - 60]), np.array([x + 31, y - 61])
    for at, wide in ((her, 24.0), (him, 28.0)):
        sheet.cut(curve(np.array([(-5, 8), (5, 8), (9, 18), (wide, 25), (wide + 3, 38), (-wide - 3, 38), (-wide, 25),
                                  (-9, 18)]) + at), dark)  # fmt: skip
    sheet.cut(curve(np.array([(-11, 4), (-11, -7), (-5, -13), (3, -13), (9, -9), (10.5, -1), (11, 7), (8, 11), (4, 11),
                              (4, 8), (-6, 12), (-10, 11)]) + her), dark)  # fmt: skip
    sheet.cut(
        curve(np.array([(3, -9), (9, -7), (10, -1), (12.2, 2), (10, 4.5), (9.5, 8), (5, 10.5), (1, 8)]) + her), dark
    )
    sheet.cut(curve(np.array([(-10, 11), (-2, 14), (9, 11), (11, 17), (0, 20), (-11, 17)]) + her),
              mix(palette.scarf, dark, 0.55))  # fmt: skip
    sheet.cut(curve(np.array([(-8.5, -7), (-5, -13), (2, -14.5), (8, -12), (9.5, -5), (9, 3), (5, 10.5), (0, 12.5),
                              (-5, 10.5), (-8.5, 3)]) + him), dark)  # fmt: skip
    for side in (-1, 1):
        sheet.cut(disc(him[0] + side * 9.4, him[1], 2.0, 3.6), dark)
    sheet.cut(band(arc(x + 31, y - 24, 22, 14, 190, 350), 2.6), dark)
    sheet.cut(rectangle(x - 8, y - 90, 16, 5), dark)
    # keep the figures inside the pane
    figures = sheet.finished()
    mask = piece()
    mask.cut(pane, (255, 255, 255))
    inside = mask.finished()[:, :, 3]
    figures = cv2.multiply(figures, cv2.merge([inside] * 4), scale=1 / 255)
    through = cv2.merge([255 - figures[:, :, 3]] * 4)
    paper = cv2.add(cv2.multiply(paper, through, scale=1 / 255), figures)
    sheet = piece()
    # bonnet, grille, lamps
    sheet.cut(curve([(x - 88, y - 34), (x, y - 42), (x + 88, y - 34), (x + 112, y - 12), (x, y - 20),
        (x - 112, y - 12)]),
              mix(palette.snow, palette.dusk, 0.36))  # fmt: skip
    sheet.cut(curve([(x - 84, y - 33), (x, y - 39), (x + 84, y - 33), (x + 86, y - 26), (x, y - 31),
        (x - 86, y - 26)]),
              mix(palette.paper, palette.dusk, 0.3))  # fmt: skip
    sheet.cut(rectangle(x - 58, y + 2, 116, 22), palette.paper)
    for bar in range(5):
        sheet.stroke(
            np.array([(x - 56, y + 5.0 + bar * 4), (x + 56, y + 5.0 + bar * 4)]),
            1.2,
            mix(palette.dusk, palette.snow, 0.25),
        )
    for side in (-1, 1):
        sheet.cut(disc(x + side * 88, y + 10, 18), mix(palette.dusk, palette.snow, 0.4))
        sheet.cut(disc(x + side * 88, y + 10, 15), palette.paper)
        sheet.cut(disc(x + side * 88, y + 10, 13.4), mix(palette.glass, palette.paper, 0.5))
        sheet.cut(disc(x + side * 88 + 3, y + 6, 5, 4), mix(palette.lamp, palette.paper, 0.25))
    sheet.cut(curve([(x - 127, y + 35), (x - 60, y + 31), (x + 60, y + 31), (x + 127, y + 35), (x + 126, y + 44),
        (x, y + 43), (x - 126, y + 44)]), mix(palette.dusk, palette.snow, 0.34))  # fmt: skip
    sheet.cut(rectangle(x - 24, y + 40, 48, 11), mix(palette.snow, palette.paper, 0.4))
    stamp(sheet)
    # snow on the roof, and the lamp's rim of light on its side
    sheet = piece()
    cap = [(x - 66, y - 94), (x - 50, y - 108), (x, y - 113), (x + 50, y - 108), (x + 66, y - 94), (x + 40, y - 99),
           (x, y - 101), (x - 40, y - 99)]  # fmt: skip
    sheet.cut(curve(cap), mix(palette.snow, palette.lamp, 0.12))
    for part in both([(64, -95), (76, -76), (90, -36), (114, -27), (129, -8)])[1:]:
        sheet.cut(band(part, np.array([1.6, 2.0, 2.2, 2.0, 1.2])), palette.lamp)
    stamp(sheet)
    # the lamp above lights the right side, the left falls away
    fall = np.clip((np.arange(width) / scale - MARGIN - (x - 170)) / 340, 0, 1)
    gain = (0.62 + 0.5 * fall)[None, :, None]
    tinted = np.ones(4)
    tinted[3] = 0
    lit = np.clip(paper * np.where(tinted > 0, gain, 1.0), 0, 255)
    lit[:, :, :3] = np.minimum(lit[:, :, :3], lit[:, :, 3:])
    return Plate(np.rint(lit).astype(np.uint8), scale, MARGIN)
