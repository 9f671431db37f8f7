"""How a command is typed: its parser, its example, its words of help."""

import argparse
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from punctum.errors import UsageWrong

Command = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """Complains as everything else here does."""

    def error(self, message: str) -> NoReturn:
        """Refuse what was typed, with a hint."""
        hint = f"`{self.prog} --help` shows an example"
        if any(word.startswith("-") and len(word) > 2 and word[1] != "-" for word in sys.argv[1:]):
            hint += "; a name that begins with a dash is written ./-name"
        raise UsageWrong(message, hint)


def add(commands: Any, name: str, command: Command, meaning: str, example: str) -> argparse.ArgumentParser:
    """Add a command whose help opens with an example; ``--json`` gives its answer as data."""
    added: argparse.ArgumentParser = commands.add_parser(
        name,
        help=meaning,
        description=f"  {example}\n\n{meaning[0].upper()}{meaning[1:]}.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    added.add_argument("--json", action="store_true", help="the answer as JSON")
    added.set_defaults(command=command)
    return added


def add_bundle(parser: argparse.ArgumentParser) -> None:
    """Add the one argument that most commands take."""
    parser.add_argument("bundle", metavar="BUNDLE", help="a bundle, or the film beside it")


def add_group(commands: Any, name: str, meaning: str, example: str, more: str) -> Any:
    """Add a command that is followed by others: ``punctum library list``."""
    parser = commands.add_parser(
        name,
        help=meaning,
        description=f"  {example}\n\n{more}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    return parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True, prog=f"punctum {name}", help=meaning
    )
