"""Scenes of other films that answer a scene, and how many as good are expected by chance.

Conventions: the library's signatures, this film's among them, are rows of one lot; a query is some consecutive rows of
one film. Other films' rows are all that is searched. A match is one scene's best local alignment with the query.

Above `EXACT_SHOTS` shots only scenes are aligned that hold one of the nearest shots, by one coarse vector a shot. The
null is had from runs of other films' shots that are of the query's kind: as many, as long, as close, as near the end.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from punctum.echo.aligning import Background, add_up, align, rank_against, trace, weigh
from punctum.echo.chance import Law, expect, fit_law
from punctum.echo.channels import CHANNELS, MIRROR, Signatures

Rows = NDArray[np.int64]

SAMPLE_SHOTS = 2048
"""A likeness is ranked among so many of the library's shots at most, evenly taken."""

KINDRED, KINDRED_OF_FILM = 24, 2
"""Runs of the query's kind, and how many of one film at most."""

NULL_SCENES = 250
"""Each is aligned with so many scenes of other films at most, evenly taken."""

EXACT_SHOTS = 60_000
NEAREST = 3000
"""Above the first, only the scenes of so many nearest shots of each shot of the query are aligned."""

BLOCK_SHOTS = 65_536

SAID_RANK = 0.1
"""A channel is said to be alike where no more than this share of the library's shots is."""

LISTED = 20


class Match(NamedTuple):
    """An alignment of the query with a scene of another film.

    ``rows``, ``other_rows``: the aligned pairs. ``ranks``: of each channel the share of the library's shots that are as
    alike or more, geometric mean over the pairs; NaN where it was not measured. ``others_as_like``: scenes that match
    the query as well in the channels that are alike.
    """

    rows: Rows
    other_rows: Rows
    score: float
    e_value: float | None
    mirrored: bool
    likeness: float
    ranks: dict[str, float]
    alike: tuple[str, ...]
    others_as_like: int


class Answer(NamedTuple):
    """What a query found, best first; how many scenes and shots of how many films were searched; the null's law."""

    matches: list[Match]
    scenes: int
    shots: int
    films: int
    law: Law | None


def find_echoes(
    library: Signatures, query: Rows, queries: int = 1, skip: Rows | None = None, listed: int = LISTED
) -> Answer:
    """Find the scenes that answer a query.

    Parameters
    ----------
    library : Signatures
        of all films, the query's among them
    query : np.ndarray [dtype=int64]
        rows of the query: consecutive shots of one film
    queries : int
        so many scenes are asked about at once: an E-value counts them all
    skip : np.ndarray [dtype=int64] or None
        rows that may not be aligned: footage used again
    listed : int
        so many matches at most

    Returns
    -------
    Answer
    """
    film = int(library.film[query[0]])
    others = np.flatnonzero(library.film != film)
    if skip is not None and skip.size:
        others = np.setdiff1d(others, skip)
        query = np.setdiff1d(query, skip)
    if not others.size or not query.size:
        return Answer([], 0, 0, 0, None)
    sizes = np.bincount(library.scene[others])
    sizes = sizes[sizes > 0]
    films = len(np.unique(library.film[others]))
    own = library.take(query)
    sample = library.take(others[_evenly(len(others), SAMPLE_SHOTS)])
    background = rank_against(own, sample)
    searched = others if len(others) <= EXACT_SHOTS else _nearest_scenes(library, own, others)
    found = _score(own, library, searched, background)
    law = _null(library, query, others)
    order = np.argsort(-found.score, kind="stable")[:listed]
    matches = []
    for at in order[found.score[order] > 0].tolist():
        rows = searched[found.begin[at] : found.end[at]]
        match = _describe(library, query, own, rows, background, bool(found.mirrored[at]))
        e_value = None if law is None else expect(law, match.score, len(query), sizes, queries)
        as_like = _count_as_like(library, query, own, searched, background, match)
        matches.append(match._replace(e_value=e_value, others_as_like=as_like))
    return Answer(matches, len(sizes), len(others), films, law)


class _Found(NamedTuple):
    """For each scene its columns, its best score, and whether that is the mirrored query's."""

    begin: Rows
    end: Rows
    score: NDArray[np.float32]
    mirrored: NDArray[np.bool_]


