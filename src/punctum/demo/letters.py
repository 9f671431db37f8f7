"""Letterforms, drawn: thin strokes of lines and arcs, widely set.

Conventions: a letter stands in a box 1 high (capitals), y down from the top, its own width to the right.
A stroke is a tuple of points, or ``(x, y, rx, ry, start, end)`` for an arc in degrees clockwise from the right.
"""

import numpy as np

from punctum.demo.paint import Points, Sheet, arc
from punctum.demo.palettes import Colour

Stroke = tuple[tuple[float, float], ...] | tuple[float, float, float, float, float, float]


def _arc(x: float, y: float, rx: float, ry: float, start: float, end: float) -> Stroke:
    return (x, y, rx, ry, start, end)


GLYPHS: dict[str, tuple[float, tuple[Stroke, ...]]] = {
    "A": (0.74, (((0, 1), (0.37, 0), (0.74, 1)), ((0.13, 0.66), (0.61, 0.66)))),
    "B": (0.52, (((0.26, 0.47), (0, 0.47), (0, 0), (0.26, 0)), _arc(0.26, 0.235, 0.22, 0.235, -90, 90),
                 ((0, 0.47), (0, 1), (0.27, 1)), ((0.26, 0.47), (0.27, 0.47)),
                 _arc(0.27, 0.735, 0.25, 0.265, -90, 90))),
    "C": (0.80, (_arc(0.5, 0.5, 0.5, 0.5, 48, 312),)),
    "D": (0.72, (((0.22, 0), (0, 0), (0, 1), (0.22, 1)), _arc(0.22, 0.5, 0.5, 0.5, -90, 90))),
    "E": (0.46, (((0.46, 0), (0, 0), (0, 1), (0.46, 1)), ((0, 0.48), (0.4, 0.48)))),
    "F": (0.44, (((0.44, 0), (0, 0), (0, 1)), ((0, 0.48), (0.38, 0.48)))),
    "G": (0.94, (_arc(0.5, 0.5, 0.5, 0.5, 0, 312), ((1.0, 0.5), (0.58, 0.5)))),
    "H": (0.62, (((0, 0), (0, 1)), ((0.62, 0), (0.62, 1)), ((0, 0.48), (0.62, 0.48)))),
    "I": (0.02, (((0.01, 0), (0.01, 1)),)),
    "J": (0.30, (((0.3, 0), (0.3, 0.8)), _arc(0.12, 0.8, 0.18, 0.2, 0, 120))),
    "K": (0.56, (((0, 0), (0, 1)), ((0.52, 0), (0.0, 0.56)), ((0.16, 0.4), (0.56, 1)))),
    "L": (0.42, (((0, 0), (0, 1), (0.42, 1)),)),
    "M": (0.84, (((0, 1), (0.1, 0), (0.42, 0.78), (0.74, 0), (0.84, 1)),)),
    "N": (0.66, (((0, 1), (0, 0), (0.66, 1), (0.66, 0)),)),
    "O": (1.0, (_arc(0.5, 0.5, 0.5, 0.5, 0, 360),)),
    "P": (0.50, (((0, 1), (0, 0), (0.24, 0)), _arc(0.24, 0.26, 0.26, 0.26, -90, 90), ((0.24, 0.52), (0, 0.52)))),
    "Q": (1.0, (_arc(0.5, 0.5, 0.5, 0.5, 0, 360), ((0.6, 0.7), (0.94, 1.04)))),
    "R": (0.54, (((0, 1), (0, 0), (0.24, 0)), _arc(0.24, 0.25, 0.25, 0.25, -90, 90), ((0.24, 0.5), (0, 0.5)),
                 ((0.22, 0.5), (0.54, 1)))),
    "S": (0.50, (_arc(0.26, 0.245, 0.23, 0.245, -28, -270), _arc(0.25, 0.745, 0.25, 0.255, -90, 152))),
    "T": (0.58, (((0, 0), (0.58, 0)), ((0.29, 0), (0.29, 1)))),
    "U": (0.60, (((0, 0), (0, 0.68)), _arc(0.3, 0.68, 0.3, 0.32, 180, 0), ((0.6, 0.68), (0.6, 0)))),
    "V": (0.70, (((0, 0), (0.35, 1), (0.7, 0)),)),
    "W": (1.06, (((0, 0), (0.28, 1), (0.53, 0.1), (0.78, 1), (1.06, 0)),)),
    "X": (0.66, (((0.02, 0), (0.64, 1)), ((0.64, 0), (0.02, 1)))),
    "Y": (0.66, (((0, 0), (0.33, 0.5), (0.66, 0)), ((0.33, 0.5), (0.33, 1)))),
    "Z": (0.60, (((0.02, 0), (0.58, 0), (0.0, 1), (0.6, 1)),)),
    "0": (0.58, (_arc(0.29, 0.5, 0.29, 0.5, 0, 360),)),
    "1": (0.24, (((0, 0.16), (0.2, 0), (0.2, 1)),)),
    "2": (0.52, (_arc(0.26, 0.27, 0.25, 0.27, 180, 385), ((0.487, 0.384), (0, 1), (0.52, 1)))),
    "3": (0.50, (_arc(0.24, 0.24, 0.22, 0.24, 200, 450), _arc(0.24, 0.74, 0.25, 0.26, -90, 150))),
    "4": (0.60, (((0.6, 0.7), (0, 0.7), (0.44, 0), (0.44, 1)),)),
    "5": (0.52, (((0.46, 0), (0.1, 0), (0.05, 0.44)), _arc(0.22, 0.68, 0.29, 0.32, 234, 490))),
    "6": (0.56, (_arc(0.28, 0.69, 0.28, 0.31, 0, 360), ((0.012, 0.62), (0.36, 0)))),
    "7": (0.52, (((0, 0), (0.52, 0), (0.16, 1)),)),
    "8": (0.52, (_arc(0.26, 0.24, 0.21, 0.24, 0, 360), _arc(0.26, 0.74, 0.26, 0.26, 0, 360))),
    "9": (0.56, (_arc(0.28, 0.31, 0.28, 0.31, 0, 360), ((0.548, 0.38), (0.2, 1)))),
    ".": (0.02, (((0.0, 0.985), (0.03, 0.985)),)),
    ",": (0.02, (((0.03, 0.96), (-0.03, 1.14)),)),
    "-": (0.30, (((0, 0.52), (0.3, 0.52)),)),
    "'": (0.02, (((0.01, 0), (0.0, 0.2)),)),
    " ": (0.34, ()),
}  # fmt: skip


