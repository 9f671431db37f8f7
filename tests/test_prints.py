"""Two prints of one film: their times are laid side by side, whatever was cut, cropped, regraded or sped up."""

import cv2
import numpy as np
import pytest

from punctum.echo.prints import Print, align_prints, name_speed

FPS = 24


def draw_film(seconds, seed, fps=FPS, speed=1.0, first_s=0.0):
    """Lightness of a film that moves: shots of 1 to 6 s, each a picture that is panned over."""
    rng = np.random.default_rng(seed)
    starts = np.concatenate(([0.0], np.cumsum(rng.uniform(1, 6, int(seconds)))))
    fields = rng.integers(0, 256, (len(starts), 6, 14), np.uint8)
    ways = rng.uniform(-0.4, 0.4, (len(starts), 2))
    times = np.arange(int(seconds / speed * fps)) / fps
    cells = []
    for at in first_s + times * speed:
        shot = int(np.searchsorted(starts, at + 1e-9) - 1)
        moved = (at - starts[shot]) * ways[shot]
        turn = np.array([[14 / 24, 0, 1 + moved[0]], [0, 6 / 13, 1 + moved[1] / 2]])
        picture = cv2.warpAffine(
            fields[shot], turn, (24, 13), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT
        )
        cells.append(picture)
    return times, np.array(cells)


def as_print(times, pictures, crop=(0.0, 0.0, 1.0, 1.0), aspect=16 / 9, noise=0.0, gain=1.0):
    h, w = pictures.shape[1:]
    left, top, wide, high = crop
    rows, columns = slice(round(top * h), round((top + high) * h)), slice(round(left * w), round((left + wide) * w))
    rng = np.random.default_rng(1)
    cells = [cv2.resize(one[rows, columns], (16, 9), interpolation=cv2.INTER_AREA) for one in pictures]
    made = np.array(cells, np.float32).reshape(-1, 144) * gain + rng.normal(0, noise, (len(cells), 144))
    return Print(times, np.clip(made, 0, 255).astype(np.uint8), aspect)


@pytest.fixture(scope="module")
def film():
    return draw_film(120, 3)


def worst_s(found, pairs):
    return max(abs(found.to_new(old) - new) for old, new in pairs)


def test_the_same_film(film):
    found = align_prints(as_print(*film), as_print(*film, noise=6, gain=0.8))
    assert found.speed == pytest.approx(1, abs=1e-5)
    assert len(found.pieces) == 1
    assert found.share > 0.99
    assert worst_s(found, [(at, at) for at in (0.5, 30, 119)]) < 0.02


@pytest.mark.parametrize(("speed", "name"), [(25 / 24, "25/24"), (24 / 25, "24/25"), (1.06, "")])
def test_another_speed(film, speed, name):
    new = as_print(*draw_film(120, 3, fps=25, speed=speed), noise=4)
    found = align_prints(as_print(*film), new)
    assert found.speed == pytest.approx(speed, rel=3e-4)
    assert name_speed(found.speed) == name
    assert worst_s(found, [(at, at / speed) for at in (1, 40, 80, 110)]) < 0.05


def test_what_is_cut_and_what_is_added(film):
    times, pictures = film
    _, other = draw_film(10, 99)
    # 30 to 42 s are missing; after 80 s ten seconds of something else stand
    kept = np.concatenate((pictures[: 30 * FPS], pictures[42 * FPS : 80 * FPS], other, pictures[80 * FPS :]))
    new = as_print(np.arange(len(kept)) / FPS, kept, noise=4)
    found = align_prints(as_print(times, pictures), new)
    assert [len(found.pieces), found.speed] == [3, pytest.approx(1, abs=1e-3)]
    first, second, third = found.pieces
    assert first.old_end_s == pytest.approx(30, abs=0.1)
    assert second.old_start_s == pytest.approx(42, abs=0.1)
    assert second.old_end_s == pytest.approx(80, abs=0.1)
    assert third.new_start_s - second.new_end_s == pytest.approx(10, abs=0.1)
    assert found.to_new(36) is None
    assert found.to_new(29.9999, slack_s=0.2) == pytest.approx(30, abs=0.1)
    assert worst_s(found, [(10, 10), (60, 48), (100, 98)]) < 0.05
    back = align_prints(new, as_print(times, pictures))
    assert worst_s(back, [(10, 10), (48, 60), (98, 100)]) < 0.05


def test_another_shape(film):
    times, pictures = film
    narrow = as_print(times, pictures, crop=(0.125, 0, 0.75, 1), aspect=4 / 3, noise=3)
    found = align_prints(as_print(times, pictures), narrow)
    assert found.old_part == pytest.approx((0.125, 0, 0.75, 1))
    assert found.new_part == (0, 0, 1, 1)
    assert worst_s(found, [(at, at) for at in (5, 60, 110)]) < 0.05
    back = align_prints(narrow, as_print(times, pictures))
    assert back.new_part == pytest.approx((0.125, 0, 0.75, 1))


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_another_film(film, seed):
    assert align_prints(as_print(*film), as_print(*draw_film(110, seed))) is None


def test_hardly_anything_to_go_by(film):
    times, pictures = film
    empty = Print(np.zeros(0), np.zeros((0, 144), np.uint8), 1.0)
    flat = Print(times, np.full((len(times), 144), 20, np.uint8), 16 / 9)
    short = Print(times[:3], np.zeros((3, 144), np.uint8), 1.0)
    whole = as_print(times, pictures)
    for other in (empty, flat, short):
        assert align_prints(whole, other) is None
        assert align_prints(other, whole) is None
    assert align_prints(flat, flat) is None
