"""Who is seen, how near, and what two of them do: sentences on faces, as geometry.

Conventions: a face counts that belongs to a track; time on screen is from a track's first sight to its last; shares are
of the frames that were looked at. People are told apart by how they look, so that one person may count as two, seldom
two as one. Heights are shares of the picture's height.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import polars as pl

from punctum.reading.ground import Ground
from punctum.reading.row import Row, score_rank, share_below
from punctum.reading.sentences import write_clock, write_count, write_duration, write_number, write_percent
from punctum.tables import CHARACTERS, FACES, FIGURES, SCALES, TRACKS, empty

TOLD = 3
"""So many characters, and so many moves of each kind, are told of."""

LEAST_S = 2.0
"""Who is seen for less is not counted."""

LEAST_CONTACT_S = 0.5
"""A contact seen in a single pair of frames has no length that could be told."""

LEAST_SHOTS = 8
"""A distribution of scales takes so many shots."""

SCALE_NAMES = {
    "ECU": "extreme close-up",
    "CU": "close-up",
    "MCU": "medium close-up",
    "MS": "medium shot",
    "MLS": "medium long shot",
    "LS": "long shot",
    "ELS": "extreme long shot",
}

FIGURE_NAMES = {
    "shot_reverse_shot": ("series of shot/reverse-shot", "series of shot/reverse-shot"),
    "intensify": ("series of shots that come closer and closer", "series of shots that come closer and closer"),
    "opposition": ("series of opposed shots", "series of opposed shots"),
}


def read_people(ground: Ground, tables: Mapping[str, pl.DataFrame]) -> tuple[list[Row], list[Row]]:
    """Give the rows of the film and those of the ending.

    Parameters
    ----------
    ground : Ground
    tables : mapping of str to pl.DataFrame
        ``faces``, ``tracks``, ``characters`` and ``figures`` of ``tables.TABLES``; one that is missing counts as empty

    Returns
    -------
    film, ending : list of Row
    """
    looked = ground.frames.drop_nulls("faces") if "faces" in ground.frames.columns else ground.frames.head(0)
    if not looked.height:
        return [_film(ground, "faces_share", None, "", "Not measured: faces were not looked for.")], []
    faces = tables.get("faces", empty(FACES)).drop_nulls("track")
    if not faces.height:
        return [_film(ground, "faces_share", 0.0, "", "No face is seen.")], []
    tracks = tables.get("tracks", empty(TRACKS))
    characters = tables.get("characters", empty(CHARACTERS))
    figures = tables.get("figures", empty(FIGURES))
    film = [
        *_presence(ground, looked, faces),
        *_characters(ground, characters),
        *_closest(ground),
        *_scales(ground),
        *_moves(ground, figures, characters),
        *_figures(ground, figures),
    ]
    return film, _last_face(ground, faces, tracks, characters)


def _article(scale: str) -> str:
    """Name a scale with its article."""
    name = SCALE_NAMES[scale]
    return f"an {name}" if name[0] == "e" else f"a {name}"


def _film(ground: Ground, measure: str, value: float | None, unit: str, text: str) -> Row:
    return Row("film", measure, value, unit, text, 0, ground.end_frame, 0.0, ground.end_s)


def _at(row: Row, span: Mapping[str, Any]) -> Row:
    """Let a row point at the span of a row of a table."""
    return replace(
        row,
        start_frame=span["start_frame"],
        end_frame=span["end_frame"],
        start_s=span["start_s"],
        end_s=span["end_s"],
    )


def _presence(ground: Ground, looked: pl.DataFrame, faces: pl.DataFrame) -> list[Row]:
    seen = faces.group_by("frame").len()
    share = min(seen.height / looked.height, 1.0)
    both = min(seen.filter(pl.col("len") >= 2).height / looked.height, 1.0)
    rows = [_film(ground, "faces_share", share, "", f"A face is seen in {write_percent(share)} of the film.")]
    text = f"Two faces or more share the frame in {write_percent(both)} of the film."
    return [*rows, _film(ground, "shared_frame_share", both, "", text)]


def _characters(ground: Ground, characters: pl.DataFrame) -> list[Row]:
    if not characters.height:
        return []
    count = characters.filter(pl.col("on_screen_s") >= LEAST_S).height
    who = f"{write_count(count, 'person', 'people')} seen for {LEAST_S:g} s or longer"
    text = f"{who} can be told apart by how they look"
    rows = [_film(ground, "character_count", float(count), "", text[:1].upper() + text[1:] + ".")]
    for one in characters.head(TOLD).iter_rows(named=True):
        share = one["on_screen_s"] / max(ground.end_s, 1e-6)
        where = f"between {write_clock(one['first_s'])} and {write_clock(one['last_s'])}"
        text = (
            f"{one['name']} is on screen for {write_duration(one['on_screen_s'])}"
            f" ({write_percent(min(share, 1.0))} of the film), in {write_count(one['shots'], 'shot')} {where};"
            f" the face has a median of {write_number(one['height'], 2)} of the picture's height."
        )
        row = _film(ground, "character_on_screen_s", one["on_screen_s"], "s", text)
        frame = one["frame"]
        rows.append(replace(row, start_frame=frame, end_frame=frame + 1, start_s=one["first_s"], end_s=one["last_s"]))
    return rows


def _closest(ground: Ground) -> list[Row]:
    shown = ground.shots.drop_nulls(["face_height", "scale"])
    if not shown.height:
        return []
    best = shown.sort("face_height", descending=True).row(0, named=True)
    text = (
        f"The closest shot is shot {best['shot']}, from {write_clock(best['start_s'])}: {_article(best['scale'])}, the"
        f" face {write_number(best['face_height'], 2)} of the picture's height."
    )
    middle = float(shown["face_height"].median() or 0.0)  # type: ignore[arg-type]
    row = _film(ground, "closest_face_height", best["face_height"], "", text)
    return [replace(_at(row, best), baseline="median of the film's shots with a face", baseline_value=middle)]


def _scales(ground: Ground) -> list[Row]:
    """How shots are distributed over scales, and how the scale changes from one to the next."""
    shown = ground.shots.drop_nulls("scale")
    if shown.height < LEAST_SHOTS:
        return []
    counts = {scale: int((shown["scale"] == scale).sum()) for scale in SCALES}
    most = max(SCALES, key=lambda scale: counts[scale])
    parts = [f"{scale} {counts[scale]}" for scale in SCALES if counts[scale]]
    seen = f"{write_count(shown.height, 'shot')} in which a face is seen"
    text = f"Of the {seen} the most are {SCALE_NAMES[most]}s: {', '.join(parts)}."
    rows = [_film(ground, "scale_share", counts[most] / shown.height, "", text)]
    order = {scale: place for place, scale in enumerate(SCALES)}
    neighbours = shown.select("shot", "scale").iter_rows()
    steps = [order[b[1]] - order[a[1]] for a, b in pairwise(neighbours) if b[0] == a[0] + 1]
    if len(steps) >= LEAST_SHOTS:
        closer, wider = sum(step < 0 for step in steps), sum(step > 0 for step in steps)
        text = (
            f"From one of them to the next the scale comes closer {closer} times, grows wider {wider} times and stays"
            f" {len(steps) - closer - wider} times."
        )
        rows.append(_film(ground, "scale_change_share", (closer + wider) / len(steps), "", text))
    return rows


def _names(row: Mapping[str, Any], characters: pl.DataFrame) -> str:
    names = dict(characters.select("character", "name").iter_rows())
    known = [names[number] for number in row["characters"] or [] if number in names]
    return " and ".join(known) if len(known) == 2 and known[0] != known[1] else "Two people"


def _moves(ground: Ground, figures: pl.DataFrame, characters: pl.DataFrame) -> list[Row]:
    rows = []
    for kind in ("approach", "contact", "withdrawal"):
        own = figures.filter(pl.col("kind") == kind)
        lasting = (pl.col("end_s") - pl.col("start_s")) if kind == "contact" else pl.col("value").abs()
        told = own.sort([lasting, "start_frame"], descending=[True, False]).head(TOLD).sort("start_frame")
        for move in told.iter_rows(named=True):
            who, lasting_s = _names(move, characters), move["end_s"] - move["start_s"]
            where = f"from {write_clock(move['start_s'])}, for {write_duration(lasting_s)}"
            if kind == "contact" and lasting_s < LEAST_CONTACT_S:
                row = _film(ground, "contact_s", lasting_s, "s", f"{who} touch at {write_clock(move['start_s'])}.")
            elif kind == "contact":
                row = _film(ground, "contact_s", lasting_s, "s", f"{who} touch or hide each other {where}.")
            else:
                verb = "come closer to each other" if kind == "approach" else "draw apart"
                by = write_number(abs(move["value"]), 1)
                speed = write_number(abs(move["value"]) / max(lasting_s, 1e-6), 1)
                text = f"{who} {verb} {where}: by {by} face heights, {speed} a second."
                row = _film(ground, f"{kind}_face_heights", abs(move["value"]), "face heights", text)
            rows.append(_at(row, move))
    return rows


def _figures(ground: Ground, figures: pl.DataFrame) -> list[Row]:
    rows = []
    for kind, (one, many) in FIGURE_NAMES.items():
        own = figures.filter(pl.col("kind") == kind)
        if not own.height:
            continue
        longest = own.sort("value", descending=True).row(0, named=True)
        count = write_count(own.height, one, many)
        text = (
            f"{count[:1].upper()}{count[1:]}; the longest, of {write_count(round(longest['value']), 'shot')}, begins at"
            f" {write_clock(longest['start_s'])}."
        )
        rows.append(_at(_film(ground, f"{kind}_count", float(own.height), "", text), longest))
    return rows


def _last_face(ground: Ground, faces: pl.DataFrame, tracks: pl.DataFrame, characters: pl.DataFrame) -> list[Row]:
    """The face that the film leaves its viewer with, where one is seen in the ending."""
    shown = ground.shots.drop_nulls(["face_height", "scale"])
    late = tracks.filter((pl.col("end_s") >= ground.ending_start_s) & (pl.col("start_s") < ground.end_s))
    if not late.height or not shown.height:
        return []
    # a face may go on under the first credits: the story's part of it counts
    late = late.with_columns(
        pl.min_horizontal("end_s", pl.lit(ground.end_s)).alias("end_s"),
        pl.min_horizontal("end_frame", pl.lit(ground.end_frame, pl.Int32)).alias("end_frame"),
    )
    track = late.sort("end_s", "height").row(-1, named=True)
    names = dict(characters.select("character", "name").iter_rows())
    who = f"{names[track['character']]}’s" if track["character"] in names else "somebody’s"
    shot = shown.filter(pl.col("shot") == track["shot"])
    scale = f", in {_article(shot['scale'][0])}" if shot.height else ""
    lasting_s = track["end_s"] - track["start_s"]
    text = (
        f"The last face is {who}, seen until {write_clock(track['end_s'])} for {write_duration(lasting_s)}{scale}:"
        f" {write_number(track['height'], 2)} of the picture's height"
    )
    if track["still_s"] is not None and track["still_s"] >= 1:
        text += f", still for {write_duration(track['still_s'])}"
    heights = faces["height"].cast(pl.Float64)
    middle = float(heights.median() or 0.0)  # type: ignore[arg-type]
    below = share_below(track["height"], heights)
    row = Row(
        "ending",
        "last_face_height",
        track["height"],
        "",
        f"{text} (median of all faces {write_number(middle, 2)}).",
        track["start_frame"],
        track["end_frame"],
        track["start_s"],
        track["end_s"],
        baseline="the film's own faces",
        baseline_value=middle,
        percentile=100 * below,
        departure=score_rank(below, float(tracks.height)),
    )
    return [row]
