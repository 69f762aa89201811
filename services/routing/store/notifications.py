"""Notifications as the stage sees them: planned, superseded, and said again in a later round."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import msgspec

from libs.common.database import Transaction
from libs.common.database.rows import Row
from libs.common.database.statements import text
from libs.common.events import Text
from services.routing.messages.notification import Notification
from services.routing.store.leads import json_text

COLUMNS: Final = """
    CAST(n.id AS text) AS id, CAST(n.lead_id AS text) AS lead_id,
    CAST(l.person_id AS text) AS person_id, CAST(n.assignment_id AS text) AS assignment_id,
    CAST(n.submission_id AS text) AS submission_id, n.settles, n.round, n.recipient, n.team,
    n.channel, n.address, n.kind, n.step, CAST(n.why AS text) AS why, n.planned_at, n.state,
    n.version, n.attempts, n.error, n.first_refused_at
"""
"""Of `routing.notifications n JOIN routing.leads l`: what a Notification has, in its order; they
stand before whatever else a statement gives."""
_COUNT: Final = len(Notification.__struct_fields__)
_WHY: Final = Notification.__struct_fields__.index("why")
_TEXTS: Final = msgspec.json.Decoder(Text)


def read(row: Row) -> Notification:
    """A notification from a row of COLUMNS."""
    values = list(row[:_COUNT])
    values[_WHY] = _TEXTS.decode(values[_WHY])
    return Notification(*values)


async def save_planned(tx: Transaction, planned: Sequence[Notification]) -> None:
    """Write new notifications, to be sent at once; one with the same natural key stays."""
    await tx.execute(
        text("""
            INSERT INTO routing.notifications
                (id, lead_id, assignment_id, submission_id, settles, round, recipient, team,
                 channel, address, kind, step, why, next_at, planned_at)
            SELECT id, lead_id, assignment_id, submission_id, settles, round, recipient, team,
                   channel, address, kind, step, why, clock_timestamp(), planned_at
            FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (
                id uuid, lead_id uuid, assignment_id uuid, submission_id uuid, settles boolean,
                round int, recipient text, team text, channel text, address text, kind text,
                step int, why jsonb, planned_at timestamptz)
            ON CONFLICT DO NOTHING
        """),
        {"rows": json_text(planned)},
    )


async def is_reminded(tx: Transaction, assignment_id: str) -> bool:
    """Whether others have been told already that its owner may not have been reached."""
    rows = await tx.execute(
        text("""
            SELECT FROM routing.notifications
            WHERE assignment_id = CAST(:id AS uuid) AND kind = 'reminder' AND step = 0 LIMIT 1
        """),
        {"id": assignment_id},
    )
    return bool(rows.all())


async def supersede(tx: Transaction, assignments: Collection[str]) -> list[Notification]:
    """Drop what is still to be sent of assignments that are over; what was dropped.

    The word to a specialist that their lead has joined another is still sent.
    """
    return await changed(
        tx,
        """
            UPDATE routing.notifications n
            SET state = 'failed', error = 'superseded', version = n.version + 1
            FROM routing.leads l
            WHERE l.id = n.lead_id AND n.assignment_id = ANY(CAST(:ids AS uuid[]))
              AND n.state = 'planned' AND n.kind <> 'merged'
        """,
        {"ids": sorted(assignments)},
    )


async def say_again(tx: Transaction, rounds: Mapping[str, int]) -> list[Notification]:
    """Move the messages that submissions hang on to a later round, and give them."""
    return await changed(
        tx,
        """
            UPDATE routing.notifications n SET round = new.round
            FROM routing.leads l,
                 unnest(CAST(:ids AS uuid[]), CAST(:rounds AS int[])) AS new (id, round)
            WHERE l.id = n.lead_id AND n.settles AND n.submission_id = new.id
        """,
        {"ids": list(rounds), "rounds": list(rounds.values())},
    )


async def changed(tx: Transaction, update: str, values: Mapping[str, object]) -> list[Notification]:
    """Run an UPDATE of notifications n with their leads l; those that it changed."""
    rows = await tx.execute(text(f"{update} RETURNING {COLUMNS}"), dict(values))
    return [read(row) for row in rows]
