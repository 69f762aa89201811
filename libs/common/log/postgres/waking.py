"""Wakes readers when there is something to read: in this process at once, in others by NOTIFY.

A poll of at most a second stands behind both, because LISTEN is lost with its connection
(delivery rule 23).
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Any, Final

import asyncpg
import msgspec

from libs.common.log.port import LogUnavailable
from libs.common.log.postgres import store
from libs.common.log.postgres.connections import Connections

_AGAIN: Final = 1.0
_CALM: Final = 0.005
"""Seconds between two notifications of a process: what comes in between goes together."""
_BUSY: Final = 0.02
"""The same while there is always something to tell: each costs as much as writing a lead."""
_AWAY: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class _Message(msgspec.Struct):
    sender: str
    group: str | None = None
    topics: tuple[str, ...] = ()
    lanes: tuple[int, ...] = ()
    """Where the new records are; empty where whoever tells does not say."""


class Call:
    """What one reader waits for: records of its topics, or a change of its group."""

    def __init__(self, group: str, topics: Iterable[str], member: str) -> None:
        self.group = group
        self.topics = frozenset(topics)
        self.member = member
        self.records = asyncio.Event()
        self.change = asyncio.Event()
        self.lanes: AbstractSet[int] = frozenset()
        """What its reader holds. Whoever is given another lane looks into it at once."""
        self._fresh: set[str] = set(self.topics)

    def wake(
        self, topics: Iterable[str] | None = None, lanes: AbstractSet[int] = frozenset()
    ) -> None:
        """There may be something to read in these topics; in any of them unless told which.

        What lies only in `lanes` of others is none of its business.
        """
        if lanes and self.lanes.isdisjoint(lanes):
            return
        news = self.topics if topics is None else self.topics.intersection(topics)
        if news:
            self._fresh |= news
            self.records.set()

    def take(self) -> set[str]:
        """The topics with news since this was last asked."""
        self.records.clear()
        fresh, self._fresh = self._fresh, set()
        return fresh


class Waking:
    """The calls of this process, one LISTEN connection and one notifier."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._sender = str(uuid.uuid4())
        self._calls: set[Call] = set()
        self._untold: set[str] = set()
        self._untold_lanes: set[int] = set()
        self._telling: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None

    def add(self, call: Call) -> None:
        """Wake this one too from now on."""
        self._calls.add(call)
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())

    def remove(self, call: Call) -> None:
        """Wake this one no more."""
        self._calls.discard(call)

    def appended(self, topics: Iterable[str], lanes: AbstractSet[int]) -> None:
        """Tell everybody that these topics have new records, in those lanes."""
        named = set(topics)
        self._wake_readers(named, lanes)
        self._untold |= named
        self._untold_lanes |= lanes
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())

    async def close(self) -> None:
        """Stop listening and telling."""
        tasks = [task for task in (self._telling, self._listening) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_AGAIN)

    def _wake_readers(self, topics: set[str], lanes: AbstractSet[int]) -> None:
        for call in self._calls:
            call.wake(topics, lanes)

    async def _tell(self) -> None:
        pause = _CALM
        while self._untold:
            message = _Message(
                self._sender, topics=tuple(self._untold), lanes=tuple(self._untold_lanes)
            )
            self._untold.clear()
            self._untold_lanes.clear()
            with contextlib.suppress(LogUnavailable):
                await store.notify(self._connections.telling, msgspec.json.encode(message).decode())
            await asyncio.sleep(pause)
            pause = min(2 * pause, _BUSY)

    async def _listen(self) -> None:
        while True:
            with contextlib.suppress(*_AWAY):
                await self._listen_once()
            await asyncio.sleep(_AGAIN)

    async def _listen_once(self) -> None:
        connection = await self._connections.direct()
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _connection: lost.set())
            await connection.add_listener(store.CHANNEL, self._heard)
            for call in self._calls:  # whatever was said while nobody listened
                call.wake()
                call.change.set()
            await lost.wait()
        finally:
            connection.terminate()

    def _heard(self, _connection: Any, _pid: int, _channel: str, payload: object) -> None:
        message = msgspec.json.decode(str(payload), type=_Message)
        if message.sender == self._sender:
            return
        self._wake_readers(set(message.topics), set(message.lanes))
        for call in self._calls:
            if call.group == message.group and call.member != message.sender:
                call.change.set()
