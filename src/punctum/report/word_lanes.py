"""The film's words on its page: their lanes in the score.

Conventions: what is said or sung is one lane, what is noted as heard another; times are seconds from the first frame.
Texts come from anybody's files: they are made plain here, and escaped by the template or written as text by the script.
"""

import polars as pl

from punctum.draw.lanes import Lane, Stretches
from punctum.film import Bundle
from punctum.measure.words import SPOKEN, language_name
from punctum.report.sentences import plain

MOST_LINES = 20_000
"""More lines than any film has; the page brings no more of a lane."""

MOST_CHARACTERS = 300

DOUBTFUL = 0.5
"""Lines that a recogniser is no surer of are marked."""

PICTURE = {"picture"}
"""Source of words that were read in stills."""


def word_lanes(words: pl.DataFrame | None) -> list[Lane]:
    """Return the lanes of the words: what is said, what is noted, what is written in the picture."""
    if words is None or not words.height:
        return []
    rows = words.sort("start_s", "line").head(MOST_LINES)
    sources = set(words["source"])
    said = (
        "as it was recognised in the sound, in doubt where (?) follows"
        if "recognised" in sources
        else "by the subtitles"
    )
    writing = "titles and credits, as they were read in the shots’ stills" if "picture" in sources else ""
    subtitled = "writing in the picture that the subtitles translate"
    lanes = []
    for name, label, kinds, meaning, colour in (
        ("words", "Words", SPOKEN, f"what is said and sung, {said}: one box a line", "green"),
        ("notes", "Heard", ("note",), "what the subtitles note as heard, for the hard of hearing", "blue"),
        ("titles", "Written", ("title",), writing or subtitled, "ink"),
    ):
        own = rows.filter(pl.col("kind").is_in(kinds))
        if own.height:
            lanes.append(_lane(own, name, label, meaning, colour))
    return lanes


def _lane(rows: pl.DataFrame, name: str, label: str, meaning: str, colour: str) -> Lane:
    tones = tuple("purple" if kind == "song" else "" for kind in rows["kind"])
    spans = Stretches(
        tuple(rows["start_s"].to_list()),
        tuple(rows["end_s"].to_list()),
        tuple(line_text(row) for row in rows.iter_rows(named=True)),
        tones if any(tones) else (),
    )
    return Lane(name, label, "", "spans", spans, meaning, colour, group="Words", height_px=28)


def line_text(row: dict[str, object]) -> str:
    """Write a line as a reader of subtitles knows it, on one line."""
    said = plain(str(row["text"]))
    said = said if len(said) <= MOST_CHARACTERS else said[:MOST_CHARACTERS] + "…"
    said = f"♪ {said} ♪" if row["kind"] == "song" and said != "♪" else said
    sure = row.get("confidence")
    said = f"{said} (?)" if isinstance(sure, float) and sure < DOUBTFUL else said
    return f"{plain(str(row['speaker']))}: {said}" if row["speaker"] else said


def words_shown(bundle: Bundle) -> dict[str, str]:
    """Return what stands above the words: how many lines there are and where they come from; empty without words."""
    words = bundle.tables.get("words")
    if words is None or not words.height:
        return {}
    lines = f"{min(words.height, MOST_LINES):,} lines".replace(",", "\u202f")
    return {"lines": lines if words.height != 1 else "1 line", "source": words_source(bundle)}


def words_source(bundle: Bundle) -> str:
    """Say where the words come from: file, stream or sound, language, encoding, what was guessed; "" without words."""
    words = bundle.tables.get("words")
    if words is None or not words.height:
        return ""
    made = _made(bundle)
    name, language = plain(str(made.get("name", ""))), plain(str(made.get("language", "")))
    sources = set(words["source"])
    recognised = "recognised" in sources
    parts = [f"recognised by {name}" if recognised else f"from {name or 'the subtitles'}"] if sources != PICTURE else []
    if language and parts:
        parts.append(language_name(language) + (" (guessed)" if made.get("language_guessed") is True else ""))
    if made.get("encoding_guessed") is True:
        parts.append(f"encoding guessed: {plain(str(made.get('encoding', '')))}")
    drift, script = made.get("drift"), made.get("script")
    if isinstance(drift, dict) and drift.get("verdict") == "drifts":
        parts.append("its times were moved to fit the sound")
    if isinstance(script, dict) and isinstance(script.get("aligned"), int | float):
        parts.append(f"{script['aligned']:.0%} of the words found in {plain(str(script.get('name', '')))}")
    if "picture" in sources:
        parts.append("titles read in stills")
    return ", ".join(parts)


def missing_words(bundle: Bundle) -> list[str]:
    """Say why there are no words, and what would bring them."""
    words = bundle.tables.get("words")
    if words is None or set(words["source"]) - PICTURE:
        return []
    made = _made(bundle)
    why = plain(str(made.get("why_none") or "there are no subtitles beside the film or in it"))
    said = f"Words: {why}. A subtitle such as film.srt beside the film is read by the same command"
    asked = made.get("asked")
    if not bundle.film.sample_rate_hz or "recognised" in made or (isinstance(asked, dict) and asked.get("recognise")):
        return [f"{said}."]
    return [f"{said}; with `--recognise MODEL` it recognises speech (`punctum models` lists a model)."]


def _made(bundle: Bundle) -> dict[str, object]:
    made = bundle.made.get("words", {})
    return made if isinstance(made, dict) else {}
