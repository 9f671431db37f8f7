"""The lanes that a film's tables give.

Conventions: a lane per measure, in groups; meanings and units come from ``tables/``; a column that holds nothing
makes no lane. Bounds of a plot are fixed where the measure has natural ones, so that two films can be compared;
elsewhere the plot reaches to the value that one frame in a thousand exceeds.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.draw.lanes import Barcode, Curve, Lane, Stretches, Strip
from punctum.film import Bundle
from punctum.reading.loudness import short_term_loudness
from punctum.report.moments import moment_lanes
from punctum.report.own_lanes import own_lanes
from punctum.report.scene_lanes import arc_lanes, scene_lanes
from punctum.report.sentences import known_error, spoken_duration
from punctum.report.sound_lanes import sound_lanes
from punctum.report.word_lanes import word_lanes
from punctum.tables import FRAMES, SHOTS, Known


@dataclass(frozen=True)
class _Look:
    """How a column of `frames` is drawn: bounds (None: from the film), marks, colour."""

    column: str
    label: str
    group: str
    colour: str
    low: float = 0.0
    high: float | None = 1.0
    marks: tuple[tuple[float, str], ...] = ()


DOUBT_SHOWN = 0.25
"""From this doubt on a shot's beginning is marked as doubtful."""

_LOOKS = (
    _Look("brightness", "Brightness", "Light", "orange"),
    _Look("contrast", "Contrast", "Light", "orange", 0.0, 0.4),
    _Look("key", "Key", "Light", "ink", -1.0, 1.0, ((0.0, "as much light as dark"),)),
    _Look("saturation", "Saturation", "Colour", "purple", 0.0, 0.6),
    _Look("warmth", "Warmth", "Colour", "purple", -0.4, 0.4, ((0.0, "neither warm nor cold"),)),
    _Look("colourfulness", "Colourfulness", "Colour", "purple", 0.0, 110.0, ((33.0, "moderately"), (82.0, "highly"))),
    _Look("motion_w_s", "Motion", "Motion", "green", 0.0, None),
    _Look("camera", "Camera’s share", "Motion", "green", 0.0, 1.0),
    _Look("change", "Change", "Motion", "ink", 0.0, None),
    _Look("level_db", "Level", "Sound", "blue", -72.0, 0.0, ((-40.0, "−40 dB"),)),
)


def film_lanes(bundle: Bundle, barcode: Barcode, known_errors: Mapping[str, Known]) -> list[Lane]:
    """Every lane that the bundle's tables fill, in the order in which they are shown.

    Parameters
    ----------
    bundle : Bundle
        with tables ``frames``, ``shots`` and ``loudness``
    barcode : Barcode
        the film's colours
    known_errors : mapping of str to Known
        95 % spread of each measure in a full and in a quick reading

    Returns
    -------
    list of Lane
    """
    quick = bool(bundle.shots["provisional"].fill_null(value=False).all()) if bundle.shots.height else False
    lanes = [
        Lane(
            "picture", "Picture", "", "strip", Strip(), "stills of the film, as many as there is room for", height_px=56
        ),
        Lane(
            "barcode",
            "Colour",
            "",
            "barcode",
            barcode,
            "the colours of each moment, top to bottom as in the picture, averaged in OKLab",
            height_px=56,
        ),
        *scene_lanes(bundle),
        *moment_lanes(bundle),
        *_shot_lanes(bundle.shots, bundle.frames),
        *arc_lanes(bundle),
        *word_lanes(bundle.tables.get("words")),
    ]
    frames = bundle.frames
    for look in _LOOKS:
        if frames.height == 0 or frames[look.column].null_count() == frames.height:
            continue
        values = frames[look.column].to_numpy().astype(np.float64)
        column = FRAMES[look.column]
        lanes.append(
            Lane(
                look.column,
                look.label,
                column.unit,
                "curve",
                Curve(values, None, look.low, _reach(values) if look.high is None else look.high, look.marks),
                column.meaning,
                look.colour,
                known_error(f"frames.{look.column}", quick, known_errors),
                look.group,
            )
        )
    lanes += own_lanes(bundle)
    heard = short_term_loudness(bundle.tables["loudness"])
    if heard.height:
        lanes.append(
            Lane(
                "loudness_lufs",
                "Loudness",
                "LUFS",
                "curve",
                Curve(
                    heard["loudness_lufs"].to_numpy(),
                    heard["end_s"].to_numpy(),
                    -60.0,
                    0.0,
                    ((-23.0, "−23, television"),),
                ),
                "short-term loudness (BS.1770): K-weighted sound of the 3 s that end here",
                "blue",
                known_error("frames.loudness_lufs", quick, known_errors),
                "Sound",
            )
        )
    return lanes + sound_lanes(bundle.tables.get("sounds"))


