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
from punctum.segment.cells import Floats, cells_of, centre, distance, read_pieces, unlikeness
from punctum.segment.cuts import APART_LEAST, find_cuts
from punctum.segment.fades import OWN_SHOT_BY_CUT_S, OWN_SHOT_S, Flat, find_flats, is_flat
from punctum.segment.graduals import REACH, TOP_RATE_HZ, find_graduals
from punctum.segment.mixtures import least_errors
from punctum.segment.rough import find_rough
from punctum.segment.runs import Run, find_runs

PIECE_FRAMES = 2048
"""Frames worked on at a time; the boundaries do not depend on it."""

SAME_UNLIKE = 0.25
SAME_GAP = 0.12
"""Pictures nearer than this on both sides of a short flat stretch are the same."""

UNEVEN = 0.1
"""What an even fade leaves unexplained half way is less than this."""

MEASURES = ("contrast", "correlation", "histogram_change", "change", "residual_change")
"""Columns of ``frames`` that boundaries are found by, beside the grid."""


class _Measured(NamedTuple):
    """Columns of the table of frames, NaN where they were not measured."""

    contrast: Floats
    correlation: Floats
    histogram: Floats
    change: Floats
    residual: Floats


class _Marks(NamedTuple):
    """What one run's pieces gave."""

    mean: Floats
    spread: Floats
    cuts: list[Boundary]
    graduals: list[Boundary]


def find_boundaries(frames: pl.DataFrame, grid: pl.LazyFrame, *, piece_frames: int = PIECE_FRAMES) -> pl.DataFrame:
    """Find where the shots of a film begin and end, before a person's word.

    Parameters
    ----------
    frames : pl.DataFrame
        columns of ``tables.FRAMES``; ``frame``, ``time_s``, ``damaged`` and ``MEASURES`` are used
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
    own_times = times[run.start : run.end]
    rate_hz = 1.0 / max(1e-3, float(np.median(np.diff(own_times)))) if len(own_times) > 1 else 25.0
    own_grid = grid.slice(run.start, run.end - run.start)
    measured = _Measured(*(_values(frames, name, run) for name in MEASURES))
    contrast, correlation = measured.contrast, measured.correlation
    marks = _read_marks(own_grid, numbers[run.start : run.end], measured, rate_hz, piece_frames)
    flat = is_flat(marks.spread, contrast, correlation)
    flats = find_flats(marks.mean, marks.spread, contrast, flat, rate_hz)
    end_s = float(own_times[-1]) + 1.0 / rate_hz
    lasting = np.append(own_times, end_s)
    resolved = _place_fades(flats, lasting, own_grid)
    ends = [b for b in (resolved.opening, resolved.closing) if b.kind == "fade"]
    boundaries = [b for b in _resolve([*resolved.boundaries, *ends], marks) if b not in ends]
    return Found(
        resolved.opening.shift(run.start),
        [b.shift(run.start) for b in boundaries],
        resolved.closing.shift(run.start),
        [(a + run.start, b + run.start) for a, b in resolved.flats],
    )


def _values(frames: pl.DataFrame, name: str, run: Run) -> Floats:
    """Give a run's values of a column; NaN where nothing was measured."""
    column = frames[name].slice(run.start, run.end - run.start).cast(pl.Float32).fill_null(float("nan"))
    values: Floats = column.to_numpy()
    return values


