"""Boundaries to shots: what the detector found, and what a person said about it.

The shot a transition leads to begins at the boundary. A fade-in at the film's beginning is recorded on the first shot
(``begins`` is ``fade``, with its span), a fade-out at the end in ``ends`` of the last one. A shot is provisional where
one of its ends, or that there is none within it, is known from key frames only.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum import tables
from punctum.film import Correction
from punctum.segment.boundaries import Found, take_up, within
from punctum.segment.corrections import apply_corrections, sift_corrections
from punctum.segment.detection import PIECE_FRAMES, find_boundaries
from punctum.segment.runs import find_runs


def find_shots(
    frames: pl.DataFrame,
    grid: pl.LazyFrame,
    corrections: Sequence[Correction] = (),
    *,
    piece_frames: int = PIECE_FRAMES,
) -> pl.DataFrame:
    """Find the shots of a film: ``find_boundaries``, then ``place_shots``.

    Parameters
    ----------
    frames : pl.DataFrame
        columns of ``tables.FRAMES``
    grid : pl.LazyFrame
        columns of ``tables.GRID``, the same frames in the same order
    corrections : sequence of Correction
        what a person decided, in the order in which it was said; wins over what was found
    piece_frames : int
        frames worked on at a time; changes nothing but the memory used

    Returns
    -------
    shots : pl.DataFrame
        columns of ``tables.SHOTS``; the summaries, palette and stills null

    Raises
    ------
    TableInvalid
        where ``grid`` and ``frames`` do not hold the same frames
    CorrectionUnclear
        where a correction acts on nothing
    """
    return place_shots(find_boundaries(frames, grid, piece_frames=piece_frames), frames, corrections)


def place_shots(boundaries: pl.DataFrame, frames: pl.DataFrame, corrections: Sequence[Correction] = ()) -> pl.DataFrame:
    """Lay the shots out between boundaries, after a person's word. Cheap.

    Parameters
    ----------
    boundaries : pl.DataFrame
        columns of ``tables.BOUNDARIES``, as ``find_boundaries`` gave them for these frames
    frames : pl.DataFrame
        columns of ``tables.FRAMES``; ``frame``, ``time_s``, ``change`` and ``damaged`` are used
    corrections : sequence of Correction
        what a person decided, in the order in which it was said; wins over what was found

    Returns
    -------
    shots : pl.DataFrame
        columns of ``tables.SHOTS``; the summaries, palette and stills null

    Raises
    ------
    CorrectionUnclear
        where a correction acts on nothing
    """
    if frames.is_empty():
        return tables.empty(tables.SHOTS)
    found, times, numbers = _in_rows(boundaries, frames)
    held = apply_corrections(found.boundaries, corrections, times, numbers)
    return _tabulate(found._replace(boundaries=held), frames)


def usable_corrections(
    boundaries: pl.DataFrame, frames: pl.DataFrame, corrections: Sequence[Correction]
) -> tuple[list[Correction], list[Correction]]:
    """Part corrections into those that act on something and those that do not.

    Parameters
    ----------
    boundaries : pl.DataFrame
        columns of ``tables.BOUNDARIES``
    frames : pl.DataFrame
        columns of ``tables.FRAMES``
    corrections : sequence of Correction
        in the order in which they were said

    Returns
    -------
    used, unused : list of Correction
        in the same order; ``place_shots`` takes ``used`` without an error
    """
    if frames.is_empty():
        return [], list(corrections)
    found, times, numbers = _in_rows(boundaries, frames)
    return sift_corrections(found.boundaries, corrections, times, numbers)


def _in_rows(boundaries: pl.DataFrame, frames: pl.DataFrame) -> tuple[Found, NDArray[np.float64], NDArray[np.int64]]:
    numbers = frames["frame"].to_numpy().astype(np.int64)
    return take_up(boundaries, numbers), frames["time_s"].to_numpy().astype(np.float64), numbers


def _typical_step(times: NDArray[np.float64], numbers: NDArray[np.int64]) -> float:
    """Median time from one frame to the next."""
    if len(times) < 2:
        return 0.04
    steps = np.diff(times) / np.maximum(np.diff(numbers), 1)
    return float(np.median(steps))


def _tabulate(found: Found, frames: pl.DataFrame) -> pl.DataFrame:
    """Lay boundaries, in rows, out as the table of shots, in frames."""
    numbers = frames["frame"].to_numpy().astype(np.int64)
    times = frames["time_s"].to_numpy().astype(np.float64)
    n = len(numbers)
    begun = [found.opening, *(b for b in found.boundaries if 0 < b.at < n)]
    starts = np.array([b.at for b in begun], np.int64)
    ends = np.append(starts[1:], n)
    frame_of = np.append(numbers, int(numbers[-1]) + 1)
    time_of = np.append(times, float(times[-1]) + _typical_step(times, numbers))
    kinds = [b.kind for b in begun]
    spans = [b.kind not in ("open", "cut") for b in begun]
    gaps = find_runs(frames).gaps
    broken = np.searchsorted(gaps, ends) > np.searchsorted(gaps, starts, side="right")
    rough = np.array([*(b.provisional for b in begun), found.closing.provisional])
    shots = pl.DataFrame(
        {
            "shot": np.arange(len(begun), dtype=np.int32),
            "start_frame": frame_of[starts],
            "end_frame": frame_of[ends],
            "start_s": time_of[starts],
            "end_s": time_of[ends],
            "length_s": time_of[ends] - time_of[starts],
            "begins": kinds,
            "ends": [*kinds[1:], found.closing.kind],
            "transition_start_frame": [
                int(frame_of[max(0, b.start)]) if s else None for b, s in zip(begun, spans, strict=True)
            ],
            "transition_end_frame": [
                int(frame_of[min(n, b.end)]) if s else None for b, s in zip(begun, spans, strict=True)
            ],
            "transition": [b.look if s else None for b, s in zip(begun, spans, strict=True)],
            "flat": within((starts + ends) // 2, found.flats),
            "doubt": [None if b.corrected or b.at == 0 else 1.0 - b.strength for b in begun],
            "corrected": [b.corrected for b in begun],
            "provisional": rough[:-1] | rough[1:] | broken,
        },
        schema_overrides={
            "transition_start_frame": pl.Int64(),
            "transition_end_frame": pl.Int64(),
            "transition": pl.String(),
            "doubt": pl.Float64(),
        },
    )
    return tables.conform(shots, tables.SHOTS)
