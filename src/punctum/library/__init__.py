"""Many films: read them with any ``map``, list them, ask their tables, find what is said in them.

A library is a folder; whatever bundles lie below it, at every depth, are in it.
"""

from punctum.library.asking import query_library
from punctum.library.finding import find_still, find_words, list_library, tabulate_films
from punctum.library.prints import Pair, find_prints, known_speeds, tell_pair
from punctum.library.reading import Result, films_below, read_library
from punctum.library.running import processes, ray_cluster

__all__ = [
    "Pair",
    "Result",
    "films_below",
    "find_prints",
    "find_still",
    "find_words",
    "known_speeds",
    "list_library",
    "processes",
    "query_library",
    "ray_cluster",
    "read_library",
    "tabulate_films",
    "tell_pair",
]
