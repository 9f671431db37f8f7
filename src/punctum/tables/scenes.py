"""What shots make together: montage figures, scenes, arcs over time and moments that stand out."""

from collections.abc import Mapping

import polars as pl

from punctum.tables.column import Column, count, frame, seconds, share, text

FIGURE_KINDS = (
    "shot_reverse_shot",
    "intensify",
    "frameshare",
    "opposition",
    "approach",
    "contact",
    "withdrawal",
)
"""Montage figures, and what two people in one frame do."""

FIGURES: Mapping[str, Column] = {
    "figure": count("number of the row, from 0, in the order of the film"),
    "kind": text(
        "shot_reverse_shot, intensify (closer and closer), frameshare (two in frame), opposition; within a shot"
        " approach, contact, withdrawal"
    ),
    "start_frame": frame("first frame"),
    "end_frame": frame("frame after the last"),
    "start_s": seconds("when it begins"),
    "end_s": seconds("when it ends"),
    "first_shot": count("number of its first shot"),
    "end_shot": count("number of the shot after its last"),
    "characters": Column(pl.List(pl.Int32()), "", "who is in it, rows of `characters`; of figures of two, both"),
    "rule": text("the rule that found it, in words with its figures"),
    "value": Column(pl.Float32(), "", "how many shots, or by how much the distance changed, in `unit`", 3),
    "unit": text("shots, or face heights, face heights/s"),
}

DRIFTS: Mapping[str, Column] = {
    "frame": frame("first frame of a pair of neighbours that were looked at, one pair a second"),
    "time_s": seconds("its time"),
    "things": Column(
        pl.Float32(), "", "small bright things that move alike from one to the other, less chance's; 0: none", 1
    ),
    "x_h_s": Column(pl.Float32(), "heights/s", "median of their velocities, to the right, against what is behind", 4),
    "y_h_s": Column(pl.Float32(), "heights/s", "the same, down", 4),
}
"""What falls or drifts, in pairs of frames; see ``measure.particles``."""

GLINTS: Mapping[str, Column] = {
    "frame": frame("first frame of a pair of neighbours that were looked at"),
    "time_s": seconds("its time"),
    "glint": Column(
        pl.Float32(),
        "codes",
        "how bright the brightest small thing is that the largest face's cheeks have in one of the two only",
        0,
    ),
}
"""What moves on a face, in pairs of frames; no row where the face is too small or turned; see ``measure.glint``."""

SCENE_KINDS = ("titles", "story", "credits", "after_credits")
"""What a scene is part of; statistics are of the story."""

SCENES: Mapping[str, Column] = {
    "scene": count("number of the scene, from 0"),
    "start_frame": frame("first frame"),
    "end_frame": frame("frame after the last"),
    "start_s": seconds("when it begins"),
    "end_s": seconds("when the next begins, or the film ends"),
    "length_s": Column(pl.Float64(), "s", "how long it lasts", 6),
    "first_shot": count("number of its first shot"),
    "end_shot": count("number of the shot after its last"),
    "kind": text(", ".join(SCENE_KINDS)),
    "begins": text("how its first shot begins; `within` where credits begin or end within a shot"),
    "ends": text("how its last shot ends; `within` likewise"),
    "heading": text("the screenplay's, where there is one"),
    "characters": Column(pl.List(pl.Int32()), "", "who is seen in it, most time on screen first"),
    "doubt": Column(
        pl.Float32(),
        "",
        "probability that no scene begins within a shot of here; null for the first, and where a person decided",
        3,
    ),
    "corrected": Column(pl.Boolean(), "", "a person decided on where it begins"),
    "average_shot_length_s": Column(pl.Float64(), "s", "its length over its shots", 3),
    "brightness": share("median over its frames"),
    "contrast": share("median over its frames"),
    "key": share("median over its frames, -1 to 1"),
    "saturation": share("median over its frames"),
    "warmth": share("median over its frames, -1 to 1"),
    "motion_w_s": Column(pl.Float32(), "widths/s", "median over its frames", 5),
    "loudness_lufs": Column(pl.Float32(), "LUFS", "K-weighted level of its sound, ungated", 2),
    "speech": share("of its time, how much somebody speaks", 3),
    "music": share("of its time, how much music is heard", 3),
    "silence": share("of its time, how much is silent", 3),
    "palette": Column(pl.List(pl.String()), "", "up to five colours #rrggbb, most frequent first"),
    "set_ups": count("how many different set-ups (shots that show the same from the same place count once)"),
    "particles": Column(
        pl.Float32(),
        "",
        "how many small bright things fall or drift alike through a picture, median of the looks in which they do; 0"
        " where none do, null where it could not be told",
        1,
    ),
    "particles_deg": Column(pl.Float32(), "deg", "their direction: 0 to the right, 90 down", 1),
    "particles_h_s": Column(pl.Float32(), "heights/s", "their speed against what is behind, in picture heights", 3),
}

