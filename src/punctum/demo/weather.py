"""Snow and wipers.

Conventions: seconds of the world's own clock (frame / fps); units as in ``paint``; an angle in degrees, 0 to
the right, growing clockwise as y grows downwards.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from punctum.demo.paint import HEIGHT, WIDTH, Picture


class Snow:
    """Falling flakes at one distance from the camera.

    Parameters
    ----------
    seed : list of int
        for the places and ways of the flakes
    count : int
        how many are in the air in and around the frame
    radius : float
        of a middling flake, units
    fall, wind : float
        units a second, downwards and to the right
    light : float
        brightness of a middling flake, 0 to 1
    coarse : int
        how many pixels of the picture one pixel of this layer covers; large soft flakes need few
    """

    def __init__(
        self,
        seed: list[int],
        count: int,
        radius: float,
        fall: float,
        wind: float,
        light: float,
        coarse: int = 1,
    ) -> None:
        random = np.random.default_rng(seed)
        self.room = 40 + radius * 4
        self.x = random.uniform(0, WIDTH + 2 * self.room, count)
        self.y = random.uniform(0, HEIGHT + 2 * self.room, count)
        size = random.lognormal(0, 0.28, count)
        self.radius = radius * size
        self.fall = fall * size**0.5 * random.uniform(0.8, 1.2, count)
        self.wind = wind * random.uniform(0.6, 1.4, count)
        self.sway = random.uniform(2, 9, count) * (radius**0.4)
        self.turn = random.uniform(0.5, 1.6, count)
        self.phase = random.uniform(0, 2 * np.pi, count)
        self.light = light * random.uniform(0.45, 1.0, count)
        self.coarse = coarse
        self._stamps: dict[float, tuple[Stamps, ...]] = {}

    def mask(self, time_s: float, scale: float, size_px: tuple[int, int]) -> Picture:
        """Return the flakes at a time as a grey mask (h, w)."""
        width_px, height_px = size_px[0] // self.coarse, size_px[1] // self.coarse
        grow = scale / self.coarse
        swing = self.sway * np.sin(self.turn * time_s * 2 + self.phase)
        x = (self.x + self.wind * time_s + swing) % (WIDTH + 2 * self.room) - self.room
        y = (self.y + self.fall * time_s) % (HEIGHT + 2 * self.room) - self.room
        if grow not in self._stamps:
            self._stamps[grow] = stamps(np.maximum(self.radius * grow, 0.45), self.light)
        mask = press(self._stamps[grow], x * grow, y * grow, width_px, height_px)
        if self.coarse > 1:
            mask = cv2.resize(mask, size_px, interpolation=cv2.INTER_CUBIC)
        return mask


def splat(
    x_px: NDArray[np.float64],
    y_px: NDArray[np.float64],
    radius_px: NDArray[np.float64],
    light: NDArray[np.float64],
    width_px: int,
    height_px: int,
) -> Picture:
    """Return soft discs as a grey mask (h, w): each falls off as exp(-(r / radius) ** 4)."""
    reach = int(np.ceil(radius_px.max() * 1.7)) if len(radius_px) else 0
    offsets = np.arange(-reach, reach + 1)
    left = np.rint(x_px).astype(np.int64)
    top = np.rint(y_px).astype(np.int64)
    columns = left[:, None] + offsets
    rows = top[:, None] + offsets
    across = ((columns - x_px[:, None]) / radius_px[:, None]) ** 2
    down = ((rows - y_px[:, None]) / radius_px[:, None]) ** 2
    square = down[:, :, None] + across[:, None, :]
    value = light[:, None, None] * np.exp(-(square**2))
    inside = ((rows >= 0) & (rows < height_px))[:, :, None] & ((columns >= 0) & (columns < width_px))[:, None, :]
    flat = (rows[:, :, None] * width_px + columns[:, None, :])[inside]
    total = np.zeros(height_px * width_px, np.uint16)
    np.add.at(total, flat, (value[inside] * 255).astype(np.uint16))
    return np.minimum(total, 255).astype(np.uint8).reshape(height_px, width_px)


PARTS = 4
"""Into how many parts a pixel is divided, across and down, for the places of stamped flakes."""

Stamps = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]
"""Which flakes; offsets of a stamp's pixels, (k,); their values, (flakes, PARTS, PARTS, k, k), 0 to 255."""


def stamps(radius_px: NDArray[np.float64], light: NDArray[np.float64]) -> tuple[Stamps, ...]:
    """Return soft discs as in ``splat``, made once, small and large ones apart."""
    made: list[Stamps] = []
    order = np.argsort(radius_px, kind="stable")
    for which in np.array_split(order, max(1, min(4, len(order) // 24))):
        radius, bright = radius_px[which], light[which]
        reach = int(np.ceil(radius.max() * 1.6)) if len(which) else 0
        offsets = np.arange(-reach, reach + 2)
        away = ((offsets[None, :] - (np.arange(PARTS) / PARTS)[:, None])[None] / radius[:, None, None]) ** 2
        square = away[:, :, None, :, None] + away[:, None, :, None, :]
        value = 255 * bright[:, None, None, None, None] * np.exp(-(square**2))
        made.append((which, offsets, value.astype(np.float32)))
    return tuple(made)


def press(
    made: tuple[Stamps, ...], x_px: NDArray[np.float64], y_px: NDArray[np.float64], width_px: int, height_px: int
) -> Picture:
    """Press stamped flakes onto a grey mask (h, w), each to the nearest part of a pixel."""
    room = max(int(offsets[-1]) for _, offsets, _ in made) + 1
    wide, tall = width_px + 2 * room, height_px + 2 * room
    total = np.zeros((tall, wide), np.float32)
    flat = total.reshape(-1)
    for which, offsets, value in made:
        column = np.rint(x_px[which] * PARTS).astype(np.int64)
        row = np.rint(y_px[which] * PARTS).astype(np.int64)
        left, top = column // PARTS + room, row // PARTS + room
        near = -int(offsets[0])
        seen = (left >= near) & (left < wide - offsets[-1]) & (top >= near) & (top < tall - offsets[-1])
        stamp = value[seen, row[seen] % PARTS, column[seen] % PARTS]
        at = (top[seen] * wide + left[seen])[:, None, None] + (offsets[:, None] * wide + offsets[None, :])
        np.add.at(flat, at.reshape(-1), stamp.reshape(-1))
    inside = total[room : room + height_px, room : room + width_px]
    return cv2.convertScaleAbs(inside)


REST_DEG = 192.0
"""Where a wiper lies at rest: pointing left, just below the horizontal of the glass's foot."""

SWEEP_DEG = 112.0
"""How far it swings out and back."""


class Wipers:
    """Two wipers that beat together, out in the first half of the period and back in the second."""

    def __init__(self, period_s: float) -> None:
        self.period_s = period_s

    def turn(self, time_s: float) -> float:
        """Return how far out they are: 0 at rest, 1 at the far end."""
        phase = (time_s / self.period_s) % 1.0
        return 0.5 - 0.5 * float(np.cos(2 * np.pi * phase))

    def since_wiped_s(self, time_s: float, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how long ago the blade passed over each ``share`` of its way (0 to 1)."""
        way = np.arccos(np.clip(1 - 2 * share, -1, 1)) / (2 * np.pi)
        phase = (time_s / self.period_s) % 1.0
        out = (phase - way) % 1.0
        back = (phase - (1 - way)) % 1.0
        return np.asarray(np.minimum(out, back) * self.period_s)
