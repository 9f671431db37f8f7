"""Subtitles as text: formats, what a cue holds, mended spans, the table."""

import time

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from punctum.measure.words import (
    Cue,
    Spine,
    count_words,
    find_lines,
    guess_format,
    language_code,
    measure_words,
    parse_cues,
    split_words,
)
from punctum.measure.words.formats import MOST_CUES
from punctum.measure.words.spans import mend_spans
from punctum.measure.words.utterances import Habits, find_habits, split_cue
from punctum.tables import WORDS, check

SPINE = Spine(np.arange(2500), np.arange(2500) / 25, 2500, 100.0)


def said(text, **more):
    return [(u.kind, u.text, u.speaker) for u in split_cue(Cue(0, 1, text, **more))]


def srt(*cues):
    return "\n\n".join(f"{i}\n{times}\n{text}" for i, (times, text) in enumerate(cues, 1))


@pytest.mark.parametrize(
    ("times", "start_s", "end_s"),
    [
        ("00:01:02,500 --> 00:01:04,000", 62.5, 64.0),
        ("0:1:2.5 --> 0:1:4", 62.5, 64.0),
        ("01:02,500 --> 01:04,000", 62.5, 64.0),
        ("00:00:01,000-->00:00:02,000  X1:40 X2:600 Y1:20 Y2:50", 1.0, 2.0),
        ("00:00:05,000 --> 00:00:04,000", 5.0, 4.0),
        ("-00:00:01,000 --> 00:00:02,000", -1.0, 2.0),
        ("100:00:01,000 --> 100:00:02,000", 360001.0, 360002.0),
    ],
)
def test_times_of_subrip(times, start_s, end_s):
    [cue] = parse_cues(srt((times, "Hm.")), "srt").cues
    assert (cue.start_s, cue.end_s) == (start_s, end_s)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings(ending):
    text = srt(("00:00:01,000 --> 00:00:02,000", "One\ntwo"), ("00:00:03,000 --> 00:00:04,000", "Three"))
    assert [cue.text for cue in parse_cues(text.replace("\n", ending), "srt").cues] == ["One\ntwo", "Three"]


def test_subrip_with_empty_lines_missing_numbers_and_no_gaps():
    text = (
        "1\n00:00:01,000 --> 00:00:02,000\nOne\n\nstill one\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo\n"
        "3\n00:00:05,000 --> 00:00:06,000\n1984\n\n00:00:07,000 --> 00:00:08,000\nFour"
    )
    assert [cue.text for cue in parse_cues(text, "srt").cues] == ["One\nstill one", "Two", "1984", "Four"]


def test_a_bad_block_costs_only_itself():
    text = srt(
        ("00:00:01,000 --> 00:00:02,000", "One"),
        ("00:00:xx,000 --> 00:00:04,000", "lost"),
        ("00:00:05,000 --> 00:00:06,000", ""),
        ("00:00:07,000 --> 00:00:08,000", "Two"),
    )
    found = parse_cues(text, "srt")
    assert [cue.text for cue in found.cues] == ["One", "Two"]
    assert found.faults == {"cues without times": 1, "cues without text": 1}


def test_webvtt():
    text = (
        "WEBVTT - a film\nKind: captions\n\nNOTE\n00:00:00.000 --> 00:00:09.000 in a note\n\n"
        "STYLE\n::cue { color: red }\n\n"
        "intro\n00:01.000 --> 00:02.000 align:start\n<v.loud Ani Smith>Wait &amp; <c.x>see</c>\n\n"
        "01:00:03.000 --> 01:00:04.000\n<v Ani>One.</v>\n<v Igor>Two.</v>\n"
    )
    first, second = parse_cues(text, "vtt").cues
    assert first == Cue(1.0, 2.0, "Wait & see", "Ani Smith")
    assert (second.start_s, [u.text for u in split_cue(second)]) == (3603.0, ["One.", "Two."])


