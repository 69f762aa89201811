"""The versions of the configuration in Postgres: `common.configurations`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from libs.common.database import Transaction
from libs.common.database.statements import text

_LOCK: Final = 0x5A726E62
"""The advisory lock under which a version is given."""


async def newest(tx: Transaction) -> tuple[int, str] | None:
    """The version in force and its digest."""
    found = await tx.execute(
        text("SELECT version, digest FROM common.configurations ORDER BY version DESC LIMIT 1")
    )
    row = found.first()
    return (row.version, row.digest) if row else None


async def kept_at(tx: Transaction, version: int) -> datetime | None:
    """Since when a version has been there."""
    found = await tx.execute(
        text("SELECT at FROM common.configurations WHERE version = :version"),
        {"version": version},
    )
    at: datetime | None = found.scalar()
    return at


async def content(tx: Transaction, version: int) -> dict[str, Any]:
    """What a version says, `${NAME}` unread."""
    found = await tx.execute(
        text("SELECT content::text FROM common.configurations WHERE version = :version"),
        {"version": version},
    )
    return dict(json.loads(found.scalar_one()))


async def first_named(tx: Transaction, kind: str, source: str) -> datetime | None:
    """Since when a source of this kind and key has been in the file; None where nobody knows."""
    found = await tx.execute(
        text("""
            SELECT min(at) FROM common.configurations c WHERE EXISTS (
                SELECT FROM jsonb_array_elements(c.content -> 'sources') s
                WHERE s ->> 'kind' = :kind AND s ->> 'key' = :key)
        """),
        {"kind": kind, "key": source},
    )
    at: datetime | None = found.scalar()
    return at


async def keep(tx: Transaction, digest: str, written: Mapping[str, Any]) -> int:
    """The version of this content: the newest one, or the next if the newest says otherwise."""
    await tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = await newest(tx)
    if last and last[1] == digest:
        return last[0]
    found = await tx.execute(
        text(
            "INSERT INTO common.configurations (version, digest, content, at) "
            "VALUES (:version, :digest, CAST(:content AS jsonb), now()) RETURNING version"
        ),
        {
            "version": (last[0] if last else 0) + 1,
            "digest": digest,
            "content": json.dumps(written, ensure_ascii=False),
        },
    )
    return int(found.scalar_one())
