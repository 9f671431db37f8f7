"""Mutated films and sudden deaths, a few of those that ``make fuzz`` has thousands of."""

import struct

import pytest
from benchmarks.fuzz import draw_film, films_to_mutate, fuzz, kill_readings
from tests import films

from punctum.errors import FilmUnreadable
from punctum.media import decode_blocks, open_source, scan_key_frames
from punctum.pipeline import read_film

pytestmark = pytest.mark.slow


def test_mutated_films_are_read_or_refused(tmp_path):
    found = fuzz(films_to_mutate(tmp_path), 150, seed=11, keep=tmp_path / "kept")
    assert set(found) <= {"ok", "refused"}
    assert sum(found.values()) == 150
    assert min(found["ok"], found["refused"]) > 10


def test_killed_readings_lose_nothing(tmp_path):
    film = draw_film(tmp_path / "long.mp4", 95.0, 8, (54, 96))
    assert kill_readings(film, 5, seed=3) == []


def patched(path, target, changes):
    """Copy an MP4 with integers of its boxes changed: ``{(box, offset): value}``."""
    data = bytearray(path.read_bytes())
    for (box, offset), value in changes.items():
        at = data.find(box)
        while at >= 0:
            struct.pack_into(">I", data, at + 4 + offset, value)
            at = data.find(box, at + 4)
    target.write_bytes(data)
    return target


THREE_HOURS_MS = 3 * 3600 * 1000


@pytest.mark.parametrize(
    "changes",
    [
        {(b"mvhd", 16): THREE_HOURS_MS, (b"tkhd", 20): THREE_HOURS_MS, (b"mdhd", 16): 3 * 3600 * 12800},
        {(b"mvhd", 16): 0xFFFFFFFE, (b"mdhd", 16): 0xFFFFFFFE},
    ],
)
def test_declared_lengths_are_not_believed(tmp_path, changes):
    path = patched(films.film(tmp_path, "film.mp4", 50), tmp_path / "declared.mp4", changes)
    scan = scan_key_frames(open_source(path))
    list(scan)
    assert scan.pts.size == 50
    assert sum(block.pts.size for block in decode_blocks(open_source(path))) == 50


def test_a_million_declared_frames_that_are_not_there(tmp_path):
    whole = films.film(tmp_path, "film.mov", 20, shape=(16, 16), codec="rawvideo", pixel_format="yuv420p", options={})
    data = whole.read_bytes()
    [count] = {struct.unpack_from(">I", data, data.find(b"stts") + 12)[0]}
    assert count == 20
    million = {(b"stts", 8): 10**6, (b"stsz", 8): 10**6, (b"stsc", 12): 10**6}
    path = patched(whole, tmp_path / "million.mov", million)
    try:
        outcome = read_film(path)
    except FilmUnreadable:
        return
    assert outcome.folder.is_dir()


@pytest.mark.parametrize("gap_s", [2400, 95_000, 10**9])
@pytest.mark.parametrize("ending", ["mkv", "ts"])
def test_leaps_in_time_stamps_make_no_hours(tmp_path, gap_s, ending):
    pts = [i * 40 for i in range(30)] + [gap_s * 1000 + i * 40 for i in range(30)]
    path = tmp_path / f"film.{ending}"
    films.write_film(path, films.moving(60), 25, None, pts=pts, time_base=films.Fraction(1, 1000), options=films.FINE)
    source = open_source(path)
    scan = scan_key_frames(source)
    keys = list(scan)
    found = [pts for block in decode_blocks(source) for pts in block.pts.tolist()]
    assert scan.pts.tolist() == found
    assert max(key.time_s for key in keys) < 3
    assert scan.faults["stamps mended"] == scan.leaps == 1


def test_a_slide_show_of_an_hour_is_read_in_bounds(tmp_path):
    pts = [i * 290_000 for i in range(6)]
    path = tmp_path / "slides.mkv"
    sound = films.tone(pts[-1] / 1000 + 40, channels=1, rate_hz=8000)
    base = films.Fraction(1, 1000)
    films.write_film(
        path, films.moving(6), 25, sound, 8000, pts=pts, time_base=base, options=films.FINE, sound_codec="flac"
    )
    blocks = list(decode_blocks(open_source(path)))
    assert [int(pts) for block in blocks for pts in block.pts] == pts
    assert all(block.sound.shape[1] < 8000 * 340 for block in blocks)
