"""What was asked for and can still be undone; the timer beside each row does it when due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from libs.common.database import Transaction
from libs.common.database.statements import text

SHOWN_AFTER: Final = timedelta(minutes=1)
"""How long a row is still shown as on its way once it is due."""
_KEPT: Final = timedelta(days=1)


class Pending(NamedTuple):
    """One deed that waits for its moment."""

    activity_id: str
    lead_id: str | None
    subject: str
    action: str
    actor: str
    planned_at: datetime
    due_at: datetime


async def lock_lead(tx: Transaction, lead_id: str) -> None:
    """Wait for whoever is deciding about the lead, so that the next sees what waits for it."""
    await tx.execute(
        text("SELECT 1 FROM desk.leads WHERE id = CAST(:id AS uuid) FOR NO KEY UPDATE"),
        {"id": lead_id},
    )


async def plan(tx: Transaction, row: Pending, *, again: bool = False) -> bool:
    """Keep it; False if it was asked for before (`again`: unless that was undone).

    Rows long past are forgotten on the way.
    """
    await tx.execute(
        text("DELETE FROM desk.pending WHERE due_at < :past"), {"past": row.planned_at - _KEPT}
    )
    rows = await tx.execute(
        text("""
            INSERT INTO desk.pending AS p
                (activity_id, lead_id, subject, action, actor, planned_at, due_at)
            VALUES (CAST(:activity_id AS uuid), CAST(:lead_id AS uuid), :subject, :action, :actor,
                    :planned_at, :due_at)
            ON CONFLICT (activity_id) DO UPDATE SET
                planned_at = excluded.planned_at, due_at = excluded.due_at,
                actor = excluded.actor, undone_at = NULL
            WHERE CAST(:again AS boolean) AND p.undone_at IS NOT NULL
            RETURNING activity_id
        """),
        {**row._asdict(), "again": again},
    )
    return rows.first() is not None


async def undo(tx: Transaction, activity_id: str, now: datetime) -> bool:
    """Mark it undone while its timer still waits; False once it is on its way, or was undone.

    Whoever fires the timer holds its row, so one of the two comes first.
    """
    waits = await tx.execute(
        text("SELECT 1 FROM desk.timers WHERE id = CAST(:id AS uuid) FOR UPDATE"),
        {"id": activity_id},
    )
    if waits.first() is None:
        return False
    rows = await tx.execute(
        text("""
            UPDATE desk.pending SET undone_at = :now
            WHERE activity_id = CAST(:id AS uuid) AND undone_at IS NULL RETURNING 1
        """),
        {"id": activity_id, "now": now},
    )
    return rows.first() is not None


async def one(tx: Transaction, activity_id: str) -> dict[str, Any] | None:
    """The row, whatever became of it."""
    rows = await tx.execute(
        text(f"{_LOOK} WHERE p.activity_id = CAST(:id AS uuid)"), {"id": activity_id}
    )
    row = rows.first()
    return dict(row) if row else None


async def of_leads(tx: Transaction, lead_ids: Sequence[str], now: datetime) -> list[dict[str, Any]]:
    """What waits for these leads, the newest first: until the change that it causes is there."""
    rows = await tx.execute(
        text(f"{_LOOK} WHERE {_WAITS} AND p.lead_id = ANY(CAST(:ids AS uuid[])) {_NEWEST}"),
        {"ids": list(lead_ids), "past": now - SHOWN_AFTER},
    )
    return [dict(row) for row in rows]


async def of_actor(tx: Transaction, actor: str, now: datetime) -> list[dict[str, Any]]:
    """What somebody can still undo, the newest first."""
    rows = await tx.execute(
        text(f"{_LOOK} WHERE {_WAITS} AND p.actor = :actor AND p.due_at > :now {_NEWEST} LIMIT 5"),
        {"actor": actor, "past": now, "now": now},
    )
    return [dict(row) for row in rows]


_LOOK: Final = """
    SELECT p.activity_id, p.lead_id, p.subject, p.action, p.actor, p.planned_at, p.due_at,
           p.undone_at, l.body -> 'contact' ->> 'name' AS name
    FROM desk.pending p LEFT JOIN desk.leads l ON l.id = p.lead_id
"""
_WAITS: Final = """
    p.undone_at IS NULL AND p.due_at > :past
    AND NOT EXISTS (SELECT FROM desk.timeline t WHERE t.cause = p.activity_id)
"""
_NEWEST: Final = "ORDER BY p.planned_at DESC, p.activity_id"
