"""What an ending closes and what it leaves open, as far as signs of it can be measured.

Conventions: signs, not verdicts. Questions are lines that end in a question mark; a reply is any line that begins
within `REPLY_S` of its end. A set-up is known within its scene only. That the sound comes to rest is told by its
level; of its harmony nothing is known.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from punctum.reading.ending import PLAIN_DEPARTURE, ending_row
from punctum.reading.ground import Ground
from punctum.reading.row import Row
from punctum.reading.sentences import write_clock, write_count, write_number, write_percent
from punctum.segment import silence_below
from punctum.tables import CHARACTERS, FACES, SCALES, TRACKS, WORDS, empty

REPLY_S = 8.0
LAST_LINES = 5

FALL_S, CUT_OFF_S = 5.0, 0.5
"""The sound's last seconds; what is loud until so shortly before its end breaks off."""

BREAKS_OFF_LU, DIES_AWAY_LU = 6.0, 12.0

QUESTION_MARKS = ("?", "？", "؟", "\u037e")


def read_open_ends(ground: Ground, tables: Mapping[str, pl.DataFrame]) -> list[Row]:
    """Give the ending's rows on what is closed and what is left open.

    Parameters
    ----------
    ground : Ground
    tables : mapping of str to pl.DataFrame
        ``words``, ``faces``, ``tracks`` and ``characters`` of ``tables.TABLES``; one that is missing counts as empty
    """
    return [*_questions(ground, tables), *_set_up(ground), *_last_sound(ground), *_left_in_frame(ground, tables)]


def _questions(ground: Ground, tables: Mapping[str, pl.DataFrame]) -> list[Row]:
    """Questions among the last lines that nobody replies to, beside those of the whole film."""
    words = tables.get("words", empty(WORDS))
    said = words.filter((pl.col("kind") == "speech") & (pl.col("start_s") < ground.end_s)).sort("start_s")
    said = said.drop_nulls(["text", "start_s", "end_s"])
    if said.height <= LAST_LINES:
        return []
    text = said["text"].str.strip_chars().str.strip_chars_end("\"”»’' ")
    asks = text.map_elements(lambda line: line.endswith(QUESTION_MARKS), return_dtype=pl.Boolean).to_numpy()
    start_s, end_s = said["start_s"].to_numpy(), said["end_s"].to_numpy()
    alone = np.append(start_s[1:] - end_s[:-1] > REPLY_S, True)
    late = np.arange(said.height) >= said.height - LAST_LINES
    of_film = int((asks & ~late).sum())
    usual = float((asks & alone & ~late).sum() / of_film) if of_film else None
    open_ones = np.flatnonzero(asks & alone & late)
    lines = f"the last {LAST_LINES} lines"
    rest = f" (of the {write_count(of_film, 'question')} before, {write_percent(usual)})" if usual is not None else ""
    first = int(open_ones[0]) if open_ones.size else int(said.height - LAST_LINES)
    if open_ones.size:
        quote = said["text"][first]
        quote = quote if len(quote) <= 90 else "…" + quote[-90:].split(" ", 1)[-1]
        what = f"“{quote}” ({write_clock(start_s[first])})"
        text_ = f"A question among {lines} has no reply within {REPLY_S:g} s: {what}{rest}."
    elif (asks & late).any():
        text_ = f"Every question among {lines} is followed by another line within {REPLY_S:g} s{rest}."
    else:
        text_ = f"None of {lines} asks a question{rest}."
    far = PLAIN_DEPARTURE if open_ones.size else 0.0
    row = ending_row(ground, "unanswered_questions", float(open_ones.size), "", text_, far)
    frame = ground.frame_at(float(start_s[first]))
    row = replace(row, start_s=float(start_s[first]), start_frame=frame, end_frame=max(row.end_frame, frame + 1))
    return [row]


def _set_up(ground: Ground) -> list[Row]:
    """Whether the last shot returns to a set-up that its scene has shown before."""
    if not ground.scenes.height or not ground.pictured.height or ground.any_rough:
        return []
    last = ground.pictured.row(-1, named=True)
    if last["set_up"] is None:
        return []
    scene_s = float(ground.scenes["start_s"][-1])
    own = ground.pictured.filter((pl.col("start_s") >= scene_s - 1e-6) & (pl.col("start_s") < last["start_s"]))
    if own.height < 2:
        return []
    before = own.filter(pl.col("set_up") == last["set_up"])
    again = own.filter(~pl.col("set_up").is_first_distinct()).height / own.height
    if before.height:
        text = (
            f"The last shot returns to a set-up that its scene has shown in {write_count(before.height, 'shot')}"
            f" before, first at {write_clock(before['start_s'][0])}"
        )
    else:
        text = "The last shot shows a set-up that its scene has not shown before"
    text += f" (of the scene's {own.height} shots before it, {write_percent(again)} return to one)."
    row = ending_row(ground, "last_shot_returns", float(before.height), "", text)
    return [
        replace(
            row,
            start_frame=last["start_frame"],
            end_frame=last["end_frame"],
            start_s=last["start_s"],
            end_s=last["end_s"],
        )
    ]


