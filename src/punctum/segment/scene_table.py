"""Scenes as a table: what each is made of and what it is like as a whole.

Conventions: medians are over the frames of a scene; loudness is the mean of energies, ungated.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.segment.drifts import sum_drifts
from punctum.segment.set_ups import SetUps, number_set_ups
from punctum.segment.summaries import film_palette
from punctum.tables import SCENES, SILENCE_DB, conform, empty

Floats = NDArray[np.float64]

MEDIANS = ("brightness", "contrast", "key", "saturation", "warmth", "motion_w_s")


class Part(NamedTuple):
    """Shots ``first`` up to ``end`` as one scene; ``start_frame`` where it does not begin with its first shot."""

    first: int
    end: int
    kind: str
    chance: float
    said: bool
    start_frame: int | None = None


def tabulate(parts: Sequence[Part], table: Mapping[str, pl.DataFrame], set_ups: SetUps) -> pl.DataFrame:
    """Lay scenes out as the table ``scenes``.

    Parameters
    ----------
    parts : sequence of Part
        in order, the first from shot 0, without gaps
    table : mapping of str to pl.DataFrame
        ``shots``, ``frames``, ``drifts``, ``loudness``, ``sounds`` and ``words``
    set_ups : SetUps
        of the shots
    """
    if not parts:
        return empty(SCENES)
    shots, frames = table["shots"], table["frames"]
    numbers, times = frames["frame"].to_numpy(), frames["time_s"].to_numpy()
    start_frame = np.array(
        [int(shots["start_frame"][p.first]) if p.start_frame is None else p.start_frame for p in parts]
    )
    end_frame = np.append(start_frame[1:], int(shots["end_frame"][-1]))
    start_s = np.array(
        [
            float(shots["start_s"][p.first]) if p.start_frame is None else _time_of(p.start_frame, numbers, times)
            for p in parts
        ]
    )
    end_s = np.append(start_s[1:], float(shots["end_s"][-1]))
    inner = [i > 0 and p.start_frame is not None for i, p in enumerate(parts)]
    rows: list[dict[str, Any]] = []
    for i, part in enumerate(parts):
        own = shots.slice(part.first, part.end - part.first)
        colours, _ = film_palette(own)
        rows.append(
            {
                "scene": i,
                "start_frame": int(start_frame[i]),
                "end_frame": int(end_frame[i]),
                "start_s": start_s[i],
                "end_s": end_s[i],
                "length_s": end_s[i] - start_s[i],
                "first_shot": part.first,
                "end_shot": part.end,
                "kind": part.kind,
                "begins": "within" if inner[i] else own["begins"][0],
                "ends": "within" if i + 1 < len(parts) and inner[i + 1] else own["ends"][-1],
                "characters": _seen(own),
                "doubt": None if i == 0 or part.said else 1.0 - part.chance,
                "corrected": part.said,
                "average_shot_length_s": (end_s[i] - start_s[i]) / max(own.height, 1),
                "palette": colours,
            }
        )
    made = pl.DataFrame(rows, infer_schema_length=None, schema_overrides={"characters": pl.List(pl.Int32)})
    numbered = number_set_ups(made, set_ups)
    made = made.with_columns(
        pl.Series("set_ups", [numbered[part.first : part.end].n_unique() for part in parts]),
        *_medians(frames, start_frame),
        *_drifts(table["drifts"], start_frame),
        _loudness(table["loudness"], start_s, end_s),
        *(_share(table["sounds"], kind, start_s, end_s) for kind in ("speech", "music", "silence")),
        _headings(table["words"], start_s),
    )
    return conform(made, SCENES)


def _time_of(frame: int, numbers: NDArray[np.int32], times: Floats) -> float:
    return float(times[min(int(np.searchsorted(numbers, frame)), len(times) - 1)])


def _seen(own: pl.DataFrame) -> list[int] | None:
    """Who is seen in some shots, by the time of the shots they are seen in."""
    seen = own.select("characters", "length_s").drop_nulls().explode("characters").drop_nulls()
    if not seen.height:
        return [] if own["characters"].null_count() < own.height else None
    summed = seen.group_by("characters").agg(pl.col("length_s").sum()).sort(["length_s", "characters"], descending=True)
    return [int(one) for one in summed["characters"]]


def _medians(frames: pl.DataFrame, start_frame: NDArray[np.int64]) -> list[pl.Series]:
    own = np.clip(np.searchsorted(start_frame, frames["frame"].to_numpy(), side="right") - 1, 0, None)
    every = pl.DataFrame({"scene": np.arange(len(start_frame), dtype=np.int32)})
    made = []
    for name in MEDIANS:
        rows = pl.DataFrame({"scene": own.astype(np.int32), name: frames[name]})
        medians = rows.group_by("scene").agg(pl.col(name).median())
        made.append(every.join(medians, on="scene", how="left", maintain_order="left")[name])
    return made


def _drifts(drifts: pl.DataFrame, start_frame: NDArray[np.int64]) -> list[pl.Series]:
    own = np.clip(np.searchsorted(start_frame, drifts["frame"].to_numpy(), side="right") - 1, 0, None)
    found = [sum_drifts(drifts.filter(pl.Series(own == scene))) for scene in range(len(start_frame))]
    columns = zip(("particles", "particles_deg", "particles_h_s"), zip(*found, strict=True), strict=True)
    return [pl.Series(name, list(values), dtype=pl.Float32) for name, values in columns]


def _loudness(loudness: pl.DataFrame, start_s: Floats, end_s: Floats) -> pl.Series:
    rows = loudness.drop_nulls()
    energy = np.concatenate([[0.0], np.cumsum(10.0 ** (rows["loudness_lufs"].to_numpy() / 10.0))])
    place = np.searchsorted(rows["start_s"].to_numpy() + 0.05, np.stack([start_s, end_s]))
    count = place[1] - place[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        level = 10.0 * np.log10((energy[place[1]] - energy[place[0]]) / count)
    return pl.Series("loudness_lufs", np.where(count > 0, np.maximum(level, SILENCE_DB), np.nan), nan_to_null=True)


def _share(sounds: pl.DataFrame, kind: str, start_s: Floats, end_s: Floats) -> pl.Series:
    """Share of each scene in which one kind of sound is heard; null for a film whose sound was not listened to."""
    if not sounds.height:
        return pl.Series(kind, [None] * len(start_s), dtype=pl.Float32)
    kinds = (kind, "digital_silence") if kind == "silence" else (kind,)
    spans = sounds.filter(pl.col("kind").is_in(kinds)).select("start_s", "end_s").drop_nulls().sort("start_s")
    covered, until = np.zeros(len(start_s)), -np.inf
    for low, high in spans.iter_rows():
        low, until = max(low, until), max(high, until)
        covered += np.clip(np.minimum(end_s, high) - np.maximum(start_s, low), 0.0, None)
    return pl.Series(kind, np.minimum(covered / np.maximum(end_s - start_s, 1e-9), 1.0))


def _headings(words: pl.DataFrame, start_s: Floats) -> pl.Series:
    """Give the screenplay's heading of most lines of each scene."""
    rows = words.filter(pl.col("scene_heading").is_not_null()).select("start_s", "end_s", "scene_heading")
    made: list[str | None] = [None] * len(start_s)
    own = np.searchsorted(start_s, (rows["start_s"] + rows["end_s"]).to_numpy() / 2, side="right") - 1
    for scene in np.unique(own[own >= 0]).tolist():
        made[scene] = rows.filter(pl.Series(own == scene))["scene_heading"].mode().sort()[0]
    return pl.Series("heading", made, dtype=pl.String)
