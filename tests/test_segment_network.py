"""What the network looks at, what it may depend on, and what is made of its answers."""

import numpy as np
import pytest

from drawn_shots import scene, tables_of
from punctum.segment.cells import bytes_of
from punctum.segment.cues import COLUMNS, LAGS, NUMBERS, RADII, REACH, find_cues, thin_columns
from punctum.segment.fades import Flat
from punctum.segment.joins import find_joins, lay_fades
from punctum.segment.network import MARGIN, SHAPES, Answers, ask_network, how_sure, read_weights


def film(*runs: np.ndarray, around: int = REACH) -> tuple[np.ndarray, np.ndarray]:
    """Bytes of the grid with so many frames of standstill on both sides, and columns of the frames."""
    frames, grid = tables_of(np.concatenate(runs))
    raw = bytes_of(grid["cells"])
    raw = np.concatenate([np.repeat(raw[:1], around, 0), raw, np.repeat(raw[-1:], around, 0)])
    columns = np.stack([frames[name].to_numpy().astype(np.float32) for name in COLUMNS], axis=1)
    return raw, columns


def test_a_cut_is_far_across_and_near_on_both_sides():
    raw, columns = film(scene(1, 40), scene(2, 40))
    found = find_cues(raw, columns)
    assert found.numbers.shape == (80, NUMBERS)
    assert np.isfinite(found.numbers).all()
    # of each lag: distances within what was, within what comes, across; each followed by two likenesses
    within, coming, across = found.numbers[40, 0], found.numbers[40, 3], found.numbers[40, 6]
    assert across > within + 1.0
    assert across > coming + 1.0
    # its step is everywhere in the picture
    assert (found.maps[40, 0] > found.maps[20, 0].max()).mean() > 0.8


def test_half_way_of_a_mixture_lies_on_the_line_between():
    raw = np.random.default_rng(2).integers(60, 190, (2, 432)).astype(np.float64)
    share = np.clip((np.arange(41) - 10) / 20.0, 0, 1)[:, None]
    mixed = np.rint(raw[0] * (1 - share) + raw[1] * share).astype(np.uint8)
    mixed = np.concatenate([np.repeat(mixed[:1], REACH, 0), mixed, np.repeat(mixed[-1:], REACH, 0)])
    found = find_cues(mixed, np.full((41, len(COLUMNS)), np.nan, np.float32))
    at = 9 * len(LAGS) + 2 * RADII.index(12)
    assert np.exp(found.numbers[20, at]) < 0.1
    assert found.numbers[20, at + 1] == pytest.approx(0.0, abs=0.05)


def test_likeness_of_edges_holds_in_other_light():
    rng = np.random.default_rng(3)
    picture = rng.integers(40, 120, 432)
    brighter = picture.copy()
    brighter[::3] += 60
    other = rng.integers(40, 120, 432)
    for second, low, high in ((brighter, 0.0, 0.05), (other, 1.0, 3.0)):
        raw = np.concatenate([np.repeat(picture[None], REACH + 5, 0), np.repeat(second[None], REACH + 5, 0)])
        found = find_cues(raw.astype(np.uint8), np.full((10, len(COLUMNS)), np.nan, np.float32))
        assert low <= found.numbers[5, 8] <= high


def test_cues_depend_on_nothing_beyond_their_reach():
    raw, columns = film(scene(1, 30), scene(2, 30))
    changed = raw.copy()
    changed[0] = 7
    changed[-1] = 250
    before, after = find_cues(raw, columns), find_cues(changed, columns)
    assert np.array_equal(before.numbers[1:-1], after.numbers[1:-1])
    assert np.array_equal(before.maps, after.maps)


def test_answers_depend_on_nothing_beyond_their_margin():
    raw, columns = film(scene(1, 30), scene(2, 30), around=MARGIN)
    columns = np.concatenate([np.full((MARGIN, len(COLUMNS)), np.nan, np.float32), columns])
    columns = np.concatenate([columns, np.full((MARGIN, len(COLUMNS)), np.nan, np.float32)])
    whole = ask_network(raw, columns)
    part = ask_network(raw[17:-9], columns[17:-9])
    for mine, theirs in zip(part, whole, strict=True):
        assert np.array_equal(mine, theirs[17:-9])
    assert whole.cut[30] > 0.5
    assert whole.cut.argmax() == 30


