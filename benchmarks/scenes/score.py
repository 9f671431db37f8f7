"""Score Punctum's scenes on composed films: ``python benchmarks/scenes/score.py [judge|calibrate|build] [--films N]``.

The films are those of ``compose_scenes.py``, of the material of one side. A boundary counts as found where one is found
within a shot of it, one for one; a false one counts against the half of the true boundary nearest to it. Beside it,
with the true number of scenes told to them: scenes of equal length, the fades alone, and the greatest steps of mean
colour between three shots and the next three.
"""

import argparse
from collections import Counter
from itertools import pairwise

import numpy as np
from compose_scenes import Film, compose_film
from set_up_stock import load_set_ups

from punctum.segment import scene_evidence as evidence
from punctum.segment import set_ups
from punctum.segment.scenes import find_scenes

NEAR_SHOTS = 1
SEED = 100_000


def match(found: list[int], true: list[int]) -> tuple[set[int], list[int]]:
    """Pair found boundaries with true ones, one for one, nearest first: true ones hit, found ones left over."""
    pairs = sorted((abs(f - t), f, t) for f in found for t in true if abs(f - t) <= NEAR_SHOTS)
    used: set[int] = set()
    hit: set[int] = set()
    for _, f, t in pairs:
        if f not in used and t not in hit:
            used.add(f)
            hit.add(t)
    return hit, [f for f in found if f not in used]


def tally(film: Film, found: list[int], counts: Counter[tuple[str, str]]) -> None:
    """Count hits, misses and false ones, each by half."""
    true = film.starts[1:].tolist()
    half = {t: "alike" if a else "apart" for t, a in zip(true, film.alike[1:], strict=True)}
    hit, false = match(found, true)
    for t in true:
        counts[half[t], "hit" if t in hit else "miss"] += 1
    for f in false:
        counts[half[min(true, key=lambda t: abs(t - f))], "false"] += 1


def colour_only(film: Film) -> list[int]:
    """The greatest steps of mean colour, as many as there are boundaries, none within two shots of another."""
    looks = set_ups.look_at_shots(film.tables["shots"], film.tables["frames"], film.grid)
    colour = evidence.measure_colour(looks)
    n = len(colour)
    steps = [0.0] + [
        float(np.linalg.norm(colour[max(0, k - 3) : k].mean(axis=0) - colour[k : k + 3].mean(axis=0)))
        for k in range(1, n)
    ]
    chosen: list[int] = []
    for k in np.argsort(steps)[::-1].tolist():
        if len(chosen) < len(film.starts) - 1 and k > 0 and all(abs(k - c) > 2 for c in chosen):
            chosen.append(k)
    return chosen


def main() -> None:
    """Print F1 of each method for each half, and how well doubts are kept."""
    parser = argparse.ArgumentParser()
    parser.add_argument("side", nargs="?", default="judge")
    parser.add_argument("--films", type=int, default=60)
    asked = parser.parse_args()
    stock = load_set_ups(asked.side)
    counts: dict[str, Counter[tuple[str, str]]] = {
        name: Counter() for name in ("punctum", "uniform", "fades", "colour")
    }
    doubts: list[tuple[float, bool]] = []
    for seed in range(asked.films):
        film = compose_film(stock, SEED + seed)
        scenes = find_scenes(film.tables, set_ups.find_set_ups(film.tables["shots"], film.tables["frames"], film.grid))
        found = scenes["first_shot"].to_list()[1:]
        tally(film, found, counts["punctum"])
        n, m = len(film.set_up), len(film.starts)
        tally(film, [round(n * i / m) for i in range(1, m)], counts["uniform"])
        begins = film.tables["shots"]["begins"].to_list()
        tally(film, [k for k in range(1, n) if begins[k] == "fade"], counts["fades"])
        tally(film, colour_only(film), counts["colour"])
        _, false = match(found, film.starts[1:].tolist())
        doubts += [(d, f not in false) for d, f in zip(scenes["doubt"].to_list()[1:], found, strict=True)]
    boundaries = sum(counts["uniform"][half, what] for half in ("alike", "apart") for what in ("hit", "miss"))
    print(f"{asked.side}: {asked.films} films, {boundaries} boundaries")
    for name, c in counts.items():
        print(f"{name:8}", "  ".join(f"{half} {_scores(c, half)}" for half in ("alike", "apart")))
    for low, high in pairwise([0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 1.01]):
        own = [(d, ok) for d, ok in doubts if low <= d < high]
        if own:
            said, right = np.mean([d for d, _ in own]), np.mean([ok for _, ok in own])
            print(f"doubt {low:.2f}-{high:.2f}: {len(own):5} said {said:.3f}  wrong {1 - right:.3f}")


def _scores(counts: Counter[tuple[str, str]], half: str) -> str:
    hit, miss, false = (counts[half, what] for what in ("hit", "miss", "false"))
    precision, recall = hit / max(hit + false, 1), hit / max(hit + miss, 1)
    return f"F1 {2 * hit / max(2 * hit + miss + false, 1):.3f} (P {precision:.3f} R {recall:.3f})"


if __name__ == "__main__":
    main()
