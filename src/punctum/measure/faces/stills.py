"""Larger pictures of a film's frames to rows of ``faces``.

Conventions: places in the table are shares of the picture that was looked at, which is the active picture without bars.
A still that ``follows`` shows the same view as the one before it, a moment later: only the faces seen there are sought
again, and their meshes are fitted in the same squares, so that what differs is what moved. Any other is searched whole.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.film import Still
from punctum.measure.faces.finder import SURE_SCORE, Find, Found, find_again, find_surely, stands_on_its_head
from punctum.measure.faces.geometry import expression_of_mesh, stir, turn_of_mesh, turn_of_points
from punctum.measure.faces.mesh import (
    INNER,
    LEAST_PRESENCE,
    OUTLINE,
    Fitter,
    Mesh,
    Points,
    around_face,
    around_points,
    eyes_of,
    outline,
    settle,
)
from punctum.measure.looks import describe_look
from punctum.tables import FACES, conform, empty, schema

LEAST_EYES_PX = 20.0
"""Faces whose eyes are nearer to each other have no geometry."""

MOST_YAW_DEG = 45.0
"""Faces that are turned further have none: an eye is hidden."""

_CERTAINLY_TURNED_DEG = 65.0
"""By five points, which err by some degrees, faces turned further are not even fitted."""

_UPRIGHT_SCORE = 0.9
"""A face found as surely as this does not stand on its head."""

MOST_ROLL_DEG = 60.0
"""Faces that are tilted further have none: the finder errs in faces that lie or stand on their heads."""

_CROPPED = 0.1
"""A box that reaches over the picture's edge by more than this part of itself is cropped."""

MOST_MESHES = 6
"""Of a crowd, only the largest are fitted: a mesh costs as much as a third of a picture's search."""

STIR_WITHIN_S = 0.2
"""Between frames further apart than this no stir is measured: a face may go and come back."""

_SAME_PLACE = 0.2
"""A face whose eyes moved by no more than this part of their distance is fitted in the square of the frame before."""


class Finders(NamedTuple):
    """What looks at stills: ``find`` finds faces, ``fitter`` fits meshes to them, where there are weights for that."""

    find: Find
    fitter: Fitter | None = None


def measure_stills(stills: Sequence[Still], finders: Finders, before: pl.DataFrame | None = None) -> pl.DataFrame:
    """Look for faces in larger pictures of frames, and measure them.

    Parameters
    ----------
    stills : sequence of Still
        in the order of the film
    finders : Finders
    before : pl.DataFrame or None
        the rows of the still that came before these, which the first may follow

    Returns
    -------
    faces : pl.DataFrame
        columns of FACES, ``face``, ``track`` and those against a face's median null, by frame and then the largest
        first; no row for a picture without a face
    """
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        tables: list[pl.DataFrame] = []
        last = empty(FACES) if before is None else before
        for still in stills:
            last = _measure(still, finders, last if still.follows else None)
            tables.append(last)
    finally:
        cv2.setNumThreads(threads)
    return pl.concat(tables) if tables else empty(FACES)


class _Seen(NamedTuple):
    """A face of the frame before: as it was found, when, and the kept points of its mesh, if there was one."""

    face: Found
    time_s: float
    points: Points | None


def _measure(still: Still, finders: Finders, before: pl.DataFrame | None) -> pl.DataFrame:
    height, width = still.picture.shape[:2]
    size = np.array([width, height], np.float64)
    seen: list[_Seen] = []
    if before is None:
        pairs: list[tuple[Found, _Seen | None]] = [(face, None) for face in find_surely(still.picture, finders.find)]
    else:
        seen = [_read(row, size) for row in before.iter_rows(named=True)]
        found = find_again(still.picture, [one.face.box for one in seen], finders.find)
        pairs = [(face, seen[number]) for number, face in found]
    rows = [_row(still, finders, face, last, size, rank) for rank, (face, last) in enumerate(pairs)]
    wanted = {name: kind for name, kind in schema(FACES).items() if rows and name in rows[0]}
    return conform(pl.DataFrame(rows, schema=wanted), FACES) if rows else empty(FACES)


def _read(row: dict[str, Any], size: NDArray[np.float64]) -> _Seen:
    box = np.array([row["left"], row["top"], row["width"], row["height"]], np.float64) * np.tile(size, 2)
    points = np.array(row["points"], np.float64).reshape(5, 2) * size
    kept = row["landmarks"]
    marks = None if kept is None else unpack_landmarks(kept) * size
    return _Seen(Found(box, points, float(row["score"])), float(row["time_s"]), marks)


