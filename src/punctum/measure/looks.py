"""How somebody looks: a face and the hair, skin and clothes around it as a few bytes, and how unlike looks are.

Conventions: a look is `LOOK_BYTES` uint8. For hair, skin and clothes, in this order: the share of the region that lies
in the picture; mean OKLab L, a and b, each over `CHANNEL_RANGE`; then a histogram of `BINS` cells, in 255ths. Light
changes from shot to shot: lightness is compared against the skin's own, never by itself. Then the face, turned upright
by its five points, as a small grey picture with its light taken out: each place against its surroundings, in their own
contrast.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from punctum.measure.colour import oklab
from punctum.measure.light import to_linear

REGIONS = ("hair", "skin", "clothes")

LEVELS, HUES = 6, 6
BINS = LEVELS + HUES * 2
"""Of each region: lightness of what has hardly any colour, and hue of what has, weak and strong."""

FACE_SIDE = 8
"""Places of the small picture of the face, across and down."""

REGION_BYTES = 4 + BINS
COLOUR_BYTES = REGION_BYTES * len(REGIONS)
LOOK_BYTES = COLOUR_BYTES + FACE_SIDE**2

PATCH_W, PATCH_H = 20, 30
"""Cells of the patch that is looked at: two face widths by three face heights."""

CHROMA_FROM, CHROMA_STRONG = 0.035, 0.09
"""OKLab chroma from which a cell has a hue, and from which a strong one."""

CHANNEL_RANGE = ((0.0, 1.0), (-0.25, 0.25), (-0.25, 0.25))


def _regions() -> list[NDArray[np.bool_]]:
    """Which cells of the patch are hair, skin, clothes: x and y in face widths and heights from the box's middle."""
    x = ((np.arange(PATCH_W) + 0.5) / PATCH_W * 2.0 - 1.0)[None, :]
    y = ((np.arange(PATCH_H) + 0.5) / PATCH_H * 3.0 - 1.0)[:, None]
    above = (np.abs(x) < 0.5) & (y > -0.9) & (y < -0.55)
    beside = (np.abs(x) > 0.55) & (np.abs(x) < 0.8) & (y > -0.5) & (y < 0.1)
    skin = (np.abs(x) < 0.28) & (y > -0.1) & (y < 0.3)
    clothes = (np.abs(x) < 0.9) & (y > 0.95) & (y < 1.9)
    return [above | beside, skin, clothes]


_MASKS = _regions()


_UPRIGHT = np.array([0.31 + 0.42j, 0.69 + 0.42j, 0.5 + 0.6j, 0.35 + 0.77j, 0.65 + 0.77j])
"""Where eyes, nose and corners of the mouth lie in the small picture, x + iy."""

_DRAWN_PX = 32


def describe_look(picture: NDArray[np.uint8], box: Sequence[float], points: Sequence[float] | None = None) -> bytes:
    """Describe a face and the hair, skin and clothes around it.

    Parameters
    ----------
    picture : np.ndarray [shape=(h, w, 3), dtype=uint8]
        RGB code values
    box : sequence of float
        left, top, width, height of the face as shares of the picture
    points : sequence of float, optional
        x, y of eyes, nose and corners of the mouth, as ``faces.points`` has them; the face itself is left out without

    Returns
    -------
    bytes
        `LOOK_BYTES` long; a region that lies outside the picture has zeros

    Examples
    --------
    >>> picture = np.full((90, 90, 3), 128, np.uint8)
    >>> len(describe_look(picture, (0.4, 0.3, 0.2, 0.25))) == LOOK_BYTES
    True
    """
    high, wide = picture.shape[:2]
    left, top, width, height = box
    if width <= 0 or height <= 0 or high < 2 or wide < 2:
        return bytes(LOOK_BYTES)
    patch, inside = _cut_out(picture, left + width / 2, top + height / 2, width, height)
    lab = oklab(to_linear(patch))
    lightness, chroma = lab[..., 0], np.hypot(lab[..., 1], lab[..., 2])
    hue = np.floor((np.arctan2(lab[..., 2], lab[..., 1]) / (2 * np.pi)) % 1.0 * HUES).astype(np.int64) % HUES
    grey = np.clip((lightness * LEVELS).astype(np.int64), 0, LEVELS - 1)
    cell = np.where(chroma < CHROMA_FROM, grey, LEVELS + hue + HUES * (chroma >= CHROMA_STRONG))
    parts = []
    for mask in _MASKS:
        own = mask & inside
        made = np.zeros(REGION_BYTES)
        if own.any():
            made[0] = own.sum() / mask.sum()
            for channel, (low, high_) in enumerate(CHANNEL_RANGE):
                made[1 + channel] = np.clip((lab[..., channel][own].mean() - low) / (high_ - low), 0, 1)
            made[4:] = np.bincount(cell[own], minlength=BINS) / own.sum()
        parts.append(np.rint(made * 255))
    colours = np.concatenate(parts).astype(np.uint8).tobytes()
    return colours + (bytes(FACE_SIDE**2) if points is None else _draw_small(picture, points))


