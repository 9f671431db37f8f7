"""Frames that a fast reading left out, as boundaries, shots and readings take them.

Rows of frames left out have null in the columns of the picture, the rows after them null in the measures of change.
Here they get what their neighbours make likely: a fast reading leaves frames out only where nothing happens, and were
they not there at all, the restless moments, which are read whole, would count for too much. No table keeps this.
"""

import polars as pl

from punctum import tables

WINDOW_FRAMES = 49
"""A missing change is the median of those known around it, since a cut near by must not leak into it; all else lies on
the line between the values known before and after."""

_SOUND = ("time_s", "level_db", "loudness_lufs")
_OF_CHANGE = ("change", "histogram_change", "residual_change")
_OF_MOTION = ("motion_w_s", "camera")


def fill_skipped(frames: pl.DataFrame) -> pl.DataFrame:
    """Give frames left out, and those after them, likely values.

    Parameters
    ----------
    frames : pl.DataFrame
        columns of ``tables.FRAMES``

    Returns
    -------
    frames : pl.DataFrame
        the same rows; unchanged where nothing was left out
    """
    left_out = pl.col("brightness").is_null()
    if not frames.select(left_out.any()).item():
        return frames
    follows = pl.col("frame").diff() == 1
    missing = left_out | (left_out.shift(1, fill_value=False) & follows)
    filled = []
    for name, column in tables.FRAMES.items():
        if not column.dtype.is_float() or name in _SOUND:
            continue
        value = pl.col(name)
        if name in _OF_CHANGE:
            likely = value.rolling_median(WINDOW_FRAMES, min_samples=1, center=True).fill_null(0.0)
        elif name in _OF_MOTION:
            likely = value.interpolate("nearest").forward_fill().backward_fill()
        else:
            likely = value.interpolate().forward_fill().backward_fill()
        filled.append(pl.when(missing & value.is_null()).then(likely).otherwise(value).cast(column.dtype).alias(name))
    return frames.with_columns(filled)
