"""Films to train the shot detector's network on: composed, worn, measured, kept as tables beside the pieces' cache."""

import os
from typing import NamedTuple

import cv2
import numpy as np
from compose import Composed, draw_film, side_pieces
from material import Piece, folder
from numpy.typing import NDArray
from stage import roughen, stage

from punctum.measure import change, light, measure_key_frames

STAGED_SHARE = 0.4
"""Of the films to train on, so many are of staged pieces only."""

ROUGH_SHARE = 0.5
"""Of all films, so many are worn."""


class Lesson(NamedTuple):
    """A film as tables: the grid's bytes (n, 432), the columns (n, 5) of ``cues.COLUMNS``, and its truth."""

    raw: NDArray[np.uint8]
    columns: NDArray[np.float32]
    joints: list[tuple[str, str, int, int, int]]
    traps: list[tuple[str, int, int]]
    fps: float
    look: str


def draw(side: str, seed: int) -> Composed:
    """Compose one film of a side; the same for the same seed and material."""
    rng = np.random.default_rng([seed, {"build": 1, "calibrate": 2}[side]])
    pieces = side_pieces(side)
    if side == "build" and rng.random() < STAGED_SHARE:
        stills = [p.pictures[len(p.pictures) // 2] for p in pieces if not p.source.startswith("drawn")]
        stills = [_shrunk(stills[i]) for i in rng.permutation(len(stills))[:12]]
        pieces = [Piece(stage(rng, stills, int(rng.integers(60, 200))), f"staged {i}") for i in range(10)]
    film = draw_film(side, seed, pieces=pieces)
    return roughen(rng, film) if rng.random() < ROUGH_SHARE else film


def _shrunk(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    scale = 300 / max(picture.shape[:2])
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture


def measure(pictures: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Measure what the network looks at, and no more: optical flow would take as long as all the rest."""
    raw, columns = [], []
    for low in range(0, len(pictures), 96):
        lead = min(low, 2)
        thumbs = np.ascontiguousarray(pictures[low - lead : low + 96])
        n = len(thumbs) - lead
        alone = measure_key_frames(range(n), range(n), np.arange(n) / 24, thumbs[lead:])
        planes = light.split_planes(thumbs)
        bins = change.histogram_change(change.histograms(planes), lead, thumbs.shape[1] * thumbs.shape[2])
        moved = change.change(thumbs, lead), change.correlation(light.to_luma(planes), lead)
        still = alone.frames["contrast"].to_numpy(), alone.frames["sharpness"].to_numpy()
        raw.append(np.frombuffer(b"".join(alone.grid["cells"].to_list()), np.uint8).reshape(n, -1))
        columns.append(np.stack([bins, *moved, *still], axis=1).astype(np.float32))
    return np.concatenate(raw), np.concatenate(columns)


def lesson(side: str, seed: int) -> Lesson:
    """Read a film from the cache, or compose and keep it."""
    kept = folder() / "lessons" / f"{side}_{seed:05}.npz"
    if not kept.exists():
        film = draw(side, seed)
        raw, columns = measure(film.pictures)
        kept.parent.mkdir(parents=True, exist_ok=True)
        beside = kept.with_suffix(f".{os.getpid()}.npz")
        truth = {name: np.array([tuple(x) for x in getattr(film, name)], object) for name in ("joints", "traps")}
        np.savez(beside, raw=raw, cols=columns, fps=film.fps, look=film.look, **truth)
        beside.replace(kept)
    with np.load(kept, allow_pickle=True) as held:
        joints, traps = ([tuple(row) for row in held[name]] for name in ("joints", "traps"))
        return Lesson(held["raw"], held["cols"], joints, traps, float(held["fps"]), str(held["look"]))


def prepare(side: str, seeds: range, part: int, parts: int) -> None:
    """Compose every ``parts``-th film; for a pool of processes."""
    cv2.setNumThreads(1)
    for seed in seeds[part::parts]:
        lesson(side, seed)
        print(f"{side} {seed}", flush=True)
