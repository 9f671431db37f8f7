"""A camera over a piece of film or a photograph: windows that move, with motion blur.

Conventions: a path is float64 (n, 4): the window's centre across and down as shares of the source picture, its width as
a share of the widest window of the view's shape that fits into the source, its turn in degrees.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]
Path = NDArray[np.float64]

SHUTTER = 0.5
"""Share of a frame's time that the shutter is open: 180 degrees."""

MOST_SAMPLES = 16
"""Pictures averaged for one frame's motion blur, at most."""


class Size(NamedTuple):
    """Size of the view in pixels."""

    width: int
    height: int


def widest(source: Pictures, size: Size) -> float:
    """Width in source pixels of the widest window of the view's shape."""
    h, w = source.shape[:2]
    return min(float(w), h * size.width / size.height)


def ease(t: NDArray[np.float64]) -> NDArray[np.float64]:
    """Smooth step from 0 to 1."""
    t = np.clip(t, 0.0, 1.0)
    return t * t * (3 - 2 * t)


def rest_path(rng: np.random.Generator, n: int, source: Pictures, size: Size, least: float, most: float) -> Path:
    """A camera that stands: one window, its width drawn between ``least`` and ``most``."""
    scale = rng.uniform(least, most)
    path = np.zeros((n, 4))
    path[:, 2] = scale
    path[:, 0:2] = _somewhere(rng, scale, source, size)
    return path


def moving_path(rng: np.random.Generator, n: int, source: Pictures, size: Size) -> Path:
    """Pan, tilt, zoom, turn, or hold over a photograph; of drawn speed, from hardly any to a brisk pan."""
    begin, end = rng.uniform(0.35, 0.95), rng.uniform(0.35, 0.95)
    kind = rng.choice(["hold", "pan", "zoom", "both", "arc"], p=[0.15, 0.35, 0.2, 0.2, 0.1])
    if kind in ("hold", "pan"):
        end = begin
    path = np.zeros((n, 4))
    share = np.linspace(0, 1, n) if rng.random() < 0.6 else ease(np.linspace(-0.2, 1.2, n))
    a, b = _somewhere(rng, begin, source, size), _somewhere(rng, end, source, size)
    if kind in ("hold", "zoom"):
        b = a + (b - a) * 0.1
    # a brisk pan crosses its picture in a second or so, not in a dozen frames
    reach = min(1.0, n * rng.uniform(0.002, 0.02) / max(1e-6, float(np.abs(b - a).max())))
    path[:, 0:2] = a + (b - a) * reach * share[:, None]
    path[:, 2] = begin * ((end / begin) ** min(1.0, n / rng.uniform(40, 160))) ** share
    if kind == "arc":
        path[:, 3] = rng.uniform(-8, 8) * share * min(1.0, n / 60)
    return path


def hand(rng: np.random.Generator, n: int, strength: float) -> Path:
    """The unrest of a hand-held camera, to add to a path: slow sway and quick tremor, windows wide."""
    sway = np.zeros((n, 4))
    t = np.arange(n)
    for column, part in ((0, 1.0), (1, 0.8), (3, 30.0)):
        for period, weight in ((rng.uniform(25, 60), 1.0), (rng.uniform(8, 20), 0.35), (rng.uniform(3, 7), 0.12)):
            sway[:, column] += strength * part * weight * np.sin(2 * np.pi * (t / period + rng.random()))
    return sway


def see_from_elsewhere(rng: np.random.Generator, window: Path, path: Path) -> Path:
    """The same place as a second camera sees it: much nearer or much wider than ``window`` ends."""
    path = path.copy()
    scale = float(window[-1, 2])
    path[:, 2] = np.clip(scale * rng.choice([rng.uniform(0.45, 0.72), rng.uniform(1.4, 2.0)]), 0.3, 1.0)
    return path


