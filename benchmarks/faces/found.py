"""How well faces are found: recall, false boxes, by size, angle, light and coding.

``python benchmarks/faces/found.py [--film FILE …] [--windscreen FILM TRUTH] [--face PICTURE …] [--none PICTURE …]
[--cuts PICTURE …] [--cast FOLDER] [--carphone FILE]``

*film*: real films of which frames were labelled by eye (``labels.json``, by ``film_id``: every two to five seconds a
frame, and in it the middle and the height of every face a viewer would call one). *windscreen*: the sample film and its
truth, ``punctum demo`` leaves both. *face*: pictures with one real face each, made smaller, turned, darkened, coded
again. *none*: pictures without a face, and letters drawn here. *cuts*: pictures without a face, of which 25
pieces each are looked at, with and without a second look. *cast*: a folder of folders of pictures of faces, made
smaller, tilted, dark and coarse: how many finds a second look loses. *carphone*: a film in which one man speaks.
"""

import argparse
import json
import time
from pathlib import Path

import av
import cv2
import numpy as np

from punctum.film import Still
from punctum.measure.faces import SURE_SCORE, Finders, load_mesh, load_yunet, measure_stills
from punctum.measure.faces.finder import find_surely
from punctum.measure.faces.squares import Square
from punctum.media import identify
from punctum.models import YUNET, read_installed, read_model

HERE = Path(__file__).parent
LONG_PX = 640


def as_still(picture):
    """A picture as a reading would look at it."""
    scale = LONG_PX / max(picture.shape[:2])
    if scale >= 1:
        return picture
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def look(picture, finders):
    rows = measure_stills([Still(0, np.ascontiguousarray(as_still(picture)), 0.0, True, True)], finders)
    return list(rows.filter(rows["score"] >= SURE_SCORE).iter_rows(named=True))


def frames_of(path, times=None, step_s=None):
    with av.open(str(path)) as film:
        first, last = None, -1e9
        wanted = sorted(times) if times else []
        for frame in film.decode(video=0):
            first = frame.time if first is None else first
            at = frame.time - first
            if wanted and at >= wanted[0] - 1e-3:
                yield wanted.pop(0), frame.to_ndarray(format="rgb24")
            elif step_s is not None and at - last >= step_s - 1e-3:
                last = at
                yield at, frame.to_ndarray(format="rgb24")


def holds(row, x, y):
    return row["left"] <= x <= row["left"] + row["width"] and row["top"] <= y <= row["top"] + row["height"]


def films(paths, finders):
    labels = json.loads((HERE / "labels.json").read_text("utf-8"))
    seen: list[tuple[float, float]] = []  # height of each labelled face, score of its find or 0
    false: list[float] = []
    looked = 0
    for path in paths:
        known = labels.get(identify(path))
        if known is None:
            print(f"{path}: no labels")
            continue
        times = {float(time_s): faces for time_s, faces in known.items()}
        for at, picture in frames_of(path, times):
            rows = look(picture, finders)
            looked += 1
            taken = set()
            for x, y, height in times[at]:
                hit = [n for n, row in enumerate(rows) if n not in taken and holds(row, x, y)]
                taken |= set(hit[:1])
                seen.append((height, max((rows[n]["score"] for n in hit), default=0.0)))
            false += [row["score"] for n, row in enumerate(rows) if n not in taken]
    print(f"  labelled frames {looked}, faces {len(seen)}")
    for least in (0.6, 0.7, 0.8):
        told = []
        for low, high in ((0.0, 0.1), (0.1, 0.2), (0.2, 0.4), (0.4, 9.0)):
            own = [score >= least for height, score in seen if low <= height < high]
            told.append(f"{sum(own)} of {len(own)}")
        wrong = sum(score >= least for score in false)
        print(
            f"  score from {least}: of faces under 0.1, 0.2, 0.4 of the height and above {', '.join(told)} found;"
            f" {wrong} false boxes, {wrong / looked * 120:.1f} a minute at two looks a second"
        )


def windscreen(film, truth, finders):
    shots = [shot for shot in json.loads(Path(truth).read_text("utf-8"))["shots"] if shot["scale"] in ("CU", "MCU")]
    with av.open(str(film)) as opened:
        pictures = {n: f.to_ndarray(format="rgb24") for n, f in enumerate(opened.decode(video=0)) if n % 6 == 0}
    for person in ("her", "him"):
        spans = [
            range(s["transition_end_frame"] or s["start_frame"], s["end_frame"])
            for s in shots
            if s["faces"] == [person]
        ]
        own = [n for span in spans for n in span if n in pictures]
        found = [bool([r for r in look(pictures[n], finders) if r["height"] > 0.2]) for n in own]
        print(f"  {person}: {np.mean(found):.3f} of {len(found)} close-up frames")


