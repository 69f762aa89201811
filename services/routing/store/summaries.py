"""Messages that tell of several leads of a list: claimed, settled, and noted with each lead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec

from libs.common.database import Transaction
from libs.common.database.rows import Row
from libs.common.database.statements import text
from services.routing.case import Case
from services.routing.messages.notification import Notification, State
from services.routing.messages.settlement import REACH_SECONDS, Pending
from services.routing.store.apart import Claims, Kept
from services.routing.store.covered import IS_THEIRS
from services.routing.store.leads import json_text

_CASES: Final = msgspec.json.Decoder(Case)
_COLUMNS: Final = """
    CAST(a.id AS text) AS id, CAST(a.summary_id AS text) AS summary_id, a.kind, a.recipient,
    a.channel, a.address, a.state, a.attempts, a.planned_at, a.error, s.recipient AS owner, s.team,
    s.leads, CAST(s.list_id AS text) AS list_id, s.list_name
"""
"""Of `routing.summary_messages a JOIN routing.summaries s`."""
_LEFT: Final = f"""(
    SELECT CAST(count(*) AS int) FROM routing.listed l JOIN routing.leads c ON c.id = l.lead_id
    WHERE l.summary_id = a.summary_id AND {IS_THEIRS})"""  # noqa: S608 - a constant
_NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""When the messages of single leads are due that a summary has taken the place of."""


class SummaryMessage(NamedTuple):
    """One message on one route, about the leads that somebody was given of a list."""

    id: str
    summary_id: str
    kind: str
    """assigned; reminder: to whoever answers for the team, where the owner is not reached."""
    recipient: str
    channel: str
    address: str
    state: State
    attempts: int
    planned_at: datetime
    error: str | None
    owner: str
    """Whose leads they are."""
    team: str
    leads: int
    """How many it is about; of one that is claimed, by now."""
    list_id: str
    list_name: str


def _read(row: Row) -> SummaryMessage:
    return SummaryMessage(**{name: row[name] for name in SummaryMessage._fields})


CLAIMS: Final = Claims(
    Kept(
        table="routing.summary_messages",
        columns=_COLUMNS.replace(" s.leads,", f" {_LEFT} AS leads,"),
        joined="routing.summaries s",
        on="s.id = a.summary_id",
        settled=", told = false",
        # those about the same leads settle one after the other: the last one sees the others
        first="""
            SELECT FROM routing.summaries WHERE id = (
                SELECT summary_id FROM routing.summary_messages WHERE id = CAST(:id AS uuid))
            FOR UPDATE
        """,
    ),
    _read,
)


async def to_owner(tx: Transaction, summary_id: str) -> list[Pending]:
    """How the messages to the leads' owner stand."""
    rows = await tx.execute(
        text("""
            SELECT state, CAST(extract(epoch FROM next_at - clock_timestamp()) AS float) AS wait
            FROM routing.summary_messages
            WHERE summary_id = CAST(:id AS uuid) AND kind = 'assigned'
        """),
        {"id": summary_id},
    )
    return [Pending(row.state, row.wait) for row in rows]


async def routes_tried(tx: Transaction, summary_id: str) -> set[tuple[str, str]]:
    """The (channel, address) pairs of a summary's messages."""
    rows = await tx.execute(
        text("""
            SELECT DISTINCT channel, address FROM routing.summary_messages
            WHERE summary_id = CAST(:id AS uuid)
        """),
        {"id": summary_id},
    )
    return {(row.channel, row.address) for row in rows}


async def call_off(tx: Transaction, summary_id: str) -> None:
    """Drop the reminders that are still to be sent: its owner has been reached."""
    await tx.execute(
        text("""
            UPDATE routing.summary_messages SET state = 'failed', error = 'superseded'
            WHERE summary_id = CAST(:id AS uuid) AND kind = 'reminder' AND state = 'planned'
        """),
        {"id": summary_id},
    )


async def to_be_noted(tx: Transaction) -> SummaryMessage | None:
    """A message of which something can be said with its leads; ours until the transaction ends.

    One that was sent, or any once none is left that may soon reach the owner.
    """
    rows = await tx.execute(
        text(f"""
            SELECT {_COLUMNS}
            FROM routing.summary_messages a JOIN routing.summaries s ON s.id = a.summary_id
            WHERE NOT a.told AND a.kind = 'assigned' AND (a.state = 'sent' OR NOT EXISTS (
                SELECT FROM routing.summary_messages o
                WHERE o.summary_id = a.summary_id AND o.kind = 'assigned'
                  AND (o.state = 'sending' OR (o.state = 'planned' AND o.next_at
                       < clock_timestamp() + make_interval(secs => {REACH_SECONDS})))))
            ORDER BY a.id LIMIT 1 FOR UPDATE OF a SKIP LOCKED
        """)  # noqa: S608 - _COLUMNS and REACH_SECONDS are constants
    )
    row = rows.first()
    return _read(row) if row else None


async def leads_to_note(tx: Transaction, message: SummaryMessage, most: int) -> list[Case]:
    """Leads that it covers and that do not say so yet; none that has gone on to somebody else."""
    rows = await tx.execute(
        text(f"""
            SELECT CAST(c.content AS text) AS content
            FROM routing.listed l JOIN routing.leads c ON c.id = l.lead_id
                LEFT JOIN routing.notifications n ON n.assignment_id = l.assignment_id
                    AND n.recipient = :recipient AND n.channel = :channel
                    AND n.address = :address AND n.kind = 'assigned' AND n.step = 0
            WHERE l.summary_id = CAST(:summary AS uuid)
              AND {IS_THEIRS} AND n.state IS DISTINCT FROM :state
            ORDER BY l.submission_id LIMIT :most
        """),  # noqa: S608 - IS_THEIRS is a constant
        {
            "recipient": message.recipient,
            "channel": message.channel,
            "address": message.address,
            "summary": message.summary_id,
            "state": message.state,
            "most": most,
        },
    )
    return [_CASES.decode(content) for content in rows.scalars()]


async def note(tx: Transaction, notes: Sequence[Notification]) -> dict[str, int]:
    """Keep with each lead what became of the message that covers it; the versions, by id."""
    rows = await tx.execute(
        text("""
            INSERT INTO routing.notifications AS n
                (id, lead_id, assignment_id, submission_id, settles, round, recipient, team,
                 channel, address, kind, step, why, planned_at, state, attempts, error, next_at)
            SELECT id, lead_id, assignment_id, submission_id, settles, round, recipient, team,
                   channel, address, kind, step, why, planned_at, state, attempts, error,
                   CAST(:never AS timestamptz)
            FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (
                id uuid, lead_id uuid, assignment_id uuid, submission_id uuid, settles boolean,
                round int, recipient text, team text, channel text, address text, kind text,
                step int, why jsonb, planned_at timestamptz, state text, attempts int, error text)
            ORDER BY id
            ON CONFLICT (assignment_id, recipient, channel, address, kind, step) DO UPDATE
            SET state = excluded.state, error = excluded.error, attempts = excluded.attempts,
                version = n.version + 1
            RETURNING CAST(n.id AS text) AS id, n.version
        """),
        {"rows": json_text(notes), "never": _NEVER},
    )
    return {row.id: row.version for row in rows}


async def noted(tx: Transaction, message: SummaryMessage) -> None:
    """All its leads say what became of it."""
    await tx.execute(
        text("UPDATE routing.summary_messages SET told = true WHERE id = CAST(:id AS uuid)"),
        {"id": message.id},
    )
