"""Cuts clips out of a film, frame by frame: copied where the cut falls on key frames, else encoded as far as needed.

Conventions: times are seconds from the film's first frame; a clip has the frames that are shown at or after its start
and before its end, and begins at 0. "Copied" packets are those of the file, bit for bit. What was written is decoded
again before it is handed over: a clip that has other frames than it should is never left behind.
"""

import contextlib
import heapq
import os
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from punctum.errors import FilmUnreadable, UsageWrong, quoted
from punctum.media.clip_encoding import PictureEncoder, SoundEncoder, picture_of
from punctum.media.clip_joining import Joiner, Middle, find_middle, may_join
from punctum.media.container import DECODING_ERRORS, only, open_container, packets
from punctum.media.frames import FrameReader
from punctum.media.source import Source
from punctum.media.write import unwritable

HOLDS = {
    ".mp4": ({"h264", "hevc", "av1", "vp9", "mpeg4"}, {"aac", "mp3", "ac3", "eac3", "alac"}),
    ".mov": (
        {"h264", "hevc", "mpeg4", "prores", "mjpeg", "dnxhd"},
        {"aac", "mp3", "ac3", "alac", "pcm_s16le", "pcm_s24le"},
    ),
    ".mkv": (None, None),
    ".webm": ({"vp8", "vp9", "av1"}, {"opus", "vorbis"}),
}
"""Codecs of picture and sound that each kind of file holds; None: any."""

_PLAYED = ({"h264"}, {"aac", "mp3"})
"""What every browser plays, in eight bits and 4:2:0."""

_LONGEST_S = 4 * 3600.0
_EDGE_S = 1e-4


class Cut(NamedTuple):
    """A clip that was written: ``how`` (copied, joined, encoded), its frames, when it begins and ends in the film."""

    path: Path
    how: str
    frames: int
    start_s: float
    end_s: float


class _Plan(NamedTuple):
    """Stamps of the frames that the clip has, that of the next one, and what of them can be copied."""

    stamps: NDArray[np.int64]
    after: int
    middle: Middle | None = None

    @property
    def whole(self) -> bool:
        """Whether all of it can be copied."""
        return self.middle == (self.stamps[0], self.after)


def cut_clip(
    source: Source,
    start_s: float,
    end_s: float,
    target: str | os.PathLike[str],
    *,
    everywhere: bool = False,
    long_px: int | None = None,
    sound: bool = True,
    threads: int = 0,
) -> Cut:
    """Cut a clip out of a film.

    Parameters
    ----------
    source : Source
        an opened film
    start_s, end_s : float
        half-open span
    target : path-like
        ``.mp4``, ``.mov``, ``.mkv`` or ``.webm``; what is there is replaced
    everywhere : bool
        copy only what every browser plays (H.264 in eight bits, AAC or MP3)
    long_px : int, optional
        longest side of the picture; a larger one is scaled down, and so encoded
    sound : bool
        with the film's sound
    threads : int
        of the decoder; 0 lets it choose

    Returns
    -------
    Cut

    Raises
    ------
    UsageWrong
        for a span without a frame, or an ending that says nothing
    FilmUnreadable
        where the film cannot be decoded there
    OutputUnwritable
    """
    path = Path(target)
    if path.suffix.lower() not in HOLDS:
        raise UsageWrong(f"{quoted(path.name)} is no name for a clip", f"it ends in {', '.join(HOLDS)}")
    if not (0 <= start_s < end_s and end_s - start_s <= _LONGEST_S):
        raise UsageWrong(f"{start_s:g}-{end_s:g} s is no span of a clip", "four hours at most")
    plan = _plan(source, start_s, end_s, threads)
    half = path.with_name(f".{path.stem}.part{path.suffix.lower()}")
    try:
        for how in _ways(source, plan, half.suffix, everywhere, long_px):
            if how == "encoded":
                _encode(source, plan, half, sound, long_px, threads)
            elif not _could_copy(source, plan, half, sound, everywhere, threads):
                continue
            wrong = _check(source, plan, half)
            if not wrong:
                half.replace(path)
                begin_s, done_s = source.time_s(int(plan.stamps[0])), source.time_s(plan.after)
                return Cut(path, how, len(plan.stamps), begin_s, done_s)
        raise FilmUnreadable(f"no clip could be cut out of {quoted(source.path)}: {wrong}", "another span may do")
    except (OSError, av.error.FFmpegError) as error:
        raise unwritable(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)


