"""Finds faces in a picture: boxes and five points.

The finder is YuNet (Wu et al. 2023, "YuNet: A Tiny Millisecond-level Face Detector", 75,000 weights), run by OpenCV.
Conventions: places are pixels of the picture that was given, x from its left, y from its top; a box may reach over the
picture's edge. Everything runs on one thread: more cost twice the processor time, since they wait for each other.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from punctum.measure.faces.squares import Picture, Square, cut_square

LEAST_SCORE, SURE_SCORE = 0.4, 0.6
"""Less sure finds are not kept. From the second on a find counts, is measured and begins a track; a fainter one may
only continue one."""

DOUBTED_SCORE, MOST_DOUBTED = 0.8, 12
"""A find less sure than this is looked at again, close by; of a crowd only so many are. What is a boat, a leaf or a
cloud is seldom found again: ``benchmarks/faces/found.py --cuts``."""

_LOOKS = ((128, False), (128, True), (192, False), (192, True))
_LEAST_BORNE_OUT = 2
"""A doubted find is looked at in squares of so many pixels, as they are and in the mirror, and found in so many."""

MOST_FACES = 32
"""Of a crowd, the largest are kept: a face beyond these would be some pixels small."""

_OVERLAP = 0.3
"""Of two finds that share more than this part of both together, the surer is kept."""

_HALVED_FROM_PX = 480
"""Pictures as broad are searched at half their size, too: large faces in profile are found there, hardly as they are
(a quarter of the cost more)."""

_CLOSE_SIDE_PX = 128
_TURNED_SIDE_PX = 96
_CLOSE_MARGIN = 2.2
"""A face that was seen a moment ago is sought in a square of so many times its longer side, scaled to this."""


class Found(NamedTuple):
    """A face in a picture: box ``left, top, width, height`` and five points, in pixels, and how sure it is.

    ``points`` is float64 (5, 2): right eye, left eye, tip of the nose, right and left corner of the mouth.
    """

    box: NDArray[np.float64]
    points: NDArray[np.float64]
    score: float


Find = Callable[[Picture], list[Found]]
"""A picture, uint8 (h, w, 3), to its faces, the largest first."""


def load_yunet(weights: bytes) -> Find:
    """Make a finder of YuNet's weights.

    Parameters
    ----------
    weights : bytes
        the ONNX file

    Raises
    ------
    ValueError
        where OpenCV cannot read them
    """
    try:
        net: Any = cv2.FaceDetectorYN.create(
            "onnx", np.frombuffer(weights, np.uint8), np.empty(0, np.uint8), (320, 320), LEAST_SCORE, _OVERLAP
        )
    except cv2.error as error:
        raise ValueError(f"OpenCV cannot read YuNet's weights: {error.err}") from error

    def find(picture: Picture) -> list[Found]:
        found = search(picture)
        if max(picture.shape[:2]) >= _HALVED_FROM_PX:
            half = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            scale = picture.shape[1] / half.shape[1]
            found += [Found(face.box * scale, face.points * scale, face.score) for face in search(np.asarray(half))]
            found = _once(found)
        return sorted(found, key=lambda face: (-face.box[2] * face.box[3], *face.box.tolist()))[:MOST_FACES]

    def search(picture: Picture) -> list[Found]:
        height, width = picture.shape[:2]
        net.setInputSize((width, height))
        rows = net.detect(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1]
        rows = np.zeros((0, 15)) if rows is None else np.asarray(rows, np.float64)
        rows = rows[np.isfinite(rows).all(axis=1) & (rows[:, 2] > 0) & (rows[:, 3] > 0)]
        return [Found(row[:4], row[4:14].reshape(5, 2), float(row[14])) for row in rows]

    return find


def _once(found: list[Found]) -> list[Found]:
    """Leave out finds that share too much with a surer one."""
    kept: list[Found] = []
    for face in sorted(found, key=lambda face: (-face.score, *face.box.tolist())):
        if not any(_same(face, other) for other in kept):
            kept.append(face)
    return kept


def find_surely(picture: Picture, find: Find) -> list[Found]:
    """Find faces, and leave out doubtful ones that a second look does not bear out.

    Parameters
    ----------
    picture : np.ndarray [shape=(h, w, 3), dtype=uint8]
    find : Find

    Returns
    -------
    found : list of Found
        the largest first; those fainter than `SURE_SCORE` are not looked at twice, since they count for nothing alone
    """
    kept, doubted = [], 0
    for face in find(picture):
        if SURE_SCORE <= face.score < DOUBTED_SCORE and doubted < MOST_DOUBTED:
            doubted += 1
            if not _bears_a_second_look(picture, face, find):
                continue
        kept.append(face)
    return kept


def _bears_a_second_look(picture: Picture, face: Found, find: Find) -> bool:
    left, top, width, height = face.box.tolist()
    square = Square(left + width / 2, top + height / 2, _CLOSE_MARGIN * max(width, height), 0.0)
    found = 0
    for number, (side_px, mirrored) in enumerate(_LOOKS):
        close, _ = cut_square(picture, square, side_px)
        found += _fills_the_middle(find(np.ascontiguousarray(close[:, ::-1]) if mirrored else close), side_px)
        left_to_look = len(_LOOKS) - number - 1
        if found >= _LEAST_BORNE_OUT or found + left_to_look < _LEAST_BORNE_OUT:
            break
    return found >= _LEAST_BORNE_OUT


def _fills_the_middle(found: list[Found], side_px: int) -> bool:
    """Whether one of the faces found in a close square is the one that it was cut around."""
    own_px = side_px / _CLOSE_MARGIN
    return any(
        bool(np.all(np.abs(face.box[:2] + face.box[2:] / 2 - side_px / 2) < 0.4 * own_px))
        and 0.5 * own_px < max(face.box[2:]) < 2 * own_px
        for face in found
    )


def find_again(picture: Picture, before: Sequence[NDArray[np.float64]], find: Find) -> list[tuple[int, Found]]:
    """Find faces that were seen a moment ago.

    Parameters
    ----------
    picture : np.ndarray [shape=(h, w, 3), dtype=uint8]
    before : sequence of np.ndarray [shape=(4,), dtype=float64]
        their boxes then, in this picture's pixels
    find : Find

    Returns
    -------
    found : list of (int, Found)
        which of them each is; no face twice
    """
    kept: list[tuple[int, Found]] = []
    for number, box in enumerate(before):
        centre = box[:2] + box[2:] / 2
        square = Square(float(centre[0]), float(centre[1]), _CLOSE_MARGIN * float(max(box[2:])), 0.0)
        close, back = cut_square(picture, square, _CLOSE_SIDE_PX)
        scale, corner = back[0, 0], back[:, 2]
        faces = [
            Found(
                np.concatenate([face.box[:2] * scale + corner, face.box[2:] * scale]),
                face.points * scale + corner,
                face.score,
            )
            for face in find(close)
        ]
        faces = [face for face in faces if _lies_in(centre, face.box) and not any(_same(face, k) for _, k in kept)]
        if faces:
            kept.append((number, max(faces, key=lambda face: face.score)))
    return kept


def stands_on_its_head(picture: Picture, face: Found, find: Find) -> bool:
    """Whether a face is found more surely when it is turned by 180 degrees.

    The finder finds faces that stand on their heads, too, and puts their points as if they did not.
    """
    left, top, width, height = face.box.tolist()
    across = face.points[1] - face.points[0]
    turn_deg = float(np.degrees(np.arctan2(across[1], across[0])))
    square = Square(left + width / 2, top + height / 2, _CLOSE_MARGIN * max(width, height), turn_deg)
    upright, turned = (
        max((found.score for found in find(cut_square(picture, way, _TURNED_SIDE_PX)[0])), default=0.0)
        for way in (square, square._replace(turn_deg=turn_deg + 180))
    )
    return turned > upright


def overlap(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Part that two boxes share of both together."""
    low = np.maximum(one[:2], other[:2])
    high = np.minimum(one[:2] + one[2:], other[:2] + other[2:])
    shared = float(np.prod(np.maximum(high - low, 0)))
    both = float(one[2] * one[3] + other[2] * other[3]) - shared
    return shared / both if both > 0 else 0.0


def _same(one: Found, other: Found) -> bool:
    return overlap(one.box, other.box) > _OVERLAP


def _lies_in(point: NDArray[np.float64], box: NDArray[np.float64]) -> bool:
    return bool(np.all(point >= box[:2]) and np.all(point <= box[:2] + box[2:]))
