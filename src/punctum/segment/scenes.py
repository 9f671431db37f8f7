"""Shots to scenes: which belong together, by set-ups that come back, colour, sound, words, fades and a person's word.

Conventions: scenes follow one another without a gap. Black between two scenes belongs to the one it closes. A scene
begins with a shot, unless credits run over a shot that began before them.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum import tables as known
from punctum.film import Correction
from punctum.segment import scene_evidence as evidence
from punctum.segment.credits import Span, check_by_words, correct_credits, find_credits
from punctum.segment.partition import NEVER, chances, choose_starts, rule
from punctum.segment.scene_corrections import place_said
from punctum.segment.scene_table import Part, tabulate
from punctum.segment.set_ups import SetUps, scene_weights

Floats = NDArray[np.float64]

HEADING = 20.0
"""What a screenplay's heading counts for or against, as a logarithm: more than half a dozen set-ups that come back."""


def find_scenes(
    tables: Mapping[str, pl.DataFrame], set_ups: SetUps, corrections: Sequence[Correction] = ()
) -> pl.DataFrame:
    """Find the scenes of a film.

    Parameters
    ----------
    tables : mapping of str to pl.DataFrame
        ``frames`` and ``shots`` of ``tables.TABLES``; ``loudness``, ``hearing``, ``sounds`` and ``words`` where there
        are any
    set_ups : SetUps
        of ``find_set_ups``
    corrections : sequence of Correction
        what a person said about scenes, in that order

    Returns
    -------
    pl.DataFrame
        columns of ``tables.SCENES``; no row without a shot

    Raises
    ------
    CorrectionUnclear
        where a correction acts on nothing
    """
    shots = tables["shots"]
    if not shots.height:
        return known.empty(known.SCENES)
    table = {name: tables.get(name, known.empty(known.TABLES[name])) for name in known.TABLES if name != "grid"}
    said = place_said(shots, corrections)
    spans = check_by_words(find_credits(shots, table["frames"]), table["words"])
    spans = correct_credits(spans, corrections, shots, table["frames"])
    blocks, edges = score(table, set_ups, said)
    parts: list[Part] = []
    for first, end, span, kind in lay_out(shots, spans):
        if kind in ("titles", "credits") and span is not None:
            parts.append(Part(first, end, kind, span.chance, span.said, span.start_frame))
            continue
        opened = len(parts)
        starts, near = choose_starts(chances(blocks[first:end], edges[first:end]))
        for a, b, chance in zip(starts, [*starts[1:], end - first], near, strict=True):
            parts.append(Part(first + a, first + b, kind, chance, bool(said[first + a])))
        if span is not None:
            # what follows titles or credits may begin within a shot, and is as sure as they are
            parts[opened] = parts[opened]._replace(chance=span.chance, start_frame=span.end_frame)
    return tabulate(parts, table, set_ups)


def lay_out(shots: pl.DataFrame, spans: Sequence[Span]) -> list[tuple[int, int, Span | None, str]]:
    """Lay shots out between titles and credits: first shot, shot after the last, the span, what it is.

    With titles and credits comes their own span; with a story the one that it follows, None where it follows none. A
    shot that credits begin within is in both.
    """
    starts = shots["start_frame"].to_numpy()
    end_frame = int(shots["end_frame"][-1])
    made: list[tuple[int, int, Span | None, str]] = []
    at, before = 0, None
    for span in [*spans, None]:
        until = end_frame if span is None else span.start_frame
        if until > at:
            first = int(np.searchsorted(starts, at, side="right")) - 1
            kind = "after_credits" if before is not None and before.kind == "credits" else "story"
            made.append((first, max(int(np.searchsorted(starts, until)), first + 1), before, kind))
        if span is not None:
            first = int(np.searchsorted(starts, span.start_frame, side="right")) - 1
            made.append((first, max(int(np.searchsorted(starts, span.end_frame)), first + 1), span, span.kind))
            at, before = span.end_frame, span
    return made


def score(table: Mapping[str, pl.DataFrame], set_ups: SetUps, said: NDArray[np.int8]) -> tuple[Floats, Floats]:
    """Score every block of shots and every boundary between two of them, for ``partition.divide``."""
    blocks, edges = features(table, set_ups)
    weights = scene_weights()
    scores, edge = evidence.weigh(blocks, edges, dict(zip(weights["names"], weights["field"], strict=True)))
    shots = table["shots"]
    there, not_there = evidence.same_heading(shots, table["words"])
    edge[there] += HEADING
    edge[not_there] -= HEADING
    dark = shots["flat"].fill_null(value=False).to_numpy()
    edge[dark & np.append(False, ~dark[:-1])] += NEVER / 4
    return rule(scores, edge, np.flatnonzero(said > 0).tolist(), np.flatnonzero(said < 0).tolist())


def features(table: Mapping[str, pl.DataFrame], set_ups: SetUps) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Measure what the scores are made of: `BLOCK_FEATURES`, each (n, longest), and `EDGE_FEATURES`, each (n,)."""
    weights = scene_weights()
    shots = table["shots"]
    longest = min(shots.height, evidence.LONGEST)
    colour = evidence.whiten(evidence.measure_colour(set_ups.looks), np.array(weights["colour_axes"]).reshape(5, 5))
    bed = evidence.whiten(evidence.measure_bed(shots, table["hearing"]), np.array(weights["sound_axes"]).reshape(4, 4))
    blocks = {
        "set_up": evidence.recurring(set_ups.likelihood, weights["new"][0], longest),
        "colour": evidence.sharing(colour, np.array(weights["colour_between"]), longest),
        "sound": evidence.sharing(bed, np.array(weights["sound_between"]), longest),
        **evidence.count_features(shots.height, longest),
    }
    return blocks, evidence.passing(shots, table["sounds"], table["words"])