def still_frames(source: Source, times_s: list[float], threads: int = 0) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Decode the frames shown at some times, as pictures for the eye: whole, upright, in their true shape.

    Parameters
    ----------
    source : Source
    times_s : list of float
        ascending
    threads : int

    Yields
    ------
    time_s, picture : float, np.ndarray [shape=(h, w, 3), dtype=uint8]
        RGB; frames shown at two of the times are given once
    """
    waiting = deque(times_s)
    shown: Any = None
    reader = FrameReader(source, threads)
    try:
        for decoded in reader.read(waiting[0]) if waiting else ():
            next_s = source.time_s(decoded.pts) - _EDGE_S
            if shown is not None and waiting and waiting[0] < next_s:
                yield source.time_s(shown.pts), picture_of(source, shown.frame)
                while waiting and waiting[0] < next_s:
                    waiting.popleft()
            if not waiting:
                return
            shown = decoded
        if waiting and shown is not None:
            yield source.time_s(shown.pts), picture_of(source, shown.frame)
    finally:
        reader.close()


def _plan(source: Source, start_s: float, end_s: float, threads: int) -> _Plan:
    """Find the frames of the span, from packets where these carry stamps, else by decoding."""
    if not source.stamped or source.by_order or source.leaping:
        return _plan_decoding(source, start_s, end_s, threads)
    low, high = (source.first_pts + int(np.ceil((time_s - _EDGE_S) / source.time_base)) for time_s in (start_s, end_s))
    container = open_container(source.path, "none")
    try:
        stream = only(container, source.video_index)
        if low > source.first_pts:
            with contextlib.suppress(av.error.FFmpegError, OSError, ValueError):
                container.seek(low - 3 * source.nominal_ticks, stream=stream, backward=True)
        stamps: list[tuple[int, int, bool]] = []  # stamp, place in the file, key
        for place, packet in enumerate(packets(container, stream)):
            if packet.pts is None or packet.is_corrupt:
                return _plan_decoding(source, start_s, end_s, threads)
            stamps.append((packet.pts, place, bool(packet.is_keyframe)))
            # a key frame beyond the end: what follows it in the file is shown later, but for a few leading pictures
            if packet.dts is not None and packet.dts > high + 32 * source.nominal_ticks:
                break
    finally:
        container.close()
    inside = sorted(one for one in stamps if max(low, source.first_pts) <= one[0] < high)
    if not inside or len({one[0] for one in inside}) < len(inside):
        return _plan_decoding(source, start_s, end_s, threads)
    beyond = [one for one in stamps if one[0] >= high]
    after = min(beyond)[0] if beyond else inside[-1][0] + source.nominal_ticks
    places = [one[1] for one in inside]
    first = inside[0][1]
    stop = min(beyond)[1] if beyond else max(places) + 1
    # clean: from a key frame up to a key frame, nothing of the span lies before the one or after the other
    clean = inside[0][2] and min(places) == first and max(places) < stop and (not beyond or min(beyond)[2])
    between = [one for one in stamps if first <= one[1] < stop]
    clean = clean and all(one[0] < high for one in between)
    middle = Middle(inside[0][0], after) if clean else find_middle(stamps, inside[0][0], after)
    return _Plan(np.array([one[0] for one in inside], np.int64), after, middle)


def _plan_decoding(source: Source, start_s: float, end_s: float, threads: int) -> _Plan:
    reader = FrameReader(source, threads)
    stamps, after = [], None
    try:
        for decoded in reader.read(start_s):
            time_s = source.time_s(decoded.pts)
            if time_s >= end_s - _EDGE_S:
                after = decoded.pts
                break
            if time_s >= start_s - _EDGE_S:
                stamps.append(decoded.pts)
    finally:
        reader.close()
    if not stamps:
        raise UsageWrong(f"no frame is shown in {start_s:g}-{end_s:g} s", "a longer span, or one within the film")
    end = after if after is not None else stamps[-1] + source.nominal_ticks
    return _Plan(np.array(stamps, np.int64), end)


def _ways(source: Source, plan: _Plan, suffix: str, everywhere: bool, long_px: int | None) -> tuple[str, ...]:
    """How a clip may be made, the way that changes least first."""
    codecs, codec = HOLDS[suffix][0], source.film.codec
    smaller = long_px is not None and max(source.film.width_px, source.film.height_px) > long_px
    played = codec in _PLAYED[0] and source.pixel_format in ("yuv420p", "yuvj420p")
    if plan.middle is None or smaller or (codecs is not None and codec not in codecs) or (everywhere and not played):
        return ("encoded",)
    if plan.whole:
        return ("copied", "encoded")
    return ("joined", "encoded") if may_join(source) else ("encoded",)


def _could_copy(source: Source, plan: _Plan, target: Path, sound: bool, everywhere: bool, threads: int) -> bool:
    """Copy; False where this kind of file does not take the packets as they are."""
    try:
        _copy(source, plan, target, sound, everywhere, threads)
    except (av.error.InvalidDataError, av.error.ArgumentError, ValueError):
        return False
    return True


def _copy(source: Source, plan: _Plan, target: Path, sound: bool, everywhere: bool, threads: int) -> None:
    """Copy what can be copied of the picture; sound is copied where the file holds it, else encoded."""
    assert plan.middle is not None
    heard = source.sound_index if sound and source.film.sample_rate_hz else None
    codecs = _PLAYED[1] if everywhere else HOLDS[target.suffix][1]
    plain = codecs is None or source.sound_decoder in codecs
    with (
        # decoders may look: without, FFmpeg does not know how far Matroska's frames are out of order
        open_container(source.path) as container,
        open_container(source.path) as beside,
        av.open(os.fspath(target), "w", options={"fflags": "+bitexact"}) as out,
    ):
        joiner = Joiner(source, container, out, plan.stamps.tolist(), plan.after, plan.middle)
        ways = [joiner.written(threads)]
        voice = None
        if heard is not None and plain:
            ways.append(_sounds(source, plan, beside, heard, out.add_stream_from_template(beside.streams[heard])))
        elif heard is not None:
            span = (source.time_s(int(plan.stamps[0])), source.time_s(plan.after))
            voice = SoundEncoder(source, *span, out, target.suffix)
        for time_s, _, packet in heapq.merge(*ways, key=lambda one: one[:2]):
            if voice is not None:
                voice.up_to(time_s)
            out.mux(packet)
        if voice is not None:
            voice.finish()


def _sounds(source: Source, plan: _Plan, container: Any, index: int, made: Any) -> Iterator[tuple[float, int, Any]]:
    """The packets of sound of which the greater part lies within the span."""
    stream = only(container, index)
    base = Fraction(stream.time_base)
    start, end = (Fraction(int(pts)) * source.time_base / base for pts in (plan.stamps[0], plan.after))
    with contextlib.suppress(av.error.FFmpegError, OSError, ValueError):
        container.seek(int(start) - round(1 / base), stream=stream, backward=True)
    for packet in packets(container, stream):
        if packet.pts is None or packet.pts < start - Fraction(1, 1000) / base:
            continue
        if packet.pts + Fraction(packet.duration or 0, 2) > end:
            return
        packet.pts = packet.dts = max(0, packet.pts - round(start))
        time_s = float(packet.pts * base)
        packet.stream = made
        yield time_s, 1, packet


def _encode(source: Source, plan: _Plan, target: Path, sound: bool, long_px: int | None, threads: int) -> None:
    reader = FrameReader(source, threads)
    start_s, end_s = source.time_s(int(plan.stamps[0])), source.time_s(plan.after)
    try:
        with av.open(os.fspath(target), "w", options={"fflags": "+bitexact"}) as out:
            encoder = PictureEncoder(source, out, target.suffix, long_px, int(plan.stamps[0]), plan.after)
            voice = None
            for decoded in reader.read(start_s):
                if decoded.pts >= plan.after + 2 * source.nominal_ticks:  # two more: a deinterlacer looks ahead
                    break
                if encoder.stream is None:
                    encoder.open(decoded.frame)
                    if sound and source.sound_index is not None and source.film.sample_rate_hz:
                        voice = SoundEncoder(source, start_s, end_s, out, target.suffix)
                encoder.take(decoded.frame, decoded.pts)
                if voice is not None:
                    voice.up_to(source.time_s(decoded.pts) - start_s)
            encoder.finish()
            if voice is not None:
                voice.finish()
    finally:
        reader.close()


def _check(source: Source, plan: _Plan, path: Path) -> str:
    """Decode what was written; say what is wrong with it, "" where it has the frames that it should, at their times."""
    times_s = []
    try:
        with open_container(os.fspath(path)) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            base = Fraction(stream.time_base or 1)
            for frame in container.decode(stream):
                if frame.is_corrupt:
                    return "a frame of it is damaged"
                times_s.append(float((frame.pts or 0) * base))
    except (*DECODING_ERRORS, FilmUnreadable, IndexError) as error:
        return f"it cannot be decoded ({error})"
    wanted_s = [source.time_s(int(pts)) - source.time_s(int(plan.stamps[0])) for pts in plan.stamps]
    if len(times_s) != len(wanted_s):
        return f"it has {len(times_s)} frames and not {len(wanted_s)}"
    off_s = float(np.abs(np.array(times_s) - times_s[0] - wanted_s).max())
    if off_s > max(0.0011, 0.1 * source.nominal_s):
        return f"a frame of it lies {off_s:.3f} s from its time"
    return "" if abs(times_s[0]) < 0.5 * source.nominal_s + 0.0011 else f"it begins at {times_s[0]:.3f} s"
