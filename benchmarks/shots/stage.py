"""Pieces of film without a boundary, staged for training from pictures and from nothing: camera moves, layers, weather.

Real clips are few; what moves in front of a camera is not. A piece is (n, 72, 128, 3) uint8. Everything is drawn from
the generator given.
"""

import cv2
import numpy as np
from compose import Composed
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]
Stills = list[NDArray[np.uint8]]

WIDTH, HEIGHT = 128, 72


def texture(rng: np.random.Generator, height: int, width: int) -> NDArray[np.uint8]:
    """A picture of clouds, blocks or stripes at several scales, in few colours."""
    base = rng.uniform(30, 200, 3)
    made = np.zeros((height, width, 3), np.float32) + base
    for octave in range(int(rng.integers(2, 7))):
        rows, columns = 2 + int(2**octave * rng.uniform(1, 2)), 3 + int(2**octave * rng.uniform(1.5, 3))
        noise = rng.normal(0, 1, (rows, columns, 1)) @ rng.normal(0, 1, (1, 3)) + rng.normal(0, 0.4, (rows, columns, 3))
        way = cv2.INTER_NEAREST if rng.random() < 0.25 else cv2.INTER_CUBIC
        made += (
            45
            * rng.uniform(0.4, 1)
            * 0.72**octave
            * cv2.resize(noise.astype(np.float32), (width, height), interpolation=way)
        )
    for _ in range(int(rng.integers(0, 12))):
        tone = tuple(float(v) for v in rng.uniform(0, 255, 3))
        x, y, w, h = (int(v) for v in rng.uniform(0, 1, 4) * (width, height, width / 3, height / 2))
        if rng.random() < 0.5:
            cv2.rectangle(made, (x, y), (x + w, y + h), tone, -1)
        else:
            cv2.ellipse(
                made, (x, y), (w // 2 + 1, h // 2 + 1), float(rng.uniform(0, 180)), 0, 360, tone, -1, cv2.LINE_AA
            )
    grey = made.mean(axis=2, keepdims=True)
    return np.clip(grey + rng.uniform(0, 1) * (made - grey), 0, 255).astype(np.uint8)


def _path(rng: np.random.Generator, count: int, size: float, smooth: float) -> NDArray[np.float64]:
    """A wandering course of ``count`` steps that strays by about ``size``."""
    knots = max(2, int(count / smooth) + 2)
    values = rng.normal(0, size, knots)
    at = np.linspace(0, knots - 1, count)
    low = np.minimum(at.astype(int), knots - 2)
    u = at - low
    u = u * u * (3 - 2 * u)
    return values[low] * (1 - u) + values[low + 1] * u


def camera(rng: np.random.Generator, picture: NDArray[np.uint8], count: int) -> Pictures:
    """A camera moves over a picture: rest, pan, tilt, zoom, turn, hand-held, as fast as they come."""
    h, w = picture.shape[:2]
    base = max(WIDTH / w, HEIGHT / h) * rng.uniform(1.0, 1.7)
    lively = float(rng.choice([0.0, 0.02, 0.08, 0.25, 0.6], p=[0.25, 0.25, 0.25, 0.17, 0.08]))
    smooth = float(rng.choice([12, 30, 80]))
    across, down = _path(rng, count, lively * WIDTH, smooth), _path(rng, count, 0.4 * lively * HEIGHT, smooth)
    zoom = np.exp(_path(rng, count, float(rng.choice([0.0, 0.05, 0.2], p=[0.5, 0.3, 0.2])), 40))
    turn = np.cumsum(rng.normal(0, 0.05, count)) if rng.random() < 0.15 else np.zeros(count)
    if rng.random() < 0.3:
        jitter = rng.uniform(0.2, 1.5)
        across, down = across + rng.normal(0, jitter, count), down + rng.normal(0, jitter, count)
    frames = []
    px = py = 0.0
    for i in range(count):
        move = cv2.getRotationMatrix2D((w / 2, h / 2), float(turn[i]), float(base * zoom[i]))
        move[:, 2] += (WIDTH / 2 - w / 2 + across[i], HEIGHT / 2 - h / 2 + down[i])
        frame = cv2.warpAffine(picture, move, (WIDTH, HEIGHT), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT)
        if i and (speed := float(np.hypot(across[i] - px, down[i] - py))) > 3:
            flat = abs(across[i] - px) > abs(down[i] - py)
            size = max(1, int(speed * 0.6))
            frame = cv2.blur(frame, (size, 1) if flat else (1, size))
        px, py = float(across[i]), float(down[i])
        frames.append(frame)
    return np.stack(frames)


def add_figures(rng: np.random.Generator, run: Pictures, stills: Stills) -> None:
    """Things and people move through: cut-outs that drift, sway, walk by, come near."""
    count = len(run)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    for _ in range(int(rng.integers(0, 4))):
        source = stills[int(rng.integers(len(stills)))] if stills and rng.random() < 0.5 else texture(rng, 60, 100)
        skin = camera(rng, source, 1)[0].astype(np.float32)
        size = rng.uniform(6, 40) * np.exp(_path(rng, count, rng.choice([0, 0.15, 0.4]), 40))
        cx = rng.uniform(0, WIDTH) + _path(rng, count, rng.choice([1, 6, 30]), rng.choice([10, 25, 60]))
        cy = rng.uniform(10, HEIGHT) + _path(rng, count, rng.choice([1, 4, 10]), rng.choice([10, 25, 60]))
        if rng.random() < 0.3:
            way = rng.choice([-1, 1]) * rng.uniform(0.5, 8)
            cx = WIDTH / 2 + way * (np.arange(count) - rng.uniform(0, count))
        tall, waves, phase = rng.uniform(0.7, 2.5), int(rng.integers(1, 6)), rng.uniform(0, 6.3)
        for i in range(count):
            dx, dy = x - float(cx[i]), (y - float(cy[i])) / tall
            radius = np.hypot(dx, dy)
            edge = size[i] * (1 + 0.2 * np.sin(waves * np.arctan2(dy, dx) + phase + 0.1 * i))
            cover = np.clip((edge - radius) / 2, 0, 1)[..., None]
            if not cover.any():
                continue
            move = np.array([[1, 0, cx[i] - WIDTH / 2], [0, 1, cy[i] - HEIGHT / 2]], np.float32)
            worn = cv2.warpAffine(skin, move, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
            run[i] = (run[i] * (1 - cover) + worn * cover).astype(np.uint8)


def add_weather(rng: np.random.Generator, run: Pictures) -> None:
    """Snow, rain, sparks: many small lights that fall or rise."""
    count = int(rng.integers(20, 250))
    place = rng.uniform(0, 1, (count, 2)) * (WIDTH, HEIGHT)
    way = rng.normal(0, 1, (count, 2)) * rng.uniform(0.1, 1) + (rng.normal(0, 0.5), rng.choice([1, 3, 9, -2]))
    tone, long = rng.uniform(120, 255, 3), rng.uniform(0, 1)
    for frame in run:
        place = (place + way) % (WIDTH, HEIGHT)
        for (px, py), (vx, vy) in zip(place, way, strict=True):
            ends = (int(px), int(py)), (int(px - long * vx), int(py - long * vy))
            cv2.line(frame, *ends, tuple(float(v) for v in tone), 1, cv2.LINE_AA)


def add_fire(rng: np.random.Generator, run: Pictures) -> None:
    """Light that flickers over the picture, smoothly in place and not in time."""
    glow = cv2.resize(rng.uniform(0, 1, (3, 4)).astype(np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    restless, strong = rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.7)
    level = 0.0
    for i in range(len(run)):
        level = (1 - restless) * level + restless * rng.normal(0, 1)
        gain = 1 + strong * level * glow[..., None]
        run[i] = np.clip(run[i] * gain, 0, 255).astype(np.uint8)


def stage(rng: np.random.Generator, stills: Stills, count: int) -> Pictures:
    """One piece of ``count`` frames."""
    drawn = not stills or rng.random() < 0.35
    picture = texture(rng, 160, 280) if drawn else stills[int(rng.integers(len(stills)))]
    run = camera(rng, picture, count)
    add_figures(rng, run, stills)
    if rng.random() < 0.12:
        add_weather(rng, run)
    if rng.random() < 0.1:
        add_fire(rng, run)
    if rng.random() < 0.4:
        ramp = np.linspace(1, rng.uniform(0.5, 1.6), count)[:, None, None, None]
        run = np.clip(run * ramp, 0, 255).astype(np.uint8)
    return run


def vary(rng: np.random.Generator, piece: Pictures) -> Pictures:
    """The same piece as another would have it: nearer, mirrored, backwards, faster, in other light."""
    n, h, w = piece.shape[:3]
    if n > 60 and rng.random() < 0.25:
        piece = piece[:: int(rng.integers(2, 4))] if n > 150 else piece[::2]
    if rng.random() < 0.5:
        piece = piece[::-1]
    if rng.random() < 0.5:
        piece = piece[:, :, ::-1]
    if rng.random() < 0.5:
        scale = rng.uniform(1.0, 1.8)
        ch, cw = int(h / scale), int(w / scale)
        top, left = int(rng.integers(0, h - ch + 1)), int(rng.integers(0, w - cw + 1))
        piece = np.stack([cv2.resize(p[top : top + ch, left : left + cw], (w, h)) for p in piece])
    if rng.random() < 0.6:
        codes = np.arange(256) / 255.0
        gains, power = rng.uniform(0.6, 1.4) * rng.uniform(0.85, 1.15, 3), rng.uniform(0.6, 1.7)
        order = rng.permutation(3) if rng.random() < 0.4 else np.arange(3)
        curve = np.clip(codes[:, None] ** power * gains * 255, 0, 255).astype(np.uint8)
        piece = np.stack([curve[piece[..., order[c]], c] for c in range(3)], axis=-1)
    return np.ascontiguousarray(piece)


def roughen(rng: np.random.Generator, film: Composed) -> Composed:
    """The same film as a worse copy: frames dropped or shown twice, half-mixed frames at cuts, blocks, blur, weave."""
    pictures, joints, traps = film.pictures, film.joints, film.traps
    if rng.random() < 0.3:
        for joint in joints:
            # a cut that conversion of the frame rate has mixed into one frame
            if joint.kind == "cut" and rng.random() < 0.5:
                share = rng.uniform(0.2, 0.8)
                mixed = pictures[joint.at - 1] * (1 - share) + pictures[joint.at] * share
                pictures[joint.at - (share < 0.5)] = mixed.astype(np.uint8)
    if rng.random() < 0.35:
        n = len(pictures)
        way = rng.choice(["twos", "threes", "drop", "repeat"])
        if way in ("twos", "threes"):
            step = 2 if way == "twos" else 3
            order = np.arange(n) // step * step
            # a held frame moves a boundary to the next new frame
            first_shown = -(-np.arange(n + 1) // step) * step
        else:
            counts = np.ones(n, np.int64)
            odd = rng.random(n) < rng.choice([0.01, 0.04, 0.2])
            counts[odd] = 0 if way == "drop" else 2
            counts[0] = 1
            order = np.repeat(np.arange(n), counts)
            first_shown = np.concatenate([[0], np.cumsum(counts)])
        pictures = pictures[order]
        top = len(pictures)
        place = [int(v) for v in np.minimum(first_shown, top)]
        joints = [j._replace(first=place[j.first], last=place[j.last], at=place[j.at]) for j in joints]
        traps = [t._replace(first=place[min(t.first, n)], last=place[min(t.last, n)]) for t in traps]
    if rng.random() < 0.4:
        quality = int(rng.integers(8, 50))
        coded = []
        for picture in pictures:
            _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
            coded.append(cv2.imdecode(data, cv2.IMREAD_COLOR))
        pictures = np.stack(coded)
    if rng.random() < 0.1:
        move = rng.normal(0, rng.uniform(0.2, 1.0), (len(pictures), 2))
        pictures = np.stack(
            [
                cv2.warpAffine(p, np.array([[1, 0, dx], [0, 1, dy]]), p.shape[1::-1], borderMode=cv2.BORDER_REFLECT)
                for p, (dx, dy) in zip(pictures, move, strict=True)
            ]
        )
    worn = Composed(pictures, joints, traps, film.fps, film.look)
    return _blank(rng, worn) if rng.random() < 0.4 else worn


def _blank(rng: np.random.Generator, film: Composed) -> Composed:
    """Put a few frames of one colour into some of the cuts; the new shot still begins with its first frame."""
    counts = np.zeros(len(film.pictures) + 1, np.int64)
    for joint in film.joints:
        if joint.kind == "cut" and "own" not in joint.look and rng.random() < 0.3:
            counts[joint.at] = min(int(np.exp(rng.uniform(0, np.log(12)))), int(0.4 * film.fps))
    moved = np.cumsum(counts)
    parts, low = [], 0
    for at in np.flatnonzero(counts).tolist():
        tone = rng.choice([0, 255, int(rng.integers(256))], p=[0.6, 0.3, 0.1])
        parts += [film.pictures[low:at], np.full((counts[at], *film.pictures.shape[1:]), tone, np.uint8)]
        low = at
    place = [int(x) for x in np.arange(len(moved)) + moved]
    joints = [j._replace(first=place[j.first], last=place[j.last], at=place[j.at]) for j in film.joints]
    # a trap that ends where a cut begins ends before what is put between
    traps = [t._replace(first=place[t.first], last=place[max(t.first, t.last - 1)] + 1) for t in film.traps]
    return Composed(np.concatenate([*parts, film.pictures[low:]]), joints, traps, film.fps, film.look)
