"""What shots and people in them make together: montage figures, and what two people in one frame do.

Conventions: a figure names its rule with its figures. The names are those of Wu, Palù, Ranon and Christie ("Thinking
like a director", 2018): shot/reverse-shot, intensify, frameshare, opposition. A shot's subject is the one character who
has its nearest face and most of its time on screen; a shot without one breaks every figure, and none crosses from a
scene into the next. Sides are those of the picture.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from punctum.segment.pairs import find_moves, hidden_after, measure_pairs, turned
from punctum.tables import FIGURES, conform, empty

ALTERNATE = 4
"""Shots that a shot/reverse-shot has at least: each of the two is seen again."""

OPPOSED = 3
CLOSER_SHOTS = 3
CLOSER_STEP, CLOSER_WHOLE = 1.15, 1.6
"""A face is closer when it is so many times as high: by each step, and from the first to the last."""

BETWEEN = 2
"""Other shots that may lie between two of an intensify: in a dialogue every second shot is the other's."""

SHARE_S, SHARE = 1.5, 0.5
"""Two share the frame who are seen together for so long, and in so much of the shot's looks."""

OFF_MIDDLE = 0.07
TURNED_DEG = 6.0
MOST_SIZE = 1.9
"""In a shot/reverse-shot one face is at most so many times as high as the other: a framing answers its like."""


class _Shot(NamedTuple):
    row: int
    start_frame: int
    end_frame: int
    start_s: float
    end_s: float
    scene: int
    subject: int | None
    """The one character it shows."""
    x: float
    height: float
    yaw_deg: float | None
    together: tuple[int, ...]
    """Characters that share its frame."""

    def side(self) -> int:
        """-1 left of the middle, 1 right of it, 0 in it."""
        return 0 if abs(self.x - 0.5) < OFF_MIDDLE else 1 if self.x > 0.5 else -1

    def facing(self) -> int:
        """-1 to the left, 1 to the right; by the turn of the head, or else by the room that is left to look into."""
        if self.yaw_deg is not None and abs(self.yaw_deg) >= TURNED_DEG:
            return 1 if self.yaw_deg > 0 else -1
        return -self.side()


def find_figures(
    faces: pl.DataFrame, tracks: pl.DataFrame, shots: pl.DataFrame, scenes: pl.DataFrame, aspect: float
) -> pl.DataFrame:
    """Find montage figures, approaches, contacts and withdrawals.

    Parameters
    ----------
    faces, tracks, shots, scenes : pl.DataFrame
        columns of ``tables``; ``character`` of tracks filled; without scenes the whole film is one
    aspect : float
        width over height of the active picture as it is seen

    Returns
    -------
    pl.DataFrame
        columns of ``tables.FIGURES``, by start
    """
    if not tracks.height or not shots.height:
        return empty(FIGURES)
    told = _tell(faces, tracks, shots, scenes)
    alternating = _alternations(told)
    rows = [*alternating, *_oppositions(told, alternating), *_intensified(told), *_shared(told)]
    rows += _moves(faces, tracks, shots, aspect)
    if not rows:
        return empty(FIGURES)
    table = pl.DataFrame(rows, infer_schema_length=None).sort("start_frame", "kind", "end_frame")
    return conform(table.with_columns(pl.int_range(pl.len(), dtype=pl.Int32).alias("figure")), FIGURES)


