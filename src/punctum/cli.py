"""Words typed -> one function called -> one line printed.

What was asked for goes to stdout; progress, remarks and errors to stderr. Exit codes: 0 done, 1 you can
mend it, 2 usage, 3 our fault (the log's place is printed), 130 interrupted. Rooms are imported when a
command needs them, so that ``punctum --help`` is instant.
"""

import argparse
import contextlib
import errno
import json
import os
import re
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, NoReturn, Self

from punctum import __version__
from punctum.errors import PunctumError, UsageWrong, quoted

Command = Callable[[argparse.Namespace], int]

_STOPPED = "\nstopped; what was finished is kept, the same command goes on from there"

_THE_COMPUTERS = {
    getattr(errno, name)
    for name in (
        "ENOSPC",
        "EDQUOT",
        "EIO",
        "EACCES",
        "EPERM",
        "EROFS",
        "EMFILE",
        "ENFILE",
        "ENAMETOOLONG",
        "ELOOP",
        "EFBIG",
    )
    if hasattr(errno, name)
}
"""Errors of the operating system that whoever called can mend; any other is a fault of ours."""


def main(words: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    for name in ("SIGINT", "SIGTERM"):
        with contextlib.suppress(ValueError, OSError, AttributeError):
            if signal.getsignal(getattr(signal, name)) not in (signal.SIG_IGN, None):
                signal.signal(getattr(signal, name), _stop)
    sys.exit(run(sys.argv[1:] if words is None else words))


def run(words: Sequence[str]) -> int:
    """Run the command line.

    Parameters
    ----------
    words : sequence of str
        what was typed after ``punctum``

    Returns
    -------
    int
        the exit code
    """
    try:
        asked = _parser().parse_args(words)
        command: Command = asked.command
        return command(asked)
    except SystemExit as leaving:  # --help and --version
        return leaving.code if isinstance(leaving.code, int) else 2
    except PunctumError as error:
        _complain(error)
        return error.exit_code
    except KeyboardInterrupt:
        _say(_STOPPED)
        return 130
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123  whoever read our output has left
        return 0
    except MemoryError:
        _complain(PunctumError("there is not enough memory for this", "close other programs and try again"))
        return 1
    except OSError as error:
        if error.errno not in _THE_COMPUTERS:
            return _own_fault()
        where = f" at {quoted(error.filename)}" if error.filename else ""
        _complain(
            PunctumError(f"the computer says{where}: {error.strerror}", "mend that and run the same command again")
        )
        return 1
    except BaseException:  # the rim: nothing else may show a traceback, not even what polars calls a panic
        return _own_fault()


class _Parser(argparse.ArgumentParser):
    """Complains as everything else here does."""

    def error(self, message: str) -> NoReturn:
        hint = f"`{self.prog} --help` shows an example"
        if any(word.startswith("-") and len(word) > 2 and word[1] != "-" for word in sys.argv[1:]):
            hint += "; a name that begins with a dash is written ./-name"
        raise UsageWrong(message, hint)


def _parser() -> argparse.ArgumentParser:
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
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, prog="punctum")

    read = _add(commands, "read", _read, "read films into bundles", "punctum read film.mkv --last 12m")
    read.add_argument("films", nargs="+", metavar="FILM", help="a film's file")
    read.add_argument("--quick", action="store_true", help="key frames only: a provisional page within minutes")
    part = read.add_mutually_exclusive_group()
    part.add_argument("--span", metavar="FROM-TO", help="only this part: 1:02:00-1:10:00, or 2:04:00- to the end")
    part.add_argument("--last", metavar="LENGTH", help="only the end: 12m, 90s, 1h, 12:30")
    read.add_argument("--force", action="store_true", help="read anew what was read already; notes stay")
    place = read.add_mutually_exclusive_group()
    place.add_argument("--out", metavar="BUNDLE", help="the bundle's folder (one film only)")
    place.add_argument("--into", metavar="DIR", help="the folder that receives the bundles")
    read.add_argument("--threads", type=int, default=0, metavar="N", help="decoder threads (default: as it likes)")

    view = _add(commands, "view", _view, "open a bundle's page", "punctum view film.punctum")
    view.add_argument("bundle", metavar="BUNDLE", help="a bundle, or the film beside it")
    view.add_argument("--no-open", action="store_true", help="print the page's address only")

    shots = _add(commands, "shots", _shots, "print the shots", "punctum shots film.punctum --csv > shots.csv")
    shots.add_argument("bundle", metavar="BUNDLE", help="a bundle, or the film beside it")
    shots.add_argument("--csv", action="store_true", help="as CSV, with all columns")

    correct = _add(
        commands, "correct", _correct, "correct a boundary by hand", 'punctum correct film.punctum "cut 1:02.4"'
    )
    correct.add_argument("bundle", metavar="BUNDLE", help="a bundle, or the film beside it")
    correct.add_argument(
        "what",
        nargs="?",
        metavar="CORRECTION",
        help='"cut T", "merge T", "move T T", "retype T cut|dissolve|fade|wipe", "undo" or "undo ID"',
    )
    correct.add_argument("--who", default="", help="whose word it is (default: the account's name)")
    correct.add_argument("--list", action="store_true", help="list the corrections that hold")

    diff = _add(commands, "diff", _diff, "say what differs between two bundles", "punctum diff a.punctum b.punctum")
    diff.add_argument("first", metavar="A", help="a bundle")
    diff.add_argument("second", metavar="B", help="another")

    demo = _add(commands, "demo", _demo, "draw a sample film, read it, open its page", "punctum demo")
    demo.add_argument("--into", metavar="DIR", default="punctum-demo", help="where to (default: punctum-demo)")
    demo.add_argument("--no-open", action="store_true", help="do not open the page")
    return parser


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


