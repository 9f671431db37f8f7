"""Cut paper, light and glass: how shapes become a picture.

Conventions: pictures are uint8 (h, w, 3), red first; points are float (n, 2), x to the right and y down, in
units of which a frame shows 960 by 540 whatever its size in pixels. A ``Sheet`` is a piece of paper to cut
shapes into: RGBA, premultiplied, drawn at twice the size and brought down, so that every edge is smooth.
"""

import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from punctum.demo.palettes import Colour

Picture = NDArray[Any]
"""uint8; cv2's stubs promise no narrower type than any array."""

Points = NDArray[np.float64]

WIDTH = 960.0
HEIGHT = 540.0
SUBPIXEL_BITS = 4


@dataclass(frozen=True)
class View:
    """What the camera shows: the point in the middle of the frame, and how much larger than 1:1."""

    zoom: float = 1.0
    x: float = WIDTH / 2
    y: float = HEIGHT / 2

    def nearer(self, depth: float) -> "View":
        """Return the view of a layer that moves ``depth`` times as much: below 1 lies farther off."""
        return View(
            1 + (self.zoom - 1) * depth,
            WIDTH / 2 + (self.x - WIDTH / 2) * depth,
            HEIGHT / 2 + (self.y - HEIGHT / 2) * depth,
        )


STRAIGHT = View()


@lru_cache(maxsize=256)
def _spline(count: int, steps: int, closed: bool) -> Points:
    """Weights of a Catmull-Rom curve through ``count`` points, ``steps`` points to a stretch."""
    stretches = count if closed else count - 1
    weights = np.zeros((stretches * steps + (0 if closed else 1), count))
    for stretch in range(stretches):
        for step in range(steps):
            t = step / steps
            row = stretch * steps + step
            for offset, weight in enumerate(
                (
                    -0.5 * t + t * t - 0.5 * t**3,
                    1 - 2.5 * t * t + 1.5 * t**3,
                    0.5 * t + 2 * t * t - 1.5 * t**3,
                    -0.5 * t * t + 0.5 * t**3,
                )
            ):
                at = stretch - 1 + offset
                at = at % count if closed else min(max(at, 0), count - 1)
                weights[row, at] += weight
    if not closed:
        weights[-1, -1] = 1
    return weights


def curve(points: ArrayLike, closed: bool = True, steps: int = 6) -> Points:
    """Return a smooth curve through points (n, 2)."""
    given = np.asarray(points, dtype=np.float64)
    return _spline(len(given), steps, closed) @ given


@lru_cache(maxsize=256)
def _circle(start_deg: float, end_deg: float, count: int) -> Points:
    angle = np.radians(np.linspace(start_deg, end_deg, count))
    return np.asarray(np.stack([np.cos(angle), np.sin(angle)], axis=1))


@lru_cache(maxsize=256)
def swell(count: int, *knots: tuple[float, float]) -> Points:
    """Return the widths of a line of ``count`` points, linear between knots (where along it, how wide)."""
    return np.asarray(np.interp(np.linspace(0, 1, count), [at for at, _ in knots], [wide for _, wide in knots]))


@lru_cache(maxsize=64)
def leaf(count: int) -> Points:
    """Return the widths of a line of ``count`` points that is widest, 1, in the middle and runs out at both ends."""
    return np.asarray(np.sin(np.linspace(0, np.pi, count)))


def arc(x: float, y: float, rx: float, ry: float, start_deg: float, end_deg: float, count: int = 24) -> Points:
    """Return points on an ellipse from one angle to another; 0 is right, 90 is down."""
    return np.asarray(_circle(start_deg, end_deg, count) * np.array([rx, ry]) + np.array([x, y]))


def disc(x: float, y: float, rx: float, ry: float | None = None, count: int = 28) -> Points:
    """Return the outline of an ellipse."""
    return arc(x, y, rx, rx if ry is None else ry, 0, 360 * (1 - 1 / count), count)


