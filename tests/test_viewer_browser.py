"""The viewer in Chromium: open, play, seek, correct, undo, note, reload; exact to the frame; nothing leaves here."""

import io
import json
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from selenium.common.exceptions import JavascriptException

from page_browser import find_programs, open_browser, resize, wait_ready
from punctum.bundle import open_bundle, read_notes
from punctum.media import write_film
from punctum.notes import notes_of
from punctum.pipeline import read_film
from test_page_browser import numbered, read_number
from viewer_bundles import draw_bundle

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(find_programs() is None, reason="no Chromium with chromedriver is installed"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

HOSTILE = "</script><img src=x onerror=\"document.title='run'\"><svg onload=document.title='run'>"
FRAMES = 240


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    made = open_browser(1280, 900)
    yield made
    made.quit()


class Served:
    """`punctum view` in a process of its own."""

    def __init__(self, place: Path) -> None:
        command = [sys.executable, "-m", "punctum", "view", str(place), "--no-open"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        self.origin = self.address.split("/?")[0]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        if self.process.stdout is not None:
            self.process.stdout.close()


@pytest.fixture
def serve() -> Iterator[Any]:
    running: list[Served] = []

    def start(place: Path) -> Served:
        running.append(Served(place))
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.fixture(scope="module")
def films(tmp_path_factory: Any) -> dict[str, Path]:
    """One numbered film in three files: as browsers play it, in Matroska with AC-3, in a codec that none plays."""
    folder = tmp_path_factory.mktemp("numbered")
    tone = (0.2 * np.sin(np.arange(480_000) / 48_000 * 2 * np.pi * 440)).astype(np.float32)[None]
    still = {"g": "24", "bf": "2", "crf": "12"}
    # a variable frame rate: every tenth frame stays twice as long, in milliseconds as Matroska has them
    pts = np.cumsum([0] + [80 if i % 10 == 9 else 40 for i in range(FRAMES - 1)]).tolist()
    kinds: dict[str, dict[str, Any]] = {
        "plain.mp4": {"codec": "libx264", "options": still},
        "copied.mkv": {
            "codec": "libx264", "options": still, "sound_codec": "ac3", "pts": pts, "time_base": Fraction(1, 1000),
        },
        "anew.mkv": {
            "codec": "mpeg4", "options": {"g": "12", "b": "8000000"}, "pts": pts, "time_base": Fraction(1, 1000),
        },
    }  # fmt: skip
    made = {}
    for name, options in kinds.items():
        pictures = (numbered(i % 256) for i in range(FRAMES))
        write_film(folder / name, pictures, 25, tone, 48_000, start_s=0.0 if "mp4" in name else 3.0, **options)
        made[name] = read_film(folder / name, faces="off").folder
    return made


def open_page(browser: Any, address: str, width_px: int = 1280, height_px: int = 900) -> None:
    browser.get("about:blank")
    browser.get_log("browser")  # what the page before complained of is not this one's
    resize(browser, width_px, height_px)
    browser.get(address)
    wait_ready(browser, 40)
    wait_until(browser, "return document.documentElement.dataset.viewer === 'ready'", 20)


def wait_until(browser: Any, script: str, most_s: float = 15) -> Any:
    end = time.monotonic() + most_s
    while time.monotonic() < end:
        try:
            found = browser.execute_script(script)
        except JavascriptException:  # the page is being shown anew
            found = None
        if found:
            return found
        time.sleep(0.05)
    raise TimeoutError(script)


def complaints(browser: Any) -> list[str]:
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]


def press(browser: Any, keys: str) -> None:
    from selenium.webdriver import ActionChains

    ActionChains(browser).send_keys(keys).perform()


def shown_number(browser: Any) -> int:
    from selenium.webdriver.common.by import By

    return read_number(browser.find_element(By.ID, "film").screenshot_as_png)


@pytest.mark.parametrize(("name", "how"), [("plain.mp4", "direct"), ("copied.mkv", "copied"), ("anew.mkv", "anew")])
def test_every_film_plays_exact_to_the_frame(browser, serve, films, name, how):
    served = serve(films[name])
    open_page(browser, served.address)
    wait_until(browser, "return Punctum.player.usable", 40)
    assert browser.execute_script("return Punctum.player.how") == how
    spine = open_bundle(films[name]).frames["frame"].to_list()
    assert len(spine) == FRAMES
    wrong = []
    for frame in (0, 1, 23, 24, 25, 99, 100, 101, 160, 187, 200, FRAMES - 1, 47, 48):
        browser.execute_script(f"Punctum.go({frame}, 'click')")
        wait_until(browser, "return !Punctum.player.video.seeking && Punctum.player.video.readyState >= 2", 30)
        time.sleep(0.15)
        seen = shown_number(browser)
        if seen != frame % 256:
            wrong.append((frame, seen))
    assert wrong == []
    # it plays on through the seams of pieces, and the playhead follows
    browser.execute_script("Punctum.go(80, 'click')")
    time.sleep(0.3)
    browser.execute_script("Punctum.player.video.muted = true; Punctum.playPause()")
    wait_until(browser, "return Punctum.moment.frame > 130", 30)
    browser.execute_script("Punctum.player.video.pause()")
    assert complaints(browser) == []


def test_a_film_that_was_moved_is_told_and_stills_stand_in(browser, serve, films, tmp_path):
    alone = Path(shutil.copytree(films["plain.mp4"], tmp_path / "alone.punctum"))
    open_page(browser, serve(alone).address)
    note = wait_until(browser, "const n = document.getElementById('player-note'); return !n.hidden && n.textContent")
    assert "not where it was" in note


def test_correct_undo_note_reload_and_read_again(browser, serve, films, tmp_path):
    """The whole way: what a person says is there after a reload, and after another reading."""
    shutil.copy(films["plain.mp4"].parent / "plain.mp4", tmp_path / "plain.mp4")
    folder = Path(shutil.copytree(films["plain.mp4"], tmp_path / "plain.punctum"))
    before = open_bundle(folder).shots.height
    served = serve(folder)
    open_page(browser, served.address)
    browser.execute_script("Punctum.go(117, 'click')")
    seal = browser.execute_script("return Punctum.viewer.state.seal")
    press(browser, "s")
    wait_until(
        browser, f"return typeof Punctum !== 'undefined' && Punctum.viewer.seal && Punctum.viewer.seal !== '{seal}'", 60
    )
    assert browser.execute_script("return Punctum.data.shots.start_frame.includes(117)")
    assert browser.execute_script("return Punctum.moment.frame") == 117
    wait_until(browser, "return document.documentElement.dataset.viewer === 'ready'")
    seal = browser.execute_script("return Punctum.viewer.seal")
    press(browser, "z")
    wait_until(
        browser, f"return typeof Punctum !== 'undefined' && Punctum.viewer.seal && Punctum.viewer.seal !== '{seal}'", 60
    )
    assert not browser.execute_script("return Punctum.data.shots.start_frame.includes(117)")
    wait_until(browser, "return document.documentElement.dataset.viewer === 'ready'")
    seal = browser.execute_script("return Punctum.viewer.seal")
    press(browser, "Z")
    wait_until(
        browser, f"return typeof Punctum !== 'undefined' && Punctum.viewer.seal && Punctum.viewer.seal !== '{seal}'", 60
    )
    wait_until(browser, "return document.documentElement.dataset.viewer === 'ready'")

    # a note on a span, by keyboard alone
    browser.execute_script("Punctum.go(30, 'click'); document.activeElement.blur()")
    press(browser, "i")
    browser.execute_script("Punctum.go(59, 'click')")
    press(browser, "on")
    press(browser, HOSTILE)
    from selenium.webdriver.common.by import By

    browser.find_element(By.ID, "note-tags").send_keys("pan, held gaze")
    browser.find_element(By.ID, "note-tier").send_keys("touch")
    browser.find_element(By.CSS_SELECTOR, "#note-form [type=submit]").click()
    wait_until(browser, "return document.querySelectorAll('#noted li').length === 1")
    [note] = notes_of(read_notes(folder)[0])
    times = open_bundle(folder).frames["time_s"]
    assert (note.text, note.tags, note.tier) == (HOSTILE, ("pan", "held gaze"), "touch")
    assert (note.start_s, note.end_s) == pytest.approx((times[30], times[60]), abs=1e-5)
    browser.refresh()
    wait_until(browser, "return document.querySelectorAll('#noted li').length === 1", 30)
    assert browser.execute_script("return document.querySelector('#noted .text').textContent") == HOSTILE
    assert browser.execute_script("return Punctum.laneNamed('tier touch') !== undefined")
    assert browser.title != "run"
    assert browser.execute_script("return document.querySelector('img[src=x], svg[onload]')") is None
    assert complaints(browser) == []

    read_film(tmp_path / "plain.mp4", faces="off", force=True)
    again = open_bundle(folder)
    assert 117 in again.shots["start_frame"].to_list()
    assert again.shots.height == before + 1
    assert len(notes_of(again.notes)) == 1


def test_deep_links_lead_to_frame_and_span(browser, serve, films):
    served = serve(films["plain.mp4"])
    open_page(browser, served.address)
    page = browser.current_url.split("#")[0]
    browser.get("about:blank")
    open_page(browser, page + "#f=77")
    assert browser.execute_script("return Punctum.moment.frame") == 77
    browser.execute_script("location.hash = '#f=100-150'")
    wait_until(browser, "return Punctum.viewer.span && Punctum.viewer.span.join() === '100,150'")
    assert browser.execute_script("return Punctum.moment.frame") == 100
    browser.execute_script("location.hash = '#f=<img src=x>'")
    assert browser.execute_script("return Punctum.moment.frame") == 100


def test_a_citation_is_copied(browser, serve, films):
    open_page(browser, serve(films["plain.mp4"]).address)
    browser.execute_script("Punctum.viewer.mark(24, 48)")
    press(browser, "y")
    text = wait_until(browser, "return document.getElementById('cite-text').value")
    assert "(frames 24–47)" in text
    browser.execute_script("document.querySelector('[data-style=bibtex]').click()")
    assert browser.execute_script("return document.getElementById('cite-text').value").startswith("@misc{")
    browser.execute_script("document.querySelector('.table .cite-this').click()")
    wait_until(browser, "return document.getElementById('cite-text').value.includes('measured with Punctum')")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: Any) -> Path:
    folder = tmp_path_factory.mktemp("library") / "film.punctum"
    draw_bundle(folder, hours=0.05, shots=40, cues=30, faces=200, title="A “Film” & <b>More</b>")
    return folder


