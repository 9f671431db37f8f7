"""What a film file holds: which streams are the film, its clock, its shape, its colour.

Conventions: a file is always opened as a file (never as an address, a pipe or a pattern), what it
declares is checked against what decodes, and time stamps are integers of ``time_base``. Times in
seconds count from the film's first shown frame. Rotation is the clockwise turn that makes the
coded picture upright; widths, heights and boxes are those of the upright coded picture, before
``pixel_aspect`` stretches it.
"""

import contextlib
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
from av.container import InputContainer
from av.stream import Discard, Disposition

from punctum.errors import FilmUnreadable
from punctum.film import Box, Film, Stretch

MAX_PIXELS = 64 * 1024 * 1024
"""No frame of more pixels is decoded."""

MEMORY_BYTES = 3_000_000_000
"""What the decoder's frames may take together: together with all else, less than 4 GB."""

IDENTITY_PIECES = 64
IDENTITY_PIECE_BYTES = 65536
"""A film's identity is made of so many pieces of so many bytes, spread evenly."""

_PROBE_PACKETS = 2000
"""So many packets may fail before a stream counts as undecodable."""

# Playlists would open other files or addresses; the others are pictures or text, not film.
_NOT_FILM = re.compile(
    r"(^|,)(hls|applehttp|dash|concat|sdp|rtsp|rtp|imf|tty|lavfi|tedcaptions|vapoursynth|image2|image2pipe|ico|"
    r"[a-z0-9]+_pipe|webvtt|srt|ass|subviewer|microdvd|ffmetadata)(,|$)"
)
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


@dataclass(frozen=True)
class Source:
    """A film file that was opened once and found readable.

    ``film`` has ``frame_count`` 0 and ``duration_s`` as the file declares it (0 where it declares none, not to be
    trusted) until the film has been read. ``video_index`` and ``sound_index`` number the file's streams; ``first_pts``
    is the first shown frame's stamp and ``nominal_ticks`` a frame's usual length, both in ``time_base``. ``transfer``
    is ``sdr``, ``pq`` or ``hlg``; ``wide`` says that the primaries are those of BT.2020. ``stamped`` is False where packets carry
    no presentation stamps, so that frames are numbered by decoding only. ``coded_width_px`` and ``coded_height_px``
    are before rotation. ``notes`` are remarks worth keeping in ``made.json``.
    """

    path: str
    film: Film
    video_index: int
    sound_index: int | None
    time_base: Fraction
    first_pts: int
    nominal_ticks: int
    coded_width_px: int
    coded_height_px: int
    pixel_format: str
    transfer: str = "sdr"
    wide: bool = False
    interlaced: bool = False
    stamped: bool = True
    notes: tuple[str, ...] = ()

    @property
    def nominal_s(self) -> float:
        """A frame's usual length in seconds."""
        return float(self.nominal_ticks * self.time_base)

    def time_s(self, pts: int) -> float:
        """Seconds from the first frame of a stamp."""
        ticks = pts - self.first_pts
        return ticks * self.time_base.numerator / self.time_base.denominator

    def pts_at(self, time_s: float) -> int:
        """Return the stamp nearest to a time."""
        return self.first_pts + round(time_s / self.time_base)


def quote(path: str | os.PathLike[str]) -> str:
    r"""Give a file's name for a message: in backquotes, control characters and line breaks escaped.

    Examples
    --------
    >>> print(quote("two\nlines.mkv"))
    `two\nlines.mkv`
    """
    name = os.fspath(path)
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in name)
    return f"`{shown}`"


def check_file(path: str | os.PathLike[str]) -> os.stat_result:
    """Raise FilmUnreadable unless there is a readable, regular file that is not empty.

    Raises
    ------
    FilmUnreadable
        with one line and a hint
    """
    name = quote(path)
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


