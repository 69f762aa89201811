"""Accepting an event: on the disk first, then to the log, and only then an answer."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from libs.common import metrics
from libs.common.events import Event
from libs.common.log import Log
from libs.common.serving.promise import Promise
from services.capture.publishing.fitting import fitting
from services.capture.publishing.orphans import Orphans
from services.capture.publishing.publisher import Durability, Lane, Publisher, packed
from services.capture.spool import Commit, Spool, SpoolBroken, take_own
from services.capture.spool.commit import Item
from services.capture.store import Mark

DISK_SECONDS: Final = 10.0
"""A disk that takes longer has failed, as far as the sender is concerned."""
WATCH_SECONDS: Final = 1.0
DRAIN_SECONDS: Final = 4.0
"""How long a worker that ends waits for the log to take the rest."""


class Intake:
    """One worker's spool and publisher, and the orphans that it drains."""

    def __init__(self, root: Path, log: Log) -> None:
        self._root = root
        self._held = take_own(root)
        self._own = Lane(self._held.spool, Spool(self._held.path))
        self.publisher = Publisher(log, self._own)
        self._orphans = Orphans(root, self.publisher)
        self._commit = Commit(self._own.spool, self._settled)
        self._trouble: str | None = None
        self._loop = asyncio.get_running_loop()
        self._asked: deque[tuple[float, Promise[Durability]]] = deque()
        self._tasks = [
            asyncio.create_task(self.publisher.run()),
            asyncio.create_task(self._orphans.run()),
            asyncio.create_task(self._watch()),
        ]

    def trouble(self) -> str | None:
        """Why nothing can be accepted now, for the readiness page."""
        if any(task.done() for task in self._tasks):
            return "publisher_ended"
        return self._trouble

    def marks(self) -> list[Mark]:
        """How far each spool of this worker has come."""
        spool = self._own.spool
        own = Mark(self._own.spool_id, spool.high, spool.acknowledged_to(), retired=False)
        return [own, *self._orphans.marks()]

    def reached(self) -> tuple[str, int]:
        """This worker's spool, and its highest sequence: what it accepted lies no higher."""
        return self._own.spool_id, self._own.spool.high

    async def accept(self, event: Event) -> Durability:
        """Store and publish. Raises SpoolFull or SpoolBroken: then the sender must be told 503."""
        record = fitting(event)
        answer = Promise[Durability](loop=self._loop)
        self._commit.submit(Item(packed(record), (record, answer)))
        self._asked.append((time.monotonic(), answer))
        return await answer

    async def close(self) -> None:
        """Write and publish what is left, for a bounded time; the rest stays on the disk."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0 if self.publisher.away else DRAIN_SECONDS):
                await self._commit.idle()
                await self.publisher.drained()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DISK_SECONDS):
                await self._commit.close()
        self._orphans.close()
        self._held.release()

    def _settled(self, group: Sequence[Item], first: int, error: Exception | None) -> None:
        if error is None:
            self._trouble = None
            self.publisher.offer(group, first)
            return
        self._trouble = type(error).__name__
        for item in group:
            _record, answer = item.owner
            answer.fail(error)

    async def _watch(self) -> None:
        while True:
            metrics.SPOOL_WAITING.set(self._own.spool.unacknowledged())
            metrics.SPOOL_BYTES.set(self._own.spool.size)
            self._give_up_on_the_disk(time.monotonic() - DISK_SECONDS)
            await asyncio.sleep(WATCH_SECONDS)

    def _give_up_on_the_disk(self, before: float) -> None:
        """One look at all who wait, because a timer for each would cost more than its record."""
        while self._asked and (self._asked[0][1].done() or self._asked[0][0] < before):
            _, answer = self._asked.popleft()
            answer.fail(SpoolBroken())
