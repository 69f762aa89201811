"""Erased leads and persons: nothing about them is sent, changed or kept any more."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.routing.messages.notification import Notification
from services.routing.store.notifications import changed

_END: Final = text("""
    UPDATE routing.submissions SET state = 'erased', at = clock_timestamp()
    WHERE submission_id IN (
        SELECT submission_id FROM routing.submissions
        WHERE lead_id = ANY(CAST(:leads AS uuid[])) ORDER BY submission_id FOR UPDATE)
""")
_POSTINGS: Final = text("""
    DELETE FROM routing.postings WHERE lead_id = ANY(CAST(:leads AS uuid[]))
""")
_RESENDS: Final = text("""
    DELETE FROM routing.resends WHERE content ->> 'person_id' = ANY(CAST(:persons AS text[]))
""")
_LISTED: Final = text("""
    DELETE FROM routing.listed WHERE lead_id = ANY(CAST(:leads AS uuid[]))
""")
_AHEAD: Final = text("""
    DELETE FROM routing.ahead WHERE person_id = ANY(CAST(:persons AS uuid[]))
""")


async def empty_leads(tx: Transaction, leads: Collection[str]) -> list[Notification]:
    """End what led to these leads, and drop their messages that nobody has begun to write."""
    await tx.execute(_END, {"leads": sorted(leads)})
    dropped = await changed(
        tx,
        """
            UPDATE routing.notifications n
            SET state = 'failed', error = 'erased', version = n.version + 1, claim = NULL,
                deadline = NULL
            FROM routing.leads l
            WHERE l.id = n.lead_id AND n.lead_id = ANY(CAST(:leads AS uuid[]))
              AND (n.state = 'planned' OR (n.state = 'sending' AND NOT n.begun))
        """,
        {"leads": sorted(leads)},
    )
    for statement in (_POSTINGS, _LISTED):
        await tx.execute(statement, {"leads": sorted(leads)})
    return dropped


async def forget_persons(tx: Transaction, persons: Collection[str]) -> None:
    """Drop what waits for leads of theirs."""
    for statement in (_RESENDS, _AHEAD):
        await tx.execute(statement, {"persons": sorted(persons)})
