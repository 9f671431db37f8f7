"""Light, against values worked out by hand."""

import numpy as np
import pytest

from punctum.measure import measure_key_frames
from punctum.measure.light import DARK_BELOW, LIGHT_ABOVE, halved, split_planes, to_linear, to_luma


def flat(*rgb, h=72, w=128):
    return np.full((h, w, 3), rgb, np.uint8)


def checker(dark=0, light=255, size=1):
    rows, columns = np.mgrid[0:72, 0:128]
    tone = np.where((rows // size + columns // size) % 2, dark, light).astype(np.uint8)
    return np.repeat(tone[..., None], 3, axis=2)


def measured(*pictures):
    n = len(pictures)
    return measure_key_frames(range(n), range(n), [float(i) for i in range(n)], np.array(pictures)).frames


def test_a_checker_of_black_and_white_is_half_the_light_not_half_the_code():
    row = measured(checker()).row(0, named=True)
    # 0.5 ** (1 / 2.4) = 0.749; the sRGB curve would give 188
    assert round(row["brightness"] * 255) == 191
    assert row["luma"] == 0.5
    assert row["contrast"] == 0.5
    assert row["key"] == 0


def test_flat_pictures():
    frames = measured(flat(0, 0, 0), flat(255, 255, 255), flat(102, 102, 102), flat(255, 0, 0))
    assert frames["brightness"].to_list() == pytest.approx([0, 1, 0.4, 0.2126 ** (1 / 2.4)], abs=1e-5)
    assert frames["luma"].to_list() == pytest.approx([0, 1, 0.4, 0.2126], abs=1e-5)
    assert frames["contrast"].to_list() == [0, 0, 0, 0]
    assert frames["key"].to_list() == [-1, 1, 0, -1]
    assert frames["sharpness"].to_list() == [0, 0, 0, 0]


def test_key_counts_thirds_of_lightness():
    for lightness, code in ((100 / 3, DARK_BELOW), (200 / 3, LIGHT_ABOVE)):
        # CIE 1976: L* = 116 Y^(1/3) - 16, and BT.1886: Y = code^2.4
        assert 255 * (((lightness + 16) / 116) ** 3) ** (1 / 2.4) == pytest.approx(code, abs=0.05)
    picture = flat(87, 87, 87)
    picture[:18] = 167
    picture[18:36] = 88
    # a quarter light, a quarter between, a half dark
    assert measured(picture)["key"][0] == -0.25


def test_contrast_by_hand():
    picture = flat(100, 100, 100)
    picture[:, :32] = 200
    # a quarter at 200, the rest at 100: sqrt(1/4 x 3/4) x 100 codes
    assert measured(picture)["contrast"][0] == pytest.approx(np.sqrt(3) / 4 * 100 / 255, abs=1e-5)


def test_sharpness_by_hand_and_in_order():
    edge = flat(50, 50, 50)
    edge[:, 64:] = 150
    # the Laplacian is 100 in the two columns at the edge, the contrast 50 codes
    assert measured(edge)["sharpness"][0] == pytest.approx(100 * 2 / 128 / 50, abs=1e-4)
    fine, soft = checker(100, 120, size=2), checker(100, 120, size=8)
    harder = checker(60, 140, size=2)
    sharp, blurred, hard = measured(fine, soft, harder)["sharpness"]
    assert sharp > 2 * blurred
    # more contrast is not more sharpness
    assert hard == pytest.approx(sharp, rel=1e-3)


def test_luma_of_pixels_keeps_bt709_weights():
    colours = np.random.default_rng(0).integers(0, 256, (1, 16, 16, 3), dtype=np.uint8)
    exact = colours @ np.array([0.2126, 0.7152, 0.0722])
    assert np.abs(to_luma(split_planes(colours)) - exact).max() < 1.3
    assert to_luma(split_planes(np.full((1, 2, 2, 3), 255, np.uint8))).tolist() == [[[255, 255], [255, 255]]]


def test_halves_and_linear_light():
    assert halved(np.array([[[0, 2, 9, 9], [4, 6, 9, 9]]], np.uint8)).tolist() == [[[3, 9]]]
    assert to_linear(flat(0, 51, 255))[0, 0].tolist() == pytest.approx([0, 0.2**2.4, 1])
