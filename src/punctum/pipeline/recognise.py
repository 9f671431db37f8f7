"""Recognises what is said where a film has no subtitles: Whisper, through faster-whisper, on this computer.

Only what lies in spans of speech is heard, window by window, each by itself; every finished window is kept beside the
bundle, and an interrupted recognition goes on from there. Nothing is fetched here: a model is one that ``models`` has
fetched, a folder in CTranslate2's form, or lies in the Hugging Face cache.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from punctum import bundle as store
from punctum import media, models
from punctum.bundle import Parts
from punctum.errors import ModelUnavailable, quoted
from punctum.film import Bundle
from punctum.measure import mix_down
from punctum.measure.resampling import resample
from punctum.measure.words import (
    RECOGNISER_RATE_HZ,
    Cue,
    Passage,
    Recogniser,
    Said,
    find_windows,
    language_name,
    lay_out,
    passages_to_cues,
)
from punctum.media.subtitles import find_subtitles

KEPT = "recognised.parquet"
_KEPT_SCHEMA = {
    "key": pl.String(),
    "window": pl.Int32(),
    "start_s": pl.Float64(),
    "end_s": pl.Float64(),
    "text": pl.String(),
    "confidence": pl.Float64(),
}
"""A row a cue; of a window without words one row whose text is null."""

LANGUAGE_WINDOWS = 3
"""A film's language is told from so many of its fullest windows, where its file does not say it."""


@dataclass(frozen=True)
class Recognition:
    """What was recognised: cues in the film's time, their language (ISO 639-1), what ``made.json`` keeps of it."""

    cues: list[Cue]
    language: str
    record: dict[str, Any]


def find_recogniser(name: str) -> Path:
    """Find the weights of a recogniser.

    Parameters
    ----------
    name : str
        a model that ``punctum models`` lists, a folder that holds ``model.bin``, or a model in the Hugging Face cache

    Raises
    ------
    ModelUnavailable
        where there is none, or faster-whisper is not installed
    """
    if find_spec("faster_whisper") is None:
        raise ModelUnavailable(
            "speech cannot be recognised: faster-whisper is not installed", "`pip install punctum[speech]` brings it"
        )
    if any(model.name == name for model in models.MODELS if model.needs == "faster-whisper"):
        fetched = models.find_model(name)
        if fetched is None:
            raise ModelUnavailable(f"the model {name} is not here", f"`punctum models fetch {name}` fetches it")
        return fetched
    folder = Path(name)
    if folder.is_dir():
        if not (folder / "model.bin").is_file():
            raise ModelUnavailable(
                f"{quoted(name)} holds no model: there is no model.bin in it",
                "a Whisper model in CTranslate2's form is wanted, such as Systran/faster-whisper-small",
            )
        return folder
    try:
        from faster_whisper.utils import download_model

        return Path(download_model(name, local_files_only=True))
    except Exception as error:  # whatever the hub's library raises, it is not here
        raise ModelUnavailable(
            f"there is no model {quoted(name)}: it is no folder, and not in the Hugging Face cache",
            "`punctum models fetch whisper-tiny.en` fetches a small English one; "
            "`hf download Systran/faster-whisper-small --local-dir DIR` a larger one, then `--recognise DIR`",
        ) from error


