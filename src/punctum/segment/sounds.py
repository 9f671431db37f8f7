"""What is heard, as spans: speech, singing, music, silence, beats that go on, and what is sudden.

Conventions: pure functions on the tables ``hearing`` (50 steps a second) and ``loudness`` (10). Steps that were not
read break a film's sound into runs, and no span crosses from one to another. Spans are half-open; those of different
kinds overlap, those of one kind do not, but for beats.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.segment.beats import RATE_HZ, count_tests, find_beats
from punctum.tables import SILENCE_DB, SOUND_KINDS, SOUNDS, conform, empty

Values = NDArray[np.float64]

BANDS = ("low", "middle", "high", "top")
LOUDNESS_RATE_HZ = 10


class Habit(NamedTuple):
    """How spans are made of a kind's certainty.

    It is smoothed over ``smooth_s``; a span lasts from above ``off`` until below it and somewhere passes ``on``; gaps
    shorter than ``gap_s`` are closed, its ends drawn in to where it is certain, and what is shorter than ``least_s``
    dropped.
    """

    smooth_s: float
    on: float
    off: float
    gap_s: float
    least_s: float


HABITS = {
    "speech": Habit(0.3, 0.5, 0.35, 0.8, 0.3),
    "singing": Habit(1.0, 0.5, 0.35, 1.5, 1.0),
    "music": Habit(1.5, 0.5, 0.35, 2.0, 1.5),
}

SILENCE_LUFS = -60.0
"""Sound ends here, whatever the film: what FFmpeg's `silencedetect` takes."""

FLOOR_SHARE = 0.02
ABOVE_FLOOR_LU = 6.0
BELOW_FILM_LU = 30.0
HIGHEST_SILENCE_LUFS = -45.0
"""A film's floor is what its quietest steps, other than digital silence, do not exceed: this share of them. What lies
up to 6 LU over it is silence too, where it is 30 LU below the film's loudness and below -45 LUFS."""

FAINT_FILM_LU = 20.0
"""In a film so faint that -60 LUFS is not this far below its loudness, silence begins this far below it."""

LEAST_SILENCE_S = 1.0
EVENT_SCORE = 0.4
EVENT_S, EVENT_EDGE_S, EVENT_GAP_S = 0.96, 0.24, 1.5
"""Patches of 0.96 s that score this much make an event; those that begin no further apart than the gap are one."""

SHOT_READ = 0.9
SAMPLED_S = 3.5
"""Runs of loudness that are no longer than this are samples of a sound that was not read."""

RISE_LU = 15.0
BEGUN_LU = 3.0
SUDDEN_BEFORE_S = 1.0
SUDDEN_SHARE = 0.95
SUDDEN_APART_S = 2.0


