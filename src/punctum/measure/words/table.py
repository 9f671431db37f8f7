"""Cues -> the table ``words``.

Conventions: one row an utterance, in the order of the film; rows of one cue share its span, in proportion to their
characters; frames are looked up in the film's own times.
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.measure.words.alignment import align_script
from punctum.measure.words.formats import Cue
from punctum.measure.words.fountain import Speech
from punctum.measure.words.spans import mend_spans
from punctum.measure.words.tokens import count_words
from punctum.measure.words.utterances import SPOKEN, find_habits, split_cue
from punctum.measure.words.valence import valence
from punctum.tables import WORDS, conform, schema

LEAST_ALIGNED = 0.2
"""With less of the words found in it, a screenplay is another film's, or in another language."""


class Spine(NamedTuple):
    """The film's frames: numbers int64 (n,), times float64 (n,) in s, ascending; the number in all, the length."""

    frame: NDArray[np.int64]
    time_s: NDArray[np.float64]
    frame_count: int
    duration_s: float

    def first_at(self, times_s: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the first frame at or after each time; between two known frames in proportion."""
        if not len(self.frame):
            rate = self.frame_count / self.duration_s if self.duration_s > 0 else 25.0
            place = times_s * rate
        else:
            known_s = np.append(self.time_s, max(self.duration_s, float(self.time_s[-1]) + 1e-3))
            known = np.append(self.frame, max(self.frame_count, int(self.frame[-1]) + 1))
            place = np.interp(times_s, known_s, known)
        # a stamp of the file is written to the millisecond
        return np.ceil(place - 0.03).astype(np.int64)


def measure_words(
    cues: Sequence[Cue], spine: Spine, language: str = "", source: str = "sidecar"
) -> tuple[pl.DataFrame, Counter[str]]:
    """Make the table of words.

    Parameters
    ----------
    cues : sequence of Cue
        in the film's time
    spine : Spine
        the film's frames
    language : str
        ISO 639-1, "" where not known
    source : str
        ``sidecar``, ``embedded``, ``recognised`` or ``picture``

    Returns
    -------
    words : pl.DataFrame
        columns of ``tables.WORDS``
    faults : Counter of str
        what was mended or left out, by name
    """
    mended, faults = mend_spans(cues, spine.duration_s)
    habits = find_habits(mended)
    rows: list[tuple[int, float, float, str, str, str | None, int | None, float | None]] = []
    for number, cue in enumerate(mended):
        length_s = cue.end_s - cue.start_s
        for said in split_cue(cue, habits):
            words = count_words(said.text) if said.kind in SPOKEN else None
            rows.append(
                (
                    number,
                    cue.start_s + said.from_share * length_s,
                    cue.start_s + said.to_share * length_s,
                    said.text,
                    said.kind,
                    said.speaker or None,
                    words,
                    cue.confidence,
                )
            )
    names = ("cue", "start_s", "end_s", "text", "kind", "speaker", "word_count", "confidence")
    types = schema(WORDS)
    table = pl.DataFrame(rows, schema={name: types[name] for name in names}, orient="row")
    start_frame = spine.first_at(table["start_s"].to_numpy())
    end_frame = spine.first_at(table["end_s"].to_numpy())
    start_frame = np.clip(start_frame, 0, max(spine.frame_count - 1, 0))
    end_frame = np.maximum(np.minimum(end_frame, max(spine.frame_count, 1)), start_frame + 1)
    spoken = table["kind"].is_in(SPOKEN)
    scores = valence(table["text"].filter(spoken).to_list(), language)
    worth: list[float | None] = [None] * table.height
    for place, score in zip(spoken.arg_true().to_list(), scores, strict=True):
        worth[place] = score
    table = table.with_columns(
        pl.int_range(pl.len(), dtype=pl.Int32).alias("line"),
        pl.Series("start_frame", start_frame),
        pl.Series("end_frame", end_frame),
        pl.lit(language or None, pl.String).alias("language"),
        pl.lit(source).alias("source"),
        pl.when(pl.col("speaker").is_not_null()).then(pl.lit("subtitles")).alias("speaker_source"),
        (pl.col("word_count") * 60 / (pl.col("end_s") - pl.col("start_s"))).alias("words_per_minute"),
        pl.Series("valence", worth, pl.Float64),
    )
    return conform(table, WORDS), faults


def join_words(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Bring words of several sources into one table, in the order of the film.

    Parameters
    ----------
    tables : sequence of pl.DataFrame
        columns of ``tables.WORDS``; cues and lines are numbered anew
    """
    parts = [table.with_columns(pl.lit(number).alias("part")) for number, table in enumerate(tables)]
    joined = pl.concat(parts).sort("start_s", "part", "line")
    seen: dict[tuple[int, int], int] = {}
    cues = [seen.setdefault(pair, len(seen)) for pair in joined.select("part", "cue").iter_rows()]
    joined = joined.with_columns(pl.Series("cue", cues, pl.Int32), pl.int_range(pl.len(), dtype=pl.Int32).alias("line"))
    return conform(joined.drop("part"), WORDS)


def name_speakers(words: pl.DataFrame, script: Sequence[Speech]) -> tuple[pl.DataFrame, float]:
    """Take speakers and scene headings from a screenplay.

    Parameters
    ----------
    words : pl.DataFrame
        columns of ``tables.WORDS``
    script : sequence of Speech

    Returns
    -------
    words : pl.DataFrame
        the same rows; a speaker whom the subtitles name stays
    share : float
        of all words that were spoken, those found in the screenplay; below `LEAST_ALIGNED` nothing is taken from it
    """
    places = words["kind"].is_in(SPOKEN).arg_true().to_list()
    found = align_script(words["text"].gather(places).to_list(), script)
    if found.share < LEAST_ALIGNED:
        return words, found.share
    speaker: list[str | None] = words["speaker"].to_list()
    source: list[str | None] = words["speaker_source"].to_list()
    heading: list[str | None] = [None] * words.height
    for place, number in zip(places, found.speech, strict=True):
        if number >= 0:
            heading[place] = script[number].heading or None
            if not speaker[place]:
                speaker[place], source[place] = script[number].speaker, "screenplay"
    table = words.with_columns(
        pl.Series("speaker", speaker, pl.String),
        pl.Series("speaker_source", source, pl.String),
        pl.Series("scene_heading", heading, pl.String),
    )
    return conform(table, WORDS), found.share


def find_lines(words: pl.DataFrame, text: str) -> pl.DataFrame:
    """Return the rows that hold a text, in whatever case, accents apart.

    Parameters
    ----------
    words : pl.DataFrame
        columns of ``tables.WORDS``
    text : str
        what is looked for, in the words or as the speaker; "" is held by every line

    Examples
    --------
    >>> import polars as pl
    >>> find_lines(pl.DataFrame({"text": ["À demain.", "No."], "speaker": [None, "ANI"]}), "a dem")["text"].to_list()
    ['À demain.']
    """
    wanted = _plain(text)
    held = [wanted in _plain(f"{who or ''} {said}") for said, who in words.select("text", "speaker").iter_rows()]
    return words.filter(pl.Series(held, dtype=pl.Boolean))


def _plain(text: str) -> str:
    """Return a text as it is compared: in small letters, without accents, spaces single."""
    if text.isascii():
        return " ".join(text.lower().split())
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).split())
