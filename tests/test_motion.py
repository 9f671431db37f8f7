"""Change and motion, against drawn films whose every move is known.

Tolerances are those that docs state: speed within 15 % of a shift of up to 0.3 of the width and 20 % of
a zoom or turn, the camera's share over 0.9 for a pan and over 0.75 for a zoom or turn.
"""

import cv2
import numpy as np
import pytest

from chopped import chop, joined
from punctum.measure.change import correlation, histogram_change, histograms
from punctum.measure.light import split_planes

FPS = 25
SIZE = 1400


def textured(seed):
    """Draw a large picture with detail at every scale, as scenes have."""
    rng = np.random.default_rng(seed)
    total = np.zeros((SIZE, SIZE), np.float32)
    for octave in range(3, 9):
        layer = rng.normal(0, 1, (2**octave, 2**octave)).astype(np.float32)
        total += cv2.resize(layer, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC) / 1.9**octave
    return cv2.normalize(total, None, 0, 255, cv2.NORM_MINMAX, cv2.CV_8U)


@pytest.fixture(scope="module")
def scenery():
    return [textured(seed) for seed in range(3)]


def view(scene, shift_x=0.0, shift_y=0.0, zoom=0.0, turn=0.0):
    """See a scene: shifts in widths of the picture, zoom and turn around its centre."""
    w, h = 512, 288
    a, b = 1 + zoom, turn
    matrix = np.array([[a, -b, 0.0], [b, a, 0.0]])
    centre = np.array([(w - 1) / 2 + shift_x * w, (h - 1) / 2 + shift_y * w])
    matrix[:, 2] = centre - matrix[:, :2] @ np.full(2, (SIZE - 1) / 2)
    return cv2.warpAffine(scene, matrix, (w, h))


def frames_of(pictures, times=None, grain=0.0):
    """Measure grey pictures as frames at 25 a second."""
    thumbs = np.array([cv2.resize(picture, (128, 72), interpolation=cv2.INTER_AREA) for picture in pictures], float)
    if grain:
        thumbs += np.random.default_rng(0).normal(0, grain, thumbs.shape)
    thumbs = np.repeat(np.clip(np.rint(thumbs), 0, 255).astype(np.uint8)[..., None], 3, axis=3)
    times = np.arange(len(thumbs)) / FPS if times is None else times
    return joined(chop(thumbs, times, np.zeros((1, 20000), np.float32), 8000, [7], ("FC",))).frames


@pytest.mark.parametrize("grain", [0.0, 1.0])
@pytest.mark.parametrize("speed", [0.003, 0.01, 0.04, 0.1, 0.3])
def test_a_pan(scenery, speed, grain):
    frames = frames_of([view(scenery[0], speed * i, speed * i / 3) for i in range(-1, 2)], grain=grain)
    wanted = np.hypot(speed, speed / 3) * FPS
    assert frames["motion_w_s"][1:].to_list() == pytest.approx([wanted] * 2, rel=0.15)
    assert frames["camera"][1:].min() > (0.9 if speed > 0.003 else 0.7)
    if speed >= 0.01:
        assert frames["residual_change"][1:].max() < 0.6 * frames["change"][1:].min()


@pytest.mark.parametrize("move", ["zoom", "turn"])
@pytest.mark.parametrize("speed", [0.01, 0.03, 0.06])
def test_a_zoom_and_a_turn(scenery, move, speed):
    frames = frames_of([view(scenery[1], **{move: speed * i}) for i in range(-1, 2)])
    y, x = np.mgrid[-0.5:0.5:90j, -0.5:0.5:160j]
    wanted = np.hypot(x, y * 9 / 16).mean() * speed * FPS
    assert frames["motion_w_s"][1:].to_list() == pytest.approx([wanted] * 2, rel=0.2)
    assert frames["camera"][1:].min() > 0.75
    assert frames["residual_change"][1:].max() < 0.6 * frames["change"][1:].min()


@pytest.mark.parametrize(("size", "speed"), [(96, 0.02), (160, 0.02), (160, 0.04)])
def test_a_square_over_a_still_ground(scenery, size, speed):
    pictures = []
    for i in range(3):
        picture = view(scenery[0])
        left = 40 + round(i * speed * 512)
        picture[60 : 60 + size, left : left + size] = scenery[2][300 : 300 + size, 300 : 300 + size]
        pictures.append(picture)
    frames = frames_of(pictures)
    # all the rest stands still: the square's speed, by its share of the picture
    wanted = speed * FPS * size * size / (512 * 288)
    assert frames["motion_w_s"][1:].to_list() == pytest.approx([wanted] * 2, rel=0.35)
    assert frames["camera"].fill_null(0).max() < 0.05


