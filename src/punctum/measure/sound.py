"""Sound: each frame's level and momentary loudness, and the K-weighted level of every 100 ms.

Conventions: sound is float32 (channels, samples), full scale -1..1. Own frame i of a block begins at
sample round(time_s[i] x rate) of the film, counted from its first frame; step k of the loudness table
is samples round(k x rate / 10) up to round((k + 1) x rate / 10) and belongs to the block in which its
end falls. Loudness is ITU-R BS.1770-4; levels never fall below -120, which stands for silence.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from punctum.measure.filters import Filter, prepare_filter, run_filter
from punctum.measure.light import Values
from punctum.tables import SILENCE_DB

MOMENTARY_S = 0.4
"""Length of a momentary loudness window (EBU Tech 3341)."""

STEPS_A_SECOND = 10
"""Rows of the loudness table for each second."""

BS1770_OFFSET_LU = -0.691
"""BS.1770: makes up for the K-weighting's gain at 997 Hz."""

SURROUND_WEIGHT = 1.41
"""BS.1770-4, table 3: channels between 60° and 120° to the side."""

_SILENT_CHANNELS = ("LFE", "LFE2")
_SIDE_CHANNELS = ("SL", "SR")
_BACK_CHANNELS = ("BL", "BR")


@cache
def k_weighting(sample_rate_hz: int) -> NDArray[np.float64]:
    """K-weighting of BS.1770 as two second-order sections, for any sample rate.

    The recommendation gives coefficients for 48 kHz only. These come from the analogue filters behind
    them by the bilinear transform (parameters as derived by Mansbridge, Finn and Reiss 2012 and used in
    libebur128), and are the published ones at 48 kHz.

    Parameters
    ----------
    sample_rate_hz : int

    Returns
    -------
    sections : np.ndarray [shape=(2, 6), dtype=float64]
        b0 b1 b2 1 a1 a2 of the shelf, then of the high-pass
    """
    warped = np.tan(np.pi * 1681.974450955533 / sample_rate_hz)
    quality, high = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    a0 = 1 + warped / quality + warped**2
    shelf = [
        (high + band * warped / quality + warped**2) / a0,
        2 * (warped**2 - high) / a0,
        (high - band * warped / quality + warped**2) / a0,
        1.0,
        2 * (warped**2 - 1) / a0,
        (1 - warped / quality + warped**2) / a0,
    ]
    warped = np.tan(np.pi * 38.13547087602444 / sample_rate_hz)
    quality = 0.5003270373238773
    a0 = 1 + warped / quality + warped**2
    high_pass = [1.0, -2.0, 1.0, 1.0, 2 * (warped**2 - 1) / a0, (1 - warped / quality + warped**2) / a0]
    return np.array([shelf, high_pass])


@cache
def _k_filter(sample_rate_hz: int) -> Filter:
    return prepare_filter(k_weighting(sample_rate_hz))


def channel_weights(channels: tuple[str, ...]) -> NDArray[np.float64]:
    """BS.1770-4 weights of channels by FFmpeg's names: LFE 0, surrounds at the side 1.41, others 1.

    In 5.1 the back channels (BL, BR) are the surrounds; where side channels are there too (7.1), those are.
    A mono film is one channel: it lies 3 LU below the same sound in both channels of a stereo one.

    Examples
    --------
    >>> channel_weights(("FL", "FR", "FC", "LFE", "BL", "BR")).tolist()
    [1.0, 1.0, 1.0, 0.0, 1.41, 1.41]
    """
    surrounds = _SIDE_CHANNELS if any(name in _SIDE_CHANNELS for name in channels) else _BACK_CHANNELS
    return np.array(
        [0.0 if name in _SILENT_CHANNELS else SURROUND_WEIGHT if name in surrounds else 1.0 for name in channels]
    )


def decibels(power: Values) -> Values:
    """10 log10 of a mean square, not below -120."""
    floor = 10 ** (SILENCE_DB / 10)
    return np.asarray(10 * np.log10(np.maximum(power, floor)))


def loudness_of(power: Values) -> Values:
    """BS.1770 loudness of a weighted, K-weighted mean square, not below -120."""
    return np.maximum(decibels(power) + BS1770_OFFSET_LU, SILENCE_DB)


def cleaned(samples: NDArray[np.float32], kind: type[Any] = np.float64) -> NDArray[Any]:
    """Give samples as another float; what is no number (a broken float track) is silence, else it would ring on."""
    made = samples.astype(kind)
    made[~np.isfinite(made)] = 0.0
    return made


