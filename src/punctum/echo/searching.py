"""Scenes of other films that answer a scene, and how many as good are expected by chance.

Conventions: the library's signatures, this film's among them, are rows of one lot; a query is some consecutive rows of
one film. Other films' rows are all that is searched. A match is one scene's best local alignment with the query.

Above `EXACT_SHOTS` shots only scenes are aligned that hold one of the nearest shots, by one coarse vector a shot. The
null is had from runs of other films' shots that are of the query's kind: as many, as long, as close, as near the end.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from punctum.echo.aligning import Background, add_up, align, evidence_of, rank_against, trace, weigh
from punctum.echo.chance import Law, expect, fit_law
from punctum.echo.channels import CHANNELS, LEAST_SPREAD, LOOKS, MIRROR, Signatures

Rows = NDArray[np.int64]

SAMPLE_SHOTS = 1024
"""A likeness is ranked among so many of the library's shots at most, evenly taken."""

KINDRED, KINDRED_OF_FILM = 24, 2
"""Runs of the query's kind, and how many of one film at most."""

KINDRED_AMONG = 50_000
"""They are sought among so many runs at most, evenly taken."""

NULL_SCENES, NULL_SHOTS, LEAST_NULL_SCENES = 250, 1500, 80
"""Each is aligned with so many scenes of other films at most, evenly taken, or fewer that have so many shots."""

EXACT_SHOTS = 60_000
NEAREST = 2000
"""Above the first, only the scenes of so many nearest shots, of all the query's shots together, are aligned."""

BLOCK_SHOTS = 16_384

SAID_RANK = 0.1
"""A channel is said to be alike where no more than this share of the library's shots is."""

AS_WELL = 0.75
"""Another scene matches as well that has three quarters of the score in the channels that are alike."""

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
        rows of the query: shots of one film that follow each other, but for flat ones
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
    others = np.flatnonzero((library.film != film) & ~is_flat(library))
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
    ranked = _rank(own, library, searched, background)
    unrelated = _align_unrelated(library, query, others, sample)
    shares = share_weights([one.ranks[0] for one, _ in unrelated])
    score, mirrored = _score(ranked, shares)
    law = _fit(unrelated, shares, library)
    order = np.argsort(-score, kind="stable")[:listed]
    matches = []
    for at in order[score[order] > 0].tolist():
        match = _describe(ranked, shares, at, bool(mirrored[at]), query)
        e_value = None if law is None else expect(law, match.score, len(query), sizes, queries)
        matches.append(match._replace(e_value=e_value, others_as_like=_count_as_like(ranked, shares, at, query, match)))
    return Answer(matches, len(sizes), len(others), films, law)


def is_flat(signatures: Signatures) -> NDArray[np.bool_]:
    """Tell shots of one flat colour: they answer nothing, and count as what follows the shot before them."""
    return np.asarray((signatures.light[:, -LOOKS:] < LEAST_SPREAD).all(1))


class _Ranked(NamedTuple):
    """How rare the likeness of each of the query's shots with each of ``rows`` is, plainly and mirrored.

    ``begin``, ``end``: columns of each scene.
    """

    rows: Rows
    scene: NDArray[np.int32]
    begin: Rows
    end: Rows
    ranks: tuple[dict[str, NDArray[np.float32]], dict[str, NDArray[np.float32]]]


def _evenly(count: int, most: int) -> Rows:
    """Take at most so many of a row of things, evenly."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))


def _rank(own: Signatures, library: Signatures, rows: Rows, background: Background) -> _Ranked:
    """Rank the likeness of the query with rows of the library, some at a time."""
    blocks = [library.take(rows[low : low + BLOCK_SHOTS]) for low in range(0, len(rows), BLOCK_SHOTS)]
    plain, turned = (
        {name: np.concatenate([one[name] for one in made], 1) for name in made[0]}
        for made in ([weigh(own, block, background, way) for block in blocks] for way in (False, True))
    )
    scene = library.scene[rows]
    begin = np.flatnonzero(np.diff(scene, prepend=-1))
    return _Ranked(rows, scene, begin, np.r_[begin[1:], len(rows)], (plain, turned))


def _score(
    ranked: _Ranked, shares: Mapping[str, float], part: Rows | None = None, only: frozenset[str] | None = None
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Align the query, or a part of it, with every scene: the best score of each, and whether it is mirrored."""
    best = []
    for ranks in ranked.ranks:
        kept = ranks if part is None else {name: one[part] for name, one in ranks.items()}
        highest = align(add_up(kept, only, shares), ranked.scene).max(0)
        best.append(np.maximum.reduceat(highest, ranked.begin))
    return np.maximum(*best), best[1] > best[0]


