"""Read many films: the same function for one process, a pool of them, or a cluster's ``map``."""

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from punctum.errors import BundleBusy, PunctumError, quoted

FILM_ENDINGS = frozenset(
    f".{name}"
    for name in (
        "3gp", "asf", "avi", "divx", "flv", "m2ts", "m2v", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "mxf",
        "ogm", "ogv", "ts", "vob", "webm", "wmv",
    )
)  # fmt: skip
"""Endings of files in a folder that are taken for films; a file that is named is read whatever its ending."""


class Result(NamedTuple):
    """What became of a film: its bundle, or why there is none; whether nothing had to be done."""

    film: str
    bundle: str = ""
    already: bool = False
    error: str = ""
    hint: str = ""
    exit_code: int = 0


class Errand(NamedTuple):
    """One film to read: its address, where its bundle goes ("": beside it), and the options of ``read_film``.

    ``patience_s``: how long to wait where another process holds the reading.
    """

    film: str
    out: str
    options: dict[str, Any]
    patience_s: float = 0.0


def films_below(addresses: Iterable[str | Path]) -> list[str]:
    """List films: those named, and those in the folders named, at every depth, each once, in order.

    Examples
    --------
    >>> films_below(["a.mkv", "b.mp4", "a.mkv"])
    ['a.mkv', 'b.mp4']
    """
    found: dict[str, None] = {}
    for address in addresses:
        path = Path(address)
        if not path.is_dir():
            found[str(address)] = None
            continue
        for file in sorted(path.rglob("*")):
            inside = any(part.endswith((".punctum", ".reading")) for part in file.parts)
            if file.suffix.lower() in FILM_ENDINGS and not inside and file.is_file():
                found[str(file)] = None
    return list(found)


def read_library(
    films: Iterable[str | Path],
    run: Callable[[Callable[[Errand], Result], Iterable[Errand]], Iterable[Result]] = map,
    into: str | Path = "",
    **options: Any,
) -> Iterator[Result]:
    """Read many films into bundles; one that cannot be read is told, and the rest go on.

    Parameters
    ----------
    films : iterable of path
        films, and folders of films
    run : callable
        as the built-in ``map``: a process pool's ``map`` or ``imap``, or a cluster's
    into : path
        the folder that receives the bundles; "" puts each beside its film
    **options
        as `pipeline.read_film` takes them

    Yields
    ------
    Result
        in the order in which ``run`` gives them; films read before are answered at once
    """
    from punctum.bundle import place_beside

    named: dict[str, str] = {}
    errands: list[Errand] = []
    clashes: list[Result] = []
    for film in films_below(films):
        out = str(Path(into) / place_beside(film).name) if into else str(place_beside(film))
        if out in named:
            text = f"its bundle would be that of {quoted(named[out])}"
            clashes.append(Result(film, "", False, text, "give one of the two files another name", 1))
            continue
        named[out] = film
        errands.append(Errand(film, out, options))
    yield from clashes
    yield from run(read_one, errands)


def read_one(errand: Errand) -> Result:
    """Read one film; whatever goes wrong comes back as a result, so that it survives another process."""
    from punctum.pipeline import read_film

    until = time.monotonic() + errand.patience_s
    while True:
        try:
            outcome = read_film(errand.film, out=errand.out or None, **errand.options)
        except BundleBusy as error:
            if time.monotonic() < until:
                time.sleep(1.0)
                continue
            return Result(errand.film, "", False, error.message, error.hint, error.exit_code)
        except PunctumError as error:
            return Result(errand.film, "", False, error.message, error.hint, error.exit_code)
        except Exception as error:  # one film's bug must not end the night
            said = f"{type(error).__name__}: {error}"
            return Result(errand.film, "", False, said, "this is a bug: please report it", 3)
        return Result(errand.film, str(outcome.folder), outcome.already)
