"""Responses as files: JSON with everything that is kept, mbox for answers by mail.

Conventions: what is taken in is text from elsewhere: bounded, cleaned, counted. JSON of an own export keeps states
and answers; a letter is held until its author approves it. Which essay a letter answers is said by its header
``X-Punctum-Essay``, or by its subject: the essay's title or its folder's name. Of a letter its sender's name is
kept, not the address. Nothing is taken twice.
"""

import json
import mailbox
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr, parsedate_to_datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

from punctum.errors import OutputUnwritable, PunctumError, UsageWrong, quoted
from punctum.essay.clock import read_time
from punctum.reading.sentences import write_clock
from punctum.responses.forms import read_response
from punctum.responses.site import Answerable
from punctum.responses.store import STATES, Repeated, Response, Store, as_data
from punctum.responses.wording import check_name, check_text, clean

LARGEST_FILE = 100_000_000
MOST = 100_000


@dataclass(frozen=True)
class TakenIn:
    """What came of a file: how many were added, were known already, and why others were left out."""

    added: int
    known: int
    left_out: tuple[str, ...]


def export_responses(store: Store, file: Path, essays: Mapping[str, Answerable]) -> int:
    """Write all responses; ``.mbox`` as letters, anything else as JSON.

    Returns
    -------
    int
        how many

    Raises
    ------
    OutputUnwritable
        where the file cannot be written, or is there already
    """
    found = store.responses()
    if file.suffix.lower() == ".mbox":
        data = b"".join(_letter(one, essays) for one in found)
    else:
        data = (json.dumps({"responses": [as_data(one) for one in found]}, ensure_ascii=False, indent=1) + "\n").encode(
            "utf-8", "replace"
        )
    try:
        with file.open("xb") as out:
            out.write(data)
    except OSError as error:
        raise OutputUnwritable(
            f"{quoted(file)} cannot be written: {error.strerror}", "name a file that is not there yet"
        ) from None
    return len(found)


def import_responses(store: Store, file: Path, essays: Mapping[str, Answerable]) -> TakenIn:
    """Take responses in: ``.mbox`` letters, anything else JSON of an export.

    Raises
    ------
    UsageWrong
        where the file cannot be read, is too large, or none of its kind
    """
    try:
        if not file.is_file() or file.stat().st_size > LARGEST_FILE:
            raise UsageWrong(f"{quoted(file)} is no file, or a larger one than can be taken in", "100 MB is the most")
        read = _read_letters if file.suffix.lower() == ".mbox" else _read_json
        found = read(file, essays)
    except OSError as error:
        raise UsageWrong(f"{quoted(file)} cannot be read: {error.strerror}", "") from None
    left, waiting = [], []
    for one in found[:MOST]:
        if isinstance(one, str):
            left.append(one)
        else:
            waiting.append(store.add(*one))
    added = known = 0
    for future in waiting:
        try:
            future.result()
            added += 1
        except Repeated:
            known += 1
        except OutputUnwritable:
            raise
        except PunctumError as error:
            left.append(error.message)
    return TakenIn(added, known, tuple(left))


Found = list[tuple[Response, str] | str]


def _read_json(file: Path, essays: Mapping[str, Answerable]) -> Found:
    try:
        rows = json.loads(file.read_text("utf-8"))["responses"]
        if not isinstance(rows, list):
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageWrong(
            f"{quoted(file)} holds no responses", "`punctum essay responses export` writes such a file"
        ) from None
    found: Found = []
    for number, row in enumerate(rows, 1):
        try:
            one = _response(row)
            found.append((one, f"key {one.key}") if one.essay in essays else f"response {number}: no such essay here")
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError, PunctumError) as error:
            why = error.message if isinstance(error, PunctumError) else "it lacks a field, or one is of another kind"
            found.append(f"response {number}: {why}")
    return found


def _response(row: Mapping[str, Any]) -> Response:
    key, essay, about, state = (str(row[name]) for name in ("key", "essay", "about", "state"))
    if not re.fullmatch(r"[0-9a-f]{16}", key) or state not in STATES or about not in ("essay", "claim", "time"):
        raise ValueError
    claim = int(row["claim"]) if about == "claim" else None
    time_s = float(row["time_s"]) if about == "time" else None
    film = clean(str(row["film"]), lines=False)[:80] if about == "time" else ""
    if (time_s is not None and not 0 <= time_s < 1e6) or (claim is not None and not 0 < claim < 1e6):
        raise ValueError
    answer = check_text(str(row["answer"]), "the answer") if row.get("answer") else ""
    written, answered = _moment(row["written"]), _moment(row["answered"]) if answer else None
    name, text = check_name(str(row["name"])), check_text(str(row["text"]))
    return Response(key, essay, about, claim, film, time_s, name, text, state, written, answer, answered)


