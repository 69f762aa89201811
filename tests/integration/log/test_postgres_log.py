"""The log in Postgres: its own rules, 21 to 24, against a real server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from libs.common import topics
from libs.common.database import Database
from libs.common.log import LogUnavailable, Reader, Record, partition_of
from libs.common.log.postgres import Lease, PostgresLog, store
from libs.common.log.postgres import reader as polling
from libs.common.log.postgres.connections import Connections

KEY = "k"
LANE = partition_of(KEY, topics.PARTITIONS)


@pytest.fixture
async def log(database: Database) -> AsyncIterator[PostgresLog]:
    made = PostgresLog(database, "", Lease(6.0, 0.5))
    await made.create_topics(["first"])
    yield made
    await made.close()


@pytest.fixture
async def sql(database_url: str, log: PostgresLog) -> AsyncIterator[asyncpg.Connection[Any]]:
    """A connection beside the log's, once the log is there."""
    del log
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


def record(value: bytes) -> Record:
    return Record("first", KEY, value)


async def values(reader: Reader, count: int) -> list[bytes]:
    """So many, and what comes right behind them."""
    found: list[bytes] = []
    deadline = time.monotonic() + 30
    while len(found) < count:
        assert time.monotonic() < deadline, found
        found += await more(reader, 0.1)
    return found + await more(reader, 0.3)


async def more(reader: Reader, seconds: float) -> list[bytes]:
    """What comes in that time."""
    batches = await reader.fetch(100, seconds)
    return [each.value for batch in batches for each in batch.records]


async def until(sql: asyncpg.Connection[Any], question: str) -> None:
    """Wait until the database says yes."""
    deadline = time.monotonic() + 30
    while not await sql.fetchval(question):
        assert time.monotonic() < deadline, question
        await asyncio.sleep(0.02)


