"""Files written so that they are whole or not there: beside, then renamed; with one clear word when that fails."""

import errno
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
from filelock import FileLock, Timeout
from polars.io.plugins import register_io_source

from punctum.errors import BundleBusy, BundleInvalid, OutputUnwritable, quoted

ROW_GROUP_ROWS = 2048
"""Rows in a Parquet row group: a slice of the grid costs little, whatever the film's length."""


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Turn what a full disk or a locked folder raises into OutputUnwritable."""
    try:
        yield
    except (OSError, pl.exceptions.ComputeError) as error:
        number = error.errno if isinstance(error, OSError) else None
        text = str(error)
        if number == errno.ENOSPC or "No space left" in text or "os error 28" in text:
            raise OutputUnwritable(
                f"the disk is full: {quoted(target)} could not be written",
                "free some space and run the same command again: what was finished is kept",
            ) from error
        reason = (error.strerror or text) if isinstance(error, OSError) else text.splitlines()[0]
        raise OutputUnwritable(
            f"{quoted(target)} could not be written: {reason}", "`--out` or `--into` names another place"
        ) from error


def write_parquet(table: pl.DataFrame, target: Path) -> None:
    """Write a table; the same table gives the same bytes."""
    table.write_parquet(target, compression="zstd", compression_level=3, row_group_size=ROW_GROUP_ROWS, statistics=True)


def read_parquet(source: Path) -> pl.DataFrame:
    """Read a table that this program wrote.

    Raises
    ------
    BundleInvalid
        if it cannot be read
    """
    try:
        # from bytes, not memory-mapped: a file must be replaceable while its table is in use
        return pl.read_parquet(source.read_bytes())
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BundleInvalid(
            f"{quoted(source)} cannot be read", "`punctum read --force` on the film makes it anew"
        ) from error


def scan_parquet(source: Path) -> pl.LazyFrame:
    """Scan a Parquet file, for what is too large to be held."""
    return pl.scan_parquet(source, glob=False)


def join_parquet(sources: list[Path], target: Path) -> None:
    """Join Parquet files of the same columns into one, with no more than one of them in memory."""

    def tables(*_: object) -> Iterator[pl.DataFrame]:
        for source in sources:
            yield read_parquet(source)

    with writing(target):
        # a scan of all of them at once would read ahead in many
        register_io_source(tables, schema=scan_parquet(sources[0]).collect_schema()).sink_parquet(
            target, compression="zstd", compression_level=3, row_group_size=ROW_GROUP_ROWS, maintain_order=True
        )


def write_json(data: Any, target: Path) -> None:
    """Write JSON by way of a neighbour, so that the file is the old one or the new one."""
    beside = target.with_name(target.name + ".part")
    beside.write_text(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n", "utf-8")
    beside.replace(target)


def read_json(source: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises
    ------
    BundleInvalid
        if it cannot be read, or is no object
    """
    try:
        data = json.loads(source.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise BundleInvalid(
            f"{quoted(source)} cannot be read", "`punctum read --force` on the film makes it anew"
        ) from error
    if not isinstance(data, dict):
        raise BundleInvalid(f"{quoted(source)} is not what it should be", "`punctum read --force` makes it anew")
    return data


def remove(target: Path) -> None:
    """Remove a file or folder if it is there."""
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)


@contextmanager
def alone(lock: Path, what: str) -> Iterator[None]:
    """Hold a lock file; raise BundleBusy at once where another process has it."""
    held = FileLock(lock)
    try:
        held.acquire(timeout=0)
    except Timeout as error:
        raise BundleBusy(f"{what} is being written by another process", "wait for it, or stop it") from error
    try:
        yield
    finally:
        held.release()


def commit(folder: Path, writers: dict[str, Callable[[Path], None]], seal: str) -> None:
    """Write several files of a folder as one step, or none.

    Each is written as ``NAME.new``; the seal last. Once ``seal.new`` stands, `finish` only renames,
    and whoever opens the folder next does so if this process dies: the old files or the new ones, never
    a mixture.
    """
    finish(folder, seal)
    for name in [*(n for n in writers if n != seal), seal]:
        beside = folder / f"{name}.new"
        remove(beside)
        writers[name](folder / f"{name}.half" if name == seal else beside)
        if name == seal:
            (folder / f"{name}.half").replace(beside)
    finish(folder, seal)


def finish(folder: Path, seal: str) -> None:
    """Bring a sealed set of new files into place; drop an unsealed one. Only for whoever holds the lock."""
    sealed = (folder / f"{seal}.new").exists()
    for beside in sorted(folder.glob("*.new")):
        if beside.name == f"{seal}.new":
            continue
        if not sealed:
            remove(beside)
            continue
        target = beside.with_suffix("")
        if beside.is_dir():
            remove(target)
        beside.replace(target)
    if sealed:
        (folder / f"{seal}.new").replace(folder / seal)
