"""Films read by a cluster: one of its computers dies halfway, and every film is read all the same, each once.

The cluster is two nodes of this computer, as Ray's own tests have it.
"""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from tests.films import film as draw

from punctum.cli import run
from punctum.library.reading import Errand, Result
from punctum.library.running import processes

FILMS = 8

CLUSTER = """
import sys
from ray.cluster_utils import Cluster
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
other = cluster.add_node(num_cpus=1)
print(cluster.address, flush=True)
for line in sys.stdin:
    if line.strip() == "kill":
        cluster.remove_node(other, allow_graceful=False)
        print("killed", flush=True)
    else:
        break
cluster.shutdown()
"""


@pytest.fixture
def cluster():
    pytest.importorskip("ray", reason="ray is not installed")
    environment = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0"}
    started = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", CLUSTER],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment,
    )  # fmt: skip
    address = started.stdout.readline().strip()
    assert address
    yield address, started
    with started.stdin:
        started.stdin.write("end\n")
    started.wait(60)
    started.stdout.close()


def read(folder, address, *more):
    command = [sys.executable, "-m", "punctum", "library", "read", str(folder), "--ray", address, "--json", *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_a_computer_dies_halfway_and_every_film_is_read_once(tmp_path, cluster):
    address, nodes = cluster
    for number in range(FILMS):
        draw(tmp_path, f"{number}.mp4", frames=150 + number)
    (tmp_path / "bad.mp4").write_bytes(b"no film")
    reading = read(tmp_path, address)
    said: list[str] = []
    watcher = threading.Thread(target=lambda: said.extend(reading.stderr))
    watcher.start()
    until = time.monotonic() + 240
    while sum("  read  " in line for line in said) < 2 and time.monotonic() < until and reading.poll() is None:
        time.sleep(0.1)
    assert 2 <= sum("  read  " in line for line in said) < FILMS
    nodes.stdin.write("kill\n")
    nodes.stdin.flush()
    assert nodes.stdout.readline() == "killed\n"
    results = json.loads(reading.stdout.read())
    assert reading.wait(240) == 1  # the bad one
    watcher.join()
    reading.stdout.close(), reading.stderr.close()
    told = Counter(Path(result["film"]).name for result in results)
    assert told == Counter([*(f"{number}.mp4" for number in range(FILMS)), "bad.mp4"])
    failed = [result for result in results if result["error"]]
    assert [Path(result["film"]).name for result in failed] == ["bad.mp4"]
    assert not any(result["already"] for result in results)
    assert f"{FILMS} read or as they were, 1 failed" in said[-1]
    sealed = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.punctum/made.json")}
    assert len(sealed) == FILMS
    # on what is left of the cluster: only what is new or changed is read
    draw(tmp_path, "new.mp4", frames=20)
    draw(tmp_path, "3.mp4", frames=30)
    again = read(tmp_path, address)
    results, told = json.loads(again.communicate(timeout=240)[0]), {}
    for result in results:
        told[Path(result["film"]).name] = "already" if result["already"] else "failed" if result["error"] else "read"
    assert told.pop("new.mp4") == told.pop("3.mp4") == "read"
    assert told.pop("bad.mp4") == "failed"
    assert set(told.values()) == {"already"}
    kept = {path: path.stat().st_mtime_ns for path in sealed if path.parent.name != "3.punctum"}
    assert kept.items() <= sealed.items()


@pytest.mark.slow
def test_a_cluster_that_does_not_answer_is_one_line(tmp_path, capsys):
    pytest.importorskip("ray", reason="ray is not installed")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(5)
        started = time.monotonic()
        assert run(["library", "read", str(tmp_path), "--ray", f"127.0.0.1:{silent.getsockname()[1]}"]) == 1
        assert time.monotonic() - started < 40
    assert "does not answer" in capsys.readouterr().err.splitlines()[0]


@pytest.mark.parametrize("address", ["127.0.0.1:1", "[::1]:1", "ray://127.0.0.1:1"])
def test_nothing_listens_there(address, tmp_path, capsys):
    pytest.importorskip("ray", reason="ray is not installed")
    assert run(["library", "read", str(tmp_path), "--ray", address]) == 1
    assert capsys.readouterr().err.startswith(f"error: the cluster `{address}` does not answer")


def test_an_empty_address_is_no_cluster(tmp_path, capsys):
    pytest.importorskip("ray", reason="ray is not installed")
    assert run(["library", "read", str(tmp_path), "--ray", ""]) == 1
    assert "is no cluster" in capsys.readouterr().err


def test_jobs_and_ray_exclude_each_other(tmp_path, capsys):
    assert run(["library", "read", str(tmp_path), "--ray", "x:1", "--jobs", "2"]) == 2
    assert "not allowed with" in capsys.readouterr().err


def read_or_die(errand):
    if errand.film == "deadly":
        os._exit(9)
    return Result(errand.film, errand.film)


@pytest.mark.slow
def test_a_process_that_dies_takes_no_other_film_along():
    names = ["a", "b", "deadly", "c", "d", "e"]
    with processes(2) as run_all:
        results = list(run_all(read_or_die, [Errand(name, "", {}) for name in names]))
    assert sorted(result.film for result in results) == sorted(names)
    assert [result.film for result in results if result.error] == ["deadly"]
