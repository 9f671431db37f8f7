"""Frames to boundaries: the cuts, dissolves, fades and wipes of a film, as the detector sees them.

The film is read a piece at a time, with enough of its neighbours that no answer depends on where a piece begins.
Runs of frames without a gap are film; where only key frames were read, boundaries are rough and ``provisional``.

A transition is half-open. A boundary lies at the middle of a dissolve or wipe, at the middle of a fade's flat part, or
at the edge of that part where it is long enough to be a shot of its own.
"""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum import tables
from punctum.segment.boundaries import Boundary, Found, lay_out
from punctum.segment.cells import CELL_BYTES, Floats, centre, distance, kept_shares, read_cells, read_pieces, to_cells
from punctum.segment.cues import COLUMNS, thin_columns
from punctum.segment.fades import colour_name, find_flats, is_flat
from punctum.segment.joins import find_joins, lay_fades
from punctum.segment.mixtures import name_wipe
from punctum.segment.network import MARGIN, Answers, ask_network, how_sure
from punctum.segment.rough import find_rough
from punctum.segment.runs import Run, find_runs

PIECE_FRAMES = 2048
"""Frames worked on at a time; the boundaries do not depend on it."""

TOP_RATE_HZ = 40.0
"""Above this every second (third, ...) frame is looked at."""


KEPT_MOST = 0.6
"""Where more of a picture than this stays, it was no dissolve or wipe: a title came, somebody moved."""


class _Marks(NamedTuple):
    """What is known of a run: every frame's mean colour and spread; the network's answers."""

    mean: Floats
    spread: Floats
    answers: Answers


def find_boundaries(frames: pl.DataFrame, grid: pl.LazyFrame, *, piece_frames: int = PIECE_FRAMES) -> pl.DataFrame:
    """Find where the shots of a film begin and end, before a person's word.

    Parameters
    ----------
    frames : pl.DataFrame
        columns of ``tables.FRAMES``; ``frame``, ``time_s``, ``damaged`` and ``cues.COLUMNS`` are used
    grid : pl.LazyFrame
        columns of ``tables.GRID``, the same frames in the same order
    piece_frames : int
        frames worked on at a time; changes nothing but the memory used

    Returns
    -------
    boundaries : pl.DataFrame
        columns of ``tables.BOUNDARIES``; no rows for a film without frames

    Raises
    ------
    TableInvalid
        where ``grid`` and ``frames`` do not hold the same frames
    """
    if frames.is_empty():
        return tables.empty(tables.BOUNDARIES)
    numbers = frames["frame"].to_numpy().astype(np.int64)
    times = frames["time_s"].to_numpy().astype(np.float64)
    runs, gaps = find_runs(frames)
    found = [_find_in_run(frames, grid, numbers, times, run, piece_frames) for run in runs]
    n = len(numbers)
    opening, closing = Boundary(0, "open", 0, 0, 1.0), Boundary(n, "close", n, n, 1.0)
    opening = found[0].opening if runs and runs[0].start == 0 else opening._replace(provisional=True)
    closing = found[-1].closing if runs and runs[-1].end == n else closing._replace(provisional=True)
    boundaries = [b for part in found for b in part.boundaries] + find_rough(grid, numbers, gaps)
    boundaries.sort(key=lambda b: b.at)
    flats = [flat for part in found for flat in part.flats]
    return lay_out(Found(opening, boundaries, closing, flats), numbers)


def _find_in_run(
    frames: pl.DataFrame,
    grid: pl.LazyFrame,
    numbers: NDArray[np.int64],
    times: NDArray[np.float64],
    run: Run,
    piece_frames: int,
) -> Found:
    """Find the boundaries of one run; rows of the result are those of the table of frames."""
    own_times, own_numbers = times[run.start : run.end], numbers[run.start : run.end]
    rate_hz = 1.0 / max(1e-3, float(np.median(np.diff(own_times)))) if len(own_times) > 1 else 25.0
    thin = max(1, int(np.ceil(rate_hz / TOP_RATE_HZ - 0.05)))
    own_grid = grid.slice(run.start, run.end - run.start)
    columns = _columns(frames, run)
    marks = _read_marks(own_grid, own_numbers, columns, thin, piece_frames)
    contrast, correlation = (columns[:, COLUMNS.index(name)] for name in ("contrast", "correlation"))
    flats = find_flats(marks.mean, marks.spread, contrast, is_flat(marks.spread, contrast, correlation), rate_hz)
    joins = [_unthin(join, own_grid, own_numbers, thin) for join in find_joins(marks.answers)]
    joins = _leave_out_kept(joins, own_grid, own_numbers, piece_frames)
    lasting = np.append(own_times, float(own_times[-1]) + 1.0 / rate_hz)
    found = lay_fades(flats, joins, lasting)
    return Found(
        found.opening.shift(run.start),
        [_settle(b, own_grid, own_numbers, marks).shift(run.start) for b in found.boundaries],
        found.closing.shift(run.start),
        [(a + run.start, b + run.start) for a, b in found.flats],
    )


