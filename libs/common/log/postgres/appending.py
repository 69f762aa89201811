"""Appends in groups: callers that come while a transaction is under way share the next one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec

from libs.common import topics
from libs.common.database import Transaction
from libs.common.log.port import LogUnavailable, Record, check_sizes, partition_of
from libs.common.log.postgres import store
from libs.common.log.postgres.connections import STATEMENT_SECONDS, Connections
from libs.common.log.postgres.waking import Waking

_MOST: Final = 2000
"""Records in a transaction, beyond the first caller's own."""
_MOST_BYTES: Final = 8 * 1024 * 1024

_encode: Final = msgspec.msgpack.Encoder().encode


class _Call:
    """What one caller appends, and what it waits for."""

    def __init__(self, rows: Sequence[store.Row], named: set[str]) -> None:
        self.rows = rows
        self.topics = named
        self.size = sum(len(row.value) for row in rows)
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Appending:
    """The one writer of this process, beside the transactions that append for themselves."""

    def __init__(self, connections: Connections, waking: Waking, prefix: str) -> None:
        self._connections = connections
        self._waking = waking
        self._prefix = prefix
        self._lanes: dict[tuple[str, int], int] = {}
        self._waiting: deque[_Call] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def append(self, records: Sequence[Record], deadline: float) -> None:
        """See the port. What was not begun by the deadline is never written."""
        check_sizes(records)
        if not records:
            return
        try:
            async with asyncio.timeout(deadline):
                await self._enqueue(await self._call(records))
        except TimeoutError as error:
            raise LogUnavailable("Postgres did not acknowledge in time") from error

    async def append_within(self, tx: Transaction, records: Sequence[Record]) -> Callable[[], None]:
        """See the port."""
        call = await self._call(records)
        await store.append_within(tx, call.rows)
        return partial(self._waking.appended, call.topics, {row.lane for row in call.rows})

    async def _call(self, records: Sequence[Record]) -> _Call:
        named = {self._prefix + record.topic for record in records}
        lanes = await self._lanes_of(named)
        rows = [
            store.Row(
                lanes[self._prefix + record.topic, partition_of(record.follows, topics.PARTITIONS)],
                record.key.encode(),
                record.value,
                _encode(record.headers),
            )
            for record in records
        ]
        return _Call(rows, named)

    async def _enqueue(self, call: _Call) -> None:
        self._waiting.append(call)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        await call.done

    async def close(self) -> None:
        """Wait for what is being written, within bounds."""
        if self._writing is not None:
            await asyncio.wait({self._writing}, timeout=2)
            self._writing.cancel()

    async def _write_all(self) -> None:
        while calls := self._next_calls():
            try:
                await self._write(calls)
            except Exception as error:
                for call in calls:
                    if not call.done.done():
                        call.done.set_exception(error)
            for call in calls:
                if not call.done.done():
                    call.done.set_result(None)

    def _next_calls(self) -> list[_Call]:
        calls: list[_Call] = []
        records = size = 0
        while self._waiting:
            call = self._waiting[0]
            if calls and (records + len(call.rows) > _MOST or size + call.size > _MOST_BYTES):
                break
            self._waiting.popleft()
            if not call.done.done():  # else its caller has left
                calls.append(call)
                records += len(call.rows)
                size += call.size
        return calls

    async def _write(self, calls: Sequence[_Call]) -> None:
        rows = [row for call in calls for row in call.rows]
        await store.append(self._connections.writing, rows)
        self._waking.appended(
            {topic for call in calls for topic in call.topics}, {row.lane for row in rows}
        )

    async def _lanes_of(self, named: set[str]) -> Mapping[tuple[str, int], int]:
        absent = [topic for topic in named if (topic, 0) not in self._lanes]
        if absent:
            found = await self._connections.within(
                STATEMENT_SECONDS, store.lanes(self._connections.quick, absent)
            )
            self._lanes.update(found)
            for topic in absent:
                if (topic, 0) not in self._lanes:
                    raise LogUnavailable(f"topic {topic} has not been created yet")
        return self._lanes
