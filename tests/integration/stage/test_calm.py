"""Capture's own stage reads calmly: in groups, with few commits, and none forgotten."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from libs.common.database import Database
from libs.common.log import Batch, Reader, Record
from libs.common.log.postgres import Lease, PostgresLog
from libs.common.log.postgres.reader import PostgresReader
from libs.common.stage.calm import CALM_SECONDS, CalmLog, Pace

TOPIC = "calm"


@pytest.fixture
async def log(database: Database) -> AsyncIterator[PostgresLog]:
    made = PostgresLog(database)
    await made.create_topics([TOPIC])
    yield made
    await made.close()


async def one(reader: Reader) -> Batch:
    return await one_of(reader, 100)


async def one_of(reader: Reader, most: int) -> Batch:
    async with asyncio.timeout(30):
        while not (found := await reader.fetch(most, 1.0)):
            pass
    return found[0]


async def test_between_two_reads_it_waits_for_more(log: PostgresLog) -> None:
    reader = await CalmLog(log).reader("group", [TOPIC])
    await log.append([Record(TOPIC, "k", b"first")], 30)
    await one(reader)
    began = time.monotonic()
    await log.append([Record(TOPIC, "k", b"second")], 30)
    await one(reader)
    assert time.monotonic() - began > CALM_SECONDS / 2
    await reader.close()


async def test_a_slower_reader_takes_what_came_meanwhile_at_once(log: PostgresLog) -> None:
    reader = await CalmLog(log, Pace(0.5, most=10)).reader("group", [TOPIC])
    await log.append([Record(TOPIC, "k", b"first")], 30)
    await one(reader)
    await log.append([Record(TOPIC, "k", b"second")], 30)
    reading = asyncio.create_task(reader.fetch(1, 5.0))
    await log.append([Record(TOPIC, "k", b"third")], 30)
    assert [record.value for record in (await reading)[0].records] == [b"second", b"third"]
    await reader.close()


async def test_who_is_behind_is_given_what_it_asks_for(log: PostgresLog) -> None:
    reader = await CalmLog(log, Pace(30.0, most=4)).reader("group", [TOPIC])
    await log.append([Record(TOPIC, "k", b"%d" % number) for number in range(6)], 30)
    found = [len((await one_of(reader, 2)).records) for _ in range(3)]
    assert found == [2, 2, 2]
    await reader.close()


async def test_a_slower_reader_hurries_when_somebody_waits(log: PostgresLog) -> None:
    pace = Pace(30.0)
    reader = await CalmLog(log, pace).reader("group", [TOPIC])
    await log.append([Record(TOPIC, "k", b"first")], 30)
    await one(reader)
    await log.append([Record(TOPIC, "k", b"second")], 30)
    reading = asyncio.create_task(reader.fetch(100, 20.0))
    done, _ = await asyncio.wait({reading}, timeout=0.3)
    assert not done
    pace.hurry()
    assert (await asyncio.wait_for(reading, 30))[0].records[0].value == b"second"
    await reader.close()


async def test_what_was_done_is_committed_at_the_end(log: PostgresLog) -> None:
    reader = await CalmLog(log).reader("group", [TOPIC])
    await log.append([Record(TOPIC, "k", b"%d" % number) for number in range(3)], 30)
    batch = await one(reader)
    assert await reader.commit(batch.held, batch.records[-1].offset + 1)
    assert sum((await log.lags("group", [TOPIC])).values()) == 3  # not for each a statement
    await reader.close()
    assert sum((await log.lags("group", [TOPIC])).values()) == 0


async def test_a_reader_whose_last_commit_fails_lets_go_all_the_same(
    log: PostgresLog, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = PostgresLog(database, "", Lease(300.0, 1.0))  # whoever waited for that would fail here
    reader = await CalmLog(log).reader("group", [TOPIC])
    await log.append([Record(TOPIC, "k", b"one")], 30)
    batch = await one(reader)
    await reader.commit(batch.held, batch.records[-1].offset + 1)

    async def fail(*_: object) -> None:
        raise ArithmeticError

    with monkeypatch.context() as broken:
        broken.setattr(PostgresReader, "commit_all", fail)
        with pytest.raises(ArithmeticError):
            await reader.close()
    other = await log.reader("group", [TOPIC])
    assert (await one(other)).records[0].value == b"one"
    await other.close()
    await log.close()
