"""What waits for a person: held, dead, undelivered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from libs.common.database import Transaction
from libs.common.database.statements import text


async def held_by_reason(tx: Transaction) -> dict[str, int]:
    """How many are held for review, by why."""
    rows = await tx.execute(
        text("""
            SELECT reason, count(*) AS n FROM desk.quarantine WHERE state = 'held'
            GROUP BY reason ORDER BY count(*) DESC, reason
        """)
    )
    return {row.reason: row.n for row in rows}


async def dead_by_stage(tx: Transaction) -> dict[str, int]:
    """How many dead letters nobody has sent again, by the stage that gave up."""
    rows = await tx.execute(
        text("""
            SELECT stage, count(*) AS n FROM desk.dead_letters WHERE state = 'dead'
            GROUP BY stage ORDER BY count(*) DESC, stage
        """)
    )
    return {row.stage: row.n for row in rows}


_UNTOLD = """
    FROM desk.submissions s LEFT JOIN desk.leads l ON l.id = desk.surviving_lead(s.lead_id)
    WHERE s.state = 'undelivered'
      AND (l.id IS NULL OR (l.state = 'open' AND l.accepted_at IS NULL
                            AND l.contacted_at IS NULL))
"""
"""Nobody was told, and nobody has found it by themselves since."""


async def undelivered(tx: Transaction, most: int) -> tuple[int, list[dict[str, Any]]]:
    """Submissions that nobody knows of: how many, and the newest with their leads."""
    total = await tx.execute(text(f"SELECT count(*) {_UNTOLD}"))
    rows = await tx.execute(
        text(f"""
            SELECT s.id, l.id AS lead_id, s.state_at AS at, l.owner,
                   l.body -> 'contact' AS contact
            {_UNTOLD} ORDER BY s.state_at DESC, s.id DESC LIMIT :most
        """),
        {"most": most},
    )
    return int(total.scalar_one()), [dict(row) for row in rows]


async def contacts(tx: Transaction, submission_ids: Sequence[str]) -> dict[str, Any]:
    """What these submissions said of how to reach somebody."""
    rows = await tx.execute(
        text("SELECT id, contact FROM desk.submissions WHERE id = ANY(CAST(:ids AS uuid[]))"),
        {"ids": list(submission_ids)},
    )
    return {str(row.id): row.contact for row in rows}
