"""What an essay's pictures show: which frames have to be cut, and the plots.

Conventions: a frame is asked for by its film's key and its time; the outer half cuts it, or gives the nearest still
that the bundle has. Shots and scenes have the numbers of their tables.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from markupsafe import Markup

from punctum.draw.course import Panel, course_plot
from punctum.errors import PunctumError
from punctum.essay.checking import Checked
from punctum.essay.evidence import Picture
from punctum.essay.footage import Footage, Span, SpanUnknown
from punctum.essay.measures import MEASURES, Measure
from punctum.essay.writing import Essay
from punctum.reading.sentences import write_clock

Films = Mapping[str, Footage | PunctumError]

STILL_WIDTH_PX = 1280
"""A still is at most so wide, unless the writer says otherwise."""

STRIP_WIDTH_PX = 640
EVIDENCE_WIDTH_PX = 480
MOST_IN_STRIP = 6
LONGEST_CLIP_S = 30.0

COLOURS = {
    "brightness": "orange", "light": "orange", "contrast": "orange", "key": "orange", "saturation": "purple",
    "warmth": "purple", "colourfulness": "purple", "motion_w_s": "green", "camera": "green", "tempo": "green",
    "arousal": "orange", "level_db": "blue", "loudness_lufs": "blue", "integrated_loudness_lufs": "blue",
    "closeness": "purple", "distance": "purple", "speech_share": "green", "valence": "sky",
}  # fmt: skip
"""A measure has the colour that it has on the film's page."""


class Frame(NamedTuple):
    """A frame to be cut: the film's key, its number and time, how wide at most, and its shot."""

    film: str
    frame: int
    time_s: float
    width_px: int
    shot: int | None = None


def frames_of_picture(picture: Picture, films: Films) -> list[Frame]:
    """Frames that a picture shows; none for a plot."""
    footage = films.get(picture.film)
    if not isinstance(footage, Footage) or picture.form in ("plot", "own"):
        return []
    start_s, end_s = footage.moment(picture.span)
    if start_s == end_s or picture.form == "still":
        at_s = start_s if start_s == end_s else _telling_time(footage, picture.span, start_s, end_s)
        return [_frame(picture.film, footage, at_s, picture.width_px or STILL_WIDTH_PX)]
    if picture.form == "clip":
        return [_frame(picture.film, footage, start_s, picture.width_px or STILL_WIDTH_PX)]
    width = picture.width_px or STRIP_WIDTH_PX
    return [_frame(picture.film, footage, at_s, width) for at_s in _strip_times(footage, start_s, end_s)]


def frames_of_evidence(essay: Essay, checked: Checked, films: Films) -> dict[int, Frame]:
    """The frame that each piece of evidence opens with, by its number."""
    frames = {}
    for evidence in essay.evidence:
        finding, footage = checked.of(evidence.number), films.get(evidence.film)
        if finding is None or finding.frame is None or not isinstance(footage, Footage):
            continue
        numbers, times = footage.frame_times
        at = int(np.searchsorted(numbers, finding.frame))
        time_s = float(times[at]) if at < len(times) else 0.0
        frames[evidence.number] = _frame(evidence.film, footage, time_s, EVIDENCE_WIDTH_PX)
    return frames


def _frame(film: str, footage: Footage, at_s: float, width_px: int) -> Frame:
    frame = footage.frame_at(at_s)
    numbers, times = footage.frame_times
    at = int(np.searchsorted(numbers, frame))
    time_s = float(times[at]) if at < len(times) else at_s
    return Frame(film, frame, time_s, width_px, shot_at(footage, time_s))


def shot_at(footage: Footage, time_s: float) -> int | None:
    """The number of the shot on the screen at a time."""
    rows = footage.table("shots").filter((pl.col("start_s") <= time_s + 1e-6) & (pl.col("end_s") > time_s + 1e-6))
    return int(rows["shot"][0]) if rows.height else None


def _own_still(footage: Footage, shot: Mapping[str, object]) -> float:
    """The time of a shot's own picture, else its middle."""
    stills = shot["stills"]
    numbers, times = footage.frame_times
    if isinstance(stills, list) and stills:
        at = int(np.searchsorted(numbers, stills[0]))
        if at < len(times):
            return float(times[at])
    return (float(shot["start_s"]) + float(shot["end_s"])) / 2  # type: ignore[arg-type]


