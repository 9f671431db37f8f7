"""How many texts come out of `decode_text` as they were written, and how many languages are guessed.

    python benchmarks/subtitle_encodings.py [FOLDER] [--characters 2000]

FOLDER holds UTF-8 subtitles named like `film.de.srt`. Besides them the texts of Django's interface are taken, where it
is installed (`pip install Django`), and charset-normalizer is asked too, where it is. An encoding that lacks one of a
text's letters was never used for it, and is passed over, as are texts that were garbled before they became UTF-8. Of
languages that cannot be guessed it is counted how many are taken for another.
"""

import argparse
import re
import unicodedata
from collections import Counter
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from punctum.measure.words import can_guess, decode_text, guess_language, language_code

WESTERN = ("cp1252", "iso8859-15", "mac_roman", "cp850")
CENTRAL = ("cp1250", "iso8859-2", "cp852")
ENCODINGS = {
    **dict.fromkeys(["ca", "da", "de", "en", "es", "fi", "fr", "it", "no", "nl", "pt", "sv", "sq"], WESTERN),
    **dict.fromkeys(["cs", "hr", "hu", "pl", "ro", "sk", "sl"], CENTRAL),
    **dict.fromkeys(["lt", "lv", "et"], ("cp1257", "iso8859-13")),
    **dict.fromkeys(["bg", "mk"], ("cp1251", "iso8859-5", "mac_cyrillic")),
    "ru": ("cp1251", "iso8859-5", "mac_cyrillic", "koi8-r", "cp866"),
    "uk": ("cp1251", "koi8-u", "cp1125"),
    "tr": ("cp1254", "iso8859-9", "cp857", "mac_turkish"),
    "el": ("cp1253", "iso8859-7", "cp737"),
    "he": ("cp1255", "iso8859-8", "cp862"),
    "ar": ("cp1256", "iso8859-6", "utf-16-le"),
    "fa": ("cp1256",),
    "th": ("cp874",),
    "vi": ("cp1258",),
    "ko": ("cp949", "johab"),
    "ja": ("cp932", "euc_jp", "iso2022_jp"),
    "zh": ("gb18030", "big5", "utf-16-be"),
}
TONES = "\u0300\u0301\u0303\u0309\u0323"


def interface_texts(characters: int) -> dict[str, list[str]]:
    """Pieces of Django's interface, of so many characters, by language."""
    found: dict[str, list[str]] = {}
    root = files("django")
    for folder in root.joinpath("conf", "locale").iterdir():
        catalogue = [
            root.joinpath(app, "locale", folder.name, "LC_MESSAGES", "django.po")
            for app in ("conf", "contrib/admin", "contrib/auth")
        ]
        text = "".join(path.read_text("utf-8") for path in catalogue if path.is_file())
        lines = [line for line in re.findall(r'msgstr(?:\[\d\])? "(.{12,})"', text) if not re.search(r"[%{\\]", line)]
        pieces, held = [], ""
        for line in lines:
            held += line + "\n"
            if len(held) >= characters:
                pieces.append(held)
                held = ""
        if code := language_code(folder.name.split("_")[0]):
            found.setdefault(code, []).extend(pieces)
    return found


def subtitle_texts(folder: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted(folder.iterdir()):
        codes = [code for part in re.split(r"[.\-_]", path.stem) if (code := language_code(part))]
        data = path.read_bytes()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
        garbled = (mended := decode_text(data)) is None or mended.text.lstrip("\ufeff") != text
        if garbled:
            print(f"passed over, for it was garbled before: {path.name}")
        elif codes and not text.isascii():
            found.setdefault(codes[-1], []).append(text)
    return found


def written(text: str, name: str) -> bytes:
    """The text as bytes; code page 1258 has tones apart."""
    if name == "cp1258":
        apart = []
        for c in text:
            parts = unicodedata.normalize("NFD", c)
            base = unicodedata.normalize("NFC", "".join(p for p in parts if p not in TONES))
            apart.append(base + "".join(p for p in parts if p in TONES))
        text = "".join(apart)
    return text.encode(name, "replace")


def holds(text: str, name: str) -> bool:
    """Whether an encoding has all of a text's letters; Vietnamese ones are put together from parts."""
    letters = "".join(sorted({c for c in text if c.isalpha()}))
    try:
        return name == "cp1258" or bool(letters.encode(name))
    except UnicodeEncodeError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--characters", type=int, default=2_000)
    asked = parser.parse_args()
    sources = {}
    if asked.folder:
        sources["subtitles"] = subtitle_texts(asked.folder)
    if find_spec("django"):
        sources["interface texts"] = interface_texts(asked.characters)
    peer = None
    if find_spec("charset_normalizer"):
        from charset_normalizer import from_bytes as peer
    for source, texts in sources.items():
        tried, right, theirs, languages, guessed, strange, named = 0, 0, 0, 0, 0, 0, 0
        wrong: Counter[tuple[str, str, str]] = Counter()
        for language, pieces in texts.items():
            for text in pieces:
                guess = guess_language(text)
                if can_guess(language):
                    languages, guessed = languages + 1, guessed + (guess == language)
                else:
                    strange, named = strange + 1, named + bool(guess)
                for name in ENCODINGS.get(language, ()):
                    if not holds(text, name):
                        continue
                    data = written(text, name)
                    if data.isascii() and name != "iso2022_jp":
                        continue
                    want = data.decode(name)
                    tried += 1
                    found = decode_text(data)
                    if found is not None and found.text == want:
                        right += 1
                    else:
                        wrong[language, name, found.encoding if found else "none"] += 1
                    best = peer(data).best() if peer else None
                    theirs += best is not None and str(best) == want
        print(f"{source}: {right} of {tried} texts right; charset-normalizer {theirs if peer else 'not installed'}")
        print(f"{source}: {guessed} of {languages} languages right; of {strange} texts in others {named} taken for one")
        for (language, name, taken), count in wrong.most_common():
            print(f"  {language} in {name} taken for {taken}: {count}")


if __name__ == "__main__":
    main()
