"""The sample films: drawn, encoded, read."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from punctum import media
from punctum.bundle import writing
from punctum.demo import PROCESSION_STAGING, RATE_HZ, Drawing, Staging, draw_windscreen
from punctum.demo.others import thirty
from punctum.pipeline.onepass import Progress, Report
from punctum.pipeline.reading import Outcome, read_film

ENCODING = {
    "preset": "ultrafast",
    "crf": "20.5",
    "g": "48",
    "x264-params": "mbtree=1:rc-lookahead=10:cabac=1:deblock=0,0:aq-mode=1",
}
"""What ``ultrafast`` lacks most on a grainy film is the macroblock tree, adaptive quantisers and the arithmetic coder:
with them the file is a fifth larger than by ``superfast``, for half of its time."""


def make_demo(folder: Path, staging: Staging | None = None, report: Report = lambda _: None) -> Outcome:
    """Draw *Windscreen* into a folder, with its truth beside it, and read it.

    Parameters
    ----------
    folder : Path
        receives ``windscreen.mp4``, ``windscreen.json`` and ``windscreen.punctum``
    staging : Staging, optional
        how it is drawn
    report : callable
        told of the progress

    Raises
    ------
    OutputUnwritable
        where the folder cannot be written to
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    drawing = draw_windscreen(staging or Staging())
    film = folder / "windscreen.mp4"
    _write(film, drawing, 2, report)
    media.write_text(film.with_suffix(".json"), json.dumps(drawing.truth, indent=1))
    return read_film(film, report=report)


class Errand(NamedTuple):
    """A film to draw, and where to."""

    staging: Staging
    film: str


def echo_films(smaller: int = 1) -> tuple[Staging, ...]:
    """Return the films of the demonstration of echoes: *Windscreen*, *Procession*, thirty that are none.

    Parameters
    ----------
    smaller : int
        draw *Windscreen* and *Procession* so many times smaller, across and down

    Examples
    --------
    >>> [film.title for film in echo_films()[:2]], len(echo_films())
    (['Windscreen', 'Procession'], 32)
    """
    two = [
        replace(one, width_px=one.width_px // smaller // 2 * 2, height_px=one.height_px // smaller // 2 * 2)
        for one in (Staging(), PROCESSION_STAGING)
    ]
    return (*two, *thirty())


def place_film(folder: Path, staging: Staging) -> Path:
    """Return where a film of a folder is drawn to.

    Examples
    --------
    >>> place_film(Path("films"), Staging()).name
    'windscreen-2024.mp4'
    """
    return folder / f"{'-'.join(staging.title.lower().split())}-{staging.year}.mp4"


def draw_films(
    folder: Path,
    stagings: Iterable[Staging],
    run: Callable[[Callable[[Errand], str], Iterable[Errand]], Iterable[str]] = map,
    report: Report = lambda _: None,
) -> list[Path]:
    """Draw films into a folder, each with its truth beside it and its title and year in its tags.

    Parameters
    ----------
    folder : Path
        receives them, named by title and year; what was drawn there as it is now asked for is left as it is
    stagings : iterable of Staging
        the films
    run : callable
        as the built-in ``map``: a process pool's, so that several are drawn at once
    report : callable
        told of the progress, in seconds of film

    Returns
    -------
    list of Path
        the films, in order

    Raises
    ------
    OutputUnwritable
        where the folder cannot be written to
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    errands = [Errand(one, str(place_film(folder, one))) for one in stagings]
    lengths = {errand.film: sum(plan.length_s for plan in errand.staging.shots) for errand in errands}
    waiting = [errand for errand in errands if not is_drawn(errand)]
    total_s, done_s = sum(lengths[errand.film] for errand in waiting), 0.0
    report(Progress("drawing", 0.0, total_s))
    for film in run(draw_film, waiting):
        done_s += lengths[film]
        report(Progress("drawing", done_s, total_s))
    return [Path(errand.film) for errand in errands]


def is_drawn(errand: Errand) -> bool:
    """Return whether a film lies there, drawn as it is asked for."""
    film = Path(errand.film)
    try:
        told = json.loads(film.with_suffix(".json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    wanted = json.loads(json.dumps(Drawing(errand.staging).told))
    return film.is_file() and isinstance(told, dict) and told.get("staging") == wanted["staging"]


def draw_film(errand: Errand) -> str:
    """Draw one film and its truth; the truth is written last, so that it vouches for the film."""
    film = Path(errand.film)
    drawing = Drawing(errand.staging)
    half = film.with_name(f"{film.stem}.drawing.mp4")
    _write(half, drawing, 1, lambda _: None, {"title": errand.staging.title, "date": str(errand.staging.year)})
    with writing(film):
        half.replace(film)
    media.write_text(film.with_suffix(".json"), json.dumps(drawing.told, indent=1))
    return errand.film


def _write(film: Path, drawing: Drawing, workers: int, report: Report, tags: dict[str, str] | None = None) -> None:
    fps = drawing.staging.fps
    total_s = drawing.frame_count / fps

    def frames() -> Iterator[NDArray[np.uint8]]:
        for number, frame in enumerate(drawing.frames(workers)):
            report(Progress("drawing", number / fps, total_s))
            yield frame

    sound = drawing.sound
    media.write_film(film, frames(), fps=fps, sound=sound, sample_rate_hz=RATE_HZ, options=ENCODING, tags=tags)
