"""The first, quick pass: every packet is looked at, only key frames are decoded.

Conventions: a file's packets are read once, in the order of the file; of the key frames one in
``every_s`` seconds is decoded, and always the first and the last.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

import av.error
import numpy as np
from numpy.typing import NDArray

from punctum.errors import FilmUnreadable, quoted
from punctum.film import KeyFrame
from punctum.media.container import DECODING_ERRORS, limit_decoder, only, open_container, packets
from punctum.media.frames import LONGEST_FRAME_S
from punctum.media.picture import Shaper
from punctum.media.source import Source
from punctum.media.spare import SPARE_CODECS, Packet, choose_left_out, is_spare

LONGEST_FILM_S = 1_000_000.0
"""A film that seems to last longer has broken stamps."""

_HIDDEN_BIT = {"vp8": 0x10}
"""Bit of a packet's first byte that is clear where the frame is never shown (RFC 6386, 9.1)."""


class KeyFrameScan:
    """Iterate over it for key frames; afterwards it knows what the packets told.

    Attributes
    ----------
    pts : np.ndarray [shape=(n,), dtype=int64]
        presentation stamps of all packets that will be shown, sorted, each once, leaps taken out as ``decode_blocks``
        does; empty where packets carry none
    content_id : str
        BLAKE2b (16 bytes, hexadecimal) of all picture packets in the order of the file
    leaps : int
        leaps in the stamps
    left_out : np.ndarray [dtype=int64]
        stamps of the frames that a fast reading leaves out, where ``fast`` asks for them
    faults : dict
        what was damaged, counted
    """

    def __init__(self, source: Source, every_s: float = 2.0, threads: int = 0, fast: bool = False) -> None:
        self._source = source
        self._every = every_s / source.time_base
        self._threads = threads
        second = 1 / source.time_base
        # frames are decoded a little before they are shown, never much
        self._reach = round(LONGEST_FRAME_S * second), max(round(second), 20 * source.nominal_ticks)
        self.pts: NDArray[np.int64] = np.zeros(0, np.int64)
        self.left_out: NDArray[np.int64] = np.zeros(0, np.int64)
        self._fast = fast and source.film.codec in SPARE_CODECS and source.stamped and not source.by_order
        self.content_id = ""
        self.leaps = 0
        self._moved = 0
        self._moves: dict[int, int] = {}
        self._high: int | None = None
        self.faults: dict[str, int] = {}

    def __iter__(self) -> Iterator[KeyFrame]:
        """Read the file."""
        source = self._source
        container = open_container(source.path)
        try:
            stream: Any = only(container, source.video_index)
            context = stream.codec_context
            limit_decoder(context, source.path, self._threads)
            shaper = Shaper(source)
            digest = hashlib.blake2b(digest_size=16)
            stamps: list[int] = []
            kinds: list[Packet] = []
            chosen: int | None = None
            spare: Any = None
            hidden = _HIDDEN_BIT.get(context.name, 0)
            for number, packet in enumerate(packets(container, stream, self.faults)):
                digest.update(packet)
                if not source.stamped:  # its place in the order of decoding is near enough for a key frame
                    packet.pts = source.first_pts + number * source.nominal_ticks
                stamp = self._mended(packet.pts)
                if packet.is_corrupt:
                    self._count("damaged packets")
                if stamp is not None and not packet.is_discard and not (hidden and _is_hidden(packet, hidden)):
                    stamps.append(stamp)
                    if self._fast:
                        spare_here = is_spare(source.film.codec, packet)
                        kinds.append(Packet(stamp, packet.size, packet.is_keyframe, spare_here))
                if not packet.is_keyframe:
                    continue
                if stamp is None or packet.is_discard or (chosen is not None and stamp < chosen + self._every):
                    spare = packet if stamp is not None and not packet.is_discard else spare
                    continue
                spare, chosen = None, stamp
                self._moves[packet.pts] = self._moved
                yield from self._decode(context, packet, shaper)
            if spare is not None:
                self._moves.setdefault(spare.pts, self._moved)
                yield from self._decode(context, spare, shaper)
            yield from self._decode(context, None, shaper)
            if source.stamped:
                shown = np.unique(np.array(stamps, np.int64))
                self.pts = self._believable(shown[shown >= source.first_pts])
            if self._fast and not self.leaps:
                self.left_out = choose_left_out(kinds, source)
            if self.leaps:
                self.faults["stamps mended"] = self.leaps
            self.content_id = digest.hexdigest()
        finally:
            container.close()

    def _mended(self, pts: int | None) -> int | None:
        """Take leaps out of the stamps, which come in the order of decoding."""
        if pts is None:
            return None
        if self._high is None:
            self._high = pts
            return pts
        forth, back = self._reach
        if not -back <= pts + self._moved - self._high <= forth:
            usual = self._high + self._source.nominal_ticks
            moved = 0 if -back <= pts - self._high <= forth else usual - pts
            self.leaps += moved != 0
            self._moved = moved
        stamp = pts + self._moved
        self._high = max(self._high, stamp)
        return stamp

    def _believable(self, stamps: NDArray[np.int64]) -> NDArray[np.int64]:
        source = self._source
        length_s = float((int(stamps[-1]) - int(stamps[0])) * source.time_base) if stamps.size else 0.0
        if length_s > LONGEST_FILM_S:
            raise FilmUnreadable(
                f"{quoted(source.path)} claims to last {length_s / 3600:,.0f} hours by its time stamps",
                f"films of up to {LONGEST_FILM_S / 3600:,.0f} hours are read; copy it with `ffmpeg` to mend its stamps",
            )
        return stamps

    def _decode(self, context: Any, packet: Any, shaper: Shaper) -> Iterator[KeyFrame]:
        source = self._source
        try:
            frames = context.decode(packet)
        except av.error.EOFError:
            return
        except DECODING_ERRORS:
            self._count("decoder errors")
            return
        for frame in frames:
            if frame.pts is None or frame.pts < source.first_pts:
                continue
            try:
                picture = shaper.still(frame)
                edges = shaper.edges(frame)
            except DECODING_ERRORS:
                self._count("frames unusable")
                continue
            pts = frame.pts + self._moves.get(frame.pts, self._moved)
            yield KeyFrame(pts, source.time_s(pts), picture, edges)

    def _count(self, what: str) -> None:
        self.faults[what] = self.faults.get(what, 0) + 1


def _is_hidden(packet: Any, bit: int) -> bool:
    return packet.size > 0 and not memoryview(packet)[0] & bit


def scan_key_frames(source: Source, every_s: float = 2.0, threads: int = 0, fast: bool = False) -> KeyFrameScan:
    """Read a film's packets once and decode one key frame in ``every_s`` seconds.

    Parameters
    ----------
    source : Source
        an opened film
    every_s : float
        least distance of decoded key frames; the first and the last are always decoded
    threads : int
        threads of the decoder, 0 for as many as there are processors
    fast : bool
        find the frames, too, that a fast reading leaves out

    Returns
    -------
    scan : KeyFrameScan
        iterate over it once; ``pts``, ``left_out``, ``content_id`` and ``faults`` hold afterwards
    """
    return KeyFrameScan(source, every_s, threads, fast)