def _evenly(count: int, most: int) -> Rows:
    """Take at most so many of a row of things, evenly."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))


def _score(
    own: Signatures,
    library: Signatures,
    rows: Rows,
    background: Background,
    only: frozenset[str] | None = None,
    ways: tuple[bool, ...] = (False, True),
) -> _Found:
    """Align the query with every scene that the rows are of."""
    scene = library.scene[rows]
    begin = np.flatnonzero(np.r_[True, scene[1:] != scene[:-1]])
    end = np.r_[begin[1:], len(rows)]
    best = np.zeros((len(ways), len(begin)), np.float32)
    for low, high in _blocks(begin, end):
        here = slice(int(begin[low]), int(end[high - 1]))
        others = library.take(rows[here])
        for at, mirrored in enumerate(ways):
            scores = add_up(weigh(own, others, background, mirrored), only)
            highest = align(scores, scene[here]).max(0)
            best[at, low:high] = np.maximum.reduceat(highest, begin[low:high] - begin[low])
    return _Found(begin, end, best.max(0), np.array(ways)[best.argmax(0)])


def _blocks(begin: Rows, end: Rows) -> list[tuple[int, int]]:
    """Divide scenes into blocks of at most some thousand shots, a scene at least."""
    made, low = [], 0
    while low < len(begin):
        high = max(int(np.searchsorted(end, begin[low] + BLOCK_SHOTS // 4, side="right")), low + 1)
        made.append((low, high))
        low = high
    return made


def _describe(
    library: Signatures, query: Rows, own: Signatures, rows: Rows, background: Background, mirrored: bool
) -> Match:
    """Trace one scene's alignment and rank its channels."""
    ranks = weigh(own, library.take(rows), background, mirrored)
    scores = add_up(ranks)
    pairs = np.array(trace(scores), np.int64).reshape(-1, 2)
    here, there = pairs[:, 0], pairs[:, 1]
    mean: dict[str, float] = {}
    weighed: list[tuple[float, float]] = []
    for name, rank in ranks.items():
        known = rank[here, there]
        known = known[np.isfinite(known)]
        mean[name] = float(np.exp(np.log(known).mean())) if known.size else float("nan")
        if known.size:
            weighed.append((CHANNELS.get(name, 1.0), float(1 - known.mean())))
    alike = sorted((name for name, rank in mean.items() if rank <= SAID_RANK), key=lambda name: mean[name])
    likeness = sum(w * x for w, x in weighed) / max(sum(w for w, _ in weighed), 1e-9)
    score = float(align(scores, np.zeros(len(rows), np.int32)).max())
    return Match(query[here], rows[there], score, None, mirrored, likeness, mean, tuple(alike), 0)


def _count_as_like(
    library: Signatures, query: Rows, own: Signatures, searched: Rows, background: Background, match: Match
) -> int:
    """Count the other scenes that match the aligned part as well in the channels in which this one is alike."""
    if not match.alike:
        return 0
    part = np.flatnonzero((query >= match.rows[0]) & (query <= match.rows[-1]))
    ranked = Background(
        {name: one[part] for name, one in background.apart.items()},
        {name: one[part] for name, one in background.known.items()},
    )
    found = _score(own.take(part), library, searched, ranked, frozenset(match.alike))
    mine = library.scene[searched[found.begin]] == library.scene[match.other_rows[0]]
    return int((found.score >= found.score[mine][0]).sum()) - 1


def _kind(library: Signatures, begin: Rows, count: int) -> NDArray[np.float64]:
    """What a run of shots is of: its length, how close its faces, how near the story's end: (n, 3)."""
    rows = begin[:, None] + np.arange(count)
    length = np.log(library.length_s[rows].astype(np.float64).sum(1))
    faces = library.faces[rows].astype(np.float64)
    near = np.nan_to_num(np.where(np.isfinite(faces[..., 3]), faces[..., 2] * (faces[..., 3] > 0), 0.0)).mean(1)
    end = np.nan_to_num(library.after[rows[:, -1], 2].astype(np.float64)) * 2
    return np.stack([length, near, np.minimum(end, 4) / 2], 1)


