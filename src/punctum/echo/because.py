"""Why two scenes are alike: a figure in words for each channel, and a sentence.

Conventions: rows are those of ``tables.SIGNATURES``, the aligned shots of both scenes in pairs; places are told from
the first scene's point of view, and a mirrored counterpart is told as it lies in its own picture.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from punctum.reading.sentences import write_duration, write_number
from punctum.segment.scale import scale_of

NAMES: Mapping[str, str] = {
    "layout": "fall of light",
    "colour": "colour",
    "light": "brightness",
    "framing": "framing",
    "face_course": "course of the face",
    "motion": "motion",
    "sound": "sound",
    "length": "length",
    "after": "what follows",
}

Row = Mapping[str, Any]

DARK, SILENT_LU = 0.05, -30.0


def name_channel(channel: str) -> str:
    """Give a channel's name in words; one of one's own keeps its own."""
    return NAMES.get(channel, channel)


def tell_channel(channel: str, here: Sequence[Row], there: Sequence[Row]) -> str:
    """Say a channel's two figures.

    Parameters
    ----------
    channel : str
        one of ``echo.channels.CHANNELS``, or one's own
    here, there : sequence of mapping
        rows of ``tables.SIGNATURES``, pair by pair

    Returns
    -------
    str
        "" where there is nothing to say in words
    """
    tell = _TELL.get(channel)
    if tell is None:
        return ""
    mine, theirs = tell(here), tell(there)
    theirs = theirs.removeprefix("held ") if mine.startswith("held ") else theirs
    if not mine and not theirs:
        return ""
    if mine.removeprefix("held ") == theirs:
        return f"{mine}, both"
    return f"{mine or 'nothing measured'} against {theirs or 'nothing measured'}"


def tell_rank(rank: float) -> str:
    """Say how rare a likeness is.

    Examples
    --------
    >>> tell_rank(0.004), tell_rank(0.08), tell_rank(0.6)
    ('1 shot in 250 is as like', '1 shot in 12 is as like', '60 % of shots are as like')
    """
    return f"1 shot in {1 / rank:.0f} is as like" if rank <= 0.2 else f"{100 * rank:.0f} % of shots are as like"


def write_because(
    alike: Sequence[str], figures: Mapping[str, str], mirrored: bool, others_as_like: int, scenes: int
) -> str:
    """Say in one sentence what is alike, and whether many others are as well."""
    parts = []
    for channel in alike:
        words = figures.get(channel, "")
        parts.append(f"{name_channel(channel)} ({words})" if words else name_channel(channel))
    text = "Alike in " + ", ".join(parts) if parts else "Alike in no channel by itself, in all of them a little"
    if mirrored:
        text += "; left and right are exchanged"
    if not alike:
        return f"{text}."
    if others_as_like == 0:
        return f"{text}. No other of {scenes} scenes matches as well in these."
    if is_convention(others_as_like, scenes):
        return f"{text}. {others_as_like} other of {scenes} scenes match as well in these: a convention."
    return f"{text}. {others_as_like} other of {scenes} scenes match{'es' * (others_as_like == 1)} as well in these."


def is_convention(others_as_like: int, scenes: int) -> bool:
    """Call a likeness a convention: at least three other scenes, and one in fifty, are as like in the same channels.

    Examples
    --------
    >>> is_convention(2, 40), is_convention(3, 40), is_convention(5, 1000)
    (False, True, False)
    """
    return others_as_like >= 3 and others_as_like * 50 >= scenes


def _mean(rows: Sequence[Row], name: str) -> float | None:
    """Mean over the rows' values or courses, weighed by length; None where nothing was measured."""
    values, weights = [], []
    for row in rows:
        value = row[name]
        if value is None:
            continue
        values.append(float(np.mean(value)))
        weights.append(max(float(row["length_s"]), 1e-3))
    return float(np.average(values, weights=weights)) if values else None


