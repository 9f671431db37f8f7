"""Responses under essays: kept, shown, and attacked: each attack that was thought of has its test."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from punctum import cli
from punctum.errors import OutputUnwritable, UsageWrong
from punctum.essay.pages import RECORD
from punctum.responses import Response, Store, place_of, showing, signing_in
from punctum.responses import forms as forms_module
from punctum.responses.app import Limits, make_app
from punctum.responses.forms import GOOD_FOR_S, check_form, make_form
from punctum.responses.limits import Limiter
from punctum.responses.site import read_site
from punctum.responses.store import MOST_HELD, Repeated
from punctum.responses.taking_in import export_responses, import_responses
from punctum.responses.wording import as_html, clean

HERE = "http://testserver"
PHRASE = "a long pass phrase"
ONE = Response("0" * 16, "wipers", "essay", None, "", None, "Ann", "Seen *twice*.", written=1_700_000_000)


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch):
    from argon2 import PasswordHasher

    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(signing_in, "_hasher", lambda: hasher)
    signing_in._nobody.cache_clear()


@pytest.fixture
def site(tmp_path) -> Path:
    folder = tmp_path / "site"
    (folder / "wipers").mkdir(parents=True)
    answering = {
        "claims": {"1": {"text": "It holds", "where": "1:02", "image": "w-000001-480.jpg"}},
        "films": {"w": {"title": "Windscreen", "duration_s": 75.0}},
        "stills": {},
    }
    card = {"title": "What <wipers> keep", "lang": "en"}
    (folder / RECORD).write_text(json.dumps({"essays": {"wipers": {"card": card, "answering": answering}}}))
    (folder / "index.html").write_text('<p><span class="responses" data-essay="wipers"></span></p>')
    (folder / "wipers" / "index.html").write_text("<p>Essay</p><!-- responses --><!-- /responses -->")
    (folder / "punctum.css").write_text("p {}")
    return folder


@pytest.fixture
def store(site):
    with Store(place_of(site)) as opened:
        yield opened


@pytest.fixture
def app(site, store):
    return make_app(site, store, Limits(responses=50))


@pytest.fixture
def reader(app):
    return TestClient(app, headers={"Origin": HERE}, follow_redirects=False, raise_server_exceptions=False)


@pytest.fixture
def author(app, store):
    signing_in.add_author(store, "ann", PHRASE)
    client = TestClient(app, headers={"Origin": HERE}, follow_redirects=False, raise_server_exceptions=False)
    assert sign_in(client).status_code == 303
    return client


def token_of(page) -> str:
    return re.search(r'name="form" value="([^"]+)"', page.text)[1]


def sign_in(client, name="ann", phrase=PHRASE):
    given = {"form": token_of(client.get("/author/sign-in")), "name": name, "phrase": phrase}
    return client.post("/author/sign-in", data=given)


def write(client, text="A sentence.", **more):
    given = {"form": token_of(client.get("/respond/wipers")), "about": "essay", "name": "Reader", "text": text, **more}
    return client.post("/respond/wipers", data=given)


def do(author, key, what, **more):
    form = token_of(author.get("/author/?state=held"))
    return author.post(f"/author/responses/{key}", data={"form": form, "do": what, **more})


# the way of a response


def test_a_response_is_held_then_approved_answered_and_shown(reader, author, store):
    sent = write(reader, "At 1:02 she looks up.", about="film-w", at="1:02.5")
    assert sent.status_code == 303
    (held,) = store.responses("held")
    assert (held.about, held.film, held.time_s, held.claim) == ("time", "w", 62.5, None)
    assert "No responses yet" in reader.get("/wipers/index.html").text
    assert "no responses yet" in reader.get("/").text
    assert do(author, held.key, "answer", answer="She does.").status_code == 303
    assert do(author, held.key, "approve").status_code == 303
    shown = reader.get("/wipers/index.html").text
    assert "she looks up" in shown
    assert "1:02" in shown
    assert "She does." in shown
    assert "1 response<" in reader.get("/").text
    assert "she looks up" in reader.get("/responses.xml").text
    assert "she looks up" in reader.get("/wipers/responses.xml").text
    do(author, held.key, "refuse")
    assert "she looks up" not in reader.get("/wipers/index.html").text


def test_only_its_writers_link_deletes_a_response(reader, store):
    where = write(reader).headers["location"].removeprefix("..")
    other = write(reader, "Another.").headers["location"].removeprefix("..")
    assert "waits for the author" in reader.get(where).text
    assert reader.post("/response/" + "x" * 32).status_code == 404
    assert reader.post("/response/" + store.responses()[0].key).status_code == 404  # the public key opens nothing
    assert reader.post(where).status_code == 200
    assert [one.text for one in store.responses()] == ["Another."]
    assert reader.get(where).status_code == 404
    assert reader.get(other).status_code == 200


def test_what_is_deleted_is_gone_from_the_file(store):
    store.add(replace(ONE, text="unforgettable"), "f").result()
    store.delete(ONE.key).result()
    store.close()
    store.place.with_name(store.place.name + "-wal").unlink(missing_ok=True)
    assert b"unforgettable" not in store.place.read_bytes()


def test_the_file_is_its_owners_alone_and_not_in_the_site(site, store):
    assert not store.place.is_relative_to(site)
    if os.name == "posix":
        assert store.place.stat().st_mode & 0o077 == 0


def test_readers_get_no_cookie_and_their_address_is_kept_nowhere(reader, store):
    assert "set-cookie" not in write(reader).headers
    assert "testclient" not in "".join(sqlite3.connect(store.place).iterdump())


# attacks

SCRIPTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](//evil.example)",
    '[x](https://e.example/"onmouseover="alert(1))',
    '[x](https://e.example "a\\" onclick=\\"alert(1)")',
    "<https://e.example/><svg/onload=alert(1)>",
    "<javascript:alert(1)>",
    "![x](https://e.example/track.png)",
    "</textarea><script>alert(1)</script>",
    "<!-- /responses --><script>alert(1)</script>",
    "{{ 7*7 }}<b>{% raw %}",
    "&#x6a;avascript:alert(1) [a](&#106;avascript:alert(1))",
)


def test_stored_script(reader, author, store):
    for text in SCRIPTS:
        assert write(reader, text + " x", name=text[:80]).status_code == 303
    for one, text in zip(store.responses(), SCRIPTS, strict=True):
        store.answer(one.key, text).result()
        store.settle(one.key, "approved").result()
    for page in (
        reader.get("/wipers/index.html"), author.get("/author/?state=approved"), reader.get("/wipers/responses.xml")
    ):  # fmt: skip
        inside = page.text.split("<!-- responses -->")[-1].split("<main>")[-1].replace("<script>// The queue", "", 1)
        assert not re.search(r"<(script|svg|iframe|img(?! src=\"(\.\./)?(wipers/)?w-))", inside, re.IGNORECASE)
        tags = re.findall(r"<[a-zA-Z][^>]*>", inside)
        assert not any(re.search(r"\son\w+=", re.sub(r'"[^"]*"', '""', tag)) for tag in tags)
        for address in re.findall(r'href="([^"]*)"', inside):
            assert not re.match(r"(?i)\s*(javascript|data|//)", address)
    for found in re.findall(r'<a href="https?://[^>]*>', reader.get("/wipers/index.html").text):
        assert 'rel="nofollow ugc noopener"' in found


def test_only_emphasis_and_links_are_markup():
    html = as_html("# no\n\n- no\n\n> no `no` *yes* **yes** [a](https://e.example/?a=1&b=2)\n\n| a |\n|---|")
    assert set(re.findall(r"<(\w+)", html)) == {"p", "em", "strong", "a", "br"}
    assert 'href="https://e.example/?a=1&amp;b=2"' in html


def test_reflected_script(reader):
    for text in SCRIPTS:
        form = reader.get("/respond/wipers", params={"about": text, "at": text})
        wrong = write(reader, text, about=text, at=text, name=text)
        lost = reader.get("/" + "<script>alert(1)</script>")
        for page in (form, wrong, lost):
            assert not re.search(r"<script|<img|<svg|onerror=alert[^&]*>", page.text)
            policy = page.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "script-src 'none'" in policy
            assert "unsafe" not in policy
        assert wrong.status_code == 422


def test_names_cannot_turn_the_direction_of_what_follows():
    assert clean("\u202enna\u2066 \u0000\u0007x" + "e" + "\u0301" * 50, lines=False).count("\u0301") < 6
    assert "\u202e" not in clean("\u202enna")


def test_a_forged_form_is_refused(reader, store):
    for form in ("", "x", "1.2.3", "é.é.é", make_form(b"other", "respond wipers"), "9" * 30_000,
                 make_form(store.forms_secret, "sign in"), make_form(store.forms_secret, "respond other")):  # fmt: skip
        answer = reader.post("/respond/wipers", data={"form": form, "about": "essay", "text": "kept by you"})
        assert answer.status_code == 403
        assert "kept by you" in answer.text  # nothing that was written is lost
    assert store.responses() == []


def test_a_replayed_form_is_taken_once(reader, store):
    given = {"form": token_of(reader.get("/respond/wipers")), "about": "essay", "text": "Once."}
    assert [reader.post("/respond/wipers", data=given).status_code for _ in range(3)] == [303, 409, 409]
    assert len(store.responses()) == 1


def test_a_form_grows_old():
    old = make_form(b"k", "a", 1000)
    assert check_form(b"k", "a", old, 1000 + GOOD_FOR_S)
    assert not check_form(b"k", "a", old, 1001 + GOOD_FOR_S)
    assert not check_form(b"k", "a", make_form(b"k", "a", 2000), 1000)


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://testserver.evil.example"},
    {"Origin": ""}, {"Origin": HERE, "Sec-Fetch-Site": "cross-site"},
])  # fmt: skip
def test_another_sites_page_can_send_no_form(reader, author, store, headers):
    store.add(ONE, "f").result()
    form = token_of(author.get("/author/"))
    for client, where, given in (
        (reader, "/respond/wipers", {"form": token_of(reader.get("/respond/wipers")), "text": "x"}),
        (author, f"/author/responses/{ONE.key}", {"form": form, "do": "delete"}),
        (author, "/author/sign-out", {"form": form}),
    ):
        assert client.post(where, data=given, headers=headers).status_code == 403
    assert store.responses() == [ONE]


def test_an_authors_form_needs_her_session_and_its_own_token(reader, author, store, app):
    store.add(ONE, "f").result()
    form = token_of(author.get("/author/"))
    where = f"/author/responses/{ONE.key}"
    assert reader.post(where, data={"form": form, "do": "delete"}).status_code == 403
    assert author.post(where, data={"do": "delete"}).status_code == 403
    assert author.post(where, data={"form": "é", "do": "delete"}).status_code == 403
    other = TestClient(app, headers={"Origin": HERE}, follow_redirects=False)
    sign_in(other)
    assert author.post(where, data={"form": token_of(other.get("/author/")), "do": "delete"}).status_code == 403
    assert reader.get("/author/").headers["location"] == "sign-in"
    assert reader.get("/author/everything.json").status_code == 403
    assert store.responses() == [ONE]


def test_session_fixation(app, store):
    signing_in.add_author(store, "ann", PHRASE)
    victim = TestClient(app, headers={"Origin": HERE}, follow_redirects=False)
    victim.cookies.set(signing_in.COOKIE, "chosen-by-another")
    given = sign_in(victim)
    made = re.search(rf"{signing_in.COOKIE}=([^;]+)", given.headers["set-cookie"])[1]
    assert made != "chosen-by-another"
    assert {"HttpOnly", "SameSite=strict"} <= set(given.headers["set-cookie"].split("; "))
    thief = TestClient(app, cookies={signing_in.COOKIE: "chosen-by-another"}, follow_redirects=False)
    assert thief.get("/author/").status_code == 303
    assert made not in "".join(sqlite3.connect(store.place).iterdump())  # kept as a hash alone


def test_signing_out_a_new_phrase_and_time_end_a_session(author, app, store, monkeypatch):
    cookies = dict(author.cookies)
    thief = TestClient(app, cookies=cookies, headers={"Origin": HERE}, follow_redirects=False)
    assert thief.get("/author/").status_code == 200
    author.post("/author/sign-out", data={"form": token_of(author.get("/author/"))})
    assert thief.get("/author/").status_code == 303
    assert sign_in(author).status_code == 303
    signing_in.add_author(store, "ann", "another pass phrase")
    assert author.get("/author/").status_code == 303
    assert sign_in(author, phrase="another pass phrase").status_code == 303
    later = time.time() + signing_in.LASTS_S + 1
    monkeypatch.setattr("punctum.responses.store.time.time", lambda: later)
    assert author.get("/author/").status_code == 303


def test_signing_in_locks_after_failures_even_for_the_right_phrase(app, store):
    signing_in.add_author(store, "ann", PHRASE)
    client = TestClient(app, headers={"Origin": HERE}, follow_redirects=False)
    assert [sign_in(client, phrase="wrong").status_code for _ in range(5)] == [401] * 5
    assert sign_in(client).status_code == 401


def test_user_enumeration(app, store, monkeypatch):
    signing_in.add_author(store, "ann", PHRASE)
    checked = []
    fits = signing_in._fits
    monkeypatch.setattr(signing_in, "_fits", lambda kept, phrase: checked.append(kept[:20]) or fits(kept, phrase))
    client = TestClient(app, headers={"Origin": HERE}, follow_redirects=False)
    said = {name: [sign_in(client, name, "wrong phrase") for _ in range(6)] for name in ("ann", "bob")}
    bodies = [[(a.status_code, re.sub(r'value="[^"]*"', "", a.text)) for a in answers] for answers in said.values()]
    assert bodies[0] == bodies[1]
    assert len(checked) == 12  # unknown names and locked ones cost a hash, too
    assert len(set(checked)) == 1


@pytest.mark.parametrize("hostile", ["x\r\nSet-Cookie: a=b", "x%0d%0aSet-Cookie:%20a=b", "x\nLocation: //evil"])
def test_header_injection(reader, author, store, hostile):
    answers = [
        write(reader, hostile, name=hostile, at=hostile),
        sign_in(reader, hostile, hostile),
        reader.get("/respond/wipers", params={"about": hostile}),
        reader.get("/" + hostile.replace("\r\n", "%0d%0a").replace("\n", "%0a")),
        author.get("/author/", params={"state": hostile}),
        do(author, store.responses()[0].key, "approve", state=hostile),
    ]
    for answer in answers:
        assert "a=b" not in str(answer.headers)
        assert "evil" not in str(answer.headers)


INJECTIONS = (
    "' OR '1'='1",
    "'; DROP TABLE responses; --",
    '" OR 1=1 --',
    "ann'--",
    "x' UNION SELECT secret FROM authors --",
)


@pytest.mark.parametrize("hostile", INJECTIONS)
def test_sql_injection(reader, author, store, hostile):
    assert write(reader, hostile, name=hostile).status_code == 303
    (one,) = store.responses()
    assert (one.text, one.name) == (hostile, hostile)
    assert store.responses(essay=hostile) == store.responses(state=hostile) == []
    assert store.response_of(hostile) is None
    assert store.session_of(hostile) is None
    assert sign_in(reader, hostile, hostile).status_code == 401
    assert do(author, hostile.replace("/", ""), "delete").status_code == 404
    assert len(store.responses()) == 1


OUTSIDE = [
    "/../site.responses.sqlite", "/%2e%2e/site.responses.sqlite", "/..%2fsite.responses.sqlite", "/wipers/../../x.html",
    f"/{RECORD}", "/wipers/.hidden.html", "//etc/passwd", "/wipers/%00index.html", "/C:/x.html", "/..\\x.html",
    "/link.html", "/folder/x.html", "/secret.txt", "/" + "a/" * 100 + "x.html", "/" + "a" * 5000 + ".html",
]  # fmt: skip


def test_path_traversal(reader, site):
    (site.parent / "outside").mkdir()
    for name in ("x.html", "outside/x.html", "site/wipers/.hidden.html", "site/secret.txt"):
        (site.parent / name).write_text("SECRET")
    if os.name == "posix":
        (site / "link.html").symlink_to(site.parent / "x.html")
        (site / "folder").symlink_to(site.parent / "outside")
    for path in OUTSIDE:
        answer = reader.get(path)
        assert answer.status_code == 404, path
        assert "SECRET" not in answer.text


def test_respond_to_what_is_not_there(reader):
    for slug in ("nothing", "%2e%2e", "' OR 1", "wipers%2f.."):
        assert reader.get(f"/respond/{slug}").status_code == 404
        assert reader.post(f"/respond/{slug}", data={"text": "x"}).status_code in (404, 405)


@pytest.mark.parametrize(
    "path", ["//evil.example", "//evil.example/..", "/\\evil.example", "/%2f%2fevil.example/", "/wipers"]
)
def test_open_redirects(reader, author, path):
    for answer in (
        reader.get(path), reader.get("/author/", params={"next": "//evil.example"}),
        author.get("/author/sign-in", params={"next": "https://evil.example"}),
        sign_in(author), reader.get("/", headers={"Host": "evil.example"}),
    ):  # fmt: skip
        assert "evil" not in answer.headers.get("location", "")
        assert not answer.headers.get("location", "").startswith(("//", "http", "\\"))


def test_oversized_bodies(reader, store):
    form = token_of(reader.get("/respond/wipers"))
    assert reader.post("/respond/wipers", data={"form": form, "text": "x" * 40_000}).status_code == 413
    assert write(reader, "x" * 5_000).status_code == 422
    assert write(reader, "x", name="n" * 200).status_code == 422
    assert write(reader, " \u202e\n").status_code == 422
    many = "&".join(f"a{n}=1" for n in range(100))
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert reader.post("/respond/wipers", content=many, headers=kind).status_code == 400
    assert reader.post("/respond/wipers", content="a=1&a=2", headers=kind).status_code == 400
    assert reader.post("/respond/wipers", content=b"a=\xff", headers=kind).status_code == 400
    assert reader.post("/respond/wipers", json={"text": "x"}).status_code == 415
    assert reader.post("/respond/wipers", files={"text": b"x"}).status_code == 415
    assert store.responses() == []


def test_an_endless_body_is_cut_off(reader):
    read = []

    def endless():
        while len(read) < 10_000:
            read.append(1)
            yield b"x" * 10_000

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert reader.post("/respond/wipers", content=endless(), headers=kind).status_code == 413


WRONG = [
    {"about": "claim-2"}, {"about": "claim-x"}, {"about": "claim-" + "9" * 20}, {"about": "film-z", "at": "1:02"},
    {"about": "film-w", "at": ""}, {"about": "film-w", "at": "2:00"}, {"about": "film-w", "at": "nan"},
    {"about": "all"},
]  # fmt: skip


def test_what_cannot_be_is_not_taken_and_not_lost(reader, store):
    for wrong in WRONG:
        answer = write(reader, "my words", **wrong)
        assert answer.status_code == 422, wrong
        assert "my words" in answer.text
    assert store.responses() == []


def test_a_robot_is_thanked_and_nothing_kept(reader, store):
    assert write(reader, website="https://spam.example").status_code == 200
    assert store.responses() == []


def test_one_address_cannot_write_without_end(site, store):
    client = TestClient(make_app(site, store, Limits(responses=2)), headers={"Origin": HERE}, follow_redirects=False)
    answers = [write(client, f"no. {n}") for n in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert "no. 2" in answers[2].text


def test_limits_fill_again_and_forget_addresses():
    now = [0.0]
    limiter = Limiter(2, 60, clock=lambda: now[0])
    assert [limiter.take(f"2001:db8::{n}") for n in range(3)] == [True, True, False]  # one network of IPv6
    assert limiter.take("2001:db8:1::")
    now[0] = 30.1
    assert limiter.take("2001:db8::9")
    now[0] = 500
    limiter.take("192.0.2.1")
    assert len(limiter) == 1


def test_a_flood_of_held_ones_is_stopped(store):
    data = sqlite3.connect(store.place)
    rows = [(f"{n:016x}", "wipers", "essay", "a", "t", "held", 1, f"f{n}", f"d{n}") for n in range(MOST_HELD)]
    data.executemany(
        "INSERT INTO responses (key, essay, about, name, text, state, written, form, deletion)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
    )  # fmt: skip
    data.commit()
    with pytest.raises(Exception, match="too many"):
        store.add(replace(ONE, key="f" * 16), "one more").result()


# what was acknowledged is kept


def test_a_full_disk_acknowledges_nothing_and_loses_nothing(site, store, reader):
    acknowledged = []
    future = store.submit(lambda data: data.execute("PRAGMA max_page_count = 1").fetchone())
    future.result()  # the smallest that SQLite allows: as large as it is now
    answers = []
    for n in range(200):
        answers.append(write(reader, f"no. {n} " + "x" * 3000).status_code if n < 45 else 0)
        if answers[-1] == 303:
            acknowledged.append(n)
        if answers[-1] == 503:
            break
    assert 503 in answers
    kept = {int(one.text.split()[1]) for one in store.responses()}
    assert kept == set(acknowledged)
    store.submit(lambda data: data.execute("PRAGMA max_page_count = 1000000").fetchone()).result()
    assert write(reader, "there is room again").status_code == 303
    assert sqlite3.connect(store.place).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_one_that_fails_takes_no_other_with_it(store):
    futures = [store.add(replace(ONE, key=f"{n:016x}"), f"form {n % 5}") for n in range(50)]
    failed = sum(isinstance(future.exception(), Repeated) for future in futures)
    assert failed == 45
    assert len(store.responses()) == 5


_WRITING = """
import sys
from pathlib import Path
from dataclasses import replace
from punctum.responses import Response, Store
store = Store(Path(sys.argv[1]))
one = Response("", "wipers", "essay", None, "", None, "A", "text " * 50)
n = 0
while True:
    waiting = [(n + i, store.add(replace(one, key=f"{n + i:016x}"), f"{n + i}")) for i in range(20)]
    for number, future in waiting:
        future.result()
        print(number, flush=True)
    n += 20
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path):
    place = tmp_path / "r.sqlite"
    with subprocess.Popen([sys.executable, "-c", _WRITING, str(place)], stdout=subprocess.PIPE, text=True) as process:
        told = [int(process.stdout.readline()) for _ in range(300)]
        process.send_signal(signal.SIGKILL)
        told += [int(line) for line in process.stdout if line.endswith("\n")]
    with Store(place) as store:
        kept = {int(one.key, 16) for one in store.responses()}
    assert set(told) <= kept
    assert sqlite3.connect(place).execute("PRAGMA integrity_check").fetchone() == ("ok",)


