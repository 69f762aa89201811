"""Notifications as the sender sees them: claimed, settled, overdue (delivery rule 20).

Times are the database's own, so that a clock that is wrong on one machine sends nothing twice.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.events import Lead
from services.routing.case import Case
from services.routing.notification import Notification, Outcome
from services.routing.settle import Pending, Settlement
from services.routing.store.notifications import COLUMNS, read

_CASES: Final = msgspec.json.Decoder(Case)
WINDOW: Final = 1000
"""How many of the due are looked at when choosing which to claim."""

_STOPPED: Final = """EXISTS (
    SELECT 1 FROM routing.stopped_routes s
    WHERE s.channel = n.channel AND s.address = n.address AND s.config_version = :config_version)"""


class Claimed(NamedTuple):
    """A notification that is ours to send until its deadline."""

    notification: Notification
    claim: str
    lead: Lead
    is_stopped: bool
    """Its receiver wanted nothing more under this version of the configuration."""


class Lapsed(NamedTuple):
    """A claim that was not settled in time."""

    notification: Notification
    claim: str
    begun: bool
    """Whether it may have been written."""


class Wanted(NamedTuple):
    """Which notifications a sender can take now."""

    channels: Sequence[str]
    is_any_other: bool
    """All channels but these, instead of these."""
    most: int
    most_per_address: int
    busy: Sequence[str]
    """Addresses that have all they can take."""
    lease: float
    """Seconds until a claim counts as lost."""
    config_version: int


async def claim(tx: AsyncConnection, wanted: Wanted, token: str) -> list[Claimed]:
    """Take what is due, oldest first, leaving alone what others have locked."""
    rows = await tx.execute(
        text(f"""
            WITH due AS (
                SELECT id, row_number() OVER (PARTITION BY address ORDER BY next_at, id) AS place
                FROM (
                    SELECT id, address, next_at FROM routing.notifications
                    WHERE state = 'planned' AND next_at <= clock_timestamp()
                      AND (channel = ANY(CAST(:channels AS text[]))) <> :other
                      AND address <> ALL(CAST(:busy AS text[]))
                    ORDER BY next_at, id LIMIT {WINDOW}
                ) AS front
            ), chosen AS (
                SELECT n.id FROM routing.notifications n JOIN due USING (id)
                WHERE due.place <= :most_per_address AND n.state = 'planned'
                ORDER BY n.next_at, n.id LIMIT :most FOR UPDATE OF n SKIP LOCKED
            )
            UPDATE routing.notifications n
            SET state = 'sending', claim = CAST(:token AS uuid), begun = false,
                attempts = n.attempts + CASE WHEN {_STOPPED} THEN 0 ELSE 1 END,
                version = n.version + 1, error = NULL,
                deadline = clock_timestamp() + make_interval(secs => :lease)
            FROM routing.leads l
            WHERE n.id IN (SELECT id FROM chosen) AND l.id = n.lead_id
            RETURNING {COLUMNS}, CAST(l.content AS text) AS content,
                {_STOPPED} AS is_stopped
        """),  # noqa: S608 - COLUMNS, WINDOW and _STOPPED are constants
        {
            "channels": list(wanted.channels),
            "other": wanted.is_any_other,
            "busy": list(wanted.busy),
            "most": wanted.most,
            "most_per_address": wanted.most_per_address,
            "lease": wanted.lease,
            "config_version": wanted.config_version,
            "token": token,
        },
    )
    return [
        Claimed(read(row), token, _CASES.decode(row["content"]).lead, row["is_stopped"])
        for row in rows.mappings()
    ]


async def begin(tx: AsyncConnection, claims: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Note that these, each with its token, are being written; those that are still ours."""
    rows = await tx.execute(
        text("""
            WITH ours AS (
                SELECT n.id FROM routing.notifications n
                JOIN unnest(CAST(:ids AS uuid[]), CAST(:tokens AS uuid[])) AS asked (id, token)
                  ON asked.id = n.id AND asked.token = n.claim
                WHERE n.state = 'sending' AND n.deadline > clock_timestamp()
                ORDER BY n.id FOR UPDATE OF n
            )
            UPDATE routing.notifications n SET begun = true FROM ours WHERE n.id = ours.id
            RETURNING CAST(n.id AS text) AS id, CAST(n.claim AS text) AS claim
        """),
        {"ids": [one for one, _ in claims], "tokens": [token for _, token in claims]},
    )
    return {(row.id, row.claim) for row in rows}


async def overdue(tx: AsyncConnection, most: int) -> list[Lapsed]:
    """Claims whose deadline has passed: their senders are dead or stuck."""
    rows = await tx.execute(
        text(f"""
            SELECT {COLUMNS}, CAST(n.claim AS text) AS claim, n.begun
            FROM routing.notifications n JOIN routing.leads l ON l.id = n.lead_id
            WHERE n.state = 'sending' AND n.deadline < clock_timestamp()
            ORDER BY n.deadline LIMIT :most
        """),  # noqa: S608 - COLUMNS is a constant
        {"most": most},
    )
    return [Lapsed(read(row), row["claim"], row["begun"]) for row in rows.mappings()]


async def claim_of(tx: AsyncConnection, notification_id: str) -> str | None:
    """The token of the latest claim of a message whose outcome is not known to be good."""
    rows = await tx.execute(
        text("""
            SELECT CAST(claim AS text) FROM routing.notifications
            WHERE id = CAST(:id AS uuid) AND state IN ('sending', 'unknown', 'planned')
        """),
        {"id": notification_id},
    )
    found: str | None = rows.scalar_one_or_none()
    return found


