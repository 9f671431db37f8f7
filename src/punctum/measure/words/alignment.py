"""A screenplay laid against the subtitles, word by word: who speaks each line, in which scene.

Conventions: both texts are runs of words in small letters; they are aligned by dynamic programming over words, rare
words weighing more (after Everingham, Sivic and Zisserman 2006). Runs of words that stand once in each text are taken
as fixed points first, so that the programme works on short stretches. A line takes a speaker only where enough of its
own words, or its neighbours, say so: what is in doubt is left out.
"""

import math
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from punctum.measure.words.fountain import Speech
from punctum.measure.words.tokens import split_words

RUNS = (5, 4, 3)
"""Lengths of the runs of words that are sought as fixed points."""

MOST_CELLS = 16_000_000
"""A stretch between fixed points that would need more is left out."""

MOST_CELLS_IN_ALL = 300_000_000
"""Nor are more taken together."""

LEAST_SHARE = 0.5
"""A line is the speech's in which this share of its words, by weight, was found."""

LEAST_WEIGHT = 12.0
"""A line whose words weigh less (one or two usual ones) also needs a neighbour that was found close by."""

LEAST_TEXT = 2_000
"""Words in a text, at the least, by which a word's rarity is judged."""

NEAR_SPEECHES = 2


class Aligned(NamedTuple):
    """Where lines were found: for each the number of the speech or -1; and the share of words that were found."""

    speech: NDArray[np.int64]
    share: float


def align_script(lines: Sequence[str], script: Sequence[Speech]) -> Aligned:
    """Find each line's speech in a screenplay.

    Parameters
    ----------
    lines : sequence of str
        what is said, in the order of the film
    script : sequence of Speech
        in the order of the screenplay

    Returns
    -------
    Aligned
        ``speech`` is int64 (len(lines),); ``share`` of all words of the lines stands in lines that were found

    Examples
    --------
    >>> said = ["Where were you all night?", "Walking in the snow."]
    >>> align_script(said, [Speech("A", "Where were you all night?", ""), Speech("B", "Walking in the snow.", "")])[0]
    array([0, 1])
    """
    ours, line_of = _words([*lines])
    theirs, speech_of = _words([speech.text for speech in script])
    found = np.full(len(lines), -1, np.int64)
    if not ours or not theirs:
        return Aligned(found, 0.0)
    weights = _weights(ours, theirs)
    match = _align(ours, theirs, weights)
    lengths = np.bincount(line_of, minlength=len(lines))
    whole = np.bincount(line_of, weights=[weights[word] for word in ours], minlength=len(lines))
    votes: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for here, there in enumerate(match):
        if there >= 0:
            votes[line_of[here]][speech_of[there]] += weights[ours[here]]
    heavy = whole >= LEAST_WEIGHT
    likely = np.full(len(lines), -1, np.int64)
    for line, own in votes.items():
        speech, weight = max(own.items(), key=lambda item: item[1])
        if weight >= LEAST_SHARE * whole[line]:
            likely[line] = speech
    for line in np.flatnonzero(likely >= 0).tolist():
        if heavy[line] or _has_neighbour(line, likely, heavy):
            found[line] = likely[line]
    _find_moved(lines, script, found, lengths)
    _drop_strangers(found, likely)
    total = int(lengths.sum())
    return Aligned(found, float(lengths[found >= 0].sum()) / total if total else 0.0)


def _words(texts: list[str]) -> tuple[list[str], list[int]]:
    words: list[str] = []
    owner: list[int] = []
    for number, text in enumerate(texts):
        for word in split_words(text):
            words.append(_plain(word))
            owner.append(number)
    return words, owner


def _plain(word: str) -> str:
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in apart if c.isalnum()) or word


def _weights(ours: list[str], theirs: list[str]) -> dict[str, float]:
    counts = Counter(ours) + Counter(theirs)
    # in a few lines every word is rare: they are weighed as if they stood in a scene of some length
    total = max(sum(counts.values()), LEAST_TEXT)
    return {word: math.log2(total / count) for word, count in counts.items()}


def _align(ours: list[str], theirs: list[str], weights: dict[str, float]) -> list[int]:
    """Give the place in ``theirs`` of each word of ``ours``, -1 where it has none; places ascend."""
    match = [-1] * len(ours)
    stretches = [(0, len(ours), 0, len(theirs))]
    for length in RUNS:
        stretches = [part for a, b, c, d in stretches for part in _fix(ours, theirs, (a, b, c, d), length, match)]
    left = MOST_CELLS_IN_ALL
    for a, b, c, d in stretches:
        cells = (b - a) * (d - c)
        if cells <= min(MOST_CELLS, left):
            left -= cells
            _programme(ours, theirs, weights, (a, b, c, d), match)
    return match


