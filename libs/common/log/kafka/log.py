"""The port's log, on Apache Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from libs.common.log.kafka import administration, looking
from libs.common.log.kafka.client import (
    KafkaError,
)
from libs.common.log.kafka.closing import Closing
from libs.common.log.kafka.producing import Producing
from libs.common.log.kafka.reader import KafkaReader, Timing
from libs.common.log.port import LogUnavailable, Partition, Record

_JOIN: Final = 10.0
_CLOSE: Final = 5.0


class KafkaLog:
    """Apache Kafka at `bootstrap` ("host:port,…"); connects when first used.

    `prefix` goes before every topic and every group, so that installations share a cluster.
    """

    def __init__(
        self,
        bootstrap: str,
        prefix: str = "",
        client_id: str = "sarnakh",
        timing: Timing | None = None,
    ) -> None:
        self._servers = {"bootstrap_servers": bootstrap, "client_id": client_id}
        self._prefix = prefix
        self._timing = timing or Timing()
        self._closing = Closing()
        self._producing = Producing(self._servers, prefix, self._closing)

    async def create_topics(self, names: Sequence[str]) -> None:
        """See the port."""
        await administration.create_topics(self._servers, self._prefixed(names), self._closing)

    async def append(self, records: Sequence[Record], deadline: float) -> None:
        """See the port."""
        await self._producing.append(records, deadline)

    async def reader(self, group: str, names: Sequence[str]) -> KafkaReader:
        """See the port. Partitions are given a moment later, while the reader fetches."""
        reader = KafkaReader(
            self._servers, self._prefix, self._prefix + group, self._timing, self._closing
        )
        try:
            async with asyncio.timeout(_JOIN):
                await reader.join(self._prefixed(names))
        except (KafkaError, OSError, TimeoutError, LogUnavailable) as error:
            await reader.close()
            raise LogUnavailable("Kafka cannot be reached") from error
        return reader

    async def lags(self, group: str, names: Sequence[str]) -> Mapping[Partition, int]:
        """See the port."""
        found = await administration.lags(
            self._servers, self._prefix + group, self._prefixed(names), self._closing
        )
        return {
            Partition(lane.topic.removeprefix(self._prefix), lane.number): lag
            for lane, lag in found.items()
        }

    async def spans(self, names: Sequence[str]) -> Mapping[Partition, range]:
        """See the port."""
        found = await administration.spans(self._servers, self._prefixed(names), self._closing)
        return {
            Partition(lane.topic.removeprefix(self._prefix), lane.number): span
            for lane, span in found.items()
        }

    async def look(self, names: Sequence[str]) -> looking.Cluster:
        """What the cluster has of these topics. Raises LogUnavailable within seconds."""
        found = await looking.look(self._servers, self._prefixed(names), self._closing)
        shown = {name.removeprefix(self._prefix): each for name, each in found.topics.items()}
        return found._replace(topics=shown)

    async def close(self) -> None:
        """See the port."""
        self._producing.close()
        await self._closing.wait(_CLOSE)

    def _prefixed(self, names: Sequence[str]) -> list[str]:
        return [self._prefix + name for name in names]
