"""What is measured in a face: the head's turn from five points, and from the mesh the eyes, brows and mouth.

Conventions: x grows to the picture's right, y downwards, z away from the camera. Yaw and pitch say where the face
points, positive to the picture's right and upwards; roll is about that, positive clockwise in the picture. Lengths are
taken in space (the mesh has depth), so that a turned head is not a narrow one. "Right" and "left" are the person's.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

_MODEL = np.array([[-31.5, -36.0, 34.0], [31.5, -36.0, 34.0], [0.0, 0.0, 0.0], [-25.0, 27.0, 34.0], [25.0, 27.0, 34.0]])
"""Eyes, tip of the nose and corners of the mouth of a face that looks into the camera, in mm: the distance of grown-up
pupils is 63 mm on average (Dodgson 2004), the rest has the proportions of the usual six-point model of a head."""


class Turn(NamedTuple):
    """Turn of a head in degrees."""

    yaw_deg: float
    pitch_deg: float
    roll_deg: float


def turn_of_points(points: Points) -> Turn:
    """Estimate a head's turn from five points, as if seen from afar.

    Parameters
    ----------
    points : np.ndarray [shape=(5, 2), dtype=float64]
        right eye, left eye, tip of the nose, right and left corner of the mouth

    Returns
    -------
    Turn
        from the affine map of a rigid model that fits best (DeMenthon and Davis 1995, without their iteration)
    """
    model = _MODEL - _MODEL.mean(axis=0)
    seen = points - points.mean(axis=0)
    u, _, v = np.linalg.svd(np.linalg.lstsq(model, seen, rcond=None)[0].T, full_matrices=False)
    rows = u @ v  # the nearest two rows of a rotation
    whole = np.stack([*rows, np.cross(rows[0], rows[1])])
    return _turn(whole[:, 0], -whole[:, 2])


def turn_of_mesh(mesh: Points) -> Turn:
    """Estimate a head's turn from its mesh's depth.

    The head's axes are the line across, over six pairs of points that do not move in a face, and the line down, along
    the forehead to the base of the nose and along the face's sides before the ears: these stand upright, on average, in
    a head that looks straight ahead.

    Parameters
    ----------
    mesh : np.ndarray [shape=(468, 3), dtype=float64]
    """
    across = _unit((mesh[_LEFT] - mesh[_RIGHT]).sum(axis=0))
    down = sum((_unit(mesh[low].mean(axis=0) - mesh[high].mean(axis=0)) for high, low in _DOWN), np.zeros(3))
    return _turn(across, _unit(np.cross(down, across)))


_RIGHT, _LEFT = [33, 133, 127, 234, 93, 132], [263, 362, 356, 454, 323, 361]
_DOWN = (([10], [164]), ([127, 356, 234, 454], [93, 323, 132, 361]))


def _unit(vector: Points) -> Points:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)


def _turn(across: Points, ahead: Points) -> Turn:
    """Yaw and pitch of where a head faces, and roll about that, from its axes, which are at right angles."""
    yaw_deg = np.degrees(np.arctan2(ahead[0], -ahead[2]))
    pitch_deg = np.degrees(np.arctan2(-ahead[1], np.hypot(ahead[0], ahead[2])))
    level = _unit(np.array([-ahead[2], 0.0, ahead[0]]))
    roll_deg = np.degrees(np.arctan2(across @ np.cross(level, ahead), across @ level))
    return Turn(float(yaw_deg), float(pitch_deg), float(roll_deg))


class Expression(NamedTuple):
    """What eyes, brows and mouth do; each over a length of the same face. See ``expression_of_mesh``."""

    eye_opening: float
    gaze: float
    brow: float
    mouth_opening: float
    mouth_lift: float


_EYES = (((33, 133), ((159, 145), (158, 153))), ((362, 263), ((386, 374), (385, 380))))
"""Of each eye, the person's right first: its corners as they lie in the picture, pairs of its upper and lower lid."""

_BROWS = ([70, 63, 105, 66, 107], [336, 296, 334, 293, 300])
_TURNED_DEG = 20.0
"""From this yaw on only the nearer eye and brow count."""


def expression_of_mesh(mesh: Points, irises: Points, turn: Turn) -> Expression:
    """Measure eyes, brows and mouth.

    Parameters
    ----------
    mesh : np.ndarray [shape=(468, 3), dtype=float64]
    irises : np.ndarray [shape=(2, 5, 2), dtype=float64]
        right and left: the middle and four points of the rim
    turn : Turn
        the head's

    Returns
    -------
    Expression
        ``eye_opening``: between the lids over the eye's width (Soukupová and Čech 2016); ``gaze``: where the iris lies
        along the line of the eye's corners, 0 at the picture's left, 1 at its right; ``brow``: how high the brow lies
        over the line of the eye's corners, over the distance between the eyes; ``mouth_opening``: between the lips
        over the mouth's width; ``mouth_lift``: how far the corners lie above the lips' middle, along the face, over
        the mouth's width
    """
    sides = [0, 1] if abs(turn.yaw_deg) < _TURNED_DEG else [0 if turn.yaw_deg > 0 else 1]
    down = _unit(mesh[164] - mesh[10])
    middles = [mesh[list(corners)].mean(axis=0) for corners, _ in _EYES]
    apart = float(np.linalg.norm(middles[0] - middles[1]))

    def between(one: int, other: int) -> float:
        return float(np.linalg.norm(mesh[one] - mesh[other]))

    opening, gaze, brow = [], [], []
    for side in sides:
        (near, far), lids = _EYES[side]
        opening.append(sum(between(*pair) for pair in lids) / (2 * between(near, far)))
        along = mesh[far, :2] - mesh[near, :2]
        gaze.append(float((irises[side, 0] - mesh[near, :2]) @ along / max(float(along @ along), 1e-9)))
        brow.append(float((middles[side] - mesh[_BROWS[side]].mean(axis=0)) @ down) / apart)
    middle, corners = (mesh[13] + mesh[14]) / 2, (mesh[61] + mesh[291]) / 2
    return Expression(
        float(np.mean(opening)),
        float(np.mean(gaze)),
        float(np.mean(brow)),
        between(13, 14) / between(78, 308),
        float((middle - corners) @ down) / between(61, 291),
    )


def stir(before: Points, after: Points, inner: NDArray[np.bool_]) -> float:
    """How far a face's points move within the face, between two pictures.

    The second picture's points are laid on the first's by the likeness (shift, turn, scale; Umeyama 1991) that fits
    best, so that what the head and the camera do is taken out.

    Parameters
    ----------
    before, after : np.ndarray [shape=(n, 2), dtype=float64]
        the same points in both
    inner : np.ndarray [shape=(n,), dtype=bool]
        which of them count: those of eyes, brows and mouth

    Returns
    -------
    float
        their mean move, in the points' unit
    """
    one, other = before - before.mean(axis=0), after - after.mean(axis=0)
    a, b = one[:, 0] + 1j * one[:, 1], other[:, 0] + 1j * other[:, 1]
    weight = float(np.sum(np.abs(b) ** 2))
    laid = b * (np.sum(a * np.conj(b)) / weight) if weight > 0 else b
    return float(np.abs(a - laid)[inner].mean())
