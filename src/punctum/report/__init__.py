"""From a bundle to the film's page.

Conventions: a page is one HTML file, as text; it carries its style, its script and its numbers with it, and asks for
nothing but the stills beside it (``stills/000123.jpg``) and the film where it lies. Everything that comes from a film,
a file name or a table is hostile until it is escaped: the template escapes, `safe_json` guards the data, and a content
policy forbids any other script, style or address.
"""

from punctum.report.compare import render_comparison, write_difference
from punctum.report.film_lanes import DOUBT_SHOWN
from punctum.report.page import Page, content_policy, render_page, serve_page
from punctum.report.payload import safe_json
from punctum.report.sentences import plain

__all__ = [
    "DOUBT_SHOWN",
    "Page",
    "content_policy",
    "plain",
    "render_comparison",
    "render_page",
    "safe_json",
    "serve_page",
    "write_difference",
]
