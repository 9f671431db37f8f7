"""Compose films scene by scene, as the tables that ``find_scenes`` takes, with the truth.

What is real here: the cells of the grid (``set_up_stock.py``). What is drawn: the order of set-ups, grades, sound beds,
music, speech and lengths. A film is a row of scenes; half of the boundaries part two scenes of one grade, one light and
one sound bed (``alike``), half part scenes with their own. Set-ups of a scene are drawn from all sources, so that they
differ from each other as much as from those of the next scene; no set-up and no source of the scene before comes back.

Kinds of scene: talk (two to four set-ups that alternate, half of them opened by one that is not seen again), action
(most shots a new set-up, some come back), short (one to three shots). Lengths, grades and beds are drawn widely, since
what they are in films is not known here: see ``docs/measures.md``.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from set_up_stock import LOOKS, TAKES, SetUp

from punctum.tables import FRAMES, GRID, HEARING, LOUDNESS, SHOTS, SOUNDS, TABLES, conform, empty

FPS = 24.0


class Film(NamedTuple):
    """Tables and grid; ``starts``: first shot of each scene; ``alike``: it shares all but set-ups with the last."""

    tables: dict[str, pl.DataFrame]
    grid: pl.LazyFrame
    starts: NDArray[np.int64]
    alike: NDArray[np.bool_]
    set_up: NDArray[np.int64]


class _Manner(NamedTuple):
    """How a scene looks and sounds: what its cells are brought to, and its bed in four bands."""

    mean: NDArray[np.float64]
    spread: float
    within: NDArray[np.float64]
    bed: NDArray[np.float64]
    music: bool


def compose_film(stock: list[SetUp], seed: int, scenes: int = 14, alike_share: float = 0.5) -> Film:
    """Compose a film of so many scenes."""
    rng = np.random.default_rng([seed, 31])
    by_source: dict[str, list[int]] = {}
    for i, s in enumerate(stock):
        by_source.setdefault(s.source, []).append(i)
    sources = sorted(by_source)
    order: list[int] = []
    starts, alike, cells, manners = [], [], [], []
    manner, last_sources = _draw_manner(rng), set()
    for scene in range(scenes):
        same = scene > 0 and rng.random() < alike_share
        manner = manner if same else _draw_manner(rng)
        own, last_sources = _draw_set_ups(rng, by_source, sources, last_sources)
        starts.append(len(order))
        alike.append(same)
        targets = {i: manner.mean + rng.normal(0, 1, 3) * manner.within for i in own}
        used: dict[int, list[int]] = {}
        for i in _draw_order(rng, own):
            takes = used.setdefault(i, [])
            left = [t for t in range(TAKES) if t not in takes] or list(range(TAKES))
            takes.append(int(rng.choice(left)))
            order.append(i)
            manners.append(manner)
            cells.append(_grade(stock[i].takes[takes[-1]], targets[i] + rng.normal(0, 0.006, 3), manner.spread, rng))
    first = np.array(starts, np.int64)
    tables, grid = _tabulate(rng, np.stack(cells), first, np.array(alike), manners)
    return Film(tables, grid, first, np.array(alike), np.array(order))


def _draw_manner(rng: np.random.Generator) -> _Manner:
    light = float(np.exp(rng.uniform(np.log(0.1), np.log(0.7))))
    return _Manner(
        np.array([light, *rng.normal(0, 0.035, 2)]),
        float(rng.uniform(0.5, 1.2) * min(1.0, light / 0.4) ** 0.7),
        np.array([rng.uniform(0.05, 0.2) * light, 0.012, 0.012]),
        rng.normal([-52, -56, -60, -66], 9.0),
        bool(rng.random() < 0.35),
    )


def _draw_set_ups(
    rng: np.random.Generator, by_source: dict[str, list[int]], sources: list[str], barred: set[str]
) -> tuple[list[int], set[str]]:
    """Set-ups of a scene: each of a source of its own, or now and then another framing of one that is there."""
    free = [s for s in sources if s not in barred]
    chosen: list[int] = []
    names: set[str] = set()
    for name in rng.permutation(free)[:12]:
        options = [i for i in by_source[str(name)] if i not in chosen]
        chosen.append(int(rng.choice(options)))
        names.add(str(name))
    return chosen, names


def _draw_order(rng: np.random.Generator, own: list[int]) -> list[int]:
    kind = rng.choice(["talk", "action", "short"], p=[0.6, 0.3, 0.1])
    if kind == "short":
        return own[: int(rng.integers(1, 4))]
    count = int(np.clip(round(np.exp(rng.normal(np.log(9), 0.5))), 4, 30))
    if kind == "talk":
        cast = own[: int(rng.integers(2, 5))]
        made = [own[-1]] if rng.random() < 0.5 else []
        while len(made) < count:
            options = [i for i in cast if not made or i != made[-1] or rng.random() < 0.04]
            weights = np.array([1.0 if i in cast[:2] else 0.5 for i in options])
            made.append(int(rng.choice(options, p=weights / weights.sum())))
        return made
    made, fresh = [], list(own)
    back = rng.uniform(0.2, 0.6)
    for _ in range(count):
        seen = [i for i in dict.fromkeys(made) if i != made[-1]]
        if seen and (rng.random() < back or not fresh):
            made.append(int(rng.choice(seen[-4:])))
        else:
            made.append(fresh.pop(0))
    return made


def _grade(
    take: NDArray[np.float32], target: NDArray[np.float64], spread: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Bring a take's mean towards its scene's, as a colourist does, and write it as bytes of the grid."""
    mean = take.mean(axis=(0, 1, 2))
    made = (take - mean) * [spread, 0.8, 0.8] + mean * [0.2, 0.15, 0.15] + target * [0.8, 0.85, 0.85]
    made = made + rng.normal(0, 0.003, made.shape)
    codes = made * [255, 255 / 0.8, 255 / 0.8] + [0, 128, 128]
    return np.clip(np.rint(codes), 0, 255).astype(np.uint8).reshape(LOOKS, 432)


