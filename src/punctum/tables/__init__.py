"""Every column: its type, unit, rounding and meaning. Nowhere else is a column defined."""

from collections.abc import Mapping

from punctum.tables.column import LATER, SCHEMA, Column, check, conform, empty, schema
from punctum.tables.echoes import COURSE_POINTS, ECHO_KINDS, ECHOES, SIGNATURES
from punctum.tables.errors import Known, error_rows, known_errors
from punctum.tables.frames import FRAMES, GRID, HEARING, LOUDNESS, OWN, SILENCE_DB
from punctum.tables.people import CHARACTERS, FACES, LACKS, LANDMARKS, TRACKS
from punctum.tables.readings import READINGS
from punctum.tables.scenes import (
    ARCS,
    BUILD_UP_KINDS,
    BUILD_UPS,
    DRIFTS,
    FIGURE_KINDS,
    FIGURES,
    GLINTS,
    MOMENTS,
    SCENE_KINDS,
    SCENES,
)
from punctum.tables.shots import BOUNDARIES, KINDS, SCALES, SHOTS
from punctum.tables.sounds import EVENT_KINDS, SOUND_KINDS, SOUNDS
from punctum.tables.words import WORDS

__all__ = [
    "ARCS",
    "BOUNDARIES",
    "BUILD_UPS",
    "BUILD_UP_KINDS",
    "CHARACTERS",
    "COURSE_POINTS",
    "DRIFTS",
    "ECHOES",
    "ECHO_KINDS",
    "EVENT_KINDS",
    "FACES",
    "FIGURES",
    "FIGURE_KINDS",
    "FRAMES",
    "GLINTS",
    "GRID",
    "HEARING",
    "KINDS",
    "LACKS",
    "LANDMARKS",
    "LATER",
    "LOUDNESS",
    "MOMENTS",
    "ON_REQUEST",
    "OWN",
    "READINGS",
    "SCALES",
    "SCENES",
    "SCENE_KINDS",
    "SCHEMA",
    "SHOTS",
    "SIGNATURES",
    "SILENCE_DB",
    "SOUNDS",
    "SOUND_KINDS",
    "TABLES",
    "TRACKS",
    "WORDS",
    "Column",
    "Known",
    "check",
    "conform",
    "empty",
    "error_rows",
    "known_errors",
    "schema",
]

TABLES: Mapping[str, Mapping[str, Column]] = {
    "frames": FRAMES,
    "grid": GRID,
    "loudness": LOUDNESS,
    "hearing": HEARING,
    "own": OWN,
    "drifts": DRIFTS,
    "glints": GLINTS,
    "sounds": SOUNDS,
    "boundaries": BOUNDARIES,
    "shots": SHOTS,
    "words": WORDS,
    "faces": FACES,
    "tracks": TRACKS,
    "characters": CHARACTERS,
    "figures": FIGURES,
    "scenes": SCENES,
    "arcs": ARCS,
    "build_ups": BUILD_UPS,
    "moments": MOMENTS,
    "readings": READINGS,
    "signatures": SIGNATURES,
    "echoes": ECHOES,
}

ON_REQUEST = ("drifts", "glints", "signatures", "echoes")
"""Tables that a whole bundle may lack: then they count as empty."""
