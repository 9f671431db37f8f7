"""Rows of `readings` as figures of the page, whatever they are called.

Conventions: a reading speaks of ``film``, of ``ending`` or of ``shot N``; rows keep the table's order, best first. What
a figure belongs to (cutting, sound, picture) follows from its unit and the words of its name, so that a measure that is
added tomorrow finds its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from punctum.draw import percentile_rule
from punctum.film import Bundle
from punctum.report.sentences import explain, figure, keep_units, measure_name, plain, rank_words
from punctum.tables import Known

_SOUND_UNITS = ("LUFS", "LU", "LKFS", "dB", "dBTP", "dBFS")
_SOUND_WORDS = {"loudness", "sound", "silence", "level", "speech", "singing", "music", "beat"}
_SPOKEN_WORDS = {"words", "dialogue", "wordless"}
_CUTTING_WORDS = {"shot", "shots", "cut", "cuts", "cutting", "dissolve", "dissolves", "fade", "fades", "wipe", "wipes"}
_CUTTING_WORDS |= {"length", "lengths", "quartile", "mean", "median", "autocorrelation", "dominance", "shift"}

_PEOPLE_WORDS = {"face", "faces", "character", "scale", "contact", "approach", "withdrawal", "frame"}
_PEOPLE_WORDS |= {"reverse", "intensify", "opposition"}

SUBJECTS = (
    ("cutting", "Cutting"),
    ("people", "People and framing"),
    ("picture", "Light, colour, motion"),
    ("sound", "Sound"),
    ("words", "Words"),
)
"""What figures are grouped under."""


@dataclass(frozen=True)
class Figure:
    """One reading, ready to be shown.

    ``lies`` is the drawing of where it lies in a population, "" without one; ``frame`` is where its span begins,
    ``end_frame`` where it ends, None where the row does not say.
    """

    name: str
    value: str
    statement: str
    explanation: str
    subject: str
    span: str
    frame: int | None
    end_frame: int | None
    start_s: float
    baseline: str
    lies: Markup
    rank: str
    provisional: bool
    measured: bool


def ending_figures(bundle: Bundle, known_errors: Mapping[str, Known]) -> list[Figure]:
    """Readings of the ending, best first; what could not be measured comes last."""
    figures = [
        _figure(row, known_errors) for row in bundle.readings.iter_rows(named=True) if _span(row).startswith("ending")
    ]
    return sorted(figures, key=lambda figure: (not figure.measured, not figure.statement))


def film_figures(bundle: Bundle, known_errors: Mapping[str, Known]) -> list[tuple[str, str, list[Figure]]]:
    """Readings of the whole film as (subject, heading, figures); a subject without figures is left out."""
    figures = [
        _figure(row, known_errors)
        for row in bundle.readings.iter_rows(named=True)
        if not _span(row).startswith(("ending", "shot"))
    ]
    grouped = [(subject, heading, [f for f in figures if f.subject == subject]) for subject, heading in SUBJECTS]
    return [group for group in grouped if group[2]]


def shot_figures(bundle: Bundle, known_errors: Mapping[str, Known]) -> list[Figure]:
    """Readings of single shots, in the table's order."""
    return [
        _figure(row, known_errors) for row in bundle.readings.iter_rows(named=True) if _span(row).startswith("shot")
    ]


def _span(row: Mapping[str, Any]) -> str:
    return row["span"] or "film"


def _subject(measure: str, unit: str) -> str:
    words = set(measure.split("_"))
    if words & _SPOKEN_WORDS:
        return "words"
    if words & _PEOPLE_WORDS:
        return "people"
    if unit in _SOUND_UNITS or words & _SOUND_WORDS:
        return "sound"
    return "cutting" if words & _CUTTING_WORDS else "picture"


def _figure(row: Mapping[str, Any], known_errors: Mapping[str, Known]) -> Figure:
    measure = row["measure"] or ""
    unit = plain(row["unit"] or "")
    clean = {**row, "measure": measure, "unit": unit}
    percentile = row["percentile"]
    return Figure(
        name=measure_name(measure),
        value=figure(row["value"], unit, measure),
        statement=keep_units(plain(row["statement"] or "")),
        explanation=explain(clean, known_errors),
        subject=_subject(measure, unit),
        span=plain(_span(row)),
        frame=row["start_frame"],
        end_frame=row["end_frame"],
        start_s=row["start_s"] or 0.0,
        baseline=plain(row["baseline"] or ""),
        lies=percentile_rule(percentile, plain(row["baseline"] or "")) if percentile is not None else Markup(""),
        rank=rank_words(percentile),
        provisional=bool(row["provisional"]),
        measured=row["value"] is not None,
    )
