"""An ending among the endings of other films: percentiles from a library, where it is large enough to have any.

Conventions: of each other film its own reading of the same measure counts, provisional ones left out; equal ones are
halved. Shot lengths keep the population of films that they have.
"""

import polars as pl

from punctum.reading.row import share_below
from punctum.reading.sentences import write_rank
from punctum.tables import READINGS, conform

LEAST_FILMS = 20
"""With fewer films nothing is said of an ending's place among them."""


def rank_among_films(readings: pl.DataFrame, others: pl.DataFrame, least_films: int = LEAST_FILMS) -> pl.DataFrame:
    """Rank the figures of an ending among those of other films.

    Parameters
    ----------
    readings : pl.DataFrame
        columns of ``tables.READINGS``
    others : pl.DataFrame
        ``film_id`` and the columns of ``tables.READINGS``, of other films
    least_films : int
        a measure that fewer films have is left as it is

    Returns
    -------
    pl.DataFrame
        columns of ``tables.READINGS``; ranked rows have percentile, baseline and a sentence that says so
    """
    known = others.filter((pl.col("span") == "ending") & ~pl.col("provisional").fill_null(value=False))
    known = known.drop_nulls(["measure", "value", "film_id"]).unique(["film_id", "measure"], keep="first")
    groups = {str(name): group["value"] for (name,), group in known.group_by("measure")}
    rows = []
    for row in readings.iter_rows(named=True):
        group = groups.get(row["measure"], pl.Series([], dtype=pl.Float64))
        of_films = " films" in (row["baseline"] or "")
        ranked = row["span"] == "ending" and row["measure"] != "ending_start_s" and not of_films
        if ranked and row["value"] is not None and not row["provisional"] and group.len() >= least_films:
            below, films = 100 * share_below(row["value"], group), f"{group.len()} films in the library"
            said = write_rank(below, "more than in", "less than in", f"the endings of {films}")
            row |= {"percentile": below, "baseline": f"endings of {films}", "baseline_value": group.median()}
            row["statement"] = f"{row['statement'].removesuffix('.')}; {said}."
        rows.append(row)
    return conform(pl.DataFrame(rows, schema=readings.schema), READINGS) if rows else readings
