"""What the page's script is given: one JSON object and packs of numbers.

Conventions: JSON is ASCII, with ``<``, ``>`` and ``&`` as escapes, so that no text of a film can end the script that
holds it; packs are base64 (see ``draw/packing.py``) in elements of their own, found by number.
"""

import json
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.draw import packing
from punctum.draw.barcode import build_barcode
from punctum.draw.lanes import GAP_S, Barcode, Curve, Lane, Stretches, Ticks, envelope
from punctum.film import GRID_COLUMNS, GRID_ROWS, Bundle
from punctum.report.people import active_share, faces_data
from punctum.report.scene_lanes import shaded_spans
from punctum.tables import MOMENTS, empty

BINS = 2000
"""The overview of every curve, and the barcode, in bins of time."""

GRID_BATCH = 4096
"""Rows of the grid that are held at a time."""

MOST_DETAIL = 500_000
"""Values a curve brings at most beyond its overview; longer ones are thinned by whole steps."""

CELL_BYTES = GRID_ROWS * GRID_COLUMNS * 3

_GREY = bytes([110, 128, 128]) * (GRID_ROWS * GRID_COLUMNS)


Make = Callable[[], str]


@dataclass
class Packs:
    """Packs of the page, in order; a pack is named by its number.

    What a first look does not need is added as a function: a page on disk makes it at once, a served page when asked.
    """

    made: list[str | Make] = field(default_factory=list)

    def add(self, pack: str | Make) -> int:
        """Keep a pack and return its number."""
        self.made.append(pack)
        return len(self.made) - 1

    def first(self) -> list[str]:
        """Give the packs that a first look needs; "" for the others."""
        return [pack if isinstance(pack, str) else "" for pack in self.made]

    def texts(self) -> list[str]:
        """Give every pack."""
        return [pack if isinstance(pack, str) else pack() for pack in self.made]


