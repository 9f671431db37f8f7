"""Subtitles against the film: cues that come too early or too late, too fast or too slow, or are another film's.

Conventions: seconds from the film's first frame. A cue at ``t`` of the subtitle's clock belongs at ``rate * t +
offset_s``. Cues and speech are drawn on one time line of steps of `STEP_S`; how well they lie on each other is the
correlation of the two, which is found for every offset at once by a Fourier transform (as ffsubsync does), for each
rate of `RATES`.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

STEP_S = 0.04

RATES = (
    1.0,
    25 / (24000 / 1001),
    (24000 / 1001) / 25,
    25 / 24,
    24 / 25,
    1001 / 1000,
    1000 / 1001,
    30 / 25,
    25 / 30,
)
"""Rates met with: a film of 24 or 23.976 frames a second shown at 25, and back; 24 for 23.976; 30 for 25."""

SCENE_S = 12.0
"""What lasts longer is a matter of scenes, not of lines."""

MOST_OFFSET_S = 600.0
"""No subtitle is out by more."""

LEAST_CUES = 10
LEAST_SPEECH_S = 15.0
"""With fewer cues, or less speech, nothing can be told."""

LEAST_SCORE = 7.5
"""From here on the subtitle is the film's: so many standard deviations over what other offsets give. Cues of another
film reach 6 at most on composed films, those of the film itself 11 and more where a fifth of the speech is missed."""

FOREIGN_SCORE = 5.5
"""Below this, with a correlation below `FOREIGN_AGREEMENT`, and with `FOREIGN_CUES` cues and `FOREIGN_SPEECH_S` of
speech at least, it is another film's."""

FOREIGN_AGREEMENT = 0.2
FOREIGN_CUES = 150
FOREIGN_SPEECH_S = 300.0

ONSET_S = 0.6
"""A cue that begins further from where speech does belongs to other words."""

NOTICEABLE_S = 0.25
"""A shift that is smaller is how subtitlers lead in, and is left."""


class Drift(NamedTuple):
    """How a subtitle lies on the film.

    ``offset_s`` and ``rate`` bring a cue to the film's time; ``score`` says by how many standard deviations this lies
    better than other offsets do; ``agreement`` is the correlation of cues and speech then, ``before`` as the cues
    stand. ``verdict`` is ``fits`` (nothing to mend), ``drifts`` (offset or rate to be mended), ``foreign`` (another
    film's) or ``unknown`` (too little to tell).
    """

    offset_s: float
    rate: float
    score: float
    agreement: float
    before: float
    verdict: str


