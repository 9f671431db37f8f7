"""Words: subtitles as text -> utterances on the film's frames. Pure text; no file is opened here.

Conventions: times are seconds from the first frame, spans half-open; kinds are those of ``utterances.KINDS``.
"""

from punctum.measure.words.drift import Drift, find_drift
from punctum.measure.words.encodings import Decoded, decode_text
from punctum.measure.words.formats import Cue, Parsed, ass_text, clean_text, guess_format, parse_cues
from punctum.measure.words.fountain import Speech, parse_fountain
from punctum.measure.words.languages import is_language, language_code, language_name
from punctum.measure.words.letters import can_guess, guess_language
from punctum.measure.words.recognised import (
    RECOGNISER_RATE_HZ,
    Passage,
    Recogniser,
    Said,
    find_windows,
    lay_out,
    passages_to_cues,
)
from punctum.measure.words.table import LEAST_ALIGNED, Spine, find_lines, join_words, measure_words, name_speakers
from punctum.measure.words.tokens import count_words, split_words
from punctum.measure.words.utterances import KINDS, SPOKEN
from punctum.measure.words.valence import LEXICON, why_no_valence
from punctum.measure.words.writing import Piece, Reader, Seen, read_blocks, titles_to_cues

__all__ = [
    "KINDS",
    "LEAST_ALIGNED",
    "LEXICON",
    "RECOGNISER_RATE_HZ",
    "SPOKEN",
    "Cue",
    "Decoded",
    "Drift",
    "Parsed",
    "Passage",
    "Piece",
    "Reader",
    "Recogniser",
    "Said",
    "Seen",
    "Speech",
    "Spine",
    "ass_text",
    "can_guess",
    "clean_text",
    "count_words",
    "decode_text",
    "find_drift",
    "find_lines",
    "find_windows",
    "guess_format",
    "guess_language",
    "is_language",
    "join_words",
    "language_code",
    "language_name",
    "lay_out",
    "measure_words",
    "name_speakers",
    "parse_cues",
    "parse_fountain",
    "passages_to_cues",
    "read_blocks",
    "split_words",
    "titles_to_cues",
    "why_no_valence",
]
