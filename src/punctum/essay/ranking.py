"""Where a value lies among others: of the film's other stretches, of other films, of the population.

Conventions: percentiles are shares below the value, equal ones halved, 0 to 100, and name what they are of.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from punctum.essay.footage import Span
from punctum.essay.measures import Measure
from punctum.reading.population import LEAST_MINUTES, find_percentile, name_population
from punctum.reading.row import share_below
from punctum.reading.sentences import write_rank

LEAST_AMONG = 10
"""Among fewer a percentile says nothing."""

LEAST_FILMS = 20
MOST_STRETCHES = 200
"""A film is gone through in at most so many stretches, evenly apart."""


class Lay(NamedTuple):
    """Where a value lies: its percentile, what it is of, and the same as a sentence without its stop."""

    percentile: float
    among: str
    sentence: str


class NoRank(Exception):
    """It cannot be said where the value lies; ``hint`` says what would help."""

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.hint = hint


def rank_in_film(measure: Measure, span: Span, value: float, who: str = "") -> Lay:
    """Rank a span among the film's other scenes, shots, or stretches as long, those that it overlaps left out.

    Raises
    ------
    NoRank
        for the film itself, for too few others, and for what is no measure of a stretch
    """
    footage = span.footage
    if span.is_film:
        raise NoRank("a film has no place within itself", "of=library or of=population")
    if measure.work is None:
        raise NoRank(f"`{measure.name}` is known of the ending only", "of=library")
    kind = span.words.split()[0] if span.words.split()[0] in ("scene", "shot") else ""
    kind = kind or (
        span.words.split()[-1] if span.words in ("first scene", "last scene", "first shot", "last shot") else ""
    )
    if kind:
        rows = footage.cut.scenes if kind == "scene" else footage.cut.pictured
        spans = [(float(a), float(b)) for a, b in rows.select("start_s", "end_s").iter_rows()]
        called = f"the film's other {kind}s"
    else:
        width_s = span.end_s - span.start_s
        room_s = footage.cut.end_s - width_s
        step_s = max(width_s / 10, room_s / MOST_STRETCHES) if room_s > 0 else 1.0
        starts = np.arange(0.0, max(room_s, 0.0) + 1e-6, step_s)
        spans = [(float(start), float(start) + width_s) for start in starts]
        called = "the film's other stretches as long"
    key = (measure.name, span.start_s, span.end_s, who)
    if key not in footage.ranked:
        apart = [(a, b) for a, b in spans if b <= span.start_s + 1e-6 or a >= span.end_s - 1e-6]
        values = (measure.work(Span(footage, f"{a}-{b}", a, b), who) for a, b in apart)
        footage.ranked[key] = [value for value in values if value is not None]
    others = footage.ranked[key]
    return _lay(measure, value, others, called, LEAST_AMONG, "compare with `than` instead")


def rank_in_library(measure: Measure, span: Span, value: float, others: list[float]) -> Lay:
    """Rank a film's span among the same span of a library's other films.

    Raises
    ------
    NoRank
        where they are too few
    """
    what = "other films" if span.is_film else f"other films' {span.words}s"
    return _lay(measure, value, others, f"the library's {what}", LEAST_FILMS, "more films, or `than` and one of them")


def rank_in_population(measure: Measure, span: Span, value: float) -> Lay:
    """Rank a film among the population of films.

    Raises
    ------
    NoRank
        for spans and measures that the population does not have, and for films under 40 minutes
    """
    if not measure.population:
        raise NoRank(f"the population has no `{measure.name}`", "of=film or of=library")
    if not span.is_film and not (measure.name == "last_shot_s" and span.words == "ending"):
        raise NoRank("the population is known by whole films", "span=film, or of=film")
    if span.footage.film.duration_s < LEAST_MINUTES * 60:
        raise NoRank(f"the population is of films of {LEAST_MINUTES:.0f} minutes and more", "of=library, or `than`")
    percentile = find_percentile(measure.population, value)
    name = name_population()
    return Lay(percentile, name, write_rank(percentile, f"{measure.more} than in", f"{measure.less} than in", name))


def _lay(measure: Measure, value: float, others: list[float], called: str, least: int, hint: str) -> Lay:
    if len(others) < least:
        raise NoRank(f"only {len(others)} of {called} have the measure, and it takes {least}", hint)
    percentile = 100 * share_below(value, pl.Series(others, dtype=pl.Float64))
    return Lay(percentile, called, write_rank(percentile, f"{measure.more} than", f"{measure.less} than", called))
