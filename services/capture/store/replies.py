"""Conversations of the last two days, and the answers that are owed in them.

An answer is claimed once: a claim that was not settled stays one, and is never sent again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.capture.reply import AT_MOST, QUIET, Heard, Owed, Step, begun
from services.capture.spoken import Conversation

LOST_AFTER: Final = timedelta(minutes=5)
"""A claim that is older was begun by a process that has died: whether it was sent, nobody knows."""
KEPT: Final = 2 * QUIET


async def note(tx: Transaction, messages: Sequence[Heard], now: datetime) -> bool:
    """Remember when each conversation was last heard of, and what is owed; whether any is.

    A stage reads one conversation's messages by one partition, so none of two can pass another.
    """
    if not messages:
        return False
    told: dict[str, list[Heard]] = defaultdict(list)
    for each in messages:
        told[each.conversation].append(each)
    known = await _heard_at(tx, sorted(told))
    judged = {key: begun(known.get(key), told[key], now) for key in sorted(told)}
    await tx.execute(
        text("""
            INSERT INTO capture.replies AS r (conversation, kind, source, heard_at)
            SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]),
                                 CAST(:sources AS text[]), CAST(:heard AS timestamptz[]))
                          AS new (conversation, kind, source, heard_at)
            ORDER BY conversation
            ON CONFLICT (conversation) DO UPDATE
            SET heard_at = greatest(r.heard_at, excluded.heard_at)
        """),
        {
            "ids": list(judged),
            "kinds": [told[key][0].kind for key in judged],
            "sources": [told[key][0].source for key in judged],
            "heard": [last for _, last in judged.values()],
        },
    )
    owed = [found for found, _ in judged.values() if found is not None]
    await _owe(tx, owed, now)
    return bool(owed)


async def _heard_at(tx: Transaction, conversations: Sequence[str]) -> dict[str, datetime]:
    rows = await tx.execute(
        text("""
            SELECT CAST(conversation AS text), heard_at FROM capture.replies
            WHERE conversation = ANY(CAST(:ids AS uuid[])) ORDER BY conversation FOR UPDATE
        """),
        {"ids": list(conversations)},
    )
    return {row[0]: row[1] for row in rows}


async def _owe(tx: Transaction, owed: Sequence[Heard], now: datetime) -> None:
    if not owed:
        return
    await tx.execute(
        text("""
            UPDATE capture.replies r SET state = 'due', submission_id = new.submission_id,
                   address = CAST(new.address AS jsonb), language = new.language,
                   due_at = :now, late_at = new.late_at, tries = 0, claim = NULL,
                   is_yielded = false
            FROM unnest(CAST(:ids AS uuid[]), CAST(:submissions AS uuid[]),
                        CAST(:addresses AS text[]), CAST(:languages AS text[]),
                        CAST(:late AS timestamptz[]))
                 AS new (conversation, submission_id, address, language, late_at)
            WHERE r.conversation = new.conversation
        """),
        {
            "now": now,
            "ids": [each.conversation for each in owed],
            "submissions": [each.submission_id for each in owed],
            "addresses": [msgspec.json.encode(dict(each.address)).decode() for each in owed],
            "languages": [each.language for each in owed],
            "late": [each.at + AT_MOST for each in owed],
        },
    )
    await tx.execute(
        text("""
            INSERT INTO capture.reply_sources (kind, source, next_at)
            SELECT DISTINCT kind, source, CAST(:now AS timestamptz)
            FROM unnest(CAST(:kinds AS text[]), CAST(:sources AS text[])) AS new (kind, source)
            ORDER BY 1, 2 ON CONFLICT DO NOTHING
        """),
        {
            "now": now,
            "kinds": [each.kind for each in owed],
            "sources": [each.source for each in owed],
        },
    )


async def yield_to(tx: Transaction, spoken: Iterable[Conversation], now: datetime) -> None:
    """A colleague speaks in these conversations: owe them nothing, and nothing new for a day.

    A try that is under way is the last one there, whatever comes of it.
    """
    ordered = sorted(spoken)
    await tx.execute(
        text("""
            INSERT INTO capture.replies AS r (conversation, kind, source, heard_at)
            SELECT *, CAST(:now AS timestamptz)
            FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:sources AS text[]))
            ORDER BY 1
            ON CONFLICT (conversation) DO UPDATE
            SET heard_at = greatest(r.heard_at, excluded.heard_at),
                state = CASE WHEN r.state = 'due' THEN 'spoken' ELSE r.state END,
                is_yielded = r.state = 'begun',
                address = CASE WHEN r.state <> 'due' THEN r.address END
        """),
        {
            "now": now,
            "ids": [each.id for each in ordered],
            "kinds": [each.kind for each in ordered],
            "sources": [each.source for each in ordered],
        },
    )


async def withdraw(tx: Transaction, submissions: Sequence[str]) -> None:
    """Owe nothing to what was taken back or erased."""
    if not submissions:
        return
    await tx.execute(
        text("""
            UPDATE capture.replies SET state = 'withdrawn', address = NULL, claim = NULL
            WHERE submission_id = ANY(CAST(:ids AS uuid[])) AND state IN ('due', 'begun')
        """),
        {"ids": list(submissions)},
    )


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


async def settle(tx: Transaction, owed: Owed, token: str, step: Step) -> None:
    """Write down what became of a claim; nothing where it is lost or taken back."""
    await tx.execute(
        text("""
            UPDATE capture.replies
            SET state = CASE WHEN :state = 'due' AND is_yielded THEN 'spoken' ELSE :state END,
                due_at = coalesce(:due_at, due_at), claim = NULL,
                address = CASE WHEN :state = 'due' AND NOT is_yielded THEN address END
            WHERE conversation = CAST(:id AS uuid) AND claim = CAST(:claim AS uuid)
        """),
        {"id": owed.conversation, "claim": token, "state": step.state, "due_at": step.due_at},
    )


async def tidy(tx: Transaction, now: datetime) -> tuple[int, int]:
    """Give up what is late, and forget; how many were too late, and how many nobody knows of."""
    late = await tx.execute(
        text("""
            UPDATE capture.replies SET state = 'late', address = NULL
            WHERE state = 'due' AND late_at <= :now RETURNING 1
        """),
        {"now": now},
    )
    lost = await tx.execute(
        text("""
            UPDATE capture.replies SET state = 'unknown', address = NULL, claim = NULL
            WHERE state = 'begun' AND begun_at <= :before RETURNING 1
        """),
        {"before": now - LOST_AFTER},
    )
    await tx.execute(
        text("DELETE FROM capture.replies WHERE heard_at < :before"), {"before": now - KEPT}
    )
    return len(late.all()), len(lost.all())
