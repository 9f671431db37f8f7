"""A face's mesh: 468 points and the irises, found by MediaPipe's networks.

The networks are "Face Mesh" (Kartynnik et al. 2019) and "Iris" (Ablavatski et al. 2020), run by OpenCV, which gives the
places that TensorFlow Lite gives within a ten-thousandth of a pixel. Conventions: a picture's places are pixels, x from
its left, y from its top, z towards the camera's back, on the same scale; points bear the numbers of MediaPipe's mesh.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from punctum.measure.faces.finder import Found
from punctum.measure.faces.squares import Picture, Square, cut_square

Points = NDArray[np.float64]

MESH_SIDE_PX, IRIS_SIDE_PX = 192, 64
_MESH_MARGIN, _IRIS_MARGIN = 1.5, 2.3
"""Sides of the squares that the networks see, over the longer side of the face's box and over the eye's width."""

RIGHT_CONTOUR = [33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173]
LEFT_CONTOUR = [263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398]
"""The eyes' points that the second network finds again, in its order: lower lid from the outer corner, upper lid."""


LEAST_PRESENCE = 0.5
_SETTLED, _LEAST_SETTLED = 0.03, 0.06
"""A mesh is fitted again in the square that it fills itself, until its eyes move by no more than this part of their
distance; after the last try the second number will do. In real faces on film half move by 0.06 the first time, by 0.02
the third; what is no face, or stands on its head, goes on moving."""

_TRIES = 4


class Mesh(NamedTuple):
    """A face's points: ``points`` float64 (468, 3), ``irises`` (2, 5, 2), right and left: middle, four of the rim."""

    points: Points
    irises: Points


class Fitter(NamedTuple):
    """What fits a mesh.

    ``mesh`` takes a picture and the square that a face fills, and gives points, float64 (468, 3), and how sure the
    network is that this is a face; ``irises`` takes a picture and such points and gives the whole mesh, its eyes found
    again.
    """

    mesh: Callable[[Picture, Square], tuple[Points, float]]
    irises: Callable[[Picture, Points], Mesh]


def load_mesh(mesh_weights: bytes, iris_weights: bytes) -> Fitter:
    """Make what fits a mesh to a face, of the weights of both networks (TensorFlow Lite's files).

    Raises
    ------
    ValueError
        where OpenCV cannot read them
    """
    try:
        nets: list[Any] = [
            cv2.dnn.readNetFromTFLite(np.frombuffer(weights, np.uint8)) for weights in (mesh_weights, iris_weights)
        ]
    except cv2.error as error:
        raise ValueError(f"OpenCV cannot read the weights of the face mesh: {error.err}") from error
    mesh_net, iris_net = nets

    def run(net: Any, cut: Picture, sizes: tuple[int, ...]) -> list[NDArray[np.float64]]:
        net.setInput(np.ascontiguousarray(cut.transpose(2, 0, 1)[None], np.float32) / np.float32(255))
        found = {np.size(out): np.ravel(out).astype(np.float64) for out in net.forward(_names(net))}
        return [found[size] for size in sizes]

    def mesh(picture: Picture, square: Square) -> tuple[Points, float]:
        cut, back = cut_square(picture, square, MESH_SIDE_PX)
        flat, logit = run(mesh_net, cut, (1404, 1))
        return _taken_back(flat.reshape(468, 3), back), float(1 / (1 + np.exp(-logit[0])))

    def irises(picture: Picture, points: Points) -> Mesh:
        points, rims = points.copy(), []
        for contour, mirrored in ((RIGHT_CONTOUR, False), (LEFT_CONTOUR, True)):
            corners = points[[contour[8], contour[0]] if mirrored else [contour[0], contour[8]], :2]
            eye, eye_back = cut_square(picture, _around_eye(*corners), IRIS_SIDE_PX)
            around, rim = run(iris_net, eye[:, ::-1] if mirrored else eye, (213, 15))
            found = np.concatenate([around.reshape(71, 3)[:16], rim.reshape(5, 3)])
            if mirrored:
                found[:, 0] = IRIS_SIDE_PX - 1 - found[:, 0]
            found = _taken_back(found, eye_back)[:, :2]
            points[contour, :2] = found[:16]
            rims.append(found[16:])
        return Mesh(points, np.stack(rims))

    return Fitter(mesh, irises)


