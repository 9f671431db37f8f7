"""Motion: how much a picture differs from the one before, how fast it moves, how much of that is the camera.

Conventions: pictures are consecutive frames of one film, uint8, the first ``lead`` of them belonging to
the block before. Results are float64 with one value for every own frame, NaN where there is no frame
before to compare with. Displacements are in pixels of the thumb, x to the right, y down. Sums over
pictures are sums of whole numbers wherever they can be, so that no order of adding changes them;
OpenCV must run on one thread here (``blocks`` sees to it), since its optical flow depends on their number.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from punctum.measure.light import FLAT_CODES, Pictures, Values

BINS = 8
"""Bins of the joint colour histogram in each of R, G and B."""

FLOW_STEP_PX = 4
"""The flow is sampled at every fourth pixel of the thumb, both ways."""

STILL_PX = 0.02
"""Where the picture moves by less than this on average, nothing can be said about whose motion it is."""

TEXTURE_CODES = 3.0
"""A point of this much gradient (codes a pixel) weighs half of one with strong edges: flat areas do not show motion."""

_CAMERA_SCALES_PX = (8.0, 4.0, 2.0, 1.0, 0.5, 0.5)
"""Scales of the Geman-McClure weights, step by step, with which the camera's move is fitted."""

_GOLDEN_STEPS = ((0.7548776662, 0.5698402910), (0.5698402910, 0.7548776662), (0.8191725134, 0.6710436067))


class Moves(NamedTuple):
    """Moves of the whole picture, one an own frame: shift (px) of its centre, zoom, turn (radians)."""

    shift_x: Values
    shift_y: Values
    zoom: Values
    turn: Values


def change(thumbs: Pictures, lead: int) -> Values:
    """Mean absolute difference from the frame before over R, G and B, 0..1.

    Parameters
    ----------
    thumbs : np.ndarray [shape=(lead + n, h, w, 3), dtype=uint8]
    lead : int
        frames that belong to the block before
    """
    n = len(thumbs) - lead
    made = np.full(n, np.nan)
    for i in range(n):
        if i + lead >= 1:
            made[i] = cv2.norm(thumbs[i + lead], thumbs[i + lead - 1], cv2.NORM_L1)
    return made / (thumbs[0].size * 255.0 if len(thumbs) else 1.0)


def histograms(planes: Pictures) -> NDArray[np.int64]:
    """Joint colour histograms of 8 x 8 x 8 bins: int64 (n, 512), counts of pixels.

    A fixed pattern is added to the codes before they are cut into bins (ordered dither, low-discrepancy
    lattices of Roberts 2018), so that a tone between two bins is shared out among them in proportion and a
    flat picture that slowly brightens does not jump from one to the next.

    Parameters
    ----------
    planes : np.ndarray [shape=(3, n, h, w), dtype=uint8]
    """
    _, n, h, w = planes.shape
    rows, columns = np.mgrid[0:h, 0:w]
    bins = np.zeros((n, h, w), np.uint16)
    for plane, (step_x, step_y) in zip(planes, _GOLDEN_STEPS, strict=True):
        dither = (np.modf(columns * step_x + rows * step_y)[0] * 32).astype(np.uint8)
        # 0..255 becomes 0..224, so that the dither of 0..31 cannot run over
        code = plane - (plane >> 3)
        code += dither
        code >>= 5
        bins <<= 3
        bins += code
    edges = [0, BINS**3]
    counts = [cv2.calcHist([picture], [0], None, [BINS**3], edges)[:, 0] for picture in bins]
    return np.array(counts).reshape(n, BINS**3).astype(np.int64)


def histogram_change(counts: NDArray[np.int64], lead: int, pixels: int) -> Values:
    """Half the summed difference of neighbouring frames' histograms over the pixels: 0 same, 1 disjoint.

    Parameters
    ----------
    counts : np.ndarray [shape=(lead + n, 512), dtype=int64]
        of ``histograms``
    lead : int
    pixels : int
        pixels in a picture
    """
    n = len(counts) - lead
    made = np.full(n, np.nan)
    differences = np.abs(np.diff(counts, axis=0)).sum(axis=1) / (2.0 * pixels)
    if len(differences):
        made[n - min(n, len(differences)) :] = differences[-n:] if n else []
    return made


