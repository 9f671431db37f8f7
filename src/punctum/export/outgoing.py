"""Every format that a bundle goes out in, and how it is written to disk.

Conventions: a format gives one file, or a folder of several. Files are written beside and then renamed; what is there
already is left alone unless the person says otherwise. A remark says what the format could not hold.
"""

import mimetypes
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from punctum.bundle import open_bundle, writing
from punctum.errors import OutputUnwritable, UsageWrong, quoted
from punctum.export.annotation import write_annotations
from punctum.export.chapters import write_chapters, write_cinemetrics
from punctum.export.edl import write_edl, write_resolve
from punctum.export.elan import write_elan
from punctum.export.fcpxml import write_fcpxml
from punctum.export.gather import Asked, build_timeline, film_of
from punctum.export.otio import write_otio
from punctum.export.pictures import make_barcode, make_clip, make_filmgraph, make_sheet, make_stills
from punctum.export.premiere import write_premiere
from punctum.export.tabular import write_notes, write_table
from punctum.export.tiers import collect_tiers
from punctum.export.timeline import Timeline
from punctum.export.vtt import write_vtt
from punctum.film import Bundle
from punctum.notes import notes_of
from punctum.tables import TABLES


class Wanted(NamedTuple):
    """What is wanted besides the format: the timeline's clock, a span in seconds, tables by name, the file's ending."""

    timeline: Asked = Asked()
    span: tuple[float | None, float | None] | None = None
    tables: tuple[str, ...] = ()
    ending: str = ""


Content = str | bytes | Callable[[Path], None]


NOTHING_MORE = Wanted()


class Made(NamedTuple):
    """Files by name ("" for the one file), and what a person should know."""

    files: Mapping[str, Content]
    remarks: list[str]


class Format(NamedTuple):
    """A format: its name, the ending of its file ("/" for a folder), what it holds, what it makes of a bundle."""

    name: str
    ending: str
    holds: str
    make: Callable[[Bundle, Wanted], Made]
    takes: tuple[str, ...] = ()


class Exported(NamedTuple):
    """The files that were written, and remarks."""

    files: list[Path]
    remarks: list[str]


def export_bundle(
    address: str | Path, to: str, out: str | Path | None = None, wanted: Wanted = NOTHING_MORE, force: bool = False
) -> Exported:
    """Write a bundle in another tool's format.

    Parameters
    ----------
    address : path
        the bundle, or the film beside it
    to : str
        a name of `FORMATS`
    out : path, optional
        the file, or the folder for formats of several; by default beside the bundle
    wanted : Wanted
    force : bool
        write over what is there

    Returns
    -------
    Exported

    Raises
    ------
    BundleInvalid, UsageWrong, OutputUnwritable
    FilmUnreadable
        where the film itself is needed and not there
    """
    form = next((one for one in FORMATS if one.name == to), None)
    if form is None:
        raise UsageWrong(f"there is no format {quoted(to)}", f"formats are {', '.join(f.name for f in FORMATS)}")
    given = {"span": wanted.span is not None, "tables": bool(wanted.tables), "timeline": wanted.timeline != Asked()}
    for name in (name for name, is_given in given.items() if is_given and name not in form.takes):
        option = {"span": "--span", "tables": "--table", "timeline": "--rate, --start and --reel"}[name]
        able = ", ".join(f.name for f in FORMATS if name in f.takes)
        raise UsageWrong(f"`--to {to}` takes no {option}", f"{option}: {able}")
    bundle = open_bundle(address)
    target = Path(out) if out is not None else beside(Path(bundle.address), form)
    try:
        made = form.make(bundle, wanted._replace(ending=target.suffix.lower()))
    except ValueError as error:
        raise UsageWrong(
            f"{quoted(bundle.address)} cannot be written as {to}: {error}", "another format holds it"
        ) from None
    return Exported(_write(made.files, target, force), made.remarks)


def beside(folder: Path, form: Format) -> Path:
    """Name what an export writes where nobody says: beside the bundle."""
    stem = folder.resolve().name.removesuffix(".punctum") or "film"
    return folder.resolve().parent / (f"{stem}.{form.name}" if form.ending == "/" else f"{stem}{form.ending}")


def _write(files: Mapping[str, Content], target: Path, force: bool) -> list[Path]:
    """Write the files, none of them where one is in the way."""
    places = {name: target / name if name else target for name in files}
    with writing(target):
        for place in places.values():
            if place.is_dir() and not place.is_symlink():
                raise OutputUnwritable(f"{quoted(place)} is a folder", "`--out` names a file")
            if not force and (place.exists() or place.is_symlink()):
                raise OutputUnwritable(
                    f"{quoted(place)} is there already", "`--force` writes over it; `--out` names another place"
                )
        if any(files):
            target.mkdir(parents=True, exist_ok=True)
        for name, place in places.items():
            content = files[name]
            half = place.with_name(f".{place.name}.part{place.suffix}")
            try:
                if callable(content):
                    content(half)
                elif isinstance(content, bytes):
                    half.write_bytes(content)
                else:
                    half.write_text(content, "utf-8", errors="replace", newline="\n")
                half.replace(place)
            finally:
                half.unlink(missing_ok=True)
    return list(places.values())


