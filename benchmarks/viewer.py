"""What the viewer costs in a real browser: ``python benchmarks/viewer.py [--bundle DIR] [--films 1000] [--runs 3]``.

Draws a two-hour bundle (2,000 shots, 172,800 frames, 1,500 cues, 20,000 faces; or takes one) and a library of small
bundles, serves each with `punctum view` in a process of its own, and drives headless Chromium (1280 by 900). Tabled:
seconds from the start of navigation until the sentence, its frame, the strip and the score are drawn, and until every
curve has all its values; frames a second while the score is zoomed and moved, and while the page is scrolled, at every
frame of the browser for some seconds, and the processor time of all the browser's processes for each such frame, which
tells the same on a busy machine; the most memory the server's process held.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from page_browser import open_browser, wait_ready
from viewer_bundles import draw_bundle

MOVE = """
const [what, seconds] = arguments, done = arguments[arguments.length - 1], P = Punctum, times = [];
const began = performance.now(), S = P.score;
const step = (now) => {
  times.push(now);
  const at = (now - began) / 1000;
  if (at > seconds) {
    const gaps = times.slice(1).map((t, i) => t - times[i]).sort((a, b) => a - b);
    done([1000 * gaps.length / (times[times.length - 1] - times[0]), gaps[Math.floor(gaps.length * 0.95)]]);
    return;
  }
  if (what === "zoom") S.setView(S.duration * 0.4, S.duration * Math.pow(2, -8 * Math.abs(Math.sin(at * 1.2))));
  else if (what === "move") S.setView((S.duration - 120) * (0.5 + 0.5 * Math.sin(at)), 120);
  else scrollTo(0, (0.5 - 0.5 * Math.cos(at * 1.5)) * (document.documentElement.scrollHeight - innerHeight));
  requestAnimationFrame(step);
};
requestAnimationFrame(step);
"""


def serve(place: Path) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "punctum", "view", str(place), "--no-open"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def memory_mb(process: subprocess.Popen[str], what: str = "VmHWM") -> float:
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(what)).split()[1]) / 1024


def browser_cpu_s(browser: Any) -> float:
    """Processor time of the browser's processes so far."""
    parents, used = {}, {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents[int(place.parent.name)] = int(fields[1])
        used[int(place.parent.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    below = {browser.service.process.pid}
    while grown := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= grown
    return sum(used.get(pid, 0.0) for pid in below - {browser.service.process.pid})


def measure_film(bundle: Path, runs: int, seconds: float) -> None:
    useful, ready = [], []
    for run in range(runs):
        process, address = serve(bundle)
        browser: Any = open_browser(1280, 900)
        browser.set_script_timeout(60)
        try:
            browser.get(address)
            ready.append(wait_ready(browser, 120) / 1000)
            useful.append(float(browser.execute_script("return document.documentElement.dataset.useful")) / 1000)
            if run == runs - 1:
                again = []
                for _ in range(2):
                    browser.refresh()
                    time.sleep(0.5)
                    wait_ready(browser, 120)
                    again.append(float(browser.execute_script("return document.documentElement.dataset.useful")) / 1000)
                browser.execute_script("document.getElementById('film-and-score').scrollIntoView()")
                time.sleep(1)
                for what in ("zoom", "move", "scroll"):
                    before = browser_cpu_s(browser)
                    fps, slow = browser.execute_async_script(MOVE, what, seconds)
                    cost_ms = (browser_cpu_s(browser) - before) / (fps * seconds) * 1000
                    print(f"| {what}: frames a second (95 % of frames within) | {fps:.0f} ({slow:.0f} ms) | 50 |")
                    print(f"| {what}: processor time a frame, ms | {cost_ms:.0f} | 40 on two cores |")
                print(f"| shown again, s | {statistics.median(again):.2f} | |")
                print(f"| server, most memory, MB | {memory_mb(process):.0f} | 300 |")
        finally:
            browser.quit()
            process.terminate()
            process.wait(20)
    for name, values, aim in (("first useful view, s", useful, "1.5"), ("every value there, s", ready, "")):
        print(f"| {name} | {statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f}) | {aim} |")


def draw_library(folder: Path, films: int) -> None:
    first = folder / "f0000.punctum"
    draw_bundle(first, hours=0.02, shots=12, cues=10, faces=60)
    record, made = (json.loads((first / name).read_text()) for name in ("film.json", "made.json"))
    for number in range(1, films):
        copy = folder / f"f{number:04d}.punctum"
        (copy / "stills").mkdir(parents=True)
        for file in first.rglob("*"):
            if file.is_file() and file.name not in ("film.json", "made.json"):
                os.link(file, copy / file.relative_to(first))
        own = json.dumps(
            {**record, "film_id": f"{number:032x}", "title": f"Film {number}", "year": 1920 + number % 100}
        )
        (copy / "film.json").write_text(own)
        files = {**made["files"], "film.json": len(own)}
        (copy / "made.json").write_text(json.dumps({**made, "files": files}))


def measure_library(folder: Path, films: int) -> None:
    process, address = serve(folder)
    browser: Any = open_browser(1280, 900)
    try:
        taken = []
        for _ in range(3):
            browser.get(address)
            taken.append(wait_ready(browser, 60) / 1000)
        print(f"| a library of {films} films lists in, s, first | {taken[0]:.2f} | 1 |")
        print(f"| the same again, s | {statistics.median(taken[1:]):.2f} | 1 |")
        print(f"| its server, most memory, MB | {memory_mb(process):.0f} | 300 |")
    finally:
        browser.quit()
        process.terminate()
        process.wait(20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--films", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        bundle = asked.bundle or folder / "two_hours.punctum"
        if asked.bundle is None:
            draw_bundle(bundle)
        print("| | measured | aim |\n|---|---|---|")
        measure_film(bundle, asked.runs, asked.seconds)
        if asked.films:
            (folder / "library").mkdir()
            draw_library(folder / "library", asked.films)
            measure_library(folder / "library", asked.films)


if __name__ == "__main__":
    main()
