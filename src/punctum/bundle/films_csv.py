"""``films.csv``, which a library's owner may keep in its folder: what its films are called, and by whom they are.

A header, then a line a film. Columns in any order, others passed over: ``bundle`` (its address within the library),
``film_id`` or ``file_name`` say which film is meant, the first of them that the line fills; ``title``, ``year`` and
``director`` what it is called, an empty one leaving what the film's record says; ``speed``, a number or a fraction, how
much faster this print runs than the film was made (25/24 for film shown at television's rate). UTF-8, commas or
semicolons.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from punctum.errors import quoted
from punctum.film import Film

NAME = "films.csv"
MOST_BYTES = 16_000_000
MOST_TOLD = 5
"""So many faulty lines are told one by one."""

_KEYS = ("film_id", "bundle", "file_name")
_LONGEST = 500
_FIRST_YEAR, _LAST_YEAR = 1870, 2100


class OwnersWord(NamedTuple):
    """What a line says of a film: "" and None leave the record's own."""

    line: int
    title: str
    year: int | None
    director: str
    speed: float = 1.0


class OwnersWords:
    """What a ``films.csv`` says: by film_id, by bundle's address, by file name; and what of it could not be used."""

    def __init__(self, text: bytes = b"") -> None:
        self.faults: list[str] = []
        self._said: dict[tuple[str, str], OwnersWord] = {}
        self._used: set[int] = set()
        self._faulty = 0
        if len(text) > MOST_BYTES:
            self.faults.append(f"it is larger than {MOST_BYTES // 1_000_000} MB and was not read")
        elif text.strip():
            self._read(text.decode("utf-8-sig", "replace").replace("\0", " "))
        if self._faulty > MOST_TOLD:
            self.faults.append(f"{self._faulty - MOST_TOLD} further lines could not be used")

    def _read(self, text: str) -> None:
        lines = text.splitlines()
        delimiter = ";" if lines[0].count(";") > lines[0].count(",") else ","
        try:
            rows = csv.DictReader(lines, delimiter=delimiter)
            rows.fieldnames = [str(name).strip().lower() for name in rows.fieldnames or ()]
            if not set(_KEYS) & set(rows.fieldnames):
                self.faults.append("it has none of the columns `bundle`, `film_id`, `file_name`")
                return
            for row in rows:
                self._take(rows.line_num, {name: _one_line(value) for name, value in row.items() if name})
        except csv.Error as error:
            self.faults.append(f"it cannot be read to its end: {error}")

    def _take(self, line: int, row: Mapping[str, str]) -> None:
        key = next(((name, row[name]) for name in _KEYS if row.get(name)), None)
        if key is None:
            if any(row.values()):
                self._tell(line, "names no film")
            return
        if key[0] == "bundle":
            key = ("bundle", _address(key[1]))
        year = row.get("year", "")
        if year and not (re.fullmatch(r"\d{4}", year, re.ASCII) and _FIRST_YEAR <= int(year) <= _LAST_YEAR):
            self._tell(line, f"{quoted(year)} is no year")
            year = ""
        if key in self._said:
            self._tell(line, f"{quoted(key[1])} was named before, in line {self._said[key].line}")
            return
        speed = _speed(row.get("speed", ""))
        if speed is None:
            self._tell(line, f"{quoted(row['speed'])} is no speed: a number or a fraction from 0.5 to 2")
        self._said[key] = OwnersWord(
            line, row.get("title", ""), int(year) if year else None, row.get("director", ""), speed or 1.0
        )

    def _tell(self, line: int, what: str) -> None:
        self._faulty += 1
        if self._faulty <= MOST_TOLD:
            self.faults.append(f"line {line}: {what}")

    def rename(self, film: Film, address: str) -> tuple[Film, float]:
        """Give a film's record as the owner has it, and the print's speed (1 where nothing is said).

        Parameters
        ----------
        film : Film
        address : str
            of its bundle, within the library
        """
        for key in (("film_id", film.film_id), ("bundle", _address(address)), ("file_name", film.file_name)):
            said = self._said.get(key)
            if said is not None:
                self._used.add(said.line)
                named = replace(
                    film,
                    title=said.title or film.title,
                    year=said.year or film.year,
                    director=said.director or film.director,
                )
                return named, said.speed
        return film, 1.0

    def unused(self) -> list[str]:
        """Say which lines no film answered to."""
        unmet = [(said.line, key[1]) for key, said in self._said.items() if said.line not in self._used]
        told = [f"line {line}: no film here is {quoted(name)}" for line, name in sorted(unmet)[:MOST_TOLD]]
        return [*told, f"{len(unmet) - MOST_TOLD} further lines name no film here"] if len(unmet) > MOST_TOLD else told


def owners_words(folder: Path) -> OwnersWords:
    """Read the ``films.csv`` of a folder; without one nothing is said."""
    file = folder / NAME
    try:
        if file.is_file():
            with file.open("rb") as opened:
                return OwnersWords(opened.read(MOST_BYTES + 1))
    except OSError as error:
        words = OwnersWords()
        words.faults.append(f"it cannot be read: {error.strerror}")
        return words
    return OwnersWords()


def name_film(film: Film, bundle: Path) -> tuple[Film, float]:
    """Give a film's record and its print's speed by the nearest ``films.csv`` at or above its bundle's folder."""
    place = bundle.resolve()
    for folder in place.parents:
        if (folder / NAME).is_file():
            return owners_words(folder).rename(film, place.relative_to(folder).as_posix())
    return film, 1.0


def _address(text: str) -> str:
    """Give a bundle's address as it is compared: forward slashes, no ending."""
    return re.sub(r"^(\./)+|/+$", "", text.replace("\\", "/")).removesuffix(".punctum")


def _speed(text: str) -> float | None:
    """Read a speed; 1 where nothing is said, None where it is none."""
    if not text:
        return 1.0
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,9})?)(?:/(\d{1,6}(?:\.\d{1,9})?))?", text, re.ASCII)
    over = float(found[2] or 1) if found else 0.0
    speed = float(found[1]) / over if found and over else 0.0
    return speed if 0.5 <= speed <= 2 else None


def _one_line(value: object) -> str:
    """Give a cell as one line of printable text; ``DictReader`` gives None or a list where cells lack or are many."""
    text = value if isinstance(value, str) else ""
    shown = "".join(c if c.isprintable() else " " for c in text[:_LONGEST])
    return " ".join(shown.split())