def test_doubtful_boundaries_come_one_after_another(browser, serve, drawn, tmp_path):
    import polars as pl

    folder = Path(shutil.copytree(drawn, tmp_path / "film.punctum"))
    doubt = pl.when(pl.col("boundary").is_in([5, 9, 20])).then(0.6).otherwise(0.01).cast(pl.Float32)
    table = pl.read_parquet(folder / "boundaries.parquet").with_columns(doubt=doubt)
    table.write_parquet(folder / "boundaries.parquet")
    made = json.loads((folder / "made.json").read_text())
    made["files"]["boundaries.parquet"] = (folder / "boundaries.parquet").stat().st_size
    (folder / "made.json").write_text(json.dumps(made))
    from punctum.pipeline import refresh

    refresh(open_bundle(folder))
    starts = open_bundle(folder).shots["start_frame"].to_list()
    open_page(browser, serve(folder).address)
    press(browser, "d")
    for label in ("Yes", "No", "Skip"):
        wait_until(browser, "return document.querySelectorAll('#doubt-acts button').length === 4")
        browser.execute_script(
            f"[...document.querySelectorAll('#doubt-acts button')].find((b) => b.textContent === '{label}').click()"
        )
        wait_until(browser, f"return Punctum.viewer.state.corrections.length >= {1 if label == 'Yes' else 2}")
    said = [note["what"] for note in read_notes(folder)[0]]
    assert said == ["cut", "merge"]
    wait_until(browser, "return !Punctum.viewer.state.working", 60)
    wait_until(browser, f"return Punctum.data.shots.start_frame.length === {len(starts) - 1}", 60)


