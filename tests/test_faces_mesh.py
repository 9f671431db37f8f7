"""What is measured in a face by its mesh. The weights are fetched once, as whoever reads films would; without a network
these tests are skipped."""

import cv2
import numpy as np
import polars as pl
import pytest
from benchmarks.fuzz import unlike

from punctum import models
from punctum.bundle import open_bundle
from punctum.demo import ShotPlan, Staging, draw_windscreen
from punctum.errors import ModelUnavailable
from punctum.film import Still
from punctum.measure.faces import Finders, load_mesh, load_yunet, measure_stills, unpack_landmarks
from punctum.media import write_film
from punctum.models import YUNET, read_installed, read_model
from punctum.pipeline import onepass, read_film
from punctum.tables import LANDMARKS


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A cache with the mesh's weights: the developer's own, else one that is fetched."""
    try:
        if models.find_model("face") is not None:
            return models.models_folder().parent
        folder = tmp_path_factory.mktemp("cache")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PUNCTUM_CACHE", str(folder))
            models.fetch_model("face")
        return folder
    except ModelUnavailable as error:
        pytest.skip(f"no weights: {error.message}")


@pytest.fixture(autouse=True)
def mesh(cache, monkeypatch):
    monkeypatch.setenv("PUNCTUM_CACHE", str(cache))


@pytest.fixture
def weights():
    found = read_model("face")
    assert found is not None
    return found


@pytest.fixture
def finders(weights):
    return Finders(load_yunet(read_installed(YUNET)), load_mesh(*weights.values()))


@pytest.fixture(scope="module")
def portraits():
    staging = Staging(width_px=640, height_px=360, shots=(ShotPlan("her", 1.0, "open"), ShotPlan("him", 1.0)))
    return [picture.copy() for picture in draw_windscreen(staging).frames(1)]


def look(picture, finders, near=None):
    """The largest face of a picture, or the one nearest to a place."""
    rows = list(
        measure_stills([Still(0, np.ascontiguousarray(picture), 0.0, True, True)], finders).iter_rows(named=True)
    )
    if near is not None:
        rows.sort(key=lambda row: np.hypot(*(middle_of(row) - near)))
    return rows[0]


def middle_of(row):
    return np.array([row["left"] + row["width"] / 2, row["top"] + row["height"] / 2])


@pytest.mark.parametrize(
    ("name", "side", "size", "first", "last"),
    [
        ("face_landmark.tflite", 192, 1404, (108.877, 122.627, -9.415, 106.251), (147.525, 71.352, -0.818)),
        ("iris_landmark.tflite", 64, 213, (23.833, 35.371, 1.022, 26.143), (50.726, 33.011, -0.795)),
    ],
)
def test_opencv_gives_the_answers_of_tensorflow_lite(weights, name, side, size, first, last):
    """Places as ai-edge-litert 2.3.0 gives them for the same noise, in pixels."""
    net = cv2.dnn.readNetFromTFLite(np.frombuffer(weights[name], np.uint8))
    noise = np.random.default_rng(7).random((1, side, side, 3), np.float32)
    net.setInput(np.ascontiguousarray(noise.transpose(0, 3, 1, 2)))
    found = {np.size(out): np.ravel(out) for out in net.forward(net.getUnconnectedOutLayersNames())}
    np.testing.assert_allclose(found[size][:4], first, atol=2e-3)
    np.testing.assert_allclose(found[size][-3:], last, atol=2e-3)


def test_a_face_is_measured(portraits, finders):
    for picture in (portraits[3], portraits[-3]):
        row = look(picture, finders)
        assert row["lacks"] is None
        assert abs(row["yaw_deg"]) < 30
        assert 0.2 < row["eye_opening"] < 0.6
        assert 0.2 < row["gaze"] < 0.8
        assert row["stir"] is None
        marks = unpack_landmarks(row["landmarks"])
        assert len(marks) == sum(LANDMARKS.values())
        low, high = marks.min(axis=0), marks.max(axis=0)
        assert (low < middle_of(row)).all()
        assert (high > middle_of(row)).all()


def test_a_mirror_turns_a_face_about(portraits, finders):
    row, mirrored = look(portraits[-3], finders), look(portraits[-3][:, ::-1], finders)
    assert mirrored["yaw_deg"] == pytest.approx(-row["yaw_deg"], abs=5)
    assert mirrored["roll_deg"] == pytest.approx(-row["roll_deg"], abs=3)
    assert mirrored["gaze"] == pytest.approx(1 - row["gaze"], abs=0.05)
    assert mirrored["eye_opening"] == pytest.approx(row["eye_opening"], abs=0.05)


@pytest.mark.parametrize("angle", [-25, 15, 30])
def test_a_tilted_picture_tilts_the_head(portraits, finders, angle):
    row = look(portraits[3], finders)
    middle = middle_of(row)
    turn = cv2.getRotationMatrix2D(tuple(middle * (640, 360)), -angle, 0.8)
    picture = cv2.warpAffine(portraits[3], turn, (640, 360), borderMode=cv2.BORDER_REPLICATE)
    tilted = look(picture, finders, middle)
    assert tilted["lacks"] is None
    assert tilted["roll_deg"] - row["roll_deg"] == pytest.approx(angle, abs=4)
    assert tilted["mouth_opening"] == pytest.approx(row["mouth_opening"], abs=0.05)


def test_a_smaller_face_measures_the_same_until_it_is_too_small(portraits, finders):
    row = look(portraits[3], finders)
    for factor in (0.6, 0.45):
        small = look(cv2.resize(portraits[3], None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), finders)
        assert small["eye_opening"] == pytest.approx(row["eye_opening"], abs=0.08)
        assert small["yaw_deg"] == pytest.approx(row["yaw_deg"], abs=5)
    tiny = look(cv2.resize(portraits[3], (160, 90), interpolation=cv2.INTER_AREA), finders)
    assert tiny["lacks"] == "small"
    assert tiny["eye_opening"] is tiny["pitch_deg"] is tiny["landmarks"] is None


def test_what_cannot_be_measured_is_null_and_says_why(portraits, finders):
    lying = np.rot90(portraits[3][:, 140:500]).copy()
    for picture in (lying, portraits[3][::-1].copy()):
        for row in measure_stills([Still(0, picture, 0.0, True, True)], finders).iter_rows(named=True):
            assert row["lacks"] in ("turned", "uncertain", "cropped", "small")
            assert row["eye_opening"] is None
    row = look(portraits[3], finders)
    cut = int((row["left"] + 0.75 * row["width"]) * 640)
    for other in measure_stills([Still(0, portraits[3][:, :cut].copy(), 0.0, True, True)], finders).iter_rows(
        named=True
    ):
        assert other["lacks"] in ("cropped", "uncertain", "turned")


def test_stir_tells_a_still_face_from_one_that_moves(portraits, finders):
    def stir(other):
        pair = [Still(0, portraits[3], 0.0, True, True), Still(1, other, 1 / 24, True, True, True)]
        return measure_stills(pair, finders).filter(pl.col("frame") == 1)["stir"][0]

    shifted = cv2.warpAffine(
        portraits[3], np.array([[1.0, 0, 2], [0, 1, 1]]), (640, 360), borderMode=cv2.BORDER_REPLICATE
    )
    row = look(portraits[3], finders)
    moved = portraits[3].copy()
    left, right = (int(v * 640) for v in (row["left"], row["left"] + row["width"]))
    top, low = (int((row["top"] + share * row["height"]) * 360) for share in (0.62, 0.95))
    moved[top + 9 : low + 9, left:right] = portraits[3][top:low, left:right]  # the mouth drops by nine pixels
    assert stir(portraits[3]) < 0.2
    assert stir(shifted) < 0.5
    assert stir(moved) > 2 * max(stir(shifted), stir(portraits[3]))


def test_threads_do_not_matter(portraits, finders):
    stills = [Still(i, picture, i / 24, True, True, i % 2 == 1) for i, picture in enumerate(portraits[20:28])]
    before = cv2.getNumThreads()
    try:
        tables = []
        for threads in (1, 3):
            cv2.setNumThreads(threads)
            tables.append(measure_stills(stills, finders))
    finally:
        cv2.setNumThreads(before)
    assert tables[0].equals(tables[1])
    assert tables[0]["stir"].count() > 0


@pytest.mark.slow
def test_a_broken_reading_has_the_faces_of_an_unbroken_one(portraits, tmp_path, monkeypatch):
    path = tmp_path / "film.mp4"
    pictures = (portraits[24 * (i // 9 % 2) + i % 9] for i in range(6 * 64))  # a cut every second and a half
    write_film(path, pictures, 6, options={"crf": "20", "preset": "ultrafast", "g": "12"})
    whole = read_film(path, out=tmp_path / "whole.punctum", threads=2).folder
    measure, count = onepass.measure_block, 0

    def measuring(block):
        nonlocal count
        count += 1
        if count > 5:
            raise KeyboardInterrupt
        return measure(block)

    monkeypatch.setattr(onepass, "measure_block", measuring)
    with pytest.raises(KeyboardInterrupt):
        read_film(path, out=tmp_path / "broken.punctum", threads=1)
    monkeypatch.setattr(onepass, "measure_block", measure)
    broken = read_film(path, out=tmp_path / "broken.punctum", threads=1).folder
    assert unlike(whole, broken) == []
    faces = open_bundle(whole).faces
    assert faces["eye_opening"].count() > 0.5 * faces.height > 50
    assert faces["time_s"].max() > 60
    assert open_bundle(whole).made["faces"]["mesh"].startswith("MediaPipe")
    assert not any("fetch face" in remark for remark in open_bundle(whole).made["remarks"])