def safe_json(value: Any) -> str:
    r"""JSON that can stand in a script element: ASCII, without ``<``, ``>`` and ``&``.

    Examples
    --------
    >>> safe_json("</script><!--\u2028")
    '"\\u003c/script\\u003e\\u003c!--\\u2028"'
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def grid_rows(grid: pl.LazyFrame) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint8]]]:
    """Frame numbers int64 (n,) and cells uint8 (n, 9, 16, 3), a batch at a time; rows without cells are left out."""
    at = 0
    while True:
        batch = grid.slice(at, GRID_BATCH).select("frame", "cells").collect()
        if batch.height == 0:
            return
        at += batch.height
        kept = batch.filter(pl.col("cells").bin.size() == CELL_BYTES)
        if kept.height:
            cells = np.frombuffer(b"".join(kept["cells"].to_list()), dtype=np.uint8)
            yield kept["frame"].to_numpy().astype(np.int64), cells.reshape(-1, GRID_ROWS, GRID_COLUMNS, 3)


def read_grid(bundle: Bundle, wanted: Sequence[int]) -> tuple[Barcode, list[bytes]]:
    """One walk through the grid: the barcode, and the cells of the wanted frames.

    Parameters
    ----------
    bundle : Bundle
        its grid is read in batches
    wanted : sequence of int
        frames, ascending; where one has no row, the nearest row's cells stand in

    Returns
    -------
    barcode : Barcode
        mean colours of frames only where the grid has the rows of ``frames``
    cells : list of bytes
        432 bytes for each wanted frame; grey where the grid is empty
    """
    frame = bundle.frames["frame"].to_numpy().astype(np.int64)
    time_s = bundle.frames["time_s"].to_numpy()
    rate = bundle.film.frame_count / bundle.film.duration_s if bundle.film.duration_s > 0 else 1.0
    found = [_GREY] * len(wanted)
    best = np.full(len(wanted), np.iinfo(np.int64).max)
    targets = np.asarray(wanted, dtype=np.int64)
    seen: list[NDArray[np.int64]] = []

    def walk() -> Iterator[tuple[NDArray[np.float64], NDArray[np.uint8]]]:
        for numbers, cells in grid_rows(bundle.grid):
            seen.append(numbers)
            after = np.clip(np.searchsorted(numbers, targets), 0, len(numbers) - 1)
            for at in (np.maximum(after - 1, 0), after):
                away = np.abs(numbers[at] - targets)
                for index in np.flatnonzero(away < best):
                    best[index] = away[index]
                    found[index] = cells[at[index]].tobytes()
            yield _times_of(numbers, frame, time_s, rate), cells

    columns, frames = build_barcode(walk(), bundle.film.duration_s, BINS)
    numbers = np.concatenate(seen) if seen else np.zeros(0, dtype=np.int64)
    same = len(numbers) == len(frame) and bool(np.array_equal(numbers, frame))
    return Barcode(columns, frames if same and len(frames) else None), found


def _times_of(
    numbers: NDArray[np.int64], frame: NDArray[np.int64], time_s: NDArray[np.float64], rate: float
) -> NDArray[np.float64]:
    if len(frame) == 0:
        return numbers / rate
    return np.interp(numbers, frame, time_s)


def runs_of(frame: NDArray[np.int64]) -> list[list[int]]:
    """Runs of consecutive numbers, as [first, count].

    Examples
    --------
    >>> import numpy as np
    >>> runs_of(np.array([0, 1, 2, 7, 9, 10]))
    [[0, 3], [7, 1], [9, 2]]
    """
    if len(frame) == 0:
        return []
    starts = np.concatenate(([0], np.flatnonzero(np.diff(frame) != 1) + 1))
    counts = np.diff(np.concatenate((starts, [len(frame)])))
    return [[int(frame[start]), int(count)] for start, count in zip(starts, counts, strict=True)]


def read_stretches(bundle: Bundle) -> list[tuple[float, float, bool]]:
    """Parts of the film as (start_s, end_s, read): read frame by frame, or from key frames only."""
    duration_s = bundle.film.duration_s
    frame = bundle.frames["frame"].to_numpy().astype(np.int64)
    if len(frame) == 0:
        return [(0.0, duration_s, False)]
    time_s = bundle.frames["time_s"].to_numpy()
    parts: list[tuple[float, float, bool]] = []
    at = 0
    for first, count in runs_of(frame):
        start = float(time_s[at]) if first else 0.0
        last = at + count
        end = float(time_s[last]) if last < len(time_s) else duration_s
        dense = count > 2 or len(frame) == bundle.film.frame_count
        # what lies between the last frame of a run and the next row was skimmed
        edge = float(time_s[last - 1]) if dense and last < len(time_s) else end
        for begin, finish, read in ((start, edge if dense else end, dense), (edge, end, False)):
            if finish <= begin:
                continue
            if parts and parts[-1][2] == read:
                parts[-1] = (parts[-1][0], finish, read)
            else:
                parts.append((begin, finish, read))
        at = last
    return parts


def lane_data(lane: Lane, packs: Packs, spine_s: NDArray[np.float64], duration_s: float) -> dict[str, Any]:
    """Return one lane as the script wants it; its numbers go to `packs`."""
    made: dict[str, Any] = {
        "name": lane.name,
        "unit": lane.unit,
        "kind": lane.kind,
        "height_px": lane.height_px,
        "dashed": lane.dashed,
        "marks": [],
    }
    data = lane.data
    if isinstance(data, Curve):
        times_s = spine_s if data.times_s is None else data.times_s
        low, high = packing.value_range(data.values)
        made.update(range=[low, high], domain=[data.low, data.high], marks=data.marks)
        extent = envelope(times_s, data.values, duration_s, BINS)
        for part in ("low", "mean", "high"):
            steps = packing.quantise(getattr(extent, part), low, high)
            steps[~extent.looked] = packing.ABSENT
            made[part] = packs.add(packing.pack(steps))
        thin = max(1, -(-len(times_s) // MOST_DETAIL))
        values = np.asarray(data.values)
        if thin > 1 and data.times_s is None:
            # a spine too long for its curves: the overview has to do
            made.update(detail_pack=None, times=None)
        else:
            made["detail_pack"] = packs.add(lambda: packing.deflate_steps(packing.quantise(values[::thin], low, high)))
            made["times"] = None if data.times_s is None else packs.add(lambda: packing.deflate_times(times_s[::thin]))
    elif isinstance(data, Stretches):
        made.update(
            start_s=[round(s, 6) for s in data.start_s],
            end_s=[round(s, 6) for s in data.end_s],
            labels=data.labels,
            tones=data.tones,
            values=[round(v, 4) for v in data.values],
            doubtful=data.doubtful if any(data.doubtful) else [],
            domain=[data.low, data.high],
            marks=data.marks,
        )
    elif isinstance(data, Ticks):
        made.update(at_s=[round(s, 6) for s in data.at_s], labels=data.labels)
    elif isinstance(data, Barcode):
        known = data.frames
        made["frames"] = None if known is None else packs.add(lambda: _colours(known, len(spine_s)))
    return made


def _colours(frames: NDArray[np.uint8] | Callable[[], NDArray[np.uint8] | None], rows: int) -> str:
    """Colours of the frames, deflated; "" where they are not those of the spine's rows, or too many."""
    known = frames() if callable(frames) else frames
    return packing.deflate_bytes(known) if known is not None and len(known) == rows <= MOST_DETAIL else ""


