"""Pieces of a film that a browser plays: its own packets in another container, or a small picture made anew.

Conventions: a piece is a fragmented MP4 that stands by itself; its stamps are the film's time, seconds from the first
frame, plus `offset_of` (stamps in such a file cannot lie below zero, and frames are decoded before they are shown).
Pieces tile the film: of copied ones each begins with a key frame that nothing before it is needed for (no picture shown
before it leans on it) and lasts up to the next such; of those made anew each has the frames shown in its span. AAC has
frames of 1,024 samples, counted from the film's first frame, so that the pieces' sound is seamless.
"""

import io
import re
from fractions import Fraction
from typing import Any, NamedTuple

import av
import av.error
import numpy as np

from punctum.errors import FilmUnreadable, quoted
from punctum.media.clip_encoding import PictureEncoder
from punctum.media.container import only, open_container, packets
from punctum.media.frames import FrameReader
from punctum.media.sound import read_sound
from punctum.media.source import Source

PIECE_S = 4.0
PROXY_LONG_PX = 960
LONGEST_COPIED_S = 60.0
"""Where no key frame stands by itself for so long, packets are not copied."""

_OFFSET_S = 10
_MP4 = {
    "movflags": "frag_keyframe+empty_moov+default_base_moof+frag_discont",
    "fflags": "+bitexact",
    "avoid_negative_ts": "make_non_negative",  # else every piece would begin at 0
}
_AAC_HZ = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)
_AAC_SAMPLES = 1024
_AAC_LEAD = 2
"""Frames that are encoded before those wanted: the encoder's own delay, and what the first leans on."""

_SOUND_TYPES = {
    "aac": "mp4a.40.2", "mp3": "mp4a.6B", "opus": "opus", "vorbis": "vorbis", "flac": "flac", "ac3": "ac-3",
    "eac3": "ec-3",
}  # fmt: skip
_PLAIN = {"mov,mp4,m4a,3gp,3g2,mj2": "video/mp4", "matroska,webm": "video/webm"}


class Playback(NamedTuple):
    """How a film may be played: as it is, copied into MP4, made anew. Types as browsers are asked for; "" for no."""

    direct: str
    copied: str
    anew: str
    offset_s: float
    piece_s: float


def plan_playback(source: Source) -> Playback:
    """Find out what a browser may be offered.

    Parameters
    ----------
    source : Source
        an opened film

    Raises
    ------
    FilmUnreadable
        where the file has gone
    """
    container = open_container(source.path)
    try:
        stream = container.streams[source.video_index]
        own = _codec_string(source.film.codec, bytes(stream.codec_context.extradata or b""), stream.codec_context)
        sound = None if source.sound_index is None else container.streams[source.sound_index].codec_context.name
        kind = _PLAIN.get(container.format.name, "")
    finally:
        container.close()
    if kind == "video/webm" and source.film.codec not in ("vp8", "vp9", "av1"):
        kind = "video/x-matroska"  # never played as it is, whatever a browser guesses
    known = _SOUND_TYPES.get(_stem(sound), "?") if sound else ""
    direct = ""
    if kind in ("video/mp4", "video/webm") and own and known != "?" and not source.leaping:
        direct = f'{kind}; codecs="{", ".join(part for part in (own, known) if part)}"'
    aac = "mp4a.40.2" if sound else ""
    copied = ""
    copyable = source.stamped and not source.by_order and not source.leaping and not source.interlaced
    if own and copyable and source.film.codec in ("h264", "hevc", "av1", "vp9"):
        copied = f'video/mp4; codecs="{", ".join(part for part in (own, aac) if part)}"'
    anew = f'video/mp4; codecs="{", ".join(part for part in ("avc1.640028", aac) if part)}"'
    return Playback(direct, copied, anew, float(offset_of(source) * source.time_base), PIECE_S)


