"""Every plot, strip, lane and barcode, once: for the page, and for whatever else shows the film.

Conventions: one style sheet (`style_sheet`), one script (`script`), SVG as `Markup` that is already escaped. Colours
are names that the style sheet defines for paper and for screening; nothing here reaches a file or the network.
"""

from importlib.resources import files

from punctum.draw.barcode import build_barcode, png_address, png_bytes
from punctum.draw.lanes import Barcode, Curve, Envelope, Lane, Stretches, Strip, Ticks, envelope
from punctum.draw.multiples import distribution_rows
from punctum.draw.plots import Population, length_histogram, palette_bar, percentile_rule

__all__ = [
    "Barcode",
    "Curve",
    "Envelope",
    "Lane",
    "Population",
    "Stretches",
    "Strip",
    "Ticks",
    "build_barcode",
    "distribution_rows",
    "echo_script",
    "echo_style",
    "envelope",
    "length_histogram",
    "library_script",
    "palette_bar",
    "percentile_rule",
    "png_address",
    "png_bytes",
    "script",
    "style_sheet",
]

SCRIPTS = ("unpack.js", "curves.js", "score.js", "hands.js", "player.js", "faces.js", "words.js", "page.js")
"""The page's script, in the order in which its parts build on each other."""


SERVED = ("viewer.js", "notes.js", "corrections.js", "playback.js")
"""What a served page has besides: keys, notes, corrections, and films that the browser cannot play as they are."""


def style_sheet(served: bool = False) -> str:
    """Return the one style sheet; with what the viewer's own parts need, where the page is served."""
    return _texts("style.css", *(("viewer.css",) if served else ()))


def script(served: bool = False) -> str:
    """Return the script that brings a page to life: it finds its data in the page, or beside it where it is served."""
    return _texts(*SCRIPTS[:-1], *(SERVED if served else ()), SCRIPTS[-1])


def library_script() -> str:
    """Return the script of a library's page."""
    return _texts("library.js")


def echo_style() -> str:
    """Return the style sheet of a page of echoes: the one sheet, and what two films side by side need."""
    return _texts("style.css", "echoes.css")


def echo_script() -> str:
    """Return the script of a page of echoes: two films in step, shot by shot."""
    return _texts("echoes.js")


def _texts(*names: str) -> str:
    folder = files("punctum.draw")
    return "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)
