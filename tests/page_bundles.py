"""Bundles made up for the page's tests: tables in the right columns, drawn from a seed."""

from fractions import Fraction

import numpy as np
import polars as pl

from punctum import tables
from punctum.film import Box, Bundle, Film, Stretch
from punctum.measure.words import Cue, Spine, measure_words


def make_film(frame_count: int = 240, fps: float = 24.0, **changes: object) -> Film:
    record: dict[str, object] = {
        "film_id": "00ff" * 8,
        "title": "Windscreen",
        "year": 2024,
        "time_base": Fraction(1, 1000),
        "frame_count": frame_count,
        "duration_s": frame_count / fps,
        "width_px": 960,
        "height_px": 540,
        "active_box_px": Box(0, 0, 960, 540),
        "sample_rate_hz": 48000,
        "channels": ("FL", "FR"),
        "stretches": (Stretch(0.0, frame_count / fps, Box(0, 0, 960, 540)),),
        "codec": "h264",
        "file_name": "windscreen.mkv",
    }
    record.update(changes)
    return Film(**record)  # type: ignore[arg-type]


def make_bundle(
    shot_lengths: list[int] | None = None,
    fps: float = 24.0,
    kept: np.ndarray | None = None,
    provisional: bool = False,
    stills: bool = True,
    sound: bool = True,
    readings: list[dict[str, object]] | None = None,
    film: dict[str, object] | None = None,
    made: dict[str, object] | None = None,
    film_address: str = "../windscreen.mkv",
    seed: int = 1,
    colour: bool = True,
    words: list[Cue] | None = None,
) -> Bundle:
    """A bundle of shots of these lengths in frames; `kept` are the frames that have a row (all by default)."""
    lengths = shot_lengths or [60, 36, 84, 60]
    rng = np.random.default_rng(seed)
    count = sum(lengths)
    ends = np.cumsum(lengths)
    starts = ends - np.array(lengths)
    # times in milliseconds as Matroska keeps them
    time_s = np.round(np.arange(count) / fps, 3)
    duration_s = count / fps
    number = np.arange(count) if kept is None else np.asarray(kept)
    shot_of = np.searchsorted(ends, number, side="right")
    own = rng.uniform(0, 1, (len(lengths), 4))
    slow = np.cumsum(rng.normal(0, 0.01, len(number)))
    bright = np.clip(own[shot_of, 0] * 0.7 + 0.1 + slow * 0.2, 0, 1)
    key_frames = provisional or kept is not None
    frames = pl.DataFrame(
        {
            "frame": number,
            "pts": (time_s[number] * 1000).astype(np.int64),
            "time_s": time_s[number],
            "interlaced": np.zeros(len(number), bool),
            "damaged": np.zeros(len(number), bool),
            "brightness": bright,
            "luma": bright,
            "contrast": np.clip(own[shot_of, 1] * 0.3 + rng.normal(0, 0.004, len(number)), 0, 1),
            "key": np.clip(bright * 2 - 1 + rng.normal(0, 0.02, len(number)), -1, 1),
            "sharpness": rng.uniform(0, 1, len(number)),
        }
    )
    if colour:
        frames = frames.with_columns(
            saturation=pl.Series(np.clip(own[shot_of, 2] * 0.4 + rng.normal(0, 0.01, len(number)), 0, 1)),
            warmth=pl.Series((own[shot_of, 3] - 0.5) * 0.4),
            colourfulness=pl.Series(own[shot_of, 2] * 80 + rng.normal(0, 1, len(number))),
        )
    if not key_frames:
        frames = frames.with_columns(
            change=pl.Series(np.abs(rng.normal(0.02, 0.01, len(number)))),
            motion_w_s=pl.Series(np.abs(rng.normal(0.05, 0.04, len(number)))),
            camera=pl.Series(rng.uniform(0, 1, len(number))),
        )
        if sound:
            frames = frames.with_columns(level_db=pl.Series(rng.normal(-28, 6, len(number))))
    shots = pl.DataFrame(
        {
            "shot": np.arange(len(lengths)),
            "start_frame": starts,
            "end_frame": ends,
            "start_s": time_s[starts],
            "end_s": np.append(time_s[ends[:-1]], duration_s),
            "begins": ["open"] + ["cut"] * (len(lengths) - 1),
            "ends": ["cut"] * (len(lengths) - 1) + ["close"],
            "flat": [False] * len(lengths),
            "doubt": [None] + [0.01] * (len(lengths) - 1),
            "corrected": [False] * len(lengths),
            "provisional": [provisional] * len(lengths),
            "palette": [["#102030", "#c08040", "#e0e0d0"]] * len(lengths),
            "palette_shares": [[0.5, 0.3, 0.2]] * len(lengths),
            "stills": [[int((a + b) // 2)] if stills else [] for a, b in zip(starts, ends, strict=True)],
        }
    ).with_columns(length_s=pl.col("end_s") - pl.col("start_s"))
    light = (bright[:, None] * 255 * np.linspace(1, 0.6, 144)[None, :]).astype(np.uint8)
    tint = (128 + (own[shot_of, 2:4] - 0.5) * 60).astype(np.uint8)
    cells = np.concatenate([light[:, :, None], np.repeat(tint[:, None, :], 144, axis=1)], axis=2)
    grid = pl.DataFrame({"frame": number, "cells": [row.tobytes() for row in cells]})
    steps = np.arange(int(duration_s * 10)) if sound else np.arange(0)
    if provisional:
        steps = steps[steps % 100 < 30]
    loudness = pl.DataFrame(
        {"step": steps, "start_s": steps / 10, "loudness_lufs": rng.normal(-24, 4, len(steps))},
        schema_overrides={"step": pl.Int32, "start_s": pl.Float64, "loudness_lufs": pl.Float64},
    )
    rows = usual_readings(lengths, duration_s, provisional) if readings is None else readings
    reading = pl.DataFrame([{"reading": i, **row} for i, row in enumerate(rows)], schema=tables.schema(tables.READINGS))
    spine = Spine(number.astype(np.int64), time_s[number], count, duration_s)
    said, _ = measure_words(words or [], spine, "en")
    return Bundle(
        film=make_film(count, fps, **{"sample_rate_hz": 48000 if sound else 0, **(film or {})}),
        tables={
            "frames": tables.conform(frames, tables.FRAMES),
            "loudness": tables.conform(loudness, tables.LOUDNESS),
            "shots": tables.conform(shots, tables.SHOTS),
            "words": said,
            "readings": tables.conform(reading, tables.READINGS),
        },
        grid=tables.conform(grid, tables.GRID).lazy(),
        made=made or {"schema": tables.SCHEMA},
        film_address=film_address,
    )


def usual_readings(lengths: list[int], duration_s: float, provisional: bool = False) -> list[dict[str, object]]:
    """Readings as a film of these shots has them."""
    count = sum(lengths)
    last = {"start_frame": count - lengths[-1], "end_frame": count, "start_s": 0.0, "end_s": duration_s}
    whole = {"start_frame": 0, "end_frame": count, "start_s": 0.0, "end_s": duration_s}
    population = "134 Hollywood films, 1935–2005"
    return [
        {
            "span": "ending",
            **last,
            "measure": "last_shot_s",
            "value": 91.2,
            "unit": "s",
            "statement": "The last shot holds for 1 min 31 s, longer than any before it (film’s median 4.2 s).",
            "baseline": population,
            "baseline_value": 12.6,
            "percentile": 97.1,
            "provisional": provisional,
        },
        {
            "span": "ending",
            **last,
            "measure": "ending_brightness",
            "value": 0.21,
            "unit": "",
            "statement": "Its light is lower than in nine tenths of the film.",
            "provisional": provisional,
        },
        {
            "span": "film",
            **whole,
            "measure": "shot_count",
            "value": float(len(lengths)),
            "unit": "",
            "statement": f"The film has {len(lengths)} shots.",
            "provisional": provisional,
        },
        {
            "span": "film",
            **whole,
            "measure": "average_shot_length_s",
            "value": 6.76,
            "unit": "s",
            "statement": "A shot lasts 6.8 s on average.",
            "baseline": population,
            "baseline_value": 6.9,
            "percentile": 48.2,
            "provisional": provisional,
        },
        {
            "span": "film",
            **whole,
            "measure": "integrated_loudness_lufs",
            "value": -23.4,
            "unit": "LUFS",
            "statement": "The film is as loud as television asks for.",
            "provisional": provisional,
        },
        {
            "span": "shot 2",
            **whole,
            "measure": "held_still",
            "value": None,
            "unit": "",
            "statement": "Nothing moves in shot 2.",
            "provisional": provisional,
        },
    ]