# served


@pytest.fixture
def served(site, monkeypatch):
    from punctum.responses import serving

    monkeypatch.setattr(serving, "HEAD_PATIENCE_S", 0.4)
    monkeypatch.setattr(serving, "IDLE_S", 1)
    monkeypatch.setattr(forms_module, "PATIENCE_S", 0.4)
    servers, told = [], threading.Event()
    where = []

    class Server(serving._Server):
        def __init__(self, config):
            super().__init__(config)
            servers.append(self)

    monkeypatch.setattr(serving, "_Server", Server)
    thread = threading.Thread(
        target=serving.serve, args=(site,), kwargs={"opened": lambda address: (where.append(address), told.set())}
    )
    thread.start()
    assert told.wait(10)
    yield int(where[0].rsplit(":", 1)[1].strip("/"))
    servers[0].should_exit = True
    thread.join(10)


def test_slow_clients_are_dropped_and_hold_nobody_up(served):
    form = b"POST /respond/wipers HTTP/1.1\r\nHost: h\r\nOrigin: http://h\r\n"
    beginnings = (
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: h\r\nX: ",
        form + b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nabc",
        b"GET /index.html HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nX",
    )
    slow = [socket.create_connection(("127.0.0.1", served), timeout=5) for _ in beginnings for _ in range(10)]
    for n, one in enumerate(slow):
        one.sendall(beginnings[n // 10])
    with socket.create_connection(("127.0.0.1", served), timeout=5) as quick:
        began = time.monotonic()
        quick.sendall(b"GET /index.html HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        assert quick.recv(100).startswith(b"HTTP/1.1 200")
        assert time.monotonic() - began < 0.4
    for one in slow:
        with one:
            while one.recv(65536):  # b"" where it was closed; a timeout fails the test
                pass


def test_large_heads_and_other_protocols_are_refused(served):
    for sent in (b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"a" * 1_000_000, b"\x16\x03\x01\x02" * 100,
                 b"GET http://evil.example/ HTTP/9\r\n\r\n"):  # fmt: skip
        with socket.create_connection(("127.0.0.1", served), timeout=5) as one:
            one.sendall(sent)
            assert not one.recv(100).startswith(b"HTTP/1.1 200")


# files


def test_json_goes_out_and_comes_in_as_it_was(site, store, tmp_path):
    essays = read_site(site)
    answered = replace(ONE, key="1" * 16, about="time", film="w", time_s=62.5, state="approved", answer="Yes.",
                       answered=1_700_000_001)  # fmt: skip
    for one in (ONE, answered, replace(ONE, key="2" * 16, about="claim", claim=1)):
        store.add(one, one.key).result()
    file = tmp_path / "all.json"
    assert export_responses(store, file, essays) == 3
    with pytest.raises(OutputUnwritable):
        export_responses(store, file, essays)
    with Store(tmp_path / "other.sqlite") as other:
        taken = import_responses(other, file, essays)
        assert (taken.added, taken.known, taken.left_out) == (3, 0, ())
        assert sorted(other.responses(), key=lambda one: one.key) == sorted(store.responses(), key=lambda one: one.key)
        assert import_responses(other, file, essays).known == 3


def test_letters_go_out_and_come_in(site, store, tmp_path):
    essays = read_site(site)
    texts = ("From here on\n>From there\nit *snows*.", "Zwei Zeilen: ä — “so”", "x" * 3000)
    for n, text in enumerate(texts):
        about = {"about": "time", "film": "w", "time_s": 62.0} if n else {}
        store.add(replace(ONE, key=f"{n:016x}", text=text, **about), str(n)).result()
    file = tmp_path / "all.mbox"
    assert export_responses(store, file, essays) == 3
    with Store(tmp_path / "other.sqlite") as other:
        assert import_responses(other, file, essays).left_out == ()
        assert other.responses() == store.responses()
        assert import_responses(other, file, essays).known == 3


def test_answers_by_mail_are_held_without_their_address(site, store, tmp_path):
    letter = (
        "From x Tue Nov 24 17:00:00 2026\nFrom: Bob <bob@e.example>\nSubject: Re: What <wipers> keep\n"
        "Message-ID: <1@e>\nDate: Mon, 23 Nov 2026 10:00:00 +0000\nX-Punctum-State: approved\n\n"
        "I disagree.\n\nAnn wrote:\n> It holds\n\n-- \nBob, 1 Road\n\n"
    )
    strange = "From x Tue Nov 24 17:00:00 2026\nFrom: C\nSubject: Money\n\nBuy\n\n"
    broken = 'From x Tue Nov 24 17:00:00 2026\nSubject: [wipers]\nContent-Type: text/plain; charset="nix"\n\n\xff\n\n'
    file = tmp_path / "in.mbox"
    file.write_bytes((letter + strange + broken).encode("latin-1"))
    taken = import_responses(store, file, read_site(site))
    assert taken.added >= 1
    assert len(taken.left_out) + taken.added == 3
    one = next(one for one in store.responses() if one.name == "Bob")
    assert (one.text, one.state) == ("I disagree.", "held")
    assert "bob@e.example" not in "".join(sqlite3.connect(store.place).iterdump())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"responses": 1}', "[" * 100_000, "\xff"])
def test_files_that_are_none_are_refused(site, store, tmp_path, text):
    for name in ("x.json", "x.mbox"):
        file = tmp_path / name
        file.write_text(text, "latin-1")
        with pytest.raises(UsageWrong):
            import_responses(store, file, read_site(site))


def test_odd_rows_are_counted_and_the_rest_is_taken(site, store, tmp_path):
    good = dict(ONE.__dict__)
    rows = [good, 1, None, {}, {**good, "key": "x"}, {**good, "key": "3" * 16, "essay": "other"},
            {**good, "key": "4" * 16, "about": "time", "time_s": "nan"}, {**good, "key": "5" * 16, "written": 1e99},
            {**good, "key": "6" * 16, "state": "root"}, {**good, "key": "7" * 16, "text": ""}]  # fmt: skip
    file = tmp_path / "x.json"
    file.write_text(json.dumps({"responses": rows}))
    taken = import_responses(store, file, read_site(site))
    assert (taken.added, len(taken.left_out)) == (1, len(rows) - 1)


@pytest.mark.parametrize("record", ["", "[]", '{"essays": {"a": 1}}', "{" * 10_000, '{"essays": []}'])
def test_a_folder_that_is_no_site_is_refused(tmp_path, record):
    (tmp_path / RECORD).write_text(record)
    with pytest.raises(OutputUnwritable):
        read_site(tmp_path)


def test_a_file_that_is_no_store_is_refused(tmp_path):
    place = tmp_path / "r.sqlite"
    place.write_bytes(b"not a database" * 100)
    with pytest.raises(OutputUnwritable):
        Store(place)


def test_a_feed_is_xml_whatever_was_written():
    from xml.etree import ElementTree

    essays = {"wipers": showing.Answerable("wipers", "A & <b>")}
    text = showing.feed([replace(ONE, text=clean("]]> & < \ufffe\x01"), name="<&>")], essays, "T & <t>", "./", "r.xml")
    entry = ElementTree.fromstring(text.encode()).find("{http://www.w3.org/2005/Atom}entry")
    assert entry.find("{http://www.w3.org/2005/Atom}title").text == "<&> on A & <b>"


# the command line


def test_command_line(site, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", StringIO(PHRASE + "\n"))
    assert cli.run(["essay", "author", "add", "ann", "--out", str(site)]) == 0
    with Store(place_of(site)) as store:
        assert store.secret_of("ann").startswith("$argon2id$")
        store.add(ONE, "f").result()
    file = tmp_path / "all.json"
    assert cli.run(["essay", "responses", "export", str(file), "--out", str(site)]) == 0
    assert cli.run(["essay", "responses", "import", str(file), "--out", str(site), "--json"]) == 0
    assert '"known": 1' in capsys.readouterr().out
    for words in (["author", "ann"], ["responses", "export"], ["serve"], ["serve", str(tmp_path)]):
        assert cli.run(["essay", *words]) in (1, 2)
    monkeypatch.setattr("sys.stdin", StringIO("short\n"))
    assert cli.run(["essay", "author", "add", "ann", "--out", str(site)]) == 2


# built into the static site


@pytest.mark.slow
def test_the_static_pages_keep_what_is_approved_and_lose_what_is_deleted(tmp_path):
    from tests import films

    from punctum.pipeline import read_film
    from punctum.publish import Shelf, build_site, open_manuscript

    read_film(films.cuts(tmp_path))
    essay = tmp_path / "reds.md"
    essay.write_text(
        "---\ntitle: Reds\nauthors: [Ann]\ndate: 2026-11-24\nfilms: {w: cuts.punctum}\n---\n\n"
        '[Three shots]{film=w measure=shot_count is=3}, [red]{film=w at="0:00.5" .seen}.\n'
    )
    site = tmp_path / "site"

    def build(**more):
        build_site([open_manuscript(str(essay), Shelf())], site, **more)
        return (site / "reds" / "index.html").read_text("utf-8"), (site / "index.html").read_text("utf-8")

    page, listed = build()
    assert "Responses" not in page
    assert "responses yet" not in listed
    assert not (site / "responses.xml").exists()
    with Store(place_of(site)) as store:
        page, listed = build(respond="https://example.org/essays/")
        assert "No responses yet" in page
        assert "no responses yet" in listed
        assert 'href="https://example.org/essays/respond/reds"' in page
        client = TestClient(make_app(site, store), headers={"Origin": HERE}, follow_redirects=False)
        form = token_of(client.get("/respond/reds"))
        given = {"form": form, "about": "film-w", "at": "0:02", "text": "It turns."}
        own = client.post("/respond/reds", data=given).headers["location"].removeprefix("..")
        assert "It turns." not in build()[0]
        (one,) = store.responses()
        store.settle(one.key, "approved").result()
        page, listed = build()
        assert "It turns." in page
        assert "1 response<" in listed
        picture = re.search(r'<img src="(w-\d+-\d+\.jpg)" alt="" loading="lazy"', page.split("<!-- responses -->")[1])
        assert (site / "reds" / picture[1]).is_file()
        assert "It turns." in (site / "responses.xml").read_text("utf-8")
        assert build() == (page, listed)
        assert "It turns." in client.get("/reds/index.html").text
        client.post(own)
        assert "It turns." not in client.get("/reds/index.html").text
        assert "It turns." not in build()[0]