def _laid(write: Callable[[Timeline], tuple[str, list[str]]], begins: str = "") -> Callable[[Bundle, Wanted], Made]:
    """A format of the film's timeline."""

    def make(bundle: Bundle, wanted: Wanted) -> Made:
        timeline, remarks = build_timeline(bundle, wanted.timeline, begins)
        text, more = write(timeline)
        return Made({"": text}, remarks + more)

    return make


def _csv(bundle: Bundle, wanted: Wanted) -> Made:
    names = [name for name in TABLES if name != "grid"]
    if wanted.tables:
        unknown = sorted(set(wanted.tables) - {*TABLES, "notes"})
        if unknown:
            raise UsageWrong(f"there is no table {quoted(unknown[0])}", f"tables are {', '.join((*TABLES, 'notes'))}")
        names = [name for name in TABLES if name in wanted.tables]
    tables = {**bundle.tables, **({"grid": bundle.grid.collect()} if "grid" in names else {})}
    files: dict[str, Content] = {f"{name}.csv": write_table(tables[name]) for name in names if name in tables}
    if not wanted.tables or "notes" in wanted.tables:
        files["notes.csv"] = write_notes(notes_of(bundle.notes))
    remarks = [] if wanted.tables else ["`grid`, a picture of every frame, is left out; `--table grid` writes it"]
    return Made(files, remarks)


def _elan(bundle: Bundle, _: Wanted) -> Made:
    path = film_of(bundle)
    name = bundle.film.file_name or "film.mp4"
    mime = mimetypes.guess_type(name)[0] or "video/mp4"
    media = path.as_uri() if path is not None else f"./{name}"
    text, remarks = write_elan(collect_tiers(bundle), media, f"./{name}", mime)
    return Made({"": text}, remarks + _unheld(bundle, "an ELAN tier", "tags", "region", "value"))


def _vtt(bundle: Bundle, _: Wanted) -> Made:
    return Made(dict(write_vtt(bundle)), [])


def _chapters(bundle: Bundle, _: Wanted) -> Made:
    return Made({"": write_chapters(bundle)}, [])


def _annotations(bundle: Bundle, _: Wanted) -> Made:
    path = film_of(bundle)
    return Made({"": write_annotations(bundle, path.as_uri() if path else bundle.film.file_name or "film")}, [])


def _cinemetrics(bundle: Bundle, _: Wanted) -> Made:
    return Made({"": write_cinemetrics(bundle)}, [])


def _filmgraph(bundle: Bundle, wanted: Wanted) -> Made:
    return Made({"": make_filmgraph(bundle, wanted.ending)}, [])


def _sheet(bundle: Bundle, wanted: Wanted) -> Made:
    return Made({"": make_sheet(bundle, wanted.ending)}, [])


def _barcode(bundle: Bundle, wanted: Wanted) -> Made:
    return Made({"": make_barcode(bundle, wanted.ending)}, [])


def _stills(bundle: Bundle, wanted: Wanted) -> Made:
    files, remarks = make_stills(bundle, wanted.span)
    return Made(files, remarks)


def _clip(bundle: Bundle, wanted: Wanted) -> Made:
    remarks: list[str] = []
    return Made({"": make_clip(bundle, wanted.span, remarks)}, remarks)


def _unheld(bundle: Bundle, what: str, *fields: str) -> list[str]:
    """Say which fields of a person's notes a format has no place for."""
    notes = notes_of(bundle.notes)
    counts = {field: sum(getattr(note, field) not in (None, (), "") for note in notes) for field in fields}
    lost = [f"{field} ({count})" for field, count in counts.items() if count]
    return [f"{what} has no place for notes' {', '.join(lost)}: `--to webannotation` keeps them"] if lost else []


FORMATS = (
    Format("csv", "/", "every table and your notes", _csv, ("tables",)),
    Format("elan", ".eaf", "tiers and vocabularies for ELAN", _elan),
    Format("otio", ".otio", "OpenTimelineIO: a clip a shot, markers", _laid(write_otio), ("timeline",)),
    Format("edl", ".edl", "CMX 3600: an event a shot", _laid(write_edl), ("timeline",)),
    Format("fcpxml", ".fcpxml", "Final Cut Pro: a clip a shot, markers", _laid(write_fcpxml), ("timeline",)),
    Format("premiere", ".premiere.xml", "Premiere: a clip a shot, markers", _laid(write_premiere), ("timeline",)),
    Format("resolve", ".resolve.edl", "DaVinci Resolve: markers", _laid(write_resolve, "01:00:00:00"), ("timeline",)),
    Format("vtt", "/", "WebVTT: chapters, metadata, subtitles", _vtt),
    Format("chapters", ".ffmetadata", "chapters as FFmpeg reads them", _chapters),
    Format("webannotation", ".jsonld", "W3C Web Annotation", _annotations),
    Format("cinemetrics", ".cinemetrics.csv", "a shot list", _cinemetrics),
    Format("filmgraph", ".filmgraph.svg", "the cutting on one sheet, SVG or PNG", _filmgraph),
    Format("sheet", ".sheet.png", "a contact sheet, PNG or PDF", _sheet),
    Format("barcode", ".barcode.png", "the film's colours", _barcode),
    Format("stills", "/", "the stills of a span", _stills, ("span",)),
    Format("clip", ".clip.mp4", "a clip of a span", _clip, ("span",)),
)
"""All that can be asked for, in the order in which ``punctum export --help`` lists it."""
