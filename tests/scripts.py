"""Writes screenplays and the subtitles of their films, so that who says each line is known."""

import numpy as np

from punctum.measure.words.fountain import Speech

STOCK = (
    "Yes.", "No.", "What?", "Come on.", "I know.", "Thank you.", "Okay.", "Go!", "Why?", "Please.", "All right.",
    "I don't know.", "Wait.", "Sorry.", "Are you okay?", "Let's go.", "Oh.", "Really?", "Stop.", "Hello.",
)  # fmt: skip
COMMON = [
    "the", "you", "i", "to", "a", "it", "and", "that", "of", "is", "in", "what", "we", "me", "this", "he",
    "my", "for", "on", "your", "be", "no", "know", "have", "do", "not", "are", "so", "with",
]  # fmt: skip
NAMES = ("ANI", "IGOR", "VANYA", "TOROS", "GARNICK", "LULU", "DIAMOND", "GALINA")


def vocabulary(rng: np.random.Generator, size: int = 2000) -> list[str]:
    heads, tails = (
        ["b", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "st", "tr", "pl"],
        ["an", "el", "in", "or", "at", "um", "ish", "ent", "ap", "oil", "ick", "ound"],
    )
    made = {
        rng.choice(heads) + rng.choice(tails) + (rng.choice(heads) + rng.choice(tails)) * k
        for k in (0, 1)
        for _ in range(size)
    }
    return sorted(made)


def sentence(rng: np.random.Generator, words: list[str]) -> str:
    """A line as films have them: a fifth are stock phrases, half of the words are common ones."""
    if rng.random() < 0.2:
        return str(rng.choice(STOCK))
    count = 2 + int(rng.gamma(2.0, 2.5))
    rank = np.minimum(rng.zipf(1.3, count) - 1, len(words) - 1)
    said = [str(rng.choice(COMMON)) if rng.random() < 0.5 else words[(r * 7919) % len(words)] for r in rank]
    return " ".join(said).capitalize() + "."


def compose(rng: np.random.Generator, speeches: int = 600) -> list[Speech]:
    words = vocabulary(rng)
    made, heading = [], ""
    speaker = NAMES[0]
    present = NAMES[:3]
    for number in range(speeches):
        if number % 25 == 0:
            heading = f"INT. ROOM {number // 25} - NIGHT"
            present = tuple(rng.choice(NAMES, 3, replace=False))
        speaker = str(rng.choice([name for name in present if name != speaker]))
        said = " ".join(sentence(rng, words) for _ in range(1 + int(rng.random() < 0.4)))
        made.append(Speech(speaker, said, heading))
    return made


def film(rng: np.random.Generator, script: list[Speech], changed: float = 1 / 3) -> list[tuple[str, int, bool]]:
    """The film's lines: text, number of the speech (-1 for new ones), whether it is as written.

    A third of the speeches are changed (half of their words are others), moved elsewhere or missing; as many again as
    one in twenty are new. Long ones are shown as two cues.
    """
    words = vocabulary(rng)
    order: list[tuple[str, int, bool]] = []
    moved: list[tuple[str, int, bool]] = []
    for number, speech in enumerate(script):
        fate = rng.random()
        if fate < changed / 3:
            said = [sentence(rng, words).split()[0].lower() if rng.random() < 0.5 else w for w in speech.text.split()]
            order.append((" ".join(said), number, False))
        elif fate < 2 * changed / 3:
            moved.append((speech.text, number, False))
        elif fate >= changed:
            parts = speech.text.split()
            half = len(parts) // 2
            texts = [speech.text] if len(parts) < 12 else [" ".join(parts[:half]), " ".join(parts[half:])]
            order += [(text, number, True) for text in texts]
        if rng.random() < 0.05:
            order.append((sentence(rng, words), -1, False))
    for line in moved:
        order.insert(int(rng.integers(len(order) + 1)), line)
    return order
