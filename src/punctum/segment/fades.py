"""Fades: stretches of one flat colour, and the pictures that darken or brighten into and out of it.

Works on four numbers a frame, for a whole run of film at once: mean OKLab colour and spread. Frames are rows.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from punctum.segment.cells import CHROMA_WEIGHT, Floats

FLAT_SPREAD = 0.02
FLAT_CONTRAST = 0.02
"""A frame is flat whose cells, and whose luma, stray less than this: the copy's noise, no picture."""

GRAIN_CORRELATION = 0.3
"""More contrast than that is grain where frames are less alike than this: letters and pictures last, grain does not."""

RAMP_LEAST = 3
"""A picture that needs fewer frames than this to reach the flat colour is cut to it."""

TONE_STEP = 0.015
"""Frames of a flat stretch stray no further than this from its colour."""

RAMP_S = 8.0
"""A fade is followed for this long, at most."""


class Flat(NamedTuple):
    """A flat stretch: rows ``start`` up to ``end``.

    ``fade_start`` is the first row of the fade that leads into it, None where a hard cut does or the run begins
    with it; ``fade_end`` the row after the fade that leads out of it.
    """

    start: int
    end: int
    fade_start: int | None
    fade_end: int | None
    colour: str


def is_flat(spread: Floats, contrast: Floats, correlation: Floats) -> NDArray[np.bool_]:
    """Which frames show one colour only.

    Parameters
    ----------
    spread : np.ndarray [shape=(n,), dtype=float32]
        root mean square of the cells about their mean, in OKLab
    contrast : np.ndarray [shape=(n,), dtype=float32]
        standard deviation of luma; NaN where it was not measured
    correlation : np.ndarray [shape=(n,), dtype=float32]
        of next-but-one frames' luma; NaN where it was not measured
    """
    return (spread < FLAT_SPREAD) & (~(contrast >= FLAT_CONTRAST) | (correlation < GRAIN_CORRELATION))


def find_flats(mean: Floats, spread: Floats, contrast: Floats, flat: NDArray[np.bool_], rate_hz: float) -> list[Flat]:
    """Find the flat stretches of a run and the fades at their ends.

    Parameters
    ----------
    mean : np.ndarray [shape=(n, 3), dtype=float32]
        mean of each frame's cells
    spread, contrast : np.ndarray [shape=(n,), dtype=float32]
        as for ``is_flat``: the cells see pictures, the contrast of luma small letters too
    flat : np.ndarray [shape=(n,), dtype=bool]
    rate_hz : float
        frames a second
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flat, [False]]).astype(np.int8)))
    move = np.pad(np.sqrt((np.diff(mean, axis=0) ** 2).sum(axis=1)), (1, 1))
    # a step, not a part of a fade: still before it and after it
    still = move < TONE_STEP / 2
    steps = np.flatnonzero((move[1:-1] > 2 * TONE_STEP) & still[:-2] & still[2:]) + 1
    limit = max(8, round(RAMP_S * rate_hz))
    known = np.nan_to_num(contrast)
    flats = []
    for low, high in _split(edges.reshape(-1, 2), steps):
        start, end = _trim(mean, spread, known, low, high)
        tone = mean[start:end].mean(axis=0)
        first, last = max(0, start - limit), min(len(mean), end + limit)
        # what the flat frames themselves have of contrast is grain
        grain = float(known[start:end].min())
        detail = np.sqrt(spread[first:last] ** 2 + np.maximum(known[first:last] ** 2 - grain**2, 0.0))
        away = _from_colour(mean[first:last], detail, tone)
        down, up = _ramp(away[: start - first][::-1]), _ramp(away[end - first :])
        flats.append(Flat(start, end, start - down if down else None, end + up if up else None, colour_name(tone)))
    return flats


def _split(spans: NDArray[np.int64], steps: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Split flat stretches where one colour steps to another."""
    made = []
    for low, high in spans.tolist():
        inside = steps[(steps > low) & (steps < high)].tolist()
        made += list(pairwise([low, *inside, high]))
    return made


def _trim(mean: Floats, spread: Floats, contrast: Floats, low: int, high: int) -> tuple[int, int]:
    """Leave out the frames at both ends in which a picture is still, or already, seen: in dark film they seem flat."""
    detail = np.hypot(spread[low:high], contrast[low:high])
    core = float(np.quantile(detail, 0.1))
    tone = np.median(mean[low:high][detail <= core * 1.2 + 0.002], axis=0)
    away = np.sqrt(((mean[low:high] - tone) ** 2).sum(axis=1))
    flat = np.flatnonzero((detail <= 1.5 * core + 0.004) & (away <= TONE_STEP))
    return (low + int(flat[0]), low + int(flat[-1]) + 1) if len(flat) else (low, high)


def _from_colour(mean: Floats, detail: Floats, tone: Floats) -> Floats:
    """Distance of frames from a flat picture of colour ``tone``, from their mean and detail alone."""
    away: Floats = np.sqrt(((mean - tone) ** 2).sum(axis=1) + detail**2)
    return away


def _ramp(away: Floats) -> int:
    """How many frames the picture takes to come out of the flat colour; 0 for a hard cut."""
    if len(away) < RAMP_LEAST:
        return 0
    at = 0
    while True:
        ahead = away[at + 1 : at + 1 + max(3, at // 4)]
        if not len(ahead) or float(ahead.max()) <= float(away[at]) * 1.02 + 0.003:
            break
        at += 1
    top = float(away[at])
    # the first frame outside a hard edge is the picture itself
    if float(away[0]) > 0.6 * top or int((away[: at + 1] < 0.85 * top).sum()) < RAMP_LEAST - 1:
        return 0
    rising = np.flatnonzero(away[: at + 1] >= 0.97 * top)
    return int(rising[0])


def colour_name(tone: Floats) -> str:
    """Name a mean colour of cells: ``black``, ``white`` or ``#rrggbb``."""
    lightness, a, b = float(tone[0]), float(tone[1]) / CHROMA_WEIGHT, float(tone[2]) / CHROMA_WEIGHT
    chroma = float(np.hypot(a, b))
    if lightness < 0.25 and chroma < 0.06:
        return "black"
    if lightness > 0.92 and chroma < 0.03:
        return "white"
    return hex_colour(lightness, a, b)


def hex_colour(lightness: float, a: float, b: float) -> str:
    """OKLab to ``#rrggbb`` of BT.1886 display code values (Ottosson 2020; gamma 2.4).

    Examples
    --------
    >>> hex_colour(1.0, 0.0, 0.0), hex_colour(0.0, 0.0, 0.0)
    ('#ffffff', '#000000')
    """
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    codes = [round(255.0 * min(1.0, max(0.0, value)) ** (1.0 / 2.4)) for value in linear]
    return "#" + "".join(f"{code:02x}" for code in codes)
