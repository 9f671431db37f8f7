"""Which frames are kept as larger pictures: stills for the eye, and looks for the face finder.

Conventions: a look is a pair of neighbouring frames; the second ``follows`` the first, and a pair may follow the one
before. A part's choice depends on
nothing before the part, so that it is the same wherever the reading of it began.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

LOOKS = ("off", "sparse", "dense", "every")
"""``sparse``: a pair every half second, and where the picture changes; ``dense``: beside that 12 frames a second, so
that blinks can be counted; ``every``: every frame."""

_DENSE_S = 1 / 11.9
_CUT = 9.0
"""A frame that differs this much from the last (mean over a thumb, code values) and three times more than the last did
from the one before it may be another shot's first."""

_CUT_RATIO = 3.0
_DRIFT = 20.0
"""A picture that has come to differ this much from the one last looked at is looked at again, but"""

_DRIFT_S = 0.25
"""not within this time of it."""

_CALM = 5.0
"""A half second whose picture differs by no more than this from the one last searched whole"""

_CALM_S = 0.75
"""within this time follows it: nobody came."""

_MOST_EXTRA = 2
"""Pairs in a half second of a sparse search, beside the one that is always there: strobes and fast cutting must stay
cheap. Only one of them may be for drift: where a hand-held camera drifts all the time, twice as often is enough."""


class Look(NamedTuple):
    """What a frame is kept for: as a still for the eye, to be looked at, and whether as the second of a pair."""

    still: bool
    look: bool
    follows: bool


NO_LOOK = Look(False, False, False)


class Pairs:
    """Decides frame by frame, in the order of the film."""

    def __init__(self, how: str = "off") -> None:
        self._how = how
        self._forget()
        self._part: int | None = None

    def _forget(self) -> None:
        self._thumb: NDArray[np.uint8] | None = None
        self._looked: NDArray[np.uint8] | None = None
        self._change = 0.0
        self._time_s = self._looked_s = self._whole_s = -1.0
        self._fresh = False
        self._extra = 0

    def at(self, time_s: float, part: int, due: bool, thumb: NDArray[np.uint8]) -> Look:
        """Decide about a frame; ``due`` says that it is the first of its half second."""
        if self._how == "off":
            return Look(due, False, False)
        if part != self._part:
            self._forget()
            self._part = part
        change = 0.0 if self._thumb is None else _differ(thumb, self._thumb)
        leaps = self._thumb is not None and change > _CUT and change > _CUT_RATIO * self._change
        if due:
            self._extra = 0
        calm = (
            due
            and not leaps
            and self._looked is not None
            and time_s - self._whole_s < _CALM_S
            and _differ(thumb, self._looked) <= _CALM
        )
        begins = due and not calm
        more = self._how != "sparse" or self._extra < _MOST_EXTRA
        if not due and more and self._looked is not None:
            late = self._extra == 0 and time_s - self._looked_s >= _DRIFT_S
            begins = leaps or (late and _differ(thumb, self._looked) > _DRIFT)
            self._extra += begins
        step_s = time_s - self._time_s
        follows = calm or (not begins and not leaps and (self._fresh or self._goes_on(time_s, step_s)))
        self._fresh = begins or calm
        if begins or follows:
            self._looked_s = time_s
        if begins:
            self._looked, self._whole_s = thumb, time_s
        self._thumb, self._change, self._time_s = thumb, change, time_s
        return Look(due, begins or follows, follows)

    def _goes_on(self, time_s: float, step_s: float) -> bool:
        if self._how == "every":
            return True
        return self._how == "dense" and time_s + step_s - self._looked_s > _DENSE_S + 1e-6


def _differ(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(np.mean(cv2.mean(cv2.absdiff(one, other))[:3]))
