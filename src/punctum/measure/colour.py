"""Colour: how much of it, how warm, how varied; the grid of OKLab cells; whether a film has any.

Conventions: OKLab is Ottosson's (2020), from linear light by BT.1886 with BT.709 primaries, as
``light.to_linear`` gives it: white is L = 1, a = b = 0. Areas are averaged in linear light, as the eye
does from far enough away, and converted after. Measures take one value a picture.
"""

import cv2
import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.film import GRID_COLUMNS, GRID_ROWS
from punctum.measure.light import GAMMA, Pictures, Values

CHROMA_MOST = 0.32
"""The greatest OKLab chroma in the sRGB gamut (magenta), by which saturation and warmth are divided."""

AB_RANGE = 0.8
"""OKLab a and b of a grid's cell are (byte - 128) / 255 times this."""

COLOUR_COLUMNS = ("saturation", "warmth", "colourfulness")
"""What a colourless film has not."""

COLOUR_FROM_M3 = 4.0
"""A frame shows colour from this colourfulness on: chroma noise in thumbs stays below 2, a faint sepia lies at 5."""

COLOURLESS_SHARE = 0.02
"""A film is colourless where less than this share of its time shows colour: a coloured logo does not count."""

# Ottosson, "A perceptual color space for image processing", 2020: linear sRGB to LMS, cube-rooted LMS to Lab
_RGB_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LMS_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_TO_LMS32 = _RGB_TO_LMS.astype(np.float32)
_TO_LAB32 = _LMS_TO_LAB.astype(np.float32)


def oklab(linear: NDArray[np.floating]) -> NDArray[np.float64]:
    """OKLab of linear light.

    Parameters
    ----------
    linear : np.ndarray [shape=(..., 3)]
        R, G, B, 0..1, BT.709 primaries

    Returns
    -------
    lab : np.ndarray [shape=(..., 3), dtype=float64]
        L 0..1, a and b about -0.4..0.4

    Examples
    --------
    >>> oklab(np.array([1.0, 1.0, 1.0])).round(3).tolist()
    [1.0, 0.0, 0.0]
    """
    return _mix(np.cbrt(_mix(np.asarray(linear, np.float64), _RGB_TO_LMS)), _LMS_TO_LAB)


