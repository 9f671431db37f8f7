"""Frames that a fast reading may leave out, and which of them it does.

A frame is *spare* where no other frame leans on it, so that the rest decodes to the same pictures without it: B-frames
that are not kept for reference. Which are left out depends on the stream's packets alone (their stamps, sizes and
kinds), so it is the same whatever the threads and wherever a reading begins. Stamps are integers of the film's time
base.

What speaks against leaving frames out: a packet much larger than its like around it, a key frame out of turn. Now and
then a gap is decoded all the same, so that every stretch has frames measured from their very neighbours.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from punctum.film import PART_S
from punctum.measure.change import histogram_change, histograms
from punctum.measure.light import split_planes
from punctum.media.source import Source

SPARE_CODECS = ("h264", "hevc", "mpeg2video", "mpeg4")
"""Codecs whose packets tell whether another frame leans on them."""

NEIGHBOURS = 12
"""Packets of the same kind on each side that a packet's size is held against."""

LOUD_SPARE, LOUD_OTHER = 3.0, 2.5
"""So many times the median of its like makes a packet loud."""

AROUND_GAPS = 3
"""Gaps decoded on each side of a loud one."""

SAMPLE_EVERY_S = 1
"""Once in so many seconds a gap is decoded all the same."""

LONGEST_GAP = 3
"""So many frames in a row are left out at most."""

LEAP_LEAST, LEAP_TIMES = 0.03, 2.0
"""A change over a gap that calls for the frames in it: in itself, and against the change before."""

LEAP_SURE, LEAP_BINS = 0.08, 0.25
"""It is as great as this, or so much of the colours' histogram changes with it: figures drawn on twos leap, too, but
less and within their colours."""

_LENGTH_BYTES = 4
_HEAD = 1 << 16


class Packet(NamedTuple):
    """What a packet tells before it is decoded: stamp, bytes, whether a key frame, whether spare."""

    pts: int
    size: int
    key: bool
    spare: bool


class Sparse(NamedTuple):
    """What a fast reading decodes.

    ``pts`` are the stamps of all frames, ``left_out`` those of the ones that are not decoded, both sorted int64;
    ``loop_filter`` names, as FFmpeg does, the frames whose loop filter is left out.
    """

    pts: NDArray[np.int64]
    left_out: NDArray[np.int64]
    loop_filter: str = "bidir"

    def between(self, after: int, before: int) -> list[int]:
        """Stamps of frames after one stamp and before another: left out, or lost by the decoder for want of them."""
        low, high = np.searchsorted(self.pts, [after, before])
        return [int(pts) for pts in self.pts[low:high] if pts > after]

    def rank(self, pts: int) -> int:
        """Number of frames before a stamp."""
        return int(np.searchsorted(self.pts, pts))


def is_spare(codec: str, packet: Any) -> bool:
    """Whether no other frame leans on a packet's, as its first picture header says.

    H.264: ``nal_ref_idc`` 0 (ITU-T H.264, 7.4.1). HEVC: the even types below 15, not for reference in their sub-layer
    (H.265, table 7-1). MPEG-2 and MPEG-4 part 2: B pictures.
    """
    data = bytes(memoryview(packet)[:_HEAD])
    if codec in ("h264", "hevc"):
        for unit in _units(data):
            kind = unit & 31 if codec == "h264" else unit >> 1 & 63
            if codec == "h264" and 1 <= kind <= 5:
                return unit >> 5 & 3 == 0
            if codec == "hevc" and kind < 32:
                return kind <= 14 and kind % 2 == 0
        return False
    start, shift = (b"\0\0\1\0", 3) if codec == "mpeg2video" else (b"\0\0\1\xb6", 6)
    at = data.find(start)
    # MPEG-2: ten bits of order, then three of kind, 3 for B; MPEG-4: two bits of kind, 2 for B
    place = at + 5 if codec == "mpeg2video" else at + 4
    if at < 0 or place >= len(data):
        return False
    return (data[place] >> shift & 7) == 3 if codec == "mpeg2video" else data[place] >> shift == 2


def _units(data: bytes) -> list[int]:
    """First byte of each unit of the network abstraction layer: after start codes, or after lengths."""
    found: list[int] = []
    if data[:3] == b"\0\0\1" or data[:4] == b"\0\0\0\1":
        at = data.find(b"\0\0\1")
        while 0 <= at < len(data) - 3:
            found.append(data[at + 3])
            at = data.find(b"\0\0\1", at + 3)
        return found
    at = 0
    while at + _LENGTH_BYTES < len(data):
        found.append(data[at + _LENGTH_BYTES])
        at += _LENGTH_BYTES + int.from_bytes(data[at : at + _LENGTH_BYTES], "big")
    return found


