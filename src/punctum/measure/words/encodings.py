"""Bytes of a text -> the text, in whatever encoding it was written.

Conventions: a byte-order mark, valid UTF-8 and the escapes of ISO-2022-JP are evidence; every other encoding is a
*guess*: each candidate's text is priced in bits by how likely its letters follow each other in the languages written in
it (see ``letters``), and the cheapest is taken. Candidates whose texts are the same are one. Names are Python's.
"""

import codecs
import contextlib
import re
import unicodedata
from collections import Counter
from functools import cache
from typing import NamedTuple

from punctum.measure.words.letters import costs, is_letter

SAMPLE_BYTES = 16_000
"""So much of a text is priced: enough to tell, whatever its length."""

MOST_LOOKED_AT = 1 << 20
"""Characters that are counted before anything is priced."""

LEAST_LEAD_BITS = 12.0
"""A guess that leads by less is named with what else it could be: one in some thousands, were the prices exact."""


class Decoded(NamedTuple):
    """A text and how it was come by.

    ``guessed``: the encoding was inferred from the text. ``others``: encodings that give another text and are nearly as
    likely. ``unreadable``: characters that could not be decoded, in the text as U+FFFD.
    """

    text: str
    encoding: str
    guessed: bool = False
    others: tuple[str, ...] = ()
    unreadable: int = 0


_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_WESTERN = "af ca cy da de en es fi fr id it nl no pt so sq sv sw tl"
_CENTRAL = "cs hr hu pl ro sk sl sq"
# each with the languages written in it, the usual one first: of two that give the same text the first is named
_ENCODINGS: dict[str, str] = {
    "cp1252": f"{_WESTERN} et",
    "cp1250": _CENTRAL,
    "cp1251": "ru uk bg mk",
    "cp1253": "el",
    "cp1254": "tr",
    "cp1255": "he",
    "cp1256": "ar fa ur",
    "cp1257": "et lt lv",
    "cp1258": "vi",
    "cp874": "th",
    "iso8859-15": f"{_WESTERN} et",
    "iso8859-2": _CENTRAL,
    "koi8-r": "ru bg",
    "koi8-u": "uk",
    "iso8859-5": "ru uk bg mk",
    "iso8859-7": "el",
    "iso8859-9": "tr",
    "iso8859-8": "he",
    "iso8859-6": "ar fa",
    "iso8859-13": "lt lv et",
    "iso8859-4": "et lt lv",
    "iso8859-16": "ro",
    "iso8859-14": "cy",
    "mac_roman": _WESTERN,
    "mac_latin2": "cs hu pl sk",
    "mac_croatian": "hr sl",
    "mac_romanian": "ro",
    "mac_cyrillic": "ru uk bg mk",
    "mac_greek": "el",
    "mac_turkish": "tr",
    "cp850": _WESTERN,
    "cp437": "de en es fr it nl sv",
    "cp852": _CENTRAL,
    "cp866": "ru bg",
    "cp1125": "uk",
    "cp855": "mk bg ru",
    "cp737": "el",
    "cp869": "el",
    "cp857": "tr",
    "cp862": "he",
    "cp720": "ar",
    "cp775": "et lt lv",
    "gb18030": "zh-cn",
    "big5hkscs": "zh-tw",
    "cp950": "zh-tw",
    "cp932": "ja",
    "euc_jis_2004": "ja",
    "euc_jp": "ja",
    "cp949": "ko",
    "johab": "ko",
}
_UNUSUAL_BITS = 3.0
"""What an encoding further down the list costs more: it decides only where the texts hardly do."""

_MOJIBAKE = ("cp1252", "latin-1")
"""As which a text in another encoding is misread before it is written as UTF-8."""

_TIMES = re.compile(rb"^[\s\d:,.>\-]*$")
_ASCII_TAGS = re.compile(rb"<[^<>\x80-\xff]{1,80}>|\{[^{}\x80-\xff]{1,200}\}")


