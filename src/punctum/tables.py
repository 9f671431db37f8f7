"""Every column: its type, unit, rounding and meaning. Nowhere else is a column defined.

A table always has all of its columns, in this order; what was not measured is null. No NaN and no
infinity. Floats are rounded to ``decimals`` before they are written, so that sums taken in another
order give the same bytes. No unit and no other word means a share from 0 to 1.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import NamedTuple

import polars as pl

from punctum.errors import TableInvalid

SCHEMA = "punctum.2"

SILENCE_DB = -120.0
"""Digital silence, in every column of levels."""

KINDS = ("open", "close", "cut", "dissolve", "fade", "wipe")
"""How a shot begins and ends; ``open`` and ``close`` are the film's own beginning and end."""


@dataclass(frozen=True)
class Column:
    """One column: polars type, unit ("" for a share or a plain value), meaning, decimals kept."""

    dtype: pl.DataType
    unit: str
    meaning: str
    decimals: int | None = None


def _share(meaning: str, decimals: int = 5) -> Column:
    return Column(pl.Float32(), "", meaning, decimals)


_FRAME = pl.Int32()
_SECONDS = 6

FRAMES: Mapping[str, Column] = {
    "frame": Column(_FRAME, "", "number of the frame, from 0"),
    "pts": Column(pl.Int64(), "ticks", "presentation time stamp as the file gives it, in the film's time base"),
    "time_s": Column(pl.Float64(), "s", "time from the first frame", _SECONDS),
    "interlaced": Column(pl.Boolean(), "", "the decoder calls the frame interlaced"),
    "damaged": Column(pl.Boolean(), "", "the decoder met an error in the frame; it was measured as it came"),
    "brightness": _share("mean linear light (BT.1886) of the active picture, brought back to the code scale"),
    "luma": _share("mean encoded luma (BT.709 weights) of the active picture"),
    "contrast": _share("RMS contrast: standard deviation of encoded luma"),
    "key": _share(
        "share of light tones (L* over 2/3) minus share of dark ones (under 1/3), -1 (low key) to 1 (high key)"
    ),
    "saturation": _share(
        "mean OKLab chroma of 2 x 2 thumb pixels over 0.32, the most in sRGB; null in a colourless film"
    ),
    "warmth": _share("mean of OKLab a + b over 0.32: positive is warm, negative cold; null in a colourless film"),
    "colourfulness": Column(pl.Float32(), "M3", "M3 of Hasler and Süsstrunk; null in a colourless film", 3),
    "sharpness": Column(
        pl.Float32(), "", "mean absolute Laplacian of luma over its contrast, 0 if flat; ranks stills", 4
    ),
    "change": _share("mean absolute difference from the frame before, over R, G and B"),
    "histogram_change": _share(
        "half the summed difference of joint colour histograms (8 x 8 x 8, dithered), frame before to this"
    ),
    "residual_change": _share(
        "mean absolute difference of half-size luma from the frame before, once the camera's motion is undone"
    ),
    "correlation": _share(
        "Pearson r of luma with the next-but-one frame before; 1 where both are flat, 0 where one is"
    ),
    "motion_w_s": Column(
        pl.Float32(),
        "widths/s",
        "mean speed over the picture, points weighted by texture, in picture widths; null across a cut",
        5,
    ),
    "camera": _share(
        "share of the motion that one move (shift, zoom, turn) of the whole picture explains; null if still"
    ),
    "level_db": Column(pl.Float32(), "dB", "RMS of the frame's sound over all channels, below full scale", 2),
    "loudness_lufs": Column(
        pl.Float32(), "LUFS", "momentary loudness (BS.1770) of the 400 ms that end with the frame", 2
    ),
}

GRID: Mapping[str, Column] = {
    "frame": Column(_FRAME, "", "number of the frame, from 0"),
    "cells": Column(
        pl.Binary(),
        "",
        "432 bytes: 9 rows x 16 columns x (L, a, b) of OKLab; L = byte/255, a and b = (byte - 128)/255 x 0.8; "
        "areas averaged in linear light (BT.1886, gamma 2.4)",
    ),
}

LOUDNESS: Mapping[str, Column] = {
    "step": Column(pl.Int32(), "", "number of the 100 ms step, from 0"),
    "start_s": Column(pl.Float64(), "s", "where the step begins, from the first frame", 6),
    "loudness_lufs": Column(pl.Float64(), "LUFS", "K-weighted level of the step's 100 ms, channels weighted", 4),
}

_HEARD = "255 for certain, mean of what was found 12.5 ms before and after; null where it was not listened for"

