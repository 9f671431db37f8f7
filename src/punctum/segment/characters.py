"""Tracks grouped into people, from the shots alone.

Conventions: a score is the natural logarithm of how much likelier two tracks are one person than two. It is a sum over
what can be compared (hair, skin, clothes, the face itself, ``measure.looks``), with weights of its own for tracks near
in time, which share light and clothes, and for those far apart, which need not. Where both have a place among faces
(``measure.faces.identity``), it is their distance, and what was just said counts for a part only. Two faces in one
frame are two people, and so, as a rule, are two single ones at one place of shots that follow each other: hardly
anybody cuts from somebody to the same from the same place. Groups are joined by the scores of their tracks, the best
pair first, as long as they lie above `JOIN`: wrong groups are worse than too many. A person's word goes before all
scores.
"""

import string
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.measure.faces.identity import PLACE_SIZE, read_places
from punctum.measure.looks import Looks, read_looks, relative_colours
from punctum.segment.people_corrections import Link
from punctum.tables import CHARACTERS, TRACKS, conform, empty

NEAR_S = 60.0
"""Tracks nearer in time than this are taken to share a scene's light and clothes."""


class Weights(NamedTuple):
    """A score: ``prior``; of hair, skin, clothes and face what they add when alike and what unlikeness takes off."""

    prior: float
    alike: tuple[float, float, float, float]
    unlike: tuple[float, float, float, float]


NEAR_WEIGHTS = Weights(3.23, (1.36, 0.0, 2.55, 0.0), (-4.65, -6.87, -3.34, -6.48))
FAR_WEIGHTS = Weights(3.0, (1.05, 0.0, 0.99, 0.0), (-4.35, -0.77, 0.0, -11.49))
"""Fitted by ``benchmarks/people/likeness.py``."""

IDENTITY_PRIOR, IDENTITY_SLOPE, IDENTITY_LOOKS = 19.5, -34.2, 0.3
"""Score of two tracks whose places are known: the first, the distance times the second, the looks' times the third.
Fitted by ``benchmarks/people/identity.py``, but that looks count half as much: on film others dress alike."""

CUT_PLACE = -8.0
"""What it adds that two tracks lie at one place of shots that follow each other, the only face of each."""

SAME_PLACE_OVERLAP = 0.25
"""Two boxes lie at one place that share this part of both together."""

JOIN = 2.0
"""Score from which two groups are one."""

LEAST_EYES_PX = 10.0
"""Smaller faces show too little to tell people apart."""

MOST_TRACKS = 2000
"""Of more, the longest seen are grouped; the others are nobody's. Cost and memory grow with the square."""

RIVAL = 0.5
"""A single track that is nearly as like somebody else, known to be another, joins neither: its best score with that one
may not come so near."""

MEAN_SHARE = 0.75
"""Two groups are as alike as the mean over their pairs by this share, and as the best pair by the rest: somebody who is
seen in many ways is known by one of them."""

LOOKS_OF_TRACK = 16
"""So many of a track's looks, evenly spaced, make its mean."""

NEVER = -1e12
APART = -4.0
"""Scores below this say that two are two people: they are seen together, or by a cut from one to the other."""


Floats = NDArray[np.float32]


def find_characters(
    faces: pl.DataFrame, tracks: pl.DataFrame, join: float = JOIN, links: Sequence[Link] = ()
) -> pl.DataFrame:
    """Fill ``character`` of tracks.

    Parameters
    ----------
    faces, tracks : pl.DataFrame
        columns of ``tables.FACES`` and ``tables.TRACKS``
    join : float
        score that two groups need to be one
    links : sequence of Link
        tracks that a person said are one person's, or are not; none against another

    Returns
    -------
    pl.DataFrame
        the same tracks; characters are numbered by time on screen, the longest first
    """
    known = _groupable(faces, tracks)
    score = _scores(faces, known) if known.height else np.zeros((0, 0), np.float32)
    row = {track: number for number, track in enumerate(known["track"].to_list())}
    for one, other in _kept_apart(links):
        if one in row and other in row:
            score[row[one], row[other]] = score[row[other], row[one]] = NEVER
    group_of = _united(dict(zip(row, join_groups(score, join).tolist(), strict=True)), links)
    if not group_of:
        return conform(tracks.with_columns(pl.lit(None, pl.Int32).alias("character")), TRACKS)
    grouped = pl.DataFrame(list(group_of.items()), schema={"track": pl.Int32(), "group": pl.Int64()}, orient="row")
    lasting = (
        tracks.join(grouped, on="track")
        .group_by("group")
        .agg((pl.col("end_s") - pl.col("start_s")).sum().alias("lasting_s"), pl.col("track").min().alias("first"))
        .sort(["lasting_s", "first"], descending=[True, False])
        .with_row_index("character")
        .select("group", pl.col("character").cast(pl.Int32))
    )
    named = grouped.join(lasting, on="group").select("track", "character")
    return conform(tracks.drop("character").join(named, on="track", how="left", maintain_order="left"), TRACKS)


