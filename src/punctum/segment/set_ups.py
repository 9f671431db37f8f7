"""Which shots show the same from the same place: set-ups, told by the grid's cells.

Conventions: a shot is looked at in `LOOKS` of its frames, as cells of the grid; shot i is compared with the shots up to
`REACH` before it. Distances are those of ``cells.py`` but for their weights, whole numbers, so that every sum is exact
in float32 and the same on any number of threads.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.errors import TableInvalid
from punctum.film import GRID_COLUMNS, GRID_ROWS
from punctum.segment.cells import CELL_BYTES, PLACES, bytes_of

LOOKS = 3
REACH = 60
"""How many shots back a set-up is looked for: in the 134 films of ``population_134.csv`` some five minutes."""

ROWS_AT_ONCE = 2048
SHOTS_AT_ONCE = 96

LIGHTNESS, CHROMA = 3, 5
"""Weights of a step of L and of a or b: chroma counts 5/3, near the 1.6 of ``cells.py``."""

REGIONS = (3, 4)
"""The picture is compared in 3 x 4 regions, and by the half of them that is most alike: people move, sets do not."""

ALIKE_REGIONS = 6

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]


class Looks(NamedTuple):
    """What the shots look like: ``cells`` uint8 (n, LOOKS, 432); ``known`` bool (n,), False where the grid has none."""

    cells: Bytes
    known: NDArray[np.bool_]


class SetUps(NamedTuple):
    """``looks`` of the shots, and ``likelihood`` as ``compare_set_ups`` gives it."""

    looks: Looks
    likelihood: Floats


def find_set_ups(shots: pl.DataFrame, frames: pl.DataFrame, grid: pl.LazyFrame) -> SetUps:
    """Look at all shots and compare each with those before it: ``look_at_shots``, then ``compare_set_ups``."""
    looks = look_at_shots(shots, frames, grid)
    return SetUps(looks, compare_set_ups(looks))


def look_at_shots(shots: pl.DataFrame, frames: pl.DataFrame, grid: pl.LazyFrame) -> Looks:
    """Take the cells of some frames of each shot, outside of its transitions where it can be.

    Parameters
    ----------
    shots, frames, grid
        columns of ``tables.SHOTS``, ``tables.FRAMES`` and ``tables.GRID``; the grid may be empty

    Returns
    -------
    Looks
    """
    cells = np.full((shots.height, LOOKS, CELL_BYTES), 128, np.uint8)
    known = np.zeros(shots.height, np.bool_)
    numbers = frames["frame"].to_numpy()
    if not shots.height or not len(numbers) or grid.limit(1).collect().is_empty():
        return Looks(cells, known)
    low = shots.select(pl.max_horizontal("start_frame", "transition_end_frame")).to_series().to_numpy()
    high = shots["end_frame"].to_numpy().copy()
    after = shots["transition_start_frame"].shift(-1).to_numpy()
    high = np.where(np.isnan(after), high, np.fmin(after, high)).astype(np.int64)
    whole = high - low < LOOKS
    low, high = np.where(whole, shots["start_frame"], low), np.where(whole, shots["end_frame"], high)
    first, last = np.searchsorted(numbers, low), np.searchsorted(numbers, high) - 1
    known = (last >= first) & ~shots["flat"].fill_null(value=False).to_numpy()
    shares = (2 * np.arange(LOOKS) + 1) / (2 * LOOKS)
    rows = (first[:, None] + np.rint((last - first)[:, None] * shares)).astype(np.int64)[known].ravel()
    wanted, place = np.unique(rows, return_inverse=True)
    found = np.empty((len(wanted), CELL_BYTES), np.uint8)
    for begin in range(0, len(numbers), ROWS_AT_ONCE):
        here = slice(*np.searchsorted(wanted, [begin, begin + ROWS_AT_ONCE]))
        if here.start < here.stop:
            column = grid.slice(begin, ROWS_AT_ONCE).select("cells").collect()["cells"]
            if begin + len(column) <= wanted[here.stop - 1]:
                raise TableInvalid("`grid` and `frames` do not hold the same frames")
            found[here] = bytes_of(column.gather(wanted[here] - begin))
    cells[known] = found[place.ravel()].reshape(-1, LOOKS, CELL_BYTES)
    return Looks(cells, known)


def measure_apart(cells: Bytes, reach: int = REACH) -> tuple[Floats, Floats]:
    """Measure how far apart each shot is from those before it.

    Parameters
    ----------
    cells : np.ndarray [shape=(n, LOOKS, 432), dtype=uint8]
    reach : int
        how many shots back

    Returns
    -------
    apart : np.ndarray [shape=(n, reach), dtype=float64]
        column k is the distance to shot i - k - 1: of the two looks nearest to each other, the root mean square over
        the regions that are most alike; infinity before the first shot
    spread : np.ndarray [shape=(n,), dtype=float64]
        root mean square of what the places of a shot's middle look differ from their mean: how much there is to see
    """
    n = len(cells)
    weighted = _weighted(cells)
    regions = _in_regions(weighted)
    squares = np.einsum("rnd,rnd->rn", regions, regions)
    scale = 1.0 / (255.0 * LIGHTNESS)
    region_places = regions.shape[2] // 3
    apart = np.full((n, reach), np.inf)
    for begin in range(0, n, SHOTS_AT_ONCE):
        end, back = min(begin + SHOTS_AT_ONCE, n), max(begin - reach, 0)
        own, others = slice(begin * LOOKS, end * LOOKS), slice(back * LOOKS, end * LOOKS)
        product = regions[:, own] @ regions[:, others].transpose(0, 2, 1)
        gaps = squares[:, own, None] + squares[:, None, others] - 2.0 * product
        alike = _sum_of_least(gaps)
        best = alike.reshape(end - begin, LOOKS, end - back, LOOKS).min(axis=(1, 3))
        best = np.sqrt(np.maximum(best, 0.0) / (region_places * ALIKE_REGIONS)) * scale
        for i in range(begin, end):
            count = min(i, reach)
            apart[i, :count] = best[i - begin, i - count - back : i - back][::-1]
    middle = weighted.reshape(n, LOOKS, PLACES, 3)[:, LOOKS // 2].astype(np.float64)
    off = middle - middle.mean(axis=1, keepdims=True)
    return apart, np.sqrt((off**2).sum(axis=2).mean(axis=1)) * scale


_SORT_OF_6 = ((0, 5), (1, 3), (2, 4), (1, 2), (3, 4), (0, 3), (2, 5), (0, 1), (2, 3), (4, 5), (1, 2), (3, 4))
"""Pairs to compare in turn, so that six are in order (Knuth, The Art of Computer Programming 3, 5.3.4)."""


def _sum_of_least(gaps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sum of the six least of twelve, (12, n, m) to (n, m).

    Both halves are put in order, then the less of each pair from either end counts: some ten times as fast as
    ``np.partition`` over the first axis.
    """
    halves = [list(gaps[:6]), list(gaps[6:])]
    for half in halves:
        for i, j in _SORT_OF_6:
            half[i], half[j] = np.minimum(half[i], half[j]), np.maximum(half[i], half[j])
    total: NDArray[np.float32] = np.minimum(halves[0][0], halves[1][5])
    for i in range(1, 6):
        total += np.minimum(halves[0][i], halves[1][5 - i])
    return total