def _moment(value: Any) -> int:
    moment = int(value)
    if not 0 <= moment < 253_402_300_800:
        raise ValueError
    return moment


def _letter(one: Response, essays: Mapping[str, Answerable]) -> bytes:
    letter = EmailMessage(policy.SMTP.clone(linesep="\n"))
    when = datetime.fromtimestamp(one.written, UTC)
    title = essays[one.essay].title if one.essay in essays else one.essay
    name = re.sub(r"[^\w .,-]", "", one.name)
    letter["From"] = f'"{name}" <reader@punctum.invalid>'
    letter["Subject"] = f"Re: {' '.join(title.split())}"
    letter["Date"] = format_datetime(when)
    letter["Message-ID"] = f"<{one.key}@punctum.invalid>"
    letter["X-Punctum-Essay"] = one.essay
    if one.about == "claim":
        letter["X-Punctum-About"] = f"claim-{one.claim}"
    elif one.about == "time" and one.time_s is not None:
        letter["X-Punctum-About"] = f"film-{one.film} {write_clock(one.time_s, 1)}"
    letter["X-Punctum-State"] = one.state
    letter.set_content(one.text, cte="8bit" if max(map(len, one.text.split("\n"))) < 900 else "base64")
    # "From " at a line's beginning would begin another letter (mboxrd)
    body = re.sub(rb"(?m)^(>*From )", rb">\1", letter.as_bytes())
    return b"From reader@punctum.invalid " + when.strftime("%a %b %d %H:%M:%S %Y").encode() + b"\n" + body + b"\n\n"


def _read_letters(file: Path, essays: Mapping[str, Answerable]) -> Found:
    found: Found = []
    box = mailbox.mbox(file, create=False)
    try:
        for number, key in enumerate(box.iterkeys(), 1):
            if number > MOST:
                break
            try:
                found.append(_read_letter(box.get_bytes(key), essays))
            except PunctumError as error:
                found.append(f"letter {number}: {error.message}")
            except Exception:  # the email package raises whatever a broken letter makes it stumble over
                found.append(f"letter {number}: it cannot be read")
    finally:
        box.close()
    if not found:
        raise UsageWrong(f"{quoted(file)} holds no letters", "an mbox file begins with “From ”")
    return found


def _read_letter(data: bytes, essays: Mapping[str, Answerable]) -> tuple[Response, str]:
    letter = message_from_bytes(data[:1_000_000], policy=policy.default)
    assert isinstance(letter, EmailMessage)
    slug = _which_essay(letter, essays)
    body = letter.get_body(("plain",))
    if body is None:
        raise UsageWrong("it has no plain text", "")
    text = str(body.get_content())
    text = re.sub(r"(?m)^>(>*From )", r"\1", text) if letter.get("X-Punctum-Essay") else _own_words(text)
    about, _, at = str(letter.get("X-Punctum-About", "essay")).partition(" ")
    at = at if read_time(at) is not None else ""
    name = parseaddr(str(letter.get("From", "")))[0]
    one = read_response({"about": about, "at": at, "name": name[:80], "text": text}, essays[slug])
    told = str(letter.get("Message-ID", "")).strip()
    form = "letter " + blake2b(told.encode("utf-8", "replace") if told else data, digest_size=16).hexdigest()
    if own := re.fullmatch(r"<([0-9a-f]{16})@punctum\.invalid>", told):
        one, form = Response(**{**as_data(one), "key": own[1]}), f"key {own[1]}"
    return Response(**{**as_data(one), "written": _sent(letter, one.written)}), form


def _which_essay(letter: EmailMessage, essays: Mapping[str, Answerable]) -> str:
    said = str(letter.get("X-Punctum-Essay", "")).strip()
    if said in essays:
        return said
    subject = clean(str(letter.get("Subject", "")), lines=False).casefold()
    named = [slug for slug, one in essays.items() if one.title.casefold() in subject or f"[{slug}]" in subject]
    if len(named) != 1:
        raise UsageWrong("its subject names no essay of this site, or several", "")
    return named[0]


def _own_words(text: str) -> str:
    """A letter's text without what it quotes and without its signature."""
    lines = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if line.rstrip("\n") in ("-- ", "--"):
            break
        if not line.startswith(">"):
            lines.append(line)
    return re.sub(r"(?m)^.{0,200}(?:wrote|schrieb|a écrit|ha scritto|escribió) ?:\s*$", "", "\n".join(lines))


def _sent(letter: EmailMessage, now: int) -> int:
    try:
        return min(max(int(parsedate_to_datetime(str(letter["Date"])).timestamp()), 0), now)
    except (ValueError, TypeError, OverflowError):
        return now
