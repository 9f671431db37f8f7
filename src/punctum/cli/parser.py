"""What can be typed: every group of commands, in plain sight."""

import argparse

from punctum import __version__
from punctum.cli import (
    accounts,
    correcting,
    demo,
    echo,
    essay,
    exchange,
    library,
    listing,
    people,
    reading,
    rebasing,
    viewing,
    weights,
)
from punctum.cli.typed import Parser

OFFERED = (
    reading,
    demo,
    viewing,
    listing,
    accounts,
    people,
    correcting,
    rebasing,
    exchange,
    library,
    echo,
    weights,
    essay,
)
"""Each adds its commands, in the order in which ``punctum --help`` lists them."""


def build_parser() -> argparse.ArgumentParser:
    """Build what reads the words of the command line."""
    parser = Parser(
        prog="punctum",
        usage="punctum COMMAND …",
        description="  punctum read film.mkv      read a film and print where its page is\n"
        "  punctum demo               draw a sample film, read it and open its page\n\n"
        "A close-reading instrument for film: from your own copy, on your own computer.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"punctum {__version__}")
    added = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, prog="punctum")
    for group in OFFERED:
        group.offer(added)
    return parser
