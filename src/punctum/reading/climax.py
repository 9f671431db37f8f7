"""The climax: where arousal is greatest in the film's last quarter.

Conventions: that it lies there is a prior and is said to be one: films of some length have four parts of about equal
length, the last of which holds the climax (Thompson 1999; Cutting, "The evolution of pace in popular movies", Cognitive
Research 1, 2016). Where arousal is greater elsewhere, that is told, too.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from punctum.reading.ground import Ground
from punctum.reading.row import Row
from punctum.reading.sentences import write_clock, write_number
from punctum.reading.sound import point_between

LEAST_S = 1200.0
"""A shorter film has no four acts."""

ACTS = 4


def read_climax(ground: Ground, arcs: pl.DataFrame) -> list[Row]:
    """Give the rows on the climax: where it is, and how great arousal is there.

    Parameters
    ----------
    ground : Ground
    arcs : pl.DataFrame
        columns of ``tables.ARCS``
    """
    known = arcs.filter("story").select("time_s", "arousal").drop_nulls()
    row = Row("film", "climax_s", None, "s", "", 0, ground.end_frame, 0.0, ground.end_s)
    if known.height < LEAST_S or ground.end_s < LEAST_S:
        text = "The film is too short to have four acts, in the last of which a climax would be looked for."
        if not known.height:
            text = "Not measured: neither motion, sound nor shots are known."
        return [replace(row, statement=text), replace(row, measure="climax_arousal", unit="", statement=text)]
    time_s, arousal = known["time_s"].to_numpy(), known["arousal"].cast(pl.Float64).to_numpy()
    last = time_s >= ground.end_s * (1 - 1 / ACTS)
    at, elsewhere = (
        int(np.flatnonzero(last)[arousal[last].argmax()]),
        int(np.flatnonzero(~last)[arousal[~last].argmax()]),
    )
    below = float((arousal < arousal[at]).mean()) * 100
    text = "In the last quarter of the film, where a climax is looked for, arousal is greatest"
    text += f" at {write_clock(float(time_s[at]))}"
    if arousal[at] >= arousal[elsewhere]:
        text += ", and nowhere greater before"
    else:
        text += f"; it is greater at {write_clock(float(time_s[elsewhere]))}"
    here = point_between(row, ground, float(time_s[at]) - 0.5, float(time_s[at]) + 0.5)
    figure = f"Arousal there is {write_number(float(arousal[at]), 2)}, against at most"
    figure += f" {write_number(float(arousal[elsewhere]), 2)} in the first three quarters."
    return [
        replace(here, value=float(time_s[at]), statement=text + "."),
        replace(
            here,
            measure="climax_arousal",
            value=float(arousal[at]),
            unit="",
            statement=figure,
            baseline="greatest arousal of the first three quarters",
            baseline_value=float(arousal[elsewhere]),
            percentile=below,
        ),
    ]