def _read(asked: argparse.Namespace) -> int:
    if asked.out is not None and len(asked.films) > 1:
        raise UsageWrong("`--out` names one bundle, but several films are given", "`--into DIR` receives many")
    if "" in (asked.out, asked.into):
        raise UsageWrong("an empty name is no place for a bundle", "`--out film.punctum`, or `--into DIR`")
    if asked.threads < 0:
        raise UsageWrong("`--threads` takes 0 or more", "0 lets the decoder choose")
    if asked.quick and (asked.span is not None or asked.last is not None):
        raise UsageWrong("`--quick` reads key frames only: it takes no span", "leave one of them out")
    span = parse_span(asked.span) if asked.span is not None else None
    last_s = parse_length(asked.last) if asked.last is not None else None
    if last_s == 0:
        raise UsageWrong("`--last 0` holds nothing", "write 12m, 90s, 1h30m or 12:30")
    from punctum.bundle import made_of, place_beside
    from punctum.pipeline import read_film

    worst, answers = 0, []
    for film in asked.films:
        out = asked.out if asked.into is None else Path(asked.into) / place_beside(film).name
        try:
            with _Meter(Path(film).name) as meter:
                outcome = read_film(
                    film,
                    out=out,
                    quick=asked.quick,
                    span=span,
                    last_s=last_s,
                    force=asked.force,
                    threads=asked.threads,
                    report=meter.show,
                    say=_say,
                )
        except PunctumError as error:
            _complain(error)
            worst = max(worst, error.exit_code)
            answers.append({"film": film, "error": error.message, "hint": error.hint})
            continue
        remarks = (made_of(outcome.folder) or {}).get("remarks", [])
        answers.append(
            {
                "film": film,
                "bundle": str(outcome.folder),
                "page": str(outcome.folder / "page.html"),
                "lines": list(outcome.lines),
                "coverage": outcome.coverage,
                "faults": dict(outcome.faults),
                "remarks": remarks,
                "already": outcome.already,
            }
        )
        if not asked.json:
            _tell(outcome, remarks)
    if asked.json:
        _print(json.dumps(answers, ensure_ascii=False, indent=1))
    return worst


def _tell(outcome: Any, remarks: Sequence[str] = ()) -> None:
    _print(str(outcome.folder / "page.html"))
    for line in outcome.lines:
        _print(f"  {line}")
    if outcome.coverage == "key frames":
        _say("provisional, from key frames only: `punctum read` without --quick reads every frame")
    for remark in remarks:
        _say(f"remark: {remark}")
    for fault, count in outcome.faults.items():
        _say(f"remark: {count} × {fault}")


