"""The sample film: drawn alike every time, and as its truth says."""

import json
from dataclasses import replace
from itertools import islice, pairwise

import cv2
import numpy as np
import pytest
from scipy import signal

from punctum.demo import (
    PALETTES,
    RATE_HZ,
    SET_UPS,
    SETS,
    SKETCHES,
    Drawing,
    ShotPlan,
    Staging,
    Timeline,
    draw_windscreen,
)
from punctum.demo.truth import loudness_lufs, tell
from punctum.demo.weather import Wipers
from punctum.errors import UsageWrong

SHORT = (
    ShotPlan("street", 1.5, "open", 0.5, "title"),
    ShotPlan("windscreen", 2.0, "dissolve", 0.5),
    ShotPlan("her", 1.0),
    ShotPlan("windscreen", 2.5, action="headlights"),
    ShotPlan("wheel", 0.75),
    ShotPlan("blade", 0.75),
    ShotPlan("over_shoulder", 0.75),
    ShotPlan("him", 0.75),
    ShotPlan("profiles", 1.25),
    ShotPlan("embrace", 1.0, "dissolve", 0.5),
    ShotPlan("held", 2.5),
    ShotPlan("black", 2.0, "fade", 0.5),
    ShotPlan("credits", 1.5, "fade", 0.5),
)
TINY = Staging(width_px=160, height_px=90, shots=SHORT, tear_at_s=0.5, flash_at_s=1.0)


@pytest.fixture(scope="module")
def tiny() -> Drawing:
    return draw_windscreen(TINY)


@pytest.fixture(scope="module")
def pictures(tiny: Drawing) -> np.ndarray:
    return np.stack(list(tiny.frames(workers=2)))


def changes(pictures: np.ndarray) -> np.ndarray:
    """Mean absolute change of each frame from the one before; 0 for the first."""
    steps = np.abs(np.diff(pictures.astype(np.int16), axis=0)).mean(axis=(1, 2, 3))
    return np.concatenate([[0.0], steps])


def test_frames_do_not_depend_on_workers_or_order(tiny: Drawing, pictures: np.ndarray) -> None:
    assert pictures.shape == (tiny.frame_count, 90, 160, 3)
    assert pictures.dtype == np.uint8
    again = draw_windscreen(TINY)
    for frame in (200, 31, 120, 0, 300):
        assert np.array_equal(again.frame(frame), pictures[frame])
    first = islice(draw_windscreen(replace(TINY, shots=SHORT[:3])).frames(1), 45)
    assert all(np.array_equal(one, other) for one, other in zip(first, pictures, strict=False))


def test_figures_stand_for_two_frames_and_the_rest_moves_on(tiny: Drawing) -> None:
    shot = tiny.timeline.first("held")
    assert shot is not None
    painter = tiny._painter
    even = next(frame for frame in range(shot.start_frame + 6, shot.end_frame) if frame % 2 == 0)
    one, other = painter.moment(shot, even), painter.moment(shot, even + 1)
    assert one.drawn is one
    assert other.drawn == one
    assert other.clock_s > one.clock_s
    assert not np.array_equal(tiny.frame(even), tiny.frame(even + 1))


def test_sound_is_the_same_each_time_and_as_long_as_the_picture(tiny: Drawing) -> None:
    sound = tiny.sound
    assert sound.shape == (2, round(tiny.frame_count / 24 * RATE_HZ))
    assert sound.dtype == np.float32
    assert np.array_equal(sound, draw_windscreen(TINY).sound)
    assert 0.01 < np.abs(sound).max() < 1


def test_the_cuts_stand_where_the_truth_says(tiny: Drawing, pictures: np.ndarray) -> None:
    change = changes(pictures)
    cuts = [one["frame"] for one in tiny.truth["boundaries"] if one["kind"] == "cut"]
    assert len(cuts) == 8
    for cut in cuts:
        around = np.concatenate([change[cut - 6 : cut], change[cut + 1 : cut + 7]])
        assert change[cut] > 1.8 * around.max(), cut


