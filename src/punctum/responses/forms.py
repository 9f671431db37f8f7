"""Forms: the token that each carries, how their bodies are read, what of them is taken.

Conventions: a reader's form carries what the server signed (which essay, when, a random number) and is taken once, for
some hours; nothing is kept of a form that is not sent, and a reader is given no cookie. Bodies are
``application/x-www-form-urlencoded``, of limited size and within limited time.
"""

import asyncio
import hmac
import secrets
import time
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from punctum.errors import UsageWrong
from punctum.essay.clock import read_time
from punctum.responses.site import Answerable
from punctum.responses.store import Response
from punctum.responses.wording import check_name, check_text

LARGEST_BODY = 32_768
PATIENCE_S = 10.0
GOOD_FOR_S = 12 * 3600
MOST_FIELDS = 12
TRAP = "website"
"""A field that only robots fill: people do not see it."""


def make_form(secret: bytes, purpose: str, now: float | None = None) -> str:
    """Sign a form for one purpose.

    Examples
    --------
    >>> check_form(b"k", "a", make_form(b"k", "a")) != ""
    True
    >>> check_form(b"k", "b", make_form(b"k", "a"))
    ''
    """
    number = f"{int(time.time() if now is None else now)}.{secrets.token_hex(16)}"
    return f"{number}.{_seal(secret, purpose, number)}"


def check_form(secret: bytes, purpose: str, token: str, now: float | None = None) -> str:
    """The number of a form that was signed for this purpose and is still good, else ""."""
    number, _, seal = token.rpartition(".")
    if not hmac.compare_digest(seal.encode("utf-8", "replace"), _seal(secret, purpose, number).encode()):
        return ""
    age_s = (time.time() if now is None else now) - int(number.split(".")[0])
    return number if -5 <= age_s <= GOOD_FOR_S else ""


def _seal(secret: bytes, purpose: str, number: str) -> str:
    return hmac.new(secret, f"{purpose}\0{number}".encode("utf-8", "replace"), sha256).hexdigest()


async def read_fields(request: Request) -> dict[str, str]:
    """Read a form's body: bounded in size and time, each field once.

    Raises
    ------
    HTTPException
        413 too large, 408 too slow, 415 another kind, 400 unreadable
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415, "A form was expected.")
    said = request.headers.get("content-length", "0")
    if said.isdecimal() and int(said[:12]) > LARGEST_BODY:
        raise HTTPException(413, "That is too long.")
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE_S):
            async for piece in request.stream():
                body += piece
                if len(body) > LARGEST_BODY:
                    raise HTTPException(413, "That is too long.")
    except TimeoutError:
        raise HTTPException(408, "That took too long.") from None
    except ClientDisconnect:
        raise HTTPException(400, "The rest did not come.") from None
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, encoding="utf-8", errors="replace", max_num_fields=MOST_FIELDS
        )
    except ValueError:  # UnicodeDecodeError is one
        raise HTTPException(400, "The form cannot be read.") from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise HTTPException(400, "A field came twice.")
    return found


def read_response(given: Mapping[str, str], essay: Answerable) -> Response:
    """What a reader's form says.

    Raises
    ------
    UsageWrong
        where a field is missing, too long, or says what cannot be
    """
    about, claim, film, time_s = given.get("about", "essay"), None, "", None
    if about.startswith("claim-"):
        number = about.removeprefix("claim-")
        claim = int(number) if number.isascii() and number.isdecimal() and len(number) < 7 else -1
        if claim not in essay.claims:
            raise UsageWrong("the essay has no such passage", "choose one from the list")
        about = "claim"
    elif about.startswith("film-"):
        film = about.removeprefix("film-")
        if film not in essay.films:
            raise UsageWrong("the essay has no such film", "choose one from the list")
        time_s = read_time(given.get("at", "").strip()[:20])
        if time_s is None:
            raise UsageWrong("the time in the film cannot be read", "write it as 1:02 or 1:02:03.5")
        if not 0 <= time_s <= essay.films[film].duration_s:
            raise UsageWrong("the film has no such time", "write it as 1:02 or 1:02:03.5")
        about = "time"
    elif about != "essay":
        raise UsageWrong("what this is about cannot be read", "choose from the list")
    name, text = check_name(given.get("name", "")), check_text(given.get("text", ""))
    return Response(secrets.token_hex(8), essay.slug, about, claim, film, time_s, name, text, written=int(time.time()))
