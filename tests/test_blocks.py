"""Blocks of any size give the same rows."""

import os
from pathlib import Path

import cv2
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chopped import chop, joined
from punctum import tables
from punctum.film import Block, SoundPiece
from punctum.measure import measure_block, measure_key_frames, measure_sound

RATE = 11025


@pytest.fixture(scope="module")
def film():
    rng = np.random.default_rng(1)
    n = 60
    scene = cv2.resize(rng.integers(0, 256, (30, 50, 3), dtype=np.uint8), (240, 150), interpolation=cv2.INTER_CUBIC)
    other = cv2.resize(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8), (240, 150), interpolation=cv2.INTER_CUBIC)
    thumbs = np.empty((n, 54, 96, 3), np.uint8)
    for i in range(n):
        source = scene if i < 30 else other
        thumbs[i] = source[10 + i // 2 : 64 + i // 2, i : 96 + i]
        if 40 <= i < 45:
            thumbs[i] = 0
    times = np.cumsum(rng.choice([0.0, 1.0], n) * 0.013 + 0.0417)
    times -= times[0]
    t = np.arange(round((times[-1] + 0.2) * RATE)) / RATE
    sound = (0.2 * np.sin(2 * np.pi * 440 * t) * (np.sin(3 * t) > 0)).astype(np.float32)
    sound = np.stack([sound, rng.normal(0, 0.03, len(t)).astype(np.float32)])
    whole = joined(chop(thumbs, times, sound, RATE, [n]))
    return thumbs, times, sound, whole


def test_tables_have_their_columns(film):
    whole = film[3]
    tables.check(whole.frames, tables.FRAMES)
    tables.check(whole.grid, tables.GRID)
    tables.check(whole.loudness, tables.LOUDNESS)
    assert whole.frames["frame"].to_list() == list(range(60))
    assert whole.grid["cells"].bin.size().unique().to_list() == [432]
    assert whole.loudness["step"].to_list() == list(range(len(whole.loudness)))
    missing = {
        name: whole.frames[name].null_count() for name in whole.frames.columns if whole.frames[name].null_count()
    }
    assert missing.pop("camera") >= 1
    # they are of stills, which are measured apart
    assert missing.pop("faces") == missing.pop("writing") == 60
    assert missing == {"change": 1, "histogram_change": 1, "residual_change": 1, "correlation": 2, "motion_w_s": 4}
    # nothing comes before the first; across a cut, into black and out of it, nothing moves
    assert whole.frames.filter(pl.col("motion_w_s").is_null())["frame"].to_list() == [0, 30, 40, 45]


@pytest.mark.parametrize("size", [1, 7, 48])
def test_blocks_of_any_size_give_the_same_rows(film, size):
    thumbs, times, sound, whole = film
    for part, all_at_once in zip(joined(chop(thumbs, times, sound, RATE, [size])), whole, strict=True):
        assert part.equals(all_at_once)


@settings(max_examples=10, deadline=None)
@given(sizes=st.lists(st.integers(1, 40), min_size=1, max_size=12))
def test_blocks_of_mixed_sizes_give_the_same_rows(film, sizes):
    thumbs, times, sound, whole = film
    for part, all_at_once in zip(joined(chop(thumbs, times, sound, RATE, sizes)), whole, strict=True):
        assert part.equals(all_at_once)


def test_the_number_of_threads_does_not_matter(film):
    thumbs, times, sound, whole = film
    before = cv2.getNumThreads()
    try:
        for threads in (1, 2, 8):
            cv2.setNumThreads(threads)
            assert joined(chop(thumbs, times, sound, RATE, [60])).frames.equals(whole.frames)
            assert cv2.getNumThreads() == threads
    finally:
        cv2.setNumThreads(before)


def test_key_frames_have_no_motion_and_no_sound(film):
    thumbs, times, _, whole = film
    chosen = [0, 13, 50]
    measured = measure_key_frames(chosen, chosen, times[chosen], thumbs[chosen])
    tables.check(measured.frames, tables.FRAMES)
    still = ["brightness", "luma", "contrast", "key", "saturation", "warmth", "colourfulness", "sharpness"]
    same = whole.frames.filter(pl.col("frame").is_in(chosen))
    assert measured.frames.select("frame", "pts", "time_s", *still).equals(
        same.select("frame", "pts", "time_s", *still)
    )
    assert measured.grid.equals(whole.grid.filter(pl.col("frame").is_in(chosen)))
    for name in ("change", "histogram_change", "residual_change", "correlation", "motion_w_s", "camera", "level_db"):
        assert measured.frames[name].null_count() == 3
    assert measured.loudness.is_empty()


def test_a_piece_of_sound_gives_the_steps_of_the_whole(film):
    _, _, sound, whole = film
    start = 0.73
    begin = round(start * RATE)
    piece = SoundPiece(begin / RATE, 0.5, sound[:, begin : begin + 2 * RATE], RATE, ("FL", "FR"))
    rows = measure_sound(piece)
    assert rows["step"].to_list() == list(range(13, 27))
    assert rows.equals(whole.loudness.filter(pl.col("step").is_in(rows["step"].to_list())))


def test_a_film_without_sound():
    thumbs = np.zeros((3, 72, 128, 3), np.uint8)
    blocks = chop(thumbs, [0, 0.04, 0.08], np.zeros((2, 10), np.float32), RATE, [3])
    silent = Block(
        **{
            **vars(blocks[0]),
            "sound": np.zeros((0, 0), np.float32),
            "sound_edges": np.zeros(4, np.int64),
            "sample_rate_hz": 0,
            "channels": (),
        }
    )
    measured = measure_block(silent)
    assert measured.frames["level_db"].null_count() == measured.frames["loudness_lufs"].null_count() == 3
    assert measured.loudness.is_empty()
    # a film that stays black: nothing changes, nothing moves
    row = measured.frames.row(2, named=True)
    assert (row["change"], row["residual_change"], row["motion_w_s"], row["correlation"]) == (0, 0, 0, 1)
    assert row["camera"] is None


def test_tables_are_as_conform_makes_them(film):
    for table, columns in zip(film[3], (tables.FRAMES, tables.GRID, tables.LOUDNESS, tables.HEARING), strict=True):
        assert tables.conform(table, columns).equals(table)


@pytest.mark.real
def test_real_film_in_blocks_of_any_size():
    folder = os.environ.get("PUNCTUM_MEDIA")
    if not folder:
        pytest.skip("PUNCTUM_MEDIA names no folder of films")
    from punctum.media import decode_blocks, open_source

    films = [path for path in sorted(Path(folder).rglob("*")) if path.suffix in {".mp4", ".mkv", ".webm"}]
    if not films:
        pytest.skip("no film in PUNCTUM_MEDIA")
    for path in films[:3]:
        source = open_source(path)
        tables_by_size = []
        for size in (5, 48):
            blocks = decode_blocks(source, source.film.stretches, end_s=6.0, block_frames=size)
            tables_by_size.append(joined(blocks))
        for few, many in zip(*tables_by_size, strict=True):
            assert few.equals(many)
