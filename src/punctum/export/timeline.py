"""The film as a timeline that an editor opens: its shots laid on whole frames of one rate.

Conventions: positions are frames of the timeline from 0, half-open; shots follow each other without a gap and each
lasts a frame at least. In a film of constant rate they are the film's own frame numbers. A film of variable rate is
brought to a constant one as editors do it, by the clock: the position of a time is the nearest frame of the new rate,
and ``error_frames`` says how far the worst lies from its time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.export.timecode import NTSC, STANDARD, Rate, can_drop


@dataclass(frozen=True)
class Clock:
    """How a film's times become frames of a timeline.

    ``constant`` says that frame numbers are positions. ``own`` is the film's own rate, for a variable one that of its
    median frame.
    """

    rate: Rate
    own: Fraction
    constant: bool

    def place(self, frames: NDArray[np.int64], times_s: NDArray[np.float64]) -> NDArray[np.int64]:
        """Positions of frames that are shown at these times."""
        if self.constant:
            return frames.astype(np.int64)
        return np.rint(times_s * float(self.rate.fps)).astype(np.int64)

    def at(self, time_s: float) -> int:
        """Position of a time."""
        return max(0, round(time_s * float(self.rate.fps)))


@dataclass(frozen=True)
class Clip:
    """A shot on the timeline: its number, first position, position after the last, and what is known of it."""

    shot: int
    start: int
    end: int
    begins: str
    ends: str
    scale: str
    transition: tuple[int, int] | None
    """Positions of the transition that it begins with, half-open."""


@dataclass(frozen=True)
class Mark:
    """A marker on the timeline: what it is (``scene``, ``moment``, ``note`` or a tier's name), its span and words."""

    kind: str
    name: str
    start: int
    end: int
    comment: str = ""


@dataclass(frozen=True)
class Timeline:
    """A film's shots and markers on one clock.

    ``start`` is the number of the first frame's time code; ``media`` the film's address as the timeline names it;
    ``reel`` its reel; ``sound`` whether it has any.
    """

    title: str
    clock: Clock
    clips: tuple[Clip, ...]
    marks: tuple[Mark, ...]
    start: int
    reel: str
    media: str
    media_name: str
    width_px: int
    height_px: int
    sample_rate_hz: int
    channels: int
    error_frames: float

    @property
    def length(self) -> int:
        """Frames from the first clip's first to the last one's last."""
        return self.clips[-1].end if self.clips else 0

    @property
    def sound(self) -> bool:
        """Whether the film has sound."""
        return self.sample_rate_hz > 0


def find_clock(
    frames: pl.DataFrame, duration_s: float, asked: Fraction | None = None, drop: bool | None = None
) -> Clock:
    """Find the rate of a film from its frames' times, and the one that its timeline takes.

    Parameters
    ----------
    frames : pl.DataFrame
        columns ``frame`` and ``time_s``, rows may be lacking
    duration_s : float
        for a film of one frame
    asked : Fraction, optional
        the rate that is wanted; by default the film's own, or the standard one nearest to its median frame's
    drop : bool, optional
        drop-frame time code; by default where it is defined

    Returns
    -------
    Clock

    Raises
    ------
    ValueError
        for a rate that is none, or drop-frame where there is none

    Examples
    --------
    >>> film = pl.DataFrame({"frame": [0, 1, 2, 3], "time_s": [0.0, 0.042, 0.083, 0.125]})
    >>> find_clock(film, 0.167).own, find_clock(film, 0.167).constant
    (Fraction(24, 1), True)
    """
    numbers = frames["frame"].to_numpy().astype(np.int64)
    times_s = frames["time_s"].to_numpy().astype(np.float64)
    own, constant = _own_rate(numbers, times_s, duration_s)
    fps = own if asked is None else asked
    rate = Rate(fps, can_drop(fps) if drop is None else drop)
    return Clock(rate, own, constant and fps == own)


def _own_rate(numbers: NDArray[np.int64], times_s: NDArray[np.float64], duration_s: float) -> tuple[Fraction, bool]:
    """The rate at which every frame lies less than half a frame from its number, or the median frame's."""
    span = int(numbers[-1] - numbers[0]) if len(numbers) else 0
    if span < 1 or times_s[-1] <= times_s[0]:
        fps = 1 / duration_s if duration_s > 0 else 25.0
        return _near(min(max(fps, 0.5), 1000.0)), True
    fitted = float(span / (times_s[-1] - times_s[0]))
    whole = Fraction(max(1, round(fitted)))
    others = (whole, Fraction(max(1, round(fitted / float(NTSC)))) * NTSC, Fraction(fitted).limit_denominator(1001))

    def error(rate: Fraction) -> float:
        return float(np.abs((times_s - times_s[0]) * float(rate) - (numbers - numbers[0])).max())

    # a rate that nobody uses has to fit clearly better than one that editors know
    errors = [(error(rate) + 0.1 * (rate not in STANDARD), error(rate), rate) for rate in (*STANDARD, *others) if rate]
    _, least, best = min(errors, key=lambda one: one[0])
    if least < 0.5 and Fraction(1, 2) <= best <= 1000:
        return best, True
    steps = np.diff(times_s)[np.diff(numbers) == 1]
    steps = steps[steps > 0]
    if len(steps):  # whole milliseconds tell 23.976 from 24 only in the mean
        middle = np.median(steps)
        fitted = 1 / float(steps[np.abs(steps - middle) <= 0.1 * middle].mean())
    return _near(fitted), False


def _near(fps: float) -> Fraction:
    return min(STANDARD, key=lambda rate: abs(np.log(float(rate) / fps)))


def lay_shots(shots: pl.DataFrame, clock: Clock, frame_count: int, duration_s: float) -> tuple[list[Clip], float]:
    """Lay shots on whole frames.

    Parameters
    ----------
    shots : pl.DataFrame
        columns of ``tables.SHOTS``
    clock : Clock
    frame_count, duration_s : int, float
        where the last shot ends

    Returns
    -------
    clips : list of Clip
    error_frames : float
        the largest distance between a position and the time that it stands for, in frames; 0 where positions are
        frame numbers
    """
    if not shots.height:
        return [], 0.0
    ends_s = float(shots["end_s"][-1]) or duration_s
    times_s = np.append(shots["start_s"].to_numpy(), ends_s)
    numbers = np.append(shots["start_frame"].to_numpy(), shots["end_frame"][-1] or frame_count).astype(np.int64)
    edges = clock.place(numbers, times_s)
    for at in range(1, len(edges)):  # two shots within one frame of a coarser clock
        edges[at] = max(edges[at], edges[at - 1] + 1)
    error = 0.0 if clock.constant else float(np.abs(edges - times_s * float(clock.rate.fps)).max())
    clips = []
    for at, row in enumerate(shots.iter_rows(named=True)):
        first, after = row["transition_start_frame"], row["transition_end_frame"]
        clips.append(
            Clip(
                row["shot"],
                int(edges[at]),
                int(edges[at + 1]),
                row["begins"],
                row["ends"],
                row["scale"] or "",
                None if first is None or after is None else _transition(row, int(edges[at]), clock),
            )
        )
    return clips, error


def _transition(row: dict[str, object], start: int, clock: Clock) -> tuple[int, int]:
    """Positions of a transition; in a variable rate it keeps its number of frames on each side of the boundary."""
    first, after = int(row["transition_start_frame"]), int(row["transition_end_frame"])  # type: ignore[call-overload]
    at = int(row["start_frame"])  # type: ignore[call-overload]
    scale = 1.0 if clock.constant else float(clock.rate.fps / clock.own)
    return max(0, start - round((at - first) * scale)), start + max(0, round((after - at) * scale))


def one_line(text: str, longest: int = 500) -> str:
    r"""Give a text on one line, without control characters.

    Examples
    --------
    >>> one_line("a\r\nb\x00c")
    'a b c'
    """
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def tell_clock(clock: Clock, error_frames: float, edges: Sequence[object]) -> list[str]:
    """Remarks on the rate: what it was brought to, and how far off the worst position is."""
    said = []
    if not clock.constant:
        why = "its own is variable" if clock.rate.fps == clock.own else f"its own is {float(clock.own):.5g}"
        said.append(
            f"the film was brought to {clock.rate.name} frames a second ({why}): of {len(edges)} shots"
            f" the worst lies {error_frames:.2f} frames from its time"
        )
    if clock.rate.fps.denominator not in (1, 1001):
        said.append(f"{clock.rate.name} frames a second is a rate that editors do not count in")
    return said
