"""Make src/punctum/measure/words/letters.json: how letters follow each other in 50 languages.

Counts of letters and pairs are those of the profiles in the package langdetect (Apache-2.0), made from Wikipedia's
abstracts; install it first: `pip install langdetect`. No subtitle has a part in them.
"""

import base64
import json
import unicodedata
import zlib
from importlib.resources import files
from pathlib import Path

import numpy as np

OUT = Path(__file__).parent.parent / "src" / "punctum" / "measure" / "words" / "letters.json"
MOST_LETTERS = 120
LEAST_SHARE = 2e-6
SMOOTHING = 200.0
STEP = 16
"""A stored byte is -log2 of the probability, in sixteenths of a bit, at most 255."""

WITHOUT_ALPHABET = {"ja", "ko", "zh-cn", "zh-tw"}


def model(counts: dict[str, int]) -> dict[str, str]:
    single = {c: n for c, n in counts.items() if len(c) == 1 and is_letter(c)}
    total = sum(single.values())
    kept = sorted((c for c in single if single[c] >= LEAST_SHARE * total), key=lambda c: (-single[c], c))[:MOST_LETTERS]
    signs = [" ", *kept]
    place = {c: i for i, c in enumerate(signs)}
    pairs = np.zeros((len(signs), len(signs)))
    for gram, count in counts.items():
        if len(gram) == 2 and gram[0] in place and gram[1] in place:
            pairs[place[gram[0]], place[gram[1]]] += count
    pairs[0, 0] = 0
    alone = pairs.sum(axis=0) + 1
    alone /= alone.sum()
    chance = (pairs + SMOOTHING * alone) / (pairs.sum(axis=1, keepdims=True) + SMOOTHING)
    bits = np.clip(np.round(-np.log2(chance) * STEP), 0, 255).astype(np.uint8)
    return {"letters": "".join(kept), "pairs": base64.b64encode(zlib.compress(bits.tobytes(), 9)).decode()}


def is_letter(c: str) -> bool:
    return c.isalpha() or unicodedata.category(c).startswith("M")


def main() -> None:
    folder = files("langdetect").joinpath("profiles")
    made = {}
    for profile in sorted(folder.iterdir(), key=lambda p: p.name):
        if profile.name not in WITHOUT_ALPHABET and not profile.name.startswith("_"):
            made[profile.name] = model(json.loads(profile.read_text("utf-8"))["freq"])
    text = json.dumps({"step": STEP, "languages": made}, ensure_ascii=False, indent=0, sort_keys=True)
    OUT.write_text(text + "\n", "utf-8")
    print(f"{len(made)} languages, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
