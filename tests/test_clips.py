"""Clips have the frames that they should, at their times, with the sound that belongs to them."""

from pathlib import Path

import av
import numpy as np
import pytest
from tests import films

from punctum.errors import FilmUnreadable, UsageWrong
from punctum.media import clips as clips_module
from punctum.media import cut_clip, open_source, still_frames
from punctum.media.clip_joining import Middle, find_middle, join_sets


def decoded(path, audio=False, index=None):
    """Frames as luma arrays with their times, or the sound as one array with its rate."""
    with av.open(str(path)) as container:
        if audio:
            stream = container.streams.audio[0]
            start = None
            pieces = []
            for frame in container.decode(stream):
                start = frame.time if start is None else start
                pieces.append(frame.to_ndarray())
            sound = np.concatenate(
                [p if frame.format.is_planar else p.reshape(-1, frame.layout.nb_channels).T for p in pieces], axis=1
            )
            return sound[0].astype(np.float32), stream.rate, start
        stream = container.streams.video[0] if index is None else container.streams[index]
        return [(frame.time, frame.to_ndarray(format="gray")) for frame in container.decode(stream)]


def inside(path, start_s, end_s, index=None):
    every = decoded(path, index=index)
    first = every[0][0]
    return [(time - first, picture) for time, picture in every if start_s - 1e-4 <= time - first < end_s - 1e-4]


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return films.film(tmp_path_factory.mktemp("clip"), frames=100, sound=films.clicks(4.0, every_s=0.5))


def test_copied_from_key_frame_to_key_frame_bit_for_bit(film, tmp_path):
    cut = cut_clip(open_source(film), 0.96, 1.92, tmp_path / "a.mp4")
    assert (cut.how, cut.frames, cut.start_s, cut.end_s) == ("copied", 24, 0.96, 1.92)
    wanted, got = inside(film, 0.96, 1.92), decoded(cut.path)
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(wanted, got, strict=True))
    assert [time for time, _ in got] == pytest.approx([n / 25 for n in range(24)], abs=1e-6)


@pytest.mark.parametrize("suffix", [".mp4", *(pytest.param(s, marks=pytest.mark.slow) for s in (".mkv", ".mov"))])
def test_encoded_where_the_cut_falls_between(film, tmp_path, suffix):
    cut = cut_clip(open_source(film), 0.5, 1.5, tmp_path / f"a{suffix}")
    assert (cut.how, cut.frames) == ("encoded", 25)
    wanted, got = inside(film, 0.5, 1.5), decoded(cut.path)
    off = [float(np.abs(a[1].astype(float) - b[1]).mean()) for a, b in zip(wanted, got, strict=True)]
    # a frame's neighbours are further away than its own coding error
    other = [float(np.abs(a[1].astype(float) - b[1]).mean()) for a, b in zip(wanted[1:], got, strict=False)]
    assert max(off) < 1.5
    assert max(off) < min(other)


