"""The bundle as a folder: what lies in it, how it is opened and how it is written whole.

``made.json`` is the seal: without it a folder is no bundle, and it lists every other file but the notes
with its size, so that a damaged copy is told from a whole one.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from punctum.bundle.files import (
    ROW_GROUP_ROWS,
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
from punctum.bundle.notes import LOG, read_notes
from punctum.errors import BundleInvalid, PunctumError, quoted
from punctum.film import Box, Bundle, Film, Stretch
from punctum.tables import SCHEMA, TABLES, check, empty

SEAL = "made.json"
SUFFIX = ".punctum"
LAZY = ("grid",)
"""Tables that are scanned, not read."""

PAGE = "page.html"
STILLS = "stills"


def find_bundle(address: str | Path) -> Path:
    """Find the bundle that is meant: the folder itself, a file in it, or the film beside it.

    Raises
    ------
    BundleInvalid
        if there is none
    """
    path = Path(address)
    for folder in (path, path.parent, path.with_suffix(SUFFIX), Path(f"{path}{SUFFIX}")):
        if (folder / SEAL).is_file() or (folder / f"{SEAL}.new").is_file():
            return folder
    if (path.is_dir() or path.with_suffix(SUFFIX).is_dir()) and path.suffix in (SUFFIX, ""):
        raise BundleInvalid(f"{quoted(address)} holds no whole bundle", "`punctum read FILM` makes one")
    raise BundleInvalid(f"there is no bundle {quoted(address)}", "`punctum read FILM` makes one beside the film")


def made_of(folder: Path) -> dict[str, Any] | None:
    """How the bundle in this folder was made; None where there is no whole one of this schema."""
    try:
        _settle(folder)
        made = read_json(folder / SEAL)
        _check_files(folder, made)
    except (PunctumError, OSError):
        return None
    return made if made.get("schema") == SCHEMA else None


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
    _settle(folder)
    made = read_json(folder / SEAL)
    _check_schema(folder, made)
    _check_files(folder, made)
    film = film_from(read_json(folder / "film.json"), folder)
    tables: dict[str, pl.DataFrame] = {}
    grid = pl.LazyFrame()
    for name, columns in TABLES.items():
        source = folder / f"{name}.parquet"
        try:
            if name not in LAZY:
                table: pl.DataFrame | pl.LazyFrame = read_parquet(source)
            else:
                table = scan_parquet([source]) if source.exists() else empty(columns).lazy()
            check(table, columns, name)
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
    page: str,
    grid_files: Iterable[Path] = (),
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
    page : str
        the film's page
    grid_files : iterable of Path
        Parquet files that one after another are the grid; none leaves it as it is
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
    sources = list(grid_files)
    if sources:
        writers["grid.parquet"] = lambda target: join_parquet(sources, target)
    if stills is not None:
        writers[STILLS] = lambda target: _write_stills(stills, target)
    writers[PAGE] = lambda target: _write_page(page, target)
    writers[SEAL] = lambda target: write_json({**made, "files": _sizes(folder)}, target)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder / ".lock", quoted(folder)):
            (folder / LOG).touch()
            commit(folder, writers, SEAL)


def join_parquet(sources: list[Path], target: Path) -> None:
    """Join Parquet files into one, without holding more than a few row groups."""
    scan_parquet(sources).sink_parquet(
        target, compression="zstd", compression_level=3, row_group_size=ROW_GROUP_ROWS, maintain_order=True
    )


def film_record(film: Film) -> dict[str, Any]:
    """Write a film's record as JSON would have it: fractions as text, boxes as lists."""
    record: dict[str, Any] = {}
    for name in Film.__dataclass_fields__:
        value = getattr(film, name)
        record[name] = str(value) if isinstance(value, Fraction) else value
    return record


def film_from(record: Mapping[str, Any], folder: Path) -> Film:
    """Read a film's record.

    Raises
    ------
    BundleInvalid
        if a field is missing or of the wrong kind
    """
    try:
        fields = {name: record[name] for name in Film.__dataclass_fields__}
        fields["time_base"] = Fraction(fields["time_base"])
        fields["pixel_aspect"] = Fraction(fields["pixel_aspect"])
        fields["active_box_px"] = Box(*fields["active_box_px"])
        fields["channels"] = tuple(fields["channels"])
        fields["stretches"] = tuple(Stretch(a, b, Box(*box)) for a, b, box in fields["stretches"])
        return Film(**fields)
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise BundleInvalid(f"{quoted(folder / 'film.json')} is not a film's record", "read the film again") from error


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
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or name.startswith((".", SEAL, LOG)) or ".new" in name:
            continue
        if (folder / f"{name.split('/')[0]}.new").exists():
            continue
        sizes[name] = path.stat().st_size
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and ".new" in name and not name.startswith(SEAL):
            sizes[name.replace(".new", "", 1)] = path.stat().st_size
    return dict(sorted(sizes.items()))


def _settle(folder: Path) -> None:
    """Finish what a process that died had sealed."""
    if (folder / f"{SEAL}.new").exists():
        with writing(folder), alone(folder / ".lock", quoted(folder)):
            finish(folder, SEAL)


def _check_schema(folder: Path, made: Mapping[str, Any]) -> None:
    schema = str(made.get("schema", ""))
    if schema == SCHEMA:
        return
    number = re.fullmatch(r"punctum\.(\d+)", schema)
    ours = int(SCHEMA.rpartition(".")[2])
    if number and int(number[1]) > ours:
        version = quoted(made.get("versions", {}).get("punctum", "a newer one"))
        raise BundleInvalid(
            f"{quoted(folder)} was made by a newer Punctum ({quoted(schema)})", f"install punctum {version}"
        )
    raise BundleInvalid(f"{quoted(folder)} is of an unknown schema {quoted(schema)}", "read the film again")


def _check_files(folder: Path, made: Mapping[str, Any]) -> None:
    files = made.get("files")
    if not isinstance(files, dict):
        raise BundleInvalid(f"{quoted(folder / SEAL)} lists no files", "`punctum read --force` makes it anew")
    for name, size in files.items():
        if name == "grid.parquet" and not (folder / name).exists():
            continue
        path = folder / name
        if ".." in Path(name).parts or not path.is_file() or path.stat().st_size != size:
            raise BundleInvalid(
                f"{quoted(path)} is missing or damaged", "`punctum read --force` on the film makes it anew"
            )
