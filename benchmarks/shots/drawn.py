"""Drawn scenes: shots of the sample film's sets, and worlds made by rule: textures, figures, weather, fire, water.

Conventions: a scene is uint8 (n, 144, 256, 3), one shot, and the same whenever its name is drawn. The families of one
side are not on another: a network that has seen one family has seen nothing of those it is judged on.
"""

import zlib
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]
Floats = NDArray[np.float32]
WIDTH, HEIGHT, LENGTH = 256, 144, 150

SETS = {
    "build": ("street", "windscreen", "her", "embrace"),
    "calibrate": ("wheel", "over_shoulder"),
    "judge": (),
}
FAMILIES = {
    "build": ("figures", "clouds", "fire", "tunnel", "blobs", "screen"),
    "calibrate": ("water", "crowd"),
    "judge": ("cartoon", "stars", "leaves"),
}
DRAWN = {
    side: (*(f"set {name}" for name in SETS[side]), *(f"{name} {i}" for name in FAMILIES[side] for i in range(4)))
    for side in SETS
}


def draw_scene(name: str) -> Pictures:
    """Draw a scene by its name: "set NAME", or a family and a number."""
    if name.startswith("set "):
        return _draw_set(name[4:])
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    return FAMILY[name.split()[0]](rng)


def _draw_set(name: str) -> Pictures:
    from punctum.demo import ShotPlan, Staging, draw_windscreen

    seed = zlib.crc32(name.encode()) % 1000
    staging = Staging(width_px=WIDTH, height_px=HEIGHT, shots=(ShotPlan(name, LENGTH / 24, "open"),), seed=seed)
    return np.stack(list(draw_windscreen(staging).frames(1)))[:LENGTH]


def cloud(rng: np.random.Generator, w: int, h: int, coarse: float = 60.0, octaves: int = 4) -> Floats:
    """Smooth random field from 0 to 1, as of clouds or stained walls; ``coarse`` is the largest lump in pixels."""
    total = np.zeros((h, w), np.float32)
    for octave in range(octaves):
        size = max(2.0, coarse / 2**octave)
        seeds = rng.random((int(h / size) + 3, int(w / size) + 3)).astype(np.float32)
        total += cv2.resize(seeds, (w, h), interpolation=cv2.INTER_CUBIC) / 2**octave
    low, high = total.min(), total.max()
    return (total - low) / (high - low)


def ramp(rng: np.random.Generator, stops: int = 3) -> Floats:
    """Colour table of 256 rows between drawn colours."""
    colours = rng.uniform(10, 245, (stops, 3))
    at = np.linspace(0, 255, stops)
    return np.stack([np.interp(np.arange(256), at, colours[:, c]) for c in range(3)], axis=1).astype(np.float32)


def tint(field: Floats, table: Floats) -> Floats:
    """Colour a field from 0 to 1 by a table."""
    return table[np.clip(field * 255, 0, 255).astype(np.uint8)]


def _finish(frames: list[Floats]) -> Pictures:
    return np.stack([np.clip(f + 0.5, 0, 255).astype(np.uint8) for f in frames])


def figure(rng: np.random.Generator) -> Callable[[Floats, float, float, float, float], None]:
    """Draw someone: the function draws them onto a picture at a place, a size, a phase of the step."""
    coat, legs, skin = rng.uniform(10, 230, 3), rng.uniform(10, 160, 3), rng.uniform(90, 235) * np.array([1, 0.8, 0.65])

    def draw(p: Floats, x: float, y: float, size: float, phase: float) -> None:
        swing = np.sin(phase) * 0.22 * size
        thick = max(1, round(size * 0.13))
        hip = round(x), round(y - size * 0.45)
        for way in (swing, -swing):
            cv2.line(p, hip, (round(x + way), round(y)), legs.tolist(), thick, cv2.LINE_AA)
            cv2.line(
                p, (round(x), round(y - size * 0.75)), (round(x - way), round(y - size * 0.4)), coat.tolist(), thick
            )
        cv2.line(p, hip, (round(x), round(y - size * 0.76)), coat.tolist(), round(size * 0.26) + 1, cv2.LINE_AA)
        cv2.circle(p, (round(x), round(y - size * 0.9)), max(1, round(size * 0.12)), skin.tolist(), -1, cv2.LINE_AA)

    return draw


def _figures(rng: np.random.Generator, count: int = 3, near: float = 0.7) -> Pictures:
    back = tint(cloud(rng, WIDTH, HEIGHT, rng.uniform(30, 120)), ramp(rng))
    horizon = int(rng.uniform(0.4, 0.75) * HEIGHT)
    back[horizon:] = tint(cloud(rng, WIDTH, HEIGHT - horizon, 25), ramp(rng, 2))
    for _ in range(int(rng.integers(2, 7))):
        left, top = int(rng.integers(0, WIDTH)), int(rng.integers(0, horizon))
        cv2.rectangle(
            back, (left, top), (left + int(rng.integers(15, 70)), horizon), rng.uniform(0, 220, 3).tolist(), -1
        )
    people = [
        (figure(rng), rng.uniform(0, WIDTH), rng.uniform(-2.5, 2.5), rng.uniform(0.15, near)) for _ in range(count)
    ]
    people.sort(key=lambda one: one[3])
    frames = []
    for t in range(LENGTH):
        p = back.copy()
        for draw, x, speed, size in people:
            at = (x + speed * size * t) % (WIDTH + 80) - 40
            draw(p, at, horizon + 8 + size * (HEIGHT - horizon), size * HEIGHT, t * 0.3 * abs(speed) + x)
        frames.append(p)
    return _finish(frames)


