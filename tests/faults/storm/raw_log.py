"""The topics past the system: bytes put in, groups set back, records counted."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from libs.common import topics
from libs.common.log.kafka import KafkaLog
from libs.common.log.kafka.client import AIOKafkaConsumer, KafkaError, TopicPartition
from libs.common.log.port import LogUnavailable, Record

_SESSIONS: Final = 40.0


async def append(bootstrap: str, records: Sequence[Record]) -> None:
    """Put bytes into topics as they are, once or more often. Raises LogUnavailable."""
    log = KafkaLog(bootstrap)
    deadline = asyncio.get_running_loop().time() + _SESSIONS
    try:
        while True:
            try:
                return await log.append(records, 10)
            except LogUnavailable:  # a broker that is killed meanwhile
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(1)
    finally:
        await log.close()


async def set_back(bootstrap: str, group: str, names: Iterable[str]) -> None:
    """Have a group without members begin again at offset 0 of these topics.

    One whose member was killed is refused until that member's session is over.
    """
    lanes = _lanes(names)
    async with _consumer(bootstrap, lanes, group_id=group) as consumer:
        deadline = asyncio.get_running_loop().time() + _SESSIONS
        while True:
            try:
                await consumer.commit(dict.fromkeys(lanes, 0))
            except KafkaError:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(1)
            else:
                return


async def behind(bootstrap: str, group: str, names: Sequence[str]) -> int:
    """How many records the group has still to commit."""
    log = KafkaLog(bootstrap)
    try:
        return sum((await log.lags(group, names)).values())
    finally:
        await log.close()


async def committed(bootstrap: str, group: str, names: Iterable[str]) -> dict[str, int]:
    """How far the group has committed, by topic and partition; waits for a broker that is away."""
    lanes = _lanes(names)
    async with asyncio.timeout(_SESSIONS):
        while True:
            with contextlib.suppress(KafkaError, OSError):
                async with _consumer(bootstrap, lanes, group_id=group) as consumer:
                    found = {lane: await consumer.committed(lane) or 0 for lane in lanes}
                return {f"{lane.topic}/{lane.partition}": at for lane, at in found.items()}
            await asyncio.sleep(1)


async def repeated(bootstrap: str) -> int:
    """How many records of the flow are there more than once, by their event ids."""
    lanes = _lanes(topics.FLOW)
    seen: Counter[tuple[str, bytes]] = Counter()
    async with _consumer(bootstrap, lanes) as consumer:
        ends = await consumer.end_offsets(lanes)
        await consumer.seek_to_beginning(*lanes)
        left = {lane for lane in lanes if ends[lane]}
        while left:
            for lane, records in (await consumer.getmany(timeout_ms=1000)).items():
                for record in records:
                    seen[lane.topic, dict(record.headers).get("ce_id", b"")] += 1
                if records[-1].offset + 1 >= ends[lane]:
                    left.discard(lane)
    return sum(count - 1 for (_topic, name), count in seen.items() if name)


def _lanes(names: Iterable[str]) -> list[TopicPartition]:
    return [TopicPartition(name, number) for name in names for number in range(topics.PARTITIONS)]


@asynccontextmanager
async def _consumer(
    bootstrap: str, lanes: list[TopicPartition], group_id: str | None = None
) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group_id,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        consumer.assign(lanes)
        yield consumer
    finally:
        await consumer.stop()
