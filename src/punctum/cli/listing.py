"""The commands that list rows: ``shots``, ``scenes``, ``words``."""

import argparse
from typing import Any

from punctum.cli.rows import print_table
from punctum.cli.telling import say
from punctum.cli.times import timecode
from punctum.cli.typed import add, add_bundle

NOT_SOUGHT = "they were not looked for when this bundle was made; `punctum read` looks"


def offer(added: Any) -> None:
    """Add the commands' parsers."""
    parser = add(added, "shots", shots, "print the shots", "punctum shots film.punctum --csv > shots.csv")
    add_bundle(parser)
    parser.add_argument("--csv", action="store_true", help="as CSV, with all columns")

    parser = add(added, "scenes", scenes, "print the scenes", "punctum scenes film.punctum")
    add_bundle(parser)
    parser.add_argument("--csv", action="store_true", help="as CSV, with all columns")

    parser = add(added, "words", words, "list the words", "punctum words film.punctum --find door")
    add_bundle(parser)
    parser.add_argument("--find", metavar="TEXT", default="", help="only lines that hold this, in whatever case")
    parser.add_argument("--csv", action="store_true", help="as CSV, with all columns")


def shots(asked: argparse.Namespace) -> int:
    """Print the shots."""
    from punctum.bundle import open_bundle
    from punctum.tables import SHOTS

    print_table(open_bundle(asked.bundle).tables["shots"], asked, SHOTS, _shot)
    return 0


def _shot(row: dict[str, Any]) -> str:
    doubt = "?" if row["provisional"] else "*" if row["corrected"] else " "
    return (
        f"{row['shot']:>5}{doubt} {timecode(row['start_s']):>11}  {row['length_s']:>8.2f} s"
        f"  {row['begins']:<9} frames {row['start_frame']}-{row['end_frame']}"
    )


def scenes(asked: argparse.Namespace) -> int:
    """Print the scenes."""
    from punctum.bundle import open_bundle
    from punctum.tables import SCENES

    found = open_bundle(asked.bundle).tables["scenes"]
    print_table(found, asked, SCENES, _scene)
    if not found.height:
        say("no scenes: they were not worked out when this bundle was made; `punctum read` works them out")
    return 0


def _scene(row: dict[str, Any]) -> str:
    mark = "*" if row["corrected"] else "?" if (row["doubt"] or 0.0) >= 0.25 else " "
    kind = (row["heading"] or "") if row["kind"] == "story" else row["kind"].replace("_", " ")
    count = row["end_shot"] - row["first_shot"]
    return (
        f"{row['scene']:>5}{mark} {timecode(row['start_s']):>11}  {row['length_s']:>8.1f} s"
        f"  {count:>4} shot{'s' if count != 1 else ' '}  {kind}"
    ).rstrip()


def words(asked: argparse.Namespace) -> int:
    """Print the words, or those lines that hold a text."""
    from punctum.bundle import open_bundle
    from punctum.measure.words import find_lines
    from punctum.tables import WORDS

    bundle = open_bundle(asked.bundle)
    found = find_lines(bundle.tables["words"], asked.find)
    print_table(found, asked, WORDS, _cue)
    if not found.height and not asked.json and not asked.csv:
        why = bundle.made.get("words", {}).get("why_none", "")
        say(f"no line holds that: {asked.find}" if bundle.tables["words"].height else f"no words: {why or NOT_SOUGHT}")
    return 0


def _cue(row: dict[str, Any]) -> str:
    """Write a line of the words as a reader of subtitles knows it."""
    text = {"note": "[{}]", "song": "♪ {} ♪", "title": "“{}”"}.get(row["kind"], "{}").format(row["text"])
    said = f"{row['speaker']}: {text}" if row["speaker"] else text
    return f"{row['line']:>5}  {timecode(row['start_s']):>11}  {said}"