def find_kindred(library: Signatures, query: Rows) -> list[Rows]:
    """Find runs of other films' shots that are of the query's kind.

    Parameters
    ----------
    library : Signatures
    query : np.ndarray [dtype=int64]

    Returns
    -------
    list of np.ndarray
        rows of each, as many as the query's, of one scene where scenes are as long; the most alike in kind first
    """
    count = len(query)
    begin = np.arange(len(library.film) - count + 1)
    same = library.film[begin] == library.film[begin + count - 1]
    within = library.scene[begin] == library.scene[begin + count - 1]
    begin = begin[same & (library.film[begin] != library.film[query[0]])]
    if (chosen := begin[within[begin]]).size >= KINDRED:
        begin = chosen
    if not begin.size:
        return []
    kind = _kind(library, begin, count)
    apart = np.abs(kind - _kind(library, query[:1], count)).sum(1)
    runs: list[Rows] = []
    of_film: dict[int, list[int]] = {}
    for at in np.argsort(apart, kind="stable").tolist():
        row, film = int(begin[at]), int(library.film[begin[at]])
        taken = of_film.setdefault(film, [])
        if len(taken) < KINDRED_OF_FILM and all(abs(row - one) >= count for one in taken):
            taken.append(row)
            runs.append(np.arange(row, row + count))
        if len(runs) == KINDRED:
            break
    return runs


def _null(library: Signatures, query: Rows, others: Rows) -> Law | None:
    """Align runs of the query's kind with scenes of films that are neither theirs nor the query's."""
    scores, sizes, films = [], [], set()
    for run in find_kindred(library, query):
        rest = others[library.film[others] != library.film[run[0]]]
        if not rest.size:
            continue
        own = library.take(run)
        background = rank_against(own, library.take(rest[_evenly(len(rest), SAMPLE_SHOTS)]))
        scenes = np.unique(library.scene[rest])
        kept = rest[np.isin(library.scene[rest], scenes[_evenly(len(scenes), NULL_SCENES)])]
        found = _score(own, library, kept, background)
        scores.append(found.score.astype(np.float64))
        sizes.append(len(run) * (found.end - found.begin).astype(np.float64))
        films.add(int(library.film[run[0]]))
        films.update(np.unique(library.film[kept]).tolist())
    if not scores:
        return None
    return fit_law(np.concatenate(scores), np.concatenate(sizes), len(films))


def coarse(signatures: Signatures) -> NDArray[np.float32]:
    """Lay all channels out as one vector a shot, whose scalar products say roughly how alike two shots are: (n, k).

    Channels are weighed so that each spreads alike; what was not measured is 0.
    """
    parts = [(signatures.layout, 1.0), (signatures.faces, 0.5), (signatures.motion, 0.25), (signatures.after, 0.5)]
    parts += [(signatures.face_course, 0.25), (signatures.sound, 0.2), (signatures.light, 0.5)]
    made = [np.nan_to_num(np.asarray(part, np.float32)) * weight for part, weight in parts]
    return np.concatenate(made, 1)


def _nearest_scenes(library: Signatures, own: Signatures, others: Rows) -> Rows:
    """Take the rows of the scenes that hold the shots nearest to one of the query's, mirrored or not."""
    mine = coarse(own)
    turned = coarse(own._replace(layout=own.layout * MIRROR))
    asked = np.concatenate([mine, turned])
    kept: list[tuple[NDArray[np.float32], Rows]] = []
    for low in range(0, len(others), BLOCK_SHOTS):
        rows = others[low : low + BLOCK_SHOTS]
        theirs = coarse(_part(library, rows))
        near = asked @ theirs.T - np.square(theirs).sum(1) / 2
        most = min(NEAREST, len(rows))
        place = np.argpartition(-near, most - 1, axis=1)[:, :most]
        kept.append((np.take_along_axis(near, place, 1), rows[place]))
    near, place = np.concatenate([n for n, _ in kept], 1), np.concatenate([p for _, p in kept], 1)
    most = min(NEAREST, near.shape[1])
    best = np.take_along_axis(place, np.argpartition(-near, most - 1, axis=1)[:, :most], 1)
    wanted = np.zeros(int(library.scene.max()) + 1, bool)
    wanted[library.scene[best.ravel()]] = True
    return others[wanted[library.scene[others]]]


def _part(library: Signatures, rows: Rows) -> Signatures:
    """Signatures of some rows, as they are kept."""
    return Signatures._make([*(getattr(library, name)[rows] for name in Signatures._fields[:-1]), {}])
