"""Names of characters by the screenplay's speakers, where speech and faces agree.

Conventions: a name goes to the one seen alone in frame while those lines are spoken. A person's word, which wins,
stands in ``people_corrections``.
"""

import math

import numpy as np
import polars as pl

LEAST_LINES = 4
LEAST_SHARE = 0.6
SURE = 3.0
"""Standard deviations above what the speaker's own share of the lines would give."""


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
