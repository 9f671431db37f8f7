"""Black borders over a film: stretches that keep one active picture.

One picture may show less than the active picture (night, a spotlit face), hardly ever more. So the
candidates are the boxes that come back: seen in at least three pictures and one in a hundred, and
lying in the middle of the frame, as bars do, unless half of all pictures agree; the whole frame is
always one. The film is then divided among the candidates by the cheapest path (Viterbi): a picture
that reaches beyond its stretch's box costs much, one that shows exactly another, smaller candidate
costs less, one that is merely darker at its edges next to nothing, and every change of box costs as
much as a picture and a half out of place. Two pictures in a row with content in the bars therefore
end a letterboxed stretch (IMAX); a single one (a flash, a logo, an error) does not, nor does a dark
scene shrink the box.

Conventions: times in seconds; boxes in pixels; a stretch begins with the first picture that shows it.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from punctum.film import Box, Stretch

_BEYOND, _EXACT_OTHER, _DARKER, _CHANGE = 4.0, 2.2, 0.1, 3.0
_TOLERANCE = 0.004
"""Edges that differ by less than this share of the side (at least 2 px) are one."""

SHORT_S = 6.0
"""A narrower picture for less than this is a dark shot rather than bars."""

_CANDIDATES = 6
_LEAST_PICTURES, _LEAST_SHARE, _MAJORITY = 3, 0.01, 0.5
_OFF_CENTRE = 0.03


def find_stretches(
    times_s: Sequence[float],
    edges: Sequence[Box | None],
    width: int,
    height: int,
    duration_s: float,
) -> tuple[Stretch, ...]:
    """Divide a film into stretches of one active picture each.

    Parameters
    ----------
    times_s : sequence of float
        when each picture is shown, increasing
    edges : sequence of Box or None
        what ``measure.find_edges`` found in each; None is no evidence
    width, height : int
        size of the whole frame in pixels
    duration_s : float
        where the last stretch ends

    Returns
    -------
    stretches : tuple of Stretch
        in order, without gaps, from 0 to ``duration_s``; one of the whole frame for a film without bars

    Examples
    --------
    >>> find_stretches([0, 1, 2], [Box(0, 20, 160, 80)] * 3, 160, 120, 3.0)
    (Stretch(start_s=0.0, end_s=3.0, box_px=Box(left=0, top=20, width=160, height=80)),)
    """
    whole = Box(0, 0, width, height)
    tolerance = (max(2.0, _TOLERANCE * width), max(2.0, _TOLERANCE * height))
    seen = [_snap(box, whole, tolerance) for box in edges]
    boxes = _candidates([box for box in seen if box is not None], whole, tolerance)
    path = _cheapest(seen, boxes, tolerance)
    stretches: list[Stretch] = []
    start_s = 0.0
    for i in range(1, len(path)):
        if path[i] != path[i - 1]:
            stretches.append(Stretch(start_s, float(times_s[i]), boxes[path[i - 1]]))
            start_s = float(times_s[i])
    last = boxes[path[-1]] if path else whole
    return _absorb([*stretches, Stretch(start_s, max(float(duration_s), start_s), last)])


def _absorb(stretches: list[Stretch]) -> tuple[Stretch, ...]:
    """Let a short stretch whose box lies within a neighbour's be the neighbour's: a dark shot, not bars."""
    made: list[Stretch] = []
    for i, stretch in enumerate(stretches):
        around = [*made[-1:], *stretches[i + 1 : i + 2]]
        wider = [other.box_px for other in around if not reaches_beyond(stretch.box_px, other.box_px, (0.0, 0.0))]
        if stretch.end_s - stretch.start_s < SHORT_S and wider:
            stretch = stretch._replace(box_px=max(wider, key=lambda box: box.width * box.height))
        if made and made[-1].box_px == stretch.box_px:
            made[-1] = made[-1]._replace(end_s=stretch.end_s)
        else:
            made.append(stretch)
    return tuple(made)


def same_box(a: Box, b: Box, tolerance: tuple[float, float]) -> bool:
    """Whether two boxes agree on all four sides."""
    return (
        abs(a.left - b.left) <= tolerance[0]
        and abs(a.left + a.width - b.left - b.width) <= tolerance[0]
        and abs(a.top - b.top) <= tolerance[1]
        and abs(a.top + a.height - b.top - b.height) <= tolerance[1]
    )


def reaches_beyond(a: Box, b: Box, tolerance: tuple[float, float]) -> bool:
    """Whether box ``a`` sticks out of box ``b`` on any side."""
    return (
        a.left < b.left - tolerance[0]
        or a.left + a.width > b.left + b.width + tolerance[0]
        or a.top < b.top - tolerance[1]
        or a.top + a.height > b.top + b.height + tolerance[1]
    )


def _snap(box: Box | None, whole: Box, tolerance: tuple[float, float]) -> Box | None:
    """Let edges within the tolerance of the frame's own be the frame's."""
    if box is None:
        return None
    left = 0 if box.left <= tolerance[0] else box.left
    top = 0 if box.top <= tolerance[1] else box.top
    right, bottom = box.left + box.width, box.top + box.height
    right = whole.width if right >= whole.width - tolerance[0] else right
    bottom = whole.height if bottom >= whole.height - tolerance[1] else bottom
    return Box(left, top, right - left, bottom - top)


def _candidates(seen: list[Box], whole: Box, tolerance: tuple[float, float]) -> list[Box]:
    """Boxes that come back often enough, the whole frame first."""
    left = Counter(seen)
    found: list[Box] = [whole]
    known = len(seen)
    needed = max(_LEAST_PICTURES, _LEAST_SHARE * known) if known >= 2 * _LEAST_PICTURES else max(1, 0.6 * known)
    for _ in range(4 * _CANDIDATES):
        if not left or len(found) > _CANDIDATES:
            break
        centre = max(left, key=lambda box: (left[box], box.width * box.height, box))
        members = {box: count for box, count in left.items() if same_box(box, centre, tolerance)}
        total = sum(members.values())
        for box in members:
            del left[box]
        if same_box(centre, whole, tolerance) or total < needed:
            continue
        if total < _MAJORITY * known and not _centred(centre, whole):
            continue
        found.append(centre)
    return found


def _centred(box: Box, whole: Box) -> bool:
    across = abs(box.left - (whole.width - box.left - box.width))
    down = abs(box.top - (whole.height - box.top - box.height))
    return across <= _OFF_CENTRE * whole.width and down <= _OFF_CENTRE * whole.height


def _cheapest(seen: list[Box | None], boxes: list[Box], tolerance: tuple[float, float]) -> list[int]:
    """Number of each picture's candidate along the cheapest path."""
    if not seen:
        return []
    costs = np.zeros((len(seen), len(boxes)))
    for i, box in enumerate(seen):
        if box is None:
            continue
        exact = {k for k, other in enumerate(boxes) if same_box(box, other, tolerance)}
        for k, other in enumerate(boxes):
            if k in exact:
                continue
            costs[i, k] = _BEYOND if reaches_beyond(box, other, tolerance) else _EXACT_OTHER if exact else _DARKER
    total = costs[0].copy()
    came = np.zeros(costs.shape, np.int64)
    for i in range(1, len(seen)):
        best = int(np.argmin(total))
        switch = total[best] + _CHANGE
        came[i] = np.where(switch < total, best, np.arange(len(boxes)))
        total = np.minimum(total, switch) + costs[i]
    path = [int(np.argmin(total))]
    for i in range(len(seen) - 1, 0, -1):
        path.append(int(came[i, path[-1]]))
    path.reverse()
    # a change in the dark is dated to the first picture that shows it
    for i in range(1, len(path)):
        if path[i] != path[i - 1] and costs[i, path[i]] == costs[i, path[i - 1]]:
            path[i] = path[i - 1]
    return path