def missing_lanes(bundle: Bundle, state: str) -> list[str]:
    """Say which rows the score lacks, and why: one sentence a reason."""
    frames = bundle.frames
    lacks: dict[str, list[str]] = {}
    for look in _LOOKS:
        if frames.height and frames[look.column].null_count() < frames.height:
            continue
        if look.group == "Colour" and frames.height:
            reason = "the film has no colour"
        elif look.group == "Sound" and not bundle.film.sample_rate_hz:
            reason = "the film has no sound"
        else:
            reason = "seen only where every frame is read" if state == "quick" else "was not measured"
        lacks.setdefault(reason, []).append(look.label)
    sentences = []
    for reason, labels in lacks.items():
        names = [labels[0], *(label.lower() for label in labels[1:])]
        joined = ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]
        sentences.append(f"{joined}: {reason}.")
    return sentences


def _reach(values: NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    reach = float(np.quantile(known, 0.999)) if len(known) else 1.0
    return reach * 1.05 if reach > 0 else 1.0


def _shot_lanes(shots: pl.DataFrame, frames: pl.DataFrame) -> list[Lane]:
    if shots.height == 0:
        return []
    start_s = tuple(shots["start_s"].to_list())
    end_s = tuple(shots["end_s"].to_list())
    lengths = tuple(max(float(length), 0.02) for length in shots["length_s"].fill_null(0.0).to_list())
    in_doubt = pl.col("provisional").fill_null(value=False) | (pl.col("doubt").fill_null(0.0) >= DOUBT_SHOWN)
    doubtful = tuple(bool(flag) for flag in shots.select(in_doubt).to_series().to_list())
    lanes = [
        Lane(
            "shot",
            "Shots",
            "",
            "spans",
            Stretches(start_s, end_s, tuple(str(shot) for shot in shots["shot"].to_list()), (), (), doubtful),
            "one box a shot, with its number; dashed where it was found from key frames only, or may not begin there",
            "ink",
            height_px=28,
        )
    ]
    soft = shots.filter(
        pl.col("begins").is_in(["dissolve", "fade", "wipe"]) & pl.col("transition_start_frame").is_not_null()
    )
    if soft.height:
        lanes.append(_transition_lane(soft, frames))
    median = float(np.median(pictured_lengths(shots) or lengths))
    lanes.append(
        Lane(
            "length_s",
            "Shot length",
            "s",
            "spans",
            Stretches(
                start_s,
                end_s,
                values=lengths,
                low=max(min(lengths) / 2, 0.02),
                high=max(max(lengths) * 1.3, 1.0),
                marks=((median, f"median {spoken_duration(median)}"),),
            ),
            SHOTS["length_s"].meaning + ": one bar a shot, as broad as it lasts, height on a logarithmic"
            " scale; the line is the mean of the logarithms over a twentieth of the shots around",
            "sky",
            height_px=84,
        )
    )
    return lanes


def _transition_lane(soft: pl.DataFrame, frames: pl.DataFrame) -> Lane:
    tones = {"dissolve": "sky", "fade": "ink", "wipe": "purple"}
    starts = times_of(soft["transition_start_frame"].to_numpy(), frames)
    ends = times_of(soft["transition_end_frame"].to_numpy(), frames)
    kinds = soft["begins"].to_list()
    return Lane(
        "transition",
        "Transitions",
        "",
        "spans",
        Stretches(tuple(starts.tolist()), tuple(ends.tolist()), tuple(kinds), tuple(tones[kind] for kind in kinds)),
        "dissolves, fades and wipes, from their first trace to their last",
        "sky",
        height_px=24,
    )


def pictured_lengths(shots: pl.DataFrame) -> list[float]:
    """Lengths of the shots that show something; of all where none does. Flat stretches are no cutting."""
    shown = shots.filter(~pl.col("flat").fill_null(value=False))
    return (shown if shown.height else shots)["length_s"].drop_nulls().to_list()


def times_of(numbers: NDArray[np.integer], frames: pl.DataFrame) -> NDArray[np.float64]:
    """Times of frames: those of ``frames`` where it has their rows, between two rows in proportion."""
    if frames.height == 0:
        return np.zeros(len(numbers))
    return np.asarray(np.interp(numbers, frames["frame"].to_numpy(), frames["time_s"].to_numpy()))
