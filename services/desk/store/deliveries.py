"""What a source has sent lately, and the bytes of what is or was held of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from libs.common.database import Transaction
from libs.common.database.statements import text


class Raw(NamedTuple):
    """A body as it came."""

    content: bytes | None
    """None: more bytes than were asked for."""
    content_type: str
    size: int


async def newest(tx: Transaction, source: str, most: int) -> list[dict[str, Any]]:
    """The last that came, newest first, each with how it stands and whether its bytes are here."""
    rows = await tx.execute(
        text("""
            SELECT s.id, s.state, s.reason, s.received_at, s.contact,
                   desk.surviving_lead(s.lead_id) AS lead_id,
                   COALESCE(q.state = 'held', false) AS is_held,
                   COALESCE(octet_length(q.raw), 0) > 0 AS has_raw
            FROM desk.submissions s
            LEFT JOIN desk.quarantine q ON q.id = s.id AND s.state <> 'erased'
            WHERE s.source = :source AND s.received_at IS NOT NULL
            ORDER BY s.received_at DESC, s.id DESC LIMIT :most
        """),
        {"source": source, "most": most},
    )
    return [dict(row) for row in rows]


async def raws(tx: Transaction, source: str, ids: Sequence[str], most_bytes: int) -> dict[str, Raw]:
    """The bodies of these, by submission; of one over `most_bytes` only its size."""
    rows = await tx.execute(
        text("""
            SELECT s.id, octet_length(q.raw) AS size,
                   COALESCE(q.content_type, s.content_type, '') AS content_type,
                   CASE WHEN octet_length(q.raw) <= :most THEN q.raw END AS raw
            FROM desk.submissions s JOIN desk.quarantine q ON q.id = s.id
            WHERE s.id = ANY(CAST(:ids AS uuid[])) AND s.source = :source
              AND s.state <> 'erased' AND octet_length(q.raw) > 0
        """),
        {"ids": list(ids), "source": source, "most": most_bytes},
    )
    return {
        str(row.id): Raw(None if row.raw is None else bytes(row.raw), row.content_type, row.size)
        for row in rows
    }
