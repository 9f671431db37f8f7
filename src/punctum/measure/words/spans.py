"""The spans of cues: what is odd about them is counted and mended.

Conventions: seconds from the film's first frame; spans are half-open; what lies outside the film is left out.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from punctum.measure.words.formats import Cue

READING_S_PER_CHARACTER = 1 / 15
"""How long a reader needs: fifteen characters a second, between what subtitlers allow for children and for adults."""

LEAST_S = 0.5
"""The shortest time that a cue whose end is unknown is given."""

MOST_OVERLAP = 0.5
"""Cues that share more of the shorter one than this were meant to stand together."""


def mend_spans(cues: Iterable[Cue], duration_s: float) -> tuple[list[Cue], Counter[str]]:
    """Bring cues into order and give each a span within the film.

    Parameters
    ----------
    cues : iterable of Cue
        in the order of the file, in the film's time
    duration_s : float
        the film's length; 0 or less where it is not known

    Returns
    -------
    mended : list of Cue
        by beginning; every span is longer than nothing
    faults : Counter of str
        what was mended or left out, by name

    Examples
    --------
    >>> mend_spans([Cue(5, 4, "Wait a moment."), Cue(1, 2, "No.")], 60)[0][1].end_s
    5.933333333333334
    """
    faults: Counter[str] = Counter()
    held: list[Cue] = []
    seen: set[tuple[float, float, str]] = set()
    last_s = float("-inf")
    for cue in cues:
        if cue.start_s < last_s:
            faults["cues out of order"] += 1
        last_s = cue.start_s
        key = (cue.start_s, cue.end_s, cue.text)
        if key in seen:
            faults["repeated cues"] += 1
            continue
        seen.add(key)
        held.append(cue)
    held.sort(key=lambda cue: (cue.start_s, cue.end_s))
    mended: list[Cue] = []
    nexts = _next_starts(held)
    for cue, after_s in zip(held, nexts, strict=True):
        start_s, end_s = cue.start_s, cue.end_s
        if end_s <= start_s:
            faults["cues of no length" if end_s == start_s else "cues that end before they begin"] += 1
            end_s = min(start_s + max(LEAST_S, len(cue.text) * READING_S_PER_CHARACTER), max(after_s, start_s + 0.05))
        if end_s <= 0 or (0 < duration_s <= start_s):
            faults["cues outside the film"] += 1
            continue
        if start_s < 0 or (0 < duration_s < end_s):
            faults["cues that reach beyond the film"] += 1
            start_s, end_s = max(start_s, 0.0), min(end_s, duration_s) if duration_s > 0 else end_s
        mended.append(cue._replace(start_s=start_s, end_s=end_s))
    return _part(mended, faults), faults


def _next_starts(cues: list[Cue]) -> list[float]:
    """Give for each cue, in order, when the first that begins later begins; infinity for the last."""
    nexts = [float("inf")] * len(cues)
    for number in range(len(cues) - 2, -1, -1):
        later_s = cues[number + 1].start_s
        nexts[number] = later_s if later_s > cues[number].start_s else nexts[number + 1]
    return nexts


def _part(cues: list[Cue], faults: Counter[str]) -> list[Cue]:
    """End a cue where the next begins, unless the two were meant to stand together."""
    parted = list(cues)
    for number, (cue, after) in enumerate(pairwise(cues)):
        over_s = cue.end_s - after.start_s
        if over_s <= 1e-3 or cue.style != after.style:
            continue
        faults["overlapping cues"] += 1
        shorter_s = min(cue.end_s - cue.start_s, after.end_s - after.start_s)
        if over_s <= MOST_OVERLAP * shorter_s:
            parted[number] = cue._replace(end_s=after.start_s)
    return parted
