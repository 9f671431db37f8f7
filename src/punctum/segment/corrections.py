"""What a person says about boundaries: read from a line of text, and applied to those that were found.

Times are seconds from the first frame. A person's word wins and stays: said twice it changes nothing more. A
boundary is meant by a time that lies in its transition, or else no further than a second from it.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from punctum.errors import CorrectionUnclear
from punctum.film import Correction
from punctum.segment.boundaries import Boundary

NEAR_S = 1.0
SAME_FRAMES = 2
"""A boundary this near a cut that a person places is the same boundary."""

BOUNDARY_KINDS = ("cut", "dissolve", "fade", "wipe")
_HINT = "for example: cut 1:02.4 · merge 0:31 · move 1:02.4 1:03 · retype 1:02.4 dissolve"
_TIME = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,7}(?:[.,]\d{1,9})?)s?")


def parse_time(text: str) -> float:
    """Read a time: ``h:mm:ss.fff``, ``m:ss.f`` or plain seconds.

    Parameters
    ----------
    text : str
        digits of ASCII; a comma may stand for the point

    Returns
    -------
    float
        seconds

    Raises
    ------
    CorrectionUnclear
        for anything else, and for 60 or more seconds or minutes behind a colon

    Examples
    --------
    >>> parse_time("1:02.4"), parse_time("1:00:00"), parse_time("62.4")
    (62.4, 3600.0, 62.4)
    """
    match = _TIME.fullmatch(text) if text.isascii() else None
    if match is None:
        raise CorrectionUnclear(f"`{_shown(text)}` is no time", "write 1:02.4, 1:02:03.5 or plain seconds such as 62.4")
    hours, minutes, seconds = match.group(1), match.group(2), float(match.group(3).replace(",", "."))
    if (minutes is not None and seconds >= 60.0) or (hours is not None and int(minutes) >= 60):
        raise CorrectionUnclear(f"`{text}` is no time: minutes and seconds end at 59", "write 1:02.4 or plain seconds")
    return round(int(hours or 0) * 3600.0 + int(minutes or 0) * 60.0 + seconds, 6)


def parse_correction(text: str) -> Correction:
    """Read one correction.

    Parameters
    ----------
    text : str
        ``cut TIME``, ``merge TIME``, ``move TIME TIME`` or ``retype TIME KIND``

    Raises
    ------
    CorrectionUnclear
        where it is none of these; the hint shows how they are written

    Examples
    --------
    >>> parse_correction("retype 1:02.4 dissolve")
    Correction(what='retype', at_s=62.4, to_s=None, kind='dissolve', note_id='', name=None, place=None, to_place=None)
    """
    words = text.split()
    if not words:
        raise CorrectionUnclear("the correction is empty", _HINT)
    what, rest = words[0].lower(), words[1:]
    wanted = {"cut": 1, "merge": 1, "move": 2, "retype": 2}
    if what not in wanted:
        raise CorrectionUnclear(f"`{_shown(words[0])}` is no correction", _HINT)
    if len(rest) != wanted[what]:
        needs = {"cut": "one time", "merge": "one time", "move": "two times", "retype": "a time and a kind"}[what]
        raise CorrectionUnclear(f"`{what}` needs {needs}", _HINT)
    at_s = parse_time(rest[0])
    if what == "move":
        return Correction("move", at_s, to_s=parse_time(rest[1]))
    if what == "retype":
        kind = rest[1].lower()
        if kind not in BOUNDARY_KINDS:
            raise CorrectionUnclear(
                f"`{_shown(rest[1])}` is no kind of boundary", "kinds are cut, dissolve, fade and wipe"
            )
        return Correction("retype", at_s, kind=kind)
    return Correction(what, at_s)


def _shown(text: str) -> str:
    """A piece of what was typed, short and printable."""
    plain = "".join(c if c.isprintable() else "?" for c in text)
    return plain if len(plain) <= 40 else plain[:39] + "…"


def apply_corrections(
    boundaries: Sequence[Boundary],
    corrections: Sequence[Correction],
    times: NDArray[np.float64],
    numbers: NDArray[np.int64],
) -> list[Boundary]:
    """Apply what a person said, in order.

    Parameters
    ----------
    boundaries : sequence of Boundary
        in order, in rows of ``times``
    corrections : sequence of Correction
    times : np.ndarray [shape=(n,), dtype=float64]
        when each row's frame is shown, s
    numbers : np.ndarray [shape=(n,), dtype=int64]
        frame numbers of the rows

    Returns
    -------
    list of Boundary
        in order, no two at the same row

    Raises
    ------
    CorrectionUnclear
        where a time lies outside the film, at its first frame, or no boundary is near it
    """
    held = list(boundaries)
    settled: list[float] = []
    for correction in corrections:
        held = sorted(_apply(held, correction, times, numbers, settled), key=lambda b: b.at)
    return held


def sift_corrections(
    boundaries: Sequence[Boundary],
    corrections: Sequence[Correction],
    times: NDArray[np.float64],
    numbers: NDArray[np.int64],
) -> tuple[list[Correction], list[Correction]]:
    """Part corrections into those that act on something and those that do not.

    Parameters
    ----------
    boundaries, corrections, times, numbers
        as for ``apply_corrections``

    Returns
    -------
    used, unused : list of Correction
        in the same order
    """
    held = list(boundaries)
    settled: list[float] = []
    used, unused = [], []
    for correction in corrections:
        try:
            held = sorted(_apply(held, correction, times, numbers, settled), key=lambda b: b.at)
            used.append(correction)
        except CorrectionUnclear:
            unused.append(correction)
    return used, unused


def _apply(
    held: list[Boundary],
    correction: Correction,
    times: NDArray[np.float64],
    numbers: NDArray[np.int64],
    settled: list[float],
) -> list[Boundary]:
    """Apply one correction; ``settled`` holds the times at which a person has already taken a boundary away."""
    what, at_s = correction.what, correction.at_s
    row = _row(at_s, times)
    if what == "cut":
        _check_inside(row, at_s)
        # rows may be key frames, seconds apart
        low, high = np.searchsorted(numbers, [numbers[row] - SAME_FRAMES, numbers[row] + SAME_FRAMES + 1])
        kept = [b for b in held if not (low <= b.at < high or b.start <= row < b.end)]
        return [*kept, _said(row, "cut", row, row)]
    meant = _meant(held, row, at_s, times)
    if meant is None:
        again = any(abs(at_s - place) <= NEAR_S for place in settled)
        if what == "merge" and again:
            return held
        if what == "move" and again and correction.to_s is not None:
            to = _row(correction.to_s, times)
            if any(b.corrected and b.at == to for b in held):
                return held
        raise CorrectionUnclear(
            f"no boundary within {NEAR_S:g} s of {_clock(at_s)}",
            "`punctum shots` lists the boundaries; `cut` places a new one",
        )
    others = [b for b in held if b is not meant]
    if what == "merge":
        settled += [at_s, float(times[meant.at])]
        return others
    if what == "move":
        if correction.to_s is None:
            raise CorrectionUnclear("`move` needs two times", _HINT)
        to = _row(correction.to_s, times)
        _check_inside(to, correction.to_s)
        settled += [at_s, float(times[meant.at])]
        by, n = to - meant.at, len(times)
        start, end = (max(0, meant.start + by), min(n, meant.end + by)) if meant.kind != "cut" else (to, to)
        return [
            *(b for b in others if b.at != to),
            meant._replace(at=to, start=start, end=end, corrected=True, provisional=False),
        ]
    if what == "retype" and correction.kind in BOUNDARY_KINDS:
        start, end = meant.start, meant.end
        if correction.kind == "cut":
            start = end = meant.at
        elif end <= start:
            # no trace of a transition was seen: the frames on both sides of the boundary stand for it
            start, end = meant.at - 1, min(len(times), meant.at + 1)
        look = meant.look if correction.kind == meant.kind else None
        return [
            *others,
            meant._replace(
                kind=str(correction.kind), start=start, end=end, look=look, corrected=True, provisional=False
            ),
        ]
    raise CorrectionUnclear(f"`{_shown(what)}` is no correction", _HINT)


def _said(row: int, kind: str, start: int, end: int) -> Boundary:
    return Boundary(row, kind, start, end, 1.0, corrected=True)


def _row(at_s: float, times: NDArray[np.float64]) -> int:
    """Row of the frame whose time is nearest."""
    last = float(times[-1]) if len(times) else 0.0
    if not len(times) or not -1e-6 <= at_s <= last + NEAR_S:
        raise CorrectionUnclear(f"{_clock(at_s)} lies outside the film", f"its last frame is shown at {_clock(last)}")
    after = int(np.searchsorted(times, at_s))
    if after == 0:
        return 0
    if after == len(times):
        return after - 1
    return after if times[after] - at_s < at_s - times[after - 1] else after - 1


def _check_inside(row: int, at_s: float) -> None:
    if row == 0:
        raise CorrectionUnclear(
            f"{_clock(at_s)} is the film's first frame, where its first shot begins", "name a later time"
        )


def _meant(held: list[Boundary], row: int, at_s: float, times: NDArray[np.float64]) -> Boundary | None:
    """Give the boundary that a time means."""
    if not held:
        return None
    nearest = min(held, key=lambda b: (abs(float(times[b.at]) - at_s), b.at))
    if abs(float(times[nearest.at]) - at_s) <= NEAR_S:
        return nearest
    return next((b for b in held if b.start <= row < b.end), None)


def _clock(at_s: float) -> str:
    minutes, seconds = divmod(at_s, 60.0)
    return f"{int(minutes)}:{seconds:06.3f}".rstrip("0").rstrip(".")