def correlation(lumas: Pictures, lead: int) -> Values:
    """Pearson r of luma with the next-but-one frame before: the stuff of the visual activity index.

    Cutting, DeLong and Brunick (2011). A picture whose luma spreads by less than one code is flat: two
    flat ones correlate at 1, a flat one with another at 0.

    Parameters
    ----------
    lumas : np.ndarray [shape=(lead + n, h, w), dtype=uint8]
    lead : int
    """
    n = len(lumas) - lead
    made = np.full(n, np.nan)
    if not n:
        return made
    pixels = lumas[0].size
    sums = np.array([cv2.norm(picture, cv2.NORM_L1) for picture in lumas])
    squares = np.array([cv2.norm(picture, cv2.NORM_L2SQR) for picture in lumas])
    spread = squares * pixels - sums**2
    flat = spread < (FLAT_CODES * pixels) ** 2
    for i in range(n):
        now, then = i + lead, i + lead - 2
        if then < 0:
            continue
        if flat[now] or flat[then]:
            made[i] = float(flat[now] and flat[then])
            continue
        apart = cv2.norm(lumas[now], lumas[then], cv2.NORM_L2SQR)
        product = (squares[now] + squares[then] - apart) / 2
        covariance = product * pixels - sums[now] * sums[then]
        made[i] = covariance / np.sqrt(spread[now] * spread[then])
    return np.asarray(np.clip(made, -1.0, 1.0))


def texture(lumas: Pictures) -> NDArray[np.float64]:
    """How well motion can be seen at each sampled point: 0 (flat) to 1 (strong edges).

    Parameters
    ----------
    lumas : np.ndarray [shape=(n, h, w), dtype=uint8]

    Returns
    -------
    texture : np.ndarray [shape=(n, points), dtype=float64]
        of the areas around the points of ``sample``
    """
    n, h, w = lumas.shape
    rows, columns = h // FLOW_STEP_PX, w // FLOW_STEP_PX
    made = np.empty((n, rows * columns))
    edges = np.zeros((h, w), np.uint8)
    for i, picture in enumerate(lumas):
        cv2.max(
            cv2.absdiff(picture[:-1, 1:], picture[:-1, :-1]),
            cv2.absdiff(picture[1:, :-1], picture[:-1, :-1]),
            dst=edges[:-1, :-1],
        )
        made[i] = cv2.resize(edges, (columns, rows), interpolation=cv2.INTER_AREA).ravel()
    square = made**2
    return np.asarray(square / (square + TEXTURE_CODES**2))


def flows(lumas: Pictures, lead: int) -> NDArray[np.float64]:
    """Displacement of every sampled point from the frame before, by dense inverse search (Kroeger et al. 2016).

    Parameters
    ----------
    lumas : np.ndarray [shape=(lead + n, h, w), dtype=uint8]
    lead : int

    Returns
    -------
    flows : np.ndarray [shape=(2, n, points), dtype=float64]
        x and y in pixels of the thumb; NaN where there is no frame before
    """
    n, (h, w) = len(lumas) - lead, lumas.shape[1:]
    rows, columns = h // FLOW_STEP_PX, w // FLOW_STEP_PX
    made = np.full((2, n, rows, columns), np.nan)
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    search.setFinestScale(1)
    search.setPatchStride(8)
    search.setGradientDescentIterations(8)
    half = FLOW_STEP_PX // 2
    for i in range(n):
        now = i + lead
        if now < 1:
            continue
        flow = search.calc(lumas[now - 1], lumas[now], None)  # type: ignore[call-overload]  # None: no first guess
        points = flow[half::FLOW_STEP_PX, half::FLOW_STEP_PX][:rows, :columns]
        made[0, i] = points[..., 0]
        made[1, i] = points[..., 1]
    np.nan_to_num(made, copy=False, nan=np.nan, posinf=0.0, neginf=0.0)
    np.clip(made, -w, w, out=made)
    return made.reshape(2, n, rows * columns)


def _places(h: int, w: int) -> tuple[Values, Values]:
    """Coordinates of the sampled points from the picture's centre, in pixels: x and y, each (points,)."""
    rows, columns = h // FLOW_STEP_PX, w // FLOW_STEP_PX
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float64) * FLOW_STEP_PX + FLOW_STEP_PX // 2
    return (x - (w - 1) / 2).ravel(), (y - (h - 1) / 2).ravel()


def _moved(moves: Moves, x: Values, y: Values) -> tuple[Values, Values]:
    """Displacement that moves give to points: each (n, points)."""
    shift_x, shift_y, zoom, turn = (value[:, None] for value in moves)
    return shift_x + zoom * x - turn * y, shift_y + zoom * y + turn * x