def faces(paths, finders):
    whole = []
    for path in paths:
        picture = cv2.imread(str(path))[..., ::-1]
        rows = look(picture, finders)
        if rows:
            whole.append((picture, rows[0]))
    scores = [row["score"] for _, row in whole]
    print(f"  pictures {len(paths)}, with their face found {len(whole)}, score median {np.median(scores):.2f}")

    def rate(name, change):
        hits, answered, turns = [], 0, []
        for picture, row in whole:
            changed, back = change(picture, row)
            middle = back(row["left"] + row["width"] / 2, row["top"] + row["height"] / 2)
            found = [r for r in look(changed, finders) if holds(r, *middle)]
            hits.append(bool(found))
            if found and found[0]["lacks"] is None:
                answered += 1
                if row["yaw_deg"] is not None and row["lacks"] is None:
                    turns.append(abs(found[0]["yaw_deg"] - row["yaw_deg"]))
        off = f", yaw off by {np.median(turns):.1f} deg" if turns else ""
        print(f"  {name:<28} found {np.mean(hits):.2f}, measured {answered / len(whole):.2f}{off}")

    same = lambda x, y: (x, y)  # noqa: E731
    for px in (12, 16, 24, 32, 48, 64, 96):

        def shrink(picture, row, px=px):
            still = as_still(picture)
            factor = px / (row["height"] * still.shape[0])
            size = (max(1, round(still.shape[1] * factor)), max(1, round(still.shape[0] * factor)))
            return cv2.resize(still, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR), same

        rate(f"face {px} px high", shrink)
    for angle in (30, 60, 90, 180):

        def turn(picture, _, angle=angle):
            still = as_still(picture)
            h, w = still.shape[:2]
            matrix = cv2.getRotationMatrix2D((w / 2, h / 2), angle, 0.7)
            return cv2.warpAffine(still, matrix, (w, h), borderMode=cv2.BORDER_REFLECT), (
                lambda x, y: tuple((matrix @ (x * w, y * h, 1)) / (w, h))
            )

        rate(f"turned by {angle} deg in the picture", turn)
    for share in (0.3, 0.1, 0.05):
        rate(f"{share} of the light", lambda p, _, share=share: ((p * share).astype(np.uint8), same))
    for quality in (30, 10):

        def code(picture, _, quality=quality):
            data = cv2.imencode(".jpg", as_still(picture), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
            return cv2.imdecode(data, cv2.IMREAD_COLOR), same

        rate(f"JPEG of quality {quality}", code)
    rate("without colour", lambda p, _: (np.repeat(p.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2), same))


def none(paths, finders):
    count = boxes = 0
    for path in paths:
        picture = cv2.imread(str(path))
        if picture is None:
            continue
        rows = look(picture[..., ::-1], finders)
        count += 1
        boxes += len(rows)
        if rows:
            print(f"  {Path(path).name}: {[round(r['score'], 2) for r in rows]}")
    rng = np.random.default_rng(2)
    titles = 0
    for _ in range(200):
        picture = np.full((360, 640, 3), rng.integers(0, 60), np.uint8)
        for line in range(rng.integers(1, 9)):
            text = "".join(rng.choice(list("ABCDEFGHIKLMNOPRSTUVWY aeiou.,&"), rng.integers(4, 30)))
            font = int(
                rng.choice([cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_SCRIPT_COMPLEX])
            )
            cv2.putText(
                picture,
                text,
                (30, 50 + 38 * line),
                font,
                float(rng.uniform(0.6, 2.2)),
                (235,) * 3,
                int(rng.integers(1, 4)),
            )
        titles += len(look(picture, finders))
    print(f"  pictures without a face {count}, false boxes {boxes}; drawn titles 200, false boxes {titles}")


def cuts(paths, finders):
    """False boxes in pieces of pictures, before and after a second look."""
    rng = np.random.default_rng(5)
    pieces, before, after, shown = 0, 0, 0, {}
    for path in paths:
        picture = cv2.imread(str(path))
        if picture is None:
            continue
        high, wide = picture.shape[:2]
        for number in range(25):
            share = 1.0 if number == 0 else float(rng.uniform(0.1, 0.7))
            h, w = int(high * share), int(wide * share)
            y, x = int(rng.integers(0, high - h + 1)), int(rng.integers(0, wide - w + 1))
            piece = as_still(np.ascontiguousarray(picture[y : y + h, x : x + w, ::-1]))
            pieces += 1
            before += sum(face.score >= SURE_SCORE for face in finders.find(piece))
            kept = sum(face.score >= SURE_SCORE for face in find_surely(piece, finders.find))
            after += kept
            shown[Path(path).parts[-4:]] = shown.get(Path(path).parts[-4:], 0) + kept
    print(f"  pieces {pieces}, false boxes {before}, after a second look {after}")
    for name, kept in shown.items():
        if kept:
            print(f"    {'/'.join(name)}: {kept}")


def cast(folder, finders):
    """Finds of faces that a second look loses, by what was done to the picture."""
    rng = np.random.default_rng(5)
    ways = ("plain", "a tenth of the light", "a twentieth", "JPEG 15", "tilted to 60 deg", "lying", "blurred")
    found = {way: [0, 0] for way in ways}

    def changed(picture, way, px):
        high, wide = picture.shape[:2]
        if way in ("a tenth of the light", "a twentieth"):
            return (picture * (0.1 if way == ways[1] else 0.05)).astype(np.uint8)
        if way == "JPEG 15":
            return cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 15])[1], cv2.IMREAD_COLOR)
        if way == "blurred":
            return cv2.GaussianBlur(picture, (0, 0), px / 40)
        if way in ("tilted to 60 deg", "lying"):
            angle = rng.uniform(-60, 60) if way == "tilted to 60 deg" else rng.choice([-1, 1]) * rng.uniform(60, 120)
            turn = cv2.getRotationMatrix2D((wide / 2, high / 2), float(angle), 0.8)
            return cv2.warpAffine(picture, turn, (wide, high), borderMode=cv2.BORDER_REFLECT)
        return picture

    for path in sorted(Path(folder).glob("*/*")):
        still = as_still(np.ascontiguousarray(cv2.imread(str(path))[..., ::-1]))
        whole = finders.find(still)
        for px in (20, 28, 40, 64, 110) if whole else ():
            factor = px / whole[0].box[3]
            small = cv2.resize(still, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
            if factor > 1.3 or min(small.shape[:2]) < 24:
                continue
            small = cv2.copyMakeBorder(small, 20, 20, 20, 20, cv2.BORDER_REFLECT)
            for way in ways:
                picture = np.ascontiguousarray(changed(small, way, px))
                sure = [face for face in finders.find(picture) if face.score >= SURE_SCORE]
                if sure:
                    kept = [face for face in find_surely(picture, finders.find) if face.score >= SURE_SCORE]
                    found[way][0] += 1
                    found[way][1] += any(np.array_equal(face.box, sure[0].box) for face in kept)
    for way, (before, after) in found.items():
        print(f"  {way:<22} found {before}, lost by a second look {1 - after / max(before, 1):.3f}")
    before, after = np.sum(list(found.values()), axis=0)
    print(f"  {'together':<22} found {before}, lost by a second look {1 - after / before:.3f}")


def carphone(path, finders):
    rows = [look(picture, finders) for _, picture in frames_of(path, step_s=0.0)]
    one, more = (np.mean([len(row) > least for row in rows]) for least in (0, 1))
    print(f"  frames {len(rows)}, with a face {one:.3f}, with more than one {more:.3f}")


def cost(finders):
    """Processor time of a search and of a mesh."""
    picture = np.random.default_rng(0).integers(0, 256, (360, 640, 3), np.uint8)
    cv2.setNumThreads(1)

    def time_ms(work, times=20):
        work()
        begin = time.process_time()
        for _ in range(times):
            work()
        return (time.process_time() - begin) / times * 1e3

    small, close = (np.ascontiguousarray(picture[:h, :w]) for h, w in ((180, 320), (128, 128)))
    told = [f"{name} {time_ms(lambda p=p: finders.find(p)):.1f}" for name, p in
            (("640 x 360", picture), ("320 x 180", small), ("128 x 128", close))]  # fmt: skip
    print(f"  search, ms: {', '.join(told)}")
    if finders.fitter is not None:
        square = Square(320.0, 180.0, 200.0, 0.0)
        points = finders.fitter.mesh(picture, square)[0]
        fit, eyes = finders.fitter.mesh, finders.fitter.irises
        fit_ms, eyes_ms = time_ms(lambda: fit(picture, square)), time_ms(lambda: eyes(picture, points))
        print(f"  mesh, ms: {fit_ms:.1f}, both eyes {eyes_ms:.1f}")


def main():
    asked = argparse.ArgumentParser()
    for name in ("film", "face", "none", "cuts"):
        asked.add_argument(f"--{name}", nargs="+", default=[])
    asked.add_argument("--windscreen", nargs=2)
    asked.add_argument("--carphone")
    asked.add_argument("--cast")
    asked = asked.parse_args()
    weights = read_model("face")
    finders = Finders(load_yunet(read_installed(YUNET)), load_mesh(*weights.values()) if weights else None)
    for name, of in (("film", films), ("face", faces), ("none", none), ("cuts", cuts)):
        if getattr(asked, name):
            print(name)
            of(getattr(asked, name), finders)
    if asked.windscreen:
        print("windscreen")
        windscreen(*asked.windscreen, finders)
    if asked.cast:
        print("cast")
        cast(asked.cast, finders)
    if asked.carphone:
        print("carphone")
        carphone(asked.carphone, finders)
    print("cost")
    cost(finders)


if __name__ == "__main__":
    main()
