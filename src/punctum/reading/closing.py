"""How the film closes: on a picture, into black, with sound or silence over it.

Conventions: black is an encoded luma of at most `BLACK_LUMA` with a contrast of at most `BLACK_CONTRAST`,
so that grain and compression in a black picture do not count; silence is as in `sound`. What the last
frames show is said only where all of the last second's were read.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from punctum.reading.ending import PLAIN_DEPARTURE, ending_row
from punctum.reading.ground import Ground
from punctum.reading.row import Row, score_rank, share_below
from punctum.reading.sentences import write_clock, write_duration, write_number
from punctum.segment import silence_below

BLACK_LUMA = 0.04
BLACK_CONTRAST = 0.02

FADE_S = 0.25
"""Light that takes at least this long to go is a fade; a cut leaves at once."""

LATE_FROM, LATE_LEAST_S = 0.8, 2.0
"""A flat stretch this long, this late in the film, is told even where pictures follow it."""

LEAST_BLACK_S = 0.5
"""Black shorter than this is not listened to."""


class Black(NamedTuple):
    """The black (or other flat colour) that a film closes on: where it begins, its colour, how the film gets there."""

    start_s: float
    colour: str
    by: str


def read_closing(ground: Ground) -> list[Row]:
    """Give the ending's rows on its very end."""
    if not ground.shots.height:
        return [ending_row(ground, "closing_black_s", None, "s", "Not measured: no shots were found.")]
    last = ground.shots.row(ground.shots.height - 1, named=True)
    rough = bool(last["provisional"]) or not _read_in_full(ground)
    black = _flat_close(ground) or (None if rough else _black_tail(ground))
    if black is None:
        text = "Not known before the end is read in full." if rough else "The film ends on a picture, not on black."
        return [ending_row(ground, "closing_black_s", None if rough else 0.0, "s", text)]
    lasting_s = ground.end_s - black.start_s
    text = f"The film {black.by} {black.colour}, which holds for {write_duration(lasting_s)}"
    sound_lufs = _sound_over(ground, black.start_s) if lasting_s >= LEAST_BLACK_S else None
    if sound_lufs is not None:
        if sound_lufs > silence_below(ground.loudness):
            text += f", with sound over it ({write_number(sound_lufs, 0)} LUFS)"
        else:
            text += ", in silence"
    row = ending_row(
        ground, "closing_black_s", lasting_s, "s", text + ".", PLAIN_DEPARTURE if lasting_s >= LEAST_BLACK_S else 0.0
    )
    rows = [_from(row, ground, black)]
    if sound_lufs is not None:
        if sound_lufs > silence_below(ground.loudness):
            text = f"Sound goes on over the closing {black.colour}, at {write_number(sound_lufs, 0)} LUFS."
        else:
            text = (
                f"The closing {black.colour} is silent (below {write_number(silence_below(ground.loudness), 0)} LUFS)."
            )
        rows.append(_from(ending_row(ground, "closing_sound_lufs", sound_lufs, "LUFS", text), ground, black))
    return [row.rough(rough) for row in rows]


def read_late_black(ground: Ground) -> list[Row]:
    """Give a row on the longest flat stretch of the last fifth that is followed by pictures, if there is one.

    Only what is there is told: how long the stretch holds,
    what is heard over it, and how long the shot before it is.
    """
    shots = ground.shots
    late = pl.col("flat") & (pl.col("start_s") >= ground.end_s * LATE_FROM) & (pl.col("length_s") >= LATE_LEAST_S)
    pictured_after = (~shots["flat"]).cast(pl.Int32).reverse().cum_sum().reverse() > 0
    found = shots.with_row_index("at").filter(pictured_after).filter(late & (pl.col("at") > 0))
    if not found.height:
        return []
    at = int(found["at"][int(found["length_s"].arg_max() or 0)])
    flat, before = shots.row(at, named=True), shots.row(at - 1, named=True)
    if before["flat"]:
        return []
    colour = _colour(flat)
    text = f"{colour[0].upper()}{colour[1:]} holds for {write_duration(flat['length_s'])}"
    sound_lufs = _sound_over(ground, flat["start_s"], flat["end_s"])
    if sound_lufs is not None:
        heard = f"with sound over it ({write_number(sound_lufs, 0)} LUFS)"
        text += f", {heard}" if sound_lufs > silence_below(ground.loudness) else ", in silence"
    text += f", from {write_clock(flat['start_s'])}, after a shot of {write_duration(before['length_s'])}"
    departure, others = PLAIN_DEPARTURE, ground.pictured.filter(pl.col("shot") != before["shot"])["length_s"]
    if ground.comparable and others.len():
        below = share_below(before["length_s"], others)
        departure = max(departure, score_rank(below, others.len()))
        if below == 1:
            text += ", the longest in the film"
    row = ending_row(ground, "late_black_s", flat["length_s"], "s", text + ".", departure)
    row = replace(
        row,
        start_s=flat["start_s"],
        end_s=flat["end_s"],
        start_frame=flat["start_frame"],
        end_frame=flat["end_frame"],
    )
    return [row.rough(bool(flat["provisional"]) or ground.tail_rough)]


