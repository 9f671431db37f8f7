"""Sites of essays: built, built again, attacked; drafts, an endpoint that lies, the page while one writes."""

import json
import os
import re
import shutil
import threading
import urllib.error
import urllib.request
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from tests import films

from punctum import cli
from punctum.errors import EssayUnsound, OutputUnwritable
from punctum.pipeline import read_film
from punctum.publish import Shelf, build_site, open_manuscript, write_draft
from punctum.publish.drafting import ask
from punctum.publish.watching import Watched, serve

HEAD = """---
title: {title}
authors: [Ann Other]
date: 2026-11-24
summary: On cuts.
tags: [colour]
films:
  w: {{bundle: ../films/cuts.punctum, title: Cuts, year: 1957, director: A. Director, edition: "a file"}}
---
"""
TEXT = """
[Three shots]{film=w measure=shot_count is=3}, []{film=w measure=average_shot_length_s} each,
[red]{film=w at="0:00.5" .seen}.[^1]

![The course](w@film "brightness, longest_shot_s")

![All of it](w@film)

![One](w@0:02 "still")

[^1]: A note with [a claim]{film=w measure=cut_count is=2}.

::: {.reading title="Yes"}
[a]{film=w measure=shot_count is="> 2" .for}
:::

::: {.reading title="No"}
[b]{film=w measure=shot_count is="> 2" .against}
:::
"""


