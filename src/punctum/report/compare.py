"""Films beside one another, as a page of small multiples.

Conventions: as in `page`; the page has no script and asks for nothing.
"""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from punctum.draw import distribution_rows, style_sheet
from punctum.reading.comparing import Comparison, Difference
from punctum.report.sentences import plain

LINES = 6
"""A panel says so many differences at most: the clearest."""


def render_comparison(names: Sequence[str], comparison: Comparison) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    names : sequence of str
        of the films, in the comparison's order
    comparison : Comparison
    """
    shown = [plain(name) for name in names]
    panels = []
    for measure, unit, decimals, called in comparison.measures:
        own = [(shown[s.film], s.values) for s in comparison.samples if s.measure == measure]
        plot = distribution_rows(own, called, unit, decimals, logarithmic=measure.endswith("length_s"))
        far = sorted((d for d in comparison.differences if d.measure == measure), key=lambda d: -abs(d.cliffs_d.value))
        lines = [write_difference(d, shown, unit, decimals) for d in far[:LINES]]
        panels.append({"called": called, "unit": unit, "plot": plot, "lines": lines})
    style = style_sheet()
    digest = b64encode(sha256(style.encode("utf-8")).digest()).decode("ascii")
    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters["capitalise"] = lambda text: text[:1].upper() + text[1:]
    template: Any = made.from_string(files("punctum.report").joinpath("compare.html.jinja").read_text(encoding="utf-8"))
    return str(
        template.render(
            policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
            style=Markup(style),  # noqa: S704  (the package's own sheet)
            names=shown,
            remarks=[plain(remark) for remark in comparison.remarks],
            panels=panels,
        )
    )


def write_difference(difference: Difference, names: Sequence[str], unit: str, decimals: int) -> str:
    """Say of two films how one measure differs."""
    d, shift = difference.cliffs_d, difference.shift

    def write(value: float, places: int) -> str:
        return f"{value:.{places}f}".replace("-", "−")

    end = f" {unit}" if unit else ""
    places = decimals + 1
    return (
        f"{names[difference.first]} against {names[difference.second]}: d {write(d.value, 2)}"
        f" ({write(d.low, 2)} to {write(d.high, 2)}), shift {write(shift.value, places)}{end}"
        f" ({write(shift.low, places)} to {write(shift.high, places)})"
    )
