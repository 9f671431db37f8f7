"""Faces followed, told apart, framed, and what two of them do: on tables drawn here."""

import csv
import zlib
from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn_people import ANNA, BELA, FPS, faces_of, film_of, frames_of, looks_of, person, shots_of
from tests.page_bundles import make_bundle

from punctum import segment, tables
from punctum.film import Bundle
from punctum.measure.looks import FACE_SIDE, LOOK_BYTES, compare_looks, describe_look, read_looks, unlikeness
from punctum.reading import find_readings
from punctum.report import render_page
from punctum.report.people import faces_data
from punctum.report.people_lanes import people_lanes
from punctum.segment.characters import Weights, compare_all, describe_characters, find_characters, join_groups
from punctum.segment.figures import find_figures
from punctum.segment.pairs import find_moves, measure_pairs, turned
from punctum.segment.people import find_people
from punctum.segment.scale import HEADS, SPREAD, doubt_scale, find_scales, scale_of
from punctum.segment.tracks import against_own_median, follow_faces, make_tracks

LABELS = Path(__file__).parent / "data" / "scale_labels.csv"


def whose(faces: pl.DataFrame, rows: list[dict[str, object]], key: str) -> list[tuple[object, int | None]]:
    """Pairs of what a row was drawn as, and the track it came to."""
    drawn = [row[key] for row in sorted(rows, key=lambda row: row["frame"])]  # type: ignore[arg-type, return-value]
    return list(zip(drawn, faces["track"].to_list(), strict=True))


