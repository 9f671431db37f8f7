"""The picture of clips that are copied: whole, or, of H.264, but for its ends, which are encoded up to key frames.

Conventions: as in `clips`. What is encoded refers to parameter sets of its own (number 31), which stand beside the
film's in the file's head, so that every picture is decoded by the parameters that it was coded with (ISO/IEC 14496-15,
5.3.3). Stamps of decoding are the clip's stamps in order, moved back as far as the film's reordering asks for.
"""

import contextlib
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import av
import av.error

from punctum.media.container import only, open_container, packets
from punctum.media.frames import FrameReader
from punctum.media.source import Source

_OWN_SET = 31
_OPTIONS = {"preset": "veryfast", "crf": "16", "bf": "0", "x264-params": f"sps-id={_OWN_SET}"}
_START_CODE = re.compile(rb"\x00\x00\x00?\x01")


class Middle(NamedTuple):
    """What is copied: stamps of the key frame that it begins with and of the frame after its last."""

    start: int
    end: int


def find_middle(stamps: list[tuple[int, int, bool]], low: int, high: int) -> Middle | None:
    """Find what lies between the first and the last closed key frame of a span; None where it is less than half of it.

    Parameters
    ----------
    stamps : list of (stamp, place, key)
        in the order of the file
    low, high : int
        stamps of the span, half-open
    """
    least_after = [1 << 62] * (len(stamps) + 1)
    for at in range(len(stamps) - 1, -1, -1):
        least_after[at] = min(least_after[at + 1], stamps[at][0])
    closed, most_before = [], -(1 << 62)
    for at, (pts, _, key) in enumerate(stamps):
        # nothing before it is shown later, nothing after it sooner
        if key and low <= pts <= high and most_before < pts <= least_after[at]:
            closed.append(pts)
        most_before = max(most_before, pts)
    if len(closed) < 2 or 2 * (closed[-1] - closed[0]) < high - low:
        return None
    return Middle(closed[0], closed[-1])


def may_join(source: Source) -> bool:
    """Whether a film's packets can be joined to encoded ones: upright progressive H.264 in eight bits, 4:2:0."""
    plain = source.pixel_format == "yuv420p" and source.transfer == "sdr" and not source.wide
    return source.film.codec == "h264" and plain and not source.interlaced and not source.film.rotation_deg


class Joiner:
    """Writes the picture of a clip: encoded up to the middle, copied, encoded after it; whichever there is."""

    def __init__(self, source: Source, container: Any, out: Any, stamps: list[int], after: int, middle: Middle) -> None:
        self._source, self._container = source, container
        self._stamps, self._after, self._middle = stamps, after, middle
        self._template = container.streams[source.video_index]
        self._stream = out.add_stream_from_template(self._template)
        self._done = 0
        if (middle.start, middle.end) != (stamps[0], after):
            own, theirs = self._encoder(), bytes(self._template.codec_context.extradata or b"")
            self._stream.codec_context.extradata = join_sets(theirs, own)

    def _encoder(self) -> bytes:
        """Make an encoder afresh; gives its parameter sets."""
        template, source = self._template.codec_context, self._source
        made: Any = av.CodecContext.create("libx264", "w")
        made.width, made.height, made.pix_fmt = template.width, template.height, "yuv420p"
        made.time_base = source.time_base
        made.framerate = min(max(1 / (source.nominal_ticks * source.time_base), Fraction(1)), Fraction(1000))
        made.sample_aspect_ratio = source.film.pixel_aspect
        made.color_primaries, made.color_trc = template.color_primaries, template.color_trc
        made.colorspace, made.color_range = template.colorspace, template.color_range
        made.flags |= av.codec.context.Flags.bitexact | av.codec.context.Flags.global_header
        made.options = dict(_OPTIONS)
        made.open()
        self._coder = made
        return bytes(made.extradata or b"")

    def written(self, threads: int) -> Iterator[tuple[float, int, Any]]:
        """Packets in the order of decoding, each with the time it is decoded at."""
        delay = self._delay()
        for packet in self._all(threads):
            packet.dts = self._stamps[self._done] - delay - self._stamps[0]
            packet.pts -= self._stamps[0]
            self._done += 1
            time_s = float(packet.dts * self._source.time_base)
            packet.time_base = self._source.time_base
            packet.stream = self._stream
            yield time_s, 0, packet

    def _delay(self) -> int:
        """How far stamps of decoding lie before those in order, so that none lies after its own picture's."""
        start = self._stamps.index(self._middle.start)
        with open_container(self._source.path, "none") as container:
            order = [packet.pts for packet in _copied(self._source, container, self._middle)]
        return max((self._stamps[start + at] - int(pts) for at, pts in enumerate(order)), default=0)

    def _all(self, threads: int) -> Iterator[Any]:
        yield from self._coded(self._stamps[0], self._middle.start, threads)
        yield from _copied(self._source, self._container, self._middle)
        if self._middle.end < self._after:
            self._encoder()
            yield from self._coded(self._middle.end, self._after, threads)

    def _coded(self, start: int, end: int, threads: int) -> Iterator[Any]:
        """Encode the frames of a span."""
        if start >= end:
            return
        reader = FrameReader(self._source, threads)
        try:
            for decoded in reader.read(self._source.time_s(start)):
                if decoded.pts >= end:
                    break
                if decoded.pts >= start:
                    frame = decoded.frame
                    frame.pts, frame.time_base, frame.pict_type = decoded.pts, self._source.time_base, 0
                    yield from map(_lengthed, self._coder.encode(frame))
            yield from map(_lengthed, self._coder.encode(None))
        finally:
            reader.close()


