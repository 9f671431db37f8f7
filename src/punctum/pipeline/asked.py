"""What is asked of a reading, and what stands where its bundle is to be.

Times are seconds from the first frame.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from punctum import bundle as store
from punctum import media
from punctum.errors import BundleInvalid, FilmUnreadable, UsageWrong, quoted
from punctum.measure.words import language_code
from punctum.media.subtitles import read_sidecar

FACES_CHOICES = ("off", "sparse", "dense")
"""How often a reading looks for faces; the second unless another is asked for."""

NO_MODEL = "none"
"""What is typed to have speech recognised no longer."""


@dataclass(frozen=True)
class Wanted:
    """What is asked of the words.

    A language (ISO 639-1, "" is the film's), a screenplay ("" is the one beside it), a model that recognises speech
    where there are no subtitles ("" is none), whether the writing in the picture is read.
    """

    lang: str = ""
    script: str = ""
    recognise: str = ""
    titles: bool = False


THE_FILMS_OWN = Wanted()


def standing_made(folder: Path, source: media.Source, say: Callable[[str], None]) -> dict[str, Any] | None:
    """How the bundle that stands there was made; raises where something else would be overwritten."""
    store.check_place(folder)
    made = store.made_of(folder)
    if made is None:
        return None
    try:
        found = store.open_bundle(folder).film.film_id
    except BundleInvalid as error:
        say(f"{error.message}: reading anew")
        return None
    if found == source.film.film_id:
        return made
    address = made.get("film_address", "")
    if address and (folder / address).resolve() == Path(source.path).resolve():
        return None  # the film was replaced: its bundle is made anew
    raise BundleInvalid(f"{quoted(folder)} is the bundle of another film", "`--out` names another place")


def asked_span_s(
    duration_s: float, span: tuple[float | None, float | None] | None, last_s: float | None
) -> tuple[float, float] | None:
    """Seconds asked for; None is the whole film."""
    if last_s is not None:
        return max(0.0, duration_s - last_s), duration_s
    if not span:
        return None
    start_s, end_s = span[0] or 0.0, span[1] if span[1] is not None else duration_s
    if start_s >= end_s or start_s >= duration_s:
        raise UsageWrong(
            f"the span {start_s:g}-{end_s:g} s holds nothing: the film lasts {duration_s:.1f} s",
            "spans are written as 1:02:00-1:04:30 or 1:02:00-",
        )
    return start_s, end_s


def covers(made: Mapping[str, Any], asked: tuple[float, float] | None) -> bool:
    """Whether the parts that were read hold all that is asked for."""
    if asked is None:
        return False
    return any(start_s <= asked[0] and asked[1] <= end_s for start_s, end_s in made.get("spans", []))


def asked_audio(folder: Path) -> str:
    """Language of the sound track that was asked for when the bundle that stands here was made."""
    asked = (store.made_of(folder) or {}).get("settings", {}).get("audio", "")
    return asked if isinstance(asked, str) else ""


def asked_faces(made: Mapping[str, Any] | None, faces: str) -> str:
    """How faces are looked for: as asked, else as they were before, else sparsely."""
    before = (made or {}).get("settings", {}).get("faces", "")
    return faces or (before if before in FACES_CHOICES else FACES_CHOICES[1])


def is_fast(made: Mapping[str, Any]) -> bool:
    """Whether a reading left frames out."""
    return bool(made.get("settings", {}).get("fast"))


def relative_address(path: str, folder: Path) -> str:
    """The film's address relative to the bundle; "" where there is none (another drive)."""
    try:
        address = Path(os.path.relpath(path, folder)).as_posix()
        address.encode()
    except ValueError:  # another drive, or a name that is not UTF-8
        return ""
    return address


def check_unchanged(source: media.Source) -> None:
    """Raise FilmUnreadable where the file is no longer the one that was opened."""
    try:
        found = media.identify(source.path)
    except (OSError, FilmUnreadable):
        found = ""
    if found != source.film.film_id:
        raise FilmUnreadable(
            f"{quoted(Path(source.path).name)} changed while it was read", "read it again once it is complete"
        )


def ask_words(
    stood: Mapping[str, Any] | None,
    folder: Path,
    lang: str = "",
    script: str = "",
    recognise: str = "",
    titles: bool | None = None,
) -> Wanted:
    """Bring what is asked for now together with what was asked for when the bundle was made.

    Parameters
    ----------
    stood : mapping or None
        how the bundle that stands there was made
    folder : Path
        where it stands
    lang, script, recognise : str
        as `Wanted` has them; "" is what was asked for before. ``recognise="none"`` is no recognition
    titles : bool or None
        None is what was asked for before

    Raises
    ------
    UsageWrong
        for a language that there is not
    FilmUnreadable
        for a screenplay that cannot be read
    """
    asked = (stood or {}).get("words", {}).get("asked", {})
    before = asked if isinstance(asked, dict) else {}
    wanted = language_code(lang) if lang else language_code(str(before.get("lang", "")))
    if lang and not wanted:
        raise UsageWrong(f"{quoted(lang)} is no language that is known here", "for instance `en`, `fra`, `German`")
    if script:
        read_sidecar(script)
    elif kept := str(before.get("script", "")):
        script = str(folder / kept) if (folder / kept).is_file() else ""
    if not recognise and (kept := str(before.get("recognise", ""))):
        recognise = str(folder / kept) if "/" in kept and (folder / kept).is_dir() else kept
    return Wanted(
        wanted,
        script,
        "" if recognise == NO_MODEL else recognise,
        before.get("titles") is True if titles is None else titles,
    )


def made_of_words(wanted: Wanted, inputs: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """What ``made.json`` keeps of what the words were asked for and depend on."""
    script = relative_address(wanted.script, folder) if wanted.script else ""
    model = wanted.recognise
    if Path(model).is_dir():  # a folder is kept as its address, told from a model's name by its slash
        address = relative_address(model, folder)
        model = address if "/" in address else f"./{address}"
    asked = {"lang": wanted.lang, "script": script, "recognise": model if wanted.recognise else ""}
    return {"asked": asked | {"titles": wanted.titles}, "inputs": dict(inputs)}
