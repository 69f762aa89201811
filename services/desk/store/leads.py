"""Leads, whole as routing last told them, and the messages about them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.events import Lead
from libs.common.fading import turns_at
from libs.common.normal.text import fold
from libs.common.stage.turns import in_groups
from services.desk.reading.rows import NotificationRow
from services.desk.store.columns import jsonb, plain


def searchable(lead: Lead) -> str:
    """What a search looks in: the person's own words and numbers, folded."""
    who = lead.contact
    parts = (who.name, who.phone, who.phone_typed, who.email, who.email_typed, who.company)
    return fold(" ".join(part for part in (*parts, who.handle) if part))


def team_of(lead: Lead) -> str | None:
    """Whose it is, or for whom it waits."""
    if lead.assignment:
        return lead.assignment.team
    return lead.waiting.team if lead.waiting else None


async def write(tx: Transaction, leads: Sequence[Lead]) -> None:
    """Keep the newest version of each (rule 11)."""
    sent = [_sent(lead) async for some in in_groups(leads) for lead in some]
    await asyncio.sleep(0)  # the driver encodes them in one piece (rule 30)
    await tx.execute(_WRITE, {"rows": sent})


_WRITE: Final = text("""
    INSERT INTO desk.leads AS l (
        id, version, person_id, state, stage, temperature, team, owner, page, source,
        score, opened_at, changed_at, merged_into, search, body, changes_at, turns_at,
        accepted_at, contacted_at, closed_at, due_at, waits_for, erased_at, score_now,
        temperature_now)
    SELECT id, version, person_id, state, stage, temperature, team, owner, page, source,
           score, opened_at, changed_at, merged_into, search, CAST(body AS jsonb), changes_at,
           turns_at, accepted_at, contacted_at, closed_at, due_at, waits_for, erased_at, score,
           temperature
    FROM unnest(CAST(:rows AS desk.lead_sent[]))
    ON CONFLICT (id) DO UPDATE SET
        version = excluded.version, person_id = excluded.person_id,
        state = excluded.state, stage = excluded.stage,
        temperature = excluded.temperature, team = excluded.team,
        owner = excluded.owner, page = excluded.page, source = excluded.source,
        score = excluded.score, opened_at = excluded.opened_at,
        changed_at = excluded.changed_at, merged_into = excluded.merged_into,
        search = excluded.search, body = excluded.body,
        changes_at = excluded.changes_at, turns_at = excluded.turns_at,
        accepted_at = excluded.accepted_at, contacted_at = excluded.contacted_at,
        closed_at = excluded.closed_at, due_at = excluded.due_at,
        waits_for = excluded.waits_for, erased_at = excluded.erased_at,
        score_now = excluded.score_now, temperature_now = excluded.temperature_now
    WHERE l.version < excluded.version
""")


def _sent(lead: Lead) -> tuple[Any, ...]:
    score = lead.score
    return (
        lead.id,
        lead.version,
        lead.person_id,
        lead.state,
        lead.stage,
        lead.temperature,
        team_of(lead),
        lead.assignment and lead.assignment.specialist,
        plain(lead.page),
        plain(lead.source),
        score.total,
        lead.opened_at,
        lead.changed_at,
        lead.merged_into,
        plain(searchable(lead)),
        jsonb(lead),
        score.changes_at,
        turns_at(score, score.as_of) if score.as_of else None,
        lead.accepted_at,
        lead.contacted_at,
        lead.closed_at,
        lead.deadline and lead.deadline.due_at,
        lead.waiting and lead.waiting.reason,
        lead.erased_at,
    )


_WRITE_NOTIFICATIONS: Final = text("""
    INSERT INTO desk.notifications AS n (
        id, version, lead_id, submission_id, kind, channel, specialist, state, at,
        attempts, error)
    SELECT * FROM unnest(CAST(:rows AS desk.notification_sent[]))
    ON CONFLICT (id) DO UPDATE SET
        version = excluded.version, state = excluded.state, at = excluded.at,
        lead_id = excluded.lead_id, attempts = excluded.attempts, error = excluded.error
    WHERE n.version < excluded.version
""")


async def write_notifications(tx: Transaction, rows: Sequence[NotificationRow]) -> None:
    """Keep the newest version of each (rule 11)."""
    await tx.execute(_WRITE_NOTIFICATIONS, {"rows": [_told(row) for row in rows]})


def _told(row: NotificationRow) -> tuple[Any, ...]:
    one = row.settled
    return (
        one.notification_id,
        row.version,
        one.lead_id,
        one.submission_id,
        one.kind,
        one.channel,
        one.specialist,
        one.state,
        one.at,
        one.attempts,
        plain(one.error),
    )
