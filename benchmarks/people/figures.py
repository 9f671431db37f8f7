"""How well montage figures are found in composed films, with sequences that resemble them and are none.

    python benchmarks/people/figures.py [FILMS]

Films are composed as tables: who is in each shot, where, how large, turned where. Boxes and turns of heads have the
finder's noise, looks are missed, and one track in twelve is taken for somebody else. A find is right where it covers
half of a sequence composed as that figure, and is covered by it to a half; whatever else is found is wrong. Sequences
of two people on opposite sides that were composed as something else may be called opposition, and need not.
"""

import sys

import numpy as np
import polars as pl

from punctum.segment.figures import find_figures
from punctum.segment.tracks import follow_faces, make_tracks
from punctum.tables import FACES, SCENES, SHOTS, conform, empty

FPS = 24.0
KINDS = ("shot_reverse_shot", "intensify", "opposition", "frameshare")


def shot(who, x=0.5, height=0.35, yaw=0.0):
    return [{"who": who, "x": x, "height": height, "yaw": yaw}]


def reverse(rng):
    a, b, side = 0, 1, rng.uniform(0.04, 0.12)
    size, larger = rng.uniform(0.25, 0.5), rng.uniform(0.75, 1.3)
    turn = rng.uniform(10, 35)
    one, other = shot(a, 0.5 - side, size, turn), shot(b, 0.5 + side, size * larger, -turn)
    return [one if i % 2 == 0 else other for i in range(int(rng.integers(4, 11)))]


def closer(rng):
    size, step = rng.uniform(0.12, 0.22), rng.uniform(1.3, 1.6)
    return [shot(0, rng.uniform(0.47, 0.53), size * step**i, 0) for i in range(int(rng.integers(3, 5)))]


def opposed(rng):
    size = rng.uniform(0.15, 0.4)
    return [shot(i % 3, 0.25 if i % 2 else 0.75, size, 0) for i in range(int(rng.integers(3, 7)))]


def shared(rng):
    gap = rng.uniform(0.2, 0.4)
    two = [*shot(0, 0.5 - gap / 2, 0.25, 10), *shot(1, 0.5 + gap / 2, 0.25, -10)]
    return [two] * int(rng.integers(1, 3))


def three_talk(_):
    return [shot(i % 3, 0.4 + 0.1 * (i % 3), 0.35, (20, 0, -20)[i % 3]) for i in range(6)]


def same_way(rng):
    """Two who look the same way: a pursuit, or people side by side."""
    return [shot(i % 2, 0.42, rng.uniform(0.3, 0.4), rng.uniform(12, 30)) for i in range(6)]


def to_camera(_):
    """Two who speak to the camera in turn."""
    return [shot(i % 2, 0.5, 0.4, 0) for i in range(6)]


def interrupted(_):
    """A face and what is no face in turn."""
    return [shot(0, 0.42, 0.4, 20) if i % 2 == 0 else [] for i in range(6)]


def near_and_far(_):
    """Somebody close and somebody far away in turn."""
    return [shot(0, 0.42, 0.6, 20) if i % 2 == 0 else shot(1, 0.58, 0.12, -20) for i in range(6)]


def there_and_back(_):
    return [shot(0, 0.5, height, 0) for height in (0.2, 0.4, 0.2, 0.4)]


def one_step(_):
    return [shot(0, 0.5, 0.2, 0), shot(0, 0.5, 0.45, 0), shot(0, 0.5, 0.46, 0)]


def same_side(_):
    return [shot(i % 2, 0.28, 0.3, 20) for i in range(4)]


def passer_by(_):
    return [[*shot(0, 0.5, 0.4, 0), {"who": 1, "x": 0.8, "height": 0.2, "yaw": 0, "share": 0.2}]]


FIGURES = {"shot_reverse_shot": reverse, "intensify": closer, "opposition": opposed, "frameshare": shared}
SIDES = (reverse, near_and_far)
"""These have two people on opposite sides, too."""

OTHERS = (three_talk, same_way, to_camera, interrupted, near_and_far, there_and_back, one_step, same_side, passer_by)


