"""Reads essays, their films and their bibliographies from disk.

Conventions: addresses in an essay's head are relative to the essay; a film that several essays name is opened once, and
its tables are read when a claim first asks for them.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from punctum.bundle import find_bundle, made_of, open_bundle, read_parquet, scan_parquet
from punctum.bundle.files import read_json
from punctum.bundle.folder import LAZY
from punctum.bundle.notes import read_notes
from punctum.bundle.records import film_from
from punctum.errors import BundleInvalid, EssayUnsound, FilmUnreadable, PunctumError, quoted
from punctum.essay import Checked, Essay, Finding, Footage, Work, check_essay, read_bibliography, read_essay
from punctum.essay.writing import LONGEST_BYTES
from punctum.film import Bundle
from punctum.media import decode_picture
from punctum.tables import SCHEMA, TABLES, check, empty

LONGEST_BIBLIOGRAPHY = 5_000_000
LARGEST_PICTURE_BYTES = 20_000_000


class LazyTables(Mapping[str, pl.DataFrame]):
    """A bundle's tables, each read when it is first asked for; `pick` reads columns alone and keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, pl.DataFrame] = {}

    def __getitem__(self, name: str) -> pl.DataFrame:
        """Read a table, once."""
        if name not in TABLES or name in LAZY:
            raise KeyError(name)
        if name not in self._read:
            source = self._folder / f"{name}.parquet"
            try:
                table = read_parquet(source)
                check(table, TABLES[name], name)
            except (OSError, pl.exceptions.PolarsError) as error:
                raise _damaged(source) from error
            self._read[name] = table
        return self._read[name]

    def pick(self, name: str, columns: Sequence[str]) -> pl.DataFrame:
        """Read some columns of a table: a long film's frames are tens of megabytes."""
        if name in self._read:
            return self._read[name].select(columns)
        source = self._folder / f"{name}.parquet"
        try:
            return scan_parquet(source).select(columns).collect()
        except (OSError, pl.exceptions.PolarsError) as error:
            raise _damaged(source) from error

    def __iter__(self) -> Iterator[str]:
        """Names of the tables."""
        return (name for name in TABLES if name not in LAZY)

    def __len__(self) -> int:
        """How many there are."""
        return len(TABLES) - len(LAZY)


def _damaged(source: Path) -> BundleInvalid:
    return BundleInvalid(f"{quoted(source)} cannot be read", "`punctum read --force` on the film makes it anew")


def open_lazily(address: str | Path) -> Bundle:
    """Open a bundle whose tables are read when they are asked for.

    Raises
    ------
    BundleInvalid
        as ``open_bundle``
    """
    folder = find_bundle(address)
    made = made_of(folder)
    if made is None or made.get("schema") != SCHEMA:
        return open_bundle(folder)
    film = film_from(read_json(folder / "film.json"), folder)
    notes, _ = read_notes(folder)
    film_address = made.get("film_address", "")
    grid = empty(TABLES["grid"]).lazy()
    return Bundle(
        film, LazyTables(folder), grid, notes, made, str(folder), film_address if isinstance(film_address, str) else ""
    )


@dataclass
class Shelf:
    """Films that were opened, by where their bundles lie; ``library`` is a folder of others to rank among."""

    library: str = ""
    films: dict[Path, Footage | PunctumError] = field(default_factory=dict)
    values: dict[tuple[str, str, str], list[tuple[str, float]]] = field(default_factory=dict)
    others: list[Footage] | None = None

    def open(self, address: Path) -> Footage | PunctumError:
        """Open a film, once; what is wrong with it comes back as an error."""
        place = address.resolve()
        if place not in self.films:
            try:
                self.films[place] = Footage(open_lazily(address))
            except PunctumError as error:
                self.films[place] = error
            except OSError as error:
                self.films[place] = BundleInvalid(f"{quoted(address.name)} cannot be opened: {error.strerror}", "")
        return self.films[place]

    def among(self, measure: str, span: str, who: str) -> list[tuple[str, float]]:
        """Values of a measure over a span of every film of the library, with the films' ids."""
        from punctum.bundle.shelf import list_bundles
        from punctum.essay.footage import SpanUnknown
        from punctum.essay.judging import find_measure, value_of

        if self.others is None:
            shelved, _ = list_bundles(self.library)
            opened = [self.open(one.folder) for one in shelved]
            self.others = [one for one in opened if isinstance(one, Footage)]
        key = (measure, span, who)
        if key not in self.values:
            found = []
            for footage in self.others:
                try:
                    known = find_measure(measure, footage)
                    value = value_of(known, footage.span(span), who)[0] if known else None
                except (SpanUnknown, PunctumError):
                    continue
                if value is not None:
                    found.append((footage.film.film_id, value))
            self.values[key] = found
        return self.values[key]


