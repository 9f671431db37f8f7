"""Checks, builds and shows an essay again whenever it is saved.

Conventions: the page is served to this computer only, on 127.0.0.1; a script that asks whether something changed is put
into the served page, not into the site's files. What fails is told on the page and the last page that held stays.
"""

import json
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from punctum.errors import OutputUnwritable, PunctumError
from punctum.essay import Finding
from punctum.publish.opening import Shelf, open_manuscript
from punctum.publish.site import build_site

EVERY_S = 0.4
HOSTS = ("127.0.0.1", "localhost")

_RELOAD = """
let known = null;
const look = async () => {
  try {
    const told = await (await fetch("/.told", { cache: "no-store" })).json();
    if (known !== null && told.version !== known) { location.reload(); return; }
    known = told.version;
    let box = document.getElementById("told");
    if (!box && told.lines.length) {
      box = document.createElement("aside");
      box.id = "told"; box.className = "banner"; box.setAttribute("role", "status");
      document.body.prepend(box);
    }
    if (box) {
      const say = (line) => Object.assign(document.createElement("p"), { textContent: line });
      box.replaceChildren(...told.lines.map(say));
      box.hidden = !told.lines.length;
    }
  } catch { }
  setTimeout(look, 500);
};
look();
"""


class Watched:
    """Essays that are built again when they, their bibliographies, pictures or films' notes change."""

    def __init__(self, files: Sequence[str], out: Path, library: str = "", clips: bool = False) -> None:
        self.files, self.out, self.library, self.clips = list(files), out, library, clips
        self.version, self.lines = 0, []  # type: int, list[str]
        self.watched: dict[Path, tuple[int, int]] = {Path(file): (0, 0) for file in self.files}
        self.first: Path | None = None

    def changed(self) -> bool:
        """Whether anything that the pages rest on is not as it was."""
        return any(_stamp(path) != stamp for path, stamp in self.watched.items())

    def renew(self) -> list[str]:
        """Check and build; gives what there is to say."""
        places = {Path(file) for file in self.files}
        told: list[str] = []
        try:
            shelf = Shelf(self.library)
            manuscripts = [open_manuscript(file, shelf) for file in self.files]
            for one in manuscripts:
                beside = one.path.parent
                places |= {beside / address for address in one.essay.head.bibliography}
                places |= {beside / picture.file for picture in one.essay.pictures if picture.file}
                for entry in one.essay.head.films.values():
                    places |= {beside / entry.bundle / name for name in ("notes.jsonl", "made.json")}
                told += [_line(one.path.name, finding) for finding in one.checked.findings if finding.state != "holds"]
            if not told:
                built = build_site(manuscripts, self.out, clips=self.clips)
                self.first = built.index
                self.version += bool(built.written)
        except PunctumError as error:
            told = [f"{error} {error.hint}".strip()]
        self.watched = {path: _stamp(path) for path in places}
        self.lines = told
        return told


def _line(name: str, finding: Finding) -> str:
    return f"{name}:{finding.place.line}: {finding.text} — {finding.why} {finding.hint}".strip()


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, -1)
    return (found.st_mtime_ns, found.st_size)


class _Handler(SimpleHTTPRequestHandler):
    """Serves the site's files to this computer."""

    def __init__(self, *given: Any, watched: Watched, **more: Any) -> None:
        self.watched = watched
        super().__init__(*given, directory=str(watched.out), **more)

    def do_GET(self) -> None:
        """Answer what is asked, by this computer's own name only."""
        host = self.headers.get("Host", "").rsplit(":", 1)[0]
        if host not in HOSTS:
            self.send_error(403, "served to this computer only")
            return
        if self.path == "/.told":
            self._send(
                json.dumps({"version": self.watched.version, "lines": self.watched.lines}).encode(), "application/json"
            )
            return
        place = Path(self.translate_path(self.path))
        if place.is_dir():
            place = place / "index.html"
        if place.suffix == ".html" and place.is_file():
            self._send(with_reload(place.read_text("utf-8")).encode(), "text/html; charset=utf-8")
            return
        super().do_GET()

    def do_HEAD(self) -> None:
        """Nobody needs it."""
        self.send_error(405)

    def list_directory(self, path: Any) -> None:
        """List nothing."""
        del path
        self.send_error(404)

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""

    def _send(self, data: bytes, kind: str) -> None:
        self.send_response(200)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(data))), ("Cache-Control", "no-store")):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


def with_reload(page: str) -> str:
    """Put the script that asks for changes into a page, and allow it."""
    name = "'sha256-" + b64encode(sha256(_RELOAD.encode()).digest()).decode() + "'"
    page = page.replace("script-src 'none'", f"script-src {name}").replace(
        "script-src 'sha256-", f"script-src {name} 'sha256-", 1
    )
    page = page.replace("default-src 'none';", "default-src 'none'; connect-src 'self';", 1)
    return page.replace("</body>", f"<script>{_RELOAD}</script>\n</body>", 1)


def serve(watched: Watched, port: int = 0) -> ThreadingHTTPServer:
    """Serve the site on 127.0.0.1; port 0 takes any free one.

    Raises
    ------
    OutputUnwritable
        where the port is taken
    """
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, watched=watched))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputUnwritable(f"port {port} cannot be had: {reason}", "`--port 0` takes any free one") from None


def watch(
    files: Sequence[str],
    out: Path,
    library: str,
    clips: bool,
    port: int,
    tell: Callable[[str], None],
    say: Callable[[str], None],
) -> int:
    """Build, serve, and build again at every change, until Ctrl-C."""
    watched = Watched(files, out, library, clips)
    for line in watched.renew():
        say(line)
    server = serve(watched, port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    where = watched.first.relative_to(out).as_posix() if watched.first else ""
    tell(f"http://127.0.0.1:{server.server_address[1]}/{where}")
    try:
        while True:
            time.sleep(EVERY_S)
            if watched.changed():
                lines = watched.renew()
                for line in lines or ["all claims hold; the page is as it is written"]:
                    say(line)
    except KeyboardInterrupt:
        return 0
    finally:
        server.shutdown()
        server.server_close()
