"""Names of characters: a person's word, and the screenplay's speakers where speech and faces agree.

Conventions: what a person says is kept as the time and place of a face, so that it survives a new reading; whoever's
face is there then bears the name. Two characters of one name are one. A screenplay's name goes to the one seen alone in
frame while those lines are spoken.
"""

import math
from collections.abc import Sequence

import numpy as np
import polars as pl

from punctum.errors import CorrectionUnclear
from punctum.film import Correction
from punctum.tables import TRACKS, conform

SAME_MOMENT_S = 0.3
"""A face this near in time to the one that was named may be it."""

LEAST_LINES = 4
LEAST_SHARE = 0.6
SURE = 3.0
"""Standard deviations above what the speaker's own share of the lines would give."""

LONGEST_NAME = 80


def is_of_people(correction: Correction) -> bool:
    """Whether a correction names somebody."""
    return correction.what == "name"


def parse_name(text: str, characters: pl.DataFrame, faces: pl.DataFrame, tracks: pl.DataFrame) -> Correction:
    """Read ``A = Anna``: whom to name, and how.

    Parameters
    ----------
    text : str
    characters, faces, tracks : pl.DataFrame
        columns of ``tables``: who may be named, and by which face

    Raises
    ------
    CorrectionUnclear
        where there is nobody of that name, or no new one
    """
    old, equals, new = text.partition("=")
    old, new = old.strip(), " ".join("".join(c if c.isprintable() else " " for c in new).split())
    if not equals or not old or not new:
        raise CorrectionUnclear("`name` needs a character and a new name", "for example: name A = Anna")
    if len(new) > LONGEST_NAME:
        raise CorrectionUnclear(f"the name is longer than {LONGEST_NAME} letters", "for example: name A = Anna")
    known = characters.filter(pl.col("name") == old)
    if not known.height:
        there = ", ".join(characters["name"].drop_nulls().head(8).to_list()) or "nobody"
        raise CorrectionUnclear(f"there is no character `{old}`", f"there is {there}")
    row = known.row(0, named=True)
    own = tracks.filter(pl.col("character") == row["character"])
    shown = (pl.col("frame") == row["frame"]) & pl.col("track").is_in(own["track"].implode())
    face = faces.filter(shown).row(0, named=True)
    place = (face["left"] + face["width"] / 2, face["top"] + face["height"] / 2)
    return Correction("name", face["time_s"], name=new, place=(round(place[0], 4), round(place[1], 4)))


def sift_names(
    faces: pl.DataFrame, tracks: pl.DataFrame, corrections: Sequence[Correction]
) -> tuple[dict[int, str], list[Correction]]:
    """Find the characters that a person named.

    Parameters
    ----------
    faces, tracks : pl.DataFrame
        columns of ``tables.FACES`` and ``tables.TRACKS``, ``character`` filled
    corrections : sequence of Correction
        in the order in which they were said; later ones win

    Returns
    -------
    names : dict of int to str
        by character
    unused : list of Correction
        those where nobody's face is there
    """
    names: dict[int, str] = {}
    unused = []
    seen = faces.drop_nulls("track").join(tracks.select("track", "character"), on="track").drop_nulls("character")
    for correction in corrections:
        near = seen.filter((pl.col("time_s") - correction.at_s).abs() <= SAME_MOMENT_S)
        if correction.place is not None:
            x, y = correction.place
            near = near.filter(
                (pl.lit(x) - pl.col("left")).is_between(0, pl.col("width"))
                & (pl.lit(y) - pl.col("top")).is_between(0, pl.col("height"))
            )
        if not near.height:
            unused.append(correction)
            continue
        away_s = (pl.col("time_s") - correction.at_s).abs()
        best = near.sort(away_s, "frame", "left").row(0, named=True)
        names[best["character"]] = correction.name or ""
    return names, unused


def join_named(tracks: pl.DataFrame, names: dict[int, str]) -> tuple[pl.DataFrame, dict[int, str]]:
    """Make characters of one name one: the one who is seen longer lends the number."""
    first: dict[str, int] = {}
    moved: dict[int, int] = {}
    for character in sorted(names):
        moved[character] = first.setdefault(names[character], character)
    joined = tracks.with_columns(pl.col("character").replace(moved)) if moved else tracks
    return conform(joined, TRACKS), {number: name for name, number in first.items()}


def name_by_script(faces: pl.DataFrame, tracks: pl.DataFrame, words: pl.DataFrame) -> dict[int, str]:
    """Name characters by the screenplay's speakers.

    Parameters
    ----------
    faces, tracks, words : pl.DataFrame
        columns of ``tables``; ``words.speaker`` as the screenplay gave it

    Returns
    -------
    dict of int to str
        by character: where at least `LEAST_LINES` lines are spoken while it alone is in frame, `LEAST_SHARE` of them by
        one speaker, more than chance by `SURE` standard deviations, and nobody else is seen with more of that speaker's
    """
    lines = words.filter(pl.col("speaker").is_not_null() & (pl.col("kind") == "speech")) if words.height else words
    if not lines.height:
        return {}
    seen = faces.drop_nulls("track").join(tracks.select("track", "character"), on="track").drop_nulls("character")
    alone = (
        seen.group_by("frame", "time_s")
        .agg(pl.col("character").unique())
        .filter(pl.col("character").list.len() == 1)
        .with_columns(pl.col("character").list.first())
        .sort("time_s")
    )
    time_s, who = alone["time_s"].to_numpy(), alone["character"].to_numpy()
    votes: dict[tuple[int, str], int] = {}
    for start_s, end_s, speaker in lines.select("start_s", "end_s", "speaker").iter_rows():
        low, high = np.searchsorted(time_s, [start_s, end_s])
        inside = np.unique(who[low:high])
        if len(inside) == 1:
            key = (int(inside[0]), speaker)
            votes[key] = votes.get(key, 0) + 1
    return _agreed(votes)


def _agreed(votes: dict[tuple[int, str], int]) -> dict[int, str]:
    total = sum(votes.values())
    by_character: dict[int, int] = {}
    by_speaker: dict[str, int] = {}
    for (character, speaker), count in votes.items():
        by_character[character] = by_character.get(character, 0) + count
        by_speaker[speaker] = by_speaker.get(speaker, 0) + count
    names: dict[int, str] = {}
    for (character, speaker), count in sorted(votes.items(), key=lambda vote: (-vote[1], vote[0])):
        lines, chance = by_character[character], by_speaker[speaker] / total
        spread = math.sqrt(max(lines * chance * (1 - chance), 1e-9))
        others = max((n for (c, s), n in votes.items() if s == speaker and c != character), default=0)
        sure = count - lines * chance >= SURE * spread and count > others
        if count >= LEAST_LINES and count >= LEAST_SHARE * lines and sure and speaker not in names.values():
            names.setdefault(character, speaker)
    return names
