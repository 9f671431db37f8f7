"""Watches pairs of neighbouring pictures, part by part: what falls or drifts through them, what moves on a face.

The pictures are those that faces are looked for in; where none are, nothing is watched.
"""

import polars as pl

from punctum.film import Still
from punctum.measure.faces import SURE_SCORE
from punctum.measure.glint import glint
from punctum.measure.particles import particles
from punctum.tables import DRIFTS, FACES, GLINTS, conform, empty

EVERY_S = 1.0
"""Time between two pairs in which what drifts is sought: more of them would cost more than they tell."""

LONGEST_S = 0.15
"""Frames further apart than this are no neighbours: a fast reading leaves frames out."""


class Drifter:
    """Watches pictures in the order of the film and gathers the rows of a part."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Drop what a part that was not completed gave; the next picture begins a part."""
        self._drifts: list[tuple[int, float, float, float | None, float | None]] = []
        self._glints: list[tuple[int, float, float]] = []
        self._last: Still | None = None
        self._faces = empty(FACES)
        self._next_s = 0.0

    def take(self, stills: tuple[Still, ...], faces: pl.DataFrame) -> None:
        """Watch a block's pictures, in which these faces were seen."""
        faces = pl.concat([self._faces, faces]) if self._faces.height else faces
        for still in stills:
            last, self._last = self._last, still
            if not still.follows or last is None or still.frame != last.frame + 1:
                continue
            passed_s = still.time_s - last.time_s
            if not 0 < passed_s <= LONGEST_S:
                continue
            if still.time_s >= self._next_s:
                found = particles(last.picture, still.picture, passed_s)
                move = (found.x_h_s, found.y_h_s) if found.things else (None, None)
                self._drifts.append((last.frame, last.time_s, found.things, *move))
                self._next_s = last.time_s + EVERY_S - 0.01
            self._watch_face(last, still, faces)
        self._faces = faces.filter(pl.col("frame") == self._last.frame) if self._last is not None else faces.clear()

    def _watch_face(self, last: Still, still: Still, faces: pl.DataFrame) -> None:
        own = faces.filter((pl.col("frame") == last.frame) & (pl.col("score") >= SURE_SCORE)).drop_nulls("points")
        if not own.height:
            return
        largest = own.sort("height", descending=True).row(0, named=True)
        box = (largest["left"], largest["top"], largest["width"], largest["height"])
        found = glint(last.picture, still.picture, box, largest["points"])
        if found is not None:
            self._glints.append((last.frame, last.time_s, found))

    def rows(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Give the drifts and glints of a part, and begin the next."""
        drifts, glints = self._drifts, self._glints
        self.forget()
        return (
            conform(pl.DataFrame(drifts, schema=list(DRIFTS), orient="row"), DRIFTS) if drifts else empty(DRIFTS),
            conform(pl.DataFrame(glints, schema=list(GLINTS), orient="row"), GLINTS) if glints else empty(GLINTS),
        )
