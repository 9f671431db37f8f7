"""Scenes: the sums over divisions, the evidence by hand, drawn films, a person's word, credits, and bad tables."""

import itertools

import cv2
import numpy as np
import polars as pl
import pytest
from tests import films

from punctum import correct_bundle, open_bundle, read_film, segment
from punctum.errors import CorrectionUnclear
from punctum.film import Correction
from punctum.measure.lettering import writing
from punctum.segment import scene_evidence as evidence
from punctum.segment.credits import find_credits
from punctum.segment.partition import chances, choose_starts, rule
from punctum.segment.set_ups import LOOKS, SetUps, find_set_ups, measure_apart
from punctum.tables import FRAMES, GRID, SCENES, SHOTS, SOUNDS, TABLES, WORDS, check, conform, empty

FPS = 24


@pytest.mark.parametrize("seed", range(6))
def test_chances_are_those_of_all_divisions_counted_one_by_one(seed):
    rng = np.random.default_rng(seed)
    n, longest = 6, 4
    blocks, edges = rng.normal(size=(n, longest)), rng.normal(size=n)
    total, begun = 0.0, np.zeros(n)
    for inner in itertools.product([False, True], repeat=n - 1):
        starts = [0, *(i + 1 for i, there in enumerate(inner) if there)]
        ends = [*starts[1:], n]
        if max(b - a for a, b in zip(starts, ends, strict=True)) > longest:
            continue
        score = sum(blocks[a, b - a - 1] for a, b in zip(starts, ends, strict=True)) + edges[starts[1:]].sum()
        total += np.exp(score)
        begun[starts] += np.exp(score)
    assert chances(blocks, edges) == pytest.approx(begun / total, abs=2e-6)


def test_a_persons_word_is_certain():
    blocks, edges = rule(np.zeros((5, 5)), np.zeros(5), [3], [1])
    found = chances(blocks, edges)
    assert (found[3], found[1]) == (1.0, 0.0)


def test_boundaries_named_are_likelier_than_not_within_a_shot():
    starts, near = choose_starts(np.array([1.0, 0.0, 0.3, 0.3, 0.0, 0.0, 0.9, 0.0, 0.1]))
    assert starts == [0, 2, 6]
    assert near == pytest.approx([1.0, 0.6, 0.9])


def test_evidence_by_hand():
    # two shots of 3 and 1: ½ (4² · 1 / (1 + 2 · 1) - ln 3), and each alone ½ (y² / 2 - ln 2)
    made = evidence.sharing(np.array([[3.0], [1.0]]), np.array([1.0]), 2)
    assert made[0, 1] == pytest.approx(0.5 * (16 / 3 - np.log(3)))
    assert made[:, 0] == pytest.approx(0.5 * (np.array([9, 1]) / 2 - np.log(2)))
    # three shots, the third like the first: w(2) = 2^-1.2 / (1 + 2^-1.2)
    likelihood = np.array([[-np.inf, -np.inf], [-np.inf, -np.inf], [-np.inf, 2.0]])
    w = 2**-evidence.RECENT / (1 + 2**-evidence.RECENT)
    made = evidence.recurring(likelihood, 0.4, 3)
    assert made[0, 2] == pytest.approx(np.log(0.4) + np.log(0.4 + 0.6 * w * np.exp(2.0)))
    assert made[1, 1] == pytest.approx(np.log(0.4))
    assert not made[:, 0].any()


def test_apart_is_the_distance_of_the_half_that_is_most_alike():
    cells = np.full((3, LOOKS, 9, 16, 3), 100, np.uint8)
    cells[1, :, :, :, 0] += 10
    cells[2, :, :, 8:, 0] += 90  # half of the picture is another one
    apart, spread = measure_apart(cells.reshape(3, LOOKS, 432), 2)
    assert apart[1, 0] == pytest.approx(10 / 255)
    assert apart[2, 1] == pytest.approx(0.0)
    assert np.isinf(apart[0, 0])
    assert spread[:2] == pytest.approx(0.0)
    assert spread[2] == pytest.approx(45 / 255)


