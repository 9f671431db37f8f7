"""Names of languages: what file names, containers and people write -> ISO 639-1.

Conventions: a language is its two letters of ISO 639-1, or the three of 639-2 where it has no two; "" is not known.
"""

import re

# two letters: the three of ISO 639-2 (bibliographic and terminological), its English name, its own name
_NAMES = """
af afr afrikaans
ar ara arabic العربية
az aze azerbaijani
be bel belarusian
bg bul bulgarian български
bn ben bengali
bs bos bosnian bosanski
ca cat catalan català
cs cze ces czech čeština cesky
cy wel cym welsh
da dan danish dansk
de ger deu german deutsch
el gre ell greek ελληνικά
en eng english
eo epo esperanto
es spa spanish español espanol castellano latino
et est estonian eesti
eu baq eus basque euskara
fa per fas persian farsi فارسی
fi fin finnish suomi
fr fre fra french français francais
ga gle irish
gl glg galician galego
gu guj gujarati
he heb iw hebrew עברית
hi hin hindi हिन्दी
hr hrv croatian hrvatski
hu hun hungarian magyar
hy arm hye armenian
id ind indonesian indonesia
is ice isl icelandic íslenska
it ita italian italiano
ja jpn jp japanese 日本語
ka geo kat georgian
kk kaz kazakh
km khm khmer
kn kan kannada
ko kor kr korean 한국어
la lat latin
lt lit lithuanian lietuvių
lv lav latvian latviešu
mk mac mkd macedonian македонски
ml mal malayalam
mn mon mongolian
mr mar marathi
ms may msa malay
my bur mya burmese
ne nep nepali
nl dut nld dutch nederlands
no nor nb nob nn nno norwegian norsk
pa pan punjabi
pl pol polish polski
pt por pob pb portuguese ptbr português portugues brazilian
ro rum ron romanian română
ru rus russian русский
sk slo slk slovak slovenčina
sl slv slovenian slovenščina
so som somali
sq alb sqi albanian shqip
sr srp scc serbian srpski српски
sv swe swedish svenska
sw swa swahili
ta tam tamil
te tel telugu
th tha thai ไทย
tl tgl fil tagalog filipino
tr tur turkish türkçe
uk ukr ukrainian українська
ur urd urdu
vi vie vietnamese
yi yid yiddish
zh chi zho cn tw chs cht chinese mandarin cantonese 中文 简体 繁體
"""
_ROWS = [row.split() for row in _NAMES.strip().splitlines()]
_CODES = {name: row[0] for row in _ROWS for name in row}
_ENGLISH = {row[0]: next((name for name in row if len(name) > 3), row[0]) for row in _ROWS}
_UNKNOWN = {"und", "mis", "mul", "zxx", "qaa", "unk", ""}


def language_code(name: str) -> str:
    """Return the language that a tag or a name stands for.

    Examples
    --------
    >>> language_code("eng"), language_code("pt-BR"), language_code("Deutsch"), language_code("und")
    ('en', 'pt', 'de', '')
    """
    whole = name.strip().casefold()
    if whole in _UNKNOWN:
        return ""
    return _CODES.get(whole) or _CODES.get(re.split(r"[-_]", whole)[0], "")


def is_language(name: str) -> bool:
    """Whether a name stands for a language.

    Examples
    --------
    >>> is_language("fr"), is_language("klingon")
    (True, False)
    """
    return bool(language_code(name))


def language_name(code: str) -> str:
    """Return the English name of a language.

    Examples
    --------
    >>> language_name("de"), language_name("tlh")
    ('German', 'tlh')
    """
    found = _ENGLISH.get(code)
    return found.capitalize() if found else code
