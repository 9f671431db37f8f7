"""The viewer's server: who may ask, what is answered, what is kept when things go wrong."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from punctum.bundle import open_bundle, read_notes
from punctum.notes import notes_of
from punctum.viewer import Shelf, make_app, read_vocabularies
from viewer_bundles import draw_bundle

PORT = 43210
HOST = f"127.0.0.1:{PORT}"
ORIGIN = f"http://{HOST}"
TOKEN = "right"

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(scope="session")
def drawn(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "film.punctum"
    title = "<script>alert(1)</script> & “sons”"
    draw_bundle(folder, hours=0.02, shots=12, cues=10, faces=60, title=title, file_name="film.mp4")
    return folder


@pytest.fixture
def bundle(drawn, tmp_path) -> Path:
    return Path(shutil.copytree(drawn, tmp_path / "film.punctum"))


def browser_of(shelf: Shelf, **headers: str) -> TestClient:
    app = make_app(shelf, PORT, read_vocabularies(), TOKEN)
    client = TestClient(app, base_url=ORIGIN, headers={"origin": ORIGIN, **headers}, raise_server_exceptions=False)
    client.cookies.set(f"punctum-{PORT}", TOKEN)
    return client


@pytest.fixture
def client(bundle) -> Iterator[TestClient]:
    shelf = Shelf(bundle)
    # what is worked out again has its own tests
    shelf.work_out = lambda key: None  # type: ignore[method-assign]
    made = browser_of(shelf)
    made.base_url = f"{ORIGIN}/film/{next(iter(shelf.folders))}/"
    yield made
    shelf.stop()


def test_the_address_with_the_token_sets_a_cookie_and_loses_it(bundle):
    app = make_app(Shelf(bundle), PORT, None, TOKEN)
    fresh = TestClient(app, base_url=ORIGIN, follow_redirects=False)
    found = fresh.get(f"/?token={TOKEN}&a=1")
    assert (found.status_code, found.headers["location"]) == (303, "/?a=1")
    cookie = found.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite" in cookie
    assert TOKEN not in found.headers["location"]
    # no other host can be named by a path of two slashes
    assert fresh.get(f"{ORIGIN}//evil.example/?token={TOKEN}").headers["location"] == "/evil.example/"


@pytest.mark.parametrize(
    ("why", "headers", "cookie"),
    [
        ("no token", {}, None),
        ("a wrong token", {}, "wrong"),
        ("an empty token", {}, ""),
        ("another host", {"host": "evil.example"}, TOKEN),
        ("another port", {"host": "127.0.0.1:1"}, TOKEN),
        ("a name that points here", {"host": f"rebound.example:{PORT}"}, TOKEN),
        ("another origin", {"origin": "http://evil.example"}, TOKEN),
        ("an origin of this host, another port", {"origin": "http://127.0.0.1:1"}, TOKEN),
        ("an origin that says nothing", {"origin": "null"}, TOKEN),
        ("a picture on another site's page", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, TOKEN),
        ("a page of another port", {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"}, TOKEN),
    ],
)
def test_who_may_not_ask(bundle, why, headers, cookie):
    shelf = Shelf(bundle)
    key = next(iter(shelf.folders))
    client = TestClient(make_app(shelf, PORT, None, TOKEN), base_url=ORIGIN, follow_redirects=False)
    if cookie is not None:
        client.cookies.set(f"punctum-{PORT}", cookie)
    for path in ("/", f"/film/{key}/", f"/film/{key}/state", f"/film/{key}/film", "/nowhere", "/library"):
        found = client.get(path, headers=headers)
        assert found.status_code == 403, (why, path)
        assert key not in found.text
        assert "access-control-allow-origin" not in found.headers
    sent = client.post(f"/film/{key}/notes", json={"kind": "note", "start_s": 1, "text": "x"}, headers=headers)
    assert sent.status_code == 403
    assert read_notes(bundle) == ((), 0)


def test_what_changes_something_says_where_it_comes_from(bundle):
    shelf = Shelf(bundle)
    client = TestClient(make_app(shelf, PORT, None, TOKEN), base_url=ORIGIN)
    client.cookies.set(f"punctum-{PORT}", TOKEN)
    note = {"kind": "note", "start_s": 1, "text": "x"}
    address = f"/film/{next(iter(shelf.folders))}/notes"
    assert client.post(address, json=note).status_code == 403
    # a form of another site's page can send text without asking first
    text = client.post(address, content=json.dumps(note), headers={"origin": ORIGIN, "content-type": "text/plain"})
    assert text.status_code == 415
    assert client.post(address, json=note, headers={"origin": ORIGIN}).status_code == 200


def test_every_answer_is_closed_to_others(client):
    for path in ("", "state", "packs/0", "barcode.png", "nothing", "stills/000000.jpg"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "stills/../made.json",
        "stills/..%2f..%2fmade.json",
        "stills/%2e%2e/notes.jsonl",
        "../../../etc/passwd",
        "..%2f..%2f..%2fetc%2fpasswd",
        "packs/-1",
        "packs/999999",
        "packs/99999999999999999999999",
        "stills/000000.jpg%00.png",
        "notes.jsonl",
        "made.json",
    ],
)
def test_no_path_leads_out(client, path):
    found = client.get(str(client.base_url) + path)
    assert found.status_code in (400, 403, 404)
    assert "schema" not in found.text
    assert "root:" not in found.text


def test_a_bundle_cannot_name_another_file_as_its_film(bundle):
    secret = bundle.parent / "secret.txt"
    secret.write_text("not a film")
    made = json.loads((bundle / "made.json").read_text())
    for address in ("../secret.txt", "/etc/passwd", "../../../../../../etc/passwd", "a\0b", "x" * 5000):
        (bundle / "made.json").write_text(json.dumps({**made, "film_address": address}))
        shelf = Shelf(bundle)
        found = browser_of(shelf).get(f"/film/{next(iter(shelf.folders))}/film")
        assert found.status_code == 404
        assert "not a film" not in found.text


def test_the_page_runs_only_its_own_script(client):
    found = client.get("")
    assert found.status_code == 200
    assert "<script>alert(1)" not in found.text
    assert "&lt;script&gt;alert(1)" in found.text
    policy = found.headers["content-security-policy"]
    assert "unsafe-inline" not in policy
    assert re.search(r"script-src 'sha256-[^']+';", policy)
    assert not re.search(r"""(src|href)=["'](https?:)?//""", found.text)


