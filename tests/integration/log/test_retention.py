"""Rule 24: the log goes by whole days, only old ones, and only what every group has read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from libs.common import topics
from libs.common.database import Database
from libs.common.log import Partition, Record, partition_of
from libs.common.log.postgres import PostgresLog
from libs.common.log.postgres.connections import Connections
from libs.common.log.postgres.retention import maintain

KEY = "k"
LANE = Partition("first", partition_of(KEY, topics.PARTITIONS))
pytestmark = pytest.mark.usefixtures("within_one_day")


def today() -> date:
    return datetime.now(UTC).date()


def later() -> date:
    return today() + timedelta(days=topics.RETENTION_DAYS + 1)


@pytest.fixture
async def log(database: Database) -> AsyncIterator[PostgresLog]:
    made = PostgresLog(database)
    await made.create_topics(["first"])
    yield made
    await made.close()


@pytest.fixture
async def connections(database: Database) -> AsyncIterator[Connections]:
    made = Connections(database.url)
    yield made
    await made.close()


@pytest.fixture
async def sql(database_url: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def days(sql: asyncpg.Connection[Any]) -> set[str]:
    rows = await sql.fetch(
        "SELECT relname FROM pg_class WHERE relname ~ '^records_[0-9]{8}$' AND relkind = 'r'"
    )
    return {row["relname"] for row in rows}


async def append_and_commit(log: PostgresLog, committed: int) -> None:
    await log.append([Record("first", KEY, b"x") for _ in range(10)], 5)
    reader = await log.reader("group", ["first"])
    [batch] = await reader.fetch(100, 5)
    assert await reader.commit(batch.held, committed)
    await reader.close()


async def test_rule_24_coming_days_are_made_ahead(
    connections: Connections, sql: asyncpg.Connection[Any]
) -> None:
    await maintain(connections)
    await maintain(connections)
    assert await days(sql) == {f"records_{today() + timedelta(days=n):%Y%m%d}" for n in range(4)}


async def test_rule_24_an_old_day_that_was_read_goes_as_a_whole(
    log: PostgresLog, connections: Connections, sql: asyncpg.Connection[Any]
) -> None:
    await maintain(connections)
    await append_and_commit(log, 10)
    await maintain(connections, later() - timedelta(days=1))
    assert await sql.fetchval("SELECT count(*) FROM log.records") == 10
    await maintain(connections, later())
    assert f"records_{today():%Y%m%d}" not in await days(sql)
    assert await sql.fetchval("SELECT count(*) FROM log.records") == 0

    # a group that comes later starts at what is left, and no offset is given twice
    await log.append([Record("first", KEY, b"new")], 5)
    late = await log.reader("late", ["first"])
    [batch] = await late.fetch(100, 5)
    assert [(r.offset, r.value) for r in batch.records] == [(10, b"new")]
    assert late.skipped() == {}
    assert (await log.lags("later still", ["first"]))[LANE] == 1
    await late.close()


async def test_rule_24_a_day_that_a_group_has_not_read_stays_however_old(
    log: PostgresLog, connections: Connections, sql: asyncpg.Connection[Any]
) -> None:
    await maintain(connections)
    await append_and_commit(log, 9)
    await maintain(connections, later() + timedelta(days=100))
    assert await sql.fetchval("SELECT count(*) FROM log.records") == 10


async def test_rule_24_what_fell_into_the_default_goes_too(
    log: PostgresLog, connections: Connections, sql: asyncpg.Connection[Any]
) -> None:
    deadline = time.monotonic() + 30
    while len(await days(sql)) < 4:  # the log makes them itself when it is opened
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    for day in await days(sql):
        await sql.execute(f"DROP TABLE log.{day}")
    await append_and_commit(log, 10)
    assert await sql.fetchval("SELECT count(*) FROM log.records_default") == 10
    await maintain(connections)
    assert f"records_{today():%Y%m%d}" not in await days(sql)
    await maintain(connections, later())
    assert await sql.fetchval("SELECT count(*) FROM log.records_default") == 0


async def test_rule_04_records_dropped_unread_raise_the_alarm(
    log: PostgresLog, sql: asyncpg.Connection[Any]
) -> None:
    await append_and_commit(log, 2)
    await sql.execute('DELETE FROM log.records WHERE "offset" < 7')  # as if a day were gone
    reader = await log.reader("group", ["first"])
    [batch] = await reader.fetch(100, 5)
    assert batch.records[0].offset == 7
    assert reader.skipped() == {LANE: 5}
    await reader.close()


async def test_a_day_in_use_is_left_for_the_next_time(
    log: PostgresLog, connections: Connections, sql: asyncpg.Connection[Any]
) -> None:
    await maintain(connections)
    await append_and_commit(log, 10)
    reading = sql.transaction()
    await reading.start()
    await sql.execute(f"SELECT 1 FROM log.records_{today():%Y%m%d} LIMIT 1")
    await maintain(connections, later())
    await reading.rollback()
    assert f"records_{today():%Y%m%d}" in await days(sql)
