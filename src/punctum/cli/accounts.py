"""Commands that tell of films: an ending, moments, several films beside one another."""

import argparse
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Any

from punctum.cli.rows import print_json, rounded
from punctum.cli.telling import print_out, say
from punctum.cli.typed import add, add_bundle
from punctum.errors import UsageWrong

WIDE = 96


def offer(added: Any) -> None:
    """Add the commands' parsers."""
    parser = add(added, "ending", ending, "tell of the ending in words", "punctum ending film.punctum")
    add_bundle(parser)
    parser.add_argument(
        "--in",
        dest="library",
        metavar="DIR",
        default="",
        help="rank it among the endings of a library of 20 films or more",
    )

    parser = add(added, "moments", moments, "tell of the moments in words", "punctum moments film.punctum")
    add_bundle(parser)

    parser = add(
        added,
        "compare",
        compare,
        "set films beside one another",
        "punctum compare a.punctum b.punctum c.punctum --page abc.html",
    )
    parser.add_argument("bundles", nargs="+", metavar="BUNDLE", help="bundles, or the films beside them")
    parser.add_argument("--page", metavar="FILE", default="", help="write a page of small multiples there")


def ending(asked: argparse.Namespace) -> int:
    """Tell of the ending."""
    from punctum.bundle import open_bundle
    from punctum.reading import tell_ending

    bundle = open_bundle(asked.bundle)
    readings = bundle.tables["readings"]
    if asked.library:
        readings = _among_films(bundle, asked.library)
    told = tell_ending(readings, bundle.tables["moments"])
    _tell(told, asked.json)
    if not told:
        say("nothing is known of the ending: `punctum read` reads it")
    return 0


def _among_films(bundle: Any, library: str) -> Any:
    """Rank an ending among those of a library's other films, or say why not."""
    import polars as pl

    from punctum.bundle.films_csv import name_film
    from punctum.bundle.shelf import list_bundles, scan_tables
    from punctum.reading.among_films import LEAST_FILMS, rank_among_films

    shelved, left_out = list_bundles(library)
    rows, unread = scan_tables(shelved, "readings")
    others = rows.filter(pl.col("film_id") != bundle.film.film_id).collect()
    _, speed = name_film(bundle.film, Path(bundle.address))
    speeds = {one.film.film_id: one.speed for one in shelved if one.speed != 1}
    if speed != 1 or speeds:
        say("remark: prints that run faster or slower than made, by films.csv, are ranked by their films' own times")
    count = others["film_id"].n_unique()
    if count < LEAST_FILMS:
        say(f"remark: the library has {count} other films; it takes {LEAST_FILMS} to rank an ending among theirs")
    for one in (*left_out, *unread):
        say(f"remark: {one.address} is left out: {one.why}")
    return rank_among_films(bundle.tables["readings"], others, speed=speed, speeds=speeds)


def moments(asked: argparse.Namespace) -> int:
    """Tell of the moments."""
    from punctum.bundle import open_bundle
    from punctum.reading import tell_moments
    from punctum.tables import MOMENTS

    bundle = open_bundle(asked.bundle)
    found = bundle.tables["moments"]
    if asked.json:
        print_json([rounded(row, MOMENTS) for row in found.iter_rows(named=True)])
    else:
        _tell(tell_moments(found), as_json=False)
    if not found.height:
        rough = bundle.tables["shots"]["provisional"].fill_null(value=False).all()
        said = "only key frames were read" if rough else "none departs from its scene further than chance does"
        say(f"no moments: {said}")
    return 0


