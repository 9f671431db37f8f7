"""What is said, sung, noted and written."""

from collections.abc import Mapping

import polars as pl

from punctum.tables.column import FRAME, SECONDS_DECIMALS, Column

WORDS: Mapping[str, Column] = {
    "line": Column(pl.Int32(), "", "number of the row, from 0, in the order of the film"),
    "cue": Column(
        pl.Int32(), "", "number of the cue it comes from; a cue of two speakers, or with a note, has several"
    ),
    "start_frame": Column(FRAME, "", "first frame"),
    "end_frame": Column(FRAME, "", "frame after the last"),
    "start_s": Column(
        pl.Float64(), "s", "when it begins; lines of one cue share its span by their characters", SECONDS_DECIMALS
    ),
    "end_s": Column(pl.Float64(), "s", "when it ends", SECONDS_DECIMALS),
    "text": Column(pl.String(), "", "the words on one line, without tags, dashes, speaker's name and notes"),
    "kind": Column(
        pl.String(), "", "speech, song, note (what is heard, for the hard of hearing), title (writing in the picture)"
    ),
    "language": Column(pl.String(), "", "ISO 639-1, declared or guessed; null where not known"),
    "speaker": Column(pl.String(), "", "who speaks, where the subtitles or the screenplay say so"),
    "speaker_source": Column(pl.String(), "", "subtitles or screenplay"),
    "scene_heading": Column(pl.String(), "", "heading of the screenplay's scene that the line was found in"),
    "word_count": Column(pl.Int32(), "", "words in it; null for notes and in scripts without spaces between words"),
    "words_per_minute": Column(pl.Float32(), "words/min", "words over the line's time on screen", 1),
    "valence": Column(
        pl.Float32(), "", "polarity of the words, -1 to 1 (VADER's compound); null in languages without a lexicon", 4
    ),
    "source": Column(pl.String(), "", "sidecar, embedded; recognised (in the sound); picture (read in a still)"),
    "confidence": Column(
        pl.Float32(), "", "how sure a recogniser is of its words, mean over them, not calibrated; null for subtitles", 3
    ),
}
