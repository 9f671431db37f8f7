"""An ending among the endings of other films: percentiles from a library, where it is large enough to have any.

Conventions: of each other film its own reading of the same measure counts, provisional ones left out; equal ones are
halved. Shot lengths keep the population of films that they have.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from punctum.reading.comparing import as_made
from punctum.reading.row import share_below
from punctum.reading.sentences import write_rank
from punctum.tables import READINGS, conform

LEAST_FILMS = 20
"""With fewer films nothing is said of an ending's place among them."""


def rank_among_films(
    readings: pl.DataFrame,
    others: pl.DataFrame,
    least_films: int = LEAST_FILMS,
    speed: float = 1.0,
    speeds: Mapping[str, float] | None = None,
) -> pl.DataFrame:
    """Rank the figures of an ending among those of other films.

    Parameters
    ----------
    readings : pl.DataFrame
        columns of ``tables.READINGS``
    others : pl.DataFrame
        ``film_id`` and the columns of ``tables.READINGS``, of other films
    least_films : int
        a measure that fewer films have is left as it is
    speed : float
        how much faster than made this print runs; its figures are ranked as those of the film as made
    speeds : mapping of str to float
        the same of other films by ``film_id``; 1 where it is not there

    Returns
    -------
    pl.DataFrame
        columns of ``tables.READINGS``; ranked rows have percentile, baseline and a sentence that says so
    """
    known = others.filter((pl.col("span") == "ending") & ~pl.col("provisional").fill_null(value=False))
    known = known.drop_nulls(["measure", "value", "film_id"]).unique(["film_id", "measure"], keep="first")
    groups = {str(name): _as_made(group, speeds or {}) for (name,), group in known.group_by("measure")}
    rows = []
    for row in readings.iter_rows(named=True):
        group = groups.get(row["measure"], pl.Series([], dtype=pl.Float64))
        of_films = " films" in (row["baseline"] or "")
        ranked = row["span"] == "ending" and row["measure"] != "ending_start_s" and not of_films
        if ranked and row["value"] is not None and not row["provisional"] and group.len() >= least_films:
            value = float(as_made(np.array([row["value"]]), row["unit"] or "", speed)[0])
            below, films = 100 * share_below(value, group), f"{group.len()} films in the library"
            same = int((group == row["value"]).sum())
            said = write_rank(below, "more than in", "less than in", f"the endings of {films}")
            if 2 * same >= group.len():  # a figure that most endings share is neither more nor less
                said = f"the same as in {same} of the endings of {films}"
            row |= {"percentile": below, "baseline": f"endings of {films}", "baseline_value": group.median()}
            row["statement"] = f"{row['statement'].removesuffix('.')}; {said}."
        rows.append(row)
    return conform(pl.DataFrame(rows, schema=readings.schema), READINGS) if rows else readings


def _as_made(group: pl.DataFrame, speeds: Mapping[str, float]) -> pl.Series:
    """One measure of other films, prints of a known speed as the films were made."""
    if not any(film in speeds for film in group["film_id"]):
        return group["value"]
    rows = group.select("film_id", "value", "unit").iter_rows()
    made = [float(as_made(np.array([value]), unit or "", speeds.get(film, 1.0))[0]) for film, value, unit in rows]
    return pl.Series("value", made, dtype=pl.Float64)
