"""How well what falls or drifts is found: ``python benchmarks/scenes/drifts.py SIDE [--scenes N]``.

SIDE is build or judge. Scenes of ten seconds: clips (the clean pieces of ``shots/material.py``, at their own size, run
again from the start where they end), photographs under a drawn camera, drawn scenes; developed in drawn looks (grain,
scratches, dark), once as they are and once with snow, rain or dust drawn over them, whose number, direction and speed
are known. Encoded as H.264, then looked at as a reading does. What was chosen was chosen on *build*; *judge* has other
clips, photographs and drawings. Truth: things inside the picture at a time; the median of their velocities.
"""

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import av
import cv2
import numpy as np
import polars as pl
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent / "shots"))

from camera import Size, moving_path, shoot
from looks import develop
from material import CLIPS, PHOTOS, _find_clip, _read_photo, load_pieces

from punctum import media
from punctum.demo.weather import splat
from punctum.pipeline.drifting import Drifter
from punctum.segment.drifts import SceneDrift, sum_drifts
from punctum.tables import FACES, empty

Pictures = NDArray[np.uint8]
SIDES = {"build": ("build",), "judge": ("calibrate", "judge")}
LENGTH_S, LONG_PX = 10.0, 640
LOOKS = ("plain", "plain", "grain", "dark", "scratches+colourless", "grain+dark", "low bit rate")
KINDS = ("snow", "rain", "dust")


class Truth(NamedTuple):
    """What was drawn: its kind, how many are in the picture, their direction and speed."""

    kind: str
    things: float = 0.0
    deg: float = 0.0
    h_s: float = 0.0


class Weather:
    """Snow, rain or dust of drawn density, direction, speed and depth; lengths in picture heights."""

    def __init__(self, rng: np.random.Generator, kind: str, aspect: float) -> None:
        self.kind, self.aspect = kind, aspect
        self.count = int(np.exp(rng.uniform(np.log(20), np.log(250))))
        speed = {"snow": (0.08, 0.6), "rain": (1.0, 3.0), "dust": (0.04, 0.25)}[kind]
        self.h_s = float(np.exp(rng.uniform(*np.log(speed))))
        self.deg = float({"snow": rng.normal(90, 25), "rain": rng.normal(90, 10), "dust": rng.uniform(-180, 180)}[kind])
        radius = {"snow": (0.002, 0.006), "rain": (0.0012, 0.0025), "dust": (0.0015, 0.004)}[kind]
        depth = np.exp(rng.normal(0, 0.35, self.count))
        self.radius = np.exp(rng.uniform(*np.log(radius))) * depth
        self.alpha = np.clip(rng.uniform(0.25, 0.8) * np.exp(rng.normal(0, 0.25, self.count)), 0.1, 1.0)
        ways = np.radians(self.deg) + rng.normal(0, {"snow": 0.15, "rain": 0.03, "dust": 0.4}[kind], self.count)
        speeds = self.h_s * depth * rng.uniform(0.8, 1.2, self.count)
        self.move = np.stack([np.cos(ways), np.sin(ways)], 1) * speeds[:, None]
        self.place = rng.uniform(0, 1, (self.count, 2)) * (aspect + 0.2, 1.2)
        self.sway = rng.uniform(0, 0.004, self.count) * (kind != "rain")
        self.phase = rng.uniform(0, 2 * np.pi, self.count)

    def truth(self) -> Truth:
        """What is known of it."""
        middle = np.median(self.move, axis=0)
        inside = self.count * self.aspect / ((self.aspect + 0.2) * 1.2)
        return Truth(self.kind, inside, float(np.degrees(np.arctan2(middle[1], middle[0]))), float(np.hypot(*middle)))

    def lay(self, picture: Pictures, time_s: float, step_s: float) -> Pictures:
        """Lay it over a picture."""
        high, wide = picture.shape[:2]
        at = (self.place + self.move * time_s) % (self.aspect + 0.2, 1.2) - 0.1
        at[:, 0] += self.sway * np.sin(self.phase + 3 * time_s)
        if self.kind == "rain":
            mask = np.zeros((high, wide), np.uint8)
            for place, move, radius, alpha in zip(at, self.move, self.radius, self.alpha, strict=True):
                ends = [np.rint(16 * high * (place - move * back)).astype(int).tolist() for back in (0, step_s / 2)]
                cv2.line(mask, ends[0], ends[1], 255 * alpha, max(1, round(2 * radius * high)), cv2.LINE_AA, 4)
        else:
            alpha = self.alpha * np.minimum(1.0, (self.radius * high / 0.6) ** 2)
            mask = splat(at[:, 0] * high, at[:, 1] * high, np.maximum(self.radius * high, 0.6), alpha, wide, high)
        cover = mask[..., None].astype(np.float32) / 255
        return np.asarray(picture + (238.0 - picture) * cover + 0.5, np.uint8)


