"""The demonstration of echoes: a library of 32 drawn films, and what the ending of *Windscreen* answers in it.

Conventions: films are drawn into the folder, their bundles lie beside them, the page of echoes too. What was drawn and
read as it is now asked for is left as it is.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from punctum.demo import Staging
from punctum.errors import BundleInvalid
from punctum.library.echo_page import write_echo_page
from punctum.library.echoing import Outcome, find_library_echoes
from punctum.library.reading import read_library
from punctum.library.running import processes
from punctum.pipeline.demo import draw_films, echo_films, place_film
from punctum.pipeline.onepass import Progress, Report

PAGE = "echoes.html"


class Pair(NamedTuple):
    """The ending of one film and what is most like it: ``echo`` is the row of `tables.ECHOES`, None for nothing."""

    film: str
    echo: dict[str, Any] | None


class Shown(NamedTuple):
    """What the demonstration shows.

    ``found``: what the ending of *Windscreen* answers; ``page``: where it is shown; ``pairs``: every film's ending with
    what is most like it, the least likely by chance first; ``close_up``: whether the first echo of *Windscreen*'s
    ending joins its held close-up to that of *Procession*.
    """

    found: Outcome
    page: Path
    pairs: list[Pair]
    close_up: bool


def show_echo(
    folder: Path,
    films: Sequence[Staging] | None = None,
    jobs: int = 1,
    report: Report = lambda _: None,
    pairs: bool = True,
) -> Shown:
    """Draw the films, read them, ask what each ending echoes.

    Parameters
    ----------
    folder : Path
        receives films, bundles and the page
    films : sequence of Staging, optional
        *Windscreen* first, *Procession* second; those of `pipeline.demo.echo_films` where left out
    jobs : int
        draw and read so many films at once
    report : callable
        told of the progress, in seconds of film and in films
    pairs : bool
        whether the other films' endings are asked about, too

    Returns
    -------
    Shown

    Raises
    ------
    OutputUnwritable
        where the folder cannot be written to
    BundleInvalid
        where one of the films cannot be read
    """
    stagings = list(films or echo_films())
    run: Any
    with processes(jobs) as run:
        drawn = draw_films(folder, stagings, run, report)
        report(Progress("reading", 0, len(drawn)))
        for number, result in enumerate(read_library(drawn, run), 1):
            if result.error:
                raise BundleInvalid(f"{result.film}: {result.error}", result.hint)
            report(Progress("reading", number, len(drawn)))
    bundles = [film.with_suffix(".punctum") for film in drawn]
    report(Progress("comparing", 0, len(bundles)))
    found = find_library_echoes(bundles[0], folder, "ending")
    page = folder / PAGE
    write_echo_page(found, page)
    ranked = [Pair(bundles[0].name, first_of(found.echoes))]
    for number, bundle in enumerate(bundles[1:] if pairs else (), 1):
        report(Progress("comparing", number, len(bundles)))
        asked = find_library_echoes(bundle, folder, "ending", write=False, copies=False)
        ranked.append(Pair(bundle.name, first_of(asked.echoes)))
    ranked.sort(key=_surprise)
    return Shown(found, page, ranked, joins_close_ups(found.echoes, drawn[0], place_film(folder, stagings[1])))


def first_of(echoes: pl.DataFrame) -> dict[str, Any] | None:
    """Return the echo that is least likely by chance; None where there is none."""
    rows = echoes.filter(pl.col("kind") == "echo").to_dicts()
    return min(rows, key=lambda row: _surprise(Pair("", row))) if rows else None


def _surprise(pair: Pair) -> tuple[float, float]:
    if pair.echo is None:
        return float("inf"), 0.0
    e_value = pair.echo["e_value"]
    return (float("inf") if e_value is None else e_value), -pair.echo["score"]


def joins_close_ups(echoes: pl.DataFrame, film: Path, other: Path) -> bool:
    """Return whether the first echo joins the held close-ups of two drawn films, of which their truths tell."""
    first = first_of(echoes)
    if first is None or Path(first["other_film"]).name != other.with_suffix(".punctum").name:
        return False
    spans = [_held(one) for one in (film, other)]
    found = ((first["start_s"], first["end_s"]), (first["other_start_s"], first["other_end_s"]))
    return all(low <= (start + end) / 2 < high for (start, end), (low, high) in zip(spans, found, strict=True))


def _held(film: Path) -> tuple[float, float]:
    """Return the span of a drawn film's last close-up in which a tear may fall, in seconds."""
    told = json.loads(film.with_suffix(".json").read_text("utf-8"))
    held = [shot for shot in told["shots"] if shot["set_up"] in ("held", "closing")]
    return (held[-1]["start_s"], held[-1]["end_s"]) if held else (-1.0, -1.0)
