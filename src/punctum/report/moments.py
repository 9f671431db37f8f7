"""Moments on the film's page, as cards and as a lane; and where the ending lies.

Conventions: times are seconds from the first frame; a card shows the still of its shot that is nearest to the moment.
"""

from typing import Any

import polars as pl

from punctum.draw.lanes import Lane, Stretches
from punctum.film import Bundle
from punctum.reading import tell_moments
from punctum.report.sentences import keep_units, plain
from punctum.tables import MOMENTS, empty

MOST_CARDS = 24


def moment_cards(bundle: Bundle) -> list[dict[str, Any]]:
    """Return the moments that are shown, in the order of the film: still, shot, frame, when, sentence, evidence."""
    table = bundle.tables.get("moments", empty(MOMENTS)).drop_nulls(["frame", "start_s", "statement"])
    chosen = table.sort("chance", "departure", descending=[False, True]).head(MOST_CARDS).sort("start_s")
    first = bundle.shots["start_frame"]
    return [
        {
            "frame": row["frame"],
            "shot": max(int((first <= row["frame"]).sum()) - 1, 0),
            "still": row["still"],
            "start_s": row["start_s"],
            "statement": keep_units(plain(told.statement)),
            "evidence": keep_units(plain(told.evidence)),
        }
        for row, told in zip(chosen.iter_rows(named=True), tell_moments(chosen), strict=True)
    ]


def moment_lanes(bundle: Bundle) -> list[Lane]:
    """Return the lane of the ending and of the moments; none where neither is known."""
    table = bundle.tables.get("moments", empty(MOMENTS)).drop_nulls(["start_s", "end_s"]).sort("start_s")
    lanes = []
    ending = bundle.readings.filter((pl.col("measure") == "ending_start_s") & pl.col("value").is_not_null())
    if ending.height:
        row = ending.row(0, named=True)
        span = Stretches((row["start_s"],), (row["end_s"],), ("the ending",), ("",))
        lanes.append(Lane("ending", "Ending", "", "spans", span, plain(row["statement"]), "ink", height_px=24))
    if table.height:
        names = tuple(plain(", ".join(part[:2])).replace("_", " ") for part in table["measures"].to_list())
        spans = Stretches(
            tuple(table["start_s"].to_list()), tuple(table["end_s"].to_list()), names, ("accent",) * table.height
        )
        meaning = "where the measures together depart from their scene further than chance does; what departs most"
        lanes.append(Lane("moment", "Moments", "", "spans", spans, meaning, "accent", height_px=24))
    return lanes
