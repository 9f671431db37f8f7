"""What is true of a drawn film, as records ready for JSON.

Conventions: frames from 0, spans half-open; places are shares of the picture's width and height; a boundary is
at the first frame of a cut's new shot, at the middle of a dissolve, at the middle of a fade's flat part or, where
that is a shot of its own, at its edge.
"""

import math
from dataclasses import asdict
from typing import Any

import numpy as np
from scipy import signal

from punctum.demo.instruments import RATE_HZ, Sound
from punctum.demo.score import Score
from punctum.demo.staging import APPROACH, SET_UPS, TITLE_S, Shot, Timeline, is_flat


def tell_shots(timeline: Timeline) -> list[dict[str, Any]]:
    """Return the truth about the shots, one record each, with the columns of the table ``shots`` that it fixes."""
    fps = timeline.staging.fps
    records = []
    for shot in timeline.shots:
        set_up = SET_UPS[shot.plan.set_up]
        following = timeline.shots[shot.number + 1].plan.begins if shot.number + 1 < len(timeline.shots) else "close"
        gradual = shot.plan.begins in ("dissolve", "fade")
        records.append(
            {
                "shot": shot.number,
                "start_frame": shot.start_frame,
                "end_frame": shot.end_frame,
                "start_s": shot.start_frame / fps,
                "end_s": shot.end_frame / fps,
                "begins": shot.plan.begins,
                "ends": following,
                "transition_start_frame": shot.transition_start_frame if gradual else None,
                "transition_end_frame": shot.transition_end_frame if gradual else None,
                "transition": "black" if shot.plan.begins == "fade" else None,
                "flat": is_flat(shot.plan),
                "set_up": shot.plan.set_up,
                "scale": set_up.scale,
                "people": list(set_up.people),
                "faces": list(set_up.faces),
                "action": shot.plan.action,
            }
        )
    return records


def tell_gestures(timeline: Timeline) -> list[dict[str, Any]]:
    """Return when they approach, touch, part and embrace, one record each: as in ``staging.APPROACH``."""
    start, touch, part, away, fall, rest = APPROACH
    records = []
    for shot in timeline.shots:
        if shot.plan.set_up != "profiles":
            continue
        length = shot.end_frame - shot.start_frame
        for name, first, last in (
            ("approach", start, touch),
            ("contact", touch, part),
            ("withdrawal", part, away),
            ("collapse", fall, rest),
        ):
            span = [shot.start_frame + round(share * length) for share in (first, last)]
            records.append({"gesture": name, "shot": shot.number, "start_frame": span[0], "end_frame": span[1]})
    return records


def tell(timeline: Timeline) -> dict[str, Any]:
    """Return what is true of the picture, ready for JSON."""
    staging = timeline.staging
    shots = tell_shots(timeline)
    fps = staging.fps
    roll = timeline.first("credits")
    opening = timeline.shots[0]
    start, end = timeline.wiper_span()
    title = None
    if opening.plan.action == "title":
        title = [round(at / staging.speed * fps) for at in TITLE_S]
    return {
        "title": staging.title,
        "year": staging.year,
        "fps": fps,
        "frame_count": timeline.frame_count,
        "duration_s": timeline.frame_count / fps,
        "width_px": staging.width_px,
        "height_px": staging.height_px,
        "staging": {**asdict(staging), "shots": [asdict(plan) for plan in staging.shots]},
        "shots": shots,
        "boundaries": [
            {
                "frame": shot["start_frame"],
                "time_s": shot["start_s"],
                "kind": shot["begins"],
                "start_frame": shot["start_frame"] if shot["begins"] == "cut" else shot["transition_start_frame"],
                "end_frame": shot["start_frame"] if shot["begins"] == "cut" else shot["transition_end_frame"],
            }
            for shot in shots[1:]
        ],
        "opening_fade": {"start_frame": 0, "end_frame": opening.transition_end_frame}
        if opening.transition_end_frame
        else None,
        "flat": [
            {"start_frame": shot["start_frame"], "end_frame": shot["end_frame"], "colour": "black"}
            for shot in shots
            if shot["flat"]
        ],
        "flashes": [
            {"start_frame": first, "peak_frame": peak, "end_frame": last}
            for first, peak, last in timeline.flash_spans()
        ],
        "wipers": None
        if staging.score != "windscreen"
        else {
            "period_s": staging.wiper_period_s,
            "sweeps": 2,
            "start_frame": start,
            "end_frame": end,
            "beats": math.floor((end - start) / fps / staging.wiper_period_s),
        },
        "title_frames": title,
        "gestures": tell_gestures(timeline),
        "credits": {"start_frame": roll.start_frame, "end_frame": roll.end_frame} if roll else None,
    }


K_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
K_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
"""The two filters of the K-weighting at 48 kHz, ITU-R BS.1770-5, tables 1 and 2."""


def loudness_lufs(sound: Sound) -> float:
    """Return the ungated K-weighted loudness of stereo sound (ITU-R BS.1770-5); −120 for digital silence."""
    power = 0.0
    for channel in sound.astype(np.float64):
        weighted = signal.lfilter(*K_PASS, signal.lfilter(*K_SHELF, channel))
        power += float(np.mean(weighted**2)) if len(weighted) else 0.0
    return max(-120.0, -0.691 + 10 * float(np.log10(max(power, 1e-30))))


def tell_sound(timeline: Timeline, sound: Sound) -> dict[str, object]:
    """Return what is true of the sound, ready for JSON: loudness by shot, silence, where music and car are heard."""
    fps = timeline.staging.fps

    def samples(shot: Shot) -> Sound:
        left, right = (round(one / fps * RATE_HZ) for one in (shot.start_frame, shot.end_frame))
        return sound[:, left:right]

    score = Score(timeline)
    thin_s, last_s = score.thinning()
    roll = timeline.first("credits")
    return {
        "sample_rate_hz": RATE_HZ,
        "sections": [
            {
                "shot": shot.number,
                "start_frame": shot.start_frame,
                "end_frame": shot.end_frame,
                "loudness_lufs": round(loudness_lufs(samples(shot)), 2),
                "level_db": round(
                    max(-120.0, 20 * float(np.log10(max(1e-6, np.sqrt(np.mean(samples(shot) ** 2)))))), 2
                ),
            }
            for shot in timeline.shots
        ],
        "silence": [
            {"start_frame": shot.start_frame, "end_frame": shot.end_frame}
            for shot in timeline.shots
            if shot.plan.set_up == "black"
        ],
        "music": {
            "start_s": 1.0,
            "thins_from_s": round(thin_s, 3),
            "theme_ends_s": round(last_s, 3),
            "credits_start_s": round(roll.start_frame / fps + 0.3, 3) if roll else None,
        }
        if timeline.staging.music and timeline.staging.score == "windscreen"
        else None,
    }
