"""The page in Chromium: opened from disk, it shows exactly the frame it says, and asks for nothing from outside."""

import io
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import polars as pl
import pytest

from page_browser import find_programs, open_browser, resize, wait_ready
from page_bundles import make_bundle
from punctum.media import write_film
from punctum.report import render_page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(find_programs() is None, reason="no Chromium with chromedriver is installed"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

BITS = 8


def numbered(number: int) -> np.ndarray:
    """A frame that shows its own number: eight upright bars, black or white, the greatest bit on the left."""
    bits = [(number >> bit) & 1 for bit in reversed(range(BITS))]
    row = np.repeat(np.array(bits, np.uint8) * 255, 40)
    return np.broadcast_to(row[None, :, None], (180, 320, 3)).copy()


def read_number(png: bytes) -> int:
    """The number that a picture of a numbered frame shows."""
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    row = picture[picture.shape[0] // 2].astype(float)
    number = 0
    for bit in range(BITS):
        number = number * 2 + int(row[int((bit + 0.5) * len(row) / BITS)] > 127)
    return number


def save(folder: Path, bundle: Any, **options: Any) -> str:
    (folder / "stills").mkdir(parents=True, exist_ok=True)
    for stills in bundle.shots["stills"].to_list():
        for frame in stills or []:
            written = cv2.imencode(".jpg", numbered(frame % 256))[1]
            (folder / "stills" / f"{frame:06d}.jpg").write_bytes(written.tobytes())
    page = folder / "page.html"
    page.write_text(render_page(bundle, **options), encoding="utf-8")
    return page.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    made = open_browser(1280, 900)
    yield made
    made.quit()


def open_page(browser: Any, address: str, width_px: int = 1280, height_px: int = 900) -> None:
    resize(browser, width_px, height_px)
    browser.get_log("performance")
    browser.get(address)
    wait_ready(browser)


def complaints(browser: Any) -> list[str]:
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]


def wait_until(browser: Any, script: str, most_s: float = 10) -> None:
    end = time.monotonic() + most_s
    while not browser.execute_script("return " + script):
        assert time.monotonic() < end, script
        time.sleep(0.03)


def shown_frame(browser: Any) -> int:
    """Read off the screen which frame the player shows."""
    wait_until(browser, "!document.getElementById('film').seeking")
    time.sleep(0.25)
    return read_number(browser.find_element("id", "film").screenshot_as_png)


def press(browser: Any, *keys: str, shift: bool = False) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    for key in keys:
        chain = ActionChains(browser)
        if shift:
            chain = chain.key_down(Keys.SHIFT)
        chain = chain.send_keys(getattr(Keys, key) if key.isupper() else key)
        if shift:
            chain = chain.key_up(Keys.SHIFT)
        chain.perform()


def rectangle(browser: Any, selector: str) -> dict[str, float]:
    script = "return document.querySelector(arguments[0]).getBoundingClientRect().toJSON()"
    return dict(browser.execute_script(script, selector))


def frame_of(browser: Any) -> int:
    return int(browser.execute_script("return Punctum.moment.frame"))


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Pages of films that a browser plays: even times, uneven ones, one that does not begin at 0, one in Matroska."""
    folder = tmp_path_factory.mktemp("films")
    # 240 frames in milliseconds: 24 a second, then 8 a second, then 24 again
    gaps = np.array([42] * 100 + [125] * 40 + [41] * 100)
    uneven = np.concatenate(([0], np.cumsum(gaps)[:-1]))
    even = np.round(np.arange(240) * 1000 / 24).astype(int)
    made = {}
    for name, ending, pts, start_s in (
        ("even", "mp4", even, 0.0),
        ("uneven", "mp4", uneven, 0.0),
        ("late", "mp4", even, 0.48),
        ("webm", "webm", uneven, 0.0),
    ):
        place = folder / f"{name}.punctum"
        place.mkdir()
        codec = {"codec": "libvpx", "options": {"deadline": "realtime", "cpu-used": "8", "b": "2M"}}
        write_film(
            folder / f"{name}.{ending}",
            (numbered(i) for i in range(240)),
            24,
            pts=[int(p) for p in pts],
            time_base=Fraction(1, 1000),
            start_s=start_s,
            **(codec if ending == "webm" else {"options": {"preset": "ultrafast", "g": "48", "bf": "2"}}),
        )
        bundle = make_bundle(
            film_address=f"../{name}.{ending}", film={"width_px": 320, "height_px": 180, "duration_s": 13.3}
        )
        frames = bundle.frames.with_columns(time_s=pl.Series(pts / 1000))
        starts = [float(pts[f] / 1000) for f in bundle.shots["start_frame"]]
        shots = bundle.shots.with_columns(start_s=pl.Series(starts), end_s=pl.Series([*starts[1:], 13.3]))
        bundle = replace(bundle, tables={**bundle.tables, "frames": frames, "shots": shots})
        made[name] = save(place, bundle)
    return made


@pytest.mark.parametrize("name", ["even", "uneven", "late", "webm"])
def test_the_player_shows_the_very_frame(browser: Any, films: dict[str, str], name: str) -> None:
    open_page(browser, films[name])
    wait_until(browser, "Punctum.player.usable")
    for frame in (0, 1, 59, 60, 99, 100, 101, 139, 140, 200, 239, 7):
        browser.execute_script("Punctum.go(arguments[0])", frame)
        assert shown_frame(browser) == frame


def test_keys_step_by_shot_and_by_frame(browser: Any, films: dict[str, str]) -> None:
    open_page(browser, films["uneven"])
    wait_until(browser, "Punctum.player.usable")
    assert frame_of(browser) == 180
    browser.execute_script("Punctum.go(210)")
    press(browser, "ARROW_LEFT")
    assert frame_of(browser) == 180
    press(browser, "ARROW_LEFT", "ARROW_LEFT")
    assert frame_of(browser) == 60
    press(browser, "ARROW_RIGHT")
    assert frame_of(browser) == 96
    press(browser, "ARROW_RIGHT", shift=True)
    assert frame_of(browser) == 97
    press(browser, "ARROW_LEFT", "ARROW_LEFT", shift=True)
    assert (frame_of(browser), shown_frame(browser)) == (95, 95)


def test_a_click_sends_film_and_curves_there(browser: Any, films: dict[str, str]) -> None:
    open_page(browser, films["uneven"])
    wait_until(browser, "Punctum.player.usable")
    # a row's middle is the middle of the 13.3 s shown: at 8 frames a second, frame 119 holds from 6.575 to 6.7 s
    for selector, frame in (("#lane-4 .plot-box", 119), ("#overview", 119), ("#strip li:nth-child(2) button", 60)):
        place = browser.find_element("css selector", selector)
        browser.execute_script("arguments[0].scrollIntoView({block: 'center', inline: 'center'})", place)
        place.click()
        assert abs(frame_of(browser) - frame) <= 1, selector
        assert shown_frame(browser) == frame_of(browser)
        head = browser.execute_script("return document.getElementById('playhead').getBoundingClientRect().left + 1")
        row = rectangle(browser, "#lane-4 .plot-box")
        time_s = browser.execute_script("return Punctum.moment.time_s")
        assert head == pytest.approx(row["left"] + time_s / 13.3 * row["width"], abs=2)


def test_playing_moves_the_playhead_with_the_frames(browser: Any, films: dict[str, str]) -> None:
    open_page(browser, films["even"])
    wait_until(browser, "Punctum.player.usable")
    browser.execute_script("Punctum.go(20)")
    browser.execute_script("Punctum.player.video.muted = true; Punctum.playPause()")
    wait_until(browser, "Punctum.moment.frame > 40")
    browser.execute_script("Punctum.playPause()")
    time.sleep(0.3)
    assert abs(shown_frame(browser) - frame_of(browser)) <= 1


def test_without_a_film_the_nearest_still_stands_in(browser: Any, tmp_path: Path) -> None:
    (tmp_path / "broken.mkv").write_bytes(b"no film")
    open_page(browser, save(tmp_path / "b.punctum", make_bundle(film_address="../broken.mkv")))
    wait_until(browser, "!document.getElementById('player-note').hidden")
    assert "cannot play the film" in browser.find_element("id", "player-note").text
    assert not browser.find_element("id", "play").is_enabled()
    browser.execute_script("Punctum.go(65)")
    assert browser.find_element("css selector", "#stand-in img").get_attribute("src").endswith("stills/000078.jpg")


def test_a_shot_without_a_still_is_drawn_from_its_cells(browser: Any, tmp_path: Path) -> None:
    address = save(tmp_path / "c.punctum", make_bundle(stills=False, film_address=""))
    open_page(browser, address)
    browser.execute_script("document.getElementById('strip').scrollIntoView()")
    wait_until(browser, "document.querySelectorAll('#strip canvas').length == 4")
    drawn = browser.execute_script(
        "const c = document.querySelector('#strip canvas');"
        "return [c.width, c.height, ...c.getContext('2d').getImageData(3, 3, 1, 1).data]"
    )
    assert drawn[:2] == [16, 9]
    assert drawn[5] == 255
    assert sum(drawn[2:5]) > 0
    assert complaints(browser) == []


def test_nothing_is_asked_for_but_the_stills_and_the_film(browser: Any, films: dict[str, str]) -> None:
    open_page(browser, films["even"])
    wait_until(browser, "Punctum.player.usable")
    asked = set()
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            asked.add(message["params"]["request"]["url"].split("?")[0])
    assert {url.split(":")[0] for url in asked} <= {"file", "data"}
    assert complaints(browser) == []


@pytest.mark.parametrize("width_px", [320, 390, 760, 1024, 1280, 1920])
def test_nothing_sticks_out_sideways(browser: Any, films: dict[str, str], width_px: int) -> None:
    open_page(browser, films["even"], width_px, 844)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width_px
    places = [rectangle(browser, place) for place in (".opening figure", ".lede", "#stage", "#score", "#strip")]
    if width_px < 760:
        assert [place["top"] for place in places] == sorted(place["top"] for place in places)
    stage, score = places[2], places[3]
    side_by_side = stage["right"] <= score["left"] and abs(stage["top"] - score["top"]) < 120
    assert side_by_side == (width_px >= 1280)


def test_narrow_lanes_move_under_a_playhead_that_stands_still(browser: Any, films: dict[str, str]) -> None:
    open_page(browser, films["even"], 390, 844)
    where = "return document.getElementById('playhead').getBoundingClientRect().left"
    places = []
    for frame in (0, 100, 239):
        browser.execute_script("Punctum.go(arguments[0])", frame)
        time.sleep(0.1)
        places.append(browser.execute_script(where))
    assert max(places) - min(places) < 1.5
    assert 180 < places[0] < 210


def test_dragging_narrow_lanes_moves_the_film(browser: Any, films: dict[str, str]) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    open_page(browser, films["even"], 390, 844)
    browser.execute_script("Punctum.go(100)")
    lane = browser.find_element("css selector", "#lane-4 .plot-box")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", lane)
    before, span_s = browser.execute_script("return [Punctum.moment.time_s, Punctum.view.to_s - Punctum.view.from_s]")
    ActionChains(browser).click_and_hold(lane).move_by_offset(-40, 0).move_by_offset(-38, 0).release().perform()
    # 78 of 390 pixels are a fifth of what is shown
    after = browser.execute_script("return Punctum.moment.time_s")
    assert after - before == pytest.approx(span_s / 5, abs=0.15)


def test_every_figure_explains_itself_by_pointer_and_keyboard(browser: Any, films: dict[str, str]) -> None:
    open_page(browser, films["even"])
    count, bare = browser.execute_script(
        "const all = [...document.querySelectorAll('[data-tip]')];"
        "return [all.length, all.filter(e => e.tabIndex < 0 || e.dataset.tip.length < 10).length]"
    )
    assert count > 20
    assert bare == 0
    browser.execute_script("document.querySelector('.lane-name').focus()")
    tip = browser.find_element("id", "tip")
    assert tip.is_displayed()
    assert browser.execute_script("return document.activeElement.getAttribute('aria-describedby')") == "tip"
    press(browser, "ESCAPE")
    assert not tip.is_displayed()
    from selenium.webdriver.common.action_chains import ActionChains

    name = browser.find_element("css selector", ".about-cutting dt .why")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", name)
    ActionChains(browser).move_to_element(name).perform()
    assert "number of shots" in browser.find_element("id", "tip").text.lower()


def test_rooms_follow_the_system_and_can_be_switched(browser: Any, films: dict[str, str]) -> None:
    open_page(browser, films["even"])
    ground = "return getComputedStyle(document.documentElement).backgroundColor"
    assert browser.execute_script(ground) == "rgb(251, 249, 245)"
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    )
    assert browser.execute_script(ground) == "rgb(20, 18, 16)"
    room = browser.find_element("id", "room")
    browser.execute_script("scrollTo(0, 0)")
    room.click()
    assert browser.execute_script(ground) == "rgb(251, 249, 245)"
    browser.execute_script("localStorage.clear()")
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "light"}]}
    )


def test_every_control_has_a_name(browser: Any, films: dict[str, str]) -> None:
    open_page(browser, films["even"])
    browser.execute_cdp_cmd("Accessibility.enable", {})
    tree = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    nameless = [
        node["role"]["value"]
        for node in tree
        if not node.get("ignored")
        and node.get("role", {}).get("value") in ("button", "slider", "link", "image", "heading", "figure")
        and not node.get("name", {}).get("value")
        and node["role"]["value"] != "figure"
    ]
    assert nameless == []


def test_zoom_reaches_single_frames(browser: Any, films: dict[str, str]) -> None:
    open_page(browser, films["uneven"])
    browser.execute_script("Punctum.go(120); for (let i = 0; i < 12; i++) Punctum.zoom(0.5); Punctum.drawNow()")
    span = browser.execute_script("return Punctum.view.to_s - Punctum.view.from_s")
    assert span <= 1.5
    browser.execute_script("document.querySelector('.lane.curve').scrollIntoView({block: 'center'})")
    wait_until(browser, "document.querySelector('.lane.curve .dots').getAttribute('d').length > 10")
    drawn = browser.execute_script("return document.querySelector('.lane.curve .dots').getAttribute('d')")
    # 8 frames a second around frame 120, and up to two beyond either edge
    assert abs(drawn.count("M") - span * 8) <= 5


def test_it_prints_on_paper(browser: Any, films: dict[str, str]) -> None:
    open_page(browser, films["even"])
    from base64 import b64decode

    printed = b64decode(browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"])
    assert printed[:5] == b"%PDF-"
    dark = {"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
    ground = browser.execute_script("return getComputedStyle(document.documentElement).backgroundColor")
    light = {"media": "", "features": [{"name": "prefers-color-scheme", "value": "light"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", light)
    assert ground == "rgb(255, 255, 255)"
    assert io.BytesIO(printed).getbuffer().nbytes > 10_000


def test_a_long_film_fits_in_a_page_of_eight_megabytes(browser: Any, tmp_path: Path) -> None:
    lengths = [86] * 2000
    lengths[-1] += 800
    address = save(tmp_path / "long.punctum", make_bundle(lengths, stills=False, film_address=""))
    assert (tmp_path / "long.punctum" / "page.html").stat().st_size <= 8_000_000
    open_page(browser, address)
    browser.execute_script("Punctum.go(100000); for (let i = 0; i < 20; i++) Punctum.zoom(0.5)")
    assert browser.execute_script("return Punctum.moment.time_s") == pytest.approx(round(100000 / 24, 3))
    assert browser.execute_script("return Punctum.view.to_s - Punctum.view.from_s") == pytest.approx(1.0, rel=0.1)
    assert complaints(browser) == []
