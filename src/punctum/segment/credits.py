"""Where the story begins and ends: titles and credits, told by how much of the picture lines of writing take.

Conventions: looks are the frames whose ``writing`` was measured, two a second. What writing does not tell, nothing else
does: a quiet end without faces is no credits. Black between two cards says nothing either way.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.film import Correction

Floats = NDArray[np.float64]

STEPS = (0.002, 0.01, 0.05)
"""Shares of the picture between which writing is told apart: none to speak of, a sign, a card, a full page."""

IN_CREDITS = (0.5, 0.1, 0.2, 0.2)
"""How often each is seen in credits: half of the looks falls between two cards."""

IN_STORY = (0.965, 0.025, 0.008, 0.002)
STORY_LOOKS = 25.0
"""The same in a story, for as many looks; the film's own middle is added, so that a film with intertitles or burnt-in
subtitles expects writing."""

MOST_WRITTEN = 0.6
"""A film whose middle shows writing in more of its looks is held to do so in this share of them."""

FIRST_LOOKS, LONG_LOOKS = 4, 20
FIRST, THEN, THEN_PLAIN, LONG = 0.5, 0.1, 0.25, 0.5
"""Looks half a second apart repeat each other. Of a run of written looks the first four count half each, then hardly,
more on a plain ground; beyond ten seconds half again, since neither sign nor intertitle stays for so long."""

GAP_LOOKS, GAP_COST = 10, 1.2
"""Five seconds may lie between two cards; each further look without writing costs so much."""

TO_EDGE, INWARD = 12.0, 60.0
"""What it costs, in logarithms of odds, that credits begin (or titles end), and that a story goes on after credits (or
has begun before titles): writing that does not reach the film's edge must go on for long to be more than a sign."""

REACH, REACH_S = 0.25, 900.0
"""Titles lie in the film's first quarter, credits in its last, or within so many seconds of its beginning or end; but
never beyond its middle."""

MIDDLE = (0.15, 0.5)
"""The part of the film that tells how much writing its story shows."""

DARK = 0.97
"""Share of dark tones, less that of light ones, from which a look without writing says nothing: it may lie between two
cards."""

PLAIN_KEY = 0.8
"""Key beyond which, dark or light, a picture may be a page of writing."""

ALL_WRITTEN = 0.9
"""A shot that shows writing in this share of its looks, and is no page of it, shows a sign, or leaves that look like
one: credits come and go as they please, and cards with the shot."""

NEAR_SHOT_S = 1.2
"""Credits that are first seen within this of a shot's beginning begin with the shot: letters fade in and roll in."""


class Span(NamedTuple):
    """Titles or credits, in frames; ``chance`` that they are, ``said`` by a person."""

    start_frame: int
    end_frame: int
    kind: str
    chance: float
    said: bool = False


def find_credits(shots: pl.DataFrame, frames: pl.DataFrame) -> list[Span]:
    """Find titles at the beginning and credits at the end.

    The likeliest course of states (titles, story, credits) over the looks, by dynamic programming (Viterbi 1967).

    Parameters
    ----------
    shots, frames : pl.DataFrame
        columns of ``tables.SHOTS`` and ``tables.FRAMES``

    Returns
    -------
    list of Span
        in order; none where writing was not measured
    """
    looks = frames.filter(pl.col("writing").is_not_null()).select("frame", "time_s", "writing", "key")
    if looks.height < 4 or not shots.height:
        return []
    time_s, writing = looks["time_s"].to_numpy(), looks["writing"].cast(pl.Float64).to_numpy()
    key = looks["key"].cast(pl.Float64).fill_null(0.0).to_numpy()
    own = np.searchsorted(shots["start_s"].to_numpy(), time_s, side="right") - 1
    evidence = weigh_looks(time_s, writing, key, own)
    end_s = float(shots["end_s"][-1])
    reach_s = min(max(REACH * end_s, REACH_S), end_s / 2)
    kinds = _likeliest(evidence, time_s <= reach_s, time_s >= end_s - reach_s)
    spans = []
    edges = np.flatnonzero(np.diff(np.concatenate([[0], kinds, [0]])))
    for first, after in pairwise(edges.tolist()):
        if not kinds[first]:
            continue
        seen = first + np.flatnonzero(writing[first:after] >= STEPS[1])
        if not len(seen):
            continue
        while seen[0] > 0 and writing[seen[0] - 1] >= STEPS[0]:
            seen[0] -= 1  # letters that are only coming up
        chance = 1.0 / (1.0 + np.exp(-min(float(evidence[first:after].sum()) - TO_EDGE, 30.0)))
        if _is_over_one_shot(time_s, key, int(seen[0]), int(seen[-1]), shots):
            continue
        low, high = _bounds(int(seen[0]), int(seen[-1]), looks, shots)
        if low < high:
            spans.append(Span(low, high, "titles" if kinds[first] == 1 else "credits", float(chance)))
    return spans