def test_substation():
    text = (
        "[Script Info]\nTitle: x\n[V4+ Styles]\nFormat: Name\nStyle: Default\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,not shown\n"
        "Dialogue: 0,0:00:01.00,0:00:02.50,Default,Ani,0,0,0,,{\\i1}Well, {\\i0}\\Nno.\n"
        "Dialogue: 0,0:00:02.00,0:00:03.00,Signs,,0,0,0,,{\\pos(1,2)}Police\n"
        "Dialogue: 0,0:00:02.00,0:00:03.00,Default,,0,0,0,,{\\p1}m 0 0 l 9 9{\\p0}\n"
        "Dialogue: 0,bad,0:00:03.00,Default,,0,0,0,,lost\n"
    )
    assert guess_format(text) == "ass"
    found = parse_cues(text, "ass")
    assert found.cues == [Cue(1.0, 2.5, "Well,\nno.", "Ani", "Default"), Cue(2.0, 3.0, "Police", "", "Signs")]
    assert found.faults == {"drawings among the cues": 1, "cues without times": 1}
    assert [split_cue(cue)[0].kind for cue in found.cues] == ["speech", "title"]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("<font color='#fff' size=3>Hm</font>", "Hm"),
        ("{\\an8}<b><u>Up</u></b>", "Up"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("a < b > c", "a < b > c"),
        ("<img src=x onerror=y>", "<img src=x onerror=y>"),
        ("\u202eevil\u202c \x07bell", "evil bell"),
    ],
)
def test_only_tags_of_subtitles_are_taken_off(text, clean):
    assert parse_cues(srt(("00:00:01,000 --> 00:00:02,000", text)), "srt").cues[0].text == clean


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("- Who's there?\n- Me.", [("speech", "Who's there?", ""), ("speech", "Me.", "")]),
        ("Who's there?\n–Me.", [("speech", "Who's there?", ""), ("speech", "Me.", "")]),
        ("- Just one\nwho goes on.", [("speech", "Just one who goes on.", "")]),
        ("[sobbing]", [("note", "sobbing", "")]),
        ("(wipers squeak)\nLet's go.", [("note", "wipers squeak", ""), ("speech", "Let's go.", "")]),
        ("I [coughs] don't.", [("speech", "I", ""), ("note", "coughs", ""), ("speech", "don't.", "")]),
        ("[a long\nnote]", [("note", "a long note", "")]),
        ("IGOR: Come in.", [("speech", "Come in.", "IGOR")]),
        ("- DR. ÖZ: No.\n- MAN #2: Yes.", [("speech", "No.", "DR. ÖZ"), ("speech", "Yes.", "MAN #2")]),
        ("ANI (whispers): No.", [("note", "whispers", ""), ("speech", "No.", "ANI")]),
        ("Listen: it's 10:30.", [("speech", "Listen: it's 10:30.", "")]),
        ("♪ Snow is falling ♪", [("song", "Snow is falling", "")]),
        ("♪♪", [("note", "♪", "")]),
        ("Your friend(s) number (2).", [("speech", "Your friend(s) number (2).", "")]),
        ("（ため息）行こう", [("note", "ため息", ""), ("speech", "行こう", "")]),
        ("...", [("speech", "...", "")]),
    ],
)
def test_what_a_cue_holds(text, want):
    assert said(text) == want


def test_names_in_brackets_where_notes_are_small():
    notes = [Cue(i, i + 1, f"[{word}]") for i, word in enumerate(("sobbing", "music playing", "door slams"))]
    habits = find_habits(notes)
    assert habits == Habits(True)
    found = split_cue(Cue(0, 1, "[Igor] Come in.\n[sobs] No."), habits)
    assert [(u.kind, u.text, u.speaker) for u in found] == [
        ("speech", "Come in.", "Igor"), ("note", "sobs", ""), ("speech", "No.", "Igor"),
    ]  # fmt: skip
    assert not find_habits([Cue(0, 1, "[Sobbing]"), Cue(1, 2, "[Music]")]).brackets_name


def test_faults_are_counted_and_mended():
    cues = [
        Cue(1, 3, "one"), Cue(2.9, 4, "overlaps a little"), Cue(6, 5, "ends before it begins"), Cue(8, 8, "no length"),
        Cue(7.5, 7.8, "out of order"), Cue(7.5, 7.8, "out of order"), Cue(-5, -4, "before"), Cue(-1, 0.5, "into it"),
        Cue(200, 201, "after"), Cue(99, 120, "beyond"),
    ]  # fmt: skip
    mended, faults = mend_spans(cues, 100.0)
    assert all(0 <= cue.start_s < cue.end_s <= 100 for cue in mended)
    assert [cue.start_s for cue in mended] == sorted(cue.start_s for cue in mended)
    assert faults == {
        "overlapping cues": 1, "cues that end before they begin": 1, "cues of no length": 1, "cues out of order": 3,
        "repeated cues": 1, "cues outside the film": 2, "cues that reach beyond the film": 2,
    }  # fmt: skip
    assert next(cue for cue in mended if cue.text == "one").end_s == 2.9


def test_lines_meant_to_stand_together_stay():
    mended, _ = mend_spans([Cue(1, 5, "a"), Cue(1, 5, "b")], 100.0)
    assert [(cue.start_s, cue.end_s) for cue in mended] == [(1, 5), (1, 5)]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["srt", "vtt", "ass"]))