def _copied(source: Source, container: Any, middle: Middle) -> Iterator[Any]:
    stream = only(container, source.video_index)
    if middle.start > source.first_pts:
        with contextlib.suppress(av.error.FFmpegError):
            container.seek(middle.start, stream=stream, backward=True)
    begun = False
    for packet in packets(container, stream):
        begun = begun or packet.pts == middle.start
        if begun and packet.pts == middle.end:
            return
        if begun:
            yield packet


def join_sets(extradata: bytes, own: bytes) -> bytes:
    """Add parameter sets to a decoder configuration record.

    Parameters
    ----------
    extradata : bytes
        AVCDecoderConfigurationRecord with lengths of four bytes
    own : bytes
        SPS and PPS with start codes

    Raises
    ------
    ValueError
        where the record is none, or has a set of the same number already

    Source: ISO/IEC 14496-15, 5.3.3.1.
    """
    if len(extradata) < 7 or extradata[0] != 1 or extradata[4] & 3 != 3:
        raise ValueError("no record of H.264 with lengths of four bytes")
    units = [unit for unit in _START_CODE.split(own) if unit]
    sets = {7: [unit for unit in units if unit[0] & 31 == 7], 8: [unit for unit in units if unit[0] & 31 == 8]}
    at, made = 5, bytearray(extradata[:5])
    for kind, mask in ((7, 0xE0), (8, 0x00)):
        count = extradata[at] & (0x1F if kind == 7 else 0xFF)
        at += 1
        there = []
        for _ in range(count):
            length = int.from_bytes(extradata[at : at + 2], "big")
            there.append(extradata[at + 2 : at + 2 + length])
            at += 2 + length
        if any(_number(unit, kind) == _OWN_SET for unit in there) or not sets[kind]:
            raise ValueError("parameter sets that cannot be told apart")
        made.append(mask | (count + len(sets[kind])))
        for unit in (*there, *sets[kind]):
            made += len(unit).to_bytes(2, "big") + unit
    return bytes(made) + extradata[at:]


def _number(unit: bytes, kind: int) -> int:
    """Number of a parameter set: the first Exp-Golomb code, which in an SPS follows profile and level."""
    first = 4 if kind == 7 else 1
    bits = "".join(f"{byte:08b}" for byte in unit[first : first + 8])
    zeros = len(bits) - len(bits.lstrip("0"))
    code = bits[zeros : 2 * zeros + 1]
    return int(code, 2) - 1 if code else -1


def _lengthed(packet: Any) -> Any:
    """Write a packet's units with their lengths before them instead of start codes."""
    units = [unit for unit in _START_CODE.split(bytes(packet)) if unit]
    data = b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)
    made = av.Packet(data)
    made.pts, made.dts, made.time_base = packet.pts, packet.dts, packet.time_base
    made.is_keyframe = packet.is_keyframe
    if packet.duration:
        made.duration = packet.duration
    return made
