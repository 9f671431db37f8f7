"""Decodes the film's sound, aligned with its first frame.

Conventions: sound is float32 (channels, samples); sample n of the film's own grid lies
``n / sample_rate_hz`` seconds after the first frame, whatever stream or container it came from.
Where there is no sound the samples are zero; overlaps are trimmed. Channel names are FFmpeg's.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from punctum.film import PART_S, SoundPiece
from punctum.media.container import DECODING_ERRORS, only, open_container, packets
from punctum.media.samples import MAX_PLANES, as_float, fold_channels
from punctum.media.source import Source

WARM_UP_S = 1.5
"""A decoder is started this long before the sound that is kept: by then it has forgotten where it began."""

SAMPLE_WARM_UP_S = 0.25
"""The same where a hundredth of a decibel does not matter."""

_WALK_PARTS = 4
"""Sound that lies further on than this is sought; nearer, its packets are passed over."""

_PLAIN_CODECS = frozenset({"aac", "ac3", "eac3", "mp2", "flac", "vorbis"})
"""Codecs whose decoders, made anew, give the samples and stamps that the container's own gives (Opus's do not)."""

_SLACK_S = 0.02
"""Stamps in coarse units wander; only a gap or overlap longer than this is one."""

_BACK_S, _FORTH_S = 1.0, 300.0
"""Stamps that leap further back or forth than this are broken, and the sound goes on where it was."""


class SoundReader:
    """Reads a film's sound part by part, through a handle of its own.

    Each part is decoded by a decoder that starts afresh ``WARM_UP_S`` before it, on the packets that lie there, so that
    a part's samples depend on nothing but the file. Memory is that of a few seconds of packets.
    """

    def __init__(self, source: Source, from_s: float = 0.0, faults: dict[str, int] | None = None) -> None:
        assert source.sound_index is not None
        self._source = source
        self._index = source.sound_index
        self._faults = faults if faults is not None else {}
        self._rate = source.film.sample_rate_hz
        self._channels = source.film.channels
        self._origin = source.first_pts * source.time_base  # seconds on the file's clock
        self._container = open_container(source.path, source.sound_decoder)
        self.stream = only(self._container, self._index)
        self._base = Fraction(self.stream.time_base)
        self._ring: deque[tuple[float, float, Any]] = deque()
        self._waiting: deque[tuple[float, float, Any]] = deque()
        self._from_s = 0.0
        self._packets = self._seek(from_s - WARM_UP_S)
        self._decoder: _PartDecoder | None = None

    def close(self) -> None:
        """Close the file."""
        self._container.close()
        if self._decoder is not None:
            self._decoder.close()

    def begin(self, part: int) -> None:
        """Start a part: its decoder is new, and fed from ``WARM_UP_S`` before it."""
        if self._decoder is not None:
            self._decoder.close()
        self._from_s = part * PART_S - WARM_UP_S
        self._decoder = _PartDecoder(self._source, self.stream, self._faults)
        self._ring = deque(item for item in self._ring if item[1] > self._from_s)
        self._waiting = self._ring
        self._ring = deque(item for item in self._waiting if item[1] > self._from_s + PART_S)

    def take(self, start: int, end: int, keep: int) -> NDArray[np.float32]:
        """Samples ``start`` up to ``end`` of the film's grid; what lies before ``keep`` will not be asked for again."""
        assert self._decoder is not None
        decoder = self._decoder
        while decoder.end < end and not decoder.finished:
            if self._waiting:
                decoder.feed(self._waiting.popleft()[2])
                continue
            item = next(self._packets, None)
            if item is None:
                decoder.finish()
                break
            if item[1] <= self._from_s:
                continue
            if item[1] > self._from_s + PART_S:  # a later part begins with it
                self._ring.append(item)
            decoder.feed(item[2])
        return decoder.take(start, end, keep)

    def _seek(self, target_s: float) -> Iterator[tuple[float, float, Any]]:
        """Packets with the time they begin and end at, from one that begins at or before the target."""
        if target_s <= 0:
            return self._timed(target_s)
        for back_s in (0.0, 5.0, 30.0, 120.0):
            video = self._container.streams[self._source.video_index]
            pts = self._source.pts_at(target_s - back_s)
            try:
                self._container.seek(pts, stream=video, backward=True)
            except (av.error.FFmpegError, OSError, ValueError):
                break
            found = self._timed(target_s)
            first = next(found, None)
            if first is not None and first[0] <= target_s:
                return _chain(first, found)
            if pts <= self._source.first_pts:
                break
        self._container.close()
        self._container = open_container(self._source.path, self._source.sound_decoder)
        self.stream = only(self._container, self._index)
        return self._timed(target_s)

    def _timed(self, target_s: float) -> Iterator[tuple[float, float, Any]]:
        # plain floats: there are a hundred packets a second, and these times only say which are wanted
        base_s, origin_s = float(self._base), float(self._origin)
        last_end_s: float | None = None
        shift_s = 0.0
        for packet in packets(self._container, self.stream, self._faults):
            stamp = packet.pts if packet.pts is not None else packet.dts
            length_s = (packet.duration or 0) * base_s
            if stamp is None:
                begin_s = last_end_s if last_end_s is not None else 0.0
            else:
                begin_s = stamp * base_s - origin_s + shift_s
                if last_end_s is not None and not -_BACK_S <= begin_s - last_end_s <= _FORTH_S:
                    shift_s += last_end_s - begin_s
                    begin_s = last_end_s
                    self._faults["sound stamps mended"] = self._faults.get("sound stamps mended", 0) + 1
            if shift_s and stamp is not None:
                packet.pts = round((begin_s + origin_s) / base_s)
            last_end_s = begin_s + length_s
            if last_end_s <= target_s - 10.0 and length_s > 0:
                continue
            yield begin_s, last_end_s, packet


