"""An essay's echoes: read from its films' bundles, both scenes cut, the reasons in words.

Conventions: ``echoes.parquet`` lies in the bundle of the film that was asked; of several echoes the surest is shown.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from punctum.bundle import read_parquet
from punctum.essay import Footage
from punctum.essay.prose import EchoShown
from punctum.essay.showing import STRIP_WIDTH_PX, Frame, shot_at
from punctum.publish.stills import Cutter
from punctum.reading.sentences import write_clock

if TYPE_CHECKING:
    from punctum.publish.opening import Manuscript

WANTED = ("start_s", "end_s", "other_film_id", "other_start_s", "other_end_s", "kind", "because")


def echoes_of(one: "Manuscript", cutter: Cutter, titles: Mapping[str, str]) -> dict[int, list[EchoShown]]:
    """Find what an essay's echoes show.

    Parameters
    ----------
    one : Manuscript
    cutter : Cutter
        cuts the two scenes' pictures
    titles : mapping of str to str
        what the essay calls its films

    Returns
    -------
    dict of int to list of EchoShown
        by the echo's number; none where no echo is known
    """
    found: dict[int, list[EchoShown]] = {}
    for echo in one.essay.echoes:
        other = one.films.get(echo.film)
        if not isinstance(other, Footage):
            continue
        rows = [
            (key, row)
            for key, film in one.films.items()
            if key != echo.film and isinstance(film, Footage)
            for row in _rows(film, other.film.film_id)
        ]
        if rows:
            key, row = min(rows, key=lambda pair: (pair[1]["kind"] != "echo", _chance(pair[1]), pair[1]["start_s"]))
            found[echo.number] = [_show(key, echo.film, row, one, cutter, titles)]
    return found


def _chance(row: Mapping[str, Any]) -> float:
    value = row.get("e_value")
    return float(value) if value is not None else float("inf")


def _rows(film: Footage, other_id: str) -> list[dict[str, Any]]:
    try:
        table = read_parquet(Path(film.bundle.address) / "echoes.parquet")
        if not set(WANTED) <= set(table.columns):
            return []
        return table.filter(pl.col("other_film_id") == other_id).drop_nulls(["start_s", "other_start_s"]).to_dicts()
    except (OSError, pl.exceptions.PolarsError):
        return []


def _show(
    ours: str, theirs: str, row: Mapping[str, Any], one: "Manuscript", cutter: Cutter, titles: Mapping[str, str]
) -> EchoShown:
    images = []
    for key, start_s, end_s in (
        (ours, row["start_s"], row["end_s"]),
        (theirs, row["other_start_s"], row["other_end_s"]),
    ):
        footage = one.films[key]
        assert isinstance(footage, Footage)
        middle_s = (float(start_s) + float(end_s)) / 2
        frame = Frame(key, footage.frame_at(middle_s), middle_s, STRIP_WIDTH_PX, shot_at(footage, middle_s))
        images.append(cutter.cut([frame], titles).get(frame))
    likeness = row.get("likeness")
    chance = row.get("e_value")
    return EchoShown(
        images[0],
        images[1],
        titles[ours],
        titles[theirs],
        f"{write_clock(row['start_s'])}–{write_clock(row['end_s'])}",
        f"{write_clock(row['other_start_s'])}–{write_clock(row['other_end_s'])}",
        (str(row["because"]),),
        "The same footage." if row["kind"] == "copy" else f"Likeness {likeness:.2f}." if likeness is not None else "",
        _say_chance(chance),
        str(row["kind"]),
    )


def _say_chance(chance: Any) -> str:
    if chance is None:
        return ""
    if chance < 0.001:
        return "Fewer than one in a thousand searches would find one as strong by chance."
    return f"In a library of this size chance alone would give {chance:.2g} as strong (E-value)."
