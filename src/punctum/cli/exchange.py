"""The commands that hand over to other tools and take over from them: ``export``, ``import``."""

import argparse
from typing import Any

from punctum.cli.rows import print_json
from punctum.cli.telling import print_out, say
from punctum.cli.times import parse_span
from punctum.cli.typed import add, add_bundle

FORMATS = (
    "csv",
    "elan",
    "otio",
    "edl",
    "fcpxml",
    "premiere",
    "resolve",
    "vtt",
    "chapters",
    "webannotation",
    "cinemetrics",
    "filmgraph",
    "sheet",
    "barcode",
    "stills",
    "clip",
)
"""Names of ``export.FORMATS``, said here so that ``punctum --help`` imports nothing."""


def offer(added: Any) -> None:
    """Add the commands' parsers."""
    out = add(added, "export", export, "write a bundle for another tool", "punctum export film.punctum --to elan")
    add_bundle(out)
    out.add_argument("--to", required=True, choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS))
    out.add_argument("--out", metavar="FILE", help="the file, or the folder of several (default: beside the bundle)")
    out.add_argument("--span", metavar="FROM-TO", help="of stills and clip: which part")
    out.add_argument("--table", metavar="NAME", action="append", default=[], help="of csv: only this table")
    out.add_argument("--reel", metavar="NAME", default="", help="reel of a timeline (default: the file's own)")
    out.add_argument("--force", action="store_true", help="write over what is there")
    _add_clock(out, "rate of a timeline (default: the film's own)", "time code of the first frame")

    into = add(
        added,
        "import",
        take_in,
        "take notes, tiers or corrections over from another tool's file",
        "punctum import film.eaf --to film.punctum --as tiers",
    )
    into.add_argument("file", metavar="FILE", help="ends in .eaf, .edl, .otio, .csv, .vtt or .jsonld")
    into.add_argument("--to", required=True, dest="bundle", metavar="BUNDLE", help="a bundle, or the film beside it")
    into.add_argument(
        "--as",
        dest="how",
        choices=("notes", "tiers", "corrections"),
        default="notes",
        help="notes (default), tiers, or corrections of where shots begin",
    )
    into.add_argument("--tier", metavar="NAME", default="", help="only this tier or track of the file")
    into.add_argument("--who", default="", help="whose word it is (default: the account's name)")
    _add_clock(into, "rate that the file counts in (default: the film's own)", "time code of the film's first frame")


def _add_clock(parser: argparse.ArgumentParser, rate: str, start: str) -> None:
    parser.add_argument("--rate", metavar="FPS", default="", help=rate)
    parser.add_argument("--start", metavar="HH:MM:SS:FF", default="", help=start)
    parser.add_argument(
        "--drop",
        action=argparse.BooleanOptionalAction,
        help="drop-frame time code (default: as the file or the rate has it)",
    )


def export(asked: argparse.Namespace) -> int:
    """Write a bundle in another tool's format."""
    from punctum.export import Asked, Wanted, export_bundle

    span = parse_span(asked.span) if asked.span is not None else None
    clock = Asked(asked.rate, asked.drop, asked.start, asked.reel)
    done = export_bundle(asked.bundle, asked.to, asked.out, Wanted(clock, span, tuple(asked.table)), asked.force)
    if asked.json:
        print_json({"files": [str(file) for file in done.files], "remarks": done.remarks})
    else:
        for file in done.files:
            print_out(str(file))
    for remark in done.remarks:
        say(f"remark: {remark}")
    return 0


def take_in(asked: argparse.Namespace) -> int:
    """Take another tool's file over into a bundle."""
    from punctum.export import Asked
    from punctum.pipeline.importing import import_into

    clock = Asked(asked.rate, asked.drop, asked.start)
    said = import_into(asked.bundle, asked.file, asked.how, clock, asked.tier, asked.who, say)
    if asked.json:
        print_json({"said": said})
    else:
        print_out(said)
    return 0
