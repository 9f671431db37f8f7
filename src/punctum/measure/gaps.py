"""Rows of a block in which some frames were left out: what they hold, and what the frames after them do not.

Conventions: ``numbers`` are the frames, less the block's first, of which there are pictures, the lead's among them. A
frame left out has no measures of its picture, and the mean of its neighbours' grids, each weighing by its nearness. A
frame after a gap has no measure of change or motion since the frame before: over a longer way they are others.
"""

import itertools
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from punctum.film import Block
from punctum.measure import change, colour, light


def runs(numbers: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Runs of two and more frames that follow each other, as half-open pairs of places in ``numbers``.

    Examples
    --------
    >>> runs(np.array([-2, 0, 1, 2, 4, 6, 7]))
    [(1, 4), (5, 7)]
    """
    edges = [0, *(np.flatnonzero(np.diff(numbers) != 1) + 1).tolist(), len(numbers)]
    return [(a, b) for a, b in itertools.pairwise(edges) if b - a > 1]


def spread(
    block: Block, measured: Mapping[str, NDArray[Any]], cells: list[bytes]
) -> tuple[dict[str, NDArray[Any]], list[bytes]]:
    """Give every own frame of a block its row, from the measures of those that have pictures.

    Parameters
    ----------
    block : Block
        one with ``thumb_frames``
    measured : mapping of str to np.ndarray [shape=(m,), dtype=floating]
        by column, of the own frames with pictures
    cells : list of bytes
        their grids

    Returns
    -------
    columns : dict of str to np.ndarray [shape=(n,), dtype=floating]
        NaN where nothing was measured
    cells : list of bytes
        n
    """
    assert block.thumb_frames is not None
    numbers, lead, n = block.thumb_frames, block.lead, len(block.pts)
    own = numbers[lead:]
    known = {**measured, "correlation": _correlation(block, measured["correlation"])}
    columns = {}
    for name, values in known.items():
        columns[name] = np.full(n, np.nan)
        columns[name][own] = values
    return columns, _between(block, cells)


def _correlation(block: Block, measured: light.Values) -> light.Values:
    """Correlation with the next-but-one frame, which is the one before with a picture where one was left out."""
    assert block.thumb_frames is not None
    numbers, lead = block.thumb_frames, block.lead
    made = measured.copy()
    for at in range(max(lead, 1), len(numbers)):
        if numbers[at] - numbers[at - 1] == 2:
            lumas = light.to_luma(light.split_planes(np.ascontiguousarray(block.thumbs[at - 1 : at + 1])))
            made[at - lead] = change.correlation(lumas[[0, 0, 1]], 2)[0]
    return made


def _between(block: Block, cells: list[bytes]) -> list[bytes]:
    """Grids of all own frames: of one left out, the mean of its neighbours'."""
    assert block.thumb_frames is not None
    numbers = block.thumb_frames[block.lead :]
    known = np.frombuffer(b"".join(cells), np.uint8).reshape(len(cells), -1).astype(np.float32)
    if len(numbers) and numbers[0] > 0:
        before = block.thumbs[block.lead - 1] if block.lead else block.thumbs[block.lead]
        first = int(block.thumb_frames[block.lead - 1]) if block.lead else -1
        # by way of half the size, as in ``blocks``: the same bytes as in the block before
        size = max(before.shape[1] // 2, 1), max(before.shape[0] // 2, 1)
        half = cv2.resize(light.to_linear(np.ascontiguousarray(before)), size, interpolation=cv2.INTER_AREA)
        grid = colour.grid_cells(colour.grid_light(np.asarray(half, np.float32))[None])[0]
        known = np.concatenate([np.frombuffer(grid, np.uint8)[None].astype(np.float32), known])
        numbers = np.concatenate([[first], numbers])
    made: list[bytes] = []
    for frame in range(len(block.pts)):
        after = int(np.searchsorted(numbers, frame))
        if numbers[after] == frame:
            made.append(known[after].astype(np.uint8).tobytes())
            continue
        low, high = int(numbers[after - 1]), int(numbers[after])
        share = np.float32((frame - low) / (high - low))
        made.append(np.rint(known[after - 1] * (1 - share) + known[after] * share).astype(np.uint8).tobytes())
    return made
