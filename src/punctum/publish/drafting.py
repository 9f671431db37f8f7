"""Writes a draft, and asks an endpoint for readings where its owner names one.

Conventions: nothing leaves the computer unless ``--endpoint`` says where to; what is sent are the statements of
``readings``, never the film. The answer is text from elsewhere: `punctum.essay.draft` keeps of it what holds.
"""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from punctum.bundle import find_bundle, writing
from punctum.errors import EssayUnsound, OutputUnwritable, PunctumError, UsageWrong, quoted
from punctum.essay import Footage
from punctum.essay.draft import add_proposals, build_messages, read_proposals
from punctum.essay.draft import write_draft as compose_draft
from punctum.publish.opening import Shelf, key_of

LOCAL = "http://127.0.0.1:11434/v1"
"""Where a local server answers, where nothing else is said."""

LONGEST_ANSWER = 2_000_000
PATIENCE_S = 180.0
KEY = "PUNCTUM_ENDPOINT_KEY"
"""Environment variable: a key that the endpoint asks for."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What is sent goes where its owner said, nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow none."""


def write_draft(films: Sequence[str], out: str = "", endpoint: str = "", model: str = "") -> tuple[Path, list[str]]:
    """Write a draft for some films.

    Parameters
    ----------
    films : sequence of str
        bundles, or the films beside them
    out : str
        the draft's file; by default named for the first film, where one stands
    endpoint, model : str
        an OpenAI-compatible server and the model to ask for there; "" asks nobody

    Returns
    -------
    path : Path
    remarks : list of str
        what was proposed and left out

    Raises
    ------
    OutputUnwritable
        where the file is there already, or cannot be written
    """
    shelf = Shelf()
    opened: dict[str, tuple[Path, Footage]] = {}
    first = ""
    for film in films:
        folder = find_bundle(film)
        key = key_of(folder.stem, opened)
        footage = shelf.open(folder)
        if isinstance(footage, PunctumError):
            raise footage
        opened[key] = (folder, footage)
        first = first or folder.stem
    path = Path(out or f"{first}.md")
    if path.exists() or path.is_symlink():
        raise OutputUnwritable(f"{quoted(path)} is there already", "`--out` names another file")
    named = {key: (_address(folder, path.parent), footage) for key, (folder, footage) in opened.items()}
    text, remarks = compose_draft(named), []
    if endpoint:
        key, (_, footage) = next(iter(named.items()))
        answer = ask(endpoint, model, build_messages(key, footage))
        head = text[: text.index("\n---\n", 4) + 5]
        proposals = read_proposals(answer, head, {name: film for name, (_, film) in named.items()})
        text = add_proposals(text, proposals)
        left = [pair for proposal in proposals for pair in proposal.left_out]
        kept = sum(len(proposal.sentences) for proposal in proposals)
        remarks.append(
            f"{kept} proposed sentences hold and stand in the draft; check their words: a claim binds its figure only"
        )
        remarks += [f"left out: {sentence[:90]}: {why}" for sentence, why in left[:5]]
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")
    return path, remarks


def _address(folder: Path, beside: Path) -> str:
    """Where a bundle lies, from the draft's folder."""
    try:
        return Path(os.path.relpath(folder.resolve(), beside.resolve())).as_posix()
    except ValueError:  # another drive
        return folder.resolve().as_posix()


def ask(endpoint: str, model: str, messages: list[dict[str, str]]) -> str:
    """Ask an OpenAI-compatible server for a chat completion.

    Parameters
    ----------
    endpoint : str
        its address up to ``/chat/completions``
    model : str
    messages : list of dict

    Returns
    -------
    str
        the answer's text

    Raises
    ------
    EssayUnsound
        where it does not answer, or not as such a server does
    """
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageWrong(f"{quoted(endpoint)} is no address of a server", f"for example {LOCAL}")
    address = endpoint.rstrip("/") + "/chat/completions"
    body = json.dumps({"model": model or "default", "messages": messages, "temperature": 0, "stream": False}).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})  # noqa: S310  (scheme checked)
    if key := os.environ.get(KEY):
        request.add_header("Authorization", f"Bearer {key}")
    handlers: list[Any] = [_NoRedirect()]
    if parts.hostname in ("127.0.0.1", "localhost", "::1"):
        handlers.append(urllib.request.ProxyHandler({}))
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=PATIENCE_S) as answer:
            data = answer.read(LONGEST_ANSWER + 1)
    except urllib.error.HTTPError as error:
        raise EssayUnsound(f"{parts.netloc} answers {error.code}", "`--model` names one that it has") from None
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise EssayUnsound(
            f"{parts.netloc} does not answer: {reason}", "start the server, or leave `--endpoint` out"
        ) from None
    try:
        if len(data) > LONGEST_ANSWER:
            raise ValueError
        text = json.loads(data)["choices"][0]["message"]["content"]
        if not isinstance(text, str):
            raise TypeError
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        raise EssayUnsound(
            f"{parts.netloc} does not answer as an OpenAI-compatible server does", "check `--endpoint`"
        ) from None
    return text