def _tabulate(
    rng: np.random.Generator,
    cells: NDArray[np.uint8],
    starts: NDArray[np.int64],
    alike: NDArray[np.bool_],
    manners: list[_Manner],
) -> tuple[dict[str, pl.DataFrame], pl.LazyFrame]:
    """Make the tables: three frames a shot, so that a shot's looks are its frames."""
    n = len(cells)
    length = np.exp(rng.normal(np.log(3.6), 0.7, n)).clip(0.6, 40)
    end = np.cumsum(length)
    begin = end - length
    begins = np.full(n, "cut", dtype=object)
    begins[0] = "open"
    for k in range(1, n):
        fades, dissolves = (0.1, 0.1) if k in starts else (0.004, 0.012)
        u = rng.random()
        begins[k] = "fade" if u < fades else "dissolve" if u < fades + dissolves else "cut"
    middle = (2 * np.arange(LOOKS) + 1) / (2 * LOOKS)
    times = (begin[:, None] + length[:, None] * middle).ravel()
    number = np.arange(n * LOOKS)
    frames = conform(pl.DataFrame({"frame": number, "pts": number, "time_s": times}), FRAMES)
    grid = pl.DataFrame(
        {"frame": number, "cells": [c.tobytes() for c in cells.reshape(-1, 432)]},
        schema={name: column.dtype for name, column in GRID.items()},
    )
    shots = conform(
        pl.DataFrame(
            {
                "shot": np.arange(n), "start_frame": number[::LOOKS], "end_frame": number[::LOOKS] + LOOKS,
                "start_s": begin, "end_s": end, "length_s": length, "begins": begins.astype(str),
                "ends": [*begins[1:].astype(str), "close"], "flat": np.zeros(n, bool),
                "corrected": np.zeros(n, bool), "provisional": np.zeros(n, bool),
            }
        ),
        SHOTS,
    )  # fmt: skip
    tables = {name: empty(columns) for name, columns in TABLES.items() if name != "grid"}
    sounds = _draw_sounds(rng, begin, end, starts, alike, manners)
    hearing = _draw_hearing(rng, begin, end, manners, sounds)
    tables |= {"frames": frames, "shots": shots, "sounds": sounds, "hearing": hearing}
    tables["loudness"] = empty(LOUDNESS)
    return tables, grid.lazy()


def _draw_sounds(
    rng: np.random.Generator,
    begin: NDArray[np.float64],
    end: NDArray[np.float64],
    starts: NDArray[np.int64],
    alike: NDArray[np.bool_],
    manners: list[_Manner],
) -> pl.DataFrame:
    """Speech that goes over cuts and seldom over a scene's edge; music by scene, over edges where both have it."""
    edges = np.append(begin[starts], end[-1])
    rows: list[tuple[str, float, float]] = []
    for scene, (low, high) in enumerate(pairwise(edges)):
        manner = manners[starts[scene]]
        # one bed: nothing in speech or music says that a scene begins either
        onward = scene + 1 < len(starts) and alike[scene + 1]
        if manner.music:
            rows.append(("music", low, high))
        if rng.random() < 0.7:
            at = low + rng.exponential(2.0)
            until = high + (2.0 if onward or rng.random() < 0.08 else -rng.exponential(1.5))
            while at < until:
                stop = min(at + rng.exponential(4.0) + 0.8, until)
                rows.append(("speech", at, stop))
                at = stop + 0.8 + rng.exponential(1.5)
    joined: list[list[object]] = []
    for kind, low, high in sorted(rows, key=lambda r: (r[0], r[1])):
        if joined and joined[-1][0] == kind and low <= float(joined[-1][2]):  # type: ignore[arg-type]
            joined[-1][2] = max(high, float(joined[-1][2]))  # type: ignore[arg-type]
        else:
            joined.append([kind, low, high])
    made = pl.DataFrame(joined, schema=["kind", "start_s", "end_s"], orient="row")
    return conform(made.sort("start_s").with_row_index("sound"), SOUNDS) if joined else empty(SOUNDS)


def _draw_hearing(
    rng: np.random.Generator,
    begin: NDArray[np.float64],
    end: NDArray[np.float64],
    manners: list[_Manner],
    sounds: pl.DataFrame,
) -> pl.DataFrame:
    """Ten steps a second are enough here: a bed that wavers, and speech over it."""
    steps = np.arange(0, int(end[-1] * 50), 5)
    own = np.searchsorted(begin, (steps + 0.5) / 50, side="right") - 1
    beds = np.stack([m.bed for m in manners])[own] + rng.normal(0, 1.5, (len(begin), 4))[own]
    slow = np.repeat(rng.normal(0, 1.5, (len(steps) // 20 + 1, 4)), 20, axis=0)[: len(steps)]
    levels = beds + slow + rng.normal(0, 2.0, beds.shape)
    for low, high in sounds.filter(pl.col("kind") == "speech").select("start_s", "end_s").iter_rows():
        here = slice(*np.searchsorted(steps, [low * 50, high * 50]))
        voiced = rng.random(here.stop - here.start) < 0.7
        levels[here] = np.where(voiced[:, None], np.maximum(levels[here], [-32, -30, -38, -48]), levels[here])
    codes = np.clip(np.rint((levels + 120) * 2), 0, 255).astype(np.uint8)
    made = {"step": steps, **{name: codes[:, i] for i, name in enumerate(("low", "middle", "high", "top"))}}
    return conform(pl.DataFrame(made), HEARING)
