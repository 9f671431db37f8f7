"""Score where the story ends: ``python benchmarks/scenes/credits.py [judge|calibrate|build] [--films N]``.

Draws the last minutes of films twice a second, as stills are offered: a story of real clips and drawn scenes, then
rolling credits, cards on a plain ground, or writing over the pictures, in half of them after a silence over black, in a
fifth with a scene after them; and as many films without credits, among them films with burnt-in subtitles, with
intertitles, and with a sign that stands in the picture for some seconds. Writing is measured as ``punctum read``
measures it; shots are those that were composed, since finding them is judged elsewhere. The truth is when the first
letters are half there.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import polars as pl
from lettering import Picture, Sheet

sys.path.append(str(Path(__file__).parent.parent / "shots"))
from material import Piece, load_pieces

from punctum.measure import measure_key_frames
from punctum.segment.credits import find_credits
from punctum.tables import SHOTS, conform

STEP_S = 0.5
FPS = 24
KINDS = ("roll", "cards", "over", "over, then roll")
WITHOUT = ("plain", "subtitles", "intertitles", "sign")
WRITTEN = ("page.png", "text.png")


class Reel(NamedTuple):
    """Stills every half second, when each shot begins and whether it is flat, and when credits begin and end."""

    stills: list[Picture]
    cuts_s: list[tuple[float, bool]]
    start_s: float | None
    end_s: float | None


class _Drawer:
    """Draws a film still by still."""

    def __init__(self, side: str, pieces: list[Piece], seed: int) -> None:
        self.rng, self.side, self.pieces = np.random.default_rng([seed, 8]), side, pieces
        self.stills: list[Picture] = []
        self.cuts_s: list[tuple[float, bool]] = []
        self.at_s = 0.0

    def due(self, until_s: float) -> list[float]:
        """Times of the stills up to a time."""
        first = len(self.stills)
        return [k * STEP_S for k in range(first, int(np.ceil(until_s / STEP_S - 1e-9)))]

    def shot(self, length_s: float, lay: "Lay | None" = None) -> None:
        """A shot of the story, with whatever is laid over it."""
        piece = self.pieces[self.rng.integers(len(self.pieces))]
        begin = self.rng.integers(0, max(1, len(piece.pictures) - int(length_s * piece.fps)))
        self.cuts_s.append((self.at_s, False))
        for time_s in self.due(self.at_s + length_s):
            number = (begin + int((time_s - self.at_s) * piece.fps)) % len(piece.pictures)
            picture = cv2.resize(piece.pictures[number], (640, 360), interpolation=cv2.INTER_CUBIC)
            self.stills.append(lay(picture, time_s) if lay else picture)
        self.at_s += length_s

    def story(self, length_s: float, lay: "Lay | None" = None) -> None:
        until = self.at_s + length_s
        while self.at_s < until:
            self.shot(float(np.clip(np.exp(self.rng.normal(np.log(4), 0.6)), 1.0, 20.0)), lay)

    def plain(self, length_s: float, shade: int, lay: "Lay | None" = None) -> None:
        for time_s in self.due(self.at_s + length_s):
            picture = np.full((360, 640, 3), shade, np.uint8)
            self.stills.append(lay(picture, time_s) if lay else picture)
        self.at_s += length_s

    def letters(self, lines: int, height_px: float) -> Sheet:
        return Sheet(self.rng, self.side, 640, lines, height_px)


Lay = "Callable[[Picture, float], Picture]"


def cards(drawer: _Drawer, length_s: float, over: bool) -> tuple["Lay", float]:
    """Cards that come and go, and when the first is half there."""
    rng = drawer.rng
    size = float(np.exp(rng.uniform(np.log(11), np.log(26))))
    at, held = drawer.at_s + (rng.uniform(0.2, 2.5) if over else 0.0), []
    fade = rng.choice([0.0, 0.3, 0.6])
    while at < drawer.at_s + length_s:
        stays = rng.uniform(2.2, 5.0)
        sheet = drawer.letters(int(rng.integers(1, 4) if over else rng.integers(1, 7)), size)
        high = len(sheet.alpha)
        top = rng.choice([0.1 * 360, (360 - high) / 2, 330 - high]) if over else (360 - high) / 2
        held.append((at, at + stays, sheet, float(top)))
        at += stays + rng.uniform(0.1, 1.8 if over else 0.8)

    def lay(picture: Picture, time_s: float) -> Picture:
        for begin, end, sheet, top in held:
            if begin <= time_s < end:
                share = min(1.0, (time_s - begin) / fade if fade else 1.0, (end - time_s) / fade if fade else 1.0)
                return sheet.over(picture, top, share, (240, 240, 240))
        return picture

    return lay, held[0][0] + fade / 2


def roll(drawer: _Drawer, length_s: float) -> tuple["Lay", float]:
    """Writing that rolls up from the lower edge, and when its first line is half in."""
    size = float(np.exp(drawer.rng.uniform(np.log(10), np.log(20))))
    speed = 360 / drawer.rng.uniform(5, 9)
    sheet = drawer.letters(max(int(length_s * speed / (1.6 * size)), 8), size)
    begin = drawer.at_s

    def lay(picture: Picture, time_s: float) -> Picture:
        return sheet.over(picture, 360 - (time_s - begin) * speed)

    return lay, begin + 0.7 * size / speed


def draw_with(side: str, pieces: list[Piece], seed: int, kind: str) -> Reel:
    """A film's last minutes with credits of a kind."""
    drawer = _Drawer(side, pieces, seed)
    rng = drawer.rng
    drawer.story(rng.uniform(110, 160))
    shade = int(rng.choice([0, 8, 16]))
    start = 0.0
    if kind.startswith("over"):
        length = rng.uniform(25, 60)
        lay, start = cards(drawer, length, over=True)
        drawer.story(length, lay)
    else:
        black = rng.uniform(0.5, 4.0) if rng.random() < 0.5 else 0.0
        if black:
            drawer.cuts_s.append((drawer.at_s, black >= 2.0))
            drawer.plain(black, shade)
        if not black or black >= 2.0:
            drawer.cuts_s.append((drawer.at_s, False))
    if kind != "over":
        if kind.startswith("over"):
            drawer.cuts_s.append((drawer.at_s, False))
        length = rng.uniform(25, 80)
        lay, begin = cards(drawer, length, over=False) if kind == "cards" else roll(drawer, length)
        start = start or begin
        drawer.plain(length, shade, lay)
    end = drawer.at_s
    if rng.random() < 0.2:
        drawer.story(rng.uniform(15, 30))
    return Reel(drawer.stills, drawer.cuts_s, start, end)


