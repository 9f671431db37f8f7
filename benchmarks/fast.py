"""How far a fast reading goes with the whole one, and what it costs: ``python benchmarks/fast.py FILM … [--runs 2]``.

*Cost*: CPU seconds of the picture part (``benchmarks/speed.py``) of a whole and of a fast reading over those of
decoding alone, in turn, medians; with the share of frames left out. *Agreement* of ``punctum read --fast`` with
``punctum read``: F1 of the shots' boundaries within a frame, share of equal kinds among those, and of each measure the
95th percentile of the absolute differences over its stated error (``docs/measures.md``), of frames, shots and
readings; over all films the worst of each is printed at the end. ``--codec`` encodes each film anew first, as discs and
streams are: x264 or x265 at their usual preset. ``--agreement`` leaves the cost out.
"""

import argparse
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
import polars as pl

from errors import differences
from punctum import open_bundle
from punctum.film import Bundle
from punctum.pipeline import read_film
from punctum.tables import known_errors
from speed import DECODE, PICTURE, take_turns, told


def encoded(film: Path, folder: Path, codec: str) -> Path:
    """Encode a film's picture anew at the encoder's usual preset; the sound is copied."""
    target = folder / f"{film.stem}-{codec}.mkv"
    options = ["-x265-params", "log-level=error"] if codec == "libx265" else []
    command = ["ffmpeg", "-v", "error", "-i", str(film), "-map", "0:v:0", "-map", "0:a?", "-c:v", codec, *options]
    subprocess.run([*command, "-pix_fmt", "yuv420p", "-c:a", "copy", str(target)], check=True)
    return target


def f1(ours: Bundle, theirs: Bundle) -> tuple[int, float, float]:
    """Boundaries of the other, F1 of one reading's against them within a frame, and share of equal kinds."""
    mine, other = (
        bundle.tables["boundaries"].filter(~pl.col("kind").is_in(["open", "close"])).select("frame", "kind").rows()
        for bundle in (ours, theirs)
    )
    free, hits, same = list(other), 0, 0
    for frame, kind in mine:
        near = min(free, key=lambda at: abs(at[0] - frame), default=None)
        if near is not None and abs(near[0] - frame) <= 1:
            free.remove(near)
            hits += 1
            same += near[1] == kind
    total = len(mine) + len(other)
    return len(other), (2 * hits / total if total else 1.0), (same / hits if hits else 1.0)


def compare(film: Path, folder: Path) -> tuple[float, int, float, float, dict[str, float]]:
    """Read a film whole and fast; share left out, then ``f1``, then each measure's difference over its error."""
    whole = open_bundle(read_film(film, out=folder / f"{film.stem}-whole.punctum", force=True).folder)
    fast = open_bundle(read_film(film, out=folder / f"{film.stem}-fast.punctum", force=True, fast=True).folder)
    found: dict[str, list[np.ndarray]] = defaultdict(list)
    differences(whole, fast, 0.0, found, sparse=False)
    known = known_errors()
    over = {}
    for figure, values in found.items():
        joined = np.concatenate(values) if values else np.zeros(0)
        error = known[figure].error if figure in known else None
        if joined.size and error is not None:
            apart = float(np.percentile(joined, 95))
            over[figure] = apart / error if error else float(apart > 0) * 9.99
    left_out = fast.tables["frames"]["brightness"].is_null().mean()
    return float(left_out or 0.0), *f1(fast, whole), over


def main() -> None:
    """Read, compare, print."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("films", nargs="+", type=Path)
    ask.add_argument("--runs", type=int, default=2)
    ask.add_argument("--agreement", action="store_true")
    ask.add_argument("--codec", choices=["libx264", "libx265"])
    asked = ask.parse_args()
    print("| film | left out | whole / decoding | fast / decoding | boundaries | F1 | kinds | beyond their error |")
    print("|---|---|---|---|---|---|---|---|")
    worst: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in asked.films:
            film = encoded(path, folder, asked.codec) if asked.codec else path
            commands = {
                "decode": [sys.executable, "-c", DECODE, str(film)],
                "whole": [sys.executable, "-c", PICTURE, str(film)],
                "fast": [sys.executable, "-c", PICTURE, str(film), "fast"],
            }
            cost = take_turns(commands, 0 if asked.agreement else asked.runs, told, lambda: None)
            ratios = [f"{cost[what].cpu_s / cost['decode'].cpu_s:.2f}" if cost else "" for what in ("whole", "fast")]
            left_out, count, shots, kinds, over = compare(film, folder)
            beyond = ", ".join(f"`{k}` {v:.1f}×" for k, v in sorted(over.items()) if v > 1) or "none"
            print(
                f"| {film.name} | {left_out:.2f} | {' | '.join(ratios)} | {count} | {shots:.3f} "
                f"| {kinds:.3f} | {beyond} |",
                flush=True,
            )
            worst = {k: max(worst.get(k, 0.0), over.get(k, 0.0)) for k in {*worst, *over}}
    print("\n| figure | worst film's difference over its error |\n|---|---|")
    for figure, value in sorted(worst.items()):
        print(f"| `{figure}` | {value:.2f} |")


if __name__ == "__main__":
    main()
