"""Draw writing over pictures: cards, rolls, credits over a picture. Needs Pillow and the fonts of the system.

Fonts are parted by name among the sides of ``benchmarks/shots/material.py``, so that nothing is judged in a letter it
was fitted to.
"""

import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Picture = NDArray[np.uint8]
FOLDERS = ("dejavu", "liberation", "urw-base35", "noto", "freefont")


def fonts(side: str) -> list[str]:
    """Latin fonts of a side."""
    held = sorted(
        str(path)
        for path in Path("/usr/share/fonts").rglob("*.[to]tf")
        if any(folder in str(path) for folder in FOLDERS)
        and ("noto" not in str(path) or path.name.startswith(("NotoSans-", "NotoSerif-", "NotoSansDisplay")))
        and not any(odd in path.name for odd in ("Dingbats", "Symbols", "D050000L", "StandardSymbols", "Emoji", "Math"))
    )
    number = {"build": (0, 1), "calibrate": (2,), "judge": (3, 4)}[side]
    return [path for path in held if zlib.crc32(Path(path).name.split("-")[0].encode()) % 5 in number]


def draw_name(rng: np.random.Generator) -> str:
    """One to three words that look like names or trades."""
    words = [
        "".join(rng.choice(list("abcdefghijklmnoprstuvwyz"), rng.integers(3, 9))) for _ in range(rng.integers(1, 4))
    ]
    said = " ".join(word.capitalize() for word in words)
    return said.upper() if rng.random() < 0.3 else said


class Sheet:
    """Lines of writing on a sheet as wide as the picture and as high as it takes: ``alpha`` float32 (h, w)."""

    def __init__(self, rng: np.random.Generator, side: str, width: int, lines: int, height_px: float) -> None:
        held = fonts(side)
        font = ImageFont.truetype(held[rng.integers(len(held))], max(6, round(height_px)))
        step = height_px * rng.uniform(1.3, 1.9)
        sheet = Image.new("L", (width, round(lines * step + height_px)), 0)
        pen = ImageDraw.Draw(sheet)
        columns = rng.choice(["middle", "left", "right", "two"])
        for i in range(lines):
            for text, share in self._texts(rng, str(columns)):
                long = pen.textlength(text, font=font)
                x = {"middle": (width - long) / 2, "left": 0.1 * width, "right": 0.9 * width - long}.get(share, 0.0)
                x = {"before": 0.48 * width - long, "after": 0.52 * width}.get(share, x)
                pen.text((x, i * step), text, font=font, fill=255)
        self.alpha = np.asarray(sheet, np.float32) / 255

    def _texts(self, rng: np.random.Generator, columns: str) -> list[tuple[str, str]]:
        if columns == "two":
            return [(draw_name(rng), "before"), (draw_name(rng), "after")]
        return [(draw_name(rng), columns)]

    def over(
        self, picture: Picture, top: float, share: float = 1.0, ink: tuple[int, int, int] = (235, 235, 235)
    ) -> Picture:
        """The picture with the sheet laid over it, its upper edge ``top`` pixels down."""
        high = picture.shape[0]
        first = round(top)
        low, end = max(first, 0), min(first + len(self.alpha), high)
        if low >= end:
            return picture
        made = picture.copy()
        alpha = share * self.alpha[low - first : end - first, :, None]
        made[low:end] = np.rint(made[low:end] * (1 - alpha) + np.array(ink, np.float32) * alpha).astype(np.uint8)
        return made