HOSTILE = "</script><img src=x onerror=alert(1)>\u2028'\""


def test_hostile_words_come_back_as_they_are_and_only_as_data(client, bundle):
    client.post("notes", json={"kind": "tier", "tier": HOSTILE, "colour": "#0068a8", "vocabulary": [HOSTILE]})
    note = {"kind": "note", "start_s": 1, "text": HOSTILE, "tags": [HOSTILE], "tier": HOSTILE, "name": HOSTILE}
    found = client.post("notes", json=note)
    assert found.headers["content-type"].startswith("application/json")
    [kept] = found.json()["notes"]
    assert (kept["text"], kept["tier"]) == (HOSTILE, HOSTILE)
    assert "onerror" not in client.get("").text
    bad = client.post("notes", json={"kind": "tier", "tier": "x", "colour": "red;background:url(//x)"})
    assert bad.status_code == 400


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"kind": "note", "start_s": 1, "text": "x" * 1_000_000}, 413),
        ({"kind": "note", "start_s": 1, "text": "x" * 30_000}, 400),
        ({"kind": "note", "start_s": 1}, 400),
        ({"kind": "note", "start_s": 1e9, "text": "x"}, 400),
        ({"kind": "note", "start_s": "soon", "text": "x"}, 400),
        ({"kind": "note", "start_s": 1, "text": "x", "region": [0, 0, 2, 2]}, 400),
        ({"kind": "correction", "what": "cut", "at_s": 1}, 400),
        ({"kind": "undo", "step": "x"}, 400),
        ({"kind": "reading", "title": "x", "evidence": [{"side": "beside"}]}, 400),
        ({}, 400),
    ],
)
def test_what_is_no_note_is_refused_and_nothing_is_written(client, bundle, sent, status):
    found = client.post("notes", json=sent)
    assert found.status_code == status
    assert found.json()["error"]
    assert read_notes(bundle) == ((), 0)


