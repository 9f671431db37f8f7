"""The film's sound: how loud, in what range, where loudest, where silent.

Conventions: loudness by `loudness` (BS.1770-4, EBU Tech 3341 and 3342); silence is a second or longer in which no
100 ms reach what `silence_below` says of the film.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from punctum.reading.ground import STEP_S, Ground
from punctum.reading.loudness import (
    ABSOLUTE_GATE_LUFS,
    integrated_loudness,
    loudness_range,
    short_term_loudness,
)
from punctum.reading.row import Row
from punctum.reading.sentences import write_clock, write_duration, write_number
from punctum.segment import silence_below

LEAST_SILENCE_S = 1.0
RANGE_LEAST_S = 60.0
"""EBU R 128 advises against the loudness range of anything shorter."""

SAMPLES = "samples of the sound"

SHORT_TERM_S = 3.0


def read_sound(ground: Ground) -> list[Row]:
    """Give the film's rows on its sound."""
    rows = [_integrated(ground), _range(ground), _loudest(ground), _silence(ground)]
    return [row.rough(ground.loudness_rough and row.value is not None, SAMPLES) for row in rows]


def why_silent(ground: Ground) -> str:
    """Say why there is no figure for the sound."""
    if not ground.has_sound:
        return "the film has no sound"
    if not ground.loudness["loudness_lufs"].drop_nulls().len():
        return "no sound was measured"
    return "no sound lies above −70 LUFS"


def _film_row(ground: Ground, measure: str, value: float | None, unit: str, statement: str) -> Row:
    return Row("film", measure, value, unit, statement, 0, ground.end_frame, 0.0, ground.end_s)


def _integrated(ground: Ground) -> Row:
    value = integrated_loudness(ground.loudness)
    if value is None:
        text = f"Not measured: {why_silent(ground)}."
    else:
        text = f"The film's loudness is {write_number(value, 1)} LUFS (integrated)."
    return _film_row(ground, "integrated_loudness_lufs", value, "LUFS", text)


def _range(ground: Ground) -> Row:
    value = loudness_range(ground.loudness)
    if value is None:
        text = f"Not measured: {why_silent(ground)}."
    else:
        text = f"Its loudness range is {write_number(value, 0)} LU"
        text += " (a rough figure for less than a minute of film)." if ground.end_s < RANGE_LEAST_S else "."
    return _film_row(ground, "loudness_range_lu", value, "LU", text)


def _loudest(ground: Ground) -> Row:
    series = short_term_loudness(ground.loudness)
    if series.is_empty() or float(series["loudness_lufs"].to_numpy().max()) <= ABSOLUTE_GATE_LUFS:
        text = f"Not measured: {why_silent(ground)}."
        return _film_row(ground, "max_short_term_lufs", None, "LUFS", text)
    at = int(series["loudness_lufs"].to_numpy().argmax())
    value, end_s = float(series["loudness_lufs"][at]), float(series["end_s"][at])
    start_s = max(end_s - SHORT_TERM_S, 0.0)
    text = f"The loudest three seconds, from {write_clock(start_s)}, reach {write_number(value, 1)} LUFS."
    row = _film_row(ground, "max_short_term_lufs", value, "LUFS", text)
    return point_between(row, ground, start_s, end_s)


def _silence(ground: Ground) -> Row:
    measure = "longest_silence_s"
    known = ground.loudness.filter(pl.col("loudness_lufs").is_not_null())
    if not ground.has_sound or not known.height:
        return _film_row(ground, measure, None, "s", f"Not measured: {why_silent(ground)}.")
    if ground.loudness_rough:
        return _film_row(ground, measure, None, "s", "Not known before all of the sound is read.")
    below = silence_below(ground.loudness)
    quiet = (known["loudness_lufs"] <= below).to_numpy()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    longest = int((ends - starts).argmax()) if starts.size else 0
    lasting_s = float(ends[longest] - starts[longest]) * STEP_S if starts.size else 0.0
    if lasting_s < LEAST_SILENCE_S:
        text = f"The sound never falls silent for a second (below {write_number(below, 0)} LUFS)."
        return _film_row(ground, measure, 0.0, "s", text)
    start_s = float(known["start_s"][int(starts[longest])])
    lasting = write_duration(lasting_s)
    text = f"The longest silence lasts {lasting}, from {write_clock(start_s)} (below {write_number(below, 0)} LUFS)."
    row = _film_row(ground, measure, lasting_s, "s", text)
    return point_between(row, ground, start_s, start_s + lasting_s)


def point_between(row: Row, ground: Ground, start_s: float, end_s: float) -> Row:
    """Let a row point at the frames between two times."""
    start_frame = ground.frame_at(start_s)
    end_s = min(end_s, ground.end_s)
    end_frame = max(ground.frame_at(end_s), start_frame + 1)
    return replace(row, start_s=start_s, end_s=end_s, start_frame=start_frame, end_frame=end_frame)
