"""The same footage in two films, found on their grids: re-encoded, cropped, mirrored, colourless, a little faster.

Conventions: footage is its frames' lightness, 144 cells a frame as bytes (L of ``grid``), with their times in seconds;
"here" is the film asked about, "there" the other one. A way says how a frame here shows one there: left and right
exchanged or not, and which part of one is the whole of the other, as shares of its width and height. Correlation is of
lightness over the cells, so that neither colour nor exposure counts.

First, samples of both films are compared by the lowest terms of their cosine transforms, in many ways; what agrees on
an offset is then laid frame on frame, the way, the offset and the speed are improved, and the passage is followed to
both sides as long as the frames agree.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from punctum.film import GRID_COLUMNS, GRID_ROWS

Floats = NDArray[np.float32]
Times = NDArray[np.float64]

STEP_S = 0.25
MOST_SAMPLES = 6000
"""Samples are this far apart, further where a film would have more."""

WINDOW_S = 4.0
"""Samples of so many seconds have to agree on an offset."""

OFFSET_S = 0.5
AGREE = 0.87
LIKELIEST = 24
TRIED = 6
"""Of a sample, so many likenesses of at least `AGREE` are kept; of a window, so many offsets are tried."""

TERMS = (5, 7)
CROPS = ((0.88, (0.5,)), (0.75, (0.0, 0.5, 1.0)))
"""Shares of a picture's width, height or both that are tried at first, and how far from the left or the top."""

SPEEDS = (0.95, 0.96, 0.98, 1.0, 1.02, 1.0427, 1.05)
LEAST_SPREAD = 2.5
"""Codes: a frame that spreads less is flat and says nothing."""

LEAST_S = 1.0
"""A shorter passage is not told."""

HOPEFUL, FULLY = 0.86, 0.998
"""A guess is given up whose frames agree less than the first, and its way is not improved above the second."""

FOLLOWED = 0.86
LOST_S = 0.3
"""A passage is followed until its frames agree less than this for so long."""

LAYOUT, CHANGE = 0.9, 0.7
CALM_LAYOUT, STILL_LAYOUT = 0.96, 0.985
STIRRING = (0.4, 1.5)
"""A copy's frames agree at least by `LAYOUT` on average, and what changes in them by `CHANGE`; where the picture stirs
by fewer codes than the second of `STIRRING`, by half that and `CALM_LAYOUT`; below the first, by `STILL_LAYOUT`."""

AGREEING = 0.8
"""So many of a copy's frames agree at least as much as `FOLLOWED`; the others (a flash, a title) are not judged."""

CHANGE_S = 0.33
"""What changes is told over this long."""

JOINED_S = 2.0
"""Passages of one film at one offset this near each other are one."""


class Footage(NamedTuple):
    """Frames of a film: ``time_s`` float64 (n,), ``lightness`` uint8 (n, 144)."""

    time_s: Times
    lightness: NDArray[np.uint8]


class Way(NamedTuple):
    """How a frame here shows one there; ``inner``: "here" shows a part of "there", else the other way round."""

    mirrored: bool = False
    inner: bool = True
    left: float = 0.0
    top: float = 0.0
    width: float = 1.0
    height: float = 1.0


class Copy(NamedTuple):
    """Rows ``begin`` to ``end`` here, half-open, show rows ``other_begin`` to ``other_end`` there.

    ``likeness`` is the mean correlation of the frames, ``change`` that of what changes in them (NaN where nothing
    does), ``speed`` the time that passes there while one second passes here.
    """

    begin: int
    end: int
    other_begin: int
    other_end: int
    likeness: float
    change: float
    speed: float
    way: Way


def find_copies(here: Footage, there: Footage) -> list[Copy]:
    """Find the passages of one film that are footage of another.

    Parameters
    ----------
    here, there : Footage

    Returns
    -------
    list of Copy
        in the order of the film here; passages that follow each other in both are one
    """
    if len(here.time_s) < 2 or len(there.time_s) < 2:
        return []
    found: list[Copy] = []
    for window in _windows(here, there):
        for guess in window:
            if any(here.time_s[one.begin] <= guess.places_s[0] < here.time_s[one.end - 1] for one in found):
                break
            copies = (_follow(here, there, guess, at_s) for at_s in dict.fromkeys(guess.places_s))
            copy = next((one for one in copies if one is not None), None)
            if copy is not None:
                found = _without_overlap(found, copy)
                break
    return _join(sorted(found), here, there)


