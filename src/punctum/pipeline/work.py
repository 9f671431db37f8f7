"""What is worked out above ``frames``, and a person's corrections of it. No film is decoded here."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from punctum import bundle as store
from punctum import segment
from punctum.echo import sign_shots
from punctum.film import Bundle, Correction, Film
from punctum.notes import as_note, corrections_of
from punctum.pipeline.weights import weights_of
from punctum.reading import add_own_arcs, find_arcs, find_build_ups, find_moments, find_readings
from punctum.reading.arcs import Weights
from punctum.report import render_page
from punctum.tables import DRIFTS, FACES, GLINTS, HEARING, OWN, READINGS, SCHEMA, SHOTS, TABLES, WORDS, conform, empty


def correct_bundle(address: str | Path, text: str, who: str = "") -> str:
    """Take a person's correction of a boundary and work out everything above ``frames`` again.

    Parameters
    ----------
    address : path
        the bundle, or the film beside it
    text : str
        ``cut 1:02.4``, ``merge 0:31``, ``move 1:02.4 1:03``, ``retype 1:02.4 dissolve``, ``scene 1:02``,
        ``no scene 1:02``, ``credits 1:31:00``, ``no credits 1:31:00``,
        ``name A = Anna``, ``merge A B``, ``split A 1:02.4``, ``undo``, ``undo ID`` or ``redo``
    who : str
        whose word it is; else the account's name

    Returns
    -------
    str
        one line: what changed

    Raises
    ------
    CorrectionUnclear, BundleInvalid, BundleBusy, OutputUnwritable
    """
    bundle = store.open_bundle(address)
    said = note_correction(bundle, text, who)
    notes, _ = store.read_notes(Path(bundle.address))
    after = refresh(replace(bundle, notes=notes)).tables
    counted = ("shots", "scenes", "characters")
    counts = (f"{after[name].height} {name} (before: {bundle.tables[name].height})" for name in counted)
    return f"{said}; {', '.join(counts)}"


def note_correction(bundle: Bundle, text: str, who: str = "") -> str:
    """Write a person's correction to the log, or undo or redo a step; the tables follow with `refresh`.

    Parameters and what is raised as for `correct_bundle`; a correction that acts on nothing is not written.
    """
    folder = Path(bundle.address)
    word, _, rest = text.strip().partition(" ")
    if word == "undo":
        said = f"undone: {_step(store.undo_note(folder, bundle.notes, rest.strip(), who))}"
    elif word == "redo" and not rest.strip():
        said = f"redone: {_step(store.redo_note(folder, bundle.notes, who))}"
    else:
        # a correction that acts on nothing is refused before it is written down
        of_scenes = segment.parse_scene_correction(text)
        of_whom = (bundle.tables[name] for name in ("characters", "faces", "tracks"))
        if of_scenes is not None:
            segment.check_said(bundle.tables["shots"], bundle.tables["scenes"], of_scenes)
            corrections = [of_scenes]
        elif not (corrections := list(segment.parse_people_correction(text, *of_whom))):
            correction = segment.parse_correction(text)
            found, frames = bundle.tables["boundaries"], bundle.tables["frames"]
            so_far = corrections_of(bundle.notes)
            of_shots = [one for one in so_far if not segment.is_of_scenes(one) and not segment.is_of_people(one)]
            held, _ = segment.usable_corrections(found, frames, of_shots)
            segment.place_shots(found, frames, [*held, correction])
            corrections = [correction]
        noted = store.add_notes(folder, [as_note(one) for one in corrections], who)
        said = f"noted as {noted[0].get('group') or noted[0]['id']}: {text.strip()}"
    return said


def _step(note: Mapping[str, Any]) -> str:
    """Say what a step of the log was: a correction and where, or whatever else was written."""
    what, at_s = note.get("what") or note.get("kind"), note.get("at_s", note.get("start_s"))
    several = " and what came with it" if note.get("group") else ""
    return f"{what}{several}" if at_s is None else f"{what} at {at_s} s{several}"


def refresh(bundle: Bundle) -> Bundle:
    """Work out everything above ``frames`` again, from a bundle's own tables and notes, and write it."""
    folder = Path(bundle.address)
    tables, unused = work_out(
        bundle.film,
        bundle.tables["frames"],
        bundle.grid,
        bundle.tables["loudness"],
        corrections_of(bundle.notes),
        store.kept_stills(folder),
        bundle.tables["boundaries"],
        bundle.tables["shots"],
        bundle.tables["words"],
        bundle.tables["hearing"],
        bundle.tables["sounds"],
        bundle.tables["faces"],
        bundle.tables["own"],
        bundle.tables["drifts"],
        bundle.tables["glints"],
        weights_of(bundle.made),
    )
    made = {**bundle.made, "schema": SCHEMA, **applied(bundle.notes, unused)}
    made.pop("files", None)
    whole = replace(bundle, tables=tables, made=made)
    kept = ("frames", "loudness", "boundaries")
    changed = {name: table for name, table in tables.items() if name not in kept}
    store.write_bundle(folder, None, changed, made, render_page(whole))
    return whole


