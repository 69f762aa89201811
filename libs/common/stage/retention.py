"""The journal's days: made ahead, scrubbed of answers, dropped whole (rules 24 and 28)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database import Database

AHEAD: Final = 3
KEPT_DAYS: Final = 30
"""Longer than the captured topic is kept, so that a replay of it finds its rows."""
SCRUBBED_AFTER_DAYS: Final = 2
_PREFIX: Final = "journal_"


async def keep_journal(schema: str, database: Database) -> None:
    """Make the coming days, scrub and drop the old ones. One member at a time does it."""
    today = datetime.now(UTC).date()
    async with database.transaction() as tx:
        if not await _alone(tx, schema):
            return
        days = await _days(tx, schema)
        for day in (today + timedelta(days=n) for n in range(AHEAD)):
            if day not in days:
                await _make(tx, schema, day)
    for day in sorted(days):
        if day < today - timedelta(days=KEPT_DAYS):
            await _drop(database, schema, day)
        elif day < today - timedelta(days=SCRUBBED_AFTER_DAYS):
            await _scrub(database, schema, day)


async def _alone(tx: AsyncConnection, schema: str) -> bool:
    rows = await tx.execute(
        text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 6))"),
        {"name": f"{schema}/journal"},
    )
    return bool(rows.scalar_one())


async def _days(tx: AsyncConnection, schema: str) -> set[date]:
    rows = await tx.execute(
        text("""
            SELECT child.relname FROM pg_inherits
            JOIN pg_class child ON child.oid = inhrelid
            JOIN pg_class parent ON parent.oid = inhparent
            JOIN pg_namespace space ON space.oid = parent.relnamespace
            WHERE parent.relname = 'journal' AND space.nspname = :schema
        """),
        {"schema": schema},
    )
    names = (row.relname.removeprefix(_PREFIX) for row in rows)
    return {date.fromisoformat(name) for name in names if name.isdecimal()}


async def _make(tx: AsyncConnection, schema: str, day: date) -> None:
    """A partition of its own for the day, unless the default one has rows of it already."""
    taken = await tx.execute(
        text(f"SELECT 1 FROM {schema}.journal_default WHERE day = :day LIMIT 1"), {"day": day}
    )
    if taken.first() is None:
        await tx.execute(text("SET LOCAL lock_timeout = '2s'"))
        await tx.execute(
            text(
                f"CREATE TABLE {schema}.{_PREFIX}{day:%Y%m%d} PARTITION OF {schema}.journal"
                f" FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
            )
        )


async def _drop(database: Database, schema: str, day: date) -> None:
    async with database.transaction() as tx:
        await tx.execute(text("SET LOCAL lock_timeout = '2s'"))
        await tx.execute(text(f"DROP TABLE {schema}.{_PREFIX}{day:%Y%m%d}"))


async def _scrub(database: Database, schema: str, day: date) -> None:
    """Published answers lose their bodies: they hold contact data and nobody asks for them."""
    async with database.transaction() as tx:
        await tx.execute(
            text(
                f"UPDATE {schema}.{_PREFIX}{day:%Y%m%d} SET answers = NULL"
                " WHERE published_at IS NOT NULL AND answers IS NOT NULL"
            )
        )
