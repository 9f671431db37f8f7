"""The population's table: the known films' figures, the screening, percentiles."""

import csv
import math
import os
import statistics
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest

from punctum.reading.population import COLUMNS, find_percentile, load_population, name_population


@pytest.mark.parametrize(
    ("title", "shots", "average_s", "median_s"),
    [
        ("Jaws", 1076, 6.76, 3.6),
        ("Goodfellas", 1201, 6.95, 4.2),
        ("Rebecca", 820, 9.41, 4.8),
        ("Barry Lyndon", 771, 13.96, 9.8),
        ("Toy Story", 1531, 2.99, 2.1),
    ],
)
def test_known_films(title, shots, average_s, median_s):
    film = load_population().row(by_predicate=pl.col("title") == title, named=True)
    assert film["shot_count"] == shots
    assert film["average_shot_length_s"] == pytest.approx(average_s, abs=0.005)
    assert film["median_shot_length_s"] == pytest.approx(median_s, abs=0.001)


def test_known_years():
    films = load_population()
    mean = films.group_by("year").agg(pl.col("average_shot_length_s").mean()).sort("year")
    by_year = dict(mean.iter_rows())
    # 1945 is lower than the 12.98 s of all its films: two of the four left out are of that year
    assert by_year[1935] == pytest.approx(8.61, abs=0.005)
    assert by_year[2005] == pytest.approx(4.02, abs=0.005)
    assert by_year[1945] < 12.98


def test_screening_leaves_130_films():
    films = load_population()
    assert films.height == 130
    assert name_population() == "130 Hollywood films, 1935–2005"
    left_out = {"Detour", "The Great Dictator", "Blood on the Sun", "What's New Pussycat"}
    assert not left_out & set(films["title"])
    assert films["shot_count"].sum() == 143_072
    assert films["minutes"].min() > 40


def test_all_134_are_in_the_file_with_the_reason():
    text = (files("punctum.reading") / "population_134.csv").read_text(encoding="utf-8").splitlines()
    assert tuple(text[0].split(",")) == COLUMNS
    assert len(text) == 135
    assert sum("running time" in line for line in text) == 4
    films = list(csv.DictReader(text))
    assert sum(int(film["shot_count"]) for film in films) == 145_319
    assert statistics.median(float(film["last_shot_s"]) for film in films) == pytest.approx(12.6)
    of_1945 = [float(film["average_shot_length_s"]) for film in films if film["year"] == "1945"]
    assert statistics.mean(of_1945) == pytest.approx(12.98, abs=0.005)


def test_endings_of_the_population():
    films = load_population()
    assert films["last_shot_s"].median() == pytest.approx(12.25)
    assert (films["last_shot_s"].min(), films["last_shot_s"].max()) == (0.4, 219.0)
    assert films["last_5_ratio"].median() == pytest.approx(1.04, abs=0.005)
    assert films["last_10_ratio"].median() == pytest.approx(0.94, abs=0.005)
    assert (films["last_10_longest_s"] >= films["last_5_longest_s"]).all()
    assert (films["last_5_longest_s"] >= films["last_shot_s"]).all()


def test_figures_of_a_film_agree_among_themselves():
    films = load_population()
    total_s = films["minutes"] * 60
    assert ((films["average_shot_length_s"] * films["shot_count"] - total_s).abs() < 0.2).all()
    assert films.null_count().sum_horizontal().item() == 0


def test_percentile_counts_equals_by_half():
    column = load_population()["median_shot_length_s"]
    least, most = column.min(), column.max()
    assert find_percentile("median_shot_length_s", least - 0.01) == 0
    assert find_percentile("median_shot_length_s", most + 0.01) == 100
    equal = int((column == least).sum())
    assert find_percentile("median_shot_length_s", least) == pytest.approx(100 * equal / 2 / 130)
    middle = find_percentile("median_shot_length_s", column.median())
    assert math.isclose(middle, 50, abs_tol=5)


def test_licence_and_source_travel_with_the_data():
    note = (files("punctum.reading") / "population.md").read_text(encoding="utf-8")
    for words in ("MIT License", "Copyright (c) 2022 N. Redfern", "Permission is hereby granted", "hollywood-hawkes"):
        assert words in note


def test_the_table_is_what_the_script_makes_of_the_source(tmp_path):
    source = os.environ.get("PUNCTUM_CUTTING_CSV")
    if not source:
        pytest.skip("PUNCTUM_CUTTING_CSV names no source of shot lengths")
    script = Path(__file__).parent.parent / "benchmarks" / "population.py"
    target = tmp_path / "made.csv"
    subprocess.run([sys.executable, script, source, str(target)], check=True, capture_output=True)
    assert target.read_text() == (files("punctum.reading") / "population_134.csv").read_text(encoding="utf-8")
