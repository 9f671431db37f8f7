"""What comes in: round trips, corrections, one step of undo, and files made to do harm."""

import json
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import opentimelineio as otio
import pympi
import pytest
from tests.exchange_bundles import make_bundle, times_at, variable_times

from punctum import cli
from punctum.bundle import open_bundle
from punctum.errors import ExchangeInvalid, UsageWrong
from punctum.export import Asked, Wanted, as_corrections, as_notes, as_tiers, export_bundle, read_exchange
from punctum.notes import corrections_of, notes_of, tiers_of

EDGES = [0, 24, 48, 90, 170, 231, 400]
COUNT = 500
NOTES = [
    {"kind": "tier", "tier": "gaze", "vocabulary": ["away", "at him"]},
    {"kind": "note", "start_s": 1.0, "end_s": 3.0, "text": "away", "tier": "gaze"},
    {
        "kind": "note",
        "start_s": 5.0,
        "text": 'a tear & <light>, "so"',
        "tags": ["tear", "left eye"],
        "region": [0.1, 0.2, 0.3, 0.4],
    },
    {
        "kind": "note",
        "start_s": 6.041667,
        "end_s": 8.125,
        "text": "holds",
        "name": "the hold",
        "value": 0.25,
        "tags": ["still"],
    },
]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return make_bundle(tmp_path_factory.mktemp("in") / "film.punctum", times_at(Fraction(24), COUNT), EDGES, NOTES)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    return make_bundle(tmp_path_factory.mktemp("bare") / "film.punctum", times_at(Fraction(24), COUNT), EDGES)


def out(bundle, to, name, tmp_path, wanted=None):
    target = tmp_path / name
    export_bundle(bundle.address, to, target, wanted or Wanted(), force=True)
    return target


def taken(path, bundle, how=as_notes, **options):
    found = read_exchange(path, bundle, **options)
    return how(found, path.name).entries


def plain(note):
    return (
        round(note.start_s, 6),
        note.end_s and round(note.end_s, 6),
        note.text,
        note.tags,
        note.tier,
        note.name,
        note.region and tuple(round(s, 5) for s in note.region),
        note.value,
        note.who,
    )


def again(entries):
    return [plain(note) for note in notes_of([{"id": str(n), **entry} for n, entry in enumerate(entries)])]


def test_annotations_keep_all_that_a_note_has(bundle, bare, tmp_path):
    entries = taken(out(bundle, "webannotation", "a.jsonld", tmp_path), bare)
    assert again(entries) == [plain(note) for note in notes_of(bundle.notes)]


def test_a_region_lies_in_the_picture_without_bars(tmp_path):
    from punctum.film import Box

    made = make_bundle(
        tmp_path / "film.punctum",
        times_at(Fraction(24), 100),
        [0, 50],
        NOTES[2:3] and [dict(NOTES[2], start_s=1.0)],
        box=Box(0, 140, 1920, 800),
    )
    path = out(made, "webannotation", "a.jsonld", tmp_path)
    value = next(i["target"]["selector"]["value"] for i in json.loads(path.read_text())["items"] if ":note:" in i["id"])
    left, top, wide, high = (float(side) for side in value.split("percent:")[1].split(","))
    assert top == pytest.approx((140 + 0.2 * 800) / 1080 * 100, abs=1e-3)
    assert (left, wide, high) == pytest.approx((10, 30, 0.4 * 800 / 1080 * 100), abs=1e-3)
    assert again(taken(path, made))[0][6] == (0.1, 0.2, 0.3, 0.4)


def test_csv_keeps_all_that_a_note_has(bundle, bare, tmp_path):
    entries = taken(out(bundle, "csv", "tables", tmp_path) / "notes.csv", bare)
    assert again(entries) == [plain(note) for note in notes_of(bundle.notes)]


def test_vtt_keeps_all_but_the_last_of_a_millisecond(bundle, bare, tmp_path):
    entries = taken(out(bundle, "vtt", "vtt", tmp_path) / "metadata.vtt", bare)
    for back, note in zip(again(entries), notes_of(bundle.notes), strict=True):
        assert back[2:] == plain(note)[2:]
        assert back[0] == pytest.approx(note.start_s, abs=1e-3)
        assert (back[1] is None) == (note.end_s is None)


