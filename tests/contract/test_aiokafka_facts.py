"""What our code against Apache Kafka rests on, seen with the real client and the real broker.

When a new aiokafka changes one of these, this is where it shows.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator

import pytest

from deploy.kafka.local import LocalKafka
from libs.common.log import LogUnavailable, Record, Stored
from libs.common.log.kafka import KafkaLog, Timing
from tests.contract.conftest import holding, read, records


@pytest.fixture
async def log(own_kafka: LocalKafka) -> AsyncIterator[KafkaLog]:
    made = KafkaLog(own_kafka.bootstrap, f"t{uuid.uuid4().hex[:8]}.", timing=Timing(6.0, 0.5, 6.0))
    await made.create_topics(["first"])
    yield made
    own_kafka.resume()
    await made.close()


async def test_a_record_whose_append_timed_out_may_be_there_all_the_same(
    own_kafka: LocalKafka, log: KafkaLog
) -> None:
    await log.append([Record("first", "k", b"before")], 30)
    own_kafka.pause()
    began = time.monotonic()
    with pytest.raises(LogUnavailable):
        await log.append([Record("first", "k", b"unknown")], 1.0)
    assert time.monotonic() - began < 10
    own_kafka.resume()
    await log.append([Record("first", "k", b"after")], 30)

    values = [r.value for _h, r in await read(await log.reader("group", ["first"]), 2)]
    # it lies in the broker's socket: written when the broker wakes, and never after what follows
    assert values in ([b"before", b"after"], [b"before", b"unknown", b"after"])


async def test_a_producer_that_was_given_up_writes_nothing_later(
    own_kafka: LocalKafka, log: KafkaLog
) -> None:
    await log.append([Record("first", "k", b"before")], 30)
    own_kafka.kill()
    with pytest.raises(LogUnavailable):
        await log.append([Record("first", "k", b"given up")], 1.0)
    own_kafka.start()
    deadline = time.monotonic() + 120
    while True:
        try:
            await log.append([Record("first", "k", b"after")], 3)
            break
        except LogUnavailable:
            assert time.monotonic() < deadline
    reader = await log.reader("group", ["first"])
    found: list[Stored] = [record for _held, record in await read(reader, 2)]
    for _ in range(4):
        for batch in await reader.fetch(10, 0.5):
            found.extend(batch.records)
    assert [record.value for record in found] == [b"before", b"after"]


async def test_acknowledged_records_survive_kills_of_the_broker(
    own_kafka: LocalKafka, log: KafkaLog
) -> None:
    reader = await log.reader("group", ["first"])
    acknowledged: list[bytes] = []
    stop = asyncio.Event()

    async def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with contextlib.suppress(LogUnavailable):
                await log.append([Record("first", f"k{number % 20}", b"%d" % number)], 3)
                acknowledged.append(b"%d" % number)

    async def fifty_more() -> None:
        count, deadline = len(acknowledged), time.monotonic() + 120
        while len(acknowledged) < count + 50:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)

    writing = asyncio.create_task(write())
    for _ in range(2):
        await fifty_more()
        own_kafka.kill()
        await asyncio.to_thread(own_kafka.start)
    await fifty_more()
    stop.set()
    await writing

    seen: set[bytes] = set()
    deadline = time.monotonic() + 120
    while not set(acknowledged) <= seen:
        assert time.monotonic() < deadline, f"{len(set(acknowledged) - seen)} are missing"
        for batch in await reader.fetch(500, 0.5):
            seen.update(record.value for record in batch.records)


async def test_invariant_17_reader_and_group_go_on_after_the_broker_was_killed(
    own_kafka: LocalKafka, log: KafkaLog
) -> None:
    reader = await log.reader("group", ["first"])
    await log.append(records(20), 30)
    found = await read(reader, 20)
    own_kafka.kill()
    assert not await reader.fetch(10, 0.5)
    await asyncio.to_thread(own_kafka.start)
    began = time.monotonic()
    held, last = found[-1]
    while not await reader.commit(held, last.offset + 1):
        assert time.monotonic() - began < 120
        await reader.fetch(10, 0.2)
        held = next(h for h in await holding(reader, 12) if h.partition == held.partition)
    assert time.monotonic() - began < 120


async def test_a_new_clusters_first_question_about_a_group_is_answered(
    new_kafka: LocalKafka,
) -> None:
    # nobody has joined a group yet, so the broker has no coordinator and says so once or twice
    log = KafkaLog(new_kafka.bootstrap)
    await log.create_topics(["first"])
    await log.append(records(20), 30)
    assert sum((await log.lags("group", ["first"])).values()) == 20
    await log.close()