def choose_left_out(packets: Sequence[Packet], source: Source) -> NDArray[np.int64]:
    """Stamps of the frames that a fast reading leaves out, sorted.

    Parameters
    ----------
    packets : sequence of Packet
        of all frames shown, in the order of decoding
    source : Source

    Returns
    -------
    left_out : np.ndarray [shape=(k,), dtype=int64]
        empty where two frames share a stamp
    """
    stamps = np.array([p.pts for p in packets], np.int64)
    if len(np.unique(stamps)) != len(stamps) or len(stamps) < 3:
        return np.zeros(0, np.int64)
    order = np.argsort(stamps)
    pts = stamps[order]
    spare = np.array([p.spare and not p.key for p in packets], np.bool_)
    key = np.array([p.key for p in packets], np.bool_)
    loud = (_loudness(packets, stamps, spare, key) | _out_of_turn(stamps, key))[order]
    spare = spare[order]

    # gaps: runs of spare frames in the order of showing; a gap and the frame after it stand together
    gap_of: NDArray[np.int64] = np.cumsum(~spare) - (~spare).astype(np.int64)
    gap_count = int(gap_of[-1]) + 1
    wanted = np.zeros(gap_count, np.bool_)
    wanted[gap_of[loud]] = True
    wanted = np.asarray(sliding_window_view(np.pad(wanted, AROUND_GAPS), 2 * AROUND_GAPS + 1).any(axis=1), np.bool_)
    base = source.time_base
    second = (pts - source.first_pts) * base.numerator // (base.denominator * SAMPLE_EVERY_S)
    inside = np.flatnonzero(spare)
    _, firsts = np.unique(second[inside], return_index=True)
    wanted[gap_of[inside[firsts]]] = True

    left = spare & ~wanted[gap_of]
    part = (pts - source.first_pts) * base.numerator // (base.denominator * int(PART_S))
    edge = np.flatnonzero(np.diff(part))
    left[edge] = left[edge + 1] = left[0] = left[-1] = False
    left &= pts > source.first_pts
    run = 0
    for i in np.flatnonzero(spare).tolist():
        run = run + 1 if left[i] and left[i - 1] else 1
        if run > LONGEST_GAP:
            left[i] = False
    return pts[left]


def _loudness(
    packets: Sequence[Packet], stamps: NDArray[np.int64], spare: NDArray[np.bool_], key: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which packets are much larger than their like: spare ones, those shown in turn, and those between."""
    sizes = np.array([p.size for p in packets], np.float64)
    ahead = stamps >= np.maximum.accumulate(stamps)
    loud = np.zeros(len(sizes), np.bool_)
    for kind, limit in ((spare, LOUD_SPARE), (~spare & ~key & ahead, LOUD_OTHER), (~spare & ~key & ~ahead, LOUD_OTHER)):
        own = sizes[kind]
        if own.size:
            around = sliding_window_view(
                np.pad(own, NEIGHBOURS, mode="reflect" if own.size > NEIGHBOURS else "edge"), 2 * NEIGHBOURS + 1
            )
            loud[kind] = own > limit * np.median(around, axis=1) + 64
    return loud


def _out_of_turn(stamps: NDArray[np.int64], key: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which key frames do not follow the last at the distance that most do: an encoder sets them at cuts."""
    at = np.flatnonzero(key)
    distances = np.diff(stamps[at])
    values, counts = np.unique(distances, return_counts=True)
    loud = np.zeros(len(stamps), np.bool_)
    if len(values) and counts.max() * 2 > len(distances):
        usual = int(values[np.argmax(counts)])
    else:
        usual = int(distances.max(initial=0))
    loud[at[1:]] = distances != usual
    return loud


def is_leap(
    earlier: NDArray[np.uint8], before: NDArray[np.uint8], after: NDArray[np.uint8], gap: int, last: int
) -> bool:
    """Whether so much changes over a gap that the frames in it are wanted.

    Parameters
    ----------
    earlier, before, after : np.ndarray [shape=(h, w, 3), dtype=uint8]
        thumbs of three decoded frames; the gap lies between the last two
    gap, last : int
        frames from ``before`` to ``after``, and from ``earlier`` to ``before``
    """
    codes = 255.0 * after.size
    over = cv2.norm(before, after, cv2.NORM_L1) / codes / gap**0.5
    usual = cv2.norm(earlier, before, cv2.NORM_L1) / codes / last**0.5
    if not (over > LEAP_LEAST and over > LEAP_TIMES * usual):
        return False
    if over > LEAP_SURE:
        return True
    counts = histograms(split_planes(np.stack([before, after])))
    return bool(histogram_change(counts, 1, before[..., 0].size)[0] > LEAP_BINS)
