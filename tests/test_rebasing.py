"""What a person said of one print of a film is carried to another, and what has no counterpart there is listed."""

import json

import numpy as np
import polars as pl
import pytest
from tests.films import FINE, FPS
from tests.test_prints import as_print, draw_film

from punctum.bundle import add_note, open_bundle, read_notes
from punctum.cli import run
from punctum.echo.prints import Alignment, Piece, align_prints, tell_difference
from punctum.media import write_film
from punctum.notes import corrections_of, notes_of, readings_of
from punctum.pipeline import read_film
from punctum.pipeline.rebasing import carry_over

SPEED = 25 / 24
FOUND = Alignment(
    SPEED,
    (Piece(0, 30, 1, 1 + 30 / SPEED), Piece(42, 90, 1 + 30 / SPEED, 1 + 78 / SPEED)),
    0.99, 0.9, (0.125, 0, 0.75, 1), (0, 0, 1, 1),
)  # fmt: skip


def entries(*said):
    return [
        {"id": f"i{number}", "who": "ida", "when": "2026-01-01T00:00:00+00:00", **one}
        for number, one in enumerate(said)
    ]


def test_times_and_places_move():
    log = entries(
        {"kind": "note", "start_s": 10, "end_s": 20, "text": "a", "region": [0.5, 0.2, 0.25, 0.5]},
        {"kind": "note", "start_s": 48},
        {"kind": "correction", "what": "move", "at_s": 50, "to_s": 51},
        {"kind": "correction", "what": "name", "at_s": 12, "name": "Anna", "place": [0.5, 0.5]},
        {"kind": "tier", "tier": "hands", "colour": "#112233"},
        {"kind": "reading", "title": "R", "evidence": [
            {"side": "for", "note": "i0"}, {"side": "against", "statement": "s", "start_s": 34, "end_s": 36},
            {"side": "for", "statement": "t", "start_s": 60, "end_s": 61}]},
    )  # fmt: skip
    carried = carry_over(log, FOUND)
    assert carried.left == []
    assert [entry["kind"] for entry in carried.entries] == [one["kind"] for one in log]
    assert {entry["who"] for entry in carried.entries} == {"ida"}
    first, second = notes_of(carried.entries)
    assert (first.start_s, first.end_s) == pytest.approx((1 + 10 / SPEED, 1 + 20 / SPEED))
    assert first.region == pytest.approx((0.5, 0.2, 1 / 3, 0.5), abs=1e-4)
    assert (second.start_s, second.end_s) == (pytest.approx(1 + 36 / SPEED), None)
    move, name = corrections_of(carried.entries)
    assert (move.at_s, move.to_s) == pytest.approx((1 + 38 / SPEED, 1 + 39 / SPEED))
    assert name.place == pytest.approx((0.5, 0.5))
    (reading,) = readings_of(carried.entries)
    assert [piece.note for piece in reading.evidence] == [first.note_id, ""]
    assert reading.evidence[1].start_s == pytest.approx(1 + 48 / SPEED)


def test_what_has_no_counterpart_is_left():
    log = entries(
        {"kind": "note", "start_s": 33, "end_s": 36, "text": "gone"},
        {"kind": "note", "start_s": 35},
        {"kind": "correction", "what": "cut", "at_s": 36},
        {"kind": "note", "start_s": 25, "end_s": 36, "text": "half"},
        {"kind": "note", "start_s": 29.9, "end_s": 30.1, "text": "at the edge"},
        {"kind": "note", "start_s": 41.9},
        {"kind": "note", "start_s": 1, "region": [0, 0, 0.1, 1]},
    )
    carried = carry_over(log, FOUND)
    assert [entry["id"] for entry, _ in carried.left] == ["i0", "i1", "i2"]
    assert carried.shortened == 1
    half = carried.entries[0]
    assert (half["start_s"], half["end_s"]) == pytest.approx((1 + 25 / SPEED, 1 + 30 / SPEED))
    assert "region" not in carried.entries[-1]


