"""Every measure that an essay can name: what it means, its unit, how it is worked out over a span, how it is written.

Conventions: `MEASURES` is the one table, in the order of ``docs/measures.md``. Over the whole film and the ending a
measure is the row of ``readings`` named in ``rows``, where the film has it: an essay and the film's page say the same.
Over any other span it is worked out from the tables' rows that lie in it. What was not measured is None.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from punctum.essay import workings as w
from punctum.essay.footage import Span
from punctum.reading.loudness import integrated_loudness, loudness_range, max_short_term_loudness
from punctum.reading.sentences import write_clock, write_duration, write_number
from punctum.tables import EVENT_KINDS, SCALES

UNITS: Mapping[str, Mapping[str, float]] = {
    "s": {"s": 1, "sec": 1, "second": 1, "seconds": 1, "ms": 0.001, "min": 60, "minute": 60, "minutes": 60, "h": 3600,
          "hour": 3600, "hours": 3600},
    "share": {"%": 0.01, "percent": 0.01, "per cent": 0.01},
    "LUFS": {"LUFS": 1, "LKFS": 1},
    "LU": {"LU": 1, "dB": 1},
    "dB": {"dB": 1},
    "widths/s": {"widths/s": 1, "picture widths a second": 1, "widths a second": 1},
    "face heights": {"face heights": 1, "face height": 1},
    "words/min": {"words/min": 1, "words a minute": 1},
    "M3": {"M3": 1},
    "deg": {"deg": 1, "°": 1, "degrees": 1},
}  # fmt: skip
"""Words for each unit, and what they are in it; the unit itself goes without saying."""


@dataclass(frozen=True)
class Measure:
    """One measure.

    ``unit`` is "" for plain values, ``count`` for counts, ``share`` for what is written in per cent. ``work`` gives its
    value over a span; None where it is a reading only. ``rows`` are the measure's rows in ``readings`` for the film and
    the ending, ``""`` where there is none. ``noun`` is what a count counts. ``more`` and ``less`` come before "than".
    ``who``: it takes a character's name. ``course`` is its curve, a table and column, for plots.
    """

    name: str
    unit: str
    decimals: int
    meaning: str
    work: Callable[[Span, str], float | None] | None
    rows: tuple[str, str] = ("", "")
    called: str = ""
    noun: str = ""
    more: str = "greater"
    less: str = "smaller"
    who: bool = False
    course: tuple[str, str] | None = None
    population: str = ""

    @property
    def words(self) -> str:
        """What a reader calls it."""
        return self.called or self.name.removesuffix("_s").replace("_", " ")

    def write(self, value: float) -> str:
        """Write a value as a person would, with its unit.

        Examples
        --------
        >>> MEASURES["longest_shot_s"].write(91.2), MEASURES["music_share"].write(0.772)
        ('1 min 31 s', '77 %')
        >>> MEASURES["shot_count"].write(1.0), MEASURES["brightness"].write(0.2004)
        ('1 shot', '0.20')
        """
        if self.unit == "s":
            if self.name in TIMES:
                return write_clock(value)
            return f"{write_number(value, 2)} s" if self.decimals == 2 else write_duration(value)
        if self.unit == "share":
            return f"{write_number(value * 100, 0 if value in (0, 1) or 0.01 <= value <= 0.99 else 1)} %"
        if self.unit == "count":
            number = f"{round(value):,}".replace(",", " ")
            noun = self.noun or self.words
            return f"{number} {noun if round(value) != 1 else _singular(noun)}"
        return f"{write_number(value, self.decimals)} {self.unit}".rstrip()


TIMES = ("music_begins_s", "music_ends_s", "music_thins_s", "ending_start_s", "climax_s")
"""Measures that are a moment of the film."""


def _singular(noun: str) -> str:
    return {"people": "person", "dissolves": "dissolve", "approaches": "approach"}.get(noun, noun.removesuffix("s"))


def _scale_measures() -> list[Measure]:
    names = {"ECU": "extreme close-ups", "CU": "close-ups", "MCU": "medium close-ups", "MS": "medium shots",
             "MLS": "medium long shots", "LS": "long shots", "ELS": "extreme long shots"}  # fmt: skip
    return [
        Measure(f"{scale.lower()}_share", "share", 2, f"share of the shots with a known scale that are {names[scale]}",
                w.scaled(scale), called=f"share of {names[scale]}")
        for scale in SCALES
    ]  # fmt: skip


def _event_measures() -> list[Measure]:
    return [
        Measure(f"{kind}_sound_count", "count", 0, f"how often {kind} is heard (YAMNet, where fetched)",
                w.sounds_of(kind), called=f"sounds: {kind}", noun=f"spans of {kind}")
        for kind in EVENT_KINDS
    ]  # fmt: skip


def _told(name: str, unit: str, decimals: int, meaning: str, span: str = "ending", **more: str) -> Measure:
    """A measure that is a reading only."""
    return Measure(name, unit, decimals, meaning, None, (name, "") if span == "film" else ("", name), **more)  # type: ignore[arg-type]


_LISTED: tuple[Measure, ...] = (
    # shots
    Measure("shot_count", "count", 0, "shots; a shot lies in a span where its middle does", w.shot_count,
            ("shot_count", ""), "number of shots", "shots", "more", "fewer", population="shot_count"),
    Measure("average_shot_length_s", "s", 1, "running time of the shots over their number (Salt 1974)",
            w.described("average_s"), ("average_shot_length_s", ""), "average shot length", more="longer",
            less="shorter",
            course=("shots", "length_s"), population="average_shot_length_s"),
    Measure("median_shot_length_s", "s", 1, "half of the shots are shorter", w.described("median_s"),
            ("median_shot_length_s", ""), "median shot length", more="longer", less="shorter",
            course=("shots", "length_s"), population="median_shot_length_s"),
    Measure("lower_quartile_shot_length_s", "s", 1, "a quarter of the shots are shorter",
            w.described("lower_quartile_s"),
            ("lower_quartile_shot_length_s", ""), "lower quartile of shot lengths", population="lower_quartile_s"),
    Measure("upper_quartile_shot_length_s", "s", 1, "a quarter of the shots are longer",
            w.described("upper_quartile_s"),
            ("upper_quartile_shot_length_s", ""), "upper quartile of shot lengths", population="upper_quartile_s"),
    Measure("longest_shot_s", "s", 1, "the longest shot", w.described("longest_s"), ("longest_shot_s",
            "ending_longest_shot_s"),
            "longest shot", more="longer", less="shorter", course=("shots", "length_s"), population="longest_shot_s"),
    Measure("shortest_shot_s", "s", 1, "the shortest shot", w.of_lengths(lambda s: float(s.min())),
            called="shortest shot",
            more="longer", less="shorter", course=("shots", "length_s")),
    Measure("last_shot_s", "s", 1, "the last shot", w.described("last_s"), ("", "last_shot_s"), "last shot",
            more="longer",
            less="shorter", course=("shots", "length_s"), population="last_shot_s"),
    Measure("shot_length_spread", "", 2, "standard deviation of the logarithms of shot lengths", w.described("log_sd"),
            ("shot_length_spread", ""), "spread of shot lengths", population="log_length_sd"),
    Measure("shot_length_mean_over_median", "", 1, "mean of the shot lengths over their median",
            w.described("mean_over_median"), ("shot_length_mean_over_median", "")),
    Measure("shot_length_autocorrelation", "", 2, "correlation of each shot's length with the next",
            w.described("lag1"),
            ("shot_length_autocorrelation", ""), population="lag1_autocorrelation"),
    Measure("cut_count", "count", 0, "cuts within the span", w.joins("cut"), ("cut_count", ""), "number of cuts",
            "cuts",
            "more", "fewer"),
    Measure("dissolve_count", "count", 0, "dissolves within the span", w.joins("dissolve"), ("dissolve_count", ""),
            "number of dissolves", "dissolves", "more", "fewer"),
    Measure("fade_count", "count", 0, "fades within the span", w.joins("fade"), ("fade_count", ""), "number of fades",
            "fades", "more", "fewer"),
    Measure("wipe_count", "count", 0, "wipes within the span", w.joins("wipe"), ("wipe_count", ""), "number of wipes",
            "wipes", "more", "fewer"),
    Measure("scene_count", "count", 0, "scenes of the story; a scene lies where its middle does", w.scene_count,
            called="number of scenes", noun="scenes", more="more", less="fewer"),
    Measure("set_up_count", "count", 0, "different set-ups among the shots", w.set_ups, called="number of set-ups",
            noun="set-ups", more="more", less="fewer"),
    Measure("length_s", "s", 1, "how long the span lasts, titles and credits left out", w.length, called="length",
            more="longer", less="shorter"),
    Measure("black_s", "s", 1, "time in black or another flat colour", w.black, called="time in black", more="longer",
            less="shorter"),
    # light, colour, motion
    Measure("brightness", "", 2, "mean linear light on the code scale, 0 black to 1 white; median over the seconds",
            w.median_of("brightness"), ("brightness", "ending_brightness"), more="lighter", less="darker",
            course=("frames", "brightness")),
    Measure("contrast", "", 2, "standard deviation of encoded luma (Peli 1990); median over the seconds",
            w.median_of("contrast"), ("contrast", "ending_contrast"), more="higher in contrast",
            less="lower in contrast", course=("frames", "contrast")),
    Measure("key", "", 2, "share of light tones less that of dark ones, −1 to 1; median over the seconds",
            w.median_of("key"), ("key", "ending_key"), more="higher in key", less="lower in key",
            course=("frames", "key")),
    Measure("saturation", "", 2, "mean chroma in OKLab over the greatest in sRGB; median over the seconds",
            w.median_of("saturation"), ("saturation", "ending_saturation"), more="more saturated",
            less="less saturated",
            course=("frames", "saturation")),
    Measure("warmth", "", 3, "OKLab's a + b, below 0 cold, above 0 warm; median over the seconds",
            w.median_of("warmth"),
            ("warmth", "ending_warmth"), more="warmer", less="colder", course=("frames", "warmth")),
    Measure("colourfulness", "M3", 0, "M3 of Hasler and Süsstrunk (2003); median over the seconds",
            w.median_of("colourfulness"), ("colourfulness", ""), more="more colourful", less="less colourful",
            course=("frames", "colourfulness")),
    Measure("motion_w_s", "widths/s", 3, "mean speed over the picture by optical flow; median over the seconds",
            w.median_of("motion_w_s"), ("motion_w_s", "ending_motion_w_s"), "motion", more="more in motion",
            less="stiller", course=("frames", "motion_w_s")),
    Measure("camera", "share", 2, "share of the motion that is the camera's; median over the seconds",
            w.median_of("camera"), ("camera", ""), "camera's share of the motion", course=("frames", "camera")),
    Measure("visual_activity", "", 3, "1 − the median correlation of next-but-one frames (Cutting et al. 2011)",
            w.visual_activity, ("visual_activity", ""), more="more active", less="less active"),
    # sound
    Measure("integrated_loudness_lufs", "LUFS", 1, "gated loudness of the whole span (ITU-R BS.1770-4)",
            w.loudness(integrated_loudness), ("integrated_loudness_lufs", "ending_loudness_lufs"), "loudness",
            more="louder", less="quieter", course=("arcs", "loudness_lufs")),
    Measure("loudness_lufs", "LUFS", 1, "the same as `integrated_loudness_lufs`", w.loudness(integrated_loudness),
            ("integrated_loudness_lufs", "ending_loudness_lufs"), "loudness", more="louder", less="quieter",
            course=("arcs", "loudness_lufs")),
    Measure("loudness_range_lu", "LU", 1, "P95 − P10 of three-second loudness, gated (EBU Tech 3342)",
            w.loudness(loudness_range), ("loudness_range_lu", ""), "loudness range", more="wider", less="narrower"),
    Measure("max_short_term_lufs", "LUFS", 1, "the loudest three seconds (EBU Tech 3341)",
            w.loudness(max_short_term_loudness), ("max_short_term_lufs", ""), "loudest three seconds", more="louder",
            less="quieter"),
    Measure("level_db", "dB", 1, "RMS level over all channels, below full scale", w.level, called="level",
            more="louder",
            less="quieter", course=("frames", "level_db")),
    Measure("longest_silence_s", "s", 1, "longest run of silence", w.longest_silence, ("longest_silence_s", ""),
            "longest silence", more="longer", less="shorter"),
    Measure("speech_share", "share", 2, "share of the time in which somebody speaks", w.heard("speech"),
            ("speech_share", "ending_speech"), "share with speech", more="more spoken in", less="less spoken in",
            course=("arcs", "speech")),
    Measure("singing_share", "share", 2, "share of the time in which somebody sings", w.heard("singing"),
            ("singing_share", ""), "share with singing"),
    Measure("music_share", "share", 2, "share of the time in which music is heard", w.heard("music"),
            ("music_share", "ending_music"), "share with music"),
    Measure("silence_share", "share", 2, "share of the time that is silent", w.heard("silence"),
            ("silence_share", "ending_silence"), "share in silence"),
    Measure("beat_share", "share", 2, "share of the time in which a beat goes on", w.heard("periodic"),
            ("", "ending_periodic"), "share with a steady beat"),
    Measure("beat_period_s", "s", 2, "from one beat to the next, of the beat that fills most of the span", w.beat,
            ("beat_period_s", ""), "period of the beat", more="slower", less="faster"),
    Measure("sudden_sound_count", "count", 0, "sounds that rise out of quiet", w.sounds_of("sudden"),
            ("sudden_sound_count", ""), "number of sudden sounds", "sudden sounds", "more", "fewer"),
    *_event_measures(),
    # words
    Measure("words_per_minute", "words/min", 0, "spoken words over the running time, by the subtitles",
            w.words_per_minute, ("words_per_minute", ""), "words a minute", more="wordier", less="less wordy"),
    Measure("line_count", "count", 0, "lines spoken, by the subtitles", w.line_count, called="number of lines",
            noun="lines", more="more", less="fewer"),
    Measure("dialogue_density", "share", 2, "share of the time in which speech stands on the screen",
            w.dialogue_density,
            ("dialogue_density", "ending_dialogue_density"), "dialogue density", more="fuller of talk",
            less="less talkative"),
    Measure("longest_wordless_s", "s", 1, "longest stretch without words, by the subtitles", w.longest_wordless,
            ("longest_wordless_s", ""), "longest stretch without words", more="longer", less="shorter"),
    Measure("question_share", "share", 2, "share of the lines that end in a question mark", w.question_share,
            called="share of questions"),
    Measure("valence", "", 2, "polarity of the words, −1 to 1 (VADER), smoothed; mean over time", w.arc("valence"),
            called="valence of the words", course=("arcs", "valence")),
    # arcs
    Measure("tempo", "", 2, "shot length and motion against the film's own (Adams et al. 2000); mean over the seconds",
            w.arc("tempo"), more="quicker", less="slower", course=("arcs", "tempo")),
    Measure("arousal", "", 2, "motion, sound and cutting together (Hanjalic and Xu 2005); mean over the seconds",
            w.arc("arousal"), more="more aroused", less="less aroused", course=("arcs", "arousal")),
    Measure("light", "", 2, "brightness, smoothed; mean over the seconds", w.arc("light"), more="lighter",
            less="darker",
            course=("arcs", "light")),
    Measure("build_up_count", "count", 0, "stretches in which arousal rises or falls beyond chance", w.build_ups,
            called="number of build-ups", noun="build-ups"),
    Measure("moment_count", "count", 0, "moments that depart from their scene beyond chance", w.moments,
            called="number of moments", noun="moments"),
    # people
    Measure("closeness", "", 2, "height of the largest face, of the picture's height; mean over the seconds",
            w.arc("closeness"), ("", "ending_closeness"), more="closer", less="further away",
            course=("arcs", "closeness")),
    Measure("distance", "face heights", 1, "between the two nearest faces; mean over the seconds", w.arc("distance"),
            called="distance of the faces", more="further apart", less="closer together", course=("arcs", "distance")),
    *_scale_measures(),
    Measure("scale_rank", "", 0, "middle shot scale over the time, ECU 1 to ELS 7", w.scale_rank,
            ("", "ending_scale_rank"), "middle shot scale", more="framed more widely", less="framed more closely"),
    Measure("faces_share", "share", 2, "share of the frames looked at in which a face is seen", w.seen(1),
            ("faces_share", ""), "share with a face"),
    Measure("shared_frame_share", "share", 2, "the same with two faces or more", w.seen(2), ("shared_frame_share", ""),
            "share with two faces or more"),
    Measure("closest_face_height", "", 2, "largest median face height of a shot, of the picture's height",
            w.face_height,
            ("closest_face_height", ""), "closest face", more="closer", less="further away"),
    Measure("character_count", "count", 0, "people told apart who are seen for two seconds", w.character_count,
            ("character_count", ""), "number of characters", "people", "more", "fewer"),
    Measure("character_on_screen_s", "s", 1, "time on screen of the character named by `who`", w.on_screen,
            called="time on screen", more="longer", less="shorter", who=True),
    Measure("character_share", "share", 2, "share of the time in which the character named by `who` is seen",
            w.on_screen_share, called="share of the time on screen", who=True),
    Measure("approach_face_heights", "face heights", 1, "the largest approach of two faces",
            w.figures("approach", largest=True), called="largest approach"),
    Measure("withdrawal_face_heights", "face heights", 1, "the largest withdrawal of two faces",
            w.figures("withdrawal", largest=True), called="largest withdrawal"),
    Measure("contact_s", "s", 1, "how long two faces touch or hide each other, at the longest",
            w.figures("contact", largest=True), called="longest contact", more="longer", less="shorter"),
    Measure("shot_reverse_shot_count", "count", 0, "montage figures: shot and reverse shot",
            w.figures("shot_reverse_shot"), called="number of shot/reverse-shots", noun="shot/reverse-shots"),
    Measure("intensify_count", "count", 0, "montage figures: closer and closer", w.figures("intensify"),
            called="number of intensifications", noun="intensifications"),
    Measure("frameshare_count", "count", 0, "montage figures: two in frame", w.figures("frameshare"),
            called="number of frameshares", noun="frameshares"),
    Measure("opposition_count", "count", 0, "montage figures: left against right", w.figures("opposition"),
            called="number of oppositions", noun="oppositions"),
    # readings of the film
    _told("music_begins_s", "s", 1, "when music is first heard", "film", called="first music"),
    _told("music_ends_s", "s", 1, "when music is last heard", "film", called="last music"),
    _told("music_thins_s", "s", 1, "when a long piece of music thins out", "film", called="thinning of the music"),
    _told("speech_over_music_lu", "LU", 1, "level of speech over the music of its pauses", "film"),
    _told("climax_s", "s", 1, "where arousal is greatest in the last quarter", "film", called="climax"),
    _told("climax_arousal", "", 2, "arousal at the climax", "film"),
    _told("scale_share", "share", 2, "share of the most frequent shot scale", "film"),
    _told("scale_change_share", "share", 2, "share of neighbouring shots whose scales differ", "film"),
    # readings of the ending
    _told("ending_start_s", "s", 1, "where the ending begins"),
    _told("closing_black_s", "s", 1, "black at the very end", called="closing black", more="longer", less="shorter"),
    _told("late_black_s", "s", 1, "black in the last fifth that pictures follow", called="late black"),
    _told("closing_sound_lufs", "LUFS", 0, "sound over the closing black", called="sound over the closing black"),
    _told("closing_fall_lu", "LU", 0, "fall of the sound over its last five seconds", called="closing fall"),
    _told("last_shot_brightness", "", 2, "brightness of the last shot", more="lighter", less="darker"),
    _told("last_shot_loudness_lufs", "LUFS", 0, "loudness of the last shot", more="louder", less="quieter"),
    _told("last_shot_motion_w_s", "widths/s", 3, "motion of the last shot", called="motion of the last shot"),
    _told("last_shot_returns", "count", 0, "earlier shots of its scene with the last shot's set-up", noun="shots"),
    _told("last_picture_faces", "count", 0, "faces in the last picture looked at", noun="faces"),
    _told("last_face_height", "", 2, "height of the last face seen", called="height of the last face"),
    _told("wordless_close_s", "s", 1, "how long the film goes on after its last words", called="wordless close"),
    _told("ending_particles", "count", 0, "small bright things that fall or drift in the ending, in a picture",
          noun="particles"),
    _told("unanswered_questions", "count", 0, "of the last five lines, questions without an answer", noun="questions"),
    _told("last_5_average_shot_length_s", "s", 1, "average shot length of the last 5 %"),
    _told("last_10_average_shot_length_s", "s", 1, "average shot length of the last 10 %"),
    _told("last_5_length_ratio", "", 1, "that of the last 5 % over the film's"),
    _told("last_10_length_ratio", "", 1, "that of the last 10 % over the film's"),
    _told("ending_cliffs_d", "", 2, "Cliff's d of the ending's shot lengths against the rest"),
    _told("ending_length_shift_s", "s", 1, "Hodges–Lehmann shift of the ending's shot lengths"),
)  # fmt: skip

MEASURES: Mapping[str, Measure] = {measure.name: measure for measure in _LISTED}


def own_measure(name: str, unit: str) -> Measure:
    """A measure that is in a film's readings and not in the table, such as a person's own."""
    return Measure(name, unit, 3, "a measure of the film's own", None, (name, name))


def measures_rows() -> list[str]:
    """Rows of the table in ``docs/measures.md``: name, unit, meaning, where it can be asked for."""
    rows = []
    for measure in MEASURES.values():
        where = "any span" if measure.work else "the film" if measure.rows[0] else "the ending"
        unit = {"share": "%", "count": "count"}.get(measure.unit, measure.unit)
        rows.append(f"| `{measure.name}` | {unit} | {measure.meaning} | {where} |")
    return rows


def to_unit(value: float, unit: str, measure: Measure) -> float | None:
    """Bring a figure with a unit as written to the measure's own; None where the unit is another.

    Examples
    --------
    >>> to_unit(1.5, "min", MEASURES["longest_shot_s"]), to_unit(77, "%", MEASURES["music_share"])
    (90.0, 0.77)
    >>> to_unit(90, "LUFS", MEASURES["longest_shot_s"]) is None
    True
    """
    if not unit:
        return value
    if measure.unit == "count":
        nouns = {measure.noun, _singular(measure.noun), measure.words, "times"}
        return value if unit.lower() in nouns else None
    known = UNITS.get(measure.unit, {})
    factor = known.get(unit, known.get(unit.lower()))
    return None if factor is None else value * factor


__all__ = ["MEASURES", "TIMES", "Measure", "measures_rows", "own_measure", "to_unit"]