def _columns(frames: pl.DataFrame, run: Run) -> Floats:
    """Give a run's measures (n, columns), float32; NaN where nothing was measured."""
    own = frames.slice(run.start, run.end - run.start).select(
        pl.col(name).cast(pl.Float32).fill_null(float("nan")) for name in COLUMNS
    )
    return np.stack([own[name].to_numpy() for name in COLUMNS], axis=1)


def _read_marks(
    grid: pl.LazyFrame, numbers: NDArray[np.int64], columns: Floats, thin: int, piece_frames: int
) -> _Marks:
    """Go through a run once: colour and spread of every frame, and what the network says of every ``thin``-th."""
    n = len(numbers)
    mean, spread = np.zeros((n, 3), np.float32), np.zeros(n, np.float32)
    thinned = thin_columns(columns, thin)
    parts = []
    piece_frames += -piece_frames % thin
    for piece in read_pieces(grid, numbers, piece_frames, MARGIN * thin):
        own = slice(piece.core - piece.first, piece.core_end - piece.first)
        _, mean[piece.core : piece.core_end], spread[piece.core : piece.core_end] = centre(to_cells(piece.raw[own]))
        # pieces begin at whole multiples of ``thin``, so the same frames are looked at whatever the pieces' size
        raw, low, high = piece.raw[::thin], piece.core // thin, -(-piece.core_end // thin)
        before = low - piece.first // thin
        lacking = MARGIN - before, MARGIN - (len(raw) - before - (high - low))
        raw = np.concatenate([np.repeat(raw[:1], lacking[0], axis=0), raw, np.repeat(raw[-1:], lacking[1], axis=0)])
        around = np.full((len(raw), columns.shape[1]), np.nan, np.float32)
        around[lacking[0] : len(raw) - lacking[1]] = thinned[low - before : low - before + len(raw) - sum(lacking)]
        parts.append(ask_network(raw, around))
    return _Marks(mean, spread, Answers(*(np.concatenate(part) for part in zip(*parts, strict=True))))


def _unthin(join: Boundary, grid: pl.LazyFrame, numbers: NDArray[np.int64], thin: int) -> Boundary:
    """Count all frames; a cut lies where the greatest of the steps is."""
    if thin == 1:
        return join
    if join.kind == "cut":
        low = (join.at - 1) * thin
        cells = read_cells(grid, numbers, low, min(low + thin + 1, len(numbers)))
        at = low + 1 + int(distance(cells[:-1], cells[1:]).argmax())
        return join._replace(at=at, start=at, end=at)
    start, end = join.start * thin, min(join.end * thin, len(numbers))
    return join._replace(at=(start + end) // 2, start=start, end=end)


def _leave_out_kept(
    joins: list[Boundary], grid: pl.LazyFrame, numbers: NDArray[np.int64], piece_frames: int
) -> list[Boundary]:
    """Leave out dissolves and wipes between pictures that are mostly the same."""
    mixed = [join for join in joins if join.kind in ("dissolve", "wipe")]
    if not mixed:
        return joins
    before = np.array([max(0, join.start - 1) for join in mixed])
    after = np.array([min(join.end, len(numbers) - 1) for join in mixed])
    raw = np.zeros((2, len(mixed), CELL_BYTES), np.uint8)
    for piece in read_pieces(grid, numbers, piece_frames, 0):
        for ends, rows in zip(raw, (before, after), strict=True):
            here = np.flatnonzero((rows >= piece.core) & (rows < piece.core_end))
            ends[here] = piece.raw[rows[here] - piece.core]
    kept = kept_shares(to_cells(raw[0]), to_cells(raw[1])) > KEPT_MOST
    same = {join for join, stays in zip(mixed, kept.tolist(), strict=True) if stays}
    return [join for join in joins if join not in same]


def _settle(boundary: Boundary, grid: pl.LazyFrame, numbers: NDArray[np.int64], marks: _Marks) -> Boundary:
    """Say how sure a boundary is, and what it looks like: a wipe's shape, a fade's colour where it never reaches it."""
    boundary = boundary._replace(strength=how_sure(boundary.kind, boundary.strength))
    if boundary.kind == "fade" and boundary.look is None:
        plainest = boundary.start + int(marks.spread[boundary.start : boundary.end].argmin())
        return boundary._replace(look=colour_name(marks.mean[plainest]))
    if boundary.kind == "wipe":
        low, high = max(0, boundary.start - 1), min(boundary.end + 1, len(numbers))
        return boundary._replace(look=name_wipe(read_cells(grid, numbers, low, high)))
    return boundary
