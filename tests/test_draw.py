"""Lanes, packs, colours, barcodes and plots."""

import struct
import zlib
from base64 import b64decode
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from punctum import draw
from punctum.draw import packing
from punctum.draw.colour import cells_to_oklab, oklab_to_srgb
from punctum.draw.plots import BIN_EDGES_S, bin_shares


def undo_steps(text: str) -> np.ndarray:
    planes = np.frombuffer(zlib.decompress(b64decode(text)), np.uint8).astype(np.int64)
    half = len(planes) // 2
    return np.cumsum(planes[:half] + (planes[half:] << 8)) & 0xFFF


def undo_times(text: str) -> np.ndarray:
    planes = np.frombuffer(zlib.decompress(b64decode(text)), np.uint8).astype(np.int64).reshape(4, -1)
    return np.cumsum(sum(planes[i] << (8 * i) for i in range(4))) / 1e6


@given(st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_a_packed_value_comes_back_within_half_a_step(values: list[float]) -> None:
    numbers = np.array(values)
    low, high = packing.value_range(numbers)
    steps = undo_steps(packing.deflate_steps(packing.quantise(numbers, low, high)))
    known = np.isfinite(numbers)
    assert np.array_equal(steps == packing.NOT_MEASURED, ~known)
    back = low + steps[known] / packing.STEPS * (high - low)
    assert np.all(np.abs(back - numbers[known]) <= (high - low) / packing.STEPS * 0.5001)


@given(st.lists(st.integers(0, 5_000_000), min_size=1, max_size=50))
@settings(max_examples=60, deadline=None)
def test_packed_times_come_back_to_the_microsecond(gaps_us: list[int]) -> None:
    times_s = np.cumsum(gaps_us) / 1e6
    assert np.allclose(undo_times(packing.deflate_times(times_s)), times_s, atol=6e-7, rtol=0)


def test_an_envelope_keeps_a_single_frame_that_flashes() -> None:
    times_s = np.arange(2400) / 24
    values = np.zeros(2400)
    values[1000] = 1.0
    made = draw.envelope(times_s, values, 100.0, 50)
    assert made.high[int(times_s[1000] / 2)] == 1.0
    assert np.nansum(made.high) == 1.0
    assert made.mean[int(times_s[1000] / 2)] == pytest.approx(1 / 48)


def test_an_envelope_tells_what_was_not_measured_from_what_was_not_looked_at() -> None:
    made = draw.envelope(np.array([0.5, 1.5]), np.array([np.nan, 2.0]), 3.0, 3)
    assert made.looked.tolist() == [True, True, False]
    assert np.isnan(made.mean[[0, 2]]).all()


@pytest.mark.parametrize("rgb", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (200, 120, 40), (17, 17, 17)])
def test_grid_cells_come_back_as_the_colour_they_were(rgb: tuple[int, int, int]) -> None:
    # OKLab after Ottosson (2020), worked out here the other way round
    code = np.array(rgb) / 255
    linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    lms = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    ) @ np.cbrt(lms @ linear)
    cells = np.array([round(lab[0] * 255), round(lab[1] / 0.8 * 255 + 128), round(lab[2] / 0.8 * 255 + 128)], np.uint8)
    # half a byte of a or b is 0.0016, at most some six code values in the darkest channel
    assert np.abs(oklab_to_srgb(cells_to_oklab(cells[None]))[0].astype(int) - rgb).max() <= 12


def test_a_barcode_puts_colours_where_they_are_in_time_and_height() -> None:
    cells = np.zeros((10, 9, 16, 3), np.uint8)
    cells[..., 1:] = 128
    cells[5:, :4, :, 0] = 255
    columns, frames = draw.build_barcode([(np.arange(10) / 10, cells)], 1.0, 10)
    assert columns.shape == (9, 10, 3)
    assert columns[0, :5].max() <= 1
    assert columns[0, 5:].min() >= 254
    assert columns[8].max() <= 1
    assert frames.shape == (10, 3)
    assert frames[0].max() <= 1