class TestTracks:
    def test_one_face_held_is_one_track(self) -> None:
        faces = faces_of([{"frame": f, "x": 0.5, "y": 0.4} for f in looks_of(120)])
        followed = follow_faces(faces, shots_of(120), 1.0)
        assert followed["track"].unique().to_list() == [0]

    def test_a_cut_ends_a_track(self) -> None:
        faces = faces_of([{"frame": f, "x": 0.5, "y": 0.4} for f in looks_of(120)])
        followed = follow_faces(faces, shots_of(60, 60), 1.0)
        assert followed.group_by("track").agg(pl.col("frame").max()).sort("track")["frame"].to_list() == [49, 109]

    def test_misses_do_not_end_it_but_two_seconds_do(self) -> None:
        looks = [f for f in looks_of(240) if not 30 < f < 60]
        one = follow_faces(faces_of([{"frame": f, "x": 0.5, "y": 0.4} for f in looks]), shots_of(240), 1.0)
        assert one["track"].n_unique() == 1
        looks = [f for f in looks_of(240) if not 30 < f < 100]
        two = follow_faces(faces_of([{"frame": f, "x": 0.5, "y": 0.4} for f in looks]), shots_of(240), 1.0)
        assert two["track"].n_unique() == 2

    @pytest.mark.parametrize("depth", [0.0, 0.12])
    def test_two_who_cross_keep_their_tracks(self, depth: float) -> None:
        rows: list[dict[str, object]] = []
        for f in looks_of(144):
            share = f / 144
            rows.append({"frame": f, "x": 0.2 + 0.6 * share, "y": 0.4, "height": 0.2, "who": "right"})
            rows.append({"frame": f, "x": 0.8 - 0.6 * share, "y": 0.4 + depth, "height": 0.2, "who": "left"})
        drawn = [{k: v for k, v in row.items() if k != "who"} for row in rows]
        followed = follow_faces(faces_of(drawn), shots_of(144), 1.0)
        # where they cover each other nobody can say who is seen
        apart = [number for number, row in enumerate(rows) if row["frame"] not in (72, 73)]
        pairs = [whose(followed, rows, "who")[number] for number in apart]
        assert len({pair for pair in pairs if pair[1] is not None}) == 2

    def test_two_who_cross_and_are_missed_meanwhile(self) -> None:
        rows: list[dict[str, object]] = []
        for f in looks_of(144):
            share = f / 144
            rows.append({"frame": f, "x": 0.2 + 0.6 * share, "y": 0.4, "height": 0.2, "who": "front"})
            if not 0.42 < share < 0.58:
                rows.append({"frame": f, "x": 0.8 - 0.6 * share, "y": 0.4, "height": 0.18, "who": "back"})
        drawn = [{k: v for k, v in row.items() if k != "who"} for row in rows]
        followed = follow_faces(faces_of(drawn), shots_of(144), 1.0)
        assert len({pair for pair in whose(followed, rows, "who") if pair[1] is not None}) == 2

    def test_one_face_seen_for_two_who_embrace_is_neithers(self) -> None:
        two = [{"frame": f, "x": x, "y": 0.5} for f in (0, 1, 12, 13) for x in (0.42, 0.58)]
        one = [{"frame": f, "x": 0.5, "y": 0.5} for f in (24, 25)]
        tracks = [track for _, track in whose(follow_faces(faces_of(two + one), shots_of(48), 1.0), two + one, "x")]
        assert len(set(tracks)) == 3
        assert tracks[-1] == tracks[-2]
        alone = [row for row in two if row["x"] == 0.42] + one  # with nobody beside, the same face is followed
        assert follow_faces(faces_of(alone), shots_of(48), 1.0)["track"].n_unique() == 1

    def test_who_faces_the_other_way_elsewhere_is_another(self) -> None:
        rows = [{"frame": f, "x": 0.4, "y": 0.5, "yaw_deg": -60.0} for f in (0, 1, 12, 13)]
        rows += [{"frame": f, "x": 0.55, "y": 0.5, "yaw_deg": 60.0} for f in (24, 25)]
        assert follow_faces(faces_of(rows), shots_of(48), 1.0)["track"].n_unique() == 2
        turned_in_place = [row | {"x": 0.4} for row in rows]
        assert follow_faces(faces_of(turned_in_place), shots_of(48), 1.0)["track"].n_unique() == 1

    def test_in_a_dissolve_a_lost_face_is_not_found_again(self) -> None:
        rows = [{"frame": f, "x": 0.5, "y": 0.5} for f in (0, 1, 12, 13, 36, 37)]
        shots = shots_of(48, 48)
        assert follow_faces(faces_of(rows), shots, 1.0)["track"].n_unique() == 1
        mixed = pl.Series([None, 30], dtype=pl.Int32), pl.Series([None, 66], dtype=pl.Int32)
        dissolved = shots.with_columns(transition_start_frame=mixed[0], transition_end_frame=mixed[1])
        assert follow_faces(faces_of(rows), dissolved, 1.0)["track"].n_unique() == 2

    def test_a_faint_face_goes_on_a_track_and_begins_none(self) -> None:
        rows = [{"frame": f, "x": 0.5, "y": 0.4, "score": 0.45 if 20 < f < 50 else 0.9} for f in looks_of(96)]
        assert follow_faces(faces_of(rows), shots_of(96), 1.0)["track"].null_count() == 0
        faint = [{"frame": f, "x": 0.5, "y": 0.4, "score": 0.45} for f in looks_of(96)]
        assert follow_faces(faces_of(faint), shots_of(96), 1.0)["track"].null_count() == len(faint)

    def test_a_faint_face_elsewhere_does_not_lead_a_track_astray(self) -> None:
        rows: list[dict[str, object]] = [{"frame": f, "x": 0.3, "y": 0.4, "score": 0.9} for f in looks_of(48)]
        rows += [{"frame": f, "x": 0.3 + 0.012 * (f - 48), "y": 0.4, "score": 0.45} for f in looks_of(96) if f >= 60]
        rows += [{"frame": 96 + f, "x": 0.75, "y": 0.4, "score": 0.9} for f in looks_of(48)]
        followed = follow_faces(faces_of(rows), shots_of(144), 1.0)
        assert followed["track"].drop_nulls().n_unique() == 2
        assert followed.filter(pl.col("score") < 0.6)["track"].null_count() >= 4

    def test_a_face_seen_once_and_not_surely_is_none(self) -> None:
        once = faces_of([{"frame": 12, "x": 0.5, "y": 0.4, "score": 0.7}])
        assert follow_faces(once, shots_of(48), 1.0)["track"].to_list() == [None]
        sure = faces_of([{"frame": 12, "x": 0.5, "y": 0.4, "score": 0.85}])
        assert follow_faces(sure, shots_of(48), 1.0)["track"].to_list() == [0]

    def test_one_face_found_at_two_sizes_is_followed_once(self) -> None:
        rows = [{"frame": f, "x": 0.5, "y": 0.4} for f in looks_of(48)]
        rows += [{"frame": f, "x": 0.51, "y": 0.41, "height": 0.22, "score": 0.65} for f in looks_of(48)]
        assert follow_faces(faces_of(rows), shots_of(48), 1.0)["track"].drop_nulls().n_unique() == 1

    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, 10_000), st.integers(1, 6))
    def test_no_two_faces_of_a_frame_share_a_track(self, seed: int, most: int) -> None:
        rng = np.random.default_rng(seed)
        rows = [
            {"frame": f, "x": rng.uniform(0.1, 0.9), "y": rng.uniform(0.1, 0.9), "height": rng.uniform(0.05, 0.4)}
            for f in looks_of(72)
            for _ in range(int(rng.integers(0, most + 1)))
        ]
        if not rows:
            return
        followed = follow_faces(faces_of(rows), shots_of(30, 42), 1.0)
        assert followed.drop_nulls("track").select("frame", "track").is_unique().all()
        tracks = make_tracks(followed, shots_of(30, 42))
        assert tracks["track"].to_list() == list(range(tracks.height))
        assert tracks["faces"].sum() == followed["track"].count()

    def test_a_crowd_of_eighty_is_followed_in_bounded_time(self) -> None:
        rng = np.random.default_rng(1)
        x, y = rng.uniform(0.02, 0.98, 80), rng.uniform(0.02, 0.98, 80)
        rows = [{"frame": f, "x": x[i], "y": y[i], "height": 0.04} for f in looks_of(240) for i in range(80)]
        followed = follow_faces(faces_of(rows), shots_of(240), 1.0)
        assert followed["track"].null_count() == 0

    def test_no_faces_no_shots_and_null_columns(self) -> None:
        none = tables.empty(tables.FACES)
        assert make_tracks(follow_faces(none, shots_of(10), 1.0), shots_of(10)).height == 0
        faces = faces_of([{"frame": 0, "x": 0.5, "y": 0.5}, {"frame": 1, "x": 0.5, "y": 0.5}])
        assert follow_faces(faces, tables.empty(tables.SHOTS), 1.0)["track"].null_count() == 2
        bare = tables.conform(faces.select("face", "frame"), tables.FACES)
        assert follow_faces(bare, shots_of(10), 1.0)["track"].null_count() == 2