class _Guess(NamedTuple):
    """Samples near ``places_s`` here, the likeliest place first, agree on an offset and a way."""

    places_s: tuple[float, ...]
    offset_s: float
    way: Way


def list_ways() -> list[Way]:
    """List the ways that are tried at first: whole, and parts of two sizes, from the middle and from the sides."""
    boxes = [(0.0, 0.0, 1.0, 1.0)]
    for share, places in CROPS:
        gap = 1 - share
        boxes += [(gap * x, 0.0, share, 1.0) for x in places] + [(0.0, gap * y, 1.0, share) for y in places]
        boxes += [(gap * x, gap * y, share, share) for x in places for y in places if (x == 0.5) == (y == 0.5)]
    ways = [Way(mirrored, True, *box) for mirrored in (False, True) for box in boxes]
    return ways + [one._replace(inner=False) for one in ways if one.width * one.height < 1]


@lru_cache(4096)
def _take(shares: tuple[float, float], count: int) -> Floats:
    """Cells of a part, from the two cells around each place: (count, count)."""
    begin, size = shares
    at = np.clip((begin + size * (np.arange(count) + 0.5) / count) * count - 0.5, 0, count - 1)
    low = np.minimum(at.astype(int), count - 2)
    made = np.zeros((count, count), np.float32)
    made[np.arange(count), low], made[np.arange(count), low + 1] = 1 - (at - low), at - low
    return made


def _cut(cells: Floats, way: Way) -> Floats:
    """Resample frames to the part of them that a way shows, (n, 144)."""
    if way.width == 1 and way.height == 1:
        return cells
    down, across = _take((way.top, way.height), GRID_ROWS), _take((way.left, way.width), GRID_COLUMNS)
    shaped = cells.reshape(-1, GRID_ROWS, GRID_COLUMNS)
    return np.asarray((down @ shaped @ across.T).reshape(-1, GRID_ROWS * GRID_COLUMNS), np.float32)


def _turned(cells: Floats) -> Floats:
    return cells.reshape(-1, GRID_ROWS, GRID_COLUMNS)[:, :, ::-1].reshape(-1, GRID_ROWS * GRID_COLUMNS)


def _unit(rows: Floats) -> Floats:
    """Rows without their mean, of length one; those that are flat are zero."""
    off = rows - rows.mean(1, keepdims=True)
    length = np.sqrt(np.square(off).sum(1, keepdims=True))
    flat = length < LEAST_SPREAD * np.sqrt(rows.shape[1])
    return np.where(flat, 0, off / np.maximum(length, 1e-6)).astype(np.float32)


_WAVES = np.einsum(
    "ri,cj->rcij",
    np.cos(np.pi * np.outer(np.arange(GRID_ROWS) + 0.5, np.arange(TERMS[0])) / GRID_ROWS) / GRID_ROWS,
    np.cos(np.pi * np.outer(np.arange(GRID_COLUMNS) + 0.5, np.arange(TERMS[1])) / GRID_COLUMNS) / GRID_COLUMNS,
).reshape(GRID_ROWS * GRID_COLUMNS, -1)[:, 1:]
_WAVES = (_WAVES / np.sqrt(np.square(_WAVES).sum(0))).astype(np.float32)


@lru_cache(256)
def _waves_of(way: Way) -> Floats:
    """The transform of the part that a way shows, (144, k)."""
    across, down = _take((way.left, way.width), GRID_COLUMNS), _take((way.top, way.height), GRID_ROWS)
    turn = -1 if way.mirrored else 1
    shaped = _WAVES.reshape(GRID_ROWS, GRID_COLUMNS, -1)
    made = np.einsum("ra,cb,rck->abk", down, across, shaped).reshape(GRID_ROWS, GRID_COLUMNS, -1)[:, ::turn]
    return np.ascontiguousarray(made.reshape(GRID_ROWS * GRID_COLUMNS, -1), np.float32)