def test_any_text_gives_cues_or_none(text, form):
    body = f"00:00:01,000 --> 00:00:02,000\n{text}\n\n00:00:03.000 --> 00:00:04.000\n{text}"
    for whole in (text, body):
        found = parse_cues(whole, form)
        table, _ = measure_words(found.cues, SPINE, "en")
        check(table, WORDS, "words")
        assert not table["text"].str.contains("[\n\r]").any()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-50, 200), st.floats(-50, 200)), max_size=12))
def test_any_spans_give_frames_of_the_film(spans):
    table, _ = measure_words([Cue(a, b, "Hm.") for a, b in spans], SPINE)
    assert (table["start_frame"] < table["end_frame"]).all()
    assert table["start_frame"].is_between(0, 2499).all()
    assert (table["end_frame"] <= 2500).all()


def test_the_table():
    cues = [Cue(2.0, 4.0, "- ANI: I love this.\n- [sobbing]"), Cue(10.0, 11.0, "The door.")]
    table, faults = measure_words(cues, SPINE, "en", "embedded")
    assert not faults
    assert table["line"].to_list() == [0, 1, 2]
    assert table["cue"].to_list() == [0, 0, 1]
    assert table["speaker"].to_list() == ["ANI", None, None]
    assert table["word_count"].to_list() == [3, None, 2]
    assert [v and round(v, 2) for v in table["valence"]] == [0.64, None, 0.0]
    assert table["start_frame"].to_list()[0::2] == [50, 250]
    assert table["end_s"][0] == table["start_s"][1]
    assert table["words_per_minute"][2] == 120.0
    assert set(table["source"]) == {"embedded"}


def test_valence_is_null_where_there_is_no_lexicon():
    table, _ = measure_words([Cue(2.0, 4.0, "Ich liebe es.")], SPINE, "de")
    assert table["valence"].to_list() == [None]


def test_frames_between_key_frames_are_counted_in_proportion():
    sparse = Spine(np.array([0, 100, 200]), np.array([0.0, 4.0, 8.0]), 250, 10.0)
    table, _ = measure_words([Cue(2.0, 9.0, "Hm.")], sparse)
    assert table.select("start_frame", "end_frame").row(0) == (50, 225)


def test_words_are_found_whatever_their_case_and_accents():
    table, _ = measure_words([Cue(1, 2, "À DEMAIN"), Cue(3, 4, "IGOR: No."), Cue(5, 6, "Straße")], SPINE)
    assert [find_lines(table, text).height for text in ("a dem", "igor", "STRASSE", "", "nowhere")] == [1, 1, 1, 3, 0]


def test_counting_words():
    assert split_words("«L'été» — c'est-à-dire: hm… 3,5!") == ["L'été", "c'est-à-dire", "hm", "3,5"]
    assert count_words("तुम कहाँ थे?") == 3
    assert count_words("你好") is None


@pytest.mark.parametrize(
    ("name", "code"), [("fre", "fr"), ("Español", "es"), ("pt-BR", "pt"), ("nob", "no"), ("xx", ""), ("", "")]
)
def test_languages(name, code):
    assert language_code(name) == code


def test_a_hundred_thousand_cues_are_bounded():
    line = "1\n00:00:01,000 --> 00:00:02,000\nHm.\n\n"
    start = time.process_time()
    found = parse_cues(line * (MOST_CUES + 5), "srt")
    assert len(found.cues) == MOST_CUES
    assert found.faults[f"cues beyond the first {MOST_CUES}"] == 5
    table, faults = measure_words(found.cues, SPINE, "en")
    assert table.height == 1
    assert faults["repeated cues"] == MOST_CUES - 1
    assert time.process_time() - start < 20


@pytest.mark.slow
def test_cues_of_any_kind_in_great_number_take_seconds():
    odd = [Cue(i / 100, i / 100 - (i % 2), f"Line {i}, it is.") for i in range(30_000)]
    start = time.process_time()
    table, faults = measure_words(odd, Spine(np.arange(2500), np.arange(2500) / 25, 2500, 1000.0), "en")
    assert table.height == 30_000
    assert faults["cues of no length"] + faults["cues that end before they begin"] == 30_000
    assert time.process_time() - start < 20


@pytest.mark.parametrize("piece", ["[", "(", "<", "{\\", "♪", "-", "A:", "<v ", "&", "\u0301"])
def test_no_text_takes_long(piece):
    text = srt(("00:00:01,000 --> 00:00:02,000", piece * 20_000))
    start = time.process_time()
    for form in ("srt", "vtt"):
        measure_words(parse_cues(text, form).cues, SPINE, "en")
    assert time.process_time() - start < 3


def test_an_empty_film_has_no_words():
    table, _ = measure_words([], Spine(np.zeros(0, np.int64), np.zeros(0), 0, 0.0))
    check(table, WORDS, "words")
    assert isinstance(table, pl.DataFrame)
    assert table.is_empty()
