"""A picture's frame is found, whatever was done to the picture; a picture of nothing in the film is not."""

import cv2
import numpy as np
import pytest

from punctum.echo import look_for, prepare_query
from punctum.measure import colour, light

FRAMES = 40


def draw(seed):
    """A picture with a layout of its own."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (5, 8, 3), dtype=np.uint8)
    return cv2.resize(small, (320, 180), interpolation=cv2.INTER_CUBIC)


def lightness(pictures):
    """L of the cells of each, as the table ``grid`` has it."""
    made = []
    for picture in pictures:
        cells = cv2.resize(light.to_linear(picture), (16, 9), interpolation=cv2.INTER_AREA)
        made.append(np.clip(np.rint(colour.oklab(cells)[..., 0] * 255), 0, 255).astype(np.uint8).ravel())
    return np.stack(made)


FILM = [draw(seed) for seed in range(FRAMES)]
CELLS = lightness(FILM)


def cropped(picture):
    return picture[12:150, 20:265]


def narrow(picture):
    return picture[:, 40:280]


def recoloured(picture):
    turned = picture[..., [1, 1, 0]].astype(np.float32) * 0.4 + picture * 0.5 + 12
    return np.clip(turned, 0, 255).astype(np.uint8)


def subtitled(picture):
    made = picture.copy()
    cv2.putText(made, "And then she said nothing", (40, 168), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 255), 2)
    return made


def colourless(picture):
    return np.repeat(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)


@pytest.mark.parametrize("change", [np.copy, cropped, narrow, recoloured, subtitled, colourless])
@pytest.mark.parametrize("frame", [3, 18, 39])
def test_a_changed_picture_is_found(change, frame):
    found = look_for(prepare_query(np.ascontiguousarray(change(FILM[frame]))), CELLS)
    assert found.row == frame
    assert found.likeness > 0.97


def test_a_crop_is_told():
    found = look_for(prepare_query(np.ascontiguousarray(narrow(FILM[5]))), CELLS)
    left, top, wide, high = found.box
    assert left == pytest.approx(40 / 320, abs=0.08)
    assert wide == pytest.approx(240 / 320, abs=0.08)
    assert (top, high) == (0.0, 1.0)


@pytest.mark.slow
def test_another_picture_is_less_like():
    likenesses = [look_for(prepare_query(draw(seed)), CELLS).likeness for seed in range(100, 112)]
    assert max(likenesses) < 0.985


def test_flat_frames_and_flat_pictures():
    assert look_for(prepare_query(FILM[0]), np.full((5, 144), 80, np.uint8)) is None
    assert look_for(prepare_query(np.full((90, 160, 3), 30, np.uint8)), CELLS).likeness < 0.5
    assert look_for(prepare_query(np.full((1, 1, 3), 30, np.uint8)), CELLS) is not None
