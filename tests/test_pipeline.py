"""Reading: broken off and gone on with, in part and whole, twice; corrections by hand."""

import errno
import random
import re
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from benchmarks.fuzz import draw_film, draw_scenes, film_to_be_killed, unlike

from punctum import correct_bundle, open_bundle, read_film
from punctum.bundle import Parts
from punctum.errors import BundleBusy, BundleInvalid, CorrectionUnclear, FilmUnreadable, OutputUnwritable, UsageWrong
from punctum.film import PART_S
from punctum.media import write_film
from punctum.pipeline import onepass
from punctum.pipeline.asked import covers

slow = pytest.mark.slow


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return film_to_be_killed(tmp_path_factory.mktemp("film"))


@pytest.fixture(scope="module")
def whole(film):
    return read_film(film, out=film.parent / "whole" / "a.punctum").folder


@pytest.fixture
def out(film, request):
    """Name a bundle as far from the film as the whole reading's, so that their addresses are the same."""
    return film.parent / re.sub(r"\W+", "-", request.node.name) / "a.punctum"


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    return draw_film(tmp_path_factory.mktemp("short") / "short.mp4", 8.0, 24)


def parts_of(bundle: Path) -> Parts:
    return Parts(bundle.with_name(bundle.name + ".reading"))


def dying_after(monkeypatch, blocks: int) -> None:
    """Let the reading die once so many blocks were measured."""
    measure, count = onepass.measure_block, 0

    def measuring(block):
        nonlocal count
        count += 1
        if count > blocks:
            raise KeyboardInterrupt
        return measure(block)

    monkeypatch.setattr(onepass, "measure_block", measuring)


