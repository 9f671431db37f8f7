"""Paints figures and contact sheets as pictures, with Pillow.

Conventions: colours and type are those of paper; a text that the built-in face has no letters for is set in one of the
computer's own where it has one.
"""

import io
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from PIL import Image, ImageDraw, ImageFont

from punctum.draw.filmgraph import GROUND, HEIGHT, INK, QUIET, RULE, WIDTH, Figure, Line, Rect, Words

_WIDE_FACES = ("NotoSans-Regular.ttf", "DejaVuSans.ttf", "Arial Unicode.ttf", "arialuni.ttf", "Arial.ttf", "arial.ttf")
SHEET_PX = 2400
PAGE_PX = (1754, 1240)
"""A4 lying, at 150 dots an inch."""

PAGE_DPI = 150


class Cell(NamedTuple):
    """A shot on a contact sheet: its picture as JPEG (None where none was kept), and two lines beneath."""

    picture: bytes | None
    name: str
    times: str


@lru_cache(maxsize=64)
def _face(size: int, wide: bool) -> Any:
    for name in _WIDE_FACES if wide else ():
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def _write(pen: Any, at: tuple[float, float], text: str, size: int, colour: str, anchor: str = "ls") -> None:
    plain = "".join(c if c.isprintable() else " " for c in text)
    pen.text(at, plain, fill=colour, font=_face(size, any(ord(c) > 0x17F for c in plain)), anchor=anchor)


def paint_figure(figure: Figure, scale: int = 2) -> bytes:
    """Paint a figure as PNG, at a multiple of its size."""
    image = Image.new("RGB", (WIDTH * scale, HEIGHT * scale), GROUND)
    pen = ImageDraw.Draw(image)
    for shape in figure.shapes:
        if isinstance(shape, Rect):
            left, top = shape.x * scale, shape.y * scale
            right, bottom = left + shape.width * scale, top + shape.height * scale
            if right - left >= 0.5:
                pen.rectangle((left, top, max(left, right - 1), max(top, bottom - 1)), fill=shape.colour)
        elif isinstance(shape, Line):
            _line(pen, shape, scale)
        elif isinstance(shape, Words):
            anchor = {"start": "ls", "middle": "ms", "end": "rs"}[shape.anchor]
            _write(pen, (shape.x * scale, shape.y * scale), shape.text, shape.size * scale, shape.colour, anchor)
        else:
            size = (max(1, round(shape.width * scale)), max(1, round(shape.height * scale)))
            with Image.open(io.BytesIO(figure.pictures[shape.key])) as picture:
                made = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
            image.paste(made, (round(shape.x * scale), round(shape.y * scale)))
    return _png(image)


def _line(pen: Any, shape: Line, scale: int) -> None:
    points = [(x * scale, y * scale) for x, y in shape.points]
    wide = max(1, round(shape.width * scale))
    if not shape.dashed:
        pen.line(points, fill=shape.colour, width=wide, joint="curve")
        return
    (left, y), (right, _) = points
    at = left
    while at < right:
        pen.line(((at, y), (min(at + 5 * scale, right), y)), fill=shape.colour, width=wide)
        at += 9 * scale


def _png(image: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def paint_sheet(title: str, told: str, cells: Sequence[Cell], aspect: float) -> bytes:
    """Paint a contact sheet as one PNG: the more shots, the smaller their pictures.

    Parameters
    ----------
    title, told : str
        lines at its head
    cells : sequence of Cell
    aspect : float
        width over height of the pictures' cells
    """
    columns = min(24, max(4, round((len(cells) * 1.1 / aspect) ** 0.5)))
    step = SHEET_PX // columns
    high = round((step - 8) / aspect) + _caption(step) + 10
    rows = -(-len(cells) // columns)
    image = Image.new("RGB", (SHEET_PX, 140 + rows * high + 20), GROUND)
    pen = ImageDraw.Draw(image)
    _write(pen, (24, 62), title, 44, INK)
    _write(pen, (24, 104), told, 24, QUIET)
    for number, cell in enumerate(cells):
        left, top = 4 + number % columns * step, 140 + number // columns * high
        _cell(image, pen, cell, (left, top), step - 8, round((step - 8) / aspect), step)
    return _png(image)


def _caption(step: int) -> int:
    return 2 * _letter(step) + 10


def _letter(step: int) -> int:
    return max(11, min(24, step // 11))


def _cell(image: Any, pen: Any, cell: Cell, at: tuple[int, int], wide: int, high: int, step: int) -> None:
    left, top = at
    if cell.picture is None:
        pen.rectangle((left, top, left + wide - 1, top + high - 1), fill=RULE)
        _write(pen, (left + wide / 2, top + high / 2), "—", 20, QUIET, "mm")
    else:
        with Image.open(io.BytesIO(cell.picture)) as picture:
            scale = min(wide / picture.width, high / picture.height)
            size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
            picture.draft("RGB", size)
            made = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
        image.paste(made, (left + (wide - size[0]) // 2, top + (high - size[1]) // 2))
    letter = _letter(step)
    _write(pen, (left, top + high + letter + 2), cell.name, letter, INK)
    _write(pen, (left, top + high + 2 * letter + 6), cell.times, letter, QUIET)


def paint_pages(title: str, told: str, cells: Sequence[Cell], aspect: float, columns: int = 6) -> Iterator[Any]:
    """Paint a contact sheet as pages, one after another: as many rows as there is room for, head and number on each."""
    wide, tall = PAGE_PX
    step = (wide - 80) // columns
    high = round((step - 12) / aspect) + _caption(step) + 12
    rows = max(1, (tall - 150) // high)
    pages = max(1, -(-len(cells) // (columns * rows)))
    for page in range(pages):
        image = Image.new("RGB", PAGE_PX, "#ffffff")
        pen = ImageDraw.Draw(image)
        _write(pen, (40, 62), title, 32, INK)
        _write(pen, (40, 92), told, 18, QUIET)
        _write(pen, (wide - 40, 62), f"{page + 1} of {pages}", 18, QUIET, "rs")
        for number, cell in enumerate(cells[page * columns * rows : (page + 1) * columns * rows]):
            at = (40 + number % columns * step, 116 + number // columns * high)
            _cell(image, pen, cell, at, step - 12, round((step - 12) / aspect), step)
        yield image
