"""The bundles below a folder: found at every depth, nothing registered; their tables scanned as one.

A bundle that cannot be read is told and left out; the others are read.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from punctum.bundle.files import read_json
from punctum.bundle.folder import SUFFIX, made_of
from punctum.bundle.records import SEAL, film_from
from punctum.errors import BundleInvalid, PunctumError, quoted
from punctum.film import Film
from punctum.tables import SCHEMA, TABLES, schema


class Shelved(NamedTuple):
    """A whole bundle of this version's schema: its folder, its address within the library, the film's record."""

    folder: Path
    address: str
    film: Film


class LeftOut(NamedTuple):
    """A bundle that is left out, and why."""

    address: str
    why: str


def list_bundles(library: str | Path) -> tuple[list[Shelved], list[LeftOut]]:
    """Find the bundles below a folder, in the order of their addresses.

    Parameters
    ----------
    library : path
        any folder

    Returns
    -------
    shelved, left_out : list of Shelved, list of LeftOut
        a copy of a film's bundle elsewhere in the library is left out

    Raises
    ------
    BundleInvalid
        where there is no such folder
    """
    root = Path(library)
    if not root.is_dir():
        raise BundleInvalid(f"there is no folder {quoted(library)}", "`--in DIR` names the library's folder")
    shelved: list[Shelved] = []
    left_out: list[LeftOut] = []
    seen: dict[str, str] = {}
    for folder in sorted(_bundles_below(root)):
        address = folder.relative_to(root).as_posix()
        try:
            # this also finishes what a process that died had sealed
            if made_of(folder) is None:
                schema_of = quoted(read_json(folder / SEAL).get("schema", ""))
                raise BundleInvalid(f"not a whole bundle of schema {SCHEMA} ({schema_of})", "")
            film = film_from(read_json(folder / "film.json"), folder)
        except (PunctumError, OSError) as error:
            left_out.append(LeftOut(address, str(error)))
            continue
        if film.film_id in seen:
            left_out.append(LeftOut(address, f"the same film as {quoted(seen[film.film_id])}"))
            continue
        seen[film.film_id] = address
        shelved.append(Shelved(folder, address, film))
    return shelved, left_out


def _bundles_below(root: Path) -> Iterator[Path]:
    """Folders that are bundles; links to folders are not followed, and no bundle lies within another."""
    for place, folders, _ in os.walk(root):
        bundles = [name for name in folders if name.endswith(SUFFIX)]
        folders[:] = [name for name in folders if name not in bundles and not name.endswith(f"{SUFFIX}.reading")]
        for name in bundles:
            folder = Path(place) / name
            if (folder / SEAL).is_file() or (folder / f"{SEAL}.new").is_file():
                yield folder


def scan_tables(shelved: Sequence[Shelved], name: str) -> tuple[pl.LazyFrame, list[LeftOut]]:
    """Scan one table of many bundles as one, ``film_id`` first.

    Parameters
    ----------
    shelved : sequence of Shelved
    name : str
        a name of ``tables.TABLES``

    Returns
    -------
    table : pl.LazyFrame
        the columns of the table after ``film_id``
    left_out : list of LeftOut
        bundles whose table cannot be read
    """
    wanted = schema(TABLES[name])
    files: dict[str, str] = {}
    left_out = []
    for one in shelved:
        file = one.folder / f"{name}.parquet"
        try:
            if dict(pl.read_parquet_schema(file)) != wanted:
                raise BundleInvalid("other columns than this version's", "")
            files[str(file)] = one.film.film_id
        except (OSError, PunctumError, pl.exceptions.PolarsError) as error:
            left_out.append(LeftOut(one.address, f"{quoted(file.name)}: {str(error).splitlines()[0]}"))
    if not files:
        return pl.LazyFrame(schema={"film_id": pl.String(), **wanted}), left_out
    ids = pl.LazyFrame({"file": list(files), "film_id": list(files.values())})
    table = pl.scan_parquet(list(files), glob=False, include_file_paths="file").join(
        ids, on="file", how="left", maintain_order="left"
    )
    return table.select("film_id", *wanted), left_out
