"""Who is who by a person's word and by the screenplay's speakers: on tables drawn here."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.drawn_people import BELA, film_of, frames_of, person

from punctum import tables
from punctum.errors import CorrectionUnclear
from punctum.film import Correction
from punctum.segment.characters import join_groups
from punctum.segment.names import name_by_script
from punctum.segment.people import People, find_people
from punctum.segment.people_corrections import find_links, join_named, parse_people_correction, sift_names


def say(text: str, people: People) -> tuple[Correction, ...]:
    return parse_people_correction(text, people.characters, people.faces, people.tracks)


class TestNames:
    def test_a_name_by_hand_goes_to_the_face_and_joins(self) -> None:
        faces, shots = film_of(("A",), ("B",), ("A",))
        frames = frames_of(144, faces)
        before = find_people(faces, shots, frames, 1.0)
        (said,) = say("name A = Anna", before)
        after = find_people(faces, shots, frames, 1.0, corrections=[said])
        assert after.characters.select("name", "named_by").rows() == [("Anna", "person"), ("B", None)]
        (also,) = say("name B = Anna", before)
        both = find_people(faces, shots, frames, 1.0, corrections=[said, also])
        assert both.characters["name"].to_list() == ["Anna"]
        assert both.characters["shots"].to_list() == [3]

    NAMELESS = ("name", "name A", "name A =", "name = Anna", "name Z = Anna", "name A = " + "x" * 200, "merge A Z",
                "merge A A", "split", "split A", "split Z 0:01", "split A x", "split A 0:03", "split A 0:01 =",
                "split A 0:01 = A", "split B 0:02")  # fmt: skip

    @pytest.mark.parametrize("text", NAMELESS)
    def test_what_means_nobody_is_refused(self, text: str) -> None:
        faces, shots = film_of(("A",), ("B",))
        people = find_people(faces, shots, frames_of(96, faces), 1.0)
        people = people._replace(faces=people.faces.filter(pl.col("frame") < 49))  # one face of B
        with pytest.raises(CorrectionUnclear):
            say(text, people)

    @pytest.mark.parametrize("text", ["cut 1:02", "merge 1:02", "move 1 2", "scene 0:02", ""])
    def test_what_is_about_shots_is_left_to_them(self, text: str) -> None:
        faces, shots = film_of(("A",), ("B",))
        assert say(text, find_people(faces, shots, frames_of(96, faces), 1.0)) == ()

    def test_a_face_is_taken_out_of_a_character(self) -> None:
        faces, shots = film_of(("A",), ("B",), ("A",), ("A",))
        frames = frames_of(192, faces)
        before = find_people(faces, shots, frames, 1.0)
        assert before.tracks["character"].to_list() == [0, 1, 0, 0]
        said = list(say("split A 0:05", before))
        after = find_people(faces, shots, frames, 1.0, corrections=said)
        assert after.unused == []
        who = after.tracks["character"].to_list()
        assert who[2] != who[0]  # what is as like either goes to one of them
        assert len(set(who)) == 3
        given = find_people(faces, shots, frames, 1.0, corrections=list(say("split A 0:05 = B", before)))
        assert given.tracks["character"].to_list()[1:3] == [given.tracks["character"][1]] * 2
        called = find_people(faces, shots, frames, 1.0, corrections=list(say("split A 0:05 = Ida Lupino", before)))
        assert "Ida Lupino" in called.characters["name"].to_list()

    def test_two_characters_become_one_and_are_parted_again(self) -> None:
        faces, shots = film_of(("A",), ("B",), ("A",))
        frames = frames_of(144, faces)
        before = find_people(faces, shots, frames, 1.0)
        said = list(say("merge A B", before))
        one = find_people(faces, shots, frames, 1.0, corrections=said)
        assert one.tracks["character"].to_list() == [0, 0, 0]
        assert one.characters["named_by"].to_list() == [None]
        said += say("split A 0:03", one)
        parted = find_people(faces, shots, frames, 1.0, corrections=said)
        assert parted.tracks["character"].to_list() == before.tracks["character"].to_list()

    def test_names_of_several_words_are_told_apart(self) -> None:
        faces, shots = film_of(("A",), ("B",))
        frames = frames_of(96, faces)
        people = find_people(faces, shots, frames, 1.0)
        named = [*say("name A = Ida May", people), *say("name B = Jo", people)]
        people = find_people(faces, shots, frames, 1.0, corrections=named)
        (said,) = say("merge Ida May Jo", people)
        assert said.what == "same"
        both = find_people(faces, shots, frames, 1.0, corrections=[*named, said])
        assert both.characters.height == 1

    def test_a_track_that_went_over_to_somebody_else_is_cut(self) -> None:
        faces, shots = film_of(("A",))
        other = pl.lit(person(**BELA), pl.Binary())  # type: ignore[arg-type]
        hopped = faces.with_columns(pl.when(pl.col("frame") >= 24).then(other).otherwise("look").alias("look"))
        frames = frames_of(48, faces)
        before = find_people(hopped, shots, frames, 1.0)
        assert before.tracks.height == 1
        late = hopped["time_s"].max()
        after = find_people(hopped, shots, frames, 1.0, corrections=list(say(f"split A {late}", before)))
        assert after.tracks["end_frame"].min() <= 24 <= after.tracks["start_frame"].max()
        assert after.characters.height == 2

    def test_the_later_word_wins(self) -> None:
        faces, shots = film_of(("A",), ("B",))
        people = find_people(faces, shots, frames_of(96, faces), 1.0)
        (same,) = say("merge A B", people)
        apart = replace(same, what="apart")
        links, unused = find_links(people.faces, [apart, same])
        assert ([link.same for link in links], unused) == ([True], [apart])
        links, unused = find_links(people.faces, [same, apart])
        assert ([link.same for link in links], unused) == ([False], [same])
        assert find_links(people.faces, [replace(same, at_s=900.0)])[1]

    def test_no_crowd_is_joined_against_a_persons_word(self) -> None:
        score = np.full((60, 60), 9.0, np.float32)
        score[0, 59] = score[59, 0] = -1e12
        group = join_groups(score)
        assert group[0] != group[59]

    def test_a_name_for_nobody_is_unused(self) -> None:
        faces, shots = film_of(("A",), ("B",))
        people = find_people(faces, shots, frames_of(96, faces), 1.0)
        stray = Correction("name", 500.0, name="Anna", place=(0.5, 0.5))
        assert sift_names(people.faces, people.tracks, [stray]) == ({}, [stray])

    def test_names_join_the_longer_seen(self) -> None:
        tracks = tables.conform(pl.DataFrame({"track": [0, 1, 2], "character": [0, 1, 2]}), tables.TRACKS)
        joined, names = join_named(tracks, {2: "Anna", 0: "Anna"})
        assert joined["character"].to_list() == [0, 1, 0]
        assert names == {0: "Anna"}

    def test_speakers_lend_their_names_where_speech_and_faces_agree(self) -> None:
        faces, shots = film_of(*[("A",), ("B",)] * 10)
        people = find_people(faces, shots, frames_of(960, faces), 1.0)

        def words(speakers: list[str]) -> pl.DataFrame:
            rows = [
                {"line": i, "start_s": 2.0 * i + 0.1, "end_s": 2.0 * i + 1.5, "kind": "speech", "speaker": name}
                for i, name in enumerate(speakers)
            ]
            return tables.conform(pl.DataFrame(rows), tables.WORDS)

        named = name_by_script(people.faces, people.tracks, words(["ANNA", "BELA"] * 10))
        assert named == {0: "ANNA", 1: "BELA"}
        assert name_by_script(people.faces, people.tracks, words(["ANNA", "ANNA", "BELA", "BELA"] * 5)) == {}
        assert name_by_script(people.faces, people.tracks, words(["ANNA", "BELA"])) == {}
