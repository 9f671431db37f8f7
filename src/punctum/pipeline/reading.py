"""A film in, its bundle out: what was asked for, what lies there already, and what is still to be read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from punctum import bundle as store
from punctum import media
from punctum.bundle import Parts
from punctum.errors import UsageWrong, quoted
from punctum.pipeline.asked import (
    FACES_CHOICES,
    NO_MODEL,
    ask_words,
    asked_audio,
    asked_faces,
    asked_span_s,
    check_unchanged,
    covers,
    is_fast,
    standing_made,
)
from punctum.pipeline.onepass import Reading, Report, Say
from punctum.pipeline.own import OwnMeasures, load_measures
from punctum.pipeline.recognise import find_recogniser
from punctum.pipeline.renewing import renew_weights, renew_words
from punctum.pipeline.titles import check_reader
from punctum.pipeline.weights import read_weights
from punctum.reading import three_lines

PROVISIONAL_FROM_S = 120.0
"""A shorter film is read whole before a provisional page could be looked at."""


@dataclass(frozen=True)
class Outcome:
    """What a reading came to: the bundle's folder, three lines on the ending, and whether it was there already."""

    folder: Path
    lines: tuple[str, ...]
    faults: Mapping[str, int]
    coverage: str
    already: bool = False


def read_film(
    path: str | Path,
    *,
    out: str | Path | None = None,
    quick: bool = False,
    span: tuple[float | None, float | None] | None = None,
    last_s: float | None = None,
    force: bool = False,
    threads: int = 0,
    fast: bool = False,
    lang: str = "",
    audio: str = "",
    script: str = "",
    recognise: str = "",
    titles: bool | None = None,
    faces: str = "",
    measures: Sequence[str] = (),
    report: Report = lambda _: None,
    say: Say = lambda _: None,
    first_page: Callable[[Path], None] = lambda _: None,
) -> Outcome:
    """Read a film into its bundle.

    Parameters
    ----------
    path : path
        the film
    out : path, optional
        the bundle's folder; else ``NAME.punctum`` beside the film
    quick : bool
        stop after the key frames: a provisional bundle
    span : (start_s, end_s), optional
        read only this part; either end may be None
    last_s : float, optional
        read only this many seconds before the end
    force : bool
        read anew whatever lies there; a person's notes stay
    threads : int
        threads of the decoder; 0 lets it choose
    fast : bool
        leave out frames that no other leans on, where nothing happens; a later full reading replaces this one
    lang : str
        language of the subtitles that are wanted; "" is the one asked for before, else the film's own
    audio : str
        language of the sound track that is wanted; "" is the one asked for before, else the default
    script : str
        a screenplay in Fountain; "" is the one given before, else the one beside the film, if there is one
    recognise : str
        a model that recognises speech where there are no subtitles (see ``recognise.find_recogniser``); "" is the one
        asked for before, "none" is none
    titles : bool, optional
        read the writing in the picture; None is as before, at first not
    faces : str
        how often to look for faces: "off", "sparse" (two pairs of frames a second, and where the picture changes) or
        "dense" (beside that, 12 frames a second); "" is as before, at first sparse
    measures : sequence of str
        measures of one's own, each ``FILE.py:NAME``; none leaves a bundle that stands as it is
    report, say : callable
        told of the progress, and of what a person should know
    first_page : callable
        told where the provisional page is, once it is written and the whole reading goes on

    Returns
    -------
    Outcome

    Raises
    ------
    FilmUnreadable, BundleInvalid, BundleBusy, MeasureUnusable, ModelUnavailable, OutputUnwritable, UsageWrong
    """
    if span and last_s is not None:
        raise UsageWrong("`--span` and `--last` exclude each other", "use one of them")
    if quick and (span or last_s is not None):
        raise UsageWrong("`--quick` reads key frames only: it takes no span", "leave one of them out")
    if recognise not in ("", NO_MODEL):
        find_recogniser(recognise)
    if titles:
        check_reader()
    if faces and faces not in FACES_CHOICES:
        raise UsageWrong(f"{quoted(faces)} is no way to look for faces", f"one of {', '.join(FACES_CHOICES)}")
    own = load_measures(measures)
    if own and quick:
        raise UsageWrong("`--quick` reads key frames only: it takes no measures", "leave one of them out")
    read_weights(path)
    source = media.open_source(path, audio)
    folder = Path(out) if out is not None else store.place_beside(path)
    if not audio and (audio := asked_audio(folder)):
        source = media.open_source(path, audio)
    if folder.name in ("", ".."):
        folder = folder.resolve()
    stood = standing_made(folder, source, say)
    if stood and is_fast(stood) and not fast and not quick:
        stood = None
    if stood and stood.get("settings", {}).get("sound") != source.sound_index:
        stood = None
    if stood and own and stood.get("settings", {}).get("measures") != OwnMeasures(own).settings()["measures"]:
        stood = None
    wanted = ask_words(stood, folder, lang, script, recognise, titles)
    if stood and faces and stood.get("settings", {}).get("faces") != faces and not quick:
        stood = None
    if stood and not force and (quick or stood.get("coverage") == "film"):
        renewed = renew_words(folder, source, wanted, threads, report)
        return _outcome(folder, already=not (renew_weights(folder, source) or renewed))
    parts = Parts(folder.with_name(folder.name + ".reading"))
    with parts.held():
        how_faces = asked_faces(store.made_of(folder), faces)
        reading = Reading(source, folder, parts, threads, report, say, fast, wanted, audio, how_faces, own)
        reading.begin(force)
        asked = asked_span_s(reading.duration_s(), span, last_s)
        if stood and not force and covers(stood, asked):
            renewed = renew_words(folder, source, wanted, threads, report)
            return _outcome(folder, already=not (renew_weights(folder, source) or renewed))
        provisional = stood is None or stood.get("coverage") == "key frames"
        if quick or (provisional and source.film.duration_s >= PROVISIONAL_FROM_S and not parts.finished()):
            reading.write("key frames")
            if not quick:
                first_page(folder / "page.html")
        if quick:
            return _outcome(folder)
        coverage = reading.read(asked)
        check_unchanged(source)
        reading.write(coverage)
        if coverage == "film":
            parts.done()
    renew_words(folder, source, wanted, threads, report)
    return _outcome(folder)


def _outcome(folder: Path, already: bool = False) -> Outcome:
    bundle = store.open_bundle(folder)
    lines = tuple(three_lines(*(bundle.tables[name] for name in ("readings", "moments", "build_ups"))))
    return Outcome(folder, lines, bundle.made.get("faults", {}), bundle.made.get("coverage", "film"), already)
