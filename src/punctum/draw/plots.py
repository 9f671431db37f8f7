"""Plots as SVG, for pages and for printing.

Conventions: lengths are seconds; a plot is `Markup`, escaped; it takes its colours and type from the style sheet
through classes, and names itself for those who cannot see it (``role="img"``, ``aria-label``). No frame, no grid but
hairlines at values that mean something, labels on the lines.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

_HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")

BIN_EDGES_S = tuple(float(2 ** (step / 2)) for step in range(-4, 17))
"""Bins of shot lengths: a quarter of a second to 256 s, two bins to each doubling."""


@dataclass(frozen=True)
class Population:
    """What a film is held against: its name in words, and the share of its shots in each bin of `BIN_EDGES_S`."""

    name: str
    shares: tuple[float, ...]


def bin_shares(lengths_s: NDArray[np.floating]) -> NDArray[np.float64]:
    """Share of shots in each bin of `BIN_EDGES_S`; what lies beyond counts in the first or last bin.

    Examples
    --------
    >>> import numpy as np
    >>> bin_shares(np.array([0.1, 0.3, 300.0, 300.0])).round(2).tolist()[::19]
    [0.5, 0.5]
    """
    edges = np.array(BIN_EDGES_S)
    counts = np.zeros(len(edges) - 1)
    if len(lengths_s) == 0:
        return counts
    inside = np.clip(np.searchsorted(edges, lengths_s, side="right") - 1, 0, len(counts) - 1)
    np.add.at(counts, inside, 1)
    return counts / len(lengths_s)


def _label_seconds(seconds: float) -> str:
    if seconds >= 60:
        minutes = seconds / 60
        return f"{minutes:.0f} min" if abs(minutes - round(minutes)) < 0.05 else f"{minutes:.1f} min"
    return f"{seconds:g} s" if seconds >= 1 else f"{seconds:.1g} s"


def _say_seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 100 else f"{seconds:.1f} s"


def length_histogram(
    lengths_s: Sequence[float], population: Population | None = None, provisional: bool = False
) -> Markup:
    """Shot lengths as a histogram over a logarithmic axis, with the median, beside a population where there is one.

    Parameters
    ----------
    lengths_s : sequence of float
        how long each shot lasts
    population : Population, optional
        drawn as a dashed line with its name
    provisional : bool
        the bars are drawn hollow

    Returns
    -------
    Markup
        an ``<svg>``; "" where there is no shot
    """
    lengths = np.array([length for length in lengths_s if length > 0], dtype=np.float64)
    if len(lengths) == 0:
        return Markup("")
    width, height, left, floor, top = 440.0, 220.0, 2.0, 188.0, 26.0
    edges = np.array(BIN_EDGES_S)
    shares = bin_shares(lengths)
    others = np.array(population.shares) if population is not None else np.zeros(0)
    greatest = max(float(shares.max()), float(others.max()) if len(others) else 0.0)
    log_low, log_high = float(np.log(edges[0])), float(np.log(edges[-1]))

    def x_of(seconds: float) -> float:
        share = (np.log(min(max(seconds, edges[0]), edges[-1])) - log_low) / (log_high - log_low)
        return left + float(share) * (width - 2 * left)

    def y_of(share: float) -> float:
        return floor - share / greatest * (floor - top)

    parts = [
        Markup('<line class="rule" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(left, floor, width, floor)
    ]
    for index, share in enumerate(shares):
        if share > 0:
            x, end, y = x_of(edges[index]), x_of(edges[index + 1]), y_of(float(share))
            parts.append(
                Markup('<rect class="bar{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
                    " hollow" if provisional else "", x + 0.75, y, end - x - 1.5, floor - y
                )
            )
    if len(others):
        middles = [x_of(float(np.sqrt(edges[i] * edges[i + 1]))) for i in range(len(others))]
        path = " ".join(
            f"{'M' if i == 0 else 'L'}{x:.1f} {y_of(float(share)):.1f}"
            for i, (x, share) in enumerate(zip(middles, others, strict=True))
        )
        parts.append(Markup('<path class="other" d="{}"/>').format(path))
    for seconds in (0.25, 1, 4, 15, 60, 240):
        x = x_of(seconds)
        anchor = "start" if x < 16 else "end" if x > width - 24 else "middle"
        parts.append(
            Markup('<text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
                x, floor + 17, anchor, _label_seconds(seconds)
            )
        )
    median = float(np.median(lengths))
    x = x_of(median)
    parts.append(
        Markup('<line class="mark" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(x, top - 8, x, floor)
    )
    parts.append(
        Markup('<text class="name" x="{:.1f}" y="{:.1f}" text-anchor="{}">median {}</text>').format(
            x + (5 if x < width * 0.7 else -5),
            top - 10,
            "start" if x < width * 0.7 else "end",
            _say_seconds(median),
        )
    )
    label = f"Lengths of {len(lengths)} shots; median {_say_seconds(median)}"
    if population is not None:
        label += f"; the dashed line is {population.name}"
    return Markup('<svg class="plot" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">{}</svg>').format(
        width, height, label, Markup("").join(parts)
    )


def percentile_rule(percentile: float, name: str = "") -> Markup:
    """Where a value lies in a population: a rule from 0 to 100 with the quartiles marked and a dot at `percentile`."""
    x = 4 + min(max(percentile, 0.0), 100.0) * 1.12
    return Markup(
        '<svg class="lies" viewBox="0 0 120 14" role="img" aria-label="{}">'
        '<line class="rule" x1="4" y1="7" x2="116" y2="7"/>'
        '<path class="rule" d="M4 4v6M32 5v4M60 3v8M88 5v4M116 4v6"/>'
        '<circle class="dot" cx="{:.1f}" cy="7" r="4"/></svg>'
    ).format(f"percentile {percentile:.0f} {name}".strip(), x)


def palette_bar(colours: Sequence[str], shares: Sequence[float] | None = None, upright: bool = False) -> Markup:
    """Draw colours, each as broad as its share; what is no #rrggbb colour is left out.

    Examples
    --------
    >>> palette_bar(["#ff0000", "red"]).count("<rect")
    1
    """
    weights = list(shares) if shares is not None and len(shares) == len(colours) else [1.0] * len(colours)
    kept = [(c.lower(), max(float(w), 0.04)) for c, w in zip(colours, weights, strict=True) if _HEX.match(c)]
    if not kept:
        return Markup("")
    total = sum(weight for _, weight in kept)
    parts, at = [], 0.0
    for colour, weight in kept:
        size = weight / total * 100
        box = (0, at, 10, size) if upright else (at, 0, size, 10)
        parts.append(
            Markup('<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" fill="{}"/>').format(*box, colour)
        )
        at += size
    return Markup(
        '<svg class="palette{}" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(
        " upright" if upright else "",
        10 if upright else 100,
        100 if upright else 10,
        "palette: " + ", ".join(colour for colour, _ in kept),
        Markup("").join(parts),
    )
