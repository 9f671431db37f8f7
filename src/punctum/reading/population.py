"""The films that a film's shot lengths are set beside, and where it lies among them.

Conventions: a percentile is the share of the population below the value, equal ones halved, 0 to 100.
It belongs to films of 40 minutes and more only, and is never given without the population's name.
Source, licence and screening of the films are in ``population.md`` beside this module.
"""

import csv
from functools import cache
from importlib.resources import files

import polars as pl

LEAST_MINUTES = 40.0
"""Shorter films are cut otherwise; the population holds none (its shortest has 59 minutes)."""

COLUMNS = (
    "title",
    "year",
    "shot_count",
    "minutes",
    "average_shot_length_s",
    "median_shot_length_s",
    "lower_quartile_s",
    "upper_quartile_s",
    "log_length_sd",
    "lag1_autocorrelation",
    "longest_shot_s",
    "last_shot_s",
    "last_5_average_s",
    "last_5_longest_s",
    "last_10_average_s",
    "last_10_longest_s",
    "left_out",
)
"""Columns of ``population_134.csv``."""


@cache
def load_population() -> pl.DataFrame:
    """Give one row for each film of the population, films left out by the screening not among them.

    Returns
    -------
    pl.DataFrame
        the columns of `COLUMNS` but ``left_out``: ``title`` String, ``year`` and ``shot_count`` Int32,
        the others Float64, seconds unless named otherwise; and three ratios to the film's own average
        shot length or median: ``last_shot_ratio``, ``last_5_ratio``, ``last_10_ratio``
    """
    text = (files("punctum.reading") / "population_134.csv").read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if not row["left_out"]]
    table = pl.DataFrame(rows).select(
        "title",
        pl.col("year", "shot_count").cast(pl.Int32),
        pl.col(*COLUMNS[3:-1]).cast(pl.Float64),
    )
    average = pl.col("average_shot_length_s")
    return table.with_columns(
        last_shot_ratio=pl.col("last_shot_s") / pl.col("median_shot_length_s"),
        last_5_ratio=pl.col("last_5_average_s") / average,
        last_10_ratio=pl.col("last_10_average_s") / average,
    )


def count_population() -> int:
    """How many films the population has."""
    return load_population().height


def name_population() -> str:
    """Say which films these are.

    Examples
    --------
    >>> name_population()
    '130 Hollywood films, 1935–2005'
    """
    films = load_population()
    years = films["year"].to_list()
    return f"{films.height} Hollywood films, {min(years)}–{max(years)}"


def find_percentile(measure: str, value: float) -> float:
    """Where a value lies among the population's.

    Parameters
    ----------
    measure : str
        a numeric column of `load_population`
    value : float
        in that column's unit

    Returns
    -------
    float
        share of the films below the value, equal ones halved, 0 to 100

    Examples
    --------
    >>> find_percentile("average_shot_length_s", 1000.0)
    100.0
    """
    column = load_population()[measure]
    return 100.0 * (int((column < value).sum()) + int((column == value).sum()) / 2) / column.len()
