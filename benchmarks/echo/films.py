"""Drawn films to look for echoes in: unrelated ones, and families in which one scene is staged again.

    python benchmarks/echo/films.py DIR [--unrelated 200] [--families 20] [--jobs 2] [--width 256] [--seed 0]

Draws and reads them into DIR. ``unrelated/`` holds films of varied staging, length, cutting, scale, shape and sound;
``families/NN/`` a film and six others whose endings are its ending staged again: anew (other people, trees, lights),
mirrored, faster, slower, in another palette, all of it at once. ``families/families.json`` tells which is which, with
the spans of the scenes in seconds. What was drawn and read before stays.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from punctum.demo import Staging
from punctum.demo.others import staged_again, unrelated
from punctum.library import processes, read_library
from punctum.pipeline.demo import draw_films, place_film

VARIANTS: dict[str, dict[str, Any]] = {
    "anew": {},
    "mirrored": {"mirror": True},
    "faster": {"speed": 1.25},
    "slower": {"speed": 0.8},
    "palette": {"palette": "other"},
    "all": {"mirror": True, "speed": 0.85, "palette": "other"},
}
"""How a scene is staged again; `others.staged_again` takes these, ``other`` stands for one that is drawn."""

PALETTES = ("ember", "verdigris", "silver", "night 60", "night 210", "day 150", "day 300")


class Family(NamedTuple):
    """A film, the scene that ends it in seconds, and by name the films that end on it staged again, and where."""

    film: Staging
    scene_s: tuple[float, float]
    variants: dict[str, tuple[Staging, tuple[float, float]]]


def families(count: int, seed: int, width_px: int) -> Iterator[Family]:
    """Yield families; the scene is the film's last three to six shots before black and credits."""
    for number in range(count):
        first = 700_000 + seed * 10_000 + number * 20
        chance = np.random.default_rng([first, 1])
        film = unrelated(first, width_px)
        body = tuple(plan for plan in film.shots if plan.set_up not in ("black", "credits"))
        scene = body[-int(min(len(body) - 1, chance.integers(3, 7))) :]
        start_s = sum(plan.length_s for plan in body) - sum(plan.length_s for plan in scene)
        variants = {}
        for index, (name, how) in enumerate(VARIANTS.items(), 1):
            palette = str(chance.choice([one for one in PALETTES if one != film.palette]))
            changes = {**how, **({"palette": palette} if "palette" in how else {"palette": film.palette})}
            other = staged_again(scene, unrelated(first + index, width_px), **changes)
            end_s = sum(plan.length_s for plan in other.shots)
            long_s = sum(plan.length_s for plan in scene) / changes.get("speed", 1.0)
            variants[name] = (other, (end_s - long_s, end_s))
        yield Family(film, (start_s, sum(plan.length_s for plan in body)), variants)


def make(folder: Path, films: list[Staging], jobs: int) -> None:
    """Draw and read films into a folder, telling how far it is."""
    began, name = time.monotonic(), folder.name
    run: Any
    with processes(jobs) as run:
        drawn = draw_films(folder, films, run, lambda at: tell(f"{name}: drawn {at.done_s:.0f} of {at.total_s:.0f} s"))
        for number, result in enumerate(read_library(drawn, run), 1):
            tell(f"{name}: read {number} of {len(drawn)}, {time.monotonic() - began:.0f} s {result.error}")


def tell(text: str) -> None:
    """Show progress."""
    print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def main() -> None:
    """Draw and read what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--unrelated", type=int, default=200)
    parser.add_argument("--families", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    first = 500_000 + asked.seed * 1_000
    make(asked.folder / "unrelated", [unrelated(first + n, asked.width) for n in range(asked.unrelated)], asked.jobs)
    told = []
    for number, family in enumerate(families(asked.families, asked.seed, asked.width)):
        folder = asked.folder / "families" / f"{number:02d}"
        make(folder, [family.film, *(staging for staging, _ in family.variants.values())], asked.jobs)

        def address(staging: Staging, folder: Path = folder) -> str:
            return place_film(folder, staging).with_suffix(".punctum").relative_to(asked.folder).as_posix()

        variants = {
            name: {"bundle": address(staging), "span_s": span} for name, (staging, span) in family.variants.items()
        }
        told.append({"bundle": address(family.film), "span_s": family.scene_s, "variants": variants})
    if told:
        (asked.folder / "families" / "families.json").write_text(json.dumps(told, indent=1), "utf-8")
    print(file=sys.stderr)


if __name__ == "__main__":
    main()