class TestStillness:
    def test_the_longest_rest_is_told(self) -> None:
        rows = []
        for f in looks_of(240):
            resting = 48 <= f < 168
            rows.append({"frame": f, "x": 0.5, "y": 0.4, "stir": (0.0 if resting else 5.0) if f % 12 else None})
        tracks = make_tracks(follow_faces(faces_of(rows), shots_of(240), 1.0), shots_of(240))
        row = tracks.row(0, named=True)
        assert row["still_start_s"] == pytest.approx(49 / FPS)
        assert row["still_s"] == pytest.approx((157 - 49) / FPS, abs=0.01)

    def test_without_stir_stillness_is_not_known(self) -> None:
        faces = faces_of([{"frame": f, "x": 0.5, "y": 0.4} for f in looks_of(96)])
        assert make_tracks(follow_faces(faces, shots_of(96), 1.0), shots_of(96))["still_s"].to_list() == [None]

    def test_blinks_are_counted_where_eyes_were_seen_often_enough(self) -> None:
        def eyes(f: int) -> float:
            return 0.05 if f % 72 in (30, 31, 32, 33) else 0.3

        every = faces_of([{"frame": f, "x": 0.5, "y": 0.4, "eye_opening": eyes(f)} for f in range(0, 288, 2)])
        tracks = make_tracks(follow_faces(every, shots_of(288), 1.0), shots_of(288))
        assert tracks["blinks_per_minute"][0] == pytest.approx(4 / (286 / FPS) * 60, rel=0.01)
        seldom = faces_of([{"frame": f, "x": 0.5, "y": 0.4, "eye_opening": eyes(f)} for f in range(0, 288, 3)])
        tracks = make_tracks(follow_faces(seldom, shots_of(288), 1.0), shots_of(288))
        assert tracks["blinks_per_minute"][0] is None

    def test_eyes_shut_for_a_second_are_no_blink(self) -> None:
        rows = [{"frame": f, "x": 0.5, "y": 0.4, "eye_opening": 0.05 if 100 < f < 130 else 0.3} for f in range(240)]
        tracks = make_tracks(follow_faces(faces_of(rows), shots_of(240), 1.0), shots_of(240))
        assert tracks["blinks_per_minute"][0] == 0

    def test_own_median_is_zero_and_belongs_to_the_character(self) -> None:
        rows = [{"frame": f, "x": 0.3, "y": 0.4, "brow": 0.2 + 0.1 * (f >= 48)} for f in looks_of(144)]
        shots = shots_of(48, 96)
        faces = follow_faces(faces_of(rows), shots, 1.0)
        tracks = make_tracks(faces, shots)
        alone = against_own_median(faces, tracks)["brow_off"]
        assert alone.abs().max() == pytest.approx(0)
        one = against_own_median(faces, tracks.with_columns(pl.lit(0, pl.Int32).alias("character")))["brow_off"]
        assert one.to_list()[0] == pytest.approx(-0.1, abs=1e-4)
        assert one.to_list()[-1] == pytest.approx(0, abs=1e-4)


