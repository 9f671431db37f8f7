"""OpenTimelineIO: one track of gapless clips out, tracks and markers in. Written and read by its own library.

Conventions: positions of the track count from 0; a clip's source range counts from the file's start time code. What
OTIO has no field for lies in each clip's metadata under ``punctum``.
"""

import json
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from punctum.export.events import MARKERS, MOST_EVENTS, Event, Taken
from punctum.export.timeline import Timeline, one_line

MOST_DEPTH = 60
"""Deeper nesting is refused: the library would go down it on the stack."""


def write_otio(timeline: Timeline) -> tuple[str, list[str]]:
    """Write a film's shots and markers as OTIO.

    Returns
    -------
    text : str
    remarks : list of str
        none: the format holds it all
    """
    import opentimelineio as otio

    fps = float(timeline.clock.rate.fps)

    def span(start: int, end: int) -> Any:
        return otio.opentime.TimeRange(
            otio.opentime.RationalTime(start, fps), otio.opentime.RationalTime(end - start, fps)
        )

    made = otio.schema.Timeline(name=timeline.title)
    made.metadata["punctum"] = {"error_frames": round(timeline.error_frames, 3), "rate": str(timeline.clock.rate.fps)}
    track = otio.schema.Track(name="shots", kind=otio.schema.TrackKind.Video)
    made.tracks.append(track)
    whole = span(timeline.start, timeline.start + timeline.length)
    for clip in timeline.clips:
        media = otio.schema.ExternalReference(target_url=timeline.media, available_range=whole)
        media.name = timeline.media_name
        if timeline.reel:
            media.metadata["reel"] = timeline.reel
        one = otio.schema.Clip(
            name=f"shot {clip.shot}",
            media_reference=media,
            source_range=span(timeline.start + clip.start, timeline.start + clip.end),
        )
        one.metadata["punctum"] = {
            "shot": clip.shot,
            "begins": clip.begins,
            "ends": clip.ends,
            "scale": clip.scale,
            "transition": list(clip.transition) if clip.transition else None,
        }
        track.append(one)
    for mark in timeline.marks:
        marker = otio.schema.Marker(name=mark.name, marked_range=span(mark.start, mark.end), comment=mark.comment)
        marker.color = _COLOURS.get(mark.kind, "PURPLE")
        marker.metadata["punctum"] = {"kind": mark.kind}
        track.markers.append(marker)
    return otio.adapters.write_to_string(made, "otio_json"), []


_COLOURS = {"scene": "GREEN", "moment": "RED", "note": "YELLOW", "ending": "PINK"}


def read_otio(text: str, fps: Fraction, seconds: Callable[[int], float], length: int) -> Taken:
    """Read an OTIO timeline's picture tracks and markers.

    Parameters
    ----------
    text : str
    fps : Fraction
        the film's rate
    seconds : callable
        from a position of the film to its time
    length : int
        positions that the film has

    Raises
    ------
    ValueError
        for what is no timeline
    """
    import opentimelineio as otio

    _check_depth(text)
    try:
        made = otio.adapters.read_from_string(text, "otio_json")
    except (otio.exceptions.OTIOError, ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
        raise ValueError(f"is no OTIO that can be read: {one_line(str(error), 120)}") from None
    if isinstance(made, otio.schema.SerializableCollection):
        made = next((one for one in made if isinstance(one, otio.schema.Timeline)), None)
    if not isinstance(made, otio.schema.Timeline):
        raise ValueError("holds no timeline")
    faults: Counter[str] = Counter()
    events: list[Event] = []
    rates: Counter[float] = Counter()

    def place(time: Any) -> int:
        value: float = time.value_rescaled_to(float(fps))
        return round(value)

    def keep(span: Any, words: str, tier: str, boundary: str, tags: tuple[str, ...] = ()) -> None:
        rates[span.duration.rate] += 1
        start, end = place(span.start_time), place(span.end_time_exclusive())
        if not 0 <= start <= end <= length:
            faults["events beyond the film"] += 1
            return
        point = end <= start + bool(tags)
        events.append(Event(seconds(start), None if point else seconds(end), words, tier, tags, boundary=boundary))
        if len(events) > MOST_EVENTS:
            raise ValueError(f"has more than {MOST_EVENTS} events")

    try:
        for track in made.video_tracks():
            _read_track(track, keep, faults, otio)
        for marker in made.tracks.markers:
            _read_marker(marker, keep)
    except (otio.exceptions.OTIOError, RuntimeError, OverflowError, ZeroDivisionError) as error:
        raise ValueError(f"is no timeline that can be laid out: {one_line(str(error), 120)}") from None
    if not events:
        raise ValueError("holds no clip and no marker within the film")
    others = [rate for rate in rates if abs(rate - float(fps)) > 1e-3]
    remarks = [f"its {others[0]:.5g} frames a second were brought to the film's {float(fps):.5g}"] if others else []
    return Taken(events, faults, remarks)


def _read_track(track: Any, keep: Callable[..., None], faults: Counter[str], otio: Any) -> None:
    before = None
    at = otio.opentime.RationalTime(0, 1)
    for child in track:
        if isinstance(child, otio.schema.Transition):
            before = "dissolve" if "dissolve" in child.transition_type.lower() else "wipe"
            continue
        if not isinstance(child, otio.core.Item):
            faults["things that are no clip"] += 1
            continue
        # counted up here: asking each child for its place in the track takes time that grows with the square
        span = otio.opentime.TimeRange(at, child.duration())
        at = span.end_time_exclusive()
        if not isinstance(child, otio.schema.Gap):
            ours = child.metadata.get("punctum")
            begins = ours.get("begins") if hasattr(ours, "get") else None
            keep(span, child.name, track.name or "clips", begins if isinstance(begins, str) else before or "cut")
        before = None
    for marker in track.markers:
        _read_marker(marker, keep)


def _read_marker(marker: Any, keep: Callable[..., None]) -> None:
    ours = marker.metadata.get("punctum")
    kind = ours.get("kind") if hasattr(ours, "get") else None
    words = ": ".join(part for part in (marker.name, marker.comment) if part)
    keep(marker.marked_range, words, MARKERS, "", (kind if isinstance(kind, str) else (marker.color or "").lower(),))


def _check_depth(text: str) -> None:
    try:
        level: list[Any] = [json.loads(text)]
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    except ValueError:
        raise ValueError("is no JSON") from None
    for _ in range(MOST_DEPTH):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return
    raise ValueError("is nested too deeply")