def draw_tables(order, lengths_s=None, seed=3):
    """Tables of a film of these set-ups, each a picture of its own."""
    rng = np.random.default_rng(seed)
    looks = {
        name: cv2.resize(rng.integers(30, 220, (4, 6, 3), dtype=np.uint8), (16, 9)).reshape(-1)
        for name in sorted(set(order))
    }
    lengths = np.array(lengths_s or [4.0] * len(order))
    end = np.cumsum(lengths)
    frame = np.arange(int(end[-1] * FPS))
    own = np.searchsorted(end, (frame + 0.5) / FPS)
    noise = rng.integers(-2, 3, (len(frame), 432))
    cells = [np.clip(looks[order[k]] + e, 0, 255).astype(np.uint8).tobytes() for k, e in zip(own, noise, strict=True)]
    frames = conform(pl.DataFrame({"frame": frame, "pts": frame, "time_s": frame / FPS}), FRAMES)
    grid = pl.DataFrame({"frame": frame, "cells": cells}, schema={n: c.dtype for n, c in GRID.items()}).lazy()
    start = end - lengths
    shots = conform(
        pl.DataFrame(
            {
                "shot": np.arange(len(order)), "start_s": start, "end_s": end, "length_s": lengths,
                "start_frame": np.rint(start * FPS), "end_frame": np.rint(end * FPS),
                "begins": ["open"] + ["cut"] * (len(order) - 1), "ends": ["cut"] * (len(order) - 1) + ["close"],
                "flat": [False] * len(order),
            }
        ),
        SHOTS,
    )  # fmt: skip
    tables = {name: empty(columns) for name, columns in TABLES.items() if name != "grid"}
    return {**tables, "frames": frames, "shots": shots}, grid


def find(tables, grid, corrections=()):
    set_ups = find_set_ups(tables["shots"], tables["frames"], grid)
    scenes = segment.find_scenes(tables, set_ups, corrections)
    check(scenes, SCENES)
    return scenes


CONVERSATIONS = "ABABABCDCDCDCEFEFEFEF"


def test_conversations_are_parted_where_set_ups_stop_coming_back():
    scenes = find(*draw_tables(CONVERSATIONS))
    assert scenes["first_shot"].to_list() == [0, 6, 13]
    assert scenes["end_shot"].to_list() == [6, 13, 21]
    assert scenes["set_ups"].to_list() == [2, 2, 2]
    assert scenes["doubt"].to_list()[0] is None
    assert max(scenes["doubt"].to_list()[1:]) < 0.3


def test_set_ups_are_numbered():
    tables, grid = draw_tables("ABABCDCD")
    set_ups = find_set_ups(tables["shots"], tables["frames"], grid)
    numbered = segment.number_set_ups(segment.find_scenes(tables, set_ups), set_ups)
    assert numbered.to_list() == [0, 1, 0, 1, 2, 3, 2, 3]


def test_one_shot_is_one_scene():
    scenes = find(*draw_tables("A"))
    assert scenes.select("first_shot", "end_shot", "kind").rows() == [(0, 1, "story")]


def test_a_person_places_and_takes_away_scenes():
    tables, grid = draw_tables(CONVERSATIONS)
    said = [Correction("scene", 8.2), Correction("no scene", 24.0)]
    scenes = find(tables, grid, said)
    assert scenes["first_shot"].to_list() == [0, 2, 13]
    assert scenes["corrected"].to_list() == [False, True, False]
    assert scenes["doubt"][1] is None
    # said again the other way round, the last word holds
    assert find(tables, grid, [*said, Correction("no scene", 8.0)])["first_shot"].to_list()[:2] == [0, 13]


def test_a_screenplays_headings_part_what_looks_the_same():
    tables, grid = draw_tables("ABABABABABAB")
    lines = [(1.0, 3.0, "INT. CAR"), (17.0, 22.0, "INT. CAR"), (25.0, 27.0, "INT. ROOM"), (40.0, 44.0, "INT. ROOM")]
    rows = [
        {"line": i, "start_s": a, "end_s": b, "scene_heading": h, "kind": "speech"} for i, (a, b, h) in enumerate(lines)
    ]
    scenes = find({**tables, "words": conform(pl.DataFrame(rows), WORDS)}, grid)
    assert scenes["heading"].to_list() == ["INT. CAR", "INT. ROOM"]
    assert scenes["start_s"].to_list() == [0.0, 24.0]