class TestScale:
    def test_heads_make_scales(self) -> None:
        assert [scale_of(0.9 / heads) for heads in (0.5, 1, 2, 4, 6, 10, 50)] == list(tables.SCALES)

    @given(st.floats(0.005, 1.5))
    def test_doubt_is_half_at_a_boundary_and_a_probability(self, height: float) -> None:
        assert 0 <= doubt_scale(height) <= 1
        assert doubt_scale(0.9 / HEADS[2]) == pytest.approx(0.5, abs=0.02)

    def test_a_shot_has_the_scale_of_its_nearest_face(self) -> None:
        rows = [{"frame": f, "x": 0.3, "y": 0.4, "height": 0.6} for f in looks_of(48)]
        rows += [{"frame": f, "x": 0.8, "y": 0.4, "height": 0.2} for f in looks_of(48)]
        rows += [{"frame": 48 + f, "x": 0.5, "y": 0.4, "height": 0.2} for f in looks_of(48)]
        shots = shots_of(48, 48, 48, 48)
        faces = faces_of(rows)
        frames = frames_of(192, faces, looks_of(144))
        people = find_people(faces, shots, frames, 1.0)
        assert people.shots["scale"].to_list() == ["CU", "MS", None, None]
        assert people.shots["faces"].to_list() == [2, 1, 0, None]
        assert people.shots["characters"].to_list() == [[], [], [], None]
        tables.check(people.shots, tables.SHOTS)

    def test_a_face_of_no_track_makes_no_scale(self) -> None:
        faces = faces_of([{"frame": 12, "x": 0.5, "y": 0.4, "score": 0.65}])
        people = find_people(faces, shots_of(48), frames_of(48, faces), 1.0)
        assert people.shots.select("scale", "faces").row(0) == (None, 0)

    def test_labels_are_whole(self) -> None:
        with LABELS.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) >= 60
        assert {row["scale"] for row in rows} <= {*tables.SCALES, ""}
        assert {row["face"] for row in rows} == {"shows", "turned", "back", "none"}
        assert all(row["reason"] and row["source"] for row in rows)
        assert all((row["scale"] == "") == (row["face"] == "none") for row in rows)

    def test_spread_is_that_of_people(self) -> None:
        assert 0.1 < SPREAD < 0.3


class TestLooks:
    def test_the_same_look_is_alike_and_another_is_not(self) -> None:
        anna, bela = person(**ANNA), person(**BELA)  # type: ignore[arg-type]
        assert compare_looks(anna, anna) == 0
        parts = unlikeness(read_looks([anna]), read_looks([bela]))[0]
        assert parts[0] > 0.4
        assert parts[2] > 0.4
        assert parts[3] > 0.2

    def test_light_changes_the_face_little(self) -> None:
        bright, dim = person(**ANNA), person(**ANNA, light=0.6)  # type: ignore[arg-type]
        assert unlikeness(read_looks([bright]), read_looks([dim]))[0][3] < 0.02

    def test_hostile_pictures_and_boxes(self) -> None:
        for shape in ((1, 1, 3), (2, 300, 3), (40, 40, 3)):
            picture = np.zeros(shape, np.uint8)
            for box in ((0, 0, 0, 0), (-3, -3, 1, 1), (0.2, 0.2, 5, 5), (0.99, 0.99, 0.5, 0.5), (0.5, 0.5, 1e-6, 1e-6)):
                for points in (None, [0.5] * 10, [float("nan")] * 10, [0.1] * 3):
                    assert len(describe_look(picture, box, points)) == LOOK_BYTES
        assert read_looks([None, b"", b"x", bytes(LOOK_BYTES)]).faces.shape == (4, FACE_SIDE**2)

    def test_all_pairs_and_single_pairs_agree(self) -> None:
        looks = read_looks([person(**ANNA), person(**BELA), bytes(LOOK_BYTES)])  # type: ignore[arg-type]
        every = compare_all(looks)
        for i in range(3):
            for j in range(3):
                one = type(looks)(looks.colours[i : i + 1], looks.faces[i : i + 1])
                other = type(looks)(looks.colours[j : j + 1], looks.faces[j : j + 1])
                np.testing.assert_allclose(every[:, i, j], unlikeness(one, other)[0], atol=1e-3)