ARCS: Mapping[str, Column] = {
    "second": count("number of the second, from 0"),
    "time_s": seconds("its middle"),
    "story": Column(pl.Boolean(), "", "it lies in the story: not in titles or credits"),
    "tempo": Column(pl.Float32(), "", "tempo of Adams, Dorai and Venkatesh", 4),
    "tempo_cutting": Column(pl.Float32(), "", "its part of shot length", 4),
    "tempo_motion": Column(pl.Float32(), "", "its part of motion", 4),
    "arousal": share("arousal of Hanjalic and Xu, of the three parts with the weights of made.json", 4),
    "arousal_motion": share("its part of motion activity", 4),
    "arousal_sound": share("its part of sound energy", 4),
    "arousal_cutting": share("its part of cut density", 4),
    "light": share("brightness, smoothed", 4),
    "loudness_lufs": Column(pl.Float32(), "LUFS", "short-term loudness, smoothed", 2),
    "closeness": share("height of the largest face, of the picture's height, smoothed", 4),
    "distance": Column(pl.Float32(), "face heights", "between the two nearest faces in frame, smoothed", 3),
    "speech": share("of its surroundings, how much somebody speaks", 4),
    "valence": Column(pl.Float32(), "", "polarity of the words around it, -1 to 1", 4),
    "presence": Column(pl.List(pl.Float32()), "", "of its surroundings, how much each row of `characters` is seen", 3),
    "own": Column(pl.List(pl.Float32()), "", "measures of your own, smoothed, in the order of their names", 4),
}

BUILD_UP_KINDS = ("rising", "quieting")
"""Arousal that goes up, and arousal that goes down: tension can be built by either."""

BUILD_UPS: Mapping[str, Column] = {
    "build_up": count("number of the row, from 0, in the order of the film"),
    "kind": text("rising or quieting: arousal goes up or down, further than by chance"),
    "start_frame": frame("first frame"),
    "end_frame": frame("frame after the last: where it lets go"),
    "start_s": seconds("when it begins"),
    "peak_s": seconds("when it is at its height, or its lowest"),
    "end_s": seconds("when arousal is half way back, or the story ends"),
    "slope": Column(pl.Float32(), "1/min", "least squares, from its beginning to its peak, of raw arousal", 4),
    "rise": Column(pl.Float32(), "", "smoothed arousal at its peak less that at its beginning", 4),
    "chance": Column(pl.Float64(), "", "probability of a change as clear anywhere in a film without any", 4),
    "measures": Column(pl.List(pl.String()), "", "what was measured in it, what sets it apart most first"),
    "values": Column(pl.List(pl.Float64()), "", "their values, in `units`", 4),
    "units": Column(pl.List(pl.String()), "", "their units"),
    "baselines": Column(
        pl.List(pl.Float64()),
        "",
        "median of the same over stretches as long, of the film's own shots in random order",
        4,
    ),
    "percentiles": Column(pl.List(pl.Float64()), "", "share of those stretches whose value is less", 1),
    "carried_by": Column(
        pl.List(pl.String()), "", "those of `measures` that lie below the 2.5th or above the 97.5th percentile"
    ),
    "statement": text("the same as a sentence"),
}

MOMENTS: Mapping[str, Column] = {
    "moment": count("number of the row, from 0, the surest first"),
    "frame": frame("the frame where the departure is largest"),
    "time_s": seconds("its time"),
    "start_frame": frame("first frame"),
    "end_frame": frame("frame after the last"),
    "start_s": seconds("when it begins"),
    "end_s": seconds("when it ends"),
    "scene": count("number of its scene"),
    "departure": Column(pl.Float32(), "", "robust distance from the scene's own run, in median absolute deviations", 2),
    "chance": Column(pl.Float64(), "", "probability of a departure as large anywhere in a scene like this", 4),
    "measures": Column(pl.List(pl.String()), "", "what departs, the most first"),
    "shares": Column(pl.List(pl.Float32()), "", "share of the departure of each", 3),
    "statement": text("the same as a sentence"),
    "still": frame("frame of the still to look at"),
}
