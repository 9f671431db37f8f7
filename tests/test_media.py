"""What films of every kind give, against what was drawn into them."""

import dataclasses
import itertools
import pickle
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import films
from punctum.errors import FilmUnreadable, OutputUnwritable, quoted
from punctum.film import PART_S, SOUND_LEAD_S, Box, Stretch
from punctum.media import (
    crop_still,
    decode_blocks,
    decode_picture,
    encode_picture,
    identify,
    open_source,
    sample_sound,
    scan_key_frames,
    thumb_of,
    write_film,
)
from punctum.media.tonemap import tone_map


def read(path, **how):
    return list(decode_blocks(open_source(path), **how))


def joined(blocks, name):
    return np.concatenate([getattr(b, name) for b in blocks])


def own_thumbs(blocks):
    return np.concatenate([b.thumbs[b.lead :] for b in blocks])


def own_sound(blocks):
    return np.concatenate([b.sound[:, b.sound_edges[0] : b.sound_edges[-1]] for b in blocks], axis=1)


def by_part(blocks):
    parts = {}
    for b in blocks:
        parts.setdefault(int(b.time_s[0] // PART_S), []).append(
            (
                b.pts.tobytes(),
                b.time_s.tobytes(),
                b.lead_time_s.tobytes(),
                b.thumbs.tobytes(),
                b.sound.tobytes(),
                b.sound_edges.tobytes(),
                tuple(s.picture.tobytes() for s in b.stills),
            )
        )
    return parts


@pytest.mark.parametrize("kind", films.many_kinds())
def test_every_kind_comes_out_as_it_went_in(tmp_path, kind):
    path = films.many_kinds()[kind](tmp_path)
    source = open_source(path)
    faults = {}
    blocks = list(decode_blocks(source, faults=faults))
    scan = scan_key_frames(source)
    keys = list(scan)
    truth = np.stack(list(films.moving(50)))
    thumbs = own_thumbs(blocks)
    assert faults == {} == scan.faults
    assert thumbs.shape == (50, 76, 128, 3)
    means = truth.mean(axis=(1, 2)) - thumbs.mean(axis=(1, 2))
    assert np.abs(means).mean() < 3
    assert blocks[0].time_s[0] == 0
    if not kind.endswith("avi"):  # AVI writes an empty frame first
        np.testing.assert_allclose(joined(blocks, "time_s"), np.arange(50) / 25, atol=0.0006)
    np.testing.assert_array_equal(scan.pts, joined(blocks, "pts"))
    assert keys[0].time_s == 0
    assert keys[0].picture.shape == (96, 160, 3)
    sound = own_sound(blocks)
    assert abs(sound.shape[1] - 96000) <= 2000
    assert np.sqrt((sound[:, 4800:90000] ** 2).mean()) == pytest.approx(0.5 / 2**0.5, rel=0.06)


def test_pictures_are_in_range_and_order(tmp_path):
    blocks = read(films.black_to_white(tmp_path))
    levels = own_thumbs(blocks).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(levels, 255 * np.arange(50) / 49, atol=2.0)


@pytest.mark.parametrize("colour", ["bt709", "bt601"])
def test_colours_survive_their_matrix(tmp_path, colour):
    path = tmp_path / "colour.mp4"
    wanted = (190, 40, 80)
    write_film(path, [films.flat(wanted)] * 5, 25, options=films.FINE, colour=colour)
    found = read(path)[0].thumbs[0].mean(axis=(0, 1))
    np.testing.assert_allclose(found, wanted, atol=3)


def test_blocks_of_any_size_hold_the_same(tmp_path):
    path = films.film(tmp_path, frames=61, sound=films.tone(61 / 25))
    whole, small = read(path, block_frames=1000), read(path, block_frames=7, threads=1)
    assert [len(b.pts) for b in whole] == [61]
    assert [b.lead for b in small[:3]] == [0, 2, 2]
    for name in ("pts", "time_s", "damaged"):
        np.testing.assert_array_equal(joined(whole, name), joined(small, name))
    np.testing.assert_array_equal(own_thumbs(whole), own_thumbs(small))
    np.testing.assert_array_equal(own_sound(whole), own_sound(small))
    for before, after in itertools.pairwise(small):
        np.testing.assert_array_equal(after.thumbs[: after.lead], before.thumbs[-2:])
        np.testing.assert_array_equal(after.lead_time_s, before.time_s[-2:])
        assert after.first_frame == before.first_frame + len(before.pts)
        lead = round(SOUND_LEAD_S * 48000)
        assert after.sound_edges[0] == lead
        shared = min(lead, before.sound.shape[1])
        np.testing.assert_array_equal(after.sound[:, lead - shared : lead], before.sound[:, -shared:])


def test_stamps_of_variable_rate_are_exact(tmp_path):
    blocks = read(films.variable_rate(tmp_path))
    np.testing.assert_array_equal(joined(blocks, "pts"), films.VFR_STAMPS)
    np.testing.assert_allclose(joined(blocks, "time_s"), np.array(films.VFR_STAMPS) / 1000)
    edges = blocks[0].sound_edges - blocks[0].sound_edges[0]
    np.testing.assert_array_equal(edges[:5], np.array(films.VFR_STAMPS[:5]) * 48)


@pytest.mark.parametrize("start_s", [0.0, 7.24])
@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.ts"])
def test_sound_lies_where_it_was_put(tmp_path, name, start_s):
    path = films.film(tmp_path, name, 100, films.clicks(4.0), start_s=start_s)
    sound = own_sound(read(path))
    loud = np.flatnonzero(np.abs(sound[0]) > 0.3)
    starts = loud[np.flatnonzero(np.diff(loud, prepend=-9999) > 4800)]
    np.testing.assert_allclose(starts / 48000, np.arange(len(starts)) / 2, atol=0.002)
    assert len(starts) == 8


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("film.mp4", {"options": films.OPEN_GOPS}),
        ("film.mkv", {"options": films.B_FRAMES}),
        ("film.ts", {"options": films.OPEN_GOPS, "sound_codec": "ac3"}),
    ],
)
def test_a_part_read_alone_is_the_part_read_in_a_row(tmp_path, monkeypatch, name, how):
    monkeypatch.setattr("punctum.media.blocks.PART_S", 2.0)
    monkeypatch.setattr("punctum.media.sound.PART_S", 2.0)
    monkeypatch.setattr(sys.modules[__name__], "PART_S", 2.0)
    noise = np.random.default_rng(1).normal(0, 0.1, (2, 48000 * 7)).astype(np.float32)
    source = open_source(films.film(tmp_path, name, 175, noise, **how))
    whole = by_part(decode_blocks(source, threads=2))
    assert sorted(whole) == [0, 1, 2, 3]
    for part in whole:
        alone = by_part(decode_blocks(source, start_s=part * 2.0, end_s=part * 2.0 + 2.0, threads=1))
        assert alone[part] == whole[part], part


