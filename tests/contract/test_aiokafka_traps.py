"""aiokafka's known traps, each sprung on the real client and the real broker (docs/promises.md).

Those that settings close are in test_aiokafka_settings.py.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import signal
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from deploy.kafka.local import LocalKafka
from libs.common import topics
from libs.common.log import Held, LogUnavailable, Record
from libs.common.log.kafka import KafkaLog, Timing
from libs.common.log.kafka.client import (
    AIOKafkaConsumer,
    IllegalStateError,
)
from libs.common.log.kafka.reader import KafkaReader
from libs.common.stage.watchdog import StageStuck, Watchdog
from tests.contract.conftest import Logs, holding, read, records
from tests.contract.test_log_groups import said, start_member

TIMING = Timing(6.0, 0.5, 6.0)


@pytest.fixture
async def logs(kafka_bootstrap: str) -> AsyncIterator[Logs]:
    made = Logs("kafka", kafka_bootstrap, f"t{uuid.uuid4().hex[:8]}.")
    await made.open().create_topics(["first"])
    yield made
    for log in made.opened:
        await log.close()


async def joined(logs: Logs, number: int) -> KafkaReader:
    """One more member of the group, once it holds so many; what comes meanwhile is thrown away."""
    member = await logs.open().reader("group", ["first"])
    assert isinstance(member, KafkaReader)
    await holding(member, number)
    return member


async def committed(logs: Logs) -> int:
    """How many of the records the group is done with."""
    spans = await logs.open().spans(["first"])
    lags = await logs.open().lags("group", ["first"])
    return sum(map(len, spans.values())) - sum(lags.values())


async def test_trap_03_however_many_wait_for_a_silent_broker_each_ends_by_its_deadline(
    own_kafka: LocalKafka,
) -> None:
    log = KafkaLog(own_kafka.bootstrap, f"t{uuid.uuid4().hex[:8]}.")
    await log.create_topics(["first"])
    await log.append(records(1), 30)
    own_kafka.pause()

    async def timed() -> float:
        began = time.monotonic()
        with pytest.raises(LogUnavailable):
            await log.append(records(5), 1.0)
        return time.monotonic() - began

    assert max(await asyncio.gather(*(timed() for _ in range(400)))) < 15
    began = time.monotonic()
    await log.close()
    assert time.monotonic() - began < 45
    own_kafka.resume()


async def test_trap_05_a_producer_whose_numbers_the_broker_refuses_is_replaced(
    logs: Logs,
) -> None:
    log = logs.open()
    assert isinstance(log, KafkaLog)
    await log.append(records(40), 30)
    task = log._producing._producer  # noqa: SLF001  the numbers are the client's own
    assert task is not None
    numbers = (await task)._txn_manager._sequence_numbers  # noqa: SLF001  as above
    for lane in numbers:
        numbers[lane] += 7
    with pytest.raises(LogUnavailable):
        await log.append([Record("first", "key-1", b"refused")], 5)
    await log.append([Record("first", "key-1", b"after")], 30)
    assert log._producing._producer is not task  # noqa: SLF001  as above
    found = await read(await log.reader("group", ["first"]), 41)
    assert b"after" in [record.value for _held, record in found]


async def test_trap_09_one_lost_partition_fails_no_other_partitions_commit(logs: Logs) -> None:
    one = await joined(logs, 12)
    await logs.open().append(records(60), 30)
    found = await read(one, 60)
    two, _ = await asyncio.gather(joined(logs, 6), holding(one, 6))
    kept = {held.partition: held for held in one.assigned()}
    ends = {record.partition: record.offset + 1 for _held, record in found}

    everything = {one._lane(lane): end for lane, end in ends.items()}  # noqa: SLF001  as a naive reader would
    with pytest.raises(IllegalStateError):
        await one._consumer.commit(everything)  # noqa: SLF001  the trap itself
    assert await committed(logs) == 0, "aiokafka commits none of them"
    for lane, end in ends.items():
        held = kept.get(lane, Held(lane, 0))
        assert await one.commit(held, end) is (lane in kept)
    assert await committed(logs) == sum(ends[lane] for lane in kept if lane in ends) > 0
    await two.close()


async def test_trap_10_what_was_fetched_before_a_rebalance_is_not_committed_after_it(
    logs: Logs,
) -> None:
    one = await joined(logs, 12)
    await logs.open().append(records(60), 30)
    found = await read(one, 60)
    two, _ = await asyncio.gather(joined(logs, 6), holding(one, 6))
    others = await read(two, 20)
    for held, record in others:
        assert await two.commit(held, record.offset + 1)
    done = await committed(logs)
    await two.close()
    await holding(one, 12)
    for held, record in found:
        assert not await one.commit(held, record.offset), "a stale epoch, though held again"
    assert await committed(logs) == done > 0


async def test_trap_12_a_fetch_is_bounded_while_the_group_waits_for_a_silent_member(
    logs: Logs,
) -> None:
    await logs.open().append(records(60), 30)
    one = await joined(logs, 12)
    silent = await start_member(logs)
    await said(silent)
    silent.send_signal(signal.SIGSTOP)
    third = await logs.open().reader("group", ["first"])
    try:
        until = time.monotonic() + 3  # the silent one is waited for, up to six seconds
        while time.monotonic() < until:
            began = time.monotonic()
            await asyncio.gather(one.fetch(10, 0.3), third.fetch(10, 0.3))
            assert time.monotonic() - began < 5, "as long as for the silent one"
    finally:
        silent.kill()
        await silent.wait()
    await asyncio.gather(holding(one, 6), holding(third, 6))


async def test_trap_13_a_member_that_is_never_given_its_share_is_seen_to_be_stuck(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alive, connected, and without partitions for ever: as after a broker's restart (1154)."""

    async def never(coordinator: Any, _subscription: object) -> None:
        await asyncio.wait([coordinator._closing])  # noqa: SLF001  nothing public hangs it

    coordinator = "aiokafka.consumer.group_coordinator.GroupCoordinator"
    monkeypatch.setattr(f"{coordinator}._do_rejoin_group", never)
    member = await logs.open().reader("group", ["first"])
    watchdog = Watchdog("stage", stuck_after=1.0)
    await logs.open().append(records(7), 30)

    async def work() -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert not await member.fetch(10, 0.2)
            await watchdog.look(member, progressed=False)

    with pytest.raises(StageStuck, match="7 records"):
        await work()
    assert not member.assigned()


