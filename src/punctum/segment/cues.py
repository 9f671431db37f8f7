"""What the shot detector's network looks at: how alike each frame is to those around it, and where it changes.

Next to nothing here says what a picture shows, only how it compares with its neighbours, so that film unlike any that
the network learnt from looks the same to it. Frames are rows; row t speaks of the gap between frames t - 1 and t, and
of frame t. Before the first frame and after the last one, film stands still.

Products are of whole numbers, small enough for float32 to hold their sums exactly: no order of adding changes them.
"""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from punctum.film import GRID_COLUMNS, GRID_ROWS

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

PLACES = GRID_ROWS * GRID_COLUMNS

LAGS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48)
"""Distances in frames over which frames are compared: within what was, within what comes, and from one to the other."""

RADII = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48)
"""Frames this far on both sides are mixed to explain the frame between them."""

WIPE_RADII = (3, 6, 12, 24)
"""As far on both sides, places of one or the other are put together to explain the frame between them."""

REACH = 96
"""Frames on each side that a row depends on."""

CHROMA = 1.6
"""A step of a or b against one of L, in bytes, as distances weigh them: 2 x 0.8."""

GRAIN = 2.5
"""Steps of a byte that are grain and rounding."""

COLUMNS = ("histogram_change", "change", "correlation", "contrast", "sharpness")
"""Columns of ``frames`` that are looked at beside the grid."""

_FLOORS = (0.02, 0.003, None, 0.01, 0.05)
"""What of a column is as much as nothing before its logarithm is taken; None leaves it as it is."""

_UNKNOWN = (0.0, 0.0, 1.0, 0.0, 0.0)
"""What stands for a value that was not measured: nothing changed."""

SUMMED = ("histogram_change", "change")
"""Columns of what happened since the frame before."""

BLOCK = 8
"""Frames multiplied with others at a time: so small a product is never shared among threads, which would wait."""


class Cues(NamedTuple):
    """``numbers`` (n, NUMBERS) float32; ``maps`` (n, MAPS, 144) float32, where in the picture."""

    numbers: Floats
    maps: Floats


MAPS = 3


class _Bands(NamedTuple):
    """Products of frames with later ones: [i, k] is frame i times frame i + k; (n, 2 REACH + 1)."""

    colour: Floats
    centred: Floats
    edges: Floats


def thin_columns(columns: Floats, thin: int) -> Floats:
    """Give the columns of every ``thin``-th frame, (n, 5) -> (ceil(n / thin), 5), with all change since the last."""
    made = columns[::thin].copy()
    for i, name in enumerate(COLUMNS):
        if name in SUMMED:
            for back in range(1, thin):
                made[1:, i] += columns[thin - back :: thin, i][: len(made) - 1]
    return made


def find_cues(raw: Bytes, columns: Floats) -> Cues:
    """Compare every frame with those around it.

    Parameters
    ----------
    raw : np.ndarray [shape=(n + 2 * REACH, 432), dtype=uint8]
        the grid's bytes, with ``REACH`` frames before and after
    columns : np.ndarray [shape=(n, 5), dtype=float32]
        ``COLUMNS`` of the frames; NaN where not measured

    Returns
    -------
    cues : Cues
        for the n frames
    """
    shaped = raw.reshape(len(raw), PLACES, 3)
    light = shaped[:, :, 0].astype(np.float32)
    tint = shaped[:, :, 1:].astype(np.float32).reshape(len(raw), -1) - np.float32(128)
    edges = _edges(light)
    bands = _bands(light, tint, edges)
    n = len(raw) - 2 * REACH
    own = np.arange(n) + REACH
    numbers = [*_likenesses(bands, own), *_mixtures(bands.colour, own)]
    weighted = np.concatenate([light[:, :, None], tint.reshape(len(raw), PLACES, 2) * np.float32(CHROMA)], axis=2)
    wipes, sides = _wipes(weighted, own)
    numbers += wipes
    numbers += _levels(bands, light, own)
    numbers += _measures(columns)
    step = weighted[own] - weighted[own - 1]
    moved = np.sqrt(np.einsum("npc,npc->np", step, step))
    maps = np.stack([np.log(moved / np.float32(GRAIN) + 1), *sides], axis=1)
    return Cues(np.stack(numbers, axis=1).astype(np.float32), maps.astype(np.float32))


def _edges(light: Floats) -> Floats:
    """Each place against its surroundings, whatever the light: whole numbers from -127 to 127."""
    shaped = light.reshape(-1, GRID_ROWS, GRID_COLUMNS)
    padded = np.pad(shaped, ((0, 0), (1, 1), (1, 1)), mode="edge")
    rows = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    around = rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]
    detail = (shaped - around / np.float32(9)).reshape(light.shape)
    size = np.abs(detail)
    scale = 0.5 * size.mean(axis=1, keepdims=True) + np.float32(1)
    made: Floats = np.rint(detail / (size + scale) * np.float32(127))
    return made


def _bands(light: Floats, tint: Floats, edges: Floats) -> _Bands:
    """Multiply frames with those up to ``2 * REACH`` later."""
    n, reach = len(light), 2 * REACH
    both = _products(light) + np.float32(CHROMA**2) * _products(tint)
    made = [both, np.zeros((n, reach + 1), np.float32), _products(edges)]
    means = np.concatenate([light.mean(axis=1)[:, None], CHROMA * tint.reshape(n, PLACES, 2).mean(axis=1)], axis=1)
    for k in range(reach + 1):
        rest = n - k
        made[1][:rest, k] = made[0][:rest, k] - PLACES * np.einsum("ij,ij->i", means[:rest], means[k:])
    return _Bands(*made)


