"""Responses, authors and sessions in one SQLite file beside the site.

Conventions: every value is a parameter, never part of a statement. One thread writes; what waits for it is committed
together, and each who waits is answered only after the commit is on the disk (WAL, ``synchronous=FULL``). What a
writer's or an author's secret opens is kept as its hash alone. Times are whole seconds since 1970, UTC.
"""

import contextlib
import os
import queue
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, fields
from hashlib import blake2b
from pathlib import Path
from typing import Any, Self

from punctum.errors import OutputUnwritable, PunctumError, quoted

STATES = ("held", "approved", "refused")
LAYOUT = 1
MOST_TOGETHER = 256
MOST_HELD = 20_000
"""Above this many that wait for their author, none is taken: a flood must not fill the disk."""

_TABLES = """
CREATE TABLE IF NOT EXISTS responses (
  number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, essay TEXT NOT NULL, about TEXT NOT NULL, claim INTEGER,
  film TEXT NOT NULL DEFAULT '', time_s REAL, name TEXT NOT NULL, text TEXT NOT NULL, state TEXT NOT NULL,
  written INTEGER NOT NULL, answer TEXT NOT NULL DEFAULT '', answered INTEGER,
  form TEXT NOT NULL UNIQUE, deletion TEXT NOT NULL UNIQUE) STRICT;
CREATE INDEX IF NOT EXISTS by_state ON responses (state, essay, number);
CREATE TABLE IF NOT EXISTS authors (name TEXT PRIMARY KEY, secret TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
  session TEXT PRIMARY KEY, author TEXT NOT NULL REFERENCES authors (name) ON DELETE CASCADE, token TEXT NOT NULL,
  ends INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""

_COLUMNS = "key, essay, about, claim, film, time_s, name, text, state, written, answer, answered"


@dataclass(frozen=True)
class Response:
    """What a reader wrote.

    ``about`` is ``essay``, ``claim`` (then ``claim`` is its number) or ``time`` (then ``film`` is the essay's name for
    it and ``time_s`` seconds from its first frame).
    """

    key: str
    essay: str
    about: str
    claim: int | None
    film: str
    time_s: float | None
    name: str
    text: str
    state: str = "held"
    written: int = 0
    answer: str = ""
    answered: int | None = None


class Repeated(PunctumError):
    """The same form, or the same letter, was taken before."""


class Overfull(PunctumError):
    """Too many responses wait for their author."""


def place_of(site: Path) -> Path:
    """Where a site's responses lie: beside its folder.

    Examples
    --------
    >>> place_of(Path("site")).name
    'site.responses.sqlite'
    """
    whole = site.resolve()
    return whole.with_name(f"{whole.name}.responses.sqlite")


def digest(secret: str) -> str:
    """The hash under which a random secret is kept; random ones need no salt and no slow hash."""
    return blake2b(secret.encode("utf-8", "replace"), digest_size=32).hexdigest()


class Store:
    """A site's responses.

    Parameters
    ----------
    place : Path
        the file; made where there is none, readable by its owner alone

    Raises
    ------
    OutputUnwritable
        where it cannot be opened, is no such file, or of a newer layout
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        try:
            if not place.exists():
                os.close(os.open(place, os.O_CREAT | os.O_RDWR, 0o600))
            with self._reading() as data:
                data.execute("PRAGMA journal_mode = WAL")
                if data.execute("PRAGMA user_version").fetchone()[0] > LAYOUT:
                    raise OutputUnwritable(f"{quoted(place.name)} was written by a newer Punctum", "install that one")
                data.executescript(_TABLES)
                data.execute(f"PRAGMA user_version = {LAYOUT}")
                data.execute("INSERT OR IGNORE INTO kept VALUES ('forms', ?)", (secrets.token_hex(32),))
                self.forms_secret = bytes.fromhex(
                    data.execute("SELECT value FROM kept WHERE name = 'forms'").fetchone()[0]
                )
        except (OSError, sqlite3.Error, ValueError) as error:
            raise OutputUnwritable(
                f"{quoted(place)} cannot be opened: {error}", "it is the file of a site's responses"
            ) from None
        self._waiting: queue.SimpleQueue[tuple[Callable[[sqlite3.Connection], Any], Future[Any]] | None] = (
            queue.SimpleQueue()
        )
        self._closed = False
        self._room = 0  # how many may be held before they have to be counted again; the writing thread's alone
        self._thread = threading.Thread(target=self._write, name="responses", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Finish what waits, and stop."""
        if not self._closed:
            self._closed = True
            self._waiting.put(None)
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # reading

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        data = _connect(self.place)
        try:
            yield data
        finally:
            data.close()

    def _rows(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            with self._reading() as data:
                return data.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise OutputUnwritable(f"{quoted(self.place)} cannot be read: {error}", "") from None

    def responses(self, state: str = "", essay: str = "", most: int = -1) -> list[Response]:
        """List responses, oldest first; of one state, of one essay, at most so many."""
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM responses WHERE (? = '' OR state = ?) AND (? = '' OR essay = ?)"  # noqa: S608  (own columns)
            " ORDER BY written, number LIMIT ?",
            (state, state, essay, essay, most),
        )
        return [Response(*row) for row in rows]

    def counts(self) -> dict[str, int]:
        """How many responses are in each state."""
        found = dict(self._rows("SELECT state, count(*) FROM responses GROUP BY state"))
        return {state: int(found.get(state, 0)) for state in STATES}

    def response_of(self, deletion: str) -> Response | None:
        """The response that a writer's secret opens."""
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM responses WHERE deletion = ?",  # noqa: S608  (own columns)
            (digest(deletion),),
        )
        return Response(*rows[0]) if rows else None

    def secret_of(self, author: str) -> str:
        """The hash of an author's pass phrase; "" for an unknown one."""
        rows = self._rows("SELECT secret FROM authors WHERE name = ?", (author,))
        return str(rows[0][0]) if rows else ""

    def session_of(self, session: str) -> tuple[str, str] | None:
        """Who a session is, and the token of its forms; None where there is none, or it has ended."""
        rows = self._rows(
            "SELECT author, token FROM sessions WHERE session = ? AND ends > ?", (digest(session), int(time.time()))
        )
        return (str(rows[0][0]), str(rows[0][1])) if rows else None

    # writing

    def submit(self, change: Callable[[sqlite3.Connection], Any]) -> "Future[Any]":
        """Hand a change to the thread that writes; its result comes once it is on the disk."""
        future: Future[Any] = Future()
        if self._closed:
            future.set_exception(OutputUnwritable("the responses are closed", ""))
        else:
            self._waiting.put((change, future))
        return future

    def add(self, response: Response, form: str, deletion: str = "") -> "Future[Any]":
        """Keep a response; ``form`` names the form or letter that it came by, which is taken once."""
        values = [getattr(response, one.name) for one in fields(Response)]
        marks = ", ".join("?" * (len(values) + 2))
        secret = digest(deletion or secrets.token_urlsafe(24))

        def change(data: sqlite3.Connection) -> None:
            if response.state == "held":
                if self._room <= 0:
                    held = data.execute("SELECT count(*) FROM responses WHERE state = 'held'").fetchone()[0]
                    self._room = MOST_HELD - held
                if self._room <= 0:
                    raise Overfull("too many responses wait for their author", "try again another day")
            try:
                data.execute(
                    f"INSERT INTO responses ({_COLUMNS}, form, deletion) VALUES ({marks})",  # noqa: S608  (own columns)
                    (*values, form, secret),
                )
            except sqlite3.IntegrityError:
                raise Repeated("this was received already", "") from None

            if response.state == "held":
                self._room -= 1

        return self.submit(change)

    def settle(self, key: str, state: str) -> "Future[Any]":
        """Approve, refuse or hold a response; gives whether it is there."""
        assert state in STATES
        return self._change("UPDATE responses SET state = ? WHERE key = ?", (state, key))

    def answer(self, key: str, text: str) -> "Future[Any]":
        """Answer a response; no text takes the answer back."""
        when = int(time.time()) if text else None
        return self._change("UPDATE responses SET answer = ?, answered = ? WHERE key = ?", (text, when, key))

    def delete(self, key: str) -> "Future[Any]":
        """Delete a response: its text is overwritten, too."""
        return self._change("DELETE FROM responses WHERE key = ?", (key,))

    def delete_own(self, deletion: str) -> "Future[Any]":
        """Delete the response that a writer's secret opens."""
        return self._change("DELETE FROM responses WHERE deletion = ?", (digest(deletion),))

    def put_author(self, name: str, secret: str) -> "Future[Any]":
        """Add an author, or give one another pass phrase; sessions of before end."""

        def change(data: sqlite3.Connection) -> None:
            data.execute("DELETE FROM sessions WHERE author = ?", (name,))
            data.execute(
                "INSERT INTO authors VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET secret = excluded.secret",
                (name, secret),
            )

        return self.submit(change)

    def begin_session(self, session: str, author: str, token: str, ends: int) -> "Future[Any]":
        """Begin a session, and forget those that have ended."""

        def change(data: sqlite3.Connection) -> None:
            data.execute("DELETE FROM sessions WHERE ends <= ?", (int(time.time()),))
            data.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", (digest(session), author, token, ends))

        return self.submit(change)

    def end_session(self, session: str) -> "Future[Any]":
        """End a session."""
        return self._change("DELETE FROM sessions WHERE session = ?", (digest(session),))

    def _change(self, statement: str, values: tuple[Any, ...]) -> "Future[Any]":
        return self.submit(lambda data: data.execute(statement, values).rowcount > 0)

    def _write(self) -> None:
        with self._reading() as data:
            ended = False
            while not ended:
                taken = [self._waiting.get()]
                with contextlib.suppress(queue.Empty):
                    while len(taken) < MOST_TOGETHER:
                        taken.append(self._waiting.get_nowait())
                ended = None in taken
                _commit_together(data, [one for one in taken if one is not None], self.place)


