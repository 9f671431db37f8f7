"""The film's page, put together.

Conventions: what is shown is gathered here as plain records; how it looks is the template's and the style sheet's.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib.resources import files
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import quote

import numpy as np
import polars as pl
from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup
from numpy.typing import NDArray

from punctum.draw import (
    Barcode,
    Lane,
    Population,
    length_histogram,
    palette_bar,
    png_address,
    png_bytes,
    script,
    style_sheet,
)
from punctum.film import Bundle
from punctum.reading.sentences import write_clock
from punctum.report.beside import population_beside
from punctum.report.film_lanes import DOUBT_SHOWN, film_lanes, missing_lanes, pictured_lengths
from punctum.report.moments import moment_cards
from punctum.report.payload import page_data, read_grid, read_stretches
from punctum.report.people import people_shown
from punctum.report.people_lanes import missing_people, people_lanes
from punctum.report.readings import Figure, ending_figures, film_figures, shot_figures
from punctum.report.record import record_facts
from punctum.report.scene_lanes import missing_scenes, shaded_spans
from punctum.report.sentences import figure, plain, read_command, spoken_duration
from punctum.report.sound_lanes import missing_sounds
from punctum.report.word_lanes import missing_words, words_shown
from punctum.segment import film_palette
from punctum.tables import Known
from punctum.tables import known_errors as measured_errors

_NO_COLUMNS = np.zeros((1, 1, 3), np.uint8)


class Page(NamedTuple):
    """A page that a server shows: its HTML without what a first look does not need, and that, made when asked for."""

    html: str
    packs: list[str | Callable[[], str]]
    barcode: Callable[[], bytes]
    policy: str


def render_page(
    bundle: Bundle,
    known_errors: Mapping[str, Known] | None = None,
    lanes: Sequence[Lane] = (),
    population: Population | None = None,
) -> str:
    """Return the film's page as one HTML text.

    Parameters
    ----------
    bundle : Bundle
        with tables ``frames``, ``loudness``, ``shots`` and ``readings``
    known_errors : mapping of str to Known, optional
        errors by ``table.column`` or ``readings.measure``; by default those that ``make errors`` measured
    lanes : sequence of Lane, optional
        further rows of the score, below the film's own
    population : Population, optional
        shot lengths that the film's are drawn beside; by default the package's own, for films of 40 minutes and more

    Returns
    -------
    str
        HTML that opens from disk, from the folder of the bundle, without a network
    """
    return _render(bundle, known_errors, lanes, population, served=False).html


def serve_page(bundle: Bundle) -> Page:
    """Return the film's page as a server shows it: the same page, with what notes and corrections need.

    Returns
    -------
    Page
        ``html`` asks for ``packs/N``, ``barcode.png``, ``stills/`` and ``film`` beside itself
    """
    return _render(bundle, None, (), None, served=True)


def _render(
    bundle: Bundle,
    known_errors: Mapping[str, Known] | None,
    lanes: Sequence[Lane],
    population: Population | None,
    served: bool,
) -> Page:
    errors = measured_errors() if known_errors is None else known_errors
    bundle = replace(bundle, tables={**bundle.tables, "shots": _sound_palettes(bundle.shots)})
    shots = bundle.shots
    beside = population or population_beside(bundle.film.duration_s)
    own = [
        (row["stills"][0] if row["stills"] else (row["start_frame"] + row["end_frame"]) // 2)
        for row in shots.select("stills", "start_frame", "end_frame").iter_rows(named=True)
    ]
    walked, walking = cache(lambda: read_grid(bundle, own)), Lock()

    def walk() -> tuple[Barcode, list[bytes]]:
        with walking:  # a served page's parts may be asked for at once
            return walked()

    barcode = Barcode(_NO_COLUMNS, lambda: _colours_of(walk()[0])) if served else walk()[0]
    every_lane = [*film_lanes(bundle, barcode, errors), *people_lanes(bundle), *lanes]
    figures = ending_figures(bundle, errors)
    opening = _opening(bundle, figures)
    aspect = picture_aspect(bundle)
    data, packs = page_data(bundle, every_lane, lambda: walk()[1], opening["cue"], aspect, served)
    shape = frame_aspect(bundle)
    style = style_sheet(served) + f":root {{ --aspect: {aspect}; --frame-aspect: {shape}; }}\n"
    program = script(served)
    policy = content_policy(program, style, served)
    state = _state(bundle)
    page = _template().render(
        served=served,
        policy=policy,
        style=Markup(style),  # noqa: S704  (the package's own sheet)
        program=Markup(program),  # noqa: S704  (the package's own script)
        data=Markup(data),  # noqa: S704  (safe_json)
        packs=packs.first() if served else packs.texts(),
        title=_title(bundle),
        year=bundle.film.year,
        facts=_facts(bundle),
        state=state,
        command=read_command(bundle.film.file_name or bundle.film.title),
        opening=opening,
        ending=figures[1:4],
        rest=[figure for figure in figures[4:] if figure.measured],
        unsaid=[figure for figure in figures[4:] if not figure.measured],
        has_sound=bool(bundle.film.sample_rate_hz),
        aspect=aspect,
        duration_s=bundle.film.duration_s,
        film_address="" if served else film_address(bundle.film_address),
        lanes=every_lane,
        missing=[
            *missing_lanes(bundle, state),
            *missing_scenes(bundle),
            *missing_words(bundle),
            *missing_sounds(bundle),
            *missing_people(bundle),
        ],
        words=words_shown(bundle),
        people=people_shown(bundle),
        moments=moment_cards(bundle),
        barcode_address="barcode.png" if served else png_address(barcode.columns),
        strip=_strip(bundle),
        histogram=length_histogram(pictured_lengths(shots), beside, state == "quick"),
        beside=beside.name if beside else "",
        palette=palette_bar(*film_palette(shots)),
        film=film_figures(bundle, errors),
        singles=shot_figures(bundle, errors),
        record=record_facts(bundle),
    )
    return Page(plain_text(page), packs.made, lambda: png_bytes(walk()[0].columns), policy)


def _colours_of(barcode: Barcode) -> NDArray[np.uint8] | None:
    return barcode.frames() if callable(barcode.frames) else barcode.frames


def plain_text(page: str) -> str:
    """Return the page without half characters that UTF-8 cannot hold."""
    return page.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def picture_aspect(bundle: Bundle) -> float:
    """Width over height of the active picture as it is seen, within 0.2 to 5."""
    box = bundle.film.active_box_px
    return _aspect(box.width, box.height, bundle)


def frame_aspect(bundle: Bundle) -> float:
    """Width over height of the whole picture as it is seen, bars included, within 0.2 to 5."""
    return _aspect(bundle.film.width_px, bundle.film.height_px, bundle)


def _aspect(width_px: int, height_px: int, bundle: Bundle) -> float:
    if width_px <= 0 or height_px <= 0:
        return 1.7778
    pixel = float(bundle.film.pixel_aspect) or 1.0
    if bundle.film.rotation_deg % 180:
        pixel = 1 / pixel
    return round(min(max(width_px / height_px * pixel, 0.2), 5.0), 4)


def film_address(address: str) -> str:
    """Quote a relative address for ``src``, so that it can be nothing but a path.

    Examples
    --------
    >>> film_address("../a film: part 2?.mkv"), film_address("javascript:x"), film_address("//host/x"), film_address("")
    ('../a%20film%3A%20part%202%3F.mkv', './javascript%3Ax', '/host/x', '')
    """
    if not address:
        return ""
    quoted = quote(address.replace("\\", "/"), safe="/", errors="surrogateescape")
    if quoted.startswith("/"):
        return "/" + quoted.lstrip("/")
    return quoted if quoted.startswith(("./", "../")) else "./" + quoted


def still_address(frame: int) -> str:
    """Where a frame's still lies, from the page."""
    return f"stills/{frame:06d}.jpg"


