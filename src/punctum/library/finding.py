"""What a library holds; where something is said in it; which frame a picture shows."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from punctum import media
from punctum.bundle.shelf import LeftOut, Shelved, list_bundles, scan_tables
from punctum.echo import Found, Query, look_for, prepare_query
from punctum.errors import FilmUnreadable, quoted
from punctum.film import Box
from punctum.measure.bars import find_edges
from punctum.measure.words import find_lines
from punctum.tables import WORDS

LIKE = 0.985
"""From this likeness on a frame is taken for the one that is shown. How often that errs was not measured: of twelve
drawn pictures (``tests/test_still.py``) none was as like to another."""

LARGEST_PICTURE_BYTES = 64_000_000


def list_library(library: str | Path) -> tuple[pl.DataFrame, list[LeftOut]]:
    """List the films of a library.

    Parameters
    ----------
    library : path
        a folder

    Returns
    -------
    films : pl.DataFrame
        ``film_id``, ``bundle`` (its address within the library), ``title``, ``year``, ``director``, ``duration_s``,
        ``frame_count``, ``width_px``, ``height_px``, ``codec``, ``file_name``, ``coverage`` (``film``, ``span`` or
        ``key frames``: what was read of it), ``speed`` (how much faster than made, by ``films.csv``); by address
    left_out : list of LeftOut
        bundles that cannot be read, and why
    """
    shelved, left_out = list_bundles(library)
    return tabulate_films(shelved), left_out


def tabulate_films(shelved: Sequence[Shelved]) -> pl.DataFrame:
    """Make the table of films, a row a bundle, with the columns that `list_library` gives."""
    kinds = {
        "film_id": pl.String(), "bundle": pl.String(), "title": pl.String(), "year": pl.Int32(),
        "director": pl.String(), "duration_s": pl.Float64(), "frame_count": pl.Int64(), "width_px": pl.Int32(),
        "height_px": pl.Int32(), "codec": pl.String(), "file_name": pl.String(), "coverage": pl.String(),
        "speed": pl.Float64(),
    }  # fmt: skip
    rows = [
        (
            one.film.film_id, one.address, one.film.title, one.film.year, one.film.director or None,
            one.film.duration_s, one.film.frame_count, one.film.width_px, one.film.height_px, one.film.codec,
            one.film.file_name, one.made.get("coverage"), one.speed,
        )
        for one in shelved
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=kinds, orient="row")


def find_words(library: str | Path, text: str) -> tuple[pl.DataFrame, list[LeftOut]]:
    """Find lines that hold a text, in whatever case, in all films of a library.

    Parameters
    ----------
    library : path
        a folder
    text : str
        what to look for

    Returns
    -------
    lines : pl.DataFrame
        ``film_id``, ``bundle``, ``title``, then the columns of ``tables.WORDS``
    left_out : list of LeftOut
        bundles that cannot be read, and why
    """
    shelved, left_out = list_bundles(library)
    words, unread = scan_tables(shelved, "words")
    films = pl.LazyFrame(
        {
            "film_id": [one.film.film_id for one in shelved],
            "bundle": [one.address for one in shelved],
            "title": [one.film.title for one in shelved],
        },
        schema={"film_id": pl.String(), "bundle": pl.String(), "title": pl.String()},
    )
    held = find_lines(words.collect(), text).lazy().join(films, on="film_id", how="left", maintain_order="left")
    return held.select("film_id", "bundle", "title", *WORDS).collect(), [*left_out, *unread]


def find_still(library: str | Path, picture: str | Path) -> tuple[pl.DataFrame, list[LeftOut]]:
    """Find the frame that a picture shows: a screenshot, perhaps cropped, recoloured or with a subtitle on it.

    Parameters
    ----------
    library : path
        a folder
    picture : path
        a PNG or JPEG file

    Returns
    -------
    frames : pl.DataFrame
        the likeliest frame of every film, the likeliest first: ``film_id``, ``bundle``, ``title``, ``frame``,
        ``time_s``, ``likeness`` (correlation of lightness), ``shown`` (it is that frame, or its neighbour in the shot),
        and the part of the frame that the picture shows: ``left``, ``top``, ``width``, ``height``
    left_out : list of LeftOut
        bundles that cannot be read, and why

    Raises
    ------
    FilmUnreadable
        where the file is no picture
    """
    query = prepare_query(_read_picture(Path(picture)))
    shelved, left_out = list_bundles(library)
    rows = []
    for one in shelved:
        try:
            found = _look_in(one, query)
        except (OSError, pl.exceptions.PolarsError) as error:
            left_out.append(LeftOut(one.address, f"`grid.parquet`: {str(error).splitlines()[0]}"))
            continue
        if found is not None:
            rows.append(found)
    kinds = {
        "film_id": pl.String(), "bundle": pl.String(), "title": pl.String(), "frame": pl.Int32(),
        "time_s": pl.Float64(), "likeness": pl.Float64(), "shown": pl.Boolean(),
        "left": pl.Float64(), "top": pl.Float64(), "width": pl.Float64(), "height": pl.Float64(),
    }  # fmt: skip
    table = pl.DataFrame(rows, schema=kinds, orient="row")
    return table.sort(["likeness", "bundle"], descending=[True, False]), left_out


def _look_in(one: Shelved, query: Query) -> tuple[object, ...] | None:
    grid, unread = scan_tables([one], "grid")
    if unread:
        raise OSError(unread[0].why)
    cells = grid.select("frame", "cells").collect()
    if not cells.height:
        return None
    raw = np.frombuffer(b"".join(cells["cells"].to_list()), np.uint8).reshape(cells.height, -1, 3)
    found: Found | None = look_for(query, np.ascontiguousarray(raw[..., 0]))
    if found is None:
        return None
    frame = int(cells["frame"][found.row])
    frames, _ = scan_tables([one], "frames")
    time_s = float(frames.filter(pl.col("frame") == frame).select("time_s").collect().item())
    likeness = round(found.likeness, 4)
    place = (one.film.film_id, one.address, one.film.title, frame, time_s)
    return (*place, likeness, likeness >= LIKE, *(round(side, 3) for side in found.box))


def _read_picture(path: Path) -> np.ndarray:
    """Read a picture without its black borders."""
    try:
        if path.stat().st_size > LARGEST_PICTURE_BYTES:
            raise FilmUnreadable(f"{quoted(path.name)} is too large for a picture", "a PNG or JPEG of up to 64 MB")
        picture = media.decode_picture(path.read_bytes())
    except OSError as error:
        raise FilmUnreadable(f"{quoted(path)} cannot be read: {error.strerror}", "check the name") from None
    except FilmUnreadable:
        raise FilmUnreadable(f"{quoted(path.name)} is no picture that can be read", "a PNG or JPEG file") from None
    box = find_edges(np.ascontiguousarray(picture.mean(2).astype(np.uint8)), 0.0, 255.0) or Box(
        0, 0, picture.shape[1], picture.shape[0]
    )
    return np.ascontiguousarray(picture[box.top : box.top + box.height, box.left : box.left + box.width])
