"""Light, colour and motion of the whole film.

Conventions: a film's figure is the median over its seconds, each second the median of its frames, so that
a variable frame rate or a few frames a second weigh no more than others; everything shown counts, black
too, titles and credits not.
"""

from typing import NamedTuple

import numpy as np

from punctum.reading.ground import Ground
from punctum.reading.row import Row
from punctum.reading.sentences import write_number

COLOURFULNESS_MARKS = (
    (0.0, "not colourful"),
    (15.0, "slightly colourful"),
    (33.0, "moderately colourful"),
    (45.0, "averagely colourful"),
    (59.0, "quite colourful"),
    (82.0, "highly colourful"),
    (109.0, "extremely colourful"),
)
"""Hasler and Süsstrunk, "Measuring colourfulness in natural images", 2003, table 2; a mark takes the nearest values."""


LEAST_SHARE = 0.9
"""A film of which less was measured has no figure: that of a part is not the film's."""


MOVING = ("motion_w_s", "camera")


class Measure(NamedTuple):
    """A measure of the picture: its column, unit, decimals to write, and a sentence with a gap for the figure."""

    name: str
    unit: str
    decimals: int
    sentence: str


MEASURES = (
    Measure("brightness", "", 2, "The picture's brightness has a median of {} (0 black, 1 white)."),
    Measure("contrast", "", 2, "The picture's contrast has a median of {} (standard deviation of its tones)."),
    Measure("key", "", 2, "The key has a median of {} (−1 all dark tones, 1 all light ones)."),
    Measure("saturation", "", 2, "Saturation has a median of {} (0 grey, 1 the screen's strongest colour)."),
    Measure("warmth", "", 3, "Warmth has a median of {} (below 0 cold, above 0 warm)."),
    Measure("colourfulness", "M3", 0, "Colourfulness has a median of {} (M3)."),
    Measure("motion_w_s", "widths/s", 3, "Motion has a median of {} picture widths a second."),
    Measure("camera", "", 2, "The camera's share of what moves has a median of {} (0 none, 1 all)."),
)


def read_picture(ground: Ground) -> list[Row]:
    """Give the film's rows on light, colour and motion."""
    rows = []
    for measure in MEASURES:
        _, values = ground.second_values(measure.name)
        # nothing may move, and across a cut nothing can be followed: such frames were read all the same
        _, read = ground.second_values("change") if measure.name in MOVING else (None, values)
        whole = read.size >= LEAST_SHARE * ground.seconds.height
        value = float(np.median(values)) if values.size and whole else None
        rows.append(_film_row(ground, measure.name, value, measure.unit, _say(ground, measure, value)))
    activity = _visual_activity(ground)
    if activity is None:
        text = f"Not measured: {missing(ground, 'visual_activity')}."
    else:
        text = f"The visual activity index is {write_number(activity, 3)} (0 nothing changes from frame to frame)."
    rows.append(_film_row(ground, "visual_activity", activity, "", text))
    return [row.rough(ground.frames_rough) for row in rows]


def _say(ground: Ground, measure: Measure, value: float | None) -> str:
    if value is None:
        return f"Not measured: {missing(ground, measure.name)}."
    text = measure.sentence.format(write_number(value, measure.decimals))
    if measure.name == "colourfulness":
        mark = min(COLOURFULNESS_MARKS, key=lambda mark: abs(mark[0] - value))[1]
        text = text.removesuffix(").") + f"; nearest to “{mark}” on Hasler and Süsstrunk's marks)."
    return text


def missing(ground: Ground, measure: str) -> str:
    """Say why a measure of the picture has no value."""
    if measure in ("motion_w_s", "camera", "visual_activity"):
        _, read = ground.second_values("change")
        if measure in MOVING and read.size >= LEAST_SHARE * ground.seconds.height:
            return "too little moves" if measure == "camera" else "nothing could be followed"
        if read.size:
            return "only a part of the film was read frame by frame"
        if ground.frames_rough:
            return "key frames alone do not show motion"
        return "no two frames in a row were there to compare"
    if measure in ("saturation", "warmth", "colourfulness") and ground.seconds["brightness"].drop_nulls().len():
        return "the film has no colour"
    return "no frame was measured"


def _film_row(ground: Ground, measure: str, value: float | None, unit: str, statement: str) -> Row:
    return Row("film", measure, value, unit, statement, 0, ground.end_frame, 0.0, ground.end_s)


def _visual_activity(ground: Ground) -> float | None:
    """1 - median correlation of next-but-one frames, pairs across a boundary left out.

    Cutting, DeLong and Brunick, "Visual activity in Hollywood film: 1935 to 2005 and beyond",
    Psychology of Aesthetics, Creativity, and the Arts 5.2, 2011.
    """
    known = ground.frames.select("frame", "correlation").drop_nulls()
    # of the shots that count: titles and credits are left out of both
    count = int((ground.shots["end_frame"] - ground.shots["start_frame"]).sum()) or ground.film.frame_count
    if not known.height or known.height < LEAST_SHARE * count:
        return None
    frames = known["frame"].to_numpy()
    within = np.ones(frames.size, bool)
    if ground.shots.height:
        starts = ground.shots["start_frame"].to_numpy()
        shot = np.maximum(np.searchsorted(starts, frames, side="right") - 1, 0)
        within = frames - starts[shot] >= 2
    values = known["correlation"].to_numpy()[within]
    return 1.0 - float(np.median(values)) if values.size else None
