"""What is heard in the film: shares of speech, music and silence, beats that go on, the course of the music.

Conventions: spans are those of the table ``sounds``; shares are of the sound that was listened to, which a partial
reading has less of than the film. Where speech and music sound together, the music's level is that of the speech's
own pauses.
"""

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from punctum.reading.ground import STEP_S, Ground
from punctum.reading.row import Row
from punctum.reading.sentences import write_clock, write_count, write_duration, write_number, write_percent
from punctum.reading.sound import point_between, why_silent

Values = NDArray[np.float64]

HEARING_S = 0.02
SHARES = (
    ("speech", "Somebody speaks in {} of the film."),
    ("singing", "Somebody sings in {} of the film."),
    ("music", "Music is heard in {} of the film."),
    ("silence", "{} of the film is silent."),
)
NONE_HEARD = {
    "speech": "Nobody is heard to speak.",
    "singing": "Nobody is heard to sing.",
    "music": "No music is heard.",
    "silence": "The sound never falls silent for a second.",
}
BEATS_TOLD = 3
"""So many beats are told of, the longest first."""

LEAST_TOGETHER_S = 5.0
PAUSE_NEAR_S = 3.0
SURE, UNSURE = 0.6, 0.2
"""Speech is heard where its certainty is above the one, and pauses where it is below the other."""

LEAST_COURSE_S = 15.0
THINS_BY_DB = 6.0
COURSE_STEP_S, COURSE_SMOOTH_S = 0.5, 3.0
BAND_NAMES = {"low": "45–250 Hz", "middle": "250–1000 Hz", "high": "1–4 kHz", "top": "4–8 kHz"}


def read_heard(ground: Ground) -> list[Row]:
    """Give the film's rows on what is heard; none where nothing was listened to."""
    heard = ground.hearing.drop_nulls("speech")
    if not heard.height:
        if ground.has_sound:
            reason = "not known before the sound is read" if ground.loudness_rough else "the sound was not listened to"
        else:
            reason = why_silent(ground)
        return [_row(ground, f"{kind}_share", None, "", f"Not measured: {reason}.") for kind in ("speech", "music")]
    listened_s = heard.height * HEARING_S
    whole = listened_s >= 0.97 * ground.end_s
    rows = [_share(ground, kind, text, listened_s, whole) for kind, text in SHARES]
    rows = [row for row in rows if row.value or row.measure != "singing_share"]
    return [*rows, *_speech_over_music(ground, heard), *_beats(ground), *_music(ground), *_sudden(ground)]


def _row(ground: Ground, measure: str, value: float | None, unit: str, text: str) -> Row:
    return Row("film", measure, value, unit, text, 0, ground.end_frame, 0.0, ground.end_s)


def _share(ground: Ground, kind: str, text: str, listened_s: float, whole: bool) -> Row:
    own = ground.sounds.filter(pl.col("kind") == kind)
    lasting_s = float((own["end_s"] - own["start_s"]).sum())
    share = min(lasting_s / listened_s, 1.0)
    said = text.format(write_percent(share)) if share > 0 else NONE_HEARD[kind]
    said = said[0].upper() + said[1:]
    if not whole:
        said = said.replace("of the film", "of what was read of the film")
    if own.height:
        said = f"{said.removesuffix('.')} ({write_duration(lasting_s)})."
    return _row(ground, f"{kind}_share", share, "", said)


def _speech_over_music(ground: Ground, heard: pl.DataFrame) -> list[Row]:
    """Level of speech against that of the music in its pauses, where both sound."""
    steps = (heard["step"].to_numpy() * HEARING_S / STEP_S + 0.01).astype(np.int64)
    speaks = pl.DataFrame({"step": steps.astype(np.int32), "speech": heard["speech"], "music": heard["music"]})
    mean = speaks.group_by("step").agg((pl.col("speech", "music").cast(pl.Float64) / 255).mean())
    known = ground.loudness.drop_nulls("loudness_lufs").join(mean, on="step", how="inner").sort("step")
    music = known["music"].to_numpy() > 0.5
    sure = known["speech"].to_numpy()
    near = _near(known["step"].to_numpy(), sure > SURE, round(PAUSE_NEAR_S / STEP_S))
    power = 10 ** (known["loudness_lufs"].to_numpy() / 10)
    both, rest = music & (sure > SURE), music & (sure < UNSURE) & near
    if both.sum() * STEP_S < LEAST_TOGETHER_S or rest.sum() * STEP_S < 1.0:
        return []
    value = float(10 * np.log10(power[both].mean() / max(power[rest].mean(), 1e-12)))
    side = "over" if value >= 0 else "under"
    text = (
        f"Where speech and music sound together ({write_duration(both.sum() * STEP_S)}), speech lies"
        f" {write_number(abs(value), 1)} LU {side} the music of its pauses."
    )
    return [_row(ground, "speech_over_music_lu", value, "LU", text)]


