"""Figures and times as words.

Conventions: a time code is ``h:mm:ss`` from an hour on, else ``m:ss``; a figure has no more digits than it deserves
and keeps its unit; what was not measured is an em dash. Texts from a film or a file name are hostile: `plain` takes out
line breaks and control characters; escaping is the template's.
"""

import re
import shlex
import unicodedata
from collections.abc import Mapping
from typing import Any

from punctum.tables import Known

NOT_MEASURED = "—"

_SUFFIXES = {"s": "s", "px": "px", "db": "dB", "lufs": "LUFS", "lu": "LU", "hz": "Hz", "deg": "°", "dbtp": "dBTP"}
_NAMES = {
    "log_length_sd": "spread of lengths",
    "mean_over_median": "mean over median",
    "lag1_autocorrelation": "neighbours’ likeness",
    "longest_wordless_s": "longest stretch without words",
    "wordless_close_s": "after the last words",
    "words_per_minute": "words a minute",
    "camera": "camera’s share",
    "visual_activity": "visual activity index",
    "max_short_term_lufs": "loudest three seconds",
    "speech_over_music_lu": "speech over music",
    "music_begins_s": "music begins",
    "music_thins_s": "music thins out",
    "music_ends_s": "music ends",
    "beat_period_s": "a beat that goes on",
    "sudden_sound_count": "sudden sounds",
    "faces_share": "a face in frame",
    "shared_frame_share": "two or more in frame",
    "character_count": "people told apart",
    "character_on_screen_s": "on screen",
    "closest_face_height": "closest face",
    "scale_share": "most frequent scale",
    "scale_change_share": "changes of scale",
    "approach_face_heights": "approach",
    "contact_s": "contact",
    "withdrawal_face_heights": "withdrawal",
    "shot_reverse_shot_count": "shot/reverse-shot",
    "intensify_count": "closer and closer",
    "opposition_count": "opposed shots",
    "last_face_height": "the last face",
}
"""Names that their stem does not give."""

_DECIBELS = ("dB", "LUFS", "LU", "dBTP", "dBFS", "LKFS")


def plain(text: str) -> str:
    r"""Text on one line, without control characters, without half characters that no file can hold.

    Examples
    --------
    >>> plain("a\nb\x07 \udcff")
    'a b �'
    """
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in whole)
    # directions that are opened and never closed would turn the rest of the page round
    spaced = re.sub("[\u202a-\u202e\u2066-\u2069]", "", spaced)
    return re.sub(r"\s+", " ", spaced).strip()


def keep_units(sentence: str) -> str:
    """Return the sentence with its figures tied to their units, so that no line ends between them.

    Examples
    --------
    >>> keep_units("It lasts 2.0 s, 90 % of 1 min 31 s.").count(chr(160))
    4
    """
    return re.sub(r"(?<=\d) (?=(?:s|min|h|%|dB|LU|LUFS|M3|widths/s|Hz)\b|%)", chr(160), sentence)


def spoken_duration(seconds: float) -> str:
    """How long something lasts, as one says it.

    Examples
    --------
    >>> spoken_duration(4.2), spoken_duration(91), spoken_duration(7403)
    ('4.2 s', '1 min 31 s', '2 h 3 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 20 else f"{seconds:.0f} s"
    if seconds < 3600:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def figure(value: float | None, unit: str = "", measure: str = "") -> str:
    """Return a value with its unit and no more digits than it deserves.

    Examples
    --------
    >>> figure(4.2345, "s"), figure(-23.04, "LUFS"), figure(1076.0, "", "shot_count"), figure(0.4321), figure(None)
    ('4.2 s', '−23.0 LUFS', '1 076', '0.43', '—')
    """
    if value is None:
        return NOT_MEASURED
    size = abs(value)
    if unit == "s" and size >= 60:
        return ("−" if value < 0 else "") + spoken_duration(size)
    if unit in _DECIBELS:
        digits = 1
    elif value == int(value) and (not unit or measure.endswith("_count")):
        digits = 0
    elif unit == "s":
        digits = 1 if size >= 1 else 2
    elif size >= 100:
        digits = 0
    elif size >= 10:
        digits = 1
    else:
        digits = 2 if size >= 0.0995 else 3
    rounded = round(value, digits)
    text = f"{rounded if rounded else 0:,.{digits if rounded else 0}f}".replace(",", "\u202f").replace("-", "−")
    return f"{text}\u00a0{unit}".replace("\u00a0", " ") if unit else text.replace("\u202f", " ")


def measure_name(measure: str) -> str:
    """Name of a measure as a reader says it: without the unit that ends it.

    Examples
    --------
    >>> measure_name("average_shot_length_s"), measure_name("integrated_loudness_lufs"), measure_name("shot_count")
    ('average shot length', 'integrated loudness', 'number of shots')
    """
    if measure in _NAMES:
        return _NAMES[measure]
    words = measure.removesuffix("_w_s").split("_")
    if len(words) > 1 and words[-1] in _SUFFIXES:
        words = words[:-1]
    if len(words) == 2 and words[-1] == "count":
        return f"number of {words[0]}s"
    return plain(" ".join(words)) or NOT_MEASURED


def ordinal(number: int) -> str:
    """Return a rank.

    Examples
    --------
    >>> ordinal(1), ordinal(12), ordinal(83)
    ('1st', '12th', '83rd')
    """
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def rank_words(percentile: float | None) -> str:
    """Where a value lies, before the population's name; "" without a percentile.

    Examples
    --------
    >>> rank_words(83.2), rank_words(0.0), rank_words(100.0)
    ('83rd percentile of', 'below all of', 'above all of')
    """
    if percentile is None:
        return ""
    if percentile <= 0 or percentile >= 100:
        return "below all of" if percentile <= 0 else "above all of"
    return f"{ordinal(min(max(round(percentile), 1), 99))} percentile of"


def explain(row: Mapping[str, Any], known_errors: Mapping[str, Known]) -> str:
    """One line about a row of `readings`: what it is, what it is held against, how sure it is."""
    unit = row["unit"] or ""
    parts = [f"{measure_name(row['measure'])}: {figure(row['value'], unit, row['measure'])}"]
    error = known_error(f"readings.{row['measure']}", bool(row["provisional"]), known_errors)
    if error is not None:
        parts.append(f"known error ± {figure(error, unit)} (95 % over copies of the same film)")
    if row["baseline"]:
        with_value = f" ({figure(row['baseline_value'], unit)})" if row["baseline_value"] is not None else ""
        parts.append(f"beside {plain(row['baseline'])}{with_value}")
    if row["percentile"] is not None:
        parts.append(f"{rank_words(row['percentile'])} {plain(row['baseline'] or '') or 'those'}")
    if row["chance"] is not None:
        parts.append(f"as far out by chance with probability {row['chance']:.2g}")
    if row["value"] is None:
        parts.append("it could not be measured")
    if row["provisional"]:
        parts.append("provisional, from key frames only")
    return "; ".join(parts) + "."


def known_error(figure: str, provisional: bool, known_errors: Mapping[str, Known]) -> float | None:
    """Return the error of a figure, of a full or of a quick reading; None where it is not known."""
    found = known_errors.get(figure)
    return None if found is None else found.provisional_error if provisional else found.error


def read_command(file_name: str) -> str:
    """Return the one command that brings the full reading."""
    return "punctum read " + shlex.quote(plain(file_name) or "FILM")
