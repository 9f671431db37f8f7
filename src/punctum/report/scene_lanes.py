"""Scenes and arcs, on the film's page: scenes as bands, arcs beneath one another, build-ups marked, credits shaded.

Conventions: times are seconds from the first frame; an arc is drawn where the story is, and not over titles or credits.
"""

from typing import Any

import numpy as np
import polars as pl

from punctum.draw.lanes import Curve, Lane, Stretches
from punctum.film import Bundle
from punctum.reading import write_drift
from punctum.report.sentences import plain, spoken_duration
from punctum.tables import ARCS

DOUBT_SHOWN = 0.25

KIND_TONES = {"titles": "sky", "credits": "sky", "after_credits": "purple"}

_ARCS: tuple[tuple[str, str, str, float | None, float | None, tuple[tuple[float, str], ...]], ...] = (
    ("tempo", "Tempo", "green", None, None, ((0.0, "the film’s own"),)),
    ("arousal", "Arousal", "accent", 0.0, 1.0, ()),
    ("closeness", "Closeness", "purple", 0.0, None, ()),
    ("distance", "Distance", "purple", 0.0, None, ()),
    ("speech", "Speech", "green", 0.0, 1.0, ()),
    ("valence", "Valence of words", "sky", -1.0, 1.0, ((0.0, "neither"),)),
)


def scene_lanes(bundle: Bundle) -> list[Lane]:
    """Return the lane of scenes, and of what drifts through them; none where none was found."""
    scenes = bundle.tables.get("scenes")
    return [] if scenes is None or not scenes.height else [_bands(scenes), *_drifting(scenes)]


def arc_lanes(bundle: Bundle) -> list[Lane]:
    """Return the lanes of arcs, and of build-ups beneath them."""
    ups, arcs = bundle.tables.get("build_ups"), bundle.tables.get("arcs")
    lanes = [] if arcs is None or not arcs.height else _curves(arcs)
    if ups is not None and ups.height:
        lanes.append(_marks(ups))
    return lanes


def shaded_spans(bundle: Bundle) -> list[tuple[float, float]]:
    """Where titles and credits are, which every lane shades."""
    scenes = bundle.tables.get("scenes")
    if scenes is None:
        return []
    return scenes.filter(pl.col("kind").is_in(["titles", "credits"])).select("start_s", "end_s").drop_nulls().rows()


def _bands(scenes: pl.DataFrame) -> Lane:
    rows = list(scenes.iter_rows(named=True))
    spans = Stretches(
        tuple(row["start_s"] for row in rows),
        tuple(row["end_s"] for row in rows),
        tuple(scene_label(row) for row in rows),
        tuple(KIND_TONES.get(row["kind"], "") for row in rows),
        (),
        tuple((row["doubt"] or 0.0) >= DOUBT_SHOWN for row in rows),
    )
    meaning = "one band a scene, with its number; blue: titles and credits, left out of every figure; dashed: in doubt"
    return Lane("scene", "Scenes", "", "spans", spans, meaning, "ink", height_px=28)


def _drifting(scenes: pl.DataFrame) -> list[Lane]:
    """Where small bright things fall or drift; no lane where none do."""
    rows = scenes.filter(pl.col("particles") > 0).drop_nulls(["start_s", "end_s", "particles_deg", "particles_h_s"])
    if not rows.height:
        return []
    said = (write_drift(*move) for move in rows.select("particles_deg", "particles_h_s").iter_rows())
    spans = Stretches(tuple(rows["start_s"]), tuple(rows["end_s"]), tuple(said), ("sky",) * rows.height)
    meaning = (
        "scenes through whose pictures small bright things move alike: snow, rain, dust or sparks, no figure says which"
    )
    return [Lane("drift", "Drift", "", "spans", spans, meaning, "sky", height_px=24)]


def scene_label(row: dict[str, Any]) -> str:
    """Write what a scene is in a word or two.

    Examples
    --------
    >>> scene_label({"scene": 3, "kind": "story", "heading": "INT. CAR - NIGHT"})
    '3 INT. CAR - NIGHT'
    >>> scene_label({"scene": 9, "kind": "after_credits", "heading": None})
    '9 after the credits'
    """
    if row["kind"] in ("titles", "credits"):
        return str(row["kind"])
    said = "after the credits" if row["kind"] == "after_credits" else plain(str(row["heading"] or ""))[:60]
    return f"{row['scene']} {said}".strip()


def _curves(arcs: pl.DataFrame) -> list[Lane]:
    times = arcs["time_s"].to_numpy()
    lanes = []
    for name, label, colour, low, high, marks in _ARCS:
        values = arcs.select(pl.when("story").then(name)).to_series().cast(pl.Float64).fill_null(np.nan).to_numpy()
        known = values[np.isfinite(values)]
        if not len(known):
            continue
        bottom = float(known.min()) if low is None else low
        top = float(known.max()) if high is None else high
        top = top if top > bottom else bottom + 1.0
        curve = Curve(values, times, bottom, top, marks)
        column = ARCS[name]
        lanes.append(Lane(f"arc_{name}", label, column.unit, "curve", curve, column.meaning, colour, group="Arcs"))
    return lanes


def _marks(ups: pl.DataFrame) -> Lane:
    rows = list(ups.iter_rows(named=True))
    spans = Stretches(
        tuple(row["start_s"] for row in rows),
        tuple(max(row["end_s"], row["peak_s"]) for row in rows),
        tuple(f"{row['kind']}, {spoken_duration(row['peak_s'] - row['start_s'])}" for row in rows),
        tuple("accent" if row["kind"] == "rising" else "sky" for row in rows),
    )
    meaning = (
        "where arousal rises, or the film falls quiet (blue), for longer than chance: begun, at its height, half back"
    )
    return Lane("build_up", "Build-ups", "", "spans", spans, meaning, "accent", group="Arcs", height_px=24)


def missing_scenes(bundle: Bundle) -> list[str]:
    """Say why there are no scenes or no build-ups."""
    scenes = bundle.tables.get("scenes")
    if scenes is None or not scenes.height:
        return ["Scenes and arcs: not worked out when this bundle was made; reading the film again does it."]
    ups = bundle.tables.get("build_ups")
    if ups is None or not ups.height:
        return ["Build-ups: none goes further than chance does in a film of this length."]
    return []
