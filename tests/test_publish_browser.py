"""An essay's page in Chromium: nothing breaks, everything can be reached, seen and read, with script and without."""

from itertools import pairwise
from pathlib import Path

import pytest
from tests import films
from tests.page_browser import find_programs, open_browser, resize, wait_ready

from punctum.pipeline import read_film
from punctum.publish import build_site, open_manuscript

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(find_programs() is None, reason="no chromium or chromedriver is installed"),
]

TEXT = """---
title: On cuts, and a long word, Donaudampfschifffahrtsgesellschaftskapitän
subtitle: What is seen
authors: [Ann Other]
date: 2026-11-24
films: {w: cuts.punctum}
---
[Three shots]{film=w measure=shot_count is=3}, []{film=w measure=average_shot_length_s} each, [red]{film=w at="0:00.5"
.seen}.[^1]

## All of it

![The course](w@film "brightness, longest_shot_s")

![All of it](w@film)

| a | b |
|---|---|
| []{film=w measure=cut_count} | []{film=w measure=longest_shot_s} |

::: {.reading title="Yes"}
[a]{film=w measure=shot_count is="> 2" .for}
:::

[^1]: A note.
"""

CONTRAST = """
const linear = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const light = (c) => 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
const parse = (c) => (c.match(/[\\d.]+/g) || []).map(Number);
const ground = (e) => {
  for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] > 0.99) return c;
  }
  return [255, 255, 255];
};
const low = [];
for (const e of document.querySelectorAll("body *")) {
  const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  if (!own || !e.checkVisibility() || e.closest("svg, script")) continue;
  const a = light(parse(getComputedStyle(e).color)), b = light(ground(e));
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) low.push(`${e.tagName}.${e.className} ${ratio.toFixed(2)}`);
}
return low;
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    read_film(films.cuts(folder))
    (folder / "essay.md").write_text(TEXT, "utf-8")
    one = open_manuscript(folder / "essay.md")
    assert one.checked.sound, one.checked.findings
    return build_site([one], folder / "site").index


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width_px", [390, 1280])
def test_the_page_is_sound(page, dark, width_px):
    browser = open_browser(width_px, 900, dark)
    try:
        browser.get(page.as_uri())
        assert wait_ready(browser) < 3000
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width_px
        assert browser.execute_script(CONTRAST) == []
        bad = "i.loading !== 'lazy' && !i.naturalWidth || !i.hasAttribute('alt')"
        assert browser.execute_script(f"return [...document.images].filter((i) => {bad}).length") == 0
        levels = browser.execute_script("return [...document.querySelectorAll('h1,h2,h3')].map((h) => +h.tagName[1])")
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))
        named = "e.textContent.trim() || e.ariaLabel"
        parts = "document.querySelectorAll('a,button,svg[role=img]')"
        assert browser.execute_script(f"return [...{parts}].filter((e) => !({named})).length") == 0
        link = browser.find_element("css selector", "a.evidence")
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", link)
        link.click()
        card = browser.find_element("css selector", ".card")
        assert "3 shots" in card.text.replace("\N{NO-BREAK SPACE}", " ")
        box = browser.execute_script("const r = arguments[0].getBoundingClientRect(); return [r.left, r.right]", card)
        assert box[0] >= 0
        assert box[1] <= width_px
        assert link.get_attribute("aria-expanded") == "true"
        card.send_keys("\ue00c")
        assert browser.find_elements("css selector", ".card") == []
        assert browser.execute_script("return document.activeElement === arguments[0]", link)
        assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    finally:
        browser.quit()


def test_without_script_a_claim_leads_to_its_evidence_and_back(page, tmp_path):
    browser = open_browser(1280, 900)
    try:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        browser.get(page.as_uri())
        browser.find_element("css selector", "a.evidence").click()
        assert browser.current_url.endswith("#e1")
        browser.find_element("css selector", "#e1 .passage a").click()
        assert browser.current_url.endswith("#c1")
    finally:
        browser.quit()


def test_it_prints_cleanly(page):
    browser = open_browser(1280, 900, dark=True)
    try:
        browser.get(page.as_uri())
        wait_ready(browser)
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        resize(browser, 720, 900)
        ground = browser.execute_script("return getComputedStyle(document.documentElement).backgroundColor")
        assert ground == "rgb(255, 255, 255)"
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 720
        printed = browser.execute_cdp_cmd("Page.printToPDF", {})
        assert len(printed["data"]) > 10_000
    finally:
        browser.quit()
