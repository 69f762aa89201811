"""What each worker beside the door is: turns until the end, and what they have under way."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import structlog

from libs.common.errors import Retry
from libs.common.waiting import any_of

Place = tuple[str, str]
"""A source: its kind and its key."""
SETTLE_SECONDS: Final = 40.0
"""How long a result is held while Postgres is away."""
AGAIN_SECONDS: Final = 1.0


class Turns:
    """The turns of one worker of one process, and the work by source that they have begun."""

    def __init__(self, name: str, stop: asyncio.Event, again: asyncio.Event) -> None:
        self._name = name
        self._stop = stop
        self._again = again
        self._log = structlog.get_logger("capture")
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way: Counter[Place] = Counter()

    async def run(
        self, turn: Callable[[], Awaitable[None]], every: float, finishing: float = 0.0
    ) -> None:
        """Turn when `again` is set, and every so many seconds, until the process is to stop.

        What is under way then has `finishing` seconds, and is cut off.
        """
        try:
            while not self._stop.is_set():
                self._again.clear()
                try:
                    await turn()
                except Retry as away:
                    self._log.debug(f"{self._name} waits", dependency=away.dependency)
                await any_of(self._again, self._stop, seconds=every)
        finally:
            try:
                if self._tasks and finishing:
                    await asyncio.wait(self._tasks, timeout=finishing)
            finally:  # also where this is cut off itself
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    def start(self, place: Place, work: Coroutine[Any, Any, None]) -> None:
        """Begin; its end is a reason for a turn."""
        self._under_way[place] += 1

        def done(ended: asyncio.Task[None]) -> None:
            self._tasks.discard(ended)
            self._under_way[place] -= 1
            self._again.set()
            if not ended.cancelled() and (error := ended.exception()):
                worker, kind = self._name, type(error).__name__
                self._log.error("what was claimed is not settled", worker=worker, error=kind)

        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(done)

    def under_way(self, place: Place) -> int:
        """How much is begun and not ended."""
        return self._under_way[place]

    async def settled(self) -> None:
        """Return when nothing is under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks)


async def written(settle: Callable[[], Awaitable[None]]) -> bool:
    """Whether a result could be written down, in the time that it is held."""
    until = time.monotonic() + SETTLE_SECONDS
    while True:
        try:
            await settle()
        except Retry:
            if time.monotonic() > until:
                return False
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            return True
