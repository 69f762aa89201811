"""Reads for stages that nobody waits for to the millisecond.

Woken by each append, capture's own stage (few records concern it) would cost more than the door
does, and the desk's (a page is looked at by people) a transaction for each step of each lead.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Final

from typing_extensions import override

from libs.common.log import Batch, Held, Log, Partition, Reader, Record

CALM_SECONDS: Final = 0.05
"""Between two reads while each gives all that there is."""
HURRY_SECONDS: Final = 2.0
"""For so long after it was asked to hurry, a slower reader reads that often too."""
COMMIT_SECONDS: Final = 1.0
"""Between two commits: after a death so much is read again, and found done."""


class Pace:
    """How often is read. What comes in between is one slice, and costs little more than one record.

    Call everything from one event loop.
    """

    def __init__(self, seconds: float = CALM_SECONDS, most: int = 0) -> None:
        """Read every `seconds`, and after a rest up to `most` records, though fewer are asked for.

        Who is behind does not rest, and what it asks for bounds its memory.
        """
        self.most = most
        self._seconds = seconds
        self._hurried_until = 0.0
        self._called = asyncio.Event()

    def hurry(self) -> None:
        """Somebody waits for what is on its way."""
        self._hurried_until = asyncio.get_running_loop().time() + HURRY_SECONDS
        self._called.set()

    async def rest(self, since: float, wait: float) -> None:
        """Until the next read after the one at `since` is due, `wait` seconds at most."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait
        while (left := min(self._due(since), until) - loop.time()) > 0:
            self._called.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._called.wait(), left)

    def _due(self, since: float) -> float:
        is_hurried = asyncio.get_running_loop().time() < self._hurried_until
        return since + (min(self._seconds, CALM_SECONDS) if is_hurried else self._seconds)


class CalmLog(Log):
    """A log whose readers wait a little between reads, so that a busy door is read in groups."""

    def __init__(self, log: Log, pace: Pace | None = None) -> None:
        self._log = log
        self._pace = pace or Pace()

    @override
    async def create_topics(self, names: Sequence[str]) -> None:
        await self._log.create_topics(names)

    @override
    async def append(self, records: Sequence[Record], deadline: float) -> None:
        await self._log.append(records, deadline)

    @override
    async def reader(self, group: str, topics: Sequence[str]) -> Reader:
        return _CalmReader(await self._log.reader(group, topics), self._pace)

    @override
    async def lags(self, group: str, topics: Sequence[str]) -> Mapping[Partition, int]:
        return await self._log.lags(group, topics)

    @override
    async def spans(self, topics: Sequence[str]) -> Mapping[Partition, range]:
        return await self._log.spans(topics)

    @override
    async def close(self) -> None:
        await self._log.close()


class _CalmReader(Reader):
    def __init__(self, reader: Reader, pace: Pace) -> None:
        self._reader = reader
        self._pace = pace
        self._read_at = 0.0
        self._is_all = False
        self._done: dict[Partition, tuple[Held, int]] = {}
        self._committed_at = 0.0

    @override
    async def fetch(self, most: int, wait: float) -> Sequence[Batch]:
        loop = asyncio.get_running_loop()
        if self._is_all:
            most = max(most, self._pace.most)
            await self._pace.rest(self._read_at, wait)
        if loop.time() - self._committed_at > COMMIT_SECONDS:
            await self._commit_all()
        found = await self._reader.fetch(most, wait)
        self._is_all = not self._reader.has_more()
        self._read_at = loop.time()
        return found

    @override
    def has_more(self) -> bool:
        return self._reader.has_more()

    @override
    def is_held(self, held: Held) -> bool:
        return self._reader.is_held(held)

    @override
    def assigned(self) -> Sequence[Held]:
        return self._reader.assigned()

    @override
    async def seek(self, held: Held, offset: int) -> None:
        await self._reader.seek(held, offset)

    @override
    async def commit(self, held: Held, offset: int) -> bool:
        self._done[held.partition] = held, offset
        return self._reader.is_held(held)

    @override
    async def commit_all(self, offsets: Mapping[Held, int]) -> None:
        self._done.update((held.partition, (held, offset)) for held, offset in offsets.items())

    async def _commit_all(self) -> None:
        self._committed_at = asyncio.get_running_loop().time()
        done, self._done = self._done, {}
        await self._reader.commit_all(dict(done.values()))

    @override
    async def lag(self) -> Mapping[Partition, int]:
        return await self._reader.lag()

    @override
    def skipped(self) -> Mapping[Partition, int]:
        return self._reader.skipped()

    @override
    async def close(self) -> None:
        try:
            await self._commit_all()
        finally:  # one that stays open would keep its lanes for ever
            await self._reader.close()
