"""What is held for review, and the dead letters: both wait for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.desk.rows import HeldRow
from services.desk.store.columns import plain
from services.desk.store.finding import Place


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


_LISTED = """id, submission_id, round, state, reason, source, received_at, occurred_at, raw_size,
    is_conflict"""


async def newest(tx: Transaction, after: Place | None, limit: int) -> list[dict[str, Any]]:
    """What is held now, newest first."""
    rows = await tx.execute(
        text(f"""
            SELECT {_LISTED} FROM desk.quarantine
            WHERE state = 'held'
              AND (CAST(:at AS timestamptz) IS NULL
                   OR (received_at, id) < (:at, CAST(:id AS uuid)))
            ORDER BY received_at DESC, id DESC LIMIT :limit
        """),  # noqa: S608 - the columns are a constant above
        {"at": after and after.at, "id": after and after.id, "limit": limit},
    )
    return [dict(row) for row in rows]


async def one(tx: Transaction, held_id: str, *, lock: bool = False) -> dict[str, Any] | None:
    """One that is or was held, with its raw bytes."""
    rows = await tx.execute(
        text(f"""
            SELECT {_LISTED}, raw, content_type FROM desk.quarantine
            WHERE id = CAST(:id AS uuid) {"FOR UPDATE" if lock else ""}
        """),  # noqa: S608 - the columns are a constant above
        {"id": held_id},
    )
    row = rows.first()
    return dict(row) if row else None


async def settle(tx: Transaction, held_id: str, state: str) -> None:
    """Take it off the list: somebody has decided."""
    await tx.execute(
        text("UPDATE desk.quarantine SET state = :state WHERE id = CAST(:id AS uuid)"),
        {"id": held_id, "state": state},
    )
