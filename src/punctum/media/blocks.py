"""The one pass: a film's frames in order, as blocks with thumbs, sound and stills.

Conventions: see ``film.Block``. A part is ``PART_S`` of film time and begins with the first frame
at or after a multiple of it. What a part holds does not depend on where the reading began, on the
number of threads or on how long blocks are. In a fast reading some frames are not decoded: they have
their place, time and sound, but no pictures.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from punctum.film import PART_S, SOUND_LEAD_S, STILL_STEP_S, Block, Box, Still, Stretch
from punctum.media.changes import WINDOWS_S, find_change
from punctum.media.container import DECODING_ERRORS
from punctum.media.frames import Decoded, FrameReader
from punctum.media.pairs import NO_LOOK, Look, Pairs
from punctum.media.picture import Shaper, active_box, longest_box, thumb_shape
from punctum.media.sound import SoundReader
from punctum.media.source import Source
from punctum.media.spare import Sparse, is_leap

Faults = dict[str, int]


class _Row:
    """A decoded frame once its pictures are made."""

    __slots__ = ("damaged", "interlaced", "look", "pts", "still", "thumb", "time_s")

    def __init__(
        self,
        pts: int,
        time_s: float,
        thumb: NDArray[np.uint8] | None = None,
        still: NDArray[np.uint8] | None = None,
        interlaced: bool = False,
        damaged: bool = False,
        look: Look = NO_LOOK,
    ) -> None:
        self.pts = pts
        self.time_s = time_s
        self.thumb = thumb
        self.still = still
        self.interlaced = interlaced
        self.damaged = damaged
        self.look = look


def decode_blocks(
    source: Source,
    stretches: Sequence[Stretch] = (),
    start_s: float = 0.0,
    end_s: float | None = None,
    threads: int = 0,
    faults: Faults | None = None,
    block_frames: int = 48,
    first_frame: int = 0,
    bars_seen: list[tuple[float, Box | None]] | None = None,
    sparse: Sparse | None = None,
    looks: str = "off",
) -> Iterator[Block]:
    """Decode a film, or a part of it, once and in order.

    Parameters
    ----------
    source : Source
        an opened film
    stretches : sequence of Stretch
        active boxes by film time, in order, each beginning with the first key frame that shows it (the frames before
        that one are looked at for the very change); none means the whole picture throughout
    start_s, end_s : float
        the frames at or after ``start_s`` and before ``end_s`` are given
    threads : int
        threads of the decoder, 0 for as many as there are processors; the blocks are the same
    faults : dict, optional
        counts of what was damaged are added to it
    block_frames : int
        frames in a block, at most
    first_frame : int
        number that the first frame given gets
    bars_seen : list, optional
        receives ``(time_s, edges)`` of each frame that a still is made of, ``edges`` as in ``KeyFrame``: from these,
        far more than there are key frames, ``find_stretches`` tells whether a stretch was right
    sparse : Sparse, optional
        the frames that are left out; where much changes over a gap, the frames in it are decoded all the same
    looks : str
        of which frames there are pictures to look for faces in, one of ``media.LOOKS``

    Yields
    ------
    block : Block
        never across a part's edge

    Raises
    ------
    FilmUnreadable
        where the file has gone or its frames do not fit in memory
    """
    faults = {} if faults is None else faults
    maker = _BlockMaker(source, tuple(stretches), threads, faults, first_frame, bars_seen, sparse, Pairs(looks))
    reader = maker.reader()
    try:
        rows: list[_Row] = []
        part = -1
        lead: list[Decoded] = []
        for decoded in reader.read(start_s):
            time_s = source.time_s(decoded.pts)
            if time_s < start_s:
                lead = [*lead[-1:], decoded]
                continue
            if lead:
                maker.begin(lead)
                lead = []
            here = part_number(source, decoded.pts)
            if rows and (here != part or len(rows) >= block_frames or (end_s is not None and time_s >= end_s)):
                yield maker.block(rows, part, maker.next_pts(rows[-1].pts, decoded.pts))
                rows = []
            part = here
            if end_s is not None and time_s >= end_s:
                return
            row = maker.row(decoded)
            if row is not None:
                rows += [*maker.gap(row, start_s), row]
        if rows:
            yield maker.block(rows, part, rows[-1].pts + reader.last_ticks)
    finally:
        reader.close()
        maker.close()


def part_number(source: Source, pts: int) -> int:
    """Number of the part that a stamp lies in, worked out without rounding."""
    base = source.time_base
    return (pts - source.first_pts) * base.numerator // (base.denominator * int(PART_S))


def _still_number(source: Source, pts: int) -> int:
    base = source.time_base
    return (pts - source.first_pts) * base.numerator * 1000 // (base.denominator * round(STILL_STEP_S * 1000))


class _BlockMaker:
    """Makes rows of frames, and blocks of rows and sound."""

    def __init__(
        self,
        source: Source,
        stretches: tuple[Stretch, ...],
        threads: int,
        faults: Faults,
        first_frame: int,
        bars_seen: list[tuple[float, Box | None]] | None,
        sparse: Sparse | None,
        looks: Pairs,
    ) -> None:
        film = source.film
        whole = Box(0, 0, film.width_px, film.height_px)
        self._source = source
        self._whole = whole
        self._stretches = list(stretches)
        self._threads = threads
        self._exact = 1  # stretches before this number begin with their very first frame
        self._shape = thumb_shape(longest_box(stretches, whole), film.pixel_aspect)
        self._faults = faults
        self._frame = first_frame
        self._bars_seen = bars_seen
        self._shaper = Shaper(source)
        self._sparse = sparse
        self._looks = looks
        self._again: FrameReader | None = None
        self._lead: list[_Row] = []
        self._last: list[_Row] = []  # the last two with pictures
        self._last_pts: int | None = None
        self._sound: SoundReader | None = None
        self._part: int | None = None

    def close(self) -> None:
        if self._sound is not None:
            self._sound.close()
        if self._again is not None:
            self._again.close()

    def reader(self) -> FrameReader:
        """Open the film for decoding."""
        sparse = self._sparse
        if sparse is None:
            return FrameReader(self._source, self._threads, self._faults)
        left_out = frozenset(sparse.left_out.tolist())
        return FrameReader(self._source, self._threads, self._faults, left_out, sparse.loop_filter)

    def begin(self, frames: list[Decoded]) -> None:
        """Take the frames before the first as its lead."""
        for decoded in frames:
            row = self.row(decoded, lead=True)
            if row is not None:
                self._lead.append(row)
        self._last = self._lead[-2:]

    def row(self, decoded: Decoded, lead: bool = False) -> _Row | None:
        """Make a frame's pictures."""
        source = self._source
        time_s = source.time_s(decoded.pts)
        box = self._box(time_s)
        due = self._last_pts is None or _still_number(source, decoded.pts) > _still_number(source, self._last_pts)
        self._last_pts = decoded.pts
        try:
            thumb = self._shaper.thumb(decoded.frame, box, self._shape)
            look = NO_LOOK if lead else self._looks.at(time_s, part_number(source, decoded.pts), due, thumb)
            still = self._shaper.still(decoded.frame, box) if look.still or look.look else None
            if look.still and self._bars_seen is not None:
                self._bars_seen.append((time_s, self._shaper.edges(decoded.frame)))
        except DECODING_ERRORS:
            self._faults["frames unusable"] = self._faults.get("frames unusable", 0) + 1
            return None
        return _Row(decoded.pts, time_s, thumb, still, decoded.interlaced, decoded.damaged, look)

    def next_pts(self, last: int, decoded: int) -> int:
        """Stamp of the frame after one, of which the next that is decoded is known."""
        between = self._sparse.between(last, decoded) if self._sparse is not None else []
        return between[0] if between else decoded

    def gap(self, row: _Row, start_s: float) -> list[_Row]:
        """Frames left out between the last with pictures and this one, from ``start_s`` on, as rows.

        They have pictures after all where much changes over the gap.
        """
        sparse = self._sparse
        if sparse is None:
            return []
        last, self._last = self._last, [*self._last[-1:], row]
        stamps = sparse.between(last[-1].pts, row.pts) if last else []
        if not stamps:
            return []
        rows = {pts: _Row(pts, self._source.time_s(pts), interlaced=row.interlaced) for pts in stamps}
        if len(last) == 2 and self._is_leap(last[0], last[1], row):
            rows |= {found.pts: found for found in self._decode_gap(stamps)}
            shown = [found for found in rows.values() if found.thumb is not None]
            self._last = [*last, *shown, row][-2:]
        return [found for found in rows.values() if found.time_s >= start_s]

    def _is_leap(self, earlier: _Row, before: _Row, after: _Row) -> bool:
        sparse = self._sparse
        if sparse is None or earlier.thumb is None or before.thumb is None or after.thumb is None:
            return False
        ranks = [sparse.rank(row.pts) for row in (earlier, before, after)]
        return is_leap(earlier.thumb, before.thumb, after.thumb, ranks[2] - ranks[1], max(1, ranks[1] - ranks[0]))

    def _decode_gap(self, stamps: list[int]) -> Iterator[_Row]:
        """Decode the frames of a gap, from the key frame before it, through a handle of its own."""
        if self._again is None:
            self._again = self.reader()
        whole = self._again.left_out
        self._again.left_out = frozenset(whole) - set(stamps)
        kept = self._last_pts
        for decoded in self._again.read(self._source.time_s(stamps[0])):
            if decoded.pts in stamps:
                row = self.row(decoded, lead=True)
                if row is not None:
                    yield row
            if decoded.pts >= stamps[-1]:
                break
        self._again.left_out = whole
        self._last_pts = kept

    def block(self, rows: list[_Row], part: int, next_pts: int) -> Block:
        """Join rows to a block; ``next_pts`` is the stamp of the frame after them."""
        source = self._source
        lead = self._lead[-2:]
        first = self._frame
        edges, sound = self._sounds([r.pts for r in rows] + [next_pts], part)
        shown = [r for r in (*lead, *rows) if r.thumb is not None]
        numbers = None
        if self._sparse is not None:
            own_rank = self._sparse.rank(rows[0].pts)
            numbers = np.array([self._sparse.rank(r.pts) - own_rank for r in shown], np.int64)
        block = Block(
            first_frame=first,
            lead=len(lead),
            pts=np.array([r.pts for r in rows], np.int64),
            time_s=np.array([r.time_s for r in rows], np.float64),
            lead_time_s=np.array([r.time_s for r in lead], np.float64),
            thumbs=np.stack([r.thumb for r in shown if r.thumb is not None]),
            sound=sound,
            sound_edges=edges,
            sample_rate_hz=source.film.sample_rate_hz if source.sound_index is not None else 0,
            channels=source.film.channels if source.sound_index is not None else (),
            interlaced=np.array([r.interlaced for r in rows], np.bool_),
            damaged=np.array([r.damaged for r in rows], np.bool_),
            stills=tuple(
                Still(first + i, r.still, r.time_s, *r.look) for i, r in enumerate(rows) if r.still is not None
            ),
            thumb_frames=numbers,
        )
        self._lead = shown[-2:]
        for row in self._lead:
            row.still = None
        self._frame += len(rows)
        return block

    def _sounds(self, stamps: list[int], part: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        source = self._source
        if source.sound_index is None:
            return np.zeros(len(stamps), np.int64), np.zeros((0, 0), np.float32)
        rate = source.film.sample_rate_hz
        lead = round(SOUND_LEAD_S * rate)
        ratio = source.time_base * rate
        over, under = ratio.numerator, ratio.denominator
        grid = [(2 * (pts - source.first_pts) * over + under) // (2 * under) for pts in stamps]
        if self._sound is None:
            self._sound = SoundReader(source, part * PART_S, self._faults)
        if part != self._part:
            self._sound.begin(part)
            self._part = part
        sound = self._sound.take(grid[0] - lead, grid[-1], grid[-1] - lead)
        return np.array(grid, np.int64) - (grid[0] - lead), sound

    def _box(self, time_s: float) -> Box:
        """Active box at a time; the very frame of a change of ratio is sought when the reading comes near it."""
        stretches = self._stretches
        while self._exact < len(stretches) and time_s >= stretches[self._exact].start_s - WINDOWS_S[-1]:
            after = stretches[self._exact]
            if time_s <= after.start_s + 1.0:  # a lead frame may lie before a start just behind the change
                before = stretches[self._exact - 1]
                start_s = find_change(self._source, before, after, self._threads)
                stretches[self._exact - 1] = before._replace(end_s=start_s)
                stretches[self._exact] = after._replace(start_s=start_s)
            self._exact += 1
        return active_box(stretches, time_s, self._whole)