def _sound_palettes(shots: pl.DataFrame) -> pl.DataFrame:
    """Return the shots without palettes that are no colours: a bundle may come from anywhere."""
    colours = pl.col("palette").list.eval(pl.element().str.contains(r"^#[0-9a-fA-F]{6}$")).list.all()
    paired = pl.col("palette").list.len() == pl.col("palette_shares").list.len()
    good = (colours & paired).fill_null(value=False)
    return shots.with_columns(pl.when(good).then(pl.col("palette", "palette_shares")))


def content_policy(program: str, style: str, served: bool = False) -> str:
    """Say what a page may run and fetch: its own script and style, by their hashes, and what lies beside it."""

    def digest(text: str) -> str:
        return "'sha256-" + b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii") + "'"

    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {digest(program)}",
            f"style-src {digest(style)}",
            "img-src 'self' data: blob:" if served else "img-src 'self' file: data:",
            "media-src 'self' blob:" if served else "media-src 'self' file:",
            *(("connect-src 'self'",) if served else ()),
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


@cache
def _template() -> Any:
    names = ("page.html.jinja", "served.html.jinja")
    texts = {name: files("punctum.report").joinpath(name).read_text(encoding="utf-8") for name in names}
    made = Environment(
        loader=DictLoader(texts), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["clock"] = write_clock
    made.filters["plain"] = plain
    made.filters["still"] = still_address
    made.filters["capitalise"] = lambda text: text[:1].upper() + text[1:]
    return made.get_template("page.html.jinja")


def _state(bundle: Bundle) -> str:
    """Return full, partial or quick: how much of the film was read frame by frame."""
    if not any(read for _, _, read in read_stretches(bundle)):
        return "quick"
    rough = bool(bundle.shots["provisional"].fill_null(value=False).any())
    return "partial" if rough or bundle.frames.height < bundle.film.frame_count else "full"


def _title(bundle: Bundle) -> str:
    title = plain(bundle.film.title) or plain(bundle.film.file_name) or "A film"
    return title if " " in title else title.replace("_", " ")


def _facts(bundle: Bundle) -> str:
    film = bundle.film
    parts = [spoken_duration(film.duration_s)]
    if bundle.shots.height:
        parts.append(f"{figure(bundle.shots.height)} shot{'s' if bundle.shots.height != 1 else ''}")
    parts.append("with sound" if film.sample_rate_hz else "no sound")
    return ", ".join(parts)


OPENING_REACH_S = 10.0
"""Where what the opening sentence speaks of has no still, the page may open on one this far away."""


def _opening(bundle: Bundle, figures: Sequence[Figure]) -> dict[str, Any]:
    """Return what the page opens on: a sentence, the frame it speaks of, and the picture that stands for it."""
    shots = bundle.shots
    best = figures[0] if figures else None
    first = max(bundle.film.frame_count - 1, 0)
    if shots.height:
        first, end = int(shots["start_frame"][-1]), int(shots["end_frame"][-1])
    if best is not None and best.frame is not None:
        first, end = best.frame, max(best.end_frame or 0, best.frame + 1)
    frame = (first + end) // 2 if shots.height or (best is not None and best.frame is not None) else first
    still = _nearest_still(bundle, frame)
    # the figure names the frame that is shown; the player waits where the span begins
    frame = frame if still is None else still
    made: dict[str, Any] = {"frame": frame, "figure": best, "shot": None, "still": still, "palette": Markup("")}
    made["cue"] = first
    made["time_s"] = _time_of(bundle, frame)
    if shots.height:
        place = max(int((shots["start_frame"] <= frame).sum()) - 1, 0)
        made["shot"] = place
        row = shots.row(place, named=True)
        if not row["start_frame"] <= first < row["end_frame"]:
            made["cue"] = frame
        elif row["start_frame"] == first and row["transition_end_frame"] is not None:
            # past the dissolve or the fade that it begins with
            made["cue"] = min(max(first, row["transition_end_frame"]), frame)
        made["palette"] = palette_bar(row["palette"] or [], row["palette_shares"], upright=True)
    return made


def _worth_showing(bundle: Bundle, shots: pl.DataFrame, frame: int) -> pl.DataFrame:
    """Shots that may stand for a frame: neither black nor, for a frame of the story, of titles and credits."""
    apart = pl.lit(value=False)
    at_s = _time_of(bundle, frame)
    for start_s, end_s in shaded_spans(bundle):
        if not start_s <= at_s < end_s:
            apart |= (pl.col("start_s") >= start_s) & (pl.col("start_s") < end_s)
    for left_out in (apart | pl.col("flat").fill_null(value=False), apart):
        kept = shots.filter(~left_out)
        if kept["stills"].explode().drop_nulls().len():
            return kept
    return shots


def _nearest_still(bundle: Bundle, frame: int) -> int | None:
    shots = bundle.shots
    here = (pl.col("start_frame") <= frame) & (pl.col("end_frame") > frame)
    if shots.filter(here & pl.col("flat")).height:
        # black has nothing to show: the last picture before it stands for the sentence
        before = shots.filter(~pl.col("flat") & (pl.col("start_frame") <= frame))
        shots = before.tail(1) if before.height else shots
    shots = _worth_showing(bundle, shots, frame)
    stills = shots["stills"].explode().drop_nulls().to_list()
    if not stills:
        return None
    best = int(min(stills, key=lambda still: abs(still - frame)))
    return best if abs(_time_of(bundle, best) - _time_of(bundle, frame)) <= OPENING_REACH_S else None


def _time_of(bundle: Bundle, frame: int) -> float:
    numbers = bundle.frames["frame"]
    if len(numbers):
        place = min(max(int(numbers.search_sorted(frame, side="right")) - 1, 0), len(numbers) - 1)
        if numbers[place] == frame:
            return float(bundle.frames["time_s"][place])
    if bundle.film.frame_count:
        return frame / bundle.film.frame_count * bundle.film.duration_s
    return 0.0


_STRIP_COLUMNS = ("shot", "start_s", "length_s", "begins", "doubt", "provisional", "corrected")


def _strip(bundle: Bundle) -> list[dict[str, Any]]:
    return [
        {
            "shot": row["shot"],
            "at": write_clock(row["start_s"] or 0.0),
            "length": spoken_duration(row["length_s"] or 0.0),
            "begins": row["begins"] if row["begins"] in ("dissolve", "fade", "wipe") else "",
            "doubt": row["doubt"] if (row["doubt"] or 0.0) >= DOUBT_SHOWN else None,
            "provisional": bool(row["provisional"]),
            "corrected": bool(row["corrected"]),
        }
        for row in bundle.shots.select(_STRIP_COLUMNS).iter_rows(named=True)
    ]
