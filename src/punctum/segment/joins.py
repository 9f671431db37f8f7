"""From the network's answers and the flat stretches to cuts, dissolves, fades and wipes.

A cut is a peak of its answer; a gradual transition a stretch of frames that are inside one, with a middle. Whether a
short flat stretch joins two shots or only interrupts one (a flash, a blink, a lamp, someone crossing the lens) the
network decides, too; where a fade lies, and whether the flat part is a shot of its own, the flat stretch itself. Frames
are rows of one unbroken run of film.
"""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from punctum.segment.boundaries import Boundary, Found, within
from punctum.segment.fades import Flat
from punctum.segment.network import ANSWERS, Answers, Doubles

LEAST = 0.5
"""Answers above this are taken."""

APART_LEAST = 3
"""Frames between two cuts, at least."""

LEAST_FRAMES = 3
"""A shorter transition is a cut that the copy has softened."""

VALLEY = 0.25
"""Where the answer for a middle falls below this share of the peaks around it, another transition begins."""

OWN_SHOT_S = 2.0
OWN_SHOT_BY_CUT_S = 0.5
"""From this length on a flat stretch is a shot of its own; the second where a hard cut begins or ends it."""

OWN_STRENGTH = 0.8
"""Of the boundaries of a plain shot that the network does not see."""

COLOURS_APART = 96
"""Code values between the colours of two plain pictures that are cut together, unseen by the network."""

NEAR = 2
"""A join this near a flat stretch belongs to it."""

KINDS = ANSWERS[3:]


def find_joins(answers: Answers) -> list[Boundary]:
    """Find the cuts and gradual transitions of a run.

    Parameters
    ----------
    answers : Answers
        of the run's n frames

    Returns
    -------
    list of Boundary
        in order, none overlapping another; ``strength`` is the network's own answer, 0 to 1
    """
    found = [*_cuts(answers.cut), *_graduals(answers)]
    found.sort(key=lambda b: (-b.strength, b.at, b.kind))
    chosen: list[Boundary] = []
    # those that could overlap lie near: a run may have thousands
    starts, ends = np.zeros(len(found), np.int64), np.zeros(len(found), np.int64)
    for b in found:
        apart = APART_LEAST if b.kind == "cut" else 0
        count = len(chosen)
        if ((b.end + apart <= starts[:count]) | (b.start >= ends[:count] + apart)).all():
            starts[count], ends[count] = b.start, b.end
            chosen.append(b)
    return sorted(chosen, key=lambda b: b.at)


def _cuts(answer: Doubles) -> list[Boundary]:
    peaks = np.flatnonzero(answer >= LEAST)
    return [Boundary(at, "cut", at, at, float(answer[at])) for at in peaks.tolist() if at > 0]


