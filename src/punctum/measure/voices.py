"""Voices: how surely speech, singing and music are heard in every 20 ms of a film's sound.

Conventions: the finder takes mono float32 at 16 kHz and gives a row of three probabilities for every 10 ms, speech,
singing and music, that of row i from the 25 ms which begin at i x 10 ms. It looks no further back or forth than some
two seconds, and hardly further than one. A part of the film is listened to as one piece, with what there is of the
sound before it and none of that after it: so a part's rows depend on nothing but the film.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from punctum.measure.bands import STEPS_A_SECOND
from punctum.measure.resampling import resample
from punctum.measure.sound import cleaned

Finder = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Mono sound at 16 kHz to probabilities (rows, 3)."""

FINDER_RATE_HZ = 16000
KINDS = ("speech", "singing", "music")

_ROW_S, _ROW_CENTRE_S = 0.01, 0.0125
_LEAST_S = 2.0
"""Shorter pieces are lengthened with silence: the finder cannot take them."""

_WEIGHTS = {"LFE": 0.0, "LFE2": 0.0, "FC": 1.0, "FL": 0.7071, "FR": 0.7071}
_ELSEWHERE = 0.5


def mix_down(sound: NDArray[np.float32], channels: tuple[str, ...]) -> NDArray[np.float32]:
    """Mix channels down to one, as for a listener before a single loudspeaker (ITU-R BS.775).

    Parameters
    ----------
    sound : np.ndarray [shape=(channels, samples), dtype=float32]
    channels : tuple of str
        FFmpeg's names in the order of ``sound``

    Returns
    -------
    mono : np.ndarray [shape=(samples,), dtype=float32]
        weighted sum; of a single channel, that channel
    """
    names = channels if len(channels) == len(sound) else ("",) * len(sound)
    mono = np.zeros(sound.shape[1], np.float32)
    for samples, name in zip(sound, names, strict=True):
        weight = 1.0 if len(sound) == 1 else _WEIGHTS.get(name, _ELSEWHERE)
        if weight:
            mono += np.float32(weight) * cleaned(samples, np.float32)
    return np.clip(mono, -1.0, 1.0)


def listen(
    mono: NDArray[np.float32], begin: int, sample_rate_hz: int, steps: NDArray[np.int64], finder: Finder
) -> dict[str, NDArray[np.uint8]]:
    """Listen to a stretch of sound for speech, singing and music.

    Parameters
    ----------
    mono : np.ndarray [shape=(samples,), dtype=float32]
    begin : int
        the film's sample number of ``mono[0]``
    sample_rate_hz : int
    steps : np.ndarray [shape=(k,), dtype=int64]
        numbers of the 20 ms steps that are asked for
    finder : Finder

    Returns
    -------
    heard : dict of np.ndarray [shape=(k,), dtype=uint8]
        by kind, 255 for certainty
    """
    at_16k = resample(mono, sample_rate_hz, FINDER_RATE_HZ)
    least = round(_LEAST_S * FINDER_RATE_HZ)
    if len(at_16k) < least:
        at_16k = np.concatenate([at_16k, np.zeros(least - len(at_16k), np.float32)])
    rows = finder(at_16k)
    row_s = begin / sample_rate_hz + _ROW_CENTRE_S + _ROW_S * np.arange(len(rows))
    step_s = (steps + 0.5) / STEPS_A_SECOND
    return {
        kind: np.rint(255 * np.clip(np.interp(step_s, row_s, rows[:, at]), 0, 1)).astype(np.uint8)
        for at, kind in enumerate(KINDS)
    }
