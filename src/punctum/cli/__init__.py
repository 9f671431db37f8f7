"""Words typed -> one function called -> one line printed.

What was asked for goes to stdout; progress, remarks and errors to stderr. Exit codes: 0 done, 1 you can
mend it, 2 usage, 3 our fault (the log's place is printed), 130 interrupted. Rooms are imported when a
command needs them, so that ``punctum --help`` is instant.
"""

import contextlib
import errno
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Sequence
from typing import NoReturn

from punctum import __version__
from punctum.cli.parser import build_parser
from punctum.cli.telling import Meter, complain, say
from punctum.cli.typed import Command
from punctum.errors import PunctumError, quoted

__all__ = ["main", "run"]

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
        asked = build_parser().parse_args(words)
        command: Command = asked.command
        return command(asked)
    except SystemExit as leaving:  # --help and --version
        return leaving.code if isinstance(leaving.code, int) else 2
    except PunctumError as error:
        complain(error)
        return error.exit_code
    except KeyboardInterrupt:
        say(_STOPPED)
        return 130
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123  whoever read our output has left
        return 0
    except MemoryError:
        complain(PunctumError("there is not enough memory for this", "close other programs and try again"))
        return 1
    except OSError as error:
        if error.errno not in _THE_COMPUTERS:
            return _own_fault()
        where = f" at {quoted(error.filename)}" if error.filename else ""
        complain(
            PunctumError(f"the computer says{where}: {error.strerror}", "mend that and run the same command again")
        )
        return 1
    except BaseException:  # the rim: nothing else may show a traceback, not even what polars calls a panic
        return _own_fault()


def _stop(*_: object) -> NoReturn:
    """End at once, whatever is under way.

    An exception would do harm: raised within OpenCV or polars it ends in a crash or a panic. Nothing on disk
    needs tidying up: a reading survives being killed at any moment.
    """
    for meter in Meter.shown:
        with contextlib.suppress(Exception):
            meter.progress.stop()
    with contextlib.suppress(OSError):
        os.write(2, f"{_STOPPED}\n".encode())
    os._exit(130)


def _own_fault() -> int:
    text = f"punctum {__version__}, Python {sys.version}\n{traceback.format_exc()}"
    try:
        with tempfile.NamedTemporaryFile("w", prefix="punctum-", suffix=".log", delete=False, encoding="utf-8") as log:
            log.write(text.encode("utf-8", "backslashreplace").decode())
        hint = f"please report it with {log.name}"
    except OSError:
        hint = f"please report it: {text.strip().splitlines()[-1]}"
    say(f"error: this is a fault of Punctum's own\n\nhint: {hint}")
    return 3