def _products(values: Floats) -> Floats:
    """Multiply frames (n, m) with those up to ``2 * REACH`` later: (n, 2 * REACH + 1); 0 beyond the last."""
    n, reach = len(values), 2 * REACH
    count = -(-n // BLOCK)
    padded = np.zeros((count * BLOCK + reach, values.shape[1]), np.float32)
    padded[:n] = values
    row, item = padded.strides
    blocks = as_strided(padded, (count, BLOCK, values.shape[1]), (BLOCK * row, row, item))
    others = as_strided(padded, (count, values.shape[1], BLOCK + reach), (BLOCK * row, item, row))
    product = np.matmul(blocks, others)
    whole, down, across = product.strides
    band = as_strided(product, (count, BLOCK, reach + 1), (whole, down + across, across))
    return band.reshape(count * BLOCK, reach + 1)[:n]


def _gap(band: Floats, i: NDArray[np.int64], j: NDArray[np.int64]) -> Floats:
    """Mean square distance of frames i and j, j not before i, in steps of a byte."""
    squares: Floats = np.maximum(band[i, 0] + band[j, 0] - 2 * band[i, j - i], 0) / np.float32(PLACES)
    return squares


def _unlike(band: Floats, i: NDArray[np.int64], j: NDArray[np.int64], grain: float) -> Floats:
    """One minus the correlation, grain added to both sides."""
    noise = np.float32(grain)
    energy = np.sqrt(np.maximum(band[i, 0], 0) * np.maximum(band[j, 0], 0))
    unlike: Floats = 1 - (band[i, j - i] + noise) / (energy + noise)
    return unlike


def _likenesses(bands: _Bands, own: NDArray[np.int64]) -> list[Floats]:
    made: list[Floats] = []
    for k in LAGS:
        for i, j in ((own - 1 - k, own - 1), (own, own + k), (own - k, own + k - 1)):
            made.append(0.5 * np.log(_gap(bands.colour, i, j) + np.float32(GRAIN)))
            made.append(2 * _unlike(bands.centred, i, j, GRAIN**2 * PLACES))
            made.append(2 * _unlike(bands.edges, i, j, 20.0**2 * PLACES))
    return made


def _mixtures(band: Floats, own: NDArray[np.int64]) -> list[Floats]:
    """How far each frame lies from the line between two around it, and where on it."""
    made: list[Floats] = []
    for r in RADII:
        a, b = own - r, own + r
        ends = _gap(band, a, b) * PLACES
        along = band[own, r] - band[a, 2 * r] - band[a, r] + band[a, 0]
        away = _gap(band, a, own) * PLACES
        noise = np.float32(GRAIN**2 * PLACES)
        share = (along + noise / 2) / (ends + noise)
        rest = np.maximum(away - 2 * share * along + share**2 * ends, 0)
        made.append(0.5 * np.log((rest + noise / 4) / (ends + noise)))
        made.append(2 * np.clip(share, -1, 2) - 1)
    return made


def _wipes(cells: Floats, own: NDArray[np.int64]) -> tuple[list[Floats], list[Floats]]:
    """How far each frame lies from the nearer of two around it, place by place; and which is nearer where."""
    made: list[Floats] = []
    sides: list[Floats] = []
    noise = np.float32(GRAIN**2)
    for r in WIPE_RADII:
        from_a, from_b = cells[own] - cells[own - r], cells[own] - cells[own + r]
        squares_a, squares_b = np.einsum("npc,npc->np", from_a, from_a), np.einsum("npc,npc->np", from_b, from_b)
        step = from_a - from_b
        ends = np.einsum("npc,npc->np", step, step)
        whole = ends.sum(axis=1) + noise * PLACES
        made.append(0.5 * np.log((np.minimum(squares_a, squares_b).sum(axis=1) + noise * PLACES / 4) / whole))
        made.append(2 * (ends * (squares_b < squares_a)).sum(axis=1) / whole - 1)
        if r in (3, 12):
            sides.append((squares_a - squares_b) / (squares_a + squares_b + 4 * noise))
    return made, sides


def _levels(bands: _Bands, light: Floats, own: NDArray[np.int64]) -> list[Floats]:
    """How much there is to see in a frame, and how light it is: what tells fades."""
    spread = 0.5 * np.log(np.maximum(bands.centred[own, 0], 0) / np.float32(PLACES) + 1)
    return [spread, light[own].mean(axis=1) / np.float32(128) - 1]


def _measures(columns: Floats) -> list[Floats]:
    made: list[Floats] = []
    for i, (floor, unknown) in enumerate(zip(_FLOORS, _UNKNOWN, strict=True)):
        value = np.where(np.isnan(columns[:, i]), np.float32(unknown), columns[:, i])
        made.append(value if floor is None else np.log(np.maximum(value, 0) / np.float32(floor) + 1))
    return made


NUMBERS = 9 * len(LAGS) + 2 * len(RADII) + 2 * len(WIPE_RADII) + 2 + len(COLUMNS)
