"""A bundle drawn as a film's reading would leave it, of any length: no film lies behind it, every table is full.

Shots of lognormal length; brightness that wanders within a shot; words of a small vocabulary; faces in frames evenly
over the film, one of eight people a shot. What lies above `frames` is worked out as for any film.
"""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import polars as pl

from page_bundles import make_bundle
from punctum import tables
from punctum.bundle import open_bundle, write_bundle
from punctum.film import Bundle
from punctum.measure.looks import LOOK_BYTES
from punctum.measure.words import Cue
from punctum.pipeline import work_out
from punctum.report import render_page

WORDS = ("rain", "night", "door", "you", "never", "come", "wait", "car", "snow", "again", "why", "look", "home")
PEOPLE = 8
FPS = 24.0


def draw_bundle(
    folder: Path,
    hours: float = 2.0,
    shots: int = 2000,
    cues: int = 1500,
    faces: int = 20_000,
    seed: int = 5,
    **film: object,
) -> Bundle:
    """Write the bundle of a long film, and open it."""
    rng = np.random.default_rng(seed)
    frames = round(hours * 3600 * FPS)
    weights = rng.lognormal(0, 0.9, shots)
    lengths = np.maximum(np.round(weights / weights.sum() * frames), 8).astype(int)
    lengths[-1] = max(lengths[-1] + frames - lengths.sum(), 8)
    starts_s = np.sort(rng.uniform(0, hours * 3600 - 6, cues))
    said = [
        Cue(float(start), float(start + rng.uniform(0.8, 3)), " ".join(rng.choice(WORDS, rng.integers(3, 11))))
        for start in starts_s
    ]
    made = make_bundle([int(n) for n in lengths], fps=FPS, words=said, seed=seed, film={"title": "Two Hours", **film})
    bounds = np.append(made.shots["start_frame"].to_numpy(), made.film.frame_count)
    doubt = [None, *rng.beta(0.3, 6, len(bounds) - 2).tolist(), None]
    kinds = ["open", *["cut"] * (len(bounds) - 2), "close"]
    boundaries = pl.DataFrame(
        {
            "boundary": np.arange(len(bounds)),
            "frame": bounds,
            "kind": kinds,
            "flat": False,
            "doubt": doubt,
            "provisional": False,
        }
    )
    boundaries = tables.conform(boundaries, tables.BOUNDARIES)
    film = made.film
    stills = sorted({int(row[0]) for row in made.shots["stills"].to_list()})
    worked, _ = work_out(
        film,
        made.frames,
        made.grid,
        made.loudness,
        (),
        stills,
        boundaries,
        None,
        made.words,
        faces=_faces(made, faces, rng),
    )
    whole = replace(made, film=film, tables={**worked, "frames": made.frames})
    picture = cv2.imencode(".jpg", cv2.resize(rng.integers(40, 200, (9, 16, 3)).astype(np.uint8), (640, 360)))[
        1
    ].tobytes()
    grid = folder.with_name(folder.name + ".grid")
    made.grid.collect().write_parquet(grid)
    write_bundle(
        folder,
        film,
        dict(whole.tables),
        {
            "schema": tables.SCHEMA,
            "versions": {},
            "settings": {},
            "coverage": "film",
            "film_address": f"../{film.file_name}",
        },
        render_page(whole),
        grid,
        [(frame, picture) for frame in stills],
    )
    grid.unlink()
    return open_bundle(folder)


def _faces(bundle: Bundle, count: int, rng: np.random.Generator) -> pl.DataFrame:
    """Faces in frames evenly over the film, one person a shot."""
    frame = np.unique(np.linspace(0, bundle.film.frame_count - 1, count).astype(int))
    shot = np.searchsorted(bundle.shots["end_frame"].to_numpy(), frame, side="right")
    who = rng.integers(0, PEOPLE, bundle.shots.height)[shot]
    looks = [rng.integers(0, 256, LOOK_BYTES, dtype=np.uint8) for _ in range(PEOPLE)]
    n, left, size = len(frame), 0.2 + 0.05 * who, 0.25
    points = np.stack([left + 0.05, 0.3 + 0 * left, left + 0.1, 0.3 + 0 * left, left + 0.08, 0.35 + 0 * left,
                       left + 0.05, 0.42 + 0 * left, left + 0.1, 0.42 + 0 * left], axis=1)  # fmt: skip
    table = pl.DataFrame(
        {
            "face": np.arange(n),
            "frame": frame,
            "time_s": bundle.frames["time_s"].to_numpy()[frame],
            "left": left,
            "top": np.full(n, 0.2),
            "width": np.full(n, size * 9 / 16),
            "height": np.full(n, size),
            "score": np.full(n, 0.9),
            "points": points.tolist(),
            "eye_distance_px": np.full(n, 40.0),
            "lacks": np.full(n, "model"),
            "look": [looks[i].tobytes() for i in who],
        }
    )
    return tables.conform(table, tables.FACES)