HEARING: Mapping[str, Column] = {
    "step": Column(pl.Int32(), "", "number of the 20 ms step, from 0: it begins at step/50 s from the first frame"),
    "low": Column(pl.UInt8(), "dB/2", "level of 45-250 Hz in the 40 ms that end with the step, byte/2 - 120 dB"),
    "middle": Column(pl.UInt8(), "dB/2", "the same of 250-1000 Hz"),
    "high": Column(pl.UInt8(), "dB/2", "the same of 1-4 kHz; null where the sample rate holds none of it"),
    "top": Column(pl.UInt8(), "dB/2", "the same of 4-8 kHz; null likewise"),
    "speech": Column(pl.UInt8(), "1/255", f"how surely somebody speaks: {_HEARD}"),
    "singing": Column(pl.UInt8(), "1/255", "how surely somebody sings; likewise"),
    "music": Column(pl.UInt8(), "1/255", "how surely music is heard; likewise"),
}

EVENT_KINDS = (
    "crying",
    "laughter",
    "screaming",
    "sighing",
    "applause",
    "footsteps",
    "dog",
    "bell",
    "rain",
    "thunder",
    "train",
    "door",
    "telephone",
    "siren",
    "shot",
    "glass",
)
"""Kinds of ``sounds`` that are heard only with a model that has to be fetched."""

SOUND_KINDS = ("speech", "singing", "music", "silence", "digital_silence", "periodic", "sudden", *EVENT_KINDS)
"""Kinds of rows of ``sounds``; spans of different kinds overlap."""

SOUNDS: Mapping[str, Column] = {
    "sound": Column(pl.Int32(), "", "number of the row, from 0, in the order of the film"),
    "kind": Column(
        pl.String(),
        "",
        "speech, singing, music; silence, and of it digital_silence (nothing but zeros); periodic (a beat that goes"
        " on); sudden (a rise out of quiet); with the model YAMNet also " + ", ".join(EVENT_KINDS),
    ),
    "start_frame": Column(_FRAME, "", "first frame"),
    "end_frame": Column(_FRAME, "", "frame after the last"),
    "start_s": Column(pl.Float64(), "s", "when it begins", _SECONDS),
    "end_s": Column(pl.Float64(), "s", "when it ends", _SECONDS),
    "score": _share("how sure the finder is, mean over the span; null where a level decides", 3),
    "loudness_lufs": Column(pl.Float32(), "LUFS", "K-weighted level of all that sounds in it, ungated", 2),
    "period_s": Column(pl.Float64(), "s", "of a beat: from one to the next", 4),
    "strength": _share("of a beat: mean autocorrelation of its band's level one to four periods on", 3),
    "chance": Column(
        pl.Float64(), "", "of a beat: probability of one as strong anywhere in so much sound without a beat", 6
    ),
    "band": Column(pl.String(), "", "of a beat: where it is strongest, a band of ``hearing``: low, middle, high, top"),
    "rise_lu": Column(pl.Float32(), "LU", "of what is sudden: rise over the loudest of the second before", 1),
}

BOUNDARIES: Mapping[str, Column] = {
    "boundary": Column(pl.Int32(), "", "number of the row, from 0; the first is `open`, the last `close`"),
    "frame": Column(_FRAME, "", "first frame of what follows; of `close`, the frame after the last"),
    "kind": Column(pl.String(), "", "open, close, cut, dissolve, fade or wipe"),
    "transition_start_frame": Column(
        _FRAME, "", "first frame of the transition; null for a cut, and for open and close where the film does not fade"
    ),
    "transition_end_frame": Column(_FRAME, "", "frame after the transition; null likewise"),
    "transition": Column(pl.String(), "", "colour of a fade (black, white, #rrggbb) or shape of a wipe; else null"),
    "flat": Column(pl.Boolean(), "", "what follows, up to the next boundary, shows one flat colour only"),
    "doubt": Column(
        pl.Float32(), "", "probability that there is no such boundary; null for open, close and rough ones", 3
    ),
    "provisional": Column(pl.Boolean(), "", "found from key frames only"),
}