def test_a_start_between_frames_has_two_leads(tmp_path):
    source = open_source(films.film(tmp_path, frames=100, options=films.B_FRAMES))
    whole = list(decode_blocks(source))
    for start_s in (0.02, 0.04, 1.0, 2.38, 3.99):
        blocks = list(decode_blocks(source, start_s=start_s, end_s=start_s + 0.5, first_frame=7))
        if start_s > 3.96:
            assert blocks == []
            continue
        first = int(np.ceil(round(start_s * 25, 6)))
        assert blocks[0].first_frame == 7
        assert blocks[0].time_s[0] == pytest.approx(first / 25)
        assert blocks[0].lead == min(2, first)
        np.testing.assert_array_equal(
            blocks[0].thumbs, own_thumbs(whole)[first - blocks[0].lead :][: len(blocks[0].thumbs)]
        )


def test_stills_are_the_first_frames_of_half_seconds(tmp_path):
    blocks = read(films.variable_rate(tmp_path))
    times = np.array(films.VFR_STAMPS) / 1000
    wanted = [0] + [i for i in range(1, len(times)) if times[i] // 0.5 > times[i - 1] // 0.5]
    assert [s.frame for b in blocks for s in b.stills] == wanted
    assert blocks[0].stills[0].picture.shape == (96, 160, 3)


def test_no_sound(tmp_path):
    source = open_source(films.film(tmp_path))
    block = next(decode_blocks(source))
    assert source.sound_index is None
    assert source.film.channels == ()
    assert block.sound.shape == (0, 0)
    assert not block.sound_edges.any()
    assert list(sample_sound(source)) == []


@pytest.mark.parametrize(
    ("layout", "names"),
    [
        ("mono", ("FC",)),
        ("stereo", ("FL", "FR")),
        ("5.1", ("FL", "FR", "FC", "LFE", "BL", "BR")),
        ("7.1", ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR")),
    ],
)
def test_channels_have_their_names_and_places(tmp_path, layout, names):
    sound = np.zeros((len(names), 48000), np.float32)
    sound[:] = (np.arange(len(names)) + 1)[:, None] / 20
    path = films.film(tmp_path, "film.mkv", 25, sound, sound_codec="pcm_s16le", sound_layout=layout)
    source = open_source(path)
    assert source.film.channels == names
    got = own_sound(list(decode_blocks(source)))
    np.testing.assert_allclose(got.mean(axis=1), sound[:, 0], atol=1e-3)


def test_eight_planes_of_sound_do_no_harm(tmp_path):
    sound = np.concatenate([films.tone(1.0, 300.0 + 100 * c, 0.05 * (c + 1), 1) for c in range(8)])
    for codec, ending in [("aac", "mp4"), ("pcm_f32le", "mkv"), ("flac", "mkv")]:
        source = open_source(films.film(tmp_path, f"eight.{ending}", 25, sound, sound_codec=codec))
        assert len(source.film.channels) == 8
        got = own_sound(list(decode_blocks(source)))[:, 4800:43200]
        # AAC has no room for what lies above 120 Hz in the LFE channel
        kept = [c for c, name in enumerate(source.film.channels) if name != "LFE"]
        levels = np.sqrt((got**2).mean(axis=1)) / (0.05 * np.arange(1, 9) / 2**0.5)
        np.testing.assert_allclose(levels[kept], 1.0, rtol=0.03)
        assert list(sample_sound(source))


@pytest.mark.parametrize(("rate", "kept"), [(8000, 8000), (44100, 44100), (96000, 48000)])
def test_sample_rates(tmp_path, rate, kept):
    sound = films.tone(2.0, rate_hz=rate)
    path = films.film(tmp_path, "film.mkv", 50, sound, sample_rate_hz=rate, sound_codec="pcm_s16le")
    source = open_source(path)
    assert source.film.sample_rate_hz == kept
    got = own_sound(list(decode_blocks(source)))
    assert abs(got.shape[1] - 2 * kept) <= 1
    assert np.sqrt((got[:, 1000:-1000] ** 2).mean()) == pytest.approx(0.5 / 2**0.5, rel=0.01)


def test_sound_that_ends_early_is_followed_by_silence(tmp_path):
    path = films.film(tmp_path, "film.mkv", 50, films.tone(1.0), sound_codec="pcm_s16le")
    sound = own_sound(read(path))
    assert sound.shape[1] == 96000
    assert np.abs(sound[:, 48100:]).max() == 0
    assert np.abs(sound[:, :47000]).max() > 0.4


def test_sampled_sound_is_the_sound(tmp_path):
    noise = np.random.default_rng(2).normal(0, 0.1, (1, 48000 * 9)).astype(np.float32)
    source = open_source(films.film(tmp_path, "film.mov", 225, noise, sound_codec="pcm_s16le"))
    pieces = list(sample_sound(source, take_s=1.0, of_s=4.0))
    assert [p.start_s for p in pieces] == [-0.5, 3.5, 7.5]
    whole = own_sound(list(decode_blocks(source)))
    for piece in pieces[1:]:
        at = round(piece.start_s * 48000)
        np.testing.assert_array_equal(piece.sound, whole[:, at : at + piece.sound.shape[1]])
        assert piece.sound.shape[1] == 72000
        assert piece.lead_s == 0.5


@pytest.mark.parametrize(
    ("degrees", "red", "white"),
    [(90, "top", "bottom right"), (180, "right", "bottom left"), (270, "bottom", "top left")],
)
def test_rotation(tmp_path, degrees, red, white):
    source = open_source(films.rotated(tmp_path, degrees))
    block = next(decode_blocks(source))
    key = next(iter(scan_key_frames(source)))
    size = (96, 160) if degrees == 180 else (160, 96)
    assert source.film.rotation_deg == degrees
    assert (source.film.height_px, source.film.width_px) == size
    assert key.picture.shape == (*size, 3)
    for picture in (block.thumbs[0], key.picture):
        rows, columns = picture.shape[:2]
        top, left = slice(rows // 8, rows // 3), slice(columns // 8, columns // 3)
        bottom, right = slice(-rows // 3, -rows // 8), slice(-columns // 3, -columns // 8)
        everything = {"top": (top, slice(None)), "bottom": (bottom, slice(None)), "right": (slice(None), right)}
        corners = {"bottom right": (bottom, right), "bottom left": (bottom, left), "top left": (top, left)}
        np.testing.assert_allclose(picture[everything[red]].mean(axis=(0, 1)), (200, 30, 30), atol=8)
        np.testing.assert_allclose(picture[corners[white]].mean(axis=(0, 1)), (235, 235, 235), atol=8)


def test_pixel_aspect(tmp_path):
    path = films.film(tmp_path, frames=3, shape=(96, 120), pixel_aspect=Fraction(4, 3))
    block = read(path)[0]
    assert block.thumbs.shape[1:3] == (76, 128)
    assert block.stills[0].picture.shape == (96, 160, 3)


def test_bars_are_left_out(tmp_path):
    path = films.letterboxed(tmp_path)
    stretches = (Stretch(0.0, 4.0, films.LETTERBOX),)
    source = open_source(path)
    blocks = list(decode_blocks(source, stretches))
    assert blocks[0].thumbs.shape[1:] == (64, 128, 3)
    assert blocks[0].stills[0].picture.shape == (80, 160, 3)
    assert own_thumbs(blocks).min() > 40
    key = next(iter(scan_key_frames(source)))
    assert key.edges_px == films.LETTERBOX
    assert key.picture.shape == (120, 160, 3)
    still = crop_still(source, key.picture, stretches, 0.0)
    assert still.min() > 30
    assert thumb_of(source, still, stretches).shape == (64, 128, 3)
    bars_seen = []
    list(decode_blocks(source, stretches, bars_seen=bars_seen))
    assert [edges for _, edges in bars_seen] == [films.LETTERBOX] * 8


def test_a_change_of_ratio_is_found_to_the_frame(tmp_path):
    whole = Box(0, 0, 160, 120)
    source = open_source(films.letterboxed(tmp_path, (films.LETTERBOX, whole, films.LETTERBOX), each=80))
    # key frames every 24: the first ones that show the new ratio are 96 and 168; it changes at 80 and 160
    stretches = (
        Stretch(0.0, 96 / 25, films.LETTERBOX),
        Stretch(96 / 25, 168 / 25, whole),
        Stretch(168 / 25, 9.6, films.LETTERBOX),
    )
    blocks = list(decode_blocks(source, stretches))
    thumbs = own_thumbs(blocks)
    black_rows = (thumbs.max(axis=(2, 3)) < 30).sum(axis=1)
    assert thumbs.shape[1:] == (64, 128, 3)
    assert black_rows.max() == 0
    later = list(decode_blocks(source, stretches, start_s=82 / 25))
    np.testing.assert_array_equal(own_thumbs(later), thumbs[82:])
    shapes = {s.frame: s.picture.shape[0] for b in blocks for s in b.stills}
    assert [shapes[f] for f in sorted(shapes)] == [80] * 7 + [120] * 6 + [80] * 7


def test_ten_bits_and_edges(tmp_path):
    pictures = [films.barred(np.maximum(p, 60), Box(20, 0, 120, 96)) for p in films.moving(3)]
    path = tmp_path / "ten.mkv"
    write_film(path, pictures, 25, codec="ffv1", pixel_format="yuv420p10le")
    key = next(iter(scan_key_frames(open_source(path))))
    assert key.edges_px == Box(20, 0, 120, 96)


@pytest.mark.parametrize("colour", ["pq", "hlg"])
def test_high_dynamic_range_is_tone_mapped(tmp_path, colour):
    ramp = np.linspace(0, 65535, 160).astype(np.uint16)
    picture = np.broadcast_to(ramp[None, :, None], (96, 160, 3)).copy()
    path = tmp_path / "hdr.mkv"
    write_film(path, [picture] * 3, 25, codec="ffv1", pixel_format="yuv420p10le", colour=colour)
    source = open_source(path)
    assert source.transfer == colour
    assert "tone-mapped" in source.notes[0]
    thumb = next(decode_blocks(source)).thumbs[0].astype(int)
    line = thumb.mean(axis=(0, 2))
    assert np.ptp(thumb, axis=2).max() <= 2  # grey stays grey
    assert (np.diff(line) >= -0.6).all()
    assert line[0] <= 2
    assert line[-1] >= 250


def test_tone_map_keeps_reference_white_bright():
    # PQ 58 % is the 203 cd/m² of BT.2408; BT.2446 A brings it to between 70 and 90 % of SDR
    white = np.full((1, 1, 3), round(0.58 * 65535), np.uint16)
    assert 175 <= tone_map(white, "pq")[0, 0, 0] <= 230
    assert tone_map(np.zeros((1, 1, 3), np.uint16), "pq")[0, 0, 0] == 0
    assert tone_map(np.full((1, 1, 3), 65535, np.uint16), "sdr").tolist() == [[[255, 255, 255]]]


def test_interlaced_is_seen_through_one_field(tmp_path):
    picture = np.zeros((96, 160, 3), np.uint8)
    picture[0::2], picture[1::2] = 200, 40
    path = tmp_path / "interlaced.ts"
    options = {"b": "8M", "g": "12", "flags": "+ildct+ilme"}
    write_film(path, [picture] * 5, 25, codec="mpeg2video", options=options, interlaced=True)
    block = read(path)[0]
    assert block.interlaced.all()
    assert np.abs(block.thumbs.astype(int) - 200).mean() < 12


def test_key_frames(tmp_path):
    source = open_source(films.film(tmp_path, frames=200, options=films.B_FRAMES))
    dense = scan_key_frames(source, every_s=0.0)
    assert [round(k.time_s * 25) for k in dense] == [0, 24, 48, 72, 96, 120, 144, 168, 192]
    sparse = scan_key_frames(source, every_s=2.0)
    assert [round(k.time_s * 25) for k in sparse] == [0, 72, 144, 192]
    assert dense.content_id == sparse.content_id != ""
    np.testing.assert_array_equal(sparse.pts, joined(list(decode_blocks(source)), "pts"))


def test_identity_and_source(tmp_path):
    path = films.film(tmp_path, frames=5)
    source = open_source(path)
    assert identify(path) == source.film.film_id
    assert len(source.film.film_id) == 32
    assert pickle.loads(pickle.dumps(source)) == source
    assert dataclasses.replace(source, sound_index=None).film.width_px == 160
    copy = tmp_path / "other.mp4"
    copy.write_bytes(path.read_bytes() + b"\0")
    assert identify(copy) != identify(path)


def test_names_of_every_kind_are_only_names(tmp_path):
    plain = films.film(tmp_path, frames=5)
    for name in ["a'b\"c 🎬.mp4", "concat:a|b.mp4", "frame%03d.mp4", "-", "http:__x.mp4", "file:x.mp4", "*.mp4"]:
        path = tmp_path / name
        path.write_bytes(plain.read_bytes())
        assert open_source(path).film.file_name == name
    if sys.platform != "win32":
        path = tmp_path / "two\nlines.mp4"
        path.write_bytes(plain.read_bytes())
        assert open_source(path).film.width_px == 160
        assert quoted(path).endswith("two\\nlines.mp4`")


def _refused(path, word):
    with pytest.raises(FilmUnreadable, match=word) as caught:
        open_source(path)
    assert caught.value.hint
    assert "\n" not in str(caught.value) + caught.value.hint
    pickle.loads(pickle.dumps(caught.value))


def test_what_is_no_film_is_refused(tmp_path):
    _refused(tmp_path / "missing.mp4", "does not exist")
    _refused(tmp_path, "directory")
    empty = tmp_path / "empty\n.mp4"
    empty.write_bytes(b"")
    _refused(empty, "empty")
    text = tmp_path / "text.mp4"
    text.write_text("This is no film.\n" * 50)
    _refused(text, "no film|not a film")
    noise = tmp_path / "noise.mkv"
    noise.write_bytes(np.random.default_rng(3).bytes(50_000))
    _refused(noise, "no film|not a film|no video|no frame")
    picture = tmp_path / "picture.mp4"
    picture.write_bytes(encode_picture(films.grey(0.5)))
    _refused(picture, "picture")
    playlist = tmp_path / "list.mp4"
    playlist.write_text("#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/a.ts\n")
    _refused(playlist, "no film|not a film")
    write_sound_only(tmp_path / "sound.m4a")
    _refused(tmp_path / "sound.m4a", "only sound")


def write_sound_only(path):
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48000
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are another matter there")
def test_no_permission(tmp_path):
    import os

    path = films.film(tmp_path, frames=2)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    _refused(path, "may not be read")


def test_truncated_and_damaged_films_are_read_as_far_as_they_go(tmp_path):
    data = bytearray(films.film(tmp_path, "film.ts", 100, films.tone(4.0)).read_bytes())
    cut = tmp_path / "cut.ts"
    cut.write_bytes(data[: len(data) // 2])
    assert 20 < sum(len(b.pts) for b in read(cut)) < 80
    rng = np.random.default_rng(4)
    for at in rng.integers(len(data) // 4, len(data), 60):
        data[at] ^= 0xFF
    broken = tmp_path / "broken.ts"
    broken.write_bytes(data)
    faults = {}
    blocks = read(broken, faults=faults)
    assert len(joined(blocks, "pts")) > 40
    assert (np.diff(joined(blocks, "pts")) > 0).all()
    assert np.isfinite(own_sound(blocks)).all()
    assert sum(faults.values()) > 0


def test_tiny_and_odd_sizes(tmp_path):
    for shape in [(1, 1), (2, 2), (17, 33), (2, 500)]:
        path = tmp_path / f"size{shape[0]}x{shape[1]}.mkv"
        write_film(path, films.moving(4, shape), 25, codec="ffv1", pixel_format="yuv444p")
        source = open_source(path)
        blocks = list(decode_blocks(source))
        assert len(joined(blocks, "pts")) == 4
        assert blocks[0].thumbs.dtype == np.uint8
        assert min(blocks[0].thumbs.shape[1:3]) >= 16
        assert blocks[0].stills[0].picture.shape == (*shape, 3)


def test_one_frame(tmp_path):
    source = open_source(films.film(tmp_path, frames=1))
    blocks = list(decode_blocks(source))
    assert [len(b.pts) for b in blocks] == [1]
    assert len(list(scan_key_frames(source))) == 1


def test_writing_twice_gives_the_same_bytes(tmp_path):
    one = films.film(tmp_path, "one.mp4", 30, films.tone(1.2))
    two = films.film(tmp_path, "two.mp4", 30, films.tone(1.2))
    assert one.read_bytes() == two.read_bytes()


def test_writing_where_none_can(tmp_path):
    with pytest.raises(OutputUnwritable):
        write_film(tmp_path / "no" / "folder.mp4", films.moving(2))


def test_pictures_as_jpeg():
    picture = next(films.moving(1))
    data = encode_picture(picture)
    assert data == encode_picture(picture)
    assert np.abs(decode_picture(data).astype(int) - picture).mean() < 4
    with pytest.raises(FilmUnreadable):
        decode_picture(b"nothing")


@pytest.mark.real
def test_real_films(real_films):
    for path in real_films:
        source = open_source(path)
        scan = scan_key_frames(source)
        assert list(scan)
        stamps = joined(list(decode_blocks(source)), "pts")
        np.testing.assert_array_equal(scan.pts, stamps)


@pytest.fixture
def real_films():
    import os

    folder = os.environ.get("PUNCTUM_MEDIA")
    if not folder:
        pytest.skip("PUNCTUM_MEDIA names no folder of real film")
    return sorted(p for p in Path(folder).iterdir() if p.suffix in {".mp4", ".webm", ".mkv"})
