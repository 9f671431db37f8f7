"""From a bundle to what exporters write: its timeline, its markers, its tiers.

Conventions: times are seconds from the first frame.
"""

from pathlib import Path
from typing import NamedTuple

from punctum import media
from punctum.errors import FilmUnreadable, UsageWrong, quoted
from punctum.export.timecode import Rate, format_timecode, is_drop, parse_rate, parse_timecode
from punctum.export.timeline import Clock, Mark, Timeline, find_clock, lay_shots, one_line, tell_clock
from punctum.film import Bundle
from punctum.notes import notes_of


class Asked(NamedTuple):
    """How a timeline is wanted: rate, drop-frame, start time code, reel, as typed; "" and None: as the film has it."""

    rate: str = ""
    drop: bool | None = None
    start: str = ""
    reel: str = ""


AS_THE_FILM = Asked()


def film_of(bundle: Bundle) -> Path | None:
    """Find the film where the bundle knows it; None where it is not there any more."""
    if not bundle.film_address:
        return None
    path = Path(bundle.address) / bundle.film_address
    return path.resolve() if path.is_file() else None


def clock_of(bundle: Bundle, asked: Asked, own_code: str = "") -> Clock:
    """Find the clock of a bundle's timeline.

    Raises
    ------
    UsageWrong
        for a rate that is none, or drop-frame where there is none
    """
    drop = asked.drop
    if drop is None and (asked.start or own_code):
        drop = is_drop(asked.start or own_code)
    try:
        fps = parse_rate(asked.rate) if asked.rate else None
        clock = find_clock(bundle.tables["frames"], bundle.film.duration_s, fps)
        if asked.drop is not None or (drop is not None and clock.rate.drop):
            clock = Clock(Rate(clock.rate.fps, bool(drop)), clock.own, clock.constant)
    except ValueError as error:
        raise UsageWrong(str(error), "`--rate 23.976`, `--drop` only at 29.97, 59.94 and 119.88") from None
    return clock


def build_timeline(bundle: Bundle, asked: Asked, begins: str = "") -> tuple[Timeline, list[str]]:
    """Lay a bundle's shots and markers on a timeline.

    Parameters
    ----------
    bundle : Bundle
    asked : Asked
    begins : str
        time code of the first frame where neither the person nor the file has one

    Returns
    -------
    timeline : Timeline
    remarks : list of str
        the rate it was brought to, and by how much that is off

    Raises
    ------
    UsageWrong
        for a rate or a time code that is none
    """
    film, path = bundle.film, film_of(bundle)
    own = media.Reel()
    if path is not None:
        try:
            own = media.read_reel(path)
        except FilmUnreadable:
            path = None
    clock = clock_of(bundle, asked, own.timecode)
    clips, error_frames = lay_shots(bundle.tables["shots"], clock, film.frame_count, film.duration_s)
    if not clips:
        raise UsageWrong(f"{quoted(bundle.address)} has no shots to lay out", "`punctum read` finds them")
    remarks = tell_clock(clock, error_frames, clips)
    if bundle.tables["shots"]["provisional"].fill_null(value=False).any():
        remarks.append("some shots are provisional: they are known from key frames only")
    start = _start(asked.start or own.timecode or begins, clock, bool(asked.start), remarks)
    name = film.file_name or f"{film.title}"
    return (
        Timeline(
            title=film.title or name or "film",
            clock=clock,
            clips=tuple(clips),
            marks=tuple(collect_marks(bundle, clock, clips[-1].end)),
            start=start,
            reel=asked.reel or own.reel,
            media=path.as_uri() if path is not None else _relative(name),
            media_name=name,
            width_px=film.width_px,
            height_px=film.height_px,
            sample_rate_hz=film.sample_rate_hz,
            channels=len(film.channels),
            error_frames=error_frames,
        ),
        remarks,
    )


def _relative(name: str) -> str:
    from urllib.parse import quote

    return quote(name)


def _start(code: str, clock: Clock, typed: bool, remarks: list[str]) -> int:
    if not code:
        return 0
    try:
        start = parse_timecode(code, clock.rate)
    except ValueError as error:
        if typed:
            raise UsageWrong(f"`--start`: {error}", "write hh:mm:ss:ff") from None
        remarks.append(f"the file's own start time code is left out: {error}")
        return 0
    if not typed and start:
        remarks.append(f"the time code of the first frame is {format_timecode(start, clock.rate)}")
    return start


def collect_marks(bundle: Bundle, clock: Clock, length: int) -> list[Mark]:
    """Scenes, where the ending begins, moments and a person's notes, as markers in the order of time."""
    marks = []

    def add(kind: str, name: str, start_s: float, end_s: float | None, comment: str = "") -> None:
        start = min(max(place_time(bundle, clock, start_s), 0), length - 1)
        end = start + 1 if end_s is None else place_time(bundle, clock, end_s)
        marks.append(Mark(kind, one_line(name), start, min(max(end, start + 1), length), one_line(comment)))

    for row in bundle.tables["scenes"].iter_rows(named=True):
        what = row["kind"].replace("_", " ") if row["kind"] != "story" else f"scene {row['scene']}"
        add("scene", what, row["start_s"], row["end_s"], row["heading"] or "")
    for row in bundle.tables["moments"].iter_rows(named=True):
        add("moment", f"moment {row['moment'] + 1}", row["start_s"], row["end_s"], row["statement"])
    for note in notes_of(bundle.notes):
        add("note", note.tier or note.name or "note", note.start_s, note.end_s, note.text)
    return sorted(marks, key=lambda mark: (mark.start, mark.end, mark.kind))


def place_time(bundle: Bundle, clock: Clock, time_s: float) -> int:
    """Position of the frame nearest to a time, exact where the film's rate is constant."""
    if not clock.constant:
        return clock.at(time_s)
    frames = bundle.tables["frames"]
    if time_s >= bundle.film.duration_s - 1e-6 or not frames.height:
        return bundle.film.frame_count
    at = int(frames["time_s"].search_sorted(time_s))
    near = [row for row in (at - 1, at) if 0 <= row < frames.height]
    best = min(near, key=lambda row: abs(frames["time_s"][row] - time_s))
    # between rows that were not read, by the clock
    return int(frames["frame"][best]) if abs(frames["time_s"][best] - time_s) < 1 / clock.rate.fps else clock.at(time_s)
