"""The journal's days (rules 24 and 28): made ahead, scrubbed, dropped whole."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from libs.common.database import Database
from libs.common.database.statements import text
from libs.common.log import Record
from libs.common.stage.journal import Entry, Journal
from libs.common.stage.retention import keep_journal
from tests.integration.stage.conftest import SCHEMA

pytestmark = pytest.mark.usefixtures("within_one_day")
ANSWER = (Record("t", "k", "تماس ۰۹۱۲".encode()),)


async def days(database: Database) -> set[str]:
    async with database.transaction() as tx:
        rows = await tx.execute(
            text("SELECT relname FROM pg_class WHERE relname ~ '^journal_[0-9]{8}$'"
                 " AND relnamespace = CAST(:schema AS regnamespace)"),
            {"schema": SCHEMA},
        )  # fmt: skip
        return {row.relname.removeprefix("journal_") for row in rows}


async def a_day(database: Database, day: date) -> None:
    async with database.transaction() as tx:
        await tx.execute(
            text(
                f"CREATE TABLE {SCHEMA}.journal_{day:%Y%m%d} PARTITION OF {SCHEMA}.journal"
                f" FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
            )
        )


async def write(database: Database, day: date, *, published: bool) -> str:
    identity = f"00000000-0000-4000-8000-{day:%Y%m%d}{int(published):04d}"
    journal = Journal(SCHEMA)
    async with database.transaction() as tx:
        await journal.write(tx, [Entry(identity, day, "done", 0, ANSWER)])
        if published:
            await journal.published(tx, [(identity, day)])
    return identity


async def bodies(database: Database) -> dict[str, bool]:
    async with database.transaction() as tx:
        rows = await tx.execute(
            text(f"SELECT event_id, answers IS NOT NULL AS body FROM {SCHEMA}.journal")
        )
        return {str(row.event_id): row.body for row in rows}


async def test_rule_24_days_are_made_ahead_and_old_ones_dropped_whole(database: Database) -> None:
    today = datetime.now(UTC).date()
    await a_day(database, today - timedelta(days=40))
    await asyncio.gather(*(keep_journal(SCHEMA, database) for _ in range(3)))
    wanted = {f"{today + timedelta(days=n):%Y%m%d}" for n in range(3)}
    assert await days(database) == wanted


async def test_rule_28_published_answers_lose_their_bodies_and_keep_their_rows(
    database: Database,
) -> None:
    today = datetime.now(UTC).date()
    await keep_journal(SCHEMA, database)
    old = today - timedelta(days=5)
    await a_day(database, old)
    fresh = await write(database, today, published=True)
    published = await write(database, old, published=True)
    waiting = await write(database, old, published=False)
    await keep_journal(SCHEMA, database)
    assert await bodies(database) == {fresh: True, published: False, waiting: True}


async def test_rule_28_where_a_day_has_no_table_what_is_unpublished_keeps_its_body(
    database: Database,
) -> None:
    day = date(1970, 1, 1)
    published = await write(database, day, published=True)
    waiting = await write(database, day, published=False)
    async with database.transaction() as tx:
        earlier = "at = at - interval '5 days', published_at = published_at - interval '5 days'"
        await tx.execute(text(f"UPDATE {SCHEMA}.journal SET {earlier}"))
    await keep_journal(SCHEMA, database)
    assert await bodies(database) == {published: False, waiting: True}


async def test_a_day_that_began_in_the_default_partition_stays_readable(
    database: Database,
) -> None:
    today = datetime.now(UTC).date()
    identity = await write(database, today, published=False)
    await keep_journal(SCHEMA, database)
    assert await bodies(database) == {identity: True}
