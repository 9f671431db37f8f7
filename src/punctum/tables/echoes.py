"""What a shot is compared by, and what of one film answers what of another."""

from collections.abc import Mapping

import polars as pl

from punctum.tables.column import Column, count, frame, seconds, share, text

COURSE_POINTS = 8
"""A course within a shot is kept as so many means of equal parts of it."""

_EIGHTHS = "mean over each eighth of the shot"


def _course(meaning: str, unit: str = "", decimals: int = 4) -> Column:
    return Column(pl.List(pl.Float32()), unit, meaning, decimals)


SIGNATURES: Mapping[str, Column] = {
    "shot": count("number of the shot"),
    "scene": count("number of its scene, as it was when this was worked out"),
    "cells": Column(
        pl.Binary(), "", "the grid's 432 bytes one sixth, half and five sixths into the shot; null where it has none"
    ),
    "length_s": Column(pl.Float64(), "s", "how long the shot lasts", 6),
    "light": _course(f"brightness, {_EIGHTHS}"),
    "motion_w_s": _course(f"motion, {_EIGHTHS}", "widths/s", 5),
    "loudness_lu": _course(f"loudness, {_EIGHTHS}, less the film's median of what sounds; -40 at least", "LU", 2),
    "face_seen": _course("of the frames looked at in each eighth, in how many a face is found; null: none were"),
    "face_x": _course("middle of the nearest face, from the left; null where no face is seen"),
    "face_y": _course("middle of the nearest face, from the top; likewise"),
    "face_height": _course("its height, of the picture's height; likewise"),
    "face_yaw_deg": _course("turn of its head, positive to the picture's right; likewise", "deg", 1),
    "faces": Column(pl.Int32(), "", "most faces in frame at once; null where it was not looked for any"),
    "speech": share("of its time, how much somebody speaks", 3),
    "music": share("of its time, how much music is heard", 3),
    "silence": share("of its time, how much is silent", 3),
    "light_after": share("brightness of the three seconds after it; 0 where the film is over", 4),
    "loudness_after_lu": Column(
        pl.Float32(), "LU", "loudness of the three seconds after it, likewise less the film's median", 2
    ),
    "to_end_s": Column(pl.Float64(), "s", "from its end to the end of the story; negative in the credits", 3),
}

ECHO_KINDS = ("copy", "echo")
"""``copy``: the same footage; ``echo``: another scene that is like it."""

ECHOES: Mapping[str, Column] = {
    "echo": count("number of the row, from 0: copies first, then echoes, the least likely by chance first"),
    "film": text("this film: its bundle's address within the library"),
    "start_frame": frame("first frame"),
    "end_frame": frame("frame after the last"),
    "start_s": seconds("when it begins"),
    "end_s": seconds("when it ends"),
    "other_film": text("the other film: its bundle's address within the library"),
    "other_film_id": text("the other film's identity"),
    "other_start_frame": frame("first frame in the other film"),
    "other_end_frame": frame("frame after the last"),
    "other_start_s": seconds("when it begins there"),
    "other_end_s": seconds("when it ends there"),
    "kind": text("copy: the same footage; echo: another scene that is like it"),
    "order": text("answers: this film is the later; answered: the other one is; null where years are equal or unknown"),
    "mirrored": Column(pl.Boolean(), "", "left and right are exchanged"),
    "speed": Column(pl.Float32(), "", "of a copy: how fast it runs here, the other film's own speed being 1", 3),
    "likeness": share(
        "of a copy: correlation of the two; of an echo: share of the library's shots that are less alike, mean over "
        "channels and pairs",
        4,
    ),
    "score": Column(pl.Float32(), "nats", "of an echo: its alignment's", 2),
    "e_value": Column(
        pl.Float64(), "", "so many echoes as good are expected by chance; null for copies and where no null was had", 9
    ),
    "channels": Column(pl.List(pl.String()), "", "what is alike, the rarest likeness first"),
    "figures": Column(pl.List(pl.String()), "", "of each channel: the two figures in words"),
    "ranks": Column(
        pl.List(pl.Float32()), "", "of each channel: share of the library's shots that are as alike or more", 4
    ),
    "shots": Column(pl.List(pl.Int32()), "", "numbers of the aligned shots"),
    "other_shots": Column(pl.List(pl.Int32()), "", "their counterparts"),
    "others_as_like": count("so many other scenes match this one as well in the same channels"),
    "scenes_searched": count("scenes of other films that were searched"),
    "because": text("the same as a sentence"),
}
