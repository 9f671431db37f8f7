"""How likely two faces are one person's, by what is alike: fits the weights of ``segment/characters.py``.

    python benchmarks/people/likeness.py CAST [KEPT]

CAST is a folder of folders of pictures, see ``cast.py``; KEPT is a file that keeps what was shot of it. Half of the
people are learnt from, the other half judged by.
"""

import pickle
import sys
from pathlib import Path

import numpy as np
from cast import Studio, draw_light, is_judge, read_cast
from scipy.optimize import minimize

from punctum.measure.looks import read_looks, unlikeness

SCENES, TAKES = 6, 2


def shoot_all(folder: Path, seed: int = 1):
    rng = np.random.default_rng(seed)
    studio = Studio(rng)
    rows = []
    for person, pictures in read_cast(folder).items():
        colours = [None, *[tuple(rng.integers(20, 235, 3).tolist()) for _ in range(2)]]
        for scene in range(SCENES):
            light, dress = draw_light(rng), colours[int(rng.integers(3))]
            for _ in range(TAKES):
                seen = studio.shoot(pictures[int(rng.integers(len(pictures)))], light, dress)
                if seen is not None:
                    rows.append((person, scene, seen.look))
    return rows


def pairs(rows, near: bool):
    """Unlikeness of pairs, and whether they are one person: near are of one scene and its light."""
    people, scene = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    i, j = np.triu_indices(len(rows), 1)
    wanted = (scene[i] == scene[j]) == near
    i, j = i[wanted], j[wanted]
    looks = read_looks([r[2] for r in rows])
    one, other = (type(looks)(looks.colours[k], looks.faces[k]) for k in (i, j))
    return unlikeness(one, other), people[i] == people[j]


def design_of(x):
    """A constant, which parts are known, and how unlike they are."""
    known = np.isfinite(x)
    return np.column_stack([np.ones(len(x)), known, np.where(known, x, 0.0)])


def fit(x, same):
    """Logistic regression in which likeness adds and unlikeness takes off; both classes weigh the same."""
    design = design_of(x)
    weight = np.where(same, 0.5 / same.sum(), 0.5 / (~same).sum())
    sign = np.where(same, 1.0, -1.0)

    def loss(w):
        z = sign * (design @ w)
        return float((weight * np.logaddexp(0, -z)).sum() + 3e-4 * (w[1:] ** 2).sum())

    parts = x.shape[1]
    return minimize(
        loss, np.zeros(design.shape[1]), bounds=[(None, None)] + [(0, None)] * parts + [(None, 0)] * parts
    ).x


def main() -> None:
    kept = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    rows = pickle.loads(kept.read_bytes()) if kept and kept.exists() else shoot_all(Path(sys.argv[1]))
    if kept:
        kept.write_bytes(pickle.dumps(rows))
    for near in (True, False):
        learn, judge = ([r for r in rows if is_judge(r[0]) == half] for half in (False, True))
        weights = fit(*pairs(learn, near))
        x, same = pairs(judge, near)
        score = design_of(x) @ weights
        others = np.sort(score[~same])[::-1]
        recalls = [float((score[same] > others[int(len(others) * share)]).mean()) for share in (0.001, 0.005, 0.02)]
        rounded = np.round(weights, 2).tolist()
        print(f"{'near' if near else 'far'}: Weights({rounded[0]}, {tuple(rounded[1:5])}, {tuple(rounded[5:])})")
        print(
            f"  judged: recall at .1, .5, 2 % false: {', '.join(f'{r:.2f}' for r in recalls)}"
            f" ({same.sum()} pairs of one, {(~same).sum()} of two)"
        )


if __name__ == "__main__":
    main()
