"""What speaks for and against shots being one scene: recurring set-ups, colour, sound, and how one passes to the next.

Conventions: shot i of n; a block of k + 1 shots that begins with shot a is column k of row a, as in ``partition.py``.
Scores are natural logarithms of likelihood ratios; what was not measured says nothing and scores 0.
"""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.segment.cells import PLACES
from punctum.segment.set_ups import Looks

Floats = NDArray[np.float64]

LONGEST = 200
"""A scene has at most so many shots."""

BLOCK_FEATURES = ("set_up", "colour", "sound", "scene", "lone", "log_count", "log_count_2")
EDGE_FEATURES = ("fade", "dissolve", "music_turns", "music_goes_on", "speech_goes_on", "speech_pause")

RECENT = 1.2
"""A set-up comes back after k shots with a probability that falls as k to this power."""

SUREST = 8.0
"""No two shots are held to be one set-up by more than this logarithm of odds: one set can be built twice."""

FURTHEST = 12.0
"""Deviations from the film's middle at which colour and sound of a shot are cut off."""

HEARD = ("low", "middle", "high", "top")
BED_SHARE = 0.2
"""A sound bed is what is left of each band for this share of a shot's time or longer."""

TURN_S, GOES_ON_S = 2.0, 3.0
LONGEST_PAUSE_S = 30.0


def recurring(likelihood: Floats, new: float, longest: int) -> Floats:
    """Score how well a block's shots are explained by set-ups that come back.

    Each shot but the first is, with probability ``new``, a set-up that the scene had not shown, else one of those
    before it, the nearer the likelier: log(new + (1 - new) sum over k of w(k) ratio(i, i - k)), summed over the block.

    Parameters
    ----------
    likelihood : np.ndarray [shape=(n, reach), dtype=float64]
        of ``compare_set_ups``
    new : float
        0..1
    longest : int
        columns wanted
    """
    n, reach = likelihood.shape
    weight = np.arange(1, reach + 1) ** -RECENT
    ratio = np.exp(np.minimum(likelihood, SUREST)) * (weight / weight.sum())
    gain = np.log(new + (1.0 - new) * np.cumsum(ratio, axis=1))
    made = np.zeros((n, longest))
    for k in range(1, longest):
        # shot a + k, of whose shots before it k lie in the block
        column = gain[:, min(k, reach) - 1]
        made[: n - k, k] = column[k:]
    return np.cumsum(made, axis=1)


def sharing(values: Floats, between: Floats, longest: int) -> Floats:
    """Score how well a block's shots are explained by one mean of their own, in each of some measures.

    A shot is its scene's mean plus a deviation of variance 1; scenes' means have variance ``between``: the log
    likelihood of a block's values over that of as many shots without anything in common but the film's mean, up to what
    is the same in every division (probabilistic linear discriminant analysis: Ioffe, ECCV 2006).

    Parameters
    ----------
    values : np.ndarray [shape=(n, measures), dtype=float64]
        whitened; NaN where not measured
    between : np.ndarray [shape=(measures,), dtype=float64]
    longest : int
        columns wanted
    """
    n = len(values)
    made = np.zeros((n, longest))
    known = np.isfinite(values)
    sums = np.vstack([np.zeros(values.shape[1]), np.cumsum(np.where(known, values, 0.0), axis=0)])
    counts = np.vstack([np.zeros(values.shape[1]), np.cumsum(known, axis=0)])
    for k in range(longest):
        if k >= n:
            break
        total = sums[k + 1 :] - sums[: n - k]
        count = counts[k + 1 :] - counts[: n - k]
        spread = 1.0 + count * between
        made[: n - k, k] = (0.5 * (total**2 * between / spread - np.log(spread))).sum(axis=1)
    return made


def measure_colour(looks: Looks) -> Floats:
    """Lightness, its spread, a, b and chroma of each shot: (n, 5), bytes of the grid over 255; NaN where not known."""
    cells = looks.cells.reshape(len(looks.cells), -1, PLACES, 3).astype(np.float64) / 255.0
    a, b = cells[..., 1] - 128 / 255, cells[..., 2] - 128 / 255
    measures = [cells[..., 0].mean(axis=2), cells[..., 0].std(axis=2), a.mean(axis=2), b.mean(axis=2)]
    measures.append(np.hypot(a, b).mean(axis=2))
    made: Floats = np.stack(measures, axis=2).mean(axis=1)
    made[~looks.known] = np.nan
    return made


def measure_bed(shots: pl.DataFrame, hearing: pl.DataFrame) -> Floats:
    """Level of each band's bed in each shot: (n, 4), dB; NaN where it was not listened to."""
    n = shots.height
    if not n or not hearing.height:
        return np.full((n, len(HEARD)), np.nan)
    middle = (hearing["step"].to_numpy() + 0.5) / 50
    own = np.searchsorted(shots["start_s"].to_numpy(), middle, side="right") - 1
    inside = (own >= 0) & (middle < float(shots["end_s"][-1]))
    beds = (
        hearing.select(HEARD)
        .with_columns(pl.Series("shot", own.astype(np.int32)))
        .filter(pl.Series(inside))
        .group_by("shot")
        .agg(pl.col(HEARD).quantile(BED_SHARE, "lower"))
    )
    every = pl.DataFrame({"shot": np.arange(n, dtype=np.int32)}).join(beds, on="shot", how="left")
    made: Floats = every.sort("shot").select(pl.col(HEARD).cast(pl.Float64) / 2 - 120.0).to_numpy()
    return made


