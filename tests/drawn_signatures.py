"""Signatures drawn from a seed: films of scenes of shots, each with a layout, faces, sound and a course of its own."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from punctum.tables import COURSE_POINTS, SIGNATURES, conform


@dataclass(frozen=True)
class Shot:
    """What a shot is of; ``layout`` (3, 9, 16, 3) as OKLab bytes, courses (8,)."""

    layout: np.ndarray
    length_s: float
    light: np.ndarray
    motion: np.ndarray
    loudness: np.ndarray
    faces: np.ndarray  # seen, x, y, height, yaw: (5, 8)
    voices: tuple[float, float, float]


def draw_shot(rng: np.random.Generator, close: float = 0.5) -> Shot:
    """A shot of anything."""
    at = np.linspace(0, 1, COURSE_POINTS)

    def course(low, high, drift):
        return rng.uniform(low, high) + drift * rng.normal() * at

    waves = rng.normal(size=(2, 3, 4, 3))
    rows, columns = np.mgrid[:9, :16]
    looks = []
    for share in (0.2, 0.5, 0.8):
        mixed = waves[0] * (1 - share * 0.5) + waves[1] * share * 0.5
        picture = sum(
            mixed[i, j] * (np.cos(np.pi * i * (rows + 0.5) / 9) * np.cos(np.pi * j * (columns + 0.5) / 16))[..., None]
            for i in range(3)
            for j in range(4)
        )
        looks.append(np.clip(128 + picture * [22, 6, 6], 0, 255).astype(np.uint8))
    somebody = rng.random() < 0.7
    seen = np.ones(8) if somebody else np.zeros(8)
    if somebody and rng.random() < 0.4:
        seen[: rng.integers(1, 6)] = 0
    height = np.exp(rng.uniform(np.log(0.08), np.log(0.7)) * (1 - close) + np.log(0.35) * close) * (
        1 + 0.3 * rng.normal() * at
    )
    faces = np.stack(
        [seen, course(0.2, 0.8, 0.1), course(0.3, 0.6, 0.05), np.maximum(height, 0.05), course(-50, 50, 15)]
    )
    light = np.clip(course(0.05, 0.8, 0.05), 0, 1)
    motion = np.exp(course(np.log(0.003), np.log(0.1), 0.7))
    loud = np.clip(course(-25, 5, 6), -40, 20)
    voices = tuple(np.round(rng.dirichlet([0.6, 0.6, 0.6]), 3))
    return Shot(np.stack(looks), float(np.exp(rng.normal(1.4, 0.8))), light, motion, loud, faces, voices)


def draw_film(seed: int, scenes: int = 5) -> list[list[Shot]]:
    """Scenes of one to eight shots."""
    rng = np.random.default_rng(seed)
    return [[draw_shot(rng) for _ in range(int(rng.integers(1, 9)))] for _ in range(scenes)]


def vary(shot: Shot, seed: int, mirror: bool = False, slower: float = 1.0, colour: bool = True) -> Shot:
    """The same shot, taken again: not quite as it was."""
    rng = np.random.default_rng(seed)
    layout = np.clip(shot.layout + rng.normal(0, 4, shot.layout.shape), 0, 255).astype(np.uint8)
    faces = shot.faces + rng.normal(0, 1, (5, 1)) * np.array([0, 0.02, 0.02, 0.02, 4])[:, None]
    if mirror:
        layout = layout[:, :, ::-1]
        faces = faces.copy()
        faces[1], faces[4] = 1 - faces[1], -faces[4]
    if not colour:
        layout = layout.copy()
        layout[..., 1:] = 128
    return replace(
        shot,
        layout=layout,
        faces=faces,
        length_s=shot.length_s * slower,
        light=shot.light + rng.normal(0, 0.02),
        motion=shot.motion * np.exp(rng.normal(0, 0.15)) / slower,
        loudness=shot.loudness + rng.normal(0, 1, 8),
    )


def table_of(film: list[list[Shot]]) -> pl.DataFrame:
    """A film's signatures."""
    rows, shot, left_s = [], 0, sum(one.length_s for scene in film for one in scene)
    flat = [one for scene in film for one in scene]
    for number, scene in enumerate(film):
        for one in scene:
            left_s -= one.length_s
            after = flat[shot + 1] if shot + 1 < len(flat) else None
            seen = one.faces[0] > 0
            faces = [one.faces[k].tolist() if seen.any() else None for k in range(1, 5)]
            rows.append(
                (
                    shot, number, one.layout.tobytes(), one.length_s, one.light.tolist(), one.motion.tolist(),
                    one.loudness.tolist(), one.faces[0].tolist(), *faces, int(seen.any()), *one.voices,
                    float(after.light[0]) if after else 0.0, float(after.loudness[0]) if after else -40.0, left_s,
                )
            )  # fmt: skip
            shot += 1
    return conform(pl.DataFrame(rows, schema=list(SIGNATURES), orient="row", infer_schema_length=None), SIGNATURES)