def _chain(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest


def _fresh_decoder(source: Source, stream: Any) -> tuple[Any, Any]:
    """Make a decoder for a stream that was never fed; with the handle that it needs, if it needs one.

    Opening a two-hour MP4 once more costs a tenth of a second and 25 MB, so codecs that are known to need no more
    than their header, layout and rate are made from these.
    """
    told = stream.codec_context
    name = told.codec.name
    if name in _PLAIN_CODECS or name.startswith("pcm_"):
        context: Any = av.CodecContext.create(name, "r")
        if told.extradata:
            context.extradata = told.extradata
        context.layout, context.sample_rate = told.layout, told.sample_rate
        if told.format is not None:
            context.format = told.format
        return None, context
    container = open_container(source.path, source.sound_decoder)
    return container, container.streams[stream.index].codec_context


class _PartDecoder:
    """One decoder from its birth on, and the samples it gave that are still needed."""

    def __init__(self, source: Source, stream: Any, faults: dict[str, int]) -> None:
        self._faults = faults
        self._rate = source.film.sample_rate_hz
        self._width = len(source.film.channels)
        self._origin = source.first_pts * source.time_base
        self._base = Fraction(stream.time_base)
        self._container, self._context = _fresh_decoder(source, stream)
        self._context.thread_count = 1
        # sample number = (pts * base - origin) * rate, in whole numbers
        ratio, offset = self._base * self._rate, self._origin * self._rate
        self._per_tick = ratio.numerator * offset.denominator
        self._offset = offset.numerator * ratio.denominator
        self._divisor = ratio.denominator * offset.denominator
        self._slack = max(_SLACK_S * self._rate, float(2 * ratio))
        self._begin()

    def _begin(self) -> None:
        self._pieces: deque[tuple[int, NDArray[np.float32]]] = deque()
        self._resamplers: dict[tuple[Any, ...], Any] = {}
        self.end = -(1 << 62)
        self._begun = False
        self.finished = False

    def close(self) -> None:
        if self._container is not None:
            self._container.close()

    def flush(self) -> None:
        """Go on elsewhere. The codec may remember something all the same: good enough for a sample, not for a part."""
        self._context.flush_buffers()
        self._begin()

    def feed(self, packet: Any) -> None:
        """Decode one packet."""
        try:
            frames = self._context.decode(packet)
        except DECODING_ERRORS:
            self._faults["sound errors"] = self._faults.get("sound errors", 0) + 1
            return
        for frame in frames:
            self._keep(frame)

    def finish(self) -> None:
        """Take what the decoder still holds."""
        try:
            for frame in self._context.decode(None):
                self._keep(frame)
        except DECODING_ERRORS:
            pass
        for resampler in self._resamplers.values():
            for out in resampler.resample(None):
                self._place(out)
        self.finished = True

    def take(self, start: int, end: int, keep: int) -> NDArray[np.float32]:
        """Assemble samples ``start`` up to ``end``, zero where there are none."""
        out = np.zeros((self._width, max(0, end - start)), np.float32)
        for begin, samples in self._pieces:
            low, high = max(begin, start), min(begin + samples.shape[1], end)
            if low < high:
                out[:, low - start : high - start] = samples[:, low - begin : high - begin]
        while self._pieces and self._pieces[0][0] + self._pieces[0][1].shape[1] <= keep:
            self._pieces.popleft()
        return out

    def _keep(self, frame: Any) -> None:
        if frame.samples <= 0:
            return
        many = len(frame.layout.channels) >= MAX_PLANES and frame.format.is_planar
        if frame.sample_rate == self._rate and not many:
            self._place(frame, resampled=False)
            return
        key = (frame.format.name, frame.layout.name, frame.sample_rate)
        try:
            if key not in self._resamplers:
                self._resamplers[key] = av.AudioResampler(format="flt", layout=frame.layout, rate=self._rate)
            for out in self._resamplers[key].resample(frame):
                self._place(out)
        except DECODING_ERRORS:
            self._faults["sound errors"] = self._faults.get("sound errors", 0) + 1

    def _place(self, frame: Any, resampled: bool = True) -> None:
        samples = as_float(frame)
        if samples.shape[0] != self._width:
            samples = fold_channels(samples, self._width)
        at = self.end
        if frame.pts is not None:
            if resampled:
                at = round((frame.pts * Fraction(frame.time_base) - self._origin) * self._rate)
            else:
                at = (2 * (frame.pts * self._per_tick - self._offset) + self._divisor) // (2 * self._divisor)
            if self._begun and abs(at - self.end) <= self._slack:
                at = self.end
        elif not self._begun:
            at = 0
        if self._begun and at < self.end:
            samples = samples[:, self.end - at :]
            at = self.end
        if samples.shape[1] == 0:
            return
        self._begun = True
        self._pieces.append((at, samples))
        self.end = at + samples.shape[1]


def read_sound(source: Source, spans: Iterable[tuple[float, float]]) -> Iterator[SoundPiece]:
    """Decode the sound of some spans, and nothing else; memory is that of one of them.

    Parameters
    ----------
    source : Source
        an opened film
    spans : iterable of (start_s, end_s)
        ascending, none in another

    Yields
    ------
    piece : SoundPiece
        one a span, without a lead; the same samples whichever spans come before

    Raises
    ------
    FilmUnreadable
        where the file has gone
    """
    if source.sound_index is None:
        return
    rate = source.film.sample_rate_hz
    reader, current = None, -1
    try:
        for start_s, end_s in spans:
            start, end = round(start_s * rate), round(end_s * rate)
            taken = []
            for part in range(int(max(start_s, 0.0) // PART_S), int(max(end_s, 0.0) // PART_S) + 1):
                if reader is None or part > current + _WALK_PARTS:
                    if reader is not None:
                        reader.close()
                    reader = SoundReader(source, part * PART_S)
                if part != current:
                    reader.begin(part)
                    current = part
                low = max(start, round(part * PART_S * rate))
                high = min(end, round((part + 1) * PART_S * rate))
                taken.append(reader.take(low, high, low))
            yield SoundPiece(start / rate, 0.0, np.concatenate(taken, axis=1), rate, source.film.channels)
    finally:
        if reader is not None:
            reader.close()


def sample_sound(source: Source, take_s: float = 3.0, of_s: float = 10.0) -> Iterator[SoundPiece]:
    """Take a few seconds of sound at regular distances, decoding nothing else.

    Parameters
    ----------
    source : Source
        an opened film
    take_s, of_s : float
        so many seconds out of so many are given

    Yields
    ------
    piece : SoundPiece
        begins half a second before a multiple of ``of_s``, for filters to settle; ends ``take_s`` after it, or with
        the sound

    Raises
    ------
    FilmUnreadable
        where the file has gone
    """
    if source.sound_index is None:
        return
    lead_s = 0.5
    faults: dict[str, int] = {}
    reader = SoundReader(source, 0.0, faults)
    decoder = _PartDecoder(source, reader.stream, faults)
    try:
        number, fed = 0, False
        for begin_s, end_s, packet in reader._packets:
            while end_s > number * of_s + take_s + 0.1:
                if fed:
                    yield from _piece(decoder, source, number * of_s, lead_s, take_s)
                    decoder.flush()
                    fed = False
                # a leap in the stamps must not make a million empty pieces
                number = max(number + 1, int(begin_s // of_s) if begin_s > (number + 2) * of_s else 0)
            if end_s > number * of_s - lead_s - SAMPLE_WARM_UP_S:
                decoder.feed(packet)
                fed = True
        if fed:
            decoder.finish()
            yield from _piece(decoder, source, number * of_s, lead_s, take_s)
    finally:
        reader.close()
        decoder.close()


def _piece(decoder: _PartDecoder, source: Source, at_s: float, lead_s: float, take_s: float) -> Iterator[SoundPiece]:
    rate = source.film.sample_rate_hz
    start = round((at_s - lead_s) * rate)
    end = min(round((at_s + take_s) * rate), decoder.end)
    if end - start <= round(lead_s * rate):
        return
    sound = decoder.take(start, end, end)
    yield SoundPiece(start / rate, lead_s, sound, rate, source.film.channels)
