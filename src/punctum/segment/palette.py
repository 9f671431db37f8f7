"""Palettes: a few colours that stand for many, clustered in OKLab.

Colours are rows of (L, a, b), unweighted. The same colours give the same palette: seeds are the most frequent colours
far enough apart, not drawn at random.
"""

import numpy as np
from numpy.typing import NDArray

from punctum.segment.fades import hex_colour

COLOURS = 5
SEEDS = 8
JUST_NOTICEABLE = 0.02
"""Least OKLab distance that is seen, side by side (Ottosson 2020 sets L's scale so that it is about 0.02)."""

APART = 2.5 * JUST_NOTICEABLE
"""Colours of one palette nearer than this are shown as one."""

_BIN = 0.04
_ROUNDS = 8


def find_palette(lab: NDArray[np.float32], weights: NDArray[np.float64] | None = None) -> tuple[list[str], list[float]]:
    """Find up to five colours that stand for many.

    Weighted k-means in OKLab on the means of bins 0.04 wide, seeded with the heaviest bins that lie apart.

    Parameters
    ----------
    lab : np.ndarray [shape=(n, 3), dtype=float32]
        OKLab colours
    weights : np.ndarray [shape=(n,), dtype=float64], optional
        how much of the picture each stands for; all alike where left out

    Returns
    -------
    colours : list of str
        ``#rrggbb``, most frequent first
    shares : list of float
        share of the whole of each; the colours kept share it all among them
    """
    if not len(lab):
        return [], []
    if weights is None:
        weights = np.ones(len(lab))
    points, mass = _bins(lab, weights)
    centres = _seeds(points, mass)
    held = np.zeros(len(centres))
    massed = np.column_stack([mass, points * mass[:, None]])
    numbers = np.arange(len(centres))[:, None]
    for _ in range(_ROUNDS):
        # squared distances, but for the points' own squares
        own = ((centres**2).sum(axis=1) - 2.0 * points @ centres.T).argmin(axis=1)
        sums = (own == numbers).astype(np.float64) @ massed
        held, before = sums[:, 0], centres
        centres = np.where(held[:, None] > 0, sums[:, 1:] / np.maximum(held, 1e-12)[:, None], centres)
        if np.array_equal(centres, before):
            break
    centres, held = _join(centres, held)
    order = sorted(range(len(centres)), key=lambda i: (-held[i], *centres[i]))[:COLOURS]
    total = float(held[order].sum())
    return [hex_colour(*map(float, centres[i])) for i in order], [round(float(held[i]) / total, 3) for i in order]


def _gaps(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared distances of colours: (n, 3), (m, 3) -> (n, m)."""
    step = x[:, None, :] - y[None, :, :]
    gaps: NDArray[np.float64] = np.einsum("ijk,ijk->ij", step, step)
    return gaps


def _bins(lab: NDArray[np.float32], weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean colour and weight of each bin that holds anything."""
    place = np.floor(lab / _BIN).astype(np.int64) + 64
    key = (place[:, 0] * 128 + place[:, 1]) * 128 + place[:, 2]
    _, index = np.unique(key, return_inverse=True)
    mass = np.asarray(np.bincount(index, weights), np.float64)
    points = np.column_stack([np.bincount(index, weights * lab[:, c]) for c in range(3)])
    return points / mass[:, None], mass


def _seeds(points: NDArray[np.float64], mass: NDArray[np.float64]) -> NDArray[np.float64]:
    """Choose the heaviest bin, then, again and again, the one with most weight times squared distance."""
    chosen = [int(mass.argmax())]
    gap = _gaps(points, points[chosen])[:, 0]
    while len(chosen) < min(SEEDS, len(points)):
        best = int((mass * gap).argmax())
        if gap[best] < APART**2 / 4:
            break
        chosen.append(best)
        gap = np.minimum(gap, _gaps(points, points[best : best + 1])[:, 0])
    return points[chosen].copy()


def _join(centres: NDArray[np.float64], held: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Join the two nearest colours until all lie apart and are few enough."""
    centres, held = centres[held > 0], held[held > 0]
    numbers = np.arange(len(held))
    while len(centres) > 1:
        gap = _gaps(centres, centres)
        np.fill_diagonal(gap, np.inf)
        apart = float(gap.min()) >= APART**2
        if apart and len(centres) <= COLOURS:
            break
        # a small colour close by gives way before a large one far off
        cost = gap * np.minimum.outer(held, held) if apart else gap
        i, j = sorted(divmod(int(cost.argmin()), len(centres)))
        whole = held[i] + held[j]
        centres[i] = (centres[i] * held[i] + centres[j] * held[j]) / whole
        held[i] = whole
        rest = numbers[: len(held)] != j
        centres, held = centres[rest], held[rest]
    return centres, held