def test_a_note_is_kept_changed_taken_away_and_brought_back(client, bundle):
    region = [0.1, 0.2, 0.3, 0.4]
    sent = {
        "kind": "note",
        "start_s": 2.0,
        "end_s": 3.5,
        "text": "she pulls away",
        "tags": ["gesture"],
        "region": region,
    }
    added = client.post("notes", json=sent).json()["added"]
    [note] = notes_of(read_notes(bundle)[0])
    assert (note.text, note.tags, note.region, note.end_s) == ("she pulls away", ("gesture",), tuple(region), 3.5)
    changed = client.post("notes", json={**sent, "text": "he lets go", "replaces": added}).json()
    assert [note["text"] for note in changed["notes"]] == ["he lets go"]
    # whoever changes a note that is no longer there is told, and loses nothing
    assert client.post("notes", json={**sent, "replaces": added}).status_code == 409
    assert [n["text"] for n in client.post("undo", json={}).json()["notes"]] == ["she pulls away"]
    assert client.post("undo", json={}).json()["notes"] == []
    assert client.post("undo", json={}).status_code == 400
    for _ in range(2):
        state = client.post("redo", json={}).json()
    assert [note["text"] for note in state["notes"]] == ["he lets go"]
    assert client.post("redo", json={}).status_code == 400


def test_readings_hold_evidence_for_and_against(client):
    note = client.post("notes", json={"kind": "note", "start_s": 1, "text": "a tear"}).json()["added"]
    evidence = [{"side": "for", "note": note}, {"side": "against", "statement": "she smiles", "start_s": 4}]
    state = client.post("notes", json={"kind": "reading", "title": "she forgives", "evidence": evidence}).json()
    [reading] = state["readings"]
    assert [piece["side"] for piece in reading["evidence"]] == ["for", "against"]


def test_a_correction_goes_to_the_log_and_is_undone(client, bundle):
    before = open_bundle(bundle).shots
    middle = float(before["start_s"][3] + before["length_s"][3] / 2)
    said = client.post("correct", json={"what": f"cut {middle:.6f}"})
    assert said.status_code == 200, said.text
    assert [one["what"] for one in said.json()["corrections"]] == ["cut"]
    assert client.post("correct", json={"what": "cut 99:00"}).status_code == 400
    assert client.post("correct", json={"what": "undo"}).status_code == 400
    assert client.post("undo", json={}).json()["corrections"] == []


@pytest.mark.slow
def test_tables_follow_a_correction(bundle):
    shelf = Shelf(bundle)
    key = next(iter(shelf.folders))
    client = browser_of(shelf)
    before = open_bundle(bundle).shots.height
    start_s = float(open_bundle(bundle).shots["start_s"][4])
    assert client.post(f"/film/{key}/correct", json={"what": f"merge {start_s:.6f}"}).json()["working"]
    end = time.monotonic() + 60
    while shelf.working(key) and time.monotonic() < end:
        time.sleep(0.05)
    assert shelf.trouble(key) == ""
    assert open_bundle(bundle).shots.height == before - 1
    state = client.get(f"/film/{key}/state").json()
    assert len(state["begins"]) == before - 1


def test_what_a_dead_process_left_undone_is_done(bundle):
    """Killed between the log and the tables: the log holds, and opening the film works the tables out."""
    from punctum.pipeline import note_correction

    opened = open_bundle(bundle)
    note_correction(opened, f"merge {float(opened.shots['start_s'][4]):.6f}")
    shelf = Shelf(bundle)
    asked = []
    shelf.work_out = asked.append  # type: ignore[method-assign]
    key = next(iter(shelf.folders))
    assert browser_of(shelf).get(f"/film/{key}/").status_code == 200
    assert asked == [key]


def test_two_windows_at_once_lose_nothing(client, bundle):
    starts = open_bundle(bundle).shots["start_s"].to_list()
    answers: list[int] = []

    def one(number: int) -> None:
        sent = {"what": f"retype {starts[1 + number % 8]:.6f} dissolve"} if number % 2 else None
        note = {"kind": "note", "start_s": 1 + number, "text": f"note {number}"}
        found = client.post("correct", json=sent) if sent else client.post("notes", json=note)
        answers.append(found.status_code)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 16
    log, unreadable = read_notes(bundle)
    assert (len(log), unreadable) == (16, 0)


