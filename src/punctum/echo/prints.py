"""Two files of one film: how the times of one lie in the other, what one lacks, what part of the picture it shows.

Conventions: of each file its frames' times (seconds from its first frame) and its ``grid``'s lightness (L as a byte,
144 cells, bars left out). Frames are alike by the correlation of lightness over what both show, so that neither
brightness, contrast nor colour counts. The map of times is piecewise linear, ``new = rate * old + offset``, with one
rate for all pieces; a print's speed is one over its rate. Of two prints either may be called the old one.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from punctum.film import GRID_COLUMNS, GRID_ROWS

Part = tuple[float, float, float, float]
Floats = NDArray[np.float32]
Times = NDArray[np.float64]

STEP_S = 0.5
"""Both files are compared at steps of this first, then frame by frame where it matters."""

SPEEDS = {
    "25/24": 25 / 24, "24/25": 24 / 25, "1001/960": 1001 / 960, "960/1001": 960 / 1001,
    "1001/1000": 1.001, "1000/1001": 1 / 1.001,
}  # fmt: skip
"""Speeds in use: film at 24 frames a second, or 24000/1001, shown at 25, and back; at 24000/1001 instead of 24."""

RATES = np.round(np.arange(0.9, 1.1001, 0.001), 4)
ALIKE = 0.85
"""From this correlation on two frames count as alike; set by hand, its errors have not been counted."""

LEAST_SPREAD = 3.0
"""Codes: a flatter frame says nothing."""

OFFSETS = 40
"""So many pieces at most; a film cut shorter for television has a few dozen."""

LEAST_PIECE_S = 2.0
LEAST_SHARE = 0.3
"""Two files are of one film where so much of the shorter one is found in the other."""

_WINDOW_S, _BIN_S = 60.0, 0.5
_CHANGE = 3.0
"""What a change of piece costs, in steps that are alike."""

_EDGE_S = 3.0
_LOOKED_AT = 300
_CUTS, _LEAST_CUTS, _LEAST_FIT_S = 120, 4, 10.0
_SLACKS_S = (0.8, 0.3, 0.1, 0.06)
"""Of a piece so many of the clearest cuts are sought in the other print, so near; closer from turn to turn."""


class Print(NamedTuple):
    """A file as it is aligned: ``time_s`` float64 (n,), ``lightness`` uint8 (n, 144), picture's width over height."""

    time_s: Times
    lightness: NDArray[np.uint8]
    aspect: float


class Piece(NamedTuple):
    """A stretch that both have: from ``old_start_s`` to ``old_end_s``, ``new_start_s`` to ``new_end_s``."""

    old_start_s: float
    old_end_s: float
    new_start_s: float
    new_end_s: float


class Alignment(NamedTuple):
    """How two prints lie to one another.

    ``speed``: the new one's over the old one's, 1.0417 for 24 frames a second played at 25. ``likeness``: median
    correlation of frames that answer each other. ``share``: how much of the shorter one is in the other.
    ``old_part`` and ``new_part``: what both show, of the old and of the new picture (left, top, width, height).
    """

    speed: float
    pieces: tuple[Piece, ...]
    likeness: float
    share: float
    old_part: Part
    new_part: Part

    def to_new(self, old_s: float, slack_s: float = 0.0) -> float | None:
        """Give a time of the old print in the new one; None where that has no counterpart.

        A time within ``slack_s`` of a piece takes the piece's edge.
        """
        inside = [piece for piece in self.pieces if piece.old_start_s <= old_s <= piece.old_end_s]
        if inside:
            return inside[-1].new_start_s + (old_s - inside[-1].old_start_s) / self.speed
        near = [(abs(old_s - edge[0]), edge[1]) for piece in self.pieces for edge in (piece[::2], piece[1::2])]
        apart, edge_s = min(near, default=(np.inf, 0.0))
        return float(edge_s) if apart <= slack_s else None


