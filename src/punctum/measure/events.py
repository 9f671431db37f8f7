"""Events: crying, laughter, bells and the like, as YAMNet hears them in a part of a film's sound.

Conventions: mono float32 at 16 kHz. A patch is 96 rows of 64 log-mel bands, a row every 10 ms (0.96 s), and a patch
begins every 0.48 s: the front end of YAMNet (Plakal and Ellis 2020). Scores are the network's own, each class by
itself, and not calibrated: a score of 0.5 is no even chance.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from punctum.measure.resampling import resample
from punctum.measure.voices import FINDER_RATE_HZ

Classifier = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Patches (n, 96, 64) to scores (n, 521), 0 to 1."""

KINDS: dict[str, tuple[int, ...]] = {
    "crying": (19, 20, 21, 22),
    "laughter": (13, 14, 15, 16, 17, 18),
    "screaming": (11,),
    "sighing": (23, 39),
    "applause": (58, 61, 62),
    "footsteps": (48,),
    "dog": (69, 70),
    "bell": (195, 196, 197, 198, 349),
    "rain": (283, 284, 285),
    "thunder": (280, 281),
    "train": (323, 324, 325, 326, 327),
    "door": (348, 351, 352, 353),
    "telephone": (383, 384, 386),
    "siren": (317, 318, 319, 390, 391),
    "shot": (420, 421),
    "glass": (435,),
}
"""Classes of AudioSet's ontology, as YAMNet numbers them, that make up a kind."""

PATCH_S, HOP_S = 0.96, 0.48
_ROWS, _BANDS, _HOP = 96, 64, 160
_WINDOW, _TRANSFORM = 400, 512


def _mel(hz: float | NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(2595.0 * np.log10(1.0 + np.asarray(hz) / 700.0))


def _weights() -> NDArray[np.float32]:
    """Triangles of 64 bands between 125 and 7500 Hz, even on HTK's mel scale, over the transform's bins."""
    edges = 700.0 * (10 ** (np.linspace(_mel(125.0), _mel(7500.0), _BANDS + 2) / 2595.0) - 1.0)
    bins = np.linspace(0, FINDER_RATE_HZ / 2, _TRANSFORM // 2 + 1)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)


def log_mel(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logarithm of the mel spectrum, a row every 10 ms.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,), dtype=float32]
        mono, 16 kHz

    Returns
    -------
    rows : np.ndarray [shape=(1 + (n - 512) // 160, 64), dtype=float32]
    """
    if len(samples) < _TRANSFORM:
        samples = np.pad(samples, (0, _TRANSFORM - len(samples)))
    window = np.zeros(_TRANSFORM, np.float32)
    before = (_TRANSFORM - _WINDOW) // 2
    window[before : before + _WINDOW] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)
    pieces = np.lib.stride_tricks.sliding_window_view(samples, _TRANSFORM)[::_HOP]
    spectrum = np.abs(np.fft.rfft(pieces * window, axis=1)).astype(np.float32)
    return np.asarray(np.log(spectrum @ _weights() + 1e-6), np.float32)


def score_events(mono: NDArray[np.float32], sample_rate_hz: int, classifier: Classifier) -> dict[str, list[float]]:
    """Score every 0.96 s, one beginning every 0.48 s.

    Parameters
    ----------
    mono : np.ndarray [shape=(samples,), dtype=float32]
    sample_rate_hz : int
    classifier : Classifier

    Returns
    -------
    scores : dict of list of float
        by kind: of patch i, which begins ``i * HOP_S`` after the first sample
    """
    rows = log_mel(resample(mono, sample_rate_hz, FINDER_RATE_HZ))
    if len(rows) < _ROWS:
        rows = np.pad(rows, ((0, _ROWS - len(rows)), (0, 0)), constant_values=float(np.log(1e-6)))
    patches = np.lib.stride_tricks.sliding_window_view(rows, _ROWS, axis=0)[:: _ROWS // 2].transpose(0, 2, 1)
    found = classifier(np.ascontiguousarray(patches, np.float32))
    return {kind: found[:, list(classes)].max(axis=1).round(3).tolist() for kind, classes in KINDS.items()}