def decode_text(data: bytes) -> Decoded | None:
    """Decode a text.

    Parameters
    ----------
    data : bytes
        the whole of it

    Returns
    -------
    Decoded or None
        None for what is no text: zeros and control characters among the bytes

    Examples
    --------
    >>> decode_text("Wo wärst du gewesen? Über den Häusern.".encode("cp1252"))[:3]
    ('Wo wärst du gewesen? Über den Häusern.', 'cp1252', True)
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _checked(data.decode(name, "replace"), name.removesuffix("-sig"))
    if wide := _wide(data):
        return _checked(data.decode(wide, "replace"), wide, guessed=True)
    if _is_binary(data):
        return None
    if b"\x1b$" in data or b"\x1b(J" in data:
        with_escapes = data.decode("iso2022_jp_2004", "replace")
        if with_escapes.count("\ufffd") * 50 < len(with_escapes):
            return _checked(with_escapes, "iso2022_jp_2004")
    if data.isascii():
        return Decoded(data.decode("ascii"), "ascii")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _damaged_utf8(data) or _guess(data)
    return _misread(text) or Decoded(text, "utf-8")


def _checked(text: str, name: str, guessed: bool = False) -> Decoded | None:
    sample = text[:100_000]
    odd = sum(1 for c in sample if unicodedata.category(c) in ("Cc", "Cn", "Co", "Cs") and c not in "\t\n\r\f")
    if odd * 50 > len(sample):
        return None
    return Decoded(text, name, guessed, (), text.count("\ufffd"))


def _wide(data: bytes) -> str:
    """Name UTF-16 without a mark: most of the bytes at even, or at odd, places are zero or one and the same."""
    sample = data[: 1 << 16]
    if len(sample) < 8 or sample.count(0) * 20 < len(sample):
        return ""
    zeros_even, zeros_odd = sample[::2].count(0), sample[1::2].count(0)
    if zeros_odd > 8 * zeros_even:
        return "utf-16-le"
    return "utf-16-be" if zeros_even > 8 * zeros_odd else ""


def _is_binary(data: bytes) -> bool:
    sample = data[: 1 << 18]
    odd = len(sample) - len(sample.translate(None, bytes(c for c in range(32) if c not in b"\t\n\r\f\x1a\x1b")))
    return b"\0" in sample or odd * 200 > len(sample)


def _damaged_utf8(data: bytes) -> Decoded | None:
    """Return the text where all but a few bytes are UTF-8: no other encoding looks like it by chance."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    sample = text[:MOST_LOOKED_AT]
    good = sum(1 for c in sample if c > "\x7f") - sample.count("\ufffd")
    return Decoded(text, "utf-8", False, (), bad) if good >= 20 * sample.count("\ufffd") else None


def _sample(data: bytes) -> bytes:
    """Return the lines to price: those beyond ASCII first, times and tags left out."""
    lines = [
        _ASCII_TAGS.sub(b" ", line) for line in re.split(rb"\r\n|\r|\n", data[: 1 << 20]) if not _TIMES.match(line)
    ]
    lines = [line.split(b",", 9)[-1] if line.startswith(b"Dialogue:") else line for line in lines]
    high = [line for line in lines if not line.isascii()]
    held: list[bytes] = []
    size = 0
    for line in [*high, *(line for line in lines if line.isascii())]:
        size += len(line)
        if size > SAMPLE_BYTES and held:
            break
        held.append(line[:SAMPLE_BYTES])
    return b"\n".join(held)


def _guess(data: bytes) -> Decoded | None:
    sample = _sample(data)
    if sample.isascii():
        # what is not ASCII stands in the lines of times only
        return Decoded(data.decode("ascii", "replace"), "ascii", True, (), sum(byte > 127 for byte in data))
    prices: dict[str, tuple[float, str]] = {}
    for number, (name, languages) in enumerate(_ENCODINGS.items()):
        try:
            text = sample.decode(name, "replace")
        except (UnicodeDecodeError, LookupError):
            continue
        if text in prices:
            continue
        prices[text] = price(text, languages) + (0.0 if number < 10 else _UNUSUAL_BITS), name
    (best, name), *rest = sorted(prices.values())
    others = tuple(other for bits, other in rest[:3] if bits - best < LEAST_LEAD_BITS)
    text = data.decode(name, "replace")
    return Decoded(text, name, True, others, text.count("\ufffd"))


def _misread(text: str) -> Decoded | None:
    """Return the text that was misread as Western before it was written as UTF-8; None where it was not.

    Such files are common: a Hebrew subtitle of one byte a letter, taken for Western and saved anew.
    """
    looked_at = text[:MOST_LOOKED_AT]
    if sum(1 for c in looked_at if "\x80" <= c <= "\xff") * 4 < sum(1 for c in looked_at if c > "\x7f") * 3:
        return None
    sample = "\n".join(line for line in looked_at.split("\n") if not line.isascii())[:SAMPLE_BYTES]
    for wrong in _MOJIBAKE:
        try:
            raw = sample.encode(wrong)
        except UnicodeEncodeError:
            continue
        own = price(sample, _ENCODINGS["cp1252"] + " vi")
        high = sum(byte > 127 for byte in raw)
        found: list[tuple[float, str, str]] = []
        for name in ("utf-8", *_ENCODINGS):
            if name in ("cp1252", "iso8859-15"):
                continue
            try:
                right = raw.decode(name)
            except (UnicodeDecodeError, LookupError):
                continue
            languages = " ".join(_ENCODINGS.values()) if name == "utf-8" else _ENCODINGS[name]
            if (bits := price(right, languages)) < own - 4.0 * high and high >= 8:
                with contextlib.suppress(UnicodeEncodeError, UnicodeDecodeError):
                    found.append((bits, name, text.encode(wrong).decode(name)))
        if found:
            _, name, whole = min(found)
            return Decoded(whole, f"{name} misread as {wrong}", True)
    return None