def _tell_framing(rows: Sequence[Row]) -> str:
    seen = _mean(rows, "face_seen")
    if seen is None:
        return ""
    height, x = _mean(rows, "face_height"), _mean(rows, "face_x")
    if height is None or x is None:
        return "nobody’s face"
    place = "left" if x < 0.36 else "centre-left" if x < 0.45 else "centre" if x <= 0.55 else "centre-right"
    place = "right" if x > 0.64 else place
    several = max(int(row["faces"] or 0) for row in rows)
    people = "" if several < 2 else f", {several} faces"
    return f"{scale_of(height)}, face {place}{people}"


def _tell_face_course(rows: Sequence[Row]) -> str:
    first, last = rows[0], rows[-1]
    if first["face_seen"] is None or last["face_seen"] is None:
        return ""
    if not any(max(row["face_seen"] or [0]) > 0 for row in rows):
        return "no face"
    said = []
    seen = np.array(first["face_seen"])
    if seen.max() > 0 and seen[0] == 0:
        said.append(f"seen from {write_duration(float(np.argmax(seen > 0)) / len(seen) * first['length_s'])} on")
    gone = np.array(last["face_seen"])
    if gone.max() > 0 and gone[-1] == 0:
        said.append("gone at the end")
    begin, end = first["face_height"], last["face_height"]
    if begin and end:
        ratio = end[-1] / max(begin[0], 1e-3)
        said.append(
            f"{write_number(ratio, 1)} times as high at the end"
            if not 0.9 <= ratio <= 1.1
            else "the same size throughout"
        )
    turn_from, turn_to = first["face_yaw_deg"], last["face_yaw_deg"]
    if turn_from and turn_to and abs(turn_to[-1] - turn_from[0]) >= 15:
        said.append(f"turns by {write_number(abs(turn_to[-1] - turn_from[0]), 0)}°")
    return ", ".join(said)


def _tell_length(rows: Sequence[Row]) -> str:
    total = sum(float(row["length_s"]) for row in rows)
    return f"held {write_duration(total)}" if len(rows) == 1 else f"{len(rows)} shots in {write_duration(total)}"


def _tell_sound(rows: Sequence[Row]) -> str:
    level = _mean(rows, "loudness_lu")
    if level is None:
        return ""
    said = [f"{write_number(level, 0)} LU from the film’s median"]
    for name in ("speech", "music", "silence"):
        share = _mean(rows, name)
        if share is not None and share >= 0.5:
            said.append({"speech": "speech", "music": "music", "silence": "silence"}[name])
    return ", ".join(said)


def _tell_after(rows: Sequence[Row]) -> str:
    last = rows[-1]
    said = []
    if last["light_after"] is not None:
        said.append("black" if last["light_after"] < DARK else "a picture")
    if last["loudness_after_lu"] is not None:
        said.append("silence" if last["loudness_after_lu"] <= SILENT_LU else "sound")
    if last["to_end_s"] is not None:
        left = float(last["to_end_s"])
        said.append(f"{write_duration(left)} of story left" if left > 0.5 else "the story is over")
    return ", ".join(said)


def _number(name: str, decimals: int, unit: str = "") -> Any:
    def tell(rows: Sequence[Row]) -> str:
        value = _mean(rows, name)
        return "" if value is None else write_number(value, decimals) + unit

    return tell


def _tell_colour(rows: Sequence[Row]) -> str:
    cells = [np.frombuffer(row["cells"], np.uint8).reshape(-1, 3) for row in rows if row["cells"] is not None]
    if not cells:
        return ""
    a, b = (float((np.concatenate(cells)[:, k].mean() - 128) / 255 * 0.8) for k in (1, 2))
    return f"OKLab a {write_number(a, 2)}, b {write_number(b, 2)}"


_TELL: Mapping[str, Any] = {
    "colour": _tell_colour,
    "light": _number("light", 2),
    "framing": _tell_framing,
    "face_course": _tell_face_course,
    "motion": _number("motion_w_s", 3, " widths/s"),
    "sound": _tell_sound,
    "length": _tell_length,
    "after": _tell_after,
}
