"""The grid's cells as numbers, and how far apart and how unlike two of them are.

Cells are float32 (n, 432): 144 places of (L, 2a, 2b) in OKLab; a and b are doubled, since a step of
hue is seen as large as twice that step of lightness (Ottosson, "A perceptual color space", 2020).
Distances are root mean squares over the places. Frames are rows; what is kept per frame is one
number, so that a film of any length costs a few megabytes.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.errors import TableInvalid
from punctum.film import GRID_COLUMNS, GRID_ROWS

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

PLACES = GRID_ROWS * GRID_COLUMNS
CELL_BYTES = PLACES * 3
CHROMA_WEIGHT = 2.0

NOISE = 0.01
"""Standard deviation under which a picture of cells is grain and quantisation: 2.5 of 255 steps."""

TEXTURE = 0.025
"""Places further apart than this from a neighbour are textured."""

KEPT_WITHIN = 0.04
"""Distance up to which a place has stayed what it was."""

TEXTURED_LEAST = 12
"""With fewer textured places a picture has too little of its own to have kept anything."""

_SCALE = np.tile(np.array([1.0, 0.8 * CHROMA_WEIGHT, 0.8 * CHROMA_WEIGHT], np.float32) / np.float32(255), PLACES)
_OFFSET = np.tile(np.array([0.0, 128.0, 128.0], np.float32), PLACES)


class Piece(NamedTuple):
    """Rows ``first`` onwards of a table of frames, as the grid's bytes; ``core`` up to ``core_end`` are its own."""

    first: int
    core: int
    core_end: int
    raw: Bytes


def bytes_of(column: pl.Series) -> Bytes:
    """Turn the grid's column into an array.

    Parameters
    ----------
    column : pl.Series [dtype=Binary, length=n]
        432 bytes a frame, as ``tables.GRID`` defines them

    Returns
    -------
    raw : np.ndarray [shape=(n, 432), dtype=uint8]

    Raises
    ------
    TableInvalid
        where a frame has not 432 bytes
    """
    if column.null_count() or not (column.bin.size() == CELL_BYTES).all():
        raise TableInvalid(f"column `cells` of `grid` needs {CELL_BYTES} bytes a frame")
    return np.frombuffer(b"".join(column.to_list()), np.uint8).reshape(len(column), CELL_BYTES)


def to_cells(raw: Bytes) -> Floats:
    """Turn the grid's bytes (n, 432) into cells, float32 (n, 432)."""
    return (raw.astype(np.float32) - _OFFSET) * _SCALE


def cells_of(column: pl.Series) -> Floats:
    """Turn the grid's column into cells, float32 (n, 432); raises TableInvalid as ``bytes_of``."""
    return to_cells(bytes_of(column))


def read_pieces(grid: pl.LazyFrame, numbers: NDArray[np.int64], size: int, margin: int) -> Iterator[Piece]:
    """Read the grid a piece at a time, each with ``margin`` more frames on both sides.

    Parameters
    ----------
    grid : pl.LazyFrame
        columns of ``tables.GRID``, one row for each of ``numbers``, in their order
    numbers : np.ndarray [shape=(n,), dtype=int64]
        the frame numbers of the table of frames
    size, margin : int
        frames

    Raises
    ------
    TableInvalid
        where the grid's frames are not those of ``numbers``
    """
    for core in range(0, len(numbers), size):
        core_end = min(core + size, len(numbers))
        first, last = max(0, core - margin), min(len(numbers), core_end + margin)
        yield Piece(first, core, core_end, read_bytes(grid, numbers, first, last))


def read_bytes(grid: pl.LazyFrame, numbers: NDArray[np.int64], first: int, last: int) -> Bytes:
    """Read rows ``first`` up to ``last`` of the grid.

    Parameters
    ----------
    grid : pl.LazyFrame
        columns of ``tables.GRID``, one row for each of ``numbers``, in their order
    numbers : np.ndarray [shape=(n,), dtype=int64]
        the frame numbers of the table of frames

    Returns
    -------
    raw : np.ndarray [shape=(last - first, 432), dtype=uint8]

    Raises
    ------
    TableInvalid
        where the grid's frames are not those of ``numbers``
    """
    rows = grid.slice(first, last - first).select("frame", "cells").collect()
    if not np.array_equal(rows["frame"].to_numpy(), numbers[first:last]):
        raise TableInvalid("`grid` and `frames` do not hold the same frames")
    return bytes_of(rows["cells"])