def weighted_power(sound: NDArray[np.float32], sample_rate_hz: int, channels: tuple[str, ...]) -> Values:
    """Square of the K-weighted sound, summed over channels by their weights.

    Parameters
    ----------
    sound : np.ndarray [shape=(channels, samples), dtype=float32]
    sample_rate_hz : int
    channels : tuple of str
        names in the order of ``sound``

    Returns
    -------
    power : np.ndarray [shape=(samples,), dtype=float64]
    """
    names = channels if len(channels) == len(sound) else ("",) * len(sound)
    power = np.zeros(sound.shape[1])
    if not len(power):
        return power
    for samples, weight in zip(sound, channel_weights(names), strict=True):
        if weight:
            heard = run_filter(_k_filter(sample_rate_hz), cleaned(samples))
            heard *= heard
            heard *= weight
            power += heard
    return power


def _means(power: Values, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Values:
    """Mean of ``power[start:end]`` for each pair; what lies before the first or after the last sample counts as 0."""
    made = np.zeros(len(starts))
    for i, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        inside = power[max(start, 0) : max(end, 0)]
        if len(inside):
            made[i] = inside.sum() / (end - start)
    return made


def level(sound: NDArray[np.float32], edges: NDArray[np.int64]) -> Values:
    """Level of each frame's sound.

    Parameters
    ----------
    sound : np.ndarray [shape=(channels, samples), dtype=float32]
        samples, full scale is -1..1
    edges : np.ndarray [shape=(n + 1,), dtype=int64]
        frame i owns ``sound[:, edges[i]:edges[i + 1]]``

    Returns
    -------
    level_db : np.ndarray [shape=(n,), dtype=float64]
        RMS over all channels, dB below full scale; -120 for digital silence; NaN where a frame owns no sample
    """
    power = np.zeros(sound.shape[1])
    for samples in sound:
        square = cleaned(samples)
        square *= square
        power += square
    made = decibels(_means(power / max(len(sound), 1), edges[:-1], edges[1:]))
    return np.where(edges[1:] > edges[:-1], made, np.nan)


def loudness(power: Values, edges: NDArray[np.int64], sample_rate_hz: int) -> Values:
    """Momentary loudness of the 400 ms that end with each frame (BS.1770, EBU Tech 3341).

    Parameters
    ----------
    power : np.ndarray [shape=(samples,), dtype=float64]
        of ``weighted_power``
    edges : np.ndarray [shape=(n + 1,), dtype=int64]
    sample_rate_hz : int

    Returns
    -------
    loudness_lufs : np.ndarray [shape=(n,), dtype=float64]
        -120 for silence
    """
    window = round(MOMENTARY_S * sample_rate_hz)
    return loudness_of(_means(power, edges[1:] - window, edges[1:]))


def step_edges(
    first: int, last: int, sample_rate_hz: int, steps_a_second: int = STEPS_A_SECOND
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Steps whose end lies in (first, last], samples of the film: their numbers, and their edges (one more)."""
    low = max(first * steps_a_second // sample_rate_hz - 2, 0)
    high = max(last * steps_a_second // sample_rate_hz + 2, low)
    edges = (np.arange(low, high + 2, dtype=np.int64) * 2 * sample_rate_hz + steps_a_second) // (2 * steps_a_second)
    ends = edges[1:]
    inside = np.flatnonzero((ends > first) & (ends <= last))
    if not len(inside):
        return np.zeros(0, np.int64), np.zeros(1, np.int64)
    return inside + low, edges[inside[0] : inside[-1] + 2]


def step_loudness(
    power: Values, begin: int, first: int, last: int, sample_rate_hz: int
) -> tuple[NDArray[np.int64], Values]:
    """K-weighted level of the 100 ms steps that end in (first, last].

    Parameters
    ----------
    power : np.ndarray [shape=(samples,), dtype=float64]
        of ``weighted_power``
    begin : int
        the film's sample number of ``power[0]``
    first, last : int
        the film's sample numbers after which, and up to which, a step ends
    sample_rate_hz : int

    Returns
    -------
    steps : np.ndarray [shape=(k,), dtype=int64]
    loudness_lufs : np.ndarray [shape=(k,), dtype=float64]
    """
    steps, edges = step_edges(first, last, sample_rate_hz)
    kept = edges[:-1] >= begin
    steps, starts, ends = steps[kept], edges[:-1][kept] - begin, edges[1:][kept] - begin
    return steps, loudness_of(_means(power, starts, ends))