def whiten(values: Floats, axes: Floats) -> Floats:
    """Centre measures on the film's median and bring them to axes on which a scene's own shots have variance 1."""
    known = np.isfinite(values).all(axis=1)
    if not known.any():
        return values @ axes.T
    made = (values - np.median(values[known], axis=0)) @ axes.T
    return np.clip(made, -FURTHEST, FURTHEST)


def passing(shots: pl.DataFrame, sounds: pl.DataFrame, words: pl.DataFrame) -> dict[str, Floats]:
    """Give what is seen and heard where each shot begins: `EDGE_FEATURES`, each (n,)."""
    start = shots["start_s"].to_numpy().astype(np.float64)
    begins = shots["begins"].fill_null("").to_numpy()
    dark = shots["flat"].fill_null(value=False).to_numpy()
    after_dark = np.append(False, dark[:-1]) if len(dark) else dark
    music = _spans(sounds.filter(pl.col("kind") == "music"))
    talk = words.filter(pl.col("kind").is_in(["speech", "song"]))
    speech = _spans(talk) if talk.height else _spans(sounds.filter(pl.col("kind") == "speech"))
    pause = _pause(start, speech)
    return {
        "fade": ((begins == "fade") | after_dark).astype(np.float64),
        "dissolve": np.isin(begins, ["dissolve", "wipe"]).astype(np.float64),
        "music_turns": _near_end(start, music),
        "music_goes_on": _inside(start, music, GOES_ON_S),
        "speech_goes_on": _inside(start, speech, 0.3),
        "speech_pause": pause,
    }


def _spans(rows: pl.DataFrame) -> Floats:
    """Start and end of spans, joined where they overlap: (m, 2)."""
    made: list[list[float]] = []
    for start, end in rows.select("start_s", "end_s").drop_nulls().sort("start_s").iter_rows():
        if made and start <= made[-1][1]:
            made[-1][1] = max(made[-1][1], end)
        else:
            made.append([start, end])
    return np.array(made, np.float64).reshape(-1, 2)


def _inside(at: Floats, spans: Floats, margin_s: float) -> Floats:
    place = np.searchsorted(spans[:, 0] + margin_s, at, side="right") - 1
    ends = np.append(spans[:, 1], -np.inf)
    return ((place >= 0) & (at < ends[place] - margin_s)).astype(np.float64)


def _near_end(at: Floats, spans: Floats) -> Floats:
    turns = np.sort(spans.ravel())
    turns = np.concatenate([[-np.inf], turns, [np.inf]])
    place = np.searchsorted(turns, at)
    return (np.minimum(at - turns[place - 1], turns[place] - at) <= TURN_S).astype(np.float64)


def _pause(at: Floats, spans: Floats) -> Floats:
    """How long nobody speaks around each moment: log(1 + s), less its mean; 0 where nobody ever speaks."""
    if not len(spans):
        return np.zeros(len(at))
    place = np.searchsorted(spans[:, 0], at, side="right") - 1
    end = np.where(place >= 0, spans[np.maximum(place, 0), 1], -np.inf)
    following = np.append(spans[:, 0], np.inf)[place + 1]
    gap = np.where(end > at, 0.0, np.minimum(following - end, LONGEST_PAUSE_S))
    return np.log1p(gap) - 1.0


def weigh(
    blocks: Mapping[str, Floats], edges: Mapping[str, Floats], weights: Mapping[str, float]
) -> tuple[Floats, Floats]:
    """Sum up weighted features into the scores that ``partition.divide`` takes."""
    made = sum(weights[name] * blocks[name] for name in BLOCK_FEATURES)
    edge = sum(weights[name] * edges[name] for name in EDGE_FEATURES)
    return np.asarray(made), np.asarray(edge)


def count_features(n: int, longest: int) -> dict[str, Floats]:
    """Give a block's features that depend on its number of shots only."""
    count = np.broadcast_to(np.arange(1, longest + 1, dtype=np.float64), (n, longest))
    log = np.log(count)
    return {"scene": np.ones((n, longest)), "lone": (count == 1) * 1.0, "log_count": log, "log_count_2": log * log}


def same_heading(shots: pl.DataFrame, words: pl.DataFrame) -> tuple[list[int], list[int]]:
    """Where a screenplay's headings say that a scene begins, and where that none does: numbers of shots.

    Between the last line under one heading and the first under another a scene begins: with the shot that begins
    nearest to the middle of the pause. Between two lines under one heading none does.
    """
    rows = words.filter(pl.col("scene_heading").is_not_null()).sort("start_s")
    start = shots["start_s"].to_numpy()
    there: list[int] = []
    not_there: list[int] = []
    for one, other in pairwise(rows.select("scene_heading", "start_s", "end_s").iter_rows()):
        low, high = np.searchsorted(start, [one[1] + 0.5, other[1] + 0.5], side="right")
        if one[0] == other[0]:
            not_there += range(int(low), int(high))
        elif low < high:
            middle = (one[2] + other[1]) / 2
            there.append(int(low + np.abs(start[low:high] - middle).argmin()))
    return there, not_there