def band(line: Points, width: ArrayLike) -> Points:
    """Return the outline of a line (n, 2) that is ``width`` wide, a number or one for each point."""
    along = np.empty_like(line)
    along[1:-1] = line[2:] - line[:-2]
    along[0], along[-1] = line[1] - line[0], line[-1] - line[-2]
    square = along * along
    length = np.sqrt(square[:, 0] + square[:, 1])
    half = np.asarray(width, dtype=np.float64) * 0.5 / np.maximum(length, 1e-9)
    across = np.empty_like(line)
    across[:, 0], across[:, 1] = -along[:, 1] * half, along[:, 0] * half
    outline = np.empty((2 * len(line), 2))
    outline[: len(line)] = line + across
    outline[len(line) :] = (line - across)[::-1]
    return outline


_passing = threading.local()


def blank_pixels(shape: tuple[int, int, int]) -> Picture:
    """Return a thread's one large piece of paper, blank: memory fresh from the system costs more than the drawing."""
    count = shape[0] * shape[1] * shape[2]
    room: Picture | None = getattr(_passing, "room", None)
    if room is None or room.size < count:
        room = np.zeros(count, np.uint8)
        _passing.room = room
    pixels = room[:count].reshape(shape)
    pixels[:] = 0
    return pixels


class Sheet:
    """A piece of paper: left, top, width and height in units, ``scale`` pixels a unit.

    A sheet for a plate reaches ``margin`` units beyond the frame, and ``box`` counts from there. A ``passing``
    sheet, finer than 1, shares its pixels with the next one of its thread.
    """

    def __init__(
        self,
        scale: float,
        box: tuple[float, float, float, float] = (0, 0, WIDTH, HEIGHT),
        view: View = STRAIGHT,
        fine: int = 2,
        margin: float = 0.0,
        passing: bool = False,
    ) -> None:
        self.left_px, self.top_px = round(box[0] * scale), round(box[1] * scale)
        self.width_px, self.height_px = max(1, round(box[2] * scale)), max(1, round(box[3] * scale))
        self.fine = fine
        self.scale = scale
        self.view = view
        self._factor = scale * fine * view.zoom * (1 << SUBPIXEL_BITS)
        self._shift = np.array(
            [
                (WIDTH / 2 - view.x * view.zoom) * scale - self.left_px,
                (HEIGHT / 2 - view.y * view.zoom) * scale - self.top_px,
            ]
        ) * (fine * (1 << SUBPIXEL_BITS))
        self._shift += margin * self._factor
        # cv2 counts from the centre of a pixel, units from its corner
        self._shift -= 0.5 * (1 << SUBPIXEL_BITS)
        shape = (self.height_px * fine, self.width_px * fine, 4)
        self.pixels: Picture = blank_pixels(shape) if passing else np.zeros(shape, np.uint8)

    def place(self, points: Points) -> NDArray[np.int32]:
        """Return points in sub-pixels of the sheet."""
        return np.asarray(np.rint(points * self._factor + self._shift).astype(np.int32))

    def cut(self, points: ArrayLike, colour: Colour) -> None:
        """Lay a shape of one colour on the sheet."""
        placed = self.place(np.asarray(points, dtype=np.float64))
        cv2.fillPoly(self.pixels, [placed], (*colour, 255), cv2.LINE_AA, SUBPIXEL_BITS)

    def stroke(self, line: ArrayLike, width: ArrayLike, colour: Colour) -> None:
        """Lay a line (n, 2) of one width, or one for each point."""
        self.cut(band(np.asarray(line, dtype=np.float64), width), colour)

    def finished(self) -> Picture:
        """Return the sheet at its own size: uint8 (h, w, 4)."""
        if self.fine == 1:
            return self.pixels
        return cv2.resize(self.pixels, (self.width_px, self.height_px), interpolation=cv2.INTER_AREA)

    def lay_on(self, picture: Picture, light: Picture | None = None, share: float = 1.0, blur_px: float = 0.0) -> None:
        """Lay the sheet on a picture, in place; ``light`` multiplies it (128 leaves it as it is)."""
        lay(picture, self.finished(), self.left_px, self.top_px, light, share, blur_px)


