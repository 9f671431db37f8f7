"""The command that asks what a film answers in others."""

import argparse
import sys
import textwrap
from pathlib import Path
from typing import Any

from punctum.cli.rows import print_json, rounded
from punctum.cli.telling import print_out, say
from punctum.cli.times import parse_span, timecode
from punctum.cli.typed import add

WIDE = 96

PART_WORDS = "ending", "scene"


def offer(added: Any) -> None:
    """Add the command's parser."""
    parser = add(
        added, "echo", echo, "ask what a film, or a part of it, answers in others", "punctum echo film.punctum@ending"
    )
    parser.add_argument(
        "bundle",
        metavar="BUNDLE[@PART]",
        help="a bundle, or the film beside it; PART is 1:02:00-1:04:00, ending or scene N (default: all scenes)",
    )
    parser.add_argument(
        "--in", dest="library", metavar="DIR", default="", help="the library's folder (default: the bundle's)"
    )
    parser.add_argument("--page", metavar="FILE", default="", help="write a page there, both scenes side by side")


def echo(asked: argparse.Namespace) -> int:
    """Find echoes and copies, tell of them, write them to the bundle."""
    from punctum.library.echoing import find_library_echoes
    from punctum.tables import ECHOES

    address, part = part_asked(asked.bundle)
    words = part.split()[0] if part.split() else ""
    span = parse_span(part) if part and words not in PART_WORDS else None
    found = find_library_echoes(address, asked.library, part if span is None else "", span, _report)
    for one in found.left_out:
        say(f"left out: {one.address}: {one.why}")
    for remark in found.remarks:
        say(f"remark: {remark}")
    if asked.page:
        from punctum.library.echo_page import write_echo_page

        write_echo_page(found, asked.page)
    if asked.json:
        print_json([rounded(row, ECHOES) for row in found.echoes.iter_rows(named=True)])
        return 0
    if asked.page:
        print_out(asked.page)
    if not found.echoes.height:
        print_out(f"Nothing of {found.films} other films is like it.")
    for row in found.echoes.iter_rows(named=True):
        tell_echo(row)
    if found.law:
        say(f"{found.shots} shots in {found.scenes} scenes of {found.films} other films were searched")
    if words == "ending":
        _tell_usual(found.bundle, asked.library or str(Path(found.bundle.address).resolve().parent))
    return 0


def _report(text: str) -> None:
    """Show what is under way where somebody looks."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="\r", file=sys.stderr, flush=True)


def part_asked(text: str) -> tuple[str, str]:
    """Divide what was typed into the bundle and the part of it that is asked about.

    Examples
    --------
    >>> part_asked("films/a.punctum@ending"), part_asked("a.punctum")
    (('films/a.punctum', 'ending'), ('a.punctum', ''))
    """
    address, at, part = text.rpartition("@")
    if not at or not address or Path(text).exists():
        return text, ""
    return address, part.strip()


def tell_echo(row: dict[str, Any]) -> None:
    """Print an echo or a copy, and why it is one."""
    here = f"{timecode(row['start_s'])}–{timecode(row['end_s'])}"
    there = f"{row['other_film']} {timecode(row['other_start_s'])}–{timecode(row['other_end_s'])}"
    verb = {"answers": "answers the earlier", "answered": "is answered by the later"}.get(row["order"] or "", "is like")
    if row["kind"] == "copy":
        head = f"copy  {here} is footage of {there}"
    else:
        e_value = row["e_value"]
        chance = "ranked only" if e_value is None else f"E {write_e(e_value)}"
        head = f"echo  {here} {verb} {there}  ({chance})"
    print_out(head)
    print_out(textwrap.fill(row["because"], WIDE, initial_indent="      ", subsequent_indent="      "))


def write_e(e_value: float) -> str:
    """Write an E-value with two digits at most.

    Examples
    --------
    >>> write_e(3.2e-7), write_e(0.034), write_e(2.6), write_e(14.2)
    ('3e-07', '0.034', '2.6', '14')
    """
    if e_value < 1e-3:
        return f"{e_value:.0e}"
    return f"{e_value:.2g}"


def _tell_usual(bundle: Any, library: str) -> None:
    """Say how usual the ending is in the library, measure by measure."""
    from punctum.library.echoing import rank_ending

    ranked, films = rank_ending(bundle, library)
    if not ranked.height:
        say(f"remark: how usual the ending is cannot be told: it takes 20 other films, the library has {films}")
        return
    print_out(f"\nHow usual this ending is among {films} other films:")
    for row in ranked.iter_rows(named=True):
        print_out(textwrap.fill(row["statement"], WIDE, initial_indent="  ", subsequent_indent="    "))