def test_a_dissolve_is_a_mixture_of_its_ends(tiny: Drawing) -> None:
    dissolve = next(one for one in tiny.truth["boundaries"] if one["kind"] == "dissolve")
    start, end = dissolve["start_frame"], dissolve["end_frame"]
    assert end - start == 12
    assert start + (end - start) // 2 == dissolve["frame"]
    layers = tiny.timeline.at(dissolve["frame"])
    assert [layer.shot.number for layer in layers] == [0, 1]
    assert sum(layer.weight for layer in layers) == pytest.approx(1)
    assert len(tiny.timeline.at(start - 1)) == len(tiny.timeline.at(end)) == 1
    shares = [tiny.timeline.at(frame)[1].weight for frame in range(start, end)]
    assert np.allclose(np.diff(shares), 1 / 13)


def test_flat_is_flat_and_fades_end_at_its_edges(tiny: Drawing, pictures: np.ndarray) -> None:
    (flat,) = tiny.truth["flat"]
    inside = pictures[flat["start_frame"] : flat["end_frame"]]
    assert inside.max() == 0
    assert pictures[flat["start_frame"] - 1].max() > 0
    assert pictures[flat["end_frame"]].max() > 0
    fade = next(one for one in tiny.truth["boundaries"] if one["end_frame"] == flat["start_frame"])
    assert fade["kind"] == "fade"
    means = pictures[fade["start_frame"] - 1 : fade["end_frame"] + 1].mean(axis=(1, 2, 3))
    assert (np.diff(means) < 0).all()
    opening = tiny.truth["opening_fade"]
    means = pictures[: opening["end_frame"] + 1].mean(axis=(1, 2, 3))
    assert (np.diff(means) > 0).all()


def test_a_fade_between_two_pictures_has_its_boundary_in_the_middle_of_its_flat_part() -> None:
    shots = (ShotPlan("her", 1.0, "open"), ShotPlan("him", 1.0, "fade", 0.75))
    drawing = draw_windscreen(replace(TINY, shots=shots))
    (fade,) = drawing.truth["boundaries"]
    pictures = np.stack(list(drawing.frames()))
    dark = np.flatnonzero(pictures.max(axis=(1, 2, 3)) == 0)
    assert dark[0] + dark[-1] + 1 == 2 * fade["frame"]
    assert fade["start_frame"] < dark[0]
    assert dark[-1] < fade["end_frame"]


def test_the_flash_brightens_the_picture_and_is_no_boundary(tiny: Drawing, pictures: np.ndarray) -> None:
    (flash,) = tiny.truth["flashes"]
    brightness = pictures.mean(axis=(1, 2, 3))
    shot = next(one for one in tiny.truth["shots"] if one["action"] == "headlights")
    assert shot["start_frame"] < flash["start_frame"] < flash["peak_frame"] < flash["end_frame"] <= shot["end_frame"]
    inside = brightness[shot["start_frame"] : shot["end_frame"]]
    assert abs(int(np.argmax(inside)) + shot["start_frame"] - flash["peak_frame"]) <= 2
    assert inside.max() > 1.4 * np.median(inside)