def _view(asked: argparse.Namespace) -> int:
    from punctum.bundle import find_bundle, open_bundle

    page = (Path(open_bundle(find_bundle(asked.bundle)).address) / "page.html").resolve()
    _print(json.dumps({"page": str(page)}) if asked.json else str(page))
    if not asked.no_open:
        _open(page)
    return 0


def _shots(asked: argparse.Namespace) -> int:
    from punctum.bundle import open_bundle

    shots = open_bundle(asked.bundle).tables["shots"]
    if asked.json:
        _print(json.dumps([_rounded(row) for row in shots.iter_rows(named=True)], ensure_ascii=False, indent=1))
    elif asked.csv:
        import polars as pl

        flat = shots.with_columns(
            pl.col(name).cast(pl.List(pl.String)).list.join(" ")
            for name, kind in shots.schema.items()
            if isinstance(kind, pl.List)
        )
        _print(flat.write_csv().rstrip("\n"))
    else:
        for row in shots.iter_rows(named=True):
            doubt = "?" if row["provisional"] else "*" if row["corrected"] else " "
            _print(
                f"{row['shot']:>5}{doubt} {timecode(row['start_s']):>11}  {row['length_s']:>8.2f} s"
                f"  {row['begins']:<9} frames {row['start_frame']}-{row['end_frame']}"
            )
    return 0


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    """Give a shot's figures with the decimals they are kept with; single precision would print others."""
    from punctum.tables import SHOTS

    def one(value: Any, decimals: int | None) -> Any:
        if isinstance(value, list):
            return [one(part, decimals) for part in value]
        return round(value, decimals) if isinstance(value, float) and decimals is not None else value

    return {name: one(value, SHOTS[name].decimals) for name, value in row.items()}


def _correct(asked: argparse.Namespace) -> int:
    from punctum.bundle import open_bundle, standing
    from punctum.pipeline import correct_bundle

    if asked.list or not asked.what:
        if not asked.list:
            raise UsageWrong("no correction is given", 'for instance: punctum correct film.punctum "cut 1:02.4"')
        notes = [dict(note) for note in standing(open_bundle(asked.bundle).notes) if note.get("kind") == "correction"]
        if asked.json:
            _print(json.dumps(notes, ensure_ascii=False, indent=1))
        for note in [] if asked.json else notes:
            what = " ".join(str(note[key]) for key in ("what", "at_s", "to_s", "boundary") if key in note)
            _print(f"{note['id']}  {note.get('when', '')}  {note.get('who', '')}  {what}")
        return 0
    said = correct_bundle(asked.bundle, asked.what, asked.who)
    _print(json.dumps({"said": said}, ensure_ascii=False) if asked.json else said)
    return 0


def _diff(asked: argparse.Namespace) -> int:
    from punctum.bundle import diff_bundles

    found = diff_bundles(asked.first, asked.second)
    if asked.json:
        _print(json.dumps([row._asdict() for row in found], ensure_ascii=False, indent=1))
    else:
        for row in found:
            size = "" if row.most is None else f", at most {row.most:g}"
            kind = "rounding" if row.rounding else "differs"
            _print(f"{row.table}.{row.column or '*'}: {row.rows} {kind}{size} ({row.what})")
        if not found:
            _print("no difference")
    return 0 if all(row.rounding for row in found) else 1


def _demo(asked: argparse.Namespace) -> int:
    if not asked.into:
        raise UsageWrong("an empty name is no folder", "`--into DIR` names one")
    from punctum.pipeline import make_demo

    with _Meter("Windscreen") as meter:
        outcome = make_demo(Path(asked.into), report=meter.show)
    page = outcome.folder / "page.html"
    if asked.json:
        _print(json.dumps({"page": str(page), "lines": list(outcome.lines)}, ensure_ascii=False, indent=1))
    else:
        _tell(outcome)
    if not asked.no_open:
        _open(page.resolve())
    return 0