def _path(stroke: Stroke) -> Points:
    if isinstance(stroke[0], tuple):
        return np.asarray(stroke, dtype=np.float64)
    x, y, rx, ry, start, end = stroke
    return arc(x, y, rx, ry, start, end, 40)


def width_of(text: str, size: float, spacing: float = 0.24) -> float:
    """Return how wide a line is set: ``size`` is the capitals' height, ``spacing`` a share of it."""
    widths = [GLYPHS.get(letter, GLYPHS[" "])[0] for letter in text.upper()]
    return (sum(widths) + spacing * max(0, len(widths) - 1)) * size


def write(
    sheet: Sheet,
    text: str,
    x: float,
    y: float,
    size: float,
    colour: Colour,
    weight: float = 0.075,
    spacing: float = 0.24,
    align: float = 0.5,
) -> None:
    """Set a line of capitals: its top at ``y``, its ``align`` share at ``x``; unknown letters are left out."""
    left = x - align * width_of(text, size, spacing)
    for letter in text.upper():
        width, strokes = GLYPHS.get(letter, GLYPHS[" "])
        for stroke in strokes:
            points = _path(stroke) * size + np.array([left, y])
            for one in _straight(points) if isinstance(stroke[0], tuple) else [points]:
                sheet.stroke(one, weight * size, colour)
        left += (width + spacing) * size


def _straight(points: Points) -> list[Points]:
    """Return a bent line as its straight pieces, so that its corners keep their width."""
    return [points[index : index + 2] for index in range(len(points) - 1)]