def _draw_small(picture: NDArray[np.uint8], points: Sequence[float]) -> bytes:
    """Draw the face upright and small, its light taken out; zeros where its points lie in one place."""
    high, wide = picture.shape[:2]
    found = np.array(points[0::2]) * wide + 1j * np.array(points[1::2]) * high
    if len(found) != len(_UPRIGHT) or not np.isfinite(found).all():
        return bytes(FACE_SIDE**2)
    # the turn and scale, as one complex number, that bring the points nearest to where they belong
    centred, wanted = found - found.mean(), _UPRIGHT * _DRAWN_PX - _UPRIGHT.mean() * _DRAWN_PX
    power = float((np.abs(centred) ** 2).sum())
    if power < 4:
        return bytes(FACE_SIDE**2)
    turn = complex((wanted * centred.conj()).sum() / power)
    shift = _UPRIGHT.mean() * _DRAWN_PX - turn * found.mean()
    affine = np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])
    size = (_DRAWN_PX, _DRAWN_PX)
    drawn = cv2.warpAffine(picture, affine, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    grey = cv2.GaussianBlur(cv2.cvtColor(drawn, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 1.2)
    level = cv2.GaussianBlur(grey, (0, 0), _DRAWN_PX / 4)
    contrast = np.sqrt(cv2.GaussianBlur((grey - level) ** 2, (0, 0), _DRAWN_PX / 4)) + 4
    small = cv2.resize((grey - level) / contrast, (FACE_SIDE, FACE_SIDE), interpolation=cv2.INTER_AREA)
    return bytes(np.clip(np.rint(small * 50 + 128), 1, 255).astype(np.uint8).tobytes())


def _cut_out(
    picture: NDArray[np.uint8], x: float, y: float, width: float, height: float
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Cut out the patch around a face, and say which of its cells lie in the picture."""
    high, wide = picture.shape[:2]
    left, right = (x - width) * wide, (x + width) * wide
    top, bottom = (y - height) * high, (y + 2 * height) * high
    a, b = max(int(left), 0), min(int(np.ceil(right)), wide)
    c, d = max(int(top), 0), min(int(np.ceil(bottom)), high)
    columns = left + (np.arange(PATCH_W) + 0.5) / PATCH_W * (right - left)
    rows = top + (np.arange(PATCH_H) + 0.5) / PATCH_H * (bottom - top)
    inside = ((rows >= 0) & (rows < high))[:, None] & ((columns >= 0) & (columns < wide))[None, :]
    if b - a < 1 or d - c < 1:
        return np.zeros((PATCH_H, PATCH_W, 3), np.uint8), np.zeros((PATCH_H, PATCH_W), np.bool_)
    # small first, so that a cell is the mean of what it covers
    factor = max(1, round(min((right - left) / PATCH_W, (bottom - top) / PATCH_H)))
    part = picture[c:d, a:b]
    if factor > 1:
        size = (max(1, (b - a) // factor), max(1, (d - c) // factor))
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    take_x = np.clip(((columns - a) / (b - a) * part.shape[1]).astype(np.int64), 0, part.shape[1] - 1)
    take_y = np.clip(((rows - c) / (d - c) * part.shape[0]).astype(np.int64), 0, part.shape[0] - 1)
    return part[take_y[:, None], take_x[None, :]], inside


class Looks(NamedTuple):
    """Looks as arrays.

    ``colours`` is float32 (n, regions, REGION_BYTES), shares from 0 to 1; ``faces`` float32 (n, FACE_SIDE²), of length
    1 each, or all zeros where the face was not drawn.
    """

    colours: NDArray[np.float32]
    faces: NDArray[np.float32]


def read_looks(looks: Sequence[bytes | None]) -> Looks:
    """Bring looks into arrays; what is no look is all zeros."""
    blank = bytes(LOOK_BYTES)
    whole = b"".join(look if look is not None and len(look) == LOOK_BYTES else blank for look in looks)
    rows = np.frombuffer(whole, np.uint8).reshape(-1, LOOK_BYTES)
    faces = rows[:, COLOUR_BYTES:].astype(np.float32)
    drawn = np.asarray((faces > 0).all(axis=1))
    faces -= faces.mean(axis=1, keepdims=True)
    length = np.sqrt((faces**2).sum(axis=1, keepdims=True))
    faces = np.where(drawn[:, None] & (length > 0), faces / np.maximum(length, 1e-6), 0.0).astype(np.float32)
    colours = rows[:, :COLOUR_BYTES].reshape(-1, len(REGIONS), REGION_BYTES).astype(np.float32) / np.float32(255)
    return Looks(colours, faces)


def compare_looks(one: bytes, other: bytes) -> float:
    """How unlike two looks are, 0 to 1: mean over what is seen in both of hair, skin and clothes, 0.5 where nothing is.

    Examples
    --------
    >>> look = describe_look(np.full((90, 90, 3), 128, np.uint8), (0.4, 0.3, 0.2, 0.25))
    >>> compare_looks(look, look), compare_looks(look, bytes(LOOK_BYTES))
    (0.0, 0.5)
    """
    parts = unlikeness(read_looks([one]), read_looks([other]))[0, : len(REGIONS)]
    known = parts[np.isfinite(parts)]
    return float(known.mean()) if len(known) else 0.5


def unlikeness(a: Looks, b: Looks) -> NDArray[np.float64]:
    """How unlike looks are, part by part.

    Parameters
    ----------
    a, b : Looks
        n of each

    Returns
    -------
    np.ndarray [shape=(n, 4), dtype=float64]
        hair, skin, clothes, face: 0 alike to 1; NaN where a part is missing in either
    """
    seen = (a.colours[..., 0] > 0.4) & (b.colours[..., 0] > 0.4)
    means = np.abs(relative_colours(a.colours) - relative_colours(b.colours))
    # 0.2 in OKLab are two colours that nobody would call the same
    apart = np.minimum(np.sqrt((means**2).sum(axis=-1)) / 0.2, 1.0)
    shared = np.minimum(a.colours[..., 4:], b.colours[..., 4:]).sum(axis=-1)
    colours = np.where(seen, 0.5 * apart + 0.5 * (1 - np.minimum(shared, 1.0)), np.nan)
    drawn = a.faces.any(axis=-1) & b.faces.any(axis=-1)
    turned = np.where(drawn, 0.5 - 0.5 * (a.faces * b.faces).sum(axis=-1), np.nan)
    return np.concatenate([colours, turned[..., None]], axis=-1).astype(np.float64)


def relative_colours(colours: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean colours with lightness against the skin's: half of the light's change is taken out."""
    scaled = [colours[..., 1 + i] * (high - low) + low for i, (low, high) in enumerate(CHANNEL_RANGE)]
    made = np.stack(scaled, axis=-1).astype(np.float64)
    made[..., 0] -= 0.5 * made[..., 1:2, 0]
    return made
