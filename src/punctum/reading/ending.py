"""How the film ends: how its last part is cut, set beside the rest.

Conventions: what the ending is says `ground`, and so does a row of its own; titles and credits are left out. Rows have
``span`` "ending"; their frames are those the sentence speaks of (the last shot's, the longest shot's, the whole
ending's). A row without a baseline to lie far from counts as `PLAIN_DEPARTURE`.
"""

from dataclasses import replace

from punctum.reading.chance import rotate_dominance, tail_chance
from punctum.reading.ground import ENDING_SHARE, Ground
from punctum.reading.lengths import Lengths, Tail, cliffs_d, describe_lengths, hodges_lehmann, measure_tail
from punctum.reading.montage import place, point_at
from punctum.reading.population import count_population
from punctum.reading.row import Row, score_rank
from punctum.reading.sentences import write_clock, write_count, write_duration, write_number, write_rank

LEAST_SHOTS = 20
LEAST_TAIL = 5
"""With fewer shots in the film or in the part nothing is said of how the part is cut."""

SHORTEST_S = 20.0
"""A shorter film has no ending to speak of."""

PLAIN_DEPARTURE = 1.5
"""How far out a row without a baseline counts: about one in fifteen."""

PARTS = ((0.05, "last_5", "last 5 %"), (ENDING_SHARE, "last_10", "last 10 %"))


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
        _bounds(ground),
        *_longest_shot(ground),
        *(row for share, name, called in PARTS for row in _part(ground, share, name, called)),
        *_against_rest(ground),
    ]
    return [rows[0], *(row.rough(ground.tail_rough) for row in rows[1:])]


def _bounds(ground: Ground) -> Row:
    """What is taken for the ending: always the last of the rows that have a value."""
    start_s, lasting_s = ground.ending_start_s, ground.end_s - ground.ending_start_s
    if ground.end_s < SHORTEST_S:
        text = f"The film lasts {write_duration(ground.end_s)}: too short to speak of an ending apart from the rest."
        return ending_row(ground, "ending_start_s", None, "s", text)
    if ground.ending_scenes:
        count = ground.ending_scenes
        scenes = "last scene" if count == 1 else f"last {count} scenes"
        of = f"of {ground.scenes.height} that were found"
        text = f"The ending is taken to be the {scenes} {of}, from {write_clock(start_s)}, {write_duration(lasting_s)}"
    else:
        text = f"The ending is taken to be the last 10 % of the running time, from {write_clock(start_s)}"
    return ending_row(ground, "ending_start_s", start_s, "s", f"{text}, {ground.counted}.", departure=-1.0)


def _longest_shot(ground: Ground) -> list[Row]:
    tail = measure_tail(ground.lengths_s, ground.ending_share)
    if tail is None or ground.lengths_s.size == 1:
        text = "Not measured: no shots were found." if tail is None else "The film is a single shot."
        return [ending_row(ground, "ending_longest_shot_s", None, "s", text)]
    start_s = float(ground.pictured["start_s"][tail.longest_at])
    lasting = write_duration(tail.longest_s)
    if tail.longest_at == ground.lengths_s.size - 1:
        text = f"The longest shot of {ground.ending_called} is its last, {lasting}"
    else:
        text = f"The longest shot of {ground.ending_called} holds for {lasting}, from {write_clock(start_s)}"
    row = ending_row(ground, "ending_longest_shot_s", tail.longest_s, "s", "")
    row = point_at(row, ground, tail.longest_at)
    if ground.comparable and tail.first > 0:
        others = float(ground.lengths_s[: tail.first].max())
        row = replace(row, baseline="longest shot before the ending", baseline_value=others)
        if tail.longest_s > others:
            text += f", longer than any before the ending (longest there {write_duration(others)})"
        else:
            text += f" (longest before it {write_duration(others)})"
    where = place(ground, "last_10_longest_s", None if ground.ending_scenes else tail.longest_s)
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
    text += _by_chance(ground, chance)
    first = replace(
        row,
        statement=text + ".",
        baseline="the film's average shot length",
        baseline_value=whole.average_s,
        chance=chance,
        departure=score_rank((chance if chance is not None else 1.0) / 2, 1 / share),
    )
    return [first, _ratio(ground, row, ratio, called, tail.average_s / whole.average_s)]


def _by_chance(ground: Ground, chance: float | None) -> str:
    """The end of a sentence that says how often chance brings about a difference as large."""
    if chance is None or ground.any_rough:
        return ""
    odds = "less than once in 100 times" if chance < 0.01 else f"{chance * 100:.0f} times in 100"
    return f"; a difference as large comes about by chance {odds}"


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
    tail = measure_tail(ground.lengths_s, ground.ending_share)
    if tail is None or ground.lengths_s.size < LEAST_SHOTS or tail.shot_count < LEAST_TAIL or not ground.comparable:
        waits = tail is not None and not ground.comparable
        why = "not known before the rest is read in full" if waits else "too few shots to say"
        said = "Whether the ending's shots {} than the others: " + why + "."
        return [
            ending_row(ground, "ending_cliffs_d", None, "", said.format("tend to be longer")),
            ending_row(ground, "ending_length_shift_s", None, "s", said.format("are so many seconds longer")),
        ]
    ones, others = ground.lengths_s[tail.first :], ground.lengths_s[: tail.first]
    return [_span_tail(row, ground, tail) for row in (_dominance(ground, ones, others), _shift(ground, ones, others))]


def _dominance(ground: Ground, ones: Lengths, others: Lengths) -> Row:
    d = cliffs_d(ones, others)
    assert d is not None
    chance = tail_chance(ground.lengths_s, ground.ending_share, rotate_dominance)
    text = f"A shot from {_short(ground)} is longer than one from before it {50 + 50 * d.value:.0f} times in 100"
    text += f" (Cliff's d {write_number(d.value, 2)})"
    return replace(
        ending_row(ground, "ending_cliffs_d", d.value, "", text + _by_chance(ground, chance) + "."),
        baseline=f"the shots before {_short(ground)}",
        baseline_value=0.0,
        chance=chance,
        departure=score_rank((chance if chance is not None else 1.0) / 2, 1 / ground.ending_share),
    )


def _shift(ground: Ground, ones: Lengths, others: Lengths) -> Row:
    shift = hodges_lehmann(ones, others)
    assert shift is not None
    if abs(shift.value) < 0.05:
        text = f"Shots of {_short(ground)} are as long as those before (Hodges-Lehmann)."
    else:
        word = "longer" if shift.value > 0 else "shorter"
        text = f"Shots of {_short(ground)} tend to be {write_duration(abs(shift.value))} {word} than those before"
        text += " (Hodges-Lehmann)."
    row = ending_row(ground, "ending_length_shift_s", shift.value, "s", text)
    return replace(row, baseline=f"the shots before {_short(ground)}", baseline_value=0.0)


def _short(ground: Ground) -> str:
    return ground.ending_called.removesuffix(" of the film")
