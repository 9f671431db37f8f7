"""How likely a run of letters is in a language: what tells encodings and languages apart.

Conventions: logarithms to base 2, in bits; a *pair* is two signs that follow each other, everything that is no letter
counting as the space between words. The counts behind the pairs are those of langdetect's profiles (Apache-2.0, made
from Wikipedia's abstracts; ``benchmarks/letters.py``). Languages are ISO 639-1. Chinese, Japanese and Korean, which
have no such pairs, are told by the blocks of their characters.
"""

import base64
import json
import unicodedata
import zlib
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

STRANGE_BITS = 17.0
"""Cost of a letter that the language does not have."""

RARE_CAPITAL_BITS = 4.0
"""What a capital that it hardly has costs over its small letter."""

LEAST_LETTERS = 40
"""Of fewer letters no language is guessed."""

LEAST_LEAD_BITS = 0.06
"""By so much a letter must the best language lead before the next."""

MOST_LETTERS = 40_000


class Letters(NamedTuple):
    """A language's letters, and the cost of every pair: float32 (n + 1, n + 1) bits, the space first."""

    place: dict[str, int]
    pairs: NDArray[np.float32]


@cache
def letters() -> dict[str, Letters]:
    """Return the letters of every language that has some."""
    data = json.loads(files("punctum.measure.words").joinpath("letters.json").read_text("utf-8"))
    made = {}
    for language, entry in data["languages"].items():
        place = {c: number for number, c in enumerate(entry["letters"], start=1)}
        size = len(place) + 1
        raw = np.frombuffer(zlib.decompress(base64.b64decode(entry["pairs"])), np.uint8).reshape(size, size)
        made[language] = Letters(place, raw.astype(np.float32) / data["step"])
    return made


# the profiles have one form of each of these
_ALIKE = str.maketrans({"ș": "ş", "ț": "ţ", "Ș": "Ş", "Ț": "Ţ", "ی": "ي", "ک": "ک", "’": " ", "ʼ": " "})


def plain_letters(text: str) -> str:
    """Return a text as the pairs know it: letters and marks, everything else a space."""
    text = unicodedata.normalize("NFC", text).translate(_ALIKE)
    return "".join(c if is_letter(c) else " " for c in text)


def is_letter(c: str) -> bool:
    """Whether a sign is a letter or a mark on one."""
    return c.isalpha() or (c > "\u02ff" and unicodedata.category(c).startswith("M"))


def costs(text: str, languages: tuple[str, ...] = ()) -> tuple[dict[str, float], int]:
    """Give what a text costs in each language.

    Parameters
    ----------
    text : str
        any
    languages : tuple of str
        those that are asked for; () is all

    Returns
    -------
    bits : dict of float
        the pairs' cost in all, by language
    count : int
        letters in the text
    """
    clean = " ".join(plain_letters(text).split())
    pairs = Counter(zip(" " + clean, clean + " ", strict=True))
    count = sum(n for (_, b), n in pairs.items() if b != " ")
    signs = sorted({c for pair in pairs for c in pair})
    number = {c: i for i, c in enumerate(signs)}
    first = np.array([number[a] for a, _ in pairs], np.int64)
    second = np.array([number[b] for _, b in pairs], np.int64)
    weight = np.array(list(pairs.values()), np.float64)
    made = {}
    for language in languages or tuple(letters()):
        known = letters()[language]
        place = np.array([0 if c == " " else known.place.get(c, -1) for c in signs], np.int64)
        # a capital too rare to be in a profile costs little more than its small letter: the À of a first word
        small = np.array([known.place.get(c.lower(), -1) for c in signs], np.int64)
        rare = (place < 0) & (small >= 0)
        place = np.where(rare, small, place)
        a, b = place[first], place[second]
        strange = b < 0
        bits = np.where(strange, STRANGE_BITS, known.pairs[np.maximum(a, 0), np.maximum(b, 0)])
        bits = bits + RARE_CAPITAL_BITS * rare[second]
        made[language] = float((bits * weight).sum())
    return made, count


def can_guess(language: str) -> bool:
    """Whether `guess_language` knows a language."""
    return language in letters() or language in ("zh", "ja", "ko")


def guess_language(text: str) -> str:
    """Guess a text's language; "" where it is too short, or two languages are too alike to tell.

    Examples
    --------
    >>> guess_language("Wo bist du gewesen? Ich habe die ganze Nacht auf dich gewartet und kein Auge zugetan.")
    'de'
    >>> guess_language("Hm.")
    ''
    """
    text = text[:MOST_LETTERS]
    blocks = Counter(_block(c) for c in text if c.isalpha())
    total = sum(blocks.values())
    eastern = blocks["kana"] + blocks["hangul"] + blocks["han"]
    if total >= LEAST_LETTERS // 4 and eastern * 2 > total:
        if blocks["hangul"] * 2 > eastern:
            return "ko"
        return "ja" if blocks["kana"] * 10 > eastern else "zh"
    # a file all in capitals, as some are, has the letters of small ones
    found, count = costs(text.lower() if text.isupper() else text)
    if count < LEAST_LETTERS:
        return ""
    (best, bits), (_, next_bits) = sorted(found.items(), key=lambda item: item[1])[:2]
    return best if bits / count < STRANGE_BITS / 2 and (next_bits - bits) / count >= LEAST_LEAD_BITS else ""


def _block(c: str) -> str:
    if "\u3040" <= c <= "\u30ff" or "\uff66" <= c <= "\uff9f":
        return "kana"
    if "\uac00" <= c <= "\ud7a3" or "\u1100" <= c <= "\u11ff":
        return "hangul"
    if "\u3400" <= c <= "\u9fff" or "\uf900" <= c <= "\ufaff" or c >= "\U00020000":
        return "han"
    return ""