async def lock_submission(tx: AsyncConnection, submission_id: str) -> str | None:
    """The state of a submission, locked first: two messages that settle at once see each other."""
    row = await tx.execute(
        text("""
            SELECT state FROM routing.submissions
            WHERE submission_id = CAST(:id AS uuid) FOR UPDATE
        """),
        {"id": submission_id},
    )
    return row.scalar_one_or_none()


async def is_over(tx: AsyncConnection, assignment_id: str) -> bool:
    """Whether an assignment has ended; locked, so that it does not end while one settles.

    Who ends it writes that first and drops what is planned afterwards, so sees what we plan.
    """
    row = await tx.execute(
        text("""
            SELECT ended_at IS NOT NULL FROM routing.assignments
            WHERE id = CAST(:id AS uuid) FOR SHARE
        """),
        {"id": assignment_id},
    )
    return bool(row.scalar_one_or_none())


async def write(
    tx: AsyncConnection, notification_id: str, token: str, settlement: Settlement
) -> Notification | None:
    """Settle a claim. None where it is no longer ours.

    A late `sent` still counts while nobody else has claimed it: it was only thought unknown.
    """
    rows = await tx.execute(
        text(f"""
            UPDATE routing.notifications n
            SET state = :state, error = :error, version = n.version + 1, deadline = NULL,
                next_at = clock_timestamp() + make_interval(secs => :wait)
            FROM routing.leads l
            WHERE n.id = CAST(:id AS uuid) AND n.claim = CAST(:token AS uuid)
              AND l.id = n.lead_id
              AND (n.state = 'sending' OR (:state = 'sent' AND n.state IN ('unknown', 'planned')))
            RETURNING {COLUMNS}
        """),  # noqa: S608 - COLUMNS is a constant
        {
            "id": notification_id,
            "token": token,
            "state": settlement.state,
            "error": settlement.error,
            "wait": settlement.wait or 0.0,
        },
    )
    row = rows.mappings().first()
    return read(row) if row else None


async def messages_of(tx: AsyncConnection, submission_id: str) -> list[Pending]:
    """The messages that a submission's end hangs on.

    Those of the assignment that its lead has now: who had it before may be told no more.
    """
    rows = await tx.execute(
        text("""
            SELECT n.state,
                CAST(extract(epoch FROM n.next_at - clock_timestamp()) AS float) AS wait,
                CAST(extract(epoch FROM CAST(l.content->'lead'->'deadline'->>'due_at'
                    AS timestamptz) - clock_timestamp()) AS float) AS left_over
            FROM routing.notifications n JOIN routing.leads l ON l.id = n.lead_id
            WHERE n.submission_id = CAST(:id AS uuid) AND n.settles
              AND CAST(n.assignment_id AS text) = l.content->'lead'->'assignment'->>'id'
        """),
        {"id": submission_id},
    )
    return [Pending(row.state, row.wait, row.left_over) for row in rows]


async def routes_tried(tx: AsyncConnection, assignment_id: str) -> set[tuple[str, str]]:
    """The (channel, address) pairs that messages of an assignment went to or failed on."""
    rows = await tx.execute(
        text("""
            SELECT DISTINCT channel, address FROM routing.notifications
            WHERE assignment_id = CAST(:id AS uuid)
        """),
        {"id": assignment_id},
    )
    return {(row.channel, row.address) for row in rows}


async def end_submission(tx: AsyncConnection, submission_id: str, end: Outcome) -> None:
    """Write a locked submission's end."""
    await tx.execute(
        text("""
            UPDATE routing.submissions SET state = :state, at = clock_timestamp()
            WHERE submission_id = CAST(:id AS uuid)
        """),
        {"id": submission_id, "state": end},
    )


async def stop_route(tx: AsyncConnection, message: Notification, config_version: int) -> None:
    """Send nothing more on this route until the configuration changes."""
    await tx.execute(
        text("""
            INSERT INTO routing.stopped_routes (channel, address, config_version, at)
            VALUES (:channel, :address, :version, clock_timestamp())
            ON CONFLICT (channel, address) DO UPDATE
            SET config_version = excluded.config_version, at = excluded.at
        """),
        {"channel": message.channel, "address": message.address, "version": config_version},
    )


async def case_of(tx: AsyncConnection, lead_id: str) -> Case:
    """A lead as it is, not locked: for reading only."""
    rows = await tx.execute(
        text("SELECT CAST(content AS text) FROM routing.leads WHERE id = CAST(:id AS uuid)"),
        {"id": lead_id},
    )
    return _CASES.decode(rows.scalar_one())


async def call_off(tx: AsyncConnection, assignment_id: str) -> list[Notification]:
    """Drop the reminders that an uncertain send had led to, where they are still to be sent."""
    rows = await tx.execute(
        text(f"""
            UPDATE routing.notifications n
            SET state = 'failed', error = 'superseded', version = n.version + 1
            FROM routing.leads l
            WHERE l.id = n.lead_id AND n.assignment_id = CAST(:id AS uuid)
              AND n.state = 'planned' AND n.kind = 'reminder' AND n.step = 0
            RETURNING {COLUMNS}
        """),  # noqa: S608 - COLUMNS is a constant
        {"id": assignment_id},
    )
    return [read(row) for row in rows.mappings()]
