"""What is asked about a library: its page, a card's pictures, what is said in its films, several beside one another.

Conventions: a film's figures are those of the whole film in its table `readings`; a card's pictures are made when they
come into sight.
"""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from punctum.bundle import open_bundle, read_parquet
from punctum.bundle.shelf import Shelved, scan_tables
from punctum.draw import library_script, png_bytes, style_sheet
from punctum.errors import PunctumError
from punctum.library import find_words
from punctum.reading import compare_films
from punctum.report import content_policy, plain, render_comparison, safe_json
from punctum.viewer.asking import Refused, answering
from punctum.viewer.shelf import Shelf

SHOWN = ("shot_count", "average_shot_length_s", "brightness")
"""Figures on every card, beside the one that is sorted by."""

MOST_LINES = 300
MOST_COMPARED = 12
BAR_COLUMNS = 252


def library_routes(shelf: Shelf) -> list[Route]:
    """Addresses of a library, and of its cards' pictures."""

    def page(_: Request, __: Mapping[str, Any]) -> Response:
        if shelf.library is None:
            raise Refused(404, "one film is shown here, no library")
        shelved = shelf.look()
        style, program = style_sheet(served=True), library_script()
        policy = content_policy(program, style, served=True)
        text = _template().render(
            policy=policy,
            style=Markup(style),  # noqa: S704  (the package's own sheet)
            program=Markup(program),  # noqa: S704  (the package's own script)
            data=Markup(safe_json(list_films(shelved))),  # noqa: S704  (safe_json)
            name=plain(shelf.library.resolve().name) or "Library",
            count=len(shelved),
            left_out=[{"address": plain(one.address), "why": plain(one.why)} for one in shelf.left_out],
        )
        return HTMLResponse(text, headers={"content-security-policy": f"{policy}; frame-ancestors 'none'"})

    def card(request: Request, _: Mapping[str, Any]) -> Response:
        folder = shelf.folder(request.path_params["key"])
        frame = _card_frame(folder)
        file = folder / "stills" / f"{frame:06d}.jpg"
        if frame < 0 or not file.is_file():
            raise Refused(404, "there is no still")
        return Response(file.read_bytes(), media_type="image/jpeg", headers={"cache-control": "private, max-age=60"})

    def bars(request: Request, _: Mapping[str, Any]) -> Response:
        made = png_bytes(draw_bars(_table(shelf.folder(request.path_params["key"]), "shots")))
        return Response(made, media_type="image/png", headers={"cache-control": "private, max-age=60"})

    def words(request: Request, _: Mapping[str, Any]) -> Response:
        text = request.query_params.get("text", "").strip()
        if shelf.library is None or not 2 <= len(text) <= 200:
            raise Refused(400, "two letters or more are looked for")
        lines = find_words(shelf.library, text)[0]
        keys = {one.film.film_id: key for key, one in (shelf.shelved or shelf.look()).items()}
        wanted = ("film_id", "title", "start_frame", "start_s", "text")
        rows = [
            {
                "key": keys[row["film_id"]],
                **{name: row[name] for name in wanted[1:]},
                "title": plain(row["title"] or ""),
            }
            for row in lines.head(MOST_LINES).select(wanted).iter_rows(named=True)
            if row["film_id"] in keys
        ]
        return JSONResponse({"count": lines.height, "lines": rows})

    def compare(request: Request, _: Mapping[str, Any]) -> Response:
        keys = list(dict.fromkeys(request.query_params.getlist("film")))
        if not 2 <= len(keys) <= MOST_COMPARED:
            raise Refused(400, f"two to {MOST_COMPARED} films are compared")
        bundles = [open_bundle(shelf.folder(key)) for key in keys]
        names = _tell_apart([bundle.film.title or bundle.film.file_name or "?" for bundle in bundles])
        found = compare_films([(name, one.film, one.tables) for name, one in zip(names, bundles, strict=True)])
        digest = b64encode(sha256(style_sheet().encode("utf-8")).digest()).decode("ascii")
        policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"
        return HTMLResponse(render_comparison(names, found), headers={"content-security-policy": policy})

    routes = (
        ("/library", page), ("/library/words", words), ("/library/compare", compare),
        ("/film/{key}/card.jpg", card), ("/film/{key}/bars.png", bars),
    )  # fmt: skip
    return [Route(path, answering(take), methods=["GET"]) for path, take in routes]


