"""Words in a text, as one counts them.

Conventions: what stands between spaces or dashes and holds a letter or a figure is a word. Scripts that put no spaces
between words are not counted: None, not a wrong number.
"""

import re
import unicodedata

_PARTS = re.compile(r"[\s–—―…/]+|-{2,}|\.{2,}")
_UNSPACED = re.compile(
    "[\u0e00-\u0edf\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def split_words(text: str) -> list[str]:
    r"""Return the words of a text, as they are written, without the signs around them.

    Examples
    --------
    >>> split_words("Well—it's twenty-two, \u2026 isn't it?")
    ['Well', "it's", 'twenty-two', "isn't", 'it']
    """
    parts = (_strip(part) for part in _PARTS.split(text))
    return [part for part in parts if part]


def count_words(text: str) -> int | None:
    """Count the words; None in scripts without spaces between them: Chinese, Japanese, Thai, Lao, Khmer, Burmese.

    Examples
    --------
    >>> count_words("Ça va ?"), count_words("どこへ行くの")
    (2, None)
    """
    return None if _UNSPACED.search(text) else len(split_words(text))


def _strip(part: str) -> str:
    start, end = 0, len(part)
    while start < end and not part[start].isalnum():
        start += 1
    # a vowel sign at the end belongs to its letter
    while end > start and not (part[end - 1].isalnum() or unicodedata.category(part[end - 1]).startswith("M")):
        end -= 1
    return part[start:end]