def settle(picture: Picture, square: Square, fitter: Fitter) -> Mesh | None:
    """Fit a mesh, again and again in the square that it fills, until it stays where it is.

    Returns
    -------
    mesh : Mesh or None
        None where it does not, or where the network sees no face
    """
    points, presence = fitter.mesh(picture, square)
    moved = np.inf
    for _ in range(1, _TRIES):
        if presence < LEAST_PRESENCE or not np.isfinite(points).all():
            return None
        before = points
        points, presence = fitter.mesh(picture, around_points(before[:, :2], eyes_of(before)))
        moved = eyes_moved(before, points)
        if moved <= _SETTLED:
            break
    return fitter.irises(picture, points) if presence >= LEAST_PRESENCE and moved <= _LEAST_SETTLED else None


def eyes_of(points: Points) -> Points:
    """Middles of the right and the left eye of a mesh: float64 (2, 2)."""
    return np.stack([points[[33, 133], :2].mean(axis=0), points[[362, 263], :2].mean(axis=0)])


def eyes_moved(before: Points, after: Points) -> float:
    """How far the eyes of one mesh lie from those of another, in the eyes' distance; the farther of both."""
    old, new = eyes_of(before), eyes_of(after)
    apart = float(np.hypot(*(new[1] - new[0])))
    return float(np.hypot(*(new - old).T).max()) / max(apart, 1e-9)


def around_face(face: Found) -> Square:
    """Give the square in which the mesh's network looks for a face that was found, turned upright by the eyes."""
    left, top, width, height = face.box
    across = face.points[1] - face.points[0]
    turn_deg = float(np.degrees(np.arctan2(across[1], across[0])))
    return Square(float(left + width / 2), float(top + height / 2), _MESH_MARGIN * float(max(width, height)), turn_deg)


def around_points(points: Points, eyes: Points) -> Square:
    """Give the square in which the network looks for a face whose points and eyes' middles are known."""
    across = eyes[1] - eyes[0]
    turned = float(np.arctan2(across[1], across[0]))
    turn = np.array([[np.cos(turned), np.sin(turned)], [-np.sin(turned), np.cos(turned)]])
    upright = points @ turn.T
    low, high = upright.min(axis=0), upright.max(axis=0)
    x, y = ((low + high) / 2) @ turn
    return Square(float(x), float(y), max(_MESH_MARGIN * float((high - low).max()), 2.0), float(np.degrees(turned)))


OUTLINE = {
    "face": [
        *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
        *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
    ],
    "nose": [168, 6, 197, 195, 5, 4, 2],
    "right_brow": [70, 63, 105, 66, 107],
    "left_brow": [336, 296, 334, 293, 300],
    "right_eye": [33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7],
    "left_eye": [362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381, 382],
    "outer_lips": [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146],
    "inner_lips": [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95],
}
"""Points of the mesh that are kept, part by part, each part in the order in which it is drawn; the irises come last.
``tables.LANDMARKS`` has how many there are of each."""

INNER = np.concatenate([np.full(len(points), part not in ("face", "nose")) for part, points in OUTLINE.items()])
"""Which of the kept points, but for the irises, are eyes, brows and mouth."""


def outline(mesh: Mesh) -> Points:
    """Points to keep of a mesh: float64 (n, 2), the parts of OUTLINE one after another, then both irises."""
    numbers = [number for points in OUTLINE.values() for number in points]
    return np.concatenate([mesh.points[numbers, :2], mesh.irises.reshape(-1, 2)])


def _around_eye(one: Points, other: Points) -> Square:
    middle, across = (one + other) / 2, other - one
    side = max(_IRIS_MARGIN * float(np.hypot(*across)), 2.0)
    return Square(float(middle[0]), float(middle[1]), side, float(np.degrees(np.arctan2(across[1], across[0]))))


def _taken_back(points: Points, back: NDArray[np.float64]) -> Points:
    scale = float(np.hypot(back[0, 0], back[1, 0]))
    return np.column_stack([points[:, :2] @ back[:, :2].T + back[:, 2], points[:, 2] * scale])


def _names(net: Any) -> tuple[str, ...]:
    return tuple(net.getUnconnectedOutLayersNames())
