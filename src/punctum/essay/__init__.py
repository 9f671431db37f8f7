"""Text and tables in, findings and pages out; pure.

``read_essay`` reads the text, ``check_essay`` holds its claims against the films, ``render_essay`` makes its page. What
reaches files, films and the network is `punctum.publish`'s.
"""

from punctum.essay.bibliography import Work, read_bibliography
from punctum.essay.checking import Checked, check_essay
from punctum.essay.evidence import Evidence, Picture
from punctum.essay.footage import Footage, Span, SpanUnknown
from punctum.essay.judging import STATES, Finding, find_measure, value_of
from punctum.essay.measures import MEASURES, Measure, measures_rows
from punctum.essay.pages import Card, Setting, relate, render_essay, render_feed, render_index, render_map
from punctum.essay.writing import Essay, read_essay

__all__ = [
    "MEASURES",
    "STATES",
    "Card",
    "Checked",
    "Essay",
    "Evidence",
    "Finding",
    "Footage",
    "Measure",
    "Picture",
    "Setting",
    "Span",
    "SpanUnknown",
    "Work",
    "check_essay",
    "find_measure",
    "measures_rows",
    "read_bibliography",
    "read_essay",
    "relate",
    "render_essay",
    "render_feed",
    "render_index",
    "render_map",
    "value_of",
]