def lay(
    picture: Picture,
    paper: Picture,
    left_px: int = 0,
    top_px: int = 0,
    light: Picture | None = None,
    share: float = 1.0,
    blur_px: float = 0.0,
) -> None:
    """Lay premultiplied RGBA ``paper`` on a picture, in place; what lies outside is cut off."""
    if blur_px > 0:
        paper = cv2.GaussianBlur(paper, (0, 0), blur_px)
    top, left = max(0, top_px), max(0, left_px)
    bottom = min(picture.shape[0], top_px + paper.shape[0])
    right = min(picture.shape[1], left_px + paper.shape[1])
    if bottom <= top or right <= left:
        return
    part = paper[top - top_px : bottom - top_px, left - left_px : right - left_px]
    under = picture[top:bottom, left:right]
    colour = cv2.cvtColor(part, cv2.COLOR_RGBA2RGB)
    if light is not None:
        colour = cv2.multiply(colour, light[top:bottom, left:right], scale=1 / 128)
    cover = part[:, :, 3]
    if share < 1:
        colour = cv2.convertScaleAbs(colour, alpha=share)
        cover = cv2.convertScaleAbs(cover, alpha=share)
    through = cv2.cvtColor(cv2.bitwise_not(cover), cv2.COLOR_GRAY2RGB)
    cv2.add(cv2.multiply(under, through, scale=1 / 255), colour, dst=under)


def soft_paper(sheet: Sheet, coarse: int, blur_px: float, size_px: tuple[int, int]) -> tuple[Picture, int, int]:
    """Return a sheet cut ``coarse`` times too small as paper for the frame, out of focus by ``blur_px`` of it.

    With it comes the pixel of the frame where its upper left corner lies; it is no larger than ``size_px``.
    """
    paper = cv2.GaussianBlur(sheet.finished(), (0, 0), blur_px / coarse)
    # what is empty around it need not be laid
    left, top, width, height = cv2.boundingRect(np.ascontiguousarray(paper[:, :, 3]))
    part = paper[top : top + max(1, height), left : left + max(1, width)]
    size = (min(part.shape[1] * coarse, size_px[0]), min(part.shape[0] * coarse, size_px[1]))
    part = cv2.resize(part, size, interpolation=cv2.INTER_LINEAR)
    return part, (max(0, sheet.left_px) + left) * coarse, (max(0, sheet.top_px) + top) * coarse


def glow(picture: Picture, mask: Picture, colour: Colour, strength: float = 1.0) -> None:
    """Add light of one colour through a grey mask (h, w), in place."""
    layer = cv2.merge([cv2.convertScaleAbs(mask, alpha=strength * one / 255) for one in colour])
    cv2.add(picture, layer, dst=picture)


def veil(picture: Picture, mask: Picture, colour: Colour) -> None:
    """Blend one colour over a picture through a grey mask (h, w), in place."""
    left, top, width, height = cv2.boundingRect(mask)
    if not width:
        return
    part = slice(top, top + height), slice(left, left + width)
    under, mask = picture[part], mask[part]
    cv2.multiply(under, cv2.cvtColor(cv2.bitwise_not(mask), cv2.COLOR_GRAY2RGB), dst=under, scale=1 / 255)
    glow(under, mask, colour)


def shade(picture: Picture, mask: Picture, tint: Colour) -> None:
    """Multiply a picture towards ``tint`` (a colour as a share of 255) where a grey mask is light, in place."""
    layer = cv2.merge([cv2.convertScaleAbs(mask, alpha=-(255 - one) / 255, beta=0) for one in tint])
    cv2.multiply(picture, 255 - layer, dst=picture, scale=1 / 255)


