"""The local web application, put together and served: on the loopback interface only, until Ctrl-C."""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from punctum.errors import UsageWrong
from punctum.viewer.film import film_routes
from punctum.viewer.guards import Guard
from punctum.viewer.library import library_routes
from punctum.viewer.playback import playback_routes
from punctum.viewer.shelf import Shelf


def make_app(
    shelf: Shelf, port: int, vocabularies: Mapping[str, tuple[str, ...]] | None = None, token: str = ""
) -> Guard:
    """Build the application with its guard.

    Parameters
    ----------
    shelf : Shelf
        what is shown
    port : int
        where it will listen: requests must name it
    vocabularies : mapping, optional
        terms for tags, by the vocabulary's name
    token : str, optional
        by default a random one
    """

    async def first(_: Request) -> Response:
        where = "/library" if shelf.library is not None else f"/film/{next(iter(shelf.folders))}/"
        return RedirectResponse(where, status_code=303)

    async def lost(_: Request, __: Exception) -> Response:
        return PlainTextResponse("There is nothing here.", status_code=404)

    routes = [
        Route("/", first, methods=["GET"]),
        *film_routes(shelf, vocabularies or {}),
        *playback_routes(shelf),
        *library_routes(shelf),
    ]
    return Guard(Starlette(routes=routes, exception_handlers={404: lost}), port, token)


def serve(
    place: str | Path,
    port: int = 0,
    vocabularies: Mapping[str, tuple[str, ...]] | None = None,
    opened: Callable[[str], None] = lambda _: None,
    token: str = "",
) -> None:
    """Show a bundle or a library until interrupted.

    Parameters
    ----------
    place : path
        a bundle, the film beside it, or a folder of bundles
    port : int
        0 takes any that is free
    vocabularies : mapping, optional
        as `make_app` takes them
    opened : callable
        told the address, token included, once the server listens
    token : str, optional
        by default a random one

    Raises
    ------
    BundleInvalid, UsageWrong
    """
    shelf = Shelf(place)
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as listening:
        try:
            listening.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise UsageWrong(
                f"port {port} cannot be had: {error}", "leave `--port` out: any free one is taken"
            ) from None
        app = make_app(shelf, listening.getsockname()[1], vocabularies, token)
        config = uvicorn.Config(
            app,
            log_level="critical",
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        server = _Server(config)
        if shelf.library is None:  # while the browser starts, the page is made
            threading.Thread(target=_ahead, args=(shelf,), daemon=True).start()

        async def run() -> None:
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            while not server.started and not serving.done():
                await asyncio.sleep(0.01)
            if server.started:
                await asyncio.to_thread(opened, app.address())
            await serving

        try:
            asyncio.run(run())
        finally:
            shelf.stop()


class _Server(uvicorn.Server):
    """Ends on Ctrl-C, or when told to, as a command that did what it was asked to."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Listen to signals while serving; uvicorn's own would raise them again afterwards."""
        heard = (signal.SIGINT, signal.SIGTERM)
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {one: signal.signal(one, self.handle_exit) for one in heard}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)


def _ahead(shelf: Shelf) -> None:
    with contextlib.suppress(Exception):  # whoever asks for the page is told
        for key in list(shelf.folders)[:1]:
            shelf.opened(key)
