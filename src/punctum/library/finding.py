"""What a library holds, and where something is said in it."""

from pathlib import Path

import polars as pl

from punctum.bundle.shelf import LeftOut, list_bundles, scan_tables
from punctum.measure.words import find_lines
from punctum.tables import WORDS


def list_library(library: str | Path) -> tuple[pl.DataFrame, list[LeftOut]]:
    """List the films of a library.

    Parameters
    ----------
    library : path
        a folder

    Returns
    -------
    films : pl.DataFrame
        ``film_id``, ``bundle`` (its address within the library), ``title``, ``year``, ``duration_s``, ``frame_count``,
        ``width_px``, ``height_px``, ``codec``, ``file_name``; by address
    left_out : list of LeftOut
        bundles that cannot be read, and why
    """
    shelved, left_out = list_bundles(library)
    kinds = {
        "film_id": pl.String(), "bundle": pl.String(), "title": pl.String(), "year": pl.Int32(),
        "duration_s": pl.Float64(), "frame_count": pl.Int64(), "width_px": pl.Int32(), "height_px": pl.Int32(),
        "codec": pl.String(), "file_name": pl.String(),
    }  # fmt: skip
    rows = [
        (
            one.film.film_id, one.address, one.film.title, one.film.year, one.film.duration_s, one.film.frame_count,
            one.film.width_px, one.film.height_px, one.film.codec, one.film.file_name,
        )
        for one in shelved
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=kinds, orient="row"), left_out


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
    joined = words.join(films, on="film_id", how="left", maintain_order="left").collect()
    return find_lines(joined.select("film_id", "bundle", "title", *WORDS), text), [*left_out, *unread]
