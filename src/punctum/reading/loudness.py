"""Loudness of a film or a part of it, from the K-weighted level of its 100 ms steps.

Conventions: everything starts from the table ``loudness`` (LOUDNESS of ``tables/``). A window is a
run of consecutive steps; steps may be missing where sound was only sampled, and a window counts only
where all of its steps are there. Loudness is in LUFS by ITU-R BS.1770-4, ranges in LU. ``None`` means
that there is nothing to tell: no sound, or none above the gate.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

OFFSET_LU = -0.691
"""BS.1770: makes up for the K-weighting's gain at 997 Hz."""

MOMENTARY_STEPS, SHORT_TERM_STEPS = 4, 30
"""Lengths of the windows in steps of 100 ms: 400 ms and 3 s (EBU Tech 3341)."""

ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
"""Gates of the integrated loudness (BS.1770-4)."""

RANGE_GATE_LU = -20.0
"""Relative gate of the loudness range (EBU Tech 3342)."""

_FLOOR_LUFS = -120.0

Values = NDArray[np.float64]


def _power(loudness_lufs: Values) -> Values:
    return np.asarray(10 ** ((loudness_lufs - OFFSET_LU) / 10))


def _loudness(power: Values) -> Values:
    floor = 10 ** ((_FLOOR_LUFS - OFFSET_LU) / 10)
    return np.asarray(10 * np.log10(np.maximum(power, floor)) + OFFSET_LU)


def _series(loudness: pl.DataFrame, steps: int) -> pl.DataFrame:
    """Loudness of every window of so many steps, one hop of 100 ms apart: ``end_s``, ``loudness_lufs``."""
    known = loudness.filter(pl.col("loudness_lufs").is_not_null()).sort("step")
    numbers = known["step"].to_numpy().astype(np.int64)
    power = _power(known["loudness_lufs"].to_numpy())
    if len(numbers) < steps:
        return pl.DataFrame(schema={"end_s": pl.Float64, "loudness_lufs": pl.Float64})
    windows = np.lib.stride_tricks.sliding_window_view(power, steps)
    whole = numbers[steps - 1 :] - numbers[: len(numbers) - steps + 1] == steps - 1
    means = windows[whole].mean(axis=1)
    ends = (numbers[steps - 1 :][whole] + 1) / 10
    return pl.DataFrame({"end_s": ends, "loudness_lufs": _loudness(means)})


def momentary_loudness(loudness: pl.DataFrame) -> pl.DataFrame:
    """Loudness of every 400 ms, 100 ms apart (EBU Tech 3341, momentary).

    Parameters
    ----------
    loudness : pl.DataFrame
        LOUDNESS rows, in any order, with or without gaps

    Returns
    -------
    series : pl.DataFrame
        ``end_s`` (where the window ends, seconds from the first frame) and ``loudness_lufs``, float64
    """
    return _series(loudness, MOMENTARY_STEPS)


def short_term_loudness(loudness: pl.DataFrame) -> pl.DataFrame:
    """Loudness of every 3 s, 100 ms apart (EBU Tech 3341, short-term); as ``momentary_loudness``."""
    return _series(loudness, SHORT_TERM_STEPS)


def max_momentary_loudness(loudness: pl.DataFrame) -> float | None:
    """Greatest momentary loudness, LUFS; None without any whole window."""
    return _greatest(momentary_loudness(loudness))


def max_short_term_loudness(loudness: pl.DataFrame) -> float | None:
    """Greatest short-term loudness, LUFS; None without any whole window."""
    return _greatest(short_term_loudness(loudness))


def _greatest(series: pl.DataFrame) -> float | None:
    return None if series.is_empty() else float(series["loudness_lufs"].to_numpy().max())


def integrated_loudness(loudness: pl.DataFrame) -> float | None:
    """Loudness of the whole, gated (ITU-R BS.1770-4).

    Blocks of 400 ms overlap by 75 %. Those at or below -70 LUFS are left out, then those at or below 10 LU
    under the loudness of the rest.

    Parameters
    ----------
    loudness : pl.DataFrame
        LOUDNESS rows

    Returns
    -------
    integrated_lufs : float or None
        None where no block is above -70 LUFS
    """
    blocks = momentary_loudness(loudness)["loudness_lufs"].to_numpy()
    blocks = blocks[blocks > ABSOLUTE_GATE_LUFS]
    if not len(blocks):
        return None
    gate = _mean_loudness(blocks) + RELATIVE_GATE_LU
    return _mean_loudness(blocks[blocks > gate])


def loudness_range(loudness: pl.DataFrame) -> float | None:
    """Loudness range, LU (EBU Tech 3342): from the 10th to the 95th percentile of short-term loudness.

    Windows of 3 s, 100 ms apart. Those below -70 LUFS are left out, then those more than 20 LU under the
    loudness of the rest.

    Parameters
    ----------
    loudness : pl.DataFrame
        LOUDNESS rows

    Returns
    -------
    range_lu : float or None
        None where no window is above -70 LUFS
    """
    windows = short_term_loudness(loudness)["loudness_lufs"].to_numpy()
    windows = windows[windows >= ABSOLUTE_GATE_LUFS]
    if not len(windows):
        return None
    windows = windows[windows >= _mean_loudness(windows) + RANGE_GATE_LU]
    low, high = np.percentile(windows, [10, 95])
    return float(high - low)


def _mean_loudness(loudness_lufs: Values) -> float:
    return float(_loudness(np.array([_power(loudness_lufs).mean()]))[0])
