"""*Procession* and the films in quantity: drawn as their stagings say, and each in its own way."""

import json
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import polars as pl
import pytest

from punctum import cli, media
from punctum.demo import (
    PROCESSION_VARIANTS,
    RATE_HZ,
    Drawing,
    ShotPlan,
    Staging,
    draw_procession,
    draw_windscreen,
)
from punctum.demo.others import NEAR_MISSES, near_miss, staged_again, thirty, unrelated
from punctum.demo.palettes import LAMPLIGHT, find_palette
from punctum.demo.sketches import face_plan
from punctum.library.demonstration import first_of, joins_close_ups, pair_up
from punctum.measure.faces import load_yunet
from punctum.models import YUNET, read_installed
from punctum.pipeline.demo import draw_films, echo_films, place_film

SMALL = {"width_px": 360, "height_px": 270}


def shot_of(drawing: Drawing, set_up: str) -> dict[str, object]:
    return next(one for one in drawing.told["shots"] if one["set_up"] == set_up)


def test_procession_is_older_colourless_and_ends_on_a_face_and_black() -> None:
    drawing = draw_procession(width_px=96, height_px=72)
    told = drawing.told
    assert told["year"] == draw_windscreen().staging.year - 60
    assert [one["set_up"] for one in told["shots"]][-4:] == ["turn", "closing", "black", "credits"]
    assert told["shots"][-2]["begins"] == "cut"
    for frame in (40, 200, 300, 430, 480, 600, 780, 860, 1100):
        picture = drawing.frame(frame)
        assert np.ptp(picture, axis=2).max() == 0
        assert 10 < picture.mean() < 170
    black = told["shots"][-2]
    assert drawing.frame(black["start_frame"]).max() == 0
    sound = drawing.sound
    assert sound.shape == (2, round(drawing.frame_count / 24 * RATE_HZ))
    left, right = (round(black[one] / 24 * RATE_HZ) for one in ("start_frame", "end_frame"))
    assert not sound[:, left:right].any()
    assert np.abs(sound[:, :left]).max() > 0.05