async def test_rule_21_a_reader_skips_nothing_when_the_first_commits_late(
    log: PostgresLog, sql: asyncpg.Connection[Any], database_url: str
) -> None:
    reader = await log.reader("group", ["first"])
    lane = await sql.fetchval("SELECT id FROM log.lanes WHERE number = $1", LANE)
    slow = sql.transaction()
    await slow.start()
    await sql.execute(
        "SELECT log.append($1, $2, $3, $4)", [lane], [b"k"], [b"first, slow"], [b"\x90"]
    )

    second = asyncio.create_task(log.append([record(b"second")], 30))
    other = await asyncpg.connect(database_url)
    await until(other, "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    assert await more(reader, 1.0) == []
    assert not second.done()

    await slow.commit()
    await second
    assert await values(reader, 2) == [b"first, slow", b"second"]
    await other.close()
    await reader.close()


@pytest.mark.parametrize("blocked", [0, 5])
async def test_rule_21_lanes_are_taken_in_one_order(
    log: PostgresLog, sql: asyncpg.Connection[Any], database_url: str, blocked: int
) -> None:
    lanes = [row["id"] for row in await sql.fetch("SELECT id FROM log.lanes ORDER BY id")]
    another = sql.transaction()
    await another.start()
    await sql.execute("SELECT 1 FROM log.lanes WHERE id = $1 FOR UPDATE", lanes[blocked])
    writing = asyncio.create_task(
        log.append([Record("first", f"key-{n}", b"x") for n in range(200)][::-1], 30)
    )
    other = await asyncpg.connect(database_url)
    await until(other, "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    # whoever waits for a lane holds all below it and none above: so no two wait for each other
    free = await other.fetch("SELECT id FROM log.lanes ORDER BY id FOR UPDATE SKIP LOCKED")
    assert [row["id"] for row in free] == lanes[blocked + 1 :]
    await another.rollback()
    await writing
    await other.close()


async def test_rule_23_nobody_is_told_in_the_transaction_that_appends(
    log: PostgresLog, sql: asyncpg.Connection[Any]
) -> None:
    """NOTIFY holds one lock of the whole server until its transaction is committed."""
    await log.append([record(b"x")], 30)
    source = await sql.fetchval("SELECT prosrc FROM pg_proc WHERE oid = 'log.append'::regproc")
    assert "INSERT INTO log.records" in source
    assert "notify" not in source.lower()


async def test_rule_22_a_commit_is_refused_by_the_rows_own_owner_and_epoch(
    log: PostgresLog, database: Database, sql: asyncpg.Connection[Any]
) -> None:
    await log.append([record(b"x")] * 5, 30)
    connections = Connections(database.url)
    mine, theirs = (f"11111111-1111-1111-1111-11111111111{end}" for end in "12")
    engine = connections.quick
    [given] = [g for g in await store.hold(engine, "g", mine, ["first"], 0.2) if g.number == LANE]
    await until(sql, "SELECT bool_and(until < clock_timestamp()) FROM log.positions")
    [taken] = [g for g in await store.hold(engine, "g", theirs, ["first"], 60) if g.number == LANE]

    assert taken.epoch > given.epoch
    assert not await store.commit(engine, "g", mine, (given.lane, given.epoch), 5)
    assert not await store.commit(engine, "g", mine, (given.lane, taken.epoch), 5)
    assert not await store.commit(engine, "g", theirs, (given.lane, given.epoch), 5)
    for member, epoch in ((mine, given.epoch), (mine, taken.epoch), (theirs, given.epoch)):
        assert not await store.commit_all(engine, "g", member, {(given.lane, epoch): 5})
    assert await sql.fetchval("SELECT max(committed) FROM log.positions") == 0
    assert await store.commit(engine, "g", theirs, (taken.lane, taken.epoch), 5)
    await connections.close()


async def test_rule_22_a_lease_that_ran_out_is_given_anew_under_a_new_epoch(
    database: Database, sql: asyncpg.Connection[Any]
) -> None:
    connections = Connections(database.url)
    member = "11111111-1111-1111-1111-111111111111"
    before = await store.hold(connections.quick, "g", member, ["first"], 60)
    same = await store.hold(connections.quick, "g", member, ["first"], 0.1)
    assert {g.epoch for g in before} == {g.epoch for g in same} == {1}
    await until(sql, "SELECT bool_and(until < clock_timestamp()) FROM log.positions")
    after = await store.hold(connections.quick, "g", member, ["first"], 60)
    assert {g.epoch for g in after} == {2}
    await connections.close()


async def test_rule_22_a_reader_cut_off_holds_nothing_any_more(
    log: PostgresLog, sql: asyncpg.Connection[Any]
) -> None:
    reader = await log.reader("group", ["first"])
    [held, *_rest] = reader.assigned()
    await sql.execute("ALTER TABLE log.members RENAME TO hidden")  # renewing fails from now on
    deadline = time.monotonic() + 60
    while reader.is_held(held):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    assert reader.assigned() == []
    assert not await reader.commit(held, 0)
    await sql.execute("ALTER TABLE log.hidden RENAME TO members")
    while len(reader.assigned()) < topics.PARTITIONS:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    assert not reader.is_held(held)
    await reader.close()


async def test_rule_23_records_come_within_a_poll_though_nobody_listens_any_more(
    log: PostgresLog, database: Database
) -> None:
    reader = await log.reader("group", ["first"])
    assert await reader.fetch(10, 0.1) in ([], ())
    listening = log._waking._listening  # noqa: SLF001  as if its connection could not be made again
    assert listening is not None
    listening.cancel()
    await asyncio.wait({listening})
    other = PostgresLog(database, "", Lease(3.0, 0.5))
    waiting = asyncio.create_task(reader.fetch(10, 300))
    await asyncio.sleep(0.1)
    await other.append([record(b"x")], 30)
    async with asyncio.timeout(60):  # well before it would have gone without
        assert [each.value for batch in await waiting for each in batch.records] == [b"x"]
    await other.close()
    await reader.close()


async def test_rule_23_records_come_although_listening_was_cut(
    log: PostgresLog,
    database: Database,
    sql: asyncpg.Connection[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    writer = PostgresLog(database)
    reader = await log.reader("group", ["first"])
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    listening = "SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    await until(sql, listening)
    await sql.execute(cut)
    await writer.append([record(b"polled")], 30)
    async with asyncio.timeout(60):
        assert [b.records[0].value for b in await reader.fetch(10, 300)] == [b"polled"]

    await until(sql, listening)  # made again
    monkeypatch.setattr(polling, "_POLL", 300.0)
    assert await more(reader, 1.5) == []  # and the look that was due is over
    waiting = asyncio.create_task(reader.fetch(10, 300))
    await asyncio.sleep(0.1)
    await writer.append([record(b"told")], 30)
    async with asyncio.timeout(60):
        assert [b.records[0].value for b in await waiting] == [b"told"]
    await reader.close()
    await writer.close()


async def test_connections_killed_under_it_are_made_again(
    log: PostgresLog, sql: asyncpg.Connection[Any]
) -> None:
    reader = await log.reader("group", ["first"])
    await log.append([record(b"before")], 30)
    assert await values(reader, 1) == [b"before"]
    await sql.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'sarnakh log'"
    )
    deadline = time.monotonic() + 30
    while True:
        try:
            await log.append([record(b"after")], 30)
            break
        except LogUnavailable:
            assert time.monotonic() < deadline
    assert set(await values(reader, 1)) == {b"after"}
    await reader.close()


async def test_one_bad_caller_does_not_fail_those_beside_it(log: PostgresLog) -> None:
    outcomes = await asyncio.gather(
        log.append([record(b"good")], 5),
        log.append([Record("absent", KEY, b"bad")], 5),
        log.append([record(b"good too")], 5),
        return_exceptions=True,
    )
    assert outcomes[0] is None
    assert isinstance(outcomes[1], LogUnavailable)
    assert outcomes[2] is None


async def test_what_was_not_begun_by_its_deadline_is_never_written(
    log: PostgresLog, sql: asyncpg.Connection[Any]
) -> None:
    await log.append([record(b"warm")], 30)
    blocking = sql.transaction()
    await blocking.start()
    await sql.execute("SELECT 1 FROM log.lanes FOR UPDATE")
    begun = asyncio.create_task(log.append([record(b"begun")], 30))
    await until(
        sql,
        "SELECT count(*) = 1 FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'",
    )
    with pytest.raises(LogUnavailable):
        await log.append([record(b"never begun")], 0.3)
    await blocking.rollback()
    await begun
    reader = await log.reader("group", ["first"])
    assert await values(reader, 2) == [b"warm", b"begun"]
    await reader.close()


async def test_who_appends_without_a_pause_tells_others_less_often(
    database_url: str, log: PostgresLog
) -> None:
    told: list[object] = []
    listening = await asyncpg.connect(database_url)
    await listening.add_listener(store.CHANNEL, lambda *said: told.append(said[-1]))
    began = time.monotonic()

    async def append() -> None:
        while time.monotonic() - began < 1:
            await log.append([record(b"v")], 30)

    await asyncio.gather(*(append() for _ in range(4)))
    took = time.monotonic() - began
    await listening.close()
    assert 3 <= len(told) <= 8 + took / 0.02
