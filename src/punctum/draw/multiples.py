"""Small multiples: one measure of several films, a row each on one axis.

Conventions: as in `plots`. A row is a film's distribution as a silhouette; its median is a stroke with the figure
beside it, its quartiles a thick line. The axis reaches from the 1st to the 99th of a hundred over all films; what lies
beyond counts at the edge.
"""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

WIDTH, ROW, TOP, BINS = 440.0, 46.0, 6.0, 48


def distribution_rows(
    samples: Sequence[tuple[str, NDArray[np.float64]]], called: str, unit: str, decimals: int, logarithmic: bool = False
) -> Markup:
    """Draw one measure of several films.

    Parameters
    ----------
    samples : sequence of (str, np.ndarray [shape=(n,), dtype=float64])
        name of each film and its values
    called, unit : str
        the measure
    decimals : int
        of the figures
    logarithmic : bool
        the axis doubles at even distances; for values above zero

    Returns
    -------
    Markup
        an ``<svg>``; "" where no film has a value
    """
    known = [values for _, values in samples if values.size]
    if not known:
        return Markup("")
    scale = np.log if logarithmic else np.asarray
    every = scale(np.maximum(np.concatenate(known), 1e-3) if logarithmic else np.concatenate(known))
    low, high = (float(v) for v in np.quantile(every, (0.01, 0.99)))
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    floor = TOP + ROW * len(samples)

    def x_of(value: float) -> float:
        at = float(scale(np.array(max(value, 1e-3) if logarithmic else value)))
        return 4 + (min(max(at, low), high) - low) / (high - low) * (WIDTH - 8)

    def write(value: float) -> str:
        return f"{value:.{decimals}f}".replace("-", "−")

    parts = [Markup('<line class="rule" x1="0" y1="{0:.1f}" x2="{1:.1f}" y2="{0:.1f}"/>').format(floor + 2, WIDTH)]
    for row, (name, values) in enumerate(samples):
        base = TOP + ROW * (row + 1) - 6
        text = Markup('<text class="tick" x="0" y="{:.1f}">{}</text>').format(base - ROW + 18, name)
        if not values.size:
            parts.append(text + Markup('<text class="tick" x="{:.1f}" y="{:.1f}">—</text>').format(WIDTH / 2, base - 6))
            continue
        placed = np.clip(scale(np.maximum(values, 1e-3) if logarithmic else values), low, high)
        counts, edges = np.histogram(placed, BINS, (low, high))
        heights = np.convolve(counts / max(counts.max(), 1), [0.25, 0.5, 0.25], "same")
        xs = 4 + (edges[:-1] + np.diff(edges) / 2 - low) / (high - low) * (WIDTH - 8)
        path = " ".join(f"L{x:.1f} {base - 3 - h * 20:.1f}" for x, h in zip(xs, heights, strict=True))
        parts.append(
            Markup('<path class="bar" d="M{:.1f} {:.1f} {} L{:.1f} {:.1f}Z"/>').format(
                xs[0], base - 3, path, xs[-1], base - 3
            )
        )
        lower, middle, upper = (float(q) for q in np.quantile(values, (0.25, 0.5, 0.75)))
        parts.append(
            Markup('<line class="quartiles" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(
                x_of(lower), base, x_of(upper), base
            )
        )
        x = x_of(middle)
        parts.append(
            Markup('<line class="mark" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(
                x, base - 25, x, base + 3
            )
        )
        side, anchor = (5, "start") if x < WIDTH * 0.7 else (-5, "end")
        parts.append(
            Markup('<text class="name" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
                x + side, base - 15, anchor, write(middle)
            )
        )
        parts.append(text)
    back = np.exp if logarithmic else float
    ends = ((4.0, "start", float(back(low))), (WIDTH - 4, "end", float(back(high))))
    for x, anchor, value in ends:
        end = f" {unit}".rstrip() if anchor == "end" else ""
        parts.append(
            Markup('<text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}{}</text>').format(
                x, floor + 17, anchor, write(value), end
            )
        )
    label = f"{called}: " + "; ".join(
        f"{name} median {write(float(np.median(values)))}" if values.size else f"{name} not measured"
        for name, values in samples
    )
    return Markup('<svg class="plot" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, floor + 22, label, Markup("").join(parts)
    )
