"""The three lines worth knowing about an ending."""

import polars as pl

FAMILIES = (
    ("cutting", ("last_shot_s", "ending_longest", "last_5_", "last_10_", "ending_cliffs", "ending_length")),
    ("close", ("closing_", "late_black")),
    ("sound", ("ending_loudness", "last_shot_loudness")),
    ("motion", ("ending_motion", "last_shot_motion")),
    ("light", ("ending_brightness", "ending_contrast", "ending_key", "last_shot_brightness")),
    ("words", ("wordless_close", "ending_dialogue")),
    ("colour", ("ending_saturation", "ending_warmth")),
)
"""Kinds of measure, by how their names begin."""


FAR = 80.0
"""A row tells something when its percentile lies in the outer fifth, or it has a chance below one in five."""


def three_lines(readings: pl.DataFrame) -> list[str]:
    """Choose the three sentences worth knowing about the ending.

    The rows of the ending come best first. Of each kind (cutting, close, sound, motion, light, colour) the best
    that tells something is taken until there are three, so that they do not all speak of one thing; then others
    that tell something, then what is left.

    Parameters
    ----------
    readings : pl.DataFrame
        the table that `find_readings` gives

    Returns
    -------
    list of str
        three sentences; fewer for a film of which less was measured
    """
    told = (pl.col("span") == "ending") & pl.col("value").is_not_null() & (pl.col("measure") != "ending_start_s")
    rows = readings.filter(told)
    far = (pl.col("percentile") >= FAR) | (pl.col("percentile") <= 100 - FAR) | (pl.col("chance") < 0.2)
    closes = (pl.col("measure") == "late_black_s") | (
        (pl.col("measure") == "closing_black_s") & (pl.col("value") >= 0.5)
    )
    rows = rows.with_columns(
        kind=pl.col("measure").map_elements(name_kind, return_dtype=pl.String),
        tells=(far | closes).fill_null(False),
    ).with_columns(first=pl.col("tells") & pl.col("tells").cast(pl.Int32).cum_sum().over("kind").eq(1))
    # two figures of one kind for one span say the same thing twice
    rows = rows.unique(["kind", "start_frame", "end_frame"], keep="first", maintain_order=True)
    ordered = rows.sort(["first", "tells"], descending=True, maintain_order=True)["statement"]
    return ordered.head(3).to_list()


def name_kind(measure: str) -> str:
    """Name what a measure of the ending is about; its own name where it is of no kind listed."""
    for kind, beginnings in FAMILIES:
        if measure.startswith(beginnings):
            return kind
    return measure