def test_nothing_is_carried_twice_and_what_was_undone_is_not():
    log = [
        *entries({"kind": "note", "start_s": 1}, {"kind": "note", "start_s": 2}),
        {"id": "u", "kind": "undo", "step": "i0"},
    ]
    carried = carry_over(log, FOUND)
    assert [entry["rebased_from"] for entry in carried.entries] == ["i1"]
    assert carry_over(log, FOUND, carried.entries).entries == []


@pytest.mark.parametrize(
    "entry",
    [
        {"kind": "note"},
        {"kind": "note", "start_s": "x", "end_s": []},
        {"kind": "note", "start_s": float("nan")},
        {"kind": "note", "start_s": 5, "end_s": 1},
        {"kind": "note", "start_s": 1e300, "end_s": 1e308},
        {"kind": "note", "start_s": 5, "region": ["a", 0, 0, 0]},
        {"kind": "correction", "at_s": True, "what": 3},
        {"kind": "correction", "at_s": 5, "what": "name", "name": "A", "place": [None, {}]},
        {"kind": "reading", "title": "x", "evidence": [None, 3, {"note": [1]}, {"start_s": 1}]},
        {"kind": 7},
    ],
)
def test_a_log_may_hold_anything(entry):
    json.dumps(carry_over(entries(entry), FOUND).entries)


def test_the_difference_is_told():
    old, new = as_print(*draw_film(90, 3)), as_print(*draw_film(90, 3, speed=SPEED))
    found = align_prints(old, new)
    assert tell_difference(found, old, new) == ["the new print runs 4.2% faster (25/24)"]
    told = tell_difference(FOUND, old, new)
    assert told[1:] == [
        "the new print lacks 0:00:30.0 to 0:00:42.0",
        "the new print adds 0:00:00.0 to 0:00:01.0, 0:01:15.9 to 0:01:26.3",
        "the new print shows 75% of the other picture's width",
    ]


def shots_film(path, first, last):
    """A film of pictures that drift, a new one every second."""
    rng = np.random.default_rng(8)
    fields = np.kron(rng.integers(20, 235, (40, 6, 10, 3), np.uint8), np.ones((1, 16, 16, 1), np.uint8))
    pictures = (np.roll(fields[number // FPS], 2 * (number % FPS), axis=1) for number in range(first, last))
    write_film(path, pictures, FPS, options=FINE)
    return path


@pytest.mark.slow
def test_the_command(tmp_path, capsys):
    old, new = tmp_path / "old.punctum", tmp_path / "new.punctum"
    read_film(shots_film(tmp_path / "old.mp4", 0, 900), faces="off")
    read_film(shots_film(tmp_path / "new.mp4", 250, 1000), faces="off")
    assert run(["correct", str(old), "cut 20.5"]) == 0
    add_note(old, {"kind": "note", "start_s": 5, "end_s": 6, "text": "too early"})
    add_note(old, {"kind": "note", "start_s": 15, "end_s": 16.2, "text": "kept"})
    capsys.readouterr()
    assert run(["rebase", str(old), str(new), "--dry-run"]) == 0
    assert "would be carried over: 1 correction, 1 note, 0 readings" in capsys.readouterr().out
    assert read_notes(new)[0] == ()
    assert run(["rebase", str(old), str(new)]) == 0
    out = capsys.readouterr().out
    assert "the new print lacks 0:00:00.0 to 0:00:10" in out
    assert "no counterpart: note 0:00:05.0 too early" in out
    assert "without effect" not in out
    bundle = open_bundle(new)
    (note,) = notes_of(bundle.notes)
    assert (note.start_s, note.end_s) == pytest.approx((5, 6.2), abs=0.05)
    assert bundle.shots.filter(pl.col("corrected"))["start_s"].to_list() == pytest.approx([10.5], abs=0.05)
    assert run(["rebase", str(old), str(new)]) == 0
    assert "carried over: 0 corrections, 0 notes" in capsys.readouterr().out
    assert run(["rebase", str(old), str(old)]) == 1
    assert run(["rebase", str(old), str(tmp_path / "none.punctum")]) == 1
    (new / "grid.parquet").unlink()
    assert run(["rebase", str(old), str(new)]) == 1
    errors = capsys.readouterr().err
    assert "has no grid to compare" in errors
    assert "Traceback" not in errors
