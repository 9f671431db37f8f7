"""Subtitles beside films and in them: found, chosen, read into bundles, and out again on the command line."""

import json
import os
from fractions import Fraction
from pathlib import Path

import av
import pytest
from tests import films

from punctum import media
from punctum.bundle import open_bundle
from punctum.cli import run
from punctum.errors import UsageWrong
from punctum.media.subtitles import MOST_BYTES, Candidate, find_subtitles, rank_subtitles, read_stream
from punctum.pipeline import correct_bundle, read_film
from punctum.tables import SCHEMA

SRT = (
    "1\n00:00:00,200 --> 00:00:00,800\n{}\n\n"
    "2\n00:00:01,000 --> 00:00:01,800\n- ANI: I love <i>snow</i>.\n- [wipers squeak]\n"
)

HEADER = b"[Script Info]\n[V4+ Styles]\nFormat: Name\nStyle: Default\n[Events]\nFormat: Layer, Start, End, Text\n"


@pytest.fixture
def film(tmp_path):
    return Path(films.film(tmp_path))


def names(film):
    return [candidate.name for candidate in find_subtitles(media.open_source(film))[0]]


def with_streams(film: Path, target: Path, *streams: tuple[str, str, str]) -> Path:
    """Copy a film's picture and add text streams: (codec, language, text of a cue from 0.5 to 1.5 s)."""
    with av.open(str(film)) as source, av.open(str(target), "w") as out:
        video = source.streams.video[0]
        copy = out.add_stream_from_template(video)
        texts = []
        for codec, language, _ in streams:
            stream = out.add_stream(codec)
            stream.codec_context.subtitle_header = HEADER
            stream.metadata["language"] = language
            texts.append(stream)
        for stream, (codec, _, text) in zip(texts, streams, strict=True):
            data = text.encode()
            packet = av.Packet(len(data).to_bytes(2, "big") + data if codec == "mov_text" else data)
            packet.stream = stream
            packet.time_base = Fraction(1, 1000)
            packet.pts = packet.dts = 500
            packet.duration = 1000
            out.mux(packet)
        for packet in source.demux(video):
            if packet.dts is not None:
                packet.stream = copy
                out.mux(packet)
    return target


def test_sidecars_are_found(film):
    folder = film.parent
    for name in ("film.srt", "film.en.srt", "FILM.de.forced.ASS", "film.vtt", "films.srt", "other.srt", "film.txt"):
        (folder / name).write_text(SRT)
    (folder / "Subs" / "film").mkdir(parents=True)
    (folder / "Subs" / "film.fr.srt").write_text(SRT)
    (folder / "Subs" / "2_Spanish.srt").write_text(SRT)
    (folder / "Subs" / "film" / "3_Italian.srt").write_text(SRT)
    found = {c.name: c for c in find_subtitles(media.open_source(film))[0]}
    assert sorted(found) == [
        "2_Spanish.srt", "3_Italian.srt", "FILM.de.forced.ASS", "film.en.srt", "film.fr.srt", "film.srt", "film.vtt",
    ]  # fmt: skip
    assert {name: c.language for name, c in found.items() if c.language} == {
        "2_Spanish.srt": "es", "3_Italian.srt": "it", "FILM.de.forced.ASS": "de", "film.en.srt": "en",
        "film.fr.srt": "fr",
    }  # fmt: skip
    assert found["FILM.de.forced.ASS"].forced
    assert found["FILM.de.forced.ASS"].form == "ass"


@pytest.mark.parametrize(
    ("rest", "language", "hearing"),
    [
        (".en.sdh.srt", "en", True),
        (".en.hi.srt", "en", True),
        (".hi.srt", "hi", False),
        (".pt-BR.srt", "pt", False),
        (".eng.cc.vtt", "en", True),
    ],
)
def test_what_a_sidecars_name_says(film, rest, language, hearing):
    film.with_name(film.stem + rest).write_text(SRT)
    [candidate] = find_subtitles(media.open_source(film))[0]
    assert (candidate.language, candidate.hearing) == (language, hearing)


def test_two_films_in_a_folder_keep_their_own(film):
    (film.with_name("other.mp4")).write_bytes(film.read_bytes())
    (film.parent / "subs").mkdir()
    (film.parent / "subs" / "English.srt").write_text(SRT)
    (film.parent / "subs" / "other.en.srt").write_text(SRT)
    assert names(film) == []
    assert names(film.with_name("other.mp4")) == ["other.en.srt"]


def test_a_name_that_only_begins_alike_is_another_films(film):
    for name in ("film 2.srt", "film-3.en.srt", "filmic.srt", "film.2.srt", "film-en.srt", "film [German].srt"):
        film.with_name(name).write_text(SRT)
    assert names(film) == ["film [German].srt", "film-en.srt", "film.2.srt"]
    film.with_name("film.2.mkv").write_bytes(b"another film")
    assert names(film) == ["film [German].srt", "film-en.srt"]


