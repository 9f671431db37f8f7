"""The ending's speech, music, silence and beats, how near its faces are, and its shot scales.

Conventions: one value a second, null where the sound was not listened to or nobody was looked for; set beside the rest
of the film as `stretch` does. Speech by the sound is left out where words say it.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from punctum.reading.ground import Ground
from punctum.reading.row import Row
from punctum.reading.stretch import stand_in_sentence
from punctum.reading.traits import CLOSENESS, HEARD_TRAITS, SCALE
from punctum.reading.windows import Values
from punctum.tables import FACES, SCALES, empty

LEAST_LISTENED = 0.97
"""Shares of a film less of whose sound was listened to are not set beside each other."""

HEARING_S = 0.02


def read_ending_heard(ground: Ground, words: bool) -> list[Row]:
    """Give the ending's rows on what is heard in it; none where the film was not listened to from end to end.

    Parameters
    ----------
    ground : Ground
    words : bool
        the film has words, by which its speech is told elsewhere
    """
    listened = ground.hearing.drop_nulls("speech")["step"]
    seconds = np.unique((listened.to_numpy() * HEARING_S).astype(np.int64))
    if not seconds.size or seconds.size < LEAST_LISTENED * ground.end_s:
        return []
    seconds = seconds[seconds < ground.end_s]
    rows = []
    for trait in HEARD_TRAITS:
        if trait.name == "speech" and words:
            continue
        spans = ground.sounds.filter(pl.col("kind") == trait.name).select("start_s", "end_s").drop_nulls().rows()
        covered = cover_seconds(spans, int(np.ceil(ground.end_s)))[seconds]
        if spans:
            rows.append(stand_in_sentence(ground, trait, seconds.astype(np.float64), covered, _mean))
    return rows


def read_ending_framing(ground: Ground, tables: Mapping[str, pl.DataFrame]) -> list[Row]:
    """Give the ending's rows on how near its faces are and how widely it is framed; none where no face was seen."""
    faces = tables.get("faces", empty(FACES)).drop_nulls(["track", "height", "time_s"])
    if not faces.height or ground.frames_rough:
        return []
    second = pl.col("time_s").floor().cast(pl.Int64).alias("second")
    nearest = faces.group_by("frame").agg(pl.col("time_s").first(), pl.col("height").max())
    near = (
        nearest.group_by(second).agg(pl.col("height").median()).sort("second").filter(pl.col("second") < ground.end_s)
    )
    rows = [
        stand_in_sentence(
            ground, CLOSENESS, near["second"].cast(pl.Float64).to_numpy(), near["height"].cast(pl.Float64).to_numpy(),
            _median,
        )
    ]  # fmt: skip
    shots = ground.shots.drop_nulls("scale").select("start_s", "end_s", "scale").rows()
    ranks = {scale: float(rank) for rank, scale in enumerate(SCALES, 1)}
    framed = [
        (float(at), ranks[scale])
        for start_s, end_s, scale in shots
        if scale in ranks
        for at in range(int(np.ceil(start_s)), int(np.ceil(end_s)))
    ]
    if framed:
        at_s, values = np.array(framed).T
        rows.append(stand_in_sentence(ground, SCALE, at_s, values, _median))
    return rows


def cover_seconds(spans: list[tuple[float, float]], count: int) -> Values:
    """Share of each second that lies in some of the spans, which do not overlap.

    Examples
    --------
    >>> cover_seconds([(0.5, 2.25)], 4).tolist()
    [0.5, 1.0, 0.25, 0.0]
    """
    covered = np.zeros(count)
    for start_s, end_s in spans:
        at = np.arange(max(int(start_s), 0), min(int(np.ceil(end_s)), count))
        covered[at] += np.minimum(at + 1, end_s) - np.maximum(at, start_s)
    return np.asarray(np.clip(covered, 0.0, 1.0))


def _mean(values: Values) -> float:
    return float(np.mean(values))


def _median(values: Values) -> float:
    return float(np.median(values))