def test_a_log_cut_in_the_middle(client, bundle):
    for number in range(3):
        client.post("notes", json={"kind": "note", "start_s": number, "text": f"note {number}"})
    log = bundle / "notes.jsonl"
    log.write_bytes(log.read_bytes()[:-20])
    assert [note["text"] for note in client.get("state").json()["notes"]] == ["note 0", "note 1"]
    client.post("notes", json={"kind": "note", "start_s": 5, "text": "after"})
    assert [note["text"] for note in client.get("state").json()["notes"]] == ["note 0", "note 1", "after"]


def test_a_full_disk_is_told_and_what_was_there_stays(client, bundle, monkeypatch):
    client.post("notes", json={"kind": "note", "start_s": 1, "text": "before"})

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    found = client.post("notes", json={"kind": "note", "start_s": 2, "text": "lost?"})
    assert found.status_code == 507
    assert found.json()["hint"]
    monkeypatch.undo()
    assert [note["text"] for note in client.get("state").json()["notes"]] == ["before"]
    assert read_notes(bundle)[1] == 0


def test_citations_in_four_styles(client):
    client.post("notes", json={"kind": "film", "title": "La strada", "director": "Federico Fellini", "year": "1954"})
    found = client.get("cite?start=24&end=48&measure=tempo, 0.3").json()
    assert sorted(found) == ["bibtex", "chicago", "csl-json", "mla"]
    assert "directed by Federico Fellini (1954)" in found["chicago"]
    assert "0:00:01.000–0:00:02.000 (frames 24–47)" in found["chicago"]
    assert json.loads(found["csl-json"])[0]["issued"] == {"date-parts": [[1954]]}
    assert client.get("cite?start=x").status_code == 400


def test_vocabularies_from_csv_and_yaml(tmp_path):
    (tmp_path / "own.csv").write_text("kind,term\na,look\nb,touch\n")
    (tmp_path / "more.yaml").write_text("gestures: [nod, {term: wave, meaning: x}]\n")
    made = read_vocabularies([tmp_path / "own.csv", tmp_path / "more.yaml"])
    assert (made["own"], made["more"]) == (("look", "touch"), ("nod", "wave"))
    assert len(made["film terms"]) > 40


@pytest.mark.parametrize("text", ["!!python/object/apply:os.system [id]", "[", "a: &a [*a]", "3"])
def test_a_hostile_vocabulary_is_refused(tmp_path, text):
    from punctum.errors import UsageWrong

    (tmp_path / "bad.yaml").write_text(text)
    with pytest.raises(UsageWrong):
        read_vocabularies([tmp_path / "bad.yaml"])