def test_thinned_columns_keep_all_change():
    columns = np.arange(7 * len(COLUMNS), dtype=np.float32).reshape(7, len(COLUMNS))
    thin = thin_columns(columns, 3)
    assert thin.shape == (3, len(COLUMNS))
    change, contrast = COLUMNS.index("change"), COLUMNS.index("contrast")
    assert thin[1, change] == columns[1:4, change].sum()
    assert thin[2, contrast] == columns[6, contrast]
    assert np.array_equal(thin_columns(columns, 1), columns)


def test_weights_are_whole():
    weights = read_weights()
    assert {name: array.shape for name, array in weights.items()} == SHAPES
    assert all(np.isfinite(array).all() for array in weights.values())
    assert (weights["sure"][:, 0] > 0).all()


@pytest.mark.parametrize("kind", ["cut", "dissolve"])
def test_the_surer_the_answer_the_surer_the_boundary(kind):
    sure = [how_sure(kind, answer) for answer in (0.0, 0.5, 0.7, 0.9, 0.99, 1.0)]
    assert sure == sorted(sure)
    assert sure[0] > 0.0
    assert sure[-1] < 1.0


def answers(n: int, cuts: dict[int, float], graduals: list[tuple[int, int, float, int]]) -> Answers:
    cut, middle, inside, kinds = np.zeros(n), np.zeros(n), np.zeros(n), np.full((n, 3), 1 / 3)
    for at, value in cuts.items():
        cut[at] = value
    for start, end, value, kind in graduals:
        inside[start:end] = 0.9
        middle[(start + end) // 2 - 1 : (start + end) // 2 + 2] = value
        kinds[start:end] = np.eye(3)[kind]
    return Answers(cut, middle, inside, kinds)


def test_answers_become_joins():
    given = answers(200, {20: 0.9, 21: 0.6, 150: 0.4}, [(50, 70, 0.8, 0), (70, 90, 0.7, 2), (120, 140, 0.3, 1)])
    found = [(b.at, b.kind, b.start, b.end) for b in find_joins(given)]
    # the lesser of two cuts side by side, and what is not sure enough, are left out; two wipes end to end are two
    assert [b[:2] for b in found] == [(20, "cut"), (60, "dissolve"), (80, "wipe")] or (
        found[0][:2] == (20, "cut") and [b[1] for b in found[1:]] == ["dissolve", "wipe"]
    )
    assert found[1][2] == 50
    assert found[2][3] == 90
    assert found[1][3] == found[2][2]


def test_a_cut_within_a_transition_is_left_out_unless_it_is_surer():
    [weak] = find_joins(answers(100, {50: 0.6}, [(40, 60, 0.8, 0)]))
    assert weak.kind == "dissolve"
    [sure] = find_joins(answers(100, {50: 0.9}, [(40, 60, 0.8, 0)]))
    assert sure.kind == "cut"


def test_flat_stretches_are_joins_only_where_the_network_says_so():
    times = np.arange(101) / 24.0
    short = Flat(50, 54, None, None, "white")
    assert lay_fades([short], [], times).boundaries == []
    cut = find_joins(answers(100, {54: 0.9}, []))
    [found] = lay_fades([short], cut, times).boundaries
    assert (found.at, found.kind) == (54, "cut")
    faded = Flat(50, 54, 40, 66, "black")
    assert lay_fades([faded], [], times).boundaries == []
    [found] = lay_fades([faded], find_joins(answers(100, {}, [(42, 64, 0.8, 1)])), times).boundaries
    assert (found.at, found.kind, found.start, found.end, found.look) == (52, "fade", 40, 66, "black")


def test_a_long_flat_stretch_is_a_shot_whatever_the_network_says():
    times = np.arange(201) / 24.0
    found = lay_fades([Flat(60, 120, None, 130, "black")], [], times)
    assert [(b.at, b.kind) for b in found.boundaries] == [(60, "cut"), (120, "fade")]
    assert found.flats == [(60, 120)]


def test_a_picture_cut_to_has_not_faded_in():
    times = np.arange(101) / 24.0
    found = lay_fades([Flat(0, 10, None, 60, "black")], find_joins(answers(100, {30: 0.9}, [])), times)
    assert found.opening.end == 30
    assert [(b.at, b.kind) for b in found.boundaries] == [(30, "cut")]