def test_black_between_scenes_belongs_to_the_one_it_closes():
    tables, grid = draw_tables("ABABABxCDCDCD")
    dark = pl.Series("flat", [name == "x" for name in "ABABABxCDCDCD"])
    tables["shots"] = tables["shots"].with_columns(dark)
    assert find(tables, grid)["first_shot"].to_list() == [0, 7]


@pytest.mark.parametrize("lacking", ["grid", "columns", "sounds"])
def test_what_is_missing_is_no_reason_to_fail(lacking):
    tables, grid = draw_tables("ABABCDCD")
    if lacking == "grid":
        grid = pl.LazyFrame(schema={n: c.dtype for n, c in GRID.items()})
    elif lacking == "columns":
        kept = ("shot", "start_frame", "end_frame", "start_s", "end_s")
        tables["shots"] = conform(tables["shots"].select(kept), SHOTS)
        tables["frames"] = conform(tables["frames"].select("frame", "time_s"), FRAMES)
    else:
        nothing = {"sound": [0], "kind": ["speech"], "start_s": [None], "end_s": [None]}
        tables["sounds"] = conform(pl.DataFrame(nothing), SOUNDS)
    scenes = find(tables, grid)
    assert scenes["start_frame"][0] == 0
    assert scenes["end_frame"][-1] == 8 * 4 * FPS


def test_no_shot_is_no_scene():
    tables, grid = draw_tables("A")
    assert find({**tables, "shots": empty(SHOTS)}, grid).height == 0


def test_colours_alone_part_scenes_that_look_otherwise_in_all_else():
    tables, grid = draw_tables("ABCDEFGH")
    looks = find_set_ups(tables["shots"], tables["frames"], grid)
    cells = looks.looks.cells.copy().reshape(8, LOOKS, 144, 3)
    cells[:] = 128
    cells[:4, ..., 0], cells[4:, ..., 0] = 40, 200
    flat = SetUps(
        looks.looks._replace(cells=cells.reshape(8, LOOKS, 432)), np.where(looks.likelihood > -np.inf, 0, -np.inf)
    )
    assert segment.find_scenes(tables, flat)["first_shot"].to_list() == [0, 4]


# titles and credits


def draw_looks(written, key=-0.2, length_s=4.0):
    """Tables with this writing every half second, in shots of a length."""
    n = len(written)
    frame = np.arange(n) * 12
    frames = conform(
        pl.DataFrame({"frame": frame, "time_s": frame / FPS, "writing": written, "key": np.broadcast_to(key, n)}),
        FRAMES,
    )
    start = np.arange(0, n / 2, length_s)
    end = np.append(start[1:], n / 2)
    shots = pl.DataFrame({"shot": np.arange(len(start)), "start_s": start, "end_s": end, "flat": [False] * len(start)})
    bounds = ((pl.col(name) * FPS).alias(name.replace("_s", "_frame")) for name in ("start_s", "end_s"))
    return conform(shots.with_columns(bounds), SHOTS), frames


def test_a_roll_at_the_end_is_credits_and_begins_with_its_shot():
    written = np.zeros(400)
    written[321:] = 0.12  # its first letters are in half a second after the cut to black
    key = np.where(np.arange(400) >= 320, -0.8, -0.2)
    (span,) = find_credits(*draw_looks(written, key))
    assert (span.start_frame, span.end_frame, span.kind) == (160 * FPS, 200 * FPS, "credits")


def test_writing_over_pictures_begins_between_two_looks():
    written = np.zeros(400)
    for card in range(325, 396, 8):
        written[card : card + 5] = 0.03
    (span,) = find_credits(*draw_looks(written))
    assert span.start_frame == pytest.approx(162.25 * FPS, abs=1)


