"""Pictures of a bundle: contact sheet, barcode, filmgraph, the stills of a span, a clip of it.

Conventions: pictures come from the bundle's kept stills; the film itself is opened only for a clip, and for stills
where the bundle has none. Times are seconds from the first frame.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from punctum import media
from punctum.bundle import kept_stills
from punctum.bundle.folder import STILLS, still_name
from punctum.draw import png_bytes
from punctum.draw.filmgraph import PICTURES, Bars, draw_filmgraph, write_svg
from punctum.errors import FilmUnreadable, UsageWrong, quoted
from punctum.export.gather import film_of
from punctum.export.painting import PAGE_DPI, Cell, paint_figure, paint_pages, paint_sheet
from punctum.film import Bundle
from punctum.reading.sentences import write_clock
from punctum.report.payload import read_grid

BARCODE_PX = (1600, 288)
STILL_STEP_S = 0.5


def film_needed(bundle: Bundle) -> media.Source:
    """Open the film of a bundle.

    Raises
    ------
    FilmUnreadable
        where it is not where the bundle knows it, or is another one
    """
    path = film_of(bundle)
    if path is None:
        raise FilmUnreadable(
            f"the film of {quoted(bundle.address)} is not {quoted(bundle.film_address or 'known')} any more",
            "put it back there, or read it where it is now",
        )
    source = media.open_source(path, str(bundle.made.get("settings", {}).get("audio", "")))
    if source.film.film_id != bundle.film.film_id:
        raise FilmUnreadable(
            f"{quoted(path)} is not the film that {quoted(bundle.address)} was made of", "read it again"
        )
    return source


def still_of(bundle: Bundle, frame: int) -> bytes | None:
    """A kept still's JPEG; None where there is none."""
    path = Path(bundle.address) / STILLS / still_name(frame)
    try:
        data = path.read_bytes()
    except OSError:
        return None
    return data if data.startswith(b"\xff\xd8") else None


def _first_still(bundle: Bundle, row: dict[str, Any]) -> bytes | None:
    return next((data for frame in row["stills"] or () if (data := still_of(bundle, frame)) is not None), None)


def _aspect(bundle: Bundle) -> float:
    box = bundle.film.active_box_px
    shape = float(box.width * bundle.film.pixel_aspect) / box.height if box.height else 16 / 9
    return min(max(shape, 0.4), 3.0)


def _told(bundle: Bundle) -> str:
    count = bundle.tables["shots"].height
    return f"{count} shot{'' if count == 1 else 's'}; {write_clock(bundle.film.duration_s)}"


def _cells(bundle: Bundle) -> list[Cell]:
    return [
        Cell(
            _first_still(bundle, row),
            f"{row['shot']}  {row['scale'] or ''}".rstrip(),
            f"{write_clock(row['start_s'])}  {row['length_s']:.1f} s",
        )
        for row in bundle.tables["shots"].iter_rows(named=True)
    ]


def make_sheet(bundle: Bundle, ending: str) -> bytes | Callable[[Path], None]:
    """Make a contact sheet: PNG, or pages of a PDF where the file's name ends so.

    Raises
    ------
    UsageWrong
        for another ending
    """
    title, told, cells, aspect = bundle.film.title or "film", _told(bundle), _cells(bundle), _aspect(bundle)
    if ending == ".png":
        return paint_sheet(title, told, cells, aspect)
    if ending != ".pdf":
        raise UsageWrong(f"a contact sheet is no {quoted(ending or 'file without an ending')}", "`.png` or `.pdf`")

    def write(path: Path) -> None:
        # a page at a time: a long film has a hundred, and each takes 6 MB
        about = {"title": title, "creationDate": time.gmtime(0), "modDate": time.gmtime(0)}
        for number, page in enumerate(paint_pages(title, told, cells, aspect)):
            page.save(path, "PDF", resolution=PAGE_DPI, append=number > 0, **about)

    return write


def make_barcode(bundle: Bundle, ending: str) -> bytes:
    """Make a barcode: the film's colours from its first frame to its last, each column's rows those of the grid."""
    if ending != ".png":
        raise UsageWrong(f"a barcode is no {quoted(ending or 'file without an ending')}", "`.png`")
    return _barcode(bundle, *BARCODE_PX)


def _barcode(bundle: Bundle, wide: int, high: int) -> bytes:
    columns = read_grid(bundle, [])[0].columns
    across = np.arange(wide) * columns.shape[1] // wide
    down = np.arange(high) * columns.shape[0] // high
    return png_bytes(np.ascontiguousarray(columns[down][:, across]))


