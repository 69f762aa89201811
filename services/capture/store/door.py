"""What the door keeps: idempotency keys, how far each spool has come, misaddressed posts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from libs.common.database import Transaction
from libs.common.database.statements import text


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
    replicated: bool = False
    """Whether the log is known to have it."""
    spool: str | None = None
    sequence: int = 0
    """Its place there is no higher."""


class Misaddressed(NamedTuple):
    """A post from our own pages to a form that does not exist."""

    id: str
    at: datetime
    form: str
    """The key that was tried."""
    origin: str | None
    page: str | None
    """The Referer."""
    content_type: str
    fields: list[str]
    """Their names only."""
    raw: bytes
    """The beginning of the body."""
    size: int
    """Of the whole body, in bytes."""


async def save_marks(tx: Transaction, marks: Sequence[Mark], at: datetime) -> None:
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


async def find_keys(tx: Transaction, keys: Sequence[Key]) -> dict[Key, Used]:
    """Those of the keys that were used in the last days, as safe as they are by now."""
    rows = await tx.execute(
        text("""
            SELECT k.source, k.key_digest, k.body_digest, CAST(k.submission_id AS text),
                   k.replicated OR coalesce(s.acked >= k.sequence, false)
            FROM capture.keys k
            LEFT JOIN capture.spools s ON s.spool = k.spool
            JOIN unnest(CAST(:sources AS text[]), CAST(:digests AS bytea[]))
                 AS asked (source, digest)
              ON k.source = asked.source AND k.key_digest = asked.digest
        """),
        {"sources": [key.source for key in keys], "digests": [key.digest for key in keys]},
    )
    return {
        Key(source, bytes(digest)): Used(body, submission, replicated)
        for source, digest, body, submission, replicated in rows
    }


async def keep_keys(tx: Transaction, used: Sequence[tuple[Key, Used]], at: datetime) -> None:
    """Keep what each key was used for; the first use stays."""
    await tx.execute(
        text("""
            INSERT INTO capture.keys
                (source, key_digest, body_digest, submission_id, at, replicated, spool, sequence)
            SELECT source, key_digest, body_digest, submission_id, CAST(:at AS timestamptz),
                   replicated, spool, sequence
            FROM unnest(CAST(:sources AS text[]), CAST(:digests AS bytea[]),
                        CAST(:bodies AS text[]), CAST(:submissions AS uuid[]),
                        CAST(:replicated AS boolean[]), CAST(:spools AS uuid[]),
                        CAST(:sequences AS bigint[]))
                 AS new (source, key_digest, body_digest, submission_id,
                         replicated, spool, sequence)
            ON CONFLICT (source, key_digest) DO NOTHING
        """),
        {
            "sources": [key.source for key, _ in used],
            "digests": [key.digest for key, _ in used],
            "bodies": [use.body_digest for _, use in used],
            "submissions": [use.submission_id for _, use in used],
            "replicated": [use.replicated for _, use in used],
            "spools": [use.spool for _, use in used],
            "sequences": [use.sequence for _, use in used],
            "at": at,
        },
    )


async def drop_keys(tx: Transaction, before: datetime, most: int) -> int:
    """Forget keys older than that, a bounded number at a time; gives how many went."""
    gone = await tx.execute(
        text("""
            DELETE FROM capture.keys WHERE (source, key_digest) IN (
                SELECT source, key_digest FROM capture.keys
                WHERE at < CAST(:before AS timestamptz) ORDER BY at LIMIT :most
                FOR UPDATE SKIP LOCKED
            ) RETURNING 1
        """),
        {"before": before, "most": most},
    )
    return len(gone)


async def keep_misaddressed(tx: Transaction, posts: Sequence[Misaddressed], most: int) -> None:
    """Add posts (a repeat changes nothing), then drop the oldest beyond `most`."""
    await tx.execute(
        text("""
            INSERT INTO capture.misaddressed
                (id, at, form, origin, page, content_type, fields, raw, size)
            SELECT id, at, form, origin, page, content_type,
                   ARRAY(SELECT jsonb_array_elements_text(CAST(fields AS jsonb))), raw, size
            FROM unnest(CAST(:ids AS uuid[]), CAST(:ats AS timestamptz[]),
                        CAST(:forms AS text[]), CAST(:origins AS text[]), CAST(:pages AS text[]),
                        CAST(:types AS text[]), CAST(:fields AS text[]), CAST(:raws AS bytea[]),
                        CAST(:sizes AS bigint[]))
                 AS new (id, at, form, origin, page, content_type, fields, raw, size)
            ON CONFLICT (id) DO NOTHING
        """),
        {
            "ids": [post.id for post in posts],
            "ats": [post.at for post in posts],
            "forms": [post.form for post in posts],
            "origins": [post.origin for post in posts],
            "pages": [post.page for post in posts],
            "types": [post.content_type for post in posts],
            "fields": [json.dumps(post.fields) for post in posts],
            "raws": [post.raw for post in posts],
            "sizes": [post.size for post in posts],
        },
    )
    await tx.execute(
        text("""
            DELETE FROM capture.misaddressed WHERE id IN (
                SELECT id FROM capture.misaddressed ORDER BY at DESC, id DESC OFFSET :most
                FOR UPDATE SKIP LOCKED
            )
        """),
        {"most": most},
    )


async def list_misaddressed(tx: Transaction, most: int) -> list[Misaddressed]:
    """The newest first."""
    rows = await tx.execute(
        text("""
            SELECT CAST(id AS text), at, form, origin, page, content_type, fields, raw, size
            FROM capture.misaddressed ORDER BY at DESC, id DESC LIMIT :most
        """),
        {"most": most},
    )
    return [Misaddressed(*row) for row in rows]


async def drop_misaddressed(tx: Transaction, before: datetime) -> None:
    """Forget posts older than that."""
    await tx.execute(
        text("DELETE FROM capture.misaddressed WHERE at < CAST(:before AS timestamptz)"),
        {"before": before},
    )
