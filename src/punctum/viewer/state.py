"""What the page's script is told of a film besides its page: what can be corrected, what was noted, how it is cited.

Conventions: times are seconds from the first frame; texts are a person's own and hostile until the page sets them as
text.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from punctum.citation import facts_of
from punctum.film import Bundle, Film
from punctum.notes import Entry, last_step, notes_of, readings_of, standing, step_to_redo, tiers_of
from punctum.report import DOUBT_SHOWN

MOST_DOUBTS = 400


def film_state(bundle: Bundle, log: Sequence[Entry], vocabularies: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Gather a film's state as JSON has it."""
    stand = standing(log)
    # of the film itself: neither a note nor a correction, and its undoing undoes none
    facts = facts_of(stand, *film_facts(bundle.film))
    return {
        "notes": [{**note._asdict(), "tags": list(note.tags)} for note in notes_of(log)],
        "tiers": [
            {"tier": one.tier, "colour": one.colour, "vocabulary": list(one.vocabulary)} for one in tiers_of(log)
        ],
        "readings": [
            {**reading._asdict(), "evidence": [piece._asdict() for piece in reading.evidence]}
            for reading in readings_of(log)
        ],
        "vocabularies": {name: list(terms) for name, terms in vocabularies.items()},
        "facts": facts._asdict(),
        "corrections": [_said(entry) for entry in stand if entry.get("kind") == "correction"],
        "undo": last_step(log),
        "redo": step_to_redo(log),
        "doubts": doubtful(bundle),
        "begins": bundle.shots["begins"].to_list(),
        "scenes": _scenes(bundle),
        "measures": shot_measures(bundle),
        "characters": [name for name in bundle.tables["characters"]["name"].to_list() if name],
    }


def film_facts(film: Film) -> tuple[str, int | None, str]:
    """Give title, year and director as the film's record has them."""
    return film.title or film.file_name, film.year, film.director or ""


def doubtful(bundle: Bundle) -> list[dict[str, Any]]:
    """Boundaries that may be none, the most doubtful first."""
    shots = bundle.shots.filter((pl.col("doubt") >= DOUBT_SHOWN) & ~pl.col("corrected").fill_null(value=False))
    rows = (
        shots.sort("doubt", descending=True)
        .head(MOST_DOUBTS)
        .select("shot", "start_frame", "start_s", "begins", "doubt")
    )
    return [{**row, "doubt": round(row["doubt"], 3)} for row in rows.iter_rows(named=True)]


def shot_measures(bundle: Bundle) -> list[tuple[str, str]]:
    """Columns of `shots` that a tier can be set beside, with their names in words."""
    names = {
        "length_s": "shot length", "brightness": "brightness", "contrast": "contrast", "key": "key",
        "saturation": "saturation", "warmth": "warmth", "colourfulness": "colourfulness", "motion_w_s": "motion",
        "camera": "the camera’s share", "visual_activity": "visual activity", "level_db": "level",
        "loudness_lufs": "loudness", "speech": "speech", "music": "music", "silence": "silence",
        "faces": "faces in frame", "face_height": "nearest face",
    }  # fmt: skip
    return [(column, words) for column, words in names.items() if bundle.shots[column].count()]


def _scenes(bundle: Bundle) -> list[dict[str, Any]]:
    scenes = bundle.tables["scenes"].select("scene", "kind", "start_s", "end_s", "first_shot", "doubt", "corrected")
    return [dict(row) for row in scenes.iter_rows(named=True)]


def _said(entry: Entry) -> dict[str, Any]:
    names = ("id", "who", "when", "what", "at_s", "to_s", "boundary", "name", "group")
    return {name: entry[name] for name in names if isinstance(entry.get(name), str | int | float)}
