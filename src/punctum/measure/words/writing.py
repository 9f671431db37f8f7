"""Writing read in stills -> cues of titles and credits.

Conventions: boxes are (left, top, right, bottom) in pixels of a still. A cue begins with the still that it was read in
and lasts half the way to the shot's next still, else to the shot's end: where in its shot a title comes and goes is
known no better than its stills lie apart.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from punctum.measure.words.formats import MOST_CHARACTERS, Cue

LEAST_SCORE = 0.8
LEAST_LETTERS = 3
"""What is read less surely, or is shorter, is no title: leaves and bricks look like a letter or two."""

ALIKE = 0.8
MARK_STILLS, MARK_SHARE = 20, 0.25
"""Writing that stands in a quarter of twenty stills or more is a channel's mark, not a title."""


class Piece(NamedTuple):
    """A piece of writing: its box, its text, how sure the reader is."""

    box: tuple[float, float, float, float]
    text: str
    score: float


Reader = Callable[[NDArray[np.uint8]], Sequence[Piece]]
"""A still, uint8 (height, width, 3), R G B, to the pieces of writing in it."""


class Seen(NamedTuple):
    """What was read in a still: when it is, the end of its shot, blocks of text from top to bottom, mean score."""

    time_s: float
    shot: int
    shot_end_s: float
    blocks: tuple[str, ...]
    score: float


def read_blocks(pieces: Sequence[Piece]) -> tuple[tuple[str, ...], float]:
    """Put a still's pieces of writing in order: rows from top to bottom, those that stand close as one block.

    Parameters
    ----------
    pieces : sequence of Piece

    Returns
    -------
    blocks : tuple of str
        empty where nothing is surely writing
    score : float
        mean over the characters

    Examples
    --------
    >>> a, b, c = Piece((60, 10, 90, 20), "BY", 1), Piece((10, 10, 50, 20), "MADE", 1), Piece((0, 80, 9, 90), "ANI", 1)
    >>> read_blocks([a, b, c])[0]
    ('MADE BY', 'ANI')
    """
    sure = sorted((p for p in pieces if p.score >= LEAST_SCORE and p.text.strip()), key=lambda p: _middle(p))
    if sum(c.isalnum() for p in sure for c in p.text) < LEAST_LETTERS:
        return (), 0.0
    rows: list[list[Piece]] = []
    for piece in sure:
        if rows and _middle(piece) - _middle(rows[-1][0]) < 0.5 * min(_height(piece), _height(rows[-1][0])):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    blocks: list[str] = []
    bottom, height = -np.inf, 0.0
    for row in rows:
        text = " ".join(piece.text.strip() for piece in sorted(row, key=lambda p: p.box[0]))
        top = min(piece.box[1] for piece in row)
        tall = float(np.mean([_height(piece) for piece in row]))
        if blocks and top - bottom < min(tall, height):
            blocks[-1] += f" {text}"
        else:
            blocks.append(text)
        bottom, height = max(piece.box[3] for piece in row), tall
    weights = [len(piece.text) for piece in sure]
    return tuple(blocks), float(np.average([piece.score for piece in sure], weights=weights))


def _middle(piece: Piece) -> float:
    return (piece.box[1] + piece.box[3]) / 2


def _height(piece: Piece) -> float:
    return max(piece.box[3] - piece.box[1], 1.0)


def titles_to_cues(seen: Sequence[Seen]) -> tuple[list[Cue], tuple[str, ...]]:
    """Make cues of what was read in a film's stills.

    Parameters
    ----------
    seen : sequence of Seen
        every still that was looked at, ascending, those without writing too

    Returns
    -------
    cues : list of Cue
        of style ``title``, with their confidence; blocks parted by " · "
    marks : tuple of str
        what stands in so many stills that it is no title, and is left out
    """
    counts = Counter(block for still in seen for block in set(still.blocks))
    often = max(MARK_SHARE * len(seen), MARK_SHARE * MARK_STILLS)
    marks = {block for block, count in counts.items() if len(seen) >= MARK_STILLS and count >= often}
    cues: list[Cue] = []
    before: Seen | None = None
    for number, still in enumerate(seen):
        after = seen[number + 1] if number + 1 < len(seen) else None
        last = after is None or after.shot != still.shot
        end_s = still.shot_end_s if last or after is None else (still.time_s + after.time_s) / 2
        text = " · ".join(block for block in still.blocks if block not in marks)[:MOST_CHARACTERS]
        goes_on = before is not None and before.shot == still.shot and bool(cues) and cues[-1].end_s > before.time_s
        if text and goes_on and SequenceMatcher(None, cues[-1].text, text).ratio() >= ALIKE:
            better = text if still.score > (cues[-1].confidence or 0.0) else cues[-1].text
            sure = max(still.score, cues[-1].confidence or 0.0)
            cues[-1] = cues[-1]._replace(end_s=end_s, text=better, confidence=round(sure, 3))
        elif text:
            cues.append(Cue(still.time_s, end_s, text, style="title", confidence=round(still.score, 3)))
        before = still
    return cues, tuple(sorted(marks))
