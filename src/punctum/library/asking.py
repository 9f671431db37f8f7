"""Ask a library's tables in SQL: one SELECT over their names, and nothing else.

Polars' SQL reads any file that a query names, ``read_csv('/etc/passwd')`` among them: so a query is parsed first, and
only what is known to be harmless is handed on.
"""

import logging
from pathlib import Path

import polars as pl
import sqlglot
from sqlglot import exp

from punctum.bundle.shelf import LeftOut, list_bundles, scan_tables
from punctum.errors import QueryUnsound, quoted
from punctum.library.finding import tabulate_films
from punctum.tables import TABLES

logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # what it cannot parse is told by an error of ours

FILMS = "films"
"""The name of the table of films, as `finding.list_library` gives it."""


def query_library(library: str | Path, sql: str) -> tuple[pl.DataFrame, list[LeftOut]]:
    """Answer a SELECT over a library: all tables of ``tables.TABLES``, ``film_id`` first, and ``films``.

    Parameters
    ----------
    library : path
        a folder
    sql : str
        one SELECT, in the SQL that Polars knows

    Returns
    -------
    answer : pl.DataFrame
    left_out : list of LeftOut
        bundles that cannot be read, and why

    Raises
    ------
    QueryUnsound
        for anything but one SELECT over these names, and for one that is wrong
    BundleInvalid
        where there is no such folder
    """
    names = check_query(sql)
    shelved, left_out = list_bundles(library)
    frames: dict[str, pl.LazyFrame] = {}
    for name in sorted(names):
        if name == FILMS:
            frames[name] = tabulate_films(shelved).lazy()
            continue
        frames[name], unread = scan_tables(shelved, name)
        left_out += unread
    try:
        answer = pl.SQLContext(frames, eager=False).execute(sql, eager=True)
    except (pl.exceptions.PolarsError, ValueError, TypeError, OverflowError) as error:
        raise QueryUnsound(f"the query cannot be answered: {str(error).splitlines()[0]}", _hint()) from error
    return answer, left_out


def check_query(sql: str) -> set[str]:
    """See to it that a query is one SELECT over the library's tables; gives their names.

    Raises
    ------
    QueryUnsound

    Examples
    --------
    >>> sorted(check_query("select s.shot from shots s join films using (film_id)"))
    ['films', 'shots']
    """
    try:
        statements = [one for one in sqlglot.parse(sql, read="postgres") if one is not None]
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        raise QueryUnsound(f"the query cannot be read: {str(error).splitlines()[0]}", _hint()) from None
    if len(statements) != 1 or not isinstance(statements[0], exp.Select | exp.SetOperation):
        raise QueryUnsound("a query is one SELECT", _hint())
    query = statements[0]
    own = {one.alias_or_name for one in query.find_all(exp.CTE)}
    known = {FILMS, *TABLES}
    if query.find(exp.Into, exp.Command, exp.Insert, exp.Update, exp.Delete, exp.Create, exp.Drop):
        raise QueryUnsound("a query only asks", _hint())
    names = set()
    for table in query.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or table.args.get("db") or table.args.get("catalog"):
            raise QueryUnsound(f"{quoted(table.sql())} is no table of the library", _hint())
        if table.name not in known | own:
            raise QueryUnsound(f"there is no table {quoted(table.name)}", _hint())
        if table.name not in own:
            names.add(table.name)
    for function in query.find_all(exp.Func):
        if function.sql_name().lower().startswith(("read_", "scan_")) or function.name.lower().startswith(
            ("read_", "scan_")
        ):
            raise QueryUnsound(f"{quoted(function.sql())} reads a file", _hint())
    return names


def _hint() -> str:
    example = "select film_id, count(*) from shots group by film_id"
    return f'for instance "{example}"; tables: {FILMS}, {", ".join(TABLES)}'
