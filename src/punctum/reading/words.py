"""The film's words: how much is said, how fast, where nothing is, what is said last.

Conventions: what is said is what the subtitles show as speech, for as long as they show it, or, in a film without, what
was recognised in its sound; the sentences say which. Lyrics, notes and writing in the picture are not counted.
Subtitles cover the whole film, and speech is recognised only in films that were read whole, so that these rows are not
provisional where the frames were read in part. Of a film without words nothing is said here.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from punctum.reading.ending import PLAIN_DEPARTURE, ending_row
from punctum.reading.ground import Ground
from punctum.reading.row import Row
from punctum.reading.sentences import write_clock, write_count, write_duration, write_number, write_percent
from punctum.reading.stretch import stand_in_sentence
from punctum.reading.traits import TALK
from punctum.reading.windows import Values

SUBTITLES = ("by the subtitles", "while subtitles stand")
RECOGNISED = ("by the words that were recognised", "while words are heard")
"""Whose word it is, and when somebody speaks by it."""

QUOTED = 90
"""Longer last words are quoted from their end."""

LEAST_CLOSE_S = 2.0
"""A film whose last words end closer to its end ends on words."""


def read_words(ground: Ground, words: pl.DataFrame) -> tuple[list[Row], list[Row]]:
    """Give the rows on the film's words: those of the film, and those of the ending.

    Parameters
    ----------
    ground : Ground
    words : pl.DataFrame
        columns of ``tables.WORDS``
    """
    said = words.filter((pl.col("kind") == "speech") & (pl.col("start_s") < ground.end_s)).sort("start_s", "line")
    if not said.height or ground.end_s <= 0:
        return [], []
    spans = _joined(said, ground.end_s)
    by, while_spoken = RECOGNISED if said["source"].eq("recognised").all() else SUBTITLES
    film = [
        _density(ground, said, spans, by),
        *_words_per_minute(ground, said, spans, while_spoken),
        _wordless(ground, spans, "" if by == SUBTITLES[0] else f", {by}"),
    ]
    return film, [*_ending_talk(ground, spans), _last_words(ground, said, spans)]


def _joined(said: pl.DataFrame, end_s: float) -> Values:
    """Spans in which something is said, those that touch joined: float64 (n, 2)."""
    joined: list[list[float]] = []
    for start_s, line_end_s in said.select("start_s", "end_s").iter_rows():
        stop_s = min(line_end_s, end_s)
        if joined and start_s <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], stop_s)
        elif stop_s > start_s:
            joined.append([start_s, stop_s])
    return np.array(joined, np.float64).reshape(-1, 2)


def _row(ground: Ground, measure: str, value: float | None, unit: str, statement: str) -> Row:
    return Row("film", measure, value, unit, statement, 0, ground.end_frame, 0.0, ground.end_s)


def _density(ground: Ground, said: pl.DataFrame, spans: Values, by: str) -> Row:
    share = float((spans[:, 1] - spans[:, 0]).sum()) / ground.end_s
    lines = write_count(said.height, "line")
    text = f"Somebody speaks in {write_percent(share)} of the running time, {by}: {lines}."
    return _row(ground, "dialogue_density", share, "", text)


def _words_per_minute(ground: Ground, said: pl.DataFrame, spans: Values, while_spoken: str) -> list[Row]:
    counted = said["word_count"].drop_nulls()
    measure, unit = "words_per_minute", "words/min"
    if counted.len() < said.height:
        why = "Not counted: the language puts no spaces between words."
        return [_row(ground, measure, None, unit, why)]
    total = int(counted.sum())
    pace = total / (ground.end_s / 60)
    speaking = total / max(float((spans[:, 1] - spans[:, 0]).sum()) / 60, 1e-6)
    text = (
        f"{write_count(total, 'word')} are spoken: {write_number(pace, 0)} a minute of film, "
        f"{write_number(speaking, 0)} a minute {while_spoken}."
    )
    return [_row(ground, measure, pace, unit, text)]


def _wordless(ground: Ground, spans: Values, by: str) -> Row:
    edges = np.concatenate([[0.0], spans.ravel(), [ground.end_s]]).reshape(-1, 2)
    lengths = edges[:, 1] - edges[:, 0]
    place = int(lengths.argmax())
    start_s, lasting_s = float(edges[place, 0]), float(lengths[place])
    where = "at the end" if place == len(lengths) - 1 else f"from {write_clock(start_s)}"
    text = f"The longest stretch without words lasts {write_duration(lasting_s)}, {where}{by}."
    return _pointing(_row(ground, "longest_wordless_s", lasting_s, "s", text), ground, start_s, start_s + lasting_s)


def _ending_talk(ground: Ground, spans: Values) -> list[Row]:
    """Share of the ending in which somebody speaks, beside other stretches as long."""
    seconds = np.arange(int(np.ceil(ground.end_s)), dtype=np.float64)
    covered = np.zeros(seconds.size)
    for start_s, end_s in spans:
        first, last = int(start_s), int(min(np.ceil(end_s), seconds.size))
        covered[first:last] += np.minimum(seconds[first:last] + 1, end_s) - np.maximum(seconds[first:last], start_s)
    return [stand_in_sentence(ground, TALK, seconds, np.minimum(covered, 1.0), lambda part: float(part.mean()))]


def _last_words(ground: Ground, said: pl.DataFrame, spans: Values) -> Row:
    last = said.sort("end_s", maintain_order=True).row(-1, named=True)
    after_s = max(ground.end_s - float(spans[-1, 1]), 0.0)
    quote = last["text"] if len(last["text"]) <= QUOTED else "…" + last["text"][-QUOTED:].split(" ", 1)[-1]
    who = f", {last['speaker']}" if last["speaker"] else ""
    text = f"The last words are “{quote}” ({write_clock(last['start_s'])}{who})"
    text += "; the film ends on them." if after_s < LEAST_CLOSE_S else f"; {write_duration(after_s)} follow without."
    far = PLAIN_DEPARTURE if after_s >= LEAST_CLOSE_S else 0.0
    row = ending_row(ground, "wordless_close_s", after_s, "s", text, far)
    return replace(row, start_frame=last["start_frame"], start_s=last["start_s"])


def _pointing(row: Row, ground: Ground, start_s: float, end_s: float) -> Row:
    start_frame = ground.frame_at(start_s)
    return replace(
        row,
        start_s=start_s,
        end_s=end_s,
        start_frame=start_frame,
        end_frame=max(ground.frame_at(min(end_s, ground.end_s)), start_frame + 1),
    )
