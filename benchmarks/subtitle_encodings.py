"""How many texts come out of `decode_text` as they were written, and how many languages are guessed.

    python benchmarks/subtitle_encodings.py [FOLDER]

FOLDER holds UTF-8 subtitles named like `film.de.srt`. Besides them the texts of Django's interface are taken, where it
is installed (`pip install Django`), and charset-normalizer is asked too, where it is.
"""

import re
import sys
import unicodedata
from collections import Counter
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from punctum.measure.words import decode_text, guess_language, language_code

CHARACTERS = 2_000
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


def interface_texts() -> dict[str, list[str]]:
    """Pieces of Django's interface, by language."""
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
            if len(held) >= CHARACTERS:
                pieces.append(held)
                held = ""
        if code := language_code(folder.name.split("_")[0]):
            found.setdefault(code, []).extend(pieces)
    return found


def subtitle_texts(folder: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted(folder.iterdir()):
        codes = [code for part in re.split(r"[.\-_]", path.stem) if (code := language_code(part))]
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
        if codes and not text.isascii():
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


def main() -> None:
    sources = {}
    if len(sys.argv) > 1:
        sources["subtitles"] = subtitle_texts(Path(sys.argv[1]))
    if find_spec("django"):
        sources["interface texts"] = interface_texts()
    peer = None
    if find_spec("charset_normalizer"):
        from charset_normalizer import from_bytes as peer
    for source, texts in sources.items():
        tried, right, theirs, languages, guessed = 0, 0, 0, 0, 0
        wrong: Counter[tuple[str, str, str]] = Counter()
        for language, pieces in texts.items():
            for text in pieces:
                languages += 1
                guessed += guess_language(text) == language
                for name in ENCODINGS.get(language, ()):
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
        print(f"{source}: {guessed} of {languages} languages right")
        for (language, name, taken), count in wrong.most_common():
            print(f"  {language} in {name} taken for {taken}: {count}")


if __name__ == "__main__":
    main()
