"""Answers that are owed: who sends each, and what became of it.

An answer is claimed once: a claim that was not settled stays one, and is never sent again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.capture.replies.reply import QUIET, Owed, Step

LOST_AFTER: Final = timedelta(minutes=5)
"""A claim that is older was begun by a process that has died: whether it was sent, nobody knows."""
KEPT: Final = 2 * QUIET


async def due(tx: Transaction, now: datetime) -> list[tuple[str, str]]:
    """Kind and source of what could be sent now."""
    rows = await tx.execute(
        text("""
            SELECT s.kind, s.source FROM capture.reply_sources s
            WHERE s.next_at <= :now AND EXISTS (
                SELECT 1 FROM capture.replies r WHERE r.kind = s.kind AND r.source = s.source
                  AND r.state = 'due' AND r.due_at <= :now AND r.late_at > :now)
            ORDER BY 1, 2
        """),
        {"now": now},
    )
    return [(row[0], row[1]) for row in rows]


class Claim(NamedTuple):
    """Which source's answers are claimed, by whom, when, and how many at most."""

    kind: str
    source: str
    token: str
    now: datetime
    most: int


async def claim(tx: Transaction, by: Claim) -> list[Owed]:
    """Take some of a source that no other process is at."""
    free = await tx.execute(
        text("""
            SELECT 1 FROM capture.reply_sources
            WHERE kind = :kind AND source = :source AND next_at <= :now FOR UPDATE SKIP LOCKED
        """),
        {"kind": by.kind, "source": by.source, "now": by.now},
    )
    if free.first() is None:
        return []
    rows = await tx.execute(
        text("""
            UPDATE capture.replies SET state = 'begun', claim = CAST(:token AS uuid),
                   begun_at = :now, tries = tries + 1
            WHERE conversation IN (
                SELECT conversation FROM capture.replies
                WHERE kind = :kind AND source = :source AND state = 'due' AND due_at <= :now
                  AND late_at > :now
                ORDER BY due_at, conversation LIMIT :most FOR UPDATE SKIP LOCKED)
            RETURNING CAST(conversation AS text), CAST(address AS text), language, tries
        """),
        by._asdict(),
    )
    return [Owed(row[0], msgspec.json.decode(row[1]), row[2], row[3]) for row in rows]


async def rest(tx: Transaction, kind: str, source: str, until: datetime) -> None:
    """Leave the source in peace until then."""
    await tx.execute(
        text("""
            UPDATE capture.reply_sources SET next_at = greatest(next_at, :until)
            WHERE kind = :kind AND source = :source
        """),
        {"kind": kind, "source": source, "until": until},
    )


async def settle(tx: Transaction, owed: Owed, token: str, step: Step) -> str | None:
    """Write down what became of a claim; nothing where it is lost or taken back.

    Gives the submission that it answers.
    """
    rows = await tx.execute(
        text("""
            UPDATE capture.replies
            SET state = CASE WHEN :state = 'due' AND is_yielded THEN 'spoken' ELSE :state END,
                due_at = coalesce(:due_at, due_at), claim = NULL,
                address = CASE WHEN :state = 'due' AND NOT is_yielded THEN address END
            WHERE conversation = CAST(:id AS uuid) AND claim = CAST(:claim AS uuid)
            RETURNING CAST(submission_id AS text)
        """),
        {"id": owed.conversation, "claim": token, "state": step.state, "due_at": step.due_at},
    )
    row = rows.first()
    return row[0] if row else None


async def tidy(tx: Transaction, now: datetime) -> tuple[int, int]:
    """Give up what is late, and forget; how many were too late, and how many nobody knows of.

    Whatever somebody is at is left for the next time.
    """
    late = await tx.execute(
        text("""
            UPDATE capture.replies SET state = 'late', address = NULL
            WHERE conversation IN (
                SELECT conversation FROM capture.replies
                WHERE state = 'due' AND late_at <= :now
                ORDER BY conversation FOR UPDATE SKIP LOCKED)
            RETURNING 1
        """),
        {"now": now},
    )
    lost = await tx.execute(
        text("""
            UPDATE capture.replies SET state = 'unknown', address = NULL, claim = NULL
            WHERE conversation IN (
                SELECT conversation FROM capture.replies
                WHERE state = 'begun' AND begun_at <= :before
                ORDER BY conversation FOR UPDATE SKIP LOCKED)
            RETURNING 1
        """),
        {"before": now - LOST_AFTER},
    )
    await tx.execute(
        text("""
            DELETE FROM capture.replies WHERE conversation IN (
                SELECT conversation FROM capture.replies WHERE heard_at < :before
                ORDER BY conversation FOR UPDATE SKIP LOCKED)
        """),
        {"before": now - KEPT},
    )
    return len(late.all()), len(lost.all())
