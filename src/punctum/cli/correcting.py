"""The commands of a person's word: ``correct`` a bundle, ``diff`` two."""

import argparse
from typing import Any

from punctum.cli.rows import print_json
from punctum.cli.telling import print_out
from punctum.cli.typed import add, add_bundle
from punctum.errors import UsageWrong


def offer(added: Any) -> None:
    """Add the commands' parsers."""
    parser = add(added, "correct", correct, "correct a boundary by hand", 'punctum correct film.punctum "cut 1:02.4"')
    add_bundle(parser)
    parser.add_argument(
        "what",
        nargs="?",
        metavar="CORRECTION",
        help='"cut T", "merge T", "move T T", "retype T cut|dissolve|fade|wipe", "scene T", "no scene T", "credits T",'
        ' "no credits T", "name A = Anna", "merge A B", "split A T", "split A T = B", "undo", "undo ID", "redo"',
    )
    parser.add_argument("--who", default="", help="whose word it is (default: the account's name)")
    parser.add_argument("--list", action="store_true", help="list the corrections that hold")

    parser = add(added, "diff", diff, "say what differs between two bundles", "punctum diff a.punctum b.punctum")
    parser.add_argument("first", metavar="A", help="a bundle")
    parser.add_argument("second", metavar="B", help="another")


def correct(asked: argparse.Namespace) -> int:
    """Take a correction, or list those that hold."""
    from punctum.bundle import open_bundle
    from punctum.notes import standing
    from punctum.pipeline import correct_bundle

    if asked.list or not asked.what:
        if not asked.list:
            raise UsageWrong("no correction is given", 'for instance: punctum correct film.punctum "cut 1:02.4"')
        notes = [dict(note) for note in standing(open_bundle(asked.bundle).notes) if note.get("kind") == "correction"]
        if asked.json:
            print_json(notes)
        for note in [] if asked.json else notes:
            what = " ".join(str(note[key]) for key in ("what", "at_s", "to_s", "boundary", "name") if key in note)
            print_out(f"{note['id']}  {note.get('when', '')}  {note.get('who', '')}  {what}")
        return 0
    said = correct_bundle(asked.bundle, asked.what, asked.who)
    if asked.json:
        print_json({"said": said})
    else:
        print_out(said)
    return 0


def diff(asked: argparse.Namespace) -> int:
    """Say what differs between two bundles."""
    from punctum.bundle import diff_bundles

    found = diff_bundles(asked.first, asked.second)
    if asked.json:
        print_json([row._asdict() for row in found])
    else:
        for row in found:
            size = "" if row.most is None else f", at most {row.most:g}"
            kind = "rounding" if row.rounding else "differs"
            print_out(f"{row.table}.{row.column or '*'}: {row.rows} {kind}{size} ({row.what})")
        if not found:
            print_out("no difference")
    return 0 if all(row.rounding for row in found) else 1
