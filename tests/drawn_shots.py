"""Small films drawn as pictures, measured into tables, for the tests of shots."""

import numpy as np
import polars as pl

from punctum.film import Block
from punctum.measure import measure_block

WIDTH, HEIGHT = 128, 72


def scene(number: int, count: int, start: int = 0, speed: float = 0.6) -> np.ndarray:
    """A textured place with two things moving through it: (count, 72, 128, 3) uint8; another for every number."""
    rng = np.random.default_rng(900 + number)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    ground = np.zeros((HEIGHT, WIDTH, 3))
    for _ in range(7):
        fx, fy, phase = rng.uniform(-0.12, 0.12), rng.uniform(-0.16, 0.16), rng.uniform(0, 6.3)
        ground += np.sin(fx * x + fy * y + phase)[..., None] * rng.uniform(-1, 1, 3)
    ground = 120 + rng.uniform(-35, 35, 3) + 26 * ground
    places = rng.uniform(0.2, 0.8, (2, 2)) * (WIDTH, HEIGHT)
    ways = rng.normal(0, 1, (2, 2))
    tones = rng.uniform(20, 235, (2, 3))
    frames = []
    for i in range(start, start + count):
        frame = ground.copy()
        for place, way, tone in zip(places, ways, tones, strict=True):
            cx, cy = place + way * speed * i
            blob = np.exp(-(((x - cx) / 11) ** 2 + ((y - cy) / 14) ** 2))[..., None]
            frame = frame * (1 - blob) + tone * blob
        frames.append(frame)
    return np.clip(np.stack(frames), 0, 255).astype(np.uint8)


def flat(count: int, colour: tuple[int, int, int] = (0, 0, 0)) -> np.ndarray:
    return np.broadcast_to(np.array(colour, np.uint8), (count, HEIGHT, WIDTH, 3)).copy()


def dissolve(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Mix two equally long runs; the share of b goes from just above 0 to just below 1."""
    share = ((np.arange(len(a)) + 1.0) / (len(a) + 1.0))[:, None, None, None]
    return (a * (1 - share) + b * share + 0.5).astype(np.uint8)


def wipe(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """b comes over a from the left."""
    made = a.copy()
    for i in range(len(a)):
        k = round((i + 1) / (len(a) + 1) * WIDTH)
        made[i, :, :k] = b[i, :, :k]
    return made


def fade(a: np.ndarray, colour: tuple[int, int, int] = (0, 0, 0), into: bool = True) -> np.ndarray:
    """a goes to the colour (or comes from it)."""
    blank = flat(len(a), colour)
    return dissolve(a, blank) if into else dissolve(blank, a)


def tables_of(
    pictures: np.ndarray, fps: float = 24.0, time_s: np.ndarray | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Tables of frames and grid of pictures without sound."""
    n = len(pictures)
    time_s = np.arange(n) / fps if time_s is None else time_s
    frames, grid = [], []
    for low in range(0, n, 256):
        high, lead = min(n, low + 256), min(2, low)
        none = np.zeros(high - low, np.bool_)
        block = Block(
            first_frame=low,
            lead=lead,
            pts=np.arange(low, high),
            time_s=time_s[low:high],
            lead_time_s=time_s[low - lead : low],
            thumbs=np.ascontiguousarray(pictures[low - lead : high]),
            sound=np.zeros((0, 0), np.float32),
            sound_edges=np.zeros(high - low + 1, np.int64),
            sample_rate_hz=0,
            channels=(),
            interlaced=none,
            damaged=none,
        )
        measured = measure_block(block)
        frames.append(measured.frames)
        grid.append(measured.grid)
    return pl.concat(frames), pl.concat(grid)