def _from(row: Row, ground: Ground, black: Black) -> Row:
    return replace(row, start_s=black.start_s, start_frame=ground.frame_at(black.start_s))


def _read_in_full(ground: Ground) -> bool:
    """All frames of the last second were measured: their numbers are consecutive up to the film's end."""
    last = ground.frames.filter(pl.col("time_s") >= ground.end_s - 1)["frame"]
    if not last.len():
        return False
    return int(last[-1]) == ground.end_frame - 1 and int(last[-1]) - int(last[0]) == last.len() - 1


def _flat_close(ground: Ground) -> Black | None:
    """The closing black as a shot of its own."""
    flat = ground.shots["flat"].to_list()
    first = len(flat)
    while first and flat[first - 1]:
        first -= 1
    if first in (0, len(flat)):
        return None
    shot = ground.shots.row(first, named=True)
    by = {"fade": "fades to", "cut": "cuts to", "dissolve": "dissolves to", "wipe": "is wiped to"}
    return Black(float(shot["start_s"]), _colour(shot), by.get(str(shot["begins"]), "goes to"))


def _colour(shot: Mapping[str, Any]) -> str:
    """Name the colour of a flat shot: that of the fade it begins with, else by its brightness."""
    colour = shot["transition"] if shot["begins"] == "fade" else None
    if colour in ("black", "white"):
        return str(colour)
    if colour:
        return f"one flat colour ({colour})"
    light = shot["brightness"]
    if light is None or 2 * BLACK_LUMA < light < 0.9:
        return "one flat colour"
    return "black" if light <= 2 * BLACK_LUMA else "white"


def _black_tail(ground: Ground) -> Black | None:
    """Black at the very end that is too short to be a shot, or was not cut off from the last one."""
    tail = ground.frames.filter(pl.col("time_s") >= ground.end_s - 30).select(
        "time_s",
        pl.coalesce("luma", "brightness").cast(pl.Float64).alias("light"),
        pl.col("contrast").cast(pl.Float64),
    )
    tail = tail.drop_nulls()
    dark = ((tail["light"] <= BLACK_LUMA) & (tail["contrast"] <= BLACK_CONTRAST)).to_numpy()
    if not dark.size or not dark[-1] or dark.all():
        return None
    first = dark.size - int(np.argmin(dark[::-1]))
    times_s, light = tail["time_s"].to_numpy(), tail["light"].to_numpy()
    start_s = float(times_s[first])
    before = light[(times_s < start_s) & (times_s >= start_s - 5)]
    full = float(np.max(before))
    lit = times_s[:first][light[:first] >= 0.8 * full]
    going_s = start_s - float(lit[-1]) if lit.size else 0.0
    return Black(start_s, "black", "fades to" if going_s >= FADE_S else "cuts to")


def _sound_over(ground: Ground, start_s: float, end_s: float = float("inf")) -> float | None:
    """Median K-weighted level of the 100 ms between two times, LUFS; None for a film without sound.

    The median, so that a note that dies away into the black is no sound over it.
    """
    if not ground.has_sound:
        return None
    steps = (
        ground.loudness.filter(pl.col("start_s").is_between(start_s, end_s, closed="left"))["loudness_lufs"]
        .drop_nulls()
        .to_numpy()
    )
    if not steps.size:
        return None
    return float(np.median(steps))