def _tell(faces: pl.DataFrame, tracks: pl.DataFrame, shots: pl.DataFrame, scenes: pl.DataFrame) -> list[_Shot]:
    """What the figures need to know of each shot."""
    place = {shot: row for row, shot in enumerate(shots["shot"].to_list())}
    starts = scenes["start_frame"].to_numpy() if scenes.height else np.zeros(0, np.int32)
    seen = faces.drop_nulls("track").join(tracks.select("track", "shot", "character"), on="track")
    looks = dict(seen.group_by("shot").agg(pl.col("frame").n_unique()).iter_rows())
    by_shot: dict[int, list[dict[str, Any]]] = {}
    for track in tracks.drop_nulls("character").iter_rows(named=True):
        by_shot.setdefault(track["shot"], []).append(track)
    pairs: dict[int, list[tuple[int, ...]]] = {}
    two = (
        seen.drop_nulls("character")
        .group_by("shot", "frame")
        .agg(pl.col("character").unique().sort())
        .filter(pl.col("character").list.len() >= 2)
        .group_by("shot", "character")
        .agg(pl.len().alias("looks"), (pl.col("frame").max() - pl.col("frame").min()).alias("frames"))
        .sort("shot", "looks", descending=[False, True])
    )
    length = {row["shot"]: row for row in shots.select("shot", "start_frame", "end_frame", "length_s").to_dicts()}
    for row in two.iter_rows(named=True):
        shot = length[row["shot"]]
        lasting_s = row["frames"] / max(shot["end_frame"] - shot["start_frame"], 1) * (shot["length_s"] or 0.0)
        if row["looks"] >= SHARE * looks[row["shot"]] and lasting_s >= SHARE_S:
            pairs.setdefault(row["shot"], []).append(tuple(row["character"]))
    told = []
    for row in shots.select("shot", "start_frame", "end_frame", "start_s", "end_s").iter_rows(named=True):
        own = by_shot.get(row["shot"], [])
        together = pairs.get(row["shot"], [()])[0]
        subject = None if together else _subject(own, looks.get(row["shot"], 0))
        best = max((t for t in own if t["character"] == subject), key=lambda t: t["faces"], default=None)
        told.append(
            _Shot(
                place[row["shot"]],
                row["start_frame"],
                row["end_frame"],
                row["start_s"],
                row["end_s"],
                int(np.searchsorted(starts, row["start_frame"], side="right")),
                subject,
                best["left"] + best["width"] / 2 if best else 0.5,
                best["height"] if best else 0.0,
                best["yaw_deg"] if best else None,
                together,
            )
        )
    return told


def _subject(tracks: list[dict[str, Any]], looks: int) -> int | None:
    """The character who has the nearest face and most of the looks."""
    if not tracks or not looks:
        return None
    count: dict[int, int] = {}
    for track in tracks:
        count[track["character"]] = count.get(track["character"], 0) + track["faces"]
    most = max(count, key=lambda character: (count[character], -character))
    nearest = max(tracks, key=lambda track: track["height"])["character"]
    return most if most == nearest and count[most] >= 0.6 * looks else None


def _runs(shots: list[_Shot], goes_on: Callable[[list[_Shot], _Shot], bool]) -> Iterable[list[_Shot]]:
    """Longest runs of neighbouring shots of one scene, each with a subject, that go on by a rule."""
    run: list[_Shot] = []
    for shot in shots:
        if run and shot.subject is not None and shot.scene == run[-1].scene and goes_on(run, shot):
            run.append(shot)
            continue
        if run:
            yield run
        # the last shot may begin the next run, too
        run = [run[-1]] if run and shot.subject is not None and shot.scene == run[-1].scene else []
        if shot.subject is None:
            run = []
        elif run and goes_on(run, shot):
            run.append(shot)
        else:
            run = [shot]
    if run:
        yield run


def _alternations(shots: list[_Shot]) -> list[dict[str, Any]]:
    def goes_on(run: list[_Shot], shot: _Shot) -> bool:
        if shot.subject == run[-1].subject or (len(run) > 1 and shot.subject != run[-2].subject):
            return False
        larger, smaller = max(shot.height, run[-1].height), min(shot.height, run[-1].height)
        return larger <= MOST_SIZE * smaller and shot.facing() * run[-1].facing() < 0

    rows = []
    for run in _runs(shots, goes_on):
        if len(run) >= ALTERNATE:
            how = "turned or placed to opposite sides"
            rule = f"{len(run)} shots of two people in turn, {how}, faces of like size (within {MOST_SIZE} times)"
            rows.append(_row("shot_reverse_shot", run, rule))
    return rows


