"""One claim held against the film: what was measured, whether it holds, what stands beside it.

Conventions: values are in the measure's unit. A claim at its very limit, within the measure's known error, holds or
fails as it stands, and the finding says so (``close``).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from punctum.errors import PunctumError
from punctum.essay.evidence import Evidence, Place
from punctum.essay.expected import Expected
from punctum.essay.footage import Footage, Span, SpanUnknown
from punctum.essay.measures import MEASURES, UNITS, Measure, own_measure, to_unit
from punctum.essay.ranking import Lay, NoRank, rank_in_film, rank_in_library, rank_in_population
from punctum.essay.writing import Essay
from punctum.tables import known_errors

STATES = ("holds", "fails", "unknown", "unread")
"""Unknown: cannot be checked; unread: looks like a claim and cannot be understood."""


@dataclass(frozen=True)
class Finding:
    """What became of one piece of evidence, or of what looks like one.

    ``said`` is what the claim says, ``measured`` what was measured, in words; ``why`` a sentence; ``where`` the span to
    look at, as ``film@1:02-1:20``; ``frame`` one to show. ``lies`` are where the value lies among others, as sentences.
    """

    place: Place
    state: str
    text: str
    why: str
    hint: str = ""
    number: int = 0
    kind: str = ""
    film: str = ""
    span: str = ""
    measure: str = ""
    said: str = ""
    value: float | None = None
    unit: str = ""
    measured: str = ""
    meaning: str = ""
    where: str = ""
    start_s: float | None = None
    end_s: float | None = None
    frame: int | None = None
    baseline: str = ""
    percentile: float | None = None
    chance: float | None = None
    error: float | None = None
    close: bool = False
    provisional: bool = False
    lies: tuple[str, ...] = ()


@dataclass
class Ground:
    """What claims are checked against."""

    films: Mapping[str, Footage | PunctumError]
    library: Callable[[str, str, str], list[float]] | None
    errors: Mapping[str, Any] = field(default_factory=known_errors)


def judge(evidence: Evidence, essay: Essay, ground: Ground) -> Finding:
    """Hold one piece of evidence against its film."""
    blank = Finding(
        evidence.place, "unknown", evidence.text, "", number=evidence.number, kind=evidence.kind, film=evidence.film,
        span=evidence.span, measure=evidence.measure, said=evidence.said,
    )  # fmt: skip
    footage = open_footage(evidence.film, essay, ground)
    if isinstance(footage, tuple):
        return replace(blank, why=footage[0], hint=footage[1])
    if evidence.kind == "seen":
        return _check_seen(blank, footage, evidence)
    try:
        span = footage.span(evidence.span)
    except SpanUnknown as unknown:
        return replace(blank, why=unknown.text, hint=perhaps(unknown.near))
    measure = find_measure(evidence.measure, footage)
    if measure is None:
        near = get_close_matches(evidence.measure, list(MEASURES), 3, 0.5)
        return replace(blank, why=f"there is no measure `{evidence.measure}`", hint=perhaps(near))
    if trouble := _wrong_who(measure, evidence.who, footage):
        return replace(blank, why=trouble[0], hint=trouble[1])
    value, row, why = value_of(measure, span, evidence.who)
    blank = replace(
        blank, unit=measure.unit, meaning=measure.meaning, start_s=span.start_s, end_s=span.end_s,
        where=_where(evidence.film, span), frame=_frame(footage, span, row), provisional=_is_provisional(row, footage),
        error=_error_of(measure, ground),
    )  # fmt: skip
    if value is None:
        return replace(blank, why=why, hint=_likely(measure))
    blank = replace(
        blank, value=value, measured=measure.write(value), **_beside(measure, span, value, row, evidence.who)
    )
    if evidence.expected is None:
        return replace(blank, state="holds", why=f"{measure.words}: {measure.write(value)}")
    return _hold(blank, evidence, evidence.expected, measure, span, value, essay, ground)


def _hold(
    blank: Finding,
    evidence: Evidence,
    expected: Expected,
    measure: Measure,
    span: Span,
    value: float,
    essay: Essay,
    ground: Ground,
) -> Finding:
    """Hold the value against what the claim says."""
    error = blank.error or 0.0
    if evidence.than is not None:
        try:
            theirs, called = _other(evidence, measure, span, essay, ground)
        except NoRank as none:
            return replace(blank, why=str(none), hint=none.hint)
        held = _compare(value, theirs, expected, measure)
        if isinstance(held, str):
            return replace(blank, why=held, hint=_units_hint(measure))
        said, compared = held
        state = _state(compared, expected, 1.0, measure)
        why = f"{measure.words}: {measure.write(value)}, {called} {measure.write(theirs)}"
        close = state == "holds" and not expected.against and abs(value - theirs) <= error and value != theirs
        lies = (f"{called[:1].upper()}{called[1:]}: {measure.write(theirs)}.", *blank.lies)
        return replace(blank, state=state, why=_say(state, why, said), close=close, lies=lies)
    if expected.percentile:
        try:
            lay = _rank(evidence, measure, span, value, ground)
        except NoRank as none:
            return replace(blank, why=str(none), hint=none.hint)
        state = _state(lay.percentile, expected, 1.0, None)
        why = f"{measure.words}: {measure.write(value)}, {lay.sentence}"
        return replace(
            blank, state=state, why=_say(state, why, evidence.said), percentile=lay.percentile, baseline=lay.among,
            lies=(f"{lay.sentence[:1].upper()}{lay.sentence[1:]}.", *blank.lies),
        )  # fmt: skip
    scale = to_unit(1.0, expected.unit, measure)
    if scale is None:
        return replace(
            blank, state="unread", why=f"`{measure.name}` is not measured in {expected.unit}", hint=_units_hint(measure)
        )
    # shares are written as 0.77 or as 77 %: a bare figure above 1 would be neither
    if measure.unit == "share" and not expected.unit and (expected.middle or 0) > 1:
        return replace(blank, state="unread", why=f"`{evidence.said}` is no share", hint=f'is="{evidence.said} %"')
    state = _state(value, expected, scale, measure)
    limits = [limit * scale for limit in (expected.low, expected.high) if math.isfinite(limit)]
    exact = measure.unit == "count" or expected.kind == "number"
    close = state == "holds" and not exact and any(abs(value - limit) <= error for limit in limits) and error > 0
    return replace(
        blank, state=state, why=_say(state, f"{measure.words}: {measure.write(value)}", evidence.said), close=close
    )


def _state(value: float, expected: Expected, scale: float, measure: Measure | None) -> str:
    """Whether a value lies within what is expected; counts must be met exactly."""
    if expected.kind == "number" and measure is not None and measure.unit == "count" and not expected.against:
        return "holds" if abs(value - (expected.middle or 0.0) * scale) < 1e-9 else "fails"
    slack = 1e-9 * max(1.0, abs(value))
    low, high = expected.low * scale, expected.high * scale
    above = value > low + slack if expected.low_open else value >= low - slack
    below = value < high - slack if expected.high_open else value <= high + slack
    return "holds" if above and below else "fails"


def _say(state: str, measured: str, said: str) -> str:
    return measured if state == "holds" else f"{measured}, not {said}"


def _compare(value: float, theirs: float, expected: Expected, measure: Measure) -> tuple[str, float] | str:
    """The figure that a comparison speaks of: the ratio, or the difference in the unit that was written."""
    if expected.against == "times":
        if theirs <= 0 or value < 0:
            return f"`{measure.name}` is not above zero in both: no ratio can be taken"
        if measure.unit in ("LUFS", "dB", "LU"):
            return f"`{measure.name}` is a level: a ratio says nothing of it"
        return f"{_open(expected)} ×", value / theirs
    # levels differ by LU and dB
    level = measure.unit in ("LUFS", "dB") and expected.unit in ("LU", "dB")
    scale = 1.0 if level else to_unit(1.0, expected.unit, measure)
    if scale is None:
        return f"`{measure.name}` is not measured in {expected.unit}"
    difference = (value - theirs) / scale
    if expected.against:
        unit = f" {expected.unit}" if expected.unit else ""
        said = f"{_open(expected)}{unit} {expected.against}"
        return said, difference if expected.against == "more" else -difference
    if expected.sign == "=" and measure.unit != "count":
        # alike is what is written alike
        same = measure.write(value) == measure.write(theirs)
        return "the same", 0.0 if same else difference or 1.0
    words = {">": "more", "<": "less", ">=": "at least as much", "<=": "at most as much"}
    return words.get(expected.sign, "the same"), difference


def _open(expected: Expected) -> str:
    if expected.kind == "tolerance":
        return f"{expected.middle:g} ± {expected.high - (expected.middle or 0):g}"
    if expected.kind == "range":
        return f"{expected.low:g} to {expected.high:g}"
    return f"{expected.sign} {expected.middle:g}".strip()


def _other(evidence: Evidence, measure: Measure, span: Span, essay: Essay, ground: Ground) -> tuple[float, str]:
    """The value that a claim compares with, and what it is called; raises NoRank where there is none."""
    assert evidence.than is not None
    key, words = evidence.than
    if not key and words in essay.head.films and words != evidence.film:
        key, words = words, "film"
    key = key or evidence.film
    footage = open_footage(key, essay, ground)
    if isinstance(footage, tuple):
        raise NoRank(*footage)
    same = footage is span.footage
    try:
        other = footage.span(words, span if same else None)
    except SpanUnknown as unknown:
        near = (*unknown.near, *get_close_matches(words, list(essay.head.films), 2, 0.5))
        raise NoRank(unknown.text, perhaps(near)) from None
    if same and (other.start_s, other.end_s) == (span.start_s, span.end_s):
        raise NoRank(f"`{words}` is the same span", "compare with another one")
    value, _, why = value_of(measure, other, evidence.who)
    if value is None:
        raise NoRank(f"in `{words}`: {why}")
    where = f"the {other.words}" if other.words in ("film", "ending", "titles", "credits") else other.words
    if same:
        return value, where if other.beside is not None else f"in {where}"
    title = title_of(key, footage, essay)
    return value, f"in {title}" if other.is_film else f"in {title}, {other.words},"


def title_of(key: str, footage: Footage, essay: Essay) -> str:
    """What an essay calls a film."""
    entry = essay.head.films.get(key)
    return (entry.title if entry else "") or footage.film.title or key


def _rank(evidence: Evidence, measure: Measure, span: Span, value: float, ground: Ground) -> Lay:
    among = evidence.among or ("population" if span.is_film else "film")
    if among == "population":
        return rank_in_population(measure, span, value)
    if among == "library":
        if ground.library is None:
            raise NoRank("no library is at hand", "`--in DIR` names the folder with the other films")
        return rank_in_library(measure, span, value, ground.library(measure.name, evidence.span, evidence.who))
    return rank_in_film(measure, span, value, evidence.who)


def find_measure(name: str, footage: Footage) -> Measure | None:
    """A measure by its name: one of the table, or one that only this film's readings have."""
    found = MEASURES.get(name)
    if found is not None:
        return found
    for span in ("film", "ending"):
        row = footage.readings.get((span, name))
        if row is not None:
            return own_measure(name, str(row["unit"] or ""))
    return None


