"""The filmgraph: a whole film on one sheet, its cutting on its time.

Conventions: time runs left to right on one axis, 0 to the film's end. From the top: title, pictures at even distances,
the cutting graph, the film's colours, its scenes. A figure is a list of shapes in pixels, so that it can be written as
SVG and painted as a picture alike; colours are those of paper.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from punctum.reading.sentences import write_clock

WIDTH, HEIGHT = 1600, 660
LEFT, RIGHT = 64, 1572
PICTURES_TOP, GRAPH_TOP, GRAPH_FLOOR, COLOURS_TOP, SCENES_TOP = 92, 236, 500, 512, 568
PICTURES = 10
INK, QUIET, RULE, GROUND, ACCENT, BAR = "#1f1c19", "#6d665c", "#e3ded4", "#fbf9f5", "#b3341f", "#b5aea3"
MARKS_S = (0.25, 1.0, 4.0, 15.0, 60.0, 240.0, 960.0)
TREND_SHOTS = 21
"""The trend is the geometric mean of so many shots around each: lengths are near lognormal (Salt 1974)."""


class Rect(NamedTuple):
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    colour: str


class Line(NamedTuple):
    """A line through points, dashed or not."""

    points: tuple[tuple[float, float], ...]
    colour: str
    width: float = 1.5
    dashed: bool = False


class Words(NamedTuple):
    """A line of text: ``anchor`` is start, middle or end; ``y`` its baseline."""

    x: float
    y: float
    text: str
    size: int = 13
    colour: str = INK
    anchor: str = "start"
    serif: bool = False


class Picture(NamedTuple):
    """A picture by its key in the figure's ``pictures``, within a box."""

    x: float
    y: float
    width: float
    height: float
    key: str


@dataclass(frozen=True)
class Figure:
    """Shapes in the order in which they are painted; ``pictures`` are PNG or JPEG bytes by key."""

    shapes: tuple[Rect | Line | Words | Picture, ...]
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    label: str = ""


class Bars(NamedTuple):
    """A film's shots as the graph takes them: where each begins, how long it lasts, and whether it counts."""

    start_s: NDArray[np.float64]
    length_s: NDArray[np.float64]
    counts: NDArray[np.bool_]


def draw_filmgraph(
    title: str,
    duration_s: float,
    bars: Bars,
    scenes: Sequence[tuple[float, float, str]],
    stills: Sequence[tuple[float, bytes, float]],
    barcode: bytes,
) -> Figure:
    """Draw a film's cutting on its time.

    Every shot is a bar as broad as it lasts and as high as it is long on a logarithmic scale, so that a shot of double
    length is always the same step higher; a dashed line is the median, the red line the trend over 21 shots. Titles,
    credits and black are drawn faint and count in neither.

    Parameters
    ----------
    title : str
    duration_s : float
    bars : Bars
    scenes : sequence of (start_s, end_s, name)
    stills : sequence of (time_s, JPEG bytes, width over height)
        at most `PICTURES`
    barcode : bytes
        PNG of the film's colours along its time
    """
    lengths = bars.length_s[bars.counts & (bars.length_s > 0)]
    shapes: list[Rect | Line | Words | Picture] = [Rect(0, 0, WIDTH, HEIGHT, GROUND)]
    shapes.append(Words(LEFT, 44, title, 28, serif=True))
    median = float(np.median(lengths)) if len(lengths) else 0.0
    told = f"{len(lengths)} shots"
    if len(lengths):
        told += f", average length {lengths.mean():.1f} s, median {median:.1f} s, longest {lengths.max():.1f} s"
    shapes.append(Words(LEFT, 70, f"{told}; {write_clock(duration_s)}", 15, QUIET))

    def x_of(time_s: float) -> float:
        return LEFT + min(max(time_s / max(duration_s, 1e-9), 0.0), 1.0) * (RIGHT - LEFT)

    pictures = {"barcode": barcode}
    step = (RIGHT - LEFT) / PICTURES
    for number, (time_s, jpeg, aspect) in enumerate(stills[:PICTURES]):
        wide, high = step - 6, (step - 6) / aspect
        if high > 104:
            wide, high = 104 * aspect, 104
        pictures[f"still-{number}"] = jpeg
        shapes.append(Picture(LEFT + number * step, PICTURES_TOP, wide, high, f"still-{number}"))
        shapes.append(Words(LEFT + number * step, PICTURES_TOP + high + 16, write_clock(time_s), 12, QUIET))
    shapes += _graph(bars, lengths, median, x_of)
    shapes.append(Picture(LEFT, COLOURS_TOP, RIGHT - LEFT, 44, "barcode"))
    reached = -1e9
    for start_s, _, name in scenes:
        x = x_of(start_s)
        shapes.append(Line(((x, SCENES_TOP - 6), (x, SCENES_TOP + 2)), QUIET, 1))
        if x > reached and name:
            shown = name if len(name) <= 18 else name[:17] + "…"
            shapes.append(Words(x, SCENES_TOP + 16, shown, 12, QUIET))
            reached = x + 7.0 * len(shown) + 10
    for time_s in ticks(duration_s):
        shapes.append(Words(x_of(time_s), HEIGHT - 38, write_clock(time_s), 12, QUIET, "middle"))
    shapes.append(
        Words(
            LEFT, HEIGHT - 14, "Shots: length in seconds (logarithmic) over the film's time. Scenes below.", 12, QUIET
        )
    )
    return Figure(tuple(shapes), pictures, f"{title}: {told}")


