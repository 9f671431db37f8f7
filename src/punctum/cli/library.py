"""The commands on a library: a folder with bundles at every depth."""

import argparse
import os
import sys
from collections.abc import Iterable
from contextlib import redirect_stdout
from typing import Any

from punctum.cli.rows import flatten, print_json
from punctum.cli.telling import print_out, say
from punctum.cli.times import timecode
from punctum.cli.typed import add, add_group
from punctum.errors import UsageWrong, quoted


def offer(commands: Any) -> None:
    """Add the commands' parsers."""
    added = add_group(
        commands,
        "library",
        "many films: list, read, ask, find",
        "punctum library list --in films",
        "A library is a folder; its bundles are found at every depth.",
    )

    def within(one: argparse.ArgumentParser) -> None:
        one.add_argument(
            "--in", dest="library", metavar="DIR", default=".", help="the library's folder (default: here)"
        )

    listed = add(added, "list", list_films, "list its films", "punctum library list --in films")
    listed.add_argument("--csv", action="store_true", help="as CSV, which may be kept as films.csv and corrected there")
    within(listed)

    read = add(added, "read", read_films, "read many films", "punctum library read films --jobs 2")
    read.add_argument("films", nargs="+", metavar="FILM", help="films, and folders of films at every depth")
    where = read.add_mutually_exclusive_group()
    where.add_argument("--jobs", type=int, default=1, metavar="N", help="read so many at once (default: 1)")
    where.add_argument("--ray", metavar="ADDRESS", help="read on a Ray cluster: HOST:PORT, ray://HOST:PORT or auto")
    read.add_argument("--into", metavar="DIR", default="", help="the folder that receives the bundles")
    read.add_argument("--quick", action="store_true", help="key frames only")
    read.add_argument("--force", action="store_true", help="read anew what was read already; notes stay")

    sql = add(
        added,
        "sql",
        ask,
        "ask its tables in SQL: one SELECT",
        'punctum library sql "select title, avg(length_s) from shots join films using (film_id) group by title"',
    )
    sql.add_argument("sql", metavar="SELECT", help="over the tables of docs/tables.md, film_id first, and films")
    sql.add_argument("--csv", action="store_true", help="as CSV")
    within(sql)

    spoken = add(added, "find", find, "find what is said in its films", "punctum library find door --in films")
    spoken.add_argument("text", metavar="TEXT", help="lines that hold this, in whatever case")
    within(spoken)

    still = add(commands, "find", find_picture, "find the frame that a picture shows", "punctum find still.png")
    still.add_argument(
        "picture", metavar="PICTURE", help="a screenshot, also cropped, recoloured or with a subtitle on it"
    )
    still.add_argument("--in", dest="library", metavar="DIR", default=".", help="the library's folder (default: here)")


def list_films(asked: argparse.Namespace) -> int:
    """List the films of a library."""
    from punctum.bundle.shelf import list_bundles
    from punctum.library import find_prints, tabulate_films, tell_pair

    shelved, left_out = list_bundles(asked.library)
    films = tabulate_films(shelved)
    pairs = [] if asked.csv else find_prints(shelved)
    _tell_left_out(left_out)
    if asked.json:
        others = [
            [
                {
                    "bundle": shelved[pair.second if pair.first == row else pair.first].address,
                    "speed": round(pair.speed if pair.first == row else 1 / pair.speed, 5),
                    "shared": round(pair.shared, 3),
                    "likeness": round(pair.likeness, 3),
                    "same_sound": pair.same_sound,
                }
                for pair in pairs
                if row in pair[:2]
            ]
            for row in range(len(shelved))
        ]
        print_json([{**film, "prints": own} for film, own in zip(films.to_dicts(), others, strict=True)])
    elif asked.csv:
        print_out(films.write_csv().rstrip("\n"))
    else:
        for film in films.iter_rows(named=True):
            year = f" ({film['year']})" if film["year"] else ""
            by = f", {film['director']}" if film["director"] else ""
            print_out(f"{timecode(film['duration_s']):>11}  {film['bundle']}  {film['title']}{year}{by}")
        for pair in pairs:
            first, second = (shelved[row].address for row in pair[:2])
            differs = tell_pair(pair)
            print_out(f"one film: {first} and {second}" + (f", which is {differs}" if differs else ""))
        if not films.height:
            say(f"no bundle lies below {quoted(asked.library)}: `punctum library read FILMS` makes some")
    return 0


