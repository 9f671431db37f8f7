"""What falls or drifts: drawn flakes are found with their direction and speed; grain, pans and specks are none."""

import cv2
import numpy as np
import polars as pl
import pytest

from punctum.film import Still
from punctum.measure.glint import glint
from punctum.measure.particles import particles
from punctum.pipeline.drifting import Drifter
from punctum.segment.drifts import sum_drifts
from punctum.tables import FACES, empty

HIGH, WIDE, STEP_S = 360, 640, 1 / 24


def scenery(seed=0, shift=(0.0, 0.0)):
    """A picture with texture, moved by so many pixels."""
    rng = np.random.default_rng(seed)
    coarse = cv2.resize(rng.uniform(20, 180, (28, 48, 3)).astype(np.float32), (WIDE + 40, HIGH + 40), interpolation=2)
    coarse += cv2.GaussianBlur(rng.normal(0, 40, coarse.shape).astype(np.float32), (0, 0), 1.5)
    move = np.array([[1, 0, shift[0] - 20], [0, 1, shift[1] - 20]], np.float32)
    return np.clip(cv2.warpAffine(coarse, move, (WIDE, HIGH)), 0, 255).astype(np.uint8)


def with_flakes(picture, move, count=40, seed=1):
    """Flakes of two pixels, moved on by so many."""
    rng = np.random.default_rng(seed)
    made = picture.copy()
    for x, y in rng.uniform((10, 10), (WIDE - 10, HIGH - 10), (count, 2)) + move:
        cv2.circle(made, (round(16 * x), round(16 * y)), 24, (235, 235, 235), -1, cv2.LINE_AA, 4)
    return made


@pytest.mark.parametrize("move", [(0.0, 4.0), (-3.0, 5.0), (6.0, 0.5), (0.0, -4.0)])
@pytest.mark.parametrize("pan", [(0.0, 0.0), (5.0, -2.0)])
def test_flakes_are_found_with_their_move(move, pan):
    first = with_flakes(scenery(), (0, 0))
    # what falls is told against the scenery: a camera that pans moves both
    second = with_flakes(scenery(shift=pan), np.add(move, pan))
    found = particles(first, second, STEP_S)
    assert 25 <= found.things <= 44
    assert found.x_h_s * HIGH * STEP_S == pytest.approx(move[0], abs=1.0)
    assert found.y_h_s * HIGH * STEP_S == pytest.approx(move[1], abs=1.0)


def noise(strength, seed):
    return np.random.default_rng(seed).normal(0, strength, (HIGH, WIDE, 1))


@pytest.mark.parametrize(
    "second",
    [
        scenery(),
        scenery(shift=(4.0, 2.0)),
        scenery(seed=5),
        np.clip(scenery() + noise(12, 3), 0, 255).astype(np.uint8),
        with_flakes(scenery(), (0, 0), seed=9),  # specks of damage: others in every frame
    ],
)
def test_nothing_drifts(second):
    first = np.clip(with_flakes(scenery(), (0, 0), seed=2) + noise(3, 1), 0, 255).astype(np.uint8)
    assert particles(first, second, STEP_S).things == 0
    assert particles(second, first, STEP_S).things == 0


def test_pictures_that_say_nothing():
    flat = np.zeros((HIGH, WIDE, 3), np.uint8)
    assert particles(flat, flat, STEP_S).things == 0
    assert particles(flat, flat[:-2], STEP_S).things == 0
    assert particles(flat[:20], flat[:20], STEP_S).things == 0
    assert particles(with_flakes(flat, (0, 0)), with_flakes(flat, (0, 4)), 0.0).things == 0


def test_pairs_of_neighbours_are_watched_once_a_second():
    picture, later = with_flakes(scenery(), (0, 0)), with_flakes(scenery(), (0, 4))
    drifter, stills = Drifter(), []
    for at in range(6):
        frame = 12 * at
        stills += [
            Still(frame, picture, at / 2, look=True),
            Still(frame + 1, later, at / 2 + STEP_S, False, True, True),
        ]
    drifter.take(tuple(stills[:7]), empty(FACES))
    drifter.take(tuple(stills[7:]), empty(FACES))
    rows, glints = drifter.rows()
    assert not glints.height
    assert rows["frame"].to_list() == [0, 24, 48]
    assert rows["things"].min() > 20
    # what was left out lies between: no neighbours
    drifter.take((Still(0, picture, 0.0, look=True), Still(2, later, 2 * STEP_S, False, True, True)), empty(FACES))
    assert drifter.rows()[0].height == 0


