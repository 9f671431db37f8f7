"""Measures of one's own: loaded, tried, run in the pass; a changed one reads anew; a bad one is a clear line."""

import json

import numpy as np
import polars as pl
import pytest
from tests.films import FINE, FPS

from punctum.bundle import open_bundle
from punctum.cli import run
from punctum.errors import MeasureUnusable
from punctum.media import write_film
from punctum.pipeline.own import load_measure, load_measures

GOOD = '''
def redness(thumbs):
    """Mean of red over 255, frame by frame.

    More words, which are no definition.
    """
    return thumbs[..., 0].mean(axis=(1, 2)) / 255

def pace_hz(thumbs):
    """Always nothing."""
    return [float("nan")] * len(thumbs)

def raises(thumbs):
    """Raises."""
    raise ValueError("no\\nway")

def shaped(thumbs):
    """Gives pictures."""
    return thumbs

def neighbours(thumbs):
    """Counts."""
    return range(len(thumbs))

def bare(thumbs):
    return thumbs[:, 0, 0, 0]

def brightness(thumbs):
    """Taken."""

number = 3
'''


@pytest.fixture
def mine(tmp_path):
    (tmp_path / "my.py").write_text(GOOD)
    return str(tmp_path / "my.py")


def test_a_measure_has_unit_and_definition(mine):
    one, other = load_measures([f"{mine}:redness", f"{mine}:pace_hz"])
    assert (one.name, one.unit, other.name, other.unit) == ("pace_hz", "Hz", "redness", "")
    assert other.definition == "Mean of red over 255, frame by frame."


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("bare", "no docstring"),
        ("brightness", "a column `brightness` already"),
        ("nothing", "no function `nothing`"),
        ("number", "no function `number`"),
        ("a b", "names no measure"),
    ],
)
def test_what_is_no_measure_is_refused(mine, name, says):
    with pytest.raises(MeasureUnusable, match=says):
        load_measure(f"{mine}:{name}")


def test_files_that_cannot_be_run(tmp_path, mine):
    for text, says in (("import nowhere_at_all", "ModuleNotFoundError"), ("def f(:", "SyntaxError")):
        (tmp_path / "odd.py").write_text(text)
        with pytest.raises(MeasureUnusable, match=says):
            load_measure(f"{tmp_path / 'odd.py'}:f")
    with pytest.raises(MeasureUnusable, match="cannot be read"):
        load_measure(f"{tmp_path / 'none.py'}:f")
    with pytest.raises(MeasureUnusable, match="two measures"):
        load_measures([f"{mine}:redness", f"{mine}:redness"])


@pytest.fixture
def film(tmp_path):
    frames = [np.full((36, 64, 3), (40 + 3 * i, 90, 90), np.uint8) for i in range(60)]
    path = tmp_path / "film.mkv"
    write_film(path, frames, FPS, options=FINE)
    return str(path)


def read(capsys, *words):
    code = run(["read", *words, "--json", "--faces", "off"])
    taken = capsys.readouterr()
    return code, json.loads(taken.out), taken.err


def test_it_is_run_in_the_pass_and_a_changed_one_reads_anew(capsys, film, mine, tmp_path):
    words = (film, "--measure", f"{mine}:redness", "--measure", f"{mine}:pace_hz")
    assert read(capsys, *words)[:2][0] == 0
    bundle = open_bundle(film)
    own = bundle.tables["own"]
    assert own["measure"].unique().to_list() == ["redness"]
    assert own["frame"].to_list() == list(range(60))
    assert np.allclose(own["value"], [(40 + 3 * i) / 255 for i in range(60)], atol=0.02)
    assert bundle.made["own"]["redness"]["definition"] == "Mean of red over 255, frame by frame."
    arc = bundle.tables["arcs"]["own"].list.get(0)
    assert arc.null_count() == 0
    page = (tmp_path / "film.punctum" / "page.html").read_text("utf-8")
    assert "Mean of red over 255" in page
    assert read(capsys, *words)[1][0]["already"]
    assert read(capsys, film)[1][0]["already"]
    (tmp_path / "my.py").write_text(GOOD.replace("/ 255", "/ 510"))
    assert not read(capsys, *words)[1][0]["already"]
    assert open_bundle(film).tables["own"]["value"].max() < 0.5


@pytest.mark.parametrize(
    ("name", "says"),
    [("raises", "raised ValueError: no way"), ("shaped", "values for"), ("neighbours", "fewer frames")],
)
def test_a_bad_function_is_a_clear_line(capsys, film, mine, name, says):
    code, [answer], _ = read(capsys, film, "--measure", f"{mine}:{name}")
    assert code == 1
    assert says in answer["error"]
    assert "\n" not in answer["error"]


def test_a_moment_of_it_is_named(tmp_path):
    from tests.test_moments import tables_of

    from punctum.reading import find_moments

    tables = tables_of()
    frames = tables["frames"]["frame"]
    rng = np.random.default_rng(9)
    values = np.abs(rng.normal(0.1, 0.01, len(frames)))
    values[30 * 24 : 31 * 24] += 0.4
    own = {"frame": frames, "measure": "snowfall", "unit": "", "value": values}
    found = find_moments(tables | {"own": pl.DataFrame(own)})
    assert found["measures"][0][0] == "snowfall"
    assert "snowfall is higher" in found["statement"][0]


def test_a_file_that_leaves_python_is_one_clear_line(tmp_path):
    (tmp_path / "leaves.py").write_text("import sys\nsys.exit(5)\n")
    with pytest.raises(MeasureUnusable, match="cannot be run: SystemExit"):
        load_measures([f"{tmp_path / 'leaves.py'}:snowfall"])
