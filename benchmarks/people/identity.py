"""What identity adds to telling people apart: fits its weights in ``segment/characters.py``, and judges by others.

    python benchmarks/people/identity.py CAST [FILMS [KEPT]]

CAST is a folder of folders of pictures, see ``cast.py``; the weights must have been fetched (``punctum models fetch
identity``). Films are composed as ``characters.py`` does; of each track one face has a place among faces. Half of the
people are learnt from, the other half judge. KEPT is a file that keeps the films.
"""

import pickle
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import polars as pl
from cast import Studio, is_judge, read_cast
from characters import compose, count_pairs
from scipy.optimize import minimize

from punctum.measure.faces.identity import load_identity
from punctum.models import read_model
from punctum.segment.characters import JOIN, _groupable, find_characters, measure_apart, score_looks


class Timed:
    """Counts what an embedding costs."""

    def __init__(self, embed) -> None:
        self.embed, self.spent_s, self.count = embed, 0.0, 0

    def __call__(self, picture, points):
        begin = time.process_time()
        found = self.embed(picture, points)
        self.spent_s, self.count = self.spent_s + time.process_time() - begin, self.count + 1
        return found


def pairs_of(films):
    """Distance, the looks' score, and whether it is one person, of all pairs of tracks; and in how many pictures."""
    rows = []
    for faces, tracks, truth in films:
        known = _groupable(faces, tracks)
        who = truth[known["track"].to_numpy()]
        i, j = np.triu_indices(len(who), 1)
        rows.append(
            np.column_stack(
                [measure_apart(faces, known)[i, j], score_looks(faces, known)[i, j], (who[i] == who[j]).astype(float)]
            )
        )
    return np.concatenate(rows).T


def fit(films):
    """Weights of a constant, the distance and the looks' score, for the log odds that two tracks are one person."""
    apart, score, same = pairs_of(films)
    weight = np.where(same > 0, 0.5 / same.sum(), 0.5 / (1 - same).sum())

    def cost(weights):
        z = weights[0] + weights[1] * apart + weights[2] * score
        return (weight * np.logaddexp(0, np.where(same > 0, -z, z))).sum() + 3e-4 * (weights[1:] ** 2).sum() / 100

    return minimize(cost, [10.0, -20.0, 0.3], method="Nelder-Mead", options={"maxiter": 4000}).x


def tell(title, films, with_identity):
    total = np.zeros(3)
    wrong = groups = people = 0
    for faces, tracks, truth in films:
        own = faces if with_identity else faces.with_columns(pl.lit(None, pl.Binary).alias("identity"))
        found = find_characters(own, tracks, JOIN)["character"].fill_null(-1).to_numpy()
        counts = count_pairs(found, truth)
        total += counts
        wrong += counts[0] < counts[1]
        groups, people = groups + len(set(found)), people + len(set(truth))
    right, joined, same = total
    rates = f"precision {right / max(joined, 1):.3f}, recall {right / same:.3f}"
    print(f"  {title}: {rates}, films with a wrong group {wrong}/{len(films)}, {groups} groups for {people} people")


def main() -> None:
    cv2.setNumThreads(1)
    cast = read_cast(Path(sys.argv[1]))
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 12
    kept = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    weights = read_model("identity")
    if weights is None:
        sys.exit("`punctum models fetch identity` fetches the weights")
    embed = Timed(load_identity(*weights.values()))
    films_of = pickle.loads(kept.read_bytes()) if kept and kept.exists() else {}
    studio = Studio(np.random.default_rng(7), embed)
    for half in (False, True):
        own = {name: pictures for name, pictures in cast.items() if is_judge(name) == half}
        if half not in films_of:
            films_of[half] = [compose(studio.rng, studio, own, 3 + film % 4, 4) for film in range(count)]
        apart, _, same = pairs_of(films_of[half])
        print("judged" if half else "learnt from", f"({len(own)} people, {len(films_of[half])} films)")
        for title, chosen in (("one person", apart[same > 0]), ("two", apart[same == 0])):
            quantiles = np.quantile(chosen, (0.01, 0.05, 0.5, 0.95, 0.99)).round(2).tolist()
            print(f"  distance of {title}, of 100 the 1st, 5th, middle, 95th, 99th: {quantiles}")
        tell("looks", films_of[half], False)
        tell("identity", films_of[half], True)
        if not half:
            print("  fitted:", fit(films_of[half]).round(2).tolist())
    if embed.count:
        print(f"{embed.spent_s / embed.count * 1e3:.1f} ms of processor time a face")
    if kept:
        kept.write_bytes(pickle.dumps(films_of))


if __name__ == "__main__":
    main()
