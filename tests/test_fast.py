"""Fast readings: which frames are left out, what their rows hold, and that they find what whole readings find."""

from fractions import Fraction
from types import SimpleNamespace

import av
import numpy as np
import polars as pl
import pytest
from tests import films

from punctum import open_bundle
from punctum.bundle import diff_bundles
from punctum.cli import run
from punctum.measure import gaps, measure_block
from punctum.media import Sparse, decode_blocks, open_source, scan_key_frames, write_film
from punctum.media.spare import Packet, choose_left_out, is_leap, is_spare
from punctum.pipeline import read_film
from punctum.segment import fill_skipped
from punctum.tables import FRAMES, conform

BASE = SimpleNamespace(time_base=Fraction(1, 24), first_pts=0)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Two shots of slow movement, every second frame leaned on by none, as x264 makes them."""
    path = tmp_path_factory.mktemp("fast") / "film.mkv"
    pictures = [*films.moving(131, (144, 256), seed=1), *(255 - p for p in films.moving(109, (144, 256), seed=7))]
    options = {"preset": "ultrafast", "bf": "3", "b-adapt": "0", "b_strategy": "0", "g": "60", "sc_threshold": "0"}
    options |= {"x264-params": "b-pyramid=normal:scenecut=0"}
    write_film(path, pictures, fps=24, sound=films.tone(10.0), sample_rate_hz=films.RATE_HZ, options=options)
    return path


def sparse_of(source, loop_filter=""):
    scan = scan_key_frames(source, fast=True)
    assert list(scan)
    return Sparse(scan.pts, scan.left_out, loop_filter)


def rows_of(source, **how):
    measured = [measure_block(block) for block in decode_blocks(source, **how)]
    return pl.concat([m.frames for m in measured]).hstack(pl.concat([m.grid for m in measured]).select("cells"))


@pytest.mark.parametrize(
    ("codec", "data", "spare"),
    [
        ("h264", b"\0\0\0\2\x09\x10\0\0\0\5\x01abcd", True),  # a delimiter, then a slice no other leans on
        ("h264", b"\0\0\0\2\x09\x10\0\0\0\5\x41abcd", False),
        ("h264", b"\0\0\0\1\x09\x10\0\0\1\x01abcd", True),
        ("h264", b"\0\0\1\x65abcd", False),
        ("hevc", b"\0\0\0\5\x00\x01abc", True),  # TRAIL_N
        ("hevc", b"\0\0\0\5\x02\x01abc", False),  # TRAIL_R
        ("hevc", b"\0\0\0\5\x26\x01abc", False),  # IDR
        ("mpeg2video", b"\0\0\1\0\x00\x18\xff", True),
        ("mpeg2video", b"\0\0\1\0\x00\x10\xff", False),
        ("mpeg4", b"\0\0\1\xb6\x80", True),
        ("mpeg4", b"\0\0\1\xb6\x40", False),
        ("h264", b"", False),
        ("h264", b"\0\0\0\xff", False),
    ],
)
def test_spare_frames_are_told_by_their_header(codec, data, spare):
    assert is_spare(codec, data) is spare


def packets(count=240, loud=(), size=100):
    """Frames shown 0, 2, 1, 4, 3 …: every odd one spare."""
    order = [0] + [i for even in range(2, count + 1, 2) for i in (even, even - 1)]
    return [Packet(i, 4 * size if i in loud else size, i == 0, i % 2 == 1) for i in order if i < count]


def test_quiet_spare_frames_are_left_out_but_for_one_a_second_and_at_the_edges():
    left_out = choose_left_out(packets(), BASE)
    assert set(left_out.tolist()) == {i for i in range(1, 239, 2) if i % 24 != 1}


def test_nothing_is_left_out_around_a_loud_packet():
    left_out = set(choose_left_out(packets(loud=(109,)), BASE).tolist())
    assert left_out.isdisjoint(range(103, 116))
    assert {99, 101, 117, 119} <= left_out


def test_frames_at_the_edges_of_parts_are_decoded():
    left_out = set(choose_left_out(packets(1500), BASE).tolist())
    assert not left_out & {719, 720}
    assert {715, 717, 723} <= left_out


def test_frames_of_one_stamp_make_a_film_that_is_read_whole():
    assert choose_left_out([*packets(), Packet(5, 100, False, True)], BASE).size == 0


def test_a_leap_is_told_against_the_change_before():
    flat = [np.full((16, 32, 3), level, np.uint8) for level in (100, 104, 140, 108)]
    assert is_leap(flat[0], flat[1], flat[2], 2, 2)
    assert not is_leap(flat[0], flat[1], flat[3], 2, 2)


def test_frames_that_are_decoded_are_those_of_a_whole_reading(film):
    source = open_source(film)
    whole, fast = rows_of(source), rows_of(source, sparse=sparse_of(source))
    assert fast["pts"].to_list() == whole["pts"].to_list()
    shown = fast["brightness"].is_not_null()
    assert 0.2 < 1 - shown.mean() < 0.5
    assert fast["level_db"].to_list() == whole["level_db"].to_list()
    for name in ("brightness", "key", "sharpness", "cells"):
        assert fast.filter(shown)[name].to_list() == whole.filter(shown)[name].to_list()
    for name in ("change", "motion_w_s", "correlation"):
        known = fast[name].is_not_null()
        assert known.sum() > 10
        assert fast.filter(known)[name].to_list() == whole.filter(known)[name].to_list()
    # the frame after a gap does not say how it changed from the frame before
    after = ~shown.shift(1, fill_value=True) & shown
    assert fast.filter(after)["change"].null_count() == after.sum()


@pytest.mark.parametrize(
    ("codec", "options"),
    [
        ("mpeg4", {"bf": "2", "b": "2M"}),
        ("mpeg2video", {"bf": "2", "b": "2M"}),
        ("libx265", {"preset": "ultrafast", "x265-params": "bframes=3:b-adapt=0:keyint=48:log-level=error"}),
    ],
)
def test_frames_of_other_codecs_do_without_the_spare_ones(tmp_path, codec, options):
    path = tmp_path / "film.mkv"
    write_film(path, films.moving(72, (144, 256)), fps=24, codec=codec, options=options)
    source = open_source(path)
    whole, fast = rows_of(source), rows_of(source, sparse=sparse_of(source))
    shown = fast["brightness"].is_not_null()
    assert 0.2 < 1 - shown.mean() < 0.7
    assert fast["pts"].to_list() == whole["pts"].to_list()
    assert fast.filter(shown)["cells"].to_list() == whole.filter(shown)["cells"].to_list()


def test_blocks_of_any_size_threads_and_beginnings_give_the_same_fast_table(film):
    source = open_source(film)
    sparse = sparse_of(source, "bidir")
    whole = rows_of(source, sparse=sparse, threads=1)
    for size, threads in ((7, 2), (48, 2), (1, 1)):
        assert rows_of(source, sparse=sparse, block_frames=size, threads=threads).equals(whole)
    later = rows_of(source, sparse=sparse, start_s=4.2, first_frame=int((whole["time_s"] < 4.2).sum()))
    pictures = [name for name in whole.columns if name not in ("level_db", "loudness_lufs")]
    assert later.select(pictures).equals(whole.filter(pl.col("time_s") >= 4.2).select(pictures))


def test_a_gap_over_which_much_changes_is_decoded_all_the_same(film):
    source = open_source(film)
    spare = sparse_of(source)
    pts = spare.pts.tolist()
    cut = pts[131]
    hidden = [p for p in pts if pts[119] < p < pts[145] and p in set(_spare_stamps(source))]
    assert any(pts[129] <= p <= pts[131] for p in hidden)
    found = rows_of(source, sparse=Sparse(spare.pts, np.array(hidden, np.int64), ""))
    assert found.filter(pl.col("pts") == cut)["change"][0] == rows_of(source).filter(pl.col("pts") == cut)["change"][0]
    assert found["brightness"].null_count() > 5


def _spare_stamps(source):
    with av.open(source.path) as container:
        return [p.pts for p in container.demux(video=0) if p.size and is_spare("h264", p)]


@pytest.mark.slow
def test_a_fast_reading_finds_what_a_whole_one_finds(film, tmp_path):
    fast = open_bundle(read_film(film, out=tmp_path / "fast.punctum", fast=True).folder)
    again = open_bundle(read_film(film, out=tmp_path / "again.punctum", fast=True, threads=1).folder)
    whole = open_bundle(read_film(film, out=tmp_path / "whole.punctum").folder)
    assert diff_bundles(tmp_path / "fast.punctum", tmp_path / "again.punctum") == []
    assert again.made["settings"]["fast"] is True
    assert "fast" not in whole.made["settings"]
    assert fast.film.frame_count == whole.film.frame_count == 240
    assert fast.tables["frames"]["brightness"].null_count() > 40
    assert fast.tables["shots"]["start_frame"].to_list() == whole.tables["shots"]["start_frame"].to_list() == [0, 131]
    for name, error in (("brightness", 0.006), ("motion_w_s", 0.012), ("contrast", 0.002)):
        gap = (fast.tables["shots"][name] - whole.tables["shots"][name]).abs().max()
        assert gap < error, name


@pytest.mark.slow
def test_a_whole_reading_replaces_a_fast_one_and_not_the_other_way_round(film, tmp_path):
    out = tmp_path / "a.punctum"
    read_film(film, out=out, fast=True)
    assert read_film(film, out=out, fast=True).already
    assert not read_film(film, out=out).already
    assert open_bundle(out).tables["frames"]["brightness"].null_count() == 0
    assert read_film(film, out=out, fast=True).already


def test_a_codec_without_spare_frames_is_read_whole(tmp_path):
    path = tmp_path / "plain.mkv"
    write_film(path, films.moving(40), fps=24, codec="mjpeg", options={}, pixel_format="yuvj420p")
    fast = open_bundle(read_film(path, fast=True).folder)
    assert fast.tables["frames"]["brightness"].null_count() == 0


def test_likely_values_lie_between_those_known():
    known = {"frame": range(6), "time_s": [n / 24 for n in range(6)], "brightness": [0.1, None, 0.3, None, 0.5, 0.6]}
    known |= {"change": [None, None, None, None, None, 0.02], "motion_w_s": [None, None, None, None, None, 0.1]}
    frames = conform(pl.DataFrame(known), FRAMES)
    filled = fill_skipped(frames)
    assert filled["brightness"].round(5).to_list() == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert filled["change"].round(5).to_list() == [None, *[pytest.approx(0.02)] * 5]
    assert fill_skipped(filled).equals(filled)


def test_grids_of_frames_left_out_lie_between_their_neighbours(film):
    source = open_source(film)
    rows = rows_of(source, sparse=sparse_of(source))
    at = rows["brightness"].is_null().arg_max()
    before, own, after = (np.frombuffer(rows["cells"][at + i], np.uint8).astype(int) for i in (-1, 0, 1))
    assert np.abs(2 * own - before - after).max() <= 1


def test_runs_need_two_frames():
    assert gaps.runs(np.array([0, 2, 4])) == []


def test_quick_and_fast_exclude_each_other(film, capsys):
    assert run(["read", str(film), "--quick", "--fast"]) == 2
    assert "exclude each other" in capsys.readouterr().err


def test_frames_that_the_decoder_lost_have_their_place():
    # x265 at 50 frames a second: frames lean on some that are called spare, and the decoder gives none of them out
    sparse = Sparse(np.arange(0, 100, 10), np.array([10, 50], np.int64))
    assert sparse.between(0, 40) == [10, 20, 30]
    assert sparse.between(40, 50) == []
    assert sparse.rank(40) - sparse.rank(0) == len(sparse.between(0, 40)) + 1
