"""Assignments of a list that are told of together: kept by the stage, gathered into summaries."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import NamedTuple

from libs.common.configuration.schema import Route
from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.events import derived_id
from services.routing.leads.listing import Row
from services.routing.store.covered import IS_THEIRS


class Group(NamedTuple):
    """What one specialist is to hear of one list."""

    list_id: str
    recipient: str


async def save(tx: Transaction, rows: Sequence[Row], lists: Collection[str]) -> None:
    """Keep what is to be told, and which lists have been worked through, if there are any."""
    if rows:
        await keep(tx, rows)
    if lists:
        await done(tx, lists)


async def keep(tx: Transaction, rows: Sequence[Row]) -> None:
    """Keep what is to be told; the same assignment is kept once."""
    await tx.execute(
        text("""
            INSERT INTO routing.listed
                (assignment_id, lead_id, submission_id, list_id, list_name, recipient, team)
            SELECT * FROM unnest(
                CAST(:assignments AS uuid[]), CAST(:leads AS uuid[]), CAST(:submissions AS uuid[]),
                CAST(:lists AS uuid[]), CAST(:names AS text[]), CAST(:recipients AS text[]),
                CAST(:teams AS text[]))
            ON CONFLICT (assignment_id) DO NOTHING
        """),
        {
            "assignments": [row.assignment_id for row in rows],
            "leads": [row.lead_id for row in rows],
            "submissions": [row.submission_id for row in rows],
            "lists": [row.list_id for row in rows],
            "names": [row.list_name for row in rows],
            "recipients": [row.recipient for row in rows],
            "teams": [row.team for row in rows],
        },
    )


async def done(tx: Transaction, lists: Collection[str]) -> None:
    """These lists have been worked through: what is kept of them now waits no longer."""
    await tx.execute(
        text("""
            INSERT INTO routing.lists (id, done_at)
            SELECT id, clock_timestamp() FROM unnest(CAST(:lists AS uuid[])) AS t (id) ORDER BY id
            ON CONFLICT (id) DO UPDATE SET done_at = excluded.done_at
        """),
        {"lists": sorted(lists)},
    )


async def due(tx: Transaction, every: timedelta) -> list[Group]:
    """Whom to tell now: of lists that are done, and of others no more often than `every`.

    Locks out whoever else gathers, until the transaction ends.
    """
    await tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('routing/summaries', 7))"))
    rows = await tx.execute(
        text("""
            SELECT CAST(l.list_id AS text) AS list_id, l.recipient
            FROM routing.listed l LEFT JOIN routing.lists d ON d.id = l.list_id
            WHERE l.summary_id IS NULL
            GROUP BY l.list_id, l.recipient
            HAVING bool_or(l.at <= d.done_at) OR (
                min(l.at) <= clock_timestamp() - CAST(:every AS interval) AND NOT EXISTS (
                    SELECT FROM routing.summaries s
                    WHERE s.list_id = l.list_id AND s.recipient = l.recipient
                      AND s.at > clock_timestamp() - CAST(:every AS interval)))
            ORDER BY l.list_id, l.recipient
        """),
        {"every": every},
    )
    return [Group(row.list_id, row.recipient) for row in rows]


async def gather(tx: Transaction, group: Group, routes: Sequence[Route]) -> bool:
    """Plan one summary of all that is kept for a group; False where nothing of it is left.

    A lead that has gone on to somebody else, has joined another, or is erased, is not told of.
    """
    given = {"list": group.list_id, "recipient": group.recipient}
    await tx.execute(
        text(f"""
            DELETE FROM routing.listed l USING routing.leads c
            WHERE l.list_id = CAST(:list AS uuid) AND l.recipient = :recipient
              AND l.summary_id IS NULL AND c.id = l.lead_id
              AND {IS_THEIRS} IS NOT TRUE
        """),  # noqa: S608 - IS_THEIRS is a constant
        given,
    )
    summary = str(uuid.uuid4())
    rows = await tx.execute(
        text("""
            WITH covered AS (
                UPDATE routing.listed SET summary_id = CAST(:id AS uuid)
                WHERE list_id = CAST(:list AS uuid) AND recipient = :recipient
                  AND summary_id IS NULL
                RETURNING list_name, team
            )
            INSERT INTO routing.summaries (id, list_id, list_name, recipient, team, leads)
            SELECT CAST(:id AS uuid), CAST(:list AS uuid), max(list_name), :recipient,
                   mode() WITHIN GROUP (ORDER BY team), count(*)
            FROM covered HAVING count(*) > 0 RETURNING id
        """),
        {**given, "id": summary},
    )
    if rows.first() is None:
        return False
    await plan(tx, summary, group.recipient, "assigned", routes)
    return True


async def plan(
    tx: Transaction, summary: str, recipient: str, kind: str, routes: Sequence[Route]
) -> None:
    """Plan a summary's messages to somebody, one a route; each once, whoever asks again."""
    keys = [(summary, recipient, route.channel, route.to or "", kind) for route in routes]
    await tx.execute(
        text("""
            INSERT INTO routing.summary_messages
                (id, summary_id, kind, recipient, channel, address)
            SELECT id, CAST(:summary AS uuid), :kind, :recipient, channel, address
            FROM unnest(CAST(:ids AS uuid[]), CAST(:channels AS text[]),
                        CAST(:addresses AS text[])) AS new (id, channel, address)
            ON CONFLICT DO NOTHING
        """),
        {
            "ids": [derived_id("summary", *key) for key in keys],
            "channels": [route.channel for route in routes],
            "addresses": [route.to or "" for route in routes],
            "summary": summary,
            "kind": kind,
            "recipient": recipient,
        },
    )
