"""The bundle as a folder: what lies in it, how it is opened and how it is written whole.

``made.json`` is the seal: without it a folder is no bundle, and it lists every other file but the notes
with its size, so that a damaged copy is told from a whole one.
"""

import contextlib
import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from punctum.bundle.files import (
    alone,
    commit,
    finish,
    read_json,
    read_parquet,
    scan_parquet,
    write_json,
    write_parquet,
    writing,
)
from punctum.bundle.notes import LOCK, LOG, read_notes
from punctum.bundle.records import SEAL, check_made, check_spine, film_from, film_record
from punctum.errors import BundleInvalid, OutputUnwritable, PunctumError, quoted
from punctum.film import Bundle, Film
from punctum.tables import LATER, ON_REQUEST, SCHEMA, TABLES, check, conform, empty

SUFFIX = ".punctum"
LAZY = ("grid",)
"""Tables that are scanned, not read."""

PAGE = "page.html"
STILLS = "stills"

_ADDED = {
    2: ("words", "hearing", "sounds"),
    3: ("faces", "tracks", "characters", "figures", "scenes", "arcs", "build_ups", "moments", "own"),
}
"""Tables by the number of the schema that brought them."""

OURS = ("film.json", PAGE, STILLS, *(f"{name}.parquet" for name in TABLES))
"""What a bundle consists of, besides its seal and the notes; whatever else lies in the folder is not touched."""


def find_bundle(address: str | Path) -> Path:
    """Find the bundle that is meant: the folder itself, a file in it, or the film beside it.

    Raises
    ------
    BundleInvalid
        if there is none
    """
    path = Path(address)
    try:
        for folder in (path, path.parent, *([place_beside(path), Path(f"{path}{SUFFIX}")] if path.name else [])):
            if (folder / SEAL).is_file() or (folder / f"{SEAL}.new").is_file():
                return folder
        half = path.is_dir() or (path.name and place_beside(path).is_dir())
    except OSError as error:
        raise BundleInvalid(f"{quoted(address)} cannot be opened: {error.strerror}", "check the name") from None
    if half:
        raise BundleInvalid(f"{quoted(address)} holds no whole bundle", "`punctum read FILM` makes one")
    raise BundleInvalid(f"there is no bundle {quoted(address)}", "`punctum read FILM` makes one beside the film")


def place_beside(film: str | Path) -> Path:
    """Name the bundle of a film that is to lie beside it.

    Examples
    --------
    >>> place_beside("films/some.film.mkv").as_posix()
    'films/some.film.punctum'
    """
    path = Path(film)
    # bytes that are no UTF-8 are replaced: not every library that writes tables can have them in names
    return path.with_name(os.fsencode(path.stem).decode("utf-8", "replace") + SUFFIX)


def check_place(folder: Path) -> None:
    """See to it that a bundle may be made here: nothing of another kind would be overwritten.

    Raises
    ------
    OutputUnwritable
        where the name cannot be had here
    BundleInvalid
        where a file, a folder with other things in it or a newer Punctum's bundle lies
    """
    if os.fsencode(folder).decode("utf-8", "replace") != str(folder):
        raise OutputUnwritable(
            f"the name {quoted(folder)} is not UTF-8, and tables cannot be kept there",
            "`--out` or `--into` names another place",
        )
    with writing(folder):
        if not (folder.is_symlink() or folder.exists()):
            return
        if not folder.is_dir():
            raise BundleInvalid(f"{quoted(folder)} is a file, not a bundle", "`--out` names another place")
        strangers = sorted(path.name for path in folder.iterdir() if not _is_ours(path.name))
    made: Mapping[str, Any] = {}
    with contextlib.suppress(BundleInvalid):
        made = read_json(folder / SEAL)
    if _is_newer(made):
        check_schema(folder, made)
    if strangers and not str(made.get("schema", "")).startswith("punctum."):
        raise BundleInvalid(
            f"{quoted(folder)} is a folder with other things in it, such as {quoted(strangers[0])}",
            "`--out` names a new folder; `--into` an existing one, which receives bundles",
        )


def _is_ours(name: str) -> bool:
    return name in (".lock", LOCK, LOG) or re.sub(r"(\.(new|half|part))+$", "", name) in (*OURS, SEAL)


def made_of(folder: Path) -> dict[str, Any] | None:
    """How the bundle in this folder was made; None where there is no whole one of this schema."""
    try:
        settle(folder)
        made = read_json(folder / SEAL)
        check_made(folder, made)
    except (PunctumError, OSError):
        return None
    return made if made.get("schema") == SCHEMA else None


def tables_since(schema: str) -> tuple[str, ...]:
    """Tables that a bundle of this schema did not have yet; it is opened as if they were empty.

    Examples
    --------
    >>> tables_since("punctum.1")[:4], tables_since("punctum.3")
    (('words', 'hearing', 'sounds', 'faces'), ())
    """
    return tuple(name for first, names in _ADDED.items() if first > _number_of(schema) for name in names)


