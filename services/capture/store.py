"""All SQL of capture: idempotency keys, and how far each spool has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


class Mark(NamedTuple):
    """How far a spool has come; `retired` when the log has all and it will not grow."""

    spool: str
    high: int
    """The highest durable sequence."""
    acked: int
    """Up to here the log has every record, so a missing one is missing for good."""
    retired: bool


class Key(NamedTuple):
    """Whose idempotency key it is, and its SHA-256 (the key itself is not kept)."""

    source: str
    digest: bytes


class Used(NamedTuple):
    """What an idempotency key was used for first."""

    body_digest: str
    submission_id: str


async def save_marks(tx: AsyncConnection, marks: Sequence[Mark], at: datetime) -> None:
    """Tell the books; a mark never goes back."""
    await tx.execute(
        text("""
            INSERT INTO capture.spools AS known (spool, high, acked, at, retired)
            SELECT spool, high, acked, CAST(:at AS timestamptz), retired
            FROM unnest(CAST(:spools AS uuid[]), CAST(:highs AS bigint[]),
                        CAST(:acked AS bigint[]), CAST(:retired AS boolean[]))
                 AS told (spool, high, acked, retired)
            ON CONFLICT (spool) DO UPDATE
            SET high = greatest(known.high, excluded.high),
                acked = greatest(known.acked, excluded.acked),
                at = excluded.at, retired = excluded.retired
        """),
        {
            "spools": [mark.spool for mark in marks],
            "highs": [mark.high for mark in marks],
            "acked": [mark.acked for mark in marks],
            "retired": [mark.retired for mark in marks],
            "at": at,
        },
    )


async def find_keys(tx: AsyncConnection, keys: Sequence[Key]) -> dict[Key, Used]:
    """Those of the keys that were used in the last days."""
    rows = await tx.execute(
        text("""
            SELECT k.source, k.key_digest, k.body_digest, CAST(k.submission_id AS text)
            FROM capture.keys k
            JOIN unnest(CAST(:sources AS text[]), CAST(:digests AS bytea[]))
                 AS asked (source, digest)
              ON k.source = asked.source AND k.key_digest = asked.digest
        """),
        {"sources": [key.source for key in keys], "digests": [key.digest for key in keys]},
    )
    return {
        Key(source, bytes(digest)): Used(body, submission)
        for source, digest, body, submission in rows
    }


async def keep_keys(tx: AsyncConnection, used: Sequence[tuple[Key, Used]], at: datetime) -> None:
    """Keep what each key was used for; the first use stays."""
    await tx.execute(
        text("""
            INSERT INTO capture.keys (source, key_digest, body_digest, submission_id, at)
            SELECT source, key_digest, body_digest, submission_id, CAST(:at AS timestamptz)
            FROM unnest(CAST(:sources AS text[]), CAST(:digests AS bytea[]),
                        CAST(:bodies AS text[]), CAST(:submissions AS uuid[]))
                 AS new (source, key_digest, body_digest, submission_id)
            ON CONFLICT (source, key_digest) DO NOTHING
        """),
        {
            "sources": [key.source for key, _ in used],
            "digests": [key.digest for key, _ in used],
            "bodies": [use.body_digest for _, use in used],
            "submissions": [use.submission_id for _, use in used],
            "at": at,
        },
    )


async def drop_keys(tx: AsyncConnection, before: datetime, most: int) -> int:
    """Forget keys older than that, a bounded number at a time; gives how many went."""
    gone = await tx.execute(
        text("""
            DELETE FROM capture.keys WHERE (source, key_digest) IN (
                SELECT source, key_digest FROM capture.keys
                WHERE at < CAST(:before AS timestamptz) ORDER BY at LIMIT :most
                FOR UPDATE SKIP LOCKED
            )
        """),
        {"before": before, "most": most},
    )
    return gone.rowcount