def _telling_time(footage: Footage, words: str, start_s: float, end_s: float) -> float:
    """A time that shows a span: its longest shot's own picture."""
    shots = Span(footage, words, start_s, end_s).shots
    if not shots.height:
        return (start_s + end_s) / 2
    at_s = _own_still(footage, shots.sort("length_s", descending=True).row(0, named=True))
    return at_s if start_s <= at_s < end_s else (start_s + end_s) / 2


def _strip_times(footage: Footage, start_s: float, end_s: float) -> list[float]:
    """Times of a strip: the shots' own pictures, or evenly apart where there are fewer than three shots."""
    shots = footage.table("shots").filter((pl.col("end_s") > start_s + 0.2) & (pl.col("start_s") < end_s - 0.2))
    if shots.height >= 3:
        times = []
        for row in shots.iter_rows(named=True):
            at_s = _own_still(footage, row)
            low, high = max(row["start_s"], start_s), min(row["end_s"], end_s)
            times.append(at_s if low <= at_s < high else (low + high) / 2)
        if len(times) > MOST_IN_STRIP:
            times = [times[round(n * (len(times) - 1) / (MOST_IN_STRIP - 1))] for n in range(MOST_IN_STRIP)]
        return times
    return [start_s + (n + 0.5) * (end_s - start_s) / 4 for n in range(4)]


def clip_of(picture: Picture, films: Films) -> tuple[float, float] | None:
    """Where a clip begins and ends, cut short at its longest; None for what is no clip."""
    footage = films.get(picture.film)
    if picture.form != "clip" or not isinstance(footage, Footage):
        return None
    start_s, end_s = footage.moment(picture.span)
    return (start_s, min(end_s, start_s + LONGEST_CLIP_S)) if end_s > start_s else None


def plot_of(picture: Picture, films: Films) -> Markup:
    """Draw a picture's measures over its span."""
    footage = films.get(picture.film)
    if not isinstance(footage, Footage):
        return Markup("")
    try:
        start_s, end_s = footage.moment(picture.span)
    except SpanUnknown:
        return Markup("")
    measures = [MEASURES[name] for name in picture.measures if name in MEASURES and MEASURES[name].course]
    panels = [_panel(measure, footage) for measure in measures]
    cuts = footage.table("shots")["start_s"].drop_nulls().to_list()
    clock = [write_clock(at_s) for at_s in (start_s, (start_s + end_s) / 2, end_s)]
    words = picture.alt or ", ".join(measure.words for measure in measures)
    return course_plot(panels, start_s, end_s, cuts, f"{words}, {clock[0]} to {clock[2]}", clock)


def _panel(measure: Measure, footage: Footage) -> Panel:
    assert measure.course is not None
    table, column = measure.course
    colour = COLOURS.get(measure.name, "sky")
    label = measure.words[:1].upper() + measure.words[1:]
    if table == "shots":
        rows = footage.cut.pictured
        times, values = rows["start_s"].to_numpy(), rows["length_s"].cast(pl.Float64).to_numpy()
        typical = float(np.median(values)) if len(values) else None
        return Panel("Shot length", "s", "sky", times, values, 1, typical, steps=True)
    at_s, values = footage.course(table, column, {"frames": "time_s", "arcs": "time_s"}[table])
    typical = float(np.median(values)) if len(values) else None
    unit = "" if measure.unit == "share" else measure.unit
    return Panel(label, unit, colour, at_s, values, measure.decimals, typical)


def film_facts(footage: Footage) -> Sequence[tuple[str, str]]:
    """What is known of a film's file, for the methods note."""
    film, made = footage.film, footage.bundle.made
    versions = made.get("versions", {})
    version = versions.get("punctum", "") if isinstance(versions, dict) else ""
    facts = [
        ("file", film.file_name),
        ("picture", f"{film.width_px} × {film.height_px}, {film.codec}".rstrip(", ")),
        ("running time", write_clock(film.duration_s)),
        ("read by", f"Punctum {version}".strip()),
        ("film", film.film_id),
        ("picture’s packets", film.content_id),
    ]
    return [(name, value) for name, value in facts if value]
