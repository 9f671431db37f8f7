"""What can be typed: every command and option, in plain sight."""

import argparse
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from punctum import __version__
from punctum.cli import accounts, commands, library
from punctum.errors import UsageWrong

Command = Callable[[argparse.Namespace], int]


class _Parser(argparse.ArgumentParser):
    """Complains as everything else here does."""

    def error(self, message: str) -> NoReturn:
        hint = f"`{self.prog} --help` shows an example"
        if any(word.startswith("-") and len(word) > 2 and word[1] != "-" for word in sys.argv[1:]):
            hint += "; a name that begins with a dash is written ./-name"
        raise UsageWrong(message, hint)


def build_parser() -> argparse.ArgumentParser:
    """Build what reads the words of the command line."""
    parser = _Parser(
        prog="punctum",
        usage="punctum COMMAND …",
        description="  punctum read film.mkv      read a film and print where its page is\n"
        "  punctum demo               draw a sample film, read it and open its page\n\n"
        "A close-reading instrument for film: from your own copy, on your own computer.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"punctum {__version__}")
    added = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, prog="punctum")

    read = _add(added, "read", commands.read, "read films into bundles", "punctum read film.mkv --last 12m")
    read.add_argument("films", nargs="+", metavar="FILM", help="a film's file")
    read.add_argument("--quick", action="store_true", help="key frames only: a provisional page within minutes")
    read.add_argument(
        "--fast", action="store_true", help="leave out frames that no other leans on, where nothing happens"
    )
    part = read.add_mutually_exclusive_group()
    part.add_argument("--span", metavar="FROM-TO", help="only this part: 1:02:00-1:10:00, or 2:04:00- to the end")
    part.add_argument("--last", metavar="LENGTH", help="only the end: 12m, 90s, 1h, 12:30")
    read.add_argument("--lang", metavar="LANG", default="", help="language of the subtitles: en, fra, German")
    read.add_argument(
        "--audio", metavar="LANG", default="", help="language of the sound track (default: the film's own)"
    )
    read.add_argument("--script", metavar="FILE", default="", help="a screenplay in Fountain, to know who speaks")
    read.add_argument(
        "--recognise",
        metavar="MODEL",
        default="",
        help="without subtitles, recognise speech: a model of `punctum models`, a folder, or none",
    )
    read.add_argument(
        "--titles", action=argparse.BooleanOptionalAction, help="read the writing in the picture: titles, credits"
    )
    read.add_argument(
        "--faces",
        choices=("off", "sparse", "dense"),
        default="",
        help="how often to look for faces: off, sparse (a few frames a second), dense (12 and more)",
    )
    read.add_argument(
        "--measure",
        metavar="FILE.py:NAME",
        action="append",
        default=[],
        help="a measure of your own: a function of the pictures; may be given more than once",
    )
    read.add_argument("--force", action="store_true", help="read anew what was read already; notes stay")
    place = read.add_mutually_exclusive_group()
    place.add_argument("--out", metavar="BUNDLE", help="the bundle's folder (one film only)")
    place.add_argument("--into", metavar="DIR", help="the folder that receives the bundles")
    read.add_argument("--threads", type=int, default=0, metavar="N", help="decoder threads (default: as it likes)")

    view = _add(added, "view", commands.view, "open a bundle's page", "punctum view film.punctum")
    view.add_argument("bundle", metavar="BUNDLE", help="a bundle, or the film beside it")
    view.add_argument("--no-open", action="store_true", help="print the page's address only")

    shots = _add(added, "shots", commands.shots, "print the shots", "punctum shots film.punctum --csv > shots.csv")
    shots.add_argument("bundle", metavar="BUNDLE", help="a bundle, or the film beside it")
    shots.add_argument("--csv", action="store_true", help="as CSV, with all columns")

    scenes = _add(added, "scenes", commands.scenes, "print the scenes", "punctum scenes film.punctum")
    scenes.add_argument("bundle", metavar="BUNDLE", help="a bundle, or the film beside it")
    scenes.add_argument("--csv", action="store_true", help="as CSV, with all columns")

    ending = _add(added, "ending", accounts.ending, "tell of the ending in words", "punctum ending film.punctum")
    ending.add_argument("bundle", metavar="BUNDLE", help="a bundle, or the film beside it")
    ending.add_argument(
        "--in",
        dest="library",
        metavar="DIR",
        default="",
        help="rank it among the endings of a library of 20 films or more",
    )

    moments = _add(added, "moments", accounts.moments, "tell of the moments in words", "punctum moments film.punctum")
    moments.add_argument("bundle", metavar="BUNDLE", help="a bundle, or the film beside it")

    compare = _add(
        added,
        "compare",
        accounts.compare,
        "set films beside one another",
        "punctum compare a.punctum b.punctum c.punctum --page abc.html",
    )
    compare.add_argument("bundles", nargs="+", metavar="BUNDLE", help="bundles, or the films beside them")
    compare.add_argument("--page", metavar="FILE", default="", help="write a page of small multiples there")

    words = _add(added, "words", commands.words, "list the words", "punctum words film.punctum --find door")
    words.add_argument("bundle", metavar="BUNDLE", help="a bundle, or the film beside it")
    words.add_argument("--find", metavar="TEXT", default="", help="only lines that hold this, in whatever case")
    words.add_argument("--csv", action="store_true", help="as CSV, with all columns")

    faces = _add(
        added,
        "faces",
        commands.faces,
        "list the faces, or look again at a scene",
        "punctum faces film.punctum --span 1:02-1:20",
    )
    faces.add_argument("bundle", metavar="BUNDLE", help="a bundle, or the film beside it")
    faces.add_argument("--span", metavar="FROM-TO", help="look at every frame of this part; the bundle stays as it is")
    what = faces.add_mutually_exclusive_group()
    what.add_argument(
        "--people", action="store_true", help="list who is seen instead: names, time on screen, closeness"
    )
    what.add_argument("--figures", action="store_true", help="list montage figures, approaches, contacts instead")
    faces.add_argument("--csv", action="store_true", help="as CSV, without the landmarks")

    correct = _add(
        added, "correct", commands.correct, "correct a boundary by hand", 'punctum correct film.punctum "cut 1:02.4"'
    )
    correct.add_argument("bundle", metavar="BUNDLE", help="a bundle, or the film beside it")
    correct.add_argument(
        "what",
        nargs="?",
        metavar="CORRECTION",
        help='"cut T", "merge T", "move T T", "retype T cut|dissolve|fade|wipe", "scene T", "no scene T", "credits T",'
        ' "no credits T", "name A = Anna", "undo" or "undo ID"',
    )
    correct.add_argument("--who", default="", help="whose word it is (default: the account's name)")
    correct.add_argument("--list", action="store_true", help="list the corrections that hold")

    diff = _add(
        added, "diff", commands.diff, "say what differs between two bundles", "punctum diff a.punctum b.punctum"
    )
    diff.add_argument("first", metavar="A", help="a bundle")
    diff.add_argument("second", metavar="B", help="another")

    _add_library(added)

    find = _add(added, "find", library.find_picture, "find the frame that a picture shows", "punctum find still.png")
    find.add_argument(
        "picture", metavar="PICTURE", help="a screenshot, also cropped, recoloured or with a subtitle on it"
    )
    find.add_argument("--in", dest="library", metavar="DIR", default=".", help="the library's folder (default: here)")

    models = _add(added, "models", commands.models, "list or fetch learned weights", "punctum models fetch yamnet")
    models.add_argument("what", nargs="?", choices=("list", "fetch"), default="list", help="list (default) or fetch")
    models.add_argument("name", nargs="?", default="", metavar="NAME", help="the model to fetch")
    models.add_argument("--yes", action="store_true", help="fetch without asking, whatever the licence")

    demo = _add(added, "demo", commands.demo, "draw a sample film, read it, open its page", "punctum demo")
    demo.add_argument("--into", metavar="DIR", default="punctum-demo", help="where to (default: punctum-demo)")
    demo.add_argument("--no-open", action="store_true", help="do not open the page")
    return parser


