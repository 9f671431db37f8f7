"""How well shot scales are told: against the frames of ``tests/data/scale_labels.csv``, labelled by eye.

    python benchmarks/people/scale.py WINDSCREEN FOLDER...

WINDSCREEN is the sample film; the other pictures and films are sought in the folders, by the ends of their paths, or by
their content where the labels name that. What is not there is left out and counted. `FACE_OF_HEAD` and `SPREAD` of
``segment/scale.py`` are fitted to each half of the sources and tested on the other.
"""

import csv
import math
import sys
from collections import Counter
from pathlib import Path
from zlib import crc32

import av
import cv2
import numpy as np

from punctum.measure.faces import load_yunet
from punctum.media import identify
from punctum.models import YUNET, read_installed
from punctum.segment.scale import FACE_OF_HEAD, HEADS, SPREAD
from punctum.tables import SCALES

LABELS = Path(__file__).parents[2] / "tests" / "data" / "scale_labels.csv"
SURE = 0.6
STRIP_PX = ((0, 157), (166, 317), (326, 537), (546, 633), (642, 788), (798, 903), (911, 1122), (1130, 1280))
"""Columns of the pictures in the strip of `samples.jpg`, 158 rows high."""


def find_sources(names: set[str], windscreen: str, folders: list[str]) -> dict[str, Path]:
    files = [path for folder in folders for path in sorted(Path(folder).rglob("*")) if path.is_file()]
    films = [path for path in files if path.suffix in (".mp4", ".webm", ".mkv", ".avi")]
    found = {"windscreen": Path(windscreen)}
    ids: dict[str, Path] = {}
    for name in names:
        if len(name) == 32:
            ids = ids or {identify(path): path for path in films}
            end = ids.get(name)
        else:
            tail = name.split(" picture ")[0].split()[-1]
            end = next((path for path in files if path.as_posix().endswith(tail)), None)
            end = end or next((path for path in files if path.name == tail.rsplit("/", 1)[-1]), None)
        if end is not None:
            found.setdefault(name, end)
    return found


def read_picture(path: Path, source: str, frame: str) -> np.ndarray:
    if path.suffix in (".jpg", ".png"):
        picture = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        if " picture " in source:
            left, right = STRIP_PX[int(source.rsplit(" ", 1)[1])]
            picture = picture[:158, left:right]
        return picture
    with av.open(str(path)) as film:
        for number, decoded in enumerate(film.decode(video=0)):
            if number == int(frame):
                return without_bars(decoded.to_ndarray(format="rgb24"))
    raise ValueError(f"{path} has no frame {frame}")


def without_bars(picture: np.ndarray) -> np.ndarray:
    bright = picture.max(axis=2) > 24
    rows, columns = np.flatnonzero(bright.any(axis=1)), np.flatnonzero(bright.any(axis=0))
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else picture


def nearest_face(picture: np.ndarray, find) -> float | None:
    size = min(1.0, 640 / max(picture.shape[:2]))
    if size < 1:
        picture = cv2.resize(picture, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
    heights = [float(face.box[3]) / picture.shape[0] for face in find(picture) if face.score >= SURE]
    return max(heights, default=None)


def place(height: float, face_of_head: float) -> int:
    return sum(face_of_head / height > bound for bound in HEADS)


def fit(rows: list[tuple[int, float]]) -> tuple[float, float]:
    """Face of head, and spread, under which the labels are likeliest."""

    def below(z: float) -> float:
        return 0.5 * (1 + math.erf(z / math.sqrt(2)))

    bounds = [-20.0, *(math.log(bound) for bound in HEADS), 20.0]

    def loss(part: float, spread: float) -> float:
        heads = [(label, math.log(part / height)) for label, height in rows]
        likely = [below((bounds[n + 1] - x) / spread) - below((bounds[n] - x) / spread) for n, x in heads]
        return -sum(math.log(max(chance, 1e-4)) for chance in likely)

    grid = [(a, s) for a in np.arange(0.7, 1.1, 0.01) for s in np.arange(0.08, 0.5, 0.02)]
    return min(grid, key=lambda pair: loss(*pair))


def judge(rows: list[tuple[int, float]], part: float) -> str:
    off = [place(height, part) - label for label, height in rows]
    matrix = np.zeros((len(SCALES), len(SCALES)))
    for label, height in rows:
        matrix[label, place(height, part)] += 1
    agreed = np.trace(matrix) / matrix.sum()
    chance = float((matrix.sum(0) * matrix.sum(1)).sum() / matrix.sum() ** 2)
    near = np.mean([abs(step) <= 1 for step in off])
    return f"exact {agreed:.2f}, within one {near:.2f}, kappa {(agreed - chance) / (1 - chance):.2f} (n {len(rows)})"


def main() -> None:
    with LABELS.open(encoding="utf-8") as file:
        labels = list(csv.DictReader(file))
    paths = find_sources({row["source"] for row in labels}, sys.argv[1], sys.argv[2:])
    find = load_yunet(read_installed(YUNET))
    there = [row for row in labels if row["source"] in paths]
    heights = [nearest_face(read_picture(paths[row["source"]], row["source"], row["frame"]), find) for row in there]
    print(f"{len(there)} of {len(labels)} frames are at hand")
    shows = [height is not None for row, height in zip(there, heights, strict=True) if row["face"] == "shows"]
    none = sum(height is not None for row, height in zip(there, heights, strict=True) if row["face"] == "none")
    print(f"answered {np.mean(shows):.2f} of {len(shows)} where a face shows; {none} faces where nobody is")
    told = [
        (SCALES.index(row["scale"]), height, row)
        for row, height in zip(there, heights, strict=True)
        if row["scale"] and height is not None
    ]
    print("all, as it is:", judge([(label, height) for label, height, _ in told], FACE_OF_HEAD))
    half = {id(row): crc32(row["source"].encode()) % 2 for row in there}
    for learnt in (0, 1):
        own = [(label, height) for label, height, row in told if half[id(row)] == learnt]
        rest = [(label, height) for label, height, row in told if half[id(row)] != learnt]
        part, spread = fit(own)
        print(
            f"  fitted to one half: face of head {part:.2f}, spread {spread:.2f}; the other half: {judge(rest, part)}"
        )
    print(f"  in use: face of head {FACE_OF_HEAD:.2f}, spread {SPREAD:.2f}")
    for n, scale in enumerate(SCALES):
        own = [(label, height) for label, height, _ in told if label == n]
        exact = sum(place(height, FACE_OF_HEAD) == n for _, height in own)
        of = Counter(row["scale"] for row in there)[scale]
        print(f"  {scale:<4} {of} labelled, {len(own)} answered, {exact} exact")


if __name__ == "__main__":
    main()