def _describe(ranked: _Ranked, shares: Mapping[str, float], at: int, mirrored: bool, query: Rows) -> Match:
    """Trace one scene's alignment and rank its channels."""
    columns = slice(int(ranked.begin[at]), int(ranked.end[at]))
    ranks = {name: one[:, columns] for name, one in ranked.ranks[mirrored].items()}
    scores = add_up(ranks, None, shares)
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
    score = float(align(scores, ranked.scene[columns]).max())
    rows = ranked.rows[columns]
    return Match(query[here], rows[there], score, None, mirrored, likeness, mean, tuple(alike), 0)


def _count_as_like(ranked: _Ranked, shares: Mapping[str, float], at: int, query: Rows, match: Match) -> int:
    """Count the other scenes that match the aligned part as well in the channels in which this one is alike."""
    if not match.alike:
        return 0
    part = np.flatnonzero((query >= match.rows[0]) & (query <= match.rows[-1]))
    score, _ = _score(ranked, shares, part, frozenset(match.alike))
    return int((score >= AS_WELL * score[at]).sum()) - 1


def _kind(library: Signatures, rows: Rows) -> NDArray[np.float64]:
    """What runs of shots (n, m) are of: their length, how close their faces, how near the story's end: (n, 3)."""
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
    flat = is_flat(library)
    begin = _evenly(len(library.film) - count + 1, KINDRED_AMONG)
    last = begin + count - 1
    possible = (library.film[begin] == library.film[last]) & (library.film[begin] != library.film[query[0]])
    flats = np.r_[0, np.cumsum(flat)]
    possible &= flats[last + 1] == flats[begin]
    within = possible & (library.scene[begin] == library.scene[last])
    begin = begin[within if within.sum() >= KINDRED else possible]
    if not begin.size:
        return []
    kind = _kind(library, begin[:, None] + np.arange(count))
    apart = np.abs(kind - _kind(library, query[None])).sum(1)
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


