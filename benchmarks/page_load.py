"""How large the page of a long film is, and how soon it is ready in a browser.

    python benchmarks/page_load.py [--hours 2] [--shots 2000] [--fps 24] [--runs 5] [--out DIR]

Draws a bundle of noise (the worst case for packing: no two frames alike), writes its page with grey stills, opens it
from disk in headless Chromium and prints bytes and the median time to ready. Ready is when every lane has its data and
the page has been drawn again (``document.documentElement.dataset.ready``, milliseconds from the start of navigation).
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from page_browser import open_browser, wait_ready
from page_bundles import make_bundle
from punctum.draw.barcode import png_bytes
from punctum.report import render_page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--shots", type=int, default=2000)
    parser.add_argument("--fps", type=float, default=24.0)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    frames = round(options.hours * 3600 * options.fps)
    rng = np.random.default_rng(7)
    weights = rng.lognormal(0, 0.9, options.shots)
    lengths = np.maximum(np.round(weights / weights.sum() * frames), 2).astype(int)
    lengths[-1] += frames - lengths.sum()
    bundle = make_bundle([int(length) for length in lengths], fps=options.fps)
    began = time.perf_counter()
    page = render_page(bundle)
    rendered_s = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.out or Path(temporary)
        (folder / "stills").mkdir(parents=True, exist_ok=True)
        grey = png_bytes(np.full((90, 160, 3), 90, np.uint8))
        for stills in bundle.shots["stills"].to_list():
            (folder / "stills" / f"{stills[0]:06d}.jpg").write_bytes(grey)
        path = folder / "page.html"
        path.write_text(page, encoding="utf-8")
        ready_s = []
        for _ in range(options.runs):
            browser = open_browser(1280, 900)
            try:
                browser.get(path.as_uri())
                ready_s.append(wait_ready(browser, 60) / 1000)
            finally:
                browser.quit()
        size = path.stat().st_size
    print(f"{frames} frames, {options.shots} shots")
    print(f"rendered in {rendered_s:.2f} s")
    print(f"page {size / 1e6:.2f} MB")
    print(
        f"ready in {statistics.median(ready_s):.2f} s"
        f" (median of {options.runs}; {min(ready_s):.2f} to {max(ready_s):.2f})"
    )


if __name__ == "__main__":
    main()
