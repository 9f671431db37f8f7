"""Responses under essays: ``punctum essay serve``, ``punctum essay author add``, ``punctum essay responses``."""

import argparse
import getpass
import sys
from pathlib import Path
from typing import Any

from punctum.cli.rows import print_json
from punctum.cli.telling import print_out, say
from punctum.errors import UsageWrong

PARTS = ("serve", "author", "responses")
SITE = "site"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what these parts take besides."""
    parser.add_argument("--host", metavar="NAME", default="127.0.0.1", help="of `serve`: the address to listen at")
    parser.add_argument(
        "--respond", metavar="URL", default="", help="where `serve` will answer readers, for a link under each essay"
    )


def respond(part: str, words: list[str], asked: argparse.Namespace) -> int:
    """Do one of the parts."""
    if part == "serve":
        return _serve(words, asked)
    if part == "author":
        return _author(words, asked)
    return _responses(words, asked)


def _serve(words: list[str], asked: argparse.Namespace) -> int:
    from punctum.responses.serving import serve

    if len(words) != 1:
        raise UsageWrong("`essay serve` takes one site", "punctum essay serve site")

    def opened(address: str) -> None:
        if asked.json:
            print_json({"address": address})
        else:
            print_out(address)
        say(f"responses wait for you at {address}author/; Ctrl-C stops it")

    serve(Path(words[0]), asked.host, asked.port, opened=opened)
    return 0


def _author(words: list[str], asked: argparse.Namespace) -> int:
    from punctum.responses import Store, place_of
    from punctum.responses.signing_in import add_author
    from punctum.responses.site import read_site

    if len(words) != 2 or words[0] != "add":
        raise UsageWrong("`essay author add` takes a name", "punctum essay author add ann --out site")
    site = Path(asked.out or SITE)
    read_site(site)
    phrase = _ask_phrase()
    with Store(place_of(site)) as store:
        add_author(store, words[1], phrase)
        print_out(str(store.place))
    return 0


def _ask_phrase() -> str:
    """The pass phrase: asked for twice at a terminal, else the first line that comes in."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    phrase = getpass.getpass("pass phrase: ")
    if getpass.getpass("once more: ") != phrase:
        raise UsageWrong("the two pass phrases differ", "type the same one twice")
    return phrase


def _responses(words: list[str], asked: argparse.Namespace) -> int:
    from punctum.responses import Store, place_of
    from punctum.responses.site import read_site
    from punctum.responses.taking_in import export_responses, import_responses

    if len(words) != 2 or words[0] not in ("export", "import"):
        raise UsageWrong(
            "`essay responses` takes export or import, and a file", "punctum essay responses import letters.mbox"
        )
    site, file = Path(asked.out or SITE), Path(words[1])
    essays = read_site(site)
    with Store(place_of(site)) as store:
        if words[0] == "export":
            number = export_responses(store, file, essays)
            _tell(asked, {"file": str(file), "responses": number}, str(file))
            return 0
        taken = import_responses(store, file, essays)
    for why in taken.left_out[:20]:
        say(f"left out: {why}")
    told = f"{taken.added} taken in, {taken.known} known already, {len(taken.left_out)} left out"
    _tell(asked, {"added": taken.added, "known": taken.known, "left_out": list(taken.left_out)}, told)
    return 0


def _tell(asked: argparse.Namespace, data: dict[str, Any], line: str) -> None:
    if asked.json:
        print_json(data)
    else:
        print_out(line)
