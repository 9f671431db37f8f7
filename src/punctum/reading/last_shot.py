"""The last shot: how long it holds, and how it lies among the shots before it.

Conventions: the last shot is the last pictured one; black after it is the closing's (`closing`). Credits
are left out (see `ground`).
"""

from dataclasses import replace

import numpy as np
import polars as pl

from punctum.reading.ending import ending_row
from punctum.reading.ground import Ground
from punctum.reading.lengths import describe_lengths
from punctum.reading.montage import place, point_at
from punctum.reading.population import count_population
from punctum.reading.row import Row, score_rank, share_below
from punctum.reading.sentences import write_duration, write_number, write_percent, write_rank
from punctum.reading.traits import SHOT_TRAITS, Trait

LEAST_SHOTS = 20
"""With fewer shots nothing is said of the last one's place among them."""


def read_last_shot(ground: Ground) -> list[Row]:
    """Give the ending's rows on the last shot."""
    rows = [*_last_shot(ground), *(_trait(ground, trait) for trait in SHOT_TRAITS)]
    return [row.rough(ground.tail_rough) for row in rows]


def _last_shot(ground: Ground) -> list[Row]:
    whole = describe_lengths(ground.lengths_s)
    if whole is None:
        return [ending_row(ground, "last_shot_s", None, "s", "Not measured: no shots were found.")]
    lasting, last_s = write_duration(whole.last_s), whole.last_s
    row = ending_row(ground, "last_shot_s", last_s, "s", "")
    row = point_at(row, ground, whole.shot_count - 1)
    if whole.shot_count == 1:
        return [replace(row, statement=f"The film is a single shot of {lasting}.")]
    before = pl.Series(ground.lengths_s[:-1])
    below, median = share_below(last_s, before), write_duration(whole.median_s)
    few = whole.shot_count < LEAST_SHOTS
    # the shots found so far of a film read in part are no group to rank among
    rankable = ground.comparable and not few
    departure = score_rank(below, before.len()) if rankable else 0.0
    where = place(ground, "last_shot_s", last_s)
    if not ground.comparable:
        text = f"The last shot holds for {lasting}"
    elif last_s > whole.longest_s - 1e-9 and whole.longest_at == whole.shot_count - 1:
        text = f"The last shot holds for {lasting}, longer than any before it (film's median {median})"
    elif few:
        text = f"The last shot holds for {lasting} (film's median {median})"
    elif below == 0:
        text = f"The last shot lasts {lasting}, shorter than any before it (film's median {median})"
    elif below >= 0.5:
        text = f"The last shot holds for {lasting}, longer than {write_percent(below)} of those before it"
        text += f" (film's median {median})"
    else:
        text = f"The last shot lasts {lasting}, shorter than {write_percent(1 - below)} of those before it"
        text += f" (film's median {median})"
    row = replace(row, baseline="the shots before it", baseline_value=whole.median_s, departure=departure)
    if not ground.comparable:
        row = replace(row, baseline=None, baseline_value=None)
    if where.percentile is not None:
        more, less = "longer than the last shot of", "shorter than the last shot of"
        text += "; " + write_rank(where.percentile, more, less, str(where.films))
        row = replace(
            row,
            baseline=f"last shots of {where.films}",
            baseline_value=where.median,
            percentile=where.percentile,
            # last shots are long in most films: the population's rank says more, but for the longest of all
            departure=departure if below >= 1 else score_rank(where.percentile / 100, count_population()),
        )
    elif rankable:
        row = replace(row, percentile=100 * below)
    return [replace(row, statement=text + ".")]


def _trait(ground: Ground, trait: Trait) -> Row:
    """The last shot among the shots before it, by its light, motion or sound."""
    measure = f"last_shot_{trait.name}"
    own = ground.pictured[trait.name][-1] if ground.pictured.height else None
    if own is None:
        return ending_row(ground, measure, None, trait.unit, f"The last shot's {trait.called} was not measured.")
    row = ending_row(ground, measure, float(own), trait.unit, "")
    row = point_at(row, ground, ground.pictured.height - 1)
    figure = f"{trait.called} {write_number(own, trait.decimals)}{trait.write_unit()}"
    if not ground.comparable:
        return replace(row, statement=f"The last shot: {figure}.")
    before = ground.pictured[trait.name].slice(0, ground.pictured.height - 1).drop_nulls()
    if before.len() < LEAST_SHOTS:
        return replace(row, statement=f"The last shot: {figure}; too few shots to rank it.")
    median = float(np.median(before.to_numpy()))
    row = replace(row, baseline="the shots before it", baseline_value=median)
    if abs(own - median) < trait.least:
        return replace(row, statement=f"The last shot is like the others in {trait.called} ({figure}).")
    below = share_below(float(own), before)
    rank = write_rank(100 * below, f"{trait.more} than", f"{trait.less} than", "the shots before it")
    return replace(
        row,
        statement=f"The last shot is {rank} ({figure}, their median {write_number(median, trait.decimals)}).",
        percentile=100 * below,
        departure=score_rank(below, before.len()),
    )
