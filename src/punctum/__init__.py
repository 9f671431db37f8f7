"""Punctum, a close-reading instrument for film.

>>> import punctum
>>> punctum.open_bundle  # doctest: +ELLIPSIS
<function open_bundle at ...>

``bundle = punctum.open_bundle("film.punctum")`` gives a film's tables as Polars frames: ``bundle.shots``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from punctum.bundle import open_bundle
    from punctum.errors import PunctumError
    from punctum.film import Block, Bundle, Correction, Film, Span
    from punctum.pipeline import correct_bundle, read_film

__version__ = "0.1.0"

_HOMES = {
    "open_bundle": "bundle",
    "read_film": "pipeline",
    "correct_bundle": "pipeline",
    "PunctumError": "errors",
    "Block": "film",
    "Bundle": "film",
    "Correction": "film",
    "Film": "film",
    "Span": "film",
}

__all__ = [
    "Block",
    "Bundle",
    "Correction",
    "Film",
    "PunctumError",
    "Span",
    "correct_bundle",
    "open_bundle",
    "read_film",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that ``punctum --help`` is instant."""
    if name in _HOMES:
        return getattr(import_module(f"punctum.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'punctum' has no attribute {name!r}")
