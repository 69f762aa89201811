"""Messages that stay where they were sent, and are changed when their lead moves on.

No notifications: they are neither counted nor published. A row is due once its lead has changed;
claiming it puts it off, so that whoever dies over it leaves it to the next.
"""

from __future__ import annotations

from collections.abc import Collection
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
LEASE_SECONDS: Final = 30.0
"""After so long a claimed row is due again."""


class Posting(NamedTuple):
    """A message that can still be changed, and its lead as it is now."""

    notification: Notification
    reference: str
    """The provider's own name for it."""
    shown: str
    """The lead's standing that it tells of."""
    lead: Lead
    tries: int
    claimed_until: datetime


async def keep(tx: Transaction, notification_id: str, reference: str, shown: str) -> None:
    """Keep where a message went. It is looked at once, for the lead may have moved meanwhile.

    Its lead is locked, so a change is either seen by that look or marks the row itself. What was
    said of an erased lead is not changed any more.
    """
    await tx.execute(
        text("""
            INSERT INTO routing.postings (notification_id, lead_id, channel, reference, shown)
            SELECT n.id, n.lead_id, n.channel, :reference, :shown
            FROM routing.notifications n JOIN routing.leads l ON l.id = n.lead_id
            WHERE n.id = CAST(:id AS uuid) AND l.content -> 'lead' ->> 'erased_at' IS NULL
            ON CONFLICT (notification_id) DO UPDATE
            SET reference = excluded.reference, shown = excluded.shown,
                look_at = clock_timestamp(), tries = 0
        """),
        {"id": notification_id, "reference": reference, "shown": shown},
    )


async def lock_leads(tx: Transaction, lead_ids: Collection[str]) -> None:
    """Wait for whoever is changing these leads, and keep them as they are until the end."""
    await tx.execute(
        text("""
            SELECT FROM routing.leads WHERE id = ANY (CAST(:ids AS uuid[])) ORDER BY id FOR SHARE
        """),
        {"ids": sorted(lead_ids)},
    )


async def mark(tx: Transaction, lead_ids: Collection[str]) -> None:
    """These leads have changed: what was said of them is to be looked at."""
    await tx.execute(
        text("""
            UPDATE routing.postings SET look_at = clock_timestamp(), tries = 0
            WHERE notification_id IN (
                SELECT notification_id FROM routing.postings
                WHERE lead_id = ANY(CAST(:ids AS uuid[])) ORDER BY notification_id FOR UPDATE)
        """),
        {"ids": sorted(lead_ids)},
    )


async def claim(tx: Transaction, channel: str, most: int) -> list[Posting]:
    """Take those of a channel that are due, leaving alone what others have locked."""
    rows = await tx.execute(
        text(f"""
            WITH chosen AS (
                SELECT notification_id FROM routing.postings
                WHERE channel = :channel AND look_at <= clock_timestamp()
                ORDER BY look_at LIMIT :most FOR UPDATE SKIP LOCKED
            ), claimed AS (
                UPDATE routing.postings p SET tries = p.tries + 1,
                    look_at = clock_timestamp() + make_interval(secs => {LEASE_SECONDS})
                FROM chosen WHERE p.notification_id = chosen.notification_id
                RETURNING p.*
            )
            SELECT {COLUMNS}, p.reference, p.shown, p.tries, p.look_at,
                CAST(l.content AS text) AS content
            FROM claimed p JOIN routing.notifications n ON n.id = p.notification_id
                JOIN routing.leads l ON l.id = n.lead_id
        """),  # noqa: S608 - COLUMNS and LEASE_SECONDS are constants
        {"channel": channel, "most": most},
    )
    return [
        Posting(
            read(row), row["reference"], row["shown"],
            _CASES.decode(row["content"]).lead, row["tries"], row["look_at"],
        )
        for row in rows
    ]  # fmt: skip


async def settle(tx: Transaction, posting: Posting, shown: str, wait: float | None) -> None:
    """What it shows now, and in how many seconds to look again (None: when the lead changes).

    One that was marked while it was being changed stays due.
    """
    await tx.execute(
        text("""
            UPDATE routing.postings SET shown = :shown, look_at = CASE
                WHEN look_at <> :claimed THEN look_at
                ELSE clock_timestamp() + make_interval(secs => CAST(:wait AS float)) END
            WHERE notification_id = CAST(:id AS uuid)
        """),
        {
            "id": posting.notification.id,
            "claimed": posting.claimed_until,
            "shown": shown,
            "wait": wait,
        },
    )


async def addressed(
    tx: Transaction, notification_id: str
) -> tuple[Notification, str | None, Lead] | None:
    """A notification with where it went (if known) and its lead; None for one we have not."""
    rows = await tx.execute(
        text(f"""
            SELECT {COLUMNS}, p.reference, CAST(l.content AS text) AS content
            FROM routing.notifications n JOIN routing.leads l ON l.id = n.lead_id
                LEFT JOIN routing.postings p ON p.notification_id = n.id
            WHERE n.id = CAST(:id AS uuid)
        """),  # noqa: S608 - COLUMNS is a constant
        {"id": notification_id},
    )
    row = rows.first()
    if row is None:
        return None
    return read(row), row["reference"], _CASES.decode(row["content"]).lead
