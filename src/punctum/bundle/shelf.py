"""The bundles below a folder: found at every depth, nothing registered; their tables scanned as one.

The folder may lie on an object store (`stores`). A bundle that cannot be read is told and left out; the others are
read. What the library's owner says of films in ``films.csv`` (`films_csv`) wins over their records.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from punctum.bundle import films_csv, stores
from punctum.bundle.files import read_json
from punctum.bundle.folder import SUFFIX, check_schema, settle, tables_since
from punctum.bundle.records import SEAL, check_files, check_said, film_from
from punctum.errors import BundleInvalid, PunctumError, quoted
from punctum.film import Film
from punctum.tables import LATER, ON_REQUEST, SCHEMA, TABLES, schema

_AT_ONCE = 16
"""So many files of an object store are asked for their columns at once."""


class Shelved(NamedTuple):
    """A whole bundle: its folder, its address within the library, the film's record, what its seal says.

    ``store`` is the folder's address on an object store, "" for one on this computer; ``speed`` how much faster this
    print runs than the film was made, as its owner says.
    """

    folder: Path
    address: str
    film: Film
    made: Mapping[str, Any] = {}
    store: str = ""
    speed: float = 1.0

    def table(self, name: str) -> str:
        """Where a table lies."""
        return f"{self.store}/{name}.parquet" if self.store else str(self.folder / f"{name}.parquet")


class LeftOut(NamedTuple):
    """A bundle that is left out, and why; or ``films.csv`` and what of it could not be used."""

    address: str
    why: str


def list_bundles(library: str | Path) -> tuple[list[Shelved], list[LeftOut]]:
    """Find the bundles below a folder, in the order of their addresses.

    Parameters
    ----------
    library : path
        any folder, or ``s3://bucket/folder``

    Returns
    -------
    shelved, left_out : list of Shelved, list of LeftOut
        a copy of a film's bundle elsewhere in the library is left out

    Raises
    ------
    BundleInvalid
        where there is no such folder, or the store does not answer
    """
    found, words = _in_store(str(library)) if stores.is_store(library) else _in_folder(Path(library))
    shelved: list[Shelved] = []
    left_out: list[LeftOut] = []
    seen: dict[str, str] = {}
    for one in found:
        if isinstance(one, LeftOut):
            left_out.append(one)
        elif one.film.film_id in seen:
            left_out.append(LeftOut(one.address, f"the same film as {quoted(seen[one.film.film_id])}"))
        else:
            seen[one.film.film_id] = one.address
            film, speed = words.rename(one.film, one.address)
            shelved.append(one._replace(film=film, speed=speed))
    left_out += [LeftOut(films_csv.NAME, fault) for fault in (*words.faults, *words.unused())]
    return shelved, left_out


def _in_folder(root: Path) -> tuple[list[Shelved | LeftOut], films_csv.OwnersWords]:
    if not root.is_dir():
        raise BundleInvalid(f"there is no folder {quoted(root)}", "`--in DIR` names the library's folder")
    found: list[Shelved | LeftOut] = []
    for folder in sorted(_bundles_below(root)):
        address = folder.relative_to(root).as_posix()
        try:
            settle(folder)  # what a process that died had sealed
            made = read_json(folder / SEAL)
            check_schema(folder, made)
            check_said(folder, made)
            # a library's questions need no stills, and a film has thousands of them
            check_files(folder, {name: size for name, size in made["files"].items() if "/" not in name})
            found.append(Shelved(folder, address, film_from(read_json(folder / "film.json"), folder), made))
        except (PunctumError, OSError) as error:
            found.append(LeftOut(address, str(error)))
    return found, films_csv.owners_words(root)


def _in_store(library: str) -> tuple[list[Shelved | LeftOut], films_csv.OwnersWords]:
    seals = stores.read_all(library, f"**/*{SUFFIX}/{SEAL}")
    films = stores.read_all(library, f"**/*{SUFFIX}/film.json")
    found: list[Shelved | LeftOut] = []
    for seal in sorted(seals):
        address = seal.removesuffix(f"/{SEAL}")
        if any(part.endswith((SUFFIX, ".reading")) for part in address.split("/")[:-1]):
            continue
        folder = Path(address)  # a name for messages
        try:
            made = _object(folder / SEAL, seals[seal])
            check_schema(folder, made)
            check_said(folder, made)
            film = film_from(_object(folder / "film.json", films.get(f"{address}/film.json", b"")), folder)
            found.append(Shelved(folder, address, film, made, f"{library.rstrip('/')}/{address}"))
        except PunctumError as error:
            found.append(LeftOut(address, str(error)))
    return found, films_csv.OwnersWords(stores.read_all(library, films_csv.NAME).get(films_csv.NAME, b""))


def _object(file: Path, text: bytes) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise BundleInvalid(f"{quoted(file)} cannot be read", "put the bundle there again")
    return data


def _bundles_below(root: Path) -> Iterator[Path]:
    """Folders that are bundles; links to folders are not followed, and no bundle lies within another."""
    for place, folders, _ in os.walk(root):
        bundles = [name for name in folders if name.endswith(SUFFIX)]
        folders[:] = [name for name in folders if name not in bundles and not name.endswith(f"{SUFFIX}.reading")]
        for name in bundles:
            folder = Path(place) / name
            if (folder / SEAL).is_file() or (folder / f"{SEAL}.new").is_file():
                yield folder


def scan_tables(shelved: Sequence[Shelved], name: str, trusting: bool = False) -> tuple[pl.LazyFrame, list[LeftOut]]:
    """Scan one table of many bundles as one, ``film_id`` first.

    Parameters
    ----------
    shelved : sequence of Shelved
    name : str
        a name of ``tables.TABLES``
    trusting : bool
        do not look at each file first: one that cannot be read then raises where the table is collected

    Returns
    -------
    table : pl.LazyFrame
        the columns of the table after ``film_id``; those that an older bundle lacks are null there
    left_out : list of LeftOut
        bundles whose table cannot be read
    """
    wanted = schema(TABLES[name])
    faults: list[str | None]
    if trusting:
        faults = [None] * len(shelved)
    elif any(one.store for one in shelved):
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            faults = list(pool.map(lambda one: _fault(one, name, wanted), shelved))
    else:
        faults = [_fault(one, name, wanted) for one in shelved]
    files = {one.table(name): one.film.film_id for one, fault in zip(shelved, faults, strict=True) if fault is None}
    left_out = [LeftOut(one.address, fault) for one, fault in zip(shelved, faults, strict=True) if fault]
    if not files:
        return pl.LazyFrame(schema={"film_id": pl.String(), **wanted}), left_out
    ids = pl.LazyFrame({"file": list(files), "film_id": list(files.values())})
    table = pl.scan_parquet(
        list(files),
        glob=False,
        include_file_paths="file",
        schema=wanted,
        missing_columns="insert",
        storage_options=stores.storage_options() if any(one.store for one in shelved) else None,
    )
    return table.join(ids, on="file", how="left", maintain_order="left").select("film_id", *wanted), left_out


def _fault(one: Shelved, name: str, wanted: Mapping[str, pl.DataType]) -> str | None:
    """Why a bundle's table cannot be read; "" where it has none, and need not; None where it can."""
    older = one.made.get("schema", SCHEMA) != SCHEMA
    try:
        have = dict(
            pl.read_parquet_schema(one.table(name))
            if not one.store
            else pl.scan_parquet(one.table(name), glob=False, storage_options=stores.storage_options()).collect_schema()
        )
    except (OSError, pl.exceptions.PolarsError) as error:
        optional = name in ON_REQUEST or (older and name in tables_since(str(one.made["schema"])))
        if optional and (isinstance(error, FileNotFoundError) or "not found" in str(error).lower()):
            return ""
        return f"{quoted(name + '.parquet')}: {str(error).splitlines()[0]}"
    later = LATER.get(name, frozenset())
    if {**{column: wanted[column] for column in later}, **have} == wanted or (
        older and have.items() <= dict(wanted).items()
    ):
        return None
    return f"{quoted(name + '.parquet')}: other columns than this version's"