@pytest.fixture(scope="module")
def shelf(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("shelf")
    (folder / "films").mkdir()
    read_film(films.cuts(folder / "films"))
    return folder


@pytest.fixture
def desk(shelf, tmp_path) -> Path:
    """A folder with the film and an essay, of this test's own."""
    shutil.copytree(shelf / "films", tmp_path / "films")
    (tmp_path / "essays").mkdir()
    write(tmp_path, "one", TEXT)
    return tmp_path


def write(desk: Path, name: str, text: str, title: str = "On cuts") -> Path:
    path = desk / "essays" / f"{name}.md"
    path.write_text(HEAD.format(title=title) + text, "utf-8")
    return path


def build(desk: Path, *names: str, **more: object):
    opened = Shelf()
    essays = [open_manuscript(desk / "essays" / f"{name}.md", opened) for name in names or ("one",)]
    assert all(one.checked.sound for one in essays), [f for one in essays for f in one.checked.findings]
    return build_site(essays, desk / "site", **more)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Reader(HTMLParser):
    """What a page holds: ids, addresses, tags with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        held = dict(attrs)
        self.tags.append((tag, held))
        self.ids += [held["id"]] if "id" in held else []
        self.addresses += [held[name] for name in ("href", "src", "poster") if held.get(name)]


def test_a_page_is_whole(desk):
    built = build(desk, address="https://example.org/essays/")
    page = built.index.read_text("utf-8")
    read = Reader(page)
    assert len(read.ids) == len(set(read.ids))
    for address in read.addresses:
        if address.startswith("#"):
            assert address[1:] in read.ids, address
        elif not address.startswith(("https://example.org", "data:,")):
            assert (built.index.parent / address).is_file(), address
    assert not [tag for tag, held in read.tags if "style" in held or any(name.startswith("on") for name in held)]
    assert all(held.get("alt") is not None and held.get("width") for tag, held in read.tags if tag == "img")
    assert [tag for tag, _ in read.tags].count("h1") == 1
    assert "3 shots" in page
    assert "Shot length" in page
    assert len(page) < 300_000
    [data] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    review = json.loads(data)
    assert (review["@type"], review["itemReviewed"]["director"]["name"]) == ("Review", "A. Director")
    assert '<meta property="og:image" content="https://example.org/essays/one/w-' in page
    feed = (desk / "site" / "feed.xml").read_text("utf-8")
    assert "<updated>2026-11-24T00:00:00Z</updated>" in feed
    assert "https://example.org/essays/one/" in (desk / "site" / "sitemap.xml").read_text("utf-8")
    assert "Cuts: " in built.account[0]
    assert re.search(r"\d+ stills published: [\d.]+ s of 0:03, [\d.]+ %", built.account[0])
    assert built.account[0].removeprefix("Cuts: ") in page


def test_the_same_input_gives_the_same_bytes_and_one_essay_rebuilds_that_one(desk):
    write(desk, "two", TEXT.replace("All of it", "Everything"), "On colours")
    assert build(desk, "one", "two").written == 2
    first = contents(desk / "site")
    assert build(desk, "one", "two").written == 0
    assert contents(desk / "site") == first
    shutil.rmtree(desk / "site")
    build(desk, "two", "one")
    assert contents(desk / "site") == first
    write(desk, "two", TEXT.replace("All of it", "All"), "On colours")
    stamp = (desk / "site" / "one" / "index.html").stat().st_mtime_ns
    assert build(desk, "one", "two").written == 1
    assert (desk / "site" / "one" / "index.html").stat().st_mtime_ns == stamp
    changed = {name for name, data in contents(desk / "site").items() if first.get(name) != data}
    assert changed == {"two/index.html", ".punctum-site.json"}
    assert "also on Cuts" in (desk / "site" / "two" / "index.html").read_text("utf-8")


def test_without_its_film_a_page_shows_the_bundles_stills(desk):
    (desk / "films" / "cuts.mp4").unlink()
    built = build(desk)
    assert any("stills stand in" in line for line in built.account)
    assert list(built.index.parent.glob("*.jpg"))


def test_clips_are_cut_and_counted(desk):
    write(desk, "one", '![Moving](w@0:00.5-0:01.5 "clip")')
    built = build(desk, clips=True)
    [clip] = built.index.parent.glob("*.mp4")
    assert clip.stat().st_size > 0
    assert "1.0 s of clips" in built.account[0]
    assert f'<video controls preload="none" playsinline src="{clip.name}"' in built.index.read_text("utf-8")


def test_a_folder_with_other_things_is_never_written_to(desk):
    for place in ("films", "essays", "."):
        before = contents(desk)
        with pytest.raises(OutputUnwritable, match=r"other things|essay itself"):
            build_site([open_manuscript(desk / "essays" / "one.md")], desk / place)
        assert contents(desk) == before
    (desk / "file").write_text("x")
    with pytest.raises(OutputUnwritable, match="no folder"):
        build_site([open_manuscript(desk / "essays" / "one.md")], desk / "file")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_in_a_site_lead_nowhere(desk):
    build(desk)
    outside = desk / "outside"
    outside.mkdir()
    (outside / "index.html").write_text("mine")
    shutil.rmtree(desk / "site" / "one")
    (desk / "site" / "one").symlink_to(outside)
    (desk / "site" / "feed.xml").unlink()
    (desk / "site" / "feed.xml").symlink_to(outside / "index.html")
    build(desk)
    assert contents(outside) == {"index.html": b"mine"}
    (desk / "link").symlink_to(desk / "films")
    with pytest.raises(OutputUnwritable):
        build_site([open_manuscript(desk / "essays" / "one.md")], desk / "link")
    (desk / "essays" / "out.png").symlink_to(desk / "films" / "cuts.mp4")
    [finding] = open_manuscript(write(desk, "one", "![words](out.png)")).checked.findings
    assert (finding.state, finding.place.line) == ("unknown", 10)
    assert "outside the essay's folder" in finding.why


def test_a_sites_memory_is_input_like_any_other(desk):
    build(desk)
    record = desk / "site" / ".punctum-site.json"
    good = json.loads(record.read_text("utf-8"))
    for bad in (
        "",
        "[]",
        '{"outline": 1}',
        '{"outline": 1, "essays": {"../../x": {}}}',
        '{"outline": 1, "essays": {"a": 3}}',
    ):
        record.write_text(bad)
        build(desk)
        assert json.loads(record.read_text("utf-8")) == good
    assert not (desk / "x").exists()


def test_essays_whose_names_would_be_one_folder_are_refused(desk):
    write(desk, "One!", TEXT)
    with pytest.raises(OutputUnwritable, match="would both be `one/`"):
        build(desk, "one", "One!")


def test_a_picture_of_the_writers_own(desk):
    import cv2
    import numpy as np

    cv2.imwrite(str(desk / "essays" / "map.png"), np.zeros((20, 30, 3), np.uint8))
    write(desk, "one", "![A <b>map</b>](map.png)")
    built = build(desk)
    page = built.index.read_text("utf-8")
    assert re.search(r'<img src="own-[0-9a-f]{16}\.png" width="30" height="20" alt="A &lt;b&gt;map&lt;/b&gt;"', page)
    from PIL import Image

    photograph = Image.new("RGB", (30, 20))
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    photograph.save(desk / "essays" / "map.jpg", exif=exif)
    assert b"where I live" in (desk / "essays" / "map.jpg").read_bytes()
    write(desk, "one", "![A map](map.jpg)")
    [copied] = build(desk).index.parent.glob("own-*.jpg")
    assert b"where I live" not in copied.read_bytes()
    (desk / "essays" / "map.png").write_text("<svg/>")
    for bad, says in (("map.png", "is no picture"), ("none.png", "cannot be read")):
        [finding] = open_manuscript(write(desk, "one", f"\n![words]({bad})")).checked.findings
        assert (finding.state, finding.place.line) == ("unknown", 11)
        assert says in finding.why


def test_bibliographies_are_named_and_found(desk):
    path = write(desk, "one", "[@a]")
    for name, says in (
        ("../../etc/passwd", "is no bibliography"),
        ("none.bib", "cannot be read"),
        ("bad.bib", "never closed"),
    ):
        (desk / "essays" / "bad.bib").write_text("@article{a, x={")
        path.write_text(HEAD.format(title="x").replace("tags: [colour]", f"bibliography: {name}") + "[@a]", "utf-8")
        try:
            told = [finding.why for finding in open_manuscript(path).checked.findings if finding.place.line == 6]
        except EssayUnsound as error:
            told = [str(error)]
            assert told[0].startswith("one.md:6: ")
        assert says in told[0], told


def test_hostile_heads_are_text_on_every_page(desk):
    evil = '</script><script>alert(1)</script><img src=x onerror=alert(2)>"'
    head = (
        HEAD.format(title=json.dumps(evil)).replace("Ann Other", json.dumps(evil)).replace("On cuts.", json.dumps(evil))
    )
    head = head.replace("title: Cuts", f"title: {json.dumps(evil)}").replace("[colour]", f"[{json.dumps(evil)}]")
    (desk / "essays" / "one.md").write_text(head + TEXT, "utf-8")
    build(desk, address="https://example.org")
    for name, data in contents(desk / "site").items():
        if name.endswith((".html", ".xml")):
            text = data.decode()
            assert "<script>alert" not in text, name
            assert "<img src=x" not in text, name
            assert text.count("<script") == text.count("</script"), name
    page = (desk / "site" / "one" / "index.html").read_text("utf-8")
    assert "default-src 'none'" in page


def test_essays_that_cannot_be_read_get_one_line(desk, capsys):
    cases = {
        "big": (b"x" * 10_000_000, "big.md:1: `big.md` has 10.0 MB"),
        "latin": ("---\ntitle: é".encode("latin-1"), "latin.md:2: the text is not UTF-8"),
        "bomb": (b"---\na: &a [x]\nb: [*a, *a]\n---\n", "bomb.md:2: the head cannot be read: an anchor"),
        "empty": (b"", "empty.md:1: the essay has no head"),
    }
    for name, (data, says) in cases.items():
        (desk / f"{name}.md").write_bytes(data)
        assert cli.run(["essay", "check", str(desk / f"{name}.md")]) == 1
        told = capsys.readouterr()
        assert says in told.err
        assert "Traceback" not in told.err
        assert len(told.err.strip().splitlines()) <= 3
    (desk / "films" / "loop.punctum").mkdir()
    write(desk, "one", "[a]{film=w measure=shot_count is=3}").write_text(
        HEAD.format(title="x").replace("cuts.punctum", "../essays/one.md") + "[a]{film=w measure=shot_count is=3}"
    )
    assert cli.run(["essay", str(desk / "essays" / "one.md"), "--out", str(desk / "site")]) == 1
    assert "one.md:10:1: cannot be checked" in capsys.readouterr().out
    assert not (desk / "site").exists()


def test_the_command_checks_then_builds(desk, capsys):
    essay, out = str(desk / "essays" / "one.md"), str(desk / "site")
    assert cli.run(["essay", essay, "--out", out]) == 0
    told = capsys.readouterr()
    assert told.out.strip() == str(desk / "site" / "one" / "index.html")
    assert "6 claims hold" in told.err
    assert cli.run(["essay", "check", essay]) == 0
    assert capsys.readouterr().out.strip().endswith("one.md: 6 claims understood; 6 hold")
    write(desk, "one", "[a]{film=w measure=shot_count is=4}")
    assert cli.run(["essay", essay, "--out", out]) == 1
    told = capsys.readouterr()
    assert f"{essay}:10:1: fails: “a” — number of shots: 3 shots, not 4" in told.out
    assert "look at w@film" in told.out
    assert cli.run(["essay", "check", "--json", essay]) == 1
    [data] = json.loads(capsys.readouterr().out)
    assert (data["sound"], data["findings"][0]["line"], data["findings"][0]["state"]) == (False, 10, "fails")
    assert cli.run(["essay", "check"]) == 2
    write(desk, "one", "[a\x1b[31m]{film=w measure=shot_count is=4}")
    write(desk, "two", TEXT)
    capsys.readouterr()
    assert cli.run(["essay", "check", str(desk / "none.md"), essay, str(desk / "essays" / "two.md")]) == 1
    told = capsys.readouterr()
    assert "\x1b" not in told.out + told.err
    assert "two.md: 6 claims understood; 6 hold" in told.out
    assert "none.md` cannot be read" in told.err


def test_a_damaged_table_is_one_line(desk, capsys):
    table = desk / "films" / "cuts.punctum" / "frames.parquet"
    table.write_bytes(b"x" * table.stat().st_size)
    write(desk, "one", "[a]{film=w measure=brightness span=“0:00-0:01” is=3}")
    assert cli.run(["essay", "check", str(desk / "essays" / "one.md")]) == 1
    told = capsys.readouterr().err.strip().splitlines()
    assert told[0].endswith("frames.parquet` cannot be read")
    assert len(told) == 3


def test_a_draft_is_ready_to_check(desk, capsys):
    draft = desk / "essays" / "draft.md"
    assert cli.run(["essay", "new", str(desk / "films" / "cuts.mp4"), "--out", str(draft)]) == 0
    capsys.readouterr()
    assert cli.run(["essay", "check", str(draft)]) == 0
    assert cli.run(["essay", "new", str(desk / "films" / "cuts.mp4"), "--out", str(draft)]) == 1
    assert "is there already" in capsys.readouterr().err


class Scripted(HTTPServer):
    """A local endpoint that says what it is told to, and remembers what it was asked."""

    def __init__(self, answer: bytes, status: int = 200, place: str = "") -> None:
        outer = self
        self.asked: list[dict[str, object]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                told = json.loads(self.rfile.read(size))
                outer.asked.append({"path": self.path, "key": self.headers["Authorization"], **told})
                self.send_response(status)
                if place:
                    self.send_header("Location", place)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def __exit__(self, *given):
        self.shutdown()
        super().__exit__(*given)


def said(text: str) -> bytes:
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()


def test_of_an_endpoints_proposals_only_what_holds_is_kept(desk, monkeypatch):
    claim = '{film=cuts span=film measure=shot_count is="3 shots" .for}'
    good = f"[It takes three shots]{claim}."
    text = (
        f"## It is brisk\n{good}\n[It takes nine shots]{claim}.\n"
        '[Loud]{film=cuts span=film measure=integrated_loudness_lufs is="-9 LUFS" .for}.\nIt lasts 90 minutes.\n'
        "## Nothing but lies\n[It takes 40 shots]{film=cuts span=film measure=shot_count is=40 .for}.\n"
    )
    monkeypatch.setenv("PUNCTUM_ENDPOINT_KEY", "mine")
    with Scripted(said(text)) as server:
        path, remarks = write_draft(
            [str(desk / "films" / "cuts.mp4")], str(desk / "essays" / "d.md"), server.address, "m"
        )
    draft = path.read_text("utf-8")
    assert draft.count(".reading") == 1
    assert good in draft
    for lie in ("nine", "40", "90", "-9", "lies"):
        assert lie not in draft, lie
    assert open_manuscript(path).checked.sound
    assert any("1 proposed sentence" in remark for remark in remarks)
    [asked] = server.asked
    assert (asked["path"], asked["model"], asked["key"]) == ("/v1/chat/completions", "m", "Bearer mine")
    sent = json.dumps(asked["messages"])
    assert "measure=shot_count" in sent
    assert str(desk) not in sent


@pytest.mark.parametrize(
    ("answer", "status", "says"),
    [
        (b"hello", 200, "does not answer as"),
        (b"{}", 200, "does not answer as"),
        (b"", 500, "answers 500"),
        (b'{"choices": [{"message": {"content": 3}}]}', 200, "does not answer as"),
        (b"x" * 2_100_000, 200, "does not answer as"),
    ],
)
def test_endpoints_that_answer_otherwise(answer, status, says):
    with Scripted(answer, status) as server, pytest.raises(EssayUnsound, match=says):
        ask(server.address, "", [])


def test_an_endpoint_cannot_send_a_question_elsewhere():
    with Scripted(said("mine")) as other, Scripted(b"", 302, other.address) as server:
        with pytest.raises(EssayUnsound, match="answers 302"):
            ask(server.address, "", [])
        assert other.asked == []
    with pytest.raises(EssayUnsound, match="does not answer"):
        ask("http://127.0.0.1:9/v1", "", [])


def test_while_one_writes_the_page_follows(desk):
    watched = Watched([str(desk / "essays" / "one.md")], desk / "site")
    assert watched.renew() == []
    assert not watched.changed()
    with serve(watched) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        home = f"http://127.0.0.1:{server.server_address[1]}"

        def get(path: str, host: str = "") -> bytes:
            request = urllib.request.Request(home + path, headers={"Host": host} if host else {})
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.read()

        page = get("/one/").decode()
        assert page.count("/.told") == 1
        assert "connect-src 'self'" in page
        assert "/.told" not in (desk / "site" / "one" / "index.html").read_text("utf-8")
        told = json.loads(get("/.told"))
        write(desk, "one", "[a]{film=w measure=shot_count is=4}")
        assert watched.changed()
        assert "number of shots: 3 shots, not 4" in watched.renew()[0]
        assert json.loads(get("/.told"))["version"] == told["version"]
        assert get("/one/").decode() == page
        write(desk, "one", "[a]{film=w measure=shot_count is=3}")
        assert watched.renew() == []
        assert json.loads(get("/.told")) == {"version": told["version"] + 1, "lines": []}
        for path, host in (
            ("/one/", "evil.example"),
            ("/../essays/one.md", ""),
            ("/%2e%2e/essays/one.md", ""),
            ("/none", ""),
        ):
            with pytest.raises(urllib.error.HTTPError):
                get(path, host)
        server.shutdown()
