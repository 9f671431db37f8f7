"""People on the film's page: a picture of each character, and the faces that are drawn on the frame shown.

Conventions: places are shares of the active picture; the script gets them as uint16, 65535 = 1. A page brings at most
`MOST_FACES` faces, evenly over the film.
"""

import zlib
from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl

from punctum.film import Bundle
from punctum.report.people_lanes import LEAST_ON_SCREEN_S
from punctum.report.sentences import plain, spoken_duration
from punctum.tables import CHARACTERS, FACES, LANDMARKS, TRACKS, empty

MOST_FACES = 1500
MOST_PEOPLE = 12
MARGIN = 0.35
"""A character's picture shows so many face heights around the face."""

POINTS = 5
MARKS = sum(LANDMARKS.values())


def people_shown(bundle: Bundle) -> list[dict[str, Any]]:
    """Return the characters with a still that shows each: name, words, frame, and the face's box in that still."""
    characters = bundle.tables.get("characters", empty(CHARACTERS))
    characters = characters.filter(pl.col("on_screen_s") >= LEAST_ON_SCREEN_S).head(MOST_PEOPLE)
    tracks = bundle.tables.get("tracks", empty(TRACKS))
    if not characters.height:
        return []
    stills = bundle.shots.select(pl.col("stills").explode()).drop_nulls().to_series()
    seen = bundle.faces.drop_nulls(["track", "height"]).join(tracks.select("track", "character"), on="track")
    kept = seen.filter(pl.col("frame").is_in(stills.implode())).with_columns(
        (pl.col("height") * pl.col("score").fill_null(0.5)).alias("shown")
    )
    best = kept.sort("shown", "frame", descending=[True, False]).unique("character", keep="first", maintain_order=True)
    picture = {row["character"]: row for row in best.iter_rows(named=True)}
    made = []
    for one in characters.iter_rows(named=True):
        face = picture.get(one["character"])
        shots = f"{one['shots']} shot{'s' if one['shots'] != 1 else ''}"
        words = f"{spoken_duration(one['on_screen_s'] or 0.0)}, {shots}"
        frame = face["frame"] if face else one["frame"]
        made.append({"name": plain(one["name"] or "?"), "words": words, "frame": frame, "box": _around(face)})
    return made


def _around(face: dict[str, Any] | None) -> str:
    """Give what the picture of a face shows of its still: left, top, width, height; "" where there is no still."""
    if face is None:
        return ""
    wide, high = (face[side] * (1 + 2 * MARGIN) for side in ("width", "height"))
    left, top = face["left"] - face["width"] * MARGIN, face["top"] - face["height"] * MARGIN
    return " ".join(f"{value:.4f}" for value in (left, top, wide, high))


def faces_data(bundle: Bundle, keep: Callable[[str], int]) -> dict[str, Any] | None:
    """Return what the script draws on frames; None where no face was followed.

    ``frames`` are ascending, ``count`` the faces of each; ``pack`` holds them one after another, deflated: corners,
    five points and, where ``marks`` is set, all landmarks, as uint16. ``parts`` are the landmarks' lines.
    """
    faces = bundle.tables.get("faces", empty(FACES)).drop_nulls(["track", "left", "top", "width", "height", "points"])
    if not faces.height:
        return None
    faces = faces.filter(pl.col("points").list.len() == 2 * POINTS)
    counts = faces.group_by("frame").len().sort("frame")
    thin = max(1, -(-faces.height // MOST_FACES))
    chosen = counts["frame"].gather_every(thin)
    rows = faces.filter(pl.col("frame").is_in(chosen.implode())).sort("frame", "left").head(2 * MOST_FACES)
    boxes = rows.select("left", "top", "width", "height").to_numpy()
    corners = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)
    points = np.array(rows["points"].to_list(), np.float64).reshape(rows.height, 2 * POINTS)
    plain_part = _steps(np.concatenate([corners, points], axis=1))
    marks = rows["landmarks"].to_list()
    pieces = [
        own.tobytes() + (mark if mark is not None and len(mark) == 4 * MARKS else b"")
        for own, mark in zip(plain_part, marks, strict=True)
    ]
    each = rows.group_by("frame", maintain_order=True).len()
    return {
        "frames": each["frame"].to_list(),
        "count": each["len"].to_list(),
        "marks": [int(mark is not None and len(mark) == 4 * MARKS) for mark in marks],
        "parts": list(LANDMARKS.values()),
        "pack": keep(b64encode(zlib.compress(b"".join(pieces), 9)).decode("ascii")),
    }


def active_share(bundle: Bundle) -> list[float]:
    """Where the active picture lies in the whole one: left, top, width, height as shares."""
    film = bundle.film
    active, wide, high = film.active_box_px, max(film.width_px, 1), max(film.height_px, 1)
    return [active.left / wide, active.top / high, active.width / wide, active.height / high]


def _steps(shares: np.ndarray[Any, np.dtype[np.float64]]) -> Sequence[Any]:
    return list(np.rint(np.clip(shares, 0, 1) * 65535).astype("<u2"))