@pytest.mark.slow
def test_the_command_serves_until_it_is_interrupted(bundle):
    command = [sys.executable, "-m", "punctum", "view", str(bundle), "--no-open", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = json.loads("".join(process.stdout.readline() for _ in range(3)))["address"]
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{32}", address)
        process.send_signal(2)
        assert process.wait(20) == 0
        assert "Traceback" not in process.stderr.read()  # type: ignore[union-attr]


def test_a_library_lists_finds_and_compares(drawn, tmp_path):
    for name in ("a", "b"):
        copy = Path(shutil.copytree(drawn, tmp_path / "films" / f"{name}.punctum"))
        record = json.loads((copy / "film.json").read_text())
        said = json.dumps({**record, "film_id": {"a": "0" * 32, "b": "<b>"}[name], "title": HOSTILE + name})
        made = json.loads((copy / "made.json").read_text())
        (copy / "film.json").write_text(said)
        made["files"]["film.json"] = len(said.encode())
        (copy / "made.json").write_text(json.dumps(made))
    (tmp_path / "films" / "broken.punctum").mkdir()
    (tmp_path / "films" / "broken.punctum" / "made.json").write_text("{}")
    shelf = Shelf(tmp_path / "films")
    client = browser_of(shelf)
    page = client.get("/")
    assert page.status_code == 200
    assert "onerror" not in page.text.replace("\\u003cimg src=x onerror=alert(1)\\u003e", "")
    assert "broken.punctum" in page.text
    keys = list(shelf.folders)
    assert len(keys) == 2
    assert all(re.fullmatch("[0-9a-f]{16}", key) for key in keys)
    found = client.get("/library/words", params={"text": "rain"}).json()
    assert found["count"]
    assert {line["key"] for line in found["lines"]} <= set(keys)
    assert client.get("/library/words", params={"text": "%"}).status_code == 400
    together = client.get("/library/compare", params={"film": keys})
    assert together.status_code == 200
    assert "<img" not in together.text
    assert client.get("/library/compare", params={"film": keys[:1]}).status_code == 400
    assert client.get("/library/compare", params={"film": ["../../x", keys[0]]}).status_code == 404
    for key in keys:
        assert client.get(f"/film/{key}/bars.png").content.startswith(b"\x89PNG")
        assert client.get(f"/film/{key}/card.jpg").content.startswith(b"\xff\xd8")


def test_an_empty_library_says_what_to_do(tmp_path):
    page = browser_of(Shelf(tmp_path)).get("/")
    assert "punctum library read" in page.text


def test_two_peoples_notes_join_and_conflicts_stand_side_by_side():
    from punctum.notes import merge_logs, standing

    def note(name: str, text: str, **more: object) -> dict[str, object]:
        return {"id": name, "kind": "note", "start_s": 1.0, "text": text, **more}

    shared = [note("a", "shared"), note("b", "to change")]
    mine = [*shared, note("c", "mine", replaces="b"), {"id": "d", "kind": "correction", "what": "cut", "at_s": 9.0}]
    hers = [
        *shared,
        note("e", "hers", replaces="b"),
        {"id": "f", "kind": "undo", "step": "a"},
        {"id": "g", "kind": "correction", "what": "merge", "at_s": 9.2},
        note("h", "taken back"),
        {"id": "i", "kind": "undo", "step": "h"},
    ]
    merged = merge_logs(mine, hers)
    assert [entry["id"] for entry in merged.added] == ["e", "g"]
    assert merged.conflicts == [("c", "e"), ("d", "g")]
    together = standing([*mine, *merged.added])
    # both changes stand; what only she took away stays
    assert [entry["id"] for entry in together] == ["a", "c", "d", "e", "g"]
    assert merge_logs([*mine, *merged.added], hers).added == []


def test_a_tier_that_follows_brightness_is_told_from_one_that_does_not():
    import numpy as np
    import polars as pl

    from punctum.reading.tier import correlate, tell_likeness, tier_by_shot

    rng = np.random.default_rng(3)
    count = 200
    bright = np.abs(np.cumsum(rng.normal(0, 0.1, count))) % 1.0
    shots = pl.DataFrame({"start_s": np.arange(count) * 4.0, "end_s": np.arange(count) * 4.0 + 4.0})
    follows = [(i * 4.0, i * 4.0 + 4.0 * float(bright[i]) + 0.01, None) for i in range(count)]
    with_it = correlate(tier_by_shot(follows, shots), bright)
    assert with_it.correlation == pytest.approx(1.0, abs=0.01)
    assert with_it.chance == pytest.approx(1 / 200)
    # two walks that know nothing of each other: chance is as strong in more than one shift of twenty, mostly
    chances = []
    for seed in range(20):
        walks = np.cumsum(np.random.default_rng(seed).normal(size=(2, count)), axis=1)
        chances.append(correlate(walks[0], walks[1]).chance)
    assert sum(chance < 0.05 for chance in chances if chance is not None) <= 4
    assert "Too few" in tell_likeness(correlate(bright[:5], bright[:5]), "x", "y")


def test_a_tier_is_correlated_by_the_server(client):
    for start in range(0, 60, 5):
        client.post("notes", json={"kind": "note", "start_s": start, "end_s": start + 2, "tier": "touch"})
    state = client.get("state").json()
    assert ["brightness", "brightness"] in state["measures"]
    found = client.get("correlate", params={"tier": "touch", "measure": "brightness"}).json()
    assert found["shots"] == 12
    assert "“touch” and brightness" in found["statement"]
    assert client.get("correlate", params={"tier": "touch", "measure": "film_id"}).status_code == 400
