"""Faces followed within a shot.

Conventions: places are shares of the active picture; distances are in face sizes (square root of the box's area), so
that they mean the same in a close-up and in a crowd. A track never crosses a cut. Faces are looked at in pairs of
neighbouring frames twice a second, or oftener; nothing here needs them evenly spaced.

A face goes on in the track whose course, from its last two places, leads nearest to it: place, size and, where it is
kept, the colours of hair and clothes. The nearest pair is taken first, then pairs are exchanged as long as all together
come nearer, so that two people who cross keep their tracks. This is tracking by detection (Bewley et al., SORT, 2016)
with, after Zhang et al. (ByteTrack, 2022), faint faces that may continue a track and never begin one.
"""

from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.measure.looks import compare_looks
from punctum.segment.stillness import count_blinks, measure_stillness
from punctum.tables import FACES, TRACKS, conform, empty

SURE = 0.6
"""A face scored lower may go on a track that leads right to it; it begins none, and no track is faint in the main."""

FAINT_REACH, FAINT_FACTOR, FAINT_S = 0.4, 1.3, 1.0
"""A faint face lies so many face sizes from where its track leads at most, of a size within this factor, so soon."""

LONE_SURE = 0.8
"""A face seen in a single frame makes a track only from this score on: false faces seldom come twice in one place."""

LOST_S, LOST_IN_TRANSITION_S = 2.0, 0.75
"""A track that was not seen for so long has ended; sooner where two shots' pictures are mixed: a face seen then may be
the other shot's."""

REACH, REACH_PER_S = 0.6, 0.6
"""A face may lie so many face sizes from where its track leads, and so many more for each second that passed."""

FAR, STRANGE, TURNED_ROUND_DEG = 0.45, 0.45, 90.0
"""Further than this from where a track leads, a face must not look more unlike than this, nor face the other way."""

SIZE_FACTOR = 1.6
"""From one look to the next a face grows or shrinks by this factor at most, and by its square after a second."""

LOOK_WEIGHT = 1.5
"""Face sizes that a full difference of hair and clothes counts for."""

DOUBTFUL, RIVAL = 0.3, 0.3
"""A face further than this from where its track leads, and hardly further from where another leads that has no face
now, may be either's: it begins a track of its own. Where two people embrace, one face is seen for two."""

STEADY_S = 0.2
"""Speed is taken from looks this far apart at least: between neighbours it would be the box's own unrest."""

MANY = 24
"""From so many pairs on they are weighed as arrays."""


class _Followed:
    """A track as it grows."""

    __slots__ = ("base", "last", "rows", "vx", "vy")

    def __init__(self, row: int, face: "_Face") -> None:
        self.rows = [row]
        self.last = self.base = face
        self.vx = self.vy = 0.0

    def place(self, time_s: float) -> tuple[float, float]:
        """Where it leads at a time: half of its speed is believed, none of it for longer than a second."""
        ahead = 0.5 * min(time_s - self.last.time_s, 1.0)
        return self.last.x + self.vx * ahead, self.last.y + self.vy * ahead

    def take(self, row: int, face: "_Face") -> None:
        self.rows.append(row)
        past_s = face.time_s - self.base.time_s
        if past_s >= STEADY_S:
            self.vx, self.vy = (face.x - self.base.x) / past_s, (face.y - self.base.y) / past_s
            self.base = face
        self.last = face


class _Face(NamedTuple):
    time_s: float
    x: float
    y: float
    size: float
    score: float
    look: bytes | None
    yaw_deg: float | None


