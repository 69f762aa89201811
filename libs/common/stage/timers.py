"""Timers decide nothing: when due, a timer publishes its event, and whoever reads it decides.

So an acceptance and a time-out meet in one order, the partition's (delivery rule 18).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.events import Event, derived_id, encode
from libs.common.log import Record
from libs.common.stage.journal import Entry

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Record)


async def plan(tx: Transaction, schema: str, timer_id: str, due_at: datetime, event: Event) -> None:
    """Publish `event` at `due_at`; planning the same timer again moves it."""
    await plan_all(tx, schema, [(timer_id, due_at, event)])


async def plan_all(
    tx: Transaction, schema: str, planned: Sequence[tuple[str, datetime, Event]]
) -> None:
    """Plan several in one statement."""
    await tx.execute(
        text(f"""
            INSERT INTO {schema}.timers (id, due_at, record)
            SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:dues AS timestamptz[]),
                                 CAST(:records AS bytea[]))
            ON CONFLICT (id) DO UPDATE SET due_at = excluded.due_at, record = excluded.record
        """),
        {
            "ids": [timer_id for timer_id, _due_at, _event in planned],
            "dues": [due_at for _timer_id, due_at, _event in planned],
            "records": [_ENCODER.encode(encode(event)) for _timer_id, _due_at, event in planned],
        },
    )


async def cancel(tx: Transaction, schema: str, *timer_ids: str) -> None:
    """Forget the timers. One that is on its way already is stale to its reader."""
    await tx.execute(
        text(f"DELETE FROM {schema}.timers WHERE id = ANY(CAST(:ids AS uuid[]))"),
        {"ids": list(timer_ids)},
    )


async def clock(tx: Transaction) -> datetime:
    """The database's own time: the one clock that all members share."""
    rows = await tx.execute(text("SELECT clock_timestamp()"))
    now: datetime = rows.scalar_one()
    return now


async def claim_due(tx: Transaction, schema: str, now: datetime | None = None) -> Sequence[Entry]:
    """Take the timers that are due as inputs for the journal; others' claims are skipped.

    By the database's clock unless a time is given: a member whose own is ahead fires nothing early.
    """
    rows = await tx.execute(
        text(f"""
            DELETE FROM {schema}.timers WHERE id IN (
                SELECT id FROM {schema}.timers
                WHERE due_at <= (SELECT COALESCE(CAST(:now AS timestamptz), clock_timestamp()))
                ORDER BY due_at LIMIT 1000 FOR UPDATE SKIP LOCKED
            ) RETURNING id, due_at, record
        """),
        {"now": now},
    )
    return [
        Entry(
            # not the timer's own id, which its event may carry back to this very schema
            event_id=derived_id("timer", str(row.id), row.due_at.astimezone(UTC).isoformat()),
            day=row.due_at.astimezone(UTC).date(),
            outcome="done",
            round=0,
            answers=(_DECODER.decode(row.record),),
        )
        for row in rows
    ]
