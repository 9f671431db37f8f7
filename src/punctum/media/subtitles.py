"""Subtitles and screenplays: which lie beside the film or in it, which is the film's own, and their bytes.

Conventions: a *candidate* is a sidecar file or a text stream; nothing of one is read before it was chosen, and never
more than `MOST_BYTES`. Languages are ISO 639-1, "" where not said.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av.error
from av.stream import Disposition

from punctum.errors import FilmUnreadable, quoted
from punctum.measure.words.languages import language_code
from punctum.media.container import only, open_container, packets
from punctum.media.source import Source

MOST_BYTES = 16 * 1024 * 1024
"""No more of a subtitle is read: the longest film's take half a megabyte, SubStation files with fonts inside a few."""

MOST_CANDIDATES = 200
"""No more sidecars are looked at."""

SUBTITLE_SUFFIXES = (".srt", ".vtt", ".ass", ".ssa")
SCRIPT_SUFFIXES = (".fountain", ".spmd")
FOLDERS = ("subs", "sub", "subtitles", "subtitle")
"""Folders beside the film that may hold its subtitles, in whatever case."""

_FILM_SUFFIXES = {
    ".mkv",
    ".mp4",
    ".m4v",
    ".mov",
    ".avi",
    ".webm",
    ".ts",
    ".m2ts",
    ".mpg",
    ".mpeg",
    ".wmv",
    ".ogv",
    ".flv",
}
_TEXT_CODECS = {
    "subrip": "srt",
    "srt": "srt",
    "text": "srt",
    "ass": "ass",
    "ssa": "ass",
    "mov_text": "mov",
    "webvtt": "vtt",
}
_PICTURE_CODECS = {"hdmv_pgs_subtitle": "PGS", "dvd_subtitle": "VobSub", "dvb_subtitle": "DVB", "xsub": "XSUB"}

