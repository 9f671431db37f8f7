"""Who they are, how they hold themselves, and how a head turns.

Conventions: a head is modelled in its own units, half the width of the face being 1, x to the picture's right,
y down, z towards the camera, the origin between the eyes; it is turned, then projected without perspective.
Angles are degrees: ``yaw`` to the picture's right, ``pitch`` upwards, ``roll`` clockwise.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from punctum.demo.paint import Points
from punctum.demo.palettes import Colour, Palette


@dataclass(frozen=True)
class Pose:
    """How a head is held and what its face does.

    ``eyes`` is their opening (1 open, 0 shut), ``gaze_x`` and ``gaze_y`` −1..1, ``brows`` their height,
    ``grief`` how far their inner ends are drawn up, ``mouth`` its opening, ``corners`` −1 (down) to 1 (up).
    """

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    eyes: float = 1.0
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    brows: float = 0.0
    grief: float = 0.0
    mouth: float = 0.0
    corners: float = 0.0


@dataclass(frozen=True)
class Person:
    """Whose head it is: colours and the cut of hair and face."""

    skin: tuple[Colour, Colour, Colour]
    hair: tuple[Colour, Colour]
    lips: Colour
    iris: Colour
    coat: Colour
    collar: Colour
    paper: Colour
    woman: bool


def people(palette: Palette) -> dict[str, Person]:
    """Return the two of them."""
    return {
        "her": Person(
            palette.her_skin, palette.her_hair, palette.lips, palette.iris, palette.her_coat, palette.scarf,
            palette.paper, True,
        ),
        "him": Person(
            palette.him_skin, palette.him_hair, palette.lips, palette.iris, palette.him_coat, palette.him_coat,
            palette.paper, False,
        ),
    }  # fmt: skip


class Head:
    """A head in a pose, at a place and size in units: turns its own points into the picture's."""

    def __init__(self, pose: Pose, x: float, y: float, size: float, wide: float = 1.0) -> None:
        yaw, pitch, roll = np.radians([pose.yaw_deg, pose.pitch_deg, pose.roll_deg])
        turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
        nod = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
        lean = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
        self.matrix = (lean @ nod @ turn)[:2] * size * np.array([wide, 1.0, 1.0])
        self.flat, self.deep = self.matrix[:, :2].T.copy(), self.matrix[:, 2].copy()
        self.origin = np.array([x, y])
        self.size = size
        self.yaw = float(np.sin(yaw))

    def at(self, points: ArrayLike, lift: float = 0.0) -> Points:
        """Return points (n, 2) of the face's surface, or (n, 3) of the head's space, in the picture."""
        given = np.asarray(points, dtype=np.float64)
        if given.shape[1] == 2:
            x, y = given[:, 0], given[:, 1] - 0.15
            depth = 1 - x * x * (1 / 1.16**2) - y * y * (1 / 1.95**2)
            np.sqrt(np.maximum(depth, 0, out=depth), out=depth)
            depth *= 0.98
            depth += lift
            placed = given @ self.flat
            placed += depth[:, None] * self.deep
            placed += self.origin
            return np.asarray(placed)
        return np.asarray(given @ self.matrix.T + self.origin)


def blink(time_s: float, seed: int, every_s: float = 3.4) -> float:
    """Return how open the eyes are as they blink now and then: 1 open, 0 shut."""
    slot = int(time_s // every_s)
    random = np.random.default_rng([seed, 11, slot])
    at = (slot + float(random.uniform(0.15, 0.8))) * every_s
    gap = abs(time_s - at)
    return float(np.clip((gap - 0.035) / 0.075, 0.0, 1.0))


def drift(time_s: float, seed: int, slow_s: float = 2.6) -> NDArray[np.float64]:
    """Return three small wandering values, −1..1, as a living head has them."""
    random = np.random.default_rng([seed, 12])
    phase = random.uniform(0, 2 * np.pi, (3, 3))
    speed = 2 * np.pi / slow_s * np.array([1.0, 0.61, 0.37])
    return np.asarray((np.sin(time_s * speed + phase) * np.array([0.3, 0.35, 0.35])).sum(axis=1))