def test_elan_keeps_tiers_and_vocabularies(bundle, bare, tmp_path):
    path = out(bundle, "elan", "a.eaf", tmp_path)
    found = read_exchange(path, bare)
    entries = as_tiers(found, path.name, {"gaze": ("away", "at him")}).entries
    tiers = tiers_of([{"id": str(n), **entry} for n, entry in enumerate(entries)])
    assert [(tier.tier, tier.vocabulary) for tier in tiers] == [("gaze", ("away", "at him")), ("notes", ())]
    assert {entry["who"] for entry in entries if entry["kind"] == "note"} == {"ida"}
    texts = {entry["text"] for entry in entries if entry["kind"] == "note"}
    assert texts == {note.text for note in notes_of(bundle.notes)}
    assert any("measured" in remark for remark in found.remarks)


def test_what_a_peer_writes_for_elan_comes_in(bare, tmp_path):
    eaf = pympi.Elan.Eaf()
    eaf.add_tier("mood")
    eaf.add_annotation("mood", 1000, 2500, "somber")
    eaf.add_linguistic_type("child", constraints="Symbolic_Association", timealignable=False)
    eaf.add_tier("why", ling="child", parent="mood")
    eaf.add_ref_annotation("why", "mood", 1200, "the snow")
    eaf.to_file(str(tmp_path / "peer.eaf"))
    found = read_exchange(tmp_path / "peer.eaf", bare)
    assert {(e.start_s, e.end_s, e.text, e.tier) for e in found.events} == {
        (1.0, 2.5, "somber", "mood"),
        (1.0, 2.5, "the snow", "why"),
    }


@pytest.mark.parametrize("to", ["edl", "otio", "elan"])
@pytest.mark.parametrize("kind", [pytest.param("24", marks=pytest.mark.slow), "29.97", "variable"])
def test_shots_come_back_as_they_were(to, kind, tmp_path):
    times_s = (
        variable_times(COUNT)
        if kind == "variable"
        else times_at(Fraction(24) if kind == "24" else Fraction(30000, 1001), COUNT)
    )
    made = make_bundle(tmp_path / "film.punctum", times_s, EDGES)
    path = out(made, to, {"edl": "a.edl", "otio": "a.otio", "elan": "a.eaf"}[to], tmp_path)
    found = read_exchange(path, made, only="shots" if to == "elan" else "")
    assert as_corrections(found, made).entries == []


def test_what_an_editor_changed_becomes_corrections(bare, tmp_path):
    timeline = otio.adapters.read_from_file(str(out(bare, "otio", "a.otio", tmp_path)))
    [track] = timeline.video_tracks()
    rate = 24.0
    first, second, third = track[1], track[2], track[3]
    # the boundary at 48 goes to 40, that at 90 is taken away
    first.source_range = otio.opentime.TimeRange(first.source_range.start_time, otio.opentime.RationalTime(16, rate))
    second.source_range = otio.opentime.TimeRange(
        otio.opentime.RationalTime(40, rate), otio.opentime.RationalTime(130, rate)
    )
    track.remove(third)
    del second.metadata["punctum"]
    otio.adapters.write_to_file(timeline, str(tmp_path / "b.otio"))
    made = as_corrections(read_exchange(tmp_path / "b.otio", bare), bare).entries
    said = [(entry["what"], round(entry["at_s"] * 24)) for entry in made]
    assert said == [("merge", 48), ("merge", 90), ("cut", 40)]


