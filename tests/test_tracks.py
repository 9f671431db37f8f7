"""Which of several sound tracks is the film's, and tracks that are longer, shorter or stranger than the picture."""

from fractions import Fraction

import av
import numpy as np
import pytest

from punctum import bundle as store
from punctum.errors import UsageWrong
from punctum.measure import measure_block
from punctum.media import decode_blocks, open_source
from punctum.pipeline import read_film

RATE = 16000


def write(path, tracks, seconds=4, fps=10):
    """A grey film with sound tracks: (language, title, tone in Hz, layout, seconds)."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("mpeg4", rate=fps)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        streams = []
        for language, title, _, layout, _ in tracks:
            stream = out.add_stream("pcm_s16le", rate=RATE, layout=layout)
            if language:
                stream.metadata["language"] = language
            if title:
                stream.metadata["title"] = title
            streams.append(stream)
        for number in range(seconds * fps):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90 + number % 7, np.uint8), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            out.mux(video.encode(frame))
        out.mux(video.encode())
        for stream, (_, _, hz, layout, lasting) in zip(streams, tracks, strict=True):
            width = len(av.AudioLayout(layout).channels)
            tone = 3000 * np.sin(2 * np.pi * hz * np.arange(round(lasting * RATE)) / RATE)
            samples = np.repeat(tone.astype(np.int16)[:, None], width, axis=1).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="s16", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
            out.mux(stream.encode(frame))
            out.mux(stream.encode())
    return path


def loudest(path, **asked):
    """Which band of the film's sound is loudest."""
    source = open_source(path, **asked)
    rows = [measure_block(block).hearing for block in decode_blocks(source, source.film.stretches)]
    return max(("low", "middle", "high"), key=lambda band: sum(table[band].sum() for table in rows))


@pytest.fixture(scope="module")
def tongues(tmp_path_factory):
    tracks = [
        ("eng", "Director’s commentary", 100, "stereo", 4),
        ("eng", "", 500, "stereo", 4),
        ("fra", "", 2000, "mono", 4),
    ]
    return write(tmp_path_factory.mktemp("tracks") / "tongues.mkv", tracks)


def test_a_commentary_is_not_the_film(tongues):
    assert loudest(tongues) == "middle"


@pytest.mark.parametrize(("asked", "band"), [("en", "middle"), ("fr", "high"), ("fra", "high"), ("French", "high")])
def test_a_track_is_chosen_by_its_language(tongues, asked, band):
    assert loudest(tongues, audio=asked) == band


@pytest.mark.parametrize("asked", ["de", "klingon", "[x]\n"])
def test_a_language_that_is_not_there_is_refused(tongues, asked):
    with pytest.raises(UsageWrong, match="no sound track in"):
        open_source(tongues, asked)


def test_another_track_is_read_anew_and_stays(tongues, tmp_path):
    folder = tmp_path / "tongues.punctum"
    read_film(tongues, out=folder)
    first = store.open_bundle(folder)
    assert not read_film(tongues, out=folder, audio="fr").already
    second = store.open_bundle(folder)
    assert second.made["settings"]["audio"] == "fr"
    assert not second.hearing.equals(first.hearing)
    assert read_film(tongues, out=folder).already
    assert read_film(tongues, out=folder, audio="en").already is False


@pytest.mark.parametrize("layout", ["mono", "stereo", "5.1", "7.1"])
def test_layouts(tmp_path, layout):
    film = write(tmp_path / "film.mkv", [("", "", 500, layout, 4)])
    assert loudest(film) == "middle"


@pytest.mark.parametrize("lasting", [1.0, 9.0])
def test_a_track_shorter_or_longer_than_the_picture(tmp_path, lasting):
    film = write(tmp_path / "film.mkv", [("", "", 500, "mono", lasting)])
    read_film(film, out=tmp_path / "film.punctum")
    bundle = store.open_bundle(tmp_path / "film.punctum")
    assert bundle.hearing.height == 200
    assert bundle.hearing["step"].to_list() == list(range(200))
    silent = bundle.sounds.filter(bundle.sounds["kind"] == "digital_silence")
    spans = list(zip(silent["start_s"].to_list(), silent["end_s"].to_list(), strict=True))
    # the K-weighting rings on for a moment
    assert spans == ([(pytest.approx(1.0, abs=0.15), 4.0)] if lasting < 4 else [])


def write_pieces(path, pieces, seconds=4, fps=10):
    """A grey film whose sound is pieces of floating-point samples, each where it begins: (start_s, samples)."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("mpeg4", rate=fps)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        stream = out.add_stream("pcm_f32le", rate=RATE, layout="mono")
        for number in range(seconds * fps):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90 + number % 7, np.uint8), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            out.mux(video.encode(frame))
        out.mux(video.encode())
        for start_s, samples in pieces:
            frame = av.AudioFrame.from_ndarray(samples[None].astype(np.float32), format="flt", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, round(start_s * RATE), Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


def sine(seconds):
    return 0.1 * np.sin(2 * np.pi * 500 * np.arange(round(seconds * RATE)) / RATE)


def test_a_track_with_holes_is_silent_in_them(tmp_path):
    film = write_pieces(tmp_path / "film.mkv", [(0.0, sine(1.0)), (2.5, sine(0.5))])
    read_film(film, out=tmp_path / "film.punctum")
    bundle = store.open_bundle(tmp_path / "film.punctum")
    assert bundle.hearing["step"].to_list() == list(range(200))
    silent = bundle.sounds.filter(bundle.sounds["kind"] == "silence")
    assert silent["start_s"].to_list() == pytest.approx([1.0, 3.0], abs=0.15)
    assert silent["end_s"].to_list() == pytest.approx([2.5, 4.0], abs=0.15)
    assert "digital_silence" in bundle.sounds["kind"].to_list()


def test_samples_that_are_no_numbers_are_taken_for_silence(tmp_path):
    broken = sine(4.0)
    broken[RATE : 2 * RATE] = np.nan
    broken[2 * RATE + 100] = np.inf
    broken[2 * RATE + 200] = -1e30
    film = write_pieces(tmp_path / "film.mkv", [(0.0, broken)])
    read_film(film, out=tmp_path / "film.punctum")
    bundle = store.open_bundle(tmp_path / "film.punctum")
    for table in (bundle.hearing, bundle.frames, bundle.tables["loudness"], bundle.sounds):
        floats = table.select(name for name, kind in table.schema.items() if kind.is_float())
        assert all(column.drop_nulls().is_finite().all() for column in floats)
    level = bundle.hearing["middle"].to_numpy().astype(int)
    assert (level[55:95] == 0).all()  # zeros where there are no numbers
    assert set(level[2:45]) == set(level[130:190]) != {0}
