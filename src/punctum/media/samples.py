"""Samples of decoded sound: their channels' names and their form.

Conventions: sound is float32 (channels, samples), full scale is -1..1. Channel names are FFmpeg's.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from punctum.media.container import DECODING_ERRORS, only, open_container, packets

LOWEST_RATE_HZ, HIGHEST_RATE_HZ, OTHER_RATE_HZ = 8000, 48000, 48000
"""Sound within these rates keeps its own; other sound is resampled."""

MAX_CHANNELS = 8

MAX_PLANES = 8
"""PyAV counts the planes of sound by looking for an empty one, and finds none among eight: such sound is taken
interleaved, where there is one plane only."""

_PROBE_PACKETS = 200

_CEILING = 8.0
"""Floating-point sound beyond this is damage, not sound."""

_NAMES = {
    1: ("FC",),
    2: ("FL", "FR"),
    3: ("FL", "FR", "FC"),
    4: ("FL", "FR", "BL", "BR"),
    5: ("FL", "FR", "FC", "BL", "BR"),
    6: ("FL", "FR", "FC", "LFE", "BL", "BR"),
    7: ("FL", "FR", "FC", "LFE", "BC", "SL", "SR"),
    8: ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
}
_KNOWN = {"FL", "FR", "FC", "LFE", "BL", "BR", "FLC", "FRC", "BC", "SL", "SR"}
_SAME = {"DL": "FL", "DR": "FR", "LFE2": "LFE"}


def name_channels(frame: Any) -> tuple[str, ...]:
    """Names of a frame's channels as the film will keep them: at most eight."""
    names = tuple(_SAME.get(c.name, c.name) for c in frame.layout.channels)
    if 0 < len(names) <= MAX_CHANNELS and set(names) <= _KNOWN and len(set(names)) == len(names):
        return names
    return _NAMES[min(max(len(names), 1), MAX_CHANNELS)]


def first_sound(path: str, index: int, decoder: str) -> tuple[int, tuple[str, ...]] | None:
    """Sample rate and channels that a sound stream really has, found by decoding its first frame; None if none does."""
    with open_container(path, decoder) as container:
        stream = only(container, index)
        for tried, packet in enumerate(packets(container, stream)):
            if tried > _PROBE_PACKETS:
                break
            try:
                frames = stream.codec_context.decode(packet)
            except DECODING_ERRORS:
                continue
            for frame in frames:
                if frame.sample_rate > 0 and frame.samples > 0:
                    rate = frame.sample_rate
                    kept = rate if LOWEST_RATE_HZ <= rate <= HIGHEST_RATE_HZ else OTHER_RATE_HZ
                    return kept, name_channels(frame)
    return None


def as_float(frame: Any) -> NDArray[np.float32]:
    """Samples of a decoded frame as float32 (channels, samples), full scale -1..1; what is not finite becomes 0."""
    raw = frame.to_ndarray()
    channels = len(frame.layout.channels)
    if not frame.format.is_planar:
        raw = raw.reshape(-1, channels).T
    if raw.dtype == np.uint8:
        return np.asarray((raw.astype(np.float32) - 128) / 128, np.float32)
    if raw.dtype.kind == "i":
        return np.ascontiguousarray(raw.astype(np.float32) / float(2 ** (8 * raw.dtype.itemsize - 1)))
    samples: NDArray[np.float32] = np.ascontiguousarray(raw, dtype=np.float32)
    peak = np.abs(samples).max(initial=0)
    if not peak <= _CEILING:
        samples = np.clip(np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0), -_CEILING, _CEILING)
    return samples


def fold_channels(samples: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Bring sound to another number of channels: one spreads to the first two, many fold in turn onto the first."""
    have = samples.shape[0]
    if have < width:
        out = np.zeros((width, samples.shape[1]), np.float32)
        if have == 1:
            out[: min(2, width)] = samples * np.float32(0.5**0.5)
        else:
            out[:have] = samples
        return out
    if width == 1:
        return np.asarray(samples.mean(axis=0, keepdims=True), np.float32)
    out = samples[:width].copy()
    for extra in range(width, have):
        out[extra % 2] += samples[extra] * np.float32(0.5)
    return out
