"""Arcs: what rises and falls over the film, one value a second, with the parts it is made of.

Conventions: second k is [k, k + 1); statistics are over the story's seconds, titles and credits left out; a smoothed
value is a mean under a Gaussian of `SMOOTH_S`, over what was measured around it and within the story or outside of it,
never across. What was not measured is null, and a sum leaves it out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.film import Film
from punctum.tables import ARCS, SILENCE_DB, TABLES, conform, empty

Values = NDArray[np.float64]

SMOOTH_S = 8.0
"""Standard deviation of the Gaussian."""

VALENCE_SMOOTH_S = 30.0

KAISER_S, KAISER_SHAPE = 28, 5.0
"""Hanjalic and Xu's window: 700 frames of 25 a second."""

CUTTING_DECAY_S, FRAME_S = 12.0, 0.04
"""Their decay of cut density: 300 frames of 25 a second."""

MOST_CHARACTERS = 12


@dataclass(frozen=True)
class Weights:
    """Weights of the parts; each sum is divided by the weights of what was measured.

    ``tempo_*`` are alpha and beta of Adams, Dorai and Venkatesh, ``arousal_*`` the weights of Hanjalic and Xu's mean.
    """

    tempo_cutting: float = 1.0
    tempo_motion: float = 1.0
    arousal_motion: float = 1.0
    arousal_sound: float = 1.0
    arousal_cutting: float = 1.0