def _last_sound(ground: Ground) -> list[Row]:
    """Whether the sound dies away, breaks off or goes on to the end of the story."""
    known = ground.loudness.drop_nulls("loudness_lufs").filter(pl.col("start_s") < ground.end_s)
    if not ground.has_sound or ground.loudness_rough or known.height * 0.1 < 2 * FALL_S:
        return []
    at_s, level = known["start_s"].to_numpy(), np.maximum(known["loudness_lufs"].to_numpy(), -70.0)
    audible = np.flatnonzero(level > silence_below(ground.loudness))
    if not audible.size:
        return []
    stop_s = float(at_s[audible[-1]]) + 0.1

    def mean(from_s: float, to_s: float) -> float:
        own = level[(at_s >= stop_s - from_s - 0.01) & (at_s < stop_s - to_s - 0.01)]
        return float(own.mean()) if own.size else float("nan")

    before, last = mean(2 * FALL_S, FALL_S), mean(CUT_OFF_S, 0.0)
    if not np.isfinite(before) or not np.isfinite(last):
        return []
    fall = before - last
    rest_s = ground.end_s - stop_s
    how = f"is last heard at {write_clock(stop_s)}" if rest_s >= 1 else "is heard to the end"
    if fall >= DIES_AWAY_LU:
        how += f" and dies away: by {write_number(fall, 0)} LU over its last {FALL_S:g} s"
    elif fall <= BREAKS_OFF_LU:
        how += f" and breaks off: its last half second is {write_number(abs(fall), 0)} LU"
        how += f" {'below' if fall >= 0 else 'above'} the level of {FALL_S:g} s before"
    else:
        how += f" and falls by {write_number(fall, 0)} LU over its last {FALL_S:g} s"
    row = ending_row(ground, "closing_fall_lu", fall, "LU", f"The sound {how}.")
    start_s = max(stop_s - FALL_S, 0.0)
    return [replace(row, start_s=start_s, end_s=stop_s, start_frame=ground.frame_at(start_s))]


def _left_in_frame(ground: Ground, tables: Mapping[str, pl.DataFrame]) -> list[Row]:
    """Who is seen in the last picture that was looked at."""
    if "faces" not in ground.frames.columns or not ground.pictured.height or ground.any_rough:
        return []
    last = ground.pictured.row(-1, named=True)
    looked = ground.frames.drop_nulls("faces").filter(
        (pl.col("frame") >= last["start_frame"]) & (pl.col("frame") < last["end_frame"])
    )
    if not looked.height:
        return []
    frame, time_s = int(looked["frame"][-1]), float(looked["time_s"][-1])
    faces = tables.get("faces", empty(FACES)).drop_nulls("track").filter(pl.col("frame") == frame)
    tracks, characters = tables.get("tracks", empty(TRACKS)), tables.get("characters", empty(CHARACTERS))
    seen = faces.join(tracks.select("track", "character"), on="track", how="left").join(
        characters.select("character", "name"), on="character", how="left"
    )
    names = [name or "somebody" for name in seen.sort("height", descending=True)["name"].to_list()]
    rest = ground.shots.drop_nulls("faces").filter(pl.col("shot") != last["shot"])
    shown = float((rest["faces"] > 0).mean() or 0.0) if rest.height else None  # type: ignore[arg-type]
    if names:
        who = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        text = (
            f"In the last picture, at {write_clock(time_s)}, {who} {'is' if len(names) == 1 else 'are'} left in frame"
        )
        if last["scale"] in SCALES:
            text += f" (shot scale {last['scale']})"
    else:
        text = f"In the last picture, at {write_clock(time_s)}, no face is left in frame"
    if shown is not None:
        text += f"; a face is seen in {write_percent(shown)} of the other shots"
    row = ending_row(ground, "last_picture_faces", float(len(names)), "", text + ".")
    return [replace(row, start_frame=frame, end_frame=frame + 1, start_s=time_s, end_s=ground.end_s)]
