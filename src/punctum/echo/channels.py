"""In what two shots are alike: signatures as arrays, and a distance in each channel.

Conventions: shots are rows, those of all films of a library one after another; NaN is what was not measured, and a
distance from or to it is NaN. Distances are root mean squares unless said otherwise, lightness is 0..1, sizes are
logarithms, so that as many times larger is as far. A mirrored shot has left and right exchanged.

Layout is lightness alone, as the lowest terms of its cosine transform without their mean, brought to length one:
neither exposure nor contrast nor colour changes it, and a step aside changes it little. A mirrored picture's odd terms
change sign.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.film import GRID_COLUMNS, GRID_ROWS
from punctum.tables import COURSE_POINTS

Floats = NDArray[np.float32]

CHANNELS: Mapping[str, float] = {
    "layout": 1.0,
    "colour": 0.5,
    "light": 0.5,
    "framing": 1.0,
    "face_course": 1.0,
    "motion": 1.0,
    "sound": 1.0,
    "length": 1.0,
    "after": 1.0,
}
"""Every channel and its weight, chosen, not fitted: light and colour count half, since a recoloured scene is the same
scene. A channel of one's own (an embedding) weighs 1."""

LOOKS = 3
TERMS = (4, 5)
"""Terms of the cosine transform, down and across; all but the mean are kept."""

SHOWN = ((1.0, 1.0), (0.85, 0.85), (0.75, 1.0), (1.0, 0.75))
"""Width and height that another print may show of a shot, from the middle: the whole, enlarged, narrower, wider."""

STILL_W_S = 0.002
"""Motion below this, in widths/s, is stillness: the logarithm begins here."""

LEAST_SPREAD = 0.01
"""A picture whose lightness spreads less is flat, and has no layout."""

FACE_UNIT = 1.5
"""A face twice as many times higher is as far off as one seen is from one not seen: two steps of shot scale."""


class Signatures(NamedTuple):
    """Signatures of the shots of several films.

    ``film``, ``scene`` (numbered through the library) and ``shot`` are int32 (n,); the other arrays float32 or
    float16 (n, k). ``further`` has channels of one's own: name to float (n, k).
    """

    film: NDArray[np.int32]
    scene: NDArray[np.int32]
    shot: NDArray[np.int32]
    layout: NDArray[np.floating]
    cropped: NDArray[np.floating]
    colour: NDArray[np.floating]
    light: NDArray[np.floating]
    faces: NDArray[np.floating]
    face_course: NDArray[np.floating]
    motion: NDArray[np.floating]
    sound: NDArray[np.floating]
    length_s: NDArray[np.floating]
    after: NDArray[np.floating]
    further: Mapping[str, NDArray[np.floating]] = {}

    def take(self, rows: NDArray[np.int64]) -> "Signatures":
        """Signatures of some rows, in float32."""
        arrays = [getattr(self, name)[rows] for name in self._fields[:-1]]
        arrays = [one.astype(np.float32) if one.dtype == np.float16 else one for one in arrays]
        further = {name: one[rows].astype(np.float32) for name, one in self.further.items()}
        return Signatures._make([*arrays, further])


def gather_signatures(
    tables: Sequence[pl.DataFrame], further: Sequence[Mapping[str, NDArray[np.floating]]] = ()
) -> Signatures:
    """Lay the signatures of films out as arrays.

    Parameters
    ----------
    tables : sequence of DataFrame
        columns of ``tables.SIGNATURES``, a table a film
    further : sequence of mapping
        for each film its channels of one's own: name to float (shots, k), such as an embedding of the middle frame;
        only channels that all films have are kept

    Returns
    -------
    Signatures
        film i is that of ``tables[i]``; scenes without shots have no number
    """
    if not tables:
        return _lay_out(pl.DataFrame(), np.zeros(0, np.int32), np.zeros(0, np.int32), {})
    whole = pl.concat(tables)
    film = np.repeat(np.arange(len(tables)), [one.height for one in tables]).astype(np.int32)
    own = whole["scene"].to_numpy()
    begins = (np.diff(film, prepend=-1) != 0) | (np.diff(own, prepend=-1) != 0)
    scene = (np.cumsum(begins) - 1).astype(np.int32)
    shared = set.intersection(*(set(one) for one in further)) if further else set()
    kept = {name: np.concatenate([np.asarray(one[name], np.float32) for one in further]) for name in sorted(shared)}
    return _lay_out(whole, film, scene, kept)