def test_wipers_beat_with_their_period_in_picture_and_sound() -> None:
    period = 1.1
    shots = (ShotPlan("windscreen", 9.0, "open"), ShotPlan("black", 1.0))
    drawing = draw_windscreen(replace(TINY, shots=shots, wiper_period_s=period, music=False))
    assert drawing.truth["wipers"]["period_s"] == period
    sound = drawing.sound[:, : 9 * RATE_HZ].mean(axis=0)
    envelope = np.sqrt((sound[: len(sound) // 480 * 480].reshape(-1, 480) ** 2).mean(axis=1))
    assert best_lag(envelope, 100, 0.4, 2.0) == pytest.approx(period, rel=0.02)
    loud = draw_windscreen(replace(drawing.staging, music=True)).sound[:, : 9 * RATE_HZ].mean(axis=0)
    assert np.abs(loud - sound).mean() > np.abs(sound).mean()
    high = signal.sosfilt(signal.butter(4, (1000, 4000), "bandpass", fs=RATE_HZ, output="sos"), loud)
    envelope = np.log(1e-5 + np.sqrt((high[: len(high) // 480 * 480].reshape(-1, 480) ** 2).mean(axis=1)))
    slow = np.convolve(envelope, np.ones(221) / 221, "valid")
    assert best_lag(envelope[110:-110] - slow, 100, 0.4, 2.0) == pytest.approx(period, rel=0.02)
    pictures = np.stack([drawing.frame(number) for number in range(0, 144, 2)])
    assert best_lag(pictures[:, 30:70, 30:130].mean(axis=(1, 2, 3)), 12, 0.4, 2.0) == pytest.approx(period, rel=0.04)


def best_lag(curve: np.ndarray, rate_hz: float, least_s: float, most_s: float) -> float:
    """Lag of the highest peak of the autocorrelation, refined by a parabola."""
    curve = curve - curve.mean()
    full = np.correlate(curve, curve, "full")[len(curve) - 1 :] / np.arange(len(curve), 0, -1)
    first, last = int(least_s * rate_hz), int(most_s * rate_hz)
    at = first + int(np.argmax(full[first:last]))
    left, middle, right = full[at - 1 : at + 2]
    return float((at + 0.5 * (left - right) / (left - 2 * middle + right)) / rate_hz)


def test_a_wiper_passes_each_place_twice_a_period() -> None:
    wipers = Wipers(1.0)
    assert wipers.turn(0.0) == 0
    assert wipers.turn(0.5) == pytest.approx(1)
    middle = np.array([0.5])
    assert wipers.since_wiped_s(0.25, middle)[0] == pytest.approx(0, abs=1e-9)
    assert wipers.since_wiped_s(0.5, middle)[0] == pytest.approx(0.25)
    assert wipers.since_wiped_s(0.0, middle)[0] == pytest.approx(0.25)


def test_sound_is_silent_where_it_says_and_loud_as_it_says(tiny: Drawing) -> None:
    (silence,) = tiny.truth["sound"]["silence"]
    left, right = (round(silence[one] / 24 * RATE_HZ) for one in ("start_frame", "end_frame"))
    assert not tiny.sound[:, left:right].any()
    sections = {one["shot"]: one["loudness_lufs"] for one in tiny.truth["sound"]["sections"]}
    assert sections[11] == -120
    assert all(-60 < value < -10 for shot, value in sections.items() if shot != 11)


def test_loudness_of_a_tone_is_that_of_the_standard() -> None:
    time = np.arange(RATE_HZ) / RATE_HZ
    tone = np.sin(2 * np.pi * 997 * time).astype(np.float32)
    assert loudness_lufs(np.stack([tone, np.zeros_like(tone)])) == pytest.approx(-3.01, abs=0.02)


def test_the_tear_is_where_the_truth_says_and_only_there(tiny: Drawing, pictures: np.ndarray) -> None:
    tear = tiny.truth["tear"]
    dry = draw_windscreen(replace(TINY, tear=False))
    assert dry._painter.tell_tear() is None
    before, during = tear["start_frame"] - 1, tear["places"][3]["frame"]
    assert np.array_equal(dry.frame(before), pictures[before])
    differs = np.abs(dry.frame(during).astype(int) - pictures[during]).max(axis=2) > 8
    rows, columns = np.nonzero(differs)
    place = tear["places"][3]
    assert rows.size
    assert rows.max() / 90 == pytest.approx(place["y"], abs=0.04)
    assert columns.mean() / 160 == pytest.approx(place["x"], abs=0.05)
    later = Timeline(replace(TINY, tear_at_s=1.0)).tear_span()
    assert later is not None
    assert later[0] == tear["start_frame"] + 12


def test_mirrored_everything_but_letters_changes_sides(tiny: Drawing, pictures: np.ndarray) -> None:
    other = draw_windscreen(replace(TINY, mirror=True))
    frame = 70
    # the grain stays where it is
    error = np.abs(other.frame(frame)[:, ::-1].astype(int) - pictures[frame])
    assert error.mean() < 4
    assert np.abs(other.frame(frame).astype(int) - pictures[frame]).mean() > 8
    last = tiny.frame_count - 20
    assert np.array_equal(other.frame(last), pictures[last])
    assert np.array_equal(other.sound, tiny.sound[::-1])
    x = tiny.truth["tear"]["places"][0]["x"]
    assert other.truth["tear"]["places"][0]["x"] == pytest.approx(1 - x, abs=1e-3)


def test_speed_moves_cuts_and_action_but_not_the_wipers(tiny: Drawing) -> None:
    timeline = Timeline(replace(TINY, speed=0.5))
    slow = tell(timeline)
    assert timeline.frame_count == 2 * tiny.frame_count
    for one, other in zip(tiny.truth["boundaries"], slow["boundaries"], strict=True):
        assert other["frame"] == pytest.approx(2 * one["frame"], abs=1)
        assert other["kind"] == one["kind"]
    assert slow["wipers"]["period_s"] == tiny.truth["wipers"]["period_s"]


@pytest.mark.parametrize("palette", sorted(PALETTES))
def test_each_palette_is_another_film_of_the_same_cuts(palette: str, tiny: Drawing) -> None:
    drawing = draw_windscreen(replace(TINY, palette=palette))
    picture = drawing.frame(70)
    assert (palette == TINY.palette) == np.array_equal(picture, tiny.frame(70))
    spread = np.ptp(picture.astype(int), axis=2).max()
    assert spread == 0 if palette in ("silver", "nitrate") else spread > 40


def test_music_and_seed_change_what_they_should(tiny: Drawing) -> None:
    quiet = draw_windscreen(replace(TINY, music=False))
    assert quiet.truth["sound"]["music"] is None
    assert np.abs(quiet.sound).mean() < np.abs(tiny.sound).mean()
    other = draw_windscreen(replace(TINY, seed=2))
    assert not np.array_equal(other.frame(70), tiny.frame(70))
    assert tell(other.timeline)["boundaries"] == tiny.truth["boundaries"]


def test_truth_is_json_and_covers_the_film() -> None:
    drawing = draw_windscreen(Staging(width_px=96, height_px=54))
    timeline = drawing.timeline
    assert 70 <= drawing.frame_count / 24 <= 80
    shots = timeline.shots
    assert shots[0].start_frame == 0
    assert all(one.end_frame == other.start_frame for one, other in pairwise(shots))
    assert shots[-1].end_frame == drawing.frame_count
    kinds = [shot.plan.begins for shot in shots]
    assert kinds.count("dissolve") == 2
    assert kinds.count("fade") == 2
    for frame in range(drawing.frame_count):
        assert sum(layer.weight for layer in timeline.at(frame)) == pytest.approx(1)
    told = draw_windscreen(TINY).truth
    assert json.loads(json.dumps(told)) == told
    assert told["credits"]["start_frame"] == told["shots"][-1]["start_frame"]


def test_every_set_up_can_be_drawn() -> None:
    assert set(SETS) | set(SKETCHES) | {"black", "credits"} == set(SET_UPS)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"palette": "mud"}, "palette"),
        ({"shots": ()}, "at least one"),
        ({"shots": (ShotPlan("her", 1.0),)}, "open"),
        ({"shots": (ShotPlan("attic", 1.0, "open"),)}, "attic"),
        ({"shots": (ShotPlan("her", 1.0, "open"), ShotPlan("him", 1.0, "dissolve"))}, "lasts some time"),
        ({"speed": 0.0}, "positive"),
        ({"width_px": 31}, "too small"),
    ],
)
def test_a_staging_that_cannot_be_drawn_says_so(change: dict[str, object], word: str) -> None:
    with pytest.raises(UsageWrong, match=word):
        Staging(**change)  # type: ignore[arg-type]


def test_a_shot_too_short_for_its_transitions_is_refused() -> None:
    shots = (ShotPlan("her", 0.5, "open"), ShotPlan("him", 0.25, "dissolve", 2.0))
    with pytest.raises(UsageWrong, match="too short"):
        Timeline(Staging(shots=shots))


def test_other_shapes_of_picture_can_be_drawn() -> None:
    drawing = draw_windscreen(replace(TINY, width_px=100, height_px=100))
    for frame in (5, 60, 200, 350):
        assert drawing.frame(frame).shape == (100, 100, 3)


def test_the_pictures_are_not_dark_nor_blown(pictures: np.ndarray, tiny: Drawing) -> None:
    for shot in tiny.truth["shots"]:
        if shot["flat"] or shot["set_up"] == "credits":
            continue
        grey = cv2.cvtColor(pictures[(shot["start_frame"] + shot["end_frame"]) // 2], cv2.COLOR_RGB2GRAY)
        assert 12 < grey.mean() < 140, shot["set_up"]
        assert (grey > 250).mean() < 0.02, shot["set_up"]
