"""Serving HTTP: uvicorn on httptools, with deadlines, bounds, and an end that resets nobody."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
import resource
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, cast

import uvicorn
from typing_extensions import override

from libs.common.serving.crowd import Crowd
from libs.common.serving.protocol import DeadlineProtocol

LEAVE_SECONDS: Final = 2.0
"""For those who are connected to hear, with an answer, that their connection ends."""
LAST_SECONDS: Final = 1.0
"""For those who were let in last to say what they came for."""
STOP_SECONDS: Final = 6.0
"""For requests in work after that; then they are answered with 503."""
MOST_CONNECTIONS: Final = 4096
"""Of one server: 20 kB of memory each at most."""
_FILES_OF_OTHERS: Final = 80
"""What a process opens besides: database, log, spool, messages on their way."""
_CUT_SECONDS: Final = 0.5
_CLOSE: Final = (b"connection", b"close")


class Server(uvicorn.Server):
    """Ends in steps, each bounded, so that nobody who is connected goes without an answer."""

    listen_seconds = 0.5
    """From the word to end until nobody new is let in: who looks meanwhile hears 503 of /readyz."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self.servers = []
        self._crowd = Crowd(room())
        self.server_state.connections = cast("Any", self._crowd)

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: the process that we are a part of handles them."""
        yield

    def leave(self) -> None:
        """Ask it to end. From now on each answer is its connection's last (RFC 9112, 9.6)."""
        self.config.encoded_headers.append(_CLOSE)
        self.server_state.default_headers = [*self.server_state.default_headers, _CLOSE]
        self.should_exit = True

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await asyncio.sleep(self.listen_seconds)
        await self._until(lambda: not self._crowd, LEAVE_SECONDS - self.listen_seconds)
        entering = [self._enter(last) for bound in sockets or [] for last in _last_of(bound)]
        for server in self.servers:
            server.close()
        for bound in sockets or []:
            bound.close()
        await asyncio.gather(*entering, return_exceptions=True)
        await self._until(lambda: not any(each.is_silent for each in self._crowd), LAST_SECONDS)
        for connection in list(self._crowd):
            connection.shutdown()
        await self._until(lambda: not self._crowd and not self.server_state.tasks, STOP_SECONDS)
        for connection in list(self._crowd):
            connection.cut_off()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_CUT_SECONDS)

    def let_go(self) -> None:
        """Give the port back at once, for whoever serves there next; a second time is nothing."""
        for server in self.servers:
            server.close()
        for connection in list(self._crowd):
            connection.cut_off()

    async def _enter(self, accepted: socket.socket) -> None:
        """Let in one more, as uvicorn's own listener does."""
        state = {"server_state": self.server_state, "app_state": self.lifespan.state}
        protocol = cast("Any", self.config.http_protocol_class)
        loop = asyncio.get_running_loop()
        await loop.connect_accepted_socket(lambda: protocol(config=self.config, **state), accepted)

    async def _until(self, holds: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        while not holds() and time.monotonic() < end:  # noqa: ASYNC110  # nobody says when they go
            await asyncio.sleep(0.05)


def _last_of(bound: socket.socket) -> list[socket.socket]:
    """Who stands before the door already: the kernel resets them when it closes."""
    bound.listen(0)  # so that at most one more comes behind our back
    found = []
    with contextlib.suppress(OSError):  # nobody is left, or there are no files left
        while True:
            accepted, _ = bound.accept()
            accepted.setblocking(False)
            found.append(accepted)
    return found


def room() -> int:
    """How many connections one of a process's two servers may hold, by its limit of open files."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if files == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(16, min(MOST_CONNECTIONS, (files * 3 // 4 - _FILES_OF_OTHERS) // 2))


def listen(host: str, port: int) -> socket.socket:
    """A bound TCP socket; port 0 takes a free one. Raises OSError when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    bound.setblocking(False)
    return bound


async def serve(  # noqa: PLR0913  # the last one is for tests with shorter deadlines
    app: Any,
    host: str,
    port: int,
    stop: asyncio.Event,
    on_ready: Callable[[str], None],
    *,
    protocol: type[DeadlineProtocol] = DeadlineProtocol,
) -> None:
    """Serve until `stop` is set, then see everybody off: each gets an answer, if only a 503.

    `on_ready` gets the address as a URL once connections are accepted. Raises RuntimeError
    without uvloop and httptools (several times slower), OSError when the port is taken.
    """
    missing = [name for name in ("uvloop", "httptools") if not importlib.util.find_spec(name)]
    if missing:
        raise RuntimeError(f"{' and '.join(missing)} must be installed to serve HTTP")
    bound = listen(host, port)
    config = uvicorn.Config(
        app,
        http=protocol,
        loop="none",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=2048,
    )
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    server = Server(config, lambda: on_ready(_address(bound)))
    ending = asyncio.create_task(_end(server, stop))
    try:
        await server.serve(sockets=[bound])
    finally:
        ending.cancel()
        server.let_go()  # of a server that was cancelled nothing has been shut down
        bound.close()


async def _end(server: Server, stop: asyncio.Event) -> None:
    await stop.wait()
    server.leave()


def _address(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
