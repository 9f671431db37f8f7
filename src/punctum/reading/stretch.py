"""The ending's light, motion and sound, set beside the film's other scenes or every other stretch as long.

Conventions: as in `windows`; a difference from the stretches' median that is smaller than the measure's
``least`` is not ranked: the sentence says that the ending is like the rest.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from punctum.reading.ending import ending_row
from punctum.reading.ground import Ground
from punctum.reading.loudness import integrated_loudness
from punctum.reading.picture import missing
from punctum.reading.row import Row, score_rank, share_below
from punctum.reading.sentences import write_number, write_rank
from punctum.reading.sound import SAMPLES, why_silent
from punctum.reading.traits import LOUDNESS, PICTURE_TRAITS, Trait
from punctum.reading.windows import Values, stand_among
from punctum.tables import SILENCE_DB


def read_ending_picture(ground: Ground) -> list[Row]:
    """Give the ending's rows on light, colour and motion."""
    return [_picture(ground, trait) for trait in PICTURE_TRAITS]


def _picture(ground: Ground, trait: Trait) -> Row:
    at_s, values = ground.second_values(trait.name)
    pictured = ~_flat_at(ground, at_s)
    at_s, values = at_s[pictured], values[pictured]
    measure = f"ending_{trait.name}"
    if not values.size:
        return ending_row(ground, measure, None, trait.unit, f"Not measured: {missing(ground, trait.name)}.")
    rough, alone = ground.frames_rough, ground.ending_frames_rough
    return _stand(ground, trait, at_s, values, _median, rough, alone)


def _flat_at(ground: Ground, at_s: Values) -> NDArray[np.bool_]:
    """Which seconds lie in black or another flat colour: they are no light of the ending's."""
    flat = np.zeros(at_s.size, np.bool_)
    for start_s, end_s in ground.shots.filter("flat").select("start_s", "end_s").iter_rows():
        flat |= (at_s + 1 > start_s) & (at_s < end_s)
    return flat & ~flat.all()


def _median(values: Values) -> float:
    return float(np.median(values))


def read_ending_sound(ground: Ground) -> list[Row]:
    """Give the ending's row on how loud it is: its integrated loudness, beside that of the other stretches."""
    known = ground.loudness.drop_nulls("loudness_lufs")
    if not ground.has_sound or integrated_loudness(known) is None:
        return [ending_row(ground, "ending_loudness_lufs", None, "LUFS", f"Not measured: {why_silent(ground)}.")]

    def loudness(rows: Values) -> float:
        value = integrated_loudness(known.slice(int(rows[0]), rows.size))
        return SILENCE_DB if value is None else value

    at_s, rows = known["start_s"].to_numpy(), np.arange(known.height, dtype=np.float64)
    rough = ground.loudness_rough
    return [_stand(ground, LOUDNESS, at_s, rows, loudness, rough, rough)]


def stand_in_sentence(
    ground: Ground, trait: Trait, at_s: Values, values: Values, summary: Callable[[Values], float]
) -> Row:
    """Set a measure of the ending, known for the whole film, beside the film's other stretches as long."""
    return _stand(ground, trait, at_s, values, summary, rough=False, rough_alone=False)


def _stand(
    ground: Ground,
    trait: Trait,
    at_s: Values,
    values: Values,
    summary: Callable[[Values], float],
    rough: bool,
    rough_alone: bool,
) -> Row:
    """One measure of the ending beside the film's other stretches; ``rough_alone`` says if it is rough without them."""
    measure = f"ending_{trait.name}"
    source = SAMPLES if trait is LOUDNESS else "key frames"
    among = stand_among(at_s, values, ground.ending_start_s, ground.end_s, summary, ground.earlier_scenes_s)
    if among is None:
        return ending_row(ground, measure, None, trait.unit, "Too little of the ending was measured to say.")
    row = ending_row(ground, measure, among.value, trait.unit, "")
    own = write_number(among.value, trait.decimals) + trait.write_unit()
    what = ground.ending_called[0].upper() + ground.ending_called[1:]
    if not among.others.len():
        return replace(row, statement=f"{what}: {trait.called} {own}.").rough(rough_alone, source)
    middle = among.others.median()
    assert isinstance(middle, float)
    theirs = write_number(middle, trait.decimals)
    others = "the film's other scenes" if among.scenes else "other stretches as long"
    baseline = others if among.scenes else "the film's other stretches of that length"
    row = replace(row, baseline=baseline, baseline_value=middle)
    if trait is LOUDNESS and among.value <= SILENCE_DB:
        whose = "the film's other scenes" if among.scenes else "its other stretches"
        text = f"{what} is silent (below −70 LUFS; the median of {whose} is {theirs} LUFS)."
    elif abs(among.value - middle) < trait.least:
        text = f"{what} is like the rest in {trait.called} ({own}, the rest {theirs})."
        return replace(row, statement=text).rough(rough, source)
    elif trait.none and among.value == 0:
        text = f"{trait.none} {ground.ending_called} ({trait.called} {own}, the median of {others} {theirs})."
    else:
        text = f"{what} is {{}} ({trait.called} {own}, their median {theirs})."
    below = share_below(among.value, among.others)
    rank = write_rank(100 * below, f"{trait.more} than", f"{trait.less} than", others)
    rank = rank.replace("any of other stretches", "any other stretch").replace(
        "any of the film's other scenes", "any other scene of the film"
    )
    text = text.replace("{}", rank)
    departure = score_rank(below, among.independent)
    return replace(row, statement=text, percentile=100 * below, departure=departure).rough(rough, source)
