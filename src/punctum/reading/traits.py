"""What an ending or a shot is compared by, and the words for it.

Conventions: ``more`` and ``less`` come before "than"; ``least`` is the smallest difference that is worth a
sentence, about what another encoding of the same film makes of the measure.
"""

from typing import NamedTuple


class Trait(NamedTuple):
    """A measure: its column, unit, words for more and less of it, its name, decimals to write, least difference.

    ``none`` begins a sentence that says there is none of it, "" where there always is.
    """

    name: str
    unit: str
    more: str
    less: str
    called: str
    decimals: int
    least: float
    none: str = ""

    def write_unit(self) -> str:
        """Give the unit as it follows a figure."""
        return f" {self.unit}" if self.unit else ""


BRIGHTNESS = Trait("brightness", "", "lighter", "darker", "brightness", 2, 0.02)
MOTION = Trait("motion_w_s", "widths/s", "more in motion", "stiller", "motion", 3, 0.005)
LOUDNESS = Trait("loudness_lufs", "LUFS", "louder", "quieter", "loudness", 0, 1.0)

HEARD_TRAITS = (
    Trait(
        "speech", "", "more often spoken in", "less often spoken in", "share with speech", 2, 0.05, "Nobody speaks in"
    ),
    Trait(
        "music",
        "",
        "more often with music",
        "less often with music",
        "share with music",
        2,
        0.05,
        "No music is heard in",
    ),
    Trait("silence", "", "more often silent", "less often silent", "share silent", 2, 0.02),
    Trait(
        "periodic", "", "more often with a steady beat", "less often with a steady beat", "share with a beat", 2, 0.05
    ),
)
"""Shares of the time in which a kind of ``sounds`` is heard."""

CLOSENESS = Trait("closeness", "", "closer to faces", "further from faces", "height of the nearest face", 2, 0.03)
SCALE = Trait("scale_rank", "", "framed more widely", "framed more closely", "middle scale, ECU 1 to ELS 7,", 1, 0.5)

TALK = Trait(
    "dialogue_density", "", "fuller of talk", "less talkative", "share with speech", 2, 0.03, "Nobody speaks in"
)

PICTURE_TRAITS = (
    BRIGHTNESS,
    Trait("contrast", "", "higher in contrast", "lower in contrast", "contrast", 2, 0.01),
    Trait("key", "", "higher in key", "lower in key", "key", 2, 0.05),
    Trait("saturation", "", "more saturated", "less saturated", "saturation", 2, 0.01),
    Trait("warmth", "", "warmer", "colder", "warmth", 3, 0.005),
    MOTION,
)

SHOT_TRAITS = (MOTION, BRIGHTNESS, LOUDNESS)
