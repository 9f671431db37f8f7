"""Which bundles of a library are prints of one film, and how they differ.

Conventions: two films meet by the lengths of their shots: runs of `RUN` + 1 shots whose lengths stand in the same
proportions, whatever the speed. Whether they are one film is then seen in the grid's lightness in the middle of shots
that answer each other. Films of few shots meet by their durations instead. Speeds are the second's over the first's.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.bundle.shelf import Shelved, scan_tables
from punctum.echo.prints import SPEEDS, name_speed
from punctum.pipeline.rebasing import aspect_of, lightness_of

RUN = 4
"""Proportions of neighbouring shots' lengths in a row."""

BIN = 0.1
"""Proportions count as the same within about this share: a frame more or less in half a second."""

LEAST_RUNS = 4
LEAST_RUN_SHARE = 0.1
"""So many runs, and so much of the shorter film's, were in none of the half million pairs among a thousand films of
independently drawn shots (``benchmarks/library.py``)."""

FEW_SHOTS = 12
LOOKED_AT = 24
"""Of two films so many moments are compared."""

ALIKE = 0.8
_RATES = (1.0, *SPEEDS.values())
_CROWD = 12
"""A run that more films have is a habit of cutting, not a print."""


class Pair(NamedTuple):
    """Two prints of a film, by their rows: ``speed`` of the second over the first.

    ``shared``: how much of the shorter one's shots is surely in the other. ``likeness``: pictures' median correlation.
    ``same_sound``: whether the shots are as loud in both; None where one has no sound, or too few shots are there to
    say. ``aspects``: width over height of both pictures.
    """

    first: int
    second: int
    speed: float
    shared: float
    likeness: float
    same_sound: bool | None
    aspects: tuple[float, float]


def find_prints(shelved: Sequence[Shelved]) -> list[Pair]:
    """Find the prints of one film among bundles.

    Parameters
    ----------
    shelved : sequence of Shelved

    Returns
    -------
    list of Pair
        by their rows; of three prints three pairs
    """
    if len(shelved) < 2:
        return []
    names = {one.film.film_id: row for row, one in reversed(list(enumerate(shelved)))}  # one bundle may be named twice
    rows = pl.LazyFrame({"film_id": list(names), "film": list(names.values())})
    try:
        lengths = _lengths(shelved, rows, trusting=True)
    except (OSError, pl.exceptions.PolarsError):  # one of them cannot be read: it is left out
        lengths = _lengths(shelved, rows, trusting=False)
    met = _meeting(lengths["film"].to_numpy(), lengths["length_s"].to_numpy()) | _as_long(shelved, lengths["film"])
    if not met:
        return []
    concerned = sorted({row for pair in met for row in pair})
    table, _ = scan_tables([shelved[row] for row in concerned], "shots")
    shots = table.select("film_id", "start_frame", "end_frame", "length_s", "loudness_lufs").collect()
    groups = {names[str(name)]: group for (name,), group in shots.group_by("film_id", maintain_order=True)}
    pairs = (_confirm(shelved, groups, first, second) for first, second in sorted(met))
    return [pair for pair in pairs if pair is not None]


def _lengths(shelved: Sequence[Shelved], rows: pl.LazyFrame, trusting: bool) -> pl.DataFrame:
    table, _ = scan_tables(shelved, "shots", trusting)
    return table.select("film_id", "length_s").join(rows, on="film_id", maintain_order="left").collect()


def run_keys(lengths_s: NDArray[np.float64]) -> NDArray[np.int64]:
    """A number for each run of shots, the same where lengths stand in the same proportions: int64 (n - RUN,)."""
    if lengths_s.size <= RUN:
        return np.zeros(0, np.int64)
    steps = np.diff(np.log(np.maximum(lengths_s, 1e-3)))
    codes = np.clip(np.rint(steps / BIN) + 128, 0, 255).astype(np.int64)
    return np.asarray(sum(codes[at : codes.size - RUN + 1 + at] << (8 * at) for at in range(RUN)), np.int64)


def _meeting(film: NDArray[np.int64], lengths_s: NDArray[np.float64]) -> set[tuple[int, int]]:
    """Pairs of films that have enough runs of shots in common; ``film`` is each shot's."""
    keys = run_keys(lengths_s)
    whole = film[: keys.size] == film[RUN:] if keys.size else np.zeros(0, bool)
    table = pl.DataFrame({"film": film[: keys.size][whole], "key": keys[whole]}).unique()
    sizes = dict(table.group_by("film").len().iter_rows())
    crowds = table.filter(pl.len().over("key").is_between(2, _CROWD))
    pairs = crowds.join(crowds, on="key").filter(pl.col("film") < pl.col("film_right"))
    met = pairs.group_by("film", "film_right").len().filter(pl.col("len") >= LEAST_RUNS)
    return {
        (first, second)
        for first, second, count in met.iter_rows()
        if count >= LEAST_RUN_SHARE * min(sizes[first], sizes[second])
    }


def _as_long(shelved: Sequence[Shelved], films: pl.Series) -> set[tuple[int, int]]:
    """Pairs of films of few shots whose durations stand in a proportion that is in use."""
    few = sorted(
        (shelved[row].film.duration_s, row)
        for row, count in films.value_counts().iter_rows()
        if count < FEW_SHOTS and shelved[row].film.duration_s > 0
    )
    durations = np.array([duration for duration, _ in few])
    found = set()
    for duration, row in few:
        for rate in _RATES:
            low, high = np.searchsorted(durations, (duration * rate * 0.997, duration * rate * 1.003))
            found |= {(min(row, other), max(row, other)) for _, other in few[low:high] if other != row}
    return found