def _kept_apart(links: Sequence[Link]) -> Iterator[tuple[int, int]]:
    """Pairs of tracks that may not be grouped: those said to be apart, and all that is said to be one with either."""
    whole: dict[int, set[int]] = {}
    for one, other, same in links:
        if same:
            joined = whole.get(one, {one}) | whole.get(other, {other})
            whole.update(dict.fromkeys(joined, joined))
    for one, other, same in links:
        if not same:
            yield from product(whole.get(one, {one}), whole.get(other, {other}))


def _united(group_of: dict[int, int], links: Sequence[Link]) -> dict[int, int]:
    """Make groups one of which a person said so; tracks of which one spoke, but whose look tells nothing, have one."""
    for one, other, same in links:
        for track in (one, other):
            group_of.setdefault(track, max(group_of.values(), default=-1) + 1)
        if same:
            kept, gone = group_of[other], group_of[one]
            group_of = {track: kept if group == gone else group for track, group in group_of.items()}
    return group_of


def _groupable(faces: pl.DataFrame, tracks: pl.DataFrame) -> pl.DataFrame:
    """Tracks whose look can be told, at most `MOST_TRACKS`, in the order of the film."""
    large = (
        faces.drop_nulls(["track", "look"])
        .group_by("track")
        .agg(pl.col("eye_distance_px").median())
        .filter(pl.col("eye_distance_px").fill_null(np.inf) >= LEAST_EYES_PX)
    )
    told = tracks.join(large.select("track"), on="track")
    told = told.filter(pl.Series(_mean_looks(faces, told).faces.any(axis=1), dtype=pl.Boolean))
    lasting = told.with_columns((pl.col("end_s") - pl.col("start_s")).alias("lasting_s"))
    return lasting.sort(["lasting_s", "track"], descending=[True, False]).head(MOST_TRACKS).sort("track")


def _scores(faces: pl.DataFrame, tracks: pl.DataFrame) -> Floats:
    """Score every pair of tracks, float32 (n, n)."""
    gap_s = _gaps(tracks)
    score = score_looks(faces, tracks)
    apart = measure_apart(faces, tracks)
    known = np.isfinite(apart)
    score[known] = IDENTITY_PRIOR + IDENTITY_SLOPE * apart[known] + IDENTITY_LOOKS * score[known]
    shot = tracks["shot"].to_numpy().astype(np.int64)
    alone = np.bincount(shot)[shot] == 1
    follows = (np.abs(shot[:, None] - shot[None, :]) == 1) & alone[:, None] & alone[None, :]
    score[follows & _same_place(tracks)] += CUT_PLACE
    score[(shot[:, None] == shot[None, :]) & (gap_s <= 0)] = NEVER
    np.fill_diagonal(score, 0)
    return score


def _gaps(tracks: pl.DataFrame) -> NDArray[np.float64]:
    """Seconds between every two tracks; below 0 where they overlap."""
    start, end = (tracks[name].to_numpy() for name in ("start_s", "end_s"))
    return np.asarray(np.maximum.outer(start, start) - np.minimum.outer(end, end))


def score_looks(faces: pl.DataFrame, tracks: pl.DataFrame) -> Floats:
    """Score every pair of tracks by hair, skin, clothes and face alone, float32 (n, n)."""
    parts = compare_all(_mean_looks(faces, tracks))
    near, far = _weigh(parts, NEAR_WEIGHTS), _weigh(parts, FAR_WEIGHTS)
    return np.where(_gaps(tracks) < NEAR_S, near, far).astype(np.float32)