def axe(folder: Path) -> str | None:
    """The checker's script, from the package's own registry by its ordinary client; None where it cannot be had."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    try:
        command = [npm, "pack", "axe-core@4.10.3", "--silent", "--pack-destination", str(folder)]
        done = subprocess.run(command, capture_output=True, timeout=90, cwd=folder, text=True)
    except (OSError, subprocess.TimeoutExpired):
        return None
    name = done.stdout.strip().splitlines()[-1:] if done.returncode == 0 else []
    if not name or not (folder / name[0]).is_file():
        return None
    with tarfile.open(folder / name[0]) as package:
        found = package.extractfile("package/axe.min.js")
        return io.TextIOWrapper(found, encoding="utf-8").read() if found else None  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def checker(tmp_path_factory: Any) -> str:
    script = axe(tmp_path_factory.mktemp("axe"))
    if script is None:
        pytest.skip("axe-core cannot be had here: npm or its registry is missing")
    return script


@pytest.mark.parametrize("width_px", [1280, 390])
@pytest.mark.parametrize("room", ["paper", "screening"])
def test_nothing_serious_stands_in_anyones_way(browser, serve, drawn, checker, tmp_path, width_px, room):
    folder = Path(shutil.copytree(drawn, tmp_path / "films" / "film.punctum"))
    from punctum.bundle import add_note

    note = {"kind": "note", "start_s": 3.0, "text": "a tear", "tags": ["gesture"], "tier": "touch", "value": 2.0}
    add_note(folder, note)
    add_note(folder, {"kind": "reading", "title": "she forgives", "evidence": [{"side": "for", "statement": "a look"}]})
    served = serve(folder.parent)
    resize(browser, width_px, 900)
    browser.get(served.address)
    wait_ready(browser)
    serious: dict[str, list[str]] = {}

    def check(where: str) -> None:
        browser.execute_script(f"document.documentElement.dataset.room = '{room}'")
        # the page allows no script but its own; the checker comes in by the debugger's own door
        browser.execute_cdp_cmd("Runtime.evaluate", {"expression": checker})
        found = browser.execute_async_script(
            "const done = arguments[0];"
            "axe.run(document, {resultTypes: ['violations']}).then((found) => done(found.violations))"
        )
        for one in found:
            if one["impact"] in ("serious", "critical"):
                told = [f"{node['html'][:160]} {node['failureSummary'][:300]}" for node in one["nodes"][:3]]
                serious[f"{where}: {one['id']}"] = told

    check("library")
    browser.get(browser.execute_script("return document.querySelector('#cards a').href"))
    wait_ready(browser, 30)
    wait_until(browser, "return document.documentElement.dataset.viewer === 'ready'")
    for desk in ("note", "correct", "cite"):
        browser.execute_script(f"Punctum.viewer.open('{desk}')")
        time.sleep(0.2)
        check(desk)
    browser.execute_script("document.getElementById('keys').showModal()")
    check("keys")
    assert serious == {}


def test_no_request_leaves_the_machine(browser, serve, drawn, films):
    for place in (drawn.parent, films["copied.mkv"]):
        served = serve(place)
        browser.get("about:blank")
        time.sleep(0.3)
        browser.get_log("performance")
        browser.get(served.address)
        wait_ready(browser, 30)
        time.sleep(1.5)
        asked = []
        for entry in browser.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                asked.append(message["params"]["request"]["url"])
        assert asked
        assert [
            one for one in asked if not one.startswith((served.origin, "data:", "blob:", "chrome:", "about:"))
        ] == []


def test_everything_is_reached_by_keyboard(browser, serve, drawn):
    open_page(browser, serve(drawn).address)
    press(browser, "?")
    assert browser.execute_script("return document.getElementById('keys').open")
    listed = browser.execute_script("return document.querySelectorAll('#keys-list dt').length")
    assert listed > 20
    from selenium.webdriver.common.keys import Keys

    press(browser, Keys.ESCAPE)
    seen = set()
    for _ in range(60):
        press(browser, Keys.TAB)
        seen.add(
            browser.execute_script(
                "return document.activeElement.id || document.activeElement.textContent.slice(0, 20)"
            )
        )
    assert {"open-note", "open-correct", "open-cite", "open-keys", "set-in", "set-out", "overview"} <= seen
    # single letters can be turned off, and do nothing then
    browser.execute_script("document.getElementById('keys-on').click(); document.activeElement.blur()")
    press(browser, "n")
    assert browser.execute_script("return document.getElementById('desk-note').hidden")
    browser.execute_script("document.getElementById('keys-on').click()")