_FORCED = re.compile(r"\bforced\b|\bsigns?\b|foreign", re.IGNORECASE)
_ASIDE = re.compile(r"comment|trivia|descri|lyric|karaoke", re.IGNORECASE)
_HARD = re.compile(r"\b(sdh|cc|hi|hoh|hearing|captions?|deaf)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Candidate:
    """A subtitle that there is.

    ``path`` is that of a sidecar, ``stream`` the number of an embedded one (-1 for a sidecar). ``form`` is ``srt``,
    ``vtt``, ``ass``, ``mov`` (3GPP timed text), or ``picture`` for what is no text. ``hearing`` says that it was made
    for the hard of hearing, ``forced`` that it holds foreign passages and signs only, ``aside`` that it is a commentary
    or the like.
    """

    name: str
    form: str
    language: str = ""
    path: str = ""
    stream: int = -1
    default: bool = False
    forced: bool = False
    hearing: bool = False
    aside: bool = False

    @property
    def source(self) -> str:
        """Where it is: ``sidecar`` or ``embedded``."""
        return "sidecar" if self.stream < 0 else "embedded"


@dataclass(frozen=True)
class Packet:
    """An embedded cue as the container has it: span in seconds from the film's first frame, bytes."""

    start_s: float
    end_s: float
    data: bytes


def find_subtitles(source: Source) -> tuple[list[Candidate], str]:
    """List the subtitles of a film.

    Parameters
    ----------
    source : Source

    Returns
    -------
    candidates : list of Candidate
        sidecars by name, then streams by number
    film_language : str
        that of the film's sound, as its container declares it
    """
    found = [*_sidecars(Path(source.path))]
    language = ""
    with contextlib.suppress(FilmUnreadable, av.error.FFmpegError, OSError), open_container(source.path, "none") as box:
        if source.sound_index is not None and source.sound_index < len(box.streams):
            language = language_code(box.streams[source.sound_index].metadata.get("language", ""))
        for stream in box.streams:
            if stream.type == "subtitle":
                candidate = _embedded(stream)
                found += [candidate] if candidate else []
    return found, language


def rank_subtitles(candidates: list[Candidate], wanted: str, film_language: str) -> list[Candidate]:
    """Put the subtitles that have the film's words in order, the best first.

    Parameters
    ----------
    candidates : list of Candidate
    wanted : str
        the language asked for; "" leaves it to the film
    film_language : str
        that of its sound, "" where not known

    Returns
    -------
    list of Candidate
        texts only; where a language was asked for, those of it, or those whose language is not said. The film's own
        language comes before others; what covers foreign passages only, and commentaries, come last; a sidecar comes
        before a stream, since somebody put it there; what was made for the hard of hearing comes before what was not,
        since it says more
    """
    texts = [c for c in candidates if c.form != "picture"]
    if wanted:
        texts = [c for c in texts if c.language == wanted] or [c for c in texts if not c.language]
    own = wanted or film_language

    def rank(c: Candidate) -> tuple[object, ...]:
        strange = own not in ("", c.language) and not (not c.language and c.stream < 0)
        return (c.aside, c.forced, strange, c.stream >= 0, not c.hearing, not c.default, c.stream, len(c.name), c.name)

    return sorted(texts, key=rank)


def read_sidecar(path: str | os.PathLike[str]) -> tuple[bytes, bool]:
    """Read a subtitle or a screenplay.

    Returns
    -------
    data : bytes
        `MOST_BYTES` at most
    whole : bool
        False where there is more

    Raises
    ------
    FilmUnreadable
        where it cannot be read
    """
    try:
        if not Path(path).is_file():
            raise FilmUnreadable(f"{quoted(path)} is no file", "check the name")
        with Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FilmUnreadable(f"{quoted(path)} cannot be read: {reason}", "check the name") from None
    return data[:MOST_BYTES], len(data) <= MOST_BYTES


def read_stream(source: Source, candidate: Candidate) -> tuple[list[Packet], bool]:
    """Read an embedded subtitle's packets, in the order of the file; the file is walked through once.

    Returns
    -------
    cues : list of Packet
        spans in seconds from the film's first frame, `MOST_BYTES` of data at most; an end is that of the packet, or
        as its beginning where it has none
    whole : bool
        False where there is more
    """
    found: list[Packet] = []
    size = 0
    with open_container(source.path, "none") as container:
        stream: Any = only(container, candidate.stream)
        base = stream.time_base
        for packet in packets(container, stream):
            if packet.stream.index != candidate.stream or packet.pts is None:
                continue
            data = bytes(packet)
            size += len(data)
            if size > MOST_BYTES:
                return found, False
            start_s = float(packet.pts * base) - float(source.first_pts * source.time_base)
            found.append(Packet(start_s, start_s + float((packet.duration or 0) * base), data))
    return found, True


def find_script(path: str | os.PathLike[str]) -> str:
    """Find a screenplay beside the film: its name with ``.fountain``; "" where there is none."""
    film = Path(path)
    for suffix in SCRIPT_SUFFIXES:
        for name in (f"{film.stem}{suffix}", f"{film.name}{suffix}"):
            with contextlib.suppress(OSError, ValueError):
                if film.with_name(name).is_file():
                    return str(film.with_name(name))
    return ""


def _sidecars(film: Path) -> list[Candidate]:
    stem = film.stem.casefold()
    names = _names(film.parent)
    others = [Path(name).stem.casefold() for name in names if Path(name).suffix.lower() in _FILM_SUFFIXES]
    # "Alien 3.en.srt" is that of "Alien 3.mkv", not of "Alien.mkv"
    others = [other for other in others if other.startswith(stem) and other != stem]
    names = [name for name in names if not any(_belongs(name, other) for other in others)]
    found = [_sidecar(film.parent / name, name[len(film.stem) :]) for name in names if _belongs(name, stem)]
    alone = sum(Path(name).suffix.lower() in _FILM_SUFFIXES for name in names) <= 1
    for name in names:
        if name.casefold() in FOLDERS:
            inner = _names(film.parent / name)
            own = next((n for n in inner if n.casefold() == stem), None)
            for folder, entries, whole in (
                (film.parent / name, inner, alone),
                (film.parent / name / (own or ""), _names(film.parent / name / own) if own else [], True),
            ):
                for entry in entries:
                    if _belongs(entry, stem):
                        found.append(_sidecar(folder / entry, entry[len(film.stem) :]))
                    elif whole and Path(entry).suffix.lower() in SUBTITLE_SUFFIXES:
                        found.append(_sidecar(folder / entry, entry))
    return sorted(found, key=lambda c: (c.path.count(os.sep), c.name))[:MOST_CANDIDATES]


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries)
    except (OSError, ValueError):
        return []


