"""How well people are told apart, on composed films of three to six.

    python benchmarks/people/characters.py CAST [FILMS [KEPT]]

CAST is a folder of folders of pictures, see ``cast.py``. A film is some scenes, each in a light of its own; in each
some of its people take turns, in one of three dresses. Half of the people are those whose pictures the weights and
`JOIN` were chosen on; the other half judges. Printed are precision and recall over pairs of tracks.
KEPT is a file that keeps the films.
"""

import pickle
import sys
from pathlib import Path

import numpy as np
import polars as pl
from cast import Studio, draw_light, is_judge, read_cast

from punctum.segment.characters import JOIN, find_characters
from punctum.tables import FACES, TRACKS, conform

TAKES = 3
SHOT_S = 4.0


def compose(rng, studio, cast, people: int, scenes: int):
    """Tables of a film, and who is in each track."""
    who = rng.choice(sorted(cast), people, replace=False)
    dresses = {name: [None, *[tuple(rng.integers(20, 235, 3).tolist()) for _ in range(2)]] for name in who}
    faces, tracks, truth = [], [], []
    shot, time_s = 0, 0.0
    for _ in range(scenes):
        light = draw_light(rng)
        here = rng.choice(who, min(people, int(rng.integers(2, 4))), replace=False)
        worn = {name: dresses[name][int(rng.integers(3))] for name in here}
        for turn in range(int(rng.integers(5, 11))):
            name = here[turn % len(here)]
            picture = cast[name][int(rng.integers(len(cast[name])))]
            takes = [seen for _ in range(TAKES) if (seen := studio.shoot(picture, light, worn[name])) is not None]
            if takes:
                number = len(tracks)
                for k, seen in enumerate(takes):
                    box = dict(zip(("left", "top", "width", "height"), seen.box, strict=True))
                    more = {"frame": int(time_s * 24) + k, "time_s": time_s + k, "track": number, "score": 0.9}
                    faces.append({**box, **more, "eye_distance_px": 40.0, "look": seen.look})
                    faces[-1]["identity"] = None if k else seen.identity
                middle = dict(zip(("left", "top", "width", "height"), takes[0].box, strict=True))
                tracks.append({"track": number, "shot": shot, "start_s": time_s, "end_s": time_s + TAKES, **middle})
                truth.append(name)
            shot += 1
            time_s += SHOT_S
        time_s += 90.0
    return conform(pl.DataFrame(faces), FACES), conform(pl.DataFrame(tracks), TRACKS), np.array(truth)


def count_pairs(found, truth):
    """Pairs rightly joined, joined, and to be joined."""
    i, j = np.triu_indices(len(truth), 1)
    joined = (found[i] == found[j]) & (found[i] >= 0)
    same = truth[i] == truth[j]
    return np.array([(joined & same).sum(), joined.sum(), same.sum()])


def main() -> None:
    cast = read_cast(Path(sys.argv[1]))
    films = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    kept = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    films_of = pickle.loads(kept.read_bytes()) if kept and kept.exists() else {}
    rng = np.random.default_rng(7)
    studio = Studio(rng)
    for half in (False, True):
        own = {name: pictures for name, pictures in cast.items() if is_judge(name) == half}
        made = films_of.get(half) or [compose(rng, studio, own, 3 + film % 4, 4) for film in range(films)]
        films_of[half] = made
        print("judged" if half else "learnt from", f"({len(own)} people, {films} films)")
        for join in (JOIN,) if half else (1.5, JOIN, 2.5, 3.0):
            total = np.zeros(3)
            wrong = groups = people = 0
            for faces, tracks, truth in made:
                found = find_characters(faces, tracks, join)["character"].fill_null(-1).to_numpy()
                counts = count_pairs(found, truth)
                total += counts
                wrong += counts[0] < counts[1]
                groups += len(set(found))
                people += len(set(truth))
            right, joined, same = total
            print(
                f"  join {join}: precision {right / max(joined, 1):.3f}, recall {right / same:.3f},"
                f" films with a wrong group {wrong}/{films}, {groups} groups for {people} people",
                flush=True,
            )

    if kept:
        kept.write_bytes(pickle.dumps(films_of))


if __name__ == "__main__":
    main()