def scenes(side: str, rng: np.random.Generator) -> Iterator[tuple[str, Pictures, float]]:
    """Name, pictures and frames a second of each scene of a side."""
    for part in SIDES[side]:
        for name, spans in CLIPS[part].items():
            path = _find_clip(name)
            if path is None:
                print(f"{name} is not at hand", file=sys.stderr)
                continue
            pictures, fps = decode(path)
            longest = sorted(spans, key=lambda span: span[0] - span[1])[:4]
            for first, end in longest:
                piece = pictures[first:end]
                yield "clip", piece[np.arange(round(LENGTH_S * fps)) % len(piece)], fps
        names = rng.permutation(PHOTOS[part])[:8]
        for name in names:
            for photo in _read_photo(str(name)):
                size = Size(640, 360)
                path_of_camera = moving_path(rng, round(LENGTH_S * 24), photo.pictures, size)
                yield "photograph", shoot([photo.pictures[0]] * len(path_of_camera), path_of_camera, size), 24.0
        for piece in load_pieces(part):
            if piece.source.startswith("drawn") and "set" not in piece.source and "stars" not in piece.source:
                own = piece.pictures[np.arange(round(LENGTH_S * 24)) % len(piece.pictures)]
                yield piece.source.split()[1], np.stack([cv2.resize(one, (640, 360)) for one in own]), 24.0


def decode(path: Path) -> tuple[Pictures, float]:
    """All frames at a still's size, or their own if that is smaller."""
    index = media.open_source(path).video_index
    frames = []
    with av.open(str(path)) as held:
        stream = held.streams[index]
        assert isinstance(stream, av.VideoStream)
        stream.thread_type = "AUTO"
        for frame in held.decode(stream):
            scale = min(1.0, LONG_PX / max(frame.width, frame.height))
            size = (int(frame.width * scale) // 2 * 2, int(frame.height * scale) // 2 * 2)
            small = frame.reformat(*size, "rgb24", interpolation=Interpolation.AREA)
            frames.append((frame.pts or 0, small.to_ndarray()))
        rate = float(stream.average_rate or 24)
    return np.stack([picture for _, picture in sorted(frames, key=lambda one: one[0])]), rate


def watch(film: Path) -> SceneDrift:
    """What a reading sees in a film of one scene."""
    drifter = Drifter()
    found = []
    for block in media.decode_blocks(media.open_source(film), looks="sparse"):
        drifter.take(block.stills, empty(FACES))
    found.append(drifter.rows()[0])
    return sum_drifts(pl.concat(found))


def main() -> None:
    """Draw, watch, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("side", choices=sorted(SIDES))
    parser.add_argument("--scenes", type=int, default=1000)
    parser.add_argument("--each", action="store_true", help="a line for every scene")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    rng = np.random.default_rng(7 if asked.side == "build" else 8)
    rows: list[tuple[str, str, Truth, SceneDrift]] = []
    with tempfile.TemporaryDirectory() as name:
        film = Path(name) / "scene.mp4"
        for number, (source, pictures, fps) in enumerate(scenes(asked.side, rng)):
            if number >= asked.scenes:
                break
            look = LOOKS[int(rng.integers(len(LOOKS)))]
            high, wide = pictures.shape[1] // 2 * 2, pictures.shape[2] // 2 * 2
            pictures = pictures[:, :high, :wide]
            weather = Weather(rng, KINDS[number % 3], wide / high)
            for truth in (Truth("none"), weather.truth()):
                shown = pictures
                if truth.kind != "none":
                    shown = np.stack([weather.lay(one, i / fps, 1 / fps) for i, one in enumerate(pictures)])
                shown = develop(np.random.default_rng(number), shown, look)
                media.write_film(film, shown, fps=round(fps), options={"crf": "21", "preset": "veryfast"})
                rows.append((source, look, truth, watch(film)))
                if asked.each:
                    print(
                        *rows[-1][:2],
                        *(round(v, 2) if isinstance(v, float) else v for one in rows[-1][2:] for v in one),
                    )
    tell(rows)


def tell(rows: list[tuple[str, str, Truth, SceneDrift]]) -> None:
    """Print the tables."""
    print("| drawn | scenes | found | direction off (median, p90) | speed over truth | number over truth |")
    print("|---|---|---|---|---|---|")
    for kind in KINDS:
        own = [(truth, found) for _, _, truth, found in rows if truth.kind == kind]
        hits = [(truth, found) for truth, found in own if found.things]
        off = [abs((found.deg - truth.deg + 180) % 360 - 180) for truth, found in hits]
        speed = [found.h_s / truth.h_s for truth, found in hits]
        number = [found.things / truth.things for truth, found in hits]
        spread = [
            f"{np.median(v):.2f} ({np.percentile(v, 10):.2f}-{np.percentile(v, 90):.2f})" for v in (speed, number)
        ]
        print(
            f"| {kind} | {len(own)} | {len(hits)} | {np.median(off):.0f}°, {np.percentile(off, 90):.0f}° |"
            f" {spread[0]} | {spread[1]} |"
        )
    none: dict[str, list[bool]] = defaultdict(list)
    for source, _, truth, found in rows:
        if truth.kind == "none":
            none[source].append(bool(found.things))
    print("without any: " + ", ".join(f"{source} {sum(v)} of {len(v)}" for source, v in none.items()))
    for what, of, marks in (("things", 1, (0, 40, 100, 400)), ("heights a second", 3, (0, 0.08, 0.15, 0.5, 9))):
        for low, high in pairwise(marks):
            own = [
                bool(found.things) for _, _, truth, found in rows if truth.kind != "none" and low <= truth[of] < high
            ]
            print(f"{low} to {high} {what}: found {sum(own)} of {len(own)}")


if __name__ == "__main__":
    main()
