"""Echoes on drawn signatures: a scene drawn again is found, mirrored, slower, colourless; chance is what it says."""

import numpy as np
import polars as pl
import pytest
from tests.drawn_signatures import draw_film, draw_shot, table_of, vary
from tests.page_bundles import make_bundle

from punctum.echo import sign_shots
from punctum.echo.aligning import GAP, TOLL, add_up, align, trace
from punctum.echo.because import tell_channel, write_because
from punctum.echo.chance import expect, fit_law
from punctum.echo.channels import CHANNELS, gather_signatures, measure_apart
from punctum.echo.searching import find_echoes, find_kindred
from punctum.tables import SIGNATURES, check, empty
from punctum.tables import TABLES as TABLES_OF_BUNDLES

FILMS = [draw_film(seed, 4) for seed in range(16)]
TABLES = [table_of(film) for film in FILMS]


def library_with(*scenes):
    """The films, and before them one that ends with these scenes."""
    return gather_signatures([table_of([*draw_film(900, 2), *scenes]), *TABLES])


def last_scene(library, film=0):
    return np.flatnonzero(library.scene == library.scene[library.film == film].max())


@pytest.fixture(scope="module")
def scene():
    """A scene of three shots at least."""
    return next((film, number) for film in range(3, 16) for number in range(4) if len(FILMS[film][number]) >= 3)


@pytest.mark.parametrize("how", [{}, {"mirror": True}, {"slower": 1.2}, {"colour": False}])
def test_a_scene_drawn_again_is_found_first(how, scene):
    film, number = scene
    library = library_with([vary(shot, 5, **how) for shot in FILMS[film][number]])
    answer = find_echoes(library, last_scene(library))
    first, second = answer.matches[:2]
    assert library.film[first.other_rows[0]] == film + 1
    assert first.e_value < 0.01 < second.e_value
    assert first.mirrored == how.get("mirror", False)
    assert len(first.rows) == len(FILMS[film][number])
    assert "layout" in first.alike
    assert first.others_as_like == 0


def test_one_shot_is_found_by_its_course(scene):
    film, number = scene
    library = library_with([vary(FILMS[film][number][0], 3)])
    first = find_echoes(library, last_scene(library)).matches[0]
    assert library.film[first.other_rows[0]] == film + 1
    assert first.e_value < 0.1


def test_shots_left_out_and_put_in_are_passed_over(scene):
    film, number = scene
    shots = [vary(shot, 8) for shot in FILMS[film][number]]
    shots.insert(1, draw_shot(np.random.default_rng(77)))
    library = library_with(shots)
    first = find_echoes(library, last_scene(library)).matches[0]
    assert library.film[first.other_rows[0]] == film + 1
    assert len(first.rows) == len(shots) - 1
    assert (np.diff(first.rows) > 0).all()


def test_a_convention_is_counted():
    rng = np.random.default_rng(4)
    common = draw_shot(rng)
    tables = [table_of([*film, [vary(common, seed)]]) for seed, film in enumerate(FILMS)]
    library = gather_signatures([table_of([*draw_film(900, 2), [vary(common, 99)]]), *tables])
    first = find_echoes(library, last_scene(library)).matches[0]
    assert first.others_as_like >= 8


def test_a_small_library_only_ranks():
    library = gather_signatures([TABLES[0], *TABLES[1:8]])
    answer = find_echoes(library, last_scene(library))
    assert answer.law is None
    assert all(match.e_value is None for match in answer.matches)
    assert find_echoes(gather_signatures(TABLES[:1]), np.arange(2)).matches == []


def test_footage_used_again_is_no_echo(scene):
    film, number = scene
    library = library_with([vary(shot, 5) for shot in FILMS[film][number]])
    copied = np.flatnonzero(library.film == film + 1)
    answer = find_echoes(library, last_scene(library), skip=copied)
    assert all(library.film[match.other_rows[0]] != film + 1 for match in answer.matches)


def test_the_same_answer_from_blocks_and_coarse_search(monkeypatch, scene):
    from punctum.echo import searching

    film, number = scene
    library = library_with([vary(shot, 5) for shot in FILMS[film][number]])
    whole = find_echoes(library, last_scene(library))
    monkeypatch.setattr(searching, "BLOCK_SHOTS", 50)
    blocks = find_echoes(library, last_scene(library))
    assert [m.other_rows.tolist() for m in blocks.matches] == [m.other_rows.tolist() for m in whole.matches]
    monkeypatch.setattr(searching, "EXACT_SHOTS", 100)
    coarse = find_echoes(library, last_scene(library))
    assert coarse.matches[0].other_rows.tolist() == whole.matches[0].other_rows.tolist()
    assert coarse.matches[0].score == pytest.approx(whole.matches[0].score, rel=1e-3)


def test_a_channel_of_ones_own_counts(scene):
    film, number = scene
    scenes = [*draw_film(900, 2), [vary(shot, 5) for shot in FILMS[film][number]]]
    tables = [table_of(scenes), *TABLES]
    rng = np.random.default_rng(0)
    own = [{"embedding": rng.normal(size=(table.height, 16))} for table in tables]
    begin = sum(len(one) for one in FILMS[film][:number])
    own[0]["embedding"][-len(FILMS[film][number]) :] = own[film + 1]["embedding"][
        begin : begin + len(FILMS[film][number])
    ]
    plain, more = (gather_signatures(tables, further) for further in ((), own))
    without = find_echoes(plain, last_scene(plain)).matches[0]
    with_it = find_echoes(more, last_scene(more)).matches[0]
    assert "embedding" in with_it.alike
    assert with_it.score > without.score


