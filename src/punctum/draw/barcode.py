"""The colour barcode: what the film's colours are, from its first frame to its last.

Conventions: a barcode is uint8 (rows, bins, 3), sRGB; bins are equal in time; colours are averaged in OKLab, each bin
over all the frames that fall in it, so that a flash weighs what it lasts. A bin without a frame repeats the bin before.
"""

import struct
import zlib
from base64 import b64encode
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from punctum.draw.colour import cells_to_oklab, oklab_to_srgb
from punctum.film import GRID_COLUMNS, GRID_ROWS


def build_barcode(
    batches: Iterable[tuple[NDArray[np.float64], NDArray[np.uint8]]], duration_s: float, bins: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Colours of the film in bins of time, and of every frame.

    Parameters
    ----------
    batches : iterable of (times_s, cells)
        times float64 (n,), ascending from batch to batch, and the grid's cells uint8 (n, 9, 16, 3)
    duration_s : float
        the bins cover 0 up to this
    bins : int
        how many

    Returns
    -------
    columns : np.ndarray [shape=(9, bins, 3), dtype=uint8]
        each row of the grid averaged over its width; mid grey where there is nothing at all
    frames : np.ndarray [shape=(n, 3), dtype=uint8]
        the mean colour of each frame
    """
    # bytes are affine in OKLab, so their sums stand for its; they are whole numbers, exact in any order
    across = np.tile(np.eye(3, dtype=np.float32), (GRID_COLUMNS, 1))
    total = np.zeros((bins, GRID_ROWS, 3))
    count = np.zeros(bins, dtype=np.int64)
    frames: list[NDArray[np.uint8]] = []
    for times_s, cells in batches:
        if len(times_s) == 0:
            continue
        rows = (cells.reshape(-1, GRID_COLUMNS * 3).astype(np.float32) @ across).reshape(-1, GRID_ROWS, 3)
        frames.append(oklab_to_srgb(cells_to_oklab(rows.sum(axis=1) / (GRID_ROWS * GRID_COLUMNS))))
        scale = bins / duration_s if duration_s > 0 else 0.0
        place = np.clip((times_s * scale).astype(np.int64), 0, bins - 1)
        starts = np.concatenate(([0], np.flatnonzero(np.diff(place)) + 1))
        total[place[starts]] += np.add.reduceat(rows, starts, axis=0)
        count[place[starts]] += np.diff(np.concatenate((starts, [len(place)])))
    colours = np.tile(np.array([0.6, 0.0, 0.0]), (bins, GRID_ROWS, 1))
    full = np.flatnonzero(count)
    if len(full):
        colours[full] = cells_to_oklab(total[full] / (count[full, None, None] * GRID_COLUMNS))
        before = np.maximum(np.searchsorted(full, np.arange(bins), side="right") - 1, 0)
        colours = colours[full[before]]
    columns = np.ascontiguousarray(oklab_to_srgb(colours).transpose(1, 0, 2))
    return columns, np.concatenate(frames) if frames else np.zeros((0, 3), dtype=np.uint8)


def png_bytes(picture: NDArray[np.uint8]) -> bytes:
    r"""A small picture, uint8 (h, w, 3), as a PNG: for barcodes and other drawings, not for film frames.

    Source: PNG (Third Edition), W3C 2025, section 11.

    Examples
    --------
    >>> import numpy as np
    >>> png_bytes(np.zeros((1, 1, 3), dtype=np.uint8))[:8]
    b'\x89PNG\r\n\x1a\n'
    """

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    height, width, _ = picture.shape
    # each row is stored as differences to the pixel on its left (filter 1)
    left = np.concatenate((np.zeros((height, 1, 3), dtype=np.uint8), picture[:, :-1]), axis=1)
    rows = np.concatenate((np.ones((height, 1), dtype=np.uint8), (picture - left).reshape(height, width * 3)), axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows.tobytes(), 9))
        + chunk(b"IEND", b"")
    )


def png_address(picture: NDArray[np.uint8]) -> str:
    """The picture as a ``data:`` address that a page can show."""
    return "data:image/png;base64," + b64encode(png_bytes(picture)).decode("ascii")
