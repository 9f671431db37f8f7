"""What a person wrote: which of it stands, what a note may be."""

import pytest

from punctum.bundle import add_notes, read_notes, redo_note, undo_note
from punctum.errors import CorrectionUnclear, NoteUnclear
from punctum.notes import (
    Evidence,
    Tier,
    check_note,
    last_step,
    notes_of,
    readings_of,
    standing,
    step_to_redo,
    tiers_of,
)


def log_of(folder):
    return read_notes(folder)[0]


def texts(folder):
    return [note.text for note in notes_of(log_of(folder))]


def note(text, start_s=1.0, **more):
    return {"kind": "note", "start_s": start_s, "text": text, **more}


def test_undoing_and_redoing_has_no_limit_and_ends_where_something_new_is_said(tmp_path):
    for text in "abc":
        add_notes(tmp_path, [note(text)])
    for left in (["a", "b"], ["a"], []):
        undo_note(tmp_path, log_of(tmp_path))
        assert texts(tmp_path) == left
    with pytest.raises(CorrectionUnclear):
        undo_note(tmp_path, log_of(tmp_path))
    for left in (["a"], ["a", "b"], ["a", "b", "c"]):
        redo_note(tmp_path, log_of(tmp_path))
        assert texts(tmp_path) == left
    undo_note(tmp_path, log_of(tmp_path))
    add_notes(tmp_path, [note("d")])
    assert step_to_redo(log_of(tmp_path)) == ""
    with pytest.raises(CorrectionUnclear, match="nothing to redo"):
        redo_note(tmp_path, log_of(tmp_path))
    assert texts(tmp_path) == ["a", "b", "d"]


def test_notes_written_together_are_one_step(tmp_path):
    add_notes(tmp_path, [note("before")])
    add_notes(tmp_path, [note("one"), note("two", 2.0), {"kind": "tier", "tier": "gaze", "colour": "#b3341f"}])
    assert texts(tmp_path) == ["before", "one", "two"]
    assert tiers_of(log_of(tmp_path)) == (Tier("gaze", "#b3341f"),)
    undo_note(tmp_path, log_of(tmp_path))
    assert texts(tmp_path) == ["before"]
    assert tiers_of(log_of(tmp_path)) == ()
    redo_note(tmp_path, log_of(tmp_path))
    assert texts(tmp_path) == ["before", "one", "two"]


def test_a_note_takes_anothers_place_until_it_is_undone(tmp_path):
    [first] = add_notes(tmp_path, [note("first")])
    add_notes(tmp_path, [note("better", replaces=first["id"])])
    assert texts(tmp_path) == ["better"]
    undo_note(tmp_path, log_of(tmp_path))
    assert texts(tmp_path) == ["first"]


def test_a_log_of_an_earlier_version_undoes_as_it_did():
    log = [{"id": "a", **note("x")}, {"id": "b", "kind": "undo", "undoes": "a"}]
    assert standing(log) == []
    assert last_step(log) == ""


def test_notes_stand_in_the_films_order_with_all_they_hold():
    whole = note("look", 3.0, end_s=4.5, tags=["gaze", "gaze"], tier="eyes", region=[0.1, 0.2, 0.3, 0.4], value=2)
    found = notes_of([{"id": "b", "who": "Ann", "when": "2026", **whole}, {"id": "a", **note("x", 1.0)}])
    assert [one.note_id for one in found] == ["a", "b"]
    assert found[1]._asdict() == {
        "note_id": "b", "who": "Ann", "when": "2026", "start_s": 3.0, "end_s": 4.5, "text": "look", "tags": ("gaze",),
        "tier": "eyes", "name": "", "region": (0.1, 0.2, 0.3, 0.4), "value": 2.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_s": -1.0},
        {"start_s": "1"},
        {"start_s": float("nan")},
        {"start_s": True},
        {"start_s": 2.0, "end_s": 1.0},
        {"start_s": 1.0, "text": "x" * 20_001},
        {"start_s": 1.0, "text": 3},
        {"start_s": 1.0, "tags": "face"},
        {"start_s": 1.0, "tags": ["x"] * 51},
        {"start_s": 1.0, "region": [0.5, 0.5, 0.6, 0.1]},
        {"start_s": 1.0, "region": [0.5, 0.5, 0.1]},
        {"start_s": 1.0, "value": "high"},
        {},
    ],
)
def test_what_is_no_note_is_refused_and_in_a_log_passed_over(wrong):
    with pytest.raises(NoteUnclear):
        check_note(wrong)
    assert notes_of([{"id": "a", "kind": "note", **wrong}]) == ()


def test_readings_keep_the_evidence_of_both_sides():
    evidence = [
        {"side": "for", "note": "a"},
        {"side": "against", "statement": "the music stops", "start_s": 3, "end_s": 4},
        {"side": "perhaps", "note": "b"},
        "nonsense",
    ]
    [reading] = readings_of([{"id": "r", "kind": "reading", "title": "She leaves", "evidence": evidence}])
    assert reading.evidence == (Evidence("for", "a"), Evidence("against", "", "the music stops", 3.0, 4.0))
    assert readings_of([{"id": "r", "kind": "reading", "title": 3}]) == ()
