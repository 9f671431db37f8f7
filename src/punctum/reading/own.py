"""Arcs of a person's own measures.

Conventions: as in `arcs`; measures are in the order of their names.
"""

import numpy as np
import polars as pl

from punctum.reading.arcs import by_second, smooth
from punctum.tables import ARCS, conform


def add_own_arcs(arcs: pl.DataFrame, own: pl.DataFrame, frames: pl.DataFrame) -> pl.DataFrame:
    """Fill the column ``own`` of the arcs.

    Parameters
    ----------
    arcs, own, frames : pl.DataFrame
        columns of ``tables.ARCS``, ``tables.OWN`` and ``tables.FRAMES``

    Returns
    -------
    pl.DataFrame
        columns of ``tables.ARCS``; ``own`` stays null where there are no measures of one's own
    """
    names = own["measure"].drop_nulls().unique().sort().to_list()
    if not names or not arcs.height:
        return arcs
    times = frames.select("frame", "time_s")
    story = arcs["story"].to_numpy()
    columns = []
    for name in names:
        rows = own.filter(pl.col("measure") == name).join(times, on="frame")
        columns.append(smooth(by_second(rows, "value", arcs.height), story))
    values = [[None if np.isnan(one) else float(one) for one in second] for second in np.stack(columns, 1)]
    return conform(arcs.with_columns(pl.Series("own", values, pl.List(pl.Float32()))), ARCS)
