"""Bundles of films that were never shot: a spine of frames, shots, scenes, moments and notes, written whole."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl

from punctum.bundle import add_notes, open_bundle, write_bundle, write_parquet
from punctum.film import Box, Bundle, Film, Stretch
from punctum.tables import GRID, SCHEMA, TABLES, conform, empty

KINDS = ("cut", "dissolve", "cut", "fade", "wipe")


def times_at(fps: Fraction, count: int) -> np.ndarray:
    """Times of a constant rate, as tables keep them."""
    return np.round(np.arange(count) * float(1 / fps), 6)


def variable_times(count: int, seed: int = 0) -> np.ndarray:
    """A camera that drops frames, and one stretch at another rate; whole milliseconds."""
    steps = np.random.default_rng(seed).choice([41, 42, 42, 83, 33], count)
    steps[count // 2 : count // 2 + 40] = 17
    return np.round(np.concatenate(([0], np.cumsum(steps)[:-1])) / 1000, 6)


def make_bundle(
    folder: Path,
    times_s: np.ndarray,
    edges: list[int],
    notes: list[dict] | None = None,
    title: str = "Some film",
    file_name: str = "some film.mkv",
    box: Box | None = None,
) -> Bundle:
    """Write a bundle whose shots begin at these frames, and open it."""
    count = len(times_s)
    ends = [*edges[1:], count]
    duration_s = float(times_s[-1] + np.median(np.diff(times_s))) if count > 1 else 0.04
    at_s = [*times_s.tolist(), round(duration_s, 6)]
    whole = Box(0, 0, 1920, 1080)
    film = Film(
        "f" * 32,
        title,
        1999,
        Fraction(1, 1000),
        count,
        duration_s,
        1920,
        1080,
        box or whole,
        48000,
        ("FL", "FR"),
        (Stretch(0.0, duration_s, box or whole),),
        file_name=file_name,
    )
    begins = ["open", *(KINDS[n % len(KINDS)] for n in range(len(edges) - 1))]
    soft = [kind not in ("open", "cut") for kind in begins]
    shots = pl.DataFrame(
        {
            "shot": range(len(edges)),
            "start_frame": edges,
            "end_frame": ends,
            "start_s": [at_s[at] for at in edges],
            "end_s": [at_s[at] for at in ends],
            "length_s": [at_s[b] - at_s[a] for a, b in zip(edges, ends, strict=True)],
            "begins": begins,
            "ends": [*begins[1:], "close"],
            "transition_start_frame": [at - 4 if one else None for at, one in zip(edges, soft, strict=True)],
            "transition_end_frame": [at + 4 if one else None for at, one in zip(edges, soft, strict=True)],
            "flat": [False] * len(edges),
            "corrected": [False] * len(edges),
            "provisional": [False] * len(edges),
            "scale": [("CU", "MS", None)[n % 3] for n in range(len(edges))],
        }
    )
    half = len(edges) // 2
    scenes = pl.DataFrame(
        {
            "scene": [0, 1],
            "first_shot": [0, half],
            "end_shot": [half, len(edges)],
            "start_frame": [0, edges[half]],
            "end_frame": [edges[half], count],
            "start_s": [0.0, at_s[edges[half]]],
            "end_s": [at_s[edges[half]], at_s[-1]],
            "kind": ["story", "credits"],
            "heading": ["INT. CAR - NIGHT; = #1\\", None],
        }
    )
    boundaries = pl.DataFrame(
        {
            "boundary": range(len(edges) + 1),
            "frame": [*edges, count],
            "kind": [*begins, "close"],
            "transition_start_frame": [*shots["transition_start_frame"], None],
            "transition_end_frame": [*shots["transition_end_frame"], None],
            "flat": [False] * (len(edges) + 1),
            "provisional": [False] * (len(edges) + 1),
        },
        strict=False,
    )
    given = {
        "frames": pl.DataFrame({"frame": range(count), "pts": np.rint(times_s * 1000).astype(int), "time_s": times_s}),
        "shots": shots,
        "scenes": scenes if half else scenes.head(0),
        "boundaries": boundaries,
    }
    tables = {
        name: conform(given[name], columns) if name in given else empty(columns)
        for name, columns in TABLES.items()
        if name != "grid"
    }
    grid = folder.with_suffix(".grid")
    folder.parent.mkdir(parents=True, exist_ok=True)
    write_parquet(empty(GRID), grid)
    made = {"schema": SCHEMA, "versions": {"punctum": "0.1.0"}, "settings": {}, "faults": {}, "coverage": "film"}
    write_bundle(folder, film, tables, made, "<p>a page</p>", grid, [])
    if notes:
        add_notes(folder, notes, "ida")
    return open_bundle(folder)
