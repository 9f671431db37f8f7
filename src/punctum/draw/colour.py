"""OKLab cells as colours on the screen.

Conventions: the grid's bytes are ``L = byte/255``, ``a, b = (byte - 128)/255 x 0.8``; colours are sRGB, uint8.
"""

import numpy as np
from numpy.typing import NDArray


def cells_to_oklab(cells: NDArray[np.uint8] | NDArray[np.floating]) -> NDArray[np.float32]:
    """Bytes of the grid or their means, (..., 3), as OKLab, float32 (..., 3)."""
    lab = cells.astype(np.float32)
    lab[..., 0] /= 255
    lab[..., 1:] = (lab[..., 1:] - 128) * np.float32(0.8 / 255)
    return lab


def oklab_to_srgb(lab: NDArray[np.floating]) -> NDArray[np.uint8]:
    """OKLab, float (..., 3), as sRGB, uint8 (..., 3); what lies outside is cut off.

    Source: Björn Ottosson, "A perceptual color space for image processing" (2020); IEC 61966-2-1.

    Examples
    --------
    >>> import numpy as np
    >>> oklab_to_srgb(np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.627955, 0.224863, 0.125846]])).tolist()
    [[255, 255, 255], [0, 0, 0], [255, 0, 0]]
    """
    light, a, b = (np.asarray(lab[..., i], dtype=np.float64) for i in range(3))
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = np.stack(
        [
            4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
        ],
        axis=-1,
    )
    linear = np.clip(linear, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    coded: NDArray[np.uint8] = np.rint(encoded * 255).astype(np.uint8)
    return coded
