"""Scoring as TRECVID does: cuts within one frame, gradual transitions by a point in their interval, one to one.

A found boundary that matches none is false, and counts among cuts or graduals by the kind it was given; a detector that
gives no kind is scored on all boundaries together. Intervals are 95 %, Wilson's; that of F1 comes from the share of
hits among hits, misses and false ones together (F1 = 2 s / (1 + s)).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from compose import Joint, Trap

GRADUAL = ("dissolve", "fade", "wipe")
REACH = 3
"""A false boundary so many frames before or after a trap's frames is put down to it."""


class Found(NamedTuple):
    """A boundary that a detector found; its ``kind`` and its ``doubt`` where the detector tells."""

    at: int
    kind: str | None = None
    doubt: float | None = None


@dataclass
class Tally:
    """Counts of one or more films."""

    right: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    called: Counter[tuple[str, str]] = field(default_factory=Counter)
    traps: Counter[str] = field(default_factory=Counter)
    fooled: Counter[str] = field(default_factory=Counter)
    doubts: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Add the counts of another tally."""
        for name in ("right", "missed", "false", "called", "traps", "fooled"):
            getattr(self, name).update(getattr(other, name))
        self.doubts += other.doubts


def judge(found: Iterable[Found], joints: list[Joint], traps: list[Trap]) -> Tally:
    """Compare what was found in one film with what is true of it."""
    tally, left = Tally(), list(found)
    pairs = []
    for i, joint in enumerate(joints):
        low, high = (joint.at - 1, joint.at + 1) if joint.kind == "cut" else (joint.first - 1, joint.last + 1)
        pairs += [(abs(f.at - joint.at), i, k) for k, f in enumerate(left) if low <= f.at <= high]
    matched: dict[int, int] = {}
    for _, i, k in sorted(pairs):
        if i not in matched and k not in matched.values():
            matched[i] = k
    for i, joint in enumerate(joints):
        if i not in matched:
            tally.missed[joint.kind] += 1
            continue
        tally.right[joint.kind] += 1
        kind = left[matched[i]].kind
        if kind is not None:
            tally.called[joint.kind, kind] += 1
    hits = set(matched.values())
    fooled = set()
    for k, f in enumerate(left):
        if f.doubt is not None:
            tally.doubts.append((f.doubt, k not in hits))
        if k in hits:
            continue
        tally.false["cut" if f.kind == "cut" else "gradual" if f.kind else "any"] += 1
        near = [i for i, trap in enumerate(traps) if trap.first - REACH <= f.at <= trap.last + REACH]
        if near:
            fooled.add(near[0])
        else:
            tally.false["elsewhere"] += 1
    for i, trap in enumerate(traps):
        tally.traps[trap.name] += 1
        tally.fooled[trap.name] += i in fooled
    return tally


def wilson(hits: float, n: float) -> tuple[float, float]:
    """Give Wilson's 95 % interval of a share."""
    if n <= 0:
        return 0.0, 1.0
    z, p = 1.96, hits / n
    middle, half = (p + z * z / (2 * n)), z * ((p * (1 - p) + z * z / (4 * n)) / n) ** 0.5
    return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))


class Score(NamedTuple):
    """Precision, recall and F1 with its interval, of so many boundaries."""

    precision: float
    recall: float
    f1: float
    low: float
    high: float
    count: int


def score(right: int, missed: int, false: int) -> Score:
    """Work out precision, recall and F1."""
    low, high = wilson(right, right + missed + false)
    return Score(
        right / max(1, right + false),
        right / max(1, right + missed),
        2 * right / max(1, 2 * right + missed + false),
        2 * low / (1 + low),
        2 * high / (1 + high),
        right + missed,
    )


def scores(tally: Tally) -> dict[str, Score]:
    """Scores of cuts, graduals and both."""
    cuts = tally.right["cut"], tally.missed["cut"], tally.false["cut"]
    gradual = sum(tally.right[k] for k in GRADUAL), sum(tally.missed[k] for k in GRADUAL), tally.false["gradual"]
    both = tuple(a + b for a, b in zip(cuts, gradual, strict=True))
    return {
        "cuts": score(*cuts),
        "graduals": score(*gradual),
        "both": score(both[0], both[1], both[2] + tally.false["any"]),
    }


def line(name: str, s: Score) -> str:
    """One row of a table of scores."""
    return f"| {name} | {s.count} | {s.precision:.3f} | {s.recall:.3f} | **{s.f1:.3f}** | {s.low:.3f}–{s.high:.3f} |"


HEAD = "| | boundaries | precision | recall | F1 | 95 % |\n|---|---|---|---|---|---|"


def trap_table(tally: Tally) -> str:
    """Table of how many instances of each trap gave a false boundary."""
    rows = ["| trap | instances | with a false boundary | share | 95 % |", "|---|---|---|---|---|"]
    total, wrong = sum(tally.traps.values()), sum(tally.fooled.values())
    for name, n, k in [*((t, tally.traps[t], tally.fooled[t]) for t in sorted(tally.traps)), ("all", total, wrong)]:
        low, high = wilson(k, n)
        rows.append(f"| {name} | {n} | {k} | {100 * k / max(1, n):.1f} % | {100 * low:.1f}–{100 * high:.1f} % |")
    return "\n".join(rows)


def reliability(doubts: list[tuple[float, bool]]) -> str:
    """Table of stated doubt beside the share that was wrong."""
    edges = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 1.01)
    rows = ["| stated doubt | boundaries | mean doubt | wrong | 95 % |", "|---|---|---|---|---|"]
    for low, high in pairwise(edges):
        here = [(d, w) for d, w in doubts if low <= d < high]
        if not here:
            continue
        wrong = sum(w for _, w in here)
        a, b = wilson(wrong, len(here))
        mean = sum(d for d, _ in here) / len(here)
        rows.append(
            f"| {100 * low:g}–{min(100, 100 * high):g} % | {len(here)} | {100 * mean:.1f} % "
            f"| {100 * wrong / len(here):.1f} % | {100 * a:.1f}–{100 * b:.1f} % |"
        )
    return "\n".join(rows)
