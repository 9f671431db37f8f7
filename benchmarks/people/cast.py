"""People to compose films of: pictures of each, newly lit, newly dressed, framed anew.

Conventions: a cast is a folder of folders, one a person, each with pictures in which that person's face is the largest;
pictures are RGB. People are parted by name into those that are learnt from and those that are judged by.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import cv2
import numpy as np

from punctum.measure.faces import load_yunet
from punctum.measure.faces.identity import pack_place
from punctum.measure.looks import describe_look
from punctum.models import YUNET, read_installed


class Light(NamedTuple):
    """Gain, gamma and warmth of a scene's light."""

    gain: float
    gamma: float
    warmth: float


class Seen(NamedTuple):
    """A face as the table has it."""

    box: tuple[float, float, float, float]
    points: list[float]
    look: bytes
    aspect: float
    identity: bytes | None = None


def draw_light(rng) -> Light:
    return Light(rng.uniform(0.55, 1.35), rng.uniform(0.8, 1.3), rng.uniform(-0.15, 0.15))


def read_cast(folder: Path) -> dict[str, list[np.ndarray]]:
    """Read pictures, by person."""
    cast = {}
    for person in sorted(path for path in folder.iterdir() if path.is_dir()):
        pictures = [cv2.imread(str(path)) for path in sorted(person.iterdir())]
        cast[person.name] = [cv2.cvtColor(picture, cv2.COLOR_BGR2RGB) for picture in pictures if picture is not None]
    return {name: pictures for name, pictures in cast.items() if pictures}


def is_judge(person: str) -> bool:
    """Whether a person is kept for judging."""
    return crc32(person.encode()) % 2 == 1


class Studio:
    """Shows people to the finder."""

    def __init__(self, rng, embed=None) -> None:
        self.rng, self.embed = rng, embed
        self.find = load_yunet(read_installed(YUNET))

    def shoot(self, picture: np.ndarray, light: Light, dress: tuple[int, int, int] | None) -> Seen | None:
        """Dress a person, frame and light them; None where the face is not found then."""
        rng = self.rng
        faces = self.find(picture)
        if not faces:
            return None
        high, wide = picture.shape[:2]
        if dress is not None:
            picture = dressed(picture, faces[0].box, dress)
        zoom = rng.uniform(0.8, 1.25)
        move = np.float32(
            [
                [zoom, 0, wide / 2 * (1 - zoom) + rng.uniform(-0.06, 0.06) * wide],
                [0, zoom, high / 2 * (1 - zoom) + rng.uniform(-0.05, 0.05) * high],
            ]
        )
        picture = cv2.warpAffine(picture, move, (wide, high), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT)
        bright = (picture / 255.0) ** light.gamma * light.gain * [1 + light.warmth, 1, 1 - light.warmth]
        picture = np.clip(bright * 255, 0, 255).astype(np.uint8)
        packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(50, 90))])[1]
        picture = cv2.imdecode(packed, cv2.IMREAD_COLOR)
        faces = self.find(picture)
        if not faces:
            return None
        size = np.array([wide, high])
        left, top, width, height = (faces[0].box / np.tile(size, 2)).tolist()
        points = (faces[0].points / size).ravel().tolist()
        box = (left, top, width, height)
        place = pack_place(self.embed(picture, faces[0].points)) if self.embed else None
        return Seen(box, points, describe_look(picture, box, points), wide / high, place)


def dressed(picture: np.ndarray, box: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """Give what lies below the chin another colour."""
    high, wide = picture.shape[:2]
    below = int(box[1] + box[3] * 1.05)
    if below >= high:
        return picture
    mask = np.zeros((high, wide), np.float32)
    mask[max(below, 0) :] = 0.9
    mask = cv2.GaussianBlur(mask, (0, 0), max(1.0, box[3] * 0.04))[..., None]
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.float32)
    aim = cv2.cvtColor(np.uint8([[colour]]), cv2.COLOR_RGB2LAB).astype(np.float32)[0, 0]
    other = np.concatenate([0.5 * lab[..., :1] + 0.5 * aim[0], np.broadcast_to(aim[1:], (high, wide, 2))], axis=-1)
    mixed = lab * (1 - mask) + other * mask
    return cv2.cvtColor(np.clip(mixed, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB)


def scenes(rng, count: int) -> Iterator[tuple[Light, int]]:
    """Lights of so many scenes, and which dress is worn."""
    for _ in range(count):
        yield draw_light(rng), int(rng.integers(2))
