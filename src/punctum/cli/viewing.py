"""The command that shows a film: ``view``."""

import argparse
import contextlib
import os
import sys
from pathlib import Path
from typing import Any

from punctum.cli.rows import print_json
from punctum.cli.telling import print_out
from punctum.cli.typed import add, add_bundle


def offer(added: Any) -> None:
    """Add the command's parser."""
    parser = add(added, "view", view, "open a bundle's page", "punctum view film.punctum")
    add_bundle(parser)
    parser.add_argument("--no-open", action="store_true", help="print the page's address only")


def view(asked: argparse.Namespace) -> int:
    """Open a bundle's page."""
    from punctum.bundle import find_bundle, open_bundle

    page = (Path(open_bundle(find_bundle(asked.bundle)).address) / "page.html").resolve()
    if asked.json:
        print_json({"page": str(page)})
    else:
        print_out(str(page))
    if not asked.no_open:
        open_page(page)
    return 0


def open_page(page: Path) -> None:
    """Open a page where there is a screen; silent where there is none."""
    import webbrowser

    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    with contextlib.suppress(webbrowser.Error, OSError):
        webbrowser.open(page.as_uri())
