"""Light: how bright, how contrasted, how light or dark in key, how sharp.

Conventions: pictures are RGB uint8 (n, h, w, 3), video range already expanded to 0..255, with BT.709
primaries. *Code values* are these numbers over 255. *Linear light* is what a display makes of them
by BT.1886 with black at 0: code ** 2.4. *Luma* is the BT.709 sum of code values. Results have one
value a picture and are 0..1 unless said otherwise.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

GAMMA = 2.4
"""Exponent of ITU-R BT.1886 with a black level of 0."""

LUMA_WEIGHTS = (0.2126, 0.7152, 0.0722)
"""ITU-R BT.709."""

DARK_BELOW, LIGHT_ABOVE = 87.57, 166.97
"""Code values (0..255) of the greys whose CIE 1976 lightness L* is 100/3 and 200/3 when shown by BT.1886."""

FLAT_CODES = 1.0
"""A picture whose luma spreads by less than this (standard deviation, of 255) is flat: the rest is noise."""

_LINEAR = ((np.arange(256) / 255.0) ** GAMMA).astype(np.float32)

Pictures = NDArray[np.uint8]
Values = NDArray[np.float64]


def split_planes(thumbs: Pictures) -> Pictures:
    """Take pictures apart into their R, G and B.

    Parameters
    ----------
    thumbs : np.ndarray [shape=(n, h, w, 3), dtype=uint8]

    Returns
    -------
    planes : np.ndarray [shape=(3, n, h, w), dtype=uint8]
    """
    n, h, w, _ = thumbs.shape
    planes = np.empty((3, n, h, w), np.uint8)
    cv2.split(thumbs.reshape(n * h, w, 3), tuple(plane.reshape(n * h, w) for plane in planes))
    return planes


def to_luma(planes: Pictures) -> Pictures:
    """Luma of every pixel, as whole code values.

    The BT.709 weights are taken in 256ths (54, 183, 19), so that every sum over the result is exact.

    Parameters
    ----------
    planes : np.ndarray [shape=(3, n, h, w), dtype=uint8]

    Returns
    -------
    luma : np.ndarray [shape=(n, h, w), dtype=uint8]
    """
    total: NDArray[np.uint16] = planes[0].astype(np.uint16)
    total *= 54
    total += 128
    part = planes[1].astype(np.uint16)
    part *= 183
    total += part
    np.multiply(planes[2], 19, out=part, dtype=np.uint16)
    total += part
    total >>= 8
    made: Pictures = total.astype(np.uint8)
    return made


def halved(lumas: Pictures) -> Pictures:
    """Luma at half size: means of 2 x 2 pixels, whole code values, uint8 (n, h // 2, w // 2)."""
    n, h, w = lumas.shape
    made = np.empty((n, max(h // 2, 1), max(w // 2, 1)), np.uint8)
    for picture, small in zip(lumas, made, strict=True):
        cv2.resize(picture, (made.shape[2], made.shape[1]), dst=small, interpolation=cv2.INTER_AREA)
    return made


def to_linear(picture: Pictures) -> NDArray[np.float32]:
    """Linear light of a picture's channels: float32 of the same shape, 0..1 (BT.1886)."""
    return np.asarray(cv2.LUT(picture, _LINEAR), np.float32)


def brightness(linear: NDArray[np.float32]) -> Values:
    """Mean linear light, brought back to the code scale.

    A checker of black and white gives 191/255 (0.749): half of the light, not half of the code.

    Parameters
    ----------
    linear : np.ndarray [shape=(n, rows, columns, 3), dtype=float32]
        linear light of cells of equal area

    Returns
    -------
    brightness : np.ndarray [shape=(n,), dtype=float64]
    """
    light = np.array([cv2.mean(picture)[:3] for picture in linear]).reshape(-1, 3)
    mean = light[:, 0] * LUMA_WEIGHTS[0] + light[:, 1] * LUMA_WEIGHTS[1] + light[:, 2] * LUMA_WEIGHTS[2]
    return np.asarray(mean ** (1 / GAMMA))


def channel_means(planes: Pictures) -> Values:
    """Mean code value (0..255) of each channel of each picture: float64 (3, n), exact."""
    pixels = planes.shape[2] * planes.shape[3]
    sums = np.array([[cv2.norm(picture, cv2.NORM_L1) for picture in plane] for plane in planes], np.float64)
    return np.asarray(sums / pixels)


def luma(means: Values) -> Values:
    """Mean encoded luma, from ``channel_means``: the BT.709 sum of code values over 255."""
    weighted = means[0] * LUMA_WEIGHTS[0] + means[1] * LUMA_WEIGHTS[1] + means[2] * LUMA_WEIGHTS[2]
    return np.asarray(weighted / 255.0)


def contrast(lumas: Pictures) -> Values:
    """RMS contrast: the standard deviation of encoded luma (Peli 1990), black to white being 1.

    Parameters
    ----------
    lumas : np.ndarray [shape=(n, h, w), dtype=uint8]
    """
    return np.array([cv2.meanStdDev(picture)[1][0, 0] for picture in lumas]) / 255.0


def key(lumas: Pictures) -> Values:
    """Share of light tones minus share of dark tones, -1 (low key) to 1 (high key).

    Tones are thirds of the scale of CIE 1976 lightness: dark below L* = 100/3, light above 200/3
    (luma 87.57 and 166.97 of 255 under BT.1886).

    Parameters
    ----------
    lumas : np.ndarray [shape=(n, h, w), dtype=uint8]
    """
    pixels = lumas.shape[1] * lumas.shape[2]
    light = [np.count_nonzero(picture > int(LIGHT_ABOVE)) for picture in lumas]
    dark = [np.count_nonzero(picture <= int(DARK_BELOW)) for picture in lumas]
    return np.asarray((np.array(light, np.float64) - np.array(dark, np.float64)) / pixels)


def sharpness(lumas: Pictures, contrasts: Values) -> Values:
    """Mean absolute Laplacian of luma over its contrast; 0 for a flat picture.

    The Laplacian takes the four neighbours (Pech-Pacheco et al. 2000 use its variance); dividing by the
    contrast keeps a brighter or harder print of the same picture from counting as sharper. No unit: it
    ranks pictures of one film.

    Parameters
    ----------
    lumas : np.ndarray [shape=(n, h, w), dtype=uint8]
    contrasts : np.ndarray [shape=(n,), dtype=float64]
        of ``contrast``
    """
    pixels = lumas.shape[1] * lumas.shape[2]
    detail = np.array([cv2.norm(cv2.Laplacian(picture, cv2.CV_16S), cv2.NORM_L1) for picture in lumas]) / pixels
    spread = contrasts * 255.0
    return np.where(spread < FLAT_CODES, 0.0, detail / np.maximum(spread, FLAT_CODES))