def _coarse(cells: Floats, shown: NDArray[np.bool_], way: Way) -> Floats:
    """The lowest terms of what frames show, of length one; zero for those that are flat."""
    made = cells @ _waves_of(way)
    length = np.sqrt(np.square(made).sum(1, keepdims=True))
    return np.where(shown[:, None], made / np.maximum(length, 1e-6), 0).astype(np.float32)


def _sample(footage: Footage) -> NDArray[np.int64]:
    """Rows of frames that are far enough apart."""
    first, last = float(footage.time_s[0]), float(footage.time_s[-1])
    step = max(STEP_S, (last - first) / MOST_SAMPLES)
    return np.unique(np.searchsorted(footage.time_s, np.arange(first, last, step)).clip(0, len(footage.time_s) - 1))


def _windows(here: Footage, there: Footage) -> Iterator[list[_Guess]]:
    """For each window here, the likeliest offsets there and ways, likeliest first."""
    rows, others = _sample(here), _sample(there)
    ours, theirs = here.lightness[rows].astype(np.float32), there.lightness[others].astype(np.float32)
    our_shown, their_shown = ours.std(1) >= LEAST_SPREAD, theirs.std(1) >= LEAST_SPREAD
    ways = list_ways()
    whole = _coarse(theirs, their_shown, Way())
    hits: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Floats]] = []
    for number, way in enumerate(ways):
        # mirroring and cutting our picture, or mirroring ours and cutting theirs
        mine = _coarse(ours, our_shown, Way(way.mirrored) if way.inner else way)
        near = mine @ (_coarse(theirs, their_shown, way._replace(mirrored=False)) if way.inner else whole).T
        row, at = np.nonzero(near >= AGREE)
        if len(row) > LIKELIEST * len(near):  # a film that hardly changes is like itself everywhere
            top = np.argpartition(-near, LIKELIEST, axis=1)[:, :LIKELIEST]
            row, at = np.repeat(np.arange(len(near)), LIKELIEST), top.ravel()
            row, at = row[near[row, at] >= AGREE], at[near[row, at] >= AGREE]
        hits.append((row, at, np.full(len(row), number), near[row, at]))
    row, at, which, like = (np.concatenate([one[k] for one in hits]) for k in range(4))
    order = np.lexsort((-like, row))
    row, at, which, like = row[order], at[order], which[order], like[order]
    begin = np.searchsorted(row, np.arange(len(rows) + 1))
    kept = np.arange(len(row)) - begin[row] < LIKELIEST
    row, at, which, like = row[kept], at[kept], which[kept], like[kept]
    time_s = here.time_s[rows]
    offset_s = there.time_s[others[at]] - time_s[row]
    for begin_s in np.arange(time_s[0], time_s[-1] + STEP_S, WINDOW_S / 2):
        inside = slice(*np.searchsorted(time_s[row], [begin_s, begin_s + WINDOW_S]))
        votes: dict[tuple[int, int], dict[int, tuple[float, float]]] = {}
        for sample, way_number, value, apart_s in zip(
            row[inside].tolist(), which[inside].tolist(), like[inside].tolist(), offset_s[inside].tolist(), strict=True
        ):
            for bin_ in {int(np.floor(apart_s / OFFSET_S)), int(np.floor(apart_s / OFFSET_S + 0.5))}:
                held = votes.setdefault((way_number, bin_), {})
                if value > held.get(sample, (0.0, 0.0))[0]:
                    held[sample] = (value, apart_s)
        ranked = sorted(votes.items(), key=lambda one: -sum(value - AGREE + 0.02 for value, _ in one[1].values()))
        guesses: list[_Guess] = []
        for (way_number, _), held in ranked:
            if len(held) < 2:
                continue
            agreed = sorted(held)
            places = tuple(float(time_s[agreed[len(agreed) * k // 4]]) for k in (2, 1, 3))
            guess = _Guess(places, held[agreed[len(agreed) // 2]][1], ways[way_number])
            if all(abs(guess.offset_s - one.offset_s) > OFFSET_S / 2 or guess.way != one.way for one in guesses):
                guesses.append(guess)
            if len(guesses) == TRIED:
                break
        yield guesses


def _nearest(times: Times, wanted: Times) -> NDArray[np.int64]:
    """Rows whose times are nearest to those wanted."""
    after = np.searchsorted(times, wanted).clip(1, len(times) - 1)
    return np.asarray(after - (wanted - times[after - 1] < times[after] - wanted), np.int64)


def _agree(here: Footage, there: Footage, rows: NDArray[np.int64], others: NDArray[np.int64], way: Way) -> Floats:
    """Correlate frames here with frames there, pair by pair."""
    ours, theirs = _laid(here, there, rows, others, way)
    return np.asarray((_unit(ours) * _unit(theirs)).sum(1), np.float32)


def _laid(
    here: Footage, there: Footage, rows: NDArray[np.int64], others: NDArray[np.int64], way: Way
) -> tuple[Floats, Floats]:
    """Lay frames here and there over each other: the cells of the part that both show."""
    ours, theirs = here.lightness[rows].astype(np.float32), there.lightness[others].astype(np.float32)
    if way.mirrored:
        ours = _turned(ours)
    return (ours, _cut(theirs, way)) if way.inner else (_cut(ours, way), theirs)


def _follow(here: Footage, there: Footage, guess: _Guess, at_s: float) -> Copy | None:
    """Improve a guess and follow it to both sides of ``at_s``; None where it is no copy."""
    way, speed, offset_s = guess.way, 1.0, guess.offset_s
    low_s, high_s = at_s - LEAST_S / 2, at_s + LEAST_S / 2
    low, high = 0, 0
    for turn in range(4):
        rows = _some(here, low_s, high_s)
        if turn:  # a few frames of something else within the passage must not lead astray
            near = _agree(here, there, rows, _counterparts(here, there, rows, at_s, offset_s, speed), way)
            rows = rows[near >= FOLLOWED]
        if len(rows) < 4:
            return None
        offset_s, speed = _place(here, there, rows, at_s, offset_s, speed, way, turn)
        if turn < 3:
            way, likeness = _improve(here, there, rows, at_s, offset_s, speed, way)
            if likeness < HOPEFUL:
                return None
        seen = _extend(here, there, at_s, offset_s, speed, way, 2.0 * (turn + 1) if turn < 2 else np.inf)
        if seen is None:
            return None
        low, high = seen
        low_s, high_s = float(here.time_s[low]), float(here.time_s[high - 1])
    if high_s - low_s < LEAST_S - 0.1:
        return None
    rows = np.arange(low, high)
    others = _counterparts(here, there, rows, at_s, offset_s, speed)
    likeness, change, stirring, still = _judge(here, there, rows, others, way)
    least = STILL_LAYOUT if still else LAYOUT if stirring else CALM_LAYOUT
    if likeness < least or (not still and change < (CHANGE if stirring else CHANGE / 2)):
        return None
    first, last = int(others[0]), int(others[-1]) + 1
    return Copy(low, high, first, last, likeness, change, speed, way)


def _some(here: Footage, low_s: float, high_s: float) -> NDArray[np.int64]:
    """Take up to 32 frames of a passage, evenly."""
    low, high = np.searchsorted(here.time_s, [low_s, high_s + 1e-9])
    return np.unique(np.linspace(low, max(high - 1, low), 32).astype(np.int64)) if high > low else np.zeros(0, np.int64)


def _counterparts(
    here: Footage, there: Footage, rows: NDArray[np.int64], at_s: float, offset_s: float, speed: float
) -> NDArray[np.int64]:
    wanted = at_s + offset_s + (here.time_s[rows] - at_s) * speed
    return _nearest(there.time_s, wanted)


def _place(
    here: Footage,
    there: Footage,
    rows: NDArray[np.int64],
    at_s: float,
    offset_s: float,
    speed: float,
    way: Way,
    turn: int,
) -> tuple[float, float]:
    """Find the offset and the speed at which frames agree best."""
    frame_s = float(np.median(np.diff(there.time_s)))
    reach = OFFSET_S if turn == 0 else 3 * frame_s
    offsets = offset_s + np.arange(-reach, reach + frame_s / 2, frame_s / (1 if turn < 2 else 2))
    speeds = np.array(SPEEDS if turn < 2 else speed + np.linspace(-0.012, 0.012, 13)).clip(0.94, 1.06)
    long_enough = here.time_s[rows[-1]] - here.time_s[rows[0]] > 0.8
    tried = [(o, s) for s in (speeds if long_enough else np.array([speed])) for o in offsets]
    places = np.stack([_counterparts(here, there, rows, at_s, float(o), float(s)) for o, s in tried])
    wanted, back = np.unique(places, return_inverse=True)
    ours, _ = _laid(here, there, rows, rows[:0], way)
    _, theirs = _laid(here, there, rows[:0], wanted, way)
    own, other = _unit(ours), _unit(theirs)
    near = own @ other.T
    back = back.reshape(places.shape)
    score = near[np.arange(len(rows))[None], back].mean(1) + _moving(own, other, near, back)
    # of equals, the one nearest to what was held before
    drift = np.array([abs(o - offset_s) * 1e-4 + abs(s - speed) * 1e-3 for o, s in tried])
    best = int((score - drift).argmax())
    return float(tried[best][0]), float(tried[best][1])


def _moving(own: Floats, other: Floats, near: Floats, back: NDArray[np.int64]) -> Floats:
    """Correlate what changes within a passage here and there, for each placing (k,): it tells the moment."""
    count = back.shape[1]
    middle = own.mean(0)
    spread = np.sqrt(np.square(own - middle).sum())
    if spread < 1e-6:
        return np.zeros(len(back), np.float32)
    # sums over a placing's frames there: of themselves, of their products with each frame here, of their squares
    total = np.stack([other[one].sum(0) for one in back])
    both = near[np.arange(count)[None], back].sum(1) - total @ middle
    theirs = np.square(other).sum(1)[back].sum(1) - np.square(total).sum(1) / count
    return np.asarray(both / (spread * np.sqrt(np.maximum(theirs, 1e-9)) + 1e-6), np.float32)


def _improve(
    here: Footage, there: Footage, rows: NDArray[np.int64], at_s: float, offset_s: float, speed: float, way: Way
) -> tuple[Way, float]:
    """Shift and scale the part that is shown by small steps as long as frames agree better; how well they do."""
    rows = rows[:: max(len(rows) // 8, 1)]
    others = _counterparts(here, there, rows, at_s, offset_s, speed)
    best = float(_agree(here, there, rows, others, way).mean())
    if best < HOPEFUL - 0.06 or best > FULLY:
        return way, best
    for step in (0.04, 0.02, 0.01):
        for _ in range(4):
            better = None
            for tried in _neighbours(way, step):
                value = float(_agree(here, there, rows, others, tried).mean())
                if value > best + 2e-4:
                    best, better = value, tried
            if better is None:
                break
            way = better
    return way, best


def _neighbours(way: Way, step: float) -> list[Way]:
    """Ways a step aside."""
    made = []
    for left, top, width, height in (
        (step, 0, 0, 0), (-step, 0, 0, 0), (0, step, 0, 0), (0, -step, 0, 0), (0, 0, step, 0), (0, 0, -step, 0),
        (0, 0, 0, step), (0, 0, 0, -step), (step, 0, -step, 0), (-step, 0, step, 0), (0, step, 0, -step),
        (0, -step, 0, step), (step / 2, step / 2, -step, -step), (-step / 2, -step / 2, step, step),
    ):  # fmt: skip
        box = (way.left + left, way.top + top, way.width + width, way.height + height)
        inside = box[0] >= -1e-9 and box[1] >= -1e-9 and box[0] + box[2] <= 1 + 1e-9 and box[1] + box[3] <= 1 + 1e-9
        if inside and min(box[2], box[3]) >= 0.55:
            made.append(way._replace(left=max(box[0], 0.0), top=max(box[1], 0.0), width=box[2], height=box[3]))
    return made


def _extend(
    here: Footage, there: Footage, at_s: float, offset_s: float, speed: float, way: Way, reach_s: float
) -> tuple[int, int] | None:
    """Follow a passage to both sides while its frames agree; rows, half-open."""
    low, high = np.searchsorted(here.time_s, [at_s - min(reach_s, 1e9), at_s + min(reach_s, 1e9)])
    begin_s, end_s = (
        (edge - at_s - offset_s) / speed + at_s for edge in (float(there.time_s[0]), float(there.time_s[-1]))
    )
    frame_s = float(np.median(np.diff(here.time_s)))
    low = max(int(low), int(np.searchsorted(here.time_s, begin_s - frame_s / 2)))
    high = min(int(high), int(np.searchsorted(here.time_s, end_s + frame_s / 2)))
    if high - low < 4:
        return None
    centre = int(np.clip(np.searchsorted(here.time_s, at_s), low, high - 1))
    lost = max(round(LOST_S / frame_s), 2)

    def walk(rows: NDArray[np.int64]) -> int:
        """How many of these rows, in their order, belong to the passage."""
        kept = 0
        for part in range(0, len(rows), 512):
            piece = rows[part : part + 512]
            near = _agree(here, there, piece, _counterparts(here, there, piece, at_s, offset_s, speed), way) >= FOLLOWED
            for place, good in enumerate(near.tolist()):
                if good:
                    kept = part + place + 1
                elif part + place + 1 - kept > lost:
                    return kept
        return kept

    forward, backward = walk(np.arange(centre, high)), walk(np.arange(centre - 1, low - 1, -1))
    if forward + backward < 4:
        return None
    return centre - backward, centre + forward


def _judge(
    here: Footage, there: Footage, rows: NDArray[np.int64], others: NDArray[np.int64], way: Way
) -> tuple[float, float, bool, bool]:
    """Mean correlation of frames, correlation of what changes in them, whether much does, whether hardly anything."""
    if len(rows) > 1500:
        kept = np.linspace(0, len(rows) - 1, 1500).astype(np.int64)
        rows, others = rows[kept], others[kept]
    ours, theirs = _laid(here, there, rows, others, way)
    near = (_unit(ours) * _unit(theirs)).sum(1)
    good = near >= FOLLOWED
    if good.mean() < AGREEING:
        return float(near.mean()), float("nan"), False, True
    likeness = float(near[good].mean())
    # what changes from one moment to one a third of a second later; exposure and contrast taken out
    a, b = (one - one.mean(1, keepdims=True) for one in (ours, theirs))
    step = max(1, round(CHANGE_S / max(float(np.median(np.diff(here.time_s[rows]))), 1e-3)))
    if len(a) <= step:
        return likeness, float("nan"), False, True
    both = good[step:] & good[:-step]
    a, b = (a[step:] - a[:-step])[both], (b[step:] - b[:-step])[both]
    if not len(a):
        return likeness, float("nan"), False, True
    stirs = [float(np.sqrt(np.square(one).mean())) for one in (a, b)]
    still = max(stirs) < STIRRING[0] or min(stirs) == 0.0
    change = float((a * b).mean() / (stirs[0] * stirs[1])) if min(stirs) > 0 else float("nan")
    return likeness, change, min(stirs) >= STIRRING[1], still


def _without_overlap(found: list[Copy], new: Copy) -> list[Copy]:
    """Keep the longer of passages that lie on each other by more than half of the shorter."""
    kept = []
    for one in found:
        shared = min(one.end, new.end) - max(one.begin, new.begin)
        if shared * 2 > min(one.end - one.begin, new.end - new.begin):
            if one.end - one.begin >= new.end - new.begin:
                return found
            continue
        kept.append(one)
    return [*kept, new]


def _join(found: list[Copy], here: Footage, there: Footage) -> list[Copy]:
    """Join passages that follow each other here and there."""
    joined: list[Copy] = []
    for one in found:
        if joined:
            last = joined[-1]
            gap_s = here.time_s[one.begin] - here.time_s[last.end - 1]
            other_gap_s = there.time_s[one.other_begin] - there.time_s[last.other_end - 1]
            same = last.way.mirrored == one.way.mirrored and abs(gap_s * one.speed - other_gap_s) < OFFSET_S
            if same and gap_s <= JOINED_S:
                share = (last.end - last.begin) / (last.end - last.begin + one.end - one.begin)
                mixed = share * last.likeness + (1 - share) * one.likeness
                longer = last if share >= 0.5 else one
                joined[-1] = Copy(
                    last.begin, max(one.end, last.end), last.other_begin, max(one.other_end, last.other_end), mixed,
                    longer.change, longer.speed, longer.way,
                )  # fmt: skip
                continue
        joined.append(one)
    return joined
