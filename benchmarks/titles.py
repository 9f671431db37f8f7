"""Titles read in stills: how many drawn ones are read right, and what is read where nothing is written.

``python benchmarks/titles.py [--count 40] [--fonts FILE ...] [--films FILM ...]``

Titles of one to three lines (names, words in capitals and small letters, with accents) are drawn on stills of 640 by
360: on black, on grey, and over pictures of the films named, light on dark and dark on light, at several heights of
their letters and several contrasts; each still is coded as a bundle's stills are. *Right* are lines of which every
letter was read, *but accents* those that are right without them. Without ``--fonts`` the letters are Pillow's own,
which lack accents. Of the films named every second half second is read as it is, and what was read is printed, for
whoever knows the film to judge.
"""

import argparse
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from punctum.measure.words import read_blocks
from punctum.media import decode_picture, encode_picture
from punctum.pipeline.titles import _reader

Picture = NDArray[np.uint8]

WIDE, HIGH = 640, 360
FIRST = [
    "Ani",
    "Igor",
    "Vera",
    "Maurice",
    "Giulietta",
    "André",
    "Zoë",
    "Łucja",
    "Jürgen",
    "Nadia",
    "Olga",
    "Sean",
    "Mikey",
]
LAST = [
    "Ivanova",
    "Fellini",
    "Masina",
    "Borisov",
    "Dreyer",
    "Müller",
    "Ozu",
    "Béla",
    "Kovács",
    "Madison",
    "Baker",
    "Núñez",
    "Håkansson",
]
TITLES = ("The End", "Part Two", "Three Years Later", "Nights of Snow", "A Film by", "Directed by", "Music", "Fin")
HEIGHTS_PX = (9, 12, 16, 32)
CONTRASTS = (1.0, 0.25)


def lines_of(random: np.random.Generator) -> list[str]:
    """One to three lines of a title or a credit."""
    lines = [str(random.choice(TITLES))]
    lines += [f"{random.choice(FIRST)} {random.choice(LAST)}" for _ in range(int(random.integers(0, 3)))]
    return [line.upper() if random.random() < 0.5 else line for line in lines]


def draw(ground: Picture, lines: list[str], face: str, height_px: int, contrast: float, light: bool) -> Picture:
    """Draw lines in the middle of a picture: ``height_px`` is that of capitals."""
    image = Image.fromarray(ground)
    pen = ImageDraw.Draw(image)
    size = round(height_px / 0.72)
    font = ImageFont.truetype(face, size) if face else ImageFont.load_default(size=size)
    level = float(ground.mean())
    tone = round(level + (255 - level) * contrast if light else level * (1 - contrast))
    at = HIGH / 2 - len(lines) * height_px
    for line in lines:
        wide = pen.textlength(line, font=font)
        pen.text(((WIDE - wide) / 2, at), line, fill=(tone, tone, tone), font=font)
        at += 2 * height_px
    return np.asarray(image, np.uint8)


def stills(path: str, every_s: float = 0.5) -> Iterator[tuple[float, Picture]]:
    """Stills of a film."""
    with av.open(path) as container:
        stream = container.streams.video[0]
        due = 0.0
        for frame in container.decode(stream):
            if frame.time is None or frame.time < due:
                continue
            due = frame.time + every_s
            picture = frame.to_ndarray(format="rgb24")
            scale = min(1.0, WIDE / max(picture.shape[:2]))
            size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
            yield frame.time, cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8)


def plain(text: str) -> str:
    """A text as it is compared: letters and figures, in small letters."""
    return "".join(c for c in text.casefold() if c.isalnum())


def without_accents(text: str) -> str:
    """A text without what stands above or below its letters."""
    apart = unicodedata.normalize("NFKD", text.replace("ł", "l"))
    return "".join(c for c in apart if not unicodedata.combining(c))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--films", nargs="*", default=[])
    parser.add_argument("--fonts", nargs="*", default=[""])
    parser.add_argument("--count", type=int, default=40)
    asked = parser.parse_args()
    read = _reader()
    random = np.random.default_rng(7)
    pictures = [
        cv2.resize(picture, (WIDE, HIGH)).astype(np.uint8)
        for film in asked.films
        for _, picture in list(stills(film, 3.0))[:20]
    ]
    print(f"{'on':<9}{'contrast':>9}{'height':>8}{'lines':>7}{'right':>8}{'but accents':>13}{'added':>7}")
    for ground in ("black", "grey", *(("picture",) if pictures else ())):
        for contrast in CONTRASTS:
            for height_px in HEIGHTS_PX if asked.count else ():
                whole = right = bare = added = 0
                for _ in range(asked.count // 4):
                    shown = {
                        "black": lambda: np.full((HIGH, WIDE, 3), 12, np.uint8),
                        "grey": lambda: np.full((HIGH, WIDE, 3), int(random.integers(60, 200)), np.uint8),
                        "picture": lambda: pictures[int(random.integers(len(pictures)))],
                    }[ground]()
                    face = str(random.choice(asked.fonts))
                    lines = lines_of(random)
                    lines = lines if face else [without_accents(line) for line in lines]
                    light = float(shown.mean()) < 128
                    coded = decode_picture(encode_picture(draw(shown, lines, face, height_px, contrast, light)))
                    blocks, _ = read_blocks(read(coded))
                    found = plain("".join(blocks))
                    for line in lines:
                        wanted = plain(line)
                        whole += 1
                        right += wanted in found
                        bare += without_accents(wanted) in without_accents(found)
                    added += max(0, len(found) - len(plain("".join(lines))))
                shares = f"{right / whole:>8.2f}{bare / whole:>13.2f}"
                print(f"{ground:<9}{contrast:>9}{height_px:>8}{whole:>7}{shares}{added:>7}", flush=True)
    for film in asked.films:
        count, texts = 0, []
        for time_s, picture in stills(film):
            blocks, score = read_blocks(read(decode_picture(encode_picture(picture))))
            count += 1
            if blocks:
                texts.append(f"{time_s:.1f} s {score:.2f} {' · '.join(blocks)}")
        print(f"{Path(film).name}: {count} stills, {len(texts)} with writing")
        for text in texts:
            print(f"  {text}", flush=True)


if __name__ == "__main__":
    main()