def _row(
    still: Still, finders: Finders, face: Found, last: _Seen | None, size: NDArray[np.float64], rank: int
) -> dict[str, Any]:
    left, top, width, height = (face.box / np.tile(size, 2)).tolist()
    turn = turn_of_points(face.points)
    row: dict[str, Any] = dict.fromkeys(_GEOMETRY)
    row |= {
        "frame": still.frame,
        "time_s": still.time_s,
        "left": left,
        "top": top,
        "width": width,
        "height": height,
        "score": face.score,
        "points": (face.points / size).ravel().tolist(),
        "eye_distance_px": float(np.hypot(*(face.points[1] - face.points[0]))),
        "yaw_deg": turn.yaw_deg,
        "roll_deg": turn.roll_deg,
        "look": describe_look(still.picture, (left, top, width, height), (face.points / size).ravel().tolist()),
    }
    row["lacks"] = _lacks(row, finders, rank)
    doubted = last is None and face.score < _UPRIGHT_SCORE
    if row["lacks"] is None and doubted and stands_on_its_head(still.picture, face, finders.find):
        row["lacks"] = "turned"
    if row["lacks"] is None and finders.fitter is not None:
        mesh = _fit(still.picture, face, last, finders.fitter)
        row |= {"lacks": "uncertain"} if mesh is None else _geometry(mesh, last, still.time_s, size)
    return row


def _fit(picture: NDArray[np.uint8], face: Found, last: _Seen | None, fitter: Fitter) -> Mesh | None:
    """Fit a mesh: in the square of the frame before where the face has hardly moved, else until it settles."""
    if last is not None and last.points is not None:
        eyes = _kept_eyes(last.points)
        points, presence = fitter.mesh(picture, around_points(last.points, eyes))
        moved = float(np.hypot(*(eyes_of(points) - eyes).T).max()) / max(float(np.hypot(*(eyes[1] - eyes[0]))), 1e-9)
        if presence >= LEAST_PRESENCE and moved <= _SAME_PLACE:
            return fitter.irises(picture, points)
    return settle(picture, around_face(face), fitter)


_PARTS = [part for part, numbers in OUTLINE.items() for _ in numbers]
_CORNERS = [[_PARTS.index(part), _PARTS.index(part) + 8] for part in ("right_eye", "left_eye")]
"""Where the corners of the eyes lie among the kept points."""


def _kept_eyes(points: Points) -> Points:
    return np.stack([points[corners].mean(axis=0) for corners in _CORNERS])


_GEOMETRY = ("pitch_deg", "eye_opening", "gaze", "brow", "mouth_opening", "mouth_lift", "stir", "landmarks")


def _lacks(row: dict[str, Any], finders: Finders, rank: int) -> str | None:
    """Why a face is not fitted; None where it is."""
    over = max(-row["left"] / row["width"], -row["top"] / row["height"])
    over = max(over, (row["left"] + row["width"] - 1) / row["width"], (row["top"] + row["height"] - 1) / row["height"])
    if finders.fitter is None:
        return "model"
    if row["score"] < SURE_SCORE:
        return "uncertain"
    if row["eye_distance_px"] < LEAST_EYES_PX:  # of a face in profile, too: its eyes are near to each other
        return "turned" if abs(row["yaw_deg"]) > MOST_YAW_DEG else "small"
    if over > _CROPPED:
        return "cropped"
    if abs(row["yaw_deg"]) > _CERTAINLY_TURNED_DEG or abs(row["roll_deg"]) > MOST_ROLL_DEG:
        return "turned"
    return "crowd" if rank >= MOST_MESHES else None


def _geometry(mesh: Mesh, last: _Seen | None, time_s: float, size: NDArray[np.float64]) -> dict[str, Any]:
    turn = turn_of_mesh(mesh.points)
    if abs(turn.yaw_deg) > MOST_YAW_DEG or abs(turn.roll_deg) > MOST_ROLL_DEG:
        return {"lacks": "turned", **turn._asdict()}
    eyes = eyes_of(mesh.points)
    marks = outline(mesh)
    apart = float(np.hypot(*(eyes[1] - eyes[0])))
    made: dict[str, Any] = {
        "lacks": None,
        "eye_distance_px": apart,
        **turn._asdict(),
        **expression_of_mesh(mesh.points, mesh.irises, turn)._asdict(),
    }
    made["landmarks"] = pack_landmarks(marks / size)
    if last is not None and last.points is not None and 0 < time_s - last.time_s <= STIR_WITHIN_S:
        own = len(INNER)
        kept = unpack_landmarks(made["landmarks"]) * size  # as coarse as those of the frame before
        made["stir"] = stir(last.points[:own], kept[:own], INNER) / apart / (time_s - last.time_s)
    return made


def pack_landmarks(points: Points) -> bytes:
    """Pack points, as shares of the picture, into the bytes of ``landmarks``; what lies outside goes to the edge."""
    return np.rint(np.clip(points, 0, 1) * 65535).astype("<u2").tobytes()


def unpack_landmarks(kept: bytes) -> Points:
    """Read the bytes of ``landmarks``: float64 (n, 2), x and y as shares of the picture.

    Examples
    --------
    >>> unpack_landmarks(pack_landmarks(np.array([[0.0, 1.0]])))
    array([[0., 1.]])
    """
    return np.frombuffer(kept, "<u2").reshape(-1, 2).astype(np.float64) / 65535
