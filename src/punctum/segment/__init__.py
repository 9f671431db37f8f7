"""Frames to bars and shots: bounds and kinds, a person's corrections, summaries, palettes and stills."""

from punctum.segment.bars import find_stretches
from punctum.segment.corrections import parse_correction
from punctum.segment.detection import find_boundaries
from punctum.segment.drifts import sum_drifts
from punctum.segment.figures import find_figures
from punctum.segment.palette import find_palette
from punctum.segment.people import find_people
from punctum.segment.people_corrections import is_of_people, parse_people_correction
from punctum.segment.scale import HEADS_MARKS
from punctum.segment.scene_corrections import check_said, is_of_scenes, parse_scene_correction, sift_said
from punctum.segment.scenes import find_scenes
from punctum.segment.set_ups import find_set_ups, number_set_ups
from punctum.segment.shots import find_shots, place_shots, usable_corrections
from punctum.segment.skipped import fill_skipped
from punctum.segment.sounds import find_sounds, share_sounds, silence_below
from punctum.segment.stills import choose_stills
from punctum.segment.summaries import film_palette, summarise_shots

__all__ = [
    "HEADS_MARKS",
    "check_said",
    "choose_stills",
    "fill_skipped",
    "film_palette",
    "find_boundaries",
    "find_figures",
    "find_palette",
    "find_people",
    "find_scenes",
    "find_set_ups",
    "find_shots",
    "find_sounds",
    "find_stretches",
    "is_of_people",
    "is_of_scenes",
    "number_set_ups",
    "parse_correction",
    "parse_people_correction",
    "parse_scene_correction",
    "place_shots",
    "share_sounds",
    "sift_said",
    "silence_below",
    "sum_drifts",
    "summarise_shots",
    "usable_corrections",
]