def read_films(asked: argparse.Namespace) -> int:
    """Read many films."""
    if asked.jobs < 1:
        raise UsageWrong("`--jobs` takes 1 or more", "each job reads one film with the decoder's own threads")
    from punctum.library import films_below, processes, ray_cluster, read_library

    films = films_below(asked.films)
    options = {"quick": asked.quick, "force": asked.force, "say": _nothing}
    results, worst = [], 0
    cluster = None if asked.ray is None else ray_cluster(asked.ray, say)
    # what Ray has to say of its computers goes to stderr: it is no answer
    with redirect_stdout(sys.stderr), cluster or processes(asked.jobs) as run:
        for result in read_library(films, run, asked.into, **options):
            results.append(result)
            worst = max(worst, result.exit_code)
            state = "failed" if result.error else "as it was" if result.already else "read"
            say(f"{len(results):>5} of {len(films)}  {state:<9}  {result.film}")
    failed = [result for result in results if result.error]
    if asked.json:
        print_json([result._asdict() for result in results])
    else:
        for result in results:
            if result.bundle:
                print_out(result.bundle)
    for result in failed:
        say(f"failed: {result.film}: {result.error}" + (f" ({result.hint})" if result.hint else ""))
    say(f"{len(results) - len(failed)} read or as they were, {len(failed)} failed")
    return worst


def _nothing(_: str) -> None:
    """Leave unsaid what one film of many remarks: its bundle keeps it."""


def ask(asked: argparse.Namespace) -> int:
    """Answer a SELECT over the library's tables."""
    from punctum.library import query_library

    answer, left_out = query_library(asked.library, asked.sql)
    _tell_left_out(left_out)
    if asked.json:
        print_out(answer.write_json())
    elif asked.csv:
        print_out(flatten(answer).write_csv().rstrip("\n"))
    else:
        import polars as pl

        wide = os.get_terminal_size().columns if sys.stdout.isatty() else 200
        with pl.Config(
            tbl_rows=-1, tbl_cols=-1, tbl_width_chars=wide, fmt_str_lengths=60, tbl_hide_dataframe_shape=True,
            tbl_hide_column_data_types=True, tbl_formatting="NOTHING", float_precision=4,
        ):  # fmt: skip
            print_out(str(answer))
    return 0


def find(asked: argparse.Namespace) -> int:
    """Find lines that hold a text in all films of a library."""
    from punctum.library import find_words

    lines, left_out = find_words(asked.library, asked.text)
    _tell_left_out(left_out)
    if asked.json:
        kept = lines.select(
            "film_id", "bundle", "title", "line", "start_frame", "end_frame", "start_s", "end_s", "text"
        )
        print_json(kept.to_dicts())
    else:
        for row in lines.iter_rows(named=True):
            speaker = f"{row['speaker']}: " if row["speaker"] else ""
            print_out(f"{row['bundle']}  {timecode(row['start_s'])}  {speaker}{row['text']}")
        if not lines.height:
            say(f"no line holds that: {asked.text}")
    return 0


def find_picture(asked: argparse.Namespace) -> int:
    """Find the frame that a picture shows."""
    from punctum.library import find_still

    frames, left_out = find_still(asked.library, asked.picture)
    _tell_left_out(left_out)
    if asked.json:
        print_json(frames.to_dicts())
        return 0
    shown = frames.filter("shown")
    for row in (shown if shown.height else frames.head(3)).iter_rows(named=True):
        mark = " " if row["shown"] else "?"
        place = f"{row['bundle']}  {timecode(row['time_s'])}  frame {row['frame']}  likeness {row['likeness']:.3f}"
        print_out(f"{mark} {place}")
    if not shown.height:
        say("no frame is surely the one shown" + (": the likeliest are marked ?" if frames.height else ""))
    return 0


def _tell_left_out(left_out: Iterable[Any]) -> None:
    for one in left_out:
        say(f"left out: {one.address}: {one.why}")
