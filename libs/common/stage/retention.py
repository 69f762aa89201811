"""The journal's days: made ahead, scrubbed of answers, dropped whole (rules 24 and 28)."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta
from typing import Final

import asyncpg

from libs.common.database import Database, Transaction
from libs.common.database.statements import text

AHEAD: Final = 3
KEPT_DAYS: Final = 30
"""Longer than the captured topic is kept, so that a replay of it finds its rows."""
SCRUBBED_AFTER_DAYS: Final = 2
LARGEST_INLINE: Final = 3000
"""Bytes of a row beyond which answers are compressed, and then kept in a table of their own: at
the usual 2,000 a lead's would be there, at the price of two rows and index entries more."""
_PREFIX: Final = "journal_"
_MARK: Final = "scrubbed"


async def make_days(schema: str, database: Database) -> None:
    """Make the coming days. Cheap: a stage does it before it starts."""
    today = datetime.now(UTC).date()
    async with database.transaction() as tx:
        if await _alone(tx, schema):
            days = await _days(tx, schema)
            for day in (today + timedelta(days=n) for n in range(AHEAD)):
                if day not in days:
                    await _make(tx, schema, day)


async def keep_journal(schema: str, database: Database) -> None:
    """Make the coming days, scrub and drop the old ones. Two that do it at once do no harm."""
    await make_days(schema, database)
    today = datetime.now(UTC).date()
    async with database.transaction() as tx:
        days = await _days(tx, schema)
    for day, scrubbed in sorted(days.items()):
        if day < today - timedelta(days=KEPT_DAYS):
            await _drop(database, schema, day)
        elif day < today - timedelta(days=SCRUBBED_AFTER_DAYS) and not scrubbed:
            await _scrub(database, schema, day)
    await _scrub_default(database, schema)


async def _alone(tx: Transaction, schema: str) -> bool:
    rows = await tx.execute(
        text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 6))"),
        {"name": f"{schema}/journal"},
    )
    return bool(rows.scalar_one())


async def _days(tx: Transaction, schema: str) -> dict[date, bool]:
    """The days that are there, and whether each has been scrubbed for good."""
    rows = await tx.execute(
        text("""
            SELECT child.relname, obj_description(child.oid, 'pg_class') = :mark AS scrubbed
            FROM pg_inherits
            JOIN pg_class child ON child.oid = inhrelid
            JOIN pg_class parent ON parent.oid = inhparent
            JOIN pg_namespace space ON space.oid = parent.relnamespace
            WHERE parent.relname = 'journal' AND space.nspname = :schema
        """),
        {"schema": schema, "mark": _MARK},
    )
    named = ((row.relname.removeprefix(_PREFIX), bool(row.scrubbed)) for row in rows)
    return {date.fromisoformat(name): done for name, done in named if name.isdecimal()}


async def _make(tx: Transaction, schema: str, day: date) -> None:
    """A partition of its own for the day, unless the default one has rows of it already."""
    taken = await tx.execute(
        text(f"SELECT 1 FROM {schema}.journal_default WHERE day = :day LIMIT 1"), {"day": day}
    )
    if taken.first() is not None:
        return
    create = text(
        f"CREATE TABLE {schema}.{_PREFIX}{day:%Y%m%d} PARTITION OF {schema}.journal"
        f" FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
        f" WITH (toast_tuple_target = {LARGEST_INLINE})"
    )
    # a row of that day may have come into the default one since: then it stays without its own
    with contextlib.suppress(asyncpg.IntegrityConstraintViolationError):
        async with tx.nested():
            await tx.execute(text("SET LOCAL lock_timeout = '2s'"))
            await tx.execute(create)


async def _drop(database: Database, schema: str, day: date) -> None:
    """Drop it, unless somebody else is at it: two that drop the same day lock it crosswise."""
    async with database.transaction() as tx:
        if not await _alone(tx, schema):
            return
        await tx.execute(text("SET LOCAL lock_timeout = '2s'"))
        await tx.execute(text(f"DROP TABLE IF EXISTS {schema}.{_PREFIX}{day:%Y%m%d}"))


async def _scrub(database: Database, schema: str, day: date) -> None:
    """Published answers lose their bodies: they hold contact data and nobody asks for them."""
    table = f"{schema}.{_PREFIX}{day:%Y%m%d}"
    async with database.transaction() as tx:
        await tx.execute(text("SET LOCAL statement_timeout = 0"))
        await tx.execute(
            text(
                f"UPDATE {table} SET answers = NULL"
                " WHERE published_at IS NOT NULL AND answers IS NOT NULL"
            )
        )
        left = await tx.execute(text(f"SELECT 1 FROM {table} WHERE answers IS NOT NULL LIMIT 1"))
        if left.first() is None:  # once done, it is not gone through again
            await tx.execute(text(f"COMMENT ON TABLE {table} IS '{_MARK}'"))


async def _scrub_default(database: Database, schema: str) -> None:
    """The same for rows of days that had no partition (unreadable records, a first start)."""
    async with database.transaction() as tx:
        await tx.execute(
            text(f"""
                UPDATE {schema}.journal_default SET answers = NULL
                WHERE published_at < clock_timestamp() - make_interval(days => :days)
                  AND answers IS NOT NULL
            """),
            {"days": SCRUBBED_AFTER_DAYS},
        )
