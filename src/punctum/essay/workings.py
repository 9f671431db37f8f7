"""How measures are worked out over a span of a film.

Conventions: each function takes a span and a character's name ("" where none is meant) and gives the value in the
measure's unit, or None where it was not measured; those with arguments make such a function.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import polars as pl

from punctum.essay.footage import EDGE_S, Span
from punctum.reading.lengths import describe_lengths
from punctum.tables import SCALES

Work: TypeAlias = Callable[[Span, str], float | None]

LEAST_SHARE = 0.5
"""A span of which less than this was looked at or listened to has no figure."""

LEAST_SEEN_S = 2.0
HEARING_STEPS_A_S = 50


def of_lengths(pick: Callable[[np.ndarray], float]) -> Work:
    """One figure of the shots' lengths."""

    def work(span: Span, _: str) -> float | None:
        return pick(span.lengths_s) if span.lengths_s.size else None

    return work


def described(name: str) -> Work:
    """A figure of `describe_lengths`."""

    def work(span: Span, _: str) -> float | None:
        found = describe_lengths(span.lengths_s) if span.lengths_s.size else None
        return None if found is None else getattr(found, name)

    return work


def shot_count(span: Span, _: str) -> float | None:
    """How many shots."""
    return float(span.shots.height) if span.shots.height else None


def joins(kind: str) -> Work:
    """Joins of a kind between the span's ends."""

    def work(span: Span, _: str) -> float | None:
        shots = span.footage.table("shots").filter(
            (pl.col("start_s") > span.start_s + EDGE_S) & (pl.col("start_s") < span.end_s - EDGE_S)
        )
        known = span.footage.table("shots").height
        return float(shots.filter(pl.col("begins") == kind).height) if known else None

    return work


def scene_count(span: Span, _: str) -> float | None:
    """How many scenes of the story."""
    scenes = span.footage.cut.scenes
    if not scenes.height:
        return None
    middle = (scenes["start_s"] + scenes["end_s"]) / 2
    return float(((middle >= span.start_s) & (middle < span.end_s)).sum())


def length(span: Span, _: str) -> float | None:
    """How long it is."""
    return span.length_s


def median_of(column: str) -> Work:
    """Median of a column of ``frames`` over the span's seconds."""

    def work(span: Span, _: str) -> float | None:
        values = span.seconds(column)
        # nothing may move, and across a cut nothing can be followed: such seconds were read all the same
        read = span.seconds("change") if column in ("motion_w_s", "camera") else values
        if not len(values) or len(read) < LEAST_SHARE * min(span.length_s, 1e9) - 1:
            return None
        return float(np.median(values))

    return work


def visual_activity(span: Span, _: str) -> float | None:
    """1 − the median correlation of next-but-one frames (Cutting, DeLong and Brunick 2011)."""
    values = span.between(*span.footage.course("frames", "correlation", "time_s"))
    return 1.0 - float(np.median(values)) if len(values) else None


def loudness(figure: Callable[[pl.DataFrame], float | None]) -> Work:
    """A figure of the span's rows of ``loudness``."""

    def work(span: Span, _: str) -> float | None:
        rows = span.footage.table("loudness").filter(
            (pl.col("start_s") >= span.start_s - EDGE_S) & (pl.col("start_s") < span.end_s - EDGE_S)
        )
        if rows["loudness_lufs"].drop_nulls().len() < LEAST_SHARE * span.length_s * 10 - 5:
            return None
        return figure(rows.drop_nulls("loudness_lufs").sort("start_s"))

    return work


def level(span: Span, _: str) -> float | None:
    """RMS level: the mean of the frames' energies."""
    values = span.between(*span.footage.course("frames", "level_db", "time_s"))
    return float(10 * np.log10(np.mean(10 ** (values / 10)))) if len(values) else None


def _listened_s(span: Span) -> float:
    """How much of a span was listened to."""
    steps = span.footage.table("hearing").drop_nulls("speech")["step"]
    first, last = span.start_s * HEARING_STEPS_A_S, span.end_s * HEARING_STEPS_A_S
    return float(((steps >= first) & (steps < last)).sum()) / HEARING_STEPS_A_S


