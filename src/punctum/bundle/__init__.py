"""A film's data on disk: tables in a folder of Parquet, a person's notes, a reading under way.

This room alone writes a film's data. A bundle is ``NAME.punctum/``; what a reading has finished so far
lies in ``NAME.punctum.reading/`` beside it. Times are seconds from the first frame.
"""

from punctum.bundle.differ import diff_bundles
from punctum.bundle.files import join_parquet, read_parquet, scan_parquet, write_parquet, writing
from punctum.bundle.folder import (
    check_place,
    find_bundle,
    kept_stills,
    made_of,
    open_bundle,
    place_beside,
    write_bundle,
)
from punctum.bundle.notes import add_note, add_notes, read_notes, redo_note, undo_note
from punctum.bundle.parts import Parts, Recipe

__all__ = [
    "Parts",
    "Recipe",
    "add_note",
    "add_notes",
    "check_place",
    "diff_bundles",
    "find_bundle",
    "join_parquet",
    "kept_stills",
    "made_of",
    "open_bundle",
    "place_beside",
    "read_notes",
    "read_parquet",
    "redo_note",
    "scan_parquet",
    "undo_note",
    "write_bundle",
    "write_parquet",
    "writing",
]
