"""From faces to who is in frame: tracks, characters, what each shot shows of them. See the modules it calls."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.segment.characters import describe_characters, find_characters
from punctum.segment.scale import find_scales
from punctum.segment.tracks import against_own_median, follow_faces, make_tracks


class People(NamedTuple):
    """Tables: faces with their tracks, tracks, characters, shots with what they show of people."""

    faces: pl.DataFrame
    tracks: pl.DataFrame
    characters: pl.DataFrame
    shots: pl.DataFrame


def find_people(
    faces: pl.DataFrame,
    shots: pl.DataFrame,
    frames: pl.DataFrame,
    aspect: float,
    likelihood: NDArray[np.float64] | None = None,
) -> People:
    """Follow faces, group them into characters, and say what each shot shows of them.

    Parameters
    ----------
    faces, shots, frames : pl.DataFrame
        columns of ``tables``; ``frames.faces`` says where faces were looked for
    aspect : float
        width over height of the active picture as it is seen
    likelihood : np.ndarray [shape=(shots, reach), dtype=float64], optional
        which shots are one set-up, as ``set_ups.compare_set_ups`` gives it

    Returns
    -------
    People
    """
    followed = follow_faces(faces, shots, aspect)
    tracks = find_characters(followed, make_tracks(followed, shots), likelihood)
    followed = against_own_median(followed, tracks)
    return People(followed, tracks, describe_characters(followed, tracks), find_scales(shots, followed, tracks, frames))