def _confirm(shelved: Sequence[Shelved], groups: dict[int, pl.DataFrame], first: int, second: int) -> Pair | None:
    """Look at both films where they should be the same."""
    ours, theirs = groups[first], groups[second]
    mine, other = _answering(ours["length_s"].to_numpy(), theirs["length_s"].to_numpy())
    same_sound = None
    if mine.size:
        lengths = ours["length_s"].to_numpy()[mine], theirs["length_s"].to_numpy()[other]
        speed = float(lengths[0].sum() / lengths[1].sum())
        chosen = np.unique(np.linspace(0, mine.size - 1, LOOKED_AT).astype(int))
        middles = [
            ((group["start_frame"] + group["end_frame"]) // 2).to_numpy()[at[chosen]]
            for group, at in ((ours, mine), (theirs, other))
        ]
        same_sound = _same_sound(ours["loudness_lufs"].to_numpy()[mine], theirs["loudness_lufs"].to_numpy()[other])
        shared = mine.size / min(ours.height, theirs.height)
    else:
        speed = shelved[first].film.duration_s / shelved[second].film.duration_s
        shares = (np.arange(LOOKED_AT) + 0.5) / LOOKED_AT
        middles = [(shares * shelved[row].film.frame_count).astype(np.int64) for row in (first, second)]
        shared = 1.0
    pictures = [_lightness(shelved[row], frames) for row, frames in zip((first, second), middles, strict=True)]
    if pictures[0] is None or pictures[1] is None:
        return None
    likes = _correlations(pictures[0], pictures[1])
    if likes.size < LOOKED_AT // 4 or float(np.median(likes)) < ALIKE:
        return None
    aspects = aspect_of(shelved[first].film), aspect_of(shelved[second].film)
    return Pair(first, second, speed, min(shared, 1.0), float(np.median(likes)), same_sound, aspects)


def _answering(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Shots that answer each other: rows of ours and of theirs, those of runs that both have once."""
    table = pl.DataFrame({"key": run_keys(ours)}).with_row_index("mine").filter(pl.len().over("key") == 1)
    other = pl.DataFrame({"key": run_keys(theirs)}).with_row_index("other").filter(pl.len().over("key") == 1)
    met = table.join(other, on="key").sort("mine")
    steps = np.arange(RUN + 1)
    both = np.unique(
        np.column_stack(
            [(met[name].to_numpy().astype(np.int64)[:, None] + steps).ravel() for name in ("mine", "other")]
        ),
        axis=0,
    )
    return both[:, 0], both[:, 1]


def _same_sound(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> bool | None:
    """Whether shots are as loud in both, but for one level: by the correlation of their loudness."""
    known = np.isfinite(ours) & np.isfinite(theirs)
    if known.sum() < RUN + 1:
        return None
    x, y = ours[known].astype(np.float64), theirs[known].astype(np.float64)
    if x.std() < 1 or y.std() < 1:
        return None
    return bool(np.corrcoef(x, y)[0, 1] >= 0.9)


def _lightness(one: Shelved, frames: NDArray[np.int64]) -> NDArray[np.uint8] | None:
    """Lightness of some frames of a bundle, (n, 144); zeros for frames that the grid lacks; None without a grid."""
    grid, unread = scan_tables([one], "grid")
    if unread:
        return None
    wanted = pl.DataFrame({"frame": frames.astype(np.int32)})
    found = grid.filter(pl.col("frame").is_in(wanted["frame"].implode())).select("frame", "cells").collect()
    cells = wanted.join(found.unique("frame"), on="frame", how="left", maintain_order="left")["cells"]
    return lightness_of(cells.fill_null(bytes(432)))


def _correlations(ours: NDArray[np.uint8], theirs: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Correlation of pictures pairwise, flat ones left out."""
    x, y = (cells.astype(np.float64) - cells.mean(1, keepdims=True) for cells in (ours, theirs))
    known = (x.std(1) >= 3) & (y.std(1) >= 3)
    x, y = x[known], y[known]
    return np.asarray((x * y).sum(1) / np.sqrt((x * x).sum(1) * (y * y).sum(1)), np.float64)


def tell_pair(pair: Pair) -> str:
    """Say how the second print of a pair differs from the first.

    Examples
    --------
    >>> tell_pair(Pair(0, 1, 25 / 24, 0.9, 0.98, True, (1.85, 1.33)))
    '4.2% faster (25/24), at least 90% of the shots in both, 1.33:1 against 1.85:1, the same sound'
    """
    told = []
    name = name_speed(pair.speed)
    if name != "1":
        known = f" ({name})" if name else ""
        told.append(f"{abs(pair.speed - 1):.1%} {'faster' if pair.speed > 1 else 'slower'}{known}")
    if pair.shared < 0.995:
        told.append(f"at least {pair.shared:.0%} of the shots in both")
    first, second = pair.aspects
    if abs(first / second - 1) > 0.02:
        told.append(f"{second:.2f}:1 against {first:.2f}:1")
    if pair.same_sound is not None:
        told.append("the same sound" if pair.same_sound else "another sound")
    return ", ".join(told)


def known_speeds(shelved: Sequence[Shelved]) -> list[float]:
    """How much faster than they were made these prints run, as far as that is known; else 1.

    What the owner says counts. Else a print runs at 25/24 (or 1001/960) where it has 25 frames a second and another
    print among these runs slower by just so much.
    """
    speeds = [one.speed for one in shelved]
    for pair in find_prints(shelved):
        fast, speed = (pair.second, pair.speed) if pair.speed > 1 else (pair.first, 1 / pair.speed)
        film = shelved[fast].film
        name = name_speed(speed)
        if name in ("25/24", "1001/960") and speeds[fast] == 1 and abs(film.frame_count / film.duration_s - 25) < 0.2:
            speeds[fast] = SPEEDS[name]
    return speeds