@dataclass
class Manuscript:
    """An essay from disk with what it rests on."""

    path: Path
    essay: Essay
    films: dict[str, Footage | PunctumError]
    works: dict[str, Work]
    checked: Checked


def open_manuscript(path: str | Path, shelf: Shelf | None = None) -> Manuscript:
    """Read an essay, open its films, check its claims.

    Parameters
    ----------
    path : path
        a Markdown file
    shelf : Shelf, optional
        films opened before

    Raises
    ------
    EssayUnsound
        where it cannot be read at all; what is wrong within it is among ``checked.findings``
    """
    path, shelf = Path(path), shelf or Shelf()
    essay = read_essay(_text(path, LONGEST_BYTES, f"{path.name}:1: "), path.name)
    films = {key: shelf.open(path.parent / entry.bundle) for key, entry in essay.head.films.items()}
    works: dict[str, Work] = {}
    for address in essay.head.bibliography:
        source = path.parent / address
        try:
            works |= read_bibliography(_text(source, LONGEST_BIBLIOGRAPHY, ""), source.name)
        except EssayUnsound as error:
            raise EssayUnsound(f"{path.name}:{essay.head.bibliography_line}: {error}", error.hint) from None
    own = {footage.film.film_id for footage in films.values() if isinstance(footage, Footage)}

    def others(measure: str, span: str, who: str) -> list[float]:
        return [value for film_id, value in shelf.among(measure, span, who) if film_id not in own]

    checked = check_essay(essay, films, others if shelf.library else None, tuple(works))
    found = [*checked.findings, *_missing_pictures(path, essay)]
    checked = replace(checked, findings=tuple(sorted(found, key=lambda finding: (finding.place, finding.number))))
    return Manuscript(path, essay, films, works, checked)


def own_bytes(folder: Path, name: str) -> bytes:
    """A picture of the writer's own, which lies beside the essay or below.

    Raises
    ------
    EssayUnsound
        for what is not there, lies elsewhere, is too large or no picture
    """
    try:
        whole = (folder / name).resolve(strict=True)
        if not whole.is_relative_to(folder.resolve()) or not whole.is_file():
            raise EssayUnsound(f"{quoted(name)} lies outside the essay's folder", "put it beside the essay")
        if whole.stat().st_size > LARGEST_PICTURE_BYTES:
            raise EssayUnsound(f"{quoted(name)} is too large", "a picture of up to 20 MB")
        data = whole.read_bytes()
        decode_picture(data)
    except OSError as error:
        raise EssayUnsound(f"{quoted(name)} cannot be read: {error.strerror}", "put it beside the essay") from None
    except FilmUnreadable:
        raise EssayUnsound(f"{quoted(name)} is no picture", "a PNG or JPEG file") from None
    return data


def _missing_pictures(path: Path, essay: Essay) -> list[Finding]:
    """Pictures of the writer's own that cannot be shown."""
    found = []
    for picture in essay.pictures:
        if picture.form == "own":
            try:
                own_bytes(path.parent, picture.file)
            except EssayUnsound as error:
                found.append(Finding(picture.place, "unknown", f"![]({picture.file})", str(error), error.hint))
    return found


def _text(path: Path, longest: int, where: str) -> str:
    """Read a file of text."""
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise EssayUnsound(f"{where}{quoted(path.name)} is no file", "an essay is a Markdown file")
        if size > longest:
            raise EssayUnsound(
                f"{where}{quoted(path.name)} has {size / 1e6:.1f} MB",
                f"up to {longest / 1e6:.0f} MB are read; divide it",
            )
        data = path.read_bytes()
    except OSError as error:
        raise EssayUnsound(f"{quoted(path)} cannot be read: {error.strerror}", "check the name") from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise EssayUnsound(f"{path.name}:{line}: the text is not UTF-8", "save it as UTF-8") from None


def key_of(name: str, taken: Mapping[str, object]) -> str:
    """A film's key in an essay's head, made of its name.

    Examples
    --------
    >>> key_of("Le notti di Cabiria (1957)", {}), key_of("七人の侍", {"film": 0})
    ('le_notti_di_cabiria_1957', 'film_2')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40].strip("_") or "film"
    key = key if key[0].isalpha() else f"film_{key}"
    number, whole = 1, key
    while whole in taken:
        number += 1
        whole = f"{key}_{number}"
    return whole
