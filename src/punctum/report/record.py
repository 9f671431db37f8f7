"""The film's record: what the file is, how it was read, what was damaged.

Conventions: facts are (term, words, explanation), in the order in which they are shown; what is not known is left out.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from punctum.film import Box, Bundle
from punctum.reading.sentences import write_clock
from punctum.report.sentences import plain
from punctum.report.word_lanes import words_source
from punctum.tables import FRAMES

Fact = tuple[str, str, str]


def record_facts(bundle: Bundle) -> list[Fact]:
    """Return what is known of the film's file and of its reading."""
    film = bundle.film
    facts: list[Fact] = []

    def add(term: str, words: str, explanation: str = "") -> None:
        if words:
            facts.append((plain(term), plain(words), plain(explanation)))

    add("File", film.file_name)
    add(
        "Length",
        f"{write_clock(film.duration_s, 3)}, {_thousands(film.frame_count)} frames",
        "to the end of the last frame",
    )
    add(
        "Picture",
        _picture(bundle),
        "as coded; bars are what stays black around the picture, and are left out of every measure",
    )
    for fact in _stretches(bundle):
        add(*fact)
    add("Codec", film.codec)
    add(
        "Sound",
        f"{', '.join(film.channels) or 'channels unknown'}, {film.sample_rate_hz} Hz"
        if film.sample_rate_hz
        else "none",
    )
    add("Time base", f"{film.time_base} s", "the film's clock; every frame keeps its own time stamp")
    for column, words in (("damaged", "damaged"), ("interlaced", "interlaced")):
        count = int(bundle.frames.select(pl.col(column).fill_null(value=False).sum()).item())
        if count:
            add(words.capitalize() + " frames", _thousands(count), FRAMES[column].meaning)
    add("Words", words_source(bundle) or "none", "the subtitles that the words were taken from")
    for term, words in _made(bundle.made):
        add(term, words)
    add("Film id", film.film_id, "of the file's size and of 64 pieces spread over it")
    return facts


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _picture(bundle: Bundle) -> str:
    film = bundle.film
    words = f"{film.width_px} × {film.height_px}"
    if film.pixel_aspect != 1:
        words += f", pixels {film.pixel_aspect.numerator}:{film.pixel_aspect.denominator}"
    if film.rotation_deg:
        words += f", turned by {film.rotation_deg}°"
    box = film.active_box_px
    if (box.width, box.height) != (film.width_px, film.height_px) and box.width > 0:
        words += f"; without bars {_size(box)}"
    return words


def _size(box: Box) -> str:
    ratio = f" ({box.width / box.height:.2f}:1)" if box.height else ""
    return f"{box.width} × {box.height}{ratio}"


def _stretches(bundle: Bundle) -> list[Fact]:
    stretches = bundle.film.stretches
    if len(stretches) < 2:
        return []
    words = "; ".join(f"{_size(part.box_px)} from {write_clock(part.start_s)}" for part in stretches[:6])
    if len(stretches) > 6:
        words += f"; and {len(stretches) - 6} more"
    return [("Ratio changes", words, "the active picture, stretch by stretch")]


_PASSED_OVER = ("schema", "files", "film_address", "spans", "coverage", "corrections", "words")


def _made(made: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what ``made.json`` says, flattened, for whoever wants to know how the figures came about."""
    facts: list[tuple[str, str]] = []
    by_hand = made.get("corrections")
    if isinstance(by_hand, list | tuple) and by_hand:
        facts.append(("By hand", f"{len(by_hand)} correction{'s' if len(by_hand) != 1 else ''} of boundaries"))
    for key, value in made.items():
        if key in _PASSED_OVER or value in (None, "", [], {}, ()):
            continue
        facts.append((str(key).replace("_", " ").capitalize(), _words(value)))
    return facts


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{str(key).replace('_', ' ')} {_words(part)}" for key, part in list(value.items())[:24])
    if isinstance(value, list | tuple):
        words = ", ".join(_words(part) for part in value[:12])
        return words + (f" and {len(value) - 12} more" if len(value) > 12 else "")
    return str(value)[:300]
