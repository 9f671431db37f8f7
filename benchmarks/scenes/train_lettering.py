"""Fit what is taken for a line of writing: ``python benchmarks/scenes/train_lettering.py [build|calibrate|judge]``.

Fits to the side *build* and writes ``src/punctum/measure/lettering.json``; named another side, it only says how well
writing there is told from pictures without any.
"""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
from lettering import Sheet

sys.path.append(str(Path(__file__).parent.parent / "shots"))
from material import load_pieces

from punctum.measure import lettering

TARGET = Path(lettering.__file__).with_name("lettering.json")
WRITTEN = ("page.png", "text.png")
"""Photographs that show writing."""


def pictures(side: str) -> list[np.ndarray]:
    """Stills without writing, as large as stills are."""
    made = []
    for piece in load_pieces(side):
        if not any(name in piece.source for name in WRITTEN):
            step = max(1, len(piece.pictures) // 6)
            made += [cv2.resize(p, (640, 360), interpolation=cv2.INTER_CUBIC) for p in piece.pictures[::step]]
    return made


def written(
    side: str, stills: list[np.ndarray], rng: np.random.Generator
) -> tuple[dict[str, list[np.ndarray]], list[np.ndarray]]:
    """Cards and rolls on plain grounds, and two or three lines over a still; and those stills."""
    grounds: list[np.ndarray] = []
    made: dict[str, list[np.ndarray]] = {"card": [], "roll": [], "over": []}
    for _ in range(150):
        for kind, (least, most) in {"card": (1, 5), "roll": (8, 20), "over": (2, 3)}.items():
            sheet = Sheet(
                rng, side, 640, int(rng.integers(least, most + 1)), float(np.exp(rng.uniform(np.log(10), np.log(28))))
            )
            if kind == "over":
                ground, ink = stills[rng.integers(len(stills))], (240, 240, 240)
                grounds.append(ground)
            else:
                dark = rng.random() < 0.85
                ground = np.full((360, 640, 3), rng.integers(0, 40) if dark else rng.integers(190, 250), np.uint8)
                ink = (int(rng.integers(150, 250)),) * 3 if dark else (30, 30, 30)
            top = (360 - len(sheet.alpha)) / 2 if kind != "over" else rng.uniform(20, 340 - len(sheet.alpha))
            made[kind].append(sheet.over(ground, top, 1.0, ink))
    return made, grounds


def added_lines(ground: np.ndarray, written: np.ndarray) -> np.ndarray:
    """Shapes that are in the written picture and not in its ground: the writing, alone or grown together with it."""
    before = {tuple(shape) for shape in lettering.find_lines(ground)[0].round(6).tolist()}
    after = lettering.find_lines(written)[0]
    return after[[tuple(shape) not in before for shape in after.round(6).tolist()]] if len(after) else after


def main() -> None:
    side = sys.argv[1] if len(sys.argv) > 1 else "build"
    rng = np.random.default_rng(7)
    stills = pictures(side)
    drawn, grounds = written(side, stills, rng)
    if side == "build":
        natural = [lettering.find_lines(p)[0] for p in stills]
        letters = [lettering.find_lines(p)[0] for kind in ("card", "roll") for p in drawn[kind]]
        letters += [added_lines(ground, p) for ground, p in zip(grounds, drawn["over"], strict=True)]
        x = lettering.line_features(np.concatenate([*natural, *letters]))
        y = np.concatenate([np.zeros(sum(map(len, natural))), np.ones(sum(map(len, letters)))])
        weight = np.where(y == 1, 0.5 / y.mean(), 0.5 / (1 - y.mean()))
        w = np.zeros(x.shape[1])
        for _ in range(30):
            p = 1 / (1 + np.exp(-x @ w))
            slope = x.T @ (weight * (y - p)) - 0.1 * w
            w += np.linalg.solve((x * (p * (1 - p) * weight)[:, None]).T @ x + 0.1 * np.eye(len(w)), slope)
        TARGET.write_text(json.dumps([round(float(v), 4) for v in w]) + "\n", encoding="utf-8")
        lettering._weights.cache_clear()
        print(f"{len(y)} lines, {int(y.sum())} written")
    none = np.array([lettering.writing(p) for p in stills])
    print(f"{side}: {len(none)} stills without writing, {np.mean(none > 0.002):.3f} above 0.002, most {none.max():.4f}")
    for kind, held in drawn.items():
        values = np.array([lettering.writing(p) for p in held])
        print(f"{kind}: {len(held)} stills, above 0.002 {np.mean(values > 0.002):.3f}, median {np.median(values):.4f}")


if __name__ == "__main__":
    main()
