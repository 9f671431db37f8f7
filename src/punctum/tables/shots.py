"""Shots and what lies between them."""

from collections.abc import Mapping

import polars as pl

from punctum.tables.column import FRAME, SECONDS_DECIMALS, Column, share

KINDS = ("open", "close", "cut", "dissolve", "fade", "wipe")
"""How a shot begins and ends; ``open`` and ``close`` are the film's own beginning and end."""

SCALES = ("ECU", "CU", "MCU", "MS", "MLS", "LS", "ELS")
"""Shot scales, closest first."""

BOUNDARIES: Mapping[str, Column] = {
    "boundary": Column(pl.Int32(), "", "number of the row, from 0; the first is `open`, the last `close`"),
    "frame": Column(FRAME, "", "first frame of what follows; of `close`, the frame after the last"),
    "kind": Column(pl.String(), "", "open, close, cut, dissolve, fade or wipe"),
    "transition_start_frame": Column(
        FRAME, "", "first frame of the transition; null for a cut, and for open and close where the film does not fade"
    ),
    "transition_end_frame": Column(FRAME, "", "frame after the transition; null likewise"),
    "transition": Column(pl.String(), "", "colour of a fade (black, white, #rrggbb) or shape of a wipe; else null"),
    "flat": Column(pl.Boolean(), "", "what follows, up to the next boundary, shows one flat colour only"),
    "doubt": Column(
        pl.Float32(), "", "probability that there is no such boundary; null for open, close and rough ones", 3
    ),
    "provisional": Column(pl.Boolean(), "", "found from key frames only"),
}

SHOTS: Mapping[str, Column] = {
    "shot": Column(pl.Int32(), "", "number of the shot, from 0"),
    "start_frame": Column(FRAME, "", "first frame"),
    "end_frame": Column(FRAME, "", "frame after the last"),
    "start_s": Column(pl.Float64(), "s", "when the shot begins", SECONDS_DECIMALS),
    "end_s": Column(pl.Float64(), "s", "when the next begins, or the film ends", SECONDS_DECIMALS),
    "length_s": Column(pl.Float64(), "s", "how long it lasts", SECONDS_DECIMALS),
    "begins": Column(pl.String(), "", "open, cut, dissolve, fade or wipe; fade on the first shot: the film fades in"),
    "ends": Column(pl.String(), "", "close, cut, dissolve, fade or wipe; fade on the last shot: the film fades out"),
    "transition_start_frame": Column(FRAME, "", "first frame of the transition it begins with; null for open and cut"),
    "transition_end_frame": Column(FRAME, "", "frame after that transition; null for open and cut"),
    "transition": Column(pl.String(), "", "colour of a fade (black, white, #rrggbb) or shape of a wipe; else null"),
    "flat": Column(pl.Boolean(), "", "the shot shows one flat colour only"),
    "doubt": Column(
        pl.Float32(), "", "probability that the boundary it begins with is none; null where a person decided", 3
    ),
    "corrected": Column(pl.Boolean(), "", "a person decided on the boundary it begins with"),
    "provisional": Column(
        pl.Boolean(), "", "one of its ends, or that there is none within it, is known from key frames only"
    ),
    "brightness": share("median over its frames"),
    "contrast": share("median over its frames"),
    "key": share("median over its frames, -1 to 1"),
    "saturation": share("median over its frames"),
    "warmth": share("median over its frames, -1 to 1"),
    "colourfulness": Column(pl.Float32(), "M3", "median over its frames", 3),
    "motion_w_s": Column(pl.Float32(), "widths/s", "median over its frames", 5),
    "camera": share("share of its motion that is the camera's"),
    "visual_activity": share("visual activity index: 1 - median correlation of next-but-one frames in it"),
    "level_db": Column(pl.Float32(), "dB", "RMS level of its sound", 2),
    "loudness_lufs": Column(pl.Float32(), "LUFS", "K-weighted level of its sound, ungated", 2),
    "speech": share("of its time, how much somebody speaks; null where its sound was not listened to", 3),
    "music": share("of its time, how much music is heard; likewise", 3),
    "silence": share("of its time, how much is silent; likewise", 3),
    "scale": Column(
        pl.String(), "", "shot scale by the nearest person: " + ", ".join(SCALES) + "; null where nobody is seen"
    ),
    "scale_doubt": Column(pl.Float32(), "", "probability that people would call it another scale", 3),
    "faces": Column(pl.Int32(), "", "most faces in frame at once; null where it was not looked for any"),
    "face_height": share("height of the nearest face, median, of the picture's height", 4),
    "characters": Column(pl.List(pl.Int32()), "", "who is seen in it, rows of `characters`, most time first"),
    "set_up": Column(
        pl.Int32(), "", "set-up: shots of one scene with one number show the same from the same place; null if unseen"
    ),
    "palette": Column(pl.List(pl.String()), "", "up to five colours #rrggbb, most frequent first"),
    "palette_shares": Column(pl.List(pl.Float32()), "", "share of the picture of each", 3),
    "stills": Column(pl.List(pl.Int32()), "", "frames with a still in stills/, the shot's own picture first"),
}
