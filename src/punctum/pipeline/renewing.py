"""A bundle's words, worked out anew where what they depend on has changed; speech recognised, titles read.

No picture of the film is decoded. What was asked for once is remembered in ``made.json``.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import polars as pl

from punctum import bundle as store
from punctum.bundle import Parts
from punctum.errors import ModelUnavailable
from punctum.film import Bundle
from punctum.measure.words import join_words, measure_words
from punctum.media.source import Source
from punctum.pipeline.asked import Wanted, made_of_words
from punctum.pipeline.onepass import Progress, Report
from punctum.pipeline.recognise import recognise
from punctum.pipeline.titles import read_titles
from punctum.pipeline.weights import read_weights, weights_of
from punctum.pipeline.words import Words, fingerprint, read_words, speech_of, spine_of
from punctum.pipeline.work import refresh

READ_FROM = "picture"
"""Source of words that were read in stills."""


def renew_weights(folder: Path, source: Source) -> bool:
    """Work a bundle's arcs out again where other weights are asked for; whether they were."""
    bundle = store.open_bundle(folder)
    asked = read_weights(source.path)
    if asked == weights_of(bundle.made):
        return False
    refresh(replace(bundle, made={**bundle.made, "weights": asdict(asked)}))
    return True


def renew_words(
    folder: Path,
    source: Source,
    wanted: Wanted,
    threads: int = 0,
    report: Report = lambda _: None,
) -> bool:
    """Work a bundle's words out again where what they depend on has changed, or something is asked for and not there.

    Parameters
    ----------
    folder : Path
        the bundle's
    source : Source
    wanted : Wanted
    threads : int
        of the recogniser
    report : callable
        told of the progress

    Returns
    -------
    bool
        whether anything had changed

    Raises
    ------
    BundleBusy
        where another process recognises the same film
    """
    bundle = store.open_bundle(folder)
    kept = bundle.made.get("words", {})
    now = made_of_words(wanted, fingerprint(source, wanted), folder)
    same = all(kept.get(name) == value for name, value in now.items())
    if same and not _lacks_speech(kept, wanted, bundle) and not _lacks_titles(kept, wanted, bundle):
        return False
    found = read_words(source, wanted)
    whole = bundle.made.get("coverage") == "film"
    frames = bundle.tables["frames"]
    table, odd = found.table(bundle.film, frames, speech_of(bundle.tables["sounds"]) if whole else ())
    if _lacks_speech(found.record, wanted, bundle):
        table, odd = _with_speech(bundle, source, found, threads, report)
    written, record = _titles(bundle, found, kept, report)
    made_words = found.made(folder) | ({"titles": record} if record else {})
    table = join_words([table, written]) if written.height else table
    if same and made_words == kept:
        return False
    before = kept.get("faults", {})
    made = {
        **bundle.made,
        "faults": {k: v for k, v in bundle.made.get("faults", {}).items() if k not in before} | odd,
        "remarks": [line for line in bundle.made.get("remarks", []) if line not in kept.get("remarks", [])]
        + found.all_remarks,
        "words": made_words,
    }
    refresh(replace(bundle, tables={**bundle.tables, "words": table}, made=made))
    return True


def _lacks_speech(record: Mapping[str, Any], wanted: Wanted, bundle: Bundle) -> bool:
    """Whether speech is to be recognised: no subtitle has the film's words, and all of its sound was listened to."""
    whole = bundle.made.get("coverage") == "film" and bundle.tables["hearing"].height > 0
    return bool(wanted.recognise) and whole and "why_none" in record and "recognised" not in record


def _lacks_titles(record: Mapping[str, Any], wanted: Wanted, bundle: Bundle) -> bool:
    return wanted.titles and bundle.made.get("coverage") != "key frames" and "titles" not in record


def _with_speech(
    bundle: Bundle, source: Source, found: Words, threads: int, report: Report
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Recognise what is said and make words of it; without a model that can, say why there are none."""
    parts = Parts(Path(bundle.address).with_name(Path(bundle.address).name + ".reading"))
    with parts.held():
        try:
            heard = recognise(
                bundle,
                source,
                parts,
                found.wanted.recognise,
                threads,
                lambda done_s, total_s: report(Progress("recognising", done_s, total_s)),
            )
        except ModelUnavailable as error:
            found.remarks.append(f"no speech was recognised: {error.message}")
            found.record["why_none"] = f"{found.record['why_none']}, and no speech was recognised: {error.message}"
            return found.table(bundle.film, bundle.tables["frames"])
        found.take_recognised(heard.cues, heard.language, heard.record)
        made = found.table(bundle.film, bundle.tables["frames"])
        if parts.recipe() is None:
            parts.done()
    return made


def _titles(
    bundle: Bundle, found: Words, kept: Mapping[str, Any], report: Report
) -> tuple[pl.DataFrame, dict[str, Any] | None]:
    """Read the titles, where they are wanted; those that were read before stay."""
    words = bundle.tables["words"]
    if not found.wanted.titles:
        return words.clear(), None
    if not _lacks_titles(kept, found.wanted, bundle):
        return words.filter(pl.col("source") == READ_FROM), kept.get("titles")
    try:
        read = read_titles(bundle, lambda done_s, total_s: report(Progress("reading titles", done_s, total_s)))
    except ModelUnavailable as error:
        found.remarks.append(error.message)
        return words.clear(), None
    table, _ = measure_words(read.cues, spine_of(bundle.film, bundle.tables["frames"]), "", READ_FROM)
    return table, read.record