def make_filmgraph(bundle: Bundle, ending: str) -> str | bytes:
    """Make a filmgraph: SVG, or PNG where the file's name ends so."""
    if ending not in (".svg", ".png"):
        raise UsageWrong(f"a filmgraph is no {quoted(ending or 'file without an ending')}", "`.svg` or `.png`")
    rows = list(bundle.tables["shots"].iter_rows(named=True))
    scenes = list(bundle.tables["scenes"].iter_rows(named=True))
    outside = [(row["start_s"], row["end_s"]) for row in scenes if row["kind"] != "story"]
    bars = Bars(
        np.array([row["start_s"] for row in rows], np.float64),
        np.array([row["length_s"] for row in rows], np.float64),
        np.array(
            [
                not row["flat"] and not any(a <= (row["start_s"] + row["end_s"]) / 2 < b for a, b in outside)
                for row in rows
            ],
            np.bool_,
        ),
    )
    named = [
        (row["start_s"], row["end_s"], row["heading"] or (str(row["scene"]) if row["kind"] == "story" else row["kind"]))
        for row in scenes
    ]
    figure = draw_filmgraph(
        bundle.film.title or "film",
        bundle.film.duration_s,
        bars,
        [(start, end, name.replace("_", " ")) for start, end, name in named],
        _even_stills(bundle),
        _barcode(bundle, 1508, 44),
    )
    return write_svg(figure) if ending == ".svg" else paint_figure(figure)


def _even_stills(bundle: Bundle) -> list[tuple[float, bytes, float]]:
    """Kept stills nearest to even distances along the film."""
    kept = kept_stills(Path(bundle.address))
    frames = bundle.tables["frames"].select("frame", "time_s")
    times = dict(frames.iter_rows())
    kept = [frame for frame in kept if frame in times]
    if not kept:
        return []
    step = bundle.film.duration_s / PICTURES
    chosen = [min(kept, key=lambda frame: abs(times[frame] - (n + 0.5) * step)) for n in range(PICTURES)]
    found = []
    for frame in dict.fromkeys(chosen):
        data = still_of(bundle, frame)
        if data is not None:
            high, wide = media.decode_picture(data).shape[:2]
            found.append((float(times[frame]), data, wide / high))
    return found


def span_of(bundle: Bundle, span: tuple[float | None, float | None] | None) -> tuple[float, float]:
    """Give the span that is meant, within the film.

    Raises
    ------
    UsageWrong
        where nothing of it lies in the film
    """
    start_s, end_s = span or (None, None)
    low, high = start_s or 0.0, min(bundle.film.duration_s, bundle.film.duration_s if end_s is None else end_s)
    if not low < high:
        raise UsageWrong(
            f"nothing lies in {write_clock(low)}-{write_clock(high)}",
            f"the film lasts {write_clock(bundle.film.duration_s)}",
        )
    return low, high


def make_stills(bundle: Bundle, span: tuple[float | None, float | None] | None) -> tuple[dict[str, bytes], list[str]]:
    """Give the stills of a span as JPEG by name; decoded from the film, twice a second, where none were kept there."""
    low, high = span_of(bundle, span)
    times = dict(bundle.tables["frames"].select("frame", "time_s").iter_rows())
    kept = [f for f in kept_stills(Path(bundle.address)) if f in times and low - 1e-6 <= times[f] < high - 1e-6]
    found = {still_name(frame): data for frame in kept if (data := still_of(bundle, frame)) is not None}
    if found:
        return found, []
    source = film_needed(bundle)
    wanted = np.arange(low, high, STILL_STEP_S)[:1000].tolist()
    numbers = {round(time_s, 3): frame for frame, time_s in times.items()}
    for time_s, picture in media.still_frames(source, wanted):
        frame = numbers.get(round(time_s, 3))
        name = still_name(frame) if frame is not None else f"{time_s:.3f}s.jpg"
        found[name] = media.encode_picture(picture, 92)
    if not found:
        raise FilmUnreadable(f"no frame of {quoted(source.path)} can be decoded there", "another span may do")
    remarks = ["no still was kept there: these were decoded from the film, twice a second"]
    if high - low > 1000 * STILL_STEP_S:
        remarks.append("only the first 1000 were taken")
    return found, remarks


def make_clip(
    bundle: Bundle, span: tuple[float | None, float | None] | None, remarks: list[str]
) -> Callable[[Path], None]:
    """Give what cuts a clip of a span out of the film; how it was cut is remarked once it is done."""
    if span is None:
        raise UsageWrong("a clip of what?", "`--span 1:02-1:20` says which part")
    low, high = span_of(bundle, span)
    source = film_needed(bundle)

    def write(path: Path) -> None:
        cut = media.cut_clip(source, low, high, path)
        how = {
            "copied": "copied: the cut falls on key frames",
            "joined": "copied but for its ends, up to the nearest key frames",
            "encoded": "encoded anew",
        }.get(cut.how, cut.how)
        remarks.append(f"{cut.frames} frames, {cut.start_s:.3f}-{cut.end_s:.3f} s; {how}")

    return write
