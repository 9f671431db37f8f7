"""How the film ends: the cutting, light, motion and sound of its last part, set beside the rest.

Conventions: until scenes are known the ending is the last tenth of the running time, credits included, and
every sentence says so. Rows have ``span`` "ending"; their frames are those the sentence speaks of (the last
shot's, the longest shot's, the whole ending's). A row without a baseline to lie far from counts as
`PLAIN_DEPARTURE`.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import polars as pl

from punctum.reading.chance import tail_chance
from punctum.reading.ground import ENDING_SHARE, Ground
from punctum.reading.lengths import Lengths, Tail, cliffs_d, describe_lengths, hodges_lehmann, measure_tail
from punctum.reading.montage import place, point_at
from punctum.reading.picture import missing
from punctum.reading.population import count_population
from punctum.reading.row import Row, score_rank, share_below
from punctum.reading.sentences import write_clock, write_count, write_duration, write_number, write_percent, write_rank
from punctum.reading.windows import Values, stand_among

LEAST_SHOTS = 20
LEAST_TAIL = 5
"""With fewer shots in the film or in the part nothing is said of how the part is cut."""

PLAIN_DEPARTURE = 1.5
"""How far out a row without a baseline counts: about one in fifteen."""

PARTS = ((0.05, "last_5", "last 5 %"), (ENDING_SHARE, "last_10", "last 10 %"))


class Light(NamedTuple):
    """A measure of the picture in the ending: its column, unit, the words for more and less, what a sentence calls it.

    ``least`` is the smallest difference that is worth a sentence: about the measure's own error.
    """

    name: str
    unit: str
    more: str
    less: str
    called: str
    decimals: int
    least: float


LIGHTS = (
    Light("brightness", "", "lighter", "darker", "brightness", 2, 0.02),
    Light("contrast", "", "higher in contrast", "lower in contrast", "contrast", 2, 0.01),
    Light("key", "", "higher in key", "lower in key", "key", 2, 0.05),
    Light("saturation", "", "more saturated", "less saturated", "saturation", 2, 0.01),
    Light("warmth", "", "warmer", "colder", "warmth", 3, 0.005),
    Light("motion_w_s", "widths/s", "more in motion", "stiller", "motion", 3, 0.005),
)


def ending_row(
    ground: Ground, measure: str, value: float | None, unit: str, statement: str, departure: float = 0.0
) -> Row:
    """Make a row that points at the whole ending."""
    return Row(
        "ending",
        measure,
        value,
        unit,
        statement,
        ground.ending_start_frame,
        ground.end_frame,
        ground.ending_start_s,
        ground.end_s,
        departure=departure,
    )


def read_ending_cutting(ground: Ground) -> list[Row]:
    """Give the ending's rows on its shots."""
    rows = [
        *_last_shot(ground),
        *_longest_shot(ground),
        *(row for share, name, called in PARTS for row in _part(ground, share, name, called)),
        *_against_rest(ground),
    ]
    return [row.rough(ground.any_rough) for row in rows]


def _last_shot(ground: Ground) -> list[Row]:
    whole = describe_lengths(ground.lengths_s)
    if whole is None:
        return [ending_row(ground, "last_shot_s", None, "s", "Not measured: no shots were found.")]
    lasting, last_s = write_duration(whole.last_s), whole.last_s
    row = ending_row(ground, "last_shot_s", last_s, "s", "")
    row = point_at(row, ground, whole.shot_count - 1)
    if whole.shot_count == 1:
        return [replace(row, statement=f"The film is a single shot of {lasting}.")]
    before = pl.Series(ground.lengths_s[:-1])
    below, median = share_below(last_s, before), write_duration(whole.median_s)
    few = whole.shot_count < LEAST_SHOTS
    # the shots found so far of a film read in part are no group to rank among
    rankable = ground.comparable and not few
    departure = score_rank(below, before.len()) if rankable else 0.0
    where = place(ground, "last_shot_s", last_s)
    if not ground.comparable:
        text = f"The last shot holds for {lasting}"
    elif last_s > whole.longest_s - 1e-9 and whole.longest_at == whole.shot_count - 1:
        text = f"The last shot holds for {lasting}, longer than any before it (film's median {median})"
    elif few:
        text = f"The last shot holds for {lasting} (film's median {median})"
    elif below == 0:
        text = f"The last shot lasts {lasting}, shorter than any before it (film's median {median})"
    elif below >= 0.5:
        text = f"The last shot holds for {lasting}, longer than {write_percent(below)} of those before it"
        text += f" (film's median {median})"
    else:
        text = f"The last shot lasts {lasting}, shorter than {write_percent(1 - below)} of those before it"
        text += f" (film's median {median})"
    row = replace(row, baseline="the shots before it", baseline_value=whole.median_s, departure=departure)
    if not ground.comparable:
        row = replace(row, baseline=None, baseline_value=None)
    if where.percentile is not None:
        more, less = "longer than the last shot of", "shorter than the last shot of"
        text += "; " + write_rank(where.percentile, more, less, str(where.films))
        row = replace(
            row,
            baseline=f"last shots of {where.films}",
            baseline_value=where.median,
            percentile=where.percentile,
            # last shots are long in most films: the population's rank says more, but for the longest of all
            departure=departure if below >= 1 else score_rank(where.percentile / 100, count_population()),
        )
    elif rankable:
        row = replace(row, percentile=100 * below)
    return [replace(row, statement=text + ".")]