def _weighted(cells: Bytes) -> NDArray[np.float32]:
    made = cells.reshape(-1, PLACES, 3).astype(np.float32) - 128
    return made * np.array([LIGHTNESS, CHROMA, CHROMA], np.float32)


def _in_regions(weighted: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cells as float32 (regions, looks, numbers of a region)."""
    down, across = REGIONS
    high, wide = GRID_ROWS // down, GRID_COLUMNS // across
    split = weighted.reshape(-1, down, high, across, wide, 3).transpose(1, 3, 0, 2, 4, 5)
    return np.ascontiguousarray(split.reshape(down * across, len(weighted), high * wide * 3))


def compare_set_ups(looks: Looks, reach: int = REACH) -> Floats:
    """Say how much likelier it is that two shots are one set-up than that they are two.

    A logistic regression on the logarithms of their distance and of the lesser of their spreads, fitted to composed
    films (``benchmarks/scenes/train.py``), its prior taken out.

    Parameters
    ----------
    looks : Looks
        of n shots
    reach : int
        how many shots back

    Returns
    -------
    likelihood : np.ndarray [shape=(n, reach), dtype=float64]
        natural logarithm of the ratio, column k against shot i - k - 1; minus infinity before the first shot, 0 where
        a look is missing
    """
    apart, spread = measure_apart(looks.cells, reach)
    n = len(apart)
    likelihood = np.full((n, reach), -np.inf)
    for k in range(min(reach, n - 1)):
        ratio = set_up_ratio(apart[k + 1 :, k], np.minimum(spread[k + 1 :], spread[: n - k - 1]))
        both = looks.known[k + 1 :] & looks.known[: n - k - 1]
        likelihood[k + 1 :, k] = np.where(both, np.round(ratio, 4), 0.0)
    return likelihood


SAME = 2.0
"""From this logarithm of the likelihood ratio on two shots of one scene count as the same set-up: 7 to 1."""


def number_set_ups(scenes: pl.DataFrame, set_ups: SetUps) -> pl.Series:
    """Number the set-ups of the film: a shot has the number of the likeliest shot before it in its scene, or a new one.

    Parameters
    ----------
    scenes : pl.DataFrame
        columns of ``tables.SCENES``
    set_ups : SetUps
        of n shots

    Returns
    -------
    set_up : pl.Series [dtype=Int32, length=n]
        null for a shot that was not seen
    """
    likelihood, known = set_ups.likelihood, set_ups.looks.known
    made: list[int | None] = [None] * len(known)
    fresh = 0
    for first, end in scenes.select("first_shot", "end_shot").iter_rows():
        for shot in range(first, end):
            if not known[shot]:
                continue
            back = likelihood[shot, : min(shot - first, likelihood.shape[1])]
            nearest = int(back.argmax()) + 1 if len(back) else 0
            if len(back) and back[nearest - 1] >= SAME and known[shot - nearest]:
                made[shot] = made[shot - nearest]
            else:
                made[shot], fresh = fresh, fresh + 1
    return pl.Series("set_up", made, dtype=pl.Int32)


def set_up_ratio(apart: Floats, spread: Floats) -> Floats:
    """Logarithm of the likelihood ratio by distance and lesser spread, held to what was fitted.

    Spreads beyond those of the films fitted to count as the nearest among them, and the less there is to see than in
    these the less is said; from where the parabola would turn up again, what lies further apart is no more alike.
    """
    weights = np.array(scene_weights()["set_up"])
    least, most = scene_weights()["spread_range"]
    x = set_up_features(apart, np.clip(spread, least, most))
    lowest = -(weights[1] + weights[5] * x[:, 2]) / (2 * weights[3])
    d = np.minimum(x[:, 1], lowest)
    x[:, 1], x[:, 3], x[:, 5] = d, d * d, d * x[:, 2]
    ratio: Floats = (x @ weights) * np.minimum(spread / least, 1.0) ** 2
    return ratio


def set_up_features(apart: Floats, spread: Floats) -> Floats:
    """Give what the likelihood is a sum of: (n,), (n,) to (n, 6)."""
    d, s = np.log(apart + 0.004), np.log(spread + 0.004)
    return np.stack([np.ones_like(d), d, s, d * d, s * s, d * s], axis=1)


@cache
def scene_weights() -> dict[str, Any]:
    """What ``benchmarks/scenes/train.py`` fitted."""
    text = files("punctum.segment").joinpath("scenes.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
