"""What a browser sends, read with bounds, and how it is answered.

Conventions: bodies are JSON objects of at most `LARGEST_BYTES`; an error is ``{"error": …, "hint": …}``, in words that
can be shown, with a status of 4xx where whoever asked can mend it, 507 where the disk cannot be written to.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from punctum.errors import BundleBusy, BundleInvalid, OutputUnwritable, PunctumError

LARGEST_BYTES = 256_000


class Refused(PunctumError):
    """What was sent is not what is asked for."""

    def __init__(self, status: int, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.status = status


async def read_object(request: Request) -> dict[str, Any]:
    """Read the body.

    Raises
    ------
    Refused
        where it is too large, no JSON, or no object
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refused(415, "what is sent must be JSON", "content-type: application/json")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BYTES:
            raise Refused(413, f"what was sent is larger than {LARGEST_BYTES // 1000} kB", "divide it among several")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused(400, "what was sent is no JSON object")
    return found


def tell(error: PunctumError) -> JSONResponse:
    """Answer with what went wrong."""
    status = 400
    if isinstance(error, Refused):
        status = error.status
    elif isinstance(error, BundleInvalid):
        status = 404
    elif isinstance(error, BundleBusy):
        status = 409
    elif isinstance(error, OutputUnwritable):
        status = 507
    return JSONResponse({"error": error.message, "hint": error.hint}, status_code=status)


def answering(take: Callable[[Request, Mapping[str, Any]], Response]) -> Callable[[Request], Any]:
    """Make an endpoint of a function of the request and, where something is sent, its object; off the event loop."""

    async def endpoint(request: Request) -> Response:
        try:
            sent = {} if request.method in ("GET", "HEAD") else await read_object(request)
            return await run_in_threadpool(take, request, sent)
        except PunctumError as error:
            return tell(error)

    endpoint.__name__ = take.__name__
    return endpoint


def number(sent: Mapping[str, Any], name: str, otherwise: float | None = None) -> float:
    """Give a number that was sent.

    Raises
    ------
    Refused
    """
    value = sent.get(name, otherwise)
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            value = None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        raise Refused(400, f"`{name}` must be a number")
    return float(value)
