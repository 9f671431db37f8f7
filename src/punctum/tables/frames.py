"""Tables of every frame and of every step of the sound: what the one pass measures."""

from collections.abc import Mapping

import polars as pl

from punctum.tables.column import FRAME, SECONDS_DECIMALS, Column, count, share

SILENCE_DB = -120.0
"""Digital silence, in every column of levels."""

FRAMES: Mapping[str, Column] = {
    "frame": Column(FRAME, "", "number of the frame, from 0"),
    "pts": Column(pl.Int64(), "ticks", "presentation time stamp as the file gives it, in the film's time base"),
    "time_s": Column(pl.Float64(), "s", "time from the first frame", SECONDS_DECIMALS),
    "interlaced": Column(pl.Boolean(), "", "the decoder calls the frame interlaced"),
    "damaged": Column(pl.Boolean(), "", "the decoder met an error in the frame; it was measured as it came"),
    "brightness": share("mean linear light (BT.1886) of the active picture, brought back to the code scale"),
    "luma": share("mean encoded luma (BT.709 weights) of the active picture"),
    "contrast": share("RMS contrast: standard deviation of encoded luma"),
    "key": share(
        "share of light tones (L* over 2/3) minus share of dark ones (under 1/3), -1 (low key) to 1 (high key)"
    ),
    "saturation": share(
        "mean OKLab chroma of 2 x 2 thumb pixels over 0.32, the most in sRGB; null in a colourless film"
    ),
    "warmth": share("mean of OKLab a + b over 0.32: positive is warm, negative cold; null in a colourless film"),
    "colourfulness": Column(pl.Float32(), "M3", "M3 of Hasler and Süsstrunk; null in a colourless film", 3),
    "sharpness": Column(
        pl.Float32(), "", "mean absolute Laplacian of luma over its contrast, 0 if flat; ranks stills", 4
    ),
    "change": share("mean absolute difference from the frame before, over R, G and B"),
    "histogram_change": share(
        "half the summed difference of joint colour histograms (8 x 8 x 8, dithered), frame before to this"
    ),
    "residual_change": share(
        "mean absolute difference of half-size luma from the frame before, once the camera's motion is undone"
    ),
    "correlation": share("Pearson r of luma with the next-but-one frame before; 1 where both are flat, 0 where one is"),
    "motion_w_s": Column(
        pl.Float32(),
        "widths/s",
        "mean speed over the picture, points weighted by texture, in picture widths; null across a cut",
        5,
    ),
    "camera": share(
        "share of the motion that one move (shift, zoom, turn) of the whole picture explains; null if still"
    ),
    "writing": share(
        "share of the picture that lines of writing take; measured where a still is offered, twice a second, else null"
    ),
    "faces": count("faces found in it with a score of 0.6 or more; null where none were looked for"),
    "level_db": Column(pl.Float32(), "dB", "RMS of the frame's sound over all channels, below full scale", 2),
    "loudness_lufs": Column(
        pl.Float32(), "LUFS", "momentary loudness (BS.1770) of the 400 ms that end with the frame", 2
    ),
}

GRID: Mapping[str, Column] = {
    "frame": Column(FRAME, "", "number of the frame, from 0"),
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

OWN: Mapping[str, Column] = {
    "frame": Column(FRAME, "", "number of the frame"),
    "measure": Column(pl.String(), "", "name of the measure: the function's"),
    "unit": Column(pl.String(), "", "its unit, by the name's ending; none means a plain value"),
    "value": Column(pl.Float64(), "", "its value, in `unit`; no row where it is none", 6),
}
"""Measures of a person's own, see ``docs/howto/own-measure.md``."""

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