def read_cells(grid: pl.LazyFrame, numbers: NDArray[np.int64], first: int, last: int) -> Floats:
    """Read rows ``first`` up to ``last`` of the grid as cells, float32; as ``read_bytes`` otherwise."""
    return to_cells(read_bytes(grid, numbers, first, last))


def distance(x: Floats, y: Floats) -> Floats:
    """Root mean square distance of cells, row by row: (n, 432), (n, 432) -> (n,)."""
    step = x - y
    squares: Floats = np.einsum("ij,ij->i", step, step)
    gaps: Floats = np.sqrt(squares / np.float32(PLACES))
    return gaps


class Centred(NamedTuple):
    """Frames without their mean colour: what is left is their layout.

    ``layout`` (n, 432); ``mean`` (n, 3) the colour taken away; ``spread`` (n,) the root mean square of the layout.
    """

    layout: Floats
    mean: Floats
    spread: Floats


def centre(cells: Floats) -> Centred:
    """Take each frame's mean colour away."""
    shaped = cells.reshape(len(cells), PLACES, 3)
    mean = np.stack([shaped[:, :, i].mean(axis=1) for i in range(3)], axis=1)
    layout = (shaped - mean[:, None, :]).reshape(cells.shape)
    spread = np.sqrt(np.einsum("ij,ij->i", layout, layout) / np.float32(PLACES))
    return Centred(layout, mean, spread)


def unlikeness(x: Floats, y: Floats) -> Floats:
    """How unlike two layouts are, whatever their exposure and white balance: 0 the same, 1 unrelated, 2 opposed.

    One minus the correlation of the centred cells, with the variance of grain added to both sides, so that two flat
    pictures are alike.

    Parameters
    ----------
    x, y : np.ndarray [shape=(n, 432), dtype=float32]
        centred cells
    """
    grain = np.float32(NOISE**2 * PLACES)
    both: Floats = np.einsum("ij,ij->i", x, y)
    energy = np.einsum("ij,ij->i", x, x) * np.einsum("ij,ij->i", y, y)
    unlike: Floats = np.float32(1.0) - (both + grain) / (np.sqrt(energy) + grain)
    return unlike


def kept_shares(x: Floats, y: Floats) -> NDArray[np.float64]:
    """Share of a picture's textured places where nothing changed: near 1 where only a title came or went.

    A place is textured that differs from a neighbour; flat places, bars among them, say nothing about whether two
    pictures are of one shot. The greater share of the two pictures' counts.

    Parameters
    ----------
    x, y : np.ndarray [shape=(n, 432), dtype=float32]

    Returns
    -------
    kept : np.ndarray [shape=(n,), dtype=float64]
    """
    step = (x - y).reshape(len(x), PLACES, 3)
    still = np.einsum("ijk,ijk->ij", step, step) <= KEPT_WITHIN**2
    kept: NDArray[np.float64] = np.zeros(len(x))
    for pictures in (x, y):
        textured = _textured(pictures)
        count = textured.sum(axis=1)
        share = (textured & still).sum(axis=1) / np.maximum(count, 1)
        kept = np.maximum(kept, np.where(count >= TEXTURED_LEAST, share, 0.0))
    return kept


def _textured(pictures: Floats) -> NDArray[np.bool_]:
    """Which places (n, 144) differ from the place beside or below them."""
    shaped = pictures.reshape(len(pictures), GRID_ROWS, GRID_COLUMNS, 3)
    across, down = shaped[:, :, 1:] - shaped[:, :, :-1], shaped[:, 1:] - shaped[:, :-1]
    beside = np.einsum("nijk,nijk->nij", across, across) > TEXTURE**2
    below = np.einsum("nijk,nijk->nij", down, down) > TEXTURE**2
    textured = np.zeros(shaped.shape[:3], np.bool_)
    textured[:, :, :-1] |= beside
    textured[:, :, 1:] |= beside
    textured[:, :-1] |= below
    textured[:, 1:] |= below
    return textured.reshape(len(pictures), PLACES)
