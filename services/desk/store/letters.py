"""Dead letters: what each stage gave up on, with all that is needed to send it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.desk.reading.rows import LetterRow
from services.desk.store.awaiting import Awaiting
from services.desk.store.columns import jsonb, plain


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


_DEAD: Final = Awaiting(
    table="desk.dead_letters",
    listed="id, submission_id, round, state, stage, reason, detail, topic, key, at",
    content="headers, value",
    state="dead",
    at="at",
)
newest: Final = _DEAD.newest
one: Final = _DEAD.one


async def replayed(tx: Transaction, letter_id: str) -> None:
    """Take it off the list; if it dies again it comes back in its next round."""
    await _DEAD.settle(tx, letter_id, "replayed")