def _lay_out(
    whole: pl.DataFrame, film: NDArray[np.int32], scene: NDArray[np.int32], further: Mapping[str, Floats]
) -> Signatures:
    n = len(film)

    def course(name: str) -> Floats:
        made = np.full((n, COURSE_POINTS), np.nan, np.float32)
        if n:
            known = whole[name].is_not_null().to_numpy()
            if known.any():
                made[known] = np.array(whole[name].drop_nulls().to_list(), np.float32)
        return made

    def plain(*names: str) -> Floats:
        if not n:
            return np.zeros((0, len(names)), np.float32)
        return np.stack([whole[name].cast(pl.Float32).fill_null(np.nan).to_numpy() for name in names], 1)

    cells = np.full((n, LOOKS, GRID_ROWS * GRID_COLUMNS, 3), np.nan, np.float32)
    if n:
        known = whole["cells"].is_not_null().to_numpy()
        raw = np.frombuffer(b"".join(whole["cells"].drop_nulls().to_list()), np.uint8)
        cells[known] = raw.reshape(-1, LOOKS, GRID_ROWS * GRID_COLUMNS, 3)
    lightness = np.asarray(cells[..., 0] / 255, np.float32)
    seen, height = np.nan_to_num(course("face_seen")), course("face_height")
    looked = np.asarray(np.isfinite(course("face_seen")).all(1))
    after = plain("light_after", "loudness_after_lu", "to_end_s")
    after = np.stack([after[:, 0] * 2, after[:, 1] / 20, np.log1p(np.maximum(after[:, 2], 0)) / 2], 1)
    faces, face_course = _faces(
        seen, course("face_x"), course("face_y"), height, course("face_yaw_deg"), plain("faces"), looked
    )
    half = np.float16
    return Signatures(
        film,
        scene,
        whole["shot"].to_numpy().astype(np.int32) if n else np.zeros(0, np.int32),
        _layout(lightness, SHOWN[0]).astype(half),
        np.stack([_layout(lightness, shown) for shown in SHOWN[1:]], 1).astype(half),
        _colour(cells[..., 1:]).astype(half),
        np.concatenate([course("light"), lightness.std(2)], 1).astype(half),
        faces.astype(half),
        face_course.astype(half),
        np.log(np.maximum(course("motion_w_s"), 0) + STILL_W_S).astype(half),
        np.concatenate([course("loudness_lu") / 10, plain("speech", "music", "silence") * 2], 1).astype(half),
        plain("length_s")[:, 0],
        after.astype(half),
        further,
    )


def _terms(shown: tuple[float, float]) -> Floats:
    """The terms of the cosine transform of what is shown of the cells, (144, k)."""

    def along(count: int, share: float, terms: int) -> Floats:
        # cell centres of what is shown, taken from the two cells around each
        at = (0.5 - share / 2 + share * (np.arange(count) + 0.5) / count) * count - 0.5
        low = np.clip(np.floor(at).astype(int), 0, count - 2)
        taken = np.zeros((count, count))
        taken[np.arange(count), low], taken[np.arange(count), low + 1] = 1 - (at - low), at - low
        waves = np.cos(np.pi * np.outer(np.arange(count) + 0.5, np.arange(terms)) / count)
        return np.asarray(taken.T @ waves / count, np.float32)

    down, across = along(GRID_ROWS, shown[1], TERMS[0]), along(GRID_COLUMNS, shown[0], TERMS[1])
    return np.asarray(np.einsum("ri,cj->rcij", down, across).reshape(GRID_ROWS * GRID_COLUMNS, -1)[:, 1:], np.float32)


MIRROR = np.tile(np.where(np.arange(TERMS[0] * TERMS[1])[1:] % TERMS[1] % 2, -1, 1), LOOKS).astype(np.float32)


def _layout(lightness: Floats, shown: tuple[float, float]) -> Floats:
    """Layout at all looks, (n, LOOKS * k), of length one; zero where the shot is flat, NaN where it was not seen."""
    made = (lightness @ _terms(shown)).reshape(len(lightness), -1)
    length = np.sqrt(np.square(made).sum(1, keepdims=True))
    flat = lightness.std(2).max(1, initial=0.0)[:, None] < LEAST_SPREAD
    return np.where(flat, 0.0, made / np.maximum(length, 1e-6)).astype(np.float32)


def _colour(chroma: Floats) -> Floats:
    """Mean a and b and how far they spread, over all looks, (n, 4); NaN where there is no colour."""
    ab = (chroma - 128) / 255 * 0.8 * 10
    flat = ab.reshape(len(ab), -1, 2)
    made = np.concatenate([flat.mean(1), flat.std(1)], 1)
    made[np.abs(made).max(1, initial=0.0) < 0.05] = np.nan
    return np.asarray(made, np.float32)


