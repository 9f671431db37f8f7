"""Measures: pixels and samples to columns. Light, colour, motion, sound; a block at a time, no memory beyond it."""

from punctum.measure.bars import find_edges
from punctum.measure.blocks import Measured, measure_block, measure_key_frames, measure_sound
from punctum.measure.colour import blank_colour, is_colourless, oklab, oklab_to_rgb, read_cells
from punctum.measure.events import HOP_S, Classifier, score_events
from punctum.measure.voices import Finder, listen, mix_down

__all__ = [
    "HOP_S",
    "Classifier",
    "Finder",
    "Measured",
    "blank_colour",
    "find_edges",
    "is_colourless",
    "listen",
    "measure_block",
    "measure_key_frames",
    "measure_sound",
    "mix_down",
    "oklab",
    "oklab_to_rgb",
    "read_cells",
    "score_events",
]