def _commit_together(
    data: sqlite3.Connection, taken: list[tuple[Callable[[sqlite3.Connection], Any], "Future[Any]"]], place: Path
) -> None:
    """Make changes in one transaction, each in a savepoint of its own, and answer once it is on the disk."""
    done: list[tuple[Future[Any], Any]] = []
    try:
        data.execute("BEGIN IMMEDIATE")
        for change, future in taken:
            data.execute("SAVEPOINT one")
            try:
                done.append((future, change(data)))
                data.execute("RELEASE one")
            except PunctumError as error:
                data.execute("ROLLBACK TO one")
                data.execute("RELEASE one")
                future.set_exception(error)
        data.execute("COMMIT")
    except Exception as error:  # a full disk rolls everything back; whoever waits must be told
        with contextlib.suppress(sqlite3.Error):
            if data.in_transaction:
                data.execute("ROLLBACK")
        told = OutputUnwritable(
            f"{quoted(place.name)} cannot be written to: {error}", "free some space, then try again"
        )
        for _, future in taken:
            if not future.done():
                future.set_exception(told)
        return
    for future, result in done:
        future.set_result(result)


def _connect(place: Path) -> sqlite3.Connection:
    data = sqlite3.connect(place, timeout=20, isolation_level=None, check_same_thread=False)
    data.execute("PRAGMA synchronous = FULL")
    data.execute("PRAGMA secure_delete = ON")
    data.execute("PRAGMA foreign_keys = ON")
    data.execute("PRAGMA trusted_schema = OFF")
    return data


def read_responses(site: Path, state: str = "approved") -> list[Response] | None:
    """Read a site's responses of one state; None where none were ever taken.

    Raises
    ------
    OutputUnwritable
        where the file cannot be read
    """
    place = place_of(site)
    if not place.is_file():
        return None
    with Store(place) as store:
        return store.responses(state)


def as_data(response: Response) -> Mapping[str, Any]:
    """A response as data."""
    return {one.name: getattr(response, one.name) for one in fields(Response)}