def _graph(
    bars: Bars, lengths: NDArray[np.float64], median: float, x_of: object
) -> list[Rect | Line | Words | Picture]:
    longest = max(float(bars.length_s.max(initial=1.0)), 4.0) * 1.1
    shortest = 0.2

    def y_of(length_s: float) -> float:
        share = np.log(max(length_s, shortest) / shortest) / np.log(longest / shortest)
        return float(GRAPH_FLOOR - min(share, 1.0) * (GRAPH_FLOOR - GRAPH_TOP))

    place = x_of if callable(x_of) else float
    shapes: list[Rect | Line | Words | Picture] = []
    for mark in MARKS_S:
        if mark <= longest:
            shapes.append(Line(((LEFT, y_of(mark)), (RIGHT, y_of(mark))), RULE, 1))
            shapes.append(Words(LEFT - 8, y_of(mark) + 4, f"{mark:g} s", 12, QUIET, "end"))
    for start_s, length_s, counts in zip(*bars, strict=True):
        x, end = place(float(start_s)), place(float(start_s + length_s))
        gap = min(1.0, (end - x) / 4)
        y = y_of(float(length_s))
        shapes.append(Rect(x, y, end - x - gap, GRAPH_FLOOR - y, BAR if counts else RULE))
    if len(lengths) >= TREND_SHOTS:
        middles = (bars.start_s + bars.length_s / 2)[bars.counts & (bars.length_s > 0)]
        half = TREND_SHOTS // 2
        logs = np.log(lengths)
        trend = [np.exp(logs[max(0, at - half) : at + half + 1].mean()) for at in range(len(logs))]
        points = tuple((place(float(t)), y_of(float(v))) for t, v in zip(middles, trend, strict=True))
        shapes.append(Line(points, ACCENT, 2))
    if median:
        shapes.append(Line(((LEFT, y_of(median)), (RIGHT, y_of(median))), INK, 1, dashed=True))
        label = f"median {median:.1f} s"
        shapes.append(Rect(RIGHT - 6.6 * len(label), y_of(median) - 20, 6.6 * len(label), 17, GROUND))
        shapes.append(Words(RIGHT - 4, y_of(median) - 7, label, 12, INK, "end"))
    return shapes


def ticks(duration_s: float) -> list[float]:
    """Round times along the axis, six to twelve of them.

    Examples
    --------
    >>> ticks(75.0)
    [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0]
    """
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 14400)
    step = next((one for one in steps if duration_s / one <= 12), 43200)
    return [float(at) for at in range(0, int(duration_s) + 1, step)]


def write_svg(figure: Figure) -> str:
    """Write a figure as an SVG file that stands on its own."""
    parts = [_svg_of(shape, figure) for shape in figure.shapes]
    return str(
        Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img"'
            ' aria-label="{2}">\n{3}\n</svg>\n'
        ).format(WIDTH, HEIGHT, _plain(figure.label), Markup("\n").join(parts))
    )


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() and c != "\ufffe" and not 0xD800 <= ord(c) <= 0xDFFF else " " for c in text)


def _svg_of(shape: Rect | Line | Words | Picture, figure: Figure) -> Markup:
    if isinstance(shape, Rect):
        return Markup('<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" fill="{}"/>').format(*shape)
    if isinstance(shape, Line):
        path = " ".join(f"{'L' if at else 'M'}{x:.2f} {y:.2f}" for at, (x, y) in enumerate(shape.points))
        dash = Markup(' stroke-dasharray="5 4"') if shape.dashed else ""
        return Markup('<path d="{}" fill="none" stroke="{}" stroke-width="{:g}"{}/>').format(
            path, shape.colour, shape.width, dash
        )
    if isinstance(shape, Words):
        family = "Charter, Georgia, serif" if shape.serif else "system-ui, sans-serif"
        return Markup(
            '<text x="{:.1f}" y="{:.1f}" font-family="{}" font-size="{}" fill="{}" text-anchor="{}">{}</text>'
        ).format(shape.x, shape.y, family, shape.size, shape.colour, shape.anchor, escape(_plain(shape.text)))
    data = figure.pictures[shape.key]
    kind = "png" if data.startswith(b"\x89PNG") else "jpeg"
    stretched = Markup(' preserveAspectRatio="none"') if kind == "png" else ""
    return Markup(
        '<image x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}"{} href="data:image/{};base64,{}"/>'
    ).format(shape.x, shape.y, shape.width, shape.height, stretched, kind, b64encode(data).decode("ascii"))
