"""Lanes: the rows of the score, as data.

Conventions: times are seconds from the first frame; spans are half-open; a value that was not measured is NaN, a
moment that was not looked at is simply not there. A room that has something to show along the film's time makes a
`Lane`; the page draws whatever list of lanes it is given and knows no lane by name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

COLOURS = ("ink", "orange", "sky", "green", "blue", "purple", "accent")
"""Names of colours that the style sheet defines for both rooms, after Okabe and Ito; a measure keeps its own."""

GAP_S = 15.0
"""Two values further apart than this are not joined by a line."""


@dataclass(frozen=True)
class Curve:
    """Values along time.

    ``values`` is float (n,), NaN where not measured. ``times_s`` is float64 (n,), ascending; None says that there is
    one value for each row of ``frames``. ``low`` and ``high`` bound the plot; values beyond are drawn at its edge.
    ``marks`` are levels that mean something, with their names, drawn as hairlines.
    """

    values: NDArray[np.floating]
    times_s: NDArray[np.float64] | None = None
    low: float = 0.0
    high: float = 1.0
    marks: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class Stretches:
    """Spans with words: item i lasts from ``start_s[i]`` up to ``end_s[i]``.

    ``labels`` are shown where there is room; ``tones`` are names of `COLOURS` ("" for the lane's own); ``values``,
    where given, are drawn as heights on a logarithmic scale from ``low`` to ``high``; ``doubtful`` items are dashed;
    ``marks`` are levels with their names, as for a `Curve`.
    """

    start_s: tuple[float, ...]
    end_s: tuple[float, ...]
    labels: tuple[str, ...] = ()
    tones: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
    doubtful: tuple[bool, ...] = ()
    low: float = 0.1
    high: float = 100.0
    marks: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class Ticks:
    """Moments with words: ``at_s[i]`` is ``labels[i]``."""

    at_s: tuple[float, ...]
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Strip:
    """Pictures of the film along its time, as many as there is room for."""


@dataclass(frozen=True)
class Barcode:
    """The film's colours along its time.

    ``columns`` is uint8 (rows, bins, 3): the whole film, evenly in time. ``frames`` is uint8 (n, 3): the mean colour of
    each row of ``frames``, what makes it when it is asked for, or None.
    """

    columns: NDArray[np.uint8]
    frames: NDArray[np.uint8] | Callable[[], NDArray[np.uint8] | None] | None = None


LaneData: TypeAlias = Curve | Stretches | Ticks | Strip | Barcode
Kind: TypeAlias = Literal["curve", "spans", "ticks", "strip", "barcode"]

_KINDS: dict[str, type] = {"curve": Curve, "spans": Stretches, "ticks": Ticks, "strip": Strip, "barcode": Barcode}


@dataclass(frozen=True)
class Lane:
    """One row of the score.

    Parameters
    ----------
    name : str
        stem of the column or measure, unique in the score
    label : str
        what a reader calls it
    unit : str
        unit of its values, "" for a share or for none
    kind : {"curve", "spans", "ticks", "strip", "barcode"}
        how it is drawn; `data` is of the type that belongs to it
    data : Curve, Stretches, Ticks, Strip or Barcode
        what is drawn
    meaning : str
        one line: the definition
    colour : str
        one of `COLOURS`
    error : float, optional
        95 % spread of a value, in `unit`; None where not known
    group : str
        lanes of one group stand together under this word
    dashed : bool
        drawn with a dashed line, so that two measures of one colour can be told apart
    height_px : int
        height of the row on the screen

    Raises
    ------
    ValueError
        for a colour or a kind that there is not, or data that do not belong to the kind
    """

    name: str
    label: str
    unit: str
    kind: Kind
    data: LaneData
    meaning: str
    colour: str = "ink"
    error: float | None = None
    group: str = ""
    dashed: bool = False
    height_px: int = 52

    def __post_init__(self) -> None:
        if self.colour not in COLOURS:
            raise ValueError(f"no colour `{self.colour}`; there are {', '.join(COLOURS)}")
        wanted = _KINDS.get(self.kind)
        if wanted is None or not isinstance(self.data, wanted):
            raise ValueError(f"lane `{self.name}`: {type(self.data).__name__} is no data for kind `{self.kind}`")


@dataclass(frozen=True)
class Envelope:
    """A curve's extent and mean in equal bins of time: three float64 (bins,), NaN where a bin has no value.

    ``looked`` is bool (bins,): there was a row in the bin, measured or not.
    """

    low: NDArray[np.float64]
    mean: NDArray[np.float64]
    high: NDArray[np.float64]
    looked: NDArray[np.bool_]


def envelope(times_s: NDArray[np.float64], values: NDArray[np.floating], duration_s: float, bins: int) -> Envelope:
    """Least, mean and greatest value in each of `bins` equal bins of time.

    Parameters
    ----------
    times_s : np.ndarray [shape=(n,), dtype=float64]
        ascending
    values : np.ndarray [shape=(n,), dtype=float]
        NaN where not measured
    duration_s : float
        the bins cover 0 up to this; later values fall in the last bin
    bins : int
        how many, at least 1

    Returns
    -------
    Envelope

    Examples
    --------
    >>> import numpy as np
    >>> made = envelope(np.array([0.0, 0.5, 2.0]), np.array([1.0, 3.0, np.nan]), 3.0, 3)
    >>> made.mean.tolist(), made.high.tolist(), made.looked.tolist()
    ([2.0, nan, nan], [3.0, nan, nan], [True, False, True])
    """
    empty = np.full(bins, np.nan)
    made = Envelope(empty.copy(), empty.copy(), empty.copy(), np.zeros(bins, dtype=np.bool_))
    if len(times_s) == 0 or duration_s <= 0:
        return made
    place = np.clip((times_s * (bins / duration_s)).astype(np.int64), 0, bins - 1)
    made.looked[place] = True
    numbers = np.asarray(values, dtype=np.float64)
    known = np.isfinite(numbers)
    place, numbers = place[known], numbers[known]
    if len(place) == 0:
        return made
    starts = np.concatenate(([0], np.flatnonzero(np.diff(place)) + 1))
    at = place[starts]
    made.low[at] = np.minimum.reduceat(numbers, starts)
    made.high[at] = np.maximum.reduceat(numbers, starts)
    made.mean[at] = np.add.reduceat(numbers, starts) / np.diff(np.concatenate((starts, [len(numbers)])))
    return made