def _oppositions(shots: list[_Shot], alternating: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Shots in turn on either side; what is a shot/reverse-shot is told as that."""
    told = {row for one in alternating for row in range(one["first_shot"], one["end_shot"])}

    def goes_on(run: list[_Shot], shot: _Shot) -> bool:
        return shot.subject != run[-1].subject and shot.side() * run[-1].side() < 0

    return [
        _row("opposition", run, f"{len(run)} shots in turn left and right of the middle, of another person each")
        for run in _runs(shots, goes_on)
        if len(run) >= OPPOSED and sum(shot.row in told for shot in run) < len(run) / 2
    ]


def _intensified(shots: list[_Shot]) -> list[dict[str, Any]]:
    """Closer and closer to one person: each time a face is higher than when the person was last seen."""
    rows = []
    last: dict[int, list[_Shot]] = {}
    runs: list[list[_Shot]] = []
    for shot in shots:
        if shot.subject is None:
            continue
        run = last.get(shot.subject)
        near = run is not None and run[-1].scene == shot.scene and shot.row - run[-1].row - 1 <= BETWEEN
        if run is not None and near and shot.height >= CLOSER_STEP * run[-1].height:
            run.append(shot)
        else:
            last[shot.subject] = [shot]
            runs.append(last[shot.subject])
    for run in runs:
        whole = run[-1].height / max(run[0].height, 1e-6)
        if len(run) >= CLOSER_SHOTS and whole >= CLOSER_WHOLE:
            rule = (
                f"{len(run)} shots of one person, each face at least {CLOSER_STEP} times as high as in the one before,"
                f" from {run[0].height:.2f} to {run[-1].height:.2f} of the picture's height"
            )
            rows.append(_row("intensify", run, rule))
    return rows


def _shared(shots: list[_Shot]) -> list[dict[str, Any]]:
    rows = []
    run: list[_Shot] = []
    for shot in [*shots, None]:
        if shot is not None and run and shot.together == run[-1].together and shot.scene == run[-1].scene:
            run.append(shot)
            continue
        if run:
            rule = f"two or more faces in frame in {SHARE:.0%} of its looks or more, for {SHARE_S} s or longer"
            rows.append(_row("frameshare", run, rule) | {"characters": list(run[0].together)})
        run = [shot] if shot is not None and shot.together else []
    return rows


def _row(kind: str, run: list[_Shot], rule: str) -> dict[str, Any]:
    subjects: list[int] = []
    for shot in run:
        if shot.subject is not None and shot.subject not in subjects:
            subjects.append(shot.subject)
    return {
        "kind": kind,
        "start_frame": run[0].start_frame,
        "end_frame": run[-1].end_frame,
        "start_s": run[0].start_s,
        "end_s": run[-1].end_s,
        "first_shot": run[0].row,
        "end_shot": run[-1].row + 1,
        "characters": subjects,
        "rule": rule,
        "value": float(len(run)),
        "unit": "shots",
    }


def _moves(faces: pl.DataFrame, tracks: pl.DataFrame, shots: pl.DataFrame, aspect: float) -> list[dict[str, Any]]:
    """Approach, contact and withdrawal of two faces within a shot."""
    pairs = measure_pairs(faces, tracks, aspect)
    whose = dict(tracks.select("track", "character").iter_rows())
    bounds = {row["shot"]: row for row in shots.select("shot", "end_frame", "end_s").to_dicts()}
    place = {shot: row for row, shot in enumerate(shots["shot"].to_list())}
    rows = []
    whom = (pl.min_horizontal("one", "other").alias("first"), pl.max_horizontal("one", "other").alias("second"))
    for (shot, *_), own in pairs.group_by("shot", *whom, maintain_order=True):
        number = int(str(shot))
        last = own.row(-1, named=True)
        hidden = hidden_after(own, faces, bounds[number]["end_frame"])
        time_s, distance = own["time_s"].to_numpy(), own["distance"].to_numpy().astype(np.float64)
        for move in find_moves(time_s, distance, hidden, own["distance_h"].to_numpy().astype(np.float64)):
            first, end = own.row(move.first, named=True), own.row(move.last, named=True)
            until_end = hidden and move.kind == "contact" and end["frame"] == last["frame"]
            end_frame = bounds[number]["end_frame"] if until_end else end["frame"] + 1
            end_s = bounds[number]["end_s"] if until_end else end["time_s"]
            people = [whose[track] for track in (first["one"], first["other"]) if whose[track] is not None]
            rows.append(
                {
                    "kind": move.kind,
                    "start_frame": first["frame"],
                    "end_frame": end_frame,
                    "start_s": first["time_s"],
                    "end_s": end_s,
                    "first_shot": place[number],
                    "end_shot": place[number] + 1,
                    "characters": people,
                    "rule": _say_move(move.kind, first, end, until_end),
                    "value": move.change if move.kind != "contact" else end["distance"],
                    "unit": "face heights",
                }
            )
    return rows


def _say_move(kind: str, first: dict[str, Any], end: dict[str, Any], until_end: bool) -> str:
    looks = {
        "both": ", each turned to the other",
        "one": ", the left one turned to the other",
        "other": ", the right one turned to the other",
    }.get(turned(end["one_yaw_deg"], end["other_yaw_deg"]), "")
    if kind == "contact":
        hid = "; then one face hides the other" if until_end else ""
        return f"two faces {end['distance']:.1f} face heights apart{looks}{hid}"
    past_s = max(end["time_s"] - first["time_s"], 1e-6)
    speed = abs(end["distance"] - first["distance"]) / past_s
    return (
        f"two faces from {first['distance']:.1f} to {end['distance']:.1f} face heights apart"
        f" ({first['distance_h']:.2f} to {end['distance_h']:.2f} of the picture's height),"
        f" {speed:.1f} face heights/s{looks}"
    )
