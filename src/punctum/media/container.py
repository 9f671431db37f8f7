"""Opens film files for PyAV: as local files only, within bounds, over damage.

Conventions: a file is opened as a file, never as an address, a pipe, a list or a pattern; no frame
of more than ``MAX_PIXELS`` is decoded, and the frames a decoder holds stay below ``MEMORY_BYTES``.
"""

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import av.error
from av.container import InputContainer
from av.stream import Discard, Disposition

from punctum.errors import FilmUnreadable, UsageWrong, quoted
from punctum.measure.words import language_code
from punctum.media.headers import describe_stranger

MAX_PIXELS = 64 * 1024 * 1024
"""No frame of more pixels is decoded."""

MEMORY_BYTES = 3_000_000_000
"""What the decoder's frames may take together: together with all else, less than 4 GB."""

DECODING_ERRORS = (av.error.FFmpegError, ValueError, MemoryError)
"""What a decoder, a filter or a resampler raises over damage."""

# Playlists would open other files or addresses; the others are pictures or text, not film.
_NOT_FILM = re.compile(
    r"(^|,)(hls|applehttp|dash|concat|sdp|rtsp|rtp|imf|tty|lavfi|tedcaptions|vapoursynth|image2|image2pipe|ico|"
    r"[a-z0-9]+_pipe|webvtt|srt|ass|subviewer|microdvd|ffmetadata)(,|$)"
)
_FILM = ",".join(sorted(name for name in av.formats_available if not _NOT_FILM.search(name)))
"""Demultiplexers that may be used: the others are refused before they open what they list."""

_ASIDE = re.compile(r"comment|descri|hörfilm|audiodes|isolated|karaoke", re.IGNORECASE)
_STILL_DISPOSITION = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
_ASIDE_DISPOSITION = (
    Disposition.comment
    | Disposition.visual_impaired
    | Disposition.descriptions
    | Disposition.karaoke
    | Disposition.lyrics
    | Disposition.clean_effects
    | Disposition.dependent
)

# Frames that a decoder may hold besides its threads': reference and delayed pictures.
_HELD_FRAMES = {"h264": 14, "hevc": 14, "vvc": 14, "av1": 10, "libdav1d": 10, "vp9": 10}

_LIST = "`ffprobe {0!a}` lists what is inside"
CONVERT = "convert it with `ffmpeg` to H.264 in Matroska or MP4"