def work_out(
    film: Film,
    frames: pl.DataFrame,
    grid: pl.LazyFrame,
    loudness: pl.DataFrame,
    corrections: Iterable[Correction],
    offered: list[int],
    boundaries: pl.DataFrame | None = None,
    before: pl.DataFrame | None = None,
    words: pl.DataFrame | None = None,
    hearing: pl.DataFrame | None = None,
    sounds: pl.DataFrame | None = None,
    faces: pl.DataFrame | None = None,
    own: pl.DataFrame | None = None,
    drifts: pl.DataFrame | None = None,
    glints: pl.DataFrame | None = None,
    weights: Weights | None = None,
) -> tuple[dict[str, pl.DataFrame], list[str]]:
    """Work out the tables above ``frames``.

    Parameters
    ----------
    film : Film
    frames, grid, loudness
        as ``TABLES`` has them
    corrections : iterable of Correction
        a person's, in the order in which they were said
    offered : list of int
        frames of which there is a still
    boundaries : pl.DataFrame or None
        what was found in these frames before; None finds it anew
    before : pl.DataFrame or None
        the shots as they stood before a correction
    words : pl.DataFrame or None
        the film's words; None where there are none
    hearing : pl.DataFrame or None
        what is heard, step by step; None where the sound was not read
    sounds : pl.DataFrame or None
        what was found in it before; None finds it anew
    faces : pl.DataFrame or None
        the faces that were seen; None where none were looked for
    own : pl.DataFrame or None
        a person's own measures; None where there are none
    drifts : pl.DataFrame or None
        pairs of frames in which what falls or drifts was sought; None where it was not
    glints : pl.DataFrame or None
        pairs of frames in which a face was watched; None where none was
    weights : Weights or None
        of the arcs; None is 1 for each

    Returns
    -------
    tables : dict of DataFrame
        all of ``TABLES`` but the grid
    unused : list of str
        ids of corrections that found nothing to act on
    """
    filled = segment.fill_skipped(frames)
    found = segment.find_boundaries(filled, grid) if boundaries is None else boundaries
    said = list(corrections)
    of_scenes = [one for one in said if segment.is_of_scenes(one)]
    of_people = [one for one in said if segment.is_of_people(one)]
    of_shots = [one for one in said if one not in of_scenes and one not in of_people]
    used, unused = segment.usable_corrections(found, frames, of_shots)
    shots = _reach_the_end(segment.place_shots(found, frames, used), film)
    shots = segment.summarise_shots(shots, filled, grid, loudness, before)
    shots = conform(segment.choose_stills(shots, filled, offered), SHOTS)
    tables = {"frames": frames, "loudness": loudness, "boundaries": found, "shots": shots}
    tables["words"] = empty(WORDS) if words is None else words
    tables["hearing"] = empty(HEARING) if hearing is None else hearing
    if sounds is None:
        sounds = segment.find_sounds(tables["hearing"], loudness, frames, film.duration_s)
    tables["sounds"] = sounds
    tables["faces"] = empty(FACES) if faces is None else faces
    tables["own"] = empty(OWN) if own is None else own
    tables["drifts"] = empty(DRIFTS) if drifts is None else drifts
    tables["glints"] = empty(GLINTS) if glints is None else glints
    tables["shots"] = conform(segment.share_sounds(shots, sounds, tables["hearing"]), SHOTS)
    for name, columns in TABLES.items():
        if name not in ("grid", "readings"):
            tables.setdefault(name, empty(columns))
    set_ups = segment.find_set_ups(tables["shots"], filled, grid)
    aspect = _picture_aspect(film)
    people = segment.find_people(tables["faces"], tables["shots"], frames, aspect, tables["words"], of_people)
    tables |= {name: table for name, table in people._asdict().items() if name != "unused"}
    unused = unused + people.unused
    used_of_scenes, unused_of_scenes = segment.sift_said(tables["shots"], of_scenes)
    tables["scenes"] = segment.find_scenes({**tables, "frames": filled}, set_ups, used_of_scenes)
    numbered = tables["shots"].with_columns(segment.number_set_ups(tables["scenes"], set_ups))
    tables["shots"] = conform(numbered, SHOTS)
    unused = unused + unused_of_scenes
    tables["figures"] = segment.find_figures(
        tables["faces"], tables["tracks"], tables["shots"], tables["scenes"], aspect
    )
    tables["arcs"] = add_own_arcs(find_arcs(film, {**tables, "frames": filled}, weights), tables["own"], frames)
    tables["build_ups"] = find_build_ups({**tables, "frames": filled}, tables["arcs"], weights)
    tables["moments"] = find_moments({**tables, "frames": filled}, grid, offered)
    tables["signatures"] = sign_shots({**tables, "frames": filled}, grid, set_ups.looks)
    tables["readings"] = conform(find_readings(film, {**tables, "frames": filled}), READINGS)
    return tables, [correction.note_id for correction in unused]


def _picture_aspect(film: Film) -> float:
    """Width over height of the active picture as it is seen."""
    pixel = 1 / film.pixel_aspect if film.rotation_deg % 180 else film.pixel_aspect
    return max(film.active_box_px.width, 1) / max(film.active_box_px.height, 1) * float(pixel)


def _reach_the_end(shots: pl.DataFrame, film: Film) -> pl.DataFrame:
    """Let the last shot last to the end of the film, not only to the last key frame that was read."""
    last = pl.int_range(pl.len()) == pl.len() - 1
    short = last & pl.col("provisional") & (pl.col("end_frame") < film.frame_count)
    shots = shots.with_columns(
        pl.when(short).then(pl.lit(film.frame_count, pl.Int32)).otherwise("end_frame").alias("end_frame"),
        pl.when(short).then(pl.lit(film.duration_s)).otherwise("end_s").alias("end_s"),
    )
    return conform(shots.with_columns((pl.col("end_s") - pl.col("start_s")).alias("length_s")), SHOTS)


def applied(notes: Iterable[Mapping[str, Any]], unused: list[str]) -> dict[str, Any]:
    """Which corrections took effect and which found nothing, for ``made.json``."""
    ids = [correction.note_id for correction in corrections_of(notes)]
    return {"corrections": [i for i in ids if i not in unused], "corrections_without_effect": unused}
