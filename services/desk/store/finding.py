"""Finds leads: one with all that belongs to it, or a page of those that match."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


class Wanted(msgspec.Struct, frozen=True):
    """Which leads; None does not narrow."""

    state: str | None = None
    stage: str | None = None
    temperature: str | None = None
    owner: str | None = None
    source: str | None = None
    page: str | None = None
    below: str | None = None
    """A page and all below it."""
    words: tuple[str, ...] = ()
    """Folded words that must all be found in the person's name, number, address or company."""
    since: datetime | None = None
    until: datetime | None = None


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where the page before ended: the cursor."""

    at: datetime
    id: str


async def newest(
    tx: AsyncConnection, wanted: Wanted, after: Place | None, limit: int
) -> list[dict[str, Any]]:
    """Leads that match, newest first; ask for one more than shown to know whether more follow."""
    rows = await tx.execute(
        text("""
            SELECT l.id, l.opened_at, l.body, t.contact ->> 'message' AS want
            FROM desk.leads l
            LEFT JOIN desk.submissions t
                ON t.id = CAST(l.body -> 'last_touch' ->> 'submission_id' AS uuid)
            WHERE l.merged_into IS NULL
              AND (CAST(:state AS text) IS NULL OR l.state = :state)
              AND (CAST(:stage AS text) IS NULL OR l.stage = :stage)
              AND (CAST(:temperature AS text) IS NULL OR l.temperature = :temperature)
              AND (CAST(:owner AS text) IS NULL OR l.owner = :owner)
              AND (CAST(:source AS text) IS NULL OR l.source = :source)
              AND (CAST(:page AS text) IS NULL OR l.page = :page)
              AND (CAST(:below AS text) IS NULL OR l.page = :below
                   OR starts_with(l.page, :below || '/'))
              AND (CAST(:since AS timestamptz) IS NULL OR l.opened_at >= :since)
              AND (CAST(:until AS timestamptz) IS NULL OR l.opened_at < :until)
              AND (CAST(:at AS timestamptz) IS NULL
                   OR (l.opened_at, l.id) < (:at, CAST(:id AS uuid)))
              AND (l.search LIKE ALL (CAST(:patterns AS text[])) OR l.id IN (
                  SELECT s.lead_id FROM desk.timeline r
                  JOIN desk.submissions s ON s.id = r.submission_id
                  JOIN desk.leads x ON x.id = s.lead_id
                  WHERE r.kind = 'resent'
                    AND lower(concat_ws(' ', x.search, r.data -> 'contact' ->> 'phone',
                                        r.data -> 'contact' ->> 'email'))
                        LIKE ALL (CAST(:patterns AS text[]))))
            ORDER BY l.opened_at DESC, l.id DESC
            LIMIT :limit
        """),
        {
            **{name: getattr(wanted, name) for name in _NARROWING},
            "patterns": [_pattern(word) for word in wanted.words],
            "at": after and after.at,
            "id": after and after.id,
            "limit": limit,
        },
    )
    return [dict(row) for row in rows.mappings()]


_NARROWING = (
    "state",
    "stage",
    "temperature",
    "owner",
    "source",
    "page",
    "below",
    "since",
    "until",
)


def _pattern(word: str) -> str:
    escaped = word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"


async def one(tx: AsyncConnection, lead_id: str) -> dict[str, Any] | None:
    """The lead; for one that was joined to another, that other."""
    rows = await tx.execute(
        text("""
            SELECT l.id, l.opened_at, l.body, t.contact ->> 'message' AS want
            FROM desk.leads l
            LEFT JOIN desk.submissions t
                ON t.id = CAST(l.body -> 'last_touch' ->> 'submission_id' AS uuid)
            WHERE l.id = desk.surviving_lead(CAST(:id AS uuid))
        """),
        {"id": lead_id},
    )
    row = rows.mappings().first()
    return dict(row) if row else None


async def touches(tx: AsyncConnection, lead_id: str) -> list[dict[str, Any]]:
    """The submissions of a lead and of those joined to it, with resends, newest first."""
    rows = await tx.execute(
        text("""
            WITH mine AS (
                SELECT * FROM desk.submissions
                WHERE lead_id IN (SELECT desk.joined_leads(CAST(:id AS uuid)))
            )
            SELECT id AS submission_id, kind, source, attribution ->> 'page' AS page,
                   received_at AS at, contact ->> 'message' AS message
            FROM mine
            UNION ALL
            SELECT mine.id, mine.kind, mine.source, r.data ->> 'page', r.at,
                   r.data -> 'contact' ->> 'message'
            FROM mine JOIN desk.timeline r ON r.submission_id = mine.id
            WHERE r.kind = 'resent' AND r.person_id IS NOT NULL
            ORDER BY at DESC, submission_id DESC LIMIT 200
        """),
        {"id": lead_id},
    )
    return [dict(row) for row in rows.mappings()]


async def notifications(tx: AsyncConnection, lead_id: str) -> list[dict[str, Any]]:
    """The messages about a lead and those joined to it, newest first."""
    rows = await tx.execute(
        text("""
            SELECT id, kind, channel, specialist, state, at, attempts, error
            FROM desk.notifications
            WHERE lead_id IN (SELECT desk.joined_leads(CAST(:id AS uuid)))
            ORDER BY at DESC, id DESC LIMIT 200
        """),
        {"id": lead_id},
    )
    return [dict(row) for row in rows.mappings()]


async def any_lead(tx: AsyncConnection) -> bool:
    """Whether anything has ever arrived: an empty inbox then says how to begin."""
    rows = await tx.execute(text("SELECT EXISTS (SELECT 1 FROM desk.leads)"))
    return bool(rows.scalar_one())
