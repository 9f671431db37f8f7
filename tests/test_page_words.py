"""The words on the page, in Chromium: found, followed, never run."""

import pytest
from tests.page_browser import find_programs, open_browser, wait_ready
from tests.page_bundles import make_bundle

from punctum.measure.words import Cue
from punctum.report import render_page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_programs() is None, reason="no chromium or chromedriver is installed"),
]

CUES = [
    *(Cue(2.0 + 3 * i, 4.0 + 3 * i, f"Line number {i}.") for i in range(30)),
    Cue(100.0, 102.0, "IGOR: À demain <b onclick=x>then</b>"),
    Cue(110.0, 112.0, "<img src=x onerror=\"document.title='run'\"><script>document.title = 'run'</script>"),
    Cue(120.0, 122.0, "[wipers squeak]"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page") / "film.punctum"
    folder.mkdir()
    made = {"schema": "punctum.2", "words": {"name": "film.en.srt", "language": "en", "language_guessed": True}}
    (folder / "page.html").write_text(render_page(make_bundle([60] * 60, words=CUES, made=made)), "utf-8")
    driver = open_browser()
    driver.get((folder / "page.html").as_uri())
    wait_ready(driver)
    yield driver
    driver.quit()


def type_in(browser, text):
    box = browser.find_element("id", "find")
    box.clear()
    box.send_keys(text)
    return [item.text.split("\n") for item in browser.find_elements("css selector", "#lines button")]


def test_what_is_typed_is_found_and_leads_into_the_film(browser):
    assert type_in(browser, "a demain") == [["1:40", "IGOR: À demain <b onclick=x>then</b>"]]
    assert browser.find_element("id", "found").text == "1 line"
    assert browser.find_element("css selector", "#lines mark").text == "À demain"
    browser.find_element("css selector", "#lines button").click()
    assert browser.find_element("id", "clock").text == "1:40.000"
    assert browser.find_element("css selector", "#lines button").get_attribute("aria-current") == "true"


def test_nothing_in_a_subtitle_is_run(browser):
    assert type_in(browser, "<script>")[0][1].startswith("<img src=x")
    assert browser.execute_script("return document.querySelectorAll('#lines img, #lines script').length") == 0
    assert "run" not in browser.title


def test_enter_goes_from_one_to_the_next(browser):
    type_in(browser, "number 1")
    box = browser.find_element("id", "find")
    browser.execute_script("Punctum.go(0, 'click')")
    times = []
    for _ in range(3):
        box.send_keys("\ue007")
        times.append(browser.find_element("id", "clock").text)
    assert times == ["0:05.000", "0:32.000", "0:35.000"]


def test_the_lines_follow_the_film(browser):
    type_in(browser, "")
    browser.execute_script("Punctum.goTime(121, 'click')")
    current = browser.find_element("css selector", "#lines [aria-current]")
    assert current.text.split("\n")[1] == "wipers squeak"
    assert type_in(browser, "nowhere at all") == []
    assert browser.find_element("id", "found").text == "No line holds that."


def test_where_the_words_come_from_is_said(browser):
    assert "from film.en.srt, English (guessed)" in browser.find_element("css selector", ".finder").text


def test_a_film_without_words_says_why():
    made = {"schema": "punctum.2", "words": {"why_none": "its subtitles are pictures of text, which are not read"}}
    page = render_page(make_bundle(made=made))
    assert "Words: its subtitles are pictures of text, which are not read." in page
    assert 'id="find"' not in page
