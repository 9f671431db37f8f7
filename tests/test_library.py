"""A library: bundles found at every depth, asked as one, read with any map; nothing but its tables is reached."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction

import polars as pl
import pytest
from tests.films import film as draw

from punctum.bundle import write_bundle, write_parquet
from punctum.bundle.shelf import list_bundles, scan_tables
from punctum.cli import run
from punctum.errors import BundleInvalid, QueryUnsound
from punctum.film import Box, Film, Stretch
from punctum.library import films_below, find_words, list_library, query_library, read_library
from punctum.library.asking import check_query
from punctum.library.reading import Result
from punctum.tables import FRAMES, GRID, SCHEMA, SHOTS, TABLES, WORDS, conform, empty

FILM = Film(
    "", "A title", None, Fraction(1, 24000), 3, 0.125, 64, 36, Box(0, 0, 64, 36), 0, (),
    (Stretch(0.0, 0.125, Box(0, 0, 64, 36)),),
)  # fmt: skip


def make_bundle(folder, film_id, lengths_s=(0.125,), line="", **made):
    """A bundle with a few shots and perhaps a line."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    frames = pl.DataFrame({"frame": [0, 1, 2], "pts": [0, 1, 2], "time_s": [0.0, 0.04, 0.08]})
    count = len(lengths_s)
    shots = {
        "shot": range(count), "start_frame": range(count), "end_frame": range(1, count + 1),
        "start_s": 0.0, "end_s": lengths_s, "length_s": lengths_s, "palette": [["#102030", "#405060"]] * count,
    }  # fmt: skip
    words = {"line": [0], "cue": [0], "start_s": [0.01], "end_s": [0.05], "text": [line], "kind": ["speech"]}
    tables = {name: empty(columns) for name, columns in TABLES.items() if name != "grid"}
    tables |= {"frames": conform(pl.DataFrame(frames), FRAMES), "shots": conform(pl.DataFrame(shots), SHOTS)}
    if line:
        tables["words"] = conform(pl.DataFrame(words), WORDS)
    grid = folder.with_suffix(".grid")
    write_parquet(conform(pl.DataFrame({"frame": [0], "cells": [bytes(432)]}), GRID), grid)
    record = {"schema": SCHEMA, "versions": {"punctum": "0.1.0"}, "coverage": "film", **made}
    write_bundle(folder, replace(FILM, film_id=film_id, title=film_id), tables, record, "<p>", grid, [])
    grid.unlink()
    return folder


@pytest.fixture
def shelf(tmp_path):
    make_bundle(tmp_path / "a.punctum", "a", (1.0, 2.0, 3.0), "The door is open.")
    make_bundle(tmp_path / "deep" / "er" / "b.punctum", "b", (10.0,), "Shut the DOOR")
    make_bundle(tmp_path / "c d" / "c'\n.punctum", "c", (4.0, 4.0))
    return tmp_path


def test_bundles_are_found_at_every_depth_and_asked_as_one(shelf):
    films, left_out = list_library(shelf)
    assert films["film_id"].to_list() == ["a", "c", "b"]
    assert films["bundle"].to_list() == ["a.punctum", "c d/c'\n.punctum", "deep/er/b.punctum"]
    assert left_out == []
    answer, _ = query_library(
        shelf, "select title, count(*) as n, avg(length_s) as asl from shots join films using (film_id) group by title"
    )
    assert sorted(answer.rows()) == [("a", 3, 2.0), ("b", 1, 10.0), ("c", 2, 4.0)]
    shots, _ = query_library(shelf, "select * from shots")
    assert shots.columns == ["film_id", *SHOTS]


def test_what_cannot_be_read_is_left_out_and_told(shelf):
    make_bundle(shelf / "copy.punctum", "a")
    (shelf / "half.punctum").mkdir()
    (shelf / "half.punctum" / "shots.parquet").write_bytes(b"")
    foreign = make_bundle(shelf / "old.punctum", "old")
    (foreign / "made.json").write_text(json.dumps({"schema": "punctum.99"}))
    broken = make_bundle(shelf / "z.punctum", "z")
    good = (broken / "shots.parquet").read_bytes()
    (broken / "shots.parquet").write_bytes(bytes(len(good)))
    shelved, left_out = list_bundles(shelf)
    assert [one.film.film_id for one in shelved] == ["a", "c", "b", "z"]
    assert {one.address for one in left_out} == {"copy.punctum", "old.punctum"}
    answer, left_out = query_library(shelf, "select distinct film_id from shots order by film_id")
    assert answer["film_id"].to_list() == ["a", "b", "c"]
    assert "z.punctum" in {one.address for one in left_out}
    with pytest.raises(BundleInvalid):
        list_bundles(shelf / "nowhere")


