"""The films that are shown: found by a key, opened when asked for, a few held at a time.

Conventions: a key is made of hexadecimal digits and stands in addresses; what a browser asks for is looked up, never
joined to a path. A bundle is opened anew when its seal has changed.
"""

import re
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from punctum.bundle import find_bundle, open_bundle, read_notes
from punctum.bundle.folder import SUFFIX
from punctum.bundle.shelf import LeftOut, Shelved, list_bundles
from punctum.errors import BundleBusy, BundleInvalid
from punctum.film import Bundle
from punctum.notes import corrections_of
from punctum.report import Page, serve_page

HELD = 2
"""Films held open: a two-hour film's tables and page take some 60 MB."""


BUSY_TRIES, BUSY_S = 50, 0.1
"""A bundle whose files are being put in place is tried again so often, so many seconds apart."""


class Opened(NamedTuple):
    """A bundle with its page; ``seal`` changes whenever its files do."""

    bundle: Bundle
    page: Page
    seal: str


class Shelf:
    """One bundle, or a library of them.

    Parameters
    ----------
    place : path
        a bundle, the film beside it, or a folder of bundles

    Raises
    ------
    BundleInvalid
        where there is neither
    """

    def __init__(self, place: str | Path) -> None:
        path = Path(place)
        self.library: Path | None = None
        self.folders: dict[str, Path] = {}
        self.left_out: list[LeftOut] = []
        self.shelved: dict[str, Shelved] = {}
        self._open: OrderedDict[str, Opened] = OrderedDict()
        self._lock = threading.Lock()
        self._each: dict[str, threading.Lock] = {}
        self._work: dict[str, _Work] = {}
        try:
            folder = find_bundle(path)
        except BundleInvalid:
            if not path.is_dir() or not str(place) or path.name.endswith(SUFFIX):
                raise
            self.library = path
            self.look()
        else:
            bundle = open_bundle(folder)
            self.folders[key_of(bundle.film.film_id, folder)] = Path(bundle.address)

    def look(self) -> dict[str, Shelved]:
        """Look again what the library holds."""
        if self.library is None:
            return {}
        found, self.left_out = list_bundles(self.library)
        self.shelved = {key_of(one.film.film_id, one.folder): one for one in found}
        self.folders = {key: one.folder for key, one in self.shelved.items()}
        return self.shelved

    def folder(self, key: str) -> Path:
        """Give a film's bundle.

        Raises
        ------
        BundleInvalid
            where there is none of this key
        """
        if key not in self.folders:
            raise BundleInvalid("there is no such film here", "the list of films may have changed: look again")
        return self.folders[key]

    def writing(self, key: str) -> threading.Lock:
        """Give the lock that whoever writes to a film's notes holds."""
        with self._lock:
            return self._each.setdefault(key, threading.Lock())

    def opened(self, key: str) -> Opened:
        """Open a film, or give the one that is held.

        Raises
        ------
        BundleInvalid
        """
        folder = self.folder(key)
        seal = seal_of(folder)
        with self._lock:
            held = self._open.get(key)
            each = self._each.setdefault(f"{key} opening", threading.Lock())
        if held is not None and held.seal == seal:
            return held
        with each:
            held = self._open.get(key)
            if held is None or held.seal != seal:
                bundle = _open(folder)
                held = Opened(bundle, serve_page(bundle), seal)
            with self._lock:
                self._open[key] = held
                self._open.move_to_end(key)
                while len(self._open) > HELD:
                    self._open.popitem(last=False)
        return held

    def notes(self, key: str) -> tuple[Any, ...]:
        """Read a film's log as it is now."""
        return read_notes(self.folder(key))[0]

    def work_out(self, key: str) -> None:
        """See to it that the tables follow the log: in a process of its own, so that this one stays small."""
        with self._lock:
            work = self._work.setdefault(key, _Work(self.folder(key)))
        work.ask()

    def working(self, key: str) -> bool:
        """Whether tables are being worked out again."""
        work = self._work.get(key)
        return work is not None and work.busy

    def trouble(self, key: str) -> str:
        """What went wrong when tables were last worked out; "" where nothing did."""
        work = self._work.get(key)
        return "" if work is None else work.trouble

    def catch_up(self, key: str) -> None:
        """Work out again what a process that died left behind the log."""
        made, notes = self.opened(key).bundle.made, self.notes(key)
        known = {*made.get("corrections", ()), *made.get("corrections_without_effect", ())}
        if known != {one.note_id for one in corrections_of(notes)} and not self.working(key):
            self.work_out(key)

    def stop(self) -> None:
        """End what is being worked out; the log has it, and the next opening does it again."""
        for work in self._work.values():
            work.stop()


def _open(folder: Path) -> Bundle:
    """Open a bundle; while its files are being put in place, wait."""
    for _ in range(BUSY_TRIES):
        try:
            return open_bundle(folder)
        except BundleBusy:
            time.sleep(BUSY_S)
    return open_bundle(folder)


class _Work:
    """Working out one film's tables again: one process at a time, once more if something was said meanwhile."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.busy = False
        self.trouble = ""
        self._again = False
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def ask(self) -> None:
        with self._lock:
            if self.busy:
                self._again = True
                return
            self.busy = True
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            command = [sys.executable, "-m", "punctum.viewer.working", str(self.folder)]
            self._process = subprocess.Popen(  # noqa: S603  (this Python, a bundle's own address)
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            said, _ = self._process.communicate()
            self.trouble = (
                "" if self._process.returncode == 0 else (said.strip().splitlines() or ["it was stopped"])[-1]
            )
            with self._lock:
                if not self._again or self._process.returncode:
                    self.busy = self._again = False
                    return
                self._again = False

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=10)


def key_of(film_id: str, folder: Path) -> str:
    """Name a film in addresses: by what it is, else by where its bundle lies."""
    if re.fullmatch(r"[0-9a-f]{16,128}", film_id):
        return film_id[:16]
    return blake2b(str(folder).encode("utf-8", "replace"), digest_size=8).hexdigest()


def seal_of(folder: Path) -> str:
    """Tell one state of a bundle's files from another."""
    try:
        status = (folder / "made.json").stat()
    except OSError as error:
        raise BundleInvalid("the bundle is gone, or cannot be opened", "look at the list of films again") from error
    return f"{status.st_mtime_ns:x}-{status.st_size:x}-{status.st_ino:x}"
