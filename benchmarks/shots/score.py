"""Score ``find_shots`` on films composed from real clips: ``python benchmarks/shots/score.py [build|judge]``.

The clips lie in the folder that the environment variable PUNCTUM_MEDIA names. Those of ``BUILD`` were built on,
those of ``JUDGE`` are for judging only. Scoring as TRECVID: a cut within one frame, another boundary inside its
transition.
"""

import os
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
from compose import LOOKS, Composed, compose, fit_shape

from punctum.film import Block
from punctum.measure import measure_block
from punctum.media import decode_blocks, open_source
from punctum.segment import find_shots

# clean pieces: frames from, to
BUILD = {
    "bbb_480p_30s.mp4": [(50, 285), (285, 378), (378, 490), (553, 594)],
    "tears_of_steel_battle_clip.webm": [
        (0, 52), (52, 120), (158, 221), (221, 309), (309, 600), (715, 787), (836, 872), (992, 1126), (1166, 1203),
        (1203, 1234), (1250, 1284), (1295, 1344), (1345, 1378), (1535, 1570), (1571, 1617),
    ],
    "nosferatu_clip_silent.mp4": [
        (0, 70), (70, 240), (240, 497), (497, 535), (552, 683), (683, 788), (788, 852), (852, 962), (962, 1017),
        (1017, 1191),
    ],
    "steamboat_willie_clip.mp4": [(0, 112), (113, 448), (450, 624)],
}  # fmt: skip
JUDGE = {
    "bbb_excerpt_480x360.mp4": [(0, 44), (44, 137), (137, 240)],
    "sintel_trailer_480x204.mp4": [(140, 172), (297, 335), (455, 494), (575, 622), (700, 755), (795, 826), (866, 930)],
    "nasa_13013.mp4": [(0, 145), (185, 240), (245, 385)],
    "intel_onebyone.mp4": [(0, 1390)],
}


def read_pieces(clips: dict[str, list[tuple[int, int]]], folder: Path) -> list[np.ndarray]:
    pieces = []
    for name, spans in clips.items():
        blocks = list(decode_blocks(open_source(folder / name)))
        thumbs = np.concatenate([block.thumbs[block.lead :] for block in blocks])
        if "steamboat" in name:
            thumbs = thumbs[:, :, 22:108]
        thumbs = fit_shape(thumbs)
        pieces += [thumbs[a:b] for a, b in spans]
    return pieces


def measure(pictures: np.ndarray, fps: float = 24.0) -> tuple[pl.DataFrame, pl.DataFrame]:
    n = len(pictures)
    times = np.arange(n) / fps
    made = []
    for low in range(0, n, 256):
        high, lead = min(n, low + 256), min(2, low)
        none = np.zeros(high - low, np.bool_)
        made.append(
            measure_block(
                Block(
                    low, lead, np.arange(low, high), times[low:high], times[low - lead : low],
                    np.ascontiguousarray(pictures[low - lead : high]), np.zeros((0, 0), np.float32),
                    np.zeros(high - low + 1, np.int64), 0, (), none, none,
                )
            )
        )  # fmt: skip
    return pl.concat([m.frames for m in made]), pl.concat([m.grid for m in made])


def judge(film: Composed, right: Counter[str], missed: Counter[str], false: Counter[str]) -> None:
    frames, grid = measure(film.pictures)
    shots = find_shots(frames, grid.lazy())
    found = list(shots.select("start_frame", "begins").iter_rows())[1:]
    for joint in film.joints:
        low, high = (joint.at - 1, joint.at + 1) if joint.kind == "cut" else (joint.first - 1, joint.last + 1)
        near = sorted((abs(at - joint.at), at, kind) for at, kind in found if low <= at <= high)
        if not near:
            missed[joint.kind] += 1
            continue
        right[joint.kind] += 1
        right["kind"] += near[0][2] == joint.kind
        found.remove(near[0][1:])
    for at, kind in found:
        false["cut" if kind == "cut" else "gradual"] += 1
        traps = [trap.name for trap in film.traps if trap.first - 3 <= at <= trap.last + 3]
        false[f"at {traps[0]}" if traps else "elsewhere"] += 1


def f1(right: int, missed: int, false: int) -> float:
    return 2 * right / max(1, 2 * right + missed + false)


def main() -> None:
    which = sys.argv[1] if len(sys.argv) > 1 else "judge"
    pieces = read_pieces(BUILD if which == "build" else JUDGE, Path(os.environ["PUNCTUM_MEDIA"]))
    right, missed, false, traps = Counter(), Counter(), Counter(), Counter()
    for seed in range(10):
        film = compose([p.copy() for p in pieces], seed + (0 if which == "build" else 1000), look=LOOKS[seed % 5])
        traps.update(trap.name for trap in film.traps)
        judge(film, right, missed, false)
    kinds = ("dissolve", "fade", "wipe")
    graduals = sum(right[k] for k in kinds), sum(missed[k] for k in kinds), false["gradual"]
    print(f"{which}: cuts F1 {f1(right['cut'], missed['cut'], false['cut']):.3f}, graduals F1 {f1(*graduals):.3f}")
    for kind in ("cut", *kinds):
        print(f"  {kind}: {right[kind]} of {right[kind] + missed[kind]} found")
    print(f"  kind right: {right['kind'] / max(1, sum(right[k] for k in ('cut', *kinds))):.3f}")
    for name, count in sorted(false.items()):
        print(f"  false {name}: {count}" + (f" of {traps[name[3:]]}" if name.startswith("at ") else ""))


if __name__ == "__main__":
    main()
