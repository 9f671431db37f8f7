"""Where what is said goes: answers to stdout, remarks and errors to stderr, progress where somebody looks."""

import contextlib
import os
import sys
from typing import Any, ClassVar, Self

from punctum.cli.times import timecode
from punctum.errors import PunctumError


def print_out(text: str) -> None:
    """Print what was asked for."""
    if sys.stdout.isatty():  # a name must not steer the terminal
        text = "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)
    print(text, flush=True)


def say(text: str) -> None:
    """Print a remark."""
    with contextlib.suppress(OSError, ValueError):  # where nobody can be told, nobody is
        print(text, file=sys.stderr, flush=True)


def complain(error: PunctumError) -> None:
    """Print an error and its hint."""
    label = "error:"
    if sys.stderr.isatty() and not os.environ.get("NO_COLOR"):
        label = f"\033[31m{label}\033[0m"
    say(f"{label} {error.message}")
    if error.hint:
        say(f"\nhint: {error.hint}")


class Meter:
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
        """Show how far a reading is: its stage, and seconds of film done and in all."""
        if self.progress is None:
            return
        clock = f"{timecode(at.done_s)} of {timecode(at.total_s)}" if at.total_s > 1 else ""
        if at.stage != self.stage:
            for task in self.progress.task_ids:
                self.progress.remove_task(task)
            self.task = self.progress.add_task(at.stage, total=max(at.total_s, 1e-3), at=clock)
            self.stage = at.stage
        self.progress.update(self.task, completed=at.done_s, total=max(at.total_s, at.done_s, 1e-3), at=clock)

    def show_page(self, page: Any) -> None:
        """Say where the first page is, while the rest is being read."""
        if self.progress is not None:
            say(f"a first page, provisional: {page}")