def cells_pack(cells: Sequence[bytes]) -> str:
    """Cells of all shots, one after another, deflated."""
    return b64encode(zlib.compress(b"".join(cells), 9)).decode("ascii")


def spine_data(bundle: Bundle, packs: Packs) -> dict[str, Any]:
    """Return numbers and times of all rows of `frames`, a few also in the open for browsers that cannot inflate."""
    frame = bundle.frames["frame"].to_numpy().astype(np.int64)
    time_s = bundle.frames["time_s"].to_numpy()
    some = np.unique(np.linspace(0, max(len(frame) - 1, 0), min(len(frame), 200)).astype(np.int64))
    return {
        "duration_s": bundle.film.duration_s,
        "frame_count": bundle.film.frame_count,
        "runs": runs_of(frame),
        "times": packs.add(lambda: packing.deflate_times(time_s)),
        "some_frames": frame[some].tolist() if len(frame) else [],
        "some_times_s": time_s[some].tolist() if len(frame) else [],
    }


def page_data(
    bundle: Bundle,
    lanes: Sequence[Lane],
    cells: Callable[[], Sequence[bytes]],
    opening_frame: int,
    aspect: float,
    served: bool = False,
) -> tuple[str, Packs]:
    """Everything the script is given.

    Returns
    -------
    json : str
        safe inside a script element
    packs : Packs
        base64, by number
    """
    packs = Packs()
    shots = bundle.shots
    spine = spine_data(bundle, packs)
    spine_s = bundle.frames["time_s"].to_numpy()
    stills = sorted(
        {frame for row in shots["stills"].to_list() if row for frame in row}
        | set(bundle.tables.get("moments", empty(MOMENTS))["still"].drop_nulls())
    )
    made = {
        "spine": spine,
        "bins": BINS,
        "gap_s": GAP_S,
        "aspect": aspect,
        "opening_frame": opening_frame,
        "box": active_share(bundle),
        "rough": read_stretches(bundle),
        "shaded": shaded_spans(bundle),
        "pictures": stills,
        "served": served,
        "cells": packs.add(lambda: cells_pack(cells())),
        "shots": {
            "start_frame": shots["start_frame"].to_list(),
            "end_frame": shots["end_frame"].to_list(),
            "start_s": shots["start_s"].to_list(),
            "end_s": shots["end_s"].to_list(),
            "still": [row[0] if row else -1 for row in shots["stills"].to_list()],
            "palette": [row or [] for row in shots["palette"].to_list()],
            "palette_shares": [[round(s, 3) for s in row or []] for row in shots["palette_shares"].to_list()],
        },
        "faces": faces_data(bundle, packs.add),
        "lanes": [lane_data(lane, packs, spine_s, bundle.film.duration_s) for lane in lanes],
    }
    return safe_json(made), packs
