"""The command line: what it prints where, with which exit code, over which nonsense."""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from tests import films

from punctum import cli
from punctum.bundle import open_bundle, write_parquet
from punctum.cli.parser import build_parser
from punctum.errors import FilmUnreadable
from punctum.tables import SHOTS

COMMANDS = (
    "read",
    "view",
    "notes",
    "shots",
    "scenes",
    "ending",
    "moments",
    "compare",
    "words",
    "faces",
    "correct",
    "rebase",
    "diff",
    "echo",
    "export",
    "import",
    "library",
    "find",
    "models",
    "demo",
    "essay",
)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return films.cuts(tmp_path_factory.mktemp("cli"))


@pytest.fixture(scope="module")
def whole(film):
    assert cli.run(["read", str(film)]) == 0
    return film.with_suffix(".punctum")


@pytest.fixture
def bundle(whole, tmp_path):
    """A bundle that may be damaged."""
    return Path(shutil.copytree(whole, tmp_path / "copy.punctum"))


def tried(capsys, *words):
    """Exit code, stdout, stderr."""
    capsys.readouterr()
    code = cli.run([str(word) for word in words])
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    return code, told.out, told.err


def refused(capsys, *words, code=1, says=""):
    """A command ends with this code, one line, a hint and nothing on stdout."""
    found, out, err = tried(capsys, *words)
    assert found == code, err
    assert not out
    assert re.fullmatch(r"error: [^\n]+\n\nhint: [^\n]+\n", err), err
    assert says in err
    return err


def test_help_opens_with_an_example_and_imports_nothing_heavy():
    code = (
        "import sys; from punctum.cli import run; run(['--help']);"
        "print(*{'polars', 'av', 'cv2', 'numpy', 'scipy', 'rich', 'jinja2'} & set(sys.modules), file=sys.stderr)"
    )
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert time.monotonic() - began < 3
    assert not done.stderr.strip()
    assert done.stdout.splitlines()[2].lstrip().startswith("punctum read film.mkv")
    assert all(command in done.stdout for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_opens_with_an_example(capsys, command):
    code, out, _ = tried(capsys, command, "--help")
    assert code == 0
    assert out.startswith(f"usage: punctum {command} ")
    assert re.search(rf"^  punctum {command}", out, re.MULTILINE)


def test_version(capsys):
    assert tried(capsys, "--version") == (0, "punctum 0.1.0\n", "")


def test_every_command_and_option_is_documented():
    text = (Path(__file__).parent.parent / "docs" / "howto" / "command-line.md").read_text("utf-8")
    parser = build_parser()
    [commands] = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    assert sorted(commands.choices) == sorted(COMMANDS)
    for name, command in commands.choices.items():
        section = re.search(rf"^## `punctum {name}`\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
        assert section, f"no section on {name}"
        nested = [a.choices.values() for a in command._actions if isinstance(a, argparse._SubParsersAction)]
        for action in [a for one in (command, *(sub for subs in nested for sub in subs)) for a in one._actions]:
            for word in action.option_strings:
                if word not in ("-h", "--help"):
                    assert f"`{word}" in section[1], f"{word} of {name}"
            assert action.help, f"{name} {action.dest} has no help"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "COMMAND"),
        (("burn",), "burn"),
        (("read",), "FILM"),
        (("read", "x.mkv", "--span", "x"), "`x` is no span"),
        (("read", "x.mkv", "--span", "-"), "no span"),
        (("read", "x.mkv", "--span", "1:x-2"), "`1:x`"),
        (("read", "x.mkv", "--span", ""), "no span"),
        (("read", "x.mkv", "--last", "-3"), "-3"),
        (("read", "x.mkv", "--last", "0"), "nothing"),
        (("read", "x.mkv", "--last", ""), "length"),
        (("read", "x.mkv", "--last", "soon"), "`soon`"),
        (("read", "x.mkv", "--last", "nan"), "`nan`"),
        (("read", "x.mkv", "--last", "1h", "--span", "1-2"), "not allowed"),
        (("read", "x.mkv", "--quick", "--last", "1h"), "--quick"),
        (("read", "x.mkv", "--threads", "-1"), "--threads"),
        (("read", "x.mkv", "--threads", "many"), "--threads"),
        (("read", "x.mkv", "--out", ""), "empty name"),
        (("read", "x.mkv", "--into", ""), "empty name"),
        (("read", "x.mkv", "--out", "a", "--into", "b"), "not allowed"),
        (("read", "a.mkv", "b.mkv", "--out", "c"), "several films"),
        (("read", "x.mkv", "--forc"), "--forc"),
        (("shots",), "BUNDLE"),
        (("diff", "a"), "B"),
        (("demo", "--into", ""), "empty name"),
        (("correct", "x.punctum"), "no correction"),
    ],
)
def test_usage_is_code_2(capsys, words, says):
    refused(capsys, *words, code=2, says=says)


