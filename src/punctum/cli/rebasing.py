"""The command that carries a person's word from one print of a film to another: ``rebase``."""

import argparse
from collections.abc import Mapping
from typing import Any

from punctum.cli.rows import print_json
from punctum.cli.telling import print_out, say
from punctum.cli.times import timecode
from punctum.cli.typed import add


def offer(added: Any) -> None:
    """Add the command's parser."""
    parser = add(
        added,
        "rebase",
        rebase,
        "carry notes and corrections over to another print of the film",
        "punctum rebase dvd.punctum restored.punctum",
    )
    parser.add_argument("old", metavar="OLD", help="the bundle that has them, or the film beside it")
    parser.add_argument("new", metavar="NEW", help="the other print's bundle")
    parser.add_argument("--dry-run", action="store_true", help="only say how the prints differ and what would be done")


def rebase(asked: argparse.Namespace) -> int:
    """Carry notes and corrections over."""
    from punctum.pipeline.rebasing import rebase_notes

    done = rebase_notes(asked.old, asked.new, write=not asked.dry_run)
    carried = done.carried
    if asked.json:
        left = [{**entry, "why": why} for entry, why in carried.left]
        print_json(
            {
                "differences": done.differences,
                "carried": carried.entries,
                "shortened": carried.shortened,
                "left": left,
                "without_effect": done.without_effect,
            }
        )
        return 0
    for sentence in done.differences or ["the prints do not differ"]:
        print_out(sentence)
    counts = {
        kind: sum(entry["kind"] == kind for entry in carried.entries) for kind in ("correction", "note", "reading")
    }
    kinds = ", ".join(f"{count} {kind}{'s' if count != 1 else ''}" for kind, count in counts.items())
    print_out(f"{'would be ' if asked.dry_run else ''}carried over: {kinds}")
    if carried.shortened:
        say(f"remark: {carried.shortened} of them were shortened to what both prints have")
    for entry, why in carried.left:
        print_out(f"no counterpart: {_entry(entry)} ({why})")
    for entry in carried.entries:
        if entry["id"] in done.without_effect:
            print_out(f"without effect there: {_entry(entry)}")
    return 0


def _entry(entry: Mapping[str, Any]) -> str:
    """Write an entry as a person knows it: its kind, when, what."""
    time = next((entry[name] for name in ("at_s", "start_s") if isinstance(entry.get(name), int | float)), None)
    said = next((str(entry[name]) for name in ("what", "text", "name", "title", "tier") if entry.get(name)), "")
    place = f" {timecode(time).strip()}" if time is not None else ""
    return f"{entry.get('kind')}{place} {said[:80]}".rstrip()
