"""A film's words: its subtitles found, read and put on its frames. No picture is decoded for them.

Times are seconds from the first frame.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from punctum.errors import FilmUnreadable, quoted
from punctum.film import Film
from punctum.measure.words import (
    LEAST_ALIGNED,
    LEXICON,
    Cue,
    Decoded,
    Speech,
    Spine,
    ass_text,
    can_guess,
    clean_text,
    decode_text,
    find_drift,
    guess_format,
    guess_language,
    language_name,
    measure_words,
    name_speakers,
    parse_cues,
    parse_fountain,
    why_no_valence,
)
from punctum.media.source import Source
from punctum.media.subtitles import (
    MOST_BYTES,
    Candidate,
    find_script,
    find_subtitles,
    rank_subtitles,
    read_sidecar,
    read_stream,
    texts_of,
)
from punctum.pipeline.asked import THE_FILMS_OWN, Wanted, made_of_words

LEAST_OUTSIDE = 20
MOST_OUTSIDE = 0.3
"""A subtitle of which more lies outside the film belongs to another film, or to another cut of it."""

RECOGNISED = "recognised"
"""Source of words that were recognised."""

SURE_CHARACTERS = 1_000
"""From here on a text's own language is believed before what its name or its container says."""


@dataclass
class Words:
    """A film's cues, as they were read, with what is to be said of them.

    ``cues`` are in the film's time; ``record`` is for ``made.json``; ``faults`` are counted by name; ``remarks`` are
    lines that a person should read.
    """

    wanted: Wanted = THE_FILMS_OWN
    inputs: dict[str, str] = field(default_factory=dict)
    cues: list[Cue] = field(default_factory=list)
    language: str = ""
    source: str = ""
    record: dict[str, Any] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    odd: dict[str, int] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    script: list[Speech] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def all_remarks(self) -> list[str]:
        """Remarks on reading the words and on putting them on the frames."""
        return [*self.remarks, *self.told]

    def table(
        self, film: Film, frames: pl.DataFrame, speech: Sequence[tuple[float, float]] = ()
    ) -> tuple[pl.DataFrame, dict[str, int]]:
        """Put the words on the film's frames.

        Parameters
        ----------
        film : Film
        frames : pl.DataFrame
            as ``TABLES`` has them
        speech : sequence of (start_s, end_s)
            where somebody speaks in the film; without it the subtitle's own times are believed

        Returns
        -------
        words : pl.DataFrame
            columns of ``tables.WORDS``
        faults : dict of int
            all that was odd, by name
        """
        self.told = []
        if self.cues and self.source != RECOGNISED:  # a provisional page may have judged otherwise
            self.record.pop("why_none", None)
        cues = self._fitted(film, speech)
        words, faults = measure_words(cues, spine_of(film, frames), self.language, self.source)
        outside = faults["cues outside the film"]
        if outside >= LEAST_OUTSIDE and outside > len(cues) * MOST_OUTSIDE:
            words = words.clear()
            self._refuse(f"{outside} of its {len(cues)} cues lie outside the film")
        elif self.script and words.height:
            words = self._named(words)
        self.odd = dict(sorted((self.faults + faults).items()))
        return words, self.odd

    def take_recognised(self, cues: list[Cue], language: str, record: dict[str, Any]) -> None:
        """Take cues that were recognised in the film's sound, where there are none by subtitles."""
        without = self.record.pop("why_none", "")
        self.cues, self.language, self.source, self.faults = cues, language, RECOGNISED, Counter()
        self.record |= {"source": RECOGNISED, "name": record["model"], "language": language, "recognised": record}
        self.record |= {"no_subtitles": without, "language_guessed": False}
        if not cues:
            self.record["why_none"] = f"{without}, and no word was recognised where somebody is heard to speak"
        _tell_valence(self)

    def _fitted(self, film: Film, speech: Sequence[tuple[float, float]]) -> list[Cue]:
        """Bring the cues to the film's time where they have drifted; none where they are another film's."""
        if self.source == RECOGNISED:
            return self.cues
        spoken = [(cue.start_s, cue.end_s) for cue in self.cues if cue.end_s > cue.start_s]
        drift = find_drift(spoken, speech, film.duration_s)
        if drift.verdict == "unknown":
            return self.cues
        self.record["drift"] = drift._asdict()
        if drift.verdict == "foreign":
            self._refuse("its cues lie on the film's speech no better than by chance")
            return []
        if drift.verdict == "fits":
            return self.cues
        rate = "" if drift.rate == 1.0 else f", and run at {drift.rate:.4f} of their pace"
        self.told.append(f"the cues of {quoted(self.record['name'])} were moved by {drift.offset_s:+.2f} s{rate}")
        return [
            cue._replace(
                start_s=cue.start_s * drift.rate + drift.offset_s, end_s=cue.end_s * drift.rate + drift.offset_s
            )
            for cue in self.cues
        ]

    def _refuse(self, why: str) -> None:
        name = quoted(self.record.get("name", "the subtitle"))
        self.told.append(f"{name} is another film's, or another cut's: {why}")
        self.record["why_none"] = f"the subtitles are another film's: {why}"

    def _named(self, words: pl.DataFrame) -> pl.DataFrame:
        words, share = name_speakers(words, self.script)
        self.record["script"] |= {"aligned": round(share, 3)}
        if share < LEAST_ALIGNED:
            name = quoted(self.record["script"]["name"])
            self.told.append(f"{name} does not fit the subtitles: only {share:.0%} of the words are in it")
        return words

    def made(self, folder: Path) -> dict[str, Any]:
        """How the words were made, for ``made.json``; after `table`."""
        told = {name: value for name, value in (("faults", self.odd), ("remarks", self.all_remarks)) if value}
        return made_of_words(self.wanted, self.inputs, folder) | self.record | told


