"""From faces to who is in frame: tracks, characters, what each shot shows of them. See the modules it calls."""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from punctum.film import Correction
from punctum.segment.characters import describe_characters, find_characters
from punctum.segment.names import name_by_script
from punctum.segment.people_corrections import cut_tracks, find_links, join_named, sift_names
from punctum.segment.scale import find_scales
from punctum.segment.tracks import against_own_median, follow_faces, make_tracks


class People(NamedTuple):
    """Tables: faces with their tracks, tracks, characters, shots with what they show of people; unused corrections."""

    faces: pl.DataFrame
    tracks: pl.DataFrame
    characters: pl.DataFrame
    shots: pl.DataFrame
    unused: list[Correction]


def find_people(
    faces: pl.DataFrame,
    shots: pl.DataFrame,
    frames: pl.DataFrame,
    aspect: float,
    words: pl.DataFrame | None = None,
    corrections: Sequence[Correction] = (),
) -> People:
    """Follow faces, group them into characters, and say what each shot shows of them.

    Parameters
    ----------
    faces, shots, frames : pl.DataFrame
        columns of ``tables``; ``frames.faces`` says where faces were looked for
    aspect : float
        width over height of the active picture as it is seen
    words : pl.DataFrame, optional
        columns of ``tables.WORDS``: speakers lend their names to those who are seen with their lines
    corrections : sequence of Correction
        of people, in the order in which they were said

    Returns
    -------
    People
    """
    followed = cut_tracks(follow_faces(faces, shots, aspect), corrections)
    links, unlinked = find_links(followed, corrections)
    tracks = find_characters(followed, make_tracks(followed, shots), links=links)
    said, unused = sift_names(followed, tracks, corrections)
    tracks, given = join_named(tracks, said)
    names = (
        {number: (name, "words") for number, name in name_by_script(followed, tracks, words).items()}
        if words is not None
        else {}
    )
    taken = set(given.values())
    names = {number: name for number, name in names.items() if name[0] not in taken}
    names |= {number: (name, "person") for number, name in given.items()}
    followed = against_own_median(followed, tracks)
    characters = describe_characters(followed, tracks, names)
    return People(followed, tracks, characters, find_scales(shots, followed, tracks, frames), unlinked + unused)