def _near(steps: NDArray[np.int64], on: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """Whether a step lies within reach of one that is on."""
    places = steps[on]
    if not len(places):
        return np.zeros(len(steps), bool)
    after = np.clip(np.searchsorted(places, steps), 0, len(places) - 1)
    before = np.maximum(after - 1, 0)
    return np.asarray(np.minimum(np.abs(places[after] - steps), np.abs(places[before] - steps)) <= reach)


def _beats(ground: Ground) -> list[Row]:
    beats = ground.sounds.filter(pl.col("kind") == "periodic")
    if not beats.height:
        return []
    longest = beats.with_columns((pl.col("end_s") - pl.col("start_s")).alias("lasting_s"))
    rows = []
    for beat in longest.sort("lasting_s", descending=True).head(BEATS_TOLD).iter_rows(named=True):
        count = round(beat["lasting_s"] / beat["period_s"])
        text = (
            f"A beat of {write_number(beat['period_s'], 2)} s goes on from {write_clock(beat['start_s'])} to"
            f" {write_clock(beat['end_s'])} ({write_count(count, 'period')}, strength"
            f" {write_number(beat['strength'], 2)}, clearest at {BAND_NAMES.get(beat['band'], beat['band'])})."
        )
        row = _row(ground, "beat_period_s", beat["period_s"], "s", text)
        rows.append(replace(point_between(row, ground, beat["start_s"], beat["end_s"]), chance=beat["chance"]))
    return rows


def _music(ground: Ground) -> list[Row]:
    """When music is first and last heard, and where the last long piece of it thins out."""
    music = ground.sounds.filter(pl.col("kind") == "music").sort("start_s")
    if not music.height:
        return []
    first, last = music.row(0, named=True), music.row(-1, named=True)
    begins = _row(ground, "music_begins_s", first["start_s"], "s", f"Music begins at {write_clock(first['start_s'])}.")
    rows = [point_between(begins, ground, first["start_s"], first["end_s"])]
    long = music.filter(pl.col("end_s") - pl.col("start_s") >= LEAST_COURSE_S)
    for piece in long.tail(BEATS_TOLD).iter_rows(named=True):
        thins_s, fall_db = thinning(ground.hearing, piece["start_s"], piece["end_s"])
        if thins_s is None:
            continue
        text = (
            f"The music from {write_clock(piece['start_s'])} thins out from {write_clock(thins_s)}, by"
            f" {write_number(fall_db, 0)} dB, and ends at {write_clock(piece['end_s'])}."
        )
        row = _row(ground, "music_thins_s", thins_s, "s", text)
        rows.append(point_between(row, ground, thins_s, piece["end_s"]))
    rest_s = ground.end_s - last["end_s"]
    text = (
        "Music is heard to the very end."
        if rest_s < 1
        else f"Music is last heard at {write_clock(last['end_s'])}, {write_duration(rest_s)} before the end."
    )
    ends = _row(ground, "music_ends_s", last["end_s"], "s", text)
    return [*rows, point_between(ends, ground, last["start_s"], last["end_s"])]


def thinning(hearing: pl.DataFrame, start_s: float, end_s: float) -> tuple[float | None, float]:
    """Where a piece of music begins to thin out until it ends.

    The level of 45 Hz to 1 kHz over 3 s is described by a flat line and a falling one that follows it (least squares);
    the music thins out where the second begins, if it falls by 6 dB or more over 5 s or more.

    Parameters
    ----------
    hearing : pl.DataFrame
        rows of HEARING
    start_s, end_s : float
        where the music begins and ends

    Returns
    -------
    thins_s : float or None
        seconds from the first frame
    fall_db : float
    """
    own = hearing.filter((pl.col("step") >= round(start_s / HEARING_S)) & (pl.col("step") < round(end_s / HEARING_S)))
    if own.height * HEARING_S < LEAST_COURSE_S:
        return None, 0.0
    power = sum(10 ** (own[band].to_numpy() / 20.0 - 12) for band in ("low", "middle"))
    step, width = round(COURSE_STEP_S / HEARING_S), round(COURSE_SMOOTH_S / HEARING_S)
    total = np.concatenate([[0.0], np.cumsum(power)])
    at = np.arange(0, own.height - width, step)
    level = 10 * np.log10(np.maximum((total[at + width] - total[at]) / width, 1e-12))
    best, found, fall_db = np.inf, 0, 0.0
    fewest = round(5.0 / COURSE_STEP_S)
    for turn in range(fewest // 2, len(level) - fewest):
        slope = np.concatenate([np.zeros(turn), np.arange(1.0, len(level) - turn + 1)])
        centred = slope - slope.mean()
        rate = float((centred * level).sum() / (centred**2).sum())
        error = float(((level - level.mean() - rate * centred) ** 2).sum())
        if error < best:
            best, found, fall_db = error, turn, -rate * float(slope[-1])
    if fall_db < THINS_BY_DB:
        return None, 0.0
    return start_s + found * COURSE_STEP_S + COURSE_SMOOTH_S / 2, fall_db


def _sudden(ground: Ground) -> list[Row]:
    sudden = ground.sounds.filter(pl.col("kind") == "sudden")
    if not sudden.height:
        return []
    most = sudden.sort("rise_lu", descending=True).row(0, named=True)
    count = write_count(sudden.height, "sound")
    comes = "comes" if sudden.height == 1 else "come"
    text = (
        f"{count[0].upper()}{count[1:]} {comes} suddenly out of quiet; at {write_clock(most['start_s'])} it rises by"
        f" {write_number(most['rise_lu'], 0)} LU."
    )
    row = _row(ground, "sudden_sound_count", float(sudden.height), "", text)
    return [point_between(row, ground, most["start_s"], most["end_s"])]