def find_moves(flow: NDArray[np.float64], weights: NDArray[np.float64], h: int, w: int) -> Moves:
    """Fit one move of the whole picture (shift, zoom, turn) to each flow, so that what moves otherwise has no say.

    Iteratively reweighted least squares with Geman-McClure weights of falling scale: the move that most
    of the textured picture makes wins.

    Parameters
    ----------
    flow : np.ndarray [shape=(2, n, points), dtype=float64]
    weights : np.ndarray [shape=(n, points), dtype=float64]
        of ``texture``
    h, w : int
        the picture's size in pixels
    """
    x, y = _places(h, w)
    u, v = flow
    n = len(u)
    moves = Moves(np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n))
    given = weights + 1e-6
    trust = given
    for step, scale in enumerate((None, *_CAMERA_SCALES_PX)):
        if scale is not None:
            model_u, model_v = _moved(moves, x, y)
            miss = (u - model_u) ** 2 + (v - model_v) ** 2
            trust = given * (scale**2 / (scale**2 + miss)) ** 2
        total = trust.sum(axis=1)
        mean_x, mean_y = (trust * x).sum(axis=1) / total, (trust * y).sum(axis=1) / total
        mean_u, mean_v = (trust * u).sum(axis=1) / total, (trust * v).sum(axis=1) / total
        zoom, turn = np.zeros(n), np.zeros(n)
        if step > 1:
            # shift alone at first: with a far-off start, zoom and turn fit what moves otherwise
            from_x, from_y = x - mean_x[:, None], y - mean_y[:, None]
            extent = (trust * (from_x**2 + from_y**2)).sum(axis=1)
            # a zoom is not to be read from a few points in one place
            extent += 0.05 * total * (h * h + w * w) / 12
            zoom = (trust * (from_x * u + from_y * v)).sum(axis=1) / extent
            turn = (trust * (from_x * v - from_y * u)).sum(axis=1) / extent
        moves = Moves(mean_u - zoom * mean_x + turn * mean_y, mean_v - zoom * mean_y - turn * mean_x, zoom, turn)
    return moves


def residual_change(lumas: Pictures, lead: int, moves: Moves) -> tuple[Values, NDArray[np.bool_]]:
    """Mean absolute difference of luma from the frame before, moved as the camera moved, 0..1.

    Only where the moved picture covers this one; where the move does not lessen the difference, or leaves
    less than a quarter of the picture, it is the difference as it is.

    Parameters
    ----------
    lumas : np.ndarray [shape=(lead + n, h, w), dtype=uint8]
    lead : int
    moves : Moves
        of ``find_moves``

    Returns
    -------
    residual : np.ndarray [shape=(n,), dtype=float64]
    helped : np.ndarray [shape=(n,), dtype=bool]
        whether the move lessened the difference
    """
    n, (h, w) = len(lumas) - lead, lumas.shape[1:]
    made, helped = np.full(n, np.nan), np.zeros(n, bool)
    centre_x, centre_y = (w - 1) / 2, (h - 1) / 2
    pair = np.full((h, w, 2), 255, np.uint8)
    for i in range(n):
        now = i + lead
        if now < 1:
            continue
        plain = cv2.norm(lumas[now], lumas[now - 1], cv2.NORM_L1) / (h * w)
        made[i] = plain
        zoom, turn = moves.zoom[i], moves.turn[i]
        a, b = 1 + zoom, turn
        matrix = np.array(
            [
                [a, -b, moves.shift_x[i] + centre_x - a * centre_x + b * centre_y],
                [b, a, moves.shift_y[i] + centre_y - b * centre_x - a * centre_y],
            ]
        )
        if plain == 0 or not np.isfinite(matrix).all() or abs(a) < 0.25:
            continue
        pair[..., 0] = lumas[now - 1]
        moved = cv2.warpAffine(pair, matrix, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        covered = np.equal(moved[..., 1], 255).view(np.uint8)
        count = cv2.countNonZero(covered)
        if count * 4 < h * w:
            continue
        rest = cv2.norm(lumas[now], np.ascontiguousarray(moved[..., 0]), cv2.NORM_L1, covered) / count
        if rest < plain:
            made[i], helped[i] = rest, True
    return made / 255.0, helped


def motion(
    flow: NDArray[np.float64], weights: NDArray[np.float64], moves: Moves, h: int, w: int
) -> tuple[Values, Values]:
    """How far the picture moves, and how much of that one move of the whole picture explains.

    Parameters
    ----------
    flow : np.ndarray [shape=(2, n, points), dtype=float64]
    weights : np.ndarray [shape=(n, points), dtype=float64]
    moves : Moves
        the camera's; zeros where no move helped
    h, w : int
        the picture's size in pixels

    Returns
    -------
    distance_w : np.ndarray [shape=(n,), dtype=float64]
        mean displacement since the frame before in picture widths, every point weighted by its texture
    camera : np.ndarray [shape=(n,), dtype=float64]
        1 - (what remains of the displacement without the camera's) / displacement, 0..1; NaN where next to
        nothing moves
    """
    x, y = _places(h, w)
    u, v = flow
    model_u, model_v = _moved(moves, x, y)
    total = weights.sum(axis=1)
    # a picture without texture shows no motion: the added tenth of a percent keeps it at 0
    total += 0.001 * weights.shape[1]
    distance = (weights * np.sqrt(u * u + v * v)).sum(axis=1) / total
    rest = (weights * np.sqrt((u - model_u) ** 2 + (v - model_v) ** 2)).sum(axis=1) / total
    moving = distance >= STILL_PX
    camera = np.where(moving, np.clip(1 - rest / np.where(moving, distance, 1.0), 0.0, 1.0), np.nan)
    return distance / w, camera
