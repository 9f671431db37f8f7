"""What a film is to every room: its record, a span of it, a block of its frames, its bundle.

Conventions: frames are numbered from 0; spans are half-open; times are seconds from the first
frame; pictures are RGB, rows from the top; sound is float32, full scale is -1..1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

GRID_ROWS = 9
GRID_COLUMNS = 16
"""The grid is a picture of 9 rows by 16 columns of OKLab cells, whatever the film's shape."""

THUMB_LONG_PX = 128
"""A thumb's longer side; the other follows from the active picture's shape on the screen, even, at least 16."""

STILL_LONG_PX = 640
"""A still's longer side, at most; smaller pictures are not enlarged."""

SOUND_LEAD_S = 0.5
"""A block's sound begins this long before its first frame: filters have memory."""

PART_S = 30.0
"""A reading is kept in parts of this much film time; no block crosses a part's edge, and the sound decoder
starts afresh at each, so that a part is the same bytes wherever the reading of it began."""

STILL_STEP_S = 0.5
"""The first frame at or after each multiple of this is offered as a still."""


class Box(NamedTuple):
    """A rectangle in pixels of the upright, square-pixel-agnostic coded picture."""

    left: int
    top: int
    width: int
    height: int


class Span(NamedTuple):
    """Frames ``start_frame`` up to, not including, ``end_frame``."""

    start_frame: int
    end_frame: int


class Stretch(NamedTuple):
    """A stretch of the film that keeps one active picture: ``box_px`` holds from ``start_s`` up to ``end_s``."""

    start_s: float
    end_s: float
    box_px: Box


@dataclass(frozen=True)
class Film:
    """A film's record.

    ``stretches`` covers the whole film in order; ``active_box_px`` is the box of the longest.
    ``sample_rate_hz`` is 0 and ``channels`` empty for a film without sound.
    ``content_id`` is the BLAKE2b of all video packets in the order of the file, "" where not known.
    """

    film_id: str
    title: str
    year: int | None
    time_base: Fraction
    frame_count: int
    duration_s: float
    width_px: int
    height_px: int
    active_box_px: Box
    sample_rate_hz: int
    channels: tuple[str, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    pixel_aspect: Fraction = Fraction(1)
    rotation_deg: int = 0
    codec: str = ""
    file_name: str = ""
    content_id: str = ""
    director: str = ""


class Still(NamedTuple):
    """A larger picture of one frame: ``picture`` is uint8 (h, w, 3), bars left out.

    ``kept`` says that it is offered as a still for the eye, ``look`` that faces are looked for in it, and
    ``follows`` that it shows the same view as the one before it, a moment later.
    """

    frame: int
    picture: NDArray[np.uint8]
    time_s: float = 0.0
    kept: bool = True
    look: bool = False
    follows: bool = False


@dataclass(frozen=True)
class Block:
    """A run of decoded frames with their sound.

    ``thumbs`` is uint8 (lead + n, h, w, 3): ``lead`` (0 to 2) frames before the block's own come
    first, repeated from the block before, so that every measure needs only its block. All thumbs of
    a film share one shape; they show the active picture without bars. ``sound`` is float32
    (channels, samples) and begins ``SOUND_LEAD_S`` before the first own frame (with zeros before the
    film's beginning); own frame i owns ``sound[:, sound_edges[i]:sound_edges[i + 1]]``. A film
    without sound has ``sound`` of shape (0, 0) and all edges 0. ``lead_time_s`` are the lead
    frames' times. ``interlaced`` and ``damaged`` are bool (n,), as the decoder reports them.
    A fast reading leaves frames out: then there are thumbs of some frames only, the last own one always among them, and
    ``thumb_frames`` has each thumb's frame number less ``first_frame``, int64, negative for the lead; else it is None.
    """

    first_frame: int
    lead: int
    pts: NDArray[np.int64]
    time_s: NDArray[np.float64]
    lead_time_s: NDArray[np.float64]
    thumbs: NDArray[np.uint8]
    sound: NDArray[np.float32]
    sound_edges: NDArray[np.int64]
    sample_rate_hz: int
    channels: tuple[str, ...]
    interlaced: NDArray[np.bool_]
    damaged: NDArray[np.bool_]
    stills: tuple[Still, ...] = ()
    thumb_frames: NDArray[np.int64] | None = None


class KeyFrame(NamedTuple):
    """A key frame as the first, quick pass sees it.

    ``picture`` is uint8 (h, w, 3): the whole picture, bars included, upright, square pixels, longer side
    ``STILL_LONG_PX`` at most. ``edges_px`` is the box outside which its coded luma is black; None where
    the frame is too dark to tell.
    """

    pts: int
    time_s: float
    picture: NDArray[np.uint8]
    edges_px: Box | None


class SoundPiece(NamedTuple):
    """A piece of sound: float32 (channels, samples); sample 0 lies ``start_s`` after the first frame.

    The first ``lead_s`` seconds of it are only for filters to settle in.
    """

    start_s: float
    lead_s: float
    sound: NDArray[np.float32]
    sample_rate_hz: int
    channels: tuple[str, ...]


@dataclass(frozen=True)
class Correction:
    """What a person decided about a boundary, a scene or a name; it wins over what was found.

    ``what`` is ``cut`` (there is a boundary at ``at_s``), ``merge`` (there is none near ``at_s``),
    ``move`` (the one near ``at_s`` belongs at ``to_s``) or ``retype`` (the one near ``at_s`` is a
    ``kind``: cut, dissolve, fade or wipe). ``name``: whoever's face is at ``at_s`` in ``place`` (x, y as shares of the
    active picture) is called ``name``. ``same``: that face and the one at ``to_s`` in ``to_place`` are one person's;
    ``apart``: they are two people's. Times are seconds from the first frame.
    """

    what: str
    at_s: float
    to_s: float | None = None
    kind: str | None = None
    note_id: str = ""
    name: str | None = None
    place: tuple[float, float] | None = None
    to_place: tuple[float, float] | None = None


@dataclass(frozen=True)
class Bundle:
    """A film with its tables, a person's notes and how it was made.

    ``tables`` maps names of ``tables.TABLES`` to polars frames; ``grid`` is lazy, since it is
    large. ``address`` is where the bundle lies, for messages; ``film_address`` where the film was
    when it was read, relative to the bundle, "" where not known.
    """

    film: Film
    tables: Mapping[str, pl.DataFrame]
    grid: pl.LazyFrame
    notes: tuple[Mapping[str, Any], ...] = ()
    made: Mapping[str, Any] = field(default_factory=dict)
    address: str = ""
    film_address: str = ""

    def __getattr__(self, name: str) -> pl.DataFrame:
        """Give a table as an attribute: ``bundle.shots`` is ``bundle.tables["shots"]``."""
        tables = self.__dict__.get("tables", {})
        if name in tables:
            return tables[name]  # type: ignore[no-any-return]
        raise AttributeError(name)
