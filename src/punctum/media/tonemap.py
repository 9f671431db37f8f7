"""Brings high dynamic range and wide gamut to the SDR picture that every measure is defined on.

The published conversion of Report ITU-R BT.2446-1, method A (1000 cd/m² to 100 cd/m²), from BT.2020
with PQ (SMPTE ST 2084) or HLG (BT.2100) to BT.709 with the display curve of BT.1886 (2.4). Light
above 1000 cd/m² is clipped. SDR with BT.2020 primaries only has its primaries changed.

Conventions: pictures in are R'G'B' uint16 (h, w, 3), full range; pictures out are uint8 (h, w, 3).
"""

import functools

import numpy as np
from numpy.typing import NDArray

_PEAK_HDR, _PEAK_SDR = 1000.0, 100.0
_LUMA_2020 = np.array([0.2627, 0.6780, 0.0593], np.float32)
_STEPS = 4096

# BT.2087: linear BT.2020 to linear BT.709
_TO_709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]],
    np.float32,
)


def pq_light(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light of a PQ signal 0..1 in cd/m² (SMPTE ST 2084).

    Examples
    --------
    >>> pq_light(np.array([0.0, 0.508078, 1.0])).round(1).tolist()
    [0.0, 100.0, 10000.0]
    """
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    power = np.clip(signal, 0, 1) ** (1 / m2)
    light: NDArray[np.float64] = 10000 * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1)
    return light


def hlg_scene_light(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scene light 0..1 of an HLG signal 0..1 (BT.2100).

    Examples
    --------
    >>> hlg_scene_light(np.array([0.0, 0.5, 1.0])).round(4).tolist()
    [0.0, 0.0833, 1.0]
    """
    a = 0.17883277
    b, c = 1 - 4 * a, 0.5 - a * np.log(4 * a)
    signal = np.clip(signal, 0, 1)
    light: NDArray[np.float64] = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    return light


def tone_map(picture: NDArray[np.uint16], transfer: str) -> NDArray[np.uint8]:
    """Turn a picture in BT.2020 into one in BT.709 of standard dynamic range.

    Parameters
    ----------
    picture : np.ndarray [shape=(h, w, 3), dtype=uint16]
        R'G'B' as coded, full range
    transfer : str
        ``pq``, ``hlg``, or ``sdr`` for wide primaries only

    Returns
    -------
    picture : np.ndarray [shape=(h, w, 3), dtype=uint8]
    """
    if transfer == "sdr":
        linear = _decode_table("sdr")[picture]
        return _encode(linear @ _TO_709.T)
    if transfer == "hlg":
        scene = _decode_table("hlg")[picture]
        # the opto-optical transfer of BT.2100 for a display of 1000 cd/m²: gamma 1.2
        light = scene * (np.maximum(scene @ _LUMA_2020, 1e-6) ** 0.2)[..., None]
        coded = np.clip(light, 0, 1) ** np.float32(1 / 2.4)
    else:
        coded = _decode_table("pq")[picture]
    luma = coded @ _LUMA_2020
    at = np.minimum((luma * (_STEPS - 1)).astype(np.int32), _STEPS - 1)
    mapped = _curve()[at]
    # colour differences shrink with the luma (BT.2446-1, 4.3): f = Y'sdr / (1.1 Y')
    share = (mapped / (np.float32(1.1) * np.maximum(luma, 1e-4)))[..., None]
    blue = share[..., 0] * (coded[..., 2] - luma) / np.float32(1.8814)
    red = share[..., 0] * (coded[..., 0] - luma) / np.float32(1.4746)
    toned = mapped - np.maximum(np.float32(0.1) * red, 0)
    out = np.empty_like(coded)
    out[..., 0] = toned + np.float32(1.4746) * red
    out[..., 2] = toned + np.float32(1.8814) * blue
    out[..., 1] = (toned - _LUMA_2020[0] * out[..., 0] - _LUMA_2020[2] * out[..., 2]) / _LUMA_2020[1]
    return _encode((np.clip(out, 0, 1) ** np.float32(2.4)) @ _TO_709.T)


@functools.cache
def _decode_table(transfer: str) -> NDArray[np.float32]:
    signal = np.arange(65536) / 65535
    if transfer == "pq":
        table = np.minimum(pq_light(signal) / _PEAK_HDR, 1) ** (1 / 2.4)
    elif transfer == "hlg":
        table = hlg_scene_light(signal)
    else:
        table = signal**2.4
    return table.astype(np.float32)


@functools.cache
def _curve() -> NDArray[np.float32]:
    """Luma of SDR for luma of HDR (BT.2446-1, 4.2, steps 1 to 3)."""
    luma = np.arange(_STEPS) / (_STEPS - 1)
    rho_hdr = 1 + 32 * (_PEAK_HDR / 10000) ** (1 / 2.4)
    rho_sdr = 1 + 32 * (_PEAK_SDR / 10000) ** (1 / 2.4)
    perceived = np.log(1 + (rho_hdr - 1) * luma) / np.log(rho_hdr)
    bent = np.where(
        perceived <= 0.7399,
        1.0770 * perceived,
        np.where(
            perceived < 0.9909,
            -1.1510 * perceived**2 + 2.7811 * perceived - 0.6302,
            0.5000 * perceived + 0.5000,
        ),
    )
    curve: NDArray[np.float64] = (rho_sdr**bent - 1) / (rho_sdr - 1)
    return curve.astype(np.float32)


def _encode(linear: NDArray[np.float32]) -> NDArray[np.uint8]:
    coded: NDArray[np.uint8] = np.rint(np.clip(linear, 0, 1) ** np.float32(1 / 2.4) * 255).astype(np.uint8)
    return coded
