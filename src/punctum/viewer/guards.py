"""Who may ask: this computer's own browser, on the page that was opened, and nobody else.

Conventions: a request must name this server as its host (else another name points here: DNS rebinding), must not come
from another site's page, and must carry the token of this run, once in the address, afterwards in a cookie. What
changes something must also say which page it comes from. Whatever is refused is told in one line and learns nothing.
"""

import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

SAFE = ("GET", "HEAD")

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)

NOTHING = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""The content policy of whatever is no page."""


class Guard:
    """Stands before the application.

    Parameters
    ----------
    app : ASGI application
    port : int
        where the server listens
    token : str, optional
        by default a random one
    """

    def __init__(self, app: App, port: int, token: str = "") -> None:
        self.app = app
        self.token = token or secrets.token_urlsafe(24)
        self.hosts = tuple(f"{name}:{port}" for name in ("127.0.0.1", "localhost"))
        self.cookie = f"punctum-{port}"
        """Cookies of one host are shared among its ports."""

    def address(self, path: str = "/") -> str:
        """Where a browser is sent first."""
        return f"http://{self.hosts[0]}{path}?token={quote(self.token)}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return
        why = self._refusal(scope)
        if why:
            await _answer(send, 403, why)
            return
        fields = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = [value for name, value in fields if name == "token"]
        if given and self._is_ours(given[0]):
            rest = urlencode([(name, value) for name, value in fields if name != "token"])
            # two slashes at the front would name another host
            path = "/" + quote(scope["path"], safe="/").lstrip("/")
            cookie = f"{self.cookie}={self.token}; Path=/; HttpOnly; SameSite=Lax"
            where = path + (f"?{rest}" if rest else "")
            await _answer(send, 303, "", (("location", where), ("set-cookie", cookie)))
            return
        if not self._is_ours(self._cookie_of(scope)):
            await _answer(send, 403, "Open the address that `punctum view` printed: this one lacks its token.")
            return
        await self.app(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> str:
        """Why a request is turned away, whoever sends it; "" where it is not."""
        hosts, origins = _header(scope, b"host"), _header(scope, b"origin")
        if len(hosts) != 1 or hosts[0].lower() not in self.hosts:
            return "This server answers to 127.0.0.1 and localhost only."
        if any(origin != f"http://{hosts[0].lower()}" for origin in origins):
            return "Another site's page may not ask here."
        if scope["method"] not in SAFE and len(origins) != 1:
            return "What changes something must say which page it comes from."
        sites = _header(scope, b"sec-fetch-site")
        opening = _header(scope, b"sec-fetch-mode") == ["navigate"] and scope["method"] == "GET"
        if any(site not in ("same-origin", "none") for site in sites) and not opening:
            return "Another site's page may not ask here."
        return ""

    def _is_ours(self, token: str) -> bool:
        return secrets.compare_digest(token.encode("utf-8", "replace"), self.token.encode())

    def _cookie_of(self, scope: Scope) -> str:
        for line in _header(scope, b"cookie"):
            try:
                found = SimpleCookie(line).get(self.cookie)
            except CookieError:
                continue
            if found is not None:
                return found.value
        return ""


def _header(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _with_headers(send: Send) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            own = list(message.get("headers", ()))
            names = {name for name, _ in own}
            own += [header for header in HEADERS if header[0] not in names]
            if b"content-security-policy" not in names:
                own.append((b"content-security-policy", NOTHING))
            if b"cache-control" not in names:
                own.append((b"cache-control", b"no-store"))
            message = {**message, "headers": own}
        await send(message)

    return sending


async def _answer(send: Send, status: int, text: str, headers: Iterable[tuple[str, str]] = ()) -> None:
    body = text.encode()
    fields = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers]
    fields += [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    fields += [*HEADERS, (b"content-security-policy", NOTHING), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})
