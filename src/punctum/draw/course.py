"""Measures over time as SVG, for essays and for printing: one panel a measure above a common axis.

Conventions: as in `plots`. Never two scales in one panel; what was measured lies faint under its smoothed course, the
film's own median is a hairline with its name, shots are ticks beneath.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

WIDTH, LEFT, RIGHT, PANEL, GAP, TOP = 600.0, 2.0, 88.0, 84.0, 34.0, 24.0
MOST_POINTS = 700
SMOOTH_SHARE = 1 / 60
"""The smoothed course is a Gaussian of this share of the span, where there are values enough."""


@dataclass(frozen=True)
class Panel:
    """One measure: its name, unit, colour (of `lanes.COLOURS`), times and values; ``steps`` holds each until the next.

    ``typical`` is the value drawn as a hairline, with its name.
    """

    label: str
    unit: str
    colour: str
    times_s: NDArray[np.float64]
    values: NDArray[np.float64]
    decimals: int = 2
    typical: float | None = None
    typical_name: str = "the film’s median"
    steps: bool = False


def course_plot(
    panels: Sequence[Panel], start_s: float, end_s: float, cuts_s: Sequence[float], label: str, clock: Sequence[str]
) -> Markup:
    """Draw measures over a span.

    Parameters
    ----------
    panels : sequence of Panel
    start_s, end_s : float
        what is drawn
    cuts_s : sequence of float
        where shots begin
    label : str
        what the plot shows, for those who cannot see it
    clock : sequence of str
        the axis' ends and middle, written

    Returns
    -------
    Markup
        an ``<svg>``; "" where there is nothing to draw
    """
    if not panels or end_s <= start_s:
        return Markup("")
    floor = TOP + len(panels) * (PANEL + GAP) - GAP
    parts: list[Markup] = []
    for row, panel in enumerate(panels):
        parts.append(_panel(panel, TOP + row * (PANEL + GAP), start_s, end_s))
    axis = floor + 14
    parts.append(
        Markup('<line class="rule" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(
            LEFT, axis, WIDTH - RIGHT, axis
        )
    )
    ticks = "".join(f"M{_x(at, start_s, end_s):.1f} {axis:.1f}v6" for at in cuts_s if start_s <= at < end_s)
    if ticks:
        parts.append(Markup('<path class="ticks" d="{}"/>').format(ticks))
    for share, anchor, words in zip((0.0, 0.5, 1.0), ("start", "middle", "end"), clock, strict=True):
        x = LEFT + share * (WIDTH - RIGHT - LEFT)
        parts.append(
            Markup('<text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
                x, axis + 21, anchor, words
            )
        )
    return Markup('<svg class="plot course" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, axis + 26, label, Markup("").join(parts)
    )


def _x(at_s: float, start_s: float, end_s: float) -> float:
    return LEFT + (at_s - start_s) / (end_s - start_s) * (WIDTH - RIGHT - LEFT)


def _panel(panel: Panel, top: float, start_s: float, end_s: float) -> Markup:
    base = top + PANEL
    inside = (panel.times_s >= start_s) & (panel.times_s < end_s)
    if panel.steps and len(panel.times_s):
        first = max(int(np.searchsorted(panel.times_s, start_s, side="right")) - 1, 0)
        inside[first] = True
    at, values = np.maximum(panel.times_s[inside], start_s), panel.values[inside]
    title = Markup('<text class="name" x="{:.1f}" y="{:.1f}">{}</text>').format(LEFT, top - 8, f"{panel.label}")
    if not len(values):
        return title + Markup('<text class="tick" x="{:.1f}" y="{:.1f}">—</text>').format(LEFT, top + PANEL / 2)
    low, high = float(values.min()), float(values.max())
    if panel.typical is not None:
        low, high = min(low, panel.typical), max(high, panel.typical)
    if panel.steps:
        low = 0.0
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5

    def y_of(value: float) -> float:
        return base - 2 - (value - low) / (high - low) * (PANEL - 8)

    parts = [title]
    if panel.typical is not None:
        y = y_of(panel.typical)
        parts.append(
            Markup('<line class="hair" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(
                LEFT, y, WIDTH - RIGHT, y
            )
        )
        parts.append(
            Markup('<text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="end">{}</text>').format(
                WIDTH - RIGHT, top - 8, f"dotted: {panel.typical_name}, {_write(panel.typical, panel)}"
            )
        )
    tone = f"tone-{panel.colour}"
    if panel.steps:
        ends = np.append(at[1:], end_s)
        steps = [
            (_x(a, start_s, end_s), _x(b, start_s, end_s), y_of(v)) for a, b, v in zip(at, ends, values, strict=True)
        ]
        path = "M" + "L".join(f"{left:.1f} {y:.1f}L{right:.1f} {y:.1f}" for left, right, y in steps)
        parts.append(Markup('<path class="line {}" d="{}"/>').format(tone, path))
    else:
        thin_at, thin = _thin(at, values)
        smooth = _smooth(thin, max(len(thin) * SMOOTH_SHARE, 1.0)) if len(thin) > 60 else thin
        if len(thin) > 60:
            parts.append(
                Markup('<path class="line raw {}" d="{}"/>').format(tone, _path(thin_at, thin, start_s, end_s, y_of))
            )
        parts.append(
            Markup('<path class="line {}" d="{}"/>').format(tone, _path(thin_at, smooth, start_s, end_s, y_of))
        )
    for value, y in ((high, top + 9), (low, base)):
        parts.append(
            Markup('<text class="tick" x="{:.1f}" y="{:.1f}">{}</text>').format(
                WIDTH - RIGHT + 6, y, _write(value, panel)
            )
        )
    return Markup("").join(parts)


def _write(value: float, panel: Panel) -> str:
    number = f"{value:.{panel.decimals}f}".replace("-", "−")
    return f"{number} {panel.unit}".rstrip()


def _thin(at: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Means over as many points as can be seen."""
    if len(values) <= MOST_POINTS:
        return at, values
    edges = np.linspace(0, len(values), MOST_POINTS + 1).astype(np.int64)[:-1]
    counts = np.diff(np.append(edges, len(values)))
    return np.add.reduceat(at, edges) / counts, np.add.reduceat(values, edges) / counts


def _smooth(values: NDArray[np.float64], spread: float) -> NDArray[np.float64]:
    reach = max(int(3 * spread), 1)
    window = np.exp(-0.5 * (np.arange(-reach, reach + 1) / spread) ** 2)
    padded = np.concatenate([np.full(reach, values[0]), values, np.full(reach, values[-1])])
    return np.convolve(padded, window / window.sum(), "valid")


def _path(at: NDArray[np.float64], values: NDArray[np.float64], start_s: float, end_s: float, y_of: object) -> str:
    points = (f"{_x(float(a), start_s, end_s):.1f} {y_of(float(v)):.1f}" for a, v in zip(at, values, strict=True))  # type: ignore[operator]
    return "M" + "L".join(points)
