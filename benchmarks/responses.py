"""Writers at once on loopback: how long an answer takes, and whether anything that was acknowledged is lost.

    python benchmarks/responses.py [--writers 200] [--seconds 60] [--pause 1.0] [--kill]

Each writer opens the form, sends it, waits for the answer and pauses; ``--pause 0`` writes as fast as answers come.
``--kill`` ends the server with SIGKILL in the middle and starts it again. Acknowledged means: the answer leads to the
page of the response. Server and writers share the computer; processor time of the server is told besides.
"""

import argparse
import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from punctum.essay.pages import RECORD
from punctum.responses import Store, place_of

SERVER = """
import sys
from pathlib import Path
from punctum.responses import store
from punctum.responses.app import Limits
from punctum.responses.serving import serve
store.MOST_HELD = 10**9
serve(Path(sys.argv[1]), port=int(sys.argv[2]), limits=Limits(10**9, 60, 10**9))
"""


def start(site: Path, port: int) -> subprocess.Popen:
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(site), str(port)])
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return process
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server did not start")


def cpu_s(process: subprocess.Popen) -> float:
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100
    except OSError:
        return float("nan")


class Counts:
    def __init__(self) -> None:
        self.acknowledged: list[str] = []
        self.forms_s: list[float] = []
        self.writes_s: list[float] = []
        self.refused = 0
        self.broken = 0


async def ask(reader, writer, method: str, path: str, port: int, body: bytes = b"") -> tuple[int, bytes, bytes]:
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
    if body:
        head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
    writer.write(head.encode() + b"\r\n" + body)
    top = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", top)
    rest = await reader.readexactly(int(length[1])) if length else b""
    return int(top.split(b" ", 2)[1]), top, rest


async def write(number: int, port: int, end: float, pause_s: float, counts: Counts) -> None:
    await asyncio.sleep(pause_s * number / 200)
    streams, n = None, 0
    while time.monotonic() < end:
        try:
            if streams is None:
                streams = await asyncio.open_connection("127.0.0.1", port)
            began = time.perf_counter()
            _, _, page = await ask(*streams, "GET", "/respond/wipers", port)
            formed = time.perf_counter()
            form = re.search(rb'name="form" value="([^"]+)"', page)[1].decode()
            name = f"{number}-{n}"
            n += 1
            given = {"form": form, "about": "film-w", "at": "1:02", "name": name, "text": "She looks up first. " * 15}
            status, top, _ = await ask(*streams, "POST", "/respond/wipers", port, urlencode(given).encode())
            done = time.perf_counter()
            if status == 303 and b"/response/" in top:
                counts.acknowledged.append(name)
                counts.forms_s.append(formed - began)
                counts.writes_s.append(done - formed)
            else:
                counts.refused += 1
        except (OSError, asyncio.IncompleteReadError):
            counts.broken += 1
            streams = None
            await asyncio.sleep(0.2)
        await asyncio.sleep(pause_s)


def told(times_s: list[float]) -> str:
    ordered = sorted(times_s)
    at = [1000 * ordered[min(int(len(ordered) * share), len(ordered) - 1)] for share in (0.5, 0.95, 0.99)]
    return f"median {at[0]:.0f} ms, p95 {at[1]:.0f} ms, p99 {at[2]:.0f} ms, longest {1000 * ordered[-1]:.0f} ms"


async def run(site: Path, asked: argparse.Namespace) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process, counts = start(site, port), Counts()
    end = time.monotonic() + asked.seconds
    writers = [asyncio.create_task(write(n, port, end, asked.pause, counts)) for n in range(asked.writers)]
    used_s = 0.0
    if asked.kill:
        await asyncio.sleep(asked.seconds / 2)
        used_s = cpu_s(process)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process = await asyncio.to_thread(start, site, port)
    await asyncio.gather(*writers)
    used_s += cpu_s(process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with Store(place_of(site)) as store:
        kept = {one.name for one in store.responses()}
    lost = set(counts.acknowledged) - kept
    number, how = len(counts.acknowledged), ", SIGKILL half way" if asked.kill else ""
    print(f"{asked.writers} writers, {asked.seconds} s, pause {asked.pause} s{how}")
    print(f"  acknowledged {number} ({number / asked.seconds:.0f}/s), lost {len(lost)}")
    print(f"  refused {counts.refused}, connections broken {counts.broken}, kept unacknowledged {len(kept) - number}")
    print(f"  form:  {told(counts.forms_s)}")
    print(f"  write: {told(counts.writes_s)}")
    print(f"  server: {used_s:.1f} s of processor time, {1000 * used_s / max(number, 1):.2f} ms a response")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--writers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=1.0)
    parser.add_argument("--kill", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        (site / "wipers").mkdir(parents=True)
        answering = {"claims": {}, "films": {"w": {"title": "Windscreen", "duration_s": 75.0}}, "stills": {}}
        entry = {"card": {"title": "What the wipers keep", "lang": "en"}, "answering": answering}
        (site / RECORD).write_text(json.dumps({"essays": {"wipers": entry}}))
        asyncio.run(run(site, asked))


if __name__ == "__main__":
    main()
