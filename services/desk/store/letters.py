"""Dead letters: what each stage gave up on, with all that is needed to send it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.desk.rows import LetterRow
from services.desk.store.columns import jsonb, plain
from services.desk.store.finding import Place


async def write(tx: Transaction, rows: Sequence[LetterRow]) -> None:
    """Keep each as it died last."""
    await tx.execute(
        text("""
            INSERT INTO desk.dead_letters AS d (
                id, round, state, stage, reason, detail, topic, key, at, submission_id, headers,
                value)
            SELECT id, round, 'dead', stage, reason, detail, topic, key, at, submission_id,
                   headers, value
            FROM unnest(
                CAST(:ids AS uuid[]), CAST(:rounds AS int[]), CAST(:stages AS text[]),
                CAST(:reasons AS text[]), CAST(:details AS text[]), CAST(:topics AS text[]),
                CAST(:keys AS text[]), CAST(:ats AS timestamptz[]),
                CAST(:submissions AS uuid[]), CAST(:headers AS jsonb[]),
                CAST(:values AS bytea[]))
                AS t (id, round, stage, reason, detail, topic, key, at, submission_id, headers,
                      value)
            ON CONFLICT (id) DO UPDATE SET
                round = excluded.round, state = excluded.state, reason = excluded.reason,
                detail = excluded.detail, at = excluded.at, headers = excluded.headers,
                value = excluded.value
            WHERE d.round < excluded.round
        """),
        {
            "ids": [row.id for row in rows],
            "rounds": [row.round for row in rows],
            "stages": [row.stage for row in rows],
            "reasons": [plain(row.reason) for row in rows],
            "details": [plain(row.detail) for row in rows],
            "topics": [row.topic for row in rows],
            "keys": [plain(row.key) for row in rows],
            "ats": [row.at for row in rows],
            "submissions": [row.submission_id for row in rows],
            "headers": [jsonb(row.headers) for row in rows],
            "values": [row.value for row in rows],
        },
    )


_LISTED = "id, submission_id, round, state, stage, reason, detail, topic, key, at"


async def newest(tx: Transaction, after: Place | None, limit: int) -> list[dict[str, Any]]:
    """Dead letters that nobody has replayed, newest first."""
    rows = await tx.execute(
        text(f"""
            SELECT {_LISTED} FROM desk.dead_letters
            WHERE state = 'dead'
              AND (CAST(:at AS timestamptz) IS NULL OR (at, id) < (:at, CAST(:id AS uuid)))
            ORDER BY at DESC, id DESC LIMIT :limit
        """),  # noqa: S608 - the columns are a constant above
        {"at": after and after.at, "id": after and after.id, "limit": limit},
    )
    return [dict(row) for row in rows]


async def one(tx: Transaction, letter_id: str, *, lock: bool = False) -> dict[str, Any] | None:
    """One dead letter with its original headers and bytes."""
    rows = await tx.execute(
        text(f"""
            SELECT {_LISTED}, headers, value FROM desk.dead_letters
            WHERE id = CAST(:id AS uuid) {"FOR UPDATE" if lock else ""}
        """),  # noqa: S608 - the columns are a constant above
        {"id": letter_id},
    )
    row = rows.first()
    return dict(row) if row else None


async def replayed(tx: Transaction, letter_id: str) -> None:
    """Take it off the list; if it dies again it comes back in its next round."""
    await tx.execute(
        text("UPDATE desk.dead_letters SET state = 'replayed' WHERE id = CAST(:id AS uuid)"),
        {"id": letter_id},
    )