SHOTS: Mapping[str, Column] = {
    "shot": Column(pl.Int32(), "", "number of the shot, from 0"),
    "start_frame": Column(_FRAME, "", "first frame"),
    "end_frame": Column(_FRAME, "", "frame after the last"),
    "start_s": Column(pl.Float64(), "s", "when the shot begins", _SECONDS),
    "end_s": Column(pl.Float64(), "s", "when the next begins, or the film ends", _SECONDS),
    "length_s": Column(pl.Float64(), "s", "how long it lasts", _SECONDS),
    "begins": Column(pl.String(), "", "open, cut, dissolve, fade or wipe; fade on the first shot: the film fades in"),
    "ends": Column(pl.String(), "", "close, cut, dissolve, fade or wipe; fade on the last shot: the film fades out"),
    "transition_start_frame": Column(_FRAME, "", "first frame of the transition it begins with; null for open and cut"),
    "transition_end_frame": Column(_FRAME, "", "frame after that transition; null for open and cut"),
    "transition": Column(pl.String(), "", "colour of a fade (black, white, #rrggbb) or shape of a wipe; else null"),
    "flat": Column(pl.Boolean(), "", "the shot shows one flat colour only"),
    "doubt": Column(
        pl.Float32(), "", "probability that the boundary it begins with is none; null where a person decided", 3
    ),
    "corrected": Column(pl.Boolean(), "", "a person decided on the boundary it begins with"),
    "provisional": Column(
        pl.Boolean(), "", "one of its ends, or that there is none within it, is known from key frames only"
    ),
    "brightness": _share("median over its frames"),
    "contrast": _share("median over its frames"),
    "key": _share("median over its frames, -1 to 1"),
    "saturation": _share("median over its frames"),
    "warmth": _share("median over its frames, -1 to 1"),
    "colourfulness": Column(pl.Float32(), "M3", "median over its frames", 3),
    "motion_w_s": Column(pl.Float32(), "widths/s", "median over its frames", 5),
    "camera": _share("share of its motion that is the camera's"),
    "visual_activity": _share("visual activity index: 1 - median correlation of next-but-one frames in it"),
    "level_db": Column(pl.Float32(), "dB", "RMS level of its sound", 2),
    "loudness_lufs": Column(pl.Float32(), "LUFS", "K-weighted level of its sound, ungated", 2),
    "speech": _share("of its time, how much somebody speaks; null where its sound was not listened to", 3),
    "music": _share("of its time, how much music is heard; likewise", 3),
    "silence": _share("of its time, how much is silent; likewise", 3),
    "palette": Column(pl.List(pl.String()), "", "up to five colours #rrggbb, most frequent first"),
    "palette_shares": Column(pl.List(pl.Float32()), "", "share of the picture of each", 3),
    "stills": Column(pl.List(pl.Int32()), "", "frames with a still in stills/, the shot's own picture first"),
}

WORDS: Mapping[str, Column] = {
    "line": Column(pl.Int32(), "", "number of the row, from 0, in the order of the film"),
    "cue": Column(
        pl.Int32(), "", "number of the cue it comes from; a cue of two speakers, or with a note, has several"
    ),
    "start_frame": Column(_FRAME, "", "first frame"),
    "end_frame": Column(_FRAME, "", "frame after the last"),
    "start_s": Column(
        pl.Float64(), "s", "when it begins; lines of one cue share its span by their characters", _SECONDS
    ),
    "end_s": Column(pl.Float64(), "s", "when it ends", _SECONDS),
    "text": Column(pl.String(), "", "the words on one line, without tags, dashes, speaker's name and notes"),
    "kind": Column(
        pl.String(), "", "speech, song, note (what is heard, for the hard of hearing), title (writing in the picture)"
    ),
    "language": Column(pl.String(), "", "ISO 639-1, declared or guessed; null where not known"),
    "speaker": Column(pl.String(), "", "who speaks, where the subtitles or the screenplay say so"),
    "speaker_source": Column(pl.String(), "", "subtitles or screenplay"),
    "scene_heading": Column(pl.String(), "", "heading of the screenplay's scene that the line was found in"),
    "word_count": Column(pl.Int32(), "", "words in it; null for notes and in scripts without spaces between words"),
    "words_per_minute": Column(pl.Float32(), "words/min", "words over the line's time on screen", 1),
    "valence": Column(
        pl.Float32(), "", "polarity of the words, -1 to 1 (VADER's compound); null in languages without a lexicon", 4
    ),
    "source": Column(pl.String(), "", "sidecar, embedded, recognised"),
    "confidence": Column(pl.Float32(), "", "how sure a recogniser is of the words; null for subtitles", 3),
}

