"""What a film file holds: which streams are the film, its clock, its shape, its colour.

Conventions: what a file declares is checked against what decodes; time stamps are integers of
``time_base``; times in seconds count from the film's first shown frame. Rotation is the clockwise
turn that makes the coded picture upright; widths, heights and boxes are those of the upright coded
picture, before ``pixel_aspect`` stretches it.
"""

import contextlib
import hashlib
import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
from av.container import InputContainer

from punctum.errors import FilmUnreadable, quoted
from punctum.film import Box, Film, Stretch
from punctum.media.container import (
    CONVERT,
    DECODING_ERRORS,
    check_file,
    choose_video,
    limit_decoder,
    only,
    open_container,
    packets,
    rank_sound,
)
from punctum.media.headers import missing_bytes
from punctum.media.naming import read_record
from punctum.media.samples import first_sound

IDENTITY_PIECES = 64
IDENTITY_PIECE_BYTES = 65536
"""A film's identity is made of so many pieces of so many bytes, spread evenly."""

_REORDERING = {"h264", "hevc"}
"""AVI has no presentation stamps; of the codecs met in it, FFmpeg cannot tell those of these."""

_PROBE_PACKETS = 2000
"""So many packets may fail before a stream counts as undecodable."""


@dataclass(frozen=True)
class Source:
    """A film file that was opened once and found readable.

    ``film`` has ``frame_count`` 0 and ``duration_s`` as the file declares it (0 where it declares none, not to be
    trusted) until the film has been read. ``video_index`` and ``sound_index`` number the file's streams; ``first_pts``
    is the first shown frame's stamp and ``nominal_ticks`` a frame's usual length, both in ``time_base``. ``transfer``
    is ``sdr``, ``pq`` or ``hlg``; ``wide`` says that the primaries are those of BT.2020. ``stamped`` is False where
    packets carry no presentation stamps, so that frames are numbered by decoding only; ``by_order`` is True where they
    carry only the order of decoding, as H.264 in AVI does: the frames then take the packets' stamps in turn.
    ``leaping`` is for the caller to set where ``scan_key_frames`` found leaps in the stamps: such a file is read from
    its beginning, since its stamps do not tell where a time lies. ``coded_width_px`` and
    ``coded_height_px`` are before rotation. ``sound_decoder`` is FFmpeg's name for it.
    ``notes`` are remarks worth keeping in ``made.json``.
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
    sound_decoder: str = ""
    transfer: str = "sdr"
    wide: bool = False
    interlaced: bool = False
    stamped: bool = True
    by_order: bool = False
    leaping: bool = False
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
        raise FilmUnreadable(f"{quoted(path)} cannot be read: {error.strerror}", "check the disk it is on") from None
    return digest.hexdigest()


def open_source(path: str | os.PathLike[str], audio: str = "") -> Source:
    """Find out what a film file holds, by decoding its first frame.

    Parameters
    ----------
    path : path-like
        the film file; only ever opened as a local file
    audio : str
        language of the sound track that is wanted; "" takes the default

    Returns
    -------
    source : Source
        small, frozen, survives pickling

    Raises
    ------
    FilmUnreadable
        for what is missing, unreadable, empty, no film, sound only, a picture only, undecodable or too large
    UsageWrong
        where no sound track is in the language that is wanted
    """
    film_id = identify(path)
    name = os.fspath(path)
    with open_container(name, "none") as container:
        index = choose_video(container, name)
        limit_decoder(container.streams[index].codec_context, name, threads=1)
        sounds = [(i, str(container.streams[i].codec_context.name)) for i in rank_sound(container, audio)]
    container = open_container(name)
    try:
        stream: Any = only(container, index)
        limit_decoder(stream.codec_context, name, threads=1)
        stamped, lowest, frames = _first_frames(container, stream)
        if not frames:
            raise FilmUnreadable(f"{quoted(name)} has a video stream, but no frame of it can be decoded", CONVERT)
        first = frames[0]
        declared = _declared_s(container, stream)
        average = _rate(stream, frames)
        codec = stream.codec_context.codec.canonical_name
        by_order = container.format.name == "avi" and codec in _REORDERING
        aspect = _aspect(stream)
        base = Fraction(stream.time_base)
        called = read_record(container.metadata, _readable(Path(name).stem))
    finally:
        container.close()

    notes: list[str] = []
    if lacking := missing_bytes(name):
        notes.append(f"the file is cut short: it ends {lacking} bytes before its header says")
    rotation = (-_rotation_ccw(first)) % 360
    width, height = first.width, first.height
    if rotation in (90, 270):
        width, height, aspect = height, width, 1 / aspect
    transfer = {16: "pq", 18: "hlg"}.get(int(first.color_trc), "sdr")
    wide = int(first.color_primaries) == 9
    if transfer != "sdr":
        notes.append(f"high dynamic range ({transfer.upper()}) was tone-mapped to SDR by BT.2446-1 method A")
    sound_index, rate_hz, channels = None, 0, tuple[str, ...]()
    decoder = ""
    for candidate, decoder in sounds:
        found = first_sound(name, candidate, decoder)
        if found is not None:
            sound_index, (rate_hz, channels) = candidate, found
            break
    if sounds and sound_index is None:
        notes.append("the sound is empty, or could not be decoded")
    first_pts = (lowest if by_order else first.pts) or 0
    whole = Box(0, 0, width, height)
    film = Film(
        film_id=film_id,
        title=called.title or _readable(Path(name).stem),
        year=called.year,
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
        file_name=_readable(Path(name).name),
        director=called.director,
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
        sound_decoder=decoder if sound_index is not None else "",
        transfer=transfer,
        wide=wide,
        interlaced=bool(first.interlaced_frame),
        stamped=stamped,
        by_order=by_order and stamped,
        notes=tuple(notes),
    )


def _first_frames(container: InputContainer, stream: Any) -> tuple[bool, int | None, list[Any]]:
    """Whether packets carry presentation stamps, the first packet's, and the first one or two frames that decode."""
    frames: list[Any] = []
    stamps = tries = 0
    lowest: int | None = None
    context = stream.codec_context
    for packet in packets(container, stream):
        tries += 1
        stamps += packet.pts is not None
        lowest = packet.pts if lowest is None else lowest
        with contextlib.suppress(*DECODING_ERRORS):
            frames.extend(context.decode(packet))
        if len(frames) >= 2 or tries >= _PROBE_PACKETS:
            break
    if len(frames) < 2:
        with contextlib.suppress(*DECODING_ERRORS):
            frames.extend(context.decode(None))
    return stamps * 2 > tries, lowest, frames[:2]


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
            return Fraction(rate)
    return Fraction(25)


def _aspect(stream: Any) -> Fraction:
    aspect = stream.sample_aspect_ratio
    if aspect is None or not Fraction(1, 8) <= aspect <= 8:
        return Fraction(1)
    return Fraction(aspect)


def _readable(name: str) -> str:
    """Give a name as text that every file can hold: bytes of it that are no UTF-8 are replaced."""
    return os.fsencode(name).decode("utf-8", "replace")


def _rotation_ccw(frame: Any) -> int:
    """Counter-clockwise turn in the display matrix, to the quarter."""
    try:
        return round(float(frame.rotation) / 90) * 90 % 360
    except (AttributeError, ValueError, TypeError):
        return 0
