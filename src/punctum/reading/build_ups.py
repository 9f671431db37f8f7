"""Build-ups: where arousal rises, or the film falls quiet, further than by chance, and what carries it.

Conventions: seconds of the story only, numbered from its first; what a build-up is like is measured from its beginning
to its peak and set beside `OTHERS` stretches as long made of the story's own shots in random order. Percentiles are of
those stretches: a long build-up has too few others in its own film to stand among.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.reading.arcs import Values, Weights, by_second, combine, cover, cut_density, sound_energy, spoken
from punctum.reading.ramps import Ramp, find_ramps, normal_scores
from punctum.reading.sentences import write_clock, write_number
from punctum.tables import BUILD_UPS, SILENCE_DB, TABLES, conform, empty

OTHERS = 199
FAR = 2.5
"""What lies below this percentile, or as far above, is said to carry a build-up."""

HALF_BACK = 0.5


class Measure(NamedTuple):
    """What is measured of a stretch: a mean over its seconds, or a slope a minute; and how it is said, down and up."""

    name: str
    unit: str
    values: Values
    slope: bool
    fewer: str
    more: str


class Story(NamedTuple):
    """The longest run of the story's seconds: its first second, and per second the raw arousal and the shot."""

    first: int
    raw: Values
    smoothed: Values
    shot: NDArray[np.int64]
    measures: tuple[Measure, ...]


def find_build_ups(
    tables: Mapping[str, pl.DataFrame], arcs: pl.DataFrame, weights: Weights | None = None
) -> pl.DataFrame:
    """Find the build-ups of a film.

    Parameters
    ----------
    tables : mapping of str to pl.DataFrame
        of ``tables.TABLES``; one that is missing counts as empty
    arcs : pl.DataFrame
        columns of ``tables.ARCS``
    weights : Weights, optional
        those the arcs were made with

    Returns
    -------
    pl.DataFrame
        columns of ``tables.BUILD_UPS``
    """
    table = {name: tables.get(name, empty(columns)) for name, columns in TABLES.items() if name != "grid"}
    story = lay_out(table, arcs, weights or Weights())
    if story is None:
        return empty(BUILD_UPS)
    rows = [_row(story, ramp, table["frames"]) for ramp in find_ramps(story.raw, story.shot)]
    if not rows:
        return empty(BUILD_UPS)
    rows.sort(key=lambda row: float(str(row["start_s"])))
    types = {name: column.dtype for name, column in BUILD_UPS.items()}
    return conform(pl.DataFrame([{"build_up": i, **row} for i, row in enumerate(rows)], schema=types), BUILD_UPS)


