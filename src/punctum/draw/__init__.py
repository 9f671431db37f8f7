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
    "palette_bar",
    "percentile_rule",
    "png_address",
    "png_bytes",
    "script",
    "style_sheet",
]

SCRIPTS = ("unpack.js", "curves.js", "score.js", "hands.js", "player.js", "faces.js", "words.js", "page.js")
"""The page's script, in the order in which its parts build on each other."""


def style_sheet() -> str:
    """Return the one style sheet."""
    return files("punctum.draw").joinpath("style.css").read_text(encoding="utf-8")


def echo_style() -> str:
    """Return the style sheet of a page of echoes: the one sheet, and what two films side by side need."""
    return _texts("style.css", "echoes.css")


def echo_script() -> str:
    """Return the script of a page of echoes: two films in step, shot by shot."""
    return _texts("echoes.js")


def _texts(*names: str) -> str:
    folder = files("punctum.draw")
    return "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)


def script() -> str:
    """Return the script that brings a page to life: it finds its data in the page and asks for nothing else."""
    folder = files("punctum.draw")
    return "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in SCRIPTS)
