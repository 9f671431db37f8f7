"""Commands that tell of a film in words: its ending, its moments."""

import argparse
import json
import textwrap
from typing import Any

from punctum.cli.telling import print_out, say

WIDE = 96


def ending(asked: argparse.Namespace) -> int:
    """Tell of the ending."""
    from punctum.bundle import open_bundle
    from punctum.reading import tell_ending

    bundle = open_bundle(asked.bundle)
    told = tell_ending(bundle.tables["readings"], bundle.tables["moments"])
    _tell(told, asked.json)
    if not told:
        say("nothing is known of the ending: `punctum read` reads it")
    return 0


def moments(asked: argparse.Namespace) -> int:
    """Tell of the moments."""
    from punctum.bundle import open_bundle
    from punctum.cli.commands import rounded
    from punctum.reading import tell_moments
    from punctum.tables import MOMENTS

    bundle = open_bundle(asked.bundle)
    found = bundle.tables["moments"]
    if asked.json:
        rows = [rounded(row, MOMENTS) for row in found.iter_rows(named=True)]
        print_out(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _tell(tell_moments(found), as_json=False)
    if not found.height:
        rough = bundle.tables["shots"]["provisional"].fill_null(value=False).all()
        said = "only key frames were read" if rough else "none departs from its scene further than chance does"
        say(f"no moments: {said}")
    return 0


def _tell(told: list[Any], as_json: bool) -> None:
    """Print sentences under their headings, each with its evidence."""
    if as_json:
        print_out(json.dumps([one._asdict() for one in told], ensure_ascii=False, indent=1))
        return
    heading = ""
    for one in told:
        if one.heading != heading:
            print_out(f"{chr(10) if heading else ''}{one.heading}")
            heading = one.heading
        text = f"{one.statement} [{one.evidence}]" if one.evidence else one.statement
        print_out(textwrap.fill(text, WIDE, initial_indent="  ", subsequent_indent="  "))