def check_file(path: str | os.PathLike[str]) -> os.stat_result:
    """Raise FilmUnreadable unless there is a readable, regular file that is not empty.

    Raises
    ------
    FilmUnreadable
        with one line and a hint
    """
    name = quoted(path)
    try:
        status = Path(path).stat()
        if stat.S_ISDIR(status.st_mode):
            raise FilmUnreadable(f"{name} is a directory", "name a film file inside it")
        if not stat.S_ISREG(status.st_mode):
            raise FilmUnreadable(f"{name} is not a regular file", "copy the film to a file first")
        if status.st_size == 0:
            raise FilmUnreadable(f"{name} is empty", "copy it again from where it came")
        with Path(path).open("rb") as file:
            file.read(1)
    except FileNotFoundError:
        raise FilmUnreadable(f"{name} does not exist", "check the spelling and the folder") from None
    except PermissionError:
        raise FilmUnreadable(f"{name} may not be read", "ask its owner for permission to read it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FilmUnreadable(f"{name} cannot be read: {reason}", "check the disk it is on") from None
    return status


def open_container(path: str, probe: str = "") -> InputContainer:
    """Open a file for demultiplexing: as a local file only, whatever its name looks like.

    ``probe`` names the one decoder that may be run to find out about the streams; "none" runs no decoder, which is
    quicker and decodes no picture before its size is known.

    Raises
    ------
    FilmUnreadable
        where it is no film that this FFmpeg knows
    """
    name = quoted(path)
    options = {"protocol_whitelist": "file", "format_whitelist": _FILM, "max_pixels": str(MAX_PIXELS)}
    if probe:
        options["codec_whitelist"] = probe
    try:
        # "file:" so that a name such as "concat:a|b" or "http://…" is never more than a name
        container = av.open("file:" + path, "r", options=options, metadata_errors="replace")
    except MemoryError:
        raise FilmUnreadable(
            f"{name} asks for more memory than a film may", "it is damaged or made to do harm"
        ) from None
    except (av.error.FFmpegError, OSError, ValueError, UnicodeError) as error:
        check_file(path)
        stranger = describe_stranger(path)
        if stranger is not None:
            raise FilmUnreadable(f"{name} is {stranger[0]}", stranger[1]) from None
        reason = getattr(error, "strerror", None) or str(error)
        raise FilmUnreadable(
            f"{name} is no film that can be opened: {reason}", f"`ffprobe {os.fspath(path)!a}` says what it is"
        ) from None
    if _NOT_FILM.search(container.format.name):
        kind = container.format.name.split(",")[0]
        container.close()
        raise FilmUnreadable(
            f"{name} is not a film but a picture, a text or a list ({kind})", "name the film file itself"
        )
    return container


def limit_decoder(context: Any, path: str, threads: int, thread_type: str = "AUTO") -> None:
    """Set a picture decoder's threads and bounds before it is opened.

    Raises
    ------
    FilmUnreadable
        where the frames it declares are larger than ``MAX_PIXELS``, or would not fit in memory
    """
    pixels = context.width * context.height
    if pixels > MAX_PIXELS:
        raise FilmUnreadable(
            f"{quoted(path)} declares frames of {context.width} x {context.height} pixels",
            "frames of up to 64 megapixels are read; make a smaller copy",
        )
    frame_bytes = max(pixels, 1) * _bytes_per_pixel(context)
    held = _HELD_FRAMES.get(context.name, 4)
    room = int(MEMORY_BYTES / frame_bytes) - held
    if room < 1:
        raise FilmUnreadable(
            f"{quoted(path)} declares frames that would not fit in memory ({context.width} x {context.height})",
            "make a smaller copy",
        )
    wanted = threads if threads > 0 else min(os.cpu_count() or 1, 16)
    context.thread_type = thread_type
    context.thread_count = max(1, min(wanted, room))
    context.options = {"max_pixels": str(min(MAX_PIXELS, int(MEMORY_BYTES / (_bytes_per_pixel(context) * (held + 1)))))}


def _bytes_per_pixel(context: Any) -> float:
    layout = context.format
    if layout is None:
        return 1.5  # not known before a frame is decoded; it is looked at again then
    try:
        wide = 2 if max(c.bits for c in layout.components) > 8 else 1
        return sum(
            wide * (1.0 if c.is_luma or c.is_alpha or layout.is_rgb else _chroma_share(layout))
            for c in layout.components
        )
    except (ValueError, AttributeError):
        return 4.0


def _chroma_share(layout: Any) -> float:
    return float(layout.chroma_width(64) * layout.chroma_height(64)) / 4096


def choose_video(container: InputContainer, path: str) -> int:
    """Number of the stream that is the film: no attached picture, the default one, then the largest."""
    every = list(container.streams.video)
    moving = [s for s in every if not s.disposition & _STILL_DISPOSITION]
    if not moving:
        if every:
            raise FilmUnreadable(
                f"{quoted(path)} holds only a picture, such as a cover, and no film", _LIST.format(path)
            )
        if container.streams.audio:
            raise FilmUnreadable(f"{quoted(path)} has no video stream, only sound", _LIST.format(path))
        raise FilmUnreadable(f"{quoted(path)} has no video stream", _LIST.format(path))
    known = [s for s in moving if s.codec_context is not None]
    if not known:
        raise FilmUnreadable(f"{quoted(path)} is in a picture format that cannot be decoded here", CONVERT)
    best = max(
        known,
        key=lambda s: (
            bool(s.disposition & Disposition.default),
            s.codec_context.width * s.codec_context.height,
            -s.index,
        ),
    )
    return best.index


def rank_sound(container: InputContainer, language: str = "") -> list[int]:
    """Numbers of the sound streams, the film's own first: commentaries and descriptions come last.

    Parameters
    ----------
    container : InputContainer
    language : str
        one wanted, in any form; "" takes the default

    Raises
    ------
    UsageWrong
        where no stream but commentaries is in that language
    """

    def is_aside(stream: Any) -> bool:
        title = stream.metadata.get("title", "")
        return bool(stream.disposition & _ASIDE_DISPOSITION) or bool(_ASIDE.search(title))

    def spoken(stream: Any) -> str:
        return language_code(stream.metadata.get("language", ""))

    wanted = language_code(language)

    def rank(stream: Any) -> tuple[Any, ...]:
        default = bool(stream.disposition & Disposition.default)
        elsewhere = bool(wanted) and spoken(stream) != wanted
        return (is_aside(stream), elsewhere, not default, -stream.codec_context.channels, stream.index)

    streams = [stream for stream in container.streams.audio if stream.codec_context is not None]
    own = sorted({spoken(stream) for stream in streams if not is_aside(stream)} - {""})
    if language and (not wanted or wanted not in own):
        raise UsageWrong(
            f"the film has no sound track in {quoted(language)}",
            f"it has {', '.join(own)}" if own else "its sound tracks name no language: leave `--audio` out",
        )
    return [stream.index for stream in sorted(streams, key=rank)]


def only(container: InputContainer, index: int) -> Any:
    """Return a stream, with all others left out of the reading where the container can skip them."""
    for stream in container.streams:
        with contextlib.suppress(AttributeError, ValueError):
            stream.discard = Discard.default if stream.index == index else Discard.all
    return container.streams[index]


def packets(container: InputContainer, stream: Any, faults: dict[str, int] | None = None) -> Iterator[Any]:
    """Yield a stream's packets in the order of the file, over errors; flushing packets are left out."""
    failures = strangers = 0
    while failures < 50 and strangers < 1_000_000:
        try:
            for packet in container.demux(stream):
                if packet.size == 0 and packet.dts is None and packet.pts is None:
                    continue
                failures = 0
                yield packet
            return
        except (av.error.EOFError, StopIteration):
            return
        except IndexError:
            strangers += 1  # a packet of a stream that begins only now, which PyAV does not know
        except (av.error.FFmpegError, OSError, ValueError):
            failures += 1
            if faults is not None:
                faults["container errors"] = faults.get("container errors", 0) + 1


def versions() -> dict[str, str]:
    """Versions of the libraries that decode."""
    found = {"av": av.__version__}
    for name in ("libavcodec", "libavformat", "libswscale"):
        found[name] = ".".join(str(n) for n in av.library_versions.get(name, ()))
    return found
