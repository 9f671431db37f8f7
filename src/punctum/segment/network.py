"""A small network that reads the cues of a run of film and says, for every frame, what joins are there.

Seven layers of convolution over time, most with a wider spacing than the one before, so that a frame's answer depends
on ``REACH`` frames on both sides and on nothing else. Its weights, ``network.f16``, are made by
``benchmarks/shots/train.py``: little-endian float16, the arrays of ``SHAPES`` one after the other.

It is worked out in float64 and its answers are rounded: what another order of adding makes of them is far smaller than
the last digit kept.
"""

from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from punctum.segment import cues
from punctum.segment.cues import MAPS, NUMBERS, PLACES, Cues, find_cues

Doubles = NDArray[np.float64]

WIDTH = 96
MAP_WIDTH = 24
SPACINGS = (1, 2, 4, 8, 16, 32, 1)
"""Frames between the three frames that each layer looks at."""

ANSWERS = ("cut", "middle", "inside", "dissolve", "fade", "wipe")

REACH = sum(SPACINGS)
"""Frames on each side whose cues an answer depends on."""

MARGIN = REACH + cues.REACH
"""Frames on each side that an answer depends on."""

SHAPES: dict[str, tuple[int, ...]] = {
    "mean": (NUMBERS,),
    "spread": (NUMBERS,),
    "maps": (MAPS, PLACES, MAP_WIDTH),
    "maps_bias": (MAPS, MAP_WIDTH),
    "first": (NUMBERS + MAPS * MAP_WIDTH, WIDTH),
    "first_bias": (WIDTH,),
    "look": (len(SPACINGS), 3, WIDTH, WIDTH),
    "look_bias": (len(SPACINGS), WIDTH),
    "add": (len(SPACINGS), WIDTH, WIDTH),
    "add_bias": (len(SPACINGS), WIDTH),
    "last": (WIDTH, len(ANSWERS)),
    "last_bias": (len(ANSWERS),),
    "sure": (2, 2),
}
"""The weights' arrays; products are (rows of frames) times (array). ``sure`` turns answers into probabilities."""

BLOCK = 16
"""Rows of a product worked out at a time."""

_DECIMALS = 3


class Answers(NamedTuple):
    """What the network says of n frames, as probabilities.

    ``cut`` (n,): a hard cut lies between the frame before and this one. ``middle`` (n,): the middle of a gradual
    transition is here; ``inside`` (n,): the frame belongs to one. ``kinds`` (n, 3): if so, dissolve, fade or wipe.
    """

    cut: Doubles
    middle: Doubles
    inside: Doubles
    kinds: Doubles


@lru_cache(maxsize=1)
def read_weights() -> dict[str, Doubles]:
    """Read the weights' arrays out of the package, by the names of ``SHAPES``."""
    flat = np.frombuffer(files("punctum.segment").joinpath("network.f16").read_bytes(), "<f2").astype(np.float64)
    made, at = {}, 0
    for name, shape in SHAPES.items():
        size = int(np.prod(shape))
        made[name] = flat[at : at + size].reshape(shape)
        at += size
    return made


def ask_network(raw: NDArray[np.uint8], columns: NDArray[np.float32]) -> Answers:
    """Ask the network about a stretch of film.

    Parameters
    ----------
    raw : np.ndarray [shape=(n + 2 * MARGIN, 432), dtype=uint8]
        the grid's bytes, with ``MARGIN`` frames before and after
    columns : np.ndarray [shape=(n + 2 * MARGIN, 5), dtype=float32]
        ``cues.COLUMNS`` of the same frames; NaN where not measured

    Returns
    -------
    answers : Answers
        for the n frames
    """
    found = find_cues(raw, columns[cues.REACH : len(columns) - cues.REACH])
    return _read(found)


def how_sure(kind: str, answer: float) -> float:
    """Turn the network's answer for a boundary into the probability that there is one.

    A straight line through the answer's log odds, fitted to films of other sources than those the network learnt from.
    """
    slope, offset = read_weights()["sure"][int(kind != "cut")]
    held = min(max(answer, 1e-4), 1.0 - 1e-4)
    odds = slope * np.log(held / (1.0 - held)) + offset
    return float(1.0 / (1.0 + np.exp(-odds)))


def _read(found: Cues) -> Answers:
    w = read_weights()
    numbers = (found.numbers.astype(np.float64) - w["mean"]) / w["spread"]
    maps = found.maps.astype(np.float64)
    seen = [np.maximum(_times(maps[:, i], w["maps"][i]) + w["maps_bias"][i], 0.0) for i in range(MAPS)]
    state = np.maximum(_times(np.concatenate([numbers, *seen], axis=1), w["first"]) + w["first_bias"], 0.0)
    for i, spacing in enumerate(SPACINGS):
        made = _times(state, w["look"][i, 1]) + w["look_bias"][i]
        made[spacing:] += _times(state[:-spacing], w["look"][i, 0])
        made[:-spacing] += _times(state[spacing:], w["look"][i, 2])
        state = state + _times(np.maximum(made, 0.0), w["add"][i]) + w["add_bias"][i]
    own = np.maximum(state[REACH : len(state) - REACH], 0.0)
    answers = np.round(_times(own, w["last"]) + w["last_bias"], _DECIMALS)
    single = 1.0 / (1.0 + np.exp(-answers[:, :3]))
    powers = np.exp(answers[:, 3:] - answers[:, 3:].max(axis=1, keepdims=True))
    return Answers(single[:, 0], single[:, 1], single[:, 2], powers / powers.sum(axis=1, keepdims=True))


def _times(rows: Doubles, weights: Doubles) -> Doubles:
    """Multiply (n, k) by (k, m), a few rows at a time: so small a product is never shared among threads."""
    n, inner = rows.shape
    count = -(-n // BLOCK)
    padded = np.zeros((count * BLOCK, inner))
    padded[:n] = rows
    product: Doubles = np.matmul(padded.reshape(count, BLOCK, inner), weights)
    return product.reshape(count * BLOCK, -1)[:n]
