"""Watches what falls or drifts through a film's larger pictures, once a second, part by part.

The pictures are the pairs of neighbouring frames that faces are looked for in; where none are, nothing is watched.
"""

import polars as pl

from punctum.film import Still
from punctum.measure.particles import particles
from punctum.tables import DRIFTS, conform, empty

EVERY_S = 1.0
"""Time between two pairs that are measured: more of them would cost more than they tell."""

LONGEST_S = 0.15
"""Frames further apart than this are no neighbours: a fast reading leaves frames out."""


class Drifter:
    """Watches pictures in the order of the film and gathers the drifts of a part."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Drop what a part that was not completed gave; the next picture begins a part."""
        self._rows: list[tuple[int, float, float, float | None, float | None]] = []
        self._last: Still | None = None
        self._next_s = 0.0

    def take(self, stills: tuple[Still, ...]) -> None:
        """Watch a block's pictures."""
        for still in stills:
            last, self._last = self._last, still
            if not still.follows or last is None or still.time_s < self._next_s:
                continue
            passed_s = still.time_s - last.time_s
            if still.frame != last.frame + 1 or not 0 < passed_s <= LONGEST_S:
                continue
            found = particles(last.picture, still.picture, passed_s)
            move = (found.x_h_s, found.y_h_s) if found.things else (None, None)
            self._rows.append((last.frame, last.time_s, found.things, *move))
            self._next_s = last.time_s + EVERY_S - 0.01

    def rows(self) -> pl.DataFrame:
        """Give the drifts of a part, and begin the next."""
        rows = self._rows
        self.forget()
        return conform(pl.DataFrame(rows, schema=list(DRIFTS), orient="row"), DRIFTS) if rows else empty(DRIFTS)
