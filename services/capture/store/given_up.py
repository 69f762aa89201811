"""Leads that were given up without content: they may be asked for again while it is given out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.capture.pace import Pace

_AGAIN: Final = """
    UPDATE capture.fetches SET done_at = NULL, due_at = :now, missing = 0, tries = 0,
           error = NULL, denied = false, suspect = true
    WHERE held AND done_at IS NOT NULL AND captured IS NOT NULL AND readable_until > :now
"""


async def give_up(
    tx: Transaction, submission_id: str, now: datetime, error: str | None, credentials: str
) -> None:
    """It is held; what is known of it stays."""
    await tx.execute(
        text("""
            UPDATE capture.fetches SET done_at = :now, error = :error, held = true,
                   credentials = :credentials, claim = NULL, claimed_until = NULL
            WHERE submission_id = CAST(:id AS uuid)
        """),
        {"id": submission_id, "now": now, "error": error, "credentials": credentials},
    )


async def ask_again(tx: Transaction, submissions: Sequence[str], now: datetime) -> None:
    """A colleague has released them."""
    await tx.execute(
        text(_AGAIN + " AND submission_id = ANY(CAST(:ids AS uuid[]))"),
        {"ids": list(submissions), "now": now},
    )


async def ask_all_again(tx: Transaction, pace: Pace, now: datetime) -> None:
    """A locked source, or a form or page of it, gives out again what it denied."""
    await tx.execute(
        text(_AGAIN + " AND kind = :kind AND source = :source AND :place IN ('', place)"),
        {"kind": pace.kind, "source": pace.source, "place": pace.place, "now": now},
    )


async def ask_with_new_tokens(
    tx: Transaction, tokens: Sequence[tuple[str, str, str]], now: datetime
) -> None:
    """Kind, key and digest of the token of each source: another than was tried is tried."""
    await tx.execute(
        text(f"""
            {_AGAIN} AND EXISTS (
                SELECT FROM unnest(CAST(:kinds AS text[]), CAST(:keys AS text[]),
                                   CAST(:tokens AS text[])) AS given (kind, key, token)
                WHERE given.kind = fetches.kind AND given.key = fetches.source
                  AND given.token <> fetches.credentials)
        """),
        {
            "kinds": [each[0] for each in tokens],
            "keys": [each[1] for each in tokens],
            "tokens": [each[2] for each in tokens],
            "now": now,
        },
    )


async def forget(tx: Transaction, now: datetime) -> None:
    """What its platform gives out no longer need not be known."""
    await tx.execute(
        text("""
            UPDATE capture.fetches SET captured = NULL
            WHERE done_at IS NOT NULL AND captured IS NOT NULL AND readable_until <= :now
        """),
        {"now": now},
    )
