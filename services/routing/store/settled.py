"""What is written of messages that have been sent or not: a group of them in one statement each.

Rows are locked in one order, submissions, then assignments, then messages, each sorted, as the
stage does (delivery rule 12).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.routing.messages.notification import Notification, Outcome
from services.routing.messages.settlement import Pending, Settlement
from services.routing.store.notifications import COLUMNS, read


class Claim(NamedTuple):
    """A message, and the token under which it was ours."""

    id: str
    token: str


async def lock_submissions(tx: Transaction, ids: Collection[str]) -> dict[str, str]:
    """The states of submissions, locked first: messages that settle at once see each other."""
    rows = await tx.execute(
        text("""
            SELECT CAST(submission_id AS text), state FROM routing.submissions
            WHERE submission_id = ANY (CAST(:ids AS uuid[])) ORDER BY submission_id FOR UPDATE
        """),
        {"ids": list(ids)},
    )
    return {row[0]: row[1] for row in rows}


async def over(tx: Transaction, assignment_ids: Collection[str]) -> set[str]:
    """Those that have ended; locked, so that none ends while one of its messages settles.

    Who ends one writes that first and drops what is planned afterwards, so sees what we plan.
    """
    rows = await tx.execute(
        text("""
            SELECT CAST(id AS text), ended_at IS NOT NULL FROM routing.assignments
            WHERE id = ANY (CAST(:ids AS uuid[])) ORDER BY id FOR SHARE
        """),
        {"ids": list(assignment_ids)},
    )
    return {row[0] for row in rows if row[1]}


async def write(
    tx: Transaction, settled: Sequence[tuple[Claim, Settlement]]
) -> dict[Claim, Notification]:
    """Settle claims; those that are no longer ours are left out.

    A late `sent` still counts while nobody else has claimed it: it was only thought unknown.
    """
    rows = await tx.execute(
        text(f"""
            UPDATE routing.notifications n
            SET state = asked.state, error = asked.error, version = n.version + 1,
                deadline = NULL,
                refused_at = CASE WHEN asked.is_guess THEN clock_timestamp() END,
                first_refused_at = coalesce(
                    n.first_refused_at,
                    CASE WHEN asked.state = 'planned' THEN clock_timestamp() END),
                next_at = clock_timestamp() + make_interval(secs => asked.wait)
            FROM unnest(CAST(:ids AS uuid[]), CAST(:tokens AS uuid[]), CAST(:states AS text[]),
                        CAST(:errors AS text[]), CAST(:waits AS float[]),
                        CAST(:guesses AS boolean[]))
                     AS asked (id, token, state, error, wait, is_guess), routing.leads l
            WHERE n.id = asked.id AND n.claim = asked.token AND l.id = n.lead_id
              AND (n.state = 'sending'
                   OR (asked.state = 'sent' AND n.state IN ('unknown', 'planned')))
            RETURNING {COLUMNS}, CAST(n.claim AS text) AS claim
        """),  # noqa: S608 - COLUMNS is a constant
        {
            "ids": [claim.id for claim, _ in settled],
            "tokens": [claim.token for claim, _ in settled],
            "states": [settlement.state for _, settlement in settled],
            "errors": [settlement.error for _, settlement in settled],
            "waits": [settlement.wait or 0.0 for _, settlement in settled],
            "guesses": [settlement.is_guess for _, settlement in settled],
        },
    )
    return {Claim(row["id"], row["claim"]): read(row) for row in rows}


async def messages_of(tx: Transaction, ids: Collection[str]) -> dict[str, list[Pending]]:
    """The messages that each submission's end hangs on.

    Those of the assignment that its lead has now: who had it before may be told no more.
    """
    rows = await tx.execute(
        text("""
            SELECT CAST(n.submission_id AS text) AS submission_id, n.state,
                CAST(extract(epoch FROM n.next_at - clock_timestamp()) AS float) AS wait,
                CAST(extract(epoch FROM CAST(l.lead->'deadline'->>'due_at'
                    AS timestamptz) - clock_timestamp()) AS float) AS left_over
            FROM routing.notifications n
            CROSS JOIN LATERAL (  -- by its key: no other lead's content is unpacked for this
                SELECT content->'lead' AS lead FROM routing.leads
                WHERE id = n.lead_id OFFSET 0) l
            WHERE n.submission_id = ANY (CAST(:ids AS uuid[])) AND n.settles
              AND CAST(n.assignment_id AS text) = l.lead->'assignment'->>'id'
        """),
        {"ids": list(ids)},
    )
    found: dict[str, list[Pending]] = {one: [] for one in ids}
    for row in rows:
        found[row.submission_id].append(Pending(row.state, row.wait, row.left_over))
    return found


async def end_submissions(tx: Transaction, ends: Mapping[str, Outcome]) -> None:
    """Write the ends of locked submissions."""
    await tx.execute(
        text("""
            UPDATE routing.submissions s SET state = new.state, at = clock_timestamp()
            FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[])) AS new (id, state)
            WHERE s.submission_id = new.id
        """),
        {"ids": list(ends), "states": list(ends.values())},
    )


async def call_off(tx: Transaction, assignment_ids: Collection[str]) -> list[Notification]:
    """Drop the reminders that uncertain sends had led to, where they are still to be sent."""
    rows = await tx.execute(
        text(f"""
            UPDATE routing.notifications n
            SET state = 'failed', error = 'superseded', version = n.version + 1
            FROM routing.leads l
            WHERE l.id = n.lead_id AND n.assignment_id = ANY (CAST(:ids AS uuid[]))
              AND n.state = 'planned' AND n.kind = 'reminder' AND n.step = 0
            RETURNING {COLUMNS}
        """),  # noqa: S608 - COLUMNS is a constant
        {"ids": list(assignment_ids)},
    )
    return [read(row) for row in rows]
