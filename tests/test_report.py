"""The film's page: what it shows, and that nothing in a film can break out of it."""

import json
import re
from base64 import b64encode
from dataclasses import replace
from fractions import Fraction
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import numpy as np
import polars as pl
import pytest

from page_bundles import make_bundle, make_film
from punctum import draw, tables
from punctum.film import Box, Bundle
from punctum.report import render_page
from punctum.report.beside import draw_population
from punctum.report.page import film_address, picture_aspect
from punctum.report.payload import read_grid, read_stretches, safe_json
from punctum.tables import Known

HOSTILE = "</script><img src=x onerror=alert(1)><!-- \u2028 \u202e \"' {{ 7*7 }} \n\x00 🎬"
HALF = HOSTILE + "\udcff"


class Page(HTMLParser):
    """Elements, texts and scripts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.scripts: dict[str, str] = {}
        self._inside: str | None = None
        self._id = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = dict(attrs)
        self.elements.append((tag, about))
        self._inside = tag if tag in ("script", "style") else None
        self._id = about.get("id") or tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts[self._id] = self.scripts.get(self._id, "") + data
        else:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.texts))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [about for name, about in self.elements if name == tag]


def data_of(page: Page) -> dict[str, Any]:
    return json.loads(page.scripts["data"])


def test_the_page_opens_on_the_surest_sentence_of_the_ending_and_its_frame() -> None:
    bundle = make_bundle()
    page = Page(render_page(bundle))
    text = page.text
    first = text.index("The last shot holds for 1 min 31 s")
    assert first < text.index("Its light is lower") < text.index("Cutting")
    # the last shot begins at frame 180, where the player waits, and its still is 210
    assert data_of(page)["opening_frame"] == 180
    assert page.all("img")[0]["src"] == "stills/000210.jpg"


def test_every_reading_is_shown_whatever_it_is_called() -> None:
    odd = {"span": "film", "measure": "unheard_of_thing_hz", "value": 1.25, "unit": "Hz", "statement": "It hums."}
    none = {"span": "ending", "measure": "tears", "value": None, "unit": "", "statement": "Nobody could say."}
    more = {"span": "shot 2", "measure": "x", "value": 3.0, "unit": "", "statement": ""}
    text = Page(render_page(make_bundle(readings=[odd, none, more]))).text
    assert "Unheard of thing" in text
    assert "1.25 Hz" in text
    assert "Nobody could say." in text
    assert "X: 3" in text


def test_nothing_hostile_in_a_film_breaks_out_of_the_page() -> None:
    reading = {"span": "ending", "measure": HOSTILE, "value": 1.0, "unit": HOSTILE, "statement": HOSTILE}
    film = {"title": HALF, "file_name": HALF, "codec": HOSTILE, "channels": (HOSTILE,), "film_id": HOSTILE}
    rows = [{**reading, "baseline": HOSTILE, "percentile": 5.0}, {**reading, "span": "film"}]
    rows.append({**reading, "span": "shot " + HOSTILE})
    bundle = make_bundle(readings=rows, film=film, made={HALF: HALF, "b": [HALF]}, film_address=HALF)
    bad = bundle.shots.with_columns(palette=pl.lit([HOSTILE, "#112233"]), begins=pl.lit(HOSTILE))
    bundle = replace(bundle, tables={**bundle.tables, "shots": tables.conform(bad, tables.SHOTS)})
    lane = draw.Lane(HOSTILE, HOSTILE, HOSTILE, "ticks", draw.Ticks((1.0,), (HOSTILE,)), HOSTILE)
    text = render_page(bundle, lanes=[lane])
    text.encode("utf-8")
    page = Page(text)
    clean = Page(render_page(make_bundle(), lanes=[replace(lane, name="a", label="b", unit="c", meaning="d")]))
    assert len(page.all("script")) == len(clean.all("script"))
    assert not [about for _, about in page.elements if any(name.startswith("on") for name in about)]
    assert not [about for _, about in page.elements if "style" in about]
    assert {about["src"].split("/")[0].split(":")[0] for about in page.all("img")} <= {"stills", "data"}
    assert "{{ 7*7 }}" in page.text
    assert "\x00" not in text
    assert "\u202e" not in page.text
    assert data_of(page)["shots"]["palette"][0] == []


@pytest.mark.parametrize("value", ["</script>", "<!--", "]]>", "\u2028\u2029", "&amp;", "\ud800"])
def test_data_in_a_script_comes_back_and_cannot_end_it(value: str) -> None:
    made = safe_json({value: [value]})
    assert made.isascii()
    assert not set(made) & set("<>&")
    assert json.loads(made) == {value: [value]}


def test_the_policy_lets_in_the_pages_own_script_and_style_and_nothing_else() -> None:
    text = render_page(make_bundle())
    page = Page(text)
    policy = next(about for about in page.all("meta") if about.get("http-equiv"))["content"] or ""
    for kind, element in (("script", "script"), ("style", "style")):
        digest = b64encode(sha256(page.scripts[element].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert not re.search(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//""", text)


@pytest.mark.parametrize(
    ("address", "want"),
    [
        ("../a b#1?.mkv", "../a%20b%231%3F.mkv"),
        ("javascript:alert(1)", "./javascript%3Aalert%281%29"),
        ("//evil.example/x", "/evil.example/x"),
        ("\\\\host\\x", "/host/x"),
        ("", ""),
    ],
)
def test_the_films_address_is_a_path_and_nothing_else(address: str, want: str) -> None:
    assert film_address(address) == want


def test_the_same_bundle_gives_the_same_page() -> None:
    assert render_page(make_bundle()) == render_page(make_bundle())