READINGS: Mapping[str, Column] = {
    "reading": Column(pl.Int32(), "", "number of the row, from 0"),
    "span": Column(pl.String(), "", "what it speaks of: film, ending, shot 12"),
    "start_frame": Column(_FRAME, "", "first frame"),
    "end_frame": Column(_FRAME, "", "frame after the last"),
    "start_s": Column(pl.Float64(), "s", "when the span begins", _SECONDS),
    "end_s": Column(pl.Float64(), "s", "when the span ends", _SECONDS),
    "measure": Column(pl.String(), "", "name of the measure, as in docs/measures.md"),
    "value": Column(pl.Float64(), "", "its value, in `unit`; null where it could not be measured", 6),
    "unit": Column(pl.String(), "", 'unit of value, "" for a share or a count'),
    "statement": Column(pl.String(), "", "the same as a sentence"),
    "baseline": Column(pl.String(), "", "what it is compared with, in words"),
    "baseline_value": Column(pl.Float64(), "", "the baseline's value, in `unit`", 6),
    "percentile": Column(pl.Float64(), "", "share of the baseline's population below the value, 0 to 100", 1),
    "chance": Column(pl.Float64(), "", "probability of a value as far out by chance", 4),
    "provisional": Column(pl.Boolean(), "", "worked out from key frames only"),
}

TABLES: Mapping[str, Mapping[str, Column]] = {
    "frames": FRAMES,
    "grid": GRID,
    "loudness": LOUDNESS,
    "hearing": HEARING,
    "sounds": SOUNDS,
    "boundaries": BOUNDARIES,
    "shots": SHOTS,
    "words": WORDS,
    "readings": READINGS,
}


class Known(NamedTuple):
    """What is known of a figure's error, in its own unit; None where it was not measured.

    ``error``: 95 % of differences between readings of the same film re-encoded, resized, shifted by a frame and
    with noise are smaller. ``provisional_error``: the same between the key frames' reading and the whole one.
    """

    error: float | None
    provisional_error: float | None


def known_errors() -> dict[str, Known]:
    """Read the errors that ``make errors`` measured, by ``table.column`` or ``readings.measure``."""
    return {
        row["figure"]: Known(
            float(row["error"]) if row["error"] else None,
            float(row["provisional_error"]) if row["provisional_error"] else None,
        )
        for row in error_rows()
    }


def error_rows() -> list[dict[str, str]]:
    """Read ``errors.csv`` as it stands: figure, unit, error, provisional_error, pairs."""
    text = files("punctum").joinpath("errors.csv").read_text("utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def schema(columns: Mapping[str, Column]) -> dict[str, pl.DataType]:
    """Polars types by column name."""
    return {name: column.dtype for name, column in columns.items()}


def conform(table: pl.DataFrame, columns: Mapping[str, Column]) -> pl.DataFrame:
    """Bring a table to its columns: order, types, rounding; what it lacks becomes null, as do NaN and infinity.

    Raises
    ------
    TableInvalid
        for a column that ``columns`` does not know, or values that do not fit its type

    Examples
    --------
    >>> import polars as pl
    >>> conform(pl.DataFrame({"step": [0], "start_s": [0.1234567]}), LOUDNESS).row(0)
    (0, 0.123457, None)
    """
    unknown = sorted(set(table.columns) - set(columns))
    if unknown:
        raise TableInvalid(f"unknown column `{unknown[0]}`", "every column is defined in tables.py")
    made = []
    for name, column in columns.items():
        if name not in table.columns:
            made.append(pl.lit(None, dtype=column.dtype).alias(name))
            continue
        value = pl.col(name).cast(column.dtype)
        if column.dtype.is_float():
            value = pl.when(value.is_finite()).then(value)
            if column.decimals is not None:
                # adding zero turns -0.0 into 0.0: one value, one pattern of bytes
                value = value.round(column.decimals) + 0.0
        made.append(value.cast(column.dtype).alias(name))
    try:
        return table.select(made)
    except pl.exceptions.PolarsError as error:
        raise TableInvalid(f"a table does not fit its columns: {error}") from error


def check(table: pl.DataFrame | pl.LazyFrame, columns: Mapping[str, Column], name: str = "table") -> None:
    """Raise TableInvalid unless the table has exactly these columns with these types, in this order."""
    have = dict(table.collect_schema())
    want = schema(columns)
    if list(have) != list(want):
        odd = sorted(set(have) ^ set(want))
        where = f"`{odd[0]}`" if odd else "the order"
        raise TableInvalid(f"columns of `{name}` are not those of schema {SCHEMA}: {where}")
    for column, dtype in want.items():
        if have[column] != dtype:
            raise TableInvalid(f"column `{column}` of `{name}` is {have[column]}, not {dtype}")


def empty(columns: Mapping[str, Column]) -> pl.DataFrame:
    """Return a table of these columns without rows."""
    return pl.DataFrame(schema=schema(columns))
