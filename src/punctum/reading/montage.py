"""The film's cutting: how many shots, how long, joined how.

Conventions: flat shots, titles and credits are left out (see `ground`); the percentile is that of the
population of `population`, for films of 40 minutes and more whose shots were all found frame by frame.
"""

from typing import NamedTuple

from punctum.reading.ground import Ground
from punctum.reading.lengths import LengthStatistics, describe_lengths
from punctum.reading.population import LEAST_MINUTES, find_percentile, load_population, name_population
from punctum.reading.row import Row
from punctum.reading.sentences import write_clock, write_count, write_duration, write_number, write_rank

JOINS = (("cut", "cuts"), ("dissolve", "dissolves"), ("fade", "fades"), ("wipe", "wipes"))


class Place(NamedTuple):
    """Where a value lies in the population: name of the films, their median, the percentile."""

    films: str | None = None
    median: float | None = None
    percentile: float | None = None


def place(ground: Ground, measure: str, value: float | None) -> Place:
    """Find where a value lies in the population; nothing for short films and rough shots."""
    if value is None or ground.any_rough or ground.end_s < LEAST_MINUTES * 60:
        return Place()
    median = load_population()[measure].median()
    assert isinstance(median, float)
    return Place(name_population(), median, find_percentile(measure, value))


def _rank(where: Place, more: str, less: str) -> str:
    """The end of a sentence that says where a value lies, "" where that is not known."""
    if where.films is None or where.percentile is None:
        return ""
    return ", " + write_rank(where.percentile, more, less, where.films)


def read_montage(ground: Ground) -> list[Row]:
    """Give the film's rows on the lengths of its shots and how they are joined."""
    whole = describe_lengths(ground.lengths_s)
    if whole is None:
        return [_film_row(ground, "shot_count", None, "", "Not measured: no shots were found.")]
    rows = [_count(ground, whole), *_lengths(ground, whole), *_order(ground, whole), *_joins(ground)]
    return [row.rough(ground.any_rough) for row in rows]


def _film_row(
    ground: Ground, measure: str, value: float | None, unit: str, statement: str, where: Place | None = None
) -> Row:
    where = where or Place()
    return Row(
        "film",
        measure,
        value,
        unit,
        statement,
        0,
        ground.end_frame,
        0.0,
        ground.end_s,
        where.films,
        where.median,
        where.percentile,
    )


def _count(ground: Ground, whole: LengthStatistics) -> Row:
    if whole.shot_count == 1:
        text = "The film is a single shot"
    else:
        text = f"The film has {write_count(whole.shot_count, 'shot')}, {ground.counted}"
    flat = ground.shots.filter("flat")
    if flat.height and flat.height < ground.shots.height:
        stretches = write_count(flat.height, "stretch", "stretches")
        lasting = write_duration(float(flat["length_s"].sum()))
        text += f"; {stretches} of black or one flat colour ({lasting}) {'is' if flat.height == 1 else 'are'} left out"
    return _film_row(ground, "shot_count", float(whole.shot_count), "", text + ".")


def _lengths(ground: Ground, whole: LengthStatistics) -> list[Row]:
    rows = []
    average = place(ground, "average_shot_length_s", whole.average_s)
    text = f"A shot lasts {write_duration(whole.average_s)} on average (median {write_duration(whole.median_s)})"
    text += _rank(average, "longer than in", "shorter than in")
    rows.append(_film_row(ground, "average_shot_length_s", whole.average_s, "s", text + ".", average))

    median = place(ground, "median_shot_length_s", whole.median_s)
    text = f"Half of the shots are shorter than {write_duration(whole.median_s)}"
    text += _rank(median, "a median longer than in", "a median shorter than in")
    rows.append(_film_row(ground, "median_shot_length_s", whole.median_s, "s", text + ".", median))

    for name, value, text in (
        ("lower_quartile_shot_length_s", whole.lower_quartile_s, "A quarter of the shots are shorter than"),
        ("upper_quartile_shot_length_s", whole.upper_quartile_s, "A quarter of the shots are longer than"),
    ):
        where = place(ground, name.replace("shot_length_", ""), value)
        text = f"{text} {write_duration(value)}" + _rank(where, "higher than in", "lower than in")
        rows.append(_film_row(ground, name, value, "s", text + ".", where))

    if whole.log_sd is None:
        text = "A single shot has no spread."
        rows.append(_film_row(ground, "shot_length_spread", None, "", text))
    else:
        spread = place(ground, "log_length_sd", whole.log_sd)
        factor = write_number(2.718281828459045**whole.log_sd, 1)
        text = f"Shot lengths spread by a factor of {factor} about their middle"
        text += f" (standard deviation of the logarithms {write_number(whole.log_sd, 2)})"
        text += _rank(spread, "more than in", "less than in")
        rows.append(_film_row(ground, "shot_length_spread", whole.log_sd, "", text + ".", spread))

    longest = place(ground, "longest_shot_s", whole.longest_s)
    start_s = float(ground.pictured["start_s"][whole.longest_at])
    text = f"The longest shot holds for {write_duration(whole.longest_s)}, from {write_clock(start_s)}"
    text += _rank(longest, "longer than the longest in", "shorter than the longest in")
    row = _film_row(ground, "longest_shot_s", whole.longest_s, "s", text + ".", longest)
    rows.append(point_at(row, ground, whole.longest_at))
    return rows


def _order(ground: Ground, whole: LengthStatistics) -> list[Row]:
    expected = whole.lognormal_mean_over_median
    text = f"The mean is {write_number(whole.mean_over_median, 1)} times the median"
    if expected is not None:
        text += f"; lognormal lengths with this spread would give {write_number(expected, 1)}"
    where = Place("lognormal lengths with this spread" if expected is not None else None, expected)
    ratio = _film_row(ground, "shot_length_mean_over_median", whole.mean_over_median, "", text + ".", where)
    if whole.lag1 is None:
        text = "Too few shots to say how neighbours' lengths go together."
        return [ratio, _film_row(ground, "shot_length_autocorrelation", None, "", text)]
    where = place(ground, "lag1_autocorrelation", whole.lag1)
    text = f"The lengths of neighbouring shots correlate at {write_number(whole.lag1, 2)}"
    text += _rank(where, "higher than in", "lower than in")
    return [ratio, _film_row(ground, "shot_length_autocorrelation", whole.lag1, "", text + ".", where)]


def _joins(ground: Ground) -> list[Row]:
    begins = ground.shots["begins"].slice(1)
    rows = []
    for one, many in JOINS:
        count = int((begins == one).sum())
        if not count:
            text = f"No {many}"
        elif begins.len() == 1:
            text = f"The one join is a {one}"
        elif count == begins.len():
            text = f"All {count} joins are {many}"
        else:
            joins = f"of the {write_count(begins.len(), 'join')}"
            text = f"1 {joins} is a {one}" if count == 1 else f"{count} {joins} are {many}"
        rows.append(_film_row(ground, f"{one}_count", float(count), "", text + "."))
    return rows


def point_at(row: Row, ground: Ground, index: int) -> Row:
    """Let a row point at one pictured shot's frames instead of the film's."""
    shot = ground.pictured.row(index, named=True)
    return Row(
        **{
            **row.__dict__,
            "start_frame": shot["start_frame"],
            "end_frame": shot["end_frame"],
            "start_s": shot["start_s"],
            "end_s": shot["end_s"],
        }
    )
