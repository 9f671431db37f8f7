"""What every set-up is given: the stage it is built on, and the moment that it draws.

Conventions: ``clock_s`` is the film's own time, by which snow falls, wipers beat and people breathe;
``action_s`` is the shot's, from its first frame, by which things happen; ``share`` the part of the shot that
has passed, below 0 or above 1 where it dissolves. Figures that hardly move do so on twos, as in cut-paper films:
they stand for two frames as ``Moment.drawn`` has them, while camera, wipers, snow and tear move on every one.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import cv2
import numpy as np

from punctum.demo.paint import HEIGHT, WIDTH, Picture, halo, ramp
from punctum.demo.palettes import Colour, Palette
from punctum.demo.staging import Staging
from punctum.demo.weather import Wipers


@dataclass(frozen=True)
class Moment:
    """One frame of one shot."""

    frame: int
    clock_s: float
    action_s: float
    share: float
    length_s: float
    flash: float
    action: str
    tear: float | None
    """How far the tear has come, 0 to 1; None where there is none."""
    before: "Moment | None" = None
    """The moment of the frame before, on frames of odd number."""

    @property
    def drawn(self) -> "Moment":
        """The moment of which this frame shows the figures."""
        return self.before or self


Made = TypeVar("Made")


class Kept:
    """Keeps what was last made under a name, for the frame after it; each thread has its own."""

    def __init__(self) -> None:
        self._kept = threading.local()

    def get(self, name: str, frame: int, make: Callable[[], Made]) -> Made:
        """Return what ``make`` makes for a frame, from memory where it was the last made."""
        last = getattr(self._kept, name, None)
        if last is None or last[0] != frame:
            last = (frame, make())
            setattr(self._kept, name, last)
        made: Made = last[1]
        return made


LIGHT_COARSE = 8
"""Lights are soft: one of their pixels covers this many of the frame's, across and down."""


class Stage:
    """Sizes, colours, wipers and what the set-ups share."""

    def __init__(self, staging: Staging, palette: Palette) -> None:
        self.staging = staging
        self.palette = palette
        self.seed = staging.seed
        self.size_px = (staging.width_px, staging.height_px)
        self.scale = max(staging.width_px / WIDTH, staging.height_px / HEIGHT)
        self.wipers = Wipers(staging.wiper_period_s)
        self.kept = Kept()

    def random(self, *key: int) -> np.random.Generator:
        """Return a generator of random numbers of this film's seed."""
        return np.random.default_rng([self.seed, *key])

    def blank(self, colour: Colour = (0, 0, 0)) -> Picture:
        """Return a frame of one colour."""
        picture = np.zeros((self.size_px[1], self.size_px[0], 3), np.uint8)
        if any(colour):
            picture[:] = colour
        return picture

    def light(self, x: float, y: float, reach: float, tint: Colour, floor: Colour, gain: float = 1.0) -> Picture:
        """Return a light, ``LIGHT_COARSE`` times too small: ``tint`` near a point (units), ``floor`` far off.

        Brought to the frame's size by ``full`` it is for ``paint.lay``, where 128 changes nothing.
        """
        scale = self.scale / LIGHT_COARSE
        width, height = self.small(LIGHT_COARSE)
        mask = halo(width, height, x * scale, y * scale, reach * scale, 2.0).astype(np.float32) / 255
        far = np.asarray(floor, np.float32) / 255
        near = np.asarray(tint, np.float32) / 255
        colour = far + (near - far) * mask[:, :, None]
        return np.asarray(np.clip(np.rint(colour * 128 * gain), 0, 255), np.uint8)

    def small(self, coarse: int) -> tuple[int, int]:
        """Return width and height of a frame ``coarse`` times smaller, in pixels."""
        return -(-self.size_px[0] // coarse), -(-self.size_px[1] // coarse)

    def full(self, picture: Picture) -> Picture:
        """Return a smaller picture at the frame's size."""
        return np.asarray(cv2.resize(picture, self.size_px, interpolation=cv2.INTER_LINEAR))

    def vignette(self, depth: float = 0.45) -> Picture:
        """Return the lens's fall of light as a grey picture (h, w, 3) to multiply with."""
        width, height = self.size_px
        rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
        far = ((columns / width - 0.5) / 0.72) ** 2 + ((rows / height - 0.5) / 0.66) ** 2
        grey = np.rint(255 * (1 - depth * np.clip(far, 0, 1) ** 1.3)).astype(np.uint8)
        return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB))

    def canvas(self, margin: float, fine: float, top: Colour, foot: Colour, power: float = 1.0) -> Picture:
        """Return a plate's blank sky: ``margin`` units beyond the frame all round, ``fine`` times as many pixels."""
        width = round((WIDTH + 2 * margin) * (self.scale * fine))
        height = round((HEIGHT + 2 * margin) * (self.scale * fine))
        return ramp(top, foot, width, height, power)


def ease(share: float) -> float:
    """Return a share that starts and ends gently; clipped to 0..1."""
    share = min(1.0, max(0.0, share))
    return share * share * (3 - 2 * share)


def between(at: float, start: float, end: float) -> float:
    """Return how far ``at`` has come from ``start`` to ``end``, gently, 0 to 1."""
    return ease((at - start) / (end - start))


def keyed(at: float, *keys: tuple[float, float]) -> float:
    """Return a value that moves gently from key to key, each (when, value)."""
    if at <= keys[0][0]:
        return keys[0][1]
    for (start, low), (end, high) in pairwise(keys):
        if at < end:
            return low + (high - low) * between(at, start, end)
    return keys[-1][1]