def identify(path: str | os.PathLike[str]) -> str:
    """Work out a film's identity, ``film_id``, at once whatever its size.

    BLAKE2b (16 bytes, hexadecimal) of the file's size as 8 bytes, little-endian, and of 64 pieces of 64 KiB spread
    evenly from its first byte to its last; the whole where it is no longer than these.

    Raises
    ------
    FilmUnreadable
        where the file cannot be read
    """
    size = check_file(path).st_size
    digest = hashlib.blake2b(size.to_bytes(8, "little"), digest_size=16)
    try:
        with Path(path).open("rb") as file:
            if size <= IDENTITY_PIECES * IDENTITY_PIECE_BYTES:
                digest.update(file.read(IDENTITY_PIECES * IDENTITY_PIECE_BYTES))
            else:
                for piece in range(IDENTITY_PIECES):
                    file.seek(piece * (size - IDENTITY_PIECE_BYTES) // (IDENTITY_PIECES - 1))
                    digest.update(file.read(IDENTITY_PIECE_BYTES))
    except OSError as error:
        raise FilmUnreadable(f"{quote(path)} cannot be read: {error.strerror}", "check the disk it is on") from None
    return digest.hexdigest()


def open_container(path: str) -> InputContainer:
    """Open a file for demultiplexing: as a local file only, whatever its name looks like.

    Raises
    ------
    FilmUnreadable
        where it is no film that this FFmpeg knows
    """
    name = quote(path)
    options = {"protocol_whitelist": "file", "max_pixels": str(MAX_PIXELS)}
    try:
        # "file:" so that a name such as "concat:a|b" or "http://…" is never more than a name
        container = av.open("file:" + path, "r", options=options, metadata_errors="replace")
    except MemoryError:
        raise FilmUnreadable(
            f"{name} asks for more memory than a film may", "it is damaged or made to do harm"
        ) from None
    except (av.error.FFmpegError, OSError, ValueError, UnicodeError) as error:
        check_file(path)
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
            f"{quote(path)} declares frames of {context.width} x {context.height} pixels",
            "frames of up to 64 megapixels are read; make a smaller copy",
        )
    frame_bytes = max(pixels, 1) * _bytes_per_pixel(context)
    held = _HELD_FRAMES.get(context.name, 4)
    room = int(MEMORY_BYTES / frame_bytes) - held
    if room < 1:
        raise FilmUnreadable(
            f"{quote(path)} declares frames that would not fit in memory ({context.width} x {context.height})",
            "make a smaller copy",
        )
    wanted = threads if threads > 0 else min(os.cpu_count() or 1, 16)
    context.thread_type = thread_type
    context.thread_count = max(1, min(wanted, room))
    context.options = {"max_pixels": str(min(MAX_PIXELS, int(MEMORY_BYTES / (_bytes_per_pixel(context) * (held + 1)))))}


def _bytes_per_pixel(context: Any) -> float:
    layout = context.format
    if layout is None:
        return 4.0
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
                f"{quote(path)} holds only a picture, such as a cover, and no film", _LIST.format(path)
            )
        if container.streams.audio:
            raise FilmUnreadable(f"{quote(path)} has no video stream, only sound", _LIST.format(path))
        raise FilmUnreadable(f"{quote(path)} has no video stream", _LIST.format(path))
    known = [s for s in moving if s.codec_context is not None]
    if not known:
        raise FilmUnreadable(f"{quote(path)} is in a picture format that cannot be decoded here", _CONVERT)
    best = max(
        known,
        key=lambda s: (
            bool(s.disposition & Disposition.default),
            s.codec_context.width * s.codec_context.height,
            -s.index,
        ),
    )
    return best.index


_LIST = "`ffprobe {0!a}` lists what is inside"
_CONVERT = "convert it with `ffmpeg` to H.264 in Matroska or MP4"


def rank_sound(container: InputContainer) -> list[int]:
    """Numbers of the sound streams, the film's own first: commentaries and descriptions come last."""

    def rank(stream: Any) -> tuple[Any, ...]:
        aside = bool(stream.disposition & _ASIDE_DISPOSITION) or bool(_ASIDE.search(stream.metadata.get("title", "")))
        default = bool(stream.disposition & Disposition.default)
        return (aside, not default, -stream.codec_context.channels, stream.index)

    return [s.index for s in sorted((s for s in container.streams.audio if s.codec_context is not None), key=rank)]


def only(container: InputContainer, index: int) -> Any:
    """Return a stream, with all others left out of the reading where the container can skip them."""
    for stream in container.streams:
        with contextlib.suppress(AttributeError, ValueError):
            stream.discard = Discard.default if stream.index == index else Discard.all
    return container.streams[index]