def find_arcs(film: Film, tables: Mapping[str, pl.DataFrame], weights: Weights | None = None) -> pl.DataFrame:
    """Work out the film's arcs.

    Parameters
    ----------
    film : Film
        its record
    tables : mapping of str to pl.DataFrame
        of ``tables.TABLES``; one that is missing counts as empty
    weights : Weights, optional

    Returns
    -------
    pl.DataFrame
        columns of ``tables.ARCS``; no row without a shot
    """
    table = {name: tables.get(name, empty(columns)) for name, columns in TABLES.items() if name != "grid"}
    shots = table["shots"].drop_nulls(["start_s", "end_s"]).filter(pl.col("end_s") > pl.col("start_s"))
    if not shots.height:
        return empty(ARCS)
    weights = weights or Weights()
    end_s = float(shots["end_s"][-1])
    n = max(int(np.ceil(end_s - 1e-6)), 1)
    # the last second may be cut short: it counts where the film still is
    middle: Values = np.minimum(np.arange(n, dtype=np.float64) + 0.5, max(end_s - 1e-6, 0.0))
    own = np.clip(np.searchsorted(shots["start_s"].to_numpy(), middle, side="right") - 1, 0, shots.height - 1)
    story = mark_story(table["scenes"], middle)
    length = (shots["end_s"] - shots["start_s"]).to_numpy().astype(np.float64)
    motion = by_second(table["frames"], "motion_w_s", n)
    energy = sound_energy(table["loudness"], n)
    shot_motion = shots["motion_w_s"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    in_story = np.isin(np.arange(shots.height), own[story])
    cutting, moving = tempo_parts(length, shot_motion, in_story)
    tempo_cutting, tempo_motion = (smooth(part[own], story) for part in (cutting, moving))
    parts = (
        kaiser_smooth(motion, story),
        kaiser_smooth(energy, story),
        kaiser_smooth(cut_density(length)[own], story),
    )
    smoothed_energy = smooth(energy, story)
    with np.errstate(divide="ignore"):
        loudness = np.maximum(10 * np.log10(smoothed_energy), SILENCE_DB)
    closeness, distance = nearness(film, table["frames"], table["faces"], n)
    made = {
        "second": np.arange(n),
        "time_s": middle,
        "story": story,
        "tempo": combine((tempo_cutting, tempo_motion), (weights.tempo_cutting, weights.tempo_motion), add=True),
        "tempo_cutting": tempo_cutting,
        "tempo_motion": tempo_motion,
        "arousal": combine(parts, (weights.arousal_motion, weights.arousal_sound, weights.arousal_cutting)),
        "arousal_motion": parts[0],
        "arousal_sound": parts[1],
        "arousal_cutting": parts[2],
        "light": smooth(by_second(table["frames"], "brightness", n), story),
        "loudness_lufs": loudness,
        "closeness": smooth(closeness, story),
        "distance": smooth(distance, story),
        "speech": smooth(spoken(table["sounds"], table["words"], n), story),
        "valence": smooth(valence(table["words"], n), story, VALENCE_SMOOTH_S),
    }
    arcs = pl.DataFrame({name: pl.Series(value, nan_to_null=True) for name, value in made.items()})
    return conform(arcs.with_columns(_presence(table["tracks"], table["characters"], story)), ARCS)


def mark_story(scenes: pl.DataFrame, middle: Values) -> NDArray[np.bool_]:
    """Which moments lie in the story: all where no scenes are known, or where all is credits."""
    apart = scenes.filter(pl.col("kind").is_in(["titles", "credits"]))
    story = np.ones(len(middle), np.bool_)
    for start, end in apart.select("start_s", "end_s").iter_rows():
        story &= (middle < start) | (middle >= end)
    return story if story.any() else np.ones(len(middle), np.bool_)


def tempo_parts(length_s: Values, motion: Values, counted: NDArray[np.bool_]) -> tuple[Values, Values]:
    """Tempo's two parts for each shot: (med - s(n)) / sd of lengths, and (m(n) - mean) / sd of motion.

    P(n) = alpha (med_s - s(n)) / sd_s + beta (m(n) - mean_m) / sd_m: Adams, Dorai and Venkatesh, "Novel approach to
    determining tempo and dramatic story sections in motion pictures", ICIP 2000; lengths in seconds, motion in widths a
    second instead of their pixels.

    Parameters
    ----------
    length_s, motion : np.ndarray [shape=(n,), dtype=float64]
        of each shot; NaN where motion was not measured
    counted : np.ndarray [shape=(n,), dtype=bool]
        the shots of the story, of which median, mean and spread are taken

    Examples
    --------
    >>> cutting, moving = tempo_parts(np.array([2.0, 4.0, 9.0]), np.array([0.0, 1.0, 2.0]), np.ones(3, bool))
    >>> cutting.round(3).tolist(), moving.round(3).tolist()
    ([0.679, 0.0, -1.698], [-1.225, 0.0, 1.225])
    """
    lengths, known = length_s[counted], motion[counted & np.isfinite(motion)]
    spread, shake = float(np.std(lengths)), float(np.std(known)) if len(known) else 0.0
    cutting = (np.median(lengths) - length_s) / spread if spread > 0 else np.zeros(len(length_s))
    moving = (motion - known.mean()) / shake + 0.0 if shake > 0 else np.where(np.isfinite(motion), 0.0, np.nan)
    return cutting, moving


def cut_density(length_s: Values) -> Values:
    """Cut density in each shot, 0 to 1: exp((1 - (n - p)) / 300), n - p being its frames at 25 a second.

    Hanjalic and Xu, "Affective video content representation and modeling", IEEE Transactions on Multimedia 7.1, 2005.

    Examples
    --------
    >>> cut_density(np.array([0.04, 12.04])).round(4).tolist()
    [1.0, 0.3679]
    """
    return np.asarray(np.exp((FRAME_S - length_s) / CUTTING_DECAY_S))


def kaiser_smooth(values: Values, story: NDArray[np.bool_]) -> Values:
    """Smooth a part of arousal as Hanjalic and Xu do, and bring its greatest value in the story to 1.

    A Kaiser window of 700 frames and shape 5, here 28 s; beyond the ends, and where nothing was measured, the mean of
    what was.
    """
    window = np.kaiser(KAISER_S + 1, KAISER_SHAPE)
    made = _windowed(values, story, window)
    inside = made[story & np.isfinite(made)]
    top = float(inside.max()) if len(inside) else 0.0
    return made / top if top > 0 else np.where(np.isfinite(made), 0.0, np.nan)


def combine(parts: tuple[Values, ...], weights: tuple[float, ...], add: bool = False) -> Values:
    """Weighted mean of parts, or with ``add`` their weighted sum, over what was measured of them.

    Examples
    --------
    >>> combine((np.array([1.0, np.nan]), np.array([0.0, 0.5])), (3.0, 1.0)).tolist()
    [0.75, 0.5]
    """
    stack, column = np.stack(parts), np.array(weights)[:, None]
    known = np.isfinite(stack)
    total = (np.where(known, stack, 0.0) * column).sum(axis=0)
    weight = (known * column).sum(axis=0)
    if add:
        return np.where(known.any(axis=0), total, np.nan)
    return np.where(weight > 0, total / np.where(weight > 0, weight, 1.0), np.nan)


def smooth(values: Values, story: NDArray[np.bool_], spread_s: float = SMOOTH_S) -> Values:
    """Gaussian mean of the measured values around each second on its side of the story's edge.

    Examples
    --------
    >>> smooth(np.array([1.0, np.nan, 3.0]), np.ones(3, bool)).round(3).tolist()
    [1.984, 2.0, 2.016]
    """
    reach = int(3 * spread_s)
    window = np.exp(-0.5 * (np.arange(-reach, reach + 1) / spread_s) ** 2)
    return _windowed(values, story, window)


def _windowed(values: Values, story: NDArray[np.bool_], window: Values) -> Values:
    made = np.full(len(values), np.nan)
    for side in (story, ~story):
        known = side & np.isfinite(values)
        total = _convolve(np.where(known, values, 0.0), window)
        weight = _convolve(known.astype(np.float64), window)
        found = side & (weight > 1e-9)
        made[found] = total[found] / weight[found]
    return made


def _convolve(values: Values, window: Values) -> Values:
    half = len(window) // 2
    return np.convolve(values, window)[half : half + len(values)]


def by_second(frames: pl.DataFrame, name: str, n: int) -> Values:
    """Mean of a column of ``frames`` over each second: (n,), NaN where nothing was measured."""
    rows = frames.select("time_s", name).drop_nulls()
    second = np.clip(rows["time_s"].to_numpy().astype(np.int64), 0, n - 1)
    return _means(second, rows[name].to_numpy().astype(np.float64), n)


def sound_energy(loudness: pl.DataFrame, n: int) -> Values:
    """Mean K-weighted energy of each second, 1 at 0 LUFS: (n,)."""
    rows = loudness.drop_nulls()
    start = rows["start_s"].to_numpy()
    second = np.floor(start + 0.05).astype(np.int64)
    inside = (second >= 0) & (second < n)
    return _means(second[inside], 10.0 ** (rows["loudness_lufs"].to_numpy()[inside] / 10.0), n)


def _means(second: NDArray[np.int64], values: Values, n: int) -> Values:
    count = np.bincount(second, minlength=n)
    total = np.bincount(second, weights=values, minlength=n)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def nearness(film: Film, frames: pl.DataFrame, faces: pl.DataFrame, n: int) -> tuple[Values, Values]:
    """Height of the largest face in each second, and how far apart the two nearest are, in face heights.

    Height is 0 where faces were looked for and none was found; the distance is known only where two are in frame.
    """
    looked = frames.filter(pl.col("faces").is_not_null()).select("frame", "time_s")
    if not looked.height:
        return np.full(n, np.nan), np.full(n, np.nan)
    known = faces.drop_nulls(["left", "top", "width", "height"]).filter(pl.col("height") > 0)
    tallest = known.group_by("frame").agg(pl.col("height").max().cast(pl.Float64))
    rows = looked.join(tallest, on="frame", how="left").with_columns(pl.col("height").fill_null(0.0))
    closeness = _means(np.clip(rows["time_s"].to_numpy().astype(np.int64), 0, n - 1), rows["height"].to_numpy(), n)
    box = film.active_box_px
    aspect = box.width * float(film.pixel_aspect) / box.height if box.height > 0 else 1.0
    several = known.filter(pl.len().over("frame") > 1).sort("frame")
    seconds, gaps = [], []
    for _, own in several.group_by("frame", maintain_order=True):
        x = (own["left"] + own["width"] / 2).to_numpy() * aspect
        y, high = (own["top"] + own["height"] / 2).to_numpy(), own["height"].to_numpy()
        gap = np.hypot(x[:, None] - x, y[:, None] - y) / ((high[:, None] + high) / 2)
        seconds.append(int(np.clip(own["time_s"][0], 0, n - 1)))
        gaps.append(float(gap[np.triu_indices(len(x), 1)].min()))
    return closeness, _means(np.array(seconds, np.int64), np.array(gaps, np.float64), n)


def spoken(sounds: pl.DataFrame, words: pl.DataFrame, n: int) -> Values:
    """Share of each second in which somebody speaks: as heard, else by the subtitles; NaN where neither is known."""
    spans = sounds.filter(pl.col("kind") == "speech")
    if not sounds.height:
        spans = words.filter(pl.col("kind") == "speech")
        if not spans.height:
            return np.full(n, np.nan)
    return cover(spans, n)


def cover(spans: pl.DataFrame, n: int) -> Values:
    """Share of each second that spans cover, overlaps counted once: (n,).

    Examples
    --------
    >>> cover(pl.DataFrame({"start_s": [0.5, 0.8], "end_s": [1.0, 2.25]}), 4).tolist()
    [0.5, 1.0, 0.25, 0.0]
    """
    covered, until = np.zeros(n + 1), 0.0
    for start, end in spans.select("start_s", "end_s").drop_nulls().sort("start_s").iter_rows():
        low, high = max(start, until), min(end, float(n))
        until = max(until, end)
        if high <= low:
            continue
        first, last = int(low), int(high)
        if first == last:
            covered[first] += high - low
        else:
            covered[first] += first + 1 - low
            covered[first + 1 : last] += 1.0
            covered[last] += high - last
    return covered[:n]


def valence(words: pl.DataFrame, n: int) -> Values:
    """Polarity of the lines in each second, the mean by their time: (n,), NaN where nothing is said."""
    total, weight = np.zeros(n), np.zeros(n)
    for start, end, value in words.select("start_s", "end_s", "valence").drop_nulls().iter_rows():
        first, last = max(int(start), 0), min(int(np.ceil(end)), n)
        for second in range(first, last):
            share = min(end, second + 1) - max(start, second)
            total[second] += value * share
            weight[second] += share
    return np.where(weight > 0, total / np.where(weight > 0, weight, 1.0), np.nan)


def _presence(tracks: pl.DataFrame, characters: pl.DataFrame, story: NDArray[np.bool_]) -> pl.Series:
    """How much of its surroundings each of the first characters is seen: a list a second, null where none is known."""
    n, count = len(story), min(characters.height, MOST_CHARACTERS)
    if not count:
        return pl.Series("presence", [None] * n, dtype=pl.List(pl.Float32))
    shares = [smooth(cover(tracks.filter(pl.col("character") == who), n), story) for who in range(count)]
    return pl.Series("presence", np.stack(shares, axis=1).astype(np.float32).round(3), dtype=pl.List(pl.Float32))