def test_a_pan_past_a_figure_that_stays_in_the_picture(scenery):
    pictures = [view(scenery[0], 0.02 * i) for i in range(3)]
    for picture in pictures:
        picture[120:220, 200:280] = scenery[2][300:400, 300:380]
    frames = frames_of(pictures)
    share = 1 - 80 * 100 / (512 * 288)
    assert frames["motion_w_s"][1:].to_list() == pytest.approx([0.02 * FPS * share] * 2, rel=0.1)
    assert 0.85 < frames["camera"][1:].min() <= frames["camera"][1:].max() < 0.99


def test_stillness_noise_and_flat_pictures(scenery):
    still = frames_of([view(scenery[0])] * 3)
    assert still["motion_w_s"].to_list() == [None, 0, 0]
    assert still["change"].to_list() == [None, 0, 0]
    assert still["camera"].null_count() == 3
    noisy = frames_of([view(scenery[0])] * 3, grain=1.0)
    assert noisy["motion_w_s"][1:].max() < 0.015
    grey = frames_of([np.full((72, 128), 90, np.uint8)] * 3, grain=1.0)
    assert grey["motion_w_s"][1:].max() < 0.02


def test_a_flash_does_not_move(scenery):
    frames = frames_of([view(scenery[0]), cv2.add(view(scenery[0]), 40), view(scenery[0])])
    assert frames["motion_w_s"][1:].max() < 0.02
    assert frames["residual_change"][1] > 0.1


def test_a_cut_is_no_motion(scenery):
    dark = scenery[1] // 3
    frames = frames_of([view(scenery[0])] * 2 + [view(dark)] * 2)
    assert frames["motion_w_s"].to_list() == [None, 0, None, 0]
    assert frames["change"][2] > 0.2
    assert frames["residual_change"][2] > 0.2
    assert frames["histogram_change"].to_list()[1:] == pytest.approx([0, 0.8, 0], abs=0.2)


def test_speed_is_by_real_time(scenery):
    pictures = [view(scenery[0], 0.01 * i) for i in range(3)]
    even = frames_of(pictures, times=[0, 0.04, 0.08])["motion_w_s"].to_list()
    uneven = frames_of(pictures, times=[0, 0.04, 0.16])["motion_w_s"].to_list()
    assert uneven[1] == even[1]
    assert uneven[2] == pytest.approx(even[2] / 3, rel=1e-3)


def test_change_by_hand():
    black, grey = np.zeros((72, 128), np.uint8), np.full((72, 128), 51, np.uint8)
    half = black.copy()
    half[:36] = 51
    frames = frames_of([black, grey, half])
    assert frames["change"].to_list() == [None, pytest.approx(0.2), pytest.approx(0.1)]
    assert frames["correlation"].to_list() == [None, None, 0]


def test_histogram_change_follows_tones_smoothly():
    pictures = np.stack([np.full((72, 128, 3), tone, np.uint8) for tone in (90, 90, 92, 96, 120, 250)])
    changes = histogram_change(histograms(split_planes(pictures)), 0, 72 * 128)
    assert np.isnan(changes[0])
    assert changes[1] == 0
    # a bin is 32 * 8/7 codes wide: two codes move less of the pixels than four, however near an edge lies
    assert 0 < changes[2] < changes[3] < 0.4
    assert changes[4] > 0.5
    assert changes[5] == 1


def test_correlation_is_pearsons():
    rng = np.random.default_rng(3)
    pictures = rng.integers(0, 256, (4, 20, 30), dtype=np.uint8)
    wanted = [np.corrcoef(pictures[i].ravel(), pictures[i - 2].ravel())[0, 1] for i in (2, 3)]
    assert correlation(pictures, 0)[2:].tolist() == pytest.approx(wanted)
    assert correlation(pictures, 2).tolist() == pytest.approx(wanted)
    assert np.isnan(correlation(pictures, 1)[0])
    flat = np.full((3, 20, 30), 7, np.uint8)
    assert correlation(flat, 2).tolist() == [1]
    flat[2] = pictures[0]
    assert correlation(flat, 2).tolist() == [0]
    assert correlation(255 - pictures[[0, 1, 0]] * np.array([1, 1, 0], np.uint8)[:, None, None], 2).tolist() == [0]


def test_negative_correlation():
    picture = np.random.default_rng(4).integers(0, 256, (20, 30), dtype=np.uint8)
    assert correlation(np.stack([picture, picture, 255 - picture]), 2).tolist() == pytest.approx([-1])


@pytest.mark.parametrize("shape", [(16, 128), (128, 16), (16, 16), (96, 128), (70, 128)])
def test_pictures_of_odd_shapes(shape):
    rng = np.random.default_rng(5)
    thumbs = rng.integers(0, 256, (4, *shape, 3), dtype=np.uint8)
    frames = joined(chop(thumbs, np.arange(4) / FPS, np.zeros((1, 20000), np.float32), 8000, [3], ("FC",))).frames
    assert frames["change"].null_count() == 1
    assert frames["residual_change"].is_not_null().sum() == 3
