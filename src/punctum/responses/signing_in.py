"""How an author signs in, stays so, and is kept from being guessed.

Conventions: pass phrases are kept by argon2id, sessions by their hash. A session is begun anew at every signing in and
lasts half a day. Unknown names take as long as known ones, are told the same and are locked the same.
"""

import secrets
import threading
import time
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from punctum.errors import UsageWrong
from punctum.responses.limits import Limiter
from punctum.responses.store import Store
from punctum.responses.wording import clean

COOKIE = "punctum-author"
LASTS_S = 12 * 3600
SHORTEST_PHRASE = 10
LONGEST_PHRASE = 1_000
TRIES, WITHIN_S = 5, 900.0
WRONG = "Name and pass phrase do not fit, or were tried too often: then wait a quarter of an hour."

_at_once = threading.Semaphore(2)
"""Each trial takes 64 MB: a crowd of guessers must not take the computer's memory."""


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    """A hash that no phrase has been made into, checked for names that are unknown."""
    return _hasher().hash(secrets.token_urlsafe(32))


def add_author(store: Store, name: str, phrase: str) -> None:
    """Add an author, or give one another pass phrase.

    Raises
    ------
    UsageWrong
        where the name is none, or the phrase too short or too long
    """
    plain = clean(name, lines=False)
    if not plain or plain != name or len(plain) > 80:
        raise UsageWrong("that is no name to sign in by", "up to 80 characters, without line breaks")
    if not SHORTEST_PHRASE <= len(phrase) <= LONGEST_PHRASE:
        raise UsageWrong(
            f"the pass phrase has {len(phrase)} characters", f"from {SHORTEST_PHRASE} to {LONGEST_PHRASE} it is good"
        )
    store.put_author(name, _hasher().hash(phrase)).result()


class Door:
    """Lets authors in; five failures of a name, or twenty of an address, close it for a quarter of an hour."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.names, self.addresses = Limiter(TRIES, WITHIN_S), Limiter(4 * TRIES, WITHIN_S)

    def enter(self, name: str, phrase: str, address: str) -> str:
        """Check a name and a phrase; gives a new session, or "".

        A name's tries are taken before the phrase is looked at, so that tries made at once count, too.
        """
        open_ = self.addresses.take(address)
        open_ = self.names.take(name[:200]) and open_
        known = self.store.secret_of(name)
        with _at_once:
            fits = _fits(known or _nobody(), phrase[: LONGEST_PHRASE + 1])
        if not (open_ and fits and known):
            return ""
        self.names.forget(name)
        self.addresses.forget(address)
        session = secrets.token_urlsafe(32)
        ends = int(time.time()) + LASTS_S
        self.store.begin_session(session, name, secrets.token_urlsafe(24), ends).result()
        return session


def _fits(kept: str, phrase: str) -> bool:
    try:
        return _hasher().verify(kept, phrase)
    except (VerificationError, InvalidHashError):
        return False
