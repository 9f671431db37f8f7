"""The command that shows films: ``view``."""

import argparse
import contextlib
import os
import sys
from pathlib import Path
from typing import Any

from punctum.cli.rows import print_json
from punctum.cli.telling import print_out, say
from punctum.cli.typed import add


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
