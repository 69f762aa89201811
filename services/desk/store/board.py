"""What the board counts: who has what, what is late, what waits, who was given how many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.desk.reading.rows import AssignmentRow
from services.desk.store.columns import plain


async def write_assignments(tx: Transaction, rows: Sequence[AssignmentRow]) -> None:
    """Keep each assignment; a repeat adds none."""
    await tx.execute(
        text("""
            INSERT INTO desk.assignments (id, lead_id, team, specialist, rule, at)
            SELECT * FROM unnest(
                CAST(:ids AS text[]), CAST(:leads AS uuid[]), CAST(:teams AS text[]),
                CAST(:specialists AS text[]), CAST(:rules AS text[]),
                CAST(:ats AS timestamptz[]))
            ON CONFLICT (id) DO NOTHING
        """),
        {
            "ids": [row.id for row in rows],
            "leads": [row.lead_id for row in rows],
            "teams": [row.team for row in rows],
            "specialists": [row.specialist for row in rows],
            "rules": [plain(row.rule) for row in rows],
            "ats": [row.at for row in rows],
        },
    )


async def counts(tx: Transaction, now: datetime, week: datetime) -> list[dict[str, Any]]:
    """Leads by team and owner: those open by what they wait for, and those closed this week."""
    rows = await tx.execute(
        text("""
            SELECT team, owner,
                count(*) FILTER (WHERE state = 'open') AS open,
                count(*) FILTER (WHERE state = 'open' AND waits_for IS NOT NULL) AS waiting,
                count(*) FILTER (WHERE state = 'open' AND owner IS NOT NULL
                                 AND accepted_at IS NULL) AS unaccepted,
                count(*) FILTER (WHERE state = 'open' AND due_at < :now) AS late,
                count(*) FILTER (WHERE state = 'open' AND contacted_at IS NOT NULL) AS contacted,
                count(*) FILTER (WHERE state = 'won') AS won,
                count(*) FILTER (WHERE state = 'lost') AS lost
            FROM desk.leads
            WHERE merged_into IS NULL AND (state = 'open' OR closed_at >= :week)
            GROUP BY team, owner
        """),
        {"now": now, "week": week},
    )
    return [dict(row) for row in rows]


async def given(tx: Transaction, since: datetime, today: datetime) -> list[dict[str, Any]]:
    """How many each was given since then, how many of them in turn, and how many today."""
    rows = await tx.execute(
        text("""
            SELECT team, specialist, count(*) FILTER (WHERE at >= :today) AS today,
                   count(*) FILTER (WHERE rule NOT IN ('staff', 'returning_owner')) AS in_turn
            FROM desk.assignments WHERE at >= LEAST(CAST(:since AS timestamptz), :today)
            GROUP BY team, specialist
        """),
        {"since": since, "today": today},
    )
    return [dict(row) for row in rows]


async def latest_due(tx: Transaction, most: int) -> list[dict[str, Any]]:
    """Open leads with a clock, the one that is due first on top."""
    rows = await tx.execute(
        text("""
            SELECT id, owner, team, body FROM desk.leads
            WHERE state = 'open' AND due_at IS NOT NULL AND merged_into IS NULL
            ORDER BY due_at, id LIMIT :most
        """),
        {"most": most},
    )
    return [dict(row) for row in rows]


async def queue(tx: Transaction, most: int) -> list[dict[str, Any]]:
    """Open leads that wait for somebody, the one that has waited longest on top."""
    rows = await tx.execute(
        text("""
            SELECT id, team, body FROM desk.leads
            WHERE state = 'open' AND waits_for IS NOT NULL AND merged_into IS NULL
            ORDER BY opened_at, id LIMIT :most
        """),
        {"most": most},
    )
    return [dict(row) for row in rows]
