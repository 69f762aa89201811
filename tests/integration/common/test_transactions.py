"""Transactions on a real Postgres: what is kept, what is undone, whom a failure is laid on."""

from __future__ import annotations

import asyncio
import contextlib
import time

import asyncpg
import pytest

from libs.common.database import Database
from libs.common.database.connection import BadValue
from libs.common.database.statements import text
from libs.common.errors import Retry, TooSlow
from libs.common.log import LogUnavailable, Record
from libs.common.log.postgres import PostgresLog

_PID = text("SELECT pg_backend_pid()")


async def _pid(database: Database) -> int:
    async with database.transaction() as tx:
        return int(await tx.scalar(_PID))


async def test_rows_are_read_by_name_by_place_and_as_json(database: Database) -> None:
    async with database.transaction() as tx:
        row = (await tx.execute(text("""SELECT 1 AS one, '{"a": [1]}'::jsonb AS said"""))).one()
        assert (row.one, row[0], row["said"], dict(row)) == (
            1,
            1,
            {"a": [1]},
            {"one": 1, "said": {"a": [1]}},
        )
        with pytest.raises(AttributeError):
            _ = row.two
        found = await tx.execute(text("SELECT n FROM generate_series(1, 3) AS n"))
        assert (found.scalars(), found.scalar(), len(found)) == ([1, 2, 3], 1, 3)
        with pytest.raises(ValueError, match="too many"):
            found.scalar_one()
        none = await tx.execute(text("SELECT 1 WHERE false"))
        assert (none.first(), none.scalar(), none.all()) == (None, None, [])


async def test_what_fails_is_undone_and_its_connection_used_again(database: Database) -> None:
    before = await _pid(database)

    async def fail() -> None:
        async with database.transaction() as tx:
            await tx.execute(text("CREATE TABLE gone (n int)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.transaction() as tx:
        assert await tx.scalar(text("SELECT to_regclass('gone')")) is None
    assert await _pid(database) == before


async def test_a_savepoint_takes_back_what_came_after_it(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(text("CREATE TEMPORARY TABLE kept (n int) ON COMMIT DROP"))
        place = await tx.savepoint()
        await tx.execute(text("INSERT INTO kept VALUES (1)"))
        await place.undo()
        place = await tx.savepoint()
        await tx.execute(text("INSERT INTO kept VALUES (2)"))
        await place.keep()
        with contextlib.suppress(ZeroDivisionError):
            async with tx.nested():
                await tx.execute(text("INSERT INTO kept VALUES (3)"))
                raise ZeroDivisionError
        assert await tx.scalars(text("SELECT n FROM kept")) == [2]


async def test_a_value_that_does_not_fit_is_a_bug_and_is_not_quoted(database: Database) -> None:
    with pytest.raises(BadValue) as caught:
        async with database.transaction() as tx:
            await tx.execute(text("SELECT CAST(:n AS int)"), {"n": "09121234567"})
    error: BaseException | None = caught.value
    while error is not None:
        assert "0912" not in str(error)
        error = error.__cause__
    assert caught.value.__suppress_context__


async def test_a_failed_statement_that_is_passed_over_is_never_committed(
    database: Database,
) -> None:
    async def pass_over() -> None:
        async with database.transaction() as tx:
            with contextlib.suppress(asyncpg.PostgresError):
                await tx.execute(text("SELECT 1/0"))

    with pytest.raises(RuntimeError, match="failed statement"):
        await pass_over()


async def test_who_is_cancelled_leaves_at_once_and_the_statement_ends_too(
    database: Database,
) -> None:
    asleep = text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(300)%'")

    async def until(count: int) -> None:
        deadline = time.monotonic() + 30
        async with database.transaction() as tx:
            while await tx.scalar(asleep) != count:
                assert time.monotonic() < deadline
                await tx.execute(text("SELECT pg_stat_clear_snapshot()"))

    async def sleep() -> None:
        async with database.transaction() as tx:
            await tx.execute(text("SELECT pg_sleep(300)"))

    sleeping = asyncio.create_task(sleep())
    await until(1)
    sleeping.cancel()
    async with asyncio.timeout(60):
        await asyncio.gather(sleeping, return_exceptions=True)
    await until(0)


async def test_what_is_too_slow_or_away_is_told_from_a_bug(database: Database) -> None:
    async def be_slow() -> None:
        async with database.transaction() as tx:
            await tx.execute(text("SET LOCAL statement_timeout = 50"))
            await tx.execute(text("SELECT pg_sleep(5)"))

    with pytest.raises(TooSlow):
        await be_slow()
    with pytest.raises(Retry):
        async with database.transaction() as tx:
            await tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert await _pid(database)
    nowhere = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(Retry):
        async with nowhere.transaction():
            raise AssertionError
    await nowhere.close()


async def test_more_users_than_connections_wait_for_their_turn(database: Database) -> None:
    few = Database(database.url, pool=1)
    try:
        pids = await asyncio.gather(*(_pid(few) for _ in range(40)))
    finally:
        await few.close()
    assert 1 <= len(set(pids)) <= 5


async def test_a_table_that_changes_under_a_prepared_statement_is_read_anew(
    database: Database,
) -> None:
    """As in a rolling restart, when the newer program migrates under the older one."""
    async with database.transaction() as tx:
        await tx.execute(text("CREATE TABLE changing (n int)"))
    one = Database(database.url, pool=1)
    try:
        every = text("SELECT * FROM changing")
        async with one.transaction() as tx:
            await tx.execute(every)
        async with database.transaction() as tx:
            await tx.execute(text("ALTER TABLE changing ADD COLUMN m int"))
        with pytest.raises(Retry):
            async with one.transaction() as tx:
                await tx.execute(every)
        async with one.transaction() as tx:
            await tx.execute(every)
    finally:
        await one.close()
        async with database.transaction() as tx:
            await tx.execute(text("DROP TABLE changing"))


async def test_a_database_that_lets_nobody_in_is_away(database: Database) -> None:
    base, _, name = database.url.rpartition("/")
    admin = await asyncpg.connect(f"{base}/postgres")
    closed = Database(database.url)
    log = PostgresLog(closed)
    try:
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        with pytest.raises(Retry):
            async with closed.transaction():
                raise AssertionError
        for asked in (log.lags("group", ["topic"]), log.append([Record("topic", "k", b"")], 2)):
            with pytest.raises(LogUnavailable):
                await asked
    finally:
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        await admin.close()
        await log.close()
        await closed.close()