def test_an_empty_library_answers(tmp_path):
    assert query_library(tmp_path, "select count(*) as n from shots")[0].rows() == [(0,)]
    assert find_words(tmp_path, "door")[0].height == 0
    assert scan_tables([], "shots")[0].collect().columns == ["film_id", *SHOTS]


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_parquet('/etc/passwd')",
        "select * from '/etc/passwd'",
        'select * from "/etc/passwd"',
        "select * from shots, read_ipc('x')",
        "with x as (select * from read_csv('/etc/passwd')) select * from x",
        "select (select max(a) from read_ndjson('x')) from shots",
        "select * from shots where shot in (select 1 from read_csv('x'))",
        "select * from other.shots",
        "select * into x from shots",
        "drop table shots",
        "truncate shots",
        "create table x as select * from shots",
        "insert into shots values (1)",
        "delete from shots",
        "update shots set shot = 1",
        "copy shots to 'x'",
        "show tables",
        "explain select * from shots",
        "set x = 1",
        "select 1; select 2",
        "select 1; drop table shots",
        "",
        ";",
        "select",
        "select * from nothing",
        "select" + "(" * 20000 + "1" + ")" * 20000,
        "\x00",
        "select nothing from shots",
        "select shot + title from shots",
        "select cast('x' as int) from shots",
    ],
)
def test_nothing_but_one_select_over_the_tables_is_answered(shelf, sql):
    before = sorted(str(path) for path in shelf.rglob("*"))
    with pytest.raises(QueryUnsound) as caught:
        query_library(shelf, sql)
    assert "\n" not in caught.value.message
    assert sorted(str(path) for path in shelf.rglob("*")) == before


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("select * from shots where film_id = 'read_csv'", {"shots"}),
        ("with x as (select film_id from shots) select * from x join films using (film_id)", {"shots", "films"}),
        ("select film_id from shots union select film_id from words", {"shots", "words"}),
        ("select a.shot from shots a join scenes b on a.film_id = b.film_id", {"shots", "scenes"}),
    ],
)
def test_a_select_may_be_as_it_likes(sql, names):
    assert check_query(sql) == names


def test_words_are_found_in_all_films(shelf):
    lines, _ = find_words(shelf, "door")
    assert lines.select("film_id", "text").rows() == [("a", "The door is open."), ("b", "Shut the DOOR")]


def test_films_are_read_once_and_one_bad_one_is_told(tmp_path):
    films = tmp_path / "films"
    films.mkdir()
    for name in ("one.mp4", "two.mkv"):
        draw(films, name, frames=12)
    (films / "bad.mp4").write_bytes(b"no film")
    (films / "notes.txt").write_bytes(b"")
    results = list(read_library([films, tmp_path / "missing.mkv"]))
    by_name = {result.film.rsplit("/", 1)[-1]: result for result in results}
    assert set(by_name) == {"one.mp4", "two.mkv", "bad.mp4", "missing.mkv"}
    assert by_name["bad.mp4"].error
    assert by_name["bad.mp4"].exit_code == 1
    assert "does not exist" in by_name["missing.mkv"].error
    assert not by_name["one.mp4"].already
    # again, with another map: nothing is read twice
    with ThreadPoolExecutor(2) as pool:
        again = list(read_library([films], pool.map))
    assert {result.already for result in again if not result.error} == {True}
    # bundles are no films
    assert len(films_below([films])) == 3


def test_two_films_never_share_a_bundle(tmp_path):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        draw(tmp_path / folder, "same.mp4", frames=12)
    results = list(read_library([tmp_path], into=tmp_path / "all"))
    assert sorted(bool(result.error) for result in results) == [False, True]


def test_a_fault_of_our_own_does_not_end_the_night(tmp_path, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("a bug")

    monkeypatch.setattr("punctum.pipeline.read_film", broken)
    (result,) = read_library([tmp_path / "a.mkv"])
    assert result == Result(str(tmp_path / "a.mkv"), "", False, "RuntimeError: a bug", result.hint, 3)


def test_the_commands(shelf, capsys):
    assert run(["library", "list", "--in", str(shelf)]) == 0
    assert "a.punctum" in capsys.readouterr().out
    assert run(["library", "sql", "select film_id from films order by film_id", "--csv", "--in", str(shelf)]) == 0
    assert capsys.readouterr().out == "film_id\na\nb\nc\n"
    assert run(["library", "sql", "select palette from shots limit 1", "--csv", "--in", str(shelf)]) == 0
    assert capsys.readouterr().out == "palette\n#102030 #405060\n"
    assert run(["library", "sql", "select max(length_s) as most from shots", "--json", "--in", str(shelf)]) == 0
    assert json.loads(capsys.readouterr().out) == [{"most": 10.0}]
    assert run(["library", "find", "open", "--json", "--in", str(shelf)]) == 0
    assert [row["bundle"] for row in json.loads(capsys.readouterr().out)] == ["a.punctum"]
    assert run(["library", "sql", "drop table shots", "--in", str(shelf)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: a query is one SELECT")
    assert run(["library", "read", str(shelf / "missing.mkv"), "--jobs", "1"]) == 1
    assert "0 read or as they were, 1 failed" in capsys.readouterr().err
    assert run(["library", "read", str(shelf), "--jobs", "0"]) == 2


def test_a_bundle_that_was_sealed_but_not_put_in_place_is_in_the_library(shelf):
    (shelf / "a.punctum" / "made.json").rename(shelf / "a.punctum" / "made.json.new")
    films, left_out = list_library(shelf)
    assert "a" in films["film_id"].to_list()
    assert left_out == []