def test_a_barcode_of_few_frames_repeats_the_one_before() -> None:
    cells = np.full((2, 9, 16, 3), 128, np.uint8)
    cells[0, ..., 0], cells[1, ..., 0] = 0, 255
    columns, _ = draw.build_barcode([(np.array([0.0, 5.0]), cells)], 10.0, 10)
    assert columns[0, :, 0].tolist()[:5] == [0] * 5
    assert min(columns[0, 5:, 0].tolist()) >= 254


def test_a_png_is_read_by_others() -> None:
    picture = np.random.default_rng(3).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    made = draw.png_bytes(picture)
    assert np.array_equal(cv2.imdecode(np.frombuffer(made, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1], picture)
    assert struct.unpack(">II", made[16:24]) == (7, 5)


def test_every_shot_counts_once_in_the_histogram() -> None:
    lengths = np.random.default_rng(1).lognormal(1, 2, 500)
    assert bin_shares(lengths).sum() == pytest.approx(1)
    # 4 s lies on an edge: it belongs to the bin that begins there
    assert BIN_EDGES_S[int(np.argmax(bin_shares(np.array([4.0]))))] == 4.0


def test_plots_are_well_formed_and_say_what_they_show() -> None:
    population = draw.Population("130 <films> & more", tuple([0.05] * (len(BIN_EDGES_S) - 1)))
    plot = ElementTree.fromstring(draw.length_histogram([1.0, 2.0, 2.0, 90.0], population))
    assert "4 shots" in plot.attrib["aria-label"]
    assert "130 <films> & more" in plot.attrib["aria-label"]
    assert len([e for e in plot if e.attrib.get("class") == "bar"]) == 3
    assert len([e for e in plot if e.attrib.get("class") == "other"]) == 1
    for drawn in (draw.percentile_rule(97.1, "a < b"), draw.palette_bar(["#112233"], [1.0], upright=True)):
        ElementTree.fromstring(drawn)
    assert draw.length_histogram([]) == ""
    assert draw.palette_bar(["javascript:x", "url(x)", '"/><script>']) == ""


def test_a_lane_refuses_what_the_page_could_not_draw() -> None:
    values = draw.Curve(np.zeros(3))
    with pytest.raises(ValueError, match="colour"):
        draw.Lane("a", "A", "", "curve", values, "", "pink")
    with pytest.raises(ValueError, match="kind"):
        draw.Lane("a", "A", "", "spans", values, "")


def test_style_and_script_can_stand_inside_a_page() -> None:
    assert "</style" not in draw.style_sheet().lower()
    program = draw.script()
    assert "</script" not in program.lower()
    assert "<!--" not in program
    assert "http" not in program.replace("http://www.w3.org/2000/svg", "")
    for word in ("eval(", "innerHTML", "document.write", 'setAttribute("style"'):
        assert word not in program


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio."""

    def luminance(colour: str) -> float:
        code = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_both_rooms_have_enough_contrast() -> None:
    sheet = draw.style_sheet()
    paper = sheet[: sheet.index("@media")]
    screening = sheet[sheet.index(':root[data-room="screening"]') :]
    for room in (paper, screening):
        colours = dict(
            part.split(":")
            for part in room[room.index("{") + 1 : room.index("}")].replace(" ", "").split(";")
            if part.count(":") == 1
        )
        names = {name.strip().lstrip("\n"): value for name, value in colours.items()}
        for ground in ("--ground", "--raised"):
            for text in ("--ink", "--quiet", "--accent"):
                assert contrast(names[text], names[ground]) >= 4.5, (text, ground)
        for tone in ("ink", "orange", "sky", "green", "blue", "purple"):
            assert contrast(names[f"--tone-{tone}"], names["--ground"]) >= 3, tone