@pytest.mark.parametrize("suffix", [".mp4", pytest.param(".mkv", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "span", [(0.5, 3.5), *(pytest.param(s, marks=pytest.mark.slow) for s in ((0.96, 3.5), (0.5, 2.88)))]
)
def test_encoded_at_its_ends_only(film, tmp_path, suffix, span):
    cut = cut_clip(open_source(film), *span, tmp_path / f"a{suffix}")
    assert cut.how == "joined"
    wanted, got = inside(film, *span), decoded(cut.path)
    off = [float(np.abs(a[1].astype(float) - b[1]).mean()) for a, b in zip(wanted, got, strict=True)]
    copied = [n for n, (time, _) in enumerate(wanted) if 0.96 - 1e-4 <= time < 2.88 - 1e-4]
    assert max(off) < 1.5
    assert max(off[n] for n in copied) == 0
    assert [time for time, _ in got] == pytest.approx([time - wanted[0][0] for time, _ in wanted], abs=1.1e-3)


def test_the_middle_lies_between_closed_key_frames():
    # I B B P | I (open: a leading picture follows it) B | I P
    stamps = [
        (0, 0, True),
        (3, 1, False),
        (1, 2, False),
        (2, 3, False),
        (6, 4, True),
        (5, 5, False),
        (8, 6, True),
        (9, 7, False),
    ]
    assert find_middle(stamps, 0, 9) == Middle(0, 8)
    assert find_middle(stamps, 1, 9) is None  # 6 is open: one closed key frame is no middle
    assert find_middle(stamps, 4, 10) is None


def test_parameter_sets_stand_side_by_side():
    sps, pps = b"\x67\x42\x00\x1e\x80\x01", b"\x68\x80\x02"
    record = (
        b"\x01\x42\x00\x1e\xff\xe1" + len(sps).to_bytes(2, "big") + sps + b"\x01" + len(pps).to_bytes(2, "big") + pps
    )
    own_sps, own_pps = b"\x67\x64\x00\x0a\x04\x1f\x03", b"\x68\x04\x1f\x04"
    joined = join_sets(record, b"\x00\x00\x00\x01" + own_sps + b"\x00\x00\x01" + own_pps)
    assert joined[5] & 0x1F == 2
    assert joined.index(sps) < joined.index(own_sps) < joined.index(pps) < joined.index(own_pps)
    with pytest.raises(ValueError, match="told apart"):
        join_sets(joined, b"\x00\x00\x00\x01" + own_sps + b"\x00\x00\x01" + own_pps)
    with pytest.raises(ValueError, match="no record"):
        join_sets(b"\x00\x00\x01" + sps, own_sps)


@pytest.mark.parametrize("span", [(0.96, 1.92), (0.7, 2.3)])
def test_sound_lies_where_it_lay(film, tmp_path, span):
    cut = cut_clip(open_source(film), *span, tmp_path / "a.mp4")
    sound, rate, start = decoded(cut.path, audio=True)
    loud = np.flatnonzero(np.abs(sound) > 0.2)
    onsets = loud[np.concatenate(([True], np.diff(loud) > rate // 10))] / rate + start
    expected = [k / 2 - cut.start_s for k in range(8) if cut.start_s <= k / 2 < cut.end_s - 0.03]
    # a packet of AAC is 21 ms
    assert [onset for onset in onsets if onset > 0.03] == pytest.approx([at for at in expected if at > 0.03], abs=0.003)


def test_variable_rate_keeps_its_times(tmp_path):
    film = films.variable_rate(tmp_path)
    cut = cut_clip(open_source(film), 0.5, 2.0, tmp_path / "a.mp4")
    wanted = [time for time, _ in inside(film, 0.5, 2.0)]
    assert [time for time, _ in decoded(cut.path)] == pytest.approx([time - wanted[0] for time in wanted], abs=1.1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("open.mp4", {"options": films.OPEN_GOPS}),
        ("b.mkv", {"options": films.B_FRAMES, "sound": films.clicks(4.0), "sound_codec": "pcm_s16le"}),
        ("h264.avi", {"sound": films.clicks(4.0), "sound_codec": "pcm_s16le"}),
        ("late.mkv", {"start_s": 5.0, "sound": films.clicks(4.0)}),
        ("inter.mkv", {"interlaced": True}),
        (
            "hdr.mkv",
            {
                "colour": "pq",
                "codec": "libx265",
                "pixel_format": "yuv420p10le",
                "options": {"x265-params": "log-level=none"},
            },
        ),
        ("odd.mkv", {"codec": "ffv1", "pixel_format": "bgr0", "shape": (95, 161), "options": {}}),
        ("mpeg2.mkv", {"codec": "mpeg2video"}),
        ("wide.mp4", {"pixel_aspect": 2}),
    ],
)
@pytest.mark.parametrize(("span", "suffix"), [((0.0, 1.0), ".webm"), ((0.96, 1.92), ".mp4"), ((0.5, 99.0), ".mkv")])
def test_many_kinds(tmp_path, name, how, span, suffix):
    film = films.film(tmp_path, name, frames=100, **how)
    source = open_source(film)
    cut = cut_clip(source, *span, tmp_path / f"clip{suffix}")
    every = [time for time, _ in decoded(film)] if not name.endswith("avi") else [n / 25 for n in range(100)]
    wanted = [time - every[0] for time in every if span[0] - 1e-4 <= time - every[0] < span[1] - 1e-4]
    got = [time for time, _ in decoded(cut.path)]
    assert got == pytest.approx([time - wanted[0] for time in wanted], abs=1.1e-3)
    if cut.how == "copied":
        pairs = zip(inside(film, *span), decoded(cut.path), strict=True)
        assert all(np.array_equal(a[1], b[1]) for a, b in pairs)


@pytest.mark.slow
def test_what_browsers_play(tmp_path):
    film = films.film(
        tmp_path, "ten.mkv", frames=50, codec="libx265", options={"x265-params": "log-level=none:keyint=25"}
    )
    assert cut_clip(open_source(film), 0.0, 9.0, tmp_path / "a.mp4").how == "copied"
    cut = cut_clip(open_source(film), 0.0, 9.0, tmp_path / "b.mp4", everywhere=True, long_px=80)
    with av.open(str(cut.path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt, stream.width) == ("h264", "yuv420p", 80)


@pytest.mark.slow
def test_a_turned_film_is_upright(tmp_path):
    film = films.rotated(tmp_path, 90)
    cut = cut_clip(open_source(film), 0.1, 0.3, tmp_path / "a.mp4")
    with av.open(str(cut.path)) as container:
        frame = next(container.decode(video=0))
        picture = frame.to_ndarray(format="rgb24")
    assert picture.shape == (160, 96, 3)
    assert picture[20, 48, 0] > 150 > picture[20, 48, 1]  # red was left, a quarter turn puts it above


def test_a_clip_that_came_out_wrong_is_not_left_behind(film, tmp_path, monkeypatch):
    target = tmp_path / "a.mp4"
    target.write_bytes(b"mine")
    monkeypatch.setattr(clips_module, "_check", lambda *_: "it has 1 frame and not 24")
    with pytest.raises(FilmUnreadable, match="1 frame"):
        cut_clip(open_source(film), 0.96, 1.92, target)
    assert target.read_bytes() == b"mine"
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


@pytest.mark.parametrize(
    ("span", "name"), [((5.0, 6.0), "a.mp4"), ((1.0, 1.0), "a.mp4"), ((0.0, 1.0), "a.gif"), ((-1.0, 1.0), "a.mp4")]
)
def test_what_is_no_clip(film, tmp_path, span, name):
    with pytest.raises(UsageWrong):
        cut_clip(open_source(film), *span, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_stills_are_the_frames_shown_then(film):
    source = open_source(film)
    found = list(still_frames(source, [0.0, 0.99, 0.9999, 1.3, 50.0]))
    assert [round(time_s * 25) for time_s, _ in found] == [0, 24, 25, 32, 99]
    drawn = list(films.moving(100))
    for time_s, picture in found:
        away = [float(np.abs(picture.astype(int) - one).mean()) for one in drawn]
        assert int(np.argmin(away)) == round(time_s * 25)
        assert min(away) < 3


@pytest.mark.real
def test_clips_of_real_film(real_films, tmp_path):
    for film in real_films:
        source = open_source(film)
        for span in ((3.1, 5.2), (0.0, 2.0)):
            cut = cut_clip(source, *span, tmp_path / "clip.mp4")
            wanted = [time for time, _ in inside(film, *span, source.video_index)]
            assert [time for time, _ in decoded(cut.path)] == pytest.approx([t - wanted[0] for t in wanted], abs=1.1e-3)


@pytest.fixture
def real_films():
    import os

    folder = os.environ.get("PUNCTUM_MEDIA")
    if not folder:
        pytest.skip("PUNCTUM_MEDIA names no folder of real film")
    return sorted(path for path in Path(folder).iterdir() if path.suffix in (".mp4", ".webm", ".mkv"))[:6]
