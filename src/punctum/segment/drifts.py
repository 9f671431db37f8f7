"""What falls or drifts through a scene, from what was seen in its pairs of frames."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

LEAST_LOOKS = 3
"""Fewer pairs of frames say nothing of a scene."""

LEAST_SHARE = 0.2
"""Things drift through a scene if they do in so many of its pairs, three at least, and"""

AGREE_DEG, LEAST_AGREEING = 45.0, 0.8
"""if in so many of these they move the same way: what is taken for drifting by chance goes anywhere."""


class SceneDrift(NamedTuple):
    """How many things drift, whither and how fast; ``things`` 0 where none do, None where it cannot be told."""

    things: float | None
    deg: float | None = None
    h_s: float | None = None


def sum_drifts(drifts: pl.DataFrame) -> SceneDrift:
    """Sum up the pairs of a scene.

    Parameters
    ----------
    drifts : pl.DataFrame
        rows of ``tables.DRIFTS``

    Examples
    --------
    >>> falling = pl.DataFrame({"things": [9.0, 11.0, 10.0, 0.0], "x_h_s": [0.0, 0.0, 0.0, None],
    ...                         "y_h_s": [0.2, 0.3, 0.25, None]})
    >>> sum_drifts(falling)
    SceneDrift(things=10.0, deg=90.0, h_s=0.25)
    """
    if drifts.height < LEAST_LOOKS:
        return SceneDrift(None)
    seen = drifts.filter(pl.col("things") > 0).drop_nulls(["x_h_s", "y_h_s"])
    least = max(LEAST_LOOKS, LEAST_SHARE * drifts.height)
    if seen.height < least:
        return SceneDrift(0.0)
    moves = seen["x_h_s"].to_numpy() + 1j * seen["y_h_s"].to_numpy()
    alike = _agreeing(moves)
    if alike.sum() < max(least, LEAST_AGREEING * seen.height):
        return SceneDrift(0.0)
    count = float(np.median(seen["things"].to_numpy()[alike]))
    move = complex(np.median(moves.real[alike]), np.median(moves.imag[alike]))
    return SceneDrift(count, float(np.degrees(np.angle(move))), abs(move))


def _agreeing(moves: NDArray[np.complex128]) -> NDArray[np.bool_]:
    """Which moves go the way that most of them go, within `AGREE_DEG`."""
    ways = moves / np.maximum(np.abs(moves), 1e-9)
    apart = np.abs(np.angle(ways[:, None] / ways[None]))
    inside = apart <= np.radians(AGREE_DEG)
    best = int(inside.sum(1).argmax())
    middle = ways[inside[best]].sum()
    return np.asarray(np.abs(np.angle(ways / (middle / max(abs(middle), 1e-9)))) <= np.radians(AGREE_DEG))
