"""What identity embeddings would add to telling people apart: not part of Punctum, see docs/measures.md.

    python benchmarks/people/identity.py CAST MODELS [FILMS]

CAST is a folder of folders of pictures, see ``cast.py``; MODELS the folder of dlib's weights that the package
`face_recognition_models` carries; `dlib-bin` must be there. Films are composed as ``characters.py`` does, one face a
track is embedded. How looks and distances add up is fitted to one half of the people and judged on the other.
"""

import sys
import time
from pathlib import Path

import dlib
import numpy as np
import polars as pl
from cast import Studio, is_judge, read_cast
from characters import compose, count_pairs
from scipy.optimize import minimize

from punctum.segment.characters import APART, JOIN, _groupable, _scores, join_groups

JOINS = (1.0, 2.0, 3.0)


class Embedder:
    """Gives a face its place among faces: 128 numbers."""

    def __init__(self, models: Path) -> None:
        self.net = dlib.face_recognition_model_v1(str(models / "dlib_face_recognition_resnet_model_v1.dat"))
        self.points = dlib.shape_predictor(str(models / "shape_predictor_5_face_landmarks.dat"))
        self.spent_s, self.count = 0.0, 0

    def embed(self, picture, box):
        begin = time.process_time()
        high, wide = picture.shape[:2]
        left, top, width, height = box
        corners = (left * wide, top * high, (left + width) * wide, (top + height) * high)
        shape = self.points(picture, dlib.rectangle(*map(int, corners)))
        found = np.array(self.net.compute_face_descriptor(picture, shape))
        self.spent_s, self.count = self.spent_s + time.process_time() - begin, self.count + 1
        return found


class Watched(Studio):
    """A studio that keeps what it shot."""

    def shoot(self, picture, light, dress):
        seen = super().shoot(picture, light, dress)
        if seen is not None:
            self.kept.append((self.picture, seen.box))
        return seen

    def describe(self, picture):
        self.picture = np.ascontiguousarray(picture)


def film_of(rng, studio, embedder, cast, people):
    """Scores by looks, distances of embeddings, and who is who, of one film's tracks."""
    studio.kept = []
    faces, tracks, truth = compose(rng, studio, cast, people, 4)
    first = faces.with_row_index().group_by("track", maintain_order=True).agg(pl.col("index").first())["index"]
    points = np.array([embedder.embed(*studio.kept[row]) for row in first.to_list()])
    known = _groupable(faces, tracks)
    own = known["track"].to_numpy()
    apart = np.linalg.norm(points[own][:, None] - points[own][None], axis=2)
    return _scores(faces, known), apart, truth[own]


def fit(films):
    """Weights of a constant, the distance and the looks' score, for the log odds that two tracks are one person."""
    rows = []
    for score, apart, truth in films:
        i, j = np.triu_indices(len(truth), 1)
        rows.append(np.column_stack([apart[i, j], score[i, j], truth[i] == truth[j]])[score[i, j] > APART * 10])
    apart, score, same = np.concatenate(rows).T

    def cost(weights):
        z = weights[0] + weights[1] * apart + weights[2] * score
        return np.mean(np.logaddexp(0, np.where(same > 0, -z, z)))

    return minimize(cost, [3.0, -8.0, 0.5], method="Nelder-Mead").x


def tell(title, films, weights, joins):
    for join in joins:
        total = np.zeros(3)
        groups = people = 0
        for score, apart, truth in films:
            own = score if weights is None else weights[0] + weights[1] * apart + weights[2] * score
            own = np.where(score < APART * 10, score, own).astype(np.float32)
            np.fill_diagonal(own, 0)
            found = join_groups(own, join)
            total += count_pairs(found, truth)
            groups, people = groups + len(set(found)), people + len(set(truth))
        right, joined, same = total
        rates = f"precision {right / max(joined, 1):.3f}, recall {right / same:.3f}"
        print(f"  {title}, join {join}: {rates}, {groups} groups for {people} people", flush=True)


def main() -> None:
    whole = read_cast(Path(sys.argv[1]))
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 12
    rng = np.random.default_rng(7)
    studio, embedder = Watched(rng), Embedder(Path(sys.argv[2]))
    find = studio.find
    studio.find = lambda picture: (studio.describe(picture), find(picture))[1]
    halves = []
    for half in (False, True):
        cast = {name: pictures for name, pictures in whole.items() if is_judge(name) == half}
        halves.append([film_of(rng, studio, embedder, cast, 3 + film % 4) for film in range(count)])
    weights = fit(halves[0])
    for title, films in zip(("learnt from", "judged"), halves, strict=True):
        print(title)
        tell("looks", films, None, (JOIN,))
        tell("looks and identity", films, weights, JOINS)
    print(f"{embedder.spent_s / max(embedder.count, 1) * 1e3:.0f} ms of processor time a face")


if __name__ == "__main__":
    main()
