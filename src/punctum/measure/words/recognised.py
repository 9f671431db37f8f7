"""Speech that is to be recognised, as windows; what a recogniser heard in them, as cues.

Conventions: times are seconds from the film's first frame, spans half-open. A window is a list of pieces of the film's
sound, each around a span in which somebody is heard to speak; laid end to end, with a pause of `JOINT_S` between them,
they are what the recogniser hears. So it never hears what lies between, and cannot invent words there.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from punctum.measure.words.formats import Cue

RECOGNISER_RATE_HZ = 16000

Window = tuple[tuple[float, float], ...]
"""Pieces of the film's sound, ascending and apart: (start_s, end_s)."""

WINDOW_S = 28.0
"""A window with its joints; Whisper hears 30 s at a time (Radford et al. 2022)."""

MARGIN_S = 0.25
"""Around a span: first and last sounds of words are soft."""

JOINT_S = 0.5
LEAST_CUT_S = 14.0
_STEP_S = 0.02

MOST_COMPRESSION = 2.4
MOST_NO_SPEECH = 0.6
LEAST_LOG_PROBABILITY = -1.0
"""Whisper's own marks of a failed window: its text repeats itself, it takes it for no speech, it is unsure of it. Its
authors ask for the last two together; here each by itself leaves a text out."""

PAUSE_S = 1.0
LINE_S = 7.0
LINE_CHARACTERS = 84
"""A line of a subtitle: two rows of 42 characters, seven seconds (Netflix's and the BBC's guides to subtitles)."""

_TITLES = ("Mr.", "Mrs.", "Ms.", "Dr.", "St.")
_ENDS = (".", "?", "!", "…", "。", "？", "！")


class Said(NamedTuple):
    """A word as it was heard: span within its window, text with the space before it, how sure the recogniser is."""

    start_s: float
    end_s: float
    text: str
    probability: float


class Passage(NamedTuple):
    """What a recogniser gives in one go: its words, and its own marks of failure (see `LEAST_LOG_PROBABILITY`)."""

    words: tuple[Said, ...]
    log_probability: float
    no_speech: float
    compression: float


Recogniser = Callable[[NDArray[np.float32]], Sequence[Passage]]
"""Mono sound at 16 kHz, 30 s at most, to passages."""


def find_windows(
    speech: Sequence[tuple[float, float]], steps: NDArray[np.int64], certainty: NDArray[np.float64], duration_s: float
) -> list[Window]:
    """Gather the spans in which somebody speaks into windows.

    Parameters
    ----------
    speech : sequence of (start_s, end_s)
        ascending
    steps : np.ndarray [shape=(n,), dtype=int64]
        numbers of the 20 ms steps that were listened to, ascending
    certainty : np.ndarray [shape=(n,), dtype=float64]
        how surely speech is heard in them, 0 to 1: long spans are cut where it is least
    duration_s : float
        the film's length

    Returns
    -------
    list of tuple of (start_s, end_s)
        each `WINDOW_S` long at most, joints included

    Examples
    --------
    >>> find_windows([(1.0, 2.0), (2.3, 4.0), (60.0, 61.0)], np.zeros(0, np.int64), np.zeros(0), 90.0)
    [((0.75, 4.25), (59.75, 61.25))]
    """
    pieces: list[tuple[float, float]] = []
    for start_s, end_s in speech:
        low, high = max(start_s - MARGIN_S, 0.0), min(end_s + MARGIN_S, duration_s)
        if pieces and low <= pieces[-1][1]:
            pieces[-1] = (pieces[-1][0], max(pieces[-1][1], high))
        elif high > low:
            pieces.append((low, high))
    windows: list[Window] = []
    held: list[tuple[float, float]] = []
    lasting_s = 0.0
    for whole in pieces:
        for piece in _cut(whole, steps, certainty):
            length_s = piece[1] - piece[0]
            if held and lasting_s + JOINT_S + length_s > WINDOW_S:
                windows.append(tuple(held))
                held, lasting_s = [], 0.0
            lasting_s += length_s + (JOINT_S if held else 0.0)
            held.append(piece)
    return [*windows, tuple(held)] if held else windows


def _cut(
    piece: tuple[float, float], steps: NDArray[np.int64], certainty: NDArray[np.float64]
) -> Iterator[tuple[float, float]]:
    """Cut a piece that is too long where speech is least certain; at its latest where nothing is known."""
    start_s, end_s = piece
    while end_s - start_s > WINDOW_S:
        low, high = np.searchsorted(steps, [(start_s + LEAST_CUT_S) / _STEP_S, (start_s + WINDOW_S) / _STEP_S])
        at_s = start_s + WINDOW_S
        if high - low > 15:
            smooth = np.convolve(certainty[low:high], np.ones(15) / 15, "valid")
            at_s = min(at_s, float(steps[low + int(smooth.argmin()) + 7]) * _STEP_S)
        yield start_s, at_s
        start_s = at_s
    yield start_s, end_s


