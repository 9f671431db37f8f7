"""Footage used again is found on the grid, to the frame, whatever was done to it; what is only alike is not."""

import cv2
import numpy as np
import pytest

from punctum.echo.copies import Footage, find_copies

FPS = 24.0


def draw(seed, seconds, shape=(90, 160)):
    """Shots of drifting blobs: pictures (n, h, w) of lightness."""
    rng = np.random.default_rng(seed)
    made = []
    while len(made) < seconds * FPS:
        length = int(rng.uniform(2, 5) * FPS)
        places, speeds = rng.uniform(0, 1, (9, 2)), rng.normal(0, 0.08, (9, 2))
        sizes, lights = rng.uniform(0.05, 0.3, 9), rng.uniform(-110, 110, 9)
        rows, columns = np.mgrid[: shape[0], : shape[1]] / np.array(shape)[:, None, None]
        for frame in range(length):
            at = places + speeds * frame / FPS
            picture = 120 + sum(
                light * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * size**2))
                for (x, y), size, light in zip(at, sizes, lights, strict=True)
            )
            made.append(np.clip(picture, 0, 255).astype(np.float32))
    return np.stack(made[: int(seconds * FPS)])


def footage(pictures):
    small = [cv2.resize(one, (16, 9), interpolation=cv2.INTER_AREA).ravel() for one in pictures]
    noise = np.random.default_rng(len(pictures)).normal(0, 0.5, (len(small), 144))
    return Footage(np.arange(len(small)) / FPS, np.clip(np.rint(np.stack(small) + noise), 0, 255).astype(np.uint8))


THERE = draw(1, 24)
OTHER = draw(2, 24)


def part(pictures, left=0.0, top=0.0, wide=1.0, high=1.0):
    h, w = pictures.shape[1:]
    cut = pictures[:, round(top * h) : round((top + high) * h), round(left * w) : round((left + wide) * w)]
    return np.stack([cv2.resize(one, (w, h)) for one in cut])


CHANGES = {
    "as it was": lambda film: film,
    "darker, flatter": lambda film: film * 0.6 + 30,
    "mirrored": lambda film: film[:, :, ::-1],
    "cropped": lambda film: part(film, 0.1, 0.12, 0.8, 0.8),
    "narrowed": lambda film: part(film, 0.125, 0.0, 0.75, 1.0),
    "faster": lambda film: film[np.floor(np.arange(len(film) / 1.05) * 1.05).astype(int)],
    "slower": lambda film: film[np.floor(np.arange(len(film) * 1.05) / 1.05).astype(int)],
}


@pytest.mark.parametrize("how", CHANGES)
def test_a_copy_is_found_to_the_frame(how):
    begin, length = 110, 130
    changed = CHANGES[how](THERE[begin : begin + length])
    here = footage(np.concatenate([OTHER[:70], changed, OTHER[200:260]]))
    found = find_copies(here, footage(THERE))
    assert len(found) == 1
    copy = found[0]
    assert abs(copy.begin - 70) <= 3
    assert abs(copy.end - (70 + len(changed))) <= 3
    assert abs(copy.other_begin - begin) <= 3
    assert copy.way.mirrored == (how == "mirrored")
    assert copy.speed == pytest.approx({"faster": 1.05, "slower": 1 / 1.05}.get(how, 1.0), abs=0.03)
    assert copy.likeness > 0.95


@pytest.mark.slow
def test_what_is_not_there_is_not_found():
    assert find_copies(footage(OTHER), footage(THERE)) == []
    flat = np.full((100, 90, 160), 20, np.float32)
    assert find_copies(footage(flat), footage(flat)) == []
    assert find_copies(footage(THERE[:1]), footage(THERE)) == []


def test_neighbouring_passages_are_one():
    broken = THERE[100:200].copy()
    broken[45:52] = OTHER[:7]  # a third of a second of something else
    found = find_copies(footage(np.concatenate([OTHER[:50], broken, OTHER[300:340]])), footage(THERE))
    assert [(abs(one.begin - 50) <= 3, abs(one.end - 150) <= 3) for one in found] == [(True, True)]
