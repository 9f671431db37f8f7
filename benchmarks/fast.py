"""How far a fast reading goes with the whole one, and what it costs: ``python benchmarks/fast.py FILM … [--runs 2]``.

*Cost*: CPU seconds of the picture part (``benchmarks/speed.py``) of a whole and of a fast reading over those of
decoding alone, in turn, medians; with the share of frames left out. *Agreement* of ``punctum read --fast`` with
``punctum read``: F1 of the shots' boundaries within a frame, share of equal kinds among those, and of each measure the
95th percentile of the absolute differences over its stated error (``docs/measures.md``), of frames, shots and
readings; over all films the worst of each is printed at the end. ``--codec`` encodes each film anew first, as discs and
streams are: x264 or x265 at their usual preset. ``--agreement`` leaves the cost out.
"""

import argparse
import statistics
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

DECODE = """
import sys, time, av
cpu_s = time.process_time()
with av.open(sys.argv[1]) as film:
    stream = film.streams.video[0]
    stream.thread_type = "AUTO"
    count = sum(1 for _ in film.decode(stream))
print(time.process_time() - cpu_s, 0)
"""

PICTURE = """
import sys, time
from dataclasses import replace
import numpy as np
from punctum import media
from punctum.measure import measure_block
from punctum.pipeline.fast import choose_sparse
source = replace(media.open_source(sys.argv[1]), sound_index=None)
fast = sys.argv[2] == "fast"
cpu_s = time.process_time()
sparse = choose_sparse(source) if fast else None
count = left_out = 0
for block in media.decode_blocks(source, sparse=sparse):
    measure_block(block)
    count += len(block.pts)
    left_out += len(block.pts) + block.lead - len(block.thumbs)
print(time.process_time() - cpu_s, left_out / count)
"""


def told(script: str, *words: str) -> tuple[float, float]:
    """Run a script that prints two numbers."""
    done = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    first, second = map(float, done.stdout.split()[-2:])
    return first, second


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


def compare(film: Path, folder: Path) -> tuple[int, float, float, dict[str, float]]:
    """Read a film whole and fast; F1, kinds, and each measure's difference over its error."""
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
    return *f1(fast, whole), over


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
            runs = (
                [(1.0, np.nan, np.nan, np.nan)]
                if asked.agreement
                else [
                    (
                        told(DECODE, str(film))[0],
                        told(PICTURE, str(film), "whole")[0],
                        *told(PICTURE, str(film), "fast"),
                    )
                    for _ in range(asked.runs)
                ]
            )
            floor, whole, fast, left_out = (statistics.median(column) for column in zip(*runs, strict=True))
            count, shots, kinds, over = compare(film, folder)
            beyond = ", ".join(f"`{k}` {v:.1f}×" for k, v in sorted(over.items()) if v > 1) or "none"
            print(
                f"| {film.name} | {left_out:.2f} | {whole / floor:.2f} | {fast / floor:.2f} | {count} | {shots:.3f} "
                f"| {kinds:.3f} | {beyond} |",
                flush=True,
            )
            worst = {k: max(worst.get(k, 0.0), over.get(k, 0.0)) for k in {*worst, *over}}
    print("\n| figure | worst film's difference over its error |\n|---|---|")
    for figure, value in sorted(worst.items()):
        print(f"| `{figure}` | {value:.2f} |")


if __name__ == "__main__":
    main()
