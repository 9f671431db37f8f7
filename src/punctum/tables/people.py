"""Who is in frame: faces, the tracks that they make within a shot, and the people that tracks belong to.

Places are fractions of the active picture, bars left out: x from its left, y from its top edge. "Left" and "right"
eye are the person's own. Geometry is measured in the face, never named as a feeling.
"""

from collections.abc import Mapping

import polars as pl

from punctum.tables.column import Column, count, frame, seconds, share, text


def _degrees(meaning: str) -> Column:
    return Column(pl.Float32(), "deg", meaning, 1)


LACKS = ("model", "small", "turned", "cropped", "uncertain", "crowd")
"""Why a face has no geometry: no weights there, too small, turned too far away, cut by the frame, not surely a face,
or too many larger ones in the picture."""

LANDMARKS = {
    "face": 36,
    "nose": 7,
    "right_brow": 5,
    "left_brow": 5,
    "right_eye": 16,
    "left_eye": 16,
    "outer_lips": 20,
    "inner_lips": 20,
    "right_iris": 5,
    "left_iris": 5,
}
"""Points in a row's ``landmarks``, part by part: face, eyes and lips are closed lines; an iris is its middle and four
of its rim."""

FACES: Mapping[str, Column] = {
    "face": count("number of the row, from 0, in the order of the film"),
    "frame": frame("number of the frame that was looked at"),
    "time_s": seconds("its time"),
    "track": count("number of the track it belongs to, a row of `tracks`; null where it belongs to none"),
    "left": share("left edge of the box"),
    "top": share("top edge of the box"),
    "width": share("width of the box, of the picture's width"),
    "height": share("height of the box, of the picture's height"),
    "score": share("how sure the finder is that this is a face", 3),
    "points": Column(
        pl.List(pl.Float32()), "", "x, y of the right eye, left eye, tip of the nose, right and left corner of mouth", 4
    ),
    "eye_distance_px": Column(pl.Float32(), "px", "between the eyes, in the picture that was looked at", 1),
    "lacks": text("why there is no geometry: " + ", ".join(LACKS) + "; null where there is"),
    "yaw_deg": _degrees(
        "turn of the head, positive to the picture's right; 0 faces the camera; from five points where there is no mesh"
    ),
    "pitch_deg": _degrees("nod of the head, positive upwards; null where there is no mesh"),
    "roll_deg": _degrees("tilt of the head about where it faces, positive clockwise in the picture"),
    "eye_opening": share("opening of the eyes over their width, mean of both or of the nearer", 4),
    "gaze": share("where the irises lie between the eyes' corners, 0 at the picture's left, 1 at its right", 4),
    "brow": share("height of the brows over the line of the eyes' corners, over the eyes' distance", 4),
    "mouth_opening": share("opening of the lips over the mouth's width", 4),
    "mouth_lift": share("how far the corners of the mouth lie above its middle, over its width; negative below", 4),
    "eye_opening_off": share("eye_opening less this face's own median over the film", 4),
    "brow_off": share("brow less this face's own median", 4),
    "mouth_opening_off": share("mouth_opening less this face's own median", 4),
    "mouth_lift_off": share("mouth_lift less this face's own median", 4),
    "stir": Column(
        pl.Float32(),
        "1/s",
        "mean speed of the points of eyes, brows and mouth since the frame looked at before, in eyes' distances, "
        "with what head and camera do taken out; null in the first of a pair",
        4,
    ),
    "look": Column(
        pl.Binary(), "", "the face and the colours of hair, skin and clothes around it, as `measure.looks` writes them"
    ),
    "identity": Column(
        pl.Binary(),
        "",
        "the face's place among faces, 128 int8 in steps of 1/200, as `measure.faces.identity` writes it: of few of a "
        "track's faces; null in the others and without the weights",
    ),
    "landmarks": Column(
        pl.Binary(), "", "outline of face, eyes, irises, brows, lips: x, y as uint16 little-endian, 65535 = 1"
    ),
}

TRACKS: Mapping[str, Column] = {
    "track": count("number of the track, from 0: one face followed within one shot"),
    "shot": count("number of the shot"),
    "character": count("whom it belongs to, a row of `characters`; null where that is not known"),
    "start_frame": frame("first frame the face was seen in"),
    "end_frame": frame("frame after the last it was seen in"),
    "start_s": seconds("when it is first seen"),
    "end_s": seconds("when it was last seen"),
    "faces": count("in how many of the frames that were looked at"),
    "left": share("left edge of the box, median"),
    "top": share("top edge of the box, median"),
    "width": share("width of the box, median"),
    "height": share("height of the box, median, of the picture's height"),
    "score": share("how sure the finder is, median", 3),
    "yaw_deg": _degrees("turn of the head, median"),
    "stir": share("median of its faces' `stir`: how little the face moves in itself", 4),
    "still_s": Column(pl.Float64(), "s", "longest time that the face does not stir beyond the measure's error", 2),
    "still_start_s": seconds("when that begins"),
    "blinks_per_minute": Column(
        pl.Float32(), "1/min", "closures of the eyes; null where they were seen less than 12 times a second", 1
    ),
}

CHARACTERS: Mapping[str, Column] = {
    "character": count("number, from 0, by time on screen"),
    "name": text("A, B, C ... until a person or the screenplay gives a name"),
    "named_by": text("person, or words (the speakers of screenplay or subtitles); null for A, B, C"),
    "tracks": count("how many tracks are theirs"),
    "shots": count("in how many shots they are seen"),
    "on_screen_s": Column(pl.Float64(), "s", "time from the first to the last sight of them, summed over tracks", 2),
    "first_s": seconds("when they are first seen"),
    "last_s": seconds("when they are last seen"),
    "height": share("height of their face, median over time, of the picture's height"),
    "nearest_height": share("the same where they are nearest"),
    "frame": frame("the frame that shows them best"),
}