def value_of(measure: Measure, span: Span, who: str = "") -> tuple[float | None, Mapping[str, Any] | None, str]:
    """A measure over a span: its value, the reading it comes from, and why there is none.

    Returns
    -------
    value : float or None
    row : mapping or None
        of ``readings``
    why : str
        a sentence where there is no value
    """
    place = 0 if span.is_film else 1 if span.words == "ending" else -1
    row = None
    if place >= 0 and measure.rows[place] and not measure.who:
        row = span.footage.readings.get((("film", "ending")[place], measure.rows[place]))
        if row is not None and (row["value"] is not None or measure.work is None):
            value = row["value"]
            return (None if value is None else float(value)), row, str(row["statement"]).rstrip(".")
    if measure.work is None:
        whole, last = measure.rows
        where = "the whole film" if whole and place != 0 else "the ending" if last and place != 1 else ""
        if where:
            return None, None, f"`{measure.name}` is known of {where} only"
        return None, None, f"the film has no `{measure.name}`"
    value = measure.work(span, who)
    why = str(row["statement"]).rstrip(".") if row is not None else f"`{measure.name}` was not measured there"
    return value, None, "" if value is not None else why


def _beside(measure: Measure, span: Span, value: float, row: Mapping[str, Any] | None, who: str) -> dict[str, Any]:
    """What stands beside a figure: baseline, percentile and chance where a reading has them, else the film's own."""
    lies: list[str] = []
    beside: dict[str, Any] = {}
    if row is not None:
        if row["baseline_value"] is not None:
            beside["baseline"] = f"{row['baseline']}: {measure.write(float(row['baseline_value']))}"
        if row["percentile"] is not None:
            beside["percentile"] = float(row["percentile"])
        if row["chance"] is not None:
            beside["chance"] = float(row["chance"])
        lies.append(str(row["statement"]))
    if "baseline" not in beside and not span.is_film and measure.work is not None and measure.unit != "count":
        whole, _, _ = value_of(measure, span.footage.span("film"), who)
        if whole is not None and whole != value:
            beside["baseline"] = f"the film: {measure.write(whole)}"
    return {**beside, "lies": tuple(lies)}