def open_source(path: str | os.PathLike[str]) -> Source:
    """Find out what a film file holds, by decoding its first frame.

    Parameters
    ----------
    path : path-like
        the film file; only ever opened as a local file

    Returns
    -------
    source : Source
        small, frozen, survives pickling

    Raises
    ------
    FilmUnreadable
        for what is missing, unreadable, empty, no film, sound only, a picture only, undecodable or too large
    """
    from punctum.media.sound import first_sound

    film_id = identify(path)
    name = os.fspath(path)
    container = open_container(name)
    try:
        index = choose_video(container, name)
        stream: Any = only(container, index)
        limit_decoder(stream.codec_context, name, threads=1)
        stamped, frames = _first_frames(container, stream)
        if not frames:
            raise FilmUnreadable(f"{quote(name)} has a video stream, but no frame of it can be decoded", _CONVERT)
        first = frames[0]
        declared = _declared_s(container, stream)
        average = _rate(stream, frames)
        codec = stream.codec_context.name
        aspect = _aspect(stream)
        base = Fraction(stream.time_base)
        sounds = rank_sound(container)
    finally:
        container.close()

    notes: list[str] = []
    rotation = (-_rotation_ccw(first)) % 360
    width, height = first.width, first.height
    if rotation in (90, 270):
        width, height, aspect = height, width, 1 / aspect
    transfer = {16: "pq", 18: "hlg"}.get(int(first.color_trc), "sdr")
    wide = int(first.color_primaries) == 9
    if transfer != "sdr":
        notes.append(f"high dynamic range ({transfer.upper()}) was tone-mapped to SDR by BT.2446-1 method A")
    sound_index, rate_hz, channels = None, 0, tuple[str, ...]()
    for candidate in sounds:
        found = first_sound(name, candidate)
        if found is not None:
            sound_index, (rate_hz, channels) = candidate, found
            break
    if sounds and sound_index is None:
        notes.append("the sound could not be decoded")
    first_pts = first.pts if first.pts is not None else 0
    whole = Box(0, 0, width, height)
    film = Film(
        film_id=film_id,
        title=Path(name).stem,
        year=None,
        time_base=base,
        frame_count=0,
        duration_s=declared,
        width_px=width,
        height_px=height,
        active_box_px=whole,
        sample_rate_hz=rate_hz,
        channels=channels,
        stretches=(Stretch(0.0, declared, whole),),
        pixel_aspect=aspect,
        rotation_deg=rotation,
        codec=codec,
        file_name=Path(name).name,
    )
    return Source(
        path=name,
        film=film,
        video_index=index,
        sound_index=sound_index,
        time_base=base,
        first_pts=first_pts,
        nominal_ticks=max(1, round(1 / (average * base))),
        coded_width_px=first.width,
        coded_height_px=first.height,
        pixel_format=first.format.name,
        transfer=transfer,
        wide=wide,
        interlaced=bool(first.interlaced_frame),
        stamped=stamped,
        notes=tuple(notes),
    )


def packets(container: InputContainer, stream: Any, faults: dict[str, int] | None = None) -> Iterator[Any]:
    """Yield a stream's packets in the order of the file, over errors; flushing packets are left out."""
    failures = 0
    while failures < 50:
        try:
            for packet in container.demux(stream):
                if packet.size == 0 and packet.dts is None and packet.pts is None:
                    continue
                failures = 0
                yield packet
            return
        except (av.error.EOFError, StopIteration):
            return
        except (av.error.FFmpegError, OSError, ValueError):
            failures += 1
            if faults is not None:
                faults["container errors"] = faults.get("container errors", 0) + 1


def _first_frames(container: InputContainer, stream: Any) -> tuple[bool, list[Any]]:
    """Whether packets carry presentation stamps, and the first one or two frames that decode."""
    frames: list[Any] = []
    stamps = tries = 0
    context = stream.codec_context
    for packet in packets(container, stream):
        tries += 1
        stamps += packet.pts is not None
        with contextlib.suppress(av.error.FFmpegError, MemoryError, ValueError):
            frames.extend(context.decode(packet))
        if len(frames) >= 2 or tries >= _PROBE_PACKETS:
            break
    if len(frames) < 2:
        with contextlib.suppress(av.error.FFmpegError, MemoryError, ValueError):
            frames.extend(context.decode(None))
    return stamps * 2 > tries, frames[:2]


def _declared_s(container: InputContainer, stream: Any) -> float:
    for value, unit in ((stream.duration, stream.time_base), (container.duration, Fraction(1, av.time_base))):
        if value is not None and unit is not None:
            seconds = float(value * unit)
            if 0 < seconds < 1e6:
                return seconds
    return 0.0


def _rate(stream: Any, frames: list[Any]) -> Fraction:
    """Frames a second: as declared where that is credible, else from the first two frames, else 25."""
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate is not None and Fraction(1, 10) <= rate <= 1000:
            return Fraction(rate)
    if len(frames) == 2 and None not in (frames[0].pts, frames[1].pts) and frames[1].pts > frames[0].pts:
        rate = 1 / ((frames[1].pts - frames[0].pts) * Fraction(stream.time_base))
        if Fraction(1, 10) <= rate <= 1000:
            return rate
    return Fraction(25)


def _aspect(stream: Any) -> Fraction:
    aspect = stream.sample_aspect_ratio
    if aspect is None or not Fraction(1, 8) <= aspect <= 8:
        return Fraction(1)
    return Fraction(aspect)


def _rotation_ccw(frame: Any) -> int:
    """Counter-clockwise turn in the display matrix, to the quarter."""
    try:
        return round(frame.rotation / 90) * 90 % 360
    except (AttributeError, ValueError, TypeError):
        return 0


def versions() -> dict[str, str]:
    """Versions of the libraries that decode."""
    found = {"av": av.__version__}
    for name in ("libavcodec", "libavformat", "libswscale"):
        found[name] = ".".join(str(n) for n in av.library_versions.get(name, ()))
    return found
