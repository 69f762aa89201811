"""Messages of conversations: which are touches already, and which are submissions of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import structs

from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.events import LeadCaptured
from services.enrichment.placing import Named, alone

_TOLD: Final = text("""
    SELECT event_id FROM enrichment.resends WHERE event_id = ANY(CAST(:ids AS uuid[]))
""")

_TAKE: Final = text("""
    WITH taken AS (
        DELETE FROM enrichment.resends r
        USING unnest(CAST(:events AS uuid[]), CAST(:conversations AS uuid[]),
                     CAST(:messages AS text[])) AS given(event, conversation, message)
        WHERE r.submission_id = given.conversation AND NOT r.conflict
          AND r.captured ->> 'message' = given.message
        RETURNING given.event, r.event_id, r.captured::text AS captured, r.raw
    ), touched AS (
        DELETE FROM enrichment.touches WHERE id IN (SELECT event_id FROM taken)
    )
    SELECT event, captured, raw FROM taken ORDER BY event
""")

_APART: Final = text("""
    INSERT INTO enrichment.apart (submission_id, conversation, at)
    SELECT message, conversation, :now
    FROM unnest(CAST(:messages AS uuid[]), CAST(:conversations AS uuid[]))
        AS given(message, conversation)
    ORDER BY message
    ON CONFLICT DO NOTHING
""")


async def told(tx: Transaction, events: Sequence[str]) -> frozenset[str]:
    """Those of the events whose message is kept as a touch."""
    if not events:
        return frozenset()
    return frozenset(str(row.event_id) for row in await tx.execute(_TOLD, {"ids": sorted(events)}))


async def take(tx: Transaction, asked: Mapping[str, Named]) -> dict[str, LeadCaptured]:
    """Take messages out of conversations that the caller holds; each whole, under its own id.

    By the event that asks. One that is not there, or has been taken, is left out.
    """
    if not asked:
        return {}
    ordered = sorted(asked)
    values = {
        "events": ordered,
        "conversations": [asked[event].conversation for event in ordered],
        "messages": [asked[event].message for event in ordered],
    }
    found = {}
    for row in await tx.execute(_TAKE, values):
        captured = msgspec.json.decode(row.captured, type=LeadCaptured)
        found[str(row.event)] = structs.replace(alone(captured), raw=bytes(row.raw))
    return found


async def save_apart(tx: Transaction, apart: Sequence[Named], now: datetime) -> None:
    """Note messages that are submissions of their own, and of which conversation each was."""
    if apart:
        values = {
            "messages": [one.message for one in apart],
            "conversations": [one.conversation for one in apart],
            "now": now,
        }
        await tx.execute(_APART, values)