def test_nothing_is_corrected_where_only_key_frames_were_read(bare, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("start_s,end_s,begins\n0,1,open\n1,2,cut\n")
    sparse = replace(bare, tables={**bare.tables, "frames": bare.frames.gather_every(24)})
    assert as_corrections(read_exchange(path, sparse), sparse).entries == []
    path.write_text("start_s,end_s,begins\n0,1.5,open\n1.5,2,cut\n")
    with pytest.raises(UsageWrong, match="only key frames"):
        as_corrections(read_exchange(path, sparse), sparse)


def test_editors_lists_with_dissolves_hours_and_locators(bare, tmp_path):
    path = tmp_path / "cut.edl"
    path.write_text(
        "TITLE: from an editor\r\nFCM: NON-DROP FRAME\r\n\r\n"
        "001  A001C003 V     C        00:00:00:00 00:00:02:00 01:00:00:00 01:00:02:00\r\n"
        "* FROM CLIP NAME: a.mov\r\n* LOC: 01:00:01:12 RED     LOOK HERE\r\n"
        "002  A001C003 V     C        00:00:02:00 00:00:02:00 01:00:02:00 01:00:02:00\r\n"
        "002  B002     V     D    024 00:00:05:00 00:00:09:00 01:00:02:00 01:00:06:00\r\n"
        "003  B002     A     C        00:00:05:00 00:00:09:00 01:00:02:00 01:00:06:00\r\n"
        "004  BL       V     C        00:00:00:00 00:00:01:00 01:00:06:00 01:00:07:00\r\n",
        newline="",
    )
    found = read_exchange(path, bare)
    assert [(round(e.start_s * 24), e.boundary, e.text) for e in found.events] == [
        (0, "open", "a.mov"),
        (36, "", "LOOK HERE"),
        (60, "dissolve", ""),
        (144, "cut", ""),
    ]
    assert found.faults["events of sound"] == 1
    assert "01:00:00:00" in found.remarks[0]


@pytest.mark.parametrize("drop", [True, False])
def test_a_list_says_itself_whether_it_drops_numbers(tmp_path, drop):
    fps = Fraction(30000, 1001)
    made = make_bundle(tmp_path / "film.punctum", times_at(fps, 4000), [0, 1850, 3700])
    path = out(made, "edl", "a.edl", tmp_path, Wanted(Asked(drop=drop)))
    assert [round(e.start_s * float(fps)) for e in read_exchange(path, made).events] == [0, 1850, 3700]
    assert as_corrections(read_exchange(path, made), made).entries == []


def test_a_tier_of_your_own_may_be_called_as_a_measured_one(tmp_path):
    notes = [{"kind": "note", "start_s": 1.0, "end_s": 2.0, "text": "x", "tier": "shots"}]
    made = make_bundle(tmp_path / "film.punctum", times_at(Fraction(24), 100), [0, 50], notes)
    names = pympi.Elan.Eaf(str(out(made, "elan", "a.eaf", tmp_path))).get_tier_names()
    assert sorted(names) == sorted(set(names))
    assert "shots (own)" in names


def test_resolves_markers_come_back_as_notes(bundle, bare, tmp_path):
    path = out(bundle, "resolve", "m.edl", tmp_path)
    entries = taken(path, bare)
    assert [round(e["start_s"] * 24) for e in entries] == sorted({*EDGES, 120, 145})
    assert entries[-1]["tags"] == ["blue"]


@pytest.mark.parametrize(
    "form", ["begin,end\n", "Begin Time - ss.msec;End Time - ss.msec;Annotation\n", "start_s\tend_s\ttext\n"]
)
def test_tables_of_other_programs(bare, tmp_path, form):
    path = tmp_path / "a.txt"
    sign = next(s for s in ",;\t" if s in form)
    path.write_text(
        form + sign.join(["0:01.5", "2,5" if sign == ";" else "2.5", "words"][: form.count(sign) + 1]) + "\n"
    )
    words = "words" if "text" in form or "Annotation" in form else ""
    assert [(e["start_s"], e["end_s"], e.get("text", "")) for e in taken(path, bare)] == [(1.5, 2.5, words)]


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "xxxxxxxxxx"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    b"<ANNOTATION_DOCUMENT>&c;</ANNOTATION_DOCUMENT>"
)
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><ANNOTATION_DOCUMENT>&x;</ANNOTATION_DOCUMENT>'
NESTED = "[" * 100_000
EDL_LINE = "{:03d}  AX V C {} {} {} {}\n"
HARM = {
    "bomb.eaf": BOMB,
    "outside.eaf": OUTSIDE,
    "doctype.eaf": b"<!DOCTYPE a SYSTEM 'http://127.0.0.1/x.dtd'><ANNOTATION_DOCUMENT/>",
    "binary.eaf": bytes(range(256)) * 50,
    "empty.eaf": b"",
    "html.eaf": b"<html><body>an error page</body></html>",
    "deep.eaf": b"<a>" * 50_000,
    "no tiers.eaf": b"<ANNOTATION_DOCUMENT><TIME_ORDER/></ANNOTATION_DOCUMENT>",
    "binary.edl": bytes(range(256)) * 50,
    "prose.edl": b"Dear diary,\n001 nothing happened today.\n",
    "rate.edl": EDL_LINE.format(1, *["00:00:00:00", "00:00:01:29"] * 2).encode(),
    "backwards.edl": EDL_LINE.format(1, *["00:00:05:00", "00:00:01:00"] * 2).encode(),
    "beyond.edl": EDL_LINE.format(1, *["00:00:00:00", "17:00:00:00"] * 2).encode(),
    "binary.otio": bytes(range(256)) * 50,
    "nested.otio": NESTED.encode(),
    "nested well.otio": ("[" * 5000 + "]" * 5000).encode(),
    "other.otio": b'{"OTIO_SCHEMA": "Clip.1", "name": "x"}',
    "unknown.otio": b'{"OTIO_SCHEMA": "Bomb.99"}',
    "newer.otio": b'{"OTIO_SCHEMA": "Timeline.99", "tracks": 3}',
    "kinds.otio": b'{"OTIO_SCHEMA": "Timeline.1", "name": 3, "tracks": {"OTIO_SCHEMA": "Stack.1", "children": [4]}}',
    "binary.vtt": bytes(range(256)) * 50,
    "none.vtt": b"WEBVTT\n\nno cue\n",
    "beyond.vtt": b"WEBVTT\n\n99:00:00.000 --> 99:00:01.000\nlate\n",
    "nested.jsonld": NESTED.encode(),
    "list.jsonld": b"[1, 2, null]",
    "string.json": b'"hello"',
    "binary.csv": bytes(range(256)) * 50,
    "no times.csv": b"a,b\n1,2\n",
    "negative.csv": b"start_s,end_s,text\n-5,-1,before\n",
    "backwards.csv": b"start_s,end_s,text\n5,1,back\n",
    "nan.csv": b"start_s,end_s,text\nnan,inf,what\n",
    "huge cell.csv": b"start_s,text\n1," + b"x" * 300_000,
}


