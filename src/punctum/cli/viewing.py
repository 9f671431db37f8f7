"""The commands that show films and what was noted: ``view``, ``notes``."""

import argparse
import contextlib
import os
import sys
from pathlib import Path
from typing import Any

from punctum.cli.rows import print_json
from punctum.cli.telling import print_out, say
from punctum.cli.times import timecode
from punctum.cli.typed import add
from punctum.errors import UsageWrong


def offer(added: Any) -> None:
    """Add the command's parser."""
    parser = add(
        added,
        "view",
        view,
        "show a film or a library in the browser, correct and annotate",
        "punctum view film.punctum",
    )
    parser.add_argument(
        "place", nargs="?", default=".", metavar="FILM|BUNDLE|LIBRARY", help="what to show (default: the library here)"
    )
    parser.add_argument("--port", type=int, default=0, metavar="N", help="where to listen (default: any free port)")
    parser.add_argument("--no-open", action="store_true", help="print the address only")
    parser.add_argument(
        "--vocabulary", metavar="FILE", action="append", default=[], help="terms for tags: CSV or YAML; may be repeated"
    )

    parser = add(added, "notes", notes, "list a film's notes, or join another person's", "punctum notes film.punctum")
    parser.add_argument(
        "words", nargs="+", metavar="BUNDLE | merge A B", help="a bundle; or merge: what B's notes have and A's lack"
    )


def notes(asked: argparse.Namespace) -> int:
    """List notes, tiers and readings, or merge two people's."""
    from punctum.bundle import open_bundle
    from punctum.notes import notes_of, readings_of, tiers_of

    if asked.words[0] == "merge" and len(asked.words) == 3:
        return _merge(asked)
    if len(asked.words) != 1:
        raise UsageWrong("`notes` takes one bundle, or `merge A B`", "punctum notes merge mine.punctum hers.punctum")
    log = open_bundle(asked.words[0]).notes
    if asked.json:
        made: dict[str, Any] = {"notes": [one._asdict() for one in notes_of(log)]}
        made["tiers"] = [one._asdict() for one in tiers_of(log)]
        made["readings"] = [
            {**one._asdict(), "evidence": [piece._asdict() for piece in one.evidence]} for one in readings_of(log)
        ]
        print_json(made)
        return 0
    for one in notes_of(log):
        times = timecode(one.start_s) + ("" if one.end_s is None else f"-{timecode(one.end_s)}")
        about = " ".join(f"[{part}]" for part in (one.tier, one.name, ", ".join(one.tags)) if part)
        print_out(f"{one.note_id}  {times:<23}  {one.who}  {about} {' '.join(one.text.split())}".rstrip())
    for reading in readings_of(log):
        sides = [piece.side for piece in reading.evidence]
        print_out(
            f"{reading.note_id}  reading: {reading.title} ({sides.count('for')} for, {sides.count('against')} against)"
        )
    if not notes_of(log) and not readings_of(log):
        say("nothing was noted: `punctum view` takes notes")
    return 0


def _merge(asked: argparse.Namespace) -> int:
    from punctum.bundle import add_notes, open_bundle
    from punctum.notes import merge_logs
    from punctum.pipeline import refresh

    own, other = (open_bundle(address) for address in asked.words[1:])
    if own.film.film_id != other.film.film_id:
        raise UsageWrong(
            "these are bundles of two different files", "`punctum rebase` carries notes to another print first"
        )
    merged = merge_logs(own.notes, other.notes)
    if merged.added:
        # each entry stays a step of its own, as it was
        add_notes(Path(own.address), [{"group": entry["id"], **entry} for entry in merged.added])
        if any(entry.get("kind") == "correction" for entry in merged.added):
            refresh(open_bundle(own.address))
    if asked.json:
        print_json({"added": [entry["id"] for entry in merged.added], "conflicts": merged.conflicts})
        return 0
    print_out(f"{len(merged.added)} entries added, {len(merged.conflicts)} beside others that say something else")
    for mine, theirs in merged.conflicts:
        print_out(f"  {mine}  {theirs}")
    return 0


def view(asked: argparse.Namespace) -> int:
    """Serve a film or a library until Ctrl-C."""
    from punctum.viewer import read_vocabularies, serve

    def opened(address: str) -> None:
        if asked.json:
            print_json({"address": address})
        else:
            print_out(address)
        if not asked.no_open:
            open_address(address)
        say("Ctrl-C stops it")

    serve(asked.place, asked.port, read_vocabularies(asked.vocabulary), opened)
    return 0


def open_page(page: Path) -> None:
    """Open a page from disk where there is a screen."""
    open_address(page.as_uri())


def open_address(address: str) -> None:
    """Open an address where there is a screen; silent where there is none."""
    import webbrowser

    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    with contextlib.suppress(webbrowser.Error, OSError):
        webbrowser.open(address)
