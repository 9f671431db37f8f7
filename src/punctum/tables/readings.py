"""What is said about the film, with its evidence."""

from collections.abc import Mapping

import polars as pl

from punctum.tables.column import FRAME, SECONDS_DECIMALS, Column

READINGS: Mapping[str, Column] = {
    "reading": Column(pl.Int32(), "", "number of the row, from 0"),
    "span": Column(pl.String(), "", "what it speaks of: film, ending, shot 12"),
    "start_frame": Column(FRAME, "", "first frame"),
    "end_frame": Column(FRAME, "", "frame after the last"),
    "start_s": Column(pl.Float64(), "s", "when the span begins", SECONDS_DECIMALS),
    "end_s": Column(pl.Float64(), "s", "when the span ends", SECONDS_DECIMALS),
    "measure": Column(pl.String(), "", "name of the measure, as in docs/measures.md"),
    "value": Column(pl.Float64(), "", "its value, in `unit`; null where it could not be measured", 6),
    "unit": Column(pl.String(), "", 'unit of value, "" for a share or a count'),
    "statement": Column(pl.String(), "", "the same as a sentence"),
    "baseline": Column(pl.String(), "", "what it is compared with, in words"),
    "baseline_value": Column(pl.Float64(), "", "the baseline's value, in `unit`", 6),
    "percentile": Column(pl.Float64(), "", "share of the baseline's population below the value, 0 to 100", 1),
    "chance": Column(pl.Float64(), "", "probability of a value as far out by chance", 4),
    "provisional": Column(pl.Boolean(), "", "worked out from key frames only"),
}
