"""From a film's tables to sentences about it: statistics of its shots, its light and sound, its ending.

Conventions: pure functions on tables; every sentence has its value, unit and baseline beside it; what
cannot be said of so short or so little read a film is said to be so. Rows of the whole film come first;
those of the ending follow, best first: by how far out each lies among what it is compared with (see
`row.score_rank`), rows without a baseline counting as one in fifteen, rows without a value last.
"""

from collections.abc import Mapping

import polars as pl

from punctum.film import Film
from punctum.reading.account import tell_ending, tell_moments
from punctum.reading.arcs import find_arcs
from punctum.reading.build_ups import find_build_ups
from punctum.reading.climax import read_climax
from punctum.reading.closing import read_closing, read_late_black
from punctum.reading.comparing import compare_films
from punctum.reading.drifts import read_ending_drifts, write_drift
from punctum.reading.ending import read_ending_cutting
from punctum.reading.ending_shares import read_ending_framing, read_ending_heard
from punctum.reading.ground import lay_ground
from punctum.reading.heard import read_heard
from punctum.reading.last_music import read_last_music
from punctum.reading.last_shot import read_last_shot
from punctum.reading.moments import find_moments
from punctum.reading.montage import read_montage
from punctum.reading.open_ends import read_open_ends
from punctum.reading.own import add_own_arcs
from punctum.reading.people import read_people
from punctum.reading.picture import read_picture
from punctum.reading.row import make_table
from punctum.reading.sound import read_sound
from punctum.reading.stretch import read_ending_picture, read_ending_sound
from punctum.reading.three import three_lines
from punctum.reading.words import read_words
from punctum.tables import ARCS, WORDS, empty

__all__ = [
    "add_own_arcs",
    "compare_films",
    "find_arcs",
    "find_build_ups",
    "find_moments",
    "find_readings",
    "tell_ending",
    "tell_moments",
    "three_lines",
    "write_drift",
]


def find_readings(film: Film, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Work out what can be said of a film from its tables.

    Parameters
    ----------
    film : Film
        its record
    tables : mapping of str to pl.DataFrame
        any of ``tables.TABLES``, ``frames`` and ``shots`` above all; one that is missing counts as empty

    Returns
    -------
    pl.DataFrame
        columns of ``tables.READINGS``; ``span`` is ``film`` or ``ending``, a row's frames and times are those its
        sentence speaks of; ``value`` is null where nothing could be said, and the statement says why
    """
    ground = lay_ground(film, tables)
    whole = [*read_montage(ground), *read_picture(ground), *read_sound(ground), *read_heard(ground)]
    whole += read_climax(ground, tables.get("arcs", empty(ARCS)))
    people, last_face = read_people(ground, tables)
    whole += people
    talk, last_words = read_words(ground, tables.get("words", empty(WORDS)))
    ending = [
        *read_last_shot(ground),
        *read_ending_cutting(ground),
        *read_ending_picture(ground),
        *read_ending_drifts(ground, tables),
        *read_ending_sound(ground),
        *read_ending_heard(ground, bool(talk)),
        *read_ending_framing(ground, tables),
        *read_closing(ground),
        *read_late_black(ground),
        *last_face,
        *last_words,
        *read_open_ends(ground, tables),
        *read_last_music(ground),
    ]
    ending.sort(key=lambda row: (row.value is None, -row.departure))
    # where only key frames were read, nothing that is said of pictures and sound is more than provisional
    certain = {row.measure for row in [*talk, *last_words]}
    rows = [*whole, *talk, *ending]
    return make_table(row if row.measure in certain else row.rough(ground.all_rough) for row in rows)
