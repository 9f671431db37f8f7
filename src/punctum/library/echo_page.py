"""Writes the page of a film's echoes: stills are read from both bundles, films are linked where they lie."""

import os
from pathlib import Path
from typing import Any

import polars as pl

from punctum.bundle import writing
from punctum.bundle.shelf import Shelved, scan_tables
from punctum.film import Film
from punctum.library.echoing import Outcome
from punctum.report.echoes import Shown, Side, Still, render_echoes
from punctum.report.page import film_address

ON_PAGE = 24
"""So many rows are shown, copies first."""

STILLS_OF_SHOT = 3


def write_echo_page(found: Outcome, place: str | Path) -> None:
    """Write a page of what was found.

    Parameters
    ----------
    found : Outcome
        of ``find_library_echoes``
    place : path
        the page's file

    Raises
    ------
    OutputUnwritable
    """
    page = Path(place)
    own = _Source(
        Path(found.bundle.address), found.bundle.film, found.bundle.film_address, found.bundle.tables["shots"]
    )
    others: dict[str, _Source] = {}
    shown = []
    for row in found.echoes.head(ON_PAGE).iter_rows(named=True):
        address = row["other_film"]
        if address not in others:
            others[address] = _source_of(found.shelved[address])
        here, there = (one.side(row, prefix, page.parent) for one, prefix in ((own, ""), (others[address], "other_")))
        shown.append(Shown(row, here, there))
    searched = f"{found.shots} shots in {found.scenes} scenes of {found.films} other films searched"
    remarks = list(found.remarks)
    if found.echoes.height > ON_PAGE:
        remarks.append(f"the page shows {ON_PAGE} of {found.echoes.height}; the bundle’s echoes.parquet has all")
    with writing(page):
        text = render_echoes(found.bundle.film.title, found.bundle.film.year, shown, searched, remarks)
        page.write_text(text, "utf-8", newline="\n")


class _Source:
    """A film with its shots and where its stills are."""

    def __init__(self, folder: Path, film: Film, film_place: str, shots: pl.DataFrame) -> None:
        self.folder, self.film, self.film_place, self.shots = folder, film, film_place, shots

    def side(self, row: dict[str, Any], prefix: str, beside: Path) -> Side:
        """What a page in the folder ``beside`` shows of a row: its aligned shots, or the passage that is a copy."""
        numbers, start_s, end_s = row[f"{prefix}shots"], row[f"{prefix}start_s"], row[f"{prefix}end_s"]
        if row["kind"] == "copy":
            shots = [(numbers[0] if numbers else 0, start_s, end_s, self._stills(numbers, start_s, end_s))]
        else:
            spans = self.shots.filter(pl.col("shot").is_in(numbers)).rows_by_key("shot", named=True, unique=True)
            shots = [
                (number, one["start_s"], one["end_s"], self._stills([number], one["start_s"], one["end_s"]))
                for number in numbers
                if (one := spans.get(number)) is not None
            ]
        return Side(self.film.title, self.film.year, self._address(beside), _aspect(self.film), shots)

    def _stills(self, numbers: list[int], start_s: float, end_s: float) -> list[Still]:
        """Up to three stills of a span, evenly: how it begins, goes on and ends."""
        timed = []
        for row in self.shots.filter(pl.col("shot").is_in(numbers)).iter_rows(named=True):
            step_s = (row["end_s"] - row["start_s"]) / max(row["end_frame"] - row["start_frame"], 1)
            timed += [(row["start_s"] + (frame - row["start_frame"]) * step_s, frame) for frame in row["stills"] or []]
        timed = [one for one in sorted(timed) if start_s - 0.5 <= one[0] <= end_s] or sorted(timed)[:1]
        if len(timed) > STILLS_OF_SHOT:
            timed = [timed[round(k * (len(timed) - 1) / (STILLS_OF_SHOT - 1))] for k in range(STILLS_OF_SHOT)]
        made = []
        for time_s, frame in timed:
            try:
                made.append(Still(time_s, (self.folder / "stills" / f"{frame:06d}.jpg").read_bytes()))
            except OSError:
                continue
        return made

    def _address(self, beside: Path) -> str:
        if not self.film_place:
            return ""
        file = self.folder / self.film_place
        try:
            found = file.is_file()
            address = os.path.relpath(file.resolve(), beside.resolve()) if found else ""
        except (OSError, ValueError):
            return ""
        return film_address(address)


def _source_of(one: Shelved) -> _Source:
    table, _ = scan_tables([one], "shots")
    address = one.made.get("film_address", "")
    return _Source(one.folder, one.film, address if isinstance(address, str) else "", table.collect().drop("film_id"))


def _aspect(film: Film) -> float:
    box = film.active_box_px
    return max(box.width, 1) / max(box.height, 1) * float(film.pixel_aspect)