def heard(kind: str) -> Work:
    """Share of what was listened to in which a kind of sound lasts."""

    def work(span: Span, _: str) -> float | None:
        listened_s = _listened_s(span)
        if listened_s < LEAST_SHARE * (span.end_s - span.start_s):
            return None
        return min(sum(span.heard_s(kind)) / listened_s, 1.0)

    return work


def longest_silence(span: Span, _: str) -> float | None:
    """Longest silence within the span; 0 where there is none."""
    if _listened_s(span) < LEAST_SHARE * (span.end_s - span.start_s):
        return None
    return max(span.heard_s("silence"), default=0.0)


def beat(span: Span, _: str) -> float | None:
    """Period of the beat that fills most of the span."""
    beats = span.footage.table("sounds").filter(
        (pl.col("kind") == "periodic") & (pl.col("start_s") < span.end_s) & (pl.col("end_s") > span.start_s)
    )
    if not beats.height:
        return None
    shared = beats["end_s"].clip(upper_bound=span.end_s) - beats["start_s"].clip(lower_bound=span.start_s)
    return float(beats["period_s"][int(shared.arg_max() or 0)])


def sounds_of(kind: str) -> Work:
    """How many spans of a kind of sound."""

    def work(span: Span, _: str) -> float | None:
        if _listened_s(span) < LEAST_SHARE * (span.end_s - span.start_s):
            return None
        return float(len(span.heard_s(kind)))

    return work


def _said(span: Span) -> pl.DataFrame | None:
    """Lines spoken in a span; None where the film has no words."""
    words = span.footage.table("words").filter(pl.col("kind") == "speech")
    if not words.height:
        return None
    middle = (words["start_s"] + words["end_s"]) / 2
    return words.filter((middle >= span.start_s) & (middle < span.end_s))


def words_per_minute(span: Span, _: str) -> float | None:
    """Spoken words over the running time."""
    said = _said(span)
    if said is None or said["word_count"].null_count():
        return None
    return float(said["word_count"].sum()) / (span.length_s / 60)


def line_count(span: Span, _: str) -> float | None:
    """How many lines are spoken."""
    said = _said(span)
    return None if said is None else float(said.height)


def _spoken_spans(span: Span) -> list[tuple[float, float]] | None:
    words = span.footage.table("words").filter(pl.col("kind") == "speech").sort("start_s")
    if not words.height:
        return None
    joined: list[tuple[float, float]] = []
    for start_s, end_s in words.select("start_s", "end_s").iter_rows():
        start_s, end_s = max(start_s, span.start_s), min(end_s, span.end_s)
        if end_s <= start_s:
            continue
        if joined and start_s <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end_s))
        else:
            joined.append((start_s, end_s))
    return joined


def dialogue_density(span: Span, _: str) -> float | None:
    """Share of the time in which speech stands on the screen."""
    spoken = _spoken_spans(span)
    return None if spoken is None else sum(b - a for a, b in spoken) / (span.end_s - span.start_s)


def longest_wordless(span: Span, _: str) -> float | None:
    """Longest stretch without speech."""
    spoken = _spoken_spans(span)
    if spoken is None:
        return None
    edges = [span.start_s, *(edge for pair in spoken for edge in pair), span.end_s]
    return max(b - a for a, b in zip(edges[::2], edges[1::2], strict=True))


def question_share(span: Span, _: str) -> float | None:
    """Share of lines that end in a question mark."""
    said = _said(span)
    if said is None or not said.height:
        return None
    return float(said["text"].str.strip_chars().str.ends_with("?").sum()) / said.height


def arc(column: str) -> Work:
    """Mean of a curve of ``arcs`` over the span's seconds."""

    def work(span: Span, _: str) -> float | None:
        values = span.between(*span.footage.course("arcs", column, "time_s"))
        return float(values.mean()) if len(values) else None

    return work


def scaled(scale: str) -> Work:
    """Share of the shots with a known scale that have this one."""

    def work(span: Span, _: str) -> float | None:
        known = span.shots["scale"].drop_nulls() if span.shots.height else pl.Series([], dtype=pl.String)
        return float((known == scale).sum()) / known.len() if known.len() else None

    return work


