"""Actions of staff that wait for the lead that they are about."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

import msgspec

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.routing.acting.ahead import LONGEST_WAIT, Ahead
from services.routing.store.leads import json_text

_DECODER: Final = msgspec.json.Decoder(Ahead)


async def waiting(tx: Transaction, person_ids: Collection[str]) -> list[Ahead]:
    """Those that wait for any lead of these persons, locked."""
    rows = await tx.execute(
        text("""
            SELECT CAST(content AS text) FROM routing.ahead
            WHERE person_id = ANY(CAST(:ids AS uuid[])) ORDER BY event_id FOR UPDATE
        """),
        {"ids": sorted(person_ids)},
    )
    return [_DECODER.decode(content) for content in rows.scalars()]


async def save(tx: Transaction, ahead: Collection[Ahead], now: datetime) -> int:
    """Let these wait; how many have waited too long by `now` and are forgotten."""
    ordered = sorted(ahead, key=lambda one: one.event_id)
    await tx.execute(
        text("""
            INSERT INTO routing.ahead (event_id, person_id, lead_id, at, content)
            SELECT event_id, person_id, lead_id, at, CAST(content AS jsonb)
            FROM unnest(CAST(:ids AS uuid[]), CAST(:persons AS uuid[]), CAST(:leads AS uuid[]),
                        CAST(:ats AS timestamptz[]), CAST(:contents AS text[]))
                 AS new (event_id, person_id, lead_id, at, content)
            ON CONFLICT DO NOTHING
        """),
        {
            "ids": [one.event_id for one in ordered],
            "persons": [one.person_id for one in ordered],
            "leads": [one.lead_id for one in ordered],
            "ats": [one.activity.at for one in ordered],
            "contents": [json_text(one) for one in ordered],
        },
    )
    gone = await tx.execute(
        text("DELETE FROM routing.ahead WHERE at < :past RETURNING 1"), {"past": now - LONGEST_WAIT}
    )
    return len(gone)


async def drop(tx: Transaction, event_ids: Collection[str]) -> None:
    """Those wait no longer."""
    await tx.execute(
        text("DELETE FROM routing.ahead WHERE event_id = ANY(CAST(:ids AS uuid[]))"),
        {"ids": sorted(event_ids)},
    )
