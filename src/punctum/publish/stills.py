"""Cuts an essay's stills and clips out of its films, each file once.

Conventions: a film lies where its bundle says it does; where it is not there, the bundle's own stills stand in. Files'
names are made of a film's key, a frame's number and a width, never of what a writer wrote.
"""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from punctum.bundle import kept_stills, writing
from punctum.bundle.folder import STILLS, still_name
from punctum.errors import PunctumError
from punctum.essay import Footage
from punctum.essay.prose import Image
from punctum.essay.showing import Frame
from punctum.media import crop_still, decode_picture, encode_picture, identify, open_source
from punctum.media.clips import cut_clip, still_frames
from punctum.media.source import Source
from punctum.reading.sentences import write_clock

QUALITY = 82
CLIP_LONG_PX = 960


@dataclass
class Cutter:
    """Cuts pictures of one essay into a folder; ``published`` gathers what was, by film."""

    folder: Path
    films: Mapping[str, Footage | PunctumError]
    sources: dict[str, Source | None] = field(default_factory=dict)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    stills: dict[str, set[int]] = field(default_factory=dict)
    clips: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def cut(self, frames: Sequence[Frame], titles: Mapping[str, str]) -> dict[Frame, Image]:
        """Cut frames, those of one film in its order.

        Returns
        -------
        dict of Frame to Image
            what could be cut
        """
        images = {}
        for frame in sorted(set(frames)):
            name = f"{frame.film}-{frame.frame:06d}-{frame.width_px}.jpg"
            if name not in self.sizes:
                picture = self._picture(frame)
                if picture is None:
                    continue
                picture = _narrow(picture, frame.width_px)
                self._write(name, encode_picture(picture, QUALITY))
                self.sizes[name] = (picture.shape[1], picture.shape[0])
            self.stills.setdefault(frame.film, set()).add(frame.frame)
            wide, high = self.sizes[name]
            shot = f", shot {frame.shot}" if frame.shot is not None else ""
            title, at = titles.get(frame.film, frame.film), write_clock(frame.time_s, 1)
            images[frame] = Image(name, wide, high, f"{title} at {at}{shot}", f"{write_clock(frame.time_s)}{shot}")
        return images

    def clip(self, film: str, start_s: float, end_s: float) -> str:
        """Cut a clip; "" where the film is not there."""
        source = self._source(film)
        if source is None:
            return ""
        name = f"{film}-{round(start_s * 1000)}-{round(end_s * 1000)}.mp4"
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        cut_clip(source, start_s, end_s, self.folder / name, everywhere=True, long_px=CLIP_LONG_PX)
        self.sizes[name] = (0, 0)
        self.clips.setdefault(film, []).append((start_s, end_s))
        return name

    def account(self, film: str) -> str:
        """How much of a film is published, in words, with seconds and share."""
        footage = self.films.get(film)
        if not isinstance(footage, Footage):
            return ""
        frames = len(self.stills.get(film, ()))
        clip_s = _joined(self.clips.get(film, []))
        duration_s = max(footage.film.duration_s, 1e-9)
        still_s = frames * duration_s / max(footage.film.frame_count, 1)
        words = f"{frames} {'still' if frames == 1 else 'stills'}"
        if clip_s:
            words += f" and {clip_s:.1f} s of clips"
        share = 100 * (clip_s + still_s) / duration_s
        told = f"{share:.1f} %" if share >= 0.1 else f"{share:.2f} %"
        return f"{words} published: {clip_s + still_s:.1f} s of {write_clock(duration_s)}, {told}"

    def _source(self, film: str) -> Source | None:
        if film not in self.sources:
            self.sources[film] = self._open(film)
        return self.sources[film]

    def _open(self, film: str) -> Source | None:
        footage = self.films[film]
        assert isinstance(footage, Footage)
        bundle = footage.bundle
        place = Path(bundle.address) / bundle.film_address if bundle.film_address else None
        if place is not None and place.is_file():
            with contextlib.suppress(PunctumError, OSError):
                if identify(place) == footage.film.film_id:
                    return open_source(place)
        self.remarks.append(
            f"the film of `{film}` is not where it was read: its bundle’s own stills stand in, no clips"
        )
        return None

    def _picture(self, frame: Frame) -> np.ndarray | None:
        footage = self.films[frame.film]
        assert isinstance(footage, Footage)
        source = self._source(frame.film)
        if source is not None:
            with contextlib.suppress(PunctumError):
                for _, picture in still_frames(source, [frame.time_s + 1e-4]):
                    return crop_still(source, picture, footage.film.stretches, frame.time_s)
        folder = Path(footage.bundle.address)
        kept = kept_stills(folder)
        if not kept:
            return None
        nearest = min(kept, key=lambda number: (abs(number - frame.frame), number))
        with contextlib.suppress(PunctumError, OSError):
            return decode_picture((folder / STILLS / still_name(nearest)).read_bytes())
        return None

    def _write(self, name: str, data: bytes) -> None:
        with writing(self.folder / name):
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(data)


def _narrow(picture: np.ndarray, width_px: int) -> np.ndarray:
    high, wide = picture.shape[:2]
    if wide <= width_px:
        return picture
    size = (width_px, max(round(high * width_px / wide), 1))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _joined(spans: Sequence[tuple[float, float]]) -> float:
    """Seconds that spans cover together."""
    total, reached = 0.0, -1.0
    for start_s, end_s in sorted(spans):
        total += max(end_s - max(start_s, reached), 0.0)
        reached = max(reached, end_s)
    return total
