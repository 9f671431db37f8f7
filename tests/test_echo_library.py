"""``punctum echo`` on bundles: what it finds is told, written, shown; what cannot be asked or read gets one line."""

import json
import shutil

import numpy as np
import polars as pl
import pytest
from tests.page_browser import find_programs, open_browser, wait_ready
from tests.page_bundles import make_bundle

from punctum import tables
from punctum.bundle import open_bundle, write_bundle, write_parquet
from punctum.cli import run
from punctum.library.echo_page import write_echo_page
from punctum.library.echoing import find_library_echoes
from punctum.tables import ECHOES, TABLES, conform, empty

pytestmark = pytest.mark.slow

LENGTHS = [60, 36, 84, 60]
FILMS = 12


def draw_cells(seed):
    """Cells of a film of ``LENGTHS``: a pattern a shot that drifts."""
    rng = np.random.default_rng([seed, 7])
    rows, columns = np.mgrid[:9, :16] / 9
    made = []
    for length in LENGTHS:
        waves, phases, speeds = rng.normal(0, 3.5, (6, 2)), rng.uniform(0, 6, 6), rng.normal(0, 0.12, 6)
        for frame in range(length):
            angles = waves[:, :1, None] * rows + waves[:, 1:, None] * columns + (phases + speeds * frame)[:, None, None]
            made.append(np.clip(120 + 26 * np.sin(angles).sum(0), 0, 255))
    light = np.stack(made).astype(np.uint8).reshape(len(made), 144, 1)
    return np.concatenate([light, np.full((*light.shape[:2], 2), 128, np.uint8)], 2)


def shelve(folder, seed, cells=None, title="", year=None, **record):
    """Write a film's bundle."""
    bundle = make_bundle(
        LENGTHS, seed=seed, film={"film_id": f"{seed:032x}", "title": title or f"film {seed}", "year": year, **record}
    )
    cells = draw_cells(seed) if cells is None else cells
    grid = folder / f"{seed}.grid"
    write_parquet(
        conform(pl.DataFrame({"frame": range(len(cells)), "cells": [one.tobytes() for one in cells]}), tables.GRID),
        grid,
    )
    whole = {name: empty(columns) for name, columns in TABLES.items() if name not in ("grid", "signatures", "echoes")}
    place = folder / f"{seed:02d}.punctum"
    stills = [(frame, b"\xff\xd8\xff\xd9") for frame in (30, 78, 138, 210)]
    write_bundle(place, bundle.film, whole | dict(bundle.tables), dict(bundle.made), "<p>", grid, stills)
    grid.unlink()
    return place


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """Twelve films; the first holds the third shot of the fourth film, mirrored, as its second."""
    folder = tmp_path_factory.mktemp("films")
    cells, other = draw_cells(0), draw_cells(3)
    cells[96:180] = other[96:180].reshape(-1, 9, 16, 3)[:, :, ::-1].reshape(-1, 144, 3)
    shelve(folder, 0, cells, "<script>alert(1)</script>", 2024)
    for seed in range(1, FILMS):
        shelve(folder, seed, year=1950 + seed)
    return folder


@pytest.fixture(scope="module")
def found(shelf):
    return find_library_echoes(shelf / "00.punctum")


def test_footage_is_a_copy_and_stands_first(found):
    row = found.echoes.row(0, named=True)
    assert (row["kind"], row["other_film"], row["order"], row["mirrored"]) == ("copy", "03.punctum", "answers", True)
    assert abs(row["start_frame"] - 96) <= 2
    assert abs(row["end_frame"] - 180) <= 2
    assert abs(row["other_start_frame"] - 96) <= 2
    assert found.echoes.filter(pl.col("kind") == "copy").height == 1
    echoes = found.echoes.filter(pl.col("kind") == "echo")
    assert echoes.height
    assert not echoes.filter((pl.col("other_film") == "03.punctum") & pl.col("other_shots").list.contains(2)).height