def open_bundle(address: str | Path) -> Bundle:
    """Open a bundle: its tables as Polars frames.

    Parameters
    ----------
    address : path
        the bundle's folder, or the film beside which it lies

    Raises
    ------
    BundleInvalid
        if there is no whole bundle, it is damaged, or was made by another version of Punctum
    """
    folder = find_bundle(address)
    settle(folder)
    made = read_json(folder / SEAL)
    check_schema(folder, made)
    check_made(folder, made)
    lacking = tables_since(made["schema"])
    film = film_from(read_json(folder / "film.json"), folder)
    tables: dict[str, pl.DataFrame] = {}
    grid = pl.LazyFrame()
    for name, columns in TABLES.items():
        source = folder / f"{name}.parquet"
        try:
            if name in (*lacking, *ON_REQUEST) and not source.exists():
                table: pl.DataFrame | pl.LazyFrame = empty(columns)
            elif name not in LAZY:
                table = read_parquet(source)
            else:
                table = scan_parquet(source) if source.exists() else empty(columns).lazy()
            if isinstance(table, pl.DataFrame) and (
                made["schema"] != SCHEMA or LATER.get(name, frozenset()) - set(table.columns)
            ):
                table = conform(table, columns)  # columns that came later are null
            check(table, columns, name)
            check_spine(table, name)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise BundleInvalid(
                f"{quoted(source)} cannot be read", "`punctum read --force` on the film makes it anew"
            ) from error
        if isinstance(table, pl.LazyFrame):
            grid = table
        else:
            tables[name] = table
    notes, _ = read_notes(folder)
    address_of_film = made.get("film_address", "")
    return Bundle(
        film, tables, grid, notes, made, str(folder), address_of_film if isinstance(address_of_film, str) else ""
    )


def write_bundle(
    folder: Path,
    film: Film | None,
    tables: Mapping[str, pl.DataFrame],
    made: Mapping[str, Any],
    page: str | None,
    grid_file: Path | None = None,
    stills: Iterable[tuple[int, bytes]] | None = None,
) -> None:
    """Write a bundle, or the named parts of one, as one step: whatever happens, the old one or the new one is whole.

    Parameters
    ----------
    folder : Path
        the bundle's folder; made where there is none
    film : Film or None
        the record; None leaves it as it is
    tables : mapping of DataFrame
        tables to write; others stay
    made : mapping
        how it was made; the list of files is added here
    page : str or None
        the film's page; None leaves it as it is
    grid_file : Path or None
        the grid, to be copied; None leaves it as it is
    stills : iterable of (frame, JPEG bytes), or None
        all stills; None leaves them as they are

    Raises
    ------
    OutputUnwritable
        on a full disk or a folder that cannot be written to
    BundleBusy
        while another process writes to it
    """
    writers: dict[str, Callable[[Path], None]] = {}
    if film is not None:
        record = film_record(film)
        writers["film.json"] = lambda target: write_json(record, target)
    for name, table in tables.items():
        check(table, TABLES[name], name)
        writers[f"{name}.parquet"] = lambda target, table=table: write_parquet(table, target)  # type: ignore[misc]
    if grid_file is not None:
        writers["grid.parquet"] = lambda target: _copy(grid_file, target)
    if stills is not None:
        writers[STILLS] = lambda target: _write_stills(stills, target)
    if page is not None:
        writers[PAGE] = lambda target: _write_page(page, target)
    writers[SEAL] = lambda target: write_json({**made, "files": _sizes(folder)}, target)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder / ".lock", quoted(folder)):
            (folder / LOG).touch()
            commit(folder, writers, SEAL)


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)


def still_name(frame: int) -> str:
    """Name of a still's file.

    Examples
    --------
    >>> still_name(42)
    '000042.jpg'
    """
    return f"{frame:06d}.jpg"


def kept_stills(folder: Path) -> list[int]:
    """Frames of which the bundle has a still."""
    names = (path.name for path in (folder / STILLS).glob("*.jpg"))
    return sorted(int(name[:-4]) for name in names if re.fullmatch(r"\d{6,}\.jpg", name))


def _write_stills(stills: Iterable[tuple[int, bytes]], target: Path) -> None:
    target.mkdir()
    for frame, picture in stills:
        (target / still_name(frame)).write_bytes(picture)


def _write_page(page: str, target: Path) -> None:
    target.write_text(page, "utf-8", newline="\n")


def _sizes(folder: Path) -> dict[str, int]:
    """Sizes of the files as they will be once the new ones are in place."""
    sizes = {}
    for name in OURS:
        beside = folder / f"{name}.new"
        place = beside if beside.exists() else folder / name
        if place.is_dir():
            sizes.update({f"{name}/{path.name}": path.stat().st_size for path in place.iterdir()})
        elif place.exists():
            sizes[name] = place.stat().st_size
    return dict(sorted(sizes.items()))


def settle(folder: Path) -> None:
    """Finish what a process that died had sealed."""
    if (folder / f"{SEAL}.new").exists():
        with writing(folder), alone(folder / ".lock", quoted(folder)):
            finish(folder, SEAL)


def check_schema(folder: Path, made: Mapping[str, Any]) -> None:
    """Raise BundleInvalid for a bundle of a newer or of no schema of ours."""
    schema = made.get("schema", "")
    if schema == SCHEMA or 0 < _number_of(schema) < _number_of(SCHEMA):
        return
    if _is_newer(made):
        versions = made.get("versions")
        version = versions.get("punctum") if isinstance(versions, dict) else None
        raise BundleInvalid(
            f"{quoted(folder)} was made by a newer Punctum ({quoted(schema)})",
            f"install punctum {quoted(version)} or later" if version else "install the newest punctum",
        )
    raise BundleInvalid(f"{quoted(folder)} is of an unknown schema {quoted(schema)}", "read the film again")


def _is_newer(made: Mapping[str, Any]) -> bool:
    return _number_of(made.get("schema", "")) > _number_of(SCHEMA)


def _number_of(schema: Any) -> int:
    """Give a schema's number; 0 for what is no schema of ours."""
    found = re.fullmatch(r"punctum\.(\d{1,9})", str(schema), re.ASCII)
    return int(found[1]) if found else 0