def offset_of(source: Source) -> int:
    """Ticks of the film's clock that its pieces' stamps lie later: ten seconds, or a little more."""
    return -int(-_OFFSET_S / source.time_base // 1)


def copy_piece(source: Source, start_s: float, end_s: float) -> bytes | None:
    """Copy the packets from the first key frame of a span that stands by itself up to the first such after it.

    Parameters
    ----------
    source : Source
    start_s, end_s : float
        half-open

    Returns
    -------
    bytes or None
        None where no such key frame lies in the span: an earlier piece covers it

    Raises
    ------
    FilmUnreadable
        where the file has gone, its packets cannot be copied, or a piece would be longer than `LONGEST_COPIED_S`
    """
    container = open_container(source.path)
    try:
        stream = only(container, source.video_index)
        wanted = source.pts_at(start_s)
        if start_s > 0:
            container.seek(max(wanted, source.first_pts), stream=stream, backward=True)
        taken = _whole_groups(source, container, stream, start_s, end_s)
        if not taken:
            return None
        stamps = sorted(packet.pts for packet in taken)
        before = max(0, *(shown - packet.pts for shown, packet in zip(stamps, taken, strict=True)))
        body = io.BytesIO()
        with av.open(body, "w", format="mp4", options=_MP4) as out:
            made = out.add_stream_from_template(stream, opaque=True)
            if source.film.codec == "hevc":
                made.codec_context.codec_tag = "hvc1"
            begin_s = source.time_s(stamps[0])
            last_s = source.time_s(stamps[-1]) + source.nominal_s
            voice = _Voice(source, out, begin_s, last_s)
            shift = offset_of(source) - source.first_pts
            for shown, packet in zip(stamps, taken, strict=True):
                packet.dts = shown - before + shift
                packet.pts = packet.pts + shift
                packet.time_base = source.time_base
                packet.stream = made
                out.mux(packet)
            voice.write()
        return body.getvalue()
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise FilmUnreadable(
            f"packets of {quoted(source.path)} cannot be copied: {error}", "a picture made anew does"
        ) from None
    finally:
        container.close()


def _whole_groups(source: Source, container: Any, stream: Any, start_s: float, end_s: float) -> list[Any]:
    """Give the packets between two key frames that stand by themselves, in the order of the file."""
    taken: list[Any] = []
    group: list[Any] = []

    def closed(packets_of: list[Any]) -> bool:
        return all(packet.pts >= packets_of[0].pts for packet in packets_of)

    def settle() -> bool:
        """Whether the piece is whole once this group is looked at."""
        nonlocal group
        if group:
            at_s = source.time_s(group[0].pts)
            first = not taken and at_s >= start_s - 1e-6 and (closed(group) or at_s <= 0)
            if at_s >= end_s - 1e-6 and (not taken or closed(group)):
                return True
            if taken or first:
                taken.extend(group)
            group = []
        if taken and source.time_s(taken[-1].pts) - source.time_s(taken[0].pts) > LONGEST_COPIED_S:
            raise FilmUnreadable(f"{quoted(source.path)} has no key frame to divide it by", "a picture made anew does")
        return False

    for packet in packets(container, stream):
        if packet.pts is None:
            raise FilmUnreadable(f"packets of {quoted(source.path)} have no stamps", "a picture made anew does")
        if packet.is_keyframe and settle():
            return taken
        if packet.is_keyframe or group:
            group.append(packet)
    settle()
    return taken


def make_piece(
    source: Source, start_s: float, end_s: float, long_px: int = PROXY_LONG_PX, threads: int = 2
) -> bytes | None:
    """Make the frames shown in a span anew, small, with their sound.

    Parameters
    ----------
    source : Source
    start_s, end_s : float
        half-open
    long_px : int
        longest side of the picture
    threads : int
        of the decoder

    Returns
    -------
    bytes or None
        None where no frame is shown in the span

    Raises
    ------
    FilmUnreadable
        where the file has gone, or cannot be decoded
    """
    reader = FrameReader(source, threads)
    body = io.BytesIO()
    shift = offset_of(source) - source.first_pts
    first, after = source.first_pts + _ticks(source, start_s), source.first_pts + _ticks(source, end_s)
    wrote = False
    try:
        with av.open(body, "w", format="mp4", options=_MP4) as out:
            encoder = _Small(source, out, long_px, first, after, shift)
            voice = None
            for decoded in reader.read(start_s):
                if encoder.stream is None:
                    encoder.open(decoded.frame)
                    voice = _Voice(source, out, start_s, end_s)
                if decoded.pts >= after + 2 * source.nominal_ticks:
                    break
                wrote = wrote or first <= decoded.pts < after
                encoder.take(decoded.frame, decoded.pts)
            encoder.finish()
            if voice is not None and wrote:
                voice.write()
        return body.getvalue() if wrote else None
    except (av.error.FFmpegError, ValueError) as error:
        if not wrote:
            return None
        raise FilmUnreadable(f"{quoted(source.path)} cannot be shown there: {error}", "other parts may do") from None
    finally:
        reader.close()


def _ticks(source: Source, time_s: float) -> int:
    """Give the first tick at or after a time."""
    return -int(-Fraction(time_s).limit_denominator(1_000_000) / source.time_base // 1)


class _Small(PictureEncoder):
    """Encodes quickly, with stamps of the film's own clock, moved by `shift`."""

    def __init__(self, source: Source, out: Any, long_px: int, first: int, after: int, shift: int) -> None:
        super().__init__(source, out, ".mp4", long_px, first, after)
        self._shift = shift

    def open(self, frame: Any) -> None:
        """Make the stream; every piece begins with a key frame, and frames come as they are shown."""
        super().open(frame)
        self.stream.codec_context.options = {"preset": "ultrafast", "crf": "23", "bf": "0", "tune": "zerolatency"}

    def _write(self, frame: Any, pts: int) -> None:
        made = self._shaped(frame)
        made.pts, made.time_base = pts + self._shift, self._source.time_base
        made.pict_type = 0
        self._out.mux(self.stream.encode(made))


class _Voice:
    """The sound of a piece as AAC, on the film's own count of frames of 1,024 samples."""

    def __init__(self, source: Source, out: Any, start_s: float, end_s: float) -> None:
        self._source, self._out = source, out
        self._stream: Any = None
        film = source.film
        if source.sound_index is None or not film.sample_rate_hz:
            return
        self._rate = film.sample_rate_hz if film.sample_rate_hz in _AAC_HZ else 48000
        self._first, self._after = (max(0, -int(-at_s * self._rate // _AAC_SAMPLES)) for at_s in (start_s, end_s))
        channels = len(film.channels)
        self._layout = {1: "mono", 2: "stereo", 6: "5.1"}.get(channels, f"{channels}c")
        self._stream = out.add_stream("aac", rate=self._rate, layout="mono" if channels == 1 else "stereo")
        self._stream.codec_context.bit_rate = 128_000

    def write(self) -> None:
        """Encode, and write the frames that belong to the piece."""
        if self._stream is None or self._after <= self._first:
            return
        film, rate = self._source.film, self._rate
        begin = (self._first - _AAC_LEAD) * _AAC_SAMPLES
        span_s = (max(begin, 0) / rate, ((self._after + _AAC_LEAD) * _AAC_SAMPLES) / rate)
        piece = next(iter(read_sound(self._source, [span_s])), None)
        if piece is None:
            return
        sound = piece.sound
        if begin < 0:
            sound = np.pad(sound, ((0, 0), (round(-begin * film.sample_rate_hz / rate), 0)))
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(sound.T).reshape(1, -1), format="flt", layout=self._layout
        )
        frame.sample_rate, frame.pts, frame.time_base = film.sample_rate_hz, 0, Fraction(1, film.sample_rate_hz)
        context = self._stream.codec_context
        resampler = av.AudioResampler(context.format, context.layout, rate, frame_size=_AAC_SAMPLES)
        made = [*resampler.resample(frame), *resampler.resample(None)]
        shift = round(float(offset_of(self._source) * self._source.time_base) * rate)
        for one in [*made, None]:
            if one is not None:
                one.time_base = Fraction(1, rate)
            for packet in self._stream.encode(one):
                at = int(packet.pts) + begin
                if self._first * _AAC_SAMPLES <= at < self._after * _AAC_SAMPLES:
                    packet.pts = packet.dts = at + shift
                    packet.time_base = Fraction(1, rate)
                    self._out.mux(packet)


def _stem(name: str | None) -> str:
    return re.sub(r"(_fixed|_at|float|_float)$", "", name or "")


def _codec_string(codec: str, extradata: bytes, context: Any) -> str:
    """Name a codec as RFC 6381 has it; "" where that cannot be told."""
    if codec == "h264":
        found = extradata[1:4] if extradata[:1] == b"\x01" else b""
        if not found:
            mark = re.search(rb"\x00\x00\x01[\x67\x27\x47](...)", extradata, re.DOTALL)
            found = mark[1] if mark else b""
        return f"avc1.{found.hex()}" if len(found) == 3 else ""
    if codec == "hevc":
        return "hvc1.2.4.L153.B0" if "10" in str(context.format.name if context.format else "") else "hvc1.1.6.L153.B0"
    return {"vp8": "vp8", "vp9": "vp09.00.41.08", "av1": "av01.0.08M.08"}.get(codec, "")
