"""Bundles: whole or not there, refused when damaged, notes never lost."""

import json
from fractions import Fraction

import polars as pl
import pytest

from punctum.bundle import (
    Parts,
    Recipe,
    add_note,
    diff_bundles,
    find_bundle,
    made_of,
    open_bundle,
    read_notes,
    undo_note,
    write_bundle,
    write_parquet,
)
from punctum.bundle.files import commit
from punctum.bundle.parts import EVENTS_SCHEMA, STILLS_SCHEMA, Rows, Seen
from punctum.errors import BundleBusy, BundleInvalid, CorrectionUnclear
from punctum.film import Box, Correction, Film, Stretch
from punctum.notes import as_note, corrections_of, standing
from punctum.tables import (
    DRIFTS,
    FACES,
    FRAMES,
    GLINTS,
    GRID,
    HEARING,
    LOUDNESS,
    OWN,
    SCHEMA,
    SHOTS,
    TABLES,
    conform,
    empty,
)

FILM = Film(
    "f1", "A title", None, Fraction(1, 24000), 3, 0.125, 64, 36, Box(0, 0, 64, 36), 48000, ("FL", "FR"),
    (Stretch(0.0, 0.125, Box(0, 0, 64, 36)),),
)  # fmt: skip


def tables(brightness=0.5):
    frames = pl.DataFrame({"frame": [0, 1, 2], "pts": [0, 1, 2], "time_s": [0.0, 0.04, 0.08], "brightness": brightness})
    ends = {"start_s": [0.0], "end_s": [0.125], "length_s": [0.125], "begins": "open", "ends": "close"}
    shots = pl.DataFrame({"shot": [0], "start_frame": [0], "end_frame": [3], **ends})
    others = {name: empty(columns) for name, columns in TABLES.items() if name != "grid"}
    return {**others, "frames": conform(frames, FRAMES), "shots": conform(shots, SHOTS)}


def write(folder, brightness=0.5, **more):
    grid = folder.parent / "grid-part.parquet"
    rows = pl.DataFrame({"frame": [0, 1, 2], "cells": [bytes([int(brightness * 255)]) * 432] * 3})
    write_parquet(conform(rows, GRID), grid)
    made = {"schema": SCHEMA, "versions": {"punctum": "0.1.0"}, "coverage": "film", **more}
    write_bundle(folder, FILM, tables(brightness), made, "<p>page</p>", grid, [(1, b"jpeg")])


def test_what_is_written_comes_back(tmp_path):
    folder = tmp_path / "a.punctum"
    write(folder)
    bundle = open_bundle(folder)
    assert bundle.film == FILM
    assert bundle.frames["brightness"].to_list() == [0.5] * 3
    assert bundle.grid.collect().height == 3
    assert (folder / "stills" / "000001.jpg").read_bytes() == b"jpeg"
    named = {f"{name}.parquet" for name in TABLES}
    assert set(bundle.made["files"]) == {"film.json", "page.html", "stills/000001.jpg"} | named


def test_same_tables_give_the_same_bytes(tmp_path):
    write(tmp_path / "a.punctum")
    write(tmp_path / "b.punctum")
    ours = {p.relative_to(tmp_path / "a.punctum"): p.read_bytes() for p in (tmp_path / "a.punctum").rglob("*.*")}
    theirs = {p.relative_to(tmp_path / "b.punctum"): p.read_bytes() for p in (tmp_path / "b.punctum").rglob("*.*")}
    assert ours == theirs


@pytest.mark.parametrize("dies_after", range(9))
def test_a_writer_that_dies_leaves_the_old_bundle_or_the_new(tmp_path, monkeypatch, dies_after):
    folder = tmp_path / "a.punctum"
    write(folder, 0.25)
    steps = 0

    def counting(folder, writers, seal):
        def dying(writer):
            def inner(target):
                nonlocal steps
                if steps == dies_after:
                    raise KeyboardInterrupt
                steps += 1
                writer(target)

            return inner

        commit(folder, {name: dying(writer) for name, writer in writers.items()}, seal)

    monkeypatch.setattr("punctum.bundle.folder.commit", counting)
    try:
        write(folder, 0.75)
        expected = 0.75
    except KeyboardInterrupt:
        expected = 0.25
    bundle = open_bundle(folder)
    assert bundle.frames["brightness"][0] == expected
    assert bundle.grid.collect()["cells"][0][0] == int(expected * 255)


def test_a_sealed_set_is_finished_by_whoever_opens_next(tmp_path, monkeypatch):
    folder = tmp_path / "a.punctum"
    write(folder, 0.25)
    calls = 0

    def dies_second_time(folder, seal):
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("punctum.bundle.files.finish", dies_second_time)
    with pytest.raises(KeyboardInterrupt):
        write(folder, 0.75)
    monkeypatch.undo()
    assert (folder / "made.json.new").exists()
    assert open_bundle(folder).frames["brightness"][0] == 0.75
    assert not list(folder.glob("*.new"))


