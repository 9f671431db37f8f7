"""Transitions between two runs of pictures: dissolves, wipes of many shapes, pushes, slides, irises, fades.

Conventions: pictures are uint8 (n, h, w, 3); a share runs from 0 (all of the old picture) to 1 (all of the new one) and
reaches neither within a transition, so that its first and last frames already show a trace of both.
"""

import cv2
import numpy as np
from light import to_code, to_light
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]
Floats = NDArray[np.float32]

SHAPES = (
    "line", "iris out", "iris in", "diamond", "ellipse", "doors open", "doors close", "clock", "blinds", "checker",
    "cloud", "wedge", "star",
)  # fmt: skip
MOVES = ("push", "cover", "uncover", "grow", "shrink", "squeeze")
EASES = ("linear", "smooth", "late", "early")


def draw_shares(rng: np.random.Generator, span: int) -> tuple[Floats, str]:
    """Draw how a transition of ``span`` frames goes; the shares, and the name of the ease."""
    share = (np.arange(span, dtype=np.float32) + 1.0) / (span + 1.0)
    ease = str(rng.choice(EASES, p=[0.5, 0.3, 0.1, 0.1]))
    if ease == "smooth":
        share = share * share * (3 - 2 * share)
    elif ease != "linear":
        power = rng.uniform(1.3, 1.9)
        share = share**power if ease == "late" else 1 - (1 - share) ** power
    return np.clip(share, 0.004, 0.996).astype(np.float32), ease


def dissolve(rng: np.random.Generator, a: Pictures, b: Pictures) -> tuple[Pictures, str]:
    """Mix two runs as long as the transition; most in code values as editors do, some in linear light."""
    share, ease = draw_shares(rng, len(a))
    if rng.random() < 0.2:
        pairs = zip(a, b, share, strict=True)
        return np.stack([to_code(to_light(x) * (1 - s) + to_light(y) * s) for x, y, s in pairs]), f"{ease}, in light"
    return _mix(a, b, share), ease


def wipe(rng: np.random.Generator, a: Pictures, b: Pictures) -> tuple[Pictures, str]:
    """Replace the old picture by the new one, place after place, or move one over the other."""
    share, _ = draw_shares(rng, len(a))
    h, w = a.shape[1:3]
    if rng.random() < 0.3:
        name = str(rng.choice(MOVES))
        way = str(rng.choice(["left", "right", "up", "down"]))
        moved = np.stack([_move(x, y, float(s), name, way) for x, y, s in zip(a, b, share, strict=True)])
        return moved, f"{name} {way}" if name in ("push", "cover", "uncover") else name
    name = str(rng.choice(SHAPES, p=[0.34, 0.1, 0.1, 0.05, 0.05, 0.06, 0.06, 0.06, 0.04, 0.03, 0.05, 0.03, 0.03]))
    place = _place(rng, name, h, w)
    soft = float(rng.choice([0.01, 0.04, 0.12, 0.3], p=[0.4, 0.3, 0.2, 0.1]))
    rim = rng.uniform(0, 255, 3) if rng.random() < 0.12 else None
    out = np.empty_like(a)
    for i, s in enumerate(share):
        front = (s * (1 + soft) - place) / soft
        mask = np.clip(front, 0, 1)[..., None]
        mixed = a[i] * (1 - mask) + b[i] * mask
        if rim is not None:
            edge = np.exp(-(((front - 0.5) * soft / 0.02) ** 2))[..., None]
            mixed = mixed * (1 - edge) + rim * edge
        out[i] = (mixed + 0.5).astype(np.uint8)
    return out, f"{name}, soft {soft:g}"


def fade(a: Pictures, colour: NDArray[np.float64], into: bool, share: Floats) -> Pictures:
    """Fade a run to a colour, or ``into`` the picture from it."""
    flat = np.broadcast_to((colour + 0.5).astype(np.uint8), a.shape[1:])
    return _mix(a, np.broadcast_to(flat, a.shape), 1 - share if into else share)


def _mix(a: Pictures, b: Pictures, share: Floats) -> Pictures:
    pairs = zip(a, b, share, strict=True)
    return np.stack([cv2.addWeighted(x, float(1 - s), np.ascontiguousarray(y), float(s), 0) for x, y, s in pairs])