def test_films_that_are_none(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("no film\n" * 50)
    (tmp_path / "list.mp4").write_text("#EXTM3U\nother.ts\n")
    (tmp_path / "concat.mp4").write_text("ffconcat version 1.0\nfile film.mp4\n")
    (tmp_path / "folder.mp4").mkdir()
    whole = films.film(tmp_path, "whole.mp4", 30)
    (tmp_path / "cut.mp4").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    for name, says in (
        ("missing.mp4", "does not exist"),
        ("empty.mp4", "is empty"),
        ("text.mp4", "a text"),
        ("list.mp4", "playlist"),
        ("concat.mp4", "a list of files"),
        ("folder.mp4", "is a directory"),
        ("cut.mp4", "moov"),
        ("new\nline \x1b[31m.mp4", r"`new\nline \x1b[31m.mp4`"),
        ("bad\udcff.mp4", "does not exist"),
        ("concat:whole.mp4", "does not exist"),
        ("http://example.org/film.mp4", "does not exist"),
        ("x" * 5000, "cannot be read"),
        ("", "is a directory"),
        (os.devnull, "not a regular file"),
    ):
        refused(capsys, "read", name, says=says)
    assert not list(tmp_path.glob("*.punctum*"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_pipes_and_loops_are_refused(capsys, tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "loop.mp4").symlink_to(tmp_path / "loop.mp4")
    refused(capsys, "read", tmp_path / "pipe.mp4", says="not a regular file")
    refused(capsys, "read", tmp_path / "loop.mp4", says="cannot be read")


def test_no_permission(capsys, film, monkeypatch):
    ordinary = Path.open

    def forbidden(self, mode="r", *rest, **more):
        if self == film:
            raise PermissionError(13, "Permission denied", str(self))
        return ordinary(self, mode, *rest, **more)

    monkeypatch.setattr(Path, "open", forbidden)
    refused(capsys, "read", film, says="may not be read")


def test_what_is_asked_for_goes_to_stdout_and_nothing_else(capsys, film, whole):
    code, out, err = tried(capsys, "read", film)
    assert code == 0
    assert out.splitlines()[0] == str(whole / "page.html")
    assert 2 <= len(out.splitlines()) <= 4
    # but for weights that are not there
    assert all(line.startswith("remark: ") and "punctum models fetch" in line for line in err.splitlines())


def test_json_holds_what_the_prose_says(capsys, film, whole, bundle):
    _, prose, _ = tried(capsys, "read", film)
    [answer] = json.loads(tried(capsys, "read", film, "--json")[1])
    assert [answer["page"], *(f"  {line}" for line in answer["lines"])] == prose.splitlines()
    assert answer["coverage"] == "film"
    assert answer["already"]

    shots = json.loads(tried(capsys, "shots", whole, "--json")[1])
    assert list(shots[0]) == list(SHOTS)
    table = pl.read_csv(tried(capsys, "shots", whole, "--csv")[1].encode())
    assert table.columns == list(SHOTS)
    assert table["start_frame"].to_list() == [row["start_frame"] for row in shots] == [0, 30, 60]
    assert [row.split()[0] for row in tried(capsys, "shots", whole)[1].splitlines()] == ["0", "1", "2"]

    said = json.loads(tried(capsys, "correct", bundle, "cut 0.6", "--who", "ida", "--json")[1])["said"]
    assert "4 shots (before: 3)" in said
    [note] = json.loads(tried(capsys, "correct", bundle, "--list", "--json")[1])
    assert note["who"] == "ida"
    assert note["id"] in tried(capsys, "correct", bundle, "--list")[1]

    code, out, _ = tried(capsys, "diff", whole, bundle, "--json")
    assert code == 1
    assert {row["table"] for row in json.loads(out)} >= {"shots"}
    assert "shots" in tried(capsys, "diff", whole, bundle)[1]
    assert tried(capsys, "diff", whole, whole) == (0, "no difference\n", "")
    assert tried(capsys, "diff", whole, whole, "--json")[:2] == (0, "[]\n")


def test_one_bad_film_does_not_end_the_others(capsys, film, tmp_path):
    missing = tmp_path / "missing.mkv"
    code, out, err = tried(capsys, "read", missing, film, "--json", "--into", tmp_path / "new" / "folder")
    assert code == 1
    bad, good = json.loads(out)
    assert bad["error"] in err
    assert Path(good["page"]).is_file()


def test_places_that_will_not_do(capsys, film, whole, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear")
    (tmp_path / "taken.reading").mkdir()
    (tmp_path / "taken.reading" / "novel.txt").write_text("once")
    for out, says in (
        (tmp_path / "full", "other things"),
        (tmp_path / "taken", "other things"),
        (film, "is a file"),
        (film / "in" / "it", "Not a directory"),
        (tmp_path / ("x" * 300), "File name too long"),
        (tmp_path / "bad\udcff", "not UTF-8"),
    ):
        if os.name == "posix":
            refused(capsys, "read", film, "--out", out, says=says)
    assert (tmp_path / "full" / "letter.txt").read_text() == "dear"
    assert (tmp_path / "taken.reading" / "novel.txt").read_text() == "once"


def test_two_films_of_one_name_do_not_overwrite_each_other(capsys, film, tmp_path):
    other = films.film(tmp_path, film.name, 30)
    into = tmp_path / "into"
    assert tried(capsys, "read", film, "--into", into)[0] == 0
    refused(capsys, "read", other, "--into", into, says="another film")


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux only")
def test_names_that_are_not_utf8(capsys, film, tmp_path):
    name = tmp_path / "bad\udcff.mp4"
    shutil.copy(film, name)
    code, out, _ = tried(capsys, "read", name)
    assert code == 0
    assert out.splitlines()[0] == str(tmp_path / "bad\ufffd.punctum" / "page.html")
    assert tried(capsys, "shots", name)[0] == 0


def test_damage_is_counted_and_said(capsys, tmp_path):
    film = films.film(tmp_path, "film.mkv", 60)
    film.write_bytes(film.read_bytes()[: film.stat().st_size * 2 // 3])
    code, _out, err = tried(capsys, "read", film)
    assert code == 0
    assert "cut short" in err
    assert all(line.startswith("remark: ") for line in err.splitlines())
    [answer] = json.loads(tried(capsys, "read", film, "--json")[1])
    assert "cut short" in answer["remarks"][0]


@pytest.mark.parametrize("command", [("view", "--no-open"), ("shots",), ("correct", "undo"), ("diff",)])
def test_what_is_no_bundle(capsys, tmp_path, film, command):
    (tmp_path / "text").write_text("x")
    (tmp_path / "half.punctum").mkdir()
    (tmp_path / "half.punctum" / "film.json").write_text("{}")
    (tmp_path / "cover.mp4").touch()
    folder = () if command[0] == "view" else ("",)  # to `view`, a folder is a library
    for address in ("text", "half.punctum", "cover.mp4", "missing.punctum", "x" * 5000, *folder):
        words = [command[0], tmp_path / address, *command[1:]]
        refused(capsys, *words, *([tmp_path / address] if command == ("diff",) else []), says="bundle")


HOSTILE_MADE = [
    {"files": 3},
    {"files": {"film.json": "many"}},
    {"files": {"../../etc/passwd": 5}},
    {"files": {"x" * 5000: 5}},
    {"versions": []},
    {"versions": {"punctum": 5}},
    {"faults": [1]},
    {"faults": {"damaged frames": "1"}},
    {"faults": {"damaged frames": 1e400}},
    {"spans": [[1]]},
    {"spans": 7},
    {"remarks": "none"},
    {"coverage": 5},
    {"film_address": ["x"]},
    {"schema": "punctum.99", "versions": 5},
    {"schema": "punctum.99", "versions": {"punctum": "9.0"}},
    {"schema": "punctum.99999999999999999999999"},
    {"schema": None},
]


@pytest.mark.parametrize("harm", HOSTILE_MADE)
def test_hostile_records_of_how_a_bundle_was_made(capsys, bundle, harm):
    made = json.loads((bundle / "made.json").read_text())
    (bundle / "made.json").write_text(json.dumps({**made, **harm}))
    refused(capsys, "shots", bundle)
    refused(capsys, "view", bundle, "--no-open")


HOSTILE_FILM = [
    {"time_base": "1e999999999"},
    {"time_base": "0"},
    {"time_base": 5},
    {"frame_count": "many"},
    {"frame_count": -1},
    {"frame_count": 10**30},
    {"duration_s": 1e400},
    {"width_px": None},
    {"active_box_px": [1, 2]},
    {"stretches": 5},
    {"channels": "FL"},
    {"title": ["x"]},
]


@pytest.mark.parametrize("harm", HOSTILE_FILM)
def test_hostile_records_of_a_film(capsys, bundle, harm):
    record = json.loads((bundle / "film.json").read_text())
    reseal(bundle, "film.json", json.dumps({**record, **harm}).encode())
    refused(capsys, "shots", bundle, says="not a film's record")


def reseal(bundle, name, data):
    """Change a file and the size that the seal knows."""
    (bundle / name).write_bytes(data)
    made = json.loads((bundle / "made.json").read_text())
    made["files"][name] = len(data)
    (bundle / "made.json").write_text(json.dumps(made))


def test_damaged_tables_are_refused_and_read_anew(capsys, film, whole, bundle, tmp_path):
    data = bytearray((bundle / "frames.parquet").read_bytes())
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    reseal(bundle, "frames.parquet", bytes(data))
    refused(capsys, "shots", bundle, says="cannot be read")
    code, _, err = tried(capsys, "read", film, "--out", bundle)
    assert code == 0
    assert "reading anew" in err
    assert tried(capsys, "diff", whole, bundle)[1] == "no difference\n"


def test_tables_with_gaps_are_refused(capsys, bundle, tmp_path):
    shots = open_bundle(bundle).tables["shots"]
    write_parquet(shots.with_columns(start_s=pl.lit(None, pl.Float64())), tmp_path / "gaps.parquet")
    reseal(bundle, "shots.parquet", (tmp_path / "gaps.parquet").read_bytes())
    refused(capsys, "shots", bundle, says="start_s")


def test_a_newer_bundle_is_not_overwritten(capsys, film, bundle):
    made = json.loads((bundle / "made.json").read_text())
    (bundle / "made.json").write_text(json.dumps({**made, "schema": "punctum.9", "versions": {"punctum": "9.1"}}))
    refused(capsys, "read", film, "--out", bundle, says="install punctum `9.1`")


def test_what_a_person_put_into_a_bundle_stays_and_does_no_harm(capsys, film, bundle):
    (bundle / "my essay.md").write_text("one")
    assert tried(capsys, "read", film, "--out", bundle, "--force")[0] == 0
    (bundle / "my essay.md").write_text("longer")
    assert tried(capsys, "shots", bundle)[0] == 0


def test_own_faults_are_code_3_and_leave_a_log(capsys, monkeypatch, film):
    def broken(*_, **__):
        raise RuntimeError("a wheel came off")

    monkeypatch.setattr("punctum.pipeline.read_film", broken)
    code, out, err = tried(capsys, "read", film)
    assert code == 3
    assert not out
    log = Path(re.search(r"report it with (\S+)", err)[1])
    assert "a wheel came off" in log.read_text()
    log.unlink()


def test_the_rims_other_codes(capsys, monkeypatch, film):
    for error, code, says in (
        (KeyboardInterrupt(), 130, "stopped"),
        (MemoryError(), 1, "memory"),
        (OSError(28, "No space left on device"), 1, "No space left"),
        (FilmUnreadable("a", "b"), 1, "error: a\n\nhint: b"),
    ):

        def failing(*_, error=error, **__):
            raise error

        monkeypatch.setattr("punctum.pipeline.read_film", failing)
        found, _, err = tried(capsys, "read", film)
        assert found == code
        assert says in err


def test_stopping_ends_at_once_without_an_exception(tmp_path):
    """An exception raised within compiled code ends in a crash."""
    code = (
        "import sys, os, signal; from punctum import cli;"
        "cli.run = lambda words: [os.kill(os.getpid(), signal.SIGINT), print('on')];"
        "cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr.strip() == "stopped; what was finished is kept, the same command goes on from there"


def test_colour_is_for_terminals_that_want_it(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\033[31m" in tried(capsys, "shots", "missing")[2]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\033" not in tried(capsys, "shots", "missing")[2]


def punctum(*words):
    return [sys.executable, "-m", "punctum", *(str(word) for word in words)]


@pytest.mark.skipif(os.name != "posix", reason="pipes end otherwise here")
def test_a_reader_that_leaves_is_no_error(whole):
    process = subprocess.Popen(punctum("shots", whole, "--csv"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 0
    assert not err


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals are otherwise here")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_reading_says_so_and_goes_on(tmp_path, how):
    film = films.film(tmp_path, "long.mp4", 90 * films.FPS, films.tone(90))
    whole = tmp_path / "whole.punctum"
    subprocess.run(punctum("read", film, "--out", whole), check=True, capture_output=True)
    out = tmp_path / "out.punctum"
    parts = tmp_path / "out.punctum.reading"
    stopped = 0
    for waits in (0.3, "keys", "00000", "00001"):
        process = subprocess.Popen(punctum("read", film, "--out", out), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            if not isinstance(waits, float) and (parts / waits).exists():
                break
            time.sleep(waits if isinstance(waits, float) else 0.01)
            if isinstance(waits, float):
                break
        before = {path.name for path in parts.glob("[0-9]*") if path.name.isdigit()}
        process.send_signal(how)
        told, said = process.communicate(timeout=60)
        if process.returncode == 0:
            break
        if waits == 0.3 and process.returncode in (-how, 130) and not said:  # Python itself had not begun
            continue
        stopped += 1
        assert process.returncode == 130
        assert not told
        assert said.decode().strip().startswith("stopped")
        assert len(said.decode().strip().splitlines()) == 1
        assert before <= {path.name for path in parts.glob("[0-9]*")}
    assert stopped
    subprocess.run(punctum("read", film, "--out", out), check=True, capture_output=True)
    done = subprocess.run(punctum("diff", whole, out), capture_output=True, text=True, check=False)
    assert done.stdout == "no difference\n"