def move_camera(
    rng: np.random.Generator, name: str, path: Path, at: int, high: int, source: Pictures, size: Size, rate: float
) -> tuple[Path, tuple[int, int]]:
    """Add a "whip" pan, a "shake" or a "zoom" to a path, between frames ``at`` and ``high``; its frames, half-open."""
    path = path.copy()
    t = np.arange(len(path))
    if name == "shake":
        length = min(high - at, max(4, round(rng.uniform(8, 60) * rate)))
        strength = rng.uniform(0.015, 0.09) * path[at, 2]
        jolt = rng.normal(0, 1, (len(path), 4)) * (strength, strength, 0, 60 * strength)
        if rng.random() < 0.5:
            jolt = (jolt + np.roll(jolt, 1, 0)) * 0.7
        fading = np.exp(-np.clip(t - at, 0, None) / (length * rng.uniform(0.2, 2.0)))
        path += jolt * (fading * (t >= at) * (t < at + length))[:, None]
        return path, (at, at + length)
    if name == "zoom":
        length = min(high - at, max(2, round(float(np.exp(rng.uniform(np.log(3), np.log(40)))) * rate)))
        begin = float(path[at, 2])
        end = begin * rng.uniform(0.35, 0.75)
        share = ease((t - at) / length) if rng.random() < 0.7 else np.clip((t - at) / length, 0, 1)
        path[:, 2] *= (end / begin) ** (share if rng.random() < 0.5 else 1 - share)
        return path, (at, at + length)
    length = max(3, min(high - at, round(float(np.exp(rng.uniform(np.log(4), np.log(18)))) * rate)))
    h, w = source.shape[:2]
    width = float(path[at, 2]) * widest(source, size)
    half = np.array([width / w, width * size.height / size.width / h]) / 2
    free = 1 - 2 * half
    axis = 0 if free[0] * w >= free[1] * h or rng.random() < 0.3 else 1
    a = half + free * rng.uniform(0, 0.2, 2)
    b = a.copy()
    b[axis] = half[axis] + free[axis] * rng.uniform(0.75, 1.0)
    b[1 - axis] += free[1 - axis] * rng.uniform(-0.15, 0.3)
    if rng.random() < 0.5:
        a[axis], b[axis] = b[axis], a[axis]
    share = ease((t - at) / length)
    last = at + length
    if rng.random() < 0.2 and last + 2 * length < high:
        # and back again
        back = int(rng.integers(last, high - length))
        share = share - ease((t - back) / length)
        last = back + length
    path[:, 0:2] = a + (b - a) * share[:, None] + (path[:, 0:2] - path[at, 0:2]) * 0.3
    return path, (at, last)


def _somewhere(rng: np.random.Generator, scale: float, source: Pictures, size: Size) -> NDArray[np.float64]:
    h, w = source.shape[:2]
    width = scale * widest(source, size)
    half_x, half_y = width / w / 2, width * size.height / size.width / h / 2
    return np.array([rng.uniform(half_x, max(half_x, 1 - half_x)), rng.uniform(half_y, max(half_y, 1 - half_y))])


def shoot(sources: list[Pictures], path: Path, size: Size) -> Pictures:
    """Film ``sources``, one picture a frame (the same one again for a photograph), along a path.

    A fast move blurs along the way it takes while the shutter is open.
    """
    n = len(path)
    out = np.empty((n, size.height, size.width, 3), np.uint8)
    still = bool(np.all(path == path[0]))
    last: tuple[int, Pictures] | None = None
    for i in range(n):
        if still and last is not None and last[0] == id(sources[i]):
            out[i] = last[1]
            continue
        before = path[max(0, i - 1)]
        shift = np.hypot(*(path[i, :2] - before[:2]) * np.array(sources[i].shape[1::-1]))
        pixel = path[i, 2] * widest(sources[i], size) / size.width
        zoom = abs(float(np.log(path[i, 2] / before[2]))) * size.width / 2
        turn = abs(float(np.deg2rad(path[i, 3] - before[3]))) * size.width / 2
        blur_px = SHUTTER * (float(shift) / max(1e-6, pixel) + zoom + turn)
        count = int(np.clip(round(blur_px / 1.2), 1, MOST_SAMPLES))
        if count == 1:
            out[i] = _view(sources[i], path[i], size)
        else:
            parts = [
                _view(sources[i], path[i] + (before - path[i]) * SHUTTER * k / (count - 1), size) for k in range(count)
            ]
            out[i] = np.mean(np.stack(parts), axis=0, dtype=np.float32).astype(np.uint8)
        last = id(sources[i]), out[i]
    return out


def _view(source: Pictures, window: NDArray[np.float64], size: Size) -> Pictures:
    h, w = source.shape[:2]
    width = float(window[2]) * widest(source, size)
    height = width * size.height / size.width
    half_x, half_y = width / w / 2, height / h / 2
    cx = float(np.clip(window[0], half_x, max(half_x, 1 - half_x))) * w
    cy = float(np.clip(window[1], half_y, max(half_y, 1 - half_y))) * h
    # twice as fine and then averaged where the source is finer than the view, or texture would shimmer
    fine = 2 if width > 1.3 * size.width else 1
    across, down = size.width * fine, size.height * fine
    step = width / across
    turn = np.deg2rad(float(window[3]))
    c, s = np.cos(turn) * step, np.sin(turn) * step
    move = np.array(
        [
            [c, -s, cx - 0.5 - c * (across - 1) / 2 + s * (down - 1) / 2],
            [s, c, cy - 0.5 - s * (across - 1) / 2 - c * (down - 1) / 2],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    view = cv2.warpAffine(source, move, (across, down), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
    return view if fine == 1 else cv2.resize(view, size, interpolation=cv2.INTER_AREA)