def _align_unrelated(
    library: Signatures, query: Rows, others: Rows, sample: Signatures
) -> list[tuple[_Ranked, NDArray[np.bool_]]]:
    """Rank runs of the query's kind against scenes of films that are neither theirs nor the query's.

    With each run, which of the scenes are of another film.
    """
    begin = np.flatnonzero(np.diff(library.scene[others], prepend=-1))
    end = np.r_[begin[1:], len(others)]
    most = max(min(NULL_SCENES, NULL_SHOTS * len(begin) // len(others)), LEAST_NULL_SCENES)
    targets = np.concatenate([others[begin[at] : end[at]] for at in _evenly(len(begin), most).tolist()])
    taken = library.take(targets)
    made = []
    for run in find_kindred(library, query):
        film = library.film[run[0]]
        background = rank_against(library.take(run), sample, sample.film == film)
        ranked = _rank(library.take(run), taken, np.arange(len(targets)), background)
        made.append((ranked._replace(rows=targets), taken.film[ranked.begin] != film))
    return made


def share_weights(blocks: Sequence[Mapping[str, NDArray[np.float32]]]) -> dict[str, float]:
    """Say how much of each channel's weight counts where several shots are aligned.

    Shots of one film have much in common (silence, a colour), so that a run of them is no independent evidence: of m
    shots whose evidence correlates by r, each counts 1 / (1 + (m - 1) r), the design effect of Kish (1965).

    Parameters
    ----------
    blocks : sequence of mapping
        ranks (m, n) of unrelated runs of m shots with the library's, by channel; r is had from pairs of neighbouring
        shots with neighbouring shots

    Examples
    --------
    >>> import numpy as np
    >>> share_weights([{"sound": np.repeat(np.array([[0.01, 0.9]] * 3, np.float32), 4, axis=1)}])["sound"] < 0.5
    True
    """
    shares: dict[str, float] = {}
    for name in blocks[0] if blocks else ():
        if len(blocks[0][name]) < 2:
            continue
        evidence = [evidence_of(one[name]) for one in blocks]
        middle = float(np.mean([one.mean() for one in evidence]))
        spread = float(np.mean([one.var() for one in evidence]))
        both = float(np.mean([((one[:-1, :-1] - middle) * (one[1:, 1:] - middle)).mean() for one in evidence]))
        shares[name] = 1 / (1 + (len(blocks[0][name]) - 1) * min(max(both / max(spread, 1e-9), 0.0), 1.0))
    return shares


def _fit(
    unrelated: Sequence[tuple[_Ranked, NDArray[np.bool_]]], shares: Mapping[str, float], library: Signatures
) -> Law | None:
    """Fit the law of chance to the alignments of unrelated runs and scenes."""
    scores, sizes, films = [], [], set()
    for ranked, kept in unrelated:
        count = len(next(iter(ranked.ranks[0].values())))
        scores.append(_score(ranked, shares)[0][kept].astype(np.float64))
        sizes.append(count * (ranked.end - ranked.begin)[kept].astype(np.float64))
        films.update(np.unique(library.film[ranked.rows]).tolist())
    if not scores:
        return None
    return fit_law(np.concatenate(scores), np.concatenate(sizes), len(films))


COARSE = (("layout", 1.0), ("faces", 0.5), ("after", 0.5), ("light", 0.5), ("motion", 0.25), ("sound", 0.2))
"""What goes into a shot's coarse vector, with weights by which each spreads about alike."""


def coarse(signatures: Signatures) -> NDArray[np.float32]:
    """Lay the steadier channels out as one vector a shot, whose distances say roughly how unlike two shots are: (n, k).

    What was not measured is 0.
    """
    parts = [(getattr(signatures, name), weight) for name, weight in COARSE]
    made = np.empty((len(signatures.film), sum(one.shape[1] for one, _ in parts)), np.float32)
    at = 0
    for part, weight in parts:
        here = made[:, at : at + part.shape[1]]
        np.multiply(part, np.float32(weight), out=here)
        at += part.shape[1]
    made[np.isnan(made)] = 0.0
    return made


def _nearest_scenes(library: Signatures, own: Signatures, others: Rows) -> Rows:
    """Take the rows of the scenes that hold the shots nearest to one of the query's, mirrored or not."""
    asked = np.concatenate([coarse(own), coarse(own._replace(layout=own.layout * MIRROR))])
    near = np.empty((len(asked), len(others)), np.float32)
    for low in range(0, len(others), BLOCK_SHOTS):
        rows = others[low : low + BLOCK_SHOTS]
        theirs = coarse(_part(library, rows))
        near[:, low : low + BLOCK_SHOTS] = asked @ theirs.T - np.einsum("nk,nk->n", theirs, theirs) / 2
    most = min(max(NEAREST // len(asked), 1), len(others))
    wanted = np.zeros(int(library.scene.max()) + 1, bool)
    for one in near:
        wanted[library.scene[others[np.argpartition(one, -most)[-most:]]]] = True
    return others[wanted[library.scene[others]]]


def _part(library: Signatures, rows: Rows) -> Signatures:
    """Signatures of some rows, as they are kept; the rows that follow each other are not copied."""
    kept = slice(int(rows[0]), int(rows[-1]) + 1) if rows[-1] - rows[0] == len(rows) - 1 else rows
    return Signatures._make([*(getattr(library, name)[kept] for name in Signatures._fields[:-1]), {}])
