"""Leads that were given up without content: they may be asked for again while it is given out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.capture.fetching.pace import Pace
from services.capture.store import taken_back

_TOMBSTONES_KEPT: Final = timedelta(days=100)
"""Longer than an outage in which a record is read after the word that it is erased."""

_AGAIN: Final = """
    UPDATE capture.fetches SET done_at = NULL, due_at = :now, missing = 0, tries = 0,
           error = NULL, denied = false, suspect = true
    WHERE submission_id IN (
        SELECT submission_id FROM capture.fetches AS f
        WHERE held AND done_at IS NOT NULL AND captured IS NOT NULL AND readable_until > :now
          AND {which}
        ORDER BY submission_id FOR UPDATE {or_not})
"""
_FREE: Final = "SKIP LOCKED"
"""Whoever locks a fetch and then others waits for none of them: a slice that ends one has its row,
or one in which a colleague asks for the same."""


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
        text(_AGAIN.format(which="submission_id = ANY(CAST(:ids AS uuid[]))", or_not="")),
        {"ids": list(submissions), "now": now},
    )


async def ask_all_again(tx: Transaction, pace: Pace, now: datetime) -> None:
    """A locked source, or a form or page of it, gives out again what it denied."""
    of_it = "kind = :kind AND source = :source AND :place IN ('', place)"
    await tx.execute(
        text(_AGAIN.format(which=of_it, or_not=_FREE)),
        {"kind": pace.kind, "source": pace.source, "place": pace.place, "now": now},
    )


async def ask_with_new_tokens(
    tx: Transaction, tokens: Sequence[tuple[str, str, str]], now: datetime
) -> None:
    """Kind, key and digest of the token of each source: another than was tried is tried."""
    another = """
        EXISTS (SELECT FROM unnest(CAST(:kinds AS text[]), CAST(:keys AS text[]),
                                   CAST(:tokens AS text[])) AS given (kind, key, token)
                WHERE given.kind = f.kind AND given.key = f.source
                  AND given.token <> f.credentials)
    """
    await tx.execute(
        text(_AGAIN.format(which=another, or_not=_FREE)),
        {
            "kinds": [each[0] for each in tokens],
            "keys": [each[1] for each in tokens],
            "tokens": [each[2] for each in tokens],
            "now": now,
        },
    )


async def forget(tx: Transaction, now: datetime) -> None:
    """What its platform gives out no longer need not be known, nor what never was to be fetched."""
    await taken_back.forget(tx, now - _TOMBSTONES_KEPT)
    await tx.execute(
        text("""
            UPDATE capture.fetches SET captured = NULL
            WHERE submission_id IN (
                SELECT submission_id FROM capture.fetches
                WHERE done_at IS NOT NULL AND captured IS NOT NULL AND readable_until <= :now
                ORDER BY submission_id FOR UPDATE SKIP LOCKED)
        """),
        {"now": now},
    )
