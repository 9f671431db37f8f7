"""The command that reads films into bundles."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from punctum.cli.rows import print_json
from punctum.cli.telling import Meter, complain, print_out, say
from punctum.cli.times import parse_length, parse_span
from punctum.cli.typed import add
from punctum.errors import PunctumError, UsageWrong


def offer(added: Any) -> None:
    """Add the commands' parsers."""
    parser = add(added, "read", read, "read films into bundles", "punctum read film.mkv --last 12m")
    parser.add_argument("films", nargs="+", metavar="FILM", help="a film's file")
    parser.add_argument("--quick", action="store_true", help="key frames only: a provisional page within minutes")
    parser.add_argument(
        "--fast", action="store_true", help="leave out frames that no other leans on, where nothing happens"
    )
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--span", metavar="FROM-TO", help="only this part: 1:02:00-1:10:00, or 2:04:00- to the end")
    part.add_argument("--last", metavar="LENGTH", help="only the end: 12m, 90s, 1h, 12:30")
    parser.add_argument("--lang", metavar="LANG", default="", help="language of the subtitles: en, fra, German")
    parser.add_argument(
        "--audio", metavar="LANG", default="", help="language of the sound track (default: the film's own)"
    )
    parser.add_argument("--script", metavar="FILE", default="", help="a screenplay in Fountain, to know who speaks")
    parser.add_argument(
        "--recognise",
        metavar="MODEL",
        default="",
        help="without subtitles, recognise speech: a model of `punctum models`, a folder, or none",
    )
    parser.add_argument(
        "--titles", action=argparse.BooleanOptionalAction, help="read the writing in the picture: titles, credits"
    )
    parser.add_argument(
        "--faces",
        choices=("off", "sparse", "dense"),
        default="",
        help="how often to look for faces: off, sparse (a few frames a second), dense (12 and more)",
    )
    parser.add_argument(
        "--measure",
        metavar="FILE.py:NAME",
        action="append",
        default=[],
        help="a measure of your own: a function of the pictures; may be given more than once",
    )
    parser.add_argument("--force", action="store_true", help="read anew what was read already; notes stay")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--out", metavar="BUNDLE", help="the bundle's folder (one film only)")
    place.add_argument("--into", metavar="DIR", help="the folder that receives the bundles")
    parser.add_argument("--threads", type=int, default=0, metavar="N", help="decoder threads (default: as it likes)")


def read(asked: argparse.Namespace) -> int:
    """Read films into bundles."""
    if asked.out is not None and len(asked.films) > 1:
        raise UsageWrong("`--out` names one bundle, but several films are given", "`--into DIR` receives many")
    if "" in (asked.out, asked.into):
        raise UsageWrong("an empty name is no place for a bundle", "`--out film.punctum`, or `--into DIR`")
    if asked.threads < 0:
        raise UsageWrong("`--threads` takes 0 or more", "0 lets the decoder choose")
    if asked.quick and asked.fast:
        raise UsageWrong("`--quick` and `--fast` exclude each other", "`--quick` is the quicker one")
    if asked.quick and (asked.span is not None or asked.last is not None):
        raise UsageWrong("`--quick` reads key frames only: it takes no span", "leave one of them out")
    span = parse_span(asked.span) if asked.span is not None else None
    last_s = parse_length(asked.last) if asked.last is not None else None
    if last_s == 0:
        raise UsageWrong("`--last 0` holds nothing", "write 12m, 90s, 1h30m or 12:30")
    from punctum.bundle import made_of, place_beside
    from punctum.pipeline import read_film

    worst, answers = 0, []
    for film in asked.films:
        out = asked.out if asked.into is None else Path(asked.into) / place_beside(film).name
        try:
            with Meter(Path(film).name) as meter:
                outcome = read_film(
                    film,
                    out=out,
                    quick=asked.quick,
                    span=span,
                    last_s=last_s,
                    force=asked.force,
                    threads=asked.threads,
                    fast=asked.fast,
                    lang=asked.lang,
                    audio=asked.audio,
                    script=asked.script,
                    recognise=asked.recognise,
                    titles=asked.titles,
                    faces=asked.faces,
                    measures=asked.measure,
                    report=meter.show,
                    say=say,
                    first_page=meter.show_page,
                )
        except PunctumError as error:
            complain(error)
            worst = max(worst, error.exit_code)
            answers.append({"film": film, "error": error.message, "hint": error.hint})
            continue
        remarks = (made_of(outcome.folder) or {}).get("remarks", [])
        answers.append(
            {
                "film": film,
                "bundle": str(outcome.folder),
                "page": str(outcome.folder / "page.html"),
                "lines": list(outcome.lines),
                "coverage": outcome.coverage,
                "faults": dict(outcome.faults),
                "remarks": remarks,
                "already": outcome.already,
            }
        )
        if not asked.json:
            tell_outcome(outcome, remarks)
    if asked.json:
        print_json(answers)
    return worst


def tell_outcome(outcome: Any, remarks: Sequence[str] = ()) -> None:
    """Print where a film's page is and its lines; remarks and faults go to stderr."""
    print_out(str(outcome.folder / "page.html"))
    for line in outcome.lines:
        print_out(f"  {line}")
    if outcome.coverage == "key frames":
        say("provisional, from key frames only: `punctum read` without --quick reads every frame")
    for remark in remarks:
        say(f"remark: {remark}")
    for fault, count in outcome.faults.items():
        say(f"remark: {count} × {fault}")