def lay_out(table: Mapping[str, pl.DataFrame], arcs: pl.DataFrame, weights: Weights) -> Story | None:
    """Bring what build-ups are found in, and measured by, to one value a second; None where nothing was measured.

    Raw arousal is the weighted mean of motion, sound level and cut density, each as normal scores over the story: what
    ``find_ramps`` tests must not be smoothed over cuts.
    """
    shots = table["shots"].drop_nulls(["start_s", "end_s"]).filter(pl.col("end_s") > pl.col("start_s"))
    if not arcs.height or not shots.height:
        return None
    n = arcs.height
    edges = np.flatnonzero(np.diff(np.concatenate([[0], arcs["story"].to_numpy().astype(np.int8), [0]])))
    runs = edges.reshape(-1, 2)
    first, end = runs[np.argmax(runs[:, 1] - runs[:, 0])].tolist()
    here = slice(first, end)
    middle = arcs["time_s"].to_numpy()
    own = np.clip(np.searchsorted(shots["start_s"].to_numpy(), middle, side="right") - 1, 0, shots.height - 1)
    length = (shots["end_s"] - shots["start_s"]).to_numpy().astype(np.float64)[own]
    motion = by_second(table["frames"], "motion_w_s", n)
    with np.errstate(divide="ignore"):
        level = np.maximum(10 * np.log10(sound_energy(table["loudness"], n)), SILENCE_DB)
    parts = tuple(normal_scores(part[here]) for part in (motion, level, cut_density(length)))
    raw = combine(parts, (weights.arousal_motion, weights.arousal_sound, weights.arousal_cutting))
    if not np.isfinite(raw).any():
        return None
    smoothed = arcs["arousal"].cast(pl.Float64).fill_null(np.nan).to_numpy()[here]
    light = by_second(table["frames"], "brightness", n)
    face = arcs["closeness"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    apart = arcs["distance"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    heard = np.full(n, np.nan) if not table["sounds"].height else np.zeros(n)
    beats = heard + cover(table["sounds"].filter(pl.col("kind") == "periodic"), n)
    music = heard + cover(table["sounds"].filter(pl.col("kind").is_in(["music", "singing"])), n)
    measures = (
        Measure("level_slope", "LU/min", level, True, "the sound falls", "the sound swells"),
        Measure("motion_slope", "widths/s/min", motion, True, "motion dies down", "motion grows"),
        Measure("cutting_slope", "1/min", cut_density(length), True, "cuts come more slowly", "cuts come faster"),
        Measure("light_slope", "1/min", light, True, "it darkens", "it brightens"),
        Measure("closeness_slope", "1/min", face, True, "faces recede", "faces come closer"),
        Measure("distance_slope", "heights/min", apart, True, "two draw together", "two draw apart"),
        Measure("speech", "", spoken(table["sounds"], table["words"], n), False, "little is said", "much is said"),
        Measure("music", "", music, False, "little music", "much music"),
        Measure("beat", "", beats, False, "", "a beat goes on"),
        Measure("returns", "", returning(shots, own), False, "few set-ups return", "the same set-ups return"),
        Measure("stillness", "", stillness(motion, here), False, "hardly ever still", "stillness"),
        Measure("held_s", "s", length, False, "short shots", "held shots"),
        Measure("variety", "", variety((light, level, motion), here), False, "hardly any change", "much change"),
    )
    cut = tuple(m._replace(values=m.values[here]) for m in measures)
    return Story(first, np.where(np.isfinite(raw), raw, 0.0), smoothed, own[here], cut)


def returning(shots: pl.DataFrame, own: NDArray[np.int64]) -> Values:
    """1 in the seconds of a shot whose set-up its scene has shown before, else 0; NaN where no set-up is known.

    Examples
    --------
    >>> shots = pl.DataFrame({"set_up": [0, 1, 0, 2, 2]}, schema={"set_up": pl.Int32})
    >>> returning(shots, np.arange(5)).tolist()
    [0.0, 0.0, 1.0, 0.0, 1.0]
    """
    known = shots["set_up"].is_not_null()
    again = (~shots["set_up"].is_first_distinct() & known).cast(pl.Float64)
    made: Values = pl.Series(again).set((~known), np.nan).to_numpy()[own]
    return made


def stillness(motion: Values, here: slice) -> Values:
    """1 in seconds that move less than three in four of the story's, else 0; NaN where motion was not measured."""
    known = motion[here][np.isfinite(motion[here])]
    if not len(known):
        return motion
    return np.where(np.isfinite(motion), (motion < np.quantile(known, 0.25)).astype(np.float64), np.nan)


def variety(series: tuple[Values, ...], here: slice) -> Values:
    """How much light, level and motion change from one second to the next, as normal scores: mean of their steps."""
    steps = []
    for values in series:
        scores = np.full(len(values), np.nan)
        scores[here] = normal_scores(values[here])
        steps.append(np.abs(np.diff(scores, prepend=np.nan)))
    return combine(tuple(steps), (1.0,) * len(steps))


def stretch_values(measure: Measure, starts: NDArray[np.int64], length: int) -> Values:
    """Measure the stretches of ``length`` seconds that begin at ``starts``; NaN where less than half is known.

    Examples
    --------
    >>> rise = Measure("x", "", np.array([1.0, 2.0, 3.0, 3.0]), True, "", "")
    >>> stretch_values(rise, np.array([0, 1]), 3).round(6).tolist()
    [60.0, 30.0]
    """
    values = measure.values
    known = np.isfinite(values)
    filled, t = np.where(known, values, 0.0), np.arange(len(values), dtype=np.float64)
    sums = [np.concatenate([[0.0], np.cumsum(x)]) for x in (known * 1.0, filled, known * t, filled * t, known * t * t)]
    count, total, at, cross, square = (s[starts + length] - s[starts] for s in sums)
    enough = count >= max(length / 2, 2)
    count = np.maximum(count, 1.0)
    if not measure.slope:
        return np.where(enough, total / count, np.nan)
    spread = square - at * at / count
    return np.where(enough & (spread > 0), 60.0 * (cross - at * total / count) / np.maximum(spread, 1e-9), np.nan)


def find_hinge(values: Values, start: int, end: int) -> int:
    """Where, from ``start`` up to ``end``, a level turns into a straight rise: the hinge of least squares.

    Examples
    --------
    >>> find_hinge(np.array([1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 4.0]), 0, 7)
    3
    """
    own = values[start:end]
    n = len(own)
    if n < 6:
        return start
    rise = np.maximum(np.arange(n)[None, :] - np.arange(n - 3)[:, None], 0.0)
    off = rise - rise.mean(axis=1, keepdims=True)
    # what a straight line above each hinge takes away from the sum of squares, where it rises
    along = off @ (own - own.mean())
    gain = np.where(along > 0, along**2 / (off**2).sum(axis=1), -1.0)
    return start + int(gain.argmax())


def _row(story: Story, ramp: Ramp, frames: pl.DataFrame) -> dict[str, object]:
    """One build-up: from where raw arousal begins to rise, over the smoothed curve's height, to half way back."""
    curve = story.smoothed * ramp.sign
    n, length = len(curve), ramp.end - ramp.start
    reach = slice(ramp.start, min(n, ramp.end + length // 4))
    peak = reach.start + int(np.nanargmax(curve[reach])) if np.isfinite(curve[reach]).any() else ramp.end - 1
    start = find_hinge(story.raw * ramp.sign, ramp.start, peak + 1)
    rise = curve[peak] - curve[start]
    after = curve[peak : min(n, peak + length)]
    back = np.flatnonzero(after <= curve[peak] - HALF_BACK * rise)
    end = min(peak + (int(back[0]) if len(back) else len(after)), n)
    end = max(end, peak + 1)
    stretches = _random_stretches(story.shot, peak + 1 - start)
    figures = [_figure(measure, start, stretches) for measure in story.measures]
    told = [figure for figure in figures if figure is not None]
    told.sort(key=lambda figure: -figure.out)
    carrying = [figure for figure in told if figure.out >= 50 - FAR and figure.words]
    carried = [figure.words for figure in carrying]
    slope = float(stretch_values(Measure("", "", story.raw, True, "", ""), np.array([start]), peak + 1 - start)[0])
    kind = "rising" if ramp.sign > 0 else "quieting"
    times = [float(story.first + second) for second in (start, peak, end)]
    places = np.searchsorted(frames["time_s"].to_numpy(), [times[0], times[2]]) if frames.height else [0, 0]
    numbers = [int(frames["frame"][min(int(p), frames.height - 1)]) if frames.height else 0 for p in places]
    verb = "rises" if ramp.sign > 0 else "falls"
    said = f"Arousal {verb} from {write_clock(times[0])} to {write_clock(times[1])}"
    said += f" by {write_number(abs(float(rise)), 2)} of the film's most" if np.isfinite(rise) else ""
    said += f" and is half way back at {write_clock(times[2])}" if len(back) else ""
    said += (
        f"; what sets it apart: {', '.join(carried)}." if carried else "; nothing that was measured carries it alone."
    )
    return {
        "kind": kind,
        "start_frame": numbers[0],
        "end_frame": numbers[1],
        "start_s": times[0],
        "peak_s": times[1],
        "end_s": times[2],
        "slope": slope if np.isfinite(slope) else None,
        "rise": float(rise * ramp.sign) if np.isfinite(rise) else None,
        "chance": ramp.chance,
        "measures": [figure.name for figure in told],
        "values": [figure.value for figure in told],
        "units": [figure.unit for figure in told],
        "baselines": [figure.baseline for figure in told],
        "percentiles": [figure.percentile for figure in told],
        "carried_by": [figure.name for figure in carrying],
        "statement": said,
    }


class _Figure(NamedTuple):
    """A value, the median of the other stretches, the percentile among them, how far from 50 that is, and words."""

    name: str
    unit: str
    value: float
    baseline: float | None
    percentile: float | None
    out: float
    words: str


def _random_stretches(shot: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """Seconds of stretches made of whole shots in random order, the last cut short: (OTHERS, length)."""
    rng = np.random.default_rng(length)
    pieces = np.split(np.arange(len(shot)), np.flatnonzero(np.diff(shot)) + 1)
    made = np.empty((OTHERS, length), np.int64)
    for row in made:
        at = 0
        for piece in rng.permutation(len(pieces)):
            own = pieces[piece][: length - at]
            row[at : at + len(own)] = own
            at += len(own)
            if at == length:
                break
    return made


def _figure(measure: Measure, start: int, stretches: NDArray[np.int64]) -> _Figure | None:
    length = stretches.shape[1]
    value = float(stretch_values(measure, np.array([start]), length)[0])
    if not np.isfinite(value):
        return None
    rows = measure._replace(values=measure.values[stretches].ravel())
    others = stretch_values(rows, np.arange(OTHERS) * length, length)
    others = others[np.isfinite(others)]
    if len(others) < OTHERS / 2 or float(np.ptp(others)) == 0.0:
        middle = float(np.median(others)) if len(others) else None
        return _Figure(measure.name, measure.unit, value, middle, None, 0.0, "")
    below = float((others < value).mean() + 0.5 * (others == value).mean()) * 100
    words = measure.more if below > 50 else measure.fewer
    return _Figure(measure.name, measure.unit, value, float(np.median(others)), below, abs(below - 50), words)