@pytest.mark.parametrize("kind", ["none", "subtitles", "sign", "intertitles"])
def test_other_writing_is_no_credits(kind):
    written, key = np.zeros(400), np.full(400, -0.2)
    if kind == "subtitles":
        written[np.arange(400) % 9 < 4] = 0.02
    if kind == "sign":
        written[336:344] = 0.03
    if kind == "intertitles":
        page = np.arange(400) % 40 < 8
        written[page], key[page] = 0.05, -0.9
    assert find_credits(*draw_looks(written, key)) == []


def test_a_scene_after_the_credits():
    tables, grid = draw_tables("ABABABABAB" * 5)
    n = 400
    written = np.zeros(n)
    written[280:360] = 0.12
    looks = pl.DataFrame({"frame": np.arange(n) * 12, "writing": written, "key": np.where(written > 0, -0.8, 0.0)})
    types = {name: FRAMES[name].dtype for name in looks.columns}
    joined = tables["frames"].drop("writing", "key").join(looks.cast(types), on="frame", how="left")
    tables["frames"] = conform(joined, FRAMES)
    scenes = find(tables, grid)
    assert scenes["kind"].to_list()[-2:] == ["credits", "after_credits"]
    assert scenes.filter(pl.col("kind") == "credits")["start_s"].item() == pytest.approx(140.0)
    words = {
        "line": [0],
        "start_frame": [145 * FPS],
        "end_frame": [150 * FPS],
        "kind": ["title"],
        "source": ["picture"],
    }
    for at, doubt in ((145, 0.0), (20, 0.5)):
        row = {**words, "start_frame": [at * FPS], "end_frame": [(at + 5) * FPS]}
        checked = find({**tables, "words": conform(pl.DataFrame(row), WORDS)}, grid)
        assert checked.filter(pl.col("kind") == "credits")["doubt"].item() == pytest.approx(doubt, abs=0.01)
    taken = find(tables, grid, [Correction("no credits", 150.0)])
    assert set(taken["kind"]) == {"story"}
    moved = find(tables, grid, [Correction("credits", 130.0)])
    (row,) = moved.filter(pl.col("kind") == "credits").iter_rows(named=True)
    assert (row["start_s"], row["end_s"], row["corrected"]) == (130.0, 180.0, True)
    assert row["begins"] == "within"


def test_writing_is_told_from_leaves():
    rng = np.random.default_rng(1)
    leaves = cv2.resize(rng.integers(0, 255, (90, 160, 3), dtype=np.uint8), (640, 360), interpolation=cv2.INTER_CUBIC)
    said = leaves // 4
    for line in range(3):
        said = cv2.putText(
            said, "DIRECTED BY NOBODY", (120, 150 + 40 * line), cv2.FONT_HERSHEY_DUPLEX, 0.9, (240,) * 3, 1
        )
    assert writing(leaves) < 0.004
    assert writing(said) > 0.02
    assert writing(np.zeros((4, 4, 3), np.uint8)) == 0.0


# a bundle


def test_scenes_are_corrected_in_a_bundle(tmp_path):
    film, out = films.cuts(tmp_path), tmp_path / "a.punctum"
    read_film(film, out=out, faces="off")
    before = open_bundle(out)
    check(before.tables["scenes"], SCENES)
    assert before.tables["arcs"].height == 4
    at = before.shots["start_s"][1]
    correct_bundle(out, f"scene {at:.3f}")
    placed = open_bundle(out).tables["scenes"]
    assert placed.filter("corrected")["first_shot"].to_list() == [1]
    read_film(film, out=out, force=True, faces="off")
    assert open_bundle(out).tables["scenes"].equals(placed)
    correct_bundle(out, "undo")
    assert open_bundle(out).tables["scenes"].equals(before.tables["scenes"])
    unclear = (
        "scene 0:00.5",
        "scene",
        "no scene soon",
        "no credits 0:01",
        "no scene 0:02.4",
        "credits 9:00",
        "scene 0",
    )
    for text in unclear:
        with pytest.raises(CorrectionUnclear):
            correct_bundle(out, text)
