"""The producer: built when needed, given up for a new one at the first sign of trouble."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any, Final

from libs.common import topics
from libs.common.log.kafka.client import (
    AIOKafkaProducer,
    KafkaError,
    MessageSizeTooLargeError,
    ProducerClosed,
)
from libs.common.log.kafka.closing import Closing
from libs.common.log.port import LogUnavailable, Record, RecordTooLarge, check_sizes, partition_of

FRAMING: Final = 64 * 1024
"""What a batch may add to a record's bytes, so that the largest allowed one always fits."""
_START: Final = 10.0
_FLUSH: Final = 3.0
_AWAY: Final = (KafkaError, OSError, TimeoutError)


class Producing:
    """Appends records; an idempotent producer is dead after any error that it reports."""

    def __init__(self, servers: dict[str, str], prefix: str, closing: Closing) -> None:
        self._servers = servers
        self._prefix = prefix
        self._closing = closing
        self._producer: asyncio.Task[AIOKafkaProducer] | None = None

    async def append(self, records: Sequence[Record], deadline: float) -> None:
        """See the port. Whoever fails or waits too long gives the producer up for all."""
        check_sizes(records)
        used = None
        try:
            async with asyncio.timeout(deadline):
                if self._producer is None:
                    self._producer = asyncio.create_task(self._build())
                used = self._producer
                await self._send(await asyncio.shield(used), records)
        except MessageSizeTooLargeError as error:
            self._give_up(used)
            raise RecordTooLarge("the topic's own limit is lower than ours") from error
        except _AWAY as error:
            self._give_up(used)
            raise LogUnavailable("Kafka did not acknowledge in time") from error

    def close(self) -> None:
        """Begin to close: what was sent may still arrive, for seconds."""
        used, self._producer = self._producer, None
        if used is not None:
            self._closing.let_go(_end(used, flush=_FLUSH))

    async def _build(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            **self._servers,
            acks="all",
            enable_idempotence=True,
            max_request_size=topics.MAX_RECORD_BYTES + FRAMING,
            max_batch_size=256 * 1024,
            request_timeout_ms=10_000,
        )
        try:
            async with asyncio.timeout(_START):
                await producer.start()
        except BaseException:
            self._closing.let_go(_abandon(producer))
            raise
        return producer

    async def _send(self, producer: AIOKafkaProducer, records: Sequence[Record]) -> None:
        """In batches made here: one by one, each would cost a future and a look at the cluster."""
        lanes: dict[tuple[str, int], list[Record]] = {}
        for record in records:
            lane = (self._prefix + record.topic, partition_of(record.follows, topics.PARTITIONS))
            lanes.setdefault(lane, []).append(record)
        for topic in {topic for topic, _number in lanes}:
            if len(await producer.partitions_for(topic)) != topics.PARTITIONS:
                raise LogUnavailable(f"topic {topic} has not the partitions that it needs")
        sent: list[asyncio.Future[object]] = []
        for (topic, number), waiting in lanes.items():
            for batch in _batches(producer, waiting):
                acknowledged = await producer.send_batch(batch, topic, partition=number)
                acknowledged.add_done_callback(_seen)
                sent.append(acknowledged)
        if sent:
            await asyncio.wait(sent)
        for acknowledged in sent:
            acknowledged.result()

    def _give_up(self, used: asyncio.Task[AIOKafkaProducer] | None) -> None:
        if used is not None and used is self._producer:
            self._producer = None
            self._closing.let_go(_end(used, flush=0))


def _batches(producer: AIOKafkaProducer, records: Sequence[Record]) -> Iterator[Any]:
    """The records of one partition, in their order, in as many batches as their bytes need.

    An empty batch takes any record, so the largest one gets a batch of its own.
    """
    batch = None
    for record in records:
        while batch is None or not _add(batch, record):
            if batch is not None:
                batch.close()
                yield batch
            batch = producer.create_batch()
    if batch is not None:
        batch.close()
        yield batch


def _add(batch: Any, record: Record) -> bool:
    key, headers = record.key.encode(), list(record.headers)
    return batch.append(key=key, value=record.value, timestamp=None, headers=headers) is not None


def _seen(acknowledged: asyncio.Future[object]) -> None:
    """Mark an error as looked at: whoever waited for it may have left by its deadline."""
    if not acknowledged.cancelled():
        acknowledged.exception()


async def _end(used: asyncio.Task[AIOKafkaProducer], flush: float) -> None:
    producer = await used  # others may wait for it too: it ends by its own bound
    if flush:
        await asyncio.wait({asyncio.ensure_future(producer.flush())}, timeout=flush)
    await _abandon(producer)


async def _abandon(producer: AIOKafkaProducer) -> None:
    """Stop a producer for good: without this it would retry for ever and write old records late.

    aiokafka's own `stop()` waits for the acknowledgement of everything that is queued.
    """
    sender = producer._sender.sender_task  # noqa: SLF001  nothing public stops it
    accumulator = producer._message_accumulator  # noqa: SLF001  nothing public fails what waits
    accumulator.fail_all(ProducerClosed())
    producer._closed = True  # noqa: SLF001  else the garbage collector warns of an open producer
    if sender is not None:
        sender.cancel()
    await asyncio.wait({asyncio.ensure_future(producer.client.close())}, timeout=_FLUSH)
    if sender is not None:
        sender.cancel()