def _fix(
    ours: list[str], theirs: list[str], stretch: tuple[int, int, int, int], length: int, match: list[int]
) -> list[tuple[int, int, int, int]]:
    """Match runs that stand once in each text, in ascending order, and return the stretches between them."""
    a, b, c, d = stretch
    if b - a < length or d - c < length:
        return [stretch]
    here, there = _once(ours, a, b, length), _once(theirs, c, d, length)
    pairs = sorted((here[run], there[run]) for run in here.keys() & there.keys())
    fixed: list[tuple[int, int]] = []
    for first, second in _ascending(pairs):
        for step in range(length):
            if not fixed or (first + step > fixed[-1][0] and second + step > fixed[-1][1]):
                fixed.append((first + step, second + step))
    parts = []
    for first, second in [*fixed, (b, d)]:
        if first > a and second > c:
            parts.append((a, first, c, second))
        if first < b:
            match[first] = second
        a, c = first + 1, second + 1
    return parts


def _once(words: list[str], start: int, end: int, length: int) -> dict[tuple[str, ...], int]:
    seen: dict[tuple[str, ...], int] = {}
    for place in range(start, end - length + 1):
        run = tuple(words[place : place + length])
        seen[run] = -1 if run in seen else place
    return {run: place for run, place in seen.items() if place >= 0}


def _ascending(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest part of the pairs, sorted by the first, whose second ascends too."""
    ends: list[int] = []
    last: list[int] = []
    before = [-1] * len(pairs)
    for number, (_, second) in enumerate(pairs):
        place = bisect_left(ends, second)
        before[number] = last[place - 1] if place else -1
        if place == len(ends):
            ends.append(second)
            last.append(number)
        else:
            ends[place], last[place] = second, number
    chain: list[tuple[int, int]] = []
    at = last[-1] if last else -1
    while at >= 0:
        chain.append(pairs[at])
        at = before[at]
    return chain[::-1]


def _programme(
    ours: list[str],
    theirs: list[str],
    weights: dict[str, float],
    stretch: tuple[int, int, int, int],
    match: list[int],
) -> None:
    """Match the heaviest ascending words of a stretch (longest common subsequence, weighted)."""
    a, b, c, d = stretch
    number = {word: i for i, word in enumerate(dict.fromkeys(theirs[c:d]))}
    codes = np.array([number[word] for word in theirs[c:d]], np.int64)
    row = np.zeros(d - c + 1)
    kept = np.zeros((b - a, d - c), np.bool_)
    skipped = np.zeros((b - a, d - c), np.bool_)
    for i in range(a, b):
        code = number.get(ours[i], -1)
        taken = np.where(codes == code, row[:-1] + weights[ours[i]], -1.0)
        best = np.maximum(taken, row[1:])
        fresh = np.concatenate(([0.0], np.maximum.accumulate(best)))
        kept[i - a] = (taken >= fresh[1:]) & (taken >= 0)
        skipped[i - a] = row[1:] >= fresh[1:]
        row = fresh
    i, j = b - 1, d - c - 1
    while i >= a and j >= 0:
        if kept[i - a, j]:
            match[i] = c + j
            i, j = i - 1, j - 1
        elif skipped[i - a, j]:
            i -= 1
        else:
            j -= 1


def _has_neighbour(line: int, likely: NDArray[np.int64], heavy: NDArray[np.bool_]) -> bool:
    """Whether a line of more weight, just before or after, was found in a speech close by."""
    for step in (-1, 1):
        at = line + step
        for _ in range(3):
            if not 0 <= at < likely.size:
                break
            if likely[at] >= 0 and abs(int(likely[at]) - int(likely[line])) > NEAR_SPEECHES:
                break
            if likely[at] >= 0 and heavy[at]:
                return True
            at += step
    return False


def _find_moved(
    lines: Sequence[str], script: Sequence[Speech], found: NDArray[np.int64], lengths: NDArray[np.int64]
) -> None:
    """Find lines that were moved: all of their words, four at least, in one speech and in no other speaker's."""
    runs: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for number, speech in enumerate(script):
        words = [_plain(word) for word in split_words(speech.text)]
        for place in range(len(words) - 3):
            runs[tuple(words[place : place + 4])].add(number)
    for line in np.flatnonzero((found < 0) & (lengths >= 4)).tolist():
        words = [_plain(word) for word in split_words(lines[line])]
        places = [runs.get(tuple(words[at : at + 4]), set()) for at in range(len(words) - 3)]
        common = set.intersection(*places) if places else set()
        if len({script[number].speaker for number in common}) == 1:
            found[line] = min(common)


def _drop_strangers(found: NDArray[np.int64], likely: NDArray[np.int64]) -> None:
    """Leave out a light line whose found neighbours on both sides lie elsewhere in the screenplay."""
    known = np.flatnonzero(found >= 0)
    for before, line, after in zip(known, known[1:], known[2:], strict=False):
        if found[line] != likely[line]:
            continue
        low, high = found[before], found[after]
        if low <= high and not low - NEAR_SPEECHES <= found[line] <= high + NEAR_SPEECHES:
            found[line] = -1
