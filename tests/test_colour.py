"""Colour, against Ottosson's and Hasler and Süsstrunk's definitions."""

import cv2
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from punctum.measure import blank_colour, is_colourless, measure_key_frames, oklab, oklab_to_rgb, read_cells
from punctum.measure.colour import COLOUR_COLUMNS
from punctum.tables import FRAMES, check


def flat(*rgb, h=72, w=128):
    return np.full((h, w, 3), rgb, np.uint8)


def measured(pictures):
    n = len(pictures)
    return measure_key_frames(range(n), range(n), [i / 24 for i in range(n)], np.array(pictures))


def test_oklab_as_published():
    # Ottosson's own examples are of XYZ; these are his matrices on linear sRGB primaries, worked out by hand
    # to four places: red (0.6280, 0.2249, 0.1258), green (0.8664, -0.2339, 0.1795), blue (0.4520, -0.0325, -0.3115)
    lab = oklab(np.eye(3))
    wanted = [[0.6280, 0.2249, 0.1258], [0.8664, -0.2339, 0.1795], [0.4520, -0.0325, -0.3115]]
    assert np.abs(lab - wanted).max() < 1e-4


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_oklab_and_back(rgb):
    assert oklab_to_rgb(oklab((np.array(rgb) / 255) ** 2.4)).tolist() == list(rgb)


def test_greys_have_no_colour_and_primaries_have_theirs():
    frames = measured([flat(90, 90, 90), flat(255, 0, 0), flat(0, 0, 255)]).frames
    grey, red, blue = frames.iter_rows(named=True)
    assert (grey["saturation"], grey["warmth"], grey["colourfulness"]) == (0, 0, 0)
    assert red["saturation"] == pytest.approx(np.hypot(0.2249, 0.1258) / 0.32, abs=1e-3)
    assert red["warmth"] == pytest.approx((0.2249 + 0.1258) / 0.32, abs=1e-3)
    assert blue["warmth"] == pytest.approx((-0.0325 - 0.3115) / 0.32, abs=1e-3)


def test_colourfulness_by_hand():
    # half red, half blue. rg: 255 and 0; yb: 127.5 and -255. Means 127.5 and -63.75, deviations 127.5 and 191.25
    picture = flat(255, 0, 0)
    picture[:, 64:] = (0, 0, 255)
    wanted = np.hypot(127.5, 191.25) + 0.3 * np.hypot(127.5, 63.75)
    assert measured([picture]).frames["colourfulness"][0] == pytest.approx(wanted, abs=1e-3)


@given(st.integers(0, 2**32 - 1))
def test_colourfulness_is_the_formula(seed):
    picture = np.random.default_rng(seed).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    r, g, b = (picture[..., i].astype(float) for i in range(3))
    rg, yb = r - g, (r + g) / 2 - b
    wanted = np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean())
    assert measured([picture]).frames["colourfulness"][0] == pytest.approx(wanted, abs=2e-3)


def test_the_grid_is_a_small_picture():
    picture = flat(0, 0, 0)
    picture[:8, :8] = (255, 255, 255)
    picture[-8:, -8:] = (255, 0, 0)
    # the cell beside it: half white, averaged in light and not in code
    picture[:8, 8:12] = (255, 255, 255)
    cells = measured([picture]).grid["cells"].to_list()
    assert len(cells[0]) == 432
    lab = read_cells(cells)[0]
    assert lab.shape == (9, 16, 3)
    assert lab[0, 0].tolist() == pytest.approx([1, 0, 0], abs=2e-3)
    assert lab[-1, -1].tolist() == pytest.approx([0.628, 0.2249, 0.1258], abs=2e-3)
    assert lab[0, 1, 0] == pytest.approx(0.5 ** (1 / 3), abs=2e-3)
    assert lab[4, 4].tolist() == [0, 0, 0]


@pytest.mark.parametrize("shape", [(72, 128), (54, 128), (96, 128), (128, 72), (128, 16), (16, 128)])
def test_pictures_of_any_shape(shape):
    h, w = shape
    picture = flat(200, 60, 20, h=h, w=w)
    one = measured([picture, picture])
    whole = measured([flat(200, 60, 20)] * 2)
    assert one.grid["cells"].to_list() == whole.grid["cells"].to_list()
    assert one.frames.drop("frame").equals(whole.frames.drop("frame"))


def scene(rng, colour):
    """Draw a noisy scene in the manner that ``colour`` maps its greys to colours."""
    grey = cv2.resize(rng.integers(20, 220, (9, 16), dtype=np.uint8), (128, 72), interpolation=cv2.INTER_CUBIC)
    return np.clip(colour(grey.astype(float)[..., None], rng), 0, 255).astype(np.uint8)


def chroma_noise(grey, rng):
    # blotches as a codec leaves them: a few codes, several pixels wide
    noise = cv2.resize(rng.normal(0, 1.2, (18, 32, 2)), (128, 72), interpolation=cv2.INTER_LINEAR)
    red, blue = noise[..., :1], noise[..., 1:]
    return np.concatenate([grey + 1.57 * red, grey - 0.47 * red - 0.19 * blue, grey + 1.86 * blue], axis=2)


def sepia(grey, rng):
    return chroma_noise(grey, rng) * [1.0, 0.93, 0.82]


def colours(grey, rng):
    return np.concatenate([grey, grey * 0.6, 255 - grey], axis=2)


@pytest.mark.parametrize(
    ("parts", "colourless"),
    [
        pytest.param([(chroma_noise, 100)], True, id="black and white with chroma noise"),
        pytest.param([(sepia, 100)], False, id="tinted"),
        pytest.param([(chroma_noise, 94), (colours, 6)], False, id="mostly grey"),
        pytest.param([(colours, 1), (chroma_noise, 99)], True, id="a coloured logo before black and white"),
        pytest.param([(colours, 100)], False, id="in colour"),
    ],
)
def test_a_colourless_film_has_null(parts, colourless):
    rng = np.random.default_rng(7)
    frames = measured([scene(rng, colour) for colour, count in parts for _ in range(count)]).frames
    assert is_colourless(frames) is colourless
    blanked = blank_colour(frames)
    check(blanked, FRAMES)
    for name in COLOUR_COLUMNS:
        assert blanked[name].null_count() == (len(frames) if colourless else 0)
    assert blanked.drop(COLOUR_COLUMNS).equals(frames.drop(COLOUR_COLUMNS))
    assert blank_colour(blanked).equals(blanked)


def test_time_counts_not_frames():
    # two coloured key frames of 5 s each among a hundred grey ones of 1/24 s
    times = [0.0, 5.0, *(10 + i / 24 for i in range(100))]
    frames = pl.DataFrame({"time_s": times, "colourfulness": [30.0, 30.0, *[0.0] * 100]})
    assert not is_colourless(frames)
    assert is_colourless(frames.tail(100))
    assert not is_colourless(frames.head(0))
