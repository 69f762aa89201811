"""Resends that wait for the submission that they are of."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import msgspec

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.routing.leads.resend import Resend
from services.routing.store.leads import json_text

_DECODER: Final = msgspec.json.Decoder(Resend)


async def waiting(tx: Transaction, submission_ids: Collection[str]) -> list[Resend]:
    """Those that wait for any of these submissions, locked."""
    rows = await tx.execute(
        text("""
            SELECT CAST(content AS text) FROM routing.resends
            WHERE submission_id = ANY(CAST(:ids AS uuid[])) ORDER BY event_id FOR UPDATE
        """),
        {"ids": sorted(submission_ids)},
    )
    return [_DECODER.decode(content) for content in rows.scalars()]


async def save(tx: Transaction, resends: Collection[Resend]) -> None:
    """Let these wait; one that does already goes on waiting."""
    ordered = sorted(resends, key=lambda resend: resend.event_id)
    await tx.execute(
        text("""
            INSERT INTO routing.resends (event_id, submission_id, content)
            SELECT event_id, submission_id, CAST(content AS jsonb)
            FROM unnest(CAST(:ids AS uuid[]), CAST(:submissions AS uuid[]),
                        CAST(:contents AS text[])) AS new (event_id, submission_id, content)
            ON CONFLICT DO NOTHING
        """),
        {
            "ids": [resend.event_id for resend in ordered],
            "submissions": [resend.submission_id for resend in ordered],
            "contents": [json_text(resend) for resend in ordered],
        },
    )


async def drop(tx: Transaction, event_ids: Collection[str]) -> None:
    """Those wait no longer."""
    await tx.execute(
        text("DELETE FROM routing.resends WHERE event_id = ANY(CAST(:ids AS uuid[]))"),
        {"ids": sorted(event_ids)},
    )


async def persons_behind(tx: Transaction, submission_ids: Collection[str]) -> set[str]:
    """Whose leads these submissions led to."""
    rows = await tx.execute(
        text("""
            SELECT DISTINCT CAST(l.person_id AS text)
            FROM routing.submissions s JOIN routing.leads l ON l.id = s.lead_id
            WHERE s.submission_id = ANY(CAST(:ids AS uuid[]))
        """),
        {"ids": sorted(submission_ids)},
    )
    return set(rows.scalars())
