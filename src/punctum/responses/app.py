"""The application: an essay's site, the forms under it, the author's queue.

Conventions: addresses in pages are relative, so that it may stand anywhere behind a reverse proxy; redirects lead to
addresses that are written here, never to one that was sent. What changes something is a POST that says it comes from
this server's own page and carries a form's token. Nothing that was sent is put into a header.
"""

import asyncio
import json
import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from punctum.errors import OutputUnwritable, PunctumError, UsageWrong
from punctum.essay.pages import RECORD
from punctum.responses import showing
from punctum.responses.forms import TRAP, check_form, make_form, read_fields, read_response
from punctum.responses.limits import Limiter
from punctum.responses.signing_in import COOKIE, LASTS_S, WRONG, Door
from punctum.responses.site import FEED_OF_RESPONSES, Answerable, read_site
from punctum.responses.store import STATES, Overfull, Repeated, Store, as_data
from punctum.responses.wording import LONGEST_TEXT, check_text

Scope = MutableMapping[str, Any]
App = Callable[..., Awaitable[None]]

SEND_PATIENCE_S = 30.0
SHOWN = 100
"""Responses of the queue on one page."""

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # `no-referrer` would make browsers send `Origin: null` with the pages' own forms
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_SERVED = (".html", ".css", ".xml", ".jpg", ".png", ".svg", ".mp4")


@dataclass(frozen=True)
class Limits:
    """How much one address may send: so many responses within so many seconds, and so many requests a minute."""

    responses: int = 6
    within_s: float = 600.0
    requests: int = 600