def _mix(colours: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Apply a 3 x 3 matrix along the last axis, in one fixed order of sums whatever the number of colours."""
    first, second, third = colours[..., 0], colours[..., 1], colours[..., 2]
    rows = [first * row[0] + second * row[1] + third * row[2] for row in matrix]
    return np.stack(rows, axis=-1)


def _quick_oklab(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """``oklab`` of one picture (h, w, 3) in float32, to about six places, at a tenth of the cost."""
    return np.asarray(cv2.transform(cv2.pow(cv2.transform(linear, _TO_LMS32), 1 / 3), _TO_LAB32), np.float32)


def oklab_to_rgb(lab: NDArray[np.floating]) -> Pictures:
    """RGB code values whose OKLab colour this is, clipped to the gamut: the way back from ``oklab``.

    Parameters
    ----------
    lab : np.ndarray [shape=(..., 3)]

    Returns
    -------
    rgb : np.ndarray [shape=(..., 3), dtype=uint8]
        code values, to be shown by BT.1886

    Examples
    --------
    >>> oklab_to_rgb(np.array([0.0, 0.0, 0.0])).tolist()
    [0, 0, 0]
    """
    lms = _mix(np.asarray(lab, np.float64), np.linalg.inv(_LMS_TO_LAB)) ** 3
    linear = np.clip(_mix(lms, np.linalg.inv(_RGB_TO_LMS)), 0.0, 1.0)
    return np.asarray(np.rint(linear ** (1 / GAMMA) * 255.0), np.uint8)


def saturation_and_warmth(halves: NDArray[np.float32]) -> tuple[Values, Values]:
    """Mean OKLab chroma, and mean of a + b, over the greatest chroma there is.

    Parameters
    ----------
    halves : np.ndarray [shape=(n, h, w, 3), dtype=float32]
        linear light of cells of 2 x 2 thumb pixels

    Returns
    -------
    saturation : np.ndarray [shape=(n,), dtype=float64]
        0 (greys) to 1
    warmth : np.ndarray [shape=(n,), dtype=float64]
        positive towards red and yellow, negative towards blue and green
    """
    saturation, warmth = np.zeros(len(halves)), np.zeros(len(halves))
    for i, linear in enumerate(halves):
        _, a, b = cv2.split(_quick_oklab(linear))
        saturation[i] = cv2.mean(cv2.magnitude(a, b))[0]
        warmth[i] = cv2.mean(a)[0] + cv2.mean(b)[0]
    return saturation / CHROMA_MOST, warmth / CHROMA_MOST


def colourfulness(planes: Pictures, means: Values) -> Values:
    """M3 of Hasler and Süsstrunk (2003), on code values 0..255.

    With rg = R - G and yb = (R + G)/2 - B it is sqrt(s_rg² + s_yb²) + 0.3 sqrt(m_rg² + m_yb²), s being
    standard deviations and m means. Their marks: 0 not colourful, 15 slightly, 33 moderately, 45
    averagely, 59 quite, 82 highly, 109 extremely.

    Parameters
    ----------
    planes : np.ndarray [shape=(3, n, h, w), dtype=uint8]
    means : np.ndarray [shape=(3, n), dtype=float64]
        of ``light.channel_means``
    """
    pixels = planes.shape[2] * planes.shape[3]
    red, green, blue = planes

    def apart(one: Pictures, other: Pictures) -> Values:
        sums = np.array([cv2.norm(p, q, cv2.NORM_L2SQR) for p, q in zip(one, other, strict=True)], np.float64)
        return np.asarray(sums / pixels)

    # (R + G - 2B)² = 2 (R - B)² + 2 (G - B)² - (R - G)²: every sum is one of whole numbers, hence exact
    rg_square = apart(red, green)
    yb_square = (2 * apart(red, blue) + 2 * apart(green, blue) - rg_square) / 4
    rg_mean = means[0] - means[1]
    yb_mean = (means[0] + means[1]) / 2 - means[2]
    spread = np.maximum(rg_square - rg_mean**2, 0) + np.maximum(yb_square - yb_mean**2, 0)
    return np.asarray(np.sqrt(spread) + 0.3 * np.hypot(rg_mean, yb_mean))


def grid_light(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Average linear light over the cells of the grid: (h, w, 3) to (9, 16, 3), float32."""
    cells = cv2.resize(linear, (GRID_COLUMNS, GRID_ROWS), interpolation=cv2.INTER_AREA)
    return np.asarray(cells, np.float32)


def grid_cells(light: NDArray[np.float32]) -> list[bytes]:
    """Write grids as 432 bytes each: 9 rows x 16 columns x (L, a, b).

    Parameters
    ----------
    light : np.ndarray [shape=(n, 9, 16, 3), dtype=float32]
        of ``grid_light``
    """
    lab = np.array([_quick_oklab(picture) for picture in light]).reshape(-1, GRID_ROWS, GRID_COLUMNS, 3)
    lab[..., 0] *= 255.0
    lab[..., 1:] = lab[..., 1:] / AB_RANGE * 255.0 + 128.0
    codes = np.clip(np.rint(lab), 0, 255).astype(np.uint8)
    return [picture.tobytes() for picture in codes]


def read_cells(cells: list[bytes]) -> NDArray[np.float32]:
    """OKLab of grids: the way back from ``grid_cells``, float32 (n, 9, 16, 3).

    Parameters
    ----------
    cells : list of bytes
        432 bytes each, as in the column ``cells``
    """
    codes = np.frombuffer(b"".join(cells), np.uint8).reshape(-1, GRID_ROWS, GRID_COLUMNS, 3)
    lab = codes.astype(np.float32)
    lab[..., 0] /= 255.0
    lab[..., 1:] = (lab[..., 1:] - 128.0) / 255.0 * AB_RANGE
    return lab


def is_colourless(frames: pl.DataFrame) -> bool:
    """Whether a whole film is black and white: less than 2 % of its time shows any colour.

    Noise in the chroma of a black-and-white film is no colour; a tint is, and so are a few coloured
    scenes in a grey film.

    Parameters
    ----------
    frames : pl.DataFrame
        with ``time_s`` and ``colourfulness``; a frame counts as long as it stays, 10 s at most
    """
    known = frames.filter(pl.col("colourfulness").is_not_null()).sort("time_s")
    if known.is_empty():
        return False
    times = known["time_s"].to_numpy()
    stays = np.clip(np.diff(times), 0.0, 10.0)
    stays = np.append(stays, np.median(stays) if len(stays) else 1.0)
    coloured = known["colourfulness"].to_numpy() >= COLOUR_FROM_M3
    return bool(stays[coloured].sum() < COLOURLESS_SHARE * stays.sum())


def blank_colour(frames: pl.DataFrame) -> pl.DataFrame:
    """Give ``frames`` with null in the measures of colour where the film has none."""
    if not is_colourless(frames):
        return frames
    return frames.with_columns(pl.lit(None, dtype=frames.schema[name]).alias(name) for name in COLOUR_COLUMNS)
