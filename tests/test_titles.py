"""Writing in the picture: blocks and titles worked out by hand, and a drawn film read by RapidOCR itself."""

from importlib.util import find_spec

import cv2
import numpy as np
import polars as pl
import pytest
from tests.films import flat, moving

from punctum.bundle import open_bundle
from punctum.cli import run
from punctum.measure.words import Piece, Seen, read_blocks, titles_to_cues
from punctum.media import write_film
from punctum.pipeline import read_film
from punctum.report.word_lanes import missing_words, word_lanes, words_source


def at(left, top, text, score=0.99, height=10):
    return Piece((left, top, left + 8 * len(text), top + height), text, score)


def test_rows_are_read_from_left_to_right_and_blocks_from_top_to_bottom():
    pieces = [at(300, 200, "IGOR"), at(200, 101, "BY"), at(100, 100, "DIRECTED"), at(100, 114, "ANI IVANOVA")]
    assert read_blocks(pieces)[0] == ("DIRECTED BY ANI IVANOVA", "IGOR")


@pytest.mark.parametrize(
    ("pieces", "blocks"),
    [
        ([], ()),
        ([at(0, 0, "1")], ()),
        ([at(0, 0, "II")], ()),
        ([at(0, 0, "FIN")], ("FIN",)),
        ([at(0, 0, "A LEAF", 0.6)], ()),
        ([at(0, 0, "A LEAF", 0.6), at(0, 50, "The End")], ("The End",)),
        ([at(0, 0, "   "), at(0, 0, "...!?--")], ()),
    ],
)
def test_what_is_no_writing(pieces, blocks):
    assert read_blocks(pieces)[0] == blocks


def seen(time_s, shot, end_s, *blocks, score=0.9):
    return Seen(time_s, shot, end_s, blocks, score)


def test_a_title_lasts_half_way_to_the_next_still_or_to_the_shots_end():
    cues, _ = titles_to_cues([seen(2, 0, 10, "One title"), seen(6, 0, 10), seen(12, 1, 15, "Another")])
    assert [(c.start_s, c.end_s, c.text, c.style) for c in cues] == [
        (2, 4, "One title", "title"),
        (12, 15, "Another", "title"),
    ]


def test_the_same_title_in_two_stills_is_one_and_the_surer_reading_stays():
    cues, _ = titles_to_cues(
        [seen(2, 0, 12, "The adventure", score=0.85), seen(5, 0, 12, "The adventures", score=0.95), seen(9, 0, 12)]
    )
    assert [(c.start_s, c.end_s, c.text, c.confidence) for c in cues] == [(2, 7, "The adventures", 0.95)]
    parted, _ = titles_to_cues([seen(2, 0, 4, "The End"), seen(5, 1, 9, "The End")])
    assert len(parted) == 2
    between, _ = titles_to_cues([seen(1, 0, 9, "The End"), seen(3, 0, 9), seen(5, 0, 9, "The End")])
    assert len(between) == 2


def test_a_channels_mark_is_no_title():
    stills = [seen(i, i, i + 1, "RAI TRE", *(["The End"] if i == 29 else [])) for i in range(30)]
    cues, marks = titles_to_cues(stills)
    assert marks == ("RAI TRE",)
    assert [cue.text for cue in cues] == ["The End"]


def written(*lines):
    picture = flat((0, 0, 0), (180, 320))
    for number, line in enumerate(lines):
        place = (20, 60 + 40 * number)
        cv2.putText(picture, line, place, cv2.FONT_HERSHEY_SIMPLEX, 0.9, (240, 240, 240), 2, cv2.LINE_AA)
    return picture


@pytest.fixture(scope="module")
def titled(tmp_path_factory):
    """Four seconds of a title, six of soft patterns, four of a credit."""
    path = tmp_path_factory.mktemp("titled") / "titled.mp4"
    pictures = [*[written("WINDSCREEN")] * 40, *moving(60, (180, 320)), *[written("Directed by", "Ani Ivanova")] * 40]
    write_film(path, pictures, 10)
    return path


@pytest.mark.slow
@pytest.mark.skipif(find_spec("rapidocr") is None, reason="rapidocr is not installed")
def test_titles_are_read_kept_and_shown(titled, tmp_path, capsys):
    folder = tmp_path / "titled.punctum"
    read_film(titled, out=folder)
    assert open_bundle(folder).tables["words"].is_empty()
    assert not read_film(titled, out=folder, titles=True).already
    bundle = open_bundle(folder)
    words = bundle.tables["words"]
    assert words["text"].to_list() == ["WINDSCREEN", "Directed by Ani Ivanova"]
    assert set(words["kind"]) == {"title"}
    assert set(words["source"]) == {"picture"}
    assert words["confidence"].min() > 0.8
    shots = bundle.tables["shots"]
    for row in words.iter_rows(named=True):
        own = shots.filter((pl.col("start_s") <= row["start_s"]) & (pl.col("end_s") >= row["end_s"]))
        assert own.height == 1
        assert row["start_frame"] in own["stills"][0].to_list()
    assert read_film(titled, out=folder).already
    assert "dialogue_density" not in bundle.tables["readings"]["measure"].to_list()
    assert words_source(bundle) == "titles read in stills"
    assert [lane.name for lane in word_lanes(words)] == ["titles"]
    assert len(missing_words(bundle)) == 1
    assert run(["words", str(folder), "--find", "ivanova"]) == 0
    assert "“Directed by Ani Ivanova”" in capsys.readouterr().out
    # a new subtitle costs no second reading of the stills; no more titles, none are kept
    titled.with_suffix(".srt").write_text("1\n00:00:05,000 --> 00:00:06,000\nWait.\n", "utf-8")
    read_film(titled, out=folder)
    assert open_bundle(folder).tables["words"]["text"].to_list() == ["WINDSCREEN", "Wait.", "Directed by Ani Ivanova"]
    read_film(titled, out=folder, titles=False)
    titled.with_suffix(".srt").unlink()
    assert open_bundle(folder).tables["words"]["text"].to_list() == ["Wait."]


def test_without_rapidocr_the_command_says_what_to_do(titled, monkeypatch, capsys):
    monkeypatch.setattr("punctum.pipeline.titles.find_spec", lambda name: None if name == "rapidocr" else True)
    assert run(["read", str(titled), "--titles"]) == 1
    assert "pip install punctum[titles]" in capsys.readouterr().err


@pytest.mark.skipif(find_spec("rapidocr") is None, reason="rapidocr is not installed")
def test_nothing_is_read_in_noise():
    from punctum.pipeline.titles import _reader

    noise = np.random.default_rng(0).integers(0, 255, (180, 320, 3)).astype(np.uint8)
    assert read_blocks(_reader()(noise))[0] == ()
