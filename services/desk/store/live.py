"""What open pages ask for again and again, so that each question is small."""

from __future__ import annotations

from libs.common.database import Transaction
from libs.common.database.statements import text


async def pulse(tx: Transaction) -> str:
    """Another text whenever the read model may have changed, in whichever process.

    The stage's own offsets say it: they move in the very transaction that writes the rows.
    """
    rows = await tx.execute(
        text("""
            SELECT (SELECT coalesce(sum(next), 0) FROM desk.positions) || '/'
                || (SELECT count(*) FILTER (WHERE undone_at IS NULL) || '/' || count(*)
                    FROM desk.pending)
        """)
    )
    return str(rows.scalar_one())


async def mark(tx: Transaction, lead_id: str) -> str:
    """Another text whenever something of this lead's page has changed; empty for no lead."""
    rows = await tx.execute(
        text("""
            WITH it AS (
                SELECT id, person_id, version FROM desk.leads
                WHERE id = desk.surviving_lead(CAST(:id AS uuid))
            )
            SELECT concat_ws('.', it.version,
                (SELECT count(*) FROM desk.timeline t WHERE t.lead_id = it.id),
                (SELECT count(*) FROM desk.timeline t WHERE t.person_id = it.person_id
                    AND t.submission_id IS NULL AND t.lead_id IS NULL),
                (SELECT coalesce(sum(n.version), 0) FROM desk.notifications n
                    WHERE n.lead_id = it.id),
                (SELECT count(*) FROM desk.submissions s WHERE s.lead_id = it.id),
                (SELECT count(*) FROM desk.pending p WHERE p.lead_id = it.id
                    AND p.undone_at IS NULL))
            FROM it
        """),
        {"id": lead_id},
    )
    found = rows.scalar()
    return str(found) if found is not None else ""
