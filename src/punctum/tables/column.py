"""What a column is, and what it takes for a table to have them.

A table always has all of its columns, in this order; what was not measured is null. No NaN and no
infinity. Floats are rounded to ``decimals`` before they are written, so that sums taken in another
order give the same bytes. No unit and no other word means a share from 0 to 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from punctum.errors import TableInvalid

SCHEMA = "punctum.3"


LATER: Mapping[str, frozenset[str]] = {"faces": frozenset({"identity"})}
"""Columns of a table that came within the schema: a bundle may lack them, and then they are null."""


@dataclass(frozen=True)
class Column:
    """One column: polars type, unit ("" for a share or a plain value), meaning, decimals kept."""

    dtype: pl.DataType
    unit: str
    meaning: str
    decimals: int | None = None


FRAME = pl.Int32()
SECONDS_DECIMALS = 6


def share(meaning: str, decimals: int = 5) -> Column:
    """Give a column of shares from 0 to 1 (or of values on such a scale)."""
    return Column(pl.Float32(), "", meaning, decimals)


def frame(meaning: str) -> Column:
    """Give a column of frame numbers."""
    return Column(FRAME, "", meaning)


def seconds(meaning: str) -> Column:
    """Give a column of seconds from the first frame."""
    return Column(pl.Float64(), "s", meaning, SECONDS_DECIMALS)


def count(meaning: str) -> Column:
    """Give a column of counts or of row numbers."""
    return Column(pl.Int32(), "", meaning)


def text(meaning: str) -> Column:
    """Give a column of words."""
    return Column(pl.String(), "", meaning)


def schema(columns: Mapping[str, Column]) -> dict[str, pl.DataType]:
    """Polars types by column name."""
    return {name: column.dtype for name, column in columns.items()}


def conform(table: pl.DataFrame, columns: Mapping[str, Column]) -> pl.DataFrame:
    """Bring a table to its columns: order, types, rounding; what it lacks becomes null, as do NaN and infinity.

    Raises
    ------
    TableInvalid
        for a column that ``columns`` does not know, or values that do not fit its type

    Examples
    --------
    >>> import polars as pl
    >>> from punctum.tables import LOUDNESS
    >>> conform(pl.DataFrame({"step": [0], "start_s": [0.1234567]}), LOUDNESS).row(0)
    (0, 0.123457, None)
    """
    unknown = sorted(set(table.columns) - set(columns))
    if unknown:
        raise TableInvalid(f"unknown column `{unknown[0]}`", "every column is defined in tables/")
    made = []
    for name, column in columns.items():
        if name not in table.columns:
            made.append(pl.lit(None, dtype=column.dtype).alias(name))
            continue
        value = pl.col(name).cast(column.dtype)
        if column.dtype.is_float():
            value = pl.when(value.is_finite()).then(value)
            if column.decimals is not None:
                # adding zero turns -0.0 into 0.0: one value, one pattern of bytes
                value = value.round(column.decimals) + 0.0
        made.append(value.cast(column.dtype).alias(name))
    try:
        return table.select(made)
    except pl.exceptions.PolarsError as error:
        raise TableInvalid(f"a table does not fit its columns: {error}") from error


def check(table: pl.DataFrame | pl.LazyFrame, columns: Mapping[str, Column], name: str = "table") -> None:
    """Raise TableInvalid unless the table has exactly these columns with these types, in this order."""
    have = dict(table.collect_schema())
    want = schema(columns)
    if list(have) != list(want):
        odd = sorted(set(have) ^ set(want))
        where = f"`{odd[0]}`" if odd else "the order"
        raise TableInvalid(f"columns of `{name}` are not those of schema {SCHEMA}: {where}")
    for column, dtype in want.items():
        if have[column] != dtype:
            raise TableInvalid(f"column `{column}` of `{name}` is {have[column]}, not {dtype}")


def empty(columns: Mapping[str, Column]) -> pl.DataFrame:
    """Return a table of these columns without rows."""
    return pl.DataFrame(schema=schema(columns))
