"""The port's log, in Postgres tables."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import structlog

from libs.common import topics
from libs.common.database import Database, Transaction
from libs.common.log.port import LogUnavailable, Partition, Record, WrongTopics
from libs.common.log.postgres import retention, store
from libs.common.log.postgres.appending import Appending
from libs.common.log.postgres.connections import Connections
from libs.common.log.postgres.reader import Lease, PostgresReader
from libs.common.log.postgres.waking import Call, Waking

_CALL: Final = 10.0
_CLOSE: Final = 5.0
_MAINTAIN_EVERY: Final = 3600.0


async def unread_records(database: Database, prefix: str) -> int:
    """Records that some group has yet to commit. Raises LogUnavailable when it is away."""
    connections = Connections(database.url)
    try:
        if not await connections.within(_CALL, store.is_there(connections.quick)):
            return 0
        return await connections.within(_CALL, store.unread(connections.quick, prefix))
    finally:
        await connections.close()


class PostgresLog:
    """The log in the `log` schema of `database`; connects when first used.

    `prefix` goes before every topic and every group, as it does on Kafka.
    """

    def __init__(self, database: Database, prefix: str = "", lease: Lease | None = None) -> None:
        self._url = database.url
        self._connections = Connections(database.url)
        self._prefix = prefix
        self._lease = lease or Lease()
        self._waking = Waking(self._connections)
        self._appending = Appending(self._connections, self._waking, prefix)
        self._maintaining: asyncio.Task[None] | None = None

    async def create_topics(self, names: Sequence[str]) -> None:
        """See the port. From then on the days are kept in order too."""
        await self._connections.within(
            _CALL,
            store.create_topics(self._connections.quick, self._prefixed(names), topics.PARTITIONS),
        )
        found = await self._connections.within(
            _CALL, store.lanes(self._connections.quick, self._prefixed(names))
        )
        for topic, lanes in Counter(topic for topic, _number in found).items():
            if lanes != topics.PARTITIONS:
                raise WrongTopics(
                    f"topic {topic} has {lanes} partitions, and {topics.PARTITIONS} are needed"
                )
        if self._maintaining is None:
            self._maintaining = asyncio.create_task(self._maintain_often())

    async def append(self, records: Sequence[Record], deadline: float) -> None:
        """See the port."""
        await self._appending.append(records, deadline)

    def is_in(self, database: Database) -> bool:
        """See the port."""
        return database.url == self._url

    async def append_within(self, tx: Transaction, records: Sequence[Record]) -> Callable[[], None]:
        """See the port."""
        return await self._appending.append_within(tx, records)

    async def reader(self, group: str, names: Sequence[str]) -> PostgresReader:
        """See the port."""
        wanted = self._prefixed(names)
        found = await self._connections.within(_CALL, store.lanes(self._connections.quick, wanted))
        if {topic for topic, _number in found} != set(wanted):
            raise LogUnavailable("a topic has not been created yet")
        call = Call(self._prefix + group, wanted, str(uuid.uuid4()))
        reader = PostgresReader(self._connections, self._waking, self._prefix, call, self._lease)
        await reader.join()
        return reader

    async def lags(self, group: str, names: Sequence[str]) -> Mapping[Partition, int]:
        """See the port."""
        found = await self._connections.within(
            _CALL,
            store.lags(self._connections.quick, self._prefix + group, self._prefixed(names)),
        )
        return {
            Partition(lag.topic.removeprefix(self._prefix), lag.number): lag.records
            for lag in found
        }

    async def spans(self, names: Sequence[str]) -> Mapping[Partition, range]:
        """See the port."""
        found = await self._connections.within(
            _CALL, store.spans(self._connections.quick, self._prefixed(names))
        )
        return {
            Partition(topic.removeprefix(self._prefix), number): span
            for (topic, number), span in found.items()
        }

    async def close(self) -> None:
        """See the port."""
        if self._maintaining is not None:
            self._maintaining.cancel()
        await self._appending.close()
        await self._waking.close()
        closing = asyncio.create_task(self._connections.close())
        await asyncio.wait({closing}, timeout=_CLOSE)

    async def _maintain_often(self) -> None:
        while True:
            try:
                await retention.maintain(self._connections)
            except LogUnavailable as error:
                structlog.get_logger().warning("days of the log not kept", error=str(error))
            await asyncio.sleep(_MAINTAIN_EVERY)

    def _prefixed(self, names: Sequence[str]) -> list[str]:
        return [self._prefix + name for name in names]
