"""Set-ups to compose scenes of: cells of the grid, measured once from real clips, photographs and drawn scenes.

A set-up is one framing of one source, in many takes of it: other frames of the same run of pictures, framed again by
hand (a hundredth of the picture off), and over photographs and short runs a person or two drawn who stand elsewhere in
each take. Sources are those of ``benchmarks/shots/material.py`` and stay on their side: build, calibrate, judge. Cells
are OKLab, float32 (takes, looks, 9, 16, 3), measured as ``punctum.measure`` does.
"""

import sys
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).parent.parent / "shots"))
from material import Piece, folder, load_pieces

from punctum.measure import colour, light

TAKES = 14
LOOKS = 3
FRAMINGS = 3
VERSION = "1"


class SetUp(NamedTuple):
    """``takes`` float32 (TAKES, LOOKS, 9, 16, 3), and the source they are of."""

    takes: NDArray[np.float32]
    source: str


def load_set_ups(side: str) -> list[SetUp]:
    """All set-ups of a side; measured once, then kept in the cache."""
    kept = folder() / "cache" / f"set_ups_{VERSION}_{side}.npz"
    if not kept.exists():
        made = [s for i, p in enumerate(load_pieces(side)) for s in film_piece(p, np.random.default_rng([i, 5]))]
        np.savez(kept, takes=np.stack([s.takes for s in made]), source=np.array([s.source for s in made]))
    with np.load(kept) as held:
        return [SetUp(t, str(s)) for t, s in zip(held["takes"], held["source"], strict=True)]


def film_piece(piece: Piece, rng: np.random.Generator) -> list[SetUp]:
    """Film a piece in several framings: the whole of it, and parts of it."""
    high, wide = piece.pictures.shape[1:3]
    made = []
    for framing in range(FRAMINGS):
        share = rng.uniform(0.86, 0.96) if framing == 0 else rng.uniform(0.42, 0.66)
        left, top = rng.uniform(0.01, 0.99 - share, 2) if share < 0.97 else (0.01, 0.01)
        mirrored = rng.random() < 0.5
        takes = np.empty((TAKES, LOOKS, 9, 16, 3), np.float32)
        count = len(piece.pictures)
        people = _people(rng) if count < 40 or rng.random() < 0.4 else []
        for take in range(TAKES):
            begin = rng.uniform(0, max(count - 1, 0) * 0.8)
            length = min(count - 1 - begin, 30)
            x, y = left + rng.normal(0, 0.006), top + rng.normal(0, 0.006)
            places = [rng.normal(0, (0.09, 0.03)) for _ in people]
            for look in range(LOOKS):
                number = round(begin + length * (look + 0.5) / LOOKS)
                picture = piece.pictures[min(number, count - 1)]
                box = [int(np.clip(v, 0, m)) for v, m in ((x * wide, wide - 9), (y * high, high - 9))]
                cut = picture[box[1] : box[1] + max(9, int(share * high)), box[0] : box[0] + max(16, int(share * wide))]
                small = cv2.resize(np.ascontiguousarray(cut), (128, 72), interpolation=cv2.INTER_AREA)
                if mirrored:
                    small = np.ascontiguousarray(small[:, ::-1])
                for person, place in zip(people, places, strict=True):
                    _stand(small, person, place + rng.normal(0, 0.012, 2))
                takes[take, look] = measure_cells(small)
        made.append(SetUp(takes, piece.source))
    return made


def measure_cells(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """OKLab of one picture's grid, as it comes back from the table."""
    linear = colour.grid_light(light.to_linear(picture))
    return colour.read_cells(colour.grid_cells(linear[None]))[0]


def _people(rng: np.random.Generator) -> list[tuple[float, ...]]:
    """One or two people: where they stand, how wide and tall, and the colours of head and coat."""
    return [
        (rng.uniform(0.2, 0.8), rng.uniform(0.5, 0.9), rng.uniform(0.05, 0.16), rng.uniform(0.25, 0.5),
         *rng.uniform(90, 220, 3), *rng.uniform(10, 170, 3))
        for _ in range(int(rng.integers(1, 3)))
    ]  # fmt: skip


def _stand(picture: NDArray[np.uint8], person: tuple[float, ...], off: NDArray[np.float64]) -> None:
    x, y, w, h = person[0] + off[0], person[1] + off[1], person[2], person[3]
    cv2.ellipse(picture, (int(128 * x), int(72 * y)), (int(128 * w), int(72 * h)), 0, 0, 360, person[7:10], -1)
    head = (int(128 * x), int(72 * (y - h - 0.6 * w)))
    cv2.ellipse(picture, head, (max(2, int(75 * w)), max(2, int(80 * w))), 0, 0, 360, person[4:7], -1)
