"""Reads a film's decoded frames in the order of showing, over damage, from any point.

Conventions: stamps given out strictly increase; one that is missing, does not increase or leaps is
replaced by the one before plus a frame's usual length, and counted. After a leap those that follow
are moved along with it, as long as they do not fit without.
"""

from collections import deque
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import av.error

from punctum.media.container import DECODING_ERRORS, limit_decoder, only, open_container, packets
from punctum.media.source import Source

LONGEST_FRAME_S = 300.0
"""A frame that seems to stay longer has a broken stamp after it."""

_PATIENCE = 100_000
"""So many packets in a row that give no frame, only errors, end a reading."""

_BACK_S = (0.0, 2.0, 10.0, 60.0, 300.0)
"""How far before the wanted point a key frame is sought, until two frames before the point come out."""


class Decoded(NamedTuple):
    """A decoded frame: the frame itself, its mended stamp, what the decoder says of it."""

    frame: Any
    pts: int
    interlaced: bool
    damaged: bool


class FrameReader:
    """Decodes the film's picture stream of a source."""

    def __init__(
        self,
        source: Source,
        threads: int = 0,
        faults: dict[str, int] | None = None,
        left_out: Collection[int] = (),
        loop_filter: str = "",
    ) -> None:
        self._source = source
        self.left_out = left_out
        """Stamps of packets that are not decoded."""
        self._loop_filter = loop_filter
        self._threads = threads
        self._faults = faults if faults is not None else {}
        self._container: Any = None
        self._turns: deque[int] = deque()
        self._open()
        self.last_ticks = source.nominal_ticks

    def close(self) -> None:
        """Close the file."""
        if self._container is not None:
            self._container.close()
            self._container = None

    def _open(self) -> None:
        self.close()
        self._container = open_container(self._source.path)
        self._stream: Any = only(self._container, self._source.video_index)
        context = self._stream.codec_context
        limit_decoder(context, self._source.path, self._threads)
        if self._loop_filter:
            context.options = {**context.options, "skip_loop_filter": self._loop_filter}

    def read(self, start_s: float = 0.0) -> Iterator[Decoded]:
        """Yield frames from at least two before ``start_s`` on, or from the film's first."""
        source = self._source
        if start_s <= 0 or not source.stamped or source.by_order or source.leaping:
            yield from self._mended(self._decode(None))
            return
        wanted = source.pts_at(start_s)
        for back_s in _BACK_S:
            target = wanted - 3 * source.nominal_ticks - round(back_s / source.time_base)
            if target <= source.first_pts:
                break
            try:
                self._container.seek(target, stream=self._stream, backward=True)
            except (av.error.FFmpegError, OSError, ValueError):
                break
            kept = dict(self._faults)
            frames = self._mended(self._decode(target))
            head: list[Decoded] = []
            reached = False
            for decoded in frames:
                head = [*head[-2:], decoded]
                if source.time_s(decoded.pts) >= start_s:
                    reached = True
                    break
            if reached and len(head) == 3:
                yield from head
                yield from frames
                return
            self._faults.clear()
            self._faults.update(kept)
            if not reached and head:
                return  # the film ends before
        self._open()
        yield from self._mended(self._decode(None))

    def _decode(self, sought: int | None) -> Iterator[Any]:
        """Frames as the decoder gives them; after seeking, from the first key frame on that was found."""
        source = self._source
        self._turns.clear()
        context = self._stream.codec_context
        floor: int | None = None
        waiting = sought is not None
        failures = 0
        for packet in packets(self._container, self._stream, self._faults):
            if waiting:
                if not packet.is_keyframe:
                    continue
                waiting = False
                floor = packet.pts
            if packet.pts in self.left_out:
                continue
            if source.by_order and packet.pts is not None and packet.size:
                self._turns.append(packet.pts)
            try:
                frames = context.decode(packet)
                failures = 0
            except DECODING_ERRORS:
                self._count("decoder errors")
                failures += 1
                if failures > _PATIENCE:
                    return
                continue
            for frame in frames:
                # frames shown before the key frame lean on what was not decoded
                if floor is None or frame.pts is None or frame.pts >= floor:
                    yield frame
        for _ in range(64):
            try:
                frames = context.decode(None)
            except av.error.EOFError:
                return
            except DECODING_ERRORS:
                self._count("decoder errors")
                continue
            yield from frames
            if not frames:
                return

    def _mended(self, frames: Iterator[Any]) -> Iterator[Decoded]:
        source = self._source
        leap = round(LONGEST_FRAME_S / source.time_base)
        second = 1 / source.time_base
        last: int | None = None
        moved = 0
        for frame in frames:
            pts = self._turns.popleft() if self._turns else frame.pts
            mended = False
            if last is None:
                if pts is None or abs(pts) > 1 << 60:
                    pts = source.first_pts
                    mended = True
                elif pts < source.first_pts:
                    continue
            elif pts is not None and last < pts <= last + leap:
                moved = 0
            elif pts is not None and moved and last < pts + moved <= last + leap:
                pts += moved
            else:
                moved = last + source.nominal_ticks - pts if pts is not None else 0
                pts = last + source.nominal_ticks
                mended = True
            # a stream without stamps is not damaged
            if mended and source.stamped:
                self._count("stamps mended")
            damaged = bool(frame.is_corrupt)
            if damaged:
                self._count("damaged frames")
            length = frame.duration or 0
            # a declared length of over a second is not believed of the last frame
            self.last_ticks = length if 0 < length <= second else source.nominal_ticks
            last = pts
            yield Decoded(frame, pts, bool(frame.interlaced_frame), damaged)

    def _count(self, what: str) -> None:
        self._faults[what] = self._faults.get(what, 0) + 1