_COMMON_SIGNS = frozenset(
    "“”‘’„‚«»‹›–—…¿¡°•·ºª№€£§©®™½²³¼¾´♪♫\u00a0\u200e\u200f،؟؛؛。、「」『』，！？：；（）《》〈〉·～—…\u3000ー"
)


def price(text: str, languages: str) -> float:
    """Give the bits that a text costs in the cheapest of some languages.

    Parameters
    ----------
    text : str
        as one candidate decodes it
    languages : str
        their codes, with spaces between

    Returns
    -------
    float
        bits: letters by their pairs, signs by how usual they are, what could not be decoded dearest
    """
    signs = _price_signs(text)
    eastern = [name for name in languages.split() if name in _EASTERN]
    alphabetic = tuple(name for name in languages.split() if name not in _EASTERN)
    found = []
    if alphabetic:
        found += list(costs(text, alphabetic)[0].values())
    if eastern:
        counts = Counter(text)
        found += [sum(n * _price_eastern(c, name) for c, n in counts.items() if c > "\x7f") for name in eastern]
        letters = sum(n for c, n in counts.items() if c <= "\x7f" and c.isalpha())
        found = [bits + 6.5 * letters for bits in found] if not alphabetic else found
    return min(found) + signs


def _price_signs(text: str) -> float:
    bits = 0.0
    for place, c in enumerate(text):
        if c <= "\x7f" or is_letter(c):
            continue
        if c == "\ufffd":
            bits += 26.0
        elif c in _COMMON_SIGNS:
            bits += 7.0
        elif unicodedata.category(c)[0] == "C":
            bits += 22.0
        else:
            bits += 18.0
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        if (before.isalpha() and after.isalpha() and c not in "’·\u200c\u200d") or (
            c in "’”»" and after.isalpha() and not before.strip()
        ):
            bits += 8.0
    return bits


_EASTERN = {
    "zh-cn": "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道"
    "行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日意无力"
    "它长把机十第公此已工使情明性知全三又关点正外将两高间由问很最重并物手应向头文体美相见被什二等新己身果加吗"
    "呢吧啊谢请快走跑死爱怎谁让给听话别真太再",
    "zh-tw": "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道"
    "行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日意無力"
    "它長把機十第公此已工使情明性知全三又關點正外將兩高間由問很最重並物手應向頭文體美相見被什二等新己身果加嗎"
    "呢吧啊謝請快走跑死愛怎誰讓給聽話別真太再",
    "ja": "一人日大年出本中子見国言上分生手自行者二間事思時気会十家女三前的方入小地合後目長場代私下立部学物月田何来"
    "彼話体動社知理山内同心発高実作当新世今書度明五戦力名金性対意用男主通関文屋感郎業定政持道外取所現最化四先"
    "民身不口川東相法全聞情野考向平成軍開教経信近以語面連問原顔正機九次数美回表声報要変神記和引治決太込受解市"
    "期様活頭組指説能葉流然初在調笑議直夫選権利制続石進伝加助点産務件命番落付得好違殺置返論際歳反形光首勝必係"
    "由愛都放確過約馬状想官交米配若資常果呼共残判役他術支両乗済供待安逃",
    "ko": "이다는을의에가고하지은리를들도그나한어서자대사아로기해여라니시만정수일안인부있우보말전상러면내스오마과게"
    "요네거왜저너뭐야까않없것같당신사람때제발모두지금알았어그래좋돼죽괜찮무슨누구생각미안돌아빨와줘봐습데든못"
    "더진된할겠주소장동물방원문성선조세구경",
}


@cache
def _price_eastern(c: str, language: str) -> float:
    """Give the bits of a character: common ones, the rest of the standard's first level, the second, others."""
    if not is_letter(c):
        return 0.0  # a sign, priced as such
    if c in _EASTERN[language]:
        return 7.5
    if language == "ja":
        if "\u3041" <= c <= "\u3096":
            return 5.5
        if "\u30a1" <= c <= "\u30fe":
            return 6.5
        if "\uff66" <= c <= "\uff9f":
            return 14.0
    if language == "ko" and "\uac00" <= c <= "\ud7a3":
        return 10.0 if _lead(c, "euc_kr") else 18.0
    level = {"zh-cn": ("gb2312", 0xB0, 0xD7), "zh-tw": ("big5", 0xA4, 0xC6), "ja": ("euc_jp", 0xB0, 0xCF)}.get(language)
    if level is None:
        return 19.0
    lead = _lead(c, level[0])
    if not lead:
        return 22.0
    return 11.5 if level[1] <= lead <= level[2] else 18.0


def _lead(c: str, encoding: str) -> int:
    """Give the first of the two bytes that a character has in an encoding; 0 where it has none."""
    try:
        raw = c.encode(encoding)
    except UnicodeEncodeError:
        return 0
    return raw[0] if len(raw) == 2 else 0