@pytest.mark.parametrize("name", HARM)
@pytest.mark.parametrize("how", ["notes", pytest.param("corrections", marks=pytest.mark.slow)])
def test_harm_is_refused_in_one_line_and_nothing_is_noted(bare, tmp_path, capsys, name, how):
    path = tmp_path / name
    path.write_bytes(HARM[name])
    before = (Path(bare.address) / "notes.jsonl").read_bytes()
    code = cli.run(["import", str(path), "--to", bare.address, "--as", how])
    told = capsys.readouterr()
    assert code == 1, told
    assert not told.out
    assert told.err.startswith("error: ")
    assert len(told.err.split("\n\nhint: ")[0].splitlines()) == 1
    assert "Traceback" not in told.err
    assert (Path(bare.address) / "notes.jsonl").read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize("name", ["million.csv", "million.edl", "million.vtt", "million.eaf"])
def test_a_million_events(bare, tmp_path, name):
    lines = {
        "million.csv": ("start_s,text\n", "1.5,x\n", ""),
        "million.edl": ("", EDL_LINE.format(1, *["00:00:00:00", "00:00:01:00"] * 2), ""),
        "million.vtt": ("WEBVTT\n\n", "00:01.000 --> 00:02.000\nx\n\n", ""),
        "million.eaf": (
            '<ANNOTATION_DOCUMENT><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="t"/></TIME_ORDER><TIER TIER_ID="x">',
            "<ANNOTATION><ALIGNABLE_ANNOTATION TIME_SLOT_REF1='t' TIME_SLOT_REF2='t'/></ANNOTATION>",
            "</TIER></ANNOTATION_DOCUMENT>",
        ),
    }[name]
    path = tmp_path / name
    path.write_text(lines[0] + lines[1] * (700_000 if name.endswith("eaf") else 1_000_000) + lines[2])
    if name == "million.vtt":
        found = read_exchange(path, bare)
        assert len(found.events) <= 100_000
        assert found.faults
        return
    with pytest.raises(ExchangeInvalid):
        read_exchange(path, bare)


