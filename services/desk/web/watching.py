"""Wakes the open pages when the read model has changed, in this process or in another."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

import asyncpg

from libs.common.database import Database
from libs.common.errors import Retry
from services.desk.store import live

LOOK_EVERY: Final = 1.0
"""Seconds between looks at what other processes have written; our own commits are told."""
MOST_PER_SESSION: Final = 4
"""Open pages of one session; the oldest gives way, and asks again when it is looked at."""


class Watcher:
    """One open page."""

    def __init__(self, session: str) -> None:
        self.session = session
        self.changed = asyncio.Event()
        self.is_evicted = False

    def evict(self) -> None:
        """Make room for a newer page of the same session."""
        self.is_evicted = True
        self.changed.set()


class Watching:
    """All open pages of a process. It looks only while there are any."""

    def __init__(self, database: Database, stop: asyncio.Event) -> None:
        self.database = database
        self.stop = stop
        self._watchers: list[Watcher] = []
        self._nudge = asyncio.Event()
        self._is_stale = False
        self._looking: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Something was committed here."""
        self._is_stale = True
        self._nudge.set()

    @contextlib.asynccontextmanager
    async def watch(self, session: str) -> AsyncIterator[Watcher]:
        """A watcher for as long as the page is open."""
        mine = [one for one in self._watchers if one.session == session]
        for old in mine[: len(mine) + 1 - MOST_PER_SESSION]:
            old.evict()
            self._watchers.remove(old)
        watcher = Watcher(session)
        self._watchers.append(watcher)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield watcher
        finally:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

    async def _look(self) -> None:
        ending = asyncio.create_task(self._nudge_at_the_end())
        last = ""
        try:
            while self._watchers and not self.stop.is_set():
                self._nudge.clear()
                stale, self._is_stale = self._is_stale, False
                now = await self._pulse(last)
                if stale or now != last:
                    last = now
                    self._tell()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._nudge.wait(), LOOK_EVERY)
        finally:
            ending.cancel()
            self._tell()

    async def _pulse(self, last: str) -> str:
        try:
            async with self.database.transaction() as tx:
                return await live.pulse(tx)
        except (Retry, asyncpg.PostgresError):
            return last  # away for now: the pages stay as they are

    async def _nudge_at_the_end(self) -> None:
        await self.stop.wait()
        self._nudge.set()

    def _tell(self) -> None:
        for watcher in self._watchers:
            watcher.changed.set()
