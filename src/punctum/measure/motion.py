"""Motion: how fast a picture moves, how much of that is the camera's, and what changes besides.

Conventions: ``halves`` are lumas at half the thumb's size (``light.halved``) of consecutive frames, the
first ``lead`` of them belonging to the block before. Displacements are in their pixels since the frame
before, x to the right, y down, and sampled at every second pixel both ways: ``points``, row by row.
Results are float64 with one value for every own frame, NaN where there is no frame before. OpenCV
must run on one thread here (``blocks`` sees to it), since its optical flow depends on their number.

How it goes: dense flow; the one move of the whole picture that most of it makes (the camera's); then
every point that the camera's move, or standing still, explains as it is takes that in place of its
flow, which is blurred over some pixels around whatever moves.
"""

import math
from functools import lru_cache
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from punctum.measure.light import Pictures, Values

STEP_PX = 2
"""The flow is sampled at every second pixel, both ways."""

LEAST_PX = (8, 16)
"""Shorter and longer side of the smallest picture that the search for flow takes."""

STILL_PX = 0.02
"""Where the picture moves by less than this on average, nothing can be said about whose motion it is."""

TEXTURE_CODES = 2.0
"""A point of this much gradient (codes a pixel, noise smoothed) weighs half: flat areas show no motion."""

LOST_SHARE, LOST_CODES = 0.5, 6.0
"""The camera's move is lost where it leaves this share of a difference that is greater than these codes."""

NOISE_CODES = 0.5
"""A mean difference that says nothing."""

LOST_FLOW_SHARE = 0.7
"""The flow is lost, as across a cut, where it leaves this share of such a difference."""

_CAMERA_SCALES_PX = (4.0, 2.0, 1.0, 0.5, 0.5)
"""Scales of the Geman-McClure weights, step by step, with which the camera's move is fitted."""

_BLUR = 0.2
"""By this share of its gradient a picture moved by parts of a pixel differs from itself."""

_REACH_PX = 1.5
"""Beyond this displacement a greater one makes no greater difference: neighbouring pixels are alike no longer."""


Fields = NDArray[np.float32]
"""One value for each sampled point of each picture, or of one."""


class Moves(NamedTuple):
    """Moves of the whole picture, one a frame: shift of its centre (px), zoom, turn (radians); float64 (n,) each."""

    shift_x: Values
    shift_y: Values
    zoom: Values
    turn: Values


class Followed(NamedTuple):
    """What ``follow`` finds in each own frame: (n,) each."""

    distance_w: Values
    camera: Values
    residual_change: Values
    explained: NDArray[np.bool_]
    moves: Moves


def follow(halves: Pictures, lead: int) -> Followed:
    """Follow the picture from frame to frame.

    Parameters
    ----------
    halves : np.ndarray [shape=(lead + n, h, w), dtype=uint8]
    lead : int
        frames that belong to the block before

    Returns
    -------
    distance_w : np.ndarray [shape=(n,), dtype=float64]
        mean displacement since the frame before in picture widths, every point weighted by its texture;
        what stands still counts as 0
    camera : np.ndarray [shape=(n,), dtype=float64]
        1 - (displacement that remains once the camera's is taken away) / displacement, 0..1; NaN where
        next to nothing moves
    residual_change : np.ndarray [shape=(n,), dtype=float64]
        mean absolute difference of luma at half size from the frame before, moved as the camera moved,
        0..1, where the moved picture covers this one; the plain difference where no move lessens it
    explained : np.ndarray [shape=(n,), dtype=bool]
        False where a great difference remains even when every point is moved by its flow
    moves : Moves
        the camera's; zeros where none was found
    """
    n, (h, w) = len(halves) - lead, halves.shape[1:]
    skipped = 0 if lead else min(n, 1)
    after, before = halves[lead + skipped :], halves[max(lead - 1, 0) : -1]
    flow = flows(before, after)
    edges = gradients(after)
    steep = edges[0] * edges[0] + edges[1] * edges[1]
    steep *= steep
    weights = steep / (steep + np.float32(TEXTURE_CODES**4))
    moves = find_moves(flow, weights, h, w)
    plain, rest, unlike = undo_moves(before, after, moves)

    lost = np.flatnonzero((plain > LOST_CODES) & (rest > LOST_SHARE * plain))
    for i in lost.tolist():
        guess = leap(before[i], after[i])
        pair = slice(i, i + 1)
        leapt = flows(before[pair], after[pair], guess)
        again = find_moves(leapt, weights[pair], h, w)
        _, closer, unlike_again = undo_moves(before[pair], after[pair], again)
        if closer[0] < min(rest[i], LOST_SHARE * plain[i]):
            flow[:, i], rest[i], unlike[i] = leapt[:, 0], closer[0], unlike_again[0]
            for mine, value in zip(moves, again, strict=True):
                mine[i] = value[0]

    unseen = [
        i for i in lost.tolist() if rest[i] > LOST_SHARE * plain[i] and not _explains(flow[:, i], before[i], after[i])
    ]
    helped = rest < plain
    moves = Moves(*(np.where(helped, value, 0.0) for value in moves))
    unlike_still = differences(before, after)
    distance, camera = _distance(
        flow, weights, edges, moves, np.where(helped[:, None], unlike, np.inf), unlike_still, h, w
    )
    followed = np.ones(len(after), bool)
    followed[unseen] = False

    def with_first(values: Values) -> Values:
        return np.concatenate([np.full(skipped, np.nan), values])

    return Followed(
        with_first(distance / w),
        with_first(camera),
        with_first(np.minimum(rest, plain) / 255.0),
        np.concatenate([np.ones(skipped, bool), followed]),
        Moves(*(with_first(value) for value in moves)),
    )