def align_prints(old: Print, new: Print) -> Alignment | None:
    """Lay two prints of a film side by side.

    Returns
    -------
    Alignment or None
        None where they are not of one film: less than `LEAST_SHARE` of the shorter one is in the other
    """
    at_old, at_new = _steps(old.time_s), _steps(new.time_s)
    if min(at_old.size, at_new.size) < 2 * LEAST_PIECE_S / STEP_S:
        return None
    parts, ours, theirs, votes = _fit_picture(old, new, at_old, at_new)
    if len(votes) < LEAST_PIECE_S / STEP_S:
        return None
    times, others = old.time_s[at_old[votes[:, 0]]], new.time_s[at_new[votes[:, 1]]]
    rate = _find_rate(times, others)
    offsets = _find_offsets(others - rate * times)
    path = _follow(ours, theirs, old.time_s[at_old], new.time_s[at_new], rate, offsets)
    rough = _runs(path, old.time_s[at_old], rate, offsets)
    if not rough:
        return None
    fine_old, fine_new = _unit(_shown(old.lightness, parts[0])), _unit(_shown(new.lightness, parts[1]))
    rate, rough = _choose(old.time_s, fine_old, new.time_s, fine_new, rough, rate)
    rate, rough = _refine(old, new, rough, rate)
    pieces = _settle_edges(old.time_s, fine_old, new.time_s, fine_new, rough, rate)
    if not pieces:
        return None
    length_old, length_new = (float(one.time_s[-1] - one.time_s[0]) for one in (old, new))
    found = sum(piece.old_end_s - piece.old_start_s for piece in pieces)
    share = min(1.0, found / max(min(length_old, length_new / rate), STEP_S))
    likeness = _likeness(old.time_s, fine_old, new.time_s, fine_new, pieces, rate)
    if share < LEAST_SHARE or likeness < ALIKE:
        return None
    return Alignment(1 / rate, tuple(pieces), likeness, share, *parts)


def _steps(time_s: Times) -> NDArray[np.int64]:
    """Frames at steps of `STEP_S`."""
    wanted = np.arange(time_s[0], time_s[-1] + 1e-9, STEP_S) if time_s.size else np.zeros(0)
    return np.unique(np.searchsorted(time_s, wanted - 1e-9))


