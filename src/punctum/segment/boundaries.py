"""What the finders of boundaries hand to each other, and its form as a table.

The finders count rows of one unbroken run of film; what they give together counts rows of the table of frames. The
table of boundaries counts frames.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum import tables


class Boundary(NamedTuple):
    """Where one shot ends and the next begins.

    ``at`` is the new shot's first frame. ``start`` up to ``end`` is the transition, first trace to last; for a cut
    both are ``at``. ``strength`` is the probability that it is one; NaN where it is not known.
    """

    at: int
    kind: str
    start: int
    end: int
    strength: float
    look: str | None = None
    corrected: bool = False
    provisional: bool = False

    def shift(self, by: int) -> "Boundary":
        """Count frames from another first one."""
        return self._replace(at=self.at + by, start=self.start + by, end=self.end + by)


class Found(NamedTuple):
    """The boundaries of a film or a run in order, how it opens and closes, and its flat stretches [start, end).

    ``opening`` and ``closing`` are of the kinds ``open`` and ``close``, or ``fade``.
    """

    opening: Boundary
    boundaries: list[Boundary]
    closing: Boundary
    flats: list[tuple[int, int]]


def lay_out(found: Found, numbers: NDArray[np.int64]) -> pl.DataFrame:
    """Lay what was found out as a table.

    Parameters
    ----------
    found : Found
        in rows of the table of frames
    numbers : np.ndarray [shape=(n,), dtype=int64]
        frame numbers of the rows

    Returns
    -------
    boundaries : pl.DataFrame
        columns of ``tables.BOUNDARIES``
    """
    n = len(numbers)
    rows = [found.opening, *(b for b in found.boundaries if 0 < b.at < n), found.closing]
    inner = range(1, len(rows) - 1)
    frame_of = np.append(numbers, int(numbers[-1]) + 1)
    spans = [b.kind not in ("open", "close", "cut") for b in rows]
    edges = np.array([b.at for b in rows], np.int64)
    middles = (edges[:-1] + edges[1:]) // 2
    table = {
        "boundary": range(len(rows)),
        "frame": frame_of[edges],
        "kind": ["open", *(rows[i].kind for i in inner), "close"],
        "transition_start_frame": [
            int(frame_of[max(0, b.start)]) if s else None for b, s in zip(rows, spans, strict=True)
        ],
        "transition_end_frame": [int(frame_of[min(n, b.end)]) if s else None for b, s in zip(rows, spans, strict=True)],
        "transition": [b.look if s else None for b, s in zip(rows, spans, strict=True)],
        "flat": [*within(middles, found.flats).tolist(), False],
        "doubt": [None, *(1.0 - rows[i].strength for i in inner), None],
        "provisional": [b.provisional for b in rows],
    }
    known = {"transition_start_frame": pl.Int32(), "transition_end_frame": pl.Int32(), "transition": pl.String()}
    return tables.conform(pl.DataFrame(table, schema_overrides={**known, "doubt": pl.Float64()}), tables.BOUNDARIES)


def take_up(boundaries: pl.DataFrame, numbers: NDArray[np.int64]) -> Found:
    """Turn a table of boundaries back into rows of the table of frames; the inverse of ``lay_out``."""

    def row_of(name: str) -> list[int]:
        frame = boundaries[name].fill_null(boundaries["frame"]).to_numpy()
        return np.searchsorted(numbers, frame).tolist()  # type: ignore[no-any-return]

    at = row_of("frame")
    kinds, looks = boundaries["kind"].to_list(), boundaries["transition"].to_list()
    strength = (1.0 - boundaries["doubt"].cast(pl.Float64).fill_null(float("nan"))).to_list()
    fades = boundaries["transition_start_frame"].is_not_null().to_list()
    for end in (0, -1):
        if fades[end]:
            kinds[end] = "fade"
    found = [
        Boundary(at=a, kind=k, start=s, end=e, strength=m, look=look, provisional=p)
        for a, k, s, e, m, look, p in zip(
            at,
            kinds,
            row_of("transition_start_frame"),
            row_of("transition_end_frame"),
            strength,
            looks,
            boundaries["provisional"].to_list(),
            strict=True,
        )
    ]
    flat = boundaries["flat"].to_list()
    flats = [(at[i], at[i + 1]) for i in range(len(at) - 1) if flat[i]]
    return Found(found[0], found[1:-1], found[-1], flats)


def within(places: NDArray[np.int64], spans: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    """Which of the places lie in one of the spans, which are in order and do not overlap."""
    if not spans:
        return np.zeros(len(places), np.bool_)
    starts, ends = np.array(spans, np.int64).T
    own = np.searchsorted(starts, places, side="right") - 1
    inside: NDArray[np.bool_] = (own >= 0) & (places < ends[own])
    return inside