class TestCharacters:
    def test_people_are_told_apart(self) -> None:
        faces, shots = film_of(("A",), ("B",), ("A",), ("B",), ("A", "B"))
        people = find_people(faces, shots, frames_of(240, faces), 1.0)
        assert people.characters["name"].to_list() == ["A", "B"]
        assert people.shots["characters"].to_list() == [[0], [1], [0], [1], [0, 1]]
        row = people.characters.row(0, named=True)
        assert (row["tracks"], row["shots"], row["first_s"]) == (3, 3, 0.0)
        assert row["on_screen_s"] == pytest.approx(3 * 37 / FPS, abs=0.01)

    def test_two_in_one_frame_are_two_however_alike(self) -> None:
        faces, shots = film_of(("A", "A"), ("A", "A"))
        people = find_people(faces, shots, frames_of(96, faces), 1.0)
        together = people.tracks.group_by("shot").agg(pl.col("character").n_unique())
        assert together["character"].to_list() == [2, 2]

    def test_a_cut_does_not_go_to_the_same_face_at_the_same_place(self) -> None:
        faces, shots = film_of(("A",), ("A",))
        followed = follow_faces(faces, shots, 1.0)
        tracks = make_tracks(followed, shots)
        assert find_characters(followed, tracks)["character"].n_unique() == 2
        apart = tracks.with_columns(pl.col("shot") * 2)
        assert find_characters(followed, apart)["character"].n_unique() == 1

    def test_faces_too_small_or_without_a_look_are_nobodys(self) -> None:
        faces, shots = film_of(("A",), ("B",))
        for bare in (
            faces.with_columns(pl.lit(None, pl.Binary).alias("look")),
            faces.with_columns(pl.lit(4.0, pl.Float32).alias("eye_distance_px")),
        ):
            people = find_people(bare, shots, frames_of(96, faces), 1.0)
            assert people.tracks["character"].null_count() == 2
            assert people.characters.height == 0

    @settings(max_examples=20, deadline=None)
    @given(st.integers(0, 10_000), st.integers(2, 12))
    def test_groups_never_join_what_must_stay_apart(self, seed: int, n: int) -> None:
        rng = np.random.default_rng(seed)
        score = rng.normal(1, 4, (n, n)).astype(np.float32)
        score = (score + score.T) / 2
        score[0, 1] = score[1, 0] = -1e6
        group = join_groups(score)
        assert group[0] != group[1]
        assert group.max() + 1 == len(set(group.tolist()))

    def test_groups_do_not_hang_on_the_order(self) -> None:
        rng = np.random.default_rng(3)
        score = rng.normal(0, 4, (12, 12)).astype(np.float32)
        score = (score + score.T) / 2
        order = rng.permutation(12)
        one, other = join_groups(score), join_groups(score[np.ix_(order, order)])
        same = one[order][:, None] == one[order][None, :]
        assert (same == (other[:, None] == other[None, :])).all()

    def test_weights_say_that_likeness_adds(self) -> None:
        from punctum.segment import characters

        for weights in (characters.NEAR_WEIGHTS, characters.FAR_WEIGHTS):
            assert isinstance(weights, Weights)
            assert max(weights.unlike) <= 0 <= min(weights.alike)