def test_damage_is_refused_with_one_line(tmp_path):
    folder = tmp_path / "a.punctum"
    write(folder)
    (folder / "shots.parquet").write_bytes(b"PAR1")
    with pytest.raises(BundleInvalid, match=r"shots\.parquet` is missing or damaged"):
        open_bundle(folder)
    assert made_of(folder) is None


def test_same_size_damage_is_refused(tmp_path):
    folder = tmp_path / "a.punctum"
    write(folder)
    size = (folder / "shots.parquet").stat().st_size
    (folder / "shots.parquet").write_bytes(b"\0" * size)
    with pytest.raises(BundleInvalid, match="cannot be read"):
        open_bundle(folder)


def test_a_newer_schema_names_the_version_to_install(tmp_path):
    folder = tmp_path / "a.punctum"
    write(folder, schema="punctum.9", versions={"punctum": "3.0"})
    with pytest.raises(BundleInvalid, match="newer") as caught:
        open_bundle(folder)
    assert "3.0" in caught.value.hint


def test_the_grid_may_be_deleted(tmp_path):
    folder = tmp_path / "a.punctum"
    write(folder)
    (folder / "grid.parquet").unlink()
    assert open_bundle(folder).grid.collect().height == 0


def test_bundle_is_found_beside_its_film(tmp_path):
    write(tmp_path / "film.punctum")
    assert find_bundle(tmp_path / "film.mkv") == tmp_path / "film.punctum"
    assert find_bundle(tmp_path / "film.punctum" / "page.html") == tmp_path / "film.punctum"
    with pytest.raises(BundleInvalid, match="no bundle"):
        find_bundle(tmp_path / "other.mkv")


def test_notes_are_appended_undone_and_survive_a_torn_line(tmp_path):
    first = add_note(tmp_path, as_note(Correction("cut", 1.5)), "Ann")
    with (tmp_path / "notes.jsonl").open("ab") as log:
        log.write(b'{"id": "torn", "ki')
    second = add_note(tmp_path, as_note(Correction("retype", 3.0, kind="dissolve")), "Ann")
    notes, unreadable = read_notes(tmp_path)
    assert [note["id"] for note in notes] == [first["id"], second["id"]]
    assert unreadable == 1
    assert corrections_of(notes) == (
        Correction("cut", 1.5, note_id=first["id"]),
        Correction("retype", 3.0, kind="dissolve", note_id=second["id"]),
    )
    undo_note(tmp_path, notes)
    notes, _ = read_notes(tmp_path)
    assert [note["id"] for note in standing(notes)] == [first["id"]]
    with pytest.raises(CorrectionUnclear):
        undo_note(tmp_path, notes, second["id"])


@pytest.mark.parametrize(
    "line", [b"[]", b"null", b'{"id": 3}', b"\xff\xfe", b"[" * 100_000, b'{"id": "x", "at_s": "y"}']
)
def test_hostile_notes_are_passed_over(tmp_path, line):
    (tmp_path / "notes.jsonl").write_bytes(line + b"\n")
    notes, _ = read_notes(tmp_path)
    assert corrections_of(notes) == ()


def test_diff_tells_rounding_from_difference(tmp_path):
    write(tmp_path / "a.punctum", 0.5)
    write(tmp_path / "b.punctum", 0.50001)
    write(tmp_path / "c.punctum", 0.6)
    assert diff_bundles(tmp_path / "a.punctum", tmp_path / "a.punctum") == []
    assert [(d.table, d.column, d.rounding) for d in diff_bundles(tmp_path / "a.punctum", tmp_path / "b.punctum")] == [
        ("frames", "brightness", True)
    ]
    found = diff_bundles(tmp_path / "a.punctum", tmp_path / "c.punctum")
    assert {(d.table, d.rounding) for d in found} == {("frames", False), ("grid", False)}


def test_parts_are_whole_or_not_there(tmp_path):
    parts = Parts(tmp_path / "a.punctum.reading")
    recipe = Recipe("f1", SCHEMA, {}, {}, (Stretch(0.0, 1.0, Box(0, 0, 2, 2)),))
    rows = Rows(
        empty(FRAMES),
        empty(GRID),
        empty(LOUDNESS),
        empty(HEARING),
        pl.DataFrame(schema=EVENTS_SCHEMA),
        empty(FACES),
        empty(OWN),
        empty(DRIFTS),
        empty(GLINTS),
        pl.DataFrame(schema=STILLS_SCHEMA),
    )
    with parts.held():
        parts.begin(recipe)
        parts.write(3, rows, Seen({"damaged frames": 2}, [(90.0, Box(0, 1, 2, 1)), (90.5, None)]))
        (parts.folder / "00004.new").mkdir()
        assert parts.finished() == [3]
        assert parts.seen(3) == Seen({"damaged frames": 2}, [(90.0, Box(0, 1, 2, 1)), (90.5, None)])
        assert parts.recipe() == recipe
        with pytest.raises(BundleBusy), Parts(parts.folder).held():
            pass


def test_record_is_json_a_person_can_read(tmp_path):
    write(tmp_path / "a.punctum")
    record = json.loads((tmp_path / "a.punctum" / "film.json").read_text())
    assert record["time_base"] == "1/24000"
