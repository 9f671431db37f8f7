"""The films to judge by: composed, encoded to real files, kept with their truth until the composer changes.

Two sets. *Transitions*: every kind of boundary under every look, some shots with a trap. *Traps*: one kind of trap a
film, one in every shot, hard cuts between, so that each false boundary can be put down to one. Sizes, frame rates,
codecs and bit rates go round. The plan is fixed; ``side`` says of which material the films are made.
"""

import hashlib
import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
from compose import Composed, Joint, Trap, compose, side_pieces
from material import VERSION, folder
from traps import TRAPS

from punctum.media import write_film

SEED = {"judge": 1000, "calibrate": 2000, "build": 3000}
RATES = (24, 25, 30, Fraction(24000, 1001), 50, 12, 60, 10, 24, 15)
SIZES = ((320, 180), (480, 270), (320, 240), (320, 136), (256, 144), (320, 172))
CODECS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("mp4", "libx264", {"crf": "20", "preset": "veryfast"}),
    ("mkv", "libx264", {"crf": "27", "preset": "medium"}),
    ("mp4", "libx264", {"crf": "33", "preset": "fast"}),
    ("avi", "mpeg4", {"q": "5"}),
    ("mkv", "libx265", {"crf": "28", "preset": "ultrafast", "x265-params": "log-level=none"}),
    ("mp4", "libx264", {"crf": "24", "preset": "superfast", "g": "50"}),
    ("avi", "mpeg4", {"q": "12"}),
)  # fmt: skip
LOOKED = (
    "plain", "dark", "grain", "colourless", "dark+grain+colourless", "flicker", "plain", "scratches+colourless",
    "low bit rate", "dark+grain+colourless", "twos", "plain", "dark+grain", "grain+colourless", "dark+colourless",
    "dark+grain+colourless", "plain", "flicker+scratches+colourless", "low bit rate+dark", "twos", "plain",
    "dark+grain+colourless", "plain", "plain",
)  # fmt: skip


class Plan(NamedTuple):
    """A film to make."""

    name: str
    seed: int
    size: tuple[int, int]
    fps: Fraction
    look: str
    ending: str
    codec: str
    options: dict[str, str]
    trap: str = ""


class Truth(NamedTuple):
    """What is true of a film."""

    joints: list[Joint]
    traps: list[Trap]
    frames: int


def plans(side: str) -> list[Plan]:
    """All films of a side: those of transitions first, then two of every trap."""
    made = []
    for i, look in enumerate(LOOKED):
        ending, codec, options = CODECS[i % len(CODECS)]
        rate = Fraction(RATES[i % len(RATES)])
        made.append(Plan(f"film{i:02}", SEED[side] + i, SIZES[i % len(SIZES)], rate, look, ending, codec, options))
    for i in range(2 * len(TRAPS)):
        # the first film of each trap as cinema has it, the second as anything else
        first = i < len(TRAPS)
        ending, codec, options = CODECS[(3 * i + (not first)) % len(CODECS)]
        rate = Fraction((24, 25, 30)[i % 3] if first else RATES[(7 * i) % len(RATES)])
        look = "plain" if first else ("grain", "dark", "colourless", "plain", "low bit rate")[i % 5]
        trap = TRAPS[i % len(TRAPS)]
        made.append(
            Plan(f"trap{i:02}", SEED[side] + 500 + i, SIZES[i % len(SIZES)], rate, look, ending, codec, options, trap)
        )
    return made


def compose_plan(side: str, plan: Plan, wide: int = 0) -> Composed:
    """Compose the pictures of a planned film; ``wide`` pixels wide where it is given (what is drawn then differs)."""
    if plan.trap:
        shared = {"kinds": (1.0, 0.0, 0.0, 0.0), "traps": (plan.trap,), "core": (30.0, 44.0, 70.0)}
        count, share = 21, 1.0
    else:
        shared = {"kinds": (0.5, 0.22, 0.14, 0.14)}
        count, share = 32, 0.25
    size = (wide, round(wide * plan.size[1] / plan.size[0] / 2) * 2) if wide else plan.size
    return compose(side_pieces(side), plan.seed, count, plan.look, share, size=size, fps=float(plan.fps), **shared)


def version() -> str:
    """A name for what the composer draws at present: hash of a tiny film, of the plan, of the material's version."""
    rng = np.random.default_rng(0)
    pieces = [rng.integers(0, 256, (90, 18, 32, 3), np.uint8) // (1 + i) for i in range(4)]
    film = compose(pieces, 1, 40, "dark+grain+colourless+flicker+scratches", 1.0)
    drawn = repr((film.joints, film.traps, LOOKED, RATES, SIZES, CODECS, VERSION)).encode()
    return hashlib.blake2b(film.pictures.tobytes() + drawn, digest_size=6).hexdigest()


def films(side: str, only: str = "", *, made: bool = False) -> Iterator[tuple[Plan, Path, Truth]]:
    """Give every film of a side as a file with its truth; made once, or only those ``made`` before."""
    kept = folder() / f"{side}-{version()}"
    kept.mkdir(parents=True, exist_ok=True)
    for plan in plans(side):
        if only and not plan.name.startswith(only) and plan.trap != only:
            continue
        path, told = kept / f"{plan.name}.{plan.ending}", kept / f"{plan.name}.json"
        if made and not told.exists():
            continue
        if not told.exists():
            film = compose_plan(side, plan)
            write_film(path, film.pictures, plan.fps, codec=plan.codec, options=plan.options)
            told.write_text(json.dumps([film.joints, film.traps, len(film.pictures)]))
        joints, traps, frames = json.loads(told.read_text())
        yield plan, path, Truth([Joint(*j) for j in joints], [Trap(*t) for t in traps], frames)
