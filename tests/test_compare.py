"""Films beside one another: figures reckoned by hand, the table, the data, the page."""

import json

import numpy as np
import pytest
from tests.page_bundles import make_bundle

from punctum.cli import run
from punctum.reading import compare_films
from punctum.report import render_comparison
from punctum.tables import FRAMES, LOUDNESS, SHOTS, empty


def of(lengths, **more):
    bundle = make_bundle(lengths, **more)
    return bundle.film, bundle.tables


def test_lengths_reckoned_by_hand():
    # 2, 4, 6, 8, 10 s against 1, 2, 3, 4, 5 s
    one, other = of([48, 96, 144, 192, 240]), of([24, 48, 72, 96, 120])
    found = compare_films([("One", *one), ("Other", *other)])
    [mine, theirs] = [s for s in found.samples if s.measure == "length_s"]
    assert (mine.median, mine.lower_quartile, mine.upper_quartile, mine.size) == pytest.approx((6, 4, 8, 5))
    assert theirs.median == pytest.approx(3)
    [far] = [d for d in found.differences if d.measure == "length_s"]
    # of 25 pairs the first is longer in 19, as long in 2 and shorter in 4; the middle difference is 3 s
    assert far.cliffs_d.value == pytest.approx((19 - 4) / 25)
    assert far.shift.value == pytest.approx(3.0, abs=0.01)
    assert far.cliffs_d.low <= far.cliffs_d.value <= far.cliffs_d.high


def test_a_film_beside_itself_does_not_differ():
    film = of([60, 36, 84, 60, 50, 70])
    found = compare_films([("A", *film), ("B", *film)])
    assert found.differences
    assert all(d.cliffs_d.value == 0 and d.shift.value == pytest.approx(0, abs=1e-6) for d in found.differences)


def test_too_few_shots_say_nothing():
    found = compare_films([("A", *of([60])), ("B", *of([60, 36, 84, 60, 50, 70]))])
    assert found.differences == ()
    assert any("fewer than 5 shots" in remark for remark in found.remarks)


def test_what_one_film_lacks_is_told_of_the_other():
    silent, loud = of([60] * 6, sound=False), of([60] * 6)
    found = compare_films([("A", *silent), ("B", *loud)])
    page = render_comparison(["A", "B"], found)
    assert "<svg" in page
    empty_one = (silent[0], {"shots": empty(SHOTS), "frames": empty(FRAMES), "loudness": empty(LOUDNESS)})
    assert compare_films([("A", *empty_one), ("B", *empty_one)]).samples == ()


def test_names_are_escaped_on_the_page():
    film = of([60] * 6)
    page = render_comparison(["<script>x</script>", "B"], compare_films([("<script>", *film), ("B", *film)]))
    assert "<script" not in page


@pytest.fixture
def two(tmp_path):
    folders = []
    for name, lengths in (("a", [60, 36, 84, 60, 50, 70]), ("b", [30, 36, 44, 30, 25, 35])):
        bundle = make_bundle(lengths)
        folder = tmp_path / f"{name}.punctum"
        write(folder, bundle)
        folders.append(str(folder))
    return folders


def write(folder, bundle):
    from punctum.bundle import write_bundle, write_parquet
    from punctum.tables import TABLES

    grid = folder.parent / "grid.parquet"
    write_parquet(bundle.grid.collect(), grid)
    tables = {name: bundle.tables.get(name, empty(columns)) for name, columns in TABLES.items() if name != "grid"}
    write_bundle(folder, bundle.film, tables, dict(bundle.made), "", grid, iter(()))


def test_on_the_command_line(two, capsys, tmp_path):
    assert run(["compare", *two]) == 0
    out = capsys.readouterr().out
    assert "shot length, s" in out
    assert "Windscreen (1) against Windscreen (2): d " in out
    assert run(["compare", *two, "--json", "--page", str(tmp_path / "p.html")]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in data["films"]] == ["Windscreen (1)", "Windscreen (2)"]
    [length] = [one for one in data["measures"] if one["measure"] == "length_s"]
    assert length["films"][0]["count"] == 6
    assert np.isfinite(length["differences"][0]["hodges_lehmann"]["high"])
    assert (tmp_path / "p.html").read_text("utf-8").startswith("<!DOCTYPE html>")


def test_one_bundle_is_a_clear_line(two, capsys):
    assert run(["compare", two[0]]) == 2
    assert "one film is not compared" in capsys.readouterr().err
    assert run(["compare", two[0], two[1], "--page", two[0]]) == 1
    assert "Traceback" not in capsys.readouterr().err