def lay_out(pieces: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Lay the pieces of a window end to end, a pause between them; 10 ms at each end are faded.

    Parameters
    ----------
    pieces : sequence of np.ndarray [shape=(samples,), dtype=float32]
        mono, 16 kHz
    """
    pause = np.zeros(round(JOINT_S * RECOGNISER_RATE_HZ), np.float32)
    laid: list[NDArray[np.float32]] = []
    for piece in pieces:
        shape = np.minimum(np.arange(1, len(piece) + 1), np.arange(len(piece), 0, -1)) / (0.01 * RECOGNISER_RATE_HZ)
        laid += [piece * np.minimum(shape, 1.0).astype(np.float32), pause]
    return np.concatenate(laid[:-1]) if laid else np.zeros(0, np.float32)


def passages_to_cues(window: Window, passages: Sequence[Passage]) -> list[Cue]:
    """Put what was heard in a window on the film's time, as cues no longer than a subtitle's.

    A cue ends with a sentence, before a pause and where a piece of the window ends; long sentences are parted evenly.
    Passages that bear Whisper's marks of failure are left out.

    Parameters
    ----------
    window : tuple of (start_s, end_s)
    passages : sequence of Passage

    Returns
    -------
    list of Cue
        in order; their ``confidence`` is the mean probability of their words

    Examples
    --------
    >>> words = (Said(0.5, 1.0, " Who", 0.5), Said(1.0, 1.2, " is?", 1.0), Said(2.6, 3.0, " Ani.", 0.9))
    >>> [(c.start_s, c.text, c.confidence) for c in passages_to_cues(((10, 12), (50, 51)), [Passage(words, 0, 0, 1)])]
    [(10.5, 'Who is?', 0.75), (50.1, 'Ani.', 0.9)]
    """
    ends_s = np.cumsum([end_s - start_s + JOINT_S for start_s, end_s in window])
    cues: list[Cue] = []
    last_s = 0.0
    for passage in passages:
        if has_failed(passage):
            continue
        sentence: list[Said] = []
        place = -1
        for word in passage.words:
            # the piece in which it begins, or before whose joint it does
            own = min(int(np.searchsorted(ends_s, word.start_s + 1e-6, "right")), len(window) - 1)
            start_s, end_s = window[own]
            shift_s = start_s - (float(ends_s[own]) - JOINT_S - (end_s - start_s))
            begin_s = min(max(word.start_s + shift_s, start_s, last_s), end_s - _STEP_S)
            last_s = min(max(word.end_s + shift_s, begin_s + _STEP_S), end_s)
            moved = Said(begin_s, last_s, word.text, word.probability)
            if sentence and (own != place or _has_ended(sentence, moved)):
                cues += _lines(sentence)
                sentence = []
            sentence.append(moved)
            place = own
        if sentence:
            cues += _lines(sentence)
    return [cue for cue in cues if any(c.isalnum() for c in cue.text)]


def has_failed(passage: Passage) -> bool:
    """Whether a passage bears Whisper's own marks of failure."""
    return (
        passage.compression > MOST_COMPRESSION
        or passage.no_speech > MOST_NO_SPEECH
        or passage.log_probability < LEAST_LOG_PROBABILITY
    )


def _has_ended(sentence: Sequence[Said], word: Said) -> bool:
    """Whether a sentence ends before this word: by its mark, or by a pause."""
    text = "".join(said.text for said in sentence).rstrip("\"'”’)")
    marked = text.endswith(_ENDS) and text.split()[-1] not in _TITLES and word.text.startswith(" ")
    return marked or word.start_s - sentence[-1].end_s >= PAUSE_S


def _lines(sentence: Sequence[Said]) -> list[Cue]:
    """Part a sentence into lines of about one length, none longer than a subtitle's."""
    reach = np.cumsum([len(said.text) for said in sentence])
    lasting_s = sentence[-1].end_s - sentence[0].start_s
    count = max(int(np.ceil(reach[-1] / LINE_CHARACTERS)), int(np.ceil(lasting_s / LINE_S)))
    numbers = np.minimum((reach - 1) * count // reach[-1], count - 1)
    lines = [[said for said, own in zip(sentence, numbers, strict=True) if own == number] for number in range(count)]
    return [_cue_of(line) for line in lines if line]


def _cue_of(line: Sequence[Said]) -> Cue:
    text = " ".join("".join(said.text for said in line).split())
    sure = float(np.mean([said.probability for said in line]))
    return Cue(round(line[0].start_s, 3), round(line[-1].end_s, 3), text, confidence=round(sure, 3))