def test_the_bundle_keeps_what_was_found(shelf, found):
    bundle = open_bundle(shelf / "00.punctum")
    assert bundle.echoes.equals(found.echoes)
    tables.check(bundle.echoes, ECHOES)
    assert open_bundle(shelf / "01.punctum").echoes.height == 0
    again = find_library_echoes(shelf / "00.punctum", write=False)
    assert again.echoes.equals(found.echoes)


def test_a_part_and_its_account(shelf, found, capsys):
    assert run(["echo", f"{shelf / '02.punctum'}@ending", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows
    assert {row["kind"] for row in rows} == {"echo"}
    assert all(row["end_s"] > 9 for row in rows)
    one = find_library_echoes(shelf / "00.punctum", span=(4.5, 6.0), write=False).echoes
    assert one.filter(pl.col("kind") == "copy")["shots"].to_list() == [[2]]


def test_what_cannot_be_asked_gets_one_line(shelf, tmp_path, capsys):
    def refused(*words):
        code = run(["echo", *(str(word) for word in words)])
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("error: ")
        assert "Traceback" not in err
        return code, err

    one = shelf / "00.punctum"
    assert refused(f"{one}@99:00-99:10")[0] == 2
    assert refused(f"{one}@scene 9")[0] == 2
    assert refused(f"{one}@sideways")[0] == 2
    assert refused(shelf / "nothing.punctum")[0] == 1
    (tmp_path / "empty").mkdir()
    assert "holds no other film" in refused(one, "--in", tmp_path / "empty")[1]
    shutil.copytree(one, tmp_path / "alone" / "00.punctum")
    assert "holds no other film" in refused(tmp_path / "alone" / "00.punctum")[1]


def test_broken_foreign_and_double_bundles_are_left_out_and_told(shelf, tmp_path, capsys):
    for name in ("00", "01", "02", "05"):
        shutil.copytree(shelf / f"{name}.punctum", tmp_path / f"{name}.punctum")
    shutil.copytree(shelf / "01.punctum", tmp_path / "again.punctum")
    good = (tmp_path / "02.punctum" / "shots.parquet").read_bytes()
    (tmp_path / "02.punctum" / "shots.parquet").write_bytes(bytes(len(good)))
    (tmp_path / "05.punctum" / "made.json").write_text('{"schema": "punctum.99"}')
    (tmp_path / "half.punctum").mkdir()
    assert run(["echo", str(tmp_path / "00.punctum")]) == 0
    err = capsys.readouterr().err
    assert "02.punctum" in err
    assert "05.punctum" in err
    assert "the same film as" in err
    assert "only ranked" in err


def test_a_film_without_its_grid_is_told(shelf, tmp_path, capsys):
    for name in ("00", "01"):
        shutil.copytree(shelf / f"{name}.punctum", tmp_path / f"{name}.punctum")
    (tmp_path / "00.punctum" / "grid.parquet").unlink()
    assert run(["echo", str(tmp_path / "00.punctum")]) == 0
    assert "no copies were looked for" in capsys.readouterr().err


def test_the_page_escapes_and_asks_for_nothing(found, tmp_path):
    write_echo_page(found, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text("utf-8")
    assert "<script>alert" not in text
    assert "is footage of" in text
    assert text.count('<article class="echo') == found.echoes.height
    assert "http://" not in text
    assert "https://" not in text


@pytest.mark.browser
@pytest.mark.skipif(find_programs() is None, reason="no chromium is installed")
def test_the_page_steps_where_films_cannot_be_played(found, tmp_path):
    write_echo_page(found, tmp_path / "page.html")
    browser = open_browser(390, 844)
    try:
        browser.get((tmp_path / "page.html").as_uri())
        wait_ready(browser)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
        browser.execute_script("document.querySelector('.play-both').click()")
        assert browser.execute_script("return document.querySelector('.play-both').textContent") == "Pause"
        assert browser.execute_script("return document.querySelector('.note').textContent").startswith("Neither film")
        assert not [
            one for one in browser.get_log("browser") if one["level"] == "SEVERE" and "policy" in one["message"]
        ]
    finally:
        browser.quit()
