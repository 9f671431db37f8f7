"""Black borders: in one picture, and over a film."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import films
from punctum.film import Box, Stretch
from punctum.measure import find_edges
from punctum.media import open_source, scan_key_frames
from punctum.segment.bars import find_stretches

WHOLE = Box(0, 0, 320, 180)
WIDE = Box(0, 22, 320, 136)
PILLAR = Box(40, 0, 240, 180)


def picture(box=WIDE, size=(180, 320), level=110, noise=0.0, seed=0):
    """A lit, uneven picture inside a box, black (16) outside, with noise over all."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[: size[0], : size[1]]
    luma = np.full(size, 16.0)
    lit = level + 40 * np.sin(columns / 19 + seed) * np.cos(rows / 13)
    inside = (slice(box.top, box.top + box.height), slice(box.left, box.left + box.width))
    luma[inside] = lit[inside]
    return (luma + rng.normal(0, noise, size)).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("box", [WHOLE, WIDE, PILLAR, Box(40, 30, 240, 120), Box(0, 23, 320, 135)])
def test_edges_are_exact(box):
    assert find_edges(picture(box)) == box


def test_noise_and_ringing_in_the_bars():
    luma = picture(WIDE, noise=3.0)
    assert find_edges(luma) == WIDE
    luma = picture(WIDE)
    luma[18:22:2] = 24
    luma[19:22:2] = 18
    assert find_edges(luma) == WIDE


def test_ten_bits_and_full_range():
    luma = picture(WIDE)
    assert find_edges(luma.astype(np.uint16) * 4, 64, 940) == WIDE
    full = ((luma.astype(float) - 16) * 255 / 219).clip(0, 255).astype(np.uint8)
    assert find_edges(full, 0, 255) == WIDE


def test_words_and_logos_in_the_bars_are_left_out():
    luma = picture(WIDE)
    luma[165:173, 90:230] = np.where(np.arange(140) % 6 < 3, 220, 16)  # a subtitle in the lower bar
    luma[5:12, 290:312] = 200  # a logo in the upper
    assert find_edges(luma) == WIDE
    luma = picture(WIDE)
    luma[150:168, 100:220] = np.where(np.arange(120) % 6 < 3, 220, 16)  # half in the picture, half in the bar
    assert find_edges(luma) == WIDE


def test_too_dark_to_tell():
    assert find_edges(np.full((180, 320), 16, np.uint8)) is None
    assert find_edges(picture(Box(150, 80, 30, 20))) is None
    title = np.full((180, 320), 16, np.uint8)
    title[80:95, 100:220] = np.where(np.arange(120) % 8 < 3, 230, 16)
    assert find_edges(title) is None


def test_a_view_of_a_plane_will_do():
    plane = np.zeros((180, 384), np.uint8)
    plane[:, :320] = picture(WIDE)
    assert find_edges(plane[:, :320]) == WIDE


@given(
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(0, 50),
    st.integers(0, 50),
    st.integers(0, 1000),
    st.floats(0, 2.5),
)
@settings(max_examples=40, deadline=None)
def test_any_box_is_found(left, right, top, bottom, seed, noise):
    box = Box(left, top, 320 - left - right, 180 - top - bottom)
    found = find_edges(picture(box, level=120, noise=noise, seed=seed))
    assert found is not None
    assert max(abs(a - b) for a, b in zip(found, box, strict=True)) <= 4


def stretches(edges, step=2.0):
    times = [i * step for i in range(len(edges))]
    return find_stretches(times, edges, 320, 180, len(edges) * step)


def test_a_film_without_bars_is_one_stretch_of_the_whole():
    assert [s.box_px for s in stretches([WHOLE] * 20)] == [WHOLE]
    assert stretches([]) == find_stretches([], [], 320, 180, 0.0)
    assert [s.box_px for s in stretches([None] * 5)] == [WHOLE]


def test_dark_scenes_do_not_shrink_the_box():
    rng = np.random.default_rng(0)
    dark = [Box(int(a), int(b), 250, 130) for a, b in rng.integers(10, 45, (30, 2))]
    assert [s.box_px for s in stretches([WHOLE] * 20 + dark + [WHOLE] * 20)] == [WHOLE]
    # a long held shot, dark at one side
    assert [s.box_px for s in stretches([WHOLE] * 60 + [Box(90, 0, 230, 180)] * 20 + [WHOLE] * 20)] == [WHOLE]
    inner = [Box(30, 40, 250, 100), None, Box(10, 30, 290, 110)] * 10
    assert [s.box_px for s in stretches([WIDE] * 30 + inner)] == [WIDE]


def test_one_flash_or_word_does_not_grow_it():
    assert [s.box_px for s in stretches([WIDE] * 20 + [WHOLE] + [WIDE] * 20)] == [WIDE]
    assert [s.box_px for s in stretches([WIDE] * 20 + [Box(0, 22, 320, 152)] * 1 + [WIDE] * 20)] == [WIDE]


def test_the_ratio_changes_midway():
    found = stretches([WIDE] * 20 + [WHOLE] * 5 + [WIDE] * 12)
    assert [(s.start_s, s.end_s, s.box_px) for s in found] == [
        (0.0, 40.0, WIDE),
        (40.0, 50.0, WHOLE),
        (50.0, 74.0, WIDE),
    ]
    found = stretches([PILLAR] * 10 + [None] * 3 + [WIDE] * 10)
    assert [(s.start_s, s.box_px) for s in found] == [(0.0, PILLAR), (26.0, WIDE)]


def test_short_films_need_agreement():
    assert [s.box_px for s in stretches([PILLAR, PILLAR])] == [PILLAR]
    assert [s.box_px for s in stretches([None, PILLAR])] == [PILLAR]


@given(st.lists(st.sampled_from([WHOLE, WIDE, PILLAR, None]), max_size=40))
def test_stretches_cover_the_film(edges):
    found = stretches(edges)
    assert found[0].start_s == 0.0
    assert found[-1].end_s == len(edges) * 2.0
    for before, after in itertools.pairwise(found):
        assert before.end_s == after.start_s
        assert before.box_px != after.box_px


def test_a_drawn_film(tmp_path):
    source = open_source(films.letterboxed(tmp_path, (films.LETTERBOX, Box(0, 0, 160, 120)), each=150))
    keys = list(scan_key_frames(source, every_s=0.5))
    found = find_stretches([k.time_s for k in keys], [k.edges_px for k in keys], 160, 120, 12.0)
    assert [s.box_px for s in found] == [films.LETTERBOX, Box(0, 0, 160, 120)]
    assert 6.0 <= found[1].start_s < 7.0


def test_a_dark_shot_with_edges_of_its_own_is_no_change_of_bars():
    whole, dark = Box(0, 0, 160, 120), Box(10, 8, 140, 104)
    times = [i / 2 for i in range(120)]
    edges = [dark if 40 <= i < 44 or 80 <= i < 85 else whole for i in range(120)]
    assert find_stretches(times, edges, 160, 120, 60.0) == (Stretch(0.0, 60.0, whole),)
    lasting = [dark if 40 <= i < 80 else whole for i in range(120)]
    assert len(find_stretches(times, lasting, 160, 120, 60.0)) == 3