class TestPairs:
    def test_distance_is_that_of_the_middles(self) -> None:
        rows = [{"frame": 0, "x": 0.2, "y": 0.4, "height": 0.2}, {"frame": 0, "x": 0.5, "y": 0.8, "height": 0.2}]
        rows += [{**row, "frame": 1} for row in rows]
        shots = shots_of(24)
        faces = follow_faces(faces_of(rows), shots, 1.0)  # type: ignore[arg-type]
        pairs = measure_pairs(faces, make_tracks(faces, shots), 1.0)
        assert pairs["distance_h"].to_list() == pytest.approx([0.5, 0.5])
        assert pairs["distance"].to_list() == pytest.approx([2.5, 2.5])

    def test_a_face_far_behind_is_no_partner(self) -> None:
        rows = [{"frame": f, "x": 0.3, "y": 0.4, "height": 0.5} for f in looks_of(48)]
        rows += [{"frame": f, "x": 0.8, "y": 0.3, "height": 0.1} for f in looks_of(48)]
        shots = shots_of(48)
        faces = follow_faces(faces_of(rows), shots, 1.0)
        assert measure_pairs(faces, make_tracks(faces, shots), 1.0).height == 0

    def test_noise_is_no_move(self) -> None:
        rng = np.random.default_rng(2)
        time_s = np.repeat(np.arange(20) / 2, 2) + np.tile([0, 1 / 24], 20)
        for level in (0.9, 1.5, 3.0):
            assert find_moves(time_s, level + rng.normal(0, 0.05, 40)) == []

    def test_approach_contact_and_withdrawal_have_span_and_size(self) -> None:
        distance = np.concatenate([np.full(8, 2.0), np.linspace(2, 0.5, 7), np.full(6, 0.5), np.linspace(0.5, 1.4, 6)])
        moves = find_moves(np.arange(len(distance)) / 4, distance)
        assert [move.kind for move in moves] == ["approach", "contact", "withdrawal"]
        approach, contact, withdrawal = moves
        assert approach.change == pytest.approx(-1.5)
        assert 7 <= approach.first <= 9
        assert 13 <= approach.last <= 15
        assert contact.first <= 15 <= contact.last
        assert withdrawal.change == pytest.approx(0.9)

    def test_the_embrace_of_the_sample_film_is_found_from_its_faces(self) -> None:
        # the faces that YuNet finds in the shot of two profiles, two pairs of frames a second
        with (LABELS.parent / "windscreen_profiles.csv").open(encoding="utf-8") as file:
            rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
        faces = tables.conform(pl.DataFrame(rows).with_columns(pl.col("frame").cast(pl.Int32)), tables.FACES)
        shots = tables.conform(
            pl.DataFrame(
                {"shot": [9], "start_frame": [894], "end_frame": [1074], "start_s": [37.25], "end_s": [44.75]}
            ),
            tables.SHOTS,
        )
        followed = follow_faces(faces, shots, 16 / 9)
        figures = find_figures(followed, make_tracks(followed, shots), shots, tables.empty(tables.SCENES), 16 / 9)
        found = {
            kind: [(row["start_frame"], row["end_frame"]) for row in figures.to_dicts() if row["kind"] == kind]
            for kind in ("approach", "contact", "withdrawal")
        }
        # looks lie half a second, 12 frames, apart; the truth is `staging.APPROACH`
        assert found["approach"][0] == (pytest.approx(916, abs=12), pytest.approx(966, abs=24))
        assert found["withdrawal"][0] == (pytest.approx(984, abs=12), pytest.approx(1006, abs=12))
        first, last = found["contact"]
        assert first[0] <= 984 + 12
        assert (last[0], last[1]) == (pytest.approx(1016, abs=12), 1074)

    def test_who_turns_to_whom(self) -> None:
        assert turned(20, -20) == "both"
        assert turned(-20, -20) == "other"
        assert turned(-20, 20) == "neither"
        assert turned(None, 20) == ""


def drawn(*shots: dict[str, object], length: int = 48) -> pl.DataFrame:
    """Figures of a film whose shots each show one person: who, x, height, yaw."""
    given = {"x": 0.5, "height": 0.4, "yaw": None}
    rows = [
        {"frame": number * length + f, "y": 0.4, "yaw_deg": (given | shot)["yaw"]}
        | {name: (given | shot)[name] for name in ("x", "height")}
        for number, shot in enumerate(shots)
        for f in looks_of(length)
    ]
    table = shots_of(*([length] * len(shots)))
    faces = follow_faces(faces_of(rows), table, 1.0)
    tracks = make_tracks(faces, table).with_columns(
        pl.col("shot")
        .replace_strict({i: shot["who"] for i, shot in enumerate(shots)}, return_dtype=pl.Int32)
        .alias("character")
    )
    return find_figures(faces, tracks, table, tables.empty(tables.SCENES), 1.0)


