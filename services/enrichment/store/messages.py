"""Messages of conversations: which are touches already, and which are submissions of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec import structs

from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.events import LeadCaptured, as_id
from services.enrichment.placing import Apart, Named, alone
from services.enrichment.stored import said_at

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
        RETURNING given.event, r.event_id, r.received_at, r.captured::text AS captured, r.raw
    ), touched AS (
        DELETE FROM enrichment.touches WHERE id IN (SELECT event_id FROM taken)
    )
    SELECT event, captured, raw FROM taken ORDER BY received_at, event_id
""")

_APART: Final = text("""
    INSERT INTO enrichment.apart (submission_id, conversation, at, moment)
    SELECT message, conversation, :now, moment
    FROM unnest(CAST(:messages AS uuid[]), CAST(:conversations AS uuid[]),
                CAST(:moments AS timestamptz[])) AS given(message, conversation, moment)
    ORDER BY message
    ON CONFLICT DO NOTHING
""")

_SENT_ANEW: Final = text("""
    SELECT s.id FROM enrichment.apart a JOIN enrichment.submissions s ON s.id = a.submission_id
    WHERE a.conversation = CAST(:id AS uuid) AND s.captured ? 'again_after' ORDER BY s.id
""")

_MOMENTS: Final = text("""
    SELECT DISTINCT a.conversation, a.moment
    FROM unnest(CAST(:conversations AS uuid[]), CAST(:froms AS timestamptz[]),
                CAST(:tos AS timestamptz[])) AS given(conversation, since, until)
        JOIN enrichment.apart a ON a.conversation = given.conversation
            AND a.moment BETWEEN given.since AND given.until
""")


async def told(tx: Transaction, events: Sequence[str]) -> frozenset[str]:
    """Those of the events whose message is kept as a touch."""
    if not events:
        return frozenset()
    return frozenset(str(row.event_id) for row in await tx.execute(_TOLD, {"ids": sorted(events)}))


async def take(tx: Transaction, asked: Mapping[str, Named]) -> dict[str, LeadCaptured]:
    """Take messages out of conversations that the caller holds; each whole, under its own id.

    By the event that asks, the first of several. One that is not there, or has been taken, is
    left out; of one that came with other content too, that is what came last.
    """
    if not asked:
        return {}
    ordered = sorted({asked[event]: event for event in sorted(asked, reverse=True)}.values())
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


async def moments(tx: Transaction, said: Sequence[LeadCaptured]) -> dict[str, list[datetime]]:
    """When the same contents were sent anew before, as near as it takes to be a repeat."""
    if not said:
        return {}
    near = [(said_at(one), timedelta(seconds=one.again_after)) for one in said]
    values = {
        "conversations": [as_id(one.submission_id) for one in said],
        "froms": [moment - window for moment, window in near],
        "tos": [moment + window for moment, window in near],
    }
    found: dict[str, list[datetime]] = {}
    for row in await tx.execute(_MOMENTS, values):
        found.setdefault(str(row.conversation), []).append(row.moment)
    return found


async def sent_anew(tx: Transaction, submission_id: str) -> list[str]:
    """What came under its id with the same content, later, and is not erased."""
    return [str(row.id) for row in await tx.execute(_SENT_ANEW, {"id": submission_id})]


async def save_apart(tx: Transaction, apart: Sequence[Apart], now: datetime) -> None:
    """Note what are submissions of their own, and under which id each came."""
    if apart:
        values = {
            "messages": [one.message for one in apart],
            "conversations": [one.conversation for one in apart],
            "moments": [one.moment for one in apart],
            "now": now,
        }
        await tx.execute(_APART, values)