def _fit_picture(
    old: Print, new: Print, at_old: NDArray[np.int64], at_new: NDArray[np.int64]
) -> tuple[tuple[Part, Part], Floats, Floats, NDArray[np.int64]]:
    """Find what part of the picture both show; gives the parts, both as unit vectors, and which steps are alike."""
    best = None
    for parts in _guesses(old.aspect, new.aspect):
        ours = _unit(_shown(old.lightness[at_old], parts[0]))
        theirs = _unit(_shown(new.lightness[at_new], parts[1]))
        few = np.flatnonzero(ours.any(1))[:: max(1, len(ours) // 400)]
        alike = (ours[few] @ theirs.T).max(1) if few.size else np.zeros(1)
        score = float(np.sort(alike)[len(alike) // 4 :].mean())
        if best is None or score > best[0] + 0.005:
            best = score, parts, ours, theirs
    assert best is not None
    _, parts, ours, theirs = best
    return parts, ours, theirs, _vote(ours, theirs)


def _guesses(old_aspect: float, new_aspect: float) -> list[tuple[Part, Part]]:
    """What both may show: everything, or the middle of one whose picture is wider or higher than the other's."""
    whole: Part = (0.0, 0.0, 1.0, 1.0)
    share = new_aspect / old_aspect
    guesses = [(whole, whole)]
    if abs(share - 1) > 0.02:
        narrow = min(share, 1 / share)
        sides: Part = ((1 - narrow) / 2, 0.0, narrow, 1.0)
        bands: Part = (0.0, (1 - narrow) / 2, 1.0, narrow)
        # the narrower one lacks the sides of the other, or the wider one lacks bands above and below
        guesses += [(sides, whole), (whole, bands)] if share < 1 else [(bands, whole), (whole, sides)]
    return guesses


def _shown(lightness: NDArray[np.uint8], part: Part) -> Floats:
    """A part of each picture, as 144 cells again."""
    if part == (0.0, 0.0, 1.0, 1.0):
        return lightness.astype(np.float32)
    left, top, wide, high = part
    # the middle of cell i of the part lies at left + (i + 1/2) * wide of the whole
    turn = np.array([[wide, 0, left * GRID_COLUMNS + (wide - 1) / 2], [0, high, top * GRID_ROWS + (high - 1) / 2]])
    made = [
        cv2.warpAffine(
            np.ascontiguousarray(picture.reshape(GRID_ROWS, GRID_COLUMNS)), turn, (GRID_COLUMNS, GRID_ROWS),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
        ).ravel()
        for picture in lightness
    ]  # fmt: skip
    return np.array(made, np.float32).reshape(-1, GRID_ROWS * GRID_COLUMNS)


def _unit(cells: Floats) -> Floats:
    """Lightness as unit vectors without their mean; flat frames as zeros."""
    apart = cells - cells.mean(1, keepdims=True)
    spread = apart.std(1)
    length = np.sqrt(np.square(apart).sum(1, keepdims=True))
    return np.where((spread >= LEAST_SPREAD)[:, None], apart / np.maximum(length, 1e-6), 0).astype(np.float32)


def _vote(ours: Floats, theirs: Floats) -> NDArray[np.int64]:
    """Pairs of steps that are alike, int64 (m, 2): of each of ours the likeliest, where few others are as like."""
    pairs = []
    for low in range(0, len(ours), 1024):
        like = ours[low : low + 1024] @ theirs.T
        best = like.argmax(1)
        top = like[np.arange(len(like)), best]
        # a held shot is like itself for long, and says little of where it lies
        crowd = (like >= top[:, None] - 0.01).sum(1)
        good = np.flatnonzero((top >= ALIKE) & (crowd <= 20))
        pairs.append(np.column_stack((good + low, best[good])))
    return np.concatenate(pairs)


def _find_rate(times: Times, others: Times) -> float:
    """The rate at which most steps agree on an offset, window by window; of those as good, one in use, or the least."""
    window = (times / _WINDOW_S).astype(np.int64)
    in_use = [1.0, *(1 / speed for speed in SPEEDS.values())]
    scores = {}
    for rate in (*in_use, *RATES.tolist()):
        offset = np.rint((others - rate * times) / _BIN_S).astype(np.int64)
        cells, counts = np.unique(np.column_stack((window, offset)), axis=0, return_counts=True)
        most = np.zeros(window.max() + 1)
        np.maximum.at(most, cells[:, 0], counts)
        whole = np.sort(np.unique(offset, return_counts=True)[1])[-8:]
        scores[rate] = float(most.sum()) + 0.5 * float(whole.sum())
    best = max(scores.values())
    good = [rate for rate in scores if scores[rate] >= 0.97 * best]
    usual = [rate for rate in in_use if rate in good]
    return float(max(usual or good, key=lambda rate: scores[rate]))


def _find_offsets(residuals: Times) -> Times:
    """Offsets that several steps agree on, the most agreed on first."""
    bins = np.rint(residuals / _BIN_S).astype(np.int64)
    low = int(bins.min())
    counts = np.bincount(bins - low).astype(np.float64)
    summed = np.convolve(counts, [1, 1, 1], "same")
    found: list[float] = []
    while len(found) < OFFSETS:
        top = int(summed.argmax())
        if summed[top] < LEAST_PIECE_S / STEP_S:
            break
        near = np.abs(bins - low - top) <= 1
        found.append(float(np.median(residuals[near])))
        summed[max(0, top - 2) : top + 3] = 0
    return np.array(found)


def _follow(
    ours: Floats, theirs: Floats, times: Times, others: Times, rate: float, offsets: Times
) -> NDArray[np.int64]:
    """Which offset holds at each step of ours, -1 for none: the best path (Viterbi)."""
    likes = np.full((len(offsets) + 1, len(times)), 0.0)
    for row, offset in enumerate(offsets):
        wanted = rate * times + offset
        at = np.clip(np.searchsorted(others, wanted), 1, max(len(others) - 1, 1))
        near = np.where(np.abs(others[at - 1] - wanted) <= np.abs(others[at] - wanted), at - 1, at)
        around = np.clip(near[:, None] + np.arange(-1, 2), 0, len(others) - 1)
        like = np.einsum("nd,nkd->nk", ours, theirs[around]).max(1)
        flat = ~ours.any(1)
        gain = np.clip((like - ALIKE) / (1 - ALIKE), -1, 1)
        outside = (wanted < others[0] - STEP_S) | (wanted > others[-1] + STEP_S)
        likes[row] = np.where(outside, -2.0, np.where(flat, 0.05, gain))
    came = np.zeros(likes.shape, np.int64)
    score = likes[:, 0].copy()
    for step in range(1, len(times)):
        top = int(score.argmax())
        stay = score >= score[top] - _CHANGE
        came[:, step] = np.where(stay, np.arange(len(score)), top)
        score = np.where(stay, score, score[top] - _CHANGE) + likes[:, step]
    path = np.empty(len(times), np.int64)
    path[-1] = int(score.argmax())
    for step in range(len(times) - 1, 0, -1):
        path[step - 1] = came[path[step], step]
    return np.where(path == len(offsets), -1, path)


def _runs(path: NDArray[np.int64], times: Times, rate: float, offsets: Times) -> list[tuple[float, float, float]]:
    """Stretches of one offset: where each begins and ends in the old print, and its offset."""
    edges = np.flatnonzero(np.diff(path)) + 1
    found = []
    for low, high in zip((0, *edges.tolist()), (*edges.tolist(), len(path)), strict=True):
        if path[low] >= 0 and times[high - 1] - times[low] >= LEAST_PIECE_S:
            found.append((float(times[low]), float(times[high - 1]), float(offsets[path[low]])))
    # in the film's order: a piece that lies before the one before it is a repetition
    kept: list[tuple[float, float, float]] = []
    for start_s, end_s, offset in found:
        if not kept or rate * end_s + offset > rate * kept[-1][1] + kept[-1][2]:
            kept.append((start_s, end_s, offset))
    return kept


def _choose(
    times: Times, ours: Floats, others: Times, theirs: Floats, rough: list[tuple[float, float, float]], rate: float
) -> tuple[float, list[tuple[float, float, float]]]:
    """Set each piece's offset to a few frames, and of the rates in use take the one that makes frames most alike.

    Cuts fix the rate of a film; a short piece may have none, and is then told by what moves in it.
    """
    best: tuple[float, float, list[tuple[float, float, float]]] | None = None
    for guess in dict.fromkeys((1.0, rate, *(1 / speed for speed in SPEEDS.values()))):
        if guess != rate and abs(guess - rate) * max(end_s - start_s for start_s, end_s, _ in rough) > 1.5:
            continue
        total, moved = 0.0, []
        for start_s, end_s, offset in rough:
            frames = np.arange(*np.searchsorted(times, (start_s, end_s)))
            frames = frames[:: max(1, frames.size // _LOOKED_AT)]
            turned = offset + (rate - guess) * (start_s + end_s) / 2
            tries = turned + np.arange(-15, 16) * 0.04
            likes = [_mean(_likes(times, ours, others, theirs, frames, guess, one)) for one in tries]
            total += max(likes) * (end_s - start_s)
            moved.append((start_s, end_s, float(tries[int(np.argmax(likes))])))
        total /= sum(end_s - start_s for start_s, end_s, _ in rough)
        if best is None or total > best[0] + 0.001:
            best = total, guess, moved
    assert best is not None
    return best[1], best[2]


def _mean(likes: NDArray[np.float64]) -> float:
    """Mean likeness of what can be told; frames outside the other print do not count: rough edges are off."""
    known = likes[~np.isnan(likes) & (likes > -1)]
    return float(known.mean()) if known.size > likes.size // 2 else 0.0


def _refine(
    old: Print, new: Print, rough: list[tuple[float, float, float]], rate: float
) -> tuple[float, list[tuple[float, float, float]]]:
    """Fit rate and offsets to the cuts that both have, to the frame."""
    ours, theirs = _jumps(old), _jumps(new)
    found: list[tuple[int, float, float]] = []
    for row, (start_s, end_s, offset) in enumerate(rough):
        here = np.flatnonzero((old.time_s >= start_s) & (old.time_s <= end_s) & (ours > 0))
        for at in here[np.argsort(-ours[here], kind="stable")[:_CUTS]].tolist():
            wanted = rate * old.time_s[at] + offset
            low, high = np.searchsorted(new.time_s, (wanted - _SLACKS_S[0], wanted + _SLACKS_S[0]))
            if high > low and theirs[low:high].max() > 0.4 * ours[at]:
                found.append((row, float(old.time_s[at]), float(new.time_s[low + int(theirs[low:high].argmax())])))
    offsets = {row: offset for row, (_, _, offset) in enumerate(rough)}
    for slack_s in _SLACKS_S:
        groups = []
        for row in sorted({row for row, _, _ in found}):
            times, others = np.array([(time, other) for at, time, other in found if at == row]).T
            misses = others - rate * times - offsets[row]
            good = np.abs(misses - np.median(misses)) <= slack_s
            offsets[row] += float(np.median(misses[good]))
            groups.append((row, times[good], others[good]))
        if sum(times.size for _, times, _ in groups) < _LEAST_CUTS:
            continue
        # one slope for all pieces, each about its own middle
        across = np.concatenate([times - times.mean() for _, times, _ in groups])
        if across.max() - across.min() < _LEAST_FIT_S:
            continue
        turned = float(across @ np.concatenate([others - others.mean() for _, _, others in groups]) / (across @ across))
        middles = {row: float(times.mean()) for row, times, _ in groups}
        for row, (start_s, end_s, _) in enumerate(rough):  # pieces without a cut turn about their middles
            offsets[row] += (rate - turned) * middles.get(row, (start_s + end_s) / 2)
        rate = turned
    return rate, [(start_s, end_s, offsets[row]) for row, (start_s, end_s, _) in enumerate(rough)]


def _jumps(one: Print) -> Floats:
    """How much each frame departs from the one before: 1 less their correlation, at the edges of shots."""
    cells = _unit(one.lightness.astype(np.float32))
    jump = np.zeros(len(cells), np.float32)
    jump[1:] = 1 - np.einsum("nd,nd->n", cells[1:], cells[:-1])
    jump[1:][~(cells[1:].any(1) & cells[:-1].any(1))] = 0
    before, after = np.roll(jump, 1), np.roll(jump, -1)
    return np.where((jump > 0.1) & (jump >= before) & (jump > after), jump, 0).astype(np.float32)


def _likes(
    times: Times, ours: Floats, others: Times, theirs: Floats, frames: NDArray[np.int64], rate: float, offset: float
) -> NDArray[np.float64]:
    """How alike some of the old frames are to the new ones at their times; NaN for flat ones, -1 outside."""
    wanted = rate * times[frames] + offset
    at = np.clip(np.searchsorted(others, wanted), 1, max(len(others) - 1, 1))
    near = np.where(np.abs(others[at - 1] - wanted) <= np.abs(others[at] - wanted), at - 1, at)
    like = np.einsum("nd,nd->n", ours[frames], theirs[near]).astype(np.float64)
    like[~ours[frames].any(1) & ~theirs[near].any(1)] = np.nan
    step = float(np.median(np.diff(others))) if len(others) > 1 else STEP_S
    like[(wanted < others[0] - step) | (wanted > others[-1] + step)] = -1
    return np.asarray(like, np.float64)


def _settle_edges(
    times: Times, ours: Floats, others: Times, theirs: Floats, rough: list[tuple[float, float, float]], rate: float
) -> list[Piece]:
    """Set each piece's edges to the frame: where frames cease to be alike."""

    def gains(low_s: float, high_s: float, offset: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        frames = np.arange(*np.searchsorted(times, (low_s, high_s + 1e-6)))
        like = _likes(times, ours, others, theirs, frames, rate, offset)
        return frames, np.asarray(np.where(np.isnan(like), 0.01, like - ALIKE), np.float64)

    pieces: list[Piece] = []
    for row, (start_s, end_s, offset) in enumerate(rough):
        before_s = rough[row - 1][1] if row else times[0]
        after_s = rough[row + 1][0] if row + 1 < len(rough) else times[-1]
        middle_s = (start_s + end_s) / 2
        frames, gain = gains(max(before_s - _EDGE_S, start_s - 4 * _EDGE_S, times[0]), middle_s, offset)
        first = frames[int(np.argmax(np.cumsum(gain[::-1])[::-1]))] if frames.size else 0
        frames, gain = gains(middle_s, min(after_s + _EDGE_S, end_s + 4 * _EDGE_S), offset)
        last = frames[int(np.argmax(np.cumsum(gain)))] if frames.size else len(times) - 1
        end = float(times[last + 1]) if last + 1 < len(times) else float(times[-1])
        begin = float(times[first])
        if pieces:
            # neither print shows a moment twice
            begin = max(begin, pieces[-1].old_end_s, (pieces[-1].new_end_s - offset) / rate)
        if end - begin >= LEAST_PIECE_S / 2:
            pieces.append(Piece(begin, end, rate * begin + offset, rate * end + offset))
    return pieces


def _likeness(times: Times, ours: Floats, others: Times, theirs: Floats, pieces: list[Piece], rate: float) -> float:
    likes = []
    for piece in pieces:
        frames = np.arange(*np.searchsorted(times, piece[:2]))[::5]
        likes.append(_likes(times, ours, others, theirs, frames, rate, piece.new_start_s - rate * piece.old_start_s))
    all_likes = np.concatenate(likes)
    known = all_likes[~np.isnan(all_likes)]
    return float(np.median(known)) if known.size else 0.0


def name_speed(speed: float) -> str:
    """Name a speed that is in use; "" where it is none, "1" where it is the same.

    Examples
    --------
    >>> name_speed(1.0418), name_speed(1.0001), name_speed(1.2)
    ('25/24', '1', '')
    """
    close = {name: abs(speed / value - 1) for name, value in {"1": 1.0, **SPEEDS}.items()}
    name = min(close, key=lambda one: close[one])
    return name if close[name] < 0.0005 else ""


def tell_difference(found: Alignment, old: Print, new: Print) -> list[str]:
    """Say in words how the new print differs from the old one: speed, what it lacks and adds, its picture.

    Returns
    -------
    list of str
        a sentence each; empty where they do not differ
    """
    told = []
    name = name_speed(found.speed)
    if name != "1":
        faster = "faster" if found.speed > 1 else "slower"
        known = f" ({name})" if name else ""
        told.append(f"the new print runs {abs(found.speed - 1):.1%} {faster}{known}")
    step_s = 0.5
    for word, lack in (("lacks", _gaps(found, 0, old)), ("adds", _gaps(found, 2, new))):
        spans = [f"{_clock(low)} to {_clock(high)}" for low, high in lack if high - low >= step_s]
        if spans:
            told.append(f"the new print {word} {', '.join(spans[:10])}" + (" and more" if len(spans) > 10 else ""))
    for which, part in (("new", found.old_part), ("old", found.new_part)):
        if part != (0.0, 0.0, 1.0, 1.0):
            share, axis = (part[2], "width") if part[2] < 1 else (part[3], "height")
            told.append(f"the {which} print shows {share:.0%} of the other picture's {axis}")
    return told


def _gaps(found: Alignment, first: int, one: Print) -> list[tuple[float, float]]:
    """What of a print lies between the pieces; ``first`` is 0 for the old one, 2 for the new one."""
    edges = [(piece[first], piece[first + 1]) for piece in found.pieces]
    ends = (float(one.time_s[0]), *(high for _, high in edges))
    starts = (*(low for low, _ in edges), float(one.time_s[-1]))
    return [(low, high) for low, high in zip(ends, starts, strict=True) if high > low]


def _clock(time_s: float) -> str:
    hours, rest = divmod(round(time_s * 10), 36000)
    return f"{hours}:{rest // 600:02}:{rest % 600 / 10:04.1f}"