def ramp(top: Colour, bottom: Colour, width_px: int, height_px: int, power: float = 1.0) -> Picture:
    """Return a picture that runs from one colour at its top to another at its foot."""
    share = (np.linspace(0, 1, height_px) ** power)[:, None, None]
    column = np.asarray(top, float) * (1 - share) + np.asarray(bottom, float) * share
    return np.ascontiguousarray(np.broadcast_to(np.rint(column), (height_px, width_px, 3)), np.uint8)


def halo(
    width_px: int,
    height_px: int,
    x_px: float,
    y_px: float,
    reach_px: float,
    power: float = 2.0,
    stretch: float = 1.0,
) -> Picture:
    """Return a soft light around a point as a grey mask: 255 at its heart, falling with the distance."""
    rows, columns = np.mgrid[0:height_px, 0:width_px].astype(np.float32)
    distance = np.hypot(columns - x_px, (rows - y_px) / stretch) / reach_px
    return np.asarray(np.rint(255 / (1 + (distance * 2) ** 2) ** (power / 2)), np.uint8)


def bloom(picture: Picture, reach_px: float, strength: float, floor: int = 90) -> Picture:
    """Return a picture whose bright parts glow into their surroundings."""
    small = cv2.resize(picture, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    bright = cv2.subtract(small, np.full_like(small, floor))
    wide = cv2.GaussianBlur(bright, (0, 0), max(0.5, reach_px / 4))
    far = cv2.GaussianBlur(bright, (0, 0), max(0.5, reach_px))
    light = cv2.addWeighted(wide, strength, far, strength, 0)
    return cv2.add(picture, cv2.resize(light, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_CUBIC))


class Plate:
    """A painting made once and shown through a moving camera: it reaches ``margin`` units beyond the frame."""

    def __init__(self, picture: Picture, scale: float, margin: float) -> None:
        self.picture = picture
        self.scale = scale
        self.margin = margin

    def show(
        self,
        view: View,
        scale: float,
        size_px: tuple[int, int],
        border: int = cv2.BORDER_REPLICATE,
        from_px: tuple[int, int] = (0, 0),
    ) -> Picture:
        """Return what ``view`` shows of it: ``size_px`` (width, height) from the frame's point ``from_px`` on."""
        grow = view.zoom * scale / self.scale
        across = (WIDTH / 2 - (view.x + self.margin) * view.zoom) * scale + (grow - 1) / 2
        down = (HEIGHT / 2 - (view.y + self.margin) * view.zoom) * scale + (grow - 1) / 2
        matrix = np.array([[grow, 0, across - from_px[0]], [0, grow, down - from_px[1]]])
        return cv2.warpAffine(self.picture, matrix, size_px, flags=cv2.INTER_LINEAR, borderMode=border)


class Grain:
    """The grain of film stock: another piece of one large noise on every frame."""

    def __init__(self, seed: int, width_px: int, height_px: int, strength: float = 5.0) -> None:
        self.seed = seed
        self.room_px = 64
        random = np.random.default_rng([seed, 7])
        noise = random.standard_normal((height_px + self.room_px, width_px + self.room_px)).astype(np.float32)
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), 0.65), np.float32)
        noise *= strength / float(noise.std())
        # what it adds and what it takes away, apart: saturating sums of bytes are the fastest there are
        self.light, self.dark = (
            cv2.cvtColor(np.clip(np.rint(sign * noise), 0, 255).astype(np.uint8), cv2.COLOR_GRAY2RGB)
            for sign in (1, -1)
        )

    def lay_on(self, picture: Picture, frame: int) -> Picture:
        """Return the picture with the grain of frame ``frame``."""
        left, top = np.random.default_rng([self.seed, 8, frame]).integers(0, self.room_px, 2)
        part = slice(top, top + picture.shape[0]), slice(left, left + picture.shape[1])
        return cv2.subtract(cv2.add(picture, self.light[part]), self.dark[part])