def _faces(
    seen: Floats, x: Floats, y: Floats, height: Floats, yaw: Floats, count: Floats, looked: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Where the nearest face is and how large (n, 5), and how that goes on within the shot (n, 5 * points)."""
    size = np.log(np.maximum(height, 0.01)) / np.log(FACE_UNIT) / 2
    place = np.stack([2 * (x - 0.5), 2 * (y - 0.5), size, yaw / 60], 2)
    place = np.where(np.isfinite(place), place, 0.0)
    weight = seen[..., None]
    total = np.maximum(seen.sum(1), 1e-6)[:, None]
    middle = (place * weight).sum(1) / total
    somebody = seen.max(1, initial=0.0) > 0
    share = np.where(somebody, seen.mean(1), 0.0)
    crowd = np.minimum(np.nan_to_num(count[:, 0]), 3) / 2
    large = np.where(somebody, middle[:, 2] - np.log(0.05) / np.log(FACE_UNIT) / 2, 0.0)
    where = np.where(somebody[:, None], middle[:, :2], 0.0)
    faces = np.stack([where[:, 0], where[:, 1], large, share, crowd], 1)
    off = (place - middle[:, None]) * weight
    course = np.concatenate([seen[..., None], off], 2).reshape(len(seen), -1)
    faces[~looked], course[~looked] = np.nan, np.nan
    return faces.astype(np.float32), course.astype(np.float32)


_FACE_MIRROR = np.array([-1, 1, 1, 1, 1], np.float32)
_COURSE_MIRROR = np.tile(np.array([1, -1, 1, 1, -1], np.float32), COURSE_POINTS)


def measure_apart(query: Signatures, others: Signatures, mirrored: bool = False) -> dict[str, Floats]:
    """Measure how far apart each shot of one lot is from each of another, channel by channel.

    Parameters
    ----------
    query, others : Signatures
        of m and n shots, in float32 (see ``Signatures.take``)
    mirrored : bool
        left and right of the query exchanged

    Returns
    -------
    dict of str to np.ndarray [shape=(m, n), dtype=float32]
        ``CHANNELS`` and channels of one's own; of layout and of one's own one minus the cosine
    """
    layouts = [query.layout, *np.moveaxis(query.cropped, 1, 0)]
    if mirrored:
        layouts = [one * MIRROR for one in layouts]
    near = layouts[0] @ others.layout.T
    for one in layouts[1:]:
        np.maximum(near, one @ others.layout.T, out=near)
    faces = query.faces * _FACE_MIRROR if mirrored else query.faces
    course = query.face_course * _COURSE_MIRROR if mirrored else query.face_course
    apart: dict[str, Callable[[], Floats]] = {
        "layout": lambda: 1 - near,
        "colour": lambda: _apart(query.colour, others.colour),
        "light": lambda: _apart(query.light, others.light),
        "framing": lambda: _apart(faces, others.faces),
        "face_course": lambda: _apart(course, others.face_course),
        "motion": lambda: _apart(query.motion, others.motion),
        "sound": lambda: _apart(query.sound, others.sound),
        "length": lambda: np.abs(np.log(query.length_s)[:, None] - np.log(others.length_s)[None]),
        "after": lambda: _apart(query.after, others.after),
    }
    made = {name: np.asarray(apart[name](), np.float32) for name in CHANNELS}
    for name, own in query.further.items():
        if name in others.further:
            made[name] = 1 - _unit(own) @ _unit(others.further[name]).T
    return made


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(np.sqrt(np.square(rows).sum(1, keepdims=True)), 1e-9), np.float32)


def _apart(a: Floats, b: Floats) -> Floats:
    """Root mean square of what rows differ by, over columns that both have; NaN where they share none."""
    here, there = np.isfinite(a), np.isfinite(b)
    x, y = np.where(here, a, 0).astype(np.float32), np.where(there, b, 0).astype(np.float32)
    if here.all() and there.all():
        squares = np.square(x).sum(1)[:, None] + np.square(y).sum(1)[None] - 2 * (x @ y.T)
        return np.asarray(np.sqrt(np.maximum(squares, 0) / max(a.shape[1], 1)), np.float32)
    u, v = here.astype(np.float32), there.astype(np.float32)
    squares = np.square(x) @ v.T + u @ np.square(y).T - 2 * (x @ y.T)
    count = u @ v.T
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(count > 0, np.sqrt(np.maximum(squares, 0) / count), np.nan), np.float32)
