"""Conversations of the last two days, and the answers that are owed in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.capture.replies.reply import AT_MOST, Heard, begun
from services.capture.replies.spoken import Conversation


async def note(tx: Transaction, messages: Sequence[Heard], now: datetime) -> bool:
    """Remember when each conversation was last heard of, and what is owed; whether any is.

    A stage reads one conversation's messages by one partition, so none of two can pass another.
    """
    if not messages:
        return False
    told: dict[str, list[Heard]] = defaultdict(list)
    for each in messages:
        told[each.conversation].append(each)
    names = {key: (key, *_known_as(told[key])) for key in sorted(told)}
    known = await _heard_at(tx, sorted({name for each in names.values() for name in each}))
    last = {
        key: max((known[name] for name in each if name in known), default=None)
        for key, each in names.items()
    }
    judged = {key: begun(last[key], told[key], now) for key in sorted(told)}
    await tx.execute(
        text("""
            INSERT INTO capture.replies AS r (conversation, kind, source, heard_at, known_as)
            SELECT conversation, kind, source, heard_at, CAST(known_as AS uuid[])
            FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:sources AS text[]),
                        CAST(:heard AS timestamptz[]), CAST(:known_as AS text[]))
                 AS new (conversation, kind, source, heard_at, known_as)
            ORDER BY conversation
            ON CONFLICT (conversation) DO UPDATE
            SET heard_at = greatest(r.heard_at, excluded.heard_at), known_as = excluded.known_as
        """),
        {
            "ids": list(judged),
            "kinds": [told[key][0].kind for key in judged],
            "sources": [told[key][0].source for key in judged],
            "heard": [heard_at for _, heard_at in judged.values()],
            "known_as": [f"{{{','.join(_known_as(told[key]))}}}" for key in judged],
        },
    )
    owed = [found for found, _ in judged.values() if found is not None]
    await _owe(tx, owed, now)
    return bool(owed)


def _known_as(messages: Sequence[Heard]) -> list[str]:
    """By what else one conversation may be named."""
    return sorted({name for each in messages for name in each.known_as})


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
    await _lock_all_named(tx, [each.id for each in ordered])
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
    await tx.execute(
        text("""
            UPDATE capture.replies r
            SET heard_at = greatest(r.heard_at, CAST(:now AS timestamptz)),
                state = CASE WHEN r.state = 'due' THEN 'spoken' ELSE r.state END,
                is_yielded = r.state = 'begun',
                address = CASE WHEN r.state <> 'due' THEN r.address END
            WHERE r.conversation IN (
                SELECT conversation FROM capture.replies
                WHERE state IN ('due', 'begun') AND known_as && CAST(:ids AS uuid[])
                ORDER BY conversation FOR UPDATE)
        """),
        {"ids": [each.id for each in ordered], "now": now},
    )


async def _lock_all_named(tx: Transaction, conversations: Sequence[str]) -> None:
    """Lock what is known by these names too, in the one order in which `note` does."""
    await tx.execute(
        text("""
            SELECT 1 FROM capture.replies WHERE conversation IN (
                SELECT unnest(CAST(:ids AS uuid[]))
                UNION
                SELECT conversation FROM capture.replies
                WHERE state IN ('due', 'begun') AND known_as && CAST(:ids AS uuid[]))
            ORDER BY conversation FOR UPDATE
        """),
        {"ids": list(conversations)},
    )


async def withdraw(tx: Transaction, submissions: Sequence[str]) -> None:
    """Owe nothing to what was taken back or erased. Rows are locked in their order, as by all."""
    if not submissions:
        return
    await tx.execute(
        text("""
            UPDATE capture.replies SET state = 'withdrawn', address = NULL, claim = NULL
            WHERE conversation IN (
                SELECT conversation FROM capture.replies
                WHERE submission_id = ANY(CAST(:ids AS uuid[])) AND state IN ('due', 'begun')
                ORDER BY conversation FOR UPDATE)
        """),
        {"ids": list(submissions)},
    )