def flows(before: Pictures, after: Pictures, guess: tuple[float, float] | None = None) -> Fields:
    """Displacement of every sampled point, by dense inverse search (Kroeger et al. 2016).

    Parameters
    ----------
    before, after : np.ndarray [shape=(n, h, w), dtype=uint8]
    guess : (float, float) or None
        a displacement of the whole picture to start from

    Returns
    -------
    flows : np.ndarray [shape=(2, n, points), dtype=float32]
    """
    n, h, w = after.shape
    rows, columns = h // STEP_PX, w // STEP_PX
    made = np.zeros((2, n, rows, columns), np.float32)
    if min(h, w) >= LEAST_PX[0] and max(h, w) >= LEAST_PX[1]:
        search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        search.setFinestScale(0)
        search.setPatchStride(8)
        search.setGradientDescentIterations(8)
        # typed as an array, though OpenCV takes None for nothing to start from
        start: Any = None if guess is None else np.full((h, w, 2), guess, np.float32)
        half = STEP_PX // 2
        for i in range(n):
            flow = search.calc(before[i], after[i], start)
            points = flow[half::STEP_PX, half::STEP_PX][:rows, :columns]
            made[:, i] = np.moveaxis(points, 2, 0)
        np.nan_to_num(made, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        np.clip(made, -w, w, out=made)
    return made.reshape(2, n, rows * columns)


@lru_cache(maxsize=4)
def _window(h: int, w: int) -> NDArray[np.float32]:
    return np.asarray(cv2.createHanningWindow((w, h), cv2.CV_32F), np.float32)


def leap(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> tuple[float, float]:
    """One displacement of the whole picture, however large, by phase correlation (Kuglin and Hines 1975)."""
    h, w = after.shape
    (x, y), _ = cv2.phaseCorrelate(before.astype(np.float32), after.astype(np.float32), _window(h, w))
    return (x, y) if np.isfinite(x) and np.isfinite(y) else (0.0, 0.0)


def _cells(picture: NDArray[Any]) -> NDArray[np.uint8]:
    """Mean over the area around each sampled point, in whole codes."""
    h, w = picture.shape
    return np.asarray(cv2.resize(picture, (w // STEP_PX, h // STEP_PX), interpolation=cv2.INTER_AREA), np.uint8).ravel()


def gradients(halves: Pictures) -> Fields:
    """Steepness of luma around each sampled point, codes a pixel, after smoothing over 3 x 3 pixels.

    Returns
    -------
    gradients : np.ndarray [shape=(2, n, points), dtype=float32]
        mean absolute difference of neighbours along x, and along y
    """
    n, h, w = halves.shape
    made = np.zeros((2, n, (h // STEP_PX) * (w // STEP_PX)), np.float32)
    steps = np.zeros((2, h, w), np.uint8)
    for i, picture in enumerate(halves):
        # in fourths (or at the most that a byte holds), since means are kept as whole numbers
        smooth = cv2.blur(picture, (3, 3))
        cv2.absdiff(smooth[:, 1:], smooth[:, :-1], dst=steps[0, :, :-1])
        cv2.absdiff(smooth[1:], smooth[:-1], dst=steps[1, :-1])
        for along in (0, 1):
            made[along, i] = _cells(cv2.convertScaleAbs(steps[along], alpha=4.0))
    made *= 0.25
    return made


def differences(before: Pictures, after: Pictures) -> Fields:
    """Mean absolute difference of luma around each sampled point: codes, (n, points)."""
    n, h, w = after.shape
    made = np.zeros((n, (h // STEP_PX) * (w // STEP_PX)), np.float32)
    for i in range(n):
        made[i] = _cells(cv2.absdiff(before[i], after[i]))
    return made


def _length(x: Fields, y: Fields) -> Fields:
    """Length of vectors; ``np.hypot`` guards against an overflow that cannot happen here, at ten times the cost."""
    return np.asarray(np.sqrt(x * x + y * y))


def _places(h: int, w: int) -> tuple[Fields, Fields]:
    """Coordinates of the sampled points from the picture's centre, in pixels: x and y, each (points,)."""
    rows, columns = h // STEP_PX, w // STEP_PX
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32) * STEP_PX + STEP_PX // 2
    return (x - np.float32((w - 1) / 2)).ravel(), (y - np.float32((h - 1) / 2)).ravel()


def _moved(moves: tuple[NDArray[np.floating], ...], x: Fields, y: Fields) -> tuple[Fields, Fields]:
    """Displacement that moves give to points: each (n, points)."""
    shift_x, shift_y, zoom, turn = (value.astype(np.float32)[:, None] for value in moves)
    return shift_x + zoom * x - turn * y, shift_y + zoom * y + turn * x


def find_moves(flow: Fields, weights: Fields, h: int, w: int) -> Moves:
    """Fit one move of the whole picture (shift, zoom, turn) to each flow, so that what moves otherwise has no say.

    Iteratively reweighted least squares with Geman-McClure weights of falling scale: the move that most
    of the textured picture makes wins.

    Parameters
    ----------
    flow : np.ndarray [shape=(2, n, points), dtype=float32]
    weights : np.ndarray [shape=(n, points), dtype=float32]
    h, w : int
        the picture's size in pixels
    """
    n, rows, columns = flow.shape[1], h // STEP_PX, w // STEP_PX

    def fewer(values: Fields) -> Fields:
        # every second sampled point, both ways, is plenty for four numbers; at the rim the flow is only
        # carried on from further in, and would shrink every zoom and turn
        inner = tuple(slice(2, -2, 2) if count > 6 else slice(None) for count in (rows, columns))
        apart = values.reshape(*values.shape[:-1], rows, columns)[(..., *inner)]
        return apart.reshape(*values.shape[:-1], math.prod(apart.shape[-2:]))

    x, y = (fewer(place) for place in _places(h, w))
    u, v = fewer(flow)
    given = fewer(weights) + np.float32(1e-4)
    trust = given
    fitted: tuple[Fields, ...] = ()
    for step, scale in enumerate((None, *_CAMERA_SCALES_PX)):
        if scale is not None:
            model_u, model_v = _moved(fitted, x, y)
            miss = (u - model_u) ** 2 + (v - model_v) ** 2
            trust = given * (np.float32(scale**2) / (np.float32(scale**2) + miss)) ** 2
        total = trust.sum(axis=1)
        mean_x, mean_y = (trust * x).sum(axis=1) / total, (trust * y).sum(axis=1) / total
        mean_u, mean_v = (trust * u).sum(axis=1) / total, (trust * v).sum(axis=1) / total
        zoom, turn = np.zeros(n, np.float32), np.zeros(n, np.float32)
        if step > 1:
            # shift alone at first: from a start that is far off, zoom and turn fit what moves otherwise
            from_x, from_y = x - mean_x[:, None], y - mean_y[:, None]
            extent = (trust * (from_x**2 + from_y**2)).sum(axis=1)
            # a zoom is not to be read from a few points in one place
            extent += np.float32(0.01 * (h * h + w * w) / 12) * total
            zoom = (trust * (from_x * u + from_y * v)).sum(axis=1) / extent
            turn = (trust * (from_x * v - from_y * u)).sum(axis=1) / extent
        fitted = (mean_u - zoom * mean_x + turn * mean_y, mean_v - zoom * mean_y - turn * mean_x, zoom, turn)
    return Moves(*(value.astype(np.float64) for value in fitted))


def undo_moves(before: Pictures, after: Pictures, moves: Moves) -> tuple[Values, Values, Fields]:
    """Compare each picture with the one before as it is, and moved as the camera moved.

    Parameters
    ----------
    before, after : np.ndarray [shape=(n, h, w), dtype=uint8]
    moves : Moves

    Returns
    -------
    plain : np.ndarray [shape=(n,), dtype=float64]
        mean absolute difference, codes
    rest : np.ndarray [shape=(n,), dtype=float64]
        the same after the move, where the moved picture covers this one; infinite where that is less than
        a quarter of it
    unlike : np.ndarray [shape=(n, points), dtype=float32]
        the same around each sampled point; 0 where the moved picture does not cover it: what comes into
        the picture there was seen by no flow; infinite where there is no ``rest``
    """
    n, h, w = after.shape
    plain, rest = np.zeros(n), np.full(n, np.inf)
    unlike = np.full((n, (h // STEP_PX) * (w // STEP_PX)), np.inf, np.float32)
    centre_x, centre_y = (w - 1) / 2, (h - 1) / 2
    pair = np.full((h, w, 2), 255, np.uint8)
    for i in range(n):
        plain[i] = cv2.norm(after[i], before[i], cv2.NORM_L1) / (h * w)
        a, b = 1 + moves.zoom[i], moves.turn[i]
        matrix = np.array(
            [
                [a, -b, moves.shift_x[i] + centre_x - a * centre_x + b * centre_y],
                [b, a, moves.shift_y[i] + centre_y - b * centre_x - a * centre_y],
            ]
        )
        if plain[i] == 0 or not np.isfinite(matrix).all() or not 0.5 < a < 2:
            continue
        pair[..., 0] = before[i]
        moved = cv2.warpAffine(pair, matrix, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        picture, covered = cv2.split(moved)
        covered = np.equal(covered, 255).view(np.uint8)
        count = cv2.countNonZero(covered)
        if count * 4 < h * w:
            continue
        rest[i] = cv2.norm(after[i], picture, cv2.NORM_L1, covered) / count
        unlike[i] = np.where(_cells(covered) == 1, _cells(cv2.absdiff(after[i], picture)), 0)
    return plain, rest, unlike


def _explains(flow: Fields, before: NDArray[np.uint8], after: NDArray[np.uint8]) -> bool:
    """Whether a picture becomes the next by this flow, brightness apart: across a cut it does not."""
    h, w = after.shape
    apart = after.astype(np.float32) - before
    plain = np.abs(apart - apart.mean()).mean()
    rows, columns = h // STEP_PX, w // STEP_PX
    fields = flow.reshape(2, rows, columns)
    u, v = (cv2.resize(field, (w, h), interpolation=cv2.INTER_LINEAR) for field in fields)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    moved = cv2.remap(before, x - u, y - v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    apart = after.astype(np.float32) - moved
    rest = np.abs(apart - apart.mean()).mean()
    return bool(plain <= LOST_CODES or rest <= LOST_FLOW_SHARE * plain)


def _distance(
    flow: Fields,
    weights: Fields,
    edges: Fields,
    moves: Moves,
    unlike: Fields,
    unlike_still: Fields,
    h: int,
    w: int,
) -> tuple[Values, Values]:
    """Mean displacement in pixels, and the camera's share of it."""
    u, v = flow
    model_u, model_v = _moved(moves, *_places(h, w))

    def expected(u: Fields, v: Fields) -> Fields:
        # by how much a point that moves by (u, v) differs: about its gradient along the way times the way
        reach_u, reach_v = (np.minimum(np.abs(way), _REACH_PX) for way in (u, v))
        return np.asarray(_length(edges[0] * reach_u, edges[1] * reach_v))

    # the camera's move is believed unless the difference it leaves speaks against it ...
    own_u, own_v = u - model_u, v - model_v
    blur = _BLUR * _length(edges[0], edges[1])
    own = np.clip(2 * unlike / (expected(own_u, own_v) + blur + NOISE_CODES) - 0.5, 0.0, 1.0)
    u, v = model_u + own * own_u, model_v + own * own_v
    # ... and standing still only where a difference ought to be seen and is not
    moved = np.clip(2 * (unlike_still + NOISE_CODES) / (expected(u, v) + 1e-9) - 0.5, 0.0, 1.0)
    u, v = moved * u, moved * v

    # where nothing has texture nothing is seen to move: a fiftieth of the picture always stands still
    total = weights.sum(axis=1) + 0.02 * weights.shape[1]
    distance = (weights * _length(u, v)).sum(axis=1) / total
    rest = (weights * _length(u - model_u, v - model_v)).sum(axis=1) / total
    moving = distance >= STILL_PX
    camera = np.where(moving, np.clip(1 - rest / np.where(moving, distance, 1.0), 0.0, 1.0), np.nan)
    return distance, camera
