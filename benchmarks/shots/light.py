"""Code values and linear light, by BT.1886 (exponent 2.4): pictures uint8, light float32 from 0 to 1."""

import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]
Floats = NDArray[np.float32]

_LIGHT = ((np.arange(256, dtype=np.float32) / 255) ** 2.4).astype(np.float32)
_CODE = (255 * ((np.arange(4096) + 0.5) / 4095).clip(0, 1) ** (2 / 2.4) + 0.5).astype(np.uint8)


def to_light(pictures: Pictures) -> Floats:
    """Code values to linear light."""
    return _LIGHT[pictures]


def to_code(light: Floats) -> Pictures:
    """Linear light to code values."""
    # a table of 4096 steps of the square root: a power of every value would cost ten times as much
    return _CODE[np.sqrt(np.clip(light, 0, 1) * np.float32(4095**2)).astype(np.int32)]