def weigh_looks(time_s: Floats, writing: Floats, key: Floats, shot: NDArray[np.int64]) -> Floats:
    """How much each look speaks for credits: logarithm of the likelihood ratio, weighted by what came before it.

    Parameters
    ----------
    time_s, writing, key : np.ndarray [shape=(n,), dtype=float64]
        of the looks
    shot : np.ndarray [shape=(n,), dtype=int]
        number of the shot that each lies in
    """
    step = np.searchsorted(STEPS, writing, side="right")
    own = shot - shot.min()
    looks = np.maximum(np.bincount(own), 1)
    plain = (np.bincount(own, np.abs(key)) / looks >= PLAIN_KEY)[own]
    sign = (np.bincount(own, step > 0) / looks >= ALL_WRITTEN)[own] & ~plain
    low, high = np.quantile(time_s, MIDDLE)
    middle = (time_s >= low) & (time_s <= high) & ~sign
    at = _place_in_run(step > 0)
    told = np.where((at < FIRST_LOOKS) | (step == 0), 1.0, THEN / FIRST)
    count = np.bincount(step[middle], told[middle], minlength=4) + STORY_LOOKS * np.array(IN_STORY)
    story = count / count.sum()
    share = story[1:].sum()
    if share > MOST_WRITTEN:
        story[1:] *= MOST_WRITTEN / share
        story[0] = 1.0 - MOST_WRITTEN
    ratio = np.log(np.array(IN_CREDITS) / story)[step]
    then = np.where(at < LONG_LOOKS, np.where(plain, THEN_PLAIN, THEN), LONG)
    weight: Floats = ratio * np.where(at < FIRST_LOOKS, FIRST, then)
    weight = np.where((step == 0) & (at >= GAP_LOOKS), -GAP_COST, weight)
    says_nothing = ((step == 0) & (key < -DARK)) | sign
    return np.where(says_nothing, 0.0, weight)