def _place(rng: np.random.Generator, name: str, h: int, w: int) -> Floats:
    """When each place of the picture turns: 0 at once, 1 last."""
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    across, down = (x + 0.5) / w - 0.5, (y + 0.5) / h - 0.5
    shape = np.float32(w / h)
    off_x, off_y = (rng.uniform(-0.2, 0.2), rng.uniform(-0.2, 0.2)) if rng.random() < 0.4 else (0.0, 0.0)
    u, v = across - off_x, down - off_y
    if name == "line":
        angle = rng.choice([0, 90, 180, 270]) if rng.random() < 0.65 else rng.uniform(0, 360)
        place = across * np.cos(np.deg2rad(angle)) + down * np.sin(np.deg2rad(angle))
    elif name in ("iris out", "iris in"):
        place = np.hypot(u * shape, v)
    elif name == "diamond":
        place = np.abs(u * shape) + np.abs(v)
    elif name == "ellipse":
        place = np.hypot(u, v)
    elif name in ("doors open", "doors close"):
        place = np.abs(across if rng.random() < 0.6 else down)
    elif name == "clock":
        turn = rng.uniform(0, 1) if rng.random() < 0.3 else 0.0
        place = (np.arctan2(u, -v) / (2 * np.pi) + turn) % 1.0
    elif name == "blinds":
        place = ((across if rng.random() < 0.5 else down) * rng.integers(4, 10)) % 1.0
    elif name == "checker":
        count = int(rng.integers(4, 8))
        column, row = np.floor((across + 0.5) * count * shape), np.floor((down + 0.5) * count)
        place = ((across + 0.5) * count * shape) % 1.0 * 0.5 + 0.5 * ((column + row) % 2)
    elif name == "cloud":
        seeds = rng.random((int(rng.integers(3, 7)), int(rng.integers(4, 10)))).astype(np.float32)
        place = cv2.resize(seeds, (w, h), interpolation=cv2.INTER_CUBIC)
    elif name == "wedge":
        place = down + np.abs(across) * rng.uniform(0.6, 1.6) * rng.choice([-1, 1])
    else:
        angle = np.arctan2(v, u * shape)
        place = np.hypot(u * shape, v) / (1 + 0.35 * np.cos(5 * angle))
    low, high = float(place.min()), float(place.max())
    place = ((place - low) / max(1e-6, high - low)).astype(np.float32)
    if name in ("iris in", "doors close") or (name in ("clock", "wedge", "star", "ellipse") and rng.random() < 0.5):
        place = 1 - place
    return place


def _move(a: Pictures, b: Pictures, share: float, name: str, way: str) -> Pictures:
    """One frame of a push, slide, or zoom of one picture over the other."""
    h, w = a.shape[:2]
    if name in ("grow", "shrink"):
        back, front, size = (a, b, share) if name == "grow" else (b, a, 1 - share)
        out = back.copy()
        fh, fw = max(1, round(size * h)), max(1, round(size * w))
        top, left = (h - fh) // 2, (w - fw) // 2
        out[top : top + fh, left : left + fw] = cv2.resize(front, (fw, fh), interpolation=cv2.INTER_AREA)
        return out
    if name == "squeeze":
        k = min(w - 1, max(1, round(share * w)))
        halves = [cv2.resize(p, (n, h), interpolation=cv2.INTER_AREA) for p, n in ((a, w - k), (b, k))]
        return np.concatenate(halves, axis=1)
    if way in ("right", "down"):
        flipped = (slice(None), slice(None, None, -1)) if way == "right" else (slice(None, None, -1),)
        mirrored: Pictures = _move(a[flipped], b[flipped], share, name, "left" if way == "right" else "up")[flipped]
        return mirrored
    if way == "up":
        turned: Pictures = _move(a.swapaxes(0, 1), b.swapaxes(0, 1), share, name, "left").swapaxes(0, 1)
        return turned
    k = round(share * w)
    if name == "push":
        return np.concatenate([a[:, k:], b[:, :k]], axis=1)
    if name == "cover":
        return np.concatenate([a[:, : w - k], b[:, :k]], axis=1)
    return np.concatenate([a[:, k:], b[:, w - k :]], axis=1)
