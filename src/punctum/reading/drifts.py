"""What falls or drifts through the ending: small bright things, whither and how fast; beside the film's other scenes.

Conventions: directions in degrees, 0 to the right, 90 down; speeds in picture heights a second, against what is behind.
"""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from punctum.reading.ending import PLAIN_DEPARTURE, ending_row
from punctum.reading.ground import Ground
from punctum.reading.row import Row
from punctum.reading.sentences import write_number
from punctum.segment import sum_drifts
from punctum.tables import DRIFTS, empty

WAYS = (
    "drift to the right",
    "fall, to the right and down",
    "fall",
    "fall, to the left and down",
    "drift to the left",
    "rise, to the left and up",
    "rise",
    "rise, to the right and up",
)
"""By eighths of a turn, from the right, clockwise."""


def write_drift(deg: float, h_s: float) -> str:
    """Say whither small bright things move, and how fast.

    Examples
    --------
    >>> write_drift(130.0, 0.25)
    'small bright things fall, to the left and down, at 0.25 picture heights a second'
    """
    way = WAYS[round(deg / 45) % 8]
    return f"small bright things {way}{',' if ',' in way else ''} at {write_number(h_s, 2)} picture heights a second"


def read_ending_drifts(ground: Ground, tables: Mapping[str, pl.DataFrame]) -> list[Row]:
    """Give the ending's row on what drifts through it; none where nothing does there or elsewhere."""
    drifts = tables.get("drifts", empty(DRIFTS)).drop_nulls(["frame", "time_s", "things"])
    own = drifts.filter((pl.col("time_s") >= ground.ending_start_s) & (pl.col("time_s") < ground.end_s))
    found = sum_drifts(own)
    others = ground.scenes.filter(pl.col("end_s") <= ground.ending_start_s + 1e-6)["particles"].drop_nulls()
    if not ground.ending_scenes:
        others = others.clear()
    elsewhere = int((others > 0).sum())
    if found.things is None or (not found.things and not elsewhere):
        return []
    if found.deg is not None and found.h_s is not None:
        text = f"In {ground.ending_called}, {write_drift(found.deg, found.h_s)}"
        text += f" ({write_number(found.things, 0)} are told apart in a picture)"
    else:
        text = f"Nothing small and bright drifts through {ground.ending_called}"
    row = ending_row(ground, "ending_particles", found.things, "", text + ".", PLAIN_DEPARTURE)
    if not others.len():
        return [row]
    do = "so they do" if found.things else "such things do"
    text += f"; {do} in {elsewhere} of the film's {others.len()} other scenes"
    middle = float(others.median() or 0.0)  # type: ignore[arg-type]
    return [replace(row, statement=text + ".", baseline="the film's other scenes", baseline_value=middle)]
