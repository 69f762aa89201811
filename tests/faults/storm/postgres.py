"""A durable Postgres of the storm's own: its clients come through a proxy, its killers do not."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path

import asyncpg

from libs.common.database import server
from libs.common.database.place import Place, place
from tests.faults.storm.proxy import Proxy
from tests.faults.storm.timeline import Timeline

_PASSWORD = "storm"


class Postgres:
    """One server that can be killed, stopped, and come back on its data."""

    def __init__(self, folder: Path, timeline: Timeline) -> None:
        self._folder = folder
        self._timeline = timeline
        self._place: Place | None = None
        self._port = server.free_port()
        self.proxy = Proxy(self._port)

    async def start(self) -> str:
        """Make and start it; its URL, through the proxy."""
        await asyncio.to_thread(self._create)
        await self.again()
        return server.url(await self.proxy.start(), _PASSWORD)

    def _create(self) -> None:
        self._folder.mkdir(parents=True)
        self._folder.chmod(0o711)
        self._place = place(self._folder)
        server.create(self._place, _PASSWORD, durable=True)

    async def again(self) -> None:
        """Start it, as a service manager does with one that ended."""
        assert self._place is not None
        log = self._folder / "log"
        if not await asyncio.to_thread(server.start, self._place, self._port, log, durable=True):
            raise RuntimeError(f"Postgres did not start; see {log}")

    async def again_if_down(self) -> None:
        """Start it unless it runs."""
        assert self._place is not None
        if not server.running(self._place.data):
            await self.again()

    @property
    def pid(self) -> int:
        """The server's process id; 0 while it is down."""
        assert self._place is not None
        return server.running(self._place.data) or 0

    def kill(self) -> None:
        """SIGKILL it and all its children."""
        self._signal(signal.SIGKILL)
        self._timeline.killed("postgres", "SIGKILL")

    def pause(self) -> None:
        """SIGSTOP them all: connected but silent."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    async def connect(self) -> asyncpg.Connection:
        """A connection past the proxy, for whoever makes trouble."""
        return await asyncpg.connect(server.url(self._port, _PASSWORD))

    def stop(self) -> None:
        """End it."""
        if self._place is not None:
            self.resume()
            server.stop(self._place.data, within=5)

    def _signal(self, which: signal.Signals) -> None:
        assert self._place is not None
        pid = server.running(self._place.data)
        if pid is None:
            return
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
        for one in (pid, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, which)
