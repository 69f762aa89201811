"""Notifications as the sender sees them: claimed, settled, overdue (delivery rule 20).

Times are the database's own, so that a clock that is wrong on one machine sends nothing twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.events import Lead
from services.routing.case import Case
from services.routing.messages.notification import Notification
from services.routing.store.notifications import COLUMNS, read

_CASES: Final = msgspec.json.Decoder(Case)
WINDOW: Final = 250
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
    at: datetime
    """When it was claimed, by the database's clock."""


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
    rooms: Mapping[str, int]
    """How many certain addresses can take, instead of that many."""
    lease: float
    """Seconds until a claim counts as lost."""
    config_version: int


async def due(tx: Transaction, channels: Sequence[str]) -> dict[str, int]:
    """How many messages each channel could send now, counted no further than a claim looks."""
    rows = await tx.execute(
        text(f"""
            SELECT asked.name, count(*) AS due
            FROM unnest(CAST(:channels AS text[])) AS asked (name), LATERAL (
                SELECT FROM routing.notifications n
                WHERE n.channel = asked.name AND n.state = 'planned'
                  AND n.next_at <= clock_timestamp()
                LIMIT {WINDOW}
            ) AS front
            GROUP BY asked.name
        """),  # noqa: S608 - WINDOW is a constant
        {"channels": list(channels)},
    )
    return {row.name: row.due for row in rows}


async def claim(tx: Transaction, wanted: Wanted, token: str) -> list[Claimed]:
    """Take what is due, oldest first, leaving alone what others have locked."""
    rows = await tx.execute(
        text(f"""
            WITH due AS (
                SELECT id, address, next_at,
                    row_number() OVER (PARTITION BY address ORDER BY next_at, id) AS place
                FROM (
                    SELECT id, address, next_at FROM routing.notifications
                    WHERE state = 'planned' AND next_at <= clock_timestamp()
                      AND (channel = ANY(CAST(:channels AS text[]))) <> :other
                      AND address <> ALL(CAST(:busy AS text[]))
                    ORDER BY next_at, id LIMIT {WINDOW}
                ) AS front
            ), picked AS (
                SELECT due.id FROM due
                    LEFT JOIN unnest(CAST(:known AS text[]), CAST(:rooms AS int[]))
                        AS room (address, most) USING (address)
                WHERE due.place <= coalesce(room.most, :most_per_address)
                ORDER BY due.next_at, due.id LIMIT :most
            ), chosen AS (
                -- as an array: joined, the planner compared each of the due with each planned
                SELECT n.id FROM routing.notifications n
                WHERE n.id = ANY (ARRAY(SELECT id FROM picked)) AND n.state = 'planned'
                ORDER BY n.next_at, n.id FOR UPDATE OF n SKIP LOCKED
            )
            UPDATE routing.notifications n
            SET state = 'sending', claim = CAST(:token AS uuid), begun = false,
                attempts = n.attempts + CASE WHEN {_STOPPED} THEN 0 ELSE 1 END,
                version = n.version + 1, error = NULL,
                deadline = clock_timestamp() + make_interval(secs => :lease)
            FROM routing.leads l
            WHERE n.id = ANY (ARRAY(SELECT id FROM chosen)) AND l.id = n.lead_id
            RETURNING {COLUMNS}, CAST(l.content AS text) AS content,
                {_STOPPED} AS is_stopped, clock_timestamp() AS at
        """),  # noqa: S608 - COLUMNS, WINDOW and _STOPPED are constants
        {
            "channels": list(wanted.channels),
            "other": wanted.is_any_other,
            "busy": [address for address, most in wanted.rooms.items() if most <= 0],
            "known": list(wanted.rooms),
            "rooms": list(wanted.rooms.values()),
            "most": wanted.most,
            "most_per_address": wanted.most_per_address,
            "lease": wanted.lease,
            "config_version": wanted.config_version,
            "token": token,
        },
    )
    return [
        Claimed(read(row), token, _CASES.decode(row["content"]).lead, row["is_stopped"], row["at"])
        for row in rows
    ]


async def begin(tx: Transaction, claims: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
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


async def overdue(tx: Transaction, most: int) -> list[Lapsed]:
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
    return [Lapsed(read(row), row["claim"], row["begun"]) for row in rows]


async def claim_of(tx: Transaction, notification_id: str) -> str | None:
    """The token of the latest claim of a message whose outcome is not known to be good."""
    rows = await tx.execute(
        text("""
            SELECT CAST(claim AS text) FROM routing.notifications
            WHERE id = CAST(:id AS uuid) AND state IN ('sending', 'unknown', 'planned')
        """),
        {"id": notification_id},
    )
    found: str | None = rows.scalar()
    return found


async def routes_tried(tx: Transaction, assignment_id: str) -> set[tuple[str, str]]:
    """The (channel, address) pairs that messages of an assignment went to or failed on."""
    rows = await tx.execute(
        text("""
            SELECT DISTINCT channel, address FROM routing.notifications
            WHERE assignment_id = CAST(:id AS uuid)
        """),
        {"id": assignment_id},
    )
    return {(row.channel, row.address) for row in rows}


async def stop_route(tx: Transaction, channel: str, address: str, config_version: int) -> None:
    """Send nothing more on this route until the configuration changes."""
    await tx.execute(
        text("""
            INSERT INTO routing.stopped_routes (channel, address, config_version, at)
            VALUES (:channel, :address, :version, clock_timestamp())
            ON CONFLICT (channel, address) DO UPDATE
            SET config_version = excluded.config_version, at = excluded.at
        """),
        {"channel": channel, "address": address, "version": config_version},
    )


async def case_of(tx: Transaction, lead_id: str) -> Case:
    """A lead as it is, not locked: for reading only."""
    rows = await tx.execute(
        text("SELECT CAST(content AS text) FROM routing.leads WHERE id = CAST(:id AS uuid)"),
        {"id": lead_id},
    )
    return _CASES.decode(rows.scalar_one())
