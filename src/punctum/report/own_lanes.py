"""Lanes of a person's own measures: frame by frame, and smoothed.

Conventions: a measure's definition is that of ``made.json``, which its docstring gave.
"""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.draw.lanes import Curve, Lane
from punctum.film import Bundle
from punctum.report.sentences import plain
from punctum.tables import OWN, empty


def own_lanes(bundle: Bundle) -> list[Lane]:
    """Return two lanes for each measure of one's own: its values, and its arc."""
    own = bundle.tables.get("own", empty(OWN)).drop_nulls()
    told = bundle.made.get("own", {})
    told = told if isinstance(told, dict) else {}
    arcs = bundle.tables.get("arcs")
    lanes = []
    for place, name in enumerate(own["measure"].unique().sort().to_list()):
        rows = own.filter(pl.col("measure") == name)
        joined = bundle.frames.select("frame").join(rows, on="frame", how="left", maintain_order="left")
        values = joined["value"].fill_null(np.nan).to_numpy()
        unit, label = plain(str(rows["unit"][0])), plain(str(name)).replace("_", " ").capitalize()
        known = told.get(name, {})
        meaning = plain(str(known.get("definition", "") if isinstance(known, dict) else "")) or "a measure of one's own"
        low, high = _bounds(values)
        lanes.append(
            Lane(f"own_{place}", label, unit, "curve", Curve(values, None, low, high), meaning, "ink", group="Your own")
        )
        if arcs is not None and arcs.height and arcs["own"].null_count() < arcs.height:
            arc: NDArray[Any] = (
                arcs["own"].list.get(place, null_on_oob=True).cast(pl.Float64).fill_null(np.nan).to_numpy()
            )
            curve = Curve(arc, arcs["time_s"].to_numpy(), low, high)
            called = f"{label}, arc"
            lanes.append(
                Lane(
                    f"own_arc_{place}",
                    called,
                    unit,
                    "curve",
                    curve,
                    f"{meaning} Smoothed over 8 s.",
                    "ink",
                    group="Your own",
                )
            )
    return lanes


def _bounds(values: NDArray[np.float64]) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    return min(low, 0.0), high if high > min(low, 0.0) else 1.0
