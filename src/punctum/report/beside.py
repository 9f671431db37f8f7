"""The films that a film's shot lengths are drawn beside.

Conventions: a population belongs to films of `LEAST_MINUTES` and more only, and is never shown without its name.
"""

from functools import cache
from math import erf, sqrt

import numpy as np

from punctum.draw.plots import BIN_EDGES_S, Population
from punctum.reading.population import LEAST_MINUTES, load_population, name_population


@cache
def draw_population() -> Population:
    """Shares of shots by length in the population, every film weighing the same.

    Returns
    -------
    Population
        for each film the lognormal of its median and its spread of logarithms, averaged over the films; what lies
        beyond the bins counts in the first and the last

    Notes
    -----
    Shot lengths are near lognormal within a film (Salt 1974; Redfern 2023); the population keeps two figures a film.
    """
    films = load_population()
    middle = np.log(films["median_shot_length_s"].to_numpy())[:, None]
    spread = np.maximum(films["log_length_sd"].to_numpy()[:, None], 0.05)
    score = (np.log(np.array(BIN_EDGES_S))[None, :] - middle) / spread
    below = np.array([[(1 + erf(x / sqrt(2))) / 2 for x in row] for row in score])
    below[:, 0], below[:, -1] = 0.0, 1.0
    shares = np.diff(below, axis=1).mean(axis=0)
    return Population(name_population(), tuple(float(share) for share in shares))


def population_beside(duration_s: float) -> Population | None:
    """Return the population for a film as long as this; None for one too short to be set beside it."""
    return draw_population() if duration_s >= LEAST_MINUTES * 60 else None