def test_the_faces_of_procession_are_found_in_a_small_picture() -> None:
    find = load_yunet(read_installed(YUNET))
    drawing = draw_procession(**SMALL)
    for set_up, least in (("stranger", 1), ("among", 3), ("closing", 1)):
        shot = shot_of(drawing, set_up)
        faces = find(drawing.frame((shot["start_frame"] + shot["end_frame"]) // 2))
        assert len(faces) >= least, set_up


def test_a_tear_and_the_beginning_of_a_smile() -> None:
    drawing = draw_procession(**SMALL)
    told = drawing._painter.tell_tear()
    shot = shot_of(drawing, "closing")
    assert shot["start_frame"] < told["start_frame"] < told["end_frame"] <= shot["end_frame"]
    dry = draw_procession(**SMALL, tear=False)
    place = told["places"][-1]
    wet, without = (one.frame(place["frame"]).astype(int) for one in (drawing, dry))
    x, y = round(place["x"] * SMALL["width_px"]), round(place["y"] * SMALL["height_px"])
    assert np.abs(wet - without)[y - 8 : y + 8, x - 8 : x + 8].max() > 25
    held = drawing._painter._set(drawing.timeline.held().plan)  # type: ignore[union-attr]
    moment = drawing._painter.moment
    corners = [
        held.portrait(moment(drawing.timeline.held(), shot["start_frame"] + at)).pose.corners for at in (60, 345)
    ]
    assert corners[0] < -0.3
    assert corners[1] > 0.3


def test_variants_of_procession_are_what_they_are_called() -> None:
    film = draw_procession(width_px=96, height_px=72, grain=0.0)
    drawn = {
        name: draw_procession(**{"width_px": 96, "height_px": 72, "grain": 0.0} | how)
        for name, how in PROCESSION_VARIANTS.items()
    }
    frame = shot_of(film, "closing")["start_frame"] + 60
    assert np.array_equal(drawn["mirrored"].frame(frame)[:, ::-1], film.frame(frame))
    assert np.ptp(drawn["coloured"].frame(frame), axis=2).max() > 40
    assert np.ptp(drawn["colourless"].frame(frame), axis=2).max() == 0
    assert drawn["slower"].frame_count == pytest.approx(1.2 * film.frame_count, abs=1)
    ends = [one["set_up"] for one in drawn["another end"].told["shots"]]
    assert "closing" not in ends
    assert len(ends) == len(film.told["shots"])


def test_a_seed_is_a_film_and_a_key_is_a_staging() -> None:
    film = unrelated(31)
    assert film == unrelated(31)
    assert film != unrelated(32)
    assert np.array_equal(Drawing(film).frame(60), Drawing(film).frame(60))
    total_s = sum(plan.length_s for plan in film.shots)
    assert 38 < total_s < 85

    def picture(key: int, seed: int) -> np.ndarray:
        shots = (ShotPlan("face", 4.0, "open", key=key),)
        drawing = Drawing(Staging(title="", score="", grain=0, seed=seed, shots=shots, width_px=192, height_px=108))
        grey = cv2.cvtColor(drawing.frame(40), cv2.COLOR_RGB2GRAY).astype(float)
        return cv2.resize(grey, (16, 9), interpolation=cv2.INTER_AREA).ravel()

    keys = range(700, 708)
    again = [np.corrcoef(picture(key, 1), picture(key, 2))[0, 1] for key in keys]
    other = [np.corrcoef(picture(key, 1), picture(key + 1, 2))[0, 1] for key in keys]
    assert np.mean(again) > np.mean(other) + 0.15


def test_thirty_films_of_their_own_and_two() -> None:
    films = echo_films()
    assert len(films) == 32
    assert [one.title for one in films[:2]] == ["Windscreen", "Procession"]
    assert len({one.title for one in films}) == len({one.seed for one in films}) == 32
    assert len({one.shots for one in films}) == 32
    assert all(40 <= Drawing(one).frame_count / 24 <= 85 for one in films)
    shapes = {round(one.width_px / one.height_px, 1) for one in films}
    assert len(shapes) >= 3
    smaller = echo_films(2)
    assert smaller[0].width_px == 480
    assert thirty() == films[2:]


def test_each_near_miss_comes_near_in_one_respect() -> None:
    films = {which: near_miss(which, 60 + number) for number, which in enumerate(NEAR_MISSES)}
    assert len(NEAR_MISSES) == 6
    held = films["held without the turn"].shots
    assert [one.set_up for one in held[-2:]] == ["face", "black"]
    assert face_plan(held[-2].key)[1] == "still"
    assert all(one.action not in ("turn", "tear") for one in held)
    assert films["turn from afar"].shots[-2].set_up == "people"
    assert films["turn from afar"].shots[-2].action == "turn"
    assert films["same palette"].palette == Staging().palette
    middle = films["in the middle"].shots
    at = next(number for number, one in enumerate(middle) if one.action == "tear")
    assert face_plan(middle[at - 1].key)[1] == "turn"
    assert sum(one.length_s for one in middle[at + 1 :]) > 10
    short = films["tear cut short"].shots
    assert short[-2].action == "tear"
    assert short[-2].length_s <= 2
    assert films["not alone"].shots[-2].set_up == "pair"


def test_a_scene_staged_again_keeps_its_keys_and_takes_other_people() -> None:
    film, into = unrelated(41), unrelated(42)
    scene = tuple(one for one in film.shots if one.set_up not in ("black", "credits"))[-4:]
    again = staged_again(scene, into, speed=0.8, mirror=True, palette="ember")
    assert [one.key for one in again.shots[-4:]] == [one.key for one in scene]
    assert sum(one.length_s for one in again.shots[-4:]) == pytest.approx(sum(one.length_s for one in scene) / 0.8)
    assert again.mirror
    assert again.seed == into.seed
    assert Drawing(again).frame_count > 0


def test_palettes_by_name_keep_skins_and_turn_the_rest() -> None:
    turned = find_palette("night 120")
    day = find_palette("day 120")
    assert turned is not None
    assert day is not None
    assert turned.her_skin == LAMPLIGHT.her_skin
    assert turned.lamp != LAMPLIGHT.lamp
    assert sum(day.night) > sum(turned.night) + 100
    assert find_palette("night -3") is None


def test_films_are_drawn_once_with_title_and_year(tmp_path) -> None:
    plans = (ShotPlan("face", 1.6, "open", key=5), ShotPlan("black", 0.5))
    film = replace(unrelated(51), title="Two Shots", year=1951, shots=plans, width_px=128, height_px=72)
    told = []
    [place] = draw_films(tmp_path, [film], report=told.append)
    assert place == place_film(tmp_path, film) == tmp_path / "two-shots-1951.mp4"
    assert [(one.done_s, one.total_s) for one in told] == [(0.0, pytest.approx(2.1)), (pytest.approx(2.1),) * 2]
    source = media.open_source(place)
    assert (source.film.title, source.film.year) == ("Two Shots", 1951)
    truth = json.loads(place.with_suffix(".json").read_text("utf-8"))
    assert [one["set_up"] for one in truth["shots"]] == ["face", "black"]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["two-shots-1951.json", "two-shots-1951.mp4"]
    before = place.stat().st_mtime_ns
    draw_films(tmp_path, [film])
    assert place.stat().st_mtime_ns == before
    draw_films(tmp_path, [replace(film, seed=99)])
    assert place.stat().st_mtime_ns != before


def test_the_first_echo_and_what_it_joins(tmp_path) -> None:
    rows = pl.DataFrame(
        {
            "kind": ["copy", "echo", "echo"],
            "start_s": [0.0, 40.0, 50.0],
            "end_s": [1.0, 46.0, 65.0],
            "other_film": ["x.punctum", "b.punctum", "b.punctum"],
            "other_start_s": [0.0, 1.0, 30.0],
            "other_end_s": [1.0, 9.0, 44.0],
            "e_value": [None, 0.5, 0.01],
            "score": [9.0, 3.0, 8.0],
        }
    )
    first = first_of(rows)
    assert first is not None
    assert first["start_s"] == 50
    assert first_of(rows.head(1)) is None
    for name, set_up, start_s in (("a", "held", 51.0), ("b", "closing", 31.0)):
        shots = [{"set_up": set_up, "start_s": start_s, "end_s": start_s + 12}]
        (tmp_path / f"{name}.json").write_text(json.dumps({"shots": shots}), "utf-8")
    assert joins_close_ups(rows, tmp_path / "a.mp4", tmp_path / "b.mp4")
    assert not joins_close_ups(rows.slice(1, 1), tmp_path / "a.mp4", tmp_path / "b.mp4")
    assert not joins_close_ups(rows, tmp_path / "a.mp4", tmp_path / "c.mp4")


@pytest.mark.parametrize(
    ("words", "said"), [(("--jobs", "2"), "goes with `--echo`"), (("--echo", "--jobs", "-1"), "1 or more")]
)
def test_words_that_do_not_go_together(words, said, tmp_path, capsys) -> None:
    assert cli.run(["demo", "--into", str(tmp_path), *words]) == 2
    assert said in capsys.readouterr().err


def test_unrelated_films_cut_at_paces_of_their_own() -> None:
    paces = [np.median([plan.length_s for plan in unrelated(seed).shots]) for seed in range(200, 230)]
    assert max(paces) > 3 * min(paces)
    for seed in range(200, 230):
        body = [one for one in unrelated(seed).shots if one.key]
        assert all(one.key != other.key for one, other in pairwise(body)), "a cut goes to another set-up"
        Drawing(unrelated(seed, 96))


def test_films_pair_up_by_the_less_surprising_of_both_ways() -> None:
    def asked(**e_values: float) -> pl.DataFrame:
        rows = [{"kind": "echo", "other_film": f"x/{name}", "e_value": e, "score": 1.0} for name, e in e_values.items()]
        copy = {"kind": "copy", "other_film": "x/d", "e_value": None, "score": 9.0}
        return pl.DataFrame([*rows, copy], schema_overrides={"e_value": pl.Float64})

    found = pair_up({"a": asked(b=0.001, c=0.02), "b": asked(a=0.5), "c": asked(a=0.01), "d": asked(b=0.0001)})
    # a and b answer each other at 0.5 only, a and c at 0.02; what d echoes does not echo d
    assert [({pair.film, pair.other_film}, pair.e_value) for pair in found] == [({"a", "c"}, 0.02), ({"a", "b"}, 0.5)]