def measure_apart(faces: pl.DataFrame, tracks: pl.DataFrame) -> Floats:
    """Distance of every two tracks' places among faces, float32 (n, n); NaN where either has none.

    A track's place is the mean of its faces'.
    """
    placed = faces.select("track", "identity").drop_nulls()
    own = placed.join(tracks.select("track").with_row_index("row"), on="track", maintain_order="left")
    apart = np.full((tracks.height, tracks.height), np.nan, np.float32)
    if not own.height:
        return apart
    row, number = np.unique(own["row"].to_numpy(), return_inverse=True)
    mean = np.zeros((len(row), PLACE_SIZE), np.float64)
    np.add.at(mean, number, read_places(own["identity"].to_list()))
    mean /= np.bincount(number)[:, None]
    # rounded, so that sums taken in another order group alike
    inner = mean @ mean.T
    square = np.diag(inner)[:, None] + np.diag(inner)[None] - 2 * inner
    apart[np.ix_(row, row)] = np.round(np.sqrt(np.maximum(square, 0)), 4)
    return apart


def _weigh(parts: Floats, weights: Weights) -> Floats:
    """Sum what each part says; one that is missing says nothing."""
    total = np.full(parts.shape[1:], weights.prior, np.float32)
    for part, gain, slope in zip(parts, weights.alike, weights.unlike, strict=True):
        total += np.where(np.isnan(part), np.float32(0), np.float32(gain) + np.float32(slope) * part)
    return total


