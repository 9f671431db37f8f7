"""The lanes that a film's tables give.

Conventions: a lane per measure, in groups; meanings and units come from ``tables.py``; a column that holds nothing
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
from punctum.report.sentences import known_error
from punctum.tables import FRAMES, SHOTS

SHORT_TERM_STEPS = 30
"""Short-term loudness is over 3 s: thirty steps of 100 ms (EBU Tech 3341)."""


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
    dashed: bool = False


_LOOKS = (
    _Look("brightness", "Brightness", "Light", "orange"),
    _Look("contrast", "Contrast", "Light", "orange", 0.0, 0.4, dashed=True),
    _Look("key", "Key", "Light", "ink", -1.0, 1.0, ((0.0, "as much light as dark"),)),
    _Look("saturation", "Saturation", "Colour", "purple", 0.0, 0.6),
    _Look("warmth", "Warmth", "Colour", "purple", -0.4, 0.4, ((0.0, "neither warm nor cold"),), True),
    _Look("colourfulness", "Colourfulness", "Colour", "purple", 0.0, 110.0, ((33.0, "moderately"), (82.0, "highly"))),
    _Look("motion_w_s", "Motion", "Motion", "green", 0.0, None),
    _Look("camera", "Camera’s share", "Motion", "green", 0.0, 1.0, dashed=True),
    _Look("change", "Change", "Motion", "ink", 0.0, None),
    _Look("level_db", "Level", "Sound", "blue", -72.0, 0.0, ((-40.0, "−40 dB"),), True),
)


def film_lanes(bundle: Bundle, barcode: Barcode, known_errors: Mapping[str, tuple[float, float]]) -> list[Lane]:
    """Every lane that the bundle's tables fill, in the order in which they are shown.

    Parameters
    ----------
    bundle : Bundle
        with tables ``frames``, ``shots`` and ``loudness``
    barcode : Barcode
        the film's colours
    known_errors : mapping of str to (float, float)
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
        *_shot_lanes(bundle.shots),
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
                known_error(look.column, quick, known_errors),
                look.group,
                look.dashed,
            )
        )
    times_s, short_term = short_term_loudness(bundle.tables["loudness"])
    if len(short_term):
        lanes.append(
            Lane(
                "loudness_lufs",
                "Loudness",
                "LUFS",
                "curve",
                Curve(short_term, times_s, -60.0, 0.0, ((-23.0, "−23, television"),)),
                "short-term loudness (BS.1770): K-weighted sound of the 3 s that end here",
                "blue",
                known_error("loudness_lufs", quick, known_errors),
                "Sound",
            )
        )
    return lanes


def _reach(values: NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    reach = float(np.quantile(known, 0.999)) if len(known) else 1.0
    return reach * 1.05 if reach > 0 else 1.0


def _shot_lanes(shots: pl.DataFrame) -> list[Lane]:
    if shots.height == 0:
        return []
    start_s = tuple(shots["start_s"].to_list())
    end_s = tuple(shots["end_s"].to_list())
    lengths = tuple(max(float(length), 0.02) for length in shots["length_s"].fill_null(0.0).to_list())
    doubtful = tuple(bool(flag) for flag in shots["provisional"].fill_null(value=False).to_list())
    lanes = [
        Lane(
            "shot",
            "Shots",
            "",
            "spans",
            Stretches(start_s, end_s, tuple(str(shot) for shot in shots["shot"].to_list()), (), (), doubtful),
            "one box a shot, with its number; dashed where it was found from key frames only",
            "ink",
            height_px=28,
        )
    ]
    soft = shots.filter(
        pl.col("begins").is_in(["dissolve", "fade", "wipe"]) & pl.col("transition_start_frame").is_not_null()
    )
    if soft.height:
        lanes.append(_transition_lane(soft))
    median = float(np.median(lengths))
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
                marks=((median, f"median {median:.2g} s"),),
            ),
            SHOTS["length_s"].meaning + ": one bar a shot, as broad as it lasts; height on a logarithmic scale",
            "sky",
            height_px=84,
        )
    )
    return lanes


def _transition_lane(soft: pl.DataFrame) -> Lane:
    # the boundary lies in the middle of a dissolve or wipe; where no finer time is at hand a transition is drawn
    # around it with the length its frames have in the shot it begins
    tones = {"dissolve": "sky", "fade": "ink", "wipe": "purple"}
    starts, ends = [], []
    for row in soft.iter_rows(named=True):
        span = max(row["end_frame"] - row["start_frame"], 1)
        frame_s = (row["end_s"] - row["start_s"]) / span
        starts.append(row["start_s"] + (row["transition_start_frame"] - row["start_frame"]) * frame_s)
        ends.append(row["start_s"] + (row["transition_end_frame"] - row["start_frame"]) * frame_s)
    kinds = soft["begins"].to_list()
    return Lane(
        "transition",
        "Transitions",
        "",
        "spans",
        Stretches(tuple(starts), tuple(ends), tuple(kinds), tuple(tones[kind] for kind in kinds), (), ()),
        "dissolves, fades and wipes, from their first trace to their last",
        "sky",
        height_px=24,
    )


def short_term_loudness(loudness: pl.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Loudness of the last three seconds at every step that has thirty steps in a row behind it.

    Parameters
    ----------
    loudness : pl.DataFrame
        table `loudness`: K-weighted level of steps of 100 ms

    Returns
    -------
    times_s : np.ndarray [shape=(n,), dtype=float64]
        end of each window
    loudness_lufs : np.ndarray [shape=(n,), dtype=float64]
        mean of the energies, as a level; at least -120

    Notes
    -----
    ITU-R BS.1770-5, EBU Tech 3341: the mean square over the window, without gates.
    """
    known = loudness.drop_nulls(["step", "loudness_lufs"]).sort("step")
    if known.height < SHORT_TERM_STEPS:
        return np.zeros(0), np.zeros(0)
    steps = known["step"].to_numpy().astype(np.int64)
    energy = 10 ** (known["loudness_lufs"].to_numpy() / 10)
    total = np.concatenate(([0.0], np.cumsum(energy)))
    last = np.arange(SHORT_TERM_STEPS - 1, len(steps))
    first = last - (SHORT_TERM_STEPS - 1)
    whole = steps[last] - steps[first] == SHORT_TERM_STEPS - 1
    mean = (total[last + 1] - total[first]) / SHORT_TERM_STEPS
    level = 10 * np.log10(np.maximum(mean, 1e-12))
    return known["start_s"].to_numpy()[last][whole] + 0.1, level[whole]