def _read_marks(
    grid: pl.LazyFrame,
    numbers: NDArray[np.int64],
    measured: _Measured,
    rate_hz: float,
    piece_frames: int,
) -> _Marks:
    """Go through a run once: colour and spread of every frame, its cuts, dissolves and wipes."""
    n = len(numbers)
    mean, spread = np.zeros((n, 3), np.float32), np.zeros(n, np.float32)
    cuts: list[Boundary] = []
    graduals: list[Boundary] = []
    thin = max(1, int(np.ceil(rate_hz / TOP_RATE_HZ - 0.05)))
    margin = REACH * thin + 64
    margin += -margin % thin
    piece_frames += -piece_frames % thin
    for piece in read_pieces(grid, numbers, piece_frames, margin):
        cells, first = piece.cells, piece.first
        centred, tone, around = centre(cells)
        own = range(piece.core - first, piece.core_end - first)
        here, rows = slice(piece.core, piece.core_end), slice(first, first + len(cells))
        own_rows = slice(own.start, own.stop)
        mean[here], spread[here] = tone[own_rows], around[own_rows]
        near = find_cuts(cells, centred, measured.histogram[rows], range(len(cells)), rate_hz)
        cuts += [b.shift(first) for b in near if b.at in own]
        flat = is_flat(around, measured.contrast[rows], measured.correlation[rows])
        # frames are thinned from frame 0 of the run, wherever the piece begins
        skip = -first % thin
        thinned = find_graduals(
            cells[skip::thin],
            centred[skip::thin],
            measured.change[rows][skip::thin],
            measured.residual[rows][skip::thin],
            range((own.start - skip + thin - 1) // thin, (own.stop - skip + thin - 1) // thin),
            (first + skip) // thin,
            np.unique([-(-(b.at - skip) // thin) for b in near if b.at >= skip]).astype(np.int64),
            flat[skip::thin],
        )
        graduals += [
            b._replace(at=b.at * thin + skip, start=b.start * thin + skip, end=b.end * thin + skip).shift(first)
            for b in thinned
        ]
    return _Marks(mean, spread, cuts, graduals)


def _place_fades(flats: list[Flat], times: NDArray[np.float64], grid: pl.LazyFrame) -> Found:
    """Turn flat stretches and their fades into boundaries. ``times`` has one more entry: the run's end."""
    n = len(times) - 1
    boundaries: list[Boundary] = []
    own_shots: list[tuple[int, int]] = []
    opening, closing = Boundary(0, "open", 0, 0, 1.0), Boundary(n, "close", n, n, 1.0)
    for flat in flats:
        length_s = float(times[flat.end] - times[flat.start])
        opens, ends = flat.start == 0, flat.end == n
        cut_in = not opens and flat.fade_start is None
        cut_out = not ends and flat.fade_end is None
        own = length_s >= OWN_SHOT_S or (length_s >= OWN_SHOT_BY_CUT_S and (cut_in or cut_out))
        before = flat.start if flat.fade_start is None else flat.fade_start
        after = flat.end if flat.fade_end is None else flat.fade_end
        if own:
            own_shots.append((flat.start, flat.end))
            if not opens:
                kind = "cut" if cut_in else "fade"
                start = flat.start if cut_in else before
                boundaries.append(Boundary(flat.start, kind, start, flat.start, 4.0, None if cut_in else flat.colour))
            if not ends:
                kind = "cut" if cut_out else "fade"
                boundaries.append(
                    Boundary(
                        flat.end, kind, flat.end, flat.end if cut_out else after, 4.0, None if cut_out else flat.colour
                    )
                )
        elif opens and ends:
            continue
        elif opens:
            if flat.fade_end is not None:
                opening = Boundary(0, "fade", 0, after, 4.0, flat.colour)
        elif ends:
            if flat.fade_start is not None:
                closing = Boundary(n, "fade", before, n, 4.0, flat.colour)
        elif _is_interrupted(grid, before - 1, flat, after):
            continue
        elif cut_in and cut_out:
            boundaries.append(Boundary(flat.end, "cut", flat.end, flat.end, 2.0))
        else:
            boundaries.append(Boundary((flat.start + flat.end) // 2, "fade", before, after, 3.0, flat.colour))
    # where two flat stretches meet, each has given the same boundary
    first_at: dict[int, Boundary] = {}
    for b in boundaries:
        first_at.setdefault(b.at, b)
    return Found(opening, list(first_at.values()), closing, own_shots)


def _is_interrupted(grid: pl.LazyFrame, before: int, flat: Flat, after: int) -> bool:
    """Whether a short flat stretch only interrupts a shot: a flash, a blink, a lamp, someone crossing the lens.

    The pictures on both sides are the same. A fade out and in on the same picture (time passes) is told by evenness:
    half way every place is half way, while what crosses the lens covers place after place.
    """
    middle = (flat.start + flat.end) // 2
    halves = [(a + b) // 2 for a, b in ((before, flat.start - 1), (flat.end, after))]
    rows = np.array([before, halves[0], middle, halves[1], after])
    rows = np.clip(rows, before, after)
    column = grid.slice(before, after - before + 1).select("cells").collect()["cells"]
    x, falling, blank, rising, y = cells_of(column.gather(np.minimum(rows - before, len(column) - 1)))[:, None]
    unlike, gap = float(unlikeness(centre(x).layout, centre(y).layout)[0]), float(distance(x, y)[0])
    if unlike > SAME_UNLIKE or gap > SAME_GAP:
        return False
    if flat.fade_start is None or flat.fade_end is None:
        return True
    uneven = [float(least_errors(half, end, blank).line[0]) for half, end in ((falling, x), (rising, y))]
    return max(uneven) > UNEVEN


def _resolve(fades: list[Boundary], marks: _Marks) -> list[Boundary]:
    """Choose among boundaries that overlap: fades first, then cuts, then the strongest of the others."""
    chosen = list(fades)
    order = sorted(marks.graduals, key=lambda b: (-b.strength, b.end - b.start, b.at, b.kind))
    rest = [*sorted(marks.cuts, key=lambda b: (-b.strength, b.at)), *order]
    starts, ends = np.zeros(len(chosen) + len(rest), np.int64), np.zeros(len(chosen) + len(rest), np.int64)
    for i, b in enumerate(chosen):
        starts[i], ends[i] = b.start, b.end
    for b in rest:
        count = len(chosen)
        free = (b.end + APART_LEAST <= starts[:count]) | (b.start >= ends[:count] + APART_LEAST)
        if free.all():
            starts[count], ends[count] = b.start, b.end
            chosen.append(b)
    return sorted(chosen, key=lambda b: b.at)