BOX, POINTS = (0.3, 0.1, 0.3, 0.8), (0.39, 0.4, 0.51, 0.4, 0.45, 0.55, 0.41, 0.7, 0.49, 0.7)


def face(drop=None, shift=(0, 0), mouth=2, light=160):
    """A face of 192 x 288 px with eyes 77 px apart; a drop of 4 px on it where asked for."""
    made = np.full((HIGH, WIDE, 3), 40, np.uint8)
    cv2.ellipse(made, (288 + shift[0], 180 + shift[1]), (96, 144), 0, 0, 360, (light, light - 20, light - 30), -1)
    for x, y in np.array(POINTS).reshape(-1, 2)[:2] * (WIDE, HIGH) + shift:
        cv2.circle(made, (round(x), round(y)), 8, (30, 30, 30), -1, cv2.LINE_AA)
    cv2.ellipse(made, (288 + shift[0], 252 + shift[1]), (24, mouth), 0, 0, 360, (200, 150, 150), -1)
    if drop is not None:
        cv2.circle(made, (drop[0] + shift[0], drop[1] + shift[1]), 2, (230, 230, 235), -1, cv2.LINE_AA)
    return cv2.GaussianBlur(made, (0, 0), 0.7)


@pytest.mark.parametrize("shift", [(0, 0), (2, -1)])
def test_a_drop_on_a_cheek_is_bright_where_it_moves(shift):
    found = glint(face((330, 200)), face((331, 206), shift), BOX, POINTS)
    assert found > 20
    assert glint(face(), face(shift=shift), BOX, POINTS) < 6
    # one that hangs still is no move; eyes and mouth move by themselves
    assert glint(face((330, 200)), face((330, 200), shift), BOX, POINTS) < 6
    assert glint(face(), face(shift=shift, mouth=7), BOX, POINTS) < 6


def test_a_face_that_says_nothing():
    first, second = face((330, 200)), face((331, 206))
    small = tuple(v / 4 for v in BOX), [v / 4 for v in POINTS]
    assert glint(first, second, *small) is None
    assert glint(first, second, (-0.1, 0.1, 0.3, 0.8), POINTS) is None
    assert glint(first, face((330, 200), shift=(20, 0)), BOX, POINTS) is None
    side = (0.44, 0.4, 0.48, 0.4, *POINTS[4:])
    assert glint(first, second, BOX, side) is None


def looks(moves, none=0):
    """Rows of `drifts`: these moves, and so many looks without any."""
    return pl.DataFrame(
        {
            "things": [10.0] * len(moves) + [0.0] * none,
            "x_h_s": [x for x, _ in moves] + [None] * none,
            "y_h_s": [y for _, y in moves] + [None] * none,
        },
        schema={"things": pl.Float32, "x_h_s": pl.Float32, "y_h_s": pl.Float32},
    )


def test_a_scene_sums_up_what_its_pairs_agree_on():
    found = sum_drifts(looks([(-0.1, 0.3), (-0.12, 0.28), (-0.08, 0.31)], none=5))
    assert found.things == 10
    assert found.deg == pytest.approx(108.4, abs=0.1)
    assert found.h_s == pytest.approx(0.316, abs=0.001)


def test_a_scene_whose_pairs_do_not_agree_has_none():
    rng = np.random.default_rng(0)
    anywhere = [(np.cos(a), np.sin(a)) for a in rng.uniform(0, 2 * np.pi, 12)]
    assert sum_drifts(looks(anywhere)).things == 0
    assert sum_drifts(looks([(0.0, 0.2)] * 3, none=30)).things == 0
    assert sum_drifts(looks([(0.0, 0.2)] * 2)).things is None
