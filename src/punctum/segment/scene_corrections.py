"""What a person says about scenes: read from a line of text, and put to shots.

Times are seconds from the first frame. A scene begins with a shot: a time means the shot whose beginning is nearest,
no further than `NEAR_S` away.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.errors import CorrectionUnclear
from punctum.film import Correction
from punctum.segment.corrections import NEAR_S, parse_time

SCENE_WORDS = ("scene", "no scene")
CREDITS_WORDS = ("credits", "no credits")


BESIDE = 2
"""Where a person says that no scene begins, none does so many shots before or after either, unless they say so."""


def is_of_scenes(correction: Correction) -> bool:
    """Whether a correction is about scenes, not shots."""
    return correction.what in (*SCENE_WORDS, *CREDITS_WORDS)


def parse_scene_correction(text: str) -> Correction | None:
    """Read ``scene TIME``, ``no scene TIME``, ``credits TIME`` or ``no credits TIME``; None for anything else.

    Raises
    ------
    CorrectionUnclear
        for a time that is none, or a word too many

    Examples
    --------
    >>> parse_scene_correction("no scene 1:02").what, parse_scene_correction("cut 1:02")
    ('no scene', None)
    """
    words = text.lower().split()
    what = " ".join(words[:2]) if words[:1] == ["no"] else words[0] if words else ""
    if what not in (*SCENE_WORDS, *CREDITS_WORDS):
        return None
    rest = words[len(what.split()) :]
    if len(rest) != 1:
        raise CorrectionUnclear(f"`{what}` needs one time", f"for example: {what} 1:02")
    return Correction(what, parse_time(rest[0]))


def place_said(shots: pl.DataFrame, corrections: Sequence[Correction]) -> NDArray[np.int8]:
    """Put corrections to the shots they mean; later ones win.

    Parameters
    ----------
    shots : pl.DataFrame
        columns of ``tables.SHOTS``
    corrections : sequence of Correction
        of scenes, in the order in which they were said

    Returns
    -------
    said : np.ndarray [shape=(n,), dtype=int8]
        1 where a person said that a scene begins with the shot, -1 where not, 0 where nothing was said

    Raises
    ------
    CorrectionUnclear
        where no shot begins near the time
    """
    said = np.zeros(shots.height, np.int8)
    for correction in corrections:
        if correction.what in CREDITS_WORDS:
            _check_inside(shots, correction)
            continue
        shot = _meant(shots, correction)
        if correction.what == "scene":
            said[shot] = 1
        else:
            # what speaks for a boundary here would else name the shot beside it
            around = said[max(shot - BESIDE, 1) : shot + BESIDE + 1]
            around[around == 0] = -1
            said[shot] = -1
    return said


def check_said(shots: pl.DataFrame, scenes: pl.DataFrame, correction: Correction) -> None:
    """See to it that a correction acts on something.

    Raises
    ------
    CorrectionUnclear
        where no shot begins near the time, or there is no scene or no credits that could be taken away
    """
    place_said(shots, [correction])
    if correction.what == "no scene":
        begins = (pl.col("start_s") - correction.at_s).abs() <= NEAR_S
        if not scenes.filter(begins & (pl.col("scene") > 0)).height:
            raise CorrectionUnclear(
                f"no scene begins within {NEAR_S:g} s of {correction.at_s:g} s", "`punctum scenes` lists them"
            )
    held = (pl.col("start_s") <= correction.at_s + 1e-6) & (pl.col("end_s") > correction.at_s)
    if correction.what == "no credits" and not scenes.filter(held & pl.col("kind").is_in(["titles", "credits"])).height:
        raise CorrectionUnclear(
            f"there are neither titles nor credits at {correction.at_s:g} s", "`punctum scenes` lists them"
        )


def sift_said(shots: pl.DataFrame, corrections: Sequence[Correction]) -> tuple[list[Correction], list[Correction]]:
    """Part corrections of scenes into those that mean some shot and those that mean none."""
    used: list[Correction] = []
    unused: list[Correction] = []
    for correction in corrections:
        try:
            place_said(shots, [correction])
            used.append(correction)
        except CorrectionUnclear:
            unused.append(correction)
    return used, unused


def _check_inside(shots: pl.DataFrame, correction: Correction) -> None:
    if not shots.height or not 0 < correction.at_s < float(shots["end_s"][-1]):
        raise CorrectionUnclear(f"{correction.at_s:g} s lies outside the film", "name a time within it")


def _meant(shots: pl.DataFrame, correction: Correction) -> int:
    starts = shots["start_s"].to_numpy()
    at_s = correction.at_s
    if not len(starts) or at_s > float(shots["end_s"][-1]) + NEAR_S:
        raise CorrectionUnclear(f"{at_s:g} s lies outside the film", "name an earlier time")
    nearest = int(np.abs(starts - at_s).argmin())
    if abs(float(starts[nearest]) - at_s) > NEAR_S:
        raise CorrectionUnclear(
            f"no shot begins within {NEAR_S:g} s of {at_s:g} s, and a scene begins with a shot",
            f'`punctum shots` lists them; "cut {at_s:g}" places one',
        )
    if nearest == 0:
        raise CorrectionUnclear(f"{at_s:g} s is where the film's first scene begins, in any case", "name a later time")
    return nearest