def _graduals(answers: Answers) -> list[Boundary]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], answers.inside >= LEAST, [False]]).astype(np.int8)))
    made = []
    for low, high in edges.reshape(-1, 2).tolist():
        for start, end in _split(answers.middle, low, high):
            strength = float(answers.middle[start:end].max())
            if strength < LEAST or end - start < LEAST_FRAMES:
                continue
            kind = KINDS[int(answers.kinds[start:end].sum(axis=0).argmax())]
            made.append(Boundary((start + end) // 2, kind, start, end, strength))
    return made


def _split(middle: Doubles, low: int, high: int) -> list[tuple[int, int]]:
    """Split a stretch inside transitions at the valleys between middles."""
    peaks: NDArray[np.int64] = low + np.flatnonzero(middle[low:high] >= LEAST)
    if not len(peaks):
        return []
    groups = np.split(peaks, np.flatnonzero(np.diff(peaks) > 1) + 1)
    bounds = [low]
    for before, after in pairwise(groups):
        valley = int(before[-1]) + 1 + int(middle[before[-1] + 1 : after[0]].argmin())
        if middle[valley] < VALLEY * min(middle[before].max(), middle[after].max()):
            bounds.append(valley)
    return list(pairwise([*bounds, high]))


def lay_fades(flats: list[Flat], joins: list[Boundary], times: NDArray[np.float64]) -> Found:
    """Lay flat stretches, their fades and the network's joins out together.

    Parameters
    ----------
    flats : list of Flat
        the run's flat stretches, in order
    joins : list of Boundary
        of ``find_joins``
    times : np.ndarray [shape=(n + 1,), dtype=float64]
        seconds; the last is the run's end

    Returns
    -------
    found : Found
        ``strength`` is a probability
    """
    n = len(times) - 1
    opening, closing = Boundary(0, "open", 0, 0, 1.0), Boundary(n, "close", n, n, 1.0)
    laid: dict[int, Boundary] = {}
    own_shots: list[tuple[int, int]] = []
    taken: set[int] = set()
    starts, ends_of = np.array([b.start for b in joins], np.int64), np.array([b.end for b in joins], np.int64)

    def between(low: int, high: int) -> range:
        """Numbers of the joins that reach into rows ``low`` up to ``high``: they are in order and do not overlap."""
        first, last = np.searchsorted(ends_of, low, "right"), np.searchsorted(starts, high, "left")
        return range(int(first), int(last))

    steps = {a.end for a, b in pairwise(flats) if a.end == b.start and _differ(a.colour, b.colour)}
    # the longest first: a fade that flickers has several flat stretches, and is one boundary
    for whole in sorted(flats, key=lambda flat: (flat.start - flat.end, flat.start)):
        reach = between(_first(whole) - NEAR - 1, _last(whole) + NEAR + 1)
        flat = _cut_short(whole, [joins[i].at for i in reach if joins[i].kind == "cut"])
        opens, ends = flat.start == 0, flat.end == n
        cut_in, cut_out = not opens and flat.fade_start is None, not ends and flat.fade_end is None
        before, after = _first(flat), _last(flat)
        length_s = float(times[flat.end] - times[flat.start])
        near = [i for i in reach if _belongs(joins[i], flat) and i not in taken]
        left, right = (_strongest(joins[i] for i in near if _reaches(joins[i], at)) for at in (flat.start, flat.end))
        made: list[Boundary] = []
        if opens and ends:
            continue
        if length_s >= OWN_SHOT_S or (length_s >= OWN_SHOT_BY_CUT_S and (cut_in or cut_out)):
            plain = flat.colour in ("black", "white") and not opens and not ends
            if plain or flat.start in steps:
                left = left or Boundary(flat.start, "fade" if flat.fade_start else "cut", 0, 0, OWN_STRENGTH)
            if plain or flat.end in steps:
                right = right or Boundary(flat.end, "fade" if flat.fade_end else "cut", 0, 0, OWN_STRENGTH)
            if (left or opens) and (right or ends):
                own_shots.append((flat.start, flat.end))
                for join, at, first, last in (
                    (left, flat.start, before, flat.start),
                    (right, flat.end, flat.end, after),
                ):
                    if join and 0 < at < n:
                        fades = join.kind != "cut" and last - first > NEAR
                        made.append(
                            _edge(join, at, first, last, flat.colour) if fades else _edge(join, at, at, at, None)
                        )
        elif opens and flat.fade_end is not None:
            opening = Boundary(0, "fade", 0, after, 1.0, flat.colour)
        elif ends and flat.fade_start is not None:
            closing = Boundary(n, "fade", before, n, 1.0, flat.colour)
        elif left and right and not opens and not ends:
            if left.kind == right.kind == "cut":
                made.append(right)
            else:
                fade = left if left.kind == "fade" else right
                made.append(_edge(fade, (flat.start + flat.end) // 2, before, after, flat.colour))
        else:
            continue
        taken.update(near)
        for b in made:
            # where two flat stretches meet, each gives the same boundary
            laid.setdefault(b.at, b)
    own_shots.sort()
    spans = [
        (b.start, b.end) for b in (opening, *sorted(laid.values(), key=lambda b: b.start), closing) if b.kind == "fade"
    ]
    free = [b for i, b in enumerate(joins) if i not in taken]
    covered = within(np.array([b.at for b in free], np.int64), spans)
    rest = [b for b, inside in zip(free, covered, strict=True) if b.kind == "cut" or not inside]
    return Found(opening, sorted([*laid.values(), *rest], key=lambda b: b.at), closing, own_shots)


def _differ(colour: str, other: str) -> bool:
    """Whether two flat stretches that adjoin are two pictures, and not one in changing light."""
    named = {"black": "#000000", "white": "#ffffff"}
    one, two = (bytes.fromhex(named.get(name, name)[1:]) for name in (colour, other))
    return max(abs(a - b) for a, b in zip(one, two, strict=True)) >= COLOURS_APART


def _first(flat: Flat) -> int:
    """First row of the fade into a flat stretch, or of the stretch itself."""
    return flat.start if flat.fade_start is None else flat.fade_start


def _last(flat: Flat) -> int:
    """Row after the fade out of a flat stretch, or after the stretch itself."""
    return flat.end if flat.fade_end is None else flat.fade_end


def _strongest(joins: Iterable[Boundary]) -> Boundary | None:
    return max(joins, key=lambda b: b.strength, default=None)


def _reaches(join: Boundary, at: int) -> bool:
    """Whether a join is at, or goes on over, row ``at``."""
    return join.start - NEAR <= at <= join.end + NEAR


def _edge(join: Boundary, at: int, first: int, last: int, colour: str | None) -> Boundary:
    """A fade over rows ``first`` up to ``last``, or a cut where ``colour`` is None, as sure as the network's join."""
    if colour is None:
        at = join.at if join.kind == "cut" else at
        return Boundary(at, "cut", at, at, join.strength)
    return Boundary(at, "fade", first, last, join.strength, colour)


def _belongs(join: Boundary, flat: Flat) -> bool:
    """Whether a join is the flat stretch's own: a cut at its edge, or a fade that holds it."""
    if join.kind == "cut":
        return min(abs(join.at - flat.start), abs(join.at - flat.end)) <= NEAR or flat.start <= join.at <= flat.end
    return join.kind == "fade" and join.start < flat.end + NEAR and join.end > flat.start - NEAR


def _cut_short(flat: Flat, cuts: list[int]) -> Flat:
    """End the fades of a flat stretch at the cuts within them: a picture that is cut to has not faded in."""
    start, end = flat.fade_start, flat.fade_end
    if start is not None:
        start = max([start, *(at for at in cuts if at < flat.start - NEAR)])
    if end is not None:
        end = min([end, *(at for at in cuts if at > flat.end + NEAR)])
    return flat._replace(fade_start=start, fade_end=end)