async def test_trap_13_who_has_no_share_because_others_have_it_all_is_not_stuck(
    logs: Logs,
) -> None:
    """Of thirteen members one is a spare: it must not restart for ever beside a slow group."""
    log = logs.open()
    members = [await log.reader("group", ["first"]) for _ in range(topics.PARTITIONS + 1)]
    try:
        until = time.monotonic() + 120
        while sorted(len(one.assigned()) for one in members) != [0] + [1] * topics.PARTITIONS:
            assert time.monotonic() < until, [len(one.assigned()) for one in members]
            await asyncio.gather(*(one.fetch(1, 0.1) for one in members))
        spare = next(one for one in members if not one.assigned())
        await log.append(records(7), 30)
        assert sum((await log.lags("group", ["first"])).values()) == 7
        assert sum((await spare.lag()).values()) == 0
    finally:
        await asyncio.gather(*(one.close() for one in members))


async def test_trap_17_what_fails_in_a_listener_stops_no_member(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_lanes: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(AIOKafkaConsumer, "beginning_offsets", failing)
    member = await joined(logs, 12)
    await logs.open().append(records(20), 30)
    assert len(await read(member, 20)) == 20


async def test_trap_21_a_cancelled_fetch_ends_no_consumer(logs: Logs) -> None:
    assert tuple(map(int, importlib.metadata.version("aiokafka").split("."))) >= (0, 14, 0)
    one = await joined(logs, 12)
    for _ in range(20):
        fetching = asyncio.create_task(one.fetch(10, 5))
        await asyncio.sleep(0.01)
        fetching.cancel()
        await asyncio.wait({fetching})
    await logs.open().append(records(60), 30)
    assert len(await read(one, 60)) == 60


async def test_trap_24_a_broker_that_is_not_there_yet_is_no_error_for_good(
    own_kafka: LocalKafka,
) -> None:
    own_kafka.kill()
    log = KafkaLog(own_kafka.bootstrap, f"t{uuid.uuid4().hex[:8]}.", timing=TIMING)
    for _ in range(2):
        with pytest.raises(LogUnavailable):
            await log.append(records(1), 1.0)
        with pytest.raises(LogUnavailable):
            await log.reader("group", ["first"])
    await asyncio.to_thread(own_kafka.start)
    await log.create_topics(["first"])
    await log.append(records(20), 30)
    assert len(await read(await log.reader("group", ["first"]), 20)) == 20
    await log.close()
