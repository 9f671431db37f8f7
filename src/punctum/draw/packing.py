"""Numbers as short text for the page's script.

Conventions: values are quantised to 12 bits over their own range (one part in 4093); `NOT_MEASURED` and `ABSENT` lie
above. A pack is base64 of raw bytes, a deflated pack base64 of a zlib stream, which browsers undo with
``DecompressionStream("deflate")``. Differences of neighbours are taken first and low and high bytes kept apart,
since that is what deflate shortens best. `score.js` and `unpack.js` hold the other half.
"""

import zlib
from base64 import b64encode

import numpy as np
from numpy.typing import NDArray

STEPS = 4093
"""The greatest quantised value."""

ABSENT = 4094
"""There was no row here: lines are drawn across."""

NOT_MEASURED = 4095
"""There was a row here, without a value: lines break."""


LEVEL = 6
"""Of deflate."""


def value_range(values: NDArray[np.floating]) -> tuple[float, float]:
    """Least and greatest finite value; (0, 1) where there is none, one apart where all are equal."""
    numbers = np.asarray(values, dtype=np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if len(numbers) == 0:
        return 0.0, 1.0
    low, high = float(numbers.min()), float(numbers.max())
    return (low, high) if high > low else (low, low + 1.0)


def quantise(values: NDArray[np.floating], low: float, high: float) -> NDArray[np.uint16]:
    """Values as whole numbers from 0 (`low`) to `STEPS` (`high`); `NOT_MEASURED` for NaN.

    Examples
    --------
    >>> import numpy as np
    >>> quantise(np.array([0.0, 1.0, np.nan]), 0.0, 1.0).tolist()
    [0, 4093, 4095]
    """
    numbers = np.asarray(values, dtype=np.float64)
    known = np.isfinite(numbers)
    share = np.where(known, (np.where(known, numbers, low) - low) / (high - low), 0.0)
    steps = np.clip(np.rint(share * STEPS), 0, STEPS).astype(np.uint16)
    return np.where(known, steps, np.uint16(NOT_MEASURED)).astype(np.uint16)


def pack(numbers: NDArray[np.uint16]) -> str:
    """Whole numbers as base64 of little-endian 16 bits."""
    return b64encode(numbers.astype("<u2").tobytes()).decode("ascii")


def deflate_steps(numbers: NDArray[np.uint16]) -> str:
    """Quantised values of 12 bits, as differences, low bytes before high bytes, deflated."""
    change = np.bitwise_and(np.diff(numbers.astype(np.int32), prepend=np.int32(0)), 0xFFF)
    low = (change & 0xFF).astype(np.uint8)
    high = (change >> 8).astype(np.uint8)
    return b64encode(zlib.compress(low.tobytes() + high.tobytes(), LEVEL)).decode("ascii")


def deflate_times(times_s: NDArray[np.float64]) -> str:
    """Ascending times as microseconds between neighbours, 32 bits, byte planes apart, deflated.

    Times come back within half a microsecond; no gap may be longer than 4,294 s, longer ones are cut to it.
    """
    ticks = np.rint(np.asarray(times_s, dtype=np.float64) * 1e6).astype(np.int64)
    gaps = np.clip(np.diff(ticks, prepend=np.int64(0)), 0, 2**32 - 1).astype(np.uint64)
    planes = b"".join(((gaps >> np.uint64(8 * i)) & np.uint64(0xFF)).astype(np.uint8).tobytes() for i in range(4))
    return b64encode(zlib.compress(planes, LEVEL)).decode("ascii")


def deflate_bytes(table: NDArray[np.uint8]) -> str:
    """A table (n, k) of bytes, column after column, as differences of neighbouring rows, deflated."""
    change = np.diff(table, axis=0, prepend=np.zeros((1, table.shape[1]), dtype=np.uint8))
    return b64encode(zlib.compress(np.ascontiguousarray(change.T).tobytes(), LEVEL)).decode("ascii")