def talk(count: int, **changes: object) -> list[dict[str, object]]:
    """Two people in turn, turned to each other."""
    return [{"who": i % 2, "x": 0.4 + 0.2 * (i % 2), "yaw": 20 - 40 * (i % 2)} | changes for i in range(count)]


class TestFigures:
    def test_shot_reverse_shot(self) -> None:
        row = drawn(*talk(6)).filter(pl.col("kind") == "shot_reverse_shot").row(0, named=True)
        assert (row["start_frame"], row["end_frame"], row["value"], row["unit"]) == (0, 288, 6, "shots")
        assert row["characters"] == [0, 1]

    def test_what_is_none(self) -> None:
        def kinds(*shots: dict[str, object]) -> set[str]:
            return set(drawn(*shots)["kind"].to_list())

        assert "shot_reverse_shot" not in kinds(*talk(3))
        assert "shot_reverse_shot" not in kinds(*talk(6, yaw=20))
        assert "shot_reverse_shot" not in kinds(*[shot | {"who": i % 3} for i, shot in enumerate(talk(6))])
        assert "shot_reverse_shot" not in kinds(*[s | {"height": 0.6 if i % 2 else 0.2} for i, s in enumerate(talk(6))])

    def test_intensify(self) -> None:
        closer = [{"who": 0, "height": height} for height in (0.2, 0.3, 0.45)]
        assert drawn(*closer)["kind"].to_list() == ["intensify"]
        assert drawn(*reversed(closer)).height == 0
        assert drawn(*[{"who": 0, "height": height} for height in (0.3, 0.31, 0.32)]).height == 0
        both = [{"who": i % 2, "height": 0.2 * 1.3 ** (i // 2), "yaw": 0} for i in range(6)]
        assert (drawn(*both)["kind"] == "intensify").sum() == 2

    def test_opposition(self) -> None:
        sides = [{"who": i, "x": 0.3 if i % 2 else 0.7, "height": 0.2} for i in range(4)]
        assert "opposition" in drawn(*sides)["kind"].to_list()
        assert "opposition" not in drawn(*[side | {"x": 0.3} for side in sides])["kind"].to_list()

    def test_frameshare_and_no_figure_of_single_shots_in_it(self) -> None:
        faces, shots = film_of(("A", "B"), ("A", "B"), ("A",))
        people = find_people(faces, shots, frames_of(144, faces), 1.0)
        figures = find_figures(people.faces, people.tracks, people.shots, tables.empty(tables.SCENES), 1.0)
        row = figures.filter(pl.col("kind") == "frameshare").row(0, named=True)
        assert (row["first_shot"], row["end_shot"], row["characters"]) == (0, 2, [0, 1])

    def test_no_figure_goes_over_a_scene(self) -> None:
        faces, shots = film_of(*[("A",), ("B",)] * 3)
        people = find_people(faces, shots, frames_of(288, faces), 1.0)
        cut = tables.conform(pl.DataFrame({"scene": [0, 1], "start_frame": [0, 144]}), tables.SCENES)
        whole = find_figures(people.faces, people.tracks, people.shots, tables.empty(tables.SCENES), 1.0)
        parted = find_figures(people.faces, people.tracks, people.shots, cut, 1.0)
        assert "shot_reverse_shot" in whole["kind"].to_list()
        assert "shot_reverse_shot" not in parted["kind"].to_list()
        tables.check(whole, tables.FIGURES)


def bundle_of(*who: tuple[str, ...]) -> Bundle:
    """A bundle of shots of two seconds with these people, as its page and its sentences are given it."""
    faces, _ = film_of(*who)
    end = 48 * len(who)
    bundle = make_bundle([48] * len(who), readings=[])
    counted = frames_of(end, faces)["faces"]
    frames = tables.conform(bundle.frames.with_columns(counted), tables.FRAMES)
    own = bundle.shots.drop("scale", "scale_doubt", "faces", "face_height", "characters")
    people = find_people(faces, tables.conform(own, tables.SHOTS), frames, 1.0)
    figures = find_figures(people.faces, people.tracks, people.shots, tables.empty(tables.SCENES), 1.0)
    made = {**bundle.tables, "frames": frames, "figures": figures}
    made |= {name: table for name, table in people._asdict().items() if name != "unused"}
    return replace(bundle, tables=made)


class TestShown:
    def test_sentences_have_value_and_words(self) -> None:
        bundle = bundle_of(("A",), ("B",), ("A",), ("B",), ("A", "B"))
        rows = {row["measure"]: row for row in find_readings(bundle.film, bundle.tables).iter_rows(named=True)}
        assert rows["faces_share"]["value"] == 1
        assert rows["shared_frame_share"]["value"] == pytest.approx(0.2)
        assert rows["character_count"]["statement"].startswith("2 people seen for 2 s or longer")
        assert rows["shot_reverse_shot_count"]["value"] == 1
        assert rows["last_face_height"]["span"] == "ending"
        assert rows["closest_face_height"]["baseline_value"] == pytest.approx(0.3)

    def test_where_nobody_looked_and_where_nobody_is(self) -> None:
        bundle = make_bundle()
        rows = {row["measure"]: row for row in find_readings(bundle.film, bundle.tables).iter_rows(named=True)}
        assert rows["faces_share"]["value"] is None
        none = replace(
            bundle, tables={**bundle.tables, "frames": bundle.frames.with_columns(pl.lit(0, pl.Int32).alias("faces"))}
        )
        rows = {row["measure"]: row for row in find_readings(none.film, none.tables).iter_rows(named=True)}
        assert (rows["faces_share"]["value"], rows["faces_share"]["statement"]) == (0, "No face is seen.")

    def test_the_page_has_lanes_pictures_and_faces(self) -> None:
        bundle = bundle_of(("A",), ("B",), ("A",), ("B",), ("A", "B"))
        text = render_page(bundle)
        names = [lane.name for lane in people_lanes(bundle)]
        assert names == ["face_height", "character_0", "character_1", "shot_reverse_shot", "frameshare"]
        assert text.count('data-frame="') > 2
        kept: list[str] = []
        data = faces_data(bundle, lambda pack: kept.append(pack) or 0)  # type: ignore[func-returns-value]
        assert data is not None
        assert data["frames"] == sorted(set(bundle.faces["frame"].to_list()))
        assert sum(data["count"]) == bundle.faces.height
        raw = np.frombuffer(zlib.decompress(b64decode(kept[0])), "<u2")
        assert len(raw) == 14 * bundle.faces.height
        first = bundle.faces.row(0, named=True)
        assert raw[0] / 65535 == pytest.approx(first["left"], abs=1e-4)
        assert "Who is seen" in text
        assert "Who is seen" not in render_page(make_bundle())

    def test_a_hostile_name_stays_text(self) -> None:
        bundle = bundle_of(("A",), ("B",))
        evil = bundle.tables["characters"].with_columns(pl.lit("</script><img src=x onerror=alert(1)>").alias("name"))
        longer = evil.with_columns(pl.lit(9.0).alias("on_screen_s"))
        text = render_page(replace(bundle, tables={**bundle.tables, "characters": longer}))
        assert "<img src=x" not in text


class TestBadInput:
    def test_no_faces(self) -> None:
        none = tables.empty(tables.FACES)
        people = find_people(none, shots_of(48), frames_of(48, none), 1.0)
        assert people.shots["faces"].to_list() == [0]
        assert find_figures(none, people.tracks, people.shots, tables.empty(tables.SCENES), 1.0).height == 0
        for name in ("faces", "tracks", "characters", "shots"):
            tables.check(getattr(people, name), tables.TABLES[name], name)

    def test_a_film_of_one_shot(self) -> None:
        faces, shots = film_of(("A", "B"), length=480)
        people = find_people(faces, shots, frames_of(480, faces), 1.0)
        assert people.characters.height == 2

    def test_describe_characters_without_any(self) -> None:
        empty = tables.empty(tables.TRACKS)
        assert describe_characters(tables.empty(tables.FACES), empty).height == 0
        frames = frames_of(48, tables.empty(tables.FACES), [])
        assert find_scales(shots_of(48), tables.empty(tables.FACES), empty, frames)["faces"].to_list() == [None]

    def test_segment_offers_them(self) -> None:
        assert segment.find_people is find_people
        assert segment.find_figures is find_figures