def spine_of(film: Film, frames: pl.DataFrame) -> Spine:
    """Give the frames that words are put on."""
    numbers = frames["frame"].to_numpy().astype(np.int64)
    return Spine(numbers, frames["time_s"].to_numpy(), film.frame_count, film.duration_s)


def speech_of(sounds: pl.DataFrame) -> list[tuple[float, float]]:
    """Give the spans in which somebody speaks, in seconds."""
    return sounds.filter(pl.col("kind") == "speech").select("start_s", "end_s").rows()


def read_words(source: Source, wanted: Wanted = THE_FILMS_OWN) -> Words:
    """Find and read a film's words.

    Parameters
    ----------
    source : Source
    wanted : Wanted

    Returns
    -------
    Words
    """
    candidates, film_language = find_subtitles(source)
    found = Words(wanted=wanted, inputs=fingerprint(source, wanted))
    for candidate in rank_subtitles(candidates, wanted.lang, film_language):
        if _read(source, candidate, found):
            _describe(found, candidate, candidates, film_language)
            break
    else:
        found.record["why_none"] = _why_none(candidates, wanted.lang)
        if wanted.lang:  # somebody asked, and is to be told
            found.remarks.append(found.record["why_none"])
    if found.cues or wanted.recognise:
        _read_script(source, wanted, found)
    elif wanted.script:
        found.remarks.append(f"{quoted(Path(wanted.script).name)} was not used: there are no words to lay it against")
    return found


def fingerprint(source: Source, wanted: Wanted) -> dict[str, str]:
    """What the words depend on: the name of each sidecar and of the screenplay with a hash of its bytes."""
    candidates, _ = find_subtitles(source)
    files = [(c.name, c.path) for c in candidates if c.stream < 0]
    if script := wanted.script or find_script(source.path):
        files.append((Path(script).name, script))
    made = {}
    for name, path in files:
        try:
            made[name] = hashlib.blake2b(read_sidecar(path)[0], digest_size=8).hexdigest()
        except FilmUnreadable:
            made[name] = "unreadable"
    return dict(sorted(made.items()))


def _read(source: Source, candidate: Candidate, found: Words) -> bool:
    """Read one subtitle; False, with a remark, where it is none."""
    name = quoted(candidate.name)
    try:
        if candidate.stream >= 0:
            return _read_stream(source, candidate, found)
        data, whole = read_sidecar(candidate.path)
    except FilmUnreadable as error:
        found.remarks.append(error.message)
        return False
    if not whole:
        found.remarks.append(f"{name} is larger than {MOST_BYTES >> 20} MB: it was not read as a subtitle")
        return False
    decoded = decode_text(data)
    form = guess_format(decoded.text) if decoded is not None else None
    if decoded is None or form is None:
        found.remarks.append(f"{name} is no subtitle: it holds no text with times")
        return False
    parsed = parse_cues(decoded.text, form)
    if not parsed.cues:
        found.remarks.append(f"{name} holds no cues")
        return False
    found.cues, found.faults = parsed.cues, parsed.faults
    _tell_encoding(decoded, form, found)
    return True


