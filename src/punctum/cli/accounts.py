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
        readings = _among_films(readings, bundle.film.film_id, asked.library)
    told = tell_ending(readings, bundle.tables["moments"])
    _tell(told, asked.json)
    if not told:
        say("nothing is known of the ending: `punctum read` reads it")
    return 0


def _among_films(readings: Any, film_id: str, library: str) -> Any:
    """Rank an ending among those of a library's other films, or say why not."""
    import polars as pl

    from punctum.bundle.shelf import list_bundles, scan_tables
    from punctum.reading.among_films import LEAST_FILMS, rank_among_films

    shelved, left_out = list_bundles(library)
    rows, unread = scan_tables(shelved, "readings")
    others = rows.filter(pl.col("film_id") != film_id).collect()
    count = others["film_id"].n_unique()
    if count < LEAST_FILMS:
        say(f"remark: the library has {count} other films; it takes {LEAST_FILMS} to rank an ending among theirs")
    for one in (*left_out, *unread):
        say(f"remark: {one.address} is left out: {one.why}")
    return rank_among_films(readings, others)


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
    from punctum.reading import compare_films
    from punctum.report import render_comparison

    if len(asked.bundles) < 2:
        raise UsageWrong("one film is not compared with anything", "name two bundles or more")
    bundles = [open_bundle(address) for address in asked.bundles]
    names = tell_apart([bundle.film.title or bundle.film.file_name or "?" for bundle in bundles])
    found = compare_films([(name, b.film, b.tables) for name, b in zip(names, bundles, strict=True)])
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
