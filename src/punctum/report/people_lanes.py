"""Who is in frame, on the film's page: a lane for each character, the nearest face as a curve, figures as bands.

Conventions: a lane for what does not overlap; times are seconds from the first frame; a character's lane shows where a
face of theirs is followed. Only the `MOST_LANES` longest seen have one; the lane's words say how many there are.
"""

from itertools import groupby
from typing import Any

import numpy as np
import polars as pl

from punctum.draw.lanes import Curve, Lane, Stretches
from punctum.film import Bundle
from punctum.reading.sentences import write_count
from punctum.report.sentences import plain
from punctum.segment import HEADS_MARKS
from punctum.tables import CHARACTERS, FIGURES, TRACKS, empty

MOST_LANES = 8
LEAST_ON_SCREEN_S = 2.0
SEEN_AGAIN_S = 1.0
"""Two stretches of one person's face that are nearer than this are drawn as one."""

_FIGURES: tuple[tuple[str, str, dict[str, str], str], ...] = (
    (
        "shot_reverse_shot",
        "Shot, reverse shot",
        {"shot_reverse_shot": "blue"},
        "four shots or more of two people in turn, turned or placed to opposite sides, of like size",
    ),
    (
        "intensify",
        "Closer and closer",
        {"intensify": "accent"},
        "three shots or more of one person, each nearer than the one before",
    ),
    (
        "opposition",
        "Opposition",
        {"opposition": "orange"},
        "three shots or more in turn left and right of the middle, of another person each",
    ),
    ("frameshare", "Two in frame", {"frameshare": "green"}, "two faces or more share the frame for 1.5 s or longer"),
    (
        "approach",
        "Approach, contact",
        {"approach": "purple", "contact": "accent", "withdrawal": "sky"},
        "two faces come closer to each other, touch or, sky blue, draw apart, by 0.3 face heights or more",
    ),
)

_LABELS = {"approach": "approach", "contact": "contact", "withdrawal": "withdrawal"}


def people_lanes(bundle: Bundle) -> list[Lane]:
    """Return the lanes of people; none where no face was followed."""
    tracks = bundle.tables.get("tracks", empty(TRACKS))
    if not tracks.height:
        return []
    return [_nearest(bundle), *_characters(bundle, tracks), *_bands(bundle)]


def missing_people(bundle: Bundle) -> list[str]:
    """Say what is missing of people, and why."""
    if "faces" not in bundle.frames.columns or not bundle.frames["faces"].count():
        return ["Faces were not looked for."]
    return []


def _nearest(bundle: Bundle) -> Lane:
    faces = bundle.faces.drop_nulls("track").group_by("frame", "time_s").agg(pl.col("height").max()).sort("frame")
    looked = bundle.frames.drop_nulls("faces").select("frame", pl.col("time_s").alias("at_s"))
    curve = looked.join(faces, on="frame", how="left", maintain_order="left")
    values = curve["height"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    data = Curve(values, curve["at_s"].to_numpy(), 0.0, 1.0, HEADS_MARKS)
    meaning = "height of the largest face in frame, of the picture's height; the lines are where shot scales change"
    return Lane("face_height", "Nearest face", "", "curve", data, meaning, "purple", group="People")


def _characters(bundle: Bundle, tracks: pl.DataFrame) -> list[Lane]:
    characters = bundle.tables.get("characters", empty(CHARACTERS))
    told = characters.filter(pl.col("on_screen_s") >= LEAST_ON_SCREEN_S).head(MOST_LANES)
    lanes = []
    for one in told.iter_rows(named=True):
        own = tracks.filter(pl.col("character") == one["character"]).sort("start_s")
        spans = _joined(list(own.select("start_s", "end_s").iter_rows()))
        name = plain(one["name"] or "?")
        data = Stretches(tuple(a for a, _ in spans), tuple(b for _, b in spans), (name,) * len(spans))
        meaning = f"where {name} is in frame: one of {characters.height} told apart by how they look, by {_by(one)}"
        lanes.append(
            Lane(
                f"character_{one['character']}",
                name,
                "",
                "spans",
                data,
                meaning,
                "purple",
                group="People",
                height_px=24,
            )
        )
    return lanes


def _by(character: dict[str, Any]) -> str:
    return {"person": "name as given by hand", "words": "name of the speaker whose lines go with the face"}.get(
        character["named_by"] or "", "time on screen"
    )


def _joined(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    made: list[tuple[float, float]] = []
    for start_s, end_s in spans:
        if made and start_s - made[-1][1] <= SEEN_AGAIN_S:
            made[-1] = (made[-1][0], max(made[-1][1], end_s))
        else:
            made.append((start_s, end_s))
    return made


def _bands(bundle: Bundle) -> list[Lane]:
    figures = bundle.tables.get("figures", empty(FIGURES))
    lanes = []
    for name, label, tones, meaning in _FIGURES:
        own = figures.filter(pl.col("kind").is_in(list(tones))).sort("start_s", "end_s")
        rows = [
            max(group, key=lambda row: row["end_s"]) for _, group in groupby(own.to_dicts(), lambda row: row["start_s"])
        ]
        if not rows:
            continue
        spans = Stretches(
            tuple(row["start_s"] for row in rows),
            tuple(row["end_s"] for row in rows),
            tuple(_LABELS.get(row["kind"]) or write_count(round(row["value"]), "shot") for row in rows),
            tuple(tones[row["kind"]] for row in rows),
        )
        colour = next(iter(tones.values()))
        lanes.append(Lane(name, label, "", "spans", spans, meaning, colour, group="People", height_px=24))
    return lanes
