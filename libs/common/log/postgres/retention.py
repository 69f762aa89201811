"""Keeps the days of the log: made ahead, and dropped whole when they are old and read (rule 24)."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from datetime import date, timedelta
from typing import Any, Final

from libs.common import topics
from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.log.port import LogUnavailable
from libs.common.log.postgres.connections import Connections

_AHEAD: Final = 3
_STEP: Final = 10.0
_LOCK: Final = 0x10610600
_PREFIX: Final = "records_"
LARGEST_INLINE: Final = 3000
"""Bytes of a row beyond which its value is compressed, and then kept in a table of its own: at
the usual 2,000 every lead would be there, at the price of two rows and index entries more."""


async def maintain(connections: Connections, today: date | None = None) -> None:
    """Make the coming days and drop those past `topics.RETENTION_DAYS` that every group has read.

    `today` is the database's day (UTC) unless given. A step that cannot get its lock within two
    seconds is left for the next time: appends never wait longer than that for it.
    """
    now = await connections.within(_STEP, _today(connections)) if today is None else today
    days = [now + timedelta(days=ahead) for ahead in range(_AHEAD + 1)]
    for day in days:
        await _attempt(connections, day, make=True)
    oldest = now - timedelta(days=topics.RETENTION_DAYS)
    for day in await connections.within(_STEP, _days_before(connections, oldest)):
        await _attempt(connections, day, make=False)
    await _within(connections, _empty_default(connections, oldest))


async def _attempt(connections: Connections, day: date, *, make: bool) -> None:
    await _within(connections, _make(connections, day) if make else _drop(connections, day))


async def _within(connections: Connections, step: Coroutine[Any, Any, None]) -> None:
    try:
        await connections.within(_STEP, step)
    except LogUnavailable:
        return  # locked by somebody, or away: next time


async def _today(connections: Connections) -> date:
    rows = await connections.quick.run(text("SELECT (now() AT TIME ZONE 'UTC')::date"))
    found: date = rows.scalar_one()
    return found


async def _days_before(connections: Connections, oldest: date) -> Sequence[date]:
    rows = await connections.quick.run(
        text("""
            SELECT to_date(right(c.relname, 8), 'YYYYMMDD') AS day
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = CAST('log.records' AS regclass)
              AND c.relname ~ '^records_[0-9]{8}$'
            ORDER BY day
        """)
    )
    return [row.day for row in rows if row.day < oldest]


async def _make(connections: Connections, day: date) -> None:
    name = f"log.{_PREFIX}{day:%Y%m%d}"
    async with connections.quick.transaction() as tx:
        if not await _alone(tx):
            return
        rows = await tx.execute(
            text("""
                SELECT to_regclass(:name) IS NOT NULL OR EXISTS (
                    SELECT 1 FROM log.records_default WHERE day = :day)
            """),
            {"name": name, "day": day},
        )
        if rows.scalar_one():
            return  # made already, or its records lie in the default: they stay there
        await tx.execute(
            text(
                f"CREATE TABLE {name} PARTITION OF log.records "
                f"FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}') "
                f"WITH (toast_tuple_target = {LARGEST_INLINE})"
            )
        )


async def _drop(connections: Connections, day: date) -> None:
    name = f"log.{_PREFIX}{day:%Y%m%d}"
    async with connections.quick.transaction() as tx:
        if await _alone(tx) and not await _has_unread(tx, name):
            await _move_starts(tx, name)
            await tx.execute(text(f"DROP TABLE IF EXISTS {name}"))


async def _empty_default(connections: Connections, oldest: date) -> None:
    """What fell into the default partition goes when the last of it is old enough."""
    name = f"log.{_PREFIX}default"
    async with connections.quick.transaction() as tx:
        rows = await tx.execute(
            text("SELECT max(day) < :oldest FROM log.records_default"), {"oldest": oldest}
        )
        if rows.scalar_one() and await _alone(tx) and not await _has_unread(tx, name):
            await _move_starts(tx, name)
            await tx.execute(text(f"TRUNCATE {name}"))


async def _move_starts(tx: Transaction, name: str) -> None:
    await tx.execute(
        text(f"""
            UPDATE log.lanes l SET first = greatest(l.first, old.last + 1)
            FROM (SELECT lane, max("offset") AS last FROM {name} GROUP BY lane) AS old
            WHERE l.id = old.lane
        """)  # noqa: S608 - the name is made of a date
    )


async def _alone(tx: Transaction) -> bool:
    """Whether no other process is at it; and a bound on waiting for those who read and append."""
    await tx.execute(text("SELECT set_config('lock_timeout', '2000', true)"))
    rows = await tx.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    return bool(rows.scalar_one())


async def _has_unread(tx: Transaction, name: str) -> bool:
    """Whether a group has yet to commit a record of that day: then it is kept, however old."""
    rows = await tx.execute(
        text(f"""
            SELECT EXISTS (
                SELECT 1 FROM log.positions p
                WHERE p.committed <= (SELECT max(r."offset") FROM {name} r WHERE r.lane = p.lane))
        """)  # noqa: S608 - the name is made of a date
    )
    return bool(rows.scalar_one())