def scale_rank(span: Span, _: str) -> float | None:
    """The middle scale over time: ECU 1 to ELS 7."""
    known = span.shots.drop_nulls("scale") if span.shots.height else span.shots
    if not known.height:
        return None
    pairs = sorted((SCALES.index(s) + 1, length) for s, length in known.select("scale", "length_s").iter_rows())
    half, so_far = sum(length for _, length in pairs) / 2, 0.0
    for rank, length in pairs:
        so_far += length
        if so_far >= half:
            return float(rank)
    return float(pairs[-1][0])


def seen(least: int) -> Work:
    """Share of the frames looked at with at least so many faces, those that belong to no track left out."""

    def work(span: Span, _: str) -> float | None:
        looked = len(span.between(*span.footage.course("frames", "faces", "time_s")))
        inside = (pl.col("time_s") >= span.start_s - EDGE_S) & (pl.col("time_s") < span.end_s - EDGE_S)
        seen = (
            span.footage.pick("faces", "time_s", "frame", "track")
            .filter(inside & pl.col("track").is_not_null())["frame"]
            .value_counts()
        )
        return min(float((seen["count"] >= least).sum()) / looked, 1.0) if looked else None

    return work


def _tracks(span: Span, who: str = "") -> list[tuple[int, float, float]] | None:
    """Who is seen when, clipped to the span: character, begin, end."""
    characters, tracks = span.footage.table("characters"), span.footage.table("tracks")
    if not characters.height:
        return None
    wanted = characters.filter(pl.col("name").str.to_lowercase() == who.lower())["character"].to_list() if who else None
    if wanted == []:
        return None
    rows = tracks.drop_nulls("character").select("character", "start_s", "end_s").iter_rows()
    clipped = ((c, max(a, span.start_s), min(b, span.end_s)) for c, a, b in rows if wanted is None or c in wanted)
    return [(c, a, b) for c, a, b in clipped if b > a]


def on_screen(span: Span, who: str) -> float | None:
    """Time on screen of a character."""
    tracks = _tracks(span, who)
    return None if tracks is None else sum(b - a for _, a, b in tracks)


def on_screen_share(span: Span, who: str) -> float | None:
    """Share of the span in which a character is seen."""
    seen_s = on_screen(span, who)
    return None if seen_s is None else min(seen_s / span.length_s, 1.0)


def character_count(span: Span, _: str) -> float | None:
    """How many people are seen for two seconds, or for half of a shorter span."""
    tracks = _tracks(span)
    if tracks is None:
        return None
    seen: dict[int, float] = {}
    for character, start_s, end_s in tracks:
        seen[character] = seen.get(character, 0.0) + end_s - start_s
    return float(sum(length >= min(LEAST_SEEN_S, span.length_s / 2) for length in seen.values()))


def face_height(span: Span, _: str) -> float | None:
    """Largest face height of the shots."""
    heights = span.shots["face_height"].drop_nulls() if span.shots.height else pl.Series([], dtype=pl.Float32)
    return float(heights.to_numpy().max()) if heights.len() else None


def figures(kind: str, largest: bool = False) -> Work:
    """How many montage figures of a kind, or the largest one's size."""

    def work(span: Span, _: str) -> float | None:
        if not span.footage.table("tracks").height:
            return None
        rows = span.rows("figures").filter(pl.col("kind") == kind)
        if not largest:
            return float(rows.height)
        if kind == "contact":
            return float((rows["end_s"] - rows["start_s"]).to_numpy().max()) if rows.height else 0.0
        return float(rows["value"].abs().to_numpy().max()) if rows["value"].drop_nulls().len() else 0.0

    return work


def set_ups(span: Span, _: str) -> float | None:
    """How many different set-ups."""
    known = span.shots["set_up"].drop_nulls() if span.shots.height else pl.Series([], dtype=pl.Int32)
    return float(known.n_unique()) if known.len() else None


def black(span: Span, _: str) -> float | None:
    """Time in black or another flat colour."""
    if not span.footage.table("shots").height:
        return None
    return sum(max(min(span.end_s, b) - max(span.start_s, a), 0.0) for a, b in span.footage.flat_spans)


def build_ups(span: Span, _: str) -> float | None:
    """How many build-ups."""
    return float(span.rows("build_ups").height) if span.footage.table("arcs").height else None


def moments(span: Span, _: str) -> float | None:
    """How many moments."""
    return float(span.rows("moments").height) if span.footage.table("arcs").height else None
