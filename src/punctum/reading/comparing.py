"""Films beside one another: the same measures of their shots and scenes, and by how much they differ.

Conventions: what is compared are the shots of the story (flat ones, titles and credits left out, see `ground`), and for
``scene_length_s`` its scenes. Differences are of the first film named against the second: Cliff's d and the shift of
Hodges and Lehmann with 95 % intervals, which take shots as drawn one by one; neighbours are alike, so that
true intervals are wider. Nothing is corrected for the number of measures or pairs. Where a print is known to run faster
or slower than the film was made, its times and speeds are those of the film as made.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import polars as pl

from punctum.film import Film
from punctum.reading.ground import Ground, lay_ground
from punctum.reading.lengths import Estimate, Lengths, cliffs_d, hodges_lehmann
from punctum.tables import SHOTS

LEAST = 5
"""With fewer shots nothing is said of a difference."""

MEASURES: tuple[tuple[str, str, int, str], ...] = (
    ("length_s", "s", 1, "shot length"),
    ("brightness", "", 2, "brightness"),
    ("contrast", "", 2, "contrast"),
    ("key", "", 2, "key"),
    ("saturation", "", 2, "saturation"),
    ("warmth", "", 3, "warmth"),
    ("motion_w_s", "widths/s", 3, "motion"),
    ("visual_activity", "", 3, "visual activity"),
    ("loudness_lufs", "LUFS", 0, "loudness"),
    ("speech", "", 2, "share with speech"),
    ("music", "", 2, "share with music"),
    ("face_height", "", 2, "height of the nearest face"),
    ("scene_length_s", "s", 0, "scene length"),
)
"""Column of ``shots``, unit, decimals, name."""


class Sample(NamedTuple):
    """One measure of one film: its values (float64), how many, median and quartiles; None for fewer than one."""

    film: int
    measure: str
    values: Lengths
    size: int
    median: float | None
    lower_quartile: float | None
    upper_quartile: float | None


class Difference(NamedTuple):
    """One measure of two films: Cliff's d and Hodges and Lehmann's shift, first less second."""

    measure: str
    first: int
    second: int
    cliffs_d: Estimate
    shift: Estimate


class Comparison(NamedTuple):
    """Films set beside one another; ``measures`` are those that any of them has."""

    measures: tuple[tuple[str, str, int, str], ...]
    samples: tuple[Sample, ...]
    differences: tuple[Difference, ...]
    remarks: tuple[str, ...]


def compare_films(
    films: Sequence[tuple[str, Film, Mapping[str, pl.DataFrame]]], speeds: Sequence[float] = ()
) -> Comparison:
    """Set films beside one another.

    Parameters
    ----------
    films : sequence of (str, Film, mapping of str to pl.DataFrame)
        name, record and tables of each
    speeds : sequence of float
        how much faster than made each print runs; none is 1 for all

    Returns
    -------
    Comparison
    """
    grounds = [lay_ground(film, tables) for _, film, tables in films]
    names = [name for name, _, _ in films]
    samples, differences, used = [], [], []
    for measure in MEASURES:
        own = [
            _sample(number, measure[0], as_made(_values(ground, measure[0]), measure[1], speed))
            for number, (ground, speed) in enumerate(zip(grounds, speeds or [1.0] * len(films), strict=True))
        ]
        if not any(sample.size for sample in own):
            continue
        used.append(measure)
        samples += own
        for first, second in combinations(own, 2):
            if min(first.size, second.size) < LEAST:
                continue
            d, shift = cliffs_d(first.values, second.values), hodges_lehmann(first.values, second.values)
            if d is not None and shift is not None:
                differences.append(Difference(measure[0], first.film, second.film, d, shift))
    rough = [name for name, ground in zip(names, grounds, strict=True) if ground.any_rough or ground.frames_rough]
    remarks = [f"{name} was not read in full: its figures are provisional" for name in rough]
    remarks += [
        f"{name} has fewer than {LEAST} shots: too few to say how it differs"
        for name, ground in zip(names, grounds, strict=True)
        if ground.lengths_s.size < LEAST
    ]
    return Comparison(tuple(used), tuple(samples), tuple(differences), tuple(remarks))


def as_made(values: Lengths, unit: str, speed: float) -> Lengths:
    """Give figures of a print as they are of the film as made: times are longer, what is per time is less.

    Examples
    --------
    >>> as_made(np.array([24.0]), "s", 25 / 24).tolist(), as_made(np.array([25.0]), "1/min", 25 / 24).tolist()
    ([25.0], [24.0])
    """
    if unit == "s":
        return values * speed
    return values / speed if unit.endswith(("/s", "/min", "per minute")) else values


def _values(ground: Ground, measure: str) -> Lengths:
    if measure == "length_s":
        return ground.lengths_s
    if measure == "scene_length_s":
        return (ground.scenes["end_s"] - ground.scenes["start_s"]).to_numpy().astype(np.float64)
    known = ground.pictured.select(pl.col(measure).cast(SHOTS[measure].dtype)).to_series().cast(pl.Float64)
    return known.filter(known.is_finite()).drop_nulls().to_numpy()


def _sample(film: int, measure: str, values: Lengths) -> Sample:
    if not values.size:
        return Sample(film, measure, values, 0, None, None, None)
    lower, median, upper = (float(q) for q in np.quantile(values, (0.25, 0.5, 0.75)))
    return Sample(film, measure, values, int(values.size), median, lower, upper)
