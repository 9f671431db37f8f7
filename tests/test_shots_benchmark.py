"""The proving ground of the shot detector: what it composes is what it says, and its scoring counts as by hand."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parent.parent / "benchmarks" / "shots"))
import compose as composer
import scoring
from traps import TRAPS


def draw_pieces(count: int = 6, length: int = 160) -> list[np.ndarray]:
    """Pieces of 40 x 24 pixels: a colour and a pattern each, a square that wanders."""
    pieces = []
    for k in range(count):
        rng = np.random.default_rng(k)
        back = rng.integers(0, 200, (24, 40, 3)) // 40 * 40
        piece = np.repeat(back[None].astype(np.uint8), length, 0)
        for i in range(length):
            piece[i, 8:14, (i // 4) % 30 : (i // 4) % 30 + 6] = 230
        pieces.append(piece)
    return pieces


@pytest.mark.parametrize("look", ["plain", "dark+grain+colourless", "flicker+scratches", "twos"])
def test_the_same_seed_gives_the_same_film_and_its_truth_lies_in_it(look):
    first, again = (composer.compose(draw_pieces(), 5, 8, look, 0.5) for _ in range(2))
    assert np.array_equal(first.pictures, again.pictures)
    assert first.joints == again.joints
    assert not np.array_equal(first.pictures[:50], composer.compose(draw_pieces(), 6, 8, look, 0.5).pictures[:50])
    n = len(first.pictures)
    assert len(first.joints) >= 7
    for joint in first.joints:
        assert 0 < joint.first <= joint.at <= joint.last <= n
        assert joint.kind in ("cut", "dissolve", "fade", "wipe")
        assert (joint.first == joint.last) == (joint.kind == "cut")
    ats = [joint.at for joint in first.joints]
    assert ats == sorted(ats)
    assert all(0 <= trap.first < trap.last <= n + 1 for trap in first.traps)


def test_cuts_lie_where_the_picture_changes_and_nowhere_else():
    film = composer.compose(draw_pieces(), 3, 10, "plain", 0.0, kinds=(1, 0, 0, 0))
    change = np.abs(np.diff(film.pictures.astype(np.int16), axis=0)).mean((1, 2, 3))
    at = [joint.at for joint in film.joints]
    assert len(at) == 9
    largest = np.sort(np.argsort(change)[-9:]) + 1
    assert largest.tolist() == at


def test_a_dissolve_begins_and_ends_with_a_trace_of_both():
    film = composer.compose(draw_pieces(), 2, 6, "plain", 0.0, kinds=(0, 1, 0, 0))
    for joint in film.joints:
        before, after = film.pictures[joint.first - 1].astype(int), film.pictures[joint.last].astype(int)
        for i, near, far in ((joint.first, before, after), (joint.last - 1, after, before)):
            here = film.pictures[i].astype(int)
            assert np.abs(here - near).mean() < np.abs(here - far).mean()


def test_every_trap_can_be_set_and_leaves_no_joint():
    for trap in TRAPS:
        film = composer.compose(draw_pieces(), 4, 3, "plain", 1.0, kinds=(1, 0, 0, 0), traps=(trap,))
        assert {t.name for t in film.traps} == {trap}
        assert len(film.joints) == 2


JOINTS = [
    composer.Joint("cut", "", 100, 100, 100),
    composer.Joint("dissolve", "linear", 200, 220, 210),
    composer.Joint("fade", "black", 300, 340, 320),
]
TRAP = composer.Trap("flash", 150, 155)


def test_scoring_counts_as_by_hand():
    found = [
        scoring.Found(101, "cut", 0.1),  # within a frame of the cut
        scoring.Found(152, "cut", 0.6),  # in the flash
        scoring.Found(205, "wipe", 0.2),  # in the dissolve, of another kind
        scoring.Found(215, "dissolve", 0.4),  # the same dissolve once more: one to one, false
        scoring.Found(500, "fade", 0.9),  # nowhere
    ]
    tally = scoring.judge(found, JOINTS, [TRAP])
    assert tally.right == {"cut": 1, "dissolve": 1}
    assert tally.missed == {"fade": 1}
    assert (tally.false["cut"], tally.false["gradual"], tally.false["elsewhere"]) == (1, 2, 2)
    assert tally.fooled == {"flash": 1}
    assert tally.traps == {"flash": 1}
    got = scoring.scores(tally)
    assert got["cuts"].f1 == pytest.approx(2 * 1 / (2 * 1 + 0 + 1))
    assert got["graduals"].f1 == pytest.approx(2 * 1 / (2 * 1 + 1 + 2))
    assert got["both"].precision == pytest.approx(2 / 5)
    assert got["both"].recall == pytest.approx(2 / 3)
    assert sorted(tally.doubts) == [(0.1, False), (0.2, False), (0.4, True), (0.6, True), (0.9, True)]


def test_a_cut_two_frames_off_is_a_miss_and_a_false_one():
    tally = scoring.judge([scoring.Found(102)], JOINTS[:1], [])
    assert (tally.missed["cut"], tally.false["any"]) == (1, 1)
    assert scoring.scores(tally)["both"].f1 == 0


def test_wilson_interval_by_the_book():
    # Newcombe 1998, table I: 81 of 263, Wilson without continuity correction .2553 to .3662
    low, high = scoring.wilson(81, 263)
    assert low == pytest.approx(0.2553, abs=5e-4)
    assert high == pytest.approx(0.3662, abs=5e-4)
    assert scoring.wilson(0, 20)[0] == pytest.approx(0, abs=1e-12)