def list_films(shelved: Mapping[str, Shelved]) -> dict[str, Any]:
    """Gather what the page shows: films with their figures, and the measures that there are.

    Parameters
    ----------
    shelved : mapping of str to Shelved
        by key
    """
    readings, _ = scan_tables(list(shelved.values()), "readings")
    of_films = (
        readings.filter((pl.col("span") == "film") & pl.col("value").is_not_null() & pl.col("value").is_finite())
        .select("film_id", "measure", "unit", "value")
        .unique(["film_id", "measure"], keep="first", maintain_order=True)
        .collect()
    )
    names = of_films["measure"].unique(maintain_order=True).to_list()
    units = dict(of_films.select("measure", "unit").unique("measure", keep="first").iter_rows())
    values: dict[str, dict[str, float]] = {}
    for film_id, measure, _, value in of_films.iter_rows():
        values.setdefault(film_id, {})[measure] = round(value, 4)
    films = [
        {
            "key": key,
            "title": plain(one.film.title) or plain(one.film.file_name) or "A film",
            "year": one.film.year,
            "director": plain(one.film.director or ""),
            "duration_s": round(one.film.duration_s, 1),
            "coverage": one.made.get("coverage"),
            "values": [values.get(one.film.film_id, {}).get(name) for name in names],
        }
        for key, one in shelved.items()
    ]
    measures = [
        {"name": name, "unit": units[name] or "", "label": measure_label(name, units[name] or "")} for name in names
    ]
    return {"films": films, "measures": measures, "shown": [name for name in SHOWN if name in units]}


def measure_label(name: str, unit: str) -> str:
    """Write a measure's name as words, without its unit.

    Examples
    --------
    >>> measure_label("average_shot_length_s", "s")
    'average shot length'
    """
    ends = (f"_{unit.lower()}", "_w_s", "_s")
    stem = next((name.removesuffix(end) for end in ends if unit and name.endswith(end)), name)
    return stem.replace("_", " ")


def draw_bars(shots: pl.DataFrame) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Draw a film's colours along its time from its shots' palettes: uint8 (8, `BAR_COLUMNS`, 3)."""
    made = np.full((8, BAR_COLUMNS, 3), 110, np.uint8)
    rows = shots.select("start_s", "end_s", "palette", "palette_shares").drop_nulls()
    if not rows.height:
        return made
    scale = BAR_COLUMNS / max(float(rows["end_s"].max() or 0.0), 1e-6)  # type: ignore[arg-type]
    for start_s, end_s, palette, shares in rows.iter_rows():
        first, last = int(start_s * scale), max(int(end_s * scale), int(start_s * scale) + 1)
        try:
            colours = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in palette], np.uint8)
        except (ValueError, IndexError, TypeError):
            continue
        if not len(colours) or len(shares) != len(colours):
            continue
        edges = np.clip(np.cumsum(np.array(shares, float)) / max(sum(shares), 1e-6) * 8, 0, 8)
        made[:, first:last] = colours[np.minimum(np.searchsorted(edges, np.arange(8), side="right"), len(colours) - 1)][
            :, None
        ]
    return made


def _card_frame(folder: Path) -> int:
    """Give the still that stands for a film: of its longest shot, in the last third, that shows something."""
    shots = _table(folder, "shots").filter(pl.col("stills").list.len() > 0)
    if not shots.height:
        return -1
    late = shots.filter(
        (pl.col("start_s") > pl.col("end_s").max() * 0.6) & (pl.col("end_s") < pl.col("end_s").max() * 0.95)
    )
    for kept in (
        late.filter(~pl.col("flat").fill_null(value=False)),
        shots.filter(~pl.col("flat").fill_null(value=False)),
        shots,
    ):
        if kept.height:
            return int(kept.sort("length_s", descending=True)["stills"][0][0])
    return -1


def _table(folder: Path, name: str) -> pl.DataFrame:
    try:
        return read_parquet(folder / f"{name}.parquet")
    except (OSError, pl.exceptions.PolarsError) as error:
        raise PunctumError(
            "the film's tables cannot be read", "`punctum read --force` on the film makes them anew"
        ) from error


def _tell_apart(names: list[str]) -> list[str]:
    return [
        name if names.count(name) == 1 else f"{name} ({names[: i + 1].count(name)})" for i, name in enumerate(names)
    ]


@cache
def _template() -> Any:
    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return made.from_string(files("punctum.viewer").joinpath("library.html.jinja").read_text(encoding="utf-8"))