def _longest_shot(ground: Ground) -> list[Row]:
    tail = measure_tail(ground.lengths_s, ENDING_SHARE)
    if tail is None:
        return []
    start_s = float(ground.pictured["start_s"][tail.longest_at])
    lasting = write_duration(tail.longest_s)
    if tail.longest_at == ground.lengths_s.size - 1:
        text = f"The longest shot of the last 10 % of the film is its last, {lasting}"
    else:
        text = f"The longest shot of the last 10 % of the film holds for {lasting}, from {write_clock(start_s)}"
    row = ending_row(ground, "ending_longest_shot_s", tail.longest_s, "s", "")
    row = point_at(row, ground, tail.longest_at)
    if ground.comparable and tail.first > 0:
        others = float(ground.lengths_s[: tail.first].max())
        row = replace(row, baseline="longest shot before the ending", baseline_value=others)
        if tail.longest_s > others:
            text += f", longer than any before the ending (longest there {write_duration(others)})"
        else:
            text += f" (longest before it {write_duration(others)})"
    where = place(ground, "last_10_longest_s", tail.longest_s)
    if where.percentile is not None:
        row = replace(
            row,
            baseline=f"longest shots in the last 10 % of {where.films}",
            baseline_value=where.median,
            percentile=where.percentile,
            departure=score_rank(where.percentile / 100, count_population()),
        )
        text += f"; {write_rank(where.percentile, 'longer than there in', 'shorter than there in', str(where.films))}"
    return [replace(row, statement=text + ".")]


def _span_tail(row: Row, ground: Ground, tail: Tail) -> Row:
    first = ground.pictured.row(tail.first, named=True)
    last = ground.pictured.row(ground.pictured.height - 1, named=True)
    return replace(
        row,
        start_frame=first["start_frame"],
        start_s=first["start_s"],
        end_frame=last["end_frame"],
        end_s=last["end_s"],
    )


def _part(ground: Ground, share: float, name: str, called: str) -> list[Row]:
    """The average shot length of the last part, beside the film's and beside the population's endings."""
    length, ratio = f"{name}_average_shot_length_s", f"{name}_length_ratio"
    whole, tail = describe_lengths(ground.lengths_s), measure_tail(ground.lengths_s, share)
    if whole is None or tail is None:
        text = "Not measured: no shots were found."
        return [ending_row(ground, length, None, "s", text), ending_row(ground, ratio, None, "", text)]
    average = write_duration(tail.average_s)
    row = _span_tail(ending_row(ground, length, tail.average_s, "s", ""), ground, tail)
    from_there = f"Over the {called} of the film, from {write_clock(row.start_s)}"
    shots = write_count(tail.shot_count, "shot")
    if whole.shot_count < LEAST_SHOTS or tail.shot_count < LEAST_TAIL:
        text = f"{from_there}, there {'is' if tail.shot_count == 1 else 'are'} {shots}: too few to say how it is cut."
        short = f"Too few shots to set the {called} beside the film."
        return [replace(row, statement=text), replace(row, measure=ratio, value=None, unit="", statement=short)]
    if not ground.comparable:
        text = f"{from_there}, a shot lasts {average} on average ({shots}); the rest is not read in full yet."
        short = f"The {called} cannot be set beside the film before the rest is read in full."
        return [replace(row, statement=text), replace(row, measure=ratio, value=None, unit="", statement=short)]
    chance = tail_chance(ground.lengths_s, share)
    text = f"{from_there}, a shot lasts {average} on average, against {write_duration(whole.average_s)} in the film"
    if chance is not None and not ground.any_rough:
        text += f"; by chance one would lie as far out {_odds(chance)}"
    first = replace(
        row,
        statement=text + ".",
        baseline="the film's average shot length",
        baseline_value=whole.average_s,
        chance=chance,
        departure=score_rank((chance if chance is not None else 1.0) / 2, 1 / share),
    )
    return [first, _ratio(ground, row, ratio, called, tail.average_s / whole.average_s)]


def _odds(chance: float) -> str:
    return "less than once in 100 times" if chance < 0.01 else f"{chance * 100:.0f} times in 100"


