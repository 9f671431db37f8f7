"""Valence of words: how positive or negative they are by a published lexicon.

Conventions: -1 (negative) to 1 (positive). It is the words' polarity, not the film's feeling, nor the speaker's.
English only, by VADER (Hutto and Gilbert 2014): no lexicon of other languages that is known to us may be passed on
freely and has been checked on spoken lines, so other languages have none.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

LEXICON = "VADER (Hutto and Gilbert 2014), vaderSentiment"

LANGUAGES = ("en",)

MOST_CHARACTERS = 500
"""The lexicon's rules take time that grows with the square of a text's length."""


@cache
def _analyser() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


def valence(texts: Sequence[str], language: str) -> list[float | None]:
    """Give the valence of each text: VADER's compound score.

    Parameters
    ----------
    texts : sequence of str
        what is said, without notes
    language : str
        ISO 639-1

    Returns
    -------
    list of float or None
        -1 to 1; None for every text in a language without a lexicon

    Examples
    --------
    >>> valence(["I love this.", "I hate this.", "The door."], "en")
    [0.6369, -0.5719, 0.0]
    >>> valence(["Ich liebe es."], "de")
    [None]
    """
    if language not in LANGUAGES:
        return [None] * len(texts)
    # film subtitles in capitals are no shouting
    return [float(_analyser().polarity_scores(_calm(text[:MOST_CHARACTERS]))["compound"]) for text in texts]


def why_no_valence(language: str) -> str:
    """Say why there is none; "" where there is one."""
    if language in LANGUAGES:
        return ""
    return f"no lexicon for the language `{language}`" if language else "the language is not known"


def _calm(text: str) -> str:
    return text.lower() if text.isupper() else text