def draw_without(side: str, pieces: list[Piece], seed: int, kind: str) -> Reel:
    """A film's last minutes without credits, but perhaps with other writing."""
    drawer = _Drawer(side, pieces, seed + 50_000)
    rng = drawer.rng
    lay: Lay | None = None
    if kind == "subtitles":
        size, said = rng.uniform(13, 20), []
        at = 0.0
        while at < 200:
            stays = rng.uniform(1.2, 4)
            said.append((at, at + stays, drawer.letters(int(rng.integers(1, 3)), size)))
            at += stays + rng.exponential(2.5)

        def subtitles(picture: Picture, time_s: float) -> Picture:
            for begin, end, sheet in said:
                if begin <= time_s < end:
                    return sheet.over(picture, 350 - len(sheet.alpha))
            return picture

        lay = subtitles
    if kind == "sign":
        begin, stays = rng.uniform(100, 150), rng.uniform(2, 10)
        sheet, top = drawer.letters(1, rng.uniform(12, 30)), rng.uniform(40, 280)
        lay = lambda picture, t: sheet.over(picture, top) if begin <= t < begin + stays else picture  # noqa: E731
    while drawer.at_s < 170:
        drawer.story(rng.uniform(8, 25), lay)
        if kind == "intertitles" and drawer.at_s < 160:
            drawer.cuts_s.append((drawer.at_s, False))
            page, shade = drawer.letters(int(rng.integers(1, 4)), rng.uniform(16, 26)), 10
            drawer.plain(rng.uniform(2.5, 6), shade, lambda p, _, page=page: page.over(p, (360 - len(page.alpha)) / 2))
    if rng.random() < 0.5:
        drawer.cuts_s.append((drawer.at_s, True))
        drawer.plain(rng.uniform(2, 6), 0)
    return Reel(drawer.stills, drawer.cuts_s, None, None)


def measure(reel: Reel) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Tables of shots and frames, as far as credits are found by them."""
    n = len(reel.stills)
    duration = n * STEP_S
    number = np.arange(n) * int(FPS * STEP_S)
    thumbs = np.stack([cv2.resize(still, (128, 72), interpolation=cv2.INTER_AREA) for still in reel.stills])
    frames = measure_key_frames(number, number, number / FPS, thumbs, reel.stills).frames
    begin = np.array([cut for cut, _ in reel.cuts_s])
    end = np.append(begin[1:], duration)
    shots = conform(
        pl.DataFrame(
            {
                "shot": np.arange(len(begin)), "start_s": begin, "end_s": end,
                "start_frame": np.rint(begin * FPS), "end_frame": np.rint(end * FPS),
                "flat": [flat for _, flat in reel.cuts_s],
            }
        ),
        SHOTS,
    )  # fmt: skip
    return shots, frames


def find(shots: pl.DataFrame, frames: pl.DataFrame) -> list[tuple[float, float]]:
    """Credits that are found, in seconds."""
    spans = find_credits(shots, frames)
    return [(span.start_frame / FPS, span.end_frame / FPS) for span in spans if span.kind == "credits"]


def main() -> None:
    """Print how far off the start is for each kind, and how often credits are found where there are none."""
    parser = argparse.ArgumentParser()
    parser.add_argument("side", nargs="?", default="judge")
    parser.add_argument("--films", type=int, default=25, help="of each kind")
    asked = parser.parse_args()
    pieces = [p for p in load_pieces(asked.side) if not any(name in p.source for name in WRITTEN)]
    for kind in KINDS:
        off, missed, ends = [], 0, Counter[bool]()
        for seed in range(asked.films):
            reel = draw_with(asked.side, pieces, seed, kind)
            found = find(*measure(reel))
            missed += not found
            if found and reel.start_s is not None and reel.end_s is not None:
                off.append(found[0][0] - reel.start_s)
                ends[abs(found[-1][1] - reel.end_s) <= 1.0] += 1
        within = np.mean(np.abs(off) <= 1.0) if off else 0.0
        print(
            f"{kind:16} {asked.films} films, {missed} missed; start within 1 s {within * len(off) / asked.films:.2f},"
            f" off by {np.median(np.abs(off)):.2f} s (most {np.max(np.abs(off)):.1f}); end within 1 s"
            f" {ends[True] / asked.films:.2f}"
        )
    for kind in WITHOUT:
        false = sum(bool(find(*measure(draw_without(asked.side, pieces, seed, kind)))) for seed in range(asked.films))
        print(f"without, {kind:12} {asked.films} films, credits found in {false}")


if __name__ == "__main__":
    main()