def _check_seen(blank: Finding, footage: Footage, evidence: Evidence) -> Finding:
    try:
        start_s, end_s = footage.moment(evidence.at)
    except SpanUnknown as unknown:
        return replace(blank, why=unknown.text, hint=perhaps(unknown.near))
    middle_s = (start_s + end_s) / 2
    return replace(
        blank, state="holds", why="seen by the writer, bound to its frame", start_s=start_s, end_s=end_s,
        frame=footage.frame_at(middle_s), where=f"{evidence.film}@{evidence.at}",
    )  # fmt: skip


def open_footage(key: str, essay: Essay, ground: Ground) -> Footage | tuple[str, str]:
    """A film by its key; why there is none, and a hint."""
    found = ground.films.get(key)
    if found is None:
        near = get_close_matches(key, list(essay.head.films), 3, 0.4)
        return f"the head names no film `{key}`", perhaps(near)
    if isinstance(found, PunctumError):
        return f"the film `{key}`: {found}", found.hint
    return found


def _wrong_who(measure: Measure, who: str, footage: Footage) -> tuple[str, str] | None:
    names = footage.table("characters")["name"].to_list()
    if measure.who and not who:
        return f"`{measure.name}` needs a character", f'who="{names[0]}"' if names else ""
    if who and not measure.who:
        return f"`{measure.name}` is nobody's", "`who` goes with character_on_screen_s and character_share"
    if who and who.lower() not in [str(name).lower() for name in names]:
        near = get_close_matches(who, [str(name) for name in names], 3, 0.3) or [str(name) for name in names[:6]]
        return f"the film has no character `{who}`", perhaps(near)
    return None