def test_the_order_of_choice():
    plain = Candidate("film.en.srt", "srt", "en", "x")
    heard = Candidate("film.en.sdh.srt", "srt", "en", "x", hearing=True)
    forced = Candidate("film.en.forced.srt", "srt", "en", "x", forced=True)
    german = Candidate("film.de.srt", "srt", "de", "x")
    inside = Candidate("stream 2", "srt", "en", stream=2, default=True)
    talk = Candidate("stream 3", "srt", "en", stream=3, aside=True, default=True)
    pictures = Candidate("stream 4 (PGS)", "picture", "en", stream=4)
    every = [talk, pictures, forced, german, inside, plain, heard]
    assert rank_subtitles(every, "", "en") == [heard, plain, inside, german, forced, talk]
    assert rank_subtitles(every, "de", "en") == [german]
    assert rank_subtitles(every, "fr", "en") == []
    assert rank_subtitles([german, inside], "", "ja")[0] == german


def test_a_subtitle_becomes_words(film):
    film.with_suffix(".en.srt").write_text(SRT.format("Où étais-tu ?"), "utf-8")
    bundle = open_bundle(read_film(film).folder)
    words = bundle.words
    assert words["text"].to_list() == ["Où étais-tu ?", "I love snow.", "wipers squeak"]
    assert words["kind"].to_list() == ["speech", "speech", "note"]
    assert words["start_frame"].to_list()[:2] == [5, 25]
    assert bundle.made["words"]["name"] == "film.en.srt"
    assert bundle.made["words"]["encoding"] == "utf-8"
    assert "dialogue_density" in set(bundle.readings["measure"])
    page = (Path(bundle.address) / "page.html").read_text()
    assert 'id="find"' in page


def test_quick_has_words_too_and_a_changed_sidecar_is_read_without_decoding(film, monkeypatch):
    sidecar = film.with_suffix(".srt")
    sidecar.write_text(SRT.format("Wait."))
    quick = open_bundle(read_film(film, quick=True).folder)
    assert quick.words["text"][0] == "Wait."
    whole = read_film(film)
    before = open_bundle(whole.folder)
    assert read_film(film).already
    sidecar.write_text(SRT.format("Come."))

    def never(*_, **__):
        raise AssertionError("decoded")

    monkeypatch.setattr(media, "decode_blocks", never)
    monkeypatch.setattr(media, "scan_key_frames", never)
    again = read_film(film)
    assert not again.already
    bundle = open_bundle(again.folder)
    assert bundle.words["text"][0] == "Come."
    assert bundle.shots.equals(before.shots)
    sidecar.unlink()
    read_film(film)
    gone = open_bundle(again.folder)
    assert gone.words.is_empty()
    assert "no subtitles" in gone.made["words"]["why_none"]
    assert not any("words" in m or "dialogue" in m for m in gone.readings["measure"])


def test_reading_twice_gives_the_same_bytes(film):
    film.with_suffix(".srt").write_text(SRT.format("Wait."))
    folder = read_film(film).folder
    first = (folder / "words.parquet").read_bytes(), (folder / "made.json").read_bytes()
    read_film(film, force=True)
    assert ((folder / "words.parquet").read_bytes(), (folder / "made.json").read_bytes()) == first


@pytest.mark.parametrize(
    ("suffix", "codec", "text"),
    [
        (".mkv", "subrip", "<i>Wait</i> here."),
        (".mkv", "ass", "0,0,Default,Ani,0,0,0,,{\\i1}Wait{\\i0} here."),
        (".mp4", "mov_text", "Wait here."),
    ],
)
def test_embedded_texts(film, suffix, codec, text):
    target = with_streams(film, film.with_name("with" + suffix), (codec, "eng", text), (codec, "ger", text))
    source = media.open_source(target)
    candidates, _ = find_subtitles(source)
    assert [c.language for c in candidates] == ["en", "de"]
    held, whole = read_stream(source, candidates[0])
    assert whole
    assert [(round(p.start_s, 3), round(p.end_s, 3)) for p in held if len(p.data) > 2] == [(0.5, 1.5)]
    bundle = open_bundle(read_film(target, lang="German").folder)
    assert bundle.words["text"].to_list() == ["Wait here."]
    assert bundle.words["language"].to_list() == ["de"]
    assert bundle.words["source"].to_list() == ["embedded"]
    assert bundle.words["speaker"].to_list() == (["Ani"] if codec == "ass" else [None])