def follow_faces(faces: pl.DataFrame, shots: pl.DataFrame, aspect: float) -> pl.DataFrame:
    """Fill ``track``: which faces are one face, followed within one shot.

    Parameters
    ----------
    faces : pl.DataFrame
        columns of ``tables.FACES``, in the order of the film
    shots : pl.DataFrame
        columns of ``tables.SHOTS``; a frame in no shot belongs to no track
    aspect : float
        width over height of the active picture as it is seen

    Returns
    -------
    pl.DataFrame
        the same rows; ``track`` counts from 0 in the order in which tracks begin, null where a face belongs to none
    """
    if not faces.height:
        return faces
    place = _places(faces, aspect)
    frames = faces["frame"].to_numpy().astype(np.int64)
    order = np.argsort(frames, kind="stable")
    shot_of = _shot_of(frames, shots)
    mixed = _in_transition(frames, shots)
    track_rows: list[list[int]] = []
    live: list[_Followed] = []
    shot_before = -1
    at = 0
    while at < len(order):
        end = at
        while end < len(order) and frames[order[end]] == frames[order[at]]:
            end += 1
        rows = [int(row) for row in order[at:end] if place[row] is not None]
        at = end
        shot = int(shot_of[order[at - 1]])
        if shot != shot_before:
            track_rows += [one.rows for one in live]
            live, shot_before = [], shot
        if shot < 0 or not rows:
            continue
        rows = _without_doubles(rows, place)
        found = [face for row in rows if (face := place[row]) is not None]
        time_s = found[0].time_s
        longest_s = LOST_IN_TRANSITION_S if mixed[order[at - 1]] else LOST_S
        ended = [one for one in live if time_s - one.last.time_s > longest_s]
        if ended:
            track_rows += [one.rows for one in ended]
            live = [one for one in live if time_s - one.last.time_s <= longest_s]
        taken = _assign(live, found, time_s)
        for number, (row, face) in enumerate(zip(rows, found, strict=True)):
            if number in taken:
                live[taken[number]].take(row, face)
            elif face.score >= SURE:
                live.append(_Followed(row, face))
    track_rows += [one.rows for one in live]
    return faces.with_columns(_numbered(track_rows, place, faces.height))


def _places(faces: pl.DataFrame, aspect: float) -> list[_Face | None]:
    """Faces with a usable box; lengths are in picture heights."""
    made: list[_Face | None] = []
    looks: Sequence[bytes | None] = faces["look"].to_list() if "look" in faces.columns else [None] * faces.height
    columns = [faces[name].to_list() for name in ("time_s", "left", "top", "width", "height", "score", "yaw_deg")]
    for time_s, left, top, width, height, score, yaw_deg, look in zip(*columns, looks, strict=True):
        if None in (time_s, left, top, width, height) or width <= 0 or height <= 0:
            made.append(None)
            continue
        size = (width * aspect * height) ** 0.5
        known = 1.0 if score is None else score
        made.append(_Face(time_s, (left + width / 2) * aspect, top + height / 2, size, known, look, yaw_deg))
    return made


def _shot_of(frames: NDArray[np.int64], shots: pl.DataFrame) -> NDArray[np.int64]:
    """Row of the shot that holds each frame, −1 where none does."""
    if not shots.height:
        return np.full(len(frames), -1)
    start, end = (shots[name].to_numpy().astype(np.int64) for name in ("start_frame", "end_frame"))
    at = np.searchsorted(start, frames, side="right") - 1
    inside = (at >= 0) & (frames < end[np.maximum(at, 0)])
    return np.where(inside, at, -1)


def _in_transition(frames: NDArray[np.int64], shots: pl.DataFrame) -> NDArray[np.bool_]:
    """Whether each frame lies in a transition, where two pictures are mixed."""
    inside = np.zeros(len(frames), np.bool_)
    spans = shots.select("transition_start_frame", "transition_end_frame").drop_nulls()
    for first, last in spans.iter_rows():
        inside |= (frames >= first) & (frames < last)
    return inside


def _without_doubles(rows: list[int], place: list[_Face | None]) -> list[int]:
    """Leave out faces that a surer one covers: a finder may see one face at two sizes."""
    if len(rows) < 2 or len(rows) > MANY:
        return rows
    kept: list[int] = []
    for row in sorted(rows, key=lambda one: -place[one].score):  # type: ignore[union-attr]
        face = place[row]
        assert face is not None
        near = (place[other] for other in kept)
        if not any(
            other is not None
            and (face.x - other.x) ** 2 + (face.y - other.y) ** 2 < (0.35 * max(face.size, other.size)) ** 2
            for other in near
        ):
            kept.append(row)
    return sorted(kept)