def recognise(
    bundle: Bundle,
    source: media.Source,
    parts: Parts,
    model: str,
    threads: int = 0,
    report: Callable[[float, float], None] = lambda _done, _total: None,
) -> Recognition:
    """Recognise what is said in a film.

    Parameters
    ----------
    bundle : Bundle
        with ``sounds`` and ``hearing`` of the whole film
    source : Source
    parts : Parts
        the reading's folder, held by this process: finished windows are kept in it
    model : str
        as `find_recogniser` takes it
    threads : int
        of the recogniser; 0 lets it choose. The words do not depend on it
    report : callable
        told how many seconds of the film are done, of how many

    Raises
    ------
    ModelUnavailable
        where the model cannot be used, or does not know the film's language
    """
    heard = bundle.tables["hearing"].drop_nulls("speech")
    spans = bundle.tables["sounds"].filter(pl.col("kind") == "speech").select("start_s", "end_s").rows()
    steps = heard["step"].to_numpy().astype(np.int64)
    windows = find_windows(spans, steps, heard["speech"].to_numpy() / 255.0, bundle.film.duration_s)
    folder = find_recogniser(model)
    whisper = _load(folder, threads)
    language = _language(whisper, source, model, windows)
    about = {
        "model": Path(model).name,
        "weights": media.identify(folder / "model.bin")[:16],
        "by": f"faster-whisper {version('faster-whisper')}",
        "language": language,
    }
    key = hashlib.blake2b(repr((bundle.film.film_id, about, windows)).encode(), digest_size=8).hexdigest()
    kept = _kept(parts, key)
    done = set(kept["window"].to_list())
    hear = _hearer(whisper, language)
    wanted = [number for number in range(len(windows)) if number not in done]
    pieces = media.read_sound(source, (piece for number in wanted for piece in windows[number]))
    for number in wanted:
        window = windows[number]
        report(window[0][0], bundle.film.duration_s)
        sound = lay_out([_at_rate(next(pieces)) for _ in window])
        cues = passages_to_cues(window, hear(sound))
        rows: list[tuple[Any, ...]] = [(key, number, c.start_s, c.end_s, c.text, c.confidence) for c in cues]
        rows = rows or [(key, number, window[0][0], window[0][0], None, None)]
        kept = pl.concat([kept, pl.DataFrame(rows, schema=_KEPT_SCHEMA, orient="row")])
        _keep(parts, kept)
    lines = kept.drop_nulls("text").sort("window", "start_s", maintain_order=True)
    found = [
        Cue(start_s, end_s, text, confidence=sure)
        for start_s, end_s, text, sure in lines.select("start_s", "end_s", "text", "confidence").iter_rows()
    ]
    lasting_s = sum(end_s - start_s for window in windows for start_s, end_s in window)
    return Recognition(found, language, {**about, "heard_s": round(lasting_s, 1)})


def _kept(parts: Parts, key: str) -> pl.DataFrame:
    """Windows that were finished before, of the same film, model and spans of speech."""
    path = parts.working(KEPT)
    kept = store.read_parquet(path) if path.is_file() else pl.DataFrame(schema=_KEPT_SCHEMA)
    return kept.filter(pl.col("key") == key)


def _keep(parts: Parts, kept: pl.DataFrame) -> None:
    """Write the finished windows beside and rename: whatever happens, those before are whole."""
    beside = parts.working(f"{KEPT}.part")
    with store.writing(beside):
        store.write_parquet(kept, beside)
        beside.replace(parts.working(KEPT))


def _at_rate(piece: Any) -> Any:
    return resample(mix_down(piece.sound, piece.channels), piece.sample_rate_hz, RECOGNISER_RATE_HZ)


def _load(folder: Path, threads: int) -> Any:
    from faster_whisper import WhisperModel

    try:
        return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)
    except (RuntimeError, ValueError, OSError, KeyError) as error:
        raise ModelUnavailable(
            f"the model in {quoted(folder)} cannot be used: {str(error).splitlines()[0]}",
            "a Whisper model in CTranslate2's form is wanted, whole, with its tokenizer.json",
        ) from error


def _language(whisper: Any, source: media.Source, model: str, windows: list[Any]) -> str:
    """Language of the film's speech: as its file says, else as the model hears it."""
    known = list(whisper.supported_languages)
    _, declared = find_subtitles(source)
    if declared and declared not in known:
        raise ModelUnavailable(
            f"{Path(model).name} does not know {language_name(declared)}, the language of the film's sound",
            "a model of several languages does: those whose name does not end in `.en`",
        )
    if declared or len(known) == 1 or not windows:
        return declared or known[0]
    fullest = sorted(windows, key=lambda w: sum(b - a for a, b in w), reverse=True)[:LANGUAGE_WINDOWS]
    likely: dict[str, float] = {}
    for window in fullest:
        sound = lay_out([_at_rate(piece) for piece in media.read_sound(source, window)])
        for name, share in whisper.detect_language(sound)[2]:
            likely[name] = likely.get(name, 0.0) + float(share)
    return max(likely, key=lambda name: likely[name])


def _hearer(whisper: Any, language: str) -> Recogniser:
    """Make the model a recogniser that gives the same words for the same sound: nothing is drawn at random."""

    def hear(sound: Any) -> list[Passage]:
        segments, _ = whisper.transcribe(
            sound,
            language=language,
            beam_size=5,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        return [
            Passage(
                tuple(Said(word.start, word.end, word.word, word.probability) for word in segment.words or ()),
                segment.avg_logprob,
                segment.no_speech_prob,
                segment.compression_ratio,
            )
            for segment in segments
        ]

    return hear
