"""Change: how much a picture differs from the ones before, whatever the cause.

Conventions: pictures are consecutive frames of one film, uint8, the first ``lead`` of them belonging to
the block before. Results are float64 with one value for every own frame, NaN where there is no frame
before to compare with. Sums over pictures are sums of whole numbers, so that no order of adding
changes them.
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from punctum.measure.light import FLAT_CODES, Pictures, Values

BINS = 8
"""Bins of the joint colour histogram in each of R, G and B."""

_GOLDEN_STEPS = ((0.7548776662, 0.5698402910), (0.5698402910, 0.7548776662), (0.8191725134, 0.6710436067))


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


@lru_cache(maxsize=4)
def _dithers(h: int, w: int) -> tuple[Pictures, ...]:
    """Patterns of 0..31 for R, G and B."""
    rows, columns = np.mgrid[0:h, 0:w]
    return tuple((np.modf(columns * x + rows * y)[0] * 32).astype(np.uint8) for x, y in _GOLDEN_STEPS)


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
    bins = np.zeros((n, h, w), np.uint16)
    for plane, dither in zip(planes, _dithers(h, w), strict=True):
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
