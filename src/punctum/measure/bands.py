"""Bands: how loud four ranges of frequency are in every 20 ms of a film's sound.

Conventions: sound is float32 (channels, samples), full scale -1..1. Step k is samples round(k x rate / 50) up to
round((k + 1) x rate / 50) of the film, counted from its first frame, and belongs to the block in which its end falls.
Its level is that of the 40 ms that end with it, under a Hann window. There is no filter and so no memory: what a step
gives depends on its 40 ms only, and blocks of any size give the same bytes.
"""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from punctum.measure.sound import cleaned, decibels, step_edges
from punctum.tables import SILENCE_DB

STEPS_A_SECOND = 50
"""Rows of the table ``hearing`` for each second."""

BANDS_HZ: dict[str, tuple[float, float]] = {
    "low": (45.0, 250.0),
    "middle": (250.0, 1000.0),
    "high": (1000.0, 4000.0),
    "top": (4000.0, 8000.0),
}
"""Columns of ``hearing`` and the frequencies they hold: engines and basses; voices; consonants, rubber, wood; ticks."""

BYTES_A_DB = 2
"""Levels are kept as bytes, in steps of half a decibel above ``SILENCE_DB``."""


@cache
def _window(count: int) -> NDArray[np.float32]:
    window = np.sin(np.pi * np.arange(count) / count) ** 2
    return np.asarray(window / np.sqrt(np.mean(window**2)), np.float32)


def band_levels(
    sound: NDArray[np.float32], begin: int, first: int, last: int, sample_rate_hz: int
) -> tuple[NDArray[np.int64], dict[str, NDArray[np.uint8]]]:
    """Level of each band in the 20 ms steps that end in (first, last].

    Parameters
    ----------
    sound : np.ndarray [shape=(channels, samples), dtype=float32]
        at least 40 ms of it lie before ``first``
    begin : int
        the film's sample number of ``sound[:, 0]``
    first, last : int
        the film's sample numbers after which, and up to which, a step ends
    sample_rate_hz : int

    Returns
    -------
    steps : np.ndarray [shape=(k,), dtype=int64]
    levels : dict of np.ndarray [shape=(k,), dtype=uint8]
        by band, half decibels above -120 dB of the mean square over all channels; a band that reaches beyond half the
        sample rate holds what there is of it, and one that lies beyond it is left out
    """
    steps, edges = step_edges(first, last, sample_rate_hz, STEPS_A_SECOND)
    ends = edges[1:] - begin
    count = -(-2 * sample_rate_hz // STEPS_A_SECOND)
    kept = ends >= count
    steps, ends = steps[kept], ends[kept]
    bands = {name: (low, min(high, sample_rate_hz / 2)) for name, (low, high) in BANDS_HZ.items()}
    bands = {name: (low, high) for name, (low, high) in bands.items() if low < high}
    power = {name: np.zeros(len(steps)) for name in bands}
    if not len(steps):
        return steps, {name: np.zeros(0, np.uint8) for name in bands}
    size = cv2.getOptimalDFTSize(count)
    pieces = np.zeros((len(steps), size), np.float32)
    for samples in sound:
        found = np.lib.stride_tricks.sliding_window_view(cleaned(samples, np.float32), count)[ends - count]
        np.multiply(found, _window(count), out=pieces[:, :count])
        spectrum = np.square(cv2.dft(pieces, flags=cv2.DFT_ROWS))  # twelve times as fast as NumPy's
        for name, (low_hz, high_hz) in bands.items():
            # a row is Re 0, Re 1, Im 1, Re 2, Im 2, ...
            left, right = (2 * round(edge * size / sample_rate_hz) - 1 for edge in (low_hz, high_hz))
            power[name] += 2 * np.sum(spectrum[:, left:right], axis=1, dtype=np.float64)
    # by Parseval: a sum over the padded transform's squares is `size` times that over the window's samples
    shared = size * count * max(len(sound), 1)
    return steps, {name: to_bytes(decibels(each / shared)) for name, each in power.items()}


def to_bytes(level_db: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Levels as they are kept: half decibels above -120 dB, 0 to 255.

    Examples
    --------
    >>> to_bytes(np.array([-120.0, -23.2, 0.0])).tolist()
    [0, 194, 240]
    """
    return np.clip(np.rint((level_db - SILENCE_DB) * BYTES_A_DB), 0, 255).astype(np.uint8)