def _error_of(measure: Measure, ground: Ground) -> float | None:
    for name in (f"readings.{measure.rows[0]}", f"readings.{measure.rows[1]}", f"readings.{measure.name}"):
        known = ground.errors.get(name)
        if known is not None and known.error is not None:
            return float(known.error)
    return None


def _is_provisional(row: Mapping[str, Any] | None, footage: Footage) -> bool:
    return bool(row["provisional"]) if row is not None else footage.rough


def _frame(footage: Footage, span: Span, row: Mapping[str, Any] | None) -> int:
    """A frame to show: the middle of what a reading speaks of, or of the span; of the film, its first picture."""
    start_s, end_s = span.start_s, span.end_s
    if row is not None and row["start_s"] is not None and row["end_s"] is not None:
        start_s, end_s = float(row["start_s"]), float(row["end_s"])
    first = footage.cut.pictured
    if end_s - start_s >= footage.cut.end_s - 1e-6 and first.height:
        stills = first["stills"][0]
        return int(stills[0]) if stills is not None and len(stills) else int(first["start_frame"][0])
    return footage.frame_at((start_s + end_s) / 2)


def _where(film: str, span: Span) -> str:
    return f"{film}@{span.words}" if span.is_film else f"{film}@{span.clocked.replace('–', '-')}"


def _likely(measure: Measure) -> str:
    near = [name for name in get_close_matches(measure.name, list(MEASURES), 4, 0.5) if name != measure.name]
    return perhaps(near)


def perhaps(names: Sequence[str]) -> str:
    """Say which names might have been meant."""
    return "perhaps " + ", ".join(f"`{name}`" for name in names) if names else ""


def _units_hint(measure: Measure) -> str:
    if measure.unit == "count":
        return f"a plain number, or {measure.noun}"
    words = list(UNITS.get(measure.unit, {}))[:4]
    return "in " + ", ".join(words) if words else "a plain number"