def test_the_language_that_was_asked_for_is_remembered(film):
    film.with_suffix(".en.srt").write_text(SRT.format("Wait."))
    film.with_suffix(".de.srt").write_text(SRT.format("Warte."))
    folder = read_film(film, lang="deu").folder
    assert open_bundle(folder).words["text"][0] == "Warte."
    assert read_film(film).already
    read_film(film, lang="en")
    assert open_bundle(folder).words["text"][0] == "Wait."
    with pytest.raises(UsageWrong, match="klingon"):
        read_film(film, lang="klingon")
    read_film(film, lang="fr")
    assert open_bundle(folder).words.is_empty()


def test_what_is_no_subtitle_is_passed_over_with_a_word(film):
    film.with_suffix(".srt").write_bytes(b"\x7fELF" + bytes(range(256)) * 20)
    film.with_suffix(".ass").write_text("Dear diary")
    film.with_suffix(".en.vtt").write_text("WEBVTT\n\n00:00.100 --> 00:00.900\nAt last.\n")
    bundle = open_bundle(read_film(film).folder)
    assert bundle.words["text"].to_list() == ["At last."]
    remarks = [line for line in bundle.made["remarks"] if "no subtitle" in line]
    assert len(remarks) == 2


def test_a_huge_subtitle_is_not_read(film):
    with film.with_suffix(".srt").open("wb") as file:
        file.write(SRT.encode())
        file.truncate(MOST_BYTES * 40)
    bundle = open_bundle(read_film(film).folder)
    assert bundle.words.is_empty()
    assert any("larger than 16 MB" in line for line in bundle.made["remarks"])


def test_another_cuts_subtitle_is_refused(film):
    lines = "\n\n".join(f"{i}\n00:{i % 60:02}:30,000 --> 00:{i % 60:02}:32,000\nLine {i}." for i in range(1, 60))
    film.with_suffix(".srt").write_text(lines)
    bundle = open_bundle(read_film(film).folder)
    assert bundle.words.is_empty()
    assert "another film's" in bundle.made["words"]["why_none"]


def test_a_screenplay_beside_the_film(film):
    film.with_suffix(".srt").write_text(SRT.format("Where were you all night long?"))
    script = "INT. CAR - NIGHT\n\nIGOR\nWhere were you all night long?\n"
    film.with_suffix(".fountain").write_text(script)
    folder = read_film(film).folder
    row = open_bundle(folder).words.row(0, named=True)
    assert (row["speaker"], row["speaker_source"], row["scene_heading"]) == ("IGOR", "screenplay", "INT. CAR - NIGHT")
    film.with_name("draft.fountain").write_text(script.replace("IGOR", "VANYA"))
    read_film(film, script=str(film.with_name("draft.fountain")))
    assert open_bundle(folder).words["speaker"][0] == "VANYA"
    assert read_film(film).already


def test_the_command(film, capsys):
    film.with_suffix(".en.srt").write_text(SRT.format("<script>x</script>\x1b[31m"))
    folder = read_film(film).folder
    assert run(["words", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "ANI: I love snow." in said
    assert "[wipers squeak]" in said
    assert "<script>x</script>[31m" in said
    assert run(["words", str(folder), "--find", "SNOW", "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert (row["line"], row["valence"]) == (1, 0.6369)
    assert run(["words", str(folder), "--csv"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    assert run(["words", str(folder), "--find", "nowhere"]) == 0
    assert "no line holds that" in capsys.readouterr().err


def test_a_bundle_of_the_schema_before_words_opens(film):
    folder = read_film(film).folder
    made = json.loads((folder / "made.json").read_text())
    for name in ("words", "hearing", "sounds"):
        (folder / f"{name}.parquet").unlink()
        made["files"].pop(f"{name}.parquet")
    made.pop("words")
    made["schema"] = "punctum.1"
    (folder / "made.json").write_text(json.dumps(made))
    bundle = open_bundle(folder)
    assert bundle.words.is_empty()
    assert bundle.made["schema"] == "punctum.1"
    correct_bundle(folder, "cut 1.0")
    mended = open_bundle(folder)
    assert mended.shots.height == bundle.shots.height + 1
    assert mended.made["schema"] == SCHEMA
    film.with_suffix(".srt").write_text(SRT.format("Wait."))
    read_film(film)
    assert open_bundle(folder).words.height == 3
    assert open_bundle(folder).shots.height == mended.shots.height


@pytest.mark.real
def test_a_real_films_own_subtitles(tmp_path):
    path = Path(os.environ.get("PUNCTUM_MEDIA", "")) / "nasa_13013.mp4"
    if not os.environ.get("PUNCTUM_MEDIA") or not path.is_file():
        pytest.skip("PUNCTUM_MEDIA names no folder that holds nasa_13013.mp4")
    bundle = open_bundle(read_film(path, out=tmp_path / "nasa.punctum", quick=True).folder)
    assert bundle.words["speaker"].to_list() == ["NAR", None, None, None]
    assert "Goddard" in bundle.words["text"][2]
    assert bundle.words["source"].unique().to_list() == ["embedded"]