def _mean_looks(faces: pl.DataFrame, tracks: pl.DataFrame) -> Looks:
    """Mean look of each track's faces, of `LOOKS_OF_TRACK` of them at most."""
    step = (pl.len() // LOOKS_OF_TRACK + 1).over("track")
    few = faces.select("track", "look").drop_nulls().filter(pl.int_range(pl.len()).over("track") % step == 0)
    own = few.join(tracks.select("track").with_row_index("place"), on="track", how="inner", maintain_order="left")
    looks = read_looks(own["look"].to_list())
    place = own["place"].to_numpy().astype(np.int64)
    count = np.bincount(place, minlength=tracks.height).astype(np.float32)
    colours = np.zeros((tracks.height, *looks.colours.shape[1:]), np.float64)
    pictures = np.zeros((tracks.height, looks.faces.shape[1]), np.float64)
    np.add.at(colours, place, looks.colours)
    np.add.at(pictures, place, looks.faces)
    length = np.sqrt((pictures**2).sum(axis=1, keepdims=True))
    pictures = np.where(length > 1e-6, pictures / np.maximum(length, 1e-6), 0)
    return Looks(np.asarray(colours / count[:, None, None], np.float32), np.asarray(pictures, np.float32))


def compare_all(looks: Looks) -> Floats:
    """``looks.unlikeness`` of every pair, float32 (4, n, n), one part at a time to save memory."""
    colours = relative_colours(looks.colours).astype(np.float32)
    made = []
    for region in range(looks.colours.shape[1]):
        seen = looks.colours[:, region, 0] > 0.4
        square = sum(np.subtract.outer(colours[:, region, c], colours[:, region, c]) ** 2 for c in range(3))
        apart = np.minimum(np.sqrt(square) / np.float32(0.2), 1)
        shared = sum(np.minimum.outer(cells, cells) for cells in looks.colours[:, region, 4:].T)
        unlike = 0.5 * apart + 0.5 * (1 - np.minimum(shared, 1))
        made.append(np.where(seen[:, None] & seen[None, :], unlike, np.float32(np.nan)))
    drawn = np.asarray(looks.faces.any(axis=1))
    # rounded, so that sums taken in another order group alike
    turned = np.round(0.5 - 0.5 * (looks.faces @ looks.faces.T), 4)
    made.append(np.where(drawn[:, None] & drawn[None, :], turned, np.float32(np.nan)))
    return np.asarray(made, np.float32)


def _same_place(tracks: pl.DataFrame) -> NDArray[np.bool_]:
    """Whether two tracks lie at one place of their pictures."""
    left, top, width, height = (tracks[name].to_numpy() for name in ("left", "top", "width", "height"))
    across = np.minimum.outer(left + width, left + width) - np.maximum.outer(left, left)
    down = np.minimum.outer(top + height, top + height) - np.maximum.outer(top, top)
    both = np.maximum(across, 0) * np.maximum(down, 0)
    area = width * height
    overlap = both / np.maximum(np.add.outer(area, area) - both, 1e-9)
    return np.asarray(overlap >= SAME_PLACE_OVERLAP)


def join_groups(score: Floats, join: float = JOIN) -> NDArray[np.int64]:
    """Join tracks into groups by the scores between groups, the best pair first.

    Parameters
    ----------
    score : np.ndarray [shape=(n, n), dtype=float32]
        symmetric; `NEVER` keeps two apart
    join : float
        score that two groups need

    Returns
    -------
    np.ndarray [shape=(n,), dtype=int64]
        number of each one's group, from 0 in the order in which groups first appear

    Examples
    --------
    >>> join_groups(np.array([[0, 5, -5], [5, 0, -5], [-5, -5, 0]], np.float32)).tolist()
    [0, 0, 1]
    """
    n = len(score)
    total = score.astype(np.float64)
    best = total.copy()
    apart = total < APART
    size = np.ones(n)
    open_ = np.ones(n, np.bool_)
    leader = np.arange(n)
    chain: list[int] = []

    def is_doubtful(one: int, other: int) -> bool:
        rivals = (leader == np.arange(n)) & apart[other] & (best[one] > best[one, other] - RIVAL)
        return size[one] == 1 and bool(rivals.any())

    # nearest neighbours are followed until two are each other's, and these join: the order of the best pair first, but
    # for ties and odd groups, at a cost that grows with the square only (Murtagh 1983)
    while open_.any():
        if not chain:
            chain.append(int(open_.argmax()))
        one = chain[-1]
        alike = MEAN_SHARE * total[one] / (size[one] * size) + (1 - MEAN_SHARE) * best[one]
        alike = np.where(open_, alike, -np.inf)
        alike[one] = -np.inf
        other = int(alike.argmax())
        if len(chain) > 1 and alike[chain[-2]] >= alike[other]:
            other = chain[-2]
        if alike[other] < join:
            open_[one] = False  # nothing joins it any more
            chain.pop()
        elif len(chain) > 1 and other == chain[-2]:
            chain.clear()  # whose nearest the others are may have changed
            doubtful = [single for single, whom in ((one, other), (other, one)) if is_doubtful(single, whom)]
            if doubtful:
                open_[doubtful] = False
                continue
            kept, gone = min(one, other), max(one, other)
            total[kept] += total[gone]
            total[:, kept] = total[kept]
            best[kept] = np.maximum(best[kept], best[gone])
            best[:, kept] = best[kept]
            apart[kept] |= apart[gone]
            apart[:, kept] = apart[kept]
            size[kept] += size[gone]
            open_[gone] = False
            leader[leader == gone] = kept
        else:
            chain.append(other)
    return np.unique(leader, return_inverse=True)[1]


def describe_characters(
    faces: pl.DataFrame, tracks: pl.DataFrame, names: Mapping[int, tuple[str, str]] | None = None
) -> pl.DataFrame:
    """Sum up each character.

    Parameters
    ----------
    faces, tracks : pl.DataFrame
        columns of ``tables.FACES`` and ``tables.TRACKS``, ``character`` filled
    names : mapping of int to (str, str), optional
        name of a character and who gave it, ``person`` or ``screenplay``; the others are A, B, C

    Returns
    -------
    pl.DataFrame
        columns of ``tables.CHARACTERS``
    """
    own = tracks.drop_nulls("character")
    if not own.height:
        return empty(CHARACTERS)
    summed = own.group_by("character").agg(
        pl.len().alias("tracks"),
        pl.col("shot").n_unique().alias("shots"),
        (pl.col("end_s") - pl.col("start_s")).sum().alias("on_screen_s"),
        pl.col("start_s").min().alias("first_s"),
        pl.col("end_s").max().alias("last_s"),
    )
    seen = faces.join(own.select("track", "character"), on="track").with_columns(
        (pl.col("score").fill_null(0.5) * pl.col("height")).alias("shown")
    )
    sizes = (
        seen.sort(["shown", "frame"], descending=[True, False])
        .group_by("character", maintain_order=True)
        .agg(
            pl.col("height").median(),
            pl.col("height").quantile(0.95, "nearest").alias("nearest_height"),
            pl.col("frame").first(),
        )
    )
    given = names or {}
    taken = {name for name, _ in given.values()}
    numbers = summed["character"].to_list()
    table = summed.with_columns(
        pl.Series("name", [given[n][0] if n in given else _letter(n, taken) for n in numbers], pl.String()),
        pl.Series("named_by", [given[n][1] if n in given else None for n in numbers], pl.String()),
    )
    return conform(table.join(sizes, on="character").sort("character"), CHARACTERS)


def _letter(number: int, taken: Container[str] = ()) -> str:
    """A to Z, then AA, AB and so on; A2 where somebody is called A.

    >>> _letter(0), _letter(25), _letter(26), _letter(0, {"A"})
    ('A', 'Z', 'AA', 'A2')
    """
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = string.ascii_uppercase[rest] + text
    return f"{text}2" if text in taken else text