def _assign(live: list[_Followed], found: list[_Face], time_s: float) -> dict[int, int]:
    """Give found faces to tracks: number of the face -> number of the track."""
    if not live or not found:
        return {}
    price = _prices(live, found, time_s)
    pairs = sorted(price, key=price.__getitem__)
    taken: dict[int, int] = {}
    held: set[int] = set()
    for face, track in pairs:
        if face not in taken and track not in held:
            taken[face] = track
            held.add(track)
    if 1 < len(taken) <= MANY:
        _exchange(taken, price)
    return {face: track for face, track in taken.items() if not _may_be_anothers(face, price[face, track], price, held)}


def _may_be_anothers(face: int, own: float, price: dict[tuple[int, int], float], held: set[int]) -> bool:
    """Whether a track that has no face now leads nearly as near to a face as its own does."""
    rivals = (cost for (other, track), cost in price.items() if other == face and track not in held)
    return own > DOUBTFUL and min(rivals, default=np.inf) - own < RIVAL


def _exchange(taken: dict[int, int], price: dict[tuple[int, int], float]) -> None:
    """Exchange the tracks of two faces as long as both together come nearer to theirs."""
    mended = True
    while mended:
        mended = False
        numbers = list(taken)
        for at, one in enumerate(numbers):
            for other in numbers[at + 1 :]:
                now = price[one, taken[one]] + price[other, taken[other]]
                swapped = price.get((one, taken[other]), np.inf) + price.get((other, taken[one]), np.inf)
                if swapped < now - 1e-9:
                    taken[one], taken[other] = taken[other], taken[one]
                    mended = True


def _prices(live: list[_Followed], found: list[_Face], time_s: float) -> dict[tuple[int, int], float]:
    """How far each face lies from where each track leads, for pairs within reach, in face sizes."""
    if len(live) * len(found) > MANY * MANY:
        return _many_prices(live, found, time_s)
    price = {}
    for number, track in enumerate(live):
        x, y = track.place(time_s)
        last = track.last
        past_s = time_s - last.time_s
        reach = REACH + REACH_PER_S * past_s
        grown = SIZE_FACTOR ** (1 + past_s)
        for face_number, face in enumerate(found):
            size = max(face.size, last.size)
            dx, dy = face.x - x, face.y - y
            limit = reach * size
            if abs(dx) > limit or abs(dy) > limit or size > grown * min(face.size, last.size):
                continue
            away = (dx * dx + dy * dy) ** 0.5 / size
            if away > reach or (face.score < SURE and not _leads_to(away, size / min(face.size, last.size), past_s)):
                continue
            if away > FAR and (_turned_round(face, last) or _strange(face, last)):
                continue
            price[face_number, number] = away + size / min(face.size, last.size) - 1
    _weigh_looks(price, live, found)
    return price


def _turned_round(one: _Face, other: _Face) -> bool:
    return None not in (one.yaw_deg, other.yaw_deg) and abs(one.yaw_deg - other.yaw_deg) > TURNED_ROUND_DEG  # type: ignore[operator]


def _strange(one: _Face, other: _Face) -> bool:
    return bool(one.look and other.look and compare_looks(one.look, other.look) > STRANGE)


def _leads_to(away: float, factor: float, past_s: float) -> bool:
    """Whether a track leads so surely to a face that it may be a faint one."""
    return away <= FAINT_REACH and factor <= FAINT_FACTOR and past_s <= FAINT_S


def _weigh_looks(price: dict[tuple[int, int], float], live: list[_Followed], found: list[_Face]) -> None:
    """Add how unlike the looks are, where place and size leave a choice: comparing looks costs more than all else."""
    faces, tracks = Counter(face for face, _ in price), Counter(track for _, track in price)
    for face, track in price:
        one, other = found[face].look, live[track].last.look
        if one is not None and other is not None and (faces[face] > 1 or tracks[track] > 1):
            price[face, track] += LOOK_WEIGHT * compare_looks(one, other)