def _crowd(rng: np.random.Generator) -> Pictures:
    return _figures(rng, 24, 0.35)


def _clouds(rng: np.random.Generator) -> Pictures:
    layers = [cloud(rng, WIDTH * 2, HEIGHT, rng.uniform(30, 120)) for _ in range(2)]
    layers = [np.concatenate([f, f[:, ::-1]], axis=1) for f in layers]
    table = ramp(rng)
    speeds = rng.uniform(-1.5, 1.5, 2)
    return _finish(
        [
            tint(
                sum(np.roll(f, round(s * t), axis=1)[:, :WIDTH] for f, s in zip(layers, speeds, strict=True)) / 2, table
            )
            for t in range(LENGTH)
        ]
    )


def _fire(rng: np.random.Generator) -> Pictures:
    field, side = (cloud(rng, WIDTH, HEIGHT * 4, coarse) for coarse in (28, 12))
    field, side = (np.concatenate([f, f[::-1]]) for f in (field, side))
    stops = ((2, 30, 200, 255, 255), (2, 6, 60, 180, 245), (4, 4, 8, 40, 180))
    table = np.stack([np.interp(np.arange(256), (0, 90, 150, 210, 255), c) for c in stops], axis=1).astype(np.float32)
    rise, heat = rng.uniform(3, 8), rng.uniform(0.5, 1.0)
    down = np.linspace(0, 1, HEIGHT, dtype=np.float32)[:, None]
    frames = []
    for t in range(LENGTH):
        a = np.roll(field, -round(rise * t), axis=0)[:HEIGHT]
        b = np.roll(side, -round(1.7 * rise * t), axis=0)[:HEIGHT]
        glow = 1 + 0.15 * np.sin(t * 1.9) * np.sin(t * 0.7)
        frames.append(tint(np.clip((a * 0.7 + b * 0.5) * down * 1.7 * heat * glow, 0, 1), table))
    return _finish(frames)


def _tunnel(rng: np.random.Generator) -> Pictures:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    u, v = x - WIDTH / 2, y - HEIGHT / 2
    depth, turn = 40 / (np.hypot(u, v) + 6), np.arctan2(v, u) / (2 * np.pi)
    texture = cloud(rng, 256, 256, rng.uniform(10, 40))
    table, speed, spin = ramp(rng, 4), rng.uniform(0.5, 4), rng.uniform(-0.01, 0.01)
    frames = []
    for t in range(LENGTH):
        row = ((depth * 60 + speed * t) % 256).astype(np.int32)
        column = (((turn + spin * t) % 1) * 255).astype(np.int32)
        frames.append(tint(texture[row, column], table) * np.clip(1.2 - depth * 0.12, 0.1, 1)[..., None])
    return _finish(frames)


def _blobs(rng: np.random.Generator) -> Pictures:
    back = tint(cloud(rng, WIDTH, HEIGHT, 80), ramp(rng))
    count = int(rng.integers(4, 14))
    where, speed = rng.uniform(0, 1, (count, 2)), rng.normal(0, 0.012, (count, 2))
    size, colours = rng.uniform(6, 45, count), rng.uniform(0, 255, (count, 3))
    frames = []
    for t in range(LENGTH):
        p = back.copy()
        for place, move, radius, colour in zip(where, speed, size, colours, strict=True):
            at = np.abs((place + move * t) % 2 - 1) * (WIDTH, HEIGHT)
            cv2.circle(p, tuple(int(v) for v in at), int(radius), colour.tolist(), -1, cv2.LINE_AA)
        frames.append(p)
    return _finish(frames)


def _screen(rng: np.random.Generator) -> Pictures:
    page = np.full(
        (HEIGHT * 4, WIDTH, 3), rng.uniform(0, 60) if rng.random() < 0.5 else rng.uniform(200, 255), np.float32
    )
    ink = (255 - page[0, 0]).tolist()
    for row in range(10, HEIGHT * 4, 12):
        x = 8
        while x < WIDTH - 40:
            word = int(rng.integers(6, 34))
            if rng.random() < 0.85:
                cv2.line(page, (x, row), (x + word, row), ink, 2, cv2.LINE_AA)
            x += word + 6
        if rng.random() < 0.1:
            cv2.rectangle(page, (12, row), (90, row + 40), rng.uniform(30, 230, 3).tolist(), -1)
    speed = rng.uniform(0, 2.5)
    return _finish([page[round(speed * t) % (HEIGHT * 3) :][:HEIGHT] for t in range(LENGTH)])


