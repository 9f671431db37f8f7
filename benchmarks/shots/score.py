"""Score Punctum's shot detector on composed films: ``python benchmarks/shots/score.py [judge|calibrate|build]``.

The films (``plans.py``) are made once, of the material of one side (``material.py``), and read from their files as
``punctum read`` reads them: borders from the key frames, every frame, measures, shots. ``--pictures`` composes films of
a thumb's size by the same plan and leaves the files out, in a fifth of the time; ``--only film`` or ``--only trap`` or
``--only TRAP`` takes some of the films; ``--faults`` lists what is wrong and where.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from plans import Plan, Truth, compose_plan, films, plans
from scoring import GRADUAL, HEAD, Found, Tally, judge, line, reliability, scores, trap_table, wilson

from punctum.film import Block
from punctum.measure import measure_block
from punctum.media import decode_blocks, open_source, scan_key_frames
from punctum.segment import find_shots, find_stretches

HARD = ("dark", "grain", "colourless")


def read_shots(path: Path) -> list[Found]:
    """Read a film from its file, as ``punctum read`` does but for what is written."""
    source = open_source(path)
    keys = [(key.time_s, key.edges_px) for key in scan_key_frames(source)]
    stretches = find_stretches(
        [t for t, _ in keys], [e for _, e in keys], source.film.width_px, source.film.height_px, source.film.duration_s
    )
    made = [measure_block(block) for block in decode_blocks(source, stretches)]
    return found_in(pl.concat([m.frames for m in made]), pl.concat([m.grid for m in made]))


def found_in(frames: pl.DataFrame, grid: pl.DataFrame) -> list[Found]:
    """Find shots in the tables of a film; the boundaries between them."""
    shots = find_shots(frames, grid.lazy())
    doubts = shots["doubt"].to_list() if "doubt" in shots.columns else [None] * len(shots)
    return [
        Found(*row, doubt) for row, doubt in zip(shots.select("start_frame", "begins").iter_rows(), doubts, strict=True)
    ][1:]


def measure(pictures: NDArray[np.uint8], fps: float = 24.0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Measure pictures of a thumb's size without a file: tables of frames and grid."""
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


def tell_faults(plan: Plan, found: list[Found], truth: Truth) -> None:
    """Print what one film's boundaries miss and invent."""
    one = [judge(found, [joint], []) for joint in truth.joints]
    for joint, tally in zip(truth.joints, one, strict=True):
        if tally.missed:
            print(f"{plan.name} {plan.look}: missed {joint.kind} ({joint.look}) {joint.first}-{joint.last}")
    for f in found:
        if not judge([f], truth.joints, []).right:
            near = [t.name for t in truth.traps if t.first - 3 <= f.at <= t.last + 3]
            print(f"{plan.name} {plan.look}: false {f.kind} at {f.at} {' '.join(near)}")


def tables(by_film: list[tuple[Plan, Tally]]) -> str:
    """Everything as Markdown."""
    main, trapped = Tally(), Tally()
    by_look: dict[str, Tally] = {}
    hard = {"dark, grainy or colourless": Tally(), "dark, grainy and colourless": Tally()}
    by_rate: dict[str, Tally] = {}
    for plan, tally in by_film:
        if plan.trap:
            trapped.add(tally)
            continue
        main.add(tally)
        for name in plan.look.split("+"):
            by_look.setdefault(name, Tally()).add(tally)
        by_rate.setdefault(f"{float(plan.fps):g} fps", Tally()).add(tally)
        names = set(plan.look.split("+"))
        if names & set(HARD):
            hard["dark, grainy or colourless"].add(tally)
        if names >= set(HARD):
            hard["dark, grainy and colourless"].add(tally)
    out = []
    if main.right or main.missed:
        kinds = scores(main)
        out += [HEAD, *(line(name, s) for name, s in kinds.items())]
        for name, tally in hard.items():
            out += [line(f"{part}, {name}", s) for part, s in scores(tally).items() if s.count]
        out += ["", "| kind | found | of | share | called right |", "|---|---|---|---|---|"]
        for kind in ("cut", *GRADUAL):
            right, n = main.right[kind], main.right[kind] + main.missed[kind]
            called = sum(v for (truth, _), v in main.called.items() if truth == kind)
            share = main.called[kind, kind] / max(1, called)
            out.append(f"| {kind} | {right} | {n} | {right / max(1, n):.3f} | {share:.3f} |")
        told, same = sum(main.called.values()), sum(v for (a, b), v in main.called.items() if a == b)
        low, high = wilson(same, told)
        out += ["", f"Kind right: {same / max(1, told):.3f} ({low:.3f}–{high:.3f}) of {told}."]
        wrong = [f"{a} called {b} {v}" for (a, b), v in main.called.most_common() if a != b]
        out += [f"Wrong kinds: {', '.join(wrong) or 'none'}.", "", HEAD]
        for name, tally in sorted(by_look.items()):
            out += [line(f"{name}, {part}", s) for part, s in scores(tally).items()]
        out += [line(name, scores(tally)["both"]) for name, tally in sorted(by_rate.items())]
    if trapped.traps:
        out += ["", trap_table(trapped), "", HEAD, line("cuts between traps", scores(trapped)["cuts"])]
        out += ["", f"False boundaries in those films outside any trap: {trapped.false['elsewhere']}."]
    doubts = main.doubts + trapped.doubts
    if doubts:
        out += ["", reliability(doubts)]
    return "\n".join(out)


def main() -> None:
    """Score and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("side", nargs="?", default="judge", choices=("judge", "calibrate", "build"))
    parser.add_argument("--pictures", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--made", action="store_true", help="only films that have been made already")
    parser.add_argument("--faults", action="store_true")
    asked = parser.parse_args()
    began, frames, by_film = time.process_time(), 0, []
    if asked.pictures:
        chosen = [p for p in plans(asked.side) if p.name.startswith(asked.only) or p.trap == asked.only]
        for plan in chosen:
            film = compose_plan(asked.side, plan, 128)
            found = found_in(*measure(film.pictures, float(plan.fps)))
            by_film.append((plan, judge(found, film.joints, film.traps)))
            frames += len(film.pictures)
            if asked.faults:
                tell_faults(plan, found, Truth(film.joints, film.traps, len(film.pictures)))
    else:
        for plan, path, truth in films(asked.side, asked.only, made=asked.made):
            found = read_shots(path)
            by_film.append((plan, judge(found, truth.joints, truth.traps)))
            frames += truth.frames
            if asked.faults:
                tell_faults(plan, found, truth)
    print(tables(by_film))
    print(f"{len(by_film)} films, {frames} frames, {time.process_time() - began:.0f} s of CPU", file=sys.stderr)


if __name__ == "__main__":
    main()