def test_kindred_runs_are_of_other_films_and_whole():
    library = gather_signatures(TABLES)
    query = last_scene(library, 2)
    for run in find_kindred(library, query):
        assert len(run) == len(query)
        assert len(np.unique(library.film[run])) == 1
        assert library.film[run[0]] != 2


def test_alignments_stay_within_scenes():
    scores = np.full((2, 4), -5, np.float32)
    scores[0, 1] = scores[1, 2] = 10
    assert align(scores, np.array([0, 0, 1, 1], np.int32)).max() == 10
    assert align(scores, np.array([0, 0, 0, 0], np.int32)).max() == 20
    scores[1, 2], scores[1, 3] = -5, 10
    assert align(scores, np.array([0, 0, 0, 0], np.int32)).max() == pytest.approx(20 - GAP)
    assert trace(scores) == [(0, 1), (1, 3)]


def test_alignment_is_that_of_the_plain_recurrence():
    rng = np.random.default_rng(1)
    scores = rng.normal(-1, 4, (6, 40)).astype(np.float32)
    scene = np.sort(rng.integers(0, 5, 40)).astype(np.int32)
    best = align(scores, scene)
    plain = np.zeros((7, 41))
    for row in range(6):
        for column in range(40):
            same = column > 0 and scene[column] == scene[column - 1]
            before = plain[row, column] if same else 0.0
            left = plain[row + 1, column] if same else 0.0
            plain[row + 1, column + 1] = max(0, before + scores[row, column], plain[row, column + 1] - GAP, left - GAP)
    assert best == pytest.approx(plain[1:, 1:], abs=1e-4)


def test_evidence_by_hand():
    ranks = {"layout": np.array([[np.exp(-3)]]), "colour": np.array([[1.0]]), "motion": np.array([[np.nan]])}
    assert add_up(ranks)[0, 0] == pytest.approx(2 - 0.5 - TOLL)
    assert add_up(ranks, frozenset({"layout"}))[0, 0] == pytest.approx(2 - TOLL / 2.5)


def test_mirroring_twice_is_nothing():
    library = gather_signatures(TABLES[:2])
    one, other = library.take(np.arange(5)), library.take(np.arange(5, 12))
    mirrored = measure_apart(one, other, mirrored=True)
    back = {name: apart.T for name, apart in measure_apart(other, one, mirrored=True).items()}
    for name in set(CHANNELS) - {"layout"}:  # the query's layout is also tried cropped
        np.testing.assert_allclose(mirrored[name], back[name], atol=2e-3)


def test_the_law_is_fitted_back():
    rng = np.random.default_rng(2)
    sizes = rng.integers(1, 60, 6000).astype(np.float64)
    scores = (np.log(sizes) - 1.5 - np.log(-np.log(rng.random(6000)))) / 0.7
    law = fit_law(scores, sizes, 40)
    assert law.rate == pytest.approx(0.7, rel=0.12)
    fresh = (np.log(20) - 1.5 - np.log(-np.log(rng.random(200_000)))) / 0.7
    score = float(np.quantile(fresh, 1 - 1e-3))
    assert expect(law, score, 1, np.full(1000, 20)) == pytest.approx(1.0, rel=0.5)
    assert fit_law(scores[:999], sizes[:999], 40) is None
    assert fit_law(scores, sizes, 9) is None
    assert fit_law(np.zeros(2000), np.ones(2000), 20) is None


def test_signatures_of_a_bundle():
    bundle = make_bundle(shot_lengths=[60, 36, 84, 60])
    tables = {name: empty(columns) for name, columns in TABLES_OF_BUNDLES.items()} | dict(bundle.tables)
    made = sign_shots(tables, bundle.grid)
    check(made, SIGNATURES, "signatures")
    shots, frames = bundle.shots, bundle.frames
    for row, shot in zip(made.iter_rows(named=True), shots.iter_rows(named=True), strict=True):
        own = frames.filter(pl.col("frame").is_between(shot["start_frame"], shot["end_frame"] - 1))
        assert np.mean(row["light"]) == pytest.approx(own["brightness"].mean(), abs=2e-3)
        assert len(row["motion_w_s"]) == 8
    assert made["to_end_s"].to_list()[-1] == pytest.approx(0)
    assert made["light_after"].to_list()[-1] == 0


def test_reasons_in_words():
    rows = TABLES[0].to_dicts()[:1]
    other = [{**rows[0], "length_s": 2 * rows[0]["length_s"]}]
    assert "against" in tell_channel("length", rows, other)
    assert tell_channel("motion", rows, rows).endswith("both")
    assert tell_channel("embedding", rows, rows) == ""
    said = write_because(("layout",), {"layout": "correlation 0.93"}, True, 0, 40)
    assert said == (
        "Alike in fall of light (correlation 0.93); left and right are exchanged. "
        "No other of 40 scenes matches as well in these."
    )
    assert "a convention" in write_because(("layout",), {}, False, 9, 40)
