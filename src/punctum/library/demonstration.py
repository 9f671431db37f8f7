"""The demonstration of echoes: a library of 32 drawn films, and what the ending of *Windscreen* answers in it.

Conventions: films are drawn into the folder, their bundles lie beside them, the page of echoes too. What was drawn and
read as it is now asked for is left as it is.
"""

import json
from collections.abc import Mapping, Sequence
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
    """Two films' endings that answer each other: each is among what the other echoes.

    ``e_value`` is the larger of the two ways' (None where the library is too small for one): what two scenes share is
    surprising only where it is from both of them. ``echo`` is the row of `tables.ECHOES` of the film named first.
    """

    film: str
    other_film: str
    e_value: float | None
    echo: dict[str, Any]


class Shown(NamedTuple):
    """What the demonstration shows.

    ``found``: what the ending of *Windscreen* answers; ``page``: where it is shown; ``pairs``: endings that answer each
    other, the least likely by chance first; ``endings``: of so many films; ``close_up``: whether the first echo of
    *Windscreen*'s ending joins its held close-up to that of *Procession*.
    """

    found: Outcome
    page: Path
    pairs: list[Pair]
    endings: int
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
    answers = {bundles[0].name: found.echoes}
    for number, bundle in enumerate(bundles[1:] if pairs else (), 1):
        report(Progress("comparing", number, len(bundles)))
        answers[bundle.name] = find_library_echoes(bundle, folder, "ending", write=False, copies=False).echoes
    close_up = joins_close_ups(found.echoes, drawn[0], place_film(folder, stagings[1]))
    return Shown(found, page, pair_up(answers), len(answers), close_up)


def pair_up(answers: Mapping[str, pl.DataFrame]) -> list[Pair]:
    """Find the films whose endings answer each other, the least likely by chance first.

    Parameters
    ----------
    answers : mapping of str to pl.DataFrame
        by a film's bundle, what its ending echoes: columns of `tables.ECHOES`

    Returns
    -------
    list of Pair
        each pair once, named first by the film whose own E-value is the larger
    """
    best: dict[tuple[str, str], dict[str, Any]] = {}
    for film, echoes in answers.items():
        for row in echoes.filter(pl.col("kind") == "echo").to_dicts():
            key = film, Path(row["other_film"]).name
            if key not in best or _surprise(row) < _surprise(best[key]):
                best[key] = row
    found = []
    for (film, other), row in best.items():
        back = best.get((other, film))
        if back is not None and (_surprise(back), other) < (_surprise(row), film):
            found.append(Pair(film, other, row["e_value"], row))
    return sorted(found, key=lambda pair: _surprise(pair.echo))


def first_of(echoes: pl.DataFrame) -> dict[str, Any] | None:
    """Return the echo that is least likely by chance; None where there is none."""
    return min(echoes.filter(pl.col("kind") == "echo").to_dicts(), key=_surprise, default=None)


def _surprise(row: Mapping[str, Any]) -> tuple[float, float]:
    return (float("inf") if row["e_value"] is None else row["e_value"]), -row["score"]


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
