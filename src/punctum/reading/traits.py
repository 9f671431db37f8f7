"""What an ending or a shot is compared by, and the words for it.

Conventions: ``more`` and ``less`` come before "than"; ``least`` is the smallest difference that is worth a
sentence, about what another encoding of the same film makes of the measure.
"""

from typing import NamedTuple


class Trait(NamedTuple):
    """A measure: its column, unit, words for more and less of it, its name, decimals to write, least difference."""

    name: str
    unit: str
    more: str
    less: str
    called: str
    decimals: int
    least: float

    def write_unit(self) -> str:
        """Give the unit as it follows a figure."""
        return f" {self.unit}" if self.unit else ""


BRIGHTNESS = Trait("brightness", "", "lighter", "darker", "brightness", 2, 0.02)
MOTION = Trait("motion_w_s", "widths/s", "more in motion", "stiller", "motion", 3, 0.005)
LOUDNESS = Trait("loudness_lufs", "LUFS", "louder", "quieter", "loudness", 0, 1.0)

TALK = Trait("dialogue_density", "", "fuller of talk", "less talkative", "share with speech", 2, 0.03)

PICTURE_TRAITS = (
    BRIGHTNESS,
    Trait("contrast", "", "higher in contrast", "lower in contrast", "contrast", 2, 0.01),
    Trait("key", "", "higher in key", "lower in key", "key", 2, 0.05),
    Trait("saturation", "", "more saturated", "less saturated", "saturation", 2, 0.01),
    Trait("warmth", "", "warmer", "colder", "warmth", 3, 0.005),
    MOTION,
)

SHOT_TRAITS = (MOTION, BRIGHTNESS, LOUDNESS)
