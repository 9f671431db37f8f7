"""Draws tiny films whose answers are known. Every function writes one file and gives its path back.

The pictures are smooth and coded finely, so that what comes out is what went in, within a few code values.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from punctum.film import Box
from punctum.media import write_film

FPS = 25
SHAPE = (96, 160)
RATE_HZ = 48000

FINE = {"preset": "ultrafast", "crf": "10", "g": "24"}
"""Nearly lossless; a key frame every 24 frames."""

B_FRAMES = {"preset": "veryfast", "crf": "16", "g": "24", "bf": "3", "b-adapt": "0", "sc_threshold": "0"}
OPEN_GOPS = {**B_FRAMES, "x264-params": "open-gop=1"}


def grey(level: float, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """One flat picture, level 0..1."""
    return np.full((*shape, 3), round(255 * level), np.uint8)


def flat(colour: tuple[int, int, int], shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """One flat picture of a colour."""
    return np.broadcast_to(np.array(colour, np.uint8), (*shape, 3)).copy()


def moving(count: int, shape: tuple[int, int] = SHAPE, seed: int = 0) -> Iterator[np.ndarray]:
    """A soft pattern that drifts: every frame differs from every other."""
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    phase = np.random.default_rng(seed).uniform(0, 6, 3)
    for i in range(count):
        channels = [
            128 + 80 * np.sin((columns * (c + 1) + i * (3 + c)) / 23 + phase[c]) * np.cos((rows + i) / 17 + c)
            for c in range(3)
        ]
        yield np.stack(channels, axis=-1).clip(0, 255).astype(np.uint8)


def barred(picture: np.ndarray, box: Box) -> np.ndarray:
    """The picture with everything outside the box black."""
    out = np.zeros_like(picture)
    rows, columns = slice(box.top, box.top + box.height), slice(box.left, box.left + box.width)
    out[rows, columns] = picture[rows, columns]
    return out


def tone(
    seconds: float, frequency_hz: float = 1000.0, level: float = 0.5, channels: int = 2, rate_hz: int = RATE_HZ
) -> np.ndarray:
    """A sine in every channel."""
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    return np.tile(level * np.sin(2 * np.pi * frequency_hz * time), (channels, 1)).astype(np.float32)


def clicks(seconds: float, every_s: float = 0.5, channels: int = 1, rate_hz: int = RATE_HZ) -> np.ndarray:
    """Short bursts of 2 kHz at multiples of ``every_s``, silence between: they show where sound lies."""
    sound = np.zeros((channels, round(seconds * rate_hz)), np.float32)
    burst = np.sin(2 * np.pi * 2000 * np.arange(round(0.02 * rate_hz)) / rate_hz).astype(np.float32) * 0.8
    for k in range(int(np.ceil(seconds / every_s))):
        at = round(k * every_s * rate_hz)
        sound[:, at : at + burst.size] = burst[: sound.shape[1] - at]
    return sound


def film(
    folder: Path,
    name: str = "film.mp4",
    frames: int = 50,
    sound: np.ndarray | None = None,
    shape: tuple[int, int] = SHAPE,
    **how: object,
) -> Path:
    """A drifting pattern of so many frames, written as ``write_film`` is told."""
    path = folder / name
    how.setdefault("options", FINE if how.get("codec", "libx264") == "libx264" else {})
    write_film(path, moving(frames, shape), how.pop("fps", FPS), sound, how.pop("sample_rate_hz", RATE_HZ), **how)  # type: ignore[arg-type]
    return path


def black_to_white(folder: Path, frames: int = 50, sound: bool = True) -> Path:
    """Frame i is grey of level i / (frames - 1); a tone of 1 kHz unless told otherwise."""
    path = folder / "black_to_white.mp4"
    pictures = (grey(i / (frames - 1)) for i in range(frames))
    write_film(path, pictures, FPS, tone(frames / FPS) if sound else None, RATE_HZ, options=FINE)
    return path


def cuts(folder: Path, at: tuple[int, ...] = (30, 60), frames: int = 90) -> Path:
    """Flat colours that change hard at the given frames; no sound."""
    colours = [(180, 60, 50), (40, 90, 170), (60, 150, 70), (200, 180, 60)]

    def pictures() -> Iterator[np.ndarray]:
        for i in range(frames):
            yield flat(colours[sum(i >= cut for cut in at) % len(colours)])

    path = folder / "cuts.mp4"
    write_film(path, pictures(), FPS, options=FINE)
    return path


VFR_STAMPS = tuple(int(v) for v in np.cumsum([0, *([40, 41, 83, 125, 33] * 12)]))
"""Milliseconds of a film of variable frame rate."""


def variable_rate(folder: Path, name: str = "vfr.mkv", sound: bool = True) -> Path:
    """Frames at ``VFR_STAMPS`` milliseconds, with clicks every half second."""
    path = folder / name
    seconds = VFR_STAMPS[-1] / 1000 + 0.1
    write_film(
        path,
        moving(len(VFR_STAMPS)),
        FPS,
        clicks(seconds) if sound else None,
        RATE_HZ,
        options=FINE,
        pts=VFR_STAMPS,
        time_base=Fraction(1, 1000),
        sound_codec="pcm_s16le",
    )
    return path


LETTERBOX = Box(0, 20, 160, 80)
"""Of a frame of 160 x 120."""


def letterboxed(folder: Path, boxes: tuple[Box, ...] = (LETTERBOX,), each: int = 100) -> Path:
    """A film of 160 x 120 whose picture lies in one box after another, each for so many frames."""
    path = folder / "letterboxed.mp4"

    def pictures() -> Iterator[np.ndarray]:
        for k, box in enumerate(boxes):
            for picture in moving(each, (120, 160), seed=k):
                yield barred(np.maximum(picture, 60), box)

    write_film(path, pictures(), FPS, options={**FINE, "sc_threshold": "0"})
    return path


def rotated(folder: Path, degrees: int = 90) -> Path:
    """The left half of the coded picture is red, the top right quarter white; a player turns it clockwise."""
    picture = grey(0.2)
    picture[:, : SHAPE[1] // 2] = (200, 30, 30)
    picture[: SHAPE[0] // 2, SHAPE[1] // 2 :] = 235
    path = folder / f"rotated{degrees}.mp4"
    write_film(path, (picture for _ in range(10)), FPS, options=FINE, rotation_deg=degrees)
    return path


def many_kinds() -> dict[str, Callable[[Path], Path]]:
    """Films of two seconds in many codecs and containers, by name."""

    def kind(name: str, **how: object) -> Callable[[Path], Path]:
        sound = tone(2.0)
        return lambda folder: film(folder, name, 50, sound, **dict(how))

    return {
        "h264 mp4": kind("a.mp4"),
        "h264 b-frames mkv": kind("b.mkv", options=B_FRAMES),
        "h264 open gop ts": kind("c.ts", options=OPEN_GOPS, sound_codec="ac3"),
        "hevc mp4": kind("d.mp4", codec="libx265", options={"x265-params": "log-level=none:keyint=24", "crf": "16"}),
        "mpeg4 avi": kind(
            "e.avi", codec="mpeg4", options={"b": "6M", "g": "24", "bf": "0"}, colour="bt601", sound_codec="mp3"
        ),
        "mpeg2 ts": kind("f.ts", codec="mpeg2video", options={"b": "4M", "g": "12", "bf": "2"}, sound_codec="mp2"),
        "mpeg2 ps": kind("g.mpg", codec="mpeg2video", options={"b": "4M", "g": "12"}, sound_codec="mp2"),
        "vp9 webm": kind(
            "h.webm",
            codec="libvpx-vp9",
            options={"deadline": "realtime", "cpu-used": "8", "b": "2M", "g": "24"},
            colour="bt601",
            sound_codec="libopus",
        ),
        "vp8 webm": kind(
            "i.webm",
            codec="libvpx",
            options={"deadline": "realtime", "cpu-used": "8", "b": "2M", "g": "24"},
            colour="bt601",
            sound_codec="libopus",
        ),
        "mjpeg mov": kind(
            "k.mov",
            codec="mjpeg",
            options={"b": "20M"},
            pixel_format="yuvj420p",
            colour="bt601",
            sound_codec="pcm_s16le",
        ),
        "prores mov": kind("l.mov", codec="prores_ks", pixel_format="yuv422p10le", sound_codec="pcm_s24le"),
        "ffv1 mkv": kind("m.mkv", codec="ffv1", sound_codec="flac"),
    }