def _read_stream(source: Source, candidate: Candidate, found: Words) -> bool:
    held, whole = read_stream(source, candidate)
    if not whole:
        found.remarks.append(f"{quoted(candidate.name)} is larger than {MOST_BYTES >> 20} MB: it was read in part")
    pieces = list(texts_of(held, candidate.form))
    decoded = decode_text(b"\n\n".join(data for _, data in pieces))
    if decoded is None:
        found.remarks.append(f"{quoted(candidate.name)} holds no text")
        return False
    for packet, data in pieces:
        text = data.decode(decoded.encoding.split()[0], "replace")
        cue = _embedded_cue(text, candidate.form)
        if cue is not None and cue.text:
            found.cues.append(cue._replace(start_s=packet.start_s, end_s=packet.end_s))
    _tell_encoding(decoded, candidate.form, found)
    if not found.cues:
        found.remarks.append(f"{quoted(candidate.name)} holds no cues")
    return bool(found.cues)


def _tell_encoding(decoded: Decoded, form: str, found: Words) -> None:
    found.record |= {"encoding": decoded.encoding, "encoding_guessed": decoded.guessed, "format": form}
    if decoded.others:
        found.record["encoding_might_be"] = list(decoded.others)
    if decoded.unreadable:
        found.faults["characters of the subtitles that could not be decoded"] += decoded.unreadable


def _read_script(source: Source, wanted: Wanted, found: Words) -> None:
    """Read the screenplay, if there is one."""
    path = wanted.script or find_script(source.path)
    if not path:
        return
    name = Path(path).name
    try:
        data, whole = read_sidecar(path)
    except FilmUnreadable as error:
        found.remarks.append(error.message)
        return
    decoded = decode_text(data) if whole else None
    found.script = parse_fountain(decoded.text) if decoded is not None else []
    if found.script:
        found.record["script"] = {"name": name, "speeches": len(found.script)}
    else:
        found.remarks.append(f"{quoted(name)} is no screenplay in Fountain: nobody speaks in it")


def _embedded_cue(text: str, form: str) -> Cue | None:
    """Return the cue in a packet's text; its span is the packet's."""
    if form == "ass":
        parts = text.split(",", 8)
        if len(parts) < 9:
            return None
        spoken = ass_text(parts[8])
        return None if spoken is None else Cue(0.0, 0.0, spoken, parts[3].strip()[:80], parts[2].strip(" *")[:80])
    if form == "vtt":
        cues = parse_cues(f"WEBVTT\n\n00:00.000 --> 00:01.000\n{text}", "vtt").cues
        return cues[0] if cues else None
    return Cue(0.0, 0.0, clean_text(text.replace("\r\n", "\n").replace("\r", "\n")))


def _describe(found: Words, candidate: Candidate, candidates: list[Candidate], film_language: str) -> None:
    found.source = candidate.source
    text = "\n".join(cue.text for cue in found.cues)
    guess = guess_language(text)
    # a name or a tag may be wrong; a long text is not
    sure = guess and len(text) >= SURE_CHARACTERS and (not candidate.language or can_guess(candidate.language))
    found.language = guess if sure or not candidate.language else candidate.language
    if sure and candidate.language not in ("", guess):
        found.remarks.append(
            f"{quoted(candidate.name)} is said to be {language_name(candidate.language)}, but is {language_name(guess)}"
        )
    found.record |= {
        "source": candidate.source,
        "name": candidate.name,
        "language": found.language,
        "language_guessed": found.language != candidate.language,
        "film_language": film_language,
        "others": [c.name for c in candidates if c.name != candidate.name],
    }
    _tell_valence(found)


def _tell_valence(found: Words) -> None:
    why = why_no_valence(found.language)
    found.record |= {"why_no_valence": why} if why else {"lexicon": LEXICON}


def _why_none(candidates: list[Candidate], wanted: str) -> str:
    if not candidates:
        return "there are no subtitles beside the film or in it"
    if all(c.form == "picture" for c in candidates):
        return "its subtitles are pictures of text, which are not read"
    if wanted:
        others = sorted({language_name(c.language) for c in candidates if c.language})
        return f"there are no subtitles in {language_name(wanted)}" + (
            f", only in {', '.join(others)}" if others else ""
        )
    return "its subtitles could not be read"
