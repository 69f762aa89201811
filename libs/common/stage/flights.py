"""Slices of one member that are under way at once, never two of one partition."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence

from libs.common.errors import Retry
from libs.common.log import Batch, Held, LogUnavailable, Partition, Reader


class Flights:
    """What is under way, and what is to be read again because a slice was held."""

    def __init__(self) -> None:
        self._tasks: dict[asyncio.Task[None], frozenset[Partition]] = {}
        self._lost: dict[Held, int] = {}
        self.away: Retry | LogUnavailable | None = None
        """Why a slice was held: nothing more is started until all have landed."""

    def start(self, slice_: Coroutine[None, None, None], partitions: frozenset[Partition]) -> None:
        """Begin a slice. Of its partitions none may be under way."""
        self._tasks[asyncio.create_task(slice_)] = partitions

    async def land(self, left: int) -> None:
        """Wait until no more than so many are under way. Raises what ended one."""
        while len(self._tasks) > left:
            done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            for slice_ in done:
                del self._tasks[slice_]
            for slice_ in done:
                slice_.result()

    async def clear(self, partitions: frozenset[Partition]) -> None:
        """Wait until none of these partitions is under way, so that their order is kept."""
        while any(partitions & others for others in self._tasks.values()):
            await self.land(len(self._tasks) - 1)

    def lose(self, batches: Sequence[Batch]) -> None:
        """These are to be read again, each partition from its earliest lost record."""
        for held, records in batches:
            first = records[0].offset
            self._lost[held] = min(first, self._lost.get(held, first))

    async def go_back(self, reader: Reader) -> None:
        """Have the reader read again what was lost. Only when all have landed."""
        lost, self._lost, self.away = self._lost, {}, None
        for held, offset in lost.items():
            await reader.seek(held, offset)

    def cancel(self) -> None:
        """End all at once, wherever they are."""
        for slice_ in self._tasks:
            slice_.cancel()

    async def end(self) -> None:
        """Wait for the last ones and forget all: what was lost is the next member's."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks, self._lost, self.away = {}, {}, None