def _ratio(ground: Ground, row: Row, measure: str, called: str, ratio: float) -> Row:
    text = f"Shots of the {called} average {write_number(ratio, 2)} times the film's average shot length"
    made = replace(row, measure=measure, value=ratio, unit="")
    where = place(ground, measure.removesuffix("_length_ratio") + "_ratio", ratio)
    if where.percentile is not None:
        assert where.median is not None
        text += f", {write_rank(where.percentile, 'more than in', 'less than in', str(where.films))}"
        text += f" (median there {write_number(where.median, 2)})"
        made = replace(
            made,
            baseline=f"endings of {where.films}",
            baseline_value=where.median,
            percentile=where.percentile,
            departure=score_rank(where.percentile / 100, count_population()),
        )
    return replace(made, statement=text + ".")


def _against_rest(ground: Ground) -> list[Row]:
    """Cliff's d and Hodges-Lehmann's shift between the ending's shots and the others."""
    tail = measure_tail(ground.lengths_s, ENDING_SHARE)
    if tail is None or ground.lengths_s.size < LEAST_SHOTS or tail.shot_count < LEAST_TAIL or not ground.comparable:
        waits = tail is not None and not ground.comparable
        text = "Not known before the rest is read in full." if waits else "Too few shots to say."
        return [
            ending_row(ground, "ending_cliffs_d", None, "", text),
            ending_row(ground, "ending_length_shift_s", None, "s", text),
        ]
    ones, others = ground.lengths_s[tail.first :], ground.lengths_s[: tail.first]
    return [_span_tail(row, ground, tail) for row in (_dominance(ground, ones, others), _shift(ground, ones, others))]


REST = "the shots before the last 10 %, taken one by one"


def _dominance(ground: Ground, ones: Lengths, others: Lengths) -> Row:
    d = cliffs_d(ones, others)
    assert d is not None
    text = f"A shot from the last 10 % is longer than one from before it {50 + 50 * d.value:.0f} times in 100"
    text += f" (Cliff's d {write_number(d.value, 2)}, 95 % interval"
    text += f" {write_number(d.low, 2)} to {write_number(d.high, 2)})."
    return replace(ending_row(ground, "ending_cliffs_d", d.value, "", text), baseline=REST, baseline_value=0.0)


def _shift(ground: Ground, ones: Lengths, others: Lengths) -> Row:
    shift = hodges_lehmann(ones, others)
    assert shift is not None
    if abs(shift.value) < 0.05:
        text = "Shots of the last 10 % are as long as those before"
    else:
        word = "longer" if shift.value > 0 else "shorter"
        text = f"Shots of the last 10 % tend to be {write_duration(abs(shift.value))} {word} than those before"
    text += f" (Hodges-Lehmann, 95 % interval {write_number(shift.low, 1)} to {write_number(shift.high, 1)} s)."
    row = ending_row(ground, "ending_length_shift_s", shift.value, "s", text)
    return replace(row, baseline=REST, baseline_value=0.0)


def read_ending_picture(ground: Ground) -> list[Row]:
    """Give the ending's rows on light, colour and motion."""
    return [_light(ground, light).rough(ground.frames_rough) for light in LIGHTS]


def _light(ground: Ground, light: Light) -> Row:
    at_s, values = ground.second_values(light.name)
    measure = f"ending_{light.name}"
    if not values.size:
        return ending_row(ground, measure, None, light.unit, f"Not measured: {missing(ground, light.name)}.")
    return stand_ending(ground, measure, light, at_s, values, _median)


def _median(values: Values) -> float:
    return float(np.median(values))


def stand_ending(
    ground: Ground, measure: str, light: Light, at_s: Values, values: Values, summary: Callable[[Values], float]
) -> Row:
    """Set one measure of the ending beside the film's other stretches of that length, as a row."""
    among = stand_among(at_s, values, ground.ending_start_s, ground.end_s, summary)
    if among is None:
        return ending_row(ground, measure, None, light.unit, "The ending is too short to say.")
    row = ending_row(ground, measure, among.value, light.unit, "")
    film = summary(values)
    own, whole = write_number(among.value, light.decimals), write_number(film, light.decimals)
    if light.unit:
        own = f"{own} {light.unit}"
    figures = f"{light.called} {own}, the film's {whole}"
    row = replace(row, baseline="the film", baseline_value=film)
    if not among.others.len():
        return replace(row, statement=f"The last 10 % of the film: {figures}.")
    below = share_below(among.value, among.others)
    middle = among.others.median()
    assert isinstance(middle, float)
    row = replace(row, baseline="the film's other stretches of that length", baseline_value=middle)
    if abs(among.value - middle) < light.least:
        return replace(
            row, statement=f"The last 10 % of the film is like the rest in {light.called} ({own}, the film's {whole})."
        )
    row = replace(row, percentile=100 * below)
    rank = write_rank(
        100 * below, f"{light.more} than", f"{light.less} than", "the film's other stretches of that length"
    )
    departure = score_rank(below, among.independent)
    return replace(row, statement=f"The last 10 % of the film is {rank} ({figures}).", departure=departure)
