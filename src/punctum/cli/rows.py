"""Rows of a table, printed: as JSON, as CSV, or a line each."""

import argparse
import json
from collections.abc import Callable, Mapping
from typing import Any

from punctum.cli.telling import print_out


def print_table(
    table: Any,
    asked: argparse.Namespace,
    columns: Mapping[str, Any],
    line: Callable[[dict[str, Any]], str],
) -> None:
    """Print a table as it was asked for; ``columns`` say with how many decimals figures are kept."""
    if asked.json:
        print_json([rounded(row, columns) for row in table.iter_rows(named=True)])
    elif getattr(asked, "csv", False):
        print_out(flatten(table).write_csv().rstrip("\n"))
    else:
        for row in table.iter_rows(named=True):
            print_out(line(row))


def print_json(answer: Any) -> None:
    """Print an answer as data."""
    print_out(json.dumps(answer, ensure_ascii=False, indent=1))


def rounded(row: dict[str, Any], columns: Mapping[str, Any]) -> dict[str, Any]:
    """Give a row's figures with the decimals they are kept with; single precision would print others."""

    def one(value: Any, decimals: int | None) -> Any:
        if isinstance(value, list):
            return [one(part, decimals) for part in value]
        return round(value, decimals) if isinstance(value, float) and decimals is not None else value

    return {name: one(value, columns[name].decimals) for name, value in row.items()}


def flatten(table: Any) -> Any:
    """Give a table without lists: what they hold is joined by spaces."""
    import polars as pl

    lists = (name for name, kind in table.schema.items() if isinstance(kind, pl.List))
    return table.with_columns(pl.col(name).cast(pl.List(pl.String)).list.join(" ") for name in lists)
