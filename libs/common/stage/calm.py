"""Reads for stages that nobody waits for to the millisecond.

Woken by each append, capture's own stage (few records concern it) would cost more than the door
does, and the desk's (a page is looked at by people) a transaction for each step of each lead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from typing_extensions import override

from libs.common.log import Batch, Held, Log, Partition, Reader, Record

CALM_SECONDS: Final = 0.05
"""Between two reads while each gives less than was asked for."""
COMMIT_SECONDS: Final = 1.0
"""Between two commits: after a death so much is read again, and found done."""


class CalmLog(Log):
    """A log whose readers wait a little between reads, so that a busy door is read in groups."""

    def __init__(self, log: Log) -> None:
        self._log = log

    @override
    async def create_topics(self, names: Sequence[str]) -> None:
        await self._log.create_topics(names)

    @override
    async def append(self, records: Sequence[Record], deadline: float) -> None:
        await self._log.append(records, deadline)

    @override
    async def reader(self, group: str, topics: Sequence[str]) -> Reader:
        return _CalmReader(await self._log.reader(group, topics))

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
    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._not_before = 0.0
        self._done: dict[Partition, tuple[Held, int]] = {}
        self._committed_at = 0.0

    @override
    async def fetch(self, most: int, wait: float) -> Sequence[Batch]:
        loop = asyncio.get_running_loop()
        pause = min(self._not_before - loop.time(), wait)
        if pause > 0:
            await asyncio.sleep(pause)
        if loop.time() - self._committed_at > COMMIT_SECONDS:
            await self._commit_all()
        found = await self._reader.fetch(most, wait)
        if sum(len(batch.records) for batch in found) < most:
            self._not_before = loop.time() + CALM_SECONDS
        return found

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