def find_sounds(
    hearing: pl.DataFrame,
    loudness: pl.DataFrame,
    frames: pl.DataFrame,
    duration_s: float,
    events: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Find what is heard in a film.

    Parameters
    ----------
    hearing, loudness, frames : pl.DataFrame
        rows of HEARING, LOUDNESS and FRAMES
    duration_s : float
        the film's length: spans end there
    events : pl.DataFrame or None
        scores of patches of sound: ``start_s``, ``kind``, ``score``

    Returns
    -------
    pl.DataFrame
        rows of SOUNDS, by where they begin
    """
    rows = [
        *_voices(hearing),
        *_beats(hearing),
        *_silences(loudness),
        *_sudden(loudness),
        *_events(events),
    ]
    if not rows or not frames.height:
        return empty(SOUNDS)
    times = frames["time_s"].to_numpy()
    numbers = frames["frame"].to_numpy()
    power = _power_sums(loudness)
    kept = []
    for row in rows:
        row["end_s"] = min(row["end_s"], duration_s)
        if row["end_s"] <= row["start_s"]:
            continue
        first = min(int(np.searchsorted(times, row["start_s"] - 1e-6)), len(times) - 1)
        last = int(np.searchsorted(times, row["end_s"] - 1e-6))
        row["start_frame"] = int(numbers[first])
        row["end_frame"] = max(int(numbers[min(last, len(times)) - 1]) + 1, row["start_frame"] + 1)
        row["loudness_lufs"] = _loudness_between(power, row["start_s"], row["end_s"])
        kept.append(row)
    kept.sort(key=lambda row: (row["start_s"], SOUND_KINDS.index(row["kind"]), row["end_s"]))
    table = pl.DataFrame(
        [row | {"sound": number} for number, row in enumerate(kept)],
        schema={name: column.dtype for name, column in SOUNDS.items()},
    )
    return conform(table, SOUNDS)


def runs_of(steps: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Rows between which step numbers follow one another."""
    edges = np.concatenate([[0], np.flatnonzero(np.diff(steps) != 1) + 1, [len(steps)]])
    yield from ((int(a), int(b)) for a, b in pairwise(edges) if b > a)


def spans_where(on: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open spans in which a row of flags is set."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def make_spans(certainty: Values, habit: Habit, rate_hz: int = RATE_HZ) -> list[tuple[int, int]]:
    """Make spans of a kind's certainty, as its habit says.

    Examples
    --------
    >>> sure = np.repeat([0.0, 0.9, 0.0, 0.9, 0.0], [100, 100, 20, 100, 100])
    >>> make_spans(sure, HABITS["speech"])
    [(100, 320)]
    """
    width = max(1, round(habit.smooth_s * rate_hz)) | 1
    total = np.concatenate([[0.0], np.cumsum(certainty)])
    at = np.arange(len(certainty))
    low, high = np.maximum(at - width // 2, 0), np.minimum(at + width // 2 + 1, len(certainty))
    smooth = (total[high] - total[low]) / (high - low)
    spans = [(a, b) for a, b in spans_where(smooth > habit.off) if smooth[a:b].max() > habit.on]
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start - joined[-1][1] < habit.gap_s * rate_hz:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    made = []
    for start, end in joined:
        # smoothing spreads a span beyond what is heard
        places = np.flatnonzero(certainty[start:end] >= habit.on)
        if len(places) and places[-1] + 1 - places[0] >= habit.least_s * rate_hz:
            made.append((start + int(places[0]), start + int(places[-1]) + 1))
    return made


def _voices(hearing: pl.DataFrame) -> Iterator[dict[str, Any]]:
    heard = hearing.filter(pl.col("speech").is_not_null())
    steps = heard["step"].to_numpy().astype(np.int64)
    sure = {kind: heard[kind].to_numpy() / 255.0 for kind in HABITS}
    sure["music"] = np.maximum(sure["music"], sure["singing"])  # who sings makes music
    for first, last in runs_of(steps):
        for kind, habit in HABITS.items():
            values = sure[kind][first:last]
            for start, end in make_spans(values, habit):
                yield _row(kind, steps[first] + start, steps[first] + end, score=float(values[start:end].mean()))


def _row(kind: str, start: int, end: int, rate_hz: int = RATE_HZ, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "start_s": int(start) / rate_hz, "end_s": int(end) / rate_hz, **more}


def _beats(hearing: pl.DataFrame) -> Iterator[dict[str, Any]]:
    steps = hearing["step"].to_numpy().astype(np.int64)
    runs = list(runs_of(steps))
    bands = [band for band in BANDS if hearing.height and hearing[band].null_count() < hearing.height]
    tests = sum(count_tests(last - first, len(bands)) for first, last in runs)
    for first, last in runs:
        part = hearing[first:last]
        levels = {band: (part[band].fill_null(0).to_numpy() / 2 + SILENCE_DB).astype(np.float32) for band in bands}
        for beat in find_beats(levels, tests):
            yield _row(
                "periodic",
                steps[first] + beat.start,
                steps[first] + beat.end,
                period_s=beat.period_s,
                strength=beat.strength,
                chance=beat.chance,
                band=beat.band,
            )


def silence_below(loudness: pl.DataFrame) -> float:
    """Level under which a film is silent: -60 LUFS, or just above its own floor where that lies far below the film.

    Parameters
    ----------
    loudness : pl.DataFrame
        rows of LOUDNESS

    Returns
    -------
    float
        LUFS
    """
    levels = loudness["loudness_lufs"].drop_nulls().to_numpy()
    sounding = levels[levels > SILENCE_DB + 1]
    if not len(sounding):
        return SILENCE_LUFS
    floor = float(np.quantile(sounding, FLOOR_SHARE))
    film = _film_loudness(sounding)
    usual = min(SILENCE_LUFS, film - FAINT_FILM_LU)
    highest = min(film - BELOW_FILM_LU, HIGHEST_SILENCE_LUFS)
    return max(usual, min(floor + ABOVE_FLOOR_LU, highest)) if floor <= highest else usual


def _film_loudness(levels: Values) -> float:
    """Loudness of a film: the mean of its steps within 10 LU of the mean of all, as BS.1770 gates it."""
    mean = 10 * np.log10(np.mean(10 ** (levels / 10)))
    return float(10 * np.log10(np.mean(10 ** (levels[levels > mean - 10] / 10))))


def _read_runs(loudness: pl.DataFrame) -> Iterator[tuple[int, Values]]:
    """Runs of loudness that were read, not sampled: their first step and their levels."""
    known = loudness.drop_nulls("loudness_lufs")
    steps, levels = known["step"].to_numpy().astype(np.int64), known["loudness_lufs"].to_numpy()
    runs = list(runs_of(steps))
    for first, last in runs:
        if len(runs) == 1 or last - first > SAMPLED_S * LOUDNESS_RATE_HZ:
            yield int(steps[first]), levels[first:last]


def _silences(loudness: pl.DataFrame) -> Iterator[dict[str, Any]]:
    below = silence_below(loudness)
    for kind, level in (("silence", below), ("digital_silence", SILENCE_DB + 0.01)):
        for step, levels in _read_runs(loudness):
            for start, end in spans_where(levels <= level):
                if end - start >= LEAST_SILENCE_S * LOUDNESS_RATE_HZ:
                    yield _row(kind, step + start, step + end, LOUDNESS_RATE_HZ)


def _sudden(loudness: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Loud sounds that come out of quiet: 15 LU above all of the second before, louder than 95 % of the film."""
    levels = loudness["loudness_lufs"].drop_nulls().to_numpy()
    sounding = levels[levels > SILENCE_DB + 1]
    if not len(sounding):
        return
    loud = float(np.quantile(sounding, SUDDEN_SHARE))
    before = round(SUDDEN_BEFORE_S * LOUDNESS_RATE_HZ)
    for step, run in _read_runs(loudness):
        if len(run) <= before:
            continue
        quiet = np.lib.stride_tricks.sliding_window_view(run, before).max(axis=1)[:-1]
        # a sound that begins within a step is at its height in the next
        height = np.maximum(run[before:], np.append(run[before + 1 :], SILENCE_DB))
        rise = height - quiet
        last = -(1 << 30)
        begun = run[before:] - quiet >= BEGUN_LU
        for at in np.flatnonzero((rise >= RISE_LU) & (height >= loud) & begun).tolist():
            if at - last < SUDDEN_APART_S * LOUDNESS_RATE_HZ:
                continue
            last = at
            start = before + at
            end = start + 1
            while end < len(run) and run[end] >= height[at] - 10 and end - start < 2 * LOUDNESS_RATE_HZ:
                end += 1
            yield _row("sudden", step + start, step + end, LOUDNESS_RATE_HZ, rise_lu=float(rise[at]))


def _events(events: pl.DataFrame | None) -> Iterator[dict[str, Any]]:
    """Spans of crying, laughter and the like: patches that score enough, joined where they overlap or nearly do."""
    if events is None:
        return
    enough = events.filter(pl.col("score") >= EVENT_SCORE).sort("start_s")
    for (kind,), own in enough.group_by("kind", maintain_order=True):
        starts, scores = own["start_s"].to_numpy(), own["score"].to_numpy()
        near = np.where(np.diff(starts) <= EVENT_GAP_S, 1, 2)
        for first, last in runs_of(np.cumsum(np.concatenate([[0], near]))):
            # the half second in the middle of a patch is what it speaks of
            start_s, end_s = float(starts[first]) + EVENT_EDGE_S, float(starts[last - 1]) + EVENT_S - EVENT_EDGE_S
            yield {"kind": kind, "start_s": start_s, "end_s": end_s, "score": float(scores[first:last].mean())}


def share_sounds(shots: pl.DataFrame, sounds: pl.DataFrame, hearing: pl.DataFrame) -> pl.DataFrame:
    """Fill each shot's shares of speech, music and silence: of its time, how much they last.

    Parameters
    ----------
    shots, sounds, hearing : pl.DataFrame
        rows of SHOTS, SOUNDS and HEARING

    Returns
    -------
    pl.DataFrame
        ``shots`` with ``speech``, ``music`` and ``silence``; null where a tenth or more of a shot was not listened to
    """
    starts, ends = shots["start_s"].to_numpy(), shots["end_s"].to_numpy()
    lasting = np.maximum(ends - starts, 1e-9)
    steps = hearing.filter(pl.col("speech").is_not_null())["step"].to_numpy()
    known = np.searchsorted(steps, ends * RATE_HZ) - np.searchsorted(steps, starts * RATE_HZ)
    read = known / RATE_HZ >= SHOT_READ * lasting - 1.0 / RATE_HZ
    columns = []
    for kind in ("speech", "music", "silence"):
        own = sounds.filter(pl.col("kind") == kind).sort("start_s")
        edges = np.concatenate([[0.0], np.column_stack([own["start_s"], own["end_s"]]).ravel()])
        total = np.concatenate([[0.0], np.cumsum(np.diff(edges) * (np.arange(len(edges) - 1) % 2))])
        inside = np.interp(ends, edges, total) - np.interp(starts, edges, total)
        share = pl.Series(kind, np.clip(inside / lasting, 0, 1), dtype=pl.Float32())
        columns.append(pl.when(pl.Series(read)).then(share).alias(kind))
    return shots.with_columns(columns)


def _power_sums(loudness: pl.DataFrame) -> tuple[NDArray[np.int64], Values]:
    known = loudness.drop_nulls("loudness_lufs")
    power = 10 ** (known["loudness_lufs"].to_numpy() / 10)
    return known["step"].to_numpy().astype(np.int64), np.concatenate([[0.0], np.cumsum(power)])


def _loudness_between(sums: tuple[NDArray[np.int64], Values], start_s: float, end_s: float) -> float | None:
    steps, total = sums
    first = int(np.searchsorted(steps, round(start_s * LOUDNESS_RATE_HZ)))
    last = max(int(np.searchsorted(steps, round(end_s * LOUDNESS_RATE_HZ))), first + 1)
    if last >= len(total):
        last = len(total) - 1
    if last <= first:
        return None
    return max(SILENCE_DB, float(10 * np.log10(max((total[last] - total[first]) / (last - first), 1e-12))))
