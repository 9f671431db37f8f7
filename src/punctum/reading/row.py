"""A reading before it is a row of the table.

Conventions: ``departure`` says how far out a value lies: the normal score of its rank among what it is
compared with, no further than so many independent comparisons allow. It orders the ending's rows and
is not kept in the table.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from statistics import NormalDist

import polars as pl

from punctum.tables import READINGS, conform, empty


@dataclass(frozen=True)
class Row:
    """One reading: columns of ``tables.READINGS``, its kind of measure, and how far out it lies."""

    span: str
    measure: str
    value: float | None
    unit: str
    statement: str
    start_frame: int
    end_frame: int
    start_s: float
    end_s: float
    baseline: str | None = None
    baseline_value: float | None = None
    percentile: float | None = None
    chance: float | None = None
    provisional: bool = False
    departure: float = 0.0

    def rough(self, provisional: bool, source: str = "key frames") -> "Row":
        """The same, marked as worked out from a part of the frames or of the sound, in words too."""
        if not provisional or self.provisional:
            return self
        statement = self.statement
        if self.value is not None:
            statement = f"{statement.removesuffix('.')}, from {source}."
        return replace(self, provisional=True, statement=statement, chance=None)


def score_rank(share_below: float, comparisons: float) -> float:
    """How far out a rank lies, as a normal score.

    Parameters
    ----------
    share_below : float
        share of what it is compared with that lies below, equal ones halved
    comparisons : float
        how many independent things it is compared with: among nine nothing lies further out than one in eighteen

    Returns
    -------
    float
        standard deviations from the middle of a normal distribution, never negative

    Examples
    --------
    >>> round(score_rank(0.975, 1000), 2), round(score_rank(0.0, 9), 2), score_rank(0.5, 9)
    (1.96, 1.59, 0.0)
    """
    if comparisons < 1:
        return 0.0
    least = 1 / (2 * comparisons)
    return abs(NormalDist().inv_cdf(min(max(share_below, least), 1 - least)))


def share_below(value: float, group: "pl.Series") -> float:
    """Share of a group below a value, equal ones halved; 0.5 for an empty group."""
    if not group.len():
        return 0.5
    return (int((group < value).sum()) + int((group == value).sum()) / 2) / group.len()


def make_table(rows: Iterable[Row]) -> pl.DataFrame:
    """Make the table ``readings`` of rows, numbered in the order given."""
    records = [asdict(row) | {"reading": number} for number, row in enumerate(rows)]
    for record in records:
        del record["departure"]
    if not records:
        return empty(READINGS)
    types = {name: column.dtype for name, column in READINGS.items()}
    return conform(pl.DataFrame(records, schema=types), READINGS)