class _Meter:
    """Progress in film time with the time left, on stderr, where somebody looks."""

    shown: ClassVar[list[Any]] = []

    def __init__(self, name: str) -> None:
        self.name = "".join(c if c.isprintable() else "?" for c in name)
        self.progress: Any = None
        self.stage = ""

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.markup import escape
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            self.progress = Progress(
                TextColumn(f"{escape(self.name)}  {{task.description}}"),
                BarColumn(),
                TextColumn("{task.fields[at]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self.progress.start()
            self.shown.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        if self.progress is not None:
            self.shown.remove(self)
            self.progress.stop()

    def show(self, at: Any) -> None:
        if self.progress is None:
            return
        clock = f"{timecode(at.done_s)} of {timecode(at.total_s)}" if at.total_s > 1 else ""
        if at.stage != self.stage:
            for task in self.progress.task_ids:
                self.progress.remove_task(task)
            self.task = self.progress.add_task(at.stage, total=max(at.total_s, 1e-3), at=clock)
            self.stage = at.stage
        self.progress.update(self.task, completed=at.done_s, total=max(at.total_s, at.done_s, 1e-3), at=clock)


def _stop(*_: object) -> NoReturn:
    """End at once, whatever is under way.

    An exception would do harm: raised within OpenCV or polars it ends in a crash or a panic. Nothing on disk
    needs tidying up: a reading survives being killed at any moment.
    """
    for meter in _Meter.shown:
        with contextlib.suppress(Exception):
            meter.progress.stop()
    with contextlib.suppress(OSError):
        os.write(2, f"{_STOPPED}\n".encode())
    os._exit(130)


def parse_length(text: str) -> float:
    """Read a length of time, in seconds.

    Raises
    ------
    UsageWrong
        if it is none

    Examples
    --------
    >>> parse_length("12m"), parse_length("1h2m3.5s"), parse_length("12:30"), parse_length("90")
    (720.0, 3723.5, 750.0, 90.0)
    """
    units = re.fullmatch(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?", text.strip(), re.ASCII)
    clock = re.fullmatch(r"(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:\.\d+)?)", text.strip(), re.ASCII)
    found = (units if text.strip() and units else None) or clock
    if not found:
        raise UsageWrong(f"{quoted(text)} is no length of time", "write 12m, 90s, 1h30m or 12:30")
    hours, minutes, seconds = (float(piece or 0) for piece in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def parse_span(text: str) -> tuple[float | None, float | None]:
    """Read a span of time ``FROM-TO``; either may be left out.

    Raises
    ------
    UsageWrong
        if it is none

    Examples
    --------
    >>> parse_span("2:04:00-"), parse_span("1:00-1:30")
    ((7440.0, None), (60.0, 90.0))
    """
    start, dash, end = text.replace("–", "-").partition("-")
    if not dash or not (start.strip() or end.strip()):
        raise UsageWrong(f"{quoted(text)} is no span", "write 1:02:00-1:10:00, or 2:04:00- to the end")
    return (
        parse_length(start) if start.strip() else None,
        parse_length(end) if end.strip() else None,
    )


def timecode(time_s: float) -> str:
    """Write a time as h:mm:ss.t.

    Examples
    --------
    >>> timecode(3723.46)
    '1:02:03.4'
    """
    tenths = int(max(time_s, 0.0) * 10 + 1e-6)
    return f"{tenths // 36000}:{tenths // 600 % 60:02d}:{tenths // 10 % 60:02d}.{tenths % 10}"


def _print(text: str) -> None:
    if sys.stdout.isatty():  # a name must not steer the terminal
        text = "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)
    print(text, flush=True)


def _say(text: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # where nobody can be told, nobody is
        print(text, file=sys.stderr, flush=True)


def _complain(error: PunctumError) -> None:
    label = "error:"
    if sys.stderr.isatty() and not os.environ.get("NO_COLOR"):
        label = f"\033[31m{label}\033[0m"
    _say(f"{label} {error.message}")
    if error.hint:
        _say(f"\nhint: {error.hint}")


def _open(page: Path) -> None:
    """Open a page where there is a screen; silent where there is none."""
    import webbrowser

    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    with contextlib.suppress(webbrowser.Error, OSError):
        webbrowser.open(page.as_uri())


def _own_fault() -> int:
    text = f"punctum {__version__}, Python {sys.version}\n{traceback.format_exc()}"
    try:
        with tempfile.NamedTemporaryFile("w", prefix="punctum-", suffix=".log", delete=False, encoding="utf-8") as log:
            log.write(text.encode("utf-8", "backslashreplace").decode())
        hint = f"please report it with {log.name}"
    except OSError:
        hint = f"please report it: {text.strip().splitlines()[-1]}"
    _say(f"error: this is a fault of Punctum's own\n\nhint: {hint}")
    return 3
