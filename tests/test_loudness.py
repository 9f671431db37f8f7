"""Integrated loudness and loudness range against EBU's cases and FFmpeg's meter."""

import re

import av
import numpy as np
import polars as pl
import pytest

from chopped import chop
from punctum.measure import measure_block
from punctum.reading.loudness import (
    integrated_loudness,
    loudness_range,
    max_momentary_loudness,
    max_short_term_loudness,
    momentary_loudness,
    short_term_loudness,
)

LAYOUTS = {"mono": ("FC",), "stereo": ("FL", "FR"), "5.1": ("FL", "FR", "FC", "LFE", "BL", "BR")}


def tone(parts, rate=48000, channels=2, frequency=1000.0):
    """Sound of sine waves of the given peak levels (dBFS) and lengths (s), phase running on."""
    levels = np.concatenate([np.full(round(seconds * rate), 10 ** (db / 20)) for db, seconds in parts])
    wave = levels * np.sin(2 * np.pi * frequency * np.arange(len(levels)) / rate)
    return np.repeat(wave[None], channels, axis=0).astype(np.float32)


def loudness_table(sound, rate=48000, layout="stereo", block=50):
    """Give the loudness rows of a film at 25 frames a second whose pictures do not matter, block by block."""
    n = int(sound.shape[1] / rate * 25)
    thumbs = np.broadcast_to(np.zeros((1, 16, 16, 3), np.uint8), (n, 16, 16, 3))
    blocks = chop(thumbs, np.arange(n) / 25, sound, rate, [block], LAYOUTS[layout], rate_fps=25)
    return pl.concat([measure_block(part).loudness for part in blocks])


def steps(levels, first=0):
    numbers = np.arange(first, first + len(levels))
    return pl.DataFrame({"step": numbers, "start_s": numbers / 10, "loudness_lufs": np.asarray(levels, np.float64)})


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        pytest.param([(-23, 20)], -23.0, id="case 1"),
        pytest.param([(-33, 20)], -33.0, id="case 2"),
        pytest.param([(-36, 10), (-23, 60), (-36, 10)], -23.0, id="case 3"),
        pytest.param([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23.0, id="case 4"),
        pytest.param([(-26, 20), (-20, 20.1), (-26, 20)], -23.0, id="case 5"),
    ],
)
def test_ebu_tech_3341(parts, wanted):
    table = loudness_table(tone(parts))
    assert integrated_loudness(table) == pytest.approx(wanted, abs=0.1)
    if len(parts) == 1:
        assert max_momentary_loudness(table) == pytest.approx(wanted, abs=0.1)
        assert max_short_term_loudness(table) == pytest.approx(wanted, abs=0.1)


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        pytest.param([(-20, 20), (-30, 20)], 10, id="case 1"),
        pytest.param([(-20, 20), (-15, 20)], 5, id="case 2"),
        pytest.param([(-40, 20), (-20, 20)], 20, id="case 3"),
        pytest.param([(-50, 20), (-35, 20), (-20, 20), (-35, 20), (-50, 20)], 15, id="case 4"),
    ],
)
def test_ebu_tech_3342(parts, wanted):
    assert loudness_range(loudness_table(tone(parts))) == pytest.approx(wanted, abs=1)


def test_full_scale_997_hz_in_one_channel():
    sound = tone([(0, 3)], frequency=997.0)
    sound[1] = 0
    assert integrated_loudness(loudness_table(sound)) == pytest.approx(-3.01, abs=0.01)


def test_gates_by_hand():
    # -20 for 10 s, then -40 for 10 s. Blocks: 97 at -20, 97 at -40, three across the change. All are above
    # -70; their mean power is about half of -20's, so the gate lies at -33 and leaves the loud half and the
    # three mixed blocks (3/4, 1/2, 1/4 of the power): (97 + 1.5) / 100 of -20
    table = steps([-20.0] * 100 + [-40.0] * 100)
    assert integrated_loudness(table) == pytest.approx(-20 + 10 * np.log10(98.515 / 100), abs=1e-3)


def test_nothing_above_the_gate():
    for table in (steps([-75.0] * 100), steps([-120.0] * 100), steps([]), steps([-20.0] * 3)):
        assert integrated_loudness(table) is None
        assert loudness_range(table) is None
    assert max_momentary_loudness(steps([-20.0] * 3)) is None
    assert max_short_term_loudness(steps([-20.0] * 29)) is None


def test_a_window_needs_all_of_its_steps():
    table = pl.concat([steps([-20.0] * 30), steps([-30.0] * 31, first=100)])
    assert len(momentary_loudness(table)) == 27 + 28
    assert short_term_loudness(table)["end_s"].to_list() == [3.0, 13.0, 13.1]
    assert short_term_loudness(table)["loudness_lufs"].to_list() == pytest.approx([-20, -30, -30])
    assert momentary_loudness(table.reverse()).equals(momentary_loudness(table))


def test_range_by_hand():
    # 3 s windows of a level that falls 0.1 LU a step from -20 to -30: nearly -21.4 to -28.5, nothing gated
    table = steps(np.linspace(-20, -30, 101))
    windows = short_term_loudness(table)["loudness_lufs"].to_numpy()
    assert len(windows) == 72
    low, high = np.sort(windows)[[7, 67]]
    assert loudness_range(table) == pytest.approx(high - low, abs=0.05)
    assert loudness_range(steps([-30.0] * 60)) == 0


def ffmpeg_loudness(sound, rate, layout):
    """Integrated loudness and range by FFmpeg's ebur128."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(format="fltp", sample_rate=rate, layout=layout, time_base=f"1/{rate}")
    meter = graph.add("ebur128", "metadata=1:framelog=quiet")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    found = {}

    def drain():
        while True:
            try:
                frame = sink.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            found.update({k: v for k, v in frame.metadata.items() if re.match("lavfi.r128.(I|LRA)$", k)})

    for start in range(0, sound.shape[1], 4800):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound[:, start : start + 4800]), "fltp", layout)
        frame.sample_rate, frame.pts = rate, start
        source.push(frame)
        drain()
    source.push(None)
    drain()
    return float(found["lavfi.r128.I"]), float(found["lavfi.r128.LRA"])


@pytest.mark.parametrize(("rate", "layout"), [(48000, "stereo"), (44100, "stereo"), (48000, "5.1"), (32000, "mono")])
def test_as_ffmpeg_measures(rate, layout):
    rng = np.random.default_rng(rate)
    channels = len(LAYOUTS[layout])
    seconds = 24
    hull = np.interp(
        np.arange(seconds * rate) / rate, np.arange(seconds + 1), 10 ** (rng.uniform(-50, -8, seconds + 1) / 20)
    )
    noise = np.cumsum(rng.normal(0, 1, (channels, seconds * rate)), axis=1)
    noise -= np.array([np.convolve(row, np.ones(200) / 200, "same") for row in noise])
    noise = noise / noise.std() + rng.normal(0, 0.5, noise.shape)
    sound = np.clip(noise * hull * rng.uniform(0.1, 0.6, (channels, 1)), -1, 1).astype(np.float32)
    table = loudness_table(sound, rate, layout, block=37)
    integrated, range_lu = ffmpeg_loudness(sound, rate, layout)
    assert integrated_loudness(table) == pytest.approx(integrated, abs=0.1)
    assert loudness_range(table) == pytest.approx(range_lu, abs=0.3)
