"""A film in, its bundle out. Everything that joins the rooms is here, and nothing that thinks."""

from punctum.pipeline.closer import look_closer
from punctum.pipeline.onepass import Progress
from punctum.pipeline.reading import Outcome, read_film
from punctum.pipeline.work import correct_bundle, note_correction, refresh, work_out

__all__ = [
    "Outcome",
    "Progress",
    "correct_bundle",
    "look_closer",
    "note_correction",
    "read_film",
    "refresh",
    "work_out",
]