def _add_library(commands: Any) -> None:
    """Add the commands on a library, each a word after ``library``."""
    parser = commands.add_parser(
        "library",
        help="many films: list, read, ask, find",
        description="  punctum library list --in films\n\nA library is a folder; its bundles are found at every depth.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    added = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True, prog="punctum library", help="list, read, sql or find"
    )

    def within(one: argparse.ArgumentParser) -> None:
        one.add_argument(
            "--in", dest="library", metavar="DIR", default=".", help="the library's folder (default: here)"
        )

    within(_add(added, "list", library.list_films, "list its films", "punctum library list --in films"))

    read = _add(added, "read", library.read_films, "read many films", "punctum library read films --jobs 2")
    read.add_argument("films", nargs="+", metavar="FILM", help="films, and folders of films at every depth")
    read.add_argument("--jobs", type=int, default=1, metavar="N", help="read so many at once (default: 1)")
    read.add_argument("--into", metavar="DIR", default="", help="the folder that receives the bundles")
    read.add_argument("--quick", action="store_true", help="key frames only")
    read.add_argument("--force", action="store_true", help="read anew what was read already; notes stay")

    sql = _add(
        added,
        "sql",
        library.ask,
        "ask its tables in SQL: one SELECT",
        'punctum library sql "select title, avg(length_s) from shots join films using (film_id) group by title"',
    )
    sql.add_argument("sql", metavar="SELECT", help="over the tables of docs/tables.md, film_id first, and films")
    sql.add_argument("--csv", action="store_true", help="as CSV")
    within(sql)

    find = _add(added, "find", library.find, "find what is said in its films", "punctum library find door --in films")
    find.add_argument("text", metavar="TEXT", help="lines that hold this, in whatever case")
    within(find)


def _add(commands: Any, name: str, command: Command, meaning: str, example: str) -> argparse.ArgumentParser:
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