def _place_in_run(flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Number of each in its run of equal flags, from 0.

    Examples
    --------
    >>> _place_in_run(np.array([False, True, True, False, False])).tolist()
    [0, 0, 1, 0, 1]
    """
    at = np.arange(len(flags))
    begins = np.concatenate([[0], np.flatnonzero(np.diff(flags)) + 1])
    made: NDArray[np.int64] = at - begins[np.searchsorted(begins, at, side="right") - 1]
    return made


def _likeliest(evidence: Floats, early: NDArray[np.bool_], late: NDArray[np.bool_]) -> NDArray[np.int64]:
    """State of each look: 1 titles, 0 story, 2 credits; a story may lie before titles and after credits."""
    # states: story before titles, titles, story, credits, story after credits, credits again
    kind = np.array([0, 1, 0, 2, 0, 2])
    never = -1e9
    step = np.full((6, 6), never)
    np.fill_diagonal(step, 0.0)
    for a, b, cost in ((0, 1, INWARD), (1, 2, TO_EDGE), (2, 3, TO_EDGE), (3, 4, INWARD), (4, 5, TO_EDGE)):
        step[a, b] = -cost
    score = np.array([0.0, -TO_EDGE, 0.0, -TO_EDGE, never, never])
    n = len(evidence)
    back = np.zeros((n, 6), np.int64)
    for i in range(n):
        if i:
            whole = score[:, None] + step
            back[i] = whole.argmax(axis=0)
            score = whole.max(axis=0)
        score = score + np.where(kind > 0, evidence[i], 0.0)
        if not early[i]:
            score[1] = never
        if not late[i]:
            score[[3, 5]] = never
    # a film that ends as it was before any titles has none; one that ends in titles is all titles
    score[1] -= INWARD
    course = np.zeros(n, np.int64)
    at = int(score.argmax())
    for i in range(n - 1, -1, -1):
        course[i] = at
        at = int(back[i, at])
    made: NDArray[np.int64] = kind[course]
    return made


def _is_over_one_shot(time_s: Floats, key: Floats, first: int, last: int, shots: pl.DataFrame) -> bool:
    """Whether writing goes before its only shot does, and a picture is left: a title, and no part by itself."""
    goes_on = pl.col("end_s") > time_s[last] + NEAR_SHOT_S
    own = shots.filter((pl.col("start_s") <= time_s[first]) & goes_on)
    if not own.height:
        return False
    after = (time_s > time_s[last]) & (time_s < own["end_s"][0])
    return bool(after.any()) and float(np.abs(key[after]).mean()) < PLAIN_KEY


def _bounds(first: int, last: int, looks: pl.DataFrame, shots: pl.DataFrame) -> tuple[int, int]:
    """First frame, and frame after the last, of titles or credits whose writing is seen in looks ``first`` to ``last``.

    What comes before in the film's first shot, or after in its last, and black beyond, is theirs too.
    """
    number, time_s = looks["frame"].to_numpy(), looks["time_s"].to_numpy()
    starts, frames = shots["start_s"].to_numpy(), shots["start_frame"].to_numpy()
    end_frame = int(shots["end_frame"][-1])
    own = int(np.searchsorted(starts, time_s[first], side="right")) - 1
    if own >= 0 and time_s[first] - starts[own] <= NEAR_SHOT_S:
        low = int(frames[own])
    else:
        low = (int(number[first]) + int(number[max(first - 1, 0)]) + 1) // 2
    flat = shots["flat"].fill_null(value=False).to_numpy()
    if own >= 0 and flat[: max(own, 0)].all():
        low = 0
    following = int(np.searchsorted(starts, time_s[last], side="right"))
    bounds_s = np.append(starts, float(shots["end_s"][-1]))
    if flat[following:].all():
        return low, end_frame
    if bounds_s[following] - time_s[last] <= NEAR_SHOT_S:
        return low, int(np.append(frames, end_frame)[following])
    if last + 1 < len(number):
        return low, (int(number[last]) + int(number[last + 1]) + 1) // 2
    return low, end_frame


def check_by_words(spans: list[Span], words: pl.DataFrame) -> list[Span]:
    """Halve the trust in titles and credits in which nothing was read, where writing in the picture was read at all.

    Parameters
    ----------
    spans : list of Span
    words : pl.DataFrame
        columns of ``tables.WORDS``; rows of source ``picture`` are writing that was read
    """
    read = words.filter(pl.col("source") == "picture").select("start_frame", "end_frame").drop_nulls()
    if not read.height:
        return spans
    return [
        span
        if read.filter((pl.col("start_frame") < span.end_frame) & (pl.col("end_frame") > span.start_frame)).height
        else span._replace(chance=min(span.chance, 0.5))
        for span in spans
    ]


def correct_credits(
    spans: list[Span], corrections: Sequence[Correction], shots: pl.DataFrame, frames: pl.DataFrame
) -> list[Span]:
    """Take a person's word: ``credits`` begin at a time, ``no credits`` around it; else nothing changes.

    Parameters
    ----------
    spans : list of Span
        of ``find_credits``
    corrections : sequence of Correction
        others than these two are passed over
    shots, frames : pl.DataFrame
        columns of ``tables.SHOTS`` and ``tables.FRAMES``
    """
    times, numbers = frames["time_s"].to_numpy(), frames["frame"].to_numpy()
    end_frame = int(shots["end_frame"][-1])
    for correction in corrections:
        at = int(numbers[min(int(np.searchsorted(times, correction.at_s)), len(numbers) - 1)]) if len(numbers) else 0
        if correction.what == "credits" and 0 < at < end_frame:
            last = max((s.end_frame for s in spans if s.kind == "credits"), default=end_frame)
            spans = [s for s in spans if s.end_frame <= at and s.kind == "titles"]
            spans.append(Span(at, last if last > at else end_frame, "credits", 1.0, True))
        elif correction.what == "no credits":
            spans = [s for s in spans if not s.start_frame <= at < s.end_frame]
    return spans
