"""Which faces get a place among faces: few, since each costs as much as a picture's search.

Tracks are found later, on tables, so that this goes by place: a face is taken where none was taken lately, or the
picture has leapt since. Conventions: stills come in the order of the film; what is carried over from one to the next
begins anew with each part, so that a part does not depend on where the reading of it began.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.film import Still
from punctum.measure.faces.finder import overlap
from punctum.measure.faces.identity import Embed, pack_place
from punctum.tables import FACES, conform

AGAIN_S = 8.0
"""A face at one place, while the picture does not leap, is taken again only after so long."""

LEAST_EYES_PX = 16.0
MOST_YAW_DEG, MOST_ROLL_DEG = 40.0, 45.0
LEAST_SCORE = 0.7
MOST_CUT = 0.1
"""Smaller, more turned, less sure faces and those that the frame cuts by more are left out: the network errs there."""

SAME_PLACE_OVERLAP = 0.25

BUDGET_PER_S, MOST_SAVED = 0.8, 4.0
"""So many faces may be taken a second, and so many be saved up: 12 ms each, 3 % of decoding 1080p at most."""

_LEAP = 12.0
"""A picture leaps that differs this much (mean over 16 x 9 places, code values) from the still before."""


class Chosen(NamedTuple):
    """What is carried over: boxes taken and when, the last still at 16 x 9 places, its time, how many may be taken."""

    taken: tuple[tuple[float, NDArray[np.float64]], ...] = ()
    small: NDArray[np.float32] | None = None
    time_s: float = 0.0
    saved: float = 2.0


def place_faces(
    stills: Sequence[Still], faces: pl.DataFrame, embed: Embed, before: Chosen
) -> tuple[pl.DataFrame, Chosen]:
    """Fill ``identity`` of some faces.

    Parameters
    ----------
    stills : sequence of Still
    faces : pl.DataFrame
        columns of FACES, of these stills
    embed : Embed
    before : Chosen
        of the stills before these

    Returns
    -------
    faces : pl.DataFrame
    after : Chosen
    """
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        found: dict[int, bytes] = {}
        rows = faces.with_row_index("row").partition_by("frame", as_dict=True, maintain_order=True)
        state = before
        for still in stills:
            if not still.follows:
                state = _step(still, rows.get((still.frame,)), embed, state, found)
    finally:
        cv2.setNumThreads(threads)
    if not found:
        return faces, state
    places = pl.Series("identity", [found.get(row) for row in range(faces.height)], pl.Binary())
    return conform(faces.with_columns(places), FACES), state


def _step(still: Still, faces: pl.DataFrame | None, embed: Embed, before: Chosen, found: dict[int, bytes]) -> Chosen:
    small = cv2.resize(still.picture, (16, 9), interpolation=cv2.INTER_AREA).astype(np.float32)
    leaps = before.small is None or float(np.abs(small - before.small).mean()) > _LEAP
    taken = [] if leaps else [one for one in before.taken if still.time_s - one[0] < AGAIN_S]
    passed_s = 0.0 if before.small is None else still.time_s - before.time_s
    saved = min(before.saved + BUDGET_PER_S * passed_s, MOST_SAVED)
    size = np.array(still.picture.shape[1::-1], np.float64)
    for face in faces.iter_rows(named=True) if faces is not None else ():
        box = np.array([face["left"], face["top"], face["width"], face["height"]])
        if saved < 1 or not _is_clear(face) or any(overlap(box, one) >= SAME_PLACE_OVERLAP for _, one in taken):
            continue
        saved -= 1
        taken.append((still.time_s, box))
        found[face["row"]] = pack_place(embed(still.picture, np.array(face["points"]).reshape(5, 2) * size))
    return Chosen(tuple(taken), np.asarray(small, np.float32), still.time_s, saved)


def _is_clear(face: dict[str, Any]) -> bool:
    inside = all(
        -MOST_CUT * face[extent] <= face[edge] <= 1 - (1 - MOST_CUT) * face[extent]
        for edge, extent in (("left", "width"), ("top", "height"))
    )
    return (
        inside
        and face["score"] >= LEAST_SCORE
        and face["eye_distance_px"] >= LEAST_EYES_PX
        and abs(face["yaw_deg"]) <= MOST_YAW_DEG
        and abs(face["roll_deg"]) <= MOST_ROLL_DEG
    )
