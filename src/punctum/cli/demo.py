"""The command that draws sample films: ``demo``, one film; ``demo --echo``, a library of them."""

import argparse
import os
from pathlib import Path
from typing import Any

from punctum.cli.echo import tell_echo, write_e
from punctum.cli.reading import tell_outcome
from punctum.cli.rows import print_json, rounded
from punctum.cli.telling import Meter, print_out, say
from punctum.cli.typed import add
from punctum.cli.viewing import open_page
from punctum.errors import UsageWrong


def offer(added: Any) -> None:
    """Add the command's parser."""
    parser = add(added, "demo", demo, "draw a sample film, read it, open its page", "punctum demo")
    parser.add_argument("--into", metavar="DIR", default="punctum-demo", help="where to (default: punctum-demo)")
    parser.add_argument("--no-open", action="store_true", help="do not open the page")
    parser.add_argument(
        "--echo", action="store_true", help="draw and read 32 films, show which two endings answer each other"
    )
    parser.add_argument(
        "--jobs", type=int, default=0, metavar="N", help="with --echo: so many at once (default: all processors)"
    )


def demo(asked: argparse.Namespace) -> int:
    """Draw the sample film, read it and open its page."""
    if not asked.into:
        raise UsageWrong("an empty name is no folder", "`--into DIR` names one")
    if asked.jobs < 0:
        raise UsageWrong("`--jobs` takes 1 or more", "left out, it is the number of processors")
    if asked.jobs and not asked.echo:
        raise UsageWrong("`--jobs` goes with `--echo`", "one film is drawn and read by all processors as it is")
    page = _demo_echo(asked) if asked.echo else _demo_film(asked)
    if not asked.no_open:
        open_page(page.resolve())
    return 0


def _demo_film(asked: argparse.Namespace) -> Path:
    from punctum.pipeline.demo import make_demo

    with Meter("Windscreen") as meter:
        outcome = make_demo(Path(asked.into), report=meter.show)
    page = outcome.folder / "page.html"
    if asked.json:
        print_json({"page": str(page), "lines": list(outcome.lines)})
    else:
        tell_outcome(outcome)
    return page


def _demo_echo(asked: argparse.Namespace) -> Path:
    """Draw and read a library, show what *Windscreen*'s ending answers in it."""
    from punctum.library.demonstration import show_echo
    from punctum.tables import ECHOES

    jobs = asked.jobs or min(8, os.cpu_count() or 1)
    say("32 films are drawn and read: some minutes; what is done stays done")
    with Meter("32 films") as meter:
        shown = show_echo(Path(asked.into) / "echo", jobs=jobs, report=meter.show)
    for remark in shown.found.remarks:
        say(f"remark: {remark}")
    rows = list(shown.found.echoes.iter_rows(named=True))
    if asked.json:
        pairs = [pair._asdict() | {"echo": rounded(pair.echo, ECHOES)} for pair in shown.pairs]
        print_json(
            {
                "page": str(shown.page),
                "echoes": [rounded(row, ECHOES) for row in rows],
                "pairs": pairs,
                "close_ups": shown.close_up,
            }
        )
        return shown.page
    print_out(str(shown.page))
    for row in rows[:3]:
        tell_echo(row)
    print_out(_sentence(shown))
    return shown.page


def _sentence(shown: Any) -> str:
    """Say whether the closing close-ups answer each other, and where the pair stands among all."""
    if not shown.close_up:
        return "The closing close-ups of Windscreen and Procession were not found to answer each other first."
    films = {"windscreen-2024.punctum", "procession-1964.punctum"}
    first = shown.pairs[0] if shown.pairs else None
    among = first is not None and {first.film, first.other_film} == films
    text = "The closing close-ups answer each other"
    text += f", first of the pairs that {shown.endings} endings make" if among else ", but another pair comes first"
    e_value = first.e_value if first and among else shown.found.echoes.row(0, named=True)["e_value"]
    return text + (f"; E-value {write_e(e_value)}." if e_value is not None else "; ranked only.")