def find_drift(cues: Sequence[tuple[float, float]], speech: Sequence[tuple[float, float]], duration_s: float) -> Drift:
    """Find where a subtitle's cues belong in the film.

    Parameters
    ----------
    cues : sequence of (start_s, end_s)
        of spoken words, in the subtitle's own time
    speech : sequence of (start_s, end_s)
        spans in which somebody speaks in the film
    duration_s : float
        the film's length

    Returns
    -------
    Drift
    """
    unknown = Drift(0.0, 1.0, 0.0, 0.0, 0.0, "unknown")
    # what lies further out is no cue of this film at any rate, and would take memory without bound
    last_s = (max(duration_s, 0.0) + MOST_OFFSET_S) * max(RATES)
    cues = [(start, end) for start, end in cues if -MOST_OFFSET_S <= start < end <= last_s]
    spoken_s = sum(max(end - start, 0.0) for start, end in speech)
    if len(cues) < LEAST_CUES or spoken_s < LEAST_SPEECH_S or duration_s <= 0:
        return unknown
    last_s = max(duration_s, max(end for _, end in cues) * max(RATES), max(end for _, end in speech))
    reach = int(min(MOST_OFFSET_S, max(duration_s, 60.0)) / STEP_S)
    # double the length, so that nothing comes round from the other end
    size = 1 << math.ceil(math.log2(last_s / STEP_S + reach + 1))
    heard = _line(speech, size)
    heard = _fine(heard)
    heard_norm = float(np.sqrt((heard**2).sum()))
    if heard_norm == 0:
        return unknown
    spectrum = np.conj(np.fft.rfft(heard))
    best: tuple[float, float, float, float] | None = None
    before = 0.0
    for rate in RATES:
        line = _fine(_line([(start * rate, end * rate) for start, end in cues], size))
        norm = float(np.sqrt((line**2).sum()))
        if norm == 0:
            continue
        match = np.fft.irfft(np.conj(np.fft.rfft(line) * spectrum), size) / (norm * heard_norm)
        window = np.concatenate([match[-reach:], match[: reach + 1]])
        if rate == 1.0:
            before = float(match[0])
        place = int(window.argmax())
        score = _score(window, place)
        if best is None or score > best[0]:
            best = (score, rate, (place - reach) * STEP_S, float(window[place]))
    if best is None:
        return unknown
    score, rate, offset_s, agreement = best
    offset_s = round(offset_s + _onsets(cues, speech, rate, offset_s), 2)
    if score >= LEAST_SCORE:
        mended = abs(offset_s) >= NOTICEABLE_S or rate != 1.0
        verdict = "drifts" if mended and agreement > before + 0.02 else "fits"
    elif (
        score < FOREIGN_SCORE
        and max(agreement, before) < FOREIGN_AGREEMENT
        and len(cues) >= FOREIGN_CUES
        and spoken_s >= FOREIGN_SPEECH_S
    ):
        verdict = "foreign"
    else:
        verdict = "unknown"
    if verdict != "drifts":
        offset_s, rate = (0.0, 1.0) if verdict == "fits" else (offset_s, rate)
    return Drift(offset_s, rate, round(score, 2), round(agreement, 3), round(before, 3), verdict)


def _onsets(
    cues: Sequence[tuple[float, float]], speech: Sequence[tuple[float, float]], rate: float, offset_s: float
) -> float:
    """Give how much later cues should begin: cues begin with the words, but linger, so that spans lie askew."""
    begins = np.sort(np.array([start for start, _ in speech], np.float64))
    starts = np.array([start for start, _ in cues], np.float64) * rate + offset_s
    after = np.clip(np.searchsorted(begins, starts), 1, max(begins.size - 1, 1))
    if begins.size < 2:
        return 0.0
    away = np.where(
        starts - begins[after - 1] < begins[after] - starts, begins[after - 1] - starts, begins[after] - starts
    )
    near = away[np.abs(away) < ONSET_S]
    return float(np.median(near)) if near.size >= LEAST_CUES // 2 else 0.0


def _line(spans: Sequence[tuple[float, float]], size: int) -> NDArray[np.float64]:
    """Draw spans on a line of steps: each step's share that they cover, 1 at most."""
    made = np.zeros(size + 1)
    for start_s, end_s in spans:
        first, last = max(start_s / STEP_S, 0.0), min(end_s / STEP_S, float(size))
        if last <= first:
            continue
        a, b = int(first), int(last)
        if a == b:
            made[a] += last - first
        else:
            made[a] += a + 1 - first
            made[a + 1 : b] += 1.0
            made[b] += last - b
    return np.minimum(made[:size], 1.0)


def _fine(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take away what is slower than a few lines: scenes with and without talk lie on each other at many offsets."""
    width = 2 * int(SCENE_S / STEP_S / 2) + 1
    sums = np.cumsum(np.concatenate([np.zeros(width // 2 + 1), line, np.zeros(width // 2)]))
    return np.asarray(line - (sums[width:] - sums[:-width]) / width)


def _score(window: NDArray[np.float64], place: int) -> float:
    """Give by how many standard deviations the best offset lies over those that are not near it."""
    near = int(SCENE_S / STEP_S)
    away = np.concatenate([window[: max(place - near, 0)], window[place + near :]])
    if away.size < 10:
        return 0.0
    spread = float(away.std())
    return float((window[place] - away.mean()) / spread) if spread > 0 else 0.0
