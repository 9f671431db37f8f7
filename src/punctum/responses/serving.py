"""Serves a site and its responses, until Ctrl-C.

Conventions: the loopback interface unless another is named; a reverse proxy on this computer may say whom it asks for
(``X-Forwarded-For``), nobody else may. Whoever does not finish a request's head in time is dropped.
"""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from punctum.errors import UsageWrong
from punctum.responses.app import Limits, make_app
from punctum.responses.store import Store, place_of

HEAD_PATIENCE_S = 10.0
IDLE_S = 10
MOST_CONNECTIONS = 2_000


class Impatient(H11Protocol):
    """Drops a connection whose request's head does not come in time; uvicorn waits for ever."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Begin to wait at a request's first byte, stop at its head's last."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()
        elif self._timer is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._stop()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._timer = self.loop.call_later(HEAD_PATIENCE_S, self._drop)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _drop(self) -> None:
        self._timer = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()


def serve(
    site: Path,
    host: str = "127.0.0.1",
    port: int = 0,
    limits: Limits | None = None,
    opened: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve a site with its responses until interrupted.

    Parameters
    ----------
    site : Path
        a built site
    host : str
        the address to listen at
    port : int
        0 takes any that is free
    limits : Limits, optional
    opened : callable
        told the address once the server listens

    Raises
    ------
    UsageWrong
        where the port cannot be had
    OutputUnwritable
        where the folder is no site, or its responses cannot be opened
    """
    with Store(place_of(site)) as store, contextlib.closing(socket.socket()) as listening:
        app = make_app(site, store, limits)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except (OSError, OverflowError) as error:
            raise UsageWrong(
                f"{host}:{port} cannot be had: {error}", "leave `--port` out: any free one is taken"
            ) from None
        config = uvicorn.Config(
            app, http=Impatient, ws="none", log_level="critical", access_log=False, lifespan="off",
            server_header=False, proxy_headers=True, forwarded_allow_ips="127.0.0.1",
            limit_concurrency=MOST_CONNECTIONS, timeout_keep_alive=IDLE_S, timeout_graceful_shutdown=2,
            h11_max_incomplete_event_size=16_384,
        )  # fmt: skip
        server = _Server(config)

        async def run() -> None:
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            while not server.started and not serving.done():
                await asyncio.sleep(0.01)
            if server.started:
                await asyncio.to_thread(opened, f"http://{host}:{listening.getsockname()[1]}/")
            await serving

        asyncio.run(run())


class _Server(uvicorn.Server):
    """Ends on Ctrl-C as a command that did what it was asked to; uvicorn's own would raise the signal again."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Listen to signals while serving."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        heard = (signal.SIGINT, signal.SIGTERM)
        before = {one: signal.signal(one, self.handle_exit) for one in heard}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)