def test_what_is_wrong_with_some_is_counted_and_the_rest_is_taken(bare, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "start_s,end_s,text,tier,region\n1,2,good,x,\n1.5,3,over,x,\n-1,2,bad,x,\n5,4,bad,x,\nsoon,4,bad,x,\n"
        "9,900,bad,x,\n2,3,r,x,0 0 9 9\n4,5,s,y,a b c d\n"
    )
    found = read_exchange(path, bare)
    made = as_notes(found, path.name)
    assert [entry["text"] for entry in made.entries] == ["good", "over", "s"]
    assert found.faults["events beyond the film"] == 2
    assert found.faults["lines without a time"] == 1
    assert found.faults["overlapping events, kept"] >= 1
    assert any("region lies outside" in remark for remark in made.remarks)


def test_a_rate_that_is_not_the_films_is_said(bare, tmp_path):
    path = tmp_path / "a.edl"
    path.write_text(
        EDL_LINE.format(1, *["00:00:00:00", "00:00:01:24"] * 2)
        + EDL_LINE.format(2, *["00:00:02:00", "00:00:04:00"] * 2)
    )
    found = read_exchange(path, bare)  # at 24 frames a second there is no 25th
    assert "more frames" in next(iter(found.faults))
    found = read_exchange(path, bare, Asked(rate="25"))
    assert [round(event.start_s, 3) for event in found.events] == [0.0, 2.0]
    timeline = otio.schema.Timeline("t")
    track = otio.schema.Track("V1", kind="Video")
    timeline.tracks.append(track)
    for _ in range(2):
        track.append(
            otio.schema.Clip(
                "c",
                source_range=otio.opentime.TimeRange(
                    otio.opentime.RationalTime(0, 25), otio.opentime.RationalTime(50, 25)
                ),
            )
        )
    otio.adapters.write_to_file(timeline, str(tmp_path / "a.otio"))
    found = read_exchange(tmp_path / "a.otio", bare)
    assert [event.start_s for event in found.events] == [0.0, 2.0]
    assert "25 frames" in found.remarks[0]


def test_an_ending_that_says_nothing_and_a_tier_that_is_not_there(bundle, bare, tmp_path):
    (tmp_path / "a.doc").write_text("x")
    with pytest.raises(UsageWrong):
        read_exchange(tmp_path / "a.doc", bare)
    with pytest.raises(ExchangeInvalid, match="no tier"):
        read_exchange(out(bundle, "elan", "a.eaf", tmp_path), bare, only="nothing")
    with pytest.raises(ExchangeInvalid):
        read_exchange(tmp_path / "gone.eaf", bare)


@pytest.mark.slow
def test_an_import_is_one_step_of_undo(tmp_path, capsys):
    from tests import films

    film = films.cuts(tmp_path)
    assert cli.run(["read", str(film), "--faces", "off"]) == 0
    bundle = film.with_suffix(".punctum")
    (tmp_path / "a.csv").write_text("start_s,end_s,text,tier\n0.5,1,one,mine\n1,1.5,two,mine\n2,,three,\n")
    assert cli.run(["import", str(tmp_path / "a.csv"), "--to", str(bundle), "--as", "tiers"]) == 0
    assert len(notes_of(open_bundle(bundle).notes)) == 3
    assert cli.run(["correct", str(bundle), "undo"]) == 0
    assert notes_of(open_bundle(bundle).notes) == ()
    assert tiers_of(open_bundle(bundle).notes) == ()
    starts = [0.0, 0.4, 2.4]
    lines = [f"{a},{b},shot,cut" for a, b in pairwise([*starts, 3.6])]
    (tmp_path / "b.csv").write_text("start_s,end_s,text,begins\n" + "\n".join(lines) + "\n")
    capsys.readouterr()
    assert cli.run(["import", str(tmp_path / "b.csv"), "--to", str(bundle), "--as", "corrections"]) == 0
    after = open_bundle(bundle)
    assert after.shots["start_frame"].to_list() == [0, 10, 60]
    assert len(corrections_of(after.notes)) == 2
    assert cli.run(["import", str(tmp_path / "b.csv"), "--to", str(bundle), "--as", "corrections"]) == 0
    assert "says what the bundle says already" in capsys.readouterr().out
    assert cli.run(["correct", str(bundle), "undo"]) == 0
    assert open_bundle(bundle).shots["start_frame"].to_list() == [0, 30, 60]