def compare(asked: argparse.Namespace) -> int:
    """Set films beside one another."""
    from punctum.bundle import open_bundle, writing
    from punctum.bundle.films_csv import name_film
    from punctum.bundle.shelf import Shelved
    from punctum.library import known_speeds
    from punctum.reading import compare_films
    from punctum.report import render_comparison

    if len(asked.bundles) < 2:
        raise UsageWrong("one film is not compared with anything", "name two bundles or more")
    bundles = [open_bundle(address) for address in asked.bundles]
    named = [(one, *name_film(one.film, Path(one.address))) for one in bundles]
    shelved = [Shelved(Path(one.address), one.address, film, one.made, "", speed) for one, film, speed in named]
    names = tell_apart([one.film.title or one.film.file_name or "?" for one in shelved])
    speeds = known_speeds(shelved)
    found = compare_films([(name, b.film, b.tables) for name, b in zip(names, bundles, strict=True)], speeds)
    for name, one, speed in zip(names, shelved, speeds, strict=True):
        if speed != 1:
            way, why = ("faster" if speed > 1 else "slower"), ("films.csv" if one.speed != 1 else "another print of it")
            say(f"remark: {name} runs {abs(speed - 1):.1%} {way} than it was made ({why}): its times are corrected")
    if asked.page:
        page = Path(asked.page)
        with writing(page):
            page.write_text(render_comparison(names, found), "utf-8", newline="\n")
    if asked.json:
        print_json(_as_data(names, asked.bundles, found))
    elif asked.page:
        print_out(asked.page)
    else:
        _print_table(names, found)
    for remark in found.remarks:
        say(f"remark: {remark}")
    return 0


def tell_apart(names: list[str]) -> list[str]:
    """Number names that are the same.

    Examples
    --------
    >>> tell_apart(["A", "B", "A"])
    ['A (1)', 'B', 'A (2)']
    """
    return [
        f"{name} ({names[: at + 1].count(name)})" if names.count(name) > 1 else name for at, name in enumerate(names)
    ]


def _as_data(names: list[str], addresses: list[str], found: Any) -> dict[str, Any]:
    decimals = 6

    def estimate(one: Any) -> dict[str, float]:
        return {part: round(value, decimals) for part, value in asdict(one).items()}

    def optional(value: float | None) -> float | None:
        return None if value is None else round(value, decimals)

    return {
        "films": [{"name": name, "bundle": address} for name, address in zip(names, addresses, strict=True)],
        "measures": [
            {
                "measure": measure,
                "unit": unit,
                "films": [
                    {
                        "film": names[one.film],
                        "count": one.size,
                        "median": optional(one.median),
                        "lower_quartile": optional(one.lower_quartile),
                        "upper_quartile": optional(one.upper_quartile),
                    }
                    for one in found.samples
                    if one.measure == measure
                ],
                "differences": [
                    {
                        "first": names[one.first],
                        "second": names[one.second],
                        "cliffs_d": estimate(one.cliffs_d),
                        "hodges_lehmann": estimate(one.shift),
                    }
                    for one in found.differences
                    if one.measure == measure
                ],
            }
            for measure, unit, _, _ in found.measures
        ],
        "remarks": list(found.remarks),
    }


def _print_table(names: list[str], found: Any) -> None:
    """Print measures with a line for each film, then one for each pair."""
    from punctum.report import write_difference

    wide = min(max(len(name) for name in names), 30)
    for measure, unit, decimals, called in found.measures:
        print_out(f"{called}{f', {unit}' if unit else ''}")
        for one in found.samples:
            if one.measure == measure:
                figures = (one.median, one.lower_quartile, one.upper_quartile)
                written = ["—" if value is None else f"{value:.{decimals}f}" for value in figures]
                middle = f"median {written[0]:>8}  quartiles {written[1]:>8} {written[2]:>8}".replace("-", "−")
                print_out(f"  {names[one.film][:wide]:<{wide}}  {middle}  n {one.size}")
        for one in found.differences:
            if one.measure == measure:
                print_out(f"  {write_difference(one, names, unit, decimals)}")
        print_out("")


def _tell(told: list[Any], as_json: bool) -> None:
    """Print sentences under their headings, each with its evidence."""
    if as_json:
        print_json([one._asdict() for one in told])
        return
    heading = ""
    for one in told:
        if one.heading != heading:
            print_out(f"{chr(10) if heading else ''}{one.heading}")
            heading = one.heading
        text = f"{one.statement} [{one.evidence}]" if one.evidence else one.statement
        print_out(textwrap.fill(text, WIDE, initial_indent="  ", subsequent_indent="  "))
