"""What is held for review, as it came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.desk.reading.rows import HeldRow
from services.desk.store.awaiting import Awaiting
from services.desk.store.columns import plain


async def write(tx: Transaction, rows: Sequence[HeldRow]) -> None:
    """Hold, or end what was held when its submission has gone on in a later round."""
    await tx.execute(
        text("""
            INSERT INTO desk.quarantine AS q (
                id, submission_id, round, state, reason, source, received_at, content_type,
                raw_size, raw, is_conflict, occurred_at)
            SELECT * FROM unnest(
                CAST(:ids AS uuid[]), CAST(:submissions AS uuid[]), CAST(:rounds AS int[]),
                CAST(:states AS text[]), CAST(:reasons AS text[]), CAST(:sources AS text[]),
                CAST(:received AS timestamptz[]), CAST(:types AS text[]), CAST(:sizes AS int[]),
                CAST(:raws AS bytea[]), CAST(:conflicts AS boolean[]),
                CAST(:occurred AS timestamptz[]))
            ON CONFLICT (id) DO UPDATE SET
                state = CASE WHEN q.round < excluded.round THEN excluded.state ELSE q.state END,
                reason = CASE WHEN q.round < excluded.round THEN excluded.reason
                              ELSE q.reason END,
                round = GREATEST(q.round, excluded.round),
                raw = COALESCE(q.raw, excluded.raw),
                raw_size = GREATEST(q.raw_size, excluded.raw_size)
        """),
        {
            "ids": [row.id for row in rows],
            "submissions": [row.submission_id for row in rows],
            "rounds": [row.round for row in rows],
            "states": [row.state for row in rows],
            "reasons": [plain(row.reason) for row in rows],
            "sources": [plain(row.source) for row in rows],
            "received": [row.received_at for row in rows],
            "types": [plain(row.content_type) for row in rows],
            "sizes": [row.raw_size for row in rows],
            "raws": [row.raw for row in rows],
            "conflicts": [row.is_conflict for row in rows],
            "occurred": [row.occurred_at for row in rows],
        },
    )


_HELD: Final = Awaiting(
    table="desk.quarantine",
    listed="id, submission_id, round, state, reason, source, received_at, occurred_at, raw_size,"
    " is_conflict",
    content="raw, content_type",
    state="held",
    at="received_at",
)
newest: Final = _HELD.newest
one: Final = _HELD.one
settle: Final = _HELD.settle
