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
from libs.common.stage.turns import in_turns
from services.desk.rows import NotificationRow
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
    turns = [
        turns_at(lead.score, lead.score.as_of) if lead.score.as_of else None
        async for lead in in_turns(leads)
    ]
    texts = {
        "searches": [plain(searchable(lead)) async for lead in in_turns(leads)],
        "bodies": [jsonb(lead) async for lead in in_turns(leads)],
    }
    columns = {**_columns(leads), **texts, "turns": turns}
    await asyncio.sleep(0)  # the driver encodes them in one piece (rule 30)
    await tx.execute(_WRITE, columns)


_WRITE: Final = text("""
    INSERT INTO desk.leads AS l (
        id, version, person_id, state, stage, temperature, team, owner, page, source,
        score, opened_at, changed_at, merged_into, search, body, changes_at, turns_at,
        accepted_at, contacted_at, closed_at, due_at, waits_for, erased_at, score_now,
        temperature_now)
    SELECT *, n.score, n.temperature FROM unnest(
        CAST(:ids AS uuid[]), CAST(:versions AS bigint[]), CAST(:persons AS uuid[]),
        CAST(:states AS text[]), CAST(:stages AS text[]), CAST(:heats AS text[]),
        CAST(:teams AS text[]), CAST(:owners AS text[]), CAST(:pages AS text[]),
        CAST(:sources AS text[]), CAST(:scores AS int[]),
        CAST(:opened AS timestamptz[]), CAST(:changed AS timestamptz[]),
        CAST(:merged AS uuid[]), CAST(:searches AS text[]), CAST(:bodies AS jsonb[]),
        CAST(:changes AS timestamptz[]), CAST(:turns AS timestamptz[]),
        CAST(:accepted AS timestamptz[]), CAST(:contacted AS timestamptz[]),
        CAST(:closed AS timestamptz[]), CAST(:dues AS timestamptz[]),
        CAST(:waits AS text[]), CAST(:erased AS timestamptz[])
    ) AS n(id, version, person_id, state, stage, temperature, team, owner, page, source,
           score, opened_at, changed_at, merged_into, search, body, changes_at, turns_at,
           accepted_at, contacted_at, closed_at, due_at, waits_for, erased_at)
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


def _columns(leads: Sequence[Lead]) -> dict[str, list[Any]]:
    return {
        "ids": [lead.id for lead in leads],
        "versions": [lead.version for lead in leads],
        "persons": [lead.person_id for lead in leads],
        "states": [lead.state for lead in leads],
        "stages": [lead.stage for lead in leads],
        "heats": [lead.temperature for lead in leads],
        "teams": [team_of(lead) for lead in leads],
        "owners": [lead.assignment and lead.assignment.specialist for lead in leads],
        "pages": [plain(lead.page) for lead in leads],
        "sources": [plain(lead.source) for lead in leads],
        "scores": [lead.score.total for lead in leads],
        "opened": [lead.opened_at for lead in leads],
        "changed": [lead.changed_at for lead in leads],
        "merged": [lead.merged_into for lead in leads],
        "changes": [lead.score.changes_at for lead in leads],
        "accepted": [lead.accepted_at for lead in leads],
        "contacted": [lead.contacted_at for lead in leads],
        "closed": [lead.closed_at for lead in leads],
        "dues": [lead.deadline and lead.deadline.due_at for lead in leads],
        "waits": [lead.waiting and lead.waiting.reason for lead in leads],
        "erased": [lead.erased_at for lead in leads],
    }


async def write_notifications(tx: Transaction, rows: Sequence[NotificationRow]) -> None:
    """Keep the newest version of each (rule 11)."""
    settled = [row.settled for row in rows]
    await tx.execute(
        text("""
            INSERT INTO desk.notifications AS n (
                id, version, lead_id, submission_id, kind, channel, specialist, state, at,
                attempts, error)
            SELECT * FROM unnest(
                CAST(:ids AS text[]), CAST(:versions AS bigint[]), CAST(:leads AS uuid[]),
                CAST(:submissions AS uuid[]), CAST(:kinds AS text[]), CAST(:channels AS text[]),
                CAST(:specialists AS text[]), CAST(:states AS text[]),
                CAST(:ats AS timestamptz[]), CAST(:attempts AS int[]), CAST(:errors AS text[]))
            ON CONFLICT (id) DO UPDATE SET
                version = excluded.version, state = excluded.state, at = excluded.at,
                lead_id = excluded.lead_id, attempts = excluded.attempts, error = excluded.error
            WHERE n.version < excluded.version
        """),
        {
            "ids": [one.notification_id for one in settled],
            "versions": [row.version for row in rows],
            "leads": [one.lead_id for one in settled],
            "submissions": [one.submission_id for one in settled],
            "kinds": [one.kind for one in settled],
            "channels": [one.channel for one in settled],
            "specialists": [one.specialist for one in settled],
            "states": [one.state for one in settled],
            "ats": [one.at for one in settled],
            "attempts": [one.attempts for one in settled],
            "errors": [plain(one.error) for one in settled],
        },
    )
