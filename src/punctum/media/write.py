"""Writes films: the sample film, the tests' films, the benchmarks'.

Conventions: the same frames and samples give the same bytes (no date, no encoder's name, threads
that do not change the stream).
"""

import contextlib
import errno
import os
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from numpy.typing import NDArray

from punctum.errors import OutputUnwritable, quoted

_TAGS = {"bt709": (1, 1, 1), "bt601": (6, 6, 6), "pq": (9, 16, 9), "hlg": (9, 18, 9), "": (2, 2, 2)}
"""Primaries, transfer and matrix by name (ITU-T H.273)."""


def write_film(
    path: str | os.PathLike[str],
    frames: Iterable[NDArray[np.uint8]],
    fps: Fraction | int = 24,
    sound: NDArray[np.float32] | None = None,
    sample_rate_hz: int = 48000,
    *,
    codec: str = "libx264",
    options: Mapping[str, str] | None = None,
    pixel_format: str = "yuv420p",
    colour: str = "bt709",
    sound_codec: str = "aac",
    sound_layout: str | None = None,
    container_options: Mapping[str, str] | None = None,
    container_format: str | None = None,
    pts: Sequence[int] | None = None,
    time_base: Fraction | None = None,
    start_s: float = 0.0,
    pixel_aspect: Fraction = Fraction(1),
    rotation_deg: int = 0,
    interlaced: bool = False,
    tags: Mapping[str, str] | None = None,
) -> None:
    """Write a film from frames and samples.

    Parameters
    ----------
    path : path-like
        its ending names the container, unless ``container_format`` does
    frames : iterable of np.ndarray [shape=(h, w, 3), dtype=uint8, or uint16 for more than eight bits]
        R'G'B', all of one shape
    fps : Fraction or int
        frames a second, also where ``pts`` is given (the encoder's rate control wants it)
    sound : np.ndarray [shape=(channels, samples), dtype=float32], optional
        full scale is -1..1
    sample_rate_hz : int
        of ``sound``
    codec, options, pixel_format : str, mapping, str
        encoder of the pictures, its own options, its pixel format
    colour : str
        ``bt709``, ``bt601``, ``pq``, ``hlg`` (tags only: frames are given as coded), "" for none
    sound_codec, sound_layout : str
        encoder of the sound and layout of its channels, by default mono, stereo or 5.1 by their number
    container_options, container_format : mapping, str
        the container's own options; its FFmpeg name where the path's ending does not tell
    pts, time_base : sequence of int, Fraction
        stamp of each frame, for variable frame rates, and its unit; by default one frame each
    start_s : float
        where the first frame lies on the file's clock
    pixel_aspect : Fraction
        width to height of a pixel
    rotation_deg : int
        clockwise turn that a player should give the picture
    interlaced : bool
        encode as interlaced, top field first
    tags : mapping, optional
        of the container: ``title``, ``date``, ``artist``

    Raises
    ------
    OutputUnwritable
        where the file cannot be written
    """
    base = Fraction(time_base) if time_base is not None else 1 / Fraction(fps)
    settings = dict(options) if options is not None else _default_options(codec)
    try:
        with av.open(
            os.fspath(path),
            "w",
            format=container_format,
            options={"fflags": "+bitexact", **(container_options or {})},
        ) as container:
            container.metadata.update(tags or {})
            picture: Any = None
            voice: Any = None
            offset = round(Fraction(start_s).limit_denominator(1_000_000) / base)
            for number, array in enumerate(frames):
                if picture is None:
                    picture = _picture_stream(
                        container, array, codec, Fraction(fps), base, pixel_format, colour, settings
                    )
                    picture.sample_aspect_ratio = pixel_aspect
                    if rotation_deg % 360:
                        picture.set_display_rotation(-rotation_deg)
                    if interlaced:
                        picture.codec_context.flags |= av.codec.context.Flags.interlaced_dct
                        picture.codec_context.flags |= av.codec.context.Flags.interlaced_me
                    if sound is not None:
                        voice = _sound_stream(container, sound_codec, sample_rate_hz, sound.shape[0], sound_layout)
                frame = _encodable(array, pixel_format, colour)
                frame.time_base = base
                frame.pts = offset + (pts[number] if pts is not None else number)
                for packet in picture.encode(frame):
                    container.mux(packet)
            if picture is not None:
                for packet in picture.encode(None):
                    container.mux(packet)
            if voice is not None and sound is not None:
                _encode_sound(container, voice, sound, sample_rate_hz, start_s)
    except (OSError, av.error.FFmpegError) as error:
        raise unwritable(path, error) from None


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a text beside a film, UTF-8, lines ending as given.

    Raises
    ------
    OutputUnwritable
        where the file cannot be written
    """
    try:
        Path(path).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise unwritable(path, error) from None


def unwritable(path: str | os.PathLike[str], error: Exception) -> OutputUnwritable:
    """Give the error for a file that could not be written: what, where, why."""
    number = getattr(error, "errno", None)
    if number == errno.ENOSPC:
        return OutputUnwritable(f"no room left on the disk for {quoted(path)}", "make room, or name another place")
    reason = getattr(error, "strerror", None) or str(error)
    return OutputUnwritable(f"cannot write {quoted(path)}: {reason}", "name a folder that exists and can be written to")


def _default_options(codec: str) -> dict[str, str]:
    if codec == "libx264":
        # bitexact leaves the encoder's name and settings out; threads by slices would change the stream
        return {"preset": "veryfast", "crf": "18", "g": "48"}
    return {}


def _picture_stream(
    container: Any,
    array: NDArray[Any],
    codec: str,
    fps: Fraction,
    base: Fraction,
    pixel_format: str,
    colour: str,
    options: dict[str, str],
) -> Any:
    stream = container.add_stream(codec, rate=fps, options=options)
    stream.height, stream.width = array.shape[:2]
    stream.pix_fmt = pixel_format
    context = stream.codec_context
    context.time_base = base
    context.thread_count = 1
    with contextlib.suppress(AttributeError):
        stream.time_base = base
    context.flags |= av.codec.context.Flags.bitexact
    primaries, transfer, matrix = _TAGS[colour]
    context.color_primaries, context.color_trc, context.colorspace = primaries, transfer, matrix
    context.color_range = 2 if pixel_format.startswith("yuvj") else 1
    return stream


def _encodable(array: NDArray[Any], pixel_format: str, colour: str) -> Any:
    frame = av.VideoFrame.from_ndarray(
        np.ascontiguousarray(array), format="rgb24" if array.dtype == np.uint8 else "rgb48le"
    )
    matrix = {"bt709": Colorspace.ITU709, "bt601": Colorspace.ITU601, "pq": 9, "hlg": 9}.get(colour, Colorspace.ITU601)
    return frame.reformat(
        format=pixel_format,
        src_colorspace=matrix,
        dst_colorspace=matrix,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.JPEG if pixel_format.startswith("yuvj") else ColorRange.MPEG,
        interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND,
        threads=1,
    )


def _sound_stream(container: Any, codec: str, rate_hz: int, channels: int, layout: str | None) -> Any:
    names = {1: "mono", 2: "stereo", 3: "2.1", 4: "quad", 5: "5.0", 6: "5.1", 8: "7.1"}
    stream = container.add_stream(codec, rate=rate_hz, layout=layout or names[channels])
    context = stream.codec_context
    context.flags |= av.codec.context.Flags.bitexact
    context.thread_count = 1
    if codec == "aac":
        context.bit_rate = 96_000 * channels
    return stream


def _encode_sound(container: Any, stream: Any, sound: NDArray[np.float32], rate_hz: int, start_s: float) -> None:
    context = stream.codec_context
    size = context.frame_size or 1024
    resampler = av.AudioResampler(format=context.format, layout=context.layout, rate=rate_hz)
    for at in range(0, sound.shape[1], size):
        piece = np.ascontiguousarray(sound[:, at : at + size], dtype=np.float32)
        # interleaved: PyAV miscounts the planes of eight channels
        piece = np.ascontiguousarray(piece.T).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(piece, format="flt", layout=context.layout.name)
        frame.sample_rate = rate_hz
        frame.time_base = Fraction(1, rate_hz)
        frame.pts = at + round(start_s * rate_hz)
        for out in resampler.resample(frame):
            for packet in stream.encode(out):
                container.mux(packet)
    for packet in stream.encode(None):
        container.mux(packet)