def _belongs(name: str, stem: str) -> bool:
    """Whether a subtitle is the film's by its name; after another sign than a point only with words that we know."""
    folded = name.casefold()
    if not (folded.startswith(stem) and folded.endswith(SUBTITLE_SUFFIXES)):
        return False
    rest = folded[len(stem) :]
    if rest[0] == ".":
        return True
    parts = [part for part in re.split(r"[.\s_\-\[\]()]+", Path(rest).stem) if part]
    return rest[0] in "-_ ([" and all(
        language_code(part) or _FORCED.search(part) or _HARD.search(part) or _ASIDE.search(part) for part in parts
    )


def _sidecar(path: Path, rest: str) -> Candidate:
    """Describe a sidecar by what its name says after the film's."""
    words = Path(rest).stem if not rest.startswith(".") or rest.count(".") > 1 else ""
    parts = [part for part in re.split(r"[.\s_\[\]()]+", words) if part]
    language = next((code for part in parts if (code := language_code(part))), "")
    # "hi" is Hindi's code as well: beside another language it means hard of hearing
    codes = {code for part in parts if (code := language_code(part))}
    if len(codes) > 1 and "hi" in codes:
        language = next(code for part in parts if (code := language_code(part)) and code != "hi")
    joined = " ".join(parts)
    return Candidate(
        name=os.fsencode(path.name).decode("utf-8", "replace"),
        form="ass" if path.suffix.lower() in (".ass", ".ssa") else path.suffix.lower()[1:],
        language=language,
        path=str(path),
        default=not parts or "default" in joined.lower(),
        forced=bool(_FORCED.search(joined)),
        hearing=bool(_HARD.search(joined))
        and not (language == "hi" and codes == {"hi"} and "hi" in [p.lower() for p in parts]),
        aside=bool(_ASIDE.search(joined)),
    )


def _embedded(stream: Any) -> Candidate | None:
    with contextlib.suppress(AttributeError, ValueError):
        codec = stream.codec_context.name if stream.codec_context is not None else stream.name
        title = str(stream.metadata.get("title", "") or stream.metadata.get("handler_name", ""))[:200]
        flags = stream.disposition
        form = _TEXT_CODECS.get(codec) or ("picture" if codec in _PICTURE_CODECS else "")
        if form:
            return Candidate(
                name=f"stream {stream.index}" + (f" ({_PICTURE_CODECS[codec]})" if form == "picture" else ""),
                form=form,
                language=language_code(stream.metadata.get("language", "")),
                stream=stream.index,
                default=bool(flags & Disposition.default),
                forced=bool(flags & Disposition.forced) or bool(_FORCED.search(title)),
                hearing=bool(flags & (Disposition.hearing_impaired | Disposition.captions))
                or bool(_HARD.search(title)),
                aside=bool(
                    flags & (Disposition.comment | Disposition.descriptions | Disposition.lyrics | Disposition.karaoke)
                )
                or bool(_ASIDE.search(title)),
            )
    return None


def texts_of(cues: list[Packet], form: str) -> Iterator[tuple[Packet, bytes]]:
    """Give each embedded cue's own text as bytes: 3GPP timed text without its length and its styles."""
    for cue in cues:
        data = cue.data
        if form == "mov":
            data = data[2 : 2 + int.from_bytes(data[:2], "big")]
            if data[:2] in (b"\xfe\xff", b"\xff\xfe"):
                data = data.decode("utf-16", "replace").encode()
        yield cue, data.rstrip(b"\0")