def _many_prices(live: list[_Followed], found: list[_Face], time_s: float) -> dict[tuple[int, int], float]:
    """The same for a crowd, by place and size alone."""
    lead = np.array([[*track.place(time_s), track.last.size, time_s - track.last.time_s] for track in live])
    faces = np.array([[face.x, face.y, face.size] for face in found])
    larger = np.maximum(faces[:, None, 2], lead[None, :, 2])
    factor = larger / np.minimum(faces[:, None, 2], lead[None, :, 2])
    away = np.hypot(faces[:, None, 0] - lead[None, :, 0], faces[:, None, 1] - lead[None, :, 1]) / larger
    good = (away <= REACH + REACH_PER_S * lead[None, :, 3]) & (factor <= SIZE_FACTOR ** (1 + lead[None, :, 3]))
    cost = away + factor - 1
    return {(int(i), int(j)): float(cost[i, j]) for i, j in np.argwhere(good)}


def _numbered(track_rows: list[list[int]], place: list[_Face | None], height: int) -> pl.Series:
    """Number tracks in the order in which they begin; what is faint in the main, or seen once not surely, is none."""
    score = [face.score if face is not None else 0.0 for face in place]
    kept = [
        rows
        for rows in track_rows
        if median(score[row] for row in rows) >= SURE and (len(rows) > 1 or score[rows[0]] >= LONE_SURE)
    ]
    kept.sort(key=lambda rows: (place[rows[0]].time_s, rows[0]))  # type: ignore[union-attr]
    numbers: list[int | None] = [None] * height
    for number, rows in enumerate(kept):
        for row in rows:
            numbers[row] = number
    return pl.Series("track", numbers, pl.Int32())


def make_tracks(faces: pl.DataFrame, shots: pl.DataFrame) -> pl.DataFrame:
    """Sum up each track.

    Parameters
    ----------
    faces : pl.DataFrame
        columns of ``tables.FACES`` with ``track`` filled
    shots : pl.DataFrame
        columns of ``tables.SHOTS``

    Returns
    -------
    pl.DataFrame
        columns of ``tables.TRACKS``; ``character`` is null
    """
    own = faces.drop_nulls("track")
    if not own.height:
        return empty(TRACKS)
    medians = ("left", "top", "width", "height", "score", "yaw_deg", "stir")
    tracks = (
        own.sort("track", "frame")
        .group_by("track", maintain_order=True)
        .agg(
            pl.col("frame").first().alias("start_frame"),
            (pl.col("frame").last() + 1).alias("end_frame"),
            pl.col("time_s").first().alias("start_s"),
            pl.col("time_s").last().alias("end_s"),
            pl.len().cast(pl.Int32).alias("faces"),
            pl.col(*medians).median(),
        )
    )
    shot = _shot_of(tracks["start_frame"].to_numpy().astype(np.int64), shots)
    numbers = shots["shot"].to_numpy()
    tracks = tracks.with_columns(pl.Series("shot", numbers[shot], pl.Int32()))
    tracks = tracks.join(measure_stillness(own), on="track", how="left").join(count_blinks(own), on="track", how="left")
    return conform(tracks.sort("track"), TRACKS)


def against_own_median(faces: pl.DataFrame, tracks: pl.DataFrame) -> pl.DataFrame:
    """Fill the columns ``…_off``: each value less the median, over the film, of the same person's faces.

    Where it is not known whom a track belongs to, its own faces have to do.

    Parameters
    ----------
    faces, tracks : pl.DataFrame
        columns of ``tables.FACES`` and ``tables.TRACKS``, ``character`` filled as far as it is known

    Returns
    -------
    pl.DataFrame
        the same faces, columns of ``tables.FACES``
    """
    whose = tracks.select("track", pl.coalesce(pl.col("character"), -1 - pl.col("track")).alias("whose"))
    named = faces.join(whose, on="track", how="left", maintain_order="left")
    offs = [
        pl.when(pl.col("whose").is_not_null())
        .then(pl.col(name) - pl.col(name).median().over("whose"))
        .alias(f"{name}_off")
        for name in ("eye_opening", "brow", "mouth_opening", "mouth_lift")
    ]
    return conform(named.with_columns(offs).drop("whose"), FACES)
