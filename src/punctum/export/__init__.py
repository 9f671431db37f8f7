"""A bundle <-> the tools that people already use: out in every format of `FORMATS`, in as notes, tiers or corrections.

Conventions: times are seconds from the first frame, positions on a timeline are frames from 0, spans are half-open.
Each format has a file of its own, which turns tables into text and text into events and reaches no file; ``outgoing``
and ``incoming`` do.
"""

from punctum.export.gather import Asked
from punctum.export.incoming import KINDS, Incoming, as_corrections, as_notes, as_tiers, read_exchange
from punctum.export.outgoing import FORMATS, Exported, Wanted, export_bundle

__all__ = [
    "FORMATS",
    "KINDS",
    "Asked",
    "Exported",
    "Incoming",
    "Wanted",
    "as_corrections",
    "as_notes",
    "as_tiers",
    "export_bundle",
    "read_exchange",
]
