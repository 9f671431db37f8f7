"""A library on an object store: a server of that kind on this computer holds it, and nothing is written to it."""

import json
import logging
import os
import subprocess
import sys

import pytest
from tests.test_library import make_bundle

from punctum.bundle import stores
from punctum.bundle.stores import is_store, storage_options
from punctum.cli import run
from punctum.errors import BundleInvalid

ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "somebody", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """The environment that leads to a store whose bucket `films` has a library."""
    folder = tmp_path_factory.mktemp("store")
    server = pytest.importorskip("moto.server", reason="moto is not installed")
    boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    serving = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    serving.start()
    host, port = serving.get_host_and_port()
    address = f"http://{host}:{port}"
    make_bundle(folder / "a.punctum", "a", (1.0, 2.0, 3.0), "The door is open.")
    make_bundle(folder / "deep" / "er" / "b c.punctum", "b", (10.0,), "Shut the DOOR")
    make_bundle(folder / "copy.punctum", "a")
    newer = make_bundle(folder / "newer.punctum", "n")
    (newer / "made.json").write_text(json.dumps({"schema": "punctum.99"}))
    (make_bundle(folder / "half.punctum", "h") / "film.json").write_text("{")
    (make_bundle(folder / "broken.punctum", "z") / "words.parquet").write_bytes(b"no table")
    (folder / "films.csv").write_text("bundle,title,year\na,Le notti di Cabiria,1957\n", "utf-8")
    s3 = boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y"
    )
    s3.create_bucket(Bucket="films")
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            s3.put_object(Bucket="films", Key=f"noir/{file.relative_to(folder).as_posix()}", Body=file.read_bytes())
    yield {**os.environ, **ACCOUNT, "AWS_ENDPOINT_URL": address}
    serving.stop()


def ask(environment, *words):
    """In a process of its own: Polars keeps what it knows of a store."""
    command = [sys.executable, "-m", "punctum", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.slow
def test_a_library_on_a_store_is_listed_asked_and_searched(store):
    listed = ask(store, "library", "list", "--json", "--in", "s3://films/noir")
    assert listed.returncode == 0
    films = json.loads(listed.stdout)
    assert [(film["bundle"], film["title"], film["year"]) for film in films] == [
        ("a.punctum", "Le notti di Cabiria", 1957),
        ("broken.punctum", "z", None),
        ("deep/er/b c.punctum", "b", None),
    ]
    told = listed.stderr.splitlines()
    assert {line.split(": ")[1] for line in told} == {"copy.punctum", "newer.punctum", "half.punctum"}
    sql = "select title, avg(length_s) as asl from shots join films using (film_id) group by title order by title"
    answer = ask(store, "library", "sql", sql, "--json", "--in", "s3://films/noir/")
    assert json.loads(answer.stdout)[0] == {"title": "Le notti di Cabiria", "asl": 2.0}
    found = ask(store, "library", "find", "door", "--in", "s3://films/noir")
    assert found.stdout.splitlines() == [
        "a.punctum  0:00:00.0  The door is open.",
        "deep/er/b c.punctum  0:00:00.0  Shut the DOOR",
    ]
    assert "left out: broken.punctum: `words.parquet`" in found.stderr
    assert ask(store, "library", "list", "--in", "s3://films/nothing").stderr.startswith("no bundle lies below")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("library", "more", "said"),
    [
        ("s3://none/x", {}, "there is no such bucket"),
        ("s3://films/noir", {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "the store does not answer"),
        ("s3://films/noir", {"AWS_ENDPOINT_URL": "no address"}, "AWS_ENDPOINT_URL is no address"),
    ],
)
def test_what_cannot_be_had_is_one_line(store, library, more, said):
    answer = ask({**store, **more}, "library", "sql", "select count(*) from shots", "--in", library)
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr.startswith("error: ")
    assert said in answer.stderr.splitlines()[0]


def test_what_a_store_says_is_told_in_a_line():
    assert stores._reason("<Error><Code>AccessDenied</Code>") == "access is denied"
    assert stores._reason("PUT http://169.254.169.254/latest/api/token") == "no credentials are set"
    assert stores._reason("x\ny") == "`x`"


def test_an_endpoint_is_an_address(monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3", raising=False)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert storage_options() == {}
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9000")
    assert storage_options()["aws_allow_http"] == "true"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://s3.example.org")
    assert storage_options()["aws_allow_http"] == "false"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://a b")
    with pytest.raises(BundleInvalid):
        storage_options()


def test_what_needs_a_folder_says_so(capsys):
    assert not is_store("s3:/films")
    assert run(["library", "list", "--in", "s3:/films"]) == 1
    assert "there is no folder" in capsys.readouterr().err