def compose(rng):
    """Tables of a film and its truth: (kind or None, first shot, shot after the last, on opposite sides)."""
    shots, truth, scene_starts = [], [], []
    for _ in range(8):
        scene_starts.append(len(shots))
        kind = KINDS[int(rng.integers(len(KINDS)))] if rng.random() < 0.5 else None
        draw = FIGURES[kind] if kind else OTHERS[int(rng.integers(len(OTHERS)))]
        made = draw(rng)
        people = rng.permutation(6)[:4]
        made = [[{**face, "who": int(people[face["who"]])} for face in faces] for faces in made]
        shots.append([])  # an establishing shot without faces
        truth.append((kind, len(shots), len(shots) + len(made), draw in SIDES))
        shots += made
    rows, lengths = [], []
    for faces in shots:
        start, length = sum(lengths), int(rng.integers(40, 120))
        lengths.append(length)
        for frame in (f for at in range(0, length, 12) for f in (at, at + 1) if f < length):
            for face in faces:
                if rng.random() < 0.1 or frame > face.get("share", 1) * length:
                    continue
                height = face["height"] * np.exp(rng.normal(0, 0.04))
                x, width = face["x"] + rng.normal(0, 0.006), 0.75 * height * 9 / 16
                rows.append(
                    {"frame": start + frame, "time_s": (start + frame) / FPS, "left": x - width / 2, "top": 0.2,
                     "width": width, "height": height, "score": 0.9, "yaw_deg": face["yaw"] + rng.normal(0, 5)}
                )  # fmt: skip
    ends = np.cumsum(lengths)
    table = {"shot": range(len(shots)), "start_frame": ends - lengths, "end_frame": ends}
    table |= {"start_s": (ends - lengths) / FPS, "end_s": ends / FPS, "length_s": np.array(lengths) / FPS}
    faces = follow_faces(conform(pl.DataFrame(rows), FACES), shot_table := conform(pl.DataFrame(table), SHOTS), 16 / 9)
    tracks = make_tracks(faces, shot_table)
    who = []
    for row in tracks.iter_rows(named=True):
        there = shots[row["shot"]]
        nearest = min(there, key=lambda face: abs(face["x"] - row["left"] - row["width"] / 2))["who"]
        who.append(nearest if rng.random() > 1 / 12 else int(rng.integers(6, 40)))
    tracks = tracks.with_columns(pl.Series("character", who, pl.Int32))
    scenes = conform(pl.DataFrame({"scene": range(8), "start_frame": (ends - lengths)[scene_starts]}), SCENES)
    return faces, tracks, shot_table, scenes, truth


def main() -> None:
    rng = np.random.default_rng(11)
    films = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    right, found, there, met = (dict.fromkeys(KINDS, 0) for _ in range(4))
    for number in range(films):
        faces, tracks, shots, scenes, truth = compose(rng)
        figures = find_figures(faces, tracks, shots, scenes if number % 2 else empty(SCENES), 16 / 9)
        for kind in KINDS:
            own = [(a, b) for name, a, b, _ in truth if name == kind]
            maybe = [(a, b) for _, a, b, sides in truth if sides] if kind == "opposition" else []
            made = figures.filter(pl.col("kind") == kind).select("first_shot", "end_shot").rows()
            good = [
                any(overlap(one, other) >= 0.5 for other in own) or any(inside(one, other) >= 0.5 for other in maybe)
                for one in made
            ]
            right[kind] += sum(good)
            found[kind] += len(made)
            there[kind] += len(own)
            met[kind] += sum(any(overlap(one, other) >= 0.5 for one in made) for other in own)
    for kind in KINDS:
        print(
            f"{kind:<18} precision {right[kind] / max(found[kind], 1):.3f} of {found[kind]},"
            f" recall {met[kind] / max(there[kind], 1):.3f} of {there[kind]}"
        )


def inside(one, other) -> float:
    """How much of one lies in the other."""
    return max(min(one[1], other[1]) - max(one[0], other[0]), 0) / (one[1] - one[0])


def overlap(one, other) -> float:
    """Shots that both have, of all that either has."""
    shared_shots = min(one[1], other[1]) - max(one[0], other[0])
    return max(shared_shots, 0) / (max(one[1], other[1]) - min(one[0], other[0]))


if __name__ == "__main__":
    main()