def test_a_whole_reading(whole, film):
    bundle = open_bundle(whole)
    assert bundle.film.frame_count == bundle.frames.height == 140 * 12
    assert bundle.frames["frame"].to_list() == list(range(140 * 12))
    np.testing.assert_allclose(bundle.frames["time_s"], np.arange(140 * 12) / 12, atol=1e-4)
    assert bundle.film.duration_s == pytest.approx(140.0)
    assert bundle.made["coverage"] == "film"
    assert bundle.grid.select("frame").collect()["frame"].to_list() == bundle.frames["frame"].to_list()
    expected = [37 * k for k in range(1, -(-140 * 12 // 37))]
    found = [frame for frame, kind in bundle.shots.select("start_frame", "begins").iter_rows() if kind == "cut"]
    assert len(set(expected) & set(found)) >= 0.95 * len(expected)
    assert bundle.loudness.height == 1400
    assert not parts_of(whole).folder.exists()
    stills = {frame for shot in bundle.shots["stills"] for frame in shot}
    assert stills == {int(path.stem) for path in (whole / "stills").iterdir()}
    assert (whole / "notes.jsonl").exists()


def test_a_second_reading_answers_at_once(whole, film, monkeypatch):
    monkeypatch.setattr(onepass.media, "decode_blocks", None)
    assert read_film(film, out=whole).already


def test_threads_do_not_matter(short, tmp_path):
    one = read_film(short, out=tmp_path / "one.punctum", threads=1).folder
    two = read_film(short, out=tmp_path / "two.punctum", threads=2).folder
    assert unlike(one, two) == []


@pytest.mark.parametrize(
    "blocks",
    [
        pytest.param(0, marks=slow),
        pytest.param(5, marks=slow),
        8,
        pytest.param(19, marks=slow),
        pytest.param(34, marks=slow),
    ],
)
def test_a_broken_reading_goes_on_and_is_that_of_an_unbroken_one(film, whole, out, monkeypatch, blocks):
    with monkeypatch.context() as patched:
        dying_after(patched, blocks)
        with pytest.raises(KeyboardInterrupt):
            read_film(film, out=out)
    kept = parts_of(out).finished()
    assert kept == list(range(len(kept)))
    assert len(kept) == blocks // 8  # 360 frames are eight blocks
    said = []
    read_film(film, out=out, say=said.append)
    assert unlike(whole, out) == []
    assert said == []


@slow
def test_the_end_alone_then_the_whole(film, whole, out):
    outcome = read_film(film, out=out, last_s=20.0)
    assert outcome.coverage == "span"
    bundle = open_bundle(out)
    full = open_bundle(whole)
    end = bundle.frames.filter(pl.col("time_s") >= 120.0)
    columns = ["frame", "pts", "brightness", "change", "level_db"]
    assert end.select(columns).equals(full.frames.filter(pl.col("time_s") >= 120.0).select(columns))
    before = bundle.frames.filter(pl.col("time_s") < 120.0)
    assert 0 < before.height < 600
    assert before["change"].null_count() == before.height
    rough = bundle.shots.filter(pl.col("end_s") < 120.0)
    assert rough["provisional"].all()
    assert not bundle.shots.filter(pl.col("start_s") > 121.0)["provisional"].any()
    assert parts_of(out).finished() == [4]
    assert read_film(film, out=out, last_s=15.0).already
    read_film(film, out=out)
    assert unlike(whole, out) == []


@slow
def test_key_frames_only_are_provisional(film, out):
    read_film(film, out=out, quick=True)
    bundle = open_bundle(out)
    assert bundle.made["coverage"] == "key frames"
    assert bundle.shots["provisional"].all()
    assert bundle.readings["provisional"].all()
    assert bundle.film.frame_count == bundle.shots["end_frame"][-1] == 140 * 12
    assert bundle.shots["end_s"][-1] == bundle.film.duration_s == pytest.approx(140.0)
    steps = bundle.loudness["step"].to_numpy()
    assert 0.25 * 1400 < steps.size < 0.4 * 1400
    assert read_film(film, out=out, quick=True).already


@slow
def test_a_death_before_the_bars_are_settled_loses_nothing(film, whole, out, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(onepass, "find_stretches", _die)
        with pytest.raises(KeyboardInterrupt):
            read_film(film, out=out)
    read_film(film, out=out)
    assert unlike(whole, out) == []


def _die(*_):
    raise KeyboardInterrupt


@pytest.mark.slow
def test_frames_that_are_not_those_kept_are_read_anew(film, whole, out, monkeypatch):
    with monkeypatch.context() as patched:
        dying_after(patched, 19)
        with pytest.raises(KeyboardInterrupt):
            read_film(film, out=out)
    parts = parts_of(out)
    rows = parts.read(1, "frames").with_columns(pl.col("pts") + 1)
    kept = parts.file(1, "frames")
    rows.write_parquet(kept)
    said = []
    read_film(film, out=out, say=said.append)
    assert said == ["the frames found are not those kept: reading anew"]
    assert unlike(whole, out) == []


@slow
def test_a_damaged_film_repeats_whatever_the_threads_and_interruptions(film, out, monkeypatch):
    data, chance = bytearray(film.read_bytes()), random.Random(3)
    for _ in range(60):
        data[chance.randrange(data.find(b"mdat") + 5000, len(data) * 6 // 10)] ^= 0xFF
    damaged = film.parent / "damaged.mp4"
    damaged.write_bytes(data)
    one = read_film(damaged, out=out, threads=1)
    assert one.faults["damaged frames"] > 0
    two = out.parent.with_name("two") / out.name
    with monkeypatch.context() as patched:
        dying_after(patched, 13)
        with pytest.raises(KeyboardInterrupt):
            read_film(damaged, out=two, threads=2)
    assert read_film(damaged, out=two, threads=2).faults == one.faults
    assert unlike(out, two) == []


def test_forced_reading_keeps_corrections_by_hand(short, tmp_path):
    out = tmp_path / "a.punctum"
    read_film(short, out=out)
    uncorrected = open_bundle(out).shots
    cuts = uncorrected["start_frame"].to_list()
    assert 37 in cuts
    correct_bundle(out, "cut 0:02.5", who="Ann")
    correct_bundle(out, f"merge {37 / 24:.3f}")
    changed = open_bundle(out).shots["start_frame"].to_list()
    assert 60 in changed
    assert 37 not in changed
    read_film(short, out=out, force=True)
    bundle = open_bundle(out)
    assert bundle.shots["start_frame"].to_list() == changed
    assert bundle.shots.filter(pl.col("start_frame") == 60)["corrected"].item()
    assert bundle.notes[0]["who"] == "Ann"
    correct_bundle(out, "undo")
    correct_bundle(out, "undo")
    # of stills, only those that the corrected shots had were kept
    assert open_bundle(out).shots.drop("stills").equals(uncorrected.drop("stills"))
    with pytest.raises(CorrectionUnclear):
        correct_bundle(out, "undo")


def test_corrections_need_no_grid(short, tmp_path):
    out = tmp_path / "a.punctum"
    read_film(short, out=out)
    (out / "grid.parquet").unlink()
    correct_bundle(out, "cut 0:02.5")
    shots = open_bundle(out).shots
    assert 60 in shots["start_frame"].to_list()
    assert shots.filter(pl.col("start_frame") == 60)["palette"].to_list() == [[]]


@pytest.mark.parametrize("text", ["", "cut", "cut soon", "merge 0:00.1", "retype 1.5417 spiral", "cut 9:00", "burn 1"])
def test_unclear_corrections_are_refused_and_not_written_down(short, tmp_path, text):
    out = tmp_path / "a.punctum"
    read_film(short, out=out)
    with pytest.raises(CorrectionUnclear):
        correct_bundle(out, text)
    assert (out / "notes.jsonl").read_bytes() == b""


def test_two_readings_of_one_film_do_not_meet(short, tmp_path):
    out = tmp_path / "a.punctum"
    with parts_of(out).held(), pytest.raises(BundleBusy):
        read_film(short, out=out)


def test_a_film_that_changes_while_it_is_read_is_refused(tmp_path, monkeypatch):
    film = draw_film(tmp_path / "film.mp4", 3.0, 24)
    measure = onepass.measure_block

    def growing(block):
        with film.open("ab") as file:
            file.write(b"more")
        return measure(block)

    monkeypatch.setattr(onepass, "measure_block", growing)
    with pytest.raises(FilmUnreadable, match="changed while it was read"):
        read_film(film)
    assert not (tmp_path / "film.punctum").exists()


@slow
def test_a_full_disk_is_said_and_loses_nothing(film, tmp_path, monkeypatch):
    out = tmp_path / "a.punctum"
    write, count = Parts.write, 0

    def filling(self, number, rows, seen):
        nonlocal count
        count += 1
        if count == 3:
            monkeypatch.setattr("punctum.bundle.parts.write_parquet", _no_room)
        write(self, number, rows, seen)

    with monkeypatch.context() as patched:
        patched.setattr(Parts, "write", filling)
        with pytest.raises(OutputUnwritable, match="disk is full"):
            read_film(film, out=out)
    monkeypatch.undo()
    assert parts_of(out).finished() == [0, 1]
    assert read_film(film, out=out).coverage == "film"


def test_another_film_of_the_same_name_is_not_overwritten(short, tmp_path):
    out = tmp_path / "a.punctum"
    read_film(short, out=out)
    other = draw_film(tmp_path / "other.mp4", 2.0, 24)
    with pytest.raises(BundleInvalid, match="another film"):
        read_film(other, out=out)


def test_a_replaced_film_is_read_anew(short, tmp_path):
    film = tmp_path / "film.mp4"
    shutil.copy(short, film)
    read_film(film)
    film.unlink()
    draw_film(film, 2.0, 24)
    assert not read_film(film).already
    assert open_bundle(tmp_path / "film.punctum").film.frame_count == 48


@pytest.mark.parametrize(
    "name",
    ['it\'s "here".mp4', "two\nlines.mp4", "снег❄.mp4", "-last.mp4", "[bold]red.mp4", "a%20b#c?d.mp4", "a&b<c>.mp4"],
)
def test_file_names_may_hold_anything(short, tmp_path, name):
    film = tmp_path / name
    shutil.copy(short, film)
    folder = read_film(film).folder
    page = (folder / "page.html").read_text("utf-8")
    assert "<c>" not in page
    assert open_bundle(film).film.file_name == name


def test_one_frame_and_one_pixel(tmp_path):
    film = tmp_path / "one.mkv"
    write_film(film, draw_scenes(1, 1, 1), codec="ffv1", pixel_format="bgr0")
    bundle = open_bundle(read_film(film).folder)
    assert bundle.frames.height == bundle.shots.height == 1


@pytest.mark.parametrize(
    ("asked", "held"),
    [((0.0, 30.0), True), ((5.0, 20.0), True), ((0.0, 40.0), False), ((60.0, 70.0), False), (None, False)],
)
def test_what_was_read_covers_what_lies_within_it(asked, held):
    assert covers({"spans": [[0.0, 30.0]]}, asked) is held


@pytest.mark.parametrize(
    ("span", "last_s"), [((5.0, 5.0), None), ((9.0, 2.0), None), ((900.0, None), None), ((1.0, 2.0), 3.0)]
)
def test_spans_that_hold_nothing_are_refused(short, tmp_path, span, last_s):
    with pytest.raises(UsageWrong):
        read_film(short, out=tmp_path / "a.punctum", span=span, last_s=last_s)


def test_parts_are_of_the_length_the_tests_think():
    assert PART_S == 30.0
    assert onepass.OVERLAP_S == 2.0


def _no_room(*_):
    raise OSError(errno.ENOSPC, "No space left on device")