class Guard:
    """Stands before the application: refuses other pages' forms, adds headers, drops whoever does not read."""

    def __init__(self, app: App, limits: Limits) -> None:
        self.app = app
        self.requests = Limiter(limits.requests, 60.0)

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return

        async def sending(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                names = {name for name, _ in own}
                own += [header for header in _HEADERS if header[0] not in names]
                if b"cache-control" not in names:
                    own.append((b"cache-control", b"no-store"))
                if b"content-security-policy" not in names:
                    own.append((b"content-security-policy", b"frame-ancestors 'none'"))
                message = {**message, "headers": own}
            async with asyncio.timeout(SEND_PATIENCE_S):
                await send(message)

        refusal = self._refusal(scope)
        app = _told(refusal[1], "", refusal[0]) if refusal else self.app
        await app(scope, receive, sending)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        if not self.requests.take((scope.get("client") or ("",))[0]):
            return 429, "Too many requests. Wait a minute."
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return 405, "This cannot be done here."
        if scope["method"] == "POST":
            hosts, origins, sites = (_header(scope, name) for name in (b"host", b"origin", b"sec-fetch-site"))
            own = len(hosts) == 1 and len(origins) == 1 and urlsplit(origins[0]).netloc.lower() == hosts[0].lower()
            if not own or any(site not in ("same-origin", "none") for site in sites):
                return 403, "Another site's page may not send a form here."
        return None


def _header(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def make_app(site: Path, store: Store, limits: Limits | None = None) -> Guard:
    """Build the application.

    Parameters
    ----------
    site : Path
        the folder of a built site
    store : Store
    limits : Limits, optional

    Raises
    ------
    OutputUnwritable
        for a folder that is no site
    """
    limits = limits or Limits()
    desk = _Desk(site, store, limits)
    routes = [
        Route("/respond/{slug}", desk.write, methods=["GET"]),
        Route("/respond/{slug}", desk.take, methods=["POST"]),
        Route("/response/{secret}", desk.own, methods=["GET"]),
        Route("/response/{secret}", desk.delete_own, methods=["POST"]),
        Route(f"/{FEED_OF_RESPONSES}", desk.feed, methods=["GET"]),
        Route("/author/", desk.queue, methods=["GET"]),
        Route("/author/everything.json", desk.everything, methods=["GET"]),
        Route("/author/sign-in", desk.door, methods=["GET"]),
        Route("/author/sign-in", desk.enter, methods=["POST"]),
        Route("/author/sign-out", desk.leave, methods=["POST"]),
        Route("/author/responses/{key}", desk.settle, methods=["POST"]),
        Route("/{place:path}", desk.page, methods=["GET"]),
    ]

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return _told(_TITLES.get(error.status_code, "That did not work"), error.detail, error.status_code, request)

    async def unwritable(request: Request, _: Exception) -> Response:
        return _told("It could not be kept", "The server cannot write just now. Try again later.", 503, request)

    app = Starlette(routes=routes, exception_handlers={HTTPException: http, OutputUnwritable: unwritable})
    app.router.redirect_slashes = False
    return Guard(app, limits)


_TITLES = {404: "There is nothing here", 403: "Not from here", 405: "This cannot be done here", 429: "Too often"}


def _up(request: Request | None) -> str:
    return "../" * max(request.url.path.count("/") - 1, 0) if request is not None else "/"


def _told(title: str, line: str = "", status: int = 200, request: Request | None = None, text: str = "") -> Response:
    if line == "Not Found" or line == title:
        line = ""
    return _html(showing.page("told", title, _up(request), line=line, text=text), status)


def _html(text: str, status: int = 200, scripted: bool = False) -> Response:
    return HTMLResponse(text.encode("utf-8", "replace"), status, {"Content-Security-Policy": showing.policy(scripted)})


class _Desk:
    """What is done at each address."""

    def __init__(self, site: Path, store: Store, limits: Limits) -> None:
        self.site, self.store = site.resolve(), store
        self.door_of = Door(store)
        self.limiter = Limiter(limits.responses, limits.within_s)
        self._essays: dict[str, Answerable] = {}
        self._stamp: tuple[int, int] | None = None
        self.essays()

    def essays(self) -> dict[str, Answerable]:
        """The site's essays, read again when it is built again."""
        try:
            found = (self.site / RECORD).stat()
            stamp = (found.st_mtime_ns, found.st_size)
        except OSError:
            stamp = (0, -1)
        if stamp != self._stamp:
            try:
                self._essays, self._stamp = read_site(self.site), stamp
            except OutputUnwritable:
                if self._stamp is None:
                    raise
        return self._essays

    def _essay(self, request: Request) -> Answerable:
        essay = self.essays().get(request.path_params["slug"])
        if essay is None:
            raise HTTPException(404)
        return essay

    # a reader's

    async def write(self, request: Request) -> Response:
        """Show the form."""
        about = request.query_params.get("about", "")
        return self._form(
            request, self._essay(request), {"about": about, "at": request.query_params.get("at", "")[:20]}
        )

    def _form(
        self, request: Request, essay: Answerable, given: dict[str, str], wrong: str = "", status: int = 200
    ) -> Response:
        token = make_form(self.store.forms_secret, f"respond {essay.slug}")
        shown = {name: given.get(name, "") for name in ("about", "at", "name", "text")}
        return _html(
            showing.page(
                "respond", f"Respond to {essay.title}", _up(request), essay=essay, given=shown, wrong=wrong,
                token=token, longest=LONGEST_TEXT,
            ),
            status,
        )  # fmt: skip

    async def take(self, request: Request) -> Response:
        """Take a response."""
        essay = self._essay(request)
        given = await read_fields(request)
        form = check_form(self.store.forms_secret, f"respond {essay.slug}", given.get("form", ""))
        if not form:
            return self._form(request, essay, given, "This form was open for too long: send it once more.", 403)
        if given.get(TRAP):  # whoever fills it is told nothing that teaches
            return _told("Thank you", "Your response waits for the author.", 200, request)
        try:
            response = read_response(given, essay)
        except UsageWrong as error:
            return self._form(request, essay, given, f"Not sent: {error.message}; {error.hint}.", 422)
        text = given.get("text", "")
        if not self.limiter.take(request.client.host if request.client else ""):
            return _told("Too often", "From your network much was written just now. Try again in ten minutes.", 429,
                         request, text)  # fmt: skip
        secret = secrets.token_urlsafe(24)
        try:
            await asyncio.wrap_future(self.store.add(response, form, secret))
        except Repeated:
            return _told("Received already", "This form was sent before, and what it said is kept.", 409, request)
        except Overfull:
            return _told("Not now", "Too many responses wait for the author.", 503, request, text)
        except OutputUnwritable:
            return _told("It could not be kept", "The server cannot write just now.", 503, request, text)
        return RedirectResponse(f"../response/{secret}", 303)

    async def own(self, request: Request) -> Response:
        """Show a writer what became of it."""
        secret = request.path_params["secret"]
        one = await run_in_threadpool(self.store.response_of, secret)
        if one is None:
            raise HTTPException(404)
        row = showing.rows_of([one], self.essays())[0]
        return _html(showing.page("own", "Your response", _up(request), one=row, secret=secret))

    async def delete_own(self, request: Request) -> Response:
        """Delete what its writer wants deleted; the address itself is the secret."""
        if not await asyncio.wrap_future(self.store.delete_own(request.path_params["secret"])):
            raise HTTPException(404)
        return _told("Deleted", "Your response is deleted here. Pages built with it lose it when they are next built.",
                     200, request)  # fmt: skip

    # the site

    async def page(self, request: Request) -> Response:
        """Serve the site's files; essays with their newest responses."""
        parts = [part for part in request.path_params["place"].split("/") if part] or ["index.html"]
        if not all(_PART.fullmatch(part) for part in parts) or len(parts) > 3 or len(request.url.path) > 300:
            raise HTTPException(404)
        if len(parts) == 2 and parts[1] == FEED_OF_RESPONSES and parts[0] in self.essays():
            return await self.feed(request)
        place = self.site.joinpath(*parts)
        try:
            if place.is_dir():
                if not request.url.path.endswith("/"):
                    return RedirectResponse(f"{parts[-1]}/", 307)  # relative, and of known signs only
                place = place / "index.html"
            if place.suffix not in _SERVED or not place.is_file() or not place.resolve().is_relative_to(self.site):
                raise HTTPException(404)
        except OSError:
            raise HTTPException(404) from None
        if place.suffix == ".html":
            return await run_in_threadpool(self._built, place)
        return FileResponse(place, headers={"Cache-Control": "no-cache"})

    def _built(self, place: Path) -> Response:
        page = place.read_text("utf-8")
        slug = place.parent.name
        essay = self.essays().get(slug)
        approved = self.store.responses("approved", slug if essay else "")
        if essay is not None:
            page = showing.put_in(page, showing.section(approved, essay, f"../respond/{slug}", FEED_OF_RESPONSES))
        else:
            page = showing.put_counts(page, _count(approved))
        return HTMLResponse(page.encode("utf-8", "replace"), headers={"Cache-Control": "no-cache"})

    async def feed(self, request: Request) -> Response:
        """The feed of all responses, or of one essay's."""
        parts = request.url.path.strip("/").split("/")
        slug = parts[0] if len(parts) == 2 else ""
        approved = await run_in_threadpool(self.store.responses, "approved", slug)
        essays = self.essays()
        title = f"Responses to {essays[slug].title}" if slug in essays else "Responses"
        text = showing.feed(approved, essays, title, "../" if slug else "./", FEED_OF_RESPONSES)
        return Response(text.encode("utf-8", "replace"), media_type="application/atom+xml")

    # the author's

    async def _author(self, request: Request) -> tuple[str, str] | None:
        session = request.cookies.get(COOKIE, "")
        return await run_in_threadpool(self.store.session_of, session) if session else None

    async def _fields(self, request: Request) -> tuple[str, dict[str, str]]:
        """Who sends an author's form, and its fields; 403 where it is none of hers."""
        author = await self._author(request)
        given = await read_fields(request)
        if author is None or not secrets.compare_digest(given.get("form", "").encode(), author[1].encode()):
            raise HTTPException(403, "This form is not yours, or you are signed out.")
        return author[0], given

    async def queue(self, request: Request) -> Response:
        """Show what waits."""
        author = await self._author(request)
        if author is None:
            return RedirectResponse("sign-in", 303)
        return await self._queue(request, author, request.query_params.get("state", "held"))

    async def _queue(
        self, request: Request, author: tuple[str, str], state: str, wrong: str = "", status: int = 200
    ) -> Response:
        state = state if state in STATES else "held"
        found = await run_in_threadpool(self.store.responses, state, "", SHOWN)
        counts = await run_in_threadpool(self.store.counts)
        return _html(
            showing.page(
                "queue", "Responses", _up(request), rows=showing.rows_of(found, self.essays()), counts=counts,
                state=state, author=author[0], token=author[1], wrong=wrong, longest=LONGEST_TEXT,
            ),
            status,
            True,
        )  # fmt: skip

    async def door(self, request: Request) -> Response:
        """Show the form to sign in."""
        return self._door(request)

    def _door(self, request: Request, wrong: str = "", status: int = 200) -> Response:
        token = make_form(self.store.forms_secret, "sign in")
        return _html(showing.page("sign_in", "Sign in", _up(request), wrong=wrong, token=token), status)

    async def enter(self, request: Request) -> Response:
        """Sign in: always a new session, whatever cookie was sent."""
        given = await read_fields(request)
        if not check_form(self.store.forms_secret, "sign in", given.get("form", "")):
            return self._door(request, "This form was open for too long: send it once more.", 403)
        address = request.client.host if request.client else ""
        session = await run_in_threadpool(self.door_of.enter, given.get("name", ""), given.get("phrase", ""), address)
        if not session:
            return self._door(request, WRONG, 401)
        if before := request.cookies.get(COOKIE):
            await asyncio.wrap_future(self.store.end_session(before))
        answer = RedirectResponse("./", 303)
        answer.set_cookie(
            COOKIE, session, max_age=LASTS_S, httponly=True, samesite="strict", secure=request.url.scheme == "https"
        )
        return answer

    async def leave(self, request: Request) -> Response:
        """Sign out."""
        await self._fields(request)
        await asyncio.wrap_future(self.store.end_session(request.cookies.get(COOKIE, "")))
        answer = RedirectResponse("sign-in", 303)
        answer.delete_cookie(COOKIE)
        return answer

    async def settle(self, request: Request) -> Response:
        """Approve, refuse, answer or delete."""
        _, given = await self._fields(request)
        key, what = request.path_params["key"], given.get("do", "")
        if what in ("approve", "refuse"):
            change = self.store.settle(key, {"approve": "approved", "refuse": "refused"}[what])
        elif what == "answer":
            text = given.get("answer", "")
            try:
                change = self.store.answer(key, check_text(text, "the answer") if text.strip() else "")
            except PunctumError as error:
                raise HTTPException(422, f"Not saved: {error.message}; {error.hint}.") from None
        elif what == "delete":
            change = self.store.delete(key)
        else:
            raise HTTPException(400, "What is to be done with it cannot be read.")
        if not await asyncio.wrap_future(change):
            raise HTTPException(404)
        state = given.get("state", "held")
        return RedirectResponse(f"../?state={state if state in STATES else 'held'}", 303)

    async def everything(self, request: Request) -> Response:
        """Everything that is kept, for its owner."""
        if await self._author(request) is None:
            raise HTTPException(403, "Sign in first.")
        found = await run_in_threadpool(self.store.responses)
        text = json.dumps({"responses": [as_data(one) for one in found]}, ensure_ascii=False, indent=1)
        return Response(
            text.encode("utf-8", "replace"),
            media_type="application/json",
            headers={"Content-Disposition": 'attachment; filename="responses.json"'},
        )


def _count(approved: list[Any]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in approved:
        counts[one.essay] = counts.get(one.essay, 0) + 1
    return counts