def _water(rng: np.random.Generator) -> Pictures:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    table = ramp(rng, 4)
    waves = [
        (rng.uniform(0.02, 0.2), rng.uniform(0.1, 0.9), rng.uniform(-0.4, 0.4), rng.uniform(0, 6)) for _ in range(7)
    ]
    far = 1 + 3 * (1 - y / HEIGHT)
    frames = []
    for t in range(LENGTH):
        total = sum(np.sin(kx * x * far * 0.5 + ky * y * far * 0.4 + s * t + p) for kx, ky, s, p in waves) / 7
        frames.append(tint(np.clip(0.5 + total, 0, 1).astype(np.float32), table))
    return _finish(frames)


def _cartoon(rng: np.random.Generator) -> Pictures:
    back = np.full((HEIGHT, WIDTH, 3), rng.uniform(90, 240, 3), np.float32)
    for depth in range(3):
        hills = np.cumsum(rng.normal(0, 1.2, WIDTH * 3))
        hills = cv2.blur((hills - hills.mean())[None], (41, 1))[0] + HEIGHT * (0.45 + 0.18 * depth)
        points = [(x, int(v)) for x, v in enumerate(hills[:WIDTH])]
        cv2.fillPoly(
            back, [np.array([*points, (WIDTH, HEIGHT), (0, HEIGHT)], np.int32)], rng.uniform(20, 220, 3).tolist()
        )
    head, coat = rng.uniform(60, 250, 3).tolist(), rng.uniform(20, 230, 3).tolist()
    size, x0 = rng.uniform(18, 46), rng.uniform(0.2, 0.8) * WIDTH
    frames = []
    for t in range(LENGTH):
        k = t // 2 * 2  # animated on twos
        p = back.copy()
        x, y = x0 + 30 * np.sin(k * 0.07), HEIGHT * 0.72 - abs(np.sin(k * 0.25)) * size * 0.5
        cv2.ellipse(p, (int(x), int(y + size)), (int(size * 0.6), int(size * 0.9)), 0, 0, 360, coat, -1)
        cv2.circle(p, (int(x), int(y)), int(size * 0.7), head, -1, cv2.LINE_AA)
        cv2.circle(p, (int(x), int(y)), int(size * 0.7), (0, 0, 0), 2, cv2.LINE_AA)
        for side in (-1, 1):
            cv2.circle(p, (int(x + side * size * 0.25), int(y - size * 0.1)), max(2, int(size * 0.1)), (0, 0, 0), -1)
        opened = int(size * (0.05 + 0.15 * abs(np.sin(k * 0.5))))
        cv2.ellipse(p, (int(x), int(y + size * 0.3)), (int(size * 0.25), opened + 1), 0, 0, 360, (60, 10, 10), -1)
        frames.append(p)
    return _finish(frames)


def _stars(rng: np.random.Generator) -> Pictures:
    count = int(rng.integers(80, 400))
    place, depth = rng.uniform(-1, 1, (count, 2)), rng.uniform(0.1, 1, count)
    speed = rng.uniform(0.002, 0.02)
    glow = tint(cloud(rng, WIDTH, HEIGHT, 90), ramp(rng, 2)) * rng.uniform(0.02, 0.2)
    frames = []
    for t in range(LENGTH):
        p = glow.copy()
        z = (depth - speed * t) % 1.0 + 0.05
        for (u, v), d in zip(place, z, strict=True):
            x, y = WIDTH / 2 + u / d * 60, HEIGHT / 2 + v / d * 60
            if 0 <= x < WIDTH and 0 <= y < HEIGHT:
                cv2.circle(p, (int(x), int(y)), int(2 / (d + 0.4)), (255 * (1 - d * 0.8),) * 3, -1, cv2.LINE_AA)
        frames.append(p)
    return _finish(frames)


def _leaves(rng: np.random.Generator) -> Pictures:
    table = ramp(rng, 2)
    back = tint(cloud(rng, WIDTH, HEIGHT, 90), ramp(rng, 3))
    count = int(rng.integers(60, 260))
    where, turn = rng.uniform(0, 1, (count, 2)) * (WIDTH, HEIGHT), rng.uniform(0, 180, count)
    colours = table[rng.integers(0, 256, count)]
    sway, beat = rng.uniform(2, 9), rng.uniform(0.05, 0.2)
    frames = []
    for t in range(LENGTH):
        p = back.copy()
        for i in range(count):
            x = where[i, 0] + sway * np.sin(beat * t + where[i, 1] * 0.03 + i % 5)
            axes = (6 + i % 9, 2 + i % 4)
            angle = turn[i] + 25 * np.sin(beat * t + i)
            cv2.ellipse(p, (int(x), int(where[i, 1])), axes, float(angle), 0, 360, colours[i].tolist(), -1, cv2.LINE_AA)
        frames.append(p)
    return _finish(frames)


FAMILY: dict[str, Callable[[np.random.Generator], Pictures]] = {
    "figures": _figures, "crowd": _crowd, "clouds": _clouds, "fire": _fire, "tunnel": _tunnel, "blobs": _blobs,
    "screen": _screen, "water": _water, "cartoon": _cartoon, "stars": _stars, "leaves": _leaves,
}  # fmt: skip