def test_a_quick_reading_is_marked_and_names_the_one_command() -> None:
    kept = np.arange(0, 240, 48)
    bundle = make_bundle(kept=kept, provisional=True, stills=False, film={"file_name": "my film.mkv"})
    text = render_page(bundle)
    page = Page(text)
    assert "punctum read 'my film.mkv'" in page.text
    assert any("provisional" in (about.get("class") or "") for about in page.all("dd"))
    data = data_of(page)
    assert data["rough"] == [[0.0, 10.0, False]]
    assert {"motion_w_s", "change"}.isdisjoint(lane["name"] for lane in data["lanes"])
    assert "brightness" in {lane["name"] for lane in data["lanes"]}
    assert "Motion, camera’s share, change and level: seen only where every frame is read" in page.text


def test_a_full_reading_has_no_banner() -> None:
    text = render_page(make_bundle())
    assert "punctum read" not in Page(text).text
    assert 'class="full"' in text


def test_a_partial_reading_says_where_it_was_read() -> None:
    kept = np.concatenate((np.arange(0, 180, 48), np.arange(180, 240)))
    assert [(round(a, 1), round(b, 1), read) for a, b, read in read_stretches(make_bundle(kept=kept))] == [
        (0.0, 7.5, False),
        (7.5, 10.0, True),
    ]
    assert "Read in part" in render_page(make_bundle(kept=kept))


KNOWN = {"readings.average_shot_length_s": Known(0.12, 0.8), "frames.brightness": Known(0.01, 0.02)}


def test_known_errors_stand_beside_their_figures() -> None:
    text = render_page(make_bundle(), known_errors=KNOWN)
    assert "known error ± 0.12 s" in text
    assert "known error ± 0.01" in text
    quick = render_page(make_bundle(kept=np.arange(0, 240, 48), provisional=True), known_errors=KNOWN)
    assert "known error ± 0.80 s" in quick


def test_a_lane_that_a_later_room_brings_needs_no_code() -> None:
    lane = draw.Lane(
        "words",
        "Words",
        "",
        "spans",
        draw.Stretches((1.0,), (2.0,), ("Hello",)),
        "what is said",
        "green",
        group="Words",
    )
    page = Page(render_page(make_bundle(), lanes=[lane]))
    last = data_of(page)["lanes"][-1]
    assert (last["name"], last["start_s"], last["labels"]) == ("words", [1.0], ["Hello"])
    assert "Words" in page.text


def test_a_film_without_colour_sound_or_readings_has_a_page() -> None:
    bundle = make_bundle(colour=False, sound=False, readings=[])
    page = Page(render_page(bundle))
    names = {lane["name"] for lane in data_of(page)["lanes"]}
    assert names.isdisjoint({"saturation", "warmth", "colourfulness", "level_db", "loudness_lufs"})
    assert "The last shot begins at 0:07 and lasts 2.5 s." in page.text
    assert "no sound" in page.text
    assert "Saturation, warmth and colourfulness: the film has no colour." in page.text
    assert "Level: the film has no sound." in page.text


def empty_bundle() -> Bundle:
    made = {name: tables.empty(columns) for name, columns in tables.TABLES.items() if name != "grid"}
    return Bundle(make_film(0, duration_s=0.0, title=""), made, tables.empty(tables.GRID).lazy())


def test_a_bundle_with_nothing_in_it_has_a_page_that_says_so() -> None:
    text = Page(render_page(empty_bundle())).text
    assert "Nothing has been measured yet." in text
    assert "windscreen.mkv" in text


def test_one_frame_is_a_film() -> None:
    page = Page(render_page(make_bundle([1], readings=[])))
    assert data_of(page)["spine"]["runs"] == [[0, 1]]


def test_cells_of_the_wrong_size_are_left_out() -> None:
    bundle = make_bundle()
    bad = bundle.grid.with_columns(
        cells=pl.when(pl.col("frame") < 200).then(pl.lit(b"short")).otherwise(pl.col("cells"))
    )
    barcode, cells = read_grid(replace(bundle, grid=bad), [10, 210])
    assert barcode.frames is None
    assert {len(cell) for cell in cells} == {432}


def test_the_picture_keeps_its_shape() -> None:
    def aspect(**changes: object) -> float:
        return picture_aspect(replace(make_bundle(), film=make_film(**changes)))

    assert aspect(active_box_px=Box(0, 60, 960, 400)) == 2.4
    assert aspect(active_box_px=Box(0, 0, 720, 576), pixel_aspect=Fraction(64, 45)) == pytest.approx(16 / 9, abs=1e-3)
    assert aspect(active_box_px=Box(0, 0, 540, 960), rotation_deg=90) == 0.5625
    assert aspect(active_box_px=Box(0, 0, 1, 10000)) == 0.2


def test_a_long_film_stands_beside_the_population_and_a_short_one_does_not() -> None:
    population = draw_population()
    assert sum(population.shares) == pytest.approx(1)
    long = make_bundle([24] * 2410, fps=1.0)
    assert population.name in render_page(long)
    assert population.name not in render_page(make_bundle(readings=[]))


def test_times_of_a_film_of_variable_frame_rate_are_the_tables_own() -> None:
    bundle = make_bundle()
    frames = bundle.frames.with_columns(time_s=(pl.col("frame") ** 1.5 / 100).cast(pl.Float64))
    page = render_page(replace(bundle, tables={**bundle.tables, "frames": frames}))
    spine = data_of(Page(page))["spine"]
    assert spine["some_times_s"][-1] == pytest.approx(239**1.5 / 100)
